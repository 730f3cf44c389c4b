/* SPDX-License-Identifier: MIT
 * Private to clusters.c, where the mechanism is explained: its parameters, and which store and node belongs to which cluster. */
#ifndef CH_CLUSTERS_MAP_H
#define CH_CLUSTERS_MAP_H

#include <chaland/model.h>

#define CH_ROW_STRUCT struct clusters_params
#define CLUSTERS_PARAMS(P)                                                                                                    \
    P(FLAG, active, 0, 0, 1, "", "are there clusters at all?", CH_CHOSEN("the scenario decides"))                             \
    P(F64, reach, 150, 0, 2000, "m", "stores of a cluster are each within this of the next", CH_ASSUMED(100, 300, "no data")) \
    P(I64, least, 4, 1, 10000, "", "stores that make a cluster", CH_ASSUMED(3, 10, "no data"))                                \
    P(F64, decay, 200, 10, 5000, "m", "distance over which a store's pull on the street fades to 1/e",                        \
      CH_ASSUMED(100, 400, "no data"))                                                                                        \
    P(FLAG, stops, 1, 0, 1, "", "trips to shops go on to further stores", CH_CHOSEN("the scenario decides"))                  \
    P(F64, base, -0.4, -10, 10, "", "log-odds of one more stop without any store around",                                     \
      CH_ASSUMED(-1.4, 0.6, "1.3 to 4 stops a trip"))                                                                         \
    P(F64, pull, 0.25, -5, 5, "", "log-odds of one more stop per ln(1 + commerciality)", CH_ASSUMED(0, 0.5, "no data"))       \
    P(CHOICE, agreement, "all", 0, 0, "all|pool", "partners: all retailers of a cluster, or those in the pool of wishlists",  \
      CH_CHOSEN("the scenario decides"))                                                                                      \
    P(TIME, memory, 2, 0, 24, "h", "so long a partner tells who left its store", CH_ASSUMED(0.5, 6, "no data"))
CH_PARAMS(clusters, CLUSTERS_PARAMS)

enum { CLUSTERS_MAX = 64, AGREED_ALL = 0, LOOKS_FAR = 5 /* decays: the rest is below 1 % */ };

struct clusters_table {
    const uint8_t *of_store, *of_node; /* cluster 1 .., 0: none */
    uint32_t n;                        /* clusters */
    uint32_t first[CLUSTERS_MAX + 2];  /* [cluster]: into retailer */
    uint32_t *retailer;                /* each retailer of a cluster once */
    const double *fades;               /* [blocks], up to far */
    uint32_t far;                      /* blocks */
};

CH_WANTED_IF_ACTIVE

typedef void see_store(void *arg, uint32_t store, uint32_t blocks);

/* Every store within so many blocks of a node: one run of columns per row, as stores are sorted by node. */
static void each_store_near(const struct ch_city *city, uint32_t node, uint32_t blocks, see_store *see, void *arg)
{
    int64_t i = ch_column(city, node), j = ch_row(city, node), reach = blocks;
    int64_t low = j > reach ? j - reach : 0, high = j + reach < city->height ? j + reach : (int64_t)city->height - 1;
    for (int64_t row = low; row <= high; row++) {
        int64_t width = reach - (row < j ? j - row : row - j);
        int64_t west = i > width ? i - width : 0, east = i + width < city->width ? i + width : (int64_t)city->width - 1;
        uint32_t from = city->node_first_store[row * city->width + west],
                 to = city->node_first_store[row * city->width + east + 1];
        for (uint32_t k = from; k < to; k++) {
            int64_t dx = (int64_t)ch_column(city, city->stores[city->node_store[k]].node) - i;
            see(arg, city->node_store[k], (uint32_t)((dx < 0 ? -dx : dx) + (row < j ? j - row : row - j)));
        }
    }
}

/* ---- who belongs together ---------------------------------------------------------------------------------------- */

/* Union of sets, each told by its lowest store. */
struct sets {
    uint32_t *parent;
    uint32_t self;
};

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static void join(void *arg, uint32_t store, uint32_t blocks)
{
    struct sets *sets = arg;
    uint32_t a = root_of(sets->parent, sets->self), b = root_of(sets->parent, store);
    (void)blocks;
    sets->parent[a > b ? a : b] = a > b ? b : a;
}

/* The largest sets by floor, at most 64; a tie goes to the lower store. Returns how many; big[0] is the largest. */
static uint32_t find_largest(const struct ch_city *city, const uint32_t *parent, int64_t least, double *floor, uint32_t *count,
                             uint32_t big[CLUSTERS_MAX])
{
    uint32_t n = 0;
    for (uint32_t s = 0; s < city->n_stores; s++) {
        floor[parent[s]] += city->stores[s].floor_m2;
        count[parent[s]]++;
    }
    for (uint32_t s = 0; s < city->n_stores; s++) {
        uint32_t at = n;
        if (parent[s] != s || count[s] < least)
            continue;
        while (at > 0 && floor[big[at - 1]] < floor[s])
            at--;
        if (at == CLUSTERS_MAX)
            continue;
        uint32_t last = n < CLUSTERS_MAX ? n++ : CLUSTERS_MAX - 1;
        memmove(&big[at + 1], &big[at], (last - at) * sizeof *big);
        big[at] = s;
    }
    return n;
}

struct nearest {
    const uint8_t *of_store;
    uint32_t blocks;
    uint8_t cluster;
};

static void keep_nearest(void *arg, uint32_t store, uint32_t blocks)
{
    struct nearest *best = arg;
    if (best->of_store[store] && (!best->cluster || blocks < best->blocks))
        *best = (struct nearest){best->of_store, blocks, best->of_store[store]};
}

static void list_retailers(struct ch_setup *setup, struct clusters_table *table)
{
    const struct ch_city *city = setup->city;
    uint32_t *last = ch_setup_alloc(setup, city->n_retailers + 1u, sizeof *last), n = 0;
    table->retailer = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *table->retailer);
    for (uint32_t c = 1; c <= table->n; c++) {
        table->first[c] = n;
        for (uint32_t s = 0; s < city->n_stores; s++) {
            uint32_t r = city->stores[s].retailer;
            if (table->of_store[s] != c || last[r] == c)
                continue;
            last[r] = c;
            table->retailer[n++] = r;
        }
    }
    table->first[table->n + 1] = n;
}

static void map_clusters(struct ch_setup *setup, struct clusters_table *table, uint32_t reach)
{
    const struct clusters_params *p = setup->params;
    const struct ch_city *city = setup->city;
    uint32_t *parent = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *parent), big[CLUSTERS_MAX];
    uint32_t *count = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *count);
    double *floor = ch_setup_alloc(setup, city->n_stores + 1u, sizeof *floor);
    uint8_t *number = ch_setup_alloc(setup, city->n_stores + 1u, 1), *of_store = ch_setup_alloc(setup, city->n_stores + 1u, 1);
    uint8_t *of_node = ch_setup_alloc(setup, city->n_nodes, 1);
    for (uint32_t s = 0; s < city->n_stores; s++)
        parent[s] = s;
    for (uint32_t s = 0; s < city->n_stores; s++)
        each_store_near(city, city->stores[s].node, reach, join, &(struct sets){parent, s});
    for (uint32_t s = 0; s < city->n_stores; s++)
        parent[s] = root_of(parent, s);
    table->n = find_largest(city, parent, p->least, floor, count, big);
    for (uint32_t c = 0; c < table->n; c++)
        number[big[c]] = (uint8_t)(c + 1);
    for (uint32_t s = 0; s < city->n_stores; s++)
        of_store[s] = number[parent[s]];
    for (uint32_t node = 0; node < city->n_nodes; node++) {
        struct nearest best = {.of_store = of_store};
        each_store_near(city, node, reach, keep_nearest, &best);
        of_node[node] = best.cluster;
    }
    table->of_store = of_store;
    table->of_node = of_node;
    list_retailers(setup, table);
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct clusters_params *p = setup->params;
    struct clusters_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    double block_m = (double)setup->city->block_mm / 1000;
    table->far = (uint32_t)(LOOKS_FAR * p->decay / block_m);
    double *fades = ch_setup_alloc(setup, table->far + 1u, sizeof *fades);
    for (uint32_t blocks = 0; blocks <= table->far; blocks++)
        fades[blocks] = ch_exp(-(blocks * block_m) / p->decay);
    table->fades = fades;
    map_clusters(setup, table, (uint32_t)(p->reach / block_m));
    if (setup->survey)
        setup->survey->clusters = table->n;
    return table;
}

#endif
