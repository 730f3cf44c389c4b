/* SPDX-License-Identifier: MIT
 * An arena: blocks of zeroed memory, handed out front to back and freed whole. Blocks double up to 4 MiB; what is larger
 * than a quarter of the next block gets a block of its own, so no more than a quarter of a block is ever left unused.
 * Blocks are untouched zero pages, huge ones where the system has them: models look up their tables at each step. */
#include "base/arena.h"
#include "base/pages.h"
#include <chaland/assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, FIRST_BLOCK = 16 << 10, LAST_BLOCK = 4 << 20 };

struct block {
    struct block *next;
    size_t size; /* this header included */
};

struct ch_arena {
    struct block *blocks;
    char *at;     /* first free byte of the current block */
    size_t room;  /* free bytes there */
    size_t next;  /* size of the next block */
    size_t bytes; /* of all blocks */
};

struct ch_arena *ch_arena_create(void)
{
    struct ch_arena *arena = calloc(1, sizeof *arena);
    if (arena)
        arena->next = FIRST_BLOCK;
    return arena;
}

/* A new block with `size` usable bytes; NULL when out of memory. */
static char *block_add(struct ch_arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct block))
        return NULL;
    size += sizeof(struct block);
    struct block *block = ch_pages_alloc(size, 1);
    if (!block)
        return NULL;
    *block = (struct block){arena->blocks, size};
    arena->blocks = block;
    arena->bytes += size;
    return (char *)(block + 1);
}

/* Bytes from p up to the next multiple of align, a power of two. */
static size_t gap(const char *p, size_t align) { return (size_t)(-(uintptr_t)p & (align - 1)); }

static void *take(struct ch_arena *arena, size_t size, size_t align)
{
    if (size > SIZE_MAX - ALIGN)
        return NULL;
    size_t skip = arena->at ? gap(arena->at, align) : 0;
    if (!arena->at || skip > arena->room || size > arena->room - skip) {
        if (size + ALIGN > arena->next / 4) {
            char *own = block_add(arena, size + ALIGN);
            return own ? own + gap(own, align) : NULL;
        }
        char *fresh = block_add(arena, arena->next);
        if (!fresh)
            return NULL;
        arena->at = fresh;
        arena->room = arena->next;
        if (arena->next < LAST_BLOCK)
            arena->next *= 2;
        skip = gap(fresh, align);
    }
    char *p = arena->at + skip;
    arena->at = p + size;
    arena->room -= skip + size;
    return p;
}

void *ch_arena_alloc(struct ch_arena *arena, size_t count, size_t size)
{
    CH_REQUIRE(arena);
    if (size && count > SIZE_MAX / size)
        return NULL;
    size_t bytes = count * size;
    return take(arena, bytes ? bytes : 1, ALIGN); /* an empty array still has an address of its own */
}

char *ch_arena_strndup(struct ch_arena *arena, const char *s, size_t n)
{
    CH_REQUIRE(arena && (s || !n));
    char *copy = n < SIZE_MAX ? take(arena, n + 1, 1) : NULL;
    if (copy && n)
        memcpy(copy, s, n);
    return copy; /* the byte after it is zero as everything here */
}

char *ch_arena_strdup(struct ch_arena *arena, const char *s)
{
    CH_REQUIRE(s);
    return ch_arena_strndup(arena, s, strlen(s));
}

size_t ch_arena_bytes(const struct ch_arena *arena)
{
    CH_REQUIRE(arena);
    return arena->bytes;
}

void ch_arena_destroy(struct ch_arena *arena)
{
    if (!arena)
        return;
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        ch_pages_free(block, block->size, 1);
    }
    free(arena);
}
