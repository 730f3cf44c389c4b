/* SPDX-License-Identifier: MIT
 * `chaland sweep`: plan, run (a shard of) it anywhere, any number of times; status, merge, verify, and job scripts to print. */
#define _XOPEN_SOURCE 700
#include "app/sweep.h"
#include "app/campaign.h"
#include "app/json.h"
#include "app/memory.h"
#include "app/sweep_room.h"
#include "app/threads.h"
#include "base/clock.h"
#include "sweep/attempt.h"
#include "sweep/merge.h"
#include "sweep/points.h"
#include "sweep/reuse.h"
#include "sweep/shard.h"
#include "sweep/verify.h"
#include "sweep/watch.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_TRIED = 1000, FAILS = 10, SAMPLE = 10 };

/* ---- shared ------------------------------------------------------------------------------------------------------ */

/* One line of key=value, or one JSON object. */
struct line {
    bool json, any;
};

static void put_key(struct line *line, const char *key)
{
    if (line->json)
        printf("%s\"%s\": ", line->any ? ", " : "{\"schema_version\": 1, ", key);
    else
        printf("%s%s=", line->any ? " " : "", key);
    line->any = true;
}

static void put_text(struct line *line, const char *key, const char *value)
{
    put_key(line, key);
    if (line->json)
        ch_json_put_string(stdout, value);
    else
        fputs(value, stdout);
}

static void put_count(struct line *line, const char *key, uint64_t value)
{
    put_key(line, key);
    printf("%" PRIu64, value);
}

/* "812/1000" in a line, two numbers in JSON. */
static void put_part(struct line *line, const char *key, const char *of, uint64_t part, uint64_t whole)
{
    put_count(line, key, part);
    if (line->json)
        put_count(line, of, whole);
    else
        printf("/%" PRIu64, whole);
}

static void put_number(struct line *line, const char *key, double value, int digits)
{
    put_key(line, key);
    printf("%.*f", digits, value);
}

static void end_line(const struct line *line)
{
    fputs(line->json ? "}\n" : "\n", stdout);
    fflush(stdout);
}

enum ch_code ch_sweep_open(const struct ch_args *args, const char *folder, struct ch_plan *plan, struct ch_error *error)
{
    struct ch_diag *diag = ch_diag_create();
    enum ch_code code = diag ? ch_plan_open(folder, diag, plan, error) : ch_fail(error, CH_TOO_BIG, "out of memory");
    if (diag && ch_diag_count(diag)) {
        code = ch_cli_fail_diag(args, diag);
        error->text[0] = 0;
    }
    ch_diag_destroy(diag);
    return code;
}

enum ch_code ch_sweep_finish(const struct ch_args *args, struct ch_plan *plan, enum ch_code code, struct ch_error *error)
{
    ch_plan_close(plan);
    if (code != CH_OK && error->text[0]) {
        error->code = code;
        ch_cli_fail(args, error);
    }
    return code;
}

enum ch_code ch_sweep_set_up(const struct ch_args *args, const struct ch_plan *plan, struct ch_work *work, struct ch_error *error)
{
    *work = (struct ch_work){.plan = plan,
                             .n_shards = 1,
                             .threads = ch_threads(args->threads),
                             .tile_places = args->tile > 0 ? (uint32_t)args->tile : 0,
                             .perturb = args->perturb > 0 ? (uint64_t)args->perturb : 0,
                             .max_fails = args->max_fails >= 0 ? (uint64_t)args->max_fails : FAILS,
                             .retry_failed = args->retry_failed};
    return ch_campaign_scheduler(args, &work->scheduler, error);
}

/* ---- plan -------------------------------------------------------------------------------------------------------- */

/* All points, or a thousand spread over them, are tried: mistakes come out now, not after a night. */
static enum ch_code try_points(const struct ch_scenario *scenario, struct ch_diag *diag)
{
    uint64_t n = scenario->n_points, tried = n < POINTS_TRIED ? n : POINTS_TRIED;
    enum ch_code code = CH_OK;
    for (uint64_t i = 0; i < tried && !code; i++) {
        struct ch_scenario *at_point = NULL;
        code = ch_scenario_at(scenario, (unsigned)(n * i / tried), diag, &at_point);
        ch_scenario_destroy(at_point);
    }
    return code;
}

static enum ch_code load(const struct ch_args *args, struct ch_scenario **scenario, struct ch_error *error)
{
    struct ch_diag *diag = ch_diag_create();
    if (!diag)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    enum ch_code code = ch_campaign_load(args, diag, scenario);
    if (!code)
        code = try_points(*scenario, diag);
    if (ch_diag_count(diag))
        code = ch_cli_fail_diag(args, diag);
    ch_diag_destroy(diag);
    return code;
}

static void tell_plan(const struct ch_args *args, const struct ch_plan *plan, uint64_t taken)
{
    struct line line = {.json = args->json};
    put_text(&line, "sweep", plan->id.text);
    put_count(&line, "points", plan->scenario->n_points);
    put_count(&line, "policies", plan->n_policies);
    put_count(&line, "replications", plan->n_replications);
    put_count(&line, "runs", plan->n_runs);
    put_count(&line, "chunks", plan->n_chunks);
    put_count(&line, "chunk_runs", plan->chunk_runs);
    put_number(&line, "cpu_h", ch_plan_seconds(plan->scenario) * (double)plan->n_runs / 3600, 3);
    if (args->reuse)
        put_count(&line, "reused", taken);
    put_text(&line, "folder", plan->folder);
    end_line(&line);
}

static enum ch_code take_over(const struct ch_args *args, const struct ch_plan *plan, uint64_t *taken, struct ch_error *error)
{
    struct ch_plan old;
    enum ch_code code = ch_sweep_open(args, args->reuse, &old, error);
    if (!code)
        code = ch_reuse(plan, &old, taken, error);
    ch_plan_close(&old);
    return code;
}

enum ch_code ch_cmd_sweep_plan(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_scenario *scenario = NULL;
    struct ch_plan plan = {0};
    struct ch_plan_size size = {args->chunk_runs > 0 ? (unsigned)args->chunk_runs : 0, args->chunk_seconds};
    uint64_t taken = 0;
    enum ch_code code = CH_OK;
    if (!args->output)
        code = ch_fail(&error, CH_INVALID, "a plan needs a folder of its own: -o FOLDER");
    else if (args->chunk_runs > CH_CHUNK_RUNS_MAX || args->chunk_runs == 0)
        code = ch_fail(&error, CH_INVALID, "--chunk-runs: 1 to %d are allowed", CH_CHUNK_RUNS_MAX);
    if (!code)
        code = load(args, &scenario, &error);
    if (!code)
        code = ch_plan_make(scenario, size, args->output, &plan, &error);
    if (!code)
        code = ch_sweep_open(args, args->output, &plan, &error);
    if (!code && args->reuse)
        code = take_over(args, &plan, &taken, &error);
    if (!code && !args->quiet)
        tell_plan(args, &plan, taken);
    ch_scenario_destroy(scenario);
    return ch_sweep_finish(args, &plan, code, &error);
}

/* ---- run --------------------------------------------------------------------------------------------------------- */

struct telling { /* the status line of a shard, which the watch may have to print */
    const struct ch_args *args;
    const struct ch_plan *plan;
    struct ch_shard shard;
    unsigned threads;
    double begun;
};

static void tell_run(const struct telling *t, const char *state)
{
    struct ch_work_count count = ch_work_counts();
    struct line line = {.json = t->args->json};
    char shard[40];
    snprintf(shard, sizeof shard, "%u/%u", t->shard.i, t->shard.n);
    put_text(&line, "sweep", t->plan->id.text);
    put_text(&line, "shard", shard);
    put_text(&line, "state", state);
    put_part(&line, "done", "runs", count.done, count.runs);
    put_count(&line, "failed", count.failed);
    put_count(&line, "new", count.fresh);
    put_part(&line, "closed", "chunks", count.closed, count.chunks);
    put_count(&line, "threads", t->threads);
    put_number(&line, "run_cpu_s", count.run_cpu_s, 2);
    put_number(&line, "cpu_s", ch_clock_cpu_s(), 2);
    put_number(&line, "wall_s", ch_clock_s() - t->begun, 2);
    end_line(&line);
}

static void last_words(void *arg)
{
    fprintf(stderr, "chaland: stopped by %s; the same command goes on\n", ch_watch_reason());
    tell_run(arg, "stopped");
}

static enum ch_code estimate(const struct ch_args *args, const struct ch_work *work, const struct ch_shard *shard,
                             struct ch_sweep_need *need, struct ch_error *error)
{
    enum ch_code code = ch_sweep_foretell(work, need, error);
    if (code)
        return code;
    if (!args->quiet)
        fprintf(stderr,
                "shard %u of %u (from %s): %" PRIu64 " runs at most, about %.0f s on %u %s (%s), %.0f MB of memory (%.0f MB are "
                "left by %s), %.0f MB of disk (%.0f MB are free)\n",
                shard->i, shard->n, shard->from, need->runs, need->run_s * (double)need->runs / work->threads, work->threads,
                work->threads == 1 ? "thread" : "threads", need->measured ? "measured" : "foretold", (double)need->memory / 1e6,
                (double)need->room / 1e6, need->limit, (double)need->disk / 1e6, (double)need->disk_free / 1e6);
    return args->force ? CH_OK : ch_sweep_check(need, error);
}

static void day_done(void *progress, uint64_t events) { ch_progress_step(progress, events); }
static void run_done(void *progress) { ch_progress_run_done(progress); }

static enum ch_code run_shard(const struct ch_args *args, const struct ch_plan *plan, struct ch_error *error)
{
    struct telling t = {.args = args, .plan = plan};
    struct ch_work work;
    struct ch_work_count count = {0};
    struct ch_sweep_need need = {0};
    struct ch_text stop = {0};
    t.begun = ch_clock_s();
    double deadline = ch_watch_deadline(args->max_time);
    enum ch_code code = ch_sweep_set_up(args, plan, &work, error);
    if (!code)
        code = ch_shard_read(args->shard, &t.shard, error);
    t.threads = work.threads;
    work.shard = t.shard.i;
    work.n_shards = t.shard.n;
    if (!code)
        code = estimate(args, &work, &t.shard, &need, error);
    if (!code && !ch_plan_path(plan, "stop", &stop))
        code = ch_fail(error, CH_TOO_BIG, "out of memory");
    if (code)
        return code;
    const struct ch_watch watch = {
        .stop_file = stop.s, .deadline_s = deadline, .kept = true, .batch = true, .leave = last_words, .arg = &t};
    ch_watch_begin(&watch);
    struct ch_progress *progress = ch_campaign_progress(args, plan->scenario, need.runs);
    work.day_done = day_done;
    work.run_done = run_done;
    work.arg = progress;
    code = ch_work_run(&work, &count, error);
    ch_progress_end(progress);
    if (ch_watch_last_word())
        tell_run(&t, code == CH_OK ? "complete" : code == CH_STOPPED ? "stopped" : "failed");
    ch_watch_end();
    ch_text_fini(&stop);
    return code;
}

enum ch_code ch_cmd_sweep_run(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_plan plan = {0};
    struct ch_args said = *args;
    enum ch_code code = ch_sweep_open(args, args->operand, &plan, &error);
    if (!code) {
        code = run_shard(args, &plan, &error);
        said.json = args->json && ch_work_counts().chunks == 0; /* one object on standard output: the status */
    }
    if (code == CH_STOPPED)
        ch_fail_in(&error, "%s", plan.folder);
    return ch_sweep_finish(&said, &plan, code, &error);
}

/* ---- status ------------------------------------------------------------------------------------------------------ */

/* "3,7-9": shards of n that have a chunk which is not closed. */
static void print_missing(const struct ch_sweep_status *status, unsigned n)
{
    unsigned char *open = calloc(n + 1u, 1);
    const char *comma = "";
    for (unsigned c = 0; open && c < status->chunks; c++)
        open[c % n] |= status->open[c];
    for (unsigned i = 0, last; open && i < n; i = last + 1) {
        last = i;
        if (!open[i])
            continue;
        while (last + 1 < n && open[last + 1])
            last++;
        printf(last > i ? "%s%u-%u" : "%s%u", comma, i, last);
        comma = ",";
    }
    if (*comma)
        printf("\n");
    free(open);
}

static void tell_status(const struct ch_args *args, const struct ch_plan *plan, const struct ch_sweep_status *s)
{
    struct line line = {.json = args->json};
    uint64_t done = s->done + s->failed, left = s->runs - (done < s->runs ? done : s->runs);
    double mean = s->closed ? s->run_s / ((double)s->closed * plan->chunk_runs) : ch_plan_seconds(plan->scenario);
    put_text(&line, "sweep", plan->id.text);
    put_text(&line, "state", s->closed < s->chunks ? "incomplete" : s->failed ? "failed" : "complete");
    put_part(&line, "done", "runs", s->done, s->runs);
    put_count(&line, "failed", s->failed);
    put_part(&line, "closed", "chunks", s->closed, s->chunks);
    put_number(&line, "cpu_h", s->run_s / 3600, 4);
    put_number(&line, "left_cpu_h", mean * (double)left / 3600, 4);
    end_line(&line);
}

enum ch_code ch_cmd_sweep_status(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_plan plan = {0};
    struct ch_sweep_status status = {0};
    enum ch_code code = CH_OK;
    if (args->missing_shards == 0)
        code = ch_fail(&error, CH_INVALID, "--missing-shards: write the number of shards, 1 or more");
    if (!code)
        code = ch_sweep_open(args, args->operand, &plan, &error);
    if (!code)
        code = ch_sweep_status_read(&plan, &status, &error);
    if (!code) {
        if (args->missing_shards > 0)
            print_missing(&status, (unsigned)args->missing_shards);
        else
            tell_status(args, &plan, &status);
        code = status.closed == status.chunks ? CH_OK : CH_NO;
    }
    ch_sweep_status_fini(&status);
    return ch_sweep_finish(args, &plan, code, &error);
}

/* ---- merge ------------------------------------------------------------------------------------------------------- */

static void tell_merged(const struct ch_args *args, const struct ch_plan *plan, const struct ch_merged *m)
{
    struct line line = {.json = args->json};
    put_text(&line, "sweep", plan->id.text);
    put_text(&line, "state", m->done == m->runs ? "complete" : m->path[0] ? "merged_with_missing" : "incomplete");
    put_part(&line, "done", "runs", m->done, m->runs);
    put_count(&line, "failed", m->failed);
    put_count(&line, "missing", m->missing);
    put_count(&line, "open_chunks", m->open_chunks);
    if (m->path[0]) {
        put_text(&line, "results_sha256", m->results_sha256);
        put_text(&line, "fingerprint", m->fingerprint);
        put_text(&line, "sha256", m->file_sha256);
        put_text(&line, "output", m->path);
    }
    end_line(&line);
}

static enum ch_code check_merge(const struct ch_args *args, const struct ch_plan *plan, struct ch_error *error)
{
    struct ch_work work;
    struct ch_sweep_need need;
    enum ch_code code = ch_sweep_set_up(args, plan, &work, error);
    if (!code)
        code = ch_sweep_foretell(&work, &need, error);
    if (code || args->force)
        return code;
    return ch_memory_check(ch_sweep_merge_memory(plan, &need), "the merged runs", error);
}

enum ch_code ch_cmd_sweep_merge(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_plan plan = {0};
    struct ch_merged merged = {0};
    struct ch_args said = *args;
    enum ch_code code = ch_sweep_open(args, args->operand, &plan, &error);
    if (!code)
        code = check_merge(args, &plan, &error);
    if (!code) {
        code = ch_merge(&plan, args->allow_missing, &merged, &error);
        if (code == CH_OK || code == CH_NO) {
            tell_merged(args, &plan, &merged);
            said.json = false;
        }
    }
    if (code == CH_NO)
        ch_fail_in(&error, "%s: not complete", plan.folder);
    return ch_sweep_finish(&said, &plan, code, &error);
}

/* ---- verify ------------------------------------------------------------------------------------------------------ */

enum ch_code ch_cmd_sweep_verify(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_plan plan = {0};
    struct ch_work work;
    struct ch_verified v = {0};
    const struct ch_watch watch = {.kept = false};
    enum ch_code code = ch_sweep_open(args, args->operand, &plan, &error);
    if (!code)
        code = ch_sweep_set_up(args, &plan, &work, &error);
    if (!code && args->run >= 0 && (uint64_t)args->run >= plan.n_runs)
        code = ch_fail(&error, CH_INVALID, "--run: the plan has runs 0 to %" PRIu64, plan.n_runs - 1);
    if (code)
        return ch_sweep_finish(args, &plan, code, &error);
    ch_watch_begin(&watch);
    code = args->run >= 0 ? ch_verify_one(&work, (uint64_t)args->run, &v, &error)
                          : ch_verify(&work, args->sample > 0 ? (unsigned)args->sample : SAMPLE, &v, &error);
    ch_watch_end();
    if (code == CH_OK || (code == CH_INTERNAL && v.tried)) {
        struct line line = {.json = args->json && code == CH_OK};
        put_text(&line, "sweep", plan.id.text);
        put_text(&line, "state", code ? "differs" : "same");
        put_part(&line, "same", "tried", v.same, v.tried);
        put_count(&line, "not_done", v.not_done);
        end_line(&line);
    }
    return ch_sweep_finish(args, &plan, code, &error);
}
