/* SPDX-License-Identifier: MIT
 * Private to src/sim: the audits that models hold between two days. */
#ifndef CH_SIM_AUDIT_H
#define CH_SIM_AUDIT_H

#include "sim/stage.h"

struct ch_inspection {
    const struct ch_stage *stage;
    const struct ch_ctx *ctx; /* of some worker: copied, never changed */
    const struct ch_scheduler *scheduler;
    void *self; /* the scheduler's */
    ch_time now;
    bool final; /* the run is over */
    bool alone; /* on one thread */
};

/* All audits, side by side if they may. The complaint is that of the first model in their order. */
enum ch_code ch_audit_models(const struct ch_inspection *inspection, struct ch_error *error);

#endif
