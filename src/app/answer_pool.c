/* SPDX-License-Identifier: MIT
 * The answer to "which commission?": what became of the pool of wishlists when retailers could join and leave. */
#include "app/answer.h"
#include <math.h>
#include <string.h>

static const char rate_key[] = "wishlist.pool.commission=", start_key[] = "wishlist.membership.start=";

enum { LABEL_MAX = 160, POINTS_MAX = 4096 };

/* "wishlist.pool.commission=20 %, wishlist.membership.start=all" reads "20 %, from all". */
static char *label_of(const struct ch_file *file, unsigned point, char *buffer, size_t size)
{
    const char *from = file->point_label[point];
    size_t n = 0;
    buffer[0] = 0;
    while (*from && n + sizeof start_key < size) {
        if (strncmp(from, rate_key, sizeof rate_key - 1) == 0) {
            from += sizeof rate_key - 1;
        } else if (strncmp(from, start_key, sizeof start_key - 1) == 0) {
            from += sizeof start_key - 1;
            n += (size_t)snprintf(buffer + n, size - n, "from ");
        } else {
            buffer[n++] = *from++;
        }
    }
    buffer[n] = 0;
    return buffer;
}

bool ch_answer_is_pool(const struct ch_file *file)
{
    unsigned measured = 0;
    for (unsigned p = 0; p < file->n_points; p++)
        measured += !isnan(ch_answer_mean(file, "pool_coverage", p, 0)) && strstr(file->point_label[p], rate_key);
    return file->n_policies == 1 && file->n_points > 1 && measured == file->n_points;
}

/* Share of runs in which nearly all wishes are shared at the end. */
static double full_runs(const struct ch_file *file, unsigned point)
{
    const double *v = ch_answer_values(file, "pool_coverage", point, 0);
    unsigned n = 0;
    for (unsigned i = 0; i < file->n_replications; i++)
        n += v[i] >= 0.9;
    return (double)n / file->n_replications;
}

/* What nobody did, or what would divide by nothing, has no figure. */
static void put_figure(double value, int width, FILE *out)
{
    if (isfinite(value))
        fprintf(out, " %*.3f", width, value);
    else
        fprintf(out, " %*s", width, "-");
}

static const struct {
    const char *name;
    int width;
} figure[] = {
    {"pool_own_conversion", 6}, {"pool_conversion", 6}, {"pool_retention", 6}, {"pool_margin", 6}, {"pool_kappa_min", 8}};

static void print_points(const struct ch_file *file, double confidence, FILE *out)
{
    char head[40];
    snprintf(head, sizeof head, "%% of wishes shared [%g %%]", 100 * confidence);
    fprintf(out, "\n  %-24s %8s %9s %12s %6s %6s %6s %6s %8s  %s\n", head, "members", "full runs", "pool profit", "c0", "c1",
            "sigma", "m", "kappa_min", "commission");
    for (unsigned p = 0; p < file->n_points; p++) {
        char cell[60], label[LABEL_MAX];
        struct ch_interval coverage = ch_answer_interval(file, "pool_coverage", p, 0, confidence);
        coverage.low = coverage.low < 0 ? 0 : coverage.low;
        coverage.high = coverage.high > 1 ? 1 : coverage.high;
        ch_verdict_interval(ch_interval_scaled(coverage, 100), false, cell, sizeof cell);
        fprintf(out, "  %-24s %7.0f%% %8.0f%% %12.0f", cell, 100 * ch_answer_mean(file, "pool_members", p, 0),
                100 * full_runs(file, p), ch_answer_mean(file, "pool_profit", p, 0));
        for (size_t i = 0; i < sizeof figure / sizeof figure[0]; i++)
            put_figure(ch_answer_mean(file, figure[i].name, p, 0), figure[i].width, out);
        fprintf(out, "  %s\n", label_of(file, p, label, sizeof label));
    }
    fputs("\n  members: of the retailers, at the end; full: at least 90 % of the value of wishes is shared at the end; pool "
          "profit: EUR,\n"
          "  margin on wishes sold at their origin or through the pool, less fees; c0, c1: wishes sold when they are not and "
          "when they\n"
          "  are shared; sigma: of the latter at the origin; m: margin; kappa_min: m (c0 - sigma c1) / ((1 - sigma) c1)\n",
          out);
}

static bool is_clearly_below(const struct ch_file *file, unsigned point, unsigned best, double confidence)
{
    const double *a = ch_answer_values(file, "pool_profit", best, 0), *b = ch_answer_values(file, "pool_profit", point, 0);
    return ch_paired_interval(a, b, file->n_replications, confidence, file->n_points - 1).low > 0;
}

static void say_rates(const struct ch_file *file, const bool *which, unsigned n, FILE *out)
{
    bool any = false;
    char label[LABEL_MAX];
    for (unsigned p = 0; p < n; p++) {
        if (which[p])
            fprintf(out, "%s%s", any ? "; " : "", label_of(file, p, label, sizeof label));
        any |= which[p];
    }
    fputs(any ? ".\n" : "none.\n", out);
}

void ch_answer_pool_print(const struct ch_file *file, double confidence, FILE *out)
{
    char label[LABEL_MAX];
    bool full[POINTS_MAX] = {0}, thin[POINTS_MAX] = {0};
    unsigned best = 0, n = file->n_points < POINTS_MAX ? file->n_points : POINTS_MAX;
    print_points(file, confidence, out);
    for (unsigned p = 0; p < n; p++) {
        full[p] = full_runs(file, p) >= 0.9;
        thin[p] = ch_answer_mean(file, "pool_coverage", p, 0) < 0.1;
        best = ch_answer_mean(file, "pool_profit", p, 0) > ch_answer_mean(file, "pool_profit", best, 0) ? p : best;
    }
    if (file->question && file->question[0])
        fprintf(out, "\nQuestion: %s\n", file->question);
    fputs("Answer:\n  Nearly all wishes are shared in at least 90 % of the runs at: ", out);
    say_rates(file, full, n, out);
    fputs("  The pool unravels (less than a tenth is shared on average) at: ", out);
    say_rates(file, thin, n, out);
    fprintf(out, "  Highest mean profit on wishes: %s.\n", label_of(file, best, label, sizeof label));
    for (unsigned p = 0; p < n; p++)
        full[p] = p != best && !is_clearly_below(file, p, best, confidence);
    fprintf(out, "  Not clearly below it (paired, all at once, %g %%): ", 100 * confidence);
    say_rates(file, full, n, out);
    if (file->n_replications < CH_FEW_REPLICATIONS)
        fprintf(out, "  From %u replications; for a verdict ask for at least %d (-n).\n", file->n_replications,
                CH_FEW_REPLICATIONS);
}
