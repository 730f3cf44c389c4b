/* SPDX-License-Identifier: MIT
 * Finished runs on disk, as they finish: the truth of a sweep until a chunk is closed, and of `run` until its file is written.
 *
 * Each attempt appends to a file of its own, NAME.ATTEMPT.ENDING, so two at once waste time and spoil nothing, and no lock is
 * needed that a network file system must honour. A record is one write: a fixed head with a CRC-32C, then its bytes. A torn
 * tail is recognised and left out. Equal keys must have equal results: else the program is not deterministic, and says so. */
#ifndef CH_RECORDS_H
#define CH_RECORDS_H

#include "base/bytes.h"
#include "sweep/key.h"
#include <chaland/error.h>

#define CH_RECORDS_PART "part" /* of a chunk */
#define CH_RECORDS_RUNS "runs" /* of `run` */

enum ch_record_status { CH_RUN_DONE, CH_RUN_FAILED };

/* A record: result and occasion as in outcome.h; of a failed run, why it failed and nothing. */
struct ch_record {
    struct ch_run_key key;
    unsigned status;
    uint64_t index; /* in the plan of a sweep; no part of the result */
    const unsigned char *result, *occasion;
    size_t n_result, n_occasion;
};

struct ch_records;

/* Reads all NAME.*.ENDING beside `name` (a path), whoever wrote them; the ending is borrowed. Nothing is made before the first
 * record is added. CH_INTERNAL: two different results for one key. CH_IO. */
enum ch_code ch_records_open(const char *name, const char *ending, struct ch_records **records, struct ch_error *error);
void ch_records_close(struct ch_records *records); /* closes files; NULL is allowed */
/* Removes the files that were read or written: what they hold lies safe elsewhere. */
void ch_records_remove(struct ch_records *records);

unsigned ch_records_count(const struct ch_records *records);
unsigned ch_records_files(const struct ch_records *records); /* read at the start */
/* Is there a record of the key? *status may be NULL. Safe beside ch_records_add. */
bool ch_records_find(struct ch_records *records, const struct ch_run_key *key, unsigned *status);
/* Its bytes, head and all, lie in `buffer`, which is emptied first. CH_INVALID if there is none; CH_IO if it cannot be read. */
enum ch_code ch_records_read(struct ch_records *records, const struct ch_run_key *key, struct ch_bytes *buffer,
                             struct ch_record *record, struct ch_error *error);
/* Appends; any thread. A later record of a failed run's key replaces it. CH_IO: nothing of it counts. */
enum ch_code ch_records_add(struct ch_records *records, const struct ch_record *record, struct ch_error *error);
/* What was written reaches the disk (also every 30 s, by itself). */
enum ch_code ch_records_sync(struct ch_records *records, struct ch_error *error);
uint64_t ch_records_written(const struct ch_records *records); /* bytes, by this process */

/* Calls for each record that is in the index, in no order, with its bytes. */
enum ch_code ch_records_each(struct ch_records *records,
                             enum ch_code (*see)(void *arg, const struct ch_record *record, struct ch_error *error), void *arg,
                             struct ch_error *error);

/* The record at the begin of bytes in memory; *size is what it takes. False if there is no whole one. */
bool ch_record_parse(const unsigned char *at, size_t n, struct ch_record *record, size_t *size);

#endif
