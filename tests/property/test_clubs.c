/* SPDX-License-Identifier: MIT
 * Loyalty cards, sponsorship, group deals and private sales, all of them in whole towns: the same bits for any threads, tiles and under
 * the oracle, with their audits each day; no part in a scenario that does not ask for them; no effect without a cause. */
#include "../runner.h"
#include "town.h"

#define CARDS   "loyalty.active=yes", "loyalty.past=300 EUR"
#define FRIENDS "sponsorship.active=yes", "sponsorship.send=1", "sponsorship.accept=0.8"
#define DEALS                                                                                                                \
    "group_deals.active=yes", "group_deals.deals=2 1/week", "group_deals.private_sales=3 1/week", "group_deals.threshold=4", \
        "group_deals.joins=0.2 1/h"
#define KNOWN    "consent.initial=[0.9, 0.6, 0.3]"
#define POLICIES "policies=[silent, responsive]"

static const char *const all_set[] = {CARDS, FRIENDS, DEALS, KNOWN, POLICIES, "duration=5 d"};
enum { N_ALL = sizeof all_set / sizeof *all_set };

static const struct ch_run_options variants[] = {
    {.scheduler = &ch_parallel, .workers = 1},
    {.scheduler = &ch_parallel, .workers = 2, .tile_places = 9},
    {.scheduler = &ch_parallel, .workers = 4, .tile_places = 3, .perturb = 1},
    {.scheduler = &ch_parallel, .workers = 3, .tile_places = 1, .perturb = 2},
};
enum { N_VARIANTS = sizeof variants / sizeof *variants };

static void check_variants(const struct town *town, unsigned policy)
{
    struct ch_outcome truth = town_run(town, (struct ch_run_options){.scheduler = &ch_oracle, .policy = policy});
    for (unsigned v = 0; v < N_VARIANTS; v++) {
        struct ch_run_options options = variants[v];
        options.policy = policy;
        struct ch_outcome outcome = town_run(town, options);
        ck_assert_msg(town_same(&truth, &outcome), "policy %u, variant %u: fingerprint %llx, oracle %llx", policy, v,
                      (unsigned long long)outcome.fingerprint, (unsigned long long)truth.fingerprint);
        ch_outcome_fini(&outcome);
    }
    static const char *const happens[] = {"points_issued",     "points_burned",        "loyalty_rewards",     "invitations_sent",
                                          "sponsor_coupons",   "deals_opened",         "deals_valid",         "deal_joins",
                                          "deal_coupons_used", "private_coupons_used", "private_sales_opened"};
    for (unsigned i = 0; i < sizeof happens / sizeof *happens; i++)
        ck_assert_msg(town_kpi(&truth, happens[i]) > 0, "policy %u: no %s", policy, happens[i]);
    ck_assert(town_kpi(&truth, "money_imbalance") == 0 && town_kpi(&truth, "reads_without_consent") == 0);
    ch_outcome_fini(&truth);
}

START_TEST(same_bits_with_all_of_them)
{
    struct town town = town_open(town_yaml, all_set, N_ALL);
    for (unsigned policy = 0; policy < town.scenario->n_policies; policy++)
        check_variants(&town, policy);
    town_close(&town);
}
END_TEST

/* All by thresholds, all homes at one node. */
START_TEST(same_bits_in_a_crowd)
{
    static const char *const set[] = {CARDS,
                                      FRIENDS,
                                      DEALS,
                                      KNOWN,
                                      POLICIES,
                                      "group_deals.law=thresholds",
                                      "city.homes=[{x: 400, y: 400}]",
                                      "population.speed_sd=0 m/s"};
    struct town town = town_open(town_yaml, set, sizeof set / sizeof *set);
    struct ch_run_options options = {.scheduler = &ch_oracle, .policy = 1};
    struct ch_outcome truth = town_run(&town, options);
    options = variants[3];
    options.policy = 1;
    struct ch_outcome outcome = town_run(&town, options);
    ck_assert(town_same(&truth, &outcome));
    ch_outcome_fini(&outcome);
    ch_outcome_fini(&truth);
    town_close(&town);
}
END_TEST

/* Their other parameters alone change nothing, and each of them without its cause sells the same to the cent. */
static double sales_with(const char *const *set, unsigned n, uint64_t *fingerprint)
{
    struct town town = town_open(town_yaml, set, n);
    struct ch_outcome outcome = town_run(&town, (struct ch_run_options){.policy = town_policy(&town, "responsive")});
    double sales = town_kpi(&outcome, "net_sales");
    *fingerprint = outcome.fingerprint;
    ch_outcome_fini(&outcome);
    town_close(&town);
    return sales;
}

START_TEST(no_part_and_no_cause)
{
    static const char *const off[] = {KNOWN, "loyalty.past=300 EUR", "sponsorship.send=1", "group_deals.deals=7 1/week"};
    static const char *const bare[] = {
        KNOWN,           "loyalty.active=yes",    "loyalty.discounts=[0, 0, 0]", "loyalty.gradient=0", "loyalty.devotion=0",
        "loyalty.dip=1", "loyalty.group_bonus=0", "loyalty.reward=0 EUR"};
    static const char *const alone[] = {KNOWN, "sponsorship.active=yes", "sponsorship.send=0"};
    static const char *const closed[] = {KNOWN, "group_deals.active=yes", "group_deals.deals=0 1/week",
                                         "group_deals.private_sales=0 1/week"};
    static const char *const tiers[] = {KNOWN, "loyalty.active=yes", "loyalty.past=300 EUR"};
    uint64_t plain, print;
    double sales = sales_with(off, 1, &plain);
    ck_assert(sales_with(off, sizeof off / sizeof *off, &print) == sales && print == plain);
    ck_assert(sales_with(bare, sizeof bare / sizeof *bare, &print) == sales);
    ck_assert(sales_with(alone, sizeof alone / sizeof *alone, &print) == sales);
    ck_assert(sales_with(closed, sizeof closed / sizeof *closed, &print) == sales);
    double with = sales_with(tiers, sizeof tiers / sizeof *tiers, &print);
    ck_assert(with < sales || with > sales); /* negative control */
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, same_bits_with_all_of_them);
    tcase_add_test(tc, same_bits_in_a_crowd);
    tcase_add_test(tc, no_part_and_no_cause);
}

int main(void) { return run_tests_without_fork("clubs", add_tests); }
