/* SPDX-License-Identifier: MIT
 * `validate`, `explain`, `schema`, `init`: what can be said without running anything. */
#define _POSIX_C_SOURCE 200809L
#include "app/campaign.h"
#include "app/json.h"
#include "app/version.h"
#include "city/build.h"
#include "output/results.h"
#include "table/table.h"
#include <chaland/settings.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- validate ---------------------------------------------------------------------------------------------------- */

static enum ch_code build_stages(const struct ch_scenario *scenario, struct ch_diag *diag, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    for (unsigned i = 0; i < scenario->n_points && code == CH_OK; i++) {
        struct ch_scenario *at = NULL;
        struct ch_stage *stage = NULL;
        code = ch_scenario_at(scenario, i, diag, &at);
        if (code == CH_OK)
            code = ch_stage_create(at, diag, &stage, error);
        ch_stage_destroy(stage);
        ch_scenario_destroy(at);
    }
    return code;
}

static void print_valid_json(const struct ch_diag *diag, enum ch_code code, const struct ch_error *error)
{
    printf("{\"schema_version\": 1, \"valid\": %s, \"errors\": ", code == CH_OK ? "true" : "false");
    ch_diag_print_json(diag, stdout);
    if (error->text[0]) {
        printf(", \"error\": {\"code\": %d, \"message\": ", (int)code);
        ch_json_put_string(stdout, error->text);
        printf("}");
    }
    printf("}\n");
}

enum ch_code ch_cmd_validate(const struct ch_args *args)
{
    struct ch_diag *diag = ch_diag_create();
    struct ch_scenario *scenario = NULL;
    struct ch_error error = {.code = CH_OK};
    if (!diag)
        return CH_TOO_BIG;
    enum ch_code code = ch_campaign_load(args, diag, &scenario);
    if (code == CH_OK)
        code = build_stages(scenario, diag, &error);
    if (ch_diag_count(diag)) {
        code = ch_diag_code(diag);
        error.text[0] = 0; /* the diagnoses say it */
    }
    if (args->json)
        print_valid_json(diag, code, &error);
    else if (ch_diag_count(diag))
        ch_diag_print(diag, stderr);
    else if (code != CH_OK)
        ch_cli_fail(args, &error);
    else
        printf("%s: valid; %u %s, %u design %s, %lld %s\n", args->operand, scenario->n_policies, scenario->n_policies == 1 ? "policy" : "policies",
               scenario->n_points, scenario->n_points == 1 ? "point" : "points", (long long)CH_BLOCK(scenario, run)->replications,
               CH_BLOCK(scenario, run)->replications == 1 ? "replication" : "replications");
    ch_scenario_destroy(scenario);
    ch_diag_destroy(diag);
    return code;
}

/* ---- explain ----------------------------------------------------------------------------------------------------- */

static const char *path_of(const struct ch_section *section) { return section->path[0] ? section->path : "run"; }

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
            if (row->kpi)
                ch_text_addf(out, "  %-30s K%02d  %s\n", row->name, row->kpi, row->doc);
        }
#define X(name, unit, k, doc) ch_text_addf(out, "  %-30s K%02d  %s\n", #name, k, doc);
    CH_DERIVED_KPIS(X)
#undef X
}

static void list_sections(struct ch_text *out)
{
    ch_text_add(out, "Sections of a scenario (chaland explain SECTION, chaland explain SECTION.PARAMETER):\n");
    for (unsigned s = 0; s < ch_n_sections(); s++) {
        const struct ch_section *section = ch_section(s);
        if (section->n_params)
            ch_text_addf(out, "  %-14s %3u %-10s  %s\n", path_of(section), section->n_params, section->n_params == 1 ? "parameter" : "parameters",
                         section->title ? section->title : "");
    }
    ch_text_add(out, "\nKPIs of a result (chaland explain KPI):\n");
    list_kpis(out);
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
#define X(name, unit, k, doc)                                                             \
    if (strcmp(key, #name) == 0) {                                                        \
        explain_one_kpi(#name, unit, k, doc, "formed from runs with equal luck", out);    \
        return true;                                                                      \
    }
    CH_DERIVED_KPIS(X)
#undef X
    return false;
}

/* "did you mean" over keys, sections and KPIs; the last part of a key counts too, for those who forget its section. */
static enum ch_code nothing_called(const char *key, struct ch_error *error)
{
    size_t n, n_all = 0, most = ch_n_sections();
    const char *const *keys = ch_param_keys(&n);
    for (unsigned m = 0; m < ch_n_models(); m++)
        most += ch_model(m)->n_probes;
    const char **all = calloc(n + most, sizeof *all), *near = NULL, *inside = NULL;
    for (unsigned s = 0; all && s < ch_n_sections(); s++)
        all[n_all++] = path_of(ch_section(s));
    for (size_t i = 0; all && i < n; i++)
        all[n_all++] = keys[i];
    for (unsigned m = 0; all && m < ch_n_models(); m++)
        for (unsigned i = 0; i < ch_model(m)->n_probes; i++)
            all[n_all++] = ch_model(m)->probe[i].name;
    if (all)
        near = ch_text_nearest(key, all, n_all);
    for (size_t i = 0; i < n && !near && !inside; i++) {
        const char *dot = strrchr(keys[i], '.');
        inside = dot && strcmp(dot + 1, key) == 0 ? keys[i] : NULL;
    }
    near = near ? near : inside;
    ch_fail(error, CH_INVALID, "nothing is called '%s'%s%s%s `chaland explain` alone lists what there is", key, near ? "; did you mean '" : ";",
            near ? near : "", near ? "'?" : "");
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
        fputs(out.s, stdout);
    }
    ch_text_fini(&out);
    return code == CH_OK ? code : ch_cli_fail(args, error);
}

enum ch_code ch_cmd_explain(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    if (args->reference) {
        enum ch_code code = ch_describe_reference(args->reference, &error);
        return code == CH_OK ? code : ch_cli_fail(args, &error);
    }
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

/* ---- schema, init ------------------------------------------------------------------------------------------------ */

static enum ch_code write_file(const char *path, const char *text, bool force, struct ch_error *error)
{
    struct stat st;
    if (!force && stat(path, &st) == 0)
        return ch_fail(error, CH_EXISTS, "%s exists already; add --force to overwrite it", path);
    FILE *out = fopen(path, "w");
    if (!out)
        return ch_fail(error, CH_IO, "%s: cannot write: %s", path, strerror(errno));
    int bad = fputs(text, out) == EOF;
    bad |= fclose(out) != 0;
    return bad ? ch_fail(error, CH_IO, "%s: writing failed: %s", path, strerror(errno)) : CH_OK;
}

enum ch_code ch_cmd_schema(const struct ch_args *args)
{
    struct ch_text schema = {0};
    struct ch_error error = {.code = CH_OK};
    enum ch_code code = CH_OK;
    ch_describe_schema(&schema);
    if (schema.failed)
        code = ch_fail(&error, CH_TOO_BIG, "out of memory");
    else if (args->output)
        code = write_file(args->output, schema.s, true, &error);
    else
        fputs(schema.s, stdout);
    if (code != CH_OK)
        ch_cli_fail(args, &error);
    ch_text_fini(&schema);
    return code;
}

/* What serves as a name of a scenario and of its files, everywhere. */
static bool is_name(const char *name)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t n = strlen(name);
    return n > 0 && n <= 100 && name[0] != '-' && strspn(name, good) == n;
}

enum ch_code ch_cmd_init(const struct ch_args *args)
{
    char path[600], *text = NULL;
    size_t n = 0;
    struct ch_text schema = {0};
    struct ch_error error = {.code = CH_OK};
    if (!is_name(args->operand)) {
        ch_fail(&error, CH_INVALID, "'%s' is not a name for a scenario; write a short word of letters, digits, '_' and '-'", args->operand);
        return ch_cli_fail(args, &error);
    }
    snprintf(path, sizeof path, "%s.yaml", args->operand);
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return CH_TOO_BIG;
    ch_scenario_template(args->operand, out);
    fclose(out);
    ch_describe_schema(&schema);
    enum ch_code code = write_file(path, text, args->force, &error);
    if (code == CH_OK)
        code = write_file("scenario.schema.json", schema.s, true, &error);
    if (code == CH_OK)
        printf("%s\nscenario.schema.json\nnext    chaland run %s\n", path, path);
    else
        ch_cli_fail(args, &error);
    free(text);
    ch_text_fini(&schema);
    return code;
}
