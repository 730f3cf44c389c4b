/* SPDX-License-Identifier: MIT
 * M09 BLE beacons: when does a phone that walks by hear a beacon, if at all?
 *
 *   received power   P(d) = P_1m - body - 10 n log10(max(d, 0.5 m)) - X        dBm; X ~ N(0, sigma_s), one draw per pass
 *   one packet       p(d) = p_c Phi((P(d) - S_min) / sigma_f)                  fast fading sigma_f averaged out
 *   one scan window  1 - (1 - p)^k, k = overlap / (T_a + 5 ms) packets;        k < 1: k p
 *
 * The phone listens for W every S, with a phase drawn per pass. If S >= 1 s the windows that cross the pass are enumerated, in
 * pieces of at most 1 s; if S < 1 s, bins of 1 s stand for the windows in them. Both add up hazard, -log(1 - P), until one
 * exponential draw is reached: the same law as a draw per window. (A continuous hazard over the pass would overestimate when p
 * is near 1 and the pass shorter than S.) Phase and shadowing are averaged out before the run (beacons_radio.h), so a
 * pass takes one random word: heard or not, and when. Shapes of passes are rounded to half a metre to share tables.
 *
 * Which beacons a street side hears, over which stretch and how far off, is static geometry: a coverage table built before
 * the run. A halo may cross any border, since all is resolved when the walker enters the side. The nominal range ends where
 * a packet is received with probability `edge` at X = 0.
 * Sources: mechanism M09 (Rappaport; AOSP ScanManager; Radius Networks 2018; Blue Charm chart). Zones: a store's beacon is
 * heard through its front (n indoor), a street beacon in the open (n street). */
#include "beacons_radio.h"

#define BEACONS_PROBES(B)                                                                                                     \
    B(RATIO, detection_probability, "share", 1, 0, 10, "passes detected, of the passes of listening phones in nominal range") \
    B(SUM, beacon_passes, "", 1, 0, 0, "passes of listening phones in nominal range")                                         \
    B(MEAN, detection_latency_mean, "s", 0.001, 0, 10, "from entering the nominal range to detection")                        \
    B(P95, detection_latency_p95, "s", 0.001, 200, 10, "the same, 95th percentile")
CH_PROBES(BEACONS_PROBES)

#define BEACONS_DRAWS(D) D(pass, "heard and when, a word for each beacon of the side; occasion: step")
CH_DRAWS(BEACONS_DRAWS)

/* One beacon as heard from one directed side. */
struct cover {
    uint32_t beacon;
    uint32_t shape;      /* of its tables */
    float enter, leave;  /* offsets along the side, m */
    float foot, lateral; /* of the perpendicular: offset along the side, and length, m */
};

/* A pass in half metres: beam and what its law depends on. */
struct shape {
    uint32_t beam;
    int16_t from, to, lateral; /* from and to: before (negative) and after the foot */
    int16_t none;              /* no gap, so that bytes can be compared */
};

enum { ANDROID, IOS, N_PHONES };

struct tables {
    struct radio radio;
    uint32_t n_beams;  /* that differ */
    struct beam *beam; /* [n_beams] */
    uint32_t *beam_of; /* [n_beacons] */
    uint32_t *first;   /* [4 n_nodes + 1]: covers of a side */
    struct cover *cover;
    uint32_t n_shapes;
    struct shape *shape;
    struct law *law;                                        /* [shape][phone][SPEEDS - 1] */
    uint16_t speed_place[CH_FASTEST_MM_S / SPEED_STEP + 1]; /* by mm/s / 4 */
};

/* The stretch of a side that lies within range of a beacon, or false. */
static bool cover_side(const struct ch_city *city, uint32_t side, double x, double y, double range, struct cover *cover)
{
    double length = (double)city->block_mm / 1000.0, x0 = ch_column(city, side / 4) * length,
           y0 = ch_row(city, side / 4) * length;
    static const double step_x[] = {1, 0, -1, 0}, step_y[] = {0, 1, 0, -1};
    if (ch_side_end(city, side) == CH_NONE)
        return false;
    double ex = step_x[side % 4], ey = step_y[side % 4];
    double foot = (x - x0) * ex + (y - y0) * ey, lateral = (x - x0) * ey - (y - y0) * ex;
    double half2 = range * range - lateral * lateral;
    if (half2 <= 0)
        return false;
    double half = ch_sqrt(half2), enter = foot - half > 0 ? foot - half : 0, leave = foot + half < length ? foot + half : length;
    if (leave - enter < 0.1)
        return false;
    cover->enter = (float)enter;
    cover->leave = (float)leave;
    cover->foot = (float)foot;
    cover->lateral = (float)(lateral < 0 ? -lateral : lateral);
    return true;
}

/* Walks over all (side, beacon) pairs in range: counts them in first[side + 1], or files them. */
static void cover_all(const struct ch_city *city, const struct beacons_params *p, const struct tables *tables, uint32_t *cursor,
                      struct cover *list)
{
    double block = (double)city->block_mm / 1000.0;
    for (uint32_t b = 0; b < city->n_beacons; b++) {
        const struct ch_beacon *beacon = &city->beacons[b];
        double range = range_of(p, &tables->beam[tables->beam_of[b]]);
        int64_t reach = (int64_t)(range / block) + 1, i0 = (int64_t)(beacon->x_m / block), j0 = (int64_t)(beacon->y_m / block);
        for (int64_t j = j0 - reach; j <= j0 + 1 + reach; j++) {
            for (int64_t i = i0 - reach; i <= i0 + 1 + reach; i++) {
                if (i < 0 || j < 0 || i >= (int64_t)city->width || j >= (int64_t)city->height)
                    continue;
                for (uint32_t direction = 0; direction < 4; direction++) {
                    uint32_t side = (uint32_t)(j * (int64_t)city->width + i) * 4 + direction;
                    struct cover cover = {.beacon = b};
                    if (!cover_side(city, side, beacon->x_m, beacon->y_m, range, &cover))
                        continue;
                    if (list)
                        list[cursor[side]++] = cover;
                    else
                        cursor[side + 1]++;
                }
            }
        }
    }
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static bool same_beam(const struct beam *a, const struct beam *b)
{
    return !(a->margin_1m < b->margin_1m || a->margin_1m > b->margin_1m || a->exponent < b->exponent ||
             a->exponent > b->exponent || a->packet < b->packet || a->packet > b->packet);
}

static void collect_beams(struct ch_setup *setup, struct tables *tables)
{
    const struct ch_city *city = setup->city;
    const struct beacons_params *p = setup->params;
    const void *const *overrides = setup->item_params[CH_ITEM_BEACON];
    tables->beam = ch_setup_alloc(setup, city->n_beacons + 1u, sizeof *tables->beam);
    tables->beam_of = ch_setup_alloc(setup, city->n_beacons + 1u, sizeof *tables->beam_of);
    for (uint32_t b = 0; b < city->n_beacons; b++) {
        struct beam beam = beam_of(p, overrides && overrides[b] ? overrides[b] : p, city->beacons[b].store != CH_NONE);
        uint32_t i = 0;
        while (i < tables->n_beams && !same_beam(&beam, &tables->beam[i]))
            i++;
        if (i == tables->n_beams)
            tables->beam[tables->n_beams++] = beam;
        tables->beam_of[b] = i;
    }
}

static void collect_covers(struct ch_setup *setup, struct tables *tables)
{
    const struct ch_city *city = setup->city;
    size_t n_sides = (size_t)city->n_nodes * 4;
    tables->first = ch_setup_alloc(setup, n_sides + 2, sizeof *tables->first);
    cover_all(city, setup->params, tables, tables->first + 1, NULL); /* counts of side s stand at first[s + 2] */
    for (size_t s = 2; s <= n_sides + 1; s++)
        tables->first[s] += tables->first[s - 1];
    tables->cover = ch_setup_alloc(setup, tables->first[n_sides + 1] + 1u, sizeof *tables->cover);
    cover_all(city, setup->params, tables, tables->first + 1, tables->cover); /* leaves side s at first[s] .. first[s + 1] */
}

static int16_t half_metres(double m) { return (int16_t)(m < 0 ? m * 2 - 0.5 : m * 2 + 0.5); }

static struct shape shape_of(const struct tables *tables, const struct cover *cover)
{
    return (struct shape){.beam = tables->beam_of[cover->beacon],
                          .from = half_metres((double)(cover->enter - cover->foot)),
                          .to = half_metres((double)(cover->leave - cover->foot)),
                          .lateral = half_metres((double)cover->lateral)};
}

/* Numbers the shapes that differ, by open addressing in a table twice as large as there are covers. */
static void collect_shapes(struct ch_setup *setup, struct tables *tables, uint32_t n_covers)
{
    size_t room = 16;
    while (room < 2 * (size_t)n_covers)
        room *= 2;
    uint32_t *slot = ch_setup_alloc(setup, room, sizeof *slot); /* shape + 1 */
    tables->shape = ch_setup_alloc(setup, n_covers + 1u, sizeof *tables->shape);
    for (uint32_t c = 0; c < n_covers; c++) {
        struct shape shape = shape_of(tables, &tables->cover[c]);
        uint64_t key = (uint64_t)(uint16_t)shape.from << 32 | (uint64_t)(uint16_t)shape.to << 16 | (uint16_t)shape.lateral;
        size_t at = ch_mix(key ^ (uint64_t)shape.beam << 48) & (room - 1);
        while (slot[at] && memcmp(&tables->shape[slot[at] - 1], &shape, sizeof shape) != 0)
            at = (at + 1) & (room - 1);
        if (!slot[at]) {
            tables->shape[tables->n_shapes++] = shape;
            slot[at] = tables->n_shapes;
        }
        tables->cover[c].shape = slot[at] - 1;
    }
}

static void fill_laws(struct ch_setup *setup, struct tables *tables)
{
    const struct beacons_params *p = setup->params;
    const struct scan *scan[N_PHONES] = {&android_scan[p->android], &ios_scan[p->ios]};
    struct ear *ear = ch_setup_alloc(setup, N_PHONES * tables->n_beams + 1u, sizeof *ear);
    for (uint32_t i = 0; i < N_PHONES * tables->n_beams; i++)
        fill_ear(&ear[i], &tables->radio, &tables->beam[i / N_PHONES], scan[i % N_PHONES]);
    tables->law = ch_setup_alloc(setup, (size_t)tables->n_shapes * N_PHONES * (SPEEDS - 1) + 1, sizeof *tables->law);
    for (uint32_t i = 0; i < tables->n_shapes * N_PHONES; i++) {
        const struct shape *shape = &tables->shape[i / N_PHONES];
        tabulate_pass(&ear[shape->beam * N_PHONES + i % N_PHONES], p, shape->from, shape->to, shape->lateral,
                      &tables->law[(size_t)i * (SPEEDS - 1)]);
    }
    for (uint32_t i = 0; i < sizeof tables->speed_place / sizeof tables->speed_place[0]; i++)
        tables->speed_place[i] = speed_place(i * SPEED_STEP + SPEED_STEP / 2);
}

static const void *tabulate(struct ch_setup *setup)
{
    struct tables *tables = ch_setup_alloc(setup, 1, sizeof *tables);
    fill_radio(&tables->radio, setup->params);
    collect_beams(setup, tables);
    collect_covers(setup, tables);
    collect_shapes(setup, tables, tables->first[(size_t)setup->city->n_nodes * 4]);
    fill_laws(setup, tables);
    return tables;
}

/* ---- passes ------------------------------------------------------------------------------------------------------ */

/* A pass that was heard: when, in us after the side was entered, and which of the side's covers (in the low 32 bits), so that
 * detections sort by time. */
static uint64_t heard_at(const struct cover *cover, double us_per_m, uint32_t part, uint32_t index)
{
    double metres = (double)cover->enter + (double)(cover->leave - cover->enter) * part * (1.0 / PASS_PARTS);
    return (uint64_t)(metres * us_per_m + 0.5) << 32 | index;
}

/* Told in the order of their times, so that caps fill as they would in the street. A side that hears more than 32 beacons
 * tells the first 32 of its list to be detected. */
enum { AT_ONCE = 32 };

static inline void order(uint64_t *a, uint64_t *b)
{
    uint64_t low = *a < *b ? *a : *b, high = *a < *b ? *b : *a;
    *a = low;
    *b = high;
}

/* Up to four, the usual case, by a network; more by their rank. No branch hangs on the times, which nothing can foretell. `key`
 * has room for four. */
static void sort_few(const uint64_t *key, unsigned n, uint64_t *sorted)
{
    if (n <= 4) {
        for (unsigned i = 0; i < 4; i++)
            sorted[i] = key[i] | (0u - (uint64_t)(i >= n)); /* what is not there comes last */
        order(&sorted[0], &sorted[1]);
        order(&sorted[2], &sorted[3]);
        order(&sorted[0], &sorted[2]);
        order(&sorted[1], &sorted[3]);
        order(&sorted[1], &sorted[2]);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned rank = 0;
        for (unsigned k = 0; k < n; k++)
            rank += key[k] < key[i];
        sorted[rank] = key[i];
    }
}

static unsigned listen_along(struct ch_ctx *ctx, const struct ch_person *who, const struct ch_passage *passage, double us_per_m,
                             const struct cover *cover, uint32_t n_covers, uint64_t *found)
{
    const struct tables *tables = ch_table(ctx);
    uint32_t v = passage->speed_mm_s < CH_FASTEST_MM_S ? passage->speed_mm_s : CH_FASTEST_MM_S,
             phone = who->device & CH_IOS ? IOS : ANDROID;
    uint16_t place = tables->speed_place[v / SPEED_STEP];
    struct ch_draw draw = ch_draw(ctx, DRAW_pass, who->id, ch_occasion_step(who));
    uint64_t heard[AT_ONCE + 1];
    memset(heard, 0, 4 * sizeof *heard);
    unsigned n = 0;
    uint32_t i = 0;
    for (; i < n_covers && n < AT_ONCE; i++) {
        const struct law *law = &tables->law[(size_t)(cover[i].shape * N_PHONES + phone) * (SPEEDS - 1)];
        uint32_t part;
        bool is_heard = resolve(law, place, ch_draw_u32(&draw), &part);
        heard[n] = heard_at(&cover[i], us_per_m, part, i); /* kept, or overwritten by the next */
        n += is_heard;
    }
    sort_few(heard, n, found);
    ch_ratio(ctx, PROBE_detection_probability, n, i);
    ch_add(ctx, PROBE_beacon_passes, i);
    return n;
}

static void tell(struct ch_ctx *ctx, struct ch_person *who, const struct ch_passage *passage, const struct cover *cover,
                 double us_per_m, ch_time after)
{
    const struct ch_beacon *beacon = &ctx->city->beacons[cover->beacon];
    ch_time enters = (ch_time)((double)cover->enter * us_per_m + 0.5), most = passage->leaves - passage->enters;
    double along = (double)after / us_per_m - (double)cover->foot, lateral = (double)cover->lateral;
    struct ch_detection found = {.beacon = cover->beacon,
                                 .controller = beacon->retailer,
                                 .store = beacon->store,
                                 .entered = passage->enters + enters,
                                 .at = passage->enters + (after < most ? after : most),
                                 .distance_m = ch_sqrt(along * along + lateral * lateral)};
    int64_t latency_ms = (found.at - found.entered) / CH_MILLISECOND;
    ch_observe(ctx, PROBE_detection_latency_mean, latency_ms);
    ch_observe(ctx, PROBE_detection_latency_p95, latency_ms);
    ch_tell_detected(ctx, who, &found);
}

static void on_street_entered(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    const struct tables *tables = ch_table(ctx);
    const struct cover *cover = &tables->cover[tables->first[passage->side]];
    uint32_t n_covers = tables->first[passage->side + 1] - tables->first[passage->side];
    if (!who->listening || !n_covers)
        return;
    double us_per_m = 1e9 / passage->speed_mm_s;
    uint64_t found[AT_ONCE];
    unsigned n = listen_along(ctx, who, passage, us_per_m, cover, n_covers, found);
    for (unsigned i = 0; i < n; i++)
        tell(ctx, who, passage, &cover[(uint32_t)found[i]], us_per_m, (ch_time)(found[i] >> 32));
}

extern const struct ch_model ch_model_beacons;
const struct ch_model ch_model_beacons = {
    .name = "beacons",
    .title = "BLE beacons and the phones that hear them",
    .mechanism = "M09",
    .items = CH_HEEDS(BEACON),
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .tabulate = tabulate,
    .on_street_entered = on_street_entered,
};
