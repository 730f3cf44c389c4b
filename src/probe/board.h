/* SPDX-License-Identifier: MIT
 * Inside of the board, shared by the files that fill and merge it. */
#ifndef CH_BOARD_H
#define CH_BOARD_H

#include "probe/probe.h"

struct ch_board {
    const struct ch_probe_list *list;
    struct ch_probe_shape shape;
    unsigned workers;
    size_t n_plain, n_map; /* cells of all probes but maps, of the maps */
    size_t stride;         /* cells from one worker's block to the next */
    int64_t *plain, *map;
    int64_t **acc; /* [worker][probe] */
};

#endif
