/* SPDX-License-Identifier: MIT
 * M20 Group buying, and private sales limited in time and space.
 *
 * A group deal is opened by a store at its opening hour, for its main good. Shoppers with the app hear of it from the store's
 * beacon or another one at the same place, from a screen of the retailer near by, or in the store itself; a phone follows one
 * deal at a time. Who is informed joins at the hazard
 *     h = h_d D (1 + eta n/N)                         D desire, n joined so far, N = `threshold`
 * played by the common rule: a standard exponential drawn once is used up by the integral of h, looked at whenever a stay
 * begins or ends or a day begins. n is what the store publishes, so it is ten seconds old or more. Or, by `law`, by thresholds
 * as Granovetter's: once n reaches a number of one's own. With N joined before `deadline` the deal is valid: all who joined,
 * later ones as well, may use the coupon in one window, the mob, at the next `mob_at` o'clock that is `notice` away; else it is
 * void. Buyers set off so as to be there when it begins: those in the street or at leisure leave in time, the others when their
 * stay ends (day plans allow no more), for as long as the window lasts.
 *
 * A private sale begins at a random moment of the opening hours and lasts `private_lasts`. Whoever is told within
 * `private_radius` of the store meanwhile goes there with probability `private_goes` times D, and only they get the price.
 *
 * The coupon is for one purchase, part of the terms at the till, where the best of all coupons wins. No consent is needed: offers
 * are public, the phone keeps what was joined, and the store counts, but knows no names.
 *
 * Audit, daily: deals opened = valid + failed + gathering; joins sent = coupons of valid deals + void + in deals in hand + under
 * way; phones that joined the deals in hand = their counts + joins under way. Numbers without a source are assumed (M20 of the
 * model reference). */
#include "group_host.h"

enum { NOTHING, INFORMED, JOINED, GOING, USED }; /* JOINED and above hold a place in the count */

struct follower {           /* of a person with the app */
    uint32_t store, opened; /* the deal */
    uint32_t since;         /* up to when the hazard was played, s */
    float left;             /* of the exponential */
    float desire;
    uint16_t threshold;
    uint8_t stage; /* NOTHING .. USED */
    uint8_t in_private;
};

struct crossing {  /* of a place */
    uint32_t sent; /* joins */
};

struct group_table {
    struct ch_stores_of of;
};

CH_WANTED_IF_ACTIVE

static const void *tabulate(struct ch_setup *setup)
{
    struct group_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    table->of = ch_stores_by_retailer(setup);
    return table;
}

static uint32_t rows(const struct ch_city *city) { return city->n_stores; }

/* ---- the shopper -------------------------------------------------------------------------------------------------- */

static struct follower *follower_of(struct ch_ctx *ctx, const struct ch_person *who) { return ch_of_app_if_any(ctx, who); }

static struct deal deal_of(const struct ch_ctx *ctx, uint32_t store) { return unpacked(ch_published(ctx, store)); }

/* The deal followed, or none if that one is over: then the phone is free for another one. */
static struct deal followed(const struct ch_ctx *ctx, struct follower *f)
{
    struct deal deal = {.phase = NO_DEAL};
    if (f->stage == NOTHING)
        return deal;
    deal = deal_of(ctx, f->store);
    if (deal.phase == NO_DEAL || deal.opened != f->opened || (deal.phase == PRIVATE) != f->in_private) {
        f->stage = NOTHING;
        deal.phase = NO_DEAL;
    }
    return deal;
}

static double desire_for(struct ch_ctx *ctx, struct ch_person *who, uint32_t store, uint32_t good)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    if (who->needs >> good & 1)
        return 1;
    if (!(who->wishes >> good & 1))
        return p->idle;
    struct ch_wish_query query = {.reader = CH_NONE, .good = good, .store = store, .owner = true, .best.slot = CH_NONE};
    ch_ask_wish(ctx, who, &query);
    return query.best.slot != CH_NONE && query.match > p->idle ? query.match : p->idle;
}

/* Sets off: whoever plays the day sees to the rest. */
static void go(struct ch_ctx *ctx, struct ch_person *who, struct follower *f, const struct deal *deal)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    const struct ch_store *store = &ctx->city->stores[f->store];
    struct ch_offer offer = {.id = (uint64_t)f->store << 32 | f->opened,
                             .sender = store->retailer,
                             .store = f->store,
                             .good = store->good,
                             .wish = CH_NONE,
                             .origin = CH_NONE,
                             .rule = UINT16_MAX,
                             .discount_bp = (int64_t)((f->in_private ? p->private_discount : p->discount) * 10000 + 0.5),
                             .sent = ch_now(ctx),
                             .until = ends_at(p, deal)};
    f->stage = GOING;
    ch_tell_offer_taken(ctx, who, &offer);
}

static void join(struct ch_ctx *ctx, struct follower *f)
{
    f->stage = JOINED;
    ((struct crossing *)ch_of_place(ctx))->sent++;
    ch_send(ctx, MSG_join, ctx->city->stores[f->store].node, f->store, CH_LOOKAHEAD, f->opened);
}

/* Plays the hazard, or compares with the threshold, up to now. */
static void consider(struct ch_ctx *ctx, struct follower *f, const struct deal *deal)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    uint32_t now = (uint32_t)(ch_now(ctx) / CH_SECOND);
    double hours = (double)(now - f->since) / 3600;
    f->since = now;
    if (!is_joinable(p, deal, ch_now(ctx) + CH_LOOKAHEAD))
        return;
    f->left -= (float)(hours * join_hazard(p, (double)f->desire, deal->n / (double)needed(ctx->city, p)));
    if (p->law == 0 ? f->left <= 0 : follows(f->threshold, deal->n))
        join(ctx, f);
}

static ch_time walk_to(const struct ch_ctx *ctx, const struct ch_person *who, uint32_t store)
{
    return ch_time_of_seconds(ch_walk_s(ctx, who, who->node, ctx->city->stores[store].node));
}

/* What the phone has to say about the deal it follows. Returns when the shopper should leave, CH_TIME_MAX if there is no such
 * time. */
static ch_time check(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    struct follower *f = follower_of(ctx, who);
    if (!f || f->stage == NOTHING)
        return CH_TIME_MAX;
    struct deal deal = followed(ctx, f);
    if (f->stage == INFORMED)
        consider(ctx, f, &deal);
    if (f->stage != JOINED || deal.phase != VALID || ch_now(ctx) >= ends_at(p, &deal))
        return CH_TIME_MAX;
    ch_time leaves = starts_at(&deal) - walk_to(ctx, who, f->store);
    if (ch_now(ctx) < leaves)
        return leaves;
    go(ctx, who, f, &deal);
    return CH_TIME_MAX;
}

static void follow(struct ch_ctx *ctx, struct ch_person *who, uint32_t store, const struct deal *deal)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    struct follower *f = ch_of_app(ctx, who);
    struct ch_draw draw =
        ch_draw(ctx, deal->phase == PRIVATE ? DRAW_private : DRAW_join, who->id, (uint64_t)store << 32 | deal->opened);
    double desire = desire_for(ctx, who, store, ctx->city->stores[store].good);
    if (deal->phase == PRIVATE && !ch_draw_chance(&draw, p->private_goes * desire))
        return;
    *f = (struct follower){.store = store,
                           .opened = deal->opened,
                           .since = (uint32_t)(ch_now(ctx) / CH_SECOND),
                           .desire = (float)desire,
                           .stage = INFORMED,
                           .in_private = deal->phase == PRIVATE};
    if (f->in_private) {
        go(ctx, who, f, deal);
        return;
    }
    f->left = (float)ch_draw_exponential(&draw);
    f->threshold = (uint16_t)ch_draw_below(&draw, needed(ctx->city, p));
    consider(ctx, f, deal);
}

/* The phone, or a screen, tells of the deal of a store, if there is one and the phone is free for it. */
static void inform(struct ch_ctx *ctx, struct ch_person *who, uint32_t store)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    struct follower *f = follower_of(ctx, who);
    if (!f)
        return;
    struct deal deal = deal_of(ctx, store);
    double reach = deal.phase == PRIVATE ? p->private_radius : p->near;
    if (deal.phase == NO_DEAL || ch_distance_m(ctx->city, who->node, ctx->city->stores[store].node) > reach)
        return;
    (void)followed(ctx, f);
    if (f->stage != NOTHING)
        return;
    if (deal.phase == PRIVATE ? is_on(p, &deal, ch_now(ctx)) : is_joinable(p, &deal, ch_now(ctx)))
        follow(ctx, who, store, &deal);
}

static void on_detected(struct ch_ctx *ctx, struct ch_person *who, struct ch_detection *detection)
{
    const struct ch_city *city = ctx->city;
    uint32_t node = city->beacons[detection->beacon].node;
    for (uint32_t i = city->node_first_store[node]; i < city->node_first_store[node + 1]; i++)
        inform(ctx, who, city->node_store[i]);
}

static void on_noticed(struct ch_ctx *ctx, struct ch_person *who, struct ch_notice *notice)
{
    const struct group_table *table = ch_table(ctx);
    if (!(who->device & CH_APP) || notice->retailer >= ctx->city->n_retailers)
        return;
    for (uint32_t i = table->of.first[notice->retailer]; i < table->of.first[notice->retailer + 1]; i++)
        inform(ctx, who, table->of.store[i]);
}

static void on_activity_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    ch_time leaves = check(ctx, who);
    if (act->purpose == CH_FOR_LEISURE && leaves < act->until)
        act->until = leaves;
}

static void on_activity_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    (void)act;
    (void)check(ctx, who);
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)day;
    (void)check(ctx, who);
}

/* Who crosses the street looks at the phone only when the mob is about to meet. */
static void on_node_reached(struct ch_ctx *ctx, struct ch_person *who, struct ch_node *node)
{
    (void)node;
    struct follower *f = follower_of(ctx, who);
    if (f && f->stage == JOINED)
        (void)check(ctx, who);
}

/* ---- in the store ------------------------------------------------------------------------------------------------- */

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    count_inside(ctx, ch_of_store(ctx, visit->store), 1);
    inform(ctx, who, visit->store);
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    (void)who;
    count_inside(ctx, ch_of_store(ctx, visit->store), -1);
}

/* May this shopper use a coupon here and now? */
static bool holds_coupon(struct ch_ctx *ctx, struct ch_person *who, uint32_t store, uint32_t good)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    struct follower *f = follower_of(ctx, who);
    if (!f || f->store != store || (f->stage != JOINED && f->stage != GOING) || ctx->city->stores[store].good != good)
        return false;
    struct deal deal = followed(ctx, f);
    return is_on(p, &deal, ch_now(ctx));
}

static void answer_terms(struct ch_ctx *ctx, struct ch_person *who, struct ch_terms *terms)
{
    const struct group_deals_params *p = ch_params_of(ctx);
    if (terms->spent || !holds_coupon(ctx, who, terms->store, terms->good))
        return;
    const struct follower *f = ch_of_app(ctx, who);
    int64_t bp = (int64_t)((f->in_private ? p->private_discount : p->discount) * 10000 + 0.5);
    terms->offered = true;
    if (bp <= terms->coupon_bp)
        return;
    terms->coupon_bp = bp;
    terms->issuer = ctx->city->stores[terms->store].retailer;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    if (!sale->coupon || !holds_coupon(ctx, who, sale->store, sale->good))
        return;
    struct follower *f = ch_of_app(ctx, who);
    f->stage = USED;
    ch_add(ctx, f->in_private ? PROBE_private_coupons_used : PROBE_deal_coupons_used, 1);
    ch_ratio(ctx, f->in_private ? PROBE_private_margin : PROBE_deal_margin, ch_sale_margin(ctx->city, sale), 0);
}

/* ---- audit -------------------------------------------------------------------------------------------------------- */

struct ledger {
    unsigned join; /* kind of event */
    int64_t opened, ended, gathering, sent, flying, joined, over, in_hand, phones;
};

static void count_join(void *arg, const struct ch_event *ev)
{
    struct ledger *sum = arg;
    sum->flying += ch_event_kind(ev) == sum->join;
}

static void add_stores(struct ch_ctx *ctx, struct ledger *sum)
{
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        const struct host *host = ch_of_store(ctx, s);
        sum->opened += host->opened;
        sum->ended += host->valid + host->failed;
        sum->gathering += host->deal.phase == GATHERING;
        sum->joined += host->joined;
        sum->over += host->coupons + host->void_joins;
        sum->in_hand += host->deal.n;
    }
}

/* Who has joined a deal that is in hand; those of deals that are over may not have noticed yet. */
static void add_phones(struct ch_ctx *ctx, struct ledger *sum)
{
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        const struct follower *f = follower_of(ctx, &ctx->people[id]);
        if (!f || f->stage < JOINED || f->in_private)
            continue;
        const struct deal *deal = &((const struct host *)ch_of_store(ctx, f->store))->deal;
        sum->phones += deal->phase != NO_DEAL && deal->phase != PRIVATE && deal->opened == f->opened;
    }
}

static void audit_deals(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    struct ledger sum = {.join = ctx->self->first_kind + MSG_join};
    uint32_t here = ctx->lane.place;
    audit->each_pending(audit, count_join, &sum);
    for (ctx->lane.place = 0; ctx->lane.place < ctx->city->n_places; ctx->lane.place++)
        sum.sent += ((const struct crossing *)ch_of_place(ctx))->sent;
    ctx->lane.place = here;
    add_stores(ctx, &sum);
    add_phones(ctx, &sum);
    if (sum.opened != sum.ended + sum.gathering)
        ch_fail(audit->error, CH_INTERNAL, "group deals: %lld opened, but %lld decided and %lld gathering", (long long)sum.opened,
                (long long)sum.ended, (long long)sum.gathering);
    else if (sum.sent != sum.joined + sum.flying || sum.joined != sum.over + sum.in_hand ||
             sum.phones != sum.in_hand + sum.flying)
        ch_fail(audit->error, CH_INTERNAL,
                "group deals: %lld joins sent, %lld under way, %lld counted; %lld of deals that are over, %lld of deals in hand, "
                "which %lld phones follow",
                (long long)sum.sent, (long long)sum.flying, (long long)sum.joined, (long long)sum.over, (long long)sum.in_hand,
                (long long)sum.phones);
}

extern const struct ch_model ch_model_group_deals;
const struct ch_model ch_model_group_deals = {
    .name = "group_deals",
    .title = "group buying and private sales",
    .mechanism = "M20",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .app_size = sizeof(struct follower),
    .place_size = sizeof(struct crossing),
    .store_size = sizeof(struct host),
    .rows = rows,
    .tabulate = tabulate,
    .start_store = start_store,
    .audit = audit_deals,
    .on_day_begins = on_day_begins,
    .on_activity_begins = on_activity_begins,
    .on_activity_ends = on_activity_ends,
    .on_node_reached = on_node_reached,
    .on_detected = on_detected,
    .on_noticed = on_noticed,
    .on_visit_begins = on_visit_begins,
    .on_visit_ends = on_visit_ends,
    .on_sale = on_sale,
    .answer_terms = answer_terms,
};
