/* SPDX-License-Identifier: MIT
 * Memory for large arrays, straight from the system: zeroed, and in huge pages where the system has them, since a walk
 * through a city touches other people's records at each step and misses the address cache more often than the memory's. */
#ifndef CH_PAGES_H
#define CH_PAGES_H

#include <stddef.h>

enum { CH_HUGE_PAGE = 2 << 20 };

/* Zeroed bytes, aligned to a page, to CH_HUGE_PAGE if there are that many. At least one, so NULL means that memory ran out. */
void *ch_pages_alloc(size_t count, size_t size);
void ch_pages_free(void *memory, size_t count, size_t size); /* as allocated; NULL is allowed */

#endif
