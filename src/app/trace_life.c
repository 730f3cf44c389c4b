/* SPDX-License-Identifier: MIT
 * What follows from what in a person's life. The log does not say; the lines do: an offer from the beacon heard at that very
 * moment, its opening and the change of plan from the offer of that number, a visit from the change of plan for that store, a
 * purchase from the visit or, at a discount, from the offer for that good, an order from the purchase, the parcel from it. */
#include "app/trace.h"
#include <chaland/event.h>
#include <stdlib.h>

static bool same_store(const struct ch_story *a, const struct ch_story *b) { return a->store == b->store; }
static bool same_offer(const struct ch_story *a, const struct ch_story *b) { return a->id == b->id; }
static bool same_moment(const struct ch_story *a, const struct ch_story *b) { return a->at == b->at; }
static bool same_goods(const struct ch_story *a, const struct ch_story *b) { return a->store == b->store && a->good == b->good; }

/* An order reaches the couriers in the least time after the sale of what goes home. */
static bool orders(const struct ch_story *sale, const struct ch_story *order)
{
    return same_store(sale, order) && sale->detail >> 8 & 1 && order->at - sale->at == CH_LOOKAHEAD;
}

/* The last line of a kind before line i that fits it. */
static long last(const struct ch_life *life, size_t i, enum ch_story_kind kind,
                 bool (*fits)(const struct ch_story *a, const struct ch_story *b))
{
    for (size_t k = i; k-- > 0;)
        if (life->line[k]->kind == kind && fits(life->line[k], life->line[i]))
            return (long)k;
    return CH_TRACE_NONE;
}

static long later(long a, long b) { return a > b ? a : b; }

/* Whom the offer drew there bought because of the visit; another buys at a discount because an offer was read. */
static long cause_of_sale(const struct ch_life *life, size_t i)
{
    long visit = last(life, i, CH_STORY_visit_begins, same_store);
    if (visit >= 0 && life->line[visit]->detail)
        return visit;
    long opened = last(life, i, CH_STORY_offer_opened, same_goods), spent = last(life, i, CH_STORY_sale, same_goods);
    return life->line[i]->detail >> 16 && opened > spent ? opened : visit;
}

static long cause_of(const struct ch_life *life, size_t i)
{
    switch ((enum ch_story_kind)life->line[i]->kind) {
    case CH_STORY_offer_sent:
    case CH_STORY_consent_changed:
    case CH_STORY_wish_added:
        return later(last(life, i, CH_STORY_detected, same_moment), last(life, i, CH_STORY_noticed, same_moment));
    case CH_STORY_offer_opened:
    case CH_STORY_offer_unwanted:
        return last(life, i, CH_STORY_offer_sent, same_offer);
    case CH_STORY_offer_taken:
        return later(last(life, i, CH_STORY_offer_opened, same_offer), last(life, i, CH_STORY_offer_sent, same_offer));
    case CH_STORY_visit_begins:
        return life->line[i]->detail ? last(life, i, CH_STORY_offer_taken, same_store) : CH_TRACE_NONE;
    case CH_STORY_visit_ends:
    case CH_STORY_stockout:
        return last(life, i, CH_STORY_visit_begins, same_store);
    case CH_STORY_sale:
        return cause_of_sale(life, i);
    case CH_STORY_wish_closed:
        return last(life, i, CH_STORY_sale, same_moment);
    case CH_STORY_order:
        return last(life, i, CH_STORY_sale, orders);
    case CH_STORY_parcel:
        return last(life, i, CH_STORY_order, same_offer);
    case CH_STORY_refund:
        return last(life, i, CH_STORY_sale, same_goods);
    case CH_STORY_leg_ends: {
        long leg = CH_TRACE_NONE;
        for (size_t k = i; k-- > 0 && leg < 0;)
            leg = life->line[k]->kind == CH_STORY_leg_begins ? (long)k : leg;
        return leg;
    }
    case CH_STORY_leg_begins:
    case CH_STORY_activity_begins:
    case CH_STORY_detected:
    case CH_STORY_noticed:
    case CH_N_STORIES:
        return CH_TRACE_NONE;
    }
    return CH_TRACE_NONE;
}

enum ch_code ch_life_of(const struct ch_story_file *file, uint32_t person, struct ch_life *life, struct ch_error *error)
{
    *life = (struct ch_life){0};
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++)
        n += file->story[i].person == person;
    life->line = calloc(n + 1, sizeof *life->line);
    life->cause = calloc(n + 1, sizeof *life->cause);
    if (!life->line || !life->cause) {
        ch_life_fini(life);
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    }
    for (size_t i = 0; i < file->n; i++)
        if (file->story[i].person == person)
            life->line[life->n++] = &file->story[i];
    for (size_t i = 0; i < n; i++)
        life->cause[i] = cause_of(life, i);
    return CH_OK;
}

void ch_life_fini(struct ch_life *life)
{
    free(life->line);
    free(life->cause);
    *life = (struct ch_life){0};
}

/* ---- which day is worth telling ----------------------------------------------------------------------------------- */

static int worth(const struct ch_story *s)
{
    switch ((enum ch_story_kind)s->kind) {
    case CH_STORY_sale:
        return s->extra > 0 ? 40 : s->detail >> 16 ? 2 : 1;
    case CH_STORY_visit_begins:
        return s->detail ? 20 : 0;
    case CH_STORY_offer_taken:
        return 10;
    case CH_STORY_offer_opened:
        return 4;
    case CH_STORY_parcel:
    case CH_STORY_consent_changed:
    case CH_STORY_wish_closed:
        return 1;
    default:
        return 0;
    }
}

struct merit {
    uint32_t person;
    long day;
    int worth;
};

static int by_person_and_day(const void *a, const void *b)
{
    const struct merit *x = a, *y = b;
    return x->person != y->person ? (x->person < y->person ? -1 : 1) : x->day < y->day ? -1 : x->day > y->day;
}

void ch_trace_pick(const struct ch_story_file *file, uint32_t *person, long *day)
{
    size_t n = 0;
    int most = -1;
    struct merit *merit = malloc((file->n + 1) * sizeof *merit);
    *person = file->n ? file->story[0].person : CH_NONE;
    *day = file->n ? ch_trace_day_of(&file->story[0]) : 0;
    for (size_t i = 0; merit && i < file->n; i++)
        if (worth(&file->story[i]))
            merit[n++] = (struct merit){file->story[i].person, ch_trace_day_of(&file->story[i]), worth(&file->story[i])};
    if (n)
        qsort(merit, n, sizeof *merit, by_person_and_day);
    for (size_t i = 0; i < n;) {
        size_t k = i;
        int sum = 0;
        for (; k < n && by_person_and_day(&merit[i], &merit[k]) == 0; k++)
            sum += merit[k].worth;
        if (sum > most) {
            most = sum;
            *person = merit[i].person;
            *day = merit[i].day;
        }
        i = k;
    }
    free(merit);
}

long ch_trace_day(const struct ch_story_file *file, bool (*wanted)(const struct ch_story *s, const void *arg), const void *arg)
{
    long best = 0, day = -1;
    int most = -1, sum = 0;
    for (size_t i = 0; i < file->n; i++) {
        const struct ch_story *s = &file->story[i];
        if (ch_trace_day_of(s) != day) {
            day = ch_trace_day_of(s);
            sum = 0;
        }
        sum += wanted(s, arg) ? 1 + 4 * worth(s) : 0;
        if (sum > most && sum > 0) {
            most = sum;
            best = day;
        }
    }
    return best;
}
