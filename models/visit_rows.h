/* SPDX-License-Identifier: MIT
 * Private to visit.c, where the mechanism is explained: its rows and state. */
#ifndef CH_VISIT_ROWS_H
#define CH_VISIT_ROWS_H

#include <chaland/model.h>

#define VISIT_PARAMS(P)                                                                                                         \
    P(TIME, stay, 12, 1, 240, "min", "median time in a store", CH_ASSUMED(5, 25, "no data"))                                    \
    P(F64, stay_sd, 0.7, 0, 2, "", "sd of its logarithm", CH_ASSUMED(0.4, 1, "no data"))                                        \
    P(F64, discount, 3, 0, 20, "", "log-odds of buying per unit of discount (1 = free)", CH_ASSUMED(1.5, 6, "no data"))         \
    P(F64, trade_up, 1, 0, 2, "", "elasticity of what is taken home with respect to a public markdown",                         \
      CH_ASSUMED(0, 1.5, "no data"))                                                                                            \
    P(LIST, conversion_shift, "0 0 0 0 0 0 0 0 0 0", -5, 5, "",                                                                 \
      "log-odds added to the conversions, by good; written by `chaland calibrate`",                                             \
      CH_CHOSEN("0: no wish, offer or empty shelf is made up for"))                                                             \
    P(F64, impulse, 0.16, 0, 5, "", "unplanned purchases per visit at reference",                                               \
      CH_ASSUMED(0.05, 0.6, "unplanned share 20 %: Bell, Corsten & Knox; older claims of 53-70 % depend on the definition"))    \
    P(F64, controlled, -2.5, -10, 10, "", "log-odds of a controlled impulse without desire or discount",                        \
      CH_ASSUMED(-4, -1, "no data"))                                                                                            \
    P(F64, controlled_desire, 2, 0, 10, "", "log-odds per unit of desire", CH_ASSUMED(1, 4, "no data"))                         \
    P(F64, controlled_discount, 2.5, 0, 20, "", "log-odds per unit of discount", CH_ASSUMED(1, 5, "no data"))                   \
    P(F64, controlled_near, 1, -5, 5, "", "log-odds within 200 m of the store", CH_ASSUMED(0.5, 2, "no data"))                  \
    P(F64, recall, 0.1, 0, 1, "", "a wish comes to mind on a planned visit: times match times desire",                          \
      CH_ASSUMED(0, 1, "no data"))                                                                                              \
    P(LIST, returns, "0.05 0.12 0.06", 0, 1, "share", "items brought back, food apart: planned, impulse, controlled",           \
      CH_ASSUMED(0.02, 0.3, "no data"))                                                                                         \
    P(I64, return_days, 14, 1, 30, "", "items come back after 1 to this many days", CH_ASSUMED(7, 30, "within 30 d"))           \
    P(LIST, sold_before, "1 1 1 1 1 1 1 1 1 1", 0, 10, "",                                                                      \
      "purchases before time 0 over those aimed at, by good: tells what comes back then; written by `chaland calibrate`",       \
      CH_ASSUMED(0.3, 1.2, "calibrated: no trend after the start"))                                                             \
    P(F64, other_item, 0.4, 0, 1, "share", "shoppers at an empty shelf who take another item", CH_ASSUMED(0.2, 0.6, "no data")) \
    P(F64, other_store, 0.3, 0, 1, "share", "and who next look for it in another store", CH_ASSUMED(0.1, 0.5, "no data"))       \
    P(TIME, avoids, 14, 0, 365, "d", "for so long they do", CH_ASSUMED(3, 30, "no data"))                                       \
    P(F64, snack, 0.5, 0, 1, "share", "snacks bought when one is needed and there is an open cafe, in passing or at leisure",   \
      CH_ASSUMED(0.1, 1, "calibrated to 12 snacks a month"))
#define CH_ROW_STRUCT struct visit_params
CH_PARAMS(visit, VISIT_PARAMS)

#define VISIT_MESSAGES(M)                                                                                                        \
    M(LOCAL, browse_end, 1, 1, "the shopper (dest) decides what to buy; slot: store and good, time of entry, drawn by an offer") \
    M(LOCAL, brought_back, 1, 2, "an item returns to the store (dest); slots: the whole sale")                                   \
    M(LOCAL, paid, 1, 2,                                                                                                         \
      "a line of the basket of the shopper (dest) is paid, or put back; slots: the sale; payload: see visit_till.h")
CH_MESSAGES(VISIT_MESSAGES)

#define CONVERSION(B, good) \
    B(RATIO, conversion_##good, "share", 1, 0, 7, "planned visits for " #good " that bought it over all such visits")
#define EACH_GOOD(B, ROW) \
    ROW(B, clothing)      \
    ROW(B, shoes)         \
    ROW(B, culture) ROW(B, electronics) ROW(B, home) ROW(B, beauty) ROW(B, diy) ROW(B, toys) ROW(B, grocery) ROW(B, cafe)
#define VISIT_PROBES(B)                                                                                                  \
    B(RATIO, regret_planned, "share", 1, 0, 45, "planned purchases that will come back over all of these")               \
    B(RATIO, regret_impulse, "share", 1, 0, 45, "impulse purchases that will come back over all of these")               \
    B(RATIO, regret_controlled, "share", 1, 0, 45, "controlled-impulse purchases that will come back over all of these") \
    B(SUM, closed_on_arrival, "", 1, 0, 0, "shoppers who found the store closed")                                        \
    B(MEAN, visit_minutes, "min", 0.001, 0, 0, "time in a store, without waiting")                                       \
    EACH_GOOD(B, CONVERSION)
CH_PROBES(VISIT_PROBES)

#define VISIT_DRAWS(D)                                                                 \
    D(stay, "time in the store; person, trip and store")                               \
    D(buy, "does the shopper buy? person, trip, store and item")                       \
    D(shelf, "reaction to an empty shelf; person, trip, store and item")               \
    D(price, "listed price; person, trip, store and item")                             \
    D(back, "does it come back, and when? person, trip, store and item")               \
    D(impulse, "number of candidate impulses and their goods; person, trip and store") \
    D(snack, "is a snack bought, and where? person, leg and step")                     \
    D(recall, "does a wish come to mind? person, trip, store and good")                \
    D(past, "items sold before time 0 that come back; store and good")                 \
    D(extra, "good of an extra purchase; person, trip and store")
CH_DRAWS(VISIT_DRAWS)

/* Items of a visit, 6 bits in the occasion of a draw: the good if planned, controlled impulses, a snack, impulses, an extra. */
enum { ITEM_CONTROLLED = CH_N_GOODS, ITEM_SNACK = ITEM_CONTROLLED + CH_N_GOODS, ITEM_IMPULSE, ITEM_EXTRA = 63, ITEMS };
#define TILL CH_SECOND

struct visitor {
    uint32_t avoided; /* store with an empty shelf, CH_NONE */
    uint32_t avoided_good : 4;
    uint32_t avoided_until : 28; /* minutes */
};
_Static_assert(CH_N_GOODS <= 16, "a good takes four bits");

/* The parameters in this store: any of them may be its own. */
CH_PARAMS_BY_STORE

struct visit_table {
    double median[CH_N_GOODS]; /* cents */
    double sigma[CH_N_GOODS];
    double logit[CH_N_GOODS]; /* of the conversion aimed at */
    double needs[CH_N_GOODS]; /* purchases aimed at per day, in all stores */
    double floor[CH_N_GOODS]; /* m2 of all stores of the good */
    double waiting;           /* items on their way back, at any time */
    const uint8_t *cafe;      /* one bit per node: a cafe stands there */
};

#endif
