/* SPDX-License-Identifier: MIT
 * Private to visit.c: items that are brought back, and those of the weeks before time 0 that still will be. */
#ifndef CH_VISIT_BACK_H
#define CH_VISIT_BACK_H

#include "visit_rows.h"
#include "visit_sale.h"

/* Food and drink are eaten. */
static bool may_come_back(uint32_t good) { return good != CH_GOOD_grocery && good != CH_GOOD_cafe; }

/* Whole days later, so that the store is as open as it was. */
static void maybe_return(struct ch_ctx *ctx, const struct ch_sale *sale, uint64_t occasion)
{
    const struct visit_params *params = params_in(ctx, sale->store);
    if (!may_come_back(sale->good))
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_back, sale->person, occasion);
    int back = ch_draw_chance(&draw, params->returns.v[sale->motive]);
    ch_ratio(ctx, PROBE_regret_planned + (unsigned)sale->motive, back, 1);
    if (!back)
        return;
    ch_time delay = (1 + ch_draw_below(&draw, (uint32_t)params->return_days)) * CH_DAY;
    struct ch_slot slot[2];
    pack_sale(sale, slot);
    ch_send_slots(ctx, MSG_brought_back, ch_here(ctx), sale->store, delay, 0, slot);
}

static void on_brought_back(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_sale sale;
    unpack_sale(ctx->city, ch_event_slots(ev), &sale);
    ch_tell_refund(ctx, NULL, &sale);
    pay(ctx, NULL, &sale, -1);
}

/* Before time 0 a fifth of what is bought was not planned (see test_shops.c), and people bought where there is floor. */
static const double unplanned_before = 0.2;
static const double at_once = 500; /* Poisson means above this are drawn in parts */

/* Items under way back to a store: with delays of 1 .. n days, each equally likely, one is under way for (n + 1) / 2 days on
 * average. */
static double under_way(const struct visit_params *params, const struct visit_table *table, uint32_t good, double floor_m2)
{
    double share = (1 - unplanned_before) * params->returns.v[CH_PLANNED] + unplanned_before * params->returns.v[CH_IMPULSE];
    double sold = table->needs[good] * params->sold_before.v[good];
    return table->floor[good] > 0 && may_come_back(good)
               ? sold * share * (double)(params->return_days + 1) / 2 / table->floor[good] * floor_m2
               : 0;
}

static void tabulate_past(const struct ch_setup *setup, struct visit_table *table)
{
    const struct ch_city *city = setup->city;
    for (int g = 0; g < CH_N_GOODS; g++)
        table->needs[g] = city->n_people * city->goods[g].rate / 30.4375;
    for (uint32_t s = 0; s < city->n_stores; s++)
        for (int g = 0; g < CH_N_GOODS; g++)
            table->floor[g] += city->stores[s].goods >> g & 1 ? city->stores[s].floor_m2 : 0;
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        table->waiting += under_way(setup->params, table, g, table->floor[g]);
}

/* An event and two slots each. */
static double pending(const void *table) { return 3 * ((const struct visit_table *)table)->waiting; }

/* It was sold `ago` days before time 0 and comes back `delay` days later, ago <= delay, all such pairs being equally likely. */
static void send_past(struct ch_ctx *ctx, struct ch_draw *draw, uint32_t store, uint32_t good)
{
    const struct visit_params *params = params_in(ctx, store);
    const struct visit_table *table = ch_table(ctx);
    const struct ch_store *place = &ctx->city->stores[store];
    uint32_t n = (uint32_t)params->return_days, pair = ch_draw_below(draw, n * (n + 1) / 2), delay = 1;
    while (pair >= delay)
        pair -= delay++;
    ch_time clock = place->opens + ch_time_of_seconds(ch_draw_uniform(draw) * ch_seconds(place->closes - place->opens));
    ch_time due = (ch_time)pair * CH_DAY + clock; /* ago = delay - pair */
    double price = ch_draw_lognormal(draw, table->median[good], table->sigma[good]) * place->price;
    struct ch_terms terms = plain_terms(store, good);
    struct ch_sale sale = {.person = CH_NONE,
                           .store = store,
                           .retailer = place->retailer,
                           .good = good,
                           .motive = ch_draw_chance(draw, unplanned_before) ? CH_IMPULSE : CH_PLANNED,
                           .listed = whole_cents(price),
                           .issuer = CH_NONE,
                           .wish = CH_NONE,
                           .origin = CH_NONE,
                           .at = due - (ch_time)delay * CH_DAY};
    struct ch_slot slot[2];
    set_price(&sale, &terms);
    pack_sale(&sale, slot);
    ch_send_slots(ctx, MSG_brought_back, ch_here(ctx), store, due > 0 ? due : 1, 0, slot);
}

static void start_store(struct ch_ctx *ctx, uint32_t store)
{
    const struct visit_table *table = ch_table(ctx);
    const struct ch_store *place = &ctx->city->stores[store];
    for (uint32_t good = 0; good < CH_N_GOODS; good++) {
        double mean = place->goods >> good & 1 ? under_way(params_in(ctx, store), table, good, place->floor_m2) : 0;
        if (mean <= 0)
            continue;
        struct ch_draw draw = ch_draw(ctx, DRAW_past, store, good);
        for (; mean > 0; mean -= at_once)
            for (uint32_t n = ch_draw_poisson(&draw, mean < at_once ? mean : at_once); n > 0; n--)
                send_past(ctx, &draw, store, good);
    }
}

#endif
