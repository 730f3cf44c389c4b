/* SPDX-License-Identifier: MIT
 * Fast draws from fixed laws over nodes; private to src/city.
 * Both take uniforms instead of streams, so that the caller keeps the key of the decision. */
#ifndef CH_CITY_SAMPLER_H
#define CH_CITY_SAMPLER_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

/* Walker's alias method: one uniform, two reads, whatever n is. */
struct ch_alias {
    uint32_t n;
    double *keep;    /* share of slot i that is i itself */
    uint32_t *other; /* whose the rest is */
};
/* Weights >= 0 with a positive sum. False when memory ran out. */
bool ch_alias_init(struct ch_alias *alias, struct ch_arena *arena, const double *weight, uint32_t n);
uint32_t ch_alias_pick(const struct ch_alias *alias, double u);

/* The gravity law on a grid: P(node) in proportion to weight(node) * q^(steps from the origin), exactly, for arbitrary weights.
 * The power of an L1 distance splits into a row part and a column part, and sums of decayed weights obey
 * lo[k] = w[k] + q lo[k - 1]; so four running sums per node suffice for all origins, and a draw is two binary searches. */
struct ch_gravity {
    uint32_t width, height;
    double *power;         /* q^k */
    double *west, *east;   /* [row * width + column]: decayed sums along the row */
    double *south, *north; /* [column * height + row]: of row totals, along the column */
};
bool ch_gravity_init(struct ch_gravity *gravity, struct ch_arena *arena, uint32_t width, uint32_t height, const double *weight,
                     double q);
/* Node drawn from the law around `origin`; UINT32_MAX if all weights are too far to be represented. */
uint32_t ch_gravity_pick(const struct ch_gravity *gravity, uint32_t origin, double u_row, double u_column);

#endif
