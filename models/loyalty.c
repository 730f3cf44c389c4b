/* SPDX-License-Identifier: MIT
 * M18 Loyalty cards: tiers, graded rewards, groups of friends; every point kept in a ledger.
 *
 *   card     In the phone's app, so for people with the app only, and for four retailers at most: who has four cards takes no
 *            fifth (none is ever given up, so that no points get lost on the way). It is opened at the first purchase at which
 *            the shopper is recognised: the retailer may read the card when it holds consent of level 1, and each visit is one
 *            read.
 *   points   1 per whole euro paid. `reward_points` of them are burned at the till as soon as the price can carry the reward,
 *            which is money that the retailer pays back (with the VAT in it). They expire when nothing is bought for `expiry`.
 *            What is brought back keeps its points: a return names nobody. A withdrawal of consent erases card and points.
 *   tier     by the spend of the last twelve months, kept in six steps of 61 days, so over 10 to 12 months; its discount is part
 *            of the terms at the till, where the best of all coupons wins.
 *   visits   A progress of x to the next reward multiplies the visits to the retailer by 1 + g x^2, and they dip to .9 for a week
 *            after one. Visits come from day plans and store choice: the factor multiplies the odds of choice, as its logarithm
 *            is added to the utility of the retailer's stores; so does `devotion` per tier.
 *   group    Three friends (the small world of friends.h) who hold a tier, inside the same store within 30 minutes of each
 *            other: +5 % for each of them while the others are there. A store knows who of tier 1 and above is inside, 16 at
 *            most, and forgets who leaves.
 *
 * Audit, daily: points issued = burned + expired + held, exactly; those of the start count as issued.
 * Sources: M18 of the model reference; goal gradient: Kivetz, Urminsky & Zheng 2006. Other numbers are assumed. */
#include "loyalty_card.h"

struct holder { /* of a person with the app */
    struct card card[CARDS];
    uint32_t inside; /* store in which the shopper is recognised, CH_NONE */
    uint32_t first;  /* 1 until something is bought on this visit */
};

struct points { /* of a place, since the start */
    int64_t issued, burned, expired;
};

enum { GUESTS = 16 };
struct guests { /* of a store */
    uint32_t n;
    struct {
        uint32_t id, second;
    } guest[GUESTS];
};

struct loyalty_table {
    const uint32_t *ring; /* of friends.h */
};

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

CH_WANTED_IF_ACTIVE

static const void *tabulate(struct ch_setup *setup)
{
    const struct loyalty_params *p = setup->params;
    struct loyalty_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    for (int k = 1; k < TIERS; k++)
        if (p->tiers.v[k] < p->tiers.v[k - 1])
            ch_setup_refuse(
                setup,
                (struct ch_blame){.param = "tiers", .value = k + 1, .hint = "each tier asks for as much as the last, or more"},
                "spends of tiers 1, 2, 3 that do not fall; tier %d asks for less than tier %d", k + 1, k);
    if (setup->city->n_retailers >= NO_RETAILER)
        ch_setup_refuse(setup, (struct ch_blame){.param = "city.retailers"}, "at most %d, which cards can name", NO_RETAILER);
    table->ring = ch_residents(setup);
    return table;
}

static bool issues_cards(const struct ch_ctx *ctx, uint32_t retailer)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    return p->issuers == 0 || ctx->city->retailers[retailer].sponsor;
}

static struct card *card_of(struct holder *holder, uint32_t retailer)
{
    for (int i = 0; i < CARDS; i++)
        if (holder->card[i].retailer == retailer)
            return &holder->card[i];
    return NULL;
}

/* Up to now, which may be a visit between midnight and the beginning of the person's day. */
static void roll_on(struct ch_ctx *ctx, struct card *card)
{
    unsigned before = tier_of_card(ch_params_of(ctx), card);
    roll(card, step_at(ch_now(ctx)));
    ch_add(ctx, PROBE_tier_downs, tier_of_card(ch_params_of(ctx), card) < before);
}

static struct card *open_card(struct ch_ctx *ctx, struct holder *holder, uint32_t retailer)
{
    struct card *card = card_of(holder, NO_RETAILER);
    ch_add(ctx, card ? PROBE_cards_opened : PROBE_cards_refused, 1);
    if (card)
        *card = (struct card){
            .retailer = (uint16_t)retailer, .step = step_at(ch_now(ctx)), .last = ticks(ch_now(ctx)), .rewarded = NEVER};
    return card;
}

/* Cards of retailers that know the person at the start. Spend is exponential, even over the year; points are anything short of a
 * reward. */
static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    uint32_t n = ctx->city->n_retailers;
    if (!(who->device & CH_APP))
        return;
    struct holder *holder = ch_of_app(ctx, who);
    struct points *book = ch_of_place(ctx);
    holder->inside = CH_NONE;
    for (int i = 0; i < CARDS; i++)
        holder->card[i].retailer = NO_RETAILER;
    if (!who->consent)
        return;
    struct ch_draw order = ch_draw(ctx, DRAW_past, who->id, CH_NONE);
    for (uint32_t i = 0, begin = ch_draw_below(&order, n); i < n; i++) {
        uint32_t retailer = (begin + i) % n;
        struct card *card =
            ch_level_granted(ctx, who, retailer) && issues_cards(ctx, retailer) ? open_card(ctx, holder, retailer) : NULL;
        if (!card)
            continue;
        struct ch_draw draw = ch_draw(ctx, DRAW_past, who->id, retailer);
        double spend = ch_draw_exponential(&draw) * p->past / STEPS;
        for (int k = 0; k < STEPS; k++)
            card->spent[k] = (uint16_t)(spend < 10000 ? spend : 10000);
        card->points = (uint16_t)ch_draw_below(&draw, (uint32_t)p->reward_points);
        book->issued += card->points;
    }
}

/* ---- who is inside ----------------------------------------------------------------------------------------------- */

static void greet(struct ch_ctx *ctx, const struct ch_person *who, uint32_t store)
{
    struct guests *guests = ch_of_store(ctx, store);
    if (guests->n == GUESTS)
        return;
    guests->guest[guests->n].id = who->id;
    guests->guest[guests->n++].second = (uint32_t)(ch_now(ctx) / CH_SECOND);
}

static void see_off(struct ch_ctx *ctx, const struct ch_person *who, struct holder *holder)
{
    struct guests *guests = ch_of_store(ctx, holder->inside);
    holder->inside = CH_NONE;
    for (uint32_t i = 0; i < guests->n; i++) {
        if (guests->guest[i].id != who->id)
            continue;
        guests->guest[i] = guests->guest[--guests->n];
        return;
    }
}

/* Is the shopper one of enough friends who came in together, or nearly? */
static bool in_group(struct ch_ctx *ctx, const struct ch_person *who, uint32_t store)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    const struct guests *guests = ch_of_store(ctx, store);
    uint32_t friend[CH_FRIENDS_MAX], own = guests->n, together = 1;
    if (guests->n < (uint64_t)p->group)
        return false;
    for (uint32_t i = 0; i < guests->n; i++)
        own = guests->guest[i].id == who->id ? i : own;
    if (own == guests->n)
        return false;
    unsigned n = ch_friends_of(ctx, ((const struct loyalty_table *)ch_table(ctx))->ring, who->id, friend);
    for (uint32_t i = 0; i < guests->n; i++) {
        int64_t apart = (int64_t)guests->guest[i].second - guests->guest[own].second;
        bool near = (apart < 0 ? -apart : apart) * CH_SECOND <= p->group_within, knows = false;
        for (unsigned k = 0; k < n && near; k++)
            knows |= friend[k] == guests->guest[i].id;
        together += knows;
    }
    return together >= (uint64_t)p->group;
}

/* The card is shown at the door: one read by the retailer. */
static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    uint32_t retailer = ctx->city->stores[visit->store].retailer;
    if (!who->consent || !issues_cards(ctx, retailer))
        return;
    struct holder *holder = ch_of_app(ctx, who);
    struct card *card = card_of(holder, retailer);
    if (!ch_level_open_to(ctx, who, retailer))
        return;
    if (!card && !card_of(holder, NO_RETAILER)) {
        ch_add(ctx, PROBE_cards_refused, 1);
        return;
    }
    if (!ch_may_read(ctx, who, retailer, 1))
        return;
    holder->inside = visit->store;
    holder->first = 1;
    if (!card)
        return;
    roll_on(ctx, card);
    if (tier_of_card(p, card))
        greet(ctx, who, visit->store);
}

/* The holder, if the shopper is recognised in this store. */
static struct holder *recognised(struct ch_ctx *ctx, const struct ch_person *who, uint32_t store)
{
    if (!(who->device & CH_APP))
        return NULL;
    struct holder *holder = ch_of_app(ctx, who);
    return holder->inside == store ? holder : NULL;
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    struct holder *holder = recognised(ctx, who, visit->store);
    if (!holder)
        return;
    ch_ratio(ctx, PROBE_group_bonuses_per_1000_visits, in_group(ctx, who, visit->store), 1);
    see_off(ctx, who, holder);
}

/* Standing today, for policies. */
static void answer_loyalty(struct ch_ctx *ctx, struct ch_person *who, struct ch_loyalty *loyalty)
{
    const struct card *held = who->device & CH_APP ? card_of(ch_of_app(ctx, who), loyalty->retailer) : NULL;
    if (!held)
        return;
    struct card card = *held;
    roll(&card, step_at(ch_now(ctx)));
    loyalty->tier = tier_of_card(ch_params_of(ctx), &card);
    loyalty->points = card.points;
}

/* ---- at the till ------------------------------------------------------------------------------------------------- */

static void answer_terms(struct ch_ctx *ctx, struct ch_person *who, struct ch_terms *terms)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    struct holder *holder = recognised(ctx, who, terms->store);
    uint32_t retailer = ctx->city->stores[terms->store].retailer;
    const struct card *card = holder ? card_of(holder, retailer) : NULL;
    unsigned tier = card ? tier_of_card(p, card) : 0;
    if (!tier)
        return;
    double share = p->discounts.v[tier - 1] + (in_group(ctx, who, terms->store) ? p->group_bonus : 0);
    int64_t bp = (int64_t)(share * 10000 + 0.5);
    if (bp <= terms->coupon_bp)
        return;
    terms->coupon_bp = bp;
    terms->issuer = retailer;
}

static void tell_interval(struct ch_ctx *ctx, struct holder *holder, struct card *card)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    double x = progress(p, card);
    uint16_t now = ticks(ch_now(ctx));
    if (holder->first && card->last && (x < 1.0 / 3 || x >= 2.0 / 3)) /* 0: the last one was before the start */
        ch_observe(ctx, x < 0.5 ? PROBE_visit_interval_first : PROBE_visit_interval_last, now - card->last);
    holder->first = 0;
    card->last = now;
}

/* The liability becomes money: the retailer pays the reward, and the VAT of a price that is lower by it. */
static void burn(struct ch_ctx *ctx, struct ch_person *who, struct card *card, struct ch_sale *sale)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    uint32_t n = rewards(p, card, sale->paid - sale->back), retailer = CH_ACC_RETAILER + card->retailer;
    if (!n)
        return;
    int64_t points = n * p->reward_points;
    ch_cents money = n * p->reward;
    sale->back += money;
    card->points = (uint16_t)(card->points - points);
    card->rewarded = ticks(ch_now(ctx));
    ((struct points *)ch_of_place(ctx))->burned += points;
    ch_add(ctx, PROBE_points_burned, points);
    ch_ratio(ctx, PROBE_points_redemption, points, 0);
    ch_add(ctx, PROBE_loyalty_rewards, money);
    ch_pay(ctx, who, retailer, CH_ACC_SHOPPERS, money, CH_REASON_reward);
    ch_pay(ctx, who, CH_ACC_VAT, retailer, ch_vat_in(money), CH_REASON_reward);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    struct holder *holder = recognised(ctx, who, sale->store);
    ch_ratio(ctx, PROBE_recognised_share, holder != NULL, 1);
    if (!holder)
        return;
    struct card *card = card_of(holder, sale->retailer);
    if (!card) {
        if (!(card = open_card(ctx, holder, sale->retailer)))
            return;
        holder->first = 0; /* nothing came before */
    }
    unsigned before = tier_of_card(p, card);
    tell_interval(ctx, holder, card);
    int64_t points = earn(card, sale->paid);
    ((struct points *)ch_of_place(ctx))->issued += points;
    ch_add(ctx, PROBE_points_issued, points);
    ch_ratio(ctx, PROBE_points_redemption, 0, points);
    ch_add(ctx, PROBE_tier_ups, tier_of_card(p, card) > before);
    burn(ctx, who, card, sale);
}

/* ---- days and ends ----------------------------------------------------------------------------------------------- */

static void expire(struct ch_ctx *ctx, struct card *card)
{
    ((struct points *)ch_of_place(ctx))->expired += card->points;
    ch_add(ctx, PROBE_points_expired, card->points);
    card->points = 0;
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    (void)day;
    if (!(who->device & CH_APP))
        return;
    struct holder *holder = ch_of_app(ctx, who);
    for (int i = 0; i < CARDS; i++) {
        struct card *card = &holder->card[i];
        if (card->retailer == NO_RETAILER)
            continue;
        roll_on(ctx, card);
        unsigned tier = tier_of_card(p, card);
        for (unsigned k = 0; k <= TIERS; k++)
            ch_ratio(ctx, PROBE_tier_share_0 + k, tier == k, 1);
        if (card->points && ch_now(ctx) - card->last * TICK >= p->expiry)
            expire(ctx, card);
    }
}

/* Below level 1 nobody is recognised; a withdrawal with erasure takes the card with it. */
static void on_consent_changed(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent *consent)
{
    if (consent->to > 0)
        return;
    struct holder *holder = ch_of_app(ctx, who);
    if (holder->inside != CH_NONE && ctx->city->stores[holder->inside].retailer == consent->controller)
        see_off(ctx, who, holder);
    struct card *card = consent->withdrawn ? card_of(holder, consent->controller) : NULL;
    if (!card)
        return;
    expire(ctx, card);
    *card = (struct card){.retailer = NO_RETAILER};
}

/* Points and tiers draw to the stores of those whose card one holds. */
static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    appeal->bounded++;
    if (!(who->device & CH_APP))
        return;
    const struct holder *holder = ch_of_app(ctx, who);
    double most = 0;
    for (int c = 0; c < CARDS; c++) {
        const struct card *card = &holder->card[c];
        if (card->retailer == NO_RETAILER)
            continue;
        double u = utility(p, card, ch_now(ctx));
        most = u > most ? u : most;
        for (unsigned i = 0; i < appeal->n; i++)
            if (ctx->city->stores[appeal->store[i]].retailer == card->retailer)
                appeal->u[i] += u;
    }
    appeal->most += most;
}

static int64_t points_held(struct ch_ctx *ctx)
{
    int64_t held = 0;
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        if (!(ctx->people[id].device & CH_APP))
            continue;
        const struct holder *holder = ch_of_app(ctx, &ctx->people[id]);
        for (int i = 0; i < CARDS; i++)
            held += holder->card[i].retailer == NO_RETAILER ? 0 : holder->card[i].points;
    }
    return held;
}

static void audit_points(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    struct points all = {0};
    uint32_t here = ctx->lane.place;
    for (ctx->lane.place = 0; ctx->lane.place < ctx->city->n_places; ctx->lane.place++) {
        const struct points *book = ch_of_place(ctx);
        all.issued += book->issued;
        all.burned += book->burned;
        all.expired += book->expired;
    }
    ctx->lane.place = here;
    int64_t held = points_held(ctx);
    if (all.issued != all.burned + all.expired + held)
        ch_fail(audit->error, CH_INTERNAL, "loyalty: %lld points issued, but %lld burned, %lld expired and %lld held",
                (long long)all.issued, (long long)all.burned, (long long)all.expired, (long long)held);
}

static void finish(struct ch_ctx *ctx)
{
    const struct loyalty_params *p = ch_params_of(ctx);
    ch_set_value(ctx, PROBE_loyalty_liability, (double)points_held(ctx) * (double)p->reward / (double)p->reward_points / 100);
}

extern const struct ch_model ch_model_loyalty;
const struct ch_model ch_model_loyalty = {
    .name = "loyalty",
    .title = "loyalty cards: points, tiers, rewards, groups",
    .mechanism = "M18",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .app_size = sizeof(struct holder),
    .place_size = sizeof(struct points),
    .store_size = sizeof(struct guests),
    .tabulate = tabulate,
    .start_person = start_person,
    .finish = finish,
    .audit = audit_points,
    .on_day_begins = on_day_begins,
    .on_visit_begins = on_visit_begins,
    .on_visit_ends = on_visit_ends,
    .on_sale = on_sale,
    .on_consent_changed = on_consent_changed,
    .answer_terms = answer_terms,
    .answer_loyalty = answer_loyalty,
    .answer_appeal = answer_appeal,
};
