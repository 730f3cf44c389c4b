/* SPDX-License-Identifier: MIT
 * A city of walkers: all models are the real ones, but for day plans, whose part is played by endless walks (bench_stroll.c).
 * Everybody carries a smartphone with app, Bluetooth and location on, and holds consent level 2; all probes count; a policy
 * runs. Five minutes settle and are not counted. 20 x 20 blocks of 100 m for up to 50 thousand people, the same density above;
 * stores and beacons are given per 20 x 20 blocks and grow with the city.
 * Run beside it: the same without beacons; the same on a 4-ary heap, up to 100 thousand people, which must end with the same
 * fingerprint; with several threads, as many one-thread processes at the same time. */
#include "app/bench.h"
#include "app/bench_stroll.h"
#include "app/memory.h"
#include "app/version.h"
#include "base/text.h"
#include "sim/sim.h"
#include <chaland/settings.h>
#include <stdlib.h>
#include <string.h>

enum { SETTLE_MIN = 5, DENSE = 50000, STORES = 40, CLUSTERS = 25, CLUSTERS_MAX = 1000, HEAP_MOST = 100000 };

struct setup {
    const struct ch_bench_asked *asked;
    const struct ch_scheduler *scheduler;
    unsigned threads;
    int64_t beacons; /* per 20 x 20 blocks */
};

/* ---- a scheduler that looks at the clock ------------------------------------------------------------------------- */

/* One process runs one simulation: statics will do. */
static const struct ch_scheduler *timed;
static struct ch_bench_sample *timed_sample;

/* The first minutes settle: consents of the start are written down, first legs begin. */
static enum ch_code timed_run(void *self, ch_time until, struct ch_error *error)
{
    if (until <= SETTLE_MIN * CH_MINUTE)
        return timed->run_until(self, until, error);
    uint64_t events = timed->stats(self)->events, windows = timed->stats(self)->windows;
    struct ch_bench_clock clock = ch_bench_begin();
    enum ch_code code = timed->run_until(self, until, error);
    ch_bench_end(&clock, timed_sample);
    timed_sample->events += timed->stats(self)->events - events;
    timed_sample->windows += timed->stats(self)->windows - windows;
    return code;
}

/* ---- the scenario ------------------------------------------------------------------------------------------------ */

static int64_t side_of(int64_t shoppers)
{
    int64_t side = CH_STROLL_BLOCKS;
    while (side * side * DENSE < shoppers * CH_STROLL_BLOCKS * CH_STROLL_BLOCKS)
        side++;
    return side;
}

static int64_t for_area(int64_t count, int64_t side) { return count * side * side / (CH_STROLL_BLOCKS * CH_STROLL_BLOCKS); }

static bool write_scenario(const struct setup *setup, struct ch_text *out)
{
    const struct ch_bench_asked *asked = setup->asked;
    int64_t side = side_of(asked->shoppers), clusters = for_area(CLUSTERS, side);
    ch_text_addf(out,
                 "chaland: 1\nname: bench\nseed: %u\nduration: 1 d\nwarmup: 0 d\nreplications: 1\nstart: 2013-03-04\n"
                 "city: {columns: %lld, rows: %lld, block: 100 m, stores: %lld, retailers: 8, pareto: 5, clusters: %lld, "
                 "beacons: %lld, screens: 0, stops: 0, depots: 0, couriers: 0, opens: 0 h, closes: 24 h, sunday: 100 %%}\n"
                 "population: {shoppers: %lld, privacy: [0 %%, 0 %%, 100 %%]}\n"
                 "devices: {smartphone: 100 %%, bluetooth: 100 %%, location: 100 %%, app: 100 %%}\n"
                 "consent: {initial: [99 %%, 99 %%, 0 %%], types: [-4, 0, 20]}\n"
                 "policies: [%s]\nbaseline: %s\n",
                 asked->seed, (long long)side, (long long)side, (long long)for_area(STORES, side),
                 (long long)(clusters > CLUSTERS_MAX ? CLUSTERS_MAX : clusters), (long long)for_area(setup->beacons, side),
                 (long long)asked->shoppers, asked->policy, asked->policy);
    return out->s != NULL;
}

static enum ch_code parse(const struct setup *setup, struct ch_diag *diag, struct ch_scenario **scenario)
{
    struct ch_text text = {0};
    struct ch_scenario_options options = {.share = ch_share_folder()};
    enum ch_code code = write_scenario(setup, &text) ? ch_scenario_parse(text.s, "bench", &options, diag, scenario) : CH_TOO_BIG;
    ch_text_fini(&text);
    if (code == CH_OK) { /* minutes and hours, where a scenario takes days */
        struct ch_run_params *run = (struct ch_run_params *)(uintptr_t)(*scenario)->block[CH_SET_run];
        run->warmup = SETTLE_MIN * CH_MINUTE;
        run->duration = (ch_time)(setup->asked->hours * (double)CH_HOUR);
    }
    return code;
}

/* ---- measuring --------------------------------------------------------------------------------------------------- */

static double scalar(const struct ch_outcome *outcome, const char *name)
{
    const struct ch_probe_list *list = ch_probe_list();
    for (unsigned i = 0; i < list->n_scalars; i++)
        if (strcmp(list->row[list->scalar[i]]->name, name) == 0)
            return outcome->measures.scalar[i];
    return 0;
}

static void run(const struct setup *setup, const struct ch_stage *stage, struct ch_bench_sample *sample)
{
    struct ch_outcome outcome;
    struct ch_scheduler clocked = *setup->scheduler;
    timed = setup->scheduler;
    timed_sample = sample;
    clocked.run_until = timed_run;
    struct ch_run_options options = {.seed = setup->asked->seed, .workers = setup->threads, .scheduler = &clocked};
    if (ch_stage_run(stage, &options, &outcome, &sample->error) != CH_OK)
        return;
    sample->pending = outcome.engine.pending_peak;
    sample->units = (uint64_t)scalar(&outcome, "crossings");
    sample->fingerprint = outcome.fingerprint;
    sample->passes = scalar(&outcome, "beacon_passes");
    sample->messages = scalar(&outcome, "messages_sent");
    ch_outcome_fini(&outcome);
}

static void measure(const void *arg, struct ch_bench_sample *sample)
{
    const struct setup *setup = arg;
    uint64_t resident = ch_memory_resident();
    struct ch_diag *diag = ch_diag_create();
    struct ch_scenario *scenario = NULL;
    struct ch_stage *stage = NULL;
    enum ch_code code = diag ? parse(setup, diag, &scenario) : CH_TOO_BIG;
    if (code == CH_OK)
        code = ch_stage_create_with(scenario, &ch_bench_stroll, diag, &stage, &sample->error);
    if (code == CH_OK)
        run(setup, stage, sample);
    else if (diag)
        ch_diag_print(diag, stderr);
    if (code != CH_OK && sample->error.code == CH_OK)
        ch_fail(&sample->error, code, "bench city: no city for %lld shoppers", (long long)setup->asked->shoppers);
    sample->bytes = ch_memory_peak() - resident;
    ch_stage_destroy(stage);
    ch_scenario_destroy(scenario);
    ch_diag_destroy(diag);
}

enum { OURS, SILENT, HEAP, COPIES, N_VARIANTS };

static void tell(const struct ch_bench_asked *asked, const struct ch_bench_sample *sample, const bool *taken,
                 struct ch_bench_report *report)
{
    unsigned rounds = asked->rounds, threads = asked->threads;
    const struct ch_bench_sample *none = &sample[SILENT * rounds];
    struct ch_spread crossings = ch_bench_rate(sample, rounds, threads, true),
                     events = ch_bench_rate(sample, rounds, threads, false);
    long long side = (long long)side_of(asked->shoppers);
    ch_bench_line(
        report,
        "city    %lld walkers on %lld x %lld blocks, policy %s, %u %s: %.2f M crossings/s [%.2f, %.2f], %.2f M events/s\n",
        (long long)asked->shoppers, side, side, asked->policy, threads, threads > 1 ? "threads" : "thread",
        crossings.median * 1e-6, crossings.low * 1e-6, crossings.high * 1e-6, events.median * 1e-6);
    ch_bench_line(report,
                  "        %lld beacons per 20 x 20 blocks: %.2f passes per crossing, %.4f messages; %.0f bytes per shopper\n",
                  (long long)asked->beacons, sample->passes / (double)sample->units, sample->messages / (double)sample->units,
                  (double)sample->bytes / (double)asked->shoppers);
    ch_bench_put(report, "shoppers", (double)asked->shoppers);
    ch_bench_put(report, "beacons", (double)for_area(asked->beacons, side));
    ch_bench_put(report, "hours", asked->hours);
    ch_bench_put_text(report, "policy", asked->policy);
    ch_bench_put(report, "crossings", (double)sample->units);
    ch_bench_put(report, "events", (double)sample->events);
    ch_bench_put_spread(report, "crossings_per_s", crossings);
    ch_bench_put_spread(report, "events_per_s", events);
    ch_bench_put(report, "bytes_per_shopper", (double)sample->bytes / (double)asked->shoppers);
    ch_bench_put(report, "events_per_window", (double)sample->events / (double)sample->windows);
    ch_bench_put(report, "passes_per_crossing", sample->passes / (double)sample->units);
    ch_bench_put(report, "messages_per_crossing", sample->messages / (double)sample->units);
    if (taken[SILENT]) {
        struct ch_spread cost = ch_bench_cost(sample, none, rounds, threads);
        ch_bench_line(report, "        %+.0f %% [%+.0f, %+.0f] time against the same without beacons\n", cost.median * 100,
                      cost.low * 100, cost.high * 100);
        ch_bench_put_spread(report, "crossings_per_s_without_beacons", ch_bench_rate(none, rounds, threads, true));
        ch_bench_put_spread(report, "cost_of_beacons", cost);
    }
    if (taken[HEAP])
        ch_bench_put_heap(report, ch_bench_ratio(sample, &sample[HEAP * rounds], rounds, threads, 1));
    if (taken[COPIES])
        ch_bench_put_copies(report, ch_bench_ratio(sample, &sample[COPIES * rounds], rounds, threads, threads), threads);
}

enum ch_code ch_bench_city(const struct ch_bench_asked *asked, struct ch_bench_report *report, struct ch_error *error)
{
    const struct setup ours = {asked, asked->alone ? asked->alone : &ch_parallel, asked->threads, asked->beacons},
                       silent = {asked, &ch_parallel, asked->threads, 0}, heap = {asked, &ch_bench_heap, 1, asked->beacons},
                       copy = {asked, &ch_parallel, 1, asked->beacons};
    const bool taken[N_VARIANTS] = {[OURS] = true,
                                    [SILENT] = !asked->alone && asked->beacons > 0,
                                    [HEAP] = !asked->alone && asked->shoppers <= HEAP_MOST,
                                    [COPIES] = !asked->alone && asked->threads > 1};
    const struct ch_bench_variant variant[N_VARIANTS] = {
        [OURS] = {.name = "city", .measure = measure, .setup = &ours},
        [SILENT] = {.name = "city without beacons", .measure = measure, .setup = &silent},
        [HEAP] = {.name = "city, heap", .measure = measure, .setup = &heap},
        [COPIES] = {.name = "city, processes", .measure = measure, .setup = &copy, .copies = asked->threads},
    };
    return ch_bench_play(&(struct ch_bench_plan){"city", variant, taken, N_VARIANTS, HEAP, tell}, asked, report, error);
}
