/* SPDX-License-Identifier: MIT
 * Key figures of the runs that are finished, while others still go: means, and paired differences to the baseline. */
#ifndef CH_STATUS_KPI_H
#define CH_STATUS_KPI_H

#include "app/campaign.h"
#include "base/text.h"

struct ch_so_far; /* not safe for threads: its owner locks */

struct ch_so_far *ch_so_far_create(const struct ch_campaign *campaign); /* NULL without memory */
void ch_so_far_add(struct ch_so_far *so_far, unsigned point, unsigned policy, unsigned replication, const double *scalar);
/* Appends `"figures": [...], "points": [...]`: of a sweep the primary figures only. */
void ch_so_far_print(const struct ch_so_far *so_far, struct ch_text *out);
void ch_so_far_destroy(struct ch_so_far *so_far);

#endif
