/* SPDX-License-Identifier: MIT
 * How a run begins and ends: its memory, its world, everybody at home, the first events place by place. */
#include "base/pages.h"
#include "sim/run.h"
#include <stdlib.h>
#include <string.h>

static void *zeroed(size_t count, size_t size) { return calloc(count ? count : 1, size ? size : 1); }

enum ch_code ch_run_allocate(struct run *run, struct ch_error *error)
{
    unsigned workers = run->options->workers;
    const struct ch_stage *stage = run->stage;
    const struct ch_city *city = stage->city;
    run->people = ch_pages_alloc(city->n_people, sizeof *run->people);
    run->person_state = ch_pages_alloc(city->n_people, stage->layout.person);
    run->app_state = ch_pages_alloc(city->n_apps, stage->layout.app);
    run->place_state = ch_pages_alloc(1, stage->layout.place);
    run->store_state = zeroed(city->n_stores, stage->layout.store);
    run->clearing_state = zeroed(1, stage->layout.clearing);
    run->dispatch_state = zeroed(1, stage->layout.dispatch);
    run->owner = zeroed(CH_OWNED ? city->n_people : 1, sizeof *run->owner);
    run->worker = aligned_alloc(_Alignof(struct worker), workers * sizeof *run->worker);
    if (run->worker)
        memset(run->worker, 0, workers * sizeof *run->worker);
    run->here = run->ranks ? zeroed(city->n_people, 1) : NULL;
    if ((run->ranks && !run->here) || !run->people || !run->person_state || !run->app_state || !run->place_state ||
        !run->store_state || !run->clearing_state || !run->dispatch_state || !run->owner || !run->worker)
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

enum ch_code ch_run_set_workers(struct run *run, struct ch_error *error)
{
    const struct ch_run_options *options = run->options;
    const struct ch_stage *stage = run->stage;
    for (unsigned w = 0; w < options->workers; w++) {
        struct worker *worker = &run->worker[w];
        worker->run = run;
        worker->call = stage->call;
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

enum ch_code ch_run_make_world(struct run *run, struct ch_error *error)
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
    if (CH_OWNED)
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
    const struct ch_run_options *options = run->options;
    for (lane->place = first; lane->place < end; lane->place++)
        start_place(ctx);
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        lane->place = ctx->city->people[id].home;
        if (lane->place < first || lane->place >= end)
            continue;
        settle(run, id);
        if (run->here)
            run->here[id] = options->scheduler->mine(run->scheduler, lane->place);
        start_person(ctx, id);
    }
}

/* When all have started: may ask about everybody. */
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

void ch_run_start(struct run *run)
{
    const struct ch_scheduler *scheduler = run->options->scheduler;
    if (scheduler->start)
        scheduler->start(run->scheduler, start_places);
    else
        start_places(scheduler->setup_lane(run->scheduler, 0), 0, run->stage->city->n_places);
    begin_all(run);
    if (ch_comm_rank() == 0 || !run->ranks)
        return;
    ch_board_clear(run->board); /* rank 0 counts and tells what all have begun */
    for (unsigned w = 0; w < run->options->workers; w++)
        run->worker[w].chronicle.n = 0;
}

void ch_run_give_back(struct run *run)
{
    const struct ch_run_options *options = run->options;
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
    free(run->here);
    ch_mail_fini(&run->guests);
    free(run->image.spot);
    free(run->image.row);
}
