/* SPDX-License-Identifier: MIT
 * M23, first half: tills. Who has something in the basket queues up, first come first served, at the tills of the store.
 *
 * Service takes fixed + items x per_item + payment. A purchase is one line of the basket; with it come geometrically many further
 * items (mean `more`), which count for the time only. Payment is uniform between two times. Patience is exponential: who would
 * wait longer puts the goods back and goes (with the shop's M/M/c laws this is Erlang A). With probability `mobile` who has a
 * smartphone pays on it and passes the queue by.
 *
 * As nobody overtakes, the wait is known on arrival from the times at which the tills become free (see chaland/queue.h), and the
 * earliest of them is published. From it, shoppers elsewhere expect a wait of W:
 *     choice:  - beta_w W [min]           on the spot:  log-odds of buying - gamma_q W / 5 min
 *
 * A queue of a sample is not a sample of a queue: with fewer people simulated than live there, waits are too short. Use
 * `sample: 1`, or as many fewer tills.
 *
 * Sources: time per item and payments: teaching cases (weak); beta_w, gamma_q, patience, items assumed. */
#include <chaland/model.h>
#include <chaland/queue.h>

#define TILLS_PARAMS(P)                                                                                            \
    P(FLAG, active, 0, 0, 1, "", "people queue up to pay", CH_CHOSEN("off: paying takes no time"))                 \
    P(I64, tills, 0, 0, 16, "", "in each store; 0: one per `floor_per_till`, at least one", CH_CHOSEN("by floor")) \
    P(F64, floor_per_till, 200, 10, 10000, "m2", "floor served by one till", CH_ASSUMED(100, 400, "no data"))      \
    P(TIME, fixed, 60, 0, 3600, "s", "service without items and payment", CH_SOURCED("teaching cases, weak"))      \
    P(TIME, per_item, 3, 0, 600, "s", "service per item", CH_SOURCED("teaching cases, weak"))                      \
    P(F64, more, 2, 0, 100, "", "further items per purchase, mean of a geometric number",                          \
      CH_ASSUMED(0, 10, "1 + Geom; no data"))                                                                      \
    P(TIME, pay_least, 15, 0, 3600, "s", "shortest payment", CH_SOURCED("teaching cases, weak"))                   \
    P(TIME, pay_most, 87, 0, 3600, "s", "longest payment", CH_SOURCED("teaching cases, weak"))                     \
    P(TIME, patience, 5, 0.1, 600, "min", "mean patience, exponential", CH_ASSUMED(2, 15, "no data"))              \
    P(F64, mobile, 0.13, 0, 1, "share", "who pays on the smartphone and does not queue",                           \
      CH_ASSUMED(0, 0.5, "mobile share 13 %"))                                                                     \
    P(TIME, mobile_takes, 20, 1, 600, "s", "and how long that takes", CH_ASSUMED(5, 60, "no data"))                \
    P(F64, expected, 0.05, 0, 5, "1/min", "utility lost by a store per minute of wait it publishes",               \
      CH_ASSUMED(0.025, 0.1, "beta_w"))                                                                            \
    P(F64, seen, 0.5, 0, 20, "", "log-odds of buying lost per 5 minutes of wait", CH_ASSUMED(0.25, 1, "gamma_q"))
#define CH_ROW_STRUCT struct tills_params
CH_PARAMS(tills, TILLS_PARAMS)

#define TILLS_PROBES(B)                                                                                           \
    B(MEAN, till_wait_mean, "min", 1.0 / 60, 0, 37, "wait at the tills of those who are served there")            \
    B(P95, till_wait_p95, "min", 1.0 / 60, 10, 37, "the same, 95th percentile")                                   \
    B(RATIO, till_abandonment, "share", 1, 0, 37, "baskets put back in the queue over baskets brought to a till") \
    B(RATIO, till_utilisation, "share", 1, 0, 38, "time tills are busy over opening hours")                       \
    B(RATIO, mobile_share, "share", 1, 0, 5, "baskets paid on the smartphone over all")                           \
    B(SUM, baskets_lost, "", 1, 0, 37, "baskets put back")
CH_PROBES(TILLS_PROBES)

#define TILLS_DRAWS(D) D(pay, "on the phone? patience, items, payment; person, trip and store")
CH_DRAWS(TILLS_DRAWS)

enum { TILLS_MAX = 16 };
static const ch_time usual_wait = 5 * CH_MINUTE; /* unit of gamma_q */

struct desk {
    ch_time free_at[TILLS_MAX];
    uint32_t came, served, gave_up;
};

CH_WANTED_IF_ACTIVE

CH_PARAMS_BY_STORE

static unsigned tills_in(const struct ch_ctx *ctx, uint32_t store)
{
    const struct tills_params *p = params_in(ctx, store);
    double by_floor = ctx->city->stores[store].floor_m2 / p->floor_per_till;
    return p->tills ? (unsigned)p->tills : by_floor < 1 ? 1 : by_floor > TILLS_MAX ? TILLS_MAX : (unsigned)by_floor;
}

/* ---- service ----------------------------------------------------------------------------------------------------- */

/* P(n) = (1 - p) p^n with p = mean / (1 + mean), by inversion. */
static inline unsigned geometric(struct ch_draw *draw, double mean)
{
    double u = ch_draw_uniform(draw);
    return mean > 0 ? (unsigned)(ch_log(u) / ch_log(mean / (1 + mean))) : 0;
}

static ch_time service_of(const struct tills_params *p, struct ch_draw *draw, unsigned lines)
{
    unsigned items = lines;
    for (unsigned i = 0; i < lines; i++)
        items += geometric(draw, p->more);
    double most = (double)(p->pay_most > p->pay_least ? p->pay_most - p->pay_least : 0);
    return p->fixed + items * p->per_item + p->pay_least + (ch_time)(ch_draw_uniform(draw) * most);
}

static void serve(struct ch_ctx *ctx, struct ch_checkout *till, struct desk *desk, struct ch_draw *draw)
{
    const struct tills_params *p = params_in(ctx, till->store);
    unsigned n = tills_in(ctx, till->store);
    ch_time patience = ch_time_of_seconds(ch_seconds(p->patience) * ch_draw_exponential(draw));
    ch_time service = service_of(p, draw, till->lines), now = ch_now(ctx);
    ch_time wait = ch_counter_join(desk->free_at, n, now, patience, service);
    till->gives_up = wait == CH_GIVES_UP;
    till->done = now + (till->gives_up ? patience : wait + service);
    till->done = till->done > now ? till->done : now + 1;
    ch_ratio(ctx, PROBE_till_abandonment, till->gives_up, 1);
    if (till->gives_up) {
        desk->gave_up++;
        ch_add(ctx, PROBE_baskets_lost, 1);
        return;
    }
    desk->served++;
    ch_observe(ctx, PROBE_till_wait_mean, (wait + CH_SECOND / 2) / CH_SECOND);
    ch_observe(ctx, PROBE_till_wait_p95, (wait + CH_SECOND / 2) / CH_SECOND);
    ch_ratio(ctx, PROBE_till_utilisation, service / CH_MILLISECOND, 0);
    ch_publish(ctx, till->store, desk->free_at[ch_counter_first(desk->free_at, n)]);
}

static void answer_checkout(struct ch_ctx *ctx, struct ch_person *who, struct ch_checkout *till)
{
    const struct tills_params *p = params_in(ctx, till->store);
    struct desk *desk = ch_of_store(ctx, till->store);
    till->queues = true;
    if (!till->lines)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_pay, who->id, ch_occasion_trip(who) | (till->store & 0xffffffu));
    bool by_phone = ch_draw_chance(&draw, who->device & CH_SMARTPHONE ? p->mobile : 0);
    ch_ratio(ctx, PROBE_mobile_share, by_phone, 1);
    desk->came += !by_phone;
    if (by_phone)
        till->done = ch_now(ctx) + p->mobile_takes;
    else
        serve(ctx, till, desk, &draw);
}

/* ---- what shoppers expect ---------------------------------------------------------------------------------------- */

static uint32_t rows(const struct ch_city *city) { return city->n_stores; }

static ch_time published_wait(const struct ch_ctx *ctx, uint32_t store)
{
    ch_time wait = ch_published(ctx, store) - ch_now(ctx);
    return wait > 0 ? wait : 0;
}

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    (void)who;
    appeal->bounded++;
    for (unsigned i = 0; i < appeal->n; i++)
        appeal->u[i] -=
            params_in(ctx, appeal->store[i])->expected * (double)published_wait(ctx, appeal->store[i]) / (double)CH_MINUTE;
}

/* Who stands in the store sees the queue. */
static void answer_urge(struct ch_ctx *ctx, struct ch_person *who, struct ch_urge *urge)
{
    (void)who;
    ch_time wait = 0;
    if (ctx->city->stores[urge->store].node == ch_here(ctx)) {
        const struct desk *desk = ch_of_store(ctx, urge->store);
        wait = ch_counter_wait(desk->free_at, tills_in(ctx, urge->store), ch_now(ctx));
    } else {
        wait = published_wait(ctx, urge->store);
    }
    urge->logit -= params_in(ctx, urge->store)->seen * (double)wait / (double)usual_wait;
}

/* ---- before and after a run -------------------------------------------------------------------------------------- */

static void check_payment(const struct ch_setup *setup, const struct tills_params *p, struct ch_blame blame)
{
    blame.param = "pay_most";
    blame.other = "pay_least";
    blame.hint = "the longest and the shortest payment";
    if (p->pay_most < p->pay_least)
        ch_setup_refuse(setup, blame, "tills.pay_least or longer");
}

static const void *tabulate(struct ch_setup *setup)
{
    const void *const *own = setup->item_params[CH_ITEM_STORE];
    check_payment(setup, setup->params, (struct ch_blame){.of_item = false});
    for (uint32_t s = 0; own && s < setup->city->n_stores; s++)
        if (own[s])
            check_payment(setup, own[s], (struct ch_blame){.of_item = true, .kind = CH_ITEM_STORE, .item = s});
    return NULL;
}

/* Opening hours of all tills in the time that counts. */
static void finish(struct ch_ctx *ctx)
{
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        ch_time open = ch_open_time(ctx->world, &ctx->city->stores[s], ctx->counting_from, ctx->end);
        ch_ratio(ctx, PROBE_till_utilisation, 0, open / CH_MILLISECOND * tills_in(ctx, s));
    }
}

static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        const struct desk *desk = ch_of_store(ctx, s);
        if (desk->came != desk->served + desk->gave_up)
            ch_fail(audit->error, CH_INTERNAL, "store %s: %u baskets came to the tills, %u were paid, %u put back",
                    ctx->city->stores[s].id, desk->came, desk->served, desk->gave_up);
    }
}

extern const struct ch_model ch_model_tills;
const struct ch_model ch_model_tills = {
    .name = "tills",
    .title = "Queues at the tills",
    .mechanism = "M23",
    .items = CH_HEEDS(STORE),
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .store_size = sizeof(struct desk),
    .rows = rows,
    .tabulate = tabulate,
    .finish = finish,
    .audit = audit,
    .answer_checkout = answer_checkout,
    .answer_appeal = answer_appeal,
    .answer_urge = answer_urge,
};
