/* SPDX-License-Identifier: MIT
 * The board of a run. Each worker has one block of cells for all probes but maps, blocks are whole cache lines apart; maps
 * stand in one block shared by all. Blocks come zeroed from the system and are only written where something is counted, so
 * that hours and quarters of a huge map without events take no memory. */
#include "probe/board.h"
#include <chaland/assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_CELLS = 16 }; /* 128 bytes: two cache lines, since processors fetch them in pairs */

static void measure_blocks(struct ch_board *board)
{
    for (unsigned i = 0; i < board->list->n; i++) {
        size_t cells = ch_probe_cells(board->list->row[i], &board->shape);
        if (board->list->row[i]->reducer == CH_REDUCE_MAP)
            board->n_map += cells;
        else
            board->n_plain += cells;
    }
    board->stride = (board->n_plain + LINE_CELLS) / LINE_CELLS * LINE_CELLS;
}

static int64_t *plain_of(const struct ch_board *board, unsigned worker)
{
    size_t skip = (size_t)(-(intptr_t)((uintptr_t)board->plain / sizeof(int64_t))) % LINE_CELLS;
    return board->plain + skip + worker * board->stride;
}

/* Points acc[worker][probe] into the blocks. */
static void lay_out(struct ch_board *board)
{
    for (unsigned w = 0; w < board->workers; w++) {
        int64_t *plain = plain_of(board, w), *map = board->map;
        for (unsigned i = 0; i < board->list->n; i++) {
            int64_t **at = board->list->row[i]->reducer == CH_REDUCE_MAP ? &map : &plain;
            board->acc[(size_t)w * board->list->n + i] = *at;
            *at += ch_probe_cells(board->list->row[i], &board->shape);
        }
    }
}

enum ch_code ch_board_create_of(const struct ch_probe_list *list, const struct ch_probe_shape *shape, unsigned workers,
                                struct ch_board **out, struct ch_error *error)
{
    CH_REQUIRE(list && shape && workers > 0 && out);
    struct ch_board *board = calloc(1, sizeof *board);
    *out = NULL;
    if (!board)
        return ch_fail(error, CH_TOO_BIG, "out of memory for the probes");
    board->list = list;
    board->shape = *shape;
    board->workers = workers;
    measure_blocks(board);
    if (board->stride < SIZE_MAX / 16 / workers) {
        board->plain = calloc(workers * board->stride + LINE_CELLS, sizeof *board->plain);
        board->map = calloc(board->n_map + 1, sizeof *board->map);
        board->acc = calloc((size_t)workers * list->n + 1, sizeof *board->acc);
    }
    if (!board->plain || !board->map || !board->acc) {
        double gb = ((double)workers * (double)board->stride + (double)board->n_map) * 8e-9;
        ch_board_destroy(board);
        return ch_fail(error, CH_TOO_BIG, "out of memory: the probes of a run with %u threads need %.3f GB", workers, gb);
    }
    lay_out(board);
    *out = board;
    return CH_OK;
}

enum ch_code ch_board_create(const struct ch_probe_shape *shape, unsigned workers, struct ch_board **board,
                             struct ch_error *error)
{
    return ch_board_create_of(ch_probe_list(), shape, workers, board, error);
}

void ch_board_destroy(struct ch_board *board)
{
    if (!board)
        return;
    free(board->plain);
    free(board->map);
    free(board->acc);
    free(board);
}

void ch_board_clear(struct ch_board *board)
{
    memset(board->plain, 0, (board->workers * board->stride + LINE_CELLS) * sizeof *board->plain);
    for (size_t i = 0; i < board->n_map; i++)
        if (board->map[i]) /* writing zeros would claim the pages of a huge map */
            board->map[i] = 0;
}

int64_t *const *ch_board_of_model(struct ch_board *board, unsigned worker, unsigned model)
{
    CH_REQUIRE(worker < board->workers);
    return board->acc + (size_t)worker * board->list->n + board->list->first[model];
}

void ch_board_size(const struct ch_board *board, size_t *n_plain, size_t *n_map)
{
    *n_plain = board->n_plain;
    *n_map = board->n_map;
}

void ch_board_sum(const struct ch_board *board, int64_t *sum)
{
    memset(sum, 0, board->n_plain * sizeof *sum);
    for (unsigned w = 0; w < board->workers; w++)
        for (size_t i = 0; i < board->n_plain; i++)
            sum[i] += plain_of(board, w)[i];
}

void ch_board_add(struct ch_board *board, const int64_t *plain)
{
    int64_t *to = plain_of(board, 0);
    for (size_t i = 0; i < board->n_plain; i++)
        to[i] += plain[i];
}

int64_t *ch_board_map(const struct ch_board *board) { return board->map; }
