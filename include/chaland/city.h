/* SPDX-License-Identifier: MIT
 * The city: who and what exists, and where. Built once from the scenario, then const for every run: policies and
 * replications meet the same streets, stores and people. Behaviour lives in models.
 *
 * Streets form a grid of `width` x `height` nodes; the node in column i, row j is j * width + i and lies at
 * (i, j) * block. A street side is directed: side = node * 4 + direction, leaving `node`. Places of the engine are the
 * nodes, then the virtual places. Everything belongs to one node: doors open at nodes. */
#ifndef CHALAND_CITY_H
#define CHALAND_CITY_H

#include <chaland/event.h>
#include <chaland/money.h>
#include <chaland/time.h>
#include <stdbool.h>
#include <stdint.h>

/* Goods, in the order of every per-category list. name, doc (M05) */
#define CH_GOODS(X)                          \
    X(clothing, "clothing")                  \
    X(shoes, "shoes")                        \
    X(culture, "books, games, music")        \
    X(electronics, "electronics")            \
    X(home, "home and decoration")           \
    X(beauty, "beauty and care")             \
    X(diy, "do-it-yourself and spare parts") \
    X(toys, "toys and gifts")                \
    X(grocery, "grocery")                    \
    X(cafe, "snacks and cafes")

enum ch_good {
#define X(name, doc) CH_GOOD_##name,
    CH_GOODS(X)
#undef X
        CH_N_GOODS,
    CH_N_NONFOOD = CH_GOOD_grocery /* the first eight are the non-food budget */
};

/* Walkers on a street side, mm/s. The fastest is 2.2 m/s with rain behind them (1.05): a side takes longer than the lookahead. */
enum { CH_SLOWEST_MM_S = 300, CH_FASTEST_MM_S = 2310 };

enum ch_direction { CH_EAST, CH_NORTH, CH_WEST, CH_SOUTH };

struct ch_good_facts { /* of one category, shared by many models */
    const char *name;
    ch_cents basket;   /* mean price paid for one purchase, before markdown, cents incl. VAT */
    double cv;         /* coefficient of variation of the basket */
    int64_t margin_bp; /* retail margin on sales excl. VAT, basis points */
    double conversion; /* probability that a planned visit buys, reference inputs */
    double rate;       /* target of realised purchases, per person and month of 30.4375 d */
    double heat;       /* weather tags in -1..1: sales rise with warmth, with rain */
    double rain;
};

struct ch_retailer {
    const char *id;
    const char *name;
    double size;  /* relative size, sums to 1 */
    double list;  /* relative weight of its wishlist: where wishes are noted; its size if not said otherwise */
    bool sponsor; /* runs the policy under test */
    bool pool;    /* member of the wishlist pool at the start */
    uint32_t n_stores;
};

struct ch_store {
    const char *id;
    const char *name;
    uint32_t retailer;
    uint32_t node;
    double x_m, y_m;
    double floor_m2;
    uint32_t goods;        /* bit mask of categories sold */
    uint32_t good;         /* main category */
    double price;          /* relative price level, 1 = mean */
    double rating;         /* displayed, 1..5 */
    ch_time opens, closes; /* time of day */
    bool sunday;
    uint16_t from_day, until_day; /* of a pop-up: simulated days on which it is there, the last one excluded; 0, 0: always */
};

static inline bool ch_store_lives(const struct ch_store *store, uint32_t day)
{
    return day >= store->from_day && (!store->until_day || day < store->until_day);
}

struct ch_beacon {
    const char *id;
    uint32_t node;
    double x_m, y_m;
    uint32_t store;    /* or CH_NONE for a street beacon */
    uint32_t retailer; /* controller of what is detected; CH_NONE: the platform */
};

struct ch_screen {
    const char *id;
    uint32_t node; /* node at whose outgoing side the face stands */
    uint32_t side; /* the directed side that sees the face */
    double x_m, y_m;
    double offset_m; /* along the side from its node */
    double size_m2;
    bool at_stop; /* people waiting at the stop of this node see it too */
};

struct ch_stop {
    const char *id;
    uint32_t node;
    double x_m, y_m;
    double headway_s; /* mean */
};

struct ch_depot { /* where couriers start, one dispatch centre each */
    const char *id;
    uint32_t node;
    double x_m, y_m;
    uint32_t couriers;
};

enum ch_trait { CH_WORKER = 1, CH_MEMBER = 2 };
enum ch_device { CH_SMARTPHONE = 1, CH_ANDROID = 2, CH_IOS = 4, CH_BLUETOOTH = 8, CH_LOCATION = 16, CH_APP = 32 };
enum ch_privacy { CH_FUNDAMENTALIST, CH_PRAGMATIST, CH_UNCONCERNED, CH_N_PRIVACY };

/* Someone who lives here; everything about them that never changes. */
struct ch_citizen {
    uint32_t home;
    uint32_t work;            /* CH_NONE if not a worker */
    uint32_t speed_mm_s : 16; /* free walking speed */
    uint32_t traits : 4;      /* enum ch_trait */
    uint32_t device : 8;      /* enum ch_device */
    uint32_t privacy : 4;     /* enum ch_privacy */
};

/* Which of 64 people in a row have the app, and how many had it before them. */
struct ch_app_row {
    uint64_t has;
    uint64_t before;
};

/* Values of one parameter section for items that override it: see ch_item_params in model.h. */
enum ch_item { CH_ITEM_STORE, CH_ITEM_RETAILER, CH_ITEM_BEACON, CH_ITEM_SCREEN, CH_ITEM_STOP, CH_ITEM_DEPOT, CH_N_ITEMS };

struct ch_city {
    uint32_t width, height; /* nodes */
    int64_t block_mm;
    uint32_t n_nodes;        /* width * height */
    uint32_t clearing;       /* virtual place of the clearing house and the auditor */
    uint32_t first_dispatch; /* virtual places of the dispatch centres, one per depot */
    uint32_t n_places;       /* nodes and virtual places */
    double sample;           /* share of the population that is simulated; fleets, stocks and fixed costs scale with it */
    double inhabitants;      /* that the shoppers stand for */
    double area_km2;
    struct ch_good_facts goods[CH_N_GOODS];
    uint32_t n_people;
    const struct ch_citizen *people;
    uint32_t n_apps; /* people with the app, numbered in the order of people: ch_app_number */
    const struct ch_app_row *apps;
    uint32_t n_retailers;
    const struct ch_retailer *retailers;
    uint32_t n_stores; /* sorted by node */
    const struct ch_store *stores;
    uint32_t n_beacons;
    const struct ch_beacon *beacons;
    uint32_t n_screens; /* sorted by side */
    const struct ch_screen *screens;
    uint32_t n_stops;
    const struct ch_stop *stops;
    uint32_t n_depots;
    const struct ch_depot *depots;
    /* CSR indices by node: items of node i are list[first[i]] .. list[first[i + 1] - 1] */
    const uint32_t *node_first_store, *node_store;
    const uint32_t *node_first_screen, *node_screen;
    const uint32_t *node_first_person; /* residents: their number is first[i + 1] - first[i] */
    const uint32_t *node_stop;         /* stop at the node, or CH_NONE */
    const uint32_t *near_stop;         /* nearest stop to each node, or CH_NONE without stops */
};

static inline uint32_t ch_column(const struct ch_city *city, uint32_t node) { return node % city->width; }
static inline uint32_t ch_row(const struct ch_city *city, uint32_t node) { return node / city->width; }

/* Node at the far end of a side, CH_NONE beyond the edge of the city. */
static inline uint32_t ch_side_end(const struct ch_city *city, uint32_t side)
{
    uint32_t node = side / 4, i = ch_column(city, node), j = ch_row(city, node);
    switch (side % 4) {
    case CH_EAST:
        return i + 1 < city->width ? node + 1 : CH_NONE;
    case CH_NORTH:
        return j + 1 < city->height ? node + city->width : CH_NONE;
    case CH_WEST:
        return i > 0 ? node - 1 : CH_NONE;
    default:
        return j > 0 ? node - city->width : CH_NONE;
    }
}

/* The number of a person among those with the app; the person must have it. */
static inline uint32_t ch_app_number(const struct ch_city *city, uint32_t person)
{
    const struct ch_app_row *row = &city->apps[person / 64];
    uint64_t below = row->has & (((uint64_t)1 << person % 64) - 1);
    below -= below >> 1 & 0x5555555555555555u; /* bits added up in pairs, fours, bytes: without -mpopcnt a builtin is a call */
    below = (below & 0x3333333333333333u) + (below >> 2 & 0x3333333333333333u);
    below = (below + (below >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (uint32_t)row->before + (uint32_t)(below * 0x0101010101010101u >> 56);
}

/* Manhattan distance between two nodes, m. */
static inline double ch_distance_m(const struct ch_city *city, uint32_t a, uint32_t b)
{
    int64_t dx = (int64_t)ch_column(city, a) - ch_column(city, b), dy = (int64_t)ch_row(city, a) - ch_row(city, b);
    return (double)((dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy)) * (double)city->block_mm / 1000.0;
}

#endif
