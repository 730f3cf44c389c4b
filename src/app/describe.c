/* SPDX-License-Identifier: MIT
 * `validate`, `explain`, `schema`, `init`: what can be said without running anything. */
#define _POSIX_C_SOURCE 200809L
#include "app/campaign.h"
#include "app/json.h"
#include "app/version.h"
#include "city/build.h"
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
    if (ch_diag_count(diag))
        code = ch_diag_code(diag);
    if (args->json) {
        printf("{\"schema_version\": 1, \"valid\": %s, \"errors\": ", code == CH_OK ? "true" : "false");
        ch_diag_print_json(diag, stdout);
        printf("}\n");
    } else if (ch_diag_count(diag))
        ch_diag_print(diag, stderr);
    else if (code != CH_OK)
        ch_cli_fail(args, &error);
    else
        printf("%s: valid; %u policies, %u design %s, %lld replications\n", args->operand, scenario->n_policies, scenario->n_points,
               scenario->n_points == 1 ? "point" : "points", (long long)CH_BLOCK(scenario, run)->replications);
    ch_scenario_destroy(scenario);
    ch_diag_destroy(diag);
    return code;
}

/* ---- explain ----------------------------------------------------------------------------------------------------- */

/* Values of a section: the scenario's, or the defaults (to be freed). */
static void *values_of(const struct ch_scenario *scenario, unsigned s)
{
    const struct ch_section *section = ch_section(s);
    void *block = calloc(1, section->size ? section->size : 1);
    if (block && scenario)
        memcpy(block, scenario->block[s], section->size);
    else if (block)
        ch_section_defaults(section, block);
    return block;
}

static void explain_section(const struct ch_scenario *scenario, unsigned s, int only, struct ch_text *out)
{
    const struct ch_section *section = ch_section(s);
    void *block = values_of(scenario, s);
    if (!block)
        return;
    if (only < 0)
        ch_text_addf(out, "%s%s%s\n\n", section->path[0] ? section->path : "top level", section->title ? ": " : "", section->title ? section->title : "");
    for (unsigned p = 0; p < section->n_params; p++)
        if (only < 0 || p == (unsigned)only)
            ch_describe_param(section, &section->param[p], block, out);
    free(block);
}

static bool explain_kpi(const char *key, struct ch_text *out)
{
    for (unsigned m = 0; m < ch_n_models(); m++)
        for (unsigned i = 0; i < ch_model(m)->n_probes; i++) {
            const struct ch_probe *row = &ch_model(m)->probe[i];
            if (strcmp(row->name, key) != 0)
                continue;
            ch_text_addf(out, "%s [%s]", row->name, row->unit);
            if (row->kpi)
                ch_text_addf(out, " K%02d", row->kpi);
            ch_text_addf(out, "\n  %s\n  counted by model '%s'\n", row->doc, ch_model(m)->name);
            return true;
        }
    return false;
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
        if (strcmp(ch_section(s)->path, key) == 0) {
            explain_section(scenario, s, -1, out);
            any = true;
        }
    if (any)
        return CH_OK;
    size_t n;
    const char *const *keys = ch_param_keys(&n);
    const char *near = ch_text_nearest(key, keys, n);
    return ch_fail(error, CH_INVALID, "nothing is called '%s'%s%s%s; `chaland explain` alone lists all", key, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
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
    struct ch_text out = {0};
    enum ch_code code = diag ? CH_OK : CH_TOO_BIG;
    if (code == CH_OK && args->scenario) {
        struct ch_args load = *args;
        load.operand = args->scenario;
        code = ch_campaign_load(&load, diag, &scenario);
        if (ch_diag_count(diag))
            ch_diag_print(diag, stderr);
    }
    if (code == CH_OK && args->operand)
        code = explain_key(scenario, args->operand, &out, &error);
    else if (code == CH_OK)
        for (unsigned s = 0; s < ch_n_sections(); s++)
            explain_section(scenario, s, -1, &out);
    if (code == CH_OK && args->json) {
        printf("{\"schema_version\": 1, \"text\": ");
        ch_json_put_string(stdout, out.s);
        printf("}\n");
    } else if (code == CH_OK)
        fputs(out.s ? out.s : "", stdout);
    else if (error.text[0])
        ch_cli_fail(args, &error);
    ch_text_fini(&out);
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

enum ch_code ch_cmd_init(const struct ch_args *args)
{
    char path[600], *text = NULL;
    size_t n = 0;
    struct ch_text schema = {0};
    struct ch_error error = {.code = CH_OK};
    if (strlen(args->operand) > 200 || strchr(args->operand, '/'))
        return ch_fail(&error, CH_INVALID, "'%s' is not a name for a scenario; write a short word without slashes", args->operand), ch_cli_fail(args, &error);
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
