/* SPDX-License-Identifier: MIT
 * `chaland rerun` of files that an older program wrote: one that did not know a parameter yet. Such files are made here, by leaving
 * a line out of the scenario that the file carries. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "app/campaign.h"
#include "base/text.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/chaland-rerun-XXXXXX";

/* Runs a small town and writes its file with `line` in the scenario replaced, as a program would that does not know it. */
static void write_file(const char *set, const char *line, const char *by)
{
    struct ch_args args = {.operand = "town.yaml",
                           .command_line = "chaland run town.yaml",
                           .scenario_text = "chaland: 1\nname: town\nduration: 1 d\nwarmup: 0 d\nreplications: 2\n"
                                            "population: {shoppers: 100}\npolicies: [silent]\n",
                           .replications = -1,
                           .seed = -1,
                           .threads = 1,
                           .tile = -1,
                           .perturb = -1,
                           .quiet = true};
    struct ch_campaign campaign;
    struct ch_error error = {.code = CH_OK};
    struct ch_text text = {0};
    if (set)
        args.set.text[args.set.n++] = set;
    ck_assert_int_eq(ch_campaign_open(&args, &campaign, &error), CH_OK);
    ck_assert_int_eq(ch_campaign_run(&campaign, &error), CH_OK);
    struct ch_scenario older = *campaign.scenario;
    const char *at = strstr(older.resolved, line);
    ck_assert_ptr_nonnull(at);
    ch_text_addn(&text, older.resolved, (size_t)(at - older.resolved));
    ch_text_add(&text, by);
    ch_text_add(&text, at + strlen(line));
    older.resolved = text.s;
    ch_sha256_hex(text.s, text.n, older.sha256);
    campaign.results.scenario = &older;
    campaign.results.provenance = (struct ch_provenance){.reproducible = true};
    ck_assert_int_eq(ch_results_hash(&campaign.results, older.sha256, campaign.results.results_sha256, &error), CH_OK);
    ck_assert_int_eq(ch_results_write(&campaign.results, path, true, &error), CH_OK);
    ch_campaign_close(&campaign);
    ch_text_fini(&text);
}

static int rerun(const char *set)
{
    char program[] = "chaland", command[] = "rerun", quiet[] = "--quiet", threads[] = "--threads=1", option[] = "--set",
         value[80];
    snprintf(value, sizeof value, "%s", set ? set : "");
    char *argv[] = {program, command, path, quiet, threads, option, value, NULL};
    return ch_cli(set ? 7 : 5, argv);
}

static const char known[] = "  mode_intercept: -0.7\n";

START_TEST(a_new_parameter)
{
    write_file(NULL, known, known);
    ck_assert_int_eq(rerun(NULL), CH_OK);
    write_file(NULL, known, "");
    ck_assert_int_eq(rerun(NULL), CH_OK);
    ck_assert_int_eq(rerun("dayplan.mode_intercept=-0.5"), CH_NO);
    ck_assert_int_eq(rerun("wishlist.pool.commission=9%"), CH_NO);
}
END_TEST

/* What the older program did was not what the default does today. */
START_TEST(a_default_that_differs)
{
    write_file("dayplan.mode_intercept=-0.5", "  mode_intercept: -0.5\n", "");
    ck_assert_int_eq(rerun(NULL), CH_NO);
}
END_TEST

/* The scenario of the file is not the one that was run: no line is new. */
START_TEST(a_line_that_differs)
{
    write_file(NULL, known, "  mode_intercept: 0.5\n");
    ck_assert_int_eq(rerun(NULL), CH_NO);
}
END_TEST

static void begin(void)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    setenv("CHALAND_SHARE", ".", 1);
}

static void end(void) { unlink(path); }

static void add_tests(TCase *all)
{
    tcase_add_unchecked_fixture(all, begin, end);
    tcase_add_test(all, a_new_parameter);
    tcase_add_test(all, a_default_that_differs);
    tcase_add_test(all, a_line_that_differs);
}

int main(void) { return run_tests_without_fork("rerun", add_tests); }
