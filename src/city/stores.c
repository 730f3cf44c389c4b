/* SPDX-License-Identifier: MIT
 * Generated stores. Slots are numbered cluster by cluster, the scattered ones last; each decision is drawn with the slot's key.
 *   retailer   in proportion to size, at least one store each, shuffled over the slots
 *   place      around the shopping street; scattered stores lie where people live
 *   main good  dealt from a hand with the exact mix, so no good is left to luck; a retailer prefers a few goods of its own but
 *              shuns those that nobody else sells yet, a scattered store prefers what is bought near home */
#include "city/town.h"
#include <chaland/numeric.h>
#include <stdlib.h>

enum { PREFERRED = 3, PREFERENCE = 6, NEAR_HOME = 3, AVERSION = 20 };
static const double floor_sigma = 0.7, price_sigma = 0.1, rating_sd = 0.4;
static const double big = 2.5, very_big = 4; /* times the median floor: sells two goods, three goods */
static const double door_near_m = 6, door_far_m = 12;

struct plan { /* of the stores to be generated, by slot */
    uint32_t n, n_in_clusters;
    uint32_t *retailer, *node, *good;
    uint32_t hand[CH_N_GOODS]; /* goods still to be dealt */
    uint32_t *taste;           /* [retailer] bit mask of preferred goods */
    uint32_t only[CH_N_GOODS]; /* retailer who alone sells a good so far; CH_NONE: nobody does, or several do */
    uint32_t sold;             /* bit mask of goods that someone sells */
};

/* Splits n in proportion to weight[0..k-1] by largest remainder, after `least` each where n suffices. */
static bool split(struct ch_arena *scratch, uint32_t n, const double *weight, uint32_t k, uint32_t least, uint32_t *part)
{
    double *want = ch_town_alloc(scratch, k, sizeof *want), sum = 0;
    if (!want)
        return false;
    while (least > 0 && (uint64_t)least * k > n)
        least--;
    uint32_t left = n;
    for (uint32_t i = 0; i < k; i++)
        sum += weight[i];
    for (uint32_t i = 0; i < k; i++) {
        want[i] = weight[i] / sum * n;
        part[i] = want[i] > least ? (uint32_t)want[i] : least;
    }
    uint64_t used = 0;
    for (uint32_t i = 0; i < k; i++)
        used += part[i];
    while (used > left) { /* the minimum took too much: give back where most is above the wish */
        uint32_t most = k;
        for (uint32_t i = 0; i < k; i++)
            if (part[i] > least && (most == k || part[i] - want[i] > part[most] - want[most]))
                most = i;
        part[most]--;
        used--;
    }
    while (used < left) {
        uint32_t most = 0;
        for (uint32_t i = 1; i < k; i++)
            if (want[i] - part[i] > want[most] - part[most])
                most = i;
        part[most]++;
        used++;
    }
    return true;
}

static bool share_among_retailers(struct ch_town *town, struct plan *plan)
{
    uint32_t n_retailers = town->city->n_retailers, slot = 0;
    double *size = ch_town_alloc(town->scratch, n_retailers, sizeof *size);
    uint32_t *part = ch_town_alloc(town->scratch, n_retailers, sizeof *part);
    if (!size || !part)
        return false;
    for (uint32_t r = 0; r < n_retailers; r++)
        size[r] = town->retailer[r].size;
    if (!split(town->scratch, plan->n, size, n_retailers, 1, part))
        return false;
    for (uint32_t r = 0; r < n_retailers; r++)
        for (uint32_t k = 0; k < part[r]; k++)
            plan->retailer[slot++] = r;
    CH_ASSERT(slot == plan->n);
    for (uint32_t i = plan->n; i > 1; i--) {
        struct ch_draw draw = ch_town_draw(town, CH_TOWN_OWNER, i - 1);
        uint32_t j = ch_draw_below(&draw, i), other = plan->retailer[j];
        plan->retailer[j] = plan->retailer[i - 1];
        plan->retailer[i - 1] = other;
    }
    return true;
}

static void place_slots(struct ch_town *town, struct plan *plan)
{
    uint32_t slot = 0;
    for (uint32_t c = 0; c < town->n_clusters; c++)
        for (uint32_t k = 0; k < town->cluster[c].n_stores && slot < plan->n; k++, slot++) {
            struct ch_draw draw = ch_town_draw(town, CH_TOWN_STORE_NODE, slot);
            plan->node[slot] = ch_town_near_cluster(town, c, &draw);
        }
    plan->n_in_clusters = slot;
    for (; slot < plan->n; slot++) {
        struct ch_draw draw = ch_town_draw(town, CH_TOWN_STORE_NODE, slot);
        plan->node[slot] = ch_alias_pick(&town->homes, ch_draw_uniform(&draw));
    }
}

static bool draw_tastes(struct ch_town *town, struct plan *plan)
{
    plan->taste = ch_town_alloc(town->scratch, town->city->n_retailers, sizeof *plan->taste);
    if (!plan->taste)
        return false;
    for (uint32_t r = 0; r < town->city->n_retailers; r++) {
        struct ch_draw draw = ch_town_draw(town, CH_TOWN_TASTE, r);
        for (int k = 0; k < PREFERRED; k++)
            plan->taste[r] |= 1u << ch_draw_weighted(&draw, town->mix, CH_N_GOODS);
    }
    return true;
}

static uint32_t choose_good(const struct ch_town *town, const struct plan *plan, uint32_t slot)
{
    uint32_t retailer = plan->retailer[slot];
    bool scattered = slot >= plan->n_in_clusters;
    double weight[CH_N_GOODS];
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        bool near_home = g == CH_GOOD_grocery || g == CH_GOOD_cafe;
        weight[g] = plan->hand[g];
        weight[g] *= plan->taste[retailer] >> g & 1 ? PREFERENCE : 1;
        weight[g] *= scattered && near_home ? NEAR_HOME : 1;
        weight[g] /= plan->only[g] == retailer ? AVERSION : 1;
    }
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_GOOD, slot);
    return ch_draw_weighted(&draw, weight, CH_N_GOODS);
}

/* Scattered slots choose first: else the preferred goods would be gone when their turn comes. */
static void deal_goods(const struct ch_town *town, struct plan *plan)
{
    uint32_t scattered = plan->n - plan->n_in_clusters;
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        plan->only[g] = CH_NONE;
    for (uint32_t k = 0; k < plan->n; k++) {
        uint32_t slot = k < scattered ? plan->n_in_clusters + k : k - scattered, good = choose_good(town, plan, slot);
        plan->good[slot] = good;
        plan->hand[good]--;
        if (!(plan->sold >> good & 1))
            plan->only[good] = plan->retailer[slot];
        else if (plan->only[good] != plan->retailer[slot])
            plan->only[good] = CH_NONE;
        plan->sold |= 1u << good;
    }
}

static bool make_plan(struct ch_town *town, struct plan *plan)
{
    plan->n = (uint32_t)town->set->stores;
    plan->retailer = ch_town_alloc(town->scratch, plan->n, sizeof *plan->retailer);
    plan->node = ch_town_alloc(town->scratch, plan->n, sizeof *plan->node);
    plan->good = ch_town_alloc(town->scratch, plan->n, sizeof *plan->good);
    if (!plan->retailer || !plan->node || !plan->good || !draw_tastes(town, plan))
        return false;
    if (plan->n == 0)
        return true;
    /* Several stores of each good, as far as there are stores: a twentieth of them at least, if that is less than four. */
    uint32_t several = plan->n / 20 < 4 ? plan->n / 20 : 4;
    several = several == 0 && plan->n >= CH_N_GOODS ? 1 : several;
    if (!share_among_retailers(town, plan) || !split(town->scratch, plan->n, town->mix, CH_N_GOODS, several, plan->hand))
        return false;
    place_slots(town, plan);
    deal_goods(town, plan);
    return true;
}

void ch_town_store_details(const struct ch_town *town, uint32_t slot, struct ch_store *store)
{
    struct ch_draw floor_draw = ch_town_draw(town, CH_TOWN_FLOOR, slot), price_draw = ch_town_draw(town, CH_TOWN_PRICE, slot);
    struct ch_draw rating_draw = ch_town_draw(town, CH_TOWN_RATING, slot), sunday_draw = ch_town_draw(town, CH_TOWN_SUNDAY, slot);
    store->floor_m2 = ch_draw_lognormal(&floor_draw, town->set->floor, floor_sigma);
    store->price = ch_draw_lognormal(&price_draw, 1, price_sigma);
    double rating = town->set->rating + rating_sd * ch_draw_normal(&rating_draw);
    rating = rating < 1 ? 1 : rating > 5 ? 5 : rating;
    store->rating = (double)(int)(rating * 10 + 0.5) / 10; /* displayed with one decimal */
    store->sunday = ch_draw_chance(&sunday_draw, town->set->sunday);
}

void ch_town_more_goods(const struct ch_town *town, uint32_t slot, struct ch_store *store)
{
    unsigned n = store->floor_m2 > very_big * town->set->floor ? 3 : store->floor_m2 > big * town->set->floor ? 2 : 1;
    double weight[CH_N_GOODS] = {0};
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_MORE_GOODS, slot);
    store->goods = 1u << store->good;
    if (store->good == CH_GOOD_cafe)
        return;
    for (uint32_t g = 0; g < CH_N_NONFOOD; g++)
        weight[g] = g == store->good ? 0 : town->mix[g];
    for (unsigned k = 1; k < n; k++) {
        uint32_t g = ch_draw_weighted(&draw, weight, CH_N_NONFOOD);
        store->goods |= 1u << g;
        weight[g] = 0;
    }
}

void ch_town_hours(const struct ch_town *town, struct ch_store *store)
{
    ch_time earlier = store->good == CH_GOOD_grocery || store->good == CH_GOOD_cafe ? 2 * CH_HOUR : 0;
    store->opens = town->set->opens > earlier ? town->set->opens - earlier : 0;
    store->closes = town->set->closes;
}

/* At one of the four corners of the crossing, near enough that the crossing stays the nearest. */
static void place_door(const struct ch_town *town, uint32_t slot, struct ch_store *store)
{
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_STORE_POINT, slot);
    double far = door_far_m < 0.3 * town->block_m ? door_far_m : 0.3 * town->block_m;
    double near = door_near_m < far ? door_near_m : far;
    enum ch_direction direction = ch_draw_below(&draw, 2) ? CH_EAST : CH_WEST;
    double along = near + (far - near) * ch_draw_uniform(&draw), right = near + (far - near) * ch_draw_uniform(&draw);
    ch_town_point(town, store->node, direction, along, ch_draw_below(&draw, 2) ? right : -right, &store->x_m, &store->y_m);
}

static bool generate_stores(struct ch_town *town)
{
    struct plan plan = {0};
    if (!make_plan(town, &plan))
        return false;
    town->city->n_stores = plan.n;
    town->store = ch_town_alloc(town->scratch, plan.n, sizeof *town->store); /* sorting moves them to the city */
    if (!town->store)
        return false;
    for (uint32_t slot = 0; slot < plan.n; slot++) {
        struct ch_store *store = &town->store[slot];
        store->retailer = plan.retailer[slot];
        store->node = plan.node[slot];
        store->good = plan.good[slot];
        place_door(town, slot, store);
        ch_town_store_details(town, slot, store);
        ch_town_more_goods(town, slot, store);
        ch_town_hours(town, store);
    }
    return ch_town_sort_stores(town);
}

/* Running numbers follow the place, so they are given after sorting. */
static bool name_stores(struct ch_town *town)
{
    int digits = ch_town_digits(town->city->n_stores) < 3 ? 3 : ch_town_digits(town->city->n_stores);
    for (uint32_t s = 0; s < town->city->n_stores; s++) {
        struct ch_store *store = &town->store[s];
        const struct ch_retailer *owner = &town->retailer[store->retailer];
        store->id = ch_town_text(town, "%s-S%0*u", owner->id, digits, (unsigned)s + 1);
        store->name = ch_town_text(town, "%s, %s %u", owner->name, town->city->goods[store->good].name, (unsigned)s + 1);
        if (!store->id || !store->name)
            return false;
    }
    return true;
}

bool ch_town_stores(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_stores);
    if (own && !ch_town_own_stores(town, own))
        return false;
    if (!own && (!generate_stores(town) || !name_stores(town)))
        return false;
    for (uint32_t s = 0; s < town->city->n_stores; s++)
        if (town->store[s].retailer < town->city->n_retailers)
            town->retailer[town->store[s].retailer].n_stores++;
    return true;
}

struct placed {
    uint32_t node, slot;
};

static int by_node(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return (x->slot > y->slot) - (x->slot < y->slot);
}

bool ch_town_sort_stores(struct ch_town *town)
{
    uint32_t n = town->city->n_stores, *row = ch_town_alloc(town->scratch, n, sizeof *row);
    struct placed *order = ch_town_alloc(town->scratch, n, sizeof *order);
    struct ch_store *sorted = ch_town_alloc(town->arena, n, sizeof *sorted);
    if (!row || !order || !sorted)
        return false;
    for (uint32_t s = 0; s < n; s++)
        order[s] = (struct placed){town->store[s].node, s};
    qsort(order, n, sizeof *order, by_node);
    for (uint32_t s = 0; s < n; s++) {
        sorted[s] = town->store[order[s].slot];
        row[s] = order[s].slot;
    }
    town->store = sorted;
    town->row[CH_ITEM_STORE] = row;
    return true;
}
