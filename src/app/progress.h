/* SPDX-License-Identifier: MIT
 * One line on standard error while runs go on: on a terminal redrawn and erased at the end, else a plain line every 10 s. */
#ifndef CH_PROGRESS_H
#define CH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct ch_progress;
enum ch_progress_mode { CH_PROGRESS_AUTO, CH_PROGRESS_ALWAYS, CH_PROGRESS_NEVER };

/* `steps`: simulated days of all runs together. NULL when there is nothing to show. */
struct ch_progress *ch_progress_begin(enum ch_progress_mode mode, uint64_t steps, unsigned runs, uint32_t days);
void ch_progress_step(void *progress); /* one simulated day is done; any thread */
void ch_progress_end(struct ch_progress *progress);

#endif
