/* SPDX-License-Identifier: MIT
 * Private to dayplan.c: parameters and state of a day plan, and how one is drawn from a template. See dayplan.c for the idea. */
#ifndef DAYPLAN_DRAW_H
#define DAYPLAN_DRAW_H

#include <chaland/model.h>

#define DAYPLAN_PARAMS(P)                                                                                                        \
    P(LIST, worker_weekday, "0.30 0.30 0.20 0.17 0.03", 0, 1, "share", "templates WH WMWH WSH WHXH home",                        \
      CH_ASSUMED(0, 1, "calibrated to the trip rate"))                                                                           \
    P(LIST, other_weekday, "0.25 0.20 0.35 0.10 0.10", 0, 1, "share", "templates SH SSH SHLH LH home",                           \
      CH_ASSUMED(0, 1, "calibrated to the trip rate"))                                                                           \
    P(LIST, saturday, "0.45 0.20 0.15 0.20", 0, 1, "share", "templates +H LH SLH home", CH_ASSUMED(0, 1, "no data"))             \
    P(LIST, sunday, "0.35 0.08 0.57", 0, 1, "share", "templates LH SH home", CH_ASSUMED(0, 1, "no data"))                        \
    P(LIST, weekday_hours, "0.01 0.02 0.06 0.09 0.10 0.10 0.07 0.08 0.09 0.11 0.13 0.10 0.04", 0, 1, "share",                    \
      "arrivals at the first shop by hour from 7 h, weekdays", CH_ASSUMED(0, 0.5, "no data"))                                    \
    P(LIST, weekend_hours, "0.01 0.05 0.09 0.11 0.08 0.06 0.10 0.13 0.14 0.12 0.08 0.03", 0, 1, "share",                         \
      "the same from 8 h, Saturdays and Sundays", CH_ASSUMED(0, 0.5, "no data"))                                                 \
    P(TIME, work_start, 8.5, 4, 14, "h", "mean start of work", CH_ASSUMED(8, 9.5, "no data"))                                    \
    P(TIME, work_start_sd, 45, 0, 180, "min", "its standard deviation", CH_ASSUMED(20, 90, "no data"))                           \
    P(TIME, work_end, 17.75, 10, 24, "h", "mean end of work", CH_ASSUMED(16.5, 18.5, "no data"))                                 \
    P(TIME, work_end_sd, 60, 0, 180, "min", "its standard deviation", CH_ASSUMED(20, 90, "no data"))                             \
    P(TIME, midday, 12.25, 10, 16, "h", "mean start of the midday break, +- 30 min", CH_ASSUMED(11.75, 13, "French habit"))      \
    P(TIME, midday_lasts, 40, 1, 180, "min", "median length of the midday break, walks not included",                            \
      CH_ASSUMED(25, 60, "French habit"))                                                                                        \
    P(F64, midday_reach, 500, 0, 20000, "m", "mean distance to it", CH_ASSUMED(200, 800, "no data"))                             \
    P(TIME, leisure_from, 10, 4, 23, "h", "leisure begins between", CH_ASSUMED(9, 14, "no data"))                                \
    P(TIME, leisure_to, 20, 5, 24, "h", "and", CH_ASSUMED(18, 22, "no data"))                                                    \
    P(TIME, leisure_lasts, 60, 1, 600, "min", "median length of leisure", CH_ASSUMED(30, 120, "no data: a lognormal"))           \
    P(F64, leisure_sigma, 0.5, 0, 2, "", "standard deviation of its logarithm", CH_ASSUMED(0.3, 0.8, "no data"))                 \
    P(F64, leisure_reach, 1200, 0, 20000, "m", "mean distance to it", CH_ASSUMED(300, 3000, "calibrated to 14 min a walk"))      \
    P(F64, promenade, 0.5, 0, 1, "share", "walks to leisure that go a long way round, for the walk's sake",                      \
      CH_ASSUMED(0, 0.8, "no data"))                                                                                             \
    P(F64, detour, 500, 0, 5000, "m", "mean distance to the turning point of such a walk", CH_ASSUMED(200, 1500, "no data"))     \
    P(TIME, last_shopping, 18.75, 12, 24, "h", "after work nobody sets off for a shop later than this",                          \
      CH_ASSUMED(18, 19.5, "closing hours"))                                                                                     \
    P(F64, evening_shopping, 0.5, 0, 1, "share", "shops among the X of WHXH, the others leisure",                                \
      CH_ASSUMED(0.2, 0.8, "no data"))                                                                                           \
    P(F64, more_shops, 0.4, 0, 0.95, "share", "+: another shop follows, three at most", CH_ASSUMED(0.2, 0.7, "no data"))         \
    P(F64, mode_intercept, -0.7, -10, 10, "", "a of the logistic share of trips on foot",                                        \
      CH_ASSUMED(-2, 2.5, "calibrated to 23.7 % of trips on foot: Enquete mobilite des personnes 2019"))                         \
    P(F64, mode_slope, 0.6, 0, 50, "1/km", "b of it",                                                                            \
      CH_ASSUMED(0.4, 3, "calibrated to 14 min a walk; 2.4/km would give 7 min"))                                                \
    P(F64, parking, 200, 0, 2000, "m", "mean walk between the car and where one is, not at home", CH_ASSUMED(0, 400, "no data")) \
    P(F64, parking_home, 80, 0, 2000, "m", "the same at home: many park in the street", CH_ASSUMED(0, 200, "no data"))           \
    P(F64, bus, 0.3, 0, 1, "share", "bus among trips not on foot, where stops allow", CH_ASSUMED(0.05, 0.5, "no data"))          \
    P(F64, stop_reach, 600, 0, 5000, "m", "longest walk to a stop", CH_ASSUMED(300, 1000, "planning rule of thumb"))             \
    P(I64, diversions, 3, 0, 100, "", "offers that one person follows in a day, at most",                                        \
      CH_ASSUMED(1, 10, "no data; nobody spends the day that way"))

#define CH_ROW_STRUCT struct dayplan_params
CH_PARAMS(dayplan, DAYPLAN_PARAMS)

#define DAYPLAN_DRAWS(D)                                                                                       \
    D(plan, "template, times and weather's thinning; occasion: day")                                           \
    D(trip, "on foot, bus or car; where the car is and goes, or turning point of a promenade; occasion: trip") \
    D(want, "category to shop for; occasion: trip")                                                            \
    D(place, "of leisure; occasion: trip")                                                                     \
    D(stay, "length of leisure or break; occasion: trip")                                                      \
    D(more, "on to another store?; occasion: trip")
CH_DRAWS(DAYPLAN_DRAWS)

/* What a plan consists of: enum ch_purpose, and the midday break, which others see as leisure. */
enum { MIDDAY = CH_FOR_OFFER + 1, ENTRIES = 4, NO_GOOD = 15, LAST_STAGE = 2 };
#define DAY_STARTS (3 * CH_HOUR)

struct plan {
    uint32_t entry[ENTRIES]; /* purpose << 28 | departure, ms since 03:00; 0 ms: as soon as the stay before is over */
    uint32_t target;         /* node of the trip or stay in hand */
    uint32_t via;            /* where the car is parked, where a promenade turns */
    uint64_t left : 48;      /* begin of the trip in hand */
    uint64_t n : 3;          /* entries, and which comes next */
    uint64_t next : 3;
    uint64_t stage : 2;   /* of a trip: 0 walk to the stop or car, 1 by the trip's mode, 2 walk to the target */
    uint64_t purpose : 4; /* of the trip or stay in hand */
    uint64_t good : 4;
};
_Static_assert(sizeof(struct plan) <= 32, "a plan is half a cache line");

/* Offers reach people with the app only. */
struct errand {
    ch_time until;        /* of the offer kept */
    uint32_t store;       /* of the offer kept, CH_NONE */
    uint32_t back_target; /* trip that an offer interrupted: node, CH_NONE */
    uint32_t back_store;
    uint8_t good; /* of the offer kept */
    uint8_t back_purpose, back_good, back_leg;
    uint8_t diversions; /* since the plan was made */
    uint8_t back_trip;
};
_Static_assert(sizeof(struct errand) <= 32, "and so is an errand");
_Static_assert((int)CH_N_GOODS < (int)NO_GOOD, "a good takes four bits");

static unsigned purpose_in(uint32_t entry) { return entry >> 28; }
static unsigned small_good(uint32_t good) { return good < NO_GOOD ? good : NO_GOOD; }
static uint32_t good_of(unsigned small) { return small == NO_GOOD ? CH_NONE : small; }

enum { WORKING, NOT_WORKING, ON_SATURDAY, ON_SUNDAY, N_SETS, WORDS = 5 };

static const char *const words[N_SETS][WORDS] = {
    {"WH", "WMWH", "WSH", "WHXH", ""}, {"SH", "SSH", "SHLH", "LH", ""}, {"+H", "LH", "SLH", ""}, {"LH", "SH", ""}};

struct dayplan_table {
    struct templates {
        double share[WORDS]; /* as listed */
        double sum, free;    /* of all, and of those with discretionary stays */
        bool is_free[WORDS];
        uint32_t n;
    } set[N_SETS];
    struct hours {
        double upto[CH_LIST_MAX]; /* running sums */
        uint32_t n;
    } weekday, weekend;
    const double *on_foot; /* [blocks]: share of trips of that length on foot */
};

static const struct templates *templates_for(const struct ch_ctx *ctx, const struct ch_person *who,
                                             const struct ch_world_day *day)
{
    const struct dayplan_table *table = ch_table(ctx);
    if (day->type != CH_WEEKDAY)
        return &table->set[day->type == CH_SUNDAY ? ON_SUNDAY : ON_SATURDAY];
    return &table->set[(who->traits & CH_WORKER) && ch_work(ctx, who) != CH_NONE ? WORKING : NOT_WORKING];
}

static void list_templates(struct templates *t, const struct ch_list *share, const char *const word[WORDS])
{
    t->n = (uint32_t)share->n;
    for (uint32_t i = 0; i < t->n; i++) {
        t->share[i] = share->v[i];
        t->is_free[i] = strpbrk(word[i], "S+LMX") != NULL;
        t->sum += t->share[i];
        t->free += t->is_free[i] ? t->share[i] : 0;
    }
}

static void sum_up(struct hours *hours, const struct ch_list *share)
{
    double sum = 0;
    hours->n = (uint32_t)share->n;
    for (uint32_t i = 0; i < hours->n; i++)
        hours->upto[i] = sum += share->v[i];
}

/* 32 bits: a day in steps of 20 µs. */
static double draw_unit(struct ch_draw *draw) { return ch_unit(ch_draw_u32(draw)); }

/* Draws a word; those with discretionary stays `boost` times as often as listed, at the expense of the others. */
static uint32_t draw_word(struct ch_draw *draw, const struct templates *t, double boost)
{
    double upto[WORDS], sum = 0;
    uint32_t last = t->n - 1, i = 0;
    if (t->free * boost > t->sum)
        boost = t->sum / t->free;
    double rest = t->sum > t->free ? (t->sum - t->free * boost) / (t->sum - t->free) : 0;
    for (uint32_t k = 0; k < t->n; k++)
        upto[k] = sum += t->share[k] * (t->is_free[k] ? boost : rest);
    while (last > 0 && upto[last - 1] >= sum)
        last--; /* words that never occur */
    for (double u = draw_unit(draw) * sum; i < last && u >= upto[i];)
        i++;
    return i;
}

/* A day in the making. Times are µs since 00:00 of the day. */
struct sketch {
    struct ch_ctx *ctx;
    const struct dayplan_params *p;
    const struct dayplan_table *table;
    struct ch_draw draw;
    struct plan *plan;
    uint32_t day;
    uint8_t type; /* enum ch_daytype */
    char at;      /* where the person will be: H, W, or else */
    ch_time commute;
    ch_time work_ends;
    ch_time home_at; /* rough time of the last planned homecoming */
};

static ch_time draw_normal_time(struct ch_draw *draw, ch_time mean, ch_time sd, ch_time low, ch_time high)
{
    ch_time t = mean + ch_time_of_seconds(ch_seconds(sd) * ch_norm_inv(draw_unit(draw)));
    return t < low ? low : t > high ? high : t;
}

static ch_time draw_between(struct ch_draw *draw, ch_time low, ch_time high)
{
    return high <= low ? low : low + ch_time_of_seconds(ch_seconds(high - low) * draw_unit(draw));
}

/* Rough time under way, to be in time: on foot below 800 m, else by car. */
static ch_time rough_travel(const struct ch_city *city, uint32_t from, uint32_t to)
{
    double d = ch_distance_m(city, from, to);
    return ch_time_of_seconds(d < 800 ? d / 1.34 : 180 + d / 4.44);
}

/* When to leave home for the first shop, ten minutes before arriving: the hour in which a uniform number falls, and where in
 * it. */
static ch_time draw_shopping_time(struct sketch *s)
{
    bool weekday = s->type == CH_WEEKDAY;
    const struct hours *hours = weekday ? &s->table->weekday : &s->table->weekend;
    double u = draw_unit(&s->draw) * hours->upto[hours->n - 1], before = 0;
    uint32_t hour = 0;
    for (; hour + 1 < hours->n && u >= hours->upto[hour]; hour++)
        before = hours->upto[hour];
    double share = (u - before) / (hours->upto[hour] - before);
    return ((weekday ? 7 : 8) + hour) * CH_HOUR + ch_time_of_seconds(3600 * share) - 10 * CH_MINUTE;
}

/* Departure for the next activity: 0 if it follows at once. Advances the sketch's idea of when the person is home again. */
static ch_time draw_departure(struct sketch *s, char code)
{
    const struct dayplan_params *p = s->p;
    if (s->at == 'W')
        return code == 'M' ? draw_between(&s->draw, p->midday - 30 * CH_MINUTE, p->midday + 30 * CH_MINUTE) : s->work_ends;
    if (s->at != 'H')
        return 0;
    ch_time t;
    if (code == 'W')
        t = draw_normal_time(&s->draw, p->work_start, p->work_start_sd, 4 * CH_HOUR, 14 * CH_HOUR) - s->commute;
    else if (s->home_at)
        t = s->home_at +
            (code == 'X' ? draw_between(&s->draw, 15 * CH_MINUTE, CH_HOUR) : draw_between(&s->draw, 30 * CH_MINUTE, 3 * CH_HOUR));
    else if (code == 'L')
        t = draw_between(&s->draw, p->leisure_from, p->leisure_to);
    else
        t = draw_shopping_time(s);
    if (code != 'W')
        s->home_at = t + 90 * CH_MINUTE;
    return t;
}

static void add_entry(struct sketch *s, uint32_t purpose, ch_time departs)
{
    struct plan *plan = s->plan;
    ch_time ms = departs ? (departs - DAY_STARTS) / CH_MILLISECOND : 0;
    ch_time latest = CH_DAY / CH_MILLISECOND - 1;
    ms = departs && ms < 1 ? 1 : ms > latest ? latest : ms;
    CH_REQUIRE(plan->n < ENTRIES); /* no word of a template is longer */
    plan->entry[plan->n] = purpose << 28 | (uint32_t)ms;
    plan->n = (plan->n + 1u) & 7;
}

/* Would the person go out in the weather forecast for that moment? */
static bool weather_permits(struct sketch *s, ch_time departs, double most)
{
    const struct ch_world *world = s->ctx->world;
    ch_time t = (ch_time)s->day * CH_DAY + (departs ? departs : s->home_at ? s->home_at : 12 * CH_HOUR);
    return draw_unit(&s->draw) * most < world->street_factor[ch_weather(world, t)->sky];
}

static void add_stay(struct sketch *s, char code, double most)
{
    if (code == s->at && (code == 'H' || code == 'W'))
        return; /* what lay between was given up */
    ch_time departs = draw_departure(s, code);
    if (code == 'H' || code == 'W') {
        if (code == 'H' && s->at == 'W')
            s->home_at = s->work_ends + s->commute;
        add_entry(s, code == 'H' ? CH_FOR_HOME : CH_FOR_WORK, departs);
        s->at = code;
        return;
    }
    if (!weather_permits(s, departs, most))
        return;
    uint32_t purpose = code == 'L' ? CH_FOR_LEISURE : code == 'M' ? MIDDAY : CH_FOR_SHOPPING;
    if (code == 'X' && (departs > s->p->last_shopping || draw_unit(&s->draw) >= s->p->evening_shopping))
        purpose = CH_FOR_LEISURE;
    add_entry(s, purpose, departs);
    for (int more = 1; code == '+' && more < 3 && draw_unit(&s->draw) < s->p->more_shops; more++)
        add_entry(s, purpose, 0);
    s->at = code;
}

static void draw_plan(struct ch_ctx *ctx, const struct ch_person *who, struct plan *plan)
{
    const struct dayplan_params *p = ch_params_of(ctx);
    const struct dayplan_table *table = ch_table(ctx);
    const struct ch_world_day *day = ch_today(ctx->world, who->day * CH_DAY);
    struct sketch s = {.ctx = ctx, .p = p, .table = table, .plan = plan, .day = who->day, .type = day->type, .at = 'H'};
    double most = 0;
    for (int i = 0; i < CH_N_SKIES; i++)
        most = ctx->world->street_factor[i] > most ? ctx->world->street_factor[i] : most;
    s.draw = ch_draw(ctx, DRAW_plan, who->id, ch_occasion_day(who));
    const struct templates *templates = templates_for(ctx, who, day);
    const char *word = templates->sum > 0 ? words[templates - table->set][draw_word(&s.draw, templates, most)] : "";
    if (*word == 'W') {
        s.commute = rough_travel(ctx->city, ch_home(ctx, who), ch_work(ctx, who));
        s.work_ends = draw_normal_time(&s.draw, p->work_end, p->work_end_sd, 15 * CH_HOUR, 26 * CH_HOUR);
    }
    plan->n = plan->next = 0;
    for (; *word; word++)
        add_stay(&s, *word, most);
}

/* ---- where to ---------------------------------------------------------------------------------------------------- */

static int64_t reflect(int64_t x, int64_t n)
{
    if (x < 0)
        x = -x;
    if (x >= n)
        x = 2 * (n - 1) - x;
    return x < 0 ? 0 : x;
}

/* Uniform integer below n from a random word, which keeps what is left of its randomness: x n = integer + rest / 2^32. */
static uint32_t split_off(uint32_t *word, uint32_t n)
{
    uint64_t product = (uint64_t)*word * n;
    *word = (uint32_t)product;
    return (uint32_t)(product >> 32);
}

/* Exponential distance from a node, at least `least` blocks, uniform on the diamond of that size; by one random word for how far,
 * and what it needs of another for which way. */
static uint32_t near_to(const struct ch_city *city, uint32_t node, double reach_m, int64_t least, uint32_t how_far, uint32_t *way)
{
    int64_t far = (int64_t)(reach_m * -ch_log(ch_unit(how_far)) * 1000 / (double)city->block_mm + 0.5);
    if (far < least)
        far = least;
    if (far == 0)
        return node;
    uint32_t quarter = split_off(way, 4);
    int64_t a = split_off(way, (uint32_t)far), b = far - a;
    int64_t dx = quarter == 0 ? a : quarter == 1 ? -b : quarter == 2 ? -a : b;
    int64_t dy = quarter == 0 ? b : quarter == 1 ? a : quarter == 2 ? -b : -a;
    int64_t x = reflect(ch_column(city, node) + dx, city->width), y = reflect(ch_row(city, node) + dy, city->height);
    return (uint32_t)(y * city->width + x);
}

#endif
