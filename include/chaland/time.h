/* SPDX-License-Identifier: MIT
 * Simulated time: whole microseconds since the start of the scenario. */
#ifndef CHALAND_TIME_H
#define CHALAND_TIME_H

#include <stdint.h>

typedef int64_t ch_time; /* µs; the order of events is decided in integers, never in floating point */

#define CH_MICROSECOND ((ch_time)1)
#define CH_MILLISECOND ((ch_time)1000)
#define CH_SECOND      ((ch_time)1000000)
#define CH_MINUTE      (60 * CH_SECOND)
#define CH_HOUR        (60 * CH_MINUTE)
#define CH_DAY         (24 * CH_HOUR)
#define CH_WEEK        (7 * CH_DAY)
#define CH_TIME_MAX    (((ch_time)1 << 48) - 1) /* 8.9 years: what an event's key holds */

/* Least delay between two different places, hence the width of a window of the engine. */
#define CH_LOOKAHEAD (10 * CH_SECOND)

/* Seconds (double) to time, rounded half away from zero. |s| must be below 2^47 µs. */
static inline ch_time ch_time_of_seconds(double s) { return (ch_time)(s * 1e6 + (s < 0 ? -0.5 : 0.5)); }

/* Time as seconds, for reports only. */
static inline double ch_seconds(ch_time t) { return (double)t / 1e6; }

/* The multiple of `period` at or before t (t may be negative). */
static inline ch_time ch_time_floor(ch_time t, ch_time period)
{
    ch_time q = t / period;
    return (q * period > t ? q - 1 : q) * period;
}

#endif
