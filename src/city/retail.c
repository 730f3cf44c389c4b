/* SPDX-License-Identifier: MIT
 * Retailers, and which goods the city's stores sell. */
#include "city/town.h"
#include <chaland/numeric.h>
#include <stdlib.h>

/* Outlets by good. Goods that earn or draw much have more stores, but less than in proportion, because their stores are larger
 * and busier: the square root of the mean of the shares of spending and of planned visits (purchases over conversion). */
void ch_town_mix(struct ch_town *town)
{
    const struct ch_retail_params *retail = CH_BLOCK(town->scenario, retail);
    double spending[CH_N_GOODS], visits[CH_N_GOODS], all_spending = 0, all_visits = 0, sum = 0;
    for (int g = 0; g < CH_N_GOODS; g++) {
        all_spending += spending[g] = retail->purchases.v[g] * retail->basket.v[g];
        all_visits += visits[g] = retail->purchases.v[g] / retail->conversion.v[g];
    }
    for (int g = 0; g < CH_N_GOODS; g++) {
        double share = all_visits > 0 ? (spending[g] / all_spending + visits[g] / all_visits) / 2 : 1;
        sum += town->mix[g] = ch_sqrt(share);
    }
    for (int g = 0; g < CH_N_GOODS; g++)
        town->mix[g] /= sum;
}

/* Sizes are quantiles of the Pareto law, one from the middle half of each of n equal slices, so the city is never left to
 * the luck of one extreme draw; the first is the largest. */
static void draw_sizes(struct ch_town *town)
{
    uint32_t n = town->city->n_retailers;
    double sum = 0;
    for (uint32_t r = 0; r < n; r++) {
        struct ch_draw draw = ch_town_draw(town, CH_TOWN_RETAILER, r);
        double u = (r + 0.25 + 0.5 * ch_draw_uniform(&draw)) / n;
        sum += town->retailer[r].size = ch_pow(u, -1 / town->set->pareto);
    }
    for (uint32_t r = 0; r < n; r++)
        town->retailer[r].size /= sum;
}

static bool generate_retailers(struct ch_town *town)
{
    uint32_t n = (uint32_t)town->set->retailers;
    int digits = ch_town_digits(n) < 2 ? 2 : ch_town_digits(n);
    town->city->n_retailers = n;
    town->retailer = ch_town_alloc(town->arena, n, sizeof *town->retailer);
    if (!town->retailer)
        return false;
    draw_sizes(town);
    for (uint32_t r = 0; r < n; r++) {
        town->retailer[r].id = ch_town_text(town, "R%0*u", digits, (unsigned)r + 1);
        town->retailer[r].name = ch_town_text(town, "Retailer %u", (unsigned)r + 1);
        if (!town->retailer[r].id || !town->retailer[r].name)
            return false;
    }
    return true;
}

bool ch_town_retailers(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_retailers), *stores = ch_town_table(town, CH_TABLE_stores);
    if (own && own->n_rows > 0)
        return ch_town_own_retailers(town, own);
    if (own)
        ch_town_blame(town, "city.retailers", "name at least one retailer, or leave the key out", "the list is empty");
    bool done = stores && stores->n_rows > 0 ? ch_town_retailers_of_stores(town, stores) : generate_retailers(town);
    for (uint32_t r = 0; done && r < town->city->n_retailers; r++)
        town->retailer[r].list = town->retailer[r].size;
    return done;
}

/* ---- sponsors and members ---------------------------------------------------------------------------------------- */

struct rank {
    double size;
    uint32_t retailer;
};

static int larger_first(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return (x->retailer > y->retailer) - (x->retailer < y->retailer);
}

/* The share of n, rounded up; a share that is a fraction of n up to rounding stays exact. */
static uint32_t share_of(double share, uint32_t n)
{
    double exact = share * n - 1e-9;
    uint32_t whole = exact > 0 ? (uint32_t)exact : 0;
    return exact > whole ? whole + 1 : whole;
}

bool ch_town_flags(struct ch_town *town)
{
    const struct ch_retail_params *retail = CH_BLOCK(town->scenario, retail);
    uint32_t n = town->city->n_retailers;
    uint32_t sponsors = share_of(retail->sponsors, n), members = share_of(retail->members, n);
    struct rank *rank = ch_town_alloc(town->scratch, n, sizeof *rank);
    if (!rank)
        return false;
    for (uint32_t r = 0; r < n; r++)
        rank[r] = (struct rank){town->retailer[r].size, r};
    qsort(rank, n, sizeof *rank, larger_first);
    for (uint32_t k = 0; k < n; k++) {
        struct ch_retailer *r = &town->retailer[rank[k].retailer];
        struct ch_stated stated = town->stated ? town->stated[rank[k].retailer] : (struct ch_stated){-1, -1};
        r->sponsor = stated.sponsor < 0 ? k < sponsors : stated.sponsor != 0;
        r->pool = stated.pool < 0 ? k < members : stated.pool != 0;
    }
    return true;
}
