/* SPDX-License-Identifier: MIT
 * Opening a table: its columns, their dimensions, and what their numbers stand for. */
#define _POSIX_C_SOURCE 200809L
#include "output/tidy_inside.h"
#include <chaland/assert.h>
#include <chaland/date.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the log's numbers stand for. */
static const struct label {
    const char *column, *names, *shown;
} labels[] = {
    {"policy_index", "policy_name", "policy"}, {"replication_index", NULL, "replication"}, {"point_index", NULL, "point"},
    {"store", "store_name", "store"},          {"retailer", "retailer_name", "retailer"},  {"good", "good_name", "good"},
    {"other", "retailer_name", "other"}};

static bool is_log(const struct ch_tidy *t) { return strcmp(t->group, "events") == 0; }

/* ---- attributes ---- */

static double scale_of(hid_t set)
{
    double scale = 1;
    return ch_h5_read_number(set, ".", "scale_factor", &scale) ? scale : 1;
}

/* "no yes" -> words */
static void split_words(const char *text, struct ch_tidy_column *c)
{
    c->word = calloc(strlen(text) / 2 + 2, sizeof *c->word);
    while (c->word && *text) {
        size_t n = strcspn(text, " ");
        if (n && (c->word[c->n_words] = strndup(text, n)) != NULL)
            c->n_words++;
        text += n + (text[n] == ' ');
    }
}

/* "milliseconds since 2013-01-09 00:00:00" */
static void find_epoch(struct ch_tidy_column *c)
{
    int year, month, day;
    const char *since = c->unit ? strstr(c->unit, " since ") : NULL;
    if (since && sscanf(since, " since %d-%d-%d", &year, &month, &day) == 3) {
        c->per_s = strncmp(c->unit, "milliseconds", 12) == 0 ? 1000 : 1;
        c->epoch_s = ch_unix_day(year, month, day) * 86400;
    }
}

/* ---- arrays ---- */

static enum ch_tidy_form form_of(hid_t set)
{
    hid_t type = H5Dget_type(set);
    enum ch_tidy_form form = CH_TIDY_REAL;
    if (H5Tget_class(type) == H5T_STRING)
        form = CH_TIDY_TEXT;
    else if (H5Tget_class(type) == H5T_INTEGER)
        form = H5Tget_size(type) == 8 && H5Tget_sign(type) == H5T_SGN_NONE ? CH_TIDY_UNSIGNED : CH_TIDY_SIGNED;
    H5Tclose(type);
    return form;
}

static herr_t name_scale(hid_t set, unsigned dim, hid_t scale, void *name)
{
    (void)set, (void)dim;
    ssize_t n = H5Iget_name(scale, name, CH_H5_PATH_MAX);
    return n > 0 ? 1 : -1; /* the first will do */
}

/* Name of the d-th dimension of an array; that of a scale is its own. */
static bool dim_name(const struct ch_tidy_column *c, unsigned d, char name[CH_H5_PATH_MAX])
{
    char path[CH_H5_PATH_MAX] = "";
    if (H5DSis_scale(c->set) > 0)
        snprintf(name, CH_H5_PATH_MAX, "%s", c->name);
    else if (H5DSiterate_scales(c->set, d, NULL, name_scale, path) > 0 && strrchr(path, '/'))
        snprintf(name, CH_H5_PATH_MAX, "%s", strrchr(path, '/') + 1);
    else
        return false;
    return true;
}

static unsigned find_dim(const struct ch_tidy *t, const char *name)
{
    unsigned d = 0;
    while (d < t->rank && strcmp(t->dim[d], name) != 0)
        d++;
    return d;
}

/* ---- opening ---- */

static void close_column(struct ch_tidy_column *c)
{
    if (c->form == CH_TIDY_TEXT && c->block) {
        for (size_t i = 0; i < c->n_block; i++)
            free(((char **)c->block)[i]);
    }
    free(c->block);
    ch_h5_free_texts(c->word, c->n_words);
    free(c->name);
    free(c->unit);
    if (c->space >= 0)
        H5Sclose(c->space);
    if (c->set >= 0)
        H5Dclose(c->set);
}

void ch_tidy_close(struct ch_tidy *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < t->n_columns; i++)
        close_column(&t->column[i]);
    free(t->column);
    free(t->of_retailers);
    if (t->text >= 0)
        H5Tclose(t->text);
    if (t->file >= 0)
        H5Fclose(t->file);
    free(t);
}

bool ch_tidy_has(const char *path, const char *group)
{
    ch_h5_start();
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    bool has = file >= 0 && H5Lexists(file, group, H5P_DEFAULT) > 0;
    if (file >= 0)
        H5Fclose(file);
    return has;
}

static bool open_column(hid_t group, const char *name, struct ch_tidy_column *c)
{
    *c = (struct ch_tidy_column){.name = strdup(name), .set = H5Dopen2(group, name, H5P_DEFAULT), .space = -1, .scale = 1};
    c->space = c->set >= 0 ? H5Dget_space(c->set) : -1;
    int rank = c->space >= 0 ? H5Sget_simple_extent_ndims(c->space) : -1;
    if (!c->name || rank < 0 || rank > CH_H5_RANK_MAX)
        return false;
    c->rank = (unsigned)rank;
    c->form = form_of(c->set);
    c->scale = scale_of(c->set);
    c->unit = ch_h5_read_note(c->set, ".", "units");
    find_epoch(c);
    char *meanings = ch_h5_read_note(c->set, ".", "flag_meanings");
    if (meanings)
        split_words(meanings, c);
    free(meanings);
    return true;
}

static bool open_columns(struct ch_tidy *t, hid_t group)
{
    H5G_info_t info;
    bool good = H5Gget_info(group, &info) >= 0 && (t->column = calloc(info.nlinks + 1, sizeof *t->column)) != NULL;
    for (hsize_t i = 0; good && i < info.nlinks; i++) {
        char name[CH_H5_PATH_MAX];
        ssize_t n = H5Lget_name_by_idx(group, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);
        good = n > 0 && (size_t)n < sizeof name && open_column(group, name, &t->column[t->n_columns++]);
    }
    return good;
}

/* The dimensions are those of the array that has most; of a log, its lines. */
static bool find_dims(struct ch_tidy *t)
{
    const struct ch_tidy_column *widest = NULL;
    for (unsigned i = 0; i < t->n_columns; i++) {
        const struct ch_tidy_column *c = &t->column[i];
        if (is_log(t) ? strcmp(c->name, "event") == 0 : !widest || c->rank > widest->rank)
            widest = c;
    }
    if (!widest)
        return is_log(t); /* a log without lines */
    t->rank = widest->rank;
    for (unsigned d = 0; d < t->rank; d++)
        if (!dim_name(widest, d, t->dim[d]))
            return false;
    return H5Sget_simple_extent_dims(widest->space, t->n, NULL) >= 0;
}

/* Where each array's dimensions stand among the table's; false: it has another one and is left out. */
static bool place_column(const struct ch_tidy *t, struct ch_tidy_column *c)
{
    char name[CH_H5_PATH_MAX];
    for (unsigned d = 0; d < c->rank; d++)
        if (!dim_name(c, d, name) || (c->dim[d] = find_dim(t, name)) == t->rank)
            return false;
    return c->rank > 0;
}

/* Labels first, in the order of the dimensions; then the rest as in the file. */
static void order_columns(struct ch_tidy *t)
{
    unsigned front = 0;
    for (unsigned d = 0; d < t->rank; d++)
        for (unsigned i = front; i < t->n_columns; i++)
            if (strcmp(t->column[i].name, t->dim[d]) == 0) {
                struct ch_tidy_column label = t->column[i];
                memmove(&t->column[front + 1], &t->column[front], (i - front) * sizeof label);
                t->column[front++] = label;
                break;
            }
}

static void drop_foreign(struct ch_tidy *t)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < t->n_columns; i++)
        if (place_column(t, &t->column[i]))
            t->column[kept++] = t->column[i];
        else
            close_column(&t->column[i]);
    t->n_columns = kept;
}

/* Names for the log's numbers, and which kinds of lines have a retailer as `other`. */
static void label_log(struct ch_tidy *t, hid_t group)
{
    for (unsigned i = 0; i < t->n_columns; i++) {
        struct ch_tidy_column *c = &t->column[i];
        if (strcmp(c->name, "kind") == 0)
            t->kind = c;
        c->only_of_retailers = strcmp(c->name, "other") == 0;
        for (size_t k = 0; k < sizeof labels / sizeof labels[0]; k++) {
            if (strcmp(c->name, labels[k].column) != 0)
                continue;
            if (labels[k].names)
                c->word = ch_h5_read_names(group, labels[k].names, &c->n_words);
            free(c->name);
            c->name = strdup(labels[k].shown);
            break;
        }
    }
    size_t n = t->kind ? t->kind->n_words : 0;
    t->of_retailers = calloc(n + 1, sizeof *t->of_retailers);
    for (size_t k = 0; t->of_retailers && k < n; k++) {
        char name[CH_H5_PATH_MAX];
        snprintf(name, sizeof name, "columns_of_%s", t->kind->word[k]);
        char *columns = ch_h5_read_note(group, ".", name);
        t->of_retailers[k] = columns && strstr(columns, "other = retailer");
        free(columns);
    }
}

enum { BLOCK = 1 << 18 }; /* rows */

static void plan_blocks(struct ch_tidy *t)
{
    uint64_t inner = 1;
    t->split = t->rank ? t->rank - 1 : 0;
    while (t->split > 0 && inner * t->n[t->split] <= BLOCK)
        inner *= t->n[t->split--];
    t->step = inner < BLOCK ? BLOCK / inner : 1;
    t->done = t->rank == 0;
    for (unsigned d = 0; d < t->rank; d++)
        t->done |= t->n[d] == 0;
}

enum ch_code ch_tidy_open(const char *path, const char *group, struct ch_tidy **tidy, struct ch_error *error)
{
    CH_REQUIRE(path && group && tidy);
    ch_h5_start();
    struct ch_tidy *t = *tidy = calloc(1, sizeof *t);
    if (!t)
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    t->path = path;
    t->group = group;
    t->text = ch_h5_text_type();
    t->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t at = t->file >= 0 && H5Lexists(t->file, group, H5P_DEFAULT) > 0 ? H5Gopen2(t->file, group, H5P_DEFAULT) : -1;
    bool good = at >= 0 && open_columns(t, at) && find_dims(t);
    if (good) {
        drop_foreign(t);
        order_columns(t);
        plan_blocks(t);
        if (is_log(t))
            label_log(t, at);
    }
    if (at >= 0)
        H5Gclose(at);
    if (good)
        return CH_OK;
    ch_tidy_close(t);
    *tidy = NULL;
    return ch_fail(error, CH_INVALID, "%s: damaged: cannot read '%s': %s", path, group, ch_h5_why());
}
