/* SPDX-License-Identifier: MIT
 * What must never happen, planted: a lost cent, a greedy policy, a message to someone who has just said no, one message too
 * many. Runs are watched by books of our own (trace.h), and each check has a control that it would notice. */
#include "../runner.h"
#include "experiment.h"
#include "trace.h"

/* Ends at five in the morning, when nobody is out: nothing is in flight, neither money nor messages. */
static const char *const plants_yaml =
    "chaland: 1\nname: plants\nseed: 31\nstart: 2013-03-04\nduration: 77 h\nwarmup: 0 d\n"
    "city: {columns: 8, rows: 8, stores: 24, retailers: 6, beacons: 80, screens: 6, stops: 4, couriers: 3}\n"
    "population: {shoppers: 300}\n"
    "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 100 %}\n";

#define ALL_POLICIES "policies=[silent, broadcast, context, responsive]"

/* ---- money ------------------------------------------------------------------------------------------------------- */

START_TEST(a_leaked_cent_is_caught_each_day)
{
    static const char *const set[] = {"ledger.leak_test=true"};
    struct town town = town_open(plants_yaml, set, 1);
    struct ch_outcome run = town_run(&town, (struct ch_run_options){0});
    double cents = town_kpi(&run, "money_imbalance") * 100;
    ck_assert_msg(fabs(cents - ch_stage_days(town.stage)) < 1e-6, "%g cents in %u audits", cents, ch_stage_days(town.stage));
    ch_outcome_fini(&run);
    town_close(&town);
}
END_TEST

/* Without the leak each audit of each day must find nothing, else the run fails. What reached the clearing house is what the
 * retailers say they earned, each of them, to the cent; and no money is made. */
START_TEST(books_balance_and_agree_with_the_entries)
{
    static const char *const set[] = {ALL_POLICIES};
    struct town town = town_open(plants_yaml, set, 1);
    uint32_t n = ch_stage_city(town.stage)->n_retailers;
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct trace trace = {0};
        struct ch_outcome run = trace_run(&trace, &town, town.scenario->policy[p]->name, p);
        int64_t sum = 0, earned = 0;
        ck_assert(town_kpi(&run, "money_imbalance") == 0);
        ck_assert_uint_gt(trace.n_postings, 100);
        for (uint32_t a = 0; a <= ch_account_of_agents(ch_stage_city(town.stage)); a++)
            sum += trace.balance[a];
        ck_assert_int_eq(sum, 0);
        ck_assert_int_eq(trace.balance[CH_ACC_CLEARING], 0);
        ck_assert_int_eq(trace.balance[CH_ACC_VAT], cells_of(&run, "vat")[0]);
        for (uint32_t r = 0; r < n; r++) {
            ck_assert_int_eq(trace.balance[CH_ACC_RETAILER + r], cells_of(&run, "profit")[r]);
            earned += cells_of(&run, "profit")[r];
        }
        ck_assert_int_eq(earned, cells_of(&run, "retail_profit")[0]);
        ch_outcome_fini(&run);
        trace_destroy(&trace);
    }
    town_close(&town);
}
END_TEST

/* ---- personal data ----------------------------------------------------------------------------------------------- */

/* Wants to know wishes and habits of everybody at every beacon, screen and door. */
#define GREEDY                                                                                              \
    "{policy: greedy, rules: [{when: beacon, channel: beacon, about: affinity, if: {affinity: \">= 0\"}}, " \
    "{when: beacon, channel: beacon, about: wish, if: {wish_match: \">= 0\"}}, "                            \
    "{when: screen, channel: screen, about: wish, if: {wish_age: \">= 0 d\"}}, "                            \
    "{when: entrance, channel: push, about: store, if: {messages_today: \">= 0\", net_value: \">= -1000 EUR\"}}]}"

START_TEST(a_greedy_policy_is_refused)
{
    static const char *const set[] = {"policies=[silent, " GREEDY "]", "consent.initial=[0.8, 0.5, 0.2]"};
    struct town town = town_open(plants_yaml, set, 2);
    for (unsigned replication = 0; replication < 3; replication++) {
        struct trace trace = {0}, deaf = {.deaf = true};
        struct ch_outcome run = trace_run(&trace, &town, "greedy", replication),
                          again = trace_run(&deaf, &town, "greedy", replication);
        ck_assert_int_gt(cells_of(&run, "reads_refused")[0], 100);
        ck_assert_int_gt(cells_of(&run, "reads")[0], 100);
        ck_assert_int_eq(cells_of(&run, "reads_without_consent")[0], 0);
        ck_assert_uint_eq(trace.n_reads, (uint64_t)cells_of(&run, "reads")[0]);
        ck_assert_uint_eq(trace.n_reads_above, 0);
        ck_assert_uint_eq(deaf.n_reads_above, deaf.n_reads); /* who misses the consents would call every read a breach */
        ch_outcome_fini(&run);
        ch_outcome_fini(&again);
        trace_destroy(&trace);
        trace_destroy(&deaf);
    }
    town_close(&town);
}
END_TEST

/* Where nobody ever consented, there is nobody to ask twice. */
START_TEST(without_consent_nothing_is_read)
{
    static const char *const set[] = {"policies=[silent, " GREEDY "]", "consent.initial=[0, 0, 0]"};
    struct town town = town_open(plants_yaml, set, 2);
    struct ch_outcome run = town_run(&town, (struct ch_run_options){.policy = town_policy(&town, "greedy")});
    ck_assert_int_eq(cells_of(&run, "reads")[0], 0);
    ck_assert_int_eq(cells_of(&run, "messages_sent")[0], 0);
    ck_assert_int_eq(cells_of(&run, "reads_without_consent")[0], 0);
    ch_outcome_fini(&run);
    town_close(&town);
}
END_TEST

/* The four policies read nothing above what the letters allow, in any replication. */
START_TEST(shipped_policies_read_within_consent)
{
    static const char *const set[] = {ALL_POLICIES};
    struct town town = town_open(plants_yaml, set, 1);
    for (unsigned p = 0; p < town.scenario->n_policies; p++)
        for (unsigned replication = 0; replication < 3; replication++) {
            struct trace trace = {0};
            struct ch_outcome run = trace_run(&trace, &town, town.scenario->policy[p]->name, replication);
            ck_assert_int_eq(cells_of(&run, "reads_without_consent")[0], 0);
            ck_assert_uint_eq(trace.n_reads_above, 0);
            ck_assert_uint_eq(trace.n_reads, (uint64_t)cells_of(&run, "reads")[0]);
            ch_outcome_fini(&run);
            trace_destroy(&trace);
        }
    town_close(&town);
}
END_TEST

/* ---- withdrawal -------------------------------------------------------------------------------------------------- */

/* Levels change at the beginning of a person's day: at 03:00, or on coming home later. Here everybody walks home from leisure
 * between three and four, along streets full of beacons, and 63 of 100 consents are withdrawn each day: the message heard
 * in the last ten seconds of the way is still in flight. */
#define OUT_LATE                                                                                                                 \
    "consent.exit_base=1 1/d", "consent.initial=[0.95, 0.9, 0.8]", "city.beacons=250", "dayplan.leisure_from=21.6 h",            \
        "dayplan.leisure_to=22.4 h", "dayplan.leisure_lasts=330 min", "dayplan.leisure_sigma=0.03", "dayplan.mode_intercept=10", \
        "dayplan.mode_slope=0 1/km", "dayplan.other_weekday=[0, 0, 0, 1, 0]", "dayplan.worker_weekday=[0, 0, 0, 1, 0]",          \
        "dayplan.evening_shopping=0", "dayplan.promenade=0"

#define BEACON_RULE(name, condition) "{policy: " name ", rules: [{when: beacon, channel: beacon, about: store" condition "}]}"

START_TEST(a_withdrawal_stops_the_message_in_flight)
{
    static const char *const set[] = {
        "policies=[" BEACON_RULE("told", ", if: {consent: \">= 1\"}") ", " BEACON_RULE("untold", "") "]", OUT_LATE};
    struct town town = town_open(plants_yaml, set, sizeof set / sizeof set[0]);
    int64_t blocked = 0;
    uint64_t overtaken = 0;
    for (unsigned replication = 0; replication < 40; replication++) {
        struct trace trace = {.needed = 1}, control = {.needed = 1};
        struct ch_outcome run = trace_run(&trace, &town, "told", replication);
        ck_assert_int_eq(cells_of(&run, "messages_sent")[0],
                         cells_of(&run, "messages_delivered")[0] + cells_of(&run, "messages_blocked")[0]);
        ck_assert_uint_eq(trace.n_delivered, (uint64_t)cells_of(&run, "messages_delivered")[0]);
        ck_assert_uint_eq(trace.n_delivered_above + trace.n_overtaken, 0);
        blocked += cells_of(&run, "messages_blocked")[0];
        ch_outcome_fini(&run);
        run = trace_run(&control, &town, "untold", replication);
        ck_assert_uint_gt(control.n_delivered_above, 100); /* the trace sees messages that rest on nothing */
        ck_assert_int_eq(cells_of(&run, "messages_blocked")[0], 0);
        overtaken += control.n_overtaken;
        ch_outcome_fini(&run);
        trace_destroy(&trace);
        trace_destroy(&control);
    }
    if (getenv("CHALAND_FIGURES"))
        printf("    40 runs: %lld messages blocked; %llu would have been delivered to who had just said no\n", (long long)blocked,
               (unsigned long long)overtaken);
    ck_assert_int_gt(blocked, 0); /* about 40 are expected: none at all has a chance below 1e-12 */
    ck_assert_uint_gt(overtaken, 0);
    town_close(&town);
}
END_TEST

/* ---- caps -------------------------------------------------------------------------------------------------------- */

#define FLOOD                                                                                                               \
    "rules: [{when: schedule, per_week: 140, channel: push, about: store}, {when: beacon, channel: beacon, about: store}, " \
    "{when: screen, channel: screen, about: store}, {when: entrance, channel: push, about: store}]"

/* Everybody walks, on one leg, and follows no offer: between two departures lie one walk and at most one visit. */
START_TEST(caps_are_never_exceeded)
{
    static const char *const set[] = {"policies=[{policy: free, " FLOOD "}, "
                                      "{policy: day, caps: {day: 3}, " FLOOD "}, "
                                      "{policy: retailer, caps: {retailer_day: 2}, " FLOOD "}, "
                                      "{policy: visit, caps: {visit: 1}, " FLOOD "}, "
                                      "{policy: all, caps: {visit: 1, day: 4, retailer_day: 1}, " FLOOD "}]",
                                      "dayplan.diversions=0", "dayplan.promenade=0", "dayplan.mode_intercept=10",
                                      "dayplan.mode_slope=0 1/km"};
    static const struct {
        const char *policy;
        unsigned day, sender, stay;
    } cap[] = {{"day", 3, 3, 3}, {"retailer", 1000, 2, 1000}, {"visit", 1000, 1000, 2}, {"all", 4, 1, 2}};
    struct town town = town_open(plants_yaml, set, sizeof set / sizeof set[0]);
    struct trace trace = {0};
    struct ch_outcome run = trace_run(&trace, &town, "free", 0);
    ck_assert_uint_gt(trace.most_today, 20); /* without caps the flood is a flood */
    ck_assert_uint_gt(trace.most_of_sender, 6);
    ck_assert_uint_gt(trace.most_since_end, 10);
    ch_outcome_fini(&run);
    trace_destroy(&trace);
    for (unsigned i = 0; i < sizeof cap / sizeof cap[0]; i++) {
        run = trace_run(&trace, &town, cap[i].policy, 0);
        ck_assert_uint_gt(trace.n_delivered, 500);
        ck_assert_msg(trace.most_today <= cap[i].day && trace.most_of_sender <= cap[i].sender, "%s: %u a day, %u of one sender",
                      cap[i].policy, trace.most_today, trace.most_of_sender);
        /* one for the walk, one for the visit, and one that was in flight on departure */
        ck_assert_msg(trace.most_since_end <= cap[i].stay + 1, "%s: %u since departure", cap[i].policy, trace.most_since_end);
        ch_outcome_fini(&run);
        trace_destroy(&trace);
    }
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, a_leaked_cent_is_caught_each_day);
    tcase_add_test(tc, books_balance_and_agree_with_the_entries);
    tcase_add_test(tc, a_greedy_policy_is_refused);
    tcase_add_test(tc, without_consent_nothing_is_read);
    tcase_add_test(tc, shipped_policies_read_within_consent);
    tcase_add_test(tc, a_withdrawal_stops_the_message_in_flight);
    tcase_add_test(tc, caps_are_never_exceeded);
}

int main(void) { return run_tests_without_fork("plants", add_tests); }
