/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/assumptions.h"
#include "app/answer.h"
#include "app/status.h"
#include "table/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- which ------------------------------------------------------------------------------------------------------- */

static bool is_swept(const struct ch_scenario *scenario, unsigned section, unsigned param)
{
    for (unsigned a = 0; a < scenario->n_axes; a++)
        if (scenario->axis[a].section == section && scenario->axis[a].param == param)
            return true;
    return false;
}

static bool is_number(const struct ch_param *param)
{
    return param->kind == CH_PARAM_F64 || param->kind == CH_PARAM_I64 || param->kind == CH_PARAM_TIME ||
           param->kind == CH_PARAM_MONEY;
}

static bool is_to_try(const struct ch_scenario *scenario, unsigned section, unsigned i)
{
    const struct ch_param *param = &ch_section(section)->param[i];
    return param->origin.status == CH_IS_ASSUMED && param->origin.low < param->origin.high && is_number(param) &&
           !is_swept(scenario, section, i);
}

static enum ch_code describe(const struct ch_scenario *scenario, unsigned s, const struct ch_param *param,
                             struct ch_assumption *out)
{
    struct ch_text key = {0}, end[2] = {{0}, {0}};
    out->unit = param->unit;
    out->value = ch_param_number(param, scenario->block[s]);
    out->end[0] = param->origin.low;
    out->end[1] = param->origin.high;
    ch_param_key(ch_section(s), param, &key);
    for (int i = 0; i < 2; i++) {
        ch_param_print_number(param, out->end[i], &end[i]);
        out->end_text[i] = end[i].s;
    }
    out->key = key.s;
    return key.failed || end[0].failed || end[1].failed ? CH_TOO_BIG : CH_OK;
}

static void free_one(struct ch_assumption *one)
{
    free(one->key);
    free(one->end_text[0]);
    free(one->end_text[1]);
    free(one->trial);
}

/* Is a key, or its section, in a list "wishlist,consent.h1"? */
static bool is_named(const char *list, const char *key)
{
    for (const char *at = list;; at++) {
        size_t n = strcspn(at, ",");
        if (n && strncmp(at, key, n) == 0 && (key[n] == '.' || !key[n]))
            return true;
        at += n;
        if (!*at)
            return false;
    }
}

/* Each name of the list must be of some parameter that can be tried. */
static enum ch_code check_names(const char *list, const struct ch_assumptions *a, struct ch_error *error)
{
    for (const char *at = list;; at++) {
        char name[128];
        bool any = false;
        size_t n = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        for (unsigned i = 0; i < a->n; i++)
            any |= is_named(name, a->list[i].key);
        if (!any)
            return ch_fail(error, CH_INVALID,
                           "--only: '%s' is neither a section nor a parameter with an assumed range in this scenario; chaland "
                           "explain tells where values come from",
                           name);
        at += n;
        if (!*at)
            return CH_OK;
    }
}

/* Leaves those that are named. */
static void keep_named(const char *list, struct ch_assumptions *a)
{
    unsigned n = 0;
    for (unsigned i = 0; i < a->n; i++) {
        struct ch_assumption one = a->list[i];
        if (is_named(list, one.key))
            a->list[n++] = one;
        else
            free_one(&one);
    }
    a->n = n;
}

static enum ch_code list_them(const struct ch_campaign *c, struct ch_assumptions *a, struct ch_error *error)
{
    const struct ch_scenario *scenario = c->scenario;
    size_t trials;
    *a = (struct ch_assumptions){.n_points = c->n_points, .n_policies = scenario->n_policies, .n_primary = scenario->n_primary};
    trials = (size_t)2 * a->n_points * a->n_policies * a->n_primary;
    for (unsigned s = 0; s < ch_n_sections(); s++)
        a->n += ch_section_in_use(ch_section(s), scenario->block[s]) ? ch_section(s)->n_params : 0;
    a->list = calloc(a->n + 1, sizeof *a->list);
    a->n = 0;
    enum ch_code code = a->list ? CH_OK : CH_TOO_BIG;
    for (unsigned s = 0; s < ch_n_sections() && code == CH_OK; s++)
        for (unsigned i = 0; i < ch_section(s)->n_params && code == CH_OK; i++)
            if (ch_section_in_use(ch_section(s), scenario->block[s]) && is_to_try(scenario, s, i)) {
                struct ch_assumption *one = &a->list[a->n++];
                code = describe(scenario, s, &ch_section(s)->param[i], one);
                one->trial = calloc(trials + 1, sizeof *one->trial);
                code = one->trial ? code : CH_TOO_BIG;
            }
    return code == CH_OK ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for the assumptions");
}

void ch_assumptions_fini(struct ch_assumptions *a)
{
    for (unsigned i = 0; i < a->n; i++)
        free_one(&a->list[i]);
    free(a->list);
    *a = (struct ch_assumptions){0};
}

/* ---- trials ------------------------------------------------------------------------------------------------------ */

/* Contrasts of one KPI at one point, replication by replication: policy less baseline. */
static void contrasts(const struct ch_results *r, unsigned kpi, unsigned point, unsigned policy, double *d)
{
    for (unsigned i = 0; i < r->n_replications; i++)
        d[i] = ch_results_value(r, kpi, point, policy)[i] - ch_results_value(r, kpi, point, r->scenario->baseline)[i];
}

static int sign(const struct ch_interval *i) { return i->low > 0 ? 1 : i->high < 0 ? -1 : 0; }

/* What is not a change beyond luck is none, except that a clear sign has turned. */
static enum ch_trial_verdict judge(const struct ch_interval *before, const struct ch_interval *now,
                                   const struct ch_interval *change)
{
    int was = sign(before), is = sign(now);
    if (was * is < 0)
        return CH_TRIAL_flips;
    if (sign(change) == 0)
        return CH_TRIAL_same;
    if (was != is)
        return was ? CH_TRIAL_lost : CH_TRIAL_found;
    double ratio = fabs(now->estimate) / fabs(before->estimate);
    return was == 0 ? CH_TRIAL_same : ratio > 2 ? CH_TRIAL_larger : ratio < 0.5 ? CH_TRIAL_smaller : CH_TRIAL_same;
}

/* The verdict's own interval: it holds for all primary KPIs and policies at once. */
static struct ch_interval interval(const struct ch_results *r, unsigned kpi, unsigned point, unsigned policy)
{
    const struct ch_scenario *scenario = r->scenario;
    unsigned others = r->n_policies - 1, primary = scenario->n_primary;
    return ch_paired_interval(ch_results_value(r, kpi, point, policy), ch_results_value(r, kpi, point, scenario->baseline),
                              r->n_replications, CH_BLOCK(scenario, run)->confidence, others && primary ? others * primary : 1);
}

/* Compares the primary contrasts of two campaigns; their policies, points and replications are the same. */
static void compare(const struct ch_results *before, const struct ch_results *now, struct ch_assumptions *a, unsigned which,
                    unsigned end, double *room)
{
    unsigned n = before->n_replications;
    double *was = room, *is = room + n;
    for (unsigned point = 0; point < a->n_points; point++)
        for (unsigned policy = 0; policy < a->n_policies; policy++)
            for (unsigned k = 0; k < a->n_primary && policy != before->scenario->baseline; k++) {
                unsigned kpi = ch_results_find_kpi(before, before->scenario->primary_kpi[k]);
                struct ch_trial *trial = ch_trial_at(a, which, end, point, policy, k);
                contrasts(before, kpi, point, policy, was);
                contrasts(now, kpi, point, policy, is);
                struct ch_interval old = interval(before, kpi, point, policy);
                trial->contrast = interval(now, kpi, point, policy);
                trial->change = ch_paired_interval(is, was, n, CH_BLOCK(before->scenario, run)->confidence, 1);
                trial->verdict = (uint8_t)judge(&old, &trial->contrast, &trial->change);
            }
}

/* One end of one parameter. An end that the scenario does not allow is left untried, quietly. */
static enum ch_code try_end(const struct ch_args *args, const struct ch_campaign *before, struct ch_assumptions *a,
                            unsigned which, unsigned end, double *room, struct ch_error *error)
{
    struct ch_args again = *args;
    struct ch_campaign now;
    struct ch_text set = {0};
    ch_text_addf(&set, "%s=%s", a->list[which].key, a->list[which].end_text[end]);
    if (set.failed || again.set.n == CH_REPEAT_MAX)
        return ch_fail(error, CH_TOO_BIG, "out of memory for --set, which may be given %d times", CH_REPEAT_MAX - 1);
    again.set.text[again.set.n++] = set.s;
    again.quiet = true;
    again.json = false;
    struct ch_error complaint = {.code = CH_OK};
    enum ch_code code = ch_campaign_open_quietly(&again, &now, &complaint);
    if (code == CH_OK) {
        now.kept = before->kept;
        now.deadline_s = before->deadline_s;
        code = ch_campaign_run(&now, error);
        if (code == CH_OK) {
            compare(&before->results, &now.results, a, which, end, room);
            a->list[which].tried[end] = true;
        }
    } else
        code = CH_OK;
    ch_campaign_close(&now);
    ch_text_fini(&set);
    return code;
}

static bool differs(double a, double b) { return a < b || a > b; }

enum ch_code ch_assumptions_try(const struct ch_args *args, const struct ch_campaign *campaign, struct ch_assumptions *a,
                                struct ch_error *error)
{
    enum ch_code code = list_them(campaign, a, error);
    if (code == CH_OK && args->only)
        code = check_names(args->only, a, error);
    if (code == CH_OK && args->only)
        keep_named(args->only, a);
    double *room = calloc(2 * (size_t)campaign->results.n_replications + 1, sizeof *room);
    if (code == CH_OK && !room)
        code = ch_fail(error, CH_TOO_BIG, "out of memory");
    struct ch_progress *progress = ch_progress_begin(campaign->progress, 2 * a->n, 2 * a->n);
    ch_status_enter(campaign->status, CH_PHASE_assumptions, progress);
    for (unsigned i = 0; i < a->n && code == CH_OK; i++)
        for (unsigned end = 0; end < 2 && code == CH_OK; end++) {
            if (differs(a->list[i].end[end], a->list[i].value))
                code = try_end(args, campaign, a, i, end, room, error);
            ch_progress_step(progress, 0);
            ch_progress_run_done(progress);
        }
    ch_status_enter(campaign->status, CH_PHASE_writing, NULL);
    ch_progress_end(progress);
    free(room);
    return code;
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static const char *const verdict_words[] = {
#define X(name, doc) doc,
    CH_TRIAL_VERDICTS(X)
#undef X
};

static void print_trial(const struct ch_results *r, const struct ch_assumption *one, unsigned end, unsigned point,
                        unsigned policy, unsigned primary, const struct ch_trial *trial, FILE *out)
{
    char text[120];
    fprintf(out, "  %s = %s", one->key, one->end_text[end]);
    if (r->n_points > 1)
        fprintf(out, " at design point %u", point);
    fprintf(out, ": %s of '%s' %s, %s\n", r->scenario->primary_kpi[primary], r->scenario->policy[policy]->name,
            ch_verdict_interval(trial->contrast, true, text, sizeof text), verdict_words[trial->verdict]);
}

/* All trials of one verdict; returns how many. */
static unsigned print_verdict(const struct ch_results *r, const struct ch_assumptions *a, enum ch_trial_verdict verdict,
                              FILE *out)
{
    unsigned n = 0;
    for (unsigned i = 0; i < a->n; i++)
        for (unsigned end = 0; end < 2; end++)
            for (unsigned point = 0; point < a->n_points; point++)
                for (unsigned policy = 0; policy < a->n_policies; policy++)
                    for (unsigned k = 0; k < a->n_primary && a->list[i].tried[end]; k++) {
                        const struct ch_trial *trial = ch_trial_at(a, i, end, point, policy, k);
                        if (trial->verdict == verdict) {
                            print_trial(r, &a->list[i], end, point, policy, k, trial, out);
                            n++;
                        }
                    }
    return n;
}

static unsigned count_carrying(const struct ch_assumptions *a)
{
    unsigned n = 0, trials = a->n_points * a->n_policies * a->n_primary;
    for (unsigned i = 0; i < a->n; i++) {
        bool any = false;
        for (unsigned k = 0; k < 2 * trials; k++)
            any |= a->list[i].tried[k / trials] && a->list[i].trial[k].verdict != CH_TRIAL_same;
        n += any;
    }
    return n;
}

void ch_assumptions_print(const struct ch_results *r, const struct ch_assumptions *a, FILE *out)
{
    unsigned carrying = count_carrying(a), untried = 0;
    for (unsigned i = 0; i < a->n; i++)
        for (unsigned end = 0; end < 2; end++)
            untried += !a->list[i].tried[end] && differs(a->list[i].end[end], a->list[i].value);
    fprintf(
        out,
        "\nAssumptions: %u of %u parameters without a source (no lists, no words) were tried at both ends of their range, with\n"
        "the same luck; %u of them would turn, double or halve a primary figure of some policy against '%s'%s\n",
        a->n, r->n_assumed, carrying, r->scenario->policy[r->scenario->baseline]->name, carrying ? ":" : ".");
    for (int verdict = CH_N_TRIAL_VERDICTS - 1; verdict > CH_TRIAL_same; verdict--)
        print_verdict(r, a, (enum ch_trial_verdict)verdict, out);
    if (untried)
        fprintf(out, "  %u ends could not be tried: the scenario does not allow these values\n", untried);
}
