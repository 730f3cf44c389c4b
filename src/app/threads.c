/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "app/threads.h"
#include "base/text.h"
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
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
static int read_words(const char *folder, const char *name, char first[32], char second[32])
{
    char path[3 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "r");
    if (!in)
        return 0;
    int n = fscanf(in, "%31s %31s", first, second);
    fclose(in);
    return n;
}

/* Whole CPUs of `limit` microseconds in each `period`, rounded up; 0 if these are no numbers ("max", -1). */
static unsigned whole(const char *limit, const char *period)
{
    int64_t l, p;
    bool good = ch_parse_int64(limit, strlen(limit), &l) && ch_parse_int64(period, strlen(period), &p) && l > 0 && p > 0;
    return good ? (unsigned)((l + p - 1) / p) : 0;
}

static unsigned least(unsigned a, unsigned b) { return !a || (b && b < a) ? b : a; }

/* The quotas of a group and of those around it all hold. */
unsigned ch_threads_quota(const char *root, const char *groups)
{
    char limit[32], period[32], line[PATH_MAX], path[2 * PATH_MAX] = "";
    unsigned n = read_words(root, "cpu.max", limit, period) == 2 ? whole(limit, period) : 0;
    FILE *in = fopen(groups, "r");
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, "0::/", 4) == 0)
            snprintf(path, sizeof path, "%s%.*s", root, (int)strcspn(line + 3, "\n"), line + 3);
    if (in)
        fclose(in);
    for (; strlen(path) > strlen(root) + 1; *strrchr(path, '/') = 0)
        if (read_words(path, "cpu.max", limit, period) == 2)
            n = least(n, whole(limit, period));
    if (read_words(root, "cpu/cpu.cfs_quota_us", limit, line) >= 1 &&
        read_words(root, "cpu/cpu.cfs_period_us", period, line) >= 1)
        n = least(n, whole(limit, period));
    return n;
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
    unsigned q = ch_threads_quota("/sys/fs/cgroup", "/proc/self/cgroup");
    n = q && q < n ? q : n;
    return n >= 1 ? n : 1;
}
