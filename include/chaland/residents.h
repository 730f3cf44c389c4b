/* SPDX-License-Identifier: MIT
 * People in the order of their homes, as a table of a model: those of node i are list[first[i]] .. list[first[i + 1] - 1], with
 * first = city->node_first_person; of one home, by number. 4 bytes per person. */
#ifndef CHALAND_RESIDENTS_H
#define CHALAND_RESIDENTS_H

#include <chaland/model.h>

/* In tabulate. */
static inline const uint32_t *ch_residents(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    uint32_t *list = ch_setup_alloc(setup, (size_t)city->n_people + 1, sizeof *list);
    uint32_t *listed = ch_setup_alloc(setup, (size_t)city->n_nodes + 1, sizeof *listed);
    for (uint32_t id = 0; id < city->n_people; id++) {
        uint32_t home = city->people[id].home;
        list[city->node_first_person[home] + listed[home]++] = id;
    }
    return list;
}

#endif
