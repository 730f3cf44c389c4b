/* SPDX-License-Identifier: MIT
 * A visit to one tile in one window: gather its events from all writers, sort, and handle them in the total order,
 * merged with those that the handlers send within the window. */
#include "engine/parallel.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD_EVENT = 14, AHEAD_PLACE = 8, AHEAD_SOON = 4 }; /* prefetched so many events before they are handled */

/* ---- the heap of the window in hand */

bool ch_heap_grow(struct ch_heap *heap)
{
    uint32_t cap = heap->cap ? 2 * heap->cap : 64;
    uint64_t *when = realloc(heap->when, cap * sizeof *when);
    if (when)
        heap->when = when;
    struct ch_event **ev = when ? realloc(heap->ev, cap * sizeof(struct ch_event *)) : NULL;
    if (!ev)
        return false;
    heap->ev = ev;
    heap->cap = cap;
    return true;
}

void ch_heap_fini(struct ch_heap *heap)
{
    free(heap->when);
    free(heap->ev);
    *heap = (struct ch_heap){0};
}

/* ---- gathering */

static bool grow_items(struct ch_worker *me)
{
    uint32_t cap = me->cap_items ? 2 * me->cap_items : 256;
    struct ch_item *item = realloc(me->item, cap * sizeof *item);
    if (item)
        me->item = item;
    struct ch_item *spare = item ? realloc(me->spare, cap * sizeof *spare) : NULL;
    if (!spare)
        return false;
    me->spare = spare;
    me->cap_items = cap;
    return true;
}

/* The chunks whose events are in hand, to be given back after the visit. */
struct taken {
    struct ch_chunk *first, *last;
    uint64_t chunks;
    uint32_t n; /* events */
};

static inline void fetch_chunk(const struct ch_chunk *chunk, size_t fill)
{
    for (size_t byte = 0; chunk && byte < fill; byte += 64)
        CH_PREFETCH_OWN((const char *)chunk + byte);
}

/* Appends a bucket's events to me->item. False when out of memory. */
static bool gather_bucket(struct ch_worker *me, char *at, struct taken *taken)
{
    const uint8_t *cells = me->engine->cells;
    size_t fill = ch_bucket_fill(at);
    struct ch_chunk *chunk = ch_bucket_chunk(at);
    if (taken->last)
        taken->last->next = chunk;
    else
        taken->first = chunk;
    fetch_chunk(chunk->next, CH_CHUNK);
    fetch_chunk(chunk->after[0], CH_CHUNK);
    for (; chunk; chunk = chunk->next, fill = chunk ? chunk->fill : 0) {
        if (CH_UNLIKELY(taken->n + CH_CHUNK_CELLS > me->cap_items) && !grow_items(me))
            return false;
        fetch_chunk(chunk->after[1], CH_CHUNK);
        struct ch_item *item = me->item + taken->n;
        const char *end = (const char *)chunk + fill;
        for (struct ch_event *ev = chunk->cell; (const char *)ev < end; item++) {
            *item = (struct ch_item){.when = ev->when, .ev = ev};
            ev += cells[ev->when & (CH_KINDS_MAX - 1)];
        }
        taken->n = (uint32_t)(item - me->item);
        taken->chunks++;
        taken->last = chunk;
    }
    return true;
}

static struct taken gather(struct ch_worker *me, uint32_t tile)
{
    const struct ch_engine *engine = me->engine;
    struct taken taken = {0};
    size_t bucket = (size_t)engine->job_row * engine->stride + tile;
    for (unsigned i = 0; i < engine->n_workers; i++) { /* what other cores wrote travels while the own part is gathered */
        char *at = engine->worker[i]->wheel.bucket[bucket];
        if (at && i != me->index)
            fetch_chunk(ch_bucket_chunk(at), ch_bucket_fill(at));
    }
    unsigned turn = ch_chance(me, 2 * engine->n_workers), writer = (me->index + turn) % engine->n_workers;
    unsigned step = turn < engine->n_workers ? 1 : engine->n_workers - 1; /* backwards, at times, when disturbed */
    for (unsigned i = 0; i < engine->n_workers; i++, writer += step) {
        writer = writer < engine->n_workers ? writer : writer - engine->n_workers;
        char *at = engine->worker[writer]->wheel.bucket[bucket];
        if (at && !gather_bucket(me, at, &taken)) {
            me->failed = true;
            break;
        }
    }
    return taken;
}

/* ---- handling */

static inline void handle(struct ch_worker *me, struct ch_event *ev)
{
    const struct ch_engine *engine = me->engine;
    struct ch_lane *lane = me->lane;
    const struct ch_rule *rule = &engine->rule[ch_event_kind(ev)];
    struct ch_spot *spot = &engine->spot[ev->place];
    lane->now = ch_event_time(ev);
    lane->depth = ch_event_depth(ev);
    lane->place = ev->place;
    spot->chain = ch_stir(spot->chain, ch_event_hash(ev, rule->id, rule->cells - 1u));
    spot->seen = 1;
    engine->spec.handle(lane, ev);
}

/* Handles the first event of the heap; its room can be used again. */
static void handle_due(struct ch_worker *me)
{
    struct ch_event *ev = ch_heap_pop(&me->heap);
    unsigned cells = me->engine->cells[ch_event_kind(ev)];
    handle(me, ev);
    struct ch_idle *idle = (struct ch_idle *)(void *)ev;
    idle->next = me->idle[cells];
    me->idle[cells] = idle;
    me->handled++;
}

static inline void fetch_place(const struct ch_engine *engine, const struct ch_event *ev)
{
    CH_PREFETCH(&engine->spot[ev->place]);
    if (engine->spec.prefetch)
        engine->spec.prefetch(engine->spec.user, ev);
}

static inline void look_ahead(const struct ch_engine *engine, const struct ch_item *item, uint32_t left)
{
    if (left > AHEAD_EVENT)
        CH_PREFETCH(item[AHEAD_EVENT].ev);
    if (left > AHEAD_PLACE)
        fetch_place(engine, item[AHEAD_PLACE].ev);
    if (left > AHEAD_SOON && engine->spec.soon)
        engine->spec.soon(engine->spec.user, item[AHEAD_SOON].ev);
}

static void handle_all(struct ch_worker *me, const struct ch_item *item, uint32_t n)
{
    for (uint32_t i = 0; i < n && i < AHEAD_PLACE; i++) /* what nobody has looked ahead to */
        fetch_place(me->engine, item[i].ev);
    for (uint32_t i = 0; i < n; i++) {
        look_ahead(me->engine, &item[i], n - i);
        struct ch_event *ev = item[i].ev;
        while (me->heap.n > 0 && ch_heap_before(me->heap.when[0], me->heap.ev[0], ev->when, ev))
            handle_due(me);
        handle(me, ev);
    }
    while (me->heap.n > 0)
        handle_due(me);
    me->handled += n;
}

static void handle_taken(struct ch_worker *me, const struct taken *taken)
{
    const struct ch_engine *engine = me->engine;
    struct ch_item *sorted = ch_sort_items(me->item, me->spare, taken->n, engine->base_time, engine->spec.lookahead, me->count);
    handle_all(me, sorted, taken->n);
    if (taken->first)
        ch_pool_give(&me->pool, taken->first, taken->last, taken->chunks);
    if (me->now) {
        ch_bucket_drop(&me->pool, &me->now);
        memset(me->idle, 0, sizeof me->idle);
    }
}

/* ---- crowds: when everybody acts at once, the tile is handled place by place in parts, so that what one part leaves free the
 * next one fills, and sorting stays in the cache */

enum { PARTS = 32, PLACES_TOGETHER = 3 /* 2^3 neighbours */ };

/* Deals a bucket's events to the parts; its chunks go to the pool. */
static bool deal_bucket(struct ch_worker *me, char *at, char *part[PARTS])
{
    const uint8_t *cells = me->engine->cells;
    size_t fill = ch_bucket_fill(at);
    for (struct ch_chunk *chunk = ch_bucket_chunk(at), *next; chunk; chunk = next, fill = next ? next->fill : 0) {
        next = chunk->next;
        const char *end = (const char *)chunk + fill;
        size_t bytes;
        for (const struct ch_event *ev = chunk->cell; (const char *)ev < end; ev = (const void *)((const char *)ev + bytes)) {
            bytes = (size_t)cells[ch_event_kind(ev)] * CH_CELL;
            struct ch_event *copy = ch_bucket_room(&me->pool, &part[(ev->place >> PLACES_TOGETHER) % PARTS], bytes);
            if (!copy)
                return false;
            ch_cells_copy(copy, ev, (unsigned)(bytes / CH_CELL));
        }
        ch_pool_give(&me->pool, chunk, chunk, 1);
    }
    return true;
}

static void visit_in_parts(struct ch_worker *me, uint32_t tile)
{
    const struct ch_engine *engine = me->engine;
    char *part[PARTS] = {0};
    for (unsigned i = 0; i < engine->n_workers; i++) {
        char *at = engine->worker[i]->wheel.bucket[(size_t)engine->job_row * engine->stride + tile];
        if (at && !deal_bucket(me, at, part))
            me->failed = true;
    }
    for (unsigned k = 0; k < PARTS && !me->failed; k++) {
        struct taken taken = {0};
        if (part[k] && !gather_bucket(me, part[k], &taken))
            me->failed = true;
        else if (part[k])
            handle_taken(me, &taken);
    }
}

void ch_visit(struct ch_worker *me, uint32_t tile)
{
    if (me->engine->crowded) {
        visit_in_parts(me, tile);
        return;
    }
    struct taken taken = gather(me, tile);
    if (!me->failed) /* else the run ends with this window */
        handle_taken(me, &taken);
}
