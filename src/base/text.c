/* SPDX-License-Identifier: MIT
 * The growing buffer, and the nearest word. */
#define _POSIX_C_SOURCE 200809L
#include "base/text.h"
#include "base/c_locale.h"
#include <chaland/assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and the NUL. */
static bool reserve(struct ch_text *text, size_t n)
{
    if (text->failed || n >= SIZE_MAX - text->n) {
        text->failed = true;
        return false;
    }
    size_t need = text->n + n + 1;
    if (need <= text->cap)
        return true;
    size_t cap = text->cap < 64 ? 64 : text->cap;
    while (cap < need)
        cap = cap <= SIZE_MAX / 2 ? cap * 2 : need;
    char *s = realloc(text->s, cap);
    if (!s) {
        text->failed = true;
        return false;
    }
    text->s = s;
    text->cap = cap;
    return true;
}

void ch_text_addn(struct ch_text *text, const char *s, size_t n)
{
    CH_REQUIRE(text && (s || !n));
    if (!reserve(text, n))
        return;
    if (n)
        memcpy(text->s + text->n, s, n);
    text->n += n;
    text->s[text->n] = '\0';
}

void ch_text_add(struct ch_text *text, const char *s)
{
    CH_REQUIRE(s);
    ch_text_addn(text, s, strlen(s));
}

void ch_text_addf(struct ch_text *text, const char *format, ...)
{
    CH_REQUIRE(text && format);
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    locale_t before = ch_locale_enter(); /* a comma locale must not reach a file */
    int n = vsnprintf(NULL, 0, format, args);
    if (n < 0)
        text->failed = true;
    else if (reserve(text, (size_t)n)) {
        vsnprintf(text->s + text->n, (size_t)n + 1, format, again);
        text->n += (size_t)n;
    }
    ch_locale_leave(before);
    va_end(again);
    va_end(args);
}

void ch_text_fini(struct ch_text *text)
{
    if (!text)
        return;
    free(text->s);
    *text = (struct ch_text){0};
}

/* Words beyond this length are not typing errors of one another. */
enum { WORD_MAX = 128 };

static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }

/* Dynamic programming over prefixes (Damerau 1964; restricted: a swapped pair is not edited again). row[i % 3][j] is the
 * distance between the first i letters of a and the first j of b; a swap looks two rows back. */
unsigned ch_text_distance(const char *a, const char *b)
{
    CH_REQUIRE(a && b);
    size_t na = strlen(a), nb = strlen(b);
    if (na > WORD_MAX || nb > WORD_MAX)
        return strcmp(a, b) == 0 ? 0 : (unsigned)least((unsigned)(na > nb ? na : nb), UINT16_MAX);
    unsigned row[3][WORD_MAX + 1];
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[na % 3][nb];
}

const char *ch_text_nearest(const char *word, const char *const *list, size_t n)
{
    CH_REQUIRE(word && (list || !n));
    size_t length = strlen(word);
    unsigned limit = length < 5 ? 1 : length < 9 ? 2 : 3;
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t other = strlen(list[i]);
        if ((other > length ? other - length : length - other) > limit)
            continue;
        unsigned distance = ch_text_distance(word, list[i]);
        if (distance <= limit && distance < (best ? ch_text_distance(word, best) : UINT32_MAX))
            best = list[i];
    }
    return best;
}
