/* SPDX-License-Identifier: MIT
 * The user's own screens. `facing` says which way those walk who see the face, so the face belongs to the directed side that
 * leads up to it; one that stands just past a crossing is seen by those who come to that crossing. The face of a screen at a
 * stop belongs to the stop's node, where people wait, and to the side that leaves it. The last stretch of every street, which
 * the fastest walker covers within the lookahead, is kept free: a face there is moved back to its beginning. */
#include "city/sheet.h"
#include <string.h>

enum { PAST_CROSSING_MM = 10000 };
static const double usual_screen_m2 = 2.5;
static const char *const direction_name[] = {"east", "north", "west", "south"};

/* The street line a face stands on, in the walking direction: `at` millimetres from its beginning, `blocks` long. */
struct line {
    int64_t at, blocks;
};

static struct line line_of(const struct ch_town *town, const struct ch_screen *screen, unsigned direction)
{
    const struct ch_city *city = town->city;
    bool level = direction == CH_EAST || direction == CH_WEST;
    int64_t at = (int64_t)((level ? screen->x_m : screen->y_m) * 1000 + 0.5), blocks = (level ? city->width : city->height) - 1;
    if (direction == CH_WEST || direction == CH_SOUTH)
        at = blocks * city->block_mm - at;
    return (struct line){at, blocks};
}

/* Node after `steps` streets from the beginning of the line. */
static uint32_t node_on_line(const struct ch_town *town, const struct ch_screen *screen, unsigned direction, int64_t steps)
{
    const struct ch_city *city = town->city;
    uint32_t nearest = ch_town_nearest_node(town, screen->x_m, screen->y_m), i = ch_column(city, nearest),
             j = ch_row(city, nearest);
    switch (direction) {
    case CH_EAST:
        i = (uint32_t)steps;
        break;
    case CH_NORTH:
        j = (uint32_t)steps;
        break;
    case CH_WEST:
        i = city->width - 1 - (uint32_t)steps;
        break;
    default:
        j = city->height - 1 - (uint32_t)steps;
        break;
    }
    return j * city->width + i;
}

static bool stop_at(const struct ch_town *town, uint32_t node)
{
    for (uint32_t t = 0; t < town->city->n_stops; t++)
        if (town->stop[t].node == node)
            return true;
    return false;
}

static void stand(const struct ch_sheet *sheet, unsigned row, struct ch_screen *screen, unsigned direction)
{
    const struct ch_town *town = sheet->town;
    int64_t block = town->city->block_mm, most = block - town->clear_mm;
    struct line line = line_of(town, screen, direction);
    int64_t steps = (line.at - PAST_CROSSING_MM + block - 1) / block - 1; /* streets behind the one that leads to the face */
    if (line.at <= PAST_CROSSING_MM)
        steps = -1;
    if (screen->at_stop)
        steps = (line.at + (block - 1) / 2) / block; /* halfway goes back */
    if (steps < 0 || steps >= line.blocks) {
        ch_sheet_complain(sheet, row, CH_COL_facing, CH_E_ITEMS,
                          "at the edge of the city turn the face to the street, or move it", "nobody walks %s here",
                          direction_name[direction]);
        return;
    }
    screen->node = node_on_line(town, screen, direction, steps);
    screen->side = screen->node * 4 + direction;
    int64_t offset = line.at - steps * block;
    offset = offset < 0 ? 0 : offset > most ? most : offset;
    screen->offset_m = (double)offset / 1000;
    if (screen->at_stop && !stop_at(town, screen->node))
        ch_sheet_complain(sheet, row, CH_COL_at_stop, CH_E_ITEMS, "put a stop at this crossing, or write 'no'",
                          "there is no stop at the crossing nearest to this screen");
}

bool ch_town_own_screens(struct ch_town *town, const struct ch_item_table *table)
{
    struct ch_sheet sheet;
    town->screen = ch_town_alloc(town->scratch, table->n_rows, sizeof *town->screen); /* sorting moves them to the city */
    if (!town->screen || !ch_sheet_open(&sheet, town, CH_TABLE_screens, table))
        return false;
    town->city->n_screens = table->n_rows;
    for (unsigned row = 0; row < table->n_rows; row++) {
        struct ch_screen *screen = &town->screen[row];
        const char *id = ch_sheet_cell(&sheet, row, CH_COL_id), *facing = ch_sheet_cell(&sheet, row, CH_COL_facing);
        if (!(screen->id = ch_town_text(town, "%s", id ? id : "")))
            return false;
        ch_sheet_place(&sheet, row, &screen->x_m, &screen->y_m);
        screen->size_m2 = ch_sheet_number(&sheet, row, CH_COL_size_m2, (struct ch_range){0.1, 500, "m2"}, usual_screen_m2);
        screen->at_stop = ch_sheet_flag(&sheet, row, CH_COL_at_stop, false);
        unsigned direction = facing ? ch_sheet_word(&sheet, row, CH_COL_facing, facing, strlen(facing), direction_name, 4) : 4;
        if (direction < 4)
            stand(&sheet, row, screen, direction);
    }
    return ch_town_sort_screens(town);
}
