/* SPDX-License-Identifier: MIT
 * `validate`, `schema`, `init`: what can be done without running anything. */
#define _POSIX_C_SOURCE 200809L
#include "app/campaign.h"
#include "app/json.h"
#include "app/version.h"
#include "city/build.h"
#include "output/pack.h"
#include "output/results.h"
#include "table/table.h"
#include <chaland/settings.h>
#include <stdlib.h>
#include <string.h>

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
        printf("%s: valid; %u %s, %u design %s, %lld %s\n", args->operand, scenario->n_policies,
               scenario->n_policies == 1 ? "policy" : "policies", scenario->n_points,
               scenario->n_points == 1 ? "point" : "points", (long long)CH_BLOCK(scenario, run)->replications,
               CH_BLOCK(scenario, run)->replications == 1 ? "replication" : "replications");
    ch_scenario_destroy(scenario);
    ch_diag_destroy(diag);
    return code;
}

/* ---- schema, init ------------------------------------------------------------------------------------------------ */

/* An older schema may be replaced unasked; anything else of that name may not. */
static bool is_schema(const char *path, const struct ch_text *schema)
{
    char line[128] = "";
    size_t n = strcspn(schema->s, "\n");
    FILE *in = fopen(path, "r");
    bool same = in && n < sizeof line && fread(line, 1, n, in) == n && memcmp(line, schema->s, n) == 0;
    if (in)
        fclose(in);
    return same;
}

/* The schema in a member of the one object, or the file that it was written to. */
static void tell_schema(const struct ch_args *args, char *schema)
{
    if (args->output) {
        printf("{\"schema_version\": 1, \"output\": ");
        ch_json_put_string(stdout, args->output);
        printf("}\n");
        return;
    }
    for (char *c = schema; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    printf("{\"schema_version\": 1, \"schema\": %s}\n", schema);
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
        code = ch_pack_write(args->output, args->force || is_schema(args->output, &schema), schema.s, schema.n, &error);
    else if (!args->json)
        fputs(schema.s, stdout);
    if (code != CH_OK)
        ch_cli_fail(args, &error);
    else if (args->json)
        tell_schema(args, schema.s);
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
    static const char beside[] = "scenario.schema.json";
    char path[600], *text = NULL;
    size_t n = 0;
    struct ch_text schema = {0};
    struct ch_error error = {.code = CH_OK};
    if (!is_name(args->operand)) {
        ch_fail(&error, CH_INVALID, "'%s' is not a name for a scenario; write a short word of letters, digits, '_' and '-'",
                args->operand);
        return ch_cli_fail(args, &error);
    }
    snprintf(path, sizeof path, "%s.yaml", args->operand);
    FILE *out = open_memstream(&text, &n);
    if (!out)
        return CH_TOO_BIG;
    ch_scenario_template(args->operand, out);
    fclose(out);
    ch_describe_schema(&schema);
    bool force = args->force || is_schema(beside, &schema);
    enum ch_code code = schema.failed ? ch_fail(&error, CH_TOO_BIG, "out of memory") : ch_results_target(beside, force, &error);
    if (code == CH_OK)
        code = ch_pack_write(path, args->force, text, n, &error);
    if (code == CH_OK)
        code = ch_pack_write(beside, force, schema.s, schema.n, &error);
    if (code == CH_OK && args->json)
        printf("{\"schema_version\": 1, \"files\": [\"%s\", \"%s\"]}\n", path, beside);
    else if (code == CH_OK)
        printf("%s\n%s\nnext    chaland run %s\n", path, beside, path);
    else
        ch_cli_fail(args, &error);
    free(text);
    ch_text_fini(&schema);
    return code;
}
