/* SPDX-License-Identifier: MIT
 * Profit against intrusion, with the bootstrap probability that nobody beats a policy in both. */
#include "app/answer.h"
#include "app/report.h"
#include <math.h>
#include <stdlib.h>

enum { RESAMPLES = 999, SEED = 1 };

/* The policies that may be chosen; a forced one is a stress test. */
static bool choose(const struct ch_report *r, unsigned point, unsigned profit, unsigned intrusion, struct ch_tradeoff *out)
{
    const struct ch_file *file = r->file;
    const double **gain = calloc(2 * (size_t)file->n_policies, sizeof *gain), **price = gain + file->n_policies;
    bool *best = calloc(file->n_policies, sizeof *best), good = false;
    double *share = calloc(file->n_policies, sizeof *share);
    unsigned n = 0;
    for (unsigned p = 0; gain && p < file->n_policies; p++)
        if (!ch_file_forced(file, p)) {
            gain[n] = ch_file_value(file, profit, point, p);
            price[n++] = ch_file_value(file, intrusion, point, p);
        }
    if (gain && best && share && n > 0)
        good = ch_pareto(gain, price, n, file->n_replications, RESAMPLES, SEED, best, share);
    for (unsigned p = 0, i = 0; p < file->n_policies; p++) {
        bool forced = ch_file_forced(file, p);
        out->probability[p] = good && !forced ? share[i] : (double)NAN;
        out->on_means[p] = good && !forced && best[i];
        i += !forced;
    }
    free((void *)gain);
    free(best);
    free(share);
    return good;
}

bool ch_report_tradeoff(const struct ch_report *r, unsigned point, struct ch_tradeoff *out)
{
    const struct ch_file *file = r->file;
    int profit = ch_file_kpi(file, "retail_profit"), intrusion = ch_file_kpi(file, "unwanted_per_person_week");
    unsigned n = file->n_policies;
    *out = (struct ch_tradeoff){.n = n,
                                .on_means = calloc(n, sizeof *out->on_means),
                                .probability = calloc(n, sizeof *out->probability),
                                .profit = calloc(n, sizeof *out->profit),
                                .intrusion = calloc(n, sizeof *out->intrusion)};
    if (profit < 0 || intrusion < 0 || n < 2 || !out->on_means || !out->probability || !out->profit || !out->intrusion)
        return false;
    double factor = 1000.0 / file->people[point] / file->weeks;
    for (unsigned p = 0; p < n; p++) {
        struct ch_interval d = ch_verdict_contrast(file, (unsigned)profit, point, p, r->baseline, r->confidence, 0);
        d.estimate *= factor;
        d.low *= factor;
        d.high *= factor;
        out->profit[p] = d;
        out->intrusion[p] =
            ch_mean_interval(ch_file_value(file, (unsigned)intrusion, point, p), file->n_replications, r->confidence);
    }
    return choose(r, point, (unsigned)profit, (unsigned)intrusion, out);
}

void ch_tradeoff_fini(struct ch_tradeoff *t)
{
    free(t->on_means);
    free(t->probability);
    free(t->profit);
    free(t->intrusion);
    *t = (struct ch_tradeoff){0};
}
