/* SPDX-License-Identifier: MIT
 * `chaland compare`: the table and the answer from a result file, and a gate for scripts. */
#include "app/answer.h"
#include "app/cli.h"
#include "base/terminal.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

static enum ch_code unknown_kpi(const struct ch_file *file, const char *name, struct ch_error *error)
{
    const char *near = ch_text_nearest(name, (const char *const *)file->kpi_name, file->n_kpis);
    return ch_fail(error, CH_INVALID, "unknown KPI '%s'%s%s%s chaland compare FILE --all shows them", name,
                   near ? "; did you mean '" : ";", near ? near : "", near ? "'?" : "");
}

/* Names in a comma list must exist. */
static enum ch_code check_kpis(const struct ch_file *file, const char *list, struct ch_error *error)
{
    for (const char *at = list;; at++) {
        char name[128];
        size_t n = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        if (ch_file_kpi(file, name) < 0)
            return unknown_kpi(file, name, error);
        at += n;
        if (!*at)
            return CH_OK;
    }
}

struct gate {
    int policy; /* -1: every one but the baseline */
    unsigned kpi;
    bool less, equal; /* <, or >; with = */
    double limit;
};

/* POLICY.KPI < NUMBER, or KPI < NUMBER for every policy. */
static enum ch_code parse_gate(const struct ch_file *file, const char *expression, struct gate *gate, struct ch_error *error)
{
    char name[256];
    size_t n = strcspn(expression, "<>");
    const char *at = expression + n;
    while (n && expression[n - 1] == ' ')
        n--;
    snprintf(name, sizeof name, "%.*s", (int)n, expression);
    gate->less = *at == '<';
    gate->equal = *at && at[1] == '=';
    at += *at ? 1 + gate->equal : 0;
    at += strspn(at, " ");
    n = strcspn(at, " %");
    const char *unit = at + n + strspn(at + n, " "); /* shares may be written in percent, as the table shows them */
    bool percent = strcmp(unit, "%") == 0;
    if (!ch_parse_double(at, n, &gate->limit) || (*unit && !percent))
        return ch_fail(error, CH_INVALID,
                       "--fail-if: cannot read '%s'; write POLICY.KPI < NUMBER, with <, <=, > or >=", expression);
    gate->limit /= percent ? 100 : 1;
    if (ch_file_policy(file, name) >= 0 && ch_file_kpi(file, name) < 0)
        return ch_fail(
            error, CH_INVALID,
            "--fail-if: '%s' is a policy, and a KPI is missing; write POLICY.KPI < NUMBER, such as %s.retail_profit < 0", name,
            name);
    char *dot = strrchr(name, '.');
    if (dot)
        *dot = 0;
    gate->policy = dot ? ch_file_policy(file, name) : -1;
    if (dot && gate->policy < 0)
        return ch_file_unknown_policy(file, name, error);
    int kpi = ch_file_kpi(file, dot ? dot + 1 : name);
    gate->kpi = (unsigned)kpi;
    return kpi < 0 ? unknown_kpi(file, dot ? dot + 1 : name, error) : CH_OK;
}

/* Does the mean difference to the baseline satisfy it, for any point and policy? */
/* An undefined difference cannot pass a gate. */
static enum ch_code gate_holds(const struct ch_file *file, const struct ch_verdict_options *o, const struct gate *gate, bool *yes,
                               struct ch_error *error)
{
    unsigned baseline = o->baseline ? (unsigned)ch_file_policy(file, o->baseline) : file->baseline;
    bool holds = false;
    if (gate->policy == (int)baseline)
        return ch_fail(error, CH_INVALID, "--fail-if: '%s' is the baseline; a gate is about another policy's difference to it",
                       file->policy[baseline]);
    for (unsigned point = 0; point < file->n_points; point++)
        for (unsigned p = 0; p < file->n_policies; p++) {
            if ((gate->policy >= 0 && p != (unsigned)gate->policy) || p == baseline)
                continue;
            double d = ch_verdict_contrast(file, gate->kpi, point, p, baseline, o->confidence, 0).estimate;
            if (isnan(d))
                return ch_fail(error, CH_INVALID, "--fail-if: the difference of %s between '%s' and '%s' is undefined",
                               file->kpi_name[gate->kpi], file->policy[p], file->policy[baseline]);
            holds |= (gate->less ? d < gate->limit : d > gate->limit) ||
                     (gate->equal && !(d < gate->limit) && !(d > gate->limit) && d == d);
        }
    *yes = holds;
    return CH_OK;
}

static enum ch_code print(const struct ch_file *file, const struct ch_verdict_options *options)
{
    struct ch_page page;
    enum ch_code code = ch_verdict_print(file, options, ch_page_open(&page, stdout));
    ch_page_close(&page);
    return code;
}

static enum ch_code compare(const struct ch_args *args, const struct ch_file *file, struct ch_error *error)
{
    struct ch_verdict_options options = {
        .baseline = args->baseline, .kpi = args->kpi, .confidence = args->confidence, .all = args->all};
    struct gate gate;
    bool holds = false;
    enum ch_code code = CH_OK;
    if (args->baseline && ch_file_policy(file, args->baseline) < 0)
        code = ch_file_unknown_policy(file, args->baseline, error);
    if (code == CH_OK && args->kpi)
        code = check_kpis(file, args->kpi, error);
    if (code == CH_OK && args->fail_if && (code = parse_gate(file, args->fail_if, &gate, error)) == CH_OK)
        code = gate_holds(file, &options, &gate, &holds, error);
    if (code != CH_OK)
        return ch_cli_fail(args, error);
    if (args->json)
        ch_verdict_compare_json(file, &options, args->fail_if ? &holds : NULL, stdout);
    else if (!args->quiet)
        code = print(file, &options);
    if (code == CH_OK && holds) {
        code = CH_NO;
        fprintf(stderr, "chaland: the gate is not passed: %s holds\n", args->fail_if);
    }
    return code;
}

enum ch_code ch_cmd_compare(const struct ch_args *args)
{
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    enum ch_code code = ch_file_read(args->operand, false, &file, &error);
    if (code != CH_OK)
        return ch_cli_fail(args, &error);
    code = compare(args, &file, &error);
    ch_file_fini(&file);
    return code;
}
