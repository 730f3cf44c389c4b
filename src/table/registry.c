/* SPDX-License-Identifier: MIT
 * The registry: the only file that names models. Sections and keys are laid out once, at the first question, and are const
 * afterwards; any thread may ask. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "table/table.h"

#ifndef CH_MODELS_DEF
#define CH_MODELS_DEF "../../models/models.def"
#endif

#define MODEL(number, name) extern const struct ch_model ch_model_##name;
#include CH_MODELS_DEF
#undef MODEL

static const struct ch_model *const models[] = {
#define MODEL(number, name) &ch_model_##name,
#include CH_MODELS_DEF
#undef MODEL
    NULL};

static const unsigned numbers[] = {
#define MODEL(number, name) number,
#include CH_MODELS_DEF
#undef MODEL
    0};

enum { N_MODELS = sizeof models / sizeof models[0] - 1, N_SECTIONS = CH_N_SETTINGS + N_MODELS };
_Static_assert((int)N_MODELS <= (int)CH_MODELS_MAX, "raise CH_MODELS_MAX in chaland/model.h");

#define MODEL(number, name) _Static_assert((number) >= 1 && (number) <= 1919, "number of model " #name);
#include CH_MODELS_DEF
#undef MODEL

/* Two models with one number do not compile: a label may stand once in a switch. */
static const char *name_of_number(unsigned number)
{
    switch (number) {
#define MODEL(number_, name) \
    case number_:            \
        return #name;
#include CH_MODELS_DEF
#undef MODEL
    default:
        return NULL;
    }
}

static struct ch_section sections[N_SECTIONS];
static const char **keys;
static size_t n_keys;

static char *join_key(const struct ch_section *section, const char *name)
{
    size_t at = strlen(section->path), n = strlen(name) + 1;
    char *key = malloc(at + 1 + n);
    if (!key)
        return NULL;
    memcpy(key, section->path, at);
    if (at)
        key[at++] = '.';
    memcpy(key + at, name, n);
    return key;
}

/* Keys live until the process ends. Without memory the list stays short: it only serves suggestions. */
static void list_keys(void)
{
    size_t total = 0;
    for (unsigned i = 0; i < N_SECTIONS; i++)
        total += sections[i].n_params;
    keys = calloc(total, sizeof *keys);
    for (unsigned i = 0; keys && i < N_SECTIONS; i++)
        for (unsigned j = 0; j < sections[i].n_params; j++) {
            keys[n_keys] = join_key(&sections[i], sections[i].param[j].name);
            n_keys += keys[n_keys] != NULL;
        }
}

static void lay_out(void)
{
    for (unsigned i = 0; i < CH_N_SETTINGS; i++)
        sections[i] = *ch_setting_section((enum ch_setting)i);
    for (unsigned i = 0; i < ch_n_models(); i++) {
        const struct ch_model *model = models[i];
        const char *path = model->section ? model->section : model->name;
        sections[CH_N_SETTINGS + i] =
            (struct ch_section){path, model->title, model->param, model->n_params, model->params_size, model};
    }
    list_keys();
}

static void ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, lay_out);
}

unsigned ch_n_sections(void) { return N_SECTIONS; }

const struct ch_section *ch_section(unsigned i)
{
    CH_REQUIRE(i < N_SECTIONS);
    ready();
    return &sections[i];
}

unsigned ch_n_models(void) { return N_MODELS; }

const struct ch_model *ch_model(unsigned i)
{
    CH_REQUIRE(i < ch_n_models());
    return models[i];
}

unsigned ch_model_number(unsigned i)
{
    CH_REQUIRE(i < ch_n_models());
    CH_REQUIRE(name_of_number(numbers[i]) != NULL);
    return numbers[i];
}

unsigned ch_section_of_model(unsigned i)
{
    CH_REQUIRE(i < ch_n_models());
    return CH_N_SETTINGS + i;
}

const char *const *ch_param_keys(size_t *n)
{
    ready();
    *n = n_keys;
    return keys;
}

const char *ch_item_word(enum ch_item item)
{
    static const char *const word[CH_N_ITEMS] = {
        [CH_ITEM_STORE] = "store",   [CH_ITEM_RETAILER] = "retailer", [CH_ITEM_BEACON] = "beacon",
        [CH_ITEM_SCREEN] = "screen", [CH_ITEM_STOP] = "stop",         [CH_ITEM_DEPOT] = "depot"};
    return word[item];
}

/* Is key "path.name", and where does name begin? */
static const char *name_within(const struct ch_section *section, const char *key)
{
    size_t n = strlen(section->path);
    if (n == 0)
        return key;
    return strncmp(key, section->path, n) == 0 && key[n] == '.' ? key + n + 1 : NULL;
}

bool ch_param_find(const char *key, unsigned *section, unsigned *param)
{
    CH_REQUIRE(key && section && param);
    ready();
    for (unsigned i = 0; i < N_SECTIONS; i++) {
        const char *name = name_within(&sections[i], key);
        for (unsigned j = 0; name && j < sections[i].n_params; j++)
            if (strcmp(sections[i].param[j].name, name) == 0) {
                *section = i;
                *param = j;
                return true;
            }
    }
    return false;
}

bool ch_section_in_use(const struct ch_section *section, const void *block)
{
    return !section->model || !section->model->wanted || section->model->wanted(block);
}
