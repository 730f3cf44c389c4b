/* SPDX-License-Identifier: MIT
 * What models/couriers.c knows without looking at a courier: speeds, hours, the laws of distance, fleet and surge. */
#ifndef CH_COURIERS_LAW_H
#define CH_COURIERS_LAW_H

#include "couriers_rows.h"

/* ---- the way ----------------------------------------------------------------------------------------------------- */

static inline bool is_within(ch_time clock, int from_h, int to_h) { return clock >= from_h * CH_HOUR && clock < to_h * CH_HOUR; }

/* Of one who sets out at `t`. Bikes lose 3 % in the evening rush and nothing in the morning's, and are faster at night. */
static inline double speed_km_h(const struct couriers_params *p, ch_time t)
{
    ch_time clock = ch_time_of_day(t);
    bool evening = is_within(clock, 16, 19), morning = is_within(clock, 7, 10), night = !is_within(clock, 6, 22);
    if (p->mode == FOOT)
        return p->foot_speed;
    if (p->mode == CAR)
        return p->by_hour && (evening || morning) ? p->car_peak_speed : p->car_speed;
    return p->bike_speed * (!p->by_hour ? 1 : evening ? p->bike_evening : night ? p->bike_night : 1);
}

static inline ch_time ride(const struct ch_city *city, const struct couriers_params *p, uint32_t from, uint32_t to, ch_time t)
{
    return ch_time_of_seconds(ch_distance_m(city, from, to) * 3.6 / speed_km_h(p, t));
}

static inline ch_time at_least(ch_time t) { return t < CH_LOOKAHEAD ? CH_LOOKAHEAD : t; }

/* ---- duty -------------------------------------------------------------------------------------------------------- */

static inline bool is_on_duty(const struct couriers_params *p, ch_time t)
{
    return ch_time_of_day(t) >= p->on_duty && ch_time_of_day(t) < p->off_duty;
}

/* Time until the next day of work begins; 0 during one. */
static inline ch_time until_duty(const struct couriers_params *p, ch_time t)
{
    ch_time clock = ch_time_of_day(t);
    return is_on_duty(p, t) ? 0 : clock < p->on_duty ? p->on_duty - clock : CH_DAY + p->on_duty - clock;
}

/* Time on duty between two moments. */
static inline ch_time duty_between(const struct couriers_params *p, ch_time from, ch_time to)
{
    ch_time sum = 0;
    for (ch_time day = ch_time_floor(from, CH_DAY); day < to; day += CH_DAY) {
        ch_time begin = day + p->on_duty > from ? day + p->on_duty : from, end = day + p->off_duty < to ? day + p->off_duty : to;
        sum += end > begin ? end - begin : 0;
    }
    return sum;
}

enum { SHIFTS_MAX = 3 };

struct stint {
    ch_time begins, ends; /* time of day */
};

/* A courier's shifts of a day: the hours on duty are cut into as many equal parts as he has shifts, one in each, anywhere. */
static inline unsigned draw_shifts(const struct couriers_params *p, struct ch_draw *draw, struct stint *stint)
{
    unsigned n = (unsigned)p->shifts_per_day;
    n += ch_draw_chance(draw, p->shifts_per_day - n) ? 1 : 0;
    for (unsigned i = 0; i < n; i++) {
        ch_time part = (p->off_duty - p->on_duty) / n, spread = p->shift_most - p->shift_least;
        ch_time length = p->shift_least + (ch_time)(ch_draw_uniform(draw) * (double)spread);
        length = length > part ? part : length;
        stint[i].begins = p->on_duty + part * i + (ch_time)(ch_draw_uniform(draw) * (double)(part - length));
        stint[i].ends = stint[i].begins + length;
    }
    return n;
}

/* ---- distance and fleet ------------------------------------------------------------------------------------------ */

/* Mean L1 distance to the nearest of `idle` couriers scattered at random over an area, m. */
static inline double law_m(double area_km2, double idle) { return 626.7 * ch_sqrt(area_km2 / idle); }

/* A fleet that serves `rate` orders per hour has I idle couriers where N = I + rate (service + 0.6267 sqrt(A/I) / v). The least N
 * is at I* = (rate 0.6267 sqrt(A) / 2v)^(2/3); with fewer, pick-ups grow longer the fewer are idle, and the queue never ends. */
static inline double least_fleet(double rate_per_h, double area_km2, double km_h, double service_h, double *idle)
{
    double reach = rate_per_h * law_m(area_km2, 1) / 1000 / km_h;
    double best = reach > 0 ? ch_exp(2 * ch_log(reach / 2) / 3) : 0;
    if (idle)
        *idle = best;
    return best > 0 ? best + rate_per_h * service_h + reach / ch_sqrt(best) : 0;
}

static inline double area_of(const struct ch_city *city) { return city->area_km2 / (city->n_depots ? city->n_depots : 1); }

/* Seconds until a courier would stand in the store, of a fleet of n on duty. */
static inline int64_t expected_s(const struct ch_city *city, const struct couriers_params *p, uint32_t n, uint32_t idle,
                                 uint32_t waiting, int64_t trip_s, ch_time t)
{
    int64_t gathering = p->dispatch == BATCH ? p->batch / CH_SECOND / 2 : 0;
    if (n == 0)
        return 0;
    if (idle > waiting)
        return (int64_t)(law_m(area_of(city), idle - waiting) * 3.6 / speed_km_h(p, t)) + gathering;
    return (waiting + 1 - idle) * trip_s / n + gathering;
}

/* Multiplier of the fee, `load` orders in hand or waiting per courier on duty. */
static inline double surge_of(const struct couriers_params *p, double load)
{
    double s = 1 + p->surge_rise * (load - p->surge_from) / p->surge_span;
    return s < 1 ? 1 : s > p->surge_most ? p->surge_most : s;
}

/* ---- stars ------------------------------------------------------------------------------------------------------- */

static inline int draw_star(const struct couriers_params *p, struct ch_draw *draw, double late_min)
{
    if (ch_draw_chance(draw, ch_logistic(p->star - p->star_late * late_min)))
        return 5;
    return 4 - (int)ch_draw_weighted(draw, p->star_other.v, 4);
}

#endif
