/* SPDX-License-Identifier: MIT
 * One queue: M/M/1 or M/M/c, at one place, on one thread, through the interface of models: kinds, a handler, a lane.
 *
 * Two events per customer: ARRIVE draws the customer's luck (until the next arrival, and the length of the service) from one
 * stream, keyed by the customer's number, sends the next ARRIVE, and takes a server or the end of the line; LEAVE ends a
 * service and begins the next. No recursion over waiting times: the line is a line, and servers are busy or not.
 * Check: the mean wait in line is within 4 standard errors of Erlang C; the error comes from 64 batches, the first of which
 * is left out, since the queue starts empty. */
#include "app/bench.h"
#include <chaland/assert.h>
#include <chaland/numeric.h>
#include <math.h>
#include <stdlib.h>

enum { ARRIVE, LEAVE, N_KINDS };
enum { AT_ONCE = 32, LINE_ROOM = 1 << 17, BATCHES = 64, MEAN_SERVICE_S = 1, WINDOW_S = 1 << 16 };

static const struct ch_kind kinds[N_KINDS] = {{"arrive", 1, CH_LOCAL, 1, 0}, {"leave", 2, CH_LOCAL, 1, 0}};

struct waiting {
    ch_time since, service;
};

struct luck { /* of one customer: time until the next one comes, and length of the service */
    ch_time next, service;
};

struct queue {
    struct ch_lane lane; /* first */
    struct ch_key key;
    double between_s; /* mean time between arrivals */
    uint32_t servers, busy;
    uint64_t customers, arrived, served;
    uint64_t first, last;      /* of the line */
    struct luck luck[AT_ONCE]; /* of the customers to come */
    uint64_t per_batch;
    int64_t wait[BATCHES]; /* sums, µs */
    struct waiting line[LINE_ROOM];
};

static struct ch_lane *lane_of(void *user, unsigned worker)
{
    (void)worker;
    return &((struct queue *)user)->lane;
}

static void begin_service(struct queue *q, const struct waiting *who, uint64_t number)
{
    q->wait[number / q->per_batch] += q->lane.now - who->since;
    ch_lane_send(&q->lane, LEAVE, 0, (uint32_t)number, who->service, 0, NULL);
}

/* Keyed draws have no state, so those of the next customers may be drawn together, which keeps the processor busier. */
static void draw_some(struct queue *q)
{
    for (uint64_t i = 0; i < AT_ONCE; i++) {
        struct ch_draw draw = ch_draw_open(q->key, 0, 1, q->arrived + i);
        q->luck[i].next = 1 + ch_time_of_seconds(q->between_s * ch_draw_exponential(&draw));
        q->luck[i].service = 1 + ch_time_of_seconds(MEAN_SERVICE_S * ch_draw_exponential(&draw));
    }
}

static void on_arrive(struct queue *q)
{
    if (q->arrived % AT_ONCE == 0)
        draw_some(q);
    const struct luck *luck = &q->luck[q->arrived % AT_ONCE];
    struct waiting who = {q->lane.now, luck->service};
    if (++q->arrived < q->customers)
        ch_lane_send(&q->lane, ARRIVE, 0, 0, luck->next, 0, NULL);
    if (q->busy < q->servers) {
        q->busy++;
        begin_service(q, &who, q->arrived - 1);
        return;
    }
    CH_REQUIRE(q->last - q->first < LINE_ROOM);
    q->line[q->last++ % LINE_ROOM] = who;
}

static void on_leave(struct queue *q)
{
    q->served++;
    if (q->first == q->last) {
        q->busy--;
        q->first = q->last = 0; /* an empty line begins again where memory is warm */
        return;
    }
    uint64_t number = q->arrived - (q->last - q->first);
    const struct waiting *who = &q->line[q->first++ % LINE_ROOM];
    begin_service(q, who, number);
}

static void handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct queue *q = (struct queue *)(void *)lane;
    if (ch_event_kind(ev) == ARRIVE)
        on_arrive(q);
    else
        on_leave(q);
}

/* Erlang C: the mean wait in line, s, for services of mean 1 s. */
static double expected_wait(double load, uint32_t servers)
{
    double offered = load * servers, blocked = 1;
    for (uint32_t k = 1; k <= servers; k++)
        blocked = offered * blocked / (k + offered * blocked); /* Erlang B */
    double waits = blocked / (1 - load * (1 - blocked));
    return waits * MEAN_SERVICE_S / (servers * (1 - load));
}

/* Mean wait in s, and how many standard errors it is off; 4 are too many. */
static void judge(const struct queue *q, const struct ch_bench_asked *asked, struct ch_bench_sample *sample)
{
    double sum = 0, squares = 0, n = BATCHES - 1;
    for (unsigned b = 1; b < BATCHES; b++) {
        double mean = 1e-6 * (double)q->wait[b] / (double)q->per_batch;
        sum += mean;
        squares += mean * mean;
    }
    sample->mean = sum / n;
    double variance = (squares - sum * sum / n) / (n - 1);
    sample->deviation = (sample->mean - expected_wait(asked->load, (uint32_t)asked->servers)) / sqrt(variance / n);
    if (fabs(sample->deviation) > 4)
        ch_fail(&sample->error, CH_INTERNAL, "bench queue: the mean wait is %.2f standard errors off", sample->deviation);
}

struct setup {
    const struct ch_bench_asked *asked;
    const struct ch_scheduler *scheduler;
};

static struct queue *create_queue(const struct ch_bench_asked *asked)
{
    struct queue *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->key = (struct ch_key){asked->seed, 0};
    q->between_s = MEAN_SERVICE_S / (asked->load * (double)asked->servers);
    q->servers = (uint32_t)asked->servers;
    q->per_batch = (uint64_t)asked->customers / BATCHES;
    q->customers = q->per_batch * BATCHES;
    return q;
}

static void measure(const void *arg, struct ch_bench_sample *sample)
{
    const struct setup *setup = arg;
    const struct ch_scheduler *scheduler = setup->scheduler;
    struct queue *q = create_queue(setup->asked);
    void *self = NULL;
    if (!q) {
        ch_fail(&sample->error, CH_TOO_BIG, "out of memory");
        return;
    }
    struct ch_engine_spec spec = {.n_places = 1,
                                  .lookahead = WINDOW_S * CH_SECOND,
                                  .end = ch_time_of_seconds(1.5 * q->between_s * (double)q->customers + 1e6),
                                  .kind = kinds,
                                  .n_kinds = N_KINDS,
                                  .row_period = WINDOW_S * CH_SECOND,
                                  .workers = 1,
                                  .lane = lane_of,
                                  .handle = handle,
                                  .user = q};
    if (scheduler->create(&spec, &self, &sample->error) == CH_OK) {
        ch_lane_send(scheduler->setup_lane(self, 0), ARRIVE, 0, 0, 1, 0, NULL);
        struct ch_bench_clock clock = ch_bench_begin();
        if (scheduler->run_until(self, spec.end, &sample->error) == CH_OK && q->served != q->customers)
            ch_fail(&sample->error, CH_INTERNAL, "bench queue: %llu of %llu customers left in time",
                    (unsigned long long)q->served, (unsigned long long)q->customers);
        ch_bench_end(&clock, sample);
        sample->events = scheduler->stats(self)->events;
        sample->windows = scheduler->stats(self)->windows;
        sample->units = q->served;
        sample->fingerprint = scheduler->fingerprint(self);
        if (sample->error.code == CH_OK)
            judge(q, setup->asked, sample);
    }
    scheduler->destroy(self);
    free(q);
}

enum { OURS, HEAP, N_VARIANTS };

static void tell(const struct ch_bench_asked *asked, const struct ch_bench_sample *sample, const bool *taken,
                 struct ch_bench_report *report)
{
    unsigned rounds = asked->rounds;
    struct ch_spread rate = ch_bench_rate(sample, rounds, 1, true), events = ch_bench_rate(sample, rounds, 1, false);
    double expected = expected_wait(asked->load, (uint32_t)asked->servers);
    ch_bench_line(report, "queue   M/M/%lld, load %g, %llu customers: %.2f M customers/s [%.2f, %.2f], %.2f M events/s\n",
                  (long long)asked->servers, asked->load, (unsigned long long)sample->units, rate.median * 1e-6, rate.low * 1e-6,
                  rate.high * 1e-6, events.median * 1e-6);
    ch_bench_line(report, "        mean wait %.4f s, Erlang C %.4f s: %+.2f standard errors\n", sample->mean, expected,
                  sample->deviation);
    ch_bench_put(report, "customers", (double)sample->units);
    ch_bench_put(report, "servers", (double)asked->servers);
    ch_bench_put(report, "load", asked->load);
    ch_bench_put_spread(report, "customers_per_s", rate);
    ch_bench_put_spread(report, "events_per_s", events);
    ch_bench_put(report, "events_per_customer", (double)sample->events / (double)sample->units);
    ch_bench_put(report, "mean_wait_s", sample->mean);
    ch_bench_put(report, "expected_wait_s", expected);
    ch_bench_put(report, "standard_errors", sample->deviation);
    if (taken[HEAP])
        ch_bench_put_heap(report, ch_bench_ratio(sample, &sample[HEAP * rounds], rounds, 1, 1));
}

enum ch_code ch_bench_queue(const struct ch_bench_asked *asked, struct ch_bench_report *report, struct ch_error *error)
{
    const bool taken[N_VARIANTS] = {[OURS] = true, [HEAP] = !asked->alone};
    const struct setup ours = {asked, asked->alone ? asked->alone : &ch_parallel}, heap = {asked, &ch_bench_heap};
    const struct ch_bench_variant variant[N_VARIANTS] = {[OURS] = {.name = "queue", .measure = measure, .setup = &ours},
                                                         [HEAP] = {.name = "queue, heap", .measure = measure, .setup = &heap}};
    return ch_bench_play(&(struct ch_bench_plan){"queue", variant, taken, N_VARIANTS, HEAP, tell}, asked, report, error);
}
