/* SPDX-License-Identifier: MIT
 * Couriers with everything switched on, in a whole town: same bits for any number of threads and under the oracle, books and parcels
 * that balance (audits of each day), and what the choices must do: an order stream as asked for, a forecast and a batch that
 * bring couriers nearer, promises kept as learnt.
 *
 * Statistical: fixed seeds; margins are stated where they are used. */
#include "../runner.h"
#include "town.h"
#include <math.h>

#define HEAD                                                                                                                 \
    "chaland: 1\nname: town\nseed: 7\nwarmup: 1 d\nreplications: 1\nstart: 2013-03-04\nquestion: none\npolicies: [silent]\n" \
    "population: {shoppers: 600}\n"
#define CITY(couriers)                                                                                          \
    "city: {columns: 41, rows: 31, stores: 100, retailers: 10, clusters: 3, beacons: 0, screens: 0, stops: 4, " \
    "couriers: " couriers "}\n"

static const char *const all_on = HEAD
    "duration: 3 d\n" CITY("14") "delivery: {share: 20 %, orders_per_hour: 40, ships: 50 %}\n"
                                 "couriers: {dispatch: batch, batch: 30 s, bundling: yes, reposition: forecast, shifts: drawn, "
                                 "shifts_per_day: 2, by_hour: yes, surge: yes, promise: learnt, patience: 40 min, ratings: yes, "
                                 "insurance: yes, loss: 5 %, tool_cost: 1.2 EUR}\n";
static const char *const plain = HEAD "duration: 6 d\n" CITY("20") "delivery: {share: 0 %, orders_per_hour: 50}\n"
                                                                   "couriers: {ratings: yes}\n";

/* Every order is somewhere: asserted by the audit of each day; here, that all ends occur and are counted. */
static void check_ends(const struct ch_outcome *o)
{
    ck_assert(town_kpi(o, "money_imbalance") == 0);
    ck_assert(town_kpi(o, "parcels_lost") > 0 && town_kpi(o, "orders_cancelled") > 0 && town_kpi(o, "drops") > 100);
    ck_assert(town_kpi(o, "premiums") > 0 && town_kpi(o, "claims") > 0 &&
              town_kpi(o, "claims") <= 250 * town_kpi(o, "parcels_lost"));
    double lost = town_kpi(o, "parcels_lost"), all = lost + town_kpi(o, "drops"); /* each with 5 % */
    ck_assert_double_le(fabs(lost - 0.05 * all), 5 * sqrt(0.05 * 0.95 * all));
    ck_assert(town_kpi(o, "bundled_share") > 0 && town_kpi(o, "surge_share") > 0);
    double ends = town_kpi(o, "drops") + town_kpi(o, "parcels_lost") + town_kpi(o, "orders_cancelled");
    ck_assert_double_le(fabs(ends - town_kpi(o, "orders")), 40); /* under way at the two ends of the counted time */
}

START_TEST(same_bits_with_everything_on)
{
    static const struct ch_run_options variants[] = {
        {.scheduler = &ch_parallel, .workers = 1},
        {.scheduler = &ch_parallel, .workers = 2, .tile_places = 9},
        {.scheduler = &ch_parallel, .workers = 4, .tile_places = 3, .perturb = 1},
    };
    static const char *const sets[][2] = {{"couriers.dispatch=batch"}, {"couriers.dispatch=nearest", "couriers.mode=car"}};
    struct town town = town_open(all_on, sets[_i], _i ? 2 : 1);
    struct ch_outcome truth = town_run(&town, (struct ch_run_options){.scheduler = &ch_oracle});
    check_ends(&truth);
    for (unsigned v = 0; v < 3; v++) {
        struct ch_outcome other = town_run(&town, variants[v]);
        ck_assert_msg(town_same(&truth, &other), "variant %u differs", v);
        ch_outcome_fini(&other);
    }
    ch_outcome_fini(&truth);
    town_close(&town);
}
END_TEST

enum { KPIS = 8 };

/* KPIs of a run of the plain town with settings. */
static void run_with(const char *yaml, const char *const *set, unsigned n_sets, const char *const *kpi, double *value)
{
    struct town town = town_open(yaml, set, n_sets);
    struct ch_outcome outcome = town_run(&town, (struct ch_run_options){.workers = 2});
    for (unsigned i = 0; kpi[i]; i++)
        value[i] = town_kpi(&outcome, kpi[i]);
    ch_outcome_fini(&outcome);
    town_close(&town);
}

/* Twice the rate is twice the orders, within 5 standard errors of Poisson counts; a level profile gives what was asked for. */
START_TEST(orders_come_as_asked)
{
    static const char *const kpi[] = {"remote_wishes", "orders", "quotes_accepted", NULL};
    static const char *const twice[] = {"delivery.orders_per_hour=100", "city.couriers=60"},
                             *const flat[] = {"delivery.profile=[0,0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1,0,0,0,0,0]"};
    double one[KPIS], two[KPIS], level[KPIS];
    run_with(plain, NULL, 0, kpi, one);
    run_with(plain, twice, 2, kpi, two);
    run_with(plain, flat, 1, kpi, level);
    ck_assert_double_le(fabs(two[0] - 2 * one[0]), 5 * sqrt(two[0] + 4 * one[0]));
    ck_assert_double_gt(one[2], 0.7);
    ck_assert_double_eq_tol(one[1], one[0] * one[2], 1);
    /* 9 open hours on each of 6 days, but for orders to a store at the own crossing (below 3 %) */
    ck_assert_double_le(fabs(level[0] - 50 * 9 * 6), 5 * sqrt(50 * 9 * 6) + 0.03 * 50 * 9 * 6);
}
END_TEST

/* Learnt promises are kept in 90 % of all orders, whatever the load; fixed ones are not. 6 days of 450 orders: 5 standard errors are
 * .03, and what is under way at the end counts as not kept. */
START_TEST(learnt_promises_are_kept)
{
    static const char *const kpi[] = {"promise_kept_rate", NULL};
    static const char *const learnt[] = {"couriers.promise=learnt", "city.couriers=14"}, *const fixed[] = {"city.couriers=14"};
    double a, b;
    run_with(plain, learnt, 2, kpi, &a);
    run_with(plain, fixed, 1, kpi, &b);
    ck_assert_msg(fabs(a - 0.9) < 0.03, "learnt %.3f, fixed %.3f", a, b);
    ck_assert_double_gt(fabs(b - 0.9), 0.04);
}
END_TEST

/* Where couriers wait by a forecast, the next order is nearer than where the last drop left them. */
START_TEST(forecast_brings_couriers_nearer)
{
    static const char *const kpi[] = {"pickup_distance", "pickup_ratio_to_law", NULL};
    static const char *const off[] = {"couriers.reposition=off"}, *const forecast[] = {"couriers.reposition=forecast"};
    double a[KPIS], b[KPIS];
    run_with(plain, off, 1, kpi, a);
    run_with(plain, forecast, 1, kpi, b);
    ck_assert_msg(b[0] < 0.95 * a[0], "%.0f m with the forecast, %.0f m without", b[0], a[0]);
}
END_TEST

/* A batch rides less to the stores than one after the other when orders are many. */
START_TEST(batches_ride_less)
{
    static const char *const kpi[] = {"empty_km_share", "pickup_distance", "delivery_time_mean", NULL};
    static const char *const nearest[] = {"city.couriers=26", "delivery.orders_per_hour=120", "couriers.reposition=off"};
    static const char *const batch[] = {"city.couriers=26", "delivery.orders_per_hour=120", "couriers.reposition=off",
                                        "couriers.dispatch=batch"};
    double a[KPIS], b[KPIS];
    run_with(plain, nearest, 3, kpi, a);
    run_with(plain, batch, 4, kpi, b);
    ck_assert_msg(b[0] < a[0], "empty: batch %.3f, nearest %.3f", b[0], a[0]);
}
END_TEST

/* Nothing is switched on: no letter of the new kinds, no ratings, no losses. */
START_TEST(off_by_default)
{
    struct town town = town_open(town_yaml, NULL, 0);
    struct ch_outcome o = town_run(&town, (struct ch_run_options){.workers = 1});
    ck_assert(town_kpi(&o, "remote_wishes") == 0 && town_kpi(&o, "parcels_lost") == 0 && town_kpi(&o, "orders_cancelled") == 0);
    ck_assert(isnan(town_kpi(&o, "stars_mean")) && isnan(town_kpi(&o, "service_capacity")));
    ck_assert(town_kpi(&o, "drops") > 0 && town_kpi(&o, "bundled_share") == 0);
    ck_assert_double_eq_tol(town_kpi(&o, "cost_per_drop"), 5.6, 1e-9);
    ch_outcome_fini(&o);
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, same_bits_with_everything_on, 0, 2);
    tcase_add_test(tc, orders_come_as_asked);
    tcase_add_test(tc, learnt_promises_are_kept);
    tcase_add_test(tc, forecast_brings_couriers_nearer);
    tcase_add_test(tc, batches_ride_less);
    tcase_add_test(tc, off_by_default);
}

int main(void) { return run_tests_without_fork("couriers_town", add_tests); }
