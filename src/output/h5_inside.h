/* SPDX-License-Identifier: MIT
 * What the files of the HDF5 layer share. */
#ifndef CH_H5_INSIDE_H
#define CH_H5_INSIDE_H

#include "output/h5.h"

/* Notes the first failure ("HDF5 cannot WHAT 'NAME' ..."); true while all is well. */
bool ch_h5_ok(struct ch_h5 *h, bool good, const char *what, const char *name);
/* Variable-length UTF-8; -1 on failure. */
hid_t ch_h5_text_type(void);
/* A copy in valid UTF-8: foreign bytes (command lines, host names) become U+FFFD. NULL gives "". NULL when out of memory. */
char *ch_h5_clean(const char *s);

/* Arrays of any layout, for h5_packed.c: creation (chunk NULL: contiguous; a growing one has no greatest size), its record for
 * the read-back, its labels. */
hid_t ch_h5_create_array(struct ch_h5 *h, const char *name, int rank, const hsize_t *dims, hid_t type, const hsize_t *chunk,
                         bool grows);
void ch_h5_record(struct ch_h5 *h, const char *name, enum ch_h5_type type, size_t count, uint64_t checksum);
/* Labels the array in hand with the dimensions, of those named, that the group has. */
void ch_h5_attach(struct ch_h5 *h, const char *name, const char *dims);
/* Makes the array in hand the scale of a dimension. */
void ch_h5_scale(struct ch_h5 *h, const char *name, size_t n);
hid_t ch_h5_file_type(enum ch_h5_type type, hid_t text); /* borrowed */

/* Creates the array and takes it in hand; attach scales and write next. */
hid_t ch_h5_begin_plain(struct ch_h5 *h, const char *name, int rank, const hsize_t *dims, enum ch_h5_type type);
void ch_h5_write_plain(struct ch_h5 *h, const char *name, enum ch_h5_type type, const void *data, size_t n);
void ch_h5_describe(struct ch_h5 *h, const char *units, const char *long_name);

/* Text of an attribute of `object`, a path from `at`; malloc'ed. NULL if it is not there, or no text. */
char *ch_h5_read_note(hid_t at, const char *object, const char *name);
/* The same for a single number, as a double; false if it is none. */
bool ch_h5_read_number(hid_t at, const char *object, const char *name, double *value);
/* The n texts of a whole array; to be freed with ch_h5_free_texts. NULL on failure. */
char **ch_h5_read_texts(hid_t set, hid_t space, size_t n);
/* The same of a list (one dimension) by its path. */
char **ch_h5_read_names(hid_t at, const char *path, size_t *n);
void ch_h5_free_texts(char **text, size_t n); /* NULL is no texts */

#endif
