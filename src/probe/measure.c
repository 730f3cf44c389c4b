/* SPDX-License-Identifier: MIT
 * From accumulators to measures: workers are summed in the order of their index, scalars formed once, and the counts hashed. */
#include "base/text.h"
#include "probe/board.h"
#include <chaland/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BLOCK = 512 };

static void merge(const struct ch_board *board, unsigned probe, int64_t *cell, size_t n)
{
    for (unsigned w = 0; w < board->workers; w++) {
        const int64_t *acc = board->acc[(size_t)w * board->list->n + probe];
        for (size_t i = 0; i < n; i++)
            cell[i] += acc[i];
    }
}

/* Maps are shared; pages without counts stay unclaimed. */
static void copy_map(int64_t *cell, const int64_t *acc, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (acc[i])
            cell[i] = acc[i];
}

/* Quantile of a histogram, linear within the bin, in units of bins. */
static double quantile(double share, const int64_t *bin, int64_t n)
{
    double target = share * (double)n, below = 0;
    for (int b = 0; b < CH_HISTOGRAM_BINS; b++) {
        double here = (double)bin[b];
        if (here > 0 && below + here >= target)
            return b + (target - below) / here;
        below += here;
    }
    return CH_HISTOGRAM_BINS;
}

static double scalar_of(const struct ch_probe *row, const int64_t *cell)
{
    double value;
    switch (row->reducer) {
    case CH_REDUCE_SUM:
        return (double)cell[0] * row->scale;
    case CH_REDUCE_RATIO:
    case CH_REDUCE_MEAN:
        return cell[1] ? (double)cell[0] / (double)cell[1] * row->scale : (double)NAN;
    case CH_REDUCE_P95:
    case CH_REDUCE_P50:
        value = row->reducer == CH_REDUCE_P95 ? 0.95 : 0.5;
        return cell[1] ? quantile(value, cell + 2, cell[1]) * (double)row->bin * row->scale : (double)NAN;
    default:
        memcpy(&value, cell, sizeof value);        /* VALUE: worker 0 formed it */
        return isnan(value) ? (double)NAN : value; /* one bit pattern for all undefined ones */
    }
}

/* Seven bits a byte, lowest first, the sign in the lowest bit: counts are mostly small, and bytes are what hashing costs. */
static size_t put_number(unsigned char *out, int64_t x)
{
    uint64_t u = (uint64_t)x << 1 ^ (x < 0 ? UINT64_MAX : 0);
    size_t n = 0;
    for (; u >= 128; u >>= 7)
        out[n++] = (unsigned char)(u | 128);
    out[n++] = (unsigned char)u;
    return n;
}

/* Blocks without counts are left out and the others carry their index, so that hashing a huge and mostly empty map costs
 * what it holds. */
static void hash_cells(struct ch_sha256 *sha, const int64_t *cell, size_t n)
{
    unsigned char bytes[10 * (HASH_BLOCK + 1)];
    for (size_t at = 0; at < n; at += HASH_BLOCK) {
        size_t m = n - at < HASH_BLOCK ? n - at : HASH_BLOCK, used;
        int64_t any = 0;
        for (size_t i = 0; i < m; i++)
            any |= cell[at + i];
        if (!any)
            continue;
        used = put_number(bytes, (int64_t)at);
        for (size_t i = 0; i < m; i++)
            used += put_number(bytes + used, cell[at + i]);
        ch_sha256_add(sha, bytes, used);
    }
}

static enum ch_code hash(struct ch_measures *out, struct ch_error *error)
{
    struct ch_sha256 *sha = ch_sha256_begin();
    if (!sha)
        return ch_fail(error, CH_TOO_BIG, "out of memory for hashing the results");
    hash_cells(sha, out->raw, out->n_raw);
    ch_sha256_end(sha, out->sha256);
    return CH_OK;
}

static size_t integer_cells(const struct ch_board *board)
{
    size_t n = board->n_plain + board->n_map;
    for (unsigned i = 0; i < board->list->n; i++)
        n -= board->list->row[i]->reducer == CH_REDUCE_VALUE;
    return n;
}

static void fill(const struct ch_board *board, struct ch_measures *out)
{
    int64_t *plain = out->raw, *map = out->raw + out->n_plain;
    unsigned n_scalars = 0;
    for (unsigned i = 0; i < board->list->n; i++) {
        const struct ch_probe *row = board->list->row[i];
        size_t n = ch_probe_cells(row, &out->shape);
        int64_t *cell = plain;
        if (row->reducer == CH_REDUCE_VALUE) {
            out->scalar[n_scalars++] = scalar_of(row, board->acc[i]);
            continue;
        }
        if (row->reducer == CH_REDUCE_MAP) {
            cell = map;
            map += n;
            copy_map(cell, board->acc[i], n);
        } else {
            plain += n;
            merge(board, i, cell, n);
        }
        if (row->reducer < CH_REDUCE_VALUE)
            out->scalar[n_scalars++] = scalar_of(row, cell);
        else
            out->table[i] = cell;
    }
}

enum ch_code ch_board_measure(const struct ch_board *board, struct ch_measures *out, struct ch_error *error)
{
    CH_REQUIRE(board && out);
    *out = (struct ch_measures){.shape = board->shape, .n_probes = board->list->n, .n_raw = integer_cells(board)};
    out->n_plain = out->n_raw - board->n_map;
    out->scalar = calloc(board->list->n_scalars + 1u, sizeof *out->scalar);
    out->raw = calloc(out->n_raw + 1, sizeof *out->raw);
    out->table = calloc(board->list->n + 1u, sizeof *out->table);
    enum ch_code code = CH_OK;
    if (!out->scalar || !out->raw || !out->table)
        code = ch_fail(error, CH_TOO_BIG, "out of memory: the measures of a run need %zu MiB", out->n_raw / 131072 + 1);
    else {
        fill(board, out);
        code = hash(out, error);
    }
    if (code)
        ch_measures_fini(out);
    return code;
}

void ch_measures_drop_maps(struct ch_measures *measures)
{
    if (measures->n_raw == measures->n_plain)
        return;
    int64_t *plain = malloc((measures->n_plain + 1) * sizeof *plain);
    if (!plain)
        return; /* only memory would be won */
    memcpy(plain, measures->raw, measures->n_plain * sizeof *plain);
    for (unsigned i = 0; i < measures->n_probes; i++)
        if (measures->table[i]) {
            size_t at = (size_t)(measures->table[i] - measures->raw);
            measures->table[i] = at < measures->n_plain ? plain + at : NULL;
        }
    free(measures->raw);
    measures->raw = plain;
    measures->n_raw = measures->n_plain;
}

void ch_measures_fini(struct ch_measures *measures)
{
    if (!measures)
        return;
    free(measures->scalar);
    free(measures->raw);
    free(measures->table);
    *measures = (struct ch_measures){0};
}
