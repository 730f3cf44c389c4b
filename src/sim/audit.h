/* SPDX-License-Identifier: MIT
 * Private to src/sim: the audits that models hold between two days. */
#ifndef CH_SIM_AUDIT_H
#define CH_SIM_AUDIT_H

#include "comm/comm.h"
#include "sim/stage.h"

struct ch_inspection {
    const struct ch_stage *stage;
    const struct ch_ctx *ctx; /* of some worker: copied, never changed */
    const struct ch_scheduler *scheduler;
    void *self;                   /* the scheduler's */
    const struct ch_mail *guests; /* events pending at other processes */
    ch_time now;
    bool final; /* the run is over */
    bool alone; /* on one thread */
};

/* Shows every event that is pending, here or elsewhere. */
void ch_inspect_pending(const struct ch_inspection *inspection, void (*see)(void *arg, const struct ch_event *ev), void *arg);

/* All audits, side by side if they may. The complaint is that of the first model in their order. */
enum ch_code ch_audit_models(const struct ch_inspection *inspection, struct ch_error *error);

#endif
