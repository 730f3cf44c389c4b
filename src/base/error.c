/* SPDX-License-Identifier: MIT
 * User errors: the text is formatted once, where the cause is known, and prefixed on the way up. */
#include <chaland/assert.h>
#include <chaland/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that did not fit ends in "..." so that nobody takes it for complete. */
static void mark_cut(struct ch_error *err, int length)
{
    if (length >= CH_ERROR_TEXT)
        memcpy(err->text + CH_ERROR_TEXT - 4, "...", 4);
}

enum ch_code ch_fail(struct ch_error *err, enum ch_code code, const char *format, ...)
{
    if (!err)
        return code;
    va_list args;
    va_start(args, format);
    err->code = code;
    mark_cut(err, vsnprintf(err->text, sizeof err->text, format, args));
    va_end(args);
    return code;
}

enum ch_code ch_fail_in(struct ch_error *err, const char *format, ...)
{
    CH_REQUIRE(err);
    char tail[CH_ERROR_TEXT], prefix[CH_ERROR_TEXT];
    memcpy(tail, err->text, sizeof tail);
    va_list args;
    va_start(args, format);
    vsnprintf(prefix, sizeof prefix, format, args);
    va_end(args);
    mark_cut(err, snprintf(err->text, sizeof err->text, "%s: %s", prefix, tail));
    return err->code;
}

const char *ch_code_text(enum ch_code code)
{
    switch (code) {
#define X(name, exit_code, text) \
    case CH_##name:              \
        return text;
        CH_CODES(X)
#undef X
    }
    return "unknown code";
}
