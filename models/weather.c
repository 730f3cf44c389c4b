/* SPDX-License-Identifier: MIT
 * M03 Weather: a sky that wanders and a temperature that swings, the same for every policy of a replication.
 *
 *   sky          a Markov chain over {clear, cloudy, rain, storm} with one step each 3 h. First-order chains are the standard
 *                model of wet and dry spells (Gabriel & Neumann 1962, via a review of the AMS). The first state is drawn
 *                from the stationary law, so there is no transient. With the default rows that law is
 *                (.3131 .3512 .2951 .0406), and spells last 1/(1 - p_ii) = 2.5, 1.818, 2.0, 1.429 steps on average.
 *   temperature  T = mean(month) + swing cos(2 pi (h - 15)/24) + x in degrees C, h the hour at which the step begins;
 *                x is autoregressive, x' = persistence x + N(0, noise), with variance noise^2/(1 - persistence^2).
 *   street       discretionary trips are multiplied by the sky's factor, divided by the mean of the factors under the
 *                stationary law: weather moves trips from one day to another, the templates of day plans set how many there are.
 *   speed        free walking speed is multiplied by the sky's factor (storm stands for storm or snow).
 *
 * Weather enters demand through the categories' heat and rain tags and nowhere else; see the model of needs. */
#include <chaland/model.h>

#define WEATHER_PARAMS(P)                                                                                                       \
    P(LIST, from_clear, "0.60 0.28 0.11 0.01", 0, 1, "share", "next sky after clear: clear, cloudy, rain, storm",               \
      CH_ASSUMED(0, 1, "no data: refit on local data"))                                                                         \
    P(LIST, from_cloudy, "0.25 0.45 0.27 0.03", 0, 1, "share", "next sky after cloudy",                                         \
      CH_ASSUMED(0, 1, "no data: refit on local data"))                                                                         \
    P(LIST, from_rain, "0.12 0.33 0.50 0.05", 0, 1, "share", "next sky after rain",                                             \
      CH_ASSUMED(0, 1, "no data: refit on local data"))                                                                         \
    P(LIST, from_storm, "0.05 0.20 0.45 0.30", 0, 1, "share", "next sky after storm or snow",                                   \
      CH_ASSUMED(0, 1, "no data: refit on local data"))                                                                         \
    P(LIST, month_mean, "4.5 5.4 7.8 10.1 13.4 16.6 18.6 18.4 16.2 12.2 7.6 5.4", -50, 50, "C",                                 \
      "mean temperature, January to December", CH_SOURCED("climate of Maine-et-Loire 1951-80, fr.wikipedia"))                   \
    P(F64, swing, 3.5, 0, 20, "C", "half the difference between 15 h and 3 h", CH_ASSUMED(2, 6, "no data"))                     \
    P(F64, persistence, 0.85, 0, 0.999, "", "autocorrelation of the deviation from one step to the next",                       \
      CH_ASSUMED(0.7, 0.95, "no data"))                                                                                         \
    P(F64, noise, 1.2, 0, 10, "C", "standard deviation of its innovation", CH_ASSUMED(0.5, 2, "no data"))                       \
    P(LIST, street, "1.03 1 0.93 0.85", 0.01, 3, "", "discretionary trips by sky, before normalisation",                        \
      CH_SOURCED("department stores -3/+7 %, -5/-9/-15 % by hours of rain: Irish Times on a US study; high street -5.4 % in a " \
                 "wet week: Springboard"))                                                                                      \
    P(LIST, speed, "1 1 1.05 0.85", 0.3, 2, "", "walking speed by sky", CH_ASSUMED(0.7, 1.2, "no data: rain 1.05, snow 0.85"))

#define CH_ROW_STRUCT struct weather_params
CH_PARAMS(weather, WEATHER_PARAMS)

#define WEATHER_DRAWS(D)                                                \
    D(sky, "next sky; entity 0, occasion: step of 3 h since the start") \
    D(temperature, "innovation of the temperature; entity 0, occasion: step")
CH_DRAWS(WEATHER_DRAWS)

enum { STEPS_PER_DAY = (int)(CH_DAY / CH_SKY_STEP), ITERATIONS = 4096 };
#define PI 3.14159265358979323846

static const double *row_from(const struct weather_params *p, unsigned sky)
{
    const struct ch_list *rows[CH_N_SKIES] = {&p->from_clear, &p->from_cloudy, &p->from_rain, &p->from_storm};
    return rows[sky]->v;
}

/* Law that one step leaves as it is, by power iteration. Staying with probability 1/2 changes no stationary law and makes
 * periodic chains settle too; of several laws it finds the one that an even start leads to. */
static void stationary_law(const struct weather_params *p, double law[CH_N_SKIES])
{
    for (unsigned i = 0; i < CH_N_SKIES; i++)
        law[i] = 1.0 / CH_N_SKIES;
    for (unsigned n = 0; n < ITERATIONS; n++) {
        double next[CH_N_SKIES] = {0}, sum = 0;
        for (unsigned i = 0; i < CH_N_SKIES; i++)
            for (unsigned j = 0; j < CH_N_SKIES; j++)
                next[j] += 0.5 * law[i] * (row_from(p, i)[j] + (i == j ? 1.0 : 0.0));
        for (unsigned i = 0; i < CH_N_SKIES; i++)
            sum += next[i];
        for (unsigned i = 0; i < CH_N_SKIES; i++)
            law[i] = next[i] / sum;
    }
}

static const void *check_rows(struct ch_setup *setup)
{
    static const char *const name[CH_N_SKIES] = {"from_clear", "from_cloudy", "from_rain", "from_storm"};
    for (unsigned i = 0; i < CH_N_SKIES; i++) {
        const double *row = row_from(setup->params, i);
        double sum = row[0] + row[1] + row[2] + row[3];
        if (sum < 1 - 1e-6 || sum > 1 + 1e-6) {
            ch_setup_refuse(setup, (struct ch_blame){.param = name[i], .hint = "what follows: clear, cloudy, rain, storm"},
                            "four shares that sum to 1; these make %.6g", sum);
            return NULL;
        }
    }
    return NULL;
}

static int16_t tenths(double celsius)
{
    double t = celsius * 10 + (celsius < 0 ? -0.5 : 0.5);
    return (int16_t)(t < -999 ? -999 : t > 999 ? 999 : t);
}

static void draw_skies(const struct weather_params *p, struct ch_world *world, const double law[CH_N_SKIES], uint16_t purpose)
{
    unsigned sky = 0;
    for (uint32_t k = 0; k < world->n_steps; k++) {
        struct ch_draw draw = ch_draw_open(world->key, 0, purpose, k);
        sky = ch_draw_weighted(&draw, k == 0 ? law : row_from(p, sky), CH_N_SKIES);
        world->step[k].sky = (uint8_t)sky;
    }
}

static void draw_temperatures(const struct weather_params *p, struct ch_world *world, uint16_t purpose)
{
    double x = 0, stationary_sd = p->noise / ch_sqrt(1 - p->persistence * p->persistence), mean = 0;
    for (uint32_t k = 0; k < world->n_steps; k++) {
        struct ch_draw draw = ch_draw_open(world->key, 0, purpose, k);
        double z = ch_draw_normal(&draw);
        x = k == 0 ? stationary_sd * z : p->persistence * x + p->noise * z;
        if (k % STEPS_PER_DAY == 0)
            mean = p->month_mean.v[ch_month_of(world->start_unix_day + k / STEPS_PER_DAY)];
        double hour = (double)(k % STEPS_PER_DAY) * (24.0 / STEPS_PER_DAY);
        world->step[k].deci_celsius = tenths(mean + p->swing * ch_cos(2 * PI * (hour - 15) / 24) + x);
    }
}

static void tabulate_world(const void *params, struct ch_world *world, const uint16_t *purpose)
{
    const struct weather_params *p = params;
    double law[CH_N_SKIES], mean = 0;
    stationary_law(p, law);
    draw_skies(p, world, law, purpose[DRAW_sky]);
    draw_temperatures(p, world, purpose[DRAW_temperature]);
    for (unsigned i = 0; i < CH_N_SKIES; i++)
        mean += law[i] * p->street.v[i];
    for (unsigned i = 0; i < CH_N_SKIES; i++) {
        world->street_factor[i] = p->street.v[i] / mean;
        world->speed_factor[i] = p->speed.v[i];
    }
}

extern const struct ch_model ch_model_weather;
const struct ch_model ch_model_weather = {
    .name = "weather",
    .title = "sky and temperature",
    .mechanism = "M03",
    CH_WITH_PARAMS,
    CH_WITH_DRAWS,
    .tabulate = check_rows,
    .tabulate_world = tabulate_world,
};
