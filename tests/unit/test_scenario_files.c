/* SPDX-License-Identifier: MIT
 * Scenarios: extends, own data, the resolved text and its hash, the template. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "scenario_fixture.h"

#include "base/text.h"

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
    ch_scenario_destroy(s); /* what could be read is handed out, so that other mistakes are found too */
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

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, scenarios_extend_each_other);
    tcase_add_test(all, circles_end);
    tcase_add_test(all, csv_is_read);
    LOOP(csv_errors_have_places, bad_csv);
    tcase_add_test(all, inline_items);
    tcase_add_loop_test(all, resolved_text_loads_alone, 0, 5);
    tcase_add_test(all, resolved_data);
    tcase_add_test(all, template_loads);
}

int main(void) { return run_tests("scenario files", add_tests); }
