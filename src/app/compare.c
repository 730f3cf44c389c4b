/* SPDX-License-Identifier: MIT
 * `chaland compare`: the table and the answer from a result file, and a gate for scripts. */
#include "app/answer.h"
#include "app/cli.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

/* Names in a comma list must exist; says which do not and what is near. */
static enum ch_code check_kpis(const struct ch_file *file, const char *list, struct ch_error *error)
{
    for (const char *at = list; *at;) {
        char name[128];
        size_t n = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        if (ch_file_kpi(file, name) < 0) {
            const char *near = ch_text_nearest(name, (const char *const *)file->kpi_name, file->n_kpis);
            return ch_fail(error, CH_INVALID, "unknown KPI '%s'%s%s%s; see chaland compare FILE --all", name, near ? "; did you mean '" : "",
                           near ? near : "", near ? "'?" : "");
        }
        at += n + (at[n] == ',');
    }
    return CH_OK;
}

static enum ch_code unknown_policy(const struct ch_file *file, const char *name, struct ch_error *error)
{
    struct ch_text list = {0};
    for (unsigned p = 0; p < file->n_policies; p++)
        ch_text_addf(&list, "%s%s", p ? ", " : "", file->policy[p]);
    ch_fail(error, CH_INVALID, "unknown policy '%s'; the file holds %s", name, list.s ? list.s : "");
    ch_text_fini(&list);
    return CH_INVALID;
}

/* POLICY.KPI < NUMBER, or KPI < NUMBER for every policy: true when the mean difference to the baseline satisfies it. */
static enum ch_code gate(const struct ch_file *file, const struct ch_verdict_options *o, const char *expression, bool *holds, struct ch_error *error)
{
    char name[256], op[3] = "";
    const char *at = expression + strcspn(expression, "<>");
    size_t n = (size_t)(at - expression);
    while (n && expression[n - 1] == ' ')
        n--;
    snprintf(name, sizeof name, "%.*s", (int)n, expression);
    size_t n_op = strspn(at, "<>=");
    snprintf(op, sizeof op, "%.*s", (int)(n_op < 2 ? n_op : 2), at);
    at += n_op + strspn(at + n_op, " ");
    double limit;
    if (!n_op || !ch_parse_double(at, strlen(at), &limit))
        return ch_fail(error, CH_INVALID, "--fail-if: cannot read '%s'; write POLICY.KPI < NUMBER, with <, <=, > or >=", expression);
    char *dot = strchr(name, '.');
    int only = -1;
    if (dot) {
        *dot = 0;
        if ((only = ch_file_policy(file, name)) < 0)
            return unknown_policy(file, name, error);
    }
    int kpi = ch_file_kpi(file, dot ? dot + 1 : name);
    if (kpi < 0)
        return check_kpis(file, dot ? dot + 1 : name, error);
    unsigned baseline = o->baseline ? (unsigned)ch_file_policy(file, o->baseline) : file->baseline;
    *holds = false;
    for (unsigned point = 0; point < file->n_points; point++)
        for (unsigned p = 0; p < file->n_policies; p++) {
            if ((only >= 0 && p != (unsigned)only) || p == baseline)
                continue;
            double d = ch_verdict_contrast(file, (unsigned)kpi, point, p, baseline, o->confidence).estimate;
            *holds |= op[0] == '<' ? (op[1] ? d <= limit : d < limit) : (op[1] ? d >= limit : d > limit);
        }
    return CH_OK;
}

enum ch_code ch_cmd_compare(const struct ch_args *args)
{
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    struct ch_verdict_options options = {.baseline = args->baseline, .kpi = args->kpi, .confidence = args->confidence, .all = args->all};
    bool holds = false;
    enum ch_code code = ch_file_read(args->operand, false, &file, &error);
    if (code != CH_OK)
        return ch_cli_fail(args, &error);
    if (args->baseline && ch_file_policy(&file, args->baseline) < 0)
        code = unknown_policy(&file, args->baseline, &error);
    if (code == CH_OK && args->kpi)
        code = check_kpis(&file, args->kpi, &error);
    if (code == CH_OK && args->fail_if)
        code = gate(&file, &options, args->fail_if, &holds, &error);
    if (code == CH_OK && args->json)
        ch_verdict_compare_json(&file, &options, stdout);
    else if (code == CH_OK && !args->quiet)
        code = ch_verdict_print(&file, &options, stdout);
    if (code == CH_OK && holds)
        code = ch_fail(&error, CH_NO, "%s holds: the gate is not passed", args->fail_if);
    if (code != CH_OK)
        ch_cli_fail(args, &error);
    ch_file_fini(&file);
    return code;
}
