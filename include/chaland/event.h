/* SPDX-License-Identifier: MIT
 * An event, and the lane in which a worker handles it.
 *
 * Every event happens at one place. A handler may touch only what stands in its own place; everything else goes by
 * another event, at least CH_LOOKAHEAD later. Events are handled in a total order computed from the model alone:
 *     (time, depth, kind rank, source place, sequence number of that place)
 * so results do not depend on threads, tiles or schedulers. An event sent with zero delay has its parent's depth + 1, any
 * other has depth 0; only kinds declared INSTANT may have zero delay. There is no cancel: a timer carries a
 * generation in its payload, and a stale one is dropped by its handler. */
#ifndef CHALAND_EVENT_H
#define CHALAND_EVENT_H

#include <chaland/rng.h>
#include <chaland/time.h>
#include <stddef.h>
#include <stdint.h>

#define CH_NONE UINT32_MAX /* no place, no entity */

enum { CH_DEPTH_MAX = 64, CH_KINDS_MAX = 512, CH_SLOTS_MAX = 7 };

/* 32 bytes; the first two words are the total order. Continuation slots of 32 bytes follow it in memory. */
struct ch_event {
    uint64_t when;    /* time (48 bits) | depth (7) | kind rank (9) */
    uint64_t source;  /* source place (32) | its sequence number (32) */
    uint32_t place;   /* where it happens */
    uint32_t dest;    /* the entity it concerns: a person, a store, a courier, ... */
    uint64_t payload; /* what the kind says it is */
};

/* Payload beyond 8 bytes: a kind declares 0..7 slots; they are copied with the event and vanish with it. */
struct ch_slot {
    uint64_t word[4];
};

static inline ch_time ch_event_time(const struct ch_event *ev) { return (ch_time)(ev->when >> 16); }
static inline unsigned ch_event_depth(const struct ch_event *ev) { return (unsigned)(ev->when >> 9) & 127u; }
static inline unsigned ch_event_kind(const struct ch_event *ev) { return (unsigned)ev->when & 511u; }
static inline uint32_t ch_event_source(const struct ch_event *ev) { return (uint32_t)(ev->source >> 32); }
static inline const struct ch_slot *ch_event_slots(const struct ch_event *ev)
{
    return (const struct ch_slot *)(const void *)(ev + 1);
}

/* a before b in the total order. */
static inline int ch_event_before(const struct ch_event *a, const struct ch_event *b)
{
    return a->when != b->when ? a->when < b->when : a->source < b->source;
}

/* Who may send a kind where, and how soon. */
enum ch_scope {
    CH_LOCAL,   /* same place, at least 1 µs ahead */
    CH_INSTANT, /* same place, zero delay allowed */
    CH_REMOTE   /* any place, at least `least` >= CH_LOOKAHEAD ahead */
};

/* What the engine knows of a kind of event. Its index in the table is its rank. */
struct ch_kind {
    const char *name; /* "walking.arrive" */
    uint32_t id;      /* stable identity, enters the fingerprint; does not change when other kinds are added */
    enum ch_scope scope;
    ch_time least;  /* least delay, µs */
    unsigned slots; /* continuation slots, 0..7 */
};

struct ch_lane;

/* What a scheduler offers to a handler. Two schedulers implement it: the parallel engine and the sequential oracle. */
struct ch_lane_ops {
    void (*send)(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                 const struct ch_slot *slots);
    void (*publish)(struct ch_lane *lane, uint32_t row, int64_t value);
    int64_t (*published)(const struct ch_lane *lane, uint32_t row);
};

/* One worker's view of the event in hand. Filled by the scheduler; embedded as first member of struct ch_ctx. */
struct ch_lane {
    const struct ch_lane_ops *ops;
    void *scheduler; /* private */
    ch_time now;     /* time of the event in hand */
    unsigned depth;  /* its depth */
    uint32_t place;  /* its place */
    uint32_t worker; /* index of the worker, for per-worker sums; must not influence results */
};

/* Sends an event of the kind with this rank. Checked against the kind's scope and least delay. `slots` points to as
 * many slots as the kind declares (NULL if none); they are copied. */
static inline void ch_lane_send(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay,
                                uint64_t payload, const struct ch_slot *slots)
{
    lane->ops->send(lane, kind, place, dest, delay, payload, slots);
}

/* Published rows: the only thing of a neighbour that a handler may read. A row has one owner place. A change at t is
 * stamped with the next multiple of the period after t; readers at t see the newest version stamped at or before
 * t - CH_LOOKAHEAD. */
static inline void ch_lane_publish(struct ch_lane *lane, uint32_t row, int64_t value) { lane->ops->publish(lane, row, value); }
static inline int64_t ch_lane_published(const struct ch_lane *lane, uint32_t row) { return lane->ops->published(lane, row); }

/* Fingerprint: each place chains h = ch_stir(h, ch_event_hash(...)), starting from 0, over the events it handles, in order;
 * the fingerprint of a run is the wrapping sum over all places that handled at least one event of mix(h ^ mix(place)).
 * A stir is a bijection of h and of the word, so no single field can change unseen. It mixes less than ch_mix, at a quarter of
 * the cost; the last mix of each place makes up for that. */
static inline uint64_t ch_stir(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9fb21c651e98df25u; /* odd; bits spread like those of a random number */
    return h ^ h >> 32;
}
static inline uint64_t ch_event_hash(const struct ch_event *ev, uint32_t kind_id, unsigned n_slots)
{
    uint64_t h = ch_stir(kind_id * 0x9e3779b97f4a7c15u, ev->when >> 9); /* time, depth, and the kind's stable id, not its rank */
    h = ch_stir(h, ev->source);
    h = ch_stir(h, (uint64_t)ev->place << 32 | ev->dest);
    h = ch_stir(h, ev->payload);
    const struct ch_slot *slot = ch_event_slots(ev);
    for (unsigned i = 0; i < n_slots; i++)
        for (unsigned j = 0; j < 4; j++)
            h = ch_stir(h, slot[i].word[j]);
    return h;
}

#endif
