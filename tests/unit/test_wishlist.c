/* SPDX-License-Identifier: MIT
 * Wish lists: how many come to be bought (G07), decay, who sees what, conservation.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>
#include <stdlib.h>

#define ch_model_wishlist ch_model_wishlist_here
#include "../../models/wishlist.c"
#undef ch_model_wishlist

enum { DRAWS = 100000, PEOPLE = 2000, DAYS = 28 };
static const double Z_MAX = 4.892;

static double z_of(unsigned hits, double share) { return fabs(hits - DRAWS * share) / sqrt(DRAWS * share * (1 - share)); }

/* Constant hazard h against constant expiry d = ln 2 / 21: h/(h + d); the fading hazard without expiry: 1 - e^(-h/d). */
START_TEST(g07_desire_conversion)
{
    static const double hazard[2] = {0.01, 0.02}, constant[2] = {.2325, .3773}, fading[2] = {.2614, .4544};
    double delta = ch_log(2) / 21;
    for (int i = 0; i < 2; i++) {
        unsigned bought = 0, ripe = 0;
        ck_assert_double_eq_tol(hazard[i] / (hazard[i] + delta), constant[i], 5e-5);
        ck_assert_double_eq_tol(1 - exp(-hazard[i] / delta), fading[i], 5e-5);
        for (uint32_t k = 0; k < DRAWS; k++) {
            struct ch_draw draw = ch_draw_open((struct ch_key){11, 2}, k, 300, (uint64_t)i);
            double e = ch_draw_exponential(&draw), expiry = ch_draw_exponential(&draw) / delta;
            bought += e / hazard[i] < expiry;
            ripe += ripe_age(e, hazard[i], delta) >= 0;
        }
        ck_assert_double_lt(z_of(bought, constant[i]), Z_MAX);
        ck_assert_double_lt(z_of(ripe, fading[i]), Z_MAX);
        ck_assert_double_gt(z_of(ripe, constant[i]), Z_MAX); /* negative control: the laws differ */
    }
}
END_TEST

/* At the age found, the integral of the hazard is e. */
START_TEST(age_of_ripeness)
{
    double delta = ch_log(2) / 21, age = ripe_age(0.1, 0.01, delta);
    ck_assert_double_eq_tol(0.01 / delta * (1 - exp(-delta * age)), 0.1, 1e-13);
    ck_assert_double_lt(ripe_age(0.31, 0.01, delta), 0); /* above h/d = .303 */
    ck_assert_double_lt(ripe_age(0.1, 0, delta), 0);
}
END_TEST

/* ---- a town ------------------------------------------------------------------------------------------------------ */

extern const struct ch_model ch_model_wishlist_here;

/* Retailer 2 shares its lists with everyone. */
static void answer_pool(struct ch_ctx *ctx, struct ch_person *who, struct ch_pool_query *query)
{
    (void)ctx;
    (void)who;
    query->shared = query->origin == 2;
}
static const struct ch_model pool = {.name = "pool", .answer_pool = answer_pool};
static const struct ch_model *const models[] = {&ch_model_wishlist_here, &pool};

/* Eight stores of eight retailers; retailer r sells clothing and good r; sizes 1/8. */
static struct town *wishing_town(struct ch_arena **arena)
{
    struct town *town = town_of(4, 4, PEOPLE);
    town->city.n_stores = 8;
    for (uint32_t i = 0; i < 8; i++) {
        town->stores[i] = (struct ch_store){.node = i, .retailer = i, .good = i, .goods = 1u << i | 1u};
        town->retailers[i].size = town->retailers[i].list = 0.125;
    }
    shops_open(town);
    town_open(town, models, 2);
    *arena = shops_tabulate(town);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->ctx.self = &town->selves[0];
        ch_model_wishlist_here.start_person(&town->ctx, &town->people[id]);
    }
    return town;
}

static struct wishlist *list_of(struct town *town, uint32_t id)
{
    town->ctx.self = &town->selves[0];
    return ch_of_person(&town->ctx, &town->people[id]);
}

static void set_day(struct town *town, uint32_t day)
{
    town->ctx.self = &town->selves[0];
    town->ctx.lane.now = day * CH_DAY + 3 * CH_HOUR;
}

static void live(struct town *town, uint32_t day)
{
    struct ch_day today = {.day = day, .world = &town->world.day[day]};
    set_day(town, day);
    for (uint32_t id = 0; id < PEOPLE; id++)
        ch_model_wishlist_here.on_day_begins(&town->ctx, &town->people[id], &today);
}

static double mean_open(struct town *town)
{
    double n = 0;
    for (uint32_t id = 0; id < PEOPLE; id++)
        for (int i = 0; i < SLOTS; i++)
            n += list_of(town, id)->item[i].good != EMPTY;
    return n / PEOPLE;
}

/* Half an item a week each; conserved; and no drift: the lists are as long after four weeks as at the start. */
START_TEST(four_weeks)
{
    struct ch_arena *arena;
    struct town *town = wishing_town(&arena);
    double start = mean_open(town), mean = PEOPLE * 0.5 * DAYS / 7;
    for (uint32_t day = 0; day < DAYS; day++) {
        live(town, day);
        ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    }
    double added = (double)town_probe(town, 0, "wish_fulfilment_rate")[1];
    ck_assert_double_lt(fabs(added - mean) / sqrt(mean), Z_MAX);
    ck_assert_double_lt(fabs(mean_open(town) - start), Z_MAX * sqrt(2 * start / PEOPLE));
    for (uint32_t id = 0; id < PEOPLE; id++) {
        unsigned mask = 0;
        for (int i = 0; i < SLOTS; i++)
            if (list_of(town, id)->item[i].good != EMPTY)
                mask |= 1u << list_of(town, id)->item[i].good;
        ck_assert_uint_eq(mask, town->people[id].wishes);
    }
    shops_close(town, arena);
}
END_TEST

static void put(struct town *town, uint32_t id, struct item first, struct item second)
{
    struct wishlist *list = list_of(town, id);
    for (int i = 0; i < SLOTS; i++)
        list->item[i].good = EMPTY;
    list->item[1] = first;
    list->item[4] = second;
    list->unsettled = 2;
    set_mask(&town->people[id], list);
}

static struct ch_wish_query look(struct town *town, uint32_t reader, uint32_t good, uint32_t store, bool owner)
{
    struct ch_wish_query query = {.reader = reader, .good = good, .store = store, .owner = owner};
    town->ctx.self = &town->selves[0];
    ch_model_wishlist_here.answer_wish(&town->ctx, &town->people[0], &query);
    return query;
}

/* Retailer 2's list (shared) holds shoes-not-sold-by-0 and retailer 5's (not shared) clothing. */
START_TEST(who_sees_what)
{
    struct ch_arena *arena;
    struct town *town = wishing_town(&arena);
    struct wishlist_params *params = town->params[0];
    params->same = 1;
    put(town, 0, (struct item){.born = BEFORE, .origin = 2, .good = 0, .desire = 204, .ripe = NEVER},
        (struct item){.born = BEFORE, .origin = 5, .good = 0, .desire = 255, .ripe = NEVER});
    set_day(town, 21);
    struct ch_wish_query q = look(town, 2, CH_NONE, CH_NONE, false);
    ck_assert(q.best.slot == 1 && !q.pooled);
    ck_assert_double_eq_tol(q.match, 0.4, 1e-12);
    q = look(town, 5, 0, 5, false);
    ck_assert(q.best.slot == 4 && !q.pooled && q.best.added == 0);
    ck_assert_double_eq_tol(q.match, 0.5, 1e-12);
    q = look(town, 3, 0, 3, false);
    ck_assert(q.best.slot == 1 && q.pooled);
    q = look(town, CH_NONE, 0, 3, true);
    ck_assert(q.best.slot == 4 && !q.pooled);
    ck_assert_uint_eq(look(town, 3, 1, CH_NONE, true).best.slot, CH_NONE);
    params->same = params->similar = 0;
    ck_assert_uint_eq(look(town, 3, 0, 3, false).best.slot, CH_NONE);
    params->similar = 1;
    ck_assert_double_eq_tol(look(town, 3, 0, 3, false).match, 0.24, 1e-12);
    shops_close(town, arena);
}
END_TEST

/* Ripe items want to be bought, old ones leave; a sale closes the item once; attribution ends; withdrawal empties one list. */
START_TEST(ends_of_items)
{
    struct ch_arena *arena;
    struct town *town = wishing_town(&arena);
    struct ch_person *who = &town->people[0];
    struct item item = {.born = BEFORE, .origin = 2, .good = 0, .desire = 200, .ripe = 5},
                other = {.born = BEFORE, .origin = 3, .good = 3, .desire = 200, .ripe = NEVER};
    put(town, 0, item, other);
    set_day(town, 4);
    struct ch_want want = {.n = 0};
    ch_model_wishlist_here.answer_want(&town->ctx, who, &want);
    ck_assert_uint_eq(want.n, 0);
    set_day(town, 5);
    ch_model_wishlist_here.answer_want(&town->ctx, who, &want);
    ck_assert(want.n == 1 && want.item[0].good == 0 && want.item[0].wish == 1);
    struct ch_sale sale = {.retailer = 6, .good = 0, .wish = 1, .attributed = true};
    ch_model_wishlist_here.on_sale(&town->ctx, who, &sale);
    ck_assert(sale.attributed && who->wishes == 1u << 3);
    ck_assert_double_eq(town_ratio(town, 0, "fulfilled_at_partner_share"), 1);
    ch_model_wishlist_here.on_sale(&town->ctx, who, &sale);
    ck_assert(!sale.attributed && list_of(town, 0)->unsettled == 1);
    set_day(town, 31);
    sale = (struct ch_sale){.retailer = 3, .good = 3, .wish = 4, .attributed = true};
    ch_model_wishlist_here.on_sale(&town->ctx, who, &sale);
    ck_assert(!sale.attributed && who->wishes == 0);
    ck_assert_double_eq(town_ratio(town, 0, "fulfilled_at_origin_share"), 0.5);
    put(town, 0, item, other);
    struct ch_consent consent = {.controller = 3, .from = 2, .to = 0, .withdrawn = true};
    ch_model_wishlist_here.on_consent_changed(&town->ctx, who, &consent);
    ck_assert(who->wishes == 1 && list_of(town, 0)->unsettled == 1);
    live(town, 19); /* ripe at 5, waited 14 days */
    ck_assert(!(list_of(town, 0)->item[1].good == 0 && list_of(town, 0)->item[1].born == BEFORE));
    ck_assert_double_gt(town_ratio(town, 0, "fulfilled_outside_share"), 0);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    list_of(town, 9)->unsettled++;
    ck_assert_int_eq(town_audit(town, 0, true), CH_INTERNAL);
    shops_close(town, arena);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, g07_desire_conversion);
    tcase_add_test(all, age_of_ripeness);
    tcase_add_test(all, four_weeks);
    tcase_add_test(all, who_sees_what);
    tcase_add_test(all, ends_of_items);
}

int main(void) { return run_tests("wishlist", add_tests); }
