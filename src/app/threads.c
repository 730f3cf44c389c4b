/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "app/threads.h"
#include "base/text.h"
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 1024 };

static unsigned from_environment(const char *name)
{
    const char *text = getenv(name);
    int64_t n;
    size_t length = text ? strcspn(text, ",(") : 0; /* "4,2" nests; the first level counts */
    return text && ch_parse_int64(text, length, &n) && n >= 1 && n <= THREADS_MAX ? (unsigned)n : 0;
}

/* First two words of a small system file; false if it is absent. */
static int read_words(const char *path, char first[32], char second[32])
{
    FILE *in = fopen(path, "r");
    if (!in)
        return 0;
    int n = fscanf(in, "%31s %31s", first, second);
    fclose(in);
    return n;
}

/* Whole CPUs that the cgroup's quota leaves, rounded up; 0 if there is none. libgomp does not look at it. */
static unsigned quota(void)
{
    char limit[32], period[32];
    int64_t l, p;
    if (read_words("/sys/fs/cgroup/cpu.max", limit, period) == 2 && ch_parse_int64(limit, strlen(limit), &l) &&
        ch_parse_int64(period, strlen(period), &p) && p > 0)
        return (unsigned)((l + p - 1) / p);
    if (read_words("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", limit, period) >= 1 && ch_parse_int64(limit, strlen(limit), &l) &&
        l > 0 && read_words("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period, limit) >= 1 &&
        ch_parse_int64(period, strlen(period), &p) && p > 0)
        return (unsigned)((l + p - 1) / p);
    return 0;
}

unsigned ch_threads(int64_t given)
{
    if (given >= 1)
        return given <= THREADS_MAX ? (unsigned)given : THREADS_MAX;
    unsigned n = from_environment("OMP_NUM_THREADS");
    if (!n)
        n = from_environment("SLURM_CPUS_PER_TASK");
    if (n)
        return n;
    cpu_set_t set;
    CPU_ZERO(&set);
    n = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
    unsigned q = quota();
    n = q && q < n ? q : n;
    return n >= 1 ? n : 1;
}
