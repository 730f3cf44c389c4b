/* SPDX-License-Identifier: MIT
 * Random small towns: a scenario and a way to run it, all from one seed. Settings that a run can do without are rarely left
 * at their defaults, so that what seldom happens in a district happens here within a day or two. */
#ifndef RANDOM_TOWN_H
#define RANDOM_TOWN_H

#include "town.h"
#include <stdarg.h>

struct dice {
    uint64_t state;
};

struct random_town {
    char yaml[8192];
    size_t n;
    struct ch_run_options how; /* by the parallel scheduler */
};

static inline unsigned roll(struct dice *dice, unsigned n)
{
    dice->state = ch_mix(dice->state);
    return (unsigned)((dice->state >> 32) * n >> 32);
}
static inline bool one_in(struct dice *dice, unsigned n) { return roll(dice, n) == 0; }
static inline unsigned between(struct dice *dice, unsigned low, unsigned high) { return low + roll(dice, high - low + 1); }
#define ONE_OF(dice, list) (list)[roll(dice, sizeof(list) / sizeof(list)[0])]

static inline void say(struct random_town *town, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void say(struct random_town *town, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    town->n += (size_t)vsnprintf(town->yaml + town->n, sizeof town->yaml - town->n, format, list);
    va_end(list);
    CH_REQUIRE(town->n < sizeof town->yaml);
}

static inline void random_run(struct random_town *town, struct dice *dice)
{
    static const char *const start[] = {"2013-03-04", "2013-03-09", "2012-02-28", "2013-12-31"};
    static const unsigned publish[] = {10, 30, 60, 600, 3600};
    say(town, "seed: %u\nstart: %s\nreplications: 2\n", roll(dice, 1000000), ONE_OF(dice, start));
    if (one_in(dice, 3)) /* no multiple of anything */
        say(town, "duration: %u s\nwarmup: 0 d\n", between(dice, 43200, 172800));
    else
        say(town, "duration: %u h\nwarmup: %u d\n", between(dice, 20, 26), roll(dice, 2));
    say(town, "publish: %u s\n", ONE_OF(dice, publish));
}

static inline void random_city(struct random_town *town, struct dice *dice)
{
    unsigned columns = between(dice, 1, 9), rows = between(dice, 1, 9), block = one_in(dice, 3) ? 24 : between(dice, 30, 400);
    say(town, "city: {columns: %u, rows: %u, block: %u m, stores: %u, retailers: %u, clusters: %u, beacons: %u", columns, rows,
        block, one_in(dice, 10) ? 0 : between(dice, 1, 40), between(dice, 1, 8), between(dice, 1, 3), roll(dice, 60));
    say(town,
        ", screens: %u, stops: %u, headway: %u min, depots: %u, couriers: %u, large_screens: %u %%, sunday: %u %%, opens: %u h, "
        "closes: %u h",
        roll(dice, 12), roll(dice, 6), between(dice, 1, 20), roll(dice, 3), roll(dice, 8), roll(dice, 101), roll(dice, 101),
        between(dice, 6, 11), between(dice, 16, 24));
    if (one_in(dice, 4)) /* everybody at one node */
        say(town, ", homes: [{x: %u, y: %u}]", roll(dice, columns) * block, roll(dice, rows) * block);
    say(town, "}\n");
}

static inline void random_people(struct random_town *town, struct dice *dice)
{
    static const unsigned share[] = {0, 50, 90, 100, 100, 100};
    say(town, "population: {shoppers: %u, workers: %u %%, speed_sd: %s, privacy: [%s]}\n",
        one_in(dice, 4) ? between(dice, 1, 12) : between(dice, 20, 400), roll(dice, 101), one_in(dice, 3) ? "0 m/s" : "0.26 m/s",
        one_in(dice, 2) ? "0, 0, 1" : "0.2, 0.5, 0.3");
    say(town, "devices: {smartphone: 100 %%, android: %u %%, bluetooth: %u %%, location: %u %%, app: %u %%}\n",
        ONE_OF(dice, share), ONE_OF(dice, share), ONE_OF(dice, share), ONE_OF(dice, share));
    say(town, "consent: {initial: [%u %%, %u %%, %u %%], exit_base: %u 1/d, withdrawal: %u %%, tolerance: %u 1/week}\n",
        between(dice, 60, 99), between(dice, 30, 59), between(dice, 0, 29), roll(dice, 2), roll(dice, 101), between(dice, 1, 20));
}

static inline void random_trade(struct random_town *town, struct dice *dice)
{
    static const char *const content[] = {"static", "weather", "weather+crowd", "optin"};
    static const char *const scan[] = {"low_latency", "balanced", "low_power", "screen_off"};
    say(town, "calendar: {sales: %s}\n", one_in(dice, 2) ? "true" : "false");
    say(town, "stock: {review: %u h, lead: %u h, doubt: %s}\n", between(dice, 1, 30), between(dice, 1, 30),
        one_in(dice, 2) ? "0.1" : "1.5");
    say(town, "visit: {stay: %u min, stay_sd: %u, impulse: %u, returns: [%u %%, 50 %%, 50 %%], return_days: %u}\n",
        between(dice, 1, 30), roll(dice, 2), roll(dice, 3), roll(dice, 101), between(dice, 1, 2));
    say(town, "dayplan: {mode_intercept: %d, bus: %u %%, more_shops: %u %%, diversions: %u}\n", (int)roll(dice, 7) - 3,
        roll(dice, 101), roll(dice, 96), roll(dice, 6));
    say(town, "riding: {headway_law: %s}\nwalking: {width: %s}\n", one_in(dice, 2) ? "regular" : "exponential",
        one_in(dice, 2) ? "0.5 m" : "4 m");
    say(town, "beacons: {android: %s, power: -%u dBm}\n", ONE_OF(dice, scan), between(dice, 40, 70));
    say(town, "signage: {content: %s, k_min: %u, spots: %u, tap: %d}\n", ONE_OF(dice, content), between(dice, 1, 4),
        between(dice, 1, 6), (int)roll(dice, 6) - 4);
    say(town, "wishlist: {per_week: %u, pool: {commission: %u %%, fee: %u %%}}\n", roll(dice, 20), roll(dice, 40),
        roll(dice, 10));
    say(town, "delivery: {share: %u %%, accept: 5}\n", roll(dice, 101));
    say(town, "messages: {open: [1, 1, 1, 1], redeem: [0.%u, 0.5, 0.5, 0.9], welcome: 0.%u}\n", between(dice, 1, 9),
        roll(dice, 10));
}

/* A policy that nobody would want: one to four rules of any kind. */
static inline void random_policy(struct random_town *town, struct dice *dice)
{
    static const char *const
        when[] = {"beacon", "schedule", "screen", "entrance"},
        *const about[] = {"store", "wish", "affinity", "weather"}, *const channel[] = {"push", "geofence", "beacon", "screen"},
        *const test[] = {"hour: \"> 11 h\"",   "crowd: \">= 2\"",          "walk_time: \"< 9 min\"", "in_stock: \"= 1\"",
                         "consent: \">= 1\"",  "messages_today: \"< 9\"",  "wish_match: \">= 0.1\"", "wish_age: \">= 0 d\"",
                         "affinity: \">= 0\"", "net_value: \">= -9 EUR\"", "open: \"= 1\"",          "context_score: \">= 0.2\""};
    say(town, "  - {policy: odd, asks: %s, caps: {visit: %u, day: %u, retailer_day: %u}, rules: [",
        one_in(dice, 2) ? "{benefit: 0.9}" : "false", roll(dice, 4), roll(dice, 20), roll(dice, 5));
    for (unsigned i = between(dice, 1, 4); i > 0; i--) {
        const char *trigger = ONE_OF(dice, when);
        say(town, "{when: %s, channel: %s, about: %s, discount: %u %%, valid: %u h", trigger, ONE_OF(dice, channel),
            ONE_OF(dice, about), roll(dice, 60), between(dice, 1, 48));
        if (strcmp(trigger, "schedule") == 0)
            say(town, ", per_week: %u", between(dice, 1, 60));
        if (one_in(dice, 2))
            say(town, ", if: {%s}", ONE_OF(dice, test));
        say(town, i > 1 ? "}, " : "}");
    }
    say(town, "]}\n");
}

/* The town of a seed. */
static inline void random_town(struct random_town *town, uint64_t seed)
{
    struct dice dice = {ch_mix(seed)};
    static const uint32_t tile[] = {0, 1, 2, 5, 30, 1000};
    *town = (struct random_town){.n = 0};
    say(town, "chaland: 1\nname: random\n");
    random_run(town, &dice);
    random_city(town, &dice);
    random_people(town, &dice);
    random_trade(town, &dice);
    say(town, "policies:\n  - silent\n  - broadcast\n  - context\n  - responsive\n");
    random_policy(town, &dice);
    town->how = (struct ch_run_options){.policy = one_in(&dice, 3) ? 4 : roll(&dice, 4),
                                        .replication = roll(&dice, 2),
                                        .workers = between(&dice, 1, 4),
                                        .tile_places = ONE_OF(&dice, tile),
                                        .perturb = one_in(&dice, 3) ? 0 : roll(&dice, 1000000)};
}

#endif
