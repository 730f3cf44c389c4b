/* SPDX-License-Identifier: MIT
 * M17 Joining and leaving the pool of wishlists: what makes a retailer open its precious list to a rival?
 *
 * Once a period each retailer compares, in random order, what it earns in and out (membership_game.h), and moves if the
 * gain exceeds `inertia` of its present payoff. It decides at the clearing house on what was reported there: each wish that ended
 * in whatever way, and each non-food sale, a minute after. The new members are published; everybody else reads that list.
 *
 * Nobody can see both worlds, so each list is tried both ways: for a share `trial` of people, a member's list is not shown to
 * partners, and an outsider's is. From these two groups come, by retailer, all figures of the game:
 *     c0      sold at the origin, of unshared wishes that ended            c1   sold at the origin or through the pool, of shared
 *     sigma   sold at the origin, of the latter                            m    margin of the retailer's sales, of the price paid
 *     w       value of all wishes of its list that ended in the period     s    its share of non-food sales
 * A wish is worth its good's mean basket. Wishes count when they end, by how they are treated then: with steady hazards the share
 * that was bought is right from the first day after a change of members. A wish is shared only if there is a member to share it
 * with. Sums are smoothed from period to period. A retailer trusts its own figures as much as those of all when it has seen
 * `belief` wishes; before anybody has seen any, beliefs count.
 *
 * "frozen" measures all this, and nobody moves. `imposed_*` replace what is measured, for tests of the game itself.
 * Sources: M17 of the model reference. */
#include "membership_rows.h"

#define REPORT_TAKES CH_MINUTE

CH_WANTED_IF_ACTIVE

/* ---- who is in ---------------------------------------------------------------------------------------------------- */

/* Rows 0 .. n-1: is it a member? Row n: how many are. */
static uint32_t rows(const struct ch_city *city) { return city->n_retailers + 1; }

static int64_t row_start(const struct ch_setup *setup, const void *table, uint32_t row)
{
    const struct membership_table *t = table;
    return !t ? 0 : row < setup->city->n_retailers ? t->starts[row] : t->n_starts;
}

static bool is_member(const struct ch_ctx *ctx, uint32_t retailer) { return ch_published(ctx, retailer) != 0; }

/* Is this list shown to partners, as far as the origin goes? */
static bool is_shown(const struct ch_ctx *ctx, const struct ch_person *who, uint32_t origin)
{
    const struct membership_params *p = ch_params_of(ctx);
    bool member = is_member(ctx, origin);
    if (!who || p->trial <= 0)
        return member;
    struct ch_draw draw = ch_draw(ctx, DRAW_trial, who->id, origin);
    return member != (bool)ch_draw_chance(&draw, p->trial);
}

/* And is there anybody to show it to? */
static bool is_shared(const struct ch_ctx *ctx, const struct ch_person *who, uint32_t origin)
{
    return ch_published(ctx, ctx->city->n_retailers) > is_member(ctx, origin) && is_shown(ctx, who, origin);
}

/* After the pool, whose members are those of the city. */
static void answer_pool(struct ch_ctx *ctx, struct ch_person *who, struct ch_pool_query *query)
{
    uint32_t n = ctx->city->n_retailers;
    if (query->origin < n && query->partner < n && query->origin != query->partner)
        query->shared = query->agreed && is_member(ctx, query->partner) && is_shown(ctx, who, query->origin);
}

/* ---- reports ------------------------------------------------------------------------------------------------------ */

enum { FATE_LOST, FATE_OWN, FATE_AWAY };
static uint64_t pack(ch_cents value, unsigned fate, bool shared) { return (uint64_t)value << 8 | fate << 1 | shared; }

static void on_wish_closed(struct ch_ctx *ctx, struct ch_person *who, struct ch_wish *wish)
{
    unsigned fate = wish->state == CH_WISH_AT_ORIGIN ? FATE_OWN : wish->state == CH_WISH_AT_PARTNER ? FATE_AWAY : FATE_LOST;
    if (wish->origin >= ctx->city->n_retailers)
        return;
    ch_send(ctx, MSG_closed, ctx->city->clearing, wish->origin, REPORT_TAKES,
            pack(ctx->city->goods[wish->good].basket, fate, is_shared(ctx, who, wish->origin)));
}

/* A sale (sign 1) or its return (-1). Pooled: the origin's list brought it, and the origin is told so. */
static void report(struct ch_ctx *ctx, const struct ch_sale *sale, bool pooled, int sign)
{
    struct shelf_mirror *mirror = ch_of_store(ctx, sale->store);
    ch_cents commission = sign * sale->commission, fee = sign * sale->fee, margin = sign * ch_sale_margin(ctx->city, sale);
    mirror->commission += commission;
    mirror->fees += fee;
    if (sale->wish != CH_NONE && (sale->origin == sale->retailer || pooled))
        ch_add(ctx, PROBE_pool_profit, margin - fee);
    struct ch_slot slot = {{(uint64_t)(sign * sale->paid), (uint64_t)margin, (uint64_t)commission, (uint64_t)fee}};
    uint64_t good = sign > 0 ? sale->good : CH_N_GOODS;
    ch_send_slots(ctx, MSG_sold, ctx->city->clearing, sale->retailer, REPORT_TAKES,
                  good << 32 | (pooled ? sale->origin : CH_NONE), &slot);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    struct ch_pool_query query = {.origin = sale->origin, .partner = sale->retailer};
    if (sale->good >= CH_N_NONFOOD)
        return;
    bool foreign = sale->wish != CH_NONE && sale->origin != CH_NONE && sale->origin != sale->retailer;
    if (foreign)
        ch_ask_pool(ctx, who, &query);
    if (foreign && query.shared)
        ch_ratio(ctx, PROBE_pool_leak_share, !sale->attributed, 1);
    report(ctx, sale, foreign && query.shared && sale->attributed, 1);
}

static void on_refund(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    (void)who;
    if (sale->good < CH_N_NONFOOD)
        report(ctx, sale, sale->commission != 0 || sale->fee != 0, -1);
}

/* ---- what the clearing house knows -------------------------------------------------------------------------------- */

static void count(struct ch_ctx *ctx, uint32_t retailer, int cell, int64_t amount)
{
    struct firm *firm = &firms_of(ch_of_clearing(ctx))[retailer];
    firm->period[cell] += amount;
    if (ch_now(ctx) >= ctx->counting_from)
        firm->whole[cell] += amount;
}

static void on_closed(struct ch_ctx *ctx, const struct ch_event *ev)
{
    bool shared = ev->payload & 1u;
    unsigned fate = ev->payload >> 1 & 3u;
    int64_t value = (int64_t)(ev->payload >> 8), own = fate == FATE_OWN ? value : 0;
    count(ctx, ev->dest, WISHES, 1);
    count(ctx, ev->dest, ENDED + shared, value);
    count(ctx, ev->dest, OWN + shared, own);
    count(ctx, ev->dest, AWAY + shared, fate == FATE_AWAY ? value : 0);
    ch_ratio(ctx, shared ? PROBE_pool_conversion : PROBE_pool_own_conversion, own, value);
    ch_add_at(ctx, shared ? PROBE_list_ended_shared_by : PROBE_list_ended_unshared_by, ev->dest, value);
    ch_add_at(ctx, shared ? PROBE_list_own_shared_by : PROBE_list_own_unshared_by, ev->dest, own);
    if (shared)
        ch_ratio(ctx, PROBE_pool_retention, own, own);
}

static void on_sold(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const uint64_t *word = ch_event_slots(ev)->word;
    struct house *house = ch_of_clearing(ctx);
    struct firm *firm = firms_of(house);
    uint32_t n = ctx->city->n_retailers, seller = ev->dest, origin = (uint32_t)ev->payload, good = (uint32_t)(ev->payload >> 32);
    int64_t paid = (int64_t)word[0], margin = (int64_t)word[1], commission = (int64_t)word[2];
    count(ctx, seller, SOLD, paid);
    count(ctx, seller, PROFIT, margin);
    ch_ratio(ctx, PROBE_pool_margin, margin, paid);
    firm[seller].fees += (int64_t)word[3];
    if (origin == CH_NONE)
        return;
    firm[seller].paid += commission;
    firm[origin].received += commission;
    flows_of(house, n)[(size_t)seller * n + origin] += commission;
    if (good >= CH_N_GOODS) /* a return: the wish was fulfilled all the same */
        return;
    int64_t value = ctx->city->goods[good].basket;
    count(ctx, origin, POOLED, value);
    ch_ratio(ctx, PROBE_pool_conversion, value, 0);
    ch_ratio(ctx, PROBE_pool_retention, 0, value);
    ch_add_at(ctx, PROBE_list_pooled_by, origin, value);
}

static void smooth_in(const struct ch_ctx *ctx, struct house *house)
{
    const struct membership_params *p = ch_params_of(ctx);
    double last = house->wise ? p->smoothing : 1;
    house->wise = true;
    for (uint32_t r = 0; r < ctx->city->n_retailers; r++) {
        struct firm *firm = &firms_of(house)[r];
        for (int c = 0; c < N_CELLS; c++) {
            firm->smooth[c] = (1 - last) * firm->smooth[c] + last * (double)firm->period[c];
            firm->period[c] = 0;
        }
    }
}

/* Own experience, and `weight` cents of that of others. */
static double learnt(double part, double whole, double others, double weight)
{
    return whole + weight > 0 ? (part + others * weight) / (whole + weight) : others;
}

struct rates_of_list {
    double own, pooled, keep, away_unshared, away_shared;
};

static struct rates_of_list learn(const double cell[N_CELLS], const struct rates_of_list *others, double weight)
{
    double pooled = cell[OWN + 1] + cell[POOLED], retained = others->keep * others->pooled;
    struct rates_of_list list = {.own = learnt(cell[OWN], cell[ENDED], others->own, weight),
                                 .pooled = learnt(pooled, cell[ENDED + 1], others->pooled, weight),
                                 .keep = learnt(cell[OWN + 1], cell[ENDED + 1], retained, weight),
                                 .away_unshared = learnt(cell[AWAY], cell[ENDED], others->away_unshared, weight),
                                 .away_shared = learnt(cell[AWAY + 1], cell[ENDED + 1], others->away_shared, weight)};
    list.keep = list.pooled > 0 ? list.keep / list.pooled : others->keep;
    return list;
}

static double imposed(double value, double measured) { return value >= 0 ? value : measured; }

static void fill_player(const struct membership_params *p, struct player *player, const double cell[N_CELLS],
                        const struct rates_of_list *list, double margin)
{
    player->w = cell[ENDED] + cell[ENDED + 1];
    player->s = cell[SOLD] > 0 ? cell[SOLD] : 0;
    player->own = imposed(p->imposed_own, list->own);
    player->pooled = imposed(p->imposed_pooled, list->pooled);
    player->keep = imposed(p->imposed_retention, list->keep);
    player->margin = imposed(p->imposed_margin, cell[SOLD] > 0 ? cell[PROFIT] / cell[SOLD] : margin);
    double attributed = player->pooled * (1 - player->keep);
    player->extra = p->net_gains ? list->away_shared - attributed - list->away_unshared : 0;
}

/* Everybody's figures, from what was smoothed. */
static void learn_all(const struct ch_ctx *ctx, struct house *house)
{
    const struct membership_params *p = ch_params_of(ctx);
    uint32_t n = ctx->city->n_retailers;
    const struct firm *firm = firms_of(house);
    double all[N_CELLS] = {0};
    for (uint32_t r = 0; r < n; r++)
        for (int c = 0; c < N_CELLS; c++)
            all[c] += firm[r].smooth[c];
    double wish = all[WISHES] > 0 ? (all[ENDED] + all[ENDED + 1]) / all[WISHES] : (double)ctx->city->goods[0].basket;
    double pooled = p->believed_pooled * (1 - p->believed_retention);
    const struct rates_of_list belief = {p->believed_own, p->believed_pooled, p->believed_retention, 0, pooled};
    struct rates_of_list others = learn(all, &belief, p->belief * wish);
    double margin = all[SOLD] > 0 ? all[PROFIT] / all[SOLD] : 0;
    for (uint32_t r = 0; r < n; r++) {
        struct rates_of_list list = learn(firm[r].smooth, &others, p->belief * wish);
        fill_player(p, &players_of(house, n)[r], firm[r].smooth, &list, margin);
    }
}

/* ---- decisions ---------------------------------------------------------------------------------------------------- */

/* By the key, ties to the lower number. */
static bool decides_before(const struct firm *firm, uint32_t a, uint32_t b)
{
    return firm[a].turn != firm[b].turn ? firm[a].turn < firm[b].turn : a < b;
}

/* The retailer whose turn it is after `last` (CH_NONE: the first of all), or CH_NONE when all had theirs. */
static uint32_t next_turn(const struct firm *firm, uint32_t n, uint32_t last)
{
    uint32_t next = CH_NONE;
    for (uint32_t r = 0; r < n; r++)
        if ((last == CH_NONE || decides_before(firm, last, r)) && (next == CH_NONE || decides_before(firm, r, next)))
            next = r;
    return next;
}

static void move(struct ch_ctx *ctx, struct house *house, uint32_t r)
{
    struct player *player = &players_of(house, ctx->city->n_retailers)[r];
    player->member = !player->member;
    house->members += player->member ? 1u : -1u;
    ch_add(ctx, player->member ? PROBE_pool_joins : PROBE_pool_leaves, 1);
    ch_publish(ctx, r, player->member);
    ch_publish(ctx, ctx->city->n_retailers, house->members);
}

static void decide(struct ch_ctx *ctx, struct house *house)
{
    const struct membership_params *p = ch_params_of(ctx);
    uint32_t n = ctx->city->n_retailers;
    struct firm *firm = firms_of(house);
    struct game game = {.n = n, .player = players_of(house, n), .rate = rates_of(house, n), .inertia = p->inertia};
    smooth_in(ctx, house);
    learn_all(ctx, house);
    for (uint32_t r = 0; r < n; r++) {
        struct ch_draw draw = ch_draw(ctx, DRAW_order, r, house->periods);
        firm[r].turn = ch_draw_u64(&draw);
    }
    for (uint32_t k = 0, r = CH_NONE; k < n && p->rule == BEST_RESPONSE; k++) {
        r = next_turn(firm, n, r);
        if (would_switch(&game, r))
            move(ctx, house, r);
    }
    house->periods++;
}

static void on_day(struct ch_ctx *ctx, const struct ch_event *ev)
{
    (void)ev;
    const struct membership_params *p = ch_params_of(ctx);
    struct house *house = ch_of_clearing(ctx);
    uint32_t n = ctx->city->n_retailers;
    if (++house->days * CH_DAY >= p->period) {
        house->days = 0;
        decide(ctx, house);
    }
    for (uint32_t r = 0; r < n; r++)
        ch_add_at(ctx, PROBE_pool_member_days, r, players_of(house, n)[r].member);
    ch_add_today(ctx, PROBE_daily_members, house->members);
    ch_send(ctx, MSG_day, ch_here(ctx), CH_NONE, CH_DAY, 0);
}

/* ---- set-up ------------------------------------------------------------------------------------------------------- */

static size_t clearing_size(const struct ch_city *city)
{
    size_t n = city->n_retailers <= RETAILERS_MAX ? city->n_retailers : 0;
    return sizeof(struct house) + n * (sizeof(struct firm) + sizeof(struct player)) + n * n * (sizeof(double) + sizeof(int64_t));
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct membership_params *p = setup->params;
    const struct ch_city *city = setup->city;
    struct membership_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    uint8_t *starts = ch_setup_alloc(setup, city->n_retailers, 1);
    if (city->n_retailers > RETAILERS_MAX)
        ch_setup_refuse(setup, (struct ch_blame){.param = "city.retailers", .hint = "or let wishlist.membership.active be off"},
                        "at most %d, who can play the game of joining", RETAILERS_MAX);
    for (uint32_t r = 0; r < city->n_retailers; r++)
        table->n_starts += starts[r] = p->start == START_CITY ? city->retailers[r].pool : p->start == START_ALL;
    table->starts = starts;
    return table;
}

static void start_place(struct ch_ctx *ctx)
{
    if (ch_here(ctx) == ctx->city->clearing)
        ch_send(ctx, MSG_day, ch_here(ctx), CH_NONE, CH_DAY, 0);
}

/* Members at the start; and who offers what to whom, as the pool says. */
static void begin(struct ch_ctx *ctx)
{
    const struct membership_table *table = ch_table(ctx);
    struct house *house = ch_of_clearing(ctx);
    uint32_t n = ctx->city->n_retailers;
    double *rate = rates_of(house, n);
    house->members = table->n_starts;
    for (uint32_t seller = 0; seller < n; seller++) {
        struct player *player = &players_of(house, n)[seller];
        player->member = table->starts[seller];
        for (uint32_t origin = 0; origin < n; origin++) {
            struct ch_pool_query query = {.origin = origin, .partner = seller};
            ch_ask_pool(ctx, NULL, &query);
            rate[(size_t)seller * n + origin] = query.agreed ? query.commission : -1;
            player->fee = query.fee;
        }
    }
}

/* ---- end and audit ------------------------------------------------------------------------------------------------ */

static void finish_figures(struct ch_ctx *ctx, struct house *house)
{
    const struct membership_params *p = ch_params_of(ctx);
    uint32_t n = ctx->city->n_retailers;
    double all[N_CELLS] = {0}, held = 0;
    for (uint32_t r = 0; r < n; r++)
        ch_add_at(ctx, PROBE_pool_member_at_end, r, players_of(house, n)[r].member);
    for (uint32_t r = 0; r < n; r++)
        for (int c = 0; c < N_CELLS; c++) {
            all[c] += (double)firms_of(house)[r].whole[c];
            if (players_of(house, n)[r].member && (c == ENDED || c == ENDED + 1))
                held += (double)firms_of(house)[r].whole[c];
        }
    double pooled = all[OWN + 1] + all[POOLED], value = all[ENDED] + all[ENDED + 1];
    double c0 = imposed(p->imposed_own, all[OWN] / all[ENDED]), c1 = imposed(p->imposed_pooled, pooled / all[ENDED + 1]);
    double keep = imposed(p->imposed_retention, all[OWN + 1] / pooled), m = imposed(p->imposed_margin, all[PROFIT] / all[SOLD]);
    ch_set_value(ctx, PROBE_pool_kappa_min, least_commission(c0, c1, keep, m));
    ch_set_value(ctx, PROBE_pool_coverage, held / value);
    ch_set_value(ctx, PROBE_pool_members, (double)house->members / n);
    ch_set_value(ctx, PROBE_pool_unravelled, held / value < 0.1);
}

/* Who ends up with what the others paid. */
static void finish_flows(struct ch_ctx *ctx, struct house *house)
{
    uint32_t n = ctx->city->n_retailers;
    const int64_t *flow = flows_of(house, n);
    int64_t net[RETAILERS_MAX], largest = 0, sum = 0;
    for (uint32_t r = 0; r < n; r++) {
        net[r] = firms_of(house)[r].received - firms_of(house)[r].paid;
        sum += firms_of(house)[r].paid;
        for (uint32_t o = 0; o < r; o++) {
            int64_t between = flow[(size_t)r * n + o] - flow[(size_t)o * n + r];
            between = between < 0 ? -between : between;
            largest = between > largest ? between : largest;
        }
    }
    ch_set_value(ctx, PROBE_pool_transfer_gini, gini(n, net));
    ch_set_value(ctx, PROBE_pool_largest_pair, sum > 0 ? (double)largest / (double)sum : 0);
}

static void finish(struct ch_ctx *ctx)
{
    finish_figures(ctx, ch_of_clearing(ctx));
    finish_flows(ctx, ch_of_clearing(ctx));
}

struct owed {
    unsigned kind;
    int64_t commission, fees;
};

static void add_report(void *arg, const struct ch_event *ev)
{
    struct owed *owed = arg;
    if (ch_event_kind(ev) != owed->kind)
        return;
    owed->commission += (int64_t)ch_event_slots(ev)->word[2];
    owed->fees += (int64_t)ch_event_slots(ev)->word[3];
}

/* What sellers owe, reversals taken off, is what origins are owed, by account and by pair; and the same as the stores say. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    struct house *house = ch_of_clearing(ctx);
    uint32_t n = ctx->city->n_retailers;
    int64_t paid = 0, received = 0, fees = 0, flows = 0, said = 0, said_fees = 0;
    struct owed mail = {.kind = ctx->self->first_kind + MSG_sold};
    audit->each_pending(audit, add_report, &mail);
    for (uint32_t r = 0; r < n; r++) {
        paid += firms_of(house)[r].paid;
        received += firms_of(house)[r].received;
        fees += firms_of(house)[r].fees;
    }
    for (size_t i = 0; i < (size_t)n * n; i++)
        flows += flows_of(house, n)[i];
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        const struct shelf_mirror *mirror = ch_of_store(ctx, s);
        said += mirror->commission;
        said_fees += mirror->fees;
    }
    if (paid != received || paid != flows || paid + mail.commission != said || fees + mail.fees != said_fees)
        ch_fail(
            audit->error, CH_INTERNAL,
            "commissions: sellers paid %lld cents, origins got %lld, pairs say %lld; stores say %lld, of which %lld in the mail",
            (long long)paid, (long long)received, (long long)flows, (long long)said, (long long)mail.commission);
}

extern const struct ch_model ch_model_membership;
const struct ch_model ch_model_membership = {
    .name = "membership",
    .section = "wishlist.membership",
    .title = "joining and leaving the pool of wishlists",
    .mechanism = "M17",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .store_size = sizeof(struct shelf_mirror),
    .clearing_size = clearing_size,
    .rows = rows,
    .row_start = row_start,
    .tabulate = tabulate,
    .start_place = start_place,
    .begin = begin,
    .finish = finish,
    .audit = audit,
    .on_wish_closed = on_wish_closed,
    .on_sale = on_sale,
    .on_refund = on_refund,
    .answer_pool = answer_pool,
};
