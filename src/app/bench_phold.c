/* SPDX-License-Identifier: MIT
 * PHOLD (Fujimoto 1990), the customary load of event engines: each event makes its process send the next one after lookahead
 * + Exp(0.9 s), with probability `remote` to any process, else to itself. Draws are Philox, keyed by process and hop; the
 * total order holds, ties included. The first tenth of the time settles and is not counted.
 * Run beside it: the same on a 4-ary heap, which must end with the same fingerprint; and with several threads as many
 * one-thread processes at the same time, which is what the threads could do at best. */
#include "app/bench.h"
#include "app/memory.h"
#include <chaland/assert.h>
#include <stdlib.h>

enum { HOP, STAY, N_KINDS };
enum { LANES_APART = 4 }; /* so that two threads share no line */

static const struct ch_kind kinds[N_KINDS] = {{"hop", 1, CH_REMOTE, 0, 0}, {"stay", 2, CH_LOCAL, 1, 0}};
static const double MEAN_S = 0.9;

struct process {
    uint64_t hops;
};

struct phold_lane {
    struct ch_lane lane; /* first */
    struct phold *phold;
};

struct phold {
    struct ch_key key;
    uint32_t processes;
    ch_time lookahead;
    double remote;
    struct process *process;
    struct phold_lane *lane; /* [threads * LANES_APART] */
};

static struct ch_lane *lane_of(void *user, unsigned worker)
{
    struct phold *p = user;
    p->lane[(size_t)worker * LANES_APART].phold = p;
    return &p->lane[(size_t)worker * LANES_APART].lane;
}

static void hop(struct ch_lane *lane)
{
    struct phold *p = ((struct phold_lane *)(void *)lane)->phold;
    struct ch_draw draw = ch_draw_open(p->key, lane->place, 1, p->process[lane->place].hops++);
    ch_time delay = p->lookahead + ch_time_of_seconds(MEAN_S * ch_draw_exponential(&draw));
    if (ch_draw_chance(&draw, p->remote))
        ch_lane_send(lane, HOP, ch_draw_below(&draw, p->processes), 0, delay, 0, NULL);
    else
        ch_lane_send(lane, STAY, lane->place, 0, delay, 0, NULL);
}

static void handle(struct ch_lane *lane, const struct ch_event *ev)
{
    (void)ev;
    hop(lane);
}

static void prefetch(void *user, const struct ch_event *ev)
{
    const struct phold *p = user;
    __builtin_prefetch(&p->process[ev->place], 1);
}

struct setup {
    const struct ch_bench_asked *asked;
    const struct ch_scheduler *scheduler;
    unsigned threads;
};

/* Sends the first events, settles, and measures the rest. */
static enum ch_code run(const struct ch_bench_asked *asked, const struct ch_scheduler *scheduler, void *self, ch_time end,
                        ch_time lookahead, struct ch_bench_sample *sample)
{
    for (int64_t i = 0; i < asked->events_per_process; i++)
        for (uint32_t place = 0; place < asked->processes; place++)
            hop(scheduler->setup_lane(self, place));
    enum ch_code code = scheduler->run_until(self, end / 10 / lookahead * lookahead, &sample->error);
    uint64_t before = scheduler->stats(self)->events, windows = scheduler->stats(self)->windows;
    struct ch_bench_clock clock = ch_bench_begin();
    if (code == CH_OK)
        code = scheduler->run_until(self, end, &sample->error);
    ch_bench_end(&clock, sample);
    const struct ch_engine_stats *stats = scheduler->stats(self);
    sample->events = sample->units = stats->events - before;
    sample->windows = stats->windows - windows;
    sample->pending = (uint64_t)(asked->processes * asked->events_per_process);
    sample->fingerprint = scheduler->fingerprint(self);
    return code;
}

static void measure(const void *arg, struct ch_bench_sample *sample)
{
    const struct setup *setup = arg;
    const struct ch_bench_asked *asked = setup->asked;
    uint64_t resident = ch_memory_resident();
    void *self = NULL;
    size_t lanes = (setup->threads * LANES_APART * sizeof(struct ch_lane) + 127) / 128 * 128; /* as aligned_alloc wants it */
    struct phold p = {.key = {asked->seed, 0},
                      .processes = (uint32_t)asked->processes,
                      .lookahead = ch_time_of_seconds(asked->lookahead_s),
                      .remote = asked->remote,
                      .process = calloc((size_t)asked->processes, sizeof *p.process),
                      .lane = aligned_alloc(128, lanes)};
    struct ch_engine_spec spec = {.n_places = p.processes,
                                  .lookahead = p.lookahead,
                                  .end = ch_time_of_seconds(asked->duration_s),
                                  .kind = kinds,
                                  .n_kinds = N_KINDS,
                                  .row_period = p.lookahead,
                                  .workers = setup->threads,
                                  .lane = lane_of,
                                  .handle = handle,
                                  .prefetch = prefetch,
                                  .user = &p};
    if (!p.process || !p.lane)
        ch_fail(&sample->error, CH_TOO_BIG, "out of memory for %u processes", p.processes);
    else if (setup->scheduler->create(&spec, &self, &sample->error) == CH_OK)
        run(asked, setup->scheduler, self, spec.end, p.lookahead, sample);
    sample->bytes = ch_memory_peak() - resident;
    setup->scheduler->destroy(self);
    free(p.process);
    free(p.lane);
}

enum { OURS, HEAP, COPIES, BESIDE, ALONE, N_VARIANTS }; /* the last two: all threads, and one, beside a neighbour */

static void tell(const struct ch_bench_asked *asked, const struct ch_bench_sample *sample, const bool *taken,
                 struct ch_bench_report *report)
{
    unsigned rounds = asked->rounds, threads = asked->threads;
    const struct ch_bench_sample *heap = &sample[HEAP * rounds];
    struct ch_spread rate = ch_bench_rate(sample, rounds, threads, false);
    double bytes = (double)sample->bytes / (double)sample->pending;
    ch_bench_line(report,
                  "phold   %lld processes x %lld events, remote %g, lookahead %g s, %u %s: %.2f M events/s [%.2f, %.2f]\n"
                  "        %.1f bytes per pending event\n",
                  (long long)asked->processes, (long long)asked->events_per_process, asked->remote, asked->lookahead_s, threads,
                  threads > 1 ? "threads" : "thread", rate.median * 1e-6, rate.low * 1e-6, rate.high * 1e-6, bytes);
    ch_bench_put(report, "processes", (double)asked->processes);
    ch_bench_put(report, "events_per_process", (double)asked->events_per_process);
    ch_bench_put(report, "remote", asked->remote);
    ch_bench_put(report, "lookahead_s", asked->lookahead_s);
    ch_bench_put(report, "duration_s", asked->duration_s);
    ch_bench_put(report, "events", (double)sample->events);
    ch_bench_put_spread(report, "events_per_s", rate);
    ch_bench_put_spread(report, "events_per_cpu_s", ch_bench_rate(sample, rounds, 1, false));
    ch_bench_put_spread(report, "events_per_wall_s", ch_bench_rate(sample, rounds, 2, false));
    ch_bench_put(report, "bytes_per_event", bytes);
    if (taken[HEAP]) {
        ch_bench_put_heap(report, ch_bench_ratio(sample, heap, rounds, threads, 1));
        ch_bench_put_spread(report, "heap_events_per_s", ch_bench_rate(heap, rounds, 1, false));
        ch_bench_put(report, "heap_bytes_per_event", (double)heap->bytes / (double)heap->pending);
    }
    if (taken[COPIES])
        ch_bench_put_copies(report, ch_bench_ratio(sample, &sample[COPIES * rounds], rounds, threads, threads), threads);
    if (taken[BESIDE])
        ch_bench_put_beside(report, ch_bench_ratio(&sample[BESIDE * rounds], &sample[ALONE * rounds], rounds, threads, threads));
}

enum ch_code ch_bench_phold(const struct ch_bench_asked *asked, struct ch_bench_report *report, struct ch_error *error)
{
    const bool taken[N_VARIANTS] = {[OURS] = true,
                                    [HEAP] = !asked->alone,
                                    [COPIES] = !asked->alone && asked->threads > 1,
                                    [BESIDE] = !asked->alone && asked->threads > 1,
                                    [ALONE] = !asked->alone && asked->threads > 1};
    const struct setup ours = {asked, asked->alone ? asked->alone : &ch_parallel, asked->threads},
                       heap = {asked, &ch_bench_heap, 1}, copy = {asked, &ch_parallel, 1};
    const struct ch_bench_variant variant[N_VARIANTS] = {
        [OURS] = {.name = "phold", .measure = measure, .setup = &ours},
        [HEAP] = {.name = "phold, heap", .measure = measure, .setup = &heap},
        [COPIES] = {.name = "phold, processes", .measure = measure, .setup = &copy, .copies = asked->threads},
        [BESIDE] = {.name = "phold beside a neighbour", .measure = measure, .setup = &ours, .beside = true},
        [ALONE] = {.name = "phold, one thread beside a neighbour", .measure = measure, .setup = &copy, .beside = true},
    };
    return ch_bench_play(&(struct ch_bench_plan){"phold", variant, taken, N_VARIANTS, HEAP, tell}, asked, report, error);
}
