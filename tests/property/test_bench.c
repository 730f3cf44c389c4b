/* SPDX-License-Identifier: MIT
 * The classic engine of `chaland bench` keeps the whole contract: it agrees with the oracle on the mini-models, slots, instants,
 * rows, ties and horizons included. So a ratio to it compares the same work. And the figures are what they are said to be. */
#include "../runner.h"
#include "app/bench.h"
#include "minis.c"
#include <check.h>

static void compare(const struct mini *original, uint64_t seed, ch_time end, ch_time pause)
{
    struct mini mini = *original;
    struct mini_result truth = mini_run(&mini, (struct mini_setting){.scheduler = &ch_oracle, .workers = 1}, seed, end);
    mini_fini(&mini);
    struct mini_result r =
        mini_run(&mini, (struct mini_setting){.scheduler = &ch_bench_heap, .workers = 1, .pause = pause}, seed, end);
    mini_fini(&mini);
    ck_assert_uint_gt(truth.events, 100);
    ck_assert_uint_eq(r.events, truth.events);
    ck_assert_uint_eq(r.pending, truth.pending);
    ck_assert_uint_eq(r.state_hash, truth.state_hash);
    ck_assert_uint_eq(r.fingerprint, truth.fingerprint);
}

START_TEST(heap_agrees)
{
    compare(&mini_queue, 1, 4 * CH_HOUR, 0);
    compare(&mini_walker, 2, CH_HOUR, 0);
    compare(&mini_walker, 9, 7 * CH_LOOKAHEAD, 0); /* events on the horizon */
    compare(&mini_ledger, 3, 6 * CH_HOUR, 30 * CH_MINUTE);
    for (uint64_t seed = 100; seed < 104; seed++)
        compare(&mini_storm, seed, 2 * CH_DAY, 0);
}
END_TEST

START_TEST(spreads)
{
    static const double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2};
    struct ch_spread a = ch_bench_spread(odd, 3), b = ch_bench_spread(even, 4);
    ck_assert(a.median == 2 && a.low == 1 && a.high == 3);
    ck_assert(b.median == 2.5 && b.low == 1 && b.high == 4);
    struct ch_bench_sample slow = {.events = 100, .units = 50, .cpu_s = 2, .wall_s = 4},
                           fast = {.events = 100, .units = 50, .cpu_s = 1, .wall_s = 1};
    ck_assert(ch_bench_rate(&slow, 1, 1, false).median == 50 && ch_bench_rate(&slow, 1, 1, true).median == 25);
    ck_assert(ch_bench_rate(&slow, 1, 2, false).median == 25); /* wall time with threads */
    ck_assert(ch_bench_ratio(&fast, &slow, 1, 1, 1).median == 2);
    ck_assert(ch_bench_cost(&slow, &fast, 1, 1).median == 1); /* twice the time: one more */
}
END_TEST

/* A process that measures and one that does not come back. */
static void measure(const void *setup, struct ch_bench_sample *sample)
{
    struct ch_bench_clock clock = ch_bench_begin();
    sample->events = *(const uint64_t *)setup;
    ch_bench_end(&clock, sample);
}

static void refuse(const void *setup, struct ch_bench_sample *sample)
{
    (void)sample;
    if (!setup)
        _Exit(1);
    ch_fail(&sample->error, CH_TOO_BIG, "too big");
}

START_TEST(processes)
{
    uint64_t seven = 7;
    struct ch_error error = {.code = CH_OK};
    struct ch_bench_sample sample[6];
    struct ch_bench_variant good[] = {{.name = "one", .measure = measure, .setup = &seven},
                                      {.name = "three at once", .measure = measure, .setup = &seven, .copies = 3}};
    ck_assert_int_eq(ch_bench_take(good, NULL, 2, 3, sample, &error), CH_OK);
    ck_assert_uint_eq(sample[2].events, 7);
    ck_assert_uint_eq(sample[5].events, 21);
    struct ch_bench_variant lost = {.name = "lost", .measure = refuse},
                            refused = {.name = "refused", .measure = refuse, .setup = &seven};
    ck_assert_int_eq(ch_bench_take(&lost, NULL, 1, 1, sample, &error), CH_TOO_BIG);
    ck_assert(strstr(error.text, "'lost'") != NULL);
    ck_assert_int_eq(ch_bench_take(&refused, NULL, 1, 1, sample, &error), CH_TOO_BIG);
    ck_assert_str_eq(error.text, "too big");
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, heap_agrees);
    tcase_add_test(tc, spreads);
    tcase_add_test(tc, processes);
}

int main(void) { return run_tests("bench", add_tests); }
