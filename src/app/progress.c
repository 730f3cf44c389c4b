/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/progress.h"
#include "base/clock.h"
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct ch_progress {
    bool draws, terminal;
    uint64_t steps;
    unsigned runs;
    double begun;
    atomic_uint_fast64_t steps_done, events;
    atomic_uint runs_done;
    _Atomic double shown;
    atomic_flag drawing;
};

struct ch_progress *ch_progress_begin(enum ch_progress_mode mode, uint64_t steps, unsigned runs)
{
    struct ch_progress *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->draws = mode != CH_PROGRESS_NEVER;
    p->terminal = isatty(STDERR_FILENO);
    p->steps = steps;
    p->runs = runs;
    p->begun = ch_clock_s();
    atomic_init(&p->steps_done, 0);
    atomic_init(&p->events, 0);
    atomic_init(&p->runs_done, 0);
    atomic_init(&p->shown, p->begun);
    atomic_flag_clear(&p->drawing);
    return p;
}

struct ch_pace ch_progress_look(const struct ch_progress *p)
{
    struct ch_pace pace = {.left_s = (double)NAN};
    if (!p)
        return pace;
    pace.steps = p->steps;
    pace.runs = p->runs;
    pace.steps_done = atomic_load(&p->steps_done);
    pace.events = atomic_load(&p->events);
    pace.runs_done = atomic_load(&p->runs_done);
    pace.spent_s = ch_clock_s() - p->begun;
    if (pace.steps_done > 0)
        pace.left_s = pace.spent_s * ((double)p->steps / (double)pace.steps_done - 1);
    pace.events_per_s = pace.spent_s > 0 ? (double)pace.events / pace.spent_s : 0;
    return pace;
}

char *ch_progress_time(double seconds, char *buffer, unsigned size)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    long long s = seconds >= 0 && seconds < 1e12 ? (long long)(seconds + 0.5) : -1;
    if (s < 0)
        snprintf(buffer, size, "?");
    else if (s < MINUTE)
        snprintf(buffer, size, "%lld s", s);
    else if (s < HOUR)
        snprintf(buffer, size, "%lld min %02lld s", s / MINUTE, s % MINUTE);
    else if (s < 2 * DAY)
        snprintf(buffer, size, "%lld h %02lld min", s / HOUR, s % HOUR / MINUTE);
    else
        snprintf(buffer, size, "%lld d %lld h", s / DAY, s % DAY / HOUR);
    return buffer;
}

/* Short enough for 80 columns. */
static void draw(struct ch_progress *p)
{
    char left[32];
    struct ch_pace pace = ch_progress_look(p);
    fprintf(stderr, "%s%3.0f %%  %u of %u %s  %.0f simulated days/s", p->terminal ? "\r" : "",
            100 * (double)pace.steps_done / (double)pace.steps, pace.runs_done, pace.runs, pace.runs == 1 ? "run" : "runs",
            (double)pace.steps_done / pace.spent_s);
    if (pace.events)
        fprintf(stderr, "  %.1f M events/s", pace.events_per_s / 1e6);
    fprintf(stderr, "  %s left%s", ch_progress_time(pace.left_s, left, sizeof left), p->terminal ? "\033[K" : "\n");
    fflush(stderr);
}

void ch_progress_step(struct ch_progress *p, uint64_t events)
{
    if (!p)
        return;
    atomic_fetch_add(&p->events, events);
    atomic_fetch_add(&p->steps_done, 1);
    if (!p->draws)
        return;
    double now = ch_clock_s(), period = p->terminal ? 0.1 : 10;
    if (now - atomic_load(&p->shown) < period || atomic_flag_test_and_set(&p->drawing))
        return;
    atomic_store(&p->shown, now);
    draw(p);
    atomic_flag_clear(&p->drawing);
}

void ch_progress_run_done(struct ch_progress *p)
{
    if (p)
        atomic_fetch_add(&p->runs_done, 1);
}

void ch_progress_end(struct ch_progress *progress)
{
    if (progress && progress->draws && progress->terminal && atomic_load(&progress->shown) > progress->begun)
        fprintf(stderr, "\r\033[K");
    free(progress);
}
