/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/tables.h"
#include "base/build_info.h"
#include "base/csv.h"
#include "output/chunk_file.h"
#include "output/pack.h"
#include "table/table.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_word[] = {"missing", "done", "failed"};

/* ---- runs.csv ---------------------------------------------------------------------------------------------------- */

/* As exact as the file, in any locale. Most are counts, and whole numbers print fast. */
static void put_number(FILE *out, double value)
{
    char number[40];
    if (fabs(value) < 1e15 && value >= floor(value) && value <= floor(value))
        fprintf(out, "%.0f", value + 0.0);
    else if (isfinite(value))
        fputs(ch_print_double(value, number, sizeof number), out);
}

static void put_head(const struct ch_results *r, FILE *out)
{
    fputs("run,key,point", out);
    for (unsigned a = 0; a < r->scenario->n_axes; a++) {
        fputc(',', out);
        ch_csv_put(out, r->scenario->axis[a].key);
    }
    fputs(",policy,replication,seed,status,fingerprint", out);
    for (unsigned k = 0; k < r->n_kpis; k++)
        fprintf(out, ",%s", r->kpi[k].name);
    fputc('\n', out);
}

/* Numbers bare, in the unit of the key; words as they are. */
static void put_axis(const struct ch_scenario *s, unsigned a, unsigned point, FILE *out)
{
    const struct ch_axis *axis = &s->axis[a];
    unsigned i = ch_scenario_axis_index(s, a, point);
    fputc(',', out);
    if (ch_section(axis->section)->param[axis->param].kind == CH_PARAM_CHOICE)
        ch_csv_put(out, axis->text[i]);
    else
        put_number(out, axis->number[i]);
}

static void put_run(const struct ch_plan *plan, const struct ch_results *r, uint64_t i, const char *key, unsigned state,
                    FILE *out)
{
    struct ch_plan_run run = ch_plan_run_of(plan, i);
    fprintf(out, "%" PRIu64 ",%s,%u", i, key, run.point);
    for (unsigned a = 0; a < r->scenario->n_axes; a++)
        put_axis(r->scenario, a, run.point, out);
    fputc(',', out);
    ch_csv_put(out, r->scenario->policy[run.policy]->name);
    fprintf(out, ",%u,%" PRIu32 ",%s,", run.replication, ch_scenario_seed(r->scenario, run.point), state_word[state]);
    if (state == 1)
        fprintf(out, "%016" PRIx64, r->outcome[i].fingerprint);
    for (unsigned k = 0; k < r->n_kpis; k++) {
        fputc(',', out);
        put_number(out, ch_results_value(r, k, run.point, run.policy)[run.replication]);
    }
    fputc('\n', out);
}

enum ch_code ch_tables_csv(const struct ch_plan *plan, const struct ch_results *results, const struct ch_run_key *key,
                           const unsigned char *state, struct ch_error *error)
{
    struct ch_text path = {0};
    struct ch_pack pack;
    if (!ch_plan_path(plan, "runs.csv", &path))
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    enum ch_code code = ch_pack_begin(path.s, true, &pack, error);
    if (code == CH_OK) {
        put_head(results, pack.out);
        for (uint64_t i = 0; i < plan->n_runs && !ferror(pack.out); i++)
            put_run(plan, results, i, key[i].text, state[i], pack.out);
        code = ch_pack_end(&pack, CH_OK, error);
    }
    ch_text_fini(&path);
    return code;
}

/* ---- manifest.json ----------------------------------------------------------------------------------------------- */

static void list_runs(const struct ch_plan *plan, const struct ch_run_key *key, const unsigned char *state, unsigned wanted,
                      struct ch_text *out)
{
    const char *comma = "";
    for (uint64_t i = 0; i < plan->n_runs; i++)
        if (state[i] == wanted) {
            ch_text_addf(out, "%s{\"run\": %" PRIu64 ", \"key\": \"%s\"}", comma, i, key[i].text);
            comma = ", ";
        }
}

static void list_chunk(const struct ch_plan *plan, unsigned number, const char **comma, struct ch_text *path, struct ch_text *out)
{
    struct ch_chunk_summary s;
    if (!ch_plan_chunk_closed(plan, number) || !ch_plan_chunk_path(plan, number, ".h5", path) ||
        ch_chunk_look(path->s, plan->id.text, &s, NULL) != CH_OK)
        return;
    ch_text_addf(out, "%s\n  {\"chunk\": %u, \"runs\": %" PRIu64 ", \"failed\": %" PRIu64 ", \"attempt\": ", *comma, number,
                 s.runs, s.failed);
    ch_json_string(out, s.attempt);
    ch_text_add(out, ", \"host\": ");
    ch_json_string(out, s.host);
    ch_text_add(out, ", \"job\": ");
    ch_json_string(out, s.job);
    ch_text_addf(out,
                 ", \"restarts\": %u, \"threads\": %u, \"run_time_s\": %.3f, \"closed_at\": \"%s\", \"version\": ", s.restarts,
                 s.threads, s.run_time_s, s.closed_at);
    ch_json_string(out, s.version);
    ch_text_add(out, "}");
    *comma = ",";
}

static void describe(const struct ch_plan *plan, const struct ch_merged *m, const struct ch_run_key *key,
                     const unsigned char *state, struct ch_text *out)
{
    struct ch_text path = {0};
    const char *comma = "";
    ch_text_addf(out, "{\"schema_version\": 1, \"sweep\": \"%s\", \"models\": \"%s\", \"complete\": %s,\n", plan->id.text,
                 ch_build_info()->model_id, m->done == m->runs ? "true" : "false");
    ch_text_addf(out, " \"runs\": %" PRIu64 ", \"done\": %" PRIu64 ", \"missing\": %" PRIu64 ", \"failed\": %" PRIu64 ",\n",
                 m->runs, m->done, m->missing, m->failed);
    ch_text_addf(out, " \"results_sha256\": \"%s\", \"fingerprint\": \"%s\", \"merged_sha256\": \"%s\",\n \"failed_runs\": [",
                 m->results_sha256, m->fingerprint, m->file_sha256);
    list_runs(plan, key, state, 2, out);
    ch_text_add(out, "],\n \"chunks\": [");
    for (unsigned c = 0; c < plan->n_chunks; c++)
        list_chunk(plan, c, &comma, &path, out);
    ch_text_add(out, "]}\n");
    ch_text_fini(&path);
}

enum ch_code ch_tables_manifest(const struct ch_plan *plan, const struct ch_merged *merged, const struct ch_run_key *key,
                                const unsigned char *state, struct ch_error *error)
{
    struct ch_text text = {0}, path = {0};
    describe(plan, merged, key, state, &text);
    enum ch_code code = !text.failed && ch_plan_path(plan, "manifest.json", &path)
                            ? ch_pack_write(path.s, true, text.s, text.n, error)
                            : ch_fail(error, CH_TOO_BIG, "out of memory for the manifest");
    ch_text_fini(&text);
    ch_text_fini(&path);
    return code;
}
