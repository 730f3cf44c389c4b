/* SPDX-License-Identifier: MIT
 * Where a key was written, for whoever finds out late that its value will not do. */
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

enum { PART_MAX = 80 };

/* The pair of "a.b.c"; NULL if nobody wrote it. */
static const struct ch_pair *find_path(const struct ch_yaml *map, const char *key)
{
    const struct ch_pair *pair = NULL;
    for (const char *at = key; map; at += strcspn(at, ".") + 1) {
        char part[PART_MAX];
        size_t n = strcspn(at, ".");
        if (n >= sizeof part)
            return NULL;
        memcpy(part, at, n);
        part[n] = '\0';
        pair = ch_tree_find_pair(map, part);
        if (!pair || at[n] == '\0')
            return pair;
        map = pair->value;
    }
    return NULL;
}

bool ch_scenario_mark(const struct ch_scenario *scenario, const char *key, int value, struct ch_mark *mark)
{
    const struct ch_loaded *loaded = (const struct ch_loaded *)(const void *)scenario;
    const struct ch_pair *pair = ch_tree_find_pair(ch_tree_find(loaded->root, "sweep"), key);
    pair = pair ? pair : find_path(loaded->root, key);
    *mark = (struct ch_mark){scenario->path, 0, 0, 1};
    if (!pair)
        return false;
    bool within = pair->value->kind == CH_YAML_LIST && value >= 0 && (unsigned)value < pair->value->n;
    *mark = within ? pair->value->item[value]->mark : pair->value->mark;
    return true;
}
