/* SPDX-License-Identifier: MIT
 * Bytes for a web page, gzip and base64, and a page that appears whole or not at all. */
#ifndef CH_PACK_H
#define CH_PACK_H

#include "base/text.h"
#include <stdint.h>

/* Appends the bytes, compressed and in base64. False: out of memory. */
bool ch_pack_gzip64(const void *data, size_t n, struct ch_text *out);
/* Appends base64 alone. */
void ch_pack_base64(const unsigned char *data, size_t n, struct ch_text *out);
/* Can it be written there? As ch_results_target. */
enum ch_code ch_pack_target(const char *path, bool force, struct ch_error *error);
/* Writes a file beside its target, reads it back, renames it. Refuses an existing one unless force (CH_EXISTS). */
enum ch_code ch_pack_write(const char *path, bool force, const void *data, size_t n, struct ch_error *error);

#endif
