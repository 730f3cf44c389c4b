/* SPDX-License-Identifier: MIT
 * The end of a run of models/couriers.c, and its daily audit. */
#ifndef CH_COURIERS_AUDIT_H
#define CH_COURIERS_AUDIT_H

#include "couriers_trip.h"

/* K36 and the law's fleet, of all centres together: orders of each hour of the day, and how many of them came in time. */
static void finish_levels(struct ch_ctx *ctx)
{
    double days = ch_seconds(ctx->end - ctx->counting_from) / 86400, capacity = 0, busiest = 0, service_ms = 0, services = 0;
    bool followed = false;
    for (unsigned h = 0; h < HOURS; h++) {
        int64_t orders = 0, in_time = 0;
        for (uint32_t d = 0; d < ctx->city->n_depots; d++) {
            const struct centre *centre = ch_of_dispatch(ctx, d);
            orders += centre->hour[h].orders;
            in_time += centre->hour[h].in_time;
            service_ms += (double)centre->service_ms;
            services += (double)centre->services;
            followed |= is_followed(params_of_depot(ctx, d));
        }
        busiest = (double)orders / days > busiest ? (double)orders / days : busiest;
        if (in_time * 20 >= orders * 19 && (double)orders / days > capacity)
            capacity = (double)orders / days;
    }
    double service_h = services > 0 ? service_ms / services / 3.6e6 : 0, undefined = ch_log(-1);
    double fleet = busiest > 0
                       ? least_fleet(busiest, ctx->city->area_km2, speed_km_h(ch_params_of(ctx), 12 * CH_HOUR), service_h, NULL)
                       : undefined;
    ch_set_value(ctx, PROBE_service_capacity, followed ? capacity : undefined);
    ch_set_value(ctx, PROBE_fleet_by_law, followed ? fleet : undefined);
}

/* ---- audit -------------------------------------------------------------------------------------------------------- */

/* Counts the parcels of an event under way with their centre. */
static void find_parcels(void *arg, const struct ch_event *ev)
{
    const struct ch_audit *audit = arg;
    struct ch_ctx *ctx = audit->ctx;
    unsigned kind = ch_event_kind(ev), own = kind - ctx->self->first_kind;
    if (kind == audit->letter_kind(audit, CH_LETTER_parcel) || own == MSG_assign || own == MSG_pick_up) {
        struct ch_parcel parcel = parcel_of(ev);
        ((struct centre *)ch_of_dispatch(ctx, parcel.depot))->found++;
    } else if (own == MSG_assign_two || own == MSG_pick_first || own == MSG_pick_second) {
        struct ch_parcel two[2];
        two_of(ev, two);
        ((struct centre *)ch_of_dispatch(ctx, two->depot))->found += 2;
    } else if (own == MSG_news || own == MSG_report) {
        uint32_t depot = ev->place - ctx->city->first_dispatch;
        struct centre *centre = ch_of_dispatch(ctx, depot);
        if (own == MSG_news)
            centre->found++;
        else if (!is_followed(params_of_depot(ctx, depot)) && !(ev->payload >> 32))
            centre->found += couriers_of(centre)[ev->dest].load;
    }
}

/* Couriers are idle, busy or off; every order is in one place. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t d = 0; d < ctx->city->n_depots; d++)
        ((struct centre *)ch_of_dispatch(ctx, d))->found = 0;
    if (ctx->city->n_depots)
        audit->each_pending(audit, find_parcels, (void *)(uintptr_t)audit);
    for (uint32_t d = 0; d < ctx->city->n_depots; d++) {
        struct centre *c = ch_of_dispatch(ctx, d);
        uint32_t idle = 0, present = 0;
        for (uint32_t i = 0; i < c->n; i++) {
            idle += !couriers_of(c)[i].busy && !couriers_of(c)[i].off;
            present += couriers_of(c)[i].busy || !couriers_of(c)[i].off;
        }
        if (idle != c->idle || present != c->present || c->waiting > c->capacity)
            ch_fail(audit->error, CH_INTERNAL, "couriers: depot %u counts %u idle of %u couriers and has %u of %u", (unsigned)d,
                    (unsigned)c->idle, (unsigned)c->present, (unsigned)idle, (unsigned)present);
        if (c->ordered != c->refused + c->waiting + c->out + c->delivered + c->lost + c->cancelled || c->out != c->found)
            ch_fail(audit->error, CH_INTERNAL,
                    "couriers: depot %u: %lld ordered, %lld refused, %u wait, %lld out (%lld found), %lld delivered, %lld lost, "
                    "%lld cancelled",
                    (unsigned)d, (long long)c->ordered, (long long)c->refused, (unsigned)c->waiting, (long long)c->out,
                    (long long)c->found, (long long)c->delivered, (long long)c->lost, (long long)c->cancelled);
    }
}

#endif
