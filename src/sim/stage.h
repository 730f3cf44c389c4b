/* SPDX-License-Identifier: MIT
 * Private to src/sim: what a stage holds. */
#ifndef CH_STAGE_H
#define CH_STAGE_H

#include "base/arena.h"
#include "sim/sim.h"
#include <setjmp.h>

/* Sizes and offsets of state, the same for every worker. */
struct ch_layout {
    size_t person, app, store;        /* strides */
    size_t place, clearing, dispatch; /* whole sizes: each model's places lie together, for most events concern one model's */
};

/* Of the person that an event concerns. Whoever keeps a state of people will ask the others about theirs. */
enum ch_fetch { CH_FETCH_NONE, CH_FETCH_PASSING, CH_FETCH_ALL };

/* Who handles a kind of event. */
struct ch_call {
    ch_handler handler;
    uint32_t self_at; /* byte in ctx->selves of the model */
    uint16_t model;
    uint8_t fetch;               /* enum ch_fetch, what is fetched early */
    bool carries;                /* brings the body of dest along */
    size_t place_at, place_step; /* of its places */
};

struct ch_stage {
    const struct ch_scenario *scenario;
    struct ch_city_build *build;
    const struct ch_city *city;
    struct ch_arena *arena;
    unsigned n_models;
    unsigned n_listeners; /* the models, and the log of moments after them if it is wanted */
    struct ch_self *self; /* [listener]: all but acc */
    struct ch_layout layout;
    struct ch_chains *chains;
    unsigned n_kinds;
    struct ch_kind *kind; /* [rank] */
    struct ch_call *call; /* [rank] */
    uint32_t n_rows;
    int64_t *row_start;
    float *load; /* [place] */
    ch_time warmup, end;
    ch_time row_period;
    uint32_t n_days; /* simulated, warm-up included */
    struct ch_probe_shape shape;
    struct {
        unsigned model, probe;
    } reads, refused; /* found by name; model = n_models if absent */
};

/* What ch_setup.workshop points to. Models need not check for memory: when it runs out the set-up is left by longjmp, which is
 * safe here because one thread runs it and all it allocates lies in the stage's arena. */
struct ch_workshop {
    struct ch_arena *arena;
    const struct ch_stage *stage; /* with diag and model, for refuse.c; NULL on a test bench */
    struct ch_diag *diag;
    unsigned model; /* whose set-up this is */
    struct ch_survey survey;
    jmp_buf out_of_memory;
};

/* Fills kind, call and chains from the registry. */
enum ch_code ch_stage_bind(struct ch_stage *stage, struct ch_error *error);

#endif
