/* SPDX-License-Identifier: MIT
 * A desk for testing models/messages.c: one phone, three retailers, four stores, and answers to every question the model asks. */
#ifndef MESSAGES_DESK_H
#define MESSAGES_DESK_H

#define ch_may_read ch_may_read_here /* the real one needs a run around it */
#include "tables_kept.h"
#include <check.h>
#include <math.h>

#define ch_model_messages ch_model_messages_here
#include "../../models/messages.c"
#undef ch_model_messages

static const double Z_MAX = 4.892;
enum { RETAILERS = 3, STORES = 4, PEOPLE = 300, NODES = 9, SENDS_MAX = 2 * PEOPLE + 1 };

/* What the test says when asked, and what it was asked and told. */
static struct {
    int level[RETAILERS];
    double match, desire; /* of an open wish; no wish when match is 0 */
    uint32_t wish_good;
    bool available;
    unsigned consent_asked, wishes_asked, asks;
    unsigned sent, opened, taken, unwanted;
    struct ch_offer last;
    unsigned n_events;
    unsigned event[SENDS_MAX];
    ch_time delay[SENDS_MAX];
    ch_cents paid;
} desk;

static void say_consent(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent_query *q)
{
    (void)ctx, (void)who;
    desk.consent_asked++;
    q->level = q->controller < RETAILERS ? desk.level[q->controller] : 0;
}
static void say_wish(struct ch_ctx *ctx, struct ch_person *who, struct ch_wish_query *q)
{
    (void)ctx, (void)who;
    desk.wishes_asked++;
    if (desk.match <= 0 || (q->good != CH_NONE && q->good != desk.wish_good))
        return;
    q->best = (struct ch_wish){.slot = 5, .good = desk.wish_good, .origin = 2, .desire = desk.desire};
    q->match = desk.match;
    q->pooled = !q->owner;
}
static void say_shelf(struct ch_ctx *ctx, struct ch_person *who, struct ch_shelf *q)
{
    (void)ctx, (void)who;
    q->available = desk.available;
}
static void say_ask(struct ch_ctx *ctx, struct ch_person *who, struct ch_ask *q)
{
    (void)ctx, (void)who, (void)q;
    desk.asks++;
}
static void hear_sent(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *o)
{
    (void)ctx, (void)who;
    desk.sent++;
    desk.last = *o;
}
static void hear_opened(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *o)
{
    (void)ctx, (void)who, (void)o;
    desk.opened++;
}
static void hear_taken(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *o)
{
    (void)ctx, (void)who, (void)o;
    desk.taken++;
}
static void hear_unwanted(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *o)
{
    (void)ctx, (void)who, (void)o;
    desk.unwanted++;
}
static void hear_transfer(struct ch_ctx *ctx, struct ch_person *who, struct ch_transfer *t)
{
    (void)ctx, (void)who;
    desk.paid += t->cents;
}

static void lane_send(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                      const struct ch_slot *slots)
{
    (void)lane, (void)place, (void)dest, (void)payload, (void)slots;
    ck_assert_uint_lt(desk.n_events, SENDS_MAX);
    desk.event[desk.n_events] = kind;
    desk.delay[desk.n_events++] = delay;
}
static const struct ch_lane_ops lane_ops = {.send = lane_send};

static struct ch_retailer retailers[RETAILERS];
static struct ch_store stores[STORES];
static struct ch_city city;
static struct ch_world_day day;
static struct ch_sky_step sky;
static struct ch_world world;
static struct messages_params params;
static struct ch_self self;
static struct ch_chains chains;
static struct ch_ctx ctx;
static struct ch_policy policy;
static struct ch_rule rules[2];
static struct ch_person people[PEOPLE];
static struct phone phones[PEOPLE];
static struct habits habits[PEOPLE];
static struct ch_app_row apps[PEOPLE / 64 + 1];
static struct corner corners[NODES];
static int64_t cells[N_PROBES][2 + CH_HISTOGRAM_BINS];
static int64_t map[168 * NODES];
static int64_t *acc[N_PROBES];
static uint32_t owner[PEOPLE];
static void *tabulated;

static void answer_all(void)
{
    memset(&chains, 0, sizeof chains);
#define ANSWER(name, function) chains.name.n = 1, chains.name.call[0] = function
    ANSWER(consent, say_consent);
    ANSWER(wish, say_wish);
    ANSWER(shelf, say_shelf);
    ANSWER(ask, say_ask);
    ANSWER(offer_sent, hear_sent);
    ANSWER(offer_opened, hear_opened);
    ANSWER(offer_taken, hear_taken);
    ANSWER(offer_unwanted, hear_unwanted);
    ANSWER(transfer, hear_transfer);
}

bool ch_may_read(struct ch_ctx *c, struct ch_person *who, uint32_t controller, int level)
{
    (void)c, (void)who;
    return controller < RETAILERS && desk.level[controller] >= level;
}

/* Retailer 0 owns stores 0 and 3, 1 owns store 1, 2 owns store 2 and is no sponsor. */
static void set_up_city(void)
{
    static const uint32_t node[STORES] = {4, 4, 4, 8}, retailer[STORES] = {0, 1, 2, 0};
    city = (struct ch_city){.width = 3,
                            .height = 3,
                            .block_mm = 100000,
                            .n_nodes = NODES,
                            .n_places = NODES,
                            .sample = 1,
                            .n_people = PEOPLE,
                            .n_apps = PEOPLE,
                            .apps = apps,
                            .n_retailers = RETAILERS,
                            .retailers = retailers,
                            .n_stores = STORES,
                            .stores = stores};
    for (int g = 0; g < CH_N_GOODS; g++)
        city.goods[g] = (struct ch_good_facts){.basket = 5000, .margin_bp = 4500, .rate = 1};
    for (int r = 0; r < RETAILERS; r++)
        retailers[r] = (struct ch_retailer){.size = 1.0 / 3, .sponsor = r != 2, .n_stores = r == 0 ? 2 : 1};
    for (int s = 0; s < STORES; s++)
        stores[s] = (struct ch_store){.retailer = retailer[s],
                                      .node = node[s],
                                      .goods = 1u << CH_GOOD_shoes | 1u << CH_GOOD_home,
                                      .good = CH_GOOD_home,
                                      .price = 1,
                                      .opens = 9 * CH_HOUR,
                                      .closes = 19 * CH_HOUR};
    for (uint32_t i = 0; i < PEOPLE; i++)
        people[i] = (struct ch_person){.id = i,
                                       .node = 3,
                                       .goal = 5,
                                       .store = CH_NONE,
                                       .speed_mm_s = 1250,
                                       .device = CH_SMARTPHONE | CH_APP,
                                       .zone = CH_IN_STREET};
}

static void set_up_policy(void)
{
    params = (struct messages_params){.open = {4, {.03, .10, .35, .35}},
                                      .redeem = {4, {.05, .045, .083, .083}},
                                      .fatigue = .1,
                                      .fatigue_half_life = 3,
                                      .welcome = .3,
                                      .patience = 3,
                                      .discount_pull = 2.5,
                                      .wish_base = -2.5,
                                      .wish_pull = 2,
                                      .wish_near = 1,
                                      .cost = 1,
                                      .context = {4, {.4, .2, .2, .2}},
                                      .volume = -1};
    rules[0] = (struct ch_rule){.name = "a",
                                .trigger = CH_TRIGGER_beacon,
                                .channel = CH_CHANNEL_beacon,
                                .subject = CH_SUBJECT_store,
                                .discount_bp = 1000,
                                .valid = 2 * CH_HOUR};
    rules[1] = rules[0];
    policy = (struct ch_policy){.name = "test"};
    ch_policy_seal(&policy, rules, 1);
}

/* Noon of a Wednesday. */
static void setup(void)
{
    memset(&desk, 0, sizeof desk);
    desk.available = true;
    desk.wish_good = CH_GOOD_shoes;
    memset(phones, 0, sizeof phones);
    memset(habits, 0, sizeof habits);
    for (unsigned i = 0; i <= PEOPLE / 64; i++)
        apps[i] = (struct ch_app_row){.has = UINT64_MAX, .before = 64 * i};
    memset(corners, 0, sizeof corners);
    memset(cells, 0, sizeof cells);
    memset(owner, 0, sizeof owner);
    set_up_city();
    set_up_policy();
    day.weekday = 2;
    for (int g = 0; g < CH_N_GOODS; g++)
        day.demand[g] = 1;
    sky = (struct ch_sky_step){.sky = CH_CLOUDY, .deci_celsius = 120};
    world = (struct ch_world){.n_days = 1, .day = &day, .n_steps = 1, .step = &sky};
    for (int i = 0; i < N_PROBES; i++)
        acc[i] = i == PROBE_messages_map ? map : cells[i];
    answer_all();
    self = (struct ch_self){
        .model = &ch_model_messages_here, .params = &params, .acc = acc, .first_kind = 10, .place_step = sizeof *corners};
    ctx = (struct ch_ctx){.lane = {.ops = &lane_ops, .now = 12 * CH_HOUR, .place = 0},
                          .self = &self,
                          .selves = &self,
                          .chains = &chains,
                          .key = {.seed = 3, .replication = 1},
                          .city = &city,
                          .world = &world,
                          .policy = &policy,
                          .people = people,
                          .person_state = (unsigned char *)habits,
                          .person_stride = sizeof *habits,
                          .app_state = (unsigned char *)phones,
                          .app_stride = sizeof *phones,
                          .place_state = (unsigned char *)corners,
                          .owner = owner};
    static struct ch_error error;
    struct ch_setup s = {.city = &city, .params = &params, .error = &error};
    self.table = tabulated = (void *)(uintptr_t)tabulate(&s);
}

/* Not everything the desk allocated is given back between tests: each runs in its own process. */
static inline void hear_beacon(uint32_t store)
{
    struct ch_detection d = {
        .beacon = store, .controller = stores[store].retailer, .store = store, .at = ch_now(&ctx) + 20 * CH_SECOND};
    on_detected(&ctx, &people[0], &d);
}

static inline void reach_node(void)
{
    struct ch_node node = {.node = ctx.lane.place};
    on_node_reached(&ctx, &people[0], &node);
}

/* After a change of the rules by hand. */
static void seal(void) { ch_policy_seal(&policy, rules, policy.n_rules); }

static void add_condition(enum ch_fact fact, enum ch_compare compare, double value)
{
    rules[0].condition[rules[0].n_conditions++] = (struct ch_condition){fact, compare, value};
    seal();
}

#endif
