/* SPDX-License-Identifier: MIT
 * The city while it is being built: private to src/city. Arrays that the finished city shows as const are writable here.
 * Functions that return bool say false when memory ran out; what is wrong in the user's data goes to `diag` instead, and
 * building goes on with a harmless value, so that all errors of a file are found in one go. */
#ifndef CH_CITY_TOWN_H
#define CH_CITY_TOWN_H

#include "base/arena.h"
#include "city/build.h"
#include "city/sampler.h"
#include <chaland/settings.h>

/* Purposes of the city's draws. Those of models end below 0xF000 (numbers up to 1919). The entity is named in brackets; the key
 * is (seed, 0). Append only: a new decision must not move the others. */
enum ch_town_draw {
    CH_TOWN_CLUSTER = 0xF001, /* [cluster] place of a shopping street */
    CH_TOWN_AXIS,             /* [cluster] which way it runs */
    CH_TOWN_RETAILER,         /* [retailer] size */
    CH_TOWN_TASTE,            /* [retailer] preferred goods */
    CH_TOWN_OWNER,            /* [slot] shuffle of retailers over stores */
    CH_TOWN_STORE_NODE,       /* [slot] place */
    CH_TOWN_STORE_POINT,      /* [slot] position at the crossing */
    CH_TOWN_FLOOR,            /* [slot] */
    CH_TOWN_GOOD,             /* [slot] main good */
    CH_TOWN_MORE_GOODS,       /* [slot] further goods of a big store */
    CH_TOWN_PRICE,            /* [slot] */
    CH_TOWN_RATING,           /* [slot] */
    CH_TOWN_SUNDAY,           /* [slot] */
    CH_TOWN_BEACON,           /* [beacon] place of a street beacon */
    CH_TOWN_SCREEN,           /* [screen] offset along its street */
    CH_TOWN_HOME,             /* [person] */
    CH_TOWN_WORKER,           /* [person] works at all */
    CH_TOWN_WORK,             /* [person] where */
    CH_TOWN_SPEED,            /* [person] */
    CH_TOWN_PRIVACY,          /* [person] */
    CH_TOWN_PHONE,            /* [person] smartphone */
    CH_TOWN_SYSTEM,           /* [person] Android or iOS */
    CH_TOWN_BLUETOOTH,        /* [person] */
    CH_TOWN_LOCATION,         /* [person] */
    CH_TOWN_APP               /* [person] */
};

/* A shopping street. */
struct ch_cluster {
    uint32_t node;
    uint32_t n_stores;
    double along, across; /* standard deviations of its stores' places, blocks */
    bool vertical;        /* runs south to north */
};

/* What an own retailer says of itself: 1, 0, or -1 where it says nothing. */
struct ch_stated {
    signed char sponsor, pool;
};

struct ch_town {
    const struct ch_scenario *scenario;
    const struct ch_city_params *set; /* section city */
    struct ch_diag *diag;
    struct ch_arena *arena;   /* lives as long as the city */
    struct ch_arena *scratch; /* freed when the city stands */
    struct ch_city *city;
    struct ch_key key;
    double block_m, width_m, height_m;
    int64_t clear_mm; /* what must be left of a street behind a screen: fastest walker times lookahead */
    struct ch_retailer *retailer;
    struct ch_store *store;
    struct ch_beacon *beacon;
    struct ch_screen *screen;
    struct ch_stop *stop;
    struct ch_depot *depot;
    uint32_t n_clusters;
    struct ch_cluster *cluster;      /* [0] is the main one */
    double mix[CH_N_GOODS];          /* share of stores by main good */
    struct ch_alias homes;           /* node of a home */
    double *jobs;                    /* [node] */
    const struct ch_stated *stated;  /* [retailer]; NULL unless retailers are own data */
    const uint32_t *row[CH_N_ITEMS]; /* own table's row behind each item; NULL: generated, or item i is row i */
};

/* Zeroed memory; at least one element, so that NULL always means that memory ran out. */
void *ch_town_alloc(struct ch_arena *arena, size_t count, size_t size);
/* Text in the city's arena; NULL when memory ran out. */
const char *ch_town_text(struct ch_town *town, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct ch_draw ch_town_draw(const struct ch_town *town, enum ch_town_draw purpose, uint32_t entity);
/* Complains about a setting, where it was written. */
void ch_town_blame(struct ch_town *town, const char *key, const char *help, const char *what);
/* The user's table of this kind, NULL if it is to be generated. */
const struct ch_item_table *ch_town_table(const struct ch_town *town, enum ch_item_table_kind kind);
/* Decimal digits of n, for the width of running numbers. */
int ch_town_digits(uint32_t n);

/* geometry.c */
uint32_t ch_town_nearest_node(const struct ch_town *town, double x_m, double y_m); /* ties to the lower id */
bool ch_town_inside(const struct ch_town *town, double x_m, double y_m);
void ch_town_node_point(const struct ch_town *town, uint32_t node, double *x_m, double *y_m);
/* Point `along` metres from a node in a direction and `right` metres to the right of it, mirrored into the city. */
void ch_town_point(const struct ch_town *town, uint32_t node, enum ch_direction direction, double along_m, double right_m,
                   double *x_m, double *y_m);
/* Node of item t of n on a regular pattern over the rectangle of w x h nodes whose lower left node is (i0, j0). */
uint32_t ch_town_lattice(const struct ch_town *town, uint32_t i0, uint32_t j0, uint32_t w, uint32_t h, uint32_t n, uint32_t t);
/* Node drawn around a shopping street. */
uint32_t ch_town_near_cluster(const struct ch_town *town, uint32_t cluster, struct ch_draw *draw);
bool ch_town_clusters(struct ch_town *town);           /* centres, before generated stores */
bool ch_town_clusters_of_stores(struct ch_town *town); /* centres where own stores stand densest */

/* retail.c */
bool ch_town_retailers(struct ch_town *town);
bool ch_town_flags(struct ch_town *town); /* sponsors and members, largest first, where own data says nothing */
void ch_town_mix(struct ch_town *town);

/* stores.c */
bool ch_town_stores(struct ch_town *town);
/* Floor, price level, rating and Sunday of slot i, drawn. */
void ch_town_store_details(const struct ch_town *town, uint32_t slot, struct ch_store *store);
/* Further goods of a big store. */
void ch_town_more_goods(const struct ch_town *town, uint32_t slot, struct ch_store *store);
void ch_town_hours(const struct ch_town *town, struct ch_store *store);
bool ch_town_sort_stores(struct ch_town *town); /* by node, with the rows of own data */

/* street.c: what stands in the street */
bool ch_town_beacons(struct ch_town *town);
bool ch_town_screens(struct ch_town *town);
bool ch_town_stops(struct ch_town *town);
bool ch_town_depots(struct ch_town *town);
bool ch_town_sort_screens(struct ch_town *town); /* by side */
/* Couriers of all depots, given at sample 1 and in their fields, scaled to the sample. */
void ch_town_scale_couriers(struct ch_town *town);

/* own.c: the user's tables */
bool ch_town_own_retailers(struct ch_town *town, const struct ch_item_table *table);
bool ch_town_retailers_of_stores(struct ch_town *town, const struct ch_item_table *stores);
bool ch_town_own_stores(struct ch_town *town, const struct ch_item_table *table);
bool ch_town_own_beacons(struct ch_town *town, const struct ch_item_table *table);
bool ch_town_own_screens(struct ch_town *town, const struct ch_item_table *table); /* own_screens.c; needs the stops */
bool ch_town_own_stops(struct ch_town *town, const struct ch_item_table *table);
bool ch_town_own_depots(struct ch_town *town, const struct ch_item_table *table);
/* Adds the weights of homes or works to weight[n_nodes]. */
bool ch_town_own_weights(struct ch_town *town, enum ch_item_table_kind kind, const struct ch_item_table *table, double *weight);
/* overrides.c */
bool ch_town_overrides(struct ch_town *town, struct ch_city_build *build);

/* people.c */
bool ch_town_homes(struct ch_town *town); /* where homes may be */
bool ch_town_works(struct ch_town *town); /* where jobs are */
bool ch_town_people(struct ch_town *town);

/* index.c */
bool ch_town_index(struct ch_town *town);
/* Nearest of n sources (nodes) to each node: index of the source, ties to the lower one; CH_NONE without sources. */
bool ch_town_nearest(struct ch_town *town, uint32_t n, const uint32_t *source, uint32_t *nearest);

#endif
