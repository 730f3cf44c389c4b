/* SPDX-License-Identifier: MIT
 * Mean and variance of observations or of paired differences, shared by the files of this folder. */
#ifndef CH_MOMENTS_H
#define CH_MOMENTS_H

#include "stats/stats.h"
#include <chaland/numeric.h>

struct ch_moments {
    double mean, variance; /* NaN when undefined: n < 1, n < 2 */
    unsigned n;            /* without the undefined ones */
};

/* Of a[i] - b[i], or of a[i] when b is NULL. */
struct ch_moments ch_moments_of(const double *a, const double *b, unsigned n);
/* The t-interval of a mean difference. */
struct ch_interval ch_paired_of(const struct ch_moments *difference, double confidence, unsigned statements);

#endif
