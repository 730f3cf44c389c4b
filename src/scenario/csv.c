/* SPDX-License-Identifier: MIT
 * CSV as RFC 4180 has it: a header row, commas, double quotes doubled within quotes. Cells stay text; each knows its line
 * and column. All rows have as many fields as the header; those that have not are told and left out, so that the mistakes of
 * the others can be told as well. Two passes: one counts and checks, one fills. */
#include <string.h>

#include "scenario/load.h"
#include "scenario/utf8.h"

enum { COLUMNS_MAX = 256, NAME_SHOWN = 60 };

struct cursor {
    const char *file, *text, *at, *end;
    int line, column; /* of `at` */
};

struct field {
    struct ch_mark mark;
    const char *begin; /* first byte of the content, quotes left out */
    size_t n;          /* bytes of the content as written, doubled quotes still doubled */
    bool quoted, last; /* last of its row */
    const char *problem;
};

static struct cursor start(const char *file, const char *text, size_t n)
{
    size_t bom = ch_utf8_bom(text, n);
    return (struct cursor){file, text, text + bom, text + n, 1, 1};
}

static void step(struct cursor *cursor)
{
    const char *at = cursor->at++;
    bool ends = *at == '\n' || (*at == '\r' && (at + 1 == cursor->end || at[1] != '\n'));
    if (ends) {
        cursor->line++;
        cursor->column = 1;
    } else if (((unsigned char)*at & 0xC0) != 0x80) {
        cursor->column++;
    }
}

static bool at_line_end(const struct cursor *cursor)
{
    return cursor->at == cursor->end || *cursor->at == '\n' || *cursor->at == '\r';
}

static void skip_line_end(struct cursor *cursor)
{
    if (cursor->at + 1 < cursor->end && cursor->at[0] == '\r' && cursor->at[1] == '\n')
        step(cursor);
    if (cursor->at < cursor->end)
        step(cursor);
}

static void read_quoted(struct cursor *cursor, struct field *field)
{
    step(cursor);
    field->begin = cursor->at;
    field->quoted = true;
    for (; cursor->at < cursor->end; step(cursor)) {
        if (*cursor->at != '"')
            continue;
        if (cursor->at + 1 < cursor->end && cursor->at[1] == '"') {
            step(cursor);
            continue;
        }
        field->n = (size_t)(cursor->at - field->begin);
        step(cursor);
        if (!at_line_end(cursor) && *cursor->at != ',')
            field->problem = "text follows the closing quote";
        return;
    }
    field->problem = "the quote that begins here is not closed";
}

/* Reads the field at the cursor and what ends it. */
static struct field read_field(struct cursor *cursor)
{
    struct field field = {.mark = {cursor->file, cursor->line, cursor->column, 1}, .begin = cursor->at};
    if (cursor->at < cursor->end && *cursor->at == '"') {
        read_quoted(cursor, &field);
        if (field.problem)
            return field;
    } else {
        while (!at_line_end(cursor) && *cursor->at != ',')
            step(cursor);
        field.n = (size_t)(cursor->at - field.begin);
    }
    if (cursor->line == field.mark.line && cursor->column > field.mark.column)
        field.mark.width = cursor->column - field.mark.column;
    field.last = at_line_end(cursor);
    if (field.last)
        skip_line_end(cursor);
    else
        step(cursor);
    return field;
}

static void problem(struct ch_load *load, struct ch_mark mark, const char *message, const char *help)
{
    ch_load_error(load, mark, CH_E_CSV, help, "%s", message);
}

/* Counts columns of the header. */
static bool count_columns(struct ch_load *load, struct cursor *cursor, unsigned *n_columns)
{
    for (;;) {
        struct field field = read_field(cursor);
        if (field.problem) {
            problem(load, field.mark, field.problem, "a quote within quotes is doubled: \"\"");
            return false;
        }
        if (++*n_columns > COLUMNS_MAX) {
            problem(load, field.mark, "the header has more than 256 columns",
                    "fields are separated by commas, rows by line ends");
            return false;
        }
        if (field.last)
            return true;
    }
}

/* A line without any character between rows, or at the end, is no row. */
static bool blank_line(struct cursor *cursor)
{
    if (cursor->at < cursor->end && at_line_end(cursor)) {
        skip_line_end(cursor);
        return true;
    }
    return false;
}

static void wrong_count(struct ch_load *load, struct ch_mark mark, unsigned n, unsigned n_columns)
{
    ch_load_error(load, mark, CH_E_CSV, "separate fields by commas; put a field that holds a comma in double quotes",
                  "this row has %u field%s; the header has %u", n, n == 1 ? "" : "s", n_columns);
}

/* Checks one row, and whether it is whole; false when reading cannot go on. */
static bool check_row(struct ch_load *load, struct cursor *cursor, unsigned n_columns, bool *whole)
{
    struct ch_mark row = {cursor->file, cursor->line, cursor->column, 1};
    unsigned n = 0;
    for (;;) {
        struct field field = read_field(cursor);
        if (field.problem) {
            problem(load, field.mark, field.problem, "a quote within quotes is doubled: \"\"");
            return false;
        }
        if (++n == n_columns + 1)
            row = field.mark; /* the first field too many */
        if (field.last)
            break;
    }
    *whole = n == n_columns;
    if (!*whole)
        wrong_count(load, row, n, n_columns);
    return true;
}

/* Goes past a row that is not whole. */
static bool skip_ragged(struct cursor *cursor, unsigned n_columns)
{
    struct cursor ahead = *cursor;
    unsigned n = 1;
    while (!read_field(&ahead).last)
        n++;
    if (n != n_columns)
        *cursor = ahead;
    return n != n_columns;
}

/* Copies a field's content to *room, undoubling quotes; blanks around unquoted content do not count. NULL if empty. */
static const char *copy_field(struct field field, char **room)
{
    const char *from = field.begin, *end = field.begin + field.n;
    if (!field.quoted) {
        while (from < end && (*from == ' ' || *from == '\t'))
            from++;
        while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
            end--;
    }
    if (from == end)
        return NULL;
    char *begin = *room, *to = begin;
    for (; from < end; from++) {
        *to++ = *from;
        if (field.quoted && *from == '"')
            from++;
    }
    *to++ = '\0';
    *room = to;
    return begin;
}

static bool fill_header(struct ch_load *load, struct cursor *cursor, struct ch_item_table *table, char **room)
{
    const char **column = ch_load_alloc(load, table->n_columns, sizeof *column);
    struct ch_mark *mark = ch_load_alloc(load, table->n_columns, sizeof *mark);
    if (!column || !mark)
        return false;
    unsigned before = ch_diag_count(load->diag);
    for (unsigned i = 0; i < table->n_columns; i++) {
        struct field field = read_field(cursor);
        column[i] = copy_field(field, room);
        mark[i] = field.mark;
        if (!column[i]) {
            problem(load, field.mark, "a column of the header has no name", "the first line names every column: id,x,y,...");
            column[i] = "";
        }
        for (unsigned j = 0; j < i && column[i][0]; j++)
            if (strcmp(column[i], column[j]) == 0)
                ch_load_error(load, field.mark, CH_E_DUPLICATE, "keep one of them", "column '%.*s' is given twice", NAME_SHOWN,
                              column[i]);
    }
    table->column = column;
    table->column_mark = mark;
    return ch_diag_count(load->diag) == before;
}

static bool fill_rows(struct ch_load *load, struct cursor *cursor, struct ch_item_table *table, char **room)
{
    size_t cells = (size_t)table->n_rows * table->n_columns, i = 0;
    const char **cell = ch_load_alloc(load, cells + 1, sizeof *cell);
    struct ch_mark *mark = ch_load_alloc(load, cells + 1, sizeof *mark);
    if (!cell || !mark)
        return false;
    while (i < cells) {
        if (i % table->n_columns == 0 && (blank_line(cursor) || skip_ragged(cursor, table->n_columns)))
            continue;
        struct field field = read_field(cursor);
        cell[i] = copy_field(field, room);
        mark[i] = field.mark;
        i++;
    }
    table->cell = cell;
    table->cell_mark = mark;
    return true;
}

bool ch_load_csv(struct ch_load *load, const char *file, const char *text, size_t n, struct ch_item_table *table)
{
    struct ch_mark nowhere = {file, 0, 0, 1};
    size_t offset;
    const char *complaint = ch_utf8_complaint(text, n, &offset);
    if (complaint) {
        ch_utf8_position(text, offset, &nowhere.line, &nowhere.column);
        ch_load_error(load, nowhere, CH_E_TEXT, "save the table as CSV in UTF-8", "%s", complaint);
        return false;
    }
    struct cursor cursor = start(file, text, n);
    unsigned before = ch_diag_count(load->diag), n_columns = 0, n_rows = 0;
    if (cursor.at == cursor.end) {
        ch_load_error(load, nowhere, CH_E_EMPTY, "its first line names the columns: id,x,y,...", "the file holds nothing");
        return false;
    }
    if (!count_columns(load, &cursor, &n_columns))
        return false;
    while (cursor.at < cursor.end) {
        if (blank_line(&cursor))
            continue;
        bool whole;
        if (!check_row(load, &cursor, n_columns, &whole))
            return false;
        n_rows += whole;
    }
    unsigned n_ragged = ch_diag_count(load->diag) - before;
    load->n_ragged += n_ragged;
    if (n_ragged && !n_rows)
        return false;
    *table = (struct ch_item_table){.given = true, .n_rows = n_rows, .n_columns = n_columns};
    char *room = ch_load_alloc(load, n + n_columns + (size_t)n_rows * n_columns + 1, 1);
    cursor = start(file, text, n);
    return room && fill_header(load, &cursor, table, &room) && fill_rows(load, &cursor, table, &room);
}
