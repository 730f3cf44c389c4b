/* SPDX-License-Identifier: MIT
 * How many threads control groups leave. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "app/threads.h"
#include <stdio.h>
#include <string.h>

static char root[64], groups[96];

static void set_up(void)
{
    char command[256];
    strcpy(root, "/tmp/chaland-XXXXXX");
    ck_assert(mkdtemp(root) != NULL);
    snprintf(groups, sizeof groups, "%s/self", root);
    snprintf(command, sizeof command, "mkdir -p %s/slurm/job_7/step_0 %s/cpu", root, root);
    ck_assert_int_eq(system(command), 0);
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    ck_assert_int_eq(system(command), 0);
}

static void put(const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *out = fopen(path, "w");
    ck_assert(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

START_TEST(quotas_of_all_groups_hold)
{
    ck_assert_uint_eq(ch_threads_quota(root, groups), 0);
    put("cpu.max", "max 100000\n");
    put("self", "1:name=x:/elsewhere\n0::/slurm/job_7/step_0\n");
    ck_assert_uint_eq(ch_threads_quota(root, groups), 0);
    put("slurm/cpu.max", "800000 100000\n");
    ck_assert_uint_eq(ch_threads_quota(root, groups), 8);
    put("slurm/job_7/cpu.max", "250000 100000\n"); /* two and a half */
    ck_assert_uint_eq(ch_threads_quota(root, groups), 3);
    put("slurm/job_7/step_0/cpu.max", "max 100000\n");
    ck_assert_uint_eq(ch_threads_quota(root, groups), 3);
    put("cpu.max", "50000 100000\n");
    ck_assert_uint_eq(ch_threads_quota(root, groups), 1);
}
END_TEST

START_TEST(quotas_of_version_1)
{
    put("cpu/cpu.cfs_quota_us", "-1\n");
    put("cpu/cpu.cfs_period_us", "100000\n");
    ck_assert_uint_eq(ch_threads_quota(root, groups), 0);
    put("cpu/cpu.cfs_quota_us", "150000\n");
    ck_assert_uint_eq(ch_threads_quota(root, groups), 2);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, quotas_of_all_groups_hold);
    tcase_add_test(all, quotas_of_version_1);
}

int main(void) { return run_tests("threads", add_tests); }
