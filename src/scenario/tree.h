/* SPDX-License-Identifier: MIT
 * A YAML document as a tree whose nodes know where they were written. An alias is the node it names, so the tree may be a
 * DAG; its expanded size and height are bounded while it is read, so a plain recursive walk is safe. */
#ifndef CH_TREE_H
#define CH_TREE_H

#include "base/arena.h"
#include "scenario/diag.h"

enum ch_yaml_kind { CH_YAML_SCALAR, CH_YAML_LIST, CH_YAML_MAP };

struct ch_yaml;
struct ch_pair {
    const struct ch_yaml *key; /* a scalar */
    const struct ch_yaml *value;
};

struct ch_yaml {
    enum ch_yaml_kind kind;
    bool plain; /* a scalar without quotes */
    struct ch_mark mark;
    unsigned n;            /* items, pairs, or bytes of text */
    unsigned size, height; /* expanded nodes, levels */
    union {
        const char *text; /* NUL-terminated, no NUL within */
        const struct ch_yaml *const *item;
        const struct ch_pair *pair;
    };
};

enum { CH_TREE_DEPTH = 32, CH_TREE_EVENTS = 200000, CH_TREE_BYTES = 1 << 20 };

/* Parses a text; marks carry `file`, which must outlive the tree. NULL when diag got an error. */
const struct ch_yaml *ch_tree_parse(struct ch_arena *arena, struct ch_diag *diag, const char *text, size_t n, const char *file);

/* The value of a key in a mapping, or NULL; map may be NULL or not a mapping. */
const struct ch_yaml *ch_tree_find(const struct ch_yaml *map, const char *key);
const struct ch_pair *ch_tree_find_pair(const struct ch_yaml *map, const char *key);
/* Nothing, ~ or null, without quotes. */
bool ch_yaml_is_null(const struct ch_yaml *node);
const char *ch_yaml_kind_text(const struct ch_yaml *node); /* "a list", "a mapping", "a single value", "nothing" */

/* `over` laid upon `base`: mappings merge, everything else is replaced. NULL without memory. */
const struct ch_yaml *ch_tree_merge(struct ch_arena *arena, const struct ch_yaml *base, const struct ch_yaml *over);
/* The map with one value put at "a.b.c", mappings made on the way; what is no mapping is replaced. NULL without memory. */
const struct ch_yaml *ch_tree_put(struct ch_arena *arena, const struct ch_yaml *map, const char *path,
                                  const struct ch_yaml *value);
/* The same for one key, dots or not. */
const struct ch_yaml *ch_tree_put_flat(struct ch_arena *arena, const struct ch_yaml *map, const char *key,
                                       const struct ch_yaml *value);
/* A scalar made by the program. NULL without memory. */
const struct ch_yaml *ch_tree_scalar(struct ch_arena *arena, const char *text, size_t n, struct ch_mark mark);

#endif
