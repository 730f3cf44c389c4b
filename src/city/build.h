/* SPDX-License-Identifier: MIT
 * Builds the const city of chaland/city.h from a scenario: own data where it is given, generated otherwise (keyed draws of
 * replication 0, so that all replications share the city). */
#ifndef CH_CITY_BUILD_H
#define CH_CITY_BUILD_H

#include "scenario/scenario.h"
#include <chaland/city.h>
#include <chaland/error.h>

struct ch_arena;

struct ch_city_build {
    struct ch_city city;
    /* Overrides of model parameters by single items: item_params[kind][section][item] is a copy of the section's block with the
     * item's values, or NULL; item_params[kind][section] is NULL when no item overrides that section, and item_params[kind] when
     * no section is overridden. */
    const void *const *const *item_params[CH_N_ITEMS];
    size_t bytes;           /* memory held */
    struct ch_arena *arena; /* private: holds everything above */
};

/* Errors in items go to diag with their marks, all of them. *build is NULL then, or if diag had errors before: CH_INVALID, or
 * CH_TOO_BIG when memory is short. */
enum ch_code ch_city_create(const struct ch_scenario *scenario, struct ch_diag *diag, struct ch_city_build **build);
void ch_city_destroy(struct ch_city_build *build); /* NULL is allowed */

/* Name of an item, and where its column "section.parameter" was written in the user's own data; false if nowhere. */
const char *ch_city_item_id(const struct ch_city *city, enum ch_item kind, uint32_t item);
bool ch_city_item_mark(const struct ch_scenario *scenario, const struct ch_city *city, enum ch_item kind, uint32_t item,
                       const char *key, struct ch_mark *mark);

#endif
