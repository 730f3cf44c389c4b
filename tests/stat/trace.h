/* SPDX-License-Identifier: MIT
 * A second pair of eyes: reads the events of a run as they are handled, and keeps books of its own of money, consent and
 * messages. It knows the letters of trade.h and what their slots hold, and none of the models' state. The levels of consent
 * held at the start it asks for when the auditor does. */
#ifndef TRACE_H
#define TRACE_H

#include "../property/town.h"
#include "sim/stage.h"

/* What a posting carries (models/ledger.c): sums between pairs of accounts, from << 16 | to. */
enum { POSTED = 18 };
struct posted {
    int64_t cents[POSTED];
    uint32_t pair[POSTED];
    uint64_t unused;
};
_Static_assert(sizeof(struct posted) == 7 * sizeof(struct ch_slot), "a posting has seven slots");

/* A person's messages since their day began, and since they last set off. */
enum { TRACED_SENDERS = 16 };
struct inbox {
    unsigned today, stay;
    unsigned of_sender[TRACED_SENDERS];
    uint32_t last_sender;
    ch_time last;      /* delivery, 0: none */
    ch_time condemned; /* when it was judged a breach, 0: never */
};

struct trace {
    const struct ch_city *city;
    unsigned kind_delivered, kind_day, kind_end; /* ranks */
    /* money, cents */
    int64_t *balance;                     /* [account] */
    int64_t *to_clearing, *from_clearing; /* [retailer]: commission paid and received */
    unsigned n_commissions, n_postings;
    /* consent, from the audit letters alone */
    uint8_t *level; /* [person * n_retailers + controller] */
    uint64_t n_changes, n_reads, n_reads_above;
    bool deaf; /* a control: changes of level are missed */
    /* messages */
    unsigned needed;     /* level that every message of this policy rests on */
    struct inbox *inbox; /* [person] */
    uint64_t n_delivered;
    uint64_t n_delivered_above; /* below the level needed, as far as the letters knew */
    uint64_t n_overtaken;       /* and those whose letter of withdrawal was still under way */
    unsigned most_today, most_of_sender, most_since_end;
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

/* ---- the start: a copy of the auditor that asks for us as well; one stage and one thread at a time */

static uint8_t *trace_held;                  /* [person * n_retailers + controller] */
static const struct ch_model *trace_auditor; /* the real one */

static inline void trace_begin(struct ch_ctx *ctx)
{
    uint32_t n = ctx->city->n_retailers;
    trace_auditor->begin(ctx);
    for (uint32_t i = 0; i < ctx->city->n_people * n; i++) {
        struct ch_consent_query query = {.controller = i % n};
        ch_ask_consent(ctx, &ctx->people[i / n], &query);
        trace_held[i] = (uint8_t)query.level;
    }
}

/* From now on runs of this stage start by filling `held`. */
static inline void trace_start(struct ch_stage *stage, uint8_t *held)
{
    static struct ch_model both;
    trace_held = held;
    for (unsigned m = 0; m < stage->n_models; m++) {
        if (strcmp(stage->self[m].model->name, "auditor") != 0 || stage->self[m].model == &both)
            continue;
        trace_auditor = stage->self[m].model;
        both = *trace_auditor;
        both.begin = trace_begin;
        stage->self[m].model = &both;
    }
}

static inline struct trace trace_create(const struct ch_stage *stage)
{
    const struct ch_city *city = ch_stage_city(stage);
    struct trace trace = {.city = city};
    ck_assert_uint_le(city->n_retailers, TRACED_SENDERS);
    trace.kind_delivered = trace_kind(stage, "messages.delivered");
    trace.kind_day = trace_kind(stage, "dayplan.day_plan");
    trace.kind_end = trace_kind(stage, "dayplan.end");
    trace.balance = trace_alloc(ch_account_of_agents(city) + 1, sizeof *trace.balance);
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

/* A change is told CH_LOOKAHEAD after it was made; what was delivered in between is judged now. A level that falls and rises in
 * one event never was away. */
static inline void trace_judge(struct trace *trace, struct inbox *inbox, uint32_t controller, ch_time told, unsigned from,
                               unsigned to)
{
    if (inbox->last_sender != controller || inbox->last <= told - CH_LOOKAHEAD)
        return;
    if (from >= trace->needed && to < trace->needed) {
        trace->n_overtaken++;
        inbox->condemned = told;
    } else if (from < trace->needed && to >= trace->needed && inbox->condemned == told) {
        trace->n_overtaken--;
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
    level = kind == CH_AUDIT_ERASED ? 0 : level;
    trace->n_changes++;
    trace_judge(trace, &trace->inbox[ev->dest], controller, ch_event_time(ev), *held, level);
    if (!trace->deaf)
        *held = level;
}

static inline unsigned larger(unsigned a, unsigned b) { return a > b ? a : b; }

static inline void trace_delivered(struct trace *trace, const struct ch_event *ev)
{
    struct inbox *inbox = &trace->inbox[ev->dest];
    uint32_t sender = (uint32_t)ev->payload;
    ck_assert_uint_lt(sender, trace->city->n_retailers);
    trace->n_delivered++;
    trace->n_delivered_above += trace->level[(size_t)ev->dest * trace->city->n_retailers + sender] < trace->needed;
    trace->most_today = larger(++inbox->today, trace->most_today);
    trace->most_since_end = larger(++inbox->stay, trace->most_since_end);
    trace->most_of_sender = larger(++inbox->of_sender[sender], trace->most_of_sender);
    inbox->last_sender = sender;
    inbox->last = ch_event_time(ev);
}

/* The day's counts start anew; what was delivered last stays known. */
static inline void trace_day(struct inbox *inbox)
{
    *inbox = (struct inbox){.last_sender = inbox->last_sender, .last = inbox->last, .condemned = inbox->condemned};
}

/* For struct ch_run_options.see. The order of the events is that of their times under the oracle only. */
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
        trace_day(&trace->inbox[ev->dest]);
    else if (kind == trace->kind_end)
        trace->inbox[ev->dest].stay = 0;
}

/* One run under the oracle, watched. */
static inline struct ch_outcome trace_run(struct trace *trace, const struct town *town, const char *policy, unsigned replication)
{
    unsigned needed = trace->needed;
    bool deaf = trace->deaf;
    *trace = trace_create(town->stage);
    trace->needed = needed;
    trace->deaf = deaf;
    uint8_t *missed = trace_alloc((size_t)trace->city->n_people * trace->city->n_retailers, 1);
    trace_start(town->stage, deaf ? missed : trace->level);
    struct ch_outcome run = town_run(town, (struct ch_run_options){.policy = town_policy(town, policy),
                                                                   .replication = replication,
                                                                   .scheduler = &ch_oracle,
                                                                   .see = trace_see,
                                                                   .arg = trace});
    free(missed);
    return run;
}

#endif
