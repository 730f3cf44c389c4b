/* SPDX-License-Identifier: MIT */
#include "sweep/verify.h"
#include "sweep/chunk.h"
#include "sweep/points.h"
#include "sweep/watch.h"
#include <chaland/rng.h>
#include <inttypes.h>
#include <string.h>

struct search {
    uint64_t index;
    unsigned status;
    bool found;
    struct ch_bytes result;
};

static enum ch_code keep(void *arg, const struct ch_record *record, struct ch_error *error)
{
    struct search *s = arg;
    (void)error;
    if (record->index != s->index || s->found)
        return CH_OK;
    s->found = true;
    s->status = record->status;
    ch_bytes_add(&s->result, record->result, record->n_result);
    return CH_OK;
}

static enum ch_code find(const struct ch_plan *plan, struct search *s, struct ch_error *error)
{
    return ch_chunk_all(plan, (unsigned)(s->index / plan->chunk_runs), keep, s, error);
}

static enum ch_code compare(const struct ch_work *work, struct ch_points *points, const struct search *s, struct ch_verified *v,
                            struct ch_error *error)
{
    struct ch_bytes buffer = {0};
    struct ch_record record;
    enum ch_code code = ch_work_one(work, points, s->index, work->threads, &buffer, &record, error);
    v->tried += !code;
    bool same = !code && s->found && record.status == s->status;
    if (same && record.status == CH_RUN_DONE) /* why a run fails may name paths */
        same = record.n_result == s->result.n && memcmp(record.result, s->result.at, s->result.n) == 0;
    v->same += same;
    if (!code && s->found && !same) {
        v->first_other = s->index;
        code = ch_fail(error, CH_INTERNAL,
                       "run %" PRIu64 " (%s) gives another result here than what is kept: programs or machines differ where they "
                       "must not",
                       s->index, record.key.text);
    } else if (!code && record.status == CH_RUN_FAILED && record.n_result >= 4)
        code = ch_fail(error, CH_NO, "run %" PRIu64 " fails%s: %.*s", s->index, s->found ? " again" : "",
                       (int)(record.n_result - 4), (const char *)record.result + 4);
    ch_bytes_fini(&buffer);
    return code;
}

enum ch_code ch_verify_one(const struct ch_work *work, uint64_t run, struct ch_verified *verified, struct ch_error *error)
{
    struct ch_points points;
    struct search s = {.index = run};
    ch_points_begin(&points, work->plan->scenario);
    enum ch_code code = find(work->plan, &s, error);
    verified->not_done += !s.found;
    if (!code)
        code = compare(work, &points, &s, verified, error);
    ch_bytes_fini(&s.result);
    ch_points_end(&points);
    return code;
}

/* One run in each of k equal parts of the plan, at a place that depends on the plan. */
static uint64_t choose(const struct ch_plan *plan, unsigned i, unsigned k)
{
    const uint32_t counter[4] = {i, 0, 0, 0};
    uint32_t word[4];
    ch_philox(counter, (struct ch_key){(uint32_t)(unsigned char)plan->id.text[0], k}, word);
    uint64_t from = plan->n_runs * i / k, to = plan->n_runs * (i + 1) / k;
    return from + (to > from ? word[0] % (to - from) : 0);
}

enum ch_code ch_verify(const struct ch_work *work, unsigned k, struct ch_verified *verified, struct ch_error *error)
{
    const struct ch_plan *plan = work->plan;
    struct ch_points points;
    enum ch_code code = CH_OK;
    *verified = (struct ch_verified){0};
    k = k > plan->n_runs ? (unsigned)plan->n_runs : k;
    ch_points_begin(&points, plan->scenario);
    for (unsigned i = 0; i < k && !code; i++) {
        struct search s = {.index = choose(plan, i, k)};
        struct ch_error why = {.code = CH_OK};
        code = find(plan, &s, error);
        if (!code && s.found)
            code = compare(work, &points, &s, verified, &why);
        verified->not_done += !code && !s.found;
        if (code == CH_NO) /* a failed run that fails again is as it should be */
            code = CH_OK;
        else if (why.code)
            *error = why;
        ch_bytes_fini(&s.result);
    }
    ch_points_end(&points);
    if (!code && verified->tried == 0)
        code = ch_fail(error, CH_NO, "none of these runs is done yet");
    return code;
}
