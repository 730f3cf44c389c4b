/* SPDX-License-Identifier: MIT
 * Consent: closed forms of the ask (G10), the two-state chain (G09), tolerance, and that the silent world has no trend.
 *
 * Statistical: fixed seeds, |z| < 4.892 (false alarms 1e-6). */
#include "../runner.h"
#include <check.h>
#include <math.h>

#define ch_model_consent ch_model_consent_here
#include "../../models/consent.c"
#undef ch_model_consent

static const double Z_MAX = 4.892;
static const struct ch_key KEY = {.seed = 12, .replication = 9};

static struct consent_params defaults(void)
{
    return (struct consent_params){.transparency = 0,
                                   .accept = {3, {0, -0.9, -1.8}},
                                   .types = {3, {-4, 0, 1.5}},
                                   .weight_transparency = 1,
                                   .weight_benefit = 1.2,
                                   .weight_relevance = 0.8,
                                   .weight_fatigue = 0.9,
                                   .fatigue_asks = 5,
                                   .tolerance = 4.437,
                                   .tolerance_sd = 1.10,
                                   .exit_base = 0.002,
                                   .exit_irritated = 0.1,
                                   .withdrawal = 0.2,
                                   .memory = 14,
                                   .memory_gain = 0.2,
                                   .initial = {3, {0.30, 0.15, 0.06}}};
}

START_TEST(g10_accept)
{
    static const double expected[2][3] = {{.646, .426, .231}, {.832, .668, .450}};
    struct consent_params p = defaults();
    for (int tr = 0; tr < 2; tr++) {
        p.transparency = tr;
        for (int k = 1; k <= 3; k++)
            ck_assert_double_eq_tol(accept_probability(&p, k, CH_PRAGMATIST, 0.5, 0, 0), expected[tr][k - 1], 5e-4);
    }
    ck_assert_double_lt(accept_probability(&p, 1, CH_FUNDAMENTALIST, 0.5, 0, 0), .1);
    ck_assert_double_lt(accept_probability(&p, 1, CH_PRAGMATIST, 0.5, 0, 5), accept_probability(&p, 1, CH_PRAGMATIST, 0.5, 0, 0));
    ck_assert_double_gt(accept_probability(&p, 1, CH_PRAGMATIST, 0.5, 1, 0), accept_probability(&p, 1, CH_PRAGMATIST, 0.5, 0, 0));
}
END_TEST

/* Answers to an ask are nested and never lower a level. */
START_TEST(ask_is_nested)
{
    struct consent_params p = defaults();
    struct consent_state s = {.asks = 0};
    unsigned n = 100000, at_least[4] = {0};
    for (unsigned i = 0; i < n; i++) {
        struct ch_draw draw = ch_draw_open(KEY, i, 1, 0);
        int to = answer_to_ask(&p, &s, CH_PRAGMATIST, 0.5, 0, ch_draw_uniform(&draw));
        for (int k = 0; k <= to; k++)
            at_least[k]++;
    }
    static const double expected[] = {1, .645656, .425557, .231475};
    for (int k = 1; k <= 3; k++) {
        double z = (at_least[k] - n * expected[k]) / sqrt(n * expected[k] * (1 - expected[k]));
        ck_assert_msg(fabs(z) < Z_MAX, "level %d: z %.2f", k, z);
    }
    ck_assert_int_eq(answer_to_ask(&p, &s, CH_FUNDAMENTALIST, 0, 2, 0.999), 2);
    ck_assert_int_eq(answer_to_ask(&p, &s, CH_UNCONCERNED, 1, 1, 1e-9), 3);
}
END_TEST

/* Rates .02 in and .005 out leave a share of .80: `balance` finds the former from the latter, and the chain stays there. */
START_TEST(g09_two_state_chain)
{
    double reach[3] = {.80, 0, 0}, inflow[3];
    balance(reach, .005, 0.2, inflow);
    ck_assert_double_eq_tol(inflow[0], .02, 1e-12);
    ck_assert_double_eq_tol(inflow[0] / (inflow[0] + .005), .800, 1e-12);
    double in = within_a_day(inflow[0]), out = within_a_day(.005), share = in / (in + out), sum = 0, rho = 1 - in - out;
    unsigned n = 20000, days = 400;
    ck_assert_double_eq_tol(share, .80, .002);
    for (unsigned i = 0; i < n; i++) {
        struct ch_draw draw = ch_draw_open(KEY, i, 2, 0);
        int level = 0;
        for (unsigned d = 0; d < days; d++)
            level = level ? !ch_draw_chance(&draw, out) : ch_draw_chance(&draw, in);
        sum += level;
    }
    double expected = share * (1 - pow(rho, days));
    double z = (sum / n - expected) / sqrt(expected * (1 - expected) / n);
    ck_assert_msg(fabs(z) < Z_MAX, "share %.4f, expected %.4f", sum / n, expected);
}
END_TEST

/* P(theta <= 1, 5, 10 a week) = .088 .543 .770 (M12, fitted to Localytics 2017). */
START_TEST(tolerance)
{
    struct consent_params p = defaults();
    static const double at[] = {1, 5, 10}, expected[] = {.088, .543, .770};
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(ch_norm_cdf(log(at[i] / p.tolerance) / p.tolerance_sd), expected[i], 1e-3);
    ck_assert_double_eq(exit_hazard(&p, 0, 4), .002);
    ck_assert_double_eq(exit_hazard(&p, 4, 4), .002);
    ck_assert_double_eq_tol(exit_hazard(&p, 8, 4), .102, 1e-15);
}
END_TEST

/* Whatever the number of retailers, what is looked up by words is what is found one by one. */
START_TEST(levels_pack)
{
    static const uint32_t sizes[] = {1, 8, 11, 31, 32, 33, 64, 65, 200};
    for (unsigned k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        uint32_t n = sizes[k], held = 0, found = 0;
        for (unsigned sparse = 4; sparse <= 64; sparse *= 4) {
            unsigned char bytes[64] = {0};
            int top = 0;
            unsigned mask = 0;
            ck_assert_uint_le(level_bytes(n), sizeof bytes);
            for (uint32_t r = 0; r < n; r++) {
                int level = ch_mix(r + 1000 * n) % sparse < 4 ? (int)(ch_mix(r + 1000 * n) % sparse) : 0;
                set_level(bytes, r, 3); /* which is overwritten */
                set_level(bytes, r, level);
                top = level > top ? level : top;
                mask |= (unsigned)(level > 0) << r % 8;
            }
            held = found = 0;
            for (uint32_t r = 0; r < n; r++) {
                int level = ch_mix(r + 1000 * n) % sparse < 4 ? (int)(ch_mix(r + 1000 * n) % sparse) : 0;
                ck_assert_int_eq(level_of(bytes, r), level);
                held += level > 0;
            }
            for (uint32_t r = 0; (r = next_held(bytes, n, r)) < n; r++, found++)
                ck_assert_int_gt(level_of(bytes, r), 0);
            ck_assert_uint_eq(found, held);
            ck_assert_uint_eq(pairs_of(bytes, n), held);
            ck_assert_int_eq(highest_level(bytes, n), top);
            ck_assert_uint_eq(recognisers(bytes, n), mask);
        }
    }
}
END_TEST

/* The share that starts at a level somewhere does not depend on how many retailers there are. */
START_TEST(starting_shares)
{
    struct consent_params p = defaults();
    for (unsigned n = 1; n <= 60; n += 59) {
        for (int k = 0; k < 3; k++) {
            double nowhere = 1;
            for (unsigned r = 0; r < n; r++)
                nowhere *= 1 - starting_share(p.initial.v[k], 0, 1.0 / n);
            ck_assert_double_eq_tol(1 - nowhere, p.initial.v[k], 1e-12);
        }
    }
    ck_assert_double_eq(starting_share(0, 1.5, 0.5), 0);
    ck_assert_double_gt(starting_share(.1, 1.5, 0.5), starting_share(.1, 0, 0.5));
}
END_TEST

/* The law of levels that `balance` keeps: one step of the chain over all four levels leaves the shares where they are. */
START_TEST(silence_has_no_trend)
{
    struct consent_params p = defaults();
    double inflow[3], h = p.exit_base, w = p.withdrawal;
    balance(p.initial.v, h, w, inflow);
    double pi[4] = {1 - .30, .30 - .15, .15 - .06, .06}, next[4] = {0};
    for (int k = 0; k < 4; k++) {
        double down = k ? h : 0, up = k < 3 ? inflow[k] : 0;
        next[k] += pi[k] * (1 - down - up);
        if (k < 3)
            next[k + 1] += pi[k] * up;
        if (k) {
            next[k - 1] += pi[k] * down * (1 - w);
            next[0] += pi[k] * down * w;
        }
    }
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq_tol(next[k], pi[k], 1e-15);
    double none[3] = {0, 0, 0};
    balance(none, h, w, inflow); /* a world that starts without consent stays without it */
    ck_assert_double_eq(inflow[0] + inflow[1] + inflow[2], 0);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, g10_accept);
    tcase_add_test(tc, ask_is_nested);
    tcase_add_test(tc, g09_two_state_chain);
    tcase_add_test(tc, tolerance);
    tcase_add_test(tc, levels_pack);
    tcase_add_test(tc, starting_shares);
    tcase_add_test(tc, silence_has_no_trend);
}

int main(void) { return run_tests("consent", add_tests); }
