/* SPDX-License-Identifier: MIT
 * Columns that come packed: their chunks go into the file as they are, past the filters. */
#include "output/h5.h"
#include "output/h5_inside.h"
#include <chaland/assert.h>
#include <hdf5_hl.h>
#include <string.h>

static bool write_chunks(hid_t set, const struct ch_h5_column *column, size_t size)
{
    bool good = true;
    for (size_t i = 0; i < column->n_chunks && good; i++) {
        const hsize_t at[1] = {i * size};
        good = H5Dwrite_chunk(set, H5P_DEFAULT, 0, at, column->chunk[i].n, column->chunk[i].data) >= 0;
    }
    return good;
}

void ch_h5_packed(struct ch_h5 *h, const char *name, const char *dim, const struct ch_h5_column *column, size_t n, size_t size,
                  const char *units, const char *long_name)
{
    const hsize_t dims[1] = {n}, chunk[1] = {size};
    CH_REQUIRE(column->n_chunks == (n + size - 1) / size);
    ch_h5_create_array(h, name, 1, dims, ch_h5_file_type(column->type, h->text), chunk, true);
    if (!h->failed)
        ch_h5_ok(h, write_chunks(h->variable, column, size), "write", name);
    ch_h5_record(h, name, column->type, n, column->checksum);
    ch_h5_describe(h, units, long_name);
    if (strcmp(name, dim) == 0)
        ch_h5_scale(h, name, n);
    else
        ch_h5_attach(h, name, dim);
}
