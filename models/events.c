/* SPDX-License-Identifier: MIT
 * M19 Place events: a market, a concert, a parade in a merchant cluster, on given days and hours.
 *
 * While one goes on, each store of its cluster has the utility ln(1 + footfall) more for whoever chooses a store (M06), so the
 * odds of going there rather than elsewhere rise by `footfall`; and whoever leaves a store of the cluster is more ready for
 * another one (`promo` more log-odds per unit of that utility). With a footfall of 0 nothing changes at all.
 * The k-th event is in cluster `cluster`, or if that is 0, in the `among` largest clusters by turns. Days are counted from the
 * scenario's `start`, which is day 1. Clusters are those of the model of clusters: without it there is no event anywhere.
 * Pop-up stores are stores with a first and a last day (columns of own data). Sources: M19 of the model reference, assumed. */
#include <chaland/model.h>

#define CH_ROW_STRUCT struct events_params
#define EVENTS_PARAMS(P)                                                                                                     \
    P(FLAG, active, 0, 0, 1, "", "are there place events?", CH_CHOSEN("the scenario decides"))                               \
    P(I64, first, 1, 1, 3000, "", "day of the first event; 1 is the scenario's start", CH_CHOSEN("the scenario decides"))    \
    P(I64, every, 30, 1, 3000, "", "days from one to the next", CH_ASSUMED(7, 90, "one a month"))                            \
    P(I64, lasts, 1, 1, 3000, "", "days that each lasts", CH_ASSUMED(1, 10, "no data"))                                      \
    P(TIME, from, 10, 0, 24, "h", "it begins each day at", CH_ASSUMED(8, 18, "no data"))                                     \
    P(TIME, to, 19, 0, 24, "h", "and ends at", CH_ASSUMED(12, 24, "no data"))                                                \
    P(I64, cluster, 0, 0, 64, "", "number of the cluster, 1 the largest; 0: by turns", CH_CHOSEN("the scenario decides"))    \
    P(I64, among, 1, 1, 64, "", "by turns in so many of the largest", CH_CHOSEN("the scenario decides"))                     \
    P(F64, footfall, 0.3, 0, 5, "share", "more odds of going to a store there", CH_ASSUMED(0, 1, "no data; local footfall")) \
    P(F64, promo, 1, 0, 10, "", "log-odds of one more stop per unit of added utility", CH_ASSUMED(0, 2, "no data"))
CH_PARAMS(events, EVENTS_PARAMS)

#define EVENTS_PROBES(B) B(SUM, event_visits, "", 1, 0, 8, "entries into stores where a place event goes on")
CH_PROBES(EVENTS_PROBES)

struct events_table {
    double lure; /* ln(1 + footfall) */
};

CH_WANTED_IF_ACTIVE

/* Is there the cluster that an event is to be in? */
static void check_clusters(const struct ch_setup *setup, const struct events_params *p, unsigned n)
{
    const char *hint =
        n ? "clusters are numbered from the largest; clusters.reach and clusters.least say what is one"
          : "there is none: clusters.active is off, or no stores stand close enough together (clusters.reach, clusters.least)";
    if (p->cluster > n)
        ch_setup_refuse(setup, (struct ch_blame){.param = "cluster", .hint = hint},
                        n ? "0 (by turns) or 1 to %u, the clusters of this city" : "0 (by turns); this city has %u clusters", n);
    else if (!p->cluster && p->among > 1 && p->among > n)
        ch_setup_refuse(setup, (struct ch_blame){.param = "among", .hint = hint}, "1 to %u, the clusters of this city",
                        n > 1 ? n : 1);
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct events_params *p = setup->params;
    struct events_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    table->lure = ch_log(1 + p->footfall);
    if (p->lasts > p->every)
        ch_setup_refuse(setup,
                        (struct ch_blame){.param = "lasts", .other = "every", .hint = "days; one is over when the next begins"},
                        "at most events.every");
    if (p->to <= p->from)
        ch_setup_refuse(setup,
                        (struct ch_blame){.param = "to", .other = "from", .hint = "an event ends on the day on which it begins"},
                        "after events.from");
    if (setup->survey)
        check_clusters(setup, p, setup->survey->clusters);
    return table;
}

/* The cluster where an event goes on at that time; 0: nowhere. */
static unsigned where(const struct events_params *p, int64_t warmup_days, ch_time now)
{
    int64_t day = (int64_t)ch_day_of(now) - warmup_days - (p->first - 1);
    ch_time clock = ch_time_of_day(now);
    if (day < 0 || day % p->every >= p->lasts || clock < p->from || clock >= p->to)
        return 0;
    return (unsigned)(p->cluster ? p->cluster : 1 + day / p->every % p->among);
}

static bool goes_on(struct ch_ctx *ctx, uint32_t store)
{
    unsigned cluster = where(ch_params_of(ctx), ctx->world->warmup_days, ch_now(ctx));
    struct ch_area area = {.store = store};
    if (!cluster)
        return false;
    ch_ask_area(ctx, NULL, &area);
    return area.store_in == cluster;
}

static void answer_area(struct ch_ctx *ctx, struct ch_person *who, struct ch_area *area)
{
    (void)who;
    area->event = area->store_in && area->store_in == where(ch_params_of(ctx), ctx->world->warmup_days, ch_now(ctx));
}

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct events_table *table = ch_table(ctx);
    (void)who;
    appeal->bounded++;
    if (!where(ch_params_of(ctx), ctx->world->warmup_days, ch_now(ctx)))
        return;
    appeal->most += table->lure;
    for (unsigned i = 0; i < appeal->n; i++)
        if (goes_on(ctx, appeal->store[i]))
            appeal->u[i] += table->lure;
}

static void answer_more(struct ch_ctx *ctx, struct ch_person *who, struct ch_more *more)
{
    const struct events_params *p = ch_params_of(ctx);
    const struct events_table *table = ch_table(ctx);
    (void)who;
    if (more->store != CH_NONE && goes_on(ctx, more->store))
        more->logit += p->promo * table->lure;
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    (void)who;
    ch_add(ctx, PROBE_event_visits, goes_on(ctx, visit->store));
}

extern const struct ch_model ch_model_events;
const struct ch_model ch_model_events = {
    .name = "events",
    .title = "place events in merchant clusters",
    .mechanism = "M19",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    .wanted = wanted,
    .tabulate = tabulate,
    .answer_area = answer_area,
    .answer_appeal = answer_appeal,
    .answer_more = answer_more,
    .on_visit_begins = on_visit_begins,
};
