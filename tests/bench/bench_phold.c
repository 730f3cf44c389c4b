/* SPDX-License-Identifier: MIT
 * PHOLD (Fujimoto 1990), the customary load of event engines: every place holds one event on average; each event sends the
 * next one after lookahead + Exp(0.9 s), one in ten to any place, else to its own. Prints events per second and core and
 * bytes per pending event, for 65,536 and 1,048,576 places and for 1 and 2 workers; and the cost of an event in
 * a small city, some 45 events per window, where windows weigh more, and in one of ten times as many.
 *     bench_phold [phold PLACES [WORKERS [SECONDS [PLACES_PER_TILE]]]] | [city PEOPLE [WORKERS [DAYS]]] */
#define _POSIX_C_SOURCE 200809L
#include "engine/engine.h"

#include <chaland/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct holder {
    uint64_t hops;
};

struct bench {
    struct ch_lane *lane; /* [workers], 128 bytes apart */
    struct holder *holder;
    uint32_t n_places;
    ch_time lookahead;
    double mean_s;
    double remote;
};

enum { LANE_STRIDE = 4, HOP = 0, STAY = 1 };

static struct ch_lane *lane_of(void *user, unsigned worker)
{
    struct bench *bench = user;
    return &bench->lane[LANE_STRIDE * worker];
}

static struct bench *the_bench; /* a bench is not a model: one static is simplest */

/* The next event: away after the lookahead and more, or at home after more than `least`. */
static void hop(struct ch_lane *lane, uint32_t place, ch_time least)
{
    struct bench *bench = the_bench;
    struct ch_draw draw = ch_draw_open((struct ch_key){1, 0}, place, 1, bench->holder[place].hops++);
    ch_time delay = ch_time_of_seconds(bench->mean_s * ch_draw_exponential(&draw));
    if (ch_draw_chance(&draw, bench->remote))
        ch_lane_send(lane, HOP, ch_draw_below(&draw, bench->n_places), 0, bench->lookahead + delay, 0, NULL);
    else
        ch_lane_send(lane, STAY, place, 0, least + delay, 0, NULL);
}

static void on_phold(struct ch_lane *lane, const struct ch_event *ev) { hop(lane, ev->place, the_bench->lookahead); }

static void on_city(struct ch_lane *lane, const struct ch_event *ev) { hop(lane, ev->place, 1); }

static void prefetch(void *user, const struct ch_event *ev)
{
    struct bench *bench = user;
#if defined(__GNUC__)
    __builtin_prefetch(&bench->holder[ev->place]);
#endif
}

static double wall_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double total_busy_s(const void *self)
{
    const struct ch_engine_stats *stats = ch_parallel.stats(self);
    double sum = 0;
    for (unsigned i = 0; i < stats->workers; i++)
        sum += stats->busy_s[i];
    return sum;
}

static const struct ch_kind kinds[] = {{.name = "hop", .id = 1, .scope = CH_REMOTE},
                                       {.name = "stay", .id = 2, .scope = CH_LOCAL}};

/* Runs a tenth of the time to settle, then measures the rest. */
static void run(const char *name, struct ch_engine_spec *spec, struct bench *bench, uint32_t n_events)
{
    struct ch_error error = {0};
    void *self;
    the_bench = bench;
    bench->lookahead = spec->lookahead;
    bench->lane = calloc((size_t)LANE_STRIDE * spec->workers, sizeof *bench->lane);
    bench->holder = calloc(bench->n_places, sizeof *bench->holder);
    CH_REQUIRE(bench->lane && bench->holder);
    CH_REQUIRE(ch_parallel.create(spec, &self, &error) == CH_OK);
    for (uint32_t i = 0; i < n_events; i++)
        hop(ch_parallel.setup_lane(self, i % bench->n_places), i % bench->n_places, spec->lookahead);
    CH_REQUIRE(ch_parallel.run_until(self, spec->end / 10 / spec->lookahead * spec->lookahead, &error) == CH_OK);
    uint64_t before = ch_parallel.stats(self)->events;
    double wall = wall_s(), cpu = cpu_s(), busy = total_busy_s(self);
    CH_REQUIRE(ch_parallel.run_until(self, spec->end, &error) == CH_OK);
    wall = wall_s() - wall;
    cpu = cpu_s() - cpu;
    busy = total_busy_s(self) - busy;
    const struct ch_engine_stats *stats = ch_parallel.stats(self);
    double events = (double)(stats->events - before);
    printf("%-6s %8u places %u workers %3u tiles: %6.2f M events/s wall, %6.2f M per core-s, %6.1f ns, busy %3.0f %%, %6.0f "
           "events/window, "
           "%4.1f bytes/event, %llu hot mallocs, %016llx\n",
           name, bench->n_places, spec->workers, stats->tiles, events / wall * 1e-6, events / cpu * 1e-6, cpu / events * 1e9,
           busy / wall / spec->workers * 100, (double)stats->events / (double)stats->windows,
           (double)stats->event_bytes / (double)stats->pending_peak, (unsigned long long)stats->chunk_mallocs,
           (unsigned long long)ch_parallel.fingerprint(self));
    ch_parallel.destroy(self);
    free(bench->lane);
    free(bench->holder);
}

static void phold(uint32_t n_places, unsigned workers, double seconds, uint32_t tile_places)
{
    struct bench bench = {.n_places = n_places, .mean_s = 0.9, .remote = 0.1};
    struct ch_engine_spec spec = {.n_places = n_places,
                                  .lookahead = 100000,
                                  .end = ch_time_of_seconds(seconds),
                                  .kind = kinds,
                                  .n_kinds = 2,
                                  .workers = workers,
                                  .tile_places = tile_places,
                                  .lane = lane_of,
                                  .handle = on_phold,
                                  .prefetch = prefetch,
                                  .user = &bench};
    run("phold", &spec, &bench, n_places);
}

/* People with an event per 3,333 s each, 15 at a place: 45 events per window for 15,000 people. */
static void city(uint32_t people, unsigned workers, double days)
{
    struct bench bench = {.n_places = people / 15, .mean_s = 3333, .remote = 0.5};
    struct ch_engine_spec spec = {.n_places = people / 15,
                                  .lookahead = CH_LOOKAHEAD,
                                  .end = ch_time_of_seconds(days * 86400),
                                  .kind = kinds,
                                  .n_kinds = 2,
                                  .workers = workers,
                                  .lane = lane_of,
                                  .handle = on_city,
                                  .prefetch = prefetch,
                                  .user = &bench};
    run("city", &spec, &bench, people);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        uint32_t n = (uint32_t)strtoul(argv[2 < argc ? 2 : 1], NULL, 10);
        unsigned workers = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;
        double length = argc > 4 ? strtod(argv[4], NULL) : 10;
        if (strcmp(argv[1], "city") == 0)
            city(n, workers, length);
        else
            phold(n, workers, length, argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 0);
        return 0;
    }
    for (unsigned workers = 1; workers <= 2; workers++) {
        phold(65536, workers, 40, 0);
        phold(1048576, workers, 4, 0);
        city(15000, workers, 10);
        city(154508, workers, 1);
    }
    return 0;
}
