/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/records.h"
#include "sweep/attempt.h"
#include <chaland/assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 64, KEY = 32, SYNC_S = 30, ATTEMPTS = 1000 };
static const char file_magic[16] = "chaland runs 1\n"; /* a change of what records hold changes the number */
static const char record_magic[4] = {'r', 'u', 'n', '1'};

struct entry {
    struct ch_run_key key; /* "" if the slot is free */
    unsigned file, status;
    uint64_t at, n_result, n_occasion;
};

struct file {
    char *path;
    int fd;
};

struct ch_records {
    char *name;
    const char *ending;
    pthread_mutex_t lock;
    struct entry *entry; /* hashed; cap is a power of 2, at most half full */
    unsigned n, cap, n_files, n_read;
    struct file *file; /* those that were read, then the own one */
    int own;           /* index of it, or -1 */
    uint64_t own_end;  /* behind its last good record */
    time_t synced;
};

/* ---- index ------------------------------------------------------------------------------------------------------- */

static unsigned slot_of(const struct ch_records *r, const struct ch_run_key *key)
{
    uint64_t h = 0;
    for (int i = 0; i < 16; i++)
        h = h << 4 ^ (unsigned char)key->text[i] * 0x9e3779b97f4a7c15u;
    unsigned at = (unsigned)(h >> 32) & (r->cap - 1);
    while (r->entry[at].key.text[0] && strcmp(r->entry[at].key.text, key->text) != 0)
        at = (at + 1) & (r->cap - 1);
    return at;
}

static bool make_room(struct ch_records *r)
{
    if (2 * (r->n + 1) <= r->cap)
        return true;
    struct ch_records more = {.cap = r->cap ? 2 * r->cap : 256};
    more.entry = calloc(more.cap, sizeof *more.entry);
    if (!more.entry)
        return false;
    for (unsigned i = 0; i < r->cap; i++)
        if (r->entry[i].key.text[0])
            more.entry[slot_of(&more, &r->entry[i].key)] = r->entry[i];
    free(r->entry);
    r->entry = more.entry;
    r->cap = more.cap;
    return true;
}

static const struct entry *find(const struct ch_records *r, const struct ch_run_key *key)
{
    const struct entry *e = r->cap ? &r->entry[slot_of(r, key)] : NULL;
    return e && e->key.text[0] ? e : NULL;
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

static void make_bytes(const struct ch_record *record, struct ch_bytes *out)
{
    ch_bytes_add(out, record_magic, sizeof record_magic);
    ch_bytes_u32(out, 0);
    ch_bytes_u64(out, record->n_result);
    ch_bytes_u32(out, (uint32_t)record->n_occasion);
    ch_bytes_u32(out, record->status);
    ch_bytes_add(out, record->key.text, KEY);
    ch_bytes_u64(out, record->index);
    ch_bytes_add(out, record->result, record->n_result);
    ch_bytes_add(out, record->occasion, record->n_occasion);
    if (out->failed)
        return;
    uint32_t crc = ch_crc32c(0, out->at + 8, out->n - 8);
    for (int i = 0; i < 4; i++)
        out->at[4 + i] = (unsigned char)(crc >> (8 * i));
}

/* False beyond the last whole record. */
static bool read_at(int fd, uint64_t at, void *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(fd, (char *)to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

bool ch_record_parse(const unsigned char *at, size_t n, struct ch_record *record, size_t *size)
{
    if (n < HEAD || memcmp(at, record_magic, sizeof record_magic) != 0)
        return false;
    struct ch_reader head = {at + sizeof record_magic, at + HEAD, false};
    uint32_t crc = ch_read_u32(&head);
    uint64_t n_result = ch_read_u64(&head);
    uint32_t n_occasion = ch_read_u32(&head);
    record->status = ch_read_u32(&head);
    memcpy(record->key.text, ch_read_bytes(&head, KEY), KEY);
    record->key.text[KEY] = 0;
    record->index = ch_read_u64(&head);
    if (n_result > n - HEAD || n_occasion > n - HEAD - n_result)
        return false;
    *size = HEAD + (size_t)n_result + n_occasion;
    record->result = at + HEAD;
    record->n_result = (size_t)n_result;
    record->occasion = record->result + n_result;
    record->n_occasion = n_occasion;
    return ch_crc32c(0, at + 8, *size - 8) == crc;
}

/* The record at `at` of a file that ends at `end`, its bytes in the buffer; false if it is torn, or there is none. */
static bool load(int fd, uint64_t at, uint64_t end, struct ch_bytes *buffer, struct ch_record *record)
{
    size_t size;
    buffer->n = 0;
    if (end < at || end - at < HEAD || !ch_bytes_reserve(buffer, HEAD) || !read_at(fd, at, buffer->at, HEAD))
        return false;
    struct ch_reader head = {buffer->at + 8, buffer->at + HEAD, false};
    uint64_t n = ch_read_u64(&head);
    n = n > end - at ? end - at : n + ch_read_u32(&head);
    if (n > end - at - HEAD)
        return false;
    buffer->n = HEAD;
    if (!ch_bytes_reserve(buffer, (size_t)n) || !read_at(fd, at + HEAD, buffer->at + HEAD, (size_t)n))
        return false;
    buffer->n += (size_t)n;
    return ch_record_parse(buffer->at, buffer->n, record, &size);
}

/* ---- what earlier attempts left ---------------------------------------------------------------------------------- */

static enum ch_code differ(const struct ch_records *r, const struct ch_record *record, struct ch_error *error)
{
    return ch_fail(error, CH_INTERNAL,
                   "%s: run %s has two different results: this program or a machine it ran on is not deterministic; keep the "
                   "files %s.*.%s and report it",
                   r->name, record->key.text, r->name, r->ending);
}

/* Takes a record into the index. Of two with one key a done one wins, and two done ones must be equal. */
static enum ch_code enter(struct ch_records *r, const struct ch_record *record, unsigned file, uint64_t at,
                          struct ch_error *error)
{
    if (!make_room(r))
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory", r->name);
    struct entry *e = &r->entry[slot_of(r, &record->key)];
    if (e->key.text[0] && e->status == CH_RUN_DONE) {
        struct ch_bytes buffer = {0};
        struct ch_record before;
        bool same = record->status != CH_RUN_DONE;
        if (!same && load(r->file[e->file].fd, e->at, e->at + HEAD + e->n_result + e->n_occasion, &buffer, &before))
            same = before.n_result == record->n_result && memcmp(before.result, record->result, before.n_result) == 0;
        ch_bytes_fini(&buffer);
        return same ? CH_OK : differ(r, record, error);
    }
    r->n += !e->key.text[0];
    *e = (struct entry){record->key, file, record->status, at, record->n_result, record->n_occasion};
    return CH_OK;
}

static bool is_ours(int fd)
{
    char head[sizeof file_magic];
    return read_at(fd, 0, head, sizeof head) && memcmp(head, file_magic, sizeof head) == 0;
}

static bool add_file(struct ch_records *r, char *path, int fd)
{
    struct file *more = realloc(r->file, (r->n_files + 1) * sizeof *more);
    if (!more)
        return false;
    r->file = more;
    r->file[r->n_files++] = (struct file){path, fd};
    return true;
}

/* Reads one file; one that vanishes meanwhile, or is none of ours, is passed over. */
static enum ch_code read_file(struct ch_records *r, const char *path, struct ch_error *error)
{
    struct stat st;
    struct ch_bytes buffer = {0};
    struct ch_record record;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *copy = strdup(path);
    if (fd < 0 || fstat(fd, &st) != 0 || !is_ours(fd) || !copy || !add_file(r, copy, fd)) {
        enum ch_code code = fd < 0 && errno != ENOENT ? ch_fail(error, CH_IO, "%s: %s", path, strerror(errno)) : CH_OK;
        if (fd >= 0)
            close(fd);
        free(copy);
        return code;
    }
    enum ch_code code = CH_OK;
    for (uint64_t at = sizeof file_magic; !code && load(fd, at, (uint64_t)st.st_size, &buffer, &record);
         at += HEAD + record.n_result + record.n_occasion)
        code = enter(r, &record, r->n_files - 1, at, error);
    ch_bytes_fini(&buffer);
    return code;
}

/* "ATTEMPT.ENDING"? */
static bool is_attempt(const char *rest, const char *ending)
{
    size_t n = strlen(rest), m = strlen(ending);
    return n > m + 1 && rest[n - m - 1] == '.' && strcmp(rest + n - m, ending) == 0;
}

static enum ch_code read_all(struct ch_records *r, struct ch_error *error)
{
    const char *slash = strrchr(r->name, '/'), *base = slash ? slash + 1 : r->name;
    size_t n = strlen(base), folder = (size_t)(base - r->name);
    struct ch_text path = {0};
    enum ch_code code = CH_OK;
    ch_text_addf(&path, "%.*s", (int)(folder ? folder : 1), folder ? r->name : ".");
    DIR *dir = path.failed ? NULL : opendir(path.s);
    for (const struct dirent *e = NULL; dir && !code && (e = readdir(dir)) != NULL;) {
        if (strncmp(e->d_name, base, n) != 0 || e->d_name[n] != '.' || !is_attempt(e->d_name + n + 1, r->ending))
            continue;
        path.n = 0;
        ch_text_addf(&path, "%.*s%s", (int)folder, r->name, e->d_name);
        code = path.failed ? ch_fail(error, CH_TOO_BIG, "%s: out of memory", r->name) : read_file(r, path.s, error);
    }
    if (dir)
        closedir(dir);
    ch_text_fini(&path);
    return code;
}

enum ch_code ch_records_open(const char *name, const char *ending, struct ch_records **records, struct ch_error *error)
{
    CH_REQUIRE(name && ending && records);
    struct ch_records *r = calloc(1, sizeof *r);
    *records = r;
    if (!r || !(r->name = strdup(name))) {
        free(r);
        *records = NULL;
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory", name);
    }
    pthread_mutex_init(&r->lock, NULL);
    r->own = -1;
    r->ending = ending;
    enum ch_code code = read_all(r, error);
    r->n_read = r->n_files;
    if (code) {
        ch_records_close(r);
        *records = NULL;
    }
    return code;
}

void ch_records_close(struct ch_records *r)
{
    if (!r)
        return;
    if (r->own >= 0 && r->own_end == sizeof file_magic) /* nothing could be written */
        unlink(r->file[r->own].path);
    for (unsigned i = 0; i < r->n_files; i++) {
        close(r->file[i].fd);
        free(r->file[i].path);
    }
    pthread_mutex_destroy(&r->lock);
    free(r->file);
    free(r->entry);
    free(r->name);
    free(r);
}

void ch_records_remove(struct ch_records *r)
{
    for (unsigned i = 0; i < r->n_files; i++)
        unlink(r->file[i].path);
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

unsigned ch_records_count(const struct ch_records *r) { return r->n; }
unsigned ch_records_files(const struct ch_records *r) { return r->n_read; }
uint64_t ch_records_written(const struct ch_records *r) { return r->own_end; }

bool ch_records_find(struct ch_records *r, const struct ch_run_key *key, unsigned *status)
{
    pthread_mutex_lock(&r->lock);
    const struct entry *e = find(r, key);
    if (e && status)
        *status = e->status;
    pthread_mutex_unlock(&r->lock);
    return e != NULL;
}

enum ch_code ch_records_read(struct ch_records *r, const struct ch_run_key *key, struct ch_bytes *buffer,
                             struct ch_record *record, struct ch_error *error)
{
    struct entry e = {.at = 0};
    int fd = -1;
    pthread_mutex_lock(&r->lock);
    if (find(r, key)) {
        e = *find(r, key);
        fd = r->file[e.file].fd;
    }
    pthread_mutex_unlock(&r->lock);
    if (fd < 0)
        return ch_fail(error, CH_INVALID, "%s: there is no record of run %s", r->name, key->text);
    if (!load(fd, e.at, e.at + HEAD + e.n_result + e.n_occasion, buffer, record))
        return ch_fail(error, CH_IO, "%s: the record of run %s cannot be read again", r->name, key->text);
    return CH_OK;
}

enum ch_code ch_records_each(struct ch_records *r,
                             enum ch_code (*see)(void *arg, const struct ch_record *record, struct ch_error *error), void *arg,
                             struct ch_error *error)
{
    struct ch_bytes buffer = {0};
    struct ch_record record;
    enum ch_code code = CH_OK;
    for (unsigned i = 0; i < r->cap && !code; i++)
        if (r->entry[i].key.text[0] && !(code = ch_records_read(r, &r->entry[i].key, &buffer, &record, error)))
            code = see(arg, &record, error);
    ch_bytes_fini(&buffer);
    return code;
}

/* A new file of this attempt; its name is free, whoever else is at work. */
static enum ch_code begin_own(struct ch_records *r, struct ch_error *error)
{
    struct ch_text path = {0};
    int fd = -1;
    for (unsigned i = 0; i < ATTEMPTS && fd < 0; i++) {
        path.n = 0;
        ch_text_addf(&path, "%s.", r->name);
        ch_attempt_name(i, &path);
        ch_text_addf(&path, ".%s", r->ending);
        fd = path.failed ? -1 : open(path.s, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0666);
        if (fd < 0 && (path.failed || errno != EEXIST))
            break;
    }
    if (fd < 0 || write(fd, file_magic, sizeof file_magic) != sizeof file_magic || !add_file(r, path.s, fd)) {
        ch_fail(error, CH_IO, "%s: finished runs cannot be kept: %s", path.failed ? r->name : path.s, strerror(errno));
        if (fd >= 0 && unlink(path.s) == 0)
            close(fd);
        ch_text_fini(&path);
        return CH_IO;
    }
    r->own = (int)r->n_files - 1;
    r->own_end = sizeof file_magic;
    r->synced = time(NULL);
    return CH_OK;
}

/* NULL when all bytes were taken, else why not. A short write is followed by another, which tells the cause. */
static const char *append(int fd, const unsigned char *at, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return strerror(done < 0 ? errno : ENOSPC);
        at += done;
        n -= (size_t)done;
    }
    return NULL;
}

static enum ch_code add_locked(struct ch_records *r, const struct ch_record *record, const struct ch_bytes *bytes,
                               struct ch_error *error)
{
    enum ch_code code = r->own < 0 ? begin_own(r, error) : CH_OK;
    if (code)
        return code;
    const struct file *own = &r->file[r->own];
    const char *why = append(own->fd, bytes->at, bytes->n);
    if (why) { /* the next one begins where this one did */
        code = ch_fail(error, CH_IO, "%s: a finished run of %zu bytes cannot be kept: %s", own->path, bytes->n, why);
        return ftruncate(own->fd, (off_t)r->own_end) == 0 ? code : CH_IO;
    }
    code = enter(r, record, (unsigned)r->own, r->own_end, error);
    r->own_end += bytes->n;
    if (!code && time(NULL) - r->synced >= SYNC_S) {
        r->synced = time(NULL);
        fdatasync(own->fd);
    }
    return code;
}

enum ch_code ch_records_add(struct ch_records *r, const struct ch_record *record, struct ch_error *error)
{
    struct ch_bytes bytes = {0};
    make_bytes(record, &bytes);
    if (bytes.failed)
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory for a finished run", r->name);
    pthread_mutex_lock(&r->lock);
    enum ch_code code = add_locked(r, record, &bytes, error);
    pthread_mutex_unlock(&r->lock);
    ch_bytes_fini(&bytes);
    return code;
}

enum ch_code ch_records_sync(struct ch_records *r, struct ch_error *error)
{
    if (r->own >= 0 && fdatasync(r->file[r->own].fd) != 0 && errno != EINVAL)
        return ch_fail(error, CH_IO, "%s: %s", r->file[r->own].path, strerror(errno));
    return CH_OK;
}
