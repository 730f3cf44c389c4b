/* SPDX-License-Identifier: MIT
 * The parallel engine against the oracle on mini-models: the same complete log of events, same pending events, same final state,
 * same fingerprint, for any number of workers, tile size, perturbation and number of pauses. */
#include "../runner.h"
#include "minis.c"
#include <check.h>
#include <stdio.h>

static const struct mini_setting variants[] = {
    {&ch_parallel, 1, 0, 0, 0, NULL},
    {&ch_parallel, 2, 0, 0, 0, NULL},
    {&ch_parallel, 2, 1, 0, 0, NULL},
    {&ch_parallel, 3, 7, 1, 0, NULL},
    {&ch_parallel, 4, 5, 2, 0, NULL},
    {&ch_parallel, 8, 3, 3, 0, NULL},
    {&ch_parallel, 1, 10, 4, 0, NULL},
    {&ch_parallel, 2, 4, 5, 30 * CH_MINUTE, NULL},
    {&ch_parallel, 1, 0, 0, 7 * CH_MINUTE, &ch_oracle},
    {&ch_parallel, 2, 3, 6, 11 * CH_MINUTE, &ch_parallel},
};
enum { N_VARIANTS = sizeof variants / sizeof variants[0] };

static void compare(const struct mini *original, uint64_t seed, ch_time end)
{
    struct mini mini = *original;
    struct log truth_log = log_create(mini.n_places);
    char text[1024];
    mini.log = &truth_log;
    struct mini_result truth = mini_run(&mini, (struct mini_setting){.scheduler = &ch_oracle, .workers = 1}, seed, end);
    mini_fini(&mini);
    ck_assert_uint_gt(truth.events, 100);
    for (unsigned v = 0; v < N_VARIANTS; v++) {
        struct log log = log_create(mini.n_places);
        mini.log = &log;
        struct mini_result r = mini_run(&mini, variants[v], seed, end);
        mini_fini(&mini);
        ck_assert_msg(log_same(&truth_log, &log, mini.kind, text, sizeof text), "%s, seed %llu, variant %u: %s", mini.name,
                      (unsigned long long)seed, v, text);
        log_destroy(&log);
        ck_assert_msg(r.fingerprint == truth.fingerprint && r.events == truth.events && r.pending == truth.pending &&
                          r.state_hash == truth.state_hash,
                      "%s, seed %llu, variant %u: %llu events of %llu, %llu pending of %llu", mini.name, (unsigned long long)seed,
                      v, (unsigned long long)r.events, (unsigned long long)truth.events, (unsigned long long)r.pending,
                      (unsigned long long)truth.pending);
    }
    log_destroy(&truth_log);
}

START_TEST(queue_agrees) { compare(&mini_queue, 1, 4 * CH_HOUR); }
END_TEST
START_TEST(walker_agrees) { compare(&mini_walker, 2, CH_HOUR); }
END_TEST
START_TEST(ledger_agrees) { compare(&mini_ledger, 3, 6 * CH_HOUR); }
END_TEST
START_TEST(storm_agrees) { compare(&mini_storm, (uint64_t)(100 + _i), 2 * CH_DAY); }
END_TEST

/* The horizon cuts at a model time: events on it are not handled, whoever runs. */
START_TEST(horizon_on_an_event)
{
    struct mini mini = mini_walker;
    for (ch_time end = 5 * CH_LOOKAHEAD; end < 9 * CH_LOOKAHEAD; end += CH_LOOKAHEAD)
        compare(&mini, 9, end);
}
END_TEST

START_TEST(minis_conserve)
{
    struct mini ledger = mini_ledger, walker = mini_walker;
    mini_run(&ledger, variants[4], 3, 6 * CH_HOUR);
    ck_assert(mini_ledger_balanced(&ledger));
    mini_fini(&ledger);
    mini_run(&walker, variants[4], 3, CH_HOUR);
    ck_assert(mini_walker_counts(&walker));
    mini_fini(&walker);
}
END_TEST

/* Negative control: the comparison sees a model that breaks the contract's determinism (state that depends on the worker). */
static void cheating_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    ((struct queue_place *)place_of(lane))->busy += lane->worker;
    queue_handle(lane, ev);
}

START_TEST(comparison_sees_a_cheat)
{
    struct mini cheat = mini_queue;
    cheat.handle = cheating_handle;
    struct mini_result one = mini_run(&cheat, variants[0], 1, 4 * CH_HOUR);
    mini_fini(&cheat);
    int seen = 0;
    for (int i = 0; i < 20 && !seen; i++) { /* the second worker must get something to do at least once */
        struct mini_result two =
            mini_run(&cheat, (struct mini_setting){&ch_parallel, 4, 1, (uint64_t)i + 1, 0, NULL}, 1, 4 * CH_HOUR);
        mini_fini(&cheat);
        ck_assert(two.fingerprint == one.fingerprint); /* events are the same, state is not */
        seen = two.state_hash != one.state_hash;
    }
    ck_assert(seen);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, queue_agrees);
    tcase_add_test(tc, walker_agrees);
    tcase_add_test(tc, ledger_agrees);
    tcase_add_loop_test(tc, storm_agrees, 0, 20);
    tcase_add_test(tc, horizon_on_an_event);
    tcase_add_test(tc, minis_conserve);
    tcase_add_test(tc, comparison_sees_a_cheat);
}

int main(void) { return run_tests_without_fork("minis", add_tests); }
