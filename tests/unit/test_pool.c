/* SPDX-License-Identifier: MIT
 * The pool: rounding of the commission (G13), who shares with whom and at which rates, that every cent paid is received, and that
 * it does not matter whether commissions are settled one by one or as net amounts. */
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
    struct pool_params params, own[RETAILERS];
    const void *of_retailer[RETAILERS];
    const void *const *items[CH_N_ITEMS];
    int64_t cells[N_PROBES][RETAILERS * RETAILERS];
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
    desk.items[CH_ITEM_RETAILER] = desk.of_retailer;
    desk.self = (struct ch_self){.params = &desk.params, .acc = desk.acc, .item_params = desk.items};
    desk.chains.pool.n = 1;
    desk.chains.pool.call[0] = answer_pool;
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
    struct ch_sale late = sale;
    on_refund(&desk.ctx, NULL, &late);
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

/* What a return no longer reverses is not in the sale either. */
START_TEST(late_returns_say_so)
{
    struct ch_sale late = sale_of(0, 1, 4999), early = late;
    late.commission = early.commission = 400;
    desk.ctx.lane.now = 30 * CH_DAY + 1;
    on_refund(&desk.ctx, NULL, &late);
    ck_assert_int_eq(late.commission + late.fee, 0);
    desk.ctx.lane.now = 30 * CH_DAY;
    on_refund(&desk.ctx, NULL, &early);
    ck_assert_int_eq(early.commission, 400);
}
END_TEST

/* Retailer 1 offers 5 %, 2 offers 20 %; the list of 0 is to be had for 10 %. */
START_TEST(rates_may_be_bilateral)
{
    for (uint32_t r = 0; r < RETAILERS; r++) {
        desk.own[r] = desk.params;
        desk.of_retailer[r] = &desk.own[r];
    }
    desk.own[1].commission = 0.05;
    desk.own[2].commission = 0.20;
    desk.own[2].fee = 0;
    desk.own[0].asks = 0.10;
    struct ch_sale cheap = sale_of(0, 1, 10000), dear = sale_of(0, 2, 10000), between = sale_of(2, 1, 10000);
    on_sale(&desk.ctx, NULL, &cheap);
    on_sale(&desk.ctx, NULL, &dear);
    on_sale(&desk.ctx, NULL, &between);
    ck_assert_int_eq(cheap.commission + cheap.fee, 0);
    ck_assert_int_eq(dear.commission, 2000);
    ck_assert_int_eq(dear.fee, 0);
    ck_assert_int_eq(between.commission, 500);
    ck_assert_int_eq(between.fee, 200);
    struct ch_pool_query query = {.origin = 0, .partner = 1};
    answer_pool(&desk.ctx, NULL, &query);
    ck_assert(!query.agreed && !query.shared);
    query.origin = 1, query.partner = 0;
    answer_pool(&desk.ctx, NULL, &query);
    ck_assert(query.agreed && query.shared);
}
END_TEST

/* Gross: each commission through the clearing account at once. Net: one amount by retailer on the clearing day. */
START_TEST(netting_is_gross)
{
    ch_cents net[RETAILERS] = {0}, sum = 0;
    struct ch_key key = {17, 0};
    for (uint32_t i = 0; i < 2000; i++) {
        struct ch_draw draw = ch_draw_open(key, i, 1, 0);
        uint32_t origin = ch_draw_below(&draw, 3), seller = (origin + 1 + ch_draw_below(&draw, 2)) % 3;
        struct ch_sale sale = sale_of(origin, seller, 1 + (ch_cents)ch_draw_below(&draw, 20000));
        on_sale(&desk.ctx, NULL, &sale);
        net[seller] -= sale.commission;
        net[origin] += sale.commission;
        account[CH_ACC_RETAILER + seller] += sale.fee; /* fees are paid at once under both */
        if (ch_draw_below(&draw, 10) > 0)
            continue;
        account[CH_ACC_RETAILER + seller] -= sale.fee;
        net[seller] += sale.commission;
        net[origin] -= sale.commission;
        on_refund(&desk.ctx, NULL, &sale);
    }
    for (int r = 0; r < RETAILERS; r++) {
        ck_assert_int_eq(account[CH_ACC_RETAILER + r], net[r]);
        sum += net[r];
    }
    ck_assert_int_eq(sum, 0);
    ck_assert_int_eq(account[CH_ACC_CLEARING], 0);
    ck_assert_int_ne(net[0], 0);
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
    tcase_add_test(tc, late_returns_say_so);
    tcase_add_test(tc, rates_may_be_bilateral);
    tcase_add_test(tc, netting_is_gross);
}

int main(void) { return run_tests("pool", add_tests); }
