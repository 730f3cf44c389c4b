/* SPDX-License-Identifier: MIT
 * Units and quantities: exact factors, dimensions that do not mix, and every way people may write a number with a unit. */
#include "../runner.h"
#include "base/text.h"
#include "base/units.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double factor(const char *from, const char *to)
{
    double f = -1;
    ck_assert_msg(ch_unit_convert(from, to, &f), "%s to %s", from, to);
    return f;
}

static bool converts(const char *from, const char *to)
{
    double f;
    return ch_unit_convert(from, to, &f);
}

START_TEST(factors_are_exact)
{
    static const struct {
        const char *from, *to;
        double factor;
    } ROW[] = {
        {"km", "m", 1000},
        {"m", "km", 0.001},
        {"cm", "mm", 10},
        {"km2", "ha", 100},
        {"ha", "m2", 10000},
        {"s", "us", 1e6},
        {"us", "s", 1e-6},
        {"ms", "us", 1000},
        {"min", "s", 60},
        {"d", "h", 24},
        {"week", "d", 7},
        {"month", "d", 30.4375},
        {"year", "d", 365.25},
        {"year", "month", 12},
        {"h", "min", 60},
        {"EUR", "cent", 100},
        {"cent", "EUR", 0.01},
        {"%", "share", 0.01},
        {"bp", "share", 0.0001},
        {"share", "%", 100},
        {"%", "bp", 100},
        {"m/s", "km/h", 3.6},
        {"km/h", "m/s", 1 / 3.6},
        {"1/d", "1/week", 7},
        {"1/week", "1/d", 1.0 / 7},
        {"EUR/m2/week", "EUR/m2/d", 1.0 / 7},
        {"EUR/h", "cent/min", 100.0 / 60},
        {"s/m", "min/km", 1000.0 / 60},
        {"1/m2", "1/km2", 1e6},
        {"person/m2", "person/ha", 1e4},
        {"m*m", "m2", 1},
        {"/d", "1/d", 1},
        {"1", "", 1},
        {"", "", 1},
        {"m/m", "1", 1},
        {"dBm", "dBm", 1},
        {"C", "C", 1},
        {"star", "star", 1},
        {"%/d", "share/d", 0.01},
    };
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++)
        ck_assert_msg(factor(ROW[i].from, ROW[i].to) == ROW[i].factor, "%s to %s", ROW[i].from, ROW[i].to);
}
END_TEST

START_TEST(dimensions_do_not_mix)
{
    static const char *const PAIR[][2] = {
        {"m", "s"}, {"m", "m2"}, {"", "share"},  {"share", ""}, {"%", ""},    {"1", "%"},     {"dB", "dBm"},    {"dB", ""},
        {"C", ""},  {"EUR", ""}, {"person", ""}, {"star", ""},  {"1/d", "d"}, {"m/s", "s/m"}, {"EUR/h", "EUR"}, {"", "m"},
    };
    for (size_t i = 0; i < sizeof PAIR / sizeof PAIR[0]; i++)
        ck_assert_msg(!converts(PAIR[i][0], PAIR[i][1]), "%s to %s", PAIR[i][0], PAIR[i][1]);
}
END_TEST

START_TEST(unknown_units)
{
    static const char *const UNIT[] = {
        "x",  "M",  "Km",  "eur", "percent",           "m/", "/",  "//d", "1/",     "1",      "m//s", "*m", "m*", "2", "m 2",
        " m", "m ", "1/1", "m3",  "m/s/m/s/m/s/m/s/m", "°C", "µs", "€",   "weekly", "share%",
    };
    for (size_t i = 0; i < sizeof UNIT / sizeof UNIT[0]; i++) {
        bool known = strcmp(UNIT[i], "1") == 0;
        ck_assert_msg(ch_unit_known(UNIT[i]) == known && converts(UNIT[i], "") == known, "%s", UNIT[i]);
    }
}
END_TEST

START_TEST(dimensions_in_words)
{
    ck_assert_str_eq(ch_unit_dimension("km"), "length");
    ck_assert_str_eq(ch_unit_dimension("d"), "time");
    ck_assert_str_eq(ch_unit_dimension("cent"), "money");
    ck_assert_str_eq(ch_unit_dimension("%"), "share");
    ck_assert_str_eq(ch_unit_dimension("km/h"), "speed");
    ck_assert_str_eq(ch_unit_dimension("1/week"), "rate");
    ck_assert_str_eq(ch_unit_dimension(""), "pure number");
    ck_assert_str_eq(ch_unit_dimension("EUR/m2/week"), "money per area and time");
    ck_assert_str_eq(ch_unit_dimension("star*dB"), "compound quantity");
    ck_assert_str_eq(ch_unit_dimension("furlong"), "unknown");
}
END_TEST

/* What is offered for a unit must itself convert to it. */
START_TEST(offered_units_fit)
{
    static const char *const UNIT[] = {"m",          "m2",       "d",         "EUR",        "share",      "C",      "dB",
                                       "dBm",        "person",   "star",      "m/s",        "s/m",        "1/d",    "1/m2",
                                       "1/m",        "%/d",      "%/C",       "EUR/h",      "EUR/m",      "EUR/m2", "EUR/m2/week",
                                       "EUR/person", "person/h", "person/m2", "person/m/s", "1/person/d", "dB/m"};
    for (size_t i = 0; i < sizeof UNIT / sizeof UNIT[0]; i++) {
        char list[160];
        snprintf(list, sizeof list, "%s", ch_unit_allowed(UNIT[i]));
        for (char *name = strtok(list, ", "); name; name = strtok(NULL, ", "))
            ck_assert_msg(converts(name, UNIT[i]), "%s offered for %s", name, UNIT[i]);
    }
}
END_TEST

START_TEST(quantities_split)
{
    static const struct {
        const char *text;
        double value;
        const char *unit;
    } ROW[] = {
        {"1.34 m/s", 1.34, "m/s"},
        {"8 %", 8, "%"},
        {"8%", 8, "%"},
        {"35d", 35, "d"},
        {"-59 dBm", -59, "dBm"},
        {"4.90 EUR", 4.9, "EUR"},
        {"4EUR", 4, "EUR"},
        {"7", 7, ""},
        {"+2", 2, ""},
        {"1e3m", 1000, "m"},
        {"1E-3 s", 0.001, "s"},
        {"2e", 2, "e"},
        {"3e+ m", 3, NULL},
        {"0.5 1/d", 0.5, "1/d"},
        {"3/week", 3, "/week"},
        {"0.51/d", 0.51, "/d"},
        {"12\tmin", 12, "min"},
        {"5   h", 5, "h"},
        {"0x10", 0, "x10"},
        {"5 €", 5, "€"},
        {"1e400 m", 0, NULL},
        {"", 0, NULL},
        {" 5 m", 0, NULL},
        {"m", 0, NULL},
        {"5 m ", 0, NULL},
        {"5 ", 0, NULL},
        {"1,5 m", 0, NULL},
        {"1,5", 0, NULL},
        {"1.2.3", 0, NULL},
        {".5 m", 0, NULL},
        {"5. m", 0, NULL},
        {"--5", 0, NULL},
        {"2024-01-01", 0, NULL},
        {"09:30", 0, NULL},
        {"1 2", 0, NULL},
        {"8 % x", 0, NULL},
        {"nan", 0, NULL},
        {"inf m", 0, NULL},
        {"1 \"m\"", 0, NULL},
        {"-", 0, NULL},
        {"e5", 0, NULL},
        {"10 000 EUR", 0, NULL},
    };
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++) {
        double value = 0;
        size_t at = 99;
        bool good = ch_quantity_split(ROW[i].text, strlen(ROW[i].text), &value, &at);
        ck_assert_msg(good == (ROW[i].unit != NULL), "'%s'", ROW[i].text);
        if (good) {
            ck_assert_msg(value == ROW[i].value, "'%s'", ROW[i].text);
            ck_assert_str_eq(ROW[i].text + at, ROW[i].unit);
        }
    }
}
END_TEST

/* Only s[0..n) counts, whatever follows. */
START_TEST(quantity_ends_where_told)
{
    double value;
    size_t at;
    ck_assert(ch_quantity_split("12 minutes", 6, &value, &at));
    ck_assert_double_eq(value, 12);
    ck_assert_uint_eq(at, 3);
    ck_assert(ch_quantity_split("12345", 2, &value, &at));
    ck_assert_double_eq(value, 12);
    ck_assert_uint_eq(at, 2);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, factors_are_exact);
    tcase_add_test(all, dimensions_do_not_mix);
    tcase_add_test(all, unknown_units);
    tcase_add_test(all, dimensions_in_words);
    tcase_add_test(all, offered_units_fit);
    tcase_add_test(all, quantities_split);
    tcase_add_test(all, quantity_ends_where_told);
}

int main(void) { return run_tests("units", add_tests); }
