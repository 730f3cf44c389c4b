/* SPDX-License-Identifier: MIT
 * Which policies are worth choosing between, and how sure is it? Replications are resampled as whole rows, so that what common
 * random numbers tie together stays together, and the policies that nobody beats are counted (F6). */
#include "stats/stats.h"
#include <chaland/assert.h>
#include <chaland/rng.h>
#include <math.h>
#include <stdlib.h>

/* A replication number that no run can have, and not that of maxt.c. */
static const uint32_t BOOTSTRAP = 0xb0075743u;

/* At least as good in both, and better in one. Price is what one wants little of. */
static bool dominates(double gain_a, double price_a, double gain_b, double price_b)
{
    return gain_a >= gain_b && price_a <= price_b && (gain_a > gain_b || price_a < price_b);
}

static void mark(const double *gain, const double *price, unsigned k, bool *best)
{
    for (unsigned i = 0; i < k; i++) {
        best[i] = true;
        for (unsigned j = 0; j < k && best[i]; j++)
            best[i] = !dominates(gain[j], price[j], gain[i], price[i]);
    }
}

/* Replications in which everything is defined; their number. */
static unsigned usable(const double *const *gain, const double *const *price, unsigned k, unsigned n, unsigned *row)
{
    unsigned kept = 0;
    for (unsigned r = 0; r < n; r++) {
        bool good = true;
        for (unsigned i = 0; i < k; i++)
            good = good && isfinite(gain[i][r]) && isfinite(price[i][r]);
        if (good)
            row[kept++] = r;
    }
    return kept;
}

/* Sums in order of the replications' numbers: equal samples are equal to the bit. */
static void sum_up(const double *const *y, unsigned k, const unsigned *row, const unsigned *times, unsigned n, double *sum)
{
    for (unsigned i = 0; i < k; i++) {
        sum[i] = 0;
        for (unsigned r = 0; r < n; r++)
            sum[i] += times[r] * y[i][row[r]];
    }
}

bool ch_pareto(const double *const *gain, const double *const *price, unsigned k, unsigned n, unsigned resamples, unsigned seed,
               bool *on_means, double *probability)
{
    CH_REQUIRE(gain && price && k > 0 && resamples > 0 && on_means && probability && n <= 1u << 18);
    struct ch_key key = {seed, BOOTSTRAP};
    unsigned *row = calloc(2 * (size_t)n + 1, sizeof *row), *times = row + n;
    double *sum = calloc(2 * (size_t)k, sizeof *sum);
    bool *best = calloc(k, sizeof *best);
    unsigned kept = row && sum && best ? usable(gain, price, k, n, row) : 0;
    for (unsigned i = 0; i < k; i++)
        probability[i] = 0;
    for (unsigned b = 0; b <= resamples && kept; b++) { /* the last one is the sample itself */
        struct ch_draw draw = ch_draw_open(key, b, 0, 0);
        for (unsigned r = 0; r < kept; r++)
            times[r] = b == resamples;
        for (unsigned r = 0; r < kept && b < resamples; r++)
            times[ch_draw_below(&draw, kept)]++;
        sum_up(gain, k, row, times, kept, sum);
        sum_up(price, k, row, times, kept, sum + k);
        mark(sum, sum + k, k, b < resamples ? best : on_means);
        for (unsigned i = 0; i < k && b < resamples; i++)
            probability[i] += best[i] ? 1.0 / resamples : 0;
    }
    free(row);
    free(sum);
    free(best);
    return kept > 0;
}
