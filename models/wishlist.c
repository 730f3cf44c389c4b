/* SPDX-License-Identifier: MIT
 * M08: wish lists, and how desire fades.
 *
 * Items are added by a Poisson process (per_week), non-food only; the good follows the rates of purchase, the origin (the
 * retailer on whose list it stands) the lists of those who sell the good, in general as long as they are large. Desire decays
 * from D0 ~ U(.4, 1):
 *     D(a) = D0 2^(-a / half_life),        a = age in whole days
 * An item ends when D < floor or its age is above `life` (expired), when it is bought, or when its list is withdrawn. A list
 * holds six items; a seventh pushes the oldest off (expired).
 *
 * Spontaneous purchase: hazard h D(a)/D0, so the chance of ever coming to it is 1 - e^(-h/d), d = ln 2 / half_life (.2614 at
 * 21 d and .01/d). Each item gets the age at which that happens when it is made: an exponential E solved for a. A ripe item is
 * offered to the next shopping trips (`want`), with a pull to stores of its origin (`appeal`); after `waits` it is bought
 * outside the city's stores (online): no money moves here.
 *
 * Match of an item with a store that sells its good: 1 at its origin's stores (the very item). Elsewhere the very item is
 * there with probability `same` (1), a similar one with `similar` (0.6), else nothing fits (0): a draw keyed by the item and
 * the retailer, so it never changes. A reader gets match x desire of the best item it may see: on its own list, or shared
 * with it through the pool; the owner sees all. The consent to read is asked by the reader (ch_may_read) before.
 * A purchase counts for the origin's commission while the item is not older than `attribution`.
 *
 * Sources: mechanism M08 (rates assumed); wishlist-to-purchase 8-18 %: Kissmetrics glossary, vendor; attribution window 30 d:
 * Awin, by a guide. */
#include "wishlist_rows.h"

/* ---- pure functions ---------------------------------------------------------------------------------------------- */

/* Age at which the integral of hazard * e^(-delta a) reaches e; negative: never. */
static inline double ripe_age(double e, double hazard, double delta)
{
    double left = 1 - e * delta / hazard;
    return hazard > 0 && left > 0 ? -ch_log(left) / delta : -1;
}

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

static void list_sellers(struct ch_setup *setup, struct wishlist_table *table, uint32_t good, uint8_t *sells)
{
    const struct ch_city *city = setup->city;
    memset(sells, 0, city->n_retailers);
    for (uint32_t s = 0; s < city->n_stores; s++)
        if (city->stores[s].goods >> good & 1)
            sells[city->stores[s].retailer] = 1;
    uint32_t n = 0;
    for (uint32_t r = 0; r < city->n_retailers; r++)
        n += sells[r];
    uint32_t *seller = ch_setup_alloc(setup, n, sizeof *seller);
    double *size = ch_setup_alloc(setup, n, sizeof *size), sum = 0;
    if (setup->error->code != CH_OK)
        return;
    n = 0;
    for (uint32_t r = 0; r < city->n_retailers; r++) {
        if (!sells[r])
            continue;
        sum += city->retailers[r].list;
        seller[n] = r;
        size[n++] = sum;
    }
    table->seller[good] = seller;
    table->size[good] = size;
    table->n[good] = sum > 0 ? n : 0;
    table->upto[good] = table->any += sum > 0 ? city->goods[good].rate : 0;
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct wishlist_params *params = setup->params;
    struct wishlist_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    uint8_t *sells = ch_setup_alloc(setup, setup->city->n_retailers, 1);
    if (setup->city->n_retailers > UINT16_MAX)
        ch_setup_refuse(setup, (struct ch_blame){.param = "city.retailers"}, "at most %d, which wish lists can name", UINT16_MAX);
    table->delta = ch_log(2) / ((double)params->half_life / (double)CH_DAY);
    for (int a = 0; a <= DAYS_MAX + 1; a++)
        table->fade[a] = ch_exp(-table->delta * a);
    table->life = ch_day_of(params->life);
    table->waits = ch_day_of(params->waits);
    while (table->oldest < table->life && table->fade[table->oldest] >= params->floor)
        table->oldest++;
    table->attribution = ch_day_of(params->attribution);
    for (uint32_t good = 0; good < CH_N_NONFOOD && setup->error->code == CH_OK; good++)
        list_sellers(setup, table, good, sells);
    table->per_day = table->any > 0 ? params->per_week / 7 : 0;
    table->none = ch_exp(-table->per_day);
    return table;
}

/* ---- items ------------------------------------------------------------------------------------------------------- */

static uint32_t age_of(const struct item *item, uint32_t day) { return day + BEFORE - item->born; }

static double desire_of(const struct wishlist_table *table, const struct item *item, uint32_t day)
{
    uint32_t age = age_of(item, day);
    return item->desire / 255.0 * table->fade[age <= DAYS_MAX ? age : DAYS_MAX + 1];
}

static bool is_ripe(const struct item *item, uint32_t day) { return item->ripe != NEVER && age_of(item, day) >= item->ripe; }

static bool is_faded(const struct ch_ctx *ctx, const struct item *item, uint32_t day)
{
    const struct wishlist_params *params = ch_params_of(ctx);
    const struct wishlist_table *table = ch_table(ctx);
    return age_of(item, day) > table->life || desire_of(table, item, day) < params->floor;
}

/* Ripe for too long: the owner went elsewhere. */
static bool is_gone(const struct wishlist_table *table, const struct item *item, uint32_t day)
{
    return is_ripe(item, day) && age_of(item, day) >= item->ripe + table->waits;
}

static struct item draw_item(struct ch_ctx *ctx, const struct ch_person *who, uint32_t born, uint32_t ordinal)
{
    const struct wishlist_params *params = ch_params_of(ctx);
    const struct wishlist_table *table = ch_table(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_item, who->id, (uint64_t)born << 32 | (uint64_t)ordinal << 24);
    uint32_t word[4], good = 0, low = 0;
    ch_draw_words(&draw, word);
    while (ch_unit(word[0]) * table->any >= table->upto[good])
        good++;
    uint32_t high = table->n[good] - 1;
    double at = ch_unit(word[1]) * table->size[good][high];
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (table->size[good][middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    double desire = params->desire_low + (1 - params->desire_low) * ch_unit(word[2]);
    double ripe = ripe_age(-ch_log(ch_unit(word[3])), params->hazard, table->delta);
    return (struct item){.born = (uint16_t)born,
                         .origin = (uint16_t)table->seller[good][low],
                         .good = (uint8_t)good,
                         .desire = (uint8_t)(desire * 255 + 0.5),
                         .ripe = ripe < 0 || ripe >= NEVER ? NEVER : (uint8_t)ripe,
                         .ordinal = (uint8_t)ordinal};
}

static void set_mask(struct ch_person *who, const struct wishlist *list)
{
    unsigned mask = 0;
    for (int i = 0; i < SLOTS; i++)
        if (list->item[i].good != EMPTY)
            mask |= 1u << list->item[i].good;
    who->wishes = (uint16_t)mask;
}

static struct ch_wish wish_of(struct ch_ctx *ctx, const struct wishlist *list, uint32_t slot)
{
    const struct item *item = &list->item[slot];
    return (struct ch_wish){.slot = slot,
                            .good = item->good,
                            .origin = item->origin,
                            .desire = desire_of(ch_table(ctx), item, ch_day_of(ch_now(ctx))),
                            .added = ((ch_time)item->born - BEFORE) * CH_DAY,
                            .state = CH_WISH_OPEN};
}

static void count_purchase(struct ch_ctx *ctx, const struct ch_wish *wish)
{
    ch_ratio(ctx, PROBE_wish_fulfilment_rate, 1, 0);
    ch_ratio(ctx, PROBE_fulfilled_at_origin_share, wish->state == CH_WISH_AT_ORIGIN, 1);
    ch_ratio(ctx, PROBE_fulfilled_at_partner_share, wish->state == CH_WISH_AT_PARTNER, 1);
    ch_ratio(ctx, PROBE_fulfilled_outside_share, wish->state == CH_WISH_OUTSIDE, 1);
    ch_observe(ctx, PROBE_wish_days, (ch_now(ctx) - wish->added) * 100 / CH_DAY);
}

static void end_item(struct ch_ctx *ctx, struct ch_person *who, struct wishlist *list, struct ch_wish wish)
{
    list->item[wish.slot].good = EMPTY;
    list->unsettled--;
    set_mask(who, list);
    if (wish.state == CH_WISH_EXPIRED)
        ch_ratio(ctx, PROBE_wish_expired_share, 1, 0);
    else if (wish.state != CH_WISH_WITHDRAWN)
        count_purchase(ctx, &wish);
    ch_tell_wish_closed(ctx, who, &wish);
}

/* A free slot, or that of the oldest item. */
static uint32_t slot_for(const struct wishlist *list)
{
    uint32_t oldest = 0;
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (list->item[i].good == EMPTY)
            return i;
        if (list->item[i].born < list->item[oldest].born)
            oldest = i;
    }
    return oldest;
}

static void add(struct ch_ctx *ctx, struct ch_person *who, struct wishlist *list, struct item item)
{
    uint32_t slot = slot_for(list);
    if (list->item[slot].good != EMPTY) {
        struct ch_wish oldest = wish_of(ctx, list, slot);
        oldest.state = CH_WISH_EXPIRED;
        end_item(ctx, who, list, oldest);
    }
    list->item[slot] = item;
    list->unsettled++;
    set_mask(who, list);
    ch_ratio(ctx, PROBE_wish_fulfilment_rate, 0, 1);
    ch_ratio(ctx, PROBE_wish_expired_share, 0, 1);
    struct ch_wish wish = wish_of(ctx, list, slot);
    ch_tell_wish_added(ctx, who, &wish);
}

/* ---- start and day ----------------------------------------------------------------------------------------------- */

/* The list as it was on a day before time 0, in days + BEFORE: what faded, was bought outside, or in a store, goes. */
static void let_go(const struct ch_ctx *ctx, struct wishlist *list, const uint32_t sold[SLOTS], uint32_t at)
{
    uint32_t day = at - BEFORE; /* ages are differences: days before 0 may wrap */
    for (uint32_t i = 0; i < SLOTS; i++)
        if (list->item[i].good != EMPTY &&
            (at >= sold[i] || is_faded(ctx, &list->item[i], day) || is_gone(ch_table(ctx), &list->item[i], day)))
            list->item[i].good = EMPTY;
}

/* Day, + BEFORE, on which an item is bought in a store, given the days that this would take if it were ripe from the start. */
static uint32_t day_sold(const struct item *item, double days)
{
    const double unripe = 1.0 / 200;
    double ripens = item->ripe == NEVER ? DAYS_MAX : item->ripe,
           age = days < unripe * ripens ? days / unripe : ripens + days - unripe * ripens;
    return age > DAYS_MAX ? UINT32_MAX : item->born + 1u + (uint32_t)age;
}

static double draw_life(struct ch_draw *draw) { return -ch_log(ch_unit(ch_draw_u32(draw))); }

/* Plays the last days: items come one by one, and a seventh pushes the oldest off, as in a run. It begins when all that was on
 * the list before is now too old: the oldest go first, so it has pushed off nothing that could be left. */
static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct wishlist_params *params = ch_params_of(ctx);
    const struct wishlist_table *table = ch_table(ctx);
    struct wishlist *list = ch_of_person(ctx, who);
    uint32_t sold[SLOTS] = {0};
    for (int i = 0; i < SLOTS; i++)
        list->item[i].good = EMPTY;
    struct ch_draw draw = ch_draw(ctx, DRAW_start, who->id, 0);
    double age = table->oldest, rate = table->per_day;
    for (uint32_t k = 0; rate > 0 && (age -= draw_life(&draw) / rate) > 0; k++) {
        struct item item = draw_item(ctx, who, BEFORE - 1 - (uint32_t)age, k & 255u);
        let_go(ctx, list, sold, item.born);
        uint32_t slot = slot_for(list);
        list->item[slot] = item;
        sold[slot] = day_sold(&item, draw_life(&draw) / (params->sold > 0 ? params->sold : 1e-9));
    }
    let_go(ctx, list, sold, BEFORE);
    for (int i = 0; i < SLOTS; i++)
        list->unsettled = (uint16_t)(list->unsettled + (list->item[i].good != EMPTY));
    set_mask(who, list);
}

/* Poisson; nearly always 0, which the first uniform tells by itself. */
static uint32_t new_items(struct ch_ctx *ctx, const struct ch_person *who, uint32_t day)
{
    const struct wishlist_table *table = ch_table(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_add, who->id, (uint64_t)day << 32), again = draw;
    return ch_draw_uniform(&draw) <= table->none ? 0 : ch_draw_poisson(&again, table->per_day);
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    struct wishlist *list = ch_of_person(ctx, who);
    unsigned n = 0;
    for (uint32_t i = 0; i < SLOTS && who->wishes; i++) {
        if (list->item[i].good == EMPTY)
            continue;
        bool gone = is_gone(ch_table(ctx), &list->item[i], day->day);
        if (!gone && !is_faded(ctx, &list->item[i], day->day))
            continue;
        struct ch_wish wish = wish_of(ctx, list, i);
        wish.state = gone ? CH_WISH_OUTSIDE : CH_WISH_EXPIRED;
        end_item(ctx, who, list, wish);
    }
    for (uint32_t k = 0, more = new_items(ctx, who, day->day); k < more; k++)
        add(ctx, who, list, draw_item(ctx, who, day->day + BEFORE, k & 255u));
    for (uint32_t i = 0; i < SLOTS && who->wishes; i++)
        n += list->item[i].good != EMPTY;
    ch_observe(ctx, PROBE_open_wishes, n);
    ch_add_today(ctx, PROBE_daily_open_wishes, n);
}

/* ---- conversations ----------------------------------------------------------------------------------------------- */

static double match(const struct ch_ctx *ctx, const struct ch_person *who, const struct item *item, uint32_t retailer)
{
    const struct wishlist_params *params = ch_params_of(ctx);
    if (retailer == item->origin)
        return 1;
    struct ch_draw draw =
        ch_draw(ctx, DRAW_match, who->id, (uint64_t)item->born << 32 | (uint64_t)item->ordinal << 24 | retailer);
    double u = ch_draw_uniform(&draw);
    return u < params->same ? 1 : u < params->same + params->similar ? params->likeness : 0;
}

static bool may_see(struct ch_ctx *ctx, struct ch_person *who, const struct ch_wish_query *query, const struct item *item)
{
    if (query->owner || item->origin == query->reader)
        return true;
    struct ch_pool_query pool = {.origin = item->origin, .partner = query->reader};
    ch_ask_pool(ctx, who, &pool);
    return pool.shared;
}

static void answer_wish(struct ch_ctx *ctx, struct ch_person *who, struct ch_wish_query *query)
{
    const struct wishlist *list = ch_of_person(ctx, who);
    const struct ch_store *store = query->store != CH_NONE ? &ctx->city->stores[query->store] : NULL;
    uint32_t retailer = store ? store->retailer : query->reader;
    query->best.slot = CH_NONE;
    query->match = 0;
    query->pooled = false;
    for (uint32_t i = 0; i < SLOTS && who->wishes; i++) {
        const struct item *item = &list->item[i];
        if (item->good == EMPTY || (query->good != CH_NONE && item->good != query->good) ||
            (store && !(store->goods >> item->good & 1)))
            continue;
        double desire = desire_of(ch_table(ctx), item, ch_day_of(ch_now(ctx)));
        if (desire <= query->match || !may_see(ctx, who, query, item))
            continue;
        double value = retailer == CH_NONE ? desire : desire * match(ctx, who, item, retailer);
        if (value <= query->match)
            continue;
        query->best = wish_of(ctx, list, i);
        query->match = value;
        query->pooled = !query->owner && item->origin != query->reader;
    }
}

static void answer_want(struct ch_ctx *ctx, struct ch_person *who, struct ch_want *want)
{
    const struct wishlist_params *params = ch_params_of(ctx);
    const struct wishlist *list = ch_of_person(ctx, who);
    uint32_t day = ch_day_of(ch_now(ctx));
    for (uint32_t i = 0; i < SLOTS && who->wishes && want->n < CH_WANTS_MAX && params->want > 0; i++) {
        if (list->item[i].good == EMPTY || !is_ripe(&list->item[i], day))
            continue;
        want->item[want->n].good = list->item[i].good;
        want->item[want->n].weight = params->want;
        want->item[want->n++].wish = i;
    }
}

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct wishlist_params *params = ch_params_of(ctx);
    const struct wishlist *list = ch_of_person(ctx, who);
    uint32_t day = ch_day_of(ch_now(ctx));
    appeal->bounded++;
    if (appeal->good >= CH_N_GOODS || !(who->wishes >> appeal->good & 1))
        return;
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (list->item[i].good != appeal->good)
            continue;
        double pull = params->pull * (is_ripe(&list->item[i], day) ? 1 : desire_of(ch_table(ctx), &list->item[i], day));
        appeal->most += pull;
        for (unsigned k = 0; k < appeal->n; k++)
            if (ctx->city->stores[appeal->store[k]].retailer == list->item[i].origin)
                appeal->u[k] += pull;
    }
}

/* The law of the controlled impulse has its own term of desire (M07). */
static void answer_urge(struct ch_ctx *ctx, struct ch_person *who, struct ch_urge *urge)
{
    const struct wishlist_params *params = ch_params_of(ctx);
    (void)who;
    if (urge->motive == CH_PLANNED)
        urge->logit += params->desire * urge->desire;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct wishlist_table *table = ch_table(ctx);
    struct wishlist *list = ch_of_person(ctx, who);
    if (sale->wish >= SLOTS || list->item[sale->wish].good != sale->good) {
        sale->attributed = false; /* the item is no longer on the list */
        return;
    }
    struct ch_wish wish = wish_of(ctx, list, sale->wish);
    if (age_of(&list->item[sale->wish], ch_day_of(ch_now(ctx))) > table->attribution)
        sale->attributed = false;
    wish.state = wish.origin == sale->retailer ? CH_WISH_AT_ORIGIN : CH_WISH_AT_PARTNER;
    end_item(ctx, who, list, wish);
}

static void on_consent_changed(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent *consent)
{
    struct wishlist *list = ch_of_person(ctx, who);
    for (uint32_t i = 0; i < SLOTS && consent->withdrawn; i++) {
        if (list->item[i].good == EMPTY || list->item[i].origin != consent->controller)
            continue;
        struct ch_wish wish = wish_of(ctx, list, i);
        wish.state = CH_WISH_WITHDRAWN;
        end_item(ctx, who, list, wish);
    }
}

/* Items added are open, bought, expired or withdrawn. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        const struct wishlist *list = ch_of_person(ctx, &ctx->people[id]);
        unsigned open = 0;
        for (int i = 0; i < SLOTS; i++)
            open += list->item[i].good != EMPTY;
        if (list->unsettled != open) {
            ch_fail(audit->error, CH_INTERNAL,
                    "person %u: items added less bought, expired and withdrawn are %u, but %u are open", id, list->unsettled,
                    open);
            return;
        }
    }
}
extern const struct ch_model ch_model_wishlist;
const struct ch_model ch_model_wishlist = {.name = "wishlist",
                                           .title = "wish lists, and how desire fades",
                                           .mechanism = "M08",
                                           CH_WITH_PARAMS,
                                           CH_WITH_PROBES,
                                           CH_WITH_DRAWS,
                                           .person_size = sizeof(struct wishlist),
                                           .tabulate = tabulate,
                                           .start_person = start_person,
                                           .audit = audit,
                                           .on_day_begins = on_day_begins,
                                           .on_sale = on_sale,
                                           .on_consent_changed = on_consent_changed,
                                           .answer_wish = answer_wish,
                                           .answer_want = answer_want,
                                           .answer_appeal = answer_appeal,
                                           .answer_urge = answer_urge};
