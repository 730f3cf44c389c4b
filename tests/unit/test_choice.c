/* SPDX-License-Identifier: MIT
 * Store choice: Huff's shares (G01), independence of irrelevant alternatives, common draws, the outside option, candidates.
 *
 * Statistical tests: fixed seeds, 100,000 draws, false alarms at 1e-6 per statement: chi-square against -2 ln 1e-6 = 27.63 for
 * two degrees of freedom, |z| < 4.892 otherwise. */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>
#include <stdlib.h>

#define ch_model_choice ch_model_choice_here
#include "../../models/choice.c"
#undef ch_model_choice

enum { DRAWS = 100000 };
static const double Z_MAX = 4.892, CHI2_MAX = 27.63;
static const struct ch_key key = {20240601, 3};
static const double huff[3] = {9.0 / 22, 9.0 / 22, 4.0 / 22};

static struct choice_params plain(void)
{
    return (struct choice_params){.alpha = 1, .lambda = 2, .near = 50, .reach = 2000, .candidates = 24};
}

/* The three stores of G01. */
static void three(double u[3])
{
    static const double floor[3] = {100, 400, 900}, d[3] = {200, 400, 900};
    struct choice_params params = plain();
    for (int i = 0; i < 3; i++) {
        struct ch_store store = {.floor_m2 = floor[i], .price = 1.3, .rating = 2};
        u[i] = store_utility(&params, &store, 5000) + distance_utility(&params, d[i]);
    }
}

static void count(const double *u, const uint32_t *store, unsigned n, const double *outside, unsigned *hits, unsigned *picked)
{
    for (uint32_t person = 0; person < DRAWS; person++) {
        unsigned best = choose(key, 7 << 5, person, (uint64_t)5 << 32, 3, u, store, n, outside);
        hits[best]++;
        if (picked)
            picked[person] = best;
    }
}

static double chi2(const unsigned *hits, const double *share, unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += (hits[i] - DRAWS * share[i]) * (hits[i] - DRAWS * share[i]) / (DRAWS * share[i]);
    return sum;
}

START_TEST(g01_huff)
{
    double u[3], sum = 0;
    three(u);
    for (int i = 0; i < 3; i++)
        sum += exp(u[i]);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(exp(u[i]) / sum, huff[i], 1e-12);
    ck_assert_double_eq_tol(huff[0], .409091, 5e-7);
    ck_assert_double_eq_tol(huff[2], .181818, 5e-7);
}
END_TEST

START_TEST(draws_follow_huff)
{
    double u[3];
    unsigned hits[4] = {0};
    const uint32_t store[3] = {11, 7, 400};
    three(u);
    count(u, store, 3, NULL, hits, NULL);
    ck_assert_double_lt(chi2(hits, huff, 3), CHI2_MAX);
    ck_assert_uint_eq(hits[3], 0);
    static const double other[3] = {.43, .39, .18}; /* negative control */
    ck_assert_double_gt(chi2(hits, other, 3), CHI2_MAX);
}
END_TEST

/* Without the third store the first two keep their ratio, and whoever chose one of them still does. */
START_TEST(irrelevant_alternatives)
{
    static unsigned all[DRAWS], two[DRAWS];
    double u[3];
    unsigned hits[4] = {0}, fewer[4] = {0};
    const uint32_t store[3] = {11, 7, 400};
    three(u);
    count(u, store, 3, NULL, hits, all);
    count(u, store, 2, NULL, fewer, two);
    for (unsigned i = 0; i < DRAWS; i++)
        ck_assert(all[i] == 2 || all[i] == two[i]);
    ck_assert_double_lt(fabs(fewer[0] - DRAWS / 2.0) / sqrt(DRAWS / 4.0), Z_MAX);
}
END_TEST

/* A twin of store 1 takes its share from all in proportion; nobody moves except to the twin. */
START_TEST(identical_store)
{
    static unsigned before[DRAWS], after[DRAWS];
    double u[4], share[4];
    unsigned hits[5] = {0}, more[5] = {0};
    const uint32_t store[4] = {11, 7, 400, 8};
    three(u);
    u[3] = u[1];
    for (int i = 0; i < 4; i++)
        share[i] = huff[i < 3 ? i : 1] / (1 + huff[1]);
    count(u, store, 3, NULL, hits, before);
    count(u, store, 4, NULL, more, after);
    for (unsigned i = 0; i < DRAWS; i++)
        ck_assert(after[i] == 3 || after[i] == before[i]);
    for (int i = 0; i < 4; i++)
        ck_assert_double_lt(fabs(more[i] - DRAWS * share[i]) / sqrt(DRAWS * share[i] * (1 - share[i])), Z_MAX);
}
END_TEST

/* Goods of one trip, and trips, have moods of their own. */
START_TEST(moods_differ)
{
    double u[2] = {0, 0};
    const uint32_t store[2] = {1, 2};
    unsigned same_good = 0, same_trip = 0;
    for (uint32_t person = 0; person < 10000; person++) {
        unsigned a = choose(key, 224, person, 0, 1, u, store, 2, NULL);
        same_good += a == choose(key, 224, person, 0, 2, u, store, 2, NULL);
        same_trip += a == choose(key, 224, person, 1 << 24, 1, u, store, 2, NULL);
    }
    ck_assert_double_lt(fabs(same_good - 5000.0) / 50, Z_MAX);
    ck_assert_double_lt(fabs(same_trip - 5000.0) / 50, Z_MAX);
}
END_TEST

/* ---- in a town --------------------------------------------------------------------------------------------------- */

extern const struct ch_model ch_model_choice_here;
static const struct ch_model *const models[] = {&ch_model_choice_here};

/* 60 x 40 nodes, 60 stores, people in the west; store i sells good i % 10 and grocery. */
static struct town *shopping_town(struct ch_arena **arena)
{
    struct town *town = town_of(60, 40, 300);
    town->city.n_stores = 60;
    for (uint32_t i = 0; i < 60; i++)
        town->stores[i] = (struct ch_store){.node = i * 39 + 7,
                                            .floor_m2 = 50 + i * 10,
                                            .price = 0.8 + 0.01 * i,
                                            .rating = 3 + i % 3,
                                            .good = i % 10,
                                            .goods = 1u << i % 10 | 1u << CH_GOOD_grocery,
                                            .retailer = i % TOWN_RETAILERS};
    for (uint32_t i = 0; i < 300; i++)
        town->citizens[i].home = (i % 40) * 60 + i % 20;
    shops_open(town);
    town_open(town, models, 1);
    *arena = shops_tabulate(town);
    return town;
}

/* The lists are what a slow search finds: every store of the good in reach, best first, the best 24 of them. */
START_TEST(candidates)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    const struct choice_table *table = town->selves[0].table;
    const struct choice_params *params = town->params[0];
    for (uint32_t node = 0; node < town->city.n_nodes; node += 7) {
        for (uint32_t good = 0; good < CH_N_GOODS; good++) {
            const uint32_t *first = &table->first[node * N_LISTS + good];
            unsigned reached = 0;
            for (uint32_t s = 0; s < town->city.n_stores; s++) {
                double d = ch_distance_m(&town->city, node, town->stores[s].node);
                if (!(town->stores[s].goods >> good & 1) || d > 2000)
                    continue;
                double u = store_utility(params, &town->stores[s], floor_near(&town->city, s)) + distance_utility(params, d);
                bool found = false;
                for (uint32_t i = first[0]; i < first[1]; i++)
                    found |= table->candidate[i].store == s && fabs((double)table->candidate[i].u - u) < 1e-5;
                reached++;
                ck_assert(found || (first[1] - first[0] == 24 && u <= (double)table->candidate[first[1] - 1].u + 1e-5));
            }
            ck_assert_uint_eq(first[1] - first[0], reached < 24 ? reached : 24);
            for (uint32_t i = first[0] + 1; i < first[1]; i++)
                ck_assert(table->candidate[i - 1].u >= table->candidate[i].u);
        }
    }
    shops_close(town, arena);
}
END_TEST

START_TEST(floor_around)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    for (uint32_t s = 0; s < town->city.n_stores; s++) {
        double sum = 0;
        for (uint32_t k = 0; k < town->city.n_stores; k++)
            if (k != s && ch_distance_m(&town->city, town->stores[s].node, town->stores[k].node) <= 200)
                sum += town->stores[k].floor_m2;
        ck_assert_double_eq_tol(floor_near(&town->city, s), sum, 1e-9);
    }
    shops_close(town, arena);
}
END_TEST

static struct ch_pick ask(struct town *town, uint32_t id, uint32_t good, uint32_t exclude, ch_time arrival)
{
    struct ch_pick pick = {
        .from = town->citizens[id].home, .good = good, .exclude = exclude, .arrival = arrival, .store = CH_NONE};
    town->ctx.self = &town->selves[0];
    ch_model_choice_here.answer_pick(&town->ctx, &town->people[id], &pick);
    return pick;
}

/* The outside option has the stated share, over people with a store in reach. */
START_TEST(outside_share)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    const struct choice_table *table = town->selves[0].table;
    unsigned outside = 0, n = 0;
    for (uint32_t id = 0; id < 300; id++) {
        const uint32_t *first = &table->first[town->citizens[id].home * N_LISTS + CH_GOOD_clothing];
        for (town->people[id].day = 0; town->people[id].day < 100 && first[1] > first[0]; town->people[id].day++, n++)
            outside += ask(town, id, CH_GOOD_clothing, CH_NONE, 0).store == CH_NONE;
    }
    ck_assert_uint_gt(n, 10000);
    ck_assert_double_lt(fabs(outside - n * 0.15) / sqrt(n * 0.15 * 0.85), Z_MAX);
    ck_assert_double_eq(town_ratio(town, 0, "outside_share"), (double)outside / n);
    shops_close(town, arena);
}
END_TEST

/* The excluded store is never the answer, and who had another keeps it; strollers always find a store; closed ones do not count. */
START_TEST(exclusion_strolling_hours)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    for (uint32_t id = 0; id < 300; id++) {
        uint32_t first = ask(town, id, CH_GOOD_grocery, CH_NONE, 0).store;
        uint32_t second = ask(town, id, CH_GOOD_grocery, first, 0).store;
        ck_assert(first == CH_NONE ? second == CH_NONE : second != first);
        ck_assert_uint_eq(ask(town, id, CH_GOOD_grocery, 59, 0).store == first, first != 59);
        ck_assert_uint_ne(ask(town, id, CH_NONE, CH_NONE, 0).store, CH_NONE);
    }
    for (uint32_t s = 0; s < town->city.n_stores; s++)
        town->stores[s].sunday = s == 3;
    for (uint32_t id = 0; id < 300; id++) {
        uint32_t store = ask(town, id, CH_GOOD_grocery, CH_NONE, 6 * CH_DAY + 12 * CH_HOUR).store;
        ck_assert(store == 3 || store == CH_NONE);
    }
    shops_close(town, arena);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, g01_huff);
    tcase_add_test(all, draws_follow_huff);
    tcase_add_test(all, irrelevant_alternatives);
    tcase_add_test(all, identical_store);
    tcase_add_test(all, moods_differ);
    tcase_add_test(all, candidates);
    tcase_add_test(all, floor_around);
    tcase_add_test(all, outside_share);
    tcase_add_test(all, exclusion_strolling_hours);
}

int main(void) { return run_tests("choice", add_tests); }
