/* SPDX-License-Identifier: MIT
 * The parallel engine against the oracle on PHOLD at its edges: all delays equal, one hot place, nobody leaves, everybody leaves,
 * horizons on an event, the end of time. Complete logs, final states, and what is pending at each pause are equal. */
#include "../runner.h"
#include "minis.c"
#include "phold.c"

#include <check.h>

static const ch_time last = CH_TIME_MAX, wide = (ch_time)1 << 44;

static const struct mini_setting settings[] = {
    {.scheduler = &ch_parallel, .workers = 1},
    {.scheduler = &ch_parallel, .workers = 2, .tile_places = 1},
    {.scheduler = &ch_parallel, .workers = 2, .tile_places = 5, .perturb = 1},
    {.scheduler = &ch_parallel, .workers = 3, .perturb = 2},
    {.scheduler = &ch_parallel, .workers = 4, .tile_places = 2, .perturb = 3},
    {.scheduler = &ch_parallel, .workers = 8, .tile_places = 1000, .perturb = 4},
};
enum { N_SETTINGS = sizeof settings / sizeof settings[0] };

static void agrees(const struct phold *its, struct mini_setting setting, const struct mini_result *truth, struct log *truth_log)
{
    struct log log = log_create(its->n_places);
    struct mini_result r = phold_run(its, setting, 1, &log);
    char text[1024];
    ck_assert_msg(log_same(truth_log, &log, NULL, text, sizeof text), "%s, %u workers, tile %u, perturb %llu: %s", its->name,
                  setting.workers, setting.tile_places, (unsigned long long)setting.perturb, text);
    ck_assert_uint_eq(log_events(&log), truth->events);
    ck_assert_uint_eq(r.events, truth->events);
    ck_assert_uint_eq(r.pending, truth->pending);
    ck_assert_uint_eq(r.pauses_hash, truth->pauses_hash);
    ck_assert_uint_eq(r.state_hash, truth->state_hash);
    ck_assert_uint_eq(r.fingerprint, truth->fingerprint);
    log_destroy(&log);
}

/* With the oracle's result, for claims about it. */
static struct mini_result compare(const struct phold *its)
{
    struct log log = log_create(its->n_places);
    struct mini_result truth = phold_run(its, (struct mini_setting){.scheduler = &ch_oracle, .workers = 1}, 1, &log);
    for (unsigned i = 0; i < N_SETTINGS; i++)
        agrees(its, settings[i], &truth, &log);
    log_destroy(&log);
    return truth;
}

/* What is in flight stays: nobody is born, nobody dies. */
static void conserves(const struct phold *its)
{
    struct mini_result r = compare(its);
    ck_assert_uint_eq(r.pending, (uint64_t)its->n_places * its->each);
    ck_assert_uint_gt(r.events, 1000);
}

START_TEST(ties_everywhere)
{
    const struct phold equal = {"all delays equal", 50, 4, 50, 0, 0, 10, 10, 1, 10, 500, 0};
    const struct phold timers = {"equal, with timers at once", 30, 3, 50, 0, 40, 10, 10, 1, 10, 400, 0};
    const struct phold crowd = {"a crowd in one place", 1, 300, 0, 0, 20, 10, 5, 2, 10, 300, 0};
    conserves(&equal);
    conserves(&timers);
    conserves(&crowd);
}
END_TEST

START_TEST(one_hot_place)
{
    const struct phold all = {"all to one place", 40, 5, 100, 100, 10, 10, 1, 7, 10, 1000, 0};
    const struct phold half = {"half of them to one place", 40, 5, 100, 50, 10, 10, 3, 20, 10, 2000, 0};
    conserves(&all);
    conserves(&half);
}
END_TEST

START_TEST(nobody_leaves_or_everybody)
{
    const struct phold stay = {"remote share 0", 60, 3, 0, 0, 20, 10, 1, 30, 10, 1000, 0};
    const struct phold go = {"remote share 1", 60, 3, 100, 0, 20, 10, 1, 30, 10, 1000, 0};
    conserves(&stay);
    conserves(&go);
}
END_TEST

/* Every pause falls on events: they are not handled before it, and all are after. The end falls on some, too. */
START_TEST(horizons_on_events)
{
    const struct phold each = {"a pause on every event", 30, 3, 50, 0, 0, 10, 10, 3, 20, 600, 10};
    const struct phold some = {"a pause on some events", 30, 3, 50, 0, 30, 10, 5, 9, 20, 600, 40};
    const struct phold end = {"an end within a window", 30, 3, 50, 0, 30, 10, 1, 9, 20, 607, 200};
    conserves(&each);
    conserves(&some);
    conserves(&end);
    for (ch_time t = 20; t <= 60; t += 10) { /* on the first event, and on the next ones */
        struct phold first = each;
        first.end = t;
        struct mini_result r = compare(&first);
        ck_assert_int_eq(r.events == 0, t == 20);
    }
}
END_TEST

/* The last windows of all, narrow and wide, and windows so wide that there are two. */
START_TEST(the_end_of_time)
{
    const struct phold narrow = {"the last ms of time", 20, 3, 50, 0, 20, 10, 1, 30, last - 1000, last, 0};
    const struct phold usual = {"the last minutes", 20, 3, 50, 0, 20, 10 * CH_SECOND, 777, 30, last - CH_HOUR, last, 0};
    const struct phold broad = {"windows of months", 20, 3, 50, 0, 20, wide, 1, 30, wide, last, 4 * wide};
    const struct phold two = {"two windows", 20, 9, 0, 0, 90, last - 1000, 1, 1, last - 1000, last, 0};
    const struct phold short_of = {"one instant short of it", 20, 3, 50, 0, 20, 10, 1, 30, last - 1000, last - 1, 0};
    const struct phold *const cases[] = {&narrow, &usual, &broad, &two, &short_of};
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_uint_gt(compare(cases[i]).events, 500);
}
END_TEST

/* Windows may be narrower than the least delay, down to an instant: they are the engine's affair. Rows are left out, since they
 * are read as old as the window is wide. */
START_TEST(narrower_windows)
{
    static const ch_time lookahead[] = {CH_LOOKAHEAD / 2, CH_LOOKAHEAD / 7, 1000};
    struct mini mini = mini_queue;
    struct log truth_log = log_create(mini.n_places);
    mini.log = &truth_log;
    struct mini_result truth = mini_run(&mini, (struct mini_setting){.scheduler = &ch_oracle, .workers = 1}, 1, CH_HOUR);
    mini_fini(&mini);
    for (unsigned i = 0; i < sizeof lookahead / sizeof lookahead[0]; i++) {
        struct log log = log_create(mini.n_places);
        char text[1024];
        mini.log = &log;
        mini.lookahead = lookahead[i];
        struct mini_result r = mini_run(&mini, settings[4], 1, CH_HOUR);
        mini_fini(&mini);
        ck_assert_msg(log_same(&truth_log, &log, mini.kind, text, sizeof text), "%s", text);
        ck_assert_uint_eq(r.fingerprint, truth.fingerprint);
        ck_assert_uint_eq(r.state_hash, truth.state_hash);
        log_destroy(&log);
    }
    log_destroy(&truth_log);
}
END_TEST

/* A control: the seeds of disturbances lead to different runs, or it would say nothing that their results are equal. */
START_TEST(disturbances_differ)
{
    const struct phold its = {"disturbed", 50, 4, 50, 0, 20, 10, 3, 9, 10, 500, 0};
    struct log log = log_create(its.n_places);
    uint64_t tiles = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct mini_setting setting = {.scheduler = &ch_parallel, .workers = 3, .perturb = seed};
        tiles |= (uint64_t)1 << phold_run(&its, setting, 1, &log).tiles;
    }
    unsigned different = 0;
    for (; tiles; tiles &= tiles - 1)
        different++;
    ck_assert_uint_gt(different, 5);
    log_destroy(&log);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, ties_everywhere);
    tcase_add_test(tc, one_hot_place);
    tcase_add_test(tc, nobody_leaves_or_everybody);
    tcase_add_test(tc, horizons_on_events);
    tcase_add_test(tc, the_end_of_time);
    tcase_add_test(tc, narrower_windows);
    tcase_add_test(tc, disturbances_differ);
}

int main(void) { return run_tests_without_fork("phold", add_tests); }
