/* SPDX-License-Identifier: MIT
 * Reads every array of a file back, with the ordinary file driver, and compares number and checksum of its values. */
#include "output/h5.h"
#include "output/h5_inside.h"
#include <stdlib.h>

struct reader {
    hid_t set, space, text;
    int rank;
    hsize_t n[CH_H5_RANK_MAX];
    uint64_t count;
};

static bool read_whole(const struct reader *r, enum ch_h5_type type, uint64_t *sum)
{
    size_t size = type == CH_H5_TEXT ? sizeof(char *) : 8;
    void *data = calloc(r->count + 1, size);
    hid_t memory = ch_h5_memory_type(type, r->text);
    bool good = data && H5Dread(r->set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    if (good)
        *sum = ch_h5_checksum(type, data, r->count, 0);
    if (good && type == CH_H5_TEXT)
        good = H5Dvlen_reclaim(memory, r->space, H5P_DEFAULT, data) >= 0;
    free(data);
    return good;
}

/* One slab: some hours of some rows, over the whole width, of one panel. */
static bool read_slab(const struct reader *r, const hsize_t *start, const hsize_t *count, int64_t *buffer, uint64_t *sum)
{
    const hsize_t *n = r->n + r->rank - 3, *at = start + r->rank - 3, *m = count + r->rank - 3;
    hid_t memory = H5Screate_simple(r->rank, count, NULL);
    bool good = memory >= 0 && H5Sselect_hyperslab(r->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                H5Dread(r->set, H5T_NATIVE_INT64, memory, r->space, H5P_DEFAULT, buffer) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    uint64_t panel = 0;
    for (int i = 0; i < r->rank - 3; i++)
        panel = panel * r->n[i] + start[i];
    for (hsize_t t = 0; good && t < m[0]; t++)
        *sum +=
            ch_h5_checksum(CH_H5_I64, buffer + t * m[1] * n[2], m[1] * n[2], ((panel * n[0] + at[0] + t) * n[1] + at[1]) * n[2]);
    return good;
}

/* Sizes of the pieces to read: those of the chunks, or the whole panel. */
static bool piece_sizes(const struct reader *r, hsize_t piece[3])
{
    hsize_t chunk[CH_H5_RANK_MAX];
    hid_t create = H5Dget_create_plist(r->set);
    bool good = create >= 0, chunked = good && H5Pget_layout(create) == H5D_CHUNKED;
    if (chunked)
        good = H5Pget_chunk(create, CH_H5_RANK_MAX, chunk) == r->rank;
    if (create >= 0)
        H5Pclose(create);
    for (int i = 0; i < 3; i++)
        piece[i] = chunked && good ? chunk[r->rank - 3 + i] : r->n[r->rank - 3 + i];
    return good;
}

/* Panels are read in pieces of one chunk's hours and rows, so that a huge map needs little memory. */
static bool read_panels(const struct reader *r, uint64_t *sum)
{
    const hsize_t *n = r->n + r->rank - 3;
    hsize_t chunk[3] = {0}, start[CH_H5_RANK_MAX], count[CH_H5_RANK_MAX];
    bool good = piece_sizes(r, chunk);
    int64_t *buffer = malloc(chunk[0] * chunk[1] * n[2] * sizeof *buffer);
    good = good && buffer;
    uint64_t panels = r->count / (n[0] * n[1] * n[2]);
    for (uint64_t p = 0; p < panels; p++) {
        uint64_t rest = p;
        for (int i = r->rank - 4; i >= 0; i--) {
            start[i] = rest % r->n[i];
            count[i] = 1;
            rest /= r->n[i];
        }
        hsize_t *at = start + r->rank - 3, *m = count + r->rank - 3;
        at[2] = 0;
        m[2] = n[2];
        for (at[0] = 0; at[0] < n[0]; at[0] += chunk[0])
            for (at[1] = 0; good && at[1] < n[1]; at[1] += chunk[1]) {
                m[0] = n[0] - at[0] < chunk[0] ? n[0] - at[0] : chunk[0];
                m[1] = n[1] - at[1] < chunk[1] ? n[1] - at[1] : chunk[1];
                good = read_slab(r, start, count, buffer, sum);
            }
    }
    free(buffer);
    return good;
}

static bool open_array(hid_t file, const struct ch_h5_record *record, struct reader *r)
{
    r->set = H5Dopen2(file, record->path, H5P_DEFAULT);
    r->space = r->set >= 0 ? H5Dget_space(r->set) : -1;
    r->rank = r->space >= 0 ? H5Sget_simple_extent_dims(r->space, NULL, NULL) : -1;
    if (r->rank < 0 || r->rank > CH_H5_RANK_MAX || H5Sget_simple_extent_dims(r->space, r->n, NULL) < 0)
        return false;
    r->count = 1;
    for (int i = 0; i < r->rank; i++)
        r->count *= r->n[i];
    return r->count == record->count;
}

/* NULL, or what is wrong. */
static const char *verify_one(hid_t file, hid_t text, const struct ch_h5_record *record)
{
    struct reader r = {.set = -1, .space = -1, .text = text};
    uint64_t sum = 0;
    bool good = open_array(file, record, &r);
    if (good)
        good = record->type == CH_H5_I64 && r.rank >= 3 ? read_panels(&r, &sum) : read_whole(&r, record->type, &sum);
    const char *why = good ? "differs from what was written" : ch_h5_why();
    if (r.space >= 0)
        good = H5Sclose(r.space) >= 0 && good;
    if (r.set >= 0)
        good = H5Dclose(r.set) >= 0 && good;
    return good && sum == record->checksum ? NULL : why;
}

enum ch_code ch_h5_verify(const char *path, const struct ch_h5_record *record, unsigned n, struct ch_error *error)
{
    ch_h5_start();
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), text = ch_h5_text_type();
    enum ch_code code = CH_OK;
    if (file < 0 || text < 0)
        code = ch_fail(error, CH_IO, "%s: cannot be read back: %s", path, ch_h5_why());
    for (unsigned i = 0; i < n && !code; i++) {
        const char *why = verify_one(file, text, &record[i]);
        if (why)
            code = ch_fail(error, CH_IO, "%s: '%s', read back: %s", path, record[i].path, why);
    }
    if (text >= 0)
        H5Tclose(text);
    if (file >= 0 && H5Fclose(file) < 0 && !code)
        code = ch_fail(error, CH_IO, "%s: cannot be closed after reading back: %s", path, ch_h5_why());
    return code;
}
