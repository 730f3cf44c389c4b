/* SPDX-License-Identifier: MIT */
#include "app/answer.h"
#include <math.h>
#include <string.h>

/* One policy against the baseline, as the words need it. Money and messages are per 1,000 inhabitants and week. */
struct case_ {
    unsigned policy;
    struct ch_interval profit, unwanted;
    double messages, cost; /* delivered; EUR more than the baseline costs; NaN if not measured */
};

static double per_1000_week(const struct ch_file *file) { return 1000.0 / file->people / file->weeks; }

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
    return kpi < 0 ? NAN
                   : ch_mean_interval(ch_file_value(file, (unsigned)kpi, point, policy), file->n_replications, file->confidence)
                         .estimate;
}

static struct ch_interval contrast(const struct ch_file *file, const char *name, unsigned point, unsigned policy,
                                   unsigned baseline, double confidence)
{
    int kpi = ch_file_kpi(file, name);
    if (kpi < 0)
        return (struct ch_interval){.estimate = NAN, .low = NAN, .high = NAN, .p = NAN};
    return ch_verdict_contrast(file, (unsigned)kpi, point, policy, baseline, confidence);
}

/* ---- sentences ---------------------------------------------------------------------------------------------------- */

static struct ch_interval negated(struct ch_interval i)
{
    double low = i.low;
    i.estimate = -i.estimate;
    i.low = -i.high;
    i.high = -low;
    return i;
}

static void say_profit(const struct ch_file *file, const struct case_ *c, unsigned baseline, FILE *out)
{
    char text[120];
    const struct ch_interval *p = &c->profit;
    const char *name = file->policy[c->policy], *base = file->policy[baseline];
    if (p->n == 0 || isnan(p->estimate))
        fprintf(out, "  '%s': its profit cannot be compared with that of '%s'", name, base);
    else if (p->n < 2)
        fprintf(out, "  '%s' earns %s%.2f EUR against '%s', in a single pair: no interval, no verdict", name,
                p->estimate > 0 ? "+" : "", p->estimate, base);
    else if (p->low == 0 && p->high == 0)
        fprintf(out, "  '%s' earns exactly what '%s' earns", name, base);
    else if (p->low > 0)
        fprintf(out, "  '%s' earns more than '%s': %s EUR", name, base, ch_verdict_interval(*p, true, text, sizeof text));
    else if (p->high < 0)
        fprintf(out, "  '%s' earns less than '%s': %s EUR", name, base, ch_verdict_interval(*p, true, text, sizeof text));
    else
        fprintf(out, "  '%s' and '%s': no difference in profit that %u replications can tell, %s EUR", name, base, p->n,
                ch_verdict_interval(*p, true, text, sizeof text));
}

static void say_unwanted(const struct case_ *c, FILE *out)
{
    char text[120];
    const struct ch_interval *u = &c->unwanted;
    if (u->n < 2 || isnan(u->estimate))
        fputs(".\n", out);
    else if (u->low == 0 && u->high == 0)
        fputs(",\n    and not one unwanted message more.\n", out);
    else if (fabs(u->low) < 0.001 && fabs(u->high) < 0.001)
        fputs(",\n    and hardly an unwanted message more: less than 0.001 per person and week.\n", out);
    else if (u->low > 0)
        fprintf(out, ",\n    at a price of %s unwanted messages per person and week.\n",
                ch_verdict_interval(*u, false, text, sizeof text));
    else if (u->high < 0)
        fprintf(out, ",\n    and %s unwanted messages fewer per person and week.\n",
                ch_verdict_interval(negated(*u), false, text, sizeof text));
    else
        fprintf(out, ",\n    and no change in unwanted messages that can be told: %s per person and week.\n",
                ch_verdict_interval(*u, true, text, sizeof text));
}

/* What was delivered, what it cost, and what came back per euro when the profit is told from 0. */
static void say_cost(const struct case_ *c, FILE *out)
{
    char text[40];
    if (isnan(c->messages) || isnan(c->cost))
        return;
    if (c->messages == 0) {
        fputs("    It delivered no message at all: nobody could be reached, or no rule ever held.\n", out);
        return;
    }
    fprintf(out, "    It delivered %s messages, and running it cost %.2f EUR %s",
            ch_verdict_number(c->messages, text, sizeof text), fabs(c->cost), c->cost < 0 ? "less" : "more");
    if (c->cost > 0 && (c->profit.low > 0 || c->profit.high < 0))
        fprintf(out, ": %.2f EUR of profit per euro", c->profit.estimate / c->cost);
    fputs(".\n", out);
    if (c->messages < 100)
        fputs("    Few people can be reached, so its effects are small.\n", out);
}

/* ---- the verdict --------------------------------------------------------------------------------------------------- */

/* a is at least as good as b in both, and better in one, on the means. */
static bool dominates(const struct case_ *a, const struct case_ *b)
{
    double dp = a->profit.estimate - b->profit.estimate, du = b->unwanted.estimate - a->unwanted.estimate;
    return dp >= 0 && du >= 0 && (dp > 0 || du > 0);
}

static void say_frontier(const struct ch_file *file, const struct case_ *cases, unsigned n, FILE *out)
{
    const char *sep = "";
    fputs("  No other policy is better in both profit and unwanted messages (by the means) than: ", out);
    for (unsigned i = 0; i < n; i++) {
        bool beaten = false;
        for (unsigned j = 0; j < n && !beaten; j++)
            beaten = j != i && dominates(&cases[j], &cases[i]);
        if (!beaten) {
            fprintf(out, "%s'%s'", sep, file->policy[cases[i].policy]);
            sep = ", ";
        }
    }
    fputs(".\n", out);
}

static void say_winner(const struct ch_file *file, const struct case_ *cases, unsigned n, unsigned baseline, FILE *out)
{
    const struct case_ *best = NULL;
    for (unsigned i = 0; i < n; i++)
        if (cases[i].profit.n && cases[i].profit.low > 0 && (!best || cases[i].profit.estimate > best->profit.estimate))
            best = &cases[i];
    if (best)
        fprintf(out, "  Most profit: '%s'.\n", file->policy[best->policy]);
    else
        fprintf(out, "  No policy is shown to earn more than '%s'.\n", file->policy[baseline]);
}

static struct case_ make_case(const struct ch_file *file, unsigned point, unsigned policy, unsigned baseline, double confidence)
{
    double factor = per_1000_week(file);
    struct case_ c = {.policy = policy};
    c.profit = scaled(contrast(file, "retail_profit", point, policy, baseline, confidence), factor);
    c.unwanted = contrast(file, "unwanted_per_person_week", point, policy, baseline, confidence);
    c.messages = mean_of(file, "messages_delivered", point, policy) * factor;
    c.cost = (mean_of(file, "policy_cost", point, policy) - mean_of(file, "policy_cost", point, baseline)) * factor;
    return c;
}

enum { CASES_MAX = 64 };

void ch_answer_print(const struct ch_file *file, unsigned point, unsigned baseline, double confidence, FILE *out)
{
    struct case_ cases[CASES_MAX];
    unsigned n = 0;
    if (file->question && file->question[0])
        fprintf(out, "\nQuestion: %s\n", file->question);
    if (file->n_policies < 2) {
        fputs("Answer: none yet; one policy alone has nothing to be compared with.\n", out);
        return;
    }
    fputs("Answer, per 1,000 inhabitants and week:\n", out);
    if (file->n_replications < CH_FEW_REPLICATIONS)
        fprintf(out, "  Too few replications for a verdict (%u; ask for at least %d). What was measured:\n", file->n_replications,
                CH_FEW_REPLICATIONS);
    for (unsigned p = 0; p < file->n_policies && n < CASES_MAX; p++) {
        cases[n] = make_case(file, point, p, baseline, confidence);
        if (p != baseline) {
            say_profit(file, &cases[n], baseline, out);
            say_unwanted(&cases[n], out);
            say_cost(&cases[n], out);
        }
        n++;
    }
    if (file->n_replications >= CH_FEW_REPLICATIONS) {
        say_winner(file, cases, n, baseline, out);
        say_frontier(file, cases, n, out);
    }
}
