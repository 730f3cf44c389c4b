/* SPDX-License-Identifier: MIT
 * From YAML to a typed, validated, const scenario. All errors of a file are collected, each with its mark. */
#ifndef CH_SCENARIO_H
#define CH_SCENARIO_H

#include <chaland/error.h>
#include <chaland/policy.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Where something was written: 1-based line and column (in characters); file "--set" for overrides. */
struct ch_mark {
    const char *file;
    int line, column, width; /* width of the span in characters, at least 1 */
};

/* Collected errors. Printed as
 *     file:line:col: error[E014]: unknown key 'beacon_radus' in section 'beacons'
 *       12 |   beacon_radus: 40 m
 *          |   ^^^^^^^^^^^^
 *       help: did you mean 'beacon_radius'? ... */
struct ch_diag;
struct ch_diag *ch_diag_create(void);
void ch_diag_destroy(struct ch_diag *diag);
/* help may be NULL. `code` is "E014". At most 20 are kept, all are counted. */
void ch_diag_add(struct ch_diag *diag, struct ch_mark mark, const char *code, const char *help, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
unsigned ch_diag_count(const struct ch_diag *diag);
void ch_diag_fail(struct ch_diag *diag, enum ch_code code); /* exit code other than CH_INVALID, e.g. CH_IO */
enum ch_code ch_diag_code(const struct ch_diag *diag);      /* CH_OK when there is none */
void ch_diag_print(const struct ch_diag *diag, FILE *out);
void ch_diag_print_json(const struct ch_diag *diag, FILE *out); /* array of {file,line,column,code,message,help} */

/* Items of the user's own city, from an inline list or a CSV file, still as text with marks. */
#define CH_ITEM_TABLES(X) X(stores) X(retailers) X(beacons) X(screens) X(stops) X(depots) X(homes) X(works)
enum ch_item_table_kind {
#define X(name) CH_TABLE_##name,
    CH_ITEM_TABLES(X)
#undef X
        CH_N_TABLES
};
struct ch_item_table {
    bool given; /* else: generate */
    unsigned n_rows, n_columns;
    const char *const *column; /* [n_columns] */
    const struct ch_mark *column_mark;
    const char *const *cell;         /* [row * n_columns + column]; NULL: absent or empty */
    const struct ch_mark *cell_mark; /* same shape; for rows of a CSV: file, line, column in characters */
};

struct ch_axis {
    const char *key; /* "consent.transparency" */
    unsigned n;
    const char *const *text; /* [n], as written, for --set and labels */
    const double *number;    /* [n], in the row's unit */
    unsigned section, param;
    const char *range; /* of a design: "{from: 0, to: 1}", "[a, b]"; NULL in a grid and in a list */
};

/* Points that are no grid: each axis has n_points values. */
#define CH_DESIGNS(X)                                                                       \
    X(list, "the points that are listed")                                                   \
    X(lhs, "a Latin hypercube: each range is cut in as many strata as there are points")    \
    X(sobol, "Sobol' points with a digital shift: even, and more points keep those before") \
    X(random, "independent uniform points: more points keep those before")
enum ch_design_kind {
#define X(name, doc) CH_DESIGN_##name,
    CH_DESIGNS(X)
#undef X
        CH_N_DESIGNS
};
struct ch_design {
    enum ch_design_kind kind;
    int64_t seed; /* of the points, not of the runs */
};

struct ch_scenario {
    const char *name, *question, *path;
    int64_t start_unix_day;            /* of `start` (a date) */
    const char *start;                 /* "2013-01-09" */
    const void *const *block;          /* [ch_n_sections()]: struct of values of each section */
    const struct ch_item_table *items; /* [CH_N_TABLES] */
    unsigned n_policies;
    const struct ch_policy *const *policy;
    unsigned baseline; /* index */
    unsigned n_axes;
    const struct ch_axis *axis;
    unsigned n_points;              /* product of the axes, 1 without a sweep */
    const struct ch_design *design; /* NULL: a grid */
    unsigned n_primary;
    const char *const *primary_kpi;
    bool maps_full;              /* outputs.maps: full */
    bool maps, stores, couriers; /* outputs: what to write; default all */
    bool events;                 /* outputs.events: the log of moments */
    double events_share;         /* of the people, whom it follows */
    const char *resolved;        /* YAML: every default spelled out, reloadable on its own */
    const char *source;          /* verbatim text of the file */
    char sha256[65];             /* of the resolved text and of the content of own-data files */
    const char *input_sha256; /* lines "sha256  file", one per included file, as seen from this one's folder or what is shipped */
    const char *input_paths;  /* lines: the same files as they were opened */
};

struct ch_scenario_options {
    unsigned n_sets;
    const char *const *set; /* "key.path=value" */
    unsigned n_policies;    /* --policy A,B: only these (and the baseline) */
    const char *const *policy;
    const char *share; /* folder that holds scenarios/ (shipped policies and extends:) */
    /* Called when there are errors, yet section `city` is as written but for ragged rows of own data: only a city can be made of
     * the scenario, to find its mistakes in the same pass. May be NULL. */
    void (*look_further)(const struct ch_scenario *scenario, struct ch_diag *diag);
};

/* *scenario is NULL when diag has errors. Free with ch_scenario_destroy. */
enum ch_code ch_scenario_load(const char *path, const struct ch_scenario_options *options, struct ch_diag *diag,
                              struct ch_scenario **scenario);
/* Same from text already in memory (rerun, tests); `path` only names it. */
enum ch_code ch_scenario_parse(const char *text, const char *path, const struct ch_scenario_options *options,
                               struct ch_diag *diag, struct ch_scenario **scenario);
/* The scenario at one design point: its axes' values applied. Point 0 of a scenario without sweep is a plain copy. The axis
 * that varies fastest is the last. */
enum ch_code ch_scenario_at(const struct ch_scenario *scenario, unsigned point, struct ch_diag *diag,
                            struct ch_scenario **at_point);
void ch_scenario_destroy(struct ch_scenario *scenario);

/* Index of the value of an axis at a point. */
unsigned ch_scenario_axis_index(const struct ch_scenario *scenario, unsigned axis, unsigned point);
/* The seed of a point's draws: the scenario's, or one of its own with `independent: true`. */
uint32_t ch_scenario_seed(const struct ch_scenario *scenario, unsigned point);
/* All that a run at this point depends on, in one form: own data by the hash of their content; neither policies, nor seed, nor
 * replication, nor what only the experiment as a whole knows. And a policy likewise. False without memory. */
struct ch_text;
bool ch_scenario_run_text(const struct ch_scenario *at_point, struct ch_text *out);
bool ch_scenario_policy_text(const struct ch_scenario *scenario, unsigned policy, struct ch_text *out);
/* The file of a table of own data, as seen from the folder of the scenario; NULL if it is not in a file. */
const char *ch_scenario_data_file(const struct ch_scenario *scenario, unsigned table);
/* The resolved text with other names for these files; the hash of such a scenario stays what it was. */
bool ch_scenario_resolve_as(const struct ch_scenario *scenario, const char *const name[CH_N_TABLES], struct ch_text *out);

/* Typed access: CH_BLOCK(scenario, city) is a const struct ch_city_params *. */
#define CH_BLOCK(scenario_, name_) ((const struct ch_##name_##_params *)(scenario_)->block[CH_SET_##name_])

/* Where "section.key" was written: in the file or one that it extends, in --set, in the sweep; of a list, its value number
 * `value` (below 0: the whole). False if nobody wrote it: then the mark is the file as a whole, line 0. */
bool ch_scenario_mark(const struct ch_scenario *scenario, const char *key, int value, struct ch_mark *mark);

/* Writes a commented scenario to start from (`chaland init NAME`). */
void ch_scenario_template(const char *name, FILE *out);

#endif
