/* SPDX-License-Identifier: MIT
 * A row keeps its three newest versions; a new one takes the place of the oldest. No pass at window edges is needed, and
 * readers in other threads need no lock:
 *
 * Let a write happen at t in the window [w, w + L), with period P, a multiple of L. Its stamp is the next multiple of P
 * after t, so it lies after w, and no reader in this window may see it (they see stamps <= t' - L < w). Older versions
 * have smaller multiples of P: the newest of them at most floor(t / P) P <= w, the one before it at most w - P <= w - L,
 * which every reader in this window does see. So the third oldest is needed by nobody in this window: while it is
 * overwritten, whatever mixture of old and new a reader meets there, it takes one of the two others. Two versions would
 * not do: a version stamped w exactly is not yet seen in this window. Writes of earlier windows are ordered before by
 * the window's end, so relaxed atomics suffice. */
#include "engine/rows.h"

#include <chaland/assert.h>
#include <stdlib.h>

struct ch_row *ch_rows_create(uint32_t n, const int64_t *start)
{
    struct ch_row *row = aligned_alloc(64, ((size_t)n + 1) * sizeof *row);
    if (!row)
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        for (int v = 0; v < 3; v++) {
            atomic_init(&row[i].version[v].stamp, INT64_MIN);
            atomic_init(&row[i].version[v].value, start ? start[i] : 0);
        }
        atomic_init(&row[i].owner, CH_NONE);
    }
    return row;
}

void ch_row_publish(struct ch_row *row, ch_time now, ch_time period, int64_t value)
{
    int64_t stamp = (now / period + 1) * period;
    struct ch_version *oldest = &row->version[0];
    for (int v = 0; v < 3; v++) {
        struct ch_version *version = &row->version[v];
        int64_t its = atomic_load_explicit(&version->stamp, memory_order_relaxed);
        if (its == stamp) { /* changed twice within a period: the last value counts */
            oldest = version;
            break;
        }
        if (its < atomic_load_explicit(&oldest->stamp, memory_order_relaxed))
            oldest = version;
    }
    atomic_store_explicit(&oldest->stamp, stamp, memory_order_relaxed);
    atomic_store_explicit(&oldest->value, value, memory_order_relaxed);
}

int64_t ch_row_read(const struct ch_row *row, ch_time limit)
{
    int64_t newest = INT64_MIN, value = 0;
    for (int v = 0; v < 3; v++) {
        int64_t stamp = atomic_load_explicit(&row->version[v].stamp, memory_order_relaxed);
        if (stamp <= limit && stamp >= newest) {
            newest = stamp;
            value = atomic_load_explicit(&row->version[v].value, memory_order_relaxed);
        }
    }
    return value;
}
