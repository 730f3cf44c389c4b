/* SPDX-License-Identifier: MIT
 * `chaland bench`: fills in what was not asked, measures, and prints a table or one JSON object. Rates are medians over rounds,
 * per second of CPU time of the event phase with one thread, of wall time with several. */
#define _POSIX_C_SOURCE 200809L
#include "app/bench.h"
#include "app/json.h"
#include "app/threads.h"
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- report ------------------------------------------------------------------------------------------------------ */

static void put_name(struct ch_bench_report *report, const char *name, const char *ending)
{
    fprintf(report->json, "%s\"%s%s\": ", report->first ? "" : ", ", name, ending);
    report->first = false;
}

void ch_bench_put(struct ch_bench_report *report, const char *name, double value)
{
    if (!report->json)
        return;
    put_name(report, name, "");
    ch_json_put_number(report->json, value);
}

void ch_bench_put_text(struct ch_bench_report *report, const char *name, const char *value)
{
    if (!report->json)
        return;
    put_name(report, name, "");
    ch_json_put_string(report->json, value);
}

void ch_bench_put_spread(struct ch_bench_report *report, const char *name, struct ch_spread spread)
{
    const struct {
        const char *ending;
        double value;
    } part[] = {{"", spread.median}, {"_low", spread.low}, {"_high", spread.high}};
    for (unsigned i = 0; report->json && i < 3; i++) {
        put_name(report, name, part[i].ending);
        ch_json_put_number(report->json, part[i].value);
    }
}

void ch_bench_line(struct ch_bench_report *report, const char *format, ...)
{
    va_list list;
    if (!report->table)
        return;
    va_start(list, format);
    vfprintf(report->table, format, list);
    va_end(list);
    fflush(report->table);
}

void ch_bench_put_heap(struct ch_bench_report *report, struct ch_spread ratio)
{
    ch_bench_line(report, "        %.2f x a 4-ary heap [%.2f, %.2f], same fingerprint\n", ratio.median, ratio.low, ratio.high);
    ch_bench_put_spread(report, "ratio_to_heap", ratio);
}

void ch_bench_put_copies(struct ch_bench_report *report, struct ch_spread ratio, unsigned copies)
{
    ch_bench_line(report, "        %.2f [%.2f, %.2f] of %u one-thread processes at the same time\n", ratio.median, ratio.low,
                  ratio.high, copies);
    ch_bench_put_spread(report, "ratio_to_processes", ratio);
}

void ch_bench_put_beside(struct ch_bench_report *report, struct ch_spread ratio)
{
    ch_bench_line(report, "        %.2f [%.2f, %.2f] of one thread, both beside a process that holds one core\n", ratio.median,
                  ratio.low, ratio.high);
    ch_bench_put_spread(report, "ratio_beside_neighbour", ratio);
}

enum ch_code ch_bench_play(const struct ch_bench_plan *plan, const struct ch_bench_asked *asked, struct ch_bench_report *report,
                           struct ch_error *error)
{
    struct ch_bench_sample *sample = calloc((size_t)plan->n_variants * asked->rounds, sizeof *sample);
    enum ch_code code = sample ? ch_bench_take(plan->variant, plan->taken, plan->n_variants, asked->rounds, sample, error)
                               : ch_fail(error, CH_TOO_BIG, "out of memory");
    if (code == CH_OK)
        plan->tell(asked, sample, plan->taken, report);
    if (code == CH_OK && plan->taken[plan->heap] && sample->fingerprint != sample[plan->heap * asked->rounds].fingerprint)
        code = ch_fail(error, CH_INTERNAL, "bench %s: the heap handled other events", plan->name);
    free(sample);
    return code;
}

/* ---- what is asked ----------------------------------------------------------------------------------------------- */

enum { EVENTS_WANTED = 8000000, SHORTEST_S = 2, HOURS_MAX = 24 * 365 };

static int64_t given(int64_t value, int64_t otherwise) { return value >= 0 ? value : otherwise; }
static double given_real(double value, double otherwise) { return value >= 0 ? value : otherwise; }

static const struct ch_scheduler *const schedulers[] = {&ch_parallel, &ch_oracle, &ch_bench_heap};

static const struct ch_scheduler *find_scheduler(const char *name)
{
    for (unsigned i = 0; name && i < sizeof schedulers / sizeof schedulers[0]; i++)
        if (strcmp(schedulers[i]->name, name) == 0)
            return schedulers[i];
    return NULL;
}

static struct ch_bench_asked fill_in(const struct ch_args *args)
{
    struct ch_bench_asked asked = {
        .threads = args->threads < 0 ? 1 : ch_threads(args->threads),
        .rounds = (unsigned)given(args->rounds, 5),
        .seed = (uint32_t)given(args->seed, 1),
        .alone = find_scheduler(args->scheduler),
        .processes = given(args->processes, 65536),
        .events_per_process = given(args->events_per_process, 1),
        .remote = given_real(args->remote, 0.1),
        .lookahead_s = given_real(args->lookahead, 0.1),
        .customers = given(args->customers, 4000000),
        .servers = given(args->servers, 1),
        .load = given_real(args->load, 0.9),
        .shoppers = given(args->shoppers, 50000),
        .beacons = given(args->beacons, 200),
        .hours = given_real(args->hours, 1),
        .policy = args->policy ? args->policy : "responsive",
    };
    double seconds = EVENTS_WANTED / ((double)asked.processes * (double)asked.events_per_process + 1);
    asked.duration_s = given_real(args->duration, seconds > SHORTEST_S ? seconds : SHORTEST_S);
    return asked;
}

/* name, smallest, largest; a value outside is refused. */
static enum ch_code within(const char *name, double value, double low, double high, struct ch_error *error)
{
    if (value >= low && value <= high)
        return CH_OK;
    return ch_fail(error, CH_INVALID, "--%s: %g is out of range; allowed: %g to %g", name, value, low, high);
}

static enum ch_code check(const struct ch_bench_asked *asked, struct ch_error *error)
{
    const struct {
        const char *name;
        double value, low, high;
    } range[] = {
        {"rounds", asked->rounds, 1, CH_BENCH_ROUNDS_MAX},
        {"processes", (double)asked->processes, 1, 1u << 30},
        {"events-per-process", (double)asked->events_per_process, 1, 1u << 20},
        {"remote", asked->remote, 0, 1},
        {"lookahead", asked->lookahead_s, 1e-6, 1e6},
        {"duration", asked->duration_s, 10 * asked->lookahead_s, 2e8},
        {"customers", (double)asked->customers, 6400, 1e8},
        {"servers", (double)asked->servers, 1, 10000},
        {"load", asked->load, 0.01, 0.99},
        {"shoppers", (double)asked->shoppers, 1, 1e8},
        {"beacons", (double)asked->beacons, 0, 10000},
        {"hours", asked->hours, 0.05, HOURS_MAX},
    };
    enum ch_code code = CH_OK;
    for (unsigned i = 0; i < sizeof range / sizeof range[0] && code == CH_OK; i++)
        code = within(range[i].name, range[i].value, range[i].low, range[i].high, error);
    return code;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static const struct bench {
    const char *name;
    enum ch_code (*run)(const struct ch_bench_asked *asked, struct ch_bench_report *report, struct ch_error *error);
} benches[] = {{"phold", ch_bench_phold}, {"queue", ch_bench_queue}, {"city", ch_bench_city}};
enum { N_BENCHES = sizeof benches / sizeof benches[0] };

static const struct bench *find(const char *name)
{
    for (unsigned i = 0; i < N_BENCHES; i++)
        if (strcmp(benches[i].name, name) == 0)
            return &benches[i];
    return NULL;
}

static enum ch_code run_one(const struct bench *bench, const struct ch_bench_asked *asked, struct ch_bench_report *report,
                            struct ch_error *error)
{
    enum ch_code code = bench->run(asked, report, error);
    if (code == CH_OK) {
        ch_bench_put(report, "threads", strcmp(bench->name, "queue") == 0 ? 1 : asked->threads);
        ch_bench_put(report, "rounds", asked->rounds);
    }
    return code;
}

/* JSON is printed only when all went well: an error is one object of its own. */
static enum ch_code run_all(const struct ch_args *args, const struct ch_bench_asked *asked, FILE *json, struct ch_error *error)
{
    const struct bench *only = args->operand ? find(args->operand) : NULL;
    enum ch_code code = CH_OK;
    if (json)
        fprintf(json, "{\"schema_version\": 1");
    for (unsigned i = 0; i < N_BENCHES && code == CH_OK; i++) {
        struct ch_bench_report report = {.json = json, .table = json ? NULL : stdout};
        if (only && only != &benches[i])
            continue;
        report.first = !only;
        if (only)
            ch_bench_put_text(&report, "bench", only->name);
        else if (json)
            fprintf(json, ", \"%s\": {", benches[i].name);
        code = run_one(&benches[i], asked, &report, error);
        if (json && !only)
            fputc('}', json);
    }
    if (json)
        fprintf(json, "}\n");
    return code;
}

enum ch_code ch_cmd_bench(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_bench_asked asked = fill_in(args);
    enum ch_code code = CH_OK;
    if (args->operand && !find(args->operand))
        code = ch_fail(&error, CH_INVALID, "there is no benchmark '%s'; write phold, queue or city, or nothing for all",
                       args->operand);
    else if (args->scheduler && !asked.alone)
        code = ch_fail(&error, CH_INVALID, "--scheduler: '%s' is unknown; write parallel, oracle or heap", args->scheduler);
    else
        code = check(&asked, &error);
    char *text = NULL;
    size_t size = 0;
    FILE *json = code == CH_OK && args->json ? open_memstream(&text, &size) : NULL;
    if (code == CH_OK)
        code = run_all(args, &asked, json, &error);
    if (json)
        fclose(json);
    if (code == CH_OK && text)
        fputs(text, stdout);
    free(text);
    return code == CH_OK ? CH_OK : ch_cli_fail(args, &error);
}
