/* SPDX-License-Identifier: MIT
 * What stands beside the merged file: runs.csv and manifest.json. */
#ifndef CH_SWEEP_TABLES_H
#define CH_SWEEP_TABLES_H

#include "sweep/merge.h"

/* One row per run: number, key, point, swept values, policy, replication, seed, status, fingerprint, every key figure; what is
 * undefined is empty. Streamed, then renamed. `state` [run]: 0 missing, 1 done, 2 failed. */
enum ch_code ch_tables_csv(const struct ch_plan *plan, const struct ch_results *results, const struct ch_run_key *key,
                           const unsigned char *state, struct ch_error *error);
enum ch_code ch_tables_manifest(const struct ch_plan *plan, const struct ch_merged *merged, const struct ch_run_key *key,
                                const unsigned char *state, struct ch_error *error);

#endif
