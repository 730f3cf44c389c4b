/* SPDX-License-Identifier: MIT
 * A simulation: the registered models bound to a city and a scheduler.
 *
 * A stage is what a design point fixes and all its runs share: the city, the models' tables, the layout of state, the
 * table of kinds. A run is one policy and one replication on a stage; runs of one stage are independent of each other. */
#ifndef CH_SIM_H
#define CH_SIM_H

#include "city/build.h"
#include "engine/engine.h"
#include "output/results.h"
#include "scenario/scenario.h"
#include <chaland/model.h>
#include <stdatomic.h>

struct ch_stage;
struct ch_sets;

/* Borrows the scenario, which must outlive the stage. Mistakes in the user's own data go to diag with their marks. */
enum ch_code ch_stage_create(const struct ch_scenario *scenario, struct ch_diag *diag, struct ch_stage **stage,
                             struct ch_error *error);
/* The same with another model in the part of the one of its name, for benchmarks: its parameters and probes go unused. */
enum ch_code ch_stage_create_with(const struct ch_scenario *scenario, const struct ch_model *stand_in, struct ch_diag *diag,
                                  struct ch_stage **stage, struct ch_error *error);
void ch_stage_destroy(struct ch_stage *stage);
const struct ch_city *ch_stage_city(const struct ch_stage *stage);

struct ch_run_options {
    unsigned policy, replication;
    uint32_t seed;                        /* of the point */
    unsigned workers;                     /* threads inside the run */
    const struct ch_scheduler *scheduler; /* &ch_parallel or &ch_oracle */
    uint32_t tile_places;                 /* 0: automatic */
    uint64_t perturb;                     /* 0: off */
    bool ranks;                           /* all processes of comm/comm.h run it together; rank 0 has the outcome */
    struct ch_sets *sets;                 /* where it is kept now and then, and taken up; NULL: nowhere. See sets.h */
    unsigned number;                      /* of the run among those kept there */
    const atomic_int *stop;               /* set to stop at the next day's end, sooner with `sets`; NULL: never */
    /* A day of this run is done, with so many events; may be called from any thread; NULL: none. */
    void (*day_done)(void *arg, uint64_t events);
    void *arg;
    /* Sees every event just before it is handled, for complete logs in tests; NULL: none. May be called from any thread. */
    void (*see)(void *arg, const struct ch_event *ev, uint32_t kind_id, unsigned slots);
};

/* CH_STOPPED when `stop` was set. The outcome is to be released with ch_outcome_fini. */
enum ch_code ch_stage_run(const struct ch_stage *stage, const struct ch_run_options *options, struct ch_outcome *outcome,
                          struct ch_error *error);
void ch_outcome_fini(struct ch_outcome *outcome);

/* Bytes that one run of this stage will take, about. */
struct ch_need {
    size_t state; /* while it lives */
    size_t
        maps; /* in addition; so much again where they are summed or kept, and for a moment at its end, when its state is gone */
    size_t counts; /* that stay of it */
};
struct ch_need ch_stage_need(const struct ch_stage *stage, unsigned workers, const struct ch_scheduler *scheduler);
/* Bytes that a person takes, at least: before there is a stage. */
size_t ch_least_per_person(void);

uint32_t ch_stage_days(const struct ch_stage *stage);

/* Kinds of events by rank: letters, then the messages of each model. */
const struct ch_kind *ch_stage_kinds(const struct ch_stage *stage, unsigned *n);

#endif
