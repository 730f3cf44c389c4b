/* SPDX-License-Identifier: MIT
 * Setting a parameter from text. A quantity is a number and a unit; its dimension must be the row's. What does not fit is
 * told in three texts: what was found, what is allowed, and what to write instead. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "table/table.h"

enum { UNIT_MAX = 48, SHOWN_MAX = 60 };
static const double MICROSECONDS = 1e6, CENTS = 100;

/* ---- misfits ----------------------------------------------------------------------------------------------------- */

/* The text as found, quoted and cut to a readable length at a character's edge. */
static void found_text(struct ch_misfit *why, const char *text, size_t n, const char *remark)
{
    size_t shown = n < SHOWN_MAX ? n : SHOWN_MAX;
    while (shown < n && shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80)
        shown--;
    snprintf(why->found, sizeof why->found, "'%.*s%s'%s%s", (int)shown, text, shown < n ? "..." : "", remark[0] ? ", " : "",
             remark);
}

static bool misfit(struct ch_misfit *why, const struct ch_param *param, const char *text, size_t n, const char *remark)
{
    struct ch_text allowed = {0};
    ch_param_allowed(param, &allowed);
    found_text(why, text, n, remark);
    snprintf(why->allowed, sizeof why->allowed, "%s", allowed.s ? allowed.s : "");
    why->hint[0] = '\0';
    ch_text_fini(&allowed);
    return false;
}

/* ---- numbers with units ------------------------------------------------------------------------------------------ */

/* The number s[0..n), which is `value`, times a factor between units. Where that is a power of ten the decimals are moved, so
 * that 99.9 % is the very 0.999; where it is a quotient of whole numbers, the number is divided. */
static double scaled(const char *s, size_t n, double value, double factor)
{
    static const double power[] = {1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1e1, 1e2, 1e3, 1e4, 1e6};
    static const int shift[] = {-6, -4, -3, -2, -1, 1, 2, 3, 4, 6};
    double inverse = 1 / factor, moved;
    for (size_t i = 0; i < sizeof power / sizeof power[0]; i++)
        if (factor == power[i] && ch_parse_shifted(s, n, shift[i], &moved))
            return moved;
    if (fabs(factor) < 1 && inverse < 1e15 && fabs(inverse - round(inverse)) < 1e-9 * inverse)
        return value / round(inverse);
    return value * factor;
}

/* Why is this not a number? Commas and overflow deserve a word of their own. */
static bool not_a_number(const struct ch_param *param, const char *text, size_t n, struct ch_misfit *why)
{
    char copy[SHOWN_MAX] = "";
    double value;
    size_t at;
    if (n == 0)
        return misfit(why, param, text, n, "which is empty");
    if (n < sizeof copy)
        memcpy(copy, text, n); /* and longer texts are no numbers at all */
    char *comma = strchr(copy, ',');
    if (strspn(copy, "+-.0123456789eE") == n && strchr(copy, 'e') && strpbrk(copy, "0123456789"))
        return misfit(why, param, text, n, "which is too large for a number");
    misfit(why, param, text, n, "which is not a number");
    if (comma) {
        *comma = '.';
        if (ch_quantity_split(copy, n, &value, &at))
            snprintf(why->hint, sizeof why->hint, "numbers are written with a decimal point: %s", copy);
    } else if (strpbrk(copy, "0123456789")) {
        snprintf(why->hint, sizeof why->hint, "write a number%s, such as '%s%s%s'", param->unit[0] ? ", a blank and a unit" : "",
                 param->kind == CH_PARAM_I64 ? "15" : "1.5", param->unit[0] ? " " : "", param->unit);
    }
    return false;
}

static const char *unit_to_write(const struct ch_param *param) { return strcmp(param->unit, "share") == 0 ? "%" : param->unit; }

/* A number without a unit: fine for pure numbers, zero and shares within 0 .. 1. */
static bool bare_number(const struct ch_param *param, const char *text, size_t n, double value, struct ch_misfit *why)
{
    if (param->unit[0] == '\0' || value == 0 || (strcmp(param->unit, "share") == 0 && value >= 0 && value <= 1))
        return true;
    bool share = strcmp(param->unit, "share") == 0;
    misfit(why, param, text, n, share ? "which is not between 0 and 1" : "a number without a unit");
    if (share && (value < 0 || value > 100))
        snprintf(why->hint, sizeof why->hint, "a share is written 0.08 or 8 %%");
    else
        snprintf(why->hint, sizeof why->hint, "write '%.*s %s'", (int)(n < SHOWN_MAX ? n : SHOWN_MAX), text,
                 unit_to_write(param));
    return false;
}

static bool wrong_unit(const struct ch_param *param, const char *text, size_t n, size_t number_n, const char *unit,
                       struct ch_misfit *why)
{
    struct ch_text remark = {0};
    if (ch_unit_known(unit)) {
        ch_text_add(&remark, "which is ");
        ch_dimension_phrase(unit, &remark);
    } else {
        ch_text_addf(&remark, "whose unit '%.40s' is not known", unit);
    }
    misfit(why, param, text, n, remark.s ? remark.s : "");
    ch_text_fini(&remark);
    while (number_n > 0 && text[number_n - 1] == ' ')
        number_n--;
    double value, factor;
    char number[32];
    if (!param->unit[0] && ch_unit_convert(unit, "share", &factor) && ch_parse_double(text, number_n, &value))
        snprintf(why->hint, sizeof why->hint, "write '%s' without a unit",
                 ch_print_double(scaled(text, number_n, value, factor), number, sizeof number));
    else if (number_n < 24)
        snprintf(why->hint, sizeof why->hint, param->unit[0] ? "write '%.*s %s'" : "write '%.*s' without a unit", (int)number_n,
                 text, unit_to_write(param));
    return false;
}

/* Reads a quantity as a number in the row's unit. */
static bool quantity(const struct ch_param *param, const char *text, size_t n, double *value, struct ch_misfit *why)
{
    size_t at;
    double factor;
    char unit[UNIT_MAX];
    if (!ch_quantity_split(text, n, value, &at))
        return not_a_number(param, text, n, why);
    if (at >= n)
        return bare_number(param, text, n, *value, why);
    snprintf(unit, sizeof unit, "%.*s", (int)(n - at < UNIT_MAX ? n - at : UNIT_MAX - 1), text + at);
    if (!param->unit[0] && !ch_unit_known(unit) && text[at - 1] != ' ') /* "0xFF", "1_000" */
        return not_a_number(param, text, n, why);
    if (!ch_unit_convert(unit, param->unit, &factor))
        return wrong_unit(param, text, n, at, unit, why);
    *value = scaled(text, ch_number_length(text, n), *value, factor);
    return true;
}

static bool in_range(const struct ch_param *param, const char *text, size_t n, double value, struct ch_misfit *why)
{
    if (value >= param->min && value <= param->max)
        return true;
    return misfit(why, param, text, n, value < param->min ? "which is too small" : "which is too large");
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

static bool set_number(const struct ch_param *param, double *out, const char *text, size_t n, struct ch_misfit *why)
{
    double value;
    if (!quantity(param, text, n, &value, why) || !in_range(param, text, n, value, why))
        return false;
    *out = value == 0 ? 0 : value; /* -0 is 0 */
    return true;
}

static bool set_integer(const struct ch_param *param, int64_t *out, const char *text, size_t n, struct ch_misfit *why)
{
    double value;
    if (!set_number(param, &value, text, n, why))
        return false;
    if (value != floor(value))
        return misfit(why, param, text, n, "which is not a whole number");
    if (!ch_parse_int64(text, n, out))
        *out = (int64_t)value;
    return true;
}

static bool set_time(const struct ch_param *param, int64_t *out, const char *text, size_t n, struct ch_misfit *why)
{
    double value, seconds;
    if (!set_number(param, &value, text, n, why))
        return false;
    CH_REQUIRE(ch_unit_convert(param->unit, "s", &seconds));
    *out = (int64_t)round(value * (seconds * MICROSECONDS));
    return true;
}

static bool set_money(const struct ch_param *param, int64_t *out, const char *text, size_t n, struct ch_misfit *why)
{
    double value;
    if (!set_number(param, &value, text, n, why))
        return false;
    double cents = value * CENTS;
    if (fabs(cents - round(cents)) > 1e-6 + 1e-15 * fabs(cents)) /* rounding of the product */
        return misfit(why, param, text, n, "which is not a whole number of cents");
    *out = (int64_t)round(cents);
    return true;
}

static bool set_flag(const struct ch_param *param, bool *out, const char *text, size_t n, struct ch_misfit *why)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "False", "True"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == n && memcmp(words[i], text, n) == 0) {
            *out = i % 2;
            return true;
        }
    return misfit(why, param, text, n, "");
}

const char *ch_param_word(const struct ch_param *param, unsigned i, size_t *n)
{
    const char *word = param->unit;
    for (; i > 0 && word; i--) {
        word = strchr(word, '|');
        word = word ? word + 1 : NULL;
    }
    if (word)
        *n = strcspn(word, "|");
    return word;
}

/* The nearest word of a CHOICE goes into the hint. */
static void suggest_word(const struct ch_param *param, const char *text, size_t n, struct ch_misfit *why)
{
    char copy[UNIT_MAX], list[512];
    const char *word[64];
    size_t n_words = 0;
    snprintf(copy, sizeof copy, "%.*s", (int)(n < UNIT_MAX ? n : UNIT_MAX - 1), text);
    snprintf(list, sizeof list, "%s", param->unit);
    for (char *at = list; at && n_words < 64; n_words++) {
        word[n_words] = at;
        at = strchr(at, '|');
        if (at)
            *at++ = '\0';
    }
    const char *near = ch_text_nearest(copy, word, n_words);
    if (near)
        snprintf(why->hint, sizeof why->hint, "did you mean '%s'?", near);
}

static bool set_choice(const struct ch_param *param, int *out, const char *text, size_t n, struct ch_misfit *why)
{
    const char *word;
    size_t length = 0;
    for (unsigned i = 0; (word = ch_param_word(param, i, &length)) != NULL; i++)
        if (length == n && memcmp(word, text, n) == 0) {
            *out = (int)i;
            return true;
        }
    misfit(why, param, text, n, "");
    suggest_word(param, text, n, why);
    return false;
}

/* ---- public ------------------------------------------------------------------------------------------------------ */

static void trim(const char **text, size_t *n)
{
    while (*n > 0 && (**text == ' ' || **text == '\t')) {
        ++*text;
        --*n;
    }
    while (*n > 0 && ((*text)[*n - 1] == ' ' || (*text)[*n - 1] == '\t'))
        --*n;
}

bool ch_param_set(const struct ch_param *param, void *block, const char *text, size_t n, struct ch_misfit *why)
{
    CH_REQUIRE(param && block && text && why);
    void *field = (char *)block + param->offset;
    trim(&text, &n);
    switch (param->kind) {
    case CH_PARAM_F64:
        return set_number(param, field, text, n, why);
    case CH_PARAM_I64:
        return set_integer(param, field, text, n, why);
    case CH_PARAM_FLAG:
        return set_flag(param, field, text, n, why);
    case CH_PARAM_CHOICE:
        return set_choice(param, field, text, n, why);
    case CH_PARAM_TIME:
        return set_time(param, field, text, n, why);
    case CH_PARAM_MONEY:
        return set_money(param, field, text, n, why);
    case CH_PARAM_LIST:
        break;
    }
    return misfit(why, param, text, n, "a single value");
}

bool ch_param_set_element(const struct ch_param *param, void *block, int index, const char *text, size_t n, struct ch_misfit *why)
{
    CH_REQUIRE(param && block && text && why && param->kind == CH_PARAM_LIST);
    CH_REQUIRE(index >= 0 && index < ch_param_list_length(param));
    struct ch_list *list = (struct ch_list *)(void *)((char *)block + param->offset);
    struct ch_param element = *param;
    element.kind = CH_PARAM_F64;
    trim(&text, &n);
    return set_number(&element, &list->v[index], text, n, why);
}
