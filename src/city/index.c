/* SPDX-License-Identifier: MIT
 * Lists of what belongs to each node, and the nearest stop. */
#include "city/town.h"

/* Items of each node by counting, in the order of the items. `node` points into the first item, `stride` bytes apart. */
static bool list_by_node(struct ch_town *town, const uint32_t *node, size_t stride, uint32_t n, const uint32_t **first_out,
                         const uint32_t **list_out)
{
    uint32_t n_nodes = town->city->n_nodes;
    uint32_t *first = ch_town_alloc(town->arena, (size_t)n_nodes + 2, sizeof *first),
             *list = ch_town_alloc(town->arena, n, sizeof *list);
    if (!first || !list)
        return false;
    const unsigned char *at = (const unsigned char *)node;
    for (uint32_t i = 0; i < n; i++) /* two ahead: filling moves the starts one back into their place */
        first[*(const uint32_t *)(const void *)(at + i * stride) + 2]++;
    for (uint32_t k = 2; k <= n_nodes; k++)
        first[k] += first[k - 1];
    for (uint32_t i = 0; i < n; i++)
        list[first[*(const uint32_t *)(const void *)(at + i * stride) + 1]++] = i;
    *first_out = first;
    *list_out = list;
    return true;
}

/* Breadth first from all sources at once. The front stays sorted by source, so ties fall to the lower one. */
bool ch_town_nearest(struct ch_town *town, uint32_t n, const uint32_t *source, uint32_t *nearest)
{
    const struct ch_city *city = town->city;
    uint32_t *queue = ch_town_alloc(town->scratch, city->n_nodes, sizeof *queue), head = 0, tail = 0;
    if (!queue)
        return false;
    for (uint32_t node = 0; node < city->n_nodes; node++)
        nearest[node] = CH_NONE;
    for (uint32_t s = 0; s < n; s++)
        if (nearest[source[s]] == CH_NONE) {
            nearest[source[s]] = s;
            queue[tail++] = source[s];
        }
    while (head < tail) {
        uint32_t node = queue[head++];
        for (uint32_t direction = 0; direction < 4; direction++) {
            uint32_t next = ch_side_end(city, node * 4 + direction);
            if (next != CH_NONE && nearest[next] == CH_NONE) {
                nearest[next] = nearest[node];
                queue[tail++] = next;
            }
        }
    }
    return true;
}

static bool index_stops(struct ch_town *town)
{
    struct ch_city *city = town->city;
    uint32_t *at_node = ch_town_alloc(town->arena, city->n_nodes, sizeof *at_node);
    uint32_t *near = ch_town_alloc(town->arena, city->n_nodes, sizeof *near);
    uint32_t *source = ch_town_alloc(town->scratch, city->n_stops, sizeof *source);
    if (!at_node || !near || !source)
        return false;
    for (uint32_t node = 0; node < city->n_nodes; node++)
        at_node[node] = CH_NONE;
    for (uint32_t t = city->n_stops; t-- > 0;) { /* of several at one crossing the first serves it */
        source[t] = town->stop[t].node;
        at_node[source[t]] = t;
    }
    city->node_stop = at_node;
    city->near_stop = near;
    return ch_town_nearest(town, city->n_stops, source, near);
}

static bool count_residents(struct ch_town *town)
{
    struct ch_city *city = town->city;
    uint32_t *first = ch_town_alloc(town->arena, (size_t)city->n_nodes + 1, sizeof *first);
    if (!first)
        return false;
    for (uint32_t i = 0; i < city->n_people; i++)
        first[city->people[i].home + 1]++;
    for (uint32_t k = 1; k <= city->n_nodes; k++)
        first[k] += first[k - 1];
    city->node_first_person = first;
    return true;
}

static bool number_apps(struct ch_town *town)
{
    struct ch_city *city = town->city;
    struct ch_app_row *row = ch_town_alloc(town->arena, (size_t)city->n_people / 64 + 1, sizeof *row);
    if (!row)
        return false;
    for (uint32_t i = 0; i < city->n_people; i++) {
        if (i % 64 == 0)
            row[i / 64].before = city->n_apps;
        if (city->people[i].device & CH_APP) {
            row[i / 64].has |= (uint64_t)1 << i % 64;
            city->n_apps++;
        }
    }
    city->apps = row;
    return true;
}

bool ch_town_index(struct ch_town *town)
{
    struct ch_city *city = town->city;
    return list_by_node(town, &town->store->node, sizeof *town->store, city->n_stores, &city->node_first_store,
                        &city->node_store) &&
           list_by_node(town, &town->screen->node, sizeof *town->screen, city->n_screens, &city->node_first_screen,
                        &city->node_screen) &&
           count_residents(town) && number_apps(town) && index_stops(town);
}
