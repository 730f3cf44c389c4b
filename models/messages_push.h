/* SPDX-License-Identifier: MIT
 * Private to messages.c, where the mechanism is explained: pushes of the day, and the timers of those who stand. */
#ifndef CH_MESSAGES_PUSH_H
#define CH_MESSAGES_PUSH_H

#include "messages_send.h"

enum { PUSH_FROM_S = 9 * 3600, PUSH_SPAN_S = 12 * 3600 };

static double pushes_per_day(const struct ch_ctx *ctx, unsigned rule)
{
    const struct messages_params *p = ch_params_of(ctx);
    double all = 0;
    for (unsigned i = 0; p->volume >= 0 && i < ctx->policy->n_rules; i++)
        all += ctx->policy->rule[i].per_week;
    double share = all > 0 ? p->volume / all : 1; /* rules keep their proportions */
    return ch_clip(ctx->policy->rule[rule].per_week * share / 7, 0, 700);
}

/* A rule's first push of the day after `after` (units of 2 s), from the same draws each time; 0: none. */
static unsigned push_after(struct ch_ctx *ctx, const struct ch_person *who, unsigned rule, unsigned after)
{
    unsigned first = 0;
    struct ch_draw draw = ch_draw(ctx, DRAW_push, who->id, ch_occasion_day(who) ^ ctx->policy->rule[rule].tag);
    for (uint32_t n = ch_draw_poisson(&draw, pushes_per_day(ctx, rule)); n > 0; n--) {
        unsigned t = (unsigned)((PUSH_FROM_S + PUSH_SPAN_S * ch_draw_uniform(&draw)) / PUSH_UNIT_S);
        first = t > after && (!first || t < first) ? t : first;
    }
    return first;
}

static bool may_push(const struct ch_rule *rule, const struct ch_person *who)
{
    return rule->trigger == CH_TRIGGER_schedule && rule->floor <= who->consent;
}

/* The day's next push after `after`, of any rule that this person's consent allows. */
static void next_push(struct ch_ctx *ctx, struct ch_person *who, struct phone *phone, unsigned after)
{
    unsigned first = 0;
    for (unsigned i = 0; i < ctx->policy->n_rules; i++) {
        unsigned t = may_push(&ctx->policy->rule[i], who) ? push_after(ctx, who, i, after) : 0;
        first = t && (!first || t < first) ? t : first;
    }
    phone->push = (uint16_t)first;
    who->expecting = phone->sent || first;
}

static ch_time push_at(const struct ch_person *who, const struct phone *phone)
{
    return who->day * CH_DAY + phone->push * PUSH_UNIT_S * CH_SECOND;
}

/* All that are due by now; of rules that push at one time the first that fires. */
static void send_pushes(struct ch_ctx *ctx, struct ch_person *who, struct phone *phone)
{
    while (phone->push && !phone->sent && push_at(who, phone) <= ch_now(ctx)) {
        unsigned t = phone->push;
        bool sent = false;
        for (unsigned i = 0; i < ctx->policy->n_rules && !sent; i++) {
            if (!may_push(&ctx->policy->rule[i], who) || push_after(ctx, who, i, t - 1) != t)
                continue;
            struct look look =
                look_at(ctx, who, CH_NONE, CH_NONE, CH_NONE, ch_occasion_day(who) | (uint64_t)CH_TRIGGER_schedule << 62 | t);
            sent = fires(&look, i);
        }
        next_push(ctx, who, phone, t);
    }
}

/* The link that points to this person on the place's lists, or the end of the list. All on it stand here. */
static uint32_t *link_to(struct ch_ctx *ctx, uint32_t person)
{
    uint32_t *link = &((struct corner *)ch_of_place(ctx))->list[person % LISTS];
    while (*link && *link != person + 1)
        link = &((struct phone *)ch_of_app(ctx, ch_person(ctx, *link - 1)))->next;
    return link;
}

/* The pending timer no longer concerns the person, who may leave. */
static void disarm(struct ch_ctx *ctx, const struct ch_person *who, struct phone *phone)
{
    if (!phone->armed)
        return;
    uint32_t *link = link_to(ctx, who->id);
    CH_ASSERT(*link);
    *link = phone->next;
    phone->armed = false;
}

/* Sets a timer for what is due next before `until`, if the person stands. */
static void arm(struct ch_ctx *ctx, struct ch_person *who, struct phone *phone, ch_time until)
{
    ch_time due = phone->sent ? flight_lands(phone) : CH_TIME_MAX;
    if (!phone->sent && phone->push) /* a push waits until the message in the air has landed */
        due = push_at(who, phone);
    if (due >= until || who->zone == CH_IN_STREET || who->zone == CH_AT_STOP || who->zone == CH_IN_RIDE)
        return;
    uint32_t *list = &((struct corner *)ch_of_place(ctx))->list[who->id % LISTS];
    phone->next = *list;
    *list = who->id + 1;
    phone->armed = true;
    phone->timers++;
    ch_send(ctx, MSG_due, ch_here(ctx), who->id, due > ch_now(ctx) ? due - ch_now(ctx) : 1, phone->timers);
}

#endif
