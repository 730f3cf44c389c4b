/* SPDX-License-Identifier: MIT
 * `validate`, `schema`, `init`: what can be done without running anything. */
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
        printf("%s: valid; %u %s, %u design %s, %lld %s\n", args->operand, scenario->n_policies,
               scenario->n_policies == 1 ? "policy" : "policies", scenario->n_points,
               scenario->n_points == 1 ? "point" : "points", (long long)CH_BLOCK(scenario, run)->replications,
               CH_BLOCK(scenario, run)->replications == 1 ? "replication" : "replications");
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
        code = write_file(args->output, schema.s, true, &error);
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
    enum ch_code code = write_file(path, text, args->force, &error);
    if (code == CH_OK)
        code = write_file("scenario.schema.json", schema.s, true, &error);
    if (code == CH_OK && args->json)
        printf("{\"schema_version\": 1, \"files\": [\"%s\", \"scenario.schema.json\"]}\n", path);
    else if (code == CH_OK)
        printf("%s\nscenario.schema.json\nnext    chaland run %s\n", path, path);
    else
        ch_cli_fail(args, &error);
    free(text);
    ch_text_fini(&schema);
    return code;
}
