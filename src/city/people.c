/* SPDX-License-Identifier: MIT
 * The people: where they live and work, how fast they walk, what phone they carry, how they feel about privacy. Every decision
 * of a person is a draw of its own, keyed by the person alone, so a change of one share moves nothing else. */
#include "base/together.h"
#include "city/town.h"
#include <chaland/numeric.h>

enum { PIECE = 4096 };                                    /* people drawn in a row by one thread */
static const double slowest_m_s = 0.6, fastest_m_s = 2.2; /* the law of speeds is cut there */

static double total(const double *weight, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += weight[i];
    return sum;
}

/* Density falls as exp(-r / R), R half the diagonal: at the corners it is 37 % of the centre's. */
static void gentle_density(const struct ch_town *town, double *weight)
{
    const struct ch_city *city = town->city;
    double half_x = town->width_m / 2, half_y = town->height_m / 2, reach = ch_sqrt(half_x * half_x + half_y * half_y);
    for (uint32_t node = 0; node < city->n_nodes; node++) {
        double x, y;
        ch_town_node_point(town, node, &x, &y);
        x -= half_x;
        y -= half_y;
        weight[node] = ch_exp(-ch_sqrt(x * x + y * y) / reach);
    }
}

bool ch_town_homes(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_homes);
    uint32_t n = town->city->n_nodes;
    double *weight = ch_town_alloc(town->scratch, n, sizeof *weight);
    if (!weight || (own && !ch_town_own_weights(town, CH_TABLE_homes, own, weight)))
        return false;
    if (!own || !(total(weight, n) > 0)) /* own homes without any weight were complained about */
        gentle_density(town, weight);
    return ch_alias_init(&town->homes, town->scratch, weight, n);
}

/* Half of the jobs spread evenly, half in proportion to the floor of stores. */
static void jobs_of_city(const struct ch_town *town, double *jobs)
{
    const struct ch_city *city = town->city;
    double floor = 0;
    for (uint32_t s = 0; s < city->n_stores; s++)
        floor += town->store[s].floor_m2;
    for (uint32_t node = 0; node < city->n_nodes; node++)
        jobs[node] = 1;
    for (uint32_t s = 0; s < city->n_stores; s++)
        jobs[town->store[s].node] += town->store[s].floor_m2 / floor * city->n_nodes;
}

bool ch_town_works(struct ch_town *town)
{
    const struct ch_item_table *own = ch_town_table(town, CH_TABLE_works);
    uint32_t n = town->city->n_nodes;
    town->jobs = ch_town_alloc(town->scratch, n, sizeof *town->jobs);
    if (!town->jobs || (own && !ch_town_own_weights(town, CH_TABLE_works, own, town->jobs)))
        return false;
    if (!own)
        jobs_of_city(town, town->jobs);
    return true;
}

struct works {
    struct ch_gravity gravity;
    uint32_t *nearest; /* node of the nearest job, made only if some home is too far from all */
};

static bool init_works(struct ch_town *town, struct works *works)
{
    const struct ch_city *city = town->city;
    double reach = CH_BLOCK(town->scenario, population)->work_reach;
    return ch_gravity_init(&works->gravity, town->scratch, city->width, city->height, town->jobs, ch_exp(-town->block_m / reach));
}

/* As distances grow beyond what a double can weigh, the law tends to the nearest job. */
static bool find_nearest_jobs(struct ch_town *town, struct works *works)
{
    uint32_t n = 0, n_nodes = town->city->n_nodes;
    uint32_t *source = ch_town_alloc(town->scratch, n_nodes, sizeof *source);
    works->nearest = ch_town_alloc(town->scratch, n_nodes, sizeof *works->nearest);
    if (!source || !works->nearest)
        return false;
    for (uint32_t node = 0; node < n_nodes; node++)
        if (town->jobs[node] > 0)
            source[n++] = node;
    if (!ch_town_nearest(town, n, source, works->nearest))
        return false;
    for (uint32_t node = 0; node < n_nodes; node++)
        works->nearest[node] = source[works->nearest[node]];
    return true;
}

/* Workplace of a worker, CH_NONE where the law has no weight. */
static uint32_t work_of(const struct ch_town *town, const struct works *works, uint32_t id, uint32_t home)
{
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_WORK, id);
    double u_row = ch_draw_uniform(&draw), u_column = ch_draw_uniform(&draw);
    return ch_gravity_pick(&works->gravity, home, u_row, u_column);
}

static bool chance(const struct ch_town *town, enum ch_town_draw purpose, uint32_t id, double p)
{
    struct ch_draw draw = ch_town_draw(town, purpose, id);
    return ch_draw_chance(&draw, p);
}

static uint8_t device_of(const struct ch_town *town, uint32_t id)
{
    const struct ch_devices_params *set = CH_BLOCK(town->scenario, devices);
    if (!chance(town, CH_TOWN_PHONE, id, set->smartphone))
        return 0;
    unsigned device = CH_SMARTPHONE;
    device |= chance(town, CH_TOWN_SYSTEM, id, set->android) ? CH_ANDROID : CH_IOS;
    device |= chance(town, CH_TOWN_BLUETOOTH, id, set->bluetooth) ? CH_BLUETOOTH : 0;
    device |= chance(town, CH_TOWN_LOCATION, id, set->location) ? CH_LOCATION : 0;
    device |= chance(town, CH_TOWN_APP, id, set->app) ? CH_APP : 0;
    return (uint8_t)device;
}

struct speeds {                 /* normal law cut at both ends, by inversion */
    double mean, sd, low, high; /* low, high: its distribution function at the cuts */
};

static uint16_t speed_of(const struct ch_town *town, const struct speeds *law, uint32_t id)
{
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_SPEED, id);
    double p = law->low + (law->high - law->low) * ch_draw_uniform(&draw);
    double v = law->sd > 0 ? law->mean + law->sd * ch_norm_inv(p) : law->mean;
    v = v < slowest_m_s ? slowest_m_s : v > fastest_m_s ? fastest_m_s : v;
    return (uint16_t)(v * 1000 + 0.5);
}

/* People are drawn each for themselves. */
struct census {
    const struct ch_town *town;
    const struct works *works;
    struct speeds law;
    struct ch_citizen *people;
};

static void draw_people(void *arg, size_t first, size_t end)
{
    const struct census *census = arg;
    const struct ch_town *town = census->town;
    const struct ch_population_params *set = CH_BLOCK(town->scenario, population);
    for (uint32_t id = (uint32_t)first; id < end; id++) {
        struct ch_citizen *who = &census->people[id];
        struct ch_draw home = ch_town_draw(town, CH_TOWN_HOME, id), privacy = ch_town_draw(town, CH_TOWN_PRIVACY, id);
        who->home = ch_alias_pick(&town->homes, ch_draw_uniform(&home));
        who->work = CH_NONE;
        if (chance(town, CH_TOWN_WORKER, id, set->workers)) {
            who->traits = CH_WORKER;
            who->work = work_of(town, census->works, id, who->home);
        }
        who->speed_mm_s = speed_of(town, &census->law, id);
        who->device = device_of(town, id);
        who->privacy = ch_draw_weighted(&privacy, set->privacy.v, CH_N_PRIVACY) & 15;
    }
}

/* Those whom the law gave no workplace, as all are too far. */
static bool send_to_nearest(struct ch_town *town, struct works *works, struct ch_citizen *people)
{
    for (uint32_t id = 0; id < town->city->n_people; id++) {
        if (!(people[id].traits & CH_WORKER) || people[id].work != CH_NONE)
            continue;
        if (!works->nearest && !find_nearest_jobs(town, works))
            return false;
        people[id].work = works->nearest[people[id].home];
    }
    return true;
}

static struct speeds speeds_of(const struct ch_population_params *set)
{
    struct speeds law = {.mean = set->speed, .sd = set->speed_sd};
    if (law.sd > 0) {
        law.low = ch_norm_cdf((slowest_m_s - law.mean) / law.sd);
        law.high = ch_norm_cdf((fastest_m_s - law.mean) / law.sd);
    }
    return law;
}

_Static_assert(sizeof(struct ch_citizen) == 12, "ten million people take 120 MB");

bool ch_town_people(struct ch_town *town)
{
    struct works works = {.nearest = NULL};
    struct ch_citizen *people = ch_town_alloc(town->arena, town->city->n_people, sizeof *people);
    if (!people || !init_works(town, &works))
        return false;
    town->city->people = people;
    struct census census = {
        .town = town, .works = &works, .law = speeds_of(CH_BLOCK(town->scenario, population)), .people = people};
    ch_together(town->city->n_people, PIECE, draw_people, &census);
    return send_to_nearest(town, &works, people);
}
