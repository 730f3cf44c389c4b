/* SPDX-License-Identifier: MIT
 * The file of a closed chunk of a sweep: its runs as a labelled table that anyone can read, and their records byte by byte, from
 * which the merged file is made. */
#ifndef CH_CHUNK_FILE_H
#define CH_CHUNK_FILE_H

#include "output/results.h"

struct ch_chunk_run {
    uint64_t index; /* in the plan */
    const char *key;
    unsigned point, policy, replication;
    bool failed;
    uint64_t fingerprint;
    double wall_s;
    const double *scalar; /* [n_scalars] of ch_probe_list; NULL if it failed */
};

struct ch_chunk_file {
    const struct ch_scenario *scenario;
    const char *sweep; /* identity of the plan */
    size_t n;
    const struct ch_chunk_run *run;
    const unsigned char *bytes; /* the records, one behind the other */
    size_t n_bytes;
    const char *attempt, *host, *job, *closed_at; /* provenance: by whom, where, in which job, when */
    unsigned restarts, threads;
};

/* Writes, reads back, syncs, renames; a file of that name is replaced. */
enum ch_code ch_chunk_write(const struct ch_chunk_file *chunk, const char *path, struct ch_error *error);
/* The records of a closed chunk, malloc'ed. CH_INVALID if it is no whole chunk of that sweep (`sweep` NULL: of any). */
enum ch_code ch_chunk_read(const char *path, const char *sweep, unsigned char **bytes, size_t *n, struct ch_error *error);

/* What the file says of itself. CH_INVALID as above; the records are not looked at. */
struct ch_chunk_summary {
    uint64_t runs, failed;
    double run_time_s;
    char attempt[160], host[128], job[64], closed_at[32], version[64];
    unsigned restarts, threads;
};
enum ch_code ch_chunk_look(const char *path, const char *sweep, struct ch_chunk_summary *summary, struct ch_error *error);

#endif
