/* SPDX-License-Identifier: MIT
 * Stock: the base-stock law (G25), expected demand, conservation of units, the page, records that are wrong.
 *
 * The run is statistical: fixed seed, |z| < 4.892 (false alarms 1e-6). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>
#include <stdlib.h>

#define ch_model_stock ch_model_stock_here
#include "../../models/stock.c"
#undef ch_model_stock

static const double Z_MAX = 4.892;

START_TEST(g25_base_stock)
{
    ck_assert_double_eq_tol(in_stock(2, 3), .67668, 5e-6);
    ck_assert_double_eq_tol(in_stock(2, 5), .94735, 5e-6);
    ck_assert_double_eq(in_stock(2, 0), 0);
    ck_assert_double_eq_tol(in_stock(2, 1), exp(-2), 1e-15);
}
END_TEST

/* The least level that serves: one less does not; the normal law joins the Poisson within half a unit's step. */
START_TEST(level_is_least)
{
    static const double means[] = {0, 0.01, 0.5, 2, 7.3, 40, 250, 599, 601, 5000};
    static const double services[] = {0.3, 0.8, 0.95, 0.99};
    for (unsigned i = 0; i < sizeof means / sizeof means[0]; i++)
        for (unsigned k = 0; k < 4; k++) {
            unsigned level = base_level(means[i], services[k]);
            ck_assert_uint_ge(level, LEVEL_MIN);
            ck_assert_double_ge(in_stock(means[i], level), services[k]);
            ck_assert(level == LEVEL_MIN || in_stock(means[i], level - 1) < services[k]);
        }
    ck_assert_uint_eq(base_level(2, 0.94), 5);
    ck_assert_uint_eq(base_level(1e9, 0.95), LEVEL_MAX);
    ck_assert_uint_le(base_level(601, 0.95) - base_level(599, 0.95), 4);
}
END_TEST

/* ---- a store that lives ------------------------------------------------------------------------------------------ */

/* Customers of this test look for clothing at random times; one sale in eight comes back at once. */
static const double per_day = 6;
enum { COMES, STORES = 40, WEEKS = 4, ROWS = STORES * CH_N_GOODS };

static void on_comes(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_draw draw = ch_draw(ctx, 0, ev->dest, ev->payload);
    struct ch_sale sale = {.store = ev->dest, .good = CH_GOOD_clothing};
    struct ch_shelf shelf = {.store = ev->dest, .good = CH_GOOD_clothing};
    ch_ask_shelf(ctx, NULL, &shelf);
    ch_tell_sale(ctx, NULL, &sale); /* from an empty shelf: another item */
    if (ch_draw_chance(&draw, 0.125) && shelf.available)
        ch_tell_refund(ctx, NULL, &sale);
    ch_send(ctx, COMES, ch_here(ctx), ev->dest, 1 + ch_time_of_seconds(86400 / per_day * ch_draw_exponential(&draw)),
            ev->payload + 1);
}

static void customers_start(struct ch_ctx *ctx, uint32_t store) { ch_send(ctx, COMES, ch_here(ctx), store, 1, 0); }

static const struct ch_message comes_row[] = {{.name = "comes", .scope = CH_LOCAL, .least = 1}};
static const ch_handler comes_handler[] = {on_comes};
static const struct ch_model customers = {
    .name = "customers", .message = comes_row, .handler = comes_handler, .n_messages = 1, .start_store = customers_start};
extern const struct ch_model ch_model_stock_here;
static const struct ch_model *const models[] = {&ch_model_stock_here, &customers};

static struct town *open_stores(struct ch_arena **arena)
{
    struct town *town = town_of(20, 10, 400);
    town->city.n_stores = STORES;
    for (uint32_t i = 0; i < STORES; i++)
        town->stores[i] = (struct ch_store){
            .node = i * 5, .floor_m2 = 40 + 10 * i, .good = i % 8, .goods = 1u << i % 8 | 1u << CH_GOOD_clothing};
    for (uint32_t i = 0; i < 400; i++)
        town->citizens[i].home = i % 200;
    shops_open(town);
    town_open(town, models, 2);
    *arena = shops_tabulate(town);
    return town;
}

/* All that people aim at is expected somewhere; of one household, in proportion to floor / distance^2. */
START_TEST(expected_demand)
{
    struct ch_arena *arena;
    struct town *town = open_stores(&arena);
    const struct stock_table *table = town->selves[0].table;
    for (uint32_t g = 0; g < 8; g++) {
        double sum = 0;
        for (uint32_t s = 0; s < STORES; s++)
            sum += (double)table->demand[cell(s, g)];
        ck_assert_double_eq_tol(sum, 400 / 30.4375, 1e-3);
    }
    ck_assert_float_eq(table->demand[cell(3, CH_GOOD_grocery)], 0);
    shops_close(town, arena);
}
END_TEST

/* Four weeks at the demand the level is set for, without learning or doubt: units are conserved every day, the shelf is
 * stationary from the start, and availability is that of the base-stock law averaged over the age of the last review (lost
 * sales raise it a little). */
START_TEST(a_month_of_trade)
{
    static int64_t row_start[ROWS];
    struct ch_arena *arena;
    struct town *town = open_stores(&arena);
    const struct stock_table *table = town->selves[0].table;
    unsigned level = base_level(per_day * 3, 0.95);
    for (uint32_t s = 0; s < STORES; s++)
        table->demand[cell(s, CH_GOOD_clothing)] = (float)per_day;
    struct stock_params *params = town->params[0];
    params->learning = 0;
    params->doubt = 1;
    params->cover.v[CH_GOOD_clothing] = 1;
    shops_start(town, row_start, ROWS);
    double start = 0, law = 0;
    for (uint32_t s = 0; s < STORES; s++)
        start +=
            ((const struct shelf *)(const void *)(town->store_state + s * town->ctx.store_stride))->on_hand[CH_GOOD_clothing];
    double z = (start / STORES - (level - per_day * 2.5)) / sqrt(per_day * 2.5 * 1.1 / STORES);
    ck_assert_msg(fabs(z) < Z_MAX, "on hand at time 0: z = %.2f", z);
    for (int day = 1; day <= 7 * WEEKS; day++) {
        town_run(town, day * CH_DAY);
        ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    }
    for (int k = 0; k < 100; k++)
        law += in_stock(per_day * (2 + (k + 0.5) / 100), level) / 100;
    double found = town_ratio(town, 0, "availability");
    ck_assert_double_ge(found, law - 0.01);
    ck_assert_double_le(found, law + 0.02);
    shops_close(town, arena);
}
END_TEST

/* The calendar's demand is known: S follows its mean over the days of R + L ahead. A good made on the spot has no S. */
START_TEST(calendar_and_kitchen)
{
    struct ch_arena *arena;
    struct town *town = open_stores(&arena);
    struct stock_params *params = town->params[0];
    struct shelf *shelf = (struct shelf *)(void *)town->store_state;
    for (int g = 0; g < CH_N_GOODS; g++)
        params->cover.v[g] = 1;
    shelf->demand[0] = 5;
    town->ctx.self = &town->selves[0];
    ck_assert_uint_eq(level_of(&town->ctx, 0, 0), base_level(15, 0.95));
    town->world.day[3].demand[0] = 5;
    ck_assert_uint_eq(level_of(&town->ctx, 0, 0), base_level(30, 0.95)); /* days 0 to 3: 1 1 1 5 */
    params->cover.v[0] = 0;
    ck_assert_uint_eq(level_of(&town->ctx, 0, 0), 0);
    struct ch_shelf ask = {.store = 0, .good = 0};
    ch_model_stock_here.answer_shelf(&town->ctx, NULL, &ask);
    ck_assert(ask.available && shelf->on_hand[0] == 0);
    shops_close(town, arena);
}
END_TEST

/* A unit that vanishes is noticed. */
START_TEST(audit_bites)
{
    static int64_t row_start[ROWS];
    struct ch_arena *arena;
    struct town *town = open_stores(&arena);
    shops_start(town, row_start, ROWS);
    town_run(town, CH_DAY);
    struct shelf *shelf = (struct shelf *)(void *)town->store_state;
    shelf->on_hand[CH_GOOD_clothing]++;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL);
    shelf->on_hand[CH_GOOD_clothing]--;
    shelf->on_order[CH_GOOD_clothing]++;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL);
    shops_close(town, arena);
}
END_TEST

/* Expected: hardly anything. The shelves are empty at first, and full once the stores have learnt. The page follows. */
START_TEST(learning_and_the_page)
{
    static int64_t row_start[ROWS];
    struct ch_arena *arena;
    struct town *town = open_stores(&arena);
    const struct stock_table *table = town->selves[0].table;
    for (uint32_t s = 0; s < STORES; s++)
        table->demand[cell(s, CH_GOOD_clothing)] = 0.01f;
    shops_start(town, row_start, ROWS);
    town_run(town, 3 * CH_DAY);
    ck_assert_double_lt(town_ratio(town, 0, "availability"), 0.6);
    unsigned empty = 0;
    for (uint32_t s = 0; s < STORES; s++) {
        const struct shelf *shelf = (const struct shelf *)(const void *)(town->store_state + s * town->ctx.store_stride);
        double u = 1;
        struct ch_appeal appeal = {.good = CH_GOOD_clothing, .n = 1, .store = &s, .u = &u};
        town->ctx.self = &town->selves[0];
        town->ctx.lane.now = 3 * CH_DAY;
        ch_model_stock_here.answer_appeal(&town->ctx, NULL, &appeal);
        empty += u < 0;
        ck_assert(u < 0 || shelf->supplied > 0 || shelf->initial > 0);
    }
    ck_assert_uint_gt(empty, STORES / 10);
    town_run(town, 21 * CH_DAY);
    int64_t found = town_probe(town, 0, "availability")[0], asked = town_probe(town, 0, "availability")[1];
    town_run(town, 28 * CH_DAY);
    double last_week =
        (double)(town_probe(town, 0, "availability")[0] - found) / (double)(town_probe(town, 0, "availability")[1] - asked);
    ck_assert_double_gt(last_week, 0.9);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    shops_close(town, arena);
}
END_TEST

/* ---- records ----------------------------------------------------------------------------------------------------- */

/* All ten goods in each of 40 stores, four weeks with a count each week. Stores are independent: Student's t with 39 degrees of
 * freedom, |t| < 5.8 (false alarms 1e-6). Returns the share of right records. */
static double share_of_right_records(double accuracy, double shrink, double *t)
{
    static int64_t row_start[ROWS];
    struct ch_arena *arena;
    struct town *town = open_stores(&arena);
    struct stock_params *params = town->params[0];
    params->accuracy = accuracy;
    params->shrink = shrink;
    params->count_every = 7;
    for (uint32_t s = 0; s < STORES; s++)
        town->stores[s].goods = (1u << CH_N_GOODS) - 1;
    for (int g = 0; g < CH_N_GOODS; g++)
        params->cover.v[g] = 1;
    double right[STORES] = {0}, sum = 0, squares = 0;
    shops_start(town, row_start, ROWS);
    for (int day = 0; day < 28; day++) {
        for (uint32_t s = 0; s < STORES; s++) {
            const struct shelf *shelf = (const struct shelf *)(const void *)(town->store_state + s * town->ctx.store_stride);
            for (int g = 0; g < CH_N_GOODS; g++)
                right[s] += (shelf->error[g] == 0) / 280.;
        }
        town_run(town, (day + 1) * CH_DAY);
        ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    }
    for (uint32_t s = 0; s < STORES; s++) {
        sum += right[s] - accuracy;
        squares += (right[s] - accuracy) * (right[s] - accuracy);
    }
    double mean = sum / STORES;
    *t = squares > 0 ? mean / sqrt((squares / STORES - mean * mean) / (STORES - 1)) : 0;
    ck_assert_double_eq_tol(town_ratio(town, 0, "record_accuracy"), mean + accuracy, 1e-9);
    if (shrink > 0)
        ck_assert_int_gt(town_probe(town, 0, "units_shrunk")[0], 100);
    shops_close(town, arena);
    return mean + accuracy;
}

/* As often as asked for, from the first night on; units that vanish unnoticed make it less, but not where records are true. */
START_TEST(records_are_as_right_as_asked)
{
    double t;
    share_of_right_records(0.63, 0, &t);
    ck_assert_double_lt(fabs(t), 5.8);
    share_of_right_records(0.95, 0, &t);
    ck_assert_double_lt(fabs(t), 5.8);
    share_of_right_records(0.35, 0, &t);
    ck_assert_double_lt(fabs(t), 5.8);
    share_of_right_records(0.63, 0.2, &t);
    ck_assert_double_lt(t, -5.8);
    ck_assert_double_eq_tol(share_of_right_records(1, 0.05, &t), 1, 1e-9);
}
END_TEST

START_TEST(nights_between_counts)
{
    static const double accuracies[] = {0.05, 0.35, 0.63, 0.95, 0.999};
    for (unsigned i = 0; i < 5; i++)
        for (int nights = 2; nights < 200; nights += 33) {
            double q = right_after_a_night(accuracies[i], nights), mean = 0;
            for (int k = 1; k <= nights; k++)
                mean += pow(q, k) / nights;
            ck_assert_double_eq_tol(mean, accuracies[i], 1e-6);
        }
    ck_assert_double_eq(right_after_a_night(1, 30), 1);
}
END_TEST

/* A unit through all its states; what is promised and what is kept back is not on the page; a record found wrong is set right. */
START_TEST(between_shelf_and_sale)
{
    static int64_t row_start[ROWS];
    struct ch_arena *arena;
    struct town *town = open_stores(&arena);
    shops_start(town, row_start, ROWS);
    town_run(town, CH_HOUR);
    struct ch_ctx *ctx = &town->ctx;
    ctx->self = &town->selves[0];
    ctx->lane.place = 0;
    struct stock_params *params = town->params[0];
    struct shelf *shelf = ch_of_store(ctx, 0);
    params->safety = 2;
    change(ctx, 0, 0, 2 - shelf->on_hand[0], 0, 0);
    shelf->initial = shelf->on_hand[0];
    for (int g = 1; g < CH_N_GOODS; g++)
        shelf->initial += shelf->on_hand[g];
    shelf->supplied = shelf->sold = shelf->returned = 0;
    ck_assert(shown(params, shelf, 0));
    struct ch_hold hold = {.store = 0, .good = 0, .what = CH_HOLD_PROMISE};
    on_hold(ctx, NULL, &hold);
    ck_assert(!shown(params, shelf, 0));
    hold.what = CH_HOLD_UNPROMISE;
    on_hold(ctx, NULL, &hold);
    hold.what = CH_HOLD_TAKE;
    on_hold(ctx, NULL, &hold);
    ck_assert(hold.took && shelf->held == 1 && shelf->on_hand[0] == 1);
    struct ch_sale sale = {.store = 0, .good = 0, .held = true};
    on_sale(ctx, NULL, &sale);
    ck_assert(shelf->held == 0 && shelf->sold == 1 && shelf->on_hand[0] == 1);
    on_hold(ctx, NULL, &hold);
    hold.what = CH_HOLD_PUT_BACK;
    on_hold(ctx, NULL, &hold);
    ck_assert(shelf->held == 0 && shelf->on_hand[0] == 1);
    hold.what = CH_HOLD_TAKE;
    on_hold(ctx, NULL, &hold);
    struct ch_away away = {.store = 0, .good = 0};
    on_bought_away(ctx, NULL, &away);
    ck_assert(shelf->held == 0 && shelf->sold == 2 && shelf->on_hand[0] == 0);
    change(ctx, 0, 0, 0, 3, 0);
    ck_assert(shown(params, shelf, 0)); /* the page believes the record */
    on_hold(ctx, NULL, &hold);
    ck_assert(!hold.took && hold.recorded && shelf->error[0] == 0 && !shown(params, shelf, 0));
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    shops_close(town, arena);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, g25_base_stock);
    tcase_add_test(all, level_is_least);
    tcase_add_test(all, expected_demand);
    tcase_add_test(all, a_month_of_trade);
    tcase_add_test(all, calendar_and_kitchen);
    tcase_add_test(all, audit_bites);
    tcase_add_test(all, learning_and_the_page);
    tcase_add_test(all, records_are_as_right_as_asked);
    tcase_add_test(all, nights_between_counts);
    tcase_add_test(all, between_shelf_and_sale);
}

int main(void) { return run_tests("stock", add_tests); }
