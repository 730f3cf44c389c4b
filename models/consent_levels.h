/* SPDX-License-Identifier: MIT
 * Private to consent.c: the levels that one person holds with all retailers, two bits each.
 *
 * There may be thousands of retailers, and people hold a level with one or two of them. So levels lie in words of 32, and a word
 * without any is passed over at a glance. */
#ifndef CH_CONSENT_LEVELS_H
#define CH_CONSENT_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LEVELS_PER_WORD = 32 };

static inline uint32_t level_words(uint32_t n_retailers) { return (n_retailers + LEVELS_PER_WORD - 1) / LEVELS_PER_WORD; }
static inline size_t level_bytes(uint32_t n_retailers) { return level_words(n_retailers) * sizeof(uint64_t); }

static inline uint64_t level_word(const unsigned char *levels, uint32_t i)
{
    uint64_t word;
    memcpy(&word, levels + i * sizeof word, sizeof word);
    return word;
}

static inline int level_of(const unsigned char *levels, uint32_t retailer)
{
    return (int)(level_word(levels, retailer / LEVELS_PER_WORD) >> retailer % LEVELS_PER_WORD * 2 & 3);
}

static inline void set_level(unsigned char *levels, uint32_t retailer, int level)
{
    unsigned shift = retailer % LEVELS_PER_WORD * 2;
    uint64_t word = level_word(levels, retailer / LEVELS_PER_WORD);
    word = (word & ~((uint64_t)3 << shift)) | (uint64_t)level << shift;
    memcpy(levels + retailer / LEVELS_PER_WORD * sizeof word, &word, sizeof word);
}

/* The first retailer from `from` on with whom some level is held; n_retailers: there is none. */
static inline uint32_t next_held(const unsigned char *levels, uint32_t n_retailers, uint32_t from)
{
    uint32_t i = from / LEVELS_PER_WORD, n = level_words(n_retailers);
    if (from >= n_retailers)
        return n_retailers;
    uint64_t word = level_word(levels, i) & ~(uint64_t)0 << from % LEVELS_PER_WORD * 2;
    while (!word && ++i < n)
        word = level_word(levels, i);
    if (!word)
        return n_retailers;
    uint32_t pair = 0;
    while (!(word >> 2 * pair & 3))
        pair++;
    return i * LEVELS_PER_WORD + pair;
}

static inline int highest_level(const unsigned char *levels, uint32_t n_retailers)
{
    int top = 0;
    for (uint32_t r = 0; (r = next_held(levels, n_retailers, r)) < n_retailers; r++)
        top = level_of(levels, r) > top ? level_of(levels, r) : top;
    return top;
}

/* Retailers with whom some level is held. */
static inline unsigned pairs_of(const unsigned char *levels, uint32_t n_retailers)
{
    unsigned n = 0;
    for (uint32_t r = 0; (r = next_held(levels, n_retailers, r)) < n_retailers; r++)
        n++;
    return n;
}

/* Who recognises the phone: a bit for each retailer, modulo 8. */
static inline uint8_t recognisers(const unsigned char *levels, uint32_t n_retailers)
{
    unsigned mask = 0;
    for (uint32_t r = 0; (r = next_held(levels, n_retailers, r)) < n_retailers; r++)
        mask |= 1u << r % 8;
    return (uint8_t)mask;
}

#endif
