/* SPDX-License-Identifier: MIT
 * M04 Calendar: what day it is, and how much of the year's demand falls on it.
 *
 *   weekday, month  of the Gregorian calendar, from the date of simulated day 0
 *   sales           a period of `weeks` weeks from `sales_start` days after the scenario's start. Markdowns on non-food rise in
 *                   steps; of a category's yearly demand the share s falls into the period, spread over its weeks in proportion
 *                   to `intensity` (i_w, sums to 1). Multiplier of need arrivals, with a year of 365 days and f = 7 weeks/365:
 *                       in week w   s i_w 365/7          outside   (1 - s)/(1 - f)
 *                   Its integral over any 365 days that hold the period is 365: sales move demand, they do not make it.
 *                   A share s = f with even weeks would be neutral.
 *                   It comes again every 365 days.
 *   season          twelve monthly factors on non-food, divided by their mean over the year; even by default. Where season and
 *                   sales meet, a last factor makes the year whole again.
 *   holidays        the eleven of France, eight of fixed date and three that follow Easter; off by default.
 * What falls into single lives (birthdays, worn-out things) is another model's.
 *
 * Weather is not here: it acts on trips and on categories by their tags, elsewhere. Food is never touched.
 *
 * Evidence: winter sales lasted 35 days in 2009-14, 42 in 2016-17, 28 since 2020 (press); 20 % of yearly turnover of
 * clothes and shoe shops (Xerfi via press), 12 % of a department store (France Bleu 2017); the weekly shape is assumed, an early
 * concentration is sourced; so are steps of 30 %, 40 %, 50 % from week 1, 2, 4. */
#include <chaland/model.h>

#define CALENDAR_PARAMS(P)                                                                                                   \
    P(FLAG, sales, 0, 0, 1, "", "a sales period takes place", CH_CHOSEN("the question decides"))                             \
    P(TIME, sales_start, 0, 0, 2900, "d", "its first day, after the scenario's start", CH_CHOSEN("the question decides"))    \
    P(I64, weeks, 5, 1, 8, "", "its length in weeks", CH_SOURCED("35 days in 2009-14, 42 in 2016-17: press; 28 since 2020")) \
    P(LIST, intensity, "0.40 0.21 0.15 0.13 0.11 0.10 0.09 0.08", 0, 10, "",                                                 \
      "demand of its weeks, normalised over the first `weeks`",                                                              \
      CH_ASSUMED(0.05, 0.6, "early concentration is sourced, the shape is not"))                                             \
    P(LIST, markdown, "0.30 0.40 0.40 0.50 0.50 0.50 0.50 0.50", 0, 0.9, "share", "markdown on non-food by week",            \
      CH_ASSUMED(0.1, 0.7, "no data: steps from week 1, 2, 4"))                                                              \
    P(LIST, sales_share, "0.20 0.20 0.12 0.12 0.12 0.12 0.12 0.12", 0, 0.9, "share",                                         \
      "yearly demand that falls into the period, non-food categories in order",                                              \
      CH_SOURCED("clothes and shoes 20 %: Xerfi via press; the others as a department store, 12 %: France Bleu 2017"))       \
    P(LIST, season, "1 1 1 1 1 1 1 1 1 1 1 1", 0.01, 10, "", "non-food demand by month, normalised over the year",           \
      CH_ASSUMED(0.7, 1.5, "even: no data at hand; give your own"))                                                          \
    P(FLAG, holidays, 0, 0, 1, "", "the eleven public holidays of France are kept", CH_CHOSEN("the question decides"))       \
    P(FLAG, holidays_close, 1, 0, 1, "",                                                                                     \
      "on them people live a Sunday and stores keep its hours; else they live a Saturday, and all stores are open",          \
      CH_CHOSEN("most stores close; the law only asks it of 1 May"))                                                         \
    P(F64, yearly_total, 1, 0.01, 100, "", "needs of a whole year, over what the rates of the categories ask for",           \
      CH_CHOSEN("the question decides"))

#define CH_ROW_STRUCT struct calendar_params
CH_PARAMS(calendar, CALENDAR_PARAMS)

enum { YEAR_DAYS = 365 };

/* Week of the sales on simulated day `day`, 0 outside. */
static unsigned sale_week(const struct calendar_params *p, int64_t first, int64_t day)
{
    if (!p->sales || day < first || (day - first) % YEAR_DAYS >= 7 * p->weeks)
        return 0;
    return (unsigned)((day - first) % YEAR_DAYS / 7) + 1;
}

static double sales_factor(const struct calendar_params *p, unsigned good, unsigned week)
{
    double share = p->sales_share.v[good], sum = 0;
    for (int64_t w = 0; w < p->weeks; w++)
        sum += p->intensity.v[w];
    if (!p->sales || sum <= 0)
        return 1;
    if (week == 0)
        return (1 - share) / (1 - 7 * (double)p->weeks / YEAR_DAYS);
    return share * p->intensity.v[week - 1] / sum * YEAR_DAYS / 7;
}

static double season_factor(const struct calendar_params *p, unsigned month)
{
    static const double length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    double sum = 0;
    for (unsigned m = 0; m < 12; m++)
        sum += p->season.v[m] * length[m];
    return p->season.v[month] * YEAR_DAYS / sum;
}

/* What makes the 365 days that begin with the scenario (or with its sales, if they are later) add up to 365 yearly_total: an
 * uneven season changes what the weeks of the sales weigh. 1 to the bit where nothing has to be mended. */
static double year_scale(const struct calendar_params *p, unsigned good, int64_t start)
{
    int64_t sales = p->sales_start / CH_DAY, from = sales + 7 * p->weeks > YEAR_DAYS ? sales : 0;
    double sum = 0;
    for (int64_t d = from; d < from + YEAR_DAYS; d++)
        sum += sales_factor(p, good, sale_week(p, sales, d)) * season_factor(p, ch_month_of(start + d));
    double off = sum / YEAR_DAYS - 1;
    return off < 1e-9 && off > -1e-9 ? p->yearly_total : p->yearly_total * YEAR_DAYS / sum;
}

/* ---- public holidays --------------------------------------------------------------------------------------------- */

/* Easter Sunday of a year, counted from 1970-01-01: the first Sunday after the full moon on or after 21 March, by the tables of
 * the Gregorian calendar. */
static int64_t easter(int64_t year)
{
    int64_t golden = year % 19, century = year / 100,
            epact = (century - century / 4 - (8 * century + 13) / 25 + 19 * golden + 15) % 30,
            moon = epact - epact / 28 * (1 - 29 / (epact + 1) * ((21 - golden) / 11)),
            weekday = (year + year / 4 + moon + 2 - century + century / 4) % 7;
    return ch_unix_day(year, 3, 28) + moon - weekday;
}

/* Which holiday, 1 to 11, or 0. */
static uint8_t holiday_on(int64_t unix_day)
{
    static const struct {
        uint8_t month, day;
    } fixed[] = {{1, 1}, {5, 1}, {5, 8}, {7, 14}, {8, 15}, {11, 1}, {11, 11}, {12, 25}};
    static const int64_t after_easter[] = {1, 39, 50}; /* Easter Monday, Ascension, Whit Monday */
    enum { FIXED = sizeof fixed / sizeof fixed[0], MOVING = sizeof after_easter / sizeof after_easter[0] };
    struct ch_date date = ch_date_of(unix_day);
    for (unsigned i = 0; i < FIXED; i++)
        if (date.month == fixed[i].month && date.day == fixed[i].day)
            return (uint8_t)(i + 1);
    for (unsigned i = 0; i < MOVING; i++)
        if (unix_day == easter(date.year) + after_easter[i])
            return (uint8_t)(FIXED + i + 1);
    return 0;
}

static void tabulate_world(const void *params, struct ch_world *world, const uint16_t *purpose)
{
    (void)purpose; /* nothing is drawn */
    const struct calendar_params *p = params;
    int64_t first = world->warmup_days + p->sales_start / CH_DAY;
    double scale[CH_N_GOODS];
    for (unsigned good = 0; good < CH_N_GOODS; good++)
        scale[good] = good < CH_N_NONFOOD ? year_scale(p, good, world->start_unix_day + world->warmup_days) : p->yearly_total;
    for (uint32_t d = 0; d < world->n_days; d++) {
        struct ch_world_day *day = &world->day[d];
        unsigned week = sale_week(p, first, d);
        day->weekday = (uint8_t)ch_date_of(world->start_unix_day + d).weekday;
        day->holiday = p->holidays ? holiday_on(world->start_unix_day + d) : 0;
        day->type = (uint8_t)(day->weekday == 6 ? CH_SUNDAY : day->weekday == 5 ? CH_SATURDAY : CH_WEEKDAY);
        if (day->holiday && day->type != CH_SUNDAY)
            day->type = p->holidays_close ? CH_SUNDAY : CH_SATURDAY;
        day->month = ch_month_of(world->start_unix_day + d);
        day->sale_week = (uint8_t)week;
        day->markdown_bp = week ? (int16_t)(p->markdown.v[week - 1] * 10000 + 0.5) : 0;
        for (unsigned good = 0; good < CH_N_GOODS; good++)
            day->demand[good] =
                (float)(good < CH_N_NONFOOD ? sales_factor(p, good, week) * season_factor(p, day->month) * scale[good]
                                            : scale[good]);
    }
}

extern const struct ch_model ch_model_calendar;
const struct ch_model ch_model_calendar = {
    .name = "calendar",
    .title = "days, sales periods and seasons",
    .mechanism = "M04",
    CH_WITH_PARAMS,
    .tabulate_world = tabulate_world,
};
