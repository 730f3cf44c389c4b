/* SPDX-License-Identifier: MIT
 * Private to beacons.c, where the mechanism is explained: which beacon is heard from where, and the tables of all sides. */
#ifndef BEACONS_TABLES_H
#define BEACONS_TABLES_H

#include "beacons_side.h"

/* One beacon as heard from one directed side. */
struct cover {
    uint32_t beacon;
    float enter, leave;  /* offsets along the side, m */
    float foot, lateral; /* of the perpendicular: offset along the side, and length, m */
};

/* A pass in whole metres: beam and what its law depends on. */
struct shape {
    uint32_t beam;
    int16_t from, to, lateral; /* from and to: before (negative) and after the foot */
    int16_t none;              /* no gap, so that bytes can be compared */
};

enum { COVERS_MAX = (1 << 24) - 1, ROWS_MAX = (1 << 28) - 1, ROWS_TOGETHER = 4 };

struct tables {
    struct radio radio;
    uint32_t n_beams;  /* that differ */
    struct beam *beam; /* [n_beams] */
    uint32_t *beam_of; /* [n_beacons] */
    uint32_t *first;   /* [4 n_nodes + 1]: covers of a side */
    struct cover *cover;
    uint32_t *shape_of; /* [cover] */
    uint32_t n_shapes;
    struct shape *shape;
    uint32_t *heard; /* a bit per side: a beacon is heard there */
    uint32_t n_sides;
    struct group *group; /* the first of each side, then the others */
    unsigned char *rows;
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

static int16_t whole_metres(double m) { return (int16_t)(m < 0 ? m - 0.5 : m + 0.5); }

static struct shape shape_of(const struct tables *tables, const struct cover *cover)
{
    return (struct shape){.beam = tables->beam_of[cover->beacon],
                          .from = whole_metres((double)(cover->enter - cover->foot)),
                          .to = whole_metres((double)(cover->leave - cover->foot)),
                          .lateral = whole_metres((double)cover->lateral)};
}

/* Numbers the shapes that differ, by open addressing in a table twice as large as there are covers. */
static void collect_shapes(struct ch_setup *setup, struct tables *tables, uint32_t n_covers)
{
    size_t room = 16;
    while (room < 2 * (size_t)n_covers)
        room *= 2;
    uint32_t *slot = ch_setup_alloc(setup, room, sizeof *slot); /* shape + 1 */
    tables->shape = ch_setup_alloc(setup, n_covers + 1u, sizeof *tables->shape);
    tables->shape_of = ch_setup_alloc(setup, n_covers + 1u, sizeof *tables->shape_of);
    for (uint32_t c = 0; c < n_covers; c++) {
        const struct cover *cover = &tables->cover[c];
        struct shape shape = shape_of(tables, cover);
        uint64_t key = (uint64_t)(uint16_t)shape.from << 32 | (uint64_t)(uint16_t)shape.to << 16 | (uint16_t)shape.lateral;
        size_t at = ch_mix(key ^ (uint64_t)shape.beam << 48) & (room - 1);
        while (slot[at] && memcmp(&tables->shape[slot[at] - 1], &shape, sizeof shape) != 0)
            at = (at + 1) & (room - 1);
        if (!slot[at]) {
            tables->shape[tables->n_shapes++] = shape;
            slot[at] = tables->n_shapes;
        }
        tables->shape_of[c] = slot[at] - 1;
    }
}

typedef struct law laws[N_PHONES][SPEEDS];

/* The laws of the shapes of one beam, for one kind of phone: each is a sum of its own. */
struct lesson {
    const struct ear *ear;
    const struct beacons_params *p;
    const struct shape *shape;
    const uint32_t *sorted; /* numbers of the shapes */
    laws *law;
    unsigned phone;
};

static void learn(void *arg, size_t first, size_t end)
{
    const struct lesson *lesson = arg;
    for (size_t i = first; i < end; i++) {
        const struct shape *shape = &lesson->shape[lesson->sorted[i]];
        tabulate_pass(lesson->ear, lesson->p, shape->from, shape->to, shape->lateral,
                      lesson->law[lesson->sorted[i]][lesson->phone]);
    }
}

/* Shapes beam by beam: one ear at a time is enough. */
static laws *fill_laws(struct ch_setup *setup, const struct tables *tables)
{
    const struct beacons_params *p = setup->params;
    const struct scan *scan[N_PHONES] = {&android_scan[p->android], &ios_scan[p->ios]};
    struct ear *ear = ch_setup_alloc(setup, 1, sizeof *ear);
    laws *law = ch_setup_alloc(setup, tables->n_shapes + 1u, sizeof *law);
    uint32_t *first = ch_setup_alloc(setup, tables->n_beams + 2u, sizeof *first),
             *sorted = ch_setup_alloc(setup, tables->n_shapes + 1u, sizeof *sorted);
    for (uint32_t i = 0; i < tables->n_shapes; i++)
        first[tables->shape[i].beam + 2]++;
    for (uint32_t b = 2; b <= tables->n_beams; b++)
        first[b] += first[b - 1];
    for (uint32_t i = 0; i < tables->n_shapes; i++)
        sorted[first[tables->shape[i].beam + 1]++] = i;
    for (uint32_t k = 0; k < tables->n_beams * N_PHONES; k++) {
        uint32_t b = k / N_PHONES;
        fill_ear(ear, &tables->radio, &tables->beam[b], scan[k % N_PHONES]);
        struct lesson lesson = {.ear = ear, .p = p, .shape = tables->shape, .law = law, .phone = k % N_PHONES};
        lesson.sorted = sorted + first[b];
        ch_setup_each(setup, first[b + 1] - first[b], learn, &lesson);
    }
    return law;
}

static uint32_t owner_bit(const struct ch_beacon *beacon)
{
    return beacon->retailer == CH_NONE ? 0 : (uint32_t)1 << beacon->retailer % 8;
}

/* A group and its rows; `cover` is its first one. */
static void fill_group(const struct ch_city *city, const struct tables *tables, const laws *law, uint32_t cover,
                       struct group *group)
{
    unsigned n = n_of(group);
    unsigned char *row = tables->rows + rows_of(group);
    for (unsigned i = 0; i < n; i++) {
        double metres = (double)(tables->cover[cover + i].leave - tables->cover[cover + i].enter);
        group->owners |= owner_bit(&city->beacons[tables->cover[cover + i].beacon]) << 8 * i;
        group->length[i] = (uint16_t)(metres * SIDE_PARTS * 1000.0 / (double)city->block_mm);
    }
    for (unsigned k = 0; k < N_PHONES * SPEEDS; k++, row += row_units(n) * ROW_UNIT) {
        double chance[TOGETHER];
        struct times *times = (struct times *)(void *)(row + ((size_t)2 << n));
        for (unsigned i = 0; i < n; i++) {
            const struct law *its = &law[tables->shape_of[cover + i]][k / SPEEDS][k % SPEEDS];
            chance[i] = its->chance;
            times[i] = its->times;
        }
        fill_cells(chance, n, (uint16_t *)(void *)row);
    }
}

/* Number of a later group of a side, whose first cover this is: no two share it. */
static inline uint32_t later_group(const struct tables *tables, uint32_t cover) { return tables->n_sides + cover / TOGETHER; }

/* Cuts the covers of each side into groups. Returns the units of rows; `law` is NULL while they are counted. */
static size_t fill_groups(const struct ch_city *city, const struct tables *tables, const laws *law)
{
    size_t units = 0;
    for (uint32_t side = 0; side < city->n_nodes * 4; side++) {
        struct group *group = &tables->group[side];
        for (uint32_t at = tables->first[side], end = tables->first[side + 1]; at < end; at += TOGETHER) {
            if (law) {
                uint32_t n = end - at < TOGETHER ? end - at : TOGETHER;
                *group = (struct group){.what = (uint32_t)units * ROW_UNIT | n << 1 | (end - at > TOGETHER)};
                tables->heard[side / 32] |= (uint32_t)1 << side % 32;
                fill_group(city, tables, law, at, group);
            }
            units += N_PHONES * SPEEDS * row_units(end - at < TOGETHER ? end - at : TOGETHER);
            group = &tables->group[later_group(tables, at + TOGETHER)];
        }
    }
    return units;
}

static void tabulate_groups(struct ch_setup *setup, struct tables *tables)
{
    const struct ch_city *city = setup->city;
    uint32_t n_sides = city->n_nodes * 4, n_covers = tables->first[n_sides];
    const laws *law = (const laws *)fill_laws(setup, tables);
    tables->n_sides = n_sides;
    size_t units = fill_groups(city, tables, NULL);
    if (n_covers > COVERS_MAX || units > ROWS_MAX)
        ch_setup_refuse(setup, (struct ch_blame){.param = "city.beacons", .hint = "fewer beacons, or a shorter reach"},
                        "so many as make %u pairs of beacon and street side; these make %u", COVERS_MAX, n_covers);
    tables->heard = ch_setup_alloc(setup, n_sides / 32 + 1u, sizeof *tables->heard);
    tables->group = ch_setup_alloc(setup, (size_t)n_sides + n_covers / TOGETHER + 2, sizeof *tables->group);
    tables->rows = ch_setup_alloc(setup, units + ROWS_TOGETHER, ROW_UNIT);
    tables->rows += -(uintptr_t)tables->rows % (ROWS_TOGETHER * ROW_UNIT); /* rows of four units are cache lines */
    if (setup->error->code == CH_OK)
        fill_groups(city, tables, law);
}

static const void *tabulate(struct ch_setup *setup)
{
    struct tables *tables = ch_setup_alloc(setup, 1, sizeof *tables);
    fill_radio(&tables->radio, setup->params);
    collect_beams(setup, tables);
    collect_covers(setup, tables);
    collect_shapes(setup, tables, tables->first[(size_t)setup->city->n_nodes * 4]);
    tabulate_groups(setup, tables);
    for (uint32_t i = 0; i < sizeof tables->speed_place / sizeof tables->speed_place[0]; i++)
        tables->speed_place[i] = speed_place(i * SPEED_STEP + SPEED_STEP / 2);
    return tables;
}

#endif
