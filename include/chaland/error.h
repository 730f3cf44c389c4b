/* SPDX-License-Identifier: MIT
 * User errors: every function that reads what people wrote returns a code and fills a `struct ch_error`.
 * The text says where, what was found, what is allowed, and a hint. Programmer errors are asserts (assert.h). */
#ifndef CHALAND_ERROR_H
#define CHALAND_ERROR_H

#include <stddef.h>

/* name, process exit code, meaning */
#define CH_CODES(X)                                                        \
    X(OK, 0, "done")                                                       \
    X(INTERNAL, 1, "internal error, or two different results for one key") \
    X(INVALID, 2, "usage or invalid input")                                \
    X(NO, 3, "the answer is no")                                           \
    X(TOO_BIG, 69, "does not fit in memory or disk")                       \
    X(EXISTS, 73, "would overwrite a file")                                \
    X(IO, 74, "input/output error, disk full or unwritable place")         \
    X(STOPPED, 75, "stopped; run the same command again")

enum ch_code {
#define X(name, exit_code, text) CH_##name = exit_code,
    CH_CODES(X)
#undef X
};

enum { CH_ERROR_TEXT = 1024 };

/* One error, ready to print. Empty text means no error. */
struct ch_error {
    enum ch_code code;
    char text[CH_ERROR_TEXT];
};

/* Formats the error and returns `code`, so that `return ch_fail(err, CH_IO, "...")` reads well. err may be NULL. */
enum ch_code ch_fail(struct ch_error *err, enum ch_code code, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/* Puts "prefix: " before the text of an error that is passed upward. Returns err->code. */
enum ch_code ch_fail_in(struct ch_error *err, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* Meaning of a code in words; static storage. */
const char *ch_code_text(enum ch_code code);

#endif
