/* SPDX-License-Identifier: MIT
 * How many tiles? One for a small run: visiting tiles costs more than it saves. Some per worker for a large one, so that
 * stealing evens the load; more when a tile's window outgrows the cache. The load is known only once events flow, and
 * follows the hour of the day, so it is reviewed now and then, and pending events move to the new tiles. No result depends
 * on it: tiles only decide which independent events are handled together. */
#include "engine/ranks.h"

#include <stdlib.h>
#include <string.h>

enum {
    PER_TILE = 2000,       /* events per window at which a tile's window leaves the cache */
    PER_TILE_SHARED = 500, /* and, with several workers, at which stealing evens the load well enough */
    MIN_TILES = 4,         /* per worker, if that leaves SMALLEST events per window and tile */
    MAX_TILES = 16,        /* per worker, unless they outgrow the cache */
    SMALLEST = 64,
    MIN_LOAD = 200,    /* events per window; below, one tile */
    FIRST_REVIEWS = 4, /* windows between reviews, at first and later */
    REVIEWS = 64
};

static uint32_t n_blocks(const struct ch_engine *engine)
{
    return (uint32_t)(((uint64_t)engine->spec.n_places + (1u << engine->block_shift) - 1) >> engine->block_shift);
}

/* The blocks to cut: all, or this process's range. */
static uint32_t first_block(const struct ch_engine *engine) { return engine->ranks ? engine->ranks->first : 0; }
static uint32_t end_block(const struct ch_engine *engine) { return engine->ranks ? engine->ranks->end : n_blocks(engine); }

/* Expected share of a block, in places: half of it by load, so that no tile becomes too wide. */
static double block_weight(const struct ch_engine *engine, uint32_t block, double scale)
{
    uint64_t first = (uint64_t)block << engine->block_shift, end = first + ((uint64_t)1 << engine->block_shift);
    end = end < engine->spec.n_places ? end : engine->spec.n_places;
    double weight = (double)(end - first);
    for (uint64_t place = first; engine->spec.load && place < end; place++)
        weight += scale * (double)engine->spec.load[place];
    return weight;
}

/* Scale that makes the sum of all loads equal to the number of places; 0 when there is no usable load. */
static double load_scale(const struct ch_engine *engine)
{
    double sum = 0;
    for (uint32_t place = 0; engine->spec.load && place < engine->spec.n_places; place++)
        sum += (double)engine->spec.load[place];
    return sum > 0 ? (double)engine->spec.n_places / sum : 0;
}

/* Tiles of equal weight, in order of places. Returns how many there are. */
static uint32_t cut_by_weight(struct ch_engine *engine, uint32_t wanted)
{
    uint32_t first = first_block(engine), blocks = end_block(engine), tile = 0;
    double scale = load_scale(engine), total = 0, sum = 0;
    for (uint32_t block = first; block < blocks; block++)
        total += block_weight(engine, block, scale);
    for (uint32_t block = first; block < blocks; block++) {
        engine->tile_of[block] = (uint16_t)tile;
        sum += block_weight(engine, block, scale);
        if (sum * wanted >= total * (tile + 1) && tile + 1 < wanted && block + 1 < blocks)
            tile++;
    }
    return tile + 1;
}

static uint32_t cut_by_size(struct ch_engine *engine)
{
    uint32_t first = first_block(engine), blocks = end_block(engine) - first;
    uint32_t least = (blocks + CH_TILES_MAX - 1) / CH_TILES_MAX, per_tile = engine->spec.tile_places >> engine->block_shift;
    per_tile = per_tile > least ? per_tile : least > 0 ? least : 1;
    for (uint32_t block = 0; block < blocks; block++)
        engine->tile_of[first + block] = (uint16_t)(block / per_tile);
    return blocks > 0 ? (blocks + per_tile - 1) / per_tile : 1;
}

/* What others run: one tile for each of them, after our own. */
static void mark_others(struct ch_engine *engine)
{
    for (uint32_t block = 0; engine->ranks && block < n_blocks(engine); block++)
        if (engine->ranks->owner[block] != engine->ranks->rank)
            engine->tile_of[block] = (uint16_t)(engine->n_tiles + engine->ranks->owner[block]);
}

bool ch_tiling_init(struct ch_engine *engine, uint32_t wanted)
{
    if (!engine->tile_of) {
        while (((uint64_t)engine->spec.n_places >> engine->block_shift) >= CH_BLOCKS_MAX)
            engine->block_shift++;
        engine->tile_of = calloc(n_blocks(engine), sizeof *engine->tile_of);
        engine->list = calloc(CH_TILES_MAX, sizeof *engine->list);
        if (!engine->tile_of || !engine->list)
            return false;
    }
    engine->n_tiles = engine->spec.tile_places ? cut_by_size(engine) : cut_by_weight(engine, wanted);
    mark_others(engine);
    engine->n_words = (engine->n_tiles + 63) / 64;
    uint32_t line = CH_LINE / sizeof(char *); /* one row is emptied by others while the next is filled by its owner */
    engine->stride = engine->spec.workers > 1 ? (engine->n_tiles + line - 1) / line * line : engine->n_tiles;
    return true;
}

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }
static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Tiles for a load of so many events per window. */
static uint32_t wanted_tiles(const struct ch_engine *engine, uint64_t load)
{
    uint64_t workers = engine->crew.helpers + 1u, tiles = load / PER_TILE;
    if (workers > 1 && load >= MIN_LOAD) {
        uint64_t least = smaller(load / SMALLEST, MIN_TILES * workers), most = MAX_TILES * workers;
        tiles = larger(tiles, larger(least, smaller(load / PER_TILE_SHARED, most)));
        tiles = (tiles + workers - 1) / workers * workers; /* an even start leaves less to steal */
    }
    return (uint32_t)smaller(larger(tiles, 1), CH_TILES_MAX);
}

static void fini_wheels(struct ch_wheel *wheel, unsigned n)
{
    for (unsigned i = 0; wheel && i < n; i++)
        ch_wheel_fini(&wheel[i]);
    free(wheel);
}

/* Moves the bucket's events to the worker's new wheel: same row, other tile. */
static void move_row(struct ch_worker *me, int row, char *at)
{
    const struct ch_engine *engine = me->engine;
    struct ch_chunk *chunk = ch_bucket_chunk(at), *next;
    size_t fill = ch_bucket_fill(at);
    for (; chunk; chunk = next, fill = next ? next->fill : 0) {
        next = chunk->next;
        const char *end = (const char *)chunk + fill;
        unsigned cells;
        for (const struct ch_event *ev = chunk->cell; (const char *)ev < end; ev += cells) {
            cells = engine->cells[ch_event_kind(ev)];
            uint32_t tile = ch_tile_at(engine, ev->place);
            char **to = &me->wheel.bucket[(size_t)row * engine->stride + tile];
            if (!ch_bucket_fits(*to, cells * CH_CELL) && !ch_wheel_extend(me, row, tile))
                return;
            ch_cells_copy(*to, ev, cells);
            *to += cells * CH_CELL;
        }
        ch_pool_give(&me->pool, chunk, chunk, 1);
    }
}

/* Cuts anew and moves all pending events. */
static void retile(struct ch_engine *engine, uint32_t wanted)
{
    uint32_t old_tiles = engine->n_tiles, old_stride = engine->stride;
    struct ch_wheel *old = calloc(engine->n_workers, sizeof *old);
    struct ch_wheel *fresh = calloc(engine->n_workers, sizeof *fresh);
    bool good = old && fresh && ch_tiling_init(engine, wanted);
    for (unsigned i = 0; good && i < engine->n_workers; i++)
        good = ch_wheel_init(&fresh[i], engine);
    if (!good) { /* the old tiles are cut away: the run ends with the window */
        engine->failed = true;
        fini_wheels(fresh, engine->n_workers);
        free(old);
        return;
    }
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_worker *worker = engine->worker[i];
        bool in_window = worker->pool.in_window;
        worker->pool.in_window = false; /* mallocs here are not on the hot path */
        old[i] = worker->wheel;
        worker->wheel = fresh[i];
        for (int row = 0; row < (int)engine->levels * CH_WHEEL_SLOTS; row++)
            for (uint32_t tile = 0; tile < old_tiles; tile++)
                if (old[i].bucket[(size_t)row * old_stride + tile])
                    move_row(worker, row, old[i].bucket[(size_t)row * old_stride + tile]);
        worker->pool.in_window = in_window;
    }
    free(fresh);
    fini_wheels(old, engine->n_workers);
}

/* Events per window since the last review; before the first, what the ring holds. */
static uint64_t recent_load(const struct ch_engine *engine)
{
    uint64_t chunks = 0, slots = 0;
    if (engine->stats.windows > engine->review_windows)
        return (engine->stats.events - engine->review_events) / (engine->stats.windows - engine->review_windows);
    for (unsigned i = 0; i < engine->n_workers; i++)
        for (int slot = 0; slot < CH_WHEEL_SLOTS; slot++) {
            chunks += engine->worker[i]->wheel.chunks[slot];
            slots += engine->worker[i]->wheel.chunks[slot] > 0;
        }
    return slots ? chunks * CH_CHUNK_CELLS / slots : 0;
}

/* What waits may come all at once after a quiet night, as when everybody wakes: for that there shall be tiles for all workers. */
static uint64_t measure_load(const struct ch_engine *engine)
{
    uint64_t pending = engine->stats.sent - engine->stats.events, workers = engine->crew.helpers + 1u;
    return larger(recent_load(engine), smaller(pending / CH_WHEEL_SLOTS, PER_TILE_SHARED * MIN_TILES * workers));
}

void ch_tiling_review(struct ch_engine *engine, struct ch_worker *me)
{
    uint32_t wanted = wanted_tiles(engine, measure_load(engine));
    engine->review_windows = engine->stats.windows;
    engine->review_events = engine->stats.events;
    engine->next_review = engine->stats.windows + (engine->stats.windows < REVIEWS ? FIRST_REVIEWS : REVIEWS);
    bool grow = wanted > engine->n_tiles + engine->n_tiles / 2, shrink = wanted < engine->n_tiles / 4;
    if (engine->spec.perturb)
        wanted = 1 + ch_chance(me, n_blocks(engine) < 64 ? n_blocks(engine) : 64);
    else if (!grow && !shrink)
        return;
    if (!engine->spec.tile_places && wanted != engine->n_tiles)
        retile(engine, wanted);
}
