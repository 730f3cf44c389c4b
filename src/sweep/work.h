/* SPDX-License-Identifier: MIT
 * Runs the runs of a shard that are not done yet, side by side, and closes chunks as they fill. */
#ifndef CH_WORK_H
#define CH_WORK_H

#include "base/bytes.h"
#include "engine/engine.h"
#include "sweep/plan.h"

struct ch_work {
    const struct ch_plan *plan;
    unsigned shard, n_shards; /* chunks shard, shard + n_shards, ... */
    unsigned threads;
    const struct ch_scheduler *scheduler;
    uint32_t tile_places;
    uint64_t perturb;
    uint64_t max_fails; /* more failed runs end the work */
    bool retry_failed;
    void (*day_done)(void *arg, uint64_t events); /* progress; any thread; NULL: none */
    void (*run_done)(void *arg);
    void *arg;
};

/* How far the shard is. */
struct ch_work_count {
    uint64_t runs, done, failed; /* of the shard; failed ones are none of the done ones */
    uint64_t fresh;              /* made now, failed ones too */
    unsigned chunks, closed;
    double run_cpu_s; /* processor time of the runs made now and of their cities, without all that is around them */
};

/* CH_OK: all chunks are closed; CH_NO: too many failed; CH_STOPPED: ch_watch_flag was set; CH_INTERNAL: two results for one key;
 * CH_IO, CH_TOO_BIG. The counts may be read meanwhile by ch_work_counts. One at a time. */
enum ch_code ch_work_run(const struct ch_work *work, struct ch_work_count *count, struct ch_error *error);
struct ch_work_count ch_work_counts(void);

/* One run, here and now, wherever it stands in the plan: its record, in `buffer`. A run that fails gives a record, too. */
struct ch_points;
struct ch_record;
enum ch_code ch_work_one(const struct ch_work *work, struct ch_points *points, uint64_t index, unsigned workers,
                         struct ch_bytes *buffer, struct ch_record *record, struct ch_error *error);

#endif
