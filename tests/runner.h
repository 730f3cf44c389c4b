/* SPDX-License-Identifier: MIT
 * The main() of a test program: one suite with one case, to which `add` adds tests, loops and fixtures. A test has two minutes,
 * slow builds included. Runs with several threads need a program that does not fork, for OpenMP does not survive it; Check then
 * knows no limit of time, but tests/run does. */
#ifndef RUNNER_H
#define RUNNER_H

#include <check.h>
#include <stdlib.h>

static inline int run_suite(const char *name, void (*add)(TCase *all), enum fork_status fork)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    add(all);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, fork);
    srunner_run_all(runner, CK_NORMAL);
    int failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Both return the exit status of main. CK_FORK_GETENV: forked unless CK_FORK=no. */
static inline int run_tests(const char *name, void (*add)(TCase *all)) { return run_suite(name, add, CK_FORK_GETENV); }
static inline int run_tests_without_fork(const char *name, void (*add)(TCase *all)) { return run_suite(name, add, CK_NOFORK); }

#endif
