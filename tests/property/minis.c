/* SPDX-License-Identifier: MIT */
#include "minis.h"
#include <chaland/assert.h>
#include <chaland/numeric.h>
#include <stdlib.h>
#include <string.h>

static struct mini_lane lanes[MINI_WORKERS_MAX];

static struct ch_lane *lane_of(void *user, unsigned worker)
{
    lanes[worker].mini = user;
    return &lanes[worker].lane;
}

static struct mini *mini_of(struct ch_lane *lane) { return ((struct mini_lane *)(void *)lane)->mini; }
static void *place_of(struct ch_lane *lane) { return mini_of(lane)->place_state + lane->place * mini_of(lane)->place_size; }

static uint64_t hash_bytes(const unsigned char *bytes, size_t n)
{
    uint64_t h = n;
    for (size_t i = 0; i < n; i++)
        h = ch_mix(h ^ bytes[i]);
    return h;
}

struct pending {
    const struct mini *mini;
    uint64_t n, hash;
};

static void count(void *arg, const struct ch_event *ev)
{
    struct pending *pending = arg;
    const struct ch_kind *kind = &pending->mini->kind[ch_event_kind(ev)];
    pending->n++;
    pending->hash += ch_mix(ch_event_hash(ev, kind->id, kind->slots));
}

static void handle_logged(struct ch_lane *lane, const struct ch_event *ev)
{
    struct mini *mini = mini_of(lane);
    const struct ch_kind *kind = &mini->kind[ch_event_kind(ev)];
    CH_REQUIRE(lane->now == ch_event_time(ev) && lane->depth == ch_event_depth(ev) && lane->place == ev->place);
    log_see(mini->log, ev, kind->id, kind->slots);
    mini->handle(lane, ev);
}

/* Runs until `until`, and notes how things stand. */
static void advance(const struct ch_scheduler *scheduler, void *self, const struct mini *mini, ch_time until,
                    struct mini_result *r)
{
    struct ch_error error = {.code = CH_OK};
    struct pending pending = {.mini = mini};
    CH_REQUIRE(scheduler->run_until(self, until, &error) == CH_OK);
    scheduler->each_pending(self, count, &pending);
    r->events = scheduler->stats(self)->events;
    r->pending = pending.n;
    r->pauses_hash = ch_mix(r->pauses_hash ^ pending.hash ^ ch_mix(r->events));
}

struct putting {
    const struct ch_scheduler *scheduler;
    void *self;
};

static void put_one(void *arg, const struct ch_event *ev)
{
    const struct putting *to = arg;
    CH_REQUIRE(to->scheduler->put(to->self, ev));
}

/* The run goes on in another scheduler, which is returned. */
static void *hand_on(const struct ch_engine_spec *spec, const struct ch_scheduler *from, void *self,
                     const struct ch_scheduler *to)
{
    struct ch_error error = {.code = CH_OK};
    struct putting putting = {.scheduler = to};
    struct ch_engine_image image = {.spot = calloc(spec->n_places, sizeof *image.spot),
                                    .row = calloc((size_t)spec->n_rows * CH_ROW_VERSIONS + 1, sizeof *image.row)};
    CH_REQUIRE(image.spot && image.row && to->create(spec, &putting.self, &error) == CH_OK);
    from->show(self, &image);
    CH_REQUIRE(to->resume(putting.self, &image));
    from->each_pending(self, put_one, &putting);
    from->destroy(self);
    free(image.spot);
    free(image.row);
    return putting.self;
}

struct mini_result mini_run(struct mini *mini, struct mini_setting s, uint64_t seed, ch_time end)
{
    struct ch_error error = {.code = CH_OK};
    void *self = NULL;
    mini->key = (struct ch_key){(uint32_t)seed, 0};
    mini->place_state = calloc(mini->n_places, mini->place_size + 1);
    mini->entity_state = calloc(mini->n_entities + 1, mini->entity_size + 1);
    CH_REQUIRE(mini->place_state && mini->entity_state);
    ch_time lookahead = mini->lookahead ? mini->lookahead : CH_LOOKAHEAD;
    struct ch_engine_spec spec = {.n_places = mini->n_places,
                                  .lookahead = lookahead,
                                  .end = end,
                                  .kind = mini->kind,
                                  .n_kinds = mini->n_kinds,
                                  .n_rows = mini->n_rows,
                                  .row_period = 3 * lookahead,
                                  .workers = s.workers,
                                  .tile_places = s.tile_places,
                                  .perturb = s.perturb,
                                  .lane = lane_of,
                                  .handle = mini->log ? handle_logged : mini->handle,
                                  .user = mini};
    CH_REQUIRE(s.scheduler->create(&spec, &self, &error) == CH_OK);
    for (uint32_t place = 0; place < mini->n_places; place++)
        mini->start(mini, s.scheduler->setup_lane(self, place), place);
    struct mini_result r = {0};
    for (ch_time t = s.pause; s.pause && t < end; t += s.pause) {
        advance(s.scheduler, self, mini, t, &r);
        if (!s.heir)
            continue;
        const struct ch_scheduler *to = s.heir;
        spec.workers = to == &ch_oracle ? 1 : 1 + (spec.workers + 1) % MINI_WORKERS_MAX;
        self = hand_on(&spec, s.scheduler, self, to);
        s.heir = s.scheduler;
        s.scheduler = to;
    }
    advance(s.scheduler, self, mini, end, &r);
    r.fingerprint = s.scheduler->fingerprint(self);
    r.tiles = s.scheduler->stats(self)->tiles;
    r.state_hash = hash_bytes(mini->place_state, mini->n_places * mini->place_size) ^
                   ch_mix(hash_bytes(mini->entity_state, mini->n_entities * mini->entity_size));
    s.scheduler->destroy(self);
    return r;
}

void mini_fini(struct mini *mini)
{
    free(mini->place_state);
    free(mini->entity_state);
    mini->place_state = mini->entity_state = NULL;
}

/* ---- queue: M/M/1 at each place; a served customer goes on to another place -------------------------------------------- */

enum { Q_ARRIVE, Q_DONE };
static const struct ch_kind queue_kinds[] = {{"queue.arrive", 1, CH_REMOTE, CH_LOOKAHEAD, 0}, {"queue.done", 2, CH_LOCAL, 1, 0}};
struct queue_place {
    uint32_t waiting, served;
    ch_time busy;
    uint64_t ordinal;
};

static void queue_serve(struct ch_lane *lane, struct queue_place *q)
{
    struct ch_draw d = ch_draw_open(mini_of(lane)->key, lane->place, 1, q->ordinal++);
    ch_lane_send(lane, Q_DONE, lane->place, 0, 1 + ch_time_of_seconds(8 * ch_draw_exponential(&d)), 0, NULL);
}

static void queue_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct queue_place *q = place_of(lane);
    if (ch_event_kind(ev) == Q_ARRIVE) {
        if (q->waiting++ == 0)
            queue_serve(lane, q);
        return;
    }
    struct ch_draw d = ch_draw_open(mini_of(lane)->key, lane->place, 2, ++q->served);
    uint32_t to = ch_draw_below(&d, mini_of(lane)->n_places);
    ch_lane_send(lane, Q_ARRIVE, to, 0, CH_LOOKAHEAD + ch_time_of_seconds(20 * ch_draw_exponential(&d)), q->served, NULL);
    if (--q->waiting > 0)
        queue_serve(lane, q);
}

static void queue_start(struct mini *mini, struct ch_lane *lane, uint32_t place)
{
    (void)mini;
    ch_lane_send(lane, Q_ARRIVE, place, 0, CH_LOOKAHEAD, 0, NULL);
    ch_lane_send(lane, Q_ARRIVE, place, 0, CH_LOOKAHEAD, 1, NULL);
}

const struct mini mini_queue = {.name = "queue",
                                .n_places = 64,
                                .kind = queue_kinds,
                                .n_kinds = 2,
                                .place_size = sizeof(struct queue_place),
                                .start = queue_start,
                                .handle = queue_handle};

/* ---- walker: bodies hop between places; ties everywhere (whole windows), instant greetings, a published head count ------ */

enum { W_ARRIVE, W_GREET };
static const struct ch_kind walker_kinds[] = {{"walker.arrive", 1, CH_REMOTE, CH_LOOKAHEAD, 0},
                                              {"walker.greet", 2, CH_INSTANT, 0, 1}};
struct walker_place {
    int32_t present;
    uint32_t greeted;
    uint64_t memory;
};
struct walker {
    uint32_t hops, place;
    uint64_t heard;
};

static void walker_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct mini *mini = mini_of(lane);
    struct walker_place *p = place_of(lane);
    if (ch_event_kind(ev) == W_GREET) {
        p->greeted++;
        p->memory = ch_mix(p->memory ^ ch_event_slots(ev)->word[0] ^ ev->payload);
        return;
    }
    struct walker *w = (struct walker *)(void *)(mini->entity_state + ev->dest * mini->entity_size);
    struct ch_draw d = ch_draw_open(mini->key, ev->dest, 3, w->hops++);
    struct ch_slot slot = {{p->memory, w->heard, 0, 0}};
    w->heard = ch_mix(w->heard ^ p->memory ^ (uint64_t)ch_lane_published(lane, (lane->place + 1) % mini->n_rows));
    w->place = lane->place;
    p->present++;
    if (ch_draw_below(&d, 3) == 0)
        ch_lane_send(lane, W_GREET, lane->place, ev->dest, 0, w->hops, &slot);
    ch_lane_publish(lane, lane->place, p->present);
    uint32_t to = ch_draw_below(&d, 4) ? (lane->place + 1) % mini->n_places : ch_draw_below(&d, mini->n_places);
    ch_time delay = CH_LOOKAHEAD * (1 + (ch_time)ch_draw_below(&d, 4));
    ch_lane_send(lane, W_ARRIVE, to, ev->dest, delay, 0, NULL);
}

static void walker_start(struct mini *mini, struct ch_lane *lane, uint32_t place)
{
    for (uint32_t e = place; e < mini->n_entities; e += mini->n_places)
        ch_lane_send(lane, W_ARRIVE, place, e, CH_LOOKAHEAD, 0, NULL);
}

const struct mini mini_walker = {.name = "walker",
                                 .n_places = 100,
                                 .n_entities = 700,
                                 .n_rows = 100,
                                 .kind = walker_kinds,
                                 .n_kinds = 2,
                                 .place_size = sizeof(struct walker_place),
                                 .entity_size = sizeof(struct walker),
                                 .start = walker_start,
                                 .handle = walker_handle};

int mini_walker_counts(const struct mini *mini)
{
    uint64_t present = 0, hops = 0;
    for (uint32_t p = 0; p < mini->n_places; p++)
        present += (uint64_t)((const struct walker_place *)(const void *)(mini->place_state + p * mini->place_size))->present;
    for (uint32_t e = 0; e < mini->n_entities; e++)
        hops += ((const struct walker *)(const void *)(mini->entity_state + e * mini->entity_size))->hops;
    return present == hops;
}

/* ---- ledger: places pay each other; money in flight travels in slots ----------------------------------------------------- */

enum { L_TICK, L_PAY };
static const struct ch_kind ledger_kinds[] = {{"ledger.tick", 1, CH_LOCAL, 1, 0},
                                              {"ledger.pay", 2, CH_REMOTE, 60 * CH_SECOND, 7}};
struct ledger_place {
    int64_t balance, sent, received;
    uint64_t ordinal;
};

static void ledger_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct mini *mini = mini_of(lane);
    struct ledger_place *p = place_of(lane);
    if (ch_event_kind(ev) == L_PAY) {
        const struct ch_slot *slot = ch_event_slots(ev);
        for (unsigned i = 0; i < 7; i++)
            for (unsigned j = 0; j < 4; j++) {
                p->balance += (int64_t)slot[i].word[j];
                p->received += (int64_t)slot[i].word[j];
            }
        return;
    }
    struct ch_draw d = ch_draw_open(mini->key, lane->place, 4, p->ordinal++);
    struct ch_slot slot[7];
    for (unsigned i = 0; i < 7; i++)
        for (unsigned j = 0; j < 4; j++) {
            slot[i].word[j] = ch_draw_below(&d, 1000);
            p->balance -= (int64_t)slot[i].word[j];
            p->sent += (int64_t)slot[i].word[j];
        }
    ch_lane_send(lane, L_PAY, ch_draw_below(&d, mini->n_places), 0, 60 * CH_SECOND, p->ordinal, slot);
    ch_lane_send(lane, L_TICK, lane->place, 0, ch_time_of_seconds(1 + 300 * ch_draw_uniform(&d)), 0, NULL);
}

static void ledger_start(struct mini *mini, struct ch_lane *lane, uint32_t place)
{
    (void)mini;
    ch_lane_send(lane, L_TICK, place, 0, 1, 0, NULL);
}

const struct mini mini_ledger = {.name = "ledger",
                                 .n_places = 40,
                                 .kind = ledger_kinds,
                                 .n_kinds = 2,
                                 .place_size = sizeof(struct ledger_place),
                                 .start = ledger_start,
                                 .handle = ledger_handle};

int mini_ledger_balanced(const struct mini *mini)
{
    int64_t balance = 0, flight = 0;
    for (uint32_t i = 0; i < mini->n_places; i++) {
        const struct ledger_place *p = (const struct ledger_place *)(const void *)(mini->place_state + i * mini->place_size);
        balance += p->balance;
        flight += p->sent - p->received;
    }
    return balance + flight == 0 && flight > 0;
}

/* ---- storm: every scope, slots of every size, delays from 0 to days, rows rewritten and read everywhere ------------------ */

static const struct ch_kind storm_kinds[] = {
    {"storm.r0", 1, CH_REMOTE, CH_LOOKAHEAD, 0},     {"storm.i1", 2, CH_INSTANT, 0, 1}, {"storm.l2", 3, CH_LOCAL, 1, 2},
    {"storm.r3", 4, CH_REMOTE, CH_LOOKAHEAD, 3},     {"storm.l0", 5, CH_LOCAL, 1, 0},   {"storm.i0", 6, CH_INSTANT, 0, 0},
    {"storm.r7", 7, CH_REMOTE, 2 * CH_LOOKAHEAD, 7}, {"storm.l5", 8, CH_LOCAL, 1000, 5}};
struct storm_place {
    uint64_t memory, ordinal;
};

/* Delays: often exactly the least, often whole windows, sometimes within the window, rarely hours or days. */
static ch_time storm_delay(struct ch_draw *d, const struct ch_kind *kind)
{
    static const ch_time scale[] = {
        0, 0, 1, 7, CH_MILLISECOND, CH_SECOND, 3 * CH_SECOND, CH_LOOKAHEAD, 4 * CH_LOOKAHEAD, CH_MINUTE, CH_HOUR, CH_DAY};
    ch_time extra = scale[ch_draw_below(d, 12)];
    if (extra >= CH_MILLISECOND && ch_draw_below(d, 2))
        extra = (ch_time)ch_draw_below(d, (uint32_t)(extra > 4000000000 ? 4000000000 : extra));
    return kind->least + extra;
}

static void storm_send(struct ch_lane *lane, struct ch_draw *d, uint64_t memory)
{
    struct mini *mini = mini_of(lane);
    unsigned kind = ch_draw_below(d, mini->n_kinds);
    if (storm_kinds[kind].scope == CH_INSTANT && lane->depth >= 40)
        kind = 0;
    const struct ch_kind *k = &storm_kinds[kind];
    struct ch_slot slot[7];
    for (unsigned i = 0; i < 7; i++)
        for (unsigned j = 0; j < 4; j++)
            slot[i].word[j] = ch_mix(memory + i * 4 + j);
    uint32_t hot = ch_draw_below(d, 8) == 0 ? 0 : ch_draw_below(d, mini->n_places);
    ch_lane_send(lane, kind, k->scope == CH_REMOTE ? hot : lane->place, (uint32_t)memory, storm_delay(d, k), memory, slot);
}

static void storm_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct mini *mini = mini_of(lane);
    struct storm_place *p = place_of(lane);
    unsigned kind = ch_event_kind(ev);
    for (unsigned i = 0; i < storm_kinds[kind].slots; i++)
        p->memory = ch_mix(p->memory ^ ch_event_slots(ev)[i].word[i % 4]);
    p->memory = ch_mix(p->memory ^ ev->payload ^ (uint64_t)ch_lane_published(lane, (uint32_t)(p->memory % mini->n_rows)));
    if (p->memory % 3 == 0)
        ch_lane_publish(lane, lane->place, (int64_t)(p->memory >> 40));
    struct ch_draw d = ch_draw_open(mini->key, lane->place, 5, p->ordinal++);
    storm_send(lane, &d, p->memory);
}

static void storm_start(struct mini *mini, struct ch_lane *lane, uint32_t place)
{
    struct storm_place *p = place_of(lane);
    for (int i = 0; i < 5; i++) {
        struct ch_draw d = ch_draw_open(mini->key, place, 5, p->ordinal++);
        storm_send(lane, &d, place + (uint64_t)i);
    }
}

const struct mini mini_storm = {.name = "storm",
                                .n_places = 37,
                                .n_rows = 37,
                                .kind = storm_kinds,
                                .n_kinds = 8,
                                .place_size = sizeof(struct storm_place),
                                .start = storm_start,
                                .handle = storm_handle};
