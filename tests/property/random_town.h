/* SPDX-License-Identifier: MIT
 * Random small towns: a scenario and a way to run it, all from one seed. Settings that a run can do without are rarely left
 * at their defaults, so that what seldom happens in a district happens here within a day or two.
 *
 * The scenario is a text with choices: (a|b|c) is one of them, (2..9) a whole number; a choice may hold others. */
#ifndef RANDOM_TOWN_H
#define RANDOM_TOWN_H

#include "town.h"

struct random_town {
    uint64_t dice;
    char yaml[16384];
    size_t n;
    struct ch_run_options how; /* by the parallel scheduler */
};

#define RULE                                                                                                           \
    "{(when: beacon|when: screen|when: entrance|when: (geofence|nfc|ultrasound|qr)|when: schedule, per_week: (1..60))" \
    ", about: (store|wish|affinity|weather), channel: (push|geofence|beacon|screen|tap|sound|code)"                    \
    ", discount: (0..60) %, valid: (1..48) h"                                                                          \
    "(|, if: {(hour: '> 11 h'|crowd: '>= 2'|walk_time: '< 9 min'|in_stock: '= 1'|open: '= 1'|consent: '>= 1'|"         \
    "net_value: '>= -9 EUR'|permitted: '= 1'|messages_today: '< 9'|wish_match: '>= 0.1'|wish_age: '>= 0 d'|"           \
    "affinity: '>= 0'|context_score: '>= 0.2')})}"

/* Each line has its brackets closed. */
static const char *const random_town_text[] = {
    "chaland: 1\nname: random\nseed: (0..1000000)\nreplications: 2\n",
    "start: (2013-03-04|2013-03-09|2012-02-28|2013-12-31)\n",
    "(duration: (43200..172800) s\nwarmup: 0 d|duration: (20..26) h\nwarmup: (0..1) d|duration: 1 d\nwarmup: (0..1) d)\n",
    "publish: (10|30|60|600|3600) s\n",
    "city: {columns: (1..9), rows: (1..9), block: (24|24|(30..400)) m, clusters: (1..3), beacons: (0..60), retailers: (1..8), ",
    "  stores: (0|(1..9)|(1..40)|(1..40)), screens: (0..12), large_screens: (0..100) %, stops: (0..6), headway: (1..20) min, ",
    "  depots: (0..2), couriers: (0..8), sunday: (0..100) %, opens: (6..11) h, closes: (16..24) h",
    "  (|||, homes: [{x: 24, y: (0|24)}])}\n", /* now and then all homes are at one node */
    "population: {shoppers: ((1..12)|(20..400)|(20..400)), workers: (0..100) %, speed_sd: (0|0.26|0.26) m/s, ",
    "  privacy: ([0, 0, 1]|[0.2, 0.5, 0.3])}\n",
    "devices: {smartphone: 100 %, android: (0|50|100) %, bluetooth: (50|100|100|100) %, location: (90|100) %, ",
    "  app: (0|50|90|100|100|100) %}\n",
    "consent: {initial: [(60..99) %, (30..59) %, (0..29) %], exit_base: (0..1) 1/d, withdrawal: (0..100) %, ",
    "  tolerance: (1..20) 1/week}\n",
    "stock: {review: (1..30) h, lead: (1..30) h, doubt: (0.1|1.5), accuracy: (40|90|100) %, shrink: (0|0.1) 1/d, count_every: (1..3) d}\n",
    "visit: {stay: (1..30) min, stay_sd: (0..1), impulse: (0..2), returns: [(0..100) %, 50 %, 50 %], return_days: (1..2)}\n",
    "dayplan: {mode_intercept: (-3..3), bus: (0..100) %, more_shops: (0..95) %, diversions: (0..5)}\n",
    "riding: {headway_law: (regular|exponential)}\nwalking: {width: (0.5|4) m}\n",
    "beacons: {android: (low_latency|balanced|low_power|screen_off), power: (-70..-40) dBm}\n",
    "signage: {content: (static|weather|weather+crowd|optin), k_min: (1..4), spots: (1..6), tap: (-4..1)}\n",
    "wishlist: {per_week: (0..20), pool: {commission: (0..40) %, fee: (0..10) %}, ",
    "  membership: {active: (yes|no), start: (city|all|none), rule: (frozen|best_response), period: 1 d}}\n",
    "delivery: {share: (0..100) %, accept: 5, orders_per_hour: (0|(10..200))}\n",
    "couriers: {dispatch: (nearest|batch), batch: (10..60) s, bundling: (yes|no), reposition: (off|last_store|forecast), rest: (1..9) min, ",
    "  surge: (yes|no), ratings: (yes|no), insurance: (yes|no), loss: (0..30) %, patience: (0|30) min, by_hour: (yes|no), ",
    "  promise: (factor|learnt), shifts: (duty|drawn), shifts_per_day: (1..3), shift_least: 1 h, shift_most: (1..4) h}\n",
    "loyalty: {active: (yes|no), reward_points: (1..100), gradient: (0..3), group: (2..3), group_within: (10..200) min}\n",
    "sponsorship: {active: (yes|no), send: (0..100) %, accept: (0..100) %}\n",
    "group_deals: {active: (yes|no), deals: (1..7) 1/week, threshold: (1..5), deadline: (1..20) h, joins: (1..100) 1/h, law: (hazard|thresholds), notice: 1 h, private_sales: (1..7) 1/week}\n",
    "clusters: {active: (yes|no), reach: (50..400) m, least: (1..4)}\n",
    "events: {active: (yes|no), every: (1..3), from: (7..12) h, to: (13..20) h}\n",
    "trajectory: {active: (yes|no), zone: (100..600) m}\n",
    "tills: {active: (yes|no), tills: (0..2), fixed: (0..600) s, patience: (1..20) min, mobile: (0..100) %}\n",
    "sellers: {active: (yes|no), sellers: (0..2), wants: (0..100) %, adoption: (0..50) 1/year, patience: (1..20) min, digital: (0..50) 1/week}\n",
    "collect: {active: (yes|no), views: (0..100) %, pick: (1..60) min, keep: (1..2) d, fitting: (yes|no), ship: (0..100) %}\n",
    "calendar: {sales: (true|false), holidays: (yes|no), holidays_close: (yes|no)}\n",
    "life: {active: (yes|no), contacts: (0..20), lead: (0..9) d, lasts: (30..400) d, launches: (0..52)}\n",
    "triggers: {active: (yes|no), fences: (none|stores|clusters), cluster: (1..3), radius: (20..300) m, error: (0..30) m, ",
    "  delay: (1..600) s, most: (1..100), tap: (0..100) %, tap_front: (0..100) %, microphone: (0..100) %, viewers: 90 %, ",
    "  scan: (0..100) %}\n",
    "mode_shopper: {active: (yes|no), on: [(0..100) %, 50 %, 90 %], unwanted: (1..4), clauses: (0..6), agents: (0..100) %}\n",
    "messages: {open: [1, 1, 1, 1], redeem: [(10..90) %, 0.5, 0.5, 0.9], welcome: (0|0.3|0.9)}\n",
    "policies:\n  - silent\n  - broadcast\n  - context\n  - responsive\n",
    "  - {policy: odd, asks: (false|{benefit: 0.9}), caps: {visit: (0..3), day: (0..20), retailer_day: (0..4)}, ",
    "     rules: [(" RULE "|" RULE ", " RULE "|" RULE ", " RULE ", " RULE ")]}\n",
};
enum { N_POLICIES = 5 };

static inline uint64_t random_below(struct random_town *town, uint64_t n)
{
    town->dice += 0x9e3779b97f4a7c15;
    return (ch_mix(town->dice) >> 32) * n >> 32;
}

/* Calls itself for what it chose. */
static inline void random_expand(struct random_town *town, const char *text, size_t n);

static inline void random_choose(struct random_town *town, const char *text, size_t n)
{
    long low, high;
    int used = 0, depth = 0;
    if (sscanf(text, "%ld..%ld%n", &low, &high, &used) == 2 && (size_t)used == n) {
        long number = low + (long)random_below(town, (uint64_t)(high - low + 1));
        town->n += (size_t)snprintf(town->yaml + town->n, sizeof town->yaml - town->n, "%ld", number);
        return;
    }
    size_t bar[32] = {0}, choices = 0; /* begins, and the end as the last */
    for (size_t i = 0; i < n; i++) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (text[i] == '|' && depth == 0)
            bar[++choices] = i + 1;
        CH_REQUIRE(choices + 2 < sizeof bar / sizeof bar[0]);
    }
    bar[++choices] = n + 1;
    size_t chosen = random_below(town, choices);
    random_expand(town, text + bar[chosen], bar[chosen + 1] - bar[chosen] - 1);
}

static inline void random_expand(struct random_town *town, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] != '(') {
            CH_REQUIRE(town->n + 32 < sizeof town->yaml);
            town->yaml[town->n++] = text[i];
            continue;
        }
        size_t begin = i + 1;
        for (int depth = 1; depth > 0;) {
            CH_REQUIRE(++i < n);
            depth += (text[i] == '(') - (text[i] == ')');
        }
        random_choose(town, text + begin, i - begin);
    }
    town->yaml[town->n] = '\0';
}

/* The town of a seed. */
static inline void random_town(struct random_town *town, uint64_t seed)
{
    static const uint32_t tile[] = {0, 1, 2, 5, 30, 1000};
    *town = (struct random_town){.dice = ch_mix(seed)};
    for (unsigned i = 0; i < sizeof random_town_text / sizeof random_town_text[0]; i++)
        random_expand(town, random_town_text[i], strlen(random_town_text[i]));
    struct ch_run_options *how = &town->how; /* one by one: the order of initialisers is the compiler's */
    how->policy = (unsigned)random_below(town, N_POLICIES + 2);
    how->policy = how->policy < N_POLICIES ? how->policy : N_POLICIES - 1; /* the odd one more often */
    how->replication = (unsigned)random_below(town, 2);
    how->workers = 1 + (unsigned)random_below(town, 4);
    how->tile_places = tile[random_below(town, sizeof tile / sizeof tile[0])];
    how->perturb = random_below(town, 3) ? 1 + random_below(town, 1000000) : 0;
}

#endif
