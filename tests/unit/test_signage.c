/* SPDX-License-Identifier: MIT
 * Signage: overlap of a view with one spot of the loop (G06), the closed forms of notice and tap, attention, memory, audience.
 *
 * Statistical: fixed seeds, |z| < 4.892 (false alarms 1e-6). */
#include "../runner.h"
#include <check.h>
#include <math.h>

#define ch_model_signage ch_model_signage_here
#include "../../models/signage.c"
#undef ch_model_signage

static const double Z_MAX = 4.892;

static const struct signage_params PARAMS = {.spots = 6,
                                             .spot = 10 * CH_SECOND,
                                             .range = 30,
                                             .range_large = 60,
                                             .attention = 0.35,
                                             .glance = 2 * CH_SECOND,
                                             .learning = 0.02,
                                             .match = 0.3,
                                             .wear = 8,
                                             .goodwill_half_life = 35 * CH_DAY / 2,
                                             .goodwill = 0.3,
                                             .tap = -4.5,
                                             .tap_relevance = 2.0,
                                             .tap_waiting = 0.8,
                                             .tap_crowd = 0.74,
                                             .k_min = 3};

/* Seconds of spot 0 within [from, from + view). */
static double seen_of_spot(ch_time from, ch_time view, int64_t wanted)
{
    ch_time ends, sum = 0;
    for (ch_time t = from; t < from + view; t = ends) {
        int64_t n = spot_at(&PARAMS, 3, t, &ends);
        ck_assert(ends > t && ends - t <= PARAMS.spot);
        sum += n % PARAMS.spots == wanted ? (ends < from + view ? ends : from + view) - t : 0;
    }
    return ch_seconds(sum);
}

/* A given spot is seen for a second or more with probability min(1, (s + w - 2)/(K s)): .3833 in 15 s, .6333 in 30 s. */
START_TEST(g06_overlap)
{
    static const double views[] = {15, 30, 70}, expected[] = {.383333, .633333, 1};
    unsigned n = 40000, seen = 0;
    for (unsigned i = 0; i < n; i++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 6, .replication = 0}, i, 9, (uint64_t)_i);
        ch_time from = ch_time_of_seconds(ch_draw_uniform(&draw) * 6000);
        seen += seen_of_spot(from, ch_time_of_seconds(views[_i]), (int64_t)ch_draw_below(&draw, 6)) >= 1;
    }
    double p = expected[_i], z = (seen - n * p) / sqrt(n * p * (1 - p) + 1e-9);
    ck_assert_msg(p == 1 ? seen == n : fabs(z) < Z_MAX, "share %.4f, expected %.4f", (double)seen / n, p);
}
END_TEST

START_TEST(closed_forms)
{
    ck_assert_double_eq_tol(notice_probability(&PARAMS, .35, 2, 0, 0), .35 * (1 - exp(-1)), 1e-12);
    ck_assert_double_eq_tol(notice_probability(&PARAMS, .35, 1e9, 1, 8), .35 * 1.3 * exp(-1), 1e-12);
    ck_assert_double_eq(notice_probability(&PARAMS, .9, 1e9, 1, 0), .95);
    ck_assert_double_eq_tol(tap_probability(&PARAMS, 1, false, false, 0), .0110, 5e-5);
    ck_assert_double_eq_tol(tap_probability(&PARAMS, 1, true, true, 5), .277, 5e-4);
    ck_assert_double_eq(tap_probability(&PARAMS, 1, true, true, 50), tap_probability(&PARAMS, 1, true, true, 5));
}
END_TEST

/* Relevance of one half leaves attention where it is; less teaches not to look, more to look, within bounds. */
START_TEST(attention)
{
    double low = .35, high = .35;
    ck_assert_double_eq(learned(&PARAMS, .35, .5), .35);
    for (int i = 0; i < 200; i++) {
        low = learned(&PARAMS, low, 0);
        high = learned(&PARAMS, high, 1);
    }
    ck_assert_double_eq(low, .02);
    ck_assert_double_eq(high, .9);
}
END_TEST

START_TEST(memory_of_brands)
{
    struct viewer viewer = {.attention = .35f};
    ck_assert_int_eq(brand_slot(&viewer, 0), -1);
    remember(&PARAMS, &viewer, 0, .4, 0);
    remember(&PARAMS, &viewer, 7, .2, CH_HOUR);
    ck_assert_int_eq(brand_slot(&viewer, 0), 0);
    ck_assert_int_eq(brand_slot(&viewer, 7), 1);
    ck_assert_uint_eq(viewer.goodwill[0], 400);
    remember(&PARAMS, &viewer, 0, .4, 35 * CH_DAY / 2); /* one half-life later: half of .4 and another .4 */
    ck_assert_uint_eq(viewer.goodwill[0], 600);
    ck_assert_uint_eq(viewer.seen[0], 12);
    remember(&PARAMS, &viewer, 9, .1, 20 * CH_DAY); /* pushes out the older one */
    ck_assert_int_eq(brand_slot(&viewer, 7), -1);
    ck_assert_int_ge(brand_slot(&viewer, 0), 0);
}
END_TEST

/* Where a face is seen from; the same stretch takes a slow walker longer. */
START_TEST(sight)
{
    struct ch_screen small = {.offset_m = 70, .size_m2 = 2.5}, large = {.offset_m = 50, .size_m2 = 8};
    struct ch_passage passage = {.enters = CH_HOUR, .leaves = CH_HOUR + 80 * CH_SECOND, .speed_mm_s = 1250};
    struct sight s;
    ck_assert(in_sight(&PARAMS, &small, 100, &passage, &s));
    ck_assert_int_eq(s.from - CH_HOUR, 32 * CH_SECOND);
    ck_assert_int_eq(s.until - s.from, 24 * CH_SECOND);
    ck_assert(in_sight(&PARAMS, &large, 100, &passage, &s)); /* from the corner on */
    ck_assert_int_eq(s.from, CH_HOUR);
    ck_assert_int_eq(s.until - s.from, 40 * CH_SECOND);
    small.offset_m = 0;
    ck_assert(!in_sight(&PARAMS, &small, 100, &passage, &s));
}
END_TEST

START_TEST(audience_counts_who_is_in_view)
{
    struct audience audience = {{0}, {0}, {0}};
    ck_assert_uint_eq(join(&audience, 1, 5, 100, 200), 1);
    ck_assert_uint_eq(join(&audience, 2, 5, 110, 210), 2);
    ck_assert_uint_eq(join(&audience, 3, 6, 110, 210), 1); /* another screen */
    ck_assert_uint_eq(join(&audience, 4, 5, 205, 300), 2); /* the first has gone */
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_uint_le(join(&audience, 10 + i, 5, 206, 400), IN_VIEW + 1);
    ck_assert_uint_eq(join(&audience, 50, 5, 400, 500), 1); /* all have gone */
}
END_TEST

/* Rain lifts what is tagged with rain, cold what is tagged against heat. */
START_TEST(weather_decides)
{
    struct ch_sky_step steps[] = {{CH_CLEAR, 250}, {CH_RAIN, 50}, {CH_CLEAR, 120}};
    struct ch_world world = {.n_steps = 3, .step = steps};
    struct ch_good_facts coat = {.heat = -.3}, boots = {.rain = .4}, plain = {.heat = 0};
    ck_assert_double_eq_tol(ch_weather_fit(&world, &coat, 0), .2, 1e-12);
    ck_assert_double_eq_tol(ch_weather_fit(&world, &coat, CH_SKY_STEP), .71, 1e-12);
    ck_assert_double_eq_tol(ch_weather_fit(&world, &boots, CH_SKY_STEP), .9, 1e-12);
    for (ch_time t = 0; t < 3 * CH_SKY_STEP; t += CH_SKY_STEP)
        ck_assert_double_eq(ch_weather_fit(&world, &plain, t), .5);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, g06_overlap, 0, 3);
    tcase_add_test(tc, closed_forms);
    tcase_add_test(tc, attention);
    tcase_add_test(tc, memory_of_brands);
    tcase_add_test(tc, sight);
    tcase_add_test(tc, audience_counts_who_is_in_view);
    tcase_add_test(tc, weather_decides);
}

int main(void) { return run_tests("signage", add_tests); }
