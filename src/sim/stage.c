/* SPDX-License-Identifier: MIT
 * Building a stage: city, layout of state, the models' tables. */
#include "sim/stage.h"
#include "base/together.h"
#include "sim/chronicle.h"
#include "table/table.h"
#include <stdlib.h>
#include <string.h>

enum { DRAWS_PER_MODEL = 32 };

static size_t aligned(size_t n, size_t to) { return (n + to - 1) / to * to; }

/* A struct is no more strictly aligned than the largest power of two in its size. */
static size_t alignment(size_t size) { return size % 8 == 0 ? 8 : size & -size; }

/* Takes `size` bytes of a record; returns their offset. */
static size_t take(size_t *stride, size_t size)
{
    size_t at = size ? aligned(*stride, alignment(size)) : *stride;
    *stride = at + size;
    return at;
}

/* Whole cache lines. */
static size_t take_lines(size_t *total, size_t size)
{
    size_t at = aligned(*total, 64);
    *total = at + size;
    return at;
}

/* What a city has many of is packed: the strictly aligned first, so that nothing is lost in between. */
static void lay_out_people(struct ch_stage *stage)
{
    struct ch_layout *layout = &stage->layout;
    for (size_t align = 8; align > 0; align /= 2) {
        for (unsigned m = 0; m < stage->n_models; m++) {
            const struct ch_model *model = stage->self[m].model;
            if (alignment(model->person_size) == align)
                stage->self[m].person_at = take(&layout->person, model->person_size);
            if (alignment(model->app_size) == align)
                stage->self[m].app_at = take(&layout->app, model->app_size);
        }
    }
    for (unsigned m = 0; m < stage->n_models; m++) {
        const struct ch_model *model = stage->self[m].model;
        stage->self[m].app_bytes_at = layout->app;
        layout->app += model->app_bytes ? model->app_bytes(stage->city) : 0;
    }
    layout->person = aligned(layout->person, 8);
    layout->app = aligned(layout->app, 8);
}

static enum ch_code lay_out(struct ch_stage *stage, struct ch_error *error)
{
    struct ch_layout *layout = &stage->layout;
    const struct ch_city *city = stage->city;
    lay_out_people(stage);
    for (unsigned m = 0; m < stage->n_models; m++) {
        const struct ch_model *model = stage->self[m].model;
        struct ch_self *self = &stage->self[m];
        self->place_step = model->place_size;
        self->place_at = take_lines(&layout->place, city->n_places * model->place_size);
        self->store_at = take(&layout->store, model->store_size);
        self->clearing_at = take(&layout->clearing, model->clearing_size ? model->clearing_size(city) : 0);
        size_t *at = ch_arena_alloc(stage->arena, city->n_depots ? city->n_depots : 1, sizeof *at);
        if (!at)
            return ch_fail(error, CH_TOO_BIG, "out of memory for %u depots", city->n_depots);
        for (uint32_t d = 0; d < city->n_depots; d++)
            at[d] = take(&layout->dispatch, model->dispatch_size ? model->dispatch_size(city, d) : 0);
        self->dispatch_at = at;
    }
    layout->store = aligned(layout->store, 16);
    return CH_OK;
}

void *ch_setup_alloc(struct ch_setup *setup, size_t count, size_t size)
{
    struct ch_workshop *workshop = setup->workshop;
    void *memory = ch_arena_alloc(workshop->arena, count ? count : 1, size);
    if (!memory) {
        ch_fail(setup->error, CH_TOO_BIG, "out of memory for a table of %zu x %zu bytes", count, size);
        longjmp(workshop->out_of_memory, 1);
    }
    return memory;
}

void ch_setup_each(const struct ch_setup *setup, size_t n, void (*work)(void *arg, size_t first, size_t end), void *arg)
{
    enum { PIECES = 256 }; /* enough for any number of threads */
    (void)setup;
    ch_together(n, n / PIECES + 1, work, arg);
}

/* Rows are numbered in the order of the models; their values at time 0 come from row_start. */
static void start_rows(struct ch_stage *stage, const struct ch_setup *setup, unsigned m)
{
    const struct ch_model *model = stage->self[m].model;
    uint32_t n = model->rows ? model->rows(stage->city) : 0, first = stage->self[m].first_row;
    for (uint32_t i = 0; model->row_start && i < n; i++)
        stage->row_start[first + i] = model->row_start(setup, stage->self[m].table, i);
}

static enum ch_code number_rows(struct ch_stage *stage, struct ch_error *error)
{
    for (unsigned m = 0; m < stage->n_models; m++) {
        const struct ch_model *model = stage->self[m].model;
        stage->self[m].first_row = stage->n_rows;
        stage->n_rows += model->rows ? model->rows(stage->city) : 0;
    }
    stage->row_start = ch_arena_alloc(stage->arena, stage->n_rows + 1, sizeof *stage->row_start);
    return stage->row_start ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for %u published rows", stage->n_rows);
}

static void tabulate_model(struct ch_stage *stage, unsigned m, struct ch_workshop *workshop, struct ch_error *complaint)
{
    struct ch_self *self = &stage->self[m];
    workshop->model = m;
    struct ch_setup setup = {.city = stage->city,
                             .params = self->params,
                             .lookahead = CH_LOOKAHEAD,
                             .first_row = self->first_row,
                             .survey = &workshop->survey,
                             .workshop = workshop,
                             .error = complaint};
    for (unsigned k = 0; k < CH_N_ITEMS; k++)
        setup.item_params[k] = self->item_params[k];
    if (setjmp(workshop->out_of_memory) != 0)
        return;
    if (stage->self[m].model->tabulate)
        self->table = stage->self[m].model->tabulate(&setup);
    if (complaint->code == CH_OK)
        start_rows(stage, &setup, m);
}

static enum ch_code tabulate(struct ch_stage *stage, struct ch_diag *diag, struct ch_error *error)
{
    struct ch_error complaint = {.code = CH_OK};
    struct ch_workshop workshop = {.arena = stage->arena, .stage = stage, .diag = diag};
    for (unsigned m = 0; m < stage->n_models; m++) {
        tabulate_model(stage, m, &workshop, &complaint);
        if (complaint.code != CH_OK) {
            *error = complaint;
            return ch_fail_in(error, "%s", stage->self[m].model->name);
        }
    }
    return CH_OK;
}

/* What work a place brings: residents and the customers of its stores. Only balances tiles; never changes a result. */
static enum ch_code weigh_places(struct ch_stage *stage, struct ch_error *error)
{
    const struct ch_city *city = stage->city;
    stage->load = ch_arena_alloc(stage->arena, city->n_places, sizeof *stage->load);
    if (!stage->load)
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u places", city->n_places);
    float per_store = city->n_stores ? (float)city->n_people / (float)city->n_stores * 0.5f : 0;
    for (uint32_t node = 0; node < city->n_nodes; node++)
        stage->load[node] = 1.0f + (float)(city->node_first_person[node + 1] - city->node_first_person[node]) +
                            per_store * (float)(city->node_first_store[node + 1] - city->node_first_store[node]);
    for (uint32_t place = city->n_nodes; place < city->n_places; place++)
        stage->load[place] = 1.0f;
    return CH_OK;
}

static void find_probe(const struct ch_stage *stage, const char *name, unsigned *model, unsigned *probe)
{
    for (*model = 0; *model < stage->n_models; ++*model)
        for (*probe = 0; *probe < stage->self[*model].model->n_probes; ++*probe)
            if (strcmp(stage->self[*model].model->probe[*probe].name, name) == 0)
                return;
    *probe = 0;
}

static void set_clock(struct ch_stage *stage)
{
    const struct ch_run_params *run = CH_BLOCK(stage->scenario, run);
    stage->warmup = run->warmup;
    stage->end = run->warmup + ch_time_floor(run->duration + CH_LOOKAHEAD - 1, CH_LOOKAHEAD);
    stage->row_period = run->publish;
    stage->n_days = ch_day_of(stage->end - 1) + 1;
    uint32_t couriers = 0;
    for (uint32_t d = 0; d < stage->city->n_depots; d++)
        couriers += stage->city->depots[d].couriers;
    stage->shape = (struct ch_probe_shape){.n_stores = stage->city->n_stores,
                                           .n_retailers = stage->city->n_retailers,
                                           .n_couriers = couriers,
                                           .n_days = stage->n_days,
                                           .n_nodes = stage->city->n_nodes};
}

/* A model that this scenario does not want keeps its rows, so that ranks, streams and KPIs stay what they are: nothing else. */
static const struct ch_model *without_part(struct ch_arena *arena, const struct ch_model *model)
{
    struct ch_model *bare = ch_arena_alloc(arena, 1, sizeof *bare);
    if (bare)
        *bare = (struct ch_model){.name = model->name,
                                  .section = model->section,
                                  .title = model->title,
                                  .mechanism = model->mechanism,
                                  .items = model->items,
                                  .param = model->param,
                                  .n_params = model->n_params,
                                  .params_size = model->params_size,
                                  .message = model->message,
                                  .handler = model->handler,
                                  .n_messages = model->n_messages,
                                  .probe = model->probe,
                                  .n_probes = model->n_probes,
                                  .draw = model->draw,
                                  .n_draws = model->n_draws};
    return bare;
}

static enum ch_code set_up(struct ch_stage *stage, const struct ch_model *stand_in, struct ch_diag *diag, struct ch_error *error)
{
    enum ch_code code = ch_city_create(stage->scenario, diag, &stage->build);
    if (code != CH_OK)
        return code;
    stage->city = &stage->build->city;
    stage->n_models = ch_n_models();
    stage->arena = ch_arena_create();
    stage->self = stage->arena ? ch_arena_alloc(stage->arena, stage->n_models + 1, sizeof *stage->self) : NULL;
    if (!stage->self)
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u models", stage->n_models);
    for (unsigned m = 0; m < stage->n_models; m++) {
        unsigned section = ch_section_of_model(m);
        struct ch_self *self = &stage->self[m];
        self->model = stand_in && strcmp(ch_model(m)->name, stand_in->name) == 0 ? stand_in : ch_model(m);
        self->params = stage->scenario->block[section];
        if (!ch_section_in_use(ch_section(section), self->params))
            self->model = without_part(stage->arena, self->model);
        self->first_purpose = (uint16_t)(ch_model_number(m) * DRAWS_PER_MODEL);
        const void *const **items = ch_arena_alloc(stage->arena, CH_N_ITEMS, sizeof *items);
        if (!items || !self->model)
            return ch_fail(error, CH_TOO_BIG, "out of memory for overrides");
        for (unsigned k = 0; k < CH_N_ITEMS; k++)
            items[k] = stage->build->item_params[k] ? stage->build->item_params[k][section] : NULL;
        self->item_params = (const void *const *const *)items;
    }
    stage->self[stage->n_models].model = &ch_chronicle_listener;
    stage->n_listeners = stage->n_models + (stage->scenario->events ? 1 : 0);
    set_clock(stage);
    if ((code = lay_out(stage, error)) != CH_OK || (code = ch_stage_bind(stage, error)) != CH_OK ||
        (code = number_rows(stage, error)) != CH_OK || (code = tabulate(stage, diag, error)) != CH_OK ||
        (code = weigh_places(stage, error)) != CH_OK)
        return code;
    find_probe(stage, "reads", &stage->reads.model, &stage->reads.probe);
    find_probe(stage, "reads_refused", &stage->refused.model, &stage->refused.probe);
    return CH_OK;
}

enum ch_code ch_stage_create(const struct ch_scenario *scenario, struct ch_diag *diag, struct ch_stage **stage,
                             struct ch_error *error)
{
    return ch_stage_create_with(scenario, NULL, diag, stage, error);
}

enum ch_code ch_stage_create_with(const struct ch_scenario *scenario, const struct ch_model *stand_in, struct ch_diag *diag,
                                  struct ch_stage **stage, struct ch_error *error)
{
    *stage = calloc(1, sizeof **stage);
    if (!*stage)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    (*stage)->scenario = scenario;
    enum ch_code code = set_up(*stage, stand_in, diag, error);
    if (code != CH_OK) {
        ch_stage_destroy(*stage);
        *stage = NULL;
    }
    return code;
}

void ch_stage_destroy(struct ch_stage *stage)
{
    if (!stage)
        return;
    ch_city_destroy(stage->build);
    ch_arena_destroy(stage->arena);
    free(stage);
}

const struct ch_city *ch_stage_city(const struct ch_stage *stage) { return stage->city; }
uint32_t ch_stage_days(const struct ch_stage *stage) { return stage->n_days; }

const struct ch_kind *ch_stage_kinds(const struct ch_stage *stage, unsigned *n)
{
    *n = stage->n_kinds;
    return stage->kind;
}
