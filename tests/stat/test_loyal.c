/* SPDX-License-Identifier: MIT
 * What loyalty does in whole towns: tiers draw to the retailer, the goal gradient shortens the last intervals, a friend's invitation
 * makes a better customer. Pairs of runs with common random numbers, |t| >= 10 where an effect is claimed (alpha 1e-6 asks for 5.8
 * with 39 degrees of freedom), and a control with another luck. */
#include "../runner.h"
#include "experiment.h"

enum { PAIRS = 40 };

static const char *const loyal_yaml =
    "chaland: 1\nname: loyal\nseed: 23\nduration: 21 d\nwarmup: 0 d\n"
    "city: {columns: 8, rows: 8, stores: 24, retailers: 5, beacons: 10, screens: 2, stops: 4, couriers: 3}\n"
    "population: {shoppers: 300}\n"
    "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 100 %}\n"
    "consent: {initial: [0.9, 0.5, 0.2], exit_base: 0, exit_irritated: 0}\n"
    "policies: [silent]\nbaseline: silent\n";

static struct series *run_with(const char *a, const char *b, const char *c)
{
    const char *const set[] = {a, b, c};
    struct town town = town_open(loyal_yaml, set, 3);
    struct series *series = series_run(&town, "silent", 0, PAIRS);
    town_close(&town);
    return series;
}

/* A key figure moves with the mechanism, and not with the luck. */
static void assert_moves(const char *what, struct series *more, struct series *less, const char *kpi,
                         struct sample (*of)(const struct series *, const char *))
{
    struct sample a = of(more, kpi), b = of(less, kpi);
    ck_assert_raises(what, &a, &b);
    struct sample first = half_of(&a, 0), second = half_of(&a, 1);
    ck_assert_silent("the same, another luck", &first, &second);
    series_free(more);
    series_free(less);
}

START_TEST(tiers_draw)
{
    assert_moves("share of purchases with a card, devotion 1 against 0",
                 run_with("loyalty.active=yes", "loyalty.past=300 EUR", "loyalty.devotion=1"),
                 run_with("loyalty.active=yes", "loyalty.past=300 EUR", "loyalty.devotion=0"), "recognised_share", kpi_of);
}
END_TEST

/* The last third of the way to a reward is faster under a steep gradient, and what it is in a flat one is not. */
START_TEST(the_goal_draws)
{
    assert_moves("last intervals (d), g = 0 against g = 8",
                 run_with("loyalty.active=yes", "loyalty.devotion=0", "loyalty.gradient=0"),
                 run_with("loyalty.active=yes", "loyalty.devotion=0", "loyalty.gradient=8"), "visit_interval_last", kpi_of);
}
END_TEST

START_TEST(friends_are_better_customers)
{
    assert_moves("margin of customers brought by a friend (cents), value 3 against 0",
                 run_with("sponsorship.active=yes", "sponsorship.accept=1", "sponsorship.value=3"),
                 run_with("sponsorship.active=yes", "sponsorship.accept=1", "sponsorship.value=0"), "margin_referred", sample_of);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, tiers_draw);
    tcase_add_test(tc, the_goal_draws);
    tcase_add_test(tc, friends_are_better_customers);
}

int main(void) { return run_tests_without_fork("loyal", add_tests); }
