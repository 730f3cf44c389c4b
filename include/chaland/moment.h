/* SPDX-License-Identifier: MIT
 * The person, and what the moments of the shared vocabulary carry: part of chaland/trade.h, which lists them. */
#ifndef CHALAND_MOMENT_H
#define CHALAND_MOMENT_H

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
    uint16_t step;       /* blocks walked in the present leg; it, leg and trip lie as in an occasion, to be read together */
    uint8_t leg;         /* ordinal of the leg within the trip */
    uint8_t trip;        /* ordinal of the trip within the day's plan; diversions count from CH_DIVERSION */
    uint16_t speed_mm_s; /* free walking speed */
    uint8_t mode;        /* enum ch_mode of the trip */
    uint8_t zone;        /* enum ch_zone */
    uint8_t traits;      /* enum ch_trait */
    uint8_t device;      /* enum ch_device; what is copied together lies together: */
    uint8_t recognised;  /* a bit for each retailer, modulo 8, who holds consent: a filter */
    uint8_t privacy;     /* enum ch_privacy */
    uint16_t wishes;     /* categories with an open wish: a filter, kept by the model of wishes */
    uint16_t needs;      /* categories with an open need: a filter, kept by the model of needs */
    uint8_t listening;   /* 1 when app, Bluetooth and location are all on: a beacon may be heard */
    uint8_t expecting;   /* 1 while the phone may have something to show: a filter, kept by the model of messages */
    uint8_t consent;     /* highest consent level with any controller: a filter, not an entitlement */
    uint8_t to_store;    /* 1 while the leg in hand ends at `store`: kept by who plans trips */
    uint64_t turns;      /* whence the turns of the leg in hand are drawn, kept by the model of walking */
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
static inline uint64_t ch_occasion_step(const struct ch_person *who)
{
    return ch_occasion_day(who) | ((uint32_t)who->trip << 24 | (uint32_t)who->leg << 16 | who->step);
}

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

/* A walker enters a street side. Everything until `leaves` is known now, unless a listener asks to be live. */
struct ch_passage {
    uint32_t side, from, to;
    ch_time enters, leaves;
    uint32_t speed_mm_s; /* on this side */
    uint64_t luck;       /* random bits for what the phone hears on it, the lower half nobody else's */
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

/* Accounts of the ledger (M34). Single ones first, then one per retailer, then the agents'. */
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
/* Of people's agents: behind the retailers, whose numbers stand in the mail. */
static inline uint32_t ch_account_of_agents(const struct ch_city *city) { return CH_ACC_RETAILER + city->n_retailers; }

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
    X(reward, "points or a sponsor's coupon paid back at the till") \
    X(agent, "fee to the agent that chose an offer")

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

#endif
