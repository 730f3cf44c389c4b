/* SPDX-License-Identifier: MIT
 * Tills: the law of Pollaczek and Khinchine at a till with its real service times; items; patience; the wait that is published.
 *
 * Statistical: fixed seed; 60 stores are 60 independent queues, |t| < 5.6 with 59 degrees of freedom (false alarms 1e-6). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

#define ch_model_tills ch_model_tills_here
#include "../../models/tills.c"
#undef ch_model_tills

enum { STORES = 60, PEOPLE = 60, COMES };
static const double T_MAX = 5.6;
static const double rate = 25; /* per hour and store */
static double stayed[STORES], baskets[STORES], lost[STORES];

/* Each store has one person who comes to pay again and again, on ever new trips. */
static void on_comes(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct ch_draw draw = ch_draw(ctx, 0, ev->dest, ev->payload);
    who->day = (uint16_t)(ev->payload / 100);
    who->trip = (uint8_t)(ev->payload % 100);
    struct ch_checkout till = {.store = ev->dest, .lines = 1};
    ch_ask_checkout(ctx, who, &till);
    ck_assert(till.queues && till.done > ch_now(ctx));
    baskets[ev->dest]++;
    lost[ev->dest] += till.gives_up;
    stayed[ev->dest] += ch_seconds(till.done - ch_now(ctx));
    ch_send(ctx, 0, ch_here(ctx), ev->dest, 1 + ch_time_of_seconds(3600 / rate * ch_draw_exponential(&draw)), ev->payload + 1);
}

static void start(struct ch_ctx *ctx, uint32_t store) { ch_send(ctx, 0, ch_here(ctx), store, 1, 0); }

static const struct ch_message row[] = {{.name = "comes", .scope = CH_LOCAL, .least = 1}};
static const ch_handler handler[] = {on_comes};
static const struct ch_model customers = {
    .name = "customers", .message = row, .handler = handler, .n_messages = 1, .start_store = start};
extern const struct ch_model ch_model_tills_here;
static const struct ch_model *const models[] = {&ch_model_tills_here, &customers};

static struct town *open_town(struct ch_arena **arena)
{
    struct town *town = town_of(STORES, 1, PEOPLE);
    town->city.n_stores = STORES;
    for (uint32_t i = 0; i < STORES; i++) {
        town->stores[i] = (struct ch_store){.node = i, .floor_m2 = 50, .goods = 1};
        town->citizens[i].home = i;
        stayed[i] = baskets[i] = lost[i] = 0;
    }
    shops_open(town);
    town_open(town, models, 2);
    *arena = shops_tabulate(town);
    struct tills_params *p = town->params[0];
    p->mobile = 0;
    return town;
}

static double student(const double *x, double expected)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < STORES; i++) {
        sum += x[i] - expected;
        squares += (x[i] - expected) * (x[i] - expected);
    }
    double mean = sum / STORES;
    return mean / sqrt((squares / STORES - mean * mean) / (STORES - 1));
}

/* S = 60 + 3 (1 + G) + U, G geometric with mean 2 and variance 6, U uniform on 15 .. 87: E[S] = 120 s, Var S = 54 + 432. */
START_TEST(pollaczek_khinchine_at_a_till)
{
    static int64_t row_start[STORES];
    struct ch_arena *arena;
    struct town *town = open_town(&arena);
    struct tills_params *p = town->params[0];
    p->patience = 1000000 * CH_DAY;
    shops_start(town, row_start, STORES);
    town_run(town, 28 * CH_DAY);
    double load = rate * 120 / 3600, second = 120 * 120 + 54 + 432;
    double expected = 120 + rate / 3600 * second / 2 / (1 - load), mean[STORES];
    for (int i = 0; i < STORES; i++)
        mean[i] = stayed[i] / baskets[i];
    ck_assert_double_lt(fabs(student(mean, expected)), T_MAX);
    ck_assert_double_gt(fabs(student(mean, expected * 1.05)), T_MAX); /* and the test sees a twentieth */
    ck_assert_int_eq(town_probe(town, 0, "till_abandonment")[0], 0);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    shops_close(town, arena);
}
END_TEST

/* Baskets come back when the queue is too long; who pays by phone is not in it; the audit notices a lost basket. */
START_TEST(patience_and_phones)
{
    static int64_t row_start[STORES];
    struct ch_arena *arena;
    struct town *town = open_town(&arena);
    struct tills_params *p = town->params[0];
    p->mobile = 0.3;
    p->patience = CH_MINUTE;
    for (int i = 0; i < PEOPLE; i++)
        town->people[i].device = i % 2 ? CH_SMARTPHONE : 0;
    shops_start(town, row_start, STORES);
    town_run(town, 7 * CH_DAY);
    ck_assert_double_gt(town_ratio(town, 0, "till_abandonment"), 0.1);
    double n = (double)town_probe(town, 0, "mobile_share")[1];
    ck_assert_double_lt(fabs(town_ratio(town, 0, "mobile_share") - 0.15) / sqrt(0.3 * 0.7 / 2 / n), 4.892);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    struct desk *desk = (struct desk *)(void *)town->store_state;
    desk->came++;
    ck_assert_int_eq(town_audit(town, 0, true), CH_INTERNAL);
    shops_close(town, arena);
}
END_TEST

/* beta_w .05 a minute and gamma_q .5 per five minutes, from what is published and from what is seen. */
START_TEST(waits_deter)
{
    static int64_t row_start[STORES];
    struct ch_arena *arena;
    struct town *town = open_town(&arena);
    shops_start(town, row_start, STORES);
    town_run(town, CH_HOUR);
    struct desk *desk = (struct desk *)(void *)town->store_state;
    town->ctx.self = &town->selves[0];
    town->ctx.lane.place = 0;
    town->ctx.lane.now = CH_HOUR;
    desk->free_at[0] = CH_HOUR + 10 * CH_MINUTE;
    struct ch_urge urge = {.store = 0};
    answer_urge(&town->ctx, NULL, &urge);
    ck_assert_double_eq_tol(urge.logit, -1, 1e-12);
    uint32_t store = 0;
    double u = 0;
    struct ch_appeal appeal = {.n = 1, .store = &store, .u = &u};
    ch_publish(&town->ctx, 0, 3 * CH_HOUR);
    town->ctx.lane.now = CH_HOUR + 2 * CH_MINUTE;
    answer_appeal(&town->ctx, NULL, &appeal);
    ck_assert_double_eq_tol(u, -0.05 * 118, 1e-9);
    shops_close(town, arena);
}
END_TEST

/* Mean and law of the further items. */
START_TEST(items)
{
    enum { N = 200000 };
    double sum = 0, none = 0;
    for (uint32_t k = 0; k < N; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){9, 1}, k, 7, 0);
        unsigned n = geometric(&draw, 2);
        sum += n;
        none += n == 0;
    }
    ck_assert_double_lt(fabs(sum / N - 2) / sqrt(6. / N), 4.892);
    ck_assert_double_lt(fabs(none / N - 1. / 3) / sqrt(2. / 9 / N), 4.892);
    struct ch_draw draw = ch_draw_open((struct ch_key){9, 1}, 0, 7, 0);
    ck_assert_uint_eq(geometric(&draw, 0), 0);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, pollaczek_khinchine_at_a_till);
    tcase_add_test(all, patience_and_phones);
    tcase_add_test(all, waits_deter);
    tcase_add_test(all, items);
}

int main(void) { return run_tests("tills", add_tests); }
