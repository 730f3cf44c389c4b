/* SPDX-License-Identifier: MIT
 * `explain`: what a word of a scenario, a policy or a result means, what it may be, and where its default comes from. Everything
 * is read off the declared rows. */
#include "app/explain.h"
#include "app/campaign.h"
#include "app/json.h"
#include "app/version.h"
#include "base/terminal.h"
#include "output/results.h"
#include "table/table.h"
#include "table/vocabulary.h"
#include <chaland/settings.h>
#include <stdlib.h>
#include <string.h>

static const char *path_of(const struct ch_section *section) { return section->path[0] ? section->path : "run"; }

/* Is it a number of things to draw, where the user's own may stand? */
static bool takes_own_data(const struct ch_section *section, const char *name)
{
    static const char *const tables[] = {
#define X(table) #table,
        CH_ITEM_TABLES(X)
#undef X
    };
    bool is = false;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        is |= strcmp(tables[i], name) == 0;
    return is && section == ch_section(CH_SET_city);
}

/* A section, or one parameter of it, with the values of the scenario if there is one. */
static void explain_section(const struct ch_scenario *scenario, unsigned s, int only, struct ch_text *out)
{
    const struct ch_section *section = ch_section(s);
    const void *block = scenario ? scenario->block[s] : NULL;
    if (only < 0)
        ch_text_addf(out, "%s: %s\n", path_of(section), section->title ? section->title : "");
    for (unsigned p = 0; p < section->n_params; p++) {
        if (only >= 0 && p != (unsigned)only)
            continue;
        ch_text_add(out, only < 0 ? "\n" : "");
        ch_describe_param(section, &section->param[p], block, out);
        if (only >= 0 && takes_own_data(section, section->param[p].name))
            ch_text_add(out, "  or:      your own, as a list of mappings, or {file: NAME.csv}\n");
    }
}

static void explain_all(const struct ch_scenario *scenario, struct ch_text *out)
{
    for (unsigned s = 0; s < ch_n_sections(); s++) {
        ch_text_add(out, s ? "\n" : "");
        explain_section(scenario, s, -1, out);
    }
}

static void list_kpis(struct ch_text *out)
{
    for (unsigned m = 0; m < ch_n_models(); m++)
        for (unsigned i = 0; i < ch_model(m)->n_probes; i++) {
            const struct ch_probe *row = &ch_model(m)->probe[i];
            if (row->kpi && row->reducer <= CH_REDUCE_VALUE) /* numbers; tables and maps are not KPIs */
                ch_text_addf(out, "  %-30s K%02d  %s\n", row->name, row->kpi, row->doc);
        }
#define X(name, unit, k, doc) ch_text_addf(out, "  %-30s K%02d  %s\n", #name, k, doc);
    CH_DERIVED_KPIS(X)
#undef X
}

static void list_top(struct ch_text *out)
{
    ch_text_add(out, "Keys on top of a scenario (chaland explain KEY):\n");
#define X(name, form, doc) ch_text_addf(out, "  %-14s %s\n", #name, doc);
    CH_TOP_KEYS(X)
#undef X
}

static void list_sections(struct ch_text *out)
{
    list_top(out);
    ch_text_add(out, "\nSections (chaland explain SECTION, chaland explain SECTION.PARAMETER):\n");
    for (unsigned s = 0; s < ch_n_sections(); s++) {
        const struct ch_section *section = ch_section(s);
        if (section->n_params)
            ch_text_addf(out, "  %-14s %3u %-10s  %s\n", path_of(section), section->n_params,
                         section->n_params == 1 ? "parameter" : "parameters", section->title ? section->title : "");
    }
    ch_text_add(out, "\nKPIs of a result (chaland explain KPI):\n");
    list_kpis(out);
    ch_explain_list_words(out);
    ch_text_addf(out, "\nShipped scenarios, to run, to copy or to extend: %s/scenarios\n", ch_share_folder());
    ch_text_add(out, "\n`chaland explain --all` tells every parameter, its range, and where its default comes from.\n");
}

static void explain_one_kpi(const char *name, const char *unit, int k, const char *doc, const char *by, struct ch_text *out)
{
    ch_text_addf(out, "%s", name);
    if (unit[0] && strcmp(unit, "1") != 0)
        ch_text_addf(out, " [%s]", unit);
    if (k)
        ch_text_addf(out, " K%02d", k);
    ch_text_addf(out, "\n  %s\n  %s\n", doc, by);
}

static bool explain_kpi(const char *key, struct ch_text *out)
{
    for (unsigned m = 0; m < ch_n_models(); m++)
        for (unsigned i = 0; i < ch_model(m)->n_probes; i++) {
            const struct ch_probe *row = &ch_model(m)->probe[i];
            char by[120];
            if (strcmp(row->name, key) != 0)
                continue;
            snprintf(by, sizeof by, "counted by model '%s'", ch_model(m)->name);
            explain_one_kpi(row->name, row->unit, row->kpi, row->doc, by, out);
            return true;
        }
#define X(name, unit, k, doc)                                                          \
    if (strcmp(key, #name) == 0) {                                                     \
        explain_one_kpi(#name, unit, k, doc, "formed from runs with equal luck", out); \
        return true;                                                                   \
    }
    CH_DERIVED_KPIS(X)
#undef X
    return false;
}

/* A key of the top level, or own data that are no parameter. */
static bool explain_key_of_top(const char *key, struct ch_text *out)
{
    static const struct {
        const char *name, *doc;
    } keys[] = {
#define X(name, form, doc) {#name, doc},
        CH_TOP_KEYS(X)
#undef X
#define X(name, form, doc) {"design." #name, doc},
            CH_DESIGN_KEYS(X)
#undef X
                {"city.homes", "homes of the people: a list, or {file: homes.csv}, with x, y and weight; generated if not given"},
        {"city.works", "workplaces: a list, or {file: works.csv}, with x, y and weight; generated if not given"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i].name, key) == 0) {
            ch_text_addf(out, "%s\n  %s\n", key, keys[i].doc);
            return true;
        }
    return false;
}

/* `rule`, `caps`, `outputs` ..., or one key of them, such as `caps.day`. */
static bool explain_policy(const char *key, struct ch_text *out)
{
    bool any = false;
    for (int b = 0; b < CH_N_POLICY_BLOCKS; b++) {
        const struct ch_section *block = ch_policy_section((enum ch_policy_block)b);
        size_t n = strlen(block->path);
        if (n && (strncmp(block->path, key, n) != 0 || (key[n] && key[n] != '.')))
            continue;
        for (unsigned p = 0; p < block->n_params; p++)
            if ((n && !key[n]) || strcmp(n ? key + n + 1 : key, block->param[p].name) == 0) {
                ch_text_add(out, any || out->n ? "\n" : "");
                ch_describe_param(block, &block->param[p], NULL, out);
                any = true;
            }
    }
    return any;
}

/* ---- a key ------------------------------------------------------------------------------------------------------- */

/* All names that can be explained; to be freed. */
static const char **all_names(size_t *n_out)
{
#define X(name, form, doc) +1
    size_t n_keys, n = 0, most = ch_n_sections() CH_TOP_KEYS(X);
#undef X
    const char *const *keys = ch_param_keys(&n_keys), *const * words;
    size_t n_words = ch_explain_words(&words);
    for (unsigned m = 0; m < ch_n_models(); m++)
        most += ch_model(m)->n_probes;
    const char **all = calloc(n_keys + most + n_words, sizeof *all);
    if (!all)
        return NULL;
#define X(name, form, doc) all[n++] = #name;
    CH_TOP_KEYS(X)
#undef X
    for (unsigned s = 0; s < ch_n_sections(); s++)
        all[n++] = path_of(ch_section(s));
    for (size_t i = 0; i < n_keys; i++)
        all[n++] = keys[i];
    for (unsigned m = 0; m < ch_n_models(); m++)
        for (unsigned i = 0; i < ch_model(m)->n_probes; i++)
            all[n++] = ch_model(m)->probe[i].name;
    for (size_t i = 0; i < n_words; i++)
        all[n++] = words[i];
    *n_out = n;
    return all;
}

/* "did you mean"; the last part of a key counts too, for those who forget its section. */
static enum ch_code nothing_called(const char *key, struct ch_error *error)
{
    size_t n = 0;
    const char **all = all_names(&n), *near = all ? ch_text_nearest(key, all, n) : NULL;
    for (size_t i = 0; i < n && !near; i++) {
        const char *dot = strrchr(all[i], '.');
        near = dot && strcmp(dot + 1, key) == 0 ? all[i] : NULL;
    }
    ch_fail(error, CH_INVALID, "nothing is called '%s'%s%s%s `chaland explain` alone lists what there is", key,
            near ? "; did you mean '" : ";", near ? near : "", near ? "'?" : "");
    free(all);
    return CH_INVALID;
}

static enum ch_code explain_key(const struct ch_scenario *scenario, const char *key, struct ch_text *out, struct ch_error *error)
{
    unsigned section, param;
    if (ch_param_find(key, &section, &param)) {
        explain_section(scenario, section, (int)param, out);
        return CH_OK;
    }
    bool any = explain_kpi(key, out);
    for (unsigned s = 0; s < ch_n_sections(); s++)
        if (strcmp(path_of(ch_section(s)), key) == 0) {
            explain_section(scenario, s, -1, out);
            any = true;
        }
    any |= explain_key_of_top(key, out);
    any |= explain_policy(key, out);
    any |= ch_explain_word(key, out);
    return any ? CH_OK : nothing_called(key, error);
}

static enum ch_code explain(const struct ch_args *args, const struct ch_scenario *scenario, struct ch_error *error)
{
    struct ch_text out = {0};
    enum ch_code code = CH_OK;
    if (args->operand)
        code = explain_key(scenario, args->operand, &out, error);
    else if (args->all || scenario)
        explain_all(scenario, &out);
    else
        list_sections(&out);
    if (code == CH_OK && out.failed)
        code = ch_fail(error, CH_TOO_BIG, "out of memory");
    if (code == CH_OK && args->json) {
        printf("{\"schema_version\": 1, \"key\": ");
        ch_json_put_string(stdout, args->operand ? args->operand : "");
        printf(", \"text\": ");
        ch_json_put_string(stdout, out.s);
        printf("}\n");
    } else if (code == CH_OK) {
        int columns;
        ch_terminal_size(stdout, &columns, NULL);
        ch_terminal_print(out.s, columns, stdout);
    }
    ch_text_fini(&out);
    return code == CH_OK ? code : ch_cli_fail(args, error);
}

enum ch_code ch_cmd_explain(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    if (args->reference) {
        enum ch_code code = ch_describe_reference(args->reference, &error);
        if (code == CH_OK && args->json) {
            printf("{\"schema_version\": 1, \"folder\": ");
            ch_json_put_string(stdout, args->reference);
            printf("}\n");
        }
        return code == CH_OK ? code : ch_cli_fail(args, &error);
    }
    if (args->policy && (args->operand || args->all)) {
        ch_fail(&error, CH_INVALID, "--policy tells policies, and goes with no %s; leave one of them out",
                args->all ? "--all" : "KEY");
        return ch_cli_fail(args, &error);
    }
    if (args->policy)
        return ch_explain_policies(args);
    struct ch_diag *diag = ch_diag_create();
    struct ch_scenario *scenario = NULL;
    enum ch_code code = diag ? CH_OK : CH_TOO_BIG;
    if (code == CH_OK && args->scenario) {
        struct ch_args load = *args;
        load.operand = args->scenario;
        code = ch_campaign_load(&load, diag, &scenario);
    }
    if (diag && ch_diag_count(diag))
        code = ch_cli_fail_diag(args, diag);
    else if (code == CH_OK)
        code = explain(args, scenario, &error);
    ch_scenario_destroy(scenario);
    ch_diag_destroy(diag);
    return code;
}
