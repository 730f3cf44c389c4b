/* SPDX-License-Identifier: MIT
 * A chunk of runs in hand: the records of its runs, and how it is closed. */
#ifndef CH_CHUNK_H
#define CH_CHUNK_H

#include "sweep/plan.h"
#include "sweep/records.h"

struct ch_chunk {
    unsigned number, size;
    struct ch_records *records;
    struct ch_run_key *key; /* [size], as far as known */
    unsigned left;          /* runs to settle before it can be closed */
};

/* What earlier attempts left is read; with `again` also from the closed file, so that failed runs can be tried anew. */
enum ch_code ch_chunk_open(const struct ch_plan *plan, unsigned number, bool again, struct ch_chunk *chunk,
                           struct ch_error *error);
/* All runs are settled: writes the file of the chunk and removes its parts. If somebody else closed it meanwhile, the results
 * must be the same: CH_INTERNAL. One thread at a time: it uses HDF5. */
enum ch_code ch_chunk_finish(const struct ch_plan *plan, struct ch_chunk *chunk, unsigned threads, bool again,
                             struct ch_error *error);
void ch_chunk_fini(struct ch_chunk *chunk);

/* Calls for each record of a closed chunk. CH_INVALID: it is damaged, or none of this sweep. One thread at a time. */
enum ch_code ch_chunk_each(const struct ch_plan *plan, unsigned number,
                           enum ch_code (*see)(void *arg, const struct ch_record *record, struct ch_error *error), void *arg,
                           struct ch_error *error);
/* The same of any chunk, closed or not: of what there is. */
enum ch_code ch_chunk_all(const struct ch_plan *plan, unsigned number,
                          enum ch_code (*see)(void *arg, const struct ch_record *record, struct ch_error *error), void *arg,
                          struct ch_error *error);

/* Removes what attempts that were killed left beside closed chunks. */
void ch_chunk_tidy(const struct ch_plan *plan);

/* failed/KEY.json: which run, why, and how to see it fail again. Removed when it is `done` after all. */
void ch_chunk_note_failure(const struct ch_plan *plan, const struct ch_record *record, bool done);

#endif
