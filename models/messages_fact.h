/* SPDX-License-Identifier: MIT
 * Private to messages.c, where the mechanism is explained: the facts that a condition may test, each worked out when it is looked
 * at and not before. */
#ifndef CH_MESSAGES_FACT_H
#define CH_MESSAGES_FACT_H

#include "messages_look.h"

static double wish_match(struct look *look) { return find_wish(look, look->good) ? look->wish.match : 0; }

static double wish_age(struct look *look)
{
    if (!find_wish(look, look->good))
        look->failed = true; /* no wish has no age */
    return look->failed ? 0 : (double)(look->at - look->wish.best.added) / (double)CH_DAY;
}

static double chance_of(const struct ch_list *first, const struct ch_list *rest, enum ch_channel channel)
{
    return channel < CH_CHANNEL_tap ? first->v[channel] : rest->v[channel - CH_CHANNEL_tap];
}

static double open_probability(const struct messages_params *p, const struct phone *phone, enum ch_channel channel,
                               double relevance)
{
    return ch_clip(chance_of(&p->open, &p->open_near, channel) * (0.3 + 1.4 * relevance) * (1.0 - phone->fatigue / 1000.0), 0, 1);
}

/* `desire` below 0: no wish. */
static double take_probability(const struct messages_params *p, enum ch_channel channel, double discount, double desire,
                               double metres)
{
    if (desire < 0)
        return ch_logistic(ch_logit(chance_of(&p->redeem, &p->redeem_near, channel)) + p->discount_pull * discount);
    return ch_logistic(p->wish_base + p->wish_pull * desire + p->discount_pull * discount + (metres <= 200 ? p->wish_near : 0));
}

/* Relevance as far as the sender knows: the match of the wish, or what the history behind a habit says. */
static double known_relevance(struct look *look)
{
    struct ch_relevance habit = {.good = look->good, .retailer = look->sender, .store = look->store, .level = 3};
    if (look->rule->subject != CH_SUBJECT_affinity)
        return wish_match(look);
    if (may_read(look, 3))
        ch_ask_relevance(look->ctx, look->who, &habit);
    return habit.value;
}

/* Expected margin less cost and expected intrusion, EUR. */
static double net_value(struct look *look)
{
    const struct messages_params *p = ch_params_of(look->ctx);
    const struct ch_good_facts *good = &look->ctx->city->goods[look->good];
    double known = known_relevance(look), discount = (double)look->rule->discount_bp / 1e4;
    double price = (double)good->basket * look->ctx->city->stores[look->store].price / 100 / 1.2;
    double margin = price * (1.0 - discount) - price * (1.0 - (double)good->margin_bp / 1e4);
    double desire = look->wished && known > 0 ? known : -1;
    double redeem = open_probability(p, look->phone, look->rule->channel, known) *
                    take_probability(p, look->rule->channel, discount, desire, distance_m(look));
    return redeem * margin - (double)p->cost / 100 - look->ctx->policy->intrusion_cost * ch_logistic(10 * (p->welcome - known));
}

static double context_score(const struct look *look)
{
    const struct messages_params *p = ch_params_of(look->ctx);
    static const double by_hour[24] = {0, 0, 0, 0, 0, 0, 0, .1, .2, .5, .7, .8, .7, .5, .6, .7, .8, 1, 1, .5, .2, .1, 0, 0};
    double term[4] = {ch_weather_fit(look->ctx->world, &look->ctx->city->goods[look->good], look->at),
                      ch_clip((double)ch_today(look->ctx->world, look->at)->demand[look->good] / 2, 0, 1),
                      by_hour[ch_time_of_day(look->at) / CH_HOUR], ch_exp(-distance_m(look) / 300)};
    double sum = 0, weight = 0;
    for (int i = 0; i < 4; i++) {
        sum += p->context.v[i] * term[i];
        weight += p->context.v[i];
    }
    return weight > 0 ? sum / weight : 0;
}

/* ---- what other models tell -------------------------------------------------------------------------------------- */

static struct ch_area area_at(const struct look *look, bool weigh, bool count)
{
    struct ch_area area = {.store = look->store, .weigh = weigh, .count = count};
    ch_ask_area(look->ctx, NULL, &area);
    return area;
}

static struct ch_loyalty standing(struct look *look)
{
    struct ch_loyalty loyalty = {.retailer = look->sender};
    if (may_read(look, 1))
        ch_ask_loyalty(look->ctx, look->who, &loyalty);
    return loyalty;
}

/* Minutes since a partner was left; unknown if there was none. */
static double since_partner(struct look *look)
{
    struct ch_path path = {.store = look->store, .from = CH_NONE};
    if (may_read(look, 2))
        ch_ask_path(look->ctx, look->who, &path);
    look->failed |= path.from == CH_NONE;
    return path.from == CH_NONE ? 0 : (double)(look->at - path.left) / (double)CH_MINUTE;
}

static struct ch_forecast forecast(struct look *look)
{
    struct ch_forecast forecast = {.store = look->store};
    if (may_read(look, 3))
        ch_ask_forecast(look->ctx, look->who, &forecast);
    return forecast;
}

static double arrival(struct look *look)
{
    struct ch_forecast to = forecast(look);
    look->failed |= !to.known;
    return (double)to.takes / (double)CH_MINUTE;
}

/* Days since the last event in the person's life, if it was about this category; else unknown. A day ends with the night. */
static double since_life_event(struct look *look)
{
    const struct phone *phone = look->phone;
    look->failed |= !may_read(look, 3) || !phone->life_day || phone->life_good != look->good;
    return look->failed ? 0 : (double)look->who->day + 1 - phone->life_day;
}

/* Of what the moment shows: nothing of the offer is needed. */
static double fact_of_moment(struct look *look, enum ch_fact which)
{
    struct ch_ctx *ctx = look->ctx;
    const struct ch_world_day *day = ch_today(ctx->world, look->at);
    const struct corner *corner = ch_of_place(ctx);
    double block_m = (double)ctx->city->block_mm / 1000;
    switch (which) {
    case CH_FACT_hour:
        return (double)ch_time_of_day(look->at) / (double)CH_HOUR;
    case CH_FACT_weekday:
        return day->weekday;
    case CH_FACT_sale_week:
        return day->sale_week;
    case CH_FACT_markdown:
        return day->markdown_bp / 1e4;
    case CH_FACT_temperature:
        return ch_weather(ctx->world, look->at)->deci_celsius / 10.0;
    case CH_FACT_rain:
        return ch_weather(ctx->world, look->at)->sky >= CH_RAIN;
    case CH_FACT_crowd:
        return corner->before;
    case CH_FACT_consent:
        return ch_level_open_to(ctx, look->who, look->sender);
    case CH_FACT_messages_today:
        return may_read(look, 1) ? look->phone->today : 0;
    case CH_FACT_month:
        return day->month + 1;
    case CH_FACT_east:
        return ch_column(ctx->city, ch_here(ctx)) * block_m;
    case CH_FACT_north:
        return ch_row(ctx->city, ch_here(ctx)) * block_m;
    case CH_FACT_waiting:
        return look->who->zone == CH_AT_STOP;
    case CH_FACT_cluster:
        return area_at(look, false, false).cluster;
    case CH_FACT_commerciality:
        return area_at(look, true, false).commerciality;
    case CH_FACT_tier:
        return standing(look).tier;
    default:
        return (double)standing(look).points;
    }
}

/* Of the store of the offer, whatever it offers. */
static double fact_of_store(struct look *look, enum ch_fact which)
{
    struct ch_area area = {.store = CH_NONE};
    switch (which) {
    case CH_FACT_distance:
        return distance_m(look);
    case CH_FACT_walk_time:
        return ch_walk_s(look->ctx, look->who, look->who->node, look->ctx->city->stores[look->store].node) / 60;
    case CH_FACT_open:
        return open_at(look->ctx->world, &look->ctx->city->stores[look->store], look->at);
    case CH_FACT_same_cluster:
        area = area_at(look, false, false);
        return area.cluster && area.cluster == area.store_in;
    case CH_FACT_partner:
        return area_at(look, false, true).partners;
    case CH_FACT_event:
        return area_at(look, false, false).event;
    case CH_FACT_just_visited:
        return since_partner(look);
    case CH_FACT_predicted:
        return forecast(look).chance;
    default:
        return arrival(look);
    }
}

static bool permitted(struct look *look)
{
    return !admission(look->ctx, look->who,
                      (struct ch_admit){.sender = look->sender,
                                        .store = look->store,
                                        .good = look->good,
                                        .discount_bp = look->rule->discount_bp,
                                        .today = look->phone->today,
                                        .at = look->at})
                .refused;
}

/* The number a fact shows. */
static double fact(struct look *look, enum ch_fact which)
{
    struct ch_ctx *ctx = look->ctx;
    struct ch_shelf shelf = {.only_looking = true, .available = true};
    enum ch_basis basis = ch_fact_basis(which);
    if (basis == CH_OF_MOMENT)
        return fact_of_moment(look, which);
    bool known = basis == CH_OF_STORE && look->store != CH_NONE; /* what hangs on the store alone needs no wish */
    if (!known && !settle(look))
        return 0;
    if (basis == CH_OF_STORE)
        return fact_of_store(look, which);
    switch (which) {
    case CH_FACT_weather_fit:
        return ch_weather_fit(ctx->world, &ctx->city->goods[look->good], look->at);
    case CH_FACT_season:
        return (double)ch_today(ctx->world, look->at)->demand[look->good];
    case CH_FACT_in_stock:
        shelf.store = look->store;
        shelf.good = look->good;
        ch_ask_shelf(ctx, look->who, &shelf);
        return shelf.available;
    case CH_FACT_context_score:
        return context_score(look);
    case CH_FACT_wish_match:
        return wish_match(look);
    case CH_FACT_wish_age:
        return wish_age(look);
    case CH_FACT_life_event:
        return since_life_event(look);
    case CH_FACT_affinity:
        return may_read(look, 3) ? affinity(look->habits, ((const struct tables *)ch_table(ctx))->share, look->good) : 0;
    case CH_FACT_permitted:
        return may_read(look, 1) && permitted(look);
    default:
        return net_value(look);
    }
}

static bool holds(struct look *look, const struct ch_condition *condition)
{
    double value = fact(look, condition->fact), eps = 1e-9;
    if (look->failed)
        return false;
    switch (condition->compare) {
    case CH_AT_LEAST:
        return value >= condition->value - eps;
    case CH_AT_MOST:
        return value <= condition->value + eps;
    case CH_EQUAL:
        return value >= condition->value - eps && value <= condition->value + eps;
    case CH_ABOVE:
        return value > condition->value + eps;
    default:
        return value < condition->value - eps;
    }
}

#endif
