/* SPDX-License-Identifier: MIT
 * Effects have the right sign: cause and effect in small towns of their own, where everybody can be reached. 40 pairs of runs
 * with common random numbers, |t| >= 10 where an effect is claimed (alpha 1e-6 asks for 5.8 with 39 degrees of freedom), and
 * beside each claim controls that must not pass: the same without the cause, and the same cause with another luck. What is to be
 * equal by construction is compared to the last cent. */
#include "../runner.h"
#include "experiment.h"
#include "trace.h"

enum { PAIRS = 40 };

static const char *const reach_yaml =
    "chaland: 1\nname: reach\nseed: 23\nduration: 6 d\nwarmup: 0 d\n"
    "city: {columns: 8, rows: 8, stores: 24, retailers: 5, beacons: 80, screens: 6, stops: 4, couriers: 3}\n"
    "population: {shoppers: 300}\n"
    "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 100 %}\n";

#define MANY_CONSENT "consent.initial=[0.95, 0.90, 0.80]"
#define FEW_CONSENT  "consent.initial=[0.20, 0.10, 0.05]"
#define NO_EXITS     "consent.exit_base=0", "consent.exit_irritated=0"
#define WISHFUL      "wishlist.per_week=3"
#define MUTE         "{policy: mute, extends: responsive, asks: false}"

static void ck_assert_same(const struct series *a, const struct series *b, const char *probe)
{
    ck_assert_uint_eq(a->n, b->n);
    for (unsigned i = 0; i < a->n; i++)
        ck_assert_int_eq(cells_of(&a->run[i], probe)[0], cells_of(&b->run[i], probe)[0]);
}

static void ck_assert_more(const char *what, const struct series *a, const struct series *b, const char *probe)
{
    struct sample x = sample_of(a, probe), y = sample_of(b, probe);
    ck_assert_raises(what, &x, &y);
}

/* The same cause twice, with another luck: no difference may pass. */
static void check_luck(const char *what, const struct series *series, const char *probe)
{
    struct sample all = sample_of(series, probe), first = half_of(&all, 0), second = half_of(&all, 1);
    ck_assert_silent(what, &first, &second);
}

/* ---- more consent, more responsive sales ------------------------------------------------------------------------- */

/* Nobody is asked and nobody leaves, so the silent towns with few and with many consents sell the same to the cent: the
 * difference of the responsive ones is the difference in differences. A policy that needs no consent sells the same, too. */
START_TEST(more_consent_more_responsive_sales)
{
    static const char *const few_set[] = {"policies=[silent, context, " MUTE "]", NO_EXITS, FEW_CONSENT, WISHFUL};
    static const char *const many_set[] = {"policies=[silent, context, " MUTE "]", NO_EXITS, MANY_CONSENT, WISHFUL};
    struct town few = town_open(reach_yaml, few_set, 5), many = town_open(reach_yaml, many_set, 5);
    static const char *const policy[] = {"mute", "silent", "context"};
    for (int i = 0; i < 3; i++) {
        struct series *low = series_run(&few, policy[i], 0, PAIRS), *high = series_run(&many, policy[i], 0, PAIRS);
        if (i == 0) {
            ck_assert_more("net sales (cents), responsive, many against few consents", high, low, "net_sales");
            check_luck("net sales (cents), responsive, another luck", high, "net_sales");
        } else {
            ck_assert_same(low, high, "net_sales");
        }
        series_free(low);
        series_free(high);
    }
    town_close(&few);
    town_close(&many);
}
END_TEST

/* The same by asking: consent that is asked for is given, and used. Where nobody ever says yes, asking sells nothing. */
START_TEST(asking_raises_consent_and_sales)
{
    static const char *const set[] = {"policies=[responsive, " MUTE "]", FEW_CONSENT, WISHFUL};
    static const char *const deaf_set[] = {"policies=[responsive, " MUTE "]", FEW_CONSENT, WISHFUL,
                                           "consent.accept=[-10, -10, -10]", "consent.weight_benefit=-10"};
    struct town town = town_open(reach_yaml, set, 3), deaf = town_open(reach_yaml, deaf_set, 5);
    struct series *asking = series_run(&town, "responsive", 0, PAIRS), *mute = series_run(&town, "mute", 0, PAIRS);
    ck_assert_more("net sales (cents), asking against not asking", asking, mute, "net_sales");
    ck_assert_more("opt-ins, asking against not asking", asking, mute, "opt_ins");
    check_luck("net sales (cents), asking, another luck", asking, "net_sales");
    series_free(asking);
    series_free(mute);
    asking = series_run(&deaf, "responsive", 0, PAIRS);
    mute = series_run(&deaf, "mute", 0, PAIRS);
    ck_assert_same(asking, mute, "net_sales");
    ck_assert_more("asks of those who never agree", asking, mute, "asks");
    series_free(asking);
    series_free(mute);
    town_close(&town);
    town_close(&deaf);
}
END_TEST

/* ---- more broadcast, more annoyance ------------------------------------------------------------------------------ */

#define PUSHES(name, rate)                                                                                                    \
    "{policy: " name ", rules: [{when: schedule, per_week: " rate ", channel: push, about: store, discount: 10 %, valid: 24 " \
    "h}]}"
#define BROADCASTS "policies=[" PUSHES("seldom", "1") ", " PUSHES("seldom2", "1") ", " PUSHES("often", "10") "]"

START_TEST(more_broadcast_more_unwanted_and_opt_outs)
{
    static const char *const set[] = {BROADCASTS, MANY_CONSENT};
    struct town town = town_open(reach_yaml, set, 2);
    struct series *seldom = series_run(&town, "seldom", 0, PAIRS), *twin = series_run(&town, "seldom2", 0, PAIRS);
    struct series *often = series_run(&town, "often", 0, PAIRS);
    ck_assert_more("unwanted messages, 10 against 1 a week", often, seldom, "unwanted_per_person_week");
    ck_assert_more("opt-outs, 10 against 1 a week", often, seldom, "opt_outs_per_1000_person_days");
    ck_assert_same(seldom, twin, "unwanted_per_person_week");
    ck_assert_same(seldom, twin, "opt_outs_per_1000_person_days");
    check_luck("unwanted messages, 10 a week, another luck", often, "unwanted_per_person_week");
    check_luck("opt-outs, 10 a week, another luck", often, "opt_outs_per_1000_person_days");
    series_free(seldom);
    series_free(twin);
    series_free(often);
    town_close(&town);
}
END_TEST

/* Take irritation away, and ten times the messages drive nobody off. */
START_TEST(opt_outs_come_from_irritation)
{
    static const char *const set[] = {BROADCASTS, MANY_CONSENT, "consent.exit_irritated=0"};
    struct town town = town_open(reach_yaml, set, 3);
    struct series *seldom = series_run(&town, "seldom", 0, PAIRS), *often = series_run(&town, "often", 0, PAIRS);
    ck_assert_more("unwanted messages, nobody is irritated", often, seldom, "unwanted_per_person_week");
    ck_assert_same(often, seldom, "opt_outs_per_1000_person_days");
    ck_assert_int_gt(cells_of(&often->run[0], "opt_outs_per_1000_person_days")[0], 0);
    series_free(seldom);
    series_free(often);
    town_close(&town);
}
END_TEST

/* ---- a pool with commission -------------------------------------------------------------------------------------- */

static struct series *pool_run(const char *policy, const char *set)
{
    const char *sets[] = {"policies=[silent, " MUTE "]", MANY_CONSENT, WISHFUL, set};
    struct town town = town_open(reach_yaml, sets, 4);
    struct series *series = series_run(&town, policy, 0, PAIRS);
    town_close(&town);
    return series;
}

START_TEST(a_pool_raises_purchases_at_partners)
{
    struct series *pooled = pool_run("mute", "retail.members=1"), *alone = pool_run("mute", "retail.members=0");
    struct series *free_of_charge = pool_run("mute", "wishlist.pool.commission=0");
    ck_assert_more("wishes bought at partners, pool against none", pooled, alone, "fulfilled_at_partner_share");
    ck_assert_more("purchases with commission, pool against none", pooled, alone, "pool_sales");
    ck_assert_more("commission (cents), 8 % against 0 %", pooled, free_of_charge, "commission_paid");
    ck_assert_same(pooled, free_of_charge, "fulfilled_at_partner_share"); /* shoppers do not see who pays whom */
    check_luck("wishes bought at partners, pool, another luck", pooled, "fulfilled_at_partner_share");
    for (unsigned i = 0; i < pooled->n; i++) {
        ck_assert_int_eq(cells_of(&free_of_charge->run[i], "commission_paid")[0], 0);
        ck_assert_int_eq(cells_of(&alone->run[i], "commission_paid")[0], 0);
    }
    series_free(pooled);
    series_free(alone);
    series_free(free_of_charge);
    pooled = pool_run("silent", "retail.members=1");
    alone = pool_run("silent", "retail.members=0");
    ck_assert_same(pooled, alone, "fulfilled_at_partner_share"); /* nor does a list that nobody speaks of sell anything */
    series_free(pooled);
    series_free(alone);
}
END_TEST

/* What is paid is what is received, in total, retailer by retailer, and in the entries that reached the clearing house. */
START_TEST(commission_equals_the_sum_of_its_traces)
{
    static const char *const set[] = {"policies=[" MUTE "]", MANY_CONSENT, WISHFUL, "population.shoppers=600"};
    struct town town = town_open(reach_yaml, set, 4); /* some 35 commissions a run */
    uint32_t n = ch_stage_city(town.stage)->n_retailers;
    int64_t n_commissions = 0;
    for (unsigned replication = 0; replication < 5; replication++) {
        struct trace trace = {0};
        struct ch_outcome run = trace_run(&trace, &town, "mute", replication);
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
        n_commissions += trace.n_commissions;
        ch_outcome_fini(&run);
        trace_destroy(&trace);
    }
    ck_assert_int_gt(n_commissions, 50); /* in five runs */
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, more_consent_more_responsive_sales);
    tcase_add_test(tc, asking_raises_consent_and_sales);
    tcase_add_test(tc, more_broadcast_more_unwanted_and_opt_outs);
    tcase_add_test(tc, opt_outs_come_from_irritation);
    tcase_add_test(tc, a_pool_raises_purchases_at_partners);
    tcase_add_test(tc, commission_equals_the_sum_of_its_traces);
}

int main(void) { return run_tests_without_fork("effects", add_tests); }
