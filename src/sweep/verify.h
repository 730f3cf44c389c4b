/* SPDX-License-Identifier: MIT
 * Runs some runs of a sweep again, here: are they the same bytes? That is what "the cluster gives
 * what the laptop gives" means. */
#ifndef CH_VERIFY_H
#define CH_VERIFY_H

#include "sweep/work.h"

struct ch_verified {
    uint64_t tried, same, not_done;
    uint64_t first_other; /* number of the first run that differs */
};

/* `k` runs spread over the plan (work->plan, with its threads and scheduler); those not done yet are passed over. CH_INTERNAL:
 * one differs; CH_NO: none of them is done; CH_STOPPED. */
enum ch_code ch_verify(const struct ch_work *work, unsigned k, struct ch_verified *verified, struct ch_error *error);
/* This one run: also says why it fails, if it does (CH_NO). */
enum ch_code ch_verify_one(const struct ch_work *work, uint64_t run, struct ch_verified *verified, struct ch_error *error);

#endif
