/* SPDX-License-Identifier: MIT
 * Parameters, messages, key figures and draws of models/couriers.c. */
#ifndef CH_COURIERS_ROWS_H
#define CH_COURIERS_ROWS_H

#include <chaland/model.h>

#define CH_ROW_STRUCT struct couriers_params
#define COURIERS_PARAMS(P)                                                                                                      \
    P(CHOICE, mode, "bike", 0, 0, "bike|foot|car", "how couriers move; may differ by depot", CH_CHOSEN("UberRush: bikes"))      \
    P(F64, bike_speed, 15, 1, 60, "km/h", "by bike", CH_SOURCED("Jensen et al. 2010; platform audits 14.5-20"))                 \
    P(F64, foot_speed, 5, 1, 15, "km/h", "on foot", CH_ASSUMED(4, 6, "no data"))                                                \
    P(F64, car_speed, 16, 1, 60, "km/h", "by car", CH_ASSUMED(12, 25, "no data"))                                               \
    P(TIME, hand_off, 1.5, 0.2, 60, "min", "at the store", CH_ASSUMED(1, 5, "3.7 min in one audit"))                            \
    P(TIME, on_duty, 8, 0, 24, "h", "couriers begin", CH_CHOSEN("S4"))                                                          \
    P(TIME, off_duty, 22, 0, 24, "h", "couriers take no more orders", CH_CHOSEN("S4"))                                          \
    P(CHOICE, reposition, "last_store", 0, 0, "off|last_store|forecast",                                                        \
      "where an idle courier goes after a while; forecast: to the zone that lacks couriers most", CH_CHOSEN("factor of S4"))    \
    P(TIME, rest, 5, 0.1, 600, "min", "idle time before he goes", CH_ASSUMED(1, 20, "no data"))                                 \
    P(MONEY, fee, 4.90, 0, 100, "EUR", "asked from the customer; may differ by depot", CH_ASSUMED(2, 15, "no data"))            \
    P(MONEY, pay, 5.60, 0, 100, "EUR", "of the courier, per drop", CH_SOURCED("Deliveroo France, LOM indicators Q4 2021"))      \
    P(CHOICE, dispatch, "nearest", 0, 0, "nearest|batch",                                                                       \
      "each order at once to the nearest idle courier, or many together at least total cost", CH_CHOSEN("factor of S4"))        \
    P(TIME, batch, 30, 10, 600, "s", "orders are gathered so long for one batch", CH_CHOSEN("factor of S4: 10, 30, 60 s"))      \
    P(F64, waiting, 1, 0, 100, "", "seconds of riding that a second of waiting weighs, when a batch cannot serve all orders",   \
      CH_ASSUMED(0, 5, "no data"))                                                                                              \
    P(FLAG, bundling, 0, 0, 1, "", "may two orders that no idle courier is left for share a trip?", CH_CHOSEN("factor of M21")) \
    P(TIME, detour, 5, 0, 60, "min", "longer than so nobody waits for sharing a trip", CH_ASSUMED(2, 10, "no data"))            \
    P(F64, zone, 500, 50, 10000, "m", "side of a forecast zone; wider where a city would have more than 8 by 8",                \
      CH_ASSUMED(250, 1000, "no data"))                                                                                         \
    P(F64, memory, 0.3, 0.01, 1, "share", "weight of the newest day in the forecast of an hour",                                \
      CH_ASSUMED(0.1, 0.6, "no data"))                                                                                          \
    P(CHOICE, shifts, "duty", 0, 0, "duty|drawn", "all couriers work from on_duty to off_duty, or each in shifts of his own",   \
      CH_CHOSEN("factor of M21"))                                                                                               \
    P(F64, shifts_per_day, 0.84, 0, 3, "", "shifts of a courier on a day, on average",                                          \
      CH_SOURCED("22 h a week: devenircoursiervelo 2016; Harris 2017"))                                                         \
    P(TIME, shift_least, 3, 0.5, 14, "h", "shortest shift", CH_SOURCED("3-4.5 h: devenircoursiervelo 2016"))                    \
    P(TIME, shift_most, 4.5, 0.5, 14, "h", "longest shift", CH_SOURCED("3-4.5 h: devenircoursiervelo 2016"))                    \
    P(FLAG, by_hour, 0, 0, 1, "", "do speeds follow the hour: mornings 7-10 h, evenings 16-19 h, nights 22-6 h?",               \
      CH_CHOSEN("factor of M21"))                                                                                               \
    P(F64, bike_evening, 0.97, 0.1, 2, "", "speed of a bike in the evening rush over that of the day; mornings 1",              \
      CH_SOURCED("Jensen et al. 2010"))                                                                                         \
    P(F64, bike_night, 1.1, 0.1, 2, "", "and at night", CH_SOURCED("Jensen et al. 2010"))                                       \
    P(F64, car_peak_speed, 12, 1, 60, "km/h", "by car in mornings and evenings", CH_ASSUMED(8, 20, "no data"))                  \
    P(FLAG, surge, 0, 0, 1, "", "is the fee raised when couriers are short?", CH_CHOSEN("factor of S4"))                        \
    P(F64, surge_from, 0.85, 0, 10, "share", "raised from here: orders in hand and waiting per courier on duty",                \
      CH_ASSUMED(0.7, 0.95, "no data"))                                                                                         \
    P(F64, surge_rise, 0.5, 0, 10, "", "rise of the multiplier over surge_span", CH_ASSUMED(0.2, 1, "no data"))                 \
    P(F64, surge_span, 0.15, 0.01, 10, "share", "over which it rises by surge_rise", CH_ASSUMED(0.1, 0.5, "no data"))           \
    P(F64, surge_most, 2, 1, 10, "", "greatest multiplier", CH_ASSUMED(1.2, 3, "no data"))                                      \
    P(CHOICE, promise, "factor", 0, 0, "factor|learnt",                                                                         \
      "promised over quoted minutes: delivery.promise, or what the centre learns to keep `kept` of its promises",               \
      CH_CHOSEN("factor of M21"))                                                                                               \
    P(F64, kept, 0.9, 0.5, 0.999, "share", "quantile of the total time that a learnt promise aims at", CH_CHOSEN("M21"))        \
    P(F64, learning, 0.02, 0.0001, 0.5, "", "step of learning: change of ln(factor) per unit of surprise",                      \
      CH_ASSUMED(0.005, 0.1, "no data"))                                                                                        \
    P(TIME, patience, 0, 0, 1440, "min", "a customer cancels what no courier took for so long; 0: never",                       \
      CH_ASSUMED(0, 120, "60 min in S4, no data"))                                                                              \
    P(FLAG, ratings, 0, 0, 1, "", "do customers give stars?", CH_CHOSEN("factor of M21"))                                       \
    P(F64, star, 3, -10, 10, "", "log-odds of five stars for a drop in time", CH_ASSUMED(1, 4, "most reviews are 5 stars"))     \
    P(F64, star_late, 0.15, 0, 10, "1/min", "log-odds of five stars lost per minute late", CH_ASSUMED(0.05, 0.4, "no data"))    \
    P(LIST, star_other, "0.5 0.2 0.1 0.2", 0, 1, "share", "4, 3, 2 and 1 stars among the others",                               \
      CH_ASSUMED(0, 1, "J-shape of reviews"))                                                                                   \
    P(F64, star_memory, 0.1, 0.001, 1, "share", "weight of the newest stars in the trust in a courier",                         \
      CH_ASSUMED(0.02, 0.3, "no data"))                                                                                         \
    P(F64, trusted, 0.8, 0, 1, "share", "couriers trusted less (mean stars / 5) are sent last",                                 \
      CH_ASSUMED(0.6, 0.95, "no data"))                                                                                         \
    P(FLAG, insurance, 0, 0, 1, "", "may parcels get lost, and are they insured?", CH_CHOSEN("factor of M21"))                  \
    P(F64, premium, 0.01, 0, 1, "share", "of the parcel's value", CH_ASSUMED(0.002, 0.03, "no data"))                           \
    P(F64, loss, 0.001, 0, 1, "share", "parcels lost", CH_ASSUMED(0.0002, 0.01, "no data"))                                     \
    P(MONEY, claim_most, 250, 0, 100000, "EUR", "paid for a lost parcel at most", CH_SOURCED("UberRush 2014: 250 USD"))         \
    P(MONEY, tool_cost, 0, 0, 50, "EUR", "of the courier's own vehicle and phone, per hour on duty",                            \
      CH_ASSUMED(0, 6, "about 1 by bike, 5 by car; no data"))

enum { BIKE, FOOT, CAR };
enum { STAY, LAST_STORE, FORECAST };
enum { NEAREST, BATCH };
enum { ON_DUTY, DRAWN };
enum { BY_FACTOR, LEARNT };

#define COURIERS_MESSAGES(M)                                                                                               \
    M(REMOTE, assign, CH_LOOKAHEAD, 2, "an order for an idle courier, where he stands; dest = courier, slots = parcel")    \
    M(REMOTE, pick_up, CH_LOOKAHEAD, 2, "he is at the store; dest = courier, slots = parcel")                              \
    M(REMOTE, report, CH_LOOKAHEAD, 0, "he is free again; dest = courier of the depot, payload = node | back << 32")       \
    M(LOCAL, go_back, 1, 0, "he has been idle for a while; dest = courier, payload = his count of trips")                  \
    M(LOCAL, wake, 1, 0, "the shift begins and orders wait; dest = depot")                                                 \
    M(LOCAL, tick, 1, 0, "a batch is assigned; dest = depot")                                                              \
    M(REMOTE, assign_two, CH_LOOKAHEAD, 4, "two orders for one courier; slots = parcels as picked up, payload = crossed?") \
    M(REMOTE, pick_first, CH_LOOKAHEAD, 4, "he is at the first store; the same")                                           \
    M(REMOTE, pick_second, CH_LOOKAHEAD, 4, "he is at the second store; the same")                                         \
    M(REMOTE, news, CH_LOOKAHEAD, 0, "how a parcel ended; dest = courier, payload = struct ending, packed")                \
    M(LOCAL, tire, 1, 0, "a customer's patience ends; payload = order")                                                    \
    M(LOCAL, roster, 1, 0, "couriers draw the shifts of a day; dest = depot")                                              \
    M(LOCAL, shift, 1, 0, "a shift begins or ends; dest = courier, payload = begins?")

#define COURIERS_PROBES(B)                                                                                                  \
    B(MEAN, delivery_time_mean, "min", 1.0 / 60, 0, 31, "from order to drop")                                               \
    B(P95, delivery_time_p95, "min", 1.0 / 60, 60, 31, "from order to drop, 95th percentile")                               \
    B(RATIO, promise_kept_rate, "share", 1, 0, 32, "drops in the promised time, of orders accepted")                        \
    B(MEAN, pickup_distance, "m", 1, 0, 33, "L1 distance of the assigned idle courier to the store")                        \
    B(RATIO, pickup_ratio_to_law, "", 1, 0, 33, "the same over the mean of 0.6267 sqrt(A/I) when orders met idle couriers") \
    B(RATIO, courier_earnings_per_hour, "EUR/h", 36000, 0, 35, "pay less tool cost, per hour on duty")                      \
    B(RATIO, courier_idle_share, "share", 1, 0, 35, "of the time on duty")                                                  \
    B(SUM, orders_lost, "", 1, 0, 0, "orders beyond what a centre can keep waiting")                                        \
    B(COURIER, courier_drops, "", 1, 0, 35, "drops")                                                                        \
    B(RATIO, empty_km_share, "share", 1, 0, 35, "metres ridden without a parcel, of all")                                   \
    B(RATIO, cost_per_drop, "EUR", 0.01, 0, 35, "pay, premium and tool cost per drop")                                      \
    B(MEAN, service_time, "min", 1.0 / 60, 0, 31, "hand-off and way to the home, of orders given to couriers")              \
    B(SUM, drops, "", 1, 0, 31, "parcels dropped")                                                                          \
    B(SUM, orders_cancelled, "", 1, 0, 32, "orders cancelled because no courier took them in time")                         \
    B(SUM, parcels_lost, "", 1, 0, 0, "parcels lost on the way")                                                            \
    B(SUM, premiums, "EUR", 0.01, 0, 44, "insurance premiums of parcels")                                                   \
    B(SUM, claims, "EUR", 0.01, 0, 44, "paid for lost parcels")                                                             \
    B(RATIO, bundled_share, "share", 1, 0, 0, "orders carried two at a time")                                               \
    B(RATIO, surge_share, "share", 1, 0, 36, "time on duty with more orders per courier than couriers.surge_from")          \
    B(RATIO, stars_mean, "star", 1, 0, 0, "stars given")                                                                    \
    B(RATIO, courier_trust, "share", 0.0001, 0, 0, "trust in the couriers, mean over drops")                                \
    B(VALUE, service_capacity, "1/h", 1, 0, 36,                                                                             \
      "most orders per hour, over hours of the day of which 95 % came within 45 min; with ratings or insurance")            \
    B(VALUE, fleet_by_law, "", 1, 0, 36,                                                                                    \
      "least fleet by the law of the nearest idle courier, for the busiest hour of the day; with ratings or insurance")     \
    B(P50, delivery_time_p50, "min", 1.0 / 60, 60, 31, "from order to drop, median")

#define COURIERS_DRAWS(D)                                                            \
    D(start, "where a courier stands at first: at the home of someone; occasion: 0") \
    D(shift, "a courier's shifts of a day; occasion: day")                           \
    D(star, "how many stars for a drop; occasion: order")                            \
    D(loss, "is a parcel lost?; occasion: order")

CH_PARAMS(couriers, COURIERS_PARAMS)
CH_MESSAGES(COURIERS_MESSAGES)
CH_PROBES(COURIERS_PROBES)
CH_DRAWS(COURIERS_DRAWS)

#endif
