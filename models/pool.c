/* SPDX-License-Identifier: MIT
 * M16 The pool: retailers who show each other the wishes on their lists, and what that costs.
 *
 * A list made with an origin may be shown to a partner if both are members; a retailer always sees its own list. When a pooled
 * wish is bought at a partner with its owner's consent (`attributed`), the seller owes the origin a commission and the platform a
 * fee, both shares of the price paid, VAT included, in whole cents rounded half up: 4999 c at 8 % is 400 c.
 *     seller -> clearing -> origin   commission          seller -> platform   fee
 * The clearing account is passed through at once, so it stands at 0 at all times. A return within `window` of the sale reverses
 * these very cents, whatever the rates are by then; a later one leaves them. No commission is owed when consent to attribution
 * was withdrawn: a leak that is part of the bargain.
 *
 * Rates may be bilateral: each retailer offers a `commission` on what it sells from the lists of others, and `asks` for one on
 * what others sell from its own list; a list is shared with those members only who offer what its origin asks. Both may differ by
 * retailer. Members are those of the city here; who joins and leaves as the months go by is M17 (membership.c).
 * Sources: M16 of the model reference (affiliate retail pays 9 % on average). */
#include <chaland/model.h>

#define CH_ROW_STRUCT struct pool_params
#define POOL_PARAMS(P)                                                                                      \
    P(F64, commission, 0.08, 0, 0.95, "share", "of the price paid, from seller to the origin of the wish",  \
      CH_SOURCED("affiliate retail, average 9 %, 1-20 % by category: 2026 guides"))                         \
    P(F64, asks, 0, 0, 0.95, "share", "least commission for which an origin shares its list with a seller", \
      CH_CHOSEN("0: with every member"))                                                                    \
    P(F64, fee, 0.02, 0, 0.95, "share", "of the price paid, from seller to the platform of the pool",       \
      CH_ASSUMED(0, 0.05, "no data"))                                                                       \
    P(TIME, window, 30, 0, 365, "d", "returns within it reverse commission and fee", CH_SOURCED("Awin: 30-90 d typical"))
CH_PARAMS(pool, POOL_PARAMS)

#define POOL_PROBES(B)                                                                                \
    B(SUM, pool_sales, "", 1, 0, 24, "purchases at a partner of the wish's origin, attributed")       \
    B(SUM, commission_paid, "EUR", 0.01, 0, 28, "commission paid by sellers, less reversals")         \
    B(SUM, commission_received, "EUR", 0.01, 0, 28, "commission received by origins, less reversals") \
    B(SUM, pool_fees, "EUR", 0.01, 0, 28, "fees paid to the platform, less reversals")                \
    B(RETAILER, commission_paid_by, "EUR", 0.01, 0, 28, "commission paid, less reversals")            \
    B(RETAILER, commission_received_by, "EUR", 0.01, 0, 28, "commission received, less reversals")    \
    B(PAIR, commission_between, "EUR", 0.01, 0, 28, "commission from seller to origin, less reversals")
CH_PROBES(POOL_PROBES)

static bool shared(const struct ch_city *city, uint32_t origin, uint32_t partner)
{
    if (origin >= city->n_retailers || partner >= city->n_retailers)
        return false;
    return origin == partner || (city->retailers[origin].pool && city->retailers[partner].pool);
}

static const struct pool_params *params_of(const struct ch_ctx *ctx, uint32_t retailer)
{
    return ch_item_params(ctx, CH_ITEM_RETAILER, retailer);
}

static void answer_pool(struct ch_ctx *ctx, struct ch_person *who, struct ch_pool_query *query)
{
    (void)who;
    query->shared = shared(ctx->city, query->origin, query->partner);
    if (query->origin >= ctx->city->n_retailers || query->partner >= ctx->city->n_retailers)
        return;
    const struct pool_params *seller = params_of(ctx, query->partner);
    query->commission = seller->commission;
    query->fee = seller->fee;
    query->agreed = query->origin == query->partner || seller->commission >= params_of(ctx, query->origin)->asks;
    query->shared &= query->agreed;
}

/* Share of a price, in whole cents; the share becomes whole basis points first. */
static ch_cents share_of(ch_cents paid, double share) { return ch_share_bp(paid, (int64_t)(share * 10000 + 0.5)); }

/* The entries of a sale (sign 1) or of its return (-1). */
static void settle(struct ch_ctx *ctx, struct ch_person *who, const struct ch_sale *sale, int sign)
{
    ch_cents commission = sign * sale->commission, fee = sign * sale->fee;
    ch_pay(ctx, who, CH_ACC_RETAILER + sale->retailer, CH_ACC_CLEARING, commission, CH_REASON_commission);
    ch_pay(ctx, who, CH_ACC_CLEARING, CH_ACC_RETAILER + sale->origin, commission, CH_REASON_commission);
    ch_pay(ctx, who, CH_ACC_RETAILER + sale->retailer, CH_ACC_PLATFORM, fee, CH_REASON_fee);
    ch_add(ctx, PROBE_pool_sales, sign);
    ch_add(ctx, PROBE_commission_paid, commission);
    ch_add(ctx, PROBE_commission_received, commission);
    ch_add(ctx, PROBE_pool_fees, fee);
    ch_add_at(ctx, PROBE_commission_paid_by, sale->retailer, commission);
    ch_add_at(ctx, PROBE_commission_received_by, sale->origin, commission);
    ch_add_pair(ctx, PROBE_commission_between, sale->retailer, sale->origin, commission);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    struct ch_pool_query query = {.origin = sale->origin, .partner = sale->retailer};
    if (!sale->attributed || sale->wish == CH_NONE || sale->origin == sale->retailer)
        return;
    ch_ask_pool(ctx, who, &query);
    if (!query.shared)
        return;
    sale->commission = share_of(sale->paid, query.commission);
    sale->fee = share_of(sale->paid, query.fee);
    settle(ctx, who, sale, 1);
}

/* What a late return leaves is taken out of the sale, so that who is told next sees the cents that come back. */
static void on_refund(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    if (!sale->commission && !sale->fee)
        return;
    if (ch_now(ctx) - sale->at <= params_of(ctx, sale->retailer)->window)
        settle(ctx, who, sale, -1);
    else
        sale->commission = sale->fee = 0;
}

extern const struct ch_model ch_model_pool;
const struct ch_model ch_model_pool = {
    .name = "pool",
    .section = "wishlist.pool",
    .title = "The pool of wishlists, its commission and fee",
    .mechanism = "M16",
    .items = CH_HEEDS(RETAILER),
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    .answer_pool = answer_pool,
    .on_sale = on_sale,
    .on_refund = on_refund,
};
