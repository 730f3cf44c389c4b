/* SPDX-License-Identifier: MIT
 * Friends: a small world over the neighbourhood, the same for all policies and replications, and nearly without memory.
 *
 * People are put on a ring in the order of their homes, node by node. As in Watts and Strogatz, everyone has a tie to each of the
 * next five (so ten ties on average), and each tie is rewired with probability beta = .1. Here the new end of the tie number j
 * of the person of rank i is p_j(i), with p_j a permutation of the ring keyed by the seed: it is as random as theirs, and it
 * can be inverted, so that both ends of a tie find it without a list of ties. A person has 5 to 15 friends, less the rare
 * doubles. Ties are symmetric: a is among the friends of b when b is among those of a.
 *
 * What is kept is the ring: a number per person (4 bytes), made at set-up by each model that asks for it:
 *     table->ring = ch_residents(setup);                             in tabulate
 *     n = ch_friends_of(ctx, table->ring, who->id, friend);          anywhere: nobody is touched
 * Sources: Watts & Strogatz 1998; ten ties and .1 as assumed by M27 of the model reference. */
#ifndef CHALAND_FRIENDS_H
#define CHALAND_FRIENDS_H

#include <chaland/residents.h>

enum { CH_FRIENDS_AHEAD = 5, CH_FRIENDS_MAX = 3 * CH_FRIENDS_AHEAD };
static const uint64_t ch_friends_rewired = (uint64_t)(0.1 * 0x1p32); /* beta, of 2^32 */

static inline uint32_t ch_friends_rank(const struct ch_city *city, const uint32_t *ring, uint32_t person)
{
    uint32_t home = city->people[person].home, low = city->node_first_person[home], high = city->node_first_person[home + 1];
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ring[middle] <= person)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static inline uint32_t ch_friends_round(uint64_t key, unsigned round, uint32_t half)
{
    return (uint32_t)(ch_mix(key ^ (uint64_t)round << 40 ^ half) >> 32);
}

/* A keyed permutation of 0 .. n - 1, or its inverse: a Feistel network on the next even number of bits, walked until within n. */
static inline uint32_t ch_friends_permute(uint64_t key, uint32_t n, uint32_t x, bool inverse)
{
    enum { ROUNDS = 6 };
    unsigned bits = 1;
    while (bits < 16 && (uint64_t)1 << 2 * bits < n)
        bits++;
    uint32_t mask = ((uint32_t)1 << bits) - 1;
    do {
        uint32_t left = x >> bits, right = x & mask;
        for (unsigned r = 0; r < ROUNDS; r++) {
            uint32_t old = inverse ? left : right;
            uint32_t mixed = (inverse ? right : left) ^ (ch_friends_round(key, inverse ? ROUNDS - 1 - r : r, old) & mask);
            left = inverse ? mixed : old;
            right = inverse ? old : mixed;
        }
        x = left << bits | right;
    } while (x >= n);
    return x;
}

/* Is tie number j of this rank rewired? */
static inline bool ch_friends_is_rewired(uint64_t key, uint32_t rank)
{
    return ch_mix(~key ^ (uint64_t)rank << 8) >> 32 < ch_friends_rewired;
}

/* The friends of a person; returns how many. */
static inline unsigned ch_friends_of(const struct ch_ctx *ctx, const uint32_t *ring, uint32_t person,
                                     uint32_t found[CH_FRIENDS_MAX])
{
    uint32_t n = ctx->city->n_people, rank = ch_friends_rank(ctx->city, ring, person);
    unsigned k = 0;
    for (uint32_t j = 1; j <= CH_FRIENDS_AHEAD; j++) {
        uint64_t key = ch_mix((uint64_t)ctx->key.seed << 8 | j);
        uint32_t ahead = (rank + j) % n, behind = (uint32_t)(((uint64_t)rank + n - j % n) % n), end[3];
        unsigned ends = 0;
        end[ends++] = ch_friends_is_rewired(key, rank) ? ch_friends_permute(key, n, rank, false) : ahead;
        if (!ch_friends_is_rewired(key, behind))
            end[ends++] = behind;
        uint32_t from = ch_friends_permute(key, n, rank, true);
        if (ch_friends_is_rewired(key, from))
            end[ends++] = from;
        for (unsigned e = 0; e < ends; e++) {
            bool known = end[e] == rank;
            for (unsigned i = 0; i < k && !known; i++)
                known = found[i] == ring[end[e]];
            if (!known)
                found[k++] = ring[end[e]];
        }
    }
    return k;
}

#endif
