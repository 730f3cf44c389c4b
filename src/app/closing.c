/* SPDX-License-Identifier: MIT
 * The last lines of a run. The verdict is that of the answer above, for those who read one line. */
#include "app/answer.h"
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static struct ch_interval per_1000_week(const struct ch_file *f, struct ch_interval i)
{
    double factor = 1000.0 / f->people[0] / f->weeks;
    i.estimate *= factor;
    i.low *= factor;
    i.high *= factor;
    return i;
}

/* The policy whose profit is highest of those that clearly earn more than the baseline; none that ignores consent. */
static struct ch_interval find_best(const struct ch_file *f, unsigned kpi, unsigned *best)
{
    struct ch_interval highest = {.estimate = 0};
    *best = f->baseline;
    for (unsigned p = 0; p < f->n_policies; p++) {
        if (p == f->baseline || ch_file_forced(f, p))
            continue;
        struct ch_interval d = ch_verdict_contrast(f, kpi, 0, p, f->baseline, 0, 0);
        if (d.low > 0 && d.estimate > highest.estimate) {
            highest = d;
            *best = p;
        }
    }
    return highest;
}

/* Nothing for a sweep, whose points each have an answer, nor for a lone policy. */
static void print_verdict(const struct ch_file *f, FILE *out)
{
    char text[120];
    unsigned best;
    int profit = ch_file_kpi(f, "retail_profit"), unwanted = ch_file_kpi(f, "unwanted_per_person_week");
    if (f->n_points > 1 || f->n_policies < 2 || profit < 0 || !ch_verdict_primary(f, (unsigned)profit))
        return;
    fputs("verdict ", out);
    if (f->n_replications < CH_FEW_REPLICATIONS) {
        fprintf(out, "none with so few replications (%u); ask for more: -n %d\n", f->n_replications, CH_FEW_REPLICATIONS);
        return;
    }
    struct ch_interval d = find_best(f, (unsigned)profit, &best);
    if (best == f->baseline) {
        fprintf(out, "no policy clearly earns more than '%s'\n", f->policy[best]);
        return;
    }
    fprintf(out, "'%s' earns most: %s per 1,000 inhabitants and week", f->policy[best],
            ch_verdict_words(per_1000_week(f, d), true, "EUR", text, sizeof text));
    if (unwanted >= 0) {
        struct ch_interval u = ch_mean_interval(ch_file_value(f, (unsigned)unwanted, 0, best), f->n_replications, f->confidence);
        fprintf(out, ", for %s unwanted messages each",
                u.estimate > 0 ? ch_verdict_words(u, false, "", text, sizeof text) : "no");
    }
    fputc('\n', out);
}

void ch_verdict_close(const struct ch_file *f, const struct ch_results *r, const char *path, FILE *out)
{
    uint64_t events = 0;
    struct stat st;
    for (unsigned i = 0; i < r->n_points * r->n_policies * r->n_replications; i++)
        events += r->outcome[i].engine.events;
    fprintf(out, "\n%.1f million events in %.1f s on %d %s; fingerprint %s\n", (double)events / 1e6, r->provenance.wall_s,
            r->provenance.threads, r->provenance.threads == 1 ? "thread" : "threads", f->fingerprint);
    print_verdict(f, out);
    fprintf(out, "result  %s", path);
    if (stat(path, &st) == 0)
        fprintf(out, " (%.1f MB)", (double)st.st_size / 1e6);
    fprintf(out, "\nnext    chaland compare %s --all\n", path);
}
