/* SPDX-License-Identifier: MIT
 * Shops for the town of toy_town.h: what the models of trade need besides. Set stores (sorted by node), homes and goods, then
 *     shops_open(&town);                         after the city is as you like it, before town_open
 *     shops_tabulate(&town);                     after town_open and your changes of params
 *     shops_start(&town, row_start, n_rows);     instead of town_start, when a model publishes; then town_run */
#ifndef TOY_SHOPS_H
#define TOY_SHOPS_H

#include "sim/stage.h"
#include "toy_town.h"

/* Lists of stores and people by node; ordinary days; ten goods alike: 30 EUR, cv .6, margin .4, conversion .3, one a month. */
static inline void shops_open(struct town *town)
{
    struct ch_city *city = &town->city;
    uint32_t *first_store = town_zeroed(city->n_nodes + 1, sizeof *first_store),
             *store = town_zeroed(city->n_stores, sizeof *store);
    uint32_t *first_person = town_zeroed(city->n_nodes + 1, sizeof *first_person);
    for (uint32_t node = 0, s = 0, p = 0; node < city->n_nodes; node++) {
        for (uint32_t i = 0; i < city->n_stores; i++)
            if (town->stores[i].node == node)
                store[s++] = i;
        for (uint32_t i = 0; i < city->n_people; i++)
            if (town->citizens[i].home == node)
                p++;
        first_store[node + 1] = s;
        first_person[node + 1] = p;
    }
    city->node_first_store = first_store;
    city->node_store = store;
    city->node_first_person = first_person;
    for (uint32_t i = 0; i < city->n_stores; i++) {
        town->stores[i].id = "store";
        town->stores[i].closes = CH_DAY;
        town->stores[i].sunday = true;
    }
    for (int g = 0; g < CH_N_GOODS; g++) {
        city->goods[g] =
            (struct ch_good_facts){.name = "good", .basket = 3000, .cv = 0.6, .margin_bp = 4000, .conversion = 0.3, .rate = 1};
        for (uint32_t d = 0; d < town->world.n_days; d++)
            town->world.day[d].demand[g] = 1;
    }
}

/* Calls the models' tabulate; the arena is the caller's to destroy. */
static inline struct ch_arena *shops_tabulate(struct town *town)
{
    struct ch_arena *arena = ch_arena_create();
    ck_assert_ptr_nonnull(arena);
    struct ch_workshop workshop = {.arena = arena};
    ck_assert_int_eq(setjmp(workshop.out_of_memory), 0);
    for (unsigned m = 0; m < town->n_models; m++) {
        struct ch_setup setup = {
            .city = &town->city, .params = town->params[m], .lookahead = CH_LOOKAHEAD, .workshop = &workshop, .error = &town->error};
        if (town->models[m]->tabulate)
            town->selves[m].table = town->models[m]->tabulate(&setup);
        ck_assert_msg(town->error.code == CH_OK, "%s", town->error.text);
    }
    return arena;
}

static inline void shops_close(struct town *town, struct ch_arena *arena)
{
    free((void *)town->city.node_first_store);
    free((void *)town->city.node_store);
    free((void *)town->city.node_first_person);
    town_close(town);
    ch_arena_destroy(arena);
}

/* Everything that happens before time 0, with published rows all starting at 1. */
static inline void shops_start(struct town *town, int64_t *row_start, uint32_t n_rows)
{
    for (uint32_t i = 0; i < n_rows; i++)
        row_start[i] = 1;
    const struct ch_engine_spec spec = {.n_places = town->city.n_places,
                                        .lookahead = CH_LOOKAHEAD,
                                        .end = town->end,
                                        .kind = town->kinds,
                                        .n_kinds = town->n_kinds,
                                        .n_rows = n_rows,
                                        .row_start = row_start,
                                        .row_period = 30 * CH_SECOND,
                                        .workers = 1,
                                        .lane = town_lane,
                                        .handle = town_handle,
                                        .user = town};
    ck_assert_int_eq(ch_oracle.create(&spec, &town->scheduler, &town->error), CH_OK);
    for (uint32_t place = 0; place < town->city.n_nodes; place++) {
        ch_oracle.setup_lane(town->scheduler, place);
        for (unsigned m = 0; m < town->n_models; m++) {
            town->ctx.self = &town->selves[m];
            for (uint32_t s = 0; s < town->city.n_stores && town->models[m]->start_store; s++)
                if (town->stores[s].node == place)
                    town->models[m]->start_store(&town->ctx, s);
            for (uint32_t id = 0; id < town->city.n_people && town->models[m]->start_person; id++)
                if (town->citizens[id].home == place)
                    town->models[m]->start_person(&town->ctx, &town->people[id]);
        }
    }
}

#endif
