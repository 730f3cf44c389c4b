/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "output/book.h"
#include "base/text.h"
#include "output/h5_inside.h"
#include <chaland/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ch_book {
    hid_t file;
};

enum ch_code ch_book_open(const char *path, struct ch_book **book, struct ch_error *error)
{
    CH_REQUIRE(path && book);
    ch_h5_start();
    *book = calloc(1, sizeof **book);
    if (!*book)
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    (*book)->file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if ((*book)->file >= 0)
        return CH_OK;
    ch_book_close(*book);
    *book = NULL;
    return ch_fail(error, CH_INVALID, "%s: cannot be opened as HDF5: %s", path, ch_h5_why());
}

void ch_book_close(struct ch_book *book)
{
    if (book && book->file >= 0)
        H5Fclose(book->file);
    free(book);
}

/* HDF5 asks for each part of a path in turn. */
bool ch_book_has(const struct ch_book *book, const char *path)
{
    char part[CH_BOOK_NAME_MAX];
    for (const char *at = path; *at;) {
        at += strcspn(at + 1, "/") + 1;
        snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        if (H5Lexists(book->file, part, H5P_DEFAULT) <= 0)
            return false;
    }
    return true;
}

size_t ch_book_list(const struct ch_book *book, const char *group, char ***names)
{
    H5G_info_t info = {0};
    size_t n = 0;
    *names = NULL;
    hid_t at = ch_book_has(book, group) ? H5Gopen2(book->file, group, H5P_DEFAULT) : -1;
    if (at >= 0 && H5Gget_info(at, &info) >= 0)
        *names = calloc(info.nlinks + 1, sizeof **names);
    for (hsize_t i = 0; *names && i < info.nlinks; i++) {
        char name[CH_BOOK_NAME_MAX];
        ssize_t length = H5Lget_name_by_idx(at, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);
        if (length > 0 && (size_t)length < sizeof name && ((*names)[n] = strdup(name)) != NULL)
            n++;
    }
    if (at >= 0)
        H5Gclose(at);
    return n;
}

char *ch_book_note(const struct ch_book *book, const char *object, const char *name)
{
    char digits[40];
    double number;
    if (!ch_book_has(book, object))
        return NULL;
    char *text = ch_h5_read_note(book->file, object, name);
    if (text || !ch_h5_read_number(book->file, object, name, &number))
        return text;
    return strdup(ch_print_double(number, digits, sizeof digits));
}

/* ---- arrays ---- */

static double scale_of(const struct ch_book *book, const char *path)
{
    double scale = 1;
    char *note = ch_book_note(book, path, "scale_factor");
    if (note && !ch_parse_double(note, strlen(note), &scale))
        scale = 1;
    free(note);
    return scale;
}

/* The array and its space, both open; false if it cannot be shown. */
static bool open_array(const struct ch_book *book, const char *path, struct ch_book_array *out, hid_t *set, hid_t *space)
{
    hsize_t size[CH_BOOK_RANK_MAX] = {0};
    H5O_info_t info;
    *out = (struct ch_book_array){.n = 1};
    *set = *space = -1;
    if (!ch_book_has(book, path) || H5Oget_info_by_name2(book->file, path, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0 ||
        info.type != H5O_TYPE_DATASET)
        return false;
    *set = H5Dopen2(book->file, path, H5P_DEFAULT);
    *space = *set >= 0 ? H5Dget_space(*set) : -1;
    int rank = *space >= 0 ? H5Sget_simple_extent_ndims(*space) : -1;
    if (rank < 0 || rank > CH_BOOK_RANK_MAX || H5Sget_simple_extent_dims(*space, size, NULL) < 0)
        return false;
    out->rank = (unsigned)rank;
    for (int i = 0; i < rank; i++)
        out->n *= out->size[i] = (size_t)size[i];
    snprintf(out->name, sizeof out->name, "%s", strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    out->unit = ch_book_note(book, path, "units");
    out->doc = ch_book_note(book, path, "long_name");
    if (out->unit && strcmp(out->unit, "1") == 0)
        out->unit[0] = 0; /* netCDF's name of a pure number */
    return true;
}

static void close_array(hid_t set, hid_t space)
{
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
}

bool ch_book_look(const struct ch_book *book, const char *path, struct ch_book_array *out)
{
    hid_t set, space;
    bool good = open_array(book, path, out, &set, &space);
    close_array(set, space);
    return good;
}

bool ch_book_bytes(const struct ch_book *book, const char *path, unsigned char *out)
{
    hid_t set = H5Dopen2(book->file, path, H5P_DEFAULT);
    bool good = set >= 0 && H5Dread(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0;
    close_array(set, -1);
    return good;
}

static bool read_numbers(hid_t set, double scale, struct ch_book_array *out)
{
    out->number = calloc(out->n + 1, sizeof *out->number);
    bool good = out->number && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out->number) >= 0;
    for (size_t i = 0; good && i < out->n; i++)
        out->number[i] *= scale;
    return good;
}

bool ch_book_read(const struct ch_book *book, const char *path, struct ch_book_array *out)
{
    hid_t set, space;
    bool good = open_array(book, path, out, &set, &space);
    hid_t type = good ? H5Dget_type(set) : -1;
    if (good && H5Tget_class(type) == H5T_STRING)
        good = H5Tis_variable_str(type) > 0 && (out->text = ch_h5_read_texts(set, space, out->n)) != NULL;
    else if (good)
        good = read_numbers(set, scale_of(book, path), out);
    if (type >= 0)
        H5Tclose(type);
    close_array(set, space);
    if (!good)
        ch_book_fini(out);
    return good;
}

bool ch_book_panel(const struct ch_book *book, const char *path, unsigned rank, size_t i, double *out)
{
    struct ch_book_array a;
    hsize_t start[CH_BOOK_RANK_MAX] = {0}, count[CH_BOOK_RANK_MAX], n = 1;
    hid_t set, space;
    bool good = open_array(book, path, &a, &set, &space) && a.rank >= rank;
    for (unsigned d = a.rank; good && d-- > 0;) {
        bool inside = d >= a.rank - rank;
        count[d] = inside ? a.size[d] : 1;
        start[d] = inside ? 0 : i % a.size[d];
        i = inside ? i : i / a.size[d];
        n *= count[d];
    }
    hid_t memory = good ? H5Screate_simple(1, &n, NULL) : -1;
    good = good && H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
           H5Dread(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, out) >= 0;
    double scale = good ? scale_of(book, path) : 1;
    for (hsize_t k = 0; good && k < n; k++)
        out[k] *= scale;
    if (memory >= 0)
        H5Sclose(memory);
    close_array(set, space);
    ch_book_fini(&a);
    return good;
}

void ch_book_fini(struct ch_book_array *a)
{
    ch_h5_free_texts(a->text, a->n);
    free(a->number);
    free(a->unit);
    free(a->doc);
    *a = (struct ch_book_array){0};
}
