/* SPDX-License-Identifier: MIT
 * NAME.status.json beside NAME.h5: what a run is doing, for `chaland watch` and for scripts. A thread of its own writes it,
 * once a second at most and always whole (by renaming), from counters that the runs move on. It never touches a result, and when
 * the file cannot be written the run goes on without it. docs/OUTPUT.md lists its keys. */
#ifndef CH_STATUS_H
#define CH_STATUS_H

#include "app/campaign.h"

struct ch_run_status;

#define CH_STATUS_PHASES(X)                            \
    X(running, "runs of the scenario")                 \
    X(assumptions, "runs with one assumption changed") \
    X(writing, "the results file is being written")
enum ch_status_phase {
#define X(name, doc) CH_PHASE_##name,
    CH_STATUS_PHASES(X)
#undef X
        CH_N_PHASES
};

/* Begins to tell of the runs of an opened campaign whose results go to `path`. NULL when it cannot: that is no error, all calls
 * below take NULL. A file of that name that is not a status stays as it is. */
struct ch_run_status *ch_status_begin(const struct ch_campaign *campaign, const char *path);
/* What is being done, and how far it is: `progress` is borrowed until the next call; NULL: nothing to count. */
void ch_status_enter(struct ch_run_status *status, enum ch_status_phase phase, const struct ch_progress *progress);
/* Takes the key figures of a finished run. Any thread. */
void ch_status_run_done(struct ch_run_status *status, unsigned point, unsigned policy, unsigned replication,
                        const struct ch_outcome *outcome);
/* How it ended, 130 and the like included; the message is NULL or "" when all is well. One thread, while others may still call
 * ch_status_run_done: before a process ends in the middle of its runs. */
void ch_status_say_end(struct ch_run_status *status, int exit_code, const char *message);
/* The same when all runs are over. Frees. */
void ch_status_end(struct ch_run_status *status, int exit_code, const char *message);

/* NAME.status.json for NAME.h5; to be freed. NULL without memory. */
char *ch_status_path(const char *results);

#endif
