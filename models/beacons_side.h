/* SPDX-License-Identifier: MIT
 * Private to beacons.c, where the mechanism is explained: what a whole street side lets a phone hear, from one random word.
 *
 * The beacons of a side are put together in groups of up to four. Their passes are independent, so the chance of each subset
 * to be heard is a product; it is kept as an alias table (Walker 1977) of 2^n cells of two bytes, for each kind of phone
 * and each tabulated speed. A speed in between belongs to either neighbour, by chance: the law is then linear in between.
 * The cells and the members' times stand in one row of at most a cache line: a crossing waits for two lines, not for six.
 *
 *   luck   bits 0-3    which of the two speeds
 *          bits 4-9    which of the beacons heard stands for all of them in the KPIs of latency, and at which quantile of its
 *                      times; those of the others follow, each a golden section further on
 *          bits 10-21  the subset: 12 - n bits within the cell of the alias table, and n of the cell */
#ifndef BEACONS_SIDE_H
#define BEACONS_SIDE_H

#include "beacons_radio.h"

enum { ANDROID, IOS, N_PHONES };
enum {
    LUCK_BITS = 22,
    TOGETHER = 4,
    CELLS_MAX = 1 << TOGETHER,
    CELL_STEPS = 4096,
    SIDE_PARTS = 32896,
    GOLDEN = 158 /* of 256 */
};

/* Up to four beacons of a directed side. */
struct group {
    uint32_t what;             /* the byte where its rows begin: [phone][SPEEDS]; n << 1; 1 if it is not the side's last group */
    uint32_t owners;           /* a byte each: of a retailer's beacon the bit of `recognised`, else none */
    uint16_t length[TOGETHER]; /* of the stretches in which they are heard, in 1/SIDE_PARTS of the side */
};

/* Alias cells of n beacons, then their times. */
enum { ROW_UNIT = 16 };
#define UNITS_OF(n) (((2u << (n)) + (n) * sizeof(struct times) + ROW_UNIT - 1) / ROW_UNIT)
_Static_assert(UNITS_OF(1) == 1 && UNITS_OF(2) == 2 && UNITS_OF(3) == 3 && UNITS_OF(4) == 4, "a row takes n units");
static inline size_t row_units(unsigned n) { return n; }

static inline size_t rows_of(const struct group *group) { return group->what & ~(ROW_UNIT - 1u); }
static inline unsigned n_of(const struct group *group) { return group->what >> 1 & 7u; }
static inline unsigned more_of(const struct group *group) { return group->what & 1u; }

/* What it says. */
struct heard {
    const struct times *times; /* of the members */
    unsigned mask;
    unsigned n;
    unsigned rank; /* of the one among them that stands for all */
    unsigned at;   /* its quantile, in 1/256 */
};

/* ---- alias tables ------------------------------------------------------------------------------------------------ */

/* Of 2^(12-n) words, whole ones belong to the cell itself: the nearest number, or the less likely subsets would gain. */
static uint16_t cell_of(double share, unsigned alias, unsigned n)
{
    unsigned steps = (unsigned)(share * (CELL_STEPS >> n) + 0.5) << n;
    return (uint16_t)((steps < CELL_STEPS ? steps : CELL_STEPS - 1u) << TOGETHER | alias);
}

/* Walker's tables for the subsets of n beacons that are heard with these chances. */
static void fill_cells(const double *chance, unsigned n, uint16_t *cell)
{
    double weight[CELLS_MAX];
    unsigned size = 1u << n;
    bool done[CELLS_MAX] = {false};
    for (unsigned s = 0; s < size; s++) {
        weight[s] = size;
        for (unsigned i = 0; i < n; i++)
            weight[s] *= s >> i & 1 ? chance[i] : 1 - chance[i];
        cell[s] = cell_of(1, s, n);
    }
    for (unsigned round = 1; round < size; round++) { /* the least likely one left is filled up by the likeliest */
        unsigned least = size, most = size;
        for (unsigned s = 0; s < size; s++) {
            least = !done[s] && (least == size || weight[s] < weight[least]) ? s : least;
            most = !done[s] && (most == size || weight[s] >= weight[most]) ? s : most;
        }
        if (least == most)
            break;
        cell[least] = cell_of(weight[least], most, n);
        weight[most] -= 1 - weight[least];
        done[least] = true;
    }
}

/* ---- luck ------------------------------------------------------------------------------------------------------ */

/* Of each set of members. */
static const struct subset {
    uint32_t bytes; /* the upper bit of the byte of each member */
    uint8_t n;      /* how many they are */
    uint8_t at;     /* the first, the second, ... : two bits each */
} subset_of[CELLS_MAX] = {
    {0x00000000, 0, 0x00}, {0x00000080, 1, 0x00}, {0x00008000, 1, 0x01}, {0x00008080, 2, 0x04},
    {0x00800000, 1, 0x02}, {0x00800080, 2, 0x08}, {0x00808000, 2, 0x09}, {0x00808080, 3, 0x24},
    {0x80000000, 1, 0x03}, {0x80000080, 2, 0x0c}, {0x80008000, 2, 0x0d}, {0x80008080, 3, 0x34},
    {0x80800000, 2, 0x0e}, {0x80800080, 3, 0x38}, {0x80808000, 3, 0x39}, {0x80808080, 4, 0xe4},
};

/* The members of a mask that may belong to somebody who recognises the phone: beacons of retailers with these bits. A bit each,
 * the lowest of a byte; a byte of owners has at most one bit, so that what is added carries into its uppermost one. */
static inline uint32_t recognisers(const struct group *group, unsigned mask, unsigned recognised)
{
    return (((group->owners & recognised * 0x01010101u) + 0x7f7f7f7fu) & subset_of[mask].bytes) >> 7;
}
static inline unsigned count_recognised(const struct group *group, unsigned mask, unsigned recognised)
{
    return recognisers(group, mask, recognised) * 0x01010101u >> 24;
}
static inline unsigned recognised_of(const struct group *group, unsigned mask, unsigned recognised)
{
    return recognisers(group, mask, recognised) * 0x01020408u >> 24;
}

/* Position of the rank-th beacon of a mask. */
static inline unsigned member_of(unsigned mask, unsigned rank) { return subset_of[mask].at >> 2 * rank & 3u; }

/* The row that holds: `rows` of the group, `place` of the speed. */
static inline const unsigned char *row_of(const unsigned char *rows, unsigned n, unsigned phone, unsigned place, uint32_t luck)
{
    unsigned speed = (place + (luck & 15u)) / SPEED_FRACTION;
    return rows + (phone * SPEEDS + speed) * row_units(n) * ROW_UNIT;
}

/* No branch: luck cannot be foretold. */
static inline struct heard resolve(const unsigned char *row, unsigned n, uint32_t luck)
{
    struct heard heard = {.times = (const struct times *)(const void *)(row + ((size_t)2 << n))};
    uint32_t subset = (luck >> 10 & 4095u) << n, index = subset >> 12, within = subset & 4095u;
    unsigned cell = ((const uint16_t *)(const void *)row)[index];
    uint32_t own = 0u - (uint32_t)(within < cell >> TOGETHER); /* a mask */
    heard.mask = (((index ^ cell) & own) ^ cell) % CELLS_MAX;
    heard.n = subset_of[heard.mask].n;
    unsigned at = (luck >> 4 & 63u) * heard.n + heard.n / 2;
    heard.rank = at >> 6;
    heard.at = (at & 63u) << 2 | 2u;
    return heard;
}

/* When, us after a stretch of that length begins, at a quantile in 1/256, on a side that takes `takes`. SIDE_PARTS makes up for
 * the 255 * 256 parts of a stretch: 2^31 / 65280. */
static inline uint32_t heard_after(const struct times *times, unsigned at, uint32_t length, uint32_t takes)
{
    unsigned q = at * QUANTILES, from = times->at[q >> 8], part = (from << 8) + (times->at[(q >> 8) + 1] - from) * (q & 255u);
    return (uint32_t)((uint64_t)takes * (part * length >> 15) >> 16);
}

#endif
