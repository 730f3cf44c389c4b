/* SPDX-License-Identifier: MIT
 * M19: dates of place events, and what they do to the odds of a store. Exact, but for the last bits of logarithms. */
#include "../runner.h"
#include "tables_kept.h"
#include <math.h>

#define ch_model_events ch_model_events_here
#include "../../models/events.c"
#undef ch_model_events

static struct events_params params;
static struct ch_world world;
static struct ch_chains chains;
static struct ch_self selves[2];
static struct ch_ctx ctx;
static struct ch_error error;

/* Stores 0 and 1 are in clusters 1 and 2, the others in none. */
static void say_area(struct ch_ctx *c, struct ch_person *who, struct ch_area *q)
{
    (void)c, (void)who;
    q->store_in = q->store < 2 ? q->store + 1 : 0;
}

static void make_table(void)
{
    struct ch_setup s = {.params = &params, .error = &error};
    selves[1].table = tabulate(&s);
}

static void setup(void)
{
    params = (struct events_params){.active = 1,
                                    .first = 3,
                                    .every = 10,
                                    .lasts = 2,
                                    .from = 10 * CH_HOUR,
                                    .to = 19 * CH_HOUR,
                                    .among = 2,
                                    .footfall = .3,
                                    .promo = 1};
    error.code = CH_OK;
    world = (struct ch_world){.warmup_days = 1};
    memset(&chains, 0, sizeof chains);
    chains.area.n = 2;
    chains.area.call[0] = say_area;
    chains.area.call[1] = answer_area;
    chains.area.self_at[1] = sizeof *selves;
    selves[1] = (struct ch_self){.model = &ch_model_events_here, .params = &params};
    make_table();
    ctx = (struct ch_ctx){
        .lane = {.now = 3 * CH_DAY + 12 * CH_HOUR}, .self = &selves[1], .selves = selves, .chains = &chains, .world = &world};
}

/* Day 3 of the scenario is simulated day 3 after one day of warm-up; two days long, every ten days, in clusters 1 and 2 by turns. */
START_TEST(dates)
{
    for (int64_t d = 0; d < 40; d++) {
        bool on = d >= 3 && (d - 3) % 10 < 2;
        unsigned cluster = on ? 1 + (unsigned)((d - 3) / 10 % 2) : 0;
        ck_assert_uint_eq(where(&params, 1, d * CH_DAY + 12 * CH_HOUR), cluster);
        ck_assert_uint_eq(where(&params, 1, d * CH_DAY + 10 * CH_HOUR - 1), 0);
        ck_assert_uint_eq(where(&params, 1, d * CH_DAY + 19 * CH_HOUR), 0);
    }
    params.cluster = 2;
    ck_assert_uint_eq(where(&params, 1, 3 * CH_DAY + 12 * CH_HOUR), 2);
}
END_TEST

/* The odds of a store there rise by exactly the footfall; elsewhere nothing changes; of a footfall of 0 nothing is felt at all. */
START_TEST(lure)
{
    const uint32_t list[] = {0, 1, 7};
    for (int pass = 0; pass < 2; pass++) {
        double u[3] = {1, 2, 3}, factor = pass ? 1 : 1.3;
        struct ch_appeal appeal = {.n = 3, .store = list, .u = u};
        struct ch_more more = {.store = 0, .asked = true}, elsewhere = {.store = 1, .asked = true};
        answer_appeal(&ctx, NULL, &appeal);
        ck_assert_double_eq_tol(exp(u[0] - 1), factor, 1e-9);
        ck_assert(u[1] == 2 && u[2] == 3 && appeal.bounded == 1);
        ck_assert_double_eq_tol(appeal.most, log(factor), 1e-9);
        answer_more(&ctx, NULL, &more);
        answer_more(&ctx, NULL, &elsewhere);
        ck_assert_double_eq_tol(more.logit, log(factor), 1e-9);
        ck_assert(elsewhere.logit == 0);
        params.footfall = 0;
        make_table();
    }
}
END_TEST

START_TEST(areas)
{
    struct ch_area there = {.store = 0}, elsewhere = {.store = 1}, nowhere = {.store = CH_NONE};
    ch_ask_area(&ctx, NULL, &there);
    ch_ask_area(&ctx, NULL, &elsewhere);
    ch_ask_area(&ctx, NULL, &nowhere);
    ck_assert(there.event && !elsewhere.event && !nowhere.event);
}
END_TEST

START_TEST(refusals)
{
    params.lasts = 11;
    make_table();
    ck_assert_int_eq(error.code, CH_INVALID);
    setup();
    params.to = params.from;
    make_table();
    ck_assert_int_eq(error.code, CH_INVALID);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, dates);
    tcase_add_test(tc, lure);
    tcase_add_test(tc, areas);
    tcase_add_test(tc, refusals);
}

int main(void) { return run_tests("place events", add_tests); }
