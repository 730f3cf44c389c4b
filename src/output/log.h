/* SPDX-License-Identifier: MIT
 * The log of moments while runs end: the lines of a run are cut into columns, and each full chunk of a column is shuffled and
 * deflated at once, so that ten million lines wait for the file in a tenth of their memory, and the file takes them as they are.
 *
 * Lines stand in the order of the runs, whichever ends first. Whoever leaves a run packs all those whose turn has come, unless
 * somebody is at it: one thread writes at any time, and nobody waits for it. */
#ifndef CH_LOG_H
#define CH_LOG_H

#include "output/story.h"
#include <stdbool.h>

struct ch_log;

struct ch_log *ch_log_create(unsigned n_points, unsigned n_policies, unsigned n_replications); /* NULL: out of memory */
void ch_log_destroy(struct ch_log *log);

/* Three steps, of which the first and the last are to be taken under one lock: leave the lines of a run (whose memory goes over);
 * true: pack what is next, and ask after it whether there is more. */
bool ch_log_leave(struct ch_log *log, unsigned run, struct ch_story *story, size_t n);
enum ch_code ch_log_pack(struct ch_log *log, struct ch_error *error);
bool ch_log_more(struct ch_log *log);
/* After the last run: what is in hand becomes the last chunk. */
enum ch_code ch_log_finish(struct ch_log *log, struct ch_error *error);

#endif
