/* SPDX-License-Identifier: MIT
 * Switch, own rules, agents, cues and events of life in whole towns. All statements are exact but for signs that cannot be missed. */
#include "../runner.h"
#include "experiment.h"

static const char *const mode_yaml =
    "chaland: 1\nname: mode\nseed: 91\nstart: 2013-05-06\nduration: 4 d\nwarmup: 0 d\n"
    "city: {columns: 8, rows: 8, stores: 30, retailers: 6, beacons: 80, screens: 6, stops: 4, couriers: 3}\n"
    "population: {shoppers: 400}\n"
    "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 90 %}\n"
    "consent: {initial: [0.7, 0.6, 0.4]}\n"
    "messages: {open: [0.9, 0.9, 0.9, 0.9]}\n"
    "calendar: {sales: yes, holidays: yes}\n"
    "life: {active: yes}\n"
    "triggers: {active: yes, tap: 30 %, microphone: 60 %, viewers: 50 %, scan: 10 %}\n"
    "mode_shopper: {active: yes, agents: 30 %}\n"
    "policies:\n  - silent\n  - broadcast\n  - responsive\n"
    "  - policy: curious\n    asks: {benefit: 0.5}\n    rules:\n"
    "      - {when: beacon, channel: beacon, about: wish, discount: 20 %, if: {wish_match: \">= 0.1\"}}\n"
    "      - {when: beacon, channel: beacon, about: affinity, if: {affinity: \">= 0.05\"}}\n"
    "      - {when: screen, channel: screen, about: wish, if: {wish_age: \">= 0 d\"}}\n"
    "      - {when: entrance, channel: push, about: store, if: {messages_today: \">= 0\"}}\n"
    "  - policy: touch\n    rules:\n"
    "      - {when: nfc, channel: tap, about: store, discount: 20 %}\n"
    "      - {when: qr, channel: code, about: store, discount: 20 %}\n"
    "  - policy: heeds\n    rules:\n"
    "      - {when: geofence, channel: geofence, about: store, discount: 15 %, if: {permitted: \"= 1\"}}\n"
    "      - {when: ultrasound, channel: sound, about: store, discount: 15 %, if: {permitted: \"= 1\"}}\n"
    "      - {when: beacon, channel: beacon, about: store, discount: 15 %, if: {permitted: \"= 1\"}}\n";

static struct ch_outcome run_with(const char *set, const char *policy)
{
    struct town town = town_open(mode_yaml, &set, set ? 1 : 0);
    struct ch_outcome run =
        town_run(&town, (struct ch_run_options){.policy = town_policy(&town, policy), .scheduler = &ch_oracle});
    town_close(&town);
    return run;
}

static int64_t count(const struct ch_outcome *run, const char *name) { return cells_of(run, name)[0]; }

/* M13: the switch off, and no figure holds anything personal: nothing read, stored, asked or sent on the strength of consent,
 * though most people have granted much. Only what was granted is still told apart. */
START_TEST(off_means_nothing_personal)
{
    static const char *const none[] = {"reads",
                                       "reads_per_person_day",
                                       "data_points_per_person_day",
                                       "asks",
                                       "messages_sent",
                                       "messages_delivered",
                                       "agent_matches",
                                       "agent_fees",
                                       "mode_on_share",
                                       "mode_switched_on",
                                       "reads_without_consent"};
    static const char *const off = "mode_shopper.on=[0, 0, 0]", *const on = "mode_shopper.on=[1, 1, 1]";
    struct ch_outcome run = run_with(off, "curious");
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        ck_assert_msg(count(&run, none[i]) == 0, "%s is %lld", none[i], (long long)count(&run, none[i]));
    ck_assert_int_gt(count(&run, "consent_share_2"), 0);
    ch_outcome_fini(&run);
    run = run_with(on, "curious"); /* the control: the names do count something */
    for (unsigned i = 0; i < 10; i++)
        ck_assert_msg(count(&run, none[i]) > 0, "%s is 0", none[i]);
    ck_assert_int_eq(count(&run, "reads_without_consent"), 0);
    ck_assert(town_kpi(&run, "money_imbalance") == 0);
    ck_assert_int_eq(count(&run, "agent_profit"), count(&run, "agent_fees"));
    ck_assert_int_eq(count(&run, "platform_profit"), count(&run, "pool_fees"));
    ch_outcome_fini(&run);
}
END_TEST

/* K14: a policy that heeds people's rules breaks none; one that does not is told so, and its messages are unwanted. */
START_TEST(who_heeds_rules)
{
    static const char *const no_agents = "mode_shopper.agents=0";
    struct ch_outcome heeds = run_with(no_agents, "heeds"), responsive = run_with(no_agents, "responsive"),
                      spam = run_with(no_agents, "broadcast");
    ck_assert_int_gt(count(&heeds, "messages_sent") + count(&responsive, "messages_sent"), 0);
    ck_assert_int_eq(count(&heeds, "rule_breach_rate"), 0);
    ck_assert_int_eq(count(&responsive, "rule_breach_rate"), 0);
    ck_assert_int_gt(count(&spam, "rule_breach_rate"), count(&spam, "messages_sent") / 4);
    ck_assert(town_kpi(&spam, "compliance_rate") < 0.75);
    ch_outcome_fini(&heeds);
    ch_outcome_fini(&responsive);
    ch_outcome_fini(&spam);
}
END_TEST

/* M10: the answer to a touch is always wanted. */
START_TEST(touch_is_wanted)
{
    struct ch_outcome run = run_with(NULL, "touch");
    ck_assert_int_gt(count(&run, "nfc_taps"), 10);
    ck_assert_int_gt(count(&run, "messages_delivered"), 10);
    ck_assert_int_eq(count(&run, "unwanted_per_person_week"), 0);
    ch_outcome_fini(&run);
    run = run_with(NULL, "heeds");
    ck_assert_int_gt(count(&run, "fence_enters"), 0);
    ck_assert_int_gt(count(&run, "sound_detection_rate"), 0);
    ch_outcome_fini(&run);
}
END_TEST

/* With all of it on: the same bits for any number of threads and schedulers; another seed differs. */
START_TEST(same_bits)
{
    static const struct ch_run_options variant[] = {
        {.workers = 1}, {.workers = 2, .tile_places = 10}, {.workers = 4, .tile_places = 4, .perturb = 3}};
    struct town town = town_open(mode_yaml, NULL, 0);
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct ch_outcome oracle = town_run(&town, (struct ch_run_options){.policy = p, .scheduler = &ch_oracle});
        for (unsigned v = 0; v < sizeof variant / sizeof variant[0]; v++) {
            struct ch_run_options options = variant[v];
            options.policy = p;
            struct ch_outcome run = town_run(&town, options);
            ck_assert_msg(town_same(&oracle, &run), "policy %u, variant %u", p, v);
            ch_outcome_fini(&run);
        }
        ch_outcome_fini(&oracle);
    }
    town_close(&town);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, off_means_nothing_personal);
    tcase_add_test(all, who_heeds_rules);
    tcase_add_test(all, touch_is_wanted);
    tcase_add_test(all, same_bits);
}

int main(void) { return run_tests_without_fork("mode", add_tests); }
