/* SPDX-License-Identifier: MIT
 * What a dispatch centre of models/couriers.c holds: couriers, the queue of orders, accounts of time and parcels, forecasts. */
#ifndef CH_COURIERS_CENTRE_H
#define CH_COURIERS_CENTRE_H

#include "couriers_law.h"
#include "couriers_match.h"

struct courier {
    uint32_t node;       /* where he stands when idle, or rides to when roaming */
    uint32_t store_node; /* of the last pick-up */
    uint32_t trips;      /* so far; tells a stale go_back */
    bool busy;
    bool roaming;  /* busy with a ride of his own */
    bool off;      /* his shift is over, or has not begun */
    uint8_t load;  /* parcels of this trip */
    ch_time since; /* assigned */
    double trust;  /* mean stars / 5, moving */
};

enum { HOURS = 24, ZONES_SIDE = 8, ZONES = ZONES_SIDE * ZONES_SIDE };

/* A dispatch centre; its couriers, its queue and what matching needs follow it in memory. */
struct centre {
    uint32_t n, present, idle, roaming; /* couriers: all, on duty or on a last trip, idle, riding without a job */
    uint32_t first, waiting, capacity;  /* ring of orders */
    bool waking, ticking;               /* a message is on its way */
    ch_time seen;                       /* until when time on duty is accounted for */
    int64_t trip_s;                     /* mean trip per parcel, moving average */
    int64_t tools;                      /* tool cost not paid yet, cent hours / 3600000 */
    /* parcels: ordered = refused + waiting + out + delivered + lost + cancelled */
    int64_t ordered, refused, out, delivered, lost, cancelled;
    int64_t found; /* by the audit under way */
    double promise, trust_sum;
    struct { /* of each hour of the day, after the warm-up */
        int64_t orders, in_time;
    } hour[HOURS];
    int64_t service_ms, services; /* hand-off and way to the home */
    int64_t forecast_hour;        /* number of the hour that is being counted */
    uint32_t seen_hours;          /* bit h: hour h of the day has a forecast */
    float forecast[HOURS][ZONES]; /* orders per hour */
    uint32_t count[ZONES];        /* in this hour */
    uint32_t zone_node[ZONES];    /* of the newest order's store */
    uint32_t supply[ZONES];       /* scratch */
};

enum { TRIP_AT_FIRST_S = 25 * 60, QUEUE_LEAST = 256, QUEUE_PER_COURIER = 8, TOGETHER_MAX = 128 };

static inline uint32_t queue_capacity(uint32_t couriers) { return QUEUE_LEAST + QUEUE_PER_COURIER * couriers; }

/* What one batch needs: rows at most TOGETHER_MAX, columns at most that or all couriers. */
static inline size_t scratch_columns(uint32_t couriers) { return couriers > TOGETHER_MAX ? couriers : TOGETHER_MAX; }
enum { SCRATCH_ROW = sizeof(int64_t), SCRATCH_COLUMN = 2 * sizeof(int64_t) + 3 * sizeof(uint32_t) + 4 /* bool */ };

static inline size_t dispatch_size(const struct ch_city *city, uint32_t depot)
{
    uint32_t n = city->depots[depot].couriers;
    return sizeof(struct centre) + n * sizeof(struct courier) + queue_capacity(n) * sizeof(struct ch_parcel) +
           TOGETHER_MAX * SCRATCH_ROW + scratch_columns(n) * SCRATCH_COLUMN;
}

static inline struct courier *couriers_of(struct centre *centre) { return (struct courier *)(void *)(centre + 1); }

static inline struct ch_parcel *queue_of(struct centre *centre)
{
    return (struct ch_parcel *)(void *)(couriers_of(centre) + centre->n);
}

static inline struct ch_parcel *order_at(struct centre *centre, uint32_t k)
{
    return &queue_of(centre)[(centre->first + k) % centre->capacity];
}

/* Takes one out of the queue; the others keep their order. */
static inline struct ch_parcel take_out(struct centre *centre, uint32_t k)
{
    struct ch_parcel taken = *order_at(centre, k);
    for (; k > 0; k--)
        *order_at(centre, k) = *order_at(centre, k - 1);
    centre->first = (centre->first + 1) % centre->capacity;
    centre->waiting--;
    return taken;
}

/* The memory for matching; `idle` lists couriers. */
static inline struct match matching_of(struct centre *centre, uint32_t **idle)
{
    size_t n = scratch_columns(centre->n);
    struct match m = {.row_price = (int64_t *)(void *)(queue_of(centre) + centre->capacity)};
    m.col_price = m.row_price + TOGETHER_MAX;
    m.reach = m.col_price + n;
    m.row_of = (uint32_t *)(void *)(m.reach + n);
    m.came_from = m.row_of + n;
    *idle = m.came_from + n;
    m.settled = (bool *)(*idle + n);
    return m;
}

static inline const struct couriers_params *params_of_depot(const struct ch_ctx *ctx, uint32_t depot)
{
    return ch_item_params(ctx, CH_ITEM_DEPOT, depot);
}

/* Does the centre hear how each parcel ended? */
static inline bool is_followed(const struct couriers_params *p)
{
    return p->ratings || p->insurance || p->bundling || p->promise == LEARNT;
}

/* ---- accounts of time --------------------------------------------------------------------------------------------- */

/* Orders in hand or waiting per courier on duty. */
static inline double load_of(const struct centre *centre)
{
    uint32_t busy = centre->present - centre->idle - centre->roaming;
    return centre->present ? (double)(busy + centre->waiting) / centre->present : centre->waiting > 0;
}

static inline void pay_tools(struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre, int64_t ms)
{
    enum { HOUR_MS = 3600000 };
    centre->tools += p->tool_cost * ms;
    int64_t cents = centre->tools / HOUR_MS;
    centre->tools -= cents * HOUR_MS;
    if (!ctx->audit) /* after the last event nothing can be posted */
        ch_pay(ctx, NULL, CH_ACC_COURIERS, CH_ACC_WORLD, cents, CH_REASON_tool);
    ch_ratio(ctx, PROBE_courier_earnings_per_hour, -cents, 0);
    ch_ratio(ctx, PROBE_cost_per_drop, cents, 0);
}

/* Brings the time accounts up to `now`; to be called before the numbers of couriers or orders change. */
static inline void account(struct ch_ctx *ctx, const struct couriers_params *p, struct centre *centre, ch_time now)
{
    ch_time from = centre->seen > ctx->counting_from ? centre->seen : ctx->counting_from;
    if (now > from) {
        int64_t ms = (p->shifts == DRAWN ? now - from : duty_between(p, from, now)) / CH_MILLISECOND;
        ch_ratio(ctx, PROBE_courier_earnings_per_hour, 0, ms * centre->present);
        ch_ratio(ctx, PROBE_courier_idle_share, ms * centre->idle, ms * centre->present);
        ch_ratio(ctx, PROBE_surge_share, load_of(centre) > p->surge_from ? ms : 0, ms);
        if (p->tool_cost)
            pay_tools(ctx, p, centre, ms * centre->present);
    }
    centre->seen = now;
}

/* ---- forecast ----------------------------------------------------------------------------------------------------- */

static inline uint32_t zone_along(uint32_t at, uint32_t n, int64_t block_mm, double zone_m)
{
    double least = (double)n * (double)block_mm / 1000 / ZONES_SIDE, side = zone_m > least ? zone_m : least;
    uint32_t zone = (uint32_t)((double)at * (double)block_mm / 1000 / side);
    return zone < ZONES_SIDE ? zone : ZONES_SIDE - 1;
}

static inline uint32_t zone_of(const struct ch_city *city, const struct couriers_params *p, uint32_t node)
{
    return zone_along(ch_row(city, node), city->height, city->block_mm, p->zone) * ZONES_SIDE +
           zone_along(ch_column(city, node), city->width, city->block_mm, p->zone);
}

/* Closes the hours that have passed: the forecast of an hour of the day moves towards what was counted in it. */
static inline void close_hours(struct centre *centre, double memory, ch_time now)
{
    for (; centre->forecast_hour < now / CH_HOUR; centre->forecast_hour++) {
        unsigned h = (unsigned)(centre->forecast_hour % HOURS);
        double weight = centre->seen_hours >> h & 1 ? memory : 1;
        for (unsigned z = 0; z < ZONES; z++) {
            centre->forecast[h][z] += (float)(weight * ((double)centre->count[z] - (double)centre->forecast[h][z]));
            centre->count[z] = 0;
        }
        centre->seen_hours |= 1u << h;
    }
}

/* The zone that lacks couriers most: its share of the idle by the forecast of this hour (on the first day: of the last one), less
 * who stand there or ride there. The zone `own` if nothing is gained by leaving it. */
static inline uint32_t neediest_zone(const struct centre *centre, uint32_t own, ch_time now)
{
    unsigned h = (unsigned)(now / CH_HOUR % HOURS), last = (h + HOURS - 1) % HOURS;
    const float *forecast = centre->forecast[centre->seen_hours >> h & 1 ? h : last];
    double orders = 0, couriers = 0, most = 0, here = 0;
    uint32_t best = own;
    for (unsigned z = 0; z < ZONES; z++) {
        orders += (double)forecast[z];
        couriers += centre->supply[z];
    }
    for (unsigned z = 0; z < ZONES && orders > 0; z++) {
        double lack = (double)forecast[z] / orders * couriers - centre->supply[z];
        here = z == own ? lack : here;
        if (z != own && lack > most) {
            most = lack;
            best = z;
        }
    }
    return most > here + 1 ? best : own;
}

/* Where an idle courier should stand: his own node, or that of the newest order in the neediest zone. */
static inline uint32_t wanted_node(const struct ch_city *city, const struct couriers_params *p, struct centre *centre,
                                   const struct courier *who, ch_time now)
{
    const struct courier *courier = couriers_of(centre);
    close_hours(centre, p->memory, now);
    memset(centre->supply, 0, sizeof centre->supply);
    for (uint32_t i = 0; i < centre->n; i++)
        if (courier[i].roaming || (!courier[i].busy && !courier[i].off))
            centre->supply[zone_of(city, p, courier[i].node)]++;
    uint32_t own = zone_of(city, p, who->node), zone = neediest_zone(centre, own, now);
    return zone == own ? who->node : centre->zone_node[zone];
}

/* A node at most `blocks` on the way, first along the row. */
static inline uint32_t towards(const struct ch_city *city, uint32_t from, uint32_t to, uint32_t blocks)
{
    uint32_t x = ch_column(city, from), y = ch_row(city, from), x1 = ch_column(city, to), y1 = ch_row(city, to);
    uint32_t dx = x < x1 ? x1 - x : x - x1, dy = y < y1 ? y1 - y : y - y1;
    dx = dx < blocks ? dx : blocks;
    dy = dy < blocks - dx ? dy : blocks - dx;
    return (y < y1 ? y + dy : y - dy) * city->width + (x < x1 ? x + dx : x - dx);
}

#endif
