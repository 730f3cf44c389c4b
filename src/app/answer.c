/* SPDX-License-Identifier: MIT */
#include "app/answer.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

/* One policy against the baseline, as the words need it. Money, messages and opt-outs are per 1,000 inhabitants and week,
 * unwanted messages per inhabitant and week. NaN: not measured. */
struct case_ {
    unsigned policy;
    struct ch_interval profit, unwanted, opt_outs;
    double messages, cost;             /* delivered; EUR more than the baseline costs */
    double base_profit;                /* of the baseline */
    bool base_unwanted, base_opt_outs; /* the baseline has some, so the difference is "more" */
};

bool ch_file_forced(const struct ch_file *file, unsigned policy)
{
    const char *name = file->policy[policy];
    size_t n = strlen(name);
    for (const char *at = file->forced; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == n && strncmp(at, name, n) == 0)
            return true;
    return false;
}

static double per_1000_week(const struct ch_file *file, unsigned point) { return 1000.0 / file->people[point] / file->weeks; }

static struct ch_interval negated(struct ch_interval i)
{
    double low = i.low;
    i.estimate = -i.estimate;
    i.low = -i.high;
    i.high = -low;
    return i;
}

static const struct ch_interval undefined = {.estimate = NAN, .low = NAN, .high = NAN, .p = NAN};

const double *ch_answer_values(const struct ch_file *file, const char *kpi, unsigned point, unsigned policy)
{
    int k = ch_file_kpi(file, kpi);
    return k < 0 ? NULL : ch_file_value(file, (unsigned)k, point, policy);
}

struct ch_interval ch_answer_interval(const struct ch_file *file, const char *kpi, unsigned point, unsigned policy,
                                      double confidence)
{
    const double *value = ch_answer_values(file, kpi, point, policy);
    return value ? ch_mean_interval(value, file->n_replications, confidence) : undefined;
}

double ch_answer_mean(const struct ch_file *file, const char *kpi, unsigned point, unsigned policy)
{
    return ch_answer_interval(file, kpi, point, policy, file->confidence).estimate;
}

static struct ch_interval contrast(const struct ch_file *file, const char *name, unsigned point, unsigned policy,
                                   unsigned baseline, double confidence, unsigned together)
{
    int kpi = ch_file_kpi(file, name);
    return kpi < 0 ? undefined : ch_verdict_contrast(file, (unsigned)kpi, point, policy, baseline, confidence, together);
}

/* Of a KPI that the verdict speaks of. Profit and unwanted messages are judged together for every policy, whether or not the
 * scenario calls them primary: another list of primary KPIs must not turn the verdict. */
static struct ch_interval judged(const struct ch_file *file, const char *name, unsigned point, unsigned policy, unsigned baseline,
                                 double confidence)
{
    int kpi = ch_file_kpi(file, name);
    bool primary = kpi >= 0 && ch_verdict_primary(file, (unsigned)kpi);
    return contrast(file, name, point, policy, baseline, confidence, primary || file->n_primary > 2 ? file->n_primary : 2);
}

static bool measured(const struct ch_interval *i) { return i->n > 0 && !isnan(i->estimate); }
static bool is_zero(const struct ch_interval *i) { return i->estimate == 0 && i->low == 0 && i->high == 0; }

/* ---- profit ------------------------------------------------------------------------------------------------------- */

/* "49 cents", "1.23 EUR" */
static char *per_euro(double ratio, char *buffer, size_t size)
{
    snprintf(buffer, size, ratio < 0.995 ? "%.0f cents" : "%.2f EUR", ratio < 0.995 ? 100 * ratio : ratio);
    return buffer;
}

static void say_cost(const struct case_ *c, FILE *out)
{
    char money[40], back[40];
    if (isnan(c->cost) || fabs(c->cost) < 0.005)
        return;
    snprintf(money, sizeof money, fabs(c->cost) < 10 ? "%.2f" : "%.0f", fabs(c->cost));
    if (c->cost < 0)
        fprintf(out, "; it costs %s EUR less", money);
    else if (c->profit.low > 0)
        fprintf(out, ", after its own cost of %s EUR (%s gained per euro spent)", money,
                per_euro(c->profit.estimate / c->cost, back, sizeof back));
    else if (c->profit.high < 0)
        fprintf(out, ", its own cost of %s EUR counted (each euro spent lost %s)", money,
                per_euro(-c->profit.estimate / c->cost, back, sizeof back));
    else
        fprintf(out, ", after its own cost of %s EUR", money);
}

static void say_profit(const struct ch_file *file, const struct case_ *c, unsigned baseline, FILE *out)
{
    char text[120];
    const struct ch_interval *p = &c->profit;
    const char *name = file->policy[c->policy], *base = file->policy[baseline];
    if (!measured(p)) {
        fprintf(out, "  '%s': its profit cannot be compared with that of '%s'.\n", name, base);
        return;
    }
    if (p->low == 0 && p->high == 0)
        fprintf(out, "  '%s' earns exactly what '%s' earns", name, base);
    else if (p->low > 0)
        fprintf(out, "  '%s' earns %s more than '%s'", name, ch_verdict_words(*p, false, "EUR", text, sizeof text), base);
    else if (p->high < 0)
        fprintf(out, "  '%s' loses %s against '%s'", name, ch_verdict_words(negated(*p), false, "EUR", text, sizeof text), base);
    else
        fprintf(out, "  '%s': no clear difference in profit from '%s': %s", name, base,
                ch_verdict_words(*p, false, "EUR", text, sizeof text));
    say_cost(c, out);
    fputs(".\n", out);
}

/* ---- price -------------------------------------------------------------------------------------------------------- */

enum { LINE_WIDTH = 130, FEW_MESSAGES = 250 };

/* A change in unwanted messages or opt-outs: `one` and `many` name them, `per` follows the number; on top of some: "more". */
static void say_change(const struct ch_interval *i, const char *one, const char *many, const char *per, bool on_top,
                       struct ch_text *line)
{
    char text[120];
    if (is_zero(i))
        ch_text_addf(line, "no %s%s", one, on_top ? " more" : "");
    else if (per[0] && fabs(i->low) < 0.001 && fabs(i->high) < 0.001)
        ch_text_addf(line, "hardly any %s (less than 0.001%s)", one, per);
    else if (i->low > 0)
        ch_text_addf(line, "%s %s%s%s", ch_verdict_words(*i, false, "", text, sizeof text), on_top ? "more " : "", many, per);
    else if (i->high < 0)
        ch_text_addf(line, "%s fewer %s%s", ch_verdict_words(negated(*i), false, "", text, sizeof text), many, per);
    else
        ch_text_addf(line, "no clear change in %s (%s%s)", many, ch_verdict_words(*i, true, "", text, sizeof text), per);
}

/* The line, and behind it or below it what was delivered, if that is not told elsewhere. */
static void end_line(struct ch_text *line, const struct case_ *c, bool elsewhere, FILE *out)
{
    char text[40];
    const char *gap = line->n + 30 > LINE_WIDTH ? "\n    " : " ";
    if (!elsewhere && c->messages >= 10)
        ch_text_addf(line, "%s%s messages delivered.", gap, ch_verdict_thousands(c->messages, text, sizeof text));
    else if (!elsewhere && c->messages > 0)
        ch_text_addf(line, "%s%.1f messages delivered.", gap, c->messages);
    fprintf(out, "%s\n", line->s ? line->s : "");
    ch_text_fini(line);
}

static void say_price(const struct case_ *c, FILE *out)
{
    const struct ch_interval *u = &c->unwanted, *o = &c->opt_outs;
    bool has_u = measured(u) && u->n > 1, has_o = measured(o) && o->n > 1;
    bool relief = (has_u && u->high < 0 && !(has_o && o->low > 0)) || (has_o && o->high < 0 && !(has_u && u->low > 0));
    struct ch_text line = {0};
    if (!has_u && !has_o)
        return;
    ch_text_add(&line, relief ? "    In return: " : "    Price: ");
    if (has_u)
        say_change(u, "unwanted message", "unwanted messages", " per inhabitant and week", c->base_unwanted, &line);
    ch_text_add(&line, has_u && has_o ? ", and " : "");
    if (has_o)
        say_change(o, "opt-out", "opt-outs", "", c->base_opt_outs, &line);
    ch_text_add(&line, ".");
    end_line(&line, c, c->messages < FEW_MESSAGES, out);
}

/* Has this policy no rules? The resolved scenario lists the policies in the order of the file, each with a line `rules:`. */
static bool has_no_rules(const struct ch_file *file, unsigned policy)
{
    static const char key[] = "\n    rules:";
    const char *at = file->config_yaml;
    for (unsigned i = 0; at && (at = strstr(at, key)); i++) {
        at += sizeof key - 1;
        if (i == policy)
            return strncmp(at, " []", 3) == 0;
    }
    return false;
}

/* How many were reached. A message reaches one person, so fewer than 250 messages per 1,000 inhabitants and week reach at most
 * a quarter of them: few. The effect is called small, too, if all of its interval lies within 1 % of the baseline's profit. */
static void say_reach(const struct ch_file *file, const struct case_ *c, FILE *out)
{
    double one_percent = 0.01 * fabs(c->base_profit);
    bool small = c->profit.n > 1 && fabs(c->profit.low) < one_percent && fabs(c->profit.high) < one_percent;
    if (has_no_rules(file, c->policy))
        fputs("    It sends nothing.\n", out);
    else if (c->messages == 0)
        fputs("    It delivered no message: nobody could be reached, or no rule ever held.\n", out);
    else if (c->messages < FEW_MESSAGES)
        fprintf(out, "    It reached few people (%.*f messages)%s.\n", c->messages < 10, c->messages,
                small ? ", so its effect is small" : "");
}

/* ---- the verdict --------------------------------------------------------------------------------------------------- */

/* a is at least as good as b in both, and better in one, on the means. */
static bool dominates(const struct case_ *a, const struct case_ *b)
{
    double dp = a->profit.estimate - b->profit.estimate, du = b->unwanted.estimate - a->unwanted.estimate;
    return dp >= 0 && du >= 0 && (dp > 0 || du > 0);
}

static const struct case_ *dominator(const struct case_ *cases, unsigned n, unsigned of)
{
    const struct case_ *best = NULL;
    for (unsigned i = 0; i < n; i++)
        if (i != of && dominates(&cases[i], &cases[of]) && (!best || dominates(&cases[i], best)))
            best = &cases[i];
    return best;
}

/* Those which no other policy beats in both. With the ends named, a reader sees what is traded for what. */
static void say_choice(const struct ch_file *file, const struct case_ *cases, unsigned n, FILE *out)
{
    const struct case_ *most = NULL, *fewest = NULL;
    unsigned left = 0, told = 0;
    for (unsigned i = 0; i < n; i++) {
        if (dominator(cases, n, i))
            continue;
        left++;
        most = !most || cases[i].profit.estimate > most->profit.estimate ? &cases[i] : most;
        fewest = !fewest || cases[i].unwanted.estimate < fewest->unwanted.estimate ? &cases[i] : fewest;
    }
    if (left < 2) {
        fputs("  No other policy has fewer unwanted messages, either (by the means).\n", out);
        return;
    }
    fputs("  Worth choosing between (by the means): ", out);
    for (unsigned i = 0; i < n; i++) {
        if (dominator(cases, n, i))
            continue;
        fprintf(out, "%s'%s'", told == 0 ? "" : told + 1 == left ? " and " : ", ", file->policy[cases[i].policy]);
        if (most != fewest && (&cases[i] == most || &cases[i] == fewest))
            fputs(&cases[i] == most ? left == 2 ? " (more profit)" : " (most profit)"
                  : left == 2       ? " (fewer unwanted messages)"
                                    : " (fewest unwanted messages)",
                  out);
        told++;
    }
    fputs(".\n", out);
}

static void say_beaten(const struct ch_file *file, const struct case_ *cases, unsigned n, FILE *out)
{
    for (unsigned i = 0; i < n; i++) {
        const struct case_ *by = dominator(cases, n, i);
        if (!by)
            continue;
        bool both = by->profit.estimate > cases[i].profit.estimate && by->unwanted.estimate < cases[i].unwanted.estimate;
        fprintf(out, both ? "  '%s' is worse than '%s' in both.\n" : "  '%s' is no better than '%s' in either.\n",
                file->policy[cases[i].policy], file->policy[by->policy]);
    }
}

static void say_verdict(const struct ch_file *file, const struct case_ *cases, unsigned n, unsigned baseline, FILE *out)
{
    const struct case_ *best = NULL;
    bool shown = false;
    for (unsigned i = 0; i < n; i++) {
        shown |= cases[i].profit.n > 0 && cases[i].profit.low > 0;
        if (measured(&cases[i].profit) && (!best || cases[i].profit.estimate > best->profit.estimate))
            best = &cases[i];
    }
    if (!shown) {
        fprintf(out, "  No policy is shown to earn more than '%s'.\n", file->policy[baseline]);
        return;
    }
    fprintf(out, "  Highest mean profit: '%s'", file->policy[best->policy]);
    if (best->profit.low > 0)
        fputs(".\n", out);
    else
        fprintf(out, ", though not clearly above '%s'.\n", file->policy[baseline]);
    if (ch_file_kpi(file, "unwanted_per_person_week") < 0)
        return;
    say_choice(file, cases, n, out);
    say_beaten(file, cases, n, out);
}

/* ---- figures alone ------------------------------------------------------------------------------------------------- */

/* Too few replications: what was measured, without a word that judges. */
static void tell_figures(const struct ch_file *file, const struct case_ *c, unsigned baseline, FILE *out)
{
    char text[120];
    struct ch_text line = {0};
    if (measured(&c->profit))
        fprintf(out, "  '%s': %s against '%s'.\n", file->policy[c->policy],
                ch_verdict_words(c->profit, true, "EUR", text, sizeof text), file->policy[baseline]);
    else
        fprintf(out, "  '%s': profit undefined.\n", file->policy[c->policy]);
    ch_text_add(&line, "    Price:");
    if (measured(&c->unwanted))
        ch_text_addf(&line, " %s unwanted messages per inhabitant and week",
                     ch_verdict_words(c->unwanted, true, "", text, sizeof text));
    if (measured(&c->opt_outs))
        ch_text_addf(&line, "%s %s opt-outs", measured(&c->unwanted) ? "," : "",
                     ch_verdict_words(c->opt_outs, true, "", text, sizeof text));
    ch_text_add(&line, ".");
    end_line(&line, c, false, out);
}

/* ---- all ----------------------------------------------------------------------------------------------------------- */

static struct case_ make_case(const struct ch_file *file, unsigned point, unsigned policy, unsigned baseline, double confidence)
{
    static const char unwanted[] = "unwanted_per_person_week", opt_outs[] = "opt_outs_per_1000_person_days";
    double factor = per_1000_week(file, point);
    struct case_ c = {.policy = policy};
    c.profit = ch_interval_scaled(judged(file, "retail_profit", point, policy, baseline, confidence), factor);
    c.unwanted = judged(file, unwanted, point, policy, baseline, confidence);
    c.opt_outs = ch_interval_scaled(contrast(file, opt_outs, point, policy, baseline, confidence, 0), 7);
    c.messages = ch_answer_mean(file, "messages_delivered", point, policy) * factor;
    c.cost = (ch_answer_mean(file, "policy_cost", point, policy) - ch_answer_mean(file, "policy_cost", point, baseline)) * factor;
    c.base_profit = ch_answer_mean(file, "retail_profit", point, baseline) * factor;
    c.base_unwanted = ch_answer_mean(file, unwanted, point, baseline) > 0;
    c.base_opt_outs = ch_answer_mean(file, opt_outs, point, baseline) > 0;
    return c;
}

enum { CASES_MAX = 64 };

void ch_answer_print(const struct ch_file *file, unsigned point, unsigned baseline, double confidence, FILE *out)
{
    struct case_ cases[CASES_MAX];
    unsigned n = 0;
    bool enough = file->n_replications >= CH_FEW_REPLICATIONS;
    fputs("\n", out);
    if (file->question && file->question[0])
        fprintf(out, "Question: %s\n", file->question);
    if (file->n_policies < 2) {
        fputs("Answer: none yet; one policy alone has nothing to be compared with.\n", out);
        return;
    }
    fprintf(out, "Answer (money, messages and opt-outs per 1,000 inhabitants and week; [ ] = %g %% interval):\n",
            100 * confidence);
    if (!enough)
        fprintf(out, "  Too few replications for a verdict (%u; ask for at least %d). Measured:\n", file->n_replications,
                CH_FEW_REPLICATIONS);
    for (unsigned p = 0; p < file->n_policies && n < CASES_MAX; p++) {
        cases[n] = make_case(file, point, p, baseline, confidence);
        if (p != baseline && enough) {
            say_profit(file, &cases[n], baseline, out);
            say_price(&cases[n], out);
            say_reach(file, &cases[n], out);
        } else if (p != baseline) {
            tell_figures(file, &cases[n], baseline, out);
        }
        n += !ch_file_forced(file, p); /* a stress test is not for choosing */
    }
    if (enough)
        say_verdict(file, cases, n, baseline, out);
}

bool ch_answer_of_all_points(const struct ch_file *file, double confidence, FILE *out)
{
    bool pool = ch_answer_is_pool(file), fleet = !pool && ch_answer_is_fleet(file);
    if (out && pool)
        ch_answer_pool_print(file, confidence, out);
    if (out && fleet)
        ch_answer_fleet_print(file, confidence, out);
    return pool || fleet;
}
