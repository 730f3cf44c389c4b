/* SPDX-License-Identifier: MIT
 * M02 Day plans: who goes where, when and how. Owns the daily loop of everyone.
 *
 *   plan    at 03:00 a template is drawn by day type and by whether the person works; it is a word over the activities
 *           H home, W work, S shop, + one or more shops, L leisure, M midday break, X shop or leisure after work.
 *           Everyone starts the first day at home; that stay is not announced. The next plan is scheduled by the arrival that
 *           ends the day, where the body is: who comes home after 03:00 plans at once, and what is overdue is done without delay.
 *   times   work starts N(8:30, 45 min) and ends N(17:45, 60 min); arrivals at the first shop follow hourly weights; leisure
 *           begins uniformly within its hours and lasts lognormally, median 60 min, a midday break 40 min. Visits last as the
 *           model that plays them says (it moves `until`); without one they take no time.
 *   weather a discretionary stay (S, +, L, M, X) is kept with probability f/f_max, f the weather's factor of street trips at
 *           departure; templates that hold one are drawn f_max times as often. f has mean 1, so weather moves trips in
 *           time and leaves their long-run number to the templates. With the default ones it is 2.91 per person and weekday.
 *   shop    the category is drawn among those the person wants now, in proportion to their weights; the store by store choice.
 *           Who wants nothing, or buys it elsewhere (outside option), strolls to a store of that street instead; if there is
 *           none, it becomes leisure. So the number of trips is the template's.
 *   place   of leisure: exponential distance, uniform on that diamond of the grid, reflected at the edge of the city.
 *   mode    on foot with probability 1/(1 + exp(-(a - b d))), d in km; else by bus with probability `bus` if a stop is within
 *           600 m at both ends and they differ; else by car.
 *   legs    bus: walk to the stop, ride, walk from the stop. Car: walk to where it is parked, ride, walk (exponential distances,
 *           shorter at home). On foot: one leg, or two when the way to leisure is a promenade.
 *   more    who leaves a store goes on to another one with the log-odds that other models give (question `more`); nobody: never.
 *   offers  one offer at a time is kept. In the street or at a stop the shopper turns at once (at the next node) and afterwards
 *           resumes what was interrupted; everywhere else the offer is taken up when the stay ends, if still valid.
 *           Diversions are trips of their own.
 *
 * Targets (Enquete mobilite des personnes 2019, SDES): 3 trips per person and weekday, 23.7 % of them on foot (met by calibration
 * of a), a walk of 14 min (11 to 12 here), 62 min a day under way (half of it here: trips out of town are not simulated).
 * Whoever left the car elsewhere is not tracked: each trip has its own mode. */
#include "dayplan_where.h"

/* ---- under way --------------------------------------------------------------------------------------------------- */

static double walk_to_car(const struct ch_ctx *ctx, const struct ch_person *who, uint32_t node)
{
    const struct dayplan_params *p = ch_params_of(ctx);
    return node == ch_home(ctx, who) ? p->parking_home : p->parking;
}

/* As others know it: a midday break is leisure. */
static enum ch_purpose purpose_of(const struct plan *plan)
{
    return plan->purpose == MIDDAY ? CH_FOR_LEISURE : (enum ch_purpose)plan->purpose;
}

/* The leg of the stage in hand; the first one, to the stop or the car, ends at `start`. */
static void begin_leg(struct ch_ctx *ctx, struct ch_person *who, const struct plan *plan, uint32_t start)
{
    struct ch_leg leg = {.from = who->node,
                         .to = plan->stage == LAST_STAGE ? plan->target
                               : plan->stage == 1        ? plan->via
                                                         : start,
                         .mode = plan->stage == 1 ? (enum ch_mode)who->mode : CH_WALK,
                         .begun = ch_now(ctx),
                         .purpose = purpose_of(plan)};
    who->goal = leg.to;
    who->to_store = who->store != CH_NONE && ctx->city->stores[who->store].node == leg.to;
    who->generation++;
    ch_tell_leg_begins(ctx, who, &leg);
}

/* Chooses the first stage, and where the second one ends. Returns where the stop or the car is. `word`: three random ones. */
static uint32_t choose_legs(struct ch_ctx *ctx, const struct ch_person *who, struct plan *plan, uint32_t word[3])
{
    const struct dayplan_params *p = ch_params_of(ctx);
    const struct ch_city *city = ctx->city;
    uint32_t start = CH_NONE;
    plan->stage = who->mode == CH_BUS ? 0 : who->mode == CH_CAR ? 1 : LAST_STAGE;
    if (who->mode == CH_BUS) {
        start = city->stops[city->near_stop[who->node]].node;
        plan->via = city->stops[city->near_stop[plan->target]].node;
    } else if (who->mode == CH_CAR) {
        plan->via = near_to(city, plan->target, walk_to_car(ctx, who, plan->target), 0, word[0], &word[2]);
        start = near_to(city, who->node, walk_to_car(ctx, who, who->node), 0, word[1], &word[2]);
        if (plan->via == who->node || plan->via == start)
            plan->via = plan->target; /* no ride to where one is */
        if (start != who->node && start != plan->via)
            plan->stage = 0;
    } else if (plan->purpose == CH_FOR_LEISURE && ch_unit(word[0]) < p->promenade) {
        plan->stage = 1;
        plan->via = near_to(city, who->node, p->detour, 1, word[1], &word[2]);
    }
    return start;
}

/* Sets off for plan->target; trip, leg, store, purpose and good are set. */
static void begin_trip(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan)
{
    struct ch_draw draw = ch_draw(ctx, DRAW_trip, who->id, ch_occasion_trip(who));
    uint32_t word[4];
    ch_draw_words(&draw, word);
    who->mode = (uint8_t)choose_mode(ctx, who, plan->target, ch_unit(word[0]));
    uint32_t start = choose_legs(ctx, who, plan, &word[1]);
    plan->left = (uint64_t)ch_now(ctx) & (((uint64_t)1 << 48) - 1);
    ch_ratio(ctx, PROBE_trips_per_person_day, 1, 0);
    ch_ratio(ctx, PROBE_walk_share, who->mode == CH_WALK, 1);
    ch_ratio(ctx, PROBE_bus_share, who->mode == CH_BUS, 1);
    begin_leg(ctx, who, plan, start);
}

/* The next leg, if the trip has one. */
static bool begin_next_leg(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan)
{
    if (plan->stage == LAST_STAGE || (plan->stage == 1 && plan->via == plan->target))
        return false;
    plan->stage++;
    who->leg++;
    begin_leg(ctx, who, plan, CH_NONE);
    return true;
}

static void begin_entry(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan)
{
    const struct dayplan_params *p = ch_params_of(ctx);
    CH_ASSERT(plan->next < plan->n);
    who->trip = plan->next;
    plan->next = (plan->next + 1u) & 7;
    who->leg = 0;
    plan->purpose = purpose_in(plan->entry[who->trip]) & 15u;
    plan->good = NO_GOOD;
    if (plan->purpose == CH_FOR_SHOPPING)
        choose_store(ctx, who, plan);
    else
        who->store = CH_NONE;
    switch (plan->purpose) {
    case CH_FOR_HOME:
        plan->target = ch_home(ctx, who);
        break;
    case CH_FOR_WORK:
        plan->target = ch_work(ctx, who);
        break;
    case CH_FOR_SHOPPING:
        plan->target = ctx->city->stores[who->store].node;
        break;
    case MIDDAY:
        plan->target = draw_place(ctx, who, p->midday_reach);
        break;
    default:
        plan->target = draw_place(ctx, who, p->leisure_reach);
        break;
    }
    begin_trip(ctx, who, plan);
}

/* The offers kept, NULL for who has no app. */
static struct errand *errand_of(struct ch_ctx *ctx, const struct ch_person *who) { return ch_of_app_if_any(ctx, who); }

/* Makes the kept offer the purpose of the trip; what it was before is kept in back_* by the caller. */
static void take_up_offer(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan, struct errand *errand)
{
    plan->purpose = CH_FOR_OFFER;
    plan->good = errand->good & 15u;
    plan->target = ctx->city->stores[errand->store].node;
    who->store = errand->store;
    errand->store = CH_NONE;
    who->trip = (uint8_t)(CH_DIVERSION + errand->diversions++);
    ch_add(ctx, PROBE_diversions, 1);
}

/* What an offer interrupted. */
static void resume(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan, struct errand *errand)
{
    who->trip = errand->back_trip;
    who->leg = (uint8_t)(errand->back_leg + 1);
    who->store = errand->back_store;
    plan->purpose = errand->back_purpose & 15u;
    plan->good = errand->back_good & 15u;
    plan->target = errand->back_target;
    errand->back_target = CH_NONE;
    begin_trip(ctx, who, plan);
}

/* ---- one more stop ------------------------------------------------------------------------------------------------ */

enum { EXTRAS = (CH_DIVERSION - CH_EXTRA_STOP) / ENTRIES }; /* of one entry: a geometric number seldom gets so far */

/* The ordinal of an extra stop after the trip in hand; CH_DIVERSION: no more. */
static unsigned extra_after(const struct ch_person *who, const struct plan *plan)
{
    unsigned entry = (plan->next - 1u) & 7, first = CH_EXTRA_STOP + entry * EXTRAS;
    unsigned next = who->trip < CH_EXTRA_STOP ? first : who->trip + 1u;
    return next < first + EXTRAS ? next : CH_DIVERSION;
}

static bool wants_more(struct ch_ctx *ctx, struct ch_person *who)
{
    struct ch_more more = {.store = who->store};
    ch_ask_more(ctx, who, &more);
    if (!more.asked)
        return false;
    struct ch_draw draw = ch_draw(ctx, DRAW_more, who->id, ch_occasion_trip(who));
    return ch_draw_chance(&draw, ch_logistic(more.logit));
}

/* Does the plan itself go straight on to another store? */
static bool is_chained(const struct plan *plan)
{
    return plan->next < plan->n && purpose_in(plan->entry[plan->next]) == CH_FOR_SHOPPING &&
           !(plan->entry[plan->next] & 0x0fffffffu);
}

/* From one store on to the next, if anybody says so and there is one. */
static bool stops_once_more(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan)
{
    uint8_t trip = who->trip;
    uint32_t left = who->store;
    unsigned next = extra_after(who, plan);
    if (next < CH_DIVERSION && wants_more(ctx, who)) {
        who->trip = (uint8_t)next;
        who->leg = 0;
        choose_store(ctx, who, plan);
        if (who->store != CH_NONE) {
            plan->target = ctx->city->stores[who->store].node;
            begin_trip(ctx, who, plan);
            return true;
        }
        who->trip = trip;
        who->store = left;
    }
    return false;
}

/* A store was left for good: on to another one of the plan, or is the shopping over? */
static void count_stop(struct ch_ctx *ctx, const struct plan *plan) { ch_ratio(ctx, PROBE_stops_per_trip, 1, !is_chained(plan)); }

/* A stay is over: an offer first, then what an offer interrupted, then the next entry. */
static void go_on(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan)
{
    struct errand *errand = errand_of(ctx, who);
    bool shops = plan->purpose == CH_FOR_SHOPPING && who->store != CH_NONE;
    if (errand && errand->store != CH_NONE && ch_now(ctx) < errand->until && errand->store != who->store) {
        if (shops)
            count_stop(ctx, plan);
        take_up_offer(ctx, who, plan, errand);
        who->leg = 0;
        begin_trip(ctx, who, plan);
        return;
    }
    if (errand)
        errand->store = CH_NONE;
    if (shops && stops_once_more(ctx, who, plan)) {
        ch_ratio(ctx, PROBE_stops_per_trip, 1, 0);
        return;
    }
    if (shops)
        count_stop(ctx, plan);
    if (errand && errand->back_target != CH_NONE)
        resume(ctx, who, plan, errand);
    else
        begin_entry(ctx, who, plan);
}

/* Turns round in the street or leaves the stop. */
static void divert(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan, struct errand *errand)
{
    errand->back_target = plan->target;
    errand->back_store = who->store;
    errand->back_purpose = plan->purpose;
    errand->back_good = plan->good;
    errand->back_leg = who->leg;
    errand->back_trip = who->trip;
    take_up_offer(ctx, who, plan, errand);
    plan->stage = LAST_STAGE;
    who->mode = CH_WALK;
    who->goal = plan->target; /* who walks notices at the next node */
    who->to_store = 1;
    if (who->zone == CH_IN_STREET)
        return;
    who->leg++;
    begin_leg(ctx, who, plan, CH_NONE);
}

static void on_offer_taken(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    const struct dayplan_params *p = ch_params_of(ctx);
    struct plan *plan = ch_of_person(ctx, who);
    struct errand *errand = ch_of_app(ctx, who);
    if (offer->store == CH_NONE || offer->store == who->store || errand->diversions >= p->diversions)
        return;
    errand->store = offer->store;
    errand->until = offer->until;
    errand->good = (uint8_t)small_good(offer->good);
    bool outdoors = who->zone == CH_IN_STREET || who->zone == CH_AT_STOP;
    if (outdoors && plan->purpose != CH_FOR_OFFER && errand->back_target == CH_NONE)
        divert(ctx, who, plan, errand);
}

/* ---- stays ------------------------------------------------------------------------------------------------------- */

static enum ch_zone zone_of(unsigned purpose)
{
    switch (purpose) {
    case CH_FOR_HOME:
        return CH_AT_HOME;
    case CH_FOR_WORK:
        return CH_AT_WORK;
    case CH_FOR_SHOPPING:
    case CH_FOR_OFFER:
        return CH_IN_STORE;
    default:
        return CH_AT_LEISURE;
    }
}

static struct ch_activity activity_of(const struct ch_person *who, const struct plan *plan, ch_time until)
{
    return (struct ch_activity){
        .purpose = purpose_of(plan), .node = who->node, .store = who->store, .good = good_of(plan->good), .until = until};
}

/* 03:00 of the day after the plan in hand, or now. */
static ch_time next_plan_at(const struct ch_ctx *ctx, const struct ch_person *who)
{
    ch_time t = (who->day + 1) * CH_DAY + DAY_STARTS;
    return t > ch_now(ctx) ? t : ch_now(ctx) + 1;
}

static bool day_is_over(struct ch_ctx *ctx, const struct ch_person *who, const struct plan *plan)
{
    if (plan->purpose != CH_FOR_HOME || plan->next != plan->n)
        return false;
    const struct errand *errand = errand_of(ctx, who);
    return !errand || errand->back_target == CH_NONE;
}

/* When the stay that begins now is to end, before who plays it has a say. */
static ch_time planned_end(struct ch_ctx *ctx, const struct ch_person *who, const struct plan *plan)
{
    const struct dayplan_params *p = ch_params_of(ctx);
    if (day_is_over(ctx, who, plan))
        return next_plan_at(ctx, who);
    struct ch_draw draw = ch_draw(ctx, DRAW_stay, who->id, ch_occasion_trip(who));
    switch (plan->purpose) {
    case CH_FOR_HOME:
    case CH_FOR_WORK:
        return who->day * CH_DAY + DAY_STARTS + (ch_time)(plan->entry[plan->next] & 0x0fffffffu) * CH_MILLISECOND;
    case MIDDAY:
        return ch_now(ctx) + ch_time_of_seconds(ch_draw_lognormal(&draw, ch_seconds(p->midday_lasts), 0.25));
    case CH_FOR_LEISURE:
        return ch_now(ctx) + ch_time_of_seconds(ch_draw_lognormal(&draw, ch_seconds(p->leisure_lasts), p->leisure_sigma));
    default:
        return ch_now(ctx);
    }
}

static void begin_stay(struct ch_ctx *ctx, struct ch_person *who, struct plan *plan)
{
    who->zone = (uint8_t)zone_of(plan->purpose);
    who->generation++;
    struct ch_activity activity = activity_of(who, plan, planned_end(ctx, who, plan));
    ch_tell_activity_begins(ctx, who, &activity);
    ch_time delay = activity.until > ch_now(ctx) ? activity.until - ch_now(ctx) : 1;
    if (day_is_over(ctx, who, plan))
        ch_send(ctx, MSG_day_plan, ch_here(ctx), who->id, next_plan_at(ctx, who) - ch_now(ctx), who->day + 1u);
    else
        ch_send(ctx, MSG_end, ch_here(ctx), who->id, delay, who->generation);
}

static void on_leg_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    (void)leg;
    struct plan *plan = ch_of_person(ctx, who);
    if (begin_next_leg(ctx, who, plan))
        return;
    ch_time took = (ch_now(ctx) - (ch_time)plan->left) / CH_SECOND;
    ch_ratio(ctx, PROBE_travel_minutes_per_day, took, 0);
    if (who->mode == CH_WALK)
        ch_observe(ctx, PROBE_walk_minutes, took);
    begin_stay(ctx, who, plan);
}

/* Only its own timer ends a stay, so the person is here; the timer is stale if the end was moved later. */
static void on_end(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct plan *plan = ch_of_person(ctx, who);
    if ((uint16_t)ev->payload != who->generation)
        return;
    struct ch_activity activity = activity_of(who, plan, ch_now(ctx));
    ch_tell_activity_ends(ctx, who, &activity);
    go_on(ctx, who, plan);
}

/* A shopper is held up in a store. */
static void on_stay_moved(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *activity)
{
    who->generation++;
    ch_send(ctx, MSG_end, ch_here(ctx), who->id, activity->until - ch_now(ctx), who->generation);
}

static void on_day_plan(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct plan *plan = ch_of_person(ctx, who);
    uint64_t today = (uint64_t)((ch_now(ctx) - DAY_STARTS) / CH_DAY); /* later than the payload after a night out */
    who->day = (uint16_t)(today > ev->payload ? today : ev->payload);
    who->trip = who->leg = 0;
    if (who->device & CH_APP)
        errand_of(ctx, who)->diversions = 0;
    struct ch_day day = {.day = who->day, .world = ch_today(ctx->world, ch_now(ctx))};
    ch_tell_day_begins(ctx, who, &day);
    ch_ratio(ctx, PROBE_trips_per_person_day, 0, 1);
    ch_ratio(ctx, PROBE_travel_minutes_per_day, 0, 1);
    draw_plan(ctx, who, plan);
    if (plan->n == 0) {
        ch_send(ctx, MSG_day_plan, ch_here(ctx), who->id, next_plan_at(ctx, who) - ch_now(ctx), who->day + 1u);
        return;
    }
    ch_time departs = who->day * CH_DAY + DAY_STARTS + (ch_time)(plan->entry[0] & 0x0fffffffu) * CH_MILLISECOND;
    ch_send(ctx, MSG_end, ch_here(ctx), who->id, departs > ch_now(ctx) ? departs - ch_now(ctx) : 1, who->generation);
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    struct plan *plan = ch_of_person(ctx, who);
    plan->purpose = CH_FOR_HOME;
    plan->good = NO_GOOD;
    plan->target = ch_home(ctx, who);
    plan->stage = LAST_STAGE;
    if (who->device & CH_APP)
        *errand_of(ctx, who) = (struct errand){.store = CH_NONE, .back_target = CH_NONE, .back_store = CH_NONE};
    who->zone = CH_AT_HOME;
    who->node = who->goal = plan->target;
    who->store = CH_NONE;
    ch_send(ctx, MSG_day_plan, ch_here(ctx), who->id, DAY_STARTS, 0);
}

static void refuse_nothing(struct ch_setup *setup, const char *name, const struct ch_list *list)
{
    double sum = 0;
    for (int i = 0; i < list->n; i++)
        sum += list->v[i];
    if (sum <= 0)
        ch_setup_refuse(setup, (struct ch_blame){.param = name}, "at least one share above 0");
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct dayplan_params *p = setup->params;
    const struct ch_city *city = setup->city;
    struct dayplan_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    double *on_foot = ch_setup_alloc(setup, (size_t)city->width + city->height, sizeof *on_foot);
    refuse_nothing(setup, "worker_weekday", &p->worker_weekday);
    refuse_nothing(setup, "other_weekday", &p->other_weekday);
    refuse_nothing(setup, "saturday", &p->saturday);
    refuse_nothing(setup, "sunday", &p->sunday);
    refuse_nothing(setup, "weekday_hours", &p->weekday_hours);
    refuse_nothing(setup, "weekend_hours", &p->weekend_hours);
    sum_up(&table->weekday, &p->weekday_hours);
    sum_up(&table->weekend, &p->weekend_hours);
    list_templates(&table->set[WORKING], &p->worker_weekday, words[WORKING]);
    list_templates(&table->set[NOT_WORKING], &p->other_weekday, words[NOT_WORKING]);
    list_templates(&table->set[ON_SATURDAY], &p->saturday, words[ON_SATURDAY]);
    list_templates(&table->set[ON_SUNDAY], &p->sunday, words[ON_SUNDAY]);
    for (uint32_t blocks = 0; blocks < city->width + city->height; blocks++)
        on_foot[blocks] = ch_logistic(p->mode_intercept - p->mode_slope * (blocks * (double)city->block_mm / 1000.0) / 1000);
    table->on_foot = on_foot;
    return table;
}

extern const struct ch_model ch_model_dayplan;
const struct ch_model ch_model_dayplan = {
    .name = "dayplan",
    .title = "day plans, trips and stays",
    .mechanism = "M02",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .person_size = sizeof(struct plan),
    .app_size = sizeof(struct errand),
    .tabulate = tabulate,
    .start_person = start_person,
    .on_leg_ends = on_leg_ends,
    .on_offer_taken = on_offer_taken,
    .on_stay_moved = on_stay_moved,
};
