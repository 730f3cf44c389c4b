/* SPDX-License-Identifier: MIT
 * The answer: paired differences to the baseline, and what they mean, in words. */
#ifndef CH_VERDICT_H
#define CH_VERDICT_H

#include "output/results.h"
#include <stdio.h>

struct ch_verdict_options {
    const char *baseline; /* name; NULL: the file's */
    const char *kpi;      /* "a,b"; NULL: primary and a chosen few */
    double confidence;    /* 0: the file's */
    bool all;
};

/* Table and answer for every point. options may be NULL. */
enum ch_code ch_verdict_print(const struct ch_file *file, const struct ch_verdict_options *options, FILE *out);
/* KPIs that a table shows, in order: row[n_kpis]; returns how many. */
unsigned ch_verdict_rows(const struct ch_file *file, const struct ch_verdict_options *options, unsigned *row);
/* Last lines of a run: what it took; then the verdict in one line, the file, the next command to type (closing.c). */
void ch_verdict_close(const struct ch_file *file, const struct ch_results *results, const char *path, FILE *out);
/* One JSON object: of a run, of a comparison; `gate` is whether the gate's expression holds, NULL without a gate. */
void ch_verdict_run_json(const struct ch_file *file, const struct ch_results *results, const char *path, FILE *out);
void ch_verdict_compare_json(const struct ch_file *file, const struct ch_verdict_options *options, const bool *gate, FILE *out);

/* Index of a policy or KPI by name, or -1. */
int ch_file_policy(const struct ch_file *file, const char *name);
/* The error for a name that is none of the file's: CH_INVALID. */
enum ch_code ch_file_unknown_policy(const struct ch_file *file, const char *name, struct ch_error *error);
/* Did it ignore consent? */
bool ch_file_forced(const struct ch_file *file, unsigned policy);
int ch_file_kpi(const struct ch_file *file, const char *name);
/* Is it a share, which is told in percent? */
bool ch_file_share(const struct ch_file *file, unsigned kpi);
static inline const double *ch_file_value(const struct ch_file *f, unsigned kpi, unsigned point, unsigned policy)
{
    return f->value + (((size_t)kpi * f->n_points + point) * f->n_policies + policy) * f->n_replications;
}

#endif
