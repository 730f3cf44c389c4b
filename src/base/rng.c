/* SPDX-License-Identifier: MIT
 * Philox4x32-10 and the draws made of it. Each round multiplies two of the four words by constants and mixes the halves of
 * the products with the other two words and the key; the key then steps by two odd constants (golden ratio and sqrt 3 - 1).
 * The ten rounds are written out because gcc -O2 does not unroll them, which would double the cost.
 *
 * `used` of a stream is 4 before its first block, 8 .. 11 while words of a block remain and 12 when it is empty. So a fresh
 * stream and one that has come to the end of its last block are told apart without another field. */
#include <chaland/numeric.h>
#include <chaland/rng.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define ROUND                                    \
    do {                                         \
        uint64_t a = (uint64_t)c0 * 0xd2511f53u; \
        uint64_t b = (uint64_t)c2 * 0xcd9e8d57u; \
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;      \
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;      \
        c1 = (uint32_t)b;                        \
        c3 = (uint32_t)a;                        \
        k0 += 0x9e3779b9u;                       \
        k1 += 0xbb67ae85u;                       \
    } while (0)

#if defined(__SSE2__)
/* Both products of a round by one instruction: words 0 and 2 in the low halves of one register, 1 and 3 in those of another. The
 * high halves hold what is left over; nothing reads them. */
#define PAIR_ROUND                                                                                           \
    do {                                                                                                     \
        __m128i product = _mm_mul_epu32(even, by);                                                           \
        even = _mm_xor_si128(_mm_shuffle_epi32(product, _MM_SHUFFLE(1, 1, 3, 3)), _mm_xor_si128(odd, keys)); \
        odd = _mm_shuffle_epi32(product, _MM_SHUFFLE(0, 0, 2, 2));                                           \
        keys = _mm_add_epi32(keys, key_step);                                                                \
    } while (0)

__attribute__((always_inline)) static inline struct ch_block philox(uint32_t c0, uint32_t c1, uint64_t occasion,
                                                                    struct ch_key key)
{
    const __m128i by = _mm_set_epi32(0, (int)0xcd9e8d57u, 0, (int)0xd2511f53u);
    const __m128i key_step = _mm_set_epi32(0, (int)0xbb67ae85u, 0, (int)0x9e3779b9u);
    __m128i even = _mm_set_epi32(0, (int)(uint32_t)occasion, 0, (int)c0),
            odd = _mm_set_epi32(0, (int)(uint32_t)(occasion >> 32), 0, (int)c1),
            keys = _mm_set_epi32(0, (int)key.replication, 0, (int)key.seed);
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    PAIR_ROUND;
    __m128i low = _mm_unpacklo_epi32(even, odd), high = _mm_unpackhi_epi32(even, odd);
    return (struct ch_block){(uint64_t)_mm_cvtsi128_si64(low), (uint64_t)_mm_cvtsi128_si64(high)};
}
#else
__attribute__((always_inline)) static inline struct ch_block philox(uint32_t c0, uint32_t c1, uint64_t occasion,
                                                                    struct ch_key key)
{
    uint32_t c2 = (uint32_t)occasion, c3 = (uint32_t)(occasion >> 32), k0 = key.seed, k1 = key.replication;
    ROUND;
    ROUND;
    ROUND;
    ROUND;
    ROUND;
    ROUND;
    ROUND;
    ROUND;
    ROUND;
    ROUND;
    return (struct ch_block){(uint64_t)c1 << 32 | c0, (uint64_t)c3 << 32 | c2};
}
#endif

static inline void spread(struct ch_block block, uint32_t out[4])
{
    out[0] = (uint32_t)block.first;
    out[1] = (uint32_t)(block.first >> 32);
    out[2] = (uint32_t)block.second;
    out[3] = (uint32_t)(block.second >> 32);
}

void ch_philox(const uint32_t counter[4], struct ch_key key, uint32_t out[4])
{
    struct ch_block block = philox(counter[0], counter[1], (uint64_t)counter[3] << 32 | counter[2], key);
    spread(block, out);
}

struct ch_block ch_draw_block(struct ch_key key, uint32_t entity, uint32_t purpose_block, uint64_t occasion)
{
    return philox(entity, purpose_block, occasion, key);
}

enum { FRESH = 4, FIRST = 8 };

static inline int empty(const struct ch_draw *draw) { return (draw->used & 7u) == 4u; /* fresh or at the end of a block */ }

static inline struct ch_block refill(struct ch_draw *draw)
{
    if (draw->used != FRESH) {
        CH_REQUIRE((draw->purpose_block & 0xffffu) != 0xffffu); /* a decision may not use more than 2^16 blocks */
        draw->purpose_block++;
    }
    struct ch_block block = philox(draw->entity, draw->purpose_block, draw->occasion, draw->key);
    spread(block, draw->word);
    draw->used = FIRST;
    return block;
}

/* The first draw of a block, the usual case, takes the words from registers: read back as 64 bits right after they were
 * stored as 32, they would cost more than the block. */
static inline uint64_t draw_u64(struct ch_draw *draw)
{
    draw->used += draw->used & 1u;
    if (empty(draw)) {
        struct ch_block block = refill(draw);
        draw->used = FIRST + 2;
        return block.first;
    }
    const uint32_t *word = draw->word + (draw->used - FIRST);
    draw->used += 2;
    return (uint64_t)word[1] << 32 | word[0];
}

/* The products are exact and the sum is below 2^52 + 1/2, hence exact too. */
static inline double draw_uniform(struct ch_draw *draw) { return ((double)(int64_t)(draw_u64(draw) >> 12) + 0.5) * 0x1p-52; }

uint32_t ch_draw_u32(struct ch_draw *draw)
{
    if (empty(draw))
        refill(draw);
    return draw->word[draw->used++ - FIRST];
}

uint64_t ch_draw_u64(struct ch_draw *draw) { return draw_u64(draw); }

double ch_draw_uniform(struct ch_draw *draw) { return draw_uniform(draw); }

int ch_draw_chance(struct ch_draw *draw, double p)
{
    CH_REQUIRE(p == p);
    uint64_t x = draw_u64(draw);
    if (p <= 0)
        return 0;
    if (p >= 1)
        return 1;
    double scaled = p * 0x1p64; /* exact: a power of two, no underflow as p only grows */
    uint64_t floor = (uint64_t)scaled;
    return x < floor || (x == floor && (double)floor < scaled);
}

uint32_t ch_draw_below(struct ch_draw *draw, uint32_t n)
{
    CH_REQUIRE(n > 0);
    return (uint32_t)((uint64_t)ch_draw_u32(draw) * n >> 32);
}

double ch_draw_exponential(struct ch_draw *draw) { return -ch_log(draw_uniform(draw)); }

double ch_draw_normal(struct ch_draw *draw) { return ch_norm_inv(draw_uniform(draw)); }

double ch_draw_gumbel(struct ch_draw *draw) { return -ch_log(-ch_log(draw_uniform(draw))); }

double ch_draw_lognormal(struct ch_draw *draw, double median, double sigma_ln)
{
    return median * ch_exp(sigma_ln * ch_draw_normal(draw));
}

/* The smallest k with P(X <= k) >= u. exp(-700) is far from underflow, and the rounding errors of 700 products stay below
 * 1e-13. Once the sum stops growing beyond the mode, every larger u gives the same k: monotone to the end. */
uint32_t ch_draw_poisson(struct ch_draw *draw, double mean)
{
    CH_REQUIRE(mean >= 0 && mean <= 700);
    double u = draw_uniform(draw);
    double p = ch_exp(-mean), sum = p;
    uint32_t k = 0;
    while (u > sum) {
        p *= mean / (double)(k + 1);
        if (sum + p == sum && (double)k > mean)
            break;
        sum += p;
        k++;
    }
    return k;
}

uint32_t ch_draw_weighted(struct ch_draw *draw, const double *weight, uint32_t n)
{
    CH_REQUIRE(weight && n > 0);
    double total = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < n; i++) {
        CH_REQUIRE(weight[i] >= 0);
        total += weight[i];
        if (weight[i] > 0)
            last = i;
    }
    CH_REQUIRE(total > 0 && total < 1e308);
    double target = draw_uniform(draw) * total, sum = 0;
    for (uint32_t i = 0; i < last; i++) {
        sum += weight[i];
        if (target < sum)
            return i;
    }
    return last; /* rounding may leave target at the total: the last possible index takes it */
}
