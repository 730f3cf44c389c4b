/* SPDX-License-Identifier: MIT
 * M21 Couriers: who carries the parcels home.
 *
 * Each depot's dispatch centre is a place of its own. It owns the plan: which courier is idle and where, and which orders wait.
 * Nobody meets a courier under way, so a trip is three sealed hops:
 *     assign (least delay) -> ride to the store -> hand-off, ride to the home -> report (least delay), idle there
 * at L1 distance / speed. A trip begun is finished.
 *
 *   nearest    An order goes at once to the idle courier with the least L1 distance to the store (the lowest number among
 *              equals); without one it waits, first come first served, for the next who reports.
 *   batch      Orders gather until the next tick of the clock, then the oldest 128 and all idle couriers are matched at the least
 *              total cost of riding (couriers_match.h); when some must be left, an order is worth the time it has waited.
 *   bundling   Who is sent while no idle courier is left for the others may take a second order along: couriers_trip.h.
 *   reposition Drops end where people live, orders begin where stores are. Who has stood idle for a while rides back to the last
 *              store he picked up from, taking no order on that way; or, by a forecast of orders per zone and hour (moving
 *              averages over days), towards the zone that lacks couriers most, and may be called on the way.
 *   shifts     from on_duty to off_duty for all, or 3-4.5 h, several a day, drawn for each courier; he begins at his first stand.
 *   surge      s = clip(1 + 0.5 (load - 0.85) / 0.15, 1, 2), load = orders in hand or waiting per courier on duty
 *   promise    a factor on what is quoted; learnt: ln factor += 0.02 (late - 0.1), which rests where 90 % are in time
 *   stars      5 with chance L(3 - 0.15 minutes late), else 4 to 1; trust T = moving mean / 5; T < 0.8 is sent last
 *   insurance  1 % of the value; one parcel of 1,000 is lost, and up to 250 EUR are paid for it
 *
 * At first each stands at the home of someone of his depot's part of the city, as after a last drop.
 * Quote: expected minutes = wait for a courier + his way to the store + hand-off + way to the home. Each centre publishes the
 * first two as seconds in one row: with I idle couriers on area A the nearest is 0.6267 sqrt(A/I) away on average (Poisson
 * points, L1); with none idle, (waiting orders + 1) x mean trip / couriers.
 * K33 compares real pick-up distances with that law: 1.0-1.2 is expected when 12 or more are idle, since assignments open gaps.
 * Audit: ordered = refused + waiting + under way + delivered + lost + cancelled, and all under way are found in the mail.
 * Sources: M21 of the model reference (LOM indicators Deliveroo 2021 for pay; Jensen et al. 2010 for bikes). */
#include "couriers_audit.h"
#include "couriers_plan.h"

struct tables {
    uint32_t *first_courier; /* [n_depots + 1] */
    uint32_t *depot_of;      /* [n_nodes]: nearest depot with couriers, or CH_NONE */
};

static void tell_end(struct ch_ctx *ctx, const struct ch_parcel *parcel, enum ch_order_how how)
{
    struct ch_order_end end = {.parcel = parcel, .how = how};
    ch_tell_order_ends(ctx, NULL, &end);
}

static void count_hour(struct ch_ctx *ctx, struct centre *centre, unsigned hour, bool in_time)
{
    if (ch_now(ctx) < ctx->counting_from)
        return;
    centre->hour[hour].orders++;
    centre->hour[hour].in_time += in_time;
}

static void take_order(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    struct centre *centre = ch_of_dispatch(ctx, parcel.depot);
    const struct couriers_params *p = params_of_depot(ctx, parcel.depot);
    account(ctx, p, centre, ch_now(ctx));
    ch_ratio(ctx, PROBE_promise_kept_rate, 0, 1);
    centre->ordered++;
    if (p->reposition == FORECAST) {
        uint32_t zone = zone_of(ctx->city, p, parcel.node);
        close_hours(centre, p->memory, ch_now(ctx));
        centre->count[zone]++;
        centre->zone_node[zone] = parcel.node;
    }
    if (centre->waiting == centre->capacity) {
        ch_add(ctx, PROBE_orders_lost, 1);
        centre->refused++;
        count_hour(ctx, centre, hour_of(parcel.ordered), false);
        tell_end(ctx, &parcel, CH_ORDER_CANCELLED);
        return;
    }
    centre->waiting++;
    *order_at(centre, centre->waiting - 1) = parcel;
    if (p->patience) {
        ch_time left = parcel.ordered + p->patience - ch_now(ctx);
        ch_send(ctx, MSG_tire, ch_here(ctx), parcel.depot, left > 1 ? left : 1, parcel.order);
    }
    dispatch(ctx, parcel.depot, centre, centre->waiting == 1);
}

/* A customer has waited long enough: the order is cancelled if no courier has taken it yet. */
static void on_tire(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct centre *centre = ch_of_dispatch(ctx, ev->dest);
    uint32_t k = 0;
    while (k < centre->waiting && order_at(centre, k)->order != ev->payload)
        k++;
    if (k == centre->waiting)
        return;
    account(ctx, params_of_depot(ctx, ev->dest), centre, ch_now(ctx));
    struct ch_parcel parcel = take_out(centre, k);
    centre->cancelled++;
    ch_add(ctx, PROBE_orders_cancelled, 1);
    count_hour(ctx, centre, hour_of(parcel.ordered), false);
    tell_end(ctx, &parcel, CH_ORDER_CANCELLED);
    publish(ctx, ev->dest, centre);
}

static void on_wake(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct centre *centre = ch_of_dispatch(ctx, ev->dest);
    account(ctx, params_of_depot(ctx, ev->dest), centre, ch_now(ctx));
    centre->waking = false;
    dispatch(ctx, ev->dest, centre, false);
}

static void on_tick(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct centre *centre = ch_of_dispatch(ctx, ev->dest);
    const struct couriers_params *p = params_of_depot(ctx, ev->dest);
    account(ctx, p, centre, ch_now(ctx));
    centre->ticking = false;
    if (centre->waiting && centre->idle && is_on_duty(p, ch_now(ctx)))
        give_batch(ctx, p, centre);
    dispatch(ctx, ev->dest, centre, false);
}

/* ---- couriers come and go ----------------------------------------------------------------------------------------- */

/* Free again, after a drop or after a ride of his own. */
static void on_report(struct ch_ctx *ctx, const struct ch_event *ev)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct centre *centre = ch_of_dispatch(ctx, depot);
    struct courier *courier = &couriers_of(centre)[ev->dest];
    bool back = ev->payload >> 32;
    account(ctx, p, centre, ch_now(ctx));
    CH_ASSERT(courier->busy && courier->roaming == back);
    courier->busy = courier->roaming = false;
    courier->node = (uint32_t)ev->payload;
    centre->roaming -= back;
    centre->idle += !courier->off;
    centre->present -= courier->off;
    if (!back)
        centre->trip_s += ((ch_now(ctx) - courier->since) / CH_SECOND / courier->load - centre->trip_s) / 8;
    if (!back && !is_followed(p)) {
        centre->out -= courier->load;
        centre->delivered += courier->load;
    }
    dispatch(ctx, depot, centre, false);
    if (courier->busy || courier->off || p->reposition == STAY)
        return;
    if (!back)
        ch_send(ctx, MSG_go_back, ch_here(ctx), ev->dest, p->rest, courier->trips);
    else if (p->reposition == FORECAST)
        ch_send(ctx, MSG_go_back, ch_here(ctx), ev->dest, 1, courier->trips);
}

enum { STAGE_M = 400 }; /* after so many metres he can be called */

/* He rides off without a job: to the last store, or a stage towards where couriers lack. */
static void on_go_back(struct ch_ctx *ctx, const struct ch_event *ev)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct centre *centre = ch_of_dispatch(ctx, depot);
    struct courier *courier = &couriers_of(centre)[ev->dest];
    if (courier->busy || courier->off || courier->trips != ev->payload)
        return;
    uint32_t to = courier->store_node, stop = to;
    if (p->reposition == FORECAST) {
        to = is_on_duty(p, ch_now(ctx)) ? wanted_node(ctx->city, p, centre, courier, ch_now(ctx)) : courier->node;
        uint32_t blocks = (uint32_t)(STAGE_M * 1000 / ctx->city->block_mm);
        stop = towards(ctx->city, courier->node, to, blocks ? blocks : 1);
    }
    if (courier->node == to) {
        if (p->reposition == FORECAST)
            ch_send(ctx, MSG_go_back, ch_here(ctx), ev->dest, until_duty(p, ch_now(ctx)) + p->rest, courier->trips);
        return;
    }
    account(ctx, p, centre, ch_now(ctx));
    courier->busy = courier->roaming = true;
    centre->idle--;
    centre->roaming++;
    ch_send(ctx, MSG_report, ch_here(ctx), ev->dest, at_least(ride_with(ctx, p, courier->node, stop, false)),
            stop | (uint64_t)1 << 32);
    courier->node = to;
    publish(ctx, depot, centre);
}

/* A random home nearest to the depot; after some tries any home, without people the depot itself. */
static uint32_t first_stand(struct ch_ctx *ctx, uint32_t depot, uint32_t courier)
{
    const struct tables *t = ch_table(ctx);
    uint32_t node = ctx->city->depots[depot].node;
    struct ch_draw draw = ch_draw(ctx, DRAW_start, t->first_courier[depot] + courier, 0);
    for (int tries = 0; tries < 32 && ctx->city->n_people; tries++) {
        node = ctx->city->people[ch_draw_below(&draw, ctx->city->n_people)].home;
        if (t->depot_of[node] == depot)
            break;
    }
    return node;
}

static void on_roster(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct couriers_params *p = params_of_depot(ctx, ev->dest);
    const struct centre *centre = ch_of_dispatch(ctx, ev->dest);
    const struct tables *t = ch_table(ctx);
    ch_time day = ch_time_floor(ch_now(ctx), CH_DAY);
    struct stint stint[SHIFTS_MAX];
    for (uint32_t i = 0; i < centre->n; i++) {
        struct ch_draw draw = ch_draw(ctx, DRAW_shift, t->first_courier[ev->dest] + i, (uint64_t)ch_day_of(ch_now(ctx)) << 32);
        unsigned n = draw_shifts(p, &draw, stint);
        for (unsigned k = 0; k < n; k++) {
            ch_time begins = day + stint[k].begins - ch_now(ctx), ends = day + stint[k].ends - ch_now(ctx);
            ch_send(ctx, MSG_shift, ch_here(ctx), i, begins > 1 ? begins : 1, 1);
            ch_send(ctx, MSG_shift, ch_here(ctx), i, ends > 2 ? ends : 2, 0);
        }
    }
    ch_send(ctx, MSG_roster, ch_here(ctx), ev->dest, day + CH_DAY + p->on_duty - ch_now(ctx), 0);
}

static void on_shift(struct ch_ctx *ctx, const struct ch_event *ev)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct centre *centre = ch_of_dispatch(ctx, depot);
    struct courier *courier = &couriers_of(centre)[ev->dest];
    account(ctx, p, centre, ch_now(ctx));
    courier->off = !ev->payload;
    if (!courier->busy && courier->off) {
        centre->present--;
        centre->idle--;
    } else if (!courier->busy) {
        centre->present++;
        centre->idle++;
        courier->node = first_stand(ctx, depot, ev->dest);
        courier->trips++;
        if (p->reposition == FORECAST)
            ch_send(ctx, MSG_go_back, ch_here(ctx), ev->dest, p->rest, courier->trips);
    }
    dispatch(ctx, depot, centre, false);
}

/* ---- at the home -------------------------------------------------------------------------------------------------- */

static void take_parcel(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    const struct couriers_params *p = params_of_depot(ctx, parcel.depot);
    const struct tables *t = ch_table(ctx);
    uint32_t centre = ctx->city->first_dispatch + parcel.depot;
    struct ending ending = {.lost = insure(ctx, p, &parcel), .hour = hour_of(parcel.ordered)};
    if (!ending.lost) {
        count_drop(ctx, p, &parcel, t->first_courier[parcel.depot]);
        ending.star = stars_for(ctx, p, &parcel);
        ending.late = ch_now(ctx) > parcel.promised;
        ending.in_45_min = ch_now(ctx) - parcel.ordered <= 45 * CH_MINUTE;
    }
    tell_end(ctx, &parcel, ending.lost ? CH_ORDER_LOST : CH_ORDER_DELIVERED);
    if (is_followed(p))
        ch_send(ctx, MSG_news, centre, parcel.courier, CH_LOOKAHEAD, pack_ending(&ending));
    if (!(parcel.marks & CH_PARCEL_MORE))
        ch_send(ctx, MSG_report, centre, parcel.courier, CH_LOOKAHEAD, parcel.home);
}

static void on_news(struct ch_ctx *ctx, const struct ch_event *ev)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct centre *centre = ch_of_dispatch(ctx, depot);
    struct courier *courier = &couriers_of(centre)[ev->dest];
    struct ending ending = unpack_ending(ev->payload);
    centre->out--;
    centre->lost += ending.lost;
    centre->delivered += !ending.lost;
    count_hour(ctx, centre, ending.hour, ending.in_45_min);
    if (ending.star) {
        double change = p->star_memory * (ending.star / 5.0 - courier->trust);
        courier->trust += change;
        centre->trust_sum += change;
        ch_ratio(ctx, PROBE_courier_trust, (int64_t)(courier->trust * 10000), 1);
    }
    if (p->promise == LEARNT && !ending.lost)
        centre->promise *= ch_exp(p->learning * (ending.late - (1 - p->kept)));
    publish(ctx, depot, centre);
}

static void answer_quote(struct ch_ctx *ctx, struct ch_person *who, struct ch_quote *quote)
{
    (void)who;
    const struct tables *t = ch_table(ctx);
    uint32_t node = ctx->city->stores[quote->store].node, depot = t->depot_of[node];
    if (depot == CH_NONE)
        return;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    ch_time rest = until_duty(p, ch_now(ctx)) + p->hand_off + ride(ctx->city, p, node, quote->home, ch_now(ctx));
    quote->offered = true;
    quote->depot = depot;
    quote->fee = p->fee;
    quote->minutes = ((double)ch_published(ctx, row_of(ctx->city, WAIT, depot)) + ch_seconds(rest)) / 60;
    quote->surge = p->surge ? published_share(ctx, SURGE, depot) : 1;
    if (quote->surge > 1)
        quote->fee = (ch_cents)((double)p->fee * quote->surge + 0.5);
    quote->promise = p->promise == LEARNT ? published_share(ctx, PROMISE, depot) : 0;
    quote->distrust = p->ratings ? published_share(ctx, DISTRUST, depot) : 0;
}

/* ---- before and after a run -------------------------------------------------------------------------------------- */

enum { PROMISE_AT_FIRST = 15000 }; /* ten-thousandths */

static int64_t row_start(const struct ch_setup *setup, const void *table, uint32_t row)
{
    (void)table;
    const void *const *own = setup->item_params[CH_ITEM_DEPOT];
    uint32_t depot = row % setup->city->n_depots, n = setup->city->depots[depot].couriers;
    if (row / setup->city->n_depots != WAIT)
        return row / setup->city->n_depots == PROMISE ? PROMISE_AT_FIRST : 0;
    return expected_s(setup->city, own && own[depot] ? own[depot] : setup->params, n, n, 0, TRIP_AT_FIRST_S, 0);
}

static void check_shifts(struct ch_setup *setup, const struct couriers_params *p, uint32_t depot, bool its_own)
{
    struct ch_blame blame = {.of_item = its_own, .kind = CH_ITEM_DEPOT, .item = depot};
    if (p->off_duty <= p->on_duty) {
        blame.param = "off_duty";
        blame.other = "on_duty";
        blame.hint = "a shift ends after it begins, on the same day";
        ch_setup_refuse(setup, blame, "after couriers.on_duty");
    }
    if (p->shifts == DRAWN && p->shift_most < p->shift_least) {
        blame.param = "shift_most";
        blame.other = "shift_least";
        blame.hint = "the longest and the shortest of the shifts that are drawn";
        ch_setup_refuse(setup, blame, "couriers.shift_least or longer");
    }
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    const struct couriers_params *p = setup->params;
    struct tables *t = ch_setup_alloc(setup, 1, sizeof *t);
    t->first_courier = ch_setup_alloc(setup, city->n_depots + 1u, sizeof *t->first_courier);
    t->depot_of = ch_setup_alloc(setup, city->n_nodes, sizeof *t->depot_of);
    const void *const *own = setup->item_params[CH_ITEM_DEPOT];
    for (uint32_t d = 0; d < city->n_depots; d++) {
        const struct couriers_params *here = own && own[d] ? own[d] : p;
        if (here != p || d == 0)
            check_shifts(setup, here, d, here != p);
        t->first_courier[d + 1] = t->first_courier[d] + city->depots[d].couriers;
    }
    for (uint32_t node = 0; node < city->n_nodes; node++) {
        double best = 0;
        t->depot_of[node] = CH_NONE;
        for (uint32_t d = 0; d < city->n_depots; d++) {
            double m = ch_distance_m(city, node, city->depots[d].node);
            if (city->depots[d].couriers && (t->depot_of[node] == CH_NONE || m < best)) {
                t->depot_of[node] = d;
                best = m;
            }
        }
    }
    return t;
}

static void start_place(struct ch_ctx *ctx)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    if (ch_here(ctx) < ctx->city->first_dispatch || depot >= ctx->city->n_depots)
        return;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct centre *centre = ch_of_dispatch(ctx, depot);
    centre->n = centre->present = centre->idle = ctx->city->depots[depot].couriers;
    centre->capacity = queue_capacity(centre->n);
    centre->trip_s = TRIP_AT_FIRST_S;
    centre->promise = PROMISE_AT_FIRST / 10000.0;
    centre->trust_sum = centre->n;
    for (uint32_t i = 0; i < centre->n; i++) {
        struct courier *courier = &couriers_of(centre)[i];
        *courier = (struct courier){.node = first_stand(ctx, depot, i), .off = p->shifts == DRAWN, .trust = 1};
        if (p->reposition == FORECAST && !courier->off)
            ch_send(ctx, MSG_go_back, ch_here(ctx), i, p->on_duty + p->rest, 0);
    }
    if (p->shifts == DRAWN) {
        centre->present = centre->idle = 0;
        ch_send(ctx, MSG_roster, ch_here(ctx), depot, p->on_duty > 0 ? p->on_duty : 1, 0);
    }
}

static void finish(struct ch_ctx *ctx)
{
    for (uint32_t d = 0; d < ctx->city->n_depots; d++)
        account(ctx, params_of_depot(ctx, d), ch_of_dispatch(ctx, d), ctx->end);
    finish_levels(ctx);
}

extern const struct ch_model ch_model_couriers;
const struct ch_model ch_model_couriers = {
    .name = "couriers",
    .title = "Couriers: dispatch, shifts, surge, ratings, insurance",
    .mechanism = "M21",
    .items = CH_HEEDS(DEPOT),
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .dispatch_size = dispatch_size,
    .rows = rows,
    .row_start = row_start,
    .tabulate = tabulate,
    .start_place = start_place,
    .finish = finish,
    .audit = audit,
    .take_order = take_order,
    .take_parcel = take_parcel,
    .answer_quote = answer_quote,
};
