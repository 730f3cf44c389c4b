/* SPDX-License-Identifier: MIT
 * One line of the log of moments: what happened to whom, where and when. `outputs.events: on` asks for it, /events holds it,
 * `chaland trace` tells it. What the last four columns of the list below do not name is unused: 0, or CH_NONE. */
#ifndef CH_STORY_H
#define CH_STORY_H

#include <chaland/error.h>
#include <chaland/time.h>
#include <stddef.h>
#include <stdint.h>

/* name, what happened, other, detail, value, extra. `retailer` and `store` say whose; `id` names an offer or an order */
#define CH_STORIES(X)                                                                                                      \
    X(leg_begins, "sets out", "node of the goal", "mode", "m to go", "")                                                   \
    X(leg_ends, "arrives", "", "mode", "m walked or ridden", "min under way")                                              \
    X(activity_begins, "begins an activity", "", "purpose", "", "")                                                        \
    X(visit_begins, "enters a store", "", "1 if drawn by an offer", "", "")                                                \
    X(visit_ends, "leaves it", "", "1 if something was bought", "min inside", "")                                          \
    X(sale, "buys", "retailer of the wish", "motive | delivered << 8 | pooled << 9 | discount in bp << 16", "EUR paid",    \
      "EUR of commission")                                                                                                 \
    X(refund, "brings it back", "retailer of the wish", "motive", "EUR given back", "EUR of commission")                   \
    X(stockout, "does not find it on the shelf", "", "", "", "")                                                           \
    X(detected, "the app hears a beacon", "beacon", "", "m away", "")                                                      \
    X(noticed, "notices a screen", "screen", "waiting | tapped << 1", "relevance", "")                                     \
    X(offer_sent, "is sent an offer", "retailer of the wish", "rule | channel << 16 | consent level << 20 | pooled << 24", \
      "discount", "relevance")                                                                                             \
    X(offer_opened, "opens it", "", "", "", "")                                                                            \
    X(offer_taken, "goes for it", "", "1 if it is a group deal or private sale of the store", "", "")                      \
    X(offer_unwanted, "did not want it", "", "", "", "")                                                                   \
    X(consent_changed, "changes consent", "", "level before | after << 4 | withdrawn << 8", "", "")                        \
    X(wish_added, "puts a wish on a list", "retailer of the list", "slot", "desire", "")                                   \
    X(wish_closed, "a wish is closed", "retailer of the list", "slot | state << 8", "desire", "")                          \
    X(order, "an order reaches the couriers", "depot", "", "EUR of fee", "min promised")                                   \
    X(parcel, "the order ends", "courier", "1 if in time, 2 if lost, 4 if cancelled", "min since the order", "")

enum ch_story_kind {
#define X(name, doc, other, detail, value, extra) CH_STORY_##name,
    CH_STORIES(X)
#undef X
        CH_N_STORIES
};

struct ch_story {
    ch_time at;   /* since the first counted day began */
    ch_time told; /* when it was known: a moment of the passage in hand may lie ahead */
    uint64_t id;  /* 0: none */
    double value, extra;
    uint32_t person, place, store, retailer, other, detail;
    uint8_t kind;
    uint8_t good;   /* CH_N_GOODS: none */
    uint32_t order; /* of a worker's lines, while a run is under way: takes room that the struct has anyway */
};

/* What `chaland trace` reads: the lines of one run, and the names that its numbers stand for. */
struct ch_story_file {
    struct ch_story *story; /* in order of time, then person */
    size_t n;
    char **store, **retailer, **good, **rule;
    size_t n_stores, n_retailers, n_goods, n_rules;
    char *start; /* date of the first day */
};
/* The lines of one point, policy and replication. CH_INVALID if the file has no /events. */
enum ch_code ch_stories_read(const char *path, unsigned point, unsigned policy, unsigned replication, struct ch_story_file *file,
                             struct ch_error *error);
void ch_stories_fini(struct ch_story_file *file);

#endif
