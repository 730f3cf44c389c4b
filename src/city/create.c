/* SPDX-License-Identifier: MIT
 * From scenario to city: the grid, what stands in it, who lives there, and the indices. Everything lies in one arena. */
#include "city/town.h"
#include "scenario/diag.h"
#include <chaland/assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- small services, see town.h ----------------------------------------------------------------------------------- */

void *ch_town_alloc(struct ch_arena *arena, size_t count, size_t size) { return ch_arena_alloc(arena, count ? count : 1, size); }

const char *ch_town_text(struct ch_town *town, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = n < 0 ? NULL : ch_arena_strndup(town->arena, "", 0);
    if (n > 0) {
        char small[128], *big = n < (int)sizeof small ? small : malloc((size_t)n + 1);
        if (big)
            vsnprintf(big, (size_t)n + 1, format, again);
        text = big ? ch_arena_strndup(town->arena, big, (size_t)n) : NULL;
        if (big != small)
            free(big);
    }
    va_end(again);
    va_end(args);
    return text;
}

struct ch_draw ch_town_draw(const struct ch_town *town, enum ch_town_draw purpose, uint32_t entity)
{
    return ch_draw_open(town->key, entity, (uint16_t)purpose, 0);
}

void ch_town_blame(struct ch_town *town, const char *key, const char *help, const char *what)
{
    struct ch_mark mark;
    (void)ch_scenario_mark(town->scenario, key, -1, &mark);
    ch_diag_add(town->diag, mark, ch_diag_error_code(CH_E_CONFLICT), help, "%s: %s", key, what);
}

const struct ch_item_table *ch_town_table(const struct ch_town *town, enum ch_item_table_kind kind)
{
    const struct ch_item_table *items = town->scenario->items;
    return items && items[kind].given ? &items[kind] : NULL;
}

int ch_town_digits(uint32_t n)
{
    int digits = 1;
    while (n >= 10) {
        n /= 10;
        digits++;
    }
    return digits;
}

/* ---- the grid and the facts --------------------------------------------------------------------------------------- */

static void lay_streets(struct ch_town *town)
{
    const struct ch_population_params *people = CH_BLOCK(town->scenario, population);
    struct ch_city *city = town->city;
    city->width = (uint32_t)town->set->columns + 1;
    city->height = (uint32_t)town->set->rows + 1;
    city->n_nodes = city->width * city->height;
    city->block_mm = (int64_t)(town->set->block * 1000 + 0.5);
    town->block_m = (double)city->block_mm / 1000;
    town->width_m = (double)((city->width - 1) * city->block_mm) / 1000;
    town->height_m = (double)((city->height - 1) * city->block_mm) / 1000;
    town->clear_mm = CH_FASTEST_MM_S * (CH_LOOKAHEAD / CH_SECOND);
    city->area_km2 = town->width_m * town->height_m / 1e6;
    city->sample = people->sample;
    city->inhabitants = (double)people->shoppers;
    double n = (double)people->shoppers * people->sample + 0.5;
    city->n_people = n < 1 ? 1 : (uint32_t)n;
}

static void check_settings(struct ch_town *town)
{
    const struct ch_population_params *people = CH_BLOCK(town->scenario, population);
    double shares = 0;
    char what[160];
    if (town->city->block_mm < town->clear_mm) {
        snprintf(what, sizeof what,
                 "a street of %d.%03d m is walked in less than the lookahead of %d s at 2.31 m/s, the greatest speed",
                 (int)(town->city->block_mm / 1000), (int)(town->city->block_mm % 1000), (int)(CH_LOOKAHEAD / CH_SECOND));
        ch_town_blame(town, "city.block", "make blocks at least 23.1 m long", what);
    }
    if (town->set->closes <= town->set->opens)
        ch_town_blame(town, "city.closes", "let stores close later than city.opens", "stores close before they open");
    for (int k = 0; k < CH_N_PRIVACY; k++)
        shares += people->privacy.v[k];
    if (people->privacy.n != CH_N_PRIVACY || !(shares > 0))
        ch_town_blame(town, "population.privacy", "three shares of fundamentalists, pragmatists and unconcerned",
                      "there is no share above 0");
}

static void state_facts(struct ch_town *town)
{
    static const char *const name[CH_N_GOODS] = {
#define X(good, doc) #good,
        CH_GOODS(X)
#undef X
    };
    const struct ch_retail_params *retail = CH_BLOCK(town->scenario, retail);
    for (int g = 0; g < CH_N_GOODS; g++)
        town->city->goods[g] = (struct ch_good_facts){
            .name = name[g],
            .basket = (ch_cents)(retail->basket.v[g] * 100 + 0.5),
            .cv = retail->basket_cv,
            .margin_bp = (int64_t)(retail->margin.v[g] * 10000 + 0.5),
            .conversion = retail->conversion.v[g],
            .rate = retail->purchases.v[g],
            .heat = retail->heat.v[g],
            .rain = retail->rain.v[g],
        };
}

/* Shopping streets come before generated stores and after own ones. */
static bool build_retail(struct ch_town *town)
{
    bool own_stores = ch_town_table(town, CH_TABLE_stores) != NULL;
    ch_town_mix(town);
    if (!ch_town_retailers(town) || (!own_stores && !ch_town_clusters(town)) || !ch_town_stores(town) || !ch_town_flags(town))
        return false;
    if (own_stores)
        return town->city->n_stores > 0 ? ch_town_clusters_of_stores(town) : ch_town_clusters(town);
    return true;
}

static void show(struct ch_town *town)
{
    struct ch_city *city = town->city;
    city->clearing = city->n_nodes;
    city->first_dispatch = city->n_nodes + 1;
    city->n_places = city->n_nodes + 1 + city->n_depots;
    city->retailers = town->retailer;
    city->stores = town->store;
    city->beacons = town->beacon;
    city->screens = town->screen;
    city->stops = town->stop;
    city->depots = town->depot;
}

/* True also when something was wrong with the data; false when memory ran out. Nobody moves into a city with mistakes. */
static bool build_town(struct ch_town *town, struct ch_city_build *build)
{
    lay_streets(town);
    check_settings(town);
    state_facts(town);
    if (town->city->block_mm < town->clear_mm) /* no room for anything */
        return true;
    if (!ch_town_homes(town) || !build_retail(town) || !ch_town_beacons(town))
        return false;
    if (!ch_town_stops(town) || !ch_town_screens(town) || !ch_town_depots(town)) /* screens stand at stops */
        return false;
    show(town);
    if (!ch_town_works(town) || !ch_town_overrides(town, build))
        return false;
    return ch_diag_count(town->diag) > 0 || (ch_town_people(town) && ch_town_index(town));
}

enum ch_code ch_city_create(const struct ch_scenario *scenario, struct ch_diag *diag, struct ch_city_build **build)
{
    CH_REQUIRE(scenario && diag && build);
    struct ch_arena *arena = ch_arena_create(), *scratch = ch_arena_create();
    struct ch_city_build *made = arena ? ch_arena_alloc(arena, 1, sizeof *made) : NULL;
    bool enough = made && scratch;
    *build = NULL;
    if (enough) {
        struct ch_town town = {.scenario = scenario,
                               .set = CH_BLOCK(scenario, city),
                               .diag = diag,
                               .arena = arena,
                               .scratch = scratch,
                               .city = &made->city,
                               .key = {(uint32_t)CH_BLOCK(scenario, run)->seed, 0}};
        enough = build_town(&town, made);
    }
    ch_arena_destroy(scratch);
    if (enough && ch_diag_count(diag) == 0) {
        made->arena = arena;
        made->bytes = ch_arena_bytes(arena);
        *build = made;
        return CH_OK;
    }
    ch_arena_destroy(arena);
    if (enough)
        return CH_INVALID;
    ch_diag_add(diag, (struct ch_mark){scenario->path, 1, 1, 1}, ch_diag_error_code(CH_E_LIMIT),
                "make population.sample, or the city, smaller", "the city does not fit in memory");
    ch_diag_fail(diag, CH_TOO_BIG);
    return CH_TOO_BIG;
}

void ch_city_destroy(struct ch_city_build *build)
{
    if (build)
        ch_arena_destroy(build->arena);
}
