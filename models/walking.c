/* SPDX-License-Identifier: MIT
 * M01 Walking: plays the legs on foot, one street side after the other.
 *
 *   route   a random staircase: at each node a step east-west with probability |dx|/(|dx| + |dy|), dx and dy the blocks still
 *           to go. That is uniform over all shortest paths of the grid. The goal may change at any node.
 *   speed   v = v0 w(sky) s c(rho), fixed when the side is entered, kept within 0.3 .. 2.31 m/s, in whole mm/s. v0 is the
 *           person's free speed, w the weather's factor, s = `stroll` on the leg that ends at a store to be visited, and
 *           c(rho) = 1 - exp(-1.913 (1/rho - 1/5.4)) with rho in persons/m2, 1 below 0.2 (Weidmann 1993).
 *   crowd   rho = n / (60 s . v . width . 4 sides), n those who entered the node's sides in the last whole minute, scaled up to
 *           the full population: flow over speed and width, the node's sides taken as equals. The node counts for itself, so
 *           nothing is published or read from a neighbour.
 *
 * A side belongs to the node it leaves. What a walker meets on it is known at entry and told then (`street_entered`); the walker
 * is handed over to the next node at once, or, if a listener wants to touch them on the way, CH_LOOKAHEAD before arriving.
 * A side takes at least 24 m / 2.31 m/s = 10.39 s, more than CH_LOOKAHEAD. A leg starts with an instant event of its own, so that
 * everyone has heard that it begins before the body moves.
 *
 * Check: 500 m take 500 m . E[1/v0] = 387.96 s on average with the default law of speeds. */
#include <chaland/model.h>

#define WALKING_PARAMS(P)                                                                                    \
    P(F64, stroll, 0.75, 0.3, 1, "", "factor of speed on the way to a store", CH_ASSUMED(0.6, 1, "no data")) \
    P(F64, width, 4, 0.5, 50, "m", "width that the walkers of a side share",                                 \
      CH_ASSUMED(2, 8, "pavement, or half of a pedestrian street"))

#define CH_ROW_STRUCT struct walking_params
CH_PARAMS(walking, WALKING_PARAMS)

#define WALKING_MESSAGES(M)                                                                        \
    M(INSTANT, set_off, 0, 0, "the first step of a leg; dest = person, payload = generation")      \
    M(LOCAL, hand_over, 1, 0, "a live walker leaves the side; dest = person, payload = next node") \
    M(REMOTE, arrive, CH_LOOKAHEAD, 0, "a walker reaches the node; dest = person, payload = node left")
CH_MESSAGES(WALKING_MESSAGES)

#define WALKING_PROBES(B)                                                                                \
    B(SUM, crossings, "", 1, 0, 0, "street sides entered by walkers")                                    \
    B(MEAN, walking_speed, "m/s", 0.001, 0, 0, "speed of walkers at the start of a leg, all factors in") \
    B(MAP, walkers, "", 1, 0, 4, "people who enter the sides of a node on foot")
CH_PROBES(WALKING_PROBES)

#define WALKING_DRAWS(D) \
    D(turns, "east-west or north-south, and what the street then holds, at all corners of a leg; occasion: leg")
CH_DRAWS(WALKING_DRAWS)

/* Of a node: how many walkers entered its sides. The map has a cell for each hour of the week, which lie far apart, so they are
 * put there hour by hour. */
struct corner {
    uint32_t minute;
    uint16_t count;   /* in this minute */
    uint16_t before;  /* in the one before */
    uint32_t in_hour; /* in the hour of this minute, and not yet on the map */
};

enum { SIDES = 4 };

static void put_on_map(struct ch_ctx *ctx, uint32_t node, struct corner *corner)
{
    if (corner->in_hour)
        ch_add_map_in(ctx, PROBE_walkers, node, corner->minute / 60, corner->in_hour);
    corner->in_hour = 0;
}

/* Another minute has begun. */
__attribute__((noinline)) static void turn_minute(struct ch_ctx *ctx, struct corner *corner, uint32_t minute)
{
    if (corner->minute / 60 != minute / 60)
        put_on_map(ctx, ch_here(ctx), corner);
    corner->before = corner->minute + 1 == minute ? corner->count : 0;
    corner->count = 0;
    corner->minute = minute;
}

/* Counts one more and returns the count of the last whole minute. */
static unsigned count_walker(struct ch_ctx *ctx, struct corner *corner)
{
    uint32_t minute = (uint32_t)(ch_now(ctx) / CH_MINUTE);
    if (corner->minute != minute)
        turn_minute(ctx, corner, minute);
    if (corner->count < UINT16_MAX)
        corner->count++;
    corner->in_hour++;
    return corner->before;
}

/* Once for all workers. */
static void settle(struct ch_ctx *ctx)
{
    unsigned char *corner = ctx->place_state + ctx->self->place_at;
    for (uint32_t node = 0; node < ctx->city->n_nodes && ctx->lane.worker == 0; node++, corner += ctx->self->place_step)
        put_on_map(ctx, node, (struct corner *)(void *)corner);
}

/* Weidmann's factor for `n` walkers a minute, who would walk at v mm/s. */
static double crowd_factor(const struct ch_city *city, const struct walking_params *p, unsigned n, double v)
{
    double room = city->sample * (60.0 / 1000 * SIDES) * p->width * v; /* n / room is the density */
    if (n < 0.2 * room)
        return 1;
    double density = n / room;
    if (density >= 5.4)
        return 0;
    return 1 - ch_exp(-1.913 * (1 / density - 1 / 5.4));
}

static uint32_t speed_here(struct ch_ctx *ctx, const struct ch_person *who)
{
    const struct walking_params *p = ch_params_of(ctx);
    double v = who->speed_mm_s * ctx->world->speed_factor[ch_clock(ctx)->weather->sky];
    if (who->to_store)
        v *= p->stroll;
    unsigned n = count_walker(ctx, ch_of_place(ctx));
    if (n)
        v *= crowd_factor(ctx->city, p, n, v);
    return v <= CH_SLOWEST_MM_S ? CH_SLOWEST_MM_S : v >= CH_FASTEST_MM_S ? CH_FASTEST_MM_S : (uint32_t)(v + 0.5);
}

/* 64 random bits per corner, spread from one draw per leg: the turn hangs on the upper half, the luck of the passage is in the
 * lower one. A block of Philox per corner, even one for three, was a tenth of a crossing. */
static uint64_t turn_bits(const struct ch_person *who) { return ch_spread(who->turns, who->step); }

/* All without a branch, here and in `neighbour`: nobody can foretell them. */
static enum ch_direction choose_side(struct ch_ctx *ctx, const struct ch_person *who, uint64_t bits)
{
    const struct ch_city *city = ctx->city;
    uint32_t dx = ch_column(city, who->goal) - ch_column(city, who->node), dy = ch_row(city, who->goal) - ch_row(city, who->node);
    uint32_t westward = 0u - (dx >> 31), southward = 0u - (dy >> 31); /* masks */
    uint32_t across = (dx ^ westward) - westward, along = (dy ^ southward) - southward;
    unsigned sideways = (bits >> 32) * (across + along) >> 32 < across; /* always where along is 0, never where across is */
    unsigned horizontal = CH_WEST & westward, vertical = CH_NORTH | (CH_SOUTH & southward);
    return (enum ch_direction)(vertical ^ ((vertical ^ horizontal) & (0u - sideways)));
}

static void send_on(struct ch_ctx *ctx, const struct ch_person *who, uint32_t to, ch_time delay)
{
    ch_hand_over(ctx, who, to);
    ch_send(ctx, MSG_arrive, to, who->id, delay, ch_here(ctx));
}

/* On the way to a goal there is always one. */
static uint32_t neighbour(const struct ch_city *city, uint32_t node, enum ch_direction direction)
{
    uint32_t step = 1 + (city->width - 1) * (direction % 2u), back = 0u - (direction / 2u);
    return node + ((step ^ back) - back); /* westward and southward the step is taken back */
}

static void enter_side(struct ch_ctx *ctx, struct ch_person *who)
{
    uint64_t bits = turn_bits(who);
    enum ch_direction direction = choose_side(ctx, who, bits);
    uint32_t side = who->node * 4 + (uint32_t)direction, v = speed_here(ctx, who);
    ch_time takes = (ctx->city->block_mm * CH_SECOND + v / 2) / v;
    struct ch_passage passage = {.side = side,
                                 .from = who->node,
                                 .to = neighbour(ctx->city, who->node, direction),
                                 .enters = ch_now(ctx),
                                 .leaves = ch_now(ctx) + takes,
                                 .speed_mm_s = v,
                                 .luck = bits};
    if (who->step == 0)
        ch_observe(ctx, PROBE_walking_speed, v);
    ch_add(ctx, PROBE_crossings, 1);
    ch_tell_street_entered(ctx, who, &passage);
    if (passage.live && takes > CH_LOOKAHEAD)
        ch_send(ctx, MSG_hand_over, ch_here(ctx), who->id, takes - CH_LOOKAHEAD, passage.to);
    else
        send_on(ctx, who, passage.to, takes);
}

/* At the goal the leg is over, else into the next side. */
static void go_on(struct ch_ctx *ctx, struct ch_person *who, bool arrives)
{
    if (arrives) {
        who->node = ch_here(ctx);
        who->step++;
        struct ch_node node = {.node = who->node, .last = who->node == who->goal};
        ch_tell_node_reached(ctx, who, &node);
    }
    if (who->goal != who->node) {
        enter_side(ctx, who);
        return;
    }
    struct ch_leg leg = {.from = CH_NONE, .to = who->node, .mode = CH_WALK, .begun = who->begun};
    ch_tell_leg_ends(ctx, who, &leg);
}

static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    if (leg->mode != CH_WALK)
        return;
    who->begun = ch_now(ctx);
    who->step = 0;
    who->zone = CH_IN_STREET;
    struct ch_draw draw = ch_draw(ctx, DRAW_turns, who->id, ch_occasion_leg(who));
    who->turns = ch_draw_u64(&draw);
    ch_send(ctx, MSG_set_off, ch_here(ctx), who->id, 0, who->generation);
}

static void on_set_off(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    if ((uint16_t)ev->payload == who->generation)
        go_on(ctx, who, false);
}

static void on_hand_over(struct ch_ctx *ctx, const struct ch_event *ev)
{
    send_on(ctx, ch_person(ctx, ev->dest), (uint32_t)ev->payload, CH_LOOKAHEAD);
}

static void on_arrive(struct ch_ctx *ctx, const struct ch_event *ev) { go_on(ctx, ch_person(ctx, ev->dest), true); }

extern const struct ch_model ch_model_walking;
const struct ch_model ch_model_walking = {
    .name = "walking",
    .title = "legs on foot",
    .mechanism = "M01",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    .carries = 1u << MSG_arrive,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .place_size = sizeof(struct corner),
    .passing = true,
    .settle = settle,
    .on_leg_begins = on_leg_begins,
};
