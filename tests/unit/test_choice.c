/* SPDX-License-Identifier: MIT
 * Store choice: Huff's shares (G01), independence of irrelevant alternatives, common draws, the outside option, candidates; and
 * the race against the plain formula.
 *
 * Statistical tests: fixed seeds, 100,000 draws, false alarms at 1e-6 per statement: chi-square against -2 ln 1e-6 = 27.63 for
 * two degrees of freedom and 30.66 for three, |z| < 4.892 otherwise. */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>
#include <stdlib.h>

#define ch_model_choice ch_model_choice_here
#include "../../models/choice.c"
#undef ch_model_choice

enum { DRAWS = 100000, NOON = 12 };
static const double Z_MAX = 4.892, CHI2_MAX = 27.63, CHI2_MAX_3 = 30.66;
static const double huff[3] = {9.0 / 22, 9.0 / 22, 4.0 / 22};

extern const struct ch_model ch_model_choice_here;

#include "choice_talk.h"

/* ---- three stores in a street, and the twin of one --------------------------------------------------------------- */

enum { NEAR, MIDDLE, TWIN, FAR, N_STREET };

/* The stores of G01 at 200, 400 and 900 m of node 0; a twin of the second, closed until it is opened. */
static struct town *street(struct ch_arena **arena)
{
    static const uint32_t node[N_STREET] = {2, 4, 4, 9};
    static const double floor[N_STREET] = {100, 400, 400, 900};
    struct town *town = town_of(20, 1, 1);
    town->city.n_stores = N_STREET;
    for (uint32_t i = 0; i < N_STREET; i++)
        town->stores[i] = (struct ch_store){.node = node[i], .floor_m2 = floor[i], .price = 1, .rating = 3.8, .goods = 1023};
    shops_open(town);
    town->stores[TWIN].closes = 0;
    town_open(town, models, 2);
    struct choice_params *params = town->params[0];
    params->lambda = 2;
    params->agglomeration = 0;
    *arena = shops_tabulate(town);
    memset(&toy, 0, sizeof toy);
    return town;
}

static void count(struct town *town, uint32_t good, uint32_t exclude, unsigned hits[N_STREET + 1], uint8_t *picked)
{
    for (uint32_t id = 0; id < DRAWS; id++) {
        struct ch_person who = {.id = id, .day = 3};
        uint32_t store = pick_for(town, &who, 0, good, exclude, NOON * CH_HOUR).store;
        hits[store < N_STREET ? store : N_STREET]++;
        if (picked)
            picked[id] = (uint8_t)store;
    }
}

static double chi2(const unsigned *hits, const double *share, unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += share[i] > 0 ? (hits[i] - DRAWS * share[i]) * (hits[i] - DRAWS * share[i]) / (DRAWS * share[i]) : hits[i] * 1e9;
    return sum;
}

START_TEST(g01_huff)
{
    static const double floor[3] = {100, 400, 900}, d[3] = {200, 400, 900};
    struct choice_params params = {.alpha = 1, .lambda = 2, .near = 50, .reach = 2000, .candidates = 24};
    double u[3], sum = 0;
    for (int i = 0; i < 3; i++) {
        struct ch_store store = {.floor_m2 = floor[i], .price = 1.3, .rating = 2};
        u[i] = store_utility(&params, &store, 5000) + distance_utility(&params, d[i]);
        sum += exp(u[i]);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(exp(u[i]) / sum, huff[i], 1e-12);
    ck_assert_double_eq_tol(huff[0], .409091, 5e-7);
    ck_assert_double_eq_tol(huff[2], .181818, 5e-7);
}
END_TEST

/* Strollers follow Huff; with a good, the outside option takes its share of the exact logit, and terms of others weigh as
 * utilities. */
START_TEST(draws_follow_the_logit)
{
    struct ch_arena *arena;
    struct town *town = street(&arena);
    const struct choice_table *table = town->selves[0].table;
    const double all[N_STREET + 1] = {huff[0], huff[1], 0, huff[2], 0},
                                other[N_STREET + 1] = {.43, .39, 0, .18, 0}; /* negative control */
    unsigned hits[N_STREET + 1] = {0}, goods[N_STREET + 1] = {0};
    count(town, CH_NONE, CH_NONE, hits, NULL);
    ck_assert_double_lt(chi2(hits, all, N_STREET + 1), CHI2_MAX);
    ck_assert_double_gt(chi2(hits, other, N_STREET + 1), CHI2_MAX);
    double weight[N_STREET + 1] = {100.0 / 4e4, 400.0 / 16e4, 0, 900.0 / 81e4, exp(table->u0[CH_GOOD_toys])}, sum = 0;
    for (unsigned i = 0; i <= N_STREET; i++)
        sum += weight[i];
    for (unsigned i = 0; i <= N_STREET; i++)
        weight[i] /= sum;
    count(town, CH_GOOD_toys, CH_NONE, goods, NULL);
    ck_assert_double_lt(chi2(goods, weight, N_STREET + 1), CHI2_MAX_3);
    ck_assert_double_gt(chi2(goods, all, N_STREET + 1), CHI2_MAX_3);
    shops_close(town, arena);
}
END_TEST

/* Without the third store the first two keep their ratio, and whoever chose one of them still does. */
START_TEST(irrelevant_alternatives)
{
    static uint8_t before[DRAWS], after[DRAWS];
    struct ch_arena *arena;
    struct town *town = street(&arena);
    unsigned hits[N_STREET + 1] = {0}, fewer[N_STREET + 1] = {0};
    count(town, CH_NONE, CH_NONE, hits, before);
    count(town, CH_NONE, FAR, fewer, after);
    for (unsigned i = 0; i < DRAWS; i++)
        ck_assert(before[i] == FAR || before[i] == after[i]);
    ck_assert_double_lt(fabs(fewer[NEAR] - DRAWS / 2.0) / sqrt(DRAWS / 4.0), Z_MAX);
    shops_close(town, arena);
}
END_TEST

/* A twin of the second store takes its share from all in proportion; nobody moves except to the twin. */
START_TEST(identical_store)
{
    static uint8_t before[DRAWS], after[DRAWS];
    struct ch_arena *arena;
    struct town *town = street(&arena);
    unsigned hits[N_STREET + 1] = {0}, more[N_STREET + 1] = {0};
    const double share[N_STREET] = {huff[0] / (1 + huff[1]), huff[1] / (1 + huff[1]), huff[1] / (1 + huff[1]),
                                    huff[2] / (1 + huff[1])};
    count(town, CH_NONE, CH_NONE, hits, before);
    town->stores[TWIN].closes = CH_DAY;
    count(town, CH_NONE, CH_NONE, more, after);
    for (unsigned i = 0; i < DRAWS; i++)
        ck_assert(after[i] == TWIN || after[i] == before[i]);
    for (int i = 0; i < N_STREET; i++)
        ck_assert_double_lt(fabs(more[i] - DRAWS * share[i]) / sqrt(DRAWS * share[i] * (1 - share[i])), Z_MAX);
    shops_close(town, arena);
}
END_TEST

/* Goods of one trip, and trips, have moods of their own: two stores alike, chosen twice, agree by half. */
START_TEST(moods_differ)
{
    struct ch_arena *arena;
    struct town *town = street(&arena);
    unsigned same_good = 0, same_trip = 0, n = 0;
    town->stores[TWIN].closes = CH_DAY;
    town->stores[NEAR].closes = town->stores[FAR].closes = 0;
    for (uint32_t id = 0; id < 20000; id++) {
        struct ch_person who = {.id = id}, later = {.id = id, .trip = 1};
        uint32_t a = pick_for(town, &who, 0, CH_GOOD_toys, CH_NONE, NOON * CH_HOUR).store;
        uint32_t b = pick_for(town, &who, 0, CH_GOOD_home, CH_NONE, NOON * CH_HOUR).store;
        uint32_t c = pick_for(town, &later, 0, CH_GOOD_toys, CH_NONE, NOON * CH_HOUR).store;
        if (a == CH_NONE || b == CH_NONE || c == CH_NONE)
            continue;
        n++;
        same_good += a == b;
        same_trip += a == c;
    }
    ck_assert_uint_gt(n, 5000);
    ck_assert_double_lt(fabs(same_good - n / 2.0) / sqrt(n / 4.0), Z_MAX);
    ck_assert_double_lt(fabs(same_trip - n / 2.0) / sqrt(n / 4.0), Z_MAX);
    shops_close(town, arena);
}
END_TEST

/* ---- in a town --------------------------------------------------------------------------------------------------- */

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
    town_open(town, models, 2);
    *arena = shops_tabulate(town);
    memset(&toy, 0, sizeof toy);
    return town;
}

static const struct candidate *list_of(const struct choice_table *table, uint32_t node, uint32_t list, uint32_t *n)
{
    const uint32_t *first = &table->first[node * N_LISTS + list];
    *n = first[1] - first[0];
    return &table->candidate[first[0]];
}

/* The lists are what a slow search finds: every store of the good in reach, the best 24 of them, by ordinal. */
START_TEST(candidates)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    const struct choice_table *table = town->selves[0].table;
    const struct choice_params *params = town->params[0];
    for (uint32_t node = 0; node < town->city.n_nodes; node += 7) {
        for (uint32_t good = 0; good < CH_N_GOODS; good++) {
            uint32_t n, reached = 0;
            const struct candidate *list = list_of(table, node, good, &n);
            double u[64], best = -1e300, last = 1;
            for (uint32_t s = 0; s < town->city.n_stores; s++) {
                double d = ch_distance_m(&town->city, node, town->stores[s].node);
                u[s] = store_utility(params, &town->stores[s], floor_near(&town->city, s)) + distance_utility(params, d);
                if (!(town->stores[s].goods >> good & 1) || d > 2000)
                    u[s] = -1e300;
                best = u[s] > best ? u[s] : best;
                reached += u[s] > -1e300;
            }
            ck_assert_uint_eq(n, reached < 24 ? reached : 24);
            for (uint32_t i = 0; i < n; i++) {
                double *own = &u[table->store[good][list[i].ordinal]];
                ck_assert_double_eq_tol(-log((double)list[i].slowness), *own - best, 1e-5);
                ck_assert(i == 0 || list[i - 1].ordinal < list[i].ordinal);
                last = *own < last ? *own : last;
                *own = -1e300;
            }
            for (uint32_t s = 0; s < town->city.n_stores; s++)
                ck_assert(u[s] <= last + 1e-5);
        }
    }
    shops_close(town, arena);
}
END_TEST

/* Every list numbers its stores 1, 2, ...; neighbours share blocks of four, so that far fewer blocks than stores are drawn. */
START_TEST(ordinals)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    const struct choice_table *table = town->selves[0].table;
    for (uint32_t g = 0; g < N_LISTS; g++) {
        bool seen[64] = {false};
        uint32_t sold = 0;
        for (uint32_t s = 0; s < town->city.n_stores; s++)
            sold += g == STROLL || (town->stores[s].goods >> g & 1);
        for (uint32_t k = 1; k <= sold; k++) {
            uint32_t s = table->store[g][k];
            ck_assert(s < town->city.n_stores && !seen[s] && (g == STROLL || (town->stores[s].goods >> g & 1)));
            seen[s] = true;
        }
        ck_assert_uint_eq(table->store[g][OUTSIDE], CH_NONE);
    }
    uint32_t n, stores = 0, blocks = 0;
    for (uint32_t node = 0; node < town->city.n_nodes; node++) {
        const struct candidate *list = list_of(table, node, STROLL, &n);
        for (uint32_t i = 0; i < n; i++)
            blocks += i == 0 || list[i].ordinal / 4 != list[i - 1].ordinal / 4;
        stores += n;
    }
    ck_assert_uint_lt(blocks * 2, stores);
    shops_close(town, arena);
}
END_TEST

/* Word number `ordinal` of the stream that a plain draw would open. */
static double gumbel_of(struct town *town, const struct ch_person *who, uint32_t list, uint32_t ordinal)
{
    uint16_t purpose = (uint16_t)(town->selves[0].first_purpose + DRAW_taste);
    struct ch_draw draw = ch_draw_open(town->ctx.key, who->id, purpose, ch_occasion_trip(who) | list);
    uint32_t word = 0;
    for (uint32_t k = 0; k <= ordinal; k++)
        word = ch_draw_u32(&draw);
    return -log(-log(1 - (word + 0.5) / 4294967296.0));
}

/* argmax u + e over the outside option and all stores that are open, every term computed. */
static uint32_t plain_choice(struct town *town, const struct ch_person *who, uint32_t from, uint32_t good, uint32_t exclude)
{
    const struct choice_table *table = town->selves[0].table;
    uint32_t n, list = good < CH_N_GOODS ? good : STROLL, best = CH_NONE;
    const struct candidate *candidate = list_of(table, from, list, &n);
    double most = -1e300;
    if (good < CH_N_GOODS && n > 0)
        most = gumbel_of(town, who, list, OUTSIDE) - log((double)table->outside[from * CH_N_GOODS + good]);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t store = table->store[list][candidate[i].ordinal];
        double u = gumbel_of(town, who, list, candidate[i].ordinal) - log((double)candidate[i].slowness) +
                   (good < CH_N_GOODS ? toy_term(who->id, store) : 0);
        if (store != exclude && town->stores[store].closes > NOON * CH_HOUR && u > most) {
            most = u;
            best = store;
        }
    }
    return best;
}

/* The race decides what the plain formula decides, whatever others add or take, and whether or not they tell how much they may
 * add. */
START_TEST(race_is_the_plain_formula)
{
    static const double adds[] = {0, 0.3, 2, 6, 0}, takes[] = {0, 1.5, 1, 1000, 1000};
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    for (uint32_t s = 0; s < town->city.n_stores; s += 7)
        town->stores[s].closes = 0;
    for (unsigned round = 0; round < 5; round++) {
        unsigned asked[2] = {0}, outside = 0, n = 0;
        toy.adds = adds[round];
        toy.takes = takes[round];
        for (uint32_t id = 0; id < 2000; id++) {
            struct ch_person who = {.id = id, .day = (uint16_t)round, .trip = id % 4};
            uint32_t from = id * 7919 % town->city.n_nodes, good = id % 11 < 10 ? id % 11 : CH_NONE, store[2];
            uint32_t exclude = id % 3 ? CH_NONE : (from / 39 + 1) % 60;
            for (int told = 0; told < 2; told++) {
                toy.silent = !told;
                toy.asked = 0;
                store[told] = pick_for(town, &who, from, good, exclude, NOON * CH_HOUR).store;
                asked[told] += toy.asked;
            }
            ck_assert_uint_eq(store[0], store[1]);
            ck_assert_uint_eq(store[1], plain_choice(town, &who, from, good, exclude));
            outside += store[1] == CH_NONE;
            n++;
        }
        ck_assert(outside > n / 50 && outside < n / 2);
        ck_assert_msg(round > 1 || asked[1] * 2 < asked[0], "asked %u times, without bounds %u", asked[1], asked[0]);
        ck_assert_uint_lt(asked[1], asked[0]);
    }
    shops_close(town, arena);
}
END_TEST

/* Shares with terms of others are the exact logit's, at a home with many stores; chi-square by the normal law of its root. */
START_TEST(shares_with_appeals)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    const struct choice_table *table = town->selves[0].table;
    uint32_t n, from = 20 * 60 + 10;
    const struct candidate *list = list_of(table, from, CH_GOOD_grocery, &n);
    static unsigned hits[64];
    double share[64], sum = 1 / (double)table->outside[from * CH_N_GOODS + CH_GOOD_grocery], out = sum, x2 = 0;
    memset(hits, 0, sizeof hits);
    ck_assert_uint_gt(n, 12);
    for (uint32_t i = 0; i < n; i++)
        sum += share[i] = exp(i % 5 == 0 ? 1.2 : i % 5 == 1 ? -1.5 : 0) / (double)list[i].slowness;
    for (uint32_t id = 0; id < DRAWS; id++) {
        struct ch_person who = {.id = id, .day = 1};
        struct heat heat = {.race = {.n = n, .runner = list}, .soonest = NEVER, .within = exp(1.2) * (1 + 1e-9)};
        uint64_t occasion = ch_occasion_trip(&who) | CH_GOOD_grocery;
        start_race(&heat.race, town->ctx.key, id, 7 << 5, occasion);
        uint32_t word[4], winner = n;
        draw_tastes(town->ctx.key, id, 7 << 5, occasion, 0, word);
        heat.soonest = exponential_of(word[OUTSIDE]) / out;
        for (uint32_t i = 0; i < n; i++) {
            if (heat.race.bound[i] >= heat.soonest * heat.within)
                continue;
            double arrives = arrival(&heat.race, i, i % 5 == 0 ? 1.2 : i % 5 == 1 ? -1.5 : 0);
            if (arrives < heat.soonest) {
                heat.soonest = arrives;
                winner = i;
            }
        }
        hits[winner]++;
    }
    share[n] = out;
    for (uint32_t i = 0; i <= n; i++) {
        double expected = DRAWS * share[i] / sum;
        ck_assert_double_gt(expected, 5);
        x2 += (hits[i] - expected) * (hits[i] - expected) / expected;
    }
    double z = (cbrt(x2 / n) - (1 - 2.0 / (9 * n))) / sqrt(2.0 / (9 * n));
    ck_assert_msg(z < 4.753, "chi-square %.1f with %u degrees of freedom", x2, n);
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
    return pick_for(town, &town->people[id], town->citizens[id].home, good, exclude, arrival);
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

/* K54: the mean gain is the exact logsum over the outside option's utility, in baskets over the weight of prices. A Gumbel term
 * has standard deviation pi / sqrt(6); two-sided Z_MAX: a false alarm in 500,000 runs. */
START_TEST(surplus_is_the_logsum)
{
    struct ch_arena *arena;
    struct town *town = shopping_town(&arena);
    const struct choice_table *table = town->selves[0].table;
    const struct choice_params *params = town->selves[0].params;
    uint32_t n, from = 20 * 60 + 10;
    const struct candidate *list = list_of(table, from, CH_GOOD_grocery, &n);
    double out = 1 / (double)table->outside[from * CH_N_GOODS + CH_GOOD_grocery], sum = out;
    for (uint32_t i = 0; i < n; i++)
        sum += 1 / (double)list[i].slowness;
    toy.adds = toy.takes = 0;
    for (uint32_t id = 0; id < DRAWS; id++) {
        struct ch_person who = {.id = id, .day = 2};
        pick_for(town, &who, from, CH_GOOD_grocery, CH_NONE, NOON * CH_HOUR);
    }
    double per_nat = (double)town->city.goods[CH_GOOD_grocery].basket / params->price, expected = log(sum / out) * per_nat;
    double error = 3.14159265 / sqrt(6) / sqrt(DRAWS) * per_nat;
    ck_assert_double_lt(fabs(town_ratio(town, 0, "consumer_surplus") - expected) / error, Z_MAX);
    ck_assert_double_gt(expected, 10 * error);
    shops_close(town, arena);
}
END_TEST

/* The excluded store is never the answer, and who had another keeps it; strollers always find a store; closed ones do not
 * count. */
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
    tcase_add_test(all, draws_follow_the_logit);
    tcase_add_test(all, irrelevant_alternatives);
    tcase_add_test(all, identical_store);
    tcase_add_test(all, moods_differ);
    tcase_add_test(all, candidates);
    tcase_add_test(all, ordinals);
    tcase_add_test(all, race_is_the_plain_formula);
    tcase_add_test(all, shares_with_appeals);
    tcase_add_test(all, floor_around);
    tcase_add_test(all, outside_share);
    tcase_add_test(all, surplus_is_the_logsum);
    tcase_add_test(all, exclusion_strolling_hours);
}

int main(void) { return run_tests("choice", add_tests); }
