/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/work.h"
#include "base/clock.h"
#include "output/chunk_file.h"
#include "sweep/chunk.h"
#include "sweep/points.h"
#include "sweep/watch.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

struct shift { /* the work in hand; its lists are guarded by the critical section ch_shift */
    const struct ch_work *work;
    struct ch_points points;
    struct ch_run_key *policy_key; /* [policy] */
    unsigned workers;              /* threads inside a run */
    unsigned n_chunks, next_chunk; /* of the shard, to do */
    unsigned *number;              /* [n_chunks]: in the plan */
    struct ch_chunk **chunk;       /* [n_chunks]: in hand, else NULL */
    unsigned next_run;             /* of next_chunk */
    struct ch_error error;         /* the first */
};

static struct ch_work_count count_now;

struct ch_work_count ch_work_counts(void)
{
    struct ch_work_count count;
#pragma omp critical(ch_work_count)
    count = count_now;
    return count;
}

static void count_run(unsigned status, bool fresh)
{
#pragma omp critical(ch_work_count)
    {
        count_now.done += status == CH_RUN_DONE;
        count_now.failed += status == CH_RUN_FAILED;
        count_now.fresh += fresh;
    }
}

/* Of this thread, or of all where several are inside of a run. */
static double cpu_s(unsigned workers) { return workers > 1 ? ch_clock_cpu_s() : ch_clock_thread_s(); }

static void count_cpu(double seconds)
{
#pragma omp critical(ch_work_count)
    count_now.run_cpu_s += seconds;
}

static void fail(struct shift *shift, const struct ch_error *error)
{
#pragma omp critical(ch_work_error)
    if (!shift->error.code)
        shift->error = *error;
    atomic_store(ch_watch_flag(), 1);
}

/* ---- one run ----------------------------------------------------------------------------------------------------- */

static void pack_failure(const struct ch_error *error, struct ch_bytes *result)
{
    ch_bytes_u32(result, (uint32_t)error->code);
    ch_bytes_add(result, error->text, strlen(error->text));
}

/* Runs it. The result goes to `out`, its occasion behind it. What is the machine's fault is an error, what is the run's own is a
 * failed run: it would fail again. */
static enum ch_code run_it(const struct ch_work *work, struct ch_point *point, struct ch_plan_run run, unsigned workers,
                           struct ch_bytes *out, struct ch_record *record, struct ch_error *error)
{
    struct ch_outcome outcome = {0};
    struct ch_error why = {.code = CH_OK};
    const struct ch_run_options options = {.policy = run.policy,
                                           .replication = run.replication,
                                           .seed = point->seed,
                                           .workers = workers,
                                           .scheduler = work->scheduler,
                                           .tile_places = work->tile_places,
                                           .perturb = work->perturb,
                                           .stop = ch_watch_flag(),
                                           .day_done = work->day_done,
                                           .arg = work->arg};
    double begun = cpu_s(workers);
    enum ch_code code;
    if (ch_point_stage(point)) {
        code = ch_stage_run(point->stage, &options, &outcome, &why);
    } else {
        why = point->error;
        code = why.code;
    }
    count_cpu(cpu_s(workers) - begun);
    if (code == CH_STOPPED || code == CH_TOO_BIG || code == CH_IO) {
        *error = why;
        return code;
    }
    record->status = code ? CH_RUN_FAILED : CH_RUN_DONE;
    if (code) {
        pack_failure(&why, out);
    } else {
        if (!point->scenario->maps)
            ch_measures_drop_maps(&outcome.measures);
        ch_outcome_pack_result(&outcome, point->where, out);
    }
    record->n_result = out->n;
    if (!code)
        ch_outcome_pack_occasion(&outcome, out);
    record->n_occasion = out->n - record->n_result;
    record->result = out->at;
    record->occasion = out->at + record->n_result;
    ch_outcome_fini(&outcome);
    return out->failed ? ch_fail(error, CH_TOO_BIG, "out of memory for a finished run") : CH_OK;
}

enum ch_code ch_work_one(const struct ch_work *work, struct ch_points *points, uint64_t index, unsigned workers,
                         struct ch_bytes *buffer, struct ch_record *record, struct ch_error *error)
{
    struct ch_plan_run run = ch_plan_run_of(work->plan, index);
    struct ch_run_key policy;
    struct ch_point *point = ch_points_take(points, run.point);
    if (!point || !ch_key_of_policy(work->plan->scenario, run.policy, &policy))
        return ch_fail(error, CH_TOO_BIG, "out of memory for a run");
    *record = (struct ch_record){.index = index, .key = ch_key_of_run(&point->key, &policy, run.replication)};
    buffer->n = 0;
    enum ch_code code = run_it(work, point, run, workers, buffer, record, error);
    ch_points_give(points, point);
    return code;
}

/* ---- a run of a chunk -------------------------------------------------------------------------------------------- */

static void settle(struct shift *shift, struct ch_chunk *chunk, const struct ch_record *record)
{
    struct ch_error error = {.code = CH_OK};
    const struct ch_work *work = shift->work;
    if (ch_records_add(chunk->records, record, &error) != CH_OK) {
        fail(shift, &error);
        return;
    }
    count_run(record->status, true);
    if (work->run_done)
        work->run_done(work->arg);
    if (record->status == CH_RUN_FAILED || work->retry_failed)
        ch_chunk_note_failure(work->plan, record, record->status == CH_RUN_DONE);
    if (record->status == CH_RUN_FAILED && ch_work_counts().failed > work->max_fails) {
        ch_fail(&error, CH_NO,
                "more than %llu runs failed; failed/ tells why and how to see each fail again; --max-fails N bears with more",
                (unsigned long long)work->max_fails);
        fail(shift, &error);
    }
}

/* True when the run is settled: it was done before, or is now. */
static bool do_run(struct shift *shift, struct ch_chunk *chunk, unsigned i, struct ch_bytes *buffer)
{
    const struct ch_work *work = shift->work;
    uint64_t index = ch_plan_chunk_first(work->plan, chunk->number) + i;
    struct ch_plan_run run = ch_plan_run_of(work->plan, index);
    struct ch_point *point = ch_points_take(&shift->points, run.point);
    struct ch_error error = {.code = CH_OK};
    unsigned status = CH_RUN_DONE;
    if (!point) {
        ch_fail(&error, CH_TOO_BIG, "out of memory for a design point");
        fail(shift, &error);
        return false;
    }
    chunk->key[i] = ch_key_of_run(&point->key, &shift->policy_key[run.policy], run.replication);
    bool there = ch_records_find(chunk->records, &chunk->key[i], &status);
    bool settled = there && !(status == CH_RUN_FAILED && work->retry_failed);
    if (settled) {
        count_run(status, false);
    } else {
        struct ch_record record = {.index = index, .key = chunk->key[i]};
        buffer->n = 0;
        enum ch_code code = run_it(work, point, run, shift->workers, buffer, &record, &error);
        if (code == CH_OK)
            settle(shift, chunk, &record);
        else if (code != CH_STOPPED)
            fail(shift, &error);
        settled = code == CH_OK;
    }
    ch_points_give(&shift->points, point);
    return settled;
}

static void close_chunk(struct shift *shift, struct ch_chunk *chunk)
{
    struct ch_error error = {.code = CH_OK};
    enum ch_code code;
#pragma omp critical(ch_hdf5)
    code = ch_chunk_finish(shift->work->plan, chunk, shift->work->threads, shift->work->retry_failed, &error);
    if (code) {
        fail(shift, &error);
        return;
    }
#pragma omp critical(ch_work_count)
    count_now.closed++;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

/* With failed runs to try again, closed chunks are read. */
static void open_chunk(struct shift *shift, struct ch_chunk *chunk, struct ch_error *error)
{
#pragma omp critical(ch_hdf5)
    ch_chunk_open(shift->work->plan, shift->number[shift->next_chunk], shift->work->retry_failed, chunk, error);
}

/* The next run to do, in the order of the plan; false when there is none, or it is time to stop. */
static bool next_run(struct shift *shift, struct ch_chunk **chunk, unsigned *i)
{
    struct ch_error error = {.code = CH_OK};
    bool found = false;
#pragma omp critical(ch_shift)
    if (shift->next_chunk < shift->n_chunks && !atomic_load(ch_watch_flag())) {
        struct ch_chunk **slot = &shift->chunk[shift->next_chunk];
        if (!*slot) {
            *slot = calloc(1, sizeof **slot);
            if (!*slot)
                ch_fail(&error, CH_TOO_BIG, "out of memory for a chunk");
            else
                open_chunk(shift, *slot, &error);
        }
        found = !error.code;
        *chunk = *slot;
        *i = shift->next_run++;
        if (found && shift->next_run == (*slot)->size) {
            shift->next_chunk++;
            shift->next_run = 0;
        }
    }
    if (error.code)
        fail(shift, &error);
    return found;
}

static void work_on(struct shift *shift)
{
    struct ch_bytes buffer = {0};
    struct ch_chunk *chunk;
    for (unsigned i; next_run(shift, &chunk, &i);) {
        unsigned left = 1;
        if (do_run(shift, chunk, i, &buffer)) {
#pragma omp critical(ch_shift)
            left = --chunk->left;
        }
        if (left == 0) {
            if (!atomic_load(ch_watch_flag()) || !shift->error.code)
                close_chunk(shift, chunk);
            ch_chunk_fini(chunk);
        }
    }
    ch_bytes_fini(&buffer);
}

/* A chunk that is closed needs no work, unless failed runs are to be tried again and it holds some. */
static bool is_to_do(const struct shift *shift, unsigned number, struct ch_work_count *count)
{
    struct ch_text path = {0};
    struct ch_chunk_summary summary = {.runs = ch_plan_chunk_size(shift->work->plan, number)};
    bool closed = ch_plan_chunk_closed(shift->work->plan, number);
    if (closed && ch_plan_chunk_path(shift->work->plan, number, ".h5", &path))
        ch_chunk_look(path.s, NULL, &summary, NULL);
    ch_text_fini(&path);
    bool again = closed && shift->work->retry_failed && summary.failed > 0;
    count->runs += ch_plan_chunk_size(shift->work->plan, number);
    count->chunks++;
    if (closed && !again) {
        count->closed++;
        count->failed += summary.failed;
        count->done += summary.runs - summary.failed;
    }
    return !closed || again;
}

static enum ch_code list_chunks(struct shift *shift, struct ch_error *error)
{
    const struct ch_plan *plan = shift->work->plan;
    struct ch_work_count count = {0};
    shift->number = calloc(plan->n_chunks + 1u, sizeof *shift->number);
    shift->chunk = calloc(plan->n_chunks + 1u, sizeof *shift->chunk);
    shift->policy_key = calloc(plan->n_policies + 1u, sizeof *shift->policy_key);
    bool good = shift->number && shift->chunk && shift->policy_key;
    for (unsigned p = 0; good && p < plan->n_policies; p++)
        good = ch_key_of_policy(plan->scenario, p, &shift->policy_key[p]);
    for (uint64_t c = shift->work->shard; good && c < plan->n_chunks; c += shift->work->n_shards)
        if (is_to_do(shift, (unsigned)c, &count))
            shift->number[shift->n_chunks++] = (unsigned)c;
#pragma omp critical(ch_work_count)
    count_now = count;
    return good ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for the list of chunks");
}

/* Chunks that are not full keep their parts for the next attempt. */
static void put_away(struct shift *shift)
{
    struct ch_error error = {.code = CH_OK};
    for (unsigned i = 0; shift->chunk && i < shift->n_chunks; i++) {
        if (shift->chunk[i] && shift->chunk[i]->records) {
            if (ch_records_sync(shift->chunk[i]->records, &error) != CH_OK)
                fail(shift, &error);
            ch_chunk_fini(shift->chunk[i]);
        }
        free(shift->chunk[i]);
    }
    free(shift->chunk);
    free(shift->number);
    free(shift->policy_key);
}

enum ch_code ch_work_run(const struct ch_work *work, struct ch_work_count *count, struct ch_error *error)
{
    struct shift shift = {.work = work};
    ch_points_begin(&shift.points, work->plan->scenario);
    enum ch_code code = list_chunks(&shift, error);
    uint64_t left = 0;
    for (unsigned i = 0; i < shift.n_chunks; i++)
        left += ch_plan_chunk_size(work->plan, shift.number[i]);
    /* Threads inside runs only when there are fewer runs than threads. */
    shift.workers = left >= work->threads ? 1 : work->threads;
    if (!code) {
#pragma omp parallel num_threads(shift.workers > 1 ? 1 : work->threads)
        work_on(&shift);
    }
    put_away(&shift);
    ch_points_end(&shift.points);
    *count = ch_work_counts();
    if (code)
        return code;
    if (shift.error.code) {
        *error = shift.error;
        return error->code;
    }
    if (count->closed < count->chunks)
        return ch_fail(error, CH_STOPPED, "stopped by %s; the same command goes on", ch_watch_reason());
    return count->failed > work->max_fails
               ? ch_fail(error, CH_NO, "%llu runs failed; failed/ tells why", (unsigned long long)count->failed)
               : CH_OK;
}
