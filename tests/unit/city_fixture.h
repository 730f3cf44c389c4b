/* SPDX-License-Identifier: MIT
 * A scenario filled by hand, own tables from text, and what every city must keep: shared by the tests of the city.
 * Functions are inline so that a test may leave some unused. */
#ifndef CITY_FIXTURE_H
#define CITY_FIXTURE_H

#include "base/text.h"
#include "city/build.h"
#include "table/table.h"
#include <chaland/settings.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 16, ROWS_MAX = 4000 };

/* A scenario filled by hand: the city must not need the loader. */
struct fixture {
    struct ch_scenario scenario;
    struct ch_item_table items[CH_N_TABLES];
    void **block;
    struct ch_diag *diag;
    struct ch_city_build *build;
    const struct ch_city *city;
};

static struct fixture f;

#define SET(section, field) (((struct ch_##section##_params *)f.block[CH_SET_##section])->field)

static inline void setup(void)
{
    f = (struct fixture){.scenario = {.name = "test", .path = "test.yaml"}};
    f.block = calloc(ch_n_sections(), sizeof *f.block);
    for (unsigned i = 0; i < ch_n_sections(); i++) {
        f.block[i] = calloc(1, ch_section(i)->size + 8);
        ch_section_defaults(ch_section(i), f.block[i]);
    }
    f.scenario.block = (const void *const *)f.block;
    f.scenario.items = f.items;
    f.diag = ch_diag_create();
}

static inline void drop_city(void)
{
    ch_city_destroy(f.build);
    f.build = NULL;
}

static inline void drop_table(struct ch_item_table *table)
{
    free((void *)(uintptr_t)table->column);
    free((void *)(uintptr_t)table->column_mark);
    free((void *)(uintptr_t)table->cell);
    free((void *)(uintptr_t)table->cell_mark);
    *table = (struct ch_item_table){0};
}

static inline void teardown(void)
{
    drop_city();
    for (int t = 0; t < CH_N_TABLES; t++)
        drop_table(&f.items[t]);
    for (unsigned i = 0; i < ch_n_sections(); i++)
        free(f.block[i]);
    free(f.block);
    ch_diag_destroy(f.diag);
}

static inline void create(void)
{
    drop_city();
    enum ch_code code = ch_city_create(&f.scenario, f.diag, &f.build);
    if (code != CH_OK)
        ch_diag_print(f.diag, stderr);
    ck_assert_int_eq(code, CH_OK);
    f.city = &f.build->city;
}

/* Splits "a,b\n1,2\n" in place into a table with marks; `text` must outlive it. */
static inline void give(enum ch_item_table_kind kind, char *text)
{
    const char **cell = calloc((size_t)ROWS_MAX * COLUMNS_MAX, sizeof *cell), **column = calloc(COLUMNS_MAX, sizeof *column);
    struct ch_mark *mark = calloc((size_t)ROWS_MAX * COLUMNS_MAX, sizeof *mark),
                   *column_mark = calloc(COLUMNS_MAX, sizeof *column_mark);
    unsigned n_columns = 0, n_rows = 0;
    int line = 1;
    for (char *at = text; *at; line++) {
        char *end = strchr(at, '\n'), *begin = at;
        unsigned c = 0;
        *end = '\0';
        for (;; c++) {
            char *comma = strchr(begin, ',');
            struct ch_mark here = {"own.csv", line, (int)(begin - at) + 1, 1};
            if (comma)
                *comma = '\0';
            if (line == 1) {
                column[c] = begin;
                column_mark[c] = here;
            } else {
                cell[(size_t)(line - 2) * n_columns + c] = *begin ? begin : NULL;
                mark[(size_t)(line - 2) * n_columns + c] = here;
            }
            if (!comma)
                break;
            begin = comma + 1;
        }
        if (line == 1)
            n_columns = c + 1;
        else
            n_rows++;
        ck_assert_uint_eq(c + 1, n_columns);
        at = end + 1;
    }
    drop_table(&f.items[kind]);
    f.items[kind] = (struct ch_item_table){true, n_rows, n_columns, column, column_mark, cell, mark};
}

/* ---- what every city must keep ------------------------------------------------------------------------------------ */

static inline void check_lists(const uint32_t *first, const uint32_t *list, uint32_t n, uint32_t n_nodes)
{
    unsigned char *seen = calloc(n + 1, 1);
    ck_assert_uint_eq(first[0], 0);
    ck_assert_uint_eq(first[n_nodes], n);
    for (uint32_t k = 0; k < n; k++) {
        ck_assert_uint_lt(list[k], n);
        ck_assert(!seen[list[k]]++);
    }
    free(seen);
}

static inline void check_point(double x, double y, uint32_t node, bool at_node)
{
    const struct ch_city *city = f.city;
    double block = (double)city->block_mm / 1000, dx = x - ch_column(city, node) * block, dy = y - ch_row(city, node) * block;
    ck_assert_uint_lt(node, city->n_nodes);
    ck_assert(x >= 0 && x <= (city->width - 1) * block && y >= 0 && y <= (city->height - 1) * block);
    ck_assert(!at_node || (dx * dx <= block * block / 4 * 1.000001 && dy * dy <= block * block / 4 * 1.000001));
}

static inline void check_people(void)
{
    const struct ch_city *city = f.city;
    for (uint32_t i = 0; i < city->n_people; i++) {
        const struct ch_citizen *who = &city->people[i];
        ck_assert(who->home < city->n_nodes);
        ck_assert((who->traits & CH_WORKER) ? who->work < city->n_nodes : who->work == CH_NONE);
        ck_assert(who->speed_mm_s >= 600 && who->speed_mm_s <= 2200 && who->privacy < CH_N_PRIVACY);
        int systems = !!(who->device & CH_ANDROID) + !!(who->device & CH_IOS);
        ck_assert_int_eq(systems, !!(who->device & CH_SMARTPHONE));
        ck_assert(who->device == 0 || (who->device & CH_SMARTPHONE));
    }
    uint32_t apps = 0, *left = calloc(city->n_nodes, sizeof *left);
    ck_assert_ptr_nonnull(left);
    for (uint32_t node = 0; node < city->n_nodes; node++)
        left[node] = city->node_first_person[node + 1] - city->node_first_person[node];
    for (uint32_t i = 0; i < city->n_people; i++) {
        ck_assert_uint_gt(left[city->people[i].home]--, 0);
        if (city->people[i].device & CH_APP)
            ck_assert_uint_eq(ch_app_number(city, i), apps++);
    }
    ck_assert_uint_eq(city->n_apps, apps);
    ck_assert_uint_eq(city->node_first_person[city->n_nodes], city->n_people);
    free(left);
}

static inline void check_shops(void)
{
    const struct ch_city *city = f.city;
    uint32_t owned = 0;
    double size = 0;
    for (uint32_t r = 0; r < city->n_retailers; r++) {
        owned += city->retailers[r].n_stores;
        size += city->retailers[r].size;
    }
    ck_assert_uint_eq(owned, city->n_stores);
    ck_assert(size > 1 - 1e-9 && size < 1 + 1e-9);
    for (uint32_t s = 0; s < city->n_stores; s++) {
        const struct ch_store *store = &city->stores[s];
        check_point(store->x_m, store->y_m, store->node, true);
        ck_assert(s == 0 || city->stores[s - 1].node <= store->node);
        ck_assert(store->retailer < city->n_retailers && store->good < CH_N_GOODS && store->goods < 1u << CH_N_GOODS);
        ck_assert(store->goods >> store->good & 1);
        ck_assert(store->floor_m2 > 0 && store->price > 0 && store->rating >= 1 && store->rating <= 5);
        ck_assert(store->opens >= 0 && store->opens < store->closes && store->closes <= CH_DAY);
        ck_assert(*store->id && *store->name);
    }
    for (uint32_t node = 0; node < city->n_nodes; node++)
        for (uint32_t k = city->node_first_store[node]; k < city->node_first_store[node + 1]; k++)
            ck_assert_uint_eq(city->stores[city->node_store[k]].node, node);
}

static inline void check_street(void)
{
    const struct ch_city *city = f.city;
    for (uint32_t b = 0; b < city->n_beacons; b++) {
        const struct ch_beacon *beacon = &city->beacons[b];
        check_point(beacon->x_m, beacon->y_m, beacon->node, true);
        ck_assert(beacon->store == CH_NONE || beacon->store < city->n_stores);
        ck_assert(beacon->retailer == CH_NONE || beacon->retailer < city->n_retailers);
    }
    for (uint32_t s = 0; s < city->n_screens; s++) {
        const struct ch_screen *screen = &city->screens[s];
        check_point(screen->x_m, screen->y_m, screen->node, false);
        ck_assert_uint_eq(screen->side / 4, screen->node);
        ck_assert(ch_side_end(city, screen->side) != CH_NONE);
        ck_assert(s == 0 || city->screens[s - 1].side <= screen->side);
        ck_assert(screen->offset_m >= 0 && screen->offset_m * 1000 <= (double)(city->block_mm - 23100) + 0.5);
        ck_assert(!screen->at_stop || city->node_stop[screen->node] != CH_NONE);
    }
    for (uint32_t d = 0; d < city->n_depots; d++)
        check_point(city->depots[d].x_m, city->depots[d].y_m, city->depots[d].node, true);
}

static inline void check_stops(void)
{
    const struct ch_city *city = f.city;
    for (uint32_t t = 0; t < city->n_stops; t++) {
        check_point(city->stops[t].x_m, city->stops[t].y_m, city->stops[t].node, true);
        ck_assert(city->node_stop[city->stops[t].node] <= t && city->stops[t].headway_s > 0);
    }
    for (uint32_t node = 0; node < city->n_nodes; node++) {
        uint32_t best = CH_NONE;
        for (uint32_t t = 0; t < city->n_stops; t++)
            if (best == CH_NONE ||
                ch_distance_m(city, node, city->stops[t].node) < ch_distance_m(city, node, city->stops[best].node))
                best = t;
        ck_assert_uint_eq(city->near_stop[node], best);
    }
}

static inline void check_city(void)
{
    const struct ch_city *city = f.city;
    ck_assert_uint_eq(city->n_nodes, city->width * city->height);
    ck_assert_uint_eq(city->clearing, city->n_nodes);
    ck_assert_uint_eq(city->first_dispatch, city->n_nodes + 1);
    ck_assert_uint_eq(city->n_places, city->n_nodes + 1 + city->n_depots);
    ck_assert_uint_gt(f.build->bytes, city->n_people * sizeof *city->people);
    check_lists(city->node_first_store, city->node_store, city->n_stores, city->n_nodes);
    check_lists(city->node_first_screen, city->node_screen, city->n_screens, city->n_nodes);
    check_people();
    check_shops();
    check_street();
    check_stops();
}

#endif
