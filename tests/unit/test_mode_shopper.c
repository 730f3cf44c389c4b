/* SPDX-License-Identifier: MIT
 * Mode shopper, alone: when the switch is on, what one's own rules say, what a match is worth to the agent.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

#define ch_model_mode_shopper ch_model_mode_shopper_here
#include "../../models/mode_shopper.c"
#undef ch_model_mode_shopper
extern const struct ch_model ch_model_mode_shopper_here;

enum { PEOPLE = 20000 };
static const double Z_MAX = 4.892;

static ch_cents paid_to_agents;

static void hear_transfer(struct ch_ctx *ctx, struct ch_person *who, struct ch_transfer *t)
{
    (void)who;
    ck_assert_uint_eq(t->to, ch_account_of_agents(ctx->city));
    ck_assert_int_eq(t->reason, CH_REASON_agent);
    ck_assert_uint_ge(t->from, CH_ACC_RETAILER);
    paid_to_agents += t->cents;
}
static const struct ch_model ear = {.name = "ear", .on_transfer = hear_transfer};

/* Everyone has the app and is of one privacy type. */
static struct town *people_of(unsigned privacy)
{
    static const struct ch_model *const models[] = {&ch_model_mode_shopper_here, &ear};
    struct town *town = town_of(1, 1, PEOPLE);
    paid_to_agents = 0;
    town_open(town, models, 2);
    town->ctx.self = &town->selves[0];
    town->ctx.lane.now = 10 * CH_HOUR;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->people[id].device = CH_SMARTPHONE | CH_APP;
        town->people[id].privacy = (uint8_t)privacy;
        town->people[id].zone = CH_IN_STREET;
    }
    return town;
}

static struct mode *mode_of(struct town *town, uint32_t id)
{
    town->ctx.self = &town->selves[0];
    return ch_of_app(&town->ctx, &town->people[id]);
}

static unsigned set_off(struct town *town, enum ch_purpose purpose)
{
    unsigned on = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        struct ch_leg leg = {.purpose = purpose};
        on_leg_begins(&town->ctx, &town->people[id], &leg);
        on += mode_of(town, id)->on;
    }
    return on;
}

/* p_on by type at the start of a trip to shop or for leisure, never to work or home; on until the stay there ends, through the
 * other legs and diversions for offers. */
START_TEST(when_it_is_on)
{
    static const double p_on[CH_N_PRIVACY] = {.02, .4, .7};
    for (unsigned type = 0; type < CH_N_PRIVACY; type++) {
        struct town *town = people_of(type);
        ck_assert_uint_eq(set_off(town, CH_FOR_HOME), 0);
        ck_assert_uint_eq(set_off(town, CH_FOR_WORK), 0);
        for (int k = 0; k < 2; k++) {
            unsigned on = set_off(town, k ? CH_FOR_LEISURE : CH_FOR_SHOPPING);
            ck_assert_double_lt(fabs(on - PEOPLE * p_on[type]) / sqrt(PEOPLE * p_on[type] * (1 - p_on[type])), Z_MAX);
        }
        unsigned on = set_off(town, CH_FOR_SHOPPING);
        ck_assert_uint_eq(set_off(town, CH_FOR_OFFER), on);
        for (uint32_t id = 0; id < PEOPLE; id++)
            town->people[id].leg = 1;
        ck_assert_uint_eq(set_off(town, CH_FOR_SHOPPING), on);
        for (uint32_t id = 0; id < PEOPLE; id++) {
            struct ch_activity offer = {.purpose = CH_FOR_OFFER}, stay = {.purpose = CH_FOR_SHOPPING};
            unsigned before = mode_of(town, id)->on;
            on_activity_ends(&town->ctx, &town->people[id], &offer);
            ck_assert_uint_eq(mode_of(town, id)->on, before);
            on_activity_ends(&town->ctx, &town->people[id], &stay);
            ck_assert_uint_eq(mode_of(town, id)->on, 0);
        }
        town_close(town);
    }
}
END_TEST

/* Off after two unwanted messages on one trip; the next trip begins anew. */
START_TEST(two_are_enough)
{
    struct town *town = people_of(CH_UNCONCERNED);
    struct ch_offer offer = {.unwanted = true};
    unsigned on = set_off(town, CH_FOR_SHOPPING), left = 0;
    for (int k = 0; k < 2; k++) {
        left = 0;
        for (uint32_t id = 0; id < PEOPLE; id++) {
            on_offer_unwanted(&town->ctx, &town->people[id], &offer);
            left += mode_of(town, id)->on;
        }
        ck_assert_uint_eq(left, k == 0 ? on : 0);
    }
    ck_assert_int_eq(town_probe(town, 0, "mode_given_up")[0], on);
    for (uint32_t id = 0; id < PEOPLE; id++)
        town->people[id].trip = 1;
    ck_assert_uint_gt(set_off(town, CH_FOR_SHOPPING), PEOPLE / 2);
    town_close(town);
}
END_TEST

/* K13: seconds with the switch on over all inhabitants' time, those within the warm-up left out. */
START_TEST(time_with_the_switch_on)
{
    struct town *town = people_of(CH_UNCONCERNED);
    town->ctx.counting_from = 11 * CH_HOUR;
    town->ctx.end = 15 * CH_HOUR;
    double on = set_off(town, CH_FOR_SHOPPING);
    struct ch_activity stay = {.purpose = CH_FOR_SHOPPING};
    town->ctx.lane.now = 12 * CH_HOUR;
    for (uint32_t id = 0; id < PEOPLE / 2; id++)
        on_activity_ends(&town->ctx, &town->people[id], &stay);
    double early = on;
    for (uint32_t id = 0; id < PEOPLE; id++)
        early -= mode_of(town, id)->on;
    town_finish(town, 0);
    ck_assert_double_eq_tol(town_ratio(town, 0, "mode_on_share"), (early * 1 + (on - early) * 4) / (PEOPLE * 4.0), 1e-12);
    town_close(town);
}
END_TEST

/* The phone is shut while the switch is off. What follows for consent is held in whole towns: tests/stat/test_mode.c. */
START_TEST(off_shuts_the_phone)
{
    struct town *town = people_of(CH_UNCONCERNED);
    set_off(town, CH_FOR_SHOPPING);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        bool on = mode_of(town, id)->on;
        struct ch_shut_query query = {.shut = false};
        answer_shut(&town->ctx, &town->people[id], &query);
        ck_assert(query.shut == !on);
    }
    town->people[0].device = CH_SMARTPHONE; /* without the app there is no switch */
    struct ch_shut_query query = {.shut = false};
    answer_shut(&town->ctx, &town->people[0], &query);
    ck_assert(!query.shut);
    town_close(town);
}
END_TEST

/* Two clauses on average, binomial of six; ranges as given; the same whenever they are asked for. */
START_TEST(strictness)
{
    struct town *town = people_of(CH_PRAGMATIST);
    double n = 0, squares = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        struct rules a = rules_of(&town->ctx, &town->people[id]), b = rules_of(&town->ctx, &town->people[id]);
        unsigned clauses = (unsigned)__builtin_popcount(a.has);
        ck_assert(a.has == b.has && a.goods == b.goods && a.discount_bp == b.discount_bp && a.from == b.from);
        n += clauses;
        squares += clauses * clauses;
        ck_assert(a.goods && a.discount_bp >= 500 && a.discount_bp <= 2000 && a.walk_min >= 3 && a.walk_min <= 15);
        ck_assert(a.messages >= 1 && a.messages <= 4 && a.from >= 8 * CH_HOUR && a.till <= 22 * CH_HOUR);
    }
    double mean = n / PEOPLE, variance = squares / PEOPLE - mean * mean;
    ck_assert_double_lt(fabs(mean - 2) / sqrt(4.0 / 3 / PEOPLE), Z_MAX);
    ck_assert_double_eq_tol(variance, 4.0 / 3, 0.06);
    town_close(town);
}
END_TEST

/* Each clause alone lets through what keeps to it and nothing else. */
START_TEST(clauses)
{
    const struct ch_person walker = {.zone = CH_IN_STREET}, shopper = {.zone = CH_IN_STORE};
    const struct ch_admit fits = {.good = 2, .discount_bp = 1000, .walk_min = 5, .today = 1, .at = 3 * CH_DAY + 12 * CH_HOUR};
    struct rules rules = {.has = (1u << N_CLAUSES) - 1,
                          .street = true,
                          .from = 9 * CH_HOUR,
                          .till = 18 * CH_HOUR,
                          .goods = 1u << 2,
                          .discount_bp = 1000,
                          .walk_min = 5,
                          .messages = 2};
    ck_assert(!breaks(&rules, &walker, &fits));
    ck_assert(breaks(&rules, &shopper, &fits));
    struct ch_admit late = fits, other = fits, dear = fits, far = fits, third = fits;
    late.at += 6 * CH_HOUR, other.good = 3, dear.discount_bp = 999, far.walk_min = 5.1, third.today = 2;
    const struct ch_admit *const bad[] = {&late, &other, &dear, &far, &third};
    static const enum clause clause[] = {HOURS, GOODS, DISCOUNT, WALK, MESSAGES};
    for (unsigned i = 0; i < 5; i++) {
        ck_assert(breaks(&rules, &walker, bad[i]));
        struct rules without = rules;
        without.has &= ~(1u << clause[i]);
        ck_assert(!breaks(&without, &walker, bad[i]));
    }
    rules.street = false;
    ck_assert(!breaks(&rules, &shopper, &fits) && breaks(&rules, &walker, &fits));
    rules.has = 0;
    ck_assert(!breaks(&rules, &walker, &third));
}
END_TEST

/* What was found when a message was sent is what counts when it lands. */
START_TEST(judged_when_sent)
{
    struct town *town = people_of(CH_PRAGMATIST);
    unsigned refused = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        struct ch_admit sent = {.good = 2, .discount_bp = 1000, .walk_min = 5, .at = 12 * CH_HOUR}, landed = {.landed = true};
        answer_admit(&town->ctx, &town->people[id], &sent);
        answer_admit(&town->ctx, &town->people[id], &landed);
        ck_assert(sent.refused == landed.refused && !landed.delegated);
        refused += sent.refused;
    }
    ck_assert_uint_gt(refused, PEOPLE / 10);
    ck_assert_uint_lt(refused, PEOPLE / 10 * 9);
    town_close(town);
}
END_TEST

/* Neutral: the rules, and the fee, are the same whoever sends. */
START_TEST(no_retailer_is_preferred)
{
    struct town *town = people_of(CH_PRAGMATIST);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        struct ch_admit asked[3];
        for (uint32_t r = 0; r < 3; r++) {
            asked[r] = (struct ch_admit){
                .sender = r, .store = 2 - r, .good = id % CH_N_GOODS, .discount_bp = 1000, .walk_min = 5, .at = 12 * CH_HOUR};
            answer_admit(&town->ctx, &town->people[id], &asked[r]);
        }
        ck_assert(asked[0].refused == asked[1].refused && asked[0].refused == asked[2].refused);
    }
    for (uint32_t r = 0; r < 3; r++) {
        struct ch_offer match = {.store = r, .sender = r, .good = 2, .until = 12 * CH_HOUR, .matched = true};
        struct ch_sale sale = {.store = r, .good = 2, .retailer = r, .paid = 4999};
        town->ctx.self = &town->selves[0];
        on_offer_sent(&town->ctx, &town->people[0], &match);
        on_offer_opened(&town->ctx, &town->people[0], &match);
        on_sale(&town->ctx, &town->people[0], &sale);
        ck_assert_int_eq(paid_to_agents, 50 * (r + 1));
    }
    town_close(town);
}
END_TEST

/* 1 % of the sale that follows a match, once, in whole cents, for that good in that store while the offer holds. */
START_TEST(the_agent_is_paid)
{
    struct town *town = people_of(CH_UNCONCERNED);
    struct ch_person *who = &town->people[0];
    struct ch_offer match = {.store = 3, .good = 2, .until = 12 * CH_HOUR, .matched = true};
    struct ch_sale sale = {.store = 3, .good = 2, .retailer = 1, .paid = 4999}, other = sale;
    other.good = 1;
    town->ctx.self = &town->selves[0];
    on_offer_sent(&town->ctx, who, &match);
    on_sale(&town->ctx, who, &sale); /* not opened yet */
    ck_assert_int_eq(paid_to_agents, 0);
    on_offer_opened(&town->ctx, who, &match);
    on_sale(&town->ctx, who, &other);
    ck_assert_int_eq(paid_to_agents, 0);
    on_sale(&town->ctx, who, &sale);
    ck_assert_int_eq(paid_to_agents, 50);
    on_sale(&town->ctx, who, &sale);
    ck_assert_int_eq(paid_to_agents, 50);
    on_offer_opened(&town->ctx, who, &match);
    town->ctx.lane.now = 13 * CH_HOUR;
    on_sale(&town->ctx, who, &sale); /* too late */
    ck_assert_int_eq(paid_to_agents, 50);
    ck_assert_int_eq(town_probe(town, 0, "agent_fees")[0], 50);
    town_close(town);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, when_it_is_on);
    tcase_add_test(all, two_are_enough);
    tcase_add_test(all, time_with_the_switch_on);
    tcase_add_test(all, off_shuts_the_phone);
    tcase_add_test(all, strictness);
    tcase_add_test(all, clauses);
    tcase_add_test(all, judged_when_sent);
    tcase_add_test(all, no_retailer_is_preferred);
    tcase_add_test(all, the_agent_is_paid);
}

int main(void) { return run_tests("mode shopper", add_tests); }
