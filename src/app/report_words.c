/* SPDX-License-Identifier: MIT
 * The report for a pull request (Markdown) and for a spreadsheet (CSV). */
#define _POSIX_C_SOURCE 200809L
#include "app/answer.h"
#include "app/report.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Markdown ------------------------------------------------------------------------------------------------------ */

/* In a cell of a table: a bar would end it. */
static void put_cell(const char *s, FILE *out)
{
    for (; s && *s; s++) {
        if (strchr("|\\`*_<", *s))
            fputc('\\', out);
        fputc(*s == '\n' ? ' ' : *s, out);
    }
}

static void md_row(const struct ch_report *r, unsigned point, unsigned kpi, FILE *out)
{
    const struct ch_file *f = r->file;
    char text[120];
    double factor = ch_file_share(f, kpi) ? 100 : 1;
    bool primary = ch_verdict_primary(f, kpi);
    fputs(primary ? "| **" : "| ", out);
    put_cell(f->kpi_name[kpi], out);
    fprintf(out, "%s | %s |", primary ? "**" : "", factor > 1 ? "%" : f->kpi_unit[kpi]);
    double base = ch_mean_interval(ch_file_value(f, kpi, point, r->baseline), f->n_replications, r->confidence).estimate;
    fprintf(out, " %s |", ch_verdict_number(base * factor, text, sizeof text));
    for (unsigned p = 0; p < f->n_policies; p++) {
        if (p == r->baseline)
            continue;
        struct ch_interval d = ch_verdict_contrast(f, kpi, point, p, r->baseline, r->confidence, 0),
                           own = ch_mean_interval(ch_file_value(f, kpi, point, p), f->n_replications, r->confidence);
        if (d.n)
            fprintf(out, " %s |", ch_verdict_interval(ch_interval_scaled(d, factor), true, text, sizeof text));
        else
            fprintf(out, own.n ? " (%s) |" : " %s |", ch_verdict_number(own.estimate * factor, text, sizeof text));
    }
    fputc('\n', out);
}

static void md_table(const struct ch_report *r, unsigned point, FILE *out)
{
    const struct ch_file *f = r->file;
    unsigned *row = calloc(f->n_kpis + 1, sizeof *row);
    unsigned n = row ? ch_verdict_rows(f, &(struct ch_verdict_options){.all = r->all}, row) : 0;
    fputs("\n| key figure | unit | ", out);
    put_cell(f->policy[r->baseline], out);
    for (unsigned p = 0; p < f->n_policies; p++)
        if (p != r->baseline) {
            fputs(" | ", out);
            put_cell(f->policy[p], out);
            fputs(" - ", out);
            put_cell(f->policy[r->baseline], out);
        }
    fputs(" |\n| --- | --- | ---: |", out);
    for (unsigned p = 1; p < f->n_policies; p++)
        fputs(" ---: |", out);
    fputc('\n', out);
    for (unsigned i = 0; i < n; i++)
        md_row(r, point, row[i], out);
    free(row);
}

/* The words of the answer as a list: its items are indented by two, their details by more. */
static void md_answer(const struct ch_report *r, unsigned point, FILE *out)
{
    char *text = NULL;
    size_t n = 0;
    FILE *words = open_memstream(&text, &n);
    if (!words)
        return;
    bool whole = ch_answer_of_all_points(r->file, r->confidence, words);
    if (!whole)
        ch_answer_print(r->file, point, r->baseline, r->confidence, words);
    fclose(words);
    if (whole) {
        fprintf(out, "\n```%s```\n", text);
    } else {
        for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
            size_t length = strcspn(line, "\n"), indent = strspn(line, " ");
            if (length && strncmp(line, "Question:", 9) != 0)
                fprintf(out, "%s%.*s\n", indent > 2 ? "  " : indent ? "- " : "\n", (int)(length - indent), line + indent);
        }
    }
    free(text);
}

void ch_report_md(const struct ch_report *r, FILE *out)
{
    const struct ch_file *f = r->file;
    char people[40];
    fprintf(out, "# %s\n", f->name);
    if (f->question && f->question[0])
        fprintf(out, "\n> %s\n", f->question);
    for (unsigned point = 0; point < f->n_points; point++) {
        if (f->n_points > 1)
            fprintf(out, "\n## %s\n", f->point_label[point]);
        if (point == 0 || !ch_answer_of_all_points(f, r->confidence, NULL))
            md_answer(r, point, out);
        md_table(r, point, out);
    }
    fprintf(out, "\n%u replications of %g days with %s people; differences are paired by replication, [ ] is the %g %% interval",
            f->n_replications, 7 * f->weeks, ch_verdict_thousands(f->people[0], people, sizeof people), 100 * r->confidence);
    fprintf(out, "; bold: primary, these intervals hold together. %u parameters, %u of them assumed, without a source.\n",
            f->n_parameters, f->n_assumed);
    fprintf(out, "\n`fingerprint %s` `results_sha256 %s`\n", f->fingerprint, f->results_sha256);
}

/* ---- CSV ----------------------------------------------------------------------------------------------------------- */

static void csv_text(const char *s, FILE *out)
{
    if (!strpbrk(s, ",\"\n\r")) {
        fputs(s, out);
        return;
    }
    fputc('"', out);
    for (; *s; s++)
        fprintf(out, *s == '"' ? "\"%c" : "%c", *s);
    fputc('"', out);
}

static void csv_number(double value, FILE *out)
{
    char text[40];
    fprintf(out, ",%s", isfinite(value) ? ch_print_double(value, text, sizeof text) : "");
}

static void csv_row(const struct ch_report *r, unsigned point, unsigned policy, unsigned kpi, FILE *out)
{
    const struct ch_file *f = r->file;
    struct ch_interval own = ch_mean_interval(ch_file_value(f, kpi, point, policy), f->n_replications, r->confidence),
                       d = {.estimate = NAN, .low = NAN, .high = NAN, .p = NAN};
    if (policy != r->baseline)
        d = ch_verdict_contrast(f, kpi, point, policy, r->baseline, r->confidence, 0);
    csv_text(f->point_label[point], out);
    fputc(',', out);
    csv_text(f->policy[policy], out);
    fprintf(out, ",%s,", f->kpi_name[kpi]);
    csv_text(f->kpi_unit[kpi], out);
    csv_number(own.estimate, out);
    csv_number(own.low, out);
    csv_number(own.high, out);
    fprintf(out, ",%u", own.n);
    csv_number(d.estimate, out);
    csv_number(d.low, out);
    csv_number(d.high, out);
    csv_number(d.p, out);
    fprintf(out, ",%s\n", ch_verdict_primary(f, kpi) ? "yes" : "no");
}

void ch_report_csv(const struct ch_report *r, FILE *out)
{
    const struct ch_file *f = r->file;
    fputs("point,policy,kpi,unit,mean,ci_low,ci_high,n,difference,difference_low,difference_high,p,primary\n", out);
    for (unsigned point = 0; point < f->n_points; point++)
        for (unsigned k = 0; k < f->n_kpis; k++)
            for (unsigned p = 0; p < f->n_policies; p++)
                csv_row(r, point, p, k, out);
}
