/* SPDX-License-Identifier: MIT
 * Which policies are compared: names of shipped ones, paths, inline mappings; extends: among them; the baseline. */
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

enum { POLICIES_MAX = 64, EXTENDS_MAX = 8 };

static const char folder[] = "scenarios/policies/";
/* Known without any file, since every comparison may need it. */
static const char silent_text[] = "policy: silent\ndoc: Never sends a message and never asks for consent.\n";

struct list {
    struct ch_load *load;
    const struct ch_policy *policy[POLICIES_MAX];
    struct ch_mark mark[POLICIES_MAX];
    unsigned n;
};

/* ---- trees of policies ------------------------------------------------------------------------------------------- */

static void unknown_policy(struct ch_load *load, const struct ch_yaml *name)
{
    struct ch_text help = {0};
    ch_load_suggest_file(load, name->text, folder, &help);
    ch_load_error(load, name->mark, CH_E_POLICY, help.s, "there is no policy '%.80s'", name->text);
    ch_text_fini(&help);
}

/* Parses the file that a scalar names. */
static const struct ch_yaml *named_tree(struct ch_load *load, const struct ch_yaml *name)
{
    const char *path = ch_load_locate(load, name, folder), *text;
    size_t n;
    char sha256[65];
    if (!path && strcmp(name->text, "silent") == 0)
        return ch_tree_parse(load->arena, load->diag, silent_text, sizeof silent_text - 1, "silent");
    if (!path || !ch_load_exists(path)) {
        unknown_policy(load, name);
        return NULL;
    }
    if (!ch_load_read(load, path, name->mark, CH_TREE_BYTES, &text, &n, sha256))
        return NULL;
    ch_load_note_input(load, sha256, path);
    const struct ch_yaml *map = ch_tree_parse(load->arena, load->diag, text, n, path);
    return map && ch_load_is_map(load, map, "a policy file") ? map : NULL;
}

/* The mapping with what it extends laid under it. */
static const struct ch_yaml *whole_tree(struct ch_load *load, const struct ch_yaml *map, unsigned depth)
{
    const struct ch_yaml *name = ch_tree_find(map, "extends");
    if (!name)
        return map;
    if (!ch_load_is_text(load, name, "extends", "the name of a shipped policy, or a path"))
        return NULL;
    if (depth == EXTENDS_MAX) {
        ch_load_error(load, name->mark, CH_E_EXTENDS, "a policy may extend another one, but never itself",
                      "'%.80s' extends itself, or more than %d others in a row", name->text, EXTENDS_MAX);
        return NULL;
    }
    const struct ch_yaml *base = named_tree(load, name);
    base = base ? whole_tree(load, base, depth + 1) : NULL;
    const struct ch_yaml *merged = base ? ch_tree_merge(load->arena, base, map) : NULL;
    return merged || !base ? merged : ch_load_no_memory(load);
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static unsigned find(const struct list *list, const char *name)
{
    unsigned i = 0;
    while (i < list->n && strcmp(list->policy[i]->name, name) != 0)
        i++;
    return i;
}

static void add(struct list *list, const struct ch_yaml *node)
{
    struct ch_load *load = list->load;
    const struct ch_yaml *map = node;
    if (node->kind == CH_YAML_SCALAR && ch_load_is_text(load, node, "an entry of policies", "a name, a path or a mapping"))
        map = named_tree(load, node);
    else if (!ch_load_is_map(load, node, "an entry of policies"))
        return;
    if (map && !ch_tree_find(map, "policy")) {
        ch_load_error(load, map->mark, CH_E_MISSING, "write policy: NAME", "this policy has no name");
        return;
    }
    map = map ? whole_tree(load, map, 0) : NULL;
    const struct ch_policy *policy = map ? ch_load_policy(load, map) : NULL;
    if (!policy)
        return;
    if (find(list, policy->name) < list->n) {
        ch_load_error(load, node->mark, CH_E_DUPLICATE, "give it another name: {policy: NAME2, extends: NAME}",
                      "policy '%s' is listed twice", policy->name);
    } else if (list->n == POLICIES_MAX) {
        ch_load_error(load, node->mark, CH_E_LIMIT, NULL, "more than %d policies", POLICIES_MAX);
    } else {
        list->mark[list->n] = node->mark;
        list->policy[list->n++] = policy;
    }
}

/* One that ignores consent runs as a stress test only, in a scenario that says so. */
static void refuse_forced(const struct list *list)
{
    const struct ch_run_params *run = list->load->loaded->block[CH_SET_run];
    for (unsigned i = 0; i < list->n; i++)
        if (list->policy[i]->forced && !run->allow_forced)
            ch_load_error(list->load, list->mark[i], CH_E_POLICY,
                          "a stress test says so at the top of the scenario: write 'allow_forced: true'",
                          "policy '%s' is forced: it ignores consent", list->policy[i]->name);
}

static void add_listed(struct list *list)
{
    const struct ch_yaml *node = ch_tree_find(list->load->root, "policies");
    struct ch_mark mark = {list->load->scenario->path, 0, 0, 1};
    const struct ch_yaml *silent = node ? NULL : ch_tree_scalar(list->load->arena, "silent", 6, mark);
    if (node && node->kind == CH_YAML_LIST && node->n == 0)
        ch_load_error(list->load, node->mark, CH_E_MISSING, "without the key, [silent] holds", "the list of policies is empty");
    else if (node && node->kind == CH_YAML_LIST)
        for (unsigned i = 0; i < node->n; i++)
            add(list, node->item[i]);
    else if (node || silent)
        add(list, node ? node : silent);
    else
        ch_load_no_memory(list->load);
}

/* ---- baseline and --policy --------------------------------------------------------------------------------------- */

static unsigned find_baseline(struct list *list)
{
    struct ch_load *load = list->load;
    const struct ch_yaml *node = ch_tree_find(load->root, "baseline");
    unsigned silent = find(list, "silent");
    if (!node)
        return silent < list->n ? silent : 0;
    if (!ch_load_is_text(load, node, "baseline", "the name of a policy of this scenario"))
        return 0;
    unsigned i = find(list, node->text);
    if (i < list->n)
        return i;
    const char *names[POLICIES_MAX] = {NULL};
    struct ch_text help = {0};
    for (unsigned j = 0; j < list->n; j++)
        names[j] = list->policy[j]->name;
    const char *near = ch_text_nearest(node->text, names, list->n);
    if (near)
        ch_text_addf(&help, "did you mean '%s'? ", near);
    for (unsigned j = 0; j < list->n; j++)
        ch_text_addf(&help, "%s%s", j ? ", " : "policies of this scenario: ", names[j]);
    ch_load_error(load, node->mark, CH_E_POLICY, help.s, "the baseline '%.80s' is not among the policies", node->text);
    ch_text_fini(&help);
    return 0;
}

/* --policy A,B: policies not listed in the scenario are taken from what is shipped. */
static void add_asked(struct list *list)
{
    struct ch_load *load = list->load;
    for (unsigned i = 0; i < load->options->n_policies; i++) {
        const char *name = load->options->policy[i];
        struct ch_mark mark = {"--policy", 0, 0, 1};
        const struct ch_yaml *node = find(list, name) < list->n ? NULL : ch_tree_scalar(load->arena, name, strlen(name), mark);
        if (node)
            add(list, node);
    }
}

static bool asked(const struct ch_load *load, const char *name)
{
    for (unsigned i = 0; i < load->options->n_policies; i++)
        if (strcmp(load->options->policy[i], name) == 0)
            return true;
    return load->options->n_policies == 0;
}

void ch_load_policies(struct ch_load *load)
{
    struct list list = {.load = load};
    unsigned before = ch_diag_count(load->diag);
    add_listed(&list);
    bool complete = ch_diag_count(load->diag) == before;
    unsigned baseline = complete ? find_baseline(&list) : 0, listed = list.n;
    add_asked(&list);
    refuse_forced(&list);
    const struct ch_policy **kept = ch_load_alloc(load, list.n + 1, sizeof *kept);
    for (unsigned i = 0; kept && i < list.n; i++) {
        if (i == baseline)
            load->scenario->baseline = load->scenario->n_policies;
        if (i == baseline || i >= listed || asked(load, list.policy[i]->name))
            kept[load->scenario->n_policies++] = list.policy[i];
    }
    load->scenario->policy = kept;
}
