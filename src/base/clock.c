/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "base/clock.h"
#include <time.h>
#include <unistd.h>

static double seconds(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double ch_clock_s(void) { return seconds(CLOCK_MONOTONIC); }
double ch_clock_cpu_s(void) { return seconds(CLOCK_PROCESS_CPUTIME_ID); }
double ch_clock_thread_s(void) { return seconds(CLOCK_THREAD_CPUTIME_ID); }

void ch_clock_stamp(char out[32])
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void ch_clock_host(char *out, size_t n)
{
    if (gethostname(out, n - 1) != 0)
        n = 1;
    out[n - 1] = 0;
}
