/* SPDX-License-Identifier: MIT
 * Taking samples, each in a forked process, and what is made of them. Copies of a variant that run at the same time meet at a
 * gate before the event phase, so that all of it is run beside each other. */
#define _GNU_SOURCE
#include "app/bench.h"
#include "base/clock.h"
#include <chaland/assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COPIES_MAX = 64 };

static struct gate { /* shared by the copies */
    atomic_uint arrived;
    unsigned copies;
} * gate;

struct ch_bench_clock ch_bench_begin(void)
{
    if (gate && gate->copies > 1)
        for (atomic_fetch_add(&gate->arrived, 1); atomic_load(&gate->arrived) < gate->copies;)
            sched_yield();
    return (struct ch_bench_clock){ch_clock_cpu_s(), ch_clock_s()};
}

void ch_bench_end(const struct ch_bench_clock *clock, struct ch_bench_sample *sample)
{
    sample->cpu_s += ch_clock_cpu_s() - clock->cpu_s;
    sample->wall_s += ch_clock_s() - clock->wall_s;
}

/* The child's whole life. */
static _Noreturn void live(const struct ch_bench_variant *variant, int out)
{
    struct ch_bench_sample sample = {.error = {.code = CH_OK}};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    variant->measure(variant->setup, &sample);
    _exit(write(out, &sample, sizeof sample) == (ssize_t)sizeof sample ? 0 : 1);
}

static pid_t start(const struct ch_bench_variant *variant, int *in)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        live(variant, ends[1]);
    }
    close(ends[1]);
    *in = ends[0];
    if (child < 0)
        close(ends[0]);
    return child;
}

/* A neighbour that holds the last of the cores this process may use, until it is killed. */
static pid_t start_neighbour(void)
{
    cpu_set_t cores, last;
    pid_t child = fork();
    if (child)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    CPU_ZERO(&last);
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        for (size_t i = CPU_SETSIZE; i > 0 && !CPU_COUNT(&last); i--)
            if (CPU_ISSET(i - 1, &cores))
                CPU_SET(i - 1, &last);
    sched_setaffinity(0, sizeof last, &last);
    for (volatile unsigned turns = 0;; turns++)
        ;
}

static bool receive(pid_t child, int in, struct ch_bench_sample *sample)
{
    size_t got = 0;
    while (got < sizeof *sample) {
        ssize_t n = read(in, (char *)sample + got, sizeof *sample - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        got += (size_t)n;
    }
    close(in);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return got == sizeof *sample && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Copies do the sum of the work in the time of the slowest. */
static void join(struct ch_bench_sample *sum, const struct ch_bench_sample *one)
{
    if (sum->error.code == CH_OK)
        sum->error = one->error;
    sum->events += one->events;
    sum->units += one->units;
    sum->bytes += one->bytes;
    sum->cpu_s += one->cpu_s;
    sum->wall_s = one->wall_s > sum->wall_s ? one->wall_s : sum->wall_s;
}

static enum ch_code take_one(const struct ch_bench_variant *variant, struct ch_bench_sample *sample, struct ch_error *error)
{
    unsigned copies = variant->copies > COPIES_MAX ? COPIES_MAX : variant->copies > 1 ? variant->copies : 1, started = 0;
    pid_t child[COPIES_MAX];
    int in[COPIES_MAX];
    gate->copies = copies;
    atomic_store(&gate->arrived, 0);
    while (started < copies && (child[started] = start(variant, &in[started])) > 0)
        started++;
    pid_t neighbour = variant->beside ? start_neighbour() : 0;
    bool good = started == copies && neighbour >= 0;
    for (unsigned i = 0; i < started; i++) {
        struct ch_bench_sample one;
        if (!good)
            kill(child[i], SIGKILL); /* the others would wait at the gate for ever */
        good &= receive(child[i], in[i], &one);
        if (good && i == 0)
            *sample = one;
        else if (good)
            join(sample, &one);
    }
    if (neighbour > 0) {
        kill(neighbour, SIGKILL);
        waitpid(neighbour, NULL, 0);
    }
    if (!good)
        return ch_fail(error, CH_TOO_BIG, "bench: the process that measures '%s' came to a bad end; was there memory for it?",
                       variant->name);
    if (sample->error.code != CH_OK)
        *error = sample->error;
    return sample->error.code;
}

enum ch_code ch_bench_take(const struct ch_bench_variant *variant, const bool *wanted, unsigned n_variants, unsigned rounds,
                           struct ch_bench_sample *sample, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    gate = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (gate == MAP_FAILED) {
        gate = NULL;
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    }
    fflush(NULL);
    for (unsigned round = 0; round < rounds && code == CH_OK; round++)
        for (unsigned v = 0; v < n_variants && code == CH_OK; v++)
            if (!wanted || wanted[v])
                code = take_one(&variant[v], &sample[v * rounds + round], error);
    munmap(gate, sizeof *gate);
    gate = NULL;
    return code;
}

/* ---- what is made of them ---------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct ch_spread ch_bench_spread(const double *value, unsigned n)
{
    double sorted[CH_BENCH_ROUNDS_MAX];
    CH_REQUIRE(n > 0 && n <= CH_BENCH_ROUNDS_MAX);
    memcpy(sorted, value, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    return (struct ch_spread){(sorted[n / 2] + sorted[(n - 1) / 2]) / 2, sorted[0], sorted[n - 1]};
}

double ch_bench_seconds(const struct ch_bench_sample *sample, unsigned threads)
{
    return threads > 1 ? sample->wall_s : sample->cpu_s;
}

static double rate(const struct ch_bench_sample *sample, unsigned threads, bool units)
{
    return (double)(units ? sample->units : sample->events) / ch_bench_seconds(sample, threads);
}

struct ch_spread ch_bench_rate(const struct ch_bench_sample *sample, unsigned rounds, unsigned threads, bool units)
{
    double value[CH_BENCH_ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++)
        value[i] = rate(&sample[i], threads, units);
    return ch_bench_spread(value, rounds);
}

struct ch_spread ch_bench_ratio(const struct ch_bench_sample *a, const struct ch_bench_sample *b, unsigned rounds,
                                unsigned threads_a, unsigned threads_b)
{
    double value[CH_BENCH_ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++)
        value[i] = rate(&a[i], threads_a, false) / rate(&b[i], threads_b, false);
    return ch_bench_spread(value, rounds);
}

struct ch_spread ch_bench_cost(const struct ch_bench_sample *a, const struct ch_bench_sample *b, unsigned rounds,
                               unsigned threads)
{
    double value[CH_BENCH_ROUNDS_MAX];
    for (unsigned i = 0; i < rounds; i++)
        value[i] = rate(&b[i], threads, true) / rate(&a[i], threads, true) - 1;
    return ch_bench_spread(value, rounds);
}
