/* SPDX-License-Identifier: MIT
 * What the files of `chaland watch` share: a status as read, and as shown. */
#ifndef CH_LIVE_H
#define CH_LIVE_H

#include "base/arena.h"
#include "base/text.h"
#include "scenario/tree.h"
#include <stdio.h>

#define CH_LIVE_STATES(X)                         \
    X(running, "it goes on")                      \
    X(done, "the results are written")            \
    X(failed, "it ended with an error")           \
    X(stopped, "a signal stopped it")             \
    X(died, "its process is gone without a word") \
    X(silent, "nothing was heard for a minute; it may be alive")
enum ch_live_state {
#define X(name, doc) CH_LIVE_##name,
    CH_LIVE_STATES(X)
#undef X
        CH_N_LIVE_STATES
};

struct ch_live { /* texts live in the arena */
    struct ch_arena *arena;
    char *json; /* the file, without its newline; owned */
    enum ch_live_state state;
    const char *scenario, *output, *host, *phase, *message, *baseline, *started;
    long pid;
    int exit_code;                                              /* of the run; -1: it goes on */
    double elapsed_s, eta_s, events, events_per_s, rss, peak;   /* NaN: unknown */
    double runs, runs_done, days, days_done, confidence, age_s; /* age: since it was written */
    const struct ch_yaml *figures, *points;
};

/* Reads a status and looks whether its process lives. Errors name the file. To be released whatever is returned. */
enum ch_code ch_live_read(const char *path, struct ch_live *watched, struct ch_error *error);
void ch_live_fini(struct ch_live *watched);
const char *ch_live_state_name(enum ch_live_state state);

/* How far it is, 0 to 1. */
double ch_live_share(const struct ch_live *watched);
/* All of it, for so many columns and rows (0: any number); colours are those of `to`. */
void ch_live_draw(const struct ch_live *watched, int columns, int rows, FILE *to, struct ch_text *out);

#endif
