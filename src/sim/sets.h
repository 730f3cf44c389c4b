/* SPDX-License-Identifier: MIT
 * A folder in which runs are kept while they last: finished ones, and of the one in hand the last two checkpoints, called sets.
 * The file `manifest` names what counts; all else is debris of an attempt that ended early. Runs are done one after another, in
 * the order of their numbers. */
#ifndef CH_SETS_H
#define CH_SETS_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stdint.h>

struct ch_sets;

struct ch_sets_options {
    const char *folder;   /* made if it is not there */
    const char *identity; /* lines "what: value": of program and scenario. What is kept by others is refused */
    double every_s;       /* between sets */
    bool silent;          /* another process writes; this one remembers */
};

/* CH_INVALID when the folder holds runs of something else, and the text says what differs. */
enum ch_code ch_sets_open(const struct ch_sets_options *options, struct ch_sets **sets, struct ch_error *error);
void ch_sets_close(struct ch_sets *sets); /* NULL is allowed */

unsigned ch_sets_done(const struct ch_sets *sets);  /* runs 0 .. done - 1 are finished */
unsigned ch_sets_count(const struct ch_sets *sets); /* of the run in hand, 0 .. 2 */
bool ch_sets_due(const struct ch_sets *sets);       /* is it time for a set? */

/* Paths of the i-th newest set; of a new set at a window; of a finished run. Valid until the next of these calls. */
const char *ch_sets_path(struct ch_sets *sets, unsigned i);
const char *ch_sets_new_path(struct ch_sets *sets, unsigned run, uint64_t window);
const char *ch_sets_run_path(struct ch_sets *sets, unsigned run);

/* That file is whole and on the disk: from now on it counts, and what it replaces goes. */
enum ch_code ch_sets_commit_set(struct ch_sets *sets, unsigned run, uint64_t window, struct ch_error *error);
enum ch_code ch_sets_commit_run(struct ch_sets *sets, unsigned run, struct ch_error *error);

#endif
