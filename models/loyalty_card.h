/* SPDX-License-Identifier: MIT
 * Private to loyalty.c, where the mechanism is explained: one card, and what follows from it. */
#ifndef CH_LOYALTY_CARD_H
#define CH_LOYALTY_CARD_H

#include "loyalty_rows.h"

enum { CARDS = 4, STEPS = 6, TIERS = 3, NO_RETAILER = 0xffff, NEVER = 0xffff };
#define STEP (61 * CH_DAY) /* a year in six steps */
#define TICK (4 * CH_HOUR) /* 16 bits hold thirty years */

struct card {
    uint16_t retailer; /* NO_RETAILER: a free place in the purse */
    uint16_t points;
    uint16_t spent[STEPS]; /* whole euros, by step modulo STEPS */
    uint16_t step;         /* up to which `spent` is told */
    uint16_t last;         /* buying visit, in ticks */
    uint16_t rewarded;     /* last reward, in ticks; NEVER */
};
_Static_assert(sizeof(struct card) == 22, "four cards fit in 88 bytes");

static inline uint16_t ticks(ch_time t) { return (uint16_t)(t / TICK < NEVER ? t / TICK : NEVER - 1); }
static inline uint16_t step_at(ch_time t) { return (uint16_t)(t / STEP); }

/* Forgets what was spent more than six steps ago. */
static inline void roll(struct card *card, uint16_t step)
{
    for (unsigned gone = 0; card->step != step; gone++) {
        if (gone == STEPS) {
            card->step = step;
            return;
        }
        card->step++;
        card->spent[card->step % STEPS] = 0;
    }
}

/* Euros of the last twelve months. */
static inline uint32_t rolling_spend(const struct card *card)
{
    uint32_t sum = 0;
    for (int i = 0; i < STEPS; i++)
        sum += card->spent[i];
    return sum;
}

static inline unsigned tier_of(const struct loyalty_params *p, uint32_t euros)
{
    unsigned tier = 0;
    while (tier < TIERS && euros >= p->tiers.v[tier])
        tier++;
    return tier;
}

static inline unsigned tier_of_card(const struct loyalty_params *p, const struct card *card)
{
    return tier_of(p, rolling_spend(card));
}

/* x, 0..1. */
static inline double progress(const struct loyalty_params *p, const struct card *card)
{
    return card->points < p->reward_points ? (double)card->points / (double)p->reward_points : 1;
}

/* How many times as many visits as without a card. */
static inline double pull(const struct loyalty_params *p, double x, bool dips)
{
    return (1 + p->gradient * x * x) * (dips ? p->dip : 1);
}

static inline bool dips(const struct loyalty_params *p, const struct card *card, ch_time now)
{
    return card->rewarded != NEVER && now - card->rewarded * TICK < p->dip_lasts;
}

/* Its logarithm, and the tier's: what the card adds to the utility of the retailer's stores. */
static inline double utility(const struct loyalty_params *p, const struct card *card, ch_time now)
{
    return ch_log(pull(p, progress(p, card), dips(p, card, now))) + p->devotion * tier_of_card(p, card);
}

static inline uint16_t added(uint16_t to, uint32_t more) { return (uint16_t)(to + more < UINT16_MAX ? to + more : UINT16_MAX); }

/* Points for a price; returns how many. */
static inline uint32_t earn(struct card *card, ch_cents paid)
{
    uint32_t euros = paid / 100 < UINT16_MAX ? (uint32_t)(paid / 100) : UINT16_MAX, before = card->points;
    card->points = added(card->points, euros);
    card->spent[card->step % STEPS] = added(card->spent[card->step % STEPS], euros);
    return card->points - before;
}

/* Whole rewards that the points give and that this price can carry. */
static inline uint32_t rewards(const struct loyalty_params *p, const struct card *card, ch_cents paid)
{
    uint32_t by_points = (uint32_t)(card->points / p->reward_points);
    ch_cents by_price = p->reward > 0 ? paid / p->reward : 0;
    return by_price < (ch_cents)by_points ? (uint32_t)by_price : by_points;
}

#endif
