/* SPDX-License-Identifier: MIT
 * Text: a growing buffer, locale-free numbers, and the nearest word. */
#ifndef CH_TEXT_H
#define CH_TEXT_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ch_text { /* begin with {0}; always NUL-terminated once something was added */
    char *s;
    size_t n, cap;
    bool failed; /* out of memory: later additions do nothing */
};
void ch_text_add(struct ch_text *text, const char *s);
void ch_text_addn(struct ch_text *text, const char *s, size_t n);
void ch_text_addf(struct ch_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ch_text_fini(struct ch_text *text); /* frees */

/* Parses the whole of s[0..n) as a finite decimal number ("-1.5e3"); no locale, no hex, no nan, no inf, no blanks. */
bool ch_parse_double(const char *s, size_t n, double *value);
/* The same times 10^shift, rounded once: 99.9 with shift -2 is 0.999, and 99.9 / 100 is not. False also when that is too long. */
bool ch_parse_shifted(const char *s, size_t n, int shift, double *value);
/* Length of the longest such number at the start of s, finite or not; 0 if there is none. */
size_t ch_number_length(const char *s, size_t n);
bool ch_parse_int64(const char *s, size_t n, int64_t *value);
/* Shortest text that parses back to the same double; at least 32 bytes; returns buf. Non-finite: "nan", "inf", "-inf". */
char *ch_print_double(double value, char *buf, size_t size);

/* Edits (insert, delete, change, swap neighbours) between two words. */
unsigned ch_text_distance(const char *a, const char *b);
/* The word nearest to `word` among n, within 1 edit for short words, 3 for long ones; NULL if none is near. */
const char *ch_text_nearest(const char *word, const char *const *list, size_t n);

/* Lower-case hex of the SHA-256 of a buffer; out holds 65 bytes. */
void ch_sha256_hex(const void *data, size_t n, char out[65]);
struct ch_sha256;                        /* incremental, opaque */
struct ch_sha256 *ch_sha256_begin(void); /* NULL when out of memory */
void ch_sha256_add(struct ch_sha256 *sha, const void *data, size_t n);
void ch_sha256_end(struct ch_sha256 *sha, char out[65]); /* frees */

/* Reads a whole file of at most `limit` bytes; *data is malloc'ed, NUL-terminated. Errors name the file and cause; code
 * CH_INVALID if it is missing, not a regular file or too large, CH_IO when it may not be read or reading fails, CH_TOO_BIG
 * without memory. */
enum ch_code ch_read_file(const char *path, size_t limit, char **data, size_t *n, struct ch_error *error);

#endif
