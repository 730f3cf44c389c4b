/* SPDX-License-Identifier: MIT
 * Which row of the user's own data stands behind an item of the city, and where a value of it was written. */
#include "city/sheet.h"
#include <string.h>

const char *ch_city_item_id(const struct ch_city *city, enum ch_item kind, uint32_t item)
{
    switch (kind) {
    case CH_ITEM_STORE:
        return city->stores[item].id;
    case CH_ITEM_RETAILER:
        return city->retailers[item].id;
    case CH_ITEM_BEACON:
        return city->beacons[item].id;
    case CH_ITEM_SCREEN:
        return city->screens[item].id;
    case CH_ITEM_STOP:
        return city->stops[item].id;
    case CH_ITEM_DEPOT:
        return city->depots[item].id;
    case CH_N_ITEMS:
        break;
    }
    return "";
}

static unsigned column_of(const struct ch_item_table *table, const char *name)
{
    unsigned c = 0;
    while (c < table->n_columns && strcmp(table->column[c], name) != 0)
        c++;
    return c;
}

bool ch_city_item_mark(const struct ch_scenario *scenario, const struct ch_city *city, enum ch_item kind, uint32_t item,
                       const char *key, struct ch_mark *mark)
{
    const char *id = ch_city_item_id(city, kind, item);
    for (unsigned k = 0; k < CH_N_TABLES; k++) {
        const struct ch_item_table *table = &scenario->items[k];
        if (!table->given || ch_sheet_item((enum ch_item_table_kind)k) != kind)
            continue;
        unsigned column = column_of(table, key), name = column_of(table, "id");
        for (unsigned row = 0; column < table->n_columns && name < table->n_columns && row < table->n_rows; row++) {
            const char *const *cell = &table->cell[(size_t)row * table->n_columns];
            if (!cell[name] || strcmp(cell[name], id) != 0 || !cell[column])
                continue;
            *mark = table->cell_mark[(size_t)row * table->n_columns + column];
            return true;
        }
    }
    return false;
}
