/* SPDX-License-Identifier: MIT
 * The inside of the parallel scheduler, shared by its files and by nobody else.
 *
 * Time is cut into windows of one lookahead, places into tiles of neighbours. No event of a window can concern another
 * place within that window, so the tiles of a window are independent: workers take them from a list (crew.c), and for each
 * gather its events, sort and handle them (visit.c). What a handler sends goes to the wheel of the worker that handles
 * (wheel.c), or, when due in the same place within the window, to a small heap. Between windows one worker, whoever
 * finished the last tile, picks the next window with events and the tiles that have some. */
#ifndef CH_PARALLEL_H
#define CH_PARALLEL_H

#include "engine/crew.h"
#include "engine/engine.h"
#include "engine/heap.h"
#include "engine/pool.h"
#include "engine/rows.h"
#include "engine/sort.h"

enum {
    CH_WHEEL_SLOTS = 64, /* per level */
    CH_WHEEL_LEVELS = 8, /* 64^8 windows are more than 48 bits of time */
    CH_TILES_MAX = 4096,
    CH_LINE = 128,        /* bytes that different workers should not share: two cache lines, as processors fetch pairs */
    CH_BLOCKS_MAX = 8192, /* blocks of 2^k places: what a tile is made of */
    CH_ROW_BEYOND = -1,   /* the wheel's row of events that are never handled */
    CH_PER_LOOKAHEAD_BITS = 57
};

/* What sending and handling need of a kind. */
struct ch_rule {
    ch_time least;       /* delay */
    ch_time least_usual; /* of an event of one cell and depth 0; never, if it has more cells */
    uint32_t id;
    uint8_t cells; /* event and slots */
    bool home;     /* stays in its place */
};

/* Room of a handled event, kept for the next one of its size. */
struct ch_idle {
    struct ch_idle *next;
};

/* One writer's pending events. Row r = level * 64 + slot; row r of level k holds a span of 64^k windows. Level 0 is a ring
 * over the 64 windows from the current one on; an event further away waits in a coarser ring until its span opens. */
struct ch_wheel {
    char **bucket;    /* [row][stride], see pool.h */
    uint64_t *slots;  /* [level]: slots with events */
    uint64_t *tiles;  /* [row][word]: tiles with events */
    uint32_t *chunks; /* [row]: about how full it is */
};

struct ch_engine;

struct ch_worker {
    /* read by other workers within a window, and constant there */
    _Alignas(CH_LINE) struct ch_engine *engine;
    struct ch_lane *lane;
    struct ch_wheel wheel;
    unsigned index;
    /* its own */
    _Alignas(CH_LINE) uint64_t sent;
    uint64_t handled;
    bool failed; /* out of memory */
    struct ch_pool pool;
    struct ch_heap heap;
    struct ch_item *item, *spare; /* the window of the tile in hand */
    uint32_t cap_items;
    char *now;                                /* bucket of the events in the heap */
    struct ch_idle *idle[CH_CHUNK_CELLS + 1]; /* room in it that is free again, by cells */
    char *beyond;                             /* bucket of the events at or after the end */
    char **away;                              /* [rank]: buckets of events for places of other processes; NULL without any */
    uint64_t chance;                          /* state of the perturbations */
    double busy_s;
    uint32_t count[CH_SORT_BUCKETS];
};

enum ch_job { CH_JOB_START, CH_JOB_HANDLE, CH_JOB_SPREAD };

struct ch_engine {
    struct ch_engine_spec spec;
    struct ch_rule *rule;
    struct ch_spot *spot;
    struct ch_row *row;
    uint16_t *tile_of; /* [block] */
    unsigned block_shift;
    uint32_t n_tiles, n_words; /* tiles from n_tiles on belong to other processes, one for each rank */
    uint32_t stride;           /* of a wheel's rows */
    unsigned levels;
    uint64_t n_windows;            /* until spec.end */
    uint64_t base;                 /* the current window, where the ring starts */
    ch_time base_time, window_end; /* window_end is 0 before the first run */
    ch_time horizon;               /* events before it fit in level 0 */
    uint64_t ring_left;            /* from window_end to horizon, µs; 0 where per_lookahead is not exact */
    uint64_t per_lookahead;        /* 2^57 / lookahead, rounded up */
    bool started;
    uint8_t cells[CH_KINDS_MAX]; /* by rank, 1 beyond the last */
    struct ch_worker **worker;
    unsigned n_workers;
    /* the job in hand, written between windows */
    enum ch_job job;
    int job_row;
    uint32_t *list; /* tiles */
    uint32_t n_list;
    uint64_t guess; /* of its events */
    bool crowded;   /* its tiles are too full to be handled in one piece */
    ch_engine_start start;
    uint64_t until_window;
    uint32_t *first; /* [n_workers + 1]: the list's ranges */
    bool failed;     /* memory gave out */
    struct ch_crew crew;
    _Atomic int64_t budget;
    /* how loaded are tiles? see tiling.c */
    uint64_t review_windows, review_events, next_review;
    struct ch_engine_stats stats;
    struct ch_ranks *ranks; /* NULL: one process runs all places */
};

/* ---- wheel.c */
bool ch_wheel_init(struct ch_wheel *wheel, const struct ch_engine *engine);
void ch_wheel_fini(struct ch_wheel *wheel);
bool ch_wheel_extend(struct ch_worker *me, int row, uint32_t tile);
int ch_wheel_far_row(const struct ch_engine *engine, ch_time time);
/* Picks what comes next before `until`: a span to spread or a window to handle, and lists its tiles. False: nothing. */
bool ch_wheel_next(struct ch_engine *engine, uint64_t until_window);
/* No event comes before this window; UINT64_MAX when there is none. */
uint64_t ch_wheel_peek(const struct ch_engine *engine);
/* Forgets the buckets of a window that was handled; done here, since lines that workers write in turn travel each time. */
void ch_wheel_clear(struct ch_engine *engine);
/* Deals the events of one tile's coarse bucket to finer ones. */
void ch_wheel_spread(struct ch_worker *me, int row, uint32_t tile);
void ch_wheel_move(struct ch_worker *me, char **from);
/* Sets the ring to start at this window. */
void ch_wheel_turn(struct ch_engine *engine, uint64_t window);
void ch_wheel_each(const struct ch_engine *engine, void (*see)(void *arg, const struct ch_event *ev), void *arg);

static inline uint32_t ch_tile_at(const struct ch_engine *engine, uint32_t place)
{
    return engine->tile_of[place >> engine->block_shift];
}

/* The row of the wheel for an event at this time, or CH_ROW_BEYOND. */
static inline int ch_wheel_row(const struct ch_engine *engine, ch_time time)
{
    CH_ASSERT(time >= engine->base_time);
    if (CH_UNLIKELY(time >= engine->horizon))
        return ch_wheel_far_row(engine, time);
    uint64_t ahead = (uint64_t)(time - engine->base_time);
    return (int)((engine->base + ahead / (uint64_t)engine->spec.lookahead) % CH_WHEEL_SLOTS);
}

/* Room in the wheel for an event, or NULL when memory is gone. */
static inline struct ch_event *ch_wheel_room(struct ch_worker *me, ch_time time, uint32_t place, size_t bytes)
{
    const struct ch_engine *engine = me->engine;
    int row = ch_wheel_row(engine, time);
    if (CH_UNLIKELY(row == CH_ROW_BEYOND))
        return ch_bucket_room(&me->pool, &me->beyond, bytes);
    uint32_t tile = ch_tile_at(engine, place);
    if (CH_UNLIKELY(tile >= engine->n_tiles))
        return ch_bucket_room(&me->pool, &me->away[tile - engine->n_tiles], bytes);
    char **at = &me->wheel.bucket[(size_t)row * engine->stride + tile];
    if (CH_UNLIKELY(!ch_bucket_fits(*at, bytes)) && !ch_wheel_extend(me, row, tile))
        return NULL;
    return ch_bucket_take(at, bytes);
}

/* ---- send.c */
extern const struct ch_lane_ops ch_parallel_ops;

/* ---- visit.c */
void ch_visit(struct ch_worker *me, uint32_t tile);

/* ---- tiling.c */
/* Cuts the places into about `wanted` tiles. False when out of memory. */
bool ch_tiling_init(struct ch_engine *engine, uint32_t wanted);
/* Between windows: other tiles, if the load asks for them; pending events move. */
void ch_tiling_review(struct ch_engine *engine, struct ch_worker *me);

/* ---- image.c */
void ch_image_show(const void *self, struct ch_engine_image *image);
bool ch_image_resume(void *self, const struct ch_engine_image *image);
bool ch_image_put(void *self, const struct ch_event *ev);

/* ---- steer.c */
/* Lets the workers send the first events. Returns the word published. */
uint64_t ch_steer_start(struct ch_engine *engine, ch_engine_start work);
/* Between windows: closes the last one, runs small ones alone, and either publishes a job for the crew or lets it rest.
 * Returns the word published. */
uint64_t ch_steer(struct ch_engine *engine, struct ch_worker *me);
/* Does the job for one entry of the list. */
void ch_steer_do(struct ch_engine *engine, struct ch_worker *me, uint32_t entry);
/* What a thread of the crew does in a phase. */
void ch_steer_serve(void *engine, unsigned worker, uint32_t phase);
/* Takes stock before the first window. */
void ch_steer_begin(struct ch_engine *engine);

/* A perturbation: 0 .. n - 1, and 0 when perturbations are off. */
static inline uint32_t ch_chance(struct ch_worker *me, uint32_t n)
{
    if (!me->engine->spec.perturb)
        return 0;
    me->chance = ch_mix(me->chance);
    return (uint32_t)((me->chance >> 32) * n >> 32);
}

#endif
