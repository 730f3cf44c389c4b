/* SPDX-License-Identifier: MIT
 * Which part of the work: "i/n", "auto/n" (i from the batch system's array index) or "ranks" (both from the launcher). */
#ifndef CH_SHARD_H
#define CH_SHARD_H

#include <chaland/error.h>

struct ch_shard {
    unsigned i, n;
    const char *from; /* the variable that i came from; "--shard" or "nothing" */
};

/* NULL is the whole. CH_INVALID, with what is allowed. */
enum ch_code ch_shard_read(const char *text, struct ch_shard *shard, struct ch_error *error);

#endif
