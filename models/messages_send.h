/* SPDX-License-Identifier: MIT
 * Private to messages.c, where the mechanism is explained: rules, caps, and the sending of a message. */
#ifndef CH_MESSAGES_SEND_H
#define CH_MESSAGES_SEND_H

#include "messages_fact.h"

static struct wares wares_of(uint32_t store, uint32_t good)
{
    return (struct wares){.store = store & (STORES_MAX - 1), .good = (uint8_t)good};
}

static bool same_wares(struct wares wares, uint32_t store, uint32_t good) { return wares.store == store && wares.good == good; }

static uint64_t flight_id(const struct phone *phone) { return (uint64_t)phone->id[1] << 32 | phone->id[0]; }

static ch_time flight_lands(const struct phone *phone) { return phone->sent * FLIGHT_UNIT + CH_LOOKAHEAD; }

static unsigned sent_by(const struct phone *phone, uint32_t sender)
{
    for (unsigned i = 0; i < SENDERS; i++)
        if (phone->by_sender[i] && phone->sender[i] == sender)
            return phone->by_sender[i];
    return 0;
}

/* Are the caps that no sender escapes reached? */
static bool is_full(const struct ch_policy *policy, const struct phone *phone)
{
    return (policy->per_visit && phone->stay >= policy->per_visit) || (policy->per_day && phone->today >= policy->per_day);
}

/* A fixed volume of v a week: v/7 a day, rounded up or down by chance, so that v is met on average. */
static bool rationed(const struct ch_ctx *ctx, const struct ch_person *who, const struct phone *phone)
{
    const struct messages_params *p = ch_params_of(ctx);
    if (p->volume < 0)
        return false;
    struct ch_draw draw = ch_draw(ctx, DRAW_ration, who->id, ch_occasion_day(who));
    return phone->today >= (unsigned)(p->volume / 7 + ch_draw_uniform(&draw));
}

/* Does one more message of this sender stay within the caps? A phone tells four senders a day apart; under a cap per
 * retailer a fifth one stays silent. */
static bool within_caps(const struct ch_policy *policy, const struct phone *phone, uint32_t sender)
{
    if (is_full(policy, phone))
        return false;
    unsigned n = sent_by(phone, sender);
    return !policy->per_retailer_day || (n ? (int)n < policy->per_retailer_day : !phone->by_sender[SENDERS - 1]);
}

static void count_sent(struct phone *phone, uint32_t sender)
{
    phone->stay = (uint8_t)(phone->stay + (phone->stay < UINT8_MAX));
    phone->today = (uint8_t)(phone->today + (phone->today < UINT8_MAX));
    for (unsigned i = 0; i < SENDERS; i++) {
        if (phone->by_sender[i] && phone->sender[i] != sender)
            continue;
        phone->sender[i] = (uint16_t)sender;
        phone->by_sender[i] = (uint8_t)(phone->by_sender[i] + (phone->by_sender[i] < UINT8_MAX));
        return;
    }
}

/* Consent that a message of this rule rests on: of a forced one what it should have had. */
static int level_due(const struct ch_policy *policy, const struct ch_rule *rule)
{
    return policy->forced ? rule->level : rule->floor;
}

static void send_offer(struct look *look)
{
    struct ch_ctx *ctx = look->ctx;
    const struct messages_params *p = ch_params_of(ctx);
    const struct ch_rule *rule = look->rule;
    struct phone *phone = look->phone;
    bool matched = rule->subject == CH_SUBJECT_wish;
    struct ch_offer offer = {.id = look->occasion ^ rule->tag,
                             .sender = look->sender,
                             .store = look->store,
                             .good = look->good,
                             .wish = matched ? look->wish.best.slot : CH_NONE,
                             .origin = matched ? look->wish.best.origin : CH_NONE,
                             .channel = rule->channel,
                             .rule = (uint16_t)look->index,
                             .level = level_due(ctx->policy, rule),
                             .discount_bp = rule->discount_bp,
                             .relevance = look->wished ? look->wish.match : 0,
                             .sent = look->at,
                             .until = look->at + rule->valid,
                             .pooled = matched && look->wish.pooled,
                             .matched = look->agent};
    bool fits = permitted(look);
    count_sent(phone, look->sender);
    phone->id[0] = (uint32_t)offer.id;
    phone->id[1] = (uint32_t)(offer.id >> 32);
    phone->sent = (uint32_t)((look->at + FLIGHT_UNIT - 1) / FLIGHT_UNIT);
    phone->wares = wares_of(look->store, look->good);
    phone->rule = (uint8_t)(look->index | (offer.pooled ? POOLED : 0u));
    look->who->expecting = 1;
    int held = ch_level_open_to(ctx, look->who, look->sender);
    ch_add(ctx, PROBE_messages_sent, 1);
    ch_ratio(ctx, PROBE_compliance_rate, (held >= offer.level || look->agent) && phone->today <= p->patience && fits, 1);
    ch_add(ctx, PROBE_messages_below_consent, held < offer.level && !look->agent);
    ((struct corner *)ch_of_place(ctx))->sent++;
    ch_pay(ctx, look->who, CH_ACC_RETAILER + look->sender, CH_ACC_WORLD, p->cost, CH_REASON_message);
    ch_tell_offer_sent(ctx, look->who, &offer);
}

static bool may_send(struct ch_ctx *ctx, struct ch_person *who, uint32_t retailer, int floor)
{
    return ctx->city->retailers[retailer].sponsor && (!floor || ch_level_open_to(ctx, who, retailer) >= floor);
}

/* One of all that may send, by size; CH_NONE if nobody may. */
static uint32_t draw_among(struct ch_ctx *ctx, struct ch_person *who, int floor, struct ch_draw *draw)
{
    const struct ch_city *city = ctx->city;
    double u = ch_draw_uniform(draw), total = 0;
    for (int pass = 0; pass < 2; pass++) {
        double left = u * total;
        for (uint32_t r = 0; r < city->n_retailers; r++) {
            if (!may_send(ctx, who, r, floor))
                continue;
            if (pass == 0)
                total += city->retailers[r].size;
            else if ((left -= city->retailers[r].size) < 0)
                return r;
        }
    }
    return CH_NONE;
}

/* A platform's slot goes to one of the sponsors that hold the consent the rule needs, in proportion to size. A few tries among
 * all sponsors usually find one, with the same law; only then all are asked. */
static uint32_t draw_sender(struct ch_ctx *ctx, struct ch_person *who, int floor, uint64_t occasion)
{
    enum { TRIES = 4 }; /* one block of random words */
    const struct tables *t = ch_table(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_sender, who->id, occasion);
    for (int i = 0; i < TRIES && t->n_sponsors; i++) {
        double u = ch_unit(ch_draw_u32(&draw)) * t->up_to[t->n_sponsors - 1];
        uint32_t k = 0;
        while (k + 1 < t->n_sponsors && u >= t->up_to[k])
            k++;
        if (may_send(ctx, who, t->sponsor[k], floor))
            return t->sponsor[k];
    }
    return draw_among(ctx, who, floor, &draw);
}

/* Evaluates one rule in a fresh look; sends and says so when it fires. */
static bool fires(struct look *look, unsigned index)
{
    const struct ch_policy *policy = look->ctx->policy;
    const struct ch_rule *rule = look->rule = &policy->rule[index];
    if (rule->floor > (look->agent ? 2 : look->who->consent))
        return false;
    look->index = index;
    if (look->sender == CH_NONE)
        look->sender = draw_sender(look->ctx, look->who, look->agent ? 0 : rule->floor, look->occasion ^ rule->tag);
    if (look->sender == CH_NONE || !look->ctx->city->retailers[look->sender].sponsor ||
        !within_caps(policy, look->phone, look->sender))
        return false;
    for (unsigned i = 0; i < rule->n_conditions; i++)
        if (!holds(look, &rule->condition[i]))
            return false;
    if (!settle(look) || (look->agent && !permitted(look))) /* an agent keeps to the rules of whom it serves */
        return false;
    send_offer(look);
    return true;
}

/* First rule of the trigger that fires; consent already read by this sender is not read again. */
static bool trigger(const struct look *first, enum ch_trigger trigger)
{
    const struct ch_policy *policy = first->ctx->policy;
    int granted = 0;
    if (!(policy->triggers >> trigger & 1) || is_full(policy, first->phone) || rationed(first->ctx, first->who, first->phone))
        return false;
    struct ch_agent_query agent = {.acts = false};
    ch_ask_agent(first->ctx, first->who, &agent);
    for (unsigned i = 0; i < policy->n_rules && !first->phone->sent; i++) {
        if (policy->rule[i].trigger != trigger)
            continue;
        struct look look = *first;
        look.agent = agent.acts && policy->rule[i].floor > 0;
        look.granted = first->sender == CH_NONE ? 0 : granted;
        if (look.agent && look.granted < 2)
            look.granted = 2;
        if (fires(&look, i))
            return true;
        granted = look.granted;
    }
    return false;
}

#endif
