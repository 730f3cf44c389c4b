/* SPDX-License-Identifier: MIT
 * Private to loyalty.c, where the mechanism is explained: its rows. */
#ifndef CH_LOYALTY_ROWS_H
#define CH_LOYALTY_ROWS_H

#include <chaland/friends.h>
#include <chaland/model.h>

#define LOYALTY_PARAMS(P)                                                                                                       \
    P(FLAG, active, 0, 0, 1, "", "retailers keep loyalty cards", CH_CHOSEN("off: a mechanism that a scenario asks for"))        \
    P(CHOICE, issuers, "all", 0, 0, "all|sponsors", "who has a card: all retailers, or those who run the policy",               \
      CH_CHOSEN("cards are common"))                                                                                            \
    P(LIST, tiers, "100 300 800", 0, 60000, "EUR", "spend in twelve months from which on tier 1, 2, 3 is held",                 \
      CH_ASSUMED(30, 2000, "no data"))                                                                                          \
    P(LIST, discounts, "0.02 0.05 0.08", 0, 0.5, "share", "off the price at the till in tier 1, 2, 3",                          \
      CH_ASSUMED(0, 0.1, "no data"))                                                                                            \
    P(I64, reward_points, 100, 1, 10000, "", "points that make a reward; a point is a euro spent",                              \
      CH_ASSUMED(50, 500, "no data"))                                                                                           \
    P(MONEY, reward, 3, 0, 1000, "EUR", "what they are worth, paid back at the till", CH_ASSUMED(1, 10, "no data"))             \
    P(TIME, expiry, 365, 1, 3650, "d", "points expire so long after the last purchase", CH_ASSUMED(180, 730, "no data"))        \
    P(F64, gradient, 0.25, 0, 10, "", "g: visits to the retailer are 1 + g x^2 times as many, x the progress to the reward",    \
      CH_SOURCED("Kivetz, Urminsky & Zheng 2006: the last interval is 20 % shorter than the first"))                            \
    P(F64, dip, 0.9, 0.01, 1, "", "and so many times after a reward", CH_ASSUMED(0.7, 1, "no data on its depth"))               \
    P(TIME, dip_lasts, 7, 0, 90, "d", "for so long", CH_ASSUMED(3, 21, "no data"))                                              \
    P(F64, devotion, 0.1, 0, 5, "", "utility of the retailer's stores per tier held", CH_ASSUMED(0, 0.5, "no data"))            \
    P(I64, group, 3, 2, 15, "", "friends who hold a tier, the shopper included, that make a group in a store",                  \
      CH_ASSUMED(2, 5, "no data"))                                                                                              \
    P(TIME, group_within, 30, 1, 600, "min", "when they came in within this time of each other", CH_ASSUMED(10, 60, "no data")) \
    P(F64, group_bonus, 0.05, 0, 0.5, "share", "added to the discount of everyone in a group", CH_ASSUMED(0, 0.1, "no data"))   \
    P(F64, past, 120, 0, 10000, "EUR",                                                                                          \
      "mean spend of twelve months, before time 0, of those whom a retailer knows at the start", CH_ASSUMED(30, 400, "no data"))
#define CH_ROW_STRUCT struct loyalty_params
CH_PARAMS(loyalty, LOYALTY_PARAMS)

#define LOYALTY_PROBES(B)                                                                                                  \
    B(SUM, points_issued, "", 1, 0, 25, "points given for purchases")                                                      \
    B(SUM, points_burned, "", 1, 0, 25, "points turned into rewards")                                                      \
    B(SUM, points_expired, "", 1, 0, 25, "points that expired, or went with a withdrawal of consent")                      \
    B(RATIO, points_redemption, "share", 1, 0, 25, "points burned over points given")                                      \
    B(SUM, loyalty_rewards, "EUR", 0.01, 0, 25, "rewards paid back at the till")                                           \
    B(VALUE, loyalty_liability, "EUR", 1, 0, 25, "value of the points outstanding at the end")                             \
    B(RATIO, tier_share_0, "share", 1, 0, 26, "cards without a tier over cards, at 03:00")                                 \
    B(RATIO, tier_share_1, "share", 1, 0, 26, "cards of tier 1 over cards, at 03:00")                                      \
    B(RATIO, tier_share_2, "share", 1, 0, 26, "cards of tier 2 over cards, at 03:00")                                      \
    B(RATIO, tier_share_3, "share", 1, 0, 26, "cards of tier 3 over cards, at 03:00")                                      \
    B(SUM, tier_ups, "", 1, 0, 26, "cards that rose by one tier or more")                                                  \
    B(SUM, tier_downs, "", 1, 0, 26, "cards that fell by one tier or more")                                                \
    B(MEAN, visit_interval_first, "d", 1.0 / 6, 0, 26, "between buying visits in the first third of the way to a reward")  \
    B(MEAN, visit_interval_last, "d", 1.0 / 6, 0, 26, "and in the last third: acceleration is the latter over the former") \
    B(RATIO, recognised_share, "share", 1, 0, 26, "purchases at which a card was shown over purchases")                    \
    B(SUM, cards_opened, "", 1, 0, 0, "cards given out")                                                                   \
    B(SUM, cards_refused, "", 1, 0, 0, "cards not taken as the purse was full")                                            \
    B(RATIO, group_bonuses_per_1000_visits, "", 1000, 0, 27, "visits in a group of friends per 1000 visits with a card shown")
CH_PROBES(LOYALTY_PROBES)

#define LOYALTY_DRAWS(D) D(past, "spend, points and which retailers first, before time 0; person, retailer")
CH_DRAWS(LOYALTY_DRAWS)

#endif
