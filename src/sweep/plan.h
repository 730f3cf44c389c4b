/* SPDX-License-Identifier: MIT
 * The plan of a sweep: its scenario, its runs in one order (point, then policy, then replication), cut into chunks.
 *
 *     DIR/plan.yaml      the scenario with every default spelled out; own data in DIR/data
 *     DIR/source.yaml    the scenario as it was given
 *     DIR/plan.json      identity, models, size; the same bytes whoever plans it again
 *     DIR/chunks/000/000123.h5 and 000123.ATTEMPT.part, DIR/failed/KEY.json, DIR/stop (if somebody makes it)
 *     DIR/merged.h5, runs.csv, manifest.json
 *
 * The folder may be moved or copied at any time: nothing in it knows where it lies. */
#ifndef CH_PLAN_H
#define CH_PLAN_H

#include "base/text.h"
#include "scenario/scenario.h"
#include "sweep/key.h"

enum { CH_CHUNK_RUNS_MAX = 10000, CH_CHUNK_SECONDS = 60, CH_RUNS_MAX = 100000000, CH_CHUNKS_A_FOLDER = 1000 };

struct ch_plan {
    char *folder;
    struct ch_run_key id;         /* of the models, the scenario and the chunks */
    struct ch_scenario *scenario; /* owned */
    char *source, *inputs;        /* as given, and what it was read from */
    unsigned n_policies, n_replications, chunk_runs, n_chunks;
    uint64_t n_runs;
};

struct ch_plan_run { /* a run by its number */
    unsigned point, policy, replication;
};
struct ch_plan_run ch_plan_run_of(const struct ch_plan *plan, uint64_t run);
uint64_t ch_plan_chunk_first(const struct ch_plan *plan, unsigned chunk);
unsigned ch_plan_chunk_size(const struct ch_plan *plan, unsigned chunk);

/* Seconds that a run will take, about, before any was made: the same on every machine, so that plans are equal. */
double ch_plan_seconds(const struct ch_scenario *scenario);

struct ch_plan_size { /* of chunks; 0: not given */
    unsigned runs;
    double seconds;
};
/* Writes the plan of a loaded scenario. The same plan again changes nothing; CH_EXISTS if the folder holds another plan or
 * anything else. Then it is open. */
enum ch_code ch_plan_make(const struct ch_scenario *scenario, struct ch_plan_size size, const char *folder, struct ch_plan *plan,
                          struct ch_error *error);
/* Opens it. CH_INVALID: no plan, damaged, or made for other models. Diagnoses of its scenario go to diag. */
enum ch_code ch_plan_open(const char *folder, struct ch_diag *diag, struct ch_plan *plan, struct ch_error *error);
void ch_plan_close(struct ch_plan *plan);

/* Paths in the folder: appended, after emptying. False without memory. */
bool ch_plan_path(const struct ch_plan *plan, const char *name, struct ch_text *out);
bool ch_plan_chunk_path(const struct ch_plan *plan, unsigned chunk, const char *ending, struct ch_text *out);
bool ch_plan_chunk_closed(const struct ch_plan *plan, unsigned chunk);
/* Makes the folder that the chunk lies in. */
enum ch_code ch_plan_make_folder(const struct ch_plan *plan, unsigned chunk, struct ch_error *error);

#endif
