/* SPDX-License-Identifier: MIT
 * /engine: how the machine did; /provenance: all that is needed to repeat the file, and to trust it. With --reproducible
 * whatever depends on machine, time or threads stays out, so that equal results are equal bytes. */
#include "base/build_info.h"
#include "base/text.h"
#include "output/results_inside.h"
#include <chaland/settings.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char runs[] = "point policy replication";

#define COUNTS(X)                                                  \
    X(events, "events handled")                                    \
    X(sent, "events sent")                                         \
    X(windows, "windows with events")                              \
    X(windows_skipped, "empty windows that were skipped")          \
    X(tiles, "tiles of places, the units of work")                 \
    X(pending_peak, "most events pending at the edge of a window") \
    X(chunk_mallocs, "times a pool ran dry while events were handled")

static size_t n_runs(const struct ch_results *r) { return (size_t)r->n_points * r->n_policies * r->n_replications; }

static void write_counts(struct ch_h5 *h, const struct ch_results *r)
{
    uint64_t *count = malloc(n_runs(r) * sizeof *count);
    unsigned left = r->provenance.reproducible ? 2 : UINT32_MAX; /* the first two are the model's, the rest the machine's */
    bool good = ch_h5_ok(h, count != NULL, "allocate", "counts");
#define X(name, doc)                                             \
    if (good && left) {                                          \
        for (size_t i = 0; i < n_runs(r); i++)                   \
            count[i] = r->outcome[i].engine.name;                \
        ch_h5_array(h, #name, runs, CH_H5_I64, count, "1", doc); \
        left--;                                                  \
    }
    COUNTS(X)
#undef X
    free(count);
}

static void write_times(struct ch_h5 *h, const struct ch_results *r)
{
    double *wall = malloc(2 * n_runs(r) * sizeof *wall);
    if (ch_h5_ok(h, wall != NULL, "allocate", "times")) {
        double *rate = wall + n_runs(r);
        for (size_t i = 0; i < n_runs(r); i++) {
            wall[i] = r->outcome[i].wall_s;
            rate[i] = wall[i] > 0 ? (double)r->outcome[i].engine.events / wall[i] : (double)NAN;
        }
        ch_h5_array(h, "wall", runs, CH_H5_F64, wall, "s", "time by the clock");
        ch_h5_array(h, "events_per_s", runs, CH_H5_F64, rate, "1/s", "events per second by the clock");
    }
    free(wall);
}

static void write_busy(struct ch_h5 *h, const struct ch_results *r)
{
    unsigned workers = 0;
    for (size_t i = 0; i < n_runs(r); i++)
        if (r->outcome[i].engine.busy_s && r->outcome[i].engine.workers > workers)
            workers = r->outcome[i].engine.workers;
    double *busy = workers ? malloc(n_runs(r) * workers * sizeof *busy) : NULL;
    bool good = workers > 0 && ch_h5_ok(h, busy != NULL, "allocate", "busy");
    for (size_t i = 0; good && i < n_runs(r); i++)
        for (unsigned w = 0; w < workers; w++) {
            const struct ch_engine_stats *e = &r->outcome[i].engine;
            busy[i * workers + w] = e->busy_s && w < e->workers ? e->busy_s[w] : (double)NAN;
        }
    if (good) {
        ch_h5_dim_count(h, "worker", workers, "thread inside a run");
        ch_h5_array(h, "busy", "point policy replication worker", CH_H5_F64, busy, "s", "time spent handling events");
    }
    free(busy);
}

void ch_write_engine(struct ch_h5 *h, const struct ch_results *r)
{
    ch_h5_group(h, "engine", "the health of the simulation engine");
    ch_write_points(h, r);
    ch_write_policies(h, r);
    ch_write_replications(h, r);
    ch_write_coordinates(h, r, "");
    write_counts(h, r);
    if (!r->provenance.reproducible) {
        write_times(h, r);
        write_busy(h, r);
    }
    ch_h5_group_end(h);
}

void ch_write_build(struct ch_h5 *h)
{
    const struct ch_build_info *info = ch_build_info();
    unsigned major = 0, minor = 0, patch = 0;
    char hdf5[40];
    ch_h5_ok(h, H5get_libversion(&major, &minor, &patch) >= 0, "tell the version of", "the library");
    snprintf(hdf5, sizeof hdf5, "%u.%u.%u", major, minor, patch); /* the one that writes, not the one built against */
    ch_h5_note_text(h, "program", "chaland");
    ch_h5_note_text(h, "version", info->version);
    ch_h5_note_text(h, "git_commit", info->git_commit);
    ch_h5_note_u8(h, "git_dirty", info->git_dirty);
    ch_h5_note_text(h, "build_type", info->build_type);
    ch_h5_note_text(h, "compiler", info->compiler);
    ch_h5_note_text(h, "compile_flags", info->compile_flags);
    ch_h5_note_text(h, "hdf5_version", hdf5);
    ch_h5_note_text(h, "gsl_version", info->gsl);
    ch_h5_note_text(h, "libyaml_version", info->libyaml);
    ch_h5_note_text(h, "openmp_version", info->openmp);
}

/* From where the scenario saw its files, as it was given; "" is where the program stood. */
static void note_folder(struct ch_h5 *h, const char *path)
{
    struct ch_text folder = {0};
    const char *slash = strrchr(path, '/');
    ch_text_addn(&folder, path, slash ? (size_t)(slash - path) + 1 : 0);
    if (ch_h5_ok(h, !folder.failed, "allocate", "scenario_folder"))
        ch_h5_note_text(h, "scenario_folder", folder.s);
    ch_text_fini(&folder);
}

static void note_machine(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_provenance *p = &r->provenance;
    ch_h5_note_text(h, "run_id", p->run_id);
    ch_h5_note_text(h, "command_line", p->command_line);
    note_folder(h, r->scenario->path);
    ch_h5_note_text(h, "hostname", p->hostname);
    ch_h5_note_text(h, "cpu_model", p->cpu_model);
    ch_h5_note_text(h, "scheduler_job_id", p->scheduler_job_id);
    ch_h5_note_text(h, "created_at", p->created_at);
    ch_h5_note_text(h, "finished_at", p->finished_at);
    ch_h5_note_f64(h, "wall_time_s", p->wall_s);
    ch_h5_note_f64(h, "cpu_time_s", p->cpu_s);
    ch_h5_note_u64(h, "max_rss_bytes", p->peak_rss_bytes);
    ch_h5_note_i64(h, "threads", p->threads);
}

static void note_results(struct ch_h5 *h, const struct ch_results *r)
{
    char fingerprint[24];
    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, r->fingerprint);
    ch_h5_note_text(h, "rng_name", "Philox4x32-10");
    ch_h5_note_u64(h, "master_seed", (uint64_t)CH_BLOCK(r->scenario, run)->seed);
    ch_h5_note_text(h, "stream_scheme", "key (seed, replication), counter (entity, purpose and block, occasion)");
    ch_h5_note_text(h, "config_sha256", r->scenario->sha256);
    ch_h5_note_text(h, "input_sha256", r->scenario->input_sha256);
    ch_h5_note_text(h, "fingerprint", fingerprint);
    ch_h5_note_text(h, "results_sha256", r->results_sha256);
    ch_h5_note_i64(h, "parameters", r->n_parameters);
    ch_h5_note_i64(h, "parameters_assumed", r->n_assumed);
    if (r->n_missing)
        ch_h5_note_i64(h, "runs_missing", r->n_missing);
}

/* One line per array of the file: path, type, number of values, checksum. */
static void write_checksums(struct ch_h5 *h)
{
    struct ch_text list = {0};
    for (unsigned i = 0; i < h->n_records; i++)
        ch_text_addf(&list, "%s %d %" PRIu64 " %016" PRIx64 "\n", h->record[i].path, (int)h->record[i].type, h->record[i].count,
                     h->record[i].checksum);
    if (ch_h5_ok(h, !list.failed, "allocate", "checksums"))
        ch_h5_array(h, "checksums", "", CH_H5_TEXT, &list.s, NULL,
                    "path, type, number of values and checksum of each array above");
    ch_text_fini(&list);
}

void ch_write_provenance(struct ch_h5 *h, const struct ch_results *r)
{
    ch_h5_group(h, "provenance", "what made this file, and how to make it again");
    ch_write_build(h);
    if (!r->provenance.reproducible)
        note_machine(h, r);
    note_results(h, r);
    ch_h5_array(h, "config_yaml", "", CH_H5_TEXT, &r->scenario->resolved, NULL, "the scenario with every default spelled out");
    ch_h5_array(h, "config_source", "", CH_H5_TEXT, &r->scenario->source, NULL, "the scenario as it was given");
    write_checksums(h);
    ch_h5_variable_end(h);
    ch_h5_note_text(h, "status", r->provenance.status ? r->provenance.status : "complete"); /* last: the file is whole */
    ch_h5_group_end(h);
}
