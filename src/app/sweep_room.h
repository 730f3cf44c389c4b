/* SPDX-License-Identifier: MIT
 * What a shard of a sweep will take: time, memory, disk. Told before the start; what does not fit is refused. */
#ifndef CH_SWEEP_ROOM_H
#define CH_SWEEP_ROOM_H

#include "sweep/plan.h"
#include "sweep/work.h"

struct ch_sweep_need {
    uint64_t runs; /* to be made */
    double run_s;  /* of each */
    bool measured; /* from runs that are done; else foretold */
    uint64_t memory, disk, room, disk_free;
    const char *limit;         /* of the memory, in words */
    uint64_t plain, map_cells; /* of a run */
};

/* For the shard of `work` (NULL `plan->folder`s are never asked). A first design point that cannot be made leaves memory at 0. */
enum ch_code ch_sweep_foretell(const struct ch_work *work, struct ch_sweep_need *need, struct ch_error *error);
/* CH_TOO_BIG, with what is needed, what there is and what to change. */
enum ch_code ch_sweep_check(const struct ch_sweep_need *need, struct ch_error *error);
/* The memory that merging takes. */
uint64_t ch_sweep_merge_memory(const struct ch_plan *plan, const struct ch_sweep_need *need);

#endif
