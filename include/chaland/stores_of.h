/* SPDX-License-Identifier: MIT
 * The stores of each retailer, as a table of a model: those of retailer r are store[first[r]] .. store[first[r + 1] - 1]. */
#ifndef CHALAND_STORES_OF_H
#define CHALAND_STORES_OF_H

#include <chaland/model.h>

struct ch_stores_of {
    const uint32_t *first, *store;
};

/* In tabulate. */
static inline struct ch_stores_of ch_stores_by_retailer(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    uint32_t *first = ch_setup_alloc(setup, (size_t)city->n_retailers + 2, sizeof *first);
    uint32_t *store = ch_setup_alloc(setup, (size_t)city->n_stores + 1, sizeof *store);
    for (uint32_t s = 0; s < city->n_stores; s++)
        first[city->stores[s].retailer + 2]++;
    for (uint32_t r = 2; r <= city->n_retailers; r++)
        first[r] += first[r - 1];
    for (uint32_t s = 0; s < city->n_stores; s++) /* what was the beginning of the next retailer becomes the end of this one */
        store[first[city->stores[s].retailer + 1]++] = s;
    return (struct ch_stores_of){first, store};
}

#endif
