/* SPDX-License-Identifier: MIT
 * Private to messages.c, where the mechanism is explained: its rows and state, and what a sender may look at when a rule is
 * evaluated. Facts are computed lazily, so that a rule that fails on the hour reads nothing personal. */
#ifndef CH_MESSAGES_LOOK_H
#define CH_MESSAGES_LOOK_H

#include <chaland/model.h>

#define CH_ROW_STRUCT struct messages_params
#define MESSAGES_PARAMS(P)                                                                                                     \
    P(LIST, open, "0.03 0.10 0.35 0.35", 0, 1, "share", "p_ch: base probability of opening by push, geofence, beacon, screen", \
      CH_ASSUMED(0.02, 0.5, "around contentbase 3 %, inMarket 45 % (vendor)"))                                                 \
    P(LIST, redeem, "0.05 0.045 0.083 0.083", 0.0001, 0.99, "share", "q_ch: base probability of going for it, same order",     \
      CH_ASSUMED(0.02, 0.2, "beacon 8.29 % against geofence 4.55 % (Marketing Letters via MediaCat)"))                         \
    P(F64, fatigue, 0.1, 0, 1, "", "F_m, added by each message", CH_ASSUMED(0, 0.3, "no data"))                                \
    P(F64, fatigue_half_life, 3, 0.1, 365, "d", "its half-life", CH_ASSUMED(1, 10, "no data"))                                 \
    P(F64, welcome, 0.3, 0, 1, "", "relevance below which a message is unwanted", CH_ASSUMED(0.1, 0.6, "no data"))             \
    P(I64, patience, 3, 0, 250, "1/d",                                                                                         \
      "messages a day beyond which any other is unwanted; the maximum is what a phone can count",                              \
      CH_ASSUMED(1, 10, "a usual cap"))                                                                                        \
    P(F64, discount_pull, 2.5, 0, 20, "", "log-odds per unit of discount", CH_ASSUMED(1, 5, "no data"))                        \
    P(F64, wish_base, -2.5, -10, 10, "", "log-odds of going for an open wish", CH_ASSUMED(-4, -1, "no data"))                  \
    P(F64, wish_pull, 2.0, 0, 20, "", "log-odds per unit of desire", CH_ASSUMED(1, 4, "no data"))                              \
    P(F64, wish_near, 1.0, -10, 10, "", "log-odds added within 200 m", CH_ASSUMED(0, 2, "no data"))                            \
    P(MONEY, cost, 0.01, 0, 100, "EUR", "paid by the sender for each message", CH_ASSUMED(0, 0.1, "push services"))            \
    P(LIST, context, "0.4 0.2 0.2 0.2", 0, 1, "", "weights of weather fit, calendar, hour, closeness in context_score",        \
      CH_ASSUMED(0, 1, "no data"))                                                                                             \
    P(F64, volume, -1, -1, 100, "",                                                                                            \
      "messages offered per person and week: rules of `schedule` push so often, others send no more; -1: as the policy says",  \
      CH_CHOSEN("an axis of sweeps"))                                                                                          \
    P(LIST, open_near, "0.9 0.35 0.9", 0, 1, "share", "p_ch of tap, sound, code",                                              \
      CH_ASSUMED(0.1, 1, "who taps or scans looks at the answer; a sound as a beacon; no data"))                               \
    P(LIST, redeem_near, "0.083 0.083 0.083", 0.0001, 0.99, "share", "q_ch, same order",                                       \
      CH_ASSUMED(0.02, 0.4, "as a beacon; no data"))
CH_PARAMS(messages, MESSAGES_PARAMS)

#define MESSAGES_PROBES(B)                                                                                                      \
    B(SUM, messages_sent, "", 1, 0, 19, "messages sent")                                                                        \
    B(SUM, messages_delivered, "", 1, 0, 19, "messages delivered")                                                              \
    B(SUM, messages_opened, "", 1, 0, 19, "messages opened")                                                                    \
    B(SUM, messages_redeemed, "", 1, 0, 19, "coupons of messages redeemed by a purchase")                                       \
    B(SUM, messages_blocked, "", 1, 0, 19, "messages stopped at delivery: consent withdrawn in between")                        \
    B(SUM, offers_taken, "", 1, 0, 19, "opened messages that sent someone to the store")                                        \
    B(RATIO, compliance_rate, "share", 1, 0, 14, "messages within consent, patience and the person's own rules, of those sent") \
    B(MEAN, relevance_mean, "", 0.001, 0, 16, "relevance of delivered messages, as felt")                                       \
    B(RATIO, relevant_share, "share", 1, 0, 16, "delivered messages that are relevant enough to be welcome")                    \
    B(RATIO, unwanted_per_person_week, "1/week", 7, 0, 17, "unwanted messages per inhabitant and week")                         \
    B(MAP, messages_map, "", 1, 0, 19, "messages delivered")
CH_PROBES(MESSAGES_PROBES)

#define MESSAGES_DRAWS(D)                                              \
    D(push, "number and times of a day's pushes; occasion: day, rule") \
    D(sender, "who gets a platform's slot; occasion: the message")     \
    D(open, "opened?; occasion: the message")                          \
    D(take, "gone for?; occasion: the message")                        \
    D(ration, "messages offered on this day, under a fixed volume; occasion: day")
CH_DRAWS(MESSAGES_DRAWS)

#define MESSAGES_MESSAGES(M)                                                                      \
    M(LOCAL, due, 1, 0, "something is due for a standing person; dest = person, payload = timer") \
    M(INSTANT, delivered, 0, 0,                                                                   \
      "a message reached its phone; dest = person, payload = sender | rule's tag << 32 | unwanted << 48 | opened << 49")
CH_MESSAGES(MESSAGES_MESSAGES)

enum { LISTS = 32, SENDERS = 4, COUPONS = 2, PUSH_UNIT_S = 2, POOLED = 0x80, STORES_MAX = 1 << 24 };
#define FLIGHT_UNIT  (CH_SECOND / 10)
#define CROWD_PERIOD (30 * CH_SECOND)

/* A good in a store, in four bytes. */
struct wares {
    uint32_t store : 24;
    uint32_t good : 8;
};

/* What everybody has bought, phone or not. */
struct habits {
    uint8_t bought[5]; /* four bits per category: past purchases, halved when one is full */
};

/* What a phone with the app remembers: one cache line. */
struct phone {
    uint32_t id[2]; /* of the message in flight */
    uint32_t sent;  /* when, tenths of a second, rounded up; 0: nothing in flight */
    struct wares wares;
    uint32_t next;    /* in the list of those with a timer here: person + 1, 0: the last */
    uint8_t timers;   /* set so far, modulo 256 */
    bool armed;       /* the last of them is pending, and this phone on the list */
    uint8_t rule;     /* rule | POOLED */
    uint16_t fatigue; /* F_m in thousandths */
    uint16_t push;    /* next push of this day, units of 2 s after midnight; 0: none */
    uint8_t today;    /* messages sent to it today: counted up to 255, so that 250 can be told from more */
    uint8_t stay;     /* during this stay, visit or walk; the same */
    uint8_t coupon_rule[COUPONS];
    struct wares coupon[COUPONS];
    uint32_t coupon_until[COUPONS]; /* s, 0: empty */
    uint16_t sender[SENDERS];       /* retailers that sent today, and how often */
    uint8_t by_sender[SENDERS];
};
_Static_assert(sizeof(struct phone) <= 64, "a phone is at most one cache line");

/* Of a place: who stands here with a timer pending (a timer outlives a departure; then its person, who may be anywhere, is not
 * on the list and not touched), the recent crowd, and totals for the audit. */
struct corner {
    uint32_t list[LISTS]; /* person + 1, 0: empty; person i is on list i modulo their number */
    uint32_t period;
    uint16_t count, before; /* walkers in this and the last period of 30 s */
    int64_t sent, delivered, blocked, opened, redeemed;
};

/* Stores by retailer, sponsors, and the average person's purchases. */
struct tables {
    uint32_t *first, *store; /* CSR: stores of a retailer */
    uint32_t n_sponsors, *sponsor;
    double *up_to; /* [n_sponsors]: sizes added up */
    double share[CH_N_GOODS];
};

/* ---- what everybody can know --------------------------------------------------------------------------------------- */

static double clip(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

static double weather_fit(const struct ch_world *world, const struct ch_good_facts *good, ch_time at)
{
    const struct ch_sky_step *sky = ch_weather(world, at);
    double warmth = clip((sky->deci_celsius / 10.0 - 12.0) / 10.0, -1, 1), wet = sky->sky >= CH_RAIN;
    return clip(0.5 + good->heat * warmth + good->rain * wet, 0, 1);
}

/* Open from `at` until half an hour later? */
static bool open_at(const struct ch_world *world, const struct ch_store *store, ch_time at)
{
    ch_time clock = ch_time_of_day(at);
    return clock >= store->opens && clock + CH_HOUR / 2 <= store->closes &&
           (store->sunday || ch_today(world, at)->type != CH_SUNDAY);
}

static uint32_t nearest_store(const struct ch_ctx *ctx, uint32_t retailer, uint32_t good, uint32_t node)
{
    const struct tables *t = ch_table(ctx);
    uint32_t best = CH_NONE;
    double best_m = 0;
    for (uint32_t i = t->first[retailer]; i < t->first[retailer + 1]; i++) {
        const struct ch_store *store = &ctx->city->stores[t->store[i]];
        double m = ch_distance_m(ctx->city, node, store->node);
        if ((good == CH_NONE || store->goods >> good & 1) && (best == CH_NONE || m < best_m)) {
            best = t->store[i];
            best_m = m;
        }
    }
    return best;
}

static unsigned bought(const struct habits *habits, uint32_t good)
{
    return (unsigned)habits->bought[good / 2] >> good % 2 * 4 & 15u;
}

static void count_purchase(struct habits *habits, uint32_t good)
{
    if (bought(habits, good) == 15)
        for (unsigned i = 0; i < sizeof habits->bought; i++)
            habits->bought[i] = habits->bought[i] >> 1 & 0x77;
    habits->bought[good / 2] = (uint8_t)(habits->bought[good / 2] + (1u << good % 2 * 4));
}

/* Share of past purchases in the category, smoothed by four average ones. */
static double affinity(const struct habits *habits, const double *share, uint32_t good)
{
    unsigned total = 0;
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        total += bought(habits, g);
    return (bought(habits, good) + 4.0 * share[good]) / (total + 4.0);
}

/* ---- one look at one person by one sender ------------------------------------------------------------------------ */

struct look {
    struct ch_ctx *ctx;
    struct ch_person *who;
    struct phone *phone;
    const struct habits *habits;
    const struct ch_rule *rule;
    unsigned index; /* of the rule */
    ch_time at;
    uint64_t occasion;            /* of the trigger, in the person's own life */
    uint32_t sender, store, good; /* CH_NONE where the trigger leaves it open */
    bool subject;                 /* store and good are settled */
    bool failed;                  /* something could not be known */
    bool wished;                  /* `wish` was asked */
    int granted;                  /* level that ch_may_read has said yes to */
    bool agent;                   /* an agent of the person's own looks, and tells the sender nothing but what fits */
    struct ch_wish_query wish;
};

static struct look look_at(struct ch_ctx *ctx, struct ch_person *who, uint32_t sender, uint32_t store, uint32_t good,
                           uint64_t occasion)
{
    return (struct look){.ctx = ctx,
                         .who = who,
                         .phone = ch_of_app(ctx, who),
                         .habits = ch_of_person(ctx, who),
                         .at = ch_now(ctx),
                         .occasion = occasion,
                         .sender = sender,
                         .store = store,
                         .good = good};
}

static bool may_read(struct look *look, int level)
{
    if (level <= look->granted)
        return true;
    if (ch_may_read(look->ctx, look->who, look->sender, level)) {
        look->granted = level;
        return true;
    }
    look->failed = true;
    return false;
}

static bool find_wish(struct look *look, uint32_t good)
{
    if (!look->wished && may_read(look, 2)) {
        look->wish = (struct ch_wish_query){
            .reader = look->sender, .good = good, .store = look->store, .owner = look->agent, .best = {.slot = CH_NONE}};
        ch_ask_wish(look->ctx, look->who, &look->wish);
        look->wished = true;
    }
    return look->wished && look->wish.best.slot != CH_NONE;
}

/* The category of the stores on offer with the highest score; personal taste or the weather. */
static uint32_t best_good(struct look *look, bool personal)
{
    const struct ch_city *city = look->ctx->city;
    const struct tables *t = ch_table(look->ctx);
    uint32_t best = CH_NONE, sold = 0;
    double top = -1;
    for (uint32_t i = t->first[look->sender]; i < t->first[look->sender + 1]; i++)
        sold |= city->stores[t->store[i]].goods;
    if (look->store != CH_NONE)
        sold = city->stores[look->store].goods;
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        double score = personal ? affinity(look->habits, t->share, g) : weather_fit(look->ctx->world, &city->goods[g], look->at);
        if (sold >> g & 1 && score > top) {
            top = score;
            best = g;
        }
    }
    return best;
}

/* Settles which good in which store the rule talks of. */
static bool settle(struct look *look)
{
    if (look->subject || look->failed)
        return look->subject;
    uint32_t good = look->good;
    if (look->rule->subject == CH_SUBJECT_wish)
        good = find_wish(look, look->good) ? look->wish.best.good : CH_NONE;
    else if (look->rule->subject == CH_SUBJECT_weather || (look->rule->subject == CH_SUBJECT_affinity && may_read(look, 3)))
        good = best_good(look, look->rule->subject == CH_SUBJECT_affinity);
    if (look->failed || (good == CH_NONE && look->rule->subject != CH_SUBJECT_store))
        return !(look->failed = true);
    if (look->store == CH_NONE)
        look->store = nearest_store(look->ctx, look->sender, good, look->who->node);
    if (look->store == CH_NONE)
        return !(look->failed = true);
    look->good = good == CH_NONE ? look->ctx->city->stores[look->store].good : good;
    return look->subject = true;
}

static double distance_m(const struct look *look)
{
    return ch_distance_m(look->ctx->city, look->who->node, look->ctx->city->stores[look->store].node);
}

static double wish_match(struct look *look) { return find_wish(look, look->good) ? look->wish.match : 0; }

static double wish_age(struct look *look)
{
    if (!find_wish(look, look->good))
        look->failed = true; /* no wish has no age */
    return look->failed ? 0 : (double)(look->at - look->wish.best.added) / (double)CH_DAY;
}

static double chance_of(const struct ch_list *first, const struct ch_list *rest, enum ch_channel channel)
{
    return channel < CH_CHANNEL_tap ? first->v[channel] : rest->v[channel - CH_CHANNEL_tap];
}

static double open_probability(const struct messages_params *p, const struct phone *phone, enum ch_channel channel,
                               double relevance)
{
    return clip(chance_of(&p->open, &p->open_near, channel) * (0.3 + 1.4 * relevance) * (1.0 - phone->fatigue / 1000.0), 0, 1);
}

/* `desire` below 0: no wish. */
static double take_probability(const struct messages_params *p, enum ch_channel channel, double discount, double desire,
                               double metres)
{
    if (desire < 0)
        return ch_logistic(ch_logit(chance_of(&p->redeem, &p->redeem_near, channel)) + p->discount_pull * discount);
    return ch_logistic(p->wish_base + p->wish_pull * desire + p->discount_pull * discount + (metres <= 200 ? p->wish_near : 0));
}

/* Relevance as far as the sender knows: the match of the wish, or what the history behind a habit says. */
static double known_relevance(struct look *look)
{
    struct ch_relevance habit = {.good = look->good, .retailer = look->sender, .store = look->store, .level = 3};
    if (look->rule->subject != CH_SUBJECT_affinity)
        return wish_match(look);
    if (may_read(look, 3))
        ch_ask_relevance(look->ctx, look->who, &habit);
    return habit.value;
}

/* Expected margin less cost and expected intrusion, EUR. */
static double net_value(struct look *look)
{
    const struct messages_params *p = ch_params_of(look->ctx);
    const struct ch_good_facts *good = &look->ctx->city->goods[look->good];
    double known = known_relevance(look), discount = (double)look->rule->discount_bp / 1e4;
    double price = (double)good->basket * look->ctx->city->stores[look->store].price / 100 / 1.2;
    double margin = price * (1.0 - discount) - price * (1.0 - (double)good->margin_bp / 1e4);
    double desire = look->wished && known > 0 ? known : -1;
    double redeem = open_probability(p, look->phone, look->rule->channel, known) *
                    take_probability(p, look->rule->channel, discount, desire, distance_m(look));
    return redeem * margin - (double)p->cost / 100 - look->ctx->policy->intrusion_cost * ch_logistic(10 * (p->welcome - known));
}

static double context_score(const struct look *look)
{
    const struct messages_params *p = ch_params_of(look->ctx);
    static const double by_hour[24] = {0, 0, 0, 0, 0, 0, 0, .1, .2, .5, .7, .8, .7, .5, .6, .7, .8, 1, 1, .5, .2, .1, 0, 0};
    double term[4] = {weather_fit(look->ctx->world, &look->ctx->city->goods[look->good], look->at),
                      clip((double)ch_today(look->ctx->world, look->at)->demand[look->good] / 2, 0, 1),
                      by_hour[ch_time_of_day(look->at) / CH_HOUR], ch_exp(-distance_m(look) / 300)};
    double sum = 0, weight = 0;
    for (int i = 0; i < 4; i++) {
        sum += p->context.v[i] * term[i];
        weight += p->context.v[i];
    }
    return weight > 0 ? sum / weight : 0;
}

static int consent_held(struct ch_ctx *ctx, struct ch_person *who, uint32_t controller)
{
    struct ch_consent_query query = {.controller = controller};
    ch_ask_consent(ctx, who, &query);
    return query.level;
}

/* What the person's own rules, or an agent, say of the message in hand. */
static struct ch_admit admission(struct ch_ctx *ctx, struct ch_person *who, struct ch_admit asked)
{
    asked.walk_min = ch_distance_m(ctx->city, who->node, ctx->city->stores[asked.store].node) * 1000 / who->speed_mm_s / 60;
    ch_ask_admit(ctx, who, &asked);
    return asked;
}

static bool permitted(struct look *look)
{
    return !admission(look->ctx, look->who,
                      (struct ch_admit){.sender = look->sender,
                                        .store = look->store,
                                        .good = look->good,
                                        .discount_bp = look->rule->discount_bp,
                                        .today = look->phone->today,
                                        .at = look->at})
                .refused;
}

/* The number a fact shows. */
static double fact(struct look *look, enum ch_fact which)
{
    struct ch_ctx *ctx = look->ctx;
    const struct ch_world_day *day = ch_today(ctx->world, look->at);
    const struct corner *corner = ch_of_place(ctx);
    struct ch_shelf shelf = {.only_looking = true, .available = true};
    switch (which) {
    case CH_FACT_hour:
        return (double)ch_time_of_day(look->at) / (double)CH_HOUR;
    case CH_FACT_weekday:
        return day->weekday;
    case CH_FACT_sale_week:
        return day->sale_week;
    case CH_FACT_markdown:
        return day->markdown_bp / 1e4;
    case CH_FACT_temperature:
        return ch_weather(ctx->world, look->at)->deci_celsius / 10.0;
    case CH_FACT_rain:
        return ch_weather(ctx->world, look->at)->sky >= CH_RAIN;
    case CH_FACT_crowd:
        return corner->before;
    case CH_FACT_consent:
        return consent_held(ctx, look->who, look->sender);
    case CH_FACT_messages_today:
        return may_read(look, 1) ? look->phone->today : 0;
    default:
        break;
    }
    bool known = ch_fact_basis(which) == CH_OF_STORE && look->store != CH_NONE; /* what hangs on the store alone needs no wish */
    if (!known && !settle(look))
        return 0;
    switch (which) {
    case CH_FACT_weather_fit:
        return weather_fit(ctx->world, &ctx->city->goods[look->good], look->at);
    case CH_FACT_distance:
        return distance_m(look);
    case CH_FACT_walk_time:
        return distance_m(look) * 1000 / look->who->speed_mm_s / 60;
    case CH_FACT_in_stock:
        shelf.store = look->store;
        shelf.good = look->good;
        ch_ask_shelf(ctx, look->who, &shelf);
        return shelf.available;
    case CH_FACT_open:
        return open_at(ctx->world, &ctx->city->stores[look->store], look->at);
    case CH_FACT_context_score:
        return context_score(look);
    case CH_FACT_wish_match:
        return wish_match(look);
    case CH_FACT_wish_age:
        return wish_age(look);
    case CH_FACT_affinity:
        return may_read(look, 3) ? affinity(look->habits, ((const struct tables *)ch_table(ctx))->share, look->good) : 0;
    case CH_FACT_permitted:
        return may_read(look, 1) && permitted(look);
    default:
        return net_value(look);
    }
}

static bool holds(struct look *look, const struct ch_condition *condition)
{
    double value = fact(look, condition->fact), eps = 1e-9;
    if (look->failed)
        return false;
    switch (condition->compare) {
    case CH_AT_LEAST:
        return value >= condition->value - eps;
    case CH_AT_MOST:
        return value <= condition->value + eps;
    case CH_EQUAL:
        return value >= condition->value - eps && value <= condition->value + eps;
    case CH_ABOVE:
        return value > condition->value + eps;
    default:
        return value < condition->value - eps;
    }
}

#endif
