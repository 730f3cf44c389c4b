/* SPDX-License-Identifier: MIT
 * The answer of a sweep: at which value of each swept parameter a policy earns most, and at which most consent is held. The
 * other parameters are averaged over, replication by replication, so that all values are compared under the same luck. */
#include "app/answer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MAX = 64, NAME_MAX_BYTES = 80 };

struct axis {
    char key[NAME_MAX_BYTES];
    unsigned n;
    char value[LEVELS_MAX][NAME_MAX_BYTES];
    unsigned *level; /* [point] */
};

/* What is looked at: a KPI against the baseline, or a share of its own. */
struct measure {
    const struct ch_file *file;
    unsigned kpi, policy, baseline;
    bool profit; /* against the baseline, per 1,000 inhabitants and week; else the KPI, in percent */
};

/* ---- axes, from the labels of the points ------------------------------------------------------------------------- */

/* The i-th "key=value" of a label; false beyond the last. */
static bool part_of(const char *label, unsigned i, char *key, char *value)
{
    for (; i > 0 && label; i--)
        label = (label = strstr(label, ", ")) ? label + 2 : NULL;
    const char *equals = label ? strchr(label, '=') : NULL;
    if (!equals)
        return false;
    const char *end = strstr(label, ", ");
    snprintf(key, NAME_MAX_BYTES, "%.*s", (int)(equals - label), label);
    size_t length = end ? (size_t)(end - equals) - 1 : strlen(equals + 1);
    snprintf(value, NAME_MAX_BYTES, "%.*s", (int)length, equals + 1);
    return true;
}

/* False when the file has no such axis, or more values of it than are told apart here. */
static bool read_axis(const struct ch_file *file, unsigned i, struct axis *axis)
{
    char key[NAME_MAX_BYTES], value[NAME_MAX_BYTES];
    axis->n = 0;
    for (unsigned point = 0; point < file->n_points; point++) {
        if (!part_of(file->point_label[point], i, key, value))
            return false;
        unsigned k = 0;
        while (k < axis->n && strcmp(axis->value[k], value) != 0)
            k++;
        if (k == LEVELS_MAX)
            return false;
        if (k == axis->n)
            strcpy(axis->value[axis->n++], value);
        strcpy(axis->key, key);
        axis->level[point] = k;
    }
    return true;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static double one_value(const struct measure *m, unsigned point, unsigned replication)
{
    double own = ch_file_value(m->file, m->kpi, point, m->policy)[replication];
    if (!m->profit)
        return 100 * own;
    double base = ch_file_value(m->file, m->kpi, point, m->baseline)[replication];
    return (own - base) * 1000 / m->file->people[point] / m->file->weeks;
}

/* [replication], the mean over the points at this level. */
static void at_level(const struct measure *m, const struct axis *axis, unsigned level, double *mean)
{
    for (unsigned r = 0; r < m->file->n_replications; r++) {
        double sum = 0;
        unsigned n = 0;
        for (unsigned point = 0; point < m->file->n_points; point++)
            if (axis->level[point] == level) {
                sum += one_value(m, point, r);
                n++;
            }
        mean[r] = n ? sum / n : NAN;
    }
}

struct best {
    unsigned level;
    struct ch_interval interval;
    char like[LEVELS_MAX * 8]; /* values that cannot be told from it */
};

static bool find_best(const struct measure *m, const struct axis *axis, double confidence, double *value, struct best *best)
{
    unsigned r = m->file->n_replications, n_like = 0;
    bool found = false;
    for (unsigned k = 0; k < axis->n; k++) {
        at_level(m, axis, k, value + (size_t)k * r);
        struct ch_interval i = ch_mean_interval(value + (size_t)k * r, r, confidence);
        if (i.n == 0 || isnan(i.estimate) || (found && i.estimate <= best->interval.estimate))
            continue;
        *best = (struct best){.level = k, .interval = i};
        found = true;
    }
    for (unsigned k = 0; k < axis->n && found; k++) {
        struct ch_interval d =
            ch_paired_interval(value + (size_t)best->level * r, value + (size_t)k * r, r, confidence, axis->n - 1);
        if (k == best->level || d.low > 0 || strlen(best->like) + strlen(axis->value[k]) + 6 > sizeof best->like)
            continue;
        strcat(best->like, n_like++ ? ", " : "");
        strcat(best->like, axis->value[k]);
    }
    return found;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

static void say_best(const struct measure *m, const struct axis *axis, double confidence, double *value, FILE *out)
{
    struct best best;
    char text[120];
    if (!find_best(m, axis, confidence, value, &best))
        return;
    const char *name = m->file->policy[m->policy], *at = axis->value[best.level];
    ch_verdict_words(best.interval, m->profit, m->profit ? "EUR" : "%", text, sizeof text);
    if (m->profit)
        fprintf(out, "    '%s' %s at %s: %s", name, best.interval.estimate < 0 ? "loses least" : "earns most", at, text);
    else
        fprintf(out, "    '%s': most consent at %s: %s of pairs of app owner and retailer", name, at, text);
    if (m->profit)
        fprintf(out, " against '%s'", m->file->policy[m->baseline]);
    fprintf(out, best.like[0] ? "; not told from %s\n" : "; clearly more than elsewhere\n", best.like);
}

void ch_answer_sweep(const struct ch_file *file, unsigned baseline, double confidence, FILE *out)
{
    int profit = ch_file_kpi(file, "retail_profit"), pairs = ch_file_kpi(file, "consent_pair_share");
    struct axis *axis = calloc(1, sizeof *axis);
    double *value = calloc((size_t)LEVELS_MAX * file->n_replications, sizeof *value);
    if (axis)
        axis->level = calloc(file->n_points, sizeof *axis->level);
    if (axis && axis->level && value && profit >= 0 && file->n_policies > 1) {
        fprintf(out,
                "\n== all %u points (EUR per 1,000 inhabitants and week; [ ] = %g %% interval; other parameters averaged over)\n",
                file->n_points, 100 * confidence);
        if (file->n_replications < CH_FEW_REPLICATIONS)
            fprintf(out, "  Too few replications for a verdict (%u; ask for at least %d). Measured:\n", file->n_replications,
                    CH_FEW_REPLICATIONS);
    }
    for (unsigned i = 0; axis && axis->level && value && read_axis(file, i, axis); i++) {
        if (axis->n < 2 || profit < 0 || file->n_policies < 2)
            continue;
        fprintf(out, "  %s\n", axis->key);
        for (unsigned p = 0; p < file->n_policies; p++) {
            struct measure m = {.file = file, .kpi = (unsigned)profit, .policy = p, .baseline = baseline, .profit = true};
            if (p != baseline)
                say_best(&m, axis, confidence, value, out);
            m.kpi = (unsigned)pairs;
            m.profit = false;
            if (p != baseline && pairs >= 0)
                say_best(&m, axis, confidence, value, out);
        }
    }
    if (axis)
        free(axis->level);
    free(axis);
    free(value);
}
