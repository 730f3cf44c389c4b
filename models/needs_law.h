/* SPDX-License-Identifier: MIT
 * Private to needs.c, where the mechanism is explained: the stationary law of open needs, and its weekly cycle. */
#ifndef CH_NEEDS_LAW_H
#define CH_NEEDS_LAW_H

#include <chaland/model.h>

enum { WEEKDAYS = 7 };

/* E[X^e] of a lognormal X with mean 1 and sd s of its logarithm. */
static inline double lognormal_moment(double s, double e) { return ch_exp(0.5 * s * s * e * (e - 1)); }

static void end_times(double pace, double loss, double ends[UINT8_MAX])
{
    ends[0] = 0; /* not used: no need ends where none is open */
    for (unsigned n = 1; n < UINT8_MAX; n++)
        ends[n] = 1 / (pace + n * loss);
}

/* Chances, up to a factor, of 0, 1, ... open needs, up to the first that is 0; their sum. What a byte cannot hold does not
 * occur. */
static double open_law(double rate, double loss, const double ends[UINT8_MAX], double chance[UINT8_MAX])
{
    double sum = chance[0] = 1;
    rate = rate < 200 * loss ? rate : 200 * loss;
    for (unsigned n = 1; n < UINT8_MAX && chance[n - 1] > 0; n++)
        sum += chance[n] = chance[n - 1] > 1e-12 * sum ? chance[n - 1] * rate * ends[n] : 0;
    return sum;
}

/* Share of needs that a purchase meets. */
static double met_share(double rate, double pace, double loss)
{
    double chance[UINT8_MAX], ends[UINT8_MAX];
    end_times(pace, loss, ends);
    double sum = open_law(rate, loss, ends, chance);
    return rate > 0 ? pace * (1 - 1 / sum) / rate : 0;
}

/* The pace of those who do not work that makes the city's met share `met`; by bisection. */
static double pace_of(double met, double rate, double loss, double workers, double busy)
{
    double low = 0, high = 100;
    for (int i = 0; i < 60; i++) {
        double pace = (low + high) / 2;
        if ((1 - workers) * met_share(rate, pace, loss) + workers * met_share(rate, busy * pace, loss) < met)
            low = pace;
        else
            high = pace;
    }
    return (low + high) / 2;
}

/* Open needs on the morning of each weekday, over those of an average one: the weekly cycle of their mean, from any start. */
static void set_mornings(const double *week, double met, double loss, double mornings[WEEKDAYS])
{
    enum { WEEKS = 100 };
    double all = 0, sum = 0, open = (1 - met) / loss; /* a need a day arrives */
    for (int d = 0; d < WEEKDAYS; d++)
        all += week[d] / WEEKDAYS;
    for (int d = 0; d < WEEKS * WEEKDAYS; d++) {
        if (d == (WEEKS - 1) * WEEKDAYS)
            sum = 0;
        mornings[d % WEEKDAYS] = open;
        sum += open / WEEKDAYS;
        open = open * (1 - loss) + 1 - (all > 0 ? met * week[d % WEEKDAYS] / all : met);
        open = open > 0 ? open : 0;
    }
    for (int d = 0; d < WEEKDAYS; d++)
        mornings[d] = sum > 0 ? mornings[d] / sum : 1;
}

/* `n` open needs of an average morning on one where there are `share` times as many; `mean` is that of an average one. */
static unsigned on_morning(struct ch_draw *draw, unsigned n, double share, double mean)
{
    unsigned kept = 0;
    if (share >= 1)
        return n + (ch_unit(ch_draw_u32(draw)) < (share - 1) * mean);
    for (; n > 0; n--)
        kept += ch_unit(ch_draw_u32(draw)) < share;
    return kept;
}

static uint8_t draw_open(struct ch_draw *draw, double rate, double loss, const double ends[UINT8_MAX])
{
    double chance[UINT8_MAX], u = ch_unit(ch_draw_u32(draw)) * open_law(rate, loss, ends, chance);
    unsigned n = 0;
    while (n + 1 < UINT8_MAX && chance[n] > 0 && u >= chance[n])
        u -= chance[n++];
    return (uint8_t)n;
}

#endif
