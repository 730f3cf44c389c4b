/* SPDX-License-Identifier: MIT
 * The name of a run's result: a hash of the program's models, the values at its design point, its policy, seed and replication.
 * Neither place in a plan, nor shard, thread, time or machine enter it: a grid that grows keeps the keys of what it had. */
#ifndef CH_SWEEP_KEY_H
#define CH_SWEEP_KEY_H

#include "scenario/scenario.h"

struct ch_run_key {
    char text[33]; /* 128 bits in hex */
};

/* What the keys of a design point begin with. False without memory. */
bool ch_key_of_point(const struct ch_scenario *at_point, uint32_t seed, struct ch_run_key *key);
bool ch_key_of_policy(const struct ch_scenario *scenario, unsigned policy, struct ch_run_key *key);
struct ch_run_key ch_key_of_run(const struct ch_run_key *point, const struct ch_run_key *policy, unsigned replication);

/* The first 128 bits of the SHA-256 of a text. */
struct ch_run_key ch_key_of_text(const char *text, size_t n);

#endif
