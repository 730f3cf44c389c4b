/* SPDX-License-Identifier: MIT
 * The shared vocabulary: everything that models know of each other.
 *
 * Models never include or name each other. They meet at the person whose body stands in their place, and talk in three ways:
 *   moments    "this has just happened here": every model that listens is told, at once, in the order of models.def
 *   questions  "what is ...?": every model that has something to say adds its term to the answer, at once, in that order
 *   letters    events between places, each with one kind of recipient (clearing house, auditor, dispatch, household)
 * Moments and questions are plain calls in the place of the event in hand, so they need no delay and cannot race.
 * A kiosk that sells to passers-by listens to `node_reached` and tells `sale`; nobody has to be taught the word kiosk. */
#ifndef CHALAND_TRADE_H
#define CHALAND_TRADE_H

#include <chaland/city.h>
#include <chaland/money.h>
#include <chaland/policy.h>
#include <chaland/world.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- the person -------------------------------------------------------------------------------------------------- */

enum ch_mode { CH_WALK, CH_CAR, CH_BUS, CH_N_MODES };
enum ch_zone { CH_AT_HOME, CH_AT_WORK, CH_AT_STOP, CH_IN_STREET, CH_IN_RIDE, CH_IN_STORE, CH_AT_LEISURE, CH_N_ZONES };

/* One cache line: what a block crossing touches. The right to touch it travels with the event that carries the person. */
struct ch_person {
    ch_cents cash; /* own money since the start of the run: mirror of the person's part of account SHOPPERS */
    ch_time begun; /* when the present leg began, kept by whoever plays it */
    uint32_t id;
    uint32_t node;       /* where the body stands, or which it is walking from */
    uint32_t goal;       /* where the present leg ends */
    uint32_t store;      /* being visited or headed for, CH_NONE if none */
    uint16_t day;        /* simulated day of the plan in hand */
    uint16_t generation; /* of the present stay or leg; a timer with another one is stale */
    uint16_t step;       /* blocks walked in the present leg */
    uint16_t speed_mm_s; /* free walking speed */
    uint8_t trip;        /* ordinal of the trip within the day's plan; diversions count from CH_DIVERSION */
    uint8_t leg;         /* ordinal of the leg within the trip */
    uint8_t mode;        /* enum ch_mode of the trip */
    uint8_t zone;        /* enum ch_zone */
    uint8_t traits;      /* enum ch_trait */
    uint8_t device;      /* enum ch_device */
    uint8_t privacy;     /* enum ch_privacy */
    uint8_t consent;     /* highest consent level with any controller: a filter, not an entitlement */
    uint16_t wishes;     /* categories with an open wish: a filter, kept by the model of wishes */
    uint16_t needs;      /* categories with an open need: a filter, kept by the model of needs */
    uint8_t listening;   /* 1 when app, Bluetooth and location are all on: a beacon may be heard */
    uint8_t expecting;   /* 1 while the phone may have something to show: a filter, kept by the model of messages */
    uint8_t recognised;  /* a bit for each retailer, modulo 8, who holds consent: likewise a filter */
    uint8_t spare[1];
    uint32_t turn[2]; /* random words for the turns at the next corners, kept by the model of walking */
};
_Static_assert(sizeof(struct ch_person) == 64, "a person is one cache line");

enum { CH_EXTRA_STOP = 16, CH_DIVERSION = 128 }; /* extra stops of one entry of the plan: from 16 on, see dayplan.c */

/* Occasions of draws: a moment in the person's own life that no policy shifts. */
static inline uint64_t ch_occasion_day(const struct ch_person *who) { return (uint64_t)who->day << 32; }
static inline uint64_t ch_occasion_trip(const struct ch_person *who)
{
    return (uint64_t)who->day << 32 | (uint64_t)who->trip << 24;
}
static inline uint64_t ch_occasion_leg(const struct ch_person *who) { return ch_occasion_trip(who) | (uint64_t)who->leg << 16; }
static inline uint64_t ch_occasion_step(const struct ch_person *who) { return ch_occasion_leg(who) | who->step; }

/* ---- what moments and questions carry ---------------------------------------------------------------------------- */

struct ch_day {
    uint32_t day; /* simulated day that begins */
    const struct ch_world_day *world;
};

enum ch_purpose { CH_FOR_HOME, CH_FOR_WORK, CH_FOR_SHOPPING, CH_FOR_LEISURE, CH_FOR_OFFER };

struct ch_leg {
    uint32_t from, to;       /* nodes; from: leg_begins only */
    enum ch_mode mode;       /* who->mode is that of the whole trip: a bus trip has walked legs */
    ch_time begun;           /* leg_ends only */
    enum ch_purpose purpose; /* of the trip; leg_begins only */
};

enum { CH_LUCK_BITS = 22 };

/* A walker enters a street side. Everything until `leaves` is known now, unless a listener asks to be live. */
struct ch_passage {
    uint32_t side, from, to;
    ch_time enters, leaves;
    uint32_t speed_mm_s; /* on this side */
    uint32_t luck;       /* CH_LUCK_BITS random bits for what the phone hears on it; nobody else's */
    bool live;           /* set by a listener: the walker stays with `from` until leaves - CH_LOOKAHEAD, so that
                            events at `from` before then may touch the person (M11: screens that react) */
};

struct ch_node {
    uint32_t node;
    bool last; /* the leg ends here */
};

struct ch_activity {
    enum ch_purpose purpose;
    uint32_t node;
    uint32_t store; /* shopping, offers */
    uint32_t good;  /* shopping, offers: the planned category; CH_NONE for strolling */
    ch_time until;  /* a listener may move it: who plays the activity says when it ends */
};

struct ch_visit {
    uint32_t store;
    uint32_t good; /* planned category, CH_NONE if none */
    ch_time entered;
    bool diverted; /* drawn here by an offer */
    bool bought;   /* visit_ends: at least one purchase */
};

enum ch_motive { CH_PLANNED, CH_IMPULSE, CH_CONTROLLED, CH_N_MOTIVES }; /* CONTROLLED: an open wish met a seen offer (M07) */

/* A purchase, at the store's place, in front of the shopper. Kept whole as long as it may be returned. */
struct ch_sale {
    uint32_t person;
    uint32_t store;
    uint32_t retailer;
    uint32_t good;
    uint32_t item; /* number within the visit, below 64: tells two of one good apart; not kept by a return */
    enum ch_motive motive;
    ch_cents listed;     /* before any discount */
    ch_cents paid;       /* by the shopper, VAT included */
    ch_cents coupon;     /* part of the discount that a coupon gave, borne by `issuer` */
    uint32_t issuer;     /* retailer, CH_NONE if no coupon */
    uint32_t wish;       /* slot of the wish fulfilled, CH_NONE if none */
    uint32_t origin;     /* retailer on whose list the wish was made, CH_NONE */
    bool attributed;     /* the wish reached this store through the pool, with consent */
    bool delivered;      /* goes home by courier */
    ch_cents commission; /* set by who pays it; a refund reverses these very cents */
    ch_cents fee;
    ch_time at;
    bool held;     /* the unit was taken off the shelf before, see ch_hold */
    ch_cents back; /* given back at the till so far, by whoever does: never more than was paid; not kept by a return */
};

/* What the seller has of it: the price paid less VAT and the cost of the goods, which does not follow discounts. */
static inline ch_cents ch_sale_margin(const struct ch_city *city, const struct ch_sale *sale)
{
    ch_cents net = sale->listed - ch_vat_in(sale->listed);
    return sale->paid - ch_vat_in(sale->paid) - (net - ch_share_bp(net, city->goods[sale->good].margin_bp));
}

/* Not told where rules alone would listen and the policy has none for beacons. */
struct ch_detection {
    uint32_t beacon;
    uint32_t controller; /* retailer, or CH_NONE */
    uint32_t store;      /* CH_NONE for a street beacon */
    ch_time entered;     /* of the nominal range */
    ch_time at;          /* may lie ahead of now, within the present passage */
    double distance_m;   /* estimated */
};

/* A phone meets something other than a beacon; `trigger` says what. */
struct ch_cue {
    enum ch_trigger trigger;
    uint32_t what;       /* fence, store or screen: tells two of one moment apart */
    uint32_t controller; /* retailer, or CH_NONE */
    uint32_t store;      /* CH_NONE if it belongs to no store */
    uint32_t good;       /* that it is about, CH_NONE if open */
    ch_time at;          /* may lie ahead of now, while the person walks this side or stays here */
};

enum ch_occurrence { CH_BIRTHDAY, CH_REPLACEMENT, CH_LAUNCH, CH_N_OCCURRENCES };

/* Something in a person's life makes them want a good: `days` ordinary days' worth of its needs arrive at once. */
struct ch_life_event {
    enum ch_occurrence what;
    uint32_t good;
    double days;
};

/* Passages by beacons whose controllers recognise the phone, as records that these controllers keep. */
struct ch_records {
    unsigned n;
};

struct ch_notice {
    uint32_t screen;
    uint32_t good; /* shown category */
    uint32_t retailer;
    double relevance;
    bool waiting; /* at a stop */
    bool tapped;
};

/* A message with an offer, from decision to redemption; it goes to people with the app only. */
struct ch_offer {
    uint64_t id;     /* derived from the person's own life: person, occasion, rule */
    uint32_t sender; /* retailer */
    uint32_t store;
    uint32_t good;
    uint32_t wish;   /* slot, CH_NONE */
    uint32_t origin; /* of the wish */
    enum ch_channel channel;
    uint16_t rule; /* index in the policy */
    int level;     /* consent it rests on: re-checked at delivery */
    int64_t discount_bp;
    double relevance;
    ch_time sent, until;
    bool unwanted;
    bool pooled;  /* the wish came through the pool */
    bool matched; /* an agent of the person's own chose it: the sender saw nothing */
};

struct ch_consent {
    uint32_t controller;
    uint8_t from, to; /* levels 0..3 */
    bool withdrawn;   /* full withdrawal with erasure */
};

struct ch_wish {
    uint32_t slot;
    uint32_t good;
    uint32_t origin;
    double desire; /* now, 0..1 */
    ch_time added;
    enum { CH_WISH_OPEN, CH_WISH_AT_ORIGIN, CH_WISH_AT_PARTNER, CH_WISH_OUTSIDE, CH_WISH_EXPIRED, CH_WISH_WITHDRAWN } state;
};

/* Accounts of the ledger (M34). Single ones first, then one per retailer. */
enum ch_account {
    CH_ACC_SHOPPERS,
    CH_ACC_WORLD,
    CH_ACC_VAT,
    CH_ACC_CLEARING,
    CH_ACC_PLATFORM,
    CH_ACC_SIGNAGE,
    CH_ACC_DISPATCH,
    CH_ACC_COURIERS,
    CH_ACC_INSURER,
    CH_ACC_RETAILER /* + retailer index */
};

/* Why money moved. name, doc */
#define CH_REASONS(X)                                               \
    X(sale, "price paid by a shopper to a retailer, VAT included")  \
    X(vat, "VAT passed on by a retailer")                           \
    X(goods, "cost of goods sold")                                  \
    X(coupon, "coupon borne by another retailer than the seller")   \
    X(commission, "commission from seller to the origin of a wish") \
    X(fee, "fee to the platform of the pool")                       \
    X(message, "cost of messages")                                  \
    X(media, "screen time")                                         \
    X(fixed, "fixed cost of a store")                               \
    X(delivery, "delivery fee")                                     \
    X(wage, "pay of a courier")                                     \
    X(refund, "price given back, with its mirror entries")          \
    X(income, "income of shoppers")                                 \
    X(premium, "insurance premium")                                 \
    X(claim, "compensation for a lost parcel, by the insurer")      \
    X(tool, "what couriers spend on their own vehicle and phone")   \
    X(reward, "points or a sponsor's coupon paid back at the till")

enum ch_reason {
#define X(name, doc) CH_REASON_##name,
    CH_REASONS(X)
#undef X
        CH_N_REASONS
};

/* One double entry: `cents` from one account to another. Negative cents are the reverse entry (refunds). */
struct ch_transfer {
    uint32_t from, to;
    ch_cents cents;
    enum ch_reason reason;
};

/* An order is at its end, where that happens: at the home, at the dispatch centre if it is cancelled. */
struct ch_order_end {
    const struct ch_parcel *parcel;
    enum ch_order_how { CH_ORDER_DELIVERED, CH_ORDER_CANCELLED, CH_ORDER_LOST } how;
};

/* ---- questions --------------------------------------------------------------------------------------------------- */

enum { CH_WANTS_MAX = 16, CH_CHOICE_MAX = 64 };

/* What would this person shop for now? Listeners append. */
struct ch_want {
    unsigned n;
    struct {
        uint32_t good;
        double weight;
        uint32_t wish;
    } item[CH_WANTS_MAX];
};

/* Where to buy it? Answered by the model of store choice; store = CH_NONE is the outside option. */
struct ch_pick {
    uint32_t from; /* node */
    uint32_t good;
    uint32_t exclude; /* store already tried, CH_NONE */
    ch_time arrival;  /* expected */
    uint32_t store;   /* the answer */
};

/* Utility of alternatives: listeners add their terms to u[i] (M06). So that nobody need be asked about stores that cannot win,
 * a listener adds to `most` the greatest term it would have added to any store of this good (if above 0), and counts itself in
 * `bounded`. While one listener does not, all stores are asked about. A term of CH_SETTLED or more is no utility but says that the
 * shopper has decided before, and leaves the consumer surplus alone. */
enum { CH_SETTLED = 50 };
struct ch_appeal {
    uint32_t good;
    unsigned n;
    const uint32_t *store;
    double *u;
    double most;
    unsigned bounded;
};

/* Terms on which this person would buy this good in this store now. Listeners lower the price. */
struct ch_terms {
    uint32_t store, good;
    int64_t markdown_bp;   /* of the shelf price, for all */
    int64_t coupon_bp;     /* for this person; the best one wins */
    uint32_t issuer;       /* of the coupon */
    uint32_t wish, origin; /* wish that the seen offer matched, CH_NONE */
    double desire;         /* of that wish, 0 if none */
    bool pooled;
    bool offered; /* an offer for this good and store was seen and is valid */
    bool spent;   /* said by who asks: coupons for one purchase are in the basket already, and cannot be used again */
};

/* Log-odds of buying on this visit: listeners add to `logit` (M07). */
struct ch_urge {
    uint32_t store, good;
    enum ch_motive motive;
    double discount; /* share, all discounts */
    double desire;
    double logit;
};

/* Is the item on the shelf? Answered by the model of stock, at the store's own place. */
struct ch_shelf {
    uint32_t store, good;
    bool only_looking; /* a sender looks it up in the published stock: nobody stands at the shelf, so it is no demand */
    bool available;
};

/* What does a controller get to know of this person's wishes? Answered by the model of wishes, after ch_may_read said yes. */
struct ch_wish_query {
    uint32_t reader;     /* retailer */
    uint32_t good;       /* CH_NONE: any */
    uint32_t store;      /* a store that should sell it; CH_NONE: any */
    bool owner;          /* the person themself looks: no entitlement needed, all wishes */
    struct ch_wish best; /* answer; slot = CH_NONE if none */
    double match;        /* match times desire */
    bool pooled;         /* it stands on another retailer's list and came through the pool */
};

/* May the wishes on `origin`'s list be shown to `partner`, and what does the partner owe on what it then sells? */
struct ch_pool_query {
    uint32_t origin, partner;
    bool shared;
    bool agreed;            /* the partner offers what the origin asks for, members or not */
    double commission, fee; /* shares of the price: to the origin, to the platform */
};

/* How relevant is this good of this retailer to this person now, as known to a reader with this entitlement? 0..1 */
struct ch_relevance {
    uint32_t good, retailer, store;
    int level; /* of the reader: 0 sees context only */
    double value;
};

struct ch_consent_query {
    uint32_t controller;
    int level;
    bool held; /* by who asks: the level that was given, whether or not the phone is open to it now */
};

/* May this message reach this person, by their own rules? Nobody answering: yes. Asked when a sender wants to know or sends
 * (it may still be about to choose), and again, `landed`, when the message that was sent last has arrived. */
struct ch_admit {
    uint32_t sender, store, good;
    int64_t discount_bp;
    double walk_min; /* to the store */
    unsigned today;  /* messages the person has had today, without this one */
    ch_time at;
    bool landed;
    bool refused;   /* the answer: it breaks a rule */
    bool delegated; /* the answer: an agent chose it, and no retailer has to be trusted with anything */
};

/* Is the phone shut to everything personal, whatever was granted? Asked by who keeps the levels. */
struct ch_shut_query {
    bool shut;
};

/* Does an agent of the person's own look through the wishes here, in place of the retailers? */
struct ch_agent_query {
    bool acts;
};

/* Asks for more consent: at most one ask per visit and controller. Answered by the model of consent. */
struct ch_ask {
    uint32_t controller;
    double benefit;
    int level; /* after the ask */
    bool asked;
};

/* What would a delivery from here cost and take? From published rows of the dispatch centre. */
struct ch_quote {
    uint32_t store;
    uint32_t home;
    bool offered;
    ch_cents fee; /* surge included */
    double minutes;
    uint32_t depot;
    double surge;    /* multiplier in the fee; 0 or 1: none */
    double promise;  /* promised over quoted minutes, if the centre knows; else 0 */
    double distrust; /* 1 - T, T the trust in its couriers, 0..1 */
};

/* Which standing has this person with this retailer? Nobody answering: none. */
struct ch_loyalty {
    uint32_t retailer;
    unsigned tier;  /* 0: the lowest */
    int64_t points; /* not yet spent */
};

/* What is there about the place in hand? Public: `who` may be NULL. Answered by the models of clusters and of place events. */
struct ch_area {
    uint32_t store;       /* of an offer; CH_NONE: none */
    bool weigh, count;    /* commerciality, partners are wanted: they take a look at every store and retailer around */
    unsigned cluster;     /* of the place in hand: 1 .., 0 outside */
    unsigned store_in;    /* of the store: the same numbers */
    unsigned partners;    /* other retailers in the store's cluster */
    double commerciality; /* open floor around, weighted by nearness */
    bool event;           /* one goes on in the store's cluster */
};

/* When did the person leave a partner of this store, in its cluster? Asked after ch_may_read said yes. */
struct ch_path {
    uint32_t store;
    uint32_t from; /* store of the partner; CH_NONE: none within memory */
    ch_time left;
};

/* Will the person's next zone hold this store? Asked after ch_may_read said yes. */
struct ch_forecast {
    uint32_t store;
    bool known;    /* somebody predicts */
    double chance; /* 0..1 */
    ch_time takes; /* to be there, on foot */
};

/* After a store, on to another one on the same trip? Whoever knows the street adds log-odds; nobody: no. */
struct ch_more {
    uint32_t store; /* that was just left */
    bool asked;     /* set by who answers */
    double logit;
};

/* A unit between shelf and sale, at the store's place: promised (the page counts it no more), taken into a basket or set aside,
 * or put back. A sale with `held` takes what was taken. */
enum ch_holding { CH_HOLD_PROMISE, CH_HOLD_UNPROMISE, CH_HOLD_TAKE, CH_HOLD_PUT_BACK };
struct ch_hold {
    uint32_t store, good;
    enum ch_holding what;
    bool took;     /* TAKE: there was one; else it is another item of the assortment, or nothing */
    bool recorded; /* TAKE: the record said so */
};

/* Goods sent from a store to somebody who is not there. It is no `sale`: whose body is elsewhere cannot listen. */
struct ch_away {
    uint32_t person, store, good;
    uint64_t occasion; /* of the draws: trip and item */
    ch_cents paid;     /* the answer */
};

/* Is a unit set aside in this store for this very person, who is here and takes it now? */
struct ch_kept {
    uint32_t store, good;
    bool held;
};

/* Can one pay at once? With lines = 0 nobody queues up yet: `queues` says whether there are tills at all. */
struct ch_checkout {
    uint32_t store;
    unsigned lines; /* purchases in the basket */
    bool queues;
    bool gives_up;
    ch_time done; /* paid, or given up, at */
};

/* Is the shopper held up, and until when? */
struct ch_engaged {
    uint32_t store;
    ch_time until; /* a listener moves it later */
};

/* Purchases that this visit calls for besides: at most one, at a share of the usual price. */
struct ch_extra {
    uint32_t store;
    double share; /* 0: none */
};

/* ---- letters ----------------------------------------------------------------------------------------------------- */

/* name, least delay, slots, doc */
#define CH_LETTERS(X)                                                                                              \
    X(posting, 60 * CH_SECOND, 7, "batch of double entries, place to clearing house; payload = number of entries") \
    X(audit, CH_LOOKAHEAD, 0, "a consent change or a read of personal data, place to auditor; dest = person")      \
    X(order, CH_LOOKAHEAD, 2, "a purchase to be carried home, store to dispatch centre; dest = person")            \
    X(parcel, CH_LOOKAHEAD, 2, "a parcel at its address; dest = person, whose body need not be there")

enum ch_letter {
#define X(name, least, slots, doc) CH_LETTER_##name,
    CH_LETTERS(X)
#undef X
        CH_N_LETTERS
};

/* Payload of an audit letter. */
enum ch_audit_kind { CH_AUDIT_READ, CH_AUDIT_LEVEL, CH_AUDIT_ERASED };
static inline uint64_t ch_audit_payload(enum ch_audit_kind kind, uint32_t controller, int level)
{
    return (uint64_t)kind << 40 | (uint64_t)(unsigned)level << 32 | controller;
}

/* Ordered from home, outside the store; the courier has another one to drop; the store paid no part of the fee. */
enum ch_parcel_mark { CH_PARCEL_REMOTE = 1, CH_PARCEL_MORE = 2, CH_PARCEL_FEE_ONLY = 4 };

/* Order and parcel, packed in two slots. */
struct ch_parcel {
    uint32_t person, home;
    uint32_t store, node; /* of the store */
    ch_time ordered, promised;
    ch_cents value, fee;
    uint32_t depot : 24, marks : 8; /* marks: enum ch_parcel_mark */
    uint32_t courier;
    uint64_t order; /* id, derived from the person's life */
};
_Static_assert(sizeof(struct ch_parcel) == 64, "a parcel is two slots");

/* ---- the lists from which model.h derives the descriptor and the calls ------------------------------------------- */

/* name, what, doc. Called as ch_tell_<name>(ctx, who, &what); handler field on_<name>. `who` may be NULL where noted. */
#define CH_MOMENTS(X)                                                                                \
    X(day_begins, ch_day, "a person's day begins, at 03:00, where the body is")                      \
    X(leg_begins, ch_leg, "a leg begins: who plays its mode moves the body")                         \
    X(street_entered, ch_passage, "a walker enters a street side")                                   \
    X(node_reached, ch_node, "a walker stands at a node; may change goal")                           \
    X(leg_ends, ch_leg, "the body is at the leg's end")                                              \
    X(activity_begins, ch_activity, "an activity begins; who plays it may move its end")             \
    X(activity_ends, ch_activity, "it is over")                                                      \
    X(visit_begins, ch_visit, "a shopper is inside a store")                                         \
    X(visit_ends, ch_visit, "and leaves it")                                                         \
    X(sale, ch_sale, "a purchase; listeners move stock and money, close wishes, order couriers")     \
    X(refund, ch_sale, "a purchase comes back, at the store's place; who is NULL")                   \
    X(stockout, ch_visit, "the wanted item is not on the shelf")                                     \
    X(detected, ch_detection, "the phone's app hears a beacon")                                      \
    X(recorded, ch_records, "passages by beacons are on record; who may be NULL")                    \
    X(noticed, ch_notice, "a screen is noticed")                                                     \
    X(offer_sent, ch_offer, "a message leaves the sender; stamped with its own time")                \
    X(offer_opened, ch_offer, "and is read")                                                         \
    X(offer_taken, ch_offer, "the shopper will go for it: who plays the plan changes it")            \
    X(offer_unwanted, ch_offer, "the message was unwanted")                                          \
    X(consent_changed, ch_consent, "a consent level moved")                                          \
    X(wish_added, ch_wish, "an item was put on a list")                                              \
    X(wish_closed, ch_wish, "bought, expired or withdrawn")                                          \
    X(order_ends, ch_order_end, "an order was dropped, cancelled or lost; who is NULL")              \
    X(transfer, ch_transfer, "money moves; who is the shopper concerned or NULL")                    \
    X(hold, ch_hold, "a unit is promised, leaves the shelf or comes back; who may be NULL")          \
    X(stay_moved, ch_activity, "the end of the stay in hand is moved later, to `until`")             \
    X(bought_away, ch_away, "goods leave a store for somebody elsewhere, and are paid; who is NULL") \
    X(supplied_away, ch_sale, "and that somebody learns of it, wherever the body is")                \
    X(cued, ch_cue, "a phone meets a fence, a tag, a sound or a code")                               \
    X(life_event, ch_life_event, "a birthday, a worn-out durable or a launch makes them want something")

/* name, what, doc. Called as ch_ask_<name>(ctx, who, &what); handler field answer_<name>. */
#define CH_QUESTIONS(X)                                                                \
    X(want, ch_want, "what would this person shop for?")                               \
    X(pick, ch_pick, "in which store?")                                                \
    X(appeal, ch_appeal, "how attractive are these stores?")                           \
    X(terms, ch_terms, "at what price?")                                               \
    X(urge, ch_urge, "how strong is the urge to buy?")                                 \
    X(shelf, ch_shelf, "is it on the shelf?")                                          \
    X(wish, ch_wish_query, "what does this person wish for?")                          \
    X(pool, ch_pool_query, "may this list be shown to that retailer? who may be NULL") \
    X(relevance, ch_relevance, "how relevant is this?")                                \
    X(consent, ch_consent_query, "which level of consent is held?")                    \
    X(ask, ch_ask, "would you consent to more?")                                       \
    X(quote, ch_quote, "what would a delivery cost?")                                  \
    X(loyalty, ch_loyalty, "which loyalty tier with this retailer?")                   \
    X(area, ch_area, "what is there around? who may be NULL")                          \
    X(path, ch_path, "was a partner of this store just visited?")                      \
    X(forecast, ch_forecast, "where does the way lead?")                               \
    X(more, ch_more, "on to another store?")                                           \
    X(checkout, ch_checkout, "when will it be paid?")                                  \
    X(engaged, ch_engaged, "is the shopper held up?")                                  \
    X(extra, ch_extra, "what more does this visit call for?")                          \
    X(admit, ch_admit, "may this message reach this person?")                          \
    X(agent, ch_agent_query, "does an agent look in place of the retailers?")          \
    X(kept, ch_kept, "is a unit set aside for this person?")                           \
    X(shut, ch_shut_query, "is the phone shut to everything personal?")

#endif
