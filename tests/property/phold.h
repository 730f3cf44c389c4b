/* SPDX-License-Identifier: MIT
 * PHOLD with every knob that an engine could trip over, as a mini-model: how many at each place, how many of them go elsewhere,
 * and how far apart delays are. What a place remembers enters what it sends next, so an event out of order changes the rest. */
#ifndef PHOLD_H
#define PHOLD_H

#include "minis.h"

struct phold {
    const char *name;
    uint32_t n_places;
    unsigned each;   /* events at each place at the start */
    unsigned remote; /* percent that go to another place */
    unsigned hot;    /* percent of these that go to place 0 */
    unsigned timers; /* percent that stay as timers, due within the window or at once */
    ch_time lookahead;
    ch_time grain;   /* delays are lookahead + grain * k, */
    unsigned spread; /* with k below this; 1: all are equal */
    ch_time first;   /* of the first events; at least the lookahead */
    ch_time end, pause;
};

/* Runs the case; mini_run's result. `log` must be of as many places. */
struct mini_result phold_run(const struct phold *its, struct mini_setting setting, uint64_t seed, struct log *log);

#endif
