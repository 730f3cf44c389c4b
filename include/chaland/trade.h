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

#include <chaland/question.h>

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

/* What models find in the city at set-up, for those after them in the order of models.def. */
struct ch_survey {
    unsigned clusters; /* merchant clusters, numbered from 1; 0: there are none */
};

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
    X(grant, ch_grant, "with whom is some consent held?")                              \
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
