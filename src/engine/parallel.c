/* SPDX-License-Identifier: MIT
 * The parallel scheduler's face: creation, running, looking, destruction. The idea is in parallel.h. */
#define _POSIX_C_SOURCE 200809L
#include "engine/ranks.h"

#include "base/pages.h"
#include <chaland/assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLAB_CHUNKS = 511 }; /* with its header 256 KiB */

static void destroy(void *self);

/* Levels of the wheel that reach the last window. */
static unsigned count_levels(uint64_t n_windows)
{
    unsigned levels = 1;
    while ((n_windows - 1) >> 6 * (levels - 1) >= CH_WHEEL_SLOTS)
        levels++;
    return levels;
}

static bool init_rules(struct ch_engine *engine)
{
    const struct ch_engine_spec *spec = &engine->spec;
    memset(engine->cells, 1, sizeof engine->cells);
    engine->rule = calloc(spec->n_kinds, sizeof *engine->rule);
    for (unsigned rank = 0; engine->rule && rank < spec->n_kinds; rank++) {
        const struct ch_kind *kind = &spec->kind[rank];
        ch_time floor = kind->scope == CH_REMOTE ? spec->lookahead : kind->scope == CH_LOCAL ? 1 : 0;
        ch_time least = kind->least > floor ? kind->least : floor;
        engine->rule[rank] = (struct ch_rule){.least = least,
                                              .least_usual = kind->slots ? CH_TIME_MAX
                                                             : least     ? least
                                                                         : 1,
                                              .id = kind->id,
                                              .cells = (uint8_t)(1 + kind->slots),
                                              .home = kind->scope != CH_REMOTE};
        engine->cells[rank] = (uint8_t)(1 + kind->slots);
    }
    return engine->rule != NULL;
}

static struct ch_worker *create_worker(struct ch_engine *engine, unsigned index)
{
    const struct ch_engine_spec *spec = &engine->spec;
    size_t size = sizeof(struct ch_worker);
    struct ch_worker *worker = aligned_alloc(CH_LINE, size);
    if (!worker)
        return NULL;
    memset(worker, 0, size);
    worker->engine = engine;
    worker->index = index;
    worker->chance = ch_mix(spec->perturb ^ ch_mix(index));
    uint64_t slab = spec->perturb ? 1 + worker->chance % 8 : SLAB_CHUNKS;
    ch_pool_init(&worker->pool, slab, spec->memory_limit ? &engine->budget : NULL);
    worker->lane = spec->lane(spec->user, index);
    *worker->lane = (struct ch_lane){.ops = &ch_parallel_ops, .scheduler = worker, .worker = index};
    return worker;
}

static bool init_workers(struct ch_engine *engine)
{
    unsigned n = engine->spec.workers;
    engine->worker = calloc(n, sizeof *engine->worker);
    engine->first = calloc(n + 1, sizeof *engine->first);
    engine->stats.busy_s = calloc(n, sizeof *engine->stats.busy_s);
    engine->stats.handled = calloc(n, sizeof *engine->stats.handled);
    if (!engine->worker || !engine->first || !engine->stats.busy_s || !engine->stats.handled)
        return false;
    for (; engine->n_workers < n; engine->n_workers++) {
        struct ch_worker *worker = create_worker(engine, engine->n_workers);
        engine->worker[engine->n_workers] = worker;
        if (!worker)
            return false;
        worker->away = engine->ranks ? calloc(engine->ranks->size, sizeof *worker->away) : NULL;
        if (!ch_wheel_init(&worker->wheel, engine) || (engine->ranks && !worker->away)) {
            engine->n_workers++;
            return false;
        }
    }
    return true;
}

static bool init_engine(struct ch_engine *engine, const struct ch_engine_spec *spec)
{
    engine->spec = *spec;
    atomic_init(&engine->budget, spec->memory_limit < INT64_MAX ? (int64_t)spec->memory_limit : INT64_MAX);
    engine->n_windows = (uint64_t)((spec->end - 1) / spec->lookahead) + 1;
    engine->levels = count_levels(engine->n_windows);
    engine->per_lookahead = ((uint64_t)1 << CH_PER_LOOKAHEAD_BITS) / (uint64_t)spec->lookahead + 1;
    ch_wheel_turn(engine, 0);
    engine->window_end = 0; /* what is sent before the first window waits in the wheel */
    engine->spot = ch_pages_alloc(spec->n_places, sizeof *engine->spot);
    engine->row = ch_rows_create(spec->n_rows, spec->row_start);
    if (spec->ranks && !ch_ranks_init(engine))
        return false;
    return engine->spot && engine->row && init_rules(engine) && ch_tiling_init(engine, 1) && init_workers(engine) &&
           ch_crew_init(&engine->crew, spec->workers, ch_steer_serve, engine);
}

static enum ch_code create(const struct ch_engine_spec *spec, void **self, struct ch_error *error)
{
    *self = NULL;
    enum ch_code code = ch_engine_check(spec, error);
    if (code != CH_OK)
        return code;
    size_t align = _Alignof(struct ch_engine);
    struct ch_engine *engine = aligned_alloc(align, (sizeof *engine + align - 1) / align * align);
    if (engine) {
        memset(engine, 0, sizeof *engine);
        if (init_engine(engine, spec)) {
            *self = engine;
            return CH_OK;
        }
    }
    destroy(engine);
    return ch_fail(error, CH_TOO_BIG, "engine: no memory for %u places and %u workers", spec->n_places, spec->workers);
}

static void destroy(void *self)
{
    struct ch_engine *engine = self;
    if (!engine)
        return;
    ch_crew_fini(&engine->crew);
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_worker *worker = engine->worker[i];
        ch_wheel_fini(&worker->wheel);
        ch_pool_fini(&worker->pool);
        ch_heap_fini(&worker->heap);
        free(worker->item);
        free(worker->spare);
        free(worker->away);
        free(worker);
    }
    ch_ranks_fini(engine);
    free(engine->worker);
    free(engine->first);
    free(engine->stats.busy_s);
    free(engine->stats.handled);
    free(engine->rule);
    ch_pages_free(engine->spot, engine->spec.n_places, sizeof *engine->spot);
    free(engine->row);
    free(engine->tile_of);
    free(engine->list);
    free(engine);
}

static struct ch_lane *setup_lane(void *self, uint32_t place)
{
    struct ch_engine *engine = self;
    CH_REQUIRE(!engine->started);
    CH_REQUIRE(place < engine->spec.n_places);
    struct ch_lane *lane = engine->worker[0]->lane;
    lane->now = 0;
    lane->depth = 0;
    lane->place = place;
    return lane;
}

/* Brings the public statistics up to date. */
static void take_stock(struct ch_engine *engine)
{
    struct ch_engine_stats *stats = &engine->stats;
    stats->windows_skipped = engine->until_window - stats->windows;
    stats->tiles = engine->n_tiles;
    stats->workers = engine->n_workers;
    stats->chunk_mallocs = 0;
    stats->event_bytes = 0;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        const struct ch_worker *worker = engine->worker[i];
        stats->chunk_mallocs += worker->pool.mallocs;
        stats->event_bytes += worker->pool.touched * CH_CHUNK;
        stats->busy_s[i] = worker->busy_s;
        stats->handled[i] = worker->handled;
    }
}

static double thread_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Takes part until the crew rests. */
static void work_off(struct ch_engine *engine, uint64_t word)
{
    while (ch_crew_state_of(word) == CH_CREW_WORK) {
        ch_steer_serve(engine, 0, ch_crew_phase_of(word));
        word = ch_crew_wait(&engine->crew, word);
    }
}

static void start(void *self, ch_engine_start work)
{
    struct ch_engine *engine = self;
    CH_REQUIRE(!engine->started);
    work_off(engine, ch_steer_start(engine, work));
}

static void run_windows(struct ch_engine *engine)
{
    struct ch_worker *me = engine->worker[0];
    double begin = thread_s();
    work_off(engine, ch_steer(engine, me));
    if (engine->crew.helpers == 0)
        me->busy_s += thread_s() - begin;
}

static enum ch_code run_until(void *self, ch_time until, struct ch_error *error)
{
    struct ch_engine *engine = self;
    const struct ch_engine_spec *spec = &engine->spec;
    CH_REQUIRE(until >= 0 && (until >= spec->end || until % spec->lookahead == 0));
    uint64_t window = until >= spec->end ? engine->n_windows : (uint64_t)(until / spec->lookahead);
    if (window > engine->until_window)
        engine->until_window = window;
    if (!engine->started && engine->ranks)
        ch_ranks_begin(engine);
    if (!engine->started)
        ch_steer_begin(engine);
    engine->started = true;
    if (engine->ranks)
        ch_ranks_run(engine, run_windows);
    else
        run_windows(engine);
    take_stock(engine);
    if (engine->failed)
        return ch_fail(error, CH_TOO_BIG,
                       "engine: out of memory at %.0f s with %llu pending events; simulate less, or add memory",
                       ch_seconds(engine->base_time), (unsigned long long)(engine->stats.sent - engine->stats.events));
    return CH_OK;
}

static void each_pending(const void *self, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    ch_wheel_each(self, see, arg);
}

static bool mine(const void *self, uint32_t place)
{
    const struct ch_engine *engine = self;
    return !engine->ranks || ch_ranks_owner(engine, place) == engine->ranks->rank;
}

static uint64_t fingerprint(const void *self)
{
    const struct ch_engine *engine = self;
    uint64_t sum = 0;
    for (uint32_t place = 0; place < engine->spec.n_places; place++)
        if (engine->spot[place].seen && mine(engine, place))
            sum += ch_mix(engine->spot[place].chain ^ ch_mix(place));
    return sum;
}

static const struct ch_engine_stats *stats(const void *self) { return &((const struct ch_engine *)self)->stats; }

const struct ch_scheduler ch_parallel = {.name = "parallel",
                                         .create = create,
                                         .setup_lane = setup_lane,
                                         .start = start,
                                         .run_until = run_until,
                                         .each_pending = each_pending,
                                         .show = ch_image_show,
                                         .resume = ch_image_resume,
                                         .put = ch_image_put,
                                         .mine = mine,
                                         .fingerprint = fingerprint,
                                         .stats = stats,
                                         .destroy = destroy};
