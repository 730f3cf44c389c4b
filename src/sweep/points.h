/* SPDX-License-Identifier: MIT
 * Design points while somebody works on them: scenario, key and, if anything has to run, its stage. Made by whoever comes first,
 * shared by all threads, given up when work has moved on, so that a sweep of any number of points needs memory for few. */
#ifndef CH_POINTS_H
#define CH_POINTS_H

#include "sim/sim.h"
#include "sweep/key.h"
#include "sweep/outcome.h"
#include <pthread.h>

struct ch_point {
    unsigned number, users;
    uint32_t seed;
    struct ch_scenario *scenario; /* NULL: it cannot be made, and `error` says why */
    struct ch_run_key key;
    struct ch_stage *stage; /* NULL until ch_point_stage */
    struct ch_whereabouts where;
    struct ch_error error;
    bool made, staged;
    pthread_mutex_t lock; /* while it is made */
    struct ch_point *next;
};

struct ch_points {
    const struct ch_scenario *scenario;
    pthread_mutex_t lock;
    struct ch_point *first;
};

void ch_points_begin(struct ch_points *points, const struct ch_scenario *scenario);
void ch_points_end(struct ch_points *points);

/* The point, with its scenario and key unless they are impossible; NULL without memory. Give it back. Any thread. */
struct ch_point *ch_points_take(struct ch_points *points, unsigned number);
void ch_points_give(struct ch_points *points, struct ch_point *point);
/* Makes the stage: false if it cannot be, and point->error says why. Any thread. */
bool ch_point_stage(struct ch_point *point);

/* All that is wrong, as one line: for a point whose values do not go together. */
void ch_point_explain(const struct ch_diag *diag, struct ch_error *error);

#endif
