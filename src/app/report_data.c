/* SPDX-License-Identifier: MIT
 * The data block of the page: who was compared, every key figure with its intervals, the trade-off. */
#include "app/answer.h"
#include "app/cli.h"
#include "app/json.h"
#include "app/report.h"
#include <stdlib.h>
#include <string.h>

static void put_texts(char *const *text, unsigned n, FILE *out)
{
    fputc('[', out);
    for (unsigned i = 0; i < n; i++) {
        fputs(i ? "," : "", out);
        ch_json_put_string(out, text[i]);
    }
    fputc(']', out);
}

static void put_numbers(const double *value, size_t n, FILE *out)
{
    fputc('[', out);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? "," : "", out);
        ch_json_put_number(out, value[i]);
    }
    fputc(']', out);
}

/* [estimate, low, high, n, p] */
static void put_interval(struct ch_interval i, FILE *out)
{
    const double part[] = {i.estimate, i.low, i.high, i.n, i.p};
    put_numbers(part, 5, out);
}

static void put_head(const struct ch_report *r, FILE *out)
{
    const struct ch_file *f = r->file;
    fputs("{\"schema_version\":1,\"name\":", out);
    ch_json_put_string(out, f->name);
    fputs(",\"question\":", out);
    ch_json_put_string(out, f->question);
    fputs(",\"policies\":", out);
    put_texts(f->policy, f->n_policies, out);
    fputs(",\"forced\":[", out);
    for (unsigned p = 0; p < f->n_policies; p++)
        fprintf(out, "%s%s", p ? "," : "", ch_file_forced(f, p) ? "true" : "false");
    fputs("],\"points\":", out);
    put_texts(f->point_label, f->n_points, out);
    fprintf(out, ",\"baseline\":%u,\"replications\":%u,\"few\":%d,\"confidence\":", r->baseline, f->n_replications,
            (int)CH_FEW_REPLICATIONS);
    ch_json_put_number(out, r->confidence);
    fputs(",\"inhabitants\":", out);
    ch_json_put_number(out, f->inhabitants);
    fputs(",\"weeks\":", out);
    ch_json_put_number(out, f->weeks);
    fputs(",\"people\":", out);
    put_numbers(f->people, f->n_points, out);
    fprintf(out, ",\"parameters\":%u,\"assumed\":%u", f->n_parameters, f->n_assumed);
}

/* ---- key figures ---- */

/* Of a mechanism that is off: never defined, or never other than 0. */
static bool is_idle(const struct ch_file *f, unsigned kpi)
{
    const double *value = ch_file_value(f, kpi, 0, 0);
    for (size_t i = 0; i < (size_t)f->n_points * f->n_policies * f->n_replications; i++)
        if (!isnan(value[i]) && value[i] != 0)
            return false;
    return true;
}

/* Means, or differences to the baseline, as [point][policy] intervals. */
static void put_intervals(const struct ch_report *r, unsigned kpi, bool difference, FILE *out)
{
    const struct ch_file *f = r->file;
    fputc('[', out);
    for (unsigned point = 0; point < f->n_points; point++) {
        fputs(point ? ",[" : "[", out);
        for (unsigned p = 0; p < f->n_policies; p++) {
            fputs(p ? "," : "", out);
            if (difference && p == r->baseline)
                fputs("null", out);
            else if (difference)
                put_interval(ch_verdict_contrast(f, kpi, point, p, r->baseline, r->confidence, 0), out);
            else
                put_interval(ch_mean_interval(ch_file_value(f, kpi, point, p), f->n_replications, r->confidence), out);
        }
        fputc(']', out);
    }
    fputc(']', out);
}

static void put_kpi(const struct ch_report *r, unsigned kpi, bool shown, FILE *out)
{
    const struct ch_file *f = r->file;
    bool primary = ch_verdict_primary(f, kpi);
    fputs("{\"name\":", out);
    ch_json_put_string(out, f->kpi_name[kpi]);
    fputs(",\"unit\":", out);
    ch_json_put_string(out, f->kpi_unit[kpi]);
    fputs(",\"doc\":", out);
    ch_json_put_string(out, f->kpi_doc[kpi]);
    fprintf(out, ",\"k\":%d,\"primary\":%s,\"shown\":%s", f->kpi_k[kpi], primary ? "true" : "false", shown ? "true" : "false");
    if (is_idle(f, kpi)) {
        fputs(",\"idle\":true}", out);
        return;
    }
    fputs(",\"mean\":", out);
    put_intervals(r, kpi, false, out);
    fputs(",\"diff\":", out);
    put_intervals(r, kpi, true, out);
    if (primary) { /* the distribution, not only the mean */
        fputs(",\"runs\":", out);
        put_numbers(ch_file_value(f, kpi, 0, 0), (size_t)f->n_points * f->n_policies * f->n_replications, out);
    }
    fputc('}', out);
}

/* A large sweep with every figure would not make a page. */
enum { INTERVALS_MAX = 30000 };

static unsigned active(const struct ch_file *f)
{
    unsigned n = 0;
    for (unsigned k = 0; k < f->n_kpis; k++)
        n += !is_idle(f, k);
    return n;
}

static void put_kpis(const struct ch_report *r, FILE *out)
{
    unsigned left = active(r->file);
    bool brief = (size_t)left * r->file->n_points * r->file->n_policies > INTERVALS_MAX;
    unsigned *row = calloc(r->file->n_kpis + 1, sizeof *row);
    unsigned n = row ? ch_verdict_rows(r->file, &(struct ch_verdict_options){.all = false}, row) : 0;
    bool *done = calloc(r->file->n_kpis + 1, sizeof *done);
    fputs(",\"kpis\":[", out);
    for (unsigned i = 0; done && i < n; i++) {
        fputs(i ? "," : "", out);
        put_kpi(r, row[i], true, out);
        done[row[i]] = true;
        left -= !is_idle(r->file, row[i]);
    }
    for (unsigned k = 0; done && k < r->file->n_kpis; k++)
        if (!done[k] && !(brief && !is_idle(r->file, k))) {
            fputs(n++ ? "," : "", out);
            put_kpi(r, k, false, out);
        }
    fprintf(out, "],\"left_out\":%u", brief ? left : 0);
    free(row);
    free(done);
}

/* ---- trade-off ---- */

static void put_tradeoff(const struct ch_tradeoff *t, FILE *out)
{
    fputc('[', out);
    for (unsigned p = 0; p < t->n; p++) {
        fprintf(out, "%s{\"best\":%s,\"probability\":", p ? "," : "", t->on_means[p] ? "true" : "false");
        ch_json_put_number(out, t->probability[p]);
        fputs(",\"profit\":", out);
        put_interval(t->profit[p], out);
        fputs(",\"intrusion\":", out);
        put_interval(t->intrusion[p], out);
        fputc('}', out);
    }
    fputc(']', out);
}

static void put_tradeoffs(const struct ch_report *r, FILE *out)
{
    fputs(",\"tradeoff\":[", out);
    for (unsigned point = 0; point < r->file->n_points; point++) {
        struct ch_tradeoff t;
        fputs(point ? "," : "", out);
        if (ch_report_tradeoff(r, point, &t))
            put_tradeoff(&t, out);
        else
            fputs("null", out);
        ch_tradeoff_fini(&t);
    }
    fputc(']', out);
}

/* ---- provenance ---- */

/* No host, no paths: the page is made to be passed on. */
static const char *const notes[] = {"program",     "version",       "git_commit",     "git_dirty",    "build_type",  "compiler",
                                    "created_at",  "wall_time_s",   "threads",        "rng_name",     "master_seed", "run_id",
                                    "fingerprint", "config_sha256", "results_sha256", "hdf5_version", "status"};

static void put_provenance(const struct ch_report *r, FILE *out)
{
    const char *name = strrchr(r->path, '/');
    bool any = false, rerun = false;
    fputs(",\"provenance\":{", out);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        char *value = ch_book_note(r->book, "/provenance", notes[i]);
        if (value && value[0]) {
            fputs(any ? "," : "", out);
            ch_json_put_string(out, notes[i]);
            fputc(':', out);
            ch_json_put_string(out, value);
            any = true;
        }
        free(value);
    }
    for (unsigned i = 0; i < ch_n_commands; i++)
        rerun = rerun || strcmp(ch_commands[i].name, "rerun") == 0;
    fputs("},\"file\":", out);
    ch_json_put_string(out, name ? name + 1 : r->path);
    fprintf(out, ",\"rerun\":%s,\"config\":", rerun ? "true" : "false");
    ch_json_put_string(out, r->file->config_yaml);
}

void ch_report_json(const struct ch_report *r, const struct ch_text *maps, FILE *out)
{
    put_head(r, out);
    put_kpis(r, out);
    put_tradeoffs(r, out);
    ch_report_json_tables(r, out);
    fprintf(out, ",\"maps\":%s", maps->n ? maps->s : "null");
    put_provenance(r, out);
    fputs("}", out);
}
