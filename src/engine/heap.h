/* SPDX-License-Identifier: MIT
 * The heap of the window in hand: binary, by the total order. It is small, often one or two events, so what counts is not the
 * number of comparisons but that no load waits for a write of another width: times and events lie in two arrays of words,
 * which are read as they were written. */
#ifndef CH_HEAP_H
#define CH_HEAP_H

#include <chaland/event.h>
#include <stdbool.h>

struct ch_heap {
    uint64_t *when;
    struct ch_event **ev;
    uint32_t n, cap;
};

/* Room for twice as many. False when out of memory. */
bool ch_heap_grow(struct ch_heap *heap);
void ch_heap_fini(struct ch_heap *heap);

static inline bool ch_heap_before(uint64_t when_a, const struct ch_event *a, uint64_t when_b, const struct ch_event *b)
{
    return when_a != when_b ? when_a < when_b : a->source < b->source;
}

static inline bool ch_heap_push(struct ch_heap *heap, struct ch_event *ev, uint64_t when)
{
    if (heap->n == heap->cap && !ch_heap_grow(heap))
        return false;
    uint32_t i = heap->n++;
    while (i > 0) {
        uint32_t parent = (i - 1) / 2;
        if (!ch_heap_before(when, ev, heap->when[parent], heap->ev[parent]))
            break;
        heap->when[i] = heap->when[parent];
        heap->ev[i] = heap->ev[parent];
        i = parent;
    }
    heap->when[i] = when;
    heap->ev[i] = ev;
    return true;
}

/* Takes the first event out; there must be one. */
static inline struct ch_event *ch_heap_pop(struct ch_heap *heap)
{
    uint64_t *when = heap->when;
    struct ch_event **ev = heap->ev, *top = ev[0];
    uint32_t n = --heap->n, i = 0;
    uint64_t last_when = when[n];
    struct ch_event *last = ev[n];
    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && ch_heap_before(when[child + 1], ev[child + 1], when[child], ev[child]))
            child++;
        if (!ch_heap_before(when[child], ev[child], last_when, last))
            break;
        when[i] = when[child];
        ev[i] = ev[child];
    }
    when[i] = last_when;
    ev[i] = last;
    return top;
}

#endif
