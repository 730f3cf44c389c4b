/* SPDX-License-Identifier: MIT
 * Rows of a table, block by block, and their cells as text. */
#include "base/text.h"
#include "output/tidy_inside.h"
#include <chaland/date.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t ch_tidy_rows(const struct ch_tidy *t)
{
    uint64_t rows = t->rank > 0;
    for (unsigned d = 0; d < t->rank; d++)
        rows *= t->n[d];
    return rows;
}

unsigned ch_tidy_columns(const struct ch_tidy *t) { return t->n_columns; }
const char *ch_tidy_name(const struct ch_tidy *t, unsigned column) { return t->column[column].name; }
const char *ch_tidy_unit(const struct ch_tidy *t, unsigned column) { return t->column[column].unit; }

static hsize_t taken(const struct ch_tidy *t)
{
    return t->n[t->split] - t->at[t->split] < t->step ? t->n[t->split] - t->at[t->split] : t->step;
}

static hid_t memory_type(const struct ch_tidy *t, enum ch_tidy_form form)
{
    return form == CH_TIDY_TEXT       ? t->text
           : form == CH_TIDY_SIGNED   ? H5T_NATIVE_INT64
           : form == CH_TIDY_UNSIGNED ? H5T_NATIVE_UINT64
                                      : H5T_NATIVE_DOUBLE;
}

/* The part of a column that belongs to the block. */
static bool read_column(const struct ch_tidy *t, struct ch_tidy_column *c)
{
    hsize_t start[CH_H5_RANK_MAX], count[CH_H5_RANK_MAX], n = 1;
    for (unsigned d = c->rank; d-- > 0;) {
        unsigned at = c->dim[d];
        start[d] = at > t->split ? 0 : t->at[at];
        count[d] = at < t->split ? 1 : at == t->split ? taken(t) : t->n[at];
        c->stride[at] = at < t->split ? 0 : n;
        n *= count[d];
    }
    if (c->form == CH_TIDY_TEXT)
        for (size_t i = 0; i < c->n_block; i++)
            free(((char **)c->block)[i]);
    void *block = c->n_block < n ? realloc(c->block, n * 8) : c->block;
    c->n_block = 0;
    if (!block)
        return false;
    c->block = block;
    if (c->form == CH_TIDY_TEXT)
        memset(block, 0, n * 8);
    hid_t memory = H5Screate_simple(1, &n, NULL);
    bool good = memory >= 0 && H5Sselect_hyperslab(c->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                H5Dread(c->set, memory_type(t, c->form), memory, c->space, H5P_DEFAULT, block) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    c->n_block = good ? (size_t)n : 0;
    return good;
}

enum ch_code ch_tidy_next(struct ch_tidy *t, size_t *rows, struct ch_error *error)
{
    *rows = 0;
    if (t->done)
        return CH_OK;
    for (unsigned i = 0; i < t->n_columns; i++)
        if (!read_column(t, &t->column[i]))
            return ch_fail(error, CH_INVALID, "%s: damaged: cannot read '%s/%s': %s", t->path, t->group, t->column[i].name,
                           ch_h5_why());
    *rows = (size_t)taken(t);
    for (unsigned d = t->split + 1; d < t->rank; d++)
        *rows *= t->n[d];
    t->at[t->split] += taken(t);
    for (unsigned d = t->split; t->at[d] >= t->n[d]; d--) {
        t->at[d] = 0;
        t->done = d == 0;
        if (t->done)
            break;
        t->at[d - 1]++;
    }
    return CH_OK;
}

static size_t offset_of(const struct ch_tidy *t, const struct ch_tidy_column *c, size_t row)
{
    size_t at = 0;
    for (unsigned d = t->rank; d-- > t->split + 1;) {
        at += row % t->n[d] * c->stride[d];
        row /= t->n[d];
    }
    return at + row * c->stride[t->split];
}

static void print_time(const struct ch_tidy_column *c, int64_t ticks, char *buffer)
{
    int64_t s = ticks / c->per_s - (ticks % c->per_s < 0), rest = ticks - s * c->per_s, z = s + c->epoch_s;
    int64_t days = z / 86400 - (z % 86400 < 0), in_day = z - days * 86400;
    struct ch_date date = ch_date_of(days);
    int n = snprintf(buffer, 40, "%04d-%02d-%02dT%02d:%02d:%02d", (int)date.year, date.month, date.day, (int)(in_day / 3600),
                     (int)(in_day / 60 % 60), (int)(in_day % 60));
    if (c->per_s > 1)
        snprintf(buffer + n, (size_t)(40 - n), ".%03d", (int)(rest * 1000 / c->per_s));
}

/* What a number stands for; NULL if for itself. */
static const char *word_for(const struct ch_tidy *t, const struct ch_tidy_column *c, size_t row, int64_t value)
{
    if (c->only_of_retailers) {
        int64_t kind = t->kind ? ((const int64_t *)t->kind->block)[offset_of(t, t->kind, row)] : -1;
        bool retailer = kind >= 0 && (size_t)kind < t->kind->n_words && t->of_retailers && t->of_retailers[kind];
        if (!retailer)
            return value < 0 ? "" : NULL;
    }
    if (!c->word)
        return NULL;
    return value >= 0 && (size_t)value < c->n_words ? c->word[value] : "";
}

bool ch_tidy_is_number(const struct ch_tidy *t, unsigned column)
{
    const struct ch_tidy_column *c = &t->column[column];
    return c->form != CH_TIDY_TEXT && !c->word && !c->only_of_retailers && !c->per_s;
}

const char *ch_tidy_cell(const struct ch_tidy *t, size_t row, unsigned column, char *buffer)
{
    const struct ch_tidy_column *c = &t->column[column];
    size_t at = offset_of(t, c, row);
    bool scaled = c->scale < 1 || c->scale > 1;
    double real = 0;
    buffer[0] = '\0';
    if (c->form == CH_TIDY_TEXT)
        return ((char *const *)c->block)[at] ? ((char *const *)c->block)[at] : "";
    if (c->form == CH_TIDY_UNSIGNED) {
        snprintf(buffer, 40, "%" PRIu64, ((const uint64_t *)c->block)[at]);
        return buffer;
    }
    if (c->form == CH_TIDY_SIGNED && !scaled) {
        int64_t value = ((const int64_t *)c->block)[at];
        const char *word = word_for(t, c, row, value);
        if (!word && c->per_s)
            print_time(c, value, buffer);
        else if (!word)
            snprintf(buffer, 40, "%" PRId64, value);
        return word ? word : buffer;
    }
    real = c->form == CH_TIDY_REAL ? ((const double *)c->block)[at] : (double)((const int64_t *)c->block)[at];
    if (!isnan(real))
        ch_print_double(real * c->scale, buffer, 40);
    return buffer;
}
