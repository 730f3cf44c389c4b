/* SPDX-License-Identifier: MIT
 * The world around the city: weather and calendar, functions of (seed, replication, time) alone. They are tabulated
 * before the run by the models that play these roles (descriptor hook `tabulate_world`), and const afterwards. */
#ifndef CHALAND_WORLD_H
#define CHALAND_WORLD_H

#include <chaland/city.h>
#include <chaland/date.h>
#include <chaland/numeric.h>
#include <chaland/rng.h>
#include <chaland/time.h>
#include <stdint.h>

enum ch_sky { CH_CLEAR, CH_CLOUDY, CH_RAIN, CH_STORM, CH_N_SKIES };
enum ch_daytype { CH_WEEKDAY, CH_SATURDAY, CH_SUNDAY };

#define CH_SKY_STEP (3 * CH_HOUR)

struct ch_sky_step {
    uint8_t sky; /* enum ch_sky */
    int16_t deci_celsius;
};

struct ch_world_day {
    uint8_t weekday;          /* 0 Monday .. 6 Sunday */
    uint8_t type;             /* enum ch_daytype */
    uint8_t month;            /* 0 January .. 11 */
    uint8_t sale_week;        /* 0 outside a sales period, else 1, 2, ... */
    uint8_t holiday;          /* 0, or which of the public holidays: 1, 2, ... */
    int16_t markdown_bp;      /* markdown of the sales on non-food, basis points */
    float demand[CH_N_GOODS]; /* multiplier of need arrivals, 1 = ordinary */
};

struct ch_world {
    struct ch_key key;
    int64_t start_unix_day;           /* days since 1970-01-01 of simulated day 0 (warm-up included) */
    int32_t warmup_days;              /* day `warmup_days` is the scenario's `start` */
    uint32_t n_days;                  /* tabulated, covers the run and one day more */
    uint32_t n_steps;                 /* n_days * 8 */
    struct ch_world_day *day;         /* [n_days] */
    struct ch_sky_step *step;         /* [n_steps] */
    double street_factor[CH_N_SKIES]; /* multiplier of discretionary street trips */
    double speed_factor[CH_N_SKIES];  /* multiplier of walking speed */
};

/* Month (0 January) of a day counted from 1970-01-01. */
static inline uint8_t ch_month_of(int64_t unix_day) { return (uint8_t)(ch_date_of(unix_day).month - 1); }

static inline uint32_t ch_day_of(ch_time t) { return (uint32_t)(t / CH_DAY); }
static inline ch_time ch_time_of_day(ch_time t) { return t % CH_DAY; }
static inline const struct ch_world_day *ch_today(const struct ch_world *world, ch_time t)
{
    uint32_t d = ch_day_of(t);
    return &world->day[d < world->n_days ? d : world->n_days - 1];
}
/* Does the store trade at all on the day of t? Pop-ups have a first and a last day. */
static inline bool ch_store_trades(const struct ch_world *world, const struct ch_store *store, ch_time t)
{
    return (store->sunday || ch_today(world, t)->type != CH_SUNDAY) && ch_store_lives(store, ch_day_of(t));
}
static inline bool ch_store_open(const struct ch_world *world, const struct ch_store *store, ch_time t)
{
    ch_time clock = ch_time_of_day(t);
    return clock >= store->opens && clock < store->closes && ch_store_trades(world, store, t);
}
/* How long the store is open within [from, to). */
static inline ch_time ch_open_time(const struct ch_world *world, const struct ch_store *store, ch_time from, ch_time to)
{
    ch_time open = 0;
    for (ch_time day = ch_time_floor(from, CH_DAY); day < to; day += CH_DAY) {
        ch_time opens = day + store->opens, closes = day + store->closes;
        opens = opens > from ? opens : from;
        closes = closes < to ? closes : to;
        open += closes > opens && ch_store_trades(world, store, day) ? closes - opens : 0;
    }
    return open;
}
static inline const struct ch_sky_step *ch_weather(const struct ch_world *world, ch_time t)
{
    uint32_t s = (uint32_t)(t / CH_SKY_STEP);
    return &world->step[s < world->n_steps ? s : world->n_steps - 1];
}
/* How well the weather of that hour suits a good, 0..1: 0.5 when it does not matter. */
static inline double ch_weather_fit(const struct ch_world *world, const struct ch_good_facts *good, ch_time t)
{
    const struct ch_sky_step *sky = ch_weather(world, t);
    double warmth = ch_clip((sky->deci_celsius / 10.0 - 12.0) / 10.0, -1, 1), wet = sky->sky >= CH_RAIN;
    return ch_clip(0.5 + good->heat * warmth + good->rain * wet, 0, 1);
}

#endif
