/* SPDX-License-Identifier: MIT
 * Joining and leaving the pool (M17) at the clearing house: decisions on imposed figures (G11), what is learnt from counts, trial
 * groups, and an audit that bites. The game itself is in test_membership_game.c. */
#include "../runner.h"
#include "tables_kept.h"
#include <check.h>
#include <math.h>

#define ch_model_membership ch_model_membership_here
#include "../../models/membership.c"
#undef ch_model_membership

/* Two curators without sales (0: retention .4, 1: likewise), two sellers without lists (2, 3), two of both (4, 5). */
enum { N = 6 };
static struct {
    struct ch_retailer retailer[N];
    struct ch_city city;
    struct membership_params params;
    struct membership_table table;
    uint8_t starts[N];
    int64_t row[N + 1], cells[N_PROBES][N * 2];
    int64_t *acc[N_PROBES];
    double commission;
    unsigned char *state;
    struct ch_self self;
    struct ch_chains chains;
    struct ch_lane_ops ops;
    struct ch_ctx ctx;
} desk;

static void publish(struct ch_lane *lane, uint32_t row, int64_t value)
{
    (void)lane;
    desk.row[row] = value;
}
static int64_t published(const struct ch_lane *lane, uint32_t row)
{
    (void)lane;
    return desk.row[row];
}
static void offer(struct ch_ctx *ctx, struct ch_person *who, struct ch_pool_query *query)
{
    (void)ctx, (void)who;
    query->agreed = true;
    query->commission = desk.commission;
    query->fee = 0.02;
}

static void desk_open(double commission, bool member)
{
    memset(&desk, 0, sizeof desk);
    desk.city = (struct ch_city){.n_retailers = N, .retailers = desk.retailer, .clearing = 9, .goods[0].basket = 5000};
    desk.params = (struct membership_params){.active = true,
                                             .rule = BEST_RESPONSE,
                                             .period = 30 * CH_DAY,
                                             .smoothing = 0.5,
                                             .belief = 100,
                                             .believed_own = 0.1,
                                             .believed_pooled = 0.18,
                                             .believed_retention = 0.4,
                                             .imposed_own = 0.10,
                                             .imposed_pooled = 0.18,
                                             .imposed_retention = 0.4,
                                             .imposed_margin = 0.45};
    for (int r = 0; r < N; r++)
        desk.row[r] = desk.starts[r] = member;
    desk.row[N] = desk.table.n_starts = member ? N : 0;
    desk.table.starts = desk.starts;
    desk.commission = commission;
    desk.state = calloc(1, clearing_size(&desk.city));
    for (int i = 0; i < N_PROBES; i++)
        desk.acc[i] = desk.cells[i];
    desk.self = (struct ch_self){.params = &desk.params, .table = &desk.table, .acc = desk.acc};
    desk.chains.pool.n = 2;
    desk.chains.pool.call[0] = offer;
    desk.chains.pool.call[1] = answer_pool;
    desk.ops = (struct ch_lane_ops){.publish = publish, .published = published};
    desk.ctx = (struct ch_ctx){.self = &desk.self,
                               .selves = &desk.self,
                               .chains = &desk.chains,
                               .city = &desk.city,
                               .clearing_state = desk.state,
                               .key = {1, 2}};
    desk.ctx.lane.place = 9;
    desk.ctx.lane.ops = &desk.ops;
    begin(&desk.ctx);
}

static struct firm *firm_of(uint32_t r) { return &firms_of((struct house *)(void *)desk.state)[r]; }

/* A month in which lists are worth 1000 EUR each and every seller sells for 1000 EUR. */
static void month(void)
{
    for (uint32_t r = 0; r < N; r++) {
        bool has_list = r != 2 && r != 3, sells = r > 1;
        firm_of(r)->period[WISHES] = has_list ? 20 : 0;
        firm_of(r)->period[ENDED] = has_list ? 100000 : 0;
        firm_of(r)->period[SOLD] = sells ? 100000 : 0;
    }
    decide(&desk.ctx, (struct house *)(void *)desk.state);
}

/* With c0, c1, sigma and m imposed, curators turn at the least commission .11667 (inertia 0), or .05 if sigma is .5. */
START_TEST(g11_at_the_clearing_house)
{
    static const double keep[] = {0.4, 0.5}, least[] = {0.35 / 3, 0.05};
    for (int k = 0; k < 2; k++)
        for (int above = 0; above < 2; above++)
            for (int member = 0; member < 2; member++) {
                desk_open(least[k] + (above ? 0.002 : -0.002), member);
                desk.params.imposed_retention = keep[k];
                month();
                for (uint32_t r = 0; r < 2; r++)
                    ck_assert_int_eq(desk.row[r], above);
                if (member)
                    ck_assert_int_eq(desk.row[2], 1); /* sellers gain below .43 */
                free(desk.state);
            }
}
END_TEST

START_TEST(sellers_leave_above_their_margin)
{
    for (int above = 0; above < 2; above++) {
        desk_open(0.43 + (above ? 0.002 : -0.002), true);
        month();
        ck_assert_int_eq(desk.row[0], 1);
        ck_assert_int_eq(desk.row[2], !above);
        ck_assert_int_eq(desk.row[3], !above);
        ck_assert_int_eq(desk.row[N], desk.row[0] + desk.row[1] + desk.row[2] + desk.row[3] + desk.row[4] + desk.row[5]);
        ck_assert_int_eq(desk.cells[PROBE_pool_leaves][0], above ? 2 : 0);
        free(desk.state);
    }
}
END_TEST

START_TEST(frozen_members_stay)
{
    desk_open(0.9, true);
    desk.params.rule = FROZEN;
    month();
    for (uint32_t r = 0; r <= N; r++)
        ck_assert_int_eq(desk.row[r], r < N ? 1 : N);
    free(desk.state);
}
END_TEST

/* Everybody has one turn; another period gives another order. */
START_TEST(turns)
{
    desk_open(0.1, true);
    uint32_t first[2] = {0};
    for (int p = 0; p < 2; p++) {
        month();
        uint32_t seen = 0, r = CH_NONE;
        for (int k = 0; k < N; k++) {
            r = next_turn(firm_of(0), N, r);
            ck_assert(!(seen >> r & 1));
            seen |= 1u << r;
            first[p] = first[p] * N + r;
        }
        ck_assert_uint_eq(seen, (1u << N) - 1);
        ck_assert_uint_eq(next_turn(firm_of(0), N, r), CH_NONE);
    }
    ck_assert_uint_ne(first[0], first[1]);
    free(desk.state);
}
END_TEST

/* Figures come from counts: 20 of 100 unshared wishes sold; of 200 shared 30 at the origin and 30 through the pool. */
START_TEST(figures_are_learnt)
{
    const double cell[N_CELLS] = {[ENDED] = 100, [ENDED + 1] = 200, [OWN] = 20, [OWN + 1] = 30, [POOLED] = 30, [AWAY + 1] = 50};
    const struct rates_of_list belief = {.own = 0.10, .pooled = 0.18, .keep = 0.4};
    struct rates_of_list own = learn(cell, &belief, 0), half = learn(cell, &belief, 100);
    ck_assert(fabs(own.own - 0.20) < 1e-12 && fabs(own.pooled - 0.30) < 1e-12 && fabs(own.keep - 0.5) < 1e-12);
    ck_assert(fabs(own.away_shared - 0.25) < 1e-12);
    ck_assert(fabs(half.own - 0.15) < 1e-12 && fabs(half.pooled - 78 / 300.0) < 1e-12);
    ck_assert(fabs(half.keep - (30 + 7.2) / 78) < 1e-12);
    const double nothing[N_CELLS] = {0};
    struct rates_of_list believed = learn(nothing, &belief, 100), blank = learn(nothing, &belief, 0);
    ck_assert(fabs(believed.keep - 0.4) < 1e-12 && fabs(believed.pooled - 0.18) < 1e-12);
    ck_assert(fabs(blank.own - 0.10) < 1e-12 && fabs(blank.pooled - 0.18) < 1e-12);
}
END_TEST

/* A list is shown if its origin is a member, or to the others' trial group if not; with nobody else in, it is not shared. */
START_TEST(trial_groups)
{
    desk_open(0.1, true);
    desk.params.trial = 0.1;
    unsigned shown = 0, n = 20000;
    for (uint32_t id = 0; id < n; id++) {
        struct ch_person who = {.id = id};
        bool was = is_shown(&desk.ctx, &who, 1);
        shown += was;
        desk.row[1] = 0;
        ck_assert(is_shown(&desk.ctx, &who, 1) != was);
        desk.row[1] = 1;
    }
    double z = (shown - 0.9 * n) / sqrt(0.09 * n);
    ck_assert(fabs(z) < 4.892); /* 1e-6 for another seed */
    struct ch_person who = {.id = 3};
    desk.params.trial = 0;
    ck_assert(is_shared(&desk.ctx, &who, 1));
    desk.row[N] = 1;
    ck_assert(!is_shared(&desk.ctx, &who, 1));
    struct ch_pool_query query = {.origin = 1, .partner = 2};
    ch_ask_pool(&desk.ctx, &who, &query);
    ck_assert(query.shared);
    desk.row[2] = 0;
    ch_ask_pool(&desk.ctx, &who, &query);
    ck_assert(!query.shared);
    free(desk.state);
}
END_TEST

/* 60 EUR paid of 72 listed at 45 %: net 50, goods 33, margin 17. */
START_TEST(margin_on_a_sale)
{
    desk_open(0.1, true);
    desk.city.goods[0].margin_bp = 4500;
    struct ch_sale sale = {.good = 0, .listed = 7200, .paid = 6000};
    ck_assert_int_eq(ch_sale_margin(desk.ctx.city, &sale), 1700);
    free(desk.state);
}
END_TEST

static void nothing_pending(const struct ch_audit *audit, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    (void)audit, (void)see, (void)arg;
}

/* A cent that one retailer is said to have paid and no other to have received is noticed, as is one that no store knows of. */
START_TEST(audit_bites)
{
    for (int leak = 0; leak < 3; leak++) {
        struct ch_error error = {.code = CH_OK};
        desk_open(0.1, true);
        desk.ctx.audit = true;
        if (leak > 0)
            firm_of(0)->paid++;
        if (leak > 1) {
            firm_of(1)->received++;
            flows_of((struct house *)(void *)desk.state, N)[1]++;
        }
        audit(&(struct ch_audit){.ctx = &desk.ctx, .error = &error, .each_pending = nothing_pending});
        ck_assert_int_eq(error.code, leak ? CH_INTERNAL : CH_OK);
        free(desk.state);
    }
}
END_TEST

START_TEST(too_many_retailers)
{
    struct ch_error error = {.code = CH_OK};
    static struct ch_retailer many[RETAILERS_MAX + 1];
    struct ch_city city = {.n_retailers = RETAILERS_MAX, .retailers = many};
    struct membership_params params = {.start = START_ALL};
    struct ch_setup setup = {.city = &city, .params = &params, .error = &error};
    const struct membership_table *table = tabulate(&setup);
    ck_assert(error.code == CH_OK && table->n_starts == RETAILERS_MAX);
    city.n_retailers++;
    tabulate(&setup);
    ck_assert_int_eq(error.code, CH_INVALID);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, g11_at_the_clearing_house);
    tcase_add_test(tc, sellers_leave_above_their_margin);
    tcase_add_test(tc, frozen_members_stay);
    tcase_add_test(tc, turns);
    tcase_add_test(tc, figures_are_learnt);
    tcase_add_test(tc, trial_groups);
    tcase_add_test(tc, margin_on_a_sale);
    tcase_add_test(tc, audit_bites);
    tcase_add_test(tc, too_many_retailers);
}

int main(void) { return run_tests("membership", add_tests); }
