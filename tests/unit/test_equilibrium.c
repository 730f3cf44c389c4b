/* SPDX-License-Identifier: MIT
 * K30 over a made-up sweep: two starts of the pool times four commissions, five replications. Exact. */
#include "../runner.h"
#include "output/results_inside.h"
#include <math.h>

enum { STARTS = 2, RATES = 4, POINTS = STARTS * RATES, RUNS = 5, KPIS = 5 };

static const double rates[RATES] = {0, 0.4, 0.1, 0.2};
static const struct ch_kpi names[KPIS] = {{.name = "pool_profit"},
                                          {.name = "pool_coverage"},
                                          {.name = "equilibrium_commission"},
                                          {.name = "stable_commission_low"},
                                          {.name = "stable_commission_high"}};
static double value[KPIS][POINTS][RUNS];
static struct ch_axis axes[2];
static struct ch_scenario scenario;
static struct ch_results results;

/* Profit is largest at 20 %, from no members in run 4 at 10 %; full from 10 % on, but from no members at 40 % in three runs only. */
static void setup(void)
{
    axes[0] = (struct ch_axis){.key = "wishlist.membership.start", .n = STARTS, .number = rates};
    axes[1] = (struct ch_axis){.key = "wishlist.pool.commission", .n = RATES, .number = rates};
    scenario = (struct ch_scenario){.n_axes = 2, .axis = axes};
    results = (struct ch_results){.scenario = &scenario,
                                  .n_points = POINTS,
                                  .n_policies = 1,
                                  .n_replications = RUNS,
                                  .n_kpis = KPIS,
                                  .kpi = names,
                                  .value = &value[0][0][0]};
    for (unsigned p = 0; p < POINTS; p++)
        for (unsigned i = 0; i < RUNS; i++) {
            double rate = rates[p % RATES];
            value[0][p][i] = 100 - fabs(rate - 0.2) * 100;
            value[1][p][i] = rate < 0.05 || (p / RATES == 1 && rate > 0.3 && i < 2) ? 0.05 : 0.95;
        }
    value[0][RATES + 2][4] = 500;
}

START_TEST(rates_of_a_sweep)
{
    ch_results_equilibrium(&results);
    for (unsigned p = 0; p < POINTS; p++)
        for (unsigned i = 0; i < RUNS; i++) {
            ck_assert_double_eq(value[2][p][i], p >= RATES && i == 4 ? 0.1 : 0.2);
            ck_assert_double_eq(value[3][p][i], 0.1);
            ck_assert_double_eq(value[4][p][i], p >= RATES ? 0.2 : 0.4);
        }
}
END_TEST

/* The axis may vary slowest; nine runs in ten are asked for; a run that is missing says nothing. */
START_TEST(other_orders_and_gaps)
{
    struct ch_axis first = axes[0];
    axes[0] = axes[1];
    axes[1] = first;
    for (unsigned p = 0; p < POINTS; p++)
        for (unsigned i = 0; i < RUNS; i++) {
            value[0][p][i] = rates[p / STARTS];
            value[1][p][i] = 1;
        }
    value[0][5][1] = value[1][5][1] = NAN;
    ch_results_equilibrium(&results);
    ck_assert_double_eq(value[2][0][1], 0.4);
    ck_assert_double_nan(value[2][1][1]);
    ck_assert_double_eq(value[2][1][0], 0.4);
    ck_assert(value[3][1][0] == 0 && value[4][1][0] == 0.4);
}
END_TEST

START_TEST(no_sweep_no_figure)
{
    axes[1].key = "wishlist.pool.fee";
    ch_results_equilibrium(&results);
    ck_assert_double_nan(value[2][0][0]);
    ck_assert_double_nan(value[3][POINTS - 1][0]);
    axes[1].key = "wishlist.pool.commission";
    for (unsigned p = 0; p < POINTS; p++)
        for (unsigned i = 0; i < RUNS; i++)
            value[1][p][i] = NAN; /* nobody plays the game */
    ch_results_equilibrium(&results);
    ck_assert(isnan(value[2][0][0]) && isnan(value[3][0][0]) && isnan(value[4][0][0]));
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, rates_of_a_sweep);
    tcase_add_test(tc, other_orders_and_gaps);
    tcase_add_test(tc, no_sweep_no_figure);
}

int main(void) { return run_tests("equilibrium", add_tests); }
