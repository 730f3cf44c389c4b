/* SPDX-License-Identifier: MIT
 * Benchmarks: what `chaland bench` measures and how. Each sample is taken in a process of its own, so that memory starts
 * empty and nothing is warm; variants that are to be compared take turns, and ratios are formed within a turn. */
#ifndef CH_BENCH_H
#define CH_BENCH_H

#include "app/cli.h"
#include "engine/engine.h"

enum { CH_BENCH_ROUNDS_MAX = 99 };

/* What a process reports: plain bytes, sent through a pipe. */
struct ch_bench_sample {
    struct ch_error error;
    double cpu_s, wall_s; /* of the event phase */
    uint64_t events;      /* handled in it */
    uint64_t units;       /* what the benchmark counts: customers, crossings; else the events */
    uint64_t pending;     /* events that waited, at most */
    uint64_t fingerprint;
    uint64_t bytes; /* resident at most, less what was resident before anything was built */
    uint64_t windows;
    double mean, deviation;  /* queue: of the wait in line */
    double passes, messages; /* city */
};

/* Measures one variant of a benchmark; `setup` is the benchmark's own. */
typedef void (*ch_bench_measure)(const void *setup, struct ch_bench_sample *sample);

struct ch_bench_variant {
    const char *name;
    ch_bench_measure measure;
    const void *setup;
    unsigned copies; /* processes at the same time, 0 counts as 1; sums of units, the longest time */
    bool beside;     /* a neighbour: another process that holds one core all the while */
};

/* Takes turns; fills sample[variant * rounds + round] of the variants wanted (NULL: all). */
enum ch_code ch_bench_take(const struct ch_bench_variant *variant, const bool *wanted, unsigned n_variants, unsigned rounds,
                           struct ch_bench_sample *sample, struct ch_error *error);

/* Median and extremes. */
struct ch_spread {
    double median, low, high;
};
struct ch_spread ch_bench_spread(const double *value, unsigned n);

/* Seconds of CPU time or of wall time (threads > 1), and rates per second of it. */
double ch_bench_seconds(const struct ch_bench_sample *sample, unsigned threads);
struct ch_spread ch_bench_rate(const struct ch_bench_sample *sample, unsigned rounds, unsigned threads, bool units);
/* Spread of rate of a[i] over rate of b[i]. */
struct ch_spread ch_bench_ratio(const struct ch_bench_sample *a, const struct ch_bench_sample *b, unsigned rounds,
                                unsigned threads_a, unsigned threads_b);
/* By how much more time a[i] took than b[i] for as many units: 0.2 for a fifth more. */
struct ch_spread ch_bench_cost(const struct ch_bench_sample *a, const struct ch_bench_sample *b, unsigned rounds,
                               unsigned threads);

/* A clock of the event phase: `ch_bench_begin` at its start, `ch_bench_end` adds to the sample. */
struct ch_bench_clock {
    double cpu_s, wall_s;
};
struct ch_bench_clock ch_bench_begin(void);
void ch_bench_end(const struct ch_bench_clock *clock, struct ch_bench_sample *sample);

/* What a benchmark is asked; the defaults are filled in, the ranges are checked. */
struct ch_bench_asked {
    unsigned threads, rounds;
    uint32_t seed;
    const struct ch_scheduler
        *alone; /* measured with nothing beside it, or NULL: the parallel one, with what belongs beside it */
    int64_t processes, events_per_process; /* phold */
    double remote, lookahead_s, duration_s;
    int64_t customers, servers; /* queue */
    double load;
    int64_t shoppers, beacons; /* city */
    double hours;
    const char *policy;
};

/* One line of the table and one object of the JSON, name by name. */
struct ch_bench_report {
    FILE *json;  /* an object is open; NULL: none wanted */
    FILE *table; /* NULL: none wanted */
    bool first;  /* no field yet */
};
void ch_bench_put(struct ch_bench_report *report, const char *name, double value);
void ch_bench_put_text(struct ch_bench_report *report, const char *name, const char *value);
void ch_bench_put_spread(struct ch_bench_report *report, const char *name, struct ch_spread spread);
/* What stands beside: `ratio` to the classic heap, whose fingerprint is the same; to as many one-thread processes. */
void ch_bench_put_heap(struct ch_bench_report *report, struct ch_spread ratio);
void ch_bench_put_copies(struct ch_bench_report *report, struct ch_spread ratio, unsigned copies);
/* All threads over one thread, both beside a process that holds one core. */
void ch_bench_put_beside(struct ch_bench_report *report, struct ch_spread ratio);
void ch_bench_line(struct ch_bench_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A benchmark as its variants: ours comes first, the heap's must end with the same fingerprint. */
struct ch_bench_plan {
    const char *name;
    const struct ch_bench_variant *variant;
    const bool *taken;
    unsigned n_variants, heap;
    void (*tell)(const struct ch_bench_asked *asked, const struct ch_bench_sample *sample, const bool *taken,
                 struct ch_bench_report *report);
};
enum ch_code ch_bench_play(const struct ch_bench_plan *plan, const struct ch_bench_asked *asked, struct ch_bench_report *report,
                           struct ch_error *error);

enum ch_code ch_bench_phold(const struct ch_bench_asked *asked, struct ch_bench_report *report, struct ch_error *error);
enum ch_code ch_bench_queue(const struct ch_bench_asked *asked, struct ch_bench_report *report, struct ch_error *error);
enum ch_code ch_bench_city(const struct ch_bench_asked *asked, struct ch_bench_report *report, struct ch_error *error);

/* The classic: one 4-ary heap of whole events, the same contract as the other schedulers, one thread. */
extern const struct ch_scheduler ch_bench_heap;

#endif
