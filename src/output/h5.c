/* SPDX-License-Identifier: MIT
 * The file, its groups, dimensions and attributes. Arrays are in h5_array.c. */
#include "output/h5.h"
#include "base/text.h"
#include "output/h5_inside.h"
#include <chaland/assert.h>
#include <chaland/rng.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROWTH = 1 << 24 }; /* the image grows by 16 MiB */

/* What the library said at its last failure: kept then, since its own account is gone with the next call. */
static char last_failure[400] = "it gives no reason";

static herr_t keep_innermost(unsigned n, const H5E_error2_t *err, void *arg)
{
    (void)arg;
    if (n == 0)
        snprintf(last_failure, sizeof last_failure, "%s", err->desc ? err->desc : "unknown");
    return 0;
}

/* Of "file read failed: time = ..., errno = 5, error message = 'Input/output error', buf = ..." the words of the system. */
static void keep_words(void)
{
    static const char before[] = "error message = '";
    const char *words = strstr(last_failure, before), *end = words ? strchr(words + sizeof before - 1, '\'') : NULL;
    if (end) {
        size_t n = (size_t)(end - words) - (sizeof before - 1);
        memmove(last_failure, words + sizeof before - 1, n);
        last_failure[n] = 0;
    }
}

static herr_t keep_failure(hid_t stack, void *arg)
{
    H5Ewalk2(stack, H5E_WALK_UPWARD, keep_innermost, arg);
    keep_words();
    for (char *s = last_failure; *s; s++)
        if (*s == '\n')
            *s = ' ';
    return 0;
}

void ch_h5_start(void)
{
    static bool started;
    if (!started)
        H5dont_atexit();
    started = true;
    H5open();
    H5Eset_auto2(H5E_DEFAULT, keep_failure, NULL);
}

const char *ch_h5_why(void) { return last_failure; }

bool ch_h5_ok(struct ch_h5 *h, bool good, const char *what, const char *name)
{
    if (!good && !h->failed) {
        h->failed = true;
        ch_fail(&h->error, CH_IO, "HDF5 cannot %s '%s' in group '/%s': %s", what, name, h->group_name, ch_h5_why());
    }
    return good && !h->failed;
}

/* Property lists: no object times, so that equal results are equal bytes; creation order is kept, as netCDF-4 wants it. */
static hid_t properties(struct ch_h5 *h, hid_t class)
{
    hid_t list = H5Pcreate(class);
    bool good = list >= 0 && H5Pset_attr_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0;
    if (good && class != H5P_DATASET_CREATE)
        good = H5Pset_link_creation_order(list, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED) >= 0;
    ch_h5_ok(h, good && H5Pset_obj_track_times(list, 0) >= 0, "set up", "properties");
    return list;
}

hid_t ch_h5_text_type(void)
{
    hid_t text = H5Tcopy(H5T_C_S1);
    if (text < 0 || H5Tset_size(text, H5T_VARIABLE) < 0 || H5Tset_cset(text, H5T_CSET_UTF8) < 0)
        return -1;
    return text;
}

/* The memory of the file. Its bytes are final only when the file is closed, so closing hands them over. */
static void *image_malloc(size_t n, H5FD_file_image_op_t op, void *arg)
{
    (void)op;
    (void)arg;
    return malloc(n);
}

static void *image_copy(void *to, const void *from, size_t n, H5FD_file_image_op_t op, void *arg)
{
    (void)op;
    (void)arg;
    return memcpy(to, from, n);
}

static void *image_realloc(void *data, size_t n, H5FD_file_image_op_t op, void *arg)
{
    (void)op;
    (void)arg;
    return realloc(data, n);
}

static herr_t image_free(void *data, H5FD_file_image_op_t op, void *arg)
{
    struct ch_h5 *h = arg;
    if (op == H5FD_FILE_IMAGE_OP_FILE_CLOSE)
        h->image = data;
    else
        free(data);
    return 0;
}

static void *image_share(void *arg) { return arg; }

static herr_t image_unshare(void *arg)
{
    (void)arg;
    return 0;
}

static hid_t access_in_memory(struct ch_h5 *h)
{
    H5FD_file_image_callbacks_t calls = {image_malloc, image_copy, image_realloc, image_free, image_share, image_unshare, h};
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    ch_h5_ok(h,
             access >= 0 && H5Pset_fapl_core(access, GROWTH, 0) >= 0 && H5Pset_file_image_callbacks(access, &calls) >= 0 &&
                 H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
                 H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V110) >= 0,
             "set up", "the file");
    return access;
}

void ch_h5_create(struct ch_h5 *h)
{
    ch_h5_start();
    *h = (struct ch_h5){.file = -1, .group = -1, .variable = -1, .text = -1, .create = -1};
    hid_t access = access_in_memory(h), create = properties(h, H5P_FILE_CREATE);
    if (!h->failed)
        h->file = H5Fcreate("chaland", H5F_ACC_TRUNC, create, access); /* a name without a file */
    ch_h5_ok(h, h->file >= 0, "create", "the file");
    h->text = ch_h5_text_type();
    h->create = properties(h, H5P_DATASET_CREATE);
    ch_h5_ok(h, h->text >= 0, "set up", "text");
    if (access >= 0)
        H5Pclose(access);
    if (create >= 0)
        H5Pclose(create);
}

/* Length of the file as its superblock (version 2) tells: behind it is only room to grow. */
static size_t image_length(const unsigned char *image)
{
    size_t n = 0;
    for (int i = 7; i >= 0; i--)
        n = n << 8 | image[28 + i];
    return n;
}

enum ch_code ch_h5_close(struct ch_h5 *h, unsigned char **image, size_t *n, struct ch_error *error)
{
    ch_h5_group_end(h);
    if (h->create >= 0)
        ch_h5_ok(h, H5Pclose(h->create) >= 0, "close", "properties");
    if (h->text >= 0)
        ch_h5_ok(h, H5Tclose(h->text) >= 0, "close", "text");
    if (h->file >= 0) {
        ch_h5_ok(h, H5Fget_obj_count(h->file, H5F_OBJ_ALL) == 1, "close", "all objects");
        ch_h5_ok(h, H5Fclose(h->file) >= 0, "close", "the file");
    }
    ch_h5_ok(h, h->image && h->image[8] == 2, "finish", "the file");
    h->file = h->text = h->create = -1;
    *image = h->failed ? NULL : h->image;
    *n = h->failed ? 0 : image_length(h->image);
    if (!h->failed)
        return CH_OK;
    free(h->image);
    return ch_fail(error, h->error.code, "%s", h->error.text);
}

void ch_h5_variable_end(struct ch_h5 *h)
{
    if (h->variable >= 0)
        ch_h5_ok(h, H5Dclose(h->variable) >= 0, "close", "an array");
    h->variable = -1;
}

void ch_h5_group(struct ch_h5 *h, const char *name, const char *comment)
{
    ch_h5_group_end(h);
    snprintf(h->group_name, sizeof h->group_name, "%s", name);
    hid_t create = properties(h, H5P_GROUP_CREATE);
    if (!h->failed)
        h->group = H5Gcreate2(h->file, name, H5P_DEFAULT, create, H5P_DEFAULT);
    ch_h5_ok(h, h->group >= 0, "create", name);
    if (create >= 0)
        H5Pclose(create);
    ch_h5_note_text(h, "comment", comment);
}

void ch_h5_group_end(struct ch_h5 *h)
{
    ch_h5_variable_end(h);
    for (unsigned i = 0; i < h->n_dims; i++)
        if (h->dim[i].scale >= 0)
            ch_h5_ok(h, H5Dclose(h->dim[i].scale) >= 0, "close", h->dim[i].name);
    h->n_dims = 0;
    if (h->group >= 0)
        ch_h5_ok(h, H5Gclose(h->group) >= 0, "close", h->group_name);
    h->group = -1;
    h->group_name[0] = 0;
}

void ch_h5_scale(struct ch_h5 *h, const char *name, size_t n)
{
    CH_REQUIRE(h->n_dims < CH_H5_DIMS_MAX);
    struct ch_h5_dim *dim = &h->dim[h->n_dims++];
    snprintf(dim->name, sizeof dim->name, "%s", name);
    dim->n = n;
    dim->scale = -1;
    if (!ch_h5_ok(h, !h->failed && H5DSset_scale(h->variable, name) >= 0, "make a scale of", name))
        return;
    dim->scale = h->variable;
    ch_h5_ok(h, H5Iinc_ref(h->variable) > 0, "keep", name); /* once as variable in hand, once as scale */
}

void ch_h5_dim(struct ch_h5 *h, const char *name, enum ch_h5_type type, size_t n, const void *data, const char *units,
               const char *long_name)
{
    CH_REQUIRE(h->n_dims < CH_H5_DIMS_MAX && n > 0);
    const hsize_t size = n;
    ch_h5_begin_plain(h, name, 1, &size, type);
    ch_h5_write_plain(h, name, type, data, n);
    ch_h5_describe(h, units, long_name);
    ch_h5_scale(h, name, n);
}

void ch_h5_dim_count(struct ch_h5 *h, const char *name, size_t n, const char *long_name)
{
    int32_t *count = malloc((n + 1) * sizeof *count);
    for (size_t i = 0; count && i < n; i++)
        count[i] = (int32_t)i;
    if (ch_h5_ok(h, count != NULL, "allocate", name))
        ch_h5_dim(h, name, CH_H5_I32, n, count, NULL, long_name);
    free(count);
}

/* n = 0 is a scalar. */
static void note_n(struct ch_h5 *h, const char *name, hid_t file_type, hid_t memory_type, hsize_t n, const void *value)
{
    hid_t at = h->variable >= 0 ? h->variable : h->group >= 0 ? h->group : h->file;
    if (h->failed)
        return;
    hid_t space = n ? H5Screate_simple(1, &n, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = space >= 0 ? H5Acreate2(at, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT) : -1;
    bool good = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;
    good = (attribute < 0 || H5Aclose(attribute) >= 0) && good;
    good = (space < 0 || H5Sclose(space) >= 0) && good;
    ch_h5_ok(h, good, "write attribute", name);
}

static void note(struct ch_h5 *h, const char *name, hid_t file_type, hid_t memory_type, const void *value)
{
    note_n(h, name, file_type, memory_type, 0, value);
}

void ch_h5_note_text(struct ch_h5 *h, const char *name, const char *value)
{
    char *clean = ch_h5_clean(value);
    if (ch_h5_ok(h, clean != NULL, "allocate", name))
        note(h, name, h->text, h->text, &clean);
    free(clean);
}

void ch_h5_note_f64(struct ch_h5 *h, const char *name, double value) { note(h, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value); }
void ch_h5_note_i64(struct ch_h5 *h, const char *name, int64_t value) { note(h, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value); }
void ch_h5_note_u64(struct ch_h5 *h, const char *name, uint64_t value)
{
    note(h, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}
void ch_h5_note_u8(struct ch_h5 *h, const char *name, uint8_t value) { note(h, name, H5T_STD_U8LE, H5T_NATIVE_UINT8, &value); }

void ch_h5_note_flags(struct ch_h5 *h, unsigned n, const char *meanings)
{
    uint8_t values[32];
    CH_REQUIRE(n <= sizeof values);
    for (unsigned i = 0; i < n; i++)
        values[i] = (uint8_t)i;
    note_n(h, "flag_values", H5T_STD_U8LE, H5T_NATIVE_UINT8, n, values);
    ch_h5_note_text(h, "flag_meanings", meanings);
}
