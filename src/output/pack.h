/* SPDX-License-Identifier: MIT
 * Bytes for a web page, gzip and base64, and files that appear whole or not at all. */
#ifndef CH_PACK_H
#define CH_PACK_H

#include "base/text.h"
#include <stdint.h>
#include <stdio.h>

/* Appends the bytes, compressed and in base64. False: out of memory. */
bool ch_pack_gzip64(const void *data, size_t n, struct ch_text *out);
/* Appends base64 alone. */
void ch_pack_base64(const unsigned char *data, size_t n, struct ch_text *out);
/* Writes a file beside its target, reads it back, renames it. Refuses an existing one unless force (CH_EXISTS). */
enum ch_code ch_pack_write(const char *path, bool force, const void *data, size_t n, struct ch_error *error);

/* The same for what is too long for memory, without reading it back: write to `out` between begin and end. */
struct ch_pack {
    FILE *out;
    const char *path; /* borrowed */
    char *part;
    bool force;
};
enum ch_code ch_pack_begin(const char *path, bool force, struct ch_pack *pack, struct ch_error *error);
/* The file takes its name if `code` is CH_OK and all was written, else it goes. Returns `code`, or the first failure. */
enum ch_code ch_pack_end(struct ch_pack *pack, enum ch_code code, struct ch_error *error);

#endif
