/* SPDX-License-Identifier: MIT
 * Effects have the right sign: cause and effect in small towns of their own, where everybody can be reached. 60 pairs of runs
 * with common random numbers, |t| >= 10 where an effect is claimed (alpha 1e-6 asks for 5.6 with 59 degrees of freedom), and
 * beside each claim controls that must not pass: the same without the cause, and the same cause with another luck. */
#include "experiment.h"
#include "trace.h"

enum { PAIRS = 60 };

static const char *const reach_yaml = "chaland: 1\nname: reach\nseed: 23\nduration: 7 d\nwarmup: 0 d\n"
                                      "city: {columns: 8, rows: 8, stores: 24, retailers: 5, beacons: 80, screens: 6, stops: 4, couriers: 3}\n"
                                      "population: {shoppers: 300}\n"
                                      "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 100 %}\n";

#define MANY_CONSENT "consent.initial=[0.95, 0.90, 0.80]"
#define FEW_CONSENT "consent.initial=[0.20, 0.10, 0.05]"

/* The counts of one probe, over the first PAIRS replications of a policy. */
static struct sample runs_of(const struct town *town, const char *policy, const char *probe)
{
    struct series *series = series_run(town, policy, 0, PAIRS);
    struct sample sample = sample_of(series, probe);
    series_free(series);
    return sample;
}

/* The same runs, each met with the luck of another. */
static struct sample turned(const struct sample *sample)
{
    struct sample other = {.n = sample->n};
    for (unsigned i = 0; i < sample->n; i++)
        other.v[i] = sample->v[(i + 1) % sample->n];
    return other;
}

static void ck_assert_same(const struct sample *a, const struct sample *b)
{
    ck_assert_uint_eq(a->n, b->n);
    for (unsigned i = 0; i < a->n; i++)
        ck_assert(a->v[i] == b->v[i]);
}

/* ---- more consent, more responsive sales ------------------------------------------------------------------------- */

/* Nobody is asked and nobody leaves of their own, so the silent towns with few and with many consents sell the same to the cent:
 * the difference of the responsive ones is the difference in differences. */
START_TEST(more_consent_more_responsive_sales)
{
    static const char *const policies = "policies=[silent, context, {policy: mute, extends: responsive, asks: false}]";
    const char *few_set[] = {policies, "consent.exit_base=0", FEW_CONSENT}, *many_set[] = {policies, "consent.exit_base=0", MANY_CONSENT};
    struct town few = town_open(reach_yaml, few_set, 3), many = town_open(reach_yaml, many_set, 3);
    struct sample low = runs_of(&few, "mute", "net_sales"), high = runs_of(&many, "mute", "net_sales"), luck = turned(&high);
    struct sample silent_low = runs_of(&few, "silent", "net_sales"), silent_high = runs_of(&many, "silent", "net_sales");
    ck_assert_raises("net sales (cents), responsive, many against few consents", &high, &low);
    ck_assert_same(&silent_low, &silent_high);
    ck_assert_silent("the same policy with another luck", &luck, &high);
    low = runs_of(&few, "context", "net_sales");
    high = runs_of(&many, "context", "net_sales");
    ck_assert_silent("a policy that needs no consent", &high, &low);
    town_close(&few);
    town_close(&many);
}
END_TEST

/* The same by asking: consent that is asked for is given, and used. Where nobody would ever say yes, asking sells nothing. */
START_TEST(asking_raises_consent_and_sales)
{
    static const char *const policies = "policies=[silent, responsive, {policy: mute, extends: responsive, asks: false}]";
    const char *set[] = {policies, FEW_CONSENT}, *deaf_set[] = {policies, FEW_CONSENT, "consent.accept=[-10, -10, -10]", "consent.weight_benefit=-10"};
    struct town town = town_open(reach_yaml, set, 2), deaf = town_open(reach_yaml, deaf_set, 4);
    struct sample asking = runs_of(&town, "responsive", "net_sales"), mute = runs_of(&town, "mute", "net_sales");
    ck_assert_raises("net sales (cents), asking against not asking", &asking, &mute);
    asking = runs_of(&town, "responsive", "opt_ins");
    mute = runs_of(&town, "mute", "opt_ins");
    ck_assert_raises("opt-ins, asking against not asking", &asking, &mute);
    asking = runs_of(&deaf, "responsive", "net_sales");
    mute = runs_of(&deaf, "mute", "net_sales");
    ck_assert_silent("net sales (cents), asking those who never agree", &asking, &mute);
    town_close(&town);
    town_close(&deaf);
}
END_TEST

/* ---- more broadcast, more annoyance ------------------------------------------------------------------------------ */

#define PUSHES(name, rate) "{policy: " name ", rules: [{when: schedule, per_week: " rate ", channel: push, about: store, discount: 10 %, valid: 24 h}]}"

START_TEST(more_broadcast_more_unwanted_and_opt_outs)
{
    static const char *const policies = "policies=[silent, " PUSHES("seldom", "1") ", " PUSHES("seldom2", "1") ", " PUSHES("often", "10") "]";
    const char *set[] = {policies, MANY_CONSENT}, *patient_set[] = {policies, MANY_CONSENT, "consent.exit_irritated=0"};
    struct town town = town_open(reach_yaml, set, 2), patient = town_open(reach_yaml, patient_set, 3);
    struct sample seldom = runs_of(&town, "seldom", "unwanted_per_person_week"), often = runs_of(&town, "often", "unwanted_per_person_week");
    struct sample luck = turned(&seldom);
    ck_assert_raises("unwanted messages, 10 against 1 a week", &often, &seldom);
    ck_assert_silent("unwanted messages, 1 a week with another luck", &luck, &seldom);
    seldom = runs_of(&town, "seldom", "opt_outs_per_1000_person_days");
    often = runs_of(&town, "often", "opt_outs_per_1000_person_days");
    luck = runs_of(&town, "seldom2", "opt_outs_per_1000_person_days");
    ck_assert_raises("opt-outs, 10 against 1 a week", &often, &seldom);
    ck_assert_silent("opt-outs, 1 against 1 a week", &luck, &seldom);
    luck = turned(&often);
    ck_assert_silent("opt-outs, 10 a week with another luck", &luck, &often);
    seldom = runs_of(&patient, "seldom", "opt_outs_per_1000_person_days");
    often = runs_of(&patient, "often", "opt_outs_per_1000_person_days");
    ck_assert_silent("opt-outs, 10 against 1 a week, nobody is irritated", &often, &seldom);
    town_close(&town);
    town_close(&patient);
}
END_TEST

/* ---- a pool with commission -------------------------------------------------------------------------------------- */

#define WISHFUL "wishlist.per_week=3"

START_TEST(a_pool_raises_purchases_at_partners)
{
    static const char *const policies = "policies=[silent, {policy: mute, extends: responsive, asks: false}]";
    const char *with_set[] = {policies, MANY_CONSENT, WISHFUL}, *without_set[] = {policies, MANY_CONSENT, WISHFUL, "retail.members=0"};
    const char *free_set[] = {policies, MANY_CONSENT, WISHFUL, "wishlist.pool.commission=0"};
    struct town with = town_open(reach_yaml, with_set, 3), without = town_open(reach_yaml, without_set, 4), free_of_charge = town_open(reach_yaml, free_set, 4);
    struct sample pooled = runs_of(&with, "mute", "fulfilled_at_partner_share"), alone = runs_of(&without, "mute", "fulfilled_at_partner_share");
    struct sample luck = turned(&pooled);
    ck_assert_raises("wishes bought at partners, pool against none", &pooled, &alone);
    ck_assert_silent("the same pool with another luck", &luck, &pooled);
    pooled = runs_of(&with, "silent", "fulfilled_at_partner_share");
    alone = runs_of(&without, "silent", "fulfilled_at_partner_share");
    ck_assert_silent("wishes bought at partners, silent, pool against none", &pooled, &alone);
    pooled = runs_of(&with, "mute", "commission_paid");
    alone = runs_of(&free_of_charge, "mute", "commission_paid");
    ck_assert_raises("commission paid (cents), 8 % against 0 %", &pooled, &alone);
    for (unsigned i = 0; i < alone.n; i++)
        ck_assert(alone.v[i] == 0);
    town_close(&with);
    town_close(&without);
    town_close(&free_of_charge);
}
END_TEST

/* What is paid is what is received, in total, retailer by retailer, and in the entries that reached the clearing house. */
START_TEST(commission_equals_the_sum_of_its_traces)
{
    const char *set[] = {"policies=[{policy: mute, extends: responsive, asks: false}]", MANY_CONSENT, WISHFUL};
    struct town town = town_open(reach_yaml, set, 3);
    uint32_t n = ch_stage_city(town.stage)->n_retailers;
    for (unsigned replication = 0; replication < 5; replication++) {
        struct trace trace = trace_create(town.stage);
        struct ch_outcome run = town_run(&town, (struct ch_run_options){.replication = replication, .see = trace_see, .arg = &trace});
        int64_t paid = cells_of(&run, "commission_paid")[0], paid_by = 0, received_by = 0;
        ck_assert_int_gt(paid, 0);
        ck_assert_int_eq(cells_of(&run, "commission_received")[0], paid);
        for (uint32_t r = 0; r < n; r++) {
            paid_by += cells_of(&run, "commission_paid_by")[r];
            received_by += cells_of(&run, "commission_received_by")[r];
            ck_assert_int_eq(trace.to_clearing[r], cells_of(&run, "commission_paid_by")[r]);
            ck_assert_int_eq(trace.from_clearing[r], cells_of(&run, "commission_received_by")[r]);
        }
        ck_assert_int_eq(paid_by, paid);
        ck_assert_int_eq(received_by, paid);
        ck_assert_int_gt(trace.n_commissions, 10);
        ch_outcome_fini(&run);
        trace_destroy(&trace);
    }
    town_close(&town);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("effects");
    TCase *tc = tcase_create("effects");
    tcase_set_timeout(tc, 600);
    tcase_add_test(tc, more_consent_more_responsive_sales);
    tcase_add_test(tc, asking_raises_consent_and_sales);
    tcase_add_test(tc, more_broadcast_more_unwanted_and_opt_outs);
    tcase_add_test(tc, a_pool_raises_purchases_at_partners);
    tcase_add_test(tc, commission_equals_the_sum_of_its_traces);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK); /* OpenMP does not survive a fork */
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
