/* SPDX-License-Identifier: MIT
 * Hand-written mini-models that test schedulers alone, away from models/: a mini is its kinds, its handler and its state.
 * The state is compared byte by byte after runs under different schedulers. */
#ifndef MINIS_H
#define MINIS_H

#include "event_log.h"

enum { MINI_WORKERS_MAX = 8 };

struct mini {
    const char *name;
    uint32_t n_places, n_entities, n_rows;
    const struct ch_kind *kind;
    unsigned n_kinds;
    size_t place_size, entity_size;                                         /* zeroed state */
    void (*start)(struct mini *mini, struct ch_lane *lane, uint32_t place); /* sends the first events */
    void (*handle)(struct ch_lane *lane, const struct ch_event *ev);
    /* set by mini_run */
    struct ch_key key;
    unsigned char *place_state, *entity_state;
    ch_time lookahead;     /* 0: CH_LOOKAHEAD. Rows are published every three */
    struct log *log;       /* sees all that is handled; NULL: none */
    const void *parameter; /* free for the mini */
};

struct mini_lane {
    struct ch_lane lane; /* first */
    struct mini *mini;
};

struct mini_setting {
    const struct ch_scheduler *scheduler;
    unsigned workers;
    uint32_t tile_places;
    uint64_t perturb;
    ch_time pause; /* run_until is called in steps of this; 0: at once */
    /* At each pause a fresh scheduler takes up the image and what is pending: this one, then `scheduler` again. NULL: none does */
    const struct ch_scheduler *heir;
};

struct mini_result {
    uint64_t fingerprint, events, pending, state_hash;
    uint64_t pauses_hash; /* what was pending, and how much was done, at each pause and at the end */
    uint32_t tiles;       /* in the end: no result, but how it was reached */
};

/* Runs until `end`; the caller has filled everything but the state. Aborts on errors. */
struct mini_result mini_run(struct mini *mini, struct mini_setting setting, uint64_t seed, ch_time end);

extern const struct mini mini_queue, mini_walker, mini_ledger, mini_storm;

/* Conservation laws of the minis, checked on the state that mini_run left; release with mini_fini. */
int mini_ledger_balanced(const struct mini *mini);
int mini_walker_counts(const struct mini *mini);
void mini_fini(struct mini *mini);

#endif
