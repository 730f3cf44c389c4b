/* SPDX-License-Identifier: MIT
 * The oracle: one binary heap, one thread, one event at a time, in the order of chaland/event.h. It is written apart from
 * the parallel engine and shares with it only the definitions of that header; whoever doubts the engine runs this.
 * Published rows keep their whole history, so that reading one is a plain search. */
#define _POSIX_C_SOURCE 200809L
#include "engine/engine.h"
#include <chaland/assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct item { /* an event and its slots, by value */
    struct ch_event event;
    struct ch_slot slot[CH_SLOTS_MAX];
};

struct history { /* versions of one row, stamps ascending */
    struct ch_stamped *version;
    uint32_t n, cap;
};

struct oracle {
    struct ch_engine_spec spec;
    struct item **heap;
    size_t n, cap;
    struct ch_lane *lane;
    uint32_t *sequence;     /* [place] */
    uint64_t *chain;        /* [place] */
    unsigned char *handled; /* [place] */
    struct history *row;
    struct ch_engine_stats stats;
    ch_time now; /* the edge reached */
    double busy_s;
    uint64_t handled_total;
    int out_of_memory;
};

/* ---- the heap ---------------------------------------------------------------------------------------------------- */

static int before(const struct item *a, const struct item *b) { return ch_event_before(&a->event, &b->event); }

static void push(struct oracle *o, struct item *item)
{
    if (o->n == o->cap) {
        size_t cap = o->cap ? 2 * o->cap : 1024;
        struct item **heap = realloc(o->heap, cap * sizeof(struct item *));
        if (!heap) {
            o->out_of_memory = 1;
            free(item);
            return;
        }
        o->heap = heap;
        o->cap = cap;
    }
    size_t i = o->n++;
    for (; i > 0 && before(item, o->heap[(i - 1) / 2]); i = (i - 1) / 2)
        o->heap[i] = o->heap[(i - 1) / 2];
    o->heap[i] = item;
}

static struct item *pop(struct oracle *o)
{
    struct item *least = o->heap[0], *last = o->heap[--o->n];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= o->n)
            break;
        if (child + 1 < o->n && before(o->heap[child + 1], o->heap[child]))
            child++;
        if (!before(o->heap[child], last))
            break;
        o->heap[i] = o->heap[child];
        i = child;
    }
    o->heap[i] = last;
    return least;
}

/* ---- what handlers call ------------------------------------------------------------------------------------------ */

static void send(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                 const struct ch_slot *slots)
{
    struct oracle *o = lane->scheduler;
    CH_REQUIRE(kind < o->spec.n_kinds && place < o->spec.n_places);
    const struct ch_kind *k = &o->spec.kind[kind];
    ch_time least = k->scope == CH_INSTANT ? 0 : k->scope == CH_LOCAL ? CH_MICROSECOND : o->spec.lookahead;
    CH_REQUIRE(delay >= least && delay >= k->least && lane->now + delay <= CH_TIME_MAX);
    CH_REQUIRE(k->scope == CH_REMOTE || place == lane->place);
    unsigned depth = delay == 0 ? lane->depth + 1 : 0;
    CH_REQUIRE(depth <= CH_DEPTH_MAX);
    struct item *item = calloc(1, sizeof *item);
    if (!item) {
        o->out_of_memory = 1;
        return;
    }
    uint32_t sequence = o->sequence[lane->place]++;
    CH_REQUIRE(sequence != UINT32_MAX);
    item->event = (struct ch_event){.when = (uint64_t)(lane->now + delay) << 16 | (uint64_t)depth << 9 | kind,
                                    .source = (uint64_t)lane->place << 32 | sequence,
                                    .place = place,
                                    .dest = dest,
                                    .payload = payload};
    if (k->slots)
        memcpy(item->slot, slots, k->slots * sizeof *slots);
    o->stats.sent++;
    push(o, item);
}

static void note(struct oracle *o, struct history *h, ch_time stamp, int64_t value)
{
    if (h->n && h->version[h->n - 1].stamp == stamp) {
        h->version[h->n - 1].value = value;
        return;
    }
    if (h->n == h->cap) {
        uint32_t cap = h->cap ? 2 * h->cap : 4;
        struct ch_stamped *version = realloc(h->version, cap * sizeof *version);
        if (!version) {
            o->out_of_memory = 1;
            return;
        }
        h->version = version;
        h->cap = cap;
    }
    h->version[h->n++] = (struct ch_stamped){stamp, value};
}

static void publish(struct ch_lane *lane, uint32_t row, int64_t value)
{
    struct oracle *o = lane->scheduler;
    CH_REQUIRE(row < o->spec.n_rows);
    note(o, &o->row[row], (lane->now / o->spec.row_period + 1) * o->spec.row_period, value);
}

static int64_t published(const struct ch_lane *lane, uint32_t row)
{
    const struct oracle *o = lane->scheduler;
    CH_REQUIRE(row < o->spec.n_rows);
    const struct history *h = &o->row[row];
    for (uint32_t i = h->n; i > 0; i--)
        if (h->version[i - 1].stamp <= lane->now - o->spec.lookahead)
            return h->version[i - 1].value;
    return o->spec.row_start ? o->spec.row_start[row] : 0;
}

static const struct ch_lane_ops ops = {.send = send, .publish = publish, .published = published};

/* ---- the scheduler ----------------------------------------------------------------------------------------------- */

static void destroy(void *self)
{
    struct oracle *o = self;
    if (!o)
        return;
    for (size_t i = 0; i < o->n; i++)
        free(o->heap[i]);
    for (uint32_t r = 0; o->row && r < o->spec.n_rows; r++)
        free(o->row[r].version);
    free(o->heap);
    free(o->row);
    free(o->sequence);
    free(o->chain);
    free(o->handled);
    free(o);
}

static enum ch_code create(const struct ch_engine_spec *spec, void **self, struct ch_error *error)
{
    *self = NULL;
    enum ch_code code = ch_engine_check(spec, error);
    if (code != CH_OK)
        return code;
    struct oracle *o = calloc(1, sizeof *o);
    if (!o)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    o->spec = *spec;
    o->sequence = calloc(spec->n_places, sizeof *o->sequence);
    o->chain = calloc(spec->n_places, sizeof *o->chain);
    o->handled = calloc(spec->n_places, 1);
    o->row = calloc((size_t)spec->n_rows + 1, sizeof *o->row);
    if (!o->sequence || !o->chain || !o->handled || !o->row) {
        destroy(o);
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u places", spec->n_places);
    }
    o->lane = spec->lane(spec->user, 0);
    o->lane->ops = &ops;
    o->lane->scheduler = o;
    o->lane->worker = 0;
    o->stats.workers = 1;
    o->stats.tiles = 1;
    o->stats.busy_s = &o->busy_s;
    o->stats.handled = &o->handled_total;
    *self = o;
    return CH_OK;
}

static struct ch_lane *setup_lane(void *self, uint32_t place)
{
    struct oracle *o = self;
    o->lane->now = 0;
    o->lane->depth = 0;
    o->lane->place = place;
    return o->lane;
}

static void handle(struct oracle *o, const struct item *item)
{
    const struct ch_event *ev = &item->event;
    unsigned kind = ch_event_kind(ev);
    o->lane->now = ch_event_time(ev);
    o->lane->depth = ch_event_depth(ev);
    o->lane->place = ev->place;
    o->chain[ev->place] = ch_stir(o->chain[ev->place], ch_event_hash(ev, o->spec.kind[kind].id, o->spec.kind[kind].slots));
    o->handled[ev->place] = 1;
    o->handled_total++;
    o->stats.events++;
    o->spec.handle(o->lane, ev);
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum ch_code run_until(void *self, ch_time until, struct ch_error *error)
{
    struct oracle *o = self;
    double begun = cpu_s();
    ch_time stop = until < o->spec.end ? until : o->spec.end, window = -1;
    while (o->n && !o->out_of_memory && ch_event_time(&o->heap[0]->event) < stop) {
        if (ch_event_time(&o->heap[0]->event) / o->spec.lookahead != window) {
            window = ch_event_time(&o->heap[0]->event) / o->spec.lookahead;
            o->stats.windows++;
            o->stats.pending_peak = o->n > o->stats.pending_peak ? o->n : o->stats.pending_peak;
        }
        struct item *item = pop(o);
        handle(o, item);
        free(item);
    }
    o->now = stop;
    o->busy_s += cpu_s() - begun;
    return o->out_of_memory ? ch_fail(error, CH_TOO_BIG, "out of memory with %zu pending events", o->n) : CH_OK;
}

static void each_pending(const void *self, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    const struct oracle *o = self;
    for (size_t i = 0; i < o->n; i++)
        see(arg, &o->heap[i]->event);
}

/* Of a row's history the three newest versions, where others keep no more. */
static void show(const void *self, struct ch_engine_image *image)
{
    const struct oracle *o = self;
    image->now = o->now;
    image->events = o->stats.events;
    image->sent = o->stats.sent;
    image->windows = o->stats.windows;
    image->pending_peak = o->stats.pending_peak;
    for (uint32_t p = 0; p < o->spec.n_places; p++)
        image->spot[p] = (struct ch_spot){.chain = o->chain[p], .sequence = o->sequence[p], .seen = o->handled[p]};
    for (uint32_t r = 0; r < o->spec.n_rows; r++)
        for (uint32_t v = 0, n = o->row[r].n; v < CH_ROW_VERSIONS; v++) {
            struct ch_stamped first = {INT64_MIN, o->spec.row_start ? o->spec.row_start[r] : 0};
            image->row[(size_t)r * CH_ROW_VERSIONS + v] =
                n + v >= CH_ROW_VERSIONS ? o->row[r].version[n + v - CH_ROW_VERSIONS] : first;
        }
}

static bool resume(void *self, const struct ch_engine_image *image)
{
    struct oracle *o = self;
    o->now = image->now;
    o->handled_total = o->stats.events = image->events;
    o->stats.sent = image->sent;
    o->stats.windows = image->windows;
    o->stats.pending_peak = image->pending_peak;
    for (uint32_t p = 0; p < o->spec.n_places; p++) {
        o->chain[p] = image->spot[p].chain;
        o->sequence[p] = image->spot[p].sequence;
        o->handled[p] = image->spot[p].seen != 0;
    }
    for (size_t i = 0; i < (size_t)o->spec.n_rows * CH_ROW_VERSIONS; i++)
        if (image->row[i].stamp != INT64_MIN)
            note(o, &o->row[i / CH_ROW_VERSIONS], image->row[i].stamp, image->row[i].value);
    return !o->out_of_memory;
}

static bool put(void *self, const struct ch_event *ev)
{
    struct oracle *o = self;
    struct item *item = calloc(1, sizeof *item);
    if (!item)
        return false;
    memcpy(item, ev, (1 + o->spec.kind[ch_event_kind(ev)].slots) * sizeof *ev);
    push(o, item);
    return !o->out_of_memory;
}

static uint64_t fingerprint(const void *self)
{
    const struct oracle *o = self;
    uint64_t sum = 0;
    for (uint32_t place = 0; place < o->spec.n_places; place++)
        if (o->handled[place])
            sum += ch_mix(o->chain[place] ^ ch_mix(place));
    return sum;
}

static const struct ch_engine_stats *stats(const void *self) { return &((const struct oracle *)self)->stats; }

const struct ch_scheduler ch_oracle = {.name = "oracle",
                                       .create = create,
                                       .setup_lane = setup_lane,
                                       .run_until = run_until,
                                       .each_pending = each_pending,
                                       .show = show,
                                       .resume = resume,
                                       .put = put,
                                       .fingerprint = fingerprint,
                                       .stats = stats,
                                       .destroy = destroy};
