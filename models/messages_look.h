/* SPDX-License-Identifier: MIT
 * Private to messages.c, where the mechanism is explained: its rows and state, and what a sender may look at when a rule is
 * evaluated. Facts are computed lazily, so that a rule that fails on the hour reads nothing personal. */
#ifndef CH_MESSAGES_LOOK_H
#define CH_MESSAGES_LOOK_H

#include <chaland/stores_of.h>

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
    P(F64, onward, 0.5, -10, 10, "", "log-odds of one more stop with a valid coupon for another store (M19)",                  \
      CH_ASSUMED(0, 1.5, "no data"))                                                                                           \
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
    B(MAP, messages_map, "", 1, 0, 19, "messages delivered")                                                                    \
    B(SUM, messages_below_consent, "", 1, 0, 20, "messages sent below the consent of their rule: forced policies only")         \
    B(SUM, cross_store_sales, "EUR", 0.01, 0, 9, "sales with a coupon for coming from a partner nearby, VAT included")
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
    uint8_t life_good; /* the last event in the person's life: its category, and its day (from 03:00 on) + 1; 0: none */
    uint16_t life_day;
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
    struct ch_stores_of of;
    uint32_t n_sponsors, *sponsor;
    double *up_to; /* [n_sponsors]: sizes added up */
    double share[CH_N_GOODS];
};

/* ---- what everybody can know --------------------------------------------------------------------------------------- */

/* Open from `at` until half an hour later? */
static bool open_at(const struct ch_world *world, const struct ch_store *store, ch_time at)
{
    ch_time clock = ch_time_of_day(at);
    return clock >= store->opens && clock + CH_HOUR / 2 <= store->closes && ch_store_trades(world, store, at);
}

static uint32_t nearest_store(const struct ch_ctx *ctx, uint32_t retailer, uint32_t good, uint32_t node)
{
    const struct tables *t = ch_table(ctx);
    uint32_t best = CH_NONE;
    double best_m = 0;
    for (uint32_t i = t->of.first[retailer]; i < t->of.first[retailer + 1]; i++) {
        const struct ch_store *store = &ctx->city->stores[t->of.store[i]];
        double m = ch_distance_m(ctx->city, node, store->node);
        if ((good == CH_NONE || store->goods >> good & 1) && ch_store_lives(store, ch_day_of(ch_now(ctx))) &&
            (best == CH_NONE || m < best_m)) {
            best = t->of.store[i];
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

/* A forced policy reads what it was not allowed to; the auditor, who gets the letter of every read, counts it. */
static bool read_by_force(struct look *look, int level)
{
    struct ch_ctx *ctx = look->ctx;
    if (!ctx->policy->forced || ch_level_open_to(ctx, look->who, look->sender) >= level)
        return false;
    ch_send_letter(ctx, CH_LETTER_audit, ctx->city->clearing, look->who->id, CH_LOOKAHEAD,
                   ch_audit_payload(CH_AUDIT_READ, look->sender, level), NULL);
    return true;
}

static bool may_read(struct look *look, int level)
{
    if (level <= look->granted)
        return true;
    if (read_by_force(look, level) || ch_may_read(look->ctx, look->who, look->sender, level)) {
        look->granted = level;
        return true;
    }
    look->failed = true;
    return false;
}

static bool find_wish(struct look *look, uint32_t good)
{
    if (!look->wished && may_read(look, 2)) {
        look->wish = (struct ch_wish_query){.reader = look->sender,
                                            .good = good,
                                            .store = look->store,
                                            .owner = look->agent ||
                                                     look->ctx->policy->forced, /* forced: sees what only the owner may see */
                                            .best = {.slot = CH_NONE}};
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
    for (uint32_t i = t->of.first[look->sender]; i < t->of.first[look->sender + 1]; i++)
        sold |= city->stores[t->of.store[i]].goods;
    if (look->store != CH_NONE)
        sold = city->stores[look->store].goods;
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        double score =
            personal ? affinity(look->habits, t->share, g) : ch_weather_fit(look->ctx->world, &city->goods[g], look->at);
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

/* What the person's own rules, or an agent, say of the message in hand. */
static struct ch_admit admission(struct ch_ctx *ctx, struct ch_person *who, struct ch_admit asked)
{
    asked.walk_min = ch_walk_s(ctx, who, who->node, ctx->city->stores[asked.store].node) / 60;
    ch_ask_admit(ctx, who, &asked);
    return asked;
}

#endif
