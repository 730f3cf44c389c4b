/* SPDX-License-Identifier: MIT
 * Scenarios: from text to values, the collection of errors, hostile texts. Exact wording of messages is tested by tests/bad. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "scenario_fixture.h"

#include "base/text.h"
#include "scenario/utf8.h"

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
    {"chaland: 1\nduration: 2900 d\nwarmup: 365 d\n", "3057 days"},
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
    {"chaland: 1\nsweep: {city.rows: [12, 12]}\n", "listed twice"},
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

static void add_tests(TCase *all)
{
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
    tcase_add_test(all, carets_stand_under_what_is_meant);
    tcase_add_test(all, no_more_than_twenty_are_kept);
    tcase_add_test(all, what_is_reached_twice_is_told_once);
    tcase_add_test(all, errors_as_json);
    tcase_add_test(all, codes_are_unique);
    tcase_add_test(all, utf8);
}

int main(void) { return run_tests("scenario", add_tests); }
