/* SPDX-License-Identifier: MIT
 * Private to messages.c, where the mechanism is explained: rules, caps, and the sending of a message. */
#ifndef CH_MESSAGES_SEND_H
#define CH_MESSAGES_SEND_H

#include "messages_look.h"

static struct wares wares_of(uint32_t store, uint32_t good)
{
    return (struct wares){.store = store & (STORES_MAX - 1), .good = (uint8_t)good};
}

static bool same_wares(struct wares wares, uint32_t store, uint32_t good) { return wares.store == store && wares.good == good; }

/* A rule without a name of its own is called "rule 3" when it is the third. */
static bool is_numbered(const struct ch_rule *rule, unsigned index)
{
    const char *name = rule->name;
    unsigned number = 0;
    for (const char *word = "rule "; *word; word++)
        if (*name++ != *word)
            return false;
    while (*name >= '0' && *name <= '9' && number < 1000)
        number = number * 10 + (unsigned)(*name++ - '0');
    return !*name && number == index + 1;
}

/* Its name; of a nameless one what it looks at, without the numbers, which one may want to vary. */
static uint64_t rule_print(const struct ch_rule *rule, unsigned index)
{
    uint64_t print = 1;
    if (!is_numbered(rule, index)) {
        for (const char *c = rule->name; *c; c++)
            print = ch_mix(print ^ (unsigned char)*c);
        return print;
    }
    print = ch_mix((uint64_t)rule->trigger << 32 | (uint64_t)rule->channel << 16 | (uint64_t)rule->subject);
    for (unsigned i = 0; i < rule->n_conditions; i++)
        print = ch_mix(print ^ ((uint64_t)rule->condition[i].fact << 8 | (uint64_t)rule->condition[i].compare));
    return print;
}

/* What a rule's luck hangs on: not its place in the policy, so that another rule more or less leaves it alone. Rules of one print
 * are told apart by their order. */
static uint64_t rule_tag(const struct ch_policy *policy, unsigned index)
{
    uint64_t print = rule_print(&policy->rule[index], index), twins = 0;
    for (unsigned i = 0; i < index; i++)
        twins += rule_print(&policy->rule[i], i) == print;
    return ch_mix(print + twins);
}

static uint64_t flight_id(const struct phone *phone) { return (uint64_t)phone->id[1] << 32 | phone->id[0]; }

static ch_time flight_lands(const struct phone *phone) { return phone->sent * FLIGHT_UNIT + CH_LOOKAHEAD; }

/* Consent that a rule needs to be worth evaluating: its own level, or what it demands in so many words. */
static int consent_floor(const struct ch_rule *rule)
{
    int floor = rule->level;
    for (unsigned i = 0; i < rule->n_conditions; i++) {
        const struct ch_condition *c = &rule->condition[i];
        if (c->fact == CH_FACT_consent && c->compare != CH_AT_MOST && c->compare != CH_BELOW) {
            int least = (int)(c->compare == CH_ABOVE ? c->value + 1 : c->value + 0.999);
            floor = least > floor ? least : floor;
        }
    }
    return floor;
}

static unsigned sent_by(const struct phone *phone, uint32_t sender)
{
    for (unsigned i = 0; i < SENDERS; i++)
        if (phone->by_sender[i] && phone->sender[i] == sender)
            return phone->by_sender[i];
    return 0;
}

/* Does one more message of this sender stay within the caps? A phone tells four senders a day apart; under a cap per
 * retailer a fifth one stays silent. */
static bool within_caps(const struct ch_policy *policy, const struct phone *phone, uint32_t sender)
{
    if ((policy->per_visit && phone->stay >= policy->per_visit) || (policy->per_day && phone->today >= policy->per_day))
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

static void send_offer(struct look *look)
{
    struct ch_ctx *ctx = look->ctx;
    const struct messages_params *p = ch_params_of(ctx);
    const struct ch_rule *rule = look->rule;
    struct phone *phone = look->phone;
    bool matched = rule->subject == CH_SUBJECT_wish;
    struct ch_offer offer = {.id = look->occasion ^ rule_tag(ctx->policy, look->index),
                             .sender = look->sender,
                             .store = look->store,
                             .good = look->good,
                             .wish = matched ? look->wish.best.slot : CH_NONE,
                             .origin = matched ? look->wish.best.origin : CH_NONE,
                             .channel = rule->channel,
                             .rule = (uint16_t)look->index,
                             .level = consent_floor(rule),
                             .discount_bp = rule->discount_bp,
                             .relevance = look->wished ? look->wish.match : 0,
                             .sent = look->at,
                             .until = look->at + rule->valid,
                             .pooled = matched && look->wish.pooled};
    count_sent(phone, look->sender);
    phone->id[0] = (uint32_t)offer.id;
    phone->id[1] = (uint32_t)(offer.id >> 32);
    phone->sent = (uint32_t)((look->at + FLIGHT_UNIT - 1) / FLIGHT_UNIT);
    phone->wares = wares_of(look->store, look->good);
    phone->rule = (uint8_t)(look->index | (offer.pooled ? POOLED : 0u));
    int held = (int)consent_held(ctx, look->who, look->sender);
    ch_add(ctx, PROBE_messages_sent, 1);
    ch_ratio(ctx, PROBE_compliance_rate, held >= offer.level && phone->today <= p->patience, 1);
    ((struct corner *)ch_of_place(ctx))->sent++;
    ch_pay(ctx, look->who, CH_ACC_RETAILER + look->sender, CH_ACC_WORLD, p->cost, CH_REASON_message);
    ch_tell_offer_sent(ctx, look->who, &offer);
}

/* A platform's slot goes to one of the sponsors that hold the consent the rule needs, in proportion to size. */
static uint32_t draw_sender(struct ch_ctx *ctx, struct ch_person *who, int floor, uint64_t occasion)
{
    const struct ch_city *city = ctx->city;
    struct ch_draw draw = ch_draw(ctx, DRAW_sender, who->id, occasion);
    double u = ch_draw_uniform(&draw), total = 0;
    for (int pass = 0; pass < 2; pass++) {
        double left = u * total;
        for (uint32_t r = 0; r < city->n_retailers; r++) {
            if (!city->retailers[r].sponsor || (floor && consent_held(ctx, who, r) < floor))
                continue;
            if (pass == 0)
                total += city->retailers[r].size;
            else if ((left -= city->retailers[r].size) < 0)
                return r;
        }
    }
    return CH_NONE;
}

/* Evaluates one rule in a fresh look; sends and says so when it fires. */
static bool fires(struct look *look, unsigned index)
{
    const struct ch_policy *policy = look->ctx->policy;
    const struct ch_rule *rule = look->rule = &policy->rule[index];
    int floor = consent_floor(rule);
    if (floor > look->who->consent)
        return false;
    look->index = index;
    if (look->sender == CH_NONE)
        look->sender = draw_sender(look->ctx, look->who, floor, look->occasion ^ rule_tag(policy, index));
    if (look->sender == CH_NONE || !look->ctx->city->retailers[look->sender].sponsor ||
        !within_caps(policy, look->phone, look->sender))
        return false;
    for (unsigned i = 0; i < rule->n_conditions; i++)
        if (!holds(look, &rule->condition[i]))
            return false;
    if (!settle(look))
        return false;
    send_offer(look);
    return true;
}

/* First rule of the trigger that fires; consent already read by this sender is not read again. */
static bool trigger(const struct look *first, enum ch_trigger trigger)
{
    const struct ch_policy *policy = first->ctx->policy;
    int granted = 0;
    for (unsigned i = 0; i < policy->n_rules && !first->phone->sent; i++) {
        if (policy->rule[i].trigger != trigger)
            continue;
        struct look look = *first;
        look.granted = first->sender == CH_NONE ? 0 : granted;
        if (fires(&look, i))
            return true;
        granted = look.granted;
    }
    return false;
}

#endif
