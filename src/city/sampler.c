/* SPDX-License-Identifier: MIT
 * Alias table and gravity law, see sampler.h. */
#include "city/sampler.h"
#include <chaland/assert.h>
#include <stddef.h>

static uint32_t split_slots(const double *share, uint32_t n, uint32_t *small, uint32_t *large, uint32_t *n_large)
{
    uint32_t n_small = 0;
    *n_large = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (share[i] < 1)
            small[n_small++] = i;
        else
            large[(*n_large)++] = i;
    }
    return n_small;
}

/* Slots left over differ from 1 by rounding only; one without weight must still not be drawn. */
static void settle_rest(struct ch_alias *alias, const double *weight, const uint32_t *rest, uint32_t n_rest)
{
    uint32_t heaviest = 0;
    if (n_rest > 0)
        for (uint32_t i = 1; i < alias->n; i++)
            if (weight[i] > weight[heaviest])
                heaviest = i;
    for (uint32_t k = 0; k < n_rest; k++) {
        alias->keep[rest[k]] = weight[rest[k]] > 0 ? 1 : 0;
        alias->other[rest[k]] = heaviest;
    }
}

bool ch_alias_init(struct ch_alias *alias, struct ch_arena *arena, const double *weight, uint32_t n)
{
    CH_REQUIRE(n > 0);
    alias->n = n;
    alias->keep = ch_arena_alloc(arena, n, sizeof *alias->keep);
    alias->other = ch_arena_alloc(arena, n, sizeof *alias->other);
    uint32_t *small = ch_arena_alloc(arena, n, sizeof *small), *large = ch_arena_alloc(arena, n, sizeof *large);
    if (!alias->keep || !alias->other || !small || !large)
        return false;
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += weight[i];
    CH_REQUIRE(sum > 0);
    for (uint32_t i = 0; i < n; i++) {
        alias->keep[i] = weight[i] / sum * n;
        alias->other[i] = i;
    }
    uint32_t n_large, n_small = split_slots(alias->keep, n, small, large, &n_large);
    while (n_small > 0 && n_large > 0) {
        uint32_t s = small[--n_small], l = large[n_large - 1];
        alias->other[s] = l;
        alias->keep[l] -= 1 - alias->keep[s];
        if (alias->keep[l] < 1) {
            n_large--;
            small[n_small++] = l;
        }
    }
    settle_rest(alias, weight, small, n_small);
    settle_rest(alias, weight, large, n_large);
    return true;
}

uint32_t ch_alias_pick(const struct ch_alias *alias, double u)
{
    double at = u * alias->n;
    uint32_t i = (uint32_t)at;
    if (i >= alias->n)
        i = alias->n - 1;
    return at - i < alias->keep[i] ? i : alias->other[i];
}

/* lo[k] = w[k] + q lo[k - 1] and hi[k] = w[k] + q hi[k + 1] along one line. */
static void decayed_sums(const double *w, size_t stride, uint32_t n, double q, double *lo, double *hi)
{
    double sum = 0;
    for (uint32_t k = 0; k < n; k++)
        lo[k] = sum = w[k * stride] + q * sum;
    sum = 0;
    for (uint32_t k = n; k-- > 0;)
        hi[k] = sum = w[k * stride] + q * sum;
}

bool ch_gravity_init(struct ch_gravity *gravity, struct ch_arena *arena, uint32_t width, uint32_t height, const double *weight,
                     double q)
{
    CH_REQUIRE(q >= 0 && q < 1);
    size_t n = (size_t)width * height;
    uint32_t longest = width > height ? width : height;
    gravity->width = width;
    gravity->height = height;
    double **array[] = {&gravity->west, &gravity->east, &gravity->south, &gravity->north};
    for (size_t a = 0; a < sizeof array / sizeof *array; a++)
        if (!(*array[a] = ch_arena_alloc(arena, n, sizeof(double))))
            return false;
    double *total = ch_arena_alloc(arena, height, sizeof *total);
    gravity->power = ch_arena_alloc(arena, (size_t)longest + 1, sizeof *gravity->power);
    if (!total || !gravity->power)
        return false;
    gravity->power[0] = 1;
    for (uint32_t k = 1; k <= longest; k++)
        gravity->power[k] = gravity->power[k - 1] * q;
    for (uint32_t j = 0; j < height; j++) {
        size_t row = (size_t)j * width;
        decayed_sums(weight + row, 1, width, q, gravity->west + row, gravity->east + row);
    }
    for (uint32_t i = 0; i < width; i++) {
        for (uint32_t j = 0; j < height; j++) {
            size_t node = (size_t)j * width + i;
            total[j] = gravity->west[node] + (i + 1 < width ? q * gravity->east[node + 1] : 0);
        }
        size_t column = (size_t)i * height;
        decayed_sums(total, 1, height, q, gravity->south + column, gravity->north + column);
    }
    return true;
}

/* Position on a line with P(m) in proportion to w[m] q^|m - at|, from its decayed sums. The mass at or below m, seen from `at`,
 * is lo[m] q^(at - m), and at or above m it is hi[m] q^(m - at): both are monotone in m, so halving finds the position. */
static uint32_t pick_on_line(const double *lo, const double *hi, uint32_t n, const double *power, uint32_t at, double u)
{
    double above = at + 1 < n ? hi[at + 1] * power[1] : 0, target = u * (lo[at] + above);
    if (!(lo[at] + above > 0))
        return UINT32_MAX;
    if (target <= lo[at]) {
        uint32_t first = 0, last = at; /* least m whose mass reaches the target */
        while (first < last) {
            uint32_t m = first + (last - first) / 2;
            if (lo[m] * power[at - m] >= target)
                last = m;
            else
                first = m + 1;
        }
        return first;
    }
    target -= lo[at];
    uint32_t first = at + 1, last = n - 1; /* greatest m whose mass still reaches it */
    while (first < last) {
        uint32_t m = first + (last - first + 1) / 2;
        if (hi[m] * power[m - at] >= target)
            first = m;
        else
            last = m - 1;
    }
    return first;
}

uint32_t ch_gravity_pick(const struct ch_gravity *gravity, uint32_t origin, double u_row, double u_column)
{
    uint32_t i = origin % gravity->width, j = origin / gravity->width;
    size_t column = (size_t)i * gravity->height;
    uint32_t row = pick_on_line(gravity->south + column, gravity->north + column, gravity->height, gravity->power, j, u_row);
    if (row == UINT32_MAX)
        return UINT32_MAX;
    size_t line = (size_t)row * gravity->width;
    uint32_t at = pick_on_line(gravity->west + line, gravity->east + line, gravity->width, gravity->power, i, u_column);
    return at == UINT32_MAX ? UINT32_MAX : row * gravity->width + at;
}
