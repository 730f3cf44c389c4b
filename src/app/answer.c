/* SPDX-License-Identifier: MIT */
#include "app/answer.h"
#include <math.h>
#include <string.h>

/* One policy against the baseline, as the words need it. Profit is per 1,000 inhabitants and week. */
struct case_ {
    unsigned policy;
    struct ch_interval profit, unwanted;
    double messages, cost; /* delivered, EUR; per 1,000 inhabitants and week; NaN if not measured */
};

static double per_1000_week(const struct ch_file *file) { return 1000.0 / file->inhabitants / file->weeks; }

static struct ch_interval scaled(struct ch_interval i, double factor)
{
    i.estimate *= factor;
    i.low *= factor;
    i.high *= factor;
    return i;
}

static double mean_of(const struct ch_file *file, const char *name, unsigned point, unsigned policy)
{
    int kpi = ch_file_kpi(file, name);
    return kpi < 0 ? NAN : ch_mean_interval(ch_file_value(file, (unsigned)kpi, point, policy), file->n_replications, file->confidence).estimate;
}

static struct ch_interval contrast(const struct ch_file *file, const char *name, unsigned point, unsigned policy, unsigned baseline, double confidence)
{
    int kpi = ch_file_kpi(file, name);
    if (kpi < 0)
        return (struct ch_interval){.estimate = NAN, .low = NAN, .high = NAN, .p = NAN};
    return ch_verdict_contrast(file, (unsigned)kpi, point, policy, baseline, confidence);
}

static void say_profit(const struct ch_file *file, const struct case_ *c, unsigned baseline, FILE *out)
{
    char a[40], b[40], d[40];
    const struct ch_interval *p = &c->profit;
    const char *name = file->policy[c->policy], *base = file->policy[baseline];
    if (p->n == 0 || isnan(p->estimate))
        fprintf(out, "'%s': its profit cannot be compared with that of '%s'", name, base);
    else if (p->low == 0 && p->high == 0)
        fprintf(out, "'%s' earns exactly what '%s' earns", name, base);
    else if (p->low > 0)
        fprintf(out, "'%s' earns %s EUR more than '%s' per 1,000 inhabitants and week [%s, %s]", name, ch_verdict_number(p->estimate, a, sizeof a),
                base, ch_verdict_number(p->low, b, sizeof b), ch_verdict_number(p->high, d, sizeof d));
    else if (p->high < 0)
        fprintf(out, "'%s' earns %s EUR less than '%s' per 1,000 inhabitants and week [%s, %s]", name, ch_verdict_number(-p->estimate, a, sizeof a),
                base, ch_verdict_number(-p->high, b, sizeof b), ch_verdict_number(-p->low, d, sizeof d));
    else
        fprintf(out, "'%s' earns %s%s EUR against '%s' per 1,000 inhabitants and week [%s, %s]: no difference that %u replications can tell", name,
                p->estimate > 0 ? "+" : "", ch_verdict_number(p->estimate, a, sizeof a), base, ch_verdict_number(p->low, b, sizeof b),
                ch_verdict_number(p->high, d, sizeof d), p->n);
}

static void say_unwanted(const struct case_ *c, FILE *out)
{
    char a[40], b[40], d[40];
    const struct ch_interval *u = &c->unwanted;
    if (u->n == 0 || isnan(u->estimate))
        fprintf(out, ".\n");
    else if (u->low == 0 && u->high == 0)
        fprintf(out, ",\n    and sends no more unwanted messages.\n");
    else
        fprintf(out, ",\n    at a price of %s unwanted messages per person and week [%s, %s].\n", ch_verdict_number(u->estimate, a, sizeof a),
                ch_verdict_number(u->low, b, sizeof b), ch_verdict_number(u->high, d, sizeof d));
}

static void say_reach(const struct case_ *c, FILE *out)
{
    char a[40], b[40];
    if (isnan(c->messages))
        return;
    if (c->messages == 0)
        fprintf(out, "    It delivered no message at all: nobody could be reached, or no rule ever held.\n");
    else
        fprintf(out, "    It delivered %s messages per 1,000 inhabitants and week%s, for %s EUR.\n", ch_verdict_number(c->messages, a, sizeof a),
                c->messages < 100 ? " (few people can be reached, so effects are small)" : "", ch_verdict_number(c->cost, b, sizeof b));
}

/* a is at least as good as b in both, and better in one, on the means. */
static bool dominates(const struct case_ *a, const struct case_ *b)
{
    double dp = a->profit.estimate - b->profit.estimate, du = b->unwanted.estimate - a->unwanted.estimate;
    return dp >= 0 && du >= 0 && (dp > 0 || du > 0);
}

enum { CASES_MAX = 64 };

static void say_frontier(const struct ch_file *file, const struct case_ *cases, unsigned n, FILE *out)
{
    const char *sep = "";
    fprintf(out, "  Beaten by none in both profit and unwanted messages (means): ");
    for (unsigned i = 0; i < n; i++) {
        bool beaten = false;
        for (unsigned j = 0; j < n && !beaten; j++)
            beaten = j != i && dominates(&cases[j], &cases[i]);
        if (!beaten) {
            fprintf(out, "%s'%s'", sep, file->policy[cases[i].policy]);
            sep = ", ";
        }
    }
    fprintf(out, ".\n");
}

static void say_winner(const struct ch_file *file, const struct case_ *cases, unsigned n, FILE *out)
{
    const struct case_ *best = NULL;
    for (unsigned i = 0; i < n; i++)
        if (cases[i].profit.n && cases[i].profit.low > 0 && (!best || cases[i].profit.estimate > best->profit.estimate))
            best = &cases[i];
    if (best)
        fprintf(out, "  Most profit: '%s'.", file->policy[best->policy]);
    else
        fprintf(out, "  No policy is shown to earn more than the baseline.");
    fputc('\n', out);
}

void ch_answer_print(const struct ch_file *file, unsigned point, unsigned baseline, double confidence, FILE *out)
{
    struct case_ cases[CASES_MAX];
    unsigned n = 0;
    if (file->question && file->question[0])
        fprintf(out, "\nQuestion: %s\n", file->question);
    if (file->n_policies < 2)
        return;
    fprintf(out, "Answer:\n");
    if (file->n_replications < CH_FEW_REPLICATIONS)
        fprintf(out, "  too few replications for a verdict (%u; ask for at least %d). What was measured:\n", file->n_replications, CH_FEW_REPLICATIONS);
    double factor = per_1000_week(file);
    for (unsigned p = 0; p < file->n_policies && n < CASES_MAX; p++) {
        struct case_ c = {.policy = p};
        c.profit = scaled(contrast(file, "retail_profit", point, p, baseline, confidence), factor);
        c.unwanted = contrast(file, "unwanted_per_person_week", point, p, baseline, confidence);
        c.messages = mean_of(file, "messages_delivered", point, p) * factor;
        c.cost = mean_of(file, "policy_cost", point, p) * factor;
        cases[n++] = c;
        if (p == baseline)
            continue;
        fputs("  ", out);
        say_profit(file, &c, baseline, out);
        say_unwanted(&c, out);
        say_reach(&c, out);
    }
    if (file->n_replications >= CH_FEW_REPLICATIONS) {
        say_winner(file, cases, n, out);
        say_frontier(file, cases, n, out);
    }
}
