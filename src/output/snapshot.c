/* SPDX-License-Identifier: MIT
 * A section is a head frame with its name, then frames of data; a frame without bytes is the end of the file. */
#define _POSIX_C_SOURCE 200809L
#include "output/snapshot.h"
#include "output/results_inside.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { FRAME = 1 << 20, NAME = 16, DATA = 0x61746164, HEAD = 0x64616568, END = 0x20646e65 };
static const char magic[NAME] = "chaland set 1\r\n";

struct frame {
    uint32_t kind, bytes;   /* DATA, HEAD or END */
    uint32_t crc, of_these; /* of the bytes; of the three numbers before */
};

struct ch_snapshot {
    int fd;
    char *path, *part;
    unsigned char *data; /* [FRAME] */
    size_t n, at;        /* bytes in it; read so far */
    struct frame next;   /* reading: the frame behind */
    const char *why;     /* first thing that went wrong */
    int error;           /* its errno, 0: the file is damaged */
};

static void blame(struct ch_snapshot *s, const char *why, int error)
{
    if (s->why)
        return;
    s->why = why;
    s->error = error;
}

static void drop(struct ch_snapshot *s)
{
    if (s->fd >= 0)
        close(s->fd);
    free(s->path);
    free(s->part);
    free(s->data);
    free(s);
}

static struct ch_snapshot *create(const char *path)
{
    struct ch_snapshot *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fd = -1;
    s->path = strdup(path);
    s->part = ch_store_part_name(path);
    s->data = malloc(FRAME);
    if (s->path && s->part && s->data)
        return s;
    drop(s);
    return NULL;
}

static uint32_t crc_of(const void *data, size_t n) { return (uint32_t)crc32_z(crc32(0, NULL, 0), data, n); }

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void write_all(struct ch_snapshot *s, const void *data, size_t n)
{
    const char *at = data;
    while (n > 0 && !s->why) {
        ssize_t done = write(s->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            blame(s, "cannot be written", done < 0 ? errno : EIO);
            return;
        }
        at += done;
        n -= (size_t)done;
    }
}

static void write_frame(struct ch_snapshot *s, uint32_t kind, const void *data, size_t n)
{
    struct frame frame = {.kind = kind, .bytes = (uint32_t)n, .crc = crc_of(data, n)};
    frame.of_these = crc_of(&frame, 3 * sizeof frame.crc);
    write_all(s, &frame, sizeof frame);
    write_all(s, data, n);
}

static void flush(struct ch_snapshot *s)
{
    if (s->n > 0)
        write_frame(s, DATA, s->data, s->n);
    s->n = 0;
}

struct ch_snapshot *ch_snapshot_create(const char *path)
{
    struct ch_snapshot *out = create(path);
    if (!out)
        return NULL;
    signal(SIGXFSZ, SIG_IGN); /* a file that grew too large is an error to tell */
    out->fd = open(out->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out->fd < 0)
        blame(out, "cannot be made", errno);
    write_all(out, magic, sizeof magic);
    return out;
}

void ch_snapshot_section(struct ch_snapshot *out, const char *name)
{
    char head[NAME] = "";
    if (!out)
        return;
    snprintf(head, sizeof head, "%s", name);
    flush(out);
    write_frame(out, HEAD, head, sizeof head);
}

void ch_snapshot_put(struct ch_snapshot *out, const void *data, size_t n)
{
    const unsigned char *at = data;
    while (out && n > 0) {
        size_t room = FRAME - out->n, now = n < room ? n : room;
        memcpy(out->data + out->n, at, now);
        out->n += now;
        at += now;
        n -= now;
        if (out->n == FRAME)
            flush(out);
    }
}

enum ch_code ch_snapshot_commit(struct ch_snapshot *out, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    if (!out)
        return ch_fail(error, CH_TOO_BIG, "out of memory for a checkpoint");
    flush(out);
    write_frame(out, END, NULL, 0);
    if (!out->why && fsync(out->fd) != 0)
        blame(out, "cannot be synced", errno);
    if (out->fd >= 0 && close(out->fd) != 0)
        blame(out, "cannot be closed", errno);
    out->fd = -1;
    if (out->why) {
        code = ch_fail(error, CH_IO, "%s: %s: %s", out->part, out->why, strerror(out->error));
        unlink(out->part);
    } else {
        code = ch_store_commit(out->part, out->path, true, error);
    }
    drop(out);
    return code;
}

void ch_snapshot_abandon(struct ch_snapshot *out)
{
    if (!out)
        return;
    unlink(out->part);
    drop(out);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool read_all(struct ch_snapshot *s, void *data, size_t n)
{
    char *at = data;
    while (n > 0 && !s->why) {
        ssize_t got = read(s->fd, at, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            blame(s, got < 0 ? "cannot be read" : "ends too early", got < 0 ? errno : 0);
        else {
            at += got;
            n -= (size_t)got;
        }
    }
    return !s->why;
}

/* Takes in the head of the frame behind. */
static void look_ahead(struct ch_snapshot *s)
{
    if (!read_all(s, &s->next, sizeof s->next))
        return;
    if (s->next.of_these != crc_of(&s->next, 3 * sizeof s->next.crc) || s->next.bytes > FRAME)
        blame(s, "is damaged", 0);
}

/* Takes in the frame announced, and the head of the one behind it. */
static bool take_frame(struct ch_snapshot *s)
{
    uint32_t crc = s->next.crc;
    s->at = 0;
    s->n = 0;
    if (s->why || !read_all(s, s->data, s->next.bytes))
        return false;
    s->n = s->next.bytes;
    if (crc_of(s->data, s->n) != crc)
        blame(s, "is damaged", 0);
    if (s->next.kind != END)
        look_ahead(s);
    return !s->why;
}

enum ch_code ch_snapshot_open(const char *path, struct ch_snapshot **in, struct ch_error *error)
{
    char head[NAME];
    struct ch_snapshot *s = create(path);
    *in = NULL;
    if (!s)
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0)
        blame(s, "cannot be opened", errno);
    if (read_all(s, head, sizeof head) && memcmp(head, magic, sizeof head) != 0)
        blame(s, "is no checkpoint of this version", 0);
    look_ahead(s);
    if (s->why)
        return ch_snapshot_close(s, error);
    *in = s;
    return CH_OK;
}

bool ch_snapshot_enter(struct ch_snapshot *in, const char *name)
{
    if (in->at < in->n || in->next.kind != HEAD || !take_frame(in) || in->n != NAME || strncmp((char *)in->data, name, NAME) != 0)
        blame(in, "does not hold what is expected here", 0);
    in->at = in->n;
    return !in->why;
}

bool ch_snapshot_more(struct ch_snapshot *in) { return !in->why && (in->at < in->n || in->next.kind == DATA); }

bool ch_snapshot_get(struct ch_snapshot *in, void *data, size_t n)
{
    char *to = data;
    while (n > 0) {
        if (!ch_snapshot_more(in))
            blame(in, "holds less than is expected here", 0);
        if (in->why || (in->at == in->n && !take_frame(in)))
            return false;
        size_t now = in->n - in->at < n ? in->n - in->at : n;
        memcpy(to, in->data + in->at, now);
        in->at += now;
        to += now;
        n -= now;
    }
    return true;
}

void ch_snapshot_skim(struct ch_snapshot *in)
{
    while (in->next.kind != END && take_frame(in))
        ;
}

enum ch_code ch_snapshot_close(struct ch_snapshot *in, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    if (in->why)
        code = ch_fail(error, in->error && in->error != ENOENT ? CH_IO : CH_INVALID, "%s: %s%s%s", in->path, in->why,
                       in->error ? ": " : "", in->error ? strerror(in->error) : "");
    drop(in);
    return code;
}

/* ---- small files ------------------------------------------------------------------------------------------------- */

enum ch_code ch_snapshot_replace(const char *path, const char *text, size_t n, struct ch_error *error)
{
    char *part = NULL;
    enum ch_code code = ch_store_part(path, (const unsigned char *)text, n, &part, error);
    if (code == CH_OK)
        code = ch_store_commit(part, path, true, error);
    free(part);
    return code;
}
