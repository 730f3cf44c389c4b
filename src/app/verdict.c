/* SPDX-License-Identifier: MIT
 * The table of paired differences, and the JSON forms. The words are in answer.c. */
#include "app/verdict.h"
#include "app/answer.h"
#include "app/json.h"
#include "base/terminal.h"
#include <chaland/settings.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int ch_file_policy(const struct ch_file *file, const char *name)
{
    for (unsigned i = 0; i < file->n_policies; i++)
        if (strcmp(file->policy[i], name) == 0)
            return (int)i;
    return -1;
}

enum ch_code ch_file_unknown_policy(const struct ch_file *file, const char *name, struct ch_error *error)
{
    struct ch_text list = {0};
    for (unsigned p = 0; p < file->n_policies; p++)
        ch_text_addf(&list, "%s%s", p ? ", " : "", file->policy[p]);
    ch_fail(error, CH_INVALID, "unknown policy '%s'; the file holds %s", name, list.s ? list.s : "");
    ch_text_fini(&list);
    return CH_INVALID;
}

int ch_file_kpi(const struct ch_file *file, const char *name)
{
    for (unsigned i = 0; i < file->n_kpis; i++)
        if (strcmp(file->kpi_name[i], name) == 0)
            return (int)i;
    return -1;
}

bool ch_verdict_primary(const struct ch_file *file, unsigned kpi)
{
    for (unsigned i = 0; i < file->n_primary; i++)
        if (strcmp(file->primary[i], file->kpi_name[kpi]) == 0)
            return true;
    return false;
}

struct ch_interval ch_verdict_contrast(const struct ch_file *file, unsigned kpi, unsigned point, unsigned policy,
                                       unsigned baseline, double confidence, unsigned together)
{
    if (!together && ch_verdict_primary(file, kpi))
        together = file->n_primary;
    unsigned statements = together && file->n_policies > 1 ? together * (file->n_policies - 1) : 1;
    return ch_paired_interval(ch_file_value(file, kpi, point, policy), ch_file_value(file, kpi, point, baseline),
                              file->n_replications, confidence > 0 ? confidence : file->confidence, statements);
}

/* ---- which KPIs -------------------------------------------------------------------------------------------------- */

/* Shown after the primary ones unless the user asks for others: the chain from message to money. */
static const char *const chosen[] = {"net_sales",
                                     "policy_cost",
                                     "sponsor_profit",
                                     "messages_sent",
                                     "messages_opened",
                                     "messages_redeemed",
                                     "relevance_mean",
                                     "unwanted_per_person_week",
                                     "opt_outs_per_1000_person_days",
                                     "consent_share_2",
                                     "detection_probability",
                                     "controlled_impulse_share",
                                     "wish_fulfilment_rate",
                                     "commission_paid",
                                     "delivery_time_mean"};

static bool named(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += n)
        if ((at == list || at[-1] == ',') && (at[n] == ',' || !at[n]))
            return true;
    return false;
}

/* When every retailer runs the policy, sponsors earn what all earn: no second line for it. */
static bool repeats(const struct ch_file *file, unsigned kpi)
{
    int whole = ch_file_kpi(file, "retail_profit");
    size_t n = (size_t)file->n_points * file->n_policies * file->n_replications;
    return strcmp(file->kpi_name[kpi], "sponsor_profit") == 0 && whole >= 0 &&
           memcmp(file->value + (unsigned)whole * n, file->value + kpi * n, n * sizeof *file->value) == 0;
}

static unsigned add_kpi(int kpi, unsigned *list, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if ((int)list[i] == kpi)
            return n;
    if (kpi >= 0)
        list[n++] = (unsigned)kpi;
    return n;
}

/* The KPIs that the user names, in his order. */
static unsigned named_kpis(const struct ch_file *file, const char *list, unsigned *row)
{
    char name[128];
    unsigned n = 0;
    for (const char *at = list; *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        n = add_kpi(ch_file_kpi(file, name), row, n);
        at += length;
    }
    return n;
}

/* The rows of the table, in order: those that the user names; else primary first, then the chosen ones or all. */
unsigned ch_verdict_rows(const struct ch_file *file, const struct ch_verdict_options *o, unsigned *list)
{
    unsigned n = 0;
    bool all = o && o->all;
    if (o && o->kpi && !all)
        return named_kpis(file, o->kpi, list);
    for (unsigned i = 0; i < file->n_primary; i++)
        n = add_kpi(ch_file_kpi(file, file->primary[i]), list, n);
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++) {
        int kpi = ch_file_kpi(file, chosen[i]);
        if (kpi >= 0 && !repeats(file, (unsigned)kpi))
            n = add_kpi(kpi, list, n);
    }
    for (unsigned k = 0; all && k < file->n_kpis; k++)
        n = add_kpi((int)k, list, n);
    return n;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

enum { NAME_WIDTH = 29, UNIT_WIDTH = 7, MEAN_WIDTH = 10, CELL_MAX = 160, CONTRASTS_MAX = 64 };

struct table {
    const struct ch_file *file;
    unsigned point, baseline, n_rows, n_contrasts;
    double confidence;
    unsigned *row;                    /* KPI of each row */
    unsigned contrast[CONTRASTS_MAX]; /* policy of each column */
    int width[CONTRASTS_MAX];
    bool some_alone, some_fewer; /* cells that want a word of explanation */
};

/* Shares are shown in percent. */
bool ch_file_share(const struct ch_file *file, unsigned kpi) { return strcmp(file->kpi_unit[kpi], "share") == 0; }

static struct ch_interval mean_of(const struct table *t, unsigned kpi, unsigned policy)
{
    struct ch_interval i =
        ch_mean_interval(ch_file_value(t->file, kpi, t->point, policy), t->file->n_replications, t->confidence);
    return ch_file_share(t->file, kpi) ? ch_interval_scaled(i, 100) : i;
}

/* Difference and interval; what is undefined under the baseline is told of the policy alone. */
static void format_cell(struct table *t, unsigned row, unsigned column, char *cell)
{
    char text[120];
    unsigned kpi = t->row[row], policy = t->contrast[column];
    struct ch_interval d = ch_verdict_contrast(t->file, kpi, t->point, policy, t->baseline, t->confidence, 0),
                       own = mean_of(t, kpi, policy);
    d = ch_file_share(t->file, kpi) ? ch_interval_scaled(d, 100) : d;
    if (d.n == 0 && own.n == 0) {
        snprintf(cell, CELL_MAX, "undefined");
    } else if (d.n == 0) {
        snprintf(cell, CELL_MAX, "(%s)", ch_verdict_number(own.estimate, text, sizeof text));
        t->some_alone = true;
    } else if (d.n < t->file->n_replications) {
        snprintf(cell, CELL_MAX, "%s n=%u", ch_verdict_interval(d, true, text, sizeof text), d.n);
        t->some_fewer = true;
    } else {
        snprintf(cell, CELL_MAX, "%s", ch_verdict_interval(d, true, text, sizeof text));
    }
}

static void format_head(const struct table *t, unsigned column, char *cell)
{
    snprintf(cell, CELL_MAX, "%s - %s", t->file->policy[t->contrast[column]], t->file->policy[t->baseline]);
}

static void measure_columns(struct table *t)
{
    char cell[CELL_MAX];
    for (unsigned c = 0; c < t->n_contrasts; c++) {
        format_head(t, c, cell);
        t->width[c] = (int)strlen(cell);
        for (unsigned r = 0; r < t->n_rows; r++) {
            format_cell(t, r, c, cell);
            t->width[c] = (int)strlen(cell) > t->width[c] ? (int)strlen(cell) : t->width[c];
        }
    }
}

static void print_row(struct table *t, unsigned row, unsigned from, unsigned to, FILE *out)
{
    char cell[CELL_MAX];
    unsigned kpi = t->row[row];
    fprintf(out, "%c %-*s %-*s %*s", ch_verdict_primary(t->file, kpi) ? '*' : ' ', NAME_WIDTH, t->file->kpi_name[kpi], UNIT_WIDTH,
            ch_file_share(t->file, kpi) ? "%" : t->file->kpi_unit[kpi], MEAN_WIDTH,
            ch_verdict_number(mean_of(t, kpi, t->baseline).estimate, cell, sizeof cell));
    for (unsigned c = from; c < to; c++) {
        format_cell(t, row, c, cell);
        fprintf(out, "  %*s", t->width[c], cell);
    }
    fputc('\n', out);
}

/* What is printed fits the terminal, if it is one. */
static int table_width(void)
{
    enum { PLAIN = 130 };
    int columns;
    return ch_terminal_size(stdout, &columns, NULL) ? columns : PLAIN;
}

/* As many contrasts side by side as fit; returns the first that did not. */
static unsigned print_block(struct table *t, unsigned from, FILE *out)
{
    char cell[CELL_MAX];
    int used = NAME_WIDTH + UNIT_WIDTH + MEAN_WIDTH + 4, width = table_width();
    unsigned to = from;
    while (to < t->n_contrasts && (to == from || used + t->width[to] + 2 <= width))
        used += t->width[to++] + 2;
    fprintf(out, "\n  %-*s %-*s %*s", NAME_WIDTH, "", UNIT_WIDTH, "unit", MEAN_WIDTH, t->file->policy[t->baseline]);
    for (unsigned c = from; c < to; c++) {
        format_head(t, c, cell);
        fprintf(out, "  %*s", t->width[c], cell);
    }
    fputc('\n', out);
    for (unsigned r = 0; r < t->n_rows; r++)
        print_row(t, r, from, to, out);
    return to;
}

/* A welfare score is never shown without its weights: they are those of the scenario in the file. */
static void print_weights(const struct table *t, FILE *out)
{
    bool shown = false;
    for (unsigned r = 0; r < t->n_rows; r++)
        shown |= strcmp(t->file->kpi_name[t->row[r]], "welfare_score") == 0;
    const char *section = t->file->config_yaml ? strstr(t->file->config_yaml, "\nwelfare:\n") : NULL;
    if (!shown || !section)
        return;
    fprintf(out, "  welfare_score weighs");
    for (const char *line = section + sizeof "\nwelfare:"; strncmp(line, "  ", 2) == 0; line += strcspn(line, "\n") + 1)
        fprintf(out, "%s %.*s", line == section + sizeof "\nwelfare:" ? "" : ",", (int)strcspn(line + 2, "\n"), line + 2);
    fputc('\n', out);
}

static enum ch_code print_table(const struct ch_file *file, const struct ch_verdict_options *o, unsigned point, unsigned baseline,
                                FILE *out)
{
    struct table t = {.file = file,
                      .point = point,
                      .baseline = baseline,
                      .confidence = o && o->confidence > 0 ? o->confidence : file->confidence};
    t.row = calloc(file->n_kpis + 1, sizeof *t.row);
    if (!t.row)
        return CH_TOO_BIG;
    t.n_rows = ch_verdict_rows(file, o, t.row);
    for (unsigned p = 0; p < file->n_policies && t.n_contrasts < CONTRASTS_MAX; p++)
        if (p != baseline)
            t.contrast[t.n_contrasts++] = p;
    measure_columns(&t);
    unsigned next = 0;
    do
        next = print_block(&t, next, out);
    while (next < t.n_contrasts);
    bool some_primary = false;
    for (unsigned r = 0; r < t.n_rows; r++)
        some_primary |= ch_verdict_primary(file, t.row[r]);
    if (file->n_policies > 1 && some_primary)
        fprintf(out, "  * primary: these intervals hold together (Bonferroni); each of the others stands alone, unadjusted\n");
    if (t.some_alone)
        fprintf(out, "  (in brackets) undefined under '%s': the policy's own mean\n", file->policy[baseline]);
    if (t.some_fewer)
        fprintf(out, "  n=: replications in which both are defined\n");
    print_weights(&t, out);
    free(t.row);
    return CH_OK;
}

static bool people_vary(const struct ch_file *file)
{
    for (unsigned i = 1; i < file->n_points; i++)
        if (file->people[i] < file->people[0] || file->people[i] > file->people[0])
            return true;
    return false;
}

/* "2,000 people, 7 days" */
static void print_run(const struct ch_file *file, FILE *out)
{
    char people[40];
    double days = 7 * file->weeks;
    if (!people_vary(file))
        fprintf(out, "%s people, ", ch_verdict_thousands(file->people[0], people, sizeof people));
    fprintf(out, "%g %s", days, days > 0.999 && days < 1.001 ? "day" : "days");
}

static void print_title(const struct ch_file *file, unsigned baseline, double confidence, FILE *out)
{
    char people[40];
    unsigned n = file->n_policies, r = file->n_replications;
    double days = 7 * file->weeks;
    fprintf(out, "%s: %u %s, %u %s of %g %s with ", file->name, n, n == 1 ? "policy" : "policies", r,
            r == 1 ? "replication" : "replications", days, days > 0.999 && days < 1.001 ? "day" : "days");
    if (people_vary(file)) {
        fputs("as many people as each design point says\n", out);
    } else {
        if (file->people[0] < file->inhabitants)
            fprintf(out, "%s of ", ch_verdict_thousands(file->people[0], people, sizeof people));
        fprintf(out, "%s inhabitants\n", ch_verdict_thousands(file->inhabitants, people, sizeof people));
    }
    if (n > 1)
        fprintf(out, "mean of '%s', and what the others change [%g %% interval of the paired difference];\n",
                file->policy[baseline], 100 * confidence);
    fprintf(out, "%ssums are per simulated run (", n > 1 ? "" : "means; ");
    print_run(file, out);
    fprintf(out, ")\n");
    if (file->n_missing)
        fprintf(out, "INCOMPLETE: %u of %u runs failed or were not made, and are left out\n", file->n_missing,
                file->n_points * n * r);
    for (unsigned p = 0; p < n; p++)
        if (ch_file_forced(file, p))
            fprintf(out, "STRESS TEST: '%s' is forced, it ignores consent; it is measured, and never recommended\n",
                    file->policy[p]);
}

/* Every point with its table and answer, then what the sweep as a whole says. */
static enum ch_code print_points(const struct ch_file *file, const struct ch_verdict_options *o, unsigned baseline,
                                 double confidence, FILE *out)
{
    for (unsigned point = 0; point < file->n_points; point++) {
        if (file->n_points > 1)
            fprintf(out, "\n== %s\n", file->point_label[point]);
        enum ch_code code = print_table(file, o, point, baseline, out);
        if (code != CH_OK)
            return code;
        ch_answer_print(file, point, baseline, confidence, out);
    }
    if (file->n_points > 1)
        ch_answer_sweep(file, baseline, confidence, out);
    return CH_OK;
}

enum ch_code ch_verdict_print(const struct ch_file *file, const struct ch_verdict_options *o, FILE *out)
{
    int named_baseline = o && o->baseline ? ch_file_policy(file, o->baseline) : (int)file->baseline;
    if (named_baseline < 0)
        return CH_INVALID;
    enum ch_code code = CH_OK;
    unsigned baseline = (unsigned)named_baseline;
    double confidence = o && o->confidence > 0 ? o->confidence : file->confidence;
    bool as_asked = o && (o->all || o->kpi);
    print_title(file, baseline, confidence, out);
    if (!as_asked && ch_answer_is_pool(file))
        ch_answer_pool_print(file, confidence, out);
    else if (!as_asked && ch_answer_is_fleet(file))
        ch_answer_fleet_print(file, confidence, out);
    else
        code = print_points(file, o, baseline, confidence, out);
    if (code == CH_OK && file->n_assumed)
        fprintf(out,
                "Behind this stand %u parameters, %u of them assumed, without a source;\n"
                "chaland run SCENARIO --assumptions tells which of these would turn the answer.\n",
                file->n_parameters, file->n_assumed);
    return code;
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void json_interval(const char *name, struct ch_interval i, FILE *out)
{
    ch_json_put_string(out, name);
    fputs(": {\"mean\": ", out);
    ch_json_put_number(out, i.estimate);
    fputs(", \"ci_low\": ", out);
    ch_json_put_number(out, i.low);
    fputs(", \"ci_high\": ", out);
    ch_json_put_number(out, i.high);
    fprintf(out, ", \"n\": %u", i.n);
    if (!isnan(i.p)) {
        fputs(", \"p\": ", out);
        ch_json_put_number(out, i.p);
    }
    fputs("}", out);
}

/* policy -> KPI -> mean and interval; differences to the baseline when `contrast`. */
static void json_kpis(const struct ch_file *file, const struct ch_verdict_options *o, unsigned point, unsigned baseline,
                      bool contrast, FILE *out)
{
    fputs("{", out);
    bool first = true;
    for (unsigned p = 0; p < file->n_policies; p++) {
        if (contrast && p == baseline)
            continue;
        fputs(first ? "" : ", ", out);
        first = false;
        ch_json_put_string(out, file->policy[p]);
        fputs(": {", out);
        bool any = false;
        for (unsigned k = 0; k < file->n_kpis; k++) {
            if (o && o->kpi && !named(o->kpi, file->kpi_name[k]))
                continue;
            fputs(any ? ", " : "", out);
            any = true;
            json_interval(file->kpi_name[k],
                          contrast ? ch_verdict_contrast(file, k, point, p, baseline, o ? o->confidence : 0, 0)
                                   : ch_mean_interval(ch_file_value(file, k, point, p), file->n_replications, file->confidence),
                          out);
        }
        fputs("}", out);
    }
    fputs("}", out);
}

static void json_points(const struct ch_file *file, const struct ch_verdict_options *o, unsigned baseline, bool contrast,
                        FILE *out)
{
    if (file->n_points == 1) {
        json_kpis(file, o, 0, baseline, contrast, out);
        return;
    }
    fputs("[", out);
    for (unsigned point = 0; point < file->n_points; point++) {
        fputs(point ? ", {\"point\": " : "{\"point\": ", out);
        ch_json_put_string(out, file->point_label[point]);
        fputs(", \"kpi\": ", out);
        json_kpis(file, o, point, baseline, contrast, out);
        fputs("}", out);
    }
    fputs("]", out);
}

static void json_head(const struct ch_file *file, unsigned baseline, double confidence, FILE *out)
{
    fputs("{\"schema_version\": 1, \"scenario\": ", out);
    ch_json_put_string(out, file->name);
    fputs(", \"policies\": [", out);
    for (unsigned p = 0; p < file->n_policies; p++) {
        fputs(p ? ", " : "", out);
        ch_json_put_string(out, file->policy[p]);
    }
    fputs("], \"forced\": [", out);
    const char *comma = "";
    for (unsigned p = 0; p < file->n_policies; p++)
        if (ch_file_forced(file, p)) {
            fputs(comma, out);
            ch_json_put_string(out, file->policy[p]);
            comma = ", ";
        }
    fputs("], \"baseline\": ", out);
    ch_json_put_string(out, file->policy[baseline]);
    fprintf(out, ", \"replications\": %u, \"confidence\": ", file->n_replications);
    ch_json_put_number(out, confidence);
}

void ch_verdict_run_json(const struct ch_file *file, const struct ch_results *r, const char *path, FILE *out)
{
    uint64_t events = 0;
    double wall = r->provenance.wall_s;
    for (unsigned i = 0; i < r->n_points * r->n_policies * r->n_replications; i++)
        events += r->outcome[i].engine.events;
    json_head(file, file->baseline, file->confidence, out);
    fprintf(out, ", \"parameters\": %u, \"parameters_assumed\": %u", file->n_parameters, file->n_assumed);
    fprintf(out,
            ", \"seed\": %llu, \"events\": %llu, \"wall_time_s\": %.3f, \"events_per_s\": %.0f, \"threads\": %d, "
            "\"peak_rss_bytes\": %llu",
            (unsigned long long)CH_BLOCK(r->scenario, run)->seed, (unsigned long long)events, wall,
            wall > 0 ? (double)events / wall : 0.0, r->provenance.threads, (unsigned long long)r->provenance.peak_rss_bytes);
    fprintf(out, ", \"fingerprint\": \"%s\", \"results_sha256\": \"%s\", \"output\": ", file->fingerprint, file->results_sha256);
    ch_json_put_string(out, path);
    fputs(", \"kpi\": ", out);
    json_points(file, NULL, file->baseline, false, out);
    fputs("}\n", out);
}

void ch_verdict_compare_json(const struct ch_file *file, const struct ch_verdict_options *o, const bool *gate, FILE *out)
{
    int named_baseline = o && o->baseline ? ch_file_policy(file, o->baseline) : (int)file->baseline;
    unsigned baseline = named_baseline < 0 ? file->baseline : (unsigned)named_baseline;
    json_head(file, baseline, o && o->confidence > 0 ? o->confidence : file->confidence, out);
    if (gate)
        fprintf(out, ", \"fail_if\": %s", *gate ? "true" : "false");
    fputs(", \"difference\": ", out);
    json_points(file, o, baseline, true, out);
    fputs("}\n", out);
}
