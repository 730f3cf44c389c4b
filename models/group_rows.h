/* SPDX-License-Identifier: MIT
 * Private to group_deals.c, where the mechanism is explained: its rows, and what a store publishes of its deal. */
#ifndef CH_GROUP_ROWS_H
#define CH_GROUP_ROWS_H

#include <chaland/stores_of.h>

#define GROUP_PARAMS(P)                                                                                                          \
    P(FLAG, active, 0, 0, 1, "", "stores open group deals and private sales",                                                    \
      CH_CHOSEN("off: a mechanism that a scenario asks for"))                                                                    \
    P(CHOICE, hosts, "all", 0, 0, "all|sponsors", "whose stores open them: all retailers', or those of who runs the policy",     \
      CH_CHOSEN("anybody may"))                                                                                                  \
    P(F64, deals, 0.25, 0, 7, "1/week", "group deals opened by a store that has none", CH_ASSUMED(0.02, 1, "no data"))           \
    P(I64, threshold, 20, 1, 10000, "", "N: buyers who make it valid, scaled with the sample", CH_ASSUMED(5, 100, "no data"))    \
    P(TIME, deadline, 48, 1, 720, "h", "for so long it may be joined", CH_ASSUMED(6, 168, "no data"))                            \
    P(F64, discount, 0.25, 0, 0.9, "share", "off the price, for all who joined", CH_ASSUMED(0.1, 0.5, "no data"))                \
    P(F64, joins, 0.02, 0, 100, "1/h", "h_d: hazard of joining, of an informed shopper who wants the good and sees nobody yet",  \
      CH_ASSUMED(0.002, 0.2, "no data"))                                                                                         \
    P(F64, herding, 1, 0, 100, "", "eta: the hazard is 1 + eta n/N times as high when n have joined",                            \
      CH_ASSUMED(0, 4, "no data"))                                                                                               \
    P(CHOICE, law, "hazard", 0, 0, "hazard|thresholds",                                                                          \
      "thresholds: who is informed joins when n reaches a number of their own, uniform from 0 to N - 1",                         \
      CH_CHOSEN("Granovetter 1978 as the alternative"))                                                                          \
    P(F64, idle, 0.1, 0, 1, "", "desire of who needs or wishes for nothing of the kind (need: 1, wish: its match)",              \
      CH_ASSUMED(0, 0.5, "no data"))                                                                                             \
    P(TIME, mob_at, 18, 0, 23, "h", "time of day at which the buyers of a valid deal meet", CH_ASSUMED(12, 20, "after work"))    \
    P(TIME, notice, 2, 0, 48, "h", "at least so long after the deal became valid", CH_ASSUMED(1, 24, "no data"))                 \
    P(TIME, mob_lasts, 2, 0.1, 24, "h", "for so long the coupon can be used", CH_ASSUMED(0.5, 6, "no data"))                     \
    P(F64, near, 400, 0, 5000, "m", "a screen tells of the deals of its retailer so far away", CH_ASSUMED(100, 1000, "no data")) \
    P(F64, private_sales, 0.25, 0, 7, "1/week", "private sales opened by a store", CH_ASSUMED(0, 1, "no data"))                  \
    P(F64, private_radius, 200, 0, 5000, "m", "only who is so near is told, and let in", CH_ASSUMED(50, 500, "no data"))         \
    P(TIME, private_lasts, 2, 0.1, 24, "h", "a private sale lasts", CH_ASSUMED(0.5, 6, "no data"))                               \
    P(F64, private_discount, 0.30, 0, 0.9, "share", "off the price", CH_ASSUMED(0.1, 0.5, "no data"))                            \
    P(F64, private_goes, 0.5, 0, 1, "share", "who is told of a private sale goes there: times desire",                           \
      CH_ASSUMED(0.05, 1, "no data"))
#define CH_ROW_STRUCT struct group_deals_params
CH_PARAMS(group_deals, GROUP_PARAMS)

#define GROUP_MESSAGES(M)                                                                         \
    M(LOCAL, opening, 1, 0, "a store (dest) opens its doors, and perhaps a deal")                 \
    M(LOCAL, private_opens, 1, 0, "its private sale begins")                                      \
    M(LOCAL, look, 1, 0, "its deal may be over, by deadline or with the mob; payload: opened at") \
    M(REMOTE, join, CH_LOOKAHEAD, 0, "somebody joins the store's (dest) deal; payload: opened at")
CH_MESSAGES(GROUP_MESSAGES)

#define GROUP_PROBES(B)                                                                                                        \
    B(SUM, deals_opened, "", 1, 0, 50, "group deals opened")                                                                   \
    B(SUM, deals_valid, "", 1, 0, 50, "group deals that enough people joined in time")                                         \
    B(RATIO, deal_success, "share", 1, 0, 50, "valid deals over deals that are decided")                                       \
    B(SUM, deal_joins, "", 1, 0, 50, "buyers who joined one")                                                                  \
    B(SUM, deal_coupons_used, "", 1, 0, 50, "purchases with the coupon of a valid deal")                                       \
    B(MEAN, mob_peak_presence, "", 1, 0, 50, "most people inside the store at once while the mob meets, per valid deal")       \
    B(RATIO, deal_margin, "EUR", 0.01, 0, 50, "margin (price less VAT and cost of goods) of these purchases, per deal opened") \
    B(SUM, private_sales_opened, "", 1, 0, 50, "private sales opened")                                                         \
    B(SUM, private_coupons_used, "", 1, 0, 50, "purchases at the price of a private sale")                                     \
    B(RATIO, private_margin, "EUR", 0.01, 0, 50, "margin of these purchases, per private sale opened")
CH_PROBES(GROUP_PROBES)

#define GROUP_DRAWS(D)                                                        \
    D(open, "does the store open a deal or a private sale today? store, day") \
    D(join, "patience or threshold; person, store and opening of the deal")   \
    D(private, "does the shopper go to the private sale? the same")
CH_DRAWS(GROUP_DRAWS)

/* A deal as its store publishes it in one number: phase (2 bits), count (21: two millions and more look like two millions), when
 * it was opened (minutes, 24), when the mob or the private sale begins (minutes after that, 16). */
enum phase { NO_DEAL, GATHERING, VALID, PRIVATE };
enum { PUBLISHED_MOST = (1 << 21) - 1 };

struct deal {
    uint32_t opened; /* minutes; with the store the deal's name: a store opens one a day at most */
    uint32_t n;      /* joined */
    uint32_t phase;
    uint16_t starts; /* minutes after `opened` */
};

static inline int64_t packed(const struct deal *deal)
{
    uint64_t n = deal->n < PUBLISHED_MOST ? deal->n : PUBLISHED_MOST;
    return (int64_t)(deal->phase | n << 2 | (uint64_t)(deal->opened & 0xffffffu) << 23 | (uint64_t)deal->starts << 47);
}

static inline struct deal unpacked(int64_t row)
{
    uint64_t word = (uint64_t)row;
    return (struct deal){.phase = (uint32_t)(word & 3),
                         .n = (uint32_t)(word >> 2 & PUBLISHED_MOST),
                         .opened = (uint32_t)(word >> 23 & 0xffffffu),
                         .starts = (uint16_t)(word >> 47)};
}

static inline ch_time opened_at(const struct deal *deal) { return deal->opened * CH_MINUTE; }
static inline ch_time starts_at(const struct deal *deal) { return (deal->opened + deal->starts) * CH_MINUTE; }

static inline ch_time ends_at(const struct group_deals_params *p, const struct deal *deal)
{
    return starts_at(deal) + (deal->phase == PRIVATE ? p->private_lasts : p->mob_lasts);
}

/* May the coupon be used, and may one still join? */
static inline bool is_on(const struct group_deals_params *p, const struct deal *deal, ch_time now)
{
    return (deal->phase == VALID || deal->phase == PRIVATE) && now >= starts_at(deal) && now < ends_at(p, deal);
}
static inline bool is_joinable(const struct group_deals_params *p, const struct deal *deal, ch_time now)
{
    return (deal->phase == GATHERING || deal->phase == VALID) && now < opened_at(deal) + p->deadline;
}

/* The first `mob_at` o'clock that is `notice` away, in minutes after the opening. */
static inline uint16_t mob_start(const struct group_deals_params *p, const struct deal *deal, ch_time now)
{
    ch_time from = now + p->notice, at = from / CH_DAY * CH_DAY + p->mob_at;
    at += at < from ? CH_DAY : 0;
    return (uint16_t)((at - opened_at(deal)) / CH_MINUTE);
}

/* N, in a city of which a sample is simulated. */
static inline unsigned needed(const struct ch_city *city, const struct group_deals_params *p)
{
    double scaled = (double)p->threshold * city->sample + 0.5;
    return scaled < 1 ? 1 : (unsigned)scaled;
}

/* h, per hour; `share` is n/N. */
static inline double join_hazard(const struct group_deals_params *p, double desire, double share)
{
    return p->joins * desire * (1 + p->herding * share);
}

/* Granovetter: enough others are in. */
static inline bool follows(unsigned threshold, unsigned n) { return n >= threshold; }

#endif
