/* SPDX-License-Identifier: MIT
 * The wheel of pending events: rings of 64 slots, each level 64 times coarser than the one below.
 *
 * With the ring at window b, an event of window v lies in the finest level k with (v >> 6k) - (b >> 6k) < 64. So a unit of
 * level k > 0 always begins after b, and when the wheel turns to the begin of a unit, its events are spread to finer
 * levels, coarsest first. Slots are found by bits, so empty stretches of any length cost nothing. */
#include "engine/parallel.h"

#include <stdlib.h>
#include <string.h>

enum {
    CROWD_CHUNKS = 1024,  /* per tile: eight times the window that fits in a cache */
    EXACT = (1 << 25) - 1 /* up to here 64 L^2 < 2^57, so that a multiplication finds the window as a division would */
};

/* Zeroed memory that shares no cache line with another worker's. */
static void *own_lines(size_t bytes)
{
    size_t rounded = (bytes + CH_LINE - 1) / CH_LINE * CH_LINE;
    void *memory = aligned_alloc(CH_LINE, rounded);
    return memory ? memset(memory, 0, rounded) : NULL;
}

bool ch_wheel_init(struct ch_wheel *wheel, const struct ch_engine *engine)
{
    size_t rows = (size_t)engine->levels * CH_WHEEL_SLOTS;
    *wheel = (struct ch_wheel){.bucket = own_lines(rows * engine->stride * sizeof *wheel->bucket),
                               .slots = own_lines(CH_WHEEL_LEVELS * sizeof *wheel->slots),
                               .tiles = own_lines(rows * engine->n_words * sizeof *wheel->tiles),
                               .chunks = own_lines(rows * sizeof *wheel->chunks)};
    return wheel->bucket && wheel->slots && wheel->tiles && wheel->chunks;
}

void ch_wheel_fini(struct ch_wheel *wheel)
{
    free(wheel->bucket);
    free(wheel->slots);
    free(wheel->tiles);
    free(wheel->chunks);
    *wheel = (struct ch_wheel){0};
}

bool ch_wheel_extend(struct ch_worker *me, int row, uint32_t tile)
{
    const struct ch_engine *engine = me->engine;
    if (!ch_bucket_extend(&me->pool, &me->wheel.bucket[(size_t)row * engine->stride + tile])) {
        me->failed = true;
        return false;
    }
    me->wheel.chunks[row]++;
    me->wheel.tiles[(size_t)row * engine->n_words + tile / 64] |= (uint64_t)1 << tile % 64;
    me->wheel.slots[row / CH_WHEEL_SLOTS] |= (uint64_t)1 << row % CH_WHEEL_SLOTS;
    return true;
}

int ch_wheel_far_row(const struct ch_engine *engine, ch_time time)
{
    if (time >= engine->spec.end)
        return CH_ROW_BEYOND;
    uint64_t window = (uint64_t)(time / engine->spec.lookahead);
    unsigned level = 1;
    while ((window >> 6 * level) - (engine->base >> 6 * level) >= CH_WHEEL_SLOTS)
        level++;
    return (int)(level * CH_WHEEL_SLOTS + (window >> 6 * level) % CH_WHEEL_SLOTS);
}

void ch_wheel_turn(struct ch_engine *engine, uint64_t window)
{
    ch_time length = engine->spec.lookahead, end = engine->spec.end;
    engine->base = window;
    engine->base_time = (ch_time)window * length;
    engine->window_end = end - engine->base_time < length ? end : engine->base_time + length;
    engine->horizon = (end - engine->base_time) / length < CH_WHEEL_SLOTS ? end : engine->base_time + CH_WHEEL_SLOTS * length;
    engine->ring_left = length <= EXACT ? (uint64_t)(engine->horizon - engine->window_end) : 0;
}

static unsigned lowest_bit(uint64_t word)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(word);
#else
    unsigned i = 0;
    while (!(word >> i & 1))
        i++;
    return i;
#endif
}

/* First unit of a level that has events, at or after the current one. False when the level is empty. */
static bool first_unit(const struct ch_engine *engine, unsigned level, uint64_t *unit)
{
    uint64_t slots = 0, current = engine->base >> 6 * level;
    for (unsigned i = 0; i < engine->n_workers; i++)
        slots |= engine->worker[i]->wheel.slots[level];
    if (!slots)
        return false;
    unsigned turn = (unsigned)(current % CH_WHEEL_SLOTS);
    uint64_t turned = turn ? slots >> turn | slots << (CH_WHEEL_SLOTS - turn) : slots;
    *unit = current + lowest_bit(turned);
    return true;
}

/* The level and unit that come next: the earliest begin, the coarsest level on a tie. -1 when all is empty. */
static int find_next(const struct ch_engine *engine, uint64_t *unit)
{
    int found = -1;
    uint64_t begin = 0, candidate;
    if (first_unit(engine, 0, unit)) {
        if (engine->base % CH_WHEEL_SLOTS != 0 && *unit / CH_WHEEL_SLOTS == engine->base / CH_WHEEL_SLOTS)
            return 0; /* no coarser unit can begin in between */
        found = 0;
        begin = *unit;
    }
    for (unsigned level = 1; level < engine->levels; level++) {
        if (first_unit(engine, level, &candidate) && (found < 0 || candidate << 6 * level <= begin)) {
            found = (int)level;
            *unit = candidate;
            begin = candidate << 6 * level;
        }
    }
    return found;
}

uint64_t ch_wheel_peek(const struct ch_engine *engine)
{
    uint64_t unit;
    int level = find_next(engine, &unit);
    return level < 0 ? UINT64_MAX : unit << 6 * level;
}

/* Events in the row: whole chunks, and the open ones by their fill (slots count as events). */
static uint64_t count_events(const struct ch_engine *engine, int row)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        const struct ch_wheel *wheel = &engine->worker[i]->wheel;
        n += (uint64_t)wheel->chunks[row] * CH_CHUNK_CELLS;
        for (uint32_t j = 0; j < engine->n_list; j++) {
            char *at = wheel->bucket[(size_t)row * engine->stride + engine->list[j]];
            n -= at ? CH_CHUNK_CELLS + 1 - ch_bucket_fill(at) / CH_CELL : 0;
        }
    }
    return n;
}

static void list_tiles(struct ch_engine *engine, int row)
{
    engine->n_list = 0;
    for (uint32_t word = 0; word < engine->n_words; word++) {
        uint64_t tiles = 0;
        for (unsigned i = 0; i < engine->n_workers; i++) {
            uint64_t *its = &engine->worker[i]->wheel.tiles[(size_t)row * engine->n_words + word];
            tiles |= *its;
            *its = 0;
        }
        for (; tiles; tiles &= tiles - 1)
            engine->list[engine->n_list++] = word * 64 + lowest_bit(tiles);
    }
}

bool ch_wheel_next(struct ch_engine *engine, uint64_t until_window)
{
    uint64_t unit;
    int level = find_next(engine, &unit);
    if (level < 0 || unit << 6 * level >= until_window)
        return false;
    ch_wheel_turn(engine, unit << 6 * level);
    int row = level * CH_WHEEL_SLOTS + (int)(unit % CH_WHEEL_SLOTS);
    list_tiles(engine, row);
    engine->job = level > 0 ? CH_JOB_SPREAD : CH_JOB_HANDLE;
    engine->job_row = row;
    engine->guess = engine->crew.helpers > 0 ? count_events(engine, row) : 0;
    uint64_t chunks = 0;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_wheel *wheel = &engine->worker[i]->wheel;
        wheel->slots[level] &= ~((uint64_t)1 << row % CH_WHEEL_SLOTS);
        chunks += wheel->chunks[row];
        wheel->chunks[row] = 0;
    }
    engine->crowded = chunks / engine->n_list > CROWD_CHUNKS;
    return true;
}

void ch_wheel_clear(struct ch_engine *engine)
{
    for (unsigned i = 0; i < engine->n_workers; i++) {
        char **row = &engine->worker[i]->wheel.bucket[(size_t)engine->job_row * engine->stride];
        for (uint32_t j = 0; j < engine->n_list; j++)
            row[engine->list[j]] = NULL;
    }
}

/* Moves the events of a chunk to where they belong now. */
static void move_chunk(struct ch_worker *me, const struct ch_chunk *chunk, size_t fill)
{
    const struct ch_engine *engine = me->engine;
    const struct ch_event *ev = chunk->cell, *end = (const struct ch_event *)(const void *)((const char *)chunk + fill);
    for (unsigned cells; ev < end; ev += cells) {
        cells = engine->cells[ch_event_kind(ev)];
        struct ch_event *copy = ch_wheel_room(me, ch_event_time(ev), ev->place, cells * CH_CELL);
        if (!copy)
            return;
        ch_cells_copy(copy, ev, cells);
    }
}

/* Moves the events of a bucket to where they belong now; its chunks go to the pool. */
void ch_wheel_move(struct ch_worker *me, char **from)
{
    if (!*from)
        return;
    struct ch_chunk *chunk = ch_bucket_chunk(*from), *next;
    size_t fill = ch_bucket_fill(*from);
    *from = NULL;
    for (; chunk; chunk = next, fill = next ? next->fill : 0) {
        next = chunk->next;
        move_chunk(me, chunk, fill);
        ch_pool_give(&me->pool, chunk, chunk, 1);
    }
}

void ch_wheel_spread(struct ch_worker *me, int row, uint32_t tile)
{
    const struct ch_engine *engine = me->engine;
    unsigned first = ch_chance(me, engine->n_workers);
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_wheel *wheel = &engine->worker[(first + i) % engine->n_workers]->wheel;
        ch_wheel_move(me, &wheel->bucket[(size_t)row * engine->stride + tile]);
    }
}

static void show_bucket(const struct ch_engine *engine, char *at, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    if (!at)
        return;
    size_t fill = ch_bucket_fill(at);
    for (const struct ch_chunk *chunk = ch_bucket_chunk(at); chunk; chunk = chunk->next, fill = chunk ? chunk->fill : 0) {
        const char *end = (const char *)chunk + fill;
        for (const struct ch_event *ev = chunk->cell; (const char *)ev < end; ev += engine->cells[ch_event_kind(ev)])
            see(arg, ev);
    }
}

void ch_wheel_each(const struct ch_engine *engine, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    size_t buckets = (size_t)engine->levels * CH_WHEEL_SLOTS * engine->stride;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        for (size_t b = 0; b < buckets; b++)
            show_bucket(engine, engine->worker[i]->wheel.bucket[b], see, arg);
        show_bucket(engine, engine->worker[i]->beyond, see, arg);
    }
}
