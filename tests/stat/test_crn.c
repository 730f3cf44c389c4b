/* SPDX-License-Identifier: MIT
 * Common random numbers: policies meet the same people with the same moods, so that a paired difference shows the policy and
 * little else. Exact statements compare every event (fingerprint) and every integer accumulator; each has a control that a
 * real difference is seen. The last one is statistical: the variance that pairing takes away. */
#include "../runner.h"
#include "experiment.h"
#include <chaland/rng.h>

static const char *const crn_yaml =
    "chaland: 1\nname: crn\nseed: 11\nduration: 4 d\nwarmup: 1 d\nreplications: 2\n"
    "city: {columns: 8, rows: 8, stores: 24, retailers: 5, beacons: 60, screens: 6, stops: 4, couriers: 3}\n"
    "population: {shoppers: 300}\n"
    "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 95 %}\n";

/* One run each of two policies: are they the same experiment? */
static bool same_runs(const struct town *town, const char *a, const char *b)
{
    bool same = true;
    for (unsigned replication = 0; replication < 2; replication++) {
        struct ch_outcome x = town_run(town, (struct ch_run_options){.policy = town_policy(town, a), .replication = replication});
        struct ch_outcome y = town_run(town, (struct ch_run_options){.policy = town_policy(town, b), .replication = replication});
        same = same && town_same(&x, &y);
        ch_outcome_fini(&x);
        ch_outcome_fini(&y);
    }
    return same;
}

/* ---- (a) two names for one policy -------------------------------------------------------------------------------- */

static struct ch_results results_of(const struct town *town)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_results r = {.scenario = town->scenario,
                           .city = ch_stage_city(town->stage),
                           .n_points = 1,
                           .n_policies = town->scenario->n_policies,
                           .n_replications = 2};
    r.outcome = calloc((size_t)r.n_policies * r.n_replications, sizeof *r.outcome);
    ck_assert_ptr_nonnull(r.outcome);
    for (unsigned p = 0; p < r.n_policies; p++)
        for (unsigned i = 0; i < r.n_replications; i++)
            r.outcome[p * r.n_replications + i] = town_run(town, (struct ch_run_options){.policy = p, .replication = i});
    ck_assert_int_eq(ch_results_form(&r, &error), CH_OK);
    return r;
}

/* KPIs in which two policies differ by at least one bit in at least one replication. */
static unsigned differing_kpis(const struct ch_results *r, unsigned a, unsigned b)
{
    unsigned n = 0;
    for (unsigned k = 0; k < r->n_kpis; k++)
        n += memcmp(ch_results_value(r, k, 0, a), ch_results_value(r, k, 0, b), r->n_replications * sizeof(double)) != 0;
    return n;
}

START_TEST(twins_have_identical_kpi_rows)
{
    static const char *const set[] = {"policies=[silent, broadcast, context, responsive, "
                                      "{policy: silent2, extends: silent}, {policy: broadcast2, extends: broadcast}, "
                                      "{policy: context2, extends: context}, {policy: responsive2, extends: responsive}]"};
    struct town town = town_open(crn_yaml, set, 1);
    struct ch_results r = results_of(&town);
    for (unsigned p = 0; p < 4; p++) {
        for (unsigned i = 0; i < r.n_replications; i++)
            ck_assert_uint_eq(r.outcome[p * r.n_replications + i].fingerprint,
                              r.outcome[(p + 4) * r.n_replications + i].fingerprint);
        ck_assert_uint_eq(differing_kpis(&r, p, p + 4), 0);
        ck_assert_uint_gt(differing_kpis(&r, p, (p + 1) % 4), 20); /* the comparison sees differences where there are some */
    }
    ch_results_fini(&r);
    town_close(&town);
}
END_TEST

/* ---- (b) G28: nobody consents, nobody is asked ------------------------------------------------------------------- */

#define MUTE "policies=[silent, responsive, context, {policy: mute, extends: responsive, asks: false}]"

START_TEST(responsive_without_consent_is_silent)
{
    static const char *const nobody[] = {MUTE, "consent.initial=[0, 0, 0]"};
    static const char *const some[] = {MUTE};
    struct town town = town_open(crn_yaml, nobody, 2);
    ck_assert(same_runs(&town, "silent", "mute"));
    ck_assert(!same_runs(&town, "silent", "responsive")); /* asks alone make a difference */
    ck_assert(!same_runs(&town, "silent", "context"));    /* a policy that needs no consent does not care */
    town_close(&town);
    town = town_open(crn_yaml, some, 1);
    ck_assert(!same_runs(&town, "silent", "mute")); /* and so does consent alone */
    town_close(&town);
}
END_TEST

/* ---- (c) useless draws ------------------------------------------------------------------------------------------- */

/* A thousand draws of one purpose between any two of another change none of the latter. */
START_TEST(draws_of_one_purpose_do_not_move_another)
{
    const struct ch_key key = {11, 3};
    double undisturbed[200], value = 0;
    struct ch_draw draw = ch_draw_open(key, 42, 7, 1u << 24);
    for (int i = 0; i < 200; i++)
        undisturbed[i] = ch_draw_uniform(&draw);
    draw = ch_draw_open(key, 42, 7, 1u << 24);
    for (int i = 0; i < 200; i++) {
        struct ch_draw useless = ch_draw_open(key, 42, 8, 1u << 24);
        for (int k = 0; k < 1000; k++)
            value += ch_draw_uniform(&useless);
        ck_assert(ch_draw_uniform(&draw) == undisturbed[i]);
    }
    ck_assert(value > 0);
}
END_TEST

#define ONE_RULE   "{when: beacon, channel: beacon, about: store, discount: 10 %}"
#define NO_WORDS   "{when: schedule, per_week: 700, channel: push, about: store, if: {consent: \"> 3\"}}"
#define SOME_WORDS "{when: schedule, per_week: 7, channel: push, about: store}"

/* Pushes that need level 4 of 3: a hundred are drawn for each person and day, and none is ever evaluated. All else is the same
 * to the last event. */
START_TEST(useless_pushes_change_nobody)
{
    static const char *const set[] = {"policies=[silent, {policy: wordy silence, rules: [" NO_WORDS "]}, "
                                      "{policy: real, rules: [" ONE_RULE "]}, "
                                      "{policy: wordy, rules: [" ONE_RULE ", " NO_WORDS "]}, "
                                      "{policy: wordy first, rules: [" NO_WORDS ", " ONE_RULE "]}, "
                                      "{policy: real words, rules: [" ONE_RULE ", " SOME_WORDS "]}]"};
    struct town town = town_open(crn_yaml, set, 1);
    ck_assert(same_runs(&town, "silent", "wordy silence"));
    ck_assert(same_runs(&town, "real", "wordy"));
    ck_assert(same_runs(&town, "real", "wordy first"));
    ck_assert(!same_runs(&town, "real", "real words"));
    town_close(&town);
}
END_TEST

#define NEVER "temperature: \">= 60 C\""

#define STARING                                                                                                       \
    "{when: beacon, about: weather, if: {crowd: \">= 0\", in_stock: \">= 0\", context_score: \">= 0\", " NEVER "}}, " \
    "{when: screen, about: store, if: {distance: \">= 0 m\", " NEVER "}}, "                                           \
    "{when: entrance, about: store, if: {markdown: \">= 0\", " NEVER "}}"
#define REAL_RULES                                                                              \
    ONE_RULE ", {when: screen, channel: screen, about: store, discount: 5 %}, " SOME_WORDS ", " \
             "{name: at the door, when: entrance, channel: push, about: store}"

/* Rules that are evaluated at every beacon, screen and door, look at all there is to see, draw a sender, and never send: alone,
 * after rules that do, and before them. Luck hangs on what a rule says, not on how many stand before it; a real rule more
 * shows. */
START_TEST(useless_looks_change_nobody)
{
    static const char *const set[] = {"policies=[silent, {policy: staring, rules: [" STARING "]}, "
                                      "{policy: real, rules: [" REAL_RULES "]}, "
                                      "{policy: real staring, rules: [" REAL_RULES ", " STARING "]}, "
                                      "{policy: staring real, rules: [" STARING ", " REAL_RULES "]}, "
                                      "{policy: one more, rules: [{when: entrance, channel: push, about: weather}, " REAL_RULES
                                      "]}]"};
    struct town town = town_open(crn_yaml, set, 1);
    ck_assert(same_runs(&town, "silent", "staring"));
    ck_assert(same_runs(&town, "real", "real staring"));
    ck_assert(same_runs(&town, "real", "staring real"));
    ck_assert(!same_runs(&town, "real", "silent"));
    ck_assert(!same_runs(&town, "real", "one more"));
    town_close(&town);
}
END_TEST

/* A push that is due is looked at by a timer, so the events differ; what is counted of everything else may not. */
static void check_same_counts(const char *plain, const char *idle, const char *const *set, unsigned n_sets)
{
    struct town town = town_open(crn_yaml, set, n_sets);
    struct ch_outcome a = town_run(&town, (struct ch_run_options){.policy = town_policy(&town, plain)});
    struct ch_outcome b = town_run(&town, (struct ch_run_options){.policy = town_policy(&town, idle)});
    ck_assert_uint_gt(b.engine.events, a.engine.events + 1000);
    ck_assert_str_eq(a.measures.sha256, b.measures.sha256);
    ch_outcome_fini(&a);
    ch_outcome_fini(&b);
    town_close(&town);
}

#define IDLE "{name: idle, when: schedule, per_week: 70, channel: push, about: store, if: {" NEVER "}}"

/* Idle pushes beside nothing, and beside real ones, in a town of 64 corners and in one where everybody lives at one of two. */
START_TEST(idle_timers_change_no_count)
{
    static const char *const set[] = {"policies=[silent, {policy: idle pushes, rules: [" IDLE "]}, "
                                      "{policy: real, rules: [" SOME_WORDS "]}, {policy: idle and real, rules: [" IDLE
                                      ", " SOME_WORDS "]}]",
                                      "city.columns=2", "city.rows=1", "city.stops=0", "city.depots=0"};
    for (unsigned n = 1; n <= sizeof set / sizeof set[0]; n += sizeof set / sizeof set[0] - 1) {
        check_same_counts("silent", "idle pushes", set, n);
        check_same_counts("real", "idle and real", set, n);
    }
}
END_TEST

/* ---- (d) what no policy may touch -------------------------------------------------------------------------------- */

START_TEST(needs_and_wishes_do_not_know_the_policy)
{
    static const char *const set[] = {"policies=[silent, broadcast, context, responsive]"};
    struct town town = town_open(crn_yaml, set, 1);
    struct ch_outcome silent = town_run(&town, (struct ch_run_options){.policy = 0});
    for (unsigned p = 1; p < 4; p++) {
        struct ch_outcome other = town_run(&town, (struct ch_run_options){.policy = p});
        ck_assert_int_eq(cells_of(&silent, "needs_met")[1], cells_of(&other, "needs_met")[1]);
        ck_assert_int_eq(cells_of(&silent, "wish_fulfilment_rate")[1], cells_of(&other, "wish_fulfilment_rate")[1]);
        ck_assert_int_eq(cells_of(&silent, "trips_per_person_day")[1], cells_of(&other, "trips_per_person_day")[1]);
        ck_assert_int_eq(cells_of(&silent, "fixed_cost")[0], cells_of(&other, "fixed_cost")[0]);
        ck_assert_int_ne(cells_of(&silent, "net_sales")[0], cells_of(&other, "net_sales")[0]);
        ch_outcome_fini(&other);
    }
    ch_outcome_fini(&silent);
    town_close(&town);
}
END_TEST

/* ---- (e) variance ------------------------------------------------------------------------------------------------ */

/* VRF = (var a + var b) / var(a - b) of the profit, at least 8 when paired. Measured: 28 (context), 44 (responsive) and 73
 * (broadcast). The logarithm of a VRF of 100 pairs has a standard deviation below 0.2, so one below 8 is more than 5 of them
 * away; desynchronised pairs have a VRF of 1, and one outside 0.5 .. 2 is more than 5 of theirs (0.1) away: alpha below 1e-6. */
START_TEST(pairing_takes_the_variance_away)
{
    static const char *const set[] = {"policies=[silent, broadcast, context, responsive]", "devices.app=50 %", "duration=7 d"};
    enum { PAIRS = 100 };
    struct town town = town_open(crn_yaml, set, 3);
    struct series *silent = series_run(&town, "silent", 0, PAIRS);
    struct sample base = sample_of(silent, "retail_profit");
    for (unsigned p = 1; p < 4; p++) {
        const char *name = town.scenario->policy[p]->name;
        struct series *series = series_run(&town, name, 0, PAIRS);
        struct sample own = sample_of(series, "retail_profit"), shifted = own;
        for (unsigned i = 0; i < own.n; i++)
            shifted.v[i] = own.v[(i + 1) % own.n]; /* another replication: independent luck */
        double paired_vrf = ch_variance_ratio(own.v, base.v, own.n), unpaired_vrf = ch_variance_ratio(shifted.v, base.v, own.n);
        if (getenv("CHALAND_FIGURES"))
            printf("    VRF of retail_profit, %-12s paired %.1f, desynchronised %.2f\n", name, paired_vrf, unpaired_vrf);
        ck_assert_msg(!CLAIMS || paired_vrf > 8, "%s: VRF %.2f", name, paired_vrf);
        ck_assert_msg(!CLAIMS || (unpaired_vrf > 0.5 && unpaired_vrf < 2), "%s: desynchronised VRF %.2f", name, unpaired_vrf);
        series_free(series);
    }
    series_free(silent);
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, twins_have_identical_kpi_rows);
    tcase_add_test(tc, responsive_without_consent_is_silent);
    tcase_add_test(tc, draws_of_one_purpose_do_not_move_another);
    tcase_add_test(tc, useless_pushes_change_nobody);
    tcase_add_test(tc, useless_looks_change_nobody);
    tcase_add_test(tc, idle_timers_change_no_count);
    tcase_add_test(tc, needs_and_wishes_do_not_know_the_policy);
    tcase_add_test(tc, pairing_takes_the_variance_away);
}

int main(void) { return run_tests_without_fork("common random numbers", add_tests); }
