/* SPDX-License-Identifier: MIT
 * /kpi and /comparison, and the dimensions that most groups share. Each group repeats its coordinates: readers open one group
 * at a time. */
#include "base/text.h"
#include "output/results_inside.h"
#include "table/table.h"
#include <chaland/settings.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- shared dimensions ---- */

static void write_axis(struct ch_h5 *h, const struct ch_results *r, unsigned a)
{
    const struct ch_axis *axis = &r->scenario->axis[a];
    const struct ch_param *param = &ch_section(axis->section)->param[axis->param];
    double *number = calloc(r->n_points, sizeof *number);
    const char **text = calloc(r->n_points, sizeof *text);
    if (ch_h5_ok(h, number && text, "allocate", axis->key)) {
        for (unsigned i = 0; i < r->n_points; i++) {
            number[i] = axis->number[ch_scenario_axis_index(r->scenario, a, i)];
            text[i] = axis->text[ch_scenario_axis_index(r->scenario, a, i)];
        }
        bool words = param->kind == CH_PARAM_CHOICE || param->kind == CH_PARAM_LIST;
        ch_h5_array(h, axis->key, "point", words ? CH_H5_TEXT : CH_H5_F64, words ? (const void *)text : number,
                    words ? NULL : param->unit, param->doc);
    }
    free(number);
    free(text);
}

static void write_people(struct ch_h5 *h, const struct ch_results *r)
{
    double *people = calloc(r->n_points, sizeof *people);
    for (unsigned i = 0; people && i < r->n_points; i++)
        people[i] = r->people ? r->people[i] : r->city->n_people;
    if (ch_h5_ok(h, people != NULL, "allocate", "people"))
        ch_h5_array(h, "people", "point", CH_H5_F64, people, NULL, "simulated people: what sums are sums over");
    free(people);
}

/* "consent.transparency=0.5, city.stores=40" */
static void write_point_labels(struct ch_h5 *h, const struct ch_results *r)
{
    struct ch_text *label = calloc(r->n_points, sizeof *label);
    const char **list = calloc(r->n_points, sizeof *list);
    bool good = label && list;
    for (unsigned i = 0; good && i < r->n_points; i++) {
        for (unsigned a = 0; a < r->scenario->n_axes; a++)
            ch_text_addf(&label[i], "%s%s=%s", a ? ", " : "", r->scenario->axis[a].key,
                         r->scenario->axis[a].text[ch_scenario_axis_index(r->scenario, a, i)]);
        list[i] = label[i].s;
        good = !label[i].failed;
    }
    if (ch_h5_ok(h, good, "allocate", "point_label"))
        ch_h5_array(h, "point_label", "point", CH_H5_TEXT, list, NULL, "design point in words");
    for (unsigned i = 0; label && i < r->n_points; i++)
        ch_text_fini(&label[i]);
    free(label);
    free(list);
}

static bool swept(const struct ch_results *r) { return r->scenario->n_axes > 0 || r->n_points > 1; }

void ch_write_points(struct ch_h5 *h, const struct ch_results *r)
{
    if (!swept(r))
        return;
    ch_h5_dim_count(h, "point", r->n_points, "design point of the sweep, the last key varies fastest");
    for (unsigned a = 0; a < r->scenario->n_axes; a++)
        write_axis(h, r, a);
    write_point_labels(h, r);
}

void ch_write_policies(struct ch_h5 *h, const struct ch_results *r)
{
    const char **name = calloc(r->n_policies, sizeof *name);
    if (ch_h5_ok(h, name != NULL, "allocate", "policy")) {
        for (unsigned i = 0; i < r->n_policies; i++)
            name[i] = r->scenario->policy[i]->name;
        ch_h5_dim(h, "policy", CH_H5_TEXT, r->n_policies, name, NULL, "policy");
    }
    free(name);
}

void ch_write_replications(struct ch_h5 *h, const struct ch_results *r)
{
    ch_h5_dim_count(h, "replication", r->n_replications,
                    "replication; equal numbers meet the same people and the same luck under every policy");
}

void ch_write_coordinates(struct ch_h5 *h, const struct ch_results *r, const char *others)
{
    struct ch_text list = {0};
    ch_text_addf(&list, "%s", others);
    for (unsigned a = 0; a < r->scenario->n_axes; a++)
        ch_text_addf(&list, "%s%s", list.n ? " " : "", r->scenario->axis[a].key);
    if (swept(r))
        ch_text_addf(&list, "%spoint_label", list.n ? " " : "");
    ch_h5_variable_end(h);
    if (ch_h5_ok(h, !list.failed, "allocate", "coordinates") && list.n)
        ch_h5_note_text(h, "coordinates", list.s);
    ch_text_fini(&list);
}

/* ---- /kpi ---- */

static void write_identity(struct ch_h5 *h, const struct ch_results *r)
{
    size_t n = (size_t)r->n_points * r->n_policies * r->n_replications, at = 0;
    uint64_t *fingerprint = calloc(n, sizeof *fingerprint), *seed = calloc(n, sizeof *seed);
    if (ch_h5_ok(h, fingerprint && seed, "allocate", "fingerprint")) {
        for (size_t i = 0; i < n; i++)
            fingerprint[i] = r->outcome[i].fingerprint;
        for (unsigned point = 0; point < r->n_points; point++)
            for (unsigned i = 0; i < r->n_replications; i++)
                seed[at++] = ch_scenario_seed(r->scenario, point);
        ch_h5_array(h, "seed", "point replication", CH_H5_U64, seed, NULL, "seed of the draws; their key is (seed, replication)");
        ch_h5_array(h, "fingerprint", "point policy replication", CH_H5_U64, fingerprint, NULL,
                    "identity of a run: chained over all its events, equal for any number of threads");
    }
    free(fingerprint);
    free(seed);
}

static void note_primary(struct ch_h5 *h, const struct ch_results *r)
{
    struct ch_text list = {0};
    for (unsigned i = 0; i < r->scenario->n_primary; i++)
        ch_text_addf(&list, "%s%s", i ? " " : "", r->scenario->primary_kpi[i]);
    if (ch_h5_ok(h, !list.failed, "allocate", "primary_kpis"))
        ch_h5_note_text(h, "primary_kpis", list.s);
    ch_text_fini(&list);
}

/* Policies that ignored consent, so that no reader of the file takes them for more than a stress test. */
static void note_forced(struct ch_h5 *h, const struct ch_results *r)
{
    struct ch_text list = {0};
    for (unsigned i = 0; i < r->n_policies; i++)
        if (r->scenario->policy[i]->forced)
            ch_text_addf(&list, "%s%s", list.n ? "," : "", r->scenario->policy[i]->name);
    if (ch_h5_ok(h, !list.failed, "allocate", "forced_policies") && list.n)
        ch_h5_note_text(h, "forced_policies", list.s);
    ch_text_fini(&list);
}

static void note_question(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_run_params *run = CH_BLOCK(r->scenario, run);
    ch_h5_note_text(h, "baseline", r->scenario->policy[r->scenario->baseline]->name);
    note_primary(h, r);
    note_forced(h, r);
    ch_h5_note_f64(h, "confidence_level", run->confidence);
    ch_h5_note_f64(h, "inhabitants", r->city->inhabitants);
    ch_h5_note_f64(h, "people", r->people ? r->people[0] : r->city->n_people);
    ch_h5_note_f64(h, "weeks", (double)run->duration / (double)CH_WEEK);
}

void ch_write_kpi_number(struct ch_h5 *h, int k)
{
    char number[16];
    snprintf(number, sizeof number, "K%02d", k);
    if (k)
        ch_h5_note_text(h, "kpi", number);
}

void ch_write_kpi(struct ch_h5 *h, const struct ch_results *r)
{
    ch_h5_group(h, "kpi", "key figures of each run, counted after the warm-up");
    ch_write_points(h, r);
    ch_write_policies(h, r);
    ch_write_replications(h, r);
    ch_write_coordinates(h, r, "seed");
    note_question(h, r);
    write_identity(h, r);
    if (swept(r))
        write_people(h, r);
    for (unsigned k = 0; k < r->n_kpis; k++) {
        ch_h5_array(h, r->kpi[k].name, "point policy replication", CH_H5_F64, ch_results_value(r, k, 0, 0), r->kpi[k].unit,
                    r->kpi[k].doc);
        ch_write_kpi_number(h, r->kpi[k].k);
    }
    ch_h5_group_end(h);
}

/* ---- /comparison ---- */

struct comparison {
    double *estimate, *low, *high, *p, *ratio;
    int32_t *pairs;
    uint8_t *adjusted;
};

static bool is_primary(const struct ch_results *r, unsigned kpi)
{
    for (unsigned i = 0; i < r->scenario->n_primary; i++)
        if (strcmp(r->scenario->primary_kpi[i], r->kpi[kpi].name) == 0)
            return true;
    return false;
}

/* Statements that share the confidence: primary KPIs x contrasts, at each design point. */
static unsigned count_statements(const struct ch_results *r)
{
    unsigned n = 0;
    for (unsigned k = 0; k < r->n_kpis; k++)
        n += is_primary(r, k);
    return n * (r->n_policies - 1);
}

static void compare(const struct ch_results *r, struct comparison *c)
{
    double confidence = CH_BLOCK(r->scenario, run)->confidence;
    unsigned statements = count_statements(r);
    size_t at = 0;
    for (unsigned point = 0; point < r->n_points; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++)
            for (unsigned k = 0; k < r->n_kpis && policy != r->scenario->baseline; k++, at++) {
                const double *a = ch_results_value(r, k, point, policy),
                             *b = ch_results_value(r, k, point, r->scenario->baseline);
                bool primary = is_primary(r, k);
                struct ch_interval d = ch_paired_interval(a, b, r->n_replications, confidence, primary ? statements : 1);
                c->estimate[at] = d.estimate;
                c->low[at] = d.low;
                c->high[at] = d.high;
                c->p[at] = d.p;
                c->ratio[at] = ch_variance_ratio(a, b, r->n_replications);
                c->pairs[at] = (int32_t)d.n;
                c->adjusted[at] = primary;
            }
}

static void write_contrasts(struct ch_h5 *h, const struct ch_results *r, const char **name)
{
    unsigned n = 0;
    for (unsigned i = 0; i < r->n_policies; i++)
        if (i != r->scenario->baseline)
            name[n++] = r->scenario->policy[i]->name;
    ch_h5_dim(h, "contrast", CH_H5_TEXT, n, name, NULL, "policy that is compared with the baseline");
    for (unsigned k = 0; k < r->n_kpis; k++)
        name[k] = r->kpi[k].name;
    ch_h5_dim(h, "metric", CH_H5_TEXT, r->n_kpis, name, NULL, "key figure");
    for (unsigned k = 0; k < r->n_kpis; k++)
        name[k] = r->kpi[k].unit;
    ch_h5_array(h, "unit", "metric", CH_H5_TEXT, name, NULL, "unit of estimate, ci_low and ci_high");
}

static void write_intervals(struct ch_h5 *h, const struct comparison *c)
{
    static const char dims[] = "point contrast metric";
    ch_h5_array(h, "estimate", dims, CH_H5_F64, c->estimate, NULL, "mean difference to the baseline");
    ch_h5_array(h, "ci_low", dims, CH_H5_F64, c->low, NULL, "lower end of its confidence interval");
    ch_h5_array(h, "ci_high", dims, CH_H5_F64, c->high, NULL, "upper end of its confidence interval");
    ch_h5_array(h, "p_value", dims, CH_H5_F64, c->p, NULL, "two-sided p of no difference, adjusted where the interval is");
    ch_h5_array(h, "n_pairs", dims, CH_H5_I32, c->pairs, NULL, "pairs of replications in which both sides are defined");
    ch_h5_array(h, "variance_ratio", dims, CH_H5_F64, c->ratio, NULL,
                "what pairing gains: sum of both variances over that of the difference");
    ch_h5_array(h, "adjusted", dims, CH_H5_U8, c->adjusted, NULL,
                "does the interval share the confidence with the other primary figures?");
    ch_h5_note_flags(h, 2, "unadjusted bonferroni");
}

void ch_write_comparison(struct ch_h5 *h, const struct ch_results *r)
{
    if (r->n_policies < 2)
        return;
    size_t n = (size_t)r->n_points * (r->n_policies - 1) * r->n_kpis;
    double *number = calloc(5 * n, sizeof *number);
    struct comparison c = {.pairs = calloc(n, sizeof *c.pairs), .adjusted = calloc(n, 1)};
    const char **name = calloc(r->n_kpis + r->n_policies, sizeof *name);
    if (ch_h5_ok(h, number && c.pairs && c.adjusted && name, "allocate", "comparison")) {
        c.estimate = number;
        c.low = number + n;
        c.high = number + 2 * n;
        c.p = number + 3 * n;
        c.ratio = number + 4 * n;
        compare(r, &c);
        ch_h5_group(h, "comparison", "differences to the baseline, paired by replication");
        ch_write_points(h, r);
        write_contrasts(h, r, name);
        ch_write_coordinates(h, r, "unit");
        ch_h5_note_f64(h, "confidence_level", CH_BLOCK(r->scenario, run)->confidence);
        ch_h5_note_text(h, "method",
                        "paired t by replication under common random numbers; primary figures share the confidence "
                        "by Bonferroni, the others are unadjusted");
        ch_h5_note_text(h, "baseline", r->scenario->policy[r->scenario->baseline]->name);
        ch_h5_note_i64(h, "statements", count_statements(r));
        write_intervals(h, &c);
        ch_h5_group_end(h);
    }
    free(number);
    free(c.pairs);
    free(c.adjusted);
    free(name);
}
