/* SPDX-License-Identifier: MIT
 * A policy is data: rules of when, to whom, what, and how often, written in YAML, checked at load and compiled to these
 * structs. A fact that tells something personal needs a consent level; the rule's level is the highest of its facts'. */
#ifndef CHALAND_POLICY_H
#define CHALAND_POLICY_H

#include <chaland/time.h>
#include <stdbool.h>
#include <stdint.h>

/* What sets a rule off. name, doc */
#define CH_TRIGGERS(X)                                                             \
    X(beacon, "the phone's app hears a beacon of a store or street")               \
    X(schedule, "a push at a random moment, `per_week` times a week on average")   \
    X(screen, "the person notices a street screen")                                \
    X(entrance, "the person enters a store of the retailer")                       \
    X(geofence, "the phone finds itself inside a fence around a store or cluster") \
    X(nfc, "the person taps a tag at a shelf or shop front")                       \
    X(ultrasound, "the phone's app hears a sound in a store")                      \
    X(qr, "the person scans a code on a screen or in a window")

/* Facts a condition may test. name, unit, consent level needed, doc. A fact that no model of the run can answer shows 0; but
 * just_visited, arrival and life_event, which are times, are then unknown, and a rule that tests them does not fire. */
#define CH_FACTS(X)                                                                              \
    X(hour, "h", 0, "time of day, 0 to 24")                                                      \
    X(weekday, "", 0, "0 Monday to 6 Sunday")                                                    \
    X(sale_week, "", 0, "week of the sales period, 0 outside")                                   \
    X(markdown, "share", 0, "markdown of the sales today")                                       \
    X(temperature, "C", 0, "air temperature")                                                    \
    X(rain, "", 0, "1 when it rains or storms, else 0")                                          \
    X(weather_fit, "share", 0, "how well the category fits the weather, 0 to 1")                 \
    X(crowd, "", 0, "walkers seen at this node in the last publishing period")                   \
    X(distance, "m", 0, "walking distance to the store of the offer")                            \
    X(walk_time, "min", 0, "walking time to the store of the offer")                             \
    X(in_stock, "", 0, "1 when the store's published stock holds the item, else 0")              \
    X(open, "", 0, "1 when the store is open for the next half hour, else 0")                    \
    X(consent, "", 0, "consent level of the person with the sender, 0 to 3")                     \
    X(context_score, "share", 0, "weather fit, calendar, hour and closeness combined, 0 to 1")   \
    X(messages_today, "", 1, "messages received today, all senders")                             \
    X(wish_match, "share", 2, "match times desire of the best open wish, 0 to 1")                \
    X(wish_age, "d", 2, "age of that wish")                                                      \
    X(affinity, "share", 3, "share of past purchases in the category")                           \
    X(net_value, "EUR", 2, "expected margin less cost and expected intrusion")                   \
    X(month, "", 0, "1 January to 12 December")                                                  \
    X(season, "", 0, "how much the calendar raises demand for the category today, 1 = ordinary") \
    X(east, "m", 0, "where the phone is, from the west edge of the city")                        \
    X(north, "m", 0, "where the phone is, from the south edge of the city")                      \
    X(waiting, "", 0, "1 when the person waits at a stop, else 0")                               \
    X(cluster, "", 0, "number of the merchant cluster where the phone is, 0 outside")            \
    X(commerciality, "", 0, "open floor around the phone, 100 m2 weighted by nearness")          \
    X(same_cluster, "", 0, "1 when the phone is in the cluster of the offer's store, else 0")    \
    X(partner, "", 0, "other retailers in the cluster of the offer's store")                     \
    X(event, "", 0, "1 while a place event goes on in the cluster of the offer's store, else 0") \
    X(tier, "", 1, "loyalty tier of the person with the sender, 0 the lowest")                   \
    X(points, "", 1, "loyalty points of the person with the sender")                             \
    X(just_visited, "min", 2, "time since leaving a partner of the same cluster")                \
    X(predicted, "share", 3, "chance that the person's next zone holds the store of the offer")  \
    X(arrival, "min", 3, "time until the person would be there")                                 \
    X(life_event, "d", 3, "time since something in the person's life called for the category")   \
    X(permitted, "", 1, "1 when the person's own rules let this message through, else 0")

enum ch_trigger {
#define X(name, doc) CH_TRIGGER_##name,
    CH_TRIGGERS(X)
#undef X
        CH_N_TRIGGERS
};

enum ch_fact {
#define X(name, unit, level, doc) CH_FACT_##name,
    CH_FACTS(X)
#undef X
        CH_N_FACTS
};

enum ch_compare { CH_AT_LEAST, CH_AT_MOST, CH_EQUAL, CH_ABOVE, CH_BELOW };

/* Channel of a message: default probabilities of opening and redeeming are the messages model's. name, doc */
#define CH_CHANNELS(X)                         \
    X(push, "plain push notification")         \
    X(geofence, "push on entering an area")    \
    X(beacon, "notification at a beacon")      \
    X(screen, "message that follows a screen") \
    X(tap, "answer to a tap on a tag")         \
    X(sound, "notification at a sound")        \
    X(code, "answer to a scanned code")

enum ch_channel {
#define X(name, doc) CH_CHANNEL_##name,
    CH_CHANNELS(X)
#undef X
        CH_N_CHANNELS
};

/* What the offer is about. name, doc */
#define CH_SUBJECTS(X)                                            \
    X(store, "the main category of the store at hand")            \
    X(wish, "the best matching open wish (needs level 2)")        \
    X(affinity, "the category bought most often (needs level 3)") \
    X(weather, "the category that fits the weather best")

enum ch_subject {
#define X(name, doc) CH_SUBJECT_##name,
    CH_SUBJECTS(X)
#undef X
        CH_N_SUBJECTS
};

struct ch_condition {
    enum ch_fact fact;
    enum ch_compare compare;
    double value; /* in the fact's unit */
};

enum { CH_CONDITIONS_MAX = 12, CH_RULES_MAX = 32 };

struct ch_rule {
    const char *name;
    enum ch_trigger trigger;
    double per_week; /* schedule only: mean pushes per person and week */
    enum ch_channel channel;
    enum ch_subject subject;
    int64_t discount_bp; /* of the coupon that comes with the message */
    ch_time valid;       /* the coupon's life */
    int level;           /* consent the rule's facts and subject need; 0 if none is personal */
    unsigned n_conditions;
    struct ch_condition condition[CH_CONDITIONS_MAX];
    /* by ch_policy_seal: */
    int floor;    /* consent below which the rule cannot hold: its level, or what it demands in so many words; 0 if forced */
    uint64_t tag; /* what its luck hangs on: its name or content, not its place in the policy */
};

enum ch_content { CH_CONTENT_STATIC, CH_CONTENT_WEATHER, CH_CONTENT_CROWD, CH_CONTENT_OPTIN };

struct ch_policy {
    const char *name;
    const char *doc;
    bool forced;                              /* ignores consent: a stress test, and only where the scenario allows it */
    bool asks;                                /* asks for consent (one ask per visit and controller at most) */
    double benefit;                           /* V, promised benefit of an ask, 0..1 */
    int per_visit, per_day, per_retailer_day; /* caps; 0 = no cap */
    double intrusion_cost;                    /* EUR per expected unwanted message, in net_value */
    unsigned n_rules;
    const struct ch_rule *rule;
    /* by ch_policy_seal: */
    uint64_t facts;    /* that its rules look at: 1 << fact */
    unsigned triggers; /* that set them off: 1 << trigger */
};
_Static_assert((int)CH_N_FACTS <= 64 && (int)CH_N_TRIGGERS <= 32, "one bit each");

static inline bool ch_policy_tests(const struct ch_policy *policy, enum ch_fact fact) { return policy->facts >> fact & 1; }

/* Completes a policy with what follows from its rules. Within a rule public facts come before personal ones, else in the order
 * written: nothing personal is read for a message that the street alone rules out. */
void ch_policy_seal(struct ch_policy *policy, struct ch_rule *rule, unsigned n_rules);
/* Consent below which a rule cannot hold. */
int ch_rule_floor(const struct ch_rule *rule);
/* Consent that a fact needs. */
int ch_fact_level(enum ch_fact fact);
/* What must be settled before a fact can be looked up: nothing, the store of the offer, or the whole offer. */
enum ch_basis { CH_OF_MOMENT, CH_OF_STORE, CH_OF_OFFER };
static inline enum ch_basis ch_fact_basis(enum ch_fact fact)
{
    switch (fact) {
    case CH_FACT_hour:
    case CH_FACT_weekday:
    case CH_FACT_sale_week:
    case CH_FACT_markdown:
    case CH_FACT_temperature:
    case CH_FACT_rain:
    case CH_FACT_crowd:
    case CH_FACT_consent:
    case CH_FACT_messages_today:
    case CH_FACT_month:
    case CH_FACT_east:
    case CH_FACT_north:
    case CH_FACT_waiting:
    case CH_FACT_cluster:
    case CH_FACT_commerciality:
    case CH_FACT_tier:
    case CH_FACT_points:
        return CH_OF_MOMENT;
    case CH_FACT_distance:
    case CH_FACT_walk_time:
    case CH_FACT_open:
    case CH_FACT_same_cluster:
    case CH_FACT_partner:
    case CH_FACT_event:
    case CH_FACT_just_visited:
    case CH_FACT_predicted:
    case CH_FACT_arrival:
        return CH_OF_STORE;
    default:
        return CH_OF_OFFER;
    }
}

#endif
