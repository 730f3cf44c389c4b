/* SPDX-License-Identifier: MIT
 * The user's own retailers, stores, beacons, screens, stops, depots, homes and works. What a row does not say is generated,
 * by the row's key, as it would be for a generated item. Everything belongs to the nearest node; x and y are kept. */
#include "city/sheet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const good_names[CH_N_GOODS] = {
#define X(name, doc) #name,
    CH_GOODS(X)
#undef X
};

/* ---- retailers ---------------------------------------------------------------------------------------------------- */

static void normalise_sizes(struct ch_town *town)
{
    double sum = 0;
    for (uint32_t r = 0; r < town->city->n_retailers; r++)
        sum += town->retailer[r].size;
    for (uint32_t r = 0; r < town->city->n_retailers; r++)
        town->retailer[r].size /= sum;
}

/* Without a column `size`, a retailer is as large as the number of its own stores, and all are alike if stores are generated. */
static bool sizes_from_stores(struct ch_town *town)
{
    const struct ch_item_table *stores = ch_town_table(town, CH_TABLE_stores);
    uint32_t n = town->city->n_retailers;
    struct ch_ids ids = {.n = n, .text = ch_town_alloc(town->scratch, n, sizeof *ids.text)};
    if (!ids.text)
        return false;
    for (uint32_t r = 0; r < n; r++)
        ids.text[r] = town->retailer[r].id;
    if (!ch_ids_sort(&ids, town->scratch))
        return false;
    unsigned c = 0;
    while (stores && c < stores->n_columns && strcmp(stores->column[c], "retailer") != 0)
        c++;
    double found = 0;
    for (unsigned row = 0; stores && c < stores->n_columns && row < stores->n_rows; row++) {
        const char *id = stores->cell[(size_t)row * stores->n_columns + c];
        uint32_t r = id ? ch_ids_find(&ids, id) : CH_NONE;
        if (r != CH_NONE)
            found += town->retailer[r].size += 1;
    }
    for (uint32_t r = 0; r < n && !(found > 0); r++)
        town->retailer[r].size = 1;
    return true;
}

bool ch_town_own_retailers(struct ch_town *town, const struct ch_item_table *table)
{
    uint32_t n = table->n_rows;
    struct ch_sheet sheet;
    struct ch_stated *stated = ch_town_alloc(town->scratch, n, sizeof *stated);
    town->retailer = ch_town_alloc(town->arena, n, sizeof *town->retailer);
    if (!stated || !town->retailer || !ch_sheet_open(&sheet, town, CH_TABLE_retailers, table))
        return false;
    town->city->n_retailers = n;
    town->stated = stated;
    for (uint32_t r = 0; r < n; r++) {
        struct ch_retailer *retailer = &town->retailer[r];
        const char *id = ch_sheet_cell(&sheet, r, CH_COL_id), *name = ch_sheet_cell(&sheet, r, CH_COL_name);
        retailer->id = ch_town_text(town, "%s", id ? id : "");
        retailer->name = ch_town_text(town, "%s", name ? name : id ? id : "");
        if (!retailer->id || !retailer->name)
            return false;
        if (ch_sheet_has(&sheet, CH_COL_size))
            retailer->size = ch_sheet_number(&sheet, r, CH_COL_size, (struct ch_range){1e-9, 1e12, ""}, 1);
        retailer->list = ch_sheet_number(&sheet, r, CH_COL_list, (struct ch_range){0, 1e12, ""},
                                         ch_sheet_has(&sheet, CH_COL_size) ? retailer->size : 1);
        bool says_sponsor = ch_sheet_cell(&sheet, r, CH_COL_sponsor), says_pool = ch_sheet_cell(&sheet, r, CH_COL_pool);
        stated[r].sponsor = says_sponsor ? (signed char)ch_sheet_flag(&sheet, r, CH_COL_sponsor, false) : -1;
        stated[r].pool = says_pool ? (signed char)ch_sheet_flag(&sheet, r, CH_COL_pool, false) : -1;
    }
    if (!ch_sheet_has(&sheet, CH_COL_size) && !sizes_from_stores(town))
        return false;
    normalise_sizes(town);
    for (uint32_t r = 0; r < n && !ch_sheet_has(&sheet, CH_COL_list); r++)
        town->retailer[r].list = town->retailer[r].size;
    return true;
}

struct group { /* stores that name one retailer */
    const char *id;
    uint32_t first, n;
};

static int more_stores_first(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return (x->first > y->first) - (x->first < y->first);
}

/* Distinct names in the column `retailer`. Number of groups, or CH_NONE when memory ran out. */
static uint32_t group_stores(struct ch_town *town, const struct ch_item_table *stores, unsigned column, struct group *group)
{
    struct ch_ids ids = {.n = 0, .text = ch_town_alloc(town->scratch, stores->n_rows, sizeof *ids.text)};
    uint32_t n = 0;
    if (!ids.text)
        return CH_NONE;
    for (unsigned row = 0; row < stores->n_rows; row++) {
        const char *id = stores->cell[(size_t)row * stores->n_columns + column];
        if (id && *id)
            ids.text[ids.n++] = id;
    }
    if (!ch_ids_sort(&ids, town->scratch))
        return CH_NONE;
    for (uint32_t k = 0; k < ids.n; k++) {
        const char *id = ids.text[ids.sorted[k]];
        if (n == 0 || strcmp(group[n - 1].id, id) != 0)
            group[n++] = (struct group){id, ids.sorted[k], 0};
        group[n - 1].n++;
    }
    qsort(group, n, sizeof *group, more_stores_first);
    return n;
}

bool ch_town_retailers_of_stores(struct ch_town *town, const struct ch_item_table *stores)
{
    struct group *group = ch_town_alloc(town->scratch, stores->n_rows, sizeof *group);
    unsigned column = 0;
    while (column < stores->n_columns && strcmp(stores->column[column], "retailer") != 0)
        column++;
    uint32_t n = 0;
    if (!group || (column < stores->n_columns && (n = group_stores(town, stores, column, group)) == CH_NONE))
        return false;
    town->retailer = ch_town_alloc(town->arena, n, sizeof *town->retailer);
    if (!town->retailer)
        return false;
    town->city->n_retailers = n;
    for (uint32_t r = 0; r < n; r++) {
        town->retailer[r].id = town->retailer[r].name = ch_town_text(town, "%s", group[r].id);
        town->retailer[r].size = group[r].n;
        if (!town->retailer[r].id)
            return false;
    }
    normalise_sizes(town);
    return true;
}

/* ---- stores ------------------------------------------------------------------------------------------------------- */

static bool retailer_ids(struct ch_town *town, struct ch_ids *ids)
{
    *ids = (struct ch_ids){.n = town->city->n_retailers,
                           .text = ch_town_alloc(town->scratch, town->city->n_retailers, sizeof *ids->text)};
    for (uint32_t r = 0; ids->text && r < ids->n; r++)
        ids->text[r] = town->retailer[r].id;
    return ids->text && ch_ids_sort(ids, town->scratch);
}

static bool store_ids(struct ch_town *town, struct ch_ids *ids)
{
    *ids =
        (struct ch_ids){.n = town->city->n_stores, .text = ch_town_alloc(town->scratch, town->city->n_stores, sizeof *ids->text)};
    for (uint32_t s = 0; ids->text && s < ids->n; s++)
        ids->text[s] = town->store[s].id;
    return ids->text && ch_ids_sort(ids, town->scratch);
}

/* Nothing but separators. */
static void complain_of_no_good(const struct ch_sheet *sheet, unsigned row, const char *text)
{
    char help[480];
    int used = snprintf(help, sizeof help, "one or several of: ");
    for (unsigned g = 0; g < CH_N_GOODS; g++)
        used += snprintf(help + used, sizeof help - (size_t)used, "%s%s", g ? ", " : "", good_names[g]);
    snprintf(help + used, sizeof help - (size_t)used, "%s",
             "; separate them by semicolons, or leave the cell empty to have them drawn");
    ch_sheet_complain(sheet, row, CH_COL_category, CH_E_VALUE, help, "'%.60s' names no good", text);
}

/* "shoes; clothing": the first is the main good; an inline list arrives with blanks between the words. False when the cell is
 * empty or holds no good. */
static bool read_goods(const struct ch_sheet *sheet, unsigned row, struct ch_store *store)
{
    const char *at = ch_sheet_cell(sheet, row, CH_COL_category);
    bool found = false;
    if (at && !at[strspn(at, "; ")])
        complain_of_no_good(sheet, row, at);
    while (at && *(at += strspn(at, "; "))) {
        size_t n = strcspn(at, "; ");
        unsigned good = ch_sheet_word(sheet, row, CH_COL_category, at, n, good_names, CH_N_GOODS);
        if (good < CH_N_GOODS) {
            store->good = found ? store->good : good;
            store->goods |= 1u << good;
            found = true;
        }
        at += n;
    }
    return found;
}

static void read_hours(const struct ch_sheet *sheet, unsigned row, struct ch_store *store)
{
    ch_town_hours(sheet->town, store);
    store->opens = ch_sheet_hour(sheet, row, CH_COL_opens, store->opens);
    store->closes = ch_sheet_hour(sheet, row, CH_COL_closes, store->closes);
    if (store->closes <= store->opens)
        ch_sheet_complain(sheet, row, ch_sheet_has(sheet, CH_COL_closes) ? CH_COL_closes : CH_COL_opens, CH_E_CONFLICT,
                          "a store opens and closes within one day", "the store closes before it opens");
}

/* A pop-up: days are counted from `start`, which is day 1; the warm-up comes before. */
static void read_lifetime(const struct ch_sheet *sheet, unsigned row, struct ch_store *store)
{
    static const struct ch_range days = {0, 3000, "d"};
    const struct ch_run_params *run = CH_BLOCK(sheet->town->scenario, run);
    unsigned warmup = (unsigned)(run->warmup / CH_DAY);
    unsigned first = (unsigned)ch_sheet_number(sheet, row, CH_COL_first_day, days, 0);
    unsigned last = (unsigned)ch_sheet_number(sheet, row, CH_COL_last_day, days, 0);
    if (last && last < first)
        ch_sheet_complain(sheet, row, CH_COL_last_day, CH_E_CONFLICT, "day 1 is the scenario's start; an empty cell is no limit",
                          "the store is gone before it is there");
    store->from_day = (uint16_t)(first ? warmup + first - 1 : 0);
    store->until_day = (uint16_t)(last ? warmup + last : 0);
}

static bool read_store(const struct ch_sheet *sheet, unsigned row, const struct ch_ids *retailers, struct ch_store *store)
{
    struct ch_town *town = sheet->town;
    const char *id = ch_sheet_cell(sheet, row, CH_COL_id), *name = ch_sheet_cell(sheet, row, CH_COL_name);
    uint32_t retailer = ch_sheet_refer(sheet, row, CH_COL_retailer, "retailer", retailers);
    store->retailer = retailer == CH_NONE ? 0 : retailer; /* complained about */
    ch_sheet_place(sheet, row, &store->x_m, &store->y_m);
    store->node = ch_town_nearest_node(town, store->x_m, store->y_m);
    ch_town_store_details(town, row, store);
    store->floor_m2 = ch_sheet_number(sheet, row, CH_COL_floor_m2, (struct ch_range){1, 200000, "m2"}, store->floor_m2);
    store->price = ch_sheet_number(sheet, row, CH_COL_price, (struct ch_range){0.05, 20, ""}, store->price);
    store->rating = ch_sheet_number(sheet, row, CH_COL_rating, (struct ch_range){1, 5, ""}, store->rating);
    store->sunday = ch_sheet_flag(sheet, row, CH_COL_sunday, store->sunday);
    if (!read_goods(sheet, row, store)) {
        struct ch_draw draw = ch_town_draw(town, CH_TOWN_GOOD, row);
        store->good = ch_draw_weighted(&draw, town->mix, CH_N_GOODS);
        ch_town_more_goods(town, row, store);
    }
    read_hours(sheet, row, store);
    read_lifetime(sheet, row, store);
    const char *owner = retailer == CH_NONE ? "" : town->retailer[retailer].name;
    store->id = ch_town_text(town, "%s", id ? id : "");
    store->name = name ? ch_town_text(town, "%s", name) : ch_town_text(town, "%s, %s", owner, id ? id : "");
    return store->id && store->name;
}

bool ch_town_own_stores(struct ch_town *town, const struct ch_item_table *table)
{
    struct ch_sheet sheet;
    struct ch_ids retailers;
    town->store = ch_town_alloc(town->scratch, table->n_rows, sizeof *town->store); /* sorting moves them to the city */
    if (!town->store || !retailer_ids(town, &retailers) || !ch_sheet_open(&sheet, town, CH_TABLE_stores, table))
        return false;
    town->city->n_stores = table->n_rows;
    for (unsigned row = 0; row < table->n_rows; row++)
        if (!read_store(&sheet, row, &retailers, &town->store[row]))
            return false;
    return ch_town_sort_stores(town);
}

/* ---- beacons, stops, depots --------------------------------------------------------------------------------------- */

/* Id, place and node: what beacons, stops and depots have in common. False when memory ran out. */
static bool read_spot(const struct ch_sheet *sheet, unsigned row, const char **id, double *x_m, double *y_m, uint32_t *node)
{
    const char *text = ch_sheet_cell(sheet, row, CH_COL_id);
    ch_sheet_place(sheet, row, x_m, y_m);
    *node = ch_town_nearest_node(sheet->town, *x_m, *y_m);
    return (*id = ch_town_text(sheet->town, "%s", text ? text : "")) != NULL;
}

bool ch_town_own_beacons(struct ch_town *town, const struct ch_item_table *table)
{
    struct ch_sheet sheet;
    struct ch_ids retailers, stores;
    town->beacon = ch_town_alloc(town->arena, table->n_rows, sizeof *town->beacon);
    if (!town->beacon || !retailer_ids(town, &retailers) || !store_ids(town, &stores) ||
        !ch_sheet_open(&sheet, town, CH_TABLE_beacons, table))
        return false;
    town->city->n_beacons = table->n_rows;
    for (unsigned row = 0; row < table->n_rows; row++) {
        struct ch_beacon *beacon = &town->beacon[row];
        if (!read_spot(&sheet, row, &beacon->id, &beacon->x_m, &beacon->y_m, &beacon->node))
            return false;
        beacon->store = ch_sheet_refer(&sheet, row, CH_COL_store, "store", &stores);
        beacon->retailer = ch_sheet_refer(&sheet, row, CH_COL_retailer, "retailer", &retailers);
        if (beacon->retailer == CH_NONE && beacon->store != CH_NONE) /* a store's beacon is its retailer's */
            beacon->retailer = town->store[beacon->store].retailer;
    }
    return true;
}

bool ch_town_own_stops(struct ch_town *town, const struct ch_item_table *table)
{
    struct ch_sheet sheet;
    town->stop = ch_town_alloc(town->arena, table->n_rows, sizeof *town->stop);
    if (!town->stop || !ch_sheet_open(&sheet, town, CH_TABLE_stops, table))
        return false;
    town->city->n_stops = table->n_rows;
    for (unsigned row = 0; row < table->n_rows; row++) {
        struct ch_stop *stop = &town->stop[row];
        if (!read_spot(&sheet, row, &stop->id, &stop->x_m, &stop->y_m, &stop->node))
            return false;
        double headway = ch_sheet_number(&sheet, row, CH_COL_headway, (struct ch_range){0.1, 1440, "min"},
                                         ch_seconds(town->set->headway) / 60);
        stop->headway_s = headway * 60;
    }
    return true;
}

bool ch_town_own_depots(struct ch_town *town, const struct ch_item_table *table)
{
    struct ch_sheet sheet;
    uint64_t all = (uint64_t)town->set->couriers, n = table->n_rows;
    town->depot = ch_town_alloc(town->arena, n, sizeof *town->depot);
    if (!town->depot || !ch_sheet_open(&sheet, town, CH_TABLE_depots, table))
        return false;
    town->city->n_depots = table->n_rows;
    for (unsigned row = 0; row < table->n_rows; row++) {
        struct ch_depot *depot = &town->depot[row];
        if (!read_spot(&sheet, row, &depot->id, &depot->x_m, &depot->y_m, &depot->node))
            return false;
        double share = (double)(all * (row + 1) / n - all * row / n); /* of the city's couriers, if the row does not say */
        double couriers = ch_sheet_number(&sheet, row, CH_COL_couriers, (struct ch_range){0, 100000, ""}, share);
        depot->couriers = (uint32_t)couriers;
        if (depot->couriers != couriers)
            ch_sheet_complain(&sheet, row, CH_COL_couriers, CH_E_VALUE, "a whole number", "'%s' is not a whole number",
                              ch_sheet_cell(&sheet, row, CH_COL_couriers));
    }
    return true;
}

/* ---- homes and works ---------------------------------------------------------------------------------------------- */

bool ch_town_own_weights(struct ch_town *town, enum ch_item_table_kind kind, const struct ch_item_table *table, double *weight)
{
    struct ch_sheet sheet;
    double sum = 0;
    if (!ch_sheet_open(&sheet, town, kind, table))
        return false;
    for (unsigned row = 0; row < table->n_rows; row++) {
        double x, y, w = ch_sheet_number(&sheet, row, CH_COL_weight, (struct ch_range){0, 1e12, ""}, 1);
        ch_sheet_place(&sheet, row, &x, &y);
        weight[ch_town_nearest_node(town, x, y)] += w;
        sum += w;
    }
    if (!(sum > 0)) {
        char key[40];
        snprintf(key, sizeof key, "city.%s", ch_sheet_name(kind));
        ch_town_blame(town, key, "give at least one row a weight above 0, or leave the table out", "no row has any weight");
    }
    return true;
}
