/* SPDX-License-Identifier: MIT
 * The assignment of orders to couriers: against every permutation, against greedy, and the ratios of G19.
 *
 * Statistical: fixed seeds. Everything exact but G19, whose tolerance of .02 is more than 9 standard errors of 2,000 instances. */
#include "../../models/couriers_match.h"
#include "../runner.h"
#include <check.h>
#include <stdlib.h>

enum { ROWS = 64, COLS = 160 };

struct instance {
    uint32_t n_rows, n_cols;
    int64_t cost[ROWS][COLS];
};

static int64_t look_up(const void *context, uint32_t row, uint32_t col)
{
    const struct instance *i = context;
    return i->cost[row][col];
}

static int64_t row_price[ROWS], col_price[COLS], reach[COLS];
static uint32_t row_of[COLS], came_from[COLS];
static bool settled[COLS];

/* Solves; checks that each row has one column and that prices prove the optimum; returns its cost. */
static int64_t solve(const struct instance *i)
{
    struct match m = {.n_rows = i->n_rows,
                      .n_cols = i->n_cols,
                      .cost = look_up,
                      .context = i,
                      .row_price = row_price,
                      .col_price = col_price,
                      .reach = reach,
                      .row_of = row_of,
                      .came_from = came_from,
                      .settled = settled};
    match_solve(&m);
    int64_t sum = 0, dual = 0;
    unsigned times[ROWS] = {0};
    for (uint32_t c = 0; c < i->n_cols; c++) {
        for (uint32_t r = 0; r < i->n_rows; r++)
            ck_assert(i->cost[r][c] - row_price[r] - col_price[c] >= 0);
        dual += col_price[c];
        ck_assert(col_price[c] <= 0);
        if (row_of[c] == CH_NONE) {
            ck_assert(col_price[c] == 0);
            continue;
        }
        times[row_of[c]]++;
        sum += i->cost[row_of[c]][c];
    }
    for (uint32_t r = 0; r < i->n_rows; r++) {
        ck_assert_uint_eq(times[r], 1);
        dual += row_price[r];
    }
    ck_assert(sum == dual);
    return sum;
}

/* Least cost over all ways, by trying each. */
static int64_t brute(const struct instance *i, uint32_t row, uint32_t taken)
{
    int64_t best = MATCH_FAR;
    if (row == i->n_rows)
        return 0;
    for (uint32_t c = 0; c < i->n_cols; c++)
        if (!(taken >> c & 1)) {
            int64_t way = i->cost[row][c] + brute(i, row + 1, taken | 1u << c);
            best = way < best ? way : best;
        }
    return best;
}

/* Each row in turn takes what is cheapest of the rest. */
static int64_t greedy(const struct instance *i)
{
    bool taken[COLS] = {false};
    int64_t sum = 0;
    for (uint32_t r = 0; r < i->n_rows; r++) {
        uint32_t best = CH_NONE;
        for (uint32_t c = 0; c < i->n_cols; c++)
            if (!taken[c] && (best == CH_NONE || i->cost[r][c] < i->cost[r][best]))
                best = c;
        taken[best] = true;
        sum += i->cost[r][best];
    }
    return sum;
}

static struct instance make;

/* 1 x 1 to 7 x 7, all shapes; costs of few values, so that ties abound, of many, and below 0. */
START_TEST(as_cheap_as_the_best_permutation)
{
    for (uint32_t k = 0; k < 400; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 19, .replication = (uint32_t)_i}, k, 1, 0);
        make.n_cols = 1 + ch_draw_below(&draw, 7);
        make.n_rows = 1 + ch_draw_below(&draw, make.n_cols);
        static const uint32_t values[] = {3, 40, 2000000000};
        for (uint32_t r = 0; r < make.n_rows; r++)
            for (uint32_t c = 0; c < make.n_cols; c++)
                make.cost[r][c] = (int64_t)ch_draw_below(&draw, values[_i]) - values[_i] / 3;
        ck_assert(solve(&make) == brute(&make, 0, 0));
    }
}
END_TEST

START_TEST(seven_by_seven)
{
    for (uint32_t k = 0; k < 100; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 20}, k, 1, 0);
        make.n_cols = make.n_rows = 7;
        for (uint32_t r = 0; r < 7; r++)
            for (uint32_t c = 0; c < 7; c++)
                make.cost[r][c] = ch_draw_below(&draw, k % 2 ? 10 : 100000);
        ck_assert(solve(&make) == brute(&make, 0, 0));
    }
}
END_TEST

/* Orders and couriers at random in a square, L1 distance. */
static void scatter(struct ch_draw *draw, uint32_t n_rows, uint32_t n_cols)
{
    int64_t x[COLS], y[COLS];
    make.n_rows = n_rows;
    make.n_cols = n_cols;
    for (uint32_t c = 0; c < n_cols; c++) {
        x[c] = ch_draw_below(draw, 1000000);
        y[c] = ch_draw_below(draw, 1000000);
    }
    for (uint32_t r = 0; r < n_rows; r++) {
        int64_t x0 = ch_draw_below(draw, 1000000), y0 = ch_draw_below(draw, 1000000);
        for (uint32_t c = 0; c < n_cols; c++)
            make.cost[r][c] = llabs(x[c] - x0) + llabs(y[c] - y0);
    }
}

START_TEST(never_worse_than_greedy)
{
    unsigned better = 0;
    for (uint32_t k = 0; k < 1000; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 21}, k, 1, 0);
        uint32_t n_rows = 1 + ch_draw_below(&draw, 30), n_cols = n_rows + ch_draw_below(&draw, 50);
        scatter(&draw, n_rows, n_cols);
        int64_t best = solve(&make), other = greedy(&make);
        ck_assert(best <= other);
        better += best < other;
    }
    ck_assert_uint_gt(better, 500);
}
END_TEST

/* 10 orders, 12, 20 and 40 couriers at random: cost of the batch over that of one after the other. */
START_TEST(g19_batch_over_greedy)
{
    static const uint32_t couriers[] = {12, 20, 40};
    static const double expected[] = {.876, .925, .964};
    double batch = 0, one_by_one = 0, ratios = 0;
    for (uint32_t k = 0; k < 2000; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 22}, k, 1, couriers[_i]);
        scatter(&draw, 10, couriers[_i]);
        double a = (double)solve(&make), b = (double)greedy(&make);
        batch += a;
        one_by_one += b;
        ratios += a / b / 2000;
    }
    ck_assert_msg(batch / one_by_one > expected[_i] - .02 && batch / one_by_one < expected[_i] + .02,
                  "%u couriers: ratio of sums %.4f, mean of ratios %.4f, expected %.3f", couriers[_i], batch / one_by_one, ratios,
                  expected[_i]);
}
END_TEST

START_TEST(large_ones_are_proven_by_their_prices)
{
    struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 23}, 0, 1, 0);
    scatter(&draw, ROWS, COLS);
    ck_assert(solve(&make) <= greedy(&make));
    scatter(&draw, ROWS, ROWS);
    ck_assert(solve(&make) <= greedy(&make));
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, as_cheap_as_the_best_permutation, 0, 3);
    tcase_add_test(tc, seven_by_seven);
    tcase_add_test(tc, never_worse_than_greedy);
    tcase_add_loop_test(tc, g19_batch_over_greedy, 0, 3);
    tcase_add_test(tc, large_ones_are_proven_by_their_prices);
}

int main(void) { return run_tests("couriers_match", add_tests); }
