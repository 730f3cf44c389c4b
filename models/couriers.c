/* SPDX-License-Identifier: MIT
 * M21 Couriers: who carries the parcels home, dispatched to the nearest.
 *
 * Each depot's dispatch centre is a place of its own. It owns the plan: which courier is idle and where, and which orders wait.
 * An order goes to the idle courier with the least L1 distance to the store (the lowest number among equals); without one it
 * waits, first come first served, for the next who reports. Nobody meets a courier under way, so a trip is three sealed hops:
 *     assign (least delay) -> ride to the store -> hand-off, ride to the home -> report (least delay), idle there
 * at L1 distance / speed. Fleets are on duty between two hours; a trip begun is finished, orders that come later wait.
 *
 * Drops end where people live, orders begin where stores are: who has stood idle for a while rides back to the last store he
 * picked up from (`reposition`), else the fleet strands at the edge of the city. He takes no order on that way.
 * At first each stands at the home of someone of his depot's part of the city, as after a last drop.
 *
 * Quote: expected minutes = wait for a courier + his way to the store + hand-off + way to the home. Each centre publishes the
 * first two as seconds in one row: with I idle couriers on area A the nearest is 0.6267 sqrt(A/I) away on average (Poisson
 * points, L1); with none idle, (waiting orders + 1) x mean trip / couriers.
 * K33 compares real pick-up distances with that law: 1.0-1.2 is expected when 12 or more are idle, since assignments open gaps.
 * Fleet balance: N = I + rate (t_service + 0.6267 sqrt(A/I)/v). Sources: M21 of the model reference (LOM indicators Deliveroo
 * 2021 for pay; Jensen et al. 2010 for bikes). */
#include <chaland/model.h>

#define CH_ROW_STRUCT struct couriers_params
#define COURIERS_PARAMS(P)                                                                                                 \
    P(CHOICE, mode, "bike", 0, 0, "bike|foot|car", "how couriers move; may differ by depot", CH_CHOSEN("UberRush: bikes")) \
    P(F64, bike_speed, 15, 1, 60, "km/h", "by bike", CH_SOURCED("Jensen et al. 2010; platform audits 14.5-20"))            \
    P(F64, foot_speed, 5, 1, 15, "km/h", "on foot", CH_ASSUMED(4, 6, "no data"))                                           \
    P(F64, car_speed, 16, 1, 60, "km/h", "by car", CH_ASSUMED(12, 25, "no data"))                                          \
    P(TIME, hand_off, 1.5, 0.2, 60, "min", "at the store", CH_ASSUMED(1, 5, "3.7 min in one audit"))                       \
    P(TIME, on_duty, 8, 0, 24, "h", "couriers begin", CH_CHOSEN("S4"))                                                     \
    P(TIME, off_duty, 22, 0, 24, "h", "couriers take no more orders", CH_CHOSEN("S4"))                                     \
    P(CHOICE, reposition, "last_store", 0, 0, "off|last_store", "where an idle courier goes after a while",                \
      CH_CHOSEN("factor of S4"))                                                                                           \
    P(TIME, rest, 5, 0.1, 600, "min", "idle time before he goes", CH_ASSUMED(1, 20, "no data"))                            \
    P(MONEY, fee, 4.90, 0, 100, "EUR", "asked from the customer; may differ by depot", CH_ASSUMED(2, 15, "no data"))       \
    P(MONEY, pay, 5.60, 0, 100, "EUR", "of the courier, per drop", CH_SOURCED("Deliveroo France, LOM indicators Q4 2021"))
CH_PARAMS(couriers, COURIERS_PARAMS)

enum { BIKE, FOOT, CAR };

#define COURIERS_MESSAGES(M)                                                                                            \
    M(REMOTE, assign, CH_LOOKAHEAD, 2, "an order for an idle courier, where he stands; dest = courier, slots = parcel") \
    M(REMOTE, pick_up, CH_LOOKAHEAD, 2, "he is at the store; dest = courier, slots = parcel")                           \
    M(REMOTE, report, CH_LOOKAHEAD, 0, "he is free again; dest = courier of the depot, payload = node | back << 32")    \
    M(LOCAL, go_back, 1, 0, "he has been idle for a while; dest = courier, payload = his count of trips")               \
    M(LOCAL, wake, 1, 0, "the shift begins and orders wait; dest = depot")
CH_MESSAGES(COURIERS_MESSAGES)

#define COURIERS_PROBES(B)                                                                                                  \
    B(MEAN, delivery_time_mean, "min", 1.0 / 60, 0, 31, "from order to drop")                                               \
    B(P95, delivery_time_p95, "min", 1.0 / 60, 60, 31, "from order to drop, 95th percentile")                               \
    B(RATIO, promise_kept_rate, "share", 1, 0, 32, "drops in the promised time, of orders accepted")                        \
    B(MEAN, pickup_distance, "m", 1, 0, 33, "L1 distance of the assigned idle courier to the store")                        \
    B(RATIO, pickup_ratio_to_law, "", 1, 0, 33, "the same over the mean of 0.6267 sqrt(A/I) when orders met idle couriers") \
    B(RATIO, courier_earnings_per_hour, "EUR/h", 36000, 0, 35, "pay per hour on duty")                                      \
    B(RATIO, courier_idle_share, "share", 1, 0, 35, "of the time on duty")                                                  \
    B(SUM, orders_lost, "", 1, 0, 0, "orders beyond what a centre can keep waiting")                                        \
    B(COURIER, courier_drops, "", 1, 0, 35, "drops")
CH_PROBES(COURIERS_PROBES)

#define COURIERS_DRAWS(D) D(start, "where a courier stands at first: at the home of someone; occasion: 0")
CH_DRAWS(COURIERS_DRAWS)

struct courier {
    uint32_t node;       /* where he stands when idle */
    uint32_t store_node; /* of the last pick-up */
    uint32_t trips;      /* so far */
    bool busy;
    ch_time since; /* assigned */
};

/* A dispatch centre; its couriers and its queue follow it in memory. */
struct centre {
    uint32_t n, idle;                  /* couriers */
    uint32_t first, waiting, capacity; /* ring of orders */
    bool waking;                       /* a wake is on its way */
    ch_time seen;                      /* until when time on duty is accounted for */
    int64_t trip_s;                    /* mean trip, moving average */
};

struct tables {
    uint32_t *first_courier; /* [n_depots + 1] */
    uint32_t *depot_of;      /* [n_nodes]: nearest depot with couriers, or CH_NONE */
};

enum { TRIP_AT_FIRST_S = 25 * 60, QUEUE_LEAST = 256, QUEUE_PER_COURIER = 8 };

static uint32_t queue_capacity(uint32_t couriers) { return QUEUE_LEAST + QUEUE_PER_COURIER * couriers; }

static size_t dispatch_size(const struct ch_city *city, uint32_t depot)
{
    uint32_t n = city->depots[depot].couriers;
    return sizeof(struct centre) + n * sizeof(struct courier) + queue_capacity(n) * sizeof(struct ch_parcel);
}

static struct courier *couriers_of(struct centre *centre) { return (struct courier *)(void *)(centre + 1); }

static struct ch_parcel *queue_of(struct centre *centre) { return (struct ch_parcel *)(void *)(couriers_of(centre) + centre->n); }

static double speed_km_h(const struct couriers_params *p)
{
    return p->mode == BIKE ? p->bike_speed : p->mode == FOOT ? p->foot_speed : p->car_speed;
}

static ch_time ride(const struct ch_city *city, const struct couriers_params *p, uint32_t from, uint32_t to)
{
    return ch_time_of_seconds(ch_distance_m(city, from, to) * 3.6 / speed_km_h(p));
}

static ch_time at_least(ch_time t) { return t < CH_LOOKAHEAD ? CH_LOOKAHEAD : t; }

static const struct couriers_params *params_of_depot(const struct ch_ctx *ctx, uint32_t depot)
{
    return ch_item_params(ctx, CH_ITEM_DEPOT, depot);
}

/* ---- duty -------------------------------------------------------------------------------------------------------- */

static bool is_on_duty(const struct couriers_params *p, ch_time t)
{
    return ch_time_of_day(t) >= p->on_duty && ch_time_of_day(t) < p->off_duty;
}

/* Time until the next shift begins; 0 during one. */
static ch_time until_duty(const struct couriers_params *p, ch_time t)
{
    ch_time clock = ch_time_of_day(t);
    return is_on_duty(p, t) ? 0 : clock < p->on_duty ? p->on_duty - clock : CH_DAY + p->on_duty - clock;
}

/* Time on duty between two moments. */
static ch_time duty_between(const struct couriers_params *p, ch_time from, ch_time to)
{
    ch_time sum = 0;
    for (ch_time day = ch_time_floor(from, CH_DAY); day < to; day += CH_DAY) {
        ch_time begin = day + p->on_duty > from ? day + p->on_duty : from, end = day + p->off_duty < to ? day + p->off_duty : to;
        sum += end > begin ? end - begin : 0;
    }
    return sum;
}

/* Brings the time accounts up to `now`; to be called before the number of idle couriers changes. */
static void account(struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre, ch_time now)
{
    ch_time from = centre->seen > ctx->counting_from ? centre->seen : ctx->counting_from;
    if (now > from) {
        int64_t ms = duty_between(p, from, now) / CH_MILLISECOND;
        ch_ratio(ctx, PROBE_courier_earnings_per_hour, 0, ms * centre->n);
        ch_ratio(ctx, PROBE_courier_idle_share, ms * centre->idle, ms * centre->n);
    }
    centre->seen = now;
}

/* ---- dispatch ---------------------------------------------------------------------------------------------------- */

/* The idle courier nearest to a node, the first among equals; CH_NONE if none is idle. */
static uint32_t nearest_idle(const struct ch_city *city, const struct courier *courier, uint32_t n, uint32_t node)
{
    uint32_t best = CH_NONE;
    double best_m = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (courier[i].busy)
            continue;
        double m = ch_distance_m(city, courier[i].node, node);
        if (best == CH_NONE || m < best_m) {
            best = i;
            best_m = m;
        }
    }
    return best;
}

/* Mean L1 distance to the nearest of `idle` couriers scattered at random over an area, m. */
static double law_m(double area_km2, uint32_t idle) { return 626.7 * ch_sqrt(area_km2 / idle); }

static double area_of(const struct ch_city *city) { return city->area_km2 / (city->n_depots ? city->n_depots : 1); }

/* Seconds until a courier would stand in the store, for the published row. */
static int64_t expected_s(const struct ch_city *city, const struct couriers_params *p, uint32_t n, uint32_t idle,
                          uint32_t waiting, int64_t trip_s)
{
    if (n == 0)
        return 0;
    if (idle > waiting)
        return (int64_t)(law_m(area_of(city), idle - waiting) * 3.6 / speed_km_h(p));
    return (waiting + 1 - idle) * trip_s / n;
}

static void publish(struct ch_ctx *ctx, uint32_t depot, const struct centre *centre)
{
    ch_publish(ctx, depot,
               expected_s(ctx->city, params_of_depot(ctx, depot), centre->n, centre->idle, centre->waiting, centre->trip_s));
}

static void send_parcel(struct ch_ctx *ctx, unsigned message, uint32_t place, ch_time delay, const struct ch_parcel *parcel)
{
    struct ch_slot slots[2];
    memcpy(slots, parcel, sizeof slots);
    ch_send_slots(ctx, message, place, parcel->courier, delay, parcel->order, slots);
}

static struct ch_parcel parcel_of(const struct ch_event *ev)
{
    struct ch_parcel parcel;
    memcpy(&parcel, ch_event_slots(ev), sizeof parcel);
    return parcel;
}

/* Gives waiting orders to idle couriers while there are both. */
static void dispatch(struct ch_ctx *ctx, uint32_t depot, struct centre *centre, bool fresh)
{
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct courier *courier = couriers_of(centre);
    bool on_duty = is_on_duty(p, ch_now(ctx));
    while (on_duty && centre->waiting && centre->idle) {
        struct ch_parcel *next = &queue_of(centre)[centre->first];
        next->courier = nearest_idle(ctx->city, courier, centre->n, next->node);
        struct courier *chosen = &courier[next->courier];
        double metres = ch_distance_m(ctx->city, chosen->node, next->node);
        if (fresh) {
            ch_ratio(ctx, PROBE_pickup_ratio_to_law, (int64_t)(metres * 10),
                     (int64_t)(law_m(area_of(ctx->city), centre->idle) * 10));
            ch_observe(ctx, PROBE_pickup_distance, (int64_t)metres);
        }
        chosen->busy = true;
        chosen->trips++;
        chosen->store_node = next->node;
        chosen->since = ch_now(ctx);
        send_parcel(ctx, MSG_assign, chosen->node, CH_LOOKAHEAD, next);
        centre->first = (centre->first + 1) % centre->capacity;
        centre->waiting--;
        centre->idle--;
    }
    if (centre->waiting && !on_duty && !centre->waking) {
        centre->waking = true;
        ch_send(ctx, MSG_wake, ch_here(ctx), depot, until_duty(p, ch_now(ctx)), 0);
    }
    publish(ctx, depot, centre);
}

static void take_order(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    struct centre *centre = ch_of_dispatch(ctx, parcel.depot);
    account(ctx, params_of_depot(ctx, parcel.depot), centre, ch_now(ctx));
    ch_ratio(ctx, PROBE_promise_kept_rate, 0, 1);
    if (centre->waiting == centre->capacity) {
        ch_add(ctx, PROBE_orders_lost, 1);
        return;
    }
    queue_of(centre)[(centre->first + centre->waiting) % centre->capacity] = parcel;
    centre->waiting++;
    dispatch(ctx, parcel.depot, centre, centre->waiting == 1);
}

static void on_wake(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct centre *centre = ch_of_dispatch(ctx, ev->dest);
    account(ctx, params_of_depot(ctx, ev->dest), centre, ch_now(ctx));
    centre->waking = false;
    dispatch(ctx, ev->dest, centre, false);
}

/* Free again, after a drop or after going back. */
static void on_report(struct ch_ctx *ctx, const struct ch_event *ev)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct centre *centre = ch_of_dispatch(ctx, depot);
    struct courier *courier = &couriers_of(centre)[ev->dest];
    bool back = ev->payload >> 32;
    account(ctx, p, centre, ch_now(ctx));
    CH_ASSERT(courier->busy);
    courier->busy = false;
    courier->node = (uint32_t)ev->payload;
    centre->idle++;
    if (!back)
        centre->trip_s += ((ch_now(ctx) - courier->since) / CH_SECOND - centre->trip_s) / 8;
    dispatch(ctx, depot, centre, false);
    if (!courier->busy && !back && p->reposition)
        ch_send(ctx, MSG_go_back, ch_here(ctx), ev->dest, p->rest, courier->trips);
}

static void on_go_back(struct ch_ctx *ctx, const struct ch_event *ev)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    struct centre *centre = ch_of_dispatch(ctx, depot);
    struct courier *courier = &couriers_of(centre)[ev->dest];
    if (courier->busy || courier->trips != ev->payload || courier->node == courier->store_node)
        return;
    account(ctx, p, centre, ch_now(ctx));
    courier->busy = true;
    centre->idle--;
    ch_send(ctx, MSG_report, ch_here(ctx), ev->dest, at_least(ride(ctx->city, p, courier->node, courier->store_node)),
            courier->store_node | (uint64_t)1 << 32);
    publish(ctx, depot, centre);
}

/* ---- under way --------------------------------------------------------------------------------------------------- */

static void on_assign(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    const struct couriers_params *p = params_of_depot(ctx, parcel.depot);
    send_parcel(ctx, MSG_pick_up, parcel.node, at_least(ride(ctx->city, p, ch_here(ctx), parcel.node)), &parcel);
}

static void on_pick_up(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    const struct couriers_params *p = params_of_depot(ctx, parcel.depot);
    struct ch_slot slots[2];
    memcpy(slots, &parcel, sizeof slots);
    ch_send_letter(ctx, CH_LETTER_parcel, parcel.home, parcel.person,
                   at_least(p->hand_off + ride(ctx->city, p, parcel.node, parcel.home)), parcel.order, slots);
}

static void take_parcel(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel = parcel_of(ev);
    const struct couriers_params *p = params_of_depot(ctx, parcel.depot);
    const struct tables *t = ch_table(ctx);
    int64_t took = (ch_now(ctx) - parcel.ordered) / CH_SECOND;
    ch_observe(ctx, PROBE_delivery_time_mean, took);
    ch_observe(ctx, PROBE_delivery_time_p95, took);
    ch_ratio(ctx, PROBE_promise_kept_rate, ch_now(ctx) <= parcel.promised, 0);
    ch_ratio(ctx, PROBE_courier_earnings_per_hour, p->pay, 0);
    ch_add_at(ctx, PROBE_courier_drops, t->first_courier[parcel.depot] + parcel.courier, 1);
    ch_pay(ctx, NULL, CH_ACC_DISPATCH, CH_ACC_COURIERS, p->pay, CH_REASON_wage);
    ch_send(ctx, MSG_report, ctx->city->first_dispatch + parcel.depot, parcel.courier, CH_LOOKAHEAD, parcel.home);
}

static void answer_quote(struct ch_ctx *ctx, struct ch_person *who, struct ch_quote *quote)
{
    (void)who;
    const struct tables *t = ch_table(ctx);
    uint32_t node = ctx->city->stores[quote->store].node, depot = t->depot_of[node];
    if (depot == CH_NONE)
        return;
    const struct couriers_params *p = params_of_depot(ctx, depot);
    ch_time rest = until_duty(p, ch_now(ctx)) + p->hand_off + ride(ctx->city, p, node, quote->home);
    quote->offered = true;
    quote->depot = depot;
    quote->fee = p->fee;
    quote->minutes = ((double)ch_published(ctx, depot) + ch_seconds(rest)) / 60;
}

/* ---- before and after a run -------------------------------------------------------------------------------------- */

static uint32_t rows(const struct ch_city *city) { return city->n_depots; }

static int64_t row_start(const struct ch_setup *setup, const void *table, uint32_t row)
{
    (void)table;
    const void *const *own = setup->item_params[CH_ITEM_DEPOT];
    uint32_t n = setup->city->depots[row].couriers;
    return expected_s(setup->city, own && own[row] ? own[row] : setup->params, n, n, 0, TRIP_AT_FIRST_S);
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
        if (here->off_duty <= here->on_duty)
            ch_fail(setup->error, CH_INVALID,
                    "couriers.off_duty: depot '%s': the shift must end after it begins (couriers.on_duty), on the same day",
                    city->depots[d].id);
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

static void start_place(struct ch_ctx *ctx)
{
    uint32_t depot = ch_here(ctx) - ctx->city->first_dispatch;
    if (ch_here(ctx) < ctx->city->first_dispatch || depot >= ctx->city->n_depots)
        return;
    struct centre *centre = ch_of_dispatch(ctx, depot);
    centre->n = centre->idle = ctx->city->depots[depot].couriers;
    centre->capacity = queue_capacity(centre->n);
    centre->trip_s = TRIP_AT_FIRST_S;
    for (uint32_t i = 0; i < centre->n; i++)
        couriers_of(centre)[i].node = first_stand(ctx, depot, i);
}

static void finish(struct ch_ctx *ctx)
{
    for (uint32_t d = 0; d < ctx->city->n_depots; d++)
        account(ctx, params_of_depot(ctx, d), ch_of_dispatch(ctx, d), ctx->end);
}

/* Idle couriers are those not busy, and nobody waits while one is idle on duty. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t d = 0; d < ctx->city->n_depots; d++) {
        struct centre *centre = ch_of_dispatch(ctx, d);
        uint32_t idle = 0;
        for (uint32_t i = 0; i < centre->n; i++)
            idle += !couriers_of(centre)[i].busy;
        if (idle != centre->idle || centre->waiting > centre->capacity)
            ch_fail(audit->error, CH_INTERNAL, "couriers: depot %u counts %u idle couriers and has %u", (unsigned)d,
                    (unsigned)centre->idle, (unsigned)idle);
    }
}

extern const struct ch_model ch_model_couriers;
const struct ch_model ch_model_couriers = {
    .name = "couriers",
    .title = "Couriers, dispatched to the nearest",
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
