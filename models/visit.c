/* SPDX-License-Identifier: MIT
 * M07: what happens inside a store: planned purchases, impulses, and controlled impulses.
 *
 * A visit lasts a lognormal time T. What is bought is chosen one second before its end, and paid at once or, where there are
 * tills, after their queue (see visit_till.h). Chances are logistic in log-odds L that any model may add to (question `urge`);
 * here we add
 *     planned:     L = logit(conversion_g) + gamma_p disc                    (wishes add gamma_D D, the budget may forbid)
 *     controlled:  L = -2.5 + 2.0 D + 2.5 disc + 1.0 near                    (inside the store, `near` is 1)
 *     impulse:     L = gamma_p disc
 * disc is the share of the price that markdown and coupon take off, D match times desire (0..1) of a wish for the item that came
 * to mind; the desire of a ripe one is 1.
 * Assistance and till queues come from others, or are neutral. At reference (disc = D = 0) a planned visit buys with
 * `conversion`.
 * Impulses: Poisson(2 nu) candidates per visit, each with even odds at reference, so that nu = `impulse` are bought.
 *
 * Nothing is counted twice. Each good of the store is looked at once with intent: by the planned law the good that the visit
 * is for (the trip's, or that of the offer that drew the shopper in) and every other one with an open need or a ripe wish; by the
 * law of the controlled impulse those for which an offer was seen that meets an open wish. Candidates of the impulse law come
 * on top and never carry a wish. What an offer draws people in to buy is labelled by what it met: CONTROLLED if an open
 * wish, PLANNED if an open need, else IMPULSE.
 *
 * Empty shelf: another item of the good with .40 (the base stock stands for the wanted item only); else the need stays open,
 * and with .30 of all this store is not considered for the good for a while (that is the trip to another store); M05 drops
 * needs. Returns: decided with the sale, by motive; the item comes back whole days later, and the very cents flow back. What was
 * sold before time 0 comes back as well: Poisson numbers by good, in proportion to floor, at full price.
 * Snacks: who needs one and walks past an open cafe, or spends leisure where there is one, buys it with a fixed chance. It takes
 * no time and is a sale without a visit.
 *
 * Price: lognormal of the good's mean basket and cv, times the store's price level, and in sales a factor for trading up (people
 * spend what they always spend); markdown off it, coupon off the rest.
 *
 * Sources: conversion 20-40 %: trade benchmarks; unplanned share 20 %: Bell, Corsten & Knox; other effects assumed (M07). */
#include "visit_till.h"

/* ---- set-up and start -------------------------------------------------------------------------------------------- */

static const void *tabulate(struct ch_setup *setup)
{
    struct visit_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    for (int g = 0; g < CH_N_GOODS; g++) {
        const struct ch_good_facts *good = &setup->city->goods[g];
        table->sigma[g] = price_sigma(good->cv);
        table->median[g] = price_median((double)good->basket, good->cv);
        table->logit[g] = ch_logit(good->conversion);
    }
    uint8_t *cafe = ch_setup_alloc(setup, setup->city->n_nodes / 8 + 1, 1);
    for (uint32_t s = 0; s < setup->city->n_stores && setup->error->code == CH_OK; s++)
        if (setup->city->stores[s].goods >> CH_GOOD_cafe & 1)
            cafe[setup->city->stores[s].node / 8] |= (uint8_t)(1u << setup->city->stores[s].node % 8);
    table->cafe = cafe;
    tabulate_past(setup, table);
    return table;
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    struct visitor *visitor = ch_of_person(ctx, who);
    visitor->avoided = CH_NONE;
}

/* ---- buying ------------------------------------------------------------------------------------------------------ */

static struct ch_terms terms_of(struct ch_ctx *ctx, const struct stay *stay, uint32_t good)
{
    struct ch_terms terms = plain_terms(stay->visit.store, good);
    terms.spent = stay->spent >> good & 1;
    ch_ask_terms(ctx, stay->who, &terms);
    return terms;
}

static void recall_wants(struct ch_ctx *ctx, struct stay *stay)
{
    struct ch_want want;
    want.n = 0; /* the rest is large, and written before it is read */
    ch_ask_want(ctx, stay->who, &want);
    for (unsigned i = 0; i < want.n; i++) {
        stay->wanted |= 1u << want.item[i].good;
        stay->ripe |= want.item[i].wish < 32 ? 1u << want.item[i].wish : 0;
    }
}

/* A wish of the shopper's own that this store can fulfil, if the offer named none: it comes to mind if it is ripe, or there is
 * an offer for the good, or by chance, as it is one item among all that the shopper might buy of the good. */
static void recall_wish(struct ch_ctx *ctx, const struct stay *stay, struct ch_terms *terms)
{
    const struct visit_params *params = params_in(ctx, terms->store);
    if (terms->wish != CH_NONE || !(stay->who->wishes >> terms->good & 1))
        return;
    struct ch_wish_query query = {
        .reader = stay->store->retailer, .good = terms->good, .store = terms->store, .owner = true, .best.slot = CH_NONE};
    ch_ask_wish(ctx, stay->who, &query);
    if (query.best.slot == CH_NONE)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_recall, stay->who->id, stay->occasion | terms->good);
    if (!ch_draw_chance(&draw, params->recall * query.match) && !terms->offered && !(stay->ripe >> query.best.slot & 1))
        return;
    terms->wish = query.best.slot;
    terms->origin = query.best.origin;
    terms->desire = stay->ripe >> query.best.slot & 1 ? query.match / query.best.desire : query.match;
}

/* Bought at a partner: the origin earns its commission if the pool shares the list and the shopper lets the origin know. */
static bool attributed(struct ch_ctx *ctx, const struct stay *stay, const struct ch_terms *terms)
{
    if (terms->wish == CH_NONE || terms->origin == CH_NONE || terms->origin == stay->store->retailer)
        return false;
    struct ch_pool_query query = {.origin = terms->origin, .partner = stay->store->retailer};
    if (!terms->pooled)
        ch_ask_pool(ctx, stay->who, &query);
    return terms->pooled || (query.shared && ch_may_read(ctx, stay->who, terms->origin, 2));
}

static void sell(struct ch_ctx *ctx, struct stay *stay, const struct ch_terms *terms, enum ch_motive motive, unsigned item)
{
    const struct visit_params *params = params_in(ctx, terms->store);
    const struct visit_table *table = ch_table(ctx);
    uint32_t good = terms->good;
    struct ch_draw draw = ch_draw(ctx, DRAW_price, stay->who->id, stay->occasion | item);
    double price = ch_draw_lognormal(&draw, table->median[good], table->sigma[good]) * stay->store->price * stay->share;
    struct ch_sale sale = {.person = stay->who->id,
                           .store = terms->store,
                           .retailer = stay->store->retailer,
                           .good = good,
                           .item = item,
                           .motive = motive,
                           .listed = whole_cents(traded_up(price, terms->markdown_bp, params->trade_up)),
                           .issuer = terms->coupon_bp > 0 ? terms->issuer : CH_NONE,
                           .wish = terms->wish,
                           .origin = terms->wish == CH_NONE ? CH_NONE : terms->origin,
                           .attributed = attributed(ctx, stay, terms),
                           .at = ch_now(ctx),
                           .held = stay->set_aside};
    set_price(&sale, terms);
    stay->set_aside = false;
    stay->visit.bought = true;
    if (stay->basket) {
        stay->spent |= (uint32_t)terms->offered << good;
        put_in_basket(ctx, stay, &sale);
        return;
    }
    ch_tell_sale(ctx, stay->who, &sale);
    pay(ctx, stay->who, &sale, 1);
    maybe_return(ctx, &sale, stay->occasion | item);
}

static bool wants_it(struct ch_ctx *ctx, const struct stay *stay, const struct ch_terms *terms, enum ch_motive motive,
                     unsigned item)
{
    struct ch_urge urge = {
        .store = terms->store, .good = terms->good, .motive = motive, .discount = discount_of(terms), .desire = terms->desire};
    ch_ask_urge(ctx, stay->who, &urge);
    struct ch_draw draw = ch_draw(ctx, DRAW_buy, stay->who->id, stay->occasion | item);
    return ch_draw_chance(&draw, ch_logistic(urge.logit));
}

static bool on_shelf(struct ch_ctx *ctx, struct stay *stay, uint32_t good)
{
    struct ch_kept kept = {.store = stay->visit.store, .good = good};
    struct ch_shelf shelf = {.store = stay->visit.store, .good = good, .available = true};
    ch_ask_kept(ctx, stay->who, &kept);
    if (!kept.held)
        ch_ask_shelf(ctx, stay->who, &shelf);
    stay->set_aside = kept.held;
    return shelf.available;
}

/* True when another item of the good will do. */
static bool meets_empty_shelf(struct ch_ctx *ctx, const struct stay *stay, uint32_t good)
{
    const struct visit_params *params = params_in(ctx, stay->visit.store);
    struct ch_draw draw = ch_draw(ctx, DRAW_shelf, stay->who->id, stay->occasion | good);
    double u = ch_draw_uniform(&draw);
    struct ch_visit visit = stay->visit;
    visit.good = good;
    visit.bought = u < params->other_item;
    ch_tell_stockout(ctx, stay->who, &visit);
    if (!visit.bought && u < params->other_item + params->other_store) {
        struct visitor *visitor = ch_of_person(ctx, stay->who);
        visitor->avoided = stay->visit.store;
        visitor->avoided_good = good & 15;
        visitor->avoided_until = (uint32_t)((ch_now(ctx) + params->avoids) / CH_MINUTE) & 0xfffffff;
    }
    return visit.bought;
}

/* The law of planned purchases, for one good. `drawn`: it is the offer for this good that drew the shopper here. */
static void buy_planned(struct ch_ctx *ctx, struct stay *stay, uint32_t good, bool drawn)
{
    struct ch_terms terms = terms_of(ctx, stay, good);
    recall_wish(ctx, stay, &terms);
    bool buys =
        wants_it(ctx, stay, &terms, CH_PLANNED, good) && (on_shelf(ctx, stay, good) || meets_empty_shelf(ctx, stay, good));
    if (!drawn)
        ch_ratio(ctx, PROBE_conversion_clothing + good, buys, 1);
    if (!buys)
        return;
    enum ch_motive motive = CH_PLANNED;
    if (drawn && terms.offered && terms.wish != CH_NONE)
        motive = CH_CONTROLLED;
    else if (drawn && !(stay->wanted >> good & 1))
        motive = CH_IMPULSE;
    sell(ctx, stay, &terms, motive, good);
}

static void buy_controlled(struct ch_ctx *ctx, struct stay *stay, uint32_t good)
{
    struct ch_terms terms = terms_of(ctx, stay, good);
    recall_wish(ctx, stay, &terms);
    if (terms.offered && terms.wish != CH_NONE && wants_it(ctx, stay, &terms, CH_CONTROLLED, ITEM_CONTROLLED + good) &&
        on_shelf(ctx, stay, good))
        sell(ctx, stay, &terms, CH_CONTROLLED, ITEM_CONTROLLED + good);
}

/* First what the visit is for, then every other good of the store that is wanted, or met by an offer. */
static void buy_with_intent(struct ch_ctx *ctx, struct stay *stay)
{
    uint32_t planned = stay->visit.good;
    if (planned != CH_NONE)
        buy_planned(ctx, stay, planned, stay->visit.diverted);
    for (uint32_t good = 0; good < CH_N_GOODS; good++) {
        if (good == planned || !(stay->store->goods >> good & 1))
            continue;
        if (stay->wanted >> good & 1)
            buy_planned(ctx, stay, good, false);
        else if (stay->who->wishes >> good & 1)
            buy_controlled(ctx, stay, good);
    }
}

/* One of the goods of a store, all alike. */
static uint32_t good_of(struct ch_draw *draw, uint32_t goods)
{
    uint32_t n = 0, good[CH_N_GOODS];
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        if (goods >> g & 1)
            good[n++] = g;
    return good[ch_draw_below(draw, n)];
}

static void buy_on_impulse(struct ch_ctx *ctx, struct stay *stay)
{
    const struct visit_params *params = params_in(ctx, stay->visit.store);
    struct ch_draw draw = ch_draw(ctx, DRAW_impulse, stay->who->id, stay->occasion), first = draw;
    if (ch_draw_uniform(&first) <= 1 - 2 * params->impulse)
        return;                                               /* the Poisson number below is 0: 1 - m <= e^-m */
    uint32_t n = ch_draw_poisson(&draw, 2 * params->impulse); /* each has even odds at reference */
    for (unsigned item = ITEM_IMPULSE; n > 0 && item < ITEM_EXTRA; n--, item++) {
        uint32_t good = good_of(&draw, stay->store->goods);
        struct ch_terms terms = terms_of(ctx, stay, good);
        terms.wish = terms.origin = CH_NONE;
        terms.desire = 0;
        if (wants_it(ctx, stay, &terms, CH_IMPULSE, item) && on_shelf(ctx, stay, good))
            sell(ctx, stay, &terms, CH_IMPULSE, item);
    }
}

/* Something small besides, for who came to fetch something. */
static void buy_extra(struct ch_ctx *ctx, struct stay *stay)
{
    struct ch_extra extra = {.store = stay->visit.store};
    ch_ask_extra(ctx, stay->who, &extra);
    if (extra.share <= 0)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_extra, stay->who->id, stay->occasion);
    struct ch_terms terms = plain_terms(stay->visit.store, good_of(&draw, stay->store->goods));
    stay->share = extra.share;
    if (on_shelf(ctx, stay, terms.good))
        sell(ctx, stay, &terms, CH_IMPULSE, ITEM_EXTRA);
}

/* ---- the visit --------------------------------------------------------------------------------------------------- */

static void enter(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    const struct visit_params *params = params_in(ctx, act->store);
    const struct ch_store *store = &ctx->city->stores[act->store];
    ch_time now = ch_now(ctx);
    CH_ASSERT(store->node == ch_here(ctx));
    if (!ch_store_open(ctx->world, store, now)) {
        ch_add(ctx, PROBE_closed_on_arrival, 1);
        act->until = now + CH_MINUTE;
        return;
    }
    struct ch_draw draw = ch_draw(ctx, DRAW_stay, who->id, occasion_of(who, act->store));
    ch_time length = ch_time_of_seconds(ch_draw_lognormal(&draw, ch_seconds(params->stay), params->stay_sd));
    ch_time closing = store->closes - ch_time_of_day(now);
    length = length > closing ? closing : length; /* nobody stays longer */
    length = length < CH_MINUTE ? CH_MINUTE : length;
    act->until = now + length;
    who->zone = CH_IN_STORE;
    who->store = act->store;
    uint32_t good = act->good < CH_N_GOODS && store->goods >> act->good & 1 ? act->good : CH_NONE;
    struct ch_visit visit = {.store = act->store, .good = good, .entered = now, .diverted = act->purpose == CH_FOR_OFFER};
    ch_observe(ctx, PROBE_visit_minutes, length * 1000 / CH_MINUTE);
    struct ch_slot slot = {{(uint64_t)visit.store << 32 | visit.good, (uint64_t)visit.entered, visit.diverted, 0}};
    ch_send_slots(ctx, MSG_browse_end, ch_here(ctx), who->id, length - TILL, 0, &slot);
    ch_tell_visit_begins(ctx, who, &visit);
}

/* In conversation: the decision waits until it is over. */
static bool is_held_up(struct ch_ctx *ctx, struct ch_person *who, const struct ch_event *ev)
{
    struct ch_engaged engaged = {.store = (uint32_t)(ch_event_slots(ev)->word[0] >> 32), .until = ch_now(ctx)};
    ch_ask_engaged(ctx, who, &engaged);
    if (engaged.until <= ch_now(ctx))
        return false;
    struct ch_activity stays = {.store = engaged.store, .node = ch_here(ctx), .until = engaged.until + TILL};
    ch_send_slots(ctx, MSG_browse_end, ch_here(ctx), who->id, engaged.until - ch_now(ctx), 0, ch_event_slots(ev));
    ch_tell_stay_moved(ctx, who, &stays);
    return true;
}

static void on_browse_end(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const uint64_t *word = ch_event_slots(ev)->word;
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct ch_visit visit = {
        .store = (uint32_t)(word[0] >> 32), .good = (uint32_t)word[0], .entered = (ch_time)word[1], .diverted = word[2] != 0};
    struct stay stay = {.who = who,
                        .visit = visit,
                        .occasion = occasion_of(who, visit.store),
                        .store = &ctx->city->stores[visit.store],
                        .share = 1};
    struct basket basket;
    basket.n = 0;
    if (is_held_up(ctx, who, ev))
        return;
    if (has_tills(ctx, who, visit.store))
        stay.basket = &basket;
    recall_wants(ctx, &stay);
    buy_with_intent(ctx, &stay);
    buy_on_impulse(ctx, &stay);
    buy_extra(ctx, &stay);
    if (!queue_up(ctx, &stay))
        ch_tell_visit_ends(ctx, who, &stay.visit);
}

/* One of the open cafes of the place, or CH_NONE: each of the n seen so far is kept with 1/n. */
static uint32_t open_cafe(struct ch_ctx *ctx, struct ch_draw *draw)
{
    const struct ch_city *city = ctx->city;
    uint32_t n = 0, found = CH_NONE, here = ch_here(ctx);
    for (uint32_t i = city->node_first_store[here]; i < city->node_first_store[here + 1]; i++) {
        uint32_t store = city->node_store[i];
        if (city->stores[store].goods >> CH_GOOD_cafe & 1 && ch_store_open(ctx->world, &city->stores[store], ch_now(ctx)) &&
            ch_draw_below(draw, ++n) == 0)
            found = store;
    }
    return found;
}

/* `moment`: the step of the leg, in 10 bits. */
static void maybe_snack(struct ch_ctx *ctx, struct ch_person *who, unsigned moment)
{
    struct stay stay = {
        .who = who, .visit.good = CH_GOOD_cafe, .occasion = ch_occasion_leg(who) | (uint64_t)(moment & 0x3ffu) << 6, .share = 1};
    struct ch_draw luck = ch_draw(ctx, DRAW_snack, who->id, stay.occasion), draw = luck;
    (void)ch_draw_u64(&draw); /* the chance, which is the cafe's own, is drawn before the cafe */
    if ((stay.visit.store = open_cafe(ctx, &draw)) == CH_NONE || !ch_draw_chance(&luck, params_in(ctx, stay.visit.store)->snack))
        return;
    stay.store = &ctx->city->stores[stay.visit.store];
    recall_wants(ctx, &stay);
    struct ch_terms terms = plain_terms(stay.visit.store, CH_GOOD_cafe);
    if (stay.wanted >> CH_GOOD_cafe & 1 && on_shelf(ctx, &stay, CH_GOOD_cafe))
        sell(ctx, &stay, &terms, CH_PLANNED, ITEM_SNACK);
}

/* At each corner, so by the filters: draws are keyed, and one that is not made changes no other. One branch for both: of the two
 * the person's wish is the one that nobody can foretell. */
static bool may_want_snack(struct ch_ctx *ctx, const struct ch_person *who)
{
    const struct visit_table *table = ch_table(ctx);
    return (who->needs | who->wishes) >> CH_GOOD_cafe & table->cafe[ch_here(ctx) / 8] >> ch_here(ctx) % 8 & 1;
}

static void on_node_reached(struct ch_ctx *ctx, struct ch_person *who, struct ch_node *node)
{
    (void)node;
    if (may_want_snack(ctx, who))
        maybe_snack(ctx, who, who->step);
}

static void on_activity_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    if (act->purpose == CH_FOR_LEISURE && may_want_snack(ctx, who))
        maybe_snack(ctx, who, 0x3ff);
    else if ((act->purpose == CH_FOR_SHOPPING || act->purpose == CH_FOR_OFFER) && act->store != CH_NONE)
        enter(ctx, who, act);
}

/* At the usual price of the day, without coupons; nobody brings it back. */
static void on_bought_away(struct ch_ctx *ctx, struct ch_person *who, struct ch_away *away)
{
    const struct visit_params *params = params_in(ctx, away->store);
    const struct visit_table *table = ch_table(ctx);
    const struct ch_store *store = &ctx->city->stores[away->store];
    struct ch_terms terms = plain_terms(away->store, away->good);
    terms.markdown_bp = away->good < CH_N_NONFOOD ? ch_today(ctx->world, ch_now(ctx))->markdown_bp : 0;
    struct ch_draw draw = ch_draw(ctx, DRAW_price, away->person, away->occasion);
    double price = ch_draw_lognormal(&draw, table->median[away->good], table->sigma[away->good]) * store->price;
    struct ch_sale sale = {.person = away->person,
                           .store = away->store,
                           .retailer = store->retailer,
                           .good = away->good,
                           .listed = whole_cents(traded_up(price, terms.markdown_bp, params->trade_up)),
                           .issuer = CH_NONE};
    set_price(&sale, &terms);
    pay(ctx, who, &sale, 1);
    away->paid = sale.paid;
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

static void answer_terms(struct ch_ctx *ctx, struct ch_person *who, struct ch_terms *terms)
{
    (void)who;
    if (terms->good < CH_N_NONFOOD)
        terms->markdown_bp += ch_today(ctx->world, ch_now(ctx))->markdown_bp;
}

static void answer_urge(struct ch_ctx *ctx, struct ch_person *who, struct ch_urge *urge)
{
    const struct visit_params *params = params_in(ctx, urge->store);
    const struct visit_table *table = ch_table(ctx);
    (void)who;
    if (urge->motive == CH_CONTROLLED)
        urge->logit += params->controlled + params->controlled_desire * urge->desire +
                       params->controlled_discount * urge->discount + params->controlled_near;
    else
        urge->logit += (urge->motive == CH_PLANNED ? table->logit[urge->good] + params->conversion_shift.v[urge->good] : 0) +
                       params->discount * urge->discount;
}

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct visitor *visitor = ch_of_person(ctx, who);
    appeal->bounded++;
    if (visitor->avoided == CH_NONE || visitor->avoided_good != appeal->good ||
        (ch_time)visitor->avoided_until * CH_MINUTE < ch_now(ctx))
        return;
    for (unsigned i = 0; i < appeal->n; i++)
        if (appeal->store[i] == visitor->avoided)
            appeal->u[i] -= 1000;
}

extern const struct ch_model ch_model_visit;
const struct ch_model ch_model_visit = {.name = "visit",
                                        .title = "what happens inside a store",
                                        .mechanism = "M07",
                                        .items = CH_HEEDS(STORE),
                                        CH_WITH_PARAMS,
                                        CH_WITH_MESSAGES,
                                        CH_WITH_PROBES,
                                        CH_WITH_DRAWS,
                                        .person_size = sizeof(struct visitor),
                                        .tabulate = tabulate,
                                        .pending = pending,
                                        .start_store = start_store,
                                        .start_person = start_person,
                                        .on_activity_begins = on_activity_begins,
                                        .on_node_reached = on_node_reached,
                                        .on_bought_away = on_bought_away,
                                        .answer_terms = answer_terms,
                                        .answer_urge = answer_urge,
                                        .answer_appeal = answer_appeal};
