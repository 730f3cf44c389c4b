/* SPDX-License-Identifier: MIT
 * Writing HDF5 that netCDF readers open: groups with their own dimension scales, labelled variables, UTF-8 texts.
 *
 * A failure sticks: after the first one every call does nothing, and ch_h5_close reports it. So writers read straight. The
 * file is made in memory and leaves as bytes: HDF5 never meets a full disk, where it may lose data without an error.
 * Each array is recorded with a checksum, for the read-back and for later readers. */
#ifndef CH_H5_H
#define CH_H5_H

#include <chaland/error.h>
#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

enum { CH_H5_RANK_MAX = 6, CH_H5_DIMS_MAX = 12, CH_H5_PATH_MAX = 160 };

/* Types of the arrays that are given: name, C type. */
enum ch_h5_type { CH_H5_U8, CH_H5_I32, CH_H5_I64, CH_H5_U64, CH_H5_F64, CH_H5_TEXT };

/* What was written, to be found again. */
struct ch_h5_record {
    char path[CH_H5_PATH_MAX];
    enum ch_h5_type type; /* in memory */
    uint64_t count, checksum;
};

/* A column whose chunks are shuffled and deflated already, as the file will hold them. */
struct ch_h5_chunk {
    unsigned char *data;
    size_t n; /* bytes */
};
struct ch_h5_column {
    enum ch_h5_type type; /* not TEXT */
    uint64_t checksum;
    struct ch_h5_chunk *chunk;
    size_t n_chunks;
};

struct ch_h5_dim {
    char name[CH_H5_PATH_MAX];
    hsize_t n;
    hid_t scale;
};

struct ch_h5 {
    hid_t file, group, variable; /* in hand, or -1 */
    hid_t text, create;          /* string type, dataset creation properties */
    unsigned char *image;        /* the file's memory, kept when it is closed */
    char group_name[CH_H5_PATH_MAX];
    unsigned n_dims;
    struct ch_h5_dim dim[CH_H5_DIMS_MAX]; /* of the group in hand */
    unsigned n_records, cap_records;
    struct ch_h5_record *record;
    bool failed;
    struct ch_error error;
};

/* Quiets the library and keeps it from running code at exit, which has crashed after errors. Called by all who use it. */
void ch_h5_start(void);
/* The library's innermost message at its last failure, one line. */
const char *ch_h5_why(void);

void ch_h5_create(struct ch_h5 *h);
/* Bytes of the finished file, malloc'ed; then everything is closed. Also frees after a failure, which it reports. */
enum ch_code ch_h5_close(struct ch_h5 *h, unsigned char **image, size_t *n, struct ch_error *error);

void ch_h5_group(struct ch_h5 *h, const char *name, const char *comment);
void ch_h5_group_end(struct ch_h5 *h);

/* A dimension with its coordinate variable. units and long_name may be NULL. */
void ch_h5_dim(struct ch_h5 *h, const char *name, enum ch_h5_type type, size_t n, const void *data, const char *units,
               const char *long_name);
void ch_h5_dim_count(struct ch_h5 *h, const char *name, size_t n, const char *long_name); /* 0, 1, 2 ... */

/* An array over dimensions of the group in hand, "point policy replication": those that the group does not have are left out.
 * "" is a scalar. TEXT: array of const char *, where NULL is "". */
void ch_h5_array(struct ch_h5 *h, const char *name, const char *dims, enum ch_h5_type type, const void *data, const char *units,
                 const char *long_name);
/* Integers that come panel by panel, a panel being the last three dimensions, in chunks that never span panels, stored as i4
 * if all fit (`narrow`), else as i8. panel(arg, i) gives the i-th; NULL is all 0. */
void ch_h5_panels(struct ch_h5 *h, const char *name, const char *dims, bool narrow, const int64_t *(*panel)(void *arg, size_t i),
                  void *arg, const char *units, const char *long_name);

/* A packed column of n values in chunks of `size` each. Its dimension may grow in other programs, and is made by the column of
 * its own name, which comes first. */
void ch_h5_packed(struct ch_h5 *h, const char *name, const char *dim, const struct ch_h5_column *column, size_t n, size_t size,
                  const char *units, const char *long_name);

void ch_h5_variable_end(struct ch_h5 *h); /* lets the array in hand go: notes are the group's again */

/* Attributes of the array in hand; with none, of the group; with no group, of the file. */
void ch_h5_note_text(struct ch_h5 *h, const char *name, const char *value);
void ch_h5_note_f64(struct ch_h5 *h, const char *name, double value);
void ch_h5_note_i64(struct ch_h5 *h, const char *name, int64_t value);
void ch_h5_note_u64(struct ch_h5 *h, const char *name, uint64_t value);
void ch_h5_note_u8(struct ch_h5 *h, const char *name, uint8_t value);
void ch_h5_note_flags(struct ch_h5 *h, unsigned n, const char *meanings); /* flag_values 0 .. n-1, flag_meanings "no yes" */

/* Order-dependent checksum of an array's values; `offset` is the index of the first. All-zero numbers give 0 at any offset. */
uint64_t ch_h5_checksum(enum ch_h5_type type, const void *data, size_t n, uint64_t offset);
size_t ch_h5_size(enum ch_h5_type type);                   /* bytes of a value in memory */
hid_t ch_h5_memory_type(enum ch_h5_type type, hid_t text); /* borrowed */

/* Reads every recorded array back from a file and compares. */
enum ch_code ch_h5_verify(const char *path, const struct ch_h5_record *record, unsigned n, struct ch_error *error);

#endif
