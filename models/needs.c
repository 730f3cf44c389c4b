/* SPDX-License-Identifier: MIT
 * M05: what people need, and what they can afford.
 *
 * Needs of person i for good g arrive by a Poisson process of rate
 *     l_ig(t) = purchases_g * rate_factor_g * demand_g(t) * income_i^e / E[income^e]      [1/month; a month is 30.4375 d]
 * where `purchases` is the realised rate the city aims at, and rate_factor the calibrated surplus of needs that come to nothing.
 * The needs of a day are drawn at 03:00, all goods in one Poisson number, each then given its good. An open need is offered to
 * every shopping trip (`want`, weight = open needs, at most 3, x urgency), lives on after a visit in vain, and is abandoned at
 * the hazard 1/patience of its good: a coat can wait, a coffee cannot. A planned sale meets one need; an unplanned one takes the
 * place of a need with probability `displaced`, so that gains of a policy are net.
 *
 * Budget: an envelope B = budget * income_i * (mean spend of a month), refilled on the person's own pay day. A purchase is
 * allowed while what is left is at least price x (1 - overdraft); the price is the usual one of the good in that store after
 * discounts, since it is judged before the item is in hand. An overdrawn month is paid for by the next.
 *
 * Start, from the stationary law. However many needs of a good are open, a visit meets one: so one is met at a pace mu while any
 * is open, each is abandoned at the daily loss a = 1 - e^(-1/patience), and the number open is a birth and death chain:
 *     P(n) ~ product over k = 1 .. n of l / (mu + k a),     met share mu P(n > 0) / l,     mean l (1 - met share) / a
 * mu follows from `met`, the share met in the whole city (written by `chaland calibrate`); the pace of those who work is lower by
 * the factor `busy`. That is the mean of a week; on the morning of weekday d the mean is that of the cycle
 *     E(d + 1) = (1 - a) E(d) + l (1 - met week_d)
 * so some of the needs drawn are left out, or one is added, with the chance that gives this mean. Since pay day a compound
 * Poisson sum of baskets has been spent, taken as normal; who could not have spent so much is left with less than the next
 * basket asks for.
 *
 * Sources: split of the non-food budget and patience; income elasticity below 1 (Engel). */
#include "needs_law.h"

#define NEEDS_PARAMS(P)                                                                                                         \
    P(LIST, rate_factor, "1.4 0.8 1.5 1.5 1.45 1.4 1.1 1 1.9 2.1", 0, 100, "",                                                  \
      "needs that arrive, over the purchases aimed at; in the order of the goods; written by `chaland calibrate`",              \
      CH_ASSUMED(0.5, 4, "calibrated: non-food spend 146 EUR per person and month"))                                            \
    P(LIST, urgency, "1 1 1 1 1 1 1 1 1.5 0.1", 0, 100, "", "weight of an open need when a trip's purpose is drawn",            \
      CH_ASSUMED(0.05, 5, "food does not wait, a snack is bought in passing; no data"))                                         \
    P(LIST, patience, "30 30 30 30 30 30 30 30 7 3", 0.1, 365, "d", "mean life of a need that is never met, by good",           \
      CH_ASSUMED(0.5, 90, "hazard 1/30 d; food is bought elsewhere within a week, a coffee in days"))                           \
    P(LIST, met, "0.47 0.46 0.45 0.34 0.45 0.5 0.52 0.52 0.47 0.46", 0, 1, "share",                                             \
      "needs met before time 0, by good: tells how many are open then; written by `chaland calibrate`",                         \
      CH_ASSUMED(0.2, 1, "calibrated: no trend after the start"))                                                               \
    P(LIST, busy, "0.29 0.29 0.29 0.29 0.29 0.29 0.29 0.29 0.29 0.9", 0.01, 10, "",                                             \
      "pace at which those who work meet needs before time 0, over that of others, by good",                                    \
      CH_ASSUMED(0.2, 1, "measured with the default day plans: they go to shops less often, and pass cafes as often"))          \
    P(LIST, weekdays, "1.13 1.1 1.08 1.06 1.05 1.5 0.08", 0, 7, "",                                                             \
      "purchases by weekday over the daily mean, Monday to Sunday: tells what is open on the first morning",                    \
      CH_ASSUMED(0, 3, "measured with the default day plans and opening hours"))                                                \
    P(F64, income_sd, 0.5, 0, 2, "", "sd of the logarithm of income (mean income is 1)",                                        \
      CH_ASSUMED(0.3, 0.8, "lognormal incomes"))                                                                                \
    P(F64, income_elasticity, 0.3, 0, 2, "", "needs grow with income to this power", CH_ASSUMED(0, 1, "Engel"))                 \
    P(F64, budget, 2.5, 0.1, 100, "", "monthly envelope over the mean spend aimed at, for mean income",                         \
      CH_ASSUMED(1.2, 5, "no data"))                                                                                            \
    P(F64, overdraft, 0.2, 0, 1, "share", "part of a price that may be missing in the envelope", CH_ASSUMED(0, 0.5, "no data")) \
    P(F64, displaced, 0.3, 0, 1, "share", "unplanned purchases that take the place of an open need of that good",               \
      CH_ASSUMED(0, 1, "targeted offers lower other spending: Ghose, Li & Liu 2019; size assumed"))                             \
    P(F64, gives_up, 0.25, 0, 1, "share", "needs dropped at an empty shelf when no other item is taken",                        \
      CH_ASSUMED(0, 0.6, ".15 of all, .60 take no other item"))
#define CH_ROW_STRUCT struct needs_params
CH_PARAMS(needs, NEEDS_PARAMS)

#define MET(B, good) B(RATIO, needs_met_##good, "share", 1, 0, 0, "needs for " #good " met by a purchase over those that ended")
#define EACH_GOOD(B, ROW) \
    ROW(B, clothing)      \
    ROW(B, shoes)         \
    ROW(B, culture) ROW(B, electronics) ROW(B, home) ROW(B, beauty) ROW(B, diy) ROW(B, toys) ROW(B, grocery) ROW(B, cafe)
#define NEEDS_PROBES(B)                                                                      \
    B(MEAN, open_needs, "", 1, 0, 0, "open needs per person, at 03:00")                      \
    B(RATIO, needs_met, "share", 1, 0, 0, "needs met by a purchase over needs that arrived") \
    B(RATIO, needs_abandoned, "share", 1, 0, 0, "needs abandoned over needs that arrived")   \
    B(SUM, unaffordable, "", 1, 0, 0, "intentions to buy that the budget stopped")           \
    EACH_GOOD(B, MET)
CH_PROBES(NEEDS_PROBES)

#define NEEDS_DRAWS(D)                                                                        \
    D(income, "income and pay day; once per person")                                          \
    D(start, "open needs at time 0; once per person")                                         \
    D(arrive, "need first given up today, needs that arrive and their goods; person and day") \
    D(abandon, "needs given up after the first; person and day")                              \
    D(displace, "does an unplanned purchase replace a need? person, trip, store and item")    \
    D(give_up, "is the need dropped at an empty shelf? person, trip and good")                \
    D(occasion, "needs that an event of life brings; person, day, event and good")
CH_DRAWS(NEEDS_DRAWS)

static const double days_per_month = 30.4375;
enum {
    MONTH_16THS = 487, /* a month in sixteenths of a day */
    PRESSING = 3
}; /* more open needs of a good do not press more, so that no good can crowd out the others */
static const double out_of_reach = 1000; /* log-odds: never */

struct needs {
    int32_t left;            /* cents of this month's envelope; negative when overdrawn */
    uint16_t arrived, ended; /* met or abandoned; modulo 2^16 */
    uint16_t income;         /* thousandths of the mean */
    uint16_t keen;           /* thousandths: income^e over its mean */
    uint16_t pay_day : 12;   /* sixteenths of a day, 0 .. 486 */
    uint16_t month : 4;      /* pay days so far, modulo 16 */
    uint8_t open[CH_N_GOODS];
};
_Static_assert(sizeof(struct needs) <= 24, "small per person");

struct needs_table {
    double per_day[CH_N_GOODS];            /* needs of a person of mean income on an ordinary day */
    double ages[CH_N_GOODS];               /* 1/patience: how much of its life an open one lives in a day */
    double loss[CH_N_GOODS];               /* probability that an open one is given up, per day */
    double unmet[CH_N_GOODS];              /* share given up before time 0 */
    double pace[2][CH_N_GOODS];            /* at which one is met while any is open, 1/d: of those who work not, and who do */
    double ends[2][CH_N_GOODS][UINT8_MAX]; /* [n]: time in which n open ones become n - 1, 1/(pace + n loss) */
    double month_cents;                    /* mean spend aimed at */
    double spent[2], spread[2];            /* mean spend of a month and its variance */
    double basket;                         /* mean price, weighed by spend */
    double keen_mean;                      /* E[income^e] */
    double mornings[CH_N_GOODS][WEEKDAYS]; /* open needs by weekday, over the mean */
};

static bool works(const struct ch_ctx *ctx, const struct ch_person *who)
{
    return who->traits & CH_WORKER && ch_work(ctx, who) != CH_NONE;
}

static double share_of_workers(const struct ch_city *city)
{
    uint32_t n = 0;
    for (uint32_t id = 0; id < city->n_people; id++)
        n += city->people[id].traits & CH_WORKER && city->people[id].work != CH_NONE;
    return city->n_people ? (double)n / city->n_people : 0;
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct needs_params *params = setup->params;
    struct needs_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    double workers = share_of_workers(setup->city);
    table->keen_mean = lognormal_moment(params->income_sd, params->income_elasticity);
    for (int g = 0; g < CH_N_GOODS; g++) {
        const struct ch_good_facts *good = &setup->city->goods[g];
        double rate = good->rate * params->rate_factor.v[g] / days_per_month, loss = 1 - ch_exp(-1 / params->patience.v[g]);
        table->per_day[g] = rate;
        table->ages[g] = 1 / params->patience.v[g];
        table->loss[g] = loss;
        table->unmet[g] = 1 - params->met.v[g];
        table->month_cents += good->rate * (double)good->basket;
        table->basket += good->rate * (double)(good->basket * good->basket);
        table->pace[0][g] = pace_of(params->met.v[g], rate, loss, workers, params->busy.v[g]);
        table->pace[1][g] = params->busy.v[g] * table->pace[0][g];
        set_mornings(params->weekdays.v, params->met.v[g], loss, table->mornings[g]);
        for (int work = 0; work < 2; work++)
            end_times(table->pace[work][g], loss, table->ends[work][g]);
        for (int work = 0; work < 2; work++) {
            double met = met_share(rate, table->pace[work][g], loss),
                   bought = params->met.v[g] > 0 ? good->rate * met / params->met.v[g] : good->rate;
            table->spent[work] += bought * (double)good->basket;
            table->spread[work] += bought * (double)(good->basket * good->basket) * (1 + good->cv * good->cv);
        }
    }
    table->basket = table->month_cents > 0 ? table->basket / table->month_cents : 0;
    return table;
}

/* ---- start ------------------------------------------------------------------------------------------------------- */

static uint16_t thousandths(double x)
{
    double k = x * 1000 + 0.5;
    return k < 1 ? 1 : k > 65535 ? 65535 : (uint16_t)k;
}

/* As cents fit in an envelope: 20 million EUR at most. */
static int32_t in_envelope(ch_cents cents)
{
    const ch_cents most = 2000000000;
    return (int32_t)(cents > most ? most : cents < -most ? -most : cents);
}

static ch_cents envelope(const struct ch_ctx *ctx, const struct needs *needs)
{
    const struct needs_params *params = ch_params_of(ctx);
    const struct needs_table *table = ch_table(ctx);
    return (ch_cents)(params->budget * table->month_cents * needs->income / 1000);
}

static uint16_t month_of(const struct needs *needs, uint32_t day) { return (day * 16 + needs->pay_day) / MONTH_16THS % 16; }

static void start_income(struct ch_ctx *ctx, const struct ch_person *who, struct needs *needs)
{
    const struct needs_params *params = ch_params_of(ctx);
    const struct needs_table *table = ch_table(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_income, who->id, 0);
    double s = params->income_sd, ln = s * ch_draw_normal(&draw) - 0.5 * s * s;
    needs->income = thousandths(ch_exp(ln));
    needs->keen = thousandths(ch_exp(params->income_elasticity * ln) / table->keen_mean);
    needs->pay_day = ch_draw_below(&draw, MONTH_16THS) & 0xfff;
    double months = (double)needs->pay_day / MONTH_16THS;
    bool work = works(ctx, who);
    double used = table->spent[work] * months + ch_sqrt(table->spread[work] * months) * ch_draw_normal(&draw),
           whole = (double)envelope(ctx, needs), left = whole - (used > 0 ? used : 0),
           little = (1 - params->overdraft) * table->basket;
    needs->left = in_envelope((ch_cents)(left < little ? little * (1 - ch_draw_exponential(&draw)) : left));
}

static uint16_t open_mask(const struct needs *needs)
{
    unsigned mask = 0;
    for (int g = 0; g < CH_N_GOODS; g++)
        mask |= (unsigned)(needs->open[g] != 0) << g;
    return (uint16_t)mask;
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct needs_table *table = ch_table(ctx);
    struct needs *needs = ch_of_person(ctx, who);
    start_income(ctx, who, needs);
    struct ch_draw draw = ch_draw(ctx, DRAW_start, who->id, 0);
    bool work = works(ctx, who);
    unsigned weekday = ch_clock(ctx)->today->weekday;
    for (int g = 0; g < CH_N_GOODS; g++) {
        double rate = table->per_day[g] * needs->keen / 1000;
        unsigned n = draw_open(&draw, rate, table->loss[g], table->ends[work][g]);
        n = on_morning(&draw, n, table->mornings[g][weekday], rate * table->unmet[g] / table->loss[g]);
        needs->open[g] = (uint8_t)(n < UINT8_MAX ? n : UINT8_MAX - 1);
        needs->arrived = (uint16_t)(needs->arrived + needs->open[g]);
    }
    who->needs = open_mask(needs);
}

/* ---- the day ----------------------------------------------------------------------------------------------------- */

/* One open need of the good less; `who->needs` has a bit for each good with any. */
static void close_one(struct ch_person *who, struct needs *needs, uint32_t good)
{
    if (--needs->open[good] == 0)
        who->needs &= (uint16_t) ~(1u << good);
}

static void end_without(struct ch_ctx *ctx, struct ch_person *who, struct needs *needs, uint32_t good)
{
    close_one(who, needs, good);
    needs->ended++;
    ch_ratio(ctx, PROBE_needs_abandoned, 1, 0);
    ch_ratio(ctx, PROBE_needs_met_clothing + good, 0, 1);
}

/* Each open need is given up with probability 1 - e^(-1/patience). One exponential lasts until the next one is: what it is over
 * is memoryless, so a day costs one draw and one more for each need lost, however many are open. */
static void abandon(struct ch_ctx *ctx, struct ch_person *who, struct needs *needs, uint32_t day, double left)
{
    const struct needs_table *table = ch_table(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_abandon, who->id, (uint64_t)day << 32);
    for (unsigned mask = who->needs; mask; mask &= mask - 1) {
        uint32_t g = (uint32_t)__builtin_ctz(mask);
        for (unsigned n = needs->open[g]; n > 0; n--) {
            if (left > table->ages[g]) {
                left -= table->ages[g];
                continue;
            }
            end_without(ctx, who, needs, g);
            left = ch_draw_exponential(&draw);
        }
    }
}

/* Good of a need at `u` in 0 .. 1 of the goods' rates, given their running sums. A good of rate 0 takes no room. */
static uint32_t good_at(const double upto[CH_N_GOODS], double u)
{
    uint32_t g = 0, last = CH_N_GOODS - 1;
    while (last > 0 && upto[last - 1] >= upto[CH_N_GOODS - 1])
        last--;
    while (g < last && u * upto[CH_N_GOODS - 1] >= upto[g])
        g++;
    return g;
}

/* The least n with P(X <= n) >= u, X Poisson with mean <= 700. */
static uint32_t poisson_at(double mean, double u)
{
    double p = ch_exp(-mean), sum = p;
    uint32_t n = 0;
    for (; u > sum && (p > 1e-17 || n < mean); sum += p)
        p *= mean / ++n;
    return n;
}

static void open_one(struct ch_ctx *ctx, struct ch_person *who, struct needs *needs, uint32_t good)
{
    needs->arrived++;
    ch_ratio(ctx, PROBE_needs_met, 0, 1);
    ch_ratio(ctx, PROBE_needs_abandoned, 0, 1);
    who->needs |= (uint16_t)(1u << good);
    needs->open[good]++;
    if (needs->open[good] == UINT8_MAX)
        end_without(ctx, who, needs, good);
}

static void arrive(struct ch_ctx *ctx, struct ch_person *who, struct needs *needs, const struct ch_day *day, struct ch_draw *draw)
{
    const struct needs_table *table = ch_table(ctx);
    double upto[CH_N_GOODS], total = 0;
    for (int g = 0; g < CH_N_GOODS; g++)
        upto[g] = total += table->per_day[g] * (double)day->world->demand[g];
    double mean = total * needs->keen / 1000;
    for (uint32_t n = poisson_at(mean < 700 ? mean : 700, ch_unit(ch_draw_u32(draw))); n > 0; n--)
        open_one(ctx, who, needs, good_at(upto, ch_unit(ch_draw_u32(draw))));
}

/* Needs of `days` ordinary days at once. */
static void on_life_event(struct ch_ctx *ctx, struct ch_person *who, struct ch_life_event *event)
{
    const struct needs_table *table = ch_table(ctx);
    struct needs *needs = ch_of_person(ctx, who);
    struct ch_draw draw = ch_draw(ctx, DRAW_occasion, who->id, ch_occasion_day(who) | (uint64_t)event->what << 8 | event->good);
    double mean = table->per_day[event->good] * needs->keen / 1000 * event->days;
    for (uint32_t n = ch_draw_poisson(&draw, mean < 700 ? mean : 700); n > 0; n--)
        open_one(ctx, who, needs, event->good);
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    struct needs *needs = ch_of_person(ctx, who);
    struct ch_draw draw = ch_draw(ctx, DRAW_arrive, who->id, (uint64_t)day->day << 32);
    abandon(ctx, who, needs, day->day, -ch_log(ch_unit(ch_draw_u32(&draw))));
    arrive(ctx, who, needs, day, &draw);
    uint16_t month = month_of(needs, day->day);
    if (month != needs->month) {
        needs->month = month & 15u;
        needs->left = in_envelope(envelope(ctx, needs) + (needs->left < 0 ? needs->left : 0));
    }
    unsigned n = 0;
    for (int g = 0; g < CH_N_GOODS; g++)
        n += needs->open[g];
    ch_observe(ctx, PROBE_open_needs, n);
}

/* ---- conversations ----------------------------------------------------------------------------------------------- */

static void answer_want(struct ch_ctx *ctx, struct ch_person *who, struct ch_want *want)
{
    const struct needs_params *params = ch_params_of(ctx);
    const struct needs *needs = ch_of_person(ctx, who);
    for (unsigned mask = who->needs; mask && want->n < CH_WANTS_MAX; mask &= mask - 1) {
        uint32_t g = (uint32_t)__builtin_ctz(mask);
        if (params->urgency.v[g] <= 0)
            continue;
        want->item[want->n].good = g;
        want->item[want->n].weight = (needs->open[g] < PRESSING ? needs->open[g] : PRESSING) * params->urgency.v[g];
        want->item[want->n++].wish = CH_NONE;
    }
}

static void answer_urge(struct ch_ctx *ctx, struct ch_person *who, struct ch_urge *urge)
{
    const struct needs_params *params = ch_params_of(ctx);
    const struct needs *needs = ch_of_person(ctx, who);
    double price = (double)ctx->city->goods[urge->good].basket * ctx->city->stores[urge->store].price * (1 - urge->discount);
    if ((double)needs->left >= price * (1 - params->overdraft))
        return;
    urge->logit -= out_of_reach;
    ch_add(ctx, PROBE_unaffordable, 1);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct needs_params *params = ch_params_of(ctx);
    struct needs *needs = ch_of_person(ctx, who);
    needs->left = in_envelope(needs->left - sale->paid);
    if (!needs->open[sale->good])
        return;
    if (sale->motive != CH_PLANNED) {
        struct ch_draw draw =
            ch_draw(ctx, DRAW_displace, who->id, ch_occasion_trip(who) | (sale->store & 0x3ffffu) << 6 | sale->item);
        if (!ch_draw_chance(&draw, params->displaced))
            return;
    }
    close_one(who, needs, sale->good);
    needs->ended++;
    ch_ratio(ctx, PROBE_needs_met, 1, 0);
    ch_ratio(ctx, PROBE_needs_met_clothing + sale->good, 1, 1);
}

/* `bought`: another item of the good is taken instead, and the sale will meet the need. */
static void on_stockout(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct needs_params *params = ch_params_of(ctx);
    struct needs *needs = ch_of_person(ctx, who);
    if (visit->bought || visit->good >= CH_N_GOODS || !needs->open[visit->good])
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_give_up, who->id, ch_occasion_trip(who) | visit->good);
    if (!ch_draw_chance(&draw, params->gives_up))
        return;
    end_without(ctx, who, needs, visit->good);
}

/* Needs that arrived are open, met or abandoned; the filter of every person agrees with them. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        const struct needs *needs = ch_of_person(ctx, &ctx->people[id]);
        uint16_t rest = (uint16_t)(needs->arrived - needs->ended);
        for (int g = 0; g < CH_N_GOODS; g++)
            rest = (uint16_t)(rest - needs->open[g]);
        if (rest) {
            ch_fail(audit->error, CH_INTERNAL, "person %u: %u needs arrived, %u met or abandoned leave other than the open ones",
                    id, needs->arrived, needs->ended);
            return;
        }
        if (ctx->people[id].needs != open_mask(needs)) {
            ch_fail(audit->error, CH_INTERNAL, "person %u: goods with open needs are %#x, the filter says %#x", id,
                    (unsigned)open_mask(needs), (unsigned)ctx->people[id].needs);
            return;
        }
    }
}

extern const struct ch_model ch_model_needs;
const struct ch_model ch_model_needs = {.name = "needs",
                                        .title = "what people need and can afford",
                                        .mechanism = "M05",
                                        CH_WITH_PARAMS,
                                        CH_WITH_PROBES,
                                        CH_WITH_DRAWS,
                                        .person_size = sizeof(struct needs),
                                        .tabulate = tabulate,
                                        .start_person = start_person,
                                        .audit = audit,
                                        .on_day_begins = on_day_begins,
                                        .on_life_event = on_life_event,
                                        .on_sale = on_sale,
                                        .on_stockout = on_stockout,
                                        .on_supplied_away = on_sale,
                                        .answer_want = answer_want,
                                        .answer_urge = answer_urge};
