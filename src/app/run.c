/* SPDX-License-Identifier: MIT
 * `chaland run`: scenario -> city -> engine and models -> probes -> file -> answer, on one screen. */
#define _POSIX_C_SOURCE 200809L
#include "app/assumptions.h"
#include "app/campaign.h"
#include "app/checkpoints.h"
#include "app/json.h"
#include "app/memory.h"
#include "app/provenance.h"
#include "app/status.h"
#include "app/verdict.h"
#include "base/terminal.h"
#include "comm/comm.h"
#include "sweep/watch.h"
#include <chaland/settings.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* output/NAME-SEED.h5 unless -o says otherwise; the folder is made. */
static const char *output_path(const struct ch_args *args, const struct ch_campaign *c, char *buffer, size_t size)
{
    if (args->output)
        return args->output;
    mkdir("output", 0777); /* if that fails, so will the writing, and say why */
    snprintf(buffer, size, "output/%s-%lld.h5", c->scenario->name, (long long)CH_BLOCK(c->scenario, run)->seed);
    return buffer;
}

static enum ch_code refuse_early(const struct ch_args *args, const struct ch_campaign *c, const char *path,
                                 struct ch_error *error)
{
    enum ch_code code = ch_campaign_target(c, path, args->force, error);
    if (code != CH_OK)
        return code;
    return ch_memory_check(ch_memory_foretell(c), "the runs", error);
}

static enum ch_code dry_run(const struct ch_args *args, const struct ch_campaign *c)
{
    const struct ch_run_params *run = CH_BLOCK(c->scenario, run);
    const struct ch_city *city = ch_stage_city(c->stage[0]);
    unsigned long long runs = (unsigned long long)c->n_points * c->scenario->n_policies * (unsigned long long)run->replications;
    unsigned days = ch_stage_days(c->stage[0]);
    uint64_t bytes = ch_memory_resident() + ch_memory_foretell(c);
    if (args->json) {
        printf("{\"schema_version\": 1, \"scenario\": ");
        ch_json_put_string(stdout, c->scenario->name);
        printf(", \"runs\": %llu, \"days\": %u, \"shoppers\": %u, \"stores\": %u, \"peak_rss_bytes\": %llu, \"sha256\": \"%s\", "
               "\"resolved\": ",
               runs, days, city->n_people, city->n_stores, (unsigned long long)bytes, c->scenario->sha256);
        ch_json_put_string(stdout, c->scenario->resolved);
        printf("}\n");
        return CH_OK;
    }
    fputs(c->scenario->resolved, stdout);
    if (!args->quiet)
        fprintf(stderr, "# %s: %llu %s of %u %s, %u shoppers, %u stores, %.1f MB of memory with %u %s, sha256 %s\n",
                c->scenario->name, runs, runs == 1 ? "run" : "runs", days, days == 1 ? "day" : "days", city->n_people,
                city->n_stores, (double)bytes / 1e6, c->threads, c->threads == 1 ? "thread" : "threads", c->scenario->sha256);
    return CH_OK;
}

static enum ch_code answer(const struct ch_args *args, const struct ch_campaign *c, const char *path, struct ch_error *error)
{
    struct ch_file file;
    enum ch_code code = ch_file_read(path, false, &file, error); /* what is told is what the file says */
    if (code != CH_OK)
        return code;
    if (args->json)
        ch_verdict_run_json(&file, &c->results, path, stdout);
    else if (!args->quiet) {
        struct ch_page page;
        FILE *out = ch_page_open(&page, stdout);
        ch_verdict_print(&file, NULL, out);
        if (c->results.assumptions)
            ch_assumptions_print(&c->results, c->results.assumptions, out);
        ch_verdict_close(&file, &c->results, path, out);
        ch_page_close(&page);
    }
    ch_file_fini(&file);
    return CH_OK;
}

/* What an earlier attempt at this output left. */
static enum ch_code find_kept(const struct ch_args *args, const char *path, struct ch_keep *kept, struct ch_error *error)
{
    enum ch_code code = ch_keep_open(path, args->quiet, kept, error);
    unsigned n = code ? 0 : ch_records_count(kept->records);
    if (n && !args->quiet)
        fprintf(stderr, "%u finished %s of an earlier attempt; what fits this scenario and program is not run again\n", n,
                n == 1 ? "run is kept" : "runs are kept");
    return code;
}

/* What it cost to be several: one line for people and scripts. */
static void tell_of_processes(const struct ch_campaign *c)
{
    struct ch_engine_stats all = {0};
    double wall = 0;
    size_t n = (size_t)c->results.n_points * c->results.n_policies * c->results.n_replications;
    for (size_t i = 0; i < n; i++) {
        const struct ch_engine_stats *one = &c->results.outcome[i].engine;
        all.events += one->events;
        all.meetings += one->meetings;
        all.meeting_s += one->meeting_s;
        all.crossed += one->crossed;
        all.crossed_bytes += one->crossed_bytes;
        all.rows_told += one->rows_told;
        wall += c->results.outcome[i].wall_s;
    }
    fprintf(
        stderr,
        "processes=%u threads=%u events=%llu wall_s=%.3f exchanges=%llu exchange_s=%.3f events_crossed=%llu bytes_crossed=%llu "
        "rows_told=%llu\n",
        ch_comm_size(), c->threads, (unsigned long long)all.events, wall, (unsigned long long)all.meetings, all.meeting_s,
        (unsigned long long)all.crossed, (unsigned long long)all.crossed_bytes, (unsigned long long)all.rows_told);
}

/* Rank 0 has the results; all processes end with its code. */
static enum ch_code write_results(const struct ch_args *args, const struct ch_campaign *c, const char *path,
                                  struct ch_error *error)
{
    enum ch_code code = ch_comm_rank() == 0 ? ch_results_write(&c->results, path, args->force, error) : CH_OK;
    return ch_comm_agree(code, error);
}

enum ch_code ch_cmd_run(const struct ch_args *args)
{
    struct ch_campaign campaign;
    struct ch_error error = {.code = CH_OK};
    struct ch_provenance_clock clock;
    struct ch_assumptions assumptions = {0};
    struct ch_keep kept = {.name = NULL};
    char buffer[512];
    ch_provenance_start(&clock);
    double deadline = ch_watch_deadline(args->max_time);
    enum ch_code code = ch_checkpoints_check(args, &error);
    if (code != CH_OK)
        return ch_cli_fail(args, &error);
    code = ch_campaign_open(args, &campaign, &error);
    campaign.together = true;
    if (code == CH_OK && args->dry_run) {
        code = dry_run(args, &campaign);
        ch_campaign_close(&campaign);
        return code;
    }
    const char *path = code == CH_OK ? output_path(args, &campaign, buffer, sizeof buffer) : NULL;
    if (code == CH_OK && ch_comm_rank() == 0)
        code = refuse_early(args, &campaign, path, &error);
    bool beside = !args->checkpoint && ch_comm_size() == 1; /* finished runs are kept beside the output */
    code = ch_comm_agree(code, &error);
    if (code == CH_OK)
        code = beside ? find_kept(args, path, &kept, &error) : ch_checkpoints_open(args, &campaign, &error);
    if (code == CH_OK) {
        campaign.kept = beside ? &kept : NULL;
        campaign.deadline_s = deadline;
        campaign.status = ch_comm_rank() == 0 ? ch_status_begin(&campaign, path) : NULL;
        code = ch_campaign_run(&campaign, &error);
    }
    if (code == CH_OK)
        ch_provenance_fill(&clock, args, campaign.threads, &campaign.results.provenance);
    if (code == CH_OK && args->assumptions) {
        code = ch_assumptions_try(args, &campaign, &assumptions, &error);
        campaign.results.assumptions = &assumptions;
    }
    if (code == CH_OK)
        code = write_results(args, &campaign, path, &error);
    if (code == CH_OK && beside)
        ch_keep_remove(&kept);
    ch_status_end(campaign.status, (int)code, error.text);
    if (code == CH_OK && ch_comm_rank() == 0)
        code = answer(args, &campaign, path, &error);
    if (code == CH_OK && ch_comm_size() > 1 && ch_comm_rank() == 0 && !args->quiet)
        tell_of_processes(&campaign);
    if (code != CH_OK && error.text[0])
        ch_cli_fail(args, &error);
    ch_provenance_end(&clock);
    ch_assumptions_fini(&assumptions);
    ch_campaign_close(&campaign);
    ch_keep_close(&kept);
    return code;
}
