/* SPDX-License-Identifier: MIT
 * Elementary functions that give the same bits on every processor and compiler: only + - x / and sqrt, no table of the
 * system's libm, no fused multiply-add. The libm of glibc differs in the last bit between processors with and without FMA;
 * results that decide an event must not. Relative error below 4e-16 unless said otherwise. */
#ifndef CHALAND_NUMERIC_H
#define CHALAND_NUMERIC_H

double ch_exp(double x);             /* e^x; 0 below -745, +inf above 709.78; NaN in, NaN out */
double ch_log(double x);             /* natural logarithm, x > 0; -inf at 0, NaN below */
double ch_log10(double x);           /* decimal logarithm */
double ch_pow(double x, double y);   /* x^y for x > 0: exp(y log x), relative error below 1e-13 for |y log x| < 300 */
double ch_cos(double x);             /* |x| <= 1e5, absolute error below 1e-11 */
double ch_atan2(double y, double x); /* radians in (-pi, pi], absolute error below 1e-11 */
double ch_norm_cdf(double z);        /* standard normal distribution function, absolute error below 1e-12 */
double ch_norm_inv(double p);        /* its inverse, 0 < p < 1, relative error below 1e-12 */

/* Logistic function 1/(1+e^-x) and its inverse ln(p/(1-p)), 0 < p < 1. */
double ch_logistic(double x);
double ch_logit(double p);

static inline double ch_clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/* Square root without errno: correctly rounded by IEEE 754, hence portable. */
double ch_sqrt(double x);

#endif
