/* SPDX-License-Identifier: MIT
 * The tree that is typed: what the scenario extends, laid under it, and --set laid upon it. */
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

enum { EXTENDS_MAX = 8, DOTS_MAX = 6 };

/* ---- extends ----------------------------------------------------------------------------------------------------- */

static const struct ch_yaml *extend(struct ch_load *load, const struct ch_yaml *root);

static void unknown_base(struct ch_load *load, const struct ch_yaml *name)
{
    struct ch_text help = {0};
    ch_load_suggest_file(load, name->text, "scenarios/", &help);
    ch_load_error(load, name->mark, CH_E_EXTENDS, help.s, "there is no scenario '%.80s' to extend", name->text);
    ch_text_fini(&help);
}

/* Parses the file a scenario extends; NULL when an error was added. */
static const struct ch_yaml *base_of(struct ch_load *load, const struct ch_yaml *name)
{
    if (!ch_load_is_text(load, name, "extends", "the path of a scenario, or the name of a shipped one"))
        return NULL;
    const char *path = ch_load_locate(load, name, "scenarios/"), *text;
    size_t n;
    char sha256[65];
    if (!path) {
        unknown_base(load, name);
        return NULL;
    }
    if (strcmp(path, name->mark.file) == 0 || ++load->n_loads > EXTENDS_MAX) {
        ch_load_error(load, name->mark, CH_E_EXTENDS,
                      "a scenario may extend another one, which may extend a third, but never itself",
                      "'%s' extends itself, or more than %d others in a row", path, EXTENDS_MAX);
        return NULL;
    }
    if (!ch_load_read(load, path, name->mark, CH_TREE_BYTES, &text, &n, sha256))
        return NULL;
    ch_load_note_input(load, sha256, path);
    const struct ch_yaml *root = ch_tree_parse(load->arena, load->diag, text, n, path);
    return root ? extend(load, root) : NULL;
}

static const struct ch_yaml *extend(struct ch_load *load, const struct ch_yaml *root)
{
    if (!ch_load_is_map(load, root, "a scenario"))
        return NULL;
    const struct ch_yaml *name = ch_tree_find(root, "extends");
    const struct ch_yaml *base = name ? base_of(load, name) : NULL;
    if (!name)
        return root;
    const struct ch_yaml *merged = base ? ch_tree_merge(load->arena, base, root) : NULL;
    return merged || !base ? merged : ch_load_no_memory(load);
}

/* ---- --set ------------------------------------------------------------------------------------------------------- */

static bool set_error(struct ch_load *load, int line, const char *message)
{
    ch_load_error(load, (struct ch_mark){"--set", line, 1, (int)strlen(load->options->set[line - 1])}, CH_E_SET,
                  "write --set key.path=value, such as --set population.sample=0.1", "%s", message);
    return false;
}

/* A key path: words with dots between them. */
static bool good_path(const char *text, size_t n)
{
    unsigned dots = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '.' && (i == 0 || i + 1 == n || text[i + 1] == '.' || ++dots > DOTS_MAX))
            return false;
        if (text[i] == ' ' || text[i] == '\t')
            return false;
    }
    return n > 0;
}

/* A swept key that is set is swept no more. */
static const struct ch_yaml *unsweep(struct ch_load *load, const struct ch_yaml *root, const char *key)
{
    const struct ch_yaml *sweep = ch_tree_find(root, "sweep");
    if (!ch_tree_find(sweep, key))
        return root;
    struct ch_yaml *less = ch_load_alloc(load, 1, sizeof *less), *top = ch_load_alloc(load, 1, sizeof *top);
    struct ch_pair *pairs = ch_load_alloc(load, sweep->n, sizeof *pairs), *tops = ch_load_alloc(load, root->n, sizeof *tops);
    if (!less || !top || !pairs || !tops)
        return NULL;
    *less = *sweep;
    *top = *root;
    less->n = 0;
    for (unsigned i = 0; i < sweep->n; i++)
        if (strcmp(sweep->pair[i].key->text, key) != 0)
            pairs[less->n++] = sweep->pair[i];
    for (unsigned i = 0; i < root->n; i++)
        tops[i] = (struct ch_pair){root->pair[i].key, root->pair[i].value == sweep ? less : root->pair[i].value};
    less->pair = pairs;
    top->pair = tops;
    return top;
}

/* Does design: vary the key? Its points would win over what is set. */
static bool designed(const struct ch_yaml *root, const char *key)
{
    const struct ch_yaml *design = ch_tree_find(root, "design"), *list = ch_tree_find(design, "list");
    bool found = ch_tree_find(ch_tree_find(design, "ranges"), key) != NULL;
    for (unsigned i = 0; list && list->kind == CH_YAML_LIST && i < list->n; i++)
        found |= ch_tree_find(list->item[i], key) != NULL;
    return found;
}

/* The value is read as YAML at its place in the line, so that marks point into "key.path=value". */
static const struct ch_yaml *parse_value(struct ch_load *load, const char *value, int line, int column)
{
    struct ch_text text = {0};
    for (int i = 1; i < line; i++)
        ch_text_add(&text, "\n");
    ch_text_addf(&text, "%*s%s", column - 1, "", value);
    const struct ch_yaml *node =
        text.failed ? ch_load_no_memory(load) : ch_tree_parse(load->arena, load->diag, text.s, text.n, "--set");
    ch_text_fini(&text);
    return node;
}

static const struct ch_yaml *apply_set(struct ch_load *load, const struct ch_yaml *root, const char *set, int line)
{
    const char *equals = strchr(set, '=');
    char key[256];
    if (!equals || (size_t)(equals - set) >= sizeof key || !good_path(set, (size_t)(equals - set)) || strpbrk(set, "\n\r")) {
        set_error(load, line, equals ? "the part before '=' is not a key path" : "there is no '=' in this --set");
        return root;
    }
    snprintf(key, sizeof key, "%.*s", (int)(equals - set), set);
    if (equals[1 + strspn(equals + 1, " ")] == '\0') {
        set_error(load, line, "there is no value after '='");
        return root;
    }
    if (designed(root, key)) {
        set_error(load, line, "design: varies this parameter at every point; take it out of there first");
        return root;
    }
    const struct ch_yaml *value = parse_value(load, equals + 1, line, (int)strlen(key) + 2);
    const struct ch_yaml *less = value ? unsweep(load, root, key) : NULL, *set_root;
    if (!less)
        return root;
    if (strncmp(key, "sweep.", 6) == 0) { /* keys of a sweep hold dots themselves */
        const struct ch_yaml *axes = ch_tree_put_flat(load->arena, ch_tree_find(root, "sweep"), key + 6, value);
        set_root = axes ? ch_tree_put_flat(load->arena, root, "sweep", axes) : NULL;
    } else {
        set_root = ch_tree_put(load->arena, less, key, value);
    }
    return set_root ? set_root : ch_load_no_memory(load);
}

/* All --set texts as one source, a line each, so that messages can show them. */
static bool own_sets(struct ch_load *load)
{
    struct ch_text text = {0};
    for (unsigned i = 0; i < load->options->n_sets; i++)
        ch_text_addf(&text, "%s\n", load->options->set[i]);
    if (text.failed || !ch_diag_own(load->diag, "--set", text.s, text.n))
        return ch_load_no_memory(load);
    return true;
}

const struct ch_yaml *ch_load_tree(struct ch_load *load, const struct ch_yaml *root)
{
    unsigned before = ch_diag_count(load->diag);
    const struct ch_yaml *tree = extend(load, root);
    if (load->options->n_sets && !own_sets(load))
        return NULL;
    for (unsigned i = 0; tree && i < load->options->n_sets; i++)
        tree = apply_set(load, tree, load->options->set[i], (int)i + 1);
    return ch_diag_count(load->diag) == before ? tree : NULL;
}
