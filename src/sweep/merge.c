/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/merge.h"
#include "output/chunk_file.h"
#include "sim/sim.h"
#include "sweep/chunk.h"
#include "sweep/outcome.h"
#include "sweep/tables.h"
#include <chaland/settings.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MISSING, DONE, FAILED }; /* state of a run */

struct merging {
    const struct ch_plan *plan;
    struct ch_scenario view; /* the plan's, as it was given */
    struct ch_results results;
    struct ch_merged *merged;
    struct ch_run_key *key; /* [run] */
    unsigned char *state;   /* [run] */
    double *people;         /* [point] */
    uint64_t labels;        /* of the first run that was seen */
    bool any;
};

/* ---- taking runs in ---------------------------------------------------------------------------------------------- */

/* Where the maps of a run are summed; NULL where they are kept, or there are none. */
static int64_t *map_sum(struct merging *m, struct ch_plan_run run, size_t cells)
{
    struct ch_results *r = &m->results;
    if (!m->view.maps || m->view.maps_full || !cells)
        return NULL;
    int64_t **sum = &r->map_sum[(size_t)run.point * r->n_policies + run.policy];
    if (!*sum)
        *sum = calloc(cells, sizeof **sum);
    return *sum;
}

static enum ch_code take_done(struct merging *m, const struct ch_record *record, struct ch_error *error)
{
    struct ch_plan_run run = ch_plan_run_of(m->plan, record->index);
    struct ch_whereabouts where;
    size_t cells = ch_outcome_maps(record->result, record->n_result);
    int64_t *maps = map_sum(m, run, cells);
    if (cells && !maps && m->view.maps && !m->view.maps_full)
        return ch_fail(error, CH_TOO_BIG, "out of memory for maps");
    if (!ch_outcome_unpack(record->result, record->n_result, record->occasion, record->n_occasion, maps,
                           &m->results.outcome[record->index], &where))
        return ch_fail(error, CH_INVALID, "the record of run %s cannot be read by this program, or memory is short",
                       record->key.text);
    m->people[run.point] = where.people;
    m->results.cities_differ |= m->any && where.labels != m->labels;
    m->labels = where.labels;
    m->any = true;
    m->merged->done++;
    return CH_OK;
}

static enum ch_code take(void *arg, const struct ch_record *record, struct ch_error *error)
{
    struct merging *m = arg;
    if (record->index >= m->plan->n_runs)
        return ch_fail(error, CH_INVALID, "run %" PRIu64 " is not in the plan", record->index);
    unsigned char *state = &m->state[record->index];
    if (*state != MISSING) {
        m->merged->doubles++;
        return CH_OK;
    }
    m->key[record->index] = record->key;
    *state = record->status == CH_RUN_DONE ? DONE : FAILED;
    if (*state == DONE)
        return take_done(m, record, error);
    m->merged->failed++;
    return CH_OK;
}

static enum ch_code take_all(struct merging *m, bool allow_missing, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    for (unsigned c = 0; c < m->plan->n_chunks; c++)
        m->merged->open_chunks += !ch_plan_chunk_closed(m->plan, c);
    if (m->merged->open_chunks && !allow_missing)
        return ch_fail(error, CH_NO, "%u of %u chunks are not closed", m->merged->open_chunks, m->plan->n_chunks);
    for (unsigned c = 0; c < m->plan->n_chunks && !code; c++)
        code = ch_chunk_all(m->plan, c, take, m, error);
    m->merged->missing = m->plan->n_runs - m->merged->done - m->merged->failed;
    if (!code && m->merged->done < m->plan->n_runs && !allow_missing)
        code =
            ch_fail(error, CH_NO, "%" PRIu64 " runs failed and %" PRIu64 " are missing", m->merged->failed, m->merged->missing);
    if (!code && m->merged->done == 0)
        code = ch_fail(error, CH_NO, "no run is done yet");
    return code;
}

/* ---- forming the file -------------------------------------------------------------------------------------------- */

/* The city of the first point that has a run: labels and positions. */
static enum ch_code build_city(struct merging *m, struct ch_scenario **at_point, struct ch_city_build **city,
                               struct ch_error *error)
{
    uint64_t first = 0;
    while (m->state[first] != DONE)
        first++;
    struct ch_diag *diag = ch_diag_create();
    enum ch_code code =
        diag ? ch_scenario_at(m->plan->scenario, ch_plan_run_of(m->plan, first).point, diag, at_point) : CH_TOO_BIG;
    if (!code)
        code = ch_city_create(*at_point, diag, city);
    ch_diag_destroy(diag);
    if (code)
        return ch_fail(error, code, "the city of the first design point cannot be made again");
    m->results.city = &(*city)->city;
    return CH_OK;
}

static enum ch_code write_all(struct merging *m, struct ch_error *error)
{
    struct ch_text path = {0};
    struct ch_merged *merged = m->merged;
    char *image = NULL;
    size_t n = 0;
    m->results.n_missing = (unsigned)(m->plan->n_runs - merged->done);
    m->results.provenance = (struct ch_provenance){.reproducible = true, .status = "complete"};
    ch_results_count_parameters(&m->results);
    enum ch_code code = ch_results_form(&m->results, error);
    if (!code && !ch_plan_path(m->plan, "merged.h5", &path))
        code = ch_fail(error, CH_TOO_BIG, "out of memory");
    if (!code)
        code = ch_results_write(&m->results, path.s, true, error);
    if (!code)
        code = ch_read_file(path.s, SIZE_MAX / 4, &image, &n, error);
    if (!code) {
        ch_sha256_hex(image, n, merged->file_sha256);
        memcpy(merged->results_sha256, m->results.results_sha256, sizeof merged->results_sha256);
        snprintf(merged->fingerprint, sizeof merged->fingerprint, "%016" PRIx64, m->results.fingerprint);
        snprintf(merged->path, sizeof merged->path, "%s", path.s);
        code = ch_tables_csv(m->plan, &m->results, m->key, m->state, error);
    }
    if (!code)
        code = ch_tables_manifest(m->plan, merged, m->key, m->state, error);
    free(image);
    ch_text_fini(&path);
    return code;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static enum ch_code begin(struct merging *m, struct ch_error *error)
{
    const struct ch_plan *plan = m->plan;
    unsigned points = plan->scenario->n_points;
    m->view = *plan->scenario;
    m->view.source = plan->source;
    m->view.input_sha256 = plan->inputs;
    m->results = (struct ch_results){.scenario = &m->view,
                                     .n_points = points,
                                     .n_policies = plan->n_policies,
                                     .n_replications = plan->n_replications,
                                     .outcome = calloc(plan->n_runs, sizeof *m->results.outcome),
                                     .map_sum = calloc((size_t)points * plan->n_policies, sizeof *m->results.map_sum)};
    m->key = calloc(plan->n_runs, sizeof *m->key);
    m->state = calloc(plan->n_runs, 1);
    m->people = calloc(points, sizeof *m->people);
    m->results.people = m->people;
    for (unsigned i = 0; m->people && i < points; i++)
        m->people[i] = (double)NAN;
    bool good = m->results.outcome && m->results.map_sum && m->key && m->state && m->people;
    return good ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for %" PRIu64 " runs", plan->n_runs);
}

enum ch_code ch_merge(const struct ch_plan *plan, bool allow_missing, struct ch_merged *merged, struct ch_error *error)
{
    struct merging m = {.plan = plan, .merged = merged};
    struct ch_scenario *at_point = NULL;
    struct ch_city_build *city = NULL;
    *merged = (struct ch_merged){.runs = plan->n_runs};
    enum ch_code code = begin(&m, error);
    if (!code)
        code = take_all(&m, allow_missing, error);
    if (!code)
        code = build_city(&m, &at_point, &city, error);
    if (!code)
        code = write_all(&m, error);
    if (!code)
        ch_chunk_tidy(plan);
    ch_results_fini(&m.results);
    ch_city_destroy(city);
    ch_scenario_destroy(at_point);
    free(m.key);
    free(m.state);
    free(m.people);
    return code;
}

/* ---- how far it is ----------------------------------------------------------------------------------------------- */

static enum ch_code count_one(void *arg, const struct ch_record *record, struct ch_error *error)
{
    struct ch_sweep_status *status = arg;
    (void)error;
    status->done += record->status == CH_RUN_DONE;
    status->failed += record->status != CH_RUN_DONE;
    return CH_OK;
}

static enum ch_code look_at(const struct ch_plan *plan, unsigned number, struct ch_sweep_status *status, struct ch_error *error)
{
    struct ch_text path = {0};
    struct ch_chunk_summary summary;
    struct ch_records *records = NULL;
    bool closed = ch_plan_chunk_closed(plan, number);
    if (!ch_plan_chunk_path(plan, number, closed ? ".h5" : "", &path))
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    enum ch_code code = closed ? ch_chunk_look(path.s, plan->id.text, &summary, error)
                               : ch_records_open(path.s, CH_RECORDS_PART, &records, error);
    if (!code && closed) {
        status->closed++;
        status->done += summary.runs - summary.failed;
        status->failed += summary.failed;
        status->run_s += summary.run_time_s;
    } else if (!code) {
        status->open[number] = 1;
        code = ch_records_each(records, count_one, status, error);
    }
    ch_records_close(records);
    ch_text_fini(&path);
    return code;
}

enum ch_code ch_sweep_status_read(const struct ch_plan *plan, struct ch_sweep_status *status, struct ch_error *error)
{
    *status = (struct ch_sweep_status){.runs = plan->n_runs, .chunks = plan->n_chunks, .open = calloc(plan->n_chunks + 1u, 1)};
    enum ch_code code = status->open ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory");
    for (unsigned c = 0; c < plan->n_chunks && !code; c++)
        code = look_at(plan, c, status, error);
    return code;
}

void ch_sweep_status_fini(struct ch_sweep_status *status)
{
    free(status->open);
    *status = (struct ch_sweep_status){0};
}

/* What stays of each run, and the maps; then the file, made in memory. */
uint64_t ch_merge_need(const struct ch_plan *plan, uint64_t *cells)
{
    const struct ch_scenario *s = plan->scenario;
    uint64_t maps = s->maps ? (s->maps_full ? plan->n_runs : (uint64_t)s->n_points * plan->n_policies) : 0;
    uint64_t values = (uint64_t)ch_probe_list()->n_scalars * sizeof(double);
    return plan->n_runs * (sizeof(struct ch_outcome) + 3 * values + cells[0] * sizeof(int64_t) + sizeof(struct ch_run_key)) +
           maps * cells[1] * sizeof(int64_t) * 2;
}
