/* SPDX-License-Identifier: MIT
 * One run: state from zero, the first events place by place, day after day with an audit at each, and the measures. */
#define _POSIX_C_SOURCE 200809L
#include "sim/run.h"
#include "base/clock.h"
#include "sim/audit.h"
#include "sim/sets.h"
#include <stdlib.h>
#include <string.h>

static struct ch_lane *lane_of(void *user, unsigned worker)
{
    struct run *run = user;
    return &run->worker[worker].ctx.lane;
}

/* Between events: what waits is added up. */
static void settle_all(struct run *run)
{
    for (unsigned w = 0; w < run->options->workers; w++) {
        struct ch_ctx *ctx = &run->worker[w].ctx;
        for (unsigned m = 0; m < run->stage->n_models; m++)
            if (ctx->self = &ctx->selves[m], ctx->self->model->settle)
                ctx->self->model->settle(ctx);
    }
}

static void finish_all(struct run *run, ch_time now)
{
    settle_all(run);
    struct ch_ctx *ctx = &run->worker[0].ctx;
    ctx->audit = true;
    ctx->lane.now = now;
    for (unsigned m = 0; m < run->stage->n_models; m++) {
        ctx->self = &ctx->selves[m];
        if (run->stage->self[m].model->finish)
            run->stage->self[m].model->finish(ctx);
    }
}

double ch_run_wall(const struct run *run) { return run->wall_before + ch_clock_s() - run->begun; }

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static enum ch_code create_scheduler(struct run *run, struct ch_error *error)
{
    const struct ch_run_options *options = run->options;
    const struct ch_stage *stage = run->stage;
    const struct ch_engine_spec spec = {.n_places = stage->city->n_places,
                                        .lookahead = CH_LOOKAHEAD,
                                        .end = stage->end,
                                        .kind = stage->kind,
                                        .n_kinds = stage->n_kinds,
                                        .n_rows = stage->n_rows,
                                        .row_start = stage->row_start,
                                        .row_period = stage->row_period,
                                        .workers = options->workers,
                                        .tile_places = options->tile_places,
                                        .load = stage->load,
                                        .perturb = options->perturb,
                                        .lane = lane_of,
                                        .handle = options->see || stage->scenario->events ? ch_run_watch : ch_run_handle,
                                        .prefetch = ch_run_prefetch,
                                        .soon = ch_run_soon,
                                        .user = run,
                                        .ranks = run->ranks,
                                        .pack_most = ch_run_pack_most(stage),
                                        .pack = ch_run_pack,
                                        .unpack = ch_run_unpack};
    return options->scheduler->create(&spec, &run->scheduler, error);
}

/* At rank 0, which knows all after a muster; then all know how it went. */
static enum ch_code audit(struct run *run, ch_time now, struct ch_error *error)
{
    settle_all(run);
    enum ch_code code = ch_run_muster(run, error);
    struct ch_inspection inspection = {.stage = run->stage,
                                       .ctx = &run->worker[0].ctx,
                                       .scheduler = run->options->scheduler,
                                       .self = run->scheduler,
                                       .guests = &run->guests,
                                       .now = now,
                                       .final = now == run->stage->end,
                                       .alone = run->options->workers == 1};
    if (code == CH_OK && (!run->ranks || ch_comm_rank() == 0))
        code = ch_audit_models(&inspection, error);
    return run->ranks ? ch_comm_agree(code, error) : code;
}

/* An audit with several processes brings everybody to rank 0: it comes once a week, not each day. */
static bool is_audited(const struct run *run, ch_time now)
{
    return !run->ranks || now % CH_WEEK == 0 || now == run->stage->warmup || now == run->stage->end;
}

/* What is due at the end of the warm-up and of each day. */
static enum ch_code end_day(struct run *run, ch_time now, struct ch_error *error)
{
    enum ch_code code = is_audited(run, now) ? audit(run, now, error) : CH_OK;
    if (now == run->stage->warmup)
        ch_board_clear(run->board);
    uint64_t events = run->options->scheduler->stats(run->scheduler)->events; /* with ranks its own part */
    if (run->options->day_done)
        run->options->day_done(run->options->arg, events - run->told);
    run->told = events;
    return code;
}

/* Keeps what is due to be kept, and stops when somebody wants it: all processes decide together. */
static enum ch_code look_up(struct run *run, bool day_ended, struct ch_error *error)
{
    const struct ch_run_options *options = run->options;
    enum { WANTS_STOP, WANTS_SET };
    uint64_t wants[2] = {
        [WANTS_STOP] = options->stop && atomic_load(options->stop), [WANTS_SET] = options->sets && ch_sets_due(options->sets)};
    enum ch_code code = CH_OK;
    if (run->ranks)
        ch_comm_most(wants, 2);
    if (options->sets && (wants[WANTS_SET] || wants[WANTS_STOP])) {
        settle_all(run);
        code = ch_checkpoint_write(run, error);
    }
    if (code == CH_OK && wants[WANTS_STOP] && (day_ended || options->sets))
        code = ch_fail(error, CH_STOPPED, "stopped");
    return code;
}

/* The next time at which there is something to do between events. */
static ch_time next_stop(const struct run *run, ch_time now, bool *day_ends)
{
    enum { GLANCE = 10 * 60 }; /* simulated seconds between looks at the clock: some milliseconds to a second of a large run */
    const struct ch_stage *stage = run->stage;
    ch_time next = ch_time_floor(now, CH_DAY) + CH_DAY, glance = ch_time_floor(now, GLANCE * CH_SECOND) + GLANCE * CH_SECOND;
    next = next < stage->end ? next : stage->end;
    if (now < stage->warmup && stage->warmup < next)
        next = stage->warmup;
    *day_ends = !run->options->sets || next <= glance;
    return *day_ends ? next : glance;
}

/* Runs to the end, stopping at the end of the warm-up and of each day for audits, and in between to look up. */
static enum ch_code live(struct run *run, ch_time now, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    while (now < run->stage->end && code == CH_OK) {
        bool day_ends;
        now = next_stop(run, now, &day_ends);
        code = run->options->scheduler->run_until(run->scheduler, now, error);
        if (code == CH_OK && day_ends)
            code = end_day(run, now, error);
        if (code == CH_OK && (now < run->stage->end || !run->options->sets)) /* the rest is soon done, and kept then */
            code = look_up(run, day_ends, error);
    }
    return code;
}

static enum ch_code keep_engine_stats(struct run *run, struct ch_outcome *outcome, struct ch_error *error)
{
    const struct ch_engine_stats *stats = run->options->scheduler->stats(run->scheduler);
    size_t n = stats->workers ? stats->workers : 1;
    outcome->engine = *stats;
    if (run->ranks) { /* of all processes, but for what its own threads did */
        uint64_t sums[] = {stats->events, stats->sent,    outcome->fingerprint, stats->chunk_mallocs, stats->event_bytes,
                           stats->tiles,  stats->crossed, stats->crossed_bytes, stats->rows_told};
        ch_comm_sum(sums, sizeof sums / sizeof sums[0]);
        outcome->engine.events = sums[0];
        outcome->engine.sent = sums[1];
        outcome->fingerprint = sums[2];
        outcome->engine.chunk_mallocs = sums[3];
        outcome->engine.event_bytes = sums[4];
        outcome->engine.tiles = (uint32_t)sums[5];
        outcome->engine.crossed = sums[6];
        outcome->engine.crossed_bytes = sums[7];
        outcome->engine.rows_told = sums[8];
        outcome->engine.windows_skipped += stats->windows - run->image.windows;
        outcome->engine.windows = run->image.windows;
        outcome->engine.pending_peak = run->image.pending_peak;
    }
    outcome->engine.busy_s = calloc(n, sizeof *stats->busy_s);
    outcome->engine.handled = calloc(n, sizeof *stats->handled);
    if (!outcome->engine.busy_s || !outcome->engine.handled)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    memcpy(outcome->engine.busy_s, stats->busy_s, stats->workers * sizeof *stats->busy_s);
    memcpy(outcome->engine.handled, stats->handled, stats->workers * sizeof *stats->handled);
    return CH_OK;
}

static enum ch_code gather_stories(const struct run *run, struct ch_outcome *outcome, struct ch_error *error)
{
    unsigned workers = run->options->workers;
    if (!run->stage->scenario->events)
        return CH_OK;
    struct ch_chronicle *all = calloc(workers, sizeof *all);
    if (!all)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    for (unsigned w = 0; w < workers; w++)
        all[w] = run->worker[w].chronicle;
    enum ch_code code = ch_chronicle_gather(all, workers, &outcome->story, &outcome->n_stories, error);
    free(all);
    return code;
}

/* Everything after the last event; in the end rank 0 alone has the whole. */
static enum ch_code close_run(struct run *run, struct ch_outcome *outcome, struct ch_error *error)
{
    enum ch_code code = run->ranks ? ch_run_image(run, error) : CH_OK;
    if (code != CH_OK)
        return code;
    if (!run->ranks || ch_comm_rank() == 0)
        finish_all(run, run->stage->end);
    code = gather_stories(run, outcome, error);
    if (code != CH_OK && run->ranks)
        ch_comm_abort(code, error->text); /* others wait */
    if (code != CH_OK)
        return code;
    outcome->fingerprint = run->options->scheduler->fingerprint(run->scheduler);
    return keep_engine_stats(run, outcome, error);
}

/* From the start, or from where it was kept, to the end. */
static enum ch_code run_through(struct run *run, struct ch_outcome *outcome, struct ch_error *error)
{
    ch_time now = 0;
    enum ch_code code = ch_run_allocate(run, error);
    if (code != CH_OK || (code = ch_run_set_workers(run, error)) != CH_OK || (code = ch_run_make_world(run, error)) != CH_OK ||
        (code = create_scheduler(run, error)) != CH_OK)
        return code;
    if (run->options->sets && (code = ch_checkpoint_read(run, &now, error)) != CH_OK)
        return code;
    if (now == 0) {
        ch_run_start(run);
        if (run->stage->warmup == 0)
            ch_board_clear(run->board);
    }
    code = live(run, now, error);
    return code == CH_OK ? close_run(run, outcome, error) : code;
}

enum ch_code ch_stage_run(const struct ch_stage *stage, const struct ch_run_options *options, struct ch_outcome *outcome,
                          struct ch_error *error)
{
    CH_REQUIRE(options->workers >= 1 && options->policy < stage->scenario->n_policies);
    struct run run = {.call = stage->call,
                      .n_people = stage->city->n_people,
                      .stage = stage,
                      .options = options,
                      .begun = ch_clock_s(),
                      .ranks = options->ranks && ch_comm_size() > 1};
    memset(outcome, 0, sizeof *outcome);
    if (options->sets && options->number < ch_sets_done(options->sets))
        return ch_checkpoint_outcome(&run, outcome, error);
    enum ch_code code = run_through(&run, outcome, error);
    ch_run_give_back(&run); /* before maps are copied */
    if (code == CH_OK)
        code = ch_board_measure(run.board, &outcome->measures, error);
    outcome->wall_s = ch_run_wall(&run);
    if (code == CH_OK && options->sets)
        code = ch_checkpoint_finish(&run, outcome, error);
    ch_board_destroy(run.board);
    if (code != CH_OK)
        ch_outcome_fini(outcome);
    return code;
}

void ch_outcome_fini(struct ch_outcome *outcome)
{
    ch_measures_fini(&outcome->measures);
    free(outcome->engine.busy_s);
    free(outcome->engine.handled);
    free(outcome->story);
    memset(outcome, 0, sizeof *outcome);
}
