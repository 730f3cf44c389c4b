/* SPDX-License-Identifier: MIT
 * Reading own tables: what stands in a cell. */
#include "base/text.h"
#include "base/units.h"
#include "city/sheet.h"
#include <stdio.h>
#include <string.h>

enum { HELP_TEXT = 480 };

/* "120", "120 m", "0.12 km": a value in range.unit. False when it is no such quantity. */
static bool parse_quantity(const char *text, const char *unit, double *value)
{
    size_t unit_at;
    double factor = 1;
    if (!ch_quantity_split(text, strlen(text), value, &unit_at))
        return false;
    if (text[unit_at] != '\0' && !ch_unit_convert(text + unit_at, unit, &factor))
        return false;
    *value *= factor;
    return true;
}

double ch_sheet_number(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, struct ch_range range,
                       double fallback)
{
    const char *text = ch_sheet_cell(sheet, row, column);
    double value;
    char help[HELP_TEXT], low[40], high[40];
    if (!text)
        return fallback;
    bool number = parse_quantity(text, range.unit, &value);
    if (number && value >= range.min && value <= range.max)
        return value;
    if (range.max >= 1e12) /* no limit but what a number can hold */
        snprintf(help, sizeof help, range.min > 0 ? "a number above 0" : "a number, 0 or more");
    else
        snprintf(help, sizeof help, "%s to %s%s%s", ch_print_double(range.min, low, sizeof low),
                 ch_print_double(range.max, high, sizeof high), *range.unit ? " " : "", range.unit);
    if (number)
        ch_sheet_complain(sheet, row, column, CH_E_VALUE, help, "'%s' is out of range", text);
    else
        ch_sheet_complain(sheet, row, column, CH_E_VALUE, help, "'%s' is not a number%s%s", text, *range.unit ? " of unit " : "",
                          range.unit);
    return fallback;
}

unsigned ch_sheet_word(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, const char *text, size_t n_text,
                       const char *const *word, unsigned n)
{
    char help[HELP_TEXT], found[64];
    for (unsigned k = 0; k < n; k++)
        if (strlen(word[k]) == n_text && !memcmp(word[k], text, n_text))
            return k;
    snprintf(found, sizeof found, "%.*s", n_text < 60 ? (int)n_text : 60, text);
    const char *near = ch_text_nearest(found, word, n);
    int used = near ? snprintf(help, sizeof help, "did you mean '%s'? ", near) : 0;
    used += snprintf(help + used, sizeof help - (size_t)used, "one of: ");
    for (unsigned k = 0; k < n; k++)
        used += snprintf(help + used, sizeof help - (size_t)used, "%s%s", k ? ", " : "", word[k]);
    ch_sheet_complain(sheet, row, column, CH_E_VALUE, help, "'%s' is not one of the words this column takes", found);
    return n;
}

bool ch_sheet_flag(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, bool fallback)
{
    static const char *const word[] = {"yes", "no", "true", "false", "1", "0"};
    const char *text = ch_sheet_cell(sheet, row, column);
    if (!text)
        return fallback;
    unsigned k = ch_sheet_word(sheet, row, column, text, strlen(text), word, sizeof word / sizeof *word);
    return k == sizeof word / sizeof *word ? fallback : k % 2 == 0;
}

/* "09:30" or "9:30". */
static bool parse_clock(const char *text, double *hours)
{
    const char *colon = strchr(text, ':');
    int64_t h, m;
    if (!colon || strlen(colon + 1) != 2 || !ch_parse_int64(text, (size_t)(colon - text), &h) ||
        !ch_parse_int64(colon + 1, 2, &m))
        return false;
    *hours = (double)h + (double)m / 60;
    return h >= 0 && h <= 24 && m >= 0 && m < 60;
}

ch_time ch_sheet_hour(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, ch_time fallback)
{
    const char *text = ch_sheet_cell(sheet, row, column);
    double hours;
    if (!text)
        return fallback;
    if (!parse_clock(text, &hours) && !parse_quantity(text, "h", &hours))
        hours = -1;
    if (hours >= 0 && hours <= 24)
        return ch_time_of_seconds(hours * 3600);
    ch_sheet_complain(sheet, row, column, CH_E_VALUE, "an hour of the day from 0 to 24, as 9.5 or 09:30",
                      "'%s' is not a time of day", text);
    return fallback;
}

void ch_sheet_place(const struct ch_sheet *sheet, unsigned row, double *x_m, double *y_m)
{
    const struct ch_town *town = sheet->town;
    *x_m = ch_sheet_number(sheet, row, CH_COL_x, (struct ch_range){0, town->width_m, "m"}, 0);
    *y_m = ch_sheet_number(sheet, row, CH_COL_y, (struct ch_range){0, town->height_m, "m"}, 0);
    CH_ASSERT(ch_town_inside(town, *x_m, *y_m));
}
