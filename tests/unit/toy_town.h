/* SPDX-License-Identifier: MIT
 * A town for tests of single models: a grid, people, a few stores and stops, any list of models, run by the oracle. It binds
 * models as src/sim does, in the order of the list, and leaves out scenarios, boards and files.
 *
 *     struct town town = town_of(width, height, n_people);    change town.city, town.people, ... as you like
 *     town_open(&town, models, n);                             then change town.params of a model
 *     town_run(&town, until);                                  as often as you like; then look around
 *     town_close(&town);
 */
#ifndef TOY_TOWN_H
#define TOY_TOWN_H

#include "engine/engine.h"
#include "table/table.h"
#include <chaland/model.h>
#include <check.h>
#include <stdlib.h>

enum { TOWN_MODELS = 12, TOWN_STORES = 64, TOWN_STOPS = 16, TOWN_RETAILERS = 8, TOWN_PROBES = 64 };

struct town {
    struct ch_ctx ctx; /* first: the lane is the town */
    struct ch_city city;
    struct ch_world world;
    struct ch_citizen *citizens;
    struct ch_store stores[TOWN_STORES];
    struct ch_retailer retailers[TOWN_RETAILERS];
    struct ch_stop stops[TOWN_STOPS];
    uint32_t *node_stop, *near_stop;
    struct ch_person *people;
    unsigned char *place_state, *person_state, *app_state, *store_state, *clearing_state;
    struct ch_app_row *apps;
    uint32_t *owner;
    unsigned n_models;
    const struct ch_model *models[TOWN_MODELS];
    void *params[TOWN_MODELS];
    struct ch_self selves[TOWN_MODELS];
    int64_t *acc[TOWN_MODELS][TOWN_PROBES];
    struct ch_chains chains;
    struct ch_kind kinds[CH_KINDS_MAX];
    ch_handler handlers[CH_KINDS_MAX];
    unsigned kind_model[CH_KINDS_MAX], n_kinds;
    uint64_t events;
    ch_time end;
    void *scheduler;
    struct ch_error error;
};

static inline void *town_zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static inline struct ch_lane *town_lane(void *user, unsigned worker)
{
    (void)worker;
    return &((struct town *)user)->ctx.lane;
}

static inline void town_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct town *town = (struct town *)(void *)lane;
    unsigned rank = ch_event_kind(ev);
    town->events++;
    town->ctx.self = &town->selves[town->kind_model[rank]];
    if (town->handlers[rank])
        town->handlers[rank](&town->ctx, ev);
}

/* Blocks of 100 m, everyone at node 0 with 1.34 m/s, clear sky at 10 C, weekdays from Monday on; four weeks. */
static inline struct town *town_of(uint32_t width, uint32_t height, uint32_t n_people)
{
    struct town *town = town_zeroed(1, sizeof *town);
    uint32_t n = width * height;
    town->citizens = town_zeroed(n_people, sizeof *town->citizens);
    town->node_stop = town_zeroed(n, sizeof *town->node_stop);
    town->near_stop = town_zeroed(n, sizeof *town->near_stop);
    for (uint32_t i = 0; i < n; i++)
        town->node_stop[i] = town->near_stop[i] = CH_NONE;
    town->apps = town_zeroed(n_people / 64 + 1, sizeof *town->apps); /* room for everybody's: tests deal phones as they like */
    for (uint32_t i = 0; i <= n_people / 64; i++)
        town->apps[i] = (struct ch_app_row){.has = UINT64_MAX, .before = 64 * (uint64_t)i};
    for (uint32_t i = 0; i < n_people; i++)
        town->citizens[i] = (struct ch_citizen){.home = 0, .work = CH_NONE, .speed_mm_s = 1340};
    town->city = (struct ch_city){.width = width,
                                  .height = height,
                                  .block_mm = 100000,
                                  .n_nodes = n,
                                  .clearing = n,
                                  .first_dispatch = n + 1,
                                  .n_places = n + 1,
                                  .sample = 1,
                                  .inhabitants = n_people,
                                  .n_people = n_people,
                                  .people = town->citizens,
                                  .n_apps = n_people,
                                  .apps = town->apps,
                                  .n_retailers = TOWN_RETAILERS,
                                  .retailers = town->retailers,
                                  .stores = town->stores,
                                  .stops = town->stops,
                                  .node_stop = town->node_stop,
                                  .near_stop = town->near_stop};
    town->world = (struct ch_world){.key = {2024, 1}, .start_unix_day = 4, .n_days = 29, .n_steps = 29 * 8};
    town->world.day = town_zeroed(town->world.n_days, sizeof *town->world.day);
    town->world.step = town_zeroed(town->world.n_steps, sizeof *town->world.step);
    for (uint32_t d = 0; d < town->world.n_days; d++)
        town->world.day[d] = (struct ch_world_day){.weekday = (uint8_t)(d % 7),
                                                   .type = d % 7 == 5   ? CH_SATURDAY
                                                           : d % 7 == 6 ? CH_SUNDAY
                                                                        : CH_WEEKDAY};
    for (uint32_t k = 0; k < town->world.n_steps; k++)
        town->world.step[k].deci_celsius = 100;
    for (int i = 0; i < CH_N_SKIES; i++)
        town->world.street_factor[i] = town->world.speed_factor[i] = 1;
    town->end = 28 * CH_DAY;
    return town;
}

static inline size_t town_cells(const struct town *town, const struct ch_probe *probe)
{
    switch (probe->reducer) {
    case CH_REDUCE_P95:
    case CH_REDUCE_P50:
        return 2 + CH_HISTOGRAM_BINS;
    case CH_REDUCE_STORE:
        return TOWN_STORES;
    case CH_REDUCE_RETAILER:
        return TOWN_RETAILERS;
    case CH_REDUCE_PAIR:
        return TOWN_RETAILERS * TOWN_RETAILERS;
    case CH_REDUCE_DAILY:
        return town->world.n_days + 1;
    case CH_REDUCE_MAP:
        return (size_t)168 * town->city.n_nodes;
    default:
        return 2;
    }
}

static inline void town_bind_letters(struct town *town)
{
    struct {
        const char *name;
        ch_time least;
        unsigned slots;
    } letter[] = {
#define X(name, least, slots, doc) {#name, least, slots},
        CH_LETTERS(X)
#undef X
    };
    town->n_kinds = CH_N_LETTERS;
    for (unsigned i = 0; i < CH_N_LETTERS; i++)
        town->kinds[i] = (struct ch_kind){letter[i].name, i, CH_REMOTE, letter[i].least, letter[i].slots};
}

struct town_sizes {
    size_t person, app, place, store, clearing;
};

/* Adds the model's section, state, messages, probes and ears. */
static inline void town_bind(struct town *town, unsigned m, struct town_sizes *size)
{
    const struct ch_model *model = town->models[m];
    struct ch_self *self = &town->selves[m];
    const struct ch_section section = {
        .path = model->name, .param = model->param, .n_params = model->n_params, .size = model->params_size};
    town->params[m] = town_zeroed(1, model->params_size);
    if (model->n_params)
        ch_section_defaults(&section, town->params[m]);
    *self = (struct ch_self){.model = model,
                             .params = town->params[m],
                             .person_at = size->person,
                             .app_at = size->app,
                             .place_at = size->place,
                             .store_at = size->store,
                             .clearing_at = size->clearing,
                             .first_kind = town->n_kinds,
                             .first_purpose = (uint16_t)((m + 1) * 32),
                             .acc = town->acc[m]};
    size->person += (model->person_size + 7) / 8 * 8;
    size->app += (model->app_size + 7) / 8 * 8;
    size->place += (model->place_size + 7) / 8 * 8;
    size->store += (model->store_size + 7) / 8 * 8;
    size->clearing += ((model->clearing_size ? model->clearing_size(&town->city) : 0) + 7) / 8 * 8;
    for (unsigned i = 0; i < model->n_messages; i++, town->n_kinds++) {
        const struct ch_message *row = &model->message[i];
        town->kinds[town->n_kinds] = (struct ch_kind){row->name, 1000 + m * 32 + i, row->scope, row->least, row->slots};
        town->handlers[town->n_kinds] = model->handler[i];
        town->kind_model[town->n_kinds] = m;
    }
    for (unsigned i = 0; i < model->n_probes; i++)
        town->acc[m][i] = town_zeroed(town_cells(town, &model->probe[i]), sizeof(int64_t));
    uint32_t self_at = m * (uint32_t)sizeof *self;
#define HEAR(name_, prefix)                                                     \
    if (model->prefix##name_) {                                                 \
        town->chains.name_.self_at[town->chains.name_.n] = self_at;             \
        town->chains.name_.call[town->chains.name_.n++] = model->prefix##name_; \
    }
#define X(name, what, doc) HEAR(name, on_)
    CH_MOMENTS(X)
#undef X
#define X(name, what, doc) HEAR(name, answer_)
    CH_QUESTIONS(X)
#undef X
#define X(name, least, slots, doc)                             \
    if (model->take_##name) {                                  \
        town->handlers[CH_LETTER_##name] = model->take_##name; \
        town->kind_model[CH_LETTER_##name] = m;                \
    }
    CH_LETTERS(X)
#undef X
}

static inline void town_settle(struct town *town)
{
    for (uint32_t id = 0; id < town->city.n_people; id++) {
        const struct ch_citizen *c = &town->citizens[id];
        town->people[id] = (struct ch_person){.id = id,
                                              .node = c->home,
                                              .goal = c->home,
                                              .store = CH_NONE,
                                              .speed_mm_s = c->speed_mm_s,
                                              .traits = c->traits,
                                              .device = c->device};
        town->owner[id] = c->home;
    }
}

static inline void town_open(struct town *town, const struct ch_model *const *models, unsigned n)
{
    struct town_sizes size = {0};
    const struct ch_city *city = &town->city;
    town->n_models = n;
    town_bind_letters(town);
    for (unsigned m = 0; m < n; m++) {
        town->models[m] = models[m];
        town_bind(town, m, &size);
    }
    town->people = town_zeroed(city->n_people, sizeof *town->people);
    town->owner = town_zeroed(city->n_people, sizeof *town->owner);
    town->person_state = town_zeroed(city->n_people, size.person);
    town->app_state = town_zeroed(city->n_people, size.app);
    town->place_state = town_zeroed(city->n_places, size.place);
    for (unsigned m = 0; m < n; m++)
        town->selves[m].place_step = size.place;
    town->store_state = town_zeroed(TOWN_STORES, size.store);
    town->clearing_state = town_zeroed(1, size.clearing);
    town->ctx = (struct ch_ctx){.self = town->selves,
                                .selves = town->selves,
                                .chains = &town->chains,
                                .key = town->world.key,
                                .city = city,
                                .world = &town->world,
                                .end = town->end,
                                .people = town->people,
                                .person_state = town->person_state,
                                .app_state = town->app_state,
                                .place_state = town->place_state,
                                .store_state = town->store_state,
                                .clearing_state = town->clearing_state,
                                .person_stride = size.person,
                                .app_stride = size.app,
                                .store_stride = size.store,
                                .owner = town->owner};
    town_settle(town);
}

/* Everything that happens before time 0, place by place. */
static inline void town_start(struct town *town)
{
    const struct ch_engine_spec spec = {.n_places = town->city.n_places,
                                        .lookahead = CH_LOOKAHEAD,
                                        .end = town->end,
                                        .kind = town->kinds,
                                        .n_kinds = town->n_kinds,
                                        .workers = 1,
                                        .lane = town_lane,
                                        .handle = town_handle,
                                        .user = town};
    ck_assert_int_eq(ch_oracle.create(&spec, &town->scheduler, &town->error), CH_OK);
    for (uint32_t place = 0; place < town->city.n_places; place++) {
        ch_oracle.setup_lane(town->scheduler, place);
        for (unsigned m = 0; m < town->n_models; m++) {
            const struct ch_model *model = town->models[m];
            town->ctx.self = &town->selves[m];
            if (model->start_place)
                model->start_place(&town->ctx);
            for (uint32_t s = 0; s < town->city.n_stores && model->start_store; s++)
                if (town->stores[s].node == place)
                    model->start_store(&town->ctx, s);
            for (uint32_t id = 0; id < town->city.n_people && model->start_person; id++)
                if (town->citizens[id].home == place)
                    model->start_person(&town->ctx, &town->people[id]);
        }
    }
}

static inline void town_run(struct town *town, ch_time until)
{
    if (!town->scheduler)
        town_start(town);
    ck_assert_int_eq(ch_oracle.run_until(town->scheduler, until, &town->error), CH_OK);
}

static inline void town_each(const struct ch_audit *audit, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    ch_oracle.each_pending(audit->scheduler, see, arg);
}

static inline unsigned town_letter(const struct ch_audit *audit, enum ch_letter letter)
{
    (void)audit;
    return (unsigned)letter;
}

/* Audits by model m; returns what it complains of. */
static inline enum ch_code town_audit(struct town *town, unsigned m, bool final)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_audit audit = {.ctx = &town->ctx,
                             .final = final,
                             .error = &error,
                             .each_pending = town_each,
                             .letter_kind = town_letter,
                             .scheduler = town->scheduler};
    town->ctx.self = &town->selves[m];
    town->ctx.audit = true;
    town->models[m]->audit(&audit);
    town->ctx.audit = false;
    return error.code;
}

static inline void town_finish(struct town *town, unsigned m)
{
    town->ctx.self = &town->selves[m];
    town->ctx.audit = true;
    town->models[m]->finish(&town->ctx);
    town->ctx.audit = false;
}

/* Accumulator of a probe, by name. */
static inline const int64_t *town_probe(const struct town *town, unsigned m, const char *name)
{
    for (unsigned i = 0; i < town->models[m]->n_probes; i++)
        if (strcmp(town->models[m]->probe[i].name, name) == 0)
            return town->acc[m][i];
    ck_abort_msg("no probe %s", name);
    return NULL;
}

static inline double town_ratio(const struct town *town, unsigned m, const char *name)
{
    const int64_t *acc = town_probe(town, m, name);
    return (double)acc[0] / (double)acc[1];
}

static inline void town_close(struct town *town)
{
    ch_oracle.destroy(town->scheduler);
    for (unsigned m = 0; m < town->n_models; m++) {
        free(town->params[m]);
        for (unsigned i = 0; i < town->models[m]->n_probes; i++)
            free(town->acc[m][i]);
    }
    free(town->citizens);
    free(town->node_stop);
    free(town->near_stop);
    free(town->people);
    free(town->owner);
    free(town->person_state);
    free(town->app_state);
    free(town->apps);
    free(town->place_state);
    free(town->store_state);
    free(town->clearing_state);
    free(town->world.day);
    free(town->world.step);
    free(town);
}

#endif
