/* SPDX-License-Identifier: MIT
 * The columns of the log and how they wait, for those who write them to the file. */
#ifndef CH_LOG_INSIDE_H
#define CH_LOG_INSIDE_H

#include "output/h5.h"
#include "output/log.h"

#define CH_LOG_COLUMNS(X)                                                                         \
    X(event, I32, "number of the line")                                                           \
    X(point_index, I32, "design point")                                                           \
    X(policy_index, U8, "policy, as numbered in policy_name")                                     \
    X(replication_index, I32, "replication")                                                      \
    X(time, I64, "when it happened")                                                              \
    X(person, I32, "who")                                                                         \
    X(kind, U8, "what")                                                                           \
    X(place, I32, "node, row by row from the south-west corner; beyond the last node: an office") \
    X(store, I32, "as numbered in store_name; -1: none")                                          \
    X(retailer, I32, "as numbered in retailer_name; -1: none")                                    \
    X(good, U8, "as numbered in good_name; one beyond: none")                                     \
    X(other, I32, "what the attribute columns_of_KIND says; -1: none")                            \
    X(detail, I64, "what the attribute columns_of_KIND says")                                     \
    X(id, U64, "of the offer or order; 0: none")                                                  \
    X(value, F64, "what the attribute columns_of_KIND says")                                      \
    X(extra, F64, "what the attribute columns_of_KIND says")

enum ch_log_name {
#define X(name, type, doc) CH_LOG_##name,
    CH_LOG_COLUMNS(X)
#undef X
        CH_N_LOG_COLUMNS
};

enum { CH_LOG_CHUNK = 65536 }; /* lines; the last chunk of a column is filled up with zeros */

struct ch_log_run {
    struct ch_story *story; /* left here, not yet packed; owned */
    size_t n;
    int64_t first; /* line; of runs that are packed */
    bool left;
};

struct ch_log {
    unsigned n_policies, n_replications, n_runs;
    struct ch_log_run *run; /* [n_runs]: point, policy, replication */
    unsigned next;          /* the first run that is not packed */
    bool busy;              /* somebody is packing */
    size_t n, in_hand;      /* lines in all; of them not yet in a chunk */
    uint64_t *word;         /* [column][CH_LOG_CHUNK]: values of the lines in hand */
    struct ch_h5_column column[CH_N_LOG_COLUMNS];
};

#endif
