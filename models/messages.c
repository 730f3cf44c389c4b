/* SPDX-License-Identifier: MIT
 * M14 Messages: evaluates the policy where the shopper stands, and follows each message to its end.
 *
 * A trigger (beacon heard, screen noticed, store entered, push due) goes through the policy's rules in order; the first rule
 * whose conditions all hold sends, if its caps are free. Only sponsors send, only to phones with their app. Facts are looked up
 * lazily, public ones first, else in the order written; personal ones only through ch_may_read with the sender as controller.
 * Evaluating is never an event.
 *
 *   sent -> in flight (one per phone) -> delivered at the next node, or by a timer when the body stands still, at least 10 s
 *   later; consent is checked again there, a withdrawal in between blocks it. sent = delivered + blocked + in flight.
 *   relevance   rel = max(best open wish: match x desire; affinity x season x weather fit x 2), as the person feels it
 *   unwanted    rel < 0.3, or more messages today than the person puts up with, or against the person's own rules (`admit`);
 *               never what was asked for by a tap or a scan
 *   opened      P = p_ch (0.3 + 1.4 rel) (1 - F_m); F_m grows by 0.1 per message, half-life 3 d (fades once a day)
 *   taken       the decision to go: L(logit q_ch + 2.5 disc), or with an open wish of desire D for the good
 *               L(-2.5 + 2 D + 2.5 disc + 1[dist <= 200 m]) (controlled impulse, M07); only if the store is open on arrival
 *   redeemed    a sale of that good in that store while the coupon is valid; an opened message leaves its coupon in the wallet,
 *               so those who would have come anyway redeem as well
 * Weather fit of a good = clip(0.5 + heat w + rain r, 0, 1), w = clip((T - 12 C)/10, -1, 1), r = 1 in rain. Affinity is the share
 * of past purchases in the category, seen through 4 average ones. Sources: M14 of the model reference. */
#include "messages_push.h"

/* ---- triggers ---------------------------------------------------------------------------------------------------- */

static uint64_t occasion_of(const struct ch_person *who, enum ch_trigger trigger, uint32_t what)
{
    return ch_occasion_step(who) | (uint64_t)(trigger & 3u) << 62 | (uint64_t)(trigger >> 2) << 57 | (uint64_t)(what & 511) << 48;
}

static bool reachable(const struct ch_ctx *ctx, const struct ch_person *who)
{
    return ctx->policy->n_rules > 0 && who->device & CH_APP;
}

static void on_detected(struct ch_ctx *ctx, struct ch_person *who, struct ch_detection *heard)
{
    if (!reachable(ctx, who))
        return;
    struct look look =
        look_at(ctx, who, heard->controller, heard->store, CH_NONE, occasion_of(who, CH_TRIGGER_beacon, heard->beacon));
    look.at = heard->at;
    trigger(&look, CH_TRIGGER_beacon);
}

static void on_noticed(struct ch_ctx *ctx, struct ch_person *who, struct ch_notice *notice)
{
    if (!reachable(ctx, who))
        return;
    struct look look =
        look_at(ctx, who, notice->retailer, CH_NONE, notice->good, occasion_of(who, CH_TRIGGER_screen, notice->screen));
    trigger(&look, CH_TRIGGER_screen);
}

static bool stands(const struct ch_person *who)
{
    return who->zone != CH_IN_STREET && who->zone != CH_AT_STOP && who->zone != CH_IN_RIDE;
}

static void on_cued(struct ch_ctx *ctx, struct ch_person *who, struct ch_cue *cue)
{
    if (!reachable(ctx, who))
        return;
    struct look look = look_at(ctx, who, cue->controller, cue->store, cue->good, occasion_of(who, cue->trigger, cue->what));
    look.at = cue->at;
    if (trigger(&look, cue->trigger) && stands(who)) {
        disarm(ctx, who, look.phone);
        arm(ctx, who, look.phone, CH_TIME_MAX);
    }
}

/* ---- delivery ---------------------------------------------------------------------------------------------------- */

static void keep_coupon(struct phone *phone, const struct ch_offer *offer)
{
    unsigned i = phone->coupon_until[1] < phone->coupon_until[0];
    for (unsigned k = 0; k < COUPONS; k++)
        if (phone->coupon_until[k] && same_wares(phone->coupon[k], offer->store, offer->good))
            i = k;
    phone->coupon_until[i] = (uint32_t)(offer->until / CH_SECOND);
    phone->coupon[i] = wares_of(offer->store, offer->good);
    phone->coupon_rule[i] = (uint8_t)(offer->rule | (offer->pooled ? POOLED : 0u));
}

/* Is this coupon valid for that good in that store? */
static bool is_valid(const struct phone *phone, unsigned k, ch_time now, uint32_t store, uint32_t good)
{
    return phone->coupon_until[k] * CH_SECOND >= now && same_wares(phone->coupon[k], store, good);
}

/* The message as it lands, with the wish it meets now. */
static struct ch_offer landed(struct ch_ctx *ctx, struct ch_person *who, const struct phone *phone, struct ch_wish_query *wish)
{
    unsigned index = phone->rule & ~(unsigned)POOLED;
    const struct ch_rule *rule = &ctx->policy->rule[index];
    ch_time sent = phone->sent * FLIGHT_UNIT;
    struct wares wares = phone->wares;
    *wish = (struct ch_wish_query){
        .reader = CH_NONE, .good = wares.good, .store = wares.store, .owner = true, .best = {.slot = CH_NONE}};
    ch_ask_wish(ctx, who, wish);
    struct ch_relevance felt = {
        .good = wares.good, .retailer = ctx->city->stores[wares.store].retailer, .store = wares.store, .level = 3};
    ch_ask_relevance(ctx, who, &felt);
    bool met = wish->best.slot != CH_NONE;
    return (struct ch_offer){.id = flight_id(phone),
                             .sender = felt.retailer,
                             .store = felt.store,
                             .good = felt.good,
                             .wish = met ? wish->best.slot : CH_NONE,
                             .origin = met ? wish->best.origin : CH_NONE,
                             .channel = rule->channel,
                             .rule = (uint16_t)index,
                             .level = level_due(ctx->policy, rule),
                             .discount_bp = rule->discount_bp,
                             .relevance = met ? ch_clip(wish->match, felt.value, 1) : felt.value,
                             .sent = sent,
                             .until = sent + rule->valid,
                             .pooled = (phone->rule & POOLED) != 0};
}

static bool goes(struct ch_ctx *ctx, const struct ch_person *who, const struct ch_offer *offer, const struct ch_wish_query *wish)
{
    const struct messages_params *p = ch_params_of(ctx);
    const struct ch_store *store = &ctx->city->stores[offer->store];
    double metres = ch_distance_m(ctx->city, who->node, store->node);
    ch_time arrives = ch_now(ctx) + ch_time_of_seconds(ch_walk_s(ctx, who, who->node, store->node));
    struct ch_draw draw = ch_draw(ctx, DRAW_take, who->id, offer->id);
    double desire = offer->wish != CH_NONE ? wish->best.desire : -1;
    bool willing = ch_draw_chance(&draw, take_probability(p, offer->channel, (double)offer->discount_bp / 1e4, desire, metres));
    return willing && offer->store != who->store && open_at(ctx->world, store, arrives) && arrives < offer->until;
}

/* Who taps or scans wants the answer. */
static bool was_asked_for(enum ch_channel channel) { return channel == CH_CHANNEL_tap || channel == CH_CHANNEL_code; }

/* Takes the message out of the air: blocked, or delivered, judged, perhaps opened. True if the shopper goes for it: the
 * caller then tells so, last of all, since it may move the person. */
static bool deliver(struct ch_ctx *ctx, struct ch_person *who, struct phone *phone, struct ch_offer *offer)
{
    const struct messages_params *p = ch_params_of(ctx);
    struct corner *corner = ch_of_place(ctx);
    struct ch_wish_query wish;
    *offer = landed(ctx, who, phone, &wish);
    phone->sent = 0;
    struct ch_admit admit = admission(ctx, who,
                                      (struct ch_admit){.sender = offer->sender,
                                                        .store = offer->store,
                                                        .good = offer->good,
                                                        .discount_bp = offer->discount_bp,
                                                        .today = phone->today,
                                                        .at = ch_now(ctx),
                                                        .landed = true});
    bool below = offer->level && !admit.delegated && ch_level_open_to(ctx, who, offer->sender) < offer->level;
    if (below && !ctx->policy->forced) {
        ch_add(ctx, PROBE_messages_blocked, 1);
        corner->blocked++;
        return false;
    }
    offer->unwanted =
        !was_asked_for(offer->channel) && (offer->relevance < p->welcome || phone->today > p->patience || admit.refused || below);
    struct ch_draw draw = ch_draw(ctx, DRAW_open, who->id, offer->id);
    bool opened = ch_draw_chance(&draw, open_probability(p, phone, offer->channel, offer->relevance));
    double tired = phone->fatigue + 1000 * p->fatigue;
    phone->fatigue = (uint16_t)(tired < 1000 ? tired : 1000);
    corner->delivered++;
    ch_add(ctx, PROBE_messages_delivered, 1);
    ch_observe(ctx, PROBE_relevance_mean, (int64_t)(offer->relevance * 1000 + 0.5));
    ch_ratio(ctx, PROBE_relevant_share, offer->relevance >= p->welcome, 1);
    ch_ratio(ctx, PROBE_unwanted_per_person_week, offer->unwanted, 0);
    ch_send(ctx, MSG_delivered, ch_here(ctx), who->id, 0,
            offer->sender | (ctx->policy->rule[offer->rule].tag & 0xffff) << 32 | (uint64_t)offer->unwanted << 48 |
                (uint64_t)opened << 49);
    if (offer->unwanted)
        ch_tell_offer_unwanted(ctx, who, offer);
    if (!opened)
        return false;
    corner->opened++;
    ch_add(ctx, PROBE_messages_opened, 1);
    keep_coupon(phone, offer);
    ch_tell_offer_opened(ctx, who, offer);
    return goes(ctx, who, offer, &wish);
}

/* The person may be in the next street by now: only the map is touched. */
static void on_delivered(struct ch_ctx *ctx, const struct ch_event *ev)
{
    (void)ev;
    ch_add_map(ctx, PROBE_messages_map, 1);
}

static void take(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    ch_add(ctx, PROBE_offers_taken, 1);
    ch_tell_offer_taken(ctx, who, offer);
}

/* ---- what is due ------------------------------------------------------------------------------------------------ */

/* What is due now, standing or at a node. True if an offer is taken. */
static bool attend(struct ch_ctx *ctx, struct ch_person *who, struct phone *phone, struct ch_offer *offer)
{
    bool taken = phone->sent && flight_lands(phone) <= ch_now(ctx) && deliver(ctx, who, phone, offer);
    send_pushes(ctx, who, phone);
    who->expecting = phone->sent || phone->push;
    return taken;
}

static void on_due(struct ch_ctx *ctx, const struct ch_event *ev)
{
    if (!*link_to(ctx, ev->dest))
        return; /* gone, with the timer still running */
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct phone *phone = ch_of_app(ctx, who);
    if (phone->timers != ev->payload)
        return; /* gone and come back: another timer is pending */
    struct ch_offer offer;
    disarm(ctx, who, phone);
    bool taken = attend(ctx, who, phone, &offer);
    arm(ctx, who, phone, CH_TIME_MAX);
    if (taken)
        take(ctx, who, &offer);
}

/* ---- the person's day -------------------------------------------------------------------------------------------- */

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)day;
    ch_ratio(ctx, PROBE_unwanted_per_person_week, 0, 1);
    if (!reachable(ctx, who))
        return;
    const struct messages_params *p = ch_params_of(ctx);
    struct phone *phone = ch_of_app(ctx, who);
    phone->fatigue = (uint16_t)(phone->fatigue * ch_pow(0.5, 1.0 / p->fatigue_half_life));
    phone->today = 0;
    memset(phone->by_sender, 0, sizeof phone->by_sender);
    disarm(ctx, who, phone);
    next_push(ctx, who, phone, 0);
    arm(ctx, who, phone, CH_TIME_MAX);
}

static void on_life_event(struct ch_ctx *ctx, struct ch_person *who, struct ch_life_event *event)
{
    if (!reachable(ctx, who))
        return;
    struct phone *phone = ch_of_app(ctx, who);
    phone->life_good = (uint8_t)event->good;
    phone->life_day = (uint16_t)(who->day + 1);
}

static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    (void)leg;
    if (!reachable(ctx, who))
        return;
    struct phone *phone = ch_of_app(ctx, who);
    disarm(ctx, who, phone);
    phone->stay = 0;
}

static void count_walker(struct corner *corner, ch_time now)
{
    uint32_t period = (uint32_t)(now / CROWD_PERIOD);
    if (corner->period != period) {
        corner->before = corner->period + 1 == period ? corner->count : 0;
        corner->count = 0;
        corner->period = period;
    }
    corner->count = (uint16_t)(corner->count + (corner->count < UINT16_MAX));
}

/* At a screen that may have something to show. */
__attribute__((noinline)) static void look_up(struct ch_ctx *ctx, struct ch_person *who)
{
    struct ch_offer offer;
    if (attend(ctx, who, ch_of_app(ctx, who), &offer))
        take(ctx, who, &offer);
}

/* Every crossing comes here: the place's record is left alone unless a rule wants to know. */
static void on_node_reached(struct ch_ctx *ctx, struct ch_person *who, struct ch_node *node)
{
    (void)node;
    if (ch_policy_tests(ctx->policy, CH_FACT_crowd))
        count_walker(ch_of_place(ctx), ch_now(ctx));
    if (who->expecting)
        look_up(ctx, who);
}

static void on_activity_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *activity)
{
    if (!reachable(ctx, who))
        return;
    struct phone *phone = ch_of_app(ctx, who);
    if (!phone->armed)
        arm(ctx, who, phone, activity->until);
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct ch_policy *policy = ctx->policy;
    uint32_t retailer = ctx->city->stores[visit->store].retailer;
    if (!(who->device & CH_APP) || !ctx->city->retailers[retailer].sponsor)
        return;
    struct ch_ask ask = {.controller = retailer, .benefit = policy->benefit};
    if (policy->asks)
        ch_ask_ask(ctx, who, &ask);
    struct look look = look_at(ctx, who, retailer, visit->store, CH_NONE, occasion_of(who, CH_TRIGGER_entrance, visit->store));
    look.phone->stay = 0;
    if (trigger(&look, CH_TRIGGER_entrance)) {
        disarm(ctx, who, look.phone);
        arm(ctx, who, look.phone, CH_TIME_MAX);
    }
}

/* A yes may let pushes through that were out of the question this morning; one that is overdue stays so. */
static void on_consent_changed(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent *consent)
{
    (void)consent;
    if (!reachable(ctx, who))
        return;
    struct phone *phone = ch_of_app(ctx, who);
    ch_time clock = ch_now(ctx) - who->day * CH_DAY;
    unsigned now = clock > 0 ? (unsigned)(clock / (PUSH_UNIT_S * CH_SECOND)) : 0;
    next_push(ctx, who, phone, phone->push && phone->push <= now ? phone->push - 1u : now);
}

static void answer_terms(struct ch_ctx *ctx, struct ch_person *who, struct ch_terms *terms)
{
    if (terms->spent || !reachable(ctx, who))
        return;
    const struct phone *phone = ch_of_app(ctx, who);
    for (unsigned k = 0; k < COUPONS; k++) {
        if (!is_valid(phone, k, ch_now(ctx), terms->store, terms->good))
            continue;
        const struct ch_rule *rule = &ctx->policy->rule[phone->coupon_rule[k] & ~(unsigned)POOLED];
        struct ch_wish_query wish = {
            .reader = CH_NONE, .good = terms->good, .store = terms->store, .owner = true, .best = {.slot = CH_NONE}};
        terms->offered = true;
        if (rule->discount_bp > terms->coupon_bp) {
            terms->coupon_bp = rule->discount_bp;
            terms->issuer = ctx->city->stores[terms->store].retailer;
        }
        ch_ask_wish(ctx, who, &wish);
        if (wish.best.slot == CH_NONE)
            continue;
        terms->wish = wish.best.slot;
        terms->origin = wish.best.origin;
        terms->desire = wish.best.desire;
        terms->pooled = (phone->coupon_rule[k] & POOLED) != 0;
    }
}

/* A coupon in the wallet for another store makes one go on. */
static void answer_more(struct ch_ctx *ctx, struct ch_person *who, struct ch_more *more)
{
    const struct messages_params *p = ch_params_of(ctx);
    bool holds_one = false;
    if (!reachable(ctx, who))
        return;
    const struct phone *phone = ch_of_app(ctx, who);
    for (unsigned k = 0; k < COUPONS; k++)
        holds_one |= phone->coupon_until[k] * CH_SECOND > ch_now(ctx) && phone->coupon[k].store != more->store;
    more->logit += holds_one ? p->onward : 0;
}

static void answer_relevance(struct ch_ctx *ctx, struct ch_person *who, struct ch_relevance *asked)
{
    const struct tables *t = ch_table(ctx);
    const struct ch_world_day *day = ch_today(ctx->world, ch_now(ctx));
    double taste = asked->level >= 3 ? affinity(ch_of_person(ctx, who), t->share, asked->good) : t->share[asked->good];
    double value = taste * ch_clip((double)day->demand[asked->good], 0, 2) * 2 *
                   ch_weather_fit(ctx->world, &ctx->city->goods[asked->good], ch_now(ctx));
    asked->value = ch_clip(value, asked->value, 1);
}

/* Is it a rule of path promotion: for those who come from a partner? */
static bool follows_path(const struct ch_rule *rule)
{
    bool follows = false;
    for (unsigned i = 0; i < rule->n_conditions; i++)
        follows |= rule->condition[i].fact == CH_FACT_just_visited;
    return follows;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    count_purchase(ch_of_person(ctx, who), sale->good);
    if (!(who->device & CH_APP))
        return;
    struct phone *phone = ch_of_app(ctx, who);
    for (unsigned k = 0; k < COUPONS; k++) {
        if (!is_valid(phone, k, ch_now(ctx), sale->store, sale->good))
            continue;
        phone->coupon_until[k] = 0;
        ((struct corner *)ch_of_place(ctx))->redeemed++;
        ch_add(ctx, PROBE_messages_redeemed, 1);
        if (follows_path(&ctx->policy->rule[phone->coupon_rule[k] & ~(unsigned)POOLED]))
            ch_add(ctx, PROBE_cross_store_sales, sale->paid);
    }
}

/* ---- before and after a run -------------------------------------------------------------------------------------- */

static void tabulate_sponsors(struct ch_setup *setup, struct tables *t)
{
    const struct ch_city *city = setup->city;
    double size = 0;
    t->n_sponsors = 0;
    t->sponsor = ch_setup_alloc(setup, city->n_retailers + 1u, sizeof *t->sponsor);
    t->up_to = ch_setup_alloc(setup, city->n_retailers + 1u, sizeof *t->up_to);
    for (uint32_t r = 0; r < city->n_retailers; r++) {
        if (!city->retailers[r].sponsor)
            continue;
        size += city->retailers[r].size;
        t->sponsor[t->n_sponsors] = r;
        t->up_to[t->n_sponsors++] = size;
    }
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    struct tables *t = ch_setup_alloc(setup, 1, sizeof *t);
    double rate = 0;
    if (city->n_stores > STORES_MAX)
        ch_setup_refuse(setup, (struct ch_blame){.param = "city.stores"}, "at most %d, which phones can name", STORES_MAX);
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        rate += city->goods[g].rate;
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        t->share[g] = rate > 0 ? city->goods[g].rate / rate : 0;
    t->of = ch_stores_by_retailer(setup);
    tabulate_sponsors(setup, t);
    return t;
}

/* No message is lost or doubled: sent = delivered + blocked + in flight, redeemed <= opened <= delivered. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    int64_t sent = 0, ended = 0, delivered = 0, opened = 0, redeemed = 0, flying = 0;
    uint32_t here = ctx->lane.place;
    for (ctx->lane.place = 0; ctx->lane.place < ctx->city->n_places; ctx->lane.place++) {
        const struct corner *corner = ch_of_place(ctx);
        sent += corner->sent;
        ended += corner->delivered + corner->blocked;
        delivered += corner->delivered;
        opened += corner->opened;
        redeemed += corner->redeemed;
    }
    ctx->lane.place = here;
    for (uint32_t i = 0; i < ctx->city->n_people; i++)
        if (ctx->people[i].device & CH_APP)
            flying += ((const struct phone *)ch_of_app(ctx, &ctx->people[i]))->sent != 0;
    if (sent != ended + flying || redeemed > opened || opened > delivered)
        ch_fail(audit->error, CH_INTERNAL,
                "messages: %lld sent, %lld delivered or blocked, %lld in flight; %lld opened, %lld redeemed", (long long)sent,
                (long long)ended, (long long)flying, (long long)opened, (long long)redeemed);
}

extern const struct ch_model ch_model_messages;
const struct ch_model ch_model_messages = {
    .name = "messages",
    .title = "Messages by policy, and what becomes of them",
    .mechanism = "M14",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .person_size = sizeof(struct habits),
    .app_size = sizeof(struct phone),
    .place_size = sizeof(struct corner),
    .tabulate = tabulate,
    .audit = audit,
    .on_day_begins = on_day_begins,
    .on_leg_begins = on_leg_begins,
    .on_life_event = on_life_event,
    .on_node_reached = on_node_reached,
    .on_activity_begins = on_activity_begins,
    .on_detected = on_detected,
    .on_noticed = on_noticed,
    .on_cued = on_cued,
    .on_visit_begins = on_visit_begins,
    .on_consent_changed = on_consent_changed,
    .on_sale = on_sale,
    .answer_terms = answer_terms,
    .answer_more = answer_more,
    .answer_relevance = answer_relevance,
};
