/* SPDX-License-Identifier: MIT
 * UTF-8: validity, columns in characters, and columns on a screen. */
#ifndef CH_UTF8_H
#define CH_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the character at s[0..n), n >= 1: its bytes (1..4), 0 if malformed (overlong forms and surrogates are). */
unsigned ch_utf8_decode(const char *s, size_t n, uint32_t *character);

/* What is wrong with a text, and where; NULL if nothing. Control characters other than tab and line ends are wrong. */
const char *ch_utf8_complaint(const char *s, size_t n, size_t *offset);

/* Columns that a character takes on a screen: 0, 1 or 2. */
unsigned ch_utf8_width(uint32_t character);

/* 1-based line and column (in characters) of an offset. Lines end with LF, CR LF or CR. s is NUL-terminated. */
void ch_utf8_position(const char *s, size_t offset, int *line, int *column);

/* The reverse; n where there is no such position. */
size_t ch_utf8_offset(const char *s, size_t n, int line, int column);

/* Length of a byte order mark at the front: 3 or 0. */
size_t ch_utf8_bom(const char *s, size_t n);

#endif
