/* SPDX-License-Identifier: MIT
 * M04 Life: what falls into single lives rather than into everybody's year. Off unless the scenario wants it.
 *
 *   birthday      each of `contacts` people around a person has one birthday a year; `lead` before it comes the wish to give
 *   replacement   each person owns one of each durable good. It lasts a Weibull time (mean 4 years, k = 3), then another follows.
 *                 At time 0 its age is that of a clock met at a random moment: what is left has the density P(T > t)/E[T]
 *   launch        `launches` times a year, evenly, something new comes out; each reaches a share of the people
 *
 * Of the yearly needs of a good the shares given here come by these events, and the everyday rate is lowered by them: an event
 * brings share x 365 / (events a year) ordinary days' worth of needs at once (moment `life_event`). So
 *     (1 - sum of shares) 365 + sum over events of days per event x events a year = 365
 * and the year's total is what the calendar says: life moves demand, it does not make it.
 *
 * Nothing is kept per person: birthdays and clocks are functions of who it is, drawn again each morning. Durable clocks do not
 * start anew when something is bought before its time. Shares are assumed; so are mean and shape (M04 of the model reference). */
#include <chaland/model.h>

#define LIFE_PARAMS(P)                                                                                                    \
    P(FLAG, active, 0, 0, 1, "", "people have birthdays, things that wear out, and hear of launches",                     \
      CH_CHOSEN("off unless asked for"))                                                                                  \
    P(I64, contacts, 1, 0, 20, "", "people around a person whose birthdays are an occasion to give",                      \
      CH_ASSUMED(1, 8, "no data"))                                                                                        \
    P(TIME, lead, 7, 0, 60, "d", "so long before a birthday the gift is thought of", CH_ASSUMED(1, 21, "no data"))        \
    P(LIST, birthday_share, "0.03 0 0.05 0.02 0.02 0.08 0 0.4", 0, 0.9, "share",                                          \
      "needs that come by birthdays, by non-food good", CH_ASSUMED(0, 0.6, "no data"))                                    \
    P(LIST, replacement_share, "0 0 0 0.3 0.2 0 0.2 0", 0, 0.9, "share",                                                  \
      "needs that come by replacement, by non-food good; durable where above 0", CH_ASSUMED(0, 0.8, "no data"))           \
    P(TIME, lasts, 1461, 30, 36500, "d", "mean life of a durable good", CH_ASSUMED(730, 3650, "four years"))              \
    P(F64, shape, 3, 0.5, 20, "", "k of the Weibull law of that life", CH_ASSUMED(1.5, 5, "wear, not chance, ends it"))   \
    P(I64, launches, 2, 0, 52, "", "a year", CH_ASSUMED(0, 12, "no data"))                                                \
    P(F64, reach, 0.2, 0.0001, 1, "share", "people whom a launch makes want something", CH_ASSUMED(0.02, 0.6, "no data")) \
    P(LIST, launch_share, "0 0 0.05 0.05 0 0 0 0.02", 0, 0.9, "share", "needs that come by launches, by non-food good",   \
      CH_ASSUMED(0, 0.3, "no data"))
#define CH_ROW_STRUCT struct life_params
CH_PARAMS(life, LIFE_PARAMS)

#define LIFE_PROBES(B)                                                            \
    B(SUM, birthdays, "", 1, 0, 0, "birthdays that made someone think of a gift") \
    B(SUM, replacements, "", 1, 0, 0, "durable goods whose time was over")        \
    B(SUM, launches_heard, "", 1, 0, 0, "people reached by launches, each time")  \
    B(RATIO, life_event_days, "d", 1, 0, 0, "ordinary days' worth of needs of a good, per event of life")
CH_PROBES(LIFE_PROBES)

#define LIFE_DRAWS(D)                                              \
    D(birthday, "day of the year; person and contact")             \
    D(clock, "lives of a durable; person, good and which of them") \
    D(launch, "does a launch reach this person? person, good and launch")
CH_DRAWS(LIFE_DRAWS)

enum { YEAR_DAYS = 365, QUANTILES = 1024, STEPS = 8192 };

struct life_table {
    double left[QUANTILES + 1];                  /* quantiles of what is left of a clock met at a random moment, in days */
    double scale;                                /* of the Weibull law, days */
    double days[CH_N_OCCURRENCES][CH_N_NONFOOD]; /* that one event brings */
    unsigned durable;                            /* a bit per good */
};

CH_WANTED_IF_ACTIVE

/* ---- set-up ------------------------------------------------------------------------------------------------------ */

/* The integral of P(T > t) = exp(-t^k) up to each step, by trapezoids; beyond the last one nothing is left to speak of. */
static double integrate(double k, double last, double sum[STEPS + 1])
{
    double before = 1, step = last / STEPS;
    sum[0] = 0;
    for (int i = 1; i <= STEPS; i++) {
        double now = ch_exp(-ch_pow(i * step, k));
        sum[i] = sum[i - 1] + (before + now) / 2 * step;
        before = now;
    }
    return sum[STEPS];
}

static void fill_clock(struct life_table *table, double *sum, double k, double mean_days)
{
    double last = ch_pow(30, 1 / k), mean = integrate(k, last, sum); /* of the law with scale 1 */
    table->scale = mean_days / mean;
    int i = 0;
    for (int q = 0; q <= QUANTILES; q++) {
        double aim = mean * q / QUANTILES;
        while (i < STEPS - 1 && sum[i + 1] < aim)
            i++;
        double part = (aim - sum[i]) / (sum[i + 1] - sum[i]);
        table->left[q] = table->scale * last / STEPS * (i + (part < 1 ? part : 1));
    }
}

static double share_of(const struct life_params *p, enum ch_occurrence what, unsigned good)
{
    switch (what) {
    case CH_BIRTHDAY:
        return p->contacts > 0 ? p->birthday_share.v[good] : 0;
    case CH_REPLACEMENT:
        return p->replacement_share.v[good];
    default:
        return p->launches > 0 ? p->launch_share.v[good] : 0;
    }
}

static double events_a_year(const struct life_params *p, enum ch_occurrence what)
{
    switch (what) {
    case CH_BIRTHDAY:
        return (double)p->contacts;
    case CH_REPLACEMENT:
        return (double)YEAR_DAYS * (double)CH_DAY / (double)p->lasts;
    default:
        return (double)p->launches * p->reach;
    }
}

/* What is left of a good's everyday demand. */
static double everyday(const struct life_params *p, unsigned good)
{
    double rest = 1;
    for (unsigned what = 0; what < CH_N_OCCURRENCES; what++)
        rest -= share_of(p, (enum ch_occurrence)what, good);
    return rest;
}

/* Blames the largest. */
static void refuse_shares(const struct ch_setup *setup, unsigned good)
{
    const char *const name[CH_N_OCCURRENCES] = {
        [CH_BIRTHDAY] = "birthday_share", [CH_REPLACEMENT] = "replacement_share", [CH_LAUNCH] = "launch_share"};
    unsigned most = 0;
    for (unsigned what = 1; what < CH_N_OCCURRENCES; what++)
        most = share_of(setup->params, (enum ch_occurrence)what, good) > share_of(setup->params, (enum ch_occurrence)most, good)
                   ? what
                   : most;
    ch_setup_refuse(
        setup, (struct ch_blame){.param = name[most], .value = (int)good + 1, .hint = "what is left of 1 is the everyday need"},
        "shares of %s by birthdays, replacement and launches that add up to 1 at most", setup->city->goods[good].name);
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct life_params *p = setup->params;
    struct life_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    double *sum = ch_setup_alloc(setup, STEPS + 1, sizeof *sum);
    fill_clock(table, sum, p->shape, (double)p->lasts / (double)CH_DAY);
    for (unsigned good = 0; good < CH_N_NONFOOD; good++) {
        if (everyday(p, good) < 0)
            refuse_shares(setup, good);
        for (unsigned what = 0; what < CH_N_OCCURRENCES; what++) {
            double share = share_of(p, (enum ch_occurrence)what, good);
            table->days[what][good] = share > 0 ? share * YEAR_DAYS / events_a_year(p, (enum ch_occurrence)what) : 0;
        }
        table->durable |= (unsigned)(p->replacement_share.v[good] > 0) << good;
    }
    return table;
}

static void tabulate_world(const void *params, struct ch_world *world, const uint16_t *purpose)
{
    (void)purpose; /* nothing is drawn */
    for (uint32_t d = 0; d < world->n_days; d++)
        for (unsigned good = 0; good < CH_N_NONFOOD; good++) {
            double rest = everyday(params, good);
            world->day[d].demand[good] *= (float)(rest > 0 ? rest : 0);
        }
}

/* ---- the day ----------------------------------------------------------------------------------------------------- */

static void tell(struct ch_ctx *ctx, struct ch_person *who, enum ch_occurrence what, uint32_t good)
{
    const struct life_table *table = ch_table(ctx);
    struct ch_life_event event = {.what = what, .good = good, .days = table->days[what][good]};
    ch_ratio(ctx, PROBE_life_event_days, (int64_t)(event.days + 0.5), 1);
    ch_tell_life_event(ctx, who, &event);
}

static void keep_birthdays(struct ch_ctx *ctx, struct ch_person *who, uint32_t day)
{
    const struct life_params *p = ch_params_of(ctx);
    const struct life_table *table = ch_table(ctx);
    int64_t today = ch_date_of(ctx->world->start_unix_day + day).in_year; /* the last day of a leap year is nobody's */
    for (uint32_t k = 0; k < p->contacts; k++) {
        struct ch_draw draw = ch_draw(ctx, DRAW_birthday, who->id, k);
        int64_t day_of_gift = (ch_draw_below(&draw, YEAR_DAYS) + YEAR_DAYS - p->lead / CH_DAY) % YEAR_DAYS;
        if (day_of_gift != today)
            continue;
        ch_add(ctx, PROBE_birthdays, 1);
        for (uint32_t good = 0; good < CH_N_NONFOOD; good++)
            if (table->days[CH_BIRTHDAY][good] > 0)
                tell(ctx, who, CH_BIRTHDAY, good);
    }
}

/* Is one of this person's things of this good worn out on this day? Their lives are told again from the first. */
static bool wears_out(struct ch_ctx *ctx, const struct ch_person *who, uint32_t good, uint32_t day)
{
    const struct life_params *p = ch_params_of(ctx);
    const struct life_table *table = ch_table(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_clock, who->id, good);
    double u = ch_draw_uniform(&draw) * QUANTILES;
    uint32_t q = (uint32_t)u < QUANTILES ? (uint32_t)u : QUANTILES - 1;
    double ends = table->left[q] + (table->left[q + 1] - table->left[q]) * (u - q);
    while (ends < day)
        ends += table->scale * ch_pow(ch_draw_exponential(&draw), 1 / p->shape);
    return ends < day + 1.0;
}

static void replace(struct ch_ctx *ctx, struct ch_person *who, uint32_t day)
{
    const struct life_table *table = ch_table(ctx);
    for (unsigned mask = table->durable; mask; mask &= mask - 1) {
        uint32_t good = (uint32_t)__builtin_ctz(mask);
        if (!wears_out(ctx, who, good, day))
            continue;
        ch_add(ctx, PROBE_replacements, 1);
        tell(ctx, who, CH_REPLACEMENT, good);
    }
}

/* The number of the launch on this day, counted from the start; -1: none. Those of a year fall in the middle of equal parts. */
static int64_t launch_on(const struct life_params *p, uint32_t day)
{
    int64_t n = p->launches, year = day / YEAR_DAYS, of_year = day % YEAR_DAYS;
    for (int64_t k = 0; k < n; k++)
        if ((2 * k + 1) * YEAR_DAYS / (2 * n) == of_year)
            return year * n + k;
    return -1;
}

static void hear_of_launches(struct ch_ctx *ctx, struct ch_person *who, uint32_t day)
{
    const struct life_params *p = ch_params_of(ctx);
    const struct life_table *table = ch_table(ctx);
    int64_t launch = launch_on(p, day);
    for (uint32_t good = 0; launch >= 0 && good < CH_N_NONFOOD; good++) {
        struct ch_draw draw = ch_draw(ctx, DRAW_launch, who->id, (uint64_t)launch << 8 | good);
        if (table->days[CH_LAUNCH][good] <= 0 || !ch_draw_chance(&draw, p->reach))
            continue;
        ch_add(ctx, PROBE_launches_heard, 1);
        tell(ctx, who, CH_LAUNCH, good);
    }
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    keep_birthdays(ctx, who, day->day);
    replace(ctx, who, day->day);
    hear_of_launches(ctx, who, day->day);
}

extern const struct ch_model ch_model_life;
const struct ch_model ch_model_life = {
    .name = "life",
    .title = "birthdays, worn-out things, launches",
    .mechanism = "M04",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .tabulate = tabulate,
    .tabulate_world = tabulate_world,
    .on_day_begins = on_day_begins,
};
