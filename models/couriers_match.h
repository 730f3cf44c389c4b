/* SPDX-License-Identifier: MIT
 * Exact assignment of least cost, for models/couriers.c: each row gets a column of its own, and the sum of costs is the least.
 *
 * Shortest augmenting paths (Jonker & Volgenant 1987). Rows are settled one after the other; each looks for the cheapest chain of
 * changes that ends at a free column, by Dijkstra over the columns with costs reduced by prices. Prices keep all reduced costs
 * at 0 or above and those of matched pairs at 0, which is the proof that nothing is cheaper. Integers throughout, O(rows^2
 * columns) looks at a cost, and the same answer everywhere: among equals the lowest column is reached first. */
#ifndef CH_COURIERS_MATCH_H
#define CH_COURIERS_MATCH_H

#include <chaland/model.h>

#define MATCH_FAR (INT64_MAX / 4) /* beyond every cost */

struct match {
    uint32_t n_rows, n_cols; /* n_rows <= n_cols */
    int64_t (*cost)(const void *context, uint32_t row, uint32_t col);
    const void *context;
    /* the caller's memory; row_of holds the answer */
    int64_t *row_price;  /* [n_rows] */
    int64_t *col_price;  /* [n_cols] */
    int64_t *reach;      /* [n_cols]: cost of the cheapest chain found so far that ends here */
    uint32_t *row_of;    /* [n_cols]: row matched to the column, or CH_NONE */
    uint32_t *came_from; /* [n_cols]: the column before it in that chain, CH_NONE if it begins here */
    bool *settled;       /* [n_cols] */
};

/* Looks from a row, itself reached at cost `so_far` by way of column `from`; returns the nearest column not settled yet. */
static inline uint32_t match_look(struct match *m, uint32_t row, int64_t so_far, uint32_t from)
{
    uint32_t nearest = CH_NONE;
    for (uint32_t c = 0; c < m->n_cols; c++) {
        if (m->settled[c])
            continue;
        int64_t way = so_far + m->cost(m->context, row, c) - m->row_price[row] - m->col_price[c];
        if (way < m->reach[c]) {
            m->reach[c] = way;
            m->came_from[c] = from;
        }
        if (nearest == CH_NONE || m->reach[c] < m->reach[nearest])
            nearest = c;
    }
    return nearest;
}

/* Prices that make the chain free, then each row of the chain takes the next column. */
static inline void match_take(struct match *m, uint32_t row, uint32_t last)
{
    int64_t cost = m->reach[last];
    for (uint32_t c = 0; c < m->n_cols; c++) {
        if (!m->settled[c] || c == last)
            continue;
        m->col_price[c] += m->reach[c] - cost;
        m->row_price[m->row_of[c]] += cost - m->reach[c];
    }
    m->row_price[row] += cost;
    for (; m->came_from[last] != CH_NONE; last = m->came_from[last])
        m->row_of[last] = m->row_of[m->came_from[last]];
    m->row_of[last] = row;
}

static inline void match_solve(struct match *m)
{
    CH_REQUIRE(m->n_rows <= m->n_cols);
    memset(m->row_price, 0, m->n_rows * sizeof *m->row_price);
    memset(m->col_price, 0, m->n_cols * sizeof *m->col_price);
    for (uint32_t c = 0; c < m->n_cols; c++)
        m->row_of[c] = CH_NONE;
    for (uint32_t row = 0; row < m->n_rows; row++) {
        uint32_t at = row, from = CH_NONE;
        int64_t so_far = 0;
        for (uint32_t c = 0; c < m->n_cols; c++) {
            m->reach[c] = MATCH_FAR;
            m->settled[c] = false;
        }
        do {
            from = match_look(m, at, so_far, from);
            so_far = m->reach[from];
            m->settled[from] = true;
            at = m->row_of[from];
        } while (at != CH_NONE);
        match_take(m, row, from);
    }
}

#endif
