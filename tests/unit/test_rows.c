/* SPDX-License-Identifier: MIT
 * Published rows against their plain history. Handlers of one window run in any order, so after all of a window's changes, as
 * before them, every reader of the window must find what the history says. Three versions are enough for that, two are not. */
#include "../runner.h"
#include "engine/rows.h"

#include <check.h>
#include <stdlib.h>

enum { CHANGES = 4000, START = -7 };

struct change {
    ch_time stamp;
    int64_t value;
};
static struct change history[CHANGES + 1];
static unsigned n_changes;

static int64_t plain_read(ch_time limit)
{
    int64_t value = START;
    for (unsigned i = n_changes; i > 0; i--)
        if (history[i - 1].stamp <= limit)
            return history[i - 1].value;
    return value;
}

static void check_window(const struct ch_row *row, ch_time begin, ch_time length)
{
    for (ch_time t = begin; t < begin + length; t++)
        ck_assert_msg(ch_row_read(row, t - length) == plain_read(t - length), "at %lld of a window from %lld: %lld, not %lld",
                      (long long)t, (long long)begin, (long long)ch_row_read(row, t - length), (long long)plain_read(t - length));
}

/* Changes in every window, in most, or seldom; the period is one window or several. */
static void live(ch_time length, ch_time period, unsigned seldom, uint64_t dice)
{
    static const int64_t start[] = {START};
    struct ch_row *row = ch_rows_create(1, start);
    ck_assert_ptr_nonnull(row);
    n_changes = 0;
    for (ch_time begin = 0; begin < 300 * length; begin += length) {
        check_window(row, begin, length);
        for (ch_time t = begin; t < begin + length; t++) {
            dice = ch_mix(dice + 1);
            if (dice % seldom || n_changes == CHANGES)
                continue;
            ch_row_publish(row, t, period, (int64_t)(dice >> 20));
            history[n_changes++] = (struct change){(t / period + 1) * period, (int64_t)(dice >> 20)};
        }
        check_window(row, begin, length);
    }
    ck_assert_uint_gt(n_changes, 10);
    free(row);
}

START_TEST(as_the_plain_history)
{
    for (uint64_t dice = 1; dice <= 5; dice++) {
        live(10, 10, 1, dice);
        live(10, 10, 5, dice);
        live(10, 30, 3, dice);
        live(10, 30, 50, dice);
        live(3, 12, 2, dice);
        live(1, 1, 2, dice);
    }
}
END_TEST

static void add_tests(TCase *tc) { tcase_add_test(tc, as_the_plain_history); }

int main(void) { return run_tests("rows", add_tests); }
