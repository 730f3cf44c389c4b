/* SPDX-License-Identifier: MIT
 * Finished runs of `run` are kept beside its output until that is written, so that the same command goes on where it was
 * stopped or killed. They are found again by their keys alone: another scenario or program finds nothing that is not its own. */
#ifndef CH_KEEP_H
#define CH_KEEP_H

#include "output/results.h"
#include "sweep/points.h"
#include "sweep/records.h"
#include <stdatomic.h>

struct ch_keep { /* of one output */
    char *name;  /* of the output; its files are NAME.ATTEMPT.runs */
    struct ch_records *records;
    atomic_uint found, added; /* runs taken from earlier attempts, and kept by this one */
    atomic_int broken;        /* they could not be written: said once, then left */
    bool quiet;               /* not even said */
};

enum ch_code ch_keep_open(const char *output, bool quiet, struct ch_keep *kept, struct ch_error *error);
void ch_keep_close(struct ch_keep *kept);
/* The output is there: nothing needs to be kept any more. */
void ch_keep_remove(struct ch_keep *kept);

/* True when the run was found. Any thread. */
bool ch_keep_find(struct ch_keep *kept, const struct ch_run_key *key, struct ch_outcome *outcome);
/* Keeps a run that ended just now, its maps and lines still with it. Any thread; that it cannot be is no reason to stop. */
void ch_keep_add(struct ch_keep *kept, const struct ch_run_key *key, const struct ch_city *city,
                 const struct ch_outcome *outcome);

#endif
