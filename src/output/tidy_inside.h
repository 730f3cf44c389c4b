/* SPDX-License-Identifier: MIT
 * What opening and reading a table share. */
#ifndef CH_TIDY_INSIDE_H
#define CH_TIDY_INSIDE_H

#include "output/h5_inside.h"
#include "output/tidy.h"

enum ch_tidy_form { CH_TIDY_TEXT, CH_TIDY_SIGNED, CH_TIDY_UNSIGNED, CH_TIDY_REAL };

struct ch_tidy_column {
    char *name, *unit;
    hid_t set, space;
    enum ch_tidy_form form;
    unsigned rank, dim[CH_H5_RANK_MAX]; /* which of the table's dimensions */
    size_t stride[CH_H5_RANK_MAX];      /* by the table's dimensions, in the block; 0: repeated */
    void *block;                        /* int64, uint64, double or char * */
    size_t n_block;
    char **word; /* what integers stand for; others stand for nothing */
    size_t n_words;
    double scale;
    int64_t epoch_s, per_s; /* times: the moment 0, ticks per second; per_s 0: no time */
    bool only_of_retailers; /* words hold in rows whose kind says so, see of_retailers */
};

struct ch_tidy {
    const char *path, *group;
    hid_t file, text;
    unsigned rank, n_columns, split; /* dimensions before `split` are walked one by one */
    char dim[CH_H5_RANK_MAX][CH_H5_PATH_MAX];
    hsize_t n[CH_H5_RANK_MAX], at[CH_H5_RANK_MAX],
        step; /* the next block begins at `at`, and takes `step` of dimension `split` */
    struct ch_tidy_column *column;
    const struct ch_tidy_column *kind; /* of a log */
    bool *of_retailers;                /* [kind]: does `other` number a retailer? */
    bool done;
};

#endif
