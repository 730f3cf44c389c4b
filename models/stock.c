/* SPDX-License-Identifier: MIT
 * M22, the shop's side of it: what is on the shelf, what the records say is on it, and what the page says of that.
 *
 * For each store and good it sells, a base-stock rule (S, R, L): every R the store orders up to S (on hand + on order = S); an
 * order arrives after L. One unit is one purchase of the wanted item; other items of the assortment are not tracked, so a
 * shopper who takes another item from an empty shelf takes no unit. S is the least level with
 *     P(D <= S - 1) >= service,     D ~ Poisson(l (R + L)),     at least 2
 * (under continuous review, lead demand 2: .67668 at S = 3, .94735 at S = 5). The expected demand l of a store is its share of
 * the purchases its neighbours aim at, by Huff's law with exponent 2 on floor and distance from home:
 *     l_jg = sum over nodes i of people_i rate_g (A_j / d_ij^2) / sum_k (A_k / d_ik^2),     d = max(50 m, walking distance)
 * As the people are those simulated, stocks scale with the sample. Stores know the calendar: l is multiplied by the demand of the
 * R + L days ahead. And they learn: at each review l moves towards what was asked for since the last one (over the calendar's
 * demand) by the weight `learning`; at time 0 they expect `doubt` times what Huff's law says, so that they are in stock as often
 * as later. Above 600 the Poisson is taken as normal.
 *
 * Availability is published for each store and good, the product page: 1 when the record, less what is promised to orders, is at
 * least `safety`. Shoppers choose by what was published a while ago: + beta_s s with s = 0 if available, -1 if not. `shelf` is
 * answered live from what is really there where the store stands, and from the page elsewhere. Start: stationary, with the
 * orders of the last L under way.
 *
 * Records: book = on hand + error, and a store orders by its book. Each night a right record goes wrong with probability 1 - q, a
 * wrong one gets worse with the same; each `count_every` days all are counted, and right. q is such that the mean share of right
 * records, q (1 - q^T) / (T (1 - q)), is `accuracy`. Shrink: a Poisson number of units on hand is gone in the night; with
 * probability `accuracy` the book follows. With accuracy 1 book and shelf always agree. A pick that fails on a record mends it.
 *
 * Units: initial + supplied + returned = sold + shrunk + on hand + held, in each store; held are those in baskets on their way to
 * the till and those set aside for orders.
 *
 * Sources: base-stock policy, textbook (Zipkin 2000); record accuracy .63 without RFID, .95 with: Auburn RFID Lab, GS1 US;
 * 50-70 % of records wrong: Management Science 2008; beta_s: assumed. */
#include "stock_records.h"

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

/* Calls `visit` for each inhabited node within reach of a store, with the store's attraction there. */
static void each_neighbour(const struct ch_city *city, uint32_t store,
                           void (*visit)(void *arg, uint32_t store, uint32_t node, double pull), void *arg)
{
    const struct ch_store *self = &city->stores[store];
    int64_t reach = (int64_t)(reach_m * 1000 / (double)city->block_mm), i = ch_column(city, self->node),
            j = ch_row(city, self->node);
    int64_t south = j > reach ? j - reach : 0, north = j + reach < city->height ? j + reach : (int64_t)city->height - 1;
    for (int64_t row = south; row <= north; row++) {
        int64_t width = reach - (row < j ? j - row : row - j);
        int64_t west = i > width ? i - width : 0, east = i + width < city->width ? i + width : (int64_t)city->width - 1;
        for (int64_t column = west; column <= east; column++) {
            uint32_t node = (uint32_t)(row * city->width + column);
            double d = ch_distance_m(city, node, self->node);
            d = d > near_m ? d : near_m;
            if (city->node_first_person[node + 1] > city->node_first_person[node])
                visit(arg, store, node, self->floor_m2 / (d * d));
        }
    }
}

struct market {
    const struct ch_city *city;
    float *pull;   /* [node * CH_N_GOODS + good]: of all stores together */
    float *demand; /* of struct stock_table */
};

static void add_pull(void *arg, uint32_t store, uint32_t node, double pull)
{
    const struct market *market = arg;
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        if (market->city->stores[store].goods >> g & 1)
            market->pull[cell(node, g)] += (float)pull;
}

static void add_demand(void *arg, uint32_t store, uint32_t node, double pull)
{
    const struct market *market = arg;
    const struct ch_city *city = market->city;
    double people = city->node_first_person[node + 1] - city->node_first_person[node];
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        if (city->stores[store].goods >> g & 1)
            market->demand[cell(store, g)] +=
                (float)(people * city->goods[g].rate / 30.4375 * pull / (double)market->pull[cell(node, g)]);
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    struct stock_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    struct market market = {.city = city};
    market.pull = ch_setup_alloc(setup, (size_t)city->n_nodes * CH_N_GOODS, sizeof *market.pull);
    market.demand = table->demand = ch_setup_alloc(setup, (size_t)city->n_stores * CH_N_GOODS, sizeof *table->demand);
    if (setup->error->code != CH_OK)
        return table;
    for (uint32_t s = 0; s < city->n_stores; s++)
        each_neighbour(city, s, add_pull, &market);
    for (uint32_t s = 0; s < city->n_stores; s++) {
        each_neighbour(city, s, add_demand, &market);
    }
    return table;
}

static uint32_t rows(const struct ch_city *city) { return city->n_stores * CH_N_GOODS; }

static int64_t row_start(const struct ch_setup *setup, const void *table, uint32_t row)
{
    (void)table;
    return setup->city->stores[row / CH_N_GOODS].goods >> row % CH_N_GOODS & 1;
}

/* ---- units ------------------------------------------------------------------------------------------------------- */

static unsigned units_in(const struct ch_slot *slot, uint32_t good)
{
    return (unsigned)(slot->word[good / GOODS_PER_WORD] >> good % GOODS_PER_WORD * 16) & 0xffffu;
}

static void on_supply(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct shelf *shelf = ch_of_store(ctx, ev->dest);
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        unsigned units = units_in(ch_event_slots(ev), g);
        shelf->on_order[g] = (uint16_t)(shelf->on_order[g] - units);
        shelf->supplied += units;
        if (units)
            change(ctx, ev->dest, g, (int)units, 0, 0);
        ch_add(ctx, PROBE_units_supplied, units);
    }
}

static void order(struct ch_ctx *ctx, uint32_t store, struct shelf *shelf, const unsigned units[CH_N_GOODS], ch_time delay)
{
    struct ch_slot slot = {{0}};
    unsigned total = 0;
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        slot.word[g / GOODS_PER_WORD] |= (uint64_t)units[g] << g % GOODS_PER_WORD * 16;
        shelf->on_order[g] = (uint16_t)(shelf->on_order[g] + units[g]);
        total += units[g];
    }
    if (total)
        ch_send_slots(ctx, MSG_supply, ch_here(ctx), store, delay, 0, &slot);
}

/* Mean multiplier of demand over the days from `from` to `to`: stores know the calendar. */
static double season(const struct ch_ctx *ctx, uint32_t good, ch_time from, ch_time to)
{
    double sum = 0, n = 0;
    for (ch_time day = from > 0 ? from : 0; day <= to || n < 1; day += CH_DAY, n++)
        sum += (double)ch_today(ctx->world, day)->demand[good];
    return sum / n;
}

/* S of a good, 0 if it is not stocked. */
static unsigned level_of(struct ch_ctx *ctx, uint32_t store, uint32_t good)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, store);
    const struct shelf *shelf = ch_of_store(ctx, store);
    ch_time ahead = params->review + params->lead;
    if (!(ctx->city->stores[store].goods >> good & 1) || params->cover.v[good] <= 0)
        return 0;
    double expected =
        (double)shelf->demand[good] * season(ctx, good, ch_now(ctx), ch_now(ctx) + ahead) * (double)ahead / (double)CH_DAY;
    return base_level(expected * params->cover.v[good], params->service);
}

static void on_review(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, ev->dest);
    struct shelf *shelf = ch_of_store(ctx, ev->dest);
    double period = (double)params->review / (double)CH_DAY;
    unsigned units[CH_N_GOODS];
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        double usual = season(ctx, g, ch_now(ctx) - params->review, ch_now(ctx));
        if (usual > 0)
            shelf->demand[g] += (float)(params->learning * (shelf->asked[g] / period / usual - (double)shelf->demand[g]));
        shelf->asked[g] = 0;
        int book = shelf->on_hand[g] + shelf->error[g], level = (int)level_of(ctx, ev->dest, g);
        int have = (book > 0 ? book : 0) + shelf->on_order[g];
        units[g] = have < level ? (unsigned)(level - have) : 0;
    }
    order(ctx, ev->dest, shelf, units, params->lead);
    ch_send(ctx, MSG_review, ch_here(ctx), ev->dest, params->review, 0);
}

/* The next review is at a uniform time u < R. Reviews before time 0 ordered the demand of one R each; those of the last L are
 * still under way, and since the last one the demand of R - u has left the shelf. */
static void start_store(struct ch_ctx *ctx, uint32_t store)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, store);
    const struct stock_table *table = ch_table(ctx);
    struct shelf *shelf = ch_of_store(ctx, store);
    struct ch_draw draw = ch_draw(ctx, DRAW_start, store, 0);
    ch_time next = 1 + (ch_time)(ch_draw_uniform(&draw) * (double)(params->review - 1));
    double period = (double)params->review / (double)CH_DAY, since = (double)(params->review - next) / (double)CH_DAY;
    unsigned missing[CH_N_GOODS], units[CH_N_GOODS], level[CH_N_GOODS];
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        shelf->demand[g] = (float)params->doubt * table->demand[cell(store, g)];
        level[g] = level_of(ctx, store, g);
        missing[g] = demand_of(&draw, (double)table->demand[cell(store, g)] * since);
    }
    for (ch_time arrives = next - params->review + params->lead; arrives > 0; arrives -= params->review) {
        for (uint32_t g = 0; g < CH_N_GOODS; g++) {
            unsigned room = level[g] > missing[g] ? level[g] - missing[g] : 0;
            units[g] = demand_of(&draw, (double)table->demand[cell(store, g)] * period);
            units[g] = units[g] < room ? units[g] : room;
            missing[g] += units[g];
        }
        order(ctx, store, shelf, units, arrives);
    }
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        shelf->on_hand[g] = (uint16_t)(level[g] > missing[g] ? level[g] - missing[g] : 0);
        shelf->initial += shelf->on_hand[g];
        if (level[g] && shelf->on_hand[g] < params->safety)
            ch_publish(ctx, (uint32_t)cell(store, g), 0);
    }
    ch_send(ctx, MSG_review, ch_here(ctx), store, next, 0);
    if (has_nights(params))
        start_records(ctx, store);
}

/* ---- conversations ----------------------------------------------------------------------------------------------- */

/* Nothing on hand: another item of the assortment, or one made on the spot. */
static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    struct shelf *shelf = ch_of_store(ctx, sale->store);
    (void)who;
    if (sale->held) {
        CH_ASSERT(shelf->held > 0);
        shelf->held--;
        shelf->sold++;
        return;
    }
    if (!shelf->on_hand[sale->good])
        return;
    shelf->sold++;
    change(ctx, sale->store, sale->good, -1, 0, 0);
}

static void on_refund(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, sale->store);
    struct shelf *shelf = ch_of_store(ctx, sale->store);
    (void)who;
    if (params->cover.v[sale->good] <= 0)
        return;
    shelf->returned++;
    change(ctx, sale->store, sale->good, 1, 0, 0);
}

static void answer_shelf(struct ch_ctx *ctx, struct ch_person *who, struct ch_shelf *shelf)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, shelf->store);
    (void)who;
    if (params->cover.v[shelf->good] <= 0) {
        shelf->available = ctx->city->stores[shelf->store].goods >> shelf->good & 1;
        return;
    }
    if (shelf->only_looking || ctx->city->stores[shelf->store].node != ch_here(ctx)) {
        shelf->available = ch_published(ctx, (uint32_t)cell(shelf->store, shelf->good)) != 0;
        return;
    }
    struct shelf *live = ch_of_store(ctx, shelf->store);
    if (live->asked[shelf->good] < UINT16_MAX)
        live->asked[shelf->good]++;
    shelf->available = live->on_hand[shelf->good] > 0;
    ch_ratio(ctx, PROBE_availability, shelf->available, 1);
}

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct stock_params *params = ch_params_of(ctx);
    (void)who;
    appeal->bounded++;
    for (unsigned i = 0; i < appeal->n && appeal->good < CH_N_GOODS; i++)
        if (!ch_published(ctx, (uint32_t)cell(appeal->store[i], appeal->good)))
            appeal->u[i] -= params->believed;
}

/* ---- conservation ------------------------------------------------------------------------------------------------ */

struct on_the_way {
    unsigned kind;
    uint64_t units;
};

static void see(void *arg, const struct ch_event *ev)
{
    struct on_the_way *seen = arg;
    for (uint32_t g = 0; g < CH_N_GOODS && ch_event_kind(ev) == seen->kind; g++)
        seen->units += units_in(ch_event_slots(ev), g);
}

/* Initial + supplied + returned = sold + shrunk + on hand + held, in each store; what is on order is on its way. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    struct on_the_way seen = {.kind = ctx->self->first_kind + MSG_supply};
    uint64_t ordered = 0;
    for (uint32_t s = 0; s < ctx->city->n_stores; s++) {
        const struct shelf *shelf = ch_of_store(ctx, s);
        uint64_t in = (uint64_t)shelf->initial + shelf->supplied + shelf->returned;
        uint64_t out = (uint64_t)shelf->sold + shelf->shrunk + shelf->held;
        for (uint32_t g = 0; g < CH_N_GOODS; g++) {
            out += shelf->on_hand[g];
            ordered += shelf->on_order[g];
        }
        if (in != out) {
            ch_fail(audit->error, CH_INTERNAL, "store %s: %llu units came, %llu were sold or lost or are here",
                    ctx->city->stores[s].id, (unsigned long long)in, (unsigned long long)out);
            return;
        }
    }
    audit->each_pending(audit, see, &seen);
    if (ordered != seen.units)
        ch_fail(audit->error, CH_INTERNAL, "%llu units are on order, %llu on their way", (unsigned long long)ordered,
                (unsigned long long)seen.units);
}

extern const struct ch_model ch_model_stock;
const struct ch_model ch_model_stock = {.name = "stock",
                                        .title = "what is on the shelf",
                                        .mechanism = "M22",
                                        .items = CH_HEEDS(STORE),
                                        CH_WITH_PARAMS,
                                        CH_WITH_MESSAGES,
                                        CH_WITH_PROBES,
                                        CH_WITH_DRAWS,
                                        .store_size = sizeof(struct shelf),
                                        .rows = rows,
                                        .row_start = row_start,
                                        .tabulate = tabulate,
                                        .start_store = start_store,
                                        .audit = audit,
                                        .on_sale = on_sale,
                                        .on_refund = on_refund,
                                        .on_hold = on_hold,
                                        .on_bought_away = on_bought_away,
                                        .answer_shelf = answer_shelf,
                                        .answer_appeal = answer_appeal};
