/* SPDX-License-Identifier: MIT
 * M22, the shopper's side of it: the page on the phone, click and collect, ship from store, fitting rooms.
 *
 * page     Who comes home with the app and wants something looks at a page with probability `views`: the store is chosen as for a
 *          trip, its page shows what stock published (book >= safety); if it is not there, the next best store's page is seen.
 * reserve  With log-odds logit(reserves) + best x rank the item is asked for; rank is 1 for the store's best-seller and 0 for
 *          what nobody tries and buys. It is to be collected, or sent home if couriers quote a price.
 * pick     The store promises the unit (the page counts it no more) and fetches it `pick` later, in opening hours. Somebody may
 *          have bought it in the meantime, or the record was wrong: then the order is passed on, once, to the nearest store
 *          whose page shows the item, for collection or by courier, or is cancelled.
 * collect  The answer is published for the phone (one row per person with the app, owned by the home). Who has something ready
 *          wants it above all, goes to that store on the next trip for shopping, and pays there as for any item. No-shows and
 *          what is not collected within `keep` go back to the shelf. Who collects buys more with probability `extra`.
 * ship     Is paid when it leaves, at the price of the day; needs and purse learn of it when the phone does.
 *
 * Fitting rooms: a planned piece of clothing is tried on with probability `tried`, and bought accordingly. Best-sellers are what
 * is tried and bought, each counted e^(-age / memory). Sources: see the rows. */
#include "collect_page.h"

CH_WANTED_IF_ACTIVE

static uint32_t rows(const struct ch_city *city) { return city->n_apps + city->n_stores * CH_N_GOODS; }

/* ---- the store --------------------------------------------------------------------------------------------------- */

/* The store is open from then on: now, or its next opening; a pop-up that will not open again is emptied the next day. */
static ch_time open_from(const struct ch_ctx *ctx, uint32_t s, ch_time t)
{
    const struct ch_store *store = &ctx->city->stores[s];
    if (ch_store_open(ctx->world, store, t))
        return t;
    ch_time day = ch_time_floor(t, CH_DAY) + (ch_time_of_day(t) < store->opens ? 0 : CH_DAY), next = day;
    for (int tries = 0; tries < 8 && !ch_store_trades(ctx->world, store, next); tries++) /* Sundays and holidays in a row */
        next += CH_DAY;
    return (ch_store_trades(ctx->world, store, next) ? next : day) + store->opens;
}

static void hold(struct ch_ctx *ctx, uint32_t store, uint32_t good, enum ch_holding what, struct ch_hold *answer)
{
    *answer = (struct ch_hold){.store = store, .good = good, .what = what};
    ch_tell_hold(ctx, NULL, answer);
}

static void cancel(struct ch_ctx *ctx, uint32_t store, const struct order *order)
{
    struct counter *counter = ch_of_store(ctx, store);
    counter->cancelled++;
    ch_add(ctx, PROBE_reservations_void, 1);
    tell(ctx, order, OUT_CANCELLED, store, 0);
}

static void on_reserve(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, ev->dest);
    struct counter *counter = ch_of_store(ctx, ev->dest);
    struct order order;
    memcpy(&order, ch_event_slots(ev), sizeof order);
    unsigned i = 0;
    while (i < SLIPS && counter->slip[i].state != FREE)
        i++;
    counter->came++;
    if (i == SLIPS) {
        cancel(ctx, ev->dest, &order);
        return;
    }
    struct ch_hold answer;
    hold(ctx, ev->dest, order.good, CH_HOLD_PROMISE, &answer);
    counter->slip[i] = (struct slip){order, TO_PICK};
    ch_time from = open_from(ctx, ev->dest, ch_now(ctx));
    ch_send(ctx, MSG_pick, ch_here(ctx), ev->dest, from - ch_now(ctx) + p->pick, i);
}

/* Sold in absence: it leaves by courier now. */
static void ship(struct ch_ctx *ctx, uint32_t store, const struct order *order)
{
    struct counter *counter = ch_of_store(ctx, store);
    struct ch_away away = {
        .person = order->person, .store = store, .good = order->good, .occasion = order->occasion | (uint64_t)1 << 63};
    ch_tell_bought_away(ctx, NULL, &away);
    struct ch_parcel parcel = {.person = order->person,
                               .home = ctx->city->people[order->person].home,
                               .store = store,
                               .node = ch_here(ctx),
                               .ordered = ch_now(ctx),
                               .promised = ch_now(ctx) + ch_time_of_seconds((double)order->minutes * 60),
                               .value = away.paid,
                               .fee = order->fee,
                               .depot = order->depot & 0xffffff,
                               .marks = CH_PARCEL_FEE_ONLY,
                               .courier = CH_NONE,
                               .order = ch_mix(away.occasion ^ ch_mix(order->person))};
    struct ch_slot slot[2];
    memcpy(slot, &parcel, sizeof slot);
    ch_send_letter(ctx, CH_LETTER_order, ctx->city->first_dispatch + order->depot, order->person, CH_LOOKAHEAD, parcel.order,
                   slot);
    ch_pay(ctx, NULL, CH_ACC_SHOPPERS, CH_ACC_DISPATCH, order->fee, CH_REASON_delivery);
    counter->shipped++;
    ch_add(ctx, PROBE_shipped, 1);
    ch_add(ctx, PROBE_shipped_sales, away.paid);
    tell(ctx, order, OUT_SHIPPED, store, away.paid);
}

/* The nearest other store whose page shows the item, the first among equals. */
static uint32_t nearest_with(struct ch_ctx *ctx, uint32_t store, uint32_t good)
{
    const struct ch_city *city = ctx->city;
    uint32_t best = CH_NONE;
    double best_m = 2000;
    for (uint32_t s = 0; s < city->n_stores; s++) {
        double m = ch_distance_m(city, city->stores[s].node, ch_here(ctx));
        if (s != store && m < best_m && city->stores[s].goods >> good & 1 &&
            ch_store_lives(&city->stores[s], ch_day_of(ch_now(ctx))) && page_shows(ctx, NULL, s, good)) {
            best = s;
            best_m = m;
        }
    }
    return best;
}

static void pick_failed(struct ch_ctx *ctx, uint32_t store, struct order *order)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, store);
    struct counter *counter = ch_of_store(ctx, store);
    struct ch_draw draw = ch_draw(ctx, DRAW_fate, order->person, order->occasion);
    double u = ch_draw_uniform(&draw);
    uint32_t other = order->hops || u >= p->reroute + p->courier ? CH_NONE : nearest_with(ctx, store, order->good);
    order->hops = 1;
    order->ship = 0;
    if (other == CH_NONE || (u >= p->reroute && !quote_into(ctx, NULL, other, order))) {
        cancel(ctx, store, order);
        return;
    }
    counter->passed_on++;
    ch_add(ctx, PROBE_rerouted, 1);
    send_order(ctx, other, order);
}

static void set_aside(struct ch_ctx *ctx, uint32_t store, unsigned i)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, store);
    struct counter *counter = ch_of_store(ctx, store);
    const struct order *order = &counter->slip[i].order;
    counter->slip[i].state = KEPT;
    ch_ratio(ctx, PROBE_ready_in_time, ch_now(ctx) - open_from(ctx, store, order->asked) <= p->promise, 1);
    ch_ratio(ctx, PROBE_no_show_rate, 0, 1);
    tell(ctx, order, OUT_READY, store, 0);
    ch_send(ctx, MSG_expire, ch_here(ctx), store, p->keep, (uint64_t)order->person << 32 | (uint64_t)order->number << 8 | i);
}

static void on_pick(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct counter *counter = ch_of_store(ctx, ev->dest);
    struct slip *slip = &counter->slip[ev->payload];
    struct order order = slip->order;
    struct ch_hold answer;
    CH_ASSERT(slip->state == TO_PICK);
    hold(ctx, ev->dest, order.good, CH_HOLD_UNPROMISE, &answer);
    hold(ctx, ev->dest, order.good, CH_HOLD_TAKE, &answer);
    ch_ratio(ctx, PROBE_pick_success, answer.took, 1);
    if (answer.took && !order.ship) {
        set_aside(ctx, ev->dest, (unsigned)ev->payload);
        return;
    }
    slip->state = FREE;
    if (answer.took) {
        ship(ctx, ev->dest, &order);
        return;
    }
    ch_add(ctx, PROBE_pick_record_failures, answer.recorded);
    pick_failed(ctx, ev->dest, &order);
}

static void on_expire(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct counter *counter = ch_of_store(ctx, ev->dest);
    struct slip *slip = &counter->slip[ev->payload & 255];
    struct ch_hold answer;
    if (slip->state != KEPT || slip->order.person != ev->payload >> 32 || slip->order.number != (ev->payload >> 8 & 255))
        return;
    slip->state = FREE;
    counter->expired++;
    ch_ratio(ctx, PROBE_no_show_rate, 1, 0);
    hold(ctx, ev->dest, slip->order.good, CH_HOLD_PUT_BACK, &answer);
}

/* ---- the visit that collects ------------------------------------------------------------------------------------- */

static bool waits_in(const struct in_phone *phone, uint32_t store, uint32_t good)
{
    return phone && phone->state == READY && phone->store == store && phone->good == good;
}

/* The slip of who stands here, NULL if it has expired. */
static struct slip *slip_of(struct ch_ctx *ctx, const struct ch_person *who, const struct in_phone *phone)
{
    struct counter *counter = ch_of_store(ctx, phone->store);
    for (unsigned i = 0; i < SLIPS; i++) {
        struct slip *slip = &counter->slip[i];
        if ((slip->state == KEPT || slip->state == GIVEN) && slip->order.person == who->id && slip->order.number == phone->number)
            return slip;
    }
    return NULL;
}

static void answer_kept(struct ch_ctx *ctx, struct ch_person *who, struct ch_kept *kept)
{
    struct in_phone *phone = phone_of(ctx, who);
    if (!waits_in(phone, kept->store, kept->good))
        return;
    struct slip *slip = slip_of(ctx, who, phone);
    phone->state = slip ? IN_HAND : NOTHING;
    if (!slip)
        return;
    slip->state = GIVEN;
    kept->held = true;
}

/* Back to the shelf after all: the queue was too long. */
static void on_hold(struct ch_ctx *ctx, struct ch_person *who, struct ch_hold *hold)
{
    struct in_phone *phone = phone_of(ctx, who);
    if (hold->what != CH_HOLD_PUT_BACK || !phone || phone->state != IN_HAND || phone->store != hold->store ||
        phone->good != hold->good)
        return;
    struct counter *counter = ch_of_store(ctx, hold->store);
    slip_of(ctx, who, phone)->state = FREE;
    phone->state = NOTHING;
    counter->cancelled++;
    ch_add(ctx, PROBE_reservations_void, 1);
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    struct in_phone *phone = phone_of(ctx, who);
    (void)visit;
    if (!phone)
        return;
    CH_ASSERT(phone->state != IN_HAND);
    if (phone->state == COLLECTED)
        phone->state = NOTHING;
}

static void answer_want(struct ch_ctx *ctx, struct ch_person *who, struct ch_want *want)
{
    const struct in_phone *phone = phone_of(ctx, who);
    if (!phone || phone->state != READY || want->n == CH_WANTS_MAX)
        return;
    want->item[want->n].good = phone->good;
    want->item[want->n].weight = 1000;
    want->item[want->n++].wish = CH_NONE;
}

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct in_phone *phone = phone_of(ctx, who);
    appeal->bounded++;
    if (!phone || phone->state != READY || phone->good != appeal->good)
        return;
    appeal->most += certain;
    for (unsigned i = 0; i < appeal->n; i++)
        appeal->u[i] += waits_in(phone, appeal->store[i], appeal->good) ? certain : 0;
}

static void answer_extra(struct ch_ctx *ctx, struct ch_person *who, struct ch_extra *extra)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, extra->store);
    const struct in_phone *phone = phone_of(ctx, who);
    if (!phone || (phone->state != IN_HAND && phone->state != COLLECTED) || phone->store != extra->store)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_extra, who->id, ch_occasion_trip(who) | (extra->store & 0xffffffu));
    if (ch_draw_chance(&draw, p->extra))
        extra->share = p->extra_basket;
}

/* ---- fitting rooms ----------------------------------------------------------------------------------------------- */

static bool is_tried(struct ch_ctx *ctx, const struct ch_person *who, uint32_t store, uint32_t good)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, store);
    struct ch_draw draw = ch_draw(ctx, DRAW_tried, who->id, ch_occasion_trip(who) | (uint64_t)(store & 0x3ffffu) << 6 | good);
    return ch_draw_chance(&draw, p->tried);
}

static bool has_fitting(const struct ch_ctx *ctx, uint32_t store, uint32_t good)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, store);
    return p->fitting && (good == CH_GOOD_clothing || good == CH_GOOD_shoes);
}

static void answer_urge(struct ch_ctx *ctx, struct ch_person *who, struct ch_urge *urge)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, urge->store);
    if (urge->motive != CH_PLANNED)
        return;
    if (waits_in(phone_of(ctx, who), urge->store, urge->good))
        urge->logit += certain;
    else if (has_fitting(ctx, urge->store, urge->good))
        urge->logit += is_tried(ctx, who, urge->store, urge->good) ? p->tried_odds : p->untried_odds;
}

/* Best-sellers fade together, so that their order needs no clock. */
static void count_best(struct ch_ctx *ctx, uint32_t store, uint32_t good)
{
    const struct collect_params *p = ch_item_params(ctx, CH_ITEM_STORE, store);
    struct counter *counter = ch_of_store(ctx, store);
    uint32_t now = (uint32_t)(ch_now(ctx) / CH_MINUTE);
    float left = (float)ch_exp(-(double)(now - counter->best_at) * (double)CH_MINUTE / (double)p->memory);
    counter->best_at = now;
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        counter->best[g] = counter->best[g] * left + (g == good ? 1 : 0);
        if (counter->best[g] > 0)
            ch_publish(ctx, row_of_best(ctx->city, store, g), (int64_t)((double)counter->best[g] * 1e6));
    }
    ch_add(ctx, PROBE_tried_and_bought, 1);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    struct in_phone *phone = phone_of(ctx, who);
    if (who && sale->motive == CH_PLANNED && has_fitting(ctx, sale->store, sale->good) &&
        is_tried(ctx, who, sale->store, sale->good))
        count_best(ctx, sale->store, sale->good);
    if (!phone || (phone->state != IN_HAND && phone->state != COLLECTED) || phone->store != sale->store)
        return;
    if (phone->state != IN_HAND || !sale->held || phone->good != sale->good) {
        ch_add(ctx, PROBE_collect_sales, sale->paid);
        return;
    }
    struct counter *counter = ch_of_store(ctx, sale->store);
    slip_of(ctx, who, phone)->state = FREE;
    phone->state = COLLECTED;
    counter->collected++;
    ch_add(ctx, PROBE_collected, 1);
}

/* ---- conservation ------------------------------------------------------------------------------------------------ */

/* Every order that came to a store is done with, or has its slip. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        const struct counter *counter = ch_of_store(ctx, s);
        uint32_t open = 0;
        for (unsigned i = 0; i < SLIPS; i++)
            open += counter->slip[i].state != FREE;
        uint32_t done = counter->collected + counter->shipped + counter->passed_on + counter->cancelled + counter->expired;
        if (counter->came != done + open)
            ch_fail(audit->error, CH_INTERNAL, "store %s: %u orders came, %u are done, %u are open", ctx->city->stores[s].id,
                    counter->came, done, open);
    }
}

extern const struct ch_model ch_model_collect;
const struct ch_model ch_model_collect = {
    .name = "collect",
    .title = "Live pages, click and collect, ship from store",
    .mechanism = "M22",
    .items = CH_HEEDS(STORE),
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .app_size = sizeof(struct in_phone),
    .store_size = sizeof(struct counter),
    .rows = rows,
    .audit = audit,
    .on_activity_begins = on_activity_begins,
    .on_activity_ends = on_activity_ends,
    .on_hold = on_hold,
    .on_sale = on_sale,
    .on_visit_ends = on_visit_ends,
    .answer_kept = answer_kept,
    .answer_want = answer_want,
    .answer_appeal = answer_appeal,
    .answer_urge = answer_urge,
    .answer_extra = answer_extra,
};
