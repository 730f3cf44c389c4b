/* SPDX-License-Identifier: MIT
 * The plain law of models/beacons.c, pass by pass: what its tables are compared with. */
#ifndef BEACONS_PLAIN_H
#define BEACONS_PLAIN_H

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

#endif
