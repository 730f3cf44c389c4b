/* SPDX-License-Identifier: MIT
 * A folder in which runs are kept while they last: finished ones, and of the one in hand the last two checkpoints, called sets.
 * The file `manifest` names what counts; all else is debris of an attempt that ended early. Runs are done one after another, in
 * the order of their numbers. */
#ifndef CH_KEEP_H
#define CH_KEEP_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stdint.h>

struct ch_keep;

struct ch_keep_options {
    const char *folder;   /* made if it is not there */
    const char *identity; /* lines "what: value": of program and scenario. What is kept by others is refused */
    double every_s;       /* between sets */
    bool silent;          /* another process writes; this one remembers */
    double limit_s;       /* from now on, after which runs are to stop; 0: none */
};

/* CH_INVALID when the folder holds runs of something else, and the text says what differs. */
enum ch_code ch_keep_open(const struct ch_keep_options *options, struct ch_keep **keep, struct ch_error *error);
void ch_keep_close(struct ch_keep *keep); /* NULL is allowed */

unsigned ch_keep_done(const struct ch_keep *keep);  /* runs 0 .. done - 1 are finished */
uint64_t ch_keep_sets(const struct ch_keep *keep);  /* of the run in hand, 0 .. 2 */
bool ch_keep_due(const struct ch_keep *keep);       /* is it time for a set? */
bool ch_keep_timed_out(const struct ch_keep *keep); /* is the limit over? */

/* Paths of the i-th newest set; of a new set at a window; of a finished run. Valid until the next of these calls. */
const char *ch_keep_set(struct ch_keep *keep, unsigned i);
const char *ch_keep_new_set(struct ch_keep *keep, unsigned run, uint64_t window);
const char *ch_keep_run(struct ch_keep *keep, unsigned run);

/* That file is whole and on the disk: from now on it counts, and what it replaces goes. */
enum ch_code ch_keep_commit_set(struct ch_keep *keep, unsigned run, uint64_t window, struct ch_error *error);
enum ch_code ch_keep_commit_run(struct ch_keep *keep, unsigned run, struct ch_error *error);

#endif
