/* SPDX-License-Identifier: MIT
 * From window to window. One worker at a time steers: the caller's at first, later whoever finished the last tile. It runs
 * by itself what is too small to share, and publishes the rest. */
#define _POSIX_C_SOURCE 200809L
#include "engine/parallel.h"

#include <sched.h>
#include <time.h>

enum { WORTH_SHARING = 100 }; /* events in a window; below, waking others costs more than it brings */

static double clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Where share i of n workers begins: the first place with i/n of the load before it. */
static uint32_t share_begin(const struct ch_engine *engine, uint32_t i)
{
    const struct ch_engine_spec *spec = &engine->spec;
    double total = 0, sum = 0;
    uint32_t place = 0;
    for (uint32_t p = 0; p < spec->n_places; p++)
        total += spec->load ? (double)spec->load[p] : 1;
    for (; place < spec->n_places && (i == engine->n_workers || sum * engine->n_workers < total * i); place++)
        sum += spec->load ? (double)spec->load[place] : 1;
    return place;
}

static void start_share(struct ch_engine *engine, struct ch_worker *me, uint32_t share)
{
    uint32_t first = share_begin(engine, share), end = share_begin(engine, share + 1);
    me->lane->now = 0;
    me->lane->depth = 0;
    me->lane->place = first;
    if (first < end)
        engine->start(me->lane, first, end);
}

void ch_steer_do(struct ch_engine *engine, struct ch_worker *me, uint32_t entry)
{
    if (ch_chance(me, 4) == 1)
        sched_yield();
    if (engine->job == CH_JOB_HANDLE)
        ch_visit(me, engine->list[entry]);
    else if (engine->job == CH_JOB_SPREAD)
        ch_wheel_spread(me, engine->job_row, engine->list[entry]);
    else
        start_share(engine, me, entry);
}

static struct ch_pool *richest_pool(struct ch_engine *engine)
{
    struct ch_pool *rich = &engine->worker[0]->pool;
    for (unsigned i = 1; i < engine->n_workers; i++)
        if (engine->worker[i]->pool.available > rich->available)
            rich = &engine->worker[i]->pool;
    return rich;
}

/* Sums what the workers did, refills their pools, and looks whether memory gave out. */
static void close_job(struct ch_engine *engine, struct ch_worker *me)
{
    uint64_t sent = 0, handled = 0;
    struct ch_pool *rich = engine->n_workers > 1 ? richest_pool(engine) : NULL;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_worker *worker = engine->worker[i];
        sent += worker->sent;
        handled += worker->handled;
        engine->failed |= worker->failed;
        ch_pool_refill(&worker->pool, rich);
    }
    if (engine->job == CH_JOB_HANDLE && engine->crowded) { /* all at once: no measure of the windows to come */
        engine->review_windows++;
        engine->review_events += handled - engine->stats.events;
    }
    engine->stats.sent = sent;
    engine->stats.events = handled;
    if (sent - handled > engine->stats.pending_peak)
        engine->stats.pending_peak = sent - handled;
    if (engine->job != CH_JOB_HANDLE)
        return;
    ch_wheel_clear(engine);
    engine->stats.windows++;
    if (engine->stats.windows >= engine->next_review)
        ch_tiling_review(engine, me);
}

static void shuffle(struct ch_engine *engine, struct ch_worker *me)
{
    for (uint32_t i = engine->n_list; i > 1; i--) {
        uint32_t j = ch_chance(me, i), tile = engine->list[i - 1];
        engine->list[i - 1] = engine->list[j];
        engine->list[j] = tile;
    }
}

static uint32_t end_of_range(const struct ch_engine *engine, uint32_t entry, unsigned worker)
{
    uint64_t end = (uint64_t)(worker + 1) * engine->n_tiles;
    while (entry < engine->n_list && (uint64_t)engine->list[entry] * engine->n_workers < end)
        entry++;
    return entry;
}

/* Each worker's range holds the tiles that it had before, so that caches stay warm; any number of them when disturbed. */
static uint64_t publish(struct ch_engine *engine, struct ch_worker *me)
{
    uint32_t entry = 0;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        engine->first[i] = entry;
        if (engine->spec.perturb)
            entry += ch_chance(me, engine->n_list - entry + 1);
        else
            entry = end_of_range(engine, entry, i);
    }
    engine->first[engine->n_workers] = engine->n_list;
    return ch_crew_publish(&engine->crew, engine->n_list, engine->first);
}

static bool worth_sharing(const struct ch_engine *engine, struct ch_worker *me)
{
    if (engine->crew.helpers == 0 || engine->n_list < 2)
        return false;
    if (engine->spec.perturb)
        return ch_chance(me, 4) != 0;
    return engine->guess >= WORTH_SHARING;
}

uint64_t ch_steer(struct ch_engine *engine, struct ch_worker *me)
{
    bool timed = engine->crew.helpers > 0; /* a lone worker is timed as a whole */
    double begin = timed ? clock_s() : 0;
    bool share = false;
    while (!engine->failed && ch_wheel_next(engine, engine->until_window)) {
        if (engine->spec.perturb)
            shuffle(engine, me);
        share = worth_sharing(engine, me);
        if (share)
            break;
        for (uint32_t entry = 0; entry < engine->n_list; entry++)
            ch_steer_do(engine, me, entry);
        close_job(engine, me);
    }
    if (!timed)
        return CH_CREW_REST;
    me->busy_s += clock_s() - begin;
    return share ? publish(engine, me) : ch_crew_rest(&engine->crew);
}

uint64_t ch_steer_start(struct ch_engine *engine, ch_engine_start work)
{
    engine->job = CH_JOB_START;
    engine->start = work;
    if (engine->crew.helpers > 0) {
        for (uint32_t i = 0; i <= engine->n_workers; i++)
            engine->first[i] = i;
        return ch_crew_publish(&engine->crew, engine->n_workers, engine->first);
    }
    for (uint32_t share = 0; share < engine->n_workers; share++)
        start_share(engine, engine->worker[0], share);
    return CH_CREW_REST;
}

void ch_steer_begin(struct ch_engine *engine)
{
    engine->stats.sent = 0;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_worker *worker = engine->worker[i];
        worker->busy_s = 0; /* what was sent before is not counted */
        engine->stats.sent += worker->sent;
        engine->failed |= worker->failed;
        ch_pool_refill(&worker->pool, NULL);
    }
    uint64_t pending =
        engine->stats.sent - engine->stats.events; /* some were handled before, when this goes on from a checkpoint */
    if (pending > engine->stats.pending_peak)
        engine->stats.pending_peak = pending;
    ch_tiling_review(engine, engine->worker[0]);
    for (unsigned i = 0; i < engine->n_workers; i++)
        engine->worker[i]->pool.in_window = true;
}

/* Takes entries until none is left; returns how many. Shared data may be read only while one is held. */
static uint32_t serve_phase(struct ch_engine *engine, unsigned worker, uint32_t phase)
{
    uint32_t done = 0;
    double begin = 0;
    for (int64_t entry; (entry = ch_crew_take(&engine->crew, worker, phase)) >= 0; done++) {
        if (done == 0)
            begin = clock_s();
        ch_steer_do(engine, engine->worker[worker], (uint32_t)entry);
    }
    if (done > 0)
        engine->worker[worker]->busy_s += clock_s() - begin;
    return done;
}

void ch_steer_serve(void *arg, unsigned worker, uint32_t phase)
{
    struct ch_engine *engine = arg;
    for (uint32_t done; (done = serve_phase(engine, worker, phase)) > 0 && ch_crew_done(&engine->crew, done);) {
        struct ch_worker *me = engine->worker[worker];
        close_job(engine, me);
        uint64_t word = ch_steer(engine, me);
        if (ch_crew_state_of(word) != CH_CREW_WORK)
            return;
        phase = ch_crew_phase_of(word);
    }
}
