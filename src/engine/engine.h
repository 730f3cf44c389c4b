/* SPDX-License-Identifier: MIT
 * Schedulers: something that runs events in the total order of chaland/event.h. Two exist: `ch_parallel` (windows,
 * buckets, tiles, threads) and `ch_oracle` (one heap, obviously right). Same inputs, same fingerprint.
 * No word of the domain is known here. */
#ifndef CH_ENGINE_H
#define CH_ENGINE_H

#include <chaland/error.h>
#include <chaland/event.h>
#include <stdbool.h>

/* What a scheduler keeps of a place. */
struct ch_spot {
    uint64_t chain;    /* of the fingerprint */
    uint32_t sequence; /* of the next event sent from here */
    uint32_t seen;     /* it has handled an event */
};

/* One version of a published row, valid from its stamp on; INT64_MIN: since ever. */
struct ch_stamped {
    ch_time stamp;
    int64_t value;
};
enum { CH_ROW_VERSIONS = 3 }; /* that may still be read, see rows.c */

/* A scheduler at the edge of a window, but for its pending events: what a checkpoint holds of it. */
struct ch_engine_image {
    ch_time now;
    uint64_t events, sent, windows, pending_peak; /* as in the statistics */
    struct ch_spot *spot;                         /* [n_places] */
    struct ch_stamped *row;                       /* [n_rows][CH_ROW_VERSIONS], stamps ascending */
};

struct ch_engine_spec {
    uint32_t n_places;
    ch_time lookahead;          /* width of a window, µs */
    ch_time end;                /* events at or after it are never handled */
    const struct ch_kind *kind; /* indexed by rank */
    unsigned n_kinds;
    uint32_t n_rows;          /* published rows */
    const int64_t *row_start; /* their values at time 0 (seen until the first change); NULL: all 0 */
    ch_time row_period;       /* a multiple of the lookahead */
    unsigned workers;         /* threads, >= 1 */
    uint32_t tile_places;     /* places per tile; 0: chosen from the load. Never changes a result */
    const float *load;        /* expected share of events per place, or NULL: even. Never changes a result */
    uint64_t perturb;         /* 0: off. Else seeds random yields, drain and tile order. Never changes a result */
    uint64_t memory_limit;    /* of pending events, bytes, all workers together; 0: none. Beyond: CH_TOO_BIG */
    /* The worker's lane, usually the first member of a larger context; the scheduler fills it. worker in 0 .. workers - 1. */
    struct ch_lane *(*lane)(void *user, unsigned worker);
    void (*handle)(struct ch_lane *lane, const struct ch_event *ev);
    /* Hints that ev comes soon on this worker; `soon` later than `prefetch`, when what that fetched may be read. May be NULL. */
    void (*prefetch)(void *user, const struct ch_event *ev);
    void (*soon)(void *user, const struct ch_event *ev);
    void *user;
    /* Places are shared out among the processes of comm/comm.h; all call run_until with the same times. No result changes. */
    bool ranks;
    /* What goes along with an event to another process: `pack` writes it to room, at most pack_most bytes, and returns how many;
     * `unpack` takes as much up and returns how much it was. */
    size_t pack_most;
    size_t (*pack)(void *user, const struct ch_event *ev, unsigned char *room);
    size_t (*unpack)(void *user, const struct ch_event *ev, const unsigned char *bytes);
};

struct ch_engine_stats {
    uint64_t events; /* handled */
    uint64_t sent;
    uint64_t windows, windows_skipped; /* with and without events */
    uint64_t pending_peak;             /* at window edges */
    uint64_t chunk_mallocs;            /* on the hot path: pools that ran dry */
    uint32_t tiles;
    unsigned workers;
    double *busy_s;       /* [workers], owned by the scheduler */
    uint64_t *handled;    /* [workers] */
    uint64_t event_bytes; /* memory that pending events ever took, free room included */
    /* told to other processes: events, bytes of these and of what goes along, rows that changed, meetings, seconds they took */
    uint64_t crossed, crossed_bytes, rows_told, meetings;
    double meeting_s;
};

typedef void (*ch_engine_start)(struct ch_lane *lane, uint32_t first, uint32_t end); /* places first .. end - 1 */

struct ch_scheduler {
    const char *name;
    /* Copies what it needs of the spec (tables are borrowed and must outlive it). */
    enum ch_code (*create)(const struct ch_engine_spec *spec, void **self, struct ch_error *error);
    /* Lane of worker 0 at time 0, depth 0, standing at `place`: for sending the first events, before the first run_until. */
    struct ch_lane *(*setup_lane)(void *self, uint32_t place);
    /* The same by all workers side by side: each place is in the range of one call. The lane stands at `first` and may be moved
     * to any other place of the range. NULL: use setup_lane. */
    void (*start)(void *self, ch_engine_start work);
    /* Handles all events before `until` (a multiple of the lookahead, or spec.end). May be called again with later times. */
    enum ch_code (*run_until)(void *self, ch_time until, struct ch_error *error);
    /* Shows every pending event, in no particular order; between calls of run_until only. */
    void (*each_pending)(const void *self, void (*see)(void *arg, const struct ch_event *ev), void *arg);
    /* Copies its state to the image, whose arrays the caller made; between calls of run_until only. */
    void (*show)(const void *self, struct ch_engine_image *image);
    /* Takes up such a state, in place of sending first events; then `put` gives it each pending event, slots behind it. False:
     * out of memory. Whoever shares places out keeps what is theirs. */
    bool (*resume)(void *self, const struct ch_engine_image *image);
    bool (*put)(void *self, const struct ch_event *ev);
    /* Is this place run by this process? NULL: all are. */
    bool (*mine)(const void *self, uint32_t place);
    uint64_t (*fingerprint)(const void *self); /* with ranks: its part, the sum is that of all */
    const struct ch_engine_stats *(*stats)(const void *self);
    void (*destroy)(void *self); /* NULL is allowed */
};

extern const struct ch_scheduler ch_parallel;
extern const struct ch_scheduler ch_oracle;

/* Checks a spec; both schedulers call it first. */
enum ch_code ch_engine_check(const struct ch_engine_spec *spec, struct ch_error *error);

#endif
