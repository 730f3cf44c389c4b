/* SPDX-License-Identifier: MIT
 * Few items: insertion. More: one counting pass deals them into about as many time buckets as there are items, and
 * insertion mends the inside of buckets. Where many share a bucket (ties, rush hours) that bucket is merge-sorted, so the
 * worst case is n log n. */
#include "engine/sort.h"

#include <string.h>

enum { FEW = 24, CROWD = 32, RUN = 16 };

static void insertion(struct ch_item *a, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        struct ch_item x = a[i];
        uint32_t j = i;
        for (; j > 0 && ch_item_before(&x, &a[j - 1]); j--)
            a[j] = a[j - 1];
        a[j] = x;
    }
}

static void merge(const struct ch_item *a, uint32_t n_a, const struct ch_item *b, uint32_t n_b, struct ch_item *out)
{
    while (n_a > 0 && n_b > 0) {
        if (ch_item_before(b, a)) {
            *out++ = *b++;
            n_b--;
        } else {
            *out++ = *a++;
            n_a--;
        }
    }
    memcpy(out, n_a ? a : b, (size_t)(n_a + n_b) * sizeof *out);
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Bottom-up, between a and spare; the answer is in a. */
static void merge_sort(struct ch_item *a, struct ch_item *spare, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += RUN)
        insertion(a + i, least(RUN, n - i));
    struct ch_item *from = a, *to = spare;
    for (uint64_t width = RUN; width < n; width *= 2) {
        for (uint64_t i = 0; i < n; i += 2 * width) {
            uint32_t n_a = least((uint32_t)width, n - (uint32_t)i);
            uint32_t n_b = least((uint32_t)width, n - (uint32_t)i - n_a);
            merge(from + i, n_a, from + i + n_a, n_b, to + i);
        }
        struct ch_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != a)
        memcpy(a, from, (size_t)n * sizeof *a);
}

/* A monotone map of times in the window to buckets: ((t - start) >> shift) * factor >> 32. */
struct deal {
    ch_time start;
    unsigned shift;
    uint64_t factor;
};

static struct deal deal_into(uint64_t buckets, ch_time start, ch_time width)
{
    struct deal deal = {.start = start};
    while ((width - 1) >> deal.shift >= (ch_time)1 << 32)
        deal.shift++;
    deal.factor = (buckets << 32) / ((uint64_t)((width - 1) >> deal.shift) + 1);
    return deal;
}

static inline uint32_t bucket_of(const struct deal *deal, const struct ch_item *item)
{
    uint64_t offset = (item->when >> 16) - (uint64_t)deal->start;
    return (uint32_t)((offset >> deal->shift) * deal->factor >> 32);
}

/* Turns counts into first positions; returns the largest count. */
static uint32_t add_up(uint32_t *count, uint32_t buckets)
{
    uint32_t sum = 0, most = 0;
    for (uint32_t i = 0; i < buckets; i++) {
        uint32_t n = count[i];
        count[i] = sum;
        sum += n;
        most = n > most ? n : most;
    }
    return most;
}

struct ch_item *ch_sort_items(struct ch_item *item, struct ch_item *spare, uint32_t n, ch_time start, ch_time width,
                              uint32_t *count)
{
    if (n <= FEW) {
        insertion(item, n);
        return item;
    }
    uint32_t buckets = 32;
    while (buckets < n && buckets < CH_SORT_BUCKETS)
        buckets *= 2;
    struct deal deal = deal_into(buckets, start, width);
    memset(count, 0, buckets * sizeof *count);
    for (uint32_t i = 0; i < n; i++)
        count[bucket_of(&deal, &item[i])]++;
    uint32_t most = add_up(count, buckets);
    for (uint32_t i = 0; i < n; i++)
        spare[count[bucket_of(&deal, &item[i])]++] = item[i];
    if (most <= CROWD) {
        insertion(spare, n);
        return spare;
    }
    for (uint32_t i = 0, first = 0; i < buckets; first = count[i++]) {
        uint32_t size = count[i] - first; /* count[i] is now the bucket's end */
        if (size <= CROWD)
            insertion(spare + first, size);
        else
            merge_sort(spare + first, item + first, size);
    }
    return spare;
}
