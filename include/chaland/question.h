/* SPDX-License-Identifier: MIT
 * What the questions of the shared vocabulary carry: part of chaland/trade.h, which lists them. */
#ifndef CHALAND_QUESTION_H
#define CHALAND_QUESTION_H

#include <chaland/moment.h>

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
 * `bounded`. While one listener does not, all stores are asked about. A term of CH_SETTLED or more is no utility but says that
 * the shopper has decided before, and leaves the consumer surplus alone. */
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

/* The first retailer from `from` on with whom some level is held, open now or not, so that few are asked of thousands. */
struct ch_grant {
    uint32_t from;
    uint32_t controller; /* the answer: a retailer, or CH_NONE */
    int level;
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

#endif
