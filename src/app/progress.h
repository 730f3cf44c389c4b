/* SPDX-License-Identifier: MIT
 * How far the runs are: counters that any thread moves on, and one line on standard error. On a terminal the line is redrawn and
 * erased at the end; else it is a plain line every 10 s. */
#ifndef CH_PROGRESS_H
#define CH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct ch_progress;
enum ch_progress_mode { CH_PROGRESS_AUTO, CH_PROGRESS_ALWAYS, CH_PROGRESS_NEVER };

struct ch_pace { /* a look at it */
    uint64_t steps, steps_done, events;
    unsigned runs, runs_done;
    double spent_s, left_s; /* left_s: NaN until something is done */
    double events_per_s;
};

/* `steps`: simulated days of all runs together. NULL without memory; every call below takes NULL. */
struct ch_progress *ch_progress_begin(enum ch_progress_mode mode, uint64_t steps, unsigned runs);
/* One simulated day is done, with so many events. Any thread. */
void ch_progress_step(struct ch_progress *progress, uint64_t events);
void ch_progress_run_done(struct ch_progress *progress);
struct ch_pace ch_progress_look(const struct ch_progress *progress); /* any thread */
void ch_progress_end(struct ch_progress *progress);

/* "1 h 05 min", "3 min 20 s", "8 s"; "?" for NaN. At least 32 bytes. */
char *ch_progress_time(double seconds, char *buffer, unsigned size);

#endif
