/* SPDX-License-Identifier: MIT
 * M23, second half: sellers with tablets, and sellers of one's own choice.
 *
 * help     A visitor wants help with probability `wants`, or `wants_own` where the own seller works, and waits in one line for
 *          all sellers of the store (chaland/queue.h): first clients, that is who comes to the own seller or was announced, then
 *          others, then questions from afar; nobody is interrupted. A free seller takes own clients first. Patience is
 *          exponential, and ends with the look around at the latest; a conversation holds the shopper up until it is over.
 * effect   + lift on the log-odds of buying, + own_lift x affinity when it is the own seller.
 * alerts   A client on the way who is recognised by the shop's beacon (consent level 2) is announced to the store.
 * own      People with the app choose a seller at the rate `adoption`, among those near home, by a logit of
 *              affinity x cos(interests) - distance x km
 *          Interests are four uniform numbers, of persons as of sellers, drawn once and never stored. After bad service (not
 *          reached, or a long wait) another one is chosen with probability `switches`.
 * afar     Who has a seller sends questions at the rate `digital`; they are answered in opening hours.
 *
 * Each day the waits of each line are checked against the area under its length (Little). Sources: see the rows. */
#include "sellers_rows.h"

CH_WANTED_IF_ACTIVE

CH_PARAMS_BY_STORE

static unsigned sellers_in(const struct ch_ctx *ctx, uint32_t store)
{
    const struct sellers_params *p = params_in(ctx, store);
    double by_floor = ctx->city->stores[store].floor_m2 / p->floor_per_seller;
    return p->sellers ? (unsigned)p->sellers : by_floor < 1 ? 1 : by_floor > SELLERS_MAX ? SELLERS_MAX : (unsigned)by_floor;
}

static struct client *client_of(struct ch_ctx *ctx, const struct ch_person *who) { return ch_of_app_if_any(ctx, who); }

static uint32_t own_in(const struct client *client, uint32_t store)
{
    return client && client->own != CH_NONE && client->own >> 3 == store ? client->own & 7 : CH_ANY_SERVER;
}

/* ---- own sellers ------------------------------------------------------------------------------------------------- */

static void interests_of(const struct ch_ctx *ctx, unsigned whose, uint32_t entity, uint64_t which, double interest[INTERESTS])
{
    struct ch_draw draw = ch_draw(ctx, whose, entity, which);
    uint32_t word[4];
    ch_draw_words(&draw, word);
    for (int i = 0; i < INTERESTS; i++)
        interest[i] = ch_unit(word[i]);
}

static double cosine(const double *a, const double *b)
{
    double ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < INTERESTS; i++) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return ab / ch_sqrt(aa * bb);
}

static double affinity(const struct ch_ctx *ctx, uint32_t person, uint32_t store, uint32_t seller)
{
    double theirs[INTERESTS], sellers[INTERESTS];
    interests_of(ctx, DRAW_person, person, 0, theirs);
    interests_of(ctx, DRAW_seller, store, seller, sellers);
    return cosine(theirs, sellers);
}

struct search {
    uint32_t exclude, best;
    double most;
};

static void consider(const struct ch_ctx *ctx, const struct ch_person *who, uint32_t store, struct ch_draw *draw,
                     struct search *search)
{
    const struct sellers_params *p = ch_params_of(ctx);
    double m = ch_distance_m(ctx->city, ch_home(ctx, who), ctx->city->stores[store].node);
    for (unsigned i = 0; i < sellers_in(ctx, store); i++) {
        double u = p->affinity * affinity(ctx, who->id, store, i) - p->distance * m / 1000 + ch_draw_gumbel(draw);
        if ((store << 3 | i) == search->exclude || (search->best != CH_NONE && u <= search->most))
            continue;
        search->best = store << 3 | i;
        search->most = u;
    }
}

/* Among those near home; stays as it is if there is nobody else. */
static void choose_own(struct ch_ctx *ctx, struct ch_person *who, struct client *client, struct ch_draw *draw)
{
    const struct sellers_params *p = ch_params_of(ctx);
    const struct ch_city *city = ctx->city;
    struct search search = {.exclude = client->own, .best = CH_NONE};
    int64_t reach = (int64_t)(p->reach * 1000 / (double)city->block_mm), i = ch_column(city, ch_home(ctx, who)),
            j = ch_row(city, ch_home(ctx, who));
    for (int64_t row = j > reach ? j - reach : 0; row <= j + reach && row < city->height; row++) {
        int64_t width = reach - (row < j ? j - row : row - j);
        int64_t west = i > width ? i - width : 0, east = i + width < city->width ? i + width : (int64_t)city->width - 1;
        uint32_t to = city->node_first_store[row * city->width + east + 1];
        for (uint32_t k = city->node_first_store[row * city->width + west]; k < to; k++)
            consider(ctx, who, city->node_store[k], draw, &search);
    }
    if (search.best == CH_NONE)
        return;
    client->own = search.best;
    ch_add(ctx, PROBE_sellers_adopted, 1);
    ch_observe(ctx, PROBE_own_seller_affinity, (int64_t)(affinity(ctx, who->id, client->own >> 3, client->own & 7) * 1000 + 0.5));
}

static void bad_service(struct ch_ctx *ctx, struct ch_person *who, uint32_t store)
{
    struct client *client = client_of(ctx, who);
    if (own_in(client, store) == CH_ANY_SERVER)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_change, who->id, ch_occasion_trip(who) | (store & 0xffffffu));
    if (!ch_draw_chance(&draw, params_in(ctx, store)->switches))
        return;
    ch_add(ctx, PROBE_sellers_switched, 1);
    choose_own(ctx, who, client, &draw);
}

/* ---- conversations ----------------------------------------------------------------------------------------------- */

static ch_time length_of(const struct sellers_params *p, struct ch_draw *draw)
{
    double variance = ch_log(1 + p->takes_cv * p->takes_cv);
    ch_time length = ch_time_of_seconds(ch_draw_lognormal(draw, ch_seconds(p->takes) * ch_exp(-variance / 2), ch_sqrt(variance)));
    return length > CH_SECOND ? length : CH_SECOND;
}

/* With somebody in the store, or afar. */
static void begin(struct ch_ctx *ctx, uint32_t store, const struct ch_waiter *waiter, unsigned seller)
{
    struct desk *desk = ch_of_store(ctx, store);
    ch_time wait = ch_now(ctx) - waiter->since;
    ch_send(ctx, MSG_ends, ch_here(ctx), store, waiter->service, seller);
    ch_ratio(ctx, PROBE_seller_utilisation, waiter->service / CH_MILLISECOND, 0);
    desk->busy[seller].who = waiter->rank == FROM_AFAR ? CH_NONE : waiter->who;
    desk->busy[seller].until = ch_now(ctx) + waiter->service;
    if (waiter->rank == FROM_AFAR) {
        ch_observe(ctx, PROBE_digital_wait_mean, (wait + CH_SECOND / 2) / CH_SECOND);
        return;
    }
    struct ch_person *who = ch_person(ctx, waiter->who);
    struct visitor *visitor = ch_of_person(ctx, who);
    bool own = waiter->server == seller;
    visitor->help = (uint8_t)(ASSISTED | (own ? BY_OWN : 0));
    ch_observe(ctx, PROBE_seller_wait_mean, (wait + CH_SECOND / 2) / CH_SECOND);
    ch_observe(ctx, PROBE_seller_wait_p95, (wait + CH_SECOND / 2) / CH_SECOND);
    ch_ratio(ctx, PROBE_seller_abandonment, 0, 1);
    if (waiter->server != CH_ANY_SERVER)
        ch_ratio(ctx, PROBE_own_seller_share, own, 1);
    if (wait > params_in(ctx, store)->bad_wait)
        bad_service(ctx, who, store);
}

static enum ch_line_answer join(struct ch_ctx *ctx, uint32_t store, struct ch_waiter *waiter)
{
    struct desk *desk = ch_of_store(ctx, store);
    unsigned seller;
    enum ch_line_answer answer = ch_line_join(&desk->line, ch_now(ctx), waiter, &seller);
    if (answer == CH_SERVED)
        begin(ctx, store, waiter, seller);
    return answer;
}

static void on_ends(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct desk *desk = ch_of_store(ctx, ev->dest);
    unsigned seller = (unsigned)ev->payload;
    struct ch_waiter next;
    desk->busy[seller].until = 0;
    if (ch_line_next(&desk->line, ch_now(ctx), seller, &next))
        begin(ctx, ev->dest, &next, seller);
}

/* ---- the visit --------------------------------------------------------------------------------------------------- */

static bool was_announced(struct desk *desk, uint32_t person)
{
    for (unsigned i = 0; i < EXPECTED; i++)
        if (desk->expected[i] == person + 1) {
            desk->expected[i] = 0;
            return true;
        }
    return false;
}

static bool is_recognised(struct ch_ctx *ctx, const struct client *client, uint32_t retailer)
{
    const struct sellers_params *p = ch_params_of(ctx);
    return client->recognised == retailer && ch_now(ctx) - (ch_time)client->at * CH_SECOND <= p->recall;
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct sellers_params *p = params_in(ctx, visit->store);
    struct client *client = client_of(ctx, who);
    struct visitor *visitor = ch_of_person(ctx, who);
    uint32_t own = own_in(client, visit->store);
    bool announced = was_announced(ch_of_store(ctx, visit->store), who->id);
    visitor->help = 0;
    if (client)
        ch_ratio(ctx, PROBE_clients_announced_share, is_recognised(ctx, client, ctx->city->stores[visit->store].retailer), 1);
    struct ch_draw draw = ch_draw(ctx, DRAW_help, who->id, ch_occasion_trip(who) | (visit->store & 0xffffffu));
    if (!ch_draw_chance(&draw, own != CH_ANY_SERVER ? p->wants_own : p->wants))
        return;
    struct ch_waiter waiter = {.until = ch_now(ctx) + ch_time_of_seconds(ch_seconds(p->patience) * ch_draw_exponential(&draw)),
                               .service = length_of(p, &draw),
                               .who = who->id,
                               .rank = own != CH_ANY_SERVER || announced ? CLIENT : WALK_IN,
                               .server = (uint8_t)own};
    if (join(ctx, visit->store, &waiter) != CH_SERVED)
        visitor->help = WAITING;
}

/* Has looked around: who is in conversation stays until its end, who still waits gives up. */
static void answer_engaged(struct ch_ctx *ctx, struct ch_person *who, struct ch_engaged *engaged)
{
    struct visitor *visitor = ch_of_person(ctx, who);
    struct desk *desk = ch_of_store(ctx, engaged->store);
    for (unsigned i = 0; i < desk->line.servers; i++)
        if (desk->line.busy >> i & 1 && desk->busy[i].who == who->id && desk->busy[i].until > engaged->until)
            engaged->until = desk->busy[i].until;
    if (visitor->help != WAITING)
        return;
    visitor->help = 0;
    ch_line_leave(&desk->line, ch_now(ctx), who->id);
    ch_ratio(ctx, PROBE_seller_abandonment, 1, 1);
    bad_service(ctx, who, engaged->store);
}

static void answer_urge(struct ch_ctx *ctx, struct ch_person *who, struct ch_urge *urge)
{
    const struct sellers_params *p = params_in(ctx, urge->store);
    const struct visitor *visitor = ch_of_person(ctx, who);
    if (!(visitor->help & ASSISTED))
        return;
    urge->logit += p->lift;
    const struct client *client = client_of(ctx, who);
    if (visitor->help & BY_OWN && client->own != CH_NONE)
        urge->logit += p->own_lift * affinity(ctx, who->id, client->own >> 3, client->own & 7);
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    struct visitor *visitor = ch_of_person(ctx, who);
    ch_ratio(ctx, visitor->help & ASSISTED ? PROBE_conversion_assisted : PROBE_conversion_unassisted, visit->bought, 1);
    visitor->help = 0;
}

/* ---- recognition ------------------------------------------------------------------------------------------------- */

static void on_detected(struct ch_ctx *ctx, struct ch_person *who, struct ch_detection *heard)
{
    const struct sellers_params *p = ch_params_of(ctx);
    struct client *client = client_of(ctx, who);
    if (!client || heard->controller == CH_NONE || who->consent < 2 || is_recognised(ctx, client, heard->controller) ||
        !ch_may_read(ctx, who, heard->controller, 2))
        return;
    client->recognised = heard->controller;
    client->at = (uint32_t)(heard->at / CH_SECOND);
    uint32_t to = who->zone == CH_IN_STREET ? who->store : CH_NONE;
    if (p->alerts && to != CH_NONE && ctx->city->stores[to].retailer == heard->controller)
        ch_send(ctx, MSG_alert, ctx->city->stores[to].node, to, CH_LOOKAHEAD, who->id);
}

static void on_alert(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct desk *desk = ch_of_store(ctx, ev->dest);
    memmove(&desk->expected[0], &desk->expected[1], (EXPECTED - 1) * sizeof desk->expected[0]);
    desk->expected[EXPECTED - 1] = (uint32_t)ev->payload + 1;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct client *client = client_of(ctx, who);
    if (client && is_recognised(ctx, client, sale->retailer))
        ch_observe(ctx, PROBE_client_lead, ch_now(ctx) / CH_SECOND - client->at);
}

/* ---- the day ----------------------------------------------------------------------------------------------------- */

/* At a random time of the store's opening hours. */
static void maybe_ask(struct ch_ctx *ctx, struct ch_person *who, const struct client *client)
{
    const struct sellers_params *p = ch_params_of(ctx);
    const struct ch_store *store = &ctx->city->stores[client->own >> 3];
    struct ch_draw draw = ch_draw(ctx, DRAW_digital, who->id, ch_occasion_day(who));
    if (!ch_draw_chance(&draw, p->digital / 7) || !ch_store_trades(ctx->world, store, ch_now(ctx)))
        return;
    ch_time at = store->opens + (ch_time)(ch_draw_uniform(&draw) * (double)(store->closes - store->opens));
    ch_time delay = at - ch_time_of_day(ch_now(ctx));
    if (delay >= CH_LOOKAHEAD)
        ch_send(ctx, MSG_request, store->node, client->own >> 3, delay, (uint64_t)who->id << 8 | (client->own & 7));
}

static void on_request(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct sellers_params *p = params_in(ctx, ev->dest);
    uint32_t person = (uint32_t)(ev->payload >> 8);
    struct ch_draw draw = ch_draw(ctx, DRAW_digital, person, (uint64_t)ch_day_of(ch_now(ctx)) << 32 | 1);
    struct ch_waiter waiter = {.until = CH_PATIENT,
                               .service = (ch_time)((double)length_of(p, &draw) * p->digital_takes) + 1,
                               .who = CH_NONE, /* who comes meanwhile and waits in person is somebody else to the line */
                               .rank = FROM_AFAR,
                               .server = (uint8_t)(ev->payload & 7)};
    ch_add(ctx, PROBE_digital_requests, 1);
    join(ctx, ev->dest, &waiter);
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    const struct sellers_params *p = ch_params_of(ctx);
    struct client *client = client_of(ctx, who);
    (void)day;
    if (!client)
        return;
    if (client->own != CH_NONE) {
        maybe_ask(ctx, who, client);
        return;
    }
    struct ch_draw draw = ch_draw(ctx, DRAW_adopt, who->id, ch_occasion_day(who));
    if (ch_draw_chance(&draw, 1 - ch_exp(-p->adoption / 365.25)))
        choose_own(ctx, who, client, &draw);
}

/* ---- before and after a run -------------------------------------------------------------------------------------- */

static void start_store(struct ch_ctx *ctx, uint32_t store)
{
    struct desk *desk = ch_of_store(ctx, store);
    ch_line_open(&desk->line, sellers_in(ctx, store), LINE);
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    struct client *client = client_of(ctx, who);
    if (client)
        *client = (struct client){.own = CH_NONE, .recognised = CH_NONE};
}

/* Opening hours of all sellers in the time that counts. */
static void finish(struct ch_ctx *ctx)
{
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        ch_time open = ch_open_time(ctx->world, &ctx->city->stores[s], ctx->counting_from, ctx->end);
        ch_ratio(ctx, PROBE_seller_utilisation, 0, open / CH_MILLISECOND * sellers_in(ctx, s));
    }
}

static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        struct desk *desk = ch_of_store(ctx, s);
        if (!ch_line_balances(&desk->line, ch_now(ctx)))
            ch_fail(audit->error, CH_INTERNAL, "store %s: the waits for its sellers do not add up to the area under their line",
                    ctx->city->stores[s].id);
    }
}

extern const struct ch_model ch_model_sellers;
const struct ch_model ch_model_sellers = {
    .name = "sellers",
    .title = "Sellers who assist, and sellers of one's own choice",
    .mechanism = "M23",
    .items = CH_HEEDS(STORE),
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .person_size = sizeof(struct visitor),
    .app_size = sizeof(struct client),
    .store_size = sizeof(struct desk),
    .start_store = start_store,
    .start_person = start_person,
    .finish = finish,
    .audit = audit,
    .on_day_begins = on_day_begins,
    .on_detected = on_detected,
    .on_visit_begins = on_visit_begins,
    .on_visit_ends = on_visit_ends,
    .on_sale = on_sale,
    .answer_engaged = answer_engaged,
    .answer_urge = answer_urge,
};
