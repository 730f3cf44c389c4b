/* SPDX-License-Identifier: MIT
 * Where every body is, told again from the events of a run alone: each person begins at home; what happens to a body must happen
 * where it is; it moves only by a walk or a ride that names the place it came from. A body's stays and ways follow each other
 * without overlap or it is counted as a breach. Stays in street sides, at stops and in stores are kept as intervals,
 * from which occupancy is integrated. */
#ifndef REPLAY_H
#define REPLAY_H

#include "trace.h"

struct interval {
    ch_time enter, leave;
    uint32_t where, who;
};

struct intervals {
    struct interval *v;
    size_t n, room;
};

static inline void intervals_add(struct intervals *list, struct interval interval)
{
    if (list->n == list->room) {
        list->room = list->room ? 2 * list->room : 1024;
        list->v = realloc(list->v, list->room * sizeof *list->v);
        ck_assert_ptr_nonnull(list->v);
    }
    list->v[list->n++] = interval;
}

enum did { DID_STAND, DID_WALK, DID_DRIVE };

struct body {
    uint32_t place; /* where it stands, or which it is leaving */
    enum did did;   /* at its last event: one of a stay, of a walker at a node, of a driver who sets off */
    ch_time at;     /* of that event */
    ch_time board;  /* of the last bus that came for it to this place; -1: none */
};

struct replay {
    const struct ch_city *city;
    unsigned day_plan, end, set_off, hand_over, arrive, drive, board, alight, browse_end, view, delivered; /* ranks */
    struct body *body;                                                                                     /* [person] */
    int64_t *flow;                      /* [place]: bodies that came less those that left, by what the events say */
    struct intervals side, stop, store; /* where: side, node, store */
    uint64_t n_events, n_breaches;
    uint64_t n_moves, n_rides, n_plans, n_away; /* n_away: days begun elsewhere than at home */
    char first[160];                            /* breach */
};

static inline struct replay replay_create(const struct ch_stage *stage)
{
    struct replay r = {.city = ch_stage_city(stage)};
    const struct {
        unsigned *rank;
        const char *name;
    } kinds[] = {{&r.day_plan, "dayplan.day_plan"},   {&r.end, "dayplan.end"},
                 {&r.set_off, "walking.set_off"},     {&r.hand_over, "walking.hand_over"},
                 {&r.arrive, "walking.arrive"},       {&r.drive, "riding.drive"},
                 {&r.board, "riding.board"},          {&r.alight, "riding.alight"},
                 {&r.browse_end, "visit.browse_end"}, {&r.view, "signage.view"},
                 {&r.delivered, "messages.delivered"}};
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        *kinds[i].rank = trace_kind(stage, kinds[i].name);
    r.body = trace_alloc(r.city->n_people, sizeof *r.body);
    r.flow = trace_alloc(r.city->n_places, sizeof *r.flow);
    for (uint32_t i = 0; i < r.city->n_people; i++)
        r.body[i] = (struct body){.place = r.city->people[i].home, .board = -1};
    return r;
}

static inline void replay_destroy(struct replay *r)
{
    free(r->body);
    free(r->flow);
    free(r->side.v);
    free(r->stop.v);
    free(r->store.v);
}

static inline void replay_demand(struct replay *r, const struct ch_event *ev, bool kept, const char *law)
{
    if (kept)
        return;
    if (r->n_breaches++ == 0)
        snprintf(r->first, sizeof r->first, "person %u at %.6f s, kind %u, place %u: %s", ev->dest, ch_seconds(ch_event_time(ev)),
                 ch_event_kind(ev), ev->place, law);
}

static inline uint32_t side_between(const struct ch_city *city, uint32_t from, uint32_t to)
{
    for (uint32_t side = from * 4; side < from * 4 + 4; side++)
        if (ch_side_end(city, side) == to)
            return side;
    return CH_NONE;
}

static inline void replay_move(struct replay *r, const struct ch_event *ev, struct body *body, enum did did)
{
    r->flow[(uint32_t)ev->payload]--;
    r->flow[ev->place]++;
    *body = (struct body){.place = ev->place, .did = did, .at = ch_event_time(ev), .board = -1};
    r->n_moves++;
}

static inline void replay_arrive(struct replay *r, const struct ch_event *ev, struct body *body)
{
    uint32_t from = (uint32_t)ev->payload, side = side_between(r->city, from, ev->place);
    ch_time takes = ch_event_time(ev) - body->at;
    replay_demand(r, ev, body->place == from, "a walk begins where the body is not");
    replay_demand(r, ev, body->did == DID_WALK, "something happened to a walker between two nodes");
    replay_demand(r, ev, side != CH_NONE, "a walk between places that no street joins");
    replay_demand(r, ev, takes >= CH_LOOKAHEAD && takes <= r->city->block_mm * CH_SECOND / 300 + 1,
                  "a side takes too short or too long");
    intervals_add(&r->side, (struct interval){body->at, ch_event_time(ev), side, ev->dest});
    replay_move(r, ev, body, DID_WALK);
}

static inline void replay_alight(struct replay *r, const struct ch_event *ev, struct body *body)
{
    bool by_bus = body->did != DID_DRIVE;
    ch_time left = by_bus ? body->board : body->at;
    replay_demand(r, ev, body->place == (uint32_t)ev->payload, "a ride begins where the body is not");
    replay_demand(r, ev, left >= body->at, "a ride without setting off");
    replay_demand(r, ev, ch_event_time(ev) - left >= CH_MINUTE, "a ride of less than a minute");
    if (by_bus)
        intervals_add(&r->stop, (struct interval){body->at, body->board, body->place, ev->dest});
    r->n_rides++;
    replay_move(r, ev, body, DID_STAND);
}

/* The visit ends a second after the shopper decides; it began with the last event of the body. */
static inline void replay_visit(struct replay *r, const struct ch_event *ev, struct body *body)
{
    const uint64_t *word = ch_event_slots(ev)->word;
    ch_time entered = (ch_time)word[1];
    replay_demand(r, ev, r->city->stores[word[0] >> 32].node == ev->place, "a visit away from its store");
    replay_demand(r, ev, entered == body->at, "a visit that began before or after the body came");
    intervals_add(&r->store, (struct interval){body->at, ch_event_time(ev) + CH_SECOND, (uint32_t)(word[0] >> 32), ev->dest});
}

/* For struct ch_run_options.see: one thread only. */
static inline void replay_see(void *arg, const struct ch_event *ev, uint32_t kind_id, unsigned slots)
{
    struct replay *r = arg;
    unsigned kind = ch_event_kind(ev);
    ch_time now = ch_event_time(ev);
    (void)kind_id;
    (void)slots;
    r->n_events++;
    bool stays = kind == r->day_plan || kind == r->end || kind == r->browse_end,
         sets_off = kind == r->set_off || kind == r->drive;
    bool passes = kind == r->hand_over || kind == r->view || kind == r->delivered;
    if (!stays && !sets_off && !passes && kind != r->arrive && kind != r->alight && kind != r->board)
        return;
    struct body *body = &r->body[ev->dest];
    replay_demand(r, ev, now >= body->at, "time runs backwards");
    if (kind == r->arrive) {
        replay_arrive(r, ev, body);
    } else if (kind == r->alight) {
        replay_alight(r, ev, body);
    } else if (kind == r->board) { /* may come for someone who has walked away */
        if (body->place == ev->place)
            body->board = now;
    } else {
        replay_demand(r, ev, body->place == ev->place, "it happens where the body is not");
        if (kind == r->browse_end)
            replay_visit(r, ev, body);
        if (kind == r->day_plan) {
            r->n_plans++;
            r->n_away += ev->place != r->city->people[ev->dest].home;
        }
        if (!passes) {
            body->did = kind == r->set_off ? DID_WALK : kind == r->drive ? DID_DRIVE : DID_STAND;
            body->at = now;
        }
    }
}

/* ---- occupancy --------------------------------------------------------------------------------------------------- */

static inline int compare_times(const void *a, const void *b)
{
    ch_time x = *(const ch_time *)a, y = *(const ch_time *)b;
    return (x > y) - (x < y);
}

struct occupancy {
    uint64_t arrivals;
    double mean, stay_s; /* time average of the number inside; mean stay */
    int64_t most;
};

/* Of one place (or all, CH_NONE) over 0 .. end: entries and exits are put in the order of time and the number inside is
 * integrated. */
static inline struct occupancy occupancy_of(const struct intervals *list, uint32_t where, ch_time end)
{
    struct occupancy o = {0};
    ch_time *in = trace_alloc(list->n, sizeof *in), *out = trace_alloc(list->n, sizeof *out), before = 0;
    size_t n = 0;
    double area = 0, stays = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (where != CH_NONE && list->v[i].where != where)
            continue;
        in[n] = list->v[i].enter;
        out[n++] = list->v[i].leave;
        stays += ch_seconds(list->v[i].leave - list->v[i].enter);
    }
    qsort(in, n, sizeof *in, compare_times);
    qsort(out, n, sizeof *out, compare_times);
    for (size_t i = 0, j = 0; j < n;) {
        bool enters = i < n && in[i] <= out[j];
        ch_time t = enters ? in[i] : out[j];
        t = t < end ? t : end;
        area += (double)(int64_t)(i - j) * ch_seconds(t - before);
        before = t;
        i += enters;
        j += !enters;
        o.most = (int64_t)(i - j) > o.most ? (int64_t)(i - j) : o.most;
    }
    o.arrivals = n;
    o.mean = area / ch_seconds(end);
    o.stay_s = n ? stays / (double)n : 0;
    free(in);
    free(out);
    return o;
}

#endif
