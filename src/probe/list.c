/* SPDX-License-Identifier: MIT
 * The list of all probes, gathered once from the models' rows. */
#define _POSIX_C_SOURCE 200809L
#include "probe/probe.h"
#include "table/table.h"
#include <pthread.h>
#include <stdlib.h>

static bool is_scalar(const struct ch_probe *row) { return row->reducer <= CH_REDUCE_VALUE; }
_Static_assert(CH_REDUCE_STORE == CH_REDUCE_VALUE + 1, "scalars come first in CH_REDUCERS");

static void gather(const struct ch_model *const *models, unsigned n_models, const struct ch_probe **row, unsigned *model,
                   unsigned *first, unsigned *scalar)
{
    unsigned n = 0, n_scalars = 0;
    for (unsigned m = 0; m < n_models; m++) {
        first[m] = n;
        for (unsigned i = 0; i < models[m]->n_probes; i++) {
            const struct ch_probe *probe = &models[m]->probe[i];
            CH_REQUIRE((probe->reducer != CH_REDUCE_P95 && probe->reducer != CH_REDUCE_P50) || probe->bin > 0);
            if (is_scalar(probe))
                scalar[n_scalars++] = n;
            row[n] = probe;
            model[n++] = m;
        }
    }
}

struct ch_probe_list *ch_probe_list_create(const struct ch_model *const *models, unsigned n_models)
{
    struct ch_probe_list *list = calloc(1, sizeof *list);
    unsigned n = 0, n_scalars = 0;
    for (unsigned m = 0; m < n_models; m++)
        for (unsigned i = 0; i < models[m]->n_probes; i++, n++)
            n_scalars += is_scalar(&models[m]->probe[i]);
    const struct ch_probe **row = calloc(n + 1u, sizeof *row);
    unsigned *index = calloc(2u * n + n_models + 1u, sizeof *index); /* model[n], scalar[n], first[n_models] */
    if (!list || !row || !index) {
        free(list);
        free(row);
        free(index);
        return NULL;
    }
    gather(models, n_models, row, index, index + 2u * n, index + n);
    *list = (struct ch_probe_list){n, row, index, index + 2u * n, n_scalars, index + n};
    return list;
}

void ch_probe_list_destroy(struct ch_probe_list *list)
{
    if (!list)
        return;
    free((void *)list->row);
    free((void *)list->model);
    free(list);
}

static struct ch_probe_list *all;

static void gather_all(void)
{
    const struct ch_model *models[CH_MODELS_MAX];
    for (unsigned m = 0; m < ch_n_models(); m++)
        models[m] = ch_model(m);
    all = ch_probe_list_create(models, ch_n_models());
    CH_REQUIRE(all && "out of memory for the list of probes");
}

const struct ch_probe_list *ch_probe_list(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, gather_all);
    return all;
}

size_t ch_probe_cells(const struct ch_probe *row, const struct ch_probe_shape *shape)
{
    CH_REQUIRE(row->reducer <= CH_REDUCE_MAP);
    switch (row->reducer) {
    case CH_REDUCE_SUM:
    case CH_REDUCE_VALUE:
        return 1;
    case CH_REDUCE_RATIO:
    case CH_REDUCE_MEAN:
        return 2;
    case CH_REDUCE_P95:
    case CH_REDUCE_P50:
        return 2 + CH_HISTOGRAM_BINS;
    case CH_REDUCE_STORE:
        return shape->n_stores;
    case CH_REDUCE_RETAILER:
        return shape->n_retailers;
    case CH_REDUCE_PAIR:
        return shape->n_retailers <= CH_PAIRS_MAX ? (size_t)shape->n_retailers * shape->n_retailers : 0;
    case CH_REDUCE_COURIER:
        return shape->n_couriers;
    case CH_REDUCE_DAILY:
        return shape->n_days;
    case CH_REDUCE_MAP:
        return (size_t)168 * shape->n_nodes;
    }
    return 0;
}
