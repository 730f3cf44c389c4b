/* SPDX-License-Identifier: MIT
 * The tally of trade: counts what visits, sales and refunds amount to, and touches nothing.
 *
 * Money is the price paid, VAT included. Net sales (K01) are prices less refunds. Footfall (K04) is store entries; capture
 * rate divides them by passers: each walker reaching a node with at least one store (once, however many stores stand there;
 * doors open at nodes, so this is within 5 m of the front) and each entry by car. Street-to-store (K05): a notice names the
 * screen's retailer, an opened message names a store; each person remembers the last one, and the first visit there within
 * `recall` counts for it. Conversion (K07) is over all visits, planned or not. Concentration (K40, K41) is over the retailers'
 * shares s in net sales: sum s^2, and e to the entropy -sum s ln s. */
#include <chaland/stores_of.h>

#define TALLY_PARAMS(P) \
    P(TIME, recall, 2, 0.1, 48, "h", "a visit so soon after a message is counted as its effect", CH_CHOSEN("no data"))
#define CH_ROW_STRUCT struct tally_params
CH_PARAMS(tally, TALLY_PARAMS)

#define PURCHASES(B, good) B(SUM, purchases_##good, "", 1, 0, 0, "purchases of " #good ", planned or not")
#define EACH_GOOD(B, ROW) \
    ROW(B, clothing)      \
    ROW(B, shoes)         \
    ROW(B, culture) ROW(B, electronics) ROW(B, home) ROW(B, beauty) ROW(B, diy) ROW(B, toys) ROW(B, grocery) ROW(B, cafe)
#define TALLY_PROBES(B)                                                                                    \
    B(SUM, net_sales, "EUR", 0.01, 0, 1, "prices paid in stores, VAT included, less refunds")              \
    B(SUM, sponsor_sales, "EUR", 0.01, 0, 1, "of these, at retailers who run the policy")                  \
    B(SUM, refunds, "EUR", 0.01, 0, 0, "prices given back")                                                \
    B(RATIO, nonfood_spend_per_person_month, "EUR", 0.304375, 0, 0,                                        \
      "price paid for non-food, before refunds, per person and month of 30.4375 d")                        \
    B(RATIO, markdown_share, "share", 1, 0, 0, "markdowns and coupons over listed prices")                 \
    B(RATIO, unplanned_share, "share", 1, 0, 0,                                                            \
      "unplanned purchases over all purchases on visits (not what is bought in passing)")                  \
    B(RATIO, controlled_impulse_share, "share", 1, 0, 6,                                                   \
      "purchases set off by an offer that met an open wish over all unplanned purchases")                  \
    B(SUM, footfall, "", 1, 0, 4, "store entries")                                                         \
    B(RATIO, capture_rate, "share", 1, 0, 4,                                                               \
      "store entries over passers: walkers reaching a node with stores, and entries by car")               \
    B(RATIO, street_to_store_rate, "share", 1, 0, 5,                                                       \
      "visits within `recall` of a notice or opened message naming the store or its retailer, over these") \
    B(RATIO, conversion_rate, "share", 1, 0, 7, "visits that bought over visits")                          \
    B(SUM, drawn_visits, "", 1, 0, 0, "visits for the sake of an offer")                                   \
    B(VALUE, hhi, "", 1, 0, 40, "sum of squared shares of retailers in net sales")                         \
    B(VALUE, effective_brands, "", 1, 0, 41, "e to the Shannon entropy of these shares")                   \
    B(STORE, store_sales, "EUR", 0.01, 0, 1, "prices paid less refunds")                                   \
    B(STORE, store_visits, "", 1, 0, 4, "entries")                                                         \
    B(RETAILER, retailer_sales, "EUR", 0.01, 0, 1, "prices paid less refunds")                             \
    B(DAILY, daily_sales, "EUR", 0.01, 0, 1, "prices paid less refunds")                                   \
    B(MAP, sales_map, "EUR", 0.01, 0, 1, "prices paid")                                                    \
    EACH_GOOD(B, PURCHASES)
CH_PROBES(TALLY_PROBES)

struct memory {
    uint32_t named;    /* store last named by a message, or RETAILER | retailer; CH_NONE */
    uint32_t named_at; /* minutes */
};
enum { RETAILER = 0x40000000 };

struct till {
    ch_cents sales; /* net, since the end of the warm-up */
};

struct tally_table {
    struct ch_stores_of of;
    const uint8_t *shops; /* a bit per node: a store stands there */
};

static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    struct tally_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    uint8_t *shops = ch_setup_alloc(setup, city->n_nodes / 8 + 1, 1);
    table->shops = shops;
    for (uint32_t s = 0; s < city->n_stores; s++)
        shops[city->stores[s].node / 8] |= (uint8_t)(1u << city->stores[s].node % 8);
    table->of = ch_stores_by_retailer(setup);
    return table;
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    struct memory *memory = ch_of_person(ctx, who);
    memory->named = CH_NONE;
}

/* ---- money ------------------------------------------------------------------------------------------------------- */

static void count_money(struct ch_ctx *ctx, const struct ch_sale *sale, ch_cents cents)
{
    struct till *till = ch_of_store(ctx, sale->store);
    if (ch_now(ctx) >= ctx->counting_from)
        till->sales += cents;
    ch_add(ctx, PROBE_net_sales, cents);
    if (ctx->city->retailers[sale->retailer].sponsor)
        ch_add(ctx, PROBE_sponsor_sales, cents);
    ch_add_at(ctx, PROBE_store_sales, sale->store, cents);
    ch_add_at(ctx, PROBE_retailer_sales, sale->retailer, cents);
    ch_add_today(ctx, PROBE_daily_sales, cents);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    bool planned = sale->motive == CH_PLANNED;
    count_money(ctx, sale, sale->paid);
    ch_add_map(ctx, PROBE_sales_map, sale->paid);
    ch_add(ctx, PROBE_purchases_clothing + sale->good, 1);
    ch_ratio(ctx, PROBE_unplanned_share, !planned, who && who->zone == CH_IN_STORE);
    ch_ratio(ctx, PROBE_controlled_impulse_share, sale->motive == CH_CONTROLLED, !planned);
    ch_ratio(ctx, PROBE_markdown_share, sale->listed - sale->paid, sale->listed);
    if (sale->good < CH_N_NONFOOD)
        ch_ratio(ctx, PROBE_nonfood_spend_per_person_month, sale->paid, 0);
}

/* Sent home from the store. */
static void on_bought_away(struct ch_ctx *ctx, struct ch_person *who, struct ch_away *away)
{
    struct ch_sale sale = {.store = away->store, .retailer = ctx->city->stores[away->store].retailer};
    (void)who;
    count_money(ctx, &sale, away->paid);
    ch_add_map(ctx, PROBE_sales_map, away->paid);
    ch_add(ctx, PROBE_purchases_clothing + away->good, 1);
    if (away->good < CH_N_NONFOOD)
        ch_ratio(ctx, PROBE_nonfood_spend_per_person_month, away->paid, 0);
}

static void on_refund(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    (void)who;
    count_money(ctx, sale, -sale->paid);
    ch_add(ctx, PROBE_refunds, sale->paid);
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)who;
    (void)day;
    ch_ratio(ctx, PROBE_nonfood_spend_per_person_month, 0, 1);
}

/* ---- visits ------------------------------------------------------------------------------------------------------ */

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct tally_params *params = ch_params_of(ctx);
    struct memory *memory = ch_of_person(ctx, who);
    uint32_t retailer = ctx->city->stores[visit->store].retailer;
    ch_add(ctx, PROBE_footfall, 1);
    ch_ratio(ctx, PROBE_capture_rate, 1, who->mode == CH_CAR);
    ch_add_at(ctx, PROBE_store_visits, visit->store, 1);
    ch_add(ctx, PROBE_drawn_visits, visit->diverted);
    if (memory->named != visit->store && memory->named != (RETAILER | retailer))
        return;
    if (visit->entered <= (ch_time)memory->named_at * CH_MINUTE + params->recall)
        ch_ratio(ctx, PROBE_street_to_store_rate, 1, 0);
    memory->named = CH_NONE;
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    (void)who;
    ch_ratio(ctx, PROBE_conversion_rate, visit->bought, 1);
}

static void on_node_reached(struct ch_ctx *ctx, struct ch_person *who, struct ch_node *node)
{
    const struct tally_table *table = ch_table(ctx);
    (void)who;
    ch_ratio(ctx, PROBE_capture_rate, 0, table->shops[node->node / 8] >> node->node % 8 & 1);
}

static void remember(struct ch_ctx *ctx, const struct ch_person *who, uint32_t named)
{
    struct memory *memory = ch_of_person(ctx, who);
    *memory = (struct memory){named, (uint32_t)(ch_now(ctx) / CH_MINUTE)};
    ch_ratio(ctx, PROBE_street_to_store_rate, 0, 1);
}

static void on_noticed(struct ch_ctx *ctx, struct ch_person *who, struct ch_notice *notice)
{
    if (notice->retailer < ctx->city->n_retailers)
        remember(ctx, who, RETAILER | notice->retailer);
}

static void on_offer_opened(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    remember(ctx, who, offer->store);
}

/* ---- end --------------------------------------------------------------------------------------------------------- */

static ch_cents takings(struct ch_ctx *ctx, uint32_t retailer)
{
    const struct tally_table *table = ch_table(ctx);
    ch_cents cents = 0;
    for (uint32_t i = table->of.first[retailer]; i < table->of.first[retailer + 1]; i++)
        cents += ((const struct till *)ch_of_store(ctx, table->of.store[i]))->sales;
    return cents > 0 ? cents : 0; /* a retailer with more refunds than sales has no share */
}

/* Undefined without sales. */
static void finish(struct ch_ctx *ctx)
{
    double total = 0, squares = 0, entropy = 0;
    for (uint32_t r = 0; r < ctx->city->n_retailers; r++)
        total += (double)takings(ctx, r);
    for (uint32_t r = 0; r < ctx->city->n_retailers && total > 0; r++) {
        double share = (double)takings(ctx, r) / total;
        squares += share * share;
        entropy -= share > 0 ? share * ch_log(share) : 0;
    }
    double undefined = ch_log(-1);
    ch_set_value(ctx, PROBE_hhi, total > 0 ? squares : undefined);
    ch_set_value(ctx, PROBE_effective_brands, total > 0 ? ch_exp(entropy) : undefined);
}

extern const struct ch_model ch_model_tally;
const struct ch_model ch_model_tally = {.name = "tally",
                                        .title = "what visits and sales amount to",
                                        .mechanism = "M07",
                                        CH_WITH_PARAMS,
                                        CH_WITH_PROBES,
                                        .person_size = sizeof(struct memory),
                                        .store_size = sizeof(struct till),
                                        .tabulate = tabulate,
                                        .start_person = start_person,
                                        .finish = finish,
                                        .on_day_begins = on_day_begins,
                                        .on_node_reached = on_node_reached,
                                        .on_noticed = on_noticed,
                                        .on_offer_opened = on_offer_opened,
                                        .on_visit_begins = on_visit_begins,
                                        .on_visit_ends = on_visit_ends,
                                        .on_sale = on_sale,
                                        .on_refund = on_refund,
                                        .on_bought_away = on_bought_away};
