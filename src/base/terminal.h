/* SPDX-License-Identifier: MIT
 * What a person's terminal can show: how wide it is, whether it wants colours, and lines broken between words to fit it. What
 * goes to a file or a pipe stays as it is. */
#ifndef CH_TERMINAL_H
#define CH_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum ch_colour_mode { CH_COLOUR_AUTO, CH_COLOUR_ALWAYS, CH_COLOUR_NEVER };
/* For the whole process; at first CH_COLOUR_AUTO: on a terminal that is not "dumb", unless NO_COLOR is set. */
void ch_terminal_set_colour(enum ch_colour_mode mode);

enum ch_ink { CH_INK_PLAIN, CH_INK_BOLD, CH_INK_DIM, CH_INK_BAD, CH_INK_GOOD, CH_INK_WARN };
/* What to print to begin that ink on `out`; "" without colours. CH_INK_PLAIN ends it. */
const char *ch_ink(FILE *out, enum ch_ink ink);

/* Columns and rows of the terminal behind `out`, at least 20 and 5; false (and 0) if it is none. Either may be NULL. */
bool ch_terminal_size(FILE *out, int *columns, int *rows);
/* Is it one where the cursor can be moved? */
bool ch_terminal_moves(FILE *out);

/* Columns that a text of n bytes takes, escapes for ink not counted. */
int ch_terminal_width(const char *text, size_t n);
/* Prints lines; those too long are broken between words, and go on below the begin of their last column, or of an indented text.
 * Rows of a table (three gaps or more) stay whole. columns 0: as it is. */
void ch_terminal_print(const char *text, int columns, FILE *out);

/* A text for a person: on a terminal it is gathered and printed to its width, else `stream` is `to` itself. */
struct ch_page {
    FILE *stream, *to;
    char *text;
    size_t n;
};
FILE *ch_page_open(struct ch_page *page, FILE *to);
void ch_page_close(struct ch_page *page);

#endif
