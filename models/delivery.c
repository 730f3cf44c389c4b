/* SPDX-License-Identifier: MIT
 * M21, first half: what goes home by courier.
 *
 *   from store  A shopper who buys considers delivery with probability `share` (nobody has a snack sent home, and nobody orders
 *               to the node where they live). What is bought stays bought: a cancelled delivery is fetched.
 *   remote      Off unless orders_per_hour is given: residents order from home at this rate at the peak of the day, and at
 *               `profile` times it in each hour, in an open store that ships, by floor space. Each node where people live has a
 *               Poisson process of its own, which no policy moves. They pay for the goods and get that back if the order is
 *               cancelled. The goods come from what the store can get, not from its shelf, and no body has to be at home.
 *
 * Either asks for a quote of fee and minutes, and accepts it with probability
 *     L(1.5 - 0.05 (minutes - 30) - 0.3 (fee - 4.90)) x s^-0.8 x (0.5 + 0.5 T)
 * at the fee without surge; s is the surge multiplier and T the trust in the couriers (both 1 unless the couriers say otherwise).
 * The order leaves for the dispatch centre of the nearest depot with the promise of `promise` times the quoted minutes, or of the
 * factor that the centre has learnt. The customer pays the fee now; the store adds its own part for a service it offers.
 * Couriers do the rest. Sources: M21 of the model reference, assumed throughout. */
#include <chaland/residents.h>

#define CH_ROW_STRUCT struct delivery_params
#define DELIVERY_PARAMS(P)                                                                                                     \
    P(F64, share, 0.05, 0, 1, "share", "purchases for which delivery is considered", CH_ASSUMED(0, 0.3, "no data"))            \
    P(F64, accept, 1.5, -20, 20, "", "log-odds of accepting 30 min for 4.90 EUR", CH_ASSUMED(0, 3, "no data"))                 \
    P(F64, per_minute, 0.05, 0, 10, "1/min", "log-odds lost per minute", CH_ASSUMED(0.02, 0.1, "no data"))                     \
    P(F64, per_euro, 0.3, 0, 10, "1/EUR", "log-odds lost per euro of fee", CH_ASSUMED(0.1, 0.6, "no data"))                    \
    P(F64, promise, 1.5, 0.1, 20, "", "promised over quoted minutes",                                                          \
      CH_ASSUMED(1.1, 2.5, "a quantile of 0.9 of the predicted time"))                                                         \
    P(MONEY, store_part, 2.50, 0, 100, "EUR", "paid by the store for each order",                                              \
      CH_ASSUMED(0, 6, "tariffs above the customer's fee: UberRush 2015"))                                                     \
    P(F64, orders_per_hour, 0, 0, 100000, "",                                                                                  \
      "wishes to order from home in an hour of the peak, whole city, whatever the sample; 0: none", CH_CHOSEN("factor of S4")) \
    P(LIST, profile, "0 0 0 0 0 0 0 0 0.2 0.3 0.5 0.8 1 0.8 0.6 0.6 0.8 1 1 0.8 0.5 0.3 0 0", 0, 1, "share",                   \
      "of the peak, by hour of the day", CH_ASSUMED(0, 1, "noon and evening peaks; no data"))                                  \
    P(F64, ships, 1, 0, 1, "share", "stores that ship", CH_CHOSEN("all; 80 of 250 in S4"))                                     \
    P(F64, elasticity, 0.8, 0, 10, "", "orders fall as surge multiplier to this power", CH_ASSUMED(0.3, 1.5, "no data"))
CH_PARAMS(delivery, DELIVERY_PARAMS)

#define DELIVERY_MESSAGES(M) M(LOCAL, remote, 1, 0, "someone who lives here may order; dest = node, payload = how many before")
CH_MESSAGES(DELIVERY_MESSAGES)

#define DELIVERY_PROBES(B)                                                                           \
    B(SUM, orders, "", 1, 0, 31, "ordered home: purchases and remote orders")                        \
    B(RATIO, quotes_accepted, "share", 1, 0, 0, "quotes accepted, of those asked for")               \
    B(MEAN, quoted_minutes, "min", 0.1, 0, 0, "minutes quoted")                                      \
    B(SUM, remote_wishes, "", 1, 0, 31, "wishes to order from home when a store that ships is open") \
    B(SUM, remote_sales, "EUR", 0.01, 0, 1, "paid for goods ordered from home, less what was paid back; not in net_sales")
CH_PROBES(DELIVERY_PROBES)

#define DELIVERY_DRAWS(D)                                                     \
    D(wish, "is delivery considered?; occasion: step and item of the visit")  \
    D(accept, "is the quote accepted?; occasion: step and item of the visit") \
    D(remote, "when, who, where, for how much, accepted?; entity: node of the homes, occasion: number of the wish")
CH_DRAWS(DELIVERY_DRAWS)

enum { HOURS = 24, TRIES = 16 };

struct tables {
    uint32_t n; /* stores that ship, by number */
    uint32_t *store;
    double *up_to;            /* [n]: floor space of these and those before */
    bool *ships;              /* [n_stores] */
    const uint32_t *resident; /* of residents.h */
};

/* ---- quotes and orders -------------------------------------------------------------------------------------------- */

static double accept_probability(const struct delivery_params *p, double minutes, ch_cents fee)
{
    return ch_logistic(p->accept - p->per_minute * (minutes - 30) - p->per_euro * ((double)fee / 100 - 4.9));
}

/* Of a quote with surge in its fee, from couriers who are trusted or not. */
static double willing(const struct delivery_params *p, const struct ch_quote *quote)
{
    bool surge = quote->surge > 1;
    ch_cents fee = surge ? (ch_cents)((double)quote->fee / quote->surge + 0.5) : quote->fee;
    double share = accept_probability(p, quote->minutes, fee);
    if (surge)
        share *= ch_exp(-p->elasticity * ch_log(quote->surge));
    return share * (1 - 0.5 * quote->distrust);
}

/* Identity of an order: from the life of the person who places it. */
static uint64_t order_id(const struct ch_person *who, uint64_t occasion) { return ch_mix(occasion ^ ch_mix(who->id)); }

/* Sends an order off; `parcel` says whose, from where and how much. The customer may be elsewhere: `who` is NULL then. */
static void send_order(struct ch_ctx *ctx, struct ch_person *who, struct ch_parcel *parcel, const struct ch_quote *quote)
{
    const struct delivery_params *p = ch_params_of(ctx);
    const struct ch_store *store = &ctx->city->stores[parcel->store];
    double factor = quote->promise > 0 ? quote->promise : p->promise;
    parcel->node = store->node;
    parcel->ordered = ch_now(ctx);
    parcel->promised = ch_now(ctx) + ch_time_of_seconds(quote->minutes * 60 * factor);
    parcel->fee = quote->fee;
    parcel->depot = quote->depot & 0xffffff;
    parcel->courier = CH_NONE;
    struct ch_slot slots[2];
    memcpy(slots, parcel, sizeof slots);
    ch_send_letter(ctx, CH_LETTER_order, ctx->city->first_dispatch + quote->depot, parcel->person, CH_LOOKAHEAD, parcel->order,
                   slots);
    ch_pay(ctx, who, CH_ACC_SHOPPERS, CH_ACC_DISPATCH, quote->fee, CH_REASON_delivery);
    ch_pay(ctx, who, CH_ACC_RETAILER + store->retailer, CH_ACC_DISPATCH, p->store_part, CH_REASON_delivery);
    ch_add(ctx, PROBE_orders, 1);
}

static bool ask_quote(struct ch_ctx *ctx, struct ch_person *who, uint32_t store, uint32_t home, struct ch_quote *quote)
{
    *quote = (struct ch_quote){.store = store, .home = home, .depot = CH_NONE};
    ch_ask_quote(ctx, who, quote);
    if (quote->offered)
        ch_observe(ctx, PROBE_quoted_minutes, (int64_t)(quote->minutes * 10 + 0.5));
    return quote->offered;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct delivery_params *p = ch_params_of(ctx);
    const struct tables *t = ch_table(ctx);
    uint64_t occasion = ch_occasion_step(who) | (uint64_t)sale->item << 48;
    struct ch_quote quote;
    if (sale->good == CH_GOOD_cafe || !t->ships[sale->store] || ch_home(ctx, who) == ctx->city->stores[sale->store].node)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_wish, who->id, occasion);
    if (!ch_draw_chance(&draw, p->share) || !ask_quote(ctx, who, sale->store, ch_home(ctx, who), &quote))
        return;
    draw = ch_draw(ctx, DRAW_accept, who->id, occasion);
    sale->delivered = ch_draw_chance(&draw, willing(p, &quote));
    ch_ratio(ctx, PROBE_quotes_accepted, sale->delivered, 1);
    struct ch_parcel parcel = {.person = who->id,
                               .home = ch_home(ctx, who),
                               .store = sale->store,
                               .value = sale->paid,
                               .order = order_id(who, occasion)};
    if (sale->delivered)
        send_order(ctx, who, &parcel, &quote);
}

/* ---- remote orders ------------------------------------------------------------------------------------------------ */

static uint32_t residents(const struct ch_city *city, uint32_t node)
{
    return city->node_first_person[node + 1] - city->node_first_person[node];
}

/* Until the next wish of those who live here, at the rate of the peak. */
static void expect_wish(struct ch_ctx *ctx, struct ch_draw *draw, uint64_t number)
{
    const struct delivery_params *p = ch_params_of(ctx);
    double per_s = p->orders_per_hour / 3600 * residents(ctx->city, ch_here(ctx)) / ctx->city->n_people;
    double s = ch_draw_exponential(draw) / per_s;
    if (s < 1e8) /* three years: longer than any run */
        ch_send(ctx, MSG_remote, ch_here(ctx), ch_here(ctx), ch_time_of_seconds(s) + 1, number);
}

static struct ch_draw draw_of_wish(const struct ch_ctx *ctx, uint64_t number)
{
    return ch_draw(ctx, DRAW_remote, ch_here(ctx), number);
}

/* A store that ships and is open, by floor space; CH_NONE if some tries find none. */
static uint32_t pick_store(const struct ch_ctx *ctx, struct ch_draw *draw)
{
    const struct tables *t = ch_table(ctx);
    for (int i = 0; i < TRIES && t->n; i++) {
        double at = ch_draw_uniform(draw) * t->up_to[t->n - 1];
        uint32_t low = 0, high = t->n - 1;
        while (low < high) {
            uint32_t middle = (low + high) / 2;
            if (t->up_to[middle] > at)
                high = middle;
            else
                low = middle + 1;
        }
        if (ch_store_open(ctx->world, &ctx->city->stores[t->store[low]], ch_now(ctx)))
            return t->store[low];
    }
    return CH_NONE;
}

/* Lognormal, with the mean and spread of the store's main good at its level of prices. */
static ch_cents draw_value(const struct ch_city *city, const struct ch_store *store, struct ch_draw *draw)
{
    const struct ch_good_facts *good = &city->goods[store->good];
    double spread = 1 + good->cv * good->cv;
    double median = (double)good->basket * store->price / ch_sqrt(spread);
    double value = ch_draw_lognormal(draw, median, ch_sqrt(ch_log(spread)));
    return value < 1 ? 1 : value > 1e9 ? 1000000000 : (ch_cents)(value + 0.5);
}

/* The goods change hands; with sign -1 they go back. */
static void pay_goods(struct ch_ctx *ctx, const struct ch_parcel *parcel, int sign)
{
    const struct ch_store *store = &ctx->city->stores[parcel->store];
    uint32_t seller = CH_ACC_RETAILER + store->retailer;
    ch_cents net = parcel->value - ch_vat_in(parcel->value),
             cost = net - ch_share_bp(net, ctx->city->goods[store->good].margin_bp);
    enum ch_reason refund = CH_REASON_refund;
    ch_pay(ctx, NULL, CH_ACC_SHOPPERS, seller, sign * parcel->value, sign < 0 ? refund : CH_REASON_sale);
    ch_pay(ctx, NULL, seller, CH_ACC_VAT, sign * ch_vat_in(parcel->value), sign < 0 ? refund : CH_REASON_vat);
    ch_pay(ctx, NULL, seller, CH_ACC_WORLD, sign * cost, sign < 0 ? refund : CH_REASON_goods);
    ch_add(ctx, PROBE_remote_sales, sign * parcel->value);
}

static void order_from_home(struct ch_ctx *ctx, struct ch_draw *draw, uint64_t number)
{
    const struct delivery_params *p = ch_params_of(ctx);
    uint32_t home = ch_here(ctx);
    const struct tables *t = ch_table(ctx);
    uint32_t person = t->resident[ctx->city->node_first_person[home] + ch_draw_below(draw, residents(ctx->city, home))];
    uint32_t store = pick_store(ctx, draw);
    struct ch_quote quote;
    if (store == CH_NONE || ctx->city->stores[store].node == home)
        return;
    ch_add(ctx, PROBE_remote_wishes, 1);
    struct ch_parcel parcel = {.person = person,
                               .home = home,
                               .store = store,
                               .value = draw_value(ctx->city, &ctx->city->stores[store], draw),
                               .marks = CH_PARCEL_REMOTE,
                               .order = ch_mix(number ^ ch_mix((uint64_t)home << 32 | DRAW_remote))};
    if (!ask_quote(ctx, NULL, store, home, &quote))
        return;
    bool accepted = ch_draw_chance(draw, willing(p, &quote));
    ch_ratio(ctx, PROBE_quotes_accepted, accepted, 1);
    if (!accepted)
        return;
    pay_goods(ctx, &parcel, 1);
    send_order(ctx, NULL, &parcel, &quote);
}

static void on_remote(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct delivery_params *p = ch_params_of(ctx);
    struct ch_draw draw = draw_of_wish(ctx, ev->payload);
    expect_wish(ctx, &draw, ev->payload + 1);
    if (ch_draw_chance(&draw, p->profile.v[ch_time_of_day(ch_now(ctx)) / CH_HOUR]))
        order_from_home(ctx, &draw, ev->payload);
}

/* What a cancelled order had cost is paid back. */
static void on_order_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_order_end *end)
{
    (void)who;
    const struct delivery_params *p = ch_params_of(ctx);
    const struct ch_parcel *parcel = end->parcel;
    if (end->how != CH_ORDER_CANCELLED)
        return;
    uint32_t retailer = ctx->city->stores[parcel->store].retailer;
    ch_pay(ctx, NULL, CH_ACC_SHOPPERS, CH_ACC_DISPATCH, -parcel->fee, CH_REASON_refund);
    if (!(parcel->marks & CH_PARCEL_FEE_ONLY))
        ch_pay(ctx, NULL, CH_ACC_RETAILER + retailer, CH_ACC_DISPATCH, -p->store_part, CH_REASON_refund);
    if (parcel->marks & CH_PARCEL_REMOTE)
        pay_goods(ctx, parcel, -1);
}

/* ---- before a run ------------------------------------------------------------------------------------------------- */

/* The share of stores that ships: those whose numbers mix to the least. Cafes do not. */
static void choose_stores(const struct ch_city *city, double share, struct tables *t)
{
    uint32_t n_able = 0;
    for (uint32_t s = 0; s < city->n_stores; s++)
        n_able += city->stores[s].good != CH_GOOD_cafe;
    uint32_t wanted = (uint32_t)(share * city->n_stores + 0.5);
    wanted = share >= 1 || wanted > n_able ? n_able : wanted;
    for (uint32_t i = 0; i < wanted; i++) {
        uint32_t best = CH_NONE;
        for (uint32_t s = 0; s < city->n_stores; s++)
            if (!t->ships[s] && city->stores[s].good != CH_GOOD_cafe && (best == CH_NONE || ch_mix(s) < ch_mix(best)))
                best = s;
        t->ships[best] = true;
    }
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    const struct delivery_params *p = setup->params;
    struct tables *t = ch_setup_alloc(setup, 1, sizeof *t);
    t->ships = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *t->ships);
    t->store = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *t->store);
    t->up_to = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *t->up_to);
    if (p->ships < 1)
        choose_stores(city, p->ships, t);
    if (p->orders_per_hour > 0)
        t->resident = ch_residents(setup);
    double sum = 0;
    for (uint32_t s = 0; s < city->n_stores; s++) {
        t->ships[s] |= p->ships >= 1;
        if (!t->ships[s] || city->stores[s].good == CH_GOOD_cafe)
            continue;
        sum += city->stores[s].floor_m2;
        t->store[t->n] = s;
        t->up_to[t->n++] = sum;
    }
    return t;
}

static void start_place(struct ch_ctx *ctx)
{
    const struct delivery_params *p = ch_params_of(ctx);
    if (p->orders_per_hour > 0 && ch_here(ctx) < ctx->city->n_nodes && residents(ctx->city, ch_here(ctx))) {
        struct ch_draw draw = draw_of_wish(ctx, 0);
        expect_wish(ctx, &draw, 1);
    }
}

extern const struct ch_model ch_model_delivery;
const struct ch_model ch_model_delivery = {
    .name = "delivery",
    .title = "What goes home by courier: purchases and remote orders",
    .mechanism = "M21",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .tabulate = tabulate,
    .start_place = start_place,
    .on_sale = on_sale,
    .on_order_ends = on_order_ends,
};
