/* SPDX-License-Identifier: MIT
 * Places shared out among processes: private to the parallel scheduler. See ranks.c. */
#ifndef CH_RANKS_H
#define CH_RANKS_H

#include "comm/comm.h"
#include "engine/parallel.h"

/* Rows that a worker published in the window in hand. */
struct ch_changed {
    _Alignas(CH_LINE) uint32_t *row;
    uint32_t n, room;
};

struct ch_ranks {
    unsigned rank, size;
    uint16_t *owner;           /* [block] */
    uint32_t first, end;       /* own blocks */
    bool met, failed;          /* at least once; somebody ran out of memory */
    uint64_t next;             /* window in hand, or the one that comes next, anywhere */
    uint64_t windows, peak;    /* with events; most pending, all processes together */
    uint64_t events;           /* handled here before the window in hand */
    uint64_t *noted;           /* [row]: window + 1 of its last change here */
    struct ch_changed *change; /* [worker] */
    struct ch_mail *out, *in;  /* [size] */
    struct ch_mail rows;
    uint64_t (*words)[CH_COMM_WORDS];
};

static inline unsigned ch_ranks_owner(const struct ch_engine *engine, uint32_t place)
{
    return engine->ranks->owner[place >> engine->block_shift];
}

/* Shares out; before the first tiling. False when out of memory. */
bool ch_ranks_init(struct ch_engine *engine);
void ch_ranks_fini(struct ch_engine *engine);
/* Before the first window: each process has started, or taken up, all there is, and forgets what is not its own. */
void ch_ranks_begin(struct ch_engine *engine);
/* Handles all windows before engine->until_window, and meets the others after each. */
void ch_ranks_run(struct ch_engine *engine, void (*run_windows)(struct ch_engine *engine));
/* A row was changed in the window in hand. */
void ch_ranks_note(const struct ch_worker *me, uint32_t row);

#endif
