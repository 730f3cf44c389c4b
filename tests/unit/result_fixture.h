/* SPDX-License-Identifier: MIT
 * Results made up without an engine: a tiny city, two or three policies, all kinds of probes. */
#ifndef RESULT_FIXTURE_H
#define RESULT_FIXTURE_H

#include "output/results.h"
#include "table/table.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURE_PROBES(B)                                                 \
    B(SUM, net_sales, "EUR", 0.01, 0, 1, "net sales")                     \
    B(SUM, sponsor_sales, "EUR", 0.01, 0, 0, "net sales of the sponsors") \
    B(RATIO, conversion, "share", 1, 0, 7, "buying visits over visits")   \
    B(MEAN, wait, "min", 0.1, 0, 37, "mean wait, \xc2\xb5s kept")         \
    B(P95, late, "min", 0.5, 10, 37, "late deliveries")                   \
    B(VALUE, gini, "", 1, 0, 28, "Gini index of transfers")               \
    B(MAP, footfall, "", 1, 0, 0, "walkers")                              \
    B(STORE, store_sales, "EUR", 0.01, 0, 0, "sales of a store")          \
    B(RETAILER, retailer_sales, "EUR", 0.01, 0, 0, "sales of a retailer") \
    B(COURIER, courier_trips, "", 1, 0, 0, "trips of a courier")          \
    B(DAILY, daily_sales, "EUR", 0.01, 0, 0, "sales of a day")            \
    B(MAP, spend, "EUR", 0.01, 0, 0, "money spent; refunds are negative")
CH_PROBES(FIXTURE_PROBES)

enum { FIXTURE_STORES = 4, FIXTURE_RETAILERS = 2, FIXTURE_COURIERS = 3, FIXTURE_DAYS = 3, FIXTURE_POLICIES_MAX = 3 };

struct fixture {
    struct ch_model model;
    struct ch_probe_list *probes;
    struct ch_city city;
    struct ch_store store[FIXTURE_STORES];
    struct ch_retailer retailer[FIXTURE_RETAILERS];
    struct ch_depot depot[2];
    struct ch_policy policy[FIXTURE_POLICIES_MAX];
    const struct ch_policy *policies[FIXTURE_POLICIES_MAX];
    struct ch_run_params run;
    const void *block[CH_N_SETTINGS];
    struct ch_axis axis[2];
    struct ch_scenario scenario;
    struct ch_results results;
};

static inline void fixture_city(struct fixture *f, uint32_t width, uint32_t height)
{
    static const char *const id[] = {"s1", "s2", "caf\xc3\xa9", "s4"};
    for (uint32_t i = 0; i < FIXTURE_STORES; i++)
        f->store[i] = (struct ch_store){
            .id = id[i], .name = i ? "Magasin" : NULL, .retailer = i % 2, .x_m = 100.0 * i, .y_m = 50, .floor_m2 = 80 + i};
    f->retailer[0] =
        (struct ch_retailer){.id = "r1", .name = "\xc3\x89lise", .size = 0.75, .sponsor = true, .pool = true, .n_stores = 2};
    f->retailer[1] = (struct ch_retailer){.id = "r2", .name = "Zo\xc3\xa9", .size = 0.25, .n_stores = 2};
    f->depot[0] = (struct ch_depot){.id = "d1", .couriers = 2};
    f->depot[1] = (struct ch_depot){.id = "d2", .couriers = 1};
    f->city = (struct ch_city){.width = width,
                               .height = height,
                               .block_mm = 100000,
                               .n_nodes = width * height,
                               .inhabitants = 154508,
                               .n_retailers = FIXTURE_RETAILERS,
                               .retailers = f->retailer,
                               .n_stores = FIXTURE_STORES,
                               .stores = f->store,
                               .n_depots = 2,
                               .depots = f->depot};
    for (int i = 0; i < CH_N_GOODS; i++)
        f->city.goods[i].name = "clothing";
}

static inline void fixture_scenario(struct fixture *f, unsigned n_policies, unsigned replications)
{
    static const char *const names[] = {"silent", "context", "path"};
    static const char *const primary[] = {"net_sales", "wait"};
    for (unsigned i = 0; i < n_policies; i++) {
        f->policy[i].name = names[i];
        f->policies[i] = &f->policy[i];
    }
    f->run = (struct ch_run_params){
        .seed = 42, .duration = 2 * CH_DAY, .warmup = CH_DAY, .replications = replications, .confidence = 0.95};
    f->block[CH_SET_run] = &f->run;
    f->scenario = (struct ch_scenario){.name = "fixture",
                                       .question = "Does it last?",
                                       .path = "fixture.yaml",
                                       .start = "2013-01-09",
                                       .block = f->block,
                                       .n_policies = n_policies,
                                       .policy = f->policies,
                                       .baseline = 0,
                                       .n_points = 1,
                                       .n_primary = 2,
                                       .primary_kpi = primary,
                                       .maps = true,
                                       .stores = true,
                                       .couriers = true,
                                       .resolved = "chaland: 1\nname: fixture\n",
                                       .source = "name: fixture # as given\n",
                                       .input_sha256 = ""};
    ch_sha256_hex("scenario", 8, f->scenario.sha256);
}

/* Two swept keys of 2 x 1 values. */
static inline void fixture_sweep(struct fixture *f)
{
    static const char *const text[] = {"0.5", "1"}, *const one[] = {"30"};
    static const double number[] = {0.5, 1}, thirty[] = {30};
    f->axis[0] = (struct ch_axis){.key = "population.sample", .n = 2, .text = text, .number = number};
    f->axis[1] = (struct ch_axis){.key = "city.stores", .n = 1, .text = one, .number = thirty};
    ck_assert(ch_param_find(f->axis[0].key, &f->axis[0].section, &f->axis[0].param));
    ck_assert(ch_param_find(f->axis[1].key, &f->axis[1].section, &f->axis[1].param));
    f->scenario.n_axes = 2;
    f->scenario.axis = f->axis;
    f->scenario.n_points = 2;
}

/* What one run counted: a function of policy and replication, so that tests can say what must come out. */
static inline void fixture_count(const struct fixture *f, struct ch_board *board, unsigned point, unsigned policy,
                                 unsigned replication)
{
    int64_t *const *acc = ch_board_of_model(board, 0, 0);
    double gini = 0.25 * policy;
    acc[PROBE_net_sales][0] =
        100000 + 500 * (int64_t)replication * replication + 1000 * policy + 7 * policy * replication + 10 * point;
    acc[PROBE_sponsor_sales][0] = 50000 + 2000 * (int64_t)policy;
    acc[PROBE_conversion][0] = policy ? 3 : 0; /* undefined under the first policy */
    acc[PROBE_conversion][1] = policy ? 4 : 0;
    acc[PROBE_wait][0] = 10 * (replication + 1);
    acc[PROBE_wait][1] = 2;
    memcpy(acc[PROBE_gini], &gini, sizeof gini);
    for (int i = 0; i < FIXTURE_STORES; i++)
        acc[PROBE_store_sales][i] = 100 * (i + 1) * ((int64_t)replication + 1);
    acc[PROBE_retailer_sales][1] = 12345;
    acc[PROBE_courier_trips][2] = replication;
    for (int day = 0; day < FIXTURE_DAYS; day++)
        acc[PROBE_daily_sales][day] = 1000 * day + (int64_t)replication;
    for (uint32_t hour = 8; hour < 20; hour++)
        for (uint32_t node = 0; node < f->city.n_nodes; node++) {
            acc[PROBE_footfall][hour * f->city.n_nodes + node] = node + 1 + policy;
            acc[PROBE_spend][hour * f->city.n_nodes + node] = (int64_t)(hour * 37 + node * 11 + replication) % 50000 - 400;
        }
}

static inline void fixture_run(struct fixture *f, unsigned point, unsigned policy, unsigned replication, struct ch_outcome *out)
{
    struct ch_probe_shape shape = {FIXTURE_STORES, FIXTURE_RETAILERS, FIXTURE_COURIERS, FIXTURE_DAYS, f->city.n_nodes};
    struct ch_board *board = NULL;
    ck_assert_int_eq(ch_board_create_of(f->probes, &shape, 2, &board, NULL), CH_OK);
    fixture_count(f, board, point, policy, replication);
    ck_assert_int_eq(ch_board_measure(board, &out->measures, NULL), CH_OK);
    ch_board_destroy(board);
    out->fingerprint = 0x1234567890abcdefu * (policy + 1) + replication + ((uint64_t)point << 60);
    out->wall_s = 0.5;
    out->engine = (struct ch_engine_stats){.events = 1000 + replication,
                                           .sent = 1001,
                                           .windows = 7,
                                           .windows_skipped = 3,
                                           .pending_peak = 99,
                                           .tiles = 4,
                                           .workers = 1 + policy % 2};
    out->engine.busy_s = calloc(out->engine.workers, sizeof *out->engine.busy_s);
    out->engine.handled = calloc(out->engine.workers, sizeof *out->engine.handled);
}

/* Begins: the caller may still change the scenario before fixture_results. */
static inline struct fixture *fixture_create(unsigned n_policies, unsigned replications, uint32_t width, uint32_t height)
{
    struct fixture *f = calloc(1, sizeof *f);
    ck_assert_ptr_nonnull(f);
    f->model = (struct ch_model){.name = "fixture", .probe = probe_rows, .n_probes = N_PROBES};
    const struct ch_model *const models[] = {&f->model};
    f->probes = ch_probe_list_create(models, 1);
    ck_assert_ptr_nonnull(f->probes);
    fixture_city(f, width, height);
    fixture_scenario(f, n_policies, replications);
    return f;
}

static inline void fixture_results(struct fixture *f)
{
    struct ch_results *r = &f->results;
    *r = (struct ch_results){.scenario = &f->scenario,
                             .city = &f->city,
                             .probes = f->probes,
                             .n_points = f->scenario.n_points,
                             .n_policies = f->scenario.n_policies,
                             .n_replications = (unsigned)f->run.replications};
    r->provenance = (struct ch_provenance){.run_id = "00000000-0000-4000-8000-000000000000",
                                           .command_line = "chaland run fixture.yaml \xff",
                                           .hostname = "host",
                                           .created_at = "2026-01-01T00:00:00Z",
                                           .finished_at = "2026-01-01T00:00:01Z",
                                           .wall_s = 1,
                                           .cpu_s = 2,
                                           .peak_rss_bytes = 1 << 20,
                                           .threads = 2,
                                           .status = "complete"};
    r->outcome = calloc((size_t)r->n_points * r->n_policies * r->n_replications, sizeof *r->outcome);
    ck_assert_ptr_nonnull(r->outcome);
    size_t at = 0;
    for (unsigned point = 0; point < r->n_points; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++)
            for (unsigned i = 0; i < r->n_replications; i++) {
                fixture_run(f, point, policy, i, &r->outcome[at++]);
                ck_assert_int_eq(ch_results_fold_maps(r, point, policy, i, NULL), CH_OK);
            }
    struct ch_error error = {.code = CH_OK};
    ck_assert_msg(ch_results_form(r, &error) == CH_OK, "%s", error.text);
}

static inline void fixture_destroy(struct fixture *f)
{
    ch_results_fini(&f->results);
    ch_probe_list_destroy(f->probes);
    free(f);
}

#endif
