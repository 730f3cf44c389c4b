/* SPDX-License-Identifier: MIT
 * How many threads: --threads, else OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK, else what affinity and cgroup quota leave. */
#ifndef CH_THREADS_H
#define CH_THREADS_H

#include <stdint.h>

/* given: the value of --threads, or -1. At least 1. */
unsigned ch_threads(int64_t given);

/* Whole CPUs that control groups leave, rounded up; 0: no limit. `root`: where they are mounted; `groups`: the file that tells
 * our own. (libgomp looks at affinity alone.) */
unsigned ch_threads_quota(const char *root, const char *groups);

#endif
