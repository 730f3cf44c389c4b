/* SPDX-License-Identifier: MIT
 * Defaults, and printing of values in the row's unit, so that what is printed parses back to the same bits. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "table/table.h"

static const double CENTS = 100;

static double microseconds_per_unit(const struct ch_param *param)
{
    double seconds;
    CH_REQUIRE(ch_unit_convert(param->unit, "s", &seconds));
    return seconds * 1e6;
}

/* ---- defaults ---------------------------------------------------------------------------------------------------- */

/* Elements of a LIST default stand in its text, separated by blanks, in the row's unit. */
static int parse_elements(const char *text, double *v)
{
    int n = 0;
    for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        double value;
        CH_REQUIRE(n < CH_LIST_MAX && ch_parse_double(at, length, &value));
        if (v)
            v[n] = value;
        n++;
        at += length;
    }
    return n;
}

int ch_param_list_length(const struct ch_param *param)
{
    return param->kind == CH_PARAM_LIST ? parse_elements(param->text, NULL) : 1;
}

static void set_default(const struct ch_param *param, void *block)
{
    void *field = (char *)block + param->offset;
    struct ch_misfit why;
    switch (param->kind) {
    case CH_PARAM_F64:
        *(double *)field = param->def;
        break;
    case CH_PARAM_I64:
        *(int64_t *)field = (int64_t)param->def;
        break;
    case CH_PARAM_FLAG:
        *(bool *)field = param->def != 0;
        break;
    case CH_PARAM_CHOICE:
        CH_REQUIRE(ch_param_set(param, block, param->text, strlen(param->text), &why));
        break;
    case CH_PARAM_TIME:
        *(int64_t *)field = (int64_t)round(param->def * microseconds_per_unit(param));
        break;
    case CH_PARAM_MONEY:
        *(int64_t *)field = (int64_t)round(param->def * CENTS);
        break;
    case CH_PARAM_LIST: {
        struct ch_list *list = field;
        list->n = parse_elements(param->text, list->v);
        break;
    }
    }
}

void ch_section_defaults(const struct ch_section *section, void *block)
{
    CH_REQUIRE(section && block);
    memset(block, 0, section->size);
    for (unsigned i = 0; i < section->n_params; i++)
        set_default(&section->param[i], block);
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

double ch_param_number(const struct ch_param *param, const void *block)
{
    const void *field = (const char *)block + param->offset;
    switch (param->kind) {
    case CH_PARAM_F64:
        return *(const double *)field;
    case CH_PARAM_I64:
        return (double)*(const int64_t *)field;
    case CH_PARAM_FLAG:
        return *(const bool *)field;
    case CH_PARAM_CHOICE:
        return *(const int *)field;
    case CH_PARAM_TIME:
        return (double)*(const int64_t *)field / microseconds_per_unit(param);
    case CH_PARAM_MONEY:
        return (double)*(const int64_t *)field / CENTS;
    case CH_PARAM_LIST:
        break;
    }
    return ((const struct ch_list *)field)->v[0];
}

/* A share in percent, if that parses back to the same bits, with no more than 9 decimals. */
static bool print_percent(double value, struct ch_text *out)
{
    char number[32];
    double percent = round(value * 1e11) / 1e9, read;
    if (!(fabs(value) < 1e4))
        return false;
    ch_print_double(percent, number, sizeof number);
    if (strchr(number, 'e') || !ch_parse_shifted(number, strlen(number), -2, &read) || read != value)
        return false;
    ch_text_addf(out, "%s %%", number);
    return true;
}

void ch_param_print_number(const struct ch_param *param, double value, struct ch_text *out)
{
    char number[32];
    const char *unit = param->kind == CH_PARAM_CHOICE || param->kind == CH_PARAM_FLAG ? "" : param->unit;
    if (strcmp(unit, "share") == 0 && print_percent(value, out))
        return;
    ch_text_addf(out, "%s%s%s", ch_print_double(value, number, sizeof number), unit[0] ? " " : "", unit);
}

static void print_list(const struct ch_param *param, const struct ch_list *list, struct ch_text *out)
{
    for (int i = 0; i < list->n; i++) {
        ch_text_add(out, i ? ", " : "[");
        ch_param_print_number(param, list->v[i], out);
    }
    ch_text_add(out, list->n ? "]" : "[]");
}

void ch_param_print(const struct ch_param *param, const void *block, struct ch_text *out)
{
    CH_REQUIRE(param && block && out);
    const void *field = (const char *)block + param->offset;
    size_t n = 0;
    const char *word;
    switch (param->kind) {
    case CH_PARAM_I64:
        ch_text_addf(out, "%lld%s%s", (long long)*(const int64_t *)field, param->unit[0] ? " " : "", param->unit);
        return;
    case CH_PARAM_FLAG:
        ch_text_add(out, *(const bool *)field ? "true" : "false");
        return;
    case CH_PARAM_CHOICE:
        word = ch_param_word(param, (unsigned)*(const int *)field, &n);
        CH_REQUIRE(word);
        ch_text_addn(out, word, n);
        return;
    case CH_PARAM_LIST:
        print_list(param, field, out);
        return;
    case CH_PARAM_F64:
    case CH_PARAM_TIME:
    case CH_PARAM_MONEY:
        ch_param_print_number(param, ch_param_number(param, block), out);
        return;
    }
}

/* ---- what is allowed --------------------------------------------------------------------------------------------- */

static void allow_words(const struct ch_param *param, struct ch_text *out)
{
    size_t n = 0;
    const char *word;
    for (unsigned i = 0; (word = ch_param_word(param, i, &n)) != NULL; i++) {
        ch_text_add(out, i == 0 ? "" : word[n] == '|' ? ", " : " or ");
        ch_text_addn(out, word, n);
    }
}

/* "from 0 to 0.95", "from 24 m to 1000 m" */
static void allow_range(const struct ch_param *param, struct ch_text *out)
{
    struct ch_param bare = *param;
    if (strcmp(param->unit, "share") == 0)
        bare.unit = "";
    ch_text_add(out, " from ");
    ch_param_print_number(&bare, param->min, out);
    ch_text_add(out, " to ");
    ch_param_print_number(&bare, param->max, out);
}

void ch_dimension_phrase(const char *unit, struct ch_text *out)
{
    const char *noun = ch_unit_dimension(unit);
    if (strncmp(noun, "money", 5) == 0)
        ch_text_addf(out, "an amount of %s", noun);
    else if (strncmp(noun, "people", 6) == 0)
        ch_text_addf(out, "a number of %s", noun);
    else
        ch_text_addf(out, "%s %s", strchr("aeiou", noun[0]) ? "an" : "a", noun);
}

void ch_param_allowed(const struct ch_param *param, struct ch_text *out)
{
    if (param->kind == CH_PARAM_CHOICE) {
        allow_words(param, out);
        return;
    }
    if (param->kind == CH_PARAM_FLAG) {
        ch_text_add(out, "true or false");
        return;
    }
    if (param->kind == CH_PARAM_LIST)
        ch_text_addf(out, "a list of %d values, each ", ch_param_list_length(param));
    if (param->unit[0])
        ch_dimension_phrase(param->unit, out);
    else
        ch_text_add(out, param->kind == CH_PARAM_I64 ? "a whole number" : "a number");
    allow_range(param, out);
    if (strcmp(param->unit, "share") == 0)
        ch_text_add(out, ", such as 0.08 or 8 %");
    else if (param->unit[0])
        ch_text_addf(out, " (units: %s)", ch_unit_allowed(param->unit));
}
