/* SPDX-License-Identifier: MIT
 * A stand-in for the model of day plans: everybody walks, for ever. */
#ifndef CH_BENCH_STROLL_H
#define CH_BENCH_STROLL_H

#include <chaland/model.h>

enum { CH_STROLL_BLOCKS = 20 }; /* side of the square in which goals lie */

extern const struct ch_model ch_bench_stroll;

#endif
