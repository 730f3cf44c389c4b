/* SPDX-License-Identifier: MIT
 * Small pieces come from the heap. Of one that is larger than a huge page, what lies before the first boundary of huge pages and
 * behind its end is given back at once. Debug builds take all from the heap, where sanitizers see its ends. */
#define _DEFAULT_SOURCE
#include "base/pages.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

static size_t rounded(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

/* Bytes of an array; 0 if there are too many to count. */
static size_t bytes_of(size_t count, size_t size)
{
    if (count == 0 || size == 0)
        return PAGE;
    return count <= SIZE_MAX / 4 / size ? rounded(count * size, PAGE) : 0;
}

#ifdef CH_DEBUG
static const size_t large = SIZE_MAX;
#else
static const size_t large = 128 << 10;
#endif

static char *map(size_t bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static char *map_huge(size_t bytes)
{
    char *raw = map(bytes + CH_HUGE_PAGE);
    if (!raw)
        return NULL;
    char *begin = raw + (-(uintptr_t)raw & (CH_HUGE_PAGE - 1)), *end = begin + bytes;
    if (begin > raw)
        munmap(raw, (size_t)(begin - raw));
    munmap(end, (size_t)(raw + CH_HUGE_PAGE - begin));
#ifdef MADV_HUGEPAGE
    madvise(begin, bytes, MADV_HUGEPAGE); /* no more than a wish */
#endif
    return begin;
}

void *ch_pages_alloc(size_t count, size_t size)
{
    size_t bytes = bytes_of(count, size);
    if (!bytes)
        return NULL;
    if (bytes >= large)
        return bytes >= CH_HUGE_PAGE ? map_huge(bytes) : map(bytes);
    void *memory = aligned_alloc(PAGE, bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void ch_pages_free(void *memory, size_t count, size_t size)
{
    size_t bytes = bytes_of(count, size);
    if (memory && bytes >= large)
        munmap(memory, bytes);
    else
        free(memory);
}
