/* SPDX-License-Identifier: MIT
 * Group deals: success against the Poisson tail (G24), Granovetter's cascade, deals from opening to mob, private sales, conservation.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

#define ch_model_group_deals ch_model_group_deals_here
#include "../../models/group_deals.c"
#undef ch_model_group_deals

enum { PEOPLE = 600, STORES = 6, HOUR_S = 3600 }; /* 100 people a store */
static const double Z_MAX = 4.892;

extern const struct ch_model ch_model_group_deals_here;

/* ---- a crowd: everybody looks at the phone each hour, and goes where an offer is taken ------------------------------ */

static uint32_t taken[PEOPLE]; /* the store of the last offer taken, CH_NONE */

static void on_tick(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct ch_activity act = {.purpose = CH_FOR_WORK, .until = CH_TIME_MAX};
    who->day = (uint16_t)ch_day_of(ch_now(ctx));
    ch_tell_activity_ends(ctx, who, &act);
    ch_send(ctx, 0, ch_here(ctx), who->id, CH_HOUR, 0);
}

static void start_crowd(struct ch_ctx *ctx, struct ch_person *who) { ch_send(ctx, 0, ch_here(ctx), who->id, CH_HOUR, 0); }

static void on_offer_taken(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    (void)ctx;
    taken[who->id] = offer->store;
}

static const struct ch_message tick[] = {{.name = "tick", .scope = CH_LOCAL, .least = 1}};
static const ch_handler on_ticks[] = {on_tick};
static const struct ch_model crowd = {.name = "crowd",
                                      .message = tick,
                                      .handler = on_ticks,
                                      .n_messages = 1,
                                      .start_person = start_crowd,
                                      .on_offer_taken = on_offer_taken};
static const struct ch_model *const models[] = {&ch_model_group_deals_here, &crowd};
static struct town *town;
static struct ch_arena *arena;
static struct group_deals_params *params;
static int64_t row[STORES];

static void open_town(void)
{
    memset(taken, 0xff, sizeof taken);
    town = town_of(10, 1, PEOPLE);
    town->city.n_retailers = town->city.n_stores = STORES;
    for (uint32_t i = 0; i < STORES; i++)
        town->stores[i] = (struct ch_store){.node = i, .retailer = i, .good = i, .goods = 1u << i};
    for (uint32_t id = 0; id < PEOPLE; id++)
        town->citizens[id].device = CH_APP;
    shops_open(town);
    for (uint32_t i = 0; i < STORES; i++)
        town->stores[i].opens = 9 * CH_HOUR;
    town_open(town, models, 2);
    params = town->params[0];
    params->herding = 0;
    params->idle = 1;
    arena = shops_tabulate(town);
}

static void close_town(void) { shops_close(town, arena); }

/* toy_shops.h starts rows at 1, which no deal is: nobody looks before the stores have spoken. */
static void start(void)
{
    shops_start(town, row, STORES);
    for (uint32_t s = 0; s < STORES; s++)
        row[s] = 0;
}

static struct host *host_of(uint32_t store)
{
    town->ctx.self = &town->selves[0];
    town->ctx.lane.place = town->stores[store].node;
    return ch_of_store(&town->ctx, store);
}

static struct follower *phone_of(uint32_t id)
{
    town->ctx.self = &town->selves[0];
    town->ctx.lane.place = town->owner[id];
    return ch_of_app(&town->ctx, &town->people[id]);
}

/* A deal that opens now; people first .. last - 1 are told of it, where they stand. */
static struct deal deal_now(uint32_t store, enum phase phase)
{
    struct host *host = host_of(store);
    open_deal(&town->ctx, store, host, phase);
    return host->deal;
}

static void tell(uint32_t first, uint32_t last, uint32_t store, const struct deal *deal)
{
    for (uint32_t id = first; id < last; id++) {
        (void)phone_of(id);
        follow(&town->ctx, &town->people[id], store, deal);
    }
}

static int64_t count(const char *probe) { return *town_probe(town, 0, probe); }

/* ---- G24 ---------------------------------------------------------------------------------------------------------- */

static double poisson_tail(double m, unsigned n)
{
    double term = exp(-m), below = 0;
    for (unsigned k = 0; k < n; k++) {
        below += term;
        term *= m / (k + 1);
    }
    return 1 - below;
}

static double binomial_tail(unsigned trials, double p, unsigned n)
{
    double below = 0;
    for (unsigned k = 0; k < n; k++)
        below += exp(lgamma(trials + 1.0) - lgamma(k + 1.0) - lgamma(trials - k + 1.0) + k * log(p) + (trials - k) * log(1 - p));
    return 1 - below;
}

/* With eta = 0 and many informed shoppers of little desire each, the joins of a deal are Poisson(m). Their draws and hazards are the
 * model's; deadlines and messages come in the next test. */
START_TEST(g24_poisson_tail)
{
    enum { INFORMED_EACH = 4000, DEALS = 2000 };
    static const double m[] = {10, 15, 20, 25}, golden[] = {.0035, .1248, .5297, .8664};
    double hazard = join_hazard(params, 1, 0.95), hours = ch_seconds(params->deadline) / HOUR_S;
    ck_assert_uint_eq((unsigned)params->threshold, 20);
    town->ctx.self = &town->selves[0];
    ck_assert_double_eq_tol(poisson_tail(m[_i], 20), golden[_i], 5e-5);
    double share = m[_i] / INFORMED_EACH, desire = -log(1 - share) / (hazard * hours);
    unsigned valid = 0;
    for (uint32_t d = 0; d < DEALS; d++) {
        unsigned joined = 0;
        for (uint32_t id = 0; id < INFORMED_EACH; id++) {
            struct ch_draw draw = ch_draw(&town->ctx, DRAW_join, id, (uint64_t)d << 32 | (unsigned)_i);
            joined += ch_draw_exponential(&draw) <= hours * join_hazard(params, desire, joined / 20.0);
        }
        valid += joined >= params->threshold;
    }
    double p = golden[_i];
    ck_assert_double_lt(fabs(valid - DEALS * p) / sqrt(DEALS * p * (1 - p)), Z_MAX);
    ck_assert_double_eq_tol(binomial_tail(INFORMED_EACH, share, 20), golden[_i], 1e-3); /* as good as Poisson */
}
END_TEST

/* The same in a town, with beats of an hour, messages and deadlines: 100 informed each; the number is binomial. */
START_TEST(deals_succeed_as_the_binomial_says)
{
    enum { EACH = 100, WEEKS = 12 };
    unsigned deals = 0;
    double p = 0.2, hours = ch_seconds(params->deadline) / HOUR_S - 0.5; /* from half past to the last full hour */
    params->joins = -log(1 - p) / hours;
    params->deals = params->private_sales = 0;
    params->mob_lasts = CH_HOUR;
    unsigned valid = 0;
    for (unsigned w = 0; w < WEEKS; w++) {
        if (w) {
            close_town();
            open_town();
            params->joins = -log(1 - p) / hours;
            params->deals = params->private_sales = 0;
            town->ctx.key.replication = w + 1;
        }
        start();
        for (unsigned d = 0; d < 9; d++) {
            town_run(town, d * 3 * CH_DAY + CH_HOUR / 2);
            for (uint32_t s = 0; s < STORES; s++) {
                struct deal deal = deal_now(s, GATHERING);
                tell(s * EACH, (s + 1) * EACH, s, &deal);
            }
            deals += STORES;
            town_run(town, d * 3 * CH_DAY + 2 * CH_DAY + CH_HOUR / 2 + CH_MINUTE);
            ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
        }
        valid += (unsigned)count("deals_valid");
    }
    ck_assert_uint_eq(deals, WEEKS * 9 * STORES);
    double expected = binomial_tail(EACH, p, 20);
    ck_assert_double_lt(fabs(valid - deals * expected) / sqrt(deals * expected * (1 - expected)), Z_MAX);
}
END_TEST

/* ---- Granovetter -------------------------------------------------------------------------------------------------- */

/* Twenty with thresholds 0 .. 19: all join, one after the other. Without threshold 1: exactly one. */
START_TEST(granovetter_cascade)
{
    bool whole = _i == 0;
    uint32_t n = (uint32_t)params->threshold;
    params->law = 1;
    params->deals = params->private_sales = 0;
    params->deadline = 30 * 24 * CH_HOUR;
    start();
    town_run(town, CH_HOUR / 2);
    struct deal deal = deal_now(0, GATHERING);
    for (uint32_t id = 0; id < n; id++)
        *phone_of(id) = (struct follower){
            .store = 0, .opened = deal.opened, .threshold = (uint16_t)(id == 1 && !whole ? 2 : id), .stage = INFORMED};
    town_run(town, 25 * CH_DAY);
    ck_assert_uint_eq(host_of(0)->deal.n, whole ? n : 1);
    ck_assert_int_eq(count("deals_valid"), whole);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
}
END_TEST

/* The drawn thresholds are uniform from 0 to N - 1. */
START_TEST(thresholds_are_uniform)
{
    unsigned seen[20] = {0};
    params->law = 1;
    params->deals = params->private_sales = 0;
    start();
    town_run(town, CH_HOUR / 2);
    for (uint32_t s = 0; s < STORES; s++) {
        struct deal deal = deal_now(s, GATHERING);
        tell(0, PEOPLE, s, &deal);
        for (uint32_t id = 0; id < PEOPLE; id++)
            seen[phone_of(id)->threshold]++;
    }
    double chi = 0, each = STORES * PEOPLE / 20.0;
    for (int k = 0; k < 20; k++)
        chi += (seen[k] - each) * (seen[k] - each) / each;
    ck_assert_double_lt(chi, 64.9); /* 19 degrees of freedom, 1e-6 */
}
END_TEST

/* ---- from the deal to the mob ------------------------------------------------------------------------------------- */

static bool coupon_works(uint32_t id, uint32_t store, uint32_t good)
{
    struct ch_terms terms = {.store = store, .good = good, .issuer = CH_NONE};
    (void)phone_of(id);
    answer_terms(&town->ctx, &town->people[id], &terms);
    ck_assert(terms.coupon_bp == 0 || (terms.issuer == store && terms.offered));
    return terms.coupon_bp == 2500;
}

static void buys(uint32_t id, uint32_t store)
{
    struct ch_sale sale = {.store = store, .retailer = store, .good = store, .listed = 4000, .paid = 3000, .coupon = 1000};
    (void)phone_of(id);
    on_sale(&town->ctx, &town->people[id], &sale);
}

/* Monday, just after nine: store 2 opens a deal, and nobody else ever does. */
static struct deal morning(enum phase phase)
{
    params->deals = params->private_sales = 0;
    start();
    town_run(town, 9 * CH_HOUR + CH_MINUTE / 2);
    return deal_now(2, phase);
}

/* Joined on Monday morning, valid: all meet at 18:00, for two hours, and each uses the coupon once. */
START_TEST(a_mob_meets)
{
    params->joins = 100;
    struct deal deal = morning(GATHERING);
    tell(0, 30, 2, &deal);
    town_run(town, 12 * CH_HOUR + CH_MINUTE);
    ck_assert(host_of(2)->deal.phase == VALID && host_of(2)->deal.n == 30 && starts_at(&host_of(2)->deal) == 18 * CH_HOUR);
    ck_assert(!coupon_works(3, 2, 2));
    ck_assert_uint_eq(taken[3], CH_NONE);
    town_run(town, 17 * CH_HOUR + CH_MINUTE);
    ck_assert_uint_eq(taken[3], CH_NONE);
    town_run(town, 18 * CH_HOUR + CH_MINUTE);
    ck_assert(taken[3] == 2 && taken[29] == 2 && taken[30] == CH_NONE);
    ck_assert(coupon_works(3, 2, 2) && !coupon_works(3, 2, 1) && !coupon_works(3, 1, 2) && !coupon_works(30, 2, 2));
    for (int i = 0; i < 7; i++)
        count_inside(&town->ctx, host_of(2), 1);
    count_inside(&town->ctx, host_of(2), -1);
    buys(3, 2);
    ck_assert(!coupon_works(3, 2, 2) && coupon_works(4, 2, 2));
    ck_assert_int_eq(count("deal_coupons_used"), 1);
    ck_assert_int_eq(count("deal_margin"), 3000 - 500 - 2000); /* 40 EUR listed: 33.33 without VAT, less a margin of 40 % */
    town_run(town, 20 * CH_HOUR + CH_MINUTE);
    ck_assert(!coupon_works(4, 2, 2));
    town_run(town, 3 * CH_DAY);
    ck_assert_uint_eq(host_of(2)->deal.phase, NO_DEAL);
    ck_assert(count("mob_peak_presence") == 7 && host_of(2)->coupons == 30);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
}
END_TEST

/* Nineteen of twenty: void for all of them, and their phones are free again. */
START_TEST(a_deal_fails)
{
    params->joins = 100;
    struct deal deal = morning(GATHERING);
    tell(0, 19, 2, &deal);
    town_run(town, 2 * CH_DAY + 8 * CH_HOUR);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    ck_assert_uint_eq(host_of(2)->deal.n, 19);
    town_run(town, 3 * CH_DAY);
    ck_assert(count("deals_valid") == 0 && host_of(2)->failed == 1 && host_of(2)->void_joins == 19);
    ck_assert(taken[3] == CH_NONE && phone_of(3)->stage == NOTHING);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    host_of(2)->joined++;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL);
}
END_TEST

/* A private sale is for who stands near in time and space: 200 m are two blocks. */
START_TEST(a_private_sale_is_local)
{
    params->private_goes = 1;
    (void)morning(PRIVATE);
    town_run(town, 10 * CH_HOUR + CH_MINUTE);
    for (uint32_t id = 0; id < 10; id++) {
        town->people[id].node = id;
        (void)phone_of(id);
        inform(&town->ctx, &town->people[id], 2);
        ck_assert_uint_eq(taken[id], id <= 4 ? 2 : CH_NONE);
    }
    struct ch_terms terms = {.store = 2, .good = 2, .issuer = CH_NONE};
    answer_terms(&town->ctx, &town->people[1], &terms);
    ck_assert_int_eq(terms.coupon_bp, 3000);
    town_run(town, 11 * CH_HOUR + CH_MINUTE);
    (void)phone_of(20);
    inform(&town->ctx, &town->people[20], 2); /* over */
    terms = (struct ch_terms){.store = 2, .good = 2, .issuer = CH_NONE};
    answer_terms(&town->ctx, &town->people[1], &terms);
    ck_assert(terms.coupon_bp == 0 && taken[20] == CH_NONE);
    ck_assert_int_eq(count("private_sales_opened"), 1);
}
END_TEST

/* More than 65,535 join one deal: none is lost count of. */
START_TEST(a_crowd_joins)
{
    enum { CROWD = 70000 };
    struct deal deal = morning(GATHERING);
    struct ch_event ev = {.dest = 2, .payload = deal.opened};
    for (unsigned i = 0; i < CROWD; i++)
        on_join(&town->ctx, &ev);
    ck_assert(host_of(2)->deal.n == CROWD && host_of(2)->deal.phase == VALID && count("deal_joins") == CROWD);
    ck_assert_uint_eq(unpacked(packed(&host_of(2)->deal)).n, CROWD);
    town_run(town, 3 * CH_DAY);
    ck_assert(host_of(2)->coupons == CROWD && host_of(2)->joined == CROWD);
}
END_TEST

/* Who wants the good joins as soon as others: hazard in proportion to desire, and twice as high with all N in. */
START_TEST(hazard_of_joining)
{
    params->herding = 1;
    ck_assert_double_eq_tol(join_hazard(params, 0.5, 0), 0.5 * params->joins, 1e-15);
    ck_assert_double_eq_tol(join_hazard(params, 1, 0.5), 1.5 * params->joins, 1e-15);
    ck_assert_double_eq_tol(join_hazard(params, 1, 1), 2 * params->joins, 1e-15);
    town->city.sample = 0.1;
    ck_assert_uint_eq(needed(&town->city, params), 2);
    town->city.sample = 0.001;
    ck_assert_uint_eq(needed(&town->city, params), 1);
    town->ctx.self = &town->selves[0];
    town->people[0].needs = 1u << 3;
    params->idle = 0.1;
    ck_assert_double_eq_tol(desire_for(&town->ctx, &town->people[0], 3, 3), 1, 1e-15);
    ck_assert_double_eq_tol(desire_for(&town->ctx, &town->people[0], 3, 2), 0.1, 1e-15);
}
END_TEST

/* What is published comes back, whole; a crowd that does not fit is the largest that does. */
START_TEST(packing)
{
    struct deal deal = {.phase = VALID, .n = PUBLISHED_MOST, .opened = 0xffffff, .starts = 65535};
    struct deal back = unpacked(packed(&deal));
    ck_assert(packed(&deal) >= 0 && back.phase == deal.phase && back.n == deal.n && back.opened == deal.opened &&
              back.starts == deal.starts);
    deal.n = 10 * 1000 * 1000;
    back = unpacked(packed(&deal));
    ck_assert(back.n == PUBLISHED_MOST && back.phase == deal.phase && back.opened == deal.opened);
    ck_assert_uint_eq(unpacked(0).phase, NO_DEAL);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, open_town, close_town);
    tcase_add_loop_test(tc, g24_poisson_tail, 0, 4);
    tcase_add_test(tc, deals_succeed_as_the_binomial_says);
    tcase_add_loop_test(tc, granovetter_cascade, 0, 2);
    tcase_add_test(tc, thresholds_are_uniform);
    tcase_add_test(tc, a_mob_meets);
    tcase_add_test(tc, a_deal_fails);
    tcase_add_test(tc, a_private_sale_is_local);
    tcase_add_test(tc, a_crowd_joins);
    tcase_add_test(tc, hazard_of_joining);
    tcase_add_test(tc, packing);
}

int main(void) { return run_tests("group_deals", add_tests); }
