/* SPDX-License-Identifier: MIT
 * Sponsorship: letters to the friends' households, coupons in money, value of who was brought by a friend, conservation.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

#define ch_model_sponsorship ch_model_sponsorship_here
#include "../../models/sponsorship.c"
#undef ch_model_sponsorship

enum { PEOPLE = 4000, RETAILERS = 4, NODES = 100 };
static const double Z_MAX = 4.892;

extern const struct ch_model ch_model_sponsorship_here;

#include "desk_and_bank.h"

static void answer_ask(struct ch_ctx *ctx, struct ch_person *who, struct ch_ask *ask)
{
    (void)ctx;
    level[who->id][ask->controller] = who->consent = 1;
    ask->level = 1;
}

static const struct ch_model desk = {
    .name = "desk", .answer_consent = answer_consent, .answer_ask = answer_ask, .on_transfer = on_transfer};
static const struct ch_model *const models[] = {&ch_model_sponsorship_here, &desk};
static struct town *town;
static struct ch_arena *arena;
static struct sponsorship_params *params;
static int64_t row[1];

/* Homes all over town, stores at node 0; everybody has the app but each tenth. */
static void setup(void)
{
    memset(account, 0, sizeof account);
    memset(level, 0, sizeof level);
    town = town_of(10, 10, PEOPLE);
    town->city.n_retailers = RETAILERS;
    town->city.n_stores = RETAILERS;
    for (uint32_t i = 0; i < RETAILERS; i++)
        town->stores[i] = (struct ch_store){.node = 0, .retailer = i, .goods = 1};
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->citizens[id].device = id % 10 ? CH_APP : 0;
        town->citizens[id].home = id % NODES;
    }
    shops_open(town);
    town_open(town, models, 2);
    params = town->params[0];
    arena = shops_tabulate(town);
    shops_start(town, row, 1);
    town->ctx.self = &town->selves[0];
}

static void teardown(void) { shops_close(town, arena); }

/* Puts the body of a person, and the hand of the handlers, somewhere. */
static struct ch_person *at(uint32_t id, uint32_t node)
{
    town->ctx.self = &town->selves[0];
    town->ctx.lane.place = town->owner[id] = node;
    return &town->people[id];
}

static struct tie *person_tie(uint32_t id) { return tie_of(&town->ctx, at(id, id % NODES)); }

static void comes_home(uint32_t id)
{
    struct ch_activity act = {.purpose = CH_FOR_HOME};
    on_activity_begins(&town->ctx, at(id, id % NODES), &act);
}

static void buys(uint32_t id, uint32_t retailer, ch_cents paid)
{
    struct ch_sale sale = {.store = retailer, .retailer = retailer, .listed = paid, .paid = paid};
    on_sale(&town->ctx, at(id, 0), &sale);
}

static int64_t count(const char *probe, int cell) { return town_probe(town, 0, probe)[cell]; }

/* Consent is given with the app. */
static void consents(uint32_t id, uint32_t retailer)
{
    level[id][retailer] = town->people[id].consent = (town->people[id].device & CH_APP) != 0;
}

/* Everyone known to retailer 0 visits on some days; letters reach homes; friends come home, accept, buy; sponsors are thanked. */
START_TEST(letters_and_coupons_are_conserved)
{
    enum { DAYS = 40 };
    params->send = 0.3;
    for (uint32_t id = 0; id < PEOPLE; id++)
        if (id / NODES % 3)
            consents(id, 0);
    for (uint32_t d = 1; d < DAYS; d++) {
        town_run(town, d * CH_DAY / 2);
        for (uint32_t id = 0; id < PEOPLE; id++) {
            struct ch_visit visit = {.store = id % RETAILERS};
            struct ch_day day = {.day = d};
            town->people[id].day = (uint16_t)d;
            on_day_begins(&town->ctx, at(id, id % NODES), &day);
            if ((id + d) % 7 == 0)
                buys(id, id % 2, 4000);
            if ((id + d) % 4 == 0)
                on_visit_ends(&town->ctx, at(id, 0), &visit);
            comes_home(id);
        }
        ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    }
    ck_assert_int_gt(count("invitations_sent", 0), 1000);
    ck_assert_int_gt(count("sponsor_coupons", 0), 50 * 500);
    ck_assert_int_eq(account[CH_ACC_SHOPPERS], count("sponsor_coupons", 0));
    ck_assert_int_eq(account[CH_ACC_SHOPPERS] + account[CH_ACC_VAT] + account[CH_ACC_RETAILER] + account[CH_ACC_RETAILER + 1], 0);
    ((struct box *)ch_of_place(&town->ctx))->sent++;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL);
}
END_TEST

/* .15 of those who may accept do; those without the app, and whom the retailer knows, never. */
START_TEST(who_accepts)
{
    unsigned accepted = 0, asked = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        const struct letter letter = {.to = id, .from = (id + 1) % PEOPLE, .retailer = 2};
        if (id % 3 == 0)
            consents(id, 2);
        at(id, id % NODES);
        bool yes = accepts(&town->ctx, &town->people[id], &letter);
        ck_assert(!yes || (id % 10 && id % 3));
        accepted += yes;
        asked += id % 10 && id % 3;
    }
    ck_assert_double_lt(fabs(accepted - 0.15 * asked) / sqrt(asked * 0.15 * 0.85), Z_MAX);
}
END_TEST

/* The two coupons, step by step: only at the retailer, only where the price carries it, once, and not after it has expired. */
START_TEST(a_coupon_for_each)
{
    const struct letter invitation = {.to = 31, .from = 32, .retailer = 2};
    params->accept = 1;
    ck_assert(accepts(&town->ctx, at(31, 31), &invitation));
    ck_assert(person_tie(31)->referred == 2 && level[31][2] == 1);
    buys(31, 1, 9000);
    buys(31, 2, 499);
    ck_assert_int_eq(account[CH_ACC_SHOPPERS], 0);
    buys(31, 2, 500);
    ck_assert_int_eq(account[CH_ACC_SHOPPERS], 500);
    ck_assert_int_eq(account[CH_ACC_RETAILER + 2], -500 + ch_vat_in(500));
    buys(31, 2, 9000);
    ck_assert_int_eq(account[CH_ACC_SHOPPERS], 500);
    town_run(town, CH_HOUR); /* thanks are in the sponsor's box */
    comes_home(32);
    ck_assert_uint_eq(person_tie(32)->coupon[0].retailer, 2);
    buys(32, 2, 9000);
    ck_assert_int_eq(account[CH_ACC_SHOPPERS], 1000);
    town_run(town, 2 * CH_HOUR);
    comes_home(31); /* nobody is thanked for thanks */
    ck_assert(!person_tie(31)->coupon[0].until && !person_tie(31)->coupon[1].until);
    ck_assert(accepts(&town->ctx, at(41, 41), &invitation));
    struct ch_day late = {.day = 40};
    on_day_begins(&town->ctx, at(41, 41), &late);
    buys(41, 2, 9000);
    ck_assert_int_eq(account[CH_ACC_SHOPPERS], 1000);
}
END_TEST

/* The odds of the retailer's stores are 1.16 times as large, for who was brought there by a friend; so, in a choice among many, is
 * the share. */
START_TEST(referred_customers_are_worth_more)
{
    enum { CHOICES = 200000, ALTERNATIVES = 50 };
    uint32_t store[RETAILERS] = {0, 1, 2, 3};
    double u[RETAILERS] = {0};
    struct ch_appeal appeal = {.n = RETAILERS, .store = store, .u = u};
    person_tie(5)->referred = 3;
    answer_appeal(&town->ctx, at(5, 5), &appeal);
    ck_assert_double_eq_tol(ch_exp(u[3]), 1.16, 1e-12);
    ck_assert(appeal.most == u[3] && u[0] == 0 && u[1] == 0 && u[2] == 0 && appeal.bounded == 1);
    unsigned chosen = 0;
    for (uint32_t k = 0; k < CHOICES; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){9, 1}, k, 402, 0);
        double weight[ALTERNATIVES];
        for (int i = 0; i < ALTERNATIVES; i++)
            weight[i] = i ? 1 : ch_exp(u[3]);
        chosen += ch_draw_weighted(&draw, weight, ALTERNATIVES) == 0;
    }
    double share = 1.16 / (ALTERNATIVES - 1 + 1.16), other = 1.0 / ALTERNATIVES;
    ck_assert_double_lt(fabs(chosen - CHOICES * share) / sqrt(CHOICES * share * (1 - share)), Z_MAX);
    ck_assert_double_gt(fabs(chosen - CHOICES * other) / sqrt(CHOICES * other * (1 - other)), Z_MAX); /* negative control */
}
END_TEST

/* A box of eight: the ninth letter is lost, and counted. */
START_TEST(a_full_box)
{
    for (uint32_t k = 0; k < BOX + 3; k++)
        write_to(&town->ctx, at(200 + k, 0), 7, 1, INVITATION);
    town_run(town, CH_HOUR);
    ck_assert_int_eq(count("letters_lost", 0), 3);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    comes_home(7);
    ck_assert_int_eq(count("invitations_accepted", 1), BOX);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
}
END_TEST

START_TEST(withdrawal_erases)
{
    const struct letter invitation = {.to = 31, .from = 32, .retailer = 2};
    params->accept = 1;
    ck_assert(accepts(&town->ctx, at(31, 31), &invitation));
    struct ch_consent gone = {.controller = 2, .withdrawn = true};
    on_consent_changed(&town->ctx, at(31, 31), &gone);
    ck_assert(person_tie(31)->referred == NO_RETAILER && !person_tie(31)->coupon[0].from && !person_tie(31)->coupon[1].from);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, letters_and_coupons_are_conserved);
    tcase_add_test(tc, who_accepts);
    tcase_add_test(tc, a_coupon_for_each);
    tcase_add_test(tc, referred_customers_are_worth_more);
    tcase_add_test(tc, a_full_box);
    tcase_add_test(tc, withdrawal_erases);
}

int main(void) { return run_tests("sponsorship", add_tests); }
