/* SPDX-License-Identifier: MIT
 * One run: state from zero, the first events place by place, day after day with an audit at each, and the measures. */
#define _POSIX_C_SOURCE 200809L
#include "sim/run.h"
#include "base/pages.h"
#include "base/together.h"
#include "sim/audit.h"
#include "table/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef CH_DEBUG
enum { OWNED = 1 }; /* every person is tagged with the place that may touch it */
#else
enum { OWNED = 0 };
#endif

static struct ch_lane *lane_of(void *user, unsigned worker)
{
    struct run *run = user;
    return &run->worker[worker].ctx.lane;
}

/* ---- state ------------------------------------------------------------------------------------------------------- */

static void *zeroed(size_t count, size_t size) { return calloc(count ? count : 1, size ? size : 1); }

static enum ch_code allocate(struct run *run, unsigned workers, struct ch_error *error)
{
    const struct ch_stage *stage = run->stage;
    const struct ch_city *city = stage->city;
    run->people = ch_pages_alloc(city->n_people, sizeof *run->people);
    run->person_state = ch_pages_alloc(city->n_people, stage->layout.person);
    run->app_state = ch_pages_alloc(city->n_apps, stage->layout.app);
    run->place_state = ch_pages_alloc(1, stage->layout.place);
    run->store_state = zeroed(city->n_stores, stage->layout.store);
    run->clearing_state = zeroed(1, stage->layout.clearing);
    run->dispatch_state = zeroed(1, stage->layout.dispatch);
    run->owner = zeroed(OWNED ? city->n_people : 1, sizeof *run->owner);
    run->worker = aligned_alloc(_Alignof(struct worker), workers * sizeof *run->worker);
    if (run->worker)
        memset(run->worker, 0, workers * sizeof *run->worker);
    if (!run->people || !run->person_state || !run->app_state || !run->place_state || !run->store_state || !run->clearing_state ||
        !run->dispatch_state || !run->owner || !run->worker)
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u people", city->n_people);
    return ch_board_create(&stage->shape, workers, &run->board, error);
}

/* What waits of a model begins at a line that no other worker touches. */
enum { LINE = 128 };
static size_t rounded(size_t bytes) { return (bytes + LINE - 1) / LINE * LINE; }

static size_t waiting_bytes(const struct ch_stage *stage)
{
    size_t bytes = LINE;
    for (unsigned m = 0; m < stage->n_models; m++)
        bytes += rounded(stage->self[m].model->worker_size);
    return bytes;
}

static enum ch_code set_workers(struct run *run, const struct ch_run_options *options, struct ch_error *error)
{
    const struct ch_stage *stage = run->stage;
    for (unsigned w = 0; w < options->workers; w++) {
        struct worker *worker = &run->worker[w];
        worker->run = run;
        worker->call = stage->call;
        worker->watched = options->see || stage->scenario->events;
        worker->self = zeroed(stage->n_listeners, sizeof *worker->self);
        worker->waiting = aligned_alloc(LINE, waiting_bytes(stage));
        if (!worker->self || !worker->waiting)
            return ch_fail(error, CH_TOO_BIG, "out of memory");
        memset(worker->waiting, 0, waiting_bytes(stage));
        size_t at = 0;
        for (unsigned m = 0; m < stage->n_models; m++) {
            worker->self[m] = stage->self[m];
            worker->self[m].acc = ch_board_of_model(run->board, w, m);
            worker->self[m].waiting = worker->waiting + at;
            at += rounded(stage->self[m].model->worker_size);
        }
        worker->chronicle = (struct ch_chronicle){.share = stage->scenario->events_share};
        worker->chronicle_at = &worker->chronicle;
        if (stage->n_listeners > stage->n_models) {
            worker->self[stage->n_models] = stage->self[stage->n_models];
            worker->self[stage->n_models].table = &worker->chronicle_at;
        }
        worker->reads =
            stage->reads.model < stage->n_models ? worker->self[stage->reads.model].acc[stage->reads.probe] : &worker->nobody;
        worker->refused = stage->refused.model < stage->n_models ? worker->self[stage->refused.model].acc[stage->refused.probe]
                                                                 : &worker->nobody;
        worker->ctx = (struct ch_ctx){.self = worker->self,
                                      .selves = worker->self,
                                      .chains = stage->chains,
                                      .key = {options->seed, options->replication},
                                      .city = stage->city,
                                      .world = &run->world,
                                      .policy = stage->scenario->policy[options->policy],
                                      .counting_from = stage->warmup,
                                      .end = stage->end,
                                      .people = run->people,
                                      .person_state = run->person_state,
                                      .app_state = run->app_state,
                                      .place_state = run->place_state,
                                      .store_state = run->store_state,
                                      .clearing_state = run->clearing_state,
                                      .dispatch_state = run->dispatch_state,
                                      .person_stride = stage->layout.person,
                                      .app_stride = stage->layout.app,
                                      .store_stride = stage->layout.store,
                                      .owner = run->owner};
    }
    return CH_OK;
}

static enum ch_code make_world(struct run *run, struct ch_error *error)
{
    const struct ch_stage *stage = run->stage;
    struct ch_world *world = &run->world;
    world->key = run->worker[0].ctx.key;
    world->warmup_days = (int32_t)(stage->warmup / CH_DAY);
    world->start_unix_day = stage->scenario->start_unix_day - world->warmup_days;
    world->n_days = stage->n_days + 1;
    world->n_steps = world->n_days * 8;
    world->day = zeroed(world->n_days, sizeof *world->day);
    world->step = zeroed(world->n_steps, sizeof *world->step);
    if (!world->day || !world->step)
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u days of weather", world->n_days);
    for (unsigned i = 0; i < CH_N_SKIES; i++)
        world->street_factor[i] = world->speed_factor[i] = 1;
    for (unsigned m = 0; m < stage->n_models; m++) {
        const struct ch_model *model = stage->self[m].model;
        uint16_t purpose[32];
        for (unsigned d = 0; d < 32; d++)
            purpose[d] = (uint16_t)(stage->self[m].first_purpose + d);
        if (model->tabulate_world)
            model->tabulate_world(stage->self[m].params, world, purpose);
    }
    return CH_OK;
}

static void settle(struct run *run, uint32_t id)
{
    const struct ch_citizen *citizen = &run->stage->city->people[id];
    enum { LISTENS = CH_APP | CH_BLUETOOTH | CH_LOCATION };
    run->people[id] = (struct ch_person){.id = id,
                                         .node = citizen->home,
                                         .goal = citizen->home,
                                         .store = CH_NONE,
                                         .speed_mm_s = citizen->speed_mm_s,
                                         .zone = CH_AT_HOME,
                                         .traits = citizen->traits,
                                         .device = citizen->device,
                                         .privacy = citizen->privacy,
                                         .listening = (citizen->device & LISTENS) == LISTENS};
    if (OWNED)
        run->owner[id] = citizen->home;
}

/* The first events of a place, its stores and its residents come in an order that depends on the city alone. */
static void start_place(struct ch_ctx *ctx)
{
    const struct ch_stage *stage = ((struct worker *)(void *)ctx)->run->stage;
    const struct ch_city *city = stage->city;
    uint32_t place = ctx->lane.place;
    for (unsigned m = 0; m < stage->n_models; m++)
        if (ctx->self = &ctx->selves[m], stage->self[m].model->start_place)
            stage->self[m].model->start_place(ctx);
    if (place >= city->n_nodes)
        return;
    for (uint32_t i = city->node_first_store[place]; i < city->node_first_store[place + 1]; i++)
        for (unsigned m = 0; m < stage->n_models; m++)
            if (ctx->self = &ctx->selves[m], stage->self[m].model->start_store)
                stage->self[m].model->start_store(ctx, city->node_store[i]);
}

static void start_person(struct ch_ctx *ctx, uint32_t id)
{
    const struct ch_stage *stage = ((struct worker *)(void *)ctx)->run->stage;
    for (unsigned m = 0; m < stage->n_models; m++)
        if (ctx->self = &ctx->selves[m], stage->self[m].model->start_person)
            stage->self[m].model->start_person(ctx, &ctx->people[id]);
}

/* Places first .. end - 1, by one worker. */
static void start_places(struct ch_lane *lane, uint32_t first, uint32_t end)
{
    struct ch_ctx *ctx = (struct ch_ctx *)(void *)lane;
    struct run *run = ((struct worker *)(void *)ctx)->run;
    for (lane->place = first; lane->place < end; lane->place++)
        start_place(ctx);
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        lane->place = ctx->city->people[id].home;
        if (lane->place < first || lane->place >= end)
            continue;
        settle(run, id);
        start_person(ctx, id);
    }
}

static void start_all(struct run *run, const struct ch_scheduler *scheduler)
{
    if (scheduler->start)
        scheduler->start(run->scheduler, start_places);
    else
        start_places(scheduler->setup_lane(run->scheduler, 0), 0, run->stage->city->n_places);
}

/* ---- begin and end ----------------------------------------------------------------------------------------------- */

static void begin_all(struct run *run)
{
    struct ch_ctx *ctx = &run->worker[0].ctx;
    ctx->audit = true;
    for (unsigned m = 0; m < run->stage->n_models; m++) {
        ctx->self = &ctx->selves[m];
        if (run->stage->self[m].model->begin)
            run->stage->self[m].model->begin(ctx);
    }
    ctx->audit = false;
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

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static enum ch_code create_scheduler(struct run *run, const struct ch_run_options *options, struct ch_error *error)
{
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
                                        .handle = ch_run_handle,
                                        .prefetch = ch_run_prefetch,
                                        .soon = ch_run_soon,
                                        .user = run};
    return options->scheduler->create(&spec, &run->scheduler, error);
}

/* Runs to the end, stopping at the end of the warm-up and of each day for audits. */
static enum ch_code live(struct run *run, const struct ch_run_options *options, struct ch_error *error)
{
    const struct ch_stage *stage = run->stage;
    enum ch_code code = CH_OK;
    uint64_t told = 0;
    for (ch_time now = 0; now < stage->end && code == CH_OK;) {
        ch_time next = ch_time_floor(now, CH_DAY) + CH_DAY;
        next = next < stage->end ? next : stage->end;
        if (now < stage->warmup && stage->warmup < next)
            next = stage->warmup;
        code = options->scheduler->run_until(run->scheduler, next, error);
        if (code != CH_OK)
            break;
        now = next;
        struct ch_inspection inspection = {.stage = stage,
                                           .ctx = &run->worker[0].ctx,
                                           .scheduler = options->scheduler,
                                           .self = run->scheduler,
                                           .now = now,
                                           .final = now == stage->end,
                                           .alone = options->workers == 1};
        code = ch_audit_models(&inspection, error);
        if (now == stage->warmup) {
            settle_all(run);
            ch_board_clear(run->board);
        }
        uint64_t events = options->scheduler->stats(run->scheduler)->events;
        if (options->day_done)
            options->day_done(options->arg, events - told);
        told = events;
        if (code == CH_OK && options->stop && atomic_load(options->stop))
            code = ch_fail(error, CH_STOPPED, "stopped");
    }
    return code;
}

static enum ch_code keep_engine_stats(const struct ch_engine_stats *stats, struct ch_outcome *outcome, struct ch_error *error)
{
    outcome->engine = *stats;
    outcome->engine.busy_s = zeroed(stats->workers, sizeof *stats->busy_s);
    outcome->engine.handled = zeroed(stats->workers, sizeof *stats->handled);
    if (!outcome->engine.busy_s || !outcome->engine.handled)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    memcpy(outcome->engine.busy_s, stats->busy_s, stats->workers * sizeof *stats->busy_s);
    memcpy(outcome->engine.handled, stats->handled, stats->workers * sizeof *stats->handled);
    return CH_OK;
}

static enum ch_code gather_stories(const struct run *run, unsigned workers, struct ch_outcome *outcome, struct ch_error *error)
{
    if (!run->stage->scenario->events)
        return CH_OK;
    struct ch_chronicle *all = zeroed(workers, sizeof *all);
    if (!all)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    for (unsigned w = 0; w < workers; w++)
        all[w] = run->worker[w].chronicle;
    enum ch_code code = ch_chronicle_gather(all, workers, &outcome->story, &outcome->n_stories, error);
    free(all);
    return code;
}

/* All but the board. */
static void give_back(struct run *run, const struct ch_run_options *options)
{
    const struct ch_city *city = run->stage->city;
    const struct ch_layout *layout = &run->stage->layout;
    options->scheduler->destroy(run->scheduler);
    for (unsigned w = 0; run->worker && w < options->workers; w++) {
        free(run->worker[w].self);
        free(run->worker[w].waiting);
        ch_chronicle_fini(&run->worker[w].chronicle);
    }
    ch_pages_free(run->people, city->n_people, sizeof *run->people);
    ch_pages_free(run->person_state, city->n_people, layout->person);
    ch_pages_free(run->app_state, city->n_apps, layout->app);
    ch_pages_free(run->place_state, 1, layout->place);
    free(run->store_state);
    free(run->clearing_state);
    free(run->dispatch_state);
    free(run->owner);
    free(run->worker);
    free(run->world.day);
    free(run->world.step);
}

enum ch_code ch_stage_run(const struct ch_stage *stage, const struct ch_run_options *options, struct ch_outcome *outcome,
                          struct ch_error *error)
{
    CH_REQUIRE(options->workers >= 1 && options->policy < stage->scenario->n_policies);
    struct timespec begun, done;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    struct run run = {.call = stage->call, .n_people = stage->city->n_people, .stage = stage, .options = options};
    memset(outcome, 0, sizeof *outcome);
    enum ch_code code = allocate(&run, options->workers, error);
    if (code != CH_OK || (code = set_workers(&run, options, error)) != CH_OK || (code = make_world(&run, error)) != CH_OK ||
        (code = create_scheduler(&run, options, error)) != CH_OK)
        goto done;
    start_all(&run, options->scheduler);
    begin_all(&run);
    if (stage->warmup == 0)
        ch_board_clear(run.board);
    code = live(&run, options, error);
    if (code != CH_OK)
        goto done;
    finish_all(&run, stage->end);
    code = gather_stories(&run, options->workers, outcome, error);
    if (code != CH_OK)
        goto done;
    outcome->fingerprint = options->scheduler->fingerprint(run.scheduler);
    code = keep_engine_stats(options->scheduler->stats(run.scheduler), outcome, error);
done:
    give_back(&run, options); /* before maps are copied */
    if (code == CH_OK)
        code = ch_board_measure(run.board, &outcome->measures, error);
    ch_board_destroy(run.board);
    clock_gettime(CLOCK_MONOTONIC, &done);
    outcome->wall_s = (double)(done.tv_sec - begun.tv_sec) + 1e-9 * (double)(done.tv_nsec - begun.tv_nsec);
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
