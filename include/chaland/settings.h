/* SPDX-License-Identifier: MIT
 * Parameters that are not a model's: the run, the city, its people, their devices, its retail trade. Rows as in row.h:
 * P(KIND, name, default, min, max, unit, doc, ORIGIN). The rows themselves are compiled in src/table/settings.c. */
#ifndef CHALAND_SETTINGS_H
#define CHALAND_SETTINGS_H

#include <chaland/row.h>

/* Top level of the scenario. */
#define CH_RUN_ROWS(P)                                                                                                           \
    P(I64, seed, 1, 0, 4294967295.0, "", "seed of every draw", CH_CHOSEN("any number; another one is another luck"))             \
    P(TIME, duration, 7, 0.05, 2900, "d", "time that is simulated and counted", CH_CHOSEN("the question decides"))               \
    P(TIME, warmup, 1, 0, 365, "d", "time before it that is simulated and not counted; whole days",                              \
      CH_CHOSEN("the start is drawn from the stationary law; a day settles the rest"))                                           \
    P(I64, replications, 20, 1, 100000, "", "independent repetitions, paired across policies", CH_CHOSEN("20 give t-intervals")) \
    P(F64, confidence, 0.95, 0.5, 0.9999, "share", "confidence of the intervals", CH_CHOSEN("custom"))                           \
    P(TIME, publish, 30, 10, 3600, "s", "period of published rows (stock, queues, crowd, quotes); a multiple of 10 s",           \
      CH_ASSUMED(10, 300, "age of a live product page"))                                                                         \
    P(FLAG, independent, 0, 0, 1, "", "draw anew at each design point instead of common random numbers",                         \
      CH_CHOSEN("common random numbers are sharper"))                                                                            \
    P(FLAG, allow_forced, 0, 0, 1, "", "lets policies run that ignore consent (forced: true), as a stress test",                 \
      CH_CHOSEN("no such policy is ever recommended"))

#define CH_CITY_ROWS(P)                                                                                                  \
    P(I64, columns, 20, 1, 4000, "", "blocks from west to east", CH_CHOSEN("a district"))                                \
    P(I64, rows, 20, 1, 4000, "", "blocks from south to north", CH_CHOSEN("a district"))                                 \
    P(F64, block, 100, 24, 1000, "m", "side of a block", CH_ASSUMED(60, 200, "European inner cities"))                   \
    P(I64, stores, 40, 0, 1000000, "", "stores to generate, or a list, or {file: stores.csv}", CH_CHOSEN("a district"))  \
    P(I64, retailers, 8, 1, 10000, "", "retailers to generate, or a list, or a file", CH_CHOSEN("a district"))           \
    P(I64, clusters, 2, 1, 1000, "", "shopping streets around which stores gather", CH_ASSUMED(1, 20, "no data"))        \
    P(F64, centre, 0.33, 0, 1, "share", "share of stores in the main cluster", CH_ASSUMED(0.1, 0.6, "S1: 300 of 900"))   \
    P(F64, pareto, 1.2, 0.5, 5, "", "Pareto exponent of retailer sizes", CH_ASSUMED(1, 2, "no data"))                    \
    P(I64, beacons, 60, 0, 1000000, "", "BLE beacons to generate, or a list, or a file", CH_CHOSEN("a district"))        \
    P(I64, screens, 4, 0, 100000, "", "street screens to generate, or a list, or a file", CH_CHOSEN("a district"))       \
    P(F64, large_screens, 0.18, 0, 1, "share", "screens of 8 m2; the others have 2.5 m2",                                \
      CH_SOURCED("3 of 17 in Angers: entreprise-angers.com interview"))                                                  \
    P(I64, stops, 6, 0, 100000, "", "bus stops to generate, or a list, or a file", CH_CHOSEN("a district"))              \
    P(TIME, headway, 10, 1, 120, "min", "mean time between buses at a generated stop", CH_ASSUMED(5, 20, "urban lines")) \
    P(I64, depots, 1, 0, 1000, "", "courier depots to generate, or a list, or a file", CH_CHOSEN("one platform"))        \
    P(I64, couriers, 8, 0, 100000, "", "couriers of all depots together, at sample 1", CH_CHOSEN("a district"))          \
    P(F64, floor, 120, 5, 20000, "m2", "median floor of a generated store", CH_ASSUMED(60, 300, "no data"))              \
    P(F64, rating, 3.8, 1, 5, "", "displayed rating of a generated store", CH_ASSUMED(3, 4.5, "no data"))                \
    P(TIME, opens, 9.5, 0, 23, "h", "stores open (grocery and cafes two hours earlier)",                                 \
      CH_ASSUMED(8, 10, "French high streets"))                                                                          \
    P(TIME, closes, 19.5, 1, 24, "h", "stores close", CH_ASSUMED(18, 21, "French high streets"))                         \
    P(F64, sunday, 0.1, 0, 1, "share", "share of generated stores open on Sunday", CH_ASSUMED(0, 0.3, "French rules"))

#define CH_POPULATION_ROWS(P)                                                                                               \
    P(I64, shoppers, 2000, 1, 100000000, "", "inhabitants at sample 1", CH_CHOSEN("a district"))                            \
    P(F64, sample, 1, 0.0001, 1, "share", "share of them that is simulated; fleets, stocks and fixed costs scale with it",  \
      CH_CHOSEN("speed"))                                                                                                   \
    P(F64, workers, 0.55, 0, 1, "share", "people who work", CH_ASSUMED(0.4, 0.7, "no data"))                                \
    P(F64, work_reach, 1500, 50, 20000, "m", "mean of the exponential distance decay of workplaces",                        \
      CH_ASSUMED(500, 4000, "calibrated to the walking share"))                                                             \
    P(F64, walk_share, 0.237, 0, 1, "share", "trips on foot that calibration aims at",                                      \
      CH_SOURCED("Enquete mobilite des personnes 2019, SDES"))                                                              \
    P(F64, speed, 1.34, 0.6, 2.2, "m/s", "mean free walking speed", CH_SOURCED("Weidmann 1993"))                            \
    P(F64, speed_sd, 0.26, 0, 1, "m/s", "its standard deviation; truncated to 0.6 .. 2.2 m/s", CH_SOURCED("Weidmann 1993")) \
    P(LIST, privacy, "0.26 0.64 0.10", 0, 1, "share", "privacy fundamentalists, pragmatists, unconcerned",                  \
      CH_SOURCED("Westin/Harris; validity disputed: Urban & Hoofnagle 2014"))

#define CH_DEVICES_ROWS(P)                                                                                            \
    P(F64, smartphone, 0.77, 0, 1, "share", "people with a smartphone", CH_SOURCED("CREDOC 2019"))                    \
    P(F64, android, 0.75, 0, 1, "share", "of these, Android; the others iOS", CH_ASSUMED(0.5, 0.9, "European share")) \
    P(F64, bluetooth, 0.45, 0, 1, "share", "of smartphones, Bluetooth on",                                            \
      CH_SOURCED("Rover/Beaconstac 2015-16: 0.40-0.50, vendor"))                                                      \
    P(F64, location, 0.90, 0, 1, "share", "of smartphones, location services on", CH_SOURCED("Pew via eMarketer"))    \
    P(F64, app, 0.10, 0, 1, "share", "of smartphones, the app is installed", CH_ASSUMED(0.01, 0.5, "no data"))

/* Lists follow the order of CH_GOODS: clothing shoes culture electronics home beauty diy toys grocery cafe. */
#define CH_RETAIL_ROWS(P)                                                                                                        \
    P(LIST, basket, "50 65 18 125 40 20 25 20 35 6", 0.01, 100000, "EUR", "mean price paid for a purchase, VAT included",        \
      CH_ASSUMED(0.5, 2, "split of the 146 EUR non-food budget of Hammerson/Odoxa 2017; range as factor"))                       \
    P(F64, basket_cv, 0.6, 0, 3, "", "coefficient of variation of the basket", CH_ASSUMED(0.3, 1, "no data"))                    \
    P(LIST, margin, "0.47 0.45 0.30 0.20 0.40 0.40 0.38 0.35 0.25 0.60", 0, 0.95, "share", "retail margin on sales without VAT", \
      CH_ASSUMED(0.8, 1.2, "mean 30 %: INSEE Focus 284; split assumed, range as factor"))                                        \
    P(LIST, conversion, "0.25 0.22 0.30 0.18 0.25 0.35 0.45 0.30 0.95 0.95", 0.001, 0.999, "share",                              \
      "visits that buy, planned category", CH_ASSUMED(0.8, 1.2, "20-40 % in store: trade benchmarks; range as factor"))          \
    P(LIST, purchases, "0.9 0.2 1.0 0.2 0.5 0.75 0.24 0.2 6.0 12.0", 0, 100, "1/month",                                          \
      "realised purchases per person that calibration aims at",                                                                  \
      CH_ASSUMED(0.8, 1.2, "with the baskets: 146 EUR non-food a month, Hammerson/Odoxa 2017; range as factor"))                 \
    P(LIST, heat, "-0.3 -0.2 0 0 0 0 0 0 0 0.2", -1, 1, "", "weather tag: sales rise with warmth", CH_ASSUMED(-1, 1, "no data")) \
    P(LIST, rain, "0 0.4 0.3 0 0 0 0 0 0 0", -1, 1, "", "weather tag: sales rise with rain", CH_ASSUMED(-1, 1, "no data"))       \
    P(F64, sponsors, 1, 0, 1, "share", "retailers who run the policy under test, largest first", CH_CHOSEN("all"))               \
    P(F64, members, 1, 0, 1, "share", "retailers in the wishlist pool, largest first", CH_CHOSEN("all of them"))

/* K55: gains over the baseline are differences of this sum, in EUR. */
#define CH_WELFARE_ROWS(P)                                                                           \
    P(F64, surplus, 1, 0, 100, "", "weight of the shoppers' surplus", CH_CHOSEN("a euro is a euro")) \
    P(F64, profit, 1, 0, 100, "", "weight of the retailers' profit", CH_CHOSEN("a euro is a euro"))  \
    P(F64, couriers, 1, 0, 100, "", "weight of what couriers earn", CH_CHOSEN("a euro is a euro"))   \
    P(F64, intrusion, 0.5, 0, 1000, "EUR", "taken off for each unwanted message",                    \
      CH_ASSUMED(0, 5, "no data: what a shopper lost to irritation is worth"))

/* name of the C struct, path of the section, rows, title */
#define CH_SETTINGS(X)                                                           \
    X(run, "", CH_RUN_ROWS, "the run")                                           \
    X(city, "city", CH_CITY_ROWS, "the city: streets, stores, beacons, screens") \
    X(population, "population", CH_POPULATION_ROWS, "the people")                \
    X(devices, "devices", CH_DEVICES_ROWS, "their devices")                      \
    X(retail, "retail", CH_RETAIL_ROWS, "what is sold")                          \
    X(welfare, "welfare", CH_WELFARE_ROWS, "what the city's good is made of")

#define X(name, path, ROWS, title) \
    struct ch_##name##_params {    \
        ROWS(CH_PARAM_FIELD)       \
    };
CH_SETTINGS(X)
#undef X

enum ch_setting {
#define X(name, path, ROWS, title) CH_SET_##name,
    CH_SETTINGS(X)
#undef X
        CH_N_SETTINGS
};

#endif
