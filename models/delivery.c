/* SPDX-License-Identifier: MIT
 * M21, first half: purchases that go home by courier (ship from store).
 *
 * A shopper who buys considers delivery with probability `share` (nobody has a snack sent home, and nobody orders to the node
 * where they live), asks for a quote of fee and minutes, and accepts it with probability
 *     L(1.5 - 0.05 (minutes - 30) - 0.3 (fee - 4.90))
 * The order leaves for the dispatch centre of the nearest depot with the promise of `promise` times the quoted minutes (a high
 * quantile of what is expected). The customer pays the fee now; the store adds its own part for a service it offers.
 * Couriers do the rest. Sources: M21 of the model reference, assumed throughout. */
#include <chaland/model.h>

#define CH_ROW_STRUCT struct delivery_params
#define DELIVERY_PARAMS(P)                                                                                          \
    P(F64, share, 0.05, 0, 1, "share", "purchases for which delivery is considered", CH_ASSUMED(0, 0.3, "no data")) \
    P(F64, accept, 1.5, -20, 20, "", "log-odds of accepting 30 min for 4.90 EUR", CH_ASSUMED(0, 3, "no data"))      \
    P(F64, per_minute, 0.05, 0, 10, "1/min", "log-odds lost per minute", CH_ASSUMED(0.02, 0.1, "no data"))          \
    P(F64, per_euro, 0.3, 0, 10, "1/EUR", "log-odds lost per euro of fee", CH_ASSUMED(0.1, 0.6, "no data"))         \
    P(F64, promise, 1.5, 0.1, 20, "", "promised over quoted minutes",                                               \
      CH_ASSUMED(1.1, 2.5, "a quantile of 0.9 of the predicted time"))                                              \
    P(MONEY, store_part, 2.50, 0, 100, "EUR", "paid by the store for each order",                                   \
      CH_ASSUMED(0, 6, "tariffs above the customer's fee: UberRush 2015"))
CH_PARAMS(delivery, DELIVERY_PARAMS)

#define DELIVERY_PROBES(B)                                                             \
    B(SUM, orders, "", 1, 0, 31, "purchases ordered home")                             \
    B(RATIO, quotes_accepted, "share", 1, 0, 0, "quotes accepted, of those asked for") \
    B(MEAN, quoted_minutes, "min", 0.1, 0, 0, "minutes quoted")
CH_PROBES(DELIVERY_PROBES)

#define DELIVERY_DRAWS(D)                                                    \
    D(wish, "is delivery considered?; occasion: step and item of the visit") \
    D(accept, "is the quote accepted?; occasion: step and item of the visit")
CH_DRAWS(DELIVERY_DRAWS)

static double accept_probability(const struct delivery_params *p, double minutes, ch_cents fee)
{
    return ch_logistic(p->accept - p->per_minute * (minutes - 30) - p->per_euro * ((double)fee / 100 - 4.9));
}

/* Identity of an order: from the life of the person who places it. */
static uint64_t order_id(const struct ch_person *who, uint64_t occasion) { return ch_mix(occasion ^ ch_mix(who->id)); }

static void place_order(struct ch_ctx *ctx, struct ch_person *who, const struct ch_sale *sale, const struct ch_quote *quote,
                        uint64_t occasion)
{
    const struct delivery_params *p = ch_params_of(ctx);
    struct ch_parcel parcel = {.person = who->id,
                               .home = ch_home(ctx, who),
                               .store = sale->store,
                               .node = ctx->city->stores[sale->store].node,
                               .ordered = ch_now(ctx),
                               .promised = ch_now(ctx) + ch_time_of_seconds(quote->minutes * 60 * p->promise),
                               .value = sale->paid,
                               .fee = quote->fee,
                               .depot = quote->depot,
                               .courier = CH_NONE,
                               .order = order_id(who, occasion)};
    struct ch_slot slots[2];
    memcpy(slots, &parcel, sizeof slots);
    ch_send_letter(ctx, CH_LETTER_order, ctx->city->first_dispatch + quote->depot, who->id, CH_LOOKAHEAD, parcel.order, slots);
    ch_pay(ctx, who, CH_ACC_SHOPPERS, CH_ACC_DISPATCH, quote->fee, CH_REASON_delivery);
    ch_pay(ctx, who, CH_ACC_RETAILER + sale->retailer, CH_ACC_DISPATCH, p->store_part, CH_REASON_delivery);
    ch_add(ctx, PROBE_orders, 1);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct delivery_params *p = ch_params_of(ctx);
    uint64_t occasion = ch_occasion_step(who) | (uint64_t)sale->item << 48;
    if (sale->good == CH_GOOD_cafe || ch_home(ctx, who) == ctx->city->stores[sale->store].node)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_wish, who->id, occasion);
    if (!ch_draw_chance(&draw, p->share))
        return;
    struct ch_quote quote = {.store = sale->store, .home = ch_home(ctx, who), .depot = CH_NONE};
    ch_ask_quote(ctx, who, &quote);
    if (!quote.offered)
        return;
    draw = ch_draw(ctx, DRAW_accept, who->id, occasion);
    sale->delivered = ch_draw_chance(&draw, accept_probability(p, quote.minutes, quote.fee));
    ch_ratio(ctx, PROBE_quotes_accepted, sale->delivered, 1);
    ch_observe(ctx, PROBE_quoted_minutes, (int64_t)(quote.minutes * 10 + 0.5));
    if (sale->delivered)
        place_order(ctx, who, sale, &quote, occasion);
}

extern const struct ch_model ch_model_delivery;
const struct ch_model ch_model_delivery = {
    .name = "delivery",
    .title = "Purchases that go home by courier",
    .mechanism = "M21",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .on_sale = on_sale,
};
