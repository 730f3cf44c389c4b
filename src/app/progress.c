/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/progress.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct ch_progress {
    bool terminal;
    uint64_t steps;
    unsigned runs;
    uint32_t days;
    double begun;
    atomic_uint_fast64_t done;
    _Atomic double shown;
    atomic_flag drawing;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct ch_progress *ch_progress_begin(enum ch_progress_mode mode, uint64_t steps, unsigned runs, uint32_t days)
{
    struct ch_progress *p = mode == CH_PROGRESS_NEVER ? NULL : calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->terminal = isatty(STDERR_FILENO);
    p->steps = steps;
    p->runs = runs;
    p->days = days;
    p->begun = now_s();
    atomic_init(&p->done, 0);
    atomic_init(&p->shown, p->begun);
    atomic_flag_clear(&p->drawing);
    return p;
}

static void draw(struct ch_progress *p, uint64_t done, double now)
{
    double spent = now - p->begun, share = (double)done / (double)p->steps;
    double left = share > 0 ? spent * (1 - share) / share : 0;
    fprintf(stderr,
            p->terminal ? "\r%3.0f %%  %llu of %u runs  %.0f simulated days/s  %.0f s left \033[K"
                        : "%3.0f %%  %llu of %u runs  %.0f simulated days/s  %.0f s left\n",
            100 * share, (unsigned long long)(done / p->days), p->runs, (double)done / spent, left);
    fflush(stderr);
}

void ch_progress_step(void *progress)
{
    struct ch_progress *p = progress;
    if (!p)
        return;
    uint64_t done = atomic_fetch_add(&p->done, 1) + 1;
    double now = now_s(), period = p->terminal ? 0.1 : 10;
    if (now - atomic_load(&p->shown) < period || atomic_flag_test_and_set(&p->drawing))
        return;
    atomic_store(&p->shown, now);
    draw(p, done, now);
    atomic_flag_clear(&p->drawing);
}

void ch_progress_end(struct ch_progress *progress)
{
    if (progress && progress->terminal && atomic_load(&progress->shown) > progress->begun)
        fprintf(stderr, "\r\033[K");
    free(progress);
}
