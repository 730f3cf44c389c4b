/* SPDX-License-Identifier: MIT
 * Private to src/sim: a run and its workers, shared by the files that begin it, live it, keep it, and meet other processes. */
#ifndef CH_RUN_H
#define CH_RUN_H

#include "comm/comm.h"
#include "probe/probe.h"
#include "sim/chronicle.h"
#include "sim/stage.h"

#ifdef CH_DEBUG
enum { CH_OWNED = 1 }; /* every person is tagged with the place that may touch it */
#else
enum { CH_OWNED = 0 };
#endif

/* A worker's context; ctx is first, so that the scheduler's lane is the context and the worker. */
struct worker {
    _Alignas(128) struct ch_ctx ctx; /* written at each event: no other worker's line, nor the neighbour of one */
    const struct ch_call *call;      /* [rank] */
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
    uint64_t told;      /* events, to day_done */
    double begun;       /* by the clock */
    double wall_before; /* seconds that went into it before this process took it up */
    /* with other processes */
    bool ranks;
    uint8_t *here;                /* [person]: the body, or its way, is with this process */
    struct ch_mail guests;        /* at rank 0, after a muster: what is pending elsewhere */
    struct ch_engine_image image; /* after a muster or a checkpoint; arrays are made when first needed */
};

/* ---- handle.c: for the scheduler; the lane is a worker's, `user` is the run. */
void ch_run_handle(struct ch_lane *lane, const struct ch_event *ev);
/* The same when somebody looks at every event. */
void ch_run_watch(struct ch_lane *lane, const struct ch_event *ev);
void ch_run_prefetch(void *user, const struct ch_event *ev);
void ch_run_soon(void *user, const struct ch_event *ev);

/* ---- run.c */
double ch_run_wall(const struct run *run); /* seconds that went into it */

/* ---- start.c */
enum ch_code ch_run_allocate(struct run *run, struct ch_error *error);
enum ch_code ch_run_set_workers(struct run *run, struct ch_error *error);
enum ch_code ch_run_make_world(struct run *run, struct ch_error *error);
/* Everybody at home, and the first events. */
void ch_run_start(struct run *run);
/* All but the board. */
void ch_run_give_back(struct run *run);

/* ---- muster.c */
/* What goes along with an event that brings a body from process to process; see engine.h. */
size_t ch_run_pack_most(const struct ch_stage *stage);
size_t ch_run_pack(void *user, const struct ch_event *ev, unsigned char *room);
size_t ch_run_unpack(void *user, const struct ch_event *ev, const unsigned char *bytes);
/* After state was taken up: bodies stand at their nodes, but for those that some event brings. */
void ch_run_settle_people(struct run *run);
void ch_run_send_off(struct run *run, const struct ch_event *ev);
/* Rank 0 gets what all others have: state as it is, pending events to look at; counts and lines for good. */
enum ch_code ch_run_muster(struct run *run, struct ch_error *error);
/* The image of this process and, at rank 0 after a muster, of all. */
enum ch_code ch_run_image(struct run *run, struct ch_error *error);

/* ---- checkpoint.c */
enum ch_code ch_checkpoint_write(struct run *run, struct ch_error *error);
/* Takes up the newest good set of this run; *now is 0 when there is none. */
enum ch_code ch_checkpoint_read(struct run *run, ch_time *now, struct ch_error *error);
/* A finished run: keeps it, and brings it back. */
enum ch_code ch_checkpoint_finish(struct run *run, const struct ch_outcome *outcome, struct ch_error *error);
enum ch_code ch_checkpoint_outcome(struct run *run, struct ch_outcome *outcome, struct ch_error *error);

#endif
