/* SPDX-License-Identifier: MIT
 * Private to sellers.c, where the mechanism is explained: its rows and state. */
#ifndef CH_SELLERS_ROWS_H
#define CH_SELLERS_ROWS_H

#include <chaland/model.h>
#include <chaland/queue.h>

#define SELLERS_PARAMS(P)                                                                                                       \
    P(FLAG, active, 0, 0, 1, "", "sellers assist shoppers", CH_CHOSEN("off: assistance is in the conversions"))                 \
    P(I64, sellers, 0, 0, 8, "", "in each store; 0: one per `floor_per_seller`, at least one", CH_CHOSEN("by floor"))           \
    P(F64, floor_per_seller, 150, 10, 10000, "m2", "floor served by one seller", CH_ASSUMED(50, 400, "no data"))                \
    P(F64, wants, 0.3, 0, 1, "share", "visits on which help is wanted", CH_ASSUMED(0.1, 0.6, "no data"))                        \
    P(F64, wants_own, 0.8, 0, 1, "share", "the same where the shopper's own seller works", CH_ASSUMED(0.4, 1, "no data"))       \
    P(TIME, takes, 240, 1, 7200, "s", "mean conversation, lognormal", CH_ASSUMED(120, 600, "no data"))                          \
    P(F64, takes_cv, 0.8, 0, 3, "", "its coefficient of variation", CH_ASSUMED(0.4, 1.2, "no data"))                            \
    P(TIME, patience, 5, 0.1, 600, "min", "mean patience, exponential", CH_ASSUMED(2, 15, "no data"))                           \
    P(F64, lift, 0.51, -5, 5, "", "log-odds of buying added by assistance; lifts .25 to .357",                                  \
      CH_SOURCED("assisted shoppers convert 43 % more: Mindtree 2016 via PYMNTS, vendor"))                                      \
    P(F64, own_lift, 0.2, -5, 5, "", "and by one's own seller, times affinity", CH_ASSUMED(0, 0.5, "no data"))                  \
    P(F64, adoption, 0.05, 0, 50, "1/year", "rate at which people with the app choose a seller of their own",                   \
      CH_ASSUMED(0, 0.5, "no data"))                                                                                            \
    P(F64, reach, 1000, 0, 5000, "m", "sellers within this walking distance of home are considered",                            \
      CH_ASSUMED(500, 2000, "no data"))                                                                                         \
    P(F64, affinity, 4, 0, 20, "", "weight of the cosine of interests in that choice", CH_ASSUMED(1, 8, "no data"))             \
    P(F64, distance, 1, 0, 20, "1/km", "weight of distance in that choice", CH_ASSUMED(0.5, 3, "no data"))                      \
    P(TIME, bad_wait, 5, 0, 120, "min", "a longer wait for one's own seller is bad service", CH_ASSUMED(2, 15, "no data"))      \
    P(F64, switches, 0.3, 0, 1, "share", "bad services after which another seller is chosen", CH_ASSUMED(0.05, 0.6, "no data")) \
    P(F64, digital, 0.2, 0, 50, "1/week", "questions sent to one's own seller from afar", CH_ASSUMED(0, 1, "no data"))          \
    P(F64, digital_takes, 0.5, 0.01, 5, "", "time they take over that of a conversation", CH_ASSUMED(0.2, 1, "no data"))        \
    P(FLAG, alerts, 1, 0, 1, "", "a recognised client who approaches is announced, and served first", CH_CHOSEN("tablets"))     \
    P(TIME, recall, 2, 0.1, 24, "h", "a client once recognised is known for so long", CH_CHOSEN("a visit"))
#define CH_ROW_STRUCT struct sellers_params
CH_PARAMS(sellers, SELLERS_PARAMS)

#define SELLERS_MESSAGES(M)                                                                   \
    M(LOCAL, ends, 1, 0, "a conversation ends in a store (dest); payload = seller")           \
    M(REMOTE, alert, CH_LOOKAHEAD, 0, "a client approaches a store (dest); payload = person") \
    M(REMOTE, request, CH_LOOKAHEAD, 0, "a question from afar to a seller of a store (dest); payload = person << 8 | seller")
CH_MESSAGES(SELLERS_MESSAGES)

#define SELLERS_PROBES(B)                                                                                                     \
    B(MEAN, seller_wait_mean, "min", 1.0 / 60, 0, 37, "wait of shoppers who are assisted")                                    \
    B(P95, seller_wait_p95, "min", 1.0 / 60, 10, 37, "the same, 95th percentile")                                             \
    B(RATIO, seller_abandonment, "share", 1, 0, 37, "shoppers who wanted help and were not reached over all who wanted it")   \
    B(MEAN, digital_wait_mean, "min", 1.0 / 60, 0, 37, "wait of questions from afar")                                         \
    B(RATIO, seller_utilisation, "share", 1, 0, 38, "time sellers are busy over opening hours")                               \
    B(RATIO, conversion_assisted, "share", 1, 0, 7, "assisted visits that bought over these")                                 \
    B(RATIO, conversion_unassisted, "share", 1, 0, 7, "other visits that bought over these")                                  \
    B(RATIO, own_seller_share, "share", 1, 0, 7, "visits to the own seller's store served by that seller, over all assisted") \
    B(SUM, sellers_adopted, "", 1, 0, 0, "own sellers chosen")                                                                \
    B(SUM, sellers_switched, "", 1, 0, 0, "of these, after bad service")                                                      \
    B(MEAN, own_seller_affinity, "", 0.001, 0, 0, "cosine of interests with the own seller, when chosen")                     \
    B(SUM, digital_requests, "", 1, 0, 0, "questions from afar")                                                              \
    B(MEAN, client_lead, "min", 1.0 / 60, 0, 18, "from the first recognition to the sale, over sales to recognised")          \
    B(RATIO, clients_announced_share, "share", 1, 0, 18, "visits of people with the app who were recognised before, over these")
CH_PROBES(SELLERS_PROBES)

#define SELLERS_DRAWS(D)                                                                    \
    D(help, "is help wanted? patience, length; person, trip and store")                     \
    D(digital, "is there a question, when, how long does it take? person and day")          \
    D(adopt, "is a seller chosen, and which? person and day")                               \
    D(change, "is another one chosen after bad service, and which? person, trip and store") \
    D(person, "interests of a person")                                                      \
    D(seller, "interests of a seller; store and seller")
CH_DRAWS(SELLERS_DRAWS)

enum { SELLERS_MAX = 8, LINE = 16, EXPECTED = 4, INTERESTS = 4 };
enum rank { CLIENT, WALK_IN, FROM_AFAR };

/* On a visit: one byte per person. */
enum help { WAITING = 1, ASSISTED = 2, BY_OWN = 4 };
struct visitor {
    uint8_t help;
};

/* Of people with the app. */
struct client {
    uint32_t own;        /* store << 3 | seller, CH_NONE */
    uint32_t recognised; /* by this retailer, CH_NONE */
    uint32_t at;         /* seconds */
};

struct desk {
    struct ch_line line;
    struct ch_waiter waiter[LINE];
    struct {
        uint32_t who; /* CH_NONE: somebody afar */
        ch_time until;
    } busy[SELLERS_MAX];
    uint32_t expected[EXPECTED]; /* person + 1; the oldest first */
};

#endif
