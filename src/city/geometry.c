/* SPDX-License-Identifier: MIT
 * Where things stand: nodes and points of the grid, regular patterns, and shopping streets.
 * A shopping street is a normal cloud around a node, longer one way than the other, as dense at its heart whatever its size. */
#include "city/town.h"
#include <chaland/numeric.h>
#include <stdlib.h>

enum { DENSITY_PER_HECTARE = 5, CANDIDATES = 24, TRIES = 16, HALF_BOX = 2, APART = 6, EDGE = 6 };
static const double elongation = 1.6, least_spread = 0.6;

static int64_t nearest_int(double x) { return (int64_t)(x < 0 ? x - 0.5 : x + 0.5); }

static uint32_t nearest_line(double at_m, int64_t block_mm, uint32_t n)
{
    int64_t k = (nearest_int(at_m * 1000) + (block_mm - 1) / 2) / block_mm; /* halfway goes down */
    return k < 0 ? 0 : k >= n ? n - 1 : (uint32_t)k;
}

uint32_t ch_town_nearest_node(const struct ch_town *town, double x_m, double y_m)
{
    const struct ch_city *city = town->city;
    return nearest_line(y_m, city->block_mm, city->height) * city->width + nearest_line(x_m, city->block_mm, city->width);
}

bool ch_town_inside(const struct ch_town *town, double x_m, double y_m)
{
    return x_m >= 0 && x_m <= town->width_m && y_m >= 0 && y_m <= town->height_m;
}

void ch_town_node_point(const struct ch_town *town, uint32_t node, double *x_m, double *y_m)
{
    *x_m = ch_column(town->city, node) * town->block_m;
    *y_m = ch_row(town->city, node) * town->block_m;
}

static double mirrored(double at, double length) { return at < 0 ? -at : at > length ? 2 * length - at : at; }

void ch_town_point(const struct ch_town *town, uint32_t node, enum ch_direction direction, double along_m, double right_m,
                   double *x_m, double *y_m)
{
    static const int east[] = {1, 0, -1, 0}, north[] = {0, 1, 0, -1};
    double x, y;
    ch_town_node_point(town, node, &x, &y);
    *x_m = mirrored(x + east[direction] * along_m + north[direction] * right_m, town->width_m);
    *y_m = mirrored(y + north[direction] * along_m - east[direction] * right_m, town->height_m);
}

uint32_t ch_town_lattice(const struct ch_town *town, uint32_t i0, uint32_t j0, uint32_t w, uint32_t h, uint32_t n, uint32_t t)
{
    uint64_t room = (uint64_t)w * h, m = n < room ? n : room;
    CH_REQUIRE(w > 0 && h > 0 && n > 0);
    t = (uint32_t)(t % m);
    uint64_t lines = (uint64_t)nearest_int(ch_sqrt((double)m * h / w));
    lines = lines < 1 ? 1 : lines > h ? h : lines;
    if ((m + lines - 1) / lines > w)
        lines = (m + w - 1) / w;
    uint64_t line = ((uint64_t)t * lines + lines - 1) / m; /* line r holds items r m / lines .. (r + 1) m / lines - 1 */
    while (line * m / lines > t)
        line--;
    while ((line + 1) * m / lines <= t)
        line++;
    uint64_t first = line * m / lines, in_line = (line + 1) * m / lines - first;
    uint32_t i = (uint32_t)((2 * (t - first) + 1) * w / (2 * in_line)), j = (uint32_t)((2 * line + 1) * h / (2 * lines));
    return (j0 + j) * town->city->width + i0 + i;
}

uint32_t ch_town_near_cluster(const struct ch_town *town, uint32_t cluster, struct ch_draw *draw)
{
    const struct ch_city *city = town->city;
    const struct ch_cluster *c = &town->cluster[cluster];
    for (int k = 0; k < TRIES; k++) {
        int64_t along = nearest_int(c->along * ch_draw_normal(draw)), across = nearest_int(c->across * ch_draw_normal(draw));
        int64_t i = (int64_t)ch_column(city, c->node) + (c->vertical ? across : along);
        int64_t j = (int64_t)ch_row(city, c->node) + (c->vertical ? along : across);
        if (i >= 0 && i < city->width && j >= 0 && j < city->height)
            return (uint32_t)j * city->width + (uint32_t)i;
    }
    return c->node;
}

static int64_t steps(const struct ch_city *city, uint32_t a, uint32_t b)
{
    return llabs((int64_t)ch_column(city, a) - ch_column(city, b)) + llabs((int64_t)ch_row(city, a) - ch_row(city, b));
}

static int64_t steps_to_others(const struct ch_town *town, uint32_t node, uint32_t n)
{
    int64_t least = INT64_MAX;
    for (uint32_t c = 0; c < n; c++) {
        int64_t d = steps(town->city, node, town->cluster[c].node);
        least = d < least ? d : least;
    }
    return least;
}

/* Of some candidates, the one farthest from the streets that exist; a sixth of the city at each edge is left out. */
static uint32_t place_apart(const struct ch_town *town, uint32_t cluster)
{
    const struct ch_city *city = town->city;
    uint32_t i0 = city->width / EDGE, j0 = city->height / EDGE, best = 0;
    int64_t best_steps = -1;
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_CLUSTER, cluster);
    for (int k = 0; k < CANDIDATES; k++) {
        uint32_t i = i0 + ch_draw_below(&draw, city->width - 2 * i0), j = j0 + ch_draw_below(&draw, city->height - 2 * j0);
        uint32_t node = j * city->width + i;
        int64_t d = steps_to_others(town, node, cluster);
        if (d > best_steps) {
            best_steps = d;
            best = node;
        }
    }
    return best;
}

/* Normal cloud whose heart holds DENSITY_PER_HECTARE: n / (2 pi along across) stores per node. */
static void shape_cluster(const struct ch_town *town, uint32_t cluster)
{
    struct ch_cluster *c = &town->cluster[cluster];
    double hectares = c->n_stores / (6.283185307179586 * DENSITY_PER_HECTARE);
    double spread = ch_sqrt(hectares) * 100 / town->block_m;
    spread = spread < least_spread ? least_spread : spread;
    struct ch_draw draw = ch_town_draw(town, CH_TOWN_AXIS, cluster);
    c->along = spread * elongation;
    c->across = spread / elongation;
    c->vertical = ch_draw_chance(&draw, 0.5);
}

/* The share `centre` in the main street, a fifth of all scattered, the rest evenly in the other streets. */
static void share_out_stores(struct ch_town *town, uint32_t n)
{
    uint32_t main_street = (uint32_t)nearest_int(town->set->centre * n), scattered = (n + 2) / 5, others = town->n_clusters - 1;
    uint32_t rest = n > main_street + scattered ? n - main_street - scattered : 0;
    town->cluster[0].n_stores = main_street;
    for (uint32_t c = 1; c <= others; c++)
        town->cluster[c].n_stores = (uint32_t)((uint64_t)rest * c / others - (uint64_t)rest * (c - 1) / others);
}

bool ch_town_clusters(struct ch_town *town)
{
    struct ch_city *city = town->city;
    town->n_clusters = (uint32_t)town->set->clusters;
    town->cluster = ch_town_alloc(town->scratch, town->n_clusters, sizeof *town->cluster);
    if (!town->cluster)
        return false;
    town->cluster[0].node = (city->height - 1) / 2 * city->width + (city->width - 1) / 2;
    for (uint32_t c = 1; c < town->n_clusters; c++)
        town->cluster[c].node = place_apart(town, c);
    share_out_stores(town, (uint32_t)town->set->stores);
    for (uint32_t c = 0; c < town->n_clusters; c++)
        shape_cluster(town, c);
    return true;
}

/* sum[j * width + i]: stores at nodes (0..i, 0..j). */
static uint32_t *summed_stores(struct ch_town *town)
{
    const struct ch_city *city = town->city;
    uint32_t w = city->width, *sum = ch_town_alloc(town->scratch, city->n_nodes, sizeof *sum);
    if (!sum)
        return NULL;
    for (uint32_t s = 0; s < city->n_stores; s++)
        sum[town->store[s].node]++;
    for (uint32_t node = 1; node < city->n_nodes; node++)
        sum[node] += node % w ? sum[node - 1] : 0;
    for (uint32_t node = w; node < city->n_nodes; node++)
        sum[node] += sum[node - w];
    return sum;
}

static uint32_t stores_around(const struct ch_city *city, const uint32_t *sum, uint32_t node)
{
    int64_t i = ch_column(city, node), j = ch_row(city, node), w = city->width, h = city->height;
    int64_t i1 = i + HALF_BOX < w ? i + HALF_BOX : w - 1, j1 = j + HALF_BOX < h ? j + HALF_BOX : h - 1;
    int64_t i0 = i - HALF_BOX - 1, j0 = j - HALF_BOX - 1;
    uint32_t corner = i0 >= 0 && j0 >= 0 ? sum[j0 * w + i0] : 0;
    return sum[j1 * w + i1] + corner - (i0 >= 0 ? sum[j1 * w + i0] : 0) - (j0 >= 0 ? sum[j0 * w + i1] : 0);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

bool ch_town_clusters_of_stores(struct ch_town *town)
{
    const struct ch_city *city = town->city;
    uint32_t asked = (uint32_t)town->set->clusters, *sum = summed_stores(town);
    uint64_t *rank = ch_town_alloc(town->scratch, city->n_stores, sizeof *rank);
    town->cluster = ch_town_alloc(town->scratch, asked, sizeof *town->cluster);
    if (!sum || !rank || !town->cluster)
        return false;
    for (uint32_t s = 0; s < city->n_stores; s++) /* densest first, then lower node */
        rank[s] = (uint64_t)(UINT32_MAX - stores_around(city, sum, town->store[s].node)) << 32 | town->store[s].node;
    qsort(rank, city->n_stores, sizeof *rank, by_number);
    town->n_clusters = 0;
    for (uint32_t s = 0; s < city->n_stores && town->n_clusters < asked; s++) {
        uint32_t node = (uint32_t)rank[s], c = town->n_clusters;
        if ((s > 0 && rank[s] == rank[s - 1]) || steps_to_others(town, node, c) < APART)
            continue;
        town->cluster[c].node = node;
        town->cluster[c].n_stores = stores_around(city, sum, node);
        town->n_clusters++;
        shape_cluster(town, c);
    }
    CH_ASSERT(town->n_clusters > 0);
    return true;
}
