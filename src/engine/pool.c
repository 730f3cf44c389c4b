/* SPDX-License-Identifier: MIT
 * Chunks and slabs. Slabs are only returned to the system when the pool ends: what was needed once will be again. */
#include "engine/pool.h"

#include "base/pages.h"
#include <stdlib.h>

/* The first chunk of a slab is its header. */
struct ch_slab {
    struct ch_slab *next; /* of all slabs of the pool */
    struct ch_slab *next_spare;
    uint64_t chunks; /* this header not counted */
};

enum {
    RESERVE = 16,                        /* chunks that a window always finds */
    LARGE = CH_HUGE_PAGE / CH_CHUNK - 1, /* chunks of a slab that fills a huge page */
    TINY = 16,                           /* chunks of a slab that is meant to be small, for tests */
    MANY = 4                             /* slabs, after which the others are large */
};

void ch_pool_init(struct ch_pool *pool, uint64_t slab_chunks, _Atomic int64_t *budget)
{
    *pool = (struct ch_pool){.slab_chunks = slab_chunks, .budget = budget};
}

void ch_pool_fini(struct ch_pool *pool)
{
    for (struct ch_slab *slab = pool->slabs, *next; slab; slab = next) {
        next = slab->next;
        if (slab->chunks > TINY)
            ch_pages_free(slab, slab->chunks + 1, CH_CHUNK);
        else
            free(slab);
    }
    pool->slabs = NULL;
}

static bool within_budget(struct ch_pool *pool, int64_t bytes)
{
    if (!pool->budget)
        return true;
    if (atomic_fetch_sub_explicit(pool->budget, bytes, memory_order_relaxed) >= bytes)
        return true;
    atomic_fetch_add_explicit(pool->budget, bytes, memory_order_relaxed);
    return false;
}

/* One more slab among the spare ones. */
static bool add_slab(struct ch_pool *pool)
{
    uint64_t chunks = pool->n_slabs < MANY || pool->slab_chunks <= TINY ? pool->slab_chunks : LARGE;
    uint64_t bytes = (chunks + 1) * CH_CHUNK;
    struct ch_slab *slab = NULL;
    if (within_budget(pool, (int64_t)bytes))
        slab = chunks > TINY ? ch_pages_alloc(chunks + 1, CH_CHUNK) : aligned_alloc(CH_CHUNK, bytes);
    if (!slab)
        return false;
    *slab = (struct ch_slab){.next = pool->slabs, .next_spare = pool->spare, .chunks = chunks};
    pool->n_slabs++;
    pool->slabs = slab;
    pool->spare = slab;
    pool->available += slab->chunks;
    return true;
}

static void open_spare(struct ch_pool *pool)
{
    struct ch_slab *slab = pool->spare;
    pool->spare = slab->next_spare;
    pool->fresh = (char *)slab + CH_CHUNK;
    pool->fresh_end = pool->fresh + slab->chunks * CH_CHUNK;
}

static struct ch_chunk *take_fresh(struct ch_pool *pool)
{
    if (pool->fresh == pool->fresh_end) {
        if (!pool->spare) {
            pool->mallocs += pool->in_window;
            if (!add_slab(pool)) {
                pool->failed = true;
                return NULL;
            }
        }
        open_spare(pool);
    }
    struct ch_chunk *chunk = (struct ch_chunk *)(void *)pool->fresh;
    pool->fresh += CH_CHUNK;
    pool->touched++;
    return chunk;
}

struct ch_chunk *ch_pool_take(struct ch_pool *pool)
{
    struct ch_chunk *chunk = pool->free;
    if (chunk)
        pool->free = chunk->next;
    else if (!(chunk = take_fresh(pool)))
        return NULL;
    pool->available--;
    if (pool->available < pool->least)
        pool->least = pool->available;
    return chunk;
}

uint64_t ch_pool_wanted(const struct ch_pool *pool) { return 2 * pool->drop + RESERVE; }

/* Moves free chunks from one pool to another; fresh ones stay. */
static void share(struct ch_pool *rich, struct ch_pool *poor, uint64_t n)
{
    while (n > 0 && rich->free) {
        struct ch_chunk *chunk = rich->free;
        rich->free = chunk->next;
        rich->available--;
        ch_pool_give(poor, chunk, chunk, 1);
        n--;
    }
}

void ch_pool_refill(struct ch_pool *pool, struct ch_pool *rich)
{
    uint64_t used = pool->at_start > pool->least ? pool->at_start - pool->least : 0;
    pool->drop = used > pool->drop ? used : pool->drop - pool->drop / 64;
    uint64_t wanted = ch_pool_wanted(pool);
    if (CH_UNLIKELY(pool->available < wanted)) {
        if (rich && rich != pool && rich->available > 2 * ch_pool_wanted(rich) + wanted)
            share(rich, pool, wanted);
        while (pool->available < wanted && add_slab(pool))
            ;
    }
    pool->at_start = pool->least = pool->available;
}

bool ch_bucket_extend(struct ch_pool *pool, char **at)
{
    struct ch_chunk *chunk = ch_pool_take(pool);
    if (!chunk)
        return false;
    struct ch_chunk *old = NULL;
    if (*at) {
        old = ch_bucket_chunk(*at);
        old->fill = ch_bucket_fill(*at);
    }
    chunk->next = old;
    chunk->after[0] = old ? old->next : NULL;
    chunk->after[1] = old ? old->after[0] : NULL;
    *at = (char *)chunk->cell;
    return true;
}

void ch_bucket_drop(struct ch_pool *pool, char **at)
{
    if (!*at)
        return;
    struct ch_chunk *first = ch_bucket_chunk(*at), *last = first;
    uint64_t n = 1;
    for (; last->next; n++)
        last = last->next;
    ch_pool_give(pool, first, last, n);
    *at = NULL;
}
