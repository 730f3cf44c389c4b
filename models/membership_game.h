/* SPDX-License-Identifier: MIT
 * The game of joining a pool (M17), for models/membership.c: pure functions of who the players are and who is in.
 *
 * Player r, in or about to be, with list value w, share s of what members sell, conversion c0 of its list when it is not shared
 * and c1 when it is, share sigma of c1 that stays with it, margin m, commission k, fee f:
 *     in    w_r c1_r [sigma_r m_r + (1 - sigma_r) k] + sum_o w_o s_r/S_o [c1_o (1 - sigma_o) (m_r - k - f) + e_o m_r]
 *     out   w_r c0_r m_r
 * o runs over the other members, S_o is what members and r, but not o, sell, so that what one pays another gets. e_o, if it is
 * counted, is what partners sell from a list beyond the attributed sales, less what they sell when it is not shared: negative
 * when commission is owed on sales that came anyway. */
#ifndef CH_MEMBERSHIP_GAME_H
#define CH_MEMBERSHIP_GAME_H

#include <chaland/assert.h>
#include <stdbool.h>
#include <stdint.h>

struct player {
    double w, s;
    double own, pooled, keep; /* c0, c1, sigma */
    double margin, fee;       /* shares of the price paid */
    double extra;             /* e, 0 if not counted */
    bool member;
};

struct game {
    uint32_t n;
    const struct player *player;
    const double *rate; /* [seller * n + origin], below 0: the two do not share */
    double inertia;     /* least gain, as a share of the present payoff */
};

/* Commission that the origin earns: mean over the members who would sell from its list; its own offer while there are none. */
static inline double commission_earned(const struct game *game, uint32_t origin)
{
    double sum = 0, weight = 0;
    for (uint32_t q = 0; q < game->n; q++) {
        double rate = game->rate[q * game->n + origin];
        if (q == origin || !game->player[q].member || rate < 0)
            continue;
        sum += game->player[q].s * rate;
        weight += game->player[q].s;
    }
    return weight > 0 ? sum / weight : game->rate[origin * game->n + origin];
}

static inline double payoff_in(const struct game *game, uint32_t r)
{
    const struct player *self = &game->player[r];
    double all = self->s, selling = 0;
    for (uint32_t o = 0; o < game->n; o++)
        all += o != r && game->player[o].member ? game->player[o].s : 0;
    for (uint32_t o = 0; o < game->n && self->s > 0; o++) {
        const struct player *other = &game->player[o];
        double rate = game->rate[r * game->n + o];
        if (o == r || !other->member || rate < 0)
            continue;
        double pooled = other->pooled * (1 - other->keep) * (self->margin - rate - self->fee);
        selling += other->w * self->s / (all - other->s) * (pooled + other->extra * self->margin);
    }
    return self->w * self->pooled * (self->keep * self->margin + (1 - self->keep) * commission_earned(game, r)) + selling;
}

static inline double payoff_out(const struct game *game, uint32_t r)
{
    return game->player[r].w * game->player[r].own * game->player[r].margin;
}

static inline bool would_switch(const struct game *game, uint32_t r)
{
    double in = payoff_in(game, r), out = payoff_out(game, r);
    double now = game->player[r].member ? in : out, then = game->player[r].member ? out : in;
    return then - now > game->inertia * (now < 0 ? -now : now);
}

/* Commission at which sharing pays for a retailer who sells nothing from other lists. */
static inline double least_commission(double own, double pooled, double keep, double margin)
{
    return margin * (own - keep * pooled) / ((1 - keep) * pooled);
}

/* Gini coefficient of amounts of either sign: mean absolute difference over twice the mean absolute amount. 0 without amounts. */
static inline double gini(uint32_t n, const int64_t *amount)
{
    double apart = 0, size = 0;
    for (uint32_t i = 0; i < n; i++) {
        size += amount[i] < 0 ? -(double)amount[i] : (double)amount[i];
        for (uint32_t j = 0; j < i; j++)
            apart += amount[i] < amount[j] ? (double)(amount[j] - amount[i]) : (double)(amount[i] - amount[j]);
    }
    return size > 0 ? apart / (size * n) : 0;
}

#endif
