/* SPDX-License-Identifier: MIT
 * Simultaneous intervals by the bootstrap max-t. Replications are resampled as whole rows, which keeps the correlation that
 * common random numbers bring between contrasts; the critical value is a quantile of the largest studentised deviation. */
#include "stats/moments.h"
#include <chaland/assert.h>
#include <chaland/rng.h>
#include <math.h>
#include <stdlib.h>

/* A replication number that no run can have (at most 100,000): resampling shares no draw with a simulation. */
static const uint32_t BOOTSTRAP = 0xb0075742u;

struct study {
    const double *const *d;
    unsigned k, n, resamples;
    struct ch_interval *out; /* their estimates, sd and n are in place */
    unsigned *row;           /* [n]: one resample */
    double *deviation;       /* [resamples]: largest studentised deviation of each */
};

/* |mean* - mean| / se* of one contrast; 0 when it never varies, infinite when this resample does not. */
static double studentised(const struct study *s, unsigned contrast)
{
    const double *d = s->d[contrast];
    double centre = s->out[contrast].estimate, sum = 0, squares = 0;
    unsigned n = 0;
    if (!(s->out[contrast].sd > 0))
        return 0;
    for (unsigned i = 0; i < s->n; i++) {
        double y = d[s->row[i]] - centre;
        if (isnan(y))
            continue;
        sum += y;
        squares += y * y;
        n++;
    }
    double left = squares - (n ? sum * sum / n : 0);
    if (n < 2 || !(left > 1e-12 * squares))
        return (double)INFINITY;
    return fabs(sum / n) / ch_sqrt(left / (n - 1) / n);
}

static void resample(const struct study *s, unsigned seed)
{
    struct ch_key key = {seed, BOOTSTRAP};
    for (unsigned b = 0; b < s->resamples; b++) {
        struct ch_draw draw = ch_draw_open(key, b, 0, 0);
        for (unsigned i = 0; i < s->n; i++)
            s->row[i] = ch_draw_below(&draw, s->n);
        double largest = 0;
        for (unsigned c = 0; c < s->k; c++)
            largest = fmax(largest, studentised(s, c));
        s->deviation[b] = largest;
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Interval and adjusted p of each contrast from the sorted deviations. */
static void set_intervals(const struct study *s, double critical)
{
    for (unsigned c = 0; c < s->k; c++) {
        struct ch_interval *out = &s->out[c];
        if (out->n < 2 || !(out->sd > 0))
            continue; /* as Bonferroni left it */
        double se = out->sd / ch_sqrt(out->n), t = fabs(out->estimate) / se;
        unsigned beyond = 0;
        while (beyond < s->resamples && s->deviation[s->resamples - 1 - beyond] >= t)
            beyond++;
        out->low = out->estimate - critical * se;
        out->high = out->estimate + critical * se;
        out->p = (beyond + 1.0) / (s->resamples + 1.0);
    }
}

void ch_maxt_intervals(const double *const *d, unsigned k, unsigned n, double confidence, unsigned resamples, unsigned seed,
                       struct ch_interval *out)
{
    CH_REQUIRE(d && k > 0 && out && resamples > 0 && confidence > 0 && confidence < 1);
    for (unsigned c = 0; c < k; c++) {
        struct ch_moments m = ch_moments_of(d[c], NULL, n);
        out[c] = ch_paired_of(&m, confidence, k);
    }
    /* one draw stream holds 2^18 words; a quantile beyond the largest of `resamples` cannot be read off */
    unsigned at = (unsigned)ceil(confidence * (resamples + 1.0) - 1e-9);
    if (n < 2 || n > 1u << 18 || at > resamples)
        return;
    struct study s = {d, k, n, resamples, out, malloc(n * sizeof(unsigned)), malloc(resamples * sizeof(double))};
    if (s.row && s.deviation) {
        resample(&s, seed);
        qsort(s.deviation, resamples, sizeof *s.deviation, by_size);
        if (isfinite(s.deviation[at - 1]))
            set_intervals(&s, s.deviation[at - 1]);
    }
    free(s.row);
    free(s.deviation);
}
