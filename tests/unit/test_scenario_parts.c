/* SPDX-License-Identifier: MIT
 * Scenarios: policies, sweeps and their points, --set. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "scenario_fixture.h"
#include "table/vocabulary.h"

/* ---- policies ---------------------------------------------------------------------------------------------------- */

START_TEST(a_policy_is_compiled)
{
    struct ch_scenario *s = parse(own_policy);
    const struct ch_policy *p = s->policy[1];
    ck_assert_str_eq(p->name, "mine");
    ck_assert(p->asks && p->benefit == 0.4 && p->per_visit == 1 && p->per_day == 3 && p->per_retailer_day == 0 &&
              p->intrusion_cost == 0.25);
    ck_assert_uint_eq(p->n_rules, 3);
    const struct ch_rule *r = p->rule;
    ck_assert_str_eq(r[0].name, "first");
    ck_assert(r[0].trigger == CH_TRIGGER_schedule && r[0].per_week == 2.5 && r[0].channel == CH_CHANNEL_push &&
              r[0].subject == CH_SUBJECT_store);
    ck_assert(r[0].discount_bp == 1250 && r[0].valid == 90 * CH_MINUTE && r[0].level == 0 && r[0].n_conditions == 4);
    ck_assert(r[0].condition[1].fact == CH_FACT_hour && r[0].condition[1].compare == CH_BELOW && r[0].condition[1].value == 19.5);
    ck_assert(r[0].condition[2].fact == CH_FACT_walk_time && r[0].condition[2].value == 8);
    ck_assert(r[0].condition[3].compare == CH_ABOVE && r[0].condition[3].value == -5);
    ck_assert_str_eq(r[1].name, "rule 2");
    ck_assert(r[1].level == 3 && r[1].condition[0].compare == CH_EQUAL && r[1].condition[0].value == 0.3);
    ck_assert(r[2].level == 1);
    ck_assert_uint_eq(s->baseline, 0);
    ch_scenario_destroy(s);
}
END_TEST

/* Whoever misses a fact is told the nearest, and all there are. */
START_TEST(facts_are_listed)
{
    const char *text =
        refuse_with("chaland: 1\npolicies:\n  - {policy: x, rules: [{when: beacon, if: {in_stok: \">= 1\"}}]}\n", &shipped);
    ck_assert_ptr_nonnull(strstr(text, "did you mean"));
    for (unsigned i = 0; i < CH_N_FACTS; i++) {
        char word[80];
        const char *name = ch_fact_row((enum ch_fact)i)->name, *at = text;
        unsigned n = 0;
        snprintf(word, sizeof word, " %s", name);
        for (; (at = strstr(at, word)) != NULL; at += strlen(word))
            n += strchr(",;\n", at[strlen(word)]) != NULL;
        ck_assert_msg(n == 1, "%s is listed %u times", name, n);
    }
}
END_TEST

START_TEST(shipped_policies_load)
{
    struct ch_scenario *s = parse("chaland: 1\npolicies: [broadcast, context, responsive, silent]\n");
    ck_assert_uint_eq(s->n_policies, 4);
    ck_assert_uint_eq(s->baseline, 3);
    for (unsigned i = 0; i < s->policy[1]->n_rules; i++)
        ck_assert_int_le(s->policy[1]->rule[i].level, 1); /* context: nothing personal */
    int level = 0;
    for (unsigned i = 0; i < s->policy[2]->n_rules; i++)
        level = s->policy[2]->rule[i].level > level ? s->policy[2]->rule[i].level : level;
    ck_assert_int_ge(level, 2);
    ck_assert(s->policy[2]->asks && s->policy[3]->n_rules == 0 && strstr(s->input_sha256, "responsive.yaml"));
    ch_scenario_destroy(s);
}
END_TEST

START_TEST(policies_extend_each_other)
{
    struct ch_scenario *s = parse("chaland: 1\npolicies: [responsive, {policy: few, extends: responsive, caps: {day: 1}, asks: "
                                  "false}, {policy: silent2, extends: silent}]\n");
    const struct ch_policy *base = s->policy[0], *few = s->policy[1];
    ck_assert_str_eq(few->name, "few");
    ck_assert(few->per_day == 1 && few->per_visit == base->per_visit && !few->asks && few->n_rules == base->n_rules);
    ck_assert_uint_eq(s->policy[2]->n_rules, 0);
    ck_assert_uint_eq(s->baseline, 0); /* there is no `silent`: the first */
    ch_scenario_destroy(s);
}
END_TEST

/* What is built in and what is shipped are one policy. */
START_TEST(silent_is_built_in)
{
    struct ch_scenario *with = parse("chaland: 1\n"), *without = parse_with("chaland: 1\n", NULL);
    ck_assert_str_eq(with->resolved, without->resolved);
    ck_assert_str_eq(with->sha256, without->sha256);
    ch_scenario_destroy(with);
    ch_scenario_destroy(without);
}
END_TEST

START_TEST(asked_policies_and_the_baseline)
{
    static const char *const names[] = {"context", "broadcast"};
    struct ch_scenario_options options = {.share = ".", .n_policies = 2, .policy = names};
    struct ch_scenario *s = parse_with("chaland: 1\npolicies: [responsive, silent, context]\n", &options);
    ck_assert_uint_eq(s->n_policies, 3);
    ck_assert_str_eq(s->policy[0]->name, "silent");
    ck_assert_str_eq(s->policy[1]->name, "context");
    ck_assert_str_eq(s->policy[2]->name, "broadcast");
    ck_assert_uint_eq(s->baseline, 0);
    ch_scenario_destroy(s);
    static const char *const wrong[] = {"contxt"};
    options = (struct ch_scenario_options){.share = ".", .n_policies = 1, .policy = wrong};
    ck_assert(strstr(refuse_with("chaland: 1\n", &options), "--policy: error[E020]"));
}
END_TEST

/* ---- sweeps and --set -------------------------------------------------------------------------------------------- */

START_TEST(points_of_a_sweep)
{
    struct ch_scenario *s = parse("chaland: 1\nsweep:\n  population.sample: [0.25, 50 %]\n  city.block: {from: 40 m, to: 0.06 "
                                  "km, step: 1000 cm}\n  city.stores: [5]\n"),
                       *at;
    ck_assert_uint_eq(s->n_axes, 3);
    ck_assert_uint_eq(s->n_points, 6);
    ck_assert_str_eq(s->axis[0].text[1], "50 %");
    ck_assert(s->axis[0].number[1] == 0.5 && s->axis[1].n == 3 && s->axis[1].number[2] == 60);
    ck_assert_str_eq(s->axis[1].text[1], "50 m");
    for (unsigned i = 0; i < 6; i++) {
        ck_assert_int_eq(ch_scenario_at(s, i, diag, &at), CH_OK);
        ck_assert(CH_BLOCK(at, population)->sample == (i < 3 ? 0.25 : 0.5));
        ck_assert(CH_BLOCK(at, city)->block == 40 + 10 * (i % 3) && CH_BLOCK(at, city)->stores == 5);
        ck_assert(at->n_points == 1 && at->n_axes == 0 && strcmp(at->sha256, s->sha256) != 0 && !strstr(at->resolved, "sweep"));
        ch_scenario_destroy(at);
    }
    ck_assert_int_eq(ch_scenario_at(s, 0, diag, &at), CH_OK);
    ch_scenario_destroy(s); /* the point keeps what it needs */
    ck_assert_str_eq(at->policy[0]->name, "silent");
    ch_scenario_destroy(at);
}
END_TEST

START_TEST(a_copy_without_sweep)
{
    struct ch_scenario *s = parse("chaland: 1\nseed: 9\n"), *at;
    ck_assert_int_eq(ch_scenario_at(s, 0, diag, &at), CH_OK);
    ck_assert_str_eq(s->resolved, at->resolved);
    ck_assert_str_eq(s->sha256, at->sha256);
    ch_scenario_destroy(s);
    ch_scenario_destroy(at);
}
END_TEST

/* A combination that contradicts itself is told at its point. */
START_TEST(points_are_checked)
{
    struct ch_scenario *s = parse("chaland: 1\nsweep: {city.opens: [9 h, 21 h]}\n"), *at;
    ck_assert_int_eq(ch_scenario_at(s, 1, diag, &at), CH_INVALID);
    ck_assert_ptr_null(at);
    ck_assert_uint_eq(ch_diag_count(diag), 1);
    ch_scenario_destroy(s);
}
END_TEST

START_TEST(sets_override)
{
    static const char *const sets[] = {"seed=5",
                                       "seed=6",
                                       "population.sample=10 %",
                                       "population.privacy=[0.2, 0.3, 0.5]",
                                       "city.stores=[{id: a}]",
                                       "sweep.city.block=[50 m, 60 m]",
                                       "policies=[silent, context]",
                                       "devices.app=0.2"};
    struct ch_scenario_options options = {.share = ".", .n_sets = 8, .set = sets};
    struct ch_scenario *s = parse_with("chaland: 1\nseed: 4\nsweep: {devices.app: [0.1, 0.3]}\n", &options);
    ck_assert_int_eq(CH_BLOCK(s, run)->seed, 6);
    ck_assert(CH_BLOCK(s, population)->sample == 0.1 && CH_BLOCK(s, population)->privacy.v[2] == 0.5);
    ck_assert(s->items[CH_TABLE_stores].n_rows == 1 && CH_BLOCK(s, city)->stores == 1);
    ck_assert_uint_eq(s->n_policies, 2);
    ck_assert_uint_eq(s->n_axes, 1); /* devices.app is set, so it is swept no more */
    ck_assert_str_eq(s->axis[0].key, "city.block");
    ck_assert(CH_BLOCK(s, devices)->app == 0.2);
    ch_scenario_destroy(s);
}
END_TEST

START_TEST(marks_point_into_sets)
{
    static const char *const sets[] = {"seed=5", "population.sampl=1", "city.block= 5 kg"};
    struct ch_scenario_options options = {.share = ".", .n_sets = 3, .set = sets};
    const char *printed = refuse_with("chaland: 1\n", &options);
    ck_assert_msg(strstr(printed, "--set:2:12: error[E014]") &&
                      strstr(printed, "  2 | population.sampl=1\n    |            ^^^^^\n"),
                  "%s", printed);
    ck_assert_msg(strstr(printed, "--set:3:13: error[E012]"), "%s", printed);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, a_policy_is_compiled);
    tcase_add_test(all, facts_are_listed);
    tcase_add_test(all, shipped_policies_load);
    tcase_add_test(all, policies_extend_each_other);
    tcase_add_test(all, silent_is_built_in);
    tcase_add_test(all, asked_policies_and_the_baseline);
    tcase_add_test(all, points_of_a_sweep);
    tcase_add_test(all, a_copy_without_sweep);
    tcase_add_test(all, points_are_checked);
    tcase_add_test(all, sets_override);
    tcase_add_test(all, marks_point_into_sets);
}

int main(void) { return run_tests("scenario parts", add_tests); }
