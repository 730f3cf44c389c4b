/* SPDX-License-Identifier: MIT
 * A sale from its price to its return, for models/visit.c: how the price is formed, which money moves, and how the whole sale
 * travels with the item that may come back. */
#ifndef CH_VISIT_SALE_H
#define CH_VISIT_SALE_H

#include <chaland/model.h>

/* A lognormal price with this mean (cents) and coefficient of variation: median and sigma of its logarithm. */
static inline double price_sigma(double cv) { return ch_sqrt(ch_log(1 + cv * cv)); }
static inline double price_median(double mean, double cv) { return mean / ch_sqrt(1 + cv * cv); }

/* Rounded half up, 1 cent to 1,000 million EUR. */
static inline ch_cents whole_cents(double cents) { return cents < 1 ? 1 : cents > 1e11 ? 100000000000 : (ch_cents)(cents + 0.5); }

/* A public markdown m lets people take home more for their money: with elasticity e what is listed grows to 1/(1-m)^e. */
static inline double traded_up(double listed, int64_t markdown_bp, double elasticity)
{
    return markdown_bp > 0 ? listed * ch_pow(1 - (double)markdown_bp / 10000, -elasticity) : listed;
}

/* Nothing off, no offer, no wish. */
static inline struct ch_terms plain_terms(uint32_t store, uint32_t good)
{
    return (struct ch_terms){.store = store, .good = good, .issuer = CH_NONE, .wish = CH_NONE, .origin = CH_NONE};
}

static inline double discount_of(const struct ch_terms *terms)
{
    return 1 - (1 - (double)terms->markdown_bp / 10000) * (1 - (double)terms->coupon_bp / 10000);
}

/* Markdown off the listed price, coupon off the rest; at least a cent is paid. */
static inline void set_price(struct ch_sale *sale, const struct ch_terms *terms)
{
    ch_cents reduced = sale->listed - ch_share_bp(sale->listed, terms->markdown_bp);
    sale->coupon = ch_share_bp(reduced, terms->coupon_bp);
    if (sale->coupon >= reduced)
        sale->coupon = reduced > 1 ? reduced - 1 : 0;
    sale->paid = reduced - sale->coupon;
    if (sale->paid < 1)
        sale->paid = 1;
}

static inline ch_cents cost_of_goods(ch_cents listed, int64_t margin_bp)
{
    ch_cents net = listed - ch_vat_in(listed);
    return net - ch_share_bp(net, margin_bp);
}

/* The entries of a sale, or with sign -1 their mirror. */
static inline void pay(struct ch_ctx *ctx, struct ch_person *who, const struct ch_sale *sale, int sign)
{
    uint32_t seller = CH_ACC_RETAILER + sale->retailer;
    enum ch_reason refund = CH_REASON_refund;
    ch_pay(ctx, who, CH_ACC_SHOPPERS, seller, sign * sale->paid, sign < 0 ? refund : CH_REASON_sale);
    ch_pay(ctx, who, seller, CH_ACC_VAT, sign * ch_vat_in(sale->paid), sign < 0 ? refund : CH_REASON_vat);
    ch_pay(ctx, who, seller, CH_ACC_WORLD, sign * cost_of_goods(sale->listed, ctx->city->goods[sale->good].margin_bp),
           sign < 0 ? refund : CH_REASON_goods);
    if (sale->issuer != CH_NONE && sale->issuer != sale->retailer)
        ch_pay(ctx, who, CH_ACC_RETAILER + sale->issuer, seller, sign * sale->coupon, sign < 0 ? refund : CH_REASON_coupon);
}

enum { NO_WISH = 0xffff };

/* Words in the slots of the message `brought_back`; content only, no padding, as it enters the fingerprint. The buyer is left
 * out: a return that waits at the store names nobody, so erasure has nothing to look for there. */
static inline void pack_sale(const struct ch_sale *sale, struct ch_slot slot[2])
{
    CH_REQUIRE(sale->good < 256 && (sale->wish == CH_NONE || sale->wish < NO_WISH));
    uint64_t wish = sale->wish == CH_NONE ? NO_WISH : sale->wish;
    slot[0] = (struct ch_slot){{(uint64_t)sale->issuer << 32 | sale->store,
                                (uint64_t)sale->origin << 32 | wish << 16 | (uint64_t)sale->good << 8 |
                                    (uint64_t)sale->motive << 2 | (uint64_t)sale->attributed << 1 | sale->delivered,
                                (uint64_t)sale->listed, (uint64_t)sale->paid}};
    slot[1] = (struct ch_slot){{(uint64_t)sale->coupon, (uint64_t)sale->commission, (uint64_t)sale->fee, (uint64_t)sale->at}};
}

static inline void unpack_sale(const struct ch_city *city, const struct ch_slot slot[2], struct ch_sale *sale)
{
    const uint64_t *a = slot[0].word, *b = slot[1].word;
    uint32_t wish = (uint32_t)(a[1] >> 16 & 0xffff);
    *sale = (struct ch_sale){.person = CH_NONE,
                             .store = (uint32_t)a[0],
                             .retailer = city->stores[(uint32_t)a[0]].retailer,
                             .good = (uint32_t)(a[1] >> 8 & 0xff),
                             .motive = (enum ch_motive)(a[1] >> 2 & 3u),
                             .listed = (ch_cents)a[2],
                             .paid = (ch_cents)a[3],
                             .coupon = (ch_cents)b[0],
                             .issuer = (uint32_t)(a[0] >> 32),
                             .wish = wish == NO_WISH ? CH_NONE : wish,
                             .origin = (uint32_t)(a[1] >> 32),
                             .attributed = a[1] >> 1 & 1u,
                             .delivered = a[1] & 1u,
                             .commission = (ch_cents)b[1],
                             .fee = (ch_cents)b[2],
                             .at = (ch_time)b[3]};
}

#endif
