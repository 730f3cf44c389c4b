/* SPDX-License-Identifier: MIT
 * An arena: zeroed memory that is freed whole. */
#ifndef CH_ARENA_H
#define CH_ARENA_H

#include <stddef.h>

struct ch_arena;
struct ch_arena *ch_arena_create(void);                                  /* NULL when out of memory */
void *ch_arena_alloc(struct ch_arena *arena, size_t count, size_t size); /* zeroed, 64-byte aligned; NULL when out of memory */
char *ch_arena_strdup(struct ch_arena *arena, const char *s);
char *ch_arena_strndup(struct ch_arena *arena, const char *s, size_t n);
size_t ch_arena_bytes(const struct ch_arena *arena);
void ch_arena_destroy(struct ch_arena *arena); /* NULL is allowed */

#endif
