/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "output/pack.h"
#include "output/results_inside.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { GZIP = 16 + 15, MEMORY = 8, LEVEL = 6 }; /* zlib's words for a gzip header, its usual memory and effort */

void ch_pack_base64(const unsigned char *data, size_t n, struct ch_text *out)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char block[4 * 256];
    size_t k = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t x = (uint32_t)data[i] << 16 | (i + 1 < n ? (uint32_t)data[i + 1] << 8 : 0) | (i + 2 < n ? data[i + 2] : 0);
        block[k++] = digit[x >> 18];
        block[k++] = digit[x >> 12 & 63];
        block[k++] = i + 1 < n ? digit[x >> 6 & 63] : '=';
        block[k++] = i + 2 < n ? digit[x & 63] : '=';
        if (k == sizeof block || i + 3 >= n) {
            ch_text_addn(out, block, k);
            k = 0;
        }
    }
}

bool ch_pack_gzip64(const void *data, size_t n, struct ch_text *out)
{
    z_stream z = {0};
    bool good = n < UINT32_MAX && deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!good)
        return false;
    size_t cap = deflateBound(&z, (uLong)n) + 32;
    unsigned char *packed = malloc(cap);
    z.next_in = (Bytef *)(uintptr_t)data;
    z.avail_in = (uInt)n;
    z.next_out = packed;
    z.avail_out = (uInt)cap;
    good = packed && cap < UINT32_MAX && deflate(&z, Z_FINISH) == Z_STREAM_END;
    if (good)
        ch_pack_base64(packed, z.total_out, out);
    deflateEnd(&z);
    free(packed);
    return good && !out->failed;
}

enum ch_code ch_pack_write(const char *path, bool force, const void *data, size_t n, struct ch_error *error)
{
    char *part = NULL;
    enum ch_code code = ch_results_target(path, force, error);
    if (code == CH_OK)
        code = ch_store_part(path, data, n, &part, error);
    if (code == CH_OK)
        code = ch_store_commit(part, path, force, error);
    free(part);
    return code;
}

enum ch_code ch_pack_begin(const char *path, bool force, struct ch_pack *pack, struct ch_error *error)
{
    *pack = (struct ch_pack){.path = path, .force = force};
    enum ch_code code = ch_results_target(path, force, error);
    if (code != CH_OK)
        return code;
    pack->part = ch_store_part_name(path);
    pack->out = pack->part ? fopen(pack->part, "w") : NULL;
    if (pack->out)
        return CH_OK;
    code = pack->part ? ch_fail(error, CH_IO, "%s: cannot be written: %s", path, strerror(errno))
                      : ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    free(pack->part);
    return code;
}

enum ch_code ch_pack_end(struct ch_pack *pack, enum ch_code code, struct ch_error *error)
{
    bool bad = ferror(pack->out) != 0 || fflush(pack->out) != 0 || fsync(fileno(pack->out)) != 0;
    bad |= fclose(pack->out) != 0;
    if (code == CH_OK && bad)
        code = ch_fail(error, CH_IO, "%s: writing failed: %s", pack->path, strerror(errno));
    if (code == CH_OK)
        code = ch_store_commit(pack->part, pack->path, pack->force, error);
    else
        unlink(pack->part);
    free(pack->part);
    *pack = (struct ch_pack){0};
    return code;
}
