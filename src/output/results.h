/* SPDX-License-Identifier: MIT
 * The results of a `chaland run`: everything that goes into the file, and comes back from it. */
#ifndef CH_RESULTS_H
#define CH_RESULTS_H

#include "engine/engine.h"
#include "output/log.h"
#include "probe/probe.h"
#include "scenario/scenario.h"
#include "stats/stats.h"
#include <chaland/city.h>
#include <chaland/error.h>

/* One run: policy x point x replication. */
struct ch_outcome {
    struct ch_measures measures;
    uint64_t fingerprint;
    struct ch_engine_stats engine; /* busy_s and handled are owned copies */
    double wall_s;
    struct ch_story *story; /* the log of moments, owned, until the log takes it; NULL without one */
    size_t n_stories;
};

struct ch_provenance { /* strings are owned by the caller; NULL is written as "" */
    const char *run_id, *command_line, *hostname, *cpu_model, *created_at, *finished_at, *scheduler_job_id;
    double wall_s, cpu_s;
    uint64_t peak_rss_bytes;
    int threads;
    const char *status; /* "complete" or "interrupted" */
    bool reproducible;  /* leave out host, times, command line */
};

/* What `run --assumptions` found: each parameter without a source, tried at both ends of its range, and what then becomes of
 * each primary contrast with the baseline. */
#define CH_TRIAL_VERDICTS(X)                    \
    X(same, "nothing of note")                  \
    X(larger, "more than twice what it was")    \
    X(smaller, "less than half of what it was") \
    X(lost, "clear before, and no longer")      \
    X(found, "clear now, and not before")       \
    X(flips, "clear before and now, and of the other sign")
enum ch_trial_verdict {
#define X(name, doc) CH_TRIAL_##name,
    CH_TRIAL_VERDICTS(X)
#undef X
        CH_N_TRIAL_VERDICTS
};
struct ch_trial {
    struct ch_interval contrast; /* at this end */
    struct ch_interval change;   /* of it, replication by replication */
    uint8_t verdict;
};
struct ch_assumption {
    char *key, *end_text[2]; /* "consent.h1", "0.05 1/d": low and high end; owned */
    double value, end[2];    /* the scenario's, and the ends, in `unit` */
    const char *unit;
    bool tried[2];
    struct ch_trial *trial; /* [end][point][policy][primary]; the baseline's are empty; owned */
};
struct ch_assumptions {
    unsigned n, n_points, n_policies, n_primary;
    struct ch_assumption *list;
};
void ch_assumptions_fini(struct ch_assumptions *assumptions);
static inline struct ch_trial *ch_trial_at(const struct ch_assumptions *a, unsigned i, unsigned end, unsigned point,
                                           unsigned policy, unsigned primary)
{
    return &a->list[i].trial[((end * a->n_points + point) * a->n_policies + policy) * a->n_primary + primary];
}

/* Derived KPIs: formed from the runs of a policy and of the baseline, or of a sweep. name, unit, K, doc */
#define CH_DERIVED_KPIS(X)                                                                                                    \
    X(incremental_sales, "EUR", 2, "net sales less those of the baseline, same seeds")                                        \
    X(cannibalisation, "1", 3,                                                                                                \
      "1 - incremental sales of the city / of the sponsors, both over all replications (values are jackknife pseudo-values)") \
    X(welfare_score, "EUR", 55,                                                                                               \
      "surplus, profit, courier earnings less intrusion, weighted as `welfare` says; intentions are those of the baseline")   \
    X(equilibrium_commission, "share", 30, "of the rates swept, the one with the largest pool_profit, in each replication")   \
    X(stable_commission_low, "share", 30,                                                                                     \
      "the lowest rate swept at which 90 % of the runs end with a pool_coverage of 0.9 or more")                              \
    X(boredom_attention, "share", 42, "relative fall of attention from the first week to the last; undefined below 14 days")  \
    X(boredom_goodwill, "share", 42, "the same of the goodwill gained per notice")                                            \
    X(stable_commission_high, "share", 30, "the highest of these rates")

/* A KPI as file and screen know it: scalar probes in probe order, then the derived ones. */
struct ch_kpi {
    const char *name, *unit, *doc;
    int k;
};

struct ch_results {
    const struct ch_scenario *scenario;
    const struct ch_city *city; /* of point 0: labels and positions */
    const double *people;       /* [n_points]: simulated people; NULL: those of `city` at each point */
    bool cities_differ;         /* between points, in streets or stores: maps and tables of places have no common labels */
    unsigned n_points, n_policies, n_replications;
    struct ch_outcome *outcome; /* [point][policy][replication] */
    unsigned n_kpis;
    const struct ch_kpi *kpi;
    double *value;        /* [kpi][point][policy][replication] */
    uint64_t fingerprint; /* of all runs: chained in order */
    char results_sha256[65];
    struct ch_provenance provenance;
    const struct ch_probe_list *probes;       /* what the measures are of; NULL: ch_probe_list() */
    unsigned n_parameters, n_assumed;         /* behind the results; of them without a source */
    unsigned n_missing;                       /* runs that failed or were never made, and were left out on request */
    const struct ch_assumptions *assumptions; /* borrowed; NULL: not tried */
    int64_t **map_sum;                        /* [point][policy]: maps summed over replications, concatenated; NULL: none yet */
    struct ch_log *log;                       /* packed lines of the runs that ended; NULL: nobody asked for it, or none yet */
};

/* Adds the maps of one finished run to the sums of its policy and gives their memory back; with `outputs.maps: full` they
 * stay, with `outputs.maps: false` they go. To be called, under a lock, after each run: else all maps of all runs wait for
 * ch_results_form, which does it for the rest. The order of the calls does not change a bit. */
enum ch_code ch_results_fold_maps(struct ch_results *results, unsigned point, unsigned policy, unsigned replication,
                                  struct ch_error *error);

/* Parameters that bear on the runs of results->scenario, and those of them that nobody has a source for. */
void ch_results_count_parameters(struct ch_results *results);
/* Leaves the lines of one run to the log, which is made for the first; to be called under a lock, after each run. True: pack them
 * then, see log.h. What nobody leaves, ch_results_form does. */
bool ch_results_leave_log(struct ch_results *results, unsigned run);

/* Forms kpi, value, fingerprint and results_sha256 from the outcomes. */
enum ch_code ch_results_form(struct ch_results *results, struct ch_error *error);
/* Hash of a scenario's hash, of the shape, and of each run's integer accumulators in the order of the runs: results_sha256, when
 * the hash is that of the results' own scenario. */
enum ch_code ch_results_hash(const struct ch_results *results, const char *config_sha256, char out[65], struct ch_error *error);
void ch_results_fini(struct ch_results *results); /* what ch_results_form allocated, the outcomes and their array (malloc'ed) */

/* Index of a KPI by name; n_kpis if there is none. */
unsigned ch_results_find_kpi(const struct ch_results *results, const char *name);
static inline double *ch_results_value(const struct ch_results *r, unsigned kpi, unsigned point, unsigned policy)
{
    return r->value + (((size_t)kpi * r->n_points + point) * r->n_policies + policy) * r->n_replications;
}

/* Can results be written there? It is tried. To be asked before the runs, too: CH_EXISTS, CH_INVALID (not a file), CH_IO
 * (unwritable folder). */
enum ch_code ch_results_target(const char *path, bool force, struct ch_error *error);
/* The same for what is made from the results file `source`, which must not be replaced, force or not (CH_INVALID). */
enum ch_code ch_results_target_from(const char *source, const char *path, bool force, struct ch_error *error);
/* Do both names, through links too, lead to one file? False unless both are there. */
bool ch_same_file(const char *a, const char *b);
/* Writes NAME.PID.part, checks every call, reads back, fsyncs, renames. Refuses an existing file unless force (CH_EXISTS). */
enum ch_code ch_results_write(const struct ch_results *results, const char *path, bool force, struct ch_error *error);

/* What `compare` needs of a file; refuses incomplete ones unless allowed. */
struct ch_file {
    char *name, *question, *status;
    unsigned n_points, n_policies, n_replications, n_kpis, baseline, n_primary;
    char *forced; /* names of policies that ignored consent, with commas between; NULL: none did */
    char **policy, **kpi_name, **kpi_unit, **kpi_doc, **primary;
    int *kpi_k;
    double *value;      /* [kpi][point][policy][replication] */
    char **point_label; /* [n_points], "consent.transparency=0.5" or "" */
    double confidence, inhabitants, weeks;
    double *people; /* [n_points], simulated: what sums are sums over; `inhabitants` is what they stand for (point 0) */
    char *config_yaml;
    char fingerprint[32], results_sha256[65];
    unsigned n_parameters, n_assumed; /* behind the results; of them without a source; 0 in a file that does not say */
    unsigned n_missing;               /* runs of a sweep that were left out on request */
    char config_sha256[65];           /* of the scenario with the content of its own data */
    char *inputs;                     /* lines "sha256  file", one per file that the scenario was read from */
    char *folder;                     /* from which the scenario saw them, with its slash, as it was given; NULL: not told */
    char *program;                    /* version and commit of what wrote the file */
};
enum ch_code ch_file_read(const char *path, bool allow_incomplete, struct ch_file *file, struct ch_error *error);
void ch_file_fini(struct ch_file *file);

#endif
