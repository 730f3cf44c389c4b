/* SPDX-License-Identifier: MIT
 * Probes: what models add comes out merged, scaled and hashed, whatever the number of workers. */
#include "../runner.h"
#include "probe/probe.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PROBES(B)                                           \
    B(SUM, sales, "EUR", 0.01, 0, 1, "sum")                 \
    B(MAP, footfall, "1", 1, 0, 0, "map")                   \
    B(RATIO, rate, "1/1000", 1000, 0, 7, "ratio")           \
    B(MEAN, wait, "s", 1e-3, 0, 0, "mean")                  \
    B(P95, late, "min", 0.5, 10, 37, "percentile")          \
    B(VALUE, gini, "1", 1, 0, 0, "value")                   \
    B(STORE, of_store, "EUR", 0.01, 0, 0, "store")          \
    B(RETAILER, of_retailer, "EUR", 0.01, 0, 0, "retailer") \
    B(COURIER, of_courier, "EUR", 0.01, 0, 0, "courier")    \
    B(DAILY, of_day, "1", 1, 0, 0, "day")                   \
    B(MAP, spend, "EUR", 0.01, 0, 0, "second map")
CH_PROBES(PROBES)

static const struct ch_model first = {.name = "first", .probe = probe_rows, .n_probes = 3};
static const struct ch_model none = {.name = "none"};
static const struct ch_model rest = {.name = "rest", .probe = probe_rows + 3, .n_probes = N_PROBES - 3};
static const struct ch_model *const models[] = {&first, &none, &rest};
static const struct ch_probe_shape shape = {.n_stores = 5, .n_retailers = 3, .n_couriers = 2, .n_days = 4, .n_nodes = 6};

/* What a handler sees: the accumulators of one worker and model, with the calls of model.h. */
struct seat {
    struct ch_self self;
    struct ch_city city;
    struct ch_world_day day;
    struct ch_world world;
    struct ch_ctx ctx;
};

static struct ch_ctx *sit(struct seat *seat, struct ch_board *board, unsigned worker, unsigned model)
{
    memset(seat, 0, sizeof *seat);
    seat->self = (struct ch_self){.model = models[model], .acc = ch_board_of_model(board, worker, model)};
    seat->city.n_nodes = shape.n_nodes;
    seat->world = (struct ch_world){.n_days = 1, .day = &seat->day};
    seat->ctx.self = &seat->self;
    seat->ctx.city = &seat->city;
    seat->ctx.world = &seat->world;
    return &seat->ctx;
}

static struct ch_board *make_board(const struct ch_probe_list *list, unsigned workers)
{
    struct ch_board *board = NULL;
    struct ch_error error = {.code = CH_OK};
    ck_assert_int_eq(ch_board_create_of(list, &shape, workers, &board, &error), CH_OK);
    ck_assert_ptr_nonnull(board);
    return board;
}

static struct ch_measures measure(const struct ch_board *board)
{
    struct ch_measures measures;
    struct ch_error error = {.code = CH_OK};
    ck_assert_int_eq(ch_board_measure(board, &measures, &error), CH_OK);
    return measures;
}

START_TEST(list_follows_the_models)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    ck_assert_uint_eq(list->n, N_PROBES);
    ck_assert_uint_eq(list->n_scalars, 5);
    ck_assert_uint_eq(list->first[0], 0);
    ck_assert_uint_eq(list->first[1], 3);
    ck_assert_uint_eq(list->first[2], 3);
    ck_assert_uint_eq(list->model[2], 0);
    ck_assert_uint_eq(list->model[3], 2);
    ck_assert_str_eq(list->row[list->scalar[1]]->name, "rate");
    ck_assert_str_eq(list->row[list->scalar[4]]->name, "gini");
    ch_probe_list_destroy(list);
    ch_probe_list_destroy(NULL);
}
END_TEST

START_TEST(registered_probes_are_listed)
{
    const struct ch_probe_list *list = ch_probe_list();
    ck_assert_ptr_nonnull(list);
    ck_assert_ptr_eq(list, ch_probe_list());
    for (unsigned i = 0; i < list->n; i++)
        for (unsigned j = 0; j < i; j++)
            ck_assert_msg(strcmp(list->row[i]->name, list->row[j]->name) != 0, "two probes are named %s", list->row[i]->name);
}
END_TEST

START_TEST(cells_of_each_kind)
{
    static const size_t want[] = {1, 168 * 6, 2, 2, 2 + 512, 1, 5, 3, 2, 4, 168 * 6};
    for (unsigned i = 0; i < N_PROBES; i++)
        ck_assert_uint_eq(ch_probe_cells(&probe_rows[i], &shape), want[i]);
}
END_TEST

START_TEST(workers_stand_lines_apart)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    struct ch_board *board = make_board(list, 3);
    uintptr_t a = (uintptr_t)ch_board_of_model(board, 0, 0)[0], b = (uintptr_t)ch_board_of_model(board, 1, 0)[0];
    ck_assert_uint_eq(a % 128, 0);
    ck_assert_uint_eq(b % 128, 0);
    ck_assert_uint_gt(b, a);
    ck_assert_ptr_eq(ch_board_of_model(board, 0, 0)[1], ch_board_of_model(board, 2, 0)[1]); /* maps are shared */
    ch_board_destroy(board);
    ch_probe_list_destroy(list);
}
END_TEST

/* Counts the same things, dealt to `workers`. */
static void count(struct ch_board *board, unsigned workers)
{
    for (int i = 0; i < 1000; i++) {
        struct seat seat;
        struct ch_ctx *ctx = sit(&seat, board, (unsigned)i % workers, 0);
        seat.day.weekday = (uint8_t)(i % 7);
        ctx->lane.now = (i % 24) * CH_HOUR;
        ctx->lane.place = (uint32_t)i % shape.n_nodes;
        ch_add(ctx, 0, i);
        ch_add_map(ctx, 1, 2);
        ch_ratio(ctx, 2, i % 3 == 0, 1);
        ctx = sit(&seat, board, (unsigned)i % workers, 2);
        ctx->lane.place = (uint32_t)i % shape.n_nodes;
        ctx->lane.now = (i % 4) * CH_DAY;
        ch_observe(ctx, 0, i);                  /* wait */
        ch_observe(ctx, 1, i);                  /* late */
        ch_add_at(ctx, 3, (uint32_t)i % 5, 1);  /* of_store */
        ch_add_at(ctx, 4, (uint32_t)i % 3, -7); /* of_retailer */
        ch_add_at(ctx, 5, (uint32_t)i % 2, i);  /* of_courier */
        ch_add_today(ctx, 6, 1);                /* of_day */
        ch_add_map(ctx, 7, -i);                 /* spend */
    }
    struct seat seat;
    ch_set_value(sit(&seat, board, 0, 2), 2, 0.375);
}

START_TEST(scalars_and_tables)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    struct ch_board *board = make_board(list, 2);
    count(board, 2);
    struct ch_measures m = measure(board);
    ck_assert_double_eq_tol(m.scalar[0], 999 * 500 * 0.01, 1e-9);
    ck_assert_double_eq_tol(m.scalar[1], 334.0 / 1000 * 1000, 1e-9);
    ck_assert_double_eq_tol(m.scalar[2], 499.5e-3, 1e-12);
    ck_assert_double_eq_tol(m.scalar[3], 950 * 0.5, 1e-9); /* 0..999 once each: 95 % lie below 950 */
    ck_assert_double_eq(m.scalar[4], 0.375);
    ck_assert_ptr_null(m.table[0]);
    ck_assert_int_eq(m.table[6][4], 200);
    ck_assert_int_eq(m.table[7][0], -7 * 334);
    ck_assert_int_eq(m.table[8][1], 250000);
    ck_assert_int_eq(m.table[9][3], 250);
    int64_t total = 0, spent = 0;
    for (size_t i = 0; i < 168 * 6; i++) {
        total += m.table[1][i];
        spent += m.table[10][i];
    }
    ck_assert_int_eq(total, 2000);
    ck_assert_int_eq(spent, -499500);
    /* i = 4: Friday (4), 04:00, node 4; and all i that agree with it mod 7, 24, 6 */
    ck_assert_int_eq(m.table[1][(4 * 24 + 4) * 6 + 4], 2 * 6);
    ck_assert_uint_eq(m.n_raw, 1 + 2 + 2 + 514 + 5 + 3 + 2 + 4 + 2 * 168 * 6);
    ch_measures_fini(&m);
    ch_board_destroy(board);
    ch_probe_list_destroy(list);
}
END_TEST

START_TEST(workers_do_not_matter)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    struct ch_board *one = make_board(list, 1), *seven = make_board(list, 7);
    count(one, 1);
    count(seven, 7);
    struct ch_measures a = measure(one), b = measure(seven);
    ck_assert_mem_eq(a.raw, b.raw, a.n_raw * sizeof *a.raw);
    ck_assert_mem_eq(a.scalar, b.scalar, 5 * sizeof(double));
    ck_assert_str_eq(a.sha256, b.sha256);
    ck_assert_uint_eq(strlen(a.sha256), 64);
    ch_board_of_model(seven, 6, 0)[1][1007]++; /* one more in the last cell of a map */
    struct ch_measures c = measure(seven);
    ck_assert_str_ne(a.sha256, c.sha256);
    ch_measures_fini(&a);
    ch_measures_fini(&b);
    ch_measures_fini(&c);
    ch_board_destroy(one);
    ch_board_destroy(seven);
    ch_probe_list_destroy(list);
}
END_TEST

START_TEST(value_is_not_hashed)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    struct ch_board *board = make_board(list, 2);
    struct seat seat;
    struct ch_measures a = measure(board);
    ch_set_value(sit(&seat, board, 0, 2), 2, 1.5);
    ch_set_value(sit(&seat, board, 1, 2), 2, 99); /* of no worker but the first */
    struct ch_measures b = measure(board);
    ck_assert_str_eq(a.sha256, b.sha256);
    ck_assert_double_eq(b.scalar[4], 1.5);
    ch_measures_fini(&a);
    ch_measures_fini(&b);
    ch_board_destroy(board);
    ch_probe_list_destroy(list);
}
END_TEST

START_TEST(nothing_observed_is_undefined)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    struct ch_board *board = make_board(list, 2);
    count(board, 2);
    ch_board_clear(board);
    struct ch_measures m = measure(board);
    ck_assert_double_eq(m.scalar[0], 0);
    ck_assert(isnan(m.scalar[1]) && isnan(m.scalar[2]) && isnan(m.scalar[3]));
    for (size_t i = 0; i < m.n_raw; i++)
        ck_assert_int_eq(m.raw[i], 0);
    ch_measures_fini(&m);
    ch_board_destroy(board);
    ch_probe_list_destroy(list);
}
END_TEST

START_TEST(percentile_within_a_bin)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    struct ch_board *board = make_board(list, 1);
    struct seat seat;
    struct ch_ctx *ctx = sit(&seat, board, 0, 2);
    for (int i = 0; i < 20; i++)
        ch_observe(ctx, 1, 25); /* all in bin 2 of width 10: 20 + 0.95 * 10 */
    struct ch_measures m = measure(board);
    ck_assert_double_eq_tol(m.scalar[3], 29.5 * 0.5, 1e-12);
    ch_measures_fini(&m);
    for (int i = 0; i < 20; i++)
        ch_observe(ctx, 1, 1000000); /* the last bin is open */
    m = measure(board);
    ck_assert_double_eq_tol(m.scalar[3], (511 + 0.9) * 10 * 0.5, 1e-9);
    ch_measures_fini(&m);
    ch_board_clear(board);
    ch_observe(ctx, 1, -5); /* below zero counts as the first */
    m = measure(board);
    ck_assert_double_eq_tol(m.scalar[3], 9.5 * 0.5, 1e-12);
    ch_measures_fini(&m);
    ch_board_destroy(board);
    ch_probe_list_destroy(list);
}
END_TEST

START_TEST(maps_can_be_dropped)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3);
    struct ch_board *board = make_board(list, 2);
    char sha[65];
    count(board, 2);
    struct ch_measures m = measure(board);
    memcpy(sha, m.sha256, sizeof sha);
    ch_measures_drop_maps(&m);
    ch_measures_drop_maps(&m);
    ck_assert_ptr_null(m.table[1]);
    ck_assert_ptr_null(m.table[10]);
    ck_assert_int_eq(m.table[6][4], 200);
    ck_assert_int_eq(m.table[9][3], 250);
    ck_assert_uint_eq(m.n_raw, m.n_plain);
    ck_assert_str_eq(m.sha256, sha);
    ch_measures_fini(&m);
    ch_measures_fini(&m);
    ch_board_destroy(board);
    ch_probe_list_destroy(list);
}
END_TEST

START_TEST(empty_shapes)
{
    struct ch_probe_list *list = ch_probe_list_create(models, 3), *no_probes = ch_probe_list_create(models + 1, 1);
    struct ch_probe_shape empty = {0};
    struct ch_board *board = NULL;
    struct ch_error error;
    ck_assert_int_eq(ch_board_create_of(list, &empty, 1, &board, &error), CH_OK);
    struct ch_measures m = measure(board);
    ck_assert_uint_eq(m.n_raw, 1 + 2 + 2 + 514);
    ch_measures_fini(&m);
    ch_board_destroy(board);
    ck_assert_int_eq(ch_board_create_of(no_probes, &shape, 4, &board, &error), CH_OK);
    m = measure(board);
    ck_assert_uint_eq(m.n_raw, 0);
    ch_measures_fini(&m);
    ch_board_destroy(board);
    ch_board_destroy(NULL);
    struct ch_probe_shape absurd = {
        .n_nodes = UINT32_MAX, .n_stores = UINT32_MAX, .n_days = UINT32_MAX, .n_retailers = UINT32_MAX};
    ck_assert_int_eq(ch_board_create_of(list, &absurd, UINT32_MAX, &board, &error), CH_TOO_BIG);
    ck_assert_ptr_null(board);
    ck_assert_ptr_nonnull(strstr(error.text, "out of memory"));
    ch_probe_list_destroy(list);
    ch_probe_list_destroy(no_probes);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, list_follows_the_models);
    tcase_add_test(tcase, registered_probes_are_listed);
    tcase_add_test(tcase, cells_of_each_kind);
    tcase_add_test(tcase, workers_stand_lines_apart);
    tcase_add_test(tcase, scalars_and_tables);
    tcase_add_test(tcase, workers_do_not_matter);
    tcase_add_test(tcase, value_is_not_hashed);
    tcase_add_test(tcase, nothing_observed_is_undefined);
    tcase_add_test(tcase, percentile_within_a_bin);
    tcase_add_test(tcase, maps_can_be_dropped);
    tcase_add_test(tcase, empty_shapes);
}

int main(void) { return run_tests("probe", add_tests); }
