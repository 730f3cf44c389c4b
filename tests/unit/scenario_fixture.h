/* SPDX-License-Identifier: MIT
 * Loading scenarios in tests: from text, from files in a folder of the test's own, and the text of refusals. Tests run from
 * the top of the tree, since shipped policies are read. Include after defining _XOPEN_SOURCE 700. */
#ifndef SCENARIO_FIXTURE_H
#define SCENARIO_FIXTURE_H

#include <chaland/settings.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scenario/diag.h"
#include "scenario/scenario.h"

static const struct ch_scenario_options shipped = {.share = "."};
static struct ch_diag *diag;
static char folder[64];

__attribute__((unused)) static void set_up(void)
{
    diag = ch_diag_create();
    strcpy(folder, "/tmp/chaland-XXXXXX");
    ck_assert(diag && mkdtemp(folder));
}

__attribute__((unused)) static void tear_down(void)
{
    char command[128];
    ch_diag_destroy(diag);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

__attribute__((unused)) static struct ch_scenario *parse_with(const char *text, const struct ch_scenario_options *options)
{
    struct ch_scenario *scenario;
    enum ch_code code = ch_scenario_parse(text, "test.yaml", options, diag, &scenario);
    if (code != CH_OK)
        ch_diag_print(diag, stderr);
    ck_assert_int_eq(code, CH_OK);
    return scenario;
}

__attribute__((unused)) static struct ch_scenario *parse(const char *text) { return parse_with(text, &shipped); }

/* Parses a text that must be refused and returns what is printed (static buffer). */
__attribute__((unused)) static const char *refuse_with(const char *text, const struct ch_scenario_options *options)
{
    static char printed[1 << 16];
    struct ch_diag *own = ch_diag_create();
    struct ch_scenario *scenario;
    enum ch_code code = ch_scenario_parse(text, "test.yaml", options, own, &scenario);
    ck_assert_msg(code == CH_INVALID, "code %d for %.200s", code, text);
    ck_assert_ptr_null(scenario);
    FILE *out = fmemopen(printed, sizeof printed, "w");
    ch_diag_print(own, out);
    fclose(out);
    ch_diag_destroy(own);
    return printed;
}

__attribute__((unused)) static void refused(const char *text, const char *told)
{
    const char *printed = refuse_with(text, &shipped);
    ck_assert_msg(strstr(printed, told), "wanted '%s', got:\n%s", told, printed);
}

__attribute__((unused)) static const char *write_file(const char *name, const char *text, size_t n)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert(file && fwrite(text, 1, n, file) == n && fclose(file) == 0);
    return path;
}

__attribute__((unused)) static struct ch_scenario *load(const char *path)
{
    struct ch_scenario *scenario;
    enum ch_code code = ch_scenario_load(path, &shipped, diag, &scenario);
    if (code != CH_OK)
        ch_diag_print(diag, stderr);
    ck_assert_int_eq(code, CH_OK);
    return scenario;
}

/* Two scenarios that use much of the format. */
__attribute__((unused)) static const char sample[] =
    "chaland: 1\nname: \"a b\"\nseed: 3\ncity: {stores: [{id: a, x: 1}, {id: \"\xC3\xA9\", x: ~}], block: 90 m}\n"
    "policies: [silent, {policy: p, asks: {benefit: 0.2}, rules: [{when: beacon, if: {hour: [\">= 9\", \"< 19\"]}}]}]\n"
    "sweep: {city.block: {from: 40 m, to: 60 m, step: 10 m}, population.sample: [1, 0.5]}\n";

__attribute__((unused)) static const char own_policy[] =
    "chaland: 1\n"
    "policies:\n"
    "  - silent\n"
    "  - policy: mine\n"
    "    doc: A test.\n"
    "    asks: {benefit: 40 %}\n"
    "    caps: {visit: 1, day: 3}\n"
    "    intrusion_cost: 0.25 EUR\n"
    "    rules:\n"
    "      - name: first\n"
    "        when: schedule\n"
    "        per_week: 2.5\n"
    "        discount: 12.5 %\n"
    "        valid: 90 min\n"
    "        if: {hour: [\">= 9\", \"< 19.5 h\"], walk_time: \"<= 480 s\", temperature: \"> -5 C\"}\n"
    "      - {when: entrance, channel: geofence, about: affinity, if: {wish_match: \"= 30 %\"}}\n"
    "      - {when: screen, about: weather, if: {messages_today: \"< 2\"}}\n";

#define LOOP(test, list) tcase_add_loop_test(all, test, 0, (int)(sizeof list / sizeof list[0]))

#endif
