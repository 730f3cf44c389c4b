/* SPDX-License-Identifier: MIT
 * M19 Merchant clusters: streets where stores live off each other.
 *
 *   cluster        stores each within `reach` of the next, at least `least` of them; the 64 largest by floor are numbered, the
 *                  largest is 1, and the others are none. A node belongs to the cluster of the nearest such store within reach
 *   commerciality  C_z = sum over stores j of A_j open_j exp(-d_zj / decay), A in units of 100 m2
 *   stops          after each store on a shopping trip another one follows with q = L(base + pull ln(1 + C_z) + promo), C_z
 *                  at the store just left: a geometric number with mean 1/(1-q) where q is the same everywhere; promo comes
 *                  from others (place events, coupons)
 *   path           a partner (another retailer of the cluster; with `agreement: pool` both in the pool) knows that somebody who
 *                  let it recognise them, level 1, has just left its store; so a store nearby may speak to them (policy `path`).
 *                  Nothing is told after `memory`
 *   footfall       entries into stores of a cluster = first ones of a person and day + re-entries, exactly
 * Dwell is the time from the first door in a cluster to leaving the last store there; an hour without any ends it.
 * Sources: the model reference, M19; all numbers are assumed but for the shape of the geometric law. */
#include "clusters_map.h"

#define CLUSTERS_PROBES(B)                                                                                                 \
    B(SUM, cluster_footfall, "", 1, 0, 8, "entries into stores of merchant clusters")                                      \
    B(SUM, cluster_visitors, "", 1, 0, 8, "of these, the first of a person in a cluster on a day")                         \
    B(SUM, cluster_reentries, "", 1, 0, 8, "and the others")                                                               \
    B(MEAN, cluster_dwell, "min", 1.0 / 60, 0, 8, "time from the first door in a cluster to leaving the last store there") \
    B(MEAN, commerciality_mean, "", 0.001, 0, 8, "commerciality where a store was just left")
CH_PROBES(CLUSTERS_PROBES)

/* What everybody carries. Times in seconds. */
struct stroller {
    uint64_t seen;       /* clusters entered today */
    uint32_t left_store; /* the last one left, CH_NONE */
    uint32_t left_at;
    uint32_t since;        /* first door of the present stay in a cluster */
    uint8_t in;            /* that cluster, 0: none */
    uint16_t first, again; /* entries since the start of the run, modulo 65536 */
};

/* Of a place: entries into its stores that are in a cluster. */
struct doors {
    uint16_t entries; /* modulo 65536 */
};

enum { BREAK_S = 3600 };

static uint32_t seconds(ch_time t) { return (uint32_t)(t / CH_SECOND); }

/* ---- commerciality ----------------------------------------------------------------------------------------------- */

struct weighing {
    const struct ch_ctx *ctx;
    const struct clusters_table *table;
    double sum;
};

static void weigh(void *arg, uint32_t store, uint32_t blocks)
{
    struct weighing *w = arg;
    const struct ch_store *s = &w->ctx->city->stores[store];
    if (ch_store_open(w->ctx->world, s, ch_now(w->ctx)))
        w->sum += s->floor_m2 / 100 * w->table->fades[blocks];
}

static double commerciality(const struct ch_ctx *ctx, uint32_t node)
{
    struct weighing w = {.ctx = ctx, .table = ch_table(ctx)};
    each_store_near(ctx->city, node, w.table->far, weigh, &w);
    return w.sum;
}

/* ---- visits ------------------------------------------------------------------------------------------------------ */

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    ((struct stroller *)ch_of_person(ctx, who))->left_store = CH_NONE;
}

/* The present stay in a cluster is over: it ended at the last door. */
static void close_stay(struct ch_ctx *ctx, struct stroller *s)
{
    if (s->in && s->left_at > s->since)
        ch_observe(ctx, PROBE_cluster_dwell, s->left_at - s->since);
    s->in = 0;
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)day;
    struct stroller *s = ch_of_person(ctx, who);
    s->seen = 0;
    close_stay(ctx, s);
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct clusters_table *table = ch_table(ctx);
    struct stroller *s = ch_of_person(ctx, who);
    unsigned cluster = table->of_store[visit->store];
    uint32_t now = seconds(ch_now(ctx));
    if (s->in != cluster || now > s->left_at + BREAK_S)
        close_stay(ctx, s);
    if (!cluster)
        return;
    struct doors *doors = ch_of_place(ctx);
    uint64_t bit = (uint64_t)1 << (cluster - 1);
    bool again = (s->seen & bit) != 0;
    s->since = s->in ? s->since : now;
    s->in = (uint8_t)cluster;
    s->seen |= bit;
    s->first = (uint16_t)(s->first + !again);
    s->again = (uint16_t)(s->again + again);
    doors->entries++;
    ch_add(ctx, PROBE_cluster_footfall, 1);
    ch_add(ctx, again ? PROBE_cluster_reentries : PROBE_cluster_visitors, 1);
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    struct stroller *s = ch_of_person(ctx, who);
    s->left_store = visit->store;
    s->left_at = seconds(ch_now(ctx));
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static void answer_more(struct ch_ctx *ctx, struct ch_person *who, struct ch_more *more)
{
    const struct clusters_params *p = ch_params_of(ctx);
    (void)who;
    if (!p->stops || more->store == CH_NONE)
        return;
    double c = commerciality(ctx, ctx->city->stores[more->store].node);
    ch_observe(ctx, PROBE_commerciality_mean, (int64_t)(c * 1000 + 0.5));
    more->asked = true;
    more->logit += p->base + p->pull * ch_log(1 + c);
}

/* May these two speak of each other's visitors? */
static bool are_partners(struct ch_ctx *ctx, uint32_t a, uint32_t b)
{
    const struct clusters_params *p = ch_params_of(ctx);
    struct ch_pool_query query = {.origin = a, .partner = b};
    if (a == b || p->agreement == AGREED_ALL)
        return a != b;
    ch_ask_pool(ctx, NULL, &query);
    return query.shared;
}

static unsigned count_partners(struct ch_ctx *ctx, uint32_t store)
{
    const struct clusters_table *table = ch_table(ctx);
    unsigned cluster = table->of_store[store], n = 0;
    for (uint32_t i = cluster ? table->first[cluster] : 0; cluster && i < table->first[cluster + 1]; i++)
        n += are_partners(ctx, table->retailer[i], ctx->city->stores[store].retailer);
    return n;
}

static void answer_area(struct ch_ctx *ctx, struct ch_person *who, struct ch_area *area)
{
    const struct clusters_table *table = ch_table(ctx);
    (void)who;
    area->cluster = ch_here(ctx) < ctx->city->n_nodes ? table->of_node[ch_here(ctx)] : 0;
    area->commerciality = area->weigh ? commerciality(ctx, ch_here(ctx)) : 0;
    if (area->store == CH_NONE)
        return;
    area->store_in = table->of_store[area->store];
    area->partners = area->count ? count_partners(ctx, area->store) : 0;
}

/* The partner tells only of those who let it recognise them; a forced policy does not ask. */
static bool may_tell(struct ch_ctx *ctx, struct ch_person *who, uint32_t retailer)
{
    return ctx->policy->forced || ch_level_open_to(ctx, who, retailer) >= 1;
}

static void answer_path(struct ch_ctx *ctx, struct ch_person *who, struct ch_path *path)
{
    const struct clusters_params *p = ch_params_of(ctx);
    const struct clusters_table *table = ch_table(ctx);
    const struct stroller *s = ch_of_person(ctx, who);
    const struct ch_store *stores = ctx->city->stores;
    if (s->left_store == CH_NONE || !table->of_store[path->store])
        return;
    ch_time left = s->left_at * CH_SECOND;
    uint32_t partner = stores[s->left_store].retailer;
    if (ch_now(ctx) - left > p->memory || table->of_store[path->store] != table->of_store[s->left_store] ||
        !are_partners(ctx, partner, stores[path->store].retailer) || !may_tell(ctx, who, partner))
        return;
    path->from = s->left_store;
    path->left = left;
}

/* ---- conservation ------------------------------------------------------------------------------------------------ */

/* What the doors counted is what people remember; modulo 65536, as each of them counts. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    uint32_t here = ctx->lane.place;
    uint16_t entries = 0, first = 0, again = 0;
    for (ctx->lane.place = 0; ctx->lane.place < ctx->city->n_nodes; ctx->lane.place++)
        entries = (uint16_t)(entries + ((const struct doors *)ch_of_place(ctx))->entries);
    ctx->lane.place = here;
    for (uint32_t i = 0; i < ctx->city->n_people; i++) {
        const struct stroller *s = ch_of_person(ctx, &ctx->people[i]);
        first = (uint16_t)(first + s->first);
        again = (uint16_t)(again + s->again);
    }
    if (entries != (uint16_t)(first + again))
        ch_fail(audit->error, CH_INTERNAL, "clusters: doors counted %u entries, people %u first ones and %u more", entries, first,
                again);
}

extern const struct ch_model ch_model_clusters;
const struct ch_model ch_model_clusters = {
    .name = "clusters",
    .title = "merchant clusters and trips with several stops",
    .mechanism = "M19",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    .wanted = wanted,
    .person_size = sizeof(struct stroller),
    .place_size = sizeof(struct doors),
    .tabulate = tabulate,
    .start_person = start_person,
    .audit = audit,
    .on_day_begins = on_day_begins,
    .on_visit_begins = on_visit_begins,
    .on_visit_ends = on_visit_ends,
    .answer_more = answer_more,
    .answer_area = answer_area,
    .answer_path = answer_path,
};
