/* SPDX-License-Identifier: MIT
 * A trip of models/couriers.c, from the order of the centre to the drop: one parcel, or two that share it. */
#ifndef CH_COURIERS_TRIP_H
#define CH_COURIERS_TRIP_H

#include "couriers_centre.h"

/* ---- two jobs in one trip ----------------------------------------------------------------------------------------- */

/* Both stores, then both homes. */
struct joint {
    bool swapped; /* the second job's store comes first */
    bool crossed; /* what is picked up last is dropped first */
    ch_time takes;
};

/* The quickest way to carry both in which neither customer waits more than `detour` longer than if the courier, who stands at
 * `from`, served this one alone; false if there is none. */
static inline bool plan_joint(const struct ch_city *city, const struct couriers_params *p, uint32_t from,
                              const struct ch_parcel *a, const struct ch_parcel *b, ch_time t, struct joint *best)
{
    best->takes = CH_TIME_MAX;
    for (int way = 0; way < 4; way++) {
        const struct ch_parcel *first = way & 1 ? b : a, *second = way & 1 ? a : b;
        const struct ch_parcel *x = way & 2 ? second : first, *y = way & 2 ? first : second;
        ch_time at_second = ride(city, p, from, first->node, t) + p->hand_off + ride(city, p, first->node, second->node, t);
        ch_time drop_x = at_second + p->hand_off + ride(city, p, second->node, x->home, t);
        ch_time drop_y = drop_x + ride(city, p, x->home, y->home, t);
        ch_time alone_x = ride(city, p, from, x->node, t) + p->hand_off + ride(city, p, x->node, x->home, t);
        ch_time alone_y = ride(city, p, from, y->node, t) + p->hand_off + ride(city, p, y->node, y->home, t);
        if (drop_x - alone_x <= p->detour && drop_y - alone_y <= p->detour && drop_y < best->takes)
            *best = (struct joint){.swapped = way & 1, .crossed = way & 2, .takes = drop_y};
    }
    return best->takes < CH_TIME_MAX;
}

/* ---- parcels in messages ------------------------------------------------------------------------------------------ */

enum { PARCEL_SLOTS = sizeof(struct ch_parcel) / sizeof(struct ch_slot) };

static inline void send_parcel(struct ch_ctx *ctx, unsigned message, uint32_t place, ch_time delay,
                               const struct ch_parcel *parcel)
{
    struct ch_slot slots[PARCEL_SLOTS];
    memcpy(slots, parcel, sizeof slots);
    ch_send_slots(ctx, message, place, parcel->courier, delay, parcel->order, slots);
}

static inline void send_two(struct ch_ctx *ctx, unsigned message, uint32_t place, ch_time delay, const struct ch_parcel two[2],
                            uint64_t crossed)
{
    struct ch_slot slots[2 * PARCEL_SLOTS];
    memcpy(slots, two, sizeof slots);
    ch_send_slots(ctx, message, place, two->courier, delay, crossed, slots);
}

static inline struct ch_parcel parcel_of(const struct ch_event *ev)
{
    struct ch_parcel parcel;
    memcpy(&parcel, ch_event_slots(ev), sizeof parcel);
    return parcel;
}

static inline void two_of(const struct ch_event *ev, struct ch_parcel two[2])
{
    memcpy(two, ch_event_slots(ev), 2 * sizeof *two);
}

/* The way to a place, on which metres are counted. */
static inline ch_time ride_with(struct ch_ctx *ctx, const struct couriers_params *p, uint32_t from, uint32_t to, bool loaded)
{
    int64_t metres = (int64_t)ch_distance_m(ctx->city, from, to);
    ch_ratio(ctx, PROBE_empty_km_share, loaded ? 0 : metres, metres);
    return ride(ctx->city, p, from, to, ch_now(ctx));
}

/* ---- under way ---------------------------------------------------------------------------------------------------- */

static inline void send_home(struct ch_ctx *ctx, const struct ch_parcel *parcel, ch_time delay)
{
    struct ch_slot slots[PARCEL_SLOTS];
    memcpy(slots, parcel, sizeof slots);
    ch_send_letter(ctx, CH_LETTER_parcel, parcel->home, parcel->person, delay, parcel->order, slots);
}

static void on_assign(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    const struct couriers_params *p = params_of_depot(ctx, parcel.depot);
    send_parcel(ctx, MSG_pick_up, parcel.node, at_least(ride_with(ctx, p, ch_here(ctx), parcel.node, false)), &parcel);
}

static void on_pick_up(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    const struct couriers_params *p = params_of_depot(ctx, parcel.depot);
    send_home(ctx, &parcel, at_least(p->hand_off + ride_with(ctx, p, parcel.node, parcel.home, true)));
}

static void on_assign_two(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel two[2];
    two_of(ev, two);
    const struct couriers_params *p = params_of_depot(ctx, two->depot);
    send_two(ctx, MSG_pick_first, two->node, at_least(ride_with(ctx, p, ch_here(ctx), two->node, false)), two, ev->payload);
}

static void on_pick_first(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel two[2];
    two_of(ev, two);
    const struct couriers_params *p = params_of_depot(ctx, two->depot);
    ch_time way = ride_with(ctx, p, two[0].node, two[1].node, true);
    send_two(ctx, MSG_pick_second, two[1].node, at_least(p->hand_off + way), two, ev->payload);
}

static void on_pick_second(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel two[2];
    two_of(ev, two);
    const struct couriers_params *p = params_of_depot(ctx, two->depot);
    struct ch_parcel *x = &two[ev->payload ? 1 : 0], *y = &two[ev->payload ? 0 : 1];
    ch_time to_x = at_least(p->hand_off + ride_with(ctx, p, ch_here(ctx), x->home, true));
    x->marks |= CH_PARCEL_MORE;
    send_home(ctx, x, to_x);
    send_home(ctx, y, to_x + at_least(ride_with(ctx, p, x->home, y->home, true)));
}

/* ---- at the home -------------------------------------------------------------------------------------------------- */

/* How a parcel ended, as the centre gets to know it. */
struct ending {
    unsigned star; /* 1..5, 0: none */
    bool lost, late, in_45_min;
    unsigned hour; /* of the order */
};

static inline uint64_t pack_ending(const struct ending *e)
{
    return e->star | (uint64_t)e->lost << 3 | (uint64_t)e->late << 4 | (uint64_t)e->in_45_min << 5 | (uint64_t)e->hour << 6;
}

static inline struct ending unpack_ending(uint64_t word)
{
    return (struct ending){
        .star = word & 7, .lost = word >> 3 & 1, .late = word >> 4 & 1, .in_45_min = word >> 5 & 1, .hour = word >> 6 & 31};
}

static inline unsigned hour_of(ch_time t) { return (unsigned)(ch_time_of_day(t) / CH_HOUR); }

/* The insurer takes its premium and stands in for what is lost. */
static inline bool insure(struct ch_ctx *ctx, const struct couriers_params *p, const struct ch_parcel *parcel)
{
    if (!p->insurance)
        return false;
    ch_cents premium = (ch_cents)(p->premium * (double)parcel->value + 0.5);
    ch_pay(ctx, NULL, CH_ACC_DISPATCH, CH_ACC_INSURER, premium, CH_REASON_premium);
    ch_add(ctx, PROBE_premiums, premium);
    ch_ratio(ctx, PROBE_cost_per_drop, premium, 0);
    struct ch_draw draw = ch_draw(ctx, DRAW_loss, parcel->person, parcel->order);
    if (!ch_draw_chance(&draw, p->loss))
        return false;
    ch_cents claim = parcel->value < p->claim_most ? parcel->value : p->claim_most;
    ch_pay(ctx, NULL, CH_ACC_INSURER, CH_ACC_SHOPPERS, claim, CH_REASON_claim);
    ch_add(ctx, PROBE_claims, claim);
    ch_add(ctx, PROBE_parcels_lost, 1);
    return true;
}

static inline void count_drop(struct ch_ctx *ctx, const struct couriers_params *p, const struct ch_parcel *parcel,
                              uint32_t first_courier)
{
    int64_t took = (ch_now(ctx) - parcel->ordered) / CH_SECOND;
    ch_observe(ctx, PROBE_delivery_time_mean, took);
    ch_observe(ctx, PROBE_delivery_time_p95, took);
    ch_observe(ctx, PROBE_delivery_time_p50, took);
    ch_ratio(ctx, PROBE_promise_kept_rate, ch_now(ctx) <= parcel->promised, 0);
    ch_ratio(ctx, PROBE_courier_earnings_per_hour, p->pay, 0);
    ch_ratio(ctx, PROBE_cost_per_drop, p->pay, 1);
    ch_add(ctx, PROBE_drops, 1);
    ch_add_at(ctx, PROBE_courier_drops, first_courier + parcel->courier, 1);
    ch_pay(ctx, NULL, CH_ACC_DISPATCH, CH_ACC_COURIERS, p->pay, CH_REASON_wage);
}

static inline unsigned stars_for(struct ch_ctx *ctx, const struct couriers_params *p, const struct ch_parcel *parcel)
{
    if (!p->ratings)
        return 0;
    struct ch_draw draw = ch_draw(ctx, DRAW_star, parcel->person, parcel->order);
    ch_time late = ch_now(ctx) - parcel->promised;
    unsigned star = (unsigned)draw_star(p, &draw, late > 0 ? ch_seconds(late) / 60 : 0);
    ch_ratio(ctx, PROBE_stars_mean, star, 1);
    return star;
}

#endif
