/* SPDX-License-Identifier: MIT
 * What stands in the street: beacons, screens, stops, depots. Own data where it is given, generated otherwise. */
#include "city/town.h"
#include <chaland/numeric.h>
#include <stdlib.h>

static const double small_screen_m2 = 2.5, large_screen_m2 = 8, screen_right_m = 3;
static const double beacon_near_m = 2, beacon_far_m = 8; /* from the axis of the street */

/* ---- beacons ------------------------------------------------------------------------------------------------------ */

struct door {
    int64_t floor_cm2;
    uint32_t store;
};

static int larger_first(const void *a, const void *b)
{
    const struct door *x = a, *y = b;
    if (x->floor_cm2 != y->floor_cm2)
        return x->floor_cm2 < y->floor_cm2 ? 1 : -1;
    return (x->store > y->store) - (x->store < y->store);
}

static void door_beacon(const struct ch_town *town, uint32_t s, struct ch_beacon *beacon)
{
    const struct ch_store *store = &town->store[s];
    beacon->node = store->node;
    beacon->x_m = store->x_m;
    beacon->y_m = store->y_m;
    beacon->store = s;
    beacon->retailer = store->retailer;
}

/* A cluster in proportion to its stores; the main one if there are none. */
static uint32_t draw_cluster(const struct ch_town *town, struct ch_draw *draw)
{
    uint32_t all = 0;
    for (uint32_t c = 0; c < town->n_clusters; c++)
        all += town->cluster[c].n_stores;
    if (all == 0)
        return 0;
    uint32_t k = ch_draw_below(draw, all), c = 0;
    while (k >= town->cluster[c].n_stores)
        k -= town->cluster[c++].n_stores;
    return c;
}

static void street_beacon(const struct ch_town *town, uint32_t b, struct ch_beacon *beacon)
{
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_BEACON, b);
    double far = beacon_far_m < 0.2 * town->block_m ? beacon_far_m : 0.2 * town->block_m;
    double near = beacon_near_m < far ? beacon_near_m : far;
    beacon->node = ch_town_near_cluster(town, draw_cluster(town, &draw), &draw);
    enum ch_direction direction = (enum ch_direction)ch_draw_below(&draw, 4);
    double along = (0.05 + 0.4 * ch_draw_uniform(&draw)) * town->block_m; /* before the middle: the node stays the nearest */
    double right = near + (far - near) * ch_draw_uniform(&draw);
    ch_town_point(town, beacon->node, direction, along, ch_draw_below(&draw, 2) ? right : -right, &beacon->x_m, &beacon->y_m);
    beacon->store = CH_NONE;
    beacon->retailer = CH_NONE;
}

static bool generate_beacons(struct ch_town *town)
{
    struct ch_city *city = town->city;
    uint32_t n = (uint32_t)town->set->beacons;
    int digits = ch_town_digits(n);
    struct door *door = ch_town_alloc(town->scratch, city->n_stores, sizeof *door);
    town->beacon = ch_town_alloc(town->arena, n, sizeof *town->beacon);
    if (!door || !town->beacon)
        return false;
    for (uint32_t s = 0; s < city->n_stores; s++)
        door[s] = (struct door){(int64_t)(town->store[s].floor_m2 * 10000), s};
    qsort(door, city->n_stores, sizeof *door, larger_first);
    city->n_beacons = n;
    for (uint32_t b = 0; b < n; b++) {
        struct ch_beacon *beacon = &town->beacon[b];
        if (!(beacon->id = ch_town_text(town, "B%0*u", digits, (unsigned)b + 1)))
            return false;
        if (b < city->n_stores)
            door_beacon(town, door[b].store, beacon);
        else
            street_beacon(town, b, beacon);
    }
    return true;
}

bool ch_town_beacons(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_beacons);
    return own ? ch_town_own_beacons(town, own) : generate_beacons(town);
}

/* ---- stops and depots --------------------------------------------------------------------------------------------- */

/* No more than one stop per crossing: a second one would never be used. */
static bool generate_stops(struct ch_town *town)
{
    struct ch_city *city = town->city;
    uint32_t n = (uint32_t)town->set->stops;
    n = n < city->n_nodes ? n : city->n_nodes;
    int digits = ch_town_digits(n) < 2 ? 2 : ch_town_digits(n);
    town->stop = ch_town_alloc(town->arena, n, sizeof *town->stop);
    if (!town->stop)
        return false;
    city->n_stops = n;
    for (uint32_t t = 0; t < n; t++) {
        struct ch_stop *stop = &town->stop[t];
        if (!(stop->id = ch_town_text(town, "T%0*u", digits, (unsigned)t + 1)))
            return false;
        stop->node = ch_town_lattice(town, 0, 0, city->width, city->height, n, t);
        ch_town_node_point(town, stop->node, &stop->x_m, &stop->y_m);
        stop->headway_s = ch_seconds(town->set->headway);
    }
    return true;
}

bool ch_town_stops(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_stops);
    return own ? ch_town_own_stops(town, own) : generate_stops(town);
}

/* A regular pattern over the middle half of the city. */
static bool generate_depots(struct ch_town *town)
{
    struct ch_city *city = town->city;
    uint32_t n = (uint32_t)town->set->depots, w = (city->width + 1) / 2, h = (city->height + 1) / 2;
    town->depot = ch_town_alloc(town->arena, n, sizeof *town->depot);
    if (!town->depot)
        return false;
    city->n_depots = n;
    for (uint32_t d = 0; d < n; d++) {
        struct ch_depot *depot = &town->depot[d];
        if (!(depot->id = ch_town_text(town, "D%u", (unsigned)d + 1)))
            return false;
        depot->node = ch_town_lattice(town, city->width / 4, city->height / 4, w, h, n, d);
        ch_town_node_point(town, depot->node, &depot->x_m, &depot->y_m);
        depot->couriers = (uint32_t)((uint64_t)town->set->couriers * (d + 1) / n - (uint64_t)town->set->couriers * d / n);
    }
    return true;
}

bool ch_town_depots(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_depots);
    if (!(own ? ch_town_own_depots(town, own) : generate_depots(town)))
        return false;
    ch_town_scale_couriers(town);
    return true;
}

/* Running totals are rounded, so the fleet as a whole is scaled exactly; a depot that has couriers keeps at least one. */
void ch_town_scale_couriers(struct ch_town *town)
{
    double before = 0;
    for (uint32_t d = 0; d < town->city->n_depots; d++) {
        struct ch_depot *depot = &town->depot[d];
        double after = before + depot->couriers * town->city->sample;
        uint32_t scaled = (uint32_t)(after + 0.5) - (uint32_t)(before + 0.5);
        depot->couriers = depot->couriers > 0 && scaled == 0 ? 1 : scaled;
        before = after;
    }
}

/* ---- screens ------------------------------------------------------------------------------------------------------ */

/* Walks through the sides that lead straight to a cluster's centre: nearest ones first, all four directions, all clusters. */
struct entries {
    uint32_t step, direction, cluster;
};

static uint32_t next_entry(const struct ch_town *town, struct entries *at)
{
    const struct ch_city *city = town->city;
    uint32_t farthest = city->width > city->height ? city->width : city->height;
    for (;;) {
        uint32_t node = town->cluster[at->cluster].node, back = (at->direction + 2) % 4, step = at->step + 1;
        uint32_t side = node * 4 + at->direction;
        bool exists = true;
        for (uint32_t k = 0; k < step && exists; k++) {
            uint32_t end = ch_side_end(city, node * 4 + back);
            exists = end != CH_NONE;
            node = end;
            side = node * 4 + at->direction;
        }
        if (++at->cluster == town->n_clusters) {
            at->cluster = 0;
            if (++at->direction == 4) {
                at->direction = 0;
                at->step = (at->step + 1) % farthest;
            }
        }
        if (exists)
            return side;
    }
}

/* Side that leads from a node towards the main cluster; from its centre, any. */
static uint32_t side_to_centre(const struct ch_town *town, uint32_t node)
{
    const struct ch_city *city = town->city;
    int64_t dx = (int64_t)ch_column(city, town->cluster[0].node) - ch_column(city, node);
    int64_t dy = (int64_t)ch_row(city, town->cluster[0].node) - ch_row(city, node);
    if (llabs(dx) >= llabs(dy) && dx != 0)
        return node * 4 + (dx > 0 ? CH_EAST : CH_WEST);
    if (dy != 0)
        return node * 4 + (dy > 0 ? CH_NORTH : CH_SOUTH);
    uint32_t direction = 0;
    while (ch_side_end(city, node * 4 + direction) == CH_NONE)
        direction++;
    return node * 4 + direction;
}

/* Three quarters along its street, give or take a tenth of it, but leaving the last stretch free. */
static void place_screen(const struct ch_town *town, uint32_t s, struct ch_screen *screen)
{
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_SCREEN, s);
    double most = (double)(town->city->block_mm - town->clear_mm) / 1000;
    double offset = (0.65 + 0.2 * ch_draw_uniform(&draw)) * town->block_m;
    screen->offset_m = offset < most ? offset : most;
    screen->node = screen->side / 4;
    ch_town_point(town, screen->node, (enum ch_direction)(screen->side % 4), screen->offset_m, screen_right_m, &screen->x_m,
                  &screen->y_m);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Stops by their way to the main cluster: screens stand where people are. */
static uint64_t *stops_by_distance(struct ch_town *town)
{
    const struct ch_city *city = town->city;
    uint64_t *order = ch_town_alloc(town->scratch, city->n_stops, sizeof *order);
    for (uint32_t t = 0; order && t < city->n_stops; t++) {
        int64_t dx = (int64_t)ch_column(city, town->stop[t].node) - ch_column(city, town->cluster[0].node);
        int64_t dy = (int64_t)ch_row(city, town->stop[t].node) - ch_row(city, town->cluster[0].node);
        order[t] = (uint64_t)(llabs(dx) + llabs(dy)) << 32 | t;
    }
    if (order)
        qsort(order, city->n_stops, sizeof *order, by_number);
    return order;
}

static bool generate_screens(struct ch_town *town)
{
    struct ch_city *city = town->city;
    uint32_t n = (uint32_t)town->set->screens, n_large = (uint32_t)(town->set->large_screens * n + 0.5), at_stops = 0;
    int digits = ch_town_digits(n) < 2 ? 2 : ch_town_digits(n);
    struct entries entries = {0};
    town->screen = ch_town_alloc(town->scratch, n, sizeof *town->screen); /* sorting moves them to the city */
    const uint64_t *stop = stops_by_distance(town);
    if (!town->screen || !stop)
        return false;
    city->n_screens = n;
    for (uint32_t s = 0; s < n; s++) { /* every other one at a stop */
        struct ch_screen *screen = &town->screen[s];
        if (!(screen->id = ch_town_text(town, "F%0*u", digits, (unsigned)s + 1)))
            return false;
        screen->at_stop = s % 2 == 1 && city->n_stops > 0;
        screen->side = screen->at_stop ? side_to_centre(town, town->stop[(uint32_t)stop[at_stops++ % city->n_stops]].node)
                                       : next_entry(town, &entries);
        screen->size_m2 = s < n_large ? large_screen_m2 : small_screen_m2;
        place_screen(town, s, screen);
    }
    return ch_town_sort_screens(town);
}

bool ch_town_screens(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_screens);
    return own ? ch_town_own_screens(town, own) : generate_screens(town);
}

bool ch_town_sort_screens(struct ch_town *town)
{
    uint32_t n = town->city->n_screens, *row = ch_town_alloc(town->scratch, n, sizeof *row);
    uint64_t *order = ch_town_alloc(town->scratch, n, sizeof *order);
    struct ch_screen *sorted = ch_town_alloc(town->arena, n, sizeof *sorted);
    if (!row || !order || !sorted)
        return false;
    for (uint32_t s = 0; s < n; s++)
        order[s] = (uint64_t)town->screen[s].side << 32 | s;
    qsort(order, n, sizeof *order, by_number);
    for (uint32_t s = 0; s < n; s++) {
        row[s] = (uint32_t)order[s];
        sorted[s] = town->screen[row[s]];
    }
    town->screen = sorted;
    town->row[CH_ITEM_SCREEN] = row;
    return true;
}
