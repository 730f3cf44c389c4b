/* SPDX-License-Identifier: MIT
 * M15 Trajectories: into which zone does a walk lead next? Learnt from those who share their history, level 3, and nobody else.
 *
 * Zones are squares of `zone` metres. A walk that leaves zone z goes to one of its four neighbours, or ends in z: five outcomes.
 * An order-1 Markov chain on (zone, class of the hour) predicts them,
 *     P(j | z, h) = (n_j + 1/2) / (n + 5/2)                 n_j the outcomes seen (Laplace, 1/2 for each)
 * twice: from the person's own walks, and from those of the whole panel; mixed by what there is of the former,
 *     P = w P_own + (1 - w) P_pool,     w = n_own / (n_own + prior)
 *
 * Panel: who holds level 3 with at least one retailer when the day begins, after one audited read; who withdraws is out at once,
 * and what their phone remembered of their walks is forgotten. Pooled counts name nobody. Each node counts the outcomes of the
 * panel's walks that leave its zone or end there, and publishes them; a zone's counts are read where the person stands.
 * A phone keeps the counts of six places and hours, those most used; beyond 255 they are halved, those of a node beyond 4095.
 *
 * K15: a prediction is made as a walk enters a zone, the likeliest outcome, and judged when it leaves or ends. Recall: of the
 * visits to stores on foot, those where the end of the walk in that zone had been predicted. Sources: M15 of the model reference;
 * at most .71 of next places can be predicted (Ikanovic & Mollgaard 2017). */
#include <chaland/model.h>

#define CH_ROW_STRUCT struct trajectory_params
#define TRAJECTORY_PARAMS(P)                                                                                          \
    P(FLAG, active, 0, 0, 1, "", "is there a panel that learns where walks lead?", CH_CHOSEN("the scenario decides")) \
    P(F64, zone, 500, 24, 20000, "m", "side of a zone, whole blocks", CH_ASSUMED(200, 1000, "a few minutes' walk"))   \
    P(F64, prior, 10, 0, 10000, "", "own walks that weigh as much as the panel", CH_ASSUMED(3, 50, "no data"))
CH_PARAMS(trajectory, TRAJECTORY_PARAMS)

#define TRAJECTORY_PROBES(B)                                                                                              \
    B(RATIO, prediction_accuracy, "share", 1, 0, 15, "next zones predicted rightly, of all predictions")                  \
    B(RATIO, prediction_recall, "share", 1, 0, 15, "visits to stores on foot by people of the panel that were predicted") \
    B(SUM, panel_days, "", 1, 0, 15, "days of people in the panel")                                                       \
    B(SUM, panel_moves, "", 1, 0, 15, "moves from zone to zone, and ends of walks, learnt from the panel")
CH_PROBES(TRAJECTORY_PROBES)

enum { EAST = CH_EAST, NORTH = CH_NORTH, WEST = CH_WEST, SOUTH = CH_SOUTH, ENDS, OUTCOMES, CLASSES = 4, OWN = 6 };
enum { FULL_OWN = 255, BITS = 12, FULL = (1 << BITS) - 1, ZONES_MAX = 16000, NOTHING = OUTCOMES };

/* Shut: consent is there, but the phone has been shut to it so far (mode shopper). */
enum panel { OUT, SHUT, IN };

/* Outcomes seen in one zone and class of the hour. */
struct own {
    uint16_t key; /* zone * CLASSES + class + 1; 0: empty */
    uint8_t seen[OUTCOMES];
};

/* What a phone with the app remembers. */
struct track {
    struct own own[OWN];
    uint8_t panel;   /* enum panel: today */
    uint8_t guess;   /* outcome predicted for the zone in hand, NOTHING */
    uint8_t last;    /* what had been predicted when the last walk ended */
    uint8_t on_foot; /* a walk is under way, or the last one ended here */
};

/* Of a node. */
struct stile {
    uint16_t seen[CLASSES][OUTCOMES];
};

struct trajectory_table {
    uint32_t blocks, columns; /* side of a zone; zones in a row */
};

CH_WANTED_IF_ACTIVE

static const void *tabulate(struct ch_setup *setup)
{
    const struct trajectory_params *p = setup->params;
    const struct ch_city *city = setup->city;
    struct trajectory_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    uint32_t blocks = (uint32_t)(p->zone * 1000 / (double)city->block_mm + 0.5);
    table->blocks = blocks ? blocks : 1;
    table->columns = (city->width + table->blocks - 1) / table->blocks;
    uint64_t zones = (uint64_t)table->columns * ((city->height + table->blocks - 1) / table->blocks);
    if (zones > ZONES_MAX)
        ch_setup_refuse(setup, (struct ch_blame){.param = "zone", .hint = "make zones larger"},
                        "zones so large that there are at most %d in the city; these would be %llu", ZONES_MAX,
                        (unsigned long long)zones);
    return table;
}

/* ---- zones and hours --------------------------------------------------------------------------------------------- */

static uint32_t zone_of(const struct trajectory_table *table, const struct ch_city *city, uint32_t node)
{
    return ch_row(city, node) / table->blocks * table->columns + ch_column(city, node) / table->blocks;
}

/* Night and early morning, late morning, afternoon, evening. */
static unsigned class_of(ch_time now)
{
    ch_time hour = ch_time_of_day(now) / CH_HOUR;
    return hour < 10 ? 0 : hour < 14 ? 1 : hour < 18 ? 2 : 3;
}

/* The outcome that leads from one zone to the other; NOTHING if they are no neighbours. */
static unsigned outcome_between(const struct trajectory_table *table, uint32_t from, uint32_t to)
{
    uint32_t i = from % table->columns, j = from / table->columns, x = to % table->columns, y = to / table->columns;
    if (j == y)
        return x == i ? ENDS : x == i + 1 ? EAST : x + 1 == i ? WEST : NOTHING;
    return x != i ? NOTHING : y == j + 1 ? NORTH : y + 1 == j ? SOUTH : NOTHING;
}

/* ---- what was seen ----------------------------------------------------------------------------------------------- */

static uint16_t key_of(uint32_t zone, unsigned class) { return (uint16_t)(zone * CLASSES + class + 1); }

static struct own *find(struct track *track, uint16_t key)
{
    for (unsigned i = 0; i < OWN; i++)
        if (track->own[i].key == key)
            return &track->own[i];
    return NULL;
}

static unsigned total(const uint8_t seen[OUTCOMES])
{
    unsigned n = 0;
    for (unsigned j = 0; j < OUTCOMES; j++)
        n += seen[j];
    return n;
}

static void halve(uint8_t seen[OUTCOMES])
{
    for (unsigned j = 0; j < OUTCOMES; j++)
        seen[j] /= 2;
}

/* A new place and hour wears the least used one down, until it can take its room. */
static struct own *make_room(struct track *track, uint16_t key)
{
    struct own *least = &track->own[0];
    for (unsigned i = 1; i < OWN; i++)
        least = total(track->own[i].seen) < total(least->seen) ? &track->own[i] : least;
    halve(least->seen);
    if (total(least->seen))
        return NULL;
    least->key = key;
    return least;
}

static void learn_own(struct track *track, uint16_t key, unsigned outcome)
{
    struct own *own = find(track, key);
    own = own ? own : make_room(track, key);
    if (!own)
        return;
    if (own->seen[outcome] == FULL_OWN)
        halve(own->seen);
    own->seen[outcome]++;
}

static int64_t packed(const uint16_t seen[OUTCOMES])
{
    uint64_t word = 0;
    for (unsigned j = 0; j < OUTCOMES; j++)
        word |= (uint64_t)seen[j] << j * BITS;
    return (int64_t)word;
}

static void learn_pooled(struct ch_ctx *ctx, unsigned class, unsigned outcome)
{
    struct stile *stile = ch_of_place(ctx);
    uint16_t *seen = stile->seen[class];
    bool full = seen[outcome] == FULL;
    for (unsigned j = 0; full && j < OUTCOMES; j++)
        seen[j] /= 2;
    seen[outcome]++;
    ch_publish(ctx, ch_here(ctx) * CLASSES + class, packed(seen));
}

/* The panel's counts of a zone, as published by its nodes. */
static void read_pool(const struct ch_ctx *ctx, uint32_t zone, unsigned class, uint32_t seen[OUTCOMES])
{
    const struct trajectory_table *table = ch_table(ctx);
    const struct ch_city *city = ctx->city;
    uint32_t west = zone % table->columns * table->blocks, south = zone / table->columns * table->blocks;
    memset(seen, 0, OUTCOMES * sizeof *seen);
    for (uint32_t row = south; row < south + table->blocks && row < city->height; row++)
        for (uint32_t column = west; column < west + table->blocks && column < city->width; column++) {
            uint64_t word = (uint64_t)ch_published(ctx, (row * city->width + column) * CLASSES + class);
            for (unsigned j = 0; j < OUTCOMES; j++)
                seen[j] += (uint32_t)(word >> j * BITS) & FULL;
        }
}

/* ---- prediction -------------------------------------------------------------------------------------------------- */

/* Both predictors, mixed. `own` may be NULL: nothing seen. */
static void mix(const uint8_t *own, const uint32_t pool[OUTCOMES], double prior, double p[OUTCOMES])
{
    unsigned n = own ? total(own) : 0;
    double all = 0, w = n ? n / (n + prior) : 0;
    for (unsigned j = 0; j < OUTCOMES; j++)
        all += pool[j];
    for (unsigned j = 0; j < OUTCOMES; j++)
        p[j] = w * ((own ? own[j] : 0) + 0.5) / (n + 0.5 * OUTCOMES) + (1 - w) * (pool[j] + 0.5) / (all + 0.5 * OUTCOMES);
}

static void predict(struct ch_ctx *ctx, struct track *track, uint32_t zone, double p[OUTCOMES])
{
    const struct trajectory_params *params = ch_params_of(ctx);
    unsigned class = class_of(ch_now(ctx));
    uint32_t pool[OUTCOMES];
    struct own *own = find(track, key_of(zone, class));
    read_pool(ctx, zone, class, pool);
    mix(own ? own->seen : NULL, pool, params->prior, p);
}

static unsigned likeliest(const double p[OUTCOMES])
{
    unsigned best = 0;
    for (unsigned j = 1; j < OUTCOMES; j++)
        best = p[j] > p[best] ? j : best;
    return best;
}

static void guess(struct ch_ctx *ctx, struct track *track, uint32_t zone)
{
    double p[OUTCOMES];
    predict(ctx, track, zone, p);
    track->guess = (uint8_t)likeliest(p);
}

/* The walk left the zone in hand, or ended. */
static void learn(struct ch_ctx *ctx, struct track *track, uint32_t zone, unsigned outcome)
{
    unsigned class = class_of(ch_now(ctx));
    if (track->guess != NOTHING)
        ch_ratio(ctx, PROBE_prediction_accuracy, track->guess == outcome, 1);
    track->guess = NOTHING;
    learn_own(track, key_of(zone, class), outcome);
    learn_pooled(ctx, class, outcome);
    ch_add(ctx, PROBE_panel_moves, 1);
}

/* ---- the panel --------------------------------------------------------------------------------------------------- */

static bool lets_learn(struct ch_ctx *ctx, struct ch_person *who)
{
    uint32_t r = 0;
    for (int level; (r = ch_next_granted(ctx, who, r, &level)) != CH_NONE; r++)
        if (level >= 3)
            return ch_may_read(ctx, who, r, 3);
    return false;
}

/* Is the phone of a member open now? One read a day, the first time that it is. */
static bool opens(struct ch_ctx *ctx, struct ch_person *who, struct track *track)
{
    struct ch_shut_query query = {.shut = false};
    ch_ask_shut(ctx, who, &query);
    if (query.shut)
        return false;
    if (track->panel == SHUT) {
        track->panel = lets_learn(ctx, who) ? IN : OUT;
        ch_add(ctx, PROBE_panel_days, track->panel == IN);
    }
    return track->panel == IN;
}

/* The record of somebody in the panel; NULL for everybody else. At each street, so by the filter first. */
static struct track *track_of(struct ch_ctx *ctx, struct ch_person *who)
{
    if (who->consent < 3 || !(who->device & CH_APP))
        return NULL;
    struct track *track = ch_of_app(ctx, who);
    return track->panel != OUT && opens(ctx, who, track) ? track : NULL;
}

static void forget(struct track *track) { *track = (struct track){.guess = NOTHING, .last = NOTHING}; }

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    if (who->device & CH_APP)
        forget(ch_of_app(ctx, who));
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)day;
    if (!(who->device & CH_APP))
        return;
    struct track *track = ch_of_app(ctx, who);
    track->panel = who->consent >= 3 ? SHUT : OUT;
    (void)track_of(ctx, who);
}

static void on_consent_changed(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent *consent)
{
    (void)consent;
    if (who->consent < 3 && who->device & CH_APP)
        forget(ch_of_app(ctx, who));
}

/* ---- walks ------------------------------------------------------------------------------------------------------- */

static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    if (who->consent < 3 || !(who->device & CH_APP))
        return;
    struct track *track = ch_of_app(ctx, who);
    track->on_foot = leg->mode == CH_WALK;
    track->guess = NOTHING;
    if (track->on_foot && track_of(ctx, who))
        guess(ctx, track, zone_of(ch_table(ctx), ctx->city, leg->from));
}

static void on_street_entered(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    struct track *track = track_of(ctx, who);
    if (!track)
        return;
    const struct trajectory_table *table = ch_table(ctx);
    uint32_t from = zone_of(table, ctx->city, passage->from), to = zone_of(table, ctx->city, passage->to);
    if (from == to)
        return;
    learn(ctx, track, from, outcome_between(table, from, to));
    guess(ctx, track, to);
}

static void on_leg_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    struct track *track = track_of(ctx, who);
    (void)leg;
    if (!track || !track->on_foot)
        return;
    track->last = track->guess;
    learn(ctx, track, zone_of(ch_table(ctx), ctx->city, ch_here(ctx)), ENDS);
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    struct track *track = track_of(ctx, who);
    (void)visit;
    if (track && track->on_foot && track->last != NOTHING)
        ch_ratio(ctx, PROBE_prediction_recall, track->last == ENDS, 1);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

static void answer_forecast(struct ch_ctx *ctx, struct ch_person *who, struct ch_forecast *forecast)
{
    const struct trajectory_table *table = ch_table(ctx);
    uint32_t node = ctx->city->stores[forecast->store].node, here = zone_of(table, ctx->city, ch_here(ctx));
    unsigned outcome = outcome_between(table, here, zone_of(table, ctx->city, node));
    double p[OUTCOMES];
    if (!(who->device & CH_APP))
        return;
    forecast->known = true;
    forecast->takes = ch_time_of_seconds(ch_walk_s(ctx, who, ch_here(ctx), node));
    if (outcome == NOTHING)
        return;
    predict(ctx, ch_of_app(ctx, who), here, p);
    forecast->chance = p[outcome];
}

static uint32_t rows(const struct ch_city *city) { return city->n_nodes * CLASSES; }

extern const struct ch_model ch_model_trajectory;
const struct ch_model ch_model_trajectory = {
    .name = "trajectory",
    .title = "where walks lead, learnt from a consenting panel",
    .mechanism = "M15",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    .wanted = wanted,
    .app_size = sizeof(struct track),
    .place_size = sizeof(struct stile),
    .rows = rows,
    .tabulate = tabulate,
    .start_person = start_person,
    .on_day_begins = on_day_begins,
    .on_consent_changed = on_consent_changed,
    .on_leg_begins = on_leg_begins,
    .on_street_entered = on_street_entered,
    .on_leg_ends = on_leg_ends,
    .on_visit_begins = on_visit_begins,
    .answer_forecast = answer_forecast,
};
