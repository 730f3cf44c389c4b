/* SPDX-License-Identifier: MIT
 * Needs: Poisson arrivals, conservation, the stationary start, the budget.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>
#include <stdlib.h>

#define ch_model_needs ch_model_needs_here
#include "../../models/needs.c"
#undef ch_model_needs

enum { PEOPLE = 2000, DAYS = 28 };
static const double Z_MAX = 4.892;
extern const struct ch_model ch_model_needs_here;
static const struct ch_model *const models[] = {&ch_model_needs_here};

/* All people alike unless income_sd is set; every good once a month. */
static struct town *needy_town_met(struct ch_arena **arena, double factor, double income_sd, double met)
{
    struct town *town = town_of(2, 2, PEOPLE);
    town->city.n_stores = 1;
    town->stores[0] = (struct ch_store){.goods = 1023, .price = 1};
    shops_open(town);
    town_open(town, models, 1);
    struct needs_params *params = town->params[0];
    for (int g = 0; g < CH_N_GOODS; g++)
        params->rate_factor.v[g] = factor, params->met.v[g] = met;
    params->income_sd = income_sd;
    *arena = shops_tabulate(town);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->ctx.self = &town->selves[0];
        ch_model_needs_here.start_person(&town->ctx, &town->people[id]);
    }
    return town;
}

static struct town *needy_town(struct ch_arena **arena, double factor, double income_sd)
{
    return needy_town_met(arena, factor, income_sd, 0.5);
}

static void live(struct town *town, uint32_t day)
{
    struct ch_day today = {.day = day, .world = &town->world.day[day]};
    town->ctx.self = &town->selves[0];
    town->ctx.lane.now = day * CH_DAY + 3 * CH_HOUR;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->people[id].day = (uint16_t)day;
        ch_model_needs_here.on_day_begins(&town->ctx, &town->people[id], &today);
    }
}

static struct needs *needs_of(struct town *town, uint32_t id)
{
    town->ctx.self = &town->selves[0];
    return ch_of_person(&town->ctx, &town->people[id]);
}

static unsigned open_needs(struct town *town, uint32_t id)
{
    unsigned n = 0;
    for (int g = 0; g < CH_N_GOODS; g++)
        n += needs_of(town, id)->open[g];
    return n;
}

/* Counts per person over four weeks: mean ten a month times the factor, variance / mean = 1. */
START_TEST(arrivals_are_poisson)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1.5, 0);
    static uint16_t before[PEOPLE];
    double sum = 0, squares = 0, mean = 10 * 1.5 * DAYS / 30.4375;
    for (uint32_t id = 0; id < PEOPLE; id++)
        before[id] = needs_of(town, id)->arrived;
    for (uint32_t day = 0; day < DAYS; day++)
        live(town, day);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        double n = needs_of(town, id)->arrived - before[id];
        sum += n;
        squares += n * n;
    }
    double variance = (squares - sum * sum / PEOPLE) / (PEOPLE - 1);
    ck_assert_double_lt(fabs(sum / PEOPLE - mean) / sqrt(mean / PEOPLE), Z_MAX);
    ck_assert_double_lt(fabs(variance / mean - 1) / sqrt(2.0 / PEOPLE + 1 / (mean * PEOPLE)), Z_MAX);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    shops_close(town, arena);
}
END_TEST

/* When nothing was ever met, the start is where a town without sales stays: 1/(1 - e^(-1/patience)) days of arrivals. When
 * everything was, nothing is open. Between them, the mean balances arrivals with purchases and losses. */
START_TEST(start_is_stationary)
{
    static const double met[] = {0, 0.5, 1};
    for (int i = 0; i < 3; i++) {
        struct ch_arena *arena;
        struct town *town = needy_town_met(&arena, 2, 0, met[i]);
        double sum = 0, expected = 0, later = 0;
        for (int g = 0; g < CH_N_GOODS; g++)
            expected += 2 / 30.4375 * (1 - met[i]) / (1 - exp(-1 / (g < 8 ? 30.0 : g == 8 ? 7.0 : 3.0)));
        for (uint32_t id = 0; id < PEOPLE; id++)
            sum += open_needs(town, id);
        ck_assert_double_lt(fabs(sum / PEOPLE - expected),
                            Z_MAX * sqrt(1.5 * expected / PEOPLE) + 0.01); /* variance / mean < 1.5 */
        for (uint32_t day = 0; day < DAYS; day++)
            live(town, day);
        for (uint32_t id = 0; id < PEOPLE; id++)
            later += open_needs(town, id);
        if (met[i] == 0) /* the same people, some needs still open: the difference has less variance than two samples */
            ck_assert_double_lt(fabs(later - sum) / PEOPLE, Z_MAX * sqrt(2 * expected / PEOPLE));
        else
            ck_assert_double_gt(later, sum * 1.2);
        shops_close(town, arena);
    }
}
END_TEST

/* The chain of open needs by hand: rate = loss = pace = 1 has chances 1, 1/2, 1/6, ... = 1/(n + 1)!, so P(0) = 1/(e - 1) and
 * the met share 1 - P(0). Paces differ by `busy` and give the city's share. */
START_TEST(open_needs_by_hand)
{
    double chance[UINT8_MAX], ends[UINT8_MAX], workers = 0.55, pace = pace_of(0.4, 0.05, 0.03, workers, 0.29);
    end_times(1, 1, ends);
    ck_assert_double_eq_tol(open_law(1, 1, ends, chance), exp(1) - 1, 1e-11);
    ck_assert_double_eq_tol(chance[3], 1.0 / 24, 1e-15);
    ck_assert_double_eq_tol(met_share(1, 1, 1), 1 - 1 / (exp(1) - 1), 1e-11);
    ck_assert_double_eq(met_share(0.1, 0, 0.03), 0);
    ck_assert_double_eq_tol((1 - workers) * met_share(0.05, pace, 0.03) + workers * met_share(0.05, 0.29 * pace, 0.03), 0.4,
                            1e-9);
    end_times(0, 0.003, ends);
    ck_assert(isfinite(open_law(1000, 0.003, ends, chance)));
}
END_TEST

/* After n days a share e^(-n/patience) of needs that are never met is left: 30 d for culture, 7 d for food. */
START_TEST(patience)
{
    static const struct {
        int good, days;
        double patience;
    } law[] = {{CH_GOOD_culture, 20, 30}, {CH_GOOD_grocery, 8, 7}};
    for (int i = 0; i < 2; i++) {
        struct ch_arena *arena;
        struct town *town = needy_town(&arena, 0, 0);
        for (uint32_t id = 0; id < PEOPLE; id++) {
            struct needs *needs = needs_of(town, id);
            memset(needs->open, 0, sizeof needs->open);
            needs->open[law[i].good] = 40;
            town->people[id].needs = open_mask(needs);
            needs->arrived = 40;
        }
        for (int day = 0; day < law[i].days; day++)
            live(town, (uint32_t)day);
        double left = 0, p = exp(-law[i].days / law[i].patience), n = 40.0 * PEOPLE;
        for (uint32_t id = 0; id < PEOPLE; id++)
            left += open_needs(town, id);
        ck_assert_double_lt(fabs(left - n * p) / sqrt(n * p * (1 - p)), Z_MAX);
        ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
        shops_close(town, arena);
    }
}
END_TEST

/* Whatever income, needs on average are those of the rows: E[income^e] is taken out. */
START_TEST(income_keeps_the_mean)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1, 0.5);
    double keen = 0, income = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        keen += needs_of(town, id)->keen / 1000.0;
        income += needs_of(town, id)->income / 1000.0;
    }
    ck_assert_double_lt(fabs(income / PEOPLE - 1) / (0.533 / sqrt(PEOPLE)), Z_MAX); /* sd of a lognormal: sqrt(e^(.25) - 1) */
    ck_assert_double_lt(fabs(keen / PEOPLE - 1) / (0.151 / sqrt(PEOPLE)), Z_MAX);   /* with .15: sqrt(e^(.0225) - 1) */
    ck_assert_double_eq_tol(lognormal_moment(0.5, 1), 1, 1e-15);
    ck_assert_double_eq_tol(lognormal_moment(0.5, 2), exp(0.25), 1e-14);
    shops_close(town, arena);
}
END_TEST

static double log_odds(struct town *town, uint32_t id, double discount)
{
    struct ch_urge urge = {.good = CH_GOOD_home, .motive = CH_PLANNED, .discount = discount};
    town->ctx.self = &town->selves[0];
    ch_model_needs_here.answer_urge(&town->ctx, &town->people[id], &urge);
    return urge.logit;
}

/* 30 EUR: 24 EUR in the envelope suffice, 23.99 do not, and half price helps; pay day fills it again, less the debt. */
START_TEST(budget)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1, 0);
    struct needs *needs = needs_of(town, 5);
    needs->left = 2400;
    ck_assert_double_eq(log_odds(town, 5, 0), 0);
    needs->left = 2399;
    ck_assert_double_lt(log_odds(town, 5, 0), -500);
    ck_assert_double_eq(log_odds(town, 5, 0.5), 0);
    struct ch_sale sale = {.good = CH_GOOD_home, .motive = CH_PLANNED, .paid = 3000};
    needs->open[CH_GOOD_home] = 2;
    town->people[5].needs = open_mask(needs);
    needs->arrived = (uint16_t)(needs->ended + open_needs(town, 5));
    ch_model_needs_here.on_sale(&town->ctx, &town->people[5], &sale);
    ck_assert_int_eq(needs->left, -601);
    ck_assert_uint_eq(needs->open[CH_GOOD_home], 1);
    ck_assert_uint_eq(needs->arrived - needs->ended, open_needs(town, 5));
    needs->pay_day = 480; /* the next in half a day's time */
    live(town, 1);
    ck_assert_int_eq(needs->left, 75000 - 601);
    live(town, 2);
    ck_assert_int_eq(needs->left, 75000 - 601);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    shops_close(town, arena);
}
END_TEST

/* Two unplanned purchases of one good in one visit: each takes the place of a need or does not, by its own luck. */
START_TEST(each_item_displaces_by_itself)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1, 0);
    const double p = 0.3, law = p * p;
    unsigned both = 0;
    for (uint32_t id = 0; id < PEOPLE; id++) {
        struct needs *needs = needs_of(town, id);
        needs->open[CH_GOOD_home] = 2;
        struct ch_sale sale = {.good = CH_GOOD_home, .motive = CH_IMPULSE};
        for (sale.item = 21; sale.item < 23; sale.item++)
            ch_model_needs_here.on_sale(&town->ctx, &town->people[id], &sale);
        both += needs->open[CH_GOOD_home] == 0;
    }
    ck_assert_msg(fabs(both - PEOPLE * law) / sqrt(PEOPLE * law * (1 - law)) < Z_MAX, "%u of %d", both, PEOPLE);
    shops_close(town, arena);
}
END_TEST

START_TEST(audit_bites)
{
    struct ch_arena *arena;
    struct town *town = needy_town(&arena, 1, 0.5);
    ck_assert_int_eq(town_audit(town, 0, false), CH_OK);
    needs_of(town, 77)->open[3]++;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL);
    needs_of(town, 77)->open[3]--;
    town->people[1999].needs ^= 1;
    ck_assert_int_eq(town_audit(town, 0, false), CH_INTERNAL);
    shops_close(town, arena);
}
END_TEST

/* The mean number open follows the week: after a Sunday without shops it is highest; a day's cycle closes. */
START_TEST(mornings_follow_the_week)
{
    static const double week[WEEKDAYS] = {1, 1, 1, 1, 1, 2, 0};
    double mornings[WEEKDAYS], mean = 0, met = 0.45, loss = 0.03, open = (1 - met) / loss;
    set_mornings(week, met, loss, mornings);
    for (int d = 0; d < WEEKDAYS; d++) {
        double next = mornings[d] * open * (1 - loss) + 1 - met * week[d];
        ck_assert_double_eq_tol(next, mornings[(d + 1) % WEEKDAYS] * open, 1e-3 * open);
        mean += mornings[d] / WEEKDAYS;
    }
    ck_assert_double_eq_tol(mean, 1, 1e-9);
    ck_assert(mornings[0] > mornings[6] && mornings[0] > mornings[5]);
    double sum[2] = {0, 0};
    enum { DRAWS = 100000 };
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 6}, i, 1, 0);
        sum[0] += on_morning(&draw, 2, 0.9, 2);
        sum[1] += on_morning(&draw, 2, 1.1, 2);
    }
    ck_assert_double_lt(fabs(sum[0] / DRAWS - 1.8) / sqrt(2 * 0.09 / DRAWS), 4.892);
    ck_assert_double_lt(fabs(sum[1] / DRAWS - 2.2) / sqrt(0.16 / DRAWS), 4.892);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, mornings_follow_the_week);
    tcase_add_test(tests, arrivals_are_poisson);
    tcase_add_test(tests, start_is_stationary);
    tcase_add_test(tests, open_needs_by_hand);
    tcase_add_test(tests, patience);
    tcase_add_test(tests, income_keeps_the_mean);
    tcase_add_test(tests, budget);
    tcase_add_test(tests, each_item_displaces_by_itself);
    tcase_add_test(tests, audit_bites);
}

int main(void) { return run_tests("needs", add_tests); }
