/* SPDX-License-Identifier: MIT
 * Operations on trees. Nodes are const: changes make new mappings that share what is unchanged. */
#include "scenario/tree.h"

#include <string.h>

const struct ch_pair *ch_tree_find_pair(const struct ch_yaml *map, const char *key)
{
    if (!map || map->kind != CH_YAML_MAP)
        return NULL;
    for (unsigned i = 0; i < map->n; i++)
        if (strcmp(map->pair[i].key->text, key) == 0)
            return &map->pair[i];
    return NULL;
}

const struct ch_yaml *ch_tree_find(const struct ch_yaml *map, const char *key)
{
    const struct ch_pair *pair = ch_tree_find_pair(map, key);
    return pair ? pair->value : NULL;
}

bool ch_yaml_is_null(const struct ch_yaml *node)
{
    return node->kind == CH_YAML_SCALAR && node->plain &&
           (node->n == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *ch_yaml_kind_text(const struct ch_yaml *node)
{
    if (ch_yaml_is_null(node))
        return "nothing";
    return node->kind == CH_YAML_LIST ? "a list" : node->kind == CH_YAML_MAP ? "a mapping" : "a single value";
}

const struct ch_yaml *ch_tree_scalar(struct ch_arena *arena, const char *text, size_t n, struct ch_mark mark)
{
    struct ch_yaml *node = ch_arena_alloc(arena, 1, sizeof *node);
    const char *copy = ch_arena_strndup(arena, text, n);
    if (!node || !copy)
        return NULL;
    *node = (struct ch_yaml){
        .kind = CH_YAML_SCALAR, .plain = true, .mark = mark, .n = (unsigned)n, .size = 1, .height = 1, .text = copy};
    return node;
}

/* A mapping like `map` with room for more pairs. */
static struct ch_yaml *copy_map(struct ch_arena *arena, const struct ch_yaml *map, unsigned more, struct ch_pair **pairs)
{
    struct ch_yaml *node = ch_arena_alloc(arena, 1, sizeof *node);
    *pairs = ch_arena_alloc(arena, (size_t)map->n + more + 1, sizeof **pairs);
    if (!node || !*pairs)
        return NULL;
    *node = *map;
    if (map->n)
        memcpy(*pairs, map->pair, map->n * sizeof **pairs);
    node->pair = *pairs;
    return node;
}

const struct ch_yaml *ch_tree_merge(struct ch_arena *arena, const struct ch_yaml *base, const struct ch_yaml *over)
{
    if (base->kind != CH_YAML_MAP || over->kind != CH_YAML_MAP)
        return over->kind == CH_YAML_SCALAR && base->kind == CH_YAML_MAP && ch_yaml_is_null(over) ? base : over;
    struct ch_pair *pairs;
    struct ch_yaml *node = copy_map(arena, base, over->n, &pairs);
    if (!node)
        return NULL;
    node->mark = over->mark;
    for (unsigned i = 0; i < over->n; i++) {
        const struct ch_pair *old = ch_tree_find_pair(base, over->pair[i].key->text);
        struct ch_pair *slot = old ? &pairs[old - base->pair] : &pairs[node->n++];
        *slot = over->pair[i];
        if (old && !(slot->value = ch_tree_merge(arena, old->value, over->pair[i].value)))
            return NULL;
    }
    return node;
}

static const struct ch_yaml *empty_map(struct ch_arena *arena, struct ch_mark mark)
{
    struct ch_yaml *node = ch_arena_alloc(arena, 1, sizeof *node);
    if (node)
        *node = (struct ch_yaml){.kind = CH_YAML_MAP, .mark = mark, .size = 1, .height = 1};
    return node;
}

static const struct ch_yaml *put(struct ch_arena *arena, const struct ch_yaml *map, const struct ch_yaml *key,
                                 const struct ch_yaml *value)
{
    struct ch_pair *pairs;
    struct ch_yaml *node = copy_map(arena, map, 1, &pairs);
    if (!node)
        return NULL;
    const struct ch_pair *old = ch_tree_find_pair(map, key->text);
    struct ch_pair *slot = old ? &pairs[old - map->pair] : &pairs[node->n++];
    *slot = (struct ch_pair){key, value};
    return node;
}

const struct ch_yaml *ch_tree_put_flat(struct ch_arena *arena, const struct ch_yaml *map, const char *key,
                                       const struct ch_yaml *value)
{
    struct ch_mark mark = value->mark;
    mark.column = 1; /* of "key=value" */
    mark.width = (int)strlen(key);
    const struct ch_yaml *name = ch_tree_scalar(arena, key, strlen(key), mark);
    if (!map || map->kind != CH_YAML_MAP)
        map = empty_map(arena, value->mark);
    return map && name ? put(arena, map, name, value) : NULL;
}

/* The caller bounds the number of dots, hence the recursion. Keys are marked where they stand in "a.b.c=value". */
static const struct ch_yaml *put_at(struct ch_arena *arena, const struct ch_yaml *map, const char *path, int column,
                                    const struct ch_yaml *value)
{
    size_t n = strcspn(path, ".");
    struct ch_mark mark = {value->mark.file, value->mark.line, column, (int)n};
    const struct ch_yaml *key = ch_tree_scalar(arena, path, n, mark);
    if (!map || map->kind != CH_YAML_MAP)
        map = empty_map(arena, value->mark);
    if (!map || !key)
        return NULL;
    const struct ch_yaml *inner = value;
    if (path[n])
        inner = put_at(arena, ch_tree_find(map, key->text), path + n + 1, column + (int)n + 1, value);
    return inner ? put(arena, map, key, inner) : NULL;
}

const struct ch_yaml *ch_tree_put(struct ch_arena *arena, const struct ch_yaml *map, const char *path,
                                  const struct ch_yaml *value)
{
    return put_at(arena, map, path, 1, value);
}
