/* SPDX-License-Identifier: MIT
 * Accuracy of the portable functions against the 64-bit-mantissa functions of libm, over dense grids of arguments chosen to
 * reach every branch; plus limits, symmetries and monotonicity where callers rely on them. */
#include "../runner.h"
#include <chaland/numeric.h>
#include <check.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static const long double PI_LONG = 3.14159265358979323846264338327950288L;
static const double PI = 3.14159265358979323846;

/* Largest relative error of f against exact over n points between a and b, geometrically or evenly spaced. */
static double relative(double (*f)(double), long double (*exact)(long double), double a, double b, int n, int geometric)
{
    double worst = 0;
    for (int i = 0; i <= n; i++) {
        double share = (double)i / n;
        double x = geometric ? exp(log(a) + share * (log(b) - log(a))) : a + (b - a) * share;
        long double want = exact((long double)x);
        double error = want == 0 ? fabs(f(x)) : (double)fabsl(((long double)f(x) - want) / want);
        if (worst == worst && !(error <= worst)) /* a NaN stays */
            worst = error;
    }
    return worst;
}

static long double logistic_long(long double x) { return 1 / (1 + expl(-x)); }
static long double logit_long(long double p) { return p > 0.25L && p < 0.75L ? 2 * atanhl(2 * p - 1) : logl(p) - log1pl(-p); }
static long double cdf_long(long double z) { return 0.5L * erfcl(-z / sqrtl(2)); }

START_TEST(exp_accuracy)
{
    ck_assert_double_lt(relative(ch_exp, expl, -707, 709.7, 2000000, 0), 2.0e-16);
    ck_assert_double_lt(relative(ch_exp, expl, -1, 1, 1000000, 0), 1.4e-16);
    ck_assert_double_lt(relative(ch_exp, expl, 1e-300, 1, 200000, 1), 1.4e-16);
}
END_TEST

START_TEST(exp_limits)
{
    ck_assert_double_eq(ch_exp(0), 1);
    ck_assert_double_eq(ch_exp(-0.0), 1);
    ck_assert_double_eq(ch_exp(-746), 0);
    ck_assert_double_eq(ch_exp(-1e300), 0);
    ck_assert_double_eq(ch_exp(-INFINITY), 0);
    ck_assert(isinf(ch_exp(709.79)) && isinf(ch_exp(INFINITY)));
    ck_assert(isfinite(ch_exp(709.78)));
    ck_assert(isnan(ch_exp(NAN)));
    for (double x = -745.2; x < -707; x += 0.01) /* subnormal results: a unit of the last place and a little */
        ck_assert_double_le(fabs(ch_exp(x) - exp(x)), 0x1p-1074 + 3e-16 * exp(x));
}
END_TEST

START_TEST(log_accuracy)
{
    ck_assert_double_lt(relative(ch_log, logl, 1e-320, 1.7e308, 2000000, 1), 3e-16);
    ck_assert_double_lt(relative(ch_log, logl, 0.5, 2, 2000000, 0), 3e-16);
    ck_assert_double_lt(relative(ch_log, logl, 0.98, 1.03, 1000000, 0), 3e-16);
    for (int e = 1; e <= 52; e++) {
        ck_assert_double_lt(relative(ch_log, logl, 1 + ldexp(1, -e), 1 + ldexp(1, -e), 1, 0), 3e-16);
        ck_assert_double_lt(relative(ch_log, logl, 1 - ldexp(1, -e - 1), 1 - ldexp(1, -e - 1), 1, 0), 3e-16);
    }
}
END_TEST

START_TEST(log_limits)
{
    ck_assert_double_eq(ch_log(1), 0);
    ck_assert(isinf(ch_log(0)) && ch_log(0) < 0);
    ck_assert(isinf(ch_log(-0.0)) && ch_log(-0.0) < 0);
    ck_assert(isnan(ch_log(-1)) && isnan(ch_log(NAN)) && isnan(ch_log(-INFINITY)));
    ck_assert(isinf(ch_log(INFINITY)) && ch_log(INFINITY) > 0);
    ck_assert_double_eq_tol(ch_log(0x1p-1074), -744.4400719213812, 1e-12);
}
END_TEST

/* Draws by inversion rely on it. */
START_TEST(log_monotone)
{
    double last = -INFINITY;
    unsigned falls = 0;
    for (int i = 0; i < 2000000; i++) {
        double now = ch_log(0.3 + i * 0.7e-6);
        falls += now < last;
        last = now;
    }
    ck_assert_uint_eq(falls, 0);
}
END_TEST

START_TEST(log10_accuracy)
{
    ck_assert_double_lt(relative(ch_log10, log10l, 1e-320, 1.7e308, 1000000, 1), 2.5e-16);
    ck_assert_double_lt(relative(ch_log10, log10l, 0.7, 1.5, 1000000, 0), 3.5e-16);
    double power = 1;
    for (int i = 0; i <= 22; i++, power *= 10) /* decibels of whole powers are whole */
        ck_assert_double_eq(ch_log10(power), i);
    ck_assert(isinf(ch_log10(0)) && isnan(ch_log10(-1)) && isinf(ch_log10(INFINITY)));
}
END_TEST

START_TEST(pow_accuracy)
{
    double worst = 0;
    for (int i = 1; i < 1500; i++)
        for (int j = -150; j <= 150; j++) {
            double x = pow(10, (i - 750) / 100.0), y = j / 17.0;
            long double want = powl((long double)x, (long double)y);
            if (fabsl((long double)y * logl((long double)x)) < 300)
                worst = fmax(worst, (double)fabsl(((long double)ch_pow(x, y) - want) / want));
        }
    ck_assert_double_lt(worst, 1e-13);
    ck_assert_double_eq(ch_pow(0, 2), 0);
    ck_assert_double_eq(ch_pow(7, 0), 1);
    ck_assert_double_eq(ch_pow(0, 0), 1);
    ck_assert_double_eq(ch_pow(1, 1e9), 1);
}
END_TEST

START_TEST(cos_accuracy)
{
    double worst = 0;
    for (int i = -2000000; i <= 2000000; i++) {
        double x = i * 0.0499999;
        worst = fmax(worst, (double)fabsl((long double)ch_cos(x) - cosl((long double)x)));
    }
    for (int i = 0; i < 60000; i++) { /* closest to the zeros, where the reduction shows */
        double x = (double)((i + 0.5L) * PI_LONG);
        worst = fmax(worst, (double)fabsl((long double)ch_cos(x) - cosl((long double)x)));
    }
    ck_assert_double_lt(worst, 3e-16);
    ck_assert_double_eq(ch_cos(0), 1);
    ck_assert(isnan(ch_cos(INFINITY)) && isnan(ch_cos(NAN)));
}
END_TEST

START_TEST(atan2_accuracy)
{
    double worst = 0;
    for (int i = 0; i < 1000000; i++) {
        double angle = (i + 0.5) * 2e-6 * PI - PI, radius = exp((i % 41) - 20.0);
        double y = radius * sin(angle), x = radius * cos(angle);
        worst = fmax(worst, (double)fabsl((long double)ch_atan2(y, x) - atan2l((long double)y, (long double)x)));
    }
    ck_assert_double_lt(worst, 1e-15);
}
END_TEST

START_TEST(atan2_limits)
{
    ck_assert_double_eq(ch_atan2(0, 0), 0);
    ck_assert_double_eq(ch_atan2(0, 1), 0);
    ck_assert_double_eq(ch_atan2(0, -1), PI);
    ck_assert_double_eq(ch_atan2(-0.0, -1), PI); /* the interval is open at -pi */
    ck_assert_double_eq(ch_atan2(1, 0), PI / 2);
    ck_assert_double_eq(ch_atan2(-1, 0), -PI / 2);
    ck_assert_double_eq(ch_atan2(3, 3), PI / 4);
    ck_assert_double_eq(ch_atan2(-3, -3), -3 * PI / 4);
    ck_assert_double_eq(ch_atan2(INFINITY, -INFINITY), 3 * PI / 4);
    ck_assert_double_eq(ch_atan2(1, -INFINITY), PI);
    ck_assert(isnan(ch_atan2(NAN, 1)) && isnan(ch_atan2(1, NAN)));
}
END_TEST

START_TEST(norm_cdf_accuracy)
{
    double worst = 0;
    for (int i = -400000; i <= 400000; i++)
        worst = fmax(worst, (double)fabsl((long double)ch_norm_cdf(i * 1e-4) - cdf_long(i * (long double)1e-4)));
    ck_assert_double_lt(worst, 1e-12);
    ck_assert_double_lt(worst, 4e-16); /* in fact */
    ck_assert_double_lt(relative(ch_norm_cdf, cdf_long, -37, 0, 400000, 0), 1e-13);
    ck_assert_double_eq_tol(ch_norm_cdf(0), 0.5, 1.2e-16);
    ck_assert_double_eq(ch_norm_cdf(INFINITY), 1);
    ck_assert_double_eq(ch_norm_cdf(-INFINITY), 0);
    ck_assert(isnan(ch_norm_cdf(NAN)));
}
END_TEST

/* GSL's inverse has a relative error near 1e-15; one Newton step in extended precision would only confirm both. */
START_TEST(norm_inv_accuracy)
{
    double worst = 0;
    for (int i = 1; i < 2000000; i++) {
        double p = i / 2e6, want = gsl_cdf_ugaussian_Pinv(p);
        worst = fmax(worst, want == 0 ? fabs(ch_norm_inv(p)) : fabs(ch_norm_inv(p) / want - 1));
    }
    for (double e = -300; e < -0.31; e += 1e-3) {
        double p = pow(10, e);
        worst = fmax(worst, fabs(ch_norm_inv(p) / gsl_cdf_ugaussian_Pinv(p) - 1));
    }
    for (int e = 2; e <= 53; e++)
        worst = fmax(worst, fabs(ch_norm_inv(1 - ldexp(1, -e)) / gsl_cdf_ugaussian_Qinv(ldexp(1, -e)) - 1));
    ck_assert_double_lt(worst, 1e-12);
    ck_assert_double_lt(worst, 5e-15); /* in fact */
    ck_assert_double_eq(ch_norm_inv(0.5), 0);
    ck_assert(isinf(ch_norm_inv(0)) && isinf(ch_norm_inv(1)) && isnan(ch_norm_inv(-1)) && isnan(ch_norm_inv(NAN)));
}
END_TEST

START_TEST(norm_inv_undoes_cdf)
{
    for (int i = -3700; i <= 0; i++) {
        double z = i * 0.01, p = ch_norm_cdf(z);
        ck_assert_double_eq_tol(ch_norm_inv(p), z, 1e-13 * (1 - z));
        ck_assert_double_eq(ch_norm_inv(0.5 + ldexp(i, -13)), -ch_norm_inv(0.5 - ldexp(i, -13)));
    }
}
END_TEST

START_TEST(logistic_accuracy)
{
    ck_assert_double_lt(relative(ch_logistic, logistic_long, -700, 40, 1000000, 0), 4e-16);
    ck_assert_double_lt(relative(ch_logistic, logistic_long, -3, 3, 1000000, 0), 4e-16);
    ck_assert_double_lt(relative(ch_logit, logit_long, 1e-300, 0.2, 1000000, 1), 4e-16);
    ck_assert_double_lt(relative(ch_logit, logit_long, 0.001, 0.999, 1000000, 0), 4e-16);
    ck_assert_double_eq(ch_logit(0.5), 0);
    ck_assert_double_eq(ch_logistic(0), 0.5);
    ck_assert_double_eq(ch_logistic(-1e9), 0);
    ck_assert_double_eq(ch_logistic(1e9), 1);
    ck_assert(isnan(ch_logistic(NAN)));
}
END_TEST

START_TEST(sqrt_is_correctly_rounded)
{
    for (int i = 0; i < 100000; i++)
        ck_assert_double_eq(ch_sqrt(i * 1.37), sqrt(i * 1.37));
    ck_assert(isnan(ch_sqrt(-1)));
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, exp_accuracy);
    tcase_add_test(all, exp_limits);
    tcase_add_test(all, log_accuracy);
    tcase_add_test(all, log_limits);
    tcase_add_test(all, log_monotone);
    tcase_add_test(all, log10_accuracy);
    tcase_add_test(all, pow_accuracy);
    tcase_add_test(all, cos_accuracy);
    tcase_add_test(all, atan2_accuracy);
    tcase_add_test(all, atan2_limits);
    tcase_add_test(all, norm_cdf_accuracy);
    tcase_add_test(all, norm_inv_accuracy);
    tcase_add_test(all, norm_inv_undoes_cdf);
    tcase_add_test(all, logistic_accuracy);
    tcase_add_test(all, sqrt_is_correctly_rounded);
}

int main(void) { return run_tests("numeric", add_tests); }
