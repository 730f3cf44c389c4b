/* SPDX-License-Identifier: MIT
 * Numbers as text. The syntax is checked here, letter by letter, because strtod also takes blanks, hex, nan and inf; the
 * correctly rounded conversion is then left to strtod in the C locale. */
#define _POSIX_C_SOURCE 200809L
#include "base/c_locale.h"
#include "base/text.h"
#include <chaland/assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void c_locale_create(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* lives as long as the process */ }

locale_t ch_locale_enter(void)
{
    pthread_once(&c_locale_once, c_locale_create);
    CH_REQUIRE(c_locale); /* the C locale is part of the C library, not of the system's files */
    return uselocale(c_locale);
}

void ch_locale_leave(locale_t before) { uselocale(before); }

static size_t digits(const char *s, size_t n, size_t at)
{
    while (at < n && s[at] >= '0' && s[at] <= '9')
        at++;
    return at;
}

size_t ch_number_length(const char *s, size_t n)
{
    size_t at = n > 0 && (s[0] == '+' || s[0] == '-');
    size_t end = digits(s, n, at);
    if (end == at)
        return 0;
    if (end < n && s[end] == '.') {
        size_t fraction = digits(s, n, end + 1);
        if (fraction > end + 1)
            end = fraction;
    }
    if (end < n && (s[end] == 'e' || s[end] == 'E')) {
        size_t sign = end + 1 < n && (s[end + 1] == '+' || s[end + 1] == '-');
        size_t exponent = digits(s, n, end + 1 + sign);
        if (exponent > end + 1 + sign)
            end = exponent;
    }
    return end;
}

bool ch_parse_double(const char *s, size_t n, double *value)
{
    CH_REQUIRE((s || !n) && value);
    if (n == 0 || ch_number_length(s, n) != n)
        return false;
    char small[128]; /* strtod wants a NUL; nearly every number fits here */
    char *copy = n < sizeof small ? small : malloc(n + 1);
    if (!copy)
        return false;
    memcpy(copy, s, n);
    copy[n] = '\0';
    locale_t before = ch_locale_enter();
    double x = strtod(copy, NULL);
    ch_locale_leave(before);
    if (copy != small)
        free(copy);
    if (x - x != 0) /* overflow to infinity */
        return false;
    *value = x;
    return true;
}

bool ch_parse_shifted(const char *s, size_t n, int shift, double *value)
{
    char shifted[128];
    int64_t exponent = 0;
    size_t e = 0;
    while (e < n && s[e] != 'e' && s[e] != 'E')
        e++;
    if (ch_number_length(s, n) != n || e > 80 || (e < n && !ch_parse_int64(s + e + 1, n - e - 1, &exponent)))
        return false;
    if (exponent > 100000 || exponent < -100000)
        return false;
    int length = snprintf(shifted, sizeof shifted, "%.*se%d", (int)e, s, (int)exponent + shift);
    return ch_parse_double(shifted, (size_t)length, value);
}

bool ch_parse_int64(const char *s, size_t n, int64_t *value)
{
    CH_REQUIRE((s || !n) && value);
    size_t at = n > 0 && (s[0] == '+' || s[0] == '-');
    bool negative = at && s[0] == '-';
    if (at == n || digits(s, n, at) != n)
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative, x = 0;
    for (; at < n; at++) {
        unsigned digit = (unsigned)(s[at] - '0');
        if (x > (limit - digit) / 10)
            return false;
        x = x * 10 + digit;
    }
    *value = !negative ? (int64_t)x : x ? -(int64_t)(x - 1) - 1 : 0;
    return true;
}

/* 15 digits, when enough, are also the fewest in the normal range, since %g drops trailing zeros and no two decimals of 15
 * digits share a double. Below it there is less precision, so there the search starts at one digit. */
char *ch_print_double(double value, char *buf, size_t size)
{
    CH_REQUIRE(buf && size >= 32);
    if (value != value)
        return strcpy(buf, "nan");
    if (value - value != 0)
        return strcpy(buf, value > 0 ? "inf" : "-inf");
    bool normal = value >= 0x1p-1022 || value <= -0x1p-1022 || value == 0;
    locale_t before = ch_locale_enter();
    for (int precision = normal ? 15 : 1; precision <= 17; precision++) {
        snprintf(buf, size, "%.*g", precision, value);
        if (precision == 17 || strtod(buf, NULL) == value)
            break;
    }
    ch_locale_leave(before);
    return buf;
}
