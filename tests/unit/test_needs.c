/* SPDX-License-Identifier: MIT
 * Needs: Poisson arrivals, conservation, the stationary start, the budget.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "toy_shops.h"
#include <math.h>
#include <stdlib.h>

#define ch_model_needs ch_model_needs_here
#include "../../models/needs.c"
#undef ch_model_needs

enum { PEOPLE = 2000, DAYS = 28 };
static const double Z_MAX = 4.892;
extern const struct ch_model ch_model_needs_here;
static const struct ch_model *const models[] = {&ch_model_needs_here};

/* All people alike unless income_sd is set; every good once a month. */
static struct town *needy_town(struct ch_arena **arena, double factor, double income_sd)
{
    struct town *town = town_of(2, 2, PEOPLE);
    town->city.n_stores = 1;
    town->stores[0] = (struct ch_store){.goods = 1023, .price = 1};
    shops_open(town);
    town_open(town, models, 1);
    struct needs_params *params = town->params[0];
    for (int g = 0; g < CH_N_GOODS; g++)
        params->rate_factor.v[g] = factor;
    params->income_sd = income_sd;
    *arena = shops_tabulate(town);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->ctx.self = &town->selves[0];
        ch_model_needs_here.start_person(&town->ctx, &town->people[id]);
    }
    return town;
}

static void live(struct town *town, uint32_t day)
{
    struct ch_day today = {.day = day, .world = &town->world.day[day]};
    town->ctx.self = &town->selves[0];
    town->ctx.lane.now = day * CH_DAY + 3 * CH_HOUR;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->people[id].day = (uint16_t)day;
        ch_model_needs_here.on_day_begins(&town->ctx, &town->people[id], &today);
    }
}

static struct needs *needs_of(struct town *town, uint32_t id)
{
    town->ctx.self = &town->selves[0];
    return ch_of_person(&town->ctx, &town->people[id]);
}

static unsigned open_needs(struct town *town, uint32_t id)
{
    unsigned n = 0;
    for (int g = 0; g < CH_N_GOODS; g++)
        n += needs_of(town, id)->open[g];
    return n;
}

/* Counts per person over four weeks: mean ten a month times the factor, variance / mean = 1. */
START_TEST(arrivals_are_poisson)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1.5, 0);
    static uint16_t before[PEOPLE];
    double sum = 0, squares = 0, mean = 10 * 1.5 * DAYS / 30.4375;
    for (uint32_t id = 0; id < PEOPLE; id++)
        before[id] = needs_of(town, id)->arrived;
    for (uint32_t day = 0; day < DAYS; day++)
        live(town, day);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        double n = needs_of(town, id)->arrived - before[id];
        sum += n;
        squares += n * n;
    }
    double variance = (squares - sum * sum / PEOPLE) / (PEOPLE - 1);
    ck_assert_double_lt(fabs(sum / PEOPLE - mean) / sqrt(mean / PEOPLE), Z_MAX);
    ck_assert_double_lt(fabs(variance / mean - 1) / sqrt(2.0 / PEOPLE + 1 / (mean * PEOPLE)), Z_MAX);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    shops_close(town, arena);
}
END_TEST

/* factor .8: all needs are thought to be met, so at the start none is open; without any sale they pile up towards rate x
 * patience with (1 - e^(-1/30))^-1 days of life. factor 8: nine in ten unmet, and the start is near that end. */
START_TEST(start_is_stationary)
{
    double expected[2] = {0, 10 * 8 / 30.4375 * 30 * 0.9};
    for (int i = 0; i < 2; i++) {
        struct ch_arena *arena;
        struct town *town = needy_town(&arena, i ? 8 : 0.8, 0);
        double sum = 0;
        for (uint32_t id = 0; id < PEOPLE; id++)
            sum += open_needs(town, id);
        ck_assert_double_le(fabs(sum - PEOPLE * expected[i]), Z_MAX * sqrt(PEOPLE * expected[i]));
        shops_close(town, arena);
    }
    ck_assert_double_eq_tol(standing_needs(0.1, 30, 0.25), 2.25, 1e-12);
}
END_TEST

/* A need that is never met lives 1/(1 - e^(-1/30)) days on average: after n days a share e^(-n/30) is left. */
START_TEST(patience)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 0, 0);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        struct needs *needs = needs_of(town, id);
        memset(needs->open, 0, sizeof needs->open);
        needs->open[2] = needs->open[7] = 20;
        needs->arrived = 40;
    }
    for (uint32_t day = 0; day < 20; day++)
        live(town, day);
    double left = 0, p = exp(-20 / 30.0), n = 40.0 * PEOPLE;
    for (uint32_t id = 0; id < PEOPLE; id++)
        left += open_needs(town, id);
    ck_assert_double_lt(fabs(left - n * p) / sqrt(n * p * (1 - p)), Z_MAX);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    shops_close(town, arena);
}
END_TEST

/* Whatever income, needs on average are those of the rows: E[income^e] is taken out. */
START_TEST(income_keeps_the_mean)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1, 0.5);
    double keen = 0, income = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        keen += needs_of(town, id)->keen / 1000.0;
        income += needs_of(town, id)->income / 1000.0;
    }
    ck_assert_double_lt(fabs(income / PEOPLE - 1) / (0.533 / sqrt(PEOPLE)), Z_MAX); /* sd of a lognormal: sqrt(e^(.25) - 1) */
    ck_assert_double_lt(fabs(keen / PEOPLE - 1) / (0.151 / sqrt(PEOPLE)), Z_MAX);   /* with .15: sqrt(e^(.0225) - 1) */
    ck_assert_double_eq_tol(lognormal_moment(0.5, 1), 1, 1e-15);
    ck_assert_double_eq_tol(lognormal_moment(0.5, 2), exp(0.25), 1e-14);
    shops_close(town, arena);
}
END_TEST

static double log_odds(struct town *town, uint32_t id, double discount)
{
    struct ch_urge urge = {.good = CH_GOOD_home, .motive = CH_PLANNED, .discount = discount};
    town->ctx.self = &town->selves[0];
    ch_model_needs_here.answer_urge(&town->ctx, &town->people[id], &urge);
    return urge.logit;
}

/* 30 EUR: 24 EUR in the envelope suffice, 23.99 do not, and half price helps; pay day fills it again, less the debt. */
START_TEST(budget)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1, 0);
    struct needs *needs = needs_of(town, 5);
    needs->left = 2400;
    ck_assert_double_eq(log_odds(town, 5, 0), 0);
    needs->left = 2399;
    ck_assert_double_lt(log_odds(town, 5, 0), -500);
    ck_assert_double_eq(log_odds(town, 5, 0.5), 0);
    struct ch_sale sale = {.good = CH_GOOD_home, .motive = CH_PLANNED, .paid = 3000};
    needs->open[CH_GOOD_home] = 2;
    needs->arrived = (uint16_t)(needs->met + needs->abandoned + open_needs(town, 5));
    ch_model_needs_here.on_sale(&town->ctx, &town->people[5], &sale);
    ck_assert_int_eq(needs->left, -601);
    ck_assert_uint_eq(needs->open[CH_GOOD_home], 1);
    ck_assert_uint_eq(needs->met, 1);
    needs->pay_day = 480; /* the next in half a day's time */
    live(town, 1);
    ck_assert_int_eq(needs->left, 75000 - 601);
    live(town, 2);
    ck_assert_int_eq(needs->left, 75000 - 601);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    shops_close(town, arena);
}
END_TEST

START_TEST(audit_bites)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1, 0.5);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    needs_of(town, 77)->open[3]++;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL);
    shops_close(town, arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("needs");
    TCase *tests = tcase_create("needs");
    tcase_add_test(tests, arrivals_are_poisson);
    tcase_add_test(tests, start_is_stationary);
    tcase_add_test(tests, patience);
    tcase_add_test(tests, income_keeps_the_mean);
    tcase_add_test(tests, budget);
    tcase_add_test(tests, audit_bites);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
