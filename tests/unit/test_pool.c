/* SPDX-License-Identifier: MIT
 * The pool: rounding of the commission (G13), who shares with whom, and that every cent paid is received. */
#include "../runner.h"
#include <check.h>

#define ch_model_pool ch_model_pool_here
#include "../../models/pool.c"
#undef ch_model_pool

enum { RETAILERS = 4 };

/* A context that knows no more than the pool asks of it: parameters, accumulators, and a listener to `transfer`. */
struct desk {
    struct ch_retailer retailer[RETAILERS];
    struct ch_city city;
    struct pool_params params;
    int64_t cells[N_PROBES][RETAILERS];
    int64_t *acc[N_PROBES];
    struct ch_self self;
    struct ch_chains chains;
    struct ch_ctx ctx;
};
static struct desk desk;
static ch_cents account[CH_ACC_RETAILER + RETAILERS];

static void book(struct ch_ctx *ctx, struct ch_person *who, struct ch_transfer *t)
{
    (void)ctx;
    (void)who;
    account[t->from] -= t->cents;
    account[t->to] += t->cents;
    ck_assert_int_eq(account[CH_ACC_CLEARING], t->to == CH_ACC_CLEARING ? t->cents : 0);
}

static void setup(void)
{
    memset(&desk, 0, sizeof desk);
    memset(account, 0, sizeof account);
    for (int r = 0; r < RETAILERS; r++)
        desk.retailer[r].pool = r != 3;
    desk.city = (struct ch_city){.n_retailers = RETAILERS, .retailers = desk.retailer};
    desk.params = (struct pool_params){.commission = 0.08, .fee = 0.02, .window = 30 * CH_DAY};
    for (int i = 0; i < N_PROBES; i++)
        desk.acc[i] = desk.cells[i];
    desk.self = (struct ch_self){.params = &desk.params, .acc = desk.acc};
    desk.chains.transfer.n = 1;
    desk.chains.transfer.call[0] = book;
    desk.ctx = (struct ch_ctx){.self = &desk.self, .selves = &desk.self, .chains = &desk.chains, .city = &desk.city};
}

static struct ch_sale sale_of(uint32_t origin, uint32_t seller, ch_cents paid)
{
    return (struct ch_sale){.retailer = seller, .origin = origin, .paid = paid, .wish = 1, .attributed = true};
}

START_TEST(g13_rounding)
{
    ck_assert_int_eq(share_of(4999, 0.08), 400);
    ck_assert_int_eq(share_of(4999, 0.02), 100);
    ck_assert_int_eq(share_of(6, 0.08), 0);
    ck_assert_int_eq(share_of(7, 0.08), 1);
    ck_assert_int_eq(share_of(123456, 0), 0);
    ck_assert_int_eq(share_of(10000, 0.29), 2900);
}
END_TEST

START_TEST(membership)
{
    ck_assert(shared(&desk.city, 0, 1));
    ck_assert(shared(&desk.city, 3, 3));
    ck_assert(!shared(&desk.city, 3, 1));
    ck_assert(!shared(&desk.city, 1, 3));
    ck_assert(!shared(&desk.city, CH_NONE, 1));
}
END_TEST

START_TEST(sale_and_return_cancel)
{
    ch_cents commissions = 0;
    for (ch_cents paid = 1; paid < 3000; paid += 7) {
        struct ch_sale sale = sale_of(0, 1 + (uint32_t)(paid % 2), paid);
        on_sale(&desk.ctx, NULL, &sale);
        ck_assert_int_eq(sale.commission, ch_share_bp(paid, 800));
        commissions += sale.commission;
    }
    ck_assert_int_eq(account[CH_ACC_RETAILER], commissions);
    ck_assert_int_eq(desk.cells[PROBE_commission_paid][0], commissions);
    ck_assert_int_eq(desk.cells[PROBE_commission_received][0], commissions);
    ck_assert_int_eq(desk.cells[PROBE_commission_received_by][0], commissions);
    ck_assert_int_eq(account[CH_ACC_PLATFORM], desk.cells[PROBE_pool_fees][0]);
    ch_cents sum = 0;
    for (int i = 0; i < CH_ACC_RETAILER + RETAILERS; i++)
        sum += account[i];
    ck_assert_int_eq(sum, 0);
    ck_assert_int_eq(account[CH_ACC_CLEARING], 0);
}
END_TEST

/* The stored cents come back, at whatever rate holds by then; not after the window. */
START_TEST(late_returns_keep)
{
    struct ch_sale sale = sale_of(0, 1, 4999);
    on_sale(&desk.ctx, NULL, &sale);
    desk.params.commission = 0.5;
    desk.ctx.lane.now = 31 * CH_DAY;
    on_refund(&desk.ctx, NULL, &sale);
    ck_assert_int_eq(account[CH_ACC_RETAILER], 400);
    desk.ctx.lane.now = 30 * CH_DAY;
    on_refund(&desk.ctx, NULL, &sale);
    for (int i = 0; i < CH_ACC_RETAILER + RETAILERS; i++)
        ck_assert_int_eq(account[i], 0);
    ck_assert_int_eq(desk.cells[PROBE_pool_sales][0], 0);
}
END_TEST

START_TEST(no_commission_without_cause)
{
    struct ch_sale own = sale_of(1, 1, 5000), outsider = sale_of(3, 1, 5000), leak = sale_of(0, 1, 5000),
                   plain = sale_of(0, 1, 5000);
    leak.attributed = false;
    plain.wish = CH_NONE;
    struct ch_sale *list[] = {&own, &outsider, &leak, &plain};
    for (int i = 0; i < 4; i++) {
        on_sale(&desk.ctx, NULL, list[i]);
        ck_assert_int_eq(list[i]->commission + list[i]->fee, 0);
        on_refund(&desk.ctx, NULL, list[i]);
    }
    for (int i = 0; i < CH_ACC_RETAILER + RETAILERS; i++)
        ck_assert_int_eq(account[i], 0);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, g13_rounding);
    tcase_add_test(tc, membership);
    tcase_add_test(tc, sale_and_return_cancel);
    tcase_add_test(tc, late_returns_keep);
    tcase_add_test(tc, no_commission_without_cause);
}

int main(void) { return run_tests("pool", add_tests); }
