/* SPDX-License-Identifier: MIT
 * Loyalty cards: the ledger of points, tiers and the rolling year, the goal gradient, rewards in money, groups of friends.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#define ch_may_read ch_may_read_here
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

#define ch_model_loyalty ch_model_loyalty_here
#include "../../models/loyalty.c"
#undef ch_model_loyalty

enum { PEOPLE = 300, RETAILERS = 6, TOWN_LOYALTY = 0, VISITS = 200000 };
static const double Z_MAX = 4.892;

extern const struct ch_model ch_model_loyalty_here;

/* ---- a town with a consent desk and a bank ------------------------------------------------------------------------ */

#include "desk_and_bank.h"

bool ch_may_read(struct ch_ctx *ctx, struct ch_person *who, uint32_t controller, int least)
{
    (void)ctx;
    return level[who->id][controller] >= least;
}

static const struct ch_model desk = {.name = "desk", .answer_consent = answer_consent, .on_transfer = on_transfer};
static const struct ch_model *const models[] = {&ch_model_loyalty_here, &desk};
static struct town *town;
static struct ch_arena *arena;
static struct loyalty_params *params;

/* Everybody at node 0, where store r of retailer r stands. */
static void setup(void)
{
    memset(account, 0, sizeof account);
    memset(level, 0, sizeof level);
    town = town_of(2, 2, PEOPLE);
    town->city.n_retailers = RETAILERS;
    town->city.n_stores = RETAILERS;
    for (uint32_t i = 0; i < RETAILERS; i++)
        town->stores[i] = (struct ch_store){.node = 0, .retailer = i, .goods = 1};
    for (uint32_t id = 0; id < PEOPLE; id++)
        town->citizens[id].device = CH_APP;
    shops_open(town);
    town_open(town, models, 2);
    params = town->params[0];
    arena = shops_tabulate(town);
    town->ctx.self = &town->selves[0];
}

static void teardown(void) { shops_close(town, arena); }

static void start_all(void)
{
    for (uint32_t id = 0; id < PEOPLE; id++) {
        for (uint32_t r = 0; r < RETAILERS; r++)
            town->people[id].consent = town->people[id].consent < level[id][r] ? level[id][r] : town->people[id].consent;
        town->ctx.self = &town->selves[0];
        start_person(&town->ctx, &town->people[id]);
    }
}

static void know_all(void)
{
    for (uint32_t id = 0; id < PEOPLE; id++)
        level[id][0] = 1;
    params->past = 0;
    start_all();
    for (uint32_t id = 0; id < PEOPLE; id++)
        for (int i = 0; i < CARDS; i++) {
            struct holder *holder = ch_of_app(&town->ctx, &town->people[id]);
            ((struct points *)ch_of_place(&town->ctx))->issued -= holder->card[i].points;
            holder->card[i].points = 0;
        }
}

static struct holder *holder_of(uint32_t id) { return ch_of_app(&town->ctx, &town->people[id]); }

static void enters(uint32_t id, uint32_t store)
{
    struct ch_visit visit = {.store = store};
    on_visit_begins(&town->ctx, &town->people[id], &visit);
}

static void leaves(uint32_t id, uint32_t store)
{
    struct ch_visit visit = {.store = store};
    on_visit_ends(&town->ctx, &town->people[id], &visit);
}

static int64_t coupon_of(uint32_t id, uint32_t store)
{
    struct ch_terms terms = {.store = store, .issuer = CH_NONE};
    answer_terms(&town->ctx, &town->people[id], &terms);
    ck_assert(terms.coupon_bp ? terms.issuer == store : terms.issuer == CH_NONE);
    return terms.coupon_bp;
}

static void buys(uint32_t id, uint32_t store, ch_cents paid)
{
    struct ch_sale sale = {.store = store, .retailer = store, .listed = paid, .paid = paid};
    on_sale(&town->ctx, &town->people[id], &sale);
}

static void visits(uint32_t id, uint32_t store, ch_cents paid)
{
    enters(id, store);
    buys(id, store, paid);
    leaves(id, store);
}

/* ---- laws of a card ----------------------------------------------------------------------------------------------- */

START_TEST(tier_is_monotone_in_spend)
{
    unsigned before = 0;
    for (uint32_t euros = 0; euros < 2000; euros++) {
        unsigned tier = tier_of(params, euros);
        ck_assert(tier >= before && tier <= before + 1);
        before = tier;
    }
    ck_assert(tier_of(params, 99) == 0 && tier_of(params, 100) == 1 && tier_of(params, 299) == 1 && tier_of(params, 300) == 2);
    ck_assert(tier_of(params, 799) == 2 && tier_of(params, 800) == 3);
}
END_TEST

/* What is spent counts for ten to twelve months, however time passes; the sum never exceeds a plain list of the year. */
START_TEST(the_year_rolls)
{
    for (uint16_t at = 0; at < 20; at++)
        for (uint16_t after = 0; after < 20; after++) {
            struct card card = {.step = at};
            earn(&card, 12345);
            roll(&card, (uint16_t)(at + after));
            ck_assert_uint_eq(rolling_spend(&card), after < STEPS ? 123 : 0);
            ck_assert_uint_eq(card.step, at + after);
        }
    struct card card = {.points = 65000};
    ck_assert_uint_eq(earn(&card, 100 * 1000), 535); /* no point is issued that does not fit */
    ck_assert_uint_eq(card.points, 65535);
}
END_TEST

/* One card of `n` stamps: visits at rate (1 + g x^2), x = k/n before stamp k + 1. Returns the intervals' sums. */
static void fill_cards(double g, unsigned n, unsigned cards, double sum[], double *all, double *squares)
{
    params->gradient = g;
    *all = *squares = 0;
    for (unsigned k = 0; k < n; k++)
        sum[k] = 0;
    for (unsigned c = 0; c < cards; c++) {
        struct card card = {.rewarded = NEVER};
        double whole = 0;
        for (unsigned k = 0; k < n; k++) {
            struct ch_draw draw = ch_draw_open((struct ch_key){3, n}, c, 400, k);
            double wait = ch_draw_exponential(&draw) / ch_exp(utility(params, &card, CH_DAY));
            whole += wait;
            sum[k] += wait;
            earn(&card, (ch_cents)params->reward_points * 100 / n);
        }
        *all += whole;
        *squares += whole * whole;
    }
}

/* Mean completion = sum of 1/rate_k; with g = .25 the last of ten intervals is 17 % shorter than the first, towards 20 %. */
START_TEST(goal_gradient)
{
    enum { N = 10, CARDS_FILLED = VISITS / N };
    double sum[N], all, squares, expected = 0, spread = 0;
    params->devotion = 0;
    fill_cards(0.25, N, CARDS_FILLED, sum, &all, &squares);
    for (int k = 0; k < N; k++) {
        double mean = 1 / (1 + 0.25 * k * k / (N * N));
        expected += mean;
        spread += mean * mean;
        ck_assert_double_lt(fabs(sum[k] / CARDS_FILLED - mean) / (mean / sqrt(CARDS_FILLED)), Z_MAX);
    }
    ck_assert_double_lt(fabs(all / CARDS_FILLED - expected) / sqrt(spread / CARDS_FILLED), Z_MAX);
    ck_assert_double_eq_tol(1 / pull(params, 1, false), 0.80, 1e-12);    /* 20 % acceleration at the goal */
    ck_assert_double_eq_tol(1 / pull(params, 0.9, false), 0.8316, 5e-5); /* and where the last step begins */
    ck_assert_double_eq_tol(pull(params, 0, true), 0.9, 1e-12);
    ck_assert_double_gt(fabs(sum[N - 1] / sum[0] - 1), 10 * sqrt(2.0 / CARDS_FILLED)); /* negative control: they differ */
}
END_TEST

/* g = 0: visits are Poisson: all intervals alike, numbers in a fixed time with variance = mean, and so is the utility. */
START_TEST(no_gradient_is_poisson)
{
    enum { N = 10, CARDS_FILLED = VISITS / N };
    double sum[N], all, squares;
    params->devotion = 0;
    params->dip = 1;
    fill_cards(0, N, CARDS_FILLED, sum, &all, &squares);
    double mean = all / CARDS_FILLED, variance = squares / CARDS_FILLED - mean * mean;
    for (int k = 0; k < N; k++)
        ck_assert_double_lt(fabs(sum[k] / CARDS_FILLED - 1) * sqrt(CARDS_FILLED), Z_MAX);
    ck_assert_double_lt(fabs(mean - N) / sqrt((double)N / CARDS_FILLED), Z_MAX);
    /* a sum of ten exponentials: variance 10, its sampling variance (mu4 - s^4)/n with mu4 = 3 * 100 + 60 */
    ck_assert_double_lt(fabs(variance - N) / sqrt((360.0 - 100) / CARDS_FILLED), Z_MAX);
    for (int points = 0; points < 100; points++) {
        struct card card = {.points = (uint16_t)points, .rewarded = NEVER};
        ck_assert(utility(params, &card, CH_DAY) == 0);
    }
}
END_TEST

/* After a reward the odds dip for a week. */
START_TEST(dip_after_a_reward)
{
    struct card card = {.rewarded = ticks(10 * CH_DAY)};
    params->devotion = 0;
    ck_assert_double_eq_tol(utility(params, &card, 12 * CH_DAY), ch_log(0.9), 1e-12);
    ck_assert_double_eq_tol(utility(params, &card, 17 * CH_DAY), 0, 1e-12);
    card.rewarded = NEVER;
    ck_assert_double_eq_tol(utility(params, &card, 12 * CH_DAY), 0, 1e-12);
}
END_TEST

/* ---- at the till -------------------------------------------------------------------------------------------------- */

START_TEST(points_and_rewards_to_the_cent)
{
    know_all();
    town->ctx.lane.now = 5 * CH_DAY;
    visits(0, 0, 9999); /* 99 points */
    ck_assert(holder_of(0)->card[0].points == 99 && account[CH_ACC_SHOPPERS] == 0);
    visits(0, 0, 199); /* 100: but the price cannot carry the reward */
    ck_assert(holder_of(0)->card[0].points == 100 && account[CH_ACC_SHOPPERS] == 0);
    visits(0, 0, 300); /* 103, of which 100 are burned */
    ck_assert_uint_eq(holder_of(0)->card[0].points, 3);
    ck_assert_int_eq(account[CH_ACC_SHOPPERS], 300);
    ck_assert_int_eq(account[CH_ACC_VAT], -50);
    ck_assert_int_eq(account[CH_ACC_RETAILER], -250);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    buys(0, 0, 5000); /* outside a visit nobody is recognised */
    ck_assert_uint_eq(holder_of(0)->card[0].points, 3);
    visits(0, 1, 5000); /* nor by a retailer without consent */
    ck_assert_uint_eq(holder_of(0)->card[1].retailer, NO_RETAILER);
}
END_TEST

START_TEST(discount_only_when_recognised)
{
    know_all();
    visits(0, 0, 30000);
    ck_assert_int_eq(coupon_of(0, 0), 0); /* not inside */
    enters(0, 0);
    ck_assert_int_eq(coupon_of(0, 0), 500);
    struct ch_consent drop = {.controller = 0, .from = 1, .to = 0};
    on_consent_changed(&town->ctx, &town->people[0], &drop);
    ck_assert_int_eq(coupon_of(0, 0), 0);
    ck_assert_uint_eq(rolling_spend(&holder_of(0)->card[0]), 300); /* kept: no erasure was asked for */
    leaves(0, 0);
}
END_TEST

START_TEST(withdrawal_erases)
{
    know_all();
    visits(0, 0, 19000);
    enters(0, 0);
    struct ch_consent gone = {.controller = 0, .from = 1, .to = 0, .withdrawn = true};
    on_consent_changed(&town->ctx, &town->people[0], &gone);
    struct guests *guests = ch_of_store(&town->ctx, 0);
    ck_assert(guests->n == 0 && holder_of(0)->card[0].retailer == NO_RETAILER && holder_of(0)->inside == CH_NONE);
    ck_assert_int_eq(*town_probe(town, 0, "points_expired"), 90);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
}
END_TEST

/* A year after 150 EUR the tier is gone, also for who comes after midnight, before the day of the card begins: once. */
START_TEST(a_fall_at_night_counts)
{
    know_all();
    visits(0, 0, 15000);
    ck_assert_uint_eq(tier_of_card(params, &holder_of(0)->card[0]), 1);
    town->ctx.lane.now = STEPS * STEP + CH_HOUR;
    enters(0, 0);
    leaves(0, 0);
    ck_assert_int_eq(*town_probe(town, 0, "tier_downs"), 1);
    town->ctx.lane.now += 2 * CH_HOUR;
    struct ch_day day = {.day = ch_day_of(town->ctx.lane.now)};
    on_day_begins(&town->ctx, &town->people[0], &day);
    ck_assert_int_eq(*town_probe(town, 0, "tier_downs"), 1);
}
END_TEST

/* A purse holds four cards; a fifth retailer is refused, and nothing is lost. */
START_TEST(four_cards)
{
    for (uint32_t r = 0; r < RETAILERS; r++)
        level[7][r] = 1;
    start_all();
    town->ctx.lane.now = CH_DAY;
    for (uint32_t r = 0; r < RETAILERS; r++)
        visits(7, r, 2000);
    ck_assert_int_eq(*town_probe(town, 0, "points_issued"), CARDS * 20);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
}
END_TEST

/* Three who know each other, in the same store: each gets 5 % more, as long as all are there. */
START_TEST(group_of_friends)
{
    uint32_t friend[CH_FRIENDS_MAX], *trio = friend, other = 0;
    know_all();
    unsigned n = ch_friends_of(&town->ctx, ((const struct loyalty_table *)ch_table(&town->ctx))->ring, 100, friend);
    ck_assert_uint_ge(n, 2);
    while (other == 100 || other == trio[0] || other == trio[1])
        other++;
    const uint32_t who[] = {100, trio[0], trio[1]};
    for (int i = 0; i < 3; i++)
        visits(who[i], 0, 10000);
    enters(100, 0);
    enters(trio[0], 0);
    ck_assert_int_eq(coupon_of(100, 0), 200);
    enters(other, 0); /* no tier: does not count, whoever it is */
    ck_assert_int_eq(coupon_of(100, 0), 200);
    town->ctx.lane.now = 29 * CH_MINUTE;
    enters(trio[1], 0);
    ck_assert_int_eq(coupon_of(100, 0), 700);
    leaves(trio[1], 0);
    ck_assert_int_eq(coupon_of(100, 0), 200);
    town->ctx.lane.now = 31 * CH_MINUTE;
    enters(trio[1], 0); /* too late */
    ck_assert_int_eq(coupon_of(100, 0), 200);
}
END_TEST

/* Utility of a store: bound and term agree, and only the card's retailer gets it. */
START_TEST(appeal_is_bounded)
{
    know_all();
    visits(0, 0, 85000); /* tier 3 */
    uint32_t store[RETAILERS] = {0, 1, 2, 3, 4, 5};
    double u[RETAILERS] = {0};
    struct ch_appeal appeal = {.n = RETAILERS, .store = store, .u = u};
    town->ctx.lane.now = 30 * CH_DAY;
    answer_appeal(&town->ctx, &town->people[0], &appeal);
    ck_assert_uint_eq(appeal.bounded, 1);
    ck_assert_double_eq_tol(u[0], 3 * 0.1 + ch_log(1 + 0.25 * 0.5 * 0.5), 1e-12); /* 850 points: 8 rewards, 50 left */
    ck_assert(appeal.most == u[0] && u[1] == 0 && u[5] == 0);
}
END_TEST

/* ---- the ledger --------------------------------------------------------------------------------------------------- */

/* Two years of a whole town: purchases, rewards, expiry, withdrawals; each month the points add up, and a lost one is found. */
START_TEST(points_are_conserved)
{
    params->expiry = 100 * CH_DAY;
    for (uint32_t id = 0; id < PEOPLE; id++)
        for (uint32_t r = 0; r < RETAILERS; r++)
            level[id][r] = (id + r) % 3 == 0;
    start_all();
    for (uint32_t day = 0; day < 730; day++) {
        struct ch_day today = {.day = day};
        for (uint32_t id = 0; id < PEOPLE; id++) {
            struct ch_draw draw = ch_draw_open((struct ch_key){1, 1}, id, 401, day);
            town->ctx.lane.now = day * CH_DAY + 3 * CH_HOUR;
            on_day_begins(&town->ctx, &town->people[id], &today);
            town->ctx.lane.now = day * CH_DAY + 12 * CH_HOUR;
            uint32_t retailer = ch_draw_below(&draw, RETAILERS);
            if (ch_draw_chance(&draw, 0.03 + 0.05 * (id % 2)) && id % 5 != day / 180)
                visits(id, retailer, 1 + ch_draw_below(&draw, 9000));
            struct ch_consent gone = {.controller = retailer, .withdrawn = true};
            if (ch_draw_chance(&draw, 0.001))
                on_consent_changed(&town->ctx, &town->people[id], &gone);
        }
        if (day % 30 == 0)
            ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    }
    ck_assert_int_gt(*town_probe(town, 0, "points_burned"), 1000);
    ck_assert_int_gt(*town_probe(town, 0, "points_expired"), 1000);
    ck_assert_int_gt(*town_probe(town, 0, "tier_ups"), 100);
    ck_assert_int_gt(*town_probe(town, 0, "tier_downs"), 100);
    ck_assert_int_eq(*town_probe(town, 0, "loyalty_rewards"), 3 * *town_probe(town, 0, "points_burned"));
    town_finish(town, 0);
    double liability;
    memcpy(&liability, town_probe(town, 0, "loyalty_liability"), sizeof liability);
    ck_assert_double_eq_tol(liability, (double)points_held(&town->ctx) * 0.03, 1e-9);
    holder_of(0)->card[0].points++;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL); /* a point too many is found */
}
END_TEST

/* What a policy is told: tier and points of the card of that retailer, a year's spend rolled to today; without a card nothing. */
START_TEST(standing)
{
    know_all();
    struct card *card = card_of(holder_of(0), 0);
    struct ch_loyalty held = {.retailer = 0}, other = {.retailer = 1}, later = {.retailer = 0};
    ck_assert_ptr_nonnull(card);
    card->points = 42;
    card->spent[card->step % STEPS] = (uint16_t)params->tiers.v[1];
    town->ctx.self = &town->selves[0];
    answer_loyalty(&town->ctx, &town->people[0], &held);
    answer_loyalty(&town->ctx, &town->people[0], &other);
    ck_assert(held.tier == 2 && held.points == 42 && other.tier == 0 && other.points == 0);
    town->ctx.lane.now += STEPS * STEP;
    answer_loyalty(&town->ctx, &town->people[0], &later);
    ck_assert(later.tier == 0 && later.points == 42 && card->spent[card->step % STEPS] > 0); /* looking changes nothing */
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, standing);
    tcase_add_test(tc, tier_is_monotone_in_spend);
    tcase_add_test(tc, the_year_rolls);
    tcase_add_test(tc, a_fall_at_night_counts);
    tcase_add_test(tc, goal_gradient);
    tcase_add_test(tc, no_gradient_is_poisson);
    tcase_add_test(tc, dip_after_a_reward);
    tcase_add_test(tc, points_and_rewards_to_the_cent);
    tcase_add_test(tc, discount_only_when_recognised);
    tcase_add_test(tc, withdrawal_erases);
    tcase_add_test(tc, four_cards);
    tcase_add_test(tc, group_of_friends);
    tcase_add_test(tc, appeal_is_bounded);
    tcase_add_test(tc, points_are_conserved);
}

int main(void) { return run_tests("loyalty", add_tests); }
