/* SPDX-License-Identifier: MIT
 * The runs so far are kept as `struct ch_file`, as if read from a file whose missing runs are undefined: so rows and intervals
 * are those that the table will show at the end. */
#include "app/status_kpi.h"
#include "app/answer.h"
#include "table/table.h"
#include <chaland/settings.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ch_so_far {
    struct ch_file file;
    unsigned *scalar; /* [n_kpis]: index of the probe's scalar */
    unsigned *row;    /* [n_kpis]: room for the rows to show */
};

/* Which of all figures are shown: those of the table. Values that all differ leave no row out. */
static unsigned choose(const struct ch_campaign *c, unsigned *chosen, char **name, double *value)
{
    const struct ch_probe_list *probes = ch_probe_list();
    for (unsigned i = 0; i < probes->n_scalars; i++) {
        name[i] = (char *)(uintptr_t)probes->row[probes->scalar[i]]->name;
        value[i] = i;
    }
    struct ch_file all = {.n_points = 1,
                          .n_policies = 1,
                          .n_replications = 1,
                          .n_kpis = probes->n_scalars,
                          .kpi_name = name,
                          .value = value,
                          .primary = (char **)(uintptr_t)c->scenario->primary_kpi,
                          .n_primary = c->scenario->n_primary};
    return ch_verdict_rows(&all, NULL, chosen);
}

/* Labels are borrowed from scenario and probes. */
static bool name_things(const struct ch_campaign *c, struct ch_so_far *s)
{
    const struct ch_probe_list *probes = ch_probe_list();
    struct ch_file *f = &s->file;
    f->policy = calloc(f->n_policies, sizeof *f->policy);
    f->kpi_name = calloc(f->n_kpis + 1, sizeof *f->kpi_name);
    f->kpi_unit = calloc(f->n_kpis + 1, sizeof *f->kpi_unit);
    if (!f->policy || !f->kpi_name || !f->kpi_unit)
        return false;
    for (unsigned p = 0; p < f->n_policies; p++)
        f->policy[p] = (char *)(uintptr_t)c->scenario->policy[p]->name;
    for (unsigned k = 0; k < f->n_kpis; k++) {
        const struct ch_probe *row = probes->row[probes->scalar[s->scalar[k]]];
        f->kpi_name[k] = (char *)(uintptr_t)row->name;
        f->kpi_unit[k] = (char *)(uintptr_t)row->unit;
    }
    return true;
}

/* "consent.transparency=0.5, ...": as in the file. */
static bool label_points(const struct ch_scenario *scenario, struct ch_file *f)
{
    f->point_label = calloc(f->n_points, sizeof *f->point_label);
    for (unsigned point = 0; f->point_label && point < f->n_points; point++) {
        struct ch_text label = {0};
        unsigned left = scenario->n_points;
        ch_text_add(&label, "");
        for (unsigned a = 0; a < scenario->n_axes; a++) {
            left /= scenario->axis[a].n;
            ch_text_addf(&label, "%s%s=%s", a ? ", " : "", scenario->axis[a].key,
                         scenario->axis[a].text[point / left % scenario->axis[a].n]);
        }
        if (label.failed)
            return false;
        f->point_label[point] = label.s;
    }
    return f->point_label;
}

static bool make_room(struct ch_so_far *s)
{
    struct ch_file *f = &s->file;
    size_t n = (size_t)f->n_kpis * f->n_points * f->n_policies * f->n_replications;
    f->value = malloc((n + 1) * sizeof *f->value);
    s->row = calloc(f->n_kpis + 1, sizeof *s->row);
    for (size_t i = 0; f->value && i < n; i++)
        f->value[i] = (double)NAN;
    return f->value && s->row;
}

struct ch_so_far *ch_so_far_create(const struct ch_campaign *c)
{
    const struct ch_run_params *run = CH_BLOCK(c->scenario, run);
    size_t n = ch_probe_list()->n_scalars + 1;
    struct ch_so_far *s = calloc(1, sizeof *s);
    char **name = calloc(n, sizeof *name);
    double *value = calloc(n, sizeof *value);
    unsigned *chosen = calloc(n, sizeof *chosen);
    bool good = s && name && value && chosen;
    if (good) {
        s->file = (struct ch_file){.n_points = c->n_points,
                                   .n_policies = c->scenario->n_policies,
                                   .n_replications = (unsigned)run->replications,
                                   .n_kpis = choose(c, chosen, name, value),
                                   .baseline = c->scenario->baseline,
                                   .confidence = run->confidence,
                                   .primary = (char **)(uintptr_t)c->scenario->primary_kpi,
                                   .n_primary = c->scenario->n_primary};
        s->scalar = chosen;
        good = name_things(c, s) && label_points(c->scenario, &s->file) && make_room(s);
    }
    free(name);
    free(value);
    if (!s || !s->scalar)
        free(chosen);
    if (!good) {
        ch_so_far_destroy(s);
        return NULL;
    }
    return s;
}

void ch_so_far_destroy(struct ch_so_far *s)
{
    if (!s)
        return;
    for (unsigned i = 0; s->file.point_label && i < s->file.n_points; i++)
        free(s->file.point_label[i]);
    free(s->file.point_label);
    free(s->file.policy);
    free(s->file.kpi_name);
    free(s->file.kpi_unit);
    free(s->file.value);
    free(s->scalar);
    free(s->row);
    free(s);
}

void ch_so_far_add(struct ch_so_far *s, unsigned point, unsigned policy, unsigned replication, const double *scalar)
{
    for (unsigned k = 0; k < s->file.n_kpis; k++)
        s->file.value[(((size_t)k * s->file.n_points + point) * s->file.n_policies + policy) * s->file.n_replications +
                      replication] = scalar[s->scalar[k]];
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static void add_number(double value, struct ch_text *out)
{
    if (isfinite(value))
        ch_text_addf(out, "%.7g", value);
    else
        ch_text_add(out, "null");
}

static void add_interval(const char *name, const struct ch_interval *i, struct ch_text *out)
{
    ch_json_string(out, name);
    ch_text_add(out, ": {\"mean\": ");
    add_number(i->estimate, out);
    ch_text_add(out, ", \"ci_low\": ");
    add_number(i->low, out);
    ch_text_add(out, ", \"ci_high\": ");
    add_number(i->high, out);
    ch_text_addf(out, ", \"n\": %u}", i->n);
}

/* Rows to show: of a sweep only the primary ones, so that the file stays small. */
static unsigned rows_of(const struct ch_so_far *s)
{
    unsigned n = ch_verdict_rows(&s->file, NULL, s->row), kept = 0;
    for (unsigned i = 0; i < n; i++)
        if (s->file.n_points == 1 || ch_verdict_primary(&s->file, s->row[i]))
            s->row[kept++] = s->row[i];
    return kept;
}

static void add_figures(const struct ch_so_far *s, unsigned n, struct ch_text *out)
{
    ch_text_add(out, "\"figures\": [");
    for (unsigned i = 0; i < n; i++) {
        ch_text_add(out, i ? ", {\"name\": " : "{\"name\": ");
        ch_json_string(out, s->file.kpi_name[s->row[i]]);
        ch_text_add(out, ", \"unit\": ");
        ch_json_string(out, s->file.kpi_unit[s->row[i]]);
        ch_text_addf(out, ", \"primary\": %s}", ch_verdict_primary(&s->file, s->row[i]) ? "true" : "false");
    }
    ch_text_add(out, "]");
}

/* "policy": {"figure": interval, ...}: means, or differences to the baseline. */
static void add_policy(const struct ch_so_far *s, unsigned n, unsigned point, unsigned policy, bool difference,
                       struct ch_text *out)
{
    ch_json_string(out, s->file.policy[policy]);
    ch_text_add(out, ": {");
    for (unsigned i = 0; i < n; i++) {
        unsigned k = s->row[i];
        struct ch_interval interval =
            difference ? ch_verdict_contrast(&s->file, k, point, policy, s->file.baseline, 0, 0)
                       : ch_mean_interval(ch_file_value(&s->file, k, point, policy), s->file.n_replications, s->file.confidence);
        ch_text_add(out, i ? ", " : "");
        add_interval(s->file.kpi_name[k], &interval, out);
    }
    ch_text_add(out, "}");
}

/* Runs of a policy that are finished. */
static unsigned done_of(const struct ch_so_far *s, unsigned n, unsigned point, unsigned policy)
{
    unsigned done = 0;
    for (unsigned i = 0; i < s->file.n_replications && n; i++) {
        bool any = false;
        for (unsigned k = 0; k < s->file.n_kpis; k++)
            any |= !isnan(ch_file_value(&s->file, k, point, policy)[i]);
        done += any;
    }
    return done;
}

static void add_policies(const struct ch_so_far *s, unsigned n, unsigned point, bool difference, struct ch_text *out)
{
    const char *comma = "";
    for (unsigned p = 0; p < s->file.n_policies; p++) {
        if (done_of(s, n, point, p) == 0 || (difference && p == s->file.baseline))
            continue;
        ch_text_add(out, comma);
        add_policy(s, n, point, p, difference, out);
        comma = ", ";
    }
}

static bool any_done(const struct ch_so_far *s, unsigned n, unsigned point)
{
    bool any = false;
    for (unsigned p = 0; p < s->file.n_policies; p++)
        any |= done_of(s, n, point, p) > 0;
    return any;
}

void ch_so_far_print(const struct ch_so_far *s, struct ch_text *out)
{
    enum { POINTS_MAX = 50 }; /* the latest */
    unsigned n = rows_of(s), begun = 0;
    const char *comma = "";
    for (unsigned point = 0; point < s->file.n_points; point++)
        begun += any_done(s, n, point);
    add_figures(s, n, out);
    ch_text_add(out, ", \"points\": [");
    for (unsigned point = 0; point < s->file.n_points; point++) {
        if (!any_done(s, n, point) || begun-- > POINTS_MAX)
            continue;
        ch_text_addf(out, "%s{\"point\": ", comma);
        ch_json_string(out, s->file.point_label[point]);
        ch_text_add(out, ", \"kpi\": {");
        add_policies(s, n, point, false, out);
        ch_text_add(out, "}, \"difference\": {");
        add_policies(s, n, point, true, out);
        ch_text_add(out, "}}");
        comma = ", ";
    }
    ch_text_add(out, "]");
}
