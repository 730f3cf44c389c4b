/* SPDX-License-Identifier: MIT
 * M06: in which store? Huff's law, as a multinomial logit.
 *
 * The utility of store j of the wanted good, seen from a place at walking distance d, is
 *     u = alpha ln A - lambda ln max(d, near) - beta_p ln p + beta_r (r-3.8) + beta_ag ln(1 + F/1000) + extra + others' terms + e
 * with floor A (m2), relative price p, displayed rating r, other stores' floor F within 200 m (m2), and e standard Gumbel. The
 * terms of other models (stock, satiation, goodwill, messages) come by the question `appeal`. With alpha and lambda alone the
 * shares are Huff's A^alpha d^-lambda / sum exactly.
 * The outside option (nothing, or online) has the utility U0 of the good, found at set-up such that, over all residents with a
 * store in reach of home and on the fixed terms, it takes the share `outside`. So it fits any city without calibration; who
 * lives near good stores takes it less, and whatever makes stores more attractive lowers it.
 *
 * The choice set: stores of the good within `reach` that will be open at the expected arrival, at most `candidates` of them, by
 * the fixed terms (a tie goes to the lower index). Table: 8 bytes per candidate, for each node and good; 9 MB for 66 x 66 nodes.
 * Strolling (good CH_NONE) weighs size and distance only, has no outside option, and asks nobody.
 *
 * Draws: one per alternative, keyed by person, trip, good and STORE. An alternative more or less leaves all other draws as
 * they are, and a second pick on the same trip (the first store excluded) takes the next best in the same mood. The maximum
 * is found as the end of a race, see choice_race.h, where only stores that may win are looked at: is it open, who adds what?
 *
 * Sources: Huff 1964, exponent commonly 2; agglomeration by floor space in a radius: Piovani et al. 2017. */
#include "choice_race.h"

#define CHOICE_PARAMS(P)                                                                                                   \
    P(F64, alpha, 1, 0, 3, "", "weight of ln floor", CH_SOURCED("Huff 1964: attraction proportional to floor"))            \
    P(F64, lambda, 2, 0, 5, "", "weight of ln distance", CH_SOURCED("Huff exponent 1 to 3, commonly 2"))                   \
    P(F64, near, 50, 1, 1000, "m", "distances below count as this", CH_ASSUMED(25, 100, "no data"))                        \
    P(F64, price, 2, 0, 10, "", "weight of ln price level", CH_ASSUMED(1, 4, "no data"))                                   \
    P(F64, rating, 0.4, 0, 5, "", "weight of one star above 3.8", CH_ASSUMED(0.2, 0.8, "no data"))                         \
    P(F64, agglomeration, 0.3, 0, 3, "", "weight of ln(1 + other floor within 200 m / 1000 m2)",                           \
      CH_ASSUMED(0, 0.6, "Piovani et al. 2017: floor in a radius"))                                                        \
    P(F64, extra, 0, -20, 20, "", "added utility; meant for overrides of single stores", CH_CHOSEN("no store is special")) \
    P(F64, reach, 2000, 50, 20000, "m", "stores further than this are not considered", CH_ASSUMED(1000, 5000, "no data"))  \
    P(I64, candidates, 24, 1, CH_CHOICE_MAX, "", "most stores compared for one good",                                      \
      CH_ASSUMED(8, 64, "speed; the best 24 hold nearly all of Huff's weight"))                                            \
    P(LIST, outside, "0.15 0.15 0.15 0.15 0.15 0.15 0.15 0.15 0.05 0.05", 0.001, 0.999, "share",                           \
      "shopping intentions that end outside (nothing, online), from home; in the order of the goods",                      \
      CH_ASSUMED(0.02, 0.5, "no data; base conversion holds by calibrated needs"))
#define CH_ROW_STRUCT struct choice_params
CH_PARAMS(choice, CHOICE_PARAMS)

#define CHOICE_PROBES(B)                                                                                        \
    B(RATIO, outside_share, "share", 1, 0, 0, "shopping intentions that end outside over all intentions")       \
    B(RATIO, nowhere_share, "share", 1, 0, 0, "intentions without any open store in reach over all intentions") \
    B(MEAN, pick_distance, "m", 1, 0, 0, "walking distance to the chosen store, as the trip begins")            \
    B(SUM, shopping_intentions, "", 1, 0, 0, "choices of a store, or of none")                                  \
    B(MEAN, consumer_surplus, "EUR", 0.01, 0, 54,                                                               \
      "gain of a shopping intention over buying nowhere: utility over the weight of prices; only differences tell")
CH_PROBES(CHOICE_PROBES)

#define CHOICE_DRAWS(D) D(taste, "random terms of the stores of a good, word by word in their order; person, trip and good")
CH_DRAWS(CHOICE_DRAWS)

enum { STROLL = CH_N_GOODS, N_LISTS, OUTSIDE = 0 /* ordinal */, STRIP = 12 /* rows */ };
#define NOWHERE (-1e9) /* access of a home without a store in reach */

struct choice_table {
    const uint32_t *first; /* [node * N_LISTS + list]: into candidate */
    const struct candidate *candidate;
    const float *outside;           /* [node * CH_N_GOODS + good]: slowness of the outside option */
    const uint32_t *store[N_LISTS]; /* [ordinal] */
    double u0[CH_N_GOODS];          /* utility of the outside option */
};

/* ---- pure functions ---------------------------------------------------------------------------------------------- */

/* Fixed terms of a store, distance apart. floor_near: floor of other stores within 200 m, m2. */
static inline double store_utility(const struct choice_params *params, const struct ch_store *store, double floor_near)
{
    return params->alpha * ch_log(store->floor_m2) - params->price * ch_log(store->price) +
           params->rating * (store->rating - 3.8) + params->agglomeration * ch_log(1 + floor_near / 1000) + params->extra;
}

static inline double distance_utility(const struct choice_params *params, double d_m)
{
    return -params->lambda * ch_log(d_m > params->near ? d_m : params->near);
}

/* ---- set-up: candidates of every node and good ------------------------------------------------------------------- */

struct survey {
    const struct ch_city *city;
    uint32_t keep;             /* candidates per list */
    uint32_t reach;            /* blocks */
    const double *by_distance; /* [blocks]: utility of the distance */
    const double *by_store;    /* [store]: fixed terms */
    const double *by_size;     /* [store]: alpha ln floor, for strolling */
};

struct shortlist {
    uint32_t n;
    struct choosable {
        uint32_t store;
        float u;
    } item[CH_CHOICE_MAX]; /* best first */
};

static void consider(struct shortlist *list, uint32_t keep, uint32_t store, double utility)
{
    float u = (float)utility;
    uint32_t at = list->n;
    while (at > 0 && (list->item[at - 1].u < u || (list->item[at - 1].u <= u && list->item[at - 1].store > store)))
        at--;
    if (at >= keep)
        return;
    uint32_t last = list->n < keep ? list->n++ : keep - 1;
    memmove(&list->item[at + 1], &list->item[at], (last - at) * sizeof list->item[0]);
    list->item[at] = (struct choosable){store, u};
}

static void consider_store(const struct survey *survey, struct shortlist *list, uint32_t store, uint32_t blocks)
{
    double u = survey->by_store[store] + survey->by_distance[blocks];
    for (uint32_t goods = survey->city->stores[store].goods; goods; goods &= goods - 1)
        consider(&list[__builtin_ctz(goods)], survey->keep, store, u);
    consider(&list[STROLL], survey->keep, store, survey->by_size[store] + survey->by_distance[blocks]);
}

static void count_store(const struct survey *survey, struct shortlist *list, uint32_t store, uint32_t blocks)
{
    (void)blocks;
    for (uint32_t lists = survey->city->stores[store].goods | 1u << STROLL; lists; lists &= lists - 1) {
        struct shortlist *own = &list[__builtin_ctz(lists)];
        own->n += own->n < survey->keep;
    }
}

typedef void look_at_store(const struct survey *survey, struct shortlist *list, uint32_t store, uint32_t blocks);

/* The diamond of radius `reach` around a node is one run of columns per row, and stores are sorted by node. */
static void look_around(const struct survey *survey, uint32_t node, look_at_store *look, struct shortlist *list)
{
    const struct ch_city *city = survey->city;
    int64_t i = ch_column(city, node), j = ch_row(city, node), reach = survey->reach;
    int64_t low = j > reach ? j - reach : 0, high = j + reach < city->height ? j + reach : (int64_t)city->height - 1;
    for (int g = 0; g < N_LISTS; g++)
        list[g].n = 0;
    for (int64_t row = low; row <= high; row++) {
        int64_t width = reach - (row < j ? j - row : row - j);
        int64_t west = i > width ? i - width : 0, east = i + width < city->width ? i + width : (int64_t)city->width - 1;
        uint32_t from = city->node_first_store[row * city->width + west],
                 to = city->node_first_store[row * city->width + east + 1];
        for (uint32_t k = from; k < to; k++) {
            uint32_t store = city->node_store[k];
            int64_t dx = (int64_t)ch_column(city, city->stores[store].node) - i;
            look(survey, list, store, (uint32_t)((dx < 0 ? -dx : dx) + (row < j ? j - row : row - j)));
        }
    }
}

static double floor_near(const struct ch_city *city, uint32_t store)
{
    const struct ch_store *self = &city->stores[store];
    int64_t blocks = 200000 / city->block_mm, i = ch_column(city, self->node), j = ch_row(city, self->node);
    double sum = -self->floor_m2;
    for (int64_t row = j - blocks; row <= j + blocks; row++) {
        int64_t width = blocks - (row < j ? j - row : row - j);
        for (int64_t column = i - width; column <= i + width; column++) {
            if (row < 0 || row >= city->height || column < 0 || column >= city->width)
                continue;
            uint32_t node = (uint32_t)(row * city->width + column);
            for (uint32_t k = city->node_first_store[node]; k < city->node_first_store[node + 1]; k++)
                sum += city->stores[city->node_store[k]].floor_m2;
        }
    }
    return sum > 0 ? sum : 0;
}

static const struct choice_params *params_of_store(const struct ch_setup *setup, uint32_t store)
{
    const void *const *own = setup->item_params[CH_ITEM_STORE];
    return own && own[store] ? own[store] : setup->params;
}

static void prepare(struct ch_setup *setup, struct survey *survey)
{
    const struct ch_city *city = setup->city;
    const struct choice_params *params = setup->params;
    double *by_store = ch_setup_alloc(setup, city->n_stores, sizeof *by_store);
    double *by_size = ch_setup_alloc(setup, city->n_stores, sizeof *by_size);
    double block_m = (double)city->block_mm / 1000;
    uint32_t reach = (uint32_t)(params->reach / block_m);
    double *by_distance = ch_setup_alloc(setup, reach + 1, sizeof *by_distance);
    for (uint32_t blocks = 0; blocks <= reach; blocks++)
        by_distance[blocks] = distance_utility(params, blocks * block_m);
    for (uint32_t s = 0; s < city->n_stores; s++) {
        by_store[s] = store_utility(params_of_store(setup, s), &city->stores[s], floor_near(city, s));
        by_size[s] = params->alpha * ch_log(city->stores[s].floor_m2);
    }
    *survey = (struct survey){city, (uint32_t)params->candidates, reach, by_distance, by_store, by_size};
}

/* e^(best - u), within what a float holds: beyond e^80 nobody notices. */
static inline float slowness_of(double behind) { return (float)ch_exp(behind > 80 ? 80 : behind < -80 ? -80 : behind); }

/* Sum of e^(u - best) of one list. */
static double sum_of(const struct candidate *candidate, const uint32_t *first)
{
    double sum = 0;
    for (uint32_t i = first[0]; i < first[1]; i++)
        sum += 1 / (double)candidate[i].slowness;
    return sum;
}

/* Share of the people with access who end outside at this U0. */
static double share_outside(const struct ch_city *city, const double *access, double u0)
{
    double sum = 0, n = 0;
    for (uint32_t node = 0; node < city->n_nodes; node++) {
        double people = city->node_first_person[node + 1] - city->node_first_person[node];
        if (people <= 0 || access[node] <= NOWHERE)
            continue;
        sum += people * ch_logistic(u0 - access[node]);
        n += people;
    }
    return n > 0 ? sum / n : 0.5;
}

/* U0 of each good: from its log-odds at access 0, step by what is missing in log-odds; the error shrinks at each step.
 * `outside` holds the utilities of slowness 1, and afterwards the slowness of the outside option. */
static void set_outside(struct ch_setup *setup, struct choice_table *table, float *outside)
{
    const struct ch_city *city = setup->city;
    const struct choice_params *params = setup->params;
    double *access = ch_setup_alloc(setup, city->n_nodes, sizeof *access);
    for (uint32_t g = 0; g < CH_N_GOODS && setup->error->code == CH_OK; g++) {
        double first_guess = 0, wanted = ch_logit(params->outside.v[g]);
        for (uint32_t node = 0; node < city->n_nodes; node++) {
            const uint32_t *first = &table->first[(size_t)node * N_LISTS + g];
            double best = (double)outside[(size_t)node * CH_N_GOODS + g];
            access[node] = first[1] > first[0] ? best + ch_log(sum_of(table->candidate, first)) : NOWHERE;
            first_guess = access[node] > NOWHERE ? access[node] : first_guess;
        }
        double u0 = first_guess + wanted;
        for (int step = 0; step < 20; step++) {
            double share = share_outside(city, access, u0), tiny = 1e-12;
            u0 += wanted - ch_logit(share < tiny ? tiny : share > 1 - tiny ? 1 - tiny : share);
        }
        table->u0[g] = u0;
        for (uint32_t node = 0; node < city->n_nodes; node++) {
            float *at = &outside[(size_t)node * CH_N_GOODS + g];
            *at = slowness_of((double)*at - u0);
        }
    }
    table->outside = outside;
}

/* Numbers the stores of each list, strip by strip of the city and column by column, so that numbers of neighbours are close. */
static void number_stores(struct ch_setup *setup, struct choice_table *table, uint32_t *ordinal[N_LISTS])
{
    const struct ch_city *city = setup->city;
    uint32_t *store[N_LISTS], n[N_LISTS] = {0};
    for (uint32_t g = 0; g < N_LISTS; g++) {
        table->store[g] = store[g] = ch_setup_alloc(setup, (size_t)city->n_stores + 1, sizeof **store);
        ordinal[g] = ch_setup_alloc(setup, city->n_stores, sizeof **ordinal);
        store[g][OUTSIDE] = CH_NONE;
    }
    for (uint32_t k = 0; k < city->n_nodes; k++) {
        uint32_t strip = k / (city->width * STRIP) * STRIP, rest = k - strip * city->width;
        uint32_t rows = city->height - strip < STRIP ? city->height - strip : STRIP;
        uint32_t node = (strip + rest % rows) * city->width + rest / rows;
        for (uint32_t i = city->node_first_store[node]; i < city->node_first_store[node + 1]; i++) {
            uint32_t s = city->node_store[i], lists = city->stores[s].goods | 1u << STROLL;
            for (uint32_t g = 0; g < N_LISTS; g++)
                if (lists >> g & 1)
                    store[g][ordinal[g][s] = ++n[g]] = s;
        }
    }
}

/* Writes one list down, by ordinal. */
static void enlist(const struct shortlist *list, const uint32_t *ordinal, struct candidate *out)
{
    for (uint32_t i = 0; i < list->n; i++) {
        struct candidate one = {ordinal[list->item[i].store], slowness_of((double)list->item[0].u - (double)list->item[i].u)};
        uint32_t at = i;
        for (; at > 0 && out[at - 1].ordinal > one.ordinal; at--)
            out[at] = out[at - 1];
        out[at] = one;
    }
}

/* First the sizes, then the lists: no byte is wasted. */
struct roll {
    const struct survey *survey;
    uint32_t *first; /* at first the sizes, each in the place of the next list's begin */
    uint32_t *const *ordinal;
    struct candidate *candidate;
    float *outside;
};

static void count_lists(void *arg, size_t begin, size_t end)
{
    const struct roll *roll = arg;
    struct shortlist list[N_LISTS];
    for (size_t node = begin; node < end; node++) {
        look_around(roll->survey, (uint32_t)node, count_store, list);
        for (uint32_t g = 0; g < N_LISTS; g++)
            roll->first[node * N_LISTS + g + 1] = list[g].n;
    }
}

static void fill_lists(void *arg, size_t begin, size_t end)
{
    const struct roll *roll = arg;
    struct shortlist list[N_LISTS];
    for (size_t node = begin; node < end; node++) {
        look_around(roll->survey, (uint32_t)node, consider_store, list);
        for (uint32_t g = 0; g < N_LISTS; g++)
            enlist(&list[g], roll->ordinal[g], &roll->candidate[roll->first[node * N_LISTS + g]]);
        for (uint32_t g = 0; g < CH_N_GOODS; g++)
            roll->outside[node * CH_N_GOODS + g] = list[g].n ? list[g].item[0].u : 0;
    }
}

static uint64_t sum_up(uint32_t *first, size_t n)
{
    uint64_t total = 0;
    for (size_t i = 1; i <= n; i++)
        first[i] = (uint32_t)(total += first[i]);
    return total;
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    struct choice_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    struct survey survey;
    uint32_t *first = ch_setup_alloc(setup, (size_t)city->n_nodes * N_LISTS + 1, sizeof *first), *ordinal[N_LISTS];
    float *outside = ch_setup_alloc(setup, (size_t)city->n_nodes * CH_N_GOODS, sizeof *outside);
    prepare(setup, &survey);
    number_stores(setup, table, ordinal);
    if (setup->error->code != CH_OK)
        return table;
    struct roll roll = {.survey = &survey, .first = first, .ordinal = ordinal, .outside = outside};
    ch_setup_each(setup, city->n_nodes, count_lists, &roll);
    uint64_t total = sum_up(first, (size_t)city->n_nodes * N_LISTS);
    if (total > UINT32_MAX) {
        ch_fail(setup->error, CH_TOO_BIG, "%llu candidate stores; lower choice.candidates or choice.reach",
                (unsigned long long)total);
        return table;
    }
    roll.candidate = ch_setup_alloc(setup, total, sizeof *roll.candidate);
    table->first = first;
    table->candidate = roll.candidate;
    ch_setup_each(setup, city->n_nodes, fill_lists, &roll);
    set_outside(setup, table, outside);
    return table;
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

/* When the shopper will be there; 0: not known yet, so any store will do that is there today. */
struct arrival {
    ch_time of_day;
    bool known, sunday;
    uint32_t day;
};

static struct arrival arrival_at(const struct ch_ctx *ctx, ch_time at)
{
    return (struct arrival){ch_time_of_day(at), at != 0, ch_today(ctx->world, at)->type == CH_SUNDAY,
                            ch_day_of(at ? at : ch_now(ctx))};
}

static bool open_at(const struct ch_store *store, const struct arrival *at)
{
    return ch_store_lives(store, at->day) &&
           (!at->known || (at->of_day >= store->opens && at->of_day < store->closes && (store->sunday || !at->sunday)));
}

/* What other models add to the utility of one store; `most` becomes their bound for all stores, without one infinite. */
static double ask_appeal(struct ch_ctx *ctx, struct ch_person *who, uint32_t good, uint32_t store, double *most)
{
    double u = 0;
    struct ch_appeal appeal = {.good = good, .n = 1, .store = &store, .u = &u};
    ch_ask_appeal(ctx, who, &appeal);
    *most = appeal.bounded == ctx->chains->appeal.n ? appeal.most : 700; /* e^700 is more than enough */
    CH_ASSERT(u <= *most * (1 + 1e-9) + 1e-9);
    return u;
}

/* A race in hand. */
struct heat {
    struct race race;
    const struct ch_pick *pick;
    const uint32_t *store; /* [ordinal] */
    struct arrival at;
    double soonest, within; /* arrival so far, and how much sooner than its bound a store may arrive */
    uint32_t winner;        /* n: the outside option */
    bool open;              /* there is a store to choose */
    bool settled;           /* the winner was decided on before: it waits for the shopper */
};

/* Looks at one store: is it open, who adds what, when does it arrive? */
static void look_at(struct ch_ctx *ctx, struct ch_person *who, struct heat *heat, uint32_t i)
{
    uint32_t store = heat->store[heat->race.runner[i].ordinal];
    double most = 0, more = 0;
    heat->race.bound[i] = NEVER;
    if (store == heat->pick->exclude || !open_at(&ctx->city->stores[store], &heat->at))
        return;
    if (heat->pick->good < CH_N_GOODS)
        more = ask_appeal(ctx, who, heat->pick->good, store, &most);
    double arrives = arrival(&heat->race, i, more);
    if (arrives < heat->soonest) {
        heat->soonest = arrives;
        heat->winner = i;
        heat->settled = more >= CH_SETTLED;
    }
    if (!heat->open)
        heat->within = (most > 0 ? ch_exp(most) : 1) * (1 + 1e-9); /* a little more, for the roundings of both sides */
    heat->open = true;
}

static void run_race(struct ch_ctx *ctx, struct ch_person *who, struct heat *heat)
{
    uint32_t n = heat->race.n, first;
    while (!heat->open && (first = least_bound(&heat->race, NEVER)) < n)
        look_at(ctx, who, heat, first);
    for (uint32_t i = 0; i < n; i++)
        if (heat->race.bound[i] < heat->soonest * heat->within && heat->race.bound[i] < NEVER)
            look_at(ctx, who, heat, i);
}

/* The greatest utility is -ln of the soonest arrival, on a scale whose zero the outside option's slowness tells; its mean is the
 * logsum plus Euler's constant. Money: a price level higher by d costs price * d of utility, and d of a basket. */
static void count_surplus(struct ch_ctx *ctx, uint32_t good, double soonest, double outside)
{
    static const double euler = 0.57721566490153286;
    const struct choice_params *params = ch_params_of(ctx);
    if (params->price > 0) {
        double gain = ch_log(outside / soonest) - euler;
        double cents = gain / params->price * (double)ctx->city->goods[good].basket;
        ch_observe(ctx, PROBE_consumer_surplus, (int64_t)(cents < 0 ? cents - 0.5 : cents + 0.5));
    }
}

static void answer_pick(struct ch_ctx *ctx, struct ch_person *who, struct ch_pick *pick)
{
    const struct choice_table *table = ch_table(ctx);
    bool strolls = pick->good >= CH_N_GOODS;
    uint32_t list = strolls ? STROLL : pick->good, word[4];
    const uint32_t *first = &table->first[(size_t)pick->from * N_LISTS + list];
    uint16_t purpose = (uint16_t)(ctx->self->first_purpose + DRAW_taste);
    uint64_t occasion = ch_occasion_trip(who) | list;
    double outside = 1;
    struct heat heat;
    heat.race.n = heat.winner = first[1] - first[0];
    heat.race.runner = &table->candidate[first[0]];
    heat.pick = pick;
    heat.store = table->store[list];
    heat.at = arrival_at(ctx, pick->arrival);
    heat.soonest = NEVER;
    heat.within = 1;
    heat.open = heat.settled = false;
    if (!strolls) {
        outside = (double)table->outside[(size_t)pick->from * CH_N_GOODS + list]; /* on its way while words are drawn */
        draw_tastes(ctx->key, who->id, purpose, occasion, OUTSIDE / 4, word);
        heat.soonest = exponential_of(word[OUTSIDE]) * outside;
    }
    start_race(&heat.race, ctx->key, who->id, purpose, occasion);
    run_race(ctx, who, &heat);
    bool nowhere = heat.winner == heat.race.n;
    pick->store = nowhere ? CH_NONE : heat.store[heat.race.runner[heat.winner].ordinal];
    if (!strolls) {
        if (!heat.settled)
            count_surplus(ctx, list, heat.soonest, outside);
        ch_add(ctx, PROBE_shopping_intentions, 1);
        ch_ratio(ctx, PROBE_outside_share, nowhere, 1);
        ch_ratio(ctx, PROBE_nowhere_share, !heat.open, 1);
    }
    if (!nowhere)
        ch_observe(ctx, PROBE_pick_distance, (int64_t)ch_distance_m(ctx->city, pick->from, ctx->city->stores[pick->store].node));
}

extern const struct ch_model ch_model_choice;
const struct ch_model ch_model_choice = {.name = "choice",
                                         .title = "which store people choose",
                                         .mechanism = "M06",
                                         .items = CH_HEEDS(STORE),
                                         CH_WITH_PARAMS,
                                         CH_WITH_PROBES,
                                         CH_WITH_DRAWS,
                                         .tabulate = tabulate,
                                         .answer_pick = answer_pick};
