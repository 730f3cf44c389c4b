/* SPDX-License-Identifier: MIT
 * The rest of a scenario's vocabulary: keys of the top level that are not parameters, and keys of policies and `outputs:` as
 * rows like any other. The words of `when`, `channel`, `about` and `if` come from chaland/policy.h. */
#ifndef CH_VOCABULARY_H
#define CH_VOCABULARY_H

#include <chaland/policy.h>
#include <chaland/row.h>

#define CH_WORD_OF(name, doc) "|" #name
#define CH_TRIGGER_WORDS      (&(CH_TRIGGERS(CH_WORD_OF))[1])
#define CH_CHANNEL_WORDS      (&(CH_CHANNELS(CH_WORD_OF))[1])
#define CH_SUBJECT_WORDS      (&(CH_SUBJECTS(CH_WORD_OF))[1])

#define CH_COST_ROWS(P)                                                                                                      \
    P(F64, intrusion_cost, 0.5, 0, 1000, "EUR", "set against each expected unwanted message in the fact net_value",          \
      CH_ASSUMED(0, 5, "no data: what a shopper lost to irritation is worth"))                                               \
    P(FLAG, forced, 0, 0, 1, "", "ignores consent: a stress test that only runs where the scenario says allow_forced: true", \
      CH_CHOSEN("nobody should"))
#define CH_ASKS_ROWS(P) \
    P(F64, benefit, 0.5, 0, 1, "share", "promised benefit V of an ask for consent", CH_ASSUMED(0, 1, "no data"))
#define CH_CAPS_ROWS(P)                                                                                                  \
    P(I64, visit, 0, 0, 250, "", "messages per person and visit to a store; 0: no cap", CH_CHOSEN("the policy decides")) \
    P(I64, day, 0, 0, 250, "", "messages per person and day, all senders; 0: no cap", CH_CHOSEN("the policy decides"))   \
    P(I64, retailer_day, 0, 0, 250, "", "messages per person, retailer and day; 0: no cap", CH_CHOSEN("the policy decides"))
#define CH_RULE_ROWS(P)                                                                                                       \
    P(CHOICE, when, "beacon", 0, 0, CH_TRIGGER_WORDS, "what sets the rule off", CH_CHOSEN("the policy decides"))              \
    P(F64, per_week, 0, 0, 1000, "", "schedule only: mean messages per person and week", CH_CHOSEN("the policy decides"))     \
    P(CHOICE, channel, "push", 0, 0, CH_CHANNEL_WORDS, "how the message reaches the person", CH_CHOSEN("the policy decides")) \
    P(CHOICE, about, "store", 0, 0, CH_SUBJECT_WORDS, "what the offer is about", CH_CHOSEN("the policy decides"))             \
    P(F64, discount, 0, 0, 0.95, "share", "of the coupon that comes with the message", CH_CHOSEN("the policy decides"))       \
    P(TIME, valid, 2, 0.01, 720, "h", "life of the coupon", CH_ASSUMED(0.5, 72, "no data"))
#define CH_OUTPUTS_ROWS(P)                                                                                                     \
    P(CHOICE, maps, "summary", 0, 0, "full|summary|off", "maps: every hour of every run, sums by hour of the week, or none",   \
      CH_CHOSEN("size of the file"))                                                                                           \
    P(FLAG, stores, 1, 0, 1, "", "write a table of stores and retailers", CH_CHOSEN("size of the file"))                       \
    P(FLAG, couriers, 1, 0, 1, "", "write a table of couriers", CH_CHOSEN("size of the file"))                                 \
    P(CHOICE, events, "off", 0, 0, "off|on",                                                                                   \
      "log of moments, for `chaland trace`: some 60 bytes a line, 20 lines per person and day", CH_CHOSEN("size of the file")) \
    P(F64, events_share, 1, 0, 1, "share", "of the people, whom the log follows: the same in every policy and replication",    \
      CH_CHOSEN("size of the file"))

/* Keys of the top level beside the parameters of the run and the sections. name, form, doc */
#define CH_TOP_KEYS(X)                                                                                                      \
    X(chaland, integer, "version of the format: 1")                                                                         \
    X(name, string, "name of the scenario and of its results")                                                              \
    X(question, string, "what the scenario is to answer, in a sentence")                                                    \
    X(extends, string, "scenario whose keys hold where this one is silent: a path, or the name of a shipped one")           \
    X(start, date, "first counted day, YYYY-MM-DD")                                                                         \
    X(primary_kpis, names, "key figures of the verdict, which share the confidence")                                        \
    X(policies, policies, "policies to compare: shipped names, paths, or inline mappings")                                  \
    X(baseline, string, "policy that the others are compared with")                                                         \
    X(sweep, sweep, "parameters to vary: key.path: list of values, or {from: a, to: b, step: c}; all combinations are run") \
    X(design, design, "points that are no grid: a list, a Latin hypercube, Sobol' or random points of ranges")              \
    X(outputs, outputs, "what is written besides the key figures")

/* Keys of `design`. name, what the JSON Schema says of it, doc */
#define CH_DESIGN_KEYS(X)                                                                                                 \
    X(kind, "\"enum\": [\"list\", \"lhs\", \"sobol\", \"random\"]",                                                       \
      "list (of points), lhs (Latin hypercube), sobol (with a digital shift, at most 40 parameters) or random")           \
    X(points, "\"type\": \"integer\", \"minimum\": 1, \"maximum\": 1000000", "how many points are drawn from the ranges") \
    X(seed, "\"type\": \"integer\", \"minimum\": 0, \"maximum\": 4294967295",                                             \
      "seed of the points, not of the runs; 1 if not given")                                                              \
    X(ranges,                                                                                                             \
      "\"type\": \"object\", \"additionalProperties\": {\"anyOf\": [{\"type\": \"array\", \"minItems\": 1}, "             \
      "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"from\", \"to\"], "                        \
      "\"properties\": {\"from\": {}, \"to\": {}, \"scale\": {\"enum\": [\"linear\", \"log\"]}}}]}",                      \
      "parameters to vary: key.path: {from: a, to: b}, also with scale: log, or words [a, b] to choose from")             \
    X(list, "\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": \"object\"}",                                    \
      "kind list: the points, each {key.path: value, ...} with the same keys")

/* Keys of a policy and of a rule beside those rows. name, doc */
#define CH_POLICY_KEYS(X)                                                                   \
    X(policy, "name of the policy")                                                         \
    X(doc, "what it does, in a sentence")                                                   \
    X(extends, "policy whose keys hold where this one is silent: a shipped name or a path") \
    X(asks, "asks for consent, with this promised benefit; absent or false: never asks")    \
    X(caps, "upper limits of messages")                                                     \
    X(rules, "what is sent, when, to whom")
#define CH_RULE_KEYS(X)                     \
    X(name, "name of the rule, for traces") \
    X(if, "conditions on facts; all must hold")

#define CH_DEFAULT_START   "2013-01-09"
#define CH_DEFAULT_KPIS(X) X(retail_profit) X(unwanted_per_person_week)

/* name of the C struct, mapping in which the keys stand ("": the policy itself), title, rows */
#define CH_POLICY_BLOCKS(X)                            \
    X(cost, "", "keys of a policy", CH_COST_ROWS)      \
    X(asks, "asks", "asks of a policy", CH_ASKS_ROWS)  \
    X(caps, "caps", "caps of a policy", CH_CAPS_ROWS)  \
    X(rule, "rule", "rules of a policy", CH_RULE_ROWS) \
    X(outputs, "outputs", "outputs", CH_OUTPUTS_ROWS)

#define X(name, path, title, ROWS) \
    struct ch_##name##_params {    \
        ROWS(CH_PARAM_FIELD)       \
    };
CH_POLICY_BLOCKS(X)
#undef X

enum ch_policy_block {
#define X(name, path, title, ROWS) CH_BLOCK_##name,
    CH_POLICY_BLOCKS(X)
#undef X
        CH_N_POLICY_BLOCKS
};

/* Rows of one block. */
const struct ch_section *ch_policy_section(enum ch_policy_block block);

/* A fact as a row: name, unit and doc from chaland/policy.h, and the range a condition may compare it with. */
const struct ch_param *ch_fact_row(enum ch_fact fact);
/* Consent level that the subject of an offer needs. */
int ch_subject_level(enum ch_subject subject);
/* "greater or equal" as ">=" and so on, in the order of enum ch_compare; n of them. */
extern const char *const ch_compare_words[];
enum { CH_N_COMPARES = CH_BELOW + 1 };

#endif
