/* SPDX-License-Identifier: MIT
 * Experiments with a whole town: one policy on one stage, replicated; raw counts by the name of their probe; the paired t.
 *
 * Every test here has a fixed seed, so it is deterministic; its false-alarm rate only matters when code changes the draws. A
 * claim "there is an effect" must reach |t| >= 10, far beyond what alpha = 1e-6 asks for (5.8 with 39 degrees of freedom), so
 * that an effect half as large is still found; a claim "there is none" must stay within the two-sided interval of alpha =
 * 1e-6. */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "../property/town.h"
#include "stats/stats.h"
#include <math.h>

enum { REPLICATIONS_MAX = 128, SIDE_BY_SIDE = 2 };

/* Debug builds and sanitizers are an order of magnitude slower and look for other mistakes: there a few replications are run, and
 * statistics claim nothing. */
#ifdef CH_DEBUG
enum { SERIES_MAX = 4, CLAIMS = 0 };
#else
enum { SERIES_MAX = REPLICATIONS_MAX, CLAIMS = 1 };
#endif

static const double sure = 1 - 1e-6; /* confidence of every statement */
static const double clear_cut = 10;  /* |t| of an effect that is there */

struct series {
    unsigned n;
    struct ch_outcome run[REPLICATIONS_MAX];
};

/* Replications first .. first + n - 1, a few side by side: runs of one stage share nothing that is written. Maps are dropped. */
static inline struct series *series_run(const struct town *town, const char *policy, unsigned first, unsigned n)
{
    struct series *series = calloc(1, sizeof *series);
    unsigned index = town_policy(town, policy), failed = 0;
    uint32_t seed = (uint32_t)CH_BLOCK(town->scenario, run)->seed;
    ck_assert(series && n <= REPLICATIONS_MAX);
    series->n = n = n < SERIES_MAX ? n : SERIES_MAX;
#pragma omp parallel for schedule(dynamic, 1) num_threads(SIDE_BY_SIDE) reduction(+ : failed)
    for (unsigned i = 0; i < n; i++) {
        struct ch_error error = {.code = CH_OK};
        const struct ch_run_options options = {
            .policy = index, .replication = first + i, .seed = seed, .workers = 1, .scheduler = &ch_parallel};
        if (ch_stage_run(town->stage, &options, &series->run[i], &error) != CH_OK) {
            fprintf(stderr, "%s\n", error.text);
            failed++;
        }
        ch_measures_drop_maps(&series->run[i].measures);
    }
    ck_assert_uint_eq(failed, 0);
    return series;
}

static inline void series_free(struct series *series)
{
    for (unsigned i = 0; series && i < series->n; i++)
        ch_outcome_fini(&series->run[i]);
    free(series);
}

/* The integer accumulator of a probe other than VALUE or a map: [0] sum or numerator, [1] number or denominator; or the whole
 * table. */
static inline const int64_t *cells_of(const struct ch_outcome *outcome, const char *name)
{
    const struct ch_probe_list *list = ch_probe_list();
    const int64_t *cell = outcome->measures.raw;
    for (unsigned i = 0; i < list->n; i++) {
        const struct ch_probe *row = list->row[i];
        if (row->reducer == CH_REDUCE_VALUE || row->reducer == CH_REDUCE_MAP)
            continue;
        if (strcmp(row->name, name) == 0)
            return cell;
        cell += ch_probe_cells(row, &outcome->measures.shape);
    }
    ck_abort_msg("no probe '%s'", name);
    return NULL;
}

struct sample {
    unsigned n;
    double v[REPLICATIONS_MAX];
};

/* First cell of a probe in each replication: sums and numerators, as integers of the accumulator. */
static inline struct sample sample_of(const struct series *series, const char *name)
{
    struct sample sample = {.n = series->n};
    for (unsigned i = 0; i < series->n; i++)
        sample.v[i] = (double)cells_of(&series->run[i], name)[0];
    return sample;
}

/* A scalar KPI in its own unit. */
static inline struct sample kpi_of(const struct series *series, const char *name)
{
    struct sample sample = {.n = series->n};
    for (unsigned i = 0; i < series->n; i++)
        sample.v[i] = town_kpi(&series->run[i], name);
    return sample;
}

struct verdict {
    double mean, t; /* of a - b */
    bool passes;    /* the interval at alpha = 1e-6 leaves out 0 */
};

/* Paired t of a - b. No difference at all in any pair is no effect: t = 0. */
static inline struct verdict paired(const struct sample *a, const struct sample *b)
{
    ck_assert_uint_eq(a->n, b->n);
    struct ch_interval d = ch_paired_interval(a->v, b->v, a->n, sure, 1);
    double error = d.sd / sqrt(d.n);
    return (struct verdict){
        .mean = d.estimate, .t = error > 0 ? d.estimate / error : 0, .passes = error > 0 && (d.low > 0 || d.high < 0)};
}

/* With CHALAND_FIGURES set, tests say what they measured. */
static inline void say(const char *what, struct verdict v)
{
    if (getenv("CHALAND_FIGURES"))
        printf("    %-58s difference %12.4f  t %8.2f\n", what, v.mean, v.t);
}

/* a exceeds b beyond doubt. */
static inline void ck_assert_raises(const char *what, const struct sample *a, const struct sample *b)
{
    struct verdict v = paired(a, b);
    say(what, v);
    ck_assert_msg(!CLAIMS || (v.passes && v.t >= clear_cut), "%s: difference %g, t %.2f, wanted at least %g", what, v.mean, v.t,
                  clear_cut);
}

/* The first and the second half of a sample: the same cause with another luck. */
static inline struct sample half_of(const struct sample *sample, unsigned which)
{
    struct sample half = {.n = sample->n / 2};
    for (unsigned i = 0; i < half.n; i++)
        half.v[i] = sample->v[which * half.n + i];
    return half;
}

/* A negative control: nothing may show. */
static inline void ck_assert_silent(const char *what, const struct sample *a, const struct sample *b)
{
    struct verdict v = paired(a, b);
    say(what, v);
    ck_assert_msg(!CLAIMS || !v.passes, "%s: difference %g, t %.2f, where there is none", what, v.mean, v.t);
}

#endif
