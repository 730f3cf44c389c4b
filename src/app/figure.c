/* SPDX-License-Identifier: MIT
 * Numbers and intervals as people read them: as many digits as the width of the interval deserves. */
#include "app/answer.h"
#include <math.h>

char *ch_verdict_number(double value, char *buffer, size_t size)
{
    double a = fabs(value);
    if (isnan(value))
        snprintf(buffer, size, "-");
    else if (a == 0)
        snprintf(buffer, size, "0");
    else
        snprintf(buffer, size, "%.*f", a >= 1000 ? 0 : a >= 100 ? 1 : a >= 1 ? 2 : a >= 0.01 ? 4 : 6, value);
    return buffer;
}

char *ch_verdict_thousands(double value, char *buffer, size_t size)
{
    char digits[32];
    int n = snprintf(digits, sizeof digits, "%.0f", value > 0 && value < 1e15 ? value : 0);
    size_t at = 0;
    for (int i = 0; i < n && at + 2 < size; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            buffer[at++] = ',';
        buffer[at++] = digits[i];
    }
    buffer[at] = '\0';
    return buffer;
}

/* Decimals that show so many digits of a half width, at most 6; a width of 0 is as good as the estimate. */
static int decimals_for(double half, double estimate, int digits)
{
    double a = half > 0 ? half : fabs(estimate), unit = 1;
    int n = 0;
    for (; digits > 1; digits--)
        unit *= 10;
    for (; n < 6 && a > 0 && a < unit; unit /= 10)
        n++;
    return n;
}

static double half_unit_of(int decimals)
{
    double half_unit = 0.5;
    while (decimals-- > 0)
        half_unit /= 10;
    return half_unit;
}

/* What would print as "-0.0" is 0. */
static double no_minus_zero(double value, int decimals) { return fabs(value) < half_unit_of(decimals) ? 0 : value; }

/* More decimals for a bound that is not 0 but would be printed so: the side of 0 on which it lies is the verdict. */
static int tell_from_zero(double bound, int decimals)
{
    while (decimals < 6 && bound != 0 && fabs(bound) < half_unit_of(decimals))
        decimals++;
    return decimals;
}

static char *print_interval(struct ch_interval i, int n, bool sign, const char *unit, char *buffer, size_t size)
{
    const char *plus = sign && i.estimate > 0 ? "+" : "", *blank = unit[0] ? " " : "";
    if (i.estimate == 0 && i.low == 0 && i.high == 0)
        snprintf(buffer, size, "0%s%s [0, 0]", blank, unit);
    else if (isnan(i.low) || isnan(i.high))
        snprintf(buffer, size, "%s%.*f%s%s [-]", plus, n, i.estimate, blank, unit);
    else
        snprintf(buffer, size, "%s%.*f%s%s [%.*f, %.*f]", plus, n, no_minus_zero(i.estimate, n), blank, unit, n,
                 no_minus_zero(i.low, n), n, no_minus_zero(i.high, n));
    return buffer;
}

char *ch_verdict_interval(struct ch_interval i, bool sign, char *buffer, size_t size)
{
    return print_interval(i, decimals_for((i.high - i.low) / 2, i.estimate, 2), sign, "", buffer, size);
}

char *ch_verdict_words(struct ch_interval i, bool sign, const char *unit, char *buffer, size_t size)
{
    int n = decimals_for((i.high - i.low) / 2, i.estimate, isnan(i.low) ? 3 : 1);
    return print_interval(i, tell_from_zero(i.high, tell_from_zero(i.low, n)), sign, unit, buffer, size);
}
