/* SPDX-License-Identifier: MIT
 * Reading own tables: which columns there are. Cells are in cell.c. */
#include "city/sheet.h"
#include "table/table.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COL(name) (1u << CH_COL_##name)

/* table, items, required columns, further columns */
#define SHEETS(X)                                                                                                     \
    X(stores, CH_ITEM_STORE, COL(id) | COL(retailer) | COL(x) | COL(y),                                               \
      COL(name) | COL(floor_m2) | COL(category) | COL(price) | COL(rating) | COL(opens) | COL(closes) | COL(sunday) | \
          COL(first_day) | COL(last_day))                                                                             \
    X(retailers, CH_ITEM_RETAILER, COL(id), COL(name) | COL(size) | COL(sponsor) | COL(pool) | COL(list))             \
    X(beacons, CH_ITEM_BEACON, COL(id) | COL(x) | COL(y), COL(store) | COL(retailer))                                 \
    X(screens, CH_ITEM_SCREEN, COL(id) | COL(x) | COL(y) | COL(facing), COL(size_m2) | COL(at_stop))                  \
    X(stops, CH_ITEM_STOP, COL(id) | COL(x) | COL(y), COL(headway))                                                   \
    X(depots, CH_ITEM_DEPOT, COL(id) | COL(x) | COL(y), COL(couriers))                                                \
    X(homes, CH_N_ITEMS, COL(x) | COL(y), COL(id) | COL(weight))                                                      \
    X(works, CH_N_ITEMS, COL(x) | COL(y), COL(id) | COL(weight))

static const struct {
    const char *name;
    enum ch_item item;
    unsigned required, further;
} form[CH_N_TABLES] = {
#define X(name, item, required, further) [CH_TABLE_##name] = {#name, item, required, further},
    SHEETS(X)
#undef X
};

static const char *const column_name[CH_N_COLUMNS] = {
#define X(name) #name,
    CH_COLUMNS(X)
#undef X
};

enum { ERRORS_SHOWN = 20, HELP_TEXT = 480 };

const char *ch_sheet_name(enum ch_item_table_kind kind) { return form[kind].name; }

enum ch_item ch_sheet_item(enum ch_item_table_kind kind) { return form[kind].item; }

bool ch_sheet_has(const struct ch_sheet *sheet, enum ch_column_of column) { return sheet->at[column] >= 0; }

static struct ch_mark first_mark(const struct ch_sheet *sheet)
{
    if (sheet->table->n_columns > 0)
        return sheet->table->column_mark[0];
    return (struct ch_mark){sheet->town->scenario->path, 1, 1, 1};
}

void ch_sheet_complain(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, enum ch_diag_error error,
                       const char *help, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int at = sheet->at[column];
    struct ch_mark mark =
        at < 0 ? first_mark(sheet) : sheet->table->cell_mark[(size_t)row * sheet->table->n_columns + (unsigned)at];
    ch_diag_add(sheet->town->diag, mark, ch_diag_error_code(error), help, "%s.%s: %s", form[sheet->kind].name,
                column_name[column], text);
}

const char *ch_sheet_cell(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column)
{
    if (sheet->at[column] < 0)
        return NULL;
    const char *text = sheet->table->cell[(size_t)row * sheet->table->n_columns + (unsigned)sheet->at[column]];
    if (text && *text)
        return text;
    if (form[sheet->kind].required >> column & 1)
        ch_sheet_complain(sheet, row, column, CH_E_MISSING, "every row needs a value here", "the cell is empty");
    return NULL;
}

/* ---- columns ------------------------------------------------------------------------------------------------------ */

/* "did you mean 'x'? Columns of stores: id, x, ..." */
static void column_help(const struct ch_sheet *sheet, const char *word, char *help, size_t size)
{
    const char *allowed[CH_N_COLUMNS], *near;
    unsigned n = 0, mask = form[sheet->kind].required | form[sheet->kind].further;
    for (unsigned c = 0; c < CH_N_COLUMNS; c++)
        if (mask >> c & 1)
            allowed[n++] = column_name[c];
    near = ch_text_nearest(word, allowed, n);
    int used = near ? snprintf(help, size, "did you mean '%s'? ", near) : 0;
    used += snprintf(help + used, size - (size_t)used, "columns of %s: ", form[sheet->kind].name);
    for (unsigned k = 0; k < n; k++)
        used += snprintf(help + used, size - (size_t)used, "%s%s", k ? ", " : "", allowed[k]);
    if (form[sheet->kind].item < CH_N_ITEMS)
        snprintf(help + used, size - (size_t)used, "; and section.parameter of any model, for this item alone");
}

static void complain_of_column(const struct ch_sheet *sheet, unsigned c)
{
    const struct ch_item_table *table = sheet->table;
    char help[HELP_TEXT];
    column_help(sheet, table->column[c], help, sizeof help);
    ch_diag_add(sheet->town->diag, table->column_mark[c], ch_diag_error_code(CH_E_KEY), help, "unknown column '%s' in %s",
                table->column[c], form[sheet->kind].name);
}

/* A column "section.parameter": every model's parameter may be set for one item. */
static void check_parameter(const struct ch_sheet *sheet, unsigned c)
{
    const struct ch_item_table *table = sheet->table;
    const char *key = table->column[c], *code = ch_diag_error_code(CH_E_KEY);
    unsigned section, param;
    if (form[sheet->kind].item == CH_N_ITEMS) {
        complain_of_column(sheet, c);
    } else if (!ch_param_find(key, &section, &param)) {
        size_t n;
        const char *const *keys = ch_param_keys(&n), *near = ch_text_nearest(key, keys, n);
        char help[HELP_TEXT];
        snprintf(help, sizeof help, "%s%s%s`chaland explain` lists all parameters", near ? "did you mean '" : "",
                 near ? near : "", near ? "'? " : "");
        ch_diag_add(sheet->town->diag, table->column_mark[c], code, help, "column '%s' of %s is not a parameter", key,
                    form[sheet->kind].name);
    } else if (section < CH_N_SETTINGS) {
        ch_diag_add(sheet->town->diag, table->column_mark[c], code,
                    "only parameters of models can differ from item to item; this one belongs in the scenario",
                    "'%s' cannot be set for a single item", key);
    }
}

static void find_columns(struct ch_sheet *sheet)
{
    const struct ch_item_table *table = sheet->table;
    unsigned mask = form[sheet->kind].required | form[sheet->kind].further;
    for (unsigned c = 0; c < table->n_columns; c++) {
        unsigned k = 0;
        while (k < CH_N_COLUMNS && (!(mask >> k & 1) || strcmp(table->column[c], column_name[k]) != 0))
            k++;
        if (k == CH_N_COLUMNS && strchr(table->column[c], '.'))
            check_parameter(sheet, c);
        else if (k == CH_N_COLUMNS)
            complain_of_column(sheet, c);
        else if (sheet->at[k] >= 0)
            ch_diag_add(sheet->town->diag, table->column_mark[c], ch_diag_error_code(CH_E_DUPLICATE), "keep one of them",
                        "column '%s' of %s is given twice", table->column[c], form[sheet->kind].name);
        else
            sheet->at[k] = (int)c;
    }
}

static bool check_ids(const struct ch_sheet *sheet)
{
    struct ch_arena *scratch = sheet->town->scratch;
    struct ch_ids ids = {.n = 0, .text = ch_town_alloc(scratch, sheet->table->n_rows, sizeof *ids.text)};
    uint32_t *row = ch_town_alloc(scratch, sheet->table->n_rows, sizeof *row);
    if (!ids.text || !row)
        return false;
    for (unsigned r = 0; r < sheet->table->n_rows; r++) {
        const char *id = ch_sheet_cell(sheet, r, CH_COL_id);
        if (id) {
            row[ids.n] = r;
            ids.text[ids.n++] = id;
        }
    }
    if (!ch_ids_sort(&ids, scratch))
        return false;
    for (uint32_t k = 1; k < ids.n; k++) {
        const char *id = ids.text[ids.sorted[k]];
        if (!strcmp(id, ids.text[ids.sorted[k - 1]]))
            ch_sheet_complain(sheet, row[ids.sorted[k]], CH_COL_id, CH_E_DUPLICATE, "ids tell items apart: give each row its own",
                              "'%s' is given twice", id);
    }
    return true;
}

bool ch_sheet_open(struct ch_sheet *sheet, struct ch_town *town, enum ch_item_table_kind kind, const struct ch_item_table *table)
{
    *sheet = (struct ch_sheet){.town = town, .table = table, .kind = kind};
    for (unsigned k = 0; k < CH_N_COLUMNS; k++)
        sheet->at[k] = -1;
    find_columns(sheet);
    for (unsigned k = 0; k < CH_N_COLUMNS && table->n_rows > 0; k++)
        if ((form[kind].required >> k & 1) && sheet->at[k] < 0) {
            char help[HELP_TEXT];
            column_help(sheet, "", help, sizeof help);
            ch_diag_add(town->diag, first_mark(sheet), ch_diag_error_code(CH_E_MISSING), help, "%s: there is no column '%s'",
                        form[kind].name, column_name[k]);
        }
    return sheet->at[CH_COL_id] < 0 || check_ids(sheet);
}

/* ---- ids ---------------------------------------------------------------------------------------------------------- */

struct named {
    const char *text;
    uint32_t item;
};

static int by_text(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : (x->item > y->item) - (x->item < y->item);
}

bool ch_ids_sort(struct ch_ids *ids, struct ch_arena *scratch)
{
    struct named *named = ch_town_alloc(scratch, ids->n, sizeof *named);
    ids->sorted = ch_town_alloc(scratch, ids->n, sizeof *ids->sorted);
    if (!named || !ids->sorted)
        return false;
    for (uint32_t i = 0; i < ids->n; i++)
        named[i] = (struct named){ids->text[i], i};
    qsort(named, ids->n, sizeof *named, by_text);
    for (uint32_t i = 0; i < ids->n; i++)
        ids->sorted[i] = named[i].item;
    return true;
}

uint32_t ch_ids_find(const struct ch_ids *ids, const char *text)
{
    uint32_t first = 0, end = ids->n;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        int order = strcmp(ids->text[ids->sorted[middle]], text);
        if (order == 0)
            return ids->sorted[middle];
        if (order < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return CH_NONE;
}

uint32_t ch_sheet_refer(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, const char *what,
                        const struct ch_ids *ids)
{
    const char *text = ch_sheet_cell(sheet, row, column), *near = NULL;
    uint32_t item = text ? ch_ids_find(ids, text) : CH_NONE;
    char help[HELP_TEXT];
    if (!text || item != CH_NONE)
        return item;
    if (ch_diag_count(sheet->town->diag) < ERRORS_SHOWN) /* later ones are only counted: spare the search */
        near = ch_text_nearest(text, ids->text, ids->n);
    if (near)
        snprintf(help, sizeof help, "did you mean '%s'?", near);
    else
        snprintf(help, sizeof help, "there %s %u %s%s%s%s%s", ids->n == 1 ? "is" : "are", (unsigned)ids->n, what,
                 ids->n == 1 ? "" : "s",
                 ids->n == 0   ? ""
                 : ids->n == 1 ? ": '"
                               : ", the first is '",
                 ids->n ? ids->text[0] : "", ids->n ? "'" : "");
    ch_sheet_complain(sheet, row, column, CH_E_ITEMS, help, "there is no %s '%s'", what, text);
    return CH_NONE;
}
