/* SPDX-License-Identifier: MIT
 * A group of a results file as one table: a row for each combination of its dimensions' labels, with every variable beside
 * them. What has fewer dimensions is repeated. Rows come block by block, so that a long log needs little memory. */
#ifndef CH_TIDY_H
#define CH_TIDY_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ch_tidy; /* an open table */

/* Is the group there? ch_file_read has judged the file before. */
enum ch_code ch_tidy_open(const char *path, const char *group, struct ch_tidy **tidy, struct ch_error *error);
void ch_tidy_close(struct ch_tidy *tidy);
bool ch_tidy_has(const char *path, const char *group);

uint64_t ch_tidy_rows(const struct ch_tidy *tidy);
unsigned ch_tidy_columns(const struct ch_tidy *tidy);
const char *ch_tidy_name(const struct ch_tidy *tidy, unsigned column);
const char *ch_tidy_unit(const struct ch_tidy *tidy, unsigned column); /* NULL: none */
bool ch_tidy_is_number(const struct ch_tidy *tidy, unsigned column);   /* in every row; else words, names or times */

/* Reads the next block; *rows is 0 after the last. */
enum ch_code ch_tidy_next(struct ch_tidy *tidy, size_t *rows, struct ch_error *error);
/* Text of a cell of the block in hand, in `buffer` (at least 40 bytes) or of the table's own; "" is undefined or none.
 * Numbers have a point in any locale and are as exact as the file; times are 2013-01-09T10:00:00. */
const char *ch_tidy_cell(const struct ch_tidy *tidy, size_t row, unsigned column, char *buffer);

#endif
