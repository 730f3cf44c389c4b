/* SPDX-License-Identifier: MIT
 * Paired t. A pair with an undefined side is dropped whole: a failed or undefined replication never counts for one policy. */
#include "stats/stats.h"
#include "stats/moments.h"
#include <chaland/assert.h>
#include <gsl/gsl_cdf.h>
#include <math.h>

/* Sums run relative to the first value, so that equal values have variance 0 exactly. */
struct ch_moments ch_moments_of(const double *a, const double *b, unsigned n)
{
    struct ch_moments m = {.mean = (double)NAN, .variance = (double)NAN};
    double first = 0, sum = 0, squares = 0;
    for (unsigned i = 0; i < n; i++) {
        double y = b ? a[i] - b[i] : a[i];
        if (isnan(y))
            continue;
        if (m.n++ == 0)
            first = y;
        sum += y - first;
    }
    if (m.n == 0)
        return m;
    m.mean = first + sum / m.n;
    for (unsigned i = 0; i < n; i++) {
        double y = (b ? a[i] - b[i] : a[i]) - m.mean;
        squares += isnan(y) ? 0 : y * y;
    }
    if (m.n > 1)
        m.variance = squares / (m.n - 1);
    return m;
}

double ch_t_quantile(double p, double df)
{
    CH_REQUIRE(p > 0 && p < 1 && df > 0);
    return gsl_cdf_tdist_Pinv(p, df);
}

/* Estimate, sd and n; the rest undefined. */
static struct ch_interval begin_interval(const struct ch_moments *m)
{
    return (struct ch_interval){
        .estimate = m->mean, .low = (double)NAN, .high = (double)NAN, .p = (double)NAN, .sd = ch_sqrt(m->variance), .n = m->n};
}

static void set_bounds(struct ch_interval *out, double alpha)
{
    if (out->n < 2)
        return;
    double half = out->sd > 0 ? ch_t_quantile(1 - alpha / 2, out->n - 1) * out->sd / ch_sqrt(out->n) : 0;
    out->low = out->estimate - half;
    out->high = out->estimate + half;
}

static double p_of_zero(const struct ch_interval *d)
{
    if (d->n < 2)
        return (double)NAN;
    if (!(d->sd > 0))
        return d->estimate == 0 ? 1 : 0;
    return 2 * gsl_cdf_tdist_Q(fabs(d->estimate) / (d->sd / ch_sqrt(d->n)), d->n - 1);
}

struct ch_interval ch_mean_interval(const double *y, unsigned n, double confidence)
{
    CH_REQUIRE((y || !n) && confidence > 0 && confidence < 1);
    struct ch_moments m = ch_moments_of(y, NULL, n);
    struct ch_interval out = begin_interval(&m);
    set_bounds(&out, 1 - confidence);
    return out;
}

struct ch_interval ch_paired_of(const struct ch_moments *difference, double confidence, unsigned statements)
{
    struct ch_interval out = begin_interval(difference);
    set_bounds(&out, (1 - confidence) / statements);
    out.p = p_of_zero(&out);
    if (out.p * statements < 1)
        out.p *= statements;
    else if (!isnan(out.p))
        out.p = 1;
    return out;
}

struct ch_interval ch_paired_interval(const double *a, const double *b, unsigned n, double confidence, unsigned statements)
{
    CH_REQUIRE(((a && b) || !n) && confidence > 0 && confidence < 1 && statements > 0);
    struct ch_moments m = ch_moments_of(a, b, n);
    return ch_paired_of(&m, confidence, statements);
}

double ch_variance_ratio(const double *a, const double *b, unsigned n)
{
    CH_REQUIRE((a && b) || !n);
    double mean_a = 0, mean_b = 0, var_a = 0, var_b = 0;
    struct ch_moments d = ch_moments_of(a, b, n);
    if (!(d.variance > 0))
        return (double)NAN;
    for (unsigned i = 0; i < n; i++)
        if (!isnan(a[i] - b[i])) {
            mean_a += a[i] / d.n;
            mean_b += b[i] / d.n;
        }
    for (unsigned i = 0; i < n; i++)
        if (!isnan(a[i] - b[i])) {
            var_a += (a[i] - mean_a) * (a[i] - mean_a);
            var_b += (b[i] - mean_b) * (b[i] - mean_b);
        }
    return (var_a + var_b) / (d.n - 1) / d.variance;
}

static bool wide_enough(unsigned n, double sd, double half, double confidence)
{
    return ch_t_quantile(0.5 + confidence / 2, n - 1) * sd / ch_sqrt(n) <= half;
}

unsigned ch_replications_for(double sd, double half, double confidence)
{
    CH_REQUIRE(confidence > 0 && confidence < 1);
    if (!(sd >= 0) || !(half > 0))
        return 0;
    unsigned few = 1, enough = 2; /* the half width falls with n: double, then halve the gap */
    while (enough < 1000000000 && !wide_enough(enough, sd, half, confidence)) {
        few = enough;
        enough = enough < 500000000 ? 2 * enough : 1000000000;
    }
    while (enough - few > 1) {
        unsigned middle = few + (enough - few) / 2;
        if (wide_enough(middle, sd, half, confidence))
            enough = middle;
        else
            few = middle;
    }
    return enough;
}
