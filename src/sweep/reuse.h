/* SPDX-License-Identifier: MIT
 * Takes over from another sweep what this one has, too: a larger grid, or more replications, computes only what is new. */
#ifndef CH_REUSE_H
#define CH_REUSE_H

#include "sweep/plan.h"

/* Copies the finished runs of `old` whose keys are in `plan`; *taken counts them. The old sweep stays as it is; doing it again is
 * harmless. CH_INTERNAL: two results for one key. */
enum ch_code ch_reuse(const struct ch_plan *plan, const struct ch_plan *old, uint64_t *taken, struct ch_error *error);

#endif
