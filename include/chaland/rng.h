/* SPDX-License-Identifier: MIT
 * Keyed random draws: Philox4x32-10 (Salmon et al. 2011), a pure function of
 *     key     = (seed, replication)
 *     counter = (entity, purpose | block, occasion)
 * A draw has no state that another draw could disturb, so two policies meet the same people with the same moods, and the
 * answer does not depend on threads. The occasion names a moment in the entity's own life (day, trip, step, visit),
 * never a running count; policy and design point never enter key or counter.
 * One stream (struct ch_draw) holds 2^16 blocks of four words; using them up is a programmer error. */
#ifndef CHALAND_RNG_H
#define CHALAND_RNG_H

#include <chaland/assert.h>
#include <stdint.h>

struct ch_key {
    uint32_t seed;
    uint32_t replication;
};

/* An open stream: lives on the stack of one decision. */
struct ch_draw {
    struct ch_key key;
    uint32_t entity;
    uint32_t purpose_block; /* purpose (16) | block (16) */
    uint64_t occasion;
    uint32_t word[4];
    uint32_t used; /* private: 4 fresh, 8 + words of `word` already handed out */
};

/* One Philox block of the raw counter, for known-answer tests and bulk use. */
void ch_philox(const uint32_t counter[4], struct ch_key key, uint32_t out[4]);

static inline struct ch_draw ch_draw_open(struct ch_key key, uint32_t entity, uint16_t purpose, uint64_t occasion)
{
    struct ch_draw draw = {
        .key = key, .entity = entity, .purpose_block = (uint32_t)purpose << 16, .occasion = occasion, .used = 4};
    return draw;
}

/* The first four words of a stream at once, for a decision that takes several numbers: words 0, 1 and 2, 3, the lower one in
 * the low half. They come in registers: read back as 64 bits right after they were stored as 32, they would cost as
 * much again. */
struct ch_block {
    uint64_t first, second;
};
struct ch_block ch_draw_block(struct ch_key key, uint32_t entity, uint32_t purpose_block, uint64_t occasion);
static inline void ch_draw_words(const struct ch_draw *draw, uint32_t word[4])
{
    struct ch_block block = ch_draw_block(draw->key, draw->entity, draw->purpose_block, draw->occasion);
    word[0] = (uint32_t)block.first;
    word[1] = (uint32_t)(block.first >> 32);
    word[2] = (uint32_t)block.second;
    word[3] = (uint32_t)(block.second >> 32);
}

/* A word as a uniform number in the open interval (0, 1): (x + 0.5) / 2^32. */
static inline double ch_unit(uint32_t word) { return (word + 0.5) * 0x1p-32; }

/* Next 32 or 64 random bits of the stream. 64-bit draws start at an even word, whose 32 bits are the low half. */
uint32_t ch_draw_u32(struct ch_draw *draw);
uint64_t ch_draw_u64(struct ch_draw *draw);

/* Uniform in the open interval (0, 1): ((x >> 12) + 0.5) / 2^52, so neither log(0) nor 1 can occur. */
double ch_draw_uniform(struct ch_draw *draw);

/* True with probability p (compared as integers; p <= 0 never, p >= 1 always). Always uses one 64-bit draw. */
int ch_draw_chance(struct ch_draw *draw, double p);

/* Uniform integer in 0 .. n-1, n >= 1, by multiplication (bias below 2^-32 n). */
uint32_t ch_draw_below(struct ch_draw *draw, uint32_t n);

/* Standard exponential, standard normal, Gumbel(0,1): inversion of one uniform, hence monotone. */
double ch_draw_exponential(struct ch_draw *draw);
double ch_draw_normal(struct ch_draw *draw);
double ch_draw_gumbel(struct ch_draw *draw);

/* Lognormal with given median and sigma of the logarithm. */
double ch_draw_lognormal(struct ch_draw *draw, double median, double sigma_ln);

/* Poisson by sequential inversion of one uniform; 0 <= mean <= 700, else a programmer error. */
uint32_t ch_draw_poisson(struct ch_draw *draw, double mean);

/* Index drawn in proportion to weight[0..n-1] >= 0 with a positive sum; one uniform. */
uint32_t ch_draw_weighted(struct ch_draw *draw, const double *weight, uint32_t n);

/* Bijective 64-bit finaliser (splitmix64): for fingerprints and derived ids, and for ch_spread. */
static inline uint64_t ch_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* The i-th number (from 0) of SplitMix64 (Steele, Lea and Flood 2014): spreads one 64-bit draw over many small decisions of one
 * moment. `seed` has to come from a keyed draw; see docs/decisions/0010. */
static inline uint64_t ch_spread(uint64_t seed, uint64_t i) { return ch_mix(seed + i * 0x9e3779b97f4a7c15u); }

#endif
