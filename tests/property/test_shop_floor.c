/* SPDX-License-Identifier: MIT
 * A small town with everything of the shop floor on: wrong records, shrink, click and collect, fitting rooms, queues at tills,
 * sellers. The same bits for any threads and under the oracle; books, stock, orders and lines are audited each day by their
 * models, and an audit that complains ends the run. What is off takes no part. */
#include "../runner.h"
#include "town.h"

static const char *const all_on[] = {"stock.accuracy=0.2",       "stock.shrink=0.02 1/d", "stock.doubt=0.5",
                                     "collect.active=yes",       "collect.fitting=yes",   "collect.views=1",
                                     "tills.active=yes",         "tills.tills=1",         "tills.fixed=180 s",
                                     "sellers.active=yes",       "sellers.sellers=1",     "sellers.adoption=50 1/year",
                                     "sellers.digital=7 1/week", "sellers.takes=900 s",   "collect.keep=0.5 d",
                                     "collect.reroute=0.4",      "collect.courier=0.2",   "duration=6 d"};
enum { N_ON = sizeof all_on / sizeof all_on[0] };

static const struct ch_run_options variants[] = {
    {.scheduler = &ch_parallel, .workers = 1},
    {.scheduler = &ch_parallel, .workers = 2, .tile_places = 9},
    {.scheduler = &ch_parallel, .workers = 4, .tile_places = 3, .perturb = 1},
    {.scheduler = &ch_parallel, .workers = 3, .tile_places = 1, .perturb = 2},
};

START_TEST(same_bits_with_all_of_it_on)
{
    struct town town = town_open(town_yaml, all_on, N_ON);
    struct ch_run_options options = {.scheduler = &ch_oracle, .policy = town_policy(&town, "responsive"), .replication = 1};
    struct ch_outcome truth = town_run(&town, options);
    for (unsigned v = 0; v < sizeof variants / sizeof variants[0]; v++) {
        struct ch_run_options how = variants[v];
        how.policy = options.policy;
        how.replication = options.replication;
        struct ch_outcome outcome = town_run(&town, how);
        ck_assert_msg(town_same(&truth, &outcome), "variant %u", v);
        ch_outcome_fini(&outcome);
    }
    ck_assert(town_kpi(&truth, "money_imbalance") == 0);
    ck_assert(town_kpi(&truth, "reads_without_consent") == 0);
    static const char *const alive[] = {"till_wait_mean", "till_abandonment",  "mobile_share",     "seller_wait_mean",
                                        "collected",      "shipped",           "units_shrunk",     "tried_and_bought",
                                        "collect_sales",  "sellers_adopted",   "digital_requests", "seller_abandonment",
                                        "rerouted",       "reservations_void", "client_lead",      "no_show_rate"};
    for (unsigned i = 0; i < sizeof alive / sizeof alive[0]; i++)
        ck_assert_msg(town_kpi(&truth, alive[i]) > 0, "nothing of %s", alive[i]);
    ck_assert(town_kpi(&truth, "till_utilisation") < 1 && town_kpi(&truth, "seller_utilisation") < 1);
    ch_outcome_fini(&truth);
    town_close(&town);
}
END_TEST

/* Records that are true: no pick fails by them. The mechanism that is off shows nothing. */
START_TEST(true_records_and_absent_models)
{
    static const char *const set[] = {"collect.active=yes", "collect.views=0.8", "duration=4 d"};
    struct town town = town_open(town_yaml, set, 3);
    struct ch_outcome outcome = town_run(&town, (struct ch_run_options){.replication = 1});
    ck_assert(town_kpi(&outcome, "reservations") > 100);
    ck_assert(town_kpi(&outcome, "pick_record_failures") == 0);
    ck_assert(town_kpi(&outcome, "baskets_lost") == 0 && town_kpi(&outcome, "sellers_adopted") == 0);
    ch_outcome_fini(&outcome);
    town_close(&town);
}
END_TEST

/* Nobody queues for long, nobody asks: with tills that take no time the same people buy the same as without tills, but for the
 * moment it takes. */
START_TEST(free_tills_change_no_sale)
{
    static const char *const set[] = {"tills.active=yes",    "tills.tills=16",     "tills.fixed=0 s", "tills.per_item=0 s",
                                      "tills.pay_least=0 s", "tills.pay_most=0 s", "tills.mobile=0",  "tills.more=0"};
    struct town with = town_open(town_yaml, set, 8), without = town_open(town_yaml, NULL, 0);
    struct ch_outcome a = town_run(&with, (struct ch_run_options){.replication = 1});
    struct ch_outcome b = town_run(&without, (struct ch_run_options){.replication = 1});
    ck_assert(town_kpi(&a, "till_wait_mean") == 0 && town_kpi(&a, "baskets_lost") == 0);
    ck_assert_double_eq_tol(town_kpi(&a, "net_sales") / town_kpi(&b, "net_sales"), 1, 0.02);
    ck_assert_double_eq_tol(town_kpi(&a, "footfall") / town_kpi(&b, "footfall"), 1, 0.01);
    ch_outcome_fini(&a);
    ch_outcome_fini(&b);
    town_close(&with);
    town_close(&without);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, same_bits_with_all_of_it_on);
    tcase_add_test(all, true_records_and_absent_models);
    tcase_add_test(all, free_tills_change_no_sale);
}

int main(void) { return run_tests_without_fork("shop_floor", add_tests); }
