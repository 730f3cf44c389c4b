/* SPDX-License-Identifier: MIT
 * Published rows: what handlers may read of other places. See rows.c for why three versions are enough. */
#ifndef CH_ROWS_H
#define CH_ROWS_H

#include <chaland/event.h>
#include <stdatomic.h>

struct ch_version {
    _Atomic int64_t stamp; /* valid from here on; INT64_MIN: since ever */
    _Atomic int64_t value;
};

struct ch_row {
    _Alignas(64) struct ch_version version[3];
    _Atomic uint32_t owner; /* the place that publishes it, CH_NONE until it does; guarded in debug builds */
};

/* n rows with their values at the start (NULL: 0), or NULL when out of memory. Freed with free(). */
struct ch_row *ch_rows_create(uint32_t n, const int64_t *start);

/* The owner's place changes the row at `now`; readers see it from the next multiple of `period` on, plus lookahead. */
void ch_row_publish(struct ch_row *row, ch_time now, ch_time period, int64_t value);

/* The newest version stamped at or before `limit`. */
int64_t ch_row_read(const struct ch_row *row, ch_time limit);

#endif
