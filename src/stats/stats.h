/* SPDX-License-Identifier: MIT
 * Comparison of policies by paired differences per replication (common random numbers), with GSL's t quantiles. */
#ifndef CH_STATS_H
#define CH_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct ch_interval {
    double estimate, low, high;
    double p;   /* two-sided p of "no difference"; NaN for plain means */
    double sd;  /* of the observations or differences */
    unsigned n; /* pairs or observations used; those with an undefined (NaN) side are dropped */
};

/* In another unit; factor > 0. */
static inline struct ch_interval ch_interval_scaled(struct ch_interval i, double factor)
{
    i.estimate *= factor;
    i.low *= factor;
    i.high *= factor;
    i.sd *= factor;
    return i;
}

/* Mean with t-interval; NaN bounds for n < 2. */
struct ch_interval ch_mean_interval(const double *y, unsigned n, double confidence);
/* Mean of a[i] - b[i] (F1). `statements` > 1 divides alpha and multiplies p (Bonferroni), so that p < 1 - confidence just
 * when the interval leaves out 0. Zero variance gives a zero-width interval, with p = 1 at 0 and p = 0 elsewhere. */
struct ch_interval ch_paired_interval(const double *a, const double *b, unsigned n, double confidence, unsigned statements);
/* Variance reduction: (var a + var b) / var(a - b); NaN if undefined. */
double ch_variance_ratio(const double *a, const double *b, unsigned n);
/* Replications needed for a half width `half` of a paired difference with standard deviation sd; at least 2, at most 10^9;
 * 0 when sd or half says nothing (NaN, or half <= 0). */
unsigned ch_replications_for(double sd, double half, double confidence);
/* Bootstrap max-t simultaneous intervals for k contrasts over the same n replications (F2): d[k][n]. Replications are drawn
 * with a key of their own, whole rows at a time; p is adjusted for all k. Where the bootstrap cannot say (few or mostly equal
 * differences, or no memory) the intervals are Bonferroni's. */
void ch_maxt_intervals(const double *const *d, unsigned k, unsigned n, double confidence, unsigned resamples, unsigned seed,
                       struct ch_interval *out);
double ch_t_quantile(double p, double df);
/* Of k policies, gain[k][n] and price[k][n] per replication: which has no other that is at least as good in both and better in
 * one, on the means; and in what share of `resamples` bootstrap samples of whole replications (F6). False: no replication in
 * which all is defined. */
bool ch_pareto(const double *const *gain, const double *const *price, unsigned k, unsigned n, unsigned resamples, unsigned seed,
               bool *on_means, double *probability);

#endif
