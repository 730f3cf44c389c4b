/* SPDX-License-Identifier: MIT
 * What the files of `chaland watch` share: a status as read, and as shown. */
#ifndef CH_WATCH_H
#define CH_WATCH_H

#include "base/arena.h"
#include "base/text.h"
#include "scenario/tree.h"
#include <stdio.h>

#define CH_WATCH_STATES(X)                        \
    X(running, "it goes on")                      \
    X(done, "the results are written")            \
    X(failed, "it ended with an error")           \
    X(stopped, "a signal stopped it")             \
    X(died, "its process is gone without a word") \
    X(silent, "nothing was heard for a minute; it may be alive")
enum ch_watch_state {
#define X(name, doc) CH_WATCH_##name,
    CH_WATCH_STATES(X)
#undef X
        CH_N_WATCH_STATES
};

struct ch_watched { /* texts live in the arena */
    struct ch_arena *arena;
    char *json; /* the file, without its newline; owned */
    enum ch_watch_state state;
    const char *scenario, *output, *host, *phase, *message, *baseline, *started;
    long pid;
    int exit_code;                                              /* of the run; -1: it goes on */
    double elapsed_s, eta_s, events, events_per_s, rss, peak;   /* NaN: unknown */
    double runs, runs_done, days, days_done, confidence, age_s; /* age: since it was written */
    const struct ch_yaml *figures, *points;
};

/* Reads a status and looks whether its process lives. Errors name the file. To be released whatever is returned. */
enum ch_code ch_watch_read(const char *path, struct ch_watched *watched, struct ch_error *error);
void ch_watched_fini(struct ch_watched *watched);
const char *ch_watch_state_name(enum ch_watch_state state);

/* How far it is, 0 to 1. */
double ch_watch_share(const struct ch_watched *watched);
/* All of it, for so many columns and rows (0: any number); colours are those of `to`. */
void ch_watch_draw(const struct ch_watched *watched, int columns, int rows, FILE *to, struct ch_text *out);

#endif
