/* SPDX-License-Identifier: MIT
 * Puts the events of one tile and window in the total order. */
#ifndef CH_SORT_H
#define CH_SORT_H

#include <chaland/event.h>

enum { CH_SORT_BUCKETS = 4096 };

/* An event to come; `when` is copied so that comparing touches the event only on a tie. */
struct ch_item {
    uint64_t when;
    struct ch_event *ev;
};

static inline int ch_item_before(const struct ch_item *a, const struct ch_item *b)
{
    return a->when != b->when ? a->when < b->when : a->ev->source < b->ev->source;
}

/* Sorts n items with times in [start, start + width). `spare` has room for n more, `count` is CH_SORT_BUCKETS words of
 * scratch. Returns the sorted array: `item` or `spare`. */
struct ch_item *ch_sort_items(struct ch_item *item, struct ch_item *spare, uint32_t n, ch_time start, ch_time width,
                              uint32_t *count);

#endif
