/* SPDX-License-Identifier: MIT
 * The plain law of models/beacons.c, pass by pass and summed up: what its tables are compared with. */
#ifndef BEACONS_PLAIN_H
#define BEACONS_PLAIN_H

#include <math.h>
#include <string.h>

static unsigned margin_index(double place) { return place <= 0 ? 0 : place >= N_MARGINS ? N_MARGINS : (unsigned)place; }

struct listener {
    const struct radio *radio;
    double shift, threshold, heard;
};

static void hear_piece(void *arg, const struct piece *piece)
{
    struct listener *one = arg;
    double hazard = piece->windows * hazard_of(one->radio, margin_index(piece->margin - one->shift), piece->packets);
    if (one->heard < 0 && hazard >= one->threshold)
        one->heard = piece->begin + (piece->end - piece->begin) * one->threshold / hazard;
    one->threshold -= hazard;
}

/* Seconds from the start of the pass to detection, or -1. `threshold` is an exponential draw, `phase` uniform in (0, 1). */
static double hear_plainly(const struct radio *its_radio, const struct beam *beam, const struct pass *pass,
                           const struct scan *scan, double shadow, double phase, double threshold)
{
    struct listener one = {its_radio, shadow / its_radio->fading * MARGIN_STEPS, threshold, -1};
    listen(its_radio, beam, pass, scan, -phase * scan->period, hear_piece, &one);
    return one.heard;
}

/* Shadowings and phases of a sum so fine that it stands for the law itself. */
enum { FINE_SHADOWS = 121, FINE_PHASES = 150 };
struct fine {
    const struct radio *radio;
    double weight[FINE_SHADOWS], shift[FINE_SHADOWS], hazard[FINE_SHADOWS];
};

static void add_hazard(void *arg, const struct piece *piece)
{
    struct fine *fine = arg;
    for (int j = 0; j < FINE_SHADOWS; j++)
        fine->hazard[j] += piece->windows * hazard_of(fine->radio, margin_index(piece->margin - fine->shift[j]), piece->packets);
}

/* Chance of a pass by the plain law. */
static double by_sum(const struct radio *its_radio, const struct beacons_params *p, const struct beam *beam,
                     const struct scan *scan, const struct pass *pass)
{
    static struct fine fine;
    double total = 0, heard = 0, both = pass->seconds + scan->window, span = both < scan->period ? both : scan->period;
    fine.radio = its_radio;
    int phases = scan->period < 1 ? 1 : FINE_PHASES;
    for (int j = 0; j < FINE_SHADOWS; j++) {
        double z = -6 + 12.0 * j / (FINE_SHADOWS - 1);
        fine.shift[j] = z * p->shadowing / p->fading * MARGIN_STEPS;
        total += fine.weight[j] = exp(-z * z / 2);
    }
    for (int k = 0; k < phases; k++) {
        memset(fine.hazard, 0, sizeof fine.hazard);
        listen(its_radio, beam, pass, scan, span * (k + 0.5) / phases - scan->window, add_hazard, &fine);
        for (int j = 0; j < FINE_SHADOWS; j++)
            heard += fine.weight[j] / total * (1 - exp(-fine.hazard[j])) / phases;
    }
    return scan->period < 1 ? heard : heard * span / scan->period;
}

/* Passes for which tables and law are compared. */
struct shape_row {
    double from, to, lateral; /* m */
    bool ios;
    int mode;
    double speed;
};
static const struct shape_row shapes[] = {
    {-40, 40, 10, false, SCREEN_OFF, 1.34},
    {-40, 0, 25, false, SCREEN_OFF, 0.9},
    {-5, 6, 40, false, SCREEN_OFF, 1.2},
    {-40, 40, 10, false, LOW_POWER, 1.5},
    {-20, 30, 2, false, BALANCED, 1.34},
    {-45, 45, 30, false, 0, 2.2},
    {-45, 45, 15, true, 0, 1.1},
    {-10, -4, 30, true, 0, 1.34},
    {-45, 45, 5, true, 1, 1.34},
    {10, 45, 1, false, SCREEN_OFF, 0.4},
};

#endif
