/* SPDX-License-Identifier: MIT
 * The table of paired differences, and the JSON forms. The words are in answer.c. */
#include "app/verdict.h"
#include "app/answer.h"
#include "app/json.h"
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

struct ch_interval ch_verdict_contrast(const struct ch_file *file, unsigned kpi, unsigned point, unsigned policy, unsigned baseline, double confidence)
{
    unsigned statements = ch_verdict_primary(file, kpi) && file->n_policies > 1 ? file->n_primary * (file->n_policies - 1) : 1;
    return ch_paired_interval(ch_file_value(file, kpi, point, policy), ch_file_value(file, kpi, point, baseline), file->n_replications,
                              confidence > 0 ? confidence : file->confidence, statements);
}

char *ch_verdict_number(double value, char *buffer, size_t size)
{
    double a = fabs(value);
    if (isnan(value))
        snprintf(buffer, size, "-");
    else if (a == 0)
        snprintf(buffer, size, "0");
    else
        snprintf(buffer, size, "%.*f", a >= 1000 ? 0 : a >= 100 ? 1 : a >= 1 ? 2 : a >= 0.01 ? 4 : 6, value);
    return buffer;
}

/* ---- which KPIs -------------------------------------------------------------------------------------------------- */

/* Shown after the primary ones unless the user asks for others: the chain from message to money. */
static const char *const chosen[] = {"net_sales", "incremental_sales", "retail_profit", "sponsor_profit", "policy_cost",
                                     "unwanted_per_person_week", "opt_outs_per_1000_person_days", "consent_share_2", "messages_sent",
                                     "messages_opened", "messages_redeemed", "detection_probability", "relevance_mean",
                                     "controlled_impulse_share", "wish_fulfilment_rate", "commission_paid", "delivery_time_mean"};

static bool named(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += n)
        if ((at == list || at[-1] == ',') && (at[n] == ',' || !at[n]))
            return true;
    return false;
}

static bool shown(const struct ch_file *file, const struct ch_verdict_options *o, unsigned kpi)
{
    if (o && o->all)
        return true;
    if (o && o->kpi)
        return named(o->kpi, file->kpi_name[kpi]);
    if (ch_verdict_primary(file, kpi))
        return true;
    for (size_t i = 0; i < sizeof chosen / sizeof chosen[0]; i++)
        if (strcmp(chosen[i], file->kpi_name[kpi]) == 0)
            return true;
    return false;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static void print_row(const struct ch_file *file, unsigned kpi, unsigned point, unsigned baseline, double confidence, FILE *out)
{
    char a[40], b[40], c[40], cell[128];
    struct ch_interval mean = ch_mean_interval(ch_file_value(file, kpi, point, baseline), file->n_replications, file->confidence);
    fprintf(out, "%c %-29s %-9s %13s", ch_verdict_primary(file, kpi) ? '*' : ' ', file->kpi_name[kpi], file->kpi_unit[kpi],
            ch_verdict_number(mean.estimate, a, sizeof a));
    for (unsigned p = 0; p < file->n_policies; p++) {
        if (p == baseline)
            continue;
        struct ch_interval d = ch_verdict_contrast(file, kpi, point, p, baseline, confidence);
        if (d.n == 0)
            snprintf(cell, sizeof cell, "undefined");
        else
            snprintf(cell, sizeof cell, "%s%s [%s, %s]", d.estimate > 0 ? "+" : "", ch_verdict_number(d.estimate, a, sizeof a),
                     ch_verdict_number(d.low, b, sizeof b), ch_verdict_number(d.high, c, sizeof c));
        fprintf(out, "  %30s", cell);
    }
    fputc('\n', out);
}

static void print_table(const struct ch_file *file, const struct ch_verdict_options *o, unsigned point, unsigned baseline, FILE *out)
{
    fprintf(out, "\n  %-29s %-9s %13s", "", "unit", file->policy[baseline]);
    for (unsigned p = 0; p < file->n_policies; p++)
        if (p != baseline) {
            char head[64];
            snprintf(head, sizeof head, "%s - %s", file->policy[p], file->policy[baseline]);
            fprintf(out, "  %30s", head);
        }
    fputc('\n', out);
    for (int primary = 1; primary >= 0; primary--)
        for (unsigned k = 0; k < file->n_kpis; k++)
            if (ch_verdict_primary(file, k) == (primary == 1) && shown(file, o, k))
                print_row(file, k, point, baseline, o ? o->confidence : 0, out);
    if (file->n_policies > 1)
        fprintf(out, "  * primary: these intervals hold together (Bonferroni); the others are unadjusted\n");
}

enum ch_code ch_verdict_print(const struct ch_file *file, const struct ch_verdict_options *o, FILE *out)
{
    int named_baseline = o && o->baseline ? ch_file_policy(file, o->baseline) : (int)file->baseline;
    if (named_baseline < 0)
        return CH_INVALID;
    unsigned baseline = (unsigned)named_baseline;
    double confidence = o && o->confidence > 0 ? o->confidence : file->confidence;
    fprintf(out, "%s: %u %s, %u paired %s, %g %% intervals of the difference to '%s'\n", file->name, file->n_policies,
            file->n_policies == 1 ? "policy" : "policies", file->n_replications, file->n_replications == 1 ? "replication" : "replications",
            100 * confidence, file->policy[baseline]);
    for (unsigned point = 0; point < file->n_points; point++) {
        if (file->n_points > 1)
            fprintf(out, "\n== %s\n", file->point_label[point]);
        print_table(file, o, point, baseline, out);
        ch_answer_print(file, point, baseline, confidence, out);
    }
    return CH_OK;
}

void ch_verdict_close(const struct ch_file *file, const struct ch_results *r, const char *path, FILE *out)
{
    uint64_t events = 0;
    for (unsigned i = 0; i < r->n_points * r->n_policies * r->n_replications; i++)
        events += r->outcome[i].engine.events;
    fprintf(out, "\n%.1f million events in %.1f s on %d %s; fingerprint %s\n", (double)events / 1e6, r->provenance.wall_s, r->provenance.threads,
            r->provenance.threads == 1 ? "thread" : "threads", file->fingerprint);
    fprintf(out, "result  %s\nnext    chaland compare %s --all\n", path, path);
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
static void json_kpis(const struct ch_file *file, const struct ch_verdict_options *o, unsigned point, unsigned baseline, bool contrast, FILE *out)
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
                          contrast ? ch_verdict_contrast(file, k, point, p, baseline, o ? o->confidence : 0)
                                   : ch_mean_interval(ch_file_value(file, k, point, p), file->n_replications, file->confidence),
                          out);
        }
        fputs("}", out);
    }
    fputs("}", out);
}

static void json_points(const struct ch_file *file, const struct ch_verdict_options *o, unsigned baseline, bool contrast, FILE *out)
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

static void json_head(const struct ch_file *file, FILE *out)
{
    fputs("{\"schema_version\": 1, \"scenario\": ", out);
    ch_json_put_string(out, file->name);
    fputs(", \"policies\": [", out);
    for (unsigned p = 0; p < file->n_policies; p++) {
        fputs(p ? ", " : "", out);
        ch_json_put_string(out, file->policy[p]);
    }
    fprintf(out, "], \"baseline\": \"%s\", \"replications\": %u, \"confidence\": ", file->policy[file->baseline], file->n_replications);
    ch_json_put_number(out, file->confidence);
}

void ch_verdict_run_json(const struct ch_file *file, const struct ch_results *r, const char *path, FILE *out)
{
    uint64_t events = 0;
    for (unsigned i = 0; i < r->n_points * r->n_policies * r->n_replications; i++)
        events += r->outcome[i].engine.events;
    json_head(file, out);
    fprintf(out, ", \"seed\": %llu, \"events\": %llu, \"wall_time_s\": %.3f, \"events_per_s\": %.0f, \"threads\": %d, \"peak_rss_bytes\": %llu",
            (unsigned long long)CH_BLOCK(r->scenario, run)->seed, (unsigned long long)events,
            r->provenance.wall_s, (double)events / r->provenance.wall_s, r->provenance.threads, (unsigned long long)r->provenance.peak_rss_bytes);
    fprintf(out, ", \"fingerprint\": \"%s\", \"results_sha256\": \"%s\", \"output\": ", file->fingerprint, file->results_sha256);
    ch_json_put_string(out, path);
    fputs(", \"kpi\": ", out);
    json_points(file, NULL, file->baseline, false, out);
    fputs("}\n", out);
}

void ch_verdict_compare_json(const struct ch_file *file, const struct ch_verdict_options *o, FILE *out)
{
    int named_baseline = o && o->baseline ? ch_file_policy(file, o->baseline) : (int)file->baseline;
    unsigned baseline = named_baseline < 0 ? file->baseline : (unsigned)named_baseline;
    json_head(file, out);
    fputs(", \"difference\": ", out);
    json_points(file, o, baseline, true, out);
    fputs("}\n", out);
}
