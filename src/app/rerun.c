/* SPDX-License-Identifier: MIT
 * `chaland rerun FILE`: does the scenario that a results file carries still give the results that it holds? Both are compared
 * by their hash and by the fingerprint of the events; where they differ, the key figures say how much.
 *
 * A file of an older program does not name the parameters that came later. They stand at their defaults, and when the results are
 * the file's to the bit under its own hash of the scenario, they are the same. */
#define _XOPEN_SOURCE 700
#include "app/campaign.h"
#include "app/json.h"
#include "app/memory.h"
#include "app/own_files.h"
#include "app/provenance.h"
#include "app/verdict.h"
#include "base/build_info.h"
#include <float.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- what differs ------------------------------------------------------------------------------------------------ */

struct change { /* of a key figure, where it is largest for its size */
    const char *kpi, *unit;
    unsigned point, policy, replication;
    double before, now, size;
};

enum { SHOWN = 5 };

struct differences {
    char fingerprint[24];
    bool results, events, scenario; /* which of the three hashes differ */
    unsigned n_kpis, n_changed;     /* of the file's key figures; none are compared when --set changed the shape */
    struct change shown[SHOWN];     /* the largest, largest first */
    unsigned n_shown;
    char line[200]; /* the first line of the resolved scenario that the file does not have, or "" */
    unsigned added; /* such lines, if the file's are all there in their order, and --set has no part in it */
};

/* Relative to their size; sums of doubles may differ in the last bits between compilers. */
static double size_of_change(double a, double b)
{
    double scale = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b) ? 0 : DBL_MAX;
    return fabs(a - b) > 1e-12 * scale ? fabs(a - b) / scale : 0;
}

static void keep_change(struct differences *d, struct change change)
{
    unsigned at = d->n_shown < SHOWN ? d->n_shown++ : SHOWN;
    for (; at > 0 && d->shown[at - 1].size < change.size; at--)
        if (at < SHOWN)
            d->shown[at] = d->shown[at - 1];
    if (at < SHOWN)
        d->shown[at] = change;
}

static void compare_kpi(const struct ch_file *file, const struct ch_results *r, unsigned k, unsigned now, struct differences *d)
{
    struct change worst = {.kpi = file->kpi_name[k], .unit = file->kpi_unit[k]};
    for (unsigned point = 0; point < file->n_points; point++)
        for (unsigned p = 0; p < file->n_policies; p++) {
            const double *a = ch_file_value(file, k, point, p), *b = ch_results_value(r, now, point, p);
            for (unsigned i = 0; i < file->n_replications; i++)
                if (size_of_change(a[i], b[i]) > worst.size) {
                    worst.size = size_of_change(a[i], b[i]);
                    worst.before = a[i];
                    worst.now = b[i];
                    worst.point = point;
                    worst.policy = p;
                    worst.replication = i;
                }
        }
    if (worst.size > 0) {
        d->n_changed++;
        keep_change(d, worst);
    }
}

/* Only when the shape is the same: --set may have changed it. */
static void compare_kpis(const struct ch_file *file, const struct ch_results *r, struct differences *d)
{
    if (r->n_points != file->n_points || r->n_policies != file->n_policies || r->n_replications != file->n_replications)
        return;
    d->n_kpis = file->n_kpis;
    for (unsigned k = 0; k < file->n_kpis; k++) {
        unsigned now = ch_results_find_kpi(r, file->kpi_name[k]);
        if (now < r->n_kpis)
            compare_kpi(file, r, k, now, d);
    }
}

/* The first line of `now` that does not stand in `before` at its place; how many there are, if they are all that differs. */
static unsigned find_lines(const char *before, const char *now, char *first, size_t size)
{
    unsigned added = 0;
    for (first[0] = 0; *now;) {
        size_t n = strcspn(now, "\n") + 1;
        bool both = strncmp(before, now, n) == 0;
        if (!both && !added++)
            snprintf(first, size, "%.*s", (int)(n - 1 - strspn(now, " ")), now + strspn(now, " "));
        before += both ? n - !before[n - 1] : 0;
        now += n - !now[n - 1];
    }
    return *before ? 0 : added;
}

static enum ch_code compare(const struct ch_args *args, const struct ch_file *file, const struct ch_campaign *c,
                            struct differences *d, struct ch_error *error)
{
    const struct ch_results *r = &c->results;
    char as_before[65] = "";
    enum ch_code code = CH_OK;
    *d = (struct differences){.results = strcmp(file->results_sha256, r->results_sha256) != 0,
                              .scenario = strcmp(file->config_sha256, c->scenario->sha256) != 0};
    snprintf(d->fingerprint, sizeof d->fingerprint, "%016" PRIx64, r->fingerprint);
    d->events = strcmp(file->fingerprint, d->fingerprint) != 0;
    compare_kpis(file, r, d);
    if (d->scenario)
        d->added = find_lines(file->config_yaml, c->scenario->resolved, d->line, sizeof d->line);
    if (args->set.n || d->events)
        d->added = 0;
    if (d->added && (code = ch_results_hash(r, file->config_sha256, as_before, error)) == CH_OK)
        d->results = strcmp(file->results_sha256, as_before) != 0;
    return code;
}

/* ---- telling it -------------------------------------------------------------------------------------------------- */

static void program(char *out, size_t size)
{
    const struct ch_build_info *info = ch_build_info();
    const char *commit = info->git_commit;
    snprintf(out, size, "%s%s%s%s", info->version, commit[0] ? " (" : "", commit, commit[0] ? ")" : "");
}

static unsigned count_runs(const struct ch_results *r) { return r->n_points * r->n_policies * r->n_replications; }

static void tell_change(const struct ch_file *file, const struct change *change)
{
    char before[40], now[40];
    const char *label = file->point_label[change->point];
    printf("        %s %s%s%s, replication %u: %s%s%s, was %s\n", change->kpi, file->policy[change->policy], label[0] ? ", " : "",
           label, change->replication, ch_print_double(change->now, now, sizeof now), change->unit[0] ? " " : "", change->unit,
           ch_print_double(change->before, before, sizeof before));
}

static void tell_why(const struct ch_args *args, const struct ch_file *file, const struct differences *d)
{
    char ours[80];
    program(ours, sizeof ours);
    if (args->set.n)
        printf("why     --set changed the scenario: its first other line is '%s'\n", d->line);
    else if (d->scenario)
        printf("why     this program reads the scenario otherwise: its first other line is '%s'\n", d->line);
    if (strcmp(ours, file->program) != 0)
        printf("why     the file was written by chaland %s, this is chaland %s\n", file->program, ours);
}

static void tell(const struct ch_args *args, const struct ch_file *file, const struct ch_campaign *c, const struct differences *d)
{
    unsigned runs = count_runs(&c->results);
    if (!d->results) {
        printf("same    %u %s, run again on %u %s, gave the results of %s: results_sha256 %.16s..., fingerprint %s\n", runs,
               runs == 1 ? "run" : "runs", c->threads, c->threads == 1 ? "thread" : "threads", args->operand,
               file->results_sha256, d->fingerprint);
        if (d->added)
            printf("note    this program knows more than the file: %u %s of the scenario %s new, at the default; the first is "
                   "'%s'\n",
                   d->added, d->added == 1 ? "line" : "lines", d->added == 1 ? "is" : "are", d->line);
        return;
    }
    printf("differs %u %s, run again, did not give the results of %s: results_sha256 is %.16s..., was %.16s...; ", runs,
           runs == 1 ? "run" : "runs", args->operand, c->results.results_sha256, file->results_sha256);
    if (d->events)
        printf("the events differ too (fingerprint %s, was %s)\n", d->fingerprint, file->fingerprint);
    else
        printf("yet every event is the same (fingerprint %s)\n", d->fingerprint);
    tell_why(args, file, d);
    if (d->n_kpis && d->n_changed)
        printf("changed %u of %u key figures; the most:\n", d->n_changed, d->n_kpis);
    else if (d->n_kpis)
        printf("changed none of %u key figures\n", d->n_kpis);
    for (unsigned i = 0; i < d->n_shown; i++)
        tell_change(file, &d->shown[i]);
}

static void put_pair(const char *name, const char *before, const char *now)
{
    printf(", \"%s\": {\"file\": ", name);
    ch_json_put_string(stdout, before);
    printf(", \"rerun\": ");
    ch_json_put_string(stdout, now);
    printf("}");
}

static void tell_json(const struct ch_args *args, const struct ch_file *file, const struct ch_campaign *c,
                      const struct differences *d)
{
    char ours[80];
    program(ours, sizeof ours);
    printf("{\"schema_version\": 1, \"file\": ");
    ch_json_put_string(stdout, args->operand);
    printf(", \"same\": %s, \"same_events\": %s, \"same_scenario\": %s", d->results ? "false" : "true",
           d->events ? "false" : "true", d->scenario ? "false" : "true");
    put_pair("results_sha256", file->results_sha256, c->results.results_sha256);
    put_pair("fingerprint", file->fingerprint, d->fingerprint);
    put_pair("config_sha256", file->config_sha256, c->scenario->sha256);
    put_pair("program", file->program, ours);
    printf(", \"lines_added\": %u, \"runs\": %u, \"threads\": %u, \"kpis\": %u, \"kpis_changed\": %u, \"changes\": [", d->added,
           count_runs(&c->results), c->threads, d->n_kpis, d->n_changed);
    for (unsigned i = 0; i < d->n_shown; i++) {
        const struct change *change = &d->shown[i];
        printf("%s{\"kpi\": ", i ? ", " : "");
        ch_json_put_string(stdout, change->kpi);
        printf(", \"policy\": ");
        ch_json_put_string(stdout, file->policy[change->policy]);
        printf(", \"point\": %u, \"replication\": %u, \"file\": ", change->point, change->replication);
        ch_json_put_number(stdout, change->before);
        printf(", \"rerun\": ");
        ch_json_put_number(stdout, change->now);
        printf("}");
    }
    printf("]}\n");
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

/* Runs what the file says, `path` naming the scenario, and tells. */
static enum ch_code run_again(const struct ch_args *args, const struct ch_file *file, const char *path, struct ch_error *error)
{
    struct ch_args inner = *args;
    struct ch_campaign campaign;
    struct ch_provenance_clock clock;
    inner.operand = path;
    inner.scenario_text = file->config_yaml;
    enum ch_code code = args->output ? ch_results_target_from(args->operand, args->output, args->force, error) : CH_OK;
    if (code != CH_OK)
        return code;
    ch_provenance_start(&clock);
    code = ch_campaign_open(&inner, &campaign, error);
    if (code == CH_INVALID && !error->text[0] && !args->json)
        fprintf(stderr, "chaland: the scenario stands in %s, which was written by chaland %s\n", args->operand, file->program);
    if (code == CH_OK && args->output)
        code = ch_campaign_target(&campaign, args->output, args->force, error);
    if (code == CH_OK)
        code = ch_memory_check(ch_memory_foretell(&campaign), "the runs", error);
    if (code == CH_OK)
        code = ch_campaign_run(&campaign, error);
    if (code == CH_OK && args->output) {
        ch_provenance_fill(&clock, args, campaign.threads, &campaign.results.provenance);
        code = ch_results_write(&campaign.results, args->output, args->force, error);
    }
    if (code == CH_OK) {
        struct differences d;
        code = compare(args, file, &campaign, &d, error);
        if (code == CH_OK && args->json)
            tell_json(args, file, &campaign, &d);
        else if (code == CH_OK && !args->quiet)
            tell(args, file, &campaign, &d);
        code = code == CH_OK && d.results ? CH_NO : code;
    }
    ch_provenance_end(&clock);
    ch_campaign_close(&campaign);
    return code;
}

enum ch_code ch_cmd_rerun(const struct ch_args *args)
{
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    char *path = NULL;
    enum ch_code code = ch_file_read(args->operand, false, &file, &error);
    if (code != CH_OK)
        return ch_cli_fail(args, &error);
    code = ch_own_files_find(&file, args->operand, args->data, &path, &error);
    if (code == CH_OK)
        code = run_again(args, &file, path, &error);
    if (code == CH_STOPPED && ch_campaign_signal())
        error.code = code = (enum ch_code)(128 + ch_campaign_signal()); /* nothing to resume */
    if (code != CH_OK && error.text[0])
        ch_cli_fail(args, &error);
    free(path);
    ch_file_fini(&file);
    return code;
}
