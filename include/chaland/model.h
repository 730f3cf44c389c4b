/* SPDX-License-Identifier: MIT
 * What a model is, and what it may call: the only header a model needs.
 *
 * A model is one file in models/ and one line MODEL(number, name) in models/models.def. The file holds, top to bottom: what it
 * stands for; up to four lists of rows; state structs; static handlers; the descriptor. Handlers are pure: no I/O, no
 * malloc, no OpenMP, no writable statics. They touch what stands at ctx->lane.place, nothing else. */
#ifndef CHALAND_MODEL_H
#define CHALAND_MODEL_H

#include <chaland/assert.h>
#include <chaland/error.h>
#include <chaland/event.h>
#include <chaland/lists.h>
#include <chaland/numeric.h>
#include <chaland/row.h>
#include <chaland/trade.h>
#include <string.h>

struct ch_ctx;
struct ch_model;

typedef void (*ch_handler)(struct ch_ctx *ctx, const struct ch_event *ev);

/* Single-threaded preparation of what is const during runs. */
struct ch_setup {
    const struct ch_city *city;
    const void *params;                         /* of this model */
    const void *const *item_params[CH_N_ITEMS]; /* [kind][item]: override of this model's params, or NULL; [kind] may be NULL */
    ch_time lookahead;
    uint32_t first_row;       /* of this model's published rows */
    struct ch_survey *survey; /* of all models; NULL on a test bench */
    void *workshop;           /* private */
    struct ch_error *error;   /* first complaint ends the set-up: ch_setup_refuse */
};
/* Which parameter will not do, and what might help. */
struct ch_blame {
    const char *param; /* its name in this model's section; one of another section with its path: "city.stores" */
    const char *other; /* one that it contradicts, or NULL: its value is told as well */
    int value;         /* of a LIST: which one is wrong, from 1; 0: all */
    bool of_item;      /* what holds for this item is meant */
    enum ch_item kind;
    uint32_t item;
    const char *hint;
};
/* Refuses the scenario, which ends the set-up: "section.param is FOUND; allowed: ...", at the place where it was written. */
void ch_setup_refuse(const struct ch_setup *setup, struct ch_blame blame, const char *allowed, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;
/* Zeroed memory that lives as long as the stage. Never NULL: when memory runs out the set-up ends in this call. */
void *ch_setup_alloc(struct ch_setup *setup, size_t count, size_t size);
/* Calls work(arg, first, end) until each of 0 .. n - 1 was in one range, on all threads: for long tables, whose entries do not
 * depend on each other. Within `work` nothing may be allocated, and nobody complains. */
void ch_setup_each(const struct ch_setup *setup, size_t n, void (*work)(void *arg, size_t first, size_t end), void *arg);

/* A look at everything, at a model time between events, by one thread: for conservation checks. */
struct ch_audit {
    struct ch_ctx *ctx;     /* ctx->self is the model's; every accessor works, for every person and place */
    bool final;             /* at the end of the run */
    struct ch_error *error; /* ch_fail(audit->error, CH_INTERNAL, ...) when something is not conserved */
    void (*each_pending)(const struct ch_audit *audit, void (*see)(void *arg, const struct ch_event *ev), void *arg);
    unsigned (*letter_kind)(const struct ch_audit *audit,
                            enum ch_letter letter); /* rank of a letter, to compare with ch_event_kind */
    const void *scheduler;                          /* private */
};

struct ch_model {
    const char *name;      /* of the file and of the default section */
    const char *section;   /* path of the scenario section, NULL: name; e.g. "wishlist.pool" */
    const char *title;     /* one line for the reference */
    const char *mechanism; /* "M09" */
    unsigned items;        /* kinds of items whose overrides it heeds: CH_HEEDS(STORE) | CH_HEEDS(SCREEN); others are refused */
    /* rows */
    const struct ch_param *param;
    unsigned n_params;
    size_t params_size;
    const struct ch_message *message;
    const ch_handler *handler; /* one per message */
    unsigned n_messages;
    const struct ch_probe *probe;
    unsigned n_probes;
    const struct ch_draw_row *draw;
    unsigned n_draws;
    /* does this scenario want it? NULL: always. Who is not wanted takes no part: no state, no tables, hears and answers nothing;
     * its KPIs stay, at nothing */
    bool (*wanted)(const void *params);
    /* state, zeroed at the start of a run */
    size_t person_size, place_size, store_size;
    /* What waits to be added up by a thread. It is chance which thread meets what: only sums may come of it. */
    size_t worker_size;
    bool passing; /* each of its messages is a person, dest, who mostly passes by: a hint of what to fetch early, see src/sim */
    /* Bit m: message m brings the body of dest along. It is sent just after ch_hand_over, and no other message is. */
    uint32_t carries;
    size_t app_size;                                     /* of people with the app, and of nobody else */
    size_t (*app_bytes)(const struct ch_city *city);     /* in addition, e.g. two bits per retailer; may be NULL */
    size_t (*clearing_size)(const struct ch_city *city); /* state at the clearing house; may be NULL */
    size_t (*dispatch_size)(const struct ch_city *city, uint32_t depot); /* state at a depot's dispatch centre; may be NULL */
    uint32_t (*rows)(const struct ch_city *city);                        /* how many published rows it owns; may be NULL */
    double (*pending)(const void *table); /* events and slots that it keeps waiting, to foretell memory; may be NULL */
    int64_t (*row_start)(const struct ch_setup *setup, const void *table, uint32_t row); /* value at time 0; NULL: 0 */
    /* set-up: `tabulate` returns what ch_table(ctx) gives (per design point), `tabulate_world` fills weather or calendar
     * (per replication) */
    const void *(*tabulate)(struct ch_setup *setup);
    void (*tabulate_world)(const void *params, struct ch_world *world, const uint16_t *purpose);
    /* start of a run, place by place: place, its stores, its residents; may send */
    void (*start_place)(struct ch_ctx *ctx);
    void (*start_store)(struct ch_ctx *ctx, uint32_t store);
    void (*start_person)(struct ch_ctx *ctx, struct ch_person *who);
    /* when all have started, before the first event, single-threaded: may ask about everybody, sends nothing */
    void (*begin)(struct ch_ctx *ctx);
    /* adds up what waits: called for each worker between events, before counters are cleared, and before `finish` */
    void (*settle)(struct ch_ctx *ctx);
    /* end of a run, single-threaded: forms VALUE probes, closes time averages; `audit` runs daily and before it, beside those of
     * other models: it writes nothing but its own model's state */
    void (*finish)(struct ch_ctx *ctx);
    void (*audit)(const struct ch_audit *audit);
    /* moments, questions, letters */
#define X(name, what, doc) void (*on_##name)(struct ch_ctx * ctx, struct ch_person * who, struct what * what);
    CH_MOMENTS(X)
#undef X
#define X(name, what, doc) void (*answer_##name)(struct ch_ctx * ctx, struct ch_person * who, struct what * what);
    CH_QUESTIONS(X)
#undef X
#define X(name, least, slots, doc) void (*take_##name)(struct ch_ctx * ctx, const struct ch_event *ev);
    CH_LETTERS(X)
#undef X
};

#define CH_HEEDS(kind) (1u << CH_ITEM_##kind)

/* One model within one run, as one worker sees it. */
struct ch_self {
    const struct ch_model *model;
    const void *params;
    const void *table;                     /* what tabulate returned */
    const void *const *const *item_params; /* [kind][item] */
    size_t person_at, store_at;            /* offsets of its state */
    size_t place_at, place_step;           /* of place 0, and from one place to the next */
    size_t app_at, app_bytes_at;
    size_t clearing_at;
    const size_t *dispatch_at; /* [depot] */
    unsigned first_kind;       /* rank of its first message */
    uint16_t first_purpose;    /* number << 5: up to 32 draws per model */
    uint32_t first_row;
    int64_t *const *acc; /* [probe]: this worker's accumulator */
    void *waiting;       /* worker_size bytes of this worker */
};

struct ch_chains;

/* What the calendar and the sky say for the hour in hand: handlers ask at each corner, and dividing by hours and days is slow. */
struct ch_clock {
    ch_time ends; /* of this hour */
    const struct ch_world_day *today;
    const struct ch_sky_step *weather;
    size_t map_row; /* hour of the week times nodes: where this hour's cells of a MAP begin */
};

/* What a handler gets. */
struct ch_ctx {
    struct ch_lane lane;          /* first: the scheduler fills it */
    const struct ch_self *self;   /* the model in hand */
    const struct ch_self *selves; /* all, in the order of models.def */
    const struct ch_chains *chains;
    struct ch_key key;
    const struct ch_city *city;
    const struct ch_world *world;
    const struct ch_policy *policy;
    ch_time counting_from; /* end of the warm-up */
    ch_time end;
    struct ch_clock clock; /* ch_clock(ctx) */
    struct ch_person *people;
    unsigned char *person_state;
    unsigned char *app_state;
    unsigned char *place_state;
    unsigned char *store_state;
    unsigned char *clearing_state;
    unsigned char *dispatch_state;
    size_t person_stride, app_stride, store_stride;
    uint32_t *owner; /* CH_DEBUG: place that may touch each person */
    bool audit;      /* inside an audit or finish: everything may be read */
};

/* ---- what a model may call --------------------------------------------------------------------------------------- */

static inline ch_time ch_now(const struct ch_ctx *ctx) { return ctx->lane.now; }
static inline uint32_t ch_here(const struct ch_ctx *ctx) { return ctx->lane.place; }
/* The hour that holds now. */
void ch_set_clock(struct ch_ctx *ctx);
static inline const struct ch_clock *ch_clock(struct ch_ctx *ctx)
{
    if ((uint64_t)(ctx->clock.ends - 1 - ctx->lane.now) >= (uint64_t)CH_HOUR)
        ch_set_clock(ctx);
    return &ctx->clock;
}
static inline const void *ch_params_of(const struct ch_ctx *ctx) { return ctx->self->params; }
static inline const void *ch_table(const struct ch_ctx *ctx) { return ctx->self->table; }

/* The parameters that hold for one item: its own override, or the model's. */
static inline const void *ch_item_params(const struct ch_ctx *ctx, enum ch_item kind, uint32_t item)
{
    const void *const *list = ctx->self->item_params ? ctx->self->item_params[kind] : NULL;
    return list && list[item] ? list[item] : ctx->self->params;
}

/* The person's record. The body must be here (checked in debug builds). */
enum { CH_IN_TRANSIT = 0x40000000 };
static inline struct ch_person *ch_person(struct ch_ctx *ctx, uint32_t id)
{
    CH_ASSERT(id < ctx->city->n_people);
#ifdef CH_DEBUG
    if (!ctx->audit) {
        if (ctx->owner[id] == (ctx->lane.place | CH_IN_TRANSIT))
            ctx->owner[id] = ctx->lane.place;
        CH_ASSERT(ctx->owner[id] == ctx->lane.place && "handler touched a person whose body is elsewhere");
    }
#endif
    return &ctx->people[id];
}

static inline uint32_t ch_home(const struct ch_ctx *ctx, const struct ch_person *who) { return ctx->city->people[who->id].home; }
/* CH_NONE if none */
static inline uint32_t ch_work(const struct ch_ctx *ctx, const struct ch_person *who) { return ctx->city->people[who->id].work; }

/* How long the person expects to walk from one node to another, s: by blocks, at the pace of a fair day. */
static inline double ch_walk_s(const struct ch_ctx *ctx, const struct ch_person *who, uint32_t from, uint32_t to)
{
    return ch_distance_m(ctx->city, from, to) * 1000 / who->speed_mm_s;
}

/* Gives the person up to another place, just before the event that carries it there is sent. */
static inline void ch_hand_over(struct ch_ctx *ctx, const struct ch_person *who, uint32_t place)
{
#ifdef CH_DEBUG
    CH_ASSERT(ctx->owner[who->id] == ctx->lane.place);
    ctx->owner[who->id] = place | CH_IN_TRANSIT;
#else
    (void)ctx;
    (void)who;
    (void)place;
#endif
}

/* This model's own state of a person, of the place in hand, of a store standing here. */
static inline void *ch_of_person(struct ch_ctx *ctx, const struct ch_person *who)
{
    CH_ASSERT(ctx->audit || ctx->owner[who->id] == ctx->lane.place);
    return ctx->person_state + who->id * ctx->person_stride + ctx->self->person_at;
}
static inline unsigned char *ch_record_of_app(struct ch_ctx *ctx, const struct ch_person *who)
{
    CH_ASSERT(ctx->audit || ctx->owner[who->id] == ctx->lane.place);
    CH_REQUIRE(who->device & CH_APP);
    return ctx->app_state + ch_app_number(ctx->city, who->id) * ctx->app_stride;
}
/* This model's state of a person with the app. */
static inline void *ch_of_app(struct ch_ctx *ctx, const struct ch_person *who)
{
    return ch_record_of_app(ctx, who) + ctx->self->app_at;
}
/* The same, NULL for who has no app. */
static inline void *ch_of_app_if_any(struct ch_ctx *ctx, const struct ch_person *who)
{
    return who->device & CH_APP ? ch_of_app(ctx, who) : NULL;
}
/* The extra bytes asked for by app_bytes. */
static inline unsigned char *ch_bytes_of_app(struct ch_ctx *ctx, const struct ch_person *who)
{
    return ch_record_of_app(ctx, who) + ctx->self->app_bytes_at;
}
static inline void *ch_of_place(struct ch_ctx *ctx)
{
    return ctx->place_state + ctx->self->place_at + (size_t)ctx->lane.place * ctx->self->place_step;
}
static inline void *ch_of_store(struct ch_ctx *ctx, uint32_t store)
{
    CH_ASSERT(ctx->audit || ctx->city->stores[store].node == ctx->lane.place);
    return ctx->store_state + (size_t)store * ctx->store_stride + ctx->self->store_at;
}
static inline void *ch_of_worker(struct ch_ctx *ctx) { return ctx->self->waiting; }

/* This model's state at the clearing house, and at the dispatch centre in hand. */
static inline void *ch_of_clearing(struct ch_ctx *ctx)
{
    CH_ASSERT(ctx->audit || ctx->lane.place == ctx->city->clearing);
    return ctx->clearing_state + ctx->self->clearing_at;
}
static inline void *ch_of_dispatch(struct ch_ctx *ctx, uint32_t depot)
{
    CH_ASSERT(ctx->audit || ctx->lane.place == ctx->city->first_dispatch + depot);
    return ctx->dispatch_state + ctx->self->dispatch_at[depot];
}

/* Sends one of this model's own messages; `message` is MSG_<name>. */
static inline void ch_send(struct ch_ctx *ctx, unsigned message, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload)
{
    ch_lane_send(&ctx->lane, ctx->self->first_kind + message, place, dest, delay, payload, NULL);
}
static inline void ch_send_slots(struct ch_ctx *ctx, unsigned message, uint32_t place, uint32_t dest, ch_time delay,
                                 uint64_t payload, const struct ch_slot *slots)
{
    ch_lane_send(&ctx->lane, ctx->self->first_kind + message, place, dest, delay, payload, slots);
}
/* Sends a letter of trade.h. Letters have the lowest ranks. */
static inline void ch_send_letter(struct ch_ctx *ctx, enum ch_letter letter, uint32_t place, uint32_t dest, ch_time delay,
                                  uint64_t payload, const struct ch_slot *slots)
{
    ch_lane_send(&ctx->lane, (unsigned)letter, place, dest, delay, payload, slots);
}

/* Published rows of this model: row 0 .. rows(city) - 1. Publish only from the owner's place. */
static inline void ch_publish(struct ch_ctx *ctx, uint32_t row, int64_t value)
{
    ch_lane_publish(&ctx->lane, ctx->self->first_row + row, value);
}
static inline int64_t ch_published(const struct ch_ctx *ctx, uint32_t row)
{
    return ch_lane_published(&ctx->lane, ctx->self->first_row + row);
}

/* Opens the stream of one decision; `draw` is DRAW_<name>. */
static inline struct ch_draw ch_draw(const struct ch_ctx *ctx, unsigned draw, uint32_t entity, uint64_t occasion)
{
    return ch_draw_open(ctx->key, entity, (uint16_t)(ctx->self->first_purpose + draw), occasion);
}

/* Probes; `probe` is PROBE_<name>. Counting is switched on at the end of the warm-up by clearing the accumulators. */
static inline void ch_add(struct ch_ctx *ctx, unsigned probe, int64_t amount) { ctx->self->acc[probe][0] += amount; } /* SUM */
static inline void ch_ratio(struct ch_ctx *ctx, unsigned probe, int64_t numerator, int64_t denominator)               /* RATIO */
{
    ctx->self->acc[probe][0] += numerator;
    ctx->self->acc[probe][1] += denominator;
}
static inline void ch_observe(struct ch_ctx *ctx, unsigned probe, int64_t value) /* MEAN, P95, P50 */
{
    int64_t *acc = ctx->self->acc[probe];
    const struct ch_probe *row = &ctx->self->model->probe[probe];
    acc[0] += value;
    acc[1] += 1;
    if (row->reducer >= CH_REDUCE_P95) {
        int64_t bin = value <= 0 ? 0 : value / row->bin;
        acc[2 + (bin < CH_HISTOGRAM_BINS ? bin : CH_HISTOGRAM_BINS - 1)] += 1;
    }
}
static inline void ch_add_at(struct ch_ctx *ctx, unsigned probe, uint32_t index,
                             int64_t amount) /* STORE, RETAILER, COURIER, DAILY */
{
    ctx->self->acc[probe][index] += amount;
}
static inline void ch_add_pair(struct ch_ctx *ctx, unsigned probe, uint32_t payer, uint32_t payee, int64_t amount) /* PAIR */
{
    uint32_t n = ctx->city->n_retailers;
    if (n <= CH_PAIRS_MAX)
        ctx->self->acc[probe][(size_t)payer * n + payee] += amount;
}
static inline void ch_add_today(struct ch_ctx *ctx, unsigned probe, int64_t amount)
{
    ch_add_at(ctx, probe, ch_day_of(ctx->lane.now), amount);
} /* DAILY */
/* MAP: at the place in hand (a node), hour of the week from Monday 00:00. The array is shared; the place owns its cells. */
static inline void ch_add_map(struct ch_ctx *ctx, unsigned probe, int64_t amount)
{
    ctx->self->acc[probe][ch_clock(ctx)->map_row + ctx->lane.place] += amount;
}
/* The same for what a model has kept back: `hour` counts from the start. Where nothing else runs, for any node. */
static inline void ch_add_map_in(struct ch_ctx *ctx, unsigned probe, uint32_t node, uint32_t hour, int64_t amount)
{
    size_t row = ch_today(ctx->world, hour * CH_HOUR)->weekday * 24u + hour % 24;
    ctx->self->acc[probe][row * ctx->city->n_nodes + node] += amount;
}
/* VALUE, in finish only: a double kept by its bits. */
static inline void ch_set_value(struct ch_ctx *ctx, unsigned probe, double value)
{
    memcpy(ctx->self->acc[probe], &value, sizeof value);
}

/* The only door to what a person consented to show. Asks for the level held with `controller`; says yes if it is at least
 * `level`, and writes the read in the audit log; else counts a refusal and says no. Level 0 is always allowed. */
bool ch_may_read(struct ch_ctx *ctx, struct ch_person *who, uint32_t controller, int level);

/* ---- moments and questions: ch_tell_<name>(ctx, who, &what), ch_ask_<name>(ctx, who, &what) ----------------------- */

enum { CH_MODELS_MAX = 48 };

#define CH_CHAIN(name, what)                                                                        \
    struct {                                                                                        \
        unsigned n;                                                                                 \
        uint32_t self_at[CH_MODELS_MAX]; /* byte in ctx->selves of who is called */                 \
        void (*call[CH_MODELS_MAX])(struct ch_ctx * ctx, struct ch_person *who, struct what *what); \
    } name;
struct ch_chains {
#define X(name, what, doc) CH_CHAIN(name, what)
    CH_MOMENTS(X)
    CH_QUESTIONS(X)
#undef X
};

static inline const struct ch_self *ch_self_at(const struct ch_ctx *ctx, uint32_t at)
{
    return (const struct ch_self *)(const void *)((const char *)ctx->selves + at);
}

#define CH_CHAIN_CALL(prefix, name, what_)                                                         \
    static inline void prefix##name(struct ch_ctx *ctx, struct ch_person *who, struct what_ *what) \
    {                                                                                              \
        const struct ch_self *caller = ctx->self;                                                  \
        const struct ch_chains *chains = ctx->chains;                                              \
        for (unsigned i = 0, n = chains->name.n; i < n; i++) {                                     \
            ctx->self = ch_self_at(ctx, chains->name.self_at[i]);                                  \
            chains->name.call[i](ctx, who, what);                                                  \
        }                                                                                          \
        ctx->self = caller;                                                                        \
    }
#define X(name, what, doc) CH_CHAIN_CALL(ch_tell_, name, what)
CH_MOMENTS(X)
#undef X
#define X(name, what, doc) CH_CHAIN_CALL(ch_ask_, name, what)
CH_QUESTIONS(X)
#undef X

/* Short forms of frequent conversations: with the model of consent, as to what a retailer may know now, and what was granted
 * whether or not the phone is open to it now; with the ledger. */
static inline int ch_level_open_to(struct ch_ctx *ctx, struct ch_person *who, uint32_t retailer)
{
    struct ch_consent_query query = {.controller = retailer};
    if (who->consent)
        ch_ask_consent(ctx, who, &query);
    return query.level;
}
static inline int ch_level_granted(struct ch_ctx *ctx, struct ch_person *who, uint32_t retailer)
{
    struct ch_consent_query query = {.controller = retailer, .held = true};
    if (who->consent)
        ch_ask_consent(ctx, who, &query);
    return query.level;
}
/* The first retailer from `from` on with whom a level is held, and that level; CH_NONE: no more. */
static inline uint32_t ch_next_granted(struct ch_ctx *ctx, struct ch_person *who, uint32_t from, int *level)
{
    struct ch_grant grant = {.from = from, .controller = CH_NONE};
    if (who->consent)
        ch_ask_grant(ctx, who, &grant);
    *level = grant.level;
    return grant.controller;
}

static inline void ch_pay(struct ch_ctx *ctx, struct ch_person *who, uint32_t from, uint32_t to, ch_cents cents,
                          enum ch_reason reason)
{
    struct ch_transfer transfer = {.from = from, .to = to, .cents = cents, .reason = reason};
    if (cents)
        ch_tell_transfer(ctx, who, &transfer);
}

#endif
