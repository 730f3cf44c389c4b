/* SPDX-License-Identifier: MIT
 * Scenarios: from text to values, policies, sweeps and own data; marks; the round trip through the resolved text; hostile
 * texts. Exact wording of messages is tested by tests/bad. Run from the top of the tree (shipped policies are read). */
#define _XOPEN_SOURCE 700
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <chaland/settings.h>

#include "base/text.h"
#include "scenario/diag.h"
#include "scenario/scenario.h"
#include "scenario/utf8.h"

static const struct ch_scenario_options shipped = {.share = "."};
static struct ch_diag *diag;
static char folder[64];

static void set_up(void)
{
    diag = ch_diag_create();
    strcpy(folder, "/tmp/chaland-XXXXXX");
    ck_assert(diag && mkdtemp(folder));
}

static void tear_down(void)
{
    char command[128];
    ch_diag_destroy(diag);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static struct ch_scenario *parse_with(const char *text, const struct ch_scenario_options *options)
{
    struct ch_scenario *scenario;
    enum ch_code code = ch_scenario_parse(text, "test.yaml", options, diag, &scenario);
    if (code != CH_OK)
        ch_diag_print(diag, stderr);
    ck_assert_int_eq(code, CH_OK);
    return scenario;
}

static struct ch_scenario *parse(const char *text) { return parse_with(text, &shipped); }

/* Parses a text that must be refused and returns what is printed (static buffer). */
static const char *refuse_with(const char *text, const struct ch_scenario_options *options)
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

static void refused(const char *text, const char *told)
{
    const char *printed = refuse_with(text, &shipped);
    ck_assert_msg(strstr(printed, told), "wanted '%s', got:\n%s", told, printed);
}

static const char *write_file(const char *name, const char *text, size_t n)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert(file && fwrite(text, 1, n, file) == n && fclose(file) == 0);
    return path;
}

static struct ch_scenario *load(const char *path)
{
    struct ch_scenario *scenario;
    enum ch_code code = ch_scenario_load(path, &shipped, diag, &scenario);
    if (code != CH_OK)
        ch_diag_print(diag, stderr);
    ck_assert_int_eq(code, CH_OK);
    return scenario;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

START_TEST(nothing_but_the_version)
{
    struct ch_scenario *s = parse("chaland: 1\n");
    ck_assert_str_eq(s->name, "test");
    ck_assert_str_eq(s->start, "2013-01-09");
    ck_assert_int_eq(s->start_unix_day, 15714);
    ck_assert_int_eq(CH_BLOCK(s, run)->duration, 7 * CH_DAY);
    ck_assert(CH_BLOCK(s, city)->block == 100);
    ck_assert_uint_eq(s->n_policies, 1);
    ck_assert_str_eq(s->policy[0]->name, "silent");
    ck_assert_uint_eq(s->n_points, 1);
    ck_assert_uint_eq(s->n_primary, 2);
    ck_assert(s->maps && !s->maps_full && s->stores && s->couriers);
    ck_assert_uint_eq(strlen(s->sha256), 64);
    for (unsigned i = 0; i < CH_N_TABLES; i++)
        ck_assert(!s->items[i].given);
    ch_scenario_destroy(s);
}
END_TEST

START_TEST(values_of_all_forms)
{
    struct ch_scenario *s =
        parse("chaland: 1\nname: try-1\nquestion: \"What: why?\"\nseed: 4294967295\nstart: 2012-02-29\nduration: 2 week\n"
              "warmup: 48 h\nindependent: yes\npublish: 1 min\n"
              "city: {block: 0.05 km, stores: 3, opens: 600 min, sunday: 25 %}\n"
              "population:\n  sample: 0.5\n  privacy: [20 %, 0.5, 3000 bp]\ndevices:\nretail: {basket_cv: 0}\n"
              "outputs: {maps: full, stores: no, couriers: off}\n");
    ck_assert_str_eq(s->name, "try-1");
    ck_assert_str_eq(s->question, "What: why?");
    ck_assert_int_eq(s->start_unix_day, 15399);
    ck_assert_int_eq(CH_BLOCK(s, run)->seed, 4294967295);
    ck_assert_int_eq(CH_BLOCK(s, run)->duration, 14 * CH_DAY);
    ck_assert_int_eq(CH_BLOCK(s, run)->warmup, 2 * CH_DAY);
    ck_assert(CH_BLOCK(s, run)->independent);
    ck_assert(CH_BLOCK(s, city)->block == 50 && CH_BLOCK(s, city)->stores == 3 && CH_BLOCK(s, city)->sunday == 0.25);
    ck_assert_int_eq(CH_BLOCK(s, city)->opens, 10 * CH_HOUR);
    ck_assert(CH_BLOCK(s, population)->privacy.v[2] == 0.3);
    ck_assert(s->maps_full && s->maps && !s->stores && !s->couriers);
    ch_scenario_destroy(s);
}
END_TEST

START_TEST(forms_of_text)
{
    static const char *const texts[] = {
        "\357\273\277chaland: 1\r\nseed: 7\r\n",
        "chaland: 1\nseed:\t7\t# tab\n",
        "{chaland: 1, seed: 7}",
        "# c\n---\nchaland: 1\nseed: \"7\"\n...\n",
        "chaland: &one 1\nseed: 7\nreplications: *one\n",
        "chaland: 1\rseed: 7\r",
        "\"seed\": '7'\nchaland: 1",
    };
    struct ch_scenario *s = parse(texts[_i]);
    ck_assert_int_eq(CH_BLOCK(s, run)->seed, 7);
    ch_scenario_destroy(s);
}
END_TEST

static const struct {
    const char *text, *told;
} refusals[] = {
    {"", "E003"},
    {"# nothing\n", "E003"},
    {"- 1\n", "E009"},
    {"just words\n", "E009"},
    {"seed: 1\n", "E010"},
    {"chaland: 2\n", "E016"},
    {"chaland: 1\nseed: 1\nseed: 2\n", "test.yaml:3:1: error[E008]: key 'seed' is given twice"},
    {"chaland: 1\ncity: {block: 100 m, block: 100 m}\n", "E008"},
    {"chaland: 1\n<<: {seed: 1}\n", "E007"},
    {"chaland: 1\n? [a]\n: 1\n", "E009"},
    {"chaland: 1\ncity: &a {retail: *a}\n", "test.yaml:2:19: error[E006]"},
    {"chaland: 1\ncity: *a\n", "E006"},
    {"chaland: 1\nseed: !!int 1\n", "E004"},
    {"chaland: 1\n---\nchaland: 1\n", "second document"},
    {"chaland: 1\nname: a/b\n", "E017"},
    {"chaland: 1\nname: \"a\\0b\"\n", "E002"},
    {"chaland: 1\ncity: 5\n", "section 'city' is a single value"},
    {"chaland: 1\ncity: [a]\n", "section 'city' is a list"},
    {"chaland: 1\nseed: [1, 2]\n", "list them under sweep:"},
    {"chaland: 1\nseed:\n", "seed has no value"},
    {"chaland: 1\nseed: ~\n", "seed has no value"},
    {"chaland: 1\ncity:\n  opens: 20 h\n", "city.closes is not after city.opens"},
    {"chaland: 1\nwarmup: 12 h\n", "whole number of days"},
    {"chaland: 1\npublish: 15 s\n", "multiple of 10 s"},
    {"chaland: 1\nduration: 2900 d\nwarmup: 365 d\n", "3257 days"},
    {"chaland: 1\npopulation: {privacy: [0.5, 0.5, 0.5]}\n", "sum to 1.5"},
    {"chaland: 1\nstart: 2013-2-9\n", "E015"},
    {"chaland: 1\nstart: 2013-02-29\n", "E015"},
    {"chaland: 1\nbaseline: responsive\n", "E020"},
    {"chaland: 1\npolicies: []\n", "E010"},
    {"chaland: 1\npolicies: [silent, silent]\n", "E008"},
    {"chaland: 1\npolicies: [{doc: x}]\n", "this policy has no name"},
    {"chaland: 1\nextends: nowhere\n", "E018"},
    {"chaland: 1\nextends: test.yaml\n", "extends itself"},
    {"chaland: 1\nsweep: {seed: []}\n", "E024"},
    {"chaland: 1\nsweep: {seed: [1, 1]}\n", "listed twice"},
    {"chaland: 1\nsweep: {seed: 3}\n", "E024"},
    {"chaland: 1\nsweep: {duration: [1 d, 2 d]}\n", "E024"},
    {"chaland: 1\nsweep: {city.block: {from: 50 m, to: 40 m, step: 5 m}}\n", "E024"},
    {"chaland: 1\nsweep: {city.block: {from: 50 m, to: 90 m}}\n", "E024"},
    {"chaland: 1\nsweep: {city.block: {from: 50 m, to: 90 m, step: 0}}\n", "E024"},
    {"chaland: 1\nsweep: {city.stores: {from: 1, to: 2, step: 0.5}}\n", "not a whole number"},
    {"chaland: 1\nsweep: {city.stores: [1]}\ncity: {stores: [{id: a}]}\n", "own data"},
    {"chaland: 1\ncity: {homes: 5}\n", "city.homes is a single value"},
    {"chaland: 1\ncity: {stores: [a]}\n", "an item of city.stores is a single value"},
    {"chaland: 1\ncity: {stores: {path: a}}\n", "E026"},
    {"chaland: 1\ncity: {stores: {file: nowhere.csv}}\n", "E001"},
    {"chaland: 1\ncity: {retailers: []}\n", "city.retailers has 0 items"},
};

START_TEST(refusals_tell_why) { refused(refusals[_i].text, refusals[_i].told); }
END_TEST

START_TEST(all_errors_are_collected)
{
    const char *printed =
        refuse_with("chaland: 1\nsed: 1\ncity: {blok: 1 m, block: 1}\npolicies: [silnt]\nbaseline: x\n", &shipped);
    ck_assert(strstr(printed, "'sed'") && strstr(printed, "'blok'") && strstr(printed, "'silnt'") && strstr(printed, "4 errors"));
}
END_TEST

/* ---- hostile texts ----------------------------------------------------------------------------------------------- */

START_TEST(deep_nesting_stops_at_once)
{
    static const char *const open[] = {"[", "{a: ", "- ", "? "};
    struct ch_text text = {0};
    ch_text_add(&text, _i < 2 ? "x: " : "");
    for (int i = 0; i < 100000; i++)
        ch_text_add(&text, open[_i]);
    refused(text.s, "E005");
    ch_text_fini(&text);
}
END_TEST

START_TEST(alias_bomb_stops)
{
    struct ch_text text = {0};
    ch_text_add(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++)
        ch_text_addf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1,
                     i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    refused(text.s, "more than 200,000 nodes");
    ch_text_fini(&text);
}
END_TEST

START_TEST(many_keys_are_checked_fast)
{
    struct ch_text text = {0};
    for (int i = 0; i < 90000; i++)
        ch_text_addf(&text, "k%d: 1\n", i);
    refused(text.s, "unknown key 'k0'");
    ch_text_addf(&text, "k0: 2\n");
    refused(text.s, "'k0' is given twice");
    ch_text_fini(&text);
}
END_TEST

START_TEST(too_large_a_text)
{
    struct ch_text text = {0};
    ch_text_add(&text, "chaland: 1\n#");
    while (text.n <= 1 << 20)
        ch_text_add(&text, "0123456789");
    refused(text.s, "1 MiB");
    ch_text_fini(&text);
}
END_TEST

static const char sample[] =
    "chaland: 1\nname: \"a b\"\nseed: 3\ncity: {stores: [{id: a, x: 1}, {id: \"\xC3\xA9\", x: ~}], block: 90 m}\n"
    "policies: [silent, {policy: p, asks: {benefit: 0.2}, rules: [{when: beacon, if: {hour: [\">= 9\", \"< 19\"]}}]}]\n"
    "sweep: {city.block: {from: 40 m, to: 60 m, step: 10 m}, population.sample: [1, 0.5]}\n";

/* Whatever is cut off or overwritten, the answer is a scenario or errors, and nothing else happens (run under sanitizers). */
START_TEST(damaged_texts_are_safe)
{
    static const char damage[] = "[]{}:,-&*!|>'\"%@`#? \n\t\r\001\200\377a0.~";
    char text[sizeof sample];
    uint64_t x = 0x9e3779b97f4a7c15u; /* fixed */
    for (int i = 0; i < 3000; i++) {
        struct ch_diag *own = ch_diag_create();
        struct ch_scenario *scenario;
        memcpy(text, sample, sizeof sample);
        if (i < (int)sizeof sample) {
            text[i] = '\0';
        } else {
            for (int j = 0; j < 3; j++) {
                x = x * 6364136223846793005u + 1442695040888963407u;
                text[(x >> 33) % (sizeof sample - 1)] = damage[(x >> 20) % (sizeof damage - 1)];
            }
        }
        enum ch_code code = ch_scenario_parse(text, "test.yaml", &shipped, own, &scenario);
        ck_assert((code == CH_OK) == (scenario != NULL) && (code == CH_OK) == (ch_diag_count(own) == 0));
        ch_scenario_destroy(scenario);
        ch_diag_destroy(own);
    }
}
END_TEST

/* ---- policies ---------------------------------------------------------------------------------------------------- */

static const char own_policy[] =
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

/* ---- files ------------------------------------------------------------------------------------------------------- */

START_TEST(scenarios_extend_each_other)
{
    static const char base[] = "chaland: 1\nname: base\nseed: 3\ncity: {block: 80 m, rows: 7}\npolicies: [silent, context]\n";
    static const char mine[] = "extends: base.yaml\ncity: {rows: 9}\npolicies: [silent]\n";
    write_file("base.yaml", base, sizeof base - 1);
    struct ch_scenario *s = load(write_file("mine.yaml", mine, sizeof mine - 1));
    ck_assert_int_eq(CH_BLOCK(s, run)->seed, 3);
    ck_assert(CH_BLOCK(s, city)->block == 80 && CH_BLOCK(s, city)->rows == 9);
    ck_assert_uint_eq(s->n_policies, 1); /* lists replace */
    ck_assert(strstr(s->input_sha256, "base.yaml"));
    ck_assert_str_eq(s->source, mine);
    ch_scenario_destroy(s);
}
END_TEST

START_TEST(circles_end)
{
    struct ch_scenario *s;
    write_file("a.yaml", "chaland: 1\nextends: b.yaml\n", 27);
    const char *path = write_file("b.yaml", "chaland: 1\nextends: a.yaml\n", 27);
    ck_assert_int_eq(ch_scenario_load(path, &shipped, diag, &s), CH_INVALID);
    ck_assert_int_eq(ch_scenario_load("nowhere.yaml", &shipped, diag, &s), CH_INVALID);
    ck_assert_int_eq(ch_scenario_load(folder, &shipped, diag, &s), CH_INVALID);
}
END_TEST

static const char csv[] =
    "\xEF\xBB\xBFid,name,x,\"y\"\r\na,\"Chez \"\"Nous\"\", 5\",1.5,2\r\nb, plain , ,\"two\r\nlines\"\r\n\r\n\xC3\xA9,,3,4";

START_TEST(csv_is_read)
{
    static const char text[] = "chaland: 1\ncity: {stores: {file: s.csv}}\n";
    write_file("s.csv", csv, sizeof csv - 1);
    struct ch_scenario *s = load(write_file("a.yaml", text, sizeof text - 1));
    const struct ch_item_table *t = &s->items[CH_TABLE_stores];
    ck_assert(t->given && t->n_rows == 3 && t->n_columns == 4);
    ck_assert_str_eq(t->column[0], "id");
    ck_assert_str_eq(t->column[3], "y");
    ck_assert_str_eq(t->cell[1], "Chez \"Nous\", 5");
    ck_assert_str_eq(t->cell[4 + 1], "plain");
    ck_assert_ptr_null(t->cell[4 + 2]);
    ck_assert_str_eq(t->cell[4 + 3], "two\r\nlines");
    ck_assert_str_eq(t->cell[8], "\xC3\xA9");
    ck_assert_ptr_null(t->cell[9]);
    ck_assert(t->cell_mark[8].line == 6 && t->cell_mark[8].column == 1 && t->cell_mark[9].column == 3 &&
              t->cell_mark[10].column == 4);
    ck_assert(t->cell_mark[1].line == 2 && t->cell_mark[1].column == 3 && t->column_mark[3].column == 11);
    ck_assert_int_eq(CH_BLOCK(s, city)->stores, 3);
    ck_assert(strstr(s->input_sha256, "s.csv"));
    ch_scenario_destroy(s);
}
END_TEST

static const struct {
    const char *csv, *told;
} bad_csv[] = {
    {"", "E003"},
    {"id,x\na,1\nb\n", ":3:1: error[E025]: this row has 1 field; the header has 2"},
    {"id,x\na,1,2\n", ":2:5: error[E025]: this row has 3 fields; the header has 2"},
    {"id,id\na,1\n", ":1:4: error[E008]"},
    {"id,\na,1\n", ":1:4: error[E025]"},
    {"id,x\na,\"1\nb,2\n", ":2:3: error[E025]: the quote that begins here is not closed"},
    {"id,x\na,\"1\"2\n", ":2:3: error[E025]: text follows"},
    {"id,x\n\xE9,1\n", ":2:1: error[E002]"},
};

START_TEST(csv_errors_have_places)
{
    static const char text[] = "chaland: 1\ncity: {stores: {file: s.csv}}\n";
    char printed[4096];
    struct ch_scenario *s;
    write_file("s.csv", bad_csv[_i].csv, strlen(bad_csv[_i].csv));
    ck_assert_int_eq(ch_scenario_load(write_file("a.yaml", text, sizeof text - 1), &shipped, diag, &s), CH_INVALID);
    FILE *out = fmemopen(printed, sizeof printed, "w");
    ch_diag_print(diag, out);
    fclose(out);
    ck_assert_msg(strstr(printed, bad_csv[_i].told), "%s", printed);
}
END_TEST

START_TEST(inline_items)
{
    struct ch_scenario *s = parse("chaland: 1\ncity:\n  beacons:\n    - {id: b1, x: 10, goods: [shoes, toys]}\n    - {x: 20, y: "
                                  "5, riding: {speed: 3 km/h}}\n  homes: []\n");
    const struct ch_item_table *t = &s->items[CH_TABLE_beacons];
    ck_assert(t->n_rows == 2 && t->n_columns == 5 && CH_BLOCK(s, city)->beacons == 2);
    ck_assert_str_eq(t->column[4], "riding.speed");
    ck_assert_str_eq(t->cell[2], "shoes toys");
    ck_assert_ptr_null(t->cell[5]);
    ck_assert_str_eq(t->cell[9], "3 km/h");
    ck_assert(t->cell_mark[9].line == 5 && t->cell_mark[5].line == 5 && t->column_mark[1].column == 16);
    ck_assert(s->items[CH_TABLE_homes].given && s->items[CH_TABLE_homes].n_rows == 0);
    ch_scenario_destroy(s);
}
END_TEST

/* ---- the resolved text ------------------------------------------------------------------------------------------- */

static void round_trip(struct ch_scenario *s, const char *path)
{
    struct ch_scenario *again;
    enum ch_code code = ch_scenario_parse(s->resolved, path, NULL, diag, &again);
    if (code != CH_OK)
        ch_diag_print(diag, stderr);
    ck_assert_int_eq(code, CH_OK);
    ck_assert_str_eq(s->resolved, again->resolved);
    ck_assert_str_eq(s->sha256, again->sha256);
    ck_assert_uint_eq(s->n_points, again->n_points);
    ck_assert_uint_eq(s->baseline, again->baseline);
    ch_scenario_destroy(again);
}

START_TEST(resolved_text_loads_alone)
{
    static const char *const texts[] = {
        "chaland: 1\n",
        sample,
        own_policy,
        "chaland: 1\nname: \"x: #1 \\\" \\u00e9\"\nquestion: \"~ \\u2028 \\x07\"\nstart: 1999-12-31\nseed: 12\nconfidence: 99 %\n"
        "policies: [context, responsive, broadcast, {policy: \"true\", extends: responsive, doc: \"- a\\nb\"}]\nbaseline: "
        "context\noutputs: {maps: off}\n"
        "sweep: {population.speed: [4 km/h, 1.2 m/s], city.floor: {from: 100 m2, to: 0.03 ha, step: 100 m2}}\n",
        "chaland: 1\ncity: {stores: [{x: 1}, {id: null, y: \"null\", x: \" a\"}, {z.z: ''}], homes: []}\n",
    };
    struct ch_scenario *s = parse(texts[_i]);
    round_trip(s, "test.yaml");
    ch_scenario_destroy(s);
}
END_TEST

/* Small tables are inlined; large ones stay files, and the hash looks at their content, not at their name. */
START_TEST(resolved_data)
{
    static const char text[] = "chaland: 1\ncity: {stores: {file: s.csv}, homes: {file: h.csv}}\n",
                      moved[] = "chaland: 1\nname: a\ncity: {stores: {file: s.csv}, homes: {file: g.csv}}\n";
    struct ch_text big = {0};
    ch_text_add(&big, "x,y\n");
    for (int i = 0; i < 15000; i++)
        ch_text_addf(&big, "%d,%d\n", i, i % 7);
    write_file("s.csv", csv, sizeof csv - 1);
    write_file("h.csv", big.s, big.n);
    write_file("g.csv", big.s, big.n);
    struct ch_scenario *s = load(write_file("a.yaml", text, sizeof text - 1));
    ck_assert(strstr(s->resolved, "homes: {file: h.csv}") && strstr(s->resolved, "Chez") && !strstr(s->resolved, "s.csv"));
    char path[128];
    snprintf(path, sizeof path, "%s/a.yaml", folder);
    round_trip(s, path);
    struct ch_scenario *other = load(write_file("b.yaml", moved, sizeof moved - 1));
    ck_assert_str_eq(s->sha256, other->sha256);
    ch_scenario_destroy(other);
    big.s[4] = '9';
    write_file("h.csv", big.s, big.n);
    other = load(path);
    ck_assert_str_eq(s->resolved, other->resolved);
    ck_assert_str_ne(s->sha256, other->sha256);
    ch_scenario_destroy(other);
    ch_scenario_destroy(s);
    ch_text_fini(&big);
}
END_TEST

START_TEST(template_loads)
{
    char text[1 << 14];
    memset(text, 0, sizeof text);
    FILE *out = fmemopen(text, sizeof text - 1, "w");
    ch_scenario_template("my first: try", out);
    fclose(out);
    ck_assert(strncmp(text, "# yaml-language-server: $schema=./scenario.schema.json\n", 55) == 0);
    struct ch_scenario *s = parse(text);
    ck_assert_str_eq(s->name, "my first: try");
    ck_assert_uint_eq(s->n_policies, 2);
    ch_scenario_destroy(s);
}
END_TEST

/* ---- errors ------------------------------------------------------------------------------------------------------ */

START_TEST(carets_stand_under_what_is_meant)
{
    const char *printed = refuse_with("chaland: 1\ncity:\n  block:\t\xE6\xBC\xA2\xC3\xA9 m\t# x\n", &shipped);
    ck_assert_msg(strstr(printed, "test.yaml:3:10: error[E012]"), "%s", printed);
    /* the tab ends at screen column 12; the first character is two columns wide */
    ck_assert_msg(strstr(printed, "  3 |   block:    \xE6\xBC\xA2\xC3\xA9 m   # x\n") &&
                      strstr(printed, "    |             ^^^^^\n"),
                  "%s", printed);
}
END_TEST

START_TEST(no_more_than_twenty_are_kept)
{
    struct ch_text text = {0};
    for (int i = 0; i < 50; i++)
        ch_text_addf(&text, "key%d: 1\n", i);
    const char *printed = refuse_with(text.s, &shipped);
    ck_assert(strstr(printed, "51 errors, of which the first 20 are shown"));
    ch_text_fini(&text);
}
END_TEST

START_TEST(what_is_reached_twice_is_told_once)
{
    const char *printed =
        refuse_with("chaland: 1\npolicies: [{policy: a, rules: &r [{when: nevr}]}, {policy: b, rules: *r}]\n", &shipped);
    ck_assert_msg(strstr(printed, "1 error\n"), "%s", printed);
}
END_TEST

START_TEST(errors_as_json)
{
    char text[512] = "";
    ch_diag_add(diag, (struct ch_mark){"a \"b\".yaml", 3, 4, 1}, "E014", NULL, "unknown key '%s'", "x\\");
    ch_diag_add(diag, (struct ch_mark){"c", 0, 0, 1}, "E001", "look", "no");
    FILE *out = fmemopen(text, sizeof text, "w");
    ch_diag_print_json(diag, out);
    fclose(out);
    ck_assert_str_eq(text, "[{\"file\":\"a \\\"b\\\".yaml\",\"line\":3,\"column\":4,\"code\":\"E014\",\"message\":\"unknown key "
                           "'x\\\\'\",\"help\":\"\"},"
                           "{\"file\":\"c\",\"line\":0,\"column\":0,\"code\":\"E001\",\"message\":\"no\",\"help\":\"look\"}]");
    ck_assert_int_eq(ch_diag_code(diag), CH_INVALID);
    ch_diag_fail(diag, CH_IO);
    ck_assert_int_eq(ch_diag_code(diag), CH_IO);
}
END_TEST

START_TEST(codes_are_unique)
{
    for (unsigned i = 0; i < CH_N_DIAG_ERRORS; i++) {
        ck_assert_uint_eq(strlen(ch_diag_error_code((enum ch_diag_error)i)), 4);
        ck_assert(ch_diag_error_meaning((enum ch_diag_error)i)[0]);
        for (unsigned j = 0; j < i; j++)
            ck_assert_str_ne(ch_diag_error_code((enum ch_diag_error)i), ch_diag_error_code((enum ch_diag_error)j));
    }
}
END_TEST

START_TEST(utf8)
{
    size_t at;
    ck_assert_ptr_null(ch_utf8_complaint("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\t\r\n", 13, &at));
    static const struct {
        const char *s;
        size_t n, at;
    } bad[] = {
        {"a\xC0\x80", 3, 1},
        {"a\xED\xA0\x80", 4, 1},
        {"ab\xF4\x90\x80\x80", 6, 2},
        {"a\xC3", 2, 1},
        {"a\0b", 3, 1},
        {"a\x1B", 2, 1},
        {"\xFF\xFE"
         "a\0",
         4, 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert(ch_utf8_complaint(bad[i].s, bad[i].n, &at));
        ck_assert_uint_eq(at, bad[i].at);
    }
    int line, column;
    ch_utf8_position("a\xC3\xA9"
                     "b\r\nc\rd",
                     8, &line, &column);
    ck_assert(line == 3 && column == 1);
    ck_assert_uint_eq(ch_utf8_offset("a\xC3\xA9"
                                     "b\r\nc\rd",
                                     9, 1, 3),
                      3);
    ck_assert_uint_eq(ch_utf8_offset("a\xC3\xA9"
                                     "b\r\nc\rd",
                                     9, 3, 1),
                      8);
}
END_TEST

#define LOOP(test, list) tcase_add_loop_test(all, test, 0, (int)(sizeof list / sizeof list[0]))

int main(void)
{
    Suite *suite = suite_create("scenario");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, nothing_but_the_version);
    tcase_add_test(all, values_of_all_forms);
    tcase_add_loop_test(all, forms_of_text, 0, 7);
    LOOP(refusals_tell_why, refusals);
    tcase_add_test(all, all_errors_are_collected);
    tcase_add_loop_test(all, deep_nesting_stops_at_once, 0, 4);
    tcase_add_test(all, alias_bomb_stops);
    tcase_add_test(all, many_keys_are_checked_fast);
    tcase_add_test(all, too_large_a_text);
    tcase_add_test(all, damaged_texts_are_safe);
    tcase_add_test(all, a_policy_is_compiled);
    tcase_add_test(all, shipped_policies_load);
    tcase_add_test(all, policies_extend_each_other);
    tcase_add_test(all, silent_is_built_in);
    tcase_add_test(all, asked_policies_and_the_baseline);
    tcase_add_test(all, points_of_a_sweep);
    tcase_add_test(all, a_copy_without_sweep);
    tcase_add_test(all, points_are_checked);
    tcase_add_test(all, sets_override);
    tcase_add_test(all, marks_point_into_sets);
    tcase_add_test(all, scenarios_extend_each_other);
    tcase_add_test(all, circles_end);
    tcase_add_test(all, csv_is_read);
    LOOP(csv_errors_have_places, bad_csv);
    tcase_add_test(all, inline_items);
    tcase_add_loop_test(all, resolved_text_loads_alone, 0, 5);
    tcase_add_test(all, resolved_data);
    tcase_add_test(all, template_loads);
    tcase_add_test(all, carets_stand_under_what_is_meant);
    tcase_add_test(all, no_more_than_twenty_are_kept);
    tcase_add_test(all, what_is_reached_twice_is_told_once);
    tcase_add_test(all, errors_as_json);
    tcase_add_test(all, codes_are_unique);
    tcase_add_test(all, utf8);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
