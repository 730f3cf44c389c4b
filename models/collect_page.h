/* SPDX-License-Identifier: MIT
 * Private to collect.c: the shopper with the phone, looking at pages, ordering, reading the answer. */
#ifndef CH_COLLECT_PAGE_H
#define CH_COLLECT_PAGE_H

#include "collect_rows.h"

static const double certain = CH_SETTLED; /* log-odds, and utility of the store where something waits */

static uint32_t row_of_best(const struct ch_city *city, uint32_t store, uint32_t good)
{
    return city->n_apps + store * CH_N_GOODS + good;
}

static struct in_phone *phone_of(struct ch_ctx *ctx, const struct ch_person *who)
{
    return who ? ch_of_app_if_any(ctx, who) : NULL;
}

/* ---- the page ---------------------------------------------------------------------------------------------------- */

static uint32_t wanted_good(struct ch_ctx *ctx, struct ch_person *who, struct ch_draw *draw)
{
    struct ch_want want = {.n = 0};
    double weight[CH_WANTS_MAX], sum = 0;
    ch_ask_want(ctx, who, &want);
    for (unsigned i = 0; i < want.n; i++)
        sum += weight[i] = want.item[i].good == CH_GOOD_cafe ? 0 : want.item[i].weight;
    return sum > 0 ? want.item[ch_draw_weighted(draw, weight, want.n)].good : CH_NONE;
}

static bool page_shows(struct ch_ctx *ctx, struct ch_person *who, uint32_t store, uint32_t good)
{
    struct ch_shelf shelf = {.store = store, .good = good, .only_looking = true, .available = true};
    ch_ask_shelf(ctx, who, &shelf);
    return shelf.available;
}

/* The best store whose page shows the good, the second best included. */
static uint32_t store_found(struct ch_ctx *ctx, struct ch_person *who, uint32_t good)
{
    struct ch_pick pick = {.from = ch_here(ctx), .good = good, .exclude = CH_NONE, .store = CH_NONE};
    for (int tries = 0; tries < 2; tries++) {
        ch_ask_pick(ctx, who, &pick);
        if (pick.store == CH_NONE)
            return CH_NONE;
        bool shows = page_shows(ctx, who, pick.store, good);
        ch_ratio(ctx, PROBE_page_availability, shows, 1);
        if (shows)
            return pick.store;
        pick.exclude = pick.store;
    }
    return CH_NONE;
}

static double rank_of(const struct ch_ctx *ctx, uint32_t store, uint32_t good)
{
    int64_t most = 0, own = ch_published(ctx, row_of_best(ctx->city, store, good));
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        int64_t other = ch_published(ctx, row_of_best(ctx->city, store, g));
        most = other > most ? other : most;
    }
    return most > 0 ? (double)own / (double)most : 0;
}

static void send_order(struct ch_ctx *ctx, uint32_t store, const struct order *order)
{
    struct ch_slot slot[2];
    memcpy(slot, order, sizeof slot);
    ch_send_slots(ctx, MSG_reserve, ctx->city->stores[store].node, store, CH_LOOKAHEAD, 0, slot);
}

/* To be sent home from this store: false without couriers. What is promised is learnt by them (M21), or a factor. */
static bool quote_into(struct ch_ctx *ctx, struct ch_person *who, uint32_t store, struct order *order)
{
    const struct collect_params *p = ch_params_of(ctx);
    struct ch_quote quote = {.store = store, .home = ctx->city->people[order->person].home, .depot = CH_NONE};
    if (quote.home != ctx->city->stores[store].node)
        ch_ask_quote(ctx, who, &quote);
    order->ship = quote.offered;
    order->depot = quote.depot;
    order->fee = quote.fee;
    order->minutes = (float)(quote.minutes * (quote.promise > 0 ? quote.promise : p->ship_promise));
    return quote.offered;
}

static void look_at_page(struct ch_ctx *ctx, struct ch_person *who, struct in_phone *phone)
{
    const struct collect_params *p = ch_params_of(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_page, who->id, ch_occasion_leg(who));
    if (!ch_draw_chance(&draw, p->views))
        return;
    double luck = ch_draw_uniform(&draw), ship = ch_draw_uniform(&draw);
    uint32_t good = wanted_good(ctx, who, &draw), store;
    if (good == CH_NONE)
        return;
    ch_add(ctx, PROBE_page_views, 1);
    if ((store = store_found(ctx, who, good)) == CH_NONE ||
        luck >= ch_logistic(ch_logit(p->reserves) + p->best * rank_of(ctx, store, good)))
        return;
    struct ch_draw show = ch_draw(ctx, DRAW_show, who->id, ch_occasion_leg(who));
    *phone = (struct in_phone){.store = store,
                               .state = ASKED,
                               .good = (uint8_t)good,
                               .number = (uint8_t)(phone->number + 1u),
                               .no_show = ch_draw_chance(&show, p->no_show) ? 1 : 0};
    struct order order = {.person = who->id,
                          .depot = CH_NONE,
                          .asked = ch_now(ctx),
                          .good = (uint8_t)good,
                          .number = phone->number,
                          .occasion = ch_occasion_leg(who)};
    if (ship < p->ship)
        quote_into(ctx, who, store, &order);
    ch_add(ctx, PROBE_reservations, 1);
    send_order(ctx, store, &order);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

static void on_told(struct ch_ctx *ctx, const struct ch_event *ev)
{
    ch_publish(ctx, ch_app_number(ctx->city, ev->dest), (int64_t)ev->payload);
}

static void tell(struct ch_ctx *ctx, const struct order *order, enum outcome outcome, uint32_t store, ch_cents cents)
{
    ch_send(ctx, MSG_told, ctx->city->people[order->person].home, order->person, CH_LOOKAHEAD,
            row_of(order->number, outcome, store, cents));
}

static void read_answer(struct ch_ctx *ctx, struct ch_person *who, struct in_phone *phone)
{
    uint64_t row = (uint64_t)ch_published(ctx, ch_app_number(ctx->city, who->id));
    enum outcome outcome = (enum outcome)(row >> 8 & 15);
    if (phone->state != ASKED || (row & 255) != phone->number || !outcome)
        return;
    uint32_t store = (uint32_t)(row >> 12 & 0xffffff);
    struct ch_sale sale = {.person = who->id,
                           .store = store,
                           .retailer = ctx->city->stores[store].retailer,
                           .good = phone->good,
                           .motive = CH_PLANNED,
                           .paid = (ch_cents)(row >> 36),
                           .issuer = CH_NONE,
                           .wish = CH_NONE,
                           .origin = CH_NONE,
                           .delivered = true,
                           .at = ch_now(ctx)};
    phone->state = outcome == OUT_READY && !phone->no_show ? READY : NOTHING;
    phone->store = store;
    if (outcome == OUT_SHIPPED)
        ch_tell_supplied_away(ctx, who, &sale);
}

static void on_activity_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    struct in_phone *phone = phone_of(ctx, who);
    if (!phone)
        return;
    read_answer(ctx, who, phone);
    if (act->purpose == CH_FOR_HOME && phone->state == NOTHING && (who->needs || who->wishes))
        look_at_page(ctx, who, phone);
}

static void on_activity_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    struct in_phone *phone = phone_of(ctx, who);
    (void)act;
    if (phone)
        read_answer(ctx, who, phone);
}

#endif
