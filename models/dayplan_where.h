/* SPDX-License-Identifier: MIT
 * Private to dayplan.c, where the mechanism is explained: messages and key figures, to which place a trip goes, and how. */
#ifndef DAYPLAN_WHERE_H
#define DAYPLAN_WHERE_H

#include "dayplan_draw.h"

#define DAYPLAN_MESSAGES(M)                                                              \
    M(LOCAL, day_plan, 1, 0, "a day is planned; dest = person, payload = simulated day") \
    M(LOCAL, end, 1, 0, "a stay ends; dest = person, payload = generation")
CH_MESSAGES(DAYPLAN_MESSAGES)

#define DAYPLAN_PROBES(B)                                                                                           \
    B(RATIO, trips_per_person_day, "1/d", 1, 0, 0, "trips begun per plan made")                                     \
    B(RATIO, walk_share, "share", 1, 0, 0, "trips on foot per trip")                                                \
    B(RATIO, bus_share, "share", 1, 0, 0, "trips by bus per trip")                                                  \
    B(MEAN, walk_minutes, "min", 1.0 / 60, 0, 0, "duration of a trip on foot, diversions included")                 \
    B(RATIO, travel_minutes_per_day, "min", 1.0 / 60, 0, 0, "time under way per plan made")                         \
    B(RATIO, strolling_share, "share", 1, 0, 0, "trips to shops with nothing particular in mind per trip to shops") \
    B(SUM, diversions, "", 1, 0, 0, "trips to a store because of an offer")                                         \
    B(RATIO, stops_per_trip, "", 1, 0, 8, "stores visited on a shopping trip, offers apart")
CH_PROBES(DAYPLAN_PROBES)

/* ---- where to ---------------------------------------------------------------------------------------------------- */

static uint32_t draw_place(struct ch_ctx *ctx, const struct ch_person *who, double reach_m)
{
    struct ch_draw draw = ch_draw(ctx, DRAW_place, who->id, ch_occasion_trip(who));
    uint32_t word[4];
    ch_draw_words(&draw, word);
    return near_to(ctx->city, who->node, reach_m, 1, word[0], &word[1]);
}

static uint32_t draw_want(struct ch_ctx *ctx, struct ch_person *who)
{
    struct ch_want want;
    want.n = 0; /* the rest is large, and written before it is read */
    double weight[CH_WANTS_MAX], sum = 0;
    ch_ask_want(ctx, who, &want);
    for (unsigned i = 0; i < want.n; i++)
        sum += weight[i] = want.item[i].weight;
    if (sum <= 0)
        return CH_NONE;
    struct ch_draw draw = ch_draw(ctx, DRAW_want, who->id, ch_occasion_trip(who));
    return want.item[ch_draw_weighted(&draw, weight, want.n)].good;
}

/* Sets who->store and plan->good, or makes it leisure. */
static void choose_store(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan)
{
    uint32_t good = draw_want(ctx, who);
    struct ch_pick pick = {
        .from = who->node, .good = good, .exclude = who->store, .arrival = ch_now(ctx) + 10 * CH_MINUTE, .store = CH_NONE};
    if (good != CH_NONE)
        ch_ask_pick(ctx, who, &pick);
    if (pick.store == CH_NONE) {
        pick.good = good = CH_NONE;
        ch_ask_pick(ctx, who, &pick);
    }
    ch_ratio(ctx, PROBE_strolling_share, good == CH_NONE, 1);
    who->store = pick.store;
    plan->good = small_good(good) & 15;
    if (pick.store == CH_NONE)
        plan->purpose = CH_FOR_LEISURE;
}

static uint32_t blocks_between(const struct ch_city *city, uint32_t a, uint32_t b)
{
    int64_t dx = (int64_t)ch_column(city, a) - ch_column(city, b), dy = (int64_t)ch_row(city, a) - ch_row(city, b);
    return (uint32_t)((dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy));
}

/* `u` is uniform: its lowest part goes on foot, of the rest the lowest part by bus if stops allow. */
static enum ch_mode choose_mode(struct ch_ctx *ctx, const struct ch_person *who, uint32_t to, double u)
{
    const struct dayplan_params *p = ch_params_of(ctx);
    const struct dayplan_table *table = ch_table(ctx);
    const struct ch_city *city = ctx->city;
    if (who->node == to)
        return CH_WALK;
    double on_foot = table->on_foot[blocks_between(city, who->node, to)];
    if (u < on_foot)
        return CH_WALK;
    uint32_t a = city->near_stop[who->node], b = city->near_stop[to];
    if (u - on_foot >= (1 - on_foot) * p->bus || a == CH_NONE || b == CH_NONE || city->stops[a].node == city->stops[b].node)
        return CH_CAR;
    bool near = ch_distance_m(city, who->node, city->stops[a].node) <= p->stop_reach &&
                ch_distance_m(city, to, city->stops[b].node) <= p->stop_reach;
    return near ? CH_BUS : CH_CAR;
}

#endif
