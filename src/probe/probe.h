/* SPDX-License-Identifier: MIT
 * Accumulators behind PROBES rows: one set of int64 arrays per worker (maps: one for all, cells are owned by their place),
 * merged in a fixed order, so that results do not depend on threads. */
#ifndef CH_PROBE_H
#define CH_PROBE_H

#include <chaland/error.h>
#include <chaland/model.h>
#include <chaland/row.h>

/* All probes of all models, in the order of models.def. Names are unique across models. */
struct ch_probe_list {
    unsigned n;
    const struct ch_probe *const *row; /* [n] */
    const unsigned *model;             /* [n]: index of the model */
    const unsigned *first;             /* [n_models]: first probe of each model */
    unsigned n_scalars;                /* SUM RATIO MEAN P95 P50 VALUE */
    const unsigned *scalar;            /* [n_scalars]: index of the probe */
};
const struct ch_probe_list *ch_probe_list(void);
/* The same of any models, for tests and mini-models; NULL when out of memory. Freed with ch_probe_list_destroy. */
struct ch_probe_list *ch_probe_list_create(const struct ch_model *const *models, unsigned n_models);
void ch_probe_list_destroy(struct ch_probe_list *list);

/* Shape of the arrays of one run. */
struct ch_probe_shape {
    uint32_t n_stores, n_retailers, n_couriers, n_days, n_nodes;
};

struct ch_board; /* accumulators of one run */
enum ch_code ch_board_create(const struct ch_probe_shape *shape, unsigned workers, struct ch_board **board,
                             struct ch_error *error);
/* The same for another list, which must outlive the board. */
enum ch_code ch_board_create_of(const struct ch_probe_list *list, const struct ch_probe_shape *shape, unsigned workers,
                                struct ch_board **board, struct ch_error *error);
void ch_board_destroy(struct ch_board *board);
void ch_board_clear(struct ch_board *board);                                                /* end of the warm-up */
int64_t *const *ch_board_of_model(struct ch_board *board, unsigned worker, unsigned model); /* for struct ch_self.acc */
/* To keep what was counted, and to bring it back: cells of all probes but maps, of the maps; their sums over workers; adding such
 * sums; the maps themselves. A VALUE, set once by one worker, is its own sum. */
void ch_board_size(const struct ch_board *board, size_t *n_plain, size_t *n_map);
void ch_board_sum(const struct ch_board *board, int64_t *sum);
void ch_board_add(struct ch_board *board, const int64_t *plain);
int64_t *ch_board_map(const struct ch_board *board);

/* What is left of a run: scalars as doubles in their units, tables as int64 in accumulator units (times scale gives units). */
struct ch_measures {
    struct ch_probe_shape shape;
    double *scalar; /* [n_scalars] */
    int64_t *raw;   /* all merged integer accumulators in probe order, the maps after the others; no VALUE cells */
    size_t n_raw;
    const int64_t **table; /* [n probes]: into raw; NULL for scalars */
    unsigned n_probes;
    size_t n_plain;  /* cells before the first map */
    char sha256[65]; /* of raw, its maps included: the identity of the counts, formed by ch_board_measure */
};
/* Merges the workers in index order. */
enum ch_code ch_board_measure(const struct ch_board *board, struct ch_measures *out, struct ch_error *error);
/* Gives the memory of the maps back; their tables become NULL, the hash stays. */
void ch_measures_drop_maps(struct ch_measures *measures);
void ch_measures_fini(struct ch_measures *measures);
size_t ch_probe_cells(const struct ch_probe *row, const struct ch_probe_shape *shape); /* int64 cells of one accumulator */

#endif
