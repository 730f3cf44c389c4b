/* SPDX-License-Identifier: MIT
 * Events of life: birthdays once a year, clocks that are met at a random moment, and needs that add up to those of a world
 * without events.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

extern const struct ch_model ch_model_needs;
#define ch_model_life ch_model_life_here
#include "../../models/life.c"
#undef ch_model_life
extern const struct ch_model ch_model_life_here;

enum { PEOPLE = 2000 };
static const double Z_MAX = 4.892;

/* What is told, instead of needs. */
static struct {
    unsigned n[CH_N_OCCURRENCES][CH_N_NONFOOD];
    double days[CH_N_NONFOOD];
} told;

static void hear(struct ch_ctx *ctx, struct ch_person *who, struct ch_life_event *event)
{
    (void)ctx, (void)who;
    told.n[event->what][event->good]++;
    told.days[event->good] += event->days;
}
static const struct ch_model ear = {.name = "ear", .on_life_event = hear};

static struct town *town_with(const struct ch_model *listener, struct ch_arena **arena, uint32_t n_days)
{
    const struct ch_model *const models[] = {&ch_model_life_here, listener};
    struct town *town = town_of(1, 1, PEOPLE);
    free(town->world.day);
    town->world.n_days = n_days;
    town->world.start_unix_day = 15706; /* 2013-01-01 */
    town->world.day = town_zeroed(n_days, sizeof *town->world.day);
    shops_open(town);
    town_open(town, models, 2);
    ((struct life_params *)town->params[0])->active = 1;
    *arena = shops_tabulate(town);
    memset(&told, 0, sizeof told);
    return town;
}

static void live(struct town *town, uint32_t from, uint32_t until)
{
    for (uint32_t day = from; day < until; day++) {
        struct ch_day today = {.day = day, .world = &town->world.day[day]};
        town->ctx.lane.now = day * CH_DAY + 3 * CH_HOUR;
        for (uint32_t id = 0; id < PEOPLE; id++) {
            town->people[id].day = (uint16_t)day;
            town->ctx.self = &town->selves[0];
            ch_tell_day_begins(&town->ctx, &town->people[id], &today);
        }
    }
}

/* Exactly one per contact, person and calendar year, leap year or not; the gift is thought of `lead` days before. */
START_TEST(birthdays_once_a_year)
{
    struct ch_arena *arena;
    struct town *town = town_with(&ear, &arena, 4 * 365 + 1);
    struct life_params *p = town->params[0];
    unsigned before = 0;
    p->contacts = 2;
    p->launches = 0;
    for (uint32_t year = 0; year < 4; year++) {
        uint32_t first = year * 365, n = year == 3 ? 366 : 365; /* 2016 is a leap year */
        live(town, first, first + n);
        unsigned now = (unsigned)town_probe(town, 0, "birthdays")[0];
        ck_assert_uint_eq(now - before, 2 * PEOPLE);
        before = now;
    }
    ck_assert_uint_eq(told.n[CH_BIRTHDAY][CH_GOOD_toys], 8 * PEOPLE);
    ck_assert_uint_eq(told.n[CH_BIRTHDAY][CH_GOOD_shoes], 0); /* share 0 */
    shops_close(town, arena);
}
END_TEST

/* Weibull k = 3, mean 4 years: scale 4/Gamma(4/3) = 4.4794 years; what is left of a clock met at random has mean
 * E[T^2]/(2 E[T]) = .56604 x 4 years and the survival of T as its density. */
START_TEST(clocks)
{
    struct ch_arena *arena;
    struct town *town = town_with(&ear, &arena, 30);
    const struct life_table *table = town->selves[0].table;
    ck_assert_double_eq_tol(table->scale, 1461 / 0.8929795, 0.01);
    double mean = 0;
    for (int q = 0; q < QUANTILES; q++)
        mean += (table->left[q] + table->left[q + 1]) / 2 / QUANTILES;
    ck_assert_double_eq_tol(mean / 1461, 0.9027453 / (2 * 0.8929795 * 0.8929795), 2e-3);
    ck_assert_double_eq_tol(table->left[1] / 1461, 1.0 / QUANTILES, 1e-6); /* the density at 0 is 1/mean */
    shops_close(town, arena);
}
END_TEST

/* A renewal process met at a random moment renews at the constant rate 1/mean from the first day on. Quarters of twelve years. */
START_TEST(replacements_have_no_trend)
{
    enum { YEARS = 12 };
    struct ch_arena *arena;
    struct town *town = town_with(&ear, &arena, YEARS * 365);
    struct life_params *p = town->params[0];
    p->contacts = p->launches = 0;
    unsigned before = 0;
    for (uint32_t part = 0; part < 4; part++) {
        live(town, part * YEARS * 365 / 4, (part + 1) * YEARS * 365 / 4);
        double n = told.n[CH_REPLACEMENT][CH_GOOD_electronics] - before, expected = PEOPLE * YEARS * 365 / 4.0 / 1461;
        before = told.n[CH_REPLACEMENT][CH_GOOD_electronics];
        /* a renewal process of so regular lives spreads less than a Poisson one */
        ck_assert_msg(fabs(n - expected) < Z_MAX * sqrt(expected), "part %u: %.0f, expected %.1f", part, n, expected);
    }
    ck_assert_uint_eq(told.n[CH_REPLACEMENT][CH_GOOD_toys], 0);
    shops_close(town, arena);
}
END_TEST

/* M04: what events bring and what is left of every day make the configured year, by construction ... */
START_TEST(life_adds_up)
{
    struct ch_arena *arena;
    struct town *town = town_with(&ear, &arena, 365);
    const struct life_params *p = town->params[0];
    const struct life_table *table = town->selves[0].table;
    tabulate_world(p, &town->world, NULL);
    for (unsigned good = 0; good < CH_N_NONFOOD; good++) {
        double year = 0;
        for (unsigned d = 0; d < 365; d++)
            year += (double)town->world.day[d].demand[good];
        for (unsigned what = 0; what < CH_N_OCCURRENCES; what++)
            year += table->days[what][good] * events_a_year(p, (enum ch_occurrence)what);
        ck_assert_double_eq_tol(year, 365, 1e-3);
    }
    /* ... and as lived: days told in a year, over people. Sums of few large lumps: the spread is that of the events. */
    live(town, 0, 365);
    for (unsigned good = 0; good < CH_N_NONFOOD; good++) {
        double want = 0, variance = 0;
        for (unsigned what = 0; what < CH_N_OCCURRENCES; what++) {
            double per_year = events_a_year(p, (enum ch_occurrence)what), lump = table->days[what][good];
            want += lump * per_year;
            variance += lump * lump * per_year;
        }
        ck_assert_msg(fabs(told.days[good] / PEOPLE - want) <= Z_MAX * sqrt(variance / PEOPLE), "good %u: %.2f, expected %.2f",
                      good, told.days[good] / PEOPLE, want);
    }
    shops_close(town, arena);
}
END_TEST

/* The model of needs hears of them: as many needs arrive in a year as without events. */
START_TEST(needs_of_the_year)
{
    static const char *const probe[] = {"needs_met_clothing", "needs_met_electronics", "needs_met_toys"};
    double ended[2][3], arrived[2];
    for (int on = 0; on < 2; on++) {
        struct ch_arena *arena;
        struct town *town = town_with(&ch_model_needs, &arena, 365);
        if (on)
            tabulate_world(town->params[0], &town->world, NULL);
        else
            town->chains.life_event.n = 0;
        for (uint32_t id = 0; id < PEOPLE; id++) {
            town->ctx.self = &town->selves[1];
            ch_model_needs.start_person(&town->ctx, &town->people[id]);
        }
        live(town, 0, 365);
        arrived[on] = (double)town_probe(town, 1, "needs_met")[1];
        for (int i = 0; i < 3; i++)
            ended[on][i] = (double)town_probe(town, 1, probe[i])[1]; /* nobody buys: all are given up in time */
        shops_close(town, arena);
    }
    ck_assert_double_lt(fabs(arrived[1] / arrived[0] - 1), 0.004); /* ten goods, 600,000 needs: 3 se */
    for (int i = 0; i < 3; i++)
        ck_assert_msg(fabs(ended[1][i] / ended[0][i] - 1) < 0.05, "%s: %.0f against %.0f", probe[i], ended[1][i], ended[0][i]);
}
END_TEST

static unsigned rank_of(const char *name)
{
    unsigned m = 0;
    while (m < ch_n_models() && strcmp(ch_model(m)->name, name) != 0)
        m++;
    ck_assert_uint_lt(m, ch_n_models());
    return m;
}

/* What an event calls for today is not given up today: old needs end as the day begins, then life brings new ones. */
START_TEST(old_needs_end_before_new_ones_come) { ck_assert_uint_lt(rank_of("needs"), rank_of("life")); }
END_TEST

/* Two launches a year, in the middle of its halves; each reaches a fifth. */
START_TEST(launches_reach_their_share)
{
    struct ch_arena *arena;
    struct town *town = town_with(&ear, &arena, 365);
    struct life_params *p = town->params[0];
    ck_assert_int_eq(launch_on(p, 91), 0);
    ck_assert_int_eq(launch_on(p, 273), 1);
    ck_assert_int_eq(launch_on(p, 365 + 91), 2);
    ck_assert_int_eq(launch_on(p, 92), -1);
    live(town, 0, 365);
    double n = told.n[CH_LAUNCH][CH_GOOD_culture], mean = 2 * PEOPLE * p->reach;
    ck_assert_double_lt(fabs(n - mean) / sqrt(mean * (1 - p->reach)), Z_MAX);
    shops_close(town, arena);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, birthdays_once_a_year);
    tcase_add_test(all, clocks);
    tcase_add_test(all, replacements_have_no_trend);
    tcase_add_test(all, life_adds_up);
    tcase_add_test(all, old_needs_end_before_new_ones_come);
    tcase_add_test(all, needs_of_the_year);
    tcase_add_test(all, launches_reach_their_share);
}

int main(void) { return run_tests("life", add_tests); }
