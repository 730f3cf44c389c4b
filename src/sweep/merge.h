/* SPDX-License-Identifier: MIT
 * One file of all runs of a sweep, in the order of the plan and laid out as that of `run`, so that its bytes depend on the plan
 * and the program alone: not on shards, order, retries or threads. Beside it runs.csv, a row for each run, and manifest.json. */
#ifndef CH_MERGE_H
#define CH_MERGE_H

#include "output/results.h"
#include "sweep/plan.h"

struct ch_merged {
    uint64_t runs, done, failed, missing, doubles; /* doubles: results that were there twice, and equal */
    unsigned open_chunks;
    char path[1024], results_sha256[65], fingerprint[24], file_sha256[65];
};

/* Bytes that merging will take, about. */
uint64_t ch_merge_need(const struct ch_plan *plan, uint64_t *cells);

/* CH_NO: runs are missing or failed, and `allow_missing` is not set; the numbers tell how many. Nothing is written then.
 * CH_INTERNAL: two results for one key. CH_INVALID: a damaged chunk. CH_IO, CH_TOO_BIG. */
enum ch_code ch_merge(const struct ch_plan *plan, bool allow_missing, struct ch_merged *merged, struct ch_error *error);

/* How far it is, by what lies on the disk. */
struct ch_sweep_status {
    uint64_t runs, done, failed;
    unsigned chunks, closed;
    double run_s;        /* time that the runs of closed chunks took */
    unsigned char *open; /* [chunks]: 1 where a chunk is not closed; owned */
};
enum ch_code ch_sweep_status_read(const struct ch_plan *plan, struct ch_sweep_status *status, struct ch_error *error);
void ch_sweep_status_fini(struct ch_sweep_status *status);

#endif
