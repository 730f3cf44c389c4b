/* SPDX-License-Identifier: MIT
 * Plays the part of day plans in a benchmark: everybody is always walking, from one goal to the next. Goals are uniform over the
 * 20 x 20 blocks around (the whole city if it is no larger), so legs are as long in a city of any size; offers are
 * heard and turn nobody. All other models are the real ones. */
#include "app/bench_stroll.h"

#define STROLL_MESSAGES(M) M(LOCAL, set_out, 1, 0, "the first leg begins; dest = person")
CH_MESSAGES(STROLL_MESSAGES)

#define STROLL_DRAWS(D)                                \
    D(start, "when the first leg begins; occasion: 0") \
    D(goal, "where the next leg ends; occasion: the leg")
CH_DRAWS(STROLL_DRAWS)

enum { REACH = CH_STROLL_BLOCKS / 2, SPREAD_S = 75 }; /* about the time that one block takes */

/* A coordinate within reach, the range shifted where it meets the edge. */
static uint32_t draw_near(struct ch_draw *draw, uint32_t at, uint32_t n)
{
    uint32_t span = n <= 2 * REACH ? n : 2 * REACH + 1;
    uint32_t low = at < REACH ? 0 : at - REACH;
    return (low + span > n ? n - span : low) + ch_draw_below(draw, span);
}

static void begin_leg(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct ch_city *city = ctx->city;
    struct ch_draw draw = ch_draw(ctx, DRAW_goal, who->id, ch_occasion_leg(who));
    do {
        uint32_t x = draw_near(&draw, ch_column(city, who->node), city->width);
        who->goal = draw_near(&draw, ch_row(city, who->node), city->height) * city->width + x;
    } while (who->goal == who->node);
    struct ch_leg leg = {.from = who->node, .to = who->goal, .mode = CH_WALK, .begun = ch_now(ctx)};
    who->generation++;
    ch_tell_leg_begins(ctx, who, &leg);
}

static void on_set_out(struct ch_ctx *ctx, const struct ch_event *ev) { begin_leg(ctx, ch_person(ctx, ev->dest)); }

static void on_leg_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    (void)leg;
    who->trip = (uint8_t)((who->trip + (who->leg == UINT8_MAX)) % CH_DIVERSION);
    who->leg++;
    begin_leg(ctx, who);
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    struct ch_draw draw = ch_draw(ctx, DRAW_start, who->id, 0);
    who->zone = CH_IN_STREET;
    ch_send(ctx, MSG_set_out, ch_here(ctx), who->id, 1 + ch_time_of_seconds(SPREAD_S * ch_draw_uniform(&draw)), 0);
}

const struct ch_model ch_bench_stroll = {
    .name = "dayplan",
    .title = "endless walks",
    CH_WITH_MESSAGES,
    CH_WITH_DRAWS,
    .start_person = start_person,
    .on_leg_ends = on_leg_ends,
};
