/* SPDX-License-Identifier: MIT
 * The command line: commands and options are rows; parsing, --help and "did you mean" walk them. */
#ifndef CH_CLI_H
#define CH_CLI_H

#include <chaland/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CH_REPEAT_MAX = 256 };

struct ch_texts { /* a repeatable option */
    unsigned n;
    const char *text[CH_REPEAT_MAX];
};

/* Values of all options of all commands; what a command does not list stays at its default. */
struct ch_args {
    const char *program;      /* argv[0] */
    const char *command_line; /* for provenance */
    const char *operand;      /* SCENARIO, FILE, KEY or NAME; NULL if none */
    const char *output, *policy, *baseline, *kpi, *fail_if, *scenario, *scheduler, *progress, *reference;
    const char *format;                                     /* report */
    const char *checkpoint;                                 /* run: the folder */
    const char *only;                                       /* run --assumptions */
    const char *scenario_text;                              /* rerun: the scenario itself, which the operand only names */
    const char *csv;                                        /* export: the table */
    const char *data;                                       /* rerun: folder of the scenario's own data */
    const char *color;                                      /* all */
    const char *store, *retailer, *order;                   /* trace */
    const char *shard, *reuse, *scheduler_for, *time, *mem; /* sweep */
    int64_t shopper, replication, point, day;               /* the same; -1: not given */
    struct ch_texts set;
    int64_t replications, seed, threads, tile, perturb, rounds;                   /* -1: not given */
    int64_t processes, events_per_process, customers, servers, shoppers, beacons; /* the same: sizes of benchmarks */
    double remote, lookahead, duration, load, hours;                              /* the same */
    int64_t max_fails, chunk_runs, missing_shards, sample, run, jobs, max_array;  /* sweep; -1: not given */
    double max_time, chunk_seconds;                                               /* 0: not given */
    double every;                                                                 /* run: s; < 0: not given */
    double confidence;                                                            /* 0: not given */
    bool force, dry_run, json, quiet, reproducible, help, all, assumptions, list, once;
    bool retry_failed, allow_missing;
};

struct ch_command {
    const char *name;
    const char *operand; /* "SCENARIO", "[KEY]" (optional), or NULL */
    const char *title;
    const char *options;  /* names of the options it takes, separated by blanks */
    const char *examples; /* two lines at most */
    enum ch_code (*run)(const struct ch_args *args);
};

extern const struct ch_command ch_commands[];
extern const unsigned ch_n_commands;

/* FLAG: no value. TEXT, REPEAT: any. COUNT: a whole number. NUMBER: between 0 and 1. REAL: 0 or more. */
enum ch_option_kind { CH_OPTION_FLAG, CH_OPTION_TEXT, CH_OPTION_COUNT, CH_OPTION_NUMBER, CH_OPTION_REAL, CH_OPTION_REPEAT };
struct ch_option {
    const char *name;
    char letter;
    enum ch_option_kind kind;
    size_t at;            /* field of struct ch_args */
    const char *argument; /* "FILE", "a|b" for one of these words; NULL for a flag. See CH_ARGUMENTS */
    const char *help;
};
extern const struct ch_option ch_options[];
extern const unsigned ch_n_options;
/* --help and --color are taken by all; of NULL, what all take. */
bool ch_command_takes(const struct ch_command *command, const char *option);

/* All commands; one command with its options. */
void ch_help(FILE *out);
void ch_help_command(const struct ch_command *command, FILE *out);

/* Parses argv, runs the command and returns the exit code of the process. */
int ch_cli(int argc, char **argv);

/* Prints "chaland: error: ..." (or {"error": ...} with --json) and returns error->code. */
enum ch_code ch_cli_fail(const struct ch_args *args, const struct ch_error *error);

struct ch_diag;
/* The same for all mistakes collected in a scenario; with --json they are in `errors`. */
enum ch_code ch_cli_fail_diag(const struct ch_args *args, const struct ch_diag *diag);

enum ch_code ch_cmd_run(const struct ch_args *args);
enum ch_code ch_cmd_compare(const struct ch_args *args);
enum ch_code ch_cmd_validate(const struct ch_args *args);
enum ch_code ch_cmd_explain(const struct ch_args *args);
enum ch_code ch_cmd_schema(const struct ch_args *args);
enum ch_code ch_cmd_init(const struct ch_args *args);
enum ch_code ch_cmd_calibrate(const struct ch_args *args);
enum ch_code ch_cmd_trace(const struct ch_args *args);
enum ch_code ch_cmd_report(const struct ch_args *args);
enum ch_code ch_cmd_export(const struct ch_args *args);
enum ch_code ch_cmd_notebook(const struct ch_args *args);
enum ch_code ch_cmd_rerun(const struct ch_args *args);
enum ch_code ch_cmd_bench(const struct ch_args *args);
enum ch_code ch_cmd_sweep_plan(const struct ch_args *args);
enum ch_code ch_cmd_sweep_run(const struct ch_args *args);
enum ch_code ch_cmd_sweep_status(const struct ch_args *args);
enum ch_code ch_cmd_sweep_merge(const struct ch_args *args);
enum ch_code ch_cmd_sweep_verify(const struct ch_args *args);
enum ch_code ch_cmd_sweep_script(const struct ch_args *args);
enum ch_code ch_cmd_watch(const struct ch_args *args);
enum ch_code ch_cmd_completion(const struct ch_args *args);
enum ch_code ch_cmd_man(const struct ch_args *args);

#endif
