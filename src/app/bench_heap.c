/* SPDX-License-Identifier: MIT
 * The classic to compare with: a sequential engine around one implicit 4-ary heap, as well as it can be written. Events of 32
 * bytes lie in the heap itself, and the four children of one share two cache lines; what takes slots keeps them aside;
 * memory doubles, nothing is allocated per event; the state of the next event is prefetched while one is handled. Same
 * contract and same order as the other schedulers, hence the same fingerprint: what differs is the queue. */
#define _POSIX_C_SOURCE 200809L
#include "app/bench.h"
#include "engine/rows.h"
#include <chaland/assert.h>
#include <stdlib.h>
#include <string.h>

/* Payload and slots of an event in flight; the event's payload is its index meanwhile. */
struct aside {
    uint64_t payload; /* or the next free one */
    struct ch_slot slot[CH_SLOTS_MAX];
};

struct carried { /* as handlers expect it: slots right behind the event */
    struct ch_event event;
    struct ch_slot slot[CH_SLOTS_MAX];
};
_Static_assert(offsetof(struct carried, slot) == sizeof(struct ch_event), "slots follow their event");

enum { ARITY = 4, LEAD = ARITY - 1, LINE = ARITY * 32, NO_FREE = -1 };

struct heap_engine {
    struct ch_engine_spec spec;
    struct ch_event *block; /* aligned; the root stands at LEAD, so that siblings begin a line */
    size_t n, cap;
    struct aside *aside;
    uint64_t n_aside, cap_aside, free_aside;
    struct ch_lane *lane;
    uint32_t *sequence; /* [place] */
    uint64_t *chain;    /* [place]; 0: nothing handled */
    struct ch_row *row;
    struct ch_engine_stats stats;
    double busy_s;
    uint64_t handled;
    bool failed;
};

static bool grow_heap(struct heap_engine *e)
{
    size_t cap = e->cap ? 2 * e->cap : 1024;
    struct ch_event *block = aligned_alloc(LINE, (cap + ARITY) * sizeof *block);
    if (!block)
        return false;
    if (e->n)
        memcpy(block + LEAD, e->block + LEAD, e->n * sizeof *block);
    free(e->block);
    e->block = block;
    e->cap = cap;
    return true;
}

static void push(struct heap_engine *e, const struct ch_event *ev)
{
    if (e->n == e->cap && !grow_heap(e)) {
        e->failed = true;
        return;
    }
    struct ch_event *at = e->block + LEAD;
    size_t i = e->n++;
    for (size_t parent; i > 0 && ch_event_before(ev, &at[parent = (i - 1) / ARITY]); i = parent)
        at[i] = at[parent];
    at[i] = *ev;
}

/* The least of up to four siblings. */
static size_t least_child(const struct ch_event *at, size_t first, size_t n)
{
    size_t least = first, end = first + ARITY < n ? first + ARITY : n;
    for (size_t i = first + 1; i < end; i++)
        least = ch_event_before(&at[i], &at[least]) ? i : least;
    return least;
}

static void pop(struct heap_engine *e, struct ch_event *top)
{
    struct ch_event *at = e->block + LEAD;
    *top = at[0];
    struct ch_event last = at[--e->n];
    size_t i = 0;
    for (size_t child; ARITY * i + 1 < e->n; i = child) {
        child = least_child(at, ARITY * i + 1, e->n);
        if (!ch_event_before(&at[child], &last))
            break;
        at[i] = at[child];
    }
    at[i] = last;
}

static uint64_t set_aside(struct heap_engine *e, uint64_t payload, const struct ch_slot *slots, unsigned n)
{
    uint64_t i = e->free_aside;
    if (i == (uint64_t)NO_FREE) {
        if (e->n_aside == e->cap_aside) {
            uint64_t cap = e->cap_aside ? 2 * e->cap_aside : 64;
            struct aside *grown = realloc(e->aside, cap * sizeof *grown);
            if (!grown) {
                e->failed = true;
                return 0;
            }
            e->aside = grown;
            e->cap_aside = cap;
        }
        i = e->n_aside++;
    } else {
        e->free_aside = e->aside[i].payload;
    }
    e->aside[i].payload = payload;
    memcpy(e->aside[i].slot, slots, n * sizeof *slots);
    return i;
}

static void send(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                 const struct ch_slot *slots)
{
    struct heap_engine *e = lane->scheduler;
    const struct ch_kind *k = &e->spec.kind[kind];
    ch_time least = k->scope == CH_REMOTE ? e->spec.lookahead : k->scope == CH_LOCAL;
    CH_REQUIRE(kind < e->spec.n_kinds && place < e->spec.n_places && delay >= least && delay >= k->least);
    CH_REQUIRE((k->scope == CH_REMOTE || place == lane->place) && delay < CH_TIME_MAX - lane->now);
    unsigned depth = delay == 0 ? lane->depth + 1 : 0;
    CH_REQUIRE(depth <= CH_DEPTH_MAX && e->sequence[lane->place] != UINT32_MAX);
    struct ch_event ev = {.when = (uint64_t)(lane->now + delay) << 16 | depth << 9 | kind,
                          .source = (uint64_t)lane->place << 32 | e->sequence[lane->place]++,
                          .place = place,
                          .dest = dest,
                          .payload = k->slots ? set_aside(e, payload, slots, k->slots) : payload};
    e->stats.sent++;
    if (!e->failed)
        push(e, &ev);
}

static void publish(struct ch_lane *lane, uint32_t row, int64_t value)
{
    const struct heap_engine *e = lane->scheduler;
    ch_row_publish(&e->row[row], lane->now, e->spec.row_period, value);
}

static int64_t published(const struct ch_lane *lane, uint32_t row)
{
    const struct heap_engine *e = lane->scheduler;
    return ch_row_read(&e->row[row], lane->now - e->spec.lookahead);
}

static const struct ch_lane_ops ops = {.send = send, .publish = publish, .published = published};

static void destroy(void *self)
{
    struct heap_engine *e = self;
    if (!e)
        return;
    free(e->block);
    free(e->aside);
    free(e->sequence);
    free(e->chain);
    free(e->row);
    free(e);
}

static enum ch_code create(const struct ch_engine_spec *spec, void **self, struct ch_error *error)
{
    *self = NULL;
    enum ch_code code = ch_engine_check(spec, error);
    struct heap_engine *e = code == CH_OK ? calloc(1, sizeof *e) : NULL;
    if (code != CH_OK)
        return code;
    if (!e)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    e->spec = *spec;
    e->free_aside = (uint64_t)NO_FREE;
    e->sequence = calloc(spec->n_places, sizeof *e->sequence);
    e->chain = calloc(spec->n_places, sizeof *e->chain);
    e->row = ch_rows_create(spec->n_rows, spec->row_start);
    if (!e->sequence || !e->chain || !e->row) {
        destroy(e);
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u places", spec->n_places);
    }
    e->lane = spec->lane(spec->user, 0);
    *e->lane = (struct ch_lane){.ops = &ops, .scheduler = e};
    e->stats = (struct ch_engine_stats){.workers = 1, .tiles = 1, .busy_s = &e->busy_s, .handled = &e->handled};
    *self = e;
    return CH_OK;
}

static struct ch_lane *setup_lane(void *self, uint32_t place)
{
    struct heap_engine *e = self;
    e->lane->now = 0;
    e->lane->depth = 0;
    e->lane->place = place;
    return e->lane;
}

static void handle(struct heap_engine *e, struct carried *carried)
{
    struct ch_event *ev = &carried->event;
    const struct ch_kind *kind = &e->spec.kind[ch_event_kind(ev)];
    if (kind->slots) {
        uint64_t i = ev->payload;
        memcpy(carried->slot, e->aside[i].slot, kind->slots * sizeof *carried->slot);
        ev->payload = e->aside[i].payload;
        e->aside[i].payload = e->free_aside;
        e->free_aside = i;
    }
    e->lane->now = ch_event_time(ev);
    e->lane->depth = ch_event_depth(ev);
    e->lane->place = ev->place;
    e->chain[ev->place] = ch_stir(e->chain[ev->place], ch_event_hash(ev, kind->id, kind->slots));
    e->stats.events++;
    e->spec.handle(e->lane, ev);
}

static enum ch_code run_until(void *self, ch_time until, struct ch_error *error)
{
    struct heap_engine *e = self;
    struct carried carried;
    ch_time stop = until < e->spec.end ? until : e->spec.end;
    while (e->n && !e->failed && ch_event_time(&e->block[LEAD]) < stop) {
        e->stats.pending_peak = e->n > e->stats.pending_peak ? e->n : e->stats.pending_peak;
        pop(e, &carried.event);
        if (e->n && e->spec.prefetch)
            e->spec.prefetch(e->spec.user, &e->block[LEAD]);
        handle(e, &carried);
    }
    e->handled = e->stats.events;
    e->stats.event_bytes = e->cap * sizeof *e->block + e->cap_aside * sizeof *e->aside;
    return e->failed ? ch_fail(error, CH_TOO_BIG, "out of memory with %zu pending events", e->n) : CH_OK;
}

static void each_pending(const void *self, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    const struct heap_engine *e = self;
    for (size_t i = 0; i < e->n; i++) {
        struct carried carried = {.event = e->block[LEAD + i]};
        unsigned slots = e->spec.kind[ch_event_kind(&carried.event)].slots;
        if (slots) {
            memcpy(carried.slot, e->aside[carried.event.payload].slot, slots * sizeof *carried.slot);
            carried.event.payload = e->aside[carried.event.payload].payload;
        }
        see(arg, &carried.event);
    }
}

static uint64_t fingerprint(const void *self)
{
    const struct heap_engine *e = self;
    uint64_t sum = 0;
    for (uint32_t place = 0; place < e->spec.n_places; place++)
        if (e->chain[place])
            sum += ch_mix(e->chain[place] ^ ch_mix(place));
    return sum;
}

static const struct ch_engine_stats *stats(const void *self) { return &((const struct heap_engine *)self)->stats; }

const struct ch_scheduler ch_bench_heap = {.name = "heap",
                                           .create = create,
                                           .setup_lane = setup_lane,
                                           .run_until = run_until,
                                           .each_pending = each_pending,
                                           .fingerprint = fingerprint,
                                           .stats = stats,
                                           .destroy = destroy};
