/* SPDX-License-Identifier: MIT
 * Designs are even, the same again, and grow at their end; keys of runs know nothing of where a run stands. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "scenario_fixture.h"
#include "sweep/key.h"
#include "table/table.h"
#include <math.h>

#define RANGES                                                                                                                   \
    "ranges: {consent.transparency: {from: 0, to: 1}, devices.app: {from: 1 %%, to: 64 %%, scale: log}, city.stores: {from: 1, " \
    "to: 16}}"

static struct ch_scenario *design(const char *kind, unsigned points)
{
    char text[512];
    snprintf(text, sizeof text, "chaland: 1\ndesign: {kind: %s, points: %u, " RANGES "}\n", kind, points);
    return parse(text);
}

/* Each of n strata of [0, 1) holds one point. */
static void check_strata(const double *u, unsigned n)
{
    unsigned seen = 0;
    for (unsigned i = 0; i < n; i++)
        seen |= 1u << (unsigned)(u[i] * n);
    ck_assert_uint_eq(seen, (1u << n) - 1);
}

START_TEST(sobol_and_lhs_are_even)
{
    static const char *const kinds[] = {"sobol", "lhs"};
    struct ch_scenario *s = design(kinds[_i], 16);
    double log_app[16];
    ck_assert(s->n_points == 16 && s->n_axes == 3 && s->axis[0].n == 16);
    check_strata(s->axis[0].number, 16);
    for (unsigned i = 0; i < 16; i++)
        log_app[i] = log2(s->axis[1].number[i] / 0.01) / 6;
    check_strata(log_app, 16);
    for (unsigned i = 0; i < 16; i++) { /* every whole number once */
        unsigned n = 0;
        for (unsigned j = 0; j < 16; j++)
            n += s->axis[2].number[j] == i + 1;
        ck_assert_uint_eq(n, 1);
    }
    ch_scenario_destroy(s);
}
END_TEST

START_TEST(more_points_keep_those_before)
{
    static const char *const kinds[] = {"sobol", "random"};
    struct ch_scenario *few = design(kinds[_i], 5), *many = design(kinds[_i], 50);
    for (unsigned a = 0; a < 3; a++)
        for (unsigned i = 0; i < 5; i++)
            ck_assert_str_eq(few->axis[a].text[i], many->axis[a].text[i]);
    ck_assert_str_ne(many->axis[0].text[5], many->axis[0].text[6]);
    ch_scenario_destroy(few);
    ch_scenario_destroy(many);
}
END_TEST

START_TEST(resolved_text_gives_the_same_points)
{
    static const char *const kinds[] = {"sobol", "random", "lhs"};
    struct ch_scenario *s = design(kinds[_i], 7), *again = parse(s->resolved), *at;
    ck_assert_str_eq(s->sha256, again->sha256);
    for (unsigned a = 0; a < 3; a++)
        for (unsigned i = 0; i < 7; i++)
            ck_assert_str_eq(s->axis[a].text[i], again->axis[a].text[i]);
    ck_assert_int_eq(ch_scenario_at(again, 6, diag, &at), CH_OK);
    const struct ch_axis *axis = &s->axis[0];
    ck_assert(ch_param_number(&ch_section(axis->section)->param[axis->param], at->block[axis->section]) == axis->number[6]);
    ck_assert(!at->design && at->n_axes == 0);
    ch_scenario_destroy(at);
    ch_scenario_destroy(s);
    ch_scenario_destroy(again);
}
END_TEST

START_TEST(a_list_is_taken_as_it_is)
{
    struct ch_scenario *s = parse(
                           "chaland: 1\ndesign:\n  kind: list\n  list:\n    - {consent.transparency: 0.2, city.block: 50 m}\n"
                           "    - {city.block: 0.06 km, consent.transparency: 0.2}\n"),
                       *again = parse(s->resolved);
    ck_assert(s->n_points == 2 && s->n_axes == 2);
    ck_assert(s->axis[0].number[1] == 0.2 && s->axis[1].number[1] == 60);
    ck_assert_str_eq(s->sha256, again->sha256);
    ch_scenario_destroy(s);
    ch_scenario_destroy(again);
}
END_TEST

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static struct ch_run_key key_of(const char *text, unsigned point, unsigned policy, unsigned replication)
{
    struct ch_scenario *s = parse(text), *at;
    struct ch_run_key of_point, of_policy;
    ck_assert_int_eq(ch_scenario_at(s, point, diag, &at), CH_OK);
    ck_assert(ch_key_of_point(at, ch_scenario_seed(s, point), &of_point) && ch_key_of_policy(s, policy, &of_policy));
    ch_scenario_destroy(at);
    ch_scenario_destroy(s);
    return ch_key_of_run(&of_point, &of_policy, replication);
}

#define BASE        "chaland: 1\npolicies: [silent, responsive]\n"
#define SAME(a, b)  ck_assert_str_eq((a).text, (b).text)
#define OTHER(a, b) ck_assert_str_ne((a).text, (b).text)

START_TEST(keys_stay_when_a_sweep_grows)
{
    struct ch_run_key key = key_of(BASE "sweep: {devices.app: [10 %, 20 %]}\n", 1, 1, 3);
    SAME(key, key_of(BASE "sweep: {devices.app: [5 %, 10 %, 20 %]}\nreplications: 99\n", 2, 1, 3));
    SAME(key, key_of(BASE "devices: {app: 0.2}\n", 0, 1, 3));
    SAME(key,
         key_of("chaland: 1\nname: x\nquestion: y\npolicies: [silent, broadcast, responsive]\ndevices: {app: 20 %}\n", 0, 2, 3));
    SAME(key, key_of(BASE "design: {kind: list, list: [{devices.app: 0.2}]}\n", 0, 1, 3));
    SAME(key, key_of(BASE "devices: {app: 0.2}\nbaseline: responsive\nprimary_kpis: [net_sales]\nconfidence: 0.9\n", 0, 1, 3));
}
END_TEST

START_TEST(keys_know_what_matters)
{
    struct ch_run_key key = key_of(BASE, 0, 1, 3);
    OTHER(key, key_of(BASE, 0, 0, 3));
    OTHER(key, key_of(BASE, 0, 1, 4));
    OTHER(key, key_of(BASE "seed: 2\n", 0, 1, 3));
    OTHER(key, key_of(BASE "duration: 8 d\n", 0, 1, 3));
    OTHER(key, key_of(BASE "start: 2013-01-10\n", 0, 1, 3));
    OTHER(key, key_of(BASE "devices: {app: 0.11}\n", 0, 1, 3));
    OTHER(key, key_of(BASE "outputs: {maps: off}\n", 0, 1, 3)); /* its record holds less */
    OTHER(key_of(BASE "independent: true\nsweep: {devices.app: [10 %, 20 %]}\n", 1, 1, 3),
          key_of(BASE "sweep: {devices.app: [10 %, 20 %]}\n", 1, 1, 3));
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_loop_test(all, sobol_and_lhs_are_even, 0, 2);
    tcase_add_loop_test(all, more_points_keep_those_before, 0, 2);
    tcase_add_loop_test(all, resolved_text_gives_the_same_points, 0, 3);
    tcase_add_test(all, a_list_is_taken_as_it_is);
    tcase_add_test(all, keys_stay_when_a_sweep_grows);
    tcase_add_test(all, keys_know_what_matters);
}

int main(void) { return run_tests("designs", add_tests); }
