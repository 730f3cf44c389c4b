/* SPDX-License-Identifier: MIT
 * Loading a scenario: text -> tree -> extends and --set -> typed values -> policies, sweep -> checks -> resolved text. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/load.h"

/* ---- errors and memory ------------------------------------------------------------------------------------------- */

void ch_load_error(struct ch_load *load, struct ch_mark mark, enum ch_diag_error error, const char *help, const char *format, ...)
{
    char message[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    ch_diag_add(load->diag, mark, ch_diag_error_code(error), help, "%s", message);
}

void *ch_load_no_memory(struct ch_load *load)
{
    if (ch_diag_code(load->diag) != CH_TOO_BIG)
        ch_load_error(load, (struct ch_mark){load->scenario->path, 0, 0, 1}, CH_E_LIMIT, NULL,
                      "no memory left to read the scenario");
    ch_diag_fail(load->diag, CH_TOO_BIG);
    return NULL;
}

void *ch_load_alloc(struct ch_load *load, size_t count, size_t size)
{
    void *memory = ch_arena_alloc(load->arena, count, size);
    return memory ? memory : ch_load_no_memory(load);
}

const char *ch_load_strdup(struct ch_load *load, const char *s)
{
    const char *copy = ch_arena_strdup(load->arena, s);
    return copy ? copy : ch_load_no_memory(load);
}

/* ---- begin and end ----------------------------------------------------------------------------------------------- */

void ch_scenario_destroy(struct ch_scenario *scenario)
{
    struct ch_loaded *loaded = (struct ch_loaded *)(void *)scenario;
    if (!loaded || atomic_fetch_sub(&loaded->holders, 1) > 1)
        return;
    struct ch_loaded *parent = loaded->parent;
    ch_arena_destroy(loaded->arena);
    free(loaded);
    ch_scenario_destroy(parent ? &parent->scenario : NULL);
}

struct ch_loaded *ch_loaded_create(struct ch_loaded *parent)
{
    struct ch_loaded *loaded = calloc(1, sizeof *loaded);
    struct ch_arena *arena = ch_arena_create();
    if (!loaded || !arena) {
        free(loaded);
        ch_arena_destroy(arena);
        return NULL;
    }
    loaded->arena = arena;
    loaded->parent = parent;
    atomic_init(&loaded->holders, 1);
    if (parent)
        atomic_fetch_add(&parent->holders, 1);
    return loaded;
}

/* Blocks with the defaults of every section. */
static bool allot_blocks(struct ch_load *load)
{
    load->loaded->block = ch_load_alloc(load, ch_n_sections(), sizeof *load->loaded->block);
    for (unsigned i = 0; load->loaded->block && i < ch_n_sections(); i++) {
        void *block = ch_load_alloc(load, 1, ch_section(i)->size + 1);
        if (!block)
            return false;
        ch_section_defaults(ch_section(i), block);
        load->loaded->block[i] = block;
    }
    load->scenario->block = (const void *const *)load->loaded->block;
    ch_section_defaults(ch_policy_section(CH_BLOCK_outputs), &load->loaded->outputs);
    return load->loaded->block != NULL;
}

static bool begin(struct ch_load *load, const char *text, size_t n, const char *path)
{
    load->loaded = ch_loaded_create(NULL);
    if (!load->loaded)
        return false;
    load->scenario = &load->loaded->scenario;
    load->scenario->path = path;
    load->arena = load->loaded->arena;
    load->scenario->path = ch_load_strdup(load, path);
    load->scenario->source = ch_arena_strndup(load->arena, text, n);
    load->loaded->items = ch_load_alloc(load, CH_N_TABLES, sizeof *load->loaded->items);
    load->scenario->items = load->loaded->items;
    return load->scenario->path && load->scenario->source && load->loaded->items && allot_blocks(load);
}

/* Everything between the tree and the finished scenario. */
static void type(struct ch_load *load)
{
    ch_load_sections(load);
    ch_load_start(load);
    ch_load_kpis(load);
    ch_load_policies(load);
    ch_load_sweep(load);
    unsigned before = ch_diag_count(load->diag);
    if (before == load->n_ragged)
        ch_load_check(load);
    bool sound = load->n_city == load->n_ragged && ch_diag_count(load->diag) == before;
    if (sound && ch_diag_code(load->diag) == CH_INVALID && load->options->look_further)
        load->options->look_further(load->scenario, load->diag);
}

static bool load_text(struct ch_load *load, const char *text, size_t n)
{
    const struct ch_yaml *root = ch_tree_parse(load->arena, load->diag, text, n, load->scenario->path);
    load->root = root ? ch_load_tree(load, root) : NULL;
    if (!load->root)
        return false;
    load->loaded->root = load->root;
    type(load);
    if (ch_diag_code(load->diag) != CH_OK)
        return false;
    const char *inputs = load->inputs.s ? load->inputs.s : "", *paths = load->input_paths.s ? load->input_paths.s : "";
    return ch_load_resolve(load->loaded, inputs, paths) || ch_load_no_memory(load);
}

/* Takes over `text` (malloc'ed). */
static enum ch_code load_owned(char *text, size_t n, const char *path, const struct ch_scenario_options *options,
                               struct ch_diag *diag, struct ch_scenario **scenario)
{
    static const struct ch_scenario_options none = {0};
    struct ch_load load = {.diag = diag, .options = options ? options : &none};
    bool ok = ch_diag_own(diag, path, text, n) && begin(&load, text, n, path);
    if (!ok)
        ch_diag_fail(diag, CH_TOO_BIG);
    ok = ok && load_text(&load, text, n);
    ch_text_fini(&load.inputs);
    ch_text_fini(&load.input_paths);
    if (ok)
        *scenario = load.scenario;
    else if (load.loaded)
        ch_scenario_destroy(load.scenario);
    if (ok)
        return CH_OK;
    return ch_diag_code(diag) == CH_OK ? CH_INVALID : ch_diag_code(diag);
}

enum ch_code ch_scenario_parse(const char *text, const char *path, const struct ch_scenario_options *options,
                               struct ch_diag *diag, struct ch_scenario **scenario)
{
    CH_REQUIRE(text && path && diag && scenario);
    *scenario = NULL;
    size_t n = strlen(text);
    char *copy = malloc(n + 1);
    if (!copy) {
        ch_diag_fail(diag, CH_TOO_BIG);
        return CH_TOO_BIG;
    }
    memcpy(copy, text, n + 1);
    return load_owned(copy, n, path, options, diag, scenario);
}

/* A bare word that is neither a file nor the name of a shipped scenario. */
static enum ch_code no_such_scenario(const char *word, const struct ch_scenario_options *options, struct ch_diag *diag)
{
    struct ch_text near = {0}, list = {0};
    ch_load_shipped(options ? options->share : NULL, word, &near, &list);
    ch_text_addf(&list, "%sa file of your own is given by its path, such as %s.yaml", list.n ? "; " : "", word);
    ch_diag_add(diag, (struct ch_mark){"", 0, 0, 1}, ch_diag_error_code(CH_E_FILE), list.s,
                near.s ? "no file or shipped scenario '%.80s'; did you mean '%.80s'?" : "no file or shipped scenario '%.80s'%s",
                word, near.s ? near.s : "");
    ch_diag_fail(diag, CH_INVALID);
    ch_text_fini(&near);
    ch_text_fini(&list);
    return CH_INVALID;
}

enum ch_code ch_scenario_load(const char *path, const struct ch_scenario_options *options, struct ch_diag *diag,
                              struct ch_scenario **scenario)
{
    CH_REQUIRE(path && diag && scenario);
    *scenario = NULL;
    struct ch_error error = {CH_OK, ""};
    char *text = NULL;
    size_t n = 0;
    if (ch_read_file(path, CH_TREE_BYTES, &text, &n, &error) == CH_OK)
        return load_owned(text, n, path, options, diag, scenario);
    if (error.code == CH_INVALID && !strpbrk(path, "./") && !ch_load_exists(path))
        return no_such_scenario(path, options, diag);
    size_t at = strlen(path);
    bool named = strncmp(error.text, path, at) == 0 && strncmp(error.text + at, ": ", 2) == 0;
    ch_diag_add(diag, (struct ch_mark){path, 0, 0, 1}, ch_diag_error_code(CH_E_FILE), NULL, "%s",
                named ? error.text + at + 2 : error.text);
    ch_diag_fail(diag, error.code);
    return error.code;
}
