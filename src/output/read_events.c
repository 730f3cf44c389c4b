/* SPDX-License-Identifier: MIT
 * The log of moments of one run, read back. The file as a whole was checked by ch_file_read. */
#define _POSIX_C_SOURCE 200809L
#include "base/text.h"
#include "output/h5_inside.h"
#include "output/story.h"
#include <chaland/assert.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 18 };

struct log {
    const char *path;
    hid_t file;
    size_t n; /* lines of all runs */
    struct ch_error *error;
    enum ch_code code; /* the first failure sticks */
};

static void refuse(struct log *log, const char *name)
{
    if (!log->code)
        log->code = ch_fail(log->error, CH_INVALID, "%s: damaged: cannot read '%s' of its log of moments", log->path, name);
}

/* Lines first .. first + n - 1 of a column. */
static void read_lines(struct log *log, const char *name, enum ch_h5_type type, size_t first, size_t n, void *out)
{
    char path[64];
    hsize_t at[1] = {first}, count[1] = {n};
    snprintf(path, sizeof path, "/events/%s", name);
    hid_t set = log->code ? -1 : H5Dopen2(log->file, path, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1,
          memory = H5Screate_simple(1, count, NULL);
    if (space < 0 || H5Sselect_hyperslab(space, H5S_SELECT_SET, at, NULL, count, NULL) < 0 ||
        H5Dread(set, ch_h5_memory_type(type, -1), memory, space, H5P_DEFAULT, out) < 0)
        refuse(log, name);
    H5Sclose(memory);
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
}

static size_t count_of(struct log *log, const char *path)
{
    hsize_t n = 0;
    hid_t set = H5Dopen2(log->file, path, H5P_DEFAULT), space = set >= 0 ? H5Dget_space(set) : -1;
    if (space < 0 || H5Sget_simple_extent_dims(space, &n, NULL) != 1)
        refuse(log, path);
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
    return (size_t)n;
}

/* Runs lie one after the other: the lines of one are a piece of the whole. */
static void find_run(struct log *log, const int run[3], size_t *first, size_t *n)
{
    static const char *const name[3] = {"run_point", "run_policy", "run_replication"};
    size_t n_runs = count_of(log, "/events/run");
    int32_t *index = calloc(3 * n_runs + 1, sizeof *index);
    int64_t at = 0, lines = 0;
    if (!index && !log->code)
        log->code = ch_fail(log->error, CH_TOO_BIG, "out of memory");
    for (size_t k = 0; k < 3 && !log->code; k++)
        read_lines(log, name[k], CH_H5_I32, 0, n_runs, index + k * n_runs);
    for (size_t i = 0; i < n_runs && !log->code; i++)
        if (index[i] == run[0] && index[n_runs + i] == run[1] && index[2 * n_runs + i] == run[2]) {
            read_lines(log, "run_first", CH_H5_I64, i, 1, &at);
            read_lines(log, "run_lines", CH_H5_I64, i, 1, &lines);
        }
    if (!log->code && (at < 0 || lines < 0 || (uint64_t)at + (uint64_t)lines > log->n))
        refuse(log, "run_first");
    *first = log->code ? 0 : (size_t)at;
    *n = log->code ? 0 : (size_t)lines;
    free(index);
}

/* One column of the lines, by way of a block of its own type. */
#define READ_COLUMN(field_, name_, h5_, type_, scale_)                        \
    for (size_t at = 0; at < n && !log->code; at += BLOCK) {                  \
        size_t many = n - at < BLOCK ? n - at : BLOCK;                        \
        read_lines(log, name_, h5_, first + at, many, block);                 \
        for (size_t i = 0; i < many && !log->code; i++)                       \
            story[at + i].field_ = (type_)(((const type_ *)block)[i] scale_); \
    }

static void read_stories(struct log *log, size_t first, size_t n, struct ch_story *story)
{
    void *block = malloc(BLOCK * sizeof(int64_t));
    if (!block) {
        log->code = ch_fail(log->error, CH_TOO_BIG, "out of memory");
        return;
    }
    READ_COLUMN(at, "time", CH_H5_I64, int64_t, *CH_MILLISECOND)
    READ_COLUMN(id, "id", CH_H5_U64, uint64_t, )
    READ_COLUMN(value, "value", CH_H5_F64, double, )
    READ_COLUMN(extra, "extra", CH_H5_F64, double, )
    READ_COLUMN(person, "person", CH_H5_I32, uint32_t, )
    READ_COLUMN(place, "place", CH_H5_I32, uint32_t, )
    READ_COLUMN(store, "store", CH_H5_I32, uint32_t, )
    READ_COLUMN(retailer, "retailer", CH_H5_I32, uint32_t, )
    READ_COLUMN(other, "other", CH_H5_I32, uint32_t, )
    READ_COLUMN(kind, "kind", CH_H5_U8, uint8_t, )
    READ_COLUMN(good, "good", CH_H5_U8, uint8_t, )
    int64_t *detail = block;
    for (size_t at = 0; at < n && !log->code; at += BLOCK) {
        size_t many = n - at < BLOCK ? n - at : BLOCK;
        read_lines(log, "detail", CH_H5_I64, first + at, many, block);
        for (size_t i = 0; i < many && !log->code; i++)
            story[at + i].detail = (uint32_t)detail[i];
    }
    free(block);
}

/* Names along a dimension of /events; an absent one has none. */
static char **read_names(struct log *log, const char *name, size_t *n)
{
    char path[64];
    snprintf(path, sizeof path, "/events/%s", name);
    *n = 0;
    if (log->code || H5Lexists(log->file, path, H5P_DEFAULT) <= 0)
        return NULL;
    char **names = ch_h5_read_names(log->file, path, n);
    if (!names)
        refuse(log, name);
    return names;
}

/* "milliseconds since 2013-01-09 00:00:00" */
static char *read_start(struct log *log)
{
    char *units = ch_h5_read_note(log->file, "/events/time", "units");
    const char *since = units ? strstr(units, "since ") : NULL;
    char *start = since ? strndup(since + 6, strcspn(since + 6, " ")) : NULL;
    if (!start)
        refuse(log, "time");
    free(units);
    return start;
}

static void read_all(struct log *log, const int run[3], struct ch_story_file *file)
{
    size_t first = 0;
    file->store = read_names(log, "store_name", &file->n_stores);
    file->retailer = read_names(log, "retailer_name", &file->n_retailers);
    file->good = read_names(log, "good_name", &file->n_goods);
    file->rule = read_names(log, "rule_name", &file->n_rules);
    if (log->code || H5Lexists(log->file, "/events/time", H5P_DEFAULT) <= 0)
        return;
    file->start = read_start(log);
    log->n = count_of(log, "/events/time");
    find_run(log, run, &first, &file->n);
    file->story = calloc(file->n + 1, sizeof *file->story);
    if (!file->story)
        log->code = ch_fail(log->error, CH_TOO_BIG, "out of memory for %zu lines of the log", file->n);
    read_stories(log, first, file->n, file->story);
    int32_t rules = 0;
    read_lines(log, "first_rule", CH_H5_I32, (size_t)run[1], 1, &rules);
    for (size_t i = 0; i < file->n && !log->code; i++) /* from the policy's own numbers to the file's */
        if (file->story[i].kind == CH_STORY_offer_sent)
            file->story[i].detail += (uint32_t)rules;
}

enum ch_code ch_stories_read(const char *path, unsigned point, unsigned policy, unsigned replication, struct ch_story_file *file,
                             struct ch_error *error)
{
    CH_REQUIRE(path && file);
    const int run[3] = {(int)point, (int)policy, (int)replication};
    *file = (struct ch_story_file){0};
    ch_h5_start();
    struct log log = {.path = path, .file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), .error = error};
    if (log.file < 0)
        return ch_fail(error, CH_INVALID, "%s: cannot be opened as HDF5: %s", path, ch_h5_why());
    if (H5Lexists(log.file, "/events", H5P_DEFAULT) <= 0)
        log.code =
            ch_fail(error, CH_INVALID,
                    "%s: has no log of moments; run its scenario again with --set outputs.events=on (and, for many people, "
                    "--set outputs.events_share=0.1)",
                    path);
    if (!log.code)
        read_all(&log, run, file);
    H5Fclose(log.file);
    if (log.code)
        ch_stories_fini(file);
    return log.code;
}

void ch_stories_fini(struct ch_story_file *file)
{
    ch_h5_free_texts(file->store, file->n_stores);
    ch_h5_free_texts(file->retailer, file->n_retailers);
    ch_h5_free_texts(file->good, file->n_goods);
    ch_h5_free_texts(file->rule, file->n_rules);
    free(file->story);
    free(file->start);
    *file = (struct ch_story_file){0};
}
