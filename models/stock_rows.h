/* SPDX-License-Identifier: MIT
 * Private to stock.c, where the mechanism is explained: its rows, its state, the law of the base stock. */
#ifndef CH_STOCK_ROWS_H
#define CH_STOCK_ROWS_H

#include <chaland/model.h>

#define STOCK_PARAMS(P)                                                                                                         \
    P(TIME, review, 1, 0.04, 60, "d", "R, time between orders", CH_ASSUMED(0.5, 7, "daily deliveries"))                         \
    P(TIME, lead, 2, 0.04, 120, "d", "L, time from order to shelf", CH_ASSUMED(0.5, 14, "no data"))                             \
    P(F64, service, 0.95, 0.01, 0.9999, "share", "probability of being in stock that S is set for",                             \
      CH_ASSUMED(0.8, 0.99, "out-of-stocks of 5-8 % are usual in retail"))                                                      \
    P(LIST, cover, "1.1 1.1 1.1 1.1 1.1 1.1 1.1 1.1 1.4 0", 0, 100, "",                                                         \
      "demand that S is set for over the demand expected, by good; 0: made on the spot, never out of stock",                    \
      CH_ASSUMED(0.8, 2, "demand comes from work and leisure too; snacks are made to order"))                                   \
    P(F64, doubt, 1.5, 0.1, 10, "", "demand that stores expect at time 0 over that of Huff's law, before they learn their own", \
      CH_ASSUMED(1, 2, "in stock as often in the first week as later"))                                                         \
    P(F64, learning, 0.2, 0, 1, "", "weight of what was asked for since the last review in the demand expected",                \
      CH_ASSUMED(0, 0.3, "exponential smoothing; 0: a fixed base stock"))                                                       \
    P(F64, believed, 1.5, 0, 20, "", "utility lost by a store whose page says it is out of stock",                              \
      CH_ASSUMED(0.75, 3, "beta_s"))                                                                                            \
    P(F64, accuracy, 1, 0.05, 1, "share", "records that are right, in the long run; without RFID .63, with RFID .95",           \
      CH_CHOSEN("1: records are true; sweep .35 to .98"))                                                                       \
    P(I64, count_every, 30, 1, 365, "d", "days between counts that set all records right", CH_ASSUMED(7, 180, "no data"))       \
    P(F64, shrink, 0, 0, 0.2, "1/d", "share of the units on hand that is lost per day",                                         \
      CH_CHOSEN("0: nothing is lost; retail loses 1 to 2 % of sales"))                                                          \
    P(I64, safety, 1, 1, 100, "", "the page shows an item while the record is at least this", CH_ASSUMED(1, 5, "no data"))
#define CH_ROW_STRUCT struct stock_params
CH_PARAMS(stock, STOCK_PARAMS)

#define STOCK_MESSAGES(M)                                                                                      \
    M(LOCAL, review, 1, 0, "a store (dest) orders up to its base stock, every R")                              \
    M(LOCAL, supply, 1, 1, "an order reaches a store (dest), L later; slot: units of each good, 16 bits each") \
    M(LOCAL, night, 1, 0, "records go wrong and units are lost in a store (dest)")
CH_MESSAGES(STOCK_MESSAGES)

#define STOCK_PROBES(B)                                                                                  \
    B(RATIO, availability, "share", 1, 0, 34, "items found on the shelf over items looked for there")    \
    B(SUM, units_supplied, "", 1, 0, 0, "units that reached the shelves")                                \
    B(RATIO, record_accuracy, "share", 1, 0, 34, "records of stock that are right over all, each night") \
    B(SUM, units_shrunk, "", 1, 0, 34, "units lost")
CH_PROBES(STOCK_PROBES)

#define STOCK_DRAWS(D)                                                    \
    D(start, "phase of the review and stock at time 0; once per store")   \
    D(count, "phase of the counts and records at time 0; once per store") \
    D(night, "which records go wrong and which units are lost; store and day")
CH_DRAWS(STOCK_DRAWS)

enum { LEVEL_MAX = 60000, LEVEL_MIN = 2, GOODS_PER_WORD = 4, ERROR_MAX = 2000 };
static const double near_m = 50, reach_m = 2000, normal_above = 600;

struct shelf {
    uint16_t on_hand[CH_N_GOODS];
    uint16_t on_order[CH_N_GOODS];
    uint16_t asked[CH_N_GOODS];                               /* for one on the shelf, since the last review */
    float demand[CH_N_GOODS];                                 /* expected on an ordinary day, units */
    uint32_t initial, supplied, returned, sold, shrunk, held; /* units of all goods */
    int16_t error[CH_N_GOODS];                                /* record less truth */
    uint16_t promised[CH_N_GOODS];                            /* to orders not yet picked */
    float right;                                              /* q: probability that a right record is right a night later */
    uint16_t counted;                                         /* nights ago */
};

struct stock_table {
    float *demand; /* [store * CH_N_GOODS + good]: units per day that Huff's law expects; 0 if not sold */
};

static inline size_t cell(uint32_t store, uint32_t good) { return (size_t)store * CH_N_GOODS + good; }

/* ---- pure functions ---------------------------------------------------------------------------------------------- */

/* P(D <= level - 1), D Poisson: the in-stock probability of a base stock under continuous review. */
static inline double in_stock(double mean, unsigned level)
{
    if (level == 0)
        return 0;
    if (mean > normal_above)
        return ch_norm_cdf((level - 0.5 - mean) / ch_sqrt(mean));
    double p = ch_exp(-mean), sum = p;
    for (unsigned k = 1; k < level; k++) {
        p *= mean / k;
        sum += p;
    }
    return sum;
}

/* The same for a Poisson number: the sum of in_stock grows term by term until it is enough. */
static inline unsigned base_level_small(double mean, double service)
{
    double p = ch_exp(-mean), sum = p;
    unsigned level = 1;
    while (level < LEVEL_MIN || (sum < service && level < LEVEL_MAX)) {
        p *= mean / level++;
        sum += p;
    }
    return level;
}

/* Least level with that probability, between LEVEL_MIN and LEVEL_MAX; of a normal number by bisection. */
static inline unsigned base_level(double mean, double service)
{
    if (mean <= normal_above)
        return base_level_small(mean, service);
    double ample = mean + 10 * ch_sqrt(mean) + 20;
    unsigned low = LEVEL_MIN, high = ample < LEVEL_MAX ? (unsigned)ample : LEVEL_MAX;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (in_stock(mean, middle) < service)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
