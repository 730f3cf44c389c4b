/* SPDX-License-Identifier: MIT
 * Private to visit.c: from the decision to buy to the sale. Where nobody plays tills (question `checkout`) that is one moment.
 * Else what is wanted goes into a basket: units leave the shelf (`hold`), the whole basket queues up, the stay is prolonged
 * (`stay_moved`), and a message per line waits with the sale in its slots until it is paid; who gives up puts the goods back. */
#ifndef CH_VISIT_TILL_H
#define CH_VISIT_TILL_H

#include "visit_back.h"

struct line {
    struct ch_sale sale;
    bool took; /* a unit, off the shelf */
};

struct basket {
    unsigned n;
    struct line line[ITEMS];
};

/* One visit, while its end is played. */
struct stay {
    struct ch_person *who;
    struct ch_visit visit;
    uint64_t occasion; /* trip and store, the item's 6 bits free */
    const struct ch_store *store;
    uint32_t wanted;       /* goods of open needs and of wishes ripe to be bought */
    uint32_t ripe;         /* slots of these wishes */
    struct basket *basket; /* NULL: no tills, sales are made at once */
    double share;          /* of the usual price */
    uint32_t spent;        /* goods in the basket with the coupon of an offer */
    bool set_aside;        /* the unit found last was kept for this shopper */
};

/* Trip, 18 bits of the store, 6 bits of the item: the same visit on the same trip meets the same draws under every policy. */
static uint64_t occasion_of(const struct ch_person *who, uint32_t store)
{
    return ch_occasion_trip(who) | (uint64_t)(store & 0x3ffffu) << 6;
}

static void close_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    ch_tell_sale(ctx, who, sale);
    pay(ctx, who, sale, 1);
    maybe_return(ctx, sale, occasion_of(who, sale->store) | sale->item);
}

static void put_in_basket(struct ch_ctx *ctx, struct stay *stay, const struct ch_sale *sale)
{
    struct ch_hold hold = {.store = sale->store, .good = sale->good, .what = CH_HOLD_TAKE, .took = sale->held};
    if (!sale->held)
        ch_tell_hold(ctx, stay->who, &hold);
    CH_ASSERT(stay->basket->n < ITEMS);
    stay->basket->line[stay->basket->n++] = (struct line){*sale, hold.took};
}

/* ---- payload: item 6 bits | good planned 4 | took, gives up, last, diverted | seconds from entry to then 32 ---------------- */

enum { TOOK = 1 << 10, GIVES_UP = 1 << 11, LAST = 1 << 12, DIVERTED = 1 << 13 };

static uint64_t line_payload(const struct stay *stay, const struct line *line, bool gives_up, bool last, ch_time done)
{
    uint64_t flags =
        (line->took ? TOOK : 0u) | (gives_up ? GIVES_UP : 0u) | (last ? LAST : 0u) | (stay->visit.diverted ? DIVERTED : 0u);
    return line->sale.item | (uint64_t)(stay->visit.good & 15u) << 6 | flags |
           (uint64_t)((done - stay->visit.entered) / CH_SECOND) << 32;
}

/* False: nothing to pay, or nowhere to queue. */
static bool queue_up(struct ch_ctx *ctx, struct stay *stay)
{
    struct basket *basket = stay->basket;
    if (!basket || !basket->n)
        return false;
    struct ch_checkout till = {.store = stay->visit.store, .lines = basket->n, .done = ch_now(ctx) + 1};
    ch_ask_checkout(ctx, stay->who, &till);
    for (unsigned i = 0; i < basket->n; i++) {
        struct ch_slot slot[2];
        pack_sale(&basket->line[i].sale, slot);
        ch_send_slots(ctx, MSG_paid, ch_here(ctx), stay->who->id, till.done - ch_now(ctx),
                      line_payload(stay, &basket->line[i], till.gives_up, i + 1 == basket->n, till.done), slot);
    }
    struct ch_activity stays = {.store = stay->visit.store, .node = ch_here(ctx), .until = till.done + TILL};
    ch_tell_stay_moved(ctx, stay->who, &stays);
    return true;
}

static bool has_tills(struct ch_ctx *ctx, struct ch_person *who, uint32_t store)
{
    struct ch_checkout till = {.store = store};
    ch_ask_checkout(ctx, who, &till);
    return till.queues;
}

/* Consent may have been withdrawn in the queue. */
static bool still_attributed(struct ch_ctx *ctx, struct ch_person *who, const struct ch_sale *sale)
{
    struct ch_pool_query query = {.origin = sale->origin, .partner = sale->retailer};
    if (!sale->attributed)
        return false;
    ch_ask_pool(ctx, who, &query);
    return query.shared && ch_may_read(ctx, who, sale->origin, 2);
}

static void put_back(struct ch_ctx *ctx, struct ch_person *who, const struct ch_sale *sale)
{
    struct ch_hold hold = {.store = sale->store, .good = sale->good, .what = CH_HOLD_PUT_BACK};
    ch_tell_hold(ctx, who, &hold);
}

static void on_paid(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    uint32_t planned = (uint32_t)(ev->payload >> 6 & 15);
    ch_time took = (ch_time)(ev->payload >> 32) * CH_SECOND;
    struct ch_sale sale;
    unpack_sale(ctx->city, ch_event_slots(ev), &sale);
    sale.person = who->id;
    sale.item = ev->payload & 63;
    sale.held = ev->payload & TOOK;
    if (ev->payload & GIVES_UP) {
        if (sale.held)
            put_back(ctx, who, &sale);
    } else {
        sale.at = ch_now(ctx);
        sale.attributed = still_attributed(ctx, who, &sale);
        close_sale(ctx, who, &sale);
    }
    struct ch_visit visit = {.store = sale.store,
                             .good = planned < CH_N_GOODS ? planned : CH_NONE,
                             .entered = ch_now(ctx) > took ? ch_now(ctx) - took : 0,
                             .diverted = ev->payload & DIVERTED,
                             .bought = !(ev->payload & GIVES_UP)};
    if (ev->payload & LAST)
        ch_tell_visit_ends(ctx, who, &visit);
}

#endif
