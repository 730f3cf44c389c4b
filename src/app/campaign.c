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
#include "table/table.h"
#include <chaland/settings.h>
#include <limits.h>
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static volatile sig_atomic_t caught;
static atomic_int stop;

static void on_signal(int number)
{
    caught = number;
    atomic_store(&stop, 1);
}

int ch_campaign_signal(void) { return caught; }

/* With checkpoints also those by which schedulers announce the end of a job. */
static void listen_to_signals(bool kept)
{
    static const int more[] = {SIGUSR1, SIGUSR2, SIGXCPU};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; kept && i < sizeof more / sizeof more[0]; i++)
        sigaction(more[i], &action, NULL);
    action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends the program at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

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

static enum ch_code choose_engine(const struct ch_args *args, struct ch_campaign *c, struct ch_error *error)
{
    c->scheduler = &ch_parallel;
    if (args->scheduler && strcmp(args->scheduler, "oracle") == 0)
        c->scheduler = &ch_oracle;
    else if (args->scheduler && strcmp(args->scheduler, "parallel") != 0)
        return ch_fail(error, CH_INVALID, "--scheduler: '%s' is unknown; write parallel or oracle", args->scheduler);
    c->tile_places = args->tile > 0 ? (uint32_t)args->tile : 0;
    c->perturb = args->perturb > 0 ? (uint64_t)args->perturb : 0;
    c->threads = ch_threads(args->threads);
    omp_set_num_threads((int)c->threads); /* for the set-up, see base/together.h */
    c->progress = args->quiet || ch_comm_rank() > 0 ? CH_PROGRESS_NEVER : CH_PROGRESS_AUTO;
    if (args->progress && strcmp(args->progress, "always") == 0)
        c->progress = CH_PROGRESS_ALWAYS;
    else if (args->progress && strcmp(args->progress, "never") == 0)
        c->progress = CH_PROGRESS_NEVER;
    else if (args->progress && strcmp(args->progress, "auto") != 0)
        return ch_fail(error, CH_INVALID, "--progress: '%s' is unknown; write auto, always or never", args->progress);
    return CH_OK;
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

static uint32_t seed_of_point(const struct ch_campaign *c, unsigned point)
{
    const struct ch_run_params *run = CH_BLOCK(c->at_point[point], run);
    uint32_t seed = (uint32_t)run->seed, counter[4] = {point, 0, 0, 0}, word[4];
    if (!run->independent)
        return seed;
    ch_philox(counter, (struct ch_key){seed, 0}, word);
    return word[0];
}

struct job {
    struct ch_campaign *campaign;
    struct ch_progress *progress;
    unsigned workers, n_policies, n_replications;
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

/* Run i: of a point all policies with one luck, then with the next, so that differences are known long before the end. */
static enum ch_code run_one(struct job *job, unsigned i, struct ch_error *error)
{
    struct ch_campaign *c = job->campaign;
    unsigned point = i / (job->n_policies * job->n_replications);
    const struct ch_run_options options = {.policy = i % job->n_policies,
                                           .replication = i / job->n_policies % job->n_replications,
                                           .seed = seed_of_point(c, point),
                                           .workers = job->workers,
                                           .scheduler = c->scheduler,
                                           .tile_places = c->tile_places,
                                           .perturb = c->perturb,
                                           .ranks = c->together,
                                           .sets = c->sets,
                                           .number = i,
                                           .stop = &stop,
                                           .day_done = day_done,
                                           .arg = job};
    struct ch_outcome *outcome =
        &c->results.outcome[(point * job->n_policies + options.policy) * job->n_replications + options.replication];
    enum ch_code code = ch_stage_run(c->stage[point], &options, outcome, error);
    if (code != CH_OK)
        return code;
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

/* Runs that are kept, or shared with other processes, come one after another. */
static bool one_by_one(const struct ch_campaign *c) { return c->sets || (c->together && ch_comm_size() > 1); }

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
        if (!atomic_load(&stop) && run_one(job, i, &error) != CH_OK)
            keep_first(first, i, &error);
        if (error.code != CH_OK)
            atomic_store(&stop, 1); /* the others end at their next day */
    }
}

/* Same streets and stores, so that maps and tables of places have the same labels? */
static bool same_city(const struct ch_city *a, const struct ch_city *b)
{
    bool same = a->width == b->width && a->height == b->height && a->block_mm == b->block_mm && a->n_stores == b->n_stores &&
                a->n_retailers == b->n_retailers;
    for (uint32_t i = 0; same && i < a->n_stores; i++)
        same = a->stores[i].node == b->stores[i].node && a->stores[i].retailer == b->stores[i].retailer &&
               strcmp(a->stores[i].id, b->stores[i].id) == 0;
    return same;
}

static void describe_cities(struct ch_campaign *c)
{
    c->results.city = ch_stage_city(c->stage[0]);
    c->results.people = c->people;
    for (unsigned i = 0; i < c->n_points; i++) {
        const struct ch_city *city = ch_stage_city(c->stage[i]);
        c->people[i] = city->n_people;
        c->results.cities_differ |= !same_city(c->results.city, city);
    }
}

/* Parameters that bear on these runs, and those of them that nobody has a source for. */
static void count_assumptions(struct ch_campaign *c)
{
    for (unsigned s = 0; s < ch_n_sections(); s++) {
        const struct ch_section *section = ch_section(s);
        if (!ch_section_in_use(section, c->scenario->block[s]))
            continue;
        c->results.n_parameters += section->n_params;
        for (unsigned i = 0; i < section->n_params; i++)
            c->results.n_assumed += section->param[i].origin.status == CH_IS_ASSUMED;
    }
}

enum ch_code ch_campaign_run(struct ch_campaign *c, struct ch_error *error)
{
    const struct ch_run_params *run = CH_BLOCK(c->scenario, run);
    struct job job = {.campaign = c, .n_policies = c->scenario->n_policies, .n_replications = (unsigned)run->replications};
    unsigned n = c->n_points * job.n_policies * job.n_replications;
    c->results.scenario = c->scenario;
    describe_cities(c);
    count_assumptions(c);
    c->results.n_points = c->n_points;
    c->results.n_policies = job.n_policies;
    c->results.n_replications = job.n_replications;
    c->results.outcome = calloc(n, sizeof *c->results.outcome);
    if (!c->results.outcome)
        return ch_fail(error, CH_TOO_BIG, "out of memory for %u runs", n);
    job.workers = ch_campaign_workers(c, n);
    uint64_t steps = 0;
    for (unsigned i = 0; i < c->n_points; i++)
        steps += (uint64_t)ch_stage_days(c->stage[i]) * job.n_policies * job.n_replications;
    atomic_store(&stop, 0);
    listen_to_signals(c->sets);
    job.progress = ch_progress_begin(c->progress, steps, n);
    ch_status_enter(c->status, CH_PHASE_running, job.progress);
    struct first_error first = {.run = UINT32_MAX};
    run_all(&job, n, &first);
    ch_status_enter(c->status, CH_PHASE_writing, NULL);
    ch_progress_end(job.progress);
    if (caught && !c->sets)
        return ch_fail(error, CH_STOPPED, "stopped by signal %d before all runs were done; nothing was written", (int)caught);
    if (first.run != UINT32_MAX && first.error.code == CH_STOPPED && c->sets)
        return ch_fail(error, CH_STOPPED, "stopped in run %u of %u; what is done is kept: the same command goes on from here",
                       first.run + 1, n);
    if (first.run != UINT32_MAX) {
        *error = first.error;
        return error->code;
    }
    return ch_comm_rank() == 0 ? ch_results_form(&c->results, error) : CH_OK;
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
