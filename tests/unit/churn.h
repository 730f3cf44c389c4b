/* SPDX-License-Identifier: MIT
 * Churn: a mini-model that does everything an engine must stand, and a naive scheduler to compare with.
 *
 * Every place holds a 64-bit state, the hash of all that happened to it, including what it read from a neighbour's
 * published row; all choices follow from that hash. So one event out of order, one slot lost or one row read too early
 * changes everything after. Delays are multiples of a grain: a coarse one makes ties everywhere. */
#ifndef CHURN_H
#define CHURN_H

#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

enum { CHURN_WORKERS = 8 };

struct churn_case {
    uint32_t n_places;
    ch_time lookahead, grain, end;
    uint64_t seed;
    unsigned far; /* one in so many delays is long, up to the end of time; 0: none */
};

struct churn_lane {
    struct ch_lane lane;
    struct churn *world;
    uint64_t bad; /* events whose slots were wrong */
    uint64_t pad[8];
};

struct churn {
    struct churn_case its;
    uint64_t *state;
    int64_t *row_start;
    struct churn_lane lane[CHURN_WORKERS];
};

struct outcome {
    uint64_t fingerprint, state, events, pending, pending_hash, bad;
};

static const struct ch_kind churn_kinds[] = {
    {.name = "churn.go", .id = 77, .scope = CH_REMOTE, .slots = 0},
    {.name = "churn.bring", .id = 5, .scope = CH_REMOTE, .slots = 1},
    {.name = "churn.haul", .id = 123456, .scope = CH_REMOTE, .slots = 7},
    {.name = "churn.wait", .id = 9, .scope = CH_LOCAL, .slots = 0},
    {.name = "churn.keep", .id = 10, .scope = CH_LOCAL, .least = 2, .slots = 3},
    {.name = "churn.hold", .id = 11, .scope = CH_LOCAL, .slots = 6},
    {.name = "churn.now", .id = 12, .scope = CH_INSTANT, .slots = 0},
    {.name = "churn.flash", .id = 13, .scope = CH_INSTANT, .slots = 2},
};
enum { CHURN_REMOTE = 3, CHURN_LOCAL = 3, CHURN_INSTANT = 2, CHURN_KINDS = 8 };

static void churn_send(struct churn_lane *me, unsigned kind, uint32_t place, ch_time delay, uint64_t payload)
{
    struct ch_slot slot[CH_SLOTS_MAX];
    for (unsigned i = 0; i < churn_kinds[kind].slots; i++)
        for (unsigned j = 0; j < 4; j++)
            slot[i].word[j] = ch_mix(payload + 4 * i + j);
    ch_lane_send(&me->lane, kind, place, (uint32_t)payload, delay, payload, churn_kinds[kind].slots ? slot : NULL);
}

static void churn_remote(struct churn_lane *me, uint64_t dice)
{
    const struct churn_case *its = &me->world->its;
    uint32_t place = dice % 10 < 6 ? me->lane.place : (uint32_t)(ch_mix(dice) % its->n_places);
    ch_time delay = its->lookahead + its->grain * (ch_time)(dice >> 8 & 31);
    if (its->far && (dice >> 20) % its->far == 0)
        delay += (ch_time)1 << (dice >> 40) % 48;
    if (delay < CH_TIME_MAX - me->lane.now)
        churn_send(me, (unsigned)(dice >> 16) % CHURN_REMOTE, place, delay, dice << 8 | 3);
}

/* A child in the same place, with one life less; often within the window, often with no delay. */
static void churn_child(struct churn_lane *me, uint64_t dice, uint64_t lives)
{
    const struct churn_case *its = &me->world->its;
    uint64_t most = dice & 1 ? 4 : (uint64_t)(3 * its->lookahead / its->grain) + 2;
    ch_time delay = its->grain * (ch_time)((dice >> 8) % most);
    if (delay >= CH_TIME_MAX - me->lane.now)
        return;
    if (dice & 2) {
        unsigned kind = CHURN_REMOTE + (unsigned)(dice >> 4) % CHURN_LOCAL;
        churn_send(me, kind, me->lane.place, delay > 2 ? delay : 2, dice << 8 | lives);
    } else {
        unsigned kind = CHURN_REMOTE + CHURN_LOCAL + (unsigned)(dice >> 4) % CHURN_INSTANT;
        churn_send(me, kind, me->lane.place, delay, dice << 8 | lives);
    }
}

static void churn_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct churn_lane *me = (struct churn_lane *)(void *)lane;
    struct churn *world = me->world;
    unsigned kind = ch_event_kind(ev);
    for (unsigned i = 0; i < churn_kinds[kind].slots; i++)
        for (unsigned j = 0; j < 4; j++)
            me->bad += ch_event_slots(ev)[i].word[j] != ch_mix(ev->payload + 4 * i + j);
    me->bad += lane->now != ch_event_time(ev) || lane->place != ev->place || lane->depth != ch_event_depth(ev);
    uint64_t *state = &world->state[ev->place];
    uint32_t neighbour = (ev->place + (uint32_t)(*state % 3)) % world->its.n_places;
    uint64_t seen = (uint64_t)ch_lane_published(lane, neighbour);
    uint64_t dice = *state = ch_mix(*state ^ ev->when >> 16 ^ ch_mix(ev->payload) ^ ch_mix(seen) ^ kind);
    if (dice % 4 == 0)
        ch_lane_publish(lane, ev->place, (int64_t)(dice >> 40));
    if (kind < CHURN_REMOTE)
        churn_remote(me, ch_mix(dice + 1));
    uint64_t lives = ev->payload & 0xff;
    for (unsigned i = 0; lives > 0 && i < (dice >> 12) % 3; i++)
        churn_child(me, ch_mix(dice + 2 + i), lives - 1);
}

static struct ch_lane *churn_lane_of(void *user, unsigned worker)
{
    struct churn *world = user;
    world->lane[worker].world = world;
    return &world->lane[worker].lane;
}

/* First events: one journey per place, and something due at once. */
static void churn_start(struct ch_lane *lane, uint64_t seed)
{
    struct churn_lane *me = (struct churn_lane *)(void *)lane;
    uint64_t dice = ch_mix(seed ^ ch_mix(lane->place));
    churn_remote(me, dice);
    churn_child(me, ch_mix(dice), 2);
}

static void churn_init(struct churn *world, const struct churn_case *its)
{
    *world = (struct churn){.its = *its};
    world->state = calloc(its->n_places, sizeof *world->state);
    world->row_start = calloc(its->n_places, sizeof *world->row_start);
    for (uint32_t i = 0; i < its->n_places; i++)
        world->row_start[i] = 1000 + i;
}

static void churn_fini(struct churn *world)
{
    free(world->state);
    free(world->row_start);
}

static void churn_look(const struct churn *world, struct outcome *out)
{
    for (uint32_t i = 0; i < world->its.n_places; i++)
        out->state += ch_mix(world->state[i] ^ ch_mix(i));
    for (unsigned i = 0; i < CHURN_WORKERS; i++)
        out->bad += world->lane[i].bad;
}

static void churn_count_pending(void *arg, const struct ch_event *ev)
{
    struct outcome *out = arg;
    out->pending++;
    unsigned kind = ch_event_kind(ev);
    out->pending_hash += ch_mix(ch_event_hash(ev, churn_kinds[kind].id, churn_kinds[kind].slots));
}

/* ---- the naive scheduler: all events in one array, the next one found by looking at each ----------------------------- */

struct naive_event {
    struct ch_event ev;
    struct ch_slot slot[CH_SLOTS_MAX];
};

struct naive_change {
    uint32_t row;
    ch_time stamp;
    int64_t value;
};

struct naive {
    struct churn *world;
    struct naive_event *event;
    size_t n, cap;
    struct naive_change *change; /* all that was ever published, in order */
    size_t n_changes, cap_changes;
    uint32_t *sequence;
    uint64_t *chain;
    bool *seen;
};

static struct naive *naive_of(const struct ch_lane *lane) { return lane->scheduler; }

static void naive_send(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                       const struct ch_slot *slots)
{
    struct naive *all = naive_of(lane);
    if (all->n == all->cap)
        all->event = realloc(all->event, (all->cap = 2 * all->cap + 64) * sizeof *all->event);
    struct naive_event *new = &all->event[all->n++];
    uint64_t depth = delay == 0 ? lane->depth + 1 : 0;
    new->ev = (struct ch_event){.when = (uint64_t)(lane->now + delay) << 16 | depth << 9 | kind,
                                .source = (uint64_t)lane->place << 32 | all->sequence[lane->place]++,
                                .place = place,
                                .dest = dest,
                                .payload = payload};
    if (slots)
        memcpy(new->slot, slots, churn_kinds[kind].slots * sizeof *slots);
}

static void naive_publish(struct ch_lane *lane, uint32_t row, int64_t value)
{
    struct naive *all = naive_of(lane);
    ch_time period = 3 * all->world->its.lookahead;
    if (all->n_changes == all->cap_changes)
        all->change = realloc(all->change, (all->cap_changes = 2 * all->cap_changes + 64) * sizeof *all->change);
    all->change[all->n_changes++] = (struct naive_change){row, (lane->now / period + 1) * period, value};
}

static int64_t naive_published(const struct ch_lane *lane, uint32_t row)
{
    const struct naive *all = naive_of(lane);
    int64_t value = all->world->row_start[row];
    for (size_t i = 0; i < all->n_changes; i++)
        if (all->change[i].row == row && all->change[i].stamp <= lane->now - all->world->its.lookahead)
            value = all->change[i].value;
    return value;
}

static const struct ch_lane_ops naive_ops = {.send = naive_send, .publish = naive_publish, .published = naive_published};

static size_t naive_first(const struct naive *all)
{
    size_t first = 0;
    for (size_t i = 1; i < all->n; i++)
        if (ch_event_before(&all->event[i].ev, &all->event[first].ev))
            first = i;
    return first;
}

static void naive_step(struct naive *all, struct ch_lane *lane, size_t i)
{
    struct naive_event now = all->event[i];
    all->event[i] = all->event[--all->n];
    unsigned kind = ch_event_kind(&now.ev);
    uint32_t place = now.ev.place;
    lane->now = ch_event_time(&now.ev);
    lane->depth = ch_event_depth(&now.ev);
    lane->place = place;
    all->chain[place] = ch_stir(all->chain[place], ch_event_hash(&now.ev, churn_kinds[kind].id, churn_kinds[kind].slots));
    all->seen[place] = true;
    churn_handle(lane, &now.ev);
}

/* The case by the naive scheduler. */
static struct outcome run_naive(const struct churn_case *its)
{
    struct churn world;
    churn_init(&world, its);
    struct naive all = {.world = &world};
    all.sequence = calloc(its->n_places, sizeof *all.sequence);
    all.chain = calloc(its->n_places, sizeof *all.chain);
    all.seen = calloc(its->n_places, sizeof *all.seen);
    struct ch_lane *lane = churn_lane_of(&world, 0);
    *lane = (struct ch_lane){.ops = &naive_ops, .scheduler = &all};
    for (lane->place = 0; lane->place < its->n_places; lane->place++)
        churn_start(lane, its->seed);
    struct outcome out = {0};
    for (size_t i; all.n > 0 && ch_event_time(&all.event[i = naive_first(&all)].ev) < its->end; out.events++)
        naive_step(&all, lane, i);
    for (size_t i = 0; i < all.n; i++)
        churn_count_pending(&out, &all.event[i].ev);
    for (uint32_t i = 0; i < its->n_places; i++)
        out.fingerprint += all.seen[i] ? ch_mix(all.chain[i] ^ ch_mix(i)) : 0;
    churn_look(&world, &out);
    free(all.event);
    free(all.change);
    free(all.sequence);
    free(all.chain);
    free(all.seen);
    churn_fini(&world);
    return out;
}

/* ---- the case by a scheduler ------------------------------------------------------------------------------------- */

struct churn_how {
    unsigned workers;
    uint32_t tile_places;
    uint64_t perturb;
    unsigned steps; /* calls of run_until, 0 and 1: one */
    uint64_t memory_limit;
    bool together; /* the workers send the first events side by side */
};

static void churn_start_range(struct ch_lane *lane, uint32_t first, uint32_t end)
{
    for (lane->place = first; lane->place < end; lane->place++)
        churn_start(lane, ((struct churn_lane *)(void *)lane)->world->its.seed);
}

static enum ch_code run_churn_on(const struct ch_scheduler *by, const struct churn_case *its, struct churn_how how,
                                 struct outcome *out, struct ch_engine_stats *stats, struct ch_error *error)
{
    struct churn world;
    churn_init(&world, its);
    struct ch_engine_spec spec = {.n_places = its->n_places,
                                  .lookahead = its->lookahead,
                                  .end = its->end,
                                  .kind = churn_kinds,
                                  .n_kinds = CHURN_KINDS,
                                  .n_rows = its->n_places,
                                  .row_start = world.row_start,
                                  .row_period = 3 * its->lookahead,
                                  .workers = how.workers,
                                  .tile_places = how.tile_places,
                                  .perturb = how.perturb,
                                  .memory_limit = how.memory_limit,
                                  .lane = churn_lane_of,
                                  .handle = churn_handle,
                                  .user = &world};
    void *self;
    enum ch_code code = by->create(&spec, &self, error);
    if (code == CH_OK && how.together)
        by->start(self, churn_start_range);
    for (uint32_t i = 0; code == CH_OK && !how.together && i < its->n_places; i++)
        churn_start(by->setup_lane(self, i), its->seed);
    for (unsigned step = 1; code == CH_OK && step < how.steps; step++)
        code = by->run_until(self, its->end / how.steps * step / its->lookahead * its->lookahead, error);
    if (code == CH_OK)
        code = by->run_until(self, its->end, error);
    *out = (struct outcome){0};
    if (code == CH_OK) {
        by->each_pending(self, churn_count_pending, out);
        out->fingerprint = by->fingerprint(self);
        out->events = by->stats(self)->events;
        churn_look(&world, out);
    }
    if (stats && self) {
        *stats = *by->stats(self);
        stats->busy_s = NULL; /* gone with the scheduler */
        stats->handled = NULL;
    }
    by->destroy(self);
    churn_fini(&world);
    return code;
}

#endif
