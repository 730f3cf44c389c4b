/* SPDX-License-Identifier: MIT
 * What a handler may do: send, publish, read what is published. Each rule of the contract is checked here, once. */
#include "engine/ranks.h"

#include <chaland/assert.h>
#include <stdio.h>
#include <string.h>

/* Ends the program and says which rule was broken, by which kind, and where. */
static noreturn void refuse(const struct ch_lane *lane, unsigned kind, uint32_t place, ch_time delay, const struct ch_slot *slots)
{
    const struct ch_worker *me = lane->scheduler;
    const struct ch_engine_spec *spec = &me->engine->spec;
    char text[320];
    if (kind >= spec->n_kinds) {
        snprintf(text, sizeof text, "kind rank %u < %u", kind, spec->n_kinds);
        ch_assert_failed(text, __FILE__, __LINE__, "send");
    }
    const struct ch_rule *rule = &me->engine->rule[kind];
    const char *broken = place >= spec->n_places                     ? "place exists"
                         : rule->home && place != lane->place        ? "local and instant kinds stay in their place"
                         : delay < rule->least                       ? "delay >= the kind's least delay"
                         : delay >= CH_TIME_MAX - lane->now          ? "time < CH_TIME_MAX"
                         : rule->cells > 1 && !slots                 ? "slots are given"
                         : delay == 0 && lane->depth >= CH_DEPTH_MAX ? "chain of zero delays is at most CH_DEPTH_MAX deep"
                                                                     : "sequence numbers of a place suffice";
    snprintf(text, sizeof text, "%s: kind %s sent from place %u to %u at %lld us with delay %lld us (least %lld us)", broken,
             spec->kind[kind].name, lane->place, place, (long long)lane->now, (long long)delay, (long long)rule->least);
    ch_assert_failed(text, __FILE__, __LINE__, "send");
}

/* Room among the events of the window in hand; freed room of the same size is used first. */
static struct ch_event *room_now(struct ch_worker *me, unsigned cells)
{
    struct ch_idle *idle = me->idle[cells];
    if (!idle)
        return ch_bucket_room(&me->pool, &me->now, cells * CH_CELL);
    me->idle[cells] = idle->next;
    return (struct ch_event *)(void *)idle;
}

/* The next event that is sent from the spot where the lane stands. */
static inline void fill(struct ch_event *ev, const struct ch_lane *lane, struct ch_spot *spot, uint64_t when, uint32_t place,
                        uint32_t dest, uint64_t payload)
{
    ev->when = when;
    ev->source = (uint64_t)lane->place << 32 | spot->sequence++;
    ev->place = place;
    ev->dest = dest;
    ev->payload = payload;
}

/* Any event: due in this window, far ahead, with slots, for another process, into a new chunk, or against the rules. */
__attribute__((noinline)) static void send_any(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay,
                                               uint64_t payload, const struct ch_slot *slots)
{
    struct ch_worker *me = lane->scheduler;
    const struct ch_engine *engine = me->engine;
    if (CH_UNLIKELY(kind >= engine->spec.n_kinds))
        refuse(lane, kind, place, delay, slots);
    const struct ch_rule *rule = &engine->rule[kind];
    struct ch_spot *spot = &engine->spot[lane->place];
    unsigned depth = delay == 0 ? lane->depth + 1 : 0;
    if (CH_UNLIKELY(delay < rule->least || delay >= CH_TIME_MAX - lane->now || place >= engine->spec.n_places ||
                    (rule->home && place != lane->place) || (rule->cells > 1 && !slots) || depth > CH_DEPTH_MAX ||
                    spot->sequence == UINT32_MAX))
        refuse(lane, kind, place, delay, slots);
    ch_time time = lane->now + delay;
    unsigned cells = rule->cells;
    bool now = time < engine->window_end; /* then `place` is here: remote kinds take a window at least */
    struct ch_event *ev = now ? room_now(me, cells) : ch_wheel_room(me, time, place, cells * CH_CELL);
    if (CH_UNLIKELY(!ev)) {
        me->failed = true;
        return;
    }
    me->sent++;
    fill(ev, lane, spot, (uint64_t)time << 16 | depth << 9 | kind, place, dest, payload);
    if (cells > 1)
        ch_cells_copy(ev + 1, slots, cells - 1);
    if (now && !ch_heap_push(&me->heap, ev, ev->when))
        me->failed = true;
}

/* Where the usual event goes: one cell that waits within the ring, in a chunk that is begun. NULL for any other, and for what
 * breaks a rule. */
static inline char **usual_room(const struct ch_lane *lane, unsigned kind, uint32_t place, ch_time delay)
{
    const struct ch_worker *me = lane->scheduler;
    const struct ch_engine *engine = me->engine;
    uint64_t time = (uint64_t)lane->now + (uint64_t)delay, beyond_window = time - (uint64_t)engine->window_end;
    if (CH_UNLIKELY(beyond_window >= engine->ring_left || kind >= engine->spec.n_kinds || place >= engine->spec.n_places))
        return NULL;
    const struct ch_rule *rule = &engine->rule[kind];
    uint32_t tile = ch_tile_at(engine, place);
    if (CH_UNLIKELY(delay < rule->least_usual || (rule->home && place != lane->place) || tile >= engine->n_tiles))
        return NULL;
    uint64_t windows = (time - (uint64_t)engine->base_time) * engine->per_lookahead >> CH_PER_LOOKAHEAD_BITS;
    char **at = &me->wheel.bucket[(engine->base + windows) % CH_WHEEL_SLOTS * engine->stride + tile];
    return CH_UNLIKELY(!ch_bucket_fits(*at, CH_CELL) || engine->spot[lane->place].sequence == UINT32_MAX) ? NULL : at;
}

/* The usual way has nothing to keep over a call. */
static void send(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                 const struct ch_slot *slots)
{
    struct ch_worker *me = lane->scheduler;
    char **at = usual_room(lane, kind, place, delay);
    if (CH_UNLIKELY(!at)) {
        send_any(lane, kind, place, dest, delay, payload, slots);
        return;
    }
    me->sent++;
    fill(ch_bucket_take(at, CH_CELL), lane, &me->engine->spot[lane->place], (uint64_t)(lane->now + delay) << 16 | kind, place,
         dest, payload);
}

/* A row belongs to one place. Its first publisher within the run claims it; the setup lane may stand anywhere. */
static void check_owner(const struct ch_engine *engine, const struct ch_lane *lane, uint32_t row)
{
#ifdef CH_DEBUG
    uint32_t owner = CH_NONE;
    if (engine->started && !atomic_compare_exchange_strong(&engine->row[row].owner, &owner, lane->place))
        CH_ASSERT(owner == lane->place);
#else
    (void)engine, (void)lane, (void)row;
#endif
}

static void publish(struct ch_lane *lane, uint32_t row, int64_t value)
{
    const struct ch_worker *me = lane->scheduler;
    const struct ch_engine *engine = me->engine;
    CH_REQUIRE(row < engine->spec.n_rows);
    check_owner(engine, lane, row);
    ch_row_publish(&engine->row[row], lane->now, engine->spec.row_period, value);
    if (CH_UNLIKELY(engine->ranks != NULL))
        ch_ranks_note(me, row);
}

static int64_t published(const struct ch_lane *lane, uint32_t row)
{
    const struct ch_worker *me = lane->scheduler;
    const struct ch_engine *engine = me->engine;
    CH_REQUIRE(row < engine->spec.n_rows);
    return ch_row_read(&engine->row[row], lane->now - engine->spec.lookahead);
}

const struct ch_lane_ops ch_parallel_ops = {.send = send, .publish = publish, .published = published};
