/* SPDX-License-Identifier: MIT
 * Private to wishlist.c, where the mechanism is explained: its rows and state. */
#ifndef CH_WISHLIST_ROWS_H
#define CH_WISHLIST_ROWS_H

#include <chaland/model.h>

#define WISHLIST_PARAMS(P)                                                                                                  \
    P(F64, per_week, 0.5, 0, 50, "", "items added per person and week", CH_ASSUMED(0.1, 3, "no data"))                      \
    P(TIME, half_life, 21, 1, 365, "d", "desire halves in", CH_ASSUMED(7, 90, "no data"))                                   \
    P(F64, desire_low, 0.4, 0.05, 1, "", "least desire at the start", CH_ASSUMED(0.2, 0.8, "U(.4, 1)"))                     \
    P(F64, floor, 0.05, 0, 0.9, "", "an item with less desire expires", CH_ASSUMED(0.02, 0.2, "no data"))                   \
    P(TIME, life, 180, 1, 180, "d", "and so does one older than this", CH_ASSUMED(60, 180, "no data"))                      \
    P(F64, hazard, 0.01, 0, 1, "1/d", "spontaneous purchase of a fresh item", CH_ASSUMED(0.002, 0.05, "no data"))           \
    P(TIME, waits, 14, 0, 180, "d", "an item ripe for so long is bought outside", CH_ASSUMED(3, 60, "no data"))             \
    P(F64, want, 3, 0, 100, "", "weight of a ripe item when a trip's purpose is drawn (one open need: 1)",                  \
      CH_ASSUMED(1, 10, "no data"))                                                                                         \
    P(F64, pull, 2, 0, 10, "", "utility of stores of the origin, times desire (1 when ripe)",                               \
      CH_ASSUMED(0, 4, ".4 stay with the origin"))                                                                          \
    P(F64, desire, 1.5, 0, 10, "", "log-odds of buying per unit of desire, planned visits", CH_ASSUMED(0.75, 3, "no data")) \
    P(F64, sold, 0.06, 0, 10, "1/d", "hazard of ripe items to be bought in a store before time 0; of others 1/200 of it",   \
      CH_ASSUMED(0.02, 0.15, "measured: 0.04 in Angers, 0.06 in the quickstart"))                                           \
    P(F64, same, 0.3, 0, 1, "share", "other retailers of the good who have the very item", CH_ASSUMED(0.1, 0.8, "no data")) \
    P(F64, similar, 0.4, 0, 1, "share", "and who have a similar one", CH_ASSUMED(0.1, 0.8, "no data"))                      \
    P(F64, likeness, 0.6, 0, 1, "", "match of a similar item", CH_ASSUMED(0.3, 0.9, "no data"))                             \
    P(TIME, attribution, 30, 1, 180, "d", "items older than this earn their origin no commission",                          \
      CH_SOURCED("30-90 d typical: Awin, by a guide"))
#define CH_ROW_STRUCT struct wishlist_params
CH_PARAMS(wishlist, WISHLIST_PARAMS)

#define WISHLIST_PROBES(B)                                                                                                \
    B(RATIO, wish_fulfilment_rate, "share", 1, 0, 23, "items bought (anywhere) over items added, in the same time")       \
    B(RATIO, wish_expired_share, "share", 1, 0, 23, "items expired over items added, in the same time")                   \
    B(MEAN, wish_days, "d", 0.01, 0, 23, "age of items when bought")                                                      \
    B(RATIO, fulfilled_at_origin_share, "share", 1, 0, 24, "items bought at a store of their origin over items bought")   \
    B(RATIO, fulfilled_at_partner_share, "share", 1, 0, 24, "items bought at another retailer's store over items bought") \
    B(RATIO, fulfilled_outside_share, "share", 1, 0, 24, "items bought outside over items bought")                        \
    B(MEAN, open_wishes, "", 1, 0, 0, "open items per person, at 03:00")                                                  \
    B(DAILY, daily_open_wishes, "", 1, 0, 0, "open items of all people, at 03:00")
CH_PROBES(WISHLIST_PROBES)

#define WISHLIST_DRAWS(D)                                                                   \
    D(start, "list at time 0; once per person")                                             \
    D(add, "how many items are added today; person and day")                                \
    D(item, "good, origin, desire and age of ripeness of an item; person, day and ordinal") \
    D(match, "does a retailer have it? person, item and retailer")
CH_DRAWS(WISHLIST_DRAWS)

enum { SLOTS = 6, EMPTY = 255, NEVER = 255, DAYS_MAX = 180, BEFORE = 256 /* days before time 0 that can be told */ };

struct item {
    uint16_t born;   /* day + BEFORE */
    uint16_t origin; /* retailer */
    uint8_t good;    /* EMPTY: free slot */
    uint8_t desire;  /* D0 in 1/255 */
    uint8_t ripe;    /* age in days of a spontaneous purchase, NEVER */
    uint8_t ordinal; /* within its day: with `born`, the item's name in its owner's life */
};

struct wishlist {
    struct item item[SLOTS];
    uint16_t unsettled; /* items added, less those bought, expired and withdrawn; modulo 2^16 */
};
_Static_assert(sizeof(struct wishlist) <= 50, "small per person");

struct wishlist_table {
    double fade[DAYS_MAX + 2];            /* 2^(-a / half_life) */
    double upto[CH_N_NONFOOD];            /* running sums of the goods' weights */
    double any;                           /* sum of all */
    const uint32_t *seller[CH_N_NONFOOD]; /* retailers that sell the good ... */
    uint32_t n[CH_N_NONFOOD];
    const double *size[CH_N_NONFOOD];  /* ... and the running sum of their lists */
    double delta;                      /* ln 2 / half_life, 1/d */
    double per_day, none;              /* items added a day, and the chance that there is none */
    uint32_t life, waits, attribution; /* days */
    uint32_t oldest;                   /* age in days beyond which no item is left */
};

#endif
