/* SPDX-License-Identifier: MIT
 * Arrays: creation, layout, checksums, writing. Below 64 KB they are contiguous; larger ones are chunked with shuffle and
 * deflate 1, the filters that every HDF5 has. */
#include "output/h5.h"
#include "output/h5_inside.h"
#include <chaland/assert.h>
#include <chaland/rng.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL = 64 * 1024, CHUNK = 1024 * 1024, HOURS = 24 };

/* ---- values ---- */

size_t ch_h5_size(enum ch_h5_type type)
{
    return type == CH_H5_U8 ? 1 : type == CH_H5_I32 ? 4 : type == CH_H5_TEXT ? sizeof(char *) : 8;
}

hid_t ch_h5_memory_type(enum ch_h5_type type, hid_t text)
{
    switch (type) {
    case CH_H5_U8:
        return H5T_NATIVE_UINT8;
    case CH_H5_I32:
        return H5T_NATIVE_INT32;
    case CH_H5_I64:
        return H5T_NATIVE_INT64;
    case CH_H5_U64:
        return H5T_NATIVE_UINT64;
    case CH_H5_F64:
        return H5T_NATIVE_DOUBLE;
    default:
        return text;
    }
}

hid_t ch_h5_file_type(enum ch_h5_type type, hid_t text)
{
    switch (type) {
    case CH_H5_U8:
        return H5T_STD_U8LE;
    case CH_H5_I32:
        return H5T_STD_I32LE;
    case CH_H5_I64:
        return H5T_STD_I64LE;
    case CH_H5_U64:
        return H5T_STD_U64LE;
    case CH_H5_F64:
        return H5T_IEEE_F64LE;
    default:
        return text;
    }
}

static uint64_t text_word(const char *s)
{
    uint64_t h = 1;
    for (; *s; s++)
        h = ch_mix(h ^ (unsigned char)*s);
    return h;
}

static uint64_t word_of(enum ch_h5_type type, const void *data, size_t i)
{
    uint64_t word;
    switch (type) {
    case CH_H5_U8:
        return ((const uint8_t *)data)[i];
    case CH_H5_I32:
        return (uint64_t)((const int32_t *)data)[i];
    case CH_H5_TEXT:
        return text_word(((const char *const *)data)[i]);
    default:
        memcpy(&word, (const char *)data + 8 * i, 8);
        return word;
    }
}

uint64_t ch_h5_checksum(enum ch_h5_type type, const void *data, size_t n, uint64_t offset)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t word = word_of(type, data, i);
        if (word)
            sum += ch_mix(word ^ ch_mix(offset + i));
    }
    return sum;
}

/* Length of the UTF-8 sequence at s, 0 if it is none (over-long forms and surrogates are none). */
static unsigned utf8_length(const unsigned char *s)
{
    unsigned n = s[0] < 0x80                   ? 1
                 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                 : (s[0] & 0xf0) == 0xe0       ? 3
                 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                               : 0;
    for (unsigned i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
        (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

char *ch_h5_clean(const char *s)
{
    char *clean = malloc(3 * strlen(s ? s : "") + 1), *out = clean;
    for (const unsigned char *in = (const unsigned char *)s; clean && s && *in;) {
        unsigned n = utf8_length(in);
        memcpy(out, n ? (const char *)in : "\xef\xbf\xbd", n ? n : 3);
        out += n ? n : 3;
        in += n ? n : 1;
    }
    if (clean)
        *out = 0;
    return clean;
}

/* ---- records ---- */

void ch_h5_record(struct ch_h5 *h, const char *name, enum ch_h5_type type, size_t count, uint64_t checksum)
{
    if (h->failed)
        return;
    if (h->n_records == h->cap_records) {
        unsigned cap = h->cap_records ? 2 * h->cap_records : 64;
        struct ch_h5_record *more = realloc(h->record, cap * sizeof *more);
        if (!ch_h5_ok(h, more != NULL, "allocate the record of", name))
            return;
        h->record = more;
        h->cap_records = cap;
    }
    struct ch_h5_record *r = &h->record[h->n_records++];
    *r = (struct ch_h5_record){.type = type, .count = count, .checksum = checksum};
    int n = snprintf(r->path, sizeof r->path, "/%s/%s", h->group_name, name);
    ch_h5_ok(h, n > 0 && (size_t)n < sizeof r->path, "record", name);
}

/* ---- creation ---- */

/* Chunk of a plain array: all of it, cut from the first dimension on until it holds at most 1 MiB. */
static void plain_chunk(int rank, const hsize_t *dims, size_t size, hsize_t *chunk)
{
    hsize_t bytes = size;
    for (int i = 0; i < rank; i++)
        bytes *= chunk[i] = dims[i];
    for (int i = 0; i < rank; i++)
        while (bytes > CHUNK && chunk[i] > 1) {
            bytes /= chunk[i];
            chunk[i] = (chunk[i] + 1) / 2;
            bytes *= chunk[i];
        }
}

hid_t ch_h5_create_array(struct ch_h5 *h, const char *name, int rank, const hsize_t *dims, hid_t type, const hsize_t *chunk,
                         bool grows)
{
    ch_h5_variable_end(h);
    if (h->failed)
        return -1;
    const hsize_t most[1] = {H5S_UNLIMITED};
    hid_t space = rank ? H5Screate_simple(rank, dims, grows ? most : NULL) : H5Screate(H5S_SCALAR), create = H5Pcopy(h->create);
    CH_ASSERT(!grows || rank == 1);
    bool good = space >= 0 && create >= 0;
    if (good && chunk)
        good = H5Pset_chunk(create, rank, chunk) >= 0 && H5Pset_shuffle(create) >= 0 && H5Pset_deflate(create, 1) >= 0;
    if (good)
        h->variable = H5Dcreate2(h->group, name, type, space, H5P_DEFAULT, create, H5P_DEFAULT);
    good = (create < 0 || H5Pclose(create) >= 0) && good;
    good = (space < 0 || H5Sclose(space) >= 0) && good;
    ch_h5_ok(h, good && h->variable >= 0, "create", name);
    return h->variable;
}

hid_t ch_h5_begin_plain(struct ch_h5 *h, const char *name, int rank, const hsize_t *dims, enum ch_h5_type type)
{
    hsize_t chunk[CH_H5_RANK_MAX], bytes = ch_h5_size(type);
    for (int i = 0; i < rank; i++)
        bytes *= dims[i];
    plain_chunk(rank, dims, ch_h5_size(type), chunk);
    return ch_h5_create_array(h, name, rank, dims, ch_h5_file_type(type, h->text),
                              bytes >= SMALL && type != CH_H5_TEXT ? chunk : NULL, false);
}

static void write_texts(struct ch_h5 *h, const char *name, const char *const *data, size_t n)
{
    char **clean = calloc(n + 1, sizeof *clean);
    size_t made = 0;
    while (clean && made < n && (clean[made] = ch_h5_clean(data[made])) != NULL)
        made++;
    if (ch_h5_ok(h, clean && made == n, "allocate", name)) {
        ch_h5_ok(h, H5Dwrite(h->variable, h->text, H5S_ALL, H5S_ALL, H5P_DEFAULT, clean) >= 0, "write", name);
        ch_h5_record(h, name, CH_H5_TEXT, n, ch_h5_checksum(CH_H5_TEXT, clean, n, 0));
    }
    for (size_t i = 0; i < made; i++)
        free(clean[i]);
    free(clean);
}

void ch_h5_write_plain(struct ch_h5 *h, const char *name, enum ch_h5_type type, const void *data, size_t n)
{
    if (h->failed)
        return;
    if (type == CH_H5_TEXT) {
        write_texts(h, name, data, n);
        return;
    }
    hid_t memory = ch_h5_memory_type(type, h->text);
    ch_h5_ok(h, H5Dwrite(h->variable, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, "write", name);
    ch_h5_record(h, name, type, n, ch_h5_checksum(type, data, n, 0));
}

/* "seconds" and its like would make xarray turn a duration into a timedelta; the symbols do not. */
static const char *plain_unit(const char *unit)
{
    static const char *const symbol[][2] = {{"", "1"}, {"seconds", "s"}, {"minutes", "min"}, {"hours", "h"}, {"days", "d"}};
    for (size_t i = 0; i < sizeof symbol / sizeof symbol[0]; i++)
        if (strcmp(unit, symbol[i][0]) == 0)
            return symbol[i][1];
    return unit;
}

void ch_h5_describe(struct ch_h5 *h, const char *units, const char *long_name)
{
    if (units)
        ch_h5_note_text(h, "units", plain_unit(units));
    if (long_name)
        ch_h5_note_text(h, "long_name", long_name);
}

/* Finds the group's dimensions among the words of `dims`. */
static int find_dims(const struct ch_h5 *h, const char *dims, const struct ch_h5_dim **dim, hsize_t *n)
{
    int rank = 0;
    while (*dims) {
        size_t length = strcspn(dims, " ");
        for (unsigned i = 0; i < h->n_dims; i++)
            if (strlen(h->dim[i].name) == length && strncmp(dims, h->dim[i].name, length) == 0) {
                CH_REQUIRE(rank < CH_H5_RANK_MAX);
                dim[rank] = &h->dim[i];
                n[rank++] = h->dim[i].n;
            }
        dims += length + (dims[length] == ' ');
    }
    return rank;
}

static void attach(struct ch_h5 *h, const char *name, int rank, const struct ch_h5_dim *const *dim)
{
    for (int i = 0; i < rank && !h->failed; i++)
        ch_h5_ok(h, H5DSattach_scale(h->variable, dim[i]->scale, (unsigned)i) >= 0, "label", name);
}

void ch_h5_attach(struct ch_h5 *h, const char *name, const char *dims)
{
    const struct ch_h5_dim *dim[CH_H5_RANK_MAX];
    hsize_t n[CH_H5_RANK_MAX];
    attach(h, name, find_dims(h, dims, dim, n), dim);
}

void ch_h5_array(struct ch_h5 *h, const char *name, const char *dims, enum ch_h5_type type, const void *data, const char *units,
                 const char *long_name)
{
    const struct ch_h5_dim *dim[CH_H5_RANK_MAX];
    hsize_t n[CH_H5_RANK_MAX];
    int rank = find_dims(h, dims, dim, n);
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= n[i];
    ch_h5_begin_plain(h, name, rank, n, type);
    ch_h5_write_plain(h, name, type, data, count);
    ch_h5_describe(h, units, long_name);
    attach(h, name, rank, dim);
}

/* ---- panels ---- */

/* Chunk of a panel of hours x rows x columns: a day, cut to at most 1 MiB; a small panel is one chunk. */
static void panel_chunk(const hsize_t panel[3], size_t size, hsize_t chunk[3])
{
    hsize_t all = panel[0] * panel[1] * panel[2] * size;
    chunk[0] = all <= CHUNK || panel[0] < HOURS ? panel[0] : HOURS;
    chunk[1] = panel[1];
    chunk[2] = panel[2];
    while (chunk[0] * chunk[1] * chunk[2] * size > CHUNK) {
        hsize_t *longer = chunk[1] >= chunk[2] ? &chunk[1] : &chunk[2];
        if (*longer == 1)
            break;
        *longer = (*longer + 1) / 2;
    }
}

struct panel_writer {
    struct ch_h5 *h;
    const char *name;
    int rank;
    hsize_t lead[CH_H5_RANK_MAX]; /* index of the panel in the leading dimensions */
    const hsize_t *panel;         /* its three sizes */
    hsize_t chunk[3];
    hid_t space;
    int64_t *buffer; /* one chunk */
};

/* Writes the chunk that begins at `at`; one without counts is left to the fill value 0. */
static void write_chunk(struct panel_writer *w, const int64_t *data, const hsize_t at[3])
{
    hsize_t start[CH_H5_RANK_MAX], count[CH_H5_RANK_MAX], n[3], used = 0;
    int64_t any = 0;
    for (int i = 0; i < 3; i++)
        n[i] = w->panel[i] - at[i] < w->chunk[i] ? w->panel[i] - at[i] : w->chunk[i];
    for (hsize_t t = 0; t < n[0]; t++)
        for (hsize_t y = 0; y < n[1]; y++)
            for (hsize_t x = 0; x < n[2]; x++) {
                int64_t cell = data[((at[0] + t) * w->panel[1] + at[1] + y) * w->panel[2] + at[2] + x];
                any |= cell;
                w->buffer[used++] = cell;
            }
    if (!any)
        return;
    for (int i = 0; i < w->rank; i++) {
        start[i] = i < w->rank - 3 ? w->lead[i] : at[i - w->rank + 3];
        count[i] = i < w->rank - 3 ? 1 : n[i - w->rank + 3];
    }
    hid_t memory = H5Screate_simple(3, n, NULL);
    bool good = memory >= 0 && H5Sselect_hyperslab(w->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                H5Dwrite(w->h->variable, H5T_NATIVE_INT64, memory, w->space, H5P_DEFAULT, w->buffer) >= 0;
    good = (memory < 0 || H5Sclose(memory) >= 0) && good;
    ch_h5_ok(w->h, good, "write", w->name);
}

static void write_panel(struct panel_writer *w, const int64_t *data)
{
    hsize_t at[3];
    for (at[0] = 0; at[0] < w->panel[0]; at[0] += w->chunk[0])
        for (at[1] = 0; at[1] < w->panel[1]; at[1] += w->chunk[1])
            for (at[2] = 0; at[2] < w->panel[2] && !w->h->failed; at[2] += w->chunk[2])
                write_chunk(w, data, at);
}

static uint64_t write_panels(struct panel_writer *w, const hsize_t *n, const int64_t *(*panel)(void *arg, size_t i), void *arg)
{
    size_t n_panels = 1, cells = w->panel[0] * w->panel[1] * w->panel[2];
    uint64_t sum = 0;
    for (int i = 0; i < w->rank - 3; i++)
        n_panels *= n[i];
    for (size_t i = 0; i < n_panels && !w->h->failed; i++) {
        size_t rest = i;
        for (int d = w->rank - 4; d >= 0; d--) {
            w->lead[d] = rest % n[d];
            rest /= n[d];
        }
        const int64_t *data = panel(arg, i);
        if (!data)
            continue;
        write_panel(w, data);
        sum += ch_h5_checksum(CH_H5_I64, data, cells, (uint64_t)i * cells);
    }
    return sum;
}

void ch_h5_panels(struct ch_h5 *h, const char *name, const char *dims, bool narrow, const int64_t *(*panel)(void *arg, size_t i),
                  void *arg, const char *units, const char *long_name)
{
    const struct ch_h5_dim *dim[CH_H5_RANK_MAX];
    hsize_t n[CH_H5_RANK_MAX], chunk[CH_H5_RANK_MAX], count = 1;
    struct panel_writer w = {.h = h, .name = name, .rank = find_dims(h, dims, dim, n)};
    if (h->failed)
        return; /* a dimension is missing for want of memory or because HDF5 refused it */
    CH_REQUIRE(w.rank >= 3);
    for (int i = 0; i < w.rank; i++) {
        count *= n[i];
        chunk[i] = 1;
    }
    size_t size = narrow ? 4 : 8;
    w.panel = n + w.rank - 3;
    panel_chunk(w.panel, size, w.chunk);
    memcpy(chunk + w.rank - 3, w.chunk, sizeof w.chunk);
    ch_h5_create_array(h, name, w.rank, n, narrow ? H5T_STD_I32LE : H5T_STD_I64LE, count * size < SMALL ? NULL : chunk, false);
    w.buffer = malloc(w.chunk[0] * w.chunk[1] * w.chunk[2] * sizeof *w.buffer);
    w.space = h->failed ? -1 : H5Dget_space(h->variable);
    if (ch_h5_ok(h, w.buffer && w.space >= 0, "allocate", name)) {
        uint64_t sum = write_panels(&w, n, panel, arg);
        ch_h5_record(h, name, CH_H5_I64, count, sum);
    }
    free(w.buffer);
    if (w.space >= 0)
        ch_h5_ok(h, H5Sclose(w.space) >= 0, "close", name);
    ch_h5_describe(h, units, long_name);
    attach(h, name, w.rank, dim);
}
