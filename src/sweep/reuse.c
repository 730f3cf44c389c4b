/* SPDX-License-Identifier: MIT */
#include "sweep/reuse.h"
#include "sweep/chunk.h"
#include "sweep/points.h"
#include <stdlib.h>
#include <string.h>

struct place { /* of a run in the new plan */
    struct ch_run_key key;
    uint64_t index;
};

struct moving {
    const struct ch_plan *plan;
    struct place *place; /* [n_runs], by key */
    struct ch_chunk chunk;
    bool open;
    uint64_t *taken;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->key.text, ((const struct place *)b)->key.text);
}

/* Keys of all runs of the new plan. */
static enum ch_code list_keys(struct moving *m, struct ch_error *error)
{
    const struct ch_plan *plan = m->plan;
    struct ch_points points;
    struct ch_run_key *policy = calloc(plan->n_policies, sizeof *policy);
    bool good = policy != NULL && (m->place = calloc(plan->n_runs, sizeof *m->place)) != NULL;
    for (unsigned p = 0; good && p < plan->n_policies; p++)
        good = ch_key_of_policy(plan->scenario, p, &policy[p]);
    ch_points_begin(&points, plan->scenario);
    for (uint64_t i = 0; good && i < plan->n_runs;) {
        unsigned number = ch_plan_run_of(plan, i).point;
        struct ch_point *point = ch_points_take(&points, number);
        good = point != NULL;
        for (struct ch_plan_run run; good && i < plan->n_runs && (run = ch_plan_run_of(plan, i)).point == number; i++)
            m->place[i] = (struct place){ch_key_of_run(&point->key, &policy[run.policy], run.replication), i};
        if (point)
            ch_points_give(&points, point);
    }
    ch_points_end(&points);
    free(policy);
    if (!good)
        return ch_fail(error, CH_TOO_BIG, "out of memory for the keys of a sweep");
    qsort(m->place, plan->n_runs, sizeof *m->place, by_key);
    return CH_OK;
}

static enum ch_code turn_to(struct moving *m, unsigned number, struct ch_error *error)
{
    if (m->open && m->chunk.number == number)
        return CH_OK;
    if (m->open)
        ch_chunk_fini(&m->chunk);
    enum ch_code code = ch_chunk_open(m->plan, number, false, &m->chunk, error);
    m->open = code == CH_OK;
    return code;
}

static enum ch_code take(void *arg, const struct ch_record *record, struct ch_error *error)
{
    struct moving *m = arg;
    struct place wanted = {.key = record->key};
    const struct place *place = bsearch(&wanted, m->place, m->plan->n_runs, sizeof *m->place, by_key);
    if (!place || record->status != CH_RUN_DONE)
        return CH_OK;
    unsigned number = (unsigned)(place->index / m->plan->chunk_runs), status = CH_RUN_FAILED;
    if (ch_plan_chunk_closed(m->plan, number))
        return CH_OK;
    enum ch_code code = turn_to(m, number, error);
    if (code || (ch_records_find(m->chunk.records, &record->key, &status) && status == CH_RUN_DONE))
        return code;
    struct ch_record here = *record;
    here.index = place->index;
    ++*m->taken;
    return ch_records_add(m->chunk.records, &here, error);
}

enum ch_code ch_reuse(const struct ch_plan *plan, const struct ch_plan *old, uint64_t *taken, struct ch_error *error)
{
    struct moving m = {.plan = plan, .taken = taken};
    *taken = 0;
    enum ch_code code = list_keys(&m, error);
    for (unsigned c = 0; c < old->n_chunks && !code; c++)
        code = ch_chunk_all(old, c, take, &m, error);
    if (m.open)
        ch_chunk_fini(&m.chunk);
    free(m.place);
    return code;
}
