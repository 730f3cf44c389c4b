/* SPDX-License-Identifier: MIT
 * Delivery: two purchases of one good in one visit are two decisions and two orders.
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

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, two_of_one_good_are_two_orders);
    tcase_add_test(tc, each_has_its_own_luck);
    tcase_add_test(tc, some_things_stay);
}

int main(void) { return run_tests("delivery", add_tests); }
