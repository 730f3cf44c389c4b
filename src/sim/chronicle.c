/* SPDX-License-Identifier: MIT */
#include "sim/chronicle.h"
#include <stdlib.h>

enum { ROOM_AT_FIRST = 4096 };

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static bool follows(const struct ch_chronicle *chronicle, uint32_t person)
{
    return (double)(ch_mix(person + 1u) >> 11) * 0x1p-53 < chronicle->share;
}

static void add(struct ch_chronicle *chronicle, const struct ch_story *story)
{
    if (chronicle->n == chronicle->room) {
        size_t room = chronicle->room ? chronicle->room * 2 : ROOM_AT_FIRST;
        struct ch_story *line = realloc(chronicle->line, room * sizeof *line);
        if (!line) {
            chronicle->failed = true;
            return;
        }
        chronicle->line = line;
        chronicle->room = room;
    }
    chronicle->line[chronicle->n] = *story;
    chronicle->line[chronicle->n].order = (uint32_t)chronicle->n;
    chronicle->n++;
}

/* Fills in what every line has; those before the first counted day are left out. */
static void note(struct ch_ctx *ctx, uint32_t person, enum ch_story_kind kind, struct ch_story story)
{
    struct ch_chronicle *chronicle = *(struct ch_chronicle *const *)ctx->self->table;
    story.kind = (uint8_t)kind;
    story.person = person;
    story.place = ctx->lane.place;
    story.told = ctx->lane.now;
    story.at = story.at > ctx->lane.now ? story.at : ctx->lane.now;
    if (story.at >= ctx->counting_from && follows(chronicle, person)) {
        story.at -= ctx->counting_from;
        add(chronicle, &story);
    }
}

#define NOBODY .store = CH_NONE, .retailer = CH_NONE, .other = CH_NONE, .good = CH_N_GOODS

static uint8_t good_of(uint32_t good) { return good < CH_N_GOODS ? (uint8_t)good : CH_N_GOODS; }

static uint32_t retailer_of(const struct ch_ctx *ctx, uint32_t store)
{
    return store < ctx->city->n_stores ? ctx->city->stores[store].retailer : CH_NONE;
}

static double minutes(ch_time t) { return (double)t / (double)CH_MINUTE; }

/* ---- moments ----------------------------------------------------------------------------------------------------- */

static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    note(ctx, who->id, CH_STORY_leg_begins,
         (struct ch_story){.store = CH_NONE,
                           .retailer = CH_NONE,
                           .other = leg->to,
                           .good = CH_N_GOODS,
                           .detail = leg->mode,
                           .value = ch_distance_m(ctx->city, leg->from, leg->to)});
}

/* A walker counts his blocks; a ride goes straight there. */
static void on_leg_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    double m = leg->mode == CH_WALK ? (double)(who->step * ctx->city->block_mm) / 1000 : 0;
    note(ctx, who->id, CH_STORY_leg_ends,
         (struct ch_story){NOBODY, .detail = leg->mode, .value = m, .extra = minutes(ch_now(ctx) - leg->begun)});
}

static void on_activity_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *activity)
{
    note(ctx, who->id, CH_STORY_activity_begins, (struct ch_story){NOBODY, .detail = activity->purpose});
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    note(ctx, who->id, CH_STORY_visit_begins,
         (struct ch_story){.store = visit->store,
                           .retailer = retailer_of(ctx, visit->store),
                           .other = CH_NONE,
                           .good = good_of(visit->good),
                           .detail = visit->diverted});
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    note(ctx, who->id, CH_STORY_visit_ends,
         (struct ch_story){.store = visit->store,
                           .retailer = retailer_of(ctx, visit->store),
                           .other = CH_NONE,
                           .good = good_of(visit->good),
                           .detail = visit->bought,
                           .value = minutes(ch_now(ctx) - visit->entered)});
}

static struct ch_story of_sale(const struct ch_sale *sale)
{
    int64_t discount = sale->listed > 0 ? (sale->listed - sale->paid) * 10000 / sale->listed : 0;
    return (struct ch_story){.store = sale->store,
                             .retailer = sale->retailer,
                             .other = sale->origin,
                             .good = good_of(sale->good),
                             .detail = (uint32_t)sale->motive | (uint32_t)sale->delivered << 8 | (uint32_t)sale->attributed << 9 |
                                       (uint32_t)(discount > 0 ? discount : 0) << 16,
                             .value = (double)sale->paid / 100,
                             .extra = (double)sale->commission / 100};
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    note(ctx, who->id, CH_STORY_sale, of_sale(sale));
}

static void on_refund(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    (void)who; /* is not there */
    note(ctx, sale->person, CH_STORY_refund, of_sale(sale));
}

static void on_stockout(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    note(ctx, who->id, CH_STORY_stockout,
         (struct ch_story){
             .store = visit->store, .retailer = retailer_of(ctx, visit->store), .other = CH_NONE, .good = good_of(visit->good)});
}

static void on_detected(struct ch_ctx *ctx, struct ch_person *who, struct ch_detection *heard)
{
    note(ctx, who->id, CH_STORY_detected,
         (struct ch_story){.at = heard->at,
                           .store = heard->store,
                           .retailer = heard->controller,
                           .other = heard->beacon,
                           .good = CH_N_GOODS,
                           .value = heard->distance_m});
}

static void on_noticed(struct ch_ctx *ctx, struct ch_person *who, struct ch_notice *notice)
{
    note(ctx, who->id, CH_STORY_noticed,
         (struct ch_story){.store = CH_NONE,
                           .retailer = notice->retailer,
                           .other = notice->screen,
                           .good = good_of(notice->good),
                           .detail = (uint32_t)notice->waiting | (uint32_t)notice->tapped << 1,
                           .value = notice->relevance});
}

static struct ch_story of_offer(const struct ch_offer *offer)
{
    return (struct ch_story){
        .store = offer->store, .retailer = offer->sender, .other = CH_NONE, .good = good_of(offer->good), .id = offer->id};
}

static void on_offer_sent(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    struct ch_story story = of_offer(offer);
    story.at = offer->sent;
    story.other = offer->origin;
    story.detail = offer->rule | (uint32_t)offer->channel << 16 | (uint32_t)offer->level << 20 | (uint32_t)offer->pooled << 24;
    story.value = (double)offer->discount_bp / 10000;
    story.extra = offer->relevance;
    note(ctx, who->id, CH_STORY_offer_sent, story);
}

#define OF_OFFER(name)                                                                       \
    static void on_##name(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer) \
    {                                                                                        \
        struct ch_story story = of_offer(offer);                                             \
        story.at = offer->sent;                                                              \
        note(ctx, who->id, CH_STORY_##name, story);                                          \
    }
OF_OFFER(offer_opened)
OF_OFFER(offer_unwanted)

/* Deals of the stores' own come from no rule. */
static void on_offer_taken(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    struct ch_story story = of_offer(offer);
    story.at = offer->sent;
    story.detail = offer->rule >= ctx->policy->n_rules;
    note(ctx, who->id, CH_STORY_offer_taken, story);
}

static void on_consent_changed(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent *consent)
{
    note(ctx, who->id, CH_STORY_consent_changed,
         (struct ch_story){.store = CH_NONE,
                           .retailer = consent->controller,
                           .other = CH_NONE,
                           .good = CH_N_GOODS,
                           .detail = consent->from | (uint32_t)consent->to << 4 | (uint32_t)consent->withdrawn << 8});
}

static struct ch_story of_wish(const struct ch_wish *wish, uint32_t state)
{
    return (struct ch_story){.store = CH_NONE,
                             .retailer = CH_NONE,
                             .other = wish->origin,
                             .good = good_of(wish->good),
                             .detail = wish->slot | state << 8,
                             .value = wish->desire};
}

static void on_wish_added(struct ch_ctx *ctx, struct ch_person *who, struct ch_wish *wish)
{
    note(ctx, who->id, CH_STORY_wish_added, of_wish(wish, 0));
}

static void on_wish_closed(struct ch_ctx *ctx, struct ch_person *who, struct ch_wish *wish)
{
    note(ctx, who->id, CH_STORY_wish_closed, of_wish(wish, (uint32_t)wish->state));
}

/* At the home, or at the dispatch centre: nobody need be there. */
static void on_order_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_order_end *end)
{
    (void)who;
    const struct ch_parcel *parcel = end->parcel;
    const uint32_t how[] = {
        [CH_ORDER_DELIVERED] = ch_now(ctx) <= parcel->promised, [CH_ORDER_LOST] = 2, [CH_ORDER_CANCELLED] = 4};
    note(ctx, parcel->person, CH_STORY_parcel,
         (struct ch_story){.id = parcel->order,
                           .store = parcel->store,
                           .retailer = retailer_of(ctx, parcel->store),
                           .other = parcel->courier,
                           .good = CH_N_GOODS,
                           .detail = how[end->how],
                           .value = minutes(ch_now(ctx) - parcel->ordered)});
}

/* Delivery and commission are decided while the models hear of the sale. */
static void after_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    struct ch_chronicle *chronicle = *(struct ch_chronicle *const *)ctx->self->table;
    const struct ch_story told = of_sale(sale);
    for (size_t i = chronicle->n; i-- > 0 && chronicle->line[i].told == ch_now(ctx);)
        if (chronicle->line[i].kind == CH_STORY_sale && chronicle->line[i].person == who->id) {
            chronicle->line[i].detail = told.detail;
            chronicle->line[i].extra = told.extra;
            return;
        }
}

const struct ch_model ch_chronicle_after = {.name = "chronicle", .on_sale = after_sale};

const struct ch_model ch_chronicle_listener = {
    .name = "chronicle",
    .on_leg_begins = on_leg_begins,
    .on_leg_ends = on_leg_ends,
    .on_activity_begins = on_activity_begins,
    .on_visit_begins = on_visit_begins,
    .on_visit_ends = on_visit_ends,
    .on_sale = on_sale,
    .on_refund = on_refund,
    .on_stockout = on_stockout,
    .on_detected = on_detected,
    .on_noticed = on_noticed,
    .on_offer_sent = on_offer_sent,
    .on_offer_opened = on_offer_opened,
    .on_offer_taken = on_offer_taken,
    .on_offer_unwanted = on_offer_unwanted,
    .on_consent_changed = on_consent_changed,
    .on_wish_added = on_wish_added,
    .on_wish_closed = on_wish_closed,
    .on_order_ends = on_order_ends,
};

/* ---- letters ----------------------------------------------------------------------------------------------------- */

void ch_chronicle_letter(struct ch_chronicle *chronicle, const struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_parcel parcel;
    if (ch_event_kind(ev) != CH_LETTER_order || ch_now(ctx) < ctx->counting_from)
        return;
    memcpy(&parcel, ch_event_slots(ev), sizeof parcel);
    struct ch_story story = {.at = ch_now(ctx) - ctx->counting_from,
                             .told = ch_now(ctx),
                             .id = parcel.order,
                             .person = parcel.person,
                             .place = ctx->lane.place,
                             .store = parcel.store,
                             .retailer = retailer_of(ctx, parcel.store),
                             .other = parcel.depot,
                             .kind = CH_STORY_order,
                             .good = CH_N_GOODS,
                             .value = (double)parcel.fee / 100,
                             .extra = minutes(parcel.promised - parcel.ordered)};
    if (follows(chronicle, parcel.person))
        add(chronicle, &story);
}

bool ch_chronicle_append(struct ch_chronicle *chronicle, const void *lines, size_t n)
{
    size_t room = chronicle->n + n;
    struct ch_story *line = room > chronicle->room ? realloc(chronicle->line, room * sizeof *line) : chronicle->line;
    if (n == 0)
        return true;
    if (!line)
        return false;
    chronicle->line = line;
    chronicle->room = room > chronicle->room ? room : chronicle->room;
    memcpy(line + chronicle->n, lines, n * sizeof *line);
    chronicle->n += n;
    return true;
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

/* What is told at one place and moment one worker wrote, and it knows in which order. */
static int compare(const void *a, const void *b)
{
    const struct ch_story *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    if (x->told != y->told)
        return x->told < y->told ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

enum ch_code ch_chronicle_gather(const struct ch_chronicle *chronicle, unsigned workers, struct ch_story **story, size_t *n,
                                 struct ch_error *error)
{
    bool failed = false;
    *n = 0;
    for (unsigned w = 0; w < workers; w++) {
        failed |= chronicle[w].failed;
        *n += chronicle[w].n;
    }
    *story = failed ? NULL : malloc((*n + 1) * sizeof **story);
    if (!*story) {
        *n = 0;
        return ch_fail(error, CH_TOO_BIG, "out of memory for the log of moments; follow fewer people: outputs.events_share");
    }
    size_t at = 0;
    for (unsigned w = 0; w < workers; w++) {
        if (chronicle[w].n)
            memcpy(*story + at, chronicle[w].line, chronicle[w].n * sizeof **story);
        at += chronicle[w].n;
    }
    qsort(*story, *n, sizeof **story, compare);
    return CH_OK;
}

void ch_chronicle_fini(struct ch_chronicle *chronicle)
{
    free(chronicle->line);
    *chronicle = (struct ch_chronicle){0};
}
