/* SPDX-License-Identifier: MIT
 * Draws: published vectors, the layout of key and counter, exact edges, and the law of each sampler.
 *
 * Statistical tests have fixed seeds and a false-alarm rate of 1e-6 per statement (|z| < 4.892 for normal statements,
 * p > 1e-6 for chi-square). Each law is tested by a chi-square over 50 cells of equal probability with 2 million draws: a
 * scale that is 1 % off moves it by 20 standard deviations (exponential, the least), and the negative controls must fail. */
#include "../runner.h"
#include <chaland/numeric.h>
#include <chaland/rng.h>
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct ch_key KEY = {20240523, 3};
static const double ALPHA = 1e-6, Z_MAX = 4.892;

/* ---- the generator ------------------------------------------------------------------------------------------------ */

static void check_block(const uint32_t counter[4], struct ch_key key, const uint32_t want[4])
{
    uint32_t got[4];
    ch_philox(counter, key, got);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(got[i], want[i]);
}

/* Vectors published with Random123 (Salmon et al. 2011). */
START_TEST(known_answers)
{
    const uint32_t ones = UINT32_MAX;
    check_block((uint32_t[]){0, 0, 0, 0}, (struct ch_key){0, 0}, (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check_block((uint32_t[]){ones, ones, ones, ones}, (struct ch_key){ones, ones},
                (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    check_block((uint32_t[]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, (struct ch_key){0xa4093822, 0x299f31d0},
                (uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}
END_TEST

START_TEST(splitmix_known_answers)
{
    ck_assert_uint_eq(ch_mix(0), 0xe220a8397b1dcdafu);
    ck_assert_uint_eq(ch_mix(0x9e3779b97f4a7c15u), 0x6e789e6aa1b965f4u);
    ck_assert_uint_eq(ch_spread(0, 0), 0xe220a8397b1dcdafu);
    ck_assert_uint_eq(ch_spread(0, 1), 0x6e789e6aa1b965f4u);
}
END_TEST

/* Corners of neighbours' legs: a number with the next one, with its own lower half, with what follows from it, and with that of the
 * next person at the same corner are independent. */
START_TEST(spread_is_independent)
{
    enum { PEOPLE = 20000, CORNERS = 12, CELLS = 16, PAIRS = 4 };
    static uint32_t count[PAIRS][CELLS][CELLS];
    uint64_t before = 0, now;
    for (uint32_t person = 0; person < PEOPLE; person++, before = now) {
        struct ch_draw draw = ch_draw_open(KEY, person, 3, 0);
        now = ch_draw_u64(&draw);
        for (uint64_t i = 0; i < CORNERS; i++) {
            uint64_t x = ch_spread(now, i),
                     other[PAIRS] = {ch_spread(now, i + 1), x << 42, ch_spread(x, 1), ch_spread(before, i)};
            for (unsigned k = 0; k < PAIRS; k++)
                count[k][x >> 60][other[k] >> 60]++;
        }
    }
    for (unsigned k = 0; k < PAIRS; k++) {
        double chi2 = 0, want = (double)PEOPLE * CORNERS / (CELLS * CELLS);
        for (unsigned cell = 0; cell < CELLS * CELLS; cell++)
            chi2 += (count[k][cell / CELLS][cell % CELLS] - want) * (count[k][cell / CELLS][cell % CELLS] - want) / want;
        ck_assert_double_gt(gsl_cdf_chisq_Q(chi2, CELLS * CELLS - 1), ALPHA);
    }
}
END_TEST

START_TEST(counter_layout)
{
    struct ch_draw draw = ch_draw_open(KEY, 77, 0xabcd, 0x1234567890abcdefu);
    for (uint32_t block = 0; block < 3; block++) {
        uint32_t want[4];
        ch_philox((uint32_t[]){77, 0xabcd0000u | block, 0x90abcdefu, 0x12345678u}, KEY, want);
        for (int i = 0; i < 4; i++)
            ck_assert_uint_eq(ch_draw_u32(&draw), want[i]);
    }
}
END_TEST

START_TEST(wide_draws_start_at_even_words)
{
    uint32_t w[8];
    ch_philox((uint32_t[]){5, 9u << 16, 1, 0}, KEY, w);
    ch_philox((uint32_t[]){5, 9u << 16 | 1, 1, 0}, KEY, w + 4);
    struct ch_draw draw = ch_draw_open(KEY, 5, 9, 1);
    ck_assert_uint_eq(ch_draw_u64(&draw), (uint64_t)w[1] << 32 | w[0]);
    ck_assert_uint_eq(ch_draw_u32(&draw), w[2]);
    ck_assert_uint_eq(ch_draw_u64(&draw), (uint64_t)w[5] << 32 | w[4]); /* word 3 is skipped */
    ck_assert_uint_eq(ch_draw_u32(&draw), w[6]);
    ck_assert_uint_eq(ch_draw_u32(&draw), w[7]);
}
END_TEST

START_TEST(whole_stream_can_be_used)
{
    struct ch_draw draw = ch_draw_open(KEY, 1, 2, 3);
    uint32_t last[4], word = 0;
    for (uint32_t i = 0; i < 4u << 16; i++)
        word = ch_draw_u32(&draw);
    ch_philox((uint32_t[]){1, 2u << 16 | 0xffffu, 3, 0}, KEY, last);
    ck_assert_uint_eq(word, last[3]);
}
END_TEST

START_TEST(stream_ends_in_an_assertion)
{
    struct ch_draw draw = ch_draw_open(KEY, 1, 2, 3);
    for (uint32_t i = 0; i < (4u << 16) + 1; i++)
        ch_draw_u32(&draw);
}
END_TEST

START_TEST(below_zero_is_refused)
{
    struct ch_draw draw = ch_draw_open(KEY, 1, 2, 3);
    ch_draw_below(&draw, 0);
}
END_TEST

START_TEST(poisson_beyond_range_is_refused)
{
    struct ch_draw draw = ch_draw_open(KEY, 1, 2, 3);
    ch_draw_poisson(&draw, 700.1);
}
END_TEST

START_TEST(weights_without_sum_are_refused)
{
    struct ch_draw draw = ch_draw_open(KEY, 1, 2, 3);
    ch_draw_weighted(&draw, (double[]){0, 0}, 2);
}
END_TEST

/* A stream about to hand out `word` as its next 64 bits. */
static struct ch_draw stream_of(uint64_t word)
{
    struct ch_draw draw = ch_draw_open(KEY, 0, 0, 0);
    ch_draw_u64(&draw); /* now two words are left; put ours there */
    draw.word[2] = (uint32_t)word;
    draw.word[3] = (uint32_t)(word >> 32);
    return draw;
}

START_TEST(uniform_is_open)
{
    struct ch_draw low = stream_of(0), high = stream_of(UINT64_MAX);
    double a = ch_draw_uniform(&low), b = ch_draw_uniform(&high);
    ck_assert_double_eq(a, 0x1p-53);
    ck_assert_double_eq(b, 1 - 0x1p-53);
    ck_assert(isfinite(-ch_log(-ch_log(a))) && isfinite(-ch_log(-ch_log(b))));
    ck_assert(isfinite(ch_norm_inv(a)) && isfinite(ch_norm_inv(b)));
}
END_TEST

static int chance_of(uint64_t word, double p)
{
    struct ch_draw draw = stream_of(word);
    int yes = ch_draw_chance(&draw, p);
    ck_assert_uint_eq(draw.used, 12); /* always one draw */
    return yes;
}

START_TEST(chance_compares_exactly)
{
    ck_assert(!chance_of(0, 0) && !chance_of(0, -1) && chance_of(0, 0x1p-1074));
    ck_assert(!chance_of(1, 0x1p-64) && chance_of(0, 0x1p-64));
    ck_assert(chance_of(1, 0x1.8p-64) && !chance_of(2, 0x1.8p-64));
    ck_assert(chance_of(UINT64_MAX, 1) && chance_of(UINT64_MAX, 2));
    ck_assert(!chance_of(UINT64_MAX, 1 - 0x1p-53));
    ck_assert(chance_of(UINT64_MAX - 2048, 1 - 0x1p-53) && !chance_of(UINT64_MAX - 2047, 1 - 0x1p-53));
    ck_assert(chance_of((UINT64_C(1) << 63) - 1, 0.5) && !chance_of(UINT64_C(1) << 63, 0.5));
}
END_TEST

/* Larger bits never give a larger exponential, nor a smaller normal, Gumbel or Poisson number. */
START_TEST(inversion_is_monotone)
{
    double last[4] = {INFINITY, -INFINITY, -INFINITY, -1};
    uint64_t step = UINT64_MAX / 20011;
    for (uint64_t i = 0; i <= 20011; i++) {
        struct ch_draw a = stream_of(i * step), b = a, c = a, d = a;
        double now[4] = {ch_draw_exponential(&a), ch_draw_normal(&b), ch_draw_gumbel(&c), ch_draw_poisson(&d, 37.5)};
        ck_assert(now[0] <= last[0] && now[1] >= last[1] && now[2] >= last[2] && now[3] >= last[3]);
        memcpy(last, now, sizeof now);
    }
}
END_TEST

START_TEST(poisson_ends_at_both_sides)
{
    static const double MEAN[] = {0, 1e-300, 0.3, 5, 99.5, 700};
    for (size_t i = 0; i < sizeof MEAN / sizeof MEAN[0]; i++) {
        struct ch_draw low = stream_of(0), high = stream_of(UINT64_MAX);
        uint32_t few = ch_draw_poisson(&low, MEAN[i]), many = ch_draw_poisson(&high, MEAN[i]);
        ck_assert_uint_le(few, many);
        ck_assert_uint_le(many, (uint32_t)(MEAN[i] + 12 * sqrt(MEAN[i]) + 20));
    }
}
END_TEST

START_TEST(weighted_never_takes_zero_weights)
{
    const double weight[] = {0, 1, 0, 3, 0, 0};
    uint32_t count[6] = {0};
    for (uint32_t i = 0; i < 100000; i++) {
        struct ch_draw draw = ch_draw_open(KEY, i, 11, 0);
        count[ch_draw_weighted(&draw, weight, 6)]++;
    }
    ck_assert_uint_eq(count[0] + count[2] + count[4] + count[5], 0);
    ck_assert_double_lt(fabs(count[1] - 25000.0), Z_MAX * sqrt(100000 * 0.25 * 0.75));
    struct ch_draw low = stream_of(0), high = stream_of(UINT64_MAX);
    ck_assert_uint_eq(ch_draw_weighted(&low, weight, 6), 1);
    ck_assert_uint_eq(ch_draw_weighted(&high, weight, 6), 3);
}
END_TEST

/* ---- independence of neighbours ------------------------------------------------------------------------------------ */

enum { SIDE = 64, PAIRS = 1 << 20 };

/* z of the chi-square of pairs of draws on a SIDE x SIDE grid; (entity, purpose, occasion) differ by one in one place. */
static double neighbour_z(uint32_t entity, uint32_t purpose, uint32_t occasion, uint32_t replication)
{
    static uint32_t cell[SIDE][SIDE];
    memset(cell, 0, sizeof cell);
    for (uint32_t i = 0; i < PAIRS; i++) {
        struct ch_key other = {KEY.seed, KEY.replication + replication};
        struct ch_draw a = ch_draw_open(KEY, i, 100, 5);
        struct ch_draw b = ch_draw_open(other, i + entity, (uint16_t)(100 + purpose), 5 + occasion);
        cell[(unsigned)(ch_draw_uniform(&a) * SIDE)][(unsigned)(ch_draw_uniform(&b) * SIDE)]++;
    }
    double chi2 = 0, expected = (double)PAIRS / (SIDE * SIDE), freedom = SIDE * SIDE - 1;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++)
            chi2 += (cell[i][j] - expected) * (cell[i][j] - expected) / expected;
    return (chi2 - freedom) / sqrt(2 * freedom);
}

START_TEST(neighbours_are_independent)
{
    ck_assert_double_lt(fabs(neighbour_z(1, 0, 0, 0)), Z_MAX);
    ck_assert_double_lt(fabs(neighbour_z(0, 1, 0, 0)), Z_MAX);
    ck_assert_double_lt(fabs(neighbour_z(0, 0, 1, 0)), Z_MAX);
    ck_assert_double_lt(fabs(neighbour_z(0, 0, 0, 1)), Z_MAX);
    ck_assert_double_gt(neighbour_z(0, 0, 0, 0), 1000); /* control: a draw is not independent of itself */
}
END_TEST

/* ---- laws ---------------------------------------------------------------------------------------------------------- */

enum { DRAWS = 2000000, CELLS = 50 };

typedef double (*sampler)(struct ch_draw *draw);
typedef double (*law)(double x); /* distribution function */

/* Probability of a chi-square at least as large, when the values of `sample` times (1 + bias) are filed by their `cdf`. */
static double law_p(sampler sample, law cdf, double bias, uint16_t purpose)
{
    uint32_t cell[CELLS] = {0}, outside = 0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct ch_draw draw = ch_draw_open(KEY, i, purpose, 1);
        double share = cdf(sample(&draw) * (1 + bias));
        outside += !(share >= 0 && share <= 1);
        cell[share < 1 ? (unsigned)(share * CELLS) : CELLS - 1]++;
    }
    ck_assert_uint_eq(outside, 0);
    double chi2 = 0, expected = (double)DRAWS / CELLS;
    for (int i = 0; i < CELLS; i++)
        chi2 += (cell[i] - expected) * (cell[i] - expected) / expected;
    return gsl_cdf_chisq_Q(chi2, CELLS - 1);
}

static double sample_lognormal(struct ch_draw *draw) { return ch_draw_lognormal(draw, 35, 0.6); }
static double sample_below(struct ch_draw *draw) { return ch_draw_below(draw, 4000000000u) / 4e9; }
static double cdf_uniform(double x) { return x < 1 ? x : 1; }
static double cdf_exponential(double x) { return gsl_cdf_exponential_P(x, 1); }
static double cdf_normal(double x) { return gsl_cdf_ugaussian_P(x); }
static double cdf_gumbel(double x) { return gsl_cdf_gumbel1_P(x, 1, 1); }
static double cdf_lognormal(double x) { return gsl_cdf_lognormal_P(x, log(35), 0.6); }

static void check_law(sampler sample, law cdf, uint16_t purpose)
{
    ck_assert_double_gt(law_p(sample, cdf, 0, purpose), ALPHA);
    ck_assert_double_lt(law_p(sample, cdf, 0.01, purpose), ALPHA);
}

START_TEST(laws_are_right)
{
    check_law(ch_draw_uniform, cdf_uniform, 20);
    check_law(ch_draw_exponential, cdf_exponential, 21);
    check_law(ch_draw_normal, cdf_normal, 22);
    check_law(ch_draw_gumbel, cdf_gumbel, 23);
    check_law(sample_lognormal, cdf_lognormal, 24);
    check_law(sample_below, cdf_uniform, 25);
}
END_TEST

enum { COUNTS = 400000 };

/* Chi-square of COUNTS Poisson numbers of mean * (1 + bias) against the law of `mean`; cells with fewer than 10 expected
 * are joined with their neighbours. */
static double poisson_p(double mean, double bias, uint16_t purpose)
{
    static uint32_t count[1200];
    memset(count, 0, sizeof count);
    for (uint32_t i = 0; i < COUNTS; i++) {
        struct ch_draw draw = ch_draw_open(KEY, i, purpose, 2);
        count[ch_draw_poisson(&draw, mean * (1 + bias))]++;
    }
    double chi2 = 0, expected = 0, found = 0, done = 0;
    int cells = 0;
    for (unsigned k = 0; k < 1200 && done < COUNTS - 10; k++) {
        double share = gsl_cdf_poisson_P(k, mean) * COUNTS - done;
        expected += share;
        found += count[k];
        done += share;
        if (expected < 10)
            continue;
        chi2 += (found - expected) * (found - expected) / expected;
        expected = found = 0;
        cells++;
    }
    return gsl_cdf_chisq_Q(chi2, cells - 1);
}

START_TEST(poisson_law_is_right)
{
    ck_assert_double_gt(poisson_p(0.3, 0, 30), ALPHA);
    ck_assert_double_gt(poisson_p(3, 0, 31), ALPHA);
    ck_assert_double_gt(poisson_p(30, 0, 32), ALPHA);
    ck_assert_double_gt(poisson_p(690, 0, 33), ALPHA);
    ck_assert_double_lt(poisson_p(3, 0.01, 31), ALPHA); /* control */
    ck_assert_double_lt(poisson_p(30, 0.01, 32), ALPHA);
}
END_TEST

/* z of the number of successes among 4 million, where p was meant and p * (1 + bias) drawn. */
static double chance_z(double p, double bias, uint16_t purpose)
{
    const uint32_t n = 4000000;
    double yes = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct ch_draw draw = ch_draw_open(KEY, i, purpose, 3);
        yes += ch_draw_chance(&draw, p * (1 + bias));
    }
    return (yes - n * p) / sqrt(n * p * (1 - p));
}

START_TEST(chance_is_right)
{
    ck_assert_double_lt(fabs(chance_z(0.03, 0, 40)), Z_MAX);
    ck_assert_double_lt(fabs(chance_z(0.5, 0, 41)), Z_MAX);
    ck_assert_double_lt(fabs(chance_z(0.97, 0, 42)), Z_MAX);
    ck_assert_double_gt(chance_z(0.5, 0.01, 41), Z_MAX); /* control */
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, known_answers);
    tcase_add_test(all, splitmix_known_answers);
    tcase_add_test(all, spread_is_independent);
    tcase_add_test(all, counter_layout);
    tcase_add_test(all, wide_draws_start_at_even_words);
    tcase_add_test(all, whole_stream_can_be_used);
    tcase_add_test_raise_signal(all, stream_ends_in_an_assertion, SIGABRT);
    tcase_add_test_raise_signal(all, below_zero_is_refused, SIGABRT);
    tcase_add_test_raise_signal(all, poisson_beyond_range_is_refused, SIGABRT);
    tcase_add_test_raise_signal(all, weights_without_sum_are_refused, SIGABRT);
    tcase_add_test(all, uniform_is_open);
    tcase_add_test(all, chance_compares_exactly);
    tcase_add_test(all, inversion_is_monotone);
    tcase_add_test(all, poisson_ends_at_both_sides);
    tcase_add_test(all, weighted_never_takes_zero_weights);
    tcase_add_test(all, neighbours_are_independent);
    tcase_add_test(all, laws_are_right);
    tcase_add_test(all, poisson_law_is_right);
    tcase_add_test(all, chance_is_right);
}

int main(void) { return run_tests("rng", add_tests); }
