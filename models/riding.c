/* SPDX-License-Identifier: MIT
 * M02 Riding: plays the legs by car and by bus. A ride is one sealed hop: nobody aboard meets a beacon or a screen.
 *
 *   car   access + distance / car speed, door to door
 *   bus   first a wait at the stop, in the open, then distance / bus speed. The wait is the residual of the headway h at a
 *         random moment, mean E[h^2]/(2 E[h]): with exponential headways it is exponential with mean E[h] (the inspection
 *         paradox), with regular ones uniform on (0, h).
 *   both  take at least a minute; distances are along the grid.
 *
 * Someone may walk away from the stop before the bus comes. The bus is an event at the stop that must not touch a person who is
 * elsewhere by then, so the stop keeps a seat in its queue for each of them: 64 seats, two bits each, taken and left. Who
 * finds no free seat stands in the crowd, sees nothing and cannot walk away (zone CH_IN_RIDE). */
#include <chaland/model.h>

#define RIDING_PARAMS(P)                                                                                               \
    P(F64, car_speed, 16, 5, 60, "km/h", "of a car, door to door without access", CH_ASSUMED(12, 25, "urban traffic")) \
    P(TIME, access, 3, 0, 30, "min", "to the car and from it", CH_ASSUMED(1, 8, "parking"))                            \
    P(F64, bus_speed, 14, 5, 40, "km/h", "of a bus, stops included", CH_ASSUMED(10, 20, "no data"))                    \
    P(CHOICE, headway_law, "exponential", 0, 0, "exponential|regular", "how buses follow each other",                  \
      CH_ASSUMED(0, 1, "real lines lie between"))

#define CH_ROW_STRUCT struct riding_params
CH_PARAMS(riding, RIDING_PARAMS)

enum { EXPONENTIAL, REGULAR };

#define RIDING_MESSAGES(M)                                                             \
    M(INSTANT, drive, 0, 0, "a car sets off; dest = person, payload = generation")     \
    M(LOCAL, board, 1, 0, "the bus comes; dest = person, payload = seat in the queue") \
    M(REMOTE, alight, CH_LOOKAHEAD, 0, "a ride ends; dest = person, payload = node where it began")
CH_MESSAGES(RIDING_MESSAGES)

#define RIDING_PROBES(B)                          \
    B(SUM, car_rides, "", 1, 0, 0, "legs by car") \
    B(SUM, bus_rides, "", 1, 0, 0, "legs by bus") \
    B(MEAN, bus_wait, "min", 1.0 / 60, 0, 0, "time from reaching the stop to the coming of the bus")
CH_PROBES(RIDING_PROBES)

#define RIDING_DRAWS(D) D(wait, "for the bus; occasion: leg")
CH_DRAWS(RIDING_DRAWS)

struct rider {
    uint8_t seat; /* in the queue of the stop, counted from 1; 0: none */
};

struct queue { /* of a stop, a bit per seat */
    uint64_t taken;
    uint64_t left; /* the person has walked away, the bus is still to come */
};

enum { SEATS = 64 };

static ch_time ride_time(const struct ch_city *city, uint32_t from, uint32_t to, double km_per_h)
{
    ch_time takes = ch_time_of_seconds(ch_distance_m(city, from, to) * 3.6 / km_per_h);
    return takes < CH_MINUTE ? CH_MINUTE : takes;
}

static ch_time draw_wait(struct ch_ctx *ctx, const struct ch_person *who)
{
    const struct riding_params *p = ch_params_of(ctx);
    uint32_t stop = ctx->city->node_stop[ch_here(ctx)];
    double headway_s = stop == CH_NONE ? 0 : ctx->city->stops[stop].headway_s;
    struct ch_draw draw = ch_draw(ctx, DRAW_wait, who->id, ch_occasion_leg(who));
    double share = p->headway_law == EXPONENTIAL ? ch_draw_exponential(&draw) : ch_draw_uniform(&draw);
    ch_time wait = ch_time_of_seconds(headway_s * share);
    return wait < 1 ? 1 : wait;
}

/* First free seat, counted from 1; 0 if there is none. */
static uint8_t take_seat(struct queue *queue)
{
    for (uint8_t i = 0; i < SEATS; i++)
        if (!(queue->taken >> i & 1)) {
            queue->taken |= (uint64_t)1 << i;
            return (uint8_t)(i + 1);
        }
    return 0;
}

static void wait_for_bus(struct ch_ctx *ctx, struct ch_person *who, struct rider *rider)
{
    rider->seat = take_seat(ch_of_place(ctx));
    who->zone = rider->seat ? CH_AT_STOP : CH_IN_RIDE;
    ch_send(ctx, MSG_board, ch_here(ctx), who->id, draw_wait(ctx, who), rider->seat);
}

static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    struct rider *rider = ch_of_person(ctx, who);
    if (rider->seat) { /* walks away from the stop */
        struct queue *queue = ch_of_place(ctx);
        queue->left |= (uint64_t)1 << (rider->seat - 1);
        rider->seat = 0;
    }
    if (leg->mode == CH_WALK)
        return;
    who->begun = ch_now(ctx);
    if (leg->mode == CH_BUS)
        wait_for_bus(ctx, who, rider);
    else
        ch_send(ctx, MSG_drive, ch_here(ctx), who->id, 0, who->generation);
}

static void ride(struct ch_ctx *ctx, struct ch_person *who, ch_time takes)
{
    who->zone = CH_IN_RIDE;
    ch_hand_over(ctx, who, who->goal);
    ch_send(ctx, MSG_alight, who->goal, who->id, takes, ch_here(ctx));
}

static void on_drive(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct riding_params *p = ch_params_of(ctx);
    struct ch_person *who = ch_person(ctx, ev->dest);
    if ((uint16_t)ev->payload != who->generation)
        return;
    ch_add(ctx, PROBE_car_rides, 1);
    ride(ctx, who, p->access + ride_time(ctx->city, who->node, who->goal, p->car_speed));
}

/* Gives the seat back; true if whoever had it has walked away. */
static bool leave_seat(struct queue *queue, uint64_t seat)
{
    uint64_t bit = seat ? (uint64_t)1 << (seat - 1) : 0;
    bool gone = (queue->left & bit) != 0;
    queue->taken &= ~bit;
    queue->left &= ~bit;
    return gone;
}

static void on_board(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct riding_params *p = ch_params_of(ctx);
    if (leave_seat(ch_of_place(ctx), ev->payload))
        return;
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct rider *rider = ch_of_person(ctx, who);
    rider->seat = 0;
    ch_add(ctx, PROBE_bus_rides, 1);
    ch_observe(ctx, PROBE_bus_wait, (ch_now(ctx) - who->begun) / CH_SECOND);
    ride(ctx, who, ride_time(ctx->city, who->node, who->goal, p->bus_speed));
}

static void on_alight(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct ch_leg leg = {.from = (uint32_t)ev->payload, .to = ch_here(ctx), .mode = (enum ch_mode)who->mode, .begun = who->begun};
    who->node = ch_here(ctx);
    ch_tell_leg_ends(ctx, who, &leg);
}

extern const struct ch_model ch_model_riding;
const struct ch_model ch_model_riding = {
    .name = "riding",
    .title = "legs by car and bus",
    .mechanism = "M02",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    .carries = 1u << MSG_alight,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .person_size = sizeof(struct rider),
    .place_size = sizeof(struct queue),
    .on_leg_begins = on_leg_begins,
};
