/* SPDX-License-Identifier: MIT
 * Any array of a results file, for those who show it. ch_file_read has judged the file before, and its seal covers every byte. */
#ifndef CH_BOOK_H
#define CH_BOOK_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CH_BOOK_RANK_MAX = 6, CH_BOOK_NAME_MAX = 160 };

struct ch_book; /* an open file */

/* A whole array: numbers or texts; one of them is NULL. */
struct ch_book_array {
    char name[CH_BOOK_NAME_MAX];
    unsigned rank;
    size_t size[CH_BOOK_RANK_MAX], n;
    double *number;
    char **text;
    char *unit, *doc; /* NULL: none */
};

enum ch_code ch_book_open(const char *path, struct ch_book **book, struct ch_error *error);
void ch_book_close(struct ch_book *book);

bool ch_book_has(const struct ch_book *book, const char *path);
/* Names of the arrays of a group, in the order in which they were written; owned, free each and all. 0 without the group. */
size_t ch_book_list(const struct ch_book *book, const char *group, char ***names);
/* False if there is none; then *out is empty. Integers come as doubles, times their scale_factor. */
bool ch_book_read(const struct ch_book *book, const char *path, struct ch_book_array *out);
void ch_book_fini(struct ch_book_array *sheet);
/* Only rank, size, unit and doc. */
bool ch_book_look(const struct ch_book *book, const char *path, struct ch_book_array *out);
/* The i-th block of the last `rank` dimensions: `out` holds as many numbers as that. */
bool ch_book_panel(const struct ch_book *book, const char *path, unsigned rank, size_t i, double *out);
/* All bytes of an array of them. */
bool ch_book_bytes(const struct ch_book *book, const char *path, unsigned char *out);
/* Attribute as text, numbers too; malloc'ed, NULL without it. */
char *ch_book_note(const struct ch_book *book, const char *object, const char *name);

#endif
