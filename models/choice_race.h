/* SPDX-License-Identifier: MIT
 * Private to choice.c: the choice among alternatives as a race of exponentials, and whom it need not be run for.
 *
 * If e is standard Gumbel, E = exp(-e) is a standard exponential, so
 *     argmax (u_i + e_i)  =  argmin E_i exp(best - u_i)
 * for any constant `best`: alternative i arrives at E_i times its slowness exp(best - u_i), and the first one wins. The
 * slowness is tabulated, so an alternative costs one random word and one product, and the race decides what the plain formula
 * decides.
 *
 * E = -ln(1 - V), V uniform, one 32-bit word: the logarithm is taken only for alternatives that may win, as E >= V. Who has
 * the least bound V times slowness is looked at first, and nearly always wins: whose bound, over exp(most) where
 * terms yet unknown may add up to `most` to a utility, is not below the soonest arrival so far cannot win. So the
 * winner is the same as when all arrivals are computed.
 *
 * Words: the stores of a list of goods are numbered (`ordinal`) strip by strip of the city, which keeps neighbours together,
 * and a store's taste is word number `ordinal` of the stream of (person, trip and list). So its luck depends on no other store
 * and on no utility, and a Philox block serves four neighbours. Ordinal 0 is the outside option. */
#ifndef CH_CHOICE_RACE_H
#define CH_CHOICE_RACE_H

#include <chaland/model.h>

struct candidate {
    uint32_t ordinal;
    float slowness; /* exp(best - u), u the fixed terms, `best` those of the best one of the list */
};

struct race {
    uint32_t n;
    const struct candidate *runner; /* by ordinal */
    uint32_t word[CH_CHOICE_MAX];
    double bound[CH_CHOICE_MAX]; /* no earlier arrival without added terms */
};

#define NEVER 1e300

/* Block of four words; `occasion` has its low 24 bits free but for the code of the list in 4 bits. */
static inline void draw_tastes(struct ch_key key, uint32_t person, uint16_t purpose, uint64_t occasion, uint32_t block,
                               uint32_t word[4])
{
    uint64_t when = occasion | (uint64_t)(block >> 16) << 4;
    const uint32_t counter[4] = {person, (uint32_t)purpose << 16 | (block & 0xffffu), (uint32_t)when, (uint32_t)(when >> 32)};
    ch_philox(counter, key, word);
}

/* The exponential that V stands for. The difference is exact: 33 bits. */
static inline double exponential_of(uint32_t word) { return -ch_log(1 - ch_unit(word)); }

/* Draws the words and the bounds. */
static inline void start_race(struct race *race, struct ch_key key, uint32_t person, uint16_t purpose, uint64_t occasion)
{
    const struct candidate *runner = race->runner, *end = runner + race->n;
    uint32_t *to = race->word, word[4];
    double *bound = race->bound;
    while (runner < end) {
        uint32_t block = runner->ordinal >> 2;
        draw_tastes(key, person, purpose, occasion, block, word);
        do {
            uint32_t own = word[runner->ordinal & 3];
            *to++ = own;
            *bound++ = ch_unit(own) * (double)runner->slowness;
            runner++;
        } while (runner < end && runner->ordinal >> 2 == block);
    }
}

/* Who has the least bound; n if there is none below `limit`. */
static inline uint32_t least_bound(const struct race *race, double limit)
{
    uint32_t n = race->n, least = n;
    for (uint32_t i = 0; i < n; i++)
        if (race->bound[i] < limit) {
            limit = race->bound[i];
            least = i;
        }
    return least;
}

/* Arrival of a store, to whose utility `more` was added. */
static inline double arrival(const struct race *race, uint32_t i, double more)
{
    double at = exponential_of(race->word[i]) * (double)race->runner[i].slowness;
    return more < 0 || more > 0 ? at * ch_exp(-more) : at;
}

#endif
