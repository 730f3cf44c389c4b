/* SPDX-License-Identifier: MIT
 * The user's own data: an inline list of mappings, or a CSV file, as a table of texts with marks. What columns mean is the
 * business of the city. */
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

enum { COLUMNS_MAX = 64, CELLS_MAX = 1000000, WHAT_MAX = 80, CSV_BYTES = 256 << 20, INLINE_CELLS = 20000, NEST_MAX = 4 };

static const char *const names[CH_N_TABLES] = {
#define X(table) #table,
    CH_ITEM_TABLES(X)
#undef X
};

/* ---- inline lists ------------------------------------------------------------------------------------------------ */

struct inline_table {
    struct ch_load *load;
    const char *column[COLUMNS_MAX];
    struct ch_mark column_mark[COLUMNS_MAX];
    unsigned n_columns, n_rows, row;
    const char **cell; /* NULL in the first pass, which finds the columns */
    struct ch_mark *cell_mark;
    bool failed;
};

static unsigned find_column(const struct inline_table *table, const char *name)
{
    unsigned i = 0;
    while (i < table->n_columns && strcmp(table->column[i], name) != 0)
        i++;
    return i;
}

static void items_error(struct inline_table *table, struct ch_mark mark, const char *help, const char *message)
{
    ch_load_error(table->load, mark, CH_E_ITEMS, help, "%s", message);
    table->failed = true;
}

static void add_column(struct inline_table *table, const char *name, struct ch_mark mark)
{
    if (table->n_columns == COLUMNS_MAX) {
        items_error(table, mark, "all items together may use 64 different keys", "too many different keys in this list");
        return;
    }
    const char *copy = ch_load_strdup(table->load, name);
    table->failed |= !copy;
    table->column[table->n_columns] = copy;
    table->column_mark[table->n_columns++] = mark;
}

/* Text of a value: a list of words, such as categories, is written with blanks between them. */
static const char *cell_text(struct inline_table *table, const struct ch_yaml *node)
{
    if (node->kind == CH_YAML_SCALAR)
        return ch_yaml_is_null(node) ? NULL : node->text;
    struct ch_text text = {0};
    for (unsigned i = 0; i < node->n && !table->failed; i++) {
        if (node->item[i]->kind == CH_YAML_SCALAR)
            ch_text_addf(&text, "%s%s", i ? " " : "", node->item[i]->text);
        else
            items_error(table, node->item[i]->mark, NULL, "a list within an item may hold words and numbers only");
    }
    const char *copy = text.n ? ch_load_strdup(table->load, text.s) : NULL;
    ch_text_fini(&text);
    return copy;
}

/* Keys of one item; mappings within it become "section.key". */
static void take_keys(struct inline_table *table, const char *prefix, const struct ch_yaml *item, unsigned nest)
{
    char name[WHAT_MAX];
    for (unsigned i = 0; i < item->n && !table->failed; i++) {
        const struct ch_pair *pair = &item->pair[i];
        int n = snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] ? "." : "", pair->key->text);
        if (n < 0 || (size_t)n >= sizeof name || nest == NEST_MAX) {
            items_error(table, pair->key->mark, NULL, "the key of this item is too long or nested too deep");
        } else if (pair->value->kind == CH_YAML_MAP) {
            take_keys(table, name, pair->value, nest + 1);
        } else if (!table->cell) {
            if (find_column(table, name) == table->n_columns)
                add_column(table, name, pair->key->mark);
        } else {
            size_t at = (size_t)table->row * table->n_columns + find_column(table, name);
            table->cell[at] = cell_text(table, pair->value);
            table->cell_mark[at] = pair->value->mark;
        }
    }
}

static void take_rows(struct inline_table *table, const struct ch_yaml *list, const char *what)
{
    for (table->row = 0; table->row < list->n && !table->failed; table->row++) {
        const struct ch_yaml *item = list->item[table->row];
        if (item->kind != CH_YAML_MAP) {
            ch_load_error(table->load, item->mark, CH_E_ITEMS, "write {id: a, x: 100, y: 200, ...}",
                          "an item of %s is %s; allowed: a mapping", what, ch_yaml_kind_text(item));
            table->failed = true;
            return;
        }
        for (unsigned i = 0; table->cell && i < table->n_columns; i++)
            table->cell_mark[(size_t)table->row * table->n_columns + i] = item->mark; /* of what is absent */
        take_keys(table, "", item, 0);
    }
}

static bool allot_cells(struct inline_table *table, const struct ch_yaml *list)
{
    size_t cells = (size_t)list->n * table->n_columns;
    if (cells > CELLS_MAX) {
        items_error(table, list->mark, "put it into a CSV file: {file: NAME.csv}", "this list is too large");
        return false;
    }
    table->cell = ch_load_alloc(table->load, cells + 1, sizeof *table->cell);
    table->cell_mark = ch_load_alloc(table->load, cells + 1, sizeof *table->cell_mark);
    return table->cell && table->cell_mark;
}

static bool keep_columns(struct inline_table *table, struct ch_item_table *out)
{
    const char **column = ch_load_alloc(table->load, table->n_columns + 1, sizeof *column);
    struct ch_mark *mark = ch_load_alloc(table->load, table->n_columns + 1, sizeof *mark);
    if (!column || !mark)
        return false;
    memcpy(column, table->column, table->n_columns * sizeof *column);
    memcpy(mark, table->column_mark, table->n_columns * sizeof *mark);
    out->column = column;
    out->column_mark = mark;
    return true;
}

static void read_inline(struct ch_load *load, const struct ch_yaml *list, const char *what, struct ch_item_table *out)
{
    struct inline_table table = {.load = load};
    take_rows(&table, list, what);
    if (table.failed || !allot_cells(&table, list))
        return;
    take_rows(&table, list, what);
    if (table.failed || !keep_columns(&table, out))
        return;
    out->given = true;
    out->n_rows = list->n;
    out->n_columns = table.n_columns;
    out->cell = table.cell;
    out->cell_mark = table.cell_mark;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void read_file(struct ch_load *load, enum ch_item_table_kind kind, const struct ch_yaml *map, const char *what,
                      struct ch_item_table *out)
{
    const struct ch_yaml *file = ch_tree_find(map, "file");
    if (!file || map->n != 1) {
        ch_load_error(load, file && map->n > 1 ? map->pair[map->pair[0].value == file].key->mark : map->mark, CH_E_ITEMS,
                      "write {file: stores.csv}, or a list of mappings", "%s is a mapping; allowed here: the single key 'file'",
                      what);
        return;
    }
    if (!ch_load_is_text(load, file, what, "the path of a CSV file"))
        return;
    const char *path = ch_load_path(load, file->mark, file->text), *text;
    size_t n;
    char sha256[65];
    if (!path || !ch_load_read(load, path, file->mark, CSV_BYTES, &text, &n, sha256) || !ch_load_csv(load, path, text, n, out))
        return;
    const char *shown = ch_load_relative(load, path);
    ch_load_note_input(load, sha256, path);
    if ((size_t)out->n_rows * out->n_columns > INLINE_CELLS) { /* too much to be repeated in the resolved text */
        load->loaded->item_file[kind] = shown;
        load->loaded->item_sha256[kind] = ch_load_strdup(load, sha256);
    }
}

/* A given table says how many items there are. */
static void set_count(struct ch_load *load, enum ch_item_table_kind kind, struct ch_mark mark, const char *what)
{
    unsigned section, param, n = load->loaded->items[kind].n_rows;
    if (!load->loaded->items[kind].given || !ch_param_find(what, &section, &param))
        return;
    const struct ch_param *row = &ch_section(section)->param[param];
    if (n < row->min || n > row->max)
        ch_load_error(load, mark, CH_E_ITEMS, NULL, "%s has %u items; allowed: %.0f to %.0f", what, n, row->min, row->max);
    else
        *(int64_t *)(void *)((char *)load->loaded->block[section] + row->offset) = n;
}

void ch_load_items(struct ch_load *load, enum ch_item_table_kind kind, const struct ch_yaml *node)
{
    char what[WHAT_MAX];
    snprintf(what, sizeof what, "city.%s", names[kind]);
    struct ch_item_table *out = &load->loaded->items[kind];
    if (node->kind == CH_YAML_LIST)
        read_inline(load, node, what, out);
    else if (node->kind == CH_YAML_MAP)
        read_file(load, kind, node, what, out);
    else
        ch_load_error(load, node->mark, CH_E_FORM, "without this key they are drawn",
                      "%s is %s; allowed: a list of mappings, or {file: NAME.csv}", what, ch_yaml_kind_text(node));
    set_count(load, kind, node->mark, what);
}
