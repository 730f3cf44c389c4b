/* SPDX-License-Identifier: MIT
 * Attributes and texts out of a file: copies, so that the library's own go back to it at once. */
#define _POSIX_C_SOURCE 200809L
#include "output/h5_inside.h"
#include <stdlib.h>
#include <string.h>

char *ch_h5_read_note(hid_t at, const char *object, const char *name)
{
    char *value = NULL, *copy = NULL;
    bool there = H5Aexists_by_name(at, object, name, H5P_DEFAULT) > 0;
    hid_t note = there ? H5Aopen_by_name(at, object, name, H5P_DEFAULT, H5P_DEFAULT) : -1,
          type = note >= 0 ? H5Aget_type(note) : -1, text = ch_h5_text_type();
    if (type >= 0 && text >= 0 && H5Tis_variable_str(type) > 0 && H5Aread(note, text, &value) >= 0 && value) {
        copy = strdup(value);
        H5free_memory(value);
    }
    if (text >= 0)
        H5Tclose(text);
    if (type >= 0)
        H5Tclose(type);
    if (note >= 0)
        H5Aclose(note);
    return copy;
}

bool ch_h5_read_number(hid_t at, const char *object, const char *name, double *value)
{
    bool there = H5Aexists_by_name(at, object, name, H5P_DEFAULT) > 0;
    hid_t note = there ? H5Aopen_by_name(at, object, name, H5P_DEFAULT, H5P_DEFAULT) : -1,
          space = note >= 0 ? H5Aget_space(note) : -1;
    bool good = space >= 0 && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(note, H5T_NATIVE_DOUBLE, value) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (note >= 0)
        H5Aclose(note);
    return good;
}

char **ch_h5_read_texts(hid_t set, hid_t space, size_t n)
{
    hid_t text = ch_h5_text_type();
    char **raw = calloc(n + 1, sizeof *raw), **copy = calloc(n + 1, sizeof *copy);
    bool good = raw && copy && text >= 0 && H5Dread(set, text, H5S_ALL, H5S_ALL, H5P_DEFAULT, raw) >= 0;
    for (size_t i = 0; good && i < n; i++)
        good = (copy[i] = strdup(raw[i] ? raw[i] : "")) != NULL;
    if (raw && text >= 0)
        H5Dvlen_reclaim(text, space, H5P_DEFAULT, raw); /* also what a failed reading left */
    if (text >= 0)
        H5Tclose(text);
    free(raw);
    if (!good) {
        ch_h5_free_texts(copy, n);
        copy = NULL;
    }
    return copy;
}

char **ch_h5_read_names(hid_t at, const char *path, size_t *n)
{
    hsize_t size = 0;
    hid_t set = H5Dopen2(at, path, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1;
    bool list = space >= 0 && H5Sget_simple_extent_ndims(space) == 1 && H5Sget_simple_extent_dims(space, &size, NULL) == 1;
    char **names = list ? ch_h5_read_texts(set, space, (size_t)size) : NULL;
    *n = names ? (size_t)size : 0;
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
    return names;
}

void ch_h5_free_texts(char **text, size_t n)
{
    for (size_t i = 0; text && i < n; i++)
        free(text[i]);
    free(text);
}
