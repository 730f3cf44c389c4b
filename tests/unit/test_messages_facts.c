/* SPDX-License-Identifier: MIT
 * Facts that other models answer, and a forced policy: what is looked up, at which level, and what is then counted. Exact. */
#include "../runner.h"
#include "messages_desk.h"

static struct ch_area area;
static struct ch_path path;
static struct ch_forecast ahead;
static struct ch_loyalty standing_said;
static unsigned asked_path, asked_forecast, asked_loyalty;

static void say_area(struct ch_ctx *c, struct ch_person *who, struct ch_area *q)
{
    (void)c, (void)who;
    struct ch_area said = area;
    said.store = q->store;
    said.commerciality = q->weigh ? area.commerciality : 0;
    said.partners = q->count ? area.partners : 0;
    *q = said;
}
static void say_path(struct ch_ctx *c, struct ch_person *who, struct ch_path *q)
{
    (void)c, (void)who;
    asked_path++;
    q->from = path.from;
    q->left = path.left;
}
static void say_forecast(struct ch_ctx *c, struct ch_person *who, struct ch_forecast *q)
{
    (void)c, (void)who;
    asked_forecast++;
    q->known = ahead.known;
    q->chance = ahead.chance;
    q->takes = ahead.takes;
}
static void say_loyalty(struct ch_ctx *c, struct ch_person *who, struct ch_loyalty *q)
{
    (void)c, (void)who;
    asked_loyalty++;
    q->tier = standing_said.tier;
    q->points = standing_said.points;
}

static void setup_street(void)
{
    setup();
    ANSWER(area, say_area);
    ANSWER(path, say_path);
    ANSWER(forecast, say_forecast);
    ANSWER(loyalty, say_loyalty);
    area = (struct ch_area){.cluster = 2, .store_in = 2, .partners = 3, .commerciality = 7.5, .event = true};
    path = (struct ch_path){.from = 1, .left = ch_now(&ctx) - 30 * CH_MINUTE};
    ahead = (struct ch_forecast){.known = true, .chance = .4, .takes = 6 * CH_MINUTE};
    standing_said = (struct ch_loyalty){.tier = 2, .points = 150};
    asked_path = asked_forecast = asked_loyalty = 0;
}

static struct look at_store(uint32_t store)
{
    struct look look = look_at(&ctx, &people[0], stores[store].retailer, store, CH_NONE, 1);
    look.rule = &rules[0];
    return look;
}

static double shows(enum ch_fact which, bool *known)
{
    struct look look = at_store(0);
    double value = fact(&look, which);
    *known = !look.failed;
    return value;
}

static void ck_shows(enum ch_fact which, double value)
{
    bool known;
    double shown = shows(which, &known);
    ck_assert_msg(known && fabs(shown - value) < 1e-9, "fact %d shows %g, known %d; %g wanted", (int)which, shown, known, value);
}

START_TEST(facts_of_others)
{
    bool known;
    desk.level[0] = 3;
    ctx.lane.place = 5; /* column 2, row 1 */
    owner[0] = 5;
    day.month = 6;
    day.demand[CH_GOOD_home] = 1.5f;
    people[0].zone = CH_AT_STOP;
    ck_shows(CH_FACT_month, 7);
    ck_shows(CH_FACT_season, 1.5);
    ck_shows(CH_FACT_east, 200);
    ck_shows(CH_FACT_north, 100);
    ck_shows(CH_FACT_waiting, 1);
    ck_shows(CH_FACT_cluster, 2);
    ck_shows(CH_FACT_commerciality, 7.5);
    ck_shows(CH_FACT_same_cluster, 1);
    ck_shows(CH_FACT_partner, 3);
    ck_shows(CH_FACT_event, 1);
    ck_shows(CH_FACT_tier, 2);
    ck_shows(CH_FACT_points, 150);
    ck_shows(CH_FACT_just_visited, 30);
    ck_shows(CH_FACT_predicted, .4);
    ck_shows(CH_FACT_arrival, 6);
    struct ch_life_event event = {.good = CH_GOOD_home};
    shows(CH_FACT_life_event, &known);
    ck_assert(!known);
    on_life_event(&ctx, &people[0], &event);
    ctx.lane.now += 3 * CH_DAY;
    people[0].day += 2; /* after midnight: the third day has not begun */
    ck_shows(CH_FACT_life_event, 2);
    people[0].day++;
    ck_shows(CH_FACT_life_event, 3);
    ctx.lane.now -= 3 * CH_DAY;
    people[0].day -= 3;
    event.good = CH_GOOD_toys;
    on_life_event(&ctx, &people[0], &event);
    shows(CH_FACT_life_event, &known);
    ck_assert(!known); /* of another category */
    area.cluster = 1;
    ck_shows(CH_FACT_same_cluster, 0);
    area.cluster = area.store_in = 0;
    ck_shows(CH_FACT_same_cluster, 0); /* outside of all is no cluster */
    path.from = CH_NONE;
    shows(CH_FACT_just_visited, &known);
    ck_assert(!known); /* no visit has no age */
    ahead.known = false;
    shows(CH_FACT_arrival, &known);
    ck_assert(!known);
}
END_TEST

/* Nobody answers: nothing is known of the street, and nobody has any standing. */
START_TEST(without_their_models)
{
    bool known;
    desk.level[0] = 3;
    answer_all();
    ck_shows(CH_FACT_cluster, 0);
    ck_shows(CH_FACT_commerciality, 0);
    ck_shows(CH_FACT_same_cluster, 0);
    ck_shows(CH_FACT_partner, 0);
    ck_shows(CH_FACT_event, 0);
    ck_shows(CH_FACT_tier, 0);
    ck_shows(CH_FACT_points, 0);
    ck_shows(CH_FACT_predicted, 0);
    shows(CH_FACT_just_visited, &known);
    ck_assert(!known);
    shows(CH_FACT_arrival, &known);
    ck_assert(!known);
}
END_TEST

/* One level too few: the fact is not known, and whoever knows it is not even asked. */
START_TEST(levels_are_kept)
{
    bool known;
    struct ch_life_event event = {.good = CH_GOOD_home};
    on_life_event(&ctx, &people[0], &event);
    for (enum ch_fact f = 0; f < CH_N_FACTS; f++) {
        desk.level[0] = ch_fact_level(f) - 1;
        desk.match = .5;
        desk.wish_good = CH_GOOD_home;
        unsigned before = asked_path + asked_forecast + asked_loyalty + desk.wishes_asked;
        shows(f, &known);
        ck_assert_msg(known == (ch_fact_level(f) == 0), "fact %d at level %d", (int)f, desk.level[0]);
        if (ch_fact_level(f))
            ck_assert_uint_eq(asked_path + asked_forecast + asked_loyalty + desk.wishes_asked, before);
    }
}
END_TEST

/* ---- force ------------------------------------------------------------------------------------------------------- */

static unsigned letters(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < desk.n_events; i++)
        n += desk.event[i] == CH_LETTER_audit;
    return n;
}

/* Without any consent a wish is read, the letter of the read is written, the message arrives and is unwanted. */
START_TEST(force_ignores_consent_and_is_counted)
{
    rules[0].subject = CH_SUBJECT_wish;
    rules[0].level = 2;
    desk.match = desk.desire = .9;
    seal();
    ck_assert_int_eq(rules[0].floor, 2);
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 0);
    policy.forced = true;
    seal();
    ck_assert_int_eq(rules[0].floor, 0);
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_int_eq(desk.last.level, 2);
    ck_assert_uint_eq(letters(), 1);
    ck_assert_int_eq(cells[PROBE_messages_below_consent][0], 1);
    ck_assert_int_eq(cells[PROBE_compliance_rate][0], 0);
    ctx.lane.now += CH_MINUTE;
    reach_node();
    ck_assert_int_eq(cells[PROBE_messages_delivered][0], 1);
    ck_assert_int_eq(cells[PROBE_messages_blocked][0], 0);
    ck_assert_uint_eq(desk.unwanted, 1); /* though it is relevant */
}
END_TEST

/* Who consented anyway is read like by any other policy: nothing is forced, nothing counted. */
START_TEST(force_needs_no_force_where_there_is_consent)
{
    policy.forced = true;
    rules[0].subject = CH_SUBJECT_wish;
    rules[0].level = 2;
    seal();
    desk.match = desk.desire = .9;
    desk.level[0] = people[0].consent = 2;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_uint_eq(letters(), 0); /* those of ch_may_read are not written at this desk */
    ck_assert_int_eq(cells[PROBE_messages_below_consent][0], 0);
    ctx.lane.now += CH_MINUTE;
    reach_node();
    ck_assert_uint_eq(desk.unwanted, 0);
}
END_TEST

/* ---- paths ------------------------------------------------------------------------------------------------------- */

/* K09 counts a sale with a coupon of a rule that tests just_visited, and no other; a coupon for elsewhere makes one go on. */
START_TEST(path_coupons)
{
    struct ch_sale sale = {.store = 0, .retailer = 0, .good = CH_GOOD_home, .paid = 4500};
    struct ch_offer offer = {.store = 0, .good = CH_GOOD_home, .until = ch_now(&ctx) + CH_HOUR};
    struct ch_more more = {.store = 1};
    params.onward = .5;
    answer_more(&ctx, &people[0], &more);
    ck_assert(more.logit == 0 && !more.asked);
    keep_coupon(&phones[0], &offer);
    answer_more(&ctx, &people[0], &more);
    ck_assert_double_eq_tol(more.logit, .5, 1e-12);
    more = (struct ch_more){.store = 0};
    answer_more(&ctx, &people[0], &more);
    ck_assert(more.logit == 0); /* that store was just left */
    on_sale(&ctx, &people[0], &sale);
    ck_assert_int_eq(cells[PROBE_cross_store_sales][0], 0);
    add_condition(CH_FACT_just_visited, CH_AT_MOST, 60);
    keep_coupon(&phones[0], &offer);
    on_sale(&ctx, &people[0], &sale);
    ck_assert_int_eq(cells[PROBE_cross_store_sales][0], 4500);
}
END_TEST

/* M19: nothing is sent before a partner was visited; a coupon takes off what it says, on what it is for, once, until it ends, and
 * two of them do not add up. That what it takes off never exceeds its face is in test_visit.c, what a visit is in test_clusters.c. */
START_TEST(path_coupons_after_a_visit)
{
    struct ch_sale sale = {.store = 0, .retailer = 0, .good = CH_GOOD_home, .paid = 4500};
    struct ch_offer offer = {.store = 0, .good = CH_GOOD_home, .until = ch_now(&ctx) + CH_HOUR};
    static const struct ch_terms elsewhere[] = {{.store = 3, .good = CH_GOOD_home}, {.store = 0, .good = CH_GOOD_shoes}};
    desk.level[0] = people[0].consent = 2;
    rules[0].level = 2;
    add_condition(CH_FACT_just_visited, CH_AT_MOST, 60);
    path.from = CH_NONE;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 0);
    path = (struct ch_path){.from = 1, .left = ch_now(&ctx) - 61 * CH_MINUTE};
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 0); /* too long ago */
    path.left = ch_now(&ctx) - 59 * CH_MINUTE;
    hear_beacon(0);
    ck_assert(desk.sent == 1 && desk.last.discount_bp == 1000);
    for (unsigned k = 0; k < 2; k++)
        keep_coupon(&phones[0], &offer); /* the second stands for the first */
    struct ch_terms terms = elsewhere[0];
    terms.store = 0;
    answer_terms(&ctx, &people[0], &terms);
    ck_assert(terms.coupon_bp == 1000 && terms.issuer == 0);
    for (unsigned k = 0; k < 2; k++) {
        struct ch_terms other = elsewhere[k];
        answer_terms(&ctx, &people[0], &other);
        ck_assert(other.coupon_bp == 0 && !other.offered);
    }
    terms = (struct ch_terms){.store = 0, .good = CH_GOOD_home, .coupon_bp = 2000, .issuer = 2};
    answer_terms(&ctx, &people[0], &terms);
    ck_assert(terms.coupon_bp == 2000 && terms.issuer == 2); /* the better one of another model stays alone */
    ch_time noon = ctx.lane.now;
    ctx.lane.now = offer.until + CH_SECOND;
    terms = (struct ch_terms){.store = 0, .good = CH_GOOD_home};
    answer_terms(&ctx, &people[0], &terms);
    on_sale(&ctx, &people[0], &sale);
    ck_assert(terms.coupon_bp == 0 && cells[PROBE_messages_redeemed][0] == 0);
    ctx.lane.now = noon;
    for (unsigned k = 0; k < 2; k++)
        on_sale(&ctx, &people[0], &sale);
    ck_assert(cells[PROBE_messages_redeemed][0] == 1 && cells[PROBE_cross_store_sales][0] == 4500);
    answer_terms(&ctx, &people[0], &terms);
    ck_assert(terms.coupon_bp == 0);
}
END_TEST

/* ---- agents ------------------------------------------------------------------------------------------------------ */

static void say_agent(struct ch_ctx *c, struct ch_person *who, struct ch_agent_query *q)
{
    (void)c, (void)who;
    q->acts = true;
}

/* Retailers under other numbers: stores, sizes, sponsors and consents go with them. */
static void renumber(const unsigned to[RETAILERS])
{
    static const uint32_t owns[STORES] = {0, 1, 2, 0};
    static const double size[RETAILERS] = {.2, .5, .3};
    static struct ch_error error;
    struct ch_setup s = {.city = &city, .params = &params, .error = &error};
    for (unsigned r = 0; r < RETAILERS; r++) {
        retailers[to[r]] = (struct ch_retailer){.size = size[r], .sponsor = true, .n_stores = r == 0 ? 2 : 1};
        desk.level[to[r]] = (int)r;
    }
    for (unsigned i = 0; i < STORES; i++)
        stores[i].retailer = to[owns[i]];
    self.table = tabulated = (void *)(uintptr_t)tabulate(&s);
    const struct tables *t = tabulated;
    for (unsigned r = 0; r < RETAILERS; r++) { /* the slots of a platform: each by its size alone */
        double share = t->up_to[to[r]] - (to[r] ? t->up_to[to[r] - 1] : 0);
        ck_assert(t->sponsor[to[r]] == to[r]);
        ck_assert_double_eq_tol(share, size[r], 1e-12);
    }
}

/* What the agent lets through at each store: nothing of the sender but its number may change. */
static void match_all(const unsigned to[RETAILERS], struct ch_offer match[STORES])
{
    static const uint32_t owns[STORES] = {0, 1, 2, 0};
    for (uint32_t i = 0; i < STORES; i++) {
        unsigned before = desk.sent;
        memset(phones, 0, sizeof phones);
        memset(&match[i], 0, sizeof match[i]);
        hear_beacon(i);
        if (desk.sent == before)
            continue;
        match[i] = desk.last;
        ck_assert(match[i].matched && match[i].sender == to[owns[i]] && match[i].store == i);
    }
}

/* M13: permuting the retailers leaves an agent's matches as they are, whoever has the person's consent: at a store with its goods,
 * for an open wish, for the weather; near or far. */
START_TEST(agents_are_neutral)
{
    static const unsigned order[][RETAILERS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const enum ch_subject subject[] = {CH_SUBJECT_store, CH_SUBJECT_wish, CH_SUBJECT_weather};
    struct ch_offer first[STORES], other[STORES];
    unsigned matches = 0;
    ANSWER(agent, say_agent);
    rules[0].level = 2;
    rules[0].subject = subject[_i];
    add_condition(CH_FACT_distance, CH_AT_MOST, 250);
    desk.match = desk.desire = .9;
    stores[2].goods = 1u << CH_GOOD_toys;
    for (unsigned k = 0; k < sizeof order / sizeof order[0]; k++) {
        renumber(order[k]);
        match_all(order[k], k ? other : first);
        for (uint32_t i = 0; i < STORES; i++) {
            matches += first[i].matched;
            ck_assert(k == 0 || (other[i].matched == first[i].matched && other[i].good == first[i].good &&
                                 other[i].wish == first[i].wish && other[i].discount_bp == first[i].discount_bp));
            ck_assert(k == 0 || (other[i].relevance == first[i].relevance && other[i].origin == first[i].origin));
        }
    }
    ck_assert_uint_gt(matches, 0);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup_street, NULL);
    tcase_add_test(tc, facts_of_others);
    tcase_add_test(tc, without_their_models);
    tcase_add_test(tc, levels_are_kept);
    tcase_add_test(tc, force_ignores_consent_and_is_counted);
    tcase_add_test(tc, force_needs_no_force_where_there_is_consent);
    tcase_add_test(tc, path_coupons);
    tcase_add_test(tc, path_coupons_after_a_visit);
    tcase_add_loop_test(tc, agents_are_neutral, 0, 3);
}

int main(void) { return run_tests("messages: facts", add_tests); }
