/* SPDX-License-Identifier: MIT
 * What the commands of `chaland sweep` share. */
#ifndef CH_APP_SWEEP_H
#define CH_APP_SWEEP_H

#include "app/cli.h"
#include "sweep/work.h"

/* Opens a plan; diagnoses of its scenario go to standard error. */
enum ch_code ch_sweep_open(const struct ch_args *args, const char *folder, struct ch_plan *plan, struct ch_error *error);
/* Threads, scheduler and limits from the command line; the whole plan is one shard. */
enum ch_code ch_sweep_set_up(const struct ch_args *args, const struct ch_plan *plan, struct ch_work *work,
                             struct ch_error *error);
/* Closes the plan, says the error if there is one, and returns `code`. */
enum ch_code ch_sweep_finish(const struct ch_args *args, struct ch_plan *plan, enum ch_code code, struct ch_error *error);

#endif
