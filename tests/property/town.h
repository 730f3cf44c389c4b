/* SPDX-License-Identifier: MIT
 * A small town for tests of all models together: scenario text in, outcome out. */
#ifndef TOWN_H
#define TOWN_H

#include "engine/engine.h"
#include "sim/sim.h"
#include <check.h>
#include <chaland/settings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 300 people who nearly all carry the app, four policies, two days: everything happens. */
static const char *const town_yaml = "chaland: 1\nname: town\nseed: 7\nduration: 2 d\nwarmup: 1 d\nreplications: 2\n"
                                     "city: {columns: 8, rows: 8, stores: 24, retailers: 5, beacons: 30, screens: 6, stops: 4, couriers: 3}\n"
                                     "population: {shoppers: 300}\n"
                                     "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 95 %}\n"
                                     "policies: [silent, broadcast, context, responsive]\n";

struct town {
    struct ch_scenario *scenario;
    struct ch_stage *stage;
};

static inline struct town town_open(const char *yaml, const char *const *set, unsigned n_sets)
{
    struct town town = {0};
    struct ch_error error = {.code = CH_OK};
    struct ch_diag *diag = ch_diag_create();
    struct ch_scenario_options options = {.set = set, .n_sets = n_sets, .share = "."};
    enum ch_code code = ch_scenario_parse(yaml, "town.yaml", &options, diag, &town.scenario);
    if (code == CH_OK)
        code = ch_stage_create(town.scenario, diag, &town.stage, &error);
    if (code != CH_OK) {
        ch_diag_print(diag, stderr);
        fprintf(stderr, "%s\n", error.text);
    }
    ck_assert_int_eq(code, CH_OK);
    ch_diag_destroy(diag);
    return town;
}

static inline void town_close(struct town *town)
{
    ch_stage_destroy(town->stage);
    ch_scenario_destroy(town->scenario);
}

static inline unsigned town_policy(const struct town *town, const char *name)
{
    for (unsigned p = 0; p < town->scenario->n_policies; p++)
        if (strcmp(town->scenario->policy[p]->name, name) == 0)
            return p;
    ck_abort_msg("no policy '%s'", name);
    return 0;
}

static inline struct ch_outcome town_run(const struct town *town, struct ch_run_options options)
{
    struct ch_outcome outcome;
    struct ch_error error = {.code = CH_OK};
    options.workers = options.workers ? options.workers : 1;
    options.scheduler = options.scheduler ? options.scheduler : &ch_parallel;
    options.seed = options.seed ? options.seed : (uint32_t)CH_BLOCK(town->scenario, run)->seed;
    enum ch_code code = ch_stage_run(town->stage, &options, &outcome, &error);
    ck_assert_msg(code == CH_OK, "%s", error.text);
    return outcome;
}

/* Value of a scalar probe; the name must exist. */
static inline double town_kpi(const struct ch_outcome *outcome, const char *name)
{
    const struct ch_probe_list *list = ch_probe_list();
    for (unsigned i = 0; i < list->n_scalars; i++)
        if (strcmp(list->row[list->scalar[i]]->name, name) == 0)
            return outcome->measures.scalar[i];
    ck_abort_msg("no scalar probe '%s'", name);
    return 0;
}

/* Same accumulators, but for the doubles of VALUE probes, whose inputs are compared anyway. */
static inline int town_same(const struct ch_outcome *a, const struct ch_outcome *b)
{
    return a->fingerprint == b->fingerprint && a->measures.n_raw == b->measures.n_raw &&
           memcmp(a->measures.raw, b->measures.raw, a->measures.n_raw * sizeof *a->measures.raw) == 0;
}

#endif
