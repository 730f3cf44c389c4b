/* SPDX-License-Identifier: MIT
 * Private to membership.c, where the mechanism is explained: its rows and state. */
#ifndef CH_MEMBERSHIP_ROWS_H
#define CH_MEMBERSHIP_ROWS_H

#include "membership_game.h"
#include <chaland/model.h>

#define MEMBERSHIP_PARAMS(P)                                                                                                   \
    P(FLAG, active, 0, 0, 1, "", "retailers join and leave the pool, and the pool is measured",                                \
      CH_CHOSEN("members do not change"))                                                                                      \
    P(CHOICE, rule, "best_response", 0, 0, "frozen|best_response", "frozen: members stay members, all is measured",            \
      CH_CHOSEN("M17"))                                                                                                        \
    P(CHOICE, start, "city", 0, 0, "city|all|none", "members at the start; city: as retail.members and own data say",          \
      CH_CHOSEN("factor of S3"))                                                                                               \
    P(TIME, period, 30, 1, 365, "d", "retailers decide this often", CH_CHOSEN("monthly: M17"))                                 \
    P(F64, inertia, 0.02, 0, 1, "share", "of the present payoff: a smaller gain moves nobody", CH_ASSUMED(0, 0.1, "no data"))  \
    P(F64, smoothing, 0.5, 0.01, 1, "share", "weight of the last period against all before it", CH_ASSUMED(0.2, 1, "no data")) \
    P(F64, trial, 0.1, 0, 0.5, "share", "people of each list who are treated the other way round, to measure the difference",  \
      CH_ASSUMED(0.05, 0.2, "hold-out groups of incrementality tests"))                                                        \
    P(F64, belief, 200, 0, 1e6, "",                                                                                            \
      "wishes that the experience of the others weighs beside one's own, and beliefs beside theirs",                           \
      CH_ASSUMED(20, 1000, "no data"))                                                                                         \
    P(F64, believed_own, 0.10, 0, 1, "share", "belief before any experience: wishes sold by a retailer that shares no list",   \
      CH_ASSUMED(0.05, 0.2, "M16"))                                                                                            \
    P(F64, believed_pooled, 0.18, 0.001, 1, "share", "and of a list that is shared, at the origin or through the pool",        \
      CH_ASSUMED(0.1, 0.3, "1 to 3 times as many"))                                                                            \
    P(F64, believed_retention, 0.4, 0, 1, "share", "of these sold at the origin", CH_ASSUMED(0.2, 0.8, "M16"))                 \
    P(F64, imposed_own, -1, -1, 1, "share", "below 0: measured; else taken for what would be measured", CH_CHOSEN("measured")) \
    P(F64, imposed_pooled, -1, -1, 1, "share", "likewise", CH_CHOSEN("measured"))                                              \
    P(F64, imposed_retention, -1, -1, 0.999, "share", "likewise", CH_CHOSEN("measured"))                                       \
    P(F64, imposed_margin, -1, -1, 1, "share", "likewise, of the price paid", CH_CHOSEN("measured"))                           \
    P(FLAG, net_gains, 0, 0, 1, "", "sellers count only what they would not have sold from other lists anyway",                \
      CH_CHOSEN("M17 counts all pooled sales as gained"))
#define CH_ROW_STRUCT struct membership_params
CH_PARAMS(membership, MEMBERSHIP_PARAMS)

enum { FROZEN, BEST_RESPONSE };
enum { START_CITY, START_ALL, START_NONE };

#define MEMBERSHIP_MESSAGES(M)                                                                                              \
    M(REMOTE, closed, CH_LOOKAHEAD, 0, "a wish has left its list, place to clearing house; dest = origin, payload: pack()") \
    M(REMOTE, sold, CH_LOOKAHEAD, 1,                                                                                        \
      "a non-food sale, or its return, place to clearing house; dest = seller, payload = origin if pooled; slot: cents")    \
    M(LOCAL, day, 1, 0, "a day of the clearing house; some are clearing days")
CH_MESSAGES(MEMBERSHIP_MESSAGES)

#define MEMBERSHIP_PROBES(B)                                                                                                   \
    B(SUM, pool_joins, "", 1, 0, 29, "retailers who joined the pool")                                                          \
    B(SUM, pool_leaves, "", 1, 0, 29, "retailers who left it")                                                                 \
    B(RATIO, pool_own_conversion, "share", 1, 0, 30, "c0: value of unshared wishes sold at their origin, of those that ended") \
    B(RATIO, pool_conversion, "share", 1, 0, 30,                                                                               \
      "c1: value of shared wishes sold at their origin or through the pool, likewise")                                         \
    B(RATIO, pool_retention, "share", 1, 0, 30, "sigma: part of the latter that was sold at the origin")                       \
    B(RATIO, pool_margin, "share", 1, 0, 30, "m: price paid less VAT and cost of goods, of the price paid; non-food")          \
    B(RATIO, pool_leak_share, "share", 1, 0, 28,                                                                               \
      "wishes that members sold from other members' lists without owing a commission: too old, or attribution refused")        \
    B(SUM, pool_profit, "EUR", 0.01, 0, 30, "margin on wishes sold at their origin or through the pool, less fees")            \
    B(VALUE, pool_kappa_min, "share", 1, 0, 30, "m (c0 - sigma c1) / ((1 - sigma) c1), of the run's own c0, c1, sigma and m")  \
    B(VALUE, pool_coverage, "share", 1, 0, 29, "value of wishes on lists of the members at the end, of all")                   \
    B(VALUE, pool_members, "share", 1, 0, 29, "members at the end, of all retailers")                                          \
    B(VALUE, pool_unravelled, "", 1, 0, 29, "1 if coverage at the end is below .1")                                            \
    B(VALUE, pool_transfer_gini, "", 1, 0, 28, "Gini coefficient of commissions received less paid, over their mean size")     \
    B(VALUE, pool_largest_pair, "share", 1, 0, 28, "of all commission, between the two retailers with the largest net flow")   \
    B(RETAILER, pool_member_days, "d", 1, 0, 29, "days as a member")                                                           \
    B(RETAILER, pool_member_at_end, "", 1, 0, 29, "1 for a member at the end")                                                 \
    B(RETAILER, list_ended_unshared_by, "EUR", 0.01, 0, 30, "value of unshared wishes that ended, by origin")                  \
    B(RETAILER, list_own_unshared_by, "EUR", 0.01, 0, 30, "and of those of them sold at the origin")                           \
    B(RETAILER, list_ended_shared_by, "EUR", 0.01, 0, 30, "value of shared wishes that ended, by origin")                      \
    B(RETAILER, list_own_shared_by, "EUR", 0.01, 0, 30, "of them sold at the origin")                                          \
    B(RETAILER, list_pooled_by, "EUR", 0.01, 0, 30, "of them sold through the pool")                                           \
    B(DAILY, daily_members, "", 1, 0, 29, "members of the pool")
CH_PROBES(MEMBERSHIP_PROBES)

#define MEMBERSHIP_DRAWS(D)                                  \
    D(order, "who decides before whom; retailer and period") \
    D(trial, "is this person treated the other way round on this list? person and retailer")
CH_DRAWS(MEMBERSHIP_DRAWS)

enum { RETAILERS_MAX = 512 };

/* What is summed up by retailer: as the origin of a list, by whether the wish was shared; as a seller. Cents, except WISHES. */
enum { ENDED, OWN = ENDED + 2, AWAY = OWN + 2, POOLED = AWAY + 2, WISHES, SOLD, PROFIT, N_CELLS };

struct firm {
    int64_t period[N_CELLS]; /* since the last clearing day */
    int64_t whole[N_CELLS];  /* since the end of the warm-up */
    double smooth[N_CELLS];
    int64_t paid, received, fees; /* cents since the start, less reversals */
    uint64_t turn;                /* in the order of decisions */
};

/* At the clearing house; behind it firms, players, rates by pair, net flow by pair. */
struct house {
    uint32_t periods, members, days; /* days since the last clearing day */
    bool wise;                       /* a period was smoothed in already */
};

static inline struct firm *firms_of(struct house *house) { return (struct firm *)(void *)(house + 1); }
static inline struct player *players_of(struct house *house, uint32_t n)
{
    return (struct player *)(void *)(firms_of(house) + n);
}
static inline double *rates_of(struct house *house, uint32_t n) { return (double *)(void *)(players_of(house, n) + n); }
/* [seller * n + origin] */
static inline int64_t *flows_of(struct house *house, uint32_t n)
{
    return (int64_t *)(void *)(rates_of(house, n) + (size_t)n * n);
}

struct shelf_mirror { /* at a store: what was owed on its sales, to compare with the clearing house */
    int64_t commission, fees;
};

struct membership_table {
    const uint8_t *starts; /* [retailer]: a member at the start */
    uint32_t n_starts;
};

#endif
