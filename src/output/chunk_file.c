/* SPDX-License-Identifier: MIT */
#include "output/chunk_file.h"
#include "base/text.h"
#include "output/book.h"
#include "output/results_inside.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char records_path[] = "/records/bytes";

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* One column of the table: `value(run)` of each run. */
#define COLUMN(type_, ctype, name, value, units, doc)               \
    do {                                                            \
        ctype *column = malloc((c->n + 1) * sizeof *column);        \
        if (ch_h5_ok(h, column != NULL, "allocate", name)) {        \
            for (size_t i = 0; i < c->n; i++) {                     \
                const struct ch_chunk_run *run = &c->run[i];        \
                column[i] = (ctype)(value);                         \
            }                                                       \
            ch_h5_array(h, name, "run", type_, column, units, doc); \
        }                                                           \
        free(column);                                               \
    } while (0)

static void write_dim(struct ch_h5 *h, const struct ch_chunk_file *c)
{
    int64_t *index = malloc((c->n + 1) * sizeof *index);
    if (ch_h5_ok(h, index != NULL, "allocate", "run")) {
        for (size_t i = 0; i < c->n; i++)
            index[i] = (int64_t)c->run[i].index;
        ch_h5_dim(h, "run", CH_H5_I64, c->n, index, NULL, "number of the run in the plan: point, policy, replication");
    }
    free(index);
}

static void write_labels(struct ch_h5 *h, const struct ch_chunk_file *c)
{
    COLUMN(CH_H5_TEXT, const char *, "key", run->key, NULL, "identity of the run: models, values, policy, seed, replication");
    COLUMN(CH_H5_I32, int32_t, "point", run->point, NULL, "design point");
    COLUMN(CH_H5_TEXT, const char *, "policy", c->scenario->policy[run->policy]->name, NULL, "policy");
    COLUMN(CH_H5_I32, int32_t, "replication", run->replication, NULL, "replication");
    COLUMN(CH_H5_U8, uint8_t, "failed", run->failed, NULL, "did it fail?");
    ch_h5_note_flags(h, 2, "no yes");
    COLUMN(CH_H5_U64, uint64_t, "fingerprint", run->fingerprint, NULL, "identity of its events");
    COLUMN(CH_H5_F64, double, "wall", run->wall_s, "s", "time by the clock");
}

/* One array for all key figures: some three hundred of their own would take as long as a run. */
static void write_scalars(struct ch_h5 *h, const struct ch_chunk_file *c)
{
    const struct ch_probe_list *list = ch_probe_list();
    size_t n = list->n_scalars;
    const char **text = malloc((2 * n + 1) * sizeof *text);
    double *value = malloc((n * c->n + 1) * sizeof *value);
    if (ch_h5_ok(h, text && value, "allocate", "value")) {
        for (size_t k = 0; k < n; k++) {
            text[k] = list->row[list->scalar[k]]->name;
            text[n + k] = list->row[list->scalar[k]]->unit;
            for (size_t i = 0; i < c->n; i++)
                value[i * n + k] = c->run[i].scalar ? c->run[i].scalar[k] : (double)NAN;
        }
        ch_h5_dim(h, "metric", CH_H5_TEXT, n, text, NULL, "key figure");
        ch_h5_array(h, "unit", "metric", CH_H5_TEXT, text + n, NULL, "unit of value");
        ch_h5_array(h, "value", "run metric", CH_H5_F64, value, NULL, "key figures of the runs");
    }
    free(text);
    free(value);
}

static void write_bytes(struct ch_h5 *h, const struct ch_chunk_file *c)
{
    hsize_t n = c->n_bytes;
    ch_h5_group(h, "records", "the runs byte by byte, as `chaland sweep merge` reads them");
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t set = space >= 0 ? H5Dcreate2(h->group, "bytes", H5T_STD_U8LE, space, H5P_DEFAULT, h->create, H5P_DEFAULT) : -1;
    bool good = set >= 0 && H5Dwrite(set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, c->bytes) >= 0;
    good = (set < 0 || H5Dclose(set) >= 0) && good;
    good = (space < 0 || H5Sclose(space) >= 0) && good;
    ch_h5_ok(h, good, "write", "bytes");
    ch_h5_group_end(h);
}

static double all_seconds(const struct ch_chunk_file *c)
{
    double sum = 0;
    for (size_t i = 0; i < c->n; i++)
        sum += c->run[i].wall_s;
    return sum;
}

static void write_provenance(struct ch_h5 *h, const struct ch_chunk_file *c)
{
    int64_t failed = 0;
    for (size_t i = 0; i < c->n; i++)
        failed += c->run[i].failed;
    ch_h5_group(h, "provenance", "who made this chunk");
    ch_write_build(h);
    ch_h5_note_text(h, "sweep", c->sweep);
    ch_h5_note_text(h, "attempt", c->attempt);
    ch_h5_note_text(h, "hostname", c->host);
    ch_h5_note_text(h, "scheduler_job_id", c->job);
    ch_h5_note_i64(h, "restarts", c->restarts);
    ch_h5_note_i64(h, "threads", c->threads);
    ch_h5_note_text(h, "closed_at", c->closed_at);
    ch_h5_note_i64(h, "runs", (int64_t)c->n);
    ch_h5_note_i64(h, "failed", failed);
    ch_h5_note_f64(h, "run_time_s", all_seconds(c));
    ch_h5_note_text(h, "status", "complete");
    ch_h5_group_end(h);
}

static void write_all(struct ch_h5 *h, const struct ch_chunk_file *c)
{
    ch_h5_note_text(h, "Conventions", "CF-1.10");
    ch_h5_note_text(h, "format_name", "chaland chunk");
    ch_h5_note_i64(h, "format_version", CH_FORMAT_VERSION);
    ch_h5_note_text(h, "title", c->scenario->name);
    ch_h5_group(h, "runs", "the runs of this chunk, and their key figures");
    write_dim(h, c);
    write_labels(h, c);
    write_scalars(h, c);
    ch_h5_group_end(h);
    write_bytes(h, c);
    write_provenance(h, c);
}

enum ch_code ch_chunk_write(const struct ch_chunk_file *chunk, const char *path, struct ch_error *error)
{
    struct ch_h5 h;
    ch_h5_create(&h);
    write_all(&h, chunk);
    return ch_results_store(&h, path, true, error);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Is it a whole chunk of that sweep? */
static enum ch_code check(const struct ch_book *book, const char *path, const char *sweep, struct ch_error *error)
{
    char *own = ch_book_note(book, "/provenance", "sweep"), *status = ch_book_note(book, "/provenance", "status");
    enum ch_code code = CH_OK;
    if (!own || !status || strcmp(status, "complete") != 0)
        code = ch_fail(error, CH_INVALID, "%s: is not a chunk of a sweep; remove it, and run the sweep again", path);
    else if (sweep && strcmp(own, sweep) != 0)
        code = ch_fail(error, CH_INVALID, "%s: belongs to sweep %s, not to %s; remove it, and run the sweep again", path, own,
                       sweep);
    free(own);
    free(status);
    return code;
}

static bool read_bytes(const struct ch_book *book, unsigned char **bytes, size_t *n)
{
    struct ch_book_array look;
    if (!ch_book_look(book, records_path, &look))
        return false;
    *n = look.n;
    ch_book_fini(&look);
    *bytes = malloc(*n + 1);
    return *bytes && ch_book_bytes(book, records_path, *bytes);
}

enum ch_code ch_chunk_read(const char *path, const char *sweep, unsigned char **bytes, size_t *n, struct ch_error *error)
{
    struct ch_book *book = NULL;
    *bytes = NULL;
    *n = 0;
    enum ch_code code = ch_file_check_bytes(path, error);
    if (!code)
        code = ch_book_open(path, &book, error);
    if (!code)
        code = check(book, path, sweep, error);
    if (!code && !read_bytes(book, bytes, n))
        code = ch_fail(error, CH_INVALID, "%s: damaged: its records cannot be read; remove it, and run the sweep again", path);
    if (code) {
        free(*bytes);
        *bytes = NULL;
    }
    ch_book_close(book);
    return code;
}

static void take_text(const struct ch_book *book, const char *name, char *out, size_t size)
{
    char *note = ch_book_note(book, "/provenance", name);
    snprintf(out, size, "%s", note ? note : "");
    free(note);
}

static double take_number(const struct ch_book *book, const char *name)
{
    char text[40];
    double number = 0;
    take_text(book, name, text, sizeof text);
    return ch_parse_double(text, strlen(text), &number) ? number : 0;
}

enum ch_code ch_chunk_look(const char *path, const char *sweep, struct ch_chunk_summary *summary, struct ch_error *error)
{
    struct ch_book *book = NULL;
    enum ch_code code = ch_book_open(path, &book, error);
    if (code)
        return code;
    *summary = (struct ch_chunk_summary){.runs = (uint64_t)take_number(book, "runs"),
                                         .failed = (uint64_t)take_number(book, "failed"),
                                         .run_time_s = take_number(book, "run_time_s"),
                                         .restarts = (unsigned)take_number(book, "restarts"),
                                         .threads = (unsigned)take_number(book, "threads")};
    take_text(book, "attempt", summary->attempt, sizeof summary->attempt);
    take_text(book, "hostname", summary->host, sizeof summary->host);
    take_text(book, "scheduler_job_id", summary->job, sizeof summary->job);
    take_text(book, "closed_at", summary->closed_at, sizeof summary->closed_at);
    take_text(book, "version", summary->version, sizeof summary->version);
    code = check(book, path, sweep, error);
    ch_book_close(book);
    return code;
}
