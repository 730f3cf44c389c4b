/* SPDX-License-Identifier: MIT
 * The parallel scheduler: equal to a naive one, and to itself for any number of workers, tiles, calls and perturbations.
 * Check must not fork here: the scheduler has threads. */
#include "../runner.h"
#include "churn.h"

#include <check.h>

static struct outcome run(const struct churn_case *its, struct churn_how how, struct ch_engine_stats *stats)
{
    struct outcome out;
    struct ch_error error = {0};
    ck_assert_msg(run_churn_on(&ch_parallel, its, how, &out, stats, &error) == CH_OK, "%s", error.text);
    ck_assert_uint_eq(out.bad, 0);
    return out;
}

static void same(const struct outcome *a, const struct outcome *b)
{
    ck_assert_uint_eq(a->events, b->events);
    ck_assert_uint_eq(a->fingerprint, b->fingerprint);
    ck_assert_uint_eq(a->state, b->state);
    ck_assert_uint_eq(a->pending, b->pending);
    ck_assert_uint_eq(a->pending_hash, b->pending_hash);
}

/* Ties everywhere, ties seldom, tiny windows, one place, an end that is no multiple of the window. */
static const struct churn_case cases[] = {
    {.n_places = 23, .lookahead = 10, .grain = 1, .end = 400, .seed = 1},
    {.n_places = 7, .lookahead = 10, .grain = 5, .end = 1000, .seed = 2, .far = 9},
    {.n_places = 40, .lookahead = 10, .grain = 10, .end = 333, .seed = 3},
    {.n_places = 1, .lookahead = 1, .grain = 1, .end = 2000, .seed = 4, .far = 50},
    {.n_places = 31, .lookahead = 10 * CH_SECOND, .grain = 1234567, .end = 400 * CH_SECOND, .seed = 5, .far = 20},
    {.n_places = 5, .lookahead = 10 * CH_SECOND, .grain = 1, .end = 3000 * CH_SECOND, .seed = 6},
    {.n_places = 13, .lookahead = (ch_time)1 << 44, .grain = (ch_time)1 << 38, .end = CH_TIME_MAX, .seed = 7},
    {.n_places = 50, .lookahead = 3, .grain = 7, .end = 1001, .seed = 8, .far = 3},
};

START_TEST(test_equals_naive)
{
    struct churn_case its = cases[_i];
    for (int round = 0; round < 3; round++, its.seed += 100) {
        struct outcome naive = run_naive(&its), ours;
        ck_assert_uint_gt(naive.events, 50);
        ours = run(&its, (struct churn_how){.workers = 1}, NULL);
        same(&ours, &naive);
        ours = run(&its, (struct churn_how){.workers = 2, .tile_places = 2, .perturb = its.seed}, NULL);
        same(&ours, &naive);
        ours = run(&its, (struct churn_how){.workers = 3, .tile_places = 1, .steps = 7}, NULL);
        same(&ours, &naive);
        ours = run(&its, (struct churn_how){.workers = 1 + (unsigned)round * 2, .together = true}, NULL);
        same(&ours, &naive);
    }
}
END_TEST

START_TEST(test_invariance)
{
    static const uint32_t tiles[] = {0, 1, 7, 1000};
    const struct churn_case its = {
        .n_places = 700, .lookahead = 10, .grain = 1 + _i * 4, .end = 300 + 300 * _i, .seed = 11, .far = 30};
    struct outcome first = run(&its, (struct churn_how){.workers = 1}, NULL);
    ck_assert_uint_gt(first.events, 10000);
    for (unsigned workers = 1; workers <= 8; workers *= 2)
        for (unsigned t = 0; t < sizeof tiles / sizeof *tiles; t++)
            for (uint64_t perturb = 0; perturb < 4; perturb++) {
                struct outcome other = run(
                    &its, (struct churn_how){.workers = workers, .tile_places = tiles[t], .perturb = perturb, .steps = t}, NULL);
                same(&other, &first);
            }
}
END_TEST

/* A negative control: the fingerprint sees one more event, another seed, another grain. */
START_TEST(test_fingerprint_differs)
{
    struct churn_case its = {.n_places = 20, .lookahead = 10, .grain = 1, .end = 500, .seed = 1};
    uint64_t first = run(&its, (struct churn_how){.workers = 1}, NULL).fingerprint;
    its.end = 501;
    ck_assert_uint_ne(run(&its, (struct churn_how){.workers = 1}, NULL).fingerprint, first);
    its.end = 500;
    its.seed = 2;
    ck_assert_uint_ne(run(&its, (struct churn_how){.workers = 1}, NULL).fingerprint, first);
}
END_TEST

/* Few events over years of tiny windows: empty stretches must cost nothing. */
START_TEST(test_empty_stretches)
{
    struct churn_case its = {.n_places = 3, .lookahead = 1, .grain = 1, .end = CH_TIME_MAX, .seed = 21, .far = 1};
    struct outcome naive = run_naive(&its);
    struct ch_engine_stats stats;
    struct outcome ours = run(&its, (struct churn_how){.workers = 2, .steps = 5}, &stats);
    same(&ours, &naive);
    ck_assert_uint_eq(stats.windows + stats.windows_skipped, (uint64_t)CH_TIME_MAX);
    ck_assert_uint_le(stats.windows, stats.events);
    ck_assert_uint_eq(stats.sent - stats.events, ours.pending);
    ck_assert_uint_ge(stats.pending_peak, ours.pending);
}
END_TEST

START_TEST(test_memory_limit)
{
    const struct churn_case its = {.n_places = 5000, .lookahead = 10, .grain = 1, .end = 200, .seed = 31};
    for (unsigned workers = 1; workers <= 2; workers++) {
        struct outcome out;
        struct ch_error error = {0};
        struct churn_how how = {.workers = workers, .memory_limit = 600000};
        ck_assert_int_eq(run_churn_on(&ch_parallel, &its, how, &out, NULL, &error), CH_TOO_BIG);
        ck_assert_ptr_nonnull(strstr(error.text, "out of memory"));
    }
    struct churn_how how = {.workers = 2, .memory_limit = (uint64_t)1 << 40};
    run(&its, how, NULL);
}
END_TEST

/* What is too much for one tile in one window is handled in parts; with small tiles it is not. */
START_TEST(test_crowds)
{
    const struct churn_case its = {.n_places = 30000, .lookahead = 1000, .grain = 499, .end = 6000, .seed = 51};
    for (unsigned workers = 1; workers <= 3; workers++) {
        struct ch_engine_stats stats;
        struct outcome parts =
            run(&its, (struct churn_how){.workers = workers, .tile_places = 1 << 20, .together = true}, &stats);
        ck_assert_uint_eq(stats.tiles, 1);
        ck_assert_uint_gt(stats.events / stats.windows, 16000);
        struct outcome whole = run(&its, (struct churn_how){.workers = workers, .tile_places = 100}, &stats);
        ck_assert_uint_gt(stats.tiles, 200);
        same(&parts, &whole);
    }
}
END_TEST

/* More tiles when the load grows, and fewer when it falls; the results do not care. */
START_TEST(test_tiles_follow_the_load)
{
    const struct churn_case small = {.n_places = 5000, .lookahead = 1000, .grain = 999, .end = 100000, .seed = 41};
    struct churn_case large = small;
    large.n_places = 30000;
    large.end = 20000;
    struct ch_engine_stats stats;
    for (unsigned workers = 1; workers <= 2; workers++) {
        struct outcome free = run(&large, (struct churn_how){.workers = workers}, &stats);
        ck_assert_uint_gt(stats.tiles, 1);
        struct outcome fixed = run(&large, (struct churn_how){.workers = workers, .tile_places = 1 << 20}, &stats);
        ck_assert_uint_eq(stats.tiles, 1);
        same(&free, &fixed);
    }
    struct churn_case tiny = small;
    tiny.n_places = 20;
    run(&tiny, (struct churn_how){.workers = 2}, &stats);
    ck_assert_uint_eq(stats.tiles, 1);
}
END_TEST

static void add_tests(TCase *runs)
{
    tcase_add_loop_test(runs, test_equals_naive, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_loop_test(runs, test_invariance, 0, 2);
    tcase_add_test(runs, test_fingerprint_differs);
    tcase_add_test(runs, test_empty_stretches);
    tcase_add_test(runs, test_memory_limit);
    tcase_add_test(runs, test_tiles_follow_the_load);
    tcase_add_test(runs, test_crowds);
}

int main(void) { return run_tests_without_fork("engine", add_tests); }
