/* SPDX-License-Identifier: MIT
 * A file of named sections, written and read from front to back: what checkpoints are made of. Bytes travel in frames that carry
 * their length and a CRC, so damage and a torn end are seen. The file takes its name when it is whole and on the disk.
 * Numbers are in the order of this processor. */
#ifndef CH_SNAPSHOT_H
#define CH_SNAPSHOT_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ch_snapshot; /* being written, or being read */

/* Writes beside `path`. Errors are kept and told by commit. NULL when out of memory. */
struct ch_snapshot *ch_snapshot_create(const char *path);
void ch_snapshot_section(struct ch_snapshot *out, const char *name); /* at most 15 letters; ends the one before */
void ch_snapshot_put(struct ch_snapshot *out, const void *data, size_t n);
/* Syncs, renames over what was there, frees. CH_IO, or CH_TOO_BIG when `out` is NULL. */
enum ch_code ch_snapshot_commit(struct ch_snapshot *out, struct ch_error *error);
void ch_snapshot_abandon(struct ch_snapshot *out); /* NULL is allowed */

/* CH_INVALID: not there, or not such a file. Later errors are kept: get says false, and close tells them; CH_INVALID: damaged. */
enum ch_code ch_snapshot_open(const char *path, struct ch_snapshot **in, struct ch_error *error);
/* Goes on to the next section, which must be this one, behind all bytes of the last. */
bool ch_snapshot_enter(struct ch_snapshot *in, const char *name);
bool ch_snapshot_get(struct ch_snapshot *in, void *data, size_t n);
/* Are there more bytes in this section? */
bool ch_snapshot_more(struct ch_snapshot *in);
/* Goes through the rest, for its checksums alone. */
void ch_snapshot_skim(struct ch_snapshot *in);
enum ch_code ch_snapshot_close(struct ch_snapshot *in, struct ch_error *error); /* frees */

/* Replaces a small file as a whole: written beside it, synced, read back, renamed. */
enum ch_code ch_snapshot_replace(const char *path, const char *text, size_t n, struct ch_error *error);

#endif
