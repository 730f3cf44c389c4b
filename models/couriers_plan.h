/* SPDX-License-Identifier: MIT
 * Who carries what, for models/couriers.c: the nearest, batches, shared trips, and what a centre publishes of its state. */
#ifndef CH_COURIERS_PLAN_H
#define CH_COURIERS_PLAN_H

#include "couriers_trip.h"

/* ---- published rows ----------------------------------------------------------------------------------------------- */

/* One of each for every depot: seconds until a courier is in the store; ten-thousandths of the others. */
enum row { WAIT, PROMISE, DISTRUST, SURGE, N_ROWS };

static uint32_t rows(const struct ch_city *city) { return N_ROWS * city->n_depots; }
static uint32_t row_of(const struct ch_city *city, enum row row, uint32_t depot) { return row * city->n_depots + depot; }

static double published_share(const struct ch_ctx *ctx, enum row row, uint32_t depot)
{
    return (double)ch_published(ctx, row_of(ctx->city, row, depot)) / 10000;
}

static void publish_share(struct ch_ctx *ctx, enum row row, uint32_t depot, double value)
{
    ch_publish(ctx, row_of(ctx->city, row, depot), (int64_t)(value * 10000 + 0.5));
}

static void publish(struct ch_ctx *ctx, uint32_t depot, const struct centre *centre)
{
    const struct couriers_params *p = params_of_depot(ctx, depot);
    uint32_t n = p->shifts == DRAWN && centre->present == 0 && centre->n ? 1 : centre->present;
    ch_publish(ctx, row_of(ctx->city, WAIT, depot),
               expected_s(ctx->city, p, n, centre->idle, centre->waiting, centre->trip_s, ch_now(ctx)));
    if (p->promise == LEARNT)
        publish_share(ctx, PROMISE, depot, centre->promise);
    if (p->ratings && centre->n)
        publish_share(ctx, DISTRUST, depot, 1 - centre->trust_sum / centre->n);
    if (p->surge)
        publish_share(ctx, SURGE, depot, surge_of(p, load_of(centre)));
}

/* ---- dispatch ----------------------------------------------------------------------------------------------------- */

/* The idle courier nearest to a node, the first among equals, and rather one who is trusted; CH_NONE if none is idle. */
static uint32_t nearest_idle(const struct ch_city *city, const struct courier *courier, uint32_t n, uint32_t node, double trusted)
{
    uint32_t best = CH_NONE;
    double best_m = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (courier[i].busy || courier[i].off)
            continue;
        double m = ch_distance_m(city, courier[i].node, node);
        bool same = best == CH_NONE || (courier[i].trust < trusted) == (courier[best].trust < trusted);
        if (best == CH_NONE || (same ? m < best_m : courier[best].trust < trusted)) {
            best = i;
            best_m = m;
        }
    }
    return best;
}

static double least_trust(const struct couriers_params *p) { return p->ratings ? p->trusted : 0; }

/* The waiting order that shares the trip best; CH_NONE if none may. */
static uint32_t find_partner(const struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre, uint32_t from,
                             const struct ch_parcel *parcel, struct joint *joint)
{
    uint32_t best = CH_NONE, n = centre->waiting < TOGETHER_MAX ? centre->waiting : TOGETHER_MAX;
    struct joint now;
    for (uint32_t k = 0; k < n; k++) {
        const struct ch_parcel *other = order_at(centre, k);
        if (other->courier == CH_NONE && plan_joint(ctx->city, p, from, parcel, other, ch_now(ctx), &now) &&
            (best == CH_NONE || now.takes < joint->takes)) {
            best = k;
            *joint = now;
        }
    }
    return best;
}

/* An order leaves the queue with a courier. */
static void count_out(struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre, struct courier *courier,
                      const struct ch_parcel *parcel)
{
    centre->out++;
    courier->load++;
    courier->store_node = parcel->node;
    centre->services++;
    ch_time service = p->hand_off + ride(ctx->city, p, parcel->node, parcel->home, ch_now(ctx));
    centre->service_ms += service / CH_MILLISECOND;
    ch_observe(ctx, PROBE_service_time, service / CH_SECOND);
}

/* Order k of the queue goes to the courier named in it, perhaps with another one. `fresh`: it met idle couriers. */
static void give(struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre, uint32_t k, bool fresh)
{
    struct ch_parcel two[2] = {take_out(centre, k)};
    struct courier *chosen = &couriers_of(centre)[two->courier];
    struct joint joint = {.takes = 0};
    CH_ASSERT(!chosen->busy && !chosen->off);
    if (fresh) {
        double metres = ch_distance_m(ctx->city, chosen->node, two->node);
        ch_ratio(ctx, PROBE_pickup_ratio_to_law, (int64_t)(metres * 10), (int64_t)(law_m(area_of(ctx->city), centre->idle) * 10));
        ch_observe(ctx, PROBE_pickup_distance, (int64_t)metres);
    }
    chosen->busy = true;
    chosen->trips++;
    chosen->since = ch_now(ctx);
    chosen->load = 0;
    centre->idle--;
    count_out(ctx, p, centre, chosen, &two[0]);
    uint32_t partner = CH_NONE;
    if (p->bundling && (p->dispatch == BATCH || centre->idle == 0))
        partner = find_partner(ctx, p, centre, chosen->node, two, &joint);
    ch_ratio(ctx, PROBE_bundled_share, partner == CH_NONE ? 0 : 2, partner == CH_NONE ? 1 : 2);
    if (partner == CH_NONE) {
        send_parcel(ctx, MSG_assign, chosen->node, CH_LOOKAHEAD, two);
        return;
    }
    two[1] = take_out(centre, partner);
    two[1].courier = two[0].courier;
    count_out(ctx, p, centre, chosen, &two[1]);
    if (joint.swapped)
        memcpy(two, (struct ch_parcel[2]){two[1], two[0]}, sizeof two);
    send_two(ctx, MSG_assign_two, chosen->node, CH_LOOKAHEAD, two, joint.crossed);
}

/* ---- batches ------------------------------------------------------------------------------------------------------ */

/* Orders and idle couriers of one batch. Rows are those who are fewer. */
struct lot {
    const struct ch_city *city;
    const struct couriers_params *p;
    struct centre *centre;
    const uint32_t *idle;
    bool orders_are_rows;
    ch_time now;
};

enum { DISTRUSTED_MS = 4 * 3600 * 1000 }; /* more than any ride: whoever is not trusted is sent last */

/* Milliseconds to the store, less what the order's waiting is worth. */
static int64_t cost_of(const void *context, uint32_t row, uint32_t col)
{
    const struct lot *lot = context;
    const struct ch_parcel *order = order_at(lot->centre, lot->orders_are_rows ? row : col);
    const struct courier *courier = &couriers_of(lot->centre)[lot->idle[lot->orders_are_rows ? col : row]];
    int64_t waited = (lot->now - order->ordered) / CH_MILLISECOND;
    int64_t cost = ride(lot->city, lot->p, courier->node, order->node, lot->now) / CH_MILLISECOND;
    cost += courier->trust < least_trust(lot->p) ? DISTRUSTED_MS : 0;
    return cost - (int64_t)(lot->p->waiting * (double)waited);
}

/* Writes a courier into each order that gets one. */
static void match_orders(struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre)
{
    uint32_t *idle, n = 0, n_orders = centre->waiting < TOGETHER_MAX ? centre->waiting : TOGETHER_MAX;
    struct match m = matching_of(centre, &idle);
    for (uint32_t i = 0; i < centre->n; i++)
        if (!couriers_of(centre)[i].busy && !couriers_of(centre)[i].off)
            idle[n++] = i;
    struct lot lot = {ctx->city, p, centre, idle, n_orders <= n, ch_now(ctx)};
    m.n_rows = lot.orders_are_rows ? n_orders : n;
    m.n_cols = lot.orders_are_rows ? n : n_orders;
    m.cost = cost_of;
    m.context = &lot;
    match_solve(&m);
    for (uint32_t c = 0; c < m.n_cols; c++)
        if (m.row_of[c] != CH_NONE)
            order_at(centre, lot.orders_are_rows ? m.row_of[c] : c)->courier = idle[lot.orders_are_rows ? c : m.row_of[c]];
}

static void give_batch(struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre)
{
    bool fresh = centre->waiting <= centre->idle;
    match_orders(ctx, p, centre);
    for (uint32_t k = 0; k < centre->waiting && k < TOGETHER_MAX;) {
        if (order_at(centre, k)->courier == CH_NONE) {
            k++;
        } else { /* a partner may be taken from before k, so look from the start */
            give(ctx, p, centre, k, fresh);
            k = 0;
        }
    }
}

static void expect_tick(struct ch_ctx *ctx, const struct couriers_params *p, uint32_t depot, struct centre *centre)
{
    if (!centre->ticking)
        ch_send(ctx, MSG_tick, ch_here(ctx), depot, p->batch - ch_now(ctx) % p->batch, 0);
    centre->ticking = true;
}

/* ---- the centre's day --------------------------------------------------------------------------------------------- */

/* Gives waiting orders to idle couriers while there are both, or waits for the next batch. */
static void dispatch(struct ch_ctx *ctx, uint32_t depot, struct centre *centre, bool fresh)
{
    const struct couriers_params *p = params_of_depot(ctx, depot);
    bool on_duty = is_on_duty(p, ch_now(ctx));
    if (p->dispatch == BATCH && on_duty && centre->waiting && centre->idle)
        expect_tick(ctx, p, depot, centre);
    while (p->dispatch == NEAREST && on_duty && centre->waiting && centre->idle) {
        struct ch_parcel *next = order_at(centre, 0);
        next->courier = nearest_idle(ctx->city, couriers_of(centre), centre->n, next->node, least_trust(p));
        give(ctx, p, centre, 0, fresh);
    }
    if (centre->waiting && !on_duty && !centre->waking) {
        centre->waking = true;
        ch_send(ctx, MSG_wake, ch_here(ctx), depot, until_duty(p, ch_now(ctx)), 0);
    }
    publish(ctx, depot, centre);
}

#endif
