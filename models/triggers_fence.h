/* SPDX-License-Identifier: MIT
 * Private to triggers.c, where the mechanism is explained: its rows and state, the fences, and where streets cross them. */
#ifndef CH_TRIGGERS_FENCE_H
#define CH_TRIGGERS_FENCE_H

#include <chaland/model.h>

#define TRIGGERS_PARAMS(P)                                                                                                    \
    P(FLAG, active, 0, 0, 1, "", "phones meet fences, tags, sounds and codes", CH_CHOSEN("off unless asked for"))             \
    P(CHOICE, fences, "stores", 0, 0, "none|stores|clusters",                                                                 \
      "what the app's fences stand around: sponsors' stores, or corners with many stores", CH_CHOSEN("the question decides")) \
    P(I64, cluster, 4, 1, 1000, "", "stores at a corner that make it a cluster", CH_ASSUMED(2, 10, "no data"))                \
    P(F64, radius, 150, 20, 2000, "m", "of a fence",                                                                          \
      CH_SOURCED("100-150 m or more: Android documentation; 200 m for iOS-like ones: background-geolocation"))                \
    P(F64, error, 8, 0, 100, "m", "sd of the position error, outward, kept for a day",                                        \
      CH_ASSUMED(4, 20, "street canyon; 20-50 m with Wi-Fi alone"))                                                           \
    P(TIME, delay, 120, 1, 3600, "s", "mean time from crossing a fence to the alert, Erlang-2",                               \
      CH_SOURCED("about 2 min on Android 8 and later: Android documentation"))                                                \
    P(I64, most, 100, 1, 100000, "", "fences that an app may keep: those nearest to its owner's home",                        \
      CH_SOURCED("Android documentation"))                                                                                    \
    P(F64, nfc, 0.7, 0, 1, "share", "phones with the app that can read a tag", CH_ASSUMED(0.3, 0.95, "no data"))              \
    P(F64, tap, 0.02, 0, 1, "share", "visits in which a shelf tag is tapped, of those phones",                                \
      CH_ASSUMED(0.001, 0.1, "no data"))                                                                                      \
    P(F64, tap_front, 0.002, 0, 1, "share", "window viewers who tap the tag of the shop front",                               \
      CH_ASSUMED(0.0002, 0.01, "no data"))                                                                                    \
    P(TIME, tap_delay, 0.3, 0, 10, "s", "from tap to answer", CH_ASSUMED(0.1, 1, "no data"))                                  \
    P(F64, microphone, 0.2, 0, 1, "share", "phones whose app may listen", CH_ASSUMED(0.02, 0.5, "no data"))                   \
    P(F64, sound_stores, 1, 0, 1, "share", "stores that sound", CH_ASSUMED(0, 1, "where it is tried, all do"))                \
    P(F64, sound_range, 20, 1, 200, "m", "reach of the sound", CH_ASSUMED(5, 40, "no data"))                                  \
    P(F64, sound_heard, 0.8, 0, 1, "share", "phones within reach that hear it", CH_ASSUMED(0.5, 0.95, "no data"))             \
    P(F64, viewers, 0.1, 0, 1, "share", "passers-by on foot who look into a shop window", CH_ASSUMED(0.02, 0.4, "no data"))   \
    P(F64, scan, 0.002, 0, 1, "share", "viewers of a screen or window who scan its code", CH_ASSUMED(0.0005, 0.01, "no data"))
#define CH_ROW_STRUCT struct triggers_params
CH_PARAMS(triggers, TRIGGERS_PARAMS)

#define TRIGGERS_PROBES(B)                                                                                               \
    B(SUM, fence_enters, "", 1, 0, 0, "fences entered by phones that keep them, as the phones see it")                   \
    B(SUM, fence_exits, "", 1, 0, 0, "fences left on foot, the same")                                                    \
    B(RATIO, fence_alert_rate, "share", 1, 0, 10, "alerts that found the phone inside its fence, of the fences entered") \
    B(MEAN, fence_alert_delay, "s", 0.001, 0, 10, "from entering a fence to the alert, alerts inside")                   \
    B(SUM, fences_overlooked, "", 1, 0, 0, "fences entered while four alerts were on their way already")                 \
    B(SUM, nfc_taps, "", 1, 0, 0, "tags tapped")                                                                         \
    B(RATIO, sound_detection_rate, "share", 1, 0, 10,                                                                    \
      "visits with a sound heard, of visits by phones that listen to a store that sounds")                               \
    B(RATIO, qr_scan_rate, "share", 1, 0, 12, "codes scanned, of screens and windows viewed by people with the app")
CH_PROBES(TRIGGERS_PROBES)

#define TRIGGERS_DRAWS(D)                                                   \
    D(error, "position error at a fence; person, day and fence")            \
    D(delay, "of an alert; person, step and fence")                         \
    D(equipment, "can the phone read tags, may it listen? once per person") \
    D(shelf, "a tag tapped? a sound heard? person, trip and store")         \
    D(window, "viewed, tapped, scanned? person and step")                   \
    D(scan, "of a screen's code; person, step and screen")
CH_DRAWS(TRIGGERS_DRAWS)

enum { FENCES_OFF, FENCES_AT_STORES, FENCES_AT_CLUSTERS };
enum { WAITING = 4 };

struct fence {
    uint32_t node, store; /* store: CH_NONE for a cluster */
};

/* Fences by where they matter: a list of fences for each key. */
struct index {
    uint32_t *first, *fence;
};

struct triggers_table {
    uint32_t n_fences;
    struct fence *fence;
    struct index by_side;  /* whose edge may cross this side */
    struct index by_node;  /* that may hold this node */
    float *limit;          /* [node]: who lives here keeps the fences up to so far away, m */
    uint8_t *shops, *loud; /* a bit per node with stores; a bit per store that sounds */
};

/* Of a phone with the app: alerts on their way. */
struct alert {
    uint32_t fence; /* + 1; 0: none */
    uint32_t due;   /* ms of the day in hand, which begins at 03:00 and may last longer than 24 h */
    uint32_t after; /* the delay, ms */
};
struct pocket {
    struct alert alert[WAITING];
    uint32_t from; /* node where the ride in hand began */
};

struct point {
    double x, y; /* m */
};

static struct point point_of(const struct ch_city *city, uint32_t node)
{
    double block = (double)city->block_mm / 1000;
    return (struct point){ch_column(city, node) * block, ch_row(city, node) * block};
}

static double apart(struct point a, struct point b) { return ch_sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)); }

/* Four standard deviations of error, beyond which no fence is looked for. */
static double margin(const struct triggers_params *p) { return 4 * p->error; }

/* Along a side from a towards b, of length l: may a circle around c of about this radius be crossed? */
static bool may_cross(struct point a, struct point b, struct point c, double radius, double slack)
{
    double l = apart(a, b), foot = ((c.x - a.x) * (b.x - a.x) + (c.y - a.y) * (b.y - a.y)) / l,
           near = foot < 0   ? 0
                  : foot > l ? l
                             : foot;
    struct point nearest = {a.x + (b.x - a.x) * near / l, a.y + (b.y - a.y) * near / l};
    double from_a = apart(a, c), from_b = apart(b, c), far = from_a > from_b ? from_a : from_b;
    return apart(nearest, c) < radius + slack && far > radius - slack;
}

/* ---- fences ------------------------------------------------------------------------------------------------------ */

static void put_up(struct triggers_table *table, uint32_t node, uint32_t store)
{
    table->fence[table->n_fences++] = (struct fence){node, store};
}

static void collect_fences(struct ch_setup *setup, struct triggers_table *table)
{
    const struct triggers_params *p = setup->params;
    const struct ch_city *city = setup->city;
    table->fence = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *table->fence);
    for (uint32_t s = 0; s < city->n_stores && p->fences == FENCES_AT_STORES; s++)
        if (city->retailers[city->stores[s].retailer].sponsor)
            put_up(table, city->stores[s].node, s);
    for (uint32_t node = 0; node < city->n_nodes && p->fences == FENCES_AT_CLUSTERS; node++)
        if (city->node_first_store[node + 1] - city->node_first_store[node] >= p->cluster)
            put_up(table, node, CH_NONE);
}

/* A walk round all fences, once to count and once to file. */
struct walk {
    const struct ch_city *city;
    const struct triggers_params *p;
    struct triggers_table *table;
    uint32_t *side, *node; /* cursors, of keys + 1 while counting */
    bool filing;
};

static void note(struct index *index, uint32_t *cursor, uint32_t key, uint32_t fence, bool filing)
{
    if (filing)
        index->fence[cursor[key]++] = fence;
    else
        cursor[key + 1]++;
}

static void look_around(struct walk *walk, uint32_t fence, uint32_t node)
{
    const struct ch_city *city = walk->city;
    struct point c = point_of(city, walk->table->fence[fence].node), a = point_of(city, node);
    double slack = margin(walk->p);
    if (apart(a, c) < walk->p->radius + slack)
        note(&walk->table->by_node, walk->node, node, fence, walk->filing);
    for (uint32_t side = node * 4; side < node * 4 + 4; side++) {
        uint32_t end = ch_side_end(city, side);
        if (end != CH_NONE && may_cross(a, point_of(city, end), c, walk->p->radius, slack))
            note(&walk->table->by_side, walk->side, side, fence, walk->filing);
    }
}

static void look_from_all(struct walk *walk)
{
    const struct ch_city *city = walk->city;
    int64_t reach = (int64_t)((walk->p->radius + margin(walk->p)) * 1000 / (double)city->block_mm) + 2;
    for (uint32_t f = 0; f < walk->table->n_fences; f++) {
        int64_t i0 = ch_column(city, walk->table->fence[f].node), j0 = ch_row(city, walk->table->fence[f].node);
        for (int64_t j = j0 - reach; j <= j0 + reach; j++)
            for (int64_t i = i0 - reach; i <= i0 + reach; i++)
                if (i >= 0 && j >= 0 && i < (int64_t)city->width && j < (int64_t)city->height)
                    look_around(walk, f, (uint32_t)(j * (int64_t)city->width + i));
    }
}

/* Counts of key k come to stand at first[k + 2]; filing with first + 1 as cursors leaves key k at first[k] .. first[k + 1]. */
static void open_index(struct ch_setup *setup, struct index *index, size_t keys)
{
    index->first = ch_setup_alloc(setup, keys + 2, sizeof *index->first);
}

static void fill_index(struct ch_setup *setup, struct index *index, size_t keys)
{
    for (size_t k = 2; k <= keys + 1; k++)
        index->first[k] += index->first[k - 1];
    index->fence = ch_setup_alloc(setup, index->first[keys + 1] + 1u, sizeof *index->fence);
}

static void index_fences(struct ch_setup *setup, struct triggers_table *table)
{
    size_t nodes = setup->city->n_nodes;
    open_index(setup, &table->by_side, 4 * nodes);
    open_index(setup, &table->by_node, nodes);
    struct walk walk = {.city = setup->city,
                        .p = setup->params,
                        .table = table,
                        .side = table->by_side.first + 1,
                        .node = table->by_node.first + 1};
    look_from_all(&walk);
    fill_index(setup, &table->by_side, 4 * nodes);
    fill_index(setup, &table->by_node, nodes);
    walk.filing = true;
    look_from_all(&walk);
}

/* Fences at most `blocks` away from a node, from how many there are before each node: one run of nodes per row. */
static int64_t fences_within(const struct ch_city *city, const uint32_t *before, uint32_t node, int64_t blocks)
{
    int64_t i = ch_column(city, node), j = ch_row(city, node), width = city->width, n = 0;
    int64_t low = j > blocks ? j - blocks : 0, high = j + blocks < city->height ? j + blocks : (int64_t)city->height - 1;
    for (int64_t row = low; row <= high; row++) {
        int64_t reach = blocks - (row < j ? j - row : row - j);
        int64_t west = i > reach ? i - reach : 0, east = i + reach < width ? i + reach : width - 1;
        n += before[row * width + east + 1] - before[row * width + west];
    }
    return n;
}

/* How far the fences kept by who lives at a node may be, so that there are `most` at most. From one home to the next it changes
 * little, so the search goes on from there. */
static void limit_fences(struct ch_setup *setup, struct triggers_table *table)
{
    const struct triggers_params *p = setup->params;
    const struct ch_city *city = setup->city;
    int64_t blocks = (int64_t)city->width + city->height, d = 0;
    double block_m = (double)city->block_mm / 1000;
    uint32_t *before = ch_setup_alloc(setup, city->n_nodes + 1u, sizeof *before);
    table->limit = ch_setup_alloc(setup, city->n_nodes, sizeof *table->limit);
    for (uint32_t f = 0; f < table->n_fences; f++)
        before[table->fence[f].node + 1]++;
    for (uint32_t node = 0; node < city->n_nodes; node++)
        before[node + 1] += before[node];
    for (uint32_t node = 0; node < city->n_nodes; node++) {
        bool all = table->n_fences <= p->most;
        table->limit[node] = (float)(all ? (double)blocks * block_m : 0);
        if (all || city->node_first_person[node + 1] == city->node_first_person[node])
            continue;
        while (d < blocks && fences_within(city, before, node, d) <= p->most)
            d++;
        while (d > 0 && fences_within(city, before, node, d - 1) > p->most)
            d--;
        table->limit[node] = (float)(((double)d - 0.5) * block_m);
    }
}

#endif
