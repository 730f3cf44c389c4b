/* SPDX-License-Identifier: MIT
 * Delivery: two purchases of one good in one visit are two decisions and two orders; who accepts a quote, what a cancelled order pays
 * back, which stores ship. Orders from home run in test_couriers_town.c.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6). */
#include "../runner.h"
#include <check.h>
#include <math.h>

#define ch_model_delivery ch_model_delivery_here
#include "../../models/delivery.c"
#undef ch_model_delivery

enum { N = 20000 };
static const double Z_MAX = 4.892;

/* A context that knows no more than delivery asks of it: a quote, money, and letters to the dispatch centre. */
static struct ch_store store = {.node = 3};
static struct ch_citizen homes[N];
static struct ch_city city = {.n_people = N, .people = homes, .n_stores = 1, .stores = &store, .first_dispatch = 9};
static struct delivery_params params;
static bool ships[1];
static struct tables tables;
static struct ch_quote offer;
static int64_t cells[N_PROBES][2], *acc[N_PROBES];
static struct ch_self self;
static struct ch_chains chains;
static struct ch_ctx ctx;
static uint64_t order[8];
static unsigned n_orders;
static ch_cents paid;

static void offer_quote(struct ch_ctx *c, struct ch_person *who, struct ch_quote *quote)
{
    (void)c, (void)who;
    uint32_t home = quote->home, shop = quote->store;
    *quote = offer;
    quote->home = home;
    quote->store = shop;
}

static void take_money(struct ch_ctx *c, struct ch_person *who, struct ch_transfer *t)
{
    (void)c, (void)who;
    ck_assert_uint_eq(t->to, CH_ACC_DISPATCH);
    paid += t->cents;
}

static void take_order(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                       const struct ch_slot *slots)
{
    struct ch_parcel parcel;
    (void)lane, (void)delay;
    memcpy(&parcel, slots, sizeof parcel);
    ck_assert(kind == CH_LETTER_order && place == 9 && dest == parcel.person && payload == parcel.order);
    order[n_orders++ % 8] = payload;
}

static const struct ch_lane_ops ops = {.send = take_order};

static void setup(void)
{
    for (uint32_t i = 0; i < N; i++)
        homes[i].home = 1;
    params = (struct delivery_params){
        .share = 1, .accept = 20, .per_minute = 0.05, .per_euro = 0.3, .promise = 1.5, .store_part = 250};
    for (int i = 0; i < N_PROBES; i++)
        acc[i] = cells[i];
    ships[0] = true;
    tables = (struct tables){.ships = ships};
    offer = (struct ch_quote){.offered = true, .fee = 490, .minutes = 30};
    chains.quote.n = chains.transfer.n = 1;
    chains.quote.call[0] = offer_quote;
    chains.transfer.call[0] = take_money;
    self = (struct ch_self){.model = &ch_model_delivery_here, .params = &params, .table = &tables, .acc = acc};
    ctx = (struct ch_ctx){.lane = {.ops = &ops, .now = CH_DAY, .place = 3},
                          .self = &self,
                          .selves = &self,
                          .chains = &chains,
                          .key = {.seed = 5},
                          .city = &city};
}

/* Is it sent home? */
static bool buy(struct ch_person *who, uint32_t item, enum ch_motive motive)
{
    struct ch_sale sale = {.person = who->id, .good = CH_GOOD_toys, .item = item, .motive = motive, .paid = 2000};
    on_sale(&ctx, who, &sale);
    return sale.delivered;
}

START_TEST(two_of_one_good_are_two_orders)
{
    struct ch_person who = {.id = 7, .day = 2, .trip = 1, .step = 4};
    ck_assert(buy(&who, 21, CH_IMPULSE) && buy(&who, 22, CH_IMPULSE) && buy(&who, CH_GOOD_toys, CH_PLANNED));
    who.step = 5;
    ck_assert(buy(&who, 21, CH_IMPULSE));
    ck_assert_uint_eq(n_orders, 4);
    ck_assert_int_eq(paid, 4 * (490 + 250));
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 0; k < i; k++)
            ck_assert(order[i] != order[k]);
    ck_assert(buy(&who, 21, CH_IMPULSE) && order[4] == order[3]); /* an id is made of the person's life alone */
}
END_TEST

START_TEST(each_has_its_own_luck)
{
    unsigned first = 0, alike = 0;
    params.share = 0.5;
    for (uint32_t id = 0; id < N; id++) {
        struct ch_person who = {.id = id, .trip = 1, .step = 4};
        bool a = buy(&who, 21, CH_IMPULSE), b = buy(&who, 22, CH_IMPULSE);
        first += a;
        alike += a == b;
    }
    ck_assert_double_lt(fabs(first - N * 0.5) / sqrt(N * 0.25), Z_MAX);
    ck_assert_msg(fabs(alike - N * 0.5) / sqrt(N * 0.25) < Z_MAX, "%u of %d pairs decided alike", alike, N);
}
END_TEST

START_TEST(some_things_stay)
{
    struct ch_person who = {.id = 7};
    homes[7].home = 3;
    ck_assert(!buy(&who, 21, CH_IMPULSE)); /* lives here */
    homes[7].home = 1;
    struct ch_sale snack = {.good = CH_GOOD_cafe};
    on_sale(&ctx, &who, &snack);
    ck_assert(!snack.delivered);
    params.share = 0;
    ck_assert(!buy(&who, 21, CH_IMPULSE));
    ck_assert_uint_eq(n_orders, 0);
}
END_TEST

/* L(1.5 - .05 (min - 30) - .3 (fee - 4.9)) s^-.8 (.5 + .5 T), the fee without surge. */
START_TEST(who_accepts)
{
    params.accept = 1.5;
    params.elasticity = 0.8;
    ck_assert_double_eq_tol(willing(&params, &offer), 1 / (1 + exp(-1.5)), 1e-12);
    offer.minutes = 50;
    offer.fee = 690;
    ck_assert_double_eq_tol(willing(&params, &offer), 1 / (1 + exp(-1.5 + 1 + .6)), 1e-12);
    offer = (struct ch_quote){.offered = true, .fee = 735, .minutes = 30, .surge = 1.5, .distrust = 0.2};
    ck_assert_double_eq_tol(willing(&params, &offer), 1 / (1 + exp(-1.5)) * pow(1.5, -.8) * .9, 1e-12);
}
END_TEST

static struct ch_transfer moved[16];
static unsigned n_moved;
static void note_money(struct ch_ctx *c, struct ch_person *who, struct ch_transfer *t)
{
    (void)c, (void)who;
    moved[n_moved++ % 16] = *t;
}

/* What a cancelled order had cost comes back to the cent: the fee and the store's part, and for remote orders the goods. */
START_TEST(cancelled_orders_are_paid_back)
{
    struct ch_parcel parcel = {.value = 5999, .fee = 490, .marks = CH_PARCEL_REMOTE};
    struct ch_order_end end = {.parcel = &parcel, .how = CH_ORDER_CANCELLED};
    int64_t balance[CH_ACC_RETAILER + 1] = {0};
    city.goods[0].margin_bp = 4000;
    chains.transfer.call[0] = note_money;
    pay_goods(&ctx, &parcel, 1);
    ch_pay(&ctx, NULL, CH_ACC_SHOPPERS, CH_ACC_DISPATCH, parcel.fee, CH_REASON_delivery);
    ch_pay(&ctx, NULL, CH_ACC_RETAILER, CH_ACC_DISPATCH, params.store_part, CH_REASON_delivery);
    on_order_ends(&ctx, NULL, &end);
    ck_assert_uint_eq(n_moved, 10);
    for (unsigned i = 0; i < n_moved; i++) {
        balance[moved[i].from] -= moved[i].cents;
        balance[moved[i].to] += moved[i].cents;
    }
    for (unsigned a = 0; a <= CH_ACC_RETAILER; a++)
        ck_assert_int_eq(balance[a], 0);
    ck_assert_int_eq(moved[0].cents, 5999);
    ck_assert_int_eq(moved[1].cents, 1000);
    ck_assert_int_eq(moved[2].cents, 4999 - 2000);
    end.how = CH_ORDER_LOST; /* the insurer's affair */
    on_order_ends(&ctx, NULL, &end);
    ck_assert_uint_eq(n_moved, 10);
}
END_TEST

/* Exactly the share asked for ships, and no cafe does. */
START_TEST(stores_that_ship)
{
    static struct ch_store many[250];
    struct ch_city town = {.n_stores = 250, .stores = many};
    for (uint32_t s = 0; s < 250; s++)
        many[s].good = s % 5 ? CH_GOOD_toys : CH_GOOD_cafe;
    bool able[250] = {false};
    struct tables t = {.ships = able};
    unsigned n = 0;
    choose_stores(&town, 0.32, &t);
    for (uint32_t s = 0; s < 250; s++) {
        n += able[s];
        ck_assert(!able[s] || many[s].good != CH_GOOD_cafe);
    }
    ck_assert_uint_eq(n, 80);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, two_of_one_good_are_two_orders);
    tcase_add_test(tc, each_has_its_own_luck);
    tcase_add_test(tc, some_things_stay);
    tcase_add_test(tc, who_accepts);
    tcase_add_test(tc, cancelled_orders_are_paid_back);
    tcase_add_test(tc, stores_that_ship);
}

int main(void) { return run_tests("delivery", add_tests); }
