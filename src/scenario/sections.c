/* SPDX-License-Identifier: MIT
 * Typing: keys of the top level and of sections against the declared rows. */
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

enum { NAME_MAX_BYTES = 64, WORDS_MAX = 256, WORDS_SHOWN = 24, WHAT_MAX = 160 };

/* ---- checks shared with policies, sweeps and own data ------------------------------------------------------------- */

bool ch_load_is_text(struct ch_load *load, const struct ch_yaml *node, const char *what, const char *allowed)
{
    if (node->kind == CH_YAML_SCALAR && !ch_yaml_is_null(node))
        return true;
    ch_load_error(load, node->mark, CH_E_FORM, NULL, "%s is %s; allowed: %s", what, ch_yaml_kind_text(node), allowed);
    return false;
}

bool ch_load_is_map(struct ch_load *load, const struct ch_yaml *node, const char *what)
{
    if (node->kind == CH_YAML_MAP)
        return true;
    ch_load_error(load, node->mark, CH_E_FORM, "write one 'key: value' per line",
                  "%s is %s; allowed: a mapping of keys to values", what, ch_yaml_kind_text(node));
    return false;
}

bool ch_load_name(struct ch_load *load, const struct ch_yaml *node, const char *what)
{
    if (!ch_load_is_text(load, node, what, "a name"))
        return false;
    bool bad = node->n == 0 || node->n > NAME_MAX_BYTES;
    for (const char *at = node->text; *at && !bad; at++)
        bad = (unsigned char)*at < 0x20 || *at == '/' || *at == ',';
    if (bad)
        ch_load_error(load, node->mark, CH_E_NAME, "names appear in files and on the command line",
                      "%s is '%.80s'; allowed: 1 to %d bytes without / , or line ends", what, node->text, NAME_MAX_BYTES);
    return !bad;
}

static void list_words(struct ch_text *help, const char *const *word, size_t n)
{
    if (n > WORDS_SHOWN) {
        ch_text_add(help, "`chaland explain` lists all keys");
        return;
    }
    ch_text_add(help, "keys here: ");
    for (size_t i = 0; i < n; i++)
        ch_text_addf(help, "%s%s", i ? ", " : "", word[i]);
}

/* Where else does a key of this name stand? */
static const char *elsewhere(const char *word)
{
    size_t n;
    const char *const *keys = ch_param_keys(&n);
    for (size_t i = 0; i < n; i++) {
        const char *last = strrchr(keys[i], '.');
        if (last && strcmp(last + 1, word) == 0)
            return keys[i];
    }
    return NULL;
}

/* Is path a section, or the beginning of one's path? */
static bool leads_to_section(const char *path)
{
    size_t n = strlen(path);
    for (unsigned i = 1; i < ch_n_sections(); i++) {
        const char *other = ch_section(i)->path;
        if (strncmp(other, path, n) == 0 && (other[n] == '\0' || other[n] == '.'))
            return true;
    }
    return false;
}

void ch_load_unknown_key(struct ch_load *load, const struct ch_yaml *key, const char *where, const char *const *word, size_t n)
{
    struct ch_text help = {0};
    unsigned section, param;
    const char *near = ch_text_nearest(key->text, word, n), *other = elsewhere(key->text);
    if (key->text[0] >= '0' && key->text[0] <= '9') /* the rest of 8,5 or 2,000 within braces */
        ch_text_add(&help, "a comma separates entries: write 8.5 and 2000, not 8,5 and 2,000");
    else if (near)
        ch_text_addf(&help, "did you mean '%s'?", near);
    else if (strchr(key->text, '.') && (ch_param_find(key->text, &section, &param) || leads_to_section(key->text)))
        ch_text_add(&help, "within the file, nest it: every part before a dot is a mapping of its own");
    else if (other)
        ch_text_addf(&help, "there is '%s': move the key to that section", other);
    else
        list_words(&help, word, n);
    ch_load_error(load, key->mark, CH_E_KEY, help.s, "unknown key '%.80s' %s", key->text, where);
    ch_text_fini(&help);
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* "the default is 35 d": a hint for whoever has no other. */
static void default_hint(const struct ch_param *param, struct ch_text *out)
{
    const struct ch_section alone = {.path = "", .param = param, .n_params = 1, .size = param->offset + sizeof(struct ch_list)};
    ch_text_add(out, "the default is ");
    ch_param_print_default(&alone, param, out);
}

static bool misfit(struct ch_load *load, struct ch_mark mark, const char *what, const struct ch_param *param,
                   const struct ch_misfit *why)
{
    struct ch_text hint = {0};
    if (why->hint[0])
        ch_text_add(&hint, why->hint);
    else
        default_hint(param, &hint);
    ch_load_error(load, mark, CH_E_VALUE, hint.s, "%s is %s; allowed: %s", what, why->found, why->allowed);
    ch_text_fini(&hint);
    return false;
}

static bool wrong_length(struct ch_load *load, const struct ch_param *param, const struct ch_yaml *node, const char *what,
                         unsigned wanted)
{
    struct ch_text hint = {0};
    default_hint(param, &hint);
    ch_load_error(load, node->mark, CH_E_LENGTH, hint.s, "%s has %u value%s; allowed: exactly %u", what, node->n,
                  node->n == 1 ? "" : "s", wanted);
    ch_text_fini(&hint);
    return false;
}

static bool list_param(struct ch_load *load, const struct ch_param *param, void *block, const struct ch_yaml *node,
                       const char *what)
{
    unsigned wanted = (unsigned)ch_param_list_length(param);
    struct ch_misfit why;
    bool ok = true;
    if (node->n != wanted)
        return wrong_length(load, param, node, what, wanted);
    for (unsigned i = 0; i < node->n; i++) {
        const struct ch_yaml *item = node->item[i];
        char name[WHAT_MAX];
        snprintf(name, sizeof name, "value %u of %s", i + 1, what);
        if (!ch_load_is_text(load, item, name, "a number"))
            ok = false;
        else if (!ch_param_set_element(param, block, (int)i, item->text, item->n, &why))
            ok = misfit(load, item->mark, name, param, &why);
    }
    return ok;
}

static bool wrong_form(struct ch_load *load, const struct ch_param *param, const struct ch_yaml *node, const char *what)
{
    struct ch_text allowed = {0}, hint = {0};
    ch_param_allowed(param, &allowed);
    if (node->kind == CH_YAML_LIST)
        ch_text_add(&hint, "to compare several values, list them under sweep:");
    else
        default_hint(param, &hint);
    ch_load_error(load, node->mark, CH_E_FORM, hint.s,
                  ch_yaml_is_null(node) ? "%s has no value%s; allowed: %s" : "%s is %s; allowed: %s", what,
                  ch_yaml_is_null(node) ? "" : ch_yaml_kind_text(node), allowed.s ? allowed.s : "");
    ch_text_fini(&allowed);
    ch_text_fini(&hint);
    return false;
}

bool ch_load_param(struct ch_load *load, const struct ch_param *param, void *block, const struct ch_yaml *node, const char *what)
{
    struct ch_misfit why;
    if (param->kind == CH_PARAM_LIST && node->kind == CH_YAML_LIST)
        return list_param(load, param, block, node, what);
    if (node->kind == CH_YAML_SCALAR && !ch_yaml_is_null(node))
        return ch_param_set(param, block, node->text, node->n, &why) || misfit(load, node->mark, what, param, &why);
    return wrong_form(load, param, node, what);
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static const struct ch_param *find_param(const struct ch_section *section, const char *name)
{
    for (unsigned i = 0; i < section->n_params; i++)
        if (strcmp(section->param[i].name, name) == 0)
            return &section->param[i];
    return NULL;
}

static bool item_table(const char *name, enum ch_item_table_kind *kind)
{
    static const char *const names[] = {
#define X(table) #table,
        CH_ITEM_TABLES(X)
#undef X
    };
    for (unsigned i = 0; i < CH_N_TABLES; i++)
        if (strcmp(names[i], name) == 0) {
            *kind = (enum ch_item_table_kind)i;
            return true;
        }
    return false;
}

/* Words a reader may write directly under `path`. */
static size_t words_under(const char *path, const char *word[WORDS_MAX])
{
    size_t n = 0, length = strlen(path);
    for (unsigned i = 0; i < ch_n_sections(); i++) {
        const struct ch_section *section = ch_section(i);
        for (unsigned j = 0; strcmp(section->path, path) == 0 && j < section->n_params && n < WORDS_MAX; j++)
            word[n++] = section->param[j].name;
        const char *rest = section->path + (length ? length + 1 : 0);
        bool child = i > 0 && strlen(section->path) > length && strncmp(section->path, path, length) == 0 &&
                     (length == 0 || section->path[length] == '.');
        if (child && !strchr(rest, '.') && n < WORDS_MAX)
            word[n++] = rest;
    }
    if (strcmp(path, "city") == 0 && n + 2 < WORDS_MAX) {
        word[n++] = "homes";
        word[n++] = "works";
    }
    return n;
}

static void read_section(struct ch_load *load, const char *path, const struct ch_yaml *node);

/* A number of stores, beacons ... to draw, where own data may stand as well. */
static void count_param(struct ch_load *load, const struct ch_param *param, void *block, const struct ch_yaml *node,
                        const char *what)
{
    struct ch_misfit why;
    if (ch_yaml_is_null(node)) {
        ch_load_param(load, param, block, node, what);
    } else if (!ch_param_set(param, block, node->text, node->n, &why)) {
        size_t n = strlen(why.allowed);
        snprintf(why.allowed + n, sizeof why.allowed - n, ", a list of mappings, or {file: NAME.csv}");
        misfit(load, node->mark, what, param, &why);
    }
}

static void unknown_in_section(struct ch_load *load, const char *path, const struct ch_yaml *key)
{
    const char *word[WORDS_MAX];
    char where[WHAT_MAX];
    snprintf(where, sizeof where, "in section '%s'", path);
    ch_load_unknown_key(load, key, where, word, words_under(path, word));
}

static void read_pair(struct ch_load *load, const char *path, const struct ch_pair *pair)
{
    char key[WHAT_MAX];
    const char *name = pair->key->text;
    enum ch_item_table_kind kind;
    unsigned section, param;
    int n = snprintf(key, sizeof key, "%s.%s", path, name);
    if (n < 0 || (size_t)n >= sizeof key || strchr(name, '.'))
        unknown_in_section(load, path, pair->key);
    else if (strcmp(path, "city") == 0 && item_table(name, &kind) &&
             (pair->value->kind != CH_YAML_SCALAR || kind == CH_TABLE_homes || kind == CH_TABLE_works))
        ch_load_items(load, kind, pair->value);
    else if (ch_param_find(key, &section, &param) && strcmp(path, "city") == 0 && item_table(name, &kind))
        count_param(load, &ch_section(section)->param[param], load->loaded->block[section], pair->value, key);
    else if (ch_param_find(key, &section, &param))
        ch_load_param(load, &ch_section(section)->param[param], load->loaded->block[section], pair->value, key);
    else if (leads_to_section(key))
        read_section(load, key, pair->value);
    else
        unknown_in_section(load, path, pair->key);
}

static void read_section(struct ch_load *load, const char *path, const struct ch_yaml *node)
{
    char what[WHAT_MAX];
    snprintf(what, sizeof what, "section '%s'", path);
    if (ch_yaml_is_null(node)) /* all its keys commented out */
        return;
    for (unsigned i = 0; ch_load_is_map(load, node, what) && i < node->n; i++)
        read_pair(load, path, &node->pair[i]);
}

/* ---- the top level ----------------------------------------------------------------------------------------------- */

static const char *const top_keys[] = {
#define X(name, form, doc) #name,
    CH_TOP_KEYS(X)
#undef X
};
enum { N_TOP_KEYS = sizeof top_keys / sizeof top_keys[0] };

static bool is_top_key(const char *name)
{
    for (size_t i = 0; i < N_TOP_KEYS; i++)
        if (strcmp(top_keys[i], name) == 0)
            return true;
    return false;
}

static void unknown_at_top(struct ch_load *load, const struct ch_yaml *key)
{
    const char *word[WORDS_MAX];
    size_t n = words_under("", word);
    for (size_t i = 0; i < N_TOP_KEYS && n < WORDS_MAX; i++)
        word[n++] = top_keys[i];
    ch_load_unknown_key(load, key, "at the top level", word, n);
}

static void read_version(struct ch_load *load)
{
    const struct ch_yaml *node = ch_tree_find(load->root, "chaland");
    static const char help[] = "write 'chaland: 1' in the first line";
    if (!node)
        ch_load_error(load, load->root->mark, CH_E_MISSING, help, "the format version is missing");
    else if (ch_load_is_text(load, node, "chaland", "1, the version of the format") && strcmp(node->text, "1") != 0)
        ch_load_error(load, node->mark, CH_E_VERSION, help, "the format version is '%.40s'; allowed: 1", node->text);
}

/* Name of the file without folder and ending. */
static const char *name_of_path(struct ch_load *load)
{
    const char *path = load->scenario->path, *slash = strrchr(path, '/'), *begin = slash ? slash + 1 : path,
               *dot = strrchr(begin, '.');
    size_t n = dot && dot > begin ? (size_t)(dot - begin) : strlen(begin);
    const char *name = ch_arena_strndup(load->arena, n ? begin : "scenario", n ? n : 8);
    return name ? name : ch_load_no_memory(load);
}

static void read_names(struct ch_load *load)
{
    const struct ch_yaml *name = ch_tree_find(load->root, "name"), *question = ch_tree_find(load->root, "question");
    load->scenario->name = name ? (ch_load_name(load, name, "name") ? name->text : "") : name_of_path(load);
    load->scenario->question = "";
    if (question && !ch_yaml_is_null(question) && ch_load_is_text(load, question, "question", "a sentence"))
        load->scenario->question = question->text;
}

static void read_outputs(struct ch_load *load)
{
    const struct ch_yaml *node = ch_tree_find(load->root, "outputs");
    const struct ch_section *section = ch_policy_section(CH_BLOCK_outputs);
    struct ch_outputs_params *outputs = &load->loaded->outputs;
    for (unsigned i = 0; node && !ch_yaml_is_null(node) && ch_load_is_map(load, node, "outputs") && i < node->n; i++) {
        const struct ch_param *param = find_param(section, node->pair[i].key->text);
        char what[WHAT_MAX];
        snprintf(what, sizeof what, "outputs.%.80s", node->pair[i].key->text);
        if (param)
            ch_load_param(load, param, outputs, node->pair[i].value, what);
        else
            ch_load_unknown_key(load, node->pair[i].key, "in 'outputs'",
                                (const char *const[]){"maps", "stores", "couriers", "events", "events_share"}, 5);
    }
    load->scenario->maps_full = outputs->maps == 0;
    load->scenario->maps = outputs->maps != 2;
    load->scenario->stores = outputs->stores;
    load->scenario->couriers = outputs->couriers;
    load->scenario->events = outputs->events == 1;
    load->scenario->events_share = outputs->events_share;
}

void ch_load_sections(struct ch_load *load)
{
    read_version(load);
    read_names(load);
    for (unsigned i = 0; i < load->root->n; i++) {
        const struct ch_pair *pair = &load->root->pair[i];
        const char *name = pair->key->text;
        const struct ch_param *param = find_param(ch_section(CH_SET_run), name);
        unsigned before = ch_diag_count(load->diag);
        if (param)
            ch_load_param(load, param, load->loaded->block[CH_SET_run], pair->value, name);
        else if (!strchr(name, '.') && leads_to_section(name))
            read_section(load, name, pair->value);
        else if (!is_top_key(name))
            unknown_at_top(load, pair->key);
        if (strcmp(name, ch_section(CH_SET_city)->path) == 0)
            load->n_city += ch_diag_count(load->diag) - before;
    }
    read_outputs(load);
}
