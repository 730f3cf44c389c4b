/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/chunk.h"
#include "base/clock.h"
#include "output/chunk_file.h"
#include "output/pack.h"
#include "sweep/attempt.h"
#include "sweep/outcome.h"
#include "table/table.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading a closed one ---------------------------------------------------------------------------------------- */

enum ch_code ch_chunk_each(const struct ch_plan *plan, unsigned number,
                           enum ch_code (*see)(void *arg, const struct ch_record *record, struct ch_error *error), void *arg,
                           struct ch_error *error)
{
    struct ch_text path = {0};
    unsigned char *bytes = NULL;
    size_t n = 0, size = 0;
    enum ch_code code = CH_TOO_BIG;
    if (ch_plan_chunk_path(plan, number, ".h5", &path))
        code = ch_chunk_read(path.s, plan->id.text, &bytes, &n, error);
    for (size_t at = 0; at < n && !code; at += size) {
        struct ch_record record;
        if (ch_record_parse(bytes + at, n - at, &record, &size))
            code = see(arg, &record, error);
        else
            code = ch_fail(error, CH_INVALID, "%s: damaged: a record has not its checksum; remove it, and run the sweep again",
                           path.s);
    }
    free(bytes);
    ch_text_fini(&path);
    return code;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static enum ch_code take_over(void *arg, const struct ch_record *record, struct ch_error *error)
{
    struct ch_chunk *chunk = arg;
    return ch_records_add(chunk->records, record, error);
}

enum ch_code ch_chunk_open(const struct ch_plan *plan, unsigned number, bool again, struct ch_chunk *chunk,
                           struct ch_error *error)
{
    struct ch_text path = {0};
    *chunk = (struct ch_chunk){.number = number, .size = ch_plan_chunk_size(plan, number)};
    chunk->left = chunk->size;
    chunk->key = calloc(chunk->size, sizeof *chunk->key);
    enum ch_code code = chunk->key && ch_plan_chunk_path(plan, number, "", &path)
                            ? ch_plan_make_folder(plan, number, error)
                            : ch_fail(error, CH_TOO_BIG, "out of memory for a chunk");
    if (!code)
        code = ch_records_open(path.s, CH_RECORDS_PART, &chunk->records, error);
    if (!code && again && ch_plan_chunk_closed(plan, number))
        code = ch_chunk_each(plan, number, take_over, chunk, error);
    ch_text_fini(&path);
    if (code)
        ch_chunk_fini(chunk);
    return code;
}

void ch_chunk_fini(struct ch_chunk *chunk)
{
    ch_records_close(chunk->records);
    free(chunk->key);
    *chunk = (struct ch_chunk){0};
}

enum ch_code ch_chunk_all(const struct ch_plan *plan, unsigned number,
                          enum ch_code (*see)(void *arg, const struct ch_record *record, struct ch_error *error), void *arg,
                          struct ch_error *error)
{
    struct ch_chunk chunk;
    if (ch_plan_chunk_closed(plan, number))
        return ch_chunk_each(plan, number, see, arg, error);
    enum ch_code code = ch_chunk_open(plan, number, false, &chunk, error);
    if (!code) {
        code = ch_records_each(chunk.records, see, arg, error);
        ch_chunk_fini(&chunk);
    }
    return code;
}

/* ---- failures ---------------------------------------------------------------------------------------------------- */

static void describe_failure(const struct ch_plan *plan, const struct ch_record *record, struct ch_text *out)
{
    struct ch_plan_run run = ch_plan_run_of(plan, record->index);
    struct ch_text why = {0};
    ch_text_addn(&why, (const char *)record->result + 4, record->n_result > 4 ? record->n_result - 4 : 0);
    ch_text_addf(out, "{\"schema_version\": 1, \"sweep\": \"%s\", \"key\": \"%s\", \"run\": %" PRIu64 ", \"point\": %u,\n",
                 plan->id.text, record->key.text, record->index, run.point);
    ch_text_add(out, " \"policy\": ");
    ch_json_string(out, plan->scenario->policy[run.policy]->name);
    ch_text_addf(out, ", \"replication\": %u, \"seed\": %" PRIu32 ",\n \"error\": ", run.replication,
                 ch_scenario_seed(plan->scenario, run.point));
    ch_json_string(out, why.s ? why.s : "");
    ch_text_addf(out, ",\n \"repeat\": \"chaland sweep verify . --run %" PRIu64 "\"}\n", record->index);
    ch_text_fini(&why);
}

void ch_chunk_note_failure(const struct ch_plan *plan, const struct ch_record *record, bool done)
{
    struct ch_text path = {0}, text = {0};
    if (!ch_plan_path(plan, "failed", &path) || (mkdir(path.s, 0777) != 0 && errno != EEXIST)) {
        ch_text_fini(&path);
        return;
    }
    ch_text_addf(&path, "/%s.json", record->key.text);
    if (done && !path.failed) {
        unlink(path.s);
    } else if (!path.failed) {
        describe_failure(plan, record, &text);
        if (!text.failed)
            ch_pack_write(path.s, true, text.s, text.n, NULL); /* the record itself is the truth */
    }
    ch_text_fini(&path);
    ch_text_fini(&text);
}

/* ---- closing ----------------------------------------------------------------------------------------------------- */

struct closing {
    const struct ch_plan *plan;
    struct ch_chunk *chunk;
    struct ch_chunk_run *run; /* [size] */
    double *scalar;           /* [size][n_scalars] */
    struct ch_bytes all;
};

static enum ch_code gather_one(struct closing *c, unsigned i, struct ch_bytes *buffer, struct ch_error *error)
{
    unsigned n_scalars = ch_probe_list()->n_scalars, workers;
    struct ch_record record;
    enum ch_code code = ch_records_read(c->chunk->records, &c->chunk->key[i], buffer, &record, error);
    if (code)
        return code;
    uint64_t index = ch_plan_chunk_first(c->plan, c->chunk->number) + i;
    struct ch_plan_run run = ch_plan_run_of(c->plan, index);
    struct ch_chunk_run *row = &c->run[i];
    *row = (struct ch_chunk_run){.index = index,
                                 .key = c->chunk->key[i].text,
                                 .point = run.point,
                                 .policy = run.policy,
                                 .replication = run.replication,
                                 .failed = record.status != CH_RUN_DONE,
                                 .wall_s = ch_occasion_wall(record.occasion, record.n_occasion, &workers)};
    double *scalar = c->scalar + (size_t)i * n_scalars;
    if (!row->failed && !ch_outcome_peek(record.result, record.n_result, &row->fingerprint, scalar))
        return ch_fail(error, CH_INTERNAL, "the record of run %s is none of this program", row->key);
    row->scalar = row->failed ? NULL : scalar;
    ch_bytes_add(&c->all, buffer->at, buffer->n);
    return CH_OK;
}

static enum ch_code gather(struct closing *c, struct ch_error *error)
{
    struct ch_bytes buffer = {0};
    c->run = calloc(c->chunk->size, sizeof *c->run);
    c->scalar = calloc((size_t)c->chunk->size * ch_probe_list()->n_scalars, sizeof *c->scalar);
    enum ch_code code = c->run && c->scalar ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for closing a chunk");
    for (unsigned i = 0; i < c->chunk->size && !code; i++)
        code = gather_one(c, i, &buffer, error);
    if (!code && c->all.failed)
        code = ch_fail(error, CH_TOO_BIG, "out of memory for closing a chunk");
    ch_bytes_fini(&buffer);
    return code;
}

static enum ch_code write_file(const struct closing *c, const char *path, unsigned threads, struct ch_error *error)
{
    struct ch_text attempt = {0};
    char now[32];
    ch_attempt_name(0, &attempt);
    ch_clock_stamp(now);
    const struct ch_chunk_file file = {.scenario = c->plan->scenario,
                                       .sweep = c->plan->id.text,
                                       .n = c->chunk->size,
                                       .run = c->run,
                                       .bytes = c->all.at,
                                       .n_bytes = c->all.n,
                                       .attempt = attempt.s ? attempt.s : "",
                                       .host = ch_attempt_host(),
                                       .job = ch_attempt_job(),
                                       .closed_at = now,
                                       .restarts = ch_attempt_restarts(),
                                       .threads = threads};
    enum ch_code code = ch_chunk_write(&file, path, error);
    ch_text_fini(&attempt);
    return code;
}

/* Somebody else's result of a run that we have, too. */
static enum ch_code compare_one(void *arg, const struct ch_record *theirs, struct ch_error *error)
{
    struct ch_chunk *chunk = arg;
    struct ch_bytes buffer = {0};
    struct ch_record ours;
    enum ch_code code = ch_records_read(chunk->records, &theirs->key, &buffer, &ours, error);
    if (!code && ours.status == CH_RUN_DONE && theirs->status == CH_RUN_DONE &&
        (ours.n_result != theirs->n_result || memcmp(ours.result, theirs->result, ours.n_result) != 0))
        code = ch_fail(error, CH_INTERNAL,
                       "run %s has two different results, one in the closed chunk %06u and one made here: this program or a "
                       "machine it ran on is not deterministic",
                       theirs->key.text, chunk->number);
    ch_bytes_fini(&buffer);
    return code;
}

enum ch_code ch_chunk_finish(const struct ch_plan *plan, struct ch_chunk *chunk, unsigned threads, bool again,
                             struct ch_error *error)
{
    struct closing c = {.plan = plan, .chunk = chunk};
    struct ch_text path = {0};
    enum ch_code code = CH_OK;
    if (!again && ch_plan_chunk_closed(plan, chunk->number))
        code = ch_chunk_each(plan, chunk->number, compare_one, chunk, error);
    else if (!(code = gather(&c, error)))
        code = ch_plan_chunk_path(plan, chunk->number, ".h5", &path) ? write_file(&c, path.s, threads, error) : CH_TOO_BIG;
    if (code == CH_IO && !again && ch_plan_chunk_closed(plan, chunk->number)) /* somebody was faster, and tidied up */
        code = ch_chunk_each(plan, chunk->number, compare_one, chunk, error);
    if (!code)
        ch_records_remove(chunk->records);
    free(c.run);
    free(c.scalar);
    ch_bytes_fini(&c.all);
    ch_text_fini(&path);
    return code;
}

/* ---- leftovers --------------------------------------------------------------------------------------------------- */

static void tidy_folder(const struct ch_plan *plan, unsigned number)
{
    struct ch_text path = {0};
    size_t folder = 0;
    DIR *dir = NULL;
    if (ch_plan_chunk_path(plan, number, "", &path)) {
        folder = (size_t)(strrchr(path.s, '/') - path.s) + 1;
        path.s[folder - 1] = 0;
        dir = opendir(path.s);
        path.s[folder - 1] = '/';
    }
    for (const struct dirent *e = NULL; dir && (e = readdir(dir)) != NULL;) {
        size_t n = strlen(e->d_name);
        int64_t chunk;
        if (n < 12 || strcmp(e->d_name + n - 5, ".part") != 0 ||
            !ch_parse_int64(e->d_name, strspn(e->d_name, "0123456789"), &chunk) || chunk < 0 || chunk >= plan->n_chunks ||
            !ch_plan_chunk_closed(plan, (unsigned)chunk))
            continue;
        path.n = folder;
        ch_text_add(&path, e->d_name);
        if (!path.failed)
            unlink(path.s);
    }
    if (dir)
        closedir(dir);
    ch_text_fini(&path);
}

void ch_chunk_tidy(const struct ch_plan *plan)
{
    for (unsigned c = 0; c < plan->n_chunks; c += CH_CHUNKS_A_FOLDER)
        tidy_folder(plan, c);
}
