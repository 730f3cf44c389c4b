/* SPDX-License-Identifier: MIT
 * Elementary functions from correctly rounded operations alone. Each reduces its argument to a short interval with an exact
 * or two-piece constant, evaluates a short polynomial there, and adds the large part last. The constants come from
 * tests/unit/numeric_table.py. Compile with contraction off: a fused multiply-add would change last bits.
 * The library is built for round-to-nearest and for doubles that are evaluated as doubles (not x87). */
#include "base/numeric_table.h"
#include <chaland/numeric.h>
#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be evaluated as doubles");
_Static_assert(DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024, "doubles must be IEEE 754 binary64");

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const double INFINITE = DBL_MAX * 2;

/* Added and subtracted again, it rounds to an integer; added, it leaves that integer in the lowest bits. */
static const double ROUNDER = 0x1.8p52;

static inline uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline double not_a_number(void) { return double_of(0x7ff8000000000000u); }

static inline double magnitude(double x) { return double_of(bits_of(x) & ~(UINT64_C(1) << 63)); }

static inline double series(const double *c, size_t n, double x)
{
    double sum = c[n - 1];
    for (size_t i = n - 1; i-- > 0;)
        sum = sum * x + c[i];
    return sum;
}

/* 2^k for -1022 <= k <= 1023. */
static inline double power_of_two(int64_t k) { return double_of((uint64_t)(k + 1023) << 52); }

/* x = k ln 2 / 64 + r, and e^x = 2^(k / 64) e^r. */
double ch_exp(double x)
{
    if (!(x > -746 && x < 710)) /* beyond the range, or NaN */
        return x != x ? x : x > 0 ? INFINITE : 0;
    double shifted = x * STEPS + ROUNDER;
    double k = shifted - ROUNDER;
    int64_t step = (int64_t)k;
    double r = (x - k * STEP_HIGH) - k * STEP_LOW;
    const double *c = EXP_SERIES;
    double grown = r + (r * r) * ((c[0] + r * c[1]) + (r * r) * (c[2] + r * c[3])); /* e^r - 1 */
    double high = EXP_TABLE[step & 63].high;
    double y = high + (EXP_TABLE[step & 63].low + high * grown);
    int64_t power = (step - (step & 63)) / 64;
    if (power >= -1021 && power <= 1022)
        return y * power_of_two(power);
    int64_t half = power / 2; /* two steps where one factor would overflow or be subnormal */
    return y * power_of_two(half) * power_of_two(power - half);
}

/* log x = high + low for positive, normal x: x = 2^k z with z in [0.6875, 1.375), piece i of which has the point c, and
 * log z = log c + log(1 + r), r = (z - c) / c; the difference is exact. */
static inline double log_parts(uint64_t bits, int64_t exponent, double *low)
{
    uint64_t above = bits - UINT64_C(0x3fe6000000000000);
    unsigned i = (unsigned)(above >> 46) & 63u;
    uint64_t power = above & UINT64_C(0xfff0000000000000);
    double k = (double)((int64_t)(power >> 52) - ((int64_t)(power >> 63) << 12) + exponent);
    double r = (double_of(bits - power) - LOG_TABLE[i].c) * LOG_TABLE[i].inverse;
    const double *c = LOG_SERIES;
    double r2 = r * r;
    double curve = ((c[0] + r * c[1]) + r2 * (c[2] + r * c[3])) + (r2 * r2) * ((c[4] + r * c[5]) + r2 * (c[6] + r * c[7]));
    double base = k * LN2_HIGH + LOG_TABLE[i].high; /* exact: multiples of 2^-42 below 2^10 */
    double high = base + r;
    *low = ((base - high) + r) + ((k * LN2_LOW + LOG_TABLE[i].low) - r2 * curve);
    return high;
}

/* The two parts for any argument; zero, negative, infinite and NaN give their limits as high part. */
static double log_parts_any(double x, double *low)
{
    *low = 0;
    if (x != x || x == INFINITE)
        return x;
    if (x <= 0)
        return x < 0 ? not_a_number() : -INFINITE;
    if (x < DBL_MIN)
        return log_parts(bits_of(x * 0x1p54), -54, low);
    return log_parts(bits_of(x), 0, low);
}

double ch_log(double x)
{
    uint64_t bits = bits_of(x);
    double low, high;
    if (bits - 0x0010000000000000u < 0x7fe0000000000000u) /* positive and normal */
        high = log_parts(bits, 0, &low);
    else
        high = log_parts_any(x, &low);
    return high + low;
}

/* The first 26 bits of the logarithm multiply the first 25 of 1/ln 10 exactly. */
double ch_log10(double x)
{
    double low, high = log_parts_any(x, &low);
    if (high - high != 0)
        return high;
    double head = double_of(bits_of(high) & ~UINT64_C(0x7ffffff));
    double tail = (high - head) + low;
    return head * LOG10E_HIGH + (head * LOG10E_LOW + tail * (LOG10E_HIGH + LOG10E_LOW));
}

double ch_pow(double x, double y)
{
    if (y == 0)
        return 1;
    return ch_exp(y * ch_log(x));
}

static inline double sin_short(double x)
{
    double u = x * x;
    return x + x * (u * series(SIN_SERIES, COUNT(SIN_SERIES), u));
}

static inline double cos_short(double x)
{
    double u = x * x;
    return 1 - (0.5 * u - u * (u * series(COS_SERIES, COUNT(COS_SERIES), u)));
}

double ch_cos(double x)
{
    x = magnitude(x);
    if (!(x <= 1e9))
        return not_a_number(); /* too far for the reduction; the caller's angle means nothing there */
    double n = (x * QUARTERS + ROUNDER) - ROUNDER;
    double r = ((x - n * QUARTER_HIGH) - n * QUARTER_MIDDLE) - n * QUARTER_LOW;
    switch ((int64_t)n & 3) {
    case 0:
        return cos_short(r);
    case 1:
        return -sin_short(r);
    case 2:
        return -cos_short(r);
    default:
        return sin_short(r);
    }
}

/* 0 <= t <= 1; beyond tan(pi/8) by the difference to pi/4. */
static double atan_unit(double t)
{
    double x = t > 0x1.a827999fcef32p-2 ? (t - 1) / (t + 1) : t;
    double u = x * x;
    double angle = x + x * (u * series(ATAN_SERIES, COUNT(ATAN_SERIES), u));
    return x == t ? angle : PI_QUARTER + angle;
}

double ch_atan2(double y, double x)
{
    if (x != x || y != y)
        return not_a_number();
    double ax = magnitude(x), ay = magnitude(y), angle;
    if (ax == ay)
        angle = ax == 0 ? 0 : PI_QUARTER;
    else
        angle = ay < ax ? atan_unit(ay / ax) : PI_HALF - atan_unit(ax / ay);
    if (x < 0)
        angle = PI - angle;
    return y < 0 ? -angle : angle;
}

/* The tail is e^(-z^2/2) times a smooth function, and that function a polynomial once [0, 39] is bent to a short interval. */
double ch_norm_cdf(double z)
{
    double a = magnitude(z);
    if (!(a < 39))
        return z != z ? z : z > 0 ? 1 : 0;
    double t = (a - 4) / (a + 4);
    double tail = ch_exp(-0.5 * a * a) * (series(CDF_SERIES, COUNT(CDF_SERIES), t) / (a + 4));
    return z > 0 ? 1 - tail : tail;
}

/* Quotient of two polynomials of degree 7, in pairs so that the processor can overlap them. */
static inline double quotient(const double *a, const double *b, double x)
{
    double x2 = x * x, x4 = x2 * x2;
    double top = ((a[0] + x * a[1]) + x2 * (a[2] + x * a[3])) + x4 * ((a[4] + x * a[5]) + x2 * (a[6] + x * a[7]));
    double bottom = ((b[0] + x * b[1]) + x2 * (b[2] + x * b[3])) + x4 * ((b[4] + x * b[5]) + x2 * (b[6] + x * b[7]));
    return top / bottom;
}

double ch_norm_inv(double p)
{
    if (!(p > 0 && p < 1))
        return p == 0 ? -INFINITE : p == 1 ? INFINITE : not_a_number();
    double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425)
        return q * quotient(CENTRE_TOP, CENTRE_BOTTOM, 185.0 / 1024 - q * q);
    double r = ch_sqrt(-ch_log(q < 0 ? p : 1 - p));
    double z = r <= 5 ? quotient(NEAR_TOP, NEAR_BOTTOM, r) : quotient(FAR_TOP, FAR_BOTTOM, r);
    return q < 0 ? -z : z;
}

double ch_logistic(double x)
{
    double e = ch_exp(-magnitude(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

/* Near one half the logarithm would cancel: there 2 atanh(2p - 1), with an exact argument. */
double ch_logit(double p)
{
    double s = (p - 0.5) + (p - 0.5);
    if (s >= -0.5 && s <= 0.5) {
        double u = s * s;
        return 2 * (s + s * (u * series(ATANH_SERIES, COUNT(ATANH_SERIES), u)));
    }
    return ch_log(p / (1 - p));
}

/* One instruction with -fno-math-errno; without it a compiler may call libm's sqrt, which gives the same bits. */
double ch_sqrt(double x) { return __builtin_sqrt(x); }
