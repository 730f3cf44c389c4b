/* SPDX-License-Identifier: MIT
 * A second pair of eyes: reads the events of a run as they are handled, and keeps books of its own of money, consent and
 * messages. It knows the letters of trade.h and what their slots hold, and none of the models' state. One thread. */
#ifndef TRACE_H
#define TRACE_H

#include "sim/sim.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* What a posting carries (models/ledger.c): sums between pairs of accounts, from << 16 | to. */
enum { POSTED = 18 };
struct posted {
    int64_t cents[POSTED];
    uint32_t pair[POSTED];
    uint64_t unused;
};
_Static_assert(sizeof(struct posted) == 7 * sizeof(struct ch_slot), "a posting has seven slots");

/* A person's messages since their day began. */
enum { TRACED_SENDERS = 16 };
struct inbox {
    unsigned today, stay;
    unsigned of_sender[TRACED_SENDERS];
};

struct trace {
    const struct ch_city *city;
    unsigned kind_delivered, kind_day, kind_end, kind_browse; /* ranks */
    /* money, cents */
    int64_t *balance;                      /* [account] */
    int64_t *to_clearing, *from_clearing;  /* [retailer]: commission paid and received */
    unsigned n_commissions, n_postings;
    /* consent, from the audit letters alone */
    uint8_t *level;                        /* [person * n_retailers + controller] */
    uint64_t n_changes, n_reads, n_reads_above;
    bool deaf;                             /* a control: changes of level are missed */
    /* messages */
    struct inbox *inbox;                   /* [person] */
    uint64_t n_delivered;
    unsigned most_today, most_of_sender, most_in_stay;
};

static inline unsigned trace_kind(const struct ch_stage *stage, const char *name)
{
    unsigned n, i = 0;
    const struct ch_kind *kind = ch_stage_kinds(stage, &n);
    while (i < n && strcmp(kind[i].name, name) != 0)
        i++;
    ck_assert_msg(i < n, "no kind of event '%s'", name);
    return i;
}

static inline void *trace_alloc(size_t n, size_t size)
{
    void *memory = calloc(n + 1, size);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

static inline struct trace trace_create(const struct ch_stage *stage)
{
    const struct ch_city *city = ch_stage_city(stage);
    struct trace trace = {.city = city};
    ck_assert_uint_le(city->n_retailers, TRACED_SENDERS);
    trace.kind_delivered = trace_kind(stage, "messages.delivered");
    trace.kind_day = trace_kind(stage, "dayplan.day_plan");
    trace.kind_end = trace_kind(stage, "dayplan.end");
    trace.kind_browse = trace_kind(stage, "visit.browse_end");
    trace.balance = trace_alloc(CH_ACC_RETAILER + city->n_retailers, sizeof *trace.balance);
    trace.to_clearing = trace_alloc(city->n_retailers, sizeof *trace.to_clearing);
    trace.from_clearing = trace_alloc(city->n_retailers, sizeof *trace.from_clearing);
    trace.level = trace_alloc((size_t)city->n_people * city->n_retailers, 1);
    trace.inbox = trace_alloc(city->n_people, sizeof *trace.inbox);
    return trace;
}

static inline void trace_destroy(struct trace *trace)
{
    free(trace->balance);
    free(trace->to_clearing);
    free(trace->from_clearing);
    free(trace->level);
    free(trace->inbox);
}

static inline void trace_posting(struct trace *trace, const struct ch_event *ev)
{
    struct posted posted;
    memcpy(&posted, ch_event_slots(ev), sizeof posted);
    trace->n_postings++;
    for (uint64_t i = 0; i < ev->payload; i++) {
        uint32_t from = posted.pair[i] >> 16, to = posted.pair[i] & 0xffff;
        trace->balance[from] -= posted.cents[i];
        trace->balance[to] += posted.cents[i];
        if (to == CH_ACC_CLEARING) {
            ck_assert_uint_ge(from, CH_ACC_RETAILER);
            trace->to_clearing[from - CH_ACC_RETAILER] += posted.cents[i];
            trace->n_commissions++;
        } else if (from == CH_ACC_CLEARING) {
            ck_assert_uint_ge(to, CH_ACC_RETAILER);
            trace->from_clearing[to - CH_ACC_RETAILER] += posted.cents[i];
        }
    }
}

static inline void trace_audit(struct trace *trace, const struct ch_event *ev)
{
    enum ch_audit_kind kind = (enum ch_audit_kind)(ev->payload >> 40);
    uint8_t level = (uint8_t)(ev->payload >> 32 & 255u);
    uint32_t controller = (uint32_t)ev->payload;
    ck_assert_uint_lt(controller, trace->city->n_retailers);
    uint8_t *held = &trace->level[(size_t)ev->dest * trace->city->n_retailers + controller];
    if (kind == CH_AUDIT_READ) {
        trace->n_reads++;
        trace->n_reads_above += *held < level;
        return;
    }
    trace->n_changes++;
    if (!trace->deaf)
        *held = kind == CH_AUDIT_ERASED ? 0 : level;
}

static inline unsigned at_most(unsigned a, unsigned b) { return a > b ? a : b; }

static inline void trace_delivered(struct trace *trace, const struct ch_event *ev)
{
    struct inbox *inbox = &trace->inbox[ev->dest];
    uint32_t sender = (uint32_t)ev->payload;
    ck_assert_uint_lt(sender, trace->city->n_retailers);
    trace->n_delivered++;
    trace->most_today = at_most(++inbox->today, trace->most_today);
    trace->most_in_stay = at_most(++inbox->stay, trace->most_in_stay);
    trace->most_of_sender = at_most(++inbox->of_sender[sender], trace->most_of_sender);
}

/* For struct ch_run_options.see, with one worker. */
static inline void trace_see(void *arg, const struct ch_event *ev, uint32_t kind_id, unsigned slots)
{
    struct trace *trace = arg;
    unsigned kind = ch_event_kind(ev);
    (void)kind_id;
    (void)slots;
    if (kind == CH_LETTER_posting)
        trace_posting(trace, ev);
    else if (kind == CH_LETTER_audit)
        trace_audit(trace, ev);
    else if (kind == trace->kind_delivered)
        trace_delivered(trace, ev);
    else if (kind == trace->kind_day)
        memset(&trace->inbox[ev->dest], 0, sizeof *trace->inbox);
    else if (kind == trace->kind_end)
        trace->inbox[ev->dest].stay = 0;
}

#endif
