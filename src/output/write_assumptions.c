/* SPDX-License-Identifier: MIT
 * /assumptions: what becomes of each primary contrast when a parameter without a source stands at an end of its range. */
#include "output/results_inside.h"
#include <math.h>
#include <stdlib.h>

enum field { ESTIMATE, LOW, HIGH, CHANGE, CHANGE_LOW, CHANGE_HIGH, VERDICT, N_FIELDS };

static const struct {
    const char *name, *doc;
} fields[] = {
    [ESTIMATE] = {"contrast", "policy less baseline, with the parameter at this end"},
    [LOW] = {"ci_low", "lower bound; the bounds hold for all primary figures and policies together"},
    [HIGH] = {"ci_high", "upper bound"},
    [CHANGE] = {"change", "of the contrast against the scenario as it is, replication by replication"},
    [CHANGE_LOW] = {"change_low", "lower bound of the change alone"},
    [CHANGE_HIGH] = {"change_high", "upper bound of the change alone"},
    [VERDICT] = {"verdict", "what that means for the contrast"},
};

static double value_of(const struct ch_trial *t, enum field field)
{
    const double value[] = {t->contrast.estimate, t->contrast.low, t->contrast.high,
                            t->change.estimate,   t->change.low,   t->change.high};
    return value[field];
}

static void write_field(struct ch_h5 *h, const struct ch_results *r, enum field field, double *room)
{
    const struct ch_assumptions *a = r->assumptions;
    uint8_t *verdict = (uint8_t *)(void *)room;
    size_t at = 0, trials = (size_t)2 * a->n_points * a->n_policies * a->n_primary, per_end = trials / 2;
    size_t per_point = (size_t)a->n_policies * a->n_primary;
    for (unsigned i = 0; i < a->n; i++)
        for (size_t k = 0; k < trials; k++, at++) {
            bool known = a->list[i].tried[k / per_end] && k % per_point / a->n_primary != r->scenario->baseline;
            if (field == VERDICT)
                verdict[at] = a->list[i].trial[k].verdict;
            else
                room[at] = known ? value_of(&a->list[i].trial[k], field) : (double)NAN;
        }
    ch_h5_array(h, fields[field].name, "assumption end point policy primary_kpi", field == VERDICT ? CH_H5_U8 : CH_H5_F64, room,
                NULL, fields[field].doc);
    if (field == VERDICT)
        ch_h5_note_flags(h, CH_N_TRIAL_VERDICTS, "same larger smaller lost found flips");
    ch_h5_variable_end(h);
}

static void write_parameters(struct ch_h5 *h, const struct ch_assumptions *a, double *number, const char **text)
{
    for (unsigned i = 0; i < a->n; i++)
        text[i] = a->list[i].key;
    ch_h5_dim(h, "assumption", CH_H5_TEXT, a->n, text, NULL, "parameter");
    for (unsigned i = 0; i < a->n; i++)
        text[i] = a->list[i].unit;
    ch_h5_array(h, "unit", "assumption", CH_H5_TEXT, text, NULL, "unit of its values");
    for (unsigned i = 0; i < a->n; i++)
        number[i] = a->list[i].value;
    ch_h5_array(h, "value", "assumption", CH_H5_F64, number, NULL, "value in the scenario");
    const char *const end[] = {"low", "high"};
    ch_h5_dim(h, "end", CH_H5_TEXT, 2, end, NULL, "end of its range");
    for (unsigned i = 0; i < 2 * a->n; i++)
        number[i] = a->list[i / 2].end[i % 2];
    ch_h5_array(h, "tried", "assumption end", CH_H5_F64, number, NULL, "value tried");
}

void ch_write_assumptions(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_assumptions *a = r->assumptions;
    if (!a || a->n == 0)
        return;
    size_t trials = (size_t)2 * a->n * a->n_points * a->n_policies * a->n_primary;
    double *room = malloc((trials + 2 * a->n) * sizeof *room);
    const char **text = malloc(a->n * sizeof *text);
    if (ch_h5_ok(h, room && text, "allocate", "assumptions")) {
        ch_h5_group(h, "assumptions", "parameters without a source at both ends of their range, and what becomes of the answer");
        ch_write_points(h, r);
        ch_write_policies(h, r);
        write_parameters(h, a, room, text);
        ch_h5_dim(h, "primary_kpi", CH_H5_TEXT, a->n_primary, r->scenario->primary_kpi, NULL, "primary key figure");
        for (enum field field = ESTIMATE; field < N_FIELDS; field++)
            write_field(h, r, field, room);
        ch_h5_group_end(h);
    }
    free(room);
    free((void *)text);
}
