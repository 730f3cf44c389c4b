/* SPDX-License-Identifier: MIT
 * Private to src/sim: a run and its workers, and what is done at each event (handle.c). */
#ifndef CH_RUN_H
#define CH_RUN_H

#include "sim/chronicle.h"
#include "sim/stage.h"

/* A worker's context; ctx is first, so that the scheduler's lane is the context and the worker. */
struct worker {
    _Alignas(128) struct ch_ctx ctx; /* written at each event: no other worker's line, nor the neighbour of one */
    const struct ch_call *call;      /* [rank] */
    bool watched;                    /* somebody looks at every event */
    struct ch_self *self;            /* [model]: with this worker's accumulators */
    struct run *run;
    int64_t *reads, *refused; /* counters of ch_may_read; never NULL */
    int64_t nobody;           /* where they point when no model declares the probe */
    char *waiting;            /* [model]: worker_size bytes */
    struct ch_chronicle chronicle;
    struct ch_chronicle *chronicle_at; /* what its listener finds */
};

struct run {
    const struct ch_call *call; /* [rank] */
    uint32_t n_people;
    const struct ch_stage *stage;
    const struct ch_run_options *options;
    struct ch_world world;
    struct ch_person *people;
    unsigned char *person_state, *app_state, *place_state, *store_state, *clearing_state, *dispatch_state;
    uint32_t *owner;
    struct worker *worker; /* [workers] */
    struct ch_board *board;
    void *scheduler;
};

/* For the scheduler; the lane is a worker's, `user` is the run. */
void ch_run_handle(struct ch_lane *lane, const struct ch_event *ev);
void ch_run_prefetch(void *user, const struct ch_event *ev);
void ch_run_soon(void *user, const struct ch_event *ev);

#endif
