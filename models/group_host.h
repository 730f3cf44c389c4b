/* SPDX-License-Identifier: MIT
 * Private to group_deals.c, where the mechanism is explained: the store that opens a deal, counts who joins, and ends it. */
#ifndef CH_GROUP_HOST_H
#define CH_GROUP_HOST_H

#include "group_rows.h"

struct host { /* of a store */
    struct deal deal;
    uint32_t inside, peak; /* people; at most, while the mob meets */
    uint32_t opened, valid, failed;
    uint32_t joined, coupons, void_joins; /* coupons: joins of valid deals that are over */
};

static void announce(struct ch_ctx *ctx, uint32_t store, const struct host *host) { ch_publish(ctx, store, packed(&host->deal)); }

/* Looks again when `at` has come. */
static void look_later(struct ch_ctx *ctx, uint32_t store, const struct host *host, ch_time at)
{
    ch_send(ctx, MSG_look, ch_here(ctx), store, at > ch_now(ctx) ? at - ch_now(ctx) : 1, host->deal.opened);
}

static void start_store(struct ch_ctx *ctx, uint32_t store)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    const struct ch_store *place = &ctx->city->stores[store];
    if (p->hosts == 0 || ctx->city->retailers[place->retailer].sponsor)
        ch_send(ctx, MSG_opening, ch_here(ctx), store, place->opens > 0 ? place->opens : CH_DAY, 0);
}

static void open_deal(struct ch_ctx *ctx, uint32_t store, struct host *host, enum phase phase)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    host->deal = (struct deal){.opened = (uint32_t)(ch_now(ctx) / CH_MINUTE), .phase = phase};
    announce(ctx, store, host);
    if (phase == PRIVATE) {
        ch_add(ctx, PROBE_private_sales_opened, 1);
        ch_ratio(ctx, PROBE_private_margin, 0, 1);
        look_later(ctx, store, host, ends_at(p, &host->deal));
    } else {
        host->opened++;
        host->peak = 0;
        ch_add(ctx, PROBE_deals_opened, 1);
        ch_ratio(ctx, PROBE_deal_margin, 0, 1);
        look_later(ctx, store, host, opened_at(&host->deal) + p->deadline);
    }
}

static void on_opening(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    const struct ch_store *store = &ctx->city->stores[ev->dest];
    struct host *host = ch_of_store(ctx, ev->dest);
    ch_send(ctx, MSG_opening, ch_here(ctx), ev->dest, CH_DAY, 0);
    if (host->deal.phase != NO_DEAL || !ch_store_trades(ctx->world, store, ch_now(ctx)))
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_open, ev->dest, ch_day_of(ch_now(ctx)));
    bool deal = ch_draw_chance(&draw, p->deals / 7), sale = ch_draw_chance(&draw, p->private_sales / 7);
    if (deal) {
        open_deal(ctx, ev->dest, host, GATHERING);
    } else if (sale) {
        double hours = ch_seconds(store->closes - store->opens - p->private_lasts);
        ch_time delay = hours > 0 ? ch_time_of_seconds(ch_draw_uniform(&draw) * hours) : 0;
        ch_send(ctx, MSG_private_opens, ch_here(ctx), ev->dest, delay > 0 ? delay : 1, 0);
    }
}

static void on_private_opens(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct host *host = ch_of_store(ctx, ev->dest);
    CH_ASSERT(host->deal.phase == NO_DEAL);
    open_deal(ctx, ev->dest, host, PRIVATE);
}

static void become_valid(struct ch_ctx *ctx, uint32_t store, struct host *host)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    host->deal.phase = VALID;
    host->deal.starts = mob_start(p, &host->deal, ch_now(ctx));
    host->valid++;
    ch_add(ctx, PROBE_deals_valid, 1);
    ch_ratio(ctx, PROBE_deal_success, 1, 1);
    look_later(ctx, store, host, ends_at(p, &host->deal));
}

/* Joins are sent in time to arrive before the deadline, so there is a deal. */
static void on_join(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    struct host *host = ch_of_store(ctx, ev->dest);
    CH_ASSERT(is_joinable(p, &host->deal, ch_now(ctx)) && host->deal.opened == ev->payload);
    host->joined++;
    host->deal.n++;
    ch_add(ctx, PROBE_deal_joins, 1);
    if (host->deal.phase == GATHERING && host->deal.n >= needed(ctx->city, p))
        become_valid(ctx, ev->dest, host);
    announce(ctx, ev->dest, host);
}

static void close_deal(struct ch_ctx *ctx, uint32_t store, struct host *host)
{
    host->deal = (struct deal){.phase = NO_DEAL};
    announce(ctx, store, host);
}

/* A deal in the making fails at its deadline; a valid one ends with the later one of deadline and mob. */
static void on_look(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    struct host *host = ch_of_store(ctx, ev->dest);
    if (host->deal.phase == NO_DEAL || host->deal.opened != ev->payload)
        return;
    if (host->deal.phase == GATHERING) {
        host->failed++;
        host->void_joins += host->deal.n;
        ch_ratio(ctx, PROBE_deal_success, 0, 1);
    } else if (ch_now(ctx) < ends_at(p, &host->deal) || is_joinable(p, &host->deal, ch_now(ctx))) {
        return;
    } else if (host->deal.phase == VALID) {
        host->coupons += host->deal.n;
        ch_observe(ctx, PROBE_mob_peak_presence, host->peak);
    }
    close_deal(ctx, ev->dest, host);
}

static void count_inside(struct ch_ctx *ctx, struct host *host, int change)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    bool mob = host->deal.phase == VALID && is_on(p, &host->deal, ch_now(ctx));
    host->inside = (uint32_t)((int64_t)host->inside + change);
    if (mob && host->inside > host->peak)
        host->peak = host->inside;
}

#endif
