/* SPDX-License-Identifier: MIT
 * Memory of pending events: chunks of 512 bytes from one pool per worker.
 *
 * A bucket is a chain of chunks, newest first, and is named by one pointer: the place where its next event will go.
 * Chunks are aligned to their size, so that pointer alone tells the newest chunk and its fill. Only its owner touches a
 * pool, except between windows, when the coordinator refills it. A pool that runs dry within a window mallocs one slab and
 * counts it; when that fails the event is lost, `failed` is set, and the run ends with the window. */
#ifndef CH_POOL_H
#define CH_POOL_H

#include "base/fetch.h"
#include <chaland/event.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { CH_CHUNK = 512, CH_CELL = 32, CH_CHUNK_CELLS = 15 };

#if defined(__GNUC__)
#define CH_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#else
#define CH_UNLIKELY(condition) (condition)
#endif

struct ch_chunk {
    struct ch_chunk *next;     /* the chunk before it in the bucket, or the next free one */
    struct ch_chunk *after[2]; /* the two before that, so that readers can prefetch far enough ahead */
    uint64_t fill;             /* bytes in use, this header included; set when a newer chunk follows */
    struct ch_event cell[CH_CHUNK_CELLS];
};
_Static_assert(sizeof(struct ch_event) == CH_CELL && sizeof(struct ch_slot) == CH_CELL, "events and slots are cells");
_Static_assert(sizeof(struct ch_chunk) == CH_CHUNK, "a chunk is its header and 15 cells");
_Static_assert(1 + CH_SLOTS_MAX <= CH_CHUNK_CELLS, "the largest event fits in a chunk");

struct ch_slab; /* what malloc gives: many chunks */

struct ch_pool {
    struct ch_chunk *free;
    char *fresh, *fresh_end;       /* part of the newest slab that was never touched */
    uint64_t available;            /* free, fresh and spare chunks */
    uint64_t at_start, least;      /* available when the window began, and at worst since */
    uint64_t drop;                 /* largest use within one window, slowly forgotten */
    struct ch_slab *slabs;         /* all, newest first */
    struct ch_slab *spare;         /* of these, untouched ones */
    uint64_t n_slabs, slab_chunks; /* of a slab, at first */
    uint64_t touched;              /* chunks ever used: what is resident */
    uint64_t mallocs;              /* within windows */
    bool in_window;
    bool failed;
    _Atomic int64_t *budget; /* bytes that all pools together may still take, or NULL */
};

void ch_pool_init(struct ch_pool *pool, uint64_t slab_chunks, _Atomic int64_t *budget);
void ch_pool_fini(struct ch_pool *pool);

/* A chunk with undefined content, or NULL (and `failed` set) when memory is gone. */
struct ch_chunk *ch_pool_take(struct ch_pool *pool);

/* Takes back the chain first .. last of n chunks. */
static inline void ch_pool_give(struct ch_pool *pool, struct ch_chunk *first, struct ch_chunk *last, uint64_t n)
{
    last->next = pool->free;
    pool->free = first;
    pool->available += n;
}

/* Between windows: notes what the last one used, and sees that the next one finds twice as much, from `rich` (may be
 * NULL) or from malloc. */
void ch_pool_refill(struct ch_pool *pool, struct ch_pool *rich);
uint64_t ch_pool_wanted(const struct ch_pool *pool);

static inline struct ch_chunk *ch_bucket_chunk(char *at)
{
    return (struct ch_chunk *)(void *)(at - 1 - ((uintptr_t)(at - 1) & (CH_CHUNK - 1)));
}
static inline size_t ch_bucket_fill(const char *at) { return ((uintptr_t)(at - 1) & (CH_CHUNK - 1)) + 1; }

/* Copies an event's cells, or its slots: few, and never the same number, so that a loop beats what memcpy begins with. */
static inline void ch_cells_copy(void *to, const void *from, unsigned n)
{
    struct ch_slot *out = to;
    const struct ch_slot *in = from;
    for (unsigned i = 0; i < n; i++) {
        out[i] = in[i];
#if defined(__GNUC__)
        __asm__ volatile("" ::: "memory"); /* or the compiler would make it a memcpy */
#endif
    }
}

/* Does an event of so many bytes fit behind `at`? False for an empty bucket (NULL). */
static inline bool ch_bucket_fits(const char *at, size_t bytes)
{
    return (((uintptr_t)at - 1) & (CH_CHUNK - 1)) + bytes < CH_CHUNK;
}

/* Opens a new chunk in front of the bucket. False when memory is gone. */
bool ch_bucket_extend(struct ch_pool *pool, char **at);

/* Takes room that is there. */
static inline struct ch_event *ch_bucket_take(char **at, size_t bytes)
{
    struct ch_event *ev = (struct ch_event *)(void *)*at;
    *at += bytes;
    return ev;
}

/* Room for an event of so many bytes, or NULL when memory is gone. */
static inline struct ch_event *ch_bucket_room(struct ch_pool *pool, char **at, size_t bytes)
{
    if (CH_UNLIKELY(!ch_bucket_fits(*at, bytes)) && !ch_bucket_extend(pool, at))
        return NULL;
    return ch_bucket_take(at, bytes);
}

/* Empties the bucket into the pool. */
void ch_bucket_drop(struct ch_pool *pool, char **at);

#endif
