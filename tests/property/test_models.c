/* SPDX-License-Identifier: MIT
 * What every registered model owes, tested on all of them together in a small town: the same bits under the oracle and under the
 * parallel engine with any threads, tiles and perturbation; books that balance; no read without consent; common random
 * numbers. */
#include "../runner.h"
#include "town.h"

static const struct ch_run_options variants[] = {
    {.scheduler = &ch_parallel, .workers = 1},
    {.scheduler = &ch_parallel, .workers = 2, .tile_places = 9},
    {.scheduler = &ch_parallel, .workers = 4, .tile_places = 3, .perturb = 1},
    {.scheduler = &ch_parallel, .workers = 8, .tile_places = 20, .perturb = 2},
    {.scheduler = &ch_parallel, .workers = 3, .tile_places = 1, .perturb = 3},
};
enum { N_VARIANTS = sizeof variants / sizeof variants[0] };

static void check_variants(const struct town *town, unsigned policy, uint32_t seed)
{
    struct ch_run_options options = {.scheduler = &ch_oracle, .policy = policy, .replication = 1, .seed = seed};
    struct ch_outcome truth = town_run(town, options);
    ck_assert_uint_gt(truth.engine.events, 1000);
    for (unsigned v = 0; v < N_VARIANTS; v++) {
        options = variants[v];
        options.policy = policy;
        options.replication = 1;
        options.seed = seed;
        struct ch_outcome outcome = town_run(town, options);
        ck_assert_msg(town_same(&truth, &outcome), "policy %s, seed %u, variant %u: fingerprint %llx, oracle %llx",
                      town->scenario->policy[policy]->name, seed, v, (unsigned long long)outcome.fingerprint,
                      (unsigned long long)truth.fingerprint);
        ch_outcome_fini(&outcome);
    }
    ck_assert(town_kpi(&truth, "money_imbalance") == 0);
    ck_assert(town_kpi(&truth, "reads_without_consent") == 0);
    ch_outcome_fini(&truth);
}

START_TEST(same_bits)
{
    struct town town = town_open(town_yaml, NULL, 0);
    for (unsigned p = 0; p < town.scenario->n_policies; p++)
        check_variants(&town, p, (uint32_t)(7 + _i));
    town_close(&town);
}
END_TEST

/* Everybody at one node, ties everywhere: all homes together. */
START_TEST(same_bits_in_a_crowd)
{
    static const char *const set[] = {"city.homes=[{x: 400, y: 400}]", "population.speed_sd=0 m/s", "population.shoppers=150"};
    struct town town = town_open(town_yaml, set, 3);
    check_variants(&town, town_policy(&town, "responsive"), 3);
    town_close(&town);
}
END_TEST

/* Two policies of the same content are the same experiment. */
START_TEST(identical_policies)
{
    static const char *const set[] = {"policies=[silent, responsive, {policy: twin, extends: responsive}]"};
    struct town town = town_open(town_yaml, set, 1);
    struct ch_outcome a = town_run(&town, (struct ch_run_options){.policy = town_policy(&town, "responsive")});
    struct ch_outcome b = town_run(&town, (struct ch_run_options){.policy = town_policy(&town, "twin")});
    ck_assert(town_same(&a, &b));
    ch_outcome_fini(&a);
    ch_outcome_fini(&b);
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, same_bits, 0, 2);
    tcase_add_test(tc, same_bits_in_a_crowd);
    tcase_add_test(tc, identical_policies);
}

int main(void) { return run_tests_without_fork("models", add_tests); }
