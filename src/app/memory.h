/* SPDX-License-Identifier: MIT
 * How much memory the runs of a campaign will take, and how much there is. */
#ifndef CH_MEMORY_H
#define CH_MEMORY_H

#include "app/campaign.h"
#include <stdint.h>

/* What this process may still take, in bytes, and what sets the limit: free memory, the control group, an address space limit
 * (ulimit -v), or the job of a batch system. */
struct ch_room {
    uint64_t bytes;
    const char *limit; /* words for a message */
};
struct ch_room ch_memory_room(void);

/* Resident bytes of this process now, at most so far, and those that all runs of the campaign will add at their peak. */
uint64_t ch_memory_resident(void);
uint64_t ch_memory_peak(void);
uint64_t ch_memory_foretell(const struct ch_campaign *campaign);

/* CH_TOO_BIG, with what is needed, what there is and what to change, when so many more bytes do not fit. */
enum ch_code ch_memory_check(uint64_t bytes, const char *what, struct ch_error *error);

#endif
