/* SPDX-License-Identifier: MIT
 * When to stop: a signal, a time limit, or a file that somebody made. The first asks runs to end at their next simulated day;
 * where finished runs are kept, whoever is not done in half a second is abandoned, since the next attempt does it again. */
#ifndef CH_WATCH_H
#define CH_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>

struct ch_watch {
    const char *stop_file; /* looked for twice a second; NULL: none */
    double deadline_s;     /* of ch_watch_deadline; 0: none */
    bool kept;    /* finished runs are kept: USR1, USR2, XCPU and HUP mean stop, too, and the second INT or TERM ends the program
                       * at once, with exit code 75. Else it ends it as if nobody listened */
    bool patient; /* those in hand are kept as well, within seconds: nobody is abandoned */
    bool batch;   /* HUP means nothing: nobody sits there */
    void (*leave)(void *arg); /* last words before runs in hand are abandoned; any thread; NULL: none */
    void *arg;
};

/* So many seconds from now; 0 for 0. */
double ch_watch_deadline(double seconds);
/* One at a time. */
void ch_watch_begin(const struct ch_watch *watch);
void ch_watch_end(void);

/* Not 0 once it is time to stop: for ch_run_options.stop. */
atomic_int *ch_watch_flag(void);
/* Did a signal, the time or the file ask for it? (An error may have set the flag, too.) */
bool ch_watch_asked(void);
/* Number of the signal that ended work which is not kept; 0 if none did. Also after the end. */
int ch_watch_lost(void);
/* "signal 15 (Terminated)", "the time limit", "the file sweep/stop"; static storage. */
const char *ch_watch_reason(void);
/* True for the first caller only: who says the last words. */
bool ch_watch_last_word(void);

#endif
