/* SPDX-License-Identifier: MIT
 * One of the user's own tables while it is read: columns by meaning, cells by type, complaints with the cell's mark.
 * Private to src/city. A cell that does not fit is complained about, and its fallback is used. */
#ifndef CH_CITY_SHEET_H
#define CH_CITY_SHEET_H

#include "city/town.h"
#include "scenario/diag.h"

/* Columns of all tables; which table has which stands in sheet.c. */
/* clang-format off */
#define CH_COLUMNS(X) \
    X(id) X(x) X(y) X(name) X(retailer) X(store) X(floor_m2) X(category) X(price) X(rating) X(opens) X(closes) X(sunday) \
    X(first_day) X(last_day) X(size) X(sponsor) X(pool) X(facing) X(size_m2) X(at_stop) X(headway) X(couriers) X(weight)\
    X(list)
/* clang-format on */
enum ch_column_of {
#define X(name) CH_COL_##name,
    CH_COLUMNS(X)
#undef X
        CH_N_COLUMNS
};

struct ch_sheet {
    struct ch_town *town;
    const struct ch_item_table *table;
    enum ch_item_table_kind kind;
    int at[CH_N_COLUMNS]; /* column of the table, -1 if it is absent */
};

struct ch_range {
    double min, max;
    const char *unit; /* of the bare number; a quantity with another unit of this dimension is converted */
};

/* Name of a table, "stores". Static. */
const char *ch_sheet_name(enum ch_item_table_kind kind);
/* Items of a table, CH_N_ITEMS for homes and works. */
enum ch_item ch_sheet_item(enum ch_item_table_kind kind);

/* Finds the columns; complains about unknown, repeated and missing ones and about ids given twice. False when out of memory. */
bool ch_sheet_open(struct ch_sheet *sheet, struct ch_town *town, enum ch_item_table_kind kind, const struct ch_item_table *table);

bool ch_sheet_has(const struct ch_sheet *sheet, enum ch_column_of column);
/* Text of a cell, NULL when it is empty or its column absent; an empty cell of a required column is complained about. */
const char *ch_sheet_cell(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column);
void ch_sheet_complain(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, enum ch_diag_error error,
                       const char *help, const char *format, ...) __attribute__((format(printf, 6, 7)));

double ch_sheet_number(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, struct ch_range range,
                       double fallback);
bool ch_sheet_flag(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, bool fallback); /* yes, no */
ch_time ch_sheet_hour(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column,
                      ch_time fallback); /* 9.5, 9.5 h, 09:30 */
/* Columns x and y. Outside the city: complains and gives the origin. */
void ch_sheet_place(const struct ch_sheet *sheet, unsigned row, double *x_m, double *y_m);
/* One word of a list; complains and gives n when it is none of them. `text` holds n_text bytes. */
unsigned ch_sheet_word(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, const char *text, size_t n_text,
                       const char *const *word, unsigned n);

/* Ids and where they are. */
struct ch_ids {
    uint32_t n;
    const char **text; /* [n], in the order of the items */
    uint32_t *sorted;  /* [n]: items by text */
};
/* Sorts; ids->text must be filled. False when out of memory. */
bool ch_ids_sort(struct ch_ids *ids, struct ch_arena *scratch);
uint32_t ch_ids_find(const struct ch_ids *ids, const char *text); /* CH_NONE if there is none */
/* The item that a cell names; complains and gives CH_NONE if there is none. CH_NONE too when the cell is empty. */
uint32_t ch_sheet_refer(const struct ch_sheet *sheet, unsigned row, enum ch_column_of column, const char *what,
                        const struct ch_ids *ids);

#endif
