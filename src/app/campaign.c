/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/campaign.h"
#include "app/memory.h"
#include "app/status.h"
#include "app/threads.h"
#include "app/version.h"
#include "city/build.h"
#include "comm/comm.h"
#include "sim/sets.h"
#include "sweep/watch.h"
#include <chaland/settings.h>
#include <limits.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int ch_campaign_signal(void) { return ch_watch_lost(); }

/* ---- opening ----------------------------------------------------------------------------------------------------- */

enum { POLICIES_MAX = 64 };

unsigned ch_campaign_split(char *list, const char **word, unsigned most)
{
    unsigned n = 0;
    for (char *save = NULL, *w = strtok_r(list, ",", &save); w && n < most; w = strtok_r(NULL, ",", &save))
        word[n++] = w;
    return n;
}

/* A bare word that is no file here may name a shipped scenario. */
static const char *find_scenario(const char *operand, char *buffer, size_t size)
{
    struct stat st;
    if (stat(operand, &st) == 0 || strchr(operand, '/') || strchr(operand, '.'))
        return operand;
    int n = snprintf(buffer, size, "%s/scenarios/%s.yaml", ch_share_folder(), operand);
    return n > 0 && (size_t)n < size && stat(buffer, &st) == 0 ? buffer : operand;
}

/* A scenario with other mistakes: what is wrong with its own data? */
static void look_at_city(const struct ch_scenario *scenario, struct ch_diag *diag)
{
    struct ch_city_build *build;
    ch_city_create(scenario, diag, &build);
}

enum ch_code ch_campaign_load(const struct ch_args *args, struct ch_diag *diag, struct ch_scenario **scenario)
{
    const char *set[CH_REPEAT_MAX + 2], *policy[POLICIES_MAX + 1];
    char seed[48], replications[48], shipped[PATH_MAX + 128];
    struct ch_scenario_options options = {.set = set, .policy = policy, .share = ch_share_folder(), .look_further = look_at_city};
    for (unsigned i = 0; i < args->set.n; i++)
        set[options.n_sets++] = args->set.text[i];
    if (args->seed >= 0) {
        snprintf(seed, sizeof seed, "seed=%lld", (long long)args->seed);
        set[options.n_sets++] = seed;
    }
    if (args->replications >= 0) {
        snprintf(replications, sizeof replications, "replications=%lld", (long long)args->replications);
        set[options.n_sets++] = replications;
    }
    char *list = args->policy ? strdup(args->policy) : NULL;
    if (list)
        options.n_policies = ch_campaign_split(list, policy, POLICIES_MAX + 1);
    if (list && (options.n_policies == 0 || options.n_policies > POLICIES_MAX))
        ch_diag_add(diag, (struct ch_mark){"--policy", 1, 1, 1}, "E010", "write --policy silent,responsive",
                    options.n_policies ? "--policy names more than %d policies"
                                       : "--policy names no policy, and at most %d are allowed",
                    POLICIES_MAX);
    enum ch_code code = ch_diag_code(diag);
    if (!ch_diag_count(diag) && args->scenario_text)
        code = ch_scenario_parse(args->scenario_text, args->operand, &options, diag, scenario);
    else if (!ch_diag_count(diag))
        code = ch_scenario_load(find_scenario(args->operand, shipped, sizeof shipped), &options, diag, scenario);
    free(list);
    return code;
}

enum ch_code ch_campaign_scheduler(const struct ch_args *args, const struct ch_scheduler **scheduler, struct ch_error *error)
{
    *scheduler = &ch_parallel;
    if (args->scheduler && strcmp(args->scheduler, "oracle") == 0)
        *scheduler = &ch_oracle;
    else if (args->scheduler && strcmp(args->scheduler, "parallel") != 0)
        return ch_fail(error, CH_INVALID, "--scheduler: '%s' is unknown; write parallel or oracle", args->scheduler);
    return CH_OK;
}

static enum ch_code choose_progress(const struct ch_args *args, enum ch_progress_mode *mode, struct ch_error *error)
{
    *mode = args->quiet ? CH_PROGRESS_NEVER : CH_PROGRESS_AUTO;
    if (args->progress && strcmp(args->progress, "always") == 0)
        *mode = CH_PROGRESS_ALWAYS;
    else if (args->progress && strcmp(args->progress, "never") == 0)
        *mode = CH_PROGRESS_NEVER;
    else if (args->progress && strcmp(args->progress, "auto") != 0)
        return ch_fail(error, CH_INVALID, "--progress: '%s' is unknown; write auto, always or never", args->progress);
    return CH_OK;
}

struct ch_progress *ch_campaign_progress(const struct ch_args *args, const struct ch_scenario *scenario, uint64_t runs)
{
    const struct ch_run_params *run = CH_BLOCK(scenario, run);
    uint32_t days = (uint32_t)((run->duration + run->warmup + CH_DAY - 1) / CH_DAY);
    enum ch_progress_mode mode;
    if (choose_progress(args, &mode, NULL) != CH_OK || runs == 0)
        return NULL;
    return ch_progress_begin(mode, runs * days, (unsigned)runs);
}

static enum ch_code choose_engine(const struct ch_args *args, struct ch_campaign *c, struct ch_error *error)
{
    enum ch_code code = ch_campaign_scheduler(args, &c->scheduler, error);
    c->tile_places = args->tile > 0 ? (uint32_t)args->tile : 0;
    c->perturb = args->perturb > 0 ? (uint64_t)args->perturb : 0;
    c->threads = ch_threads(args->threads);
    omp_set_num_threads((int)c->threads); /* for the set-up, see base/together.h */
    code = code ? code : choose_progress(args, &c->progress, error);
    c->progress = ch_comm_rank() > 0 ? CH_PROGRESS_NEVER : c->progress;
    return code;
}

/* People alone, before they are made: a city that cannot fit is refused at once. */
static enum ch_code refuse_giants(const struct ch_scenario *scenario, struct ch_error *error)
{
    const struct ch_population_params *population = CH_BLOCK(scenario, population);
    double people = (double)population->shoppers * population->sample;
    char what[64];
    snprintf(what, sizeof what, "%.0f people", people);
    return ch_memory_check((uint64_t)(people * (double)ch_least_per_person()), what, error);
}

static enum ch_code make_stages(struct ch_campaign *c, struct ch_diag *diag, struct ch_error *error)
{
    c->n_points = c->scenario->n_points;
    c->at_point = calloc(c->n_points, sizeof *c->at_point);
    c->stage = calloc(c->n_points, sizeof *c->stage);
    c->people = calloc(c->n_points, sizeof *c->people);
    if (!c->at_point || !c->stage || !c->people)
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u design points", c->n_points);
    for (unsigned i = 0; i < c->n_points; i++) {
        enum ch_code code = ch_scenario_at(c->scenario, i, diag, &c->at_point[i]);
        if (code == CH_OK)
            code = refuse_giants(c->at_point[i], error);
        if (code == CH_OK)
            code = ch_stage_create(c->at_point[i], diag, &c->stage[i], error);
        if (code != CH_OK)
            return code;
    }
    return CH_OK;
}

static enum ch_code open_campaign(const struct ch_args *args, struct ch_campaign *c, bool say, struct ch_error *error)
{
    struct ch_diag *diag = ch_diag_create();
    struct ch_scenario *scenario = NULL;
    memset(c, 0, sizeof *c);
    if (!diag)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    enum ch_code code = choose_engine(args, c, error);
    if (code == CH_OK)
        code = ch_campaign_load(args, diag, &scenario);
    c->scenario = scenario;
    if (code == CH_OK)
        code = make_stages(c, diag, error);
    if (ch_diag_count(diag)) {
        code = say ? ch_cli_fail_diag(args, diag) : ch_diag_code(diag);
        error->text[0] = 0; /* said in full already */
        error->code = code;
    }
    ch_diag_destroy(diag);
    return code;
}

enum ch_code ch_campaign_open(const struct ch_args *args, struct ch_campaign *c, struct ch_error *error)
{
    return open_campaign(args, c, true, error);
}

enum ch_code ch_campaign_open_quietly(const struct ch_args *args, struct ch_campaign *c, struct ch_error *error)
{
    return open_campaign(args, c, false, error);
}

/* The scenario itself, what it extends, its policies and tables. */
static bool is_input(const struct ch_scenario *scenario, const char *path)
{
    char file[PATH_MAX];
    bool same = ch_same_file(path, scenario->path);
    for (const char *line = scenario->input_paths; !same && *line;) {
        size_t length = strcspn(line, "\n");
        snprintf(file, sizeof file, "%.*s", (int)length, line);
        same = ch_same_file(path, file);
        line += length + (line[length] == '\n');
    }
    return same;
}

enum ch_code ch_campaign_target(const struct ch_campaign *campaign, const char *path, bool force, struct ch_error *error)
{
    if (is_input(campaign->scenario, path))
        return ch_fail(error, CH_INVALID, "%s is read for this scenario and would be lost; write another file: -o FILE", path);
    return ch_results_target(path, force, error);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

struct job {
    struct ch_campaign *campaign;
    struct ch_progress *progress;
    unsigned workers, n_policies, n_replications;
    struct ch_run_key *point_key, *policy_key; /* [point], [policy]; NULL: nothing is kept */
};

/* Lines of the log leave memory, too: one thread packs them, and those that end meanwhile leave theirs to it. */
static enum ch_code pack_log(struct ch_results *results, unsigned run, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    bool mine;
#pragma omp critical(ch_log)
    mine = ch_results_leave_log(results, run);
    while (mine && code == CH_OK) {
        code = ch_log_pack(results->log, error);
#pragma omp critical(ch_log)
        mine = ch_log_more(results->log);
    }
    return code;
}

static void day_done(void *job, uint64_t events) { ch_progress_step(((const struct job *)job)->progress, events); }

/* Was it done before, and kept? Its days count as done. */
static bool was_kept(const struct job *job, const struct ch_run_key *key, unsigned point, struct ch_outcome *outcome)
{
    struct ch_campaign *c = job->campaign;
    if (!c->kept || !ch_keep_find(c->kept, key, outcome))
        return false;
    for (uint32_t day = 0; day < ch_stage_days(c->stage[point]); day++)
        ch_progress_step(job->progress, day ? 0 : outcome->engine.events);
    return true;
}

/* Run i: of a point all policies with one luck, then with the next, so that differences are known long before the end. */
static enum ch_code run_one(struct job *job, unsigned i, struct ch_error *error)
{
    struct ch_campaign *c = job->campaign;
    unsigned point = i / (job->n_policies * job->n_replications);
    struct ch_run_key key = {""};
    const struct ch_run_options options = {.policy = i % job->n_policies,
                                           .replication = i / job->n_policies % job->n_replications,
                                           .seed = ch_scenario_seed(c->scenario, point),
                                           .workers = job->workers,
                                           .scheduler = c->scheduler,
                                           .tile_places = c->tile_places,
                                           .perturb = c->perturb,
                                           .ranks = c->together,
                                           .sets = c->sets,
                                           .number = i,
                                           .stop = ch_watch_flag(),
                                           .day_done = day_done,
                                           .arg = job};
    struct ch_outcome *outcome =
        &c->results.outcome[(point * job->n_policies + options.policy) * job->n_replications + options.replication];
    if (c->kept)
        key = ch_key_of_run(&job->point_key[point], &job->policy_key[options.policy], options.replication);
    enum ch_code code = CH_OK;
    if (!was_kept(job, &key, point, outcome)) {
        code = ch_stage_run(c->stage[point], &options, outcome, error);
        if (code != CH_OK)
            return code;
        if (!c->scenario->maps)
            ch_measures_drop_maps(&outcome->measures);
        if (c->kept)
            ch_keep_add(c->kept, &key, ch_stage_city(c->stage[point]), outcome);
    }
    ch_progress_run_done(job->progress);
    ch_status_run_done(c->status, point, options.policy, options.replication, outcome);
#pragma omp critical(ch_fold_maps) /* maps leave memory run by run: integer sums, whose order does not matter */
    code = ch_results_fold_maps(&c->results, point, options.policy, options.replication, error);
    return code ? code : pack_log(&c->results, (unsigned)(outcome - c->results.outcome), error);
}

/* The error of the first run (by index) that failed, so that the message does not depend on threads. */
struct first_error {
    unsigned run;
    struct ch_error error;
};

static void keep_first(struct first_error *first, unsigned run, const struct ch_error *error)
{
#pragma omp critical(keep_first)
    if (run < first->run) {
        first->run = run;
        first->error = *error;
    }
}

/* Runs that are kept while they last, or shared with other processes, come one after another. */
static bool one_by_one(const struct ch_campaign *c) { return c->sets || (c->together && ch_comm_size() > 1); }

/* Is run i to be done, or to be brought back? All processes decide together. */
static bool wanted(const struct ch_campaign *c, unsigned i)
{
    if (c->sets && i < ch_sets_done(c->sets))
        return true;
    uint64_t stop = atomic_load(ch_watch_flag()) != 0;
    if (c->together)
        ch_comm_most(&stop, 1);
    return !stop;
}

unsigned ch_campaign_workers(const struct ch_campaign *c, uint64_t runs)
{
    return runs >= c->threads && !one_by_one(c) ? 1 : c->threads; /* inside runs only when there are fewer of them */
}

static void run_all(struct job *job, unsigned n, struct first_error *first)
{
    unsigned side_by_side = job->workers > 1 || one_by_one(job->campaign) ? 1 : job->campaign->threads;
#pragma omp parallel for schedule(dynamic, 1) num_threads(side_by_side)
    for (unsigned i = 0; i < n; i++) {
        struct ch_error error = {.code = CH_OK};
        if (wanted(job->campaign, i) && run_one(job, i, &error) != CH_OK)
            keep_first(first, i, &error);
        if (error.code != CH_OK)
            atomic_store(ch_watch_flag(), 1); /* the others end at their next day */
    }
}

/* Same streets and stores: maps and tables of places have the same labels. */
static void describe_cities(struct ch_campaign *c)
{
    c->results.city = ch_stage_city(c->stage[0]);
    c->results.people = c->people;
    for (unsigned i = 0; i < c->n_points; i++) {
        const struct ch_city *city = ch_stage_city(c->stage[i]);
        c->people[i] = city->n_people;
        c->results.cities_differ |= ch_whereabouts(c->results.city).labels != ch_whereabouts(city).labels;
    }
}

static enum ch_code make_keys(struct job *job, struct ch_error *error)
{
    const struct ch_campaign *c = job->campaign;
    if (!c->kept)
        return CH_OK;
    job->point_key = calloc(c->n_points, sizeof *job->point_key);
    job->policy_key = calloc(job->n_policies, sizeof *job->policy_key);
    bool good = job->point_key && job->policy_key;
    for (unsigned i = 0; good && i < c->n_points; i++)
        good = ch_key_of_point(c->at_point[i], ch_scenario_seed(c->scenario, i), &job->point_key[i]);
    for (unsigned i = 0; good && i < job->n_policies; i++)
        good = ch_key_of_policy(c->scenario, i, &job->policy_key[i]);
    return good ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for the keys of the runs");
}

static enum ch_code shape_results(const struct job *job, unsigned n, struct ch_error *error)
{
    struct ch_campaign *c = job->campaign;
    c->results.scenario = c->scenario;
    describe_cities(c);
    ch_results_count_parameters(&c->results);
    c->results.n_points = c->n_points;
    c->results.n_policies = job->n_policies;
    c->results.n_replications = job->n_replications;
    c->results.outcome = calloc(n, sizeof *c->results.outcome);
    return c->results.outcome ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for %u runs", n);
}

static enum ch_code stopped(const struct ch_campaign *c, struct ch_error *error)
{
    if (c->sets)
        return ch_fail(error, CH_STOPPED, "stopped by %s in run %u of %u; a checkpoint is kept, and the same command goes on",
                       ch_watch_asked() ? ch_watch_reason() : "another process", ch_sets_done(c->sets) + 1,
                       c->n_points * c->results.n_policies * c->results.n_replications);
    if (!c->kept)
        return ch_fail(error, CH_STOPPED, "stopped by %s before all runs were done; nothing was written", ch_watch_reason());
    unsigned kept = atomic_load(&c->kept->found) + atomic_load(&c->kept->added);
    return ch_fail(error, CH_STOPPED, "stopped by %s; %u finished %s kept in %s.*.runs, and the same command goes on",
                   ch_watch_reason(), kept, kept == 1 ? "run is" : "runs are", c->kept->name);
}

/* Runs in hand are abandoned: the last words come from the watch. */
static void leave(void *campaign)
{
    struct ch_error error;
    stopped(campaign, &error);
    ch_status_say_end(((const struct ch_campaign *)campaign)->status, CH_STOPPED, error.text);
    fprintf(stderr, "chaland: error: %s\n", error.text);
}

/* Runs all, and watches for what may stop them. */
static enum ch_code run_watched(struct job *job, unsigned n, struct ch_error *error)
{
    struct ch_campaign *c = job->campaign;
    uint64_t steps = 0;
    struct first_error first = {.run = UINT32_MAX, .error = {.code = CH_OK}};
    for (unsigned i = 0; i < c->n_points; i++)
        steps += (uint64_t)ch_stage_days(c->stage[i]) * job->n_policies * job->n_replications;
    const struct ch_watch watch = {
        .kept = c->kept || c->sets, .patient = one_by_one(c), .deadline_s = c->deadline_s, .leave = leave, .arg = c};
    ch_watch_begin(&watch);
    job->progress = ch_progress_begin(c->progress, steps, n);
    ch_status_enter(c->status, CH_PHASE_running, job->progress);
    run_all(job, n, &first);
    ch_status_enter(c->status, CH_PHASE_writing, NULL);
    ch_progress_end(job->progress);
    ch_watch_last_word();
    bool asked = ch_watch_asked();
    ch_watch_end();
    bool missing = n > 0 && !c->results.outcome[n - 1].measures.scalar; /* the last of all runs, one after another */
    if (one_by_one(c) ? missing && (first.run == UINT32_MAX || first.error.code == CH_STOPPED) : asked)
        return stopped(c, error);
    if (first.run == UINT32_MAX)
        return CH_OK;
    *error = first.error;
    return error->code;
}

enum ch_code ch_campaign_run(struct ch_campaign *c, struct ch_error *error)
{
    const struct ch_run_params *run = CH_BLOCK(c->scenario, run);
    struct job job = {.campaign = c, .n_policies = c->scenario->n_policies, .n_replications = (unsigned)run->replications};
    unsigned n = c->n_points * job.n_policies * job.n_replications;
    job.workers = ch_campaign_workers(c, n);
    enum ch_code code = shape_results(&job, n, error);
    if (!code)
        code = make_keys(&job, error);
    if (!code)
        code = run_watched(&job, n, error);
    free(job.point_key);
    free(job.policy_key);
    if (c->together)
        code = ch_comm_agree(code, error);
    return code || (c->together && ch_comm_rank() > 0) ? code : ch_results_form(&c->results, error);
}

void ch_campaign_close(struct ch_campaign *c)
{
    ch_results_fini(&c->results);
    for (unsigned i = 0; i < c->n_points; i++) {
        if (c->stage)
            ch_stage_destroy(c->stage[i]);
        if (c->at_point)
            ch_scenario_destroy(c->at_point[i]);
    }
    ch_sets_close(c->sets);
    free(c->stage);
    free(c->people);
    free(c->at_point);
    ch_scenario_destroy((struct ch_scenario *)c->scenario);
    memset(c, 0, sizeof *c);
}
