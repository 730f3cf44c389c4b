/* SPDX-License-Identifier: MIT
 * A sale: the law of its price, discounts to the cent, the money that moves and comes back, the sale in its slots.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../../models/visit_sale.h"
#include "../runner.h"
#include <check.h>
#include <math.h>

enum { DRAWS = 200000, ACCOUNTS = CH_ACC_RETAILER + 4 };
static const double Z_MAX = 4.892;

/* Mean 50 EUR, cv .6: the sample's mean within its error, the law's moments exactly. */
START_TEST(price_law)
{
    double median = price_median(5000, 0.6), sigma = price_sigma(0.6), sum = 0;
    ck_assert_double_eq_tol(median * exp(sigma * sigma / 2), 5000, 1e-9);
    ck_assert_double_eq_tol(sqrt(exp(sigma * sigma) - 1), 0.6, 1e-12);
    for (uint32_t k = 0; k < DRAWS; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){5, 1}, k, 256, 9);
        sum += ch_draw_lognormal(&draw, median, sigma);
    }
    ck_assert_double_lt(fabs(sum / DRAWS - 5000) / (3000 / sqrt(DRAWS)), Z_MAX);
}
END_TEST

/* 99.99 EUR, 30 % off, then 10 % of the rest: 30.00 and 7.00 off. One cent stays one cent. */
START_TEST(discounts)
{
    struct ch_sale sale = {.listed = 9999};
    struct ch_terms terms = {.markdown_bp = 3000, .coupon_bp = 1000};
    set_price(&sale, &terms);
    ck_assert_int_eq(sale.coupon, 700);
    ck_assert_int_eq(sale.paid, 6299);
    ck_assert_double_eq_tol(discount_of(&terms), 0.37, 1e-15);
    sale.listed = 1;
    terms = (struct ch_terms){.coupon_bp = 10000};
    set_price(&sale, &terms);
    ck_assert(sale.paid == 1 && sale.coupon == 0);
    ck_assert(whole_cents(0.2) == 1 && whole_cents(149.5) == 150 && whole_cents(1e300) == 100000000000);
    ck_assert_int_eq(cost_of_goods(12000, 4000), 6000); /* 100 EUR without VAT, 40 % margin */
}
END_TEST

static int64_t balance[ACCOUNTS];

static void on_transfer(struct ch_ctx *ctx, struct ch_person *who, struct ch_transfer *transfer)
{
    (void)ctx;
    (void)who;
    balance[transfer->from] -= transfer->cents;
    balance[transfer->to] += transfer->cents;
}

/* The mirror of a sale leaves every account as it was; a coupon of another retailer is paid by that one. */
START_TEST(money_comes_back)
{
    struct ch_city city = {.goods[CH_GOOD_shoes].margin_bp = 4500};
    struct ch_self self = {0};
    struct ch_chains chains = {.transfer = {.n = 1, .call = {on_transfer}}};
    struct ch_ctx ctx = {.self = &self, .selves = &self, .chains = &chains, .city = &city};
    struct ch_sale sale = {.retailer = 1, .good = CH_GOOD_shoes, .listed = 6517, .paid = 5213, .coupon = 1304, .issuer = 3};
    pay(&ctx, NULL, &sale, 1);
    ck_assert_int_eq(balance[CH_ACC_SHOPPERS], -5213);
    ck_assert_int_eq(balance[CH_ACC_VAT], ch_vat_in(5213));
    ck_assert_int_eq(balance[CH_ACC_RETAILER + 3], -1304);
    ck_assert_int_eq(balance[CH_ACC_RETAILER + 1], 5213 - ch_vat_in(5213) - cost_of_goods(6517, 4500) + 1304);
    pay(&ctx, NULL, &sale, -1);
    for (int i = 0; i < ACCOUNTS; i++)
        ck_assert_int_eq(balance[i], 0);
}
END_TEST

START_TEST(slots_keep_the_sale)
{
    const struct ch_sale sale = {.person = 4000000000u,
                                 .store = 17,
                                 .retailer = 9999,
                                 .good = 3,
                                 .motive = CH_CONTROLLED,
                                 .listed = 123456789012,
                                 .paid = 99,
                                 .coupon = 1,
                                 .issuer = CH_NONE,
                                 .wish = 5,
                                 .origin = CH_NONE,
                                 .attributed = true,
                                 .delivered = false,
                                 .commission = -7,
                                 .fee = 2,
                                 .at = CH_TIME_MAX};
    static struct ch_store stores[18];
    const struct ch_city city = {.n_stores = 18, .stores = stores};
    struct ch_slot slot[2], again[2];
    struct ch_sale back, wishless = sale;
    stores[17].retailer = 9999;
    pack_sale(&sale, slot);
    unpack_sale(&city, slot, &back);
    pack_sale(&back, again);
    ck_assert_mem_eq(slot, again, sizeof slot);
    ck_assert(back.person == CH_NONE && /* a pending return names nobody */
              back.store == 17 && back.retailer == 9999 && back.good == 3 && back.paid == 99 && back.coupon == 1 &&
              back.fee == 2);
    ck_assert(back.motive == sale.motive && back.listed == sale.listed && back.issuer == CH_NONE);
    ck_assert(back.wish == 5 && back.origin == CH_NONE && back.attributed && !back.delivered && back.commission == -7 &&
              back.at == sale.at);
    wishless.wish = CH_NONE;
    pack_sale(&wishless, slot);
    unpack_sale(&city, slot, &back);
    ck_assert_uint_eq(back.wish, CH_NONE);
}
END_TEST

/* A coupon takes off its share of the price that it is laid on, to the cent; what is paid, and what a return gives back, is the
 * rest, so nobody ever gets more for it than its face value. */
START_TEST(coupons_are_worth_their_face)
{
    for (ch_cents listed = 1; listed < 20000; listed += 7)
        for (int64_t markdown = 0; markdown <= 5000; markdown += 2500)
            for (int64_t face = 0; face <= 10000; face += 1000) {
                struct ch_terms terms = plain_terms(0, CH_GOOD_home);
                struct ch_sale sale = {.listed = listed}, returned;
                struct ch_city one = {.stores = &(struct ch_store){.retailer = 0}};
                struct ch_slot slot[2];
                terms.markdown_bp = markdown;
                terms.coupon_bp = face;
                set_price(&sale, &terms);
                ch_cents reduced = listed - ch_share_bp(listed, markdown);
                ck_assert(sale.coupon >= 0 && sale.coupon <= ch_share_bp(reduced, face) && sale.paid >= 1);
                ck_assert(sale.paid + sale.coupon == (reduced < 1 ? 1 : reduced));
                pack_sale(&sale, slot);
                unpack_sale(&one, slot, &returned);
                ck_assert(returned.paid == sale.paid && returned.coupon == sale.coupon);
            }
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, coupons_are_worth_their_face);
    tcase_add_test(tests, price_law);
    tcase_add_test(tests, discounts);
    tcase_add_test(tests, money_comes_back);
    tcase_add_test(tests, slots_keep_the_sale);
}

int main(void) { return run_tests("visit", add_tests); }
