/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/plan.h"
#include "base/build_info.h"
#include "output/pack.h"
#include "scenario/tree.h"
#include "table/table.h"
#include <chaland/settings.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ANOTHER_PLAN                                                                                               \
    "%s: the folder holds another plan, which stays as it is; give this one a folder of its own: -o FOLDER (with " \
    "--reuse %s it takes over the runs that both have)"

enum { FILE_BYTES = 256 << 20, CHUNKS_LEAST = 32, LEAST_S = 10 };

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

struct ch_plan_run ch_plan_run_of(const struct ch_plan *plan, uint64_t run)
{
    uint64_t per_point = (uint64_t)plan->n_policies * plan->n_replications;
    return (struct ch_plan_run){(unsigned)(run / per_point), (unsigned)(run % per_point / plan->n_replications),
                                (unsigned)(run % plan->n_replications)};
}

uint64_t ch_plan_chunk_first(const struct ch_plan *plan, unsigned chunk) { return (uint64_t)chunk * plan->chunk_runs; }

unsigned ch_plan_chunk_size(const struct ch_plan *plan, unsigned chunk)
{
    uint64_t left = plan->n_runs - ch_plan_chunk_first(plan, chunk);
    return left < plan->chunk_runs ? (unsigned)left : plan->chunk_runs;
}

/* 10 us per person and day and 5 ms for the rest: between 6 and 12 were measured on the shipped scenarios. */
double ch_plan_seconds(const struct ch_scenario *scenario)
{
    const struct ch_run_params *run = CH_BLOCK(scenario, run);
    const struct ch_population_params *population = CH_BLOCK(scenario, population);
    double days = (double)(run->duration + run->warmup) / (double)CH_DAY;
    return 0.005 + 1e-5 * days * (double)population->shoppers * population->sample;
}

/* As many runs as the seconds hold, yet at least 32 chunks of 10 s where there are runs for them (closing a chunk waits for the
 * disk), and whole design points where a chunk holds several, since they share a city. */
static unsigned choose_chunk(const struct ch_plan *plan, struct ch_plan_size size)
{
    uint64_t per_point = (uint64_t)plan->n_policies * plan->n_replications;
    if (size.runs)
        return size.runs < CH_CHUNK_RUNS_MAX ? size.runs : CH_CHUNK_RUNS_MAX;
    double runs = (size.seconds > 0 ? size.seconds : CH_CHUNK_SECONDS) / ch_plan_seconds(plan->scenario);
    uint64_t chunk = runs >= CH_CHUNK_RUNS_MAX ? CH_CHUNK_RUNS_MAX : runs < 1 ? 1 : (uint64_t)runs;
    uint64_t most = (plan->n_runs + CHUNKS_LEAST - 1) / CHUNKS_LEAST,
             least = (uint64_t)(LEAST_S / ch_plan_seconds(plan->scenario));
    most = most > least ? most : least;
    if (!(size.seconds > 0) && chunk > most)
        chunk = most;
    return (unsigned)(chunk > per_point ? chunk / per_point * per_point : chunk);
}

static enum ch_code count(struct ch_plan *plan, struct ch_plan_size size, struct ch_error *error)
{
    const struct ch_scenario *s = plan->scenario;
    plan->n_policies = s->n_policies;
    plan->n_replications = (unsigned)CH_BLOCK(s, run)->replications;
    plan->n_runs = (uint64_t)s->n_points * plan->n_policies * plan->n_replications;
    if (plan->n_runs > CH_RUNS_MAX)
        return ch_fail(error, CH_INVALID, "the sweep has %" PRIu64 " runs; at most %d are allowed", plan->n_runs, CH_RUNS_MAX);
    plan->chunk_runs = choose_chunk(plan, size);
    plan->n_chunks = (unsigned)((plan->n_runs + plan->chunk_runs - 1) / plan->chunk_runs);
    return CH_OK;
}

static bool identify(struct ch_plan *plan)
{
    struct ch_text text = {0};
    ch_text_addf(&text, "models %s\nscenario %s\nsize %" PRIu64 " %u\n", ch_build_info()->model_id, plan->scenario->sha256,
                 plan->n_runs, plan->chunk_runs);
    bool good = !text.failed;
    if (good)
        plan->id = ch_key_of_text(text.s, text.n);
    ch_text_fini(&text);
    return good;
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

bool ch_plan_path(const struct ch_plan *plan, const char *name, struct ch_text *out)
{
    out->n = 0;
    ch_text_addf(out, "%s/%s", plan->folder, name);
    return !out->failed;
}

bool ch_plan_chunk_path(const struct ch_plan *plan, unsigned chunk, const char *ending, struct ch_text *out)
{
    out->n = 0;
    ch_text_addf(out, "%s/chunks/%03u/%06u%s", plan->folder, chunk / CH_CHUNKS_A_FOLDER, chunk, ending);
    return !out->failed;
}

bool ch_plan_chunk_closed(const struct ch_plan *plan, unsigned chunk)
{
    struct ch_text path = {0};
    struct stat st;
    bool closed = ch_plan_chunk_path(plan, chunk, ".h5", &path) && stat(path.s, &st) == 0;
    ch_text_fini(&path);
    return closed;
}

static enum ch_code make_folder(const char *path, struct ch_error *error)
{
    struct stat st;
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return CH_OK;
    return ch_fail(error, CH_IO, "%s: this folder cannot be made: %s", path, strerror(errno));
}

enum ch_code ch_plan_make_folder(const struct ch_plan *plan, unsigned chunk, struct ch_error *error)
{
    struct ch_text path = {0};
    enum ch_code code = ch_plan_path(plan, "chunks", &path) ? make_folder(path.s, error) : CH_TOO_BIG;
    if (!code && ch_plan_chunk_path(plan, chunk, "", &path)) {
        *strrchr(path.s, '/') = 0;
        code = make_folder(path.s, error);
    }
    ch_text_fini(&path);
    return code;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void describe(const struct ch_plan *plan, struct ch_text *out)
{
    const struct ch_scenario *s = plan->scenario;
    ch_text_addf(out, "{\"schema_version\": 1, \"sweep\": \"%s\", \"models\": \"%s\",\n \"name\": ", plan->id.text,
                 ch_build_info()->model_id);
    ch_json_string(out, s->name);
    ch_text_addf(out, ", \"config_sha256\": \"%s\",\n \"points\": %u, \"replications\": %u, \"policies\": [", s->sha256,
                 s->n_points, plan->n_replications);
    for (unsigned i = 0; i < s->n_policies; i++) {
        ch_text_add(out, i ? ", " : "");
        ch_json_string(out, s->policy[i]->name);
    }
    ch_text_addf(out, "],\n \"runs\": %" PRIu64 ", \"chunk_runs\": %u, \"chunks\": %u,\n \"inputs\": ", plan->n_runs,
                 plan->chunk_runs, plan->n_chunks);
    ch_json_string(out, plan->inputs);
    ch_text_add(out, "}\n");
}

/* A file that is there must be the same; else it is written, whole or not at all. */
static enum ch_code put_file(const struct ch_plan *plan, const char *name, const char *data, size_t n, struct ch_error *error)
{
    struct ch_text path = {0};
    char *before = NULL;
    size_t m = 0;
    struct stat st;
    if (!ch_plan_path(plan, name, &path))
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    enum ch_code code = CH_OK;
    if (stat(path.s, &st) != 0)
        code = ch_pack_write(path.s, true, data, n, error);
    else if ((code = ch_read_file(path.s, FILE_BYTES, &before, &m, error)) == CH_OK && (m != n || memcmp(before, data, n) != 0))
        code = ch_fail(error, CH_EXISTS, ANOTHER_PLAN, path.s, plan->folder);
    free(before);
    ch_text_fini(&path);
    return code;
}

static const char *const table_name[CH_N_TABLES] = {
#define X(name) "data/" #name ".csv",
    CH_ITEM_TABLES(X)
#undef X
};

/* Copies own data into the folder. */
static enum ch_code put_data(const struct ch_plan *plan, const struct ch_scenario *given, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    const char *slash = strrchr(given->path, '/');
    for (unsigned i = 0; i < CH_N_TABLES && !code; i++) {
        const char *file = ch_scenario_data_file(given, i);
        struct ch_text path = {0};
        char *data = NULL;
        size_t n = 0;
        if (!file)
            continue;
        ch_text_addf(&path, "%.*s%s", slash && file[0] != '/' ? (int)(slash - given->path) + 1 : 0, given->path, file);
        code = path.failed ? ch_fail(error, CH_TOO_BIG, "out of memory") : ch_read_file(path.s, FILE_BYTES, &data, &n, error);
        path.n = 0;
        if (!code && ch_plan_path(plan, "data", &path))
            code = make_folder(path.s, error);
        if (!code)
            code = put_file(plan, table_name[i], data, n, error);
        free(data);
        ch_text_fini(&path);
    }
    return code;
}

/* plan.json comes last: a folder without it holds no plan, only the begin of one. */
static enum ch_code put_all(const struct ch_plan *plan, const struct ch_scenario *given, struct ch_error *error)
{
    struct ch_text yaml = {0}, json = {0};
    describe(plan, &json);
    enum ch_code code = ch_scenario_resolve_as(given, table_name, &yaml) && !json.failed
                            ? make_folder(plan->folder, error)
                            : ch_fail(error, CH_TOO_BIG, "out of memory for the plan");
    if (!code)
        code = put_file(plan, "plan.yaml", yaml.s, yaml.n, error);
    if (!code)
        code = put_data(plan, given, error);
    if (!code)
        code = put_file(plan, "source.yaml", given->source, strlen(given->source), error);
    if (!code)
        code = put_file(plan, "plan.json", json.s, json.n, error);
    ch_text_fini(&yaml);
    ch_text_fini(&json);
    return code;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static const char *text_of(const struct ch_yaml *root, const char *key)
{
    const struct ch_yaml *node = ch_tree_find(root, key);
    return node && node->kind == CH_YAML_SCALAR ? node->text : "";
}

/* CH_NO if this very plan is there, CH_EXISTS if another one is. How it was written down (comments, paths) does not matter. */
static enum ch_code compare_with_there(const struct ch_plan *plan, struct ch_error *error)
{
    struct ch_text path = {0};
    char *data = NULL;
    size_t n = 0;
    if (!ch_plan_path(plan, "plan.json", &path))
        return ch_fail(error, CH_TOO_BIG, "out of memory for the plan");
    enum ch_code code = ch_read_file(path.s, CH_TREE_BYTES, &data, &n, NULL);
    const char *id = code ? NULL : strstr(data, "\"sweep\": \"");
    if (id)
        code = strncmp(id + strlen("\"sweep\": \""), plan->id.text, strlen(plan->id.text)) == 0 ? CH_NO : CH_EXISTS;
    else
        code = code == CH_INVALID ? CH_OK : CH_EXISTS;
    if (code == CH_EXISTS)
        ch_fail(error, CH_EXISTS, ANOTHER_PLAN, plan->folder, plan->folder);
    free(data);
    ch_text_fini(&path);
    return code;
}

/* What plan.json says: identity, models, size of a chunk, inputs. JSON is YAML. */
static enum ch_code read_json(struct ch_plan *plan, struct ch_diag *diag, struct ch_error *error)
{
    struct ch_text path = {0};
    char *data = NULL;
    size_t n = 0;
    struct ch_arena *arena = ch_arena_create();
    if (!arena || !ch_plan_path(plan, "plan.json", &path)) {
        ch_arena_destroy(arena);
        return ch_fail(error, CH_TOO_BIG, "out of memory for the plan");
    }
    enum ch_code code = ch_read_file(path.s, CH_TREE_BYTES, &data, &n, error);
    if (code == CH_INVALID)
        ch_fail(error, CH_INVALID, "%s: there is no plan of a sweep here; make one: chaland sweep plan SCENARIO -o %s",
                plan->folder, plan->folder);
    const struct ch_yaml *root = code ? NULL : ch_tree_parse(arena, diag, data, n, path.s);
    const char *models = text_of(root, "models"), *id = text_of(root, "sweep"), *inputs = text_of(root, "inputs");
    int64_t runs = 0;
    if (!code && (!root || strlen(id) + 1 != sizeof plan->id.text ||
                  !ch_parse_int64(text_of(root, "chunk_runs"), strlen(text_of(root, "chunk_runs")), &runs) || runs < 1 ||
                  runs > CH_CHUNK_RUNS_MAX))
        code = ch_fail(error, CH_INVALID, "%s: damaged: it is not as `chaland sweep plan` wrote it", path.s);
    if (!code && strcmp(models, ch_build_info()->model_id) != 0)
        code = ch_fail(error, CH_INVALID,
                       "%s: was planned by a program with other models (%s, this one has %s): their results do not mix; use that "
                       "program, or plan anew with this one: chaland sweep plan %s/plan.yaml -o FOLDER",
                       plan->folder, models, ch_build_info()->model_id, plan->folder);
    if (!code) {
        strcpy(plan->id.text, id);
        plan->chunk_runs = (unsigned)runs;
        plan->inputs = strdup(inputs);
    }
    free(data);
    ch_text_fini(&path);
    ch_arena_destroy(arena);
    return code;
}

static enum ch_code read_scenario(struct ch_plan *plan, struct ch_diag *diag, struct ch_error *error)
{
    struct ch_text path = {0};
    struct ch_run_key said = plan->id;
    size_t n = 0;
    if (!plan->inputs || !ch_plan_path(plan, "source.yaml", &path))
        return ch_fail(error, CH_TOO_BIG, "out of memory for the plan");
    enum ch_code code = ch_read_file(path.s, FILE_BYTES, &plan->source, &n, error);
    if (!code && ch_plan_path(plan, "plan.yaml", &path))
        code = ch_scenario_load(path.s, NULL, diag, &plan->scenario);
    if (!code)
        code = count(plan, (struct ch_plan_size){.runs = plan->chunk_runs}, error);
    if (!code && (!identify(plan) || strcmp(plan->id.text, said.text) != 0))
        code = ch_fail(error, CH_INVALID, "%s: damaged: plan.yaml or its data were changed after they were planned (%s, not %s)",
                       plan->folder, plan->id.text, said.text);
    ch_text_fini(&path);
    return code;
}

enum ch_code ch_plan_open(const char *folder, struct ch_diag *diag, struct ch_plan *plan, struct ch_error *error)
{
    size_t n = strlen(folder);
    *plan = (struct ch_plan){.folder = strdup(folder)};
    if (!plan->folder)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    while (n > 1 && plan->folder[n - 1] == '/')
        plan->folder[--n] = 0;
    enum ch_code code = read_json(plan, diag, error);
    if (!code)
        code = read_scenario(plan, diag, error);
    if (code)
        ch_plan_close(plan);
    return code;
}

void ch_plan_close(struct ch_plan *plan)
{
    ch_scenario_destroy(plan->scenario);
    free(plan->folder);
    free(plan->source);
    free(plan->inputs);
    *plan = (struct ch_plan){0};
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

enum ch_code ch_plan_make(const struct ch_scenario *scenario, struct ch_plan_size size, const char *folder, struct ch_plan *plan,
                          struct ch_error *error)
{
    *plan = (struct ch_plan){.folder = strdup(folder), .inputs = strdup(scenario->input_sha256)};
    plan->scenario = (struct ch_scenario *)scenario;
    enum ch_code code = plan->folder && plan->inputs ? count(plan, size, error) : CH_TOO_BIG;
    if (!code && !identify(plan))
        code = CH_TOO_BIG;
    if (code == CH_TOO_BIG)
        ch_fail(error, CH_TOO_BIG, "out of memory for the plan");
    if (!code)
        code = compare_with_there(plan, error);
    if (!code)
        code = put_all(plan, scenario, error);
    if (code == CH_NO) /* it is there already */
        code = CH_OK;
    plan->scenario = NULL; /* the caller's */
    ch_plan_close(plan);
    return code;
}
