/* SPDX-License-Identifier: MIT
 * Weather and calendar: the stationary law and the spells of the sky, the variance of the temperature, dates, sales.
 *
 * Statistical tests use a fixed seed, 400,000 steps, and |z| < 4.892 (false alarms: 1e-6 per statement). */
#include "../runner.h"
#include "table/table.h"
#include <chaland/model.h>
#include <check.h>
#include <math.h>
#include <stdlib.h>

extern const struct ch_model ch_model_weather, ch_model_calendar;
#define ch_model_weather ch_model_weather_here
#include "../../models/weather.c"
#undef ch_model_weather

enum { DAYS = 50000 };
static const double Z_MAX = 4.892;
static const uint16_t PURPOSE[32] = {33, 34, 35, 36};

static void defaults(const struct ch_model *model, void *params)
{
    const struct ch_section section = {
        .path = model->name, .param = model->param, .n_params = model->n_params, .size = model->params_size};
    ch_section_defaults(&section, params);
}

static struct ch_world *world_of(int64_t unix_day, uint32_t n_days, int32_t warmup)
{
    struct ch_world *world = calloc(1, sizeof *world);
    ck_assert_ptr_nonnull(world);
    *world = (struct ch_world){
        .key = {7, 1}, .start_unix_day = unix_day, .warmup_days = warmup, .n_days = n_days, .n_steps = n_days * 8};
    world->day = calloc(n_days, sizeof *world->day);
    world->step = calloc(world->n_steps, sizeof *world->step);
    ck_assert(world->day && world->step);
    return world;
}

static void destroy(struct ch_world *world)
{
    free(world->day);
    free(world->step);
    free(world);
}

/* G03 */
START_TEST(stationary)
{
    static const double want[CH_N_SKIES] = {.3131, .3512, .2951, .0406};
    struct weather_params p;
    double law[CH_N_SKIES], next[CH_N_SKIES] = {0};
    defaults(&ch_model_weather, &p);
    stationary_law(&p, law);
    for (unsigned i = 0; i < CH_N_SKIES; i++)
        for (unsigned j = 0; j < CH_N_SKIES; j++)
            next[j] += law[i] * row_from(&p, i)[j];
    for (unsigned i = 0; i < CH_N_SKIES; i++) {
        ck_assert_double_eq_tol(law[i], want[i], 5e-5);
        ck_assert_double_eq_tol(law[i], next[i], 1e-14);
    }
}
END_TEST

/* A chain that always changes its mind has period 2 and still a stationary law. */
START_TEST(periodic_chains_settle)
{
    struct weather_params p = {.from_clear = {4, {0, 1, 0, 0}},
                               .from_cloudy = {4, {1, 0, 0, 0}},
                               .from_rain = {4, {1, 0, 0, 0}},
                               .from_storm = {4, {1, 0, 0, 0}}};
    double law[CH_N_SKIES];
    stationary_law(&p, law);
    ck_assert_double_eq_tol(law[CH_CLEAR], 0.5, 1e-12);
    ck_assert_double_eq_tol(law[CH_RAIN], 0, 1e-12);
}
END_TEST

/* From each sky the next one follows its row: four binomial statements each. */
START_TEST(transitions)
{
    struct weather_params p;
    double count[CH_N_SKIES][CH_N_SKIES] = {{0}}, total[CH_N_SKIES] = {0};
    defaults(&ch_model_weather, &p);
    struct ch_world *world = world_of(0, DAYS, 0);
    tabulate_world(&p, world, PURPOSE);
    for (uint32_t k = 0; k + 1 < world->n_steps; k++) {
        count[world->step[k].sky][world->step[k + 1].sky]++;
        total[world->step[k].sky]++;
    }
    for (unsigned i = 0; i < CH_N_SKIES; i++)
        for (unsigned j = 0; j < CH_N_SKIES; j++) {
            double share = row_from(&p, i)[j], z = (count[i][j] - total[i] * share) / sqrt(total[i] * share * (1 - share));
            ck_assert_msg(fabs(z) < Z_MAX, "from %u to %u: z = %.2f", i, j, z);
        }
    destroy(world);
}
END_TEST

/* Geometric spells: mean 1/(1 - p_ii) = 2.5, 1.818, 2.0, 1.429 steps. */
START_TEST(spells)
{
    struct weather_params p;
    double begun[CH_N_SKIES] = {0}, steps[CH_N_SKIES] = {0};
    defaults(&ch_model_weather, &p);
    struct ch_world *world = world_of(0, DAYS, 0);
    tabulate_world(&p, world, PURPOSE);
    for (uint32_t k = 0; k < world->n_steps; k++) {
        begun[world->step[k].sky] += k == 0 || world->step[k - 1].sky != world->step[k].sky;
        steps[world->step[k].sky]++;
    }
    for (unsigned i = 0; i < CH_N_SKIES; i++) {
        double stay = row_from(&p, i)[i], mean = 1 / (1 - stay), sd = sqrt(stay) / (1 - stay);
        double z = (steps[i] / begun[i] - mean) / (sd / sqrt(begun[i]));
        ck_assert_msg(fabs(z) < Z_MAX, "spells of %u: %.4f steps, not %.4f, z = %.2f", i, steps[i] / begun[i], mean, z);
    }
    destroy(world);
}
END_TEST

/* With a flat year x alone remains: variance s^2/(1 - phi^2), lag-one correlation phi. Tolerances: 4.892 standard errors of
 * an autoregressive series of this length (effective n = n (1 - phi^2)/(1 + phi^2) for the variance), with rounding to 0.1 C. */
START_TEST(temperature)
{
    struct weather_params p;
    double sum = 0, squares = 0, lagged = 0, before = 0;
    defaults(&ch_model_weather, &p);
    p.swing = 0;
    for (int m = 0; m < 12; m++)
        p.month_mean.v[m] = 10;
    struct ch_world *world = world_of(0, DAYS, 0);
    tabulate_world(&p, world, PURPOSE);
    for (uint32_t k = 0; k < world->n_steps; k++) {
        double x = world->step[k].deci_celsius / 10.0 - 10;
        sum += x;
        squares += x * x;
        lagged += k ? x * before : 0;
        before = x;
    }
    double n = world->n_steps, phi = 0.85, variance = 1.2 * 1.2 / (1 - phi * phi);
    ck_assert_double_eq_tol(sum / n, 0, Z_MAX * sqrt(variance / n * (1 + phi) / (1 - phi)));
    ck_assert_double_eq_tol(squares / n, variance + 0.01 / 12,
                            Z_MAX * variance * sqrt(2 / n * (1 + phi * phi) / (1 - phi * phi)));
    ck_assert_double_eq_tol(lagged / squares, phi, Z_MAX * sqrt((1 - phi * phi) / n) + 1e-3);
    destroy(world);
}
END_TEST

START_TEST(seasons_and_hours)
{
    struct weather_params p;
    defaults(&ch_model_weather, &p);
    p.noise = 0;
    struct ch_world *world = world_of(15714, 365, 0); /* 2013-01-09 */
    tabulate_world(&p, world, PURPOSE);
    ck_assert_int_eq(world->step[5].deci_celsius, 80);          /* 15 h: 4.5 + 3.5 */
    ck_assert_int_eq(world->step[1].deci_celsius, 10);          /* 3 h: 4.5 - 3.5 */
    ck_assert_int_eq(world->step[23 * 8 + 5].deci_celsius, 89); /* 1 February */
    destroy(world);
}
END_TEST

/* Weather moves trips in time, it does not make them: the mean factor is 1. Ratios are those of the rows. */
START_TEST(street_factors)
{
    struct weather_params p;
    double law[CH_N_SKIES], mean = 0;
    defaults(&ch_model_weather, &p);
    struct ch_world *world = world_of(0, 1, 0);
    tabulate_world(&p, world, PURPOSE);
    stationary_law(&p, law);
    for (unsigned i = 0; i < CH_N_SKIES; i++)
        mean += law[i] * world->street_factor[i];
    ck_assert_double_eq_tol(mean, 1, 1e-14);
    ck_assert_double_eq_tol(world->street_factor[CH_RAIN] / world->street_factor[CH_CLOUDY], 0.93, 1e-14);
    ck_assert_double_eq(world->speed_factor[CH_STORM], 0.85);
    destroy(world);
}
END_TEST

/* ---- calendar ---------------------------------------------------------------------------------------------------- */

/* As models/calendar.c lists them; read and written through the rows. */
static void *param_of(const struct ch_model *model, void *params, const char *name)
{
    for (unsigned i = 0; i < model->n_params; i++)
        if (strcmp(model->param[i].name, name) == 0)
            return (char *)params + model->param[i].offset;
    ck_abort_msg("no parameter %s", name);
    return NULL;
}

static struct ch_world *calendar(int64_t unix_day, uint32_t n_days, int32_t warmup, int64_t sales_start)
{
    _Alignas(16) unsigned char params[4096];
    ck_assert_uint_le(ch_model_calendar.params_size, sizeof params);
    defaults(&ch_model_calendar, params);
    *(bool *)param_of(&ch_model_calendar, params, "sales") = sales_start >= 0;
    *(int64_t *)param_of(&ch_model_calendar, params, "sales_start") = sales_start * CH_DAY;
    struct ch_world *world = world_of(unix_day, n_days, warmup);
    ch_model_calendar.tabulate_world(params, world, PURPOSE);
    return world;
}

START_TEST(dates)
{
    static const struct {
        int64_t day;
        uint8_t weekday, month;
    } known[] = {
        {0, 3, 0},      /* 1970-01-01, Thursday */
        {-1, 2, 11},    /* 1969-12-31, Wednesday */
        {11016, 1, 1},  /* 2000-02-29, Tuesday */
        {15714, 2, 0},  /* 2013-01-09, Wednesday */
        {19782, 3, 1},  /* 2024-02-29, Thursday */
        {19783, 4, 2},  /* 2024-03-01, Friday */
        {-25508, 3, 2}, /* 1900-03-01, Thursday: 1900 was no leap year */
        {47541, 0, 2},  /* 2100-03-01, Monday: nor will 2100 be */
    };
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct ch_world *world = calendar(known[i].day, 1, 0, -1);
        ck_assert_int_eq(world->day[0].weekday, known[i].weekday);
        ck_assert_int_eq(world->day[0].month, known[i].month);
        destroy(world);
    }
}
END_TEST

START_TEST(day_types)
{
    struct ch_world *world = calendar(15714, 7, 0, -1);
    static const uint8_t want[7] = {CH_WEEKDAY, CH_WEEKDAY, CH_WEEKDAY, CH_SATURDAY, CH_SUNDAY, CH_WEEKDAY, CH_WEEKDAY};
    for (int d = 0; d < 7; d++)
        ck_assert_int_eq(world->day[d].type, want[d]);
    destroy(world);
}
END_TEST

/* Sales move demand, they do not make it. */
START_TEST(integral_of_demand)
{
    struct ch_world *world = calendar(15714, 365, 0, 100);
    for (int good = 0; good < CH_N_GOODS; good++) {
        double sum = 0, in_sales = 0;
        for (int d = 0; d < 365; d++) {
            sum += (double)world->day[d].demand[good];
            in_sales += world->day[d].sale_week ? (double)world->day[d].demand[good] : 0;
        }
        ck_assert_double_eq_tol(sum, 365, 1e-4);
        if (good < CH_N_NONFOOD)
            ck_assert_double_eq_tol(in_sales / 365, good < 2 ? 0.20 : 0.12, 1e-6);
        else
            ck_assert_double_eq_tol(in_sales, 35, 1e-9);
    }
    destroy(world);
}
END_TEST

START_TEST(sale_weeks_and_markdowns)
{
    static const int want[5] = {3000, 4000, 4000, 5000, 5000};
    struct ch_world *world = calendar(15714, 60, 7, 3);
    for (int d = 0; d < 60; d++) {
        int week = d < 10 || d >= 45 ? 0 : (d - 10) / 7 + 1;
        ck_assert_int_eq(world->day[d].sale_week, week);
        ck_assert_int_eq(world->day[d].markdown_bp, week ? want[week - 1] : 0);
    }
    destroy(world);
}
END_TEST

START_TEST(no_sales_no_change)
{
    struct ch_world *world = calendar(15714, 60, 7, -1);
    for (int d = 0; d < 60; d++)
        for (int good = 0; good < CH_N_GOODS; good++)
            ck_assert_double_eq_tol((double)world->day[d].demand[good], 1, 1e-6);
    destroy(world);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, stationary);
    tcase_add_test(all, periodic_chains_settle);
    tcase_add_test(all, transitions);
    tcase_add_test(all, spells);
    tcase_add_test(all, temperature);
    tcase_add_test(all, seasons_and_hours);
    tcase_add_test(all, street_factors);
    tcase_add_test(all, dates);
    tcase_add_test(all, day_types);
    tcase_add_test(all, integral_of_demand);
    tcase_add_test(all, sale_weeks_and_markdowns);
    tcase_add_test(all, no_sales_no_change);
}

int main(void) { return run_tests("weather", add_tests); }
