/* SPDX-License-Identifier: MIT
 * All runs that a scenario asks for: policy x point x replication. Runs go side by side on the threads first; threads go
 * inside a run when runs are fewer. */
#ifndef CH_CAMPAIGN_H
#define CH_CAMPAIGN_H

#include "app/cli.h"
#include "app/keep.h"
#include "app/progress.h"
#include "output/results.h"
#include "scenario/scenario.h"
#include "sim/sim.h"

struct ch_run_status;

struct ch_campaign {
    const struct ch_scenario *scenario;
    unsigned n_points;
    struct ch_scenario **at_point; /* [point] */
    struct ch_stage **stage;       /* [point] */
    unsigned threads;
    const struct ch_scheduler *scheduler;
    uint32_t tile_places;
    uint64_t perturb;
    enum ch_progress_mode progress;
    struct ch_run_status *status; /* told of the runs, see app/status.h; NULL: nobody is */
    double *people;               /* [point] */
    bool together;                /* all processes run it, see comm/comm.h; else each process is by itself */
    struct ch_sets *sets;         /* where runs are kept while they last, one after another; NULL: nowhere */
    struct ch_keep *kept;         /* borrowed: where finished runs are kept; NULL: nowhere */
    double deadline_s;            /* of ch_watch_deadline; 0: none */
    struct ch_results results;    /* outcomes, in the order [point][policy][replication] */
};

/* Scenario, stages and settings from the command line; diagnoses go to standard error. */
enum ch_code ch_campaign_open(const struct ch_args *args, struct ch_campaign *campaign, struct ch_error *error);
/* The same without a word about a scenario that is wrong. */
enum ch_code ch_campaign_open_quietly(const struct ch_args *args, struct ch_campaign *campaign, struct ch_error *error);
/* May results be written there? None of the files that the scenario is read from: CH_INVALID. Else as ch_results_target. */
enum ch_code ch_campaign_target(const struct ch_campaign *campaign, const char *path, bool force, struct ch_error *error);
/* Threads inside each of so many runs; 1: they go side by side. */
unsigned ch_campaign_workers(const struct ch_campaign *campaign, uint64_t runs);
/* Runs everything, but for runs that are kept already, and forms the results; of several processes rank 0 has them. CH_STOPPED
 * after a signal or --max-time. */
enum ch_code ch_campaign_run(struct ch_campaign *campaign, struct ch_error *error);
void ch_campaign_close(struct ch_campaign *campaign);
int ch_campaign_signal(void); /* number of the signal that stopped it and left nothing to go on from; else 0 */

/* Loads a scenario with --set, --seed, --replications, --policy of the command line. */
enum ch_code ch_campaign_load(const struct ch_args *args, struct ch_diag *diag, struct ch_scenario **scenario);
/* What --scheduler and --progress say. The progress is of so many runs of the scenario; NULL when there is nothing to show. */
enum ch_code ch_campaign_scheduler(const struct ch_args *args, const struct ch_scheduler **scheduler, struct ch_error *error);
struct ch_progress *ch_campaign_progress(const struct ch_args *args, const struct ch_scenario *scenario, uint64_t runs);
/* Splits "a,b" in place into words; returns how many, at most `most`. */
unsigned ch_campaign_split(char *list, const char **word, unsigned most);

#endif
