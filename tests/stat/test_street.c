/* SPDX-License-Identifier: MIT
 * The street in a whole town: trips with several stops, place events, pop-ups, path promotion, prediction, force. Exact statements
 * compare every event and every accumulator; the others say how they were found out (see experiment.h; alpha = 1e-6 each). */
#include "../runner.h"
#include "experiment.h"

#define TOWN                                                                                                                     \
    "chaland: 1\nname: street\nseed: 21\nduration: 4 d\nwarmup: 1 d\nstart: 2013-03-05\n"                                        \
    "city: {columns: 8, rows: 8, stores: 30, retailers: 5, clusters: 2, beacons: 80, screens: 6, stops: 4, couriers: 3, opens: " \
    "0 h, "                                                                                                                      \
    "closes: 24 h, sunday: 100 %}\n"                                                                                             \
    "population: {shoppers: 400}\ndevices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 95 %}\n"

/* Everybody goes to one shop a day, so that what follows it is the law's. */
#define ONE_SHOP \
    "dayplan: {worker_weekday: [0, 0, 1, 0, 0], other_weekday: [1, 0, 0, 0, 0], saturday: [0, 0, 0, 1], sunday: [0, 0, 1]}\n"

static const char *const all_on = TOWN "allow_forced: true\nclusters: {active: yes}\nevents: {active: yes, first: 2, every: 2}\n"
                                       "trajectory: {active: yes}\n"
                                       "policies: [silent, responsive, path, predictive, forced]\n";

/* ---- stops ------------------------------------------------------------------------------------------------------- */

/* Mean 1/(1 - q). The number of stops of a trip is geometric, with variance q/(1-q)^2; a trip ends before the run does, all but a
 * few; at most 29 stops are made (q^29 below 2e-4). |z| < 5.5, false alarms 4e-8, and 0.3 % for what is cut off. */
START_TEST(stops_are_geometric)
{
    static const double base[] = {0, 1}, q[] = {.5, .7310585786300049};
    char set[80];
    snprintf(set, sizeof set, "clusters.base=%g", base[_i]);
    struct town town =
        town_open(TOWN ONE_SHOP "clusters: {active: yes, pull: 0}\npolicies: [silent]\n", (const char *[]){set}, 1);
    struct series *series = series_run(&town, "silent", 0, 8);
    double stops = 0, trips = 0;
    for (unsigned i = 0; i < series->n; i++) {
        stops += (double)cells_of(&series->run[i], "stops_per_trip")[0];
        trips += (double)cells_of(&series->run[i], "stops_per_trip")[1];
    }
    double mean = stops / trips, wanted = 1 / (1 - q[_i]), sd = sqrt(q[_i] / trips) / (1 - q[_i]);
    if (getenv("CHALAND_FIGURES"))
        printf("    stops per trip %.4f of %.0f trips, %.4f wanted, sd %.4f\n", mean, trips, wanted, sd);
    ck_assert_msg(!CLAIMS || fabs(mean - wanted) < 5.5 * sd + .003 * wanted, "%.4f stops a trip, %.4f wanted", mean, wanted);
    series_free(series);
    town_close(&town);
}
END_TEST

/* ---- events ------------------------------------------------------------------------------------------------------ */

#define EVENT_TOWN TOWN "clusters: {active: yes}\npolicies: [silent]\nevents: {first: 1, every: 2, lasts: 2}\n"

/* An event that attracts nobody: every event of the engine and every accumulator but the count of visits there, which is told
 * whether or not it attracts. */
START_TEST(zero_attraction_changes_nothing)
{
    struct town none = town_open(EVENT_TOWN, (const char *[]){"events.active=no"}, 1);
    struct town zero = town_open(EVENT_TOWN, (const char *[]){"events.active=yes", "events.footfall=0"}, 2);
    struct town some = town_open(EVENT_TOWN, (const char *[]){"events.active=yes"}, 1);
    const struct ch_run_options options = {.replication = 0};
    struct ch_outcome a = town_run(&none, options), b = town_run(&zero, options), c = town_run(&some, options);
    int64_t *count = (int64_t *)(uintptr_t)cells_of(&b, "event_visits");
    ck_assert_int_gt(*count, 0);
    ck_assert_int_eq(*cells_of(&a, "event_visits"), 0);
    *count = 0;
    ck_assert(town_same(&a, &b));
    ck_assert(!town_same(&a, &c)); /* and one that does is seen */
    ch_outcome_fini(&a);
    ch_outcome_fini(&b);
    ch_outcome_fini(&c);
    town_close(&none);
    town_close(&zero);
    town_close(&some);
}
END_TEST

START_TEST(events_bring_visitors)
{
    struct town zero = town_open(EVENT_TOWN, (const char *[]){"events.active=yes", "events.footfall=0"}, 2);
    struct town some = town_open(EVENT_TOWN, (const char *[]){"events.active=yes"}, 1);
    struct series *without = series_run(&zero, "silent", 0, 24), *with = series_run(&some, "silent", 0, 24);
    struct sample a = sample_of(with, "event_visits"), b = sample_of(without, "event_visits");
    ck_assert_raises("a place event: visits there", &a, &b);
    series_free(with);
    series_free(without);
    town_close(&zero);
    town_close(&some);
}
END_TEST

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* Footfall is made of first entries and re-entries; only force reads without consent, or sends below it; a path coupon sells
 * next door; the panel is those who consented, and nobody else. */
START_TEST(sums_and_consent)
{
    struct town town = town_open(all_on, NULL, 0);
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct ch_outcome o = town_run(&town, (struct ch_run_options){.policy = p});
        bool forced = town.scenario->policy[p]->forced, path = strcmp(town.scenario->policy[p]->name, "path") == 0;
        ck_assert_int_eq(*cells_of(&o, "cluster_footfall"),
                         *cells_of(&o, "cluster_visitors") + *cells_of(&o, "cluster_reentries"));
        ck_assert_int_gt(*cells_of(&o, "cluster_reentries"), 0);
        ck_assert((*cells_of(&o, "reads_without_consent") > 0) == forced);
        ck_assert((*cells_of(&o, "messages_below_consent") > 0) == forced);
        ck_assert((*cells_of(&o, "cross_store_sales") > 0) == path);
        ck_assert(town_kpi(&o, "money_imbalance") == 0);
        ck_assert_int_gt(*cells_of(&o, "panel_days"), 0);
        ck_assert_int_gt(cells_of(&o, "prediction_accuracy")[1], 100);
        ch_outcome_fini(&o);
    }
    town_close(&town);
}
END_TEST

/* Nobody shares history: nothing is learnt, nothing predicted, nobody is read for it; the city without the model is the same. */
START_TEST(no_panel_without_consent)
{
    const char *const nobody[] = {"consent.initial=[0.4, 0.2, 0]",
                                  "policies=[silent, {policy: mute, extends: predictive, asks: false}]"};
    const char *const without[] = {nobody[0], nobody[1], "trajectory.active=no"};
    struct town town = town_open(all_on, nobody, 2), plain = town_open(all_on, without, 3);
    for (unsigned p = 0; p < 2; p++) {
        struct ch_outcome a = town_run(&town, (struct ch_run_options){.policy = p});
        struct ch_outcome b = town_run(&plain, (struct ch_run_options){.policy = p});
        ck_assert_int_eq(*cells_of(&a, "panel_moves"), 0);
        ck_assert_int_eq(cells_of(&a, "prediction_accuracy")[1], 0);
        ck_assert(town_same(&a, &b));
        ch_outcome_fini(&a);
        ch_outcome_fini(&b);
    }
    town_close(&town);
    town_close(&plain);
}
END_TEST

/* Whoever was recognised by force leaves ten times as fast. */
START_TEST(force_costs_trust)
{
    struct town calm =
        town_open(all_on, (const char *[]){"consent.shock=1", "duration=8 d", "consent.initial=[0.9, 0.6, 0.3]"}, 3);
    struct town shaken = town_open(all_on, (const char *[]){"duration=8 d", "consent.initial=[0.9, 0.6, 0.3]"}, 2);
    struct series *a = series_run(&shaken, "forced", 0, 12), *b = series_run(&calm, "forced", 0, 12);
    struct sample more = sample_of(a, "opt_outs_per_1000_person_days"), less = sample_of(b, "opt_outs_per_1000_person_days");
    ck_assert_raises("trust shock: opt-outs", &more, &less);
    series_free(a);
    series_free(b);
    town_close(&calm);
    town_close(&shaken);
}
END_TEST

START_TEST(same_bits_for_any_threads)
{
    struct town town = town_open(all_on, (const char *[]){"duration=2 d", "population.shoppers=250"}, 2);
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct ch_outcome oracle = town_run(&town, (struct ch_run_options){.policy = p, .scheduler = &ch_oracle});
        for (unsigned workers = 1; workers <= 4; workers *= 2) {
            struct ch_outcome o = town_run(&town, (struct ch_run_options){.policy = p, .workers = workers});
            ck_assert(town_same(&o, &oracle));
            ch_outcome_fini(&o);
        }
        ch_outcome_fini(&oracle);
    }
    town_close(&town);
}
END_TEST

/* A pop-up is visited on its days and on no other, and pays rent for them only. */
START_TEST(pop_ups)
{
    static const char *const yaml =
        "chaland: 1\nname: popup\nseed: 3\nstart: 2013-03-04\nwarmup: 1 d\n"
        "city:\n  columns: 4\n  rows: 4\n  beacons: 0\n  screens: 0\n  stops: 0\n  couriers: 0\n  retailers: [{id: r}, {id: p}]\n"
        "  stores:\n    - {id: a, retailer: r, x: 100, y: 100, category: shoes, floor_m2: 100, first_day: '', last_day: ''}\n"
        "    - {id: b, retailer: p, x: 200, y: 200, category: shoes, floor_m2: 500, first_day: 3, last_day: 4}\n"
        "population: {shoppers: 400}\npolicies: [silent]\n";
    static const char *const days[] = {"duration=1 d", "duration=2 d", "duration=3 d", "duration=4 d", "duration=5 d"};
    int64_t visits[5], rent[5], before = 0;
    for (int i = 0; i < 5; i++) {
        struct town town = town_open(yaml, &days[i], 1);
        struct ch_outcome o = town_run(&town, (struct ch_run_options){.replication = 0});
        visits[i] = cells_of(&o, "store_visits")[1];
        rent[i] = *cells_of(&o, "fixed_cost");
        ch_outcome_fini(&o);
        town_close(&town);
    }
    ck_assert(visits[0] == 0 && visits[1] == 0 && visits[2] > 0 && visits[3] > visits[2] && visits[4] == visits[3]);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq((rent[i] - before) / (rent[0] ? rent[0] : 1), i == 2 || i == 3 ? 6 : 1); /* 100 m2, and 500 more */
        before = rent[i];
    }
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, stops_are_geometric, 0, 2);
    tcase_add_test(tc, zero_attraction_changes_nothing);
    tcase_add_test(tc, events_bring_visitors);
    tcase_add_test(tc, sums_and_consent);
    tcase_add_test(tc, no_panel_without_consent);
    tcase_add_test(tc, force_costs_trust);
    tcase_add_test(tc, same_bits_for_any_threads);
    tcase_add_test(tc, pop_ups);
}

int main(void) { return run_tests_without_fork("the street", add_tests); }
