/* SPDX-License-Identifier: MIT
 * Pools in whole towns: with members that may come and go the same bits under any scheduler; with frozen members a commission is
 * a pure transfer (G12); what the clearing house of the game counts is what the pool and the ledger count. Exact, no luck. */
#include "../runner.h"
#include "../stat/experiment.h"

#define OPEN   "consent.initial=[0.95, 0.90, 0.80]", "wishlist.per_week=3", "wishlist.membership.active=yes"
#define FROZEN "wishlist.membership.rule=frozen", "wishlist.membership.start=all"
/* Four retailers of one size, with stores of their own making. */
#define TWINS "city.retailers=[{id: a, size: 1}, {id: b, size: 1}, {id: c, size: 1}, {id: d, size: 1}]"

static struct ch_outcome play(const struct town *town, const struct ch_scheduler *scheduler, unsigned workers)
{
    return town_run(town,
                    (struct ch_run_options){
                        .scheduler = scheduler, .workers = workers, .policy = town_policy(town, "responsive"), .replication = 1});
}

/* Members decide each day, so that they move. */
START_TEST(same_bits_while_members_move)
{
    static const char *const set[] = {OPEN,
                                      "duration=9 d",
                                      "wishlist.membership.period=1 d",
                                      "wishlist.membership.start=none",
                                      "wishlist.membership.belief=5",
                                      "wishlist.pool.commission=0.25"};
    struct town town = town_open(town_yaml, set, sizeof set / sizeof set[0]);
    struct ch_outcome truth = play(&town, &ch_oracle, 1);
    ck_assert(town_kpi(&truth, "pool_joins") > 0);
    ck_assert(town_kpi(&truth, "pool_sales") > 0);
    ck_assert(town_kpi(&truth, "money_imbalance") == 0);
    ck_assert(town_kpi(&truth, "reads_without_consent") == 0);
    for (unsigned workers = 1; workers <= 4; workers *= 2) {
        struct ch_outcome outcome = play(&town, &ch_parallel, workers);
        ck_assert(town_same(&truth, &outcome));
        ch_outcome_fini(&outcome);
    }
    ch_outcome_fini(&truth);
    town_close(&town);
}
END_TEST

/* G12: the same profit of all retailers together, to the cent, whatever the rate; not so with another fee. */
START_TEST(g12_total_profit_at_every_rate)
{
    static const char *const rate[] = {"wishlist.pool.commission=0", "wishlist.pool.commission=0.1",
                                       "wishlist.pool.commission=0.35", "wishlist.pool.commission=0.9"};
    int64_t profit = 0, pool_profit = 0, received = -1;
    for (int k = 0; k < 5; k++) {
        const char *set[] = {OPEN, FROZEN, TWINS, "duration=5 d", k < 4 ? rate[k] : "wishlist.pool.fee=0.1"};
        struct town town = town_open(town_yaml, set, sizeof set / sizeof set[0]);
        struct ch_outcome run = play(&town, &ch_parallel, 1);
        ck_assert_int_gt(cells_of(&run, "pool_sales")[0], 5);
        if (k == 0) {
            profit = cells_of(&run, "retail_profit")[0];
            pool_profit = cells_of(&run, "pool_profit")[0];
        }
        ck_assert_int_eq(cells_of(&run, "retail_profit")[0] == profit, k < 4);
        ck_assert_int_eq(cells_of(&run, "pool_profit")[0] == pool_profit, k < 4);
        if (k < 4)
            ck_assert_int_gt(cells_of(&run, "commission_received")[0], received);
        received = cells_of(&run, "commission_received")[0];
        ch_outcome_fini(&run);
        town_close(&town);
    }
}
END_TEST

/* Without a warm-up all counts are of the whole run. */
START_TEST(counts_agree)
{
    static const char *const set[] = {OPEN, FROZEN, "duration=8 d", "warmup=0 d", "wishlist.pool.commission=0.2"};
    struct town town = town_open(town_yaml, set, sizeof set / sizeof set[0]);
    struct ch_outcome run = play(&town, &ch_parallel, 2);
    uint32_t n = ch_stage_city(town.stage)->n_retailers;
    int64_t net = 0, members = 0;
    for (uint32_t r = 0; r < n; r++) {
        int64_t change = cells_of(&run, "commission_received_by")[r] - cells_of(&run, "commission_paid_by")[r];
        net += change;
        members += cells_of(&run, "pool_member_days")[r];
        /* a wish sold through the pool ended, and so did one sold at its origin */
        ck_assert_int_le(cells_of(&run, "list_pooled_by")[r] + cells_of(&run, "list_own_shared_by")[r],
                         cells_of(&run, "list_ended_shared_by")[r]);
        ck_assert_int_le(cells_of(&run, "list_own_unshared_by")[r], cells_of(&run, "list_ended_unshared_by")[r]);
    }
    ck_assert_int_eq(net, 0);
    ck_assert_int_eq(members, (int64_t)n * 7); /* days 1 .. 7; the run ends with the eighth */
    ck_assert(town_kpi(&run, "pool_coverage") == 1 && town_kpi(&run, "pool_members") == 1);
    ck_assert(town_kpi(&run, "pool_unravelled") == 0);
    ck_assert(town_kpi(&run, "pool_transfer_gini") > 0 && town_kpi(&run, "pool_transfer_gini") <= 1);
    ck_assert(town_kpi(&run, "pool_leak_share") > 0 && town_kpi(&run, "pool_leak_share") < 1);
    ch_outcome_fini(&run);
    town_close(&town);
}
END_TEST

/* Frozen, without trial groups, with the members of the city: the game only looks on. */
START_TEST(looking_on_changes_nothing)
{
    static const char *const off[] = {"consent.initial=[0.95, 0.90, 0.80]", "wishlist.per_week=3", "retail.members=0.6"};
    static const char *const on[] = {"consent.initial=[0.95, 0.90, 0.80]",
                                     "wishlist.per_week=3",
                                     "retail.members=0.6",
                                     "wishlist.membership.active=yes",
                                     "wishlist.membership.rule=frozen",
                                     "wishlist.membership.trial=0"};
    static const char *const same[] = {"retail_profit", "pool_sales", "commission_paid", "pool_fees",
                                       "fulfilled_at_partner_share"};
    struct town without = town_open(town_yaml, off, 3), with = town_open(town_yaml, on, 6);
    struct ch_outcome a = play(&without, &ch_parallel, 1), b = play(&with, &ch_parallel, 1);
    for (unsigned i = 0; i < sizeof same / sizeof same[0]; i++)
        ck_assert_int_eq(cells_of(&a, same[i])[0], cells_of(&b, same[i])[0]);
    ck_assert(isnan(town_kpi(&a, "pool_margin")) && !isnan(town_kpi(&b, "pool_margin")));
    ch_outcome_fini(&a);
    ch_outcome_fini(&b);
    town_close(&without);
    town_close(&with);
}
END_TEST

/* A list out of proportion: wishes go where lists are, stores where sizes are. */
START_TEST(lists_out_of_proportion)
{
    static const char *const set[] = {OPEN, FROZEN, "duration=8 d", "warmup=0 d",
                                      "city.retailers=[{id: a, size: 1, list: 0}, {id: b, size: 1, list: 9}, "
                                      "{id: c, size: 1, list: 0.1}, {id: d, size: 1, list: 0.1}]"};
    struct town town = town_open(town_yaml, set, sizeof set / sizeof set[0]);
    const struct ch_city *city = ch_stage_city(town.stage);
    struct ch_outcome run = play(&town, &ch_parallel, 1);
    const int64_t *ended = cells_of(&run, "list_ended_shared_by");
    ck_assert_int_eq(ended[0], 0);
    ck_assert_int_gt(ended[1], ended[2] + ended[3]);
    ck_assert_uint_eq(city->retailers[3].n_stores, city->retailers[1].n_stores);
    ch_outcome_fini(&run);
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, same_bits_while_members_move);
    tcase_add_test(tc, g12_total_profit_at_every_rate);
    tcase_add_test(tc, counts_agree);
    tcase_add_test(tc, looking_on_changes_nothing);
    tcase_add_test(tc, lists_out_of_proportion);
}

int main(void) { return run_tests_without_fork("pools", add_tests); }
