/* SPDX-License-Identifier: MIT
 * When to stop: a signal, a time limit, or a file that somebody made. The first asks runs to end at their next simulated day;
 * where finished runs are kept, whoever is not done in half a second is abandoned, since the next attempt does it again. */
#ifndef CH_WATCH_H
#define CH_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>

struct ch_watch {
    const char *stop_file; /* looked for twice a second; NULL: none */
    double max_time_s;     /* 0: no limit */
    bool kept;             /* finished runs are kept: exit code 75, at once at the second INT or TERM. Else they are lost, and the
                            * second signal ends the program as if nobody listened */
    bool batch;            /* USR1, USR2 and XCPU mean stop, too, and HUP means nothing */
    void (*leave)(void *arg); /* last words before runs in hand are abandoned; any thread; NULL: none */
    void *arg;
};

/* One at a time. */
void ch_watch_begin(const struct ch_watch *watch);
void ch_watch_end(void);

/* Not 0 once it is time to stop: for ch_run_options.stop. */
atomic_int *ch_watch_flag(void);
/* Number of the signal that ended work which is not kept; 0 if none did. Also after the end. */
int ch_watch_lost(void);
/* "signal 15 (Terminated)", "the time limit", "the file sweep/stop"; static storage. */
const char *ch_watch_reason(void);
/* True for the first caller only: who says the last words. */
bool ch_watch_last_word(void);

#endif
