/* SPDX-License-Identifier: MIT
 * Who ran what, when, where, how long. */
#ifndef CH_APP_PROVENANCE_H
#define CH_APP_PROVENANCE_H

#include "app/cli.h"
#include "output/results.h"

struct ch_provenance_clock {
    double wall, cpu;
    char run_id[40], hostname[128], cpu_model[128], created[32], finished[32];
};

void ch_provenance_start(struct ch_provenance_clock *clock);
/* Strings of `out` point into clock and args. */
void ch_provenance_fill(struct ch_provenance_clock *clock, const struct ch_args *args, unsigned threads,
                        struct ch_provenance *out);
void ch_provenance_end(struct ch_provenance_clock *clock);

#endif
