/* SPDX-License-Identifier: MIT
 * Private to collect.c, where the mechanism is explained: its rows and state. */
#ifndef CH_COLLECT_ROWS_H
#define CH_COLLECT_ROWS_H

#include <chaland/model.h>

#define COLLECT_PARAMS(P)                                                                                                        \
    P(FLAG, active, 0, 0, 1, "", "stores can be asked on the phone to set something aside",                                      \
      CH_CHOSEN("off: people go and look"))                                                                                      \
    P(F64, views, 0.13, 0, 1, "share", "homecomings of somebody with the app and an open want at which a page is looked at",     \
      CH_ASSUMED(0.02, 0.5, "mobile purchase share 13 %"))                                                                       \
    P(F64, reserves, 0.5, 0.001, 0.999, "share", "pages that show the item and are followed by a reservation",                   \
      CH_ASSUMED(0.1, 0.9, "no data"))                                                                                           \
    P(F64, ship, 0.2, 0, 1, "share", "of these, sent home by courier where one is on offer", CH_ASSUMED(0, 0.6, "no data"))      \
    P(F64, best, 0.5, 0, 5, "", "log-odds of reserving added for the best-seller of the store", CH_ASSUMED(0, 1, "no data"))     \
    P(TIME, pick, 15, 0.2, 600, "min", "time to find the item", CH_ASSUMED(5, 60, "no data"))                                    \
    P(TIME, promise, 60, 1, 1440, "min", "ready so soon, in opening hours", CH_CHOSEN("usual promise of the trade"))             \
    P(TIME, keep, 7, 0.1, 60, "d", "set aside for so long", CH_ASSUMED(2, 14, "no data"))                                        \
    P(F64, no_show, 0.05, 0, 1, "share", "who does not come for it", CH_ASSUMED(0, 0.2, "no data"))                              \
    P(F64, reroute, 0.5, 0, 1, "share", "failed picks passed on to another store, to be collected there",                        \
      CH_ASSUMED(0, 1, "no data"))                                                                                               \
    P(F64, courier, 0.2, 0, 1, "share", "failed picks passed on to another store and sent home", CH_ASSUMED(0, 1, "no data"))    \
    P(F64, extra, 0.5, 0, 1, "share", "who collects and buys something else, too",                                               \
      CH_ASSUMED(0.3, 0.8, ".50 always and .50 sometimes (French), .59-.67 (US): Statista, Bell & Howell 2017, ICSC"))           \
    P(F64, extra_basket, 0.4, 0.01, 2, "", "its price over that of a usual basket", CH_ASSUMED(0.2, 0.8, "no data"))             \
    P(FLAG, fitting, 0, 0, 1, "", "clothes and shoes are tried on in fitting rooms that know the items (RFID)",                  \
      CH_CHOSEN("off"))                                                                                                          \
    P(F64, tried, 0.4, 0, 1, "share", "planned items that are tried on", CH_ASSUMED(0.2, 0.7, "no data"))                        \
    P(F64, tried_odds, 0.619, -5, 5, "", "log-odds of buying what was tried on; .50 where .35 buy",                              \
      CH_ASSUMED(0.3, 1.2, "fitting room users about 70 % likelier to buy: trade articles, vendors"))                            \
    P(F64, untried_odds, -0.480, -5, 5, "", "and what was not; .25 where .35 buy", CH_ASSUMED(-1, 0, "mean unchanged"))          \
    P(TIME, memory, 14, 0.1, 365, "d", "time constant of the best-sellers shown", CH_ASSUMED(3, 60, "no data"))                  \
    P(F64, ship_promise, 1.5, 0.1, 20, "", "promised over quoted minutes, of what is sent home, unless couriers have learnt it", \
      CH_ASSUMED(1, 3, "as delivery.promise"))
#define CH_ROW_STRUCT struct collect_params
CH_PARAMS(collect, COLLECT_PARAMS)

#define COLLECT_MESSAGES(M)                                                                                             \
    M(REMOTE, reserve, CH_LOOKAHEAD, 2, "a store (dest) is asked for an item; slots = order")                           \
    M(LOCAL, pick, 1, 0, "the item is fetched in a store (dest); payload = slip")                                       \
    M(REMOTE, told, CH_LOOKAHEAD, 0, "the answer, at the home of a person (dest) who need not be there; payload = row") \
    M(LOCAL, expire, 1, 0, "not collected in time from a store (dest); payload = slip, number and person")
CH_MESSAGES(COLLECT_MESSAGES)

#define COLLECT_PROBES(B)                                                                                             \
    B(SUM, page_views, "", 1, 0, 34, "looks at a page for something wanted")                                          \
    B(RATIO, page_availability, "share", 1, 0, 34, "pages of the store chosen that show the item over all looked at") \
    B(SUM, reservations, "", 1, 0, 34, "items asked for")                                                             \
    B(RATIO, pick_success, "share", 1, 0, 34, "picks done over picks started")                                        \
    B(SUM, pick_record_failures, "", 1, 0, 34, "picks that failed though the record showed a unit")                   \
    B(RATIO, ready_in_time, "share", 1, 0, 34, "items ready within the promise over items ready")                     \
    B(SUM, collected, "", 1, 0, 34, "items collected")                                                                \
    B(RATIO, no_show_rate, "share", 1, 0, 34, "items set aside and not collected in time over those set aside")       \
    B(SUM, rerouted, "", 1, 0, 34, "orders passed on to another store")                                               \
    B(SUM, reservations_void, "", 1, 0, 34, "orders that came to nothing")                                            \
    B(SUM, shipped, "", 1, 0, 34, "items sent home from a store without the shopper")                                 \
    B(SUM, shipped_sales, "EUR", 0.01, 0, 9, "prices paid for these")                                                 \
    B(SUM, collect_sales, "EUR", 0.01, 0, 9, "prices paid on visits that collect, for anything else")                 \
    B(SUM, tried_and_bought, "", 1, 0, 34, "items tried on in a fitting room and bought")
CH_PROBES(COLLECT_PROBES)

#define COLLECT_DRAWS(D)                                                     \
    D(page, "is a page looked at, what for, reserved, sent? person and leg") \
    D(fate, "what becomes of a failed pick; person and leg")                 \
    D(show, "does the shopper come? person and leg")                         \
    D(extra, "an extra purchase? person, trip and store")                    \
    D(tried, "is it tried on? person, trip, store and good")
CH_DRAWS(COLLECT_DRAWS)

/* The order in the phone: 8 bytes per person with the app. */
enum order_state { NOTHING, ASKED, READY, IN_HAND, COLLECTED };
struct in_phone {
    uint32_t store;
    uint8_t state, good, number, no_show;
};

/* On its way to a store, packed in two slots. */
struct order {
    uint32_t person, depot;
    ch_time asked;
    ch_cents fee;
    float minutes; /* promised by the courier */
    uint8_t good, number, ship, hops;
    uint64_t occasion; /* of its draws: the homecoming on which it was placed */
    uint64_t unused[3];
};
_Static_assert(sizeof(struct order) == 2 * sizeof(struct ch_slot), "an order is two slots");

enum slip_state { FREE, TO_PICK, KEPT, GIVEN };
struct slip { /* of a store */
    struct order order;
    uint8_t state;
};

enum { SLIPS = 24 };
struct counter {
    struct slip slip[SLIPS];
    float best[CH_N_GOODS]; /* tried and bought, fading */
    uint32_t best_at;       /* minutes */
    uint32_t came, collected, shipped, passed_on, cancelled, expired;
};

/* The row of a person with the app: number 8 bits | outcome 4 | store 24 | cents 28. */
enum outcome { OUT_READY = 1, OUT_CANCELLED, OUT_SHIPPED };
static inline uint64_t row_of(uint8_t number, enum outcome outcome, uint32_t store, ch_cents cents)
{
    return number | (uint64_t)outcome << 8 | (uint64_t)(store & 0xffffffu) << 12 | ((uint64_t)cents & 0xfffffffu) << 36;
}

#endif
