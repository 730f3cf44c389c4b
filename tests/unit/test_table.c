/* SPDX-License-Identifier: MIT
 * Tables: what texts a row accepts, what it says to others, that values survive printing, and that the laws catch what they
 * are for (each law is broken once). */
#include "../runner.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/table.h"
#include "table/vocabulary.h"

/* P(KIND, name, default, min, max, unit, doc, ORIGIN) */
#define TRY_ROWS(P)                                                                \
    P(F64, length, 40, 1, 1000, "m", "a length", CH_ASSUMED(10, 100, "a test"))    \
    P(F64, rate, 0.08, 0, 0.95, "share", "a share", CH_CHOSEN("a test"))           \
    P(F64, plain, 1, -5, 5, "", "a number", CH_CHOSEN("a test"))                   \
    P(I64, count, 3, 0, 9007199254740992.0, "", "a count", CH_SOURCED("a test"))   \
    P(FLAG, on, 1, 0, 1, "", "a flag", CH_CHOSEN("a test"))                        \
    P(CHOICE, word, "two", 0, 0, "one|two|three", "a choice", CH_CHOSEN("a test")) \
    P(TIME, wait, 1.5, 0, 400, "d", "a time", CH_CHOSEN("a test"))                 \
    P(MONEY, fee, 4.9, -10, 1e9, "EUR", "money", CH_CHOSEN("a test"))              \
    P(LIST, shares, "0.25 0.5 0.25", 0, 1, "share", "a list", CH_CHOSEN("a test"))

struct try_params {
    TRY_ROWS(CH_PARAM_FIELD)
};
#define CH_ROW_STRUCT struct try_params
static const struct ch_param rows[] = {TRY_ROWS(CH_PARAM_ROW)};
enum { N_ROWS = sizeof rows / sizeof rows[0] };
static const struct ch_section section = {"try", "a section to try", rows, N_ROWS, sizeof(struct try_params), NULL};

static const struct ch_param *row(const char *name)
{
    for (unsigned i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    ck_abort_msg("no row %s", name);
}

static struct try_params defaults(void)
{
    struct try_params block;
    ch_section_defaults(&section, &block);
    return block;
}

static bool set(struct try_params *block, const char *name, const char *text, struct ch_misfit *why)
{
    return ch_param_set(row(name), block, text, strlen(text), why);
}

START_TEST(defaults_are_set)
{
    struct try_params block = defaults();
    ck_assert(block.length == 40 && block.rate == 0.08 && block.count == 3 && block.on);
    ck_assert_int_eq(block.word, 1);
    ck_assert_int_eq(block.wait, 36 * CH_HOUR);
    ck_assert_int_eq(block.fee, 490);
    ck_assert_int_eq(block.shares.n, 3);
    ck_assert(block.shares.v[1] == 0.5);
    ck_assert_int_eq(ch_param_list_length(row("shares")), 3);
}
END_TEST

static const struct {
    const char *name, *text;
    double number;
} good[] = {
    {"length", "40 m", 40},
    {"length", "0.04km", 40},
    {"length", "4000 cm", 40},
    {"length", " 1e2 m ", 100},
    {"rate", "8 %", 0.08},
    {"rate", "7 %", 0.07},
    {"rate", "0.07", 0.07},
    {"rate", "800 bp", 0.08},
    {"rate", "0.7 %", 0.007},
    {"rate", "94.9 %", 0.949},
    {"rate", "95 %", 0.95},
    {"rate", "9.49e1%", 0.949},
    {"rate", "0.09490e+3 %", 0.949},
    {"rate", "9490 bp", 0.949},
    {"rate", "0", 0},
    {"rate", "0.29 share", 0.29},
    {"plain", "-5", -5},
    {"plain", "+2.5", 2.5},
    {"count", "12", 12},
    {"count", "1e3", 1000},
    {"count", "9007199254740992", 9007199254740992.0},
    {"on", "false", 0},
    {"on", "yes", 1},
    {"on", "off", 0},
    {"word", "three", 2},
    {"wait", "36 h", 1.5},
    {"wait", "0", 0},
    {"wait", "1 week", 7},
    {"fee", "4.90 EUR", 4.9},
    {"fee", "490 cent", 4.9},
    {"fee", "-10 EUR", -10},
    {"fee", "1000000000 EUR", 1e9},
};

START_TEST(good_texts_are_taken)
{
    struct try_params block = defaults();
    struct ch_misfit why = {"", "", ""};
    ck_assert_msg(set(&block, good[_i].name, good[_i].text, &why), "%s: %s is %s", good[_i].name, good[_i].text, why.found);
    double got = ch_param_number(row(good[_i].name), &block);
    ck_assert_msg(got == good[_i].number, "%s: %.17g", good[_i].text, got);
}
END_TEST

static const struct {
    const char *name, *text, *found, *hint;
} bad[] = {
    {"length", "40", "'40', a number without a unit", "write '40 m'"},
    {"length", "40 kg", "'40 kg', whose unit 'kg' is not known", "write '40 m'"},
    {"length", "40 s", "'40 s', which is a time", "write '40 m'"},
    {"length", "0.5 m", "'0.5 m', which is too small", ""},
    {"length", "2 km", "'2 km', which is too large", ""},
    {"length", "nan m", "'nan m', which is not a number", ""},
    {"length", "inf", "'inf', which is not a number", ""},
    {"length", "1e400 m", "'1e400 m', which is not a number", "write a number, a blank and a unit, such as '1.5 m'"},
    {"plain", "1e400", "'1e400', which is too large for a number", ""},
    {"plain", "0x10", "'0x10', which is not a number", "write a number, such as '1.5'"},
    {"plain", "0,5", "'0,5', which is not a number", "numbers are written with a decimal point: 0.5"},
    {"plain", "1 m", "'1 m', which is a length", "write '1' without a unit"},
    {"plain", "", "'', which is empty", ""},
    {"rate", "8", "'8', which is not between 0 and 1", "write '8 %'"},
    {"rate", "800", "'800', which is not between 0 and 1", "a share is written 0.08 or 8 %"},
    {"rate", "-0.1", "'-0.1', which is not between 0 and 1", "a share is written 0.08 or 8 %"},
    {"rate", "96 %", "'96 %', which is too large", ""},
    {"count", "1.5", "'1.5', which is not a whole number", ""},
    {"count", "-1", "'-1', which is too small", ""},
    {"on", "maybe", "'maybe'", ""},
    {"word", "tow", "'tow'", "did you mean 'two'?"},
    {"word", "one|two", "'one|two'", ""},
    {"wait", "3 EUR", "'3 EUR', which is an amount of money", "write '3 d'"},
    {"fee", "4.905 EUR", "'4.905 EUR', which is not a whole number of cents", ""},
    {"shares", "0.3", "'0.3', a single value", ""},
};

START_TEST(bad_texts_are_refused)
{
    struct try_params block = defaults(), before = block;
    struct ch_misfit why = {"", "", ""};
    ck_assert_msg(!set(&block, bad[_i].name, bad[_i].text, &why), "%s", bad[_i].text);
    ck_assert_str_eq(why.found, bad[_i].found);
    ck_assert_str_eq(why.hint, bad[_i].hint);
    ck_assert(why.allowed[0]);
    ck_assert(memcmp(&block, &before, sizeof block) == 0);
}
END_TEST

START_TEST(long_text_is_cut)
{
    char text[5000];
    struct try_params block = defaults();
    struct ch_misfit why;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert(!set(&block, "plain", text, &why));
    ck_assert_uint_lt(strlen(why.found), 100);
    ck_assert(!set(&block, "word", text, &why));
}
END_TEST

START_TEST(elements_of_lists)
{
    struct try_params block = defaults();
    struct ch_misfit why;
    ck_assert(ch_param_set_element(row("shares"), &block, 2, "10 %", 4, &why));
    ck_assert(block.shares.v[2] == 0.1 && block.shares.n == 3);
    ck_assert(!ch_param_set_element(row("shares"), &block, 0, "2", 1, &why));
}
END_TEST

/* What is printed reads back to the same bits, also for odd values of every scalar kind. */
START_TEST(printing_round_trips)
{
    struct try_params block = defaults(), again = defaults();
    struct ch_misfit why;
    uint64_t x = 88172645463325252u; /* fixed */
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        double u = (double)(x >> 11) / 9007199254740992.0;
        block.length = 1 + 999 * u;
        block.rate = 0.95 * u;
        block.plain = 10 * u - 5;
        block.count = (int64_t)(9e15 * u);
        block.wait = (int64_t)(400.0 * 86400e6 * u);
        block.fee = (int64_t)(1e11 * u);
        for (unsigned j = 0; j < N_ROWS; j++) {
            struct ch_text text = {0};
            if (rows[j].kind == CH_PARAM_LIST)
                continue;
            ch_param_print(&rows[j], &block, &text);
            ck_assert_msg(ch_param_set(&rows[j], &again, text.s, text.n, &why), "%s", text.s);
            ch_text_fini(&text);
        }
        ck_assert(block.length == again.length && block.rate == again.rate && block.plain == again.plain);
        ck_assert(block.count == again.count && block.wait == again.wait && block.fee == again.fee && block.word == again.word &&
                  block.on == again.on);
    }
}
END_TEST

/* Whole percents are printed in percent, and every share comes back to the same bits. */
START_TEST(percent_comes_back)
{
    static const double odd[] = {1.0 / 3, 0.1 + 0.2, 5e-324, 1e-12, 0.123456789012345, 0.9499999999999999};
    struct try_params block = defaults(), again = defaults();
    struct ch_misfit why;
    const unsigned n_round = 9501, n_odd = sizeof odd / sizeof odd[0];
    for (unsigned i = 0; i < n_round + n_odd; i++) {
        struct ch_text text = {0};
        block.rate = i < n_round ? i / 10000.0 : odd[i - n_round];
        ch_param_print(&rows[1], &block, &text);
        ck_assert_msg(i >= n_round || strchr(text.s, '%'), "%s", text.s);
        ck_assert_msg(ch_param_set(&rows[1], &again, text.s, text.n, &why) && again.rate == block.rate, "%s", text.s);
        ch_text_fini(&text);
    }
}
END_TEST

START_TEST(printed_forms)
{
    static const char *const expected[] = {"40 m", "8 %", "1", "3", "true", "two", "1.5 d", "4.9 EUR", "[25 %, 50 %, 25 %]"};
    struct try_params block = defaults();
    for (unsigned i = 0; i < N_ROWS; i++) {
        struct ch_text text = {0};
        ch_param_print(&rows[i], &block, &text);
        ck_assert_str_eq(text.s, expected[i]);
        ch_text_fini(&text);
    }
}
END_TEST

START_TEST(explanation_names_the_source)
{
    struct ch_text text = {0};
    struct try_params block = defaults();
    block.length = 55;
    ch_describe_param(&section, row("length"), &block, &text);
    ck_assert(strstr(text.s, "try.length") && strstr(text.s, "default: 40 m") && strstr(text.s, "here:    55 m"));
    ck_assert(strstr(text.s, "a hypothesis to sweep from 10 m to 100 m: a test"));
    ch_text_fini(&text);
}
END_TEST

/* ---- the registry ------------------------------------------------------------------------------------------------ */

START_TEST(keys_are_found)
{
    unsigned s, p;
    size_t n;
    const char *const *keys = ch_param_keys(&n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_msg(ch_param_find(keys[i], &s, &p), "%s", keys[i]);
        struct ch_text key = {0};
        ch_param_key(ch_section(s), &ch_section(s)->param[p], &key);
        ck_assert_str_eq(key.s, keys[i]);
        ch_text_fini(&key);
    }
    ck_assert(ch_param_find("seed", &s, &p) && s == CH_SET_run);
    ck_assert(ch_param_find("population.sample", &s, &p) && s == CH_SET_population);
    ck_assert(!ch_param_find("population", &s, &p) && !ch_param_find("population.", &s, &p) && !ch_param_find("", &s, &p));
    ck_assert(!ch_param_find("populations.sample", &s, &p) && !ch_param_find("city.seed", &s, &p));
    for (unsigned i = 0; i < ch_n_models(); i++) {
        ck_assert_ptr_eq(ch_section(ch_section_of_model(i))->model, ch_model(i));
        ck_assert_uint_ge(ch_model_number(i), 1);
    }
}
END_TEST

START_TEST(all_tables_keep_the_laws)
{
    struct ch_text text = {0};
    unsigned breaches = ch_table_check(&text);
    ck_assert_msg(breaches == 0, "%s", text.s);
    ch_text_fini(&text);
}
END_TEST

/* ---- laws, each broken once -------------------------------------------------------------------------------------- */

static void take_nothing(struct ch_ctx *ctx, const struct ch_event *ev)
{
    (void)ctx;
    (void)ev;
}

static void answer_nothing(struct ch_ctx *ctx, struct ch_person *who, struct ch_pick *pick)
{
    (void)ctx;
    (void)who;
    (void)pick;
}

static unsigned breaches_of(struct ch_section s, const struct ch_model *const *models, const unsigned *numbers, unsigned n,
                            const char *told)
{
    struct ch_text text = {0};
    const struct ch_section *list[] = {&s};
    unsigned count = ch_table_check_these(list, 1, models, numbers, n, &text);
    ck_assert_msg(!told || (text.s && strstr(text.s, told)), "wanted '%s', got '%s'", told, text.s ? text.s : "");
    ch_text_fini(&text);
    return count;
}

START_TEST(a_good_section_keeps_the_laws) { ck_assert_uint_eq(breaches_of(section, NULL, NULL, 0, NULL), 0); }
END_TEST

static const struct ch_param broken_params[] = {
    {.name = "Length", .kind = CH_PARAM_F64, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_F64, .max = 1, .unit = "m", .doc = "", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_F64, .max = 1, .unit = "furlong", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_F64, .def = 2, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_F64, .min = 2, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_TIME, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_MONEY, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_FLAG, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_CHOICE, .text = "d", .unit = "b|c", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_LIST, .text = "1 x", .max = 9, .unit = "", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_LIST, .text = "1 10", .max = 9, .unit = "", .doc = "x", .origin = CH_CHOSEN("x")},
    {.name = "a", .kind = CH_PARAM_F64, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("")},
    {.name = "a", .kind = CH_PARAM_F64, .max = 9, .unit = "m", .doc = "x", .origin = CH_ASSUMED(1, 2, "x")},
    {.name = "a", .kind = CH_PARAM_F64, .max = 9, .unit = "m", .doc = "x", .origin = CH_ASSUMED(0, 20, "x")},
    {.name = "a", .kind = CH_PARAM_F64, .offset = 1000, .max = 1, .unit = "m", .doc = "x", .origin = CH_CHOSEN("x")},
};
static const char *const broken_words[] = {
    "lower-case",
    "no doc",
    "'furlong' is not known",
    "too large",
    "min 2 is above max 1",
    "unit of time",
    "begins with EUR",
    "a FLAG has no unit",
    "is none of 'b|c'",
    "1 to 24 numbers",
    "element 2",
    "not told",
    "outside its own range",
    "leaves what is allowed",
    "outside the struct",
};

START_TEST(each_law_of_parameters)
{
    struct ch_section s = {"try", "x", &broken_params[_i], 1, sizeof(struct ch_list), NULL};
    ck_assert_uint_ge(breaches_of(s, NULL, NULL, 0, broken_words[_i]), 1);
}
END_TEST

START_TEST(names_are_unique)
{
    struct ch_param twice[] = {rows[0], rows[0]};
    struct ch_section s = {"try", "x", twice, 2, sizeof(struct try_params), NULL}, inner = {"try.length", "x", NULL, 0, 0, NULL};
    ck_assert_uint_eq(breaches_of(s, NULL, NULL, 0, "two parameters have this name"), 1);
    const struct ch_section *nested[] = {&section, &inner}, *same[] = {&section, &section};
    struct ch_text text = {0};
    ck_assert_uint_eq(ch_table_check_these(nested, 2, NULL, NULL, 0, &text), 1);
    ck_assert_uint_ge(ch_table_check_these(same, 2, NULL, NULL, 0, &text), 1);
    ck_assert(strstr(text.s, "a section has the same key") && strstr(text.s, "two sections have this path"));
    ch_text_fini(&text);
}
END_TEST

static const struct ch_message late[] = {{.name = "go", .scope = CH_REMOTE, .least = CH_SECOND, .doc = "x"}};
static const ch_handler handlers[] = {take_nothing};
static const struct ch_probe probe[] = {
    {.name = "sales", .reducer = CH_REDUCE_SUM, .unit = "EUR", .scale = 0.01, .kpi = 1, .doc = "x"}};
static const struct ch_probe odd_probe[] = {
    {.name = "p", .reducer = CH_REDUCE_P95, .unit = "", .scale = 1, .bin = 0, .kpi = 57, .doc = "x"}};
enum { TOO_MANY_DRAWS = 33 };

START_TEST(each_law_of_models)
{
    struct ch_model one = {.name = "one"}, two = {.name = "two"};
    const struct ch_model *both[] = {&one, &two};
    unsigned numbers[] = {1, 2}, twins[] = {1, 1}, wild[] = {0, 2048};
    struct ch_section none = {"try", "x", NULL, 0, 0, NULL};
    ck_assert_uint_eq(breaches_of(none, both, numbers, 2, NULL), 0);
    ck_assert_uint_eq(breaches_of(none, both, twins, 2, "has this number or name already"), 1);
    ck_assert_uint_eq(breaches_of(none, both, wild, 2, "is not within 1 .. 1919"), 2);
    one.take_posting = two.take_posting = take_nothing;
    ck_assert_uint_eq(breaches_of(none, both, numbers, 2, "2 models play 'take_posting'"), 1);
    one.answer_pick = two.answer_pick = answer_nothing;
    ck_assert_uint_eq(breaches_of(none, both, numbers, 2, "2 models play 'answer_pick'"), 2);
    one = (struct ch_model){.name = "one", .message = late, .handler = handlers, .n_messages = 1};
    ck_assert_uint_eq(breaches_of(none, both, numbers, 2, "its scope wants at least 10000000 us"), 1 + 0);
    one = (struct ch_model){.name = "one", .probe = probe, .n_probes = 1};
    two = (struct ch_model){.name = "two", .probe = probe, .n_probes = 1};
    ck_assert_uint_eq(breaches_of(none, both, numbers, 2, "model one has a probe of this name already"), 1);
    two = (struct ch_model){.name = "two", .probe = odd_probe, .n_probes = 1};
    ck_assert_uint_eq(breaches_of(none, both, numbers, 2, "the width of its bins"), 2);
    struct ch_draw_row draws[TOO_MANY_DRAWS];
    char names[TOO_MANY_DRAWS][16];
    for (int i = 0; i < TOO_MANY_DRAWS; i++) {
        snprintf(names[i], sizeof names[i], "d%d", i);
        draws[i] = (struct ch_draw_row){names[i], "x"};
    }
    two = (struct ch_model){.name = "two", .draw = draws, .n_draws = TOO_MANY_DRAWS};
    ck_assert_uint_eq(breaches_of(none, both, numbers, 2, "33 draws"), 1);
}
END_TEST

/* ---- derived texts ----------------------------------------------------------------------------------------------- */

/* Every key of every section stands in the schema, and braces match outside of strings. */
START_TEST(schema_is_whole)
{
    struct ch_text text = {0};
    ch_describe_schema(&text);
    ck_assert(!text.failed);
    int depth = 0;
    bool quoted = false;
    for (const char *at = text.s; *at; at++) {
        if (*at == '\\' && quoted)
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        ck_assert_int_ge(depth, 0);
    }
    ck_assert(depth == 0 && !quoted);
    for (unsigned i = 0; i < ch_n_sections(); i++)
        for (unsigned j = 0; j < ch_section(i)->n_params; j++) {
            struct ch_text key = {0};
            ch_text_addf(&key, "\n\"%s\": {\"description\": ", ch_section(i)->param[j].name);
            ck_assert_msg(strstr(text.s, key.s), "%s", key.s);
            ch_text_fini(&key);
        }
    ch_text_fini(&text);
}
END_TEST

START_TEST(json_strings)
{
    struct ch_text text = {0};
    ch_json_string(&text, "a\"b\\c\n\x01\xC3\xA9");
    ck_assert_str_eq(text.s, "\"a\\\"b\\\\c\\n\\u0001\xC3\xA9\"");
    ch_text_fini(&text);
}
END_TEST

START_TEST(policy_vocabulary)
{
    ck_assert_int_eq(ch_fact_level(CH_FACT_hour), 0);
    ck_assert_int_eq(ch_fact_level(CH_FACT_wish_match), 2);
    ck_assert_int_eq(ch_fact_level(CH_FACT_affinity), 3);
    ck_assert_int_eq(ch_subject_level(CH_SUBJECT_wish), 2);
    ck_assert_int_eq(ch_subject_level(CH_SUBJECT_weather), 0);
    size_t n;
    ck_assert(strncmp(ch_param_word(&ch_policy_section(CH_BLOCK_rule)->param[0], CH_TRIGGER_entrance, &n), "entrance", 8) == 0);
    for (unsigned i = 0; i < CH_N_FACTS; i++)
        ck_assert(ch_fact_row((enum ch_fact)i)->min < ch_fact_row((enum ch_fact)i)->max);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, defaults_are_set);
    tcase_add_loop_test(all, good_texts_are_taken, 0, (int)(sizeof good / sizeof good[0]));
    tcase_add_loop_test(all, bad_texts_are_refused, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(all, long_text_is_cut);
    tcase_add_test(all, elements_of_lists);
    tcase_add_test(all, printing_round_trips);
    tcase_add_test(all, printed_forms);
    tcase_add_test(all, percent_comes_back);
    tcase_add_test(all, explanation_names_the_source);
    tcase_add_test(all, keys_are_found);
    tcase_add_test(all, all_tables_keep_the_laws);
    tcase_add_test(all, a_good_section_keeps_the_laws);
    tcase_add_loop_test(all, each_law_of_parameters, 0, (int)(sizeof broken_params / sizeof broken_params[0]));
    tcase_add_test(all, names_are_unique);
    tcase_add_test(all, each_law_of_models);
    tcase_add_test(all, schema_is_whole);
    tcase_add_test(all, json_strings);
    tcase_add_test(all, policy_vocabulary);
}

int main(void) { return run_tests("table", add_tests); }
