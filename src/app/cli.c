/* SPDX-License-Identifier: MIT
 * Rows of options and commands, and the one loop that parses them. */
#define _POSIX_C_SOURCE 200809L
#include "app/cli.h"
#include "app/campaign.h"
#include "app/json.h"
#include "app/version.h"
#include "base/terminal.h"
#include "base/text.h"
#include "comm/comm.h"
#include "scenario/scenario.h"
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

const struct ch_option ch_options[] = {
#define AT(field) offsetof(struct ch_args, field)
#define FLAG      CH_OPTION_FLAG
#define TEXT      CH_OPTION_TEXT
#define COUNT     CH_OPTION_COUNT
#define NUMBER    CH_OPTION_NUMBER
#define REAL      CH_OPTION_REAL
#define REPEAT    CH_OPTION_REPEAT
    {"output", 'o', TEXT, AT(output), "FILE", "where the result goes"},
    {"policy", 'p', TEXT, AT(policy), "POLICY,...",
     "only these policies, and the baseline; explain: what these policies or files do"},
    {"replications", 'n', COUNT, AT(replications), "N", "replications, instead of the scenario's"},
    {"set", 's', REPEAT, AT(set), "KEY=VALUE", "override one value; may be repeated"},
    {"seed", 0, COUNT, AT(seed), "S", "seed, instead of the scenario's"},
    {"threads", 't', COUNT, AT(threads), "N", "threads, as many as this process may use if not given; never changes a result"},
    {"force", 'f', FLAG, AT(force), NULL, "overwrite an existing file"},
    {"dry-run", 0, FLAG, AT(dry_run), NULL, "print the resolved scenario and what it will take; run nothing"},
    {"assumptions", 0, FLAG, AT(assumptions), NULL,
     "also try each parameter without a source at both ends of its range: which would turn the answer?"},
    {"only", 0, TEXT, AT(only), "KEY,...", "with --assumptions: only of these sections, or these parameters"},
    {"json", 0, FLAG, AT(json), NULL, "one JSON object on standard output (watch: one for each change)"},
    {"quiet", 'q', FLAG, AT(quiet), NULL, "no progress, no table"},
    {"progress", 0, TEXT, AT(progress), "auto|always|never", "progress line on standard error"},
    {"reproducible", 0, FLAG, AT(reproducible), NULL,
     "leave host and times out of the file, so that files compare byte for byte"},
    {"scheduler", 0, TEXT, AT(scheduler), "parallel|oracle",
     "engine; all give the same fingerprint (bench: measured alone; also heap)"},
    {"tile", 0, COUNT, AT(tile), "N", "places per tile, for skeptics; never changes a result"},
    {"perturb", 0, COUNT, AT(perturb), "SEED", "disturb threads at random, for skeptics; never changes a result"},
    {"baseline", 'b', TEXT, AT(baseline), "POLICY", "policy to compare with"},
    {"kpi", 'k', TEXT, AT(kpi), "KPI,...", "these KPIs only"},
    {"all", 'a', FLAG, AT(all), NULL, "all there is, not only the most asked for"},
    {"confidence", 'c', NUMBER, AT(confidence), "0.95", "confidence of the intervals"},
    {"fail-if", 0, TEXT, AT(fail_if), "EXPR",
     "exit 3 if it holds, e.g. 'responsive.retail_profit < 0' (difference to the baseline)"},
    {"format", 0, TEXT, AT(format), "html|md|csv|svg",
     "page, words and table, figures, picture; by the ending of -o if not given"},
    {"csv", 0, TEXT, AT(csv), "TABLE", "the table to write, for spreadsheets"},
    {"list", 0, FLAG, AT(list), NULL, "name the tables of the file"},
    {"once", 0, FLAG, AT(once), NULL, "tell how it stands, and end"},
    {"data", 0, TEXT, AT(data), "FOLDER", "where the scenario's own data lie, if they moved"},
    {"scenario", 0, TEXT, AT(scenario), "FILE", "values of this scenario"},
    {"shopper", 0, COUNT, AT(shopper), "ID", "this person's day; chosen if not given"},
    {"store", 0, TEXT, AT(store), "NAME", "this store's day"},
    {"retailer", 0, TEXT, AT(retailer), "NAME", "this retailer's day"},
    {"order", 0, TEXT, AT(order), "ID", "this order, from its first cause to the door"},
    {"day", 0, COUNT, AT(day), "N", "day since the start, from 0; the fullest if not given"},
    {"replication", 0, COUNT, AT(replication), "N", "replication, from 0"},
    {"point", 0, COUNT, AT(point), "N", "design point of a sweep, from 0"},
    {"reference", 0, TEXT, AT(reference), "FOLDER", "write the reference pages there"},
    {"rounds", 0, COUNT, AT(rounds), "N", "rounds of calibration; times that each figure is measured"},
    {"processes", 0, COUNT, AT(processes), "N", "phold: processes"},
    {"events-per-process", 0, COUNT, AT(events_per_process), "K", "phold: events of each at the start"},
    {"remote", 0, REAL, AT(remote), "R", "phold: share of events sent to any process, 0 to 1"},
    {"lookahead", 0, REAL, AT(lookahead), "L", "phold: least delay, s"},
    {"duration", 0, REAL, AT(duration), "T", "phold: simulated time, s; a tenth of it settles and is not counted"},
    {"customers", 0, COUNT, AT(customers), "N", "queue: customers"},
    {"servers", 0, COUNT, AT(servers), "C", "queue: servers"},
    {"load", 0, REAL, AT(load), "RHO", "queue: arrivals over what the servers can do"},
    {"shoppers", 0, COUNT, AT(shoppers), "N", "city: walkers"},
    {"beacons", 0, COUNT, AT(beacons), "B", "city: beacons per 20 x 20 blocks"},
    {"hours", 0, REAL, AT(hours), "H", "city: simulated hours"},
    {"shard", 0, TEXT, AT(shard), "I/N|auto/N|ranks", "which part: I of N from 0; of an array job; of a launcher's ranks"},
    {"checkpoint", 0, TEXT, AT(checkpoint), "FOLDER", "keep also the run in hand, there, and go on with what is kept there"},
    {"every", 0, REAL, AT(every), "S", "seconds between checkpoints, 900 if not given"},
    {"max-time", 0, REAL, AT(max_time), "S", "stop after so many seconds, with exit code 75"},
    {"max-fails", 0, COUNT, AT(max_fails), "F", "failed runs to bear with, 10 if not given"},
    {"retry-failed", 0, FLAG, AT(retry_failed), NULL, "try failed runs again"},
    {"chunk-runs", 0, COUNT, AT(chunk_runs), "K", "runs of a chunk"},
    {"chunk-seconds", 0, REAL, AT(chunk_seconds), "S", "about so long a chunk, 60 s or a 32nd of the runs if not given"},
    {"reuse", 0, TEXT, AT(reuse), "FOLDER", "take over the runs of another sweep that this one has, too"},
    {"missing-shards", 0, COUNT, AT(missing_shards), "N", "of N shards, those that miss something: 3,7-9"},
    {"allow-missing", 0, FLAG, AT(allow_missing), NULL, "merge what there is; what is missing is undefined"},
    {"sample", 0, COUNT, AT(sample), "K", "runs to try, 10 if not given"},
    {"run", 0, COUNT, AT(run), "N", "this run of the plan"},
    {"for", 0, TEXT, AT(scheduler_for), "NAME", "slurm, pbs, sge, lsf, flux, hq, parallel, make, snakemake or mpirun"},
    {"jobs", 0, COUNT, AT(jobs), "N", "shards"},
    {"time", 0, TEXT, AT(time), "HH:MM:SS", "time limit of each"},
    {"mem", 0, TEXT, AT(mem), "SIZE", "memory of each, as the scheduler writes it"},
    {"max-array", 0, COUNT, AT(max_array), "M", "array jobs have at most so many tasks, 1000 if not given"},
    {"color", 0, TEXT, AT(color), "auto|always|never", "colours; auto: on a terminal, unless NO_COLOR is set"},
    {"help", 'h', FLAG, AT(help), NULL, "this text"},
#undef AT
#undef FLAG
#undef TEXT
#undef COUNT
#undef NUMBER
#undef REAL
#undef REPEAT
};
const unsigned ch_n_options = sizeof ch_options / sizeof ch_options[0];
enum { N_OPTIONS = sizeof ch_options / sizeof ch_options[0] };

const struct ch_command ch_commands[] = {
    {"run", "SCENARIO", "run a scenario: every policy, point and replication; compare; write one file",
     "output policy replications set seed threads force dry-run assumptions only checkpoint every max-time json quiet progress "
     "reproducible "
     "scheduler tile perturb",
     "chaland run scenarios/quickstart.yaml\n  chaland run scenarios/angers_soldes.yaml --set population.sample=0.1 -n 3",
     ch_cmd_run},
    {"compare", "FILE", "compare the policies in a result file", "baseline kpi all confidence fail-if json quiet",
     "chaland compare output/quickstart-1.h5 --all\n  chaland compare output/quickstart-1.h5 --kpi net_sales,messages_sent "
     "--baseline broadcast",
     ch_cmd_compare},
    {"report", "FILE", "one page of verdict, figures, charts and maps, for any browser, offline; or Markdown, CSV, SVG",
     "output format baseline confidence all force json quiet",
     "chaland report output/quickstart-1.h5\n  chaland report output/quickstart-1.h5 --format md", ch_cmd_report},
    {"trace", "FILE", "why did it happen? one agent's day as a chain of causes, from the log of moments (outputs.events: on)",
     "policy replication point shopper store retailer order day all json quiet",
     "chaland run quickstart --set outputs.events=on && chaland trace output/quickstart-1.h5\n  chaland trace FILE --policy "
     "responsive "
     "--store store-7",
     ch_cmd_trace},
    {"rerun", "FILE", "run the scenario in a result file again: are the results the same? Exit 0 if so, 3 if not",
     "data set output reproducible force threads json quiet progress scheduler tile perturb",
     "chaland rerun output/quickstart-1.h5 --threads 1\n  chaland rerun output/quickstart-1.h5 --set consent.transparency=0.5",
     ch_cmd_rerun},
    {"export", "FILE", "a table of a result file as CSV: one row per observation, labels instead of numbers",
     "csv list output force json quiet",
     "chaland export output/quickstart-1.h5 --csv kpi -o kpi.csv\n  chaland export output/quickstart-1.h5 --list", ch_cmd_export},
    {"notebook", "FILE", "write a notebook that opens a result file, with a cell for each of its parts",
     "output force json quiet", "chaland notebook output/quickstart-1.h5", ch_cmd_notebook},
    {"watch", "STATUS", "watch a run that goes on: how far it is, and the figures so far with their intervals", "once json quiet",
     "chaland watch output/quickstart-1.status.json\n  chaland watch output --once --json", ch_cmd_watch},
    {"validate", "SCENARIO", "check a scenario and report every mistake", "set json",
     "chaland validate scenarios/quickstart.yaml", ch_cmd_validate},
    {"explain", "[KEY]", "what a parameter, a section or a KPI means, and where its value comes from; what a policy does",
     "policy all scenario set reference json",
     "chaland explain wishlist.pool.commission --scenario scenarios/quickstart.yaml\n  chaland explain --policy mine.yaml",
     ch_cmd_explain},
    {"schema", NULL, "JSON Schema of scenarios, for editors", "output force json", "chaland schema > scenario.schema.json",
     ch_cmd_schema},
    {"init", "NAME", "write a commented scenario NAME.yaml and its schema", "force json", "chaland init mytown", ch_cmd_init},
    {"calibrate", "SCENARIO", "find the need rates and outside options that meet the targets; write a scenario",
     "output set seed threads force quiet rounds json", "chaland calibrate scenarios/angers_soldes.yaml -o mine.yaml",
     ch_cmd_calibrate},
    {"sweep plan", "SCENARIO", "plan all runs of a scenario, to be run in parts, anywhere; the same plan again changes nothing",
     "output policy replications set seed chunk-runs chunk-seconds reuse json quiet",
     "chaland sweep plan scenarios/consent_sweep.yaml -o sweep1\n  chaland sweep plan larger.yaml -o sweep2 --reuse sweep1",
     ch_cmd_sweep_plan},
    {"sweep run", "FOLDER", "run what is not done yet, or a shard of it; killed or stopped (exit code 75), the same goes on",
     "shard threads max-time max-fails retry-failed force json quiet progress scheduler tile perturb",
     "chaland sweep run sweep1\n  chaland sweep run sweep1 --shard 3/10", ch_cmd_sweep_run},
    {"sweep status", "FOLDER", "how far is it? Exit code 0 when complete, 3 when not", "missing-shards json",
     "chaland sweep status sweep1\n  chaland sweep status sweep1 --missing-shards 10", ch_cmd_sweep_status},
    {"sweep merge", "FOLDER",
     "one results file of all runs, for compare, report, export; and runs.csv; exit code 3 when incomplete",
     "allow-missing force json", "chaland sweep merge sweep1 && chaland compare sweep1/merged.h5", ch_cmd_sweep_merge},
    {"sweep verify", "FOLDER", "run some runs again, here: are they the same bytes? Exit code 1 if not",
     "sample run threads json scheduler tile perturb", "chaland sweep verify sweep1 --sample 5", ch_cmd_sweep_verify},
    {"sweep script", "FOLDER", "print a job script for a scheduler; nothing is submitted", "for jobs threads time mem max-array",
     "chaland sweep script sweep1 --for slurm --jobs 20 > job.sh", ch_cmd_sweep_script},
    {"bench", "[NAME]", "measure this machine: phold, queue, city, or all three; beside a 4-ary heap in the same run",
     "processes events-per-process remote lookahead duration customers servers load shoppers beacons hours policy seed threads "
     "scheduler rounds json",
     "chaland bench queue --customers 4000000 --servers 1 --load 0.9\n  chaland bench city --shoppers 50000 --beacons 200 "
     "--hours 1 "
     "--threads 2",
     ch_cmd_bench},
    {"completion", "SHELL", "print completion for bash, zsh or fish; or the words it asks for: keys, kpis, policies, scenarios",
     "", "source <(chaland completion bash)\n  chaland completion fish > ~/.config/fish/completions/chaland.fish",
     ch_cmd_completion},
    {"man", NULL, "print the manual page", "", "chaland man | man -l -", ch_cmd_man},
};
const unsigned ch_n_commands = sizeof ch_commands / sizeof ch_commands[0];

/* ---- parsing ----------------------------------------------------------------------------------------------------- */

static enum ch_code no_option(const struct ch_command *command, const char *word, struct ch_error *error)
{
    const char *names[N_OPTIONS];
    size_t n = 0;
    for (unsigned i = 0; i < N_OPTIONS; i++)
        if (ch_command_takes(command, ch_options[i].name))
            names[n++] = ch_options[i].name;
    const char *near = ch_text_nearest(word + strspn(word, "-"), names, n);
    return ch_fail(error, CH_INVALID, "unknown option '%s' of '%s'%s%s%s chaland %s --help lists them", word, command->name,
                   near ? "; did you mean --" : ";", near ? near : "", near ? "?" : "", command->name);
}

/* The option of a word "--name", "--name=value", "-x" or "-xvalue"; *value is what is attached, or NULL. */
static const struct ch_option *find_option(const struct ch_command *command, const char *word, const char **value)
{
    size_t n = strcspn(word, "=");
    *value = word[1] != '-' ? (word[2] ? word + 2 : NULL) : word[n] ? word + n + 1 : NULL;
    for (unsigned i = 0; i < N_OPTIONS; i++) {
        const struct ch_option *o = &ch_options[i];
        bool is = word[1] == '-' ? strlen(o->name) == n - 2 && strncmp(o->name, word + 2, n - 2) == 0
                                 : o->letter == word[1] && (!word[2] || o->kind != CH_OPTION_FLAG);
        if (is && ch_command_takes(command, o->name))
            return o;
    }
    return NULL;
}

static enum ch_code set_option(const struct ch_option *o, const char *value, struct ch_args *args, struct ch_error *error)
{
    void *at = (char *)args + o->at;
    int64_t count;
    double number;
    switch (o->kind) {
    case CH_OPTION_FLAG:
        *(bool *)at = true;
        break;
    case CH_OPTION_TEXT:
        *(const char **)at = value;
        break;
    case CH_OPTION_COUNT:
        if (ch_parse_int64(value, strlen(value), &count) && count == 0 && o->at == offsetof(struct ch_args, threads))
            return ch_fail(error, CH_INVALID, "--threads: 0 threads run nothing; write 1 or more, or leave it out");
        if (!ch_parse_int64(value, strlen(value), &count) || count < 0)
            return ch_fail(error, CH_INVALID, "--%s: '%s' is not a whole number; write for example --%s 4", o->name, value,
                           o->name);
        *(int64_t *)at = count;
        break;
    case CH_OPTION_NUMBER:
        if (!ch_parse_double(value, strlen(value), &number) || number <= 0 || number >= 1)
            return ch_fail(error, CH_INVALID, "--%s: '%s' is not a number between 0 and 1; write for example --%s 0.95", o->name,
                           value, o->name);
        *(double *)at = number;
        break;
    case CH_OPTION_REAL:
        if (!ch_parse_double(value, strlen(value), &number) || !(number >= 0 && number <= 1e300))
            return ch_fail(error, CH_INVALID, "--%s: '%s' is not a number; write for example --%s 0.1", o->name, value, o->name);
        *(double *)at = number;
        break;
    case CH_OPTION_REPEAT: {
        struct ch_texts *list = at;
        if (list->n == CH_REPEAT_MAX)
            return ch_fail(error, CH_INVALID, "--%s: given more than %d times", o->name, CH_REPEAT_MAX);
        list->text[list->n++] = value;
    }
    }
    return CH_OK;
}

/* Words in front of the arguments: the program, and one or two of the command. */
static int words_of(const struct ch_command *command) { return strchr(command->name, ' ') ? 3 : 2; }

static enum ch_code set_colour(const char *word, struct ch_error *error)
{
    static const char *const modes[] = {"auto", "always", "never"};
    for (unsigned i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(word, modes[i]) == 0) {
            ch_terminal_set_colour((enum ch_colour_mode)i);
            return CH_OK;
        }
    return ch_fail(error, CH_INVALID, "--color: '%s' is unknown; write auto, always or never", word);
}

static enum ch_code parse(const struct ch_command *command, int argc, char **argv, struct ch_args *args, struct ch_error *error)
{
    bool only_operands = false;
    for (int i = words_of(command); i < argc; i++) {
        const char *word = argv[i];
        if (!only_operands && strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        if (only_operands || word[0] != '-' || !word[1]) {
            if (args->operand || !command->operand)
                return ch_fail(error, CH_INVALID, "'%s' is one argument too many for '%s'; chaland %s --help shows what it takes",
                               word, command->name, command->name);
            args->operand = word;
            continue;
        }
        const char *value;
        const struct ch_option *o = find_option(command, word, &value);
        if (!o)
            return no_option(command, word, error);
        if (o->kind == CH_OPTION_FLAG && value)
            return ch_fail(error, CH_INVALID, "--%s takes no value; write --%s alone", o->name, o->name);
        if (o->kind != CH_OPTION_FLAG && !value) {
            if (i + 1 >= argc)
                return ch_fail(error, CH_INVALID, "--%s needs a value: --%s %s", o->name, o->name, o->argument);
            value = argv[++i];
        }
        enum ch_code code = set_option(o, value, args, error);
        if (code == CH_OK && o->at == offsetof(struct ch_args, color))
            code = set_colour(args->color, error);
        if (code != CH_OK)
            return code;
    }
    if (!args->operand && command->operand && command->operand[0] != '[' && !args->help)
        return ch_fail(error, CH_INVALID, "'%s' needs a %s, such as: %.*s", command->name, command->operand,
                       (int)strcspn(command->examples, "\n"), command->examples);
    return CH_OK;
}

enum { COMMANDS_MAX = 32 };

/* `name` is one word, or two: "sweep run". */
static const struct ch_command *find_command(const char *name, struct ch_error *error)
{
    const char *names[COMMANDS_MAX + 2];
    size_t n = 0;
    for (unsigned i = 0; i < ch_n_commands && n < COMMANDS_MAX; i++) {
        names[n++] = ch_commands[i].name;
        if (strcmp(ch_commands[i].name, name) == 0)
            return &ch_commands[i];
    }
    names[n++] = "--help";
    names[n++] = "--version";
    const char *near = ch_text_nearest(name, names, n);
    ch_fail(error, CH_INVALID, "unknown command '%s'%s%s%s chaland --help lists them", name, near ? "; did you mean '" : ";",
            near ? near : "", near ? "'?" : "");
    return NULL;
}

/* Name of the command in the words from `at` on: with the next one, where commands of two words begin so. */
static const char *name_of(int argc, char **argv, int at, char *buffer, size_t size)
{
    size_t n = strlen(argv[at]);
    for (unsigned i = 0; i < ch_n_commands; i++)
        if (strncmp(ch_commands[i].name, argv[at], n) == 0 && ch_commands[i].name[n] == ' ') {
            bool more = at + 1 < argc && argv[at + 1][0] != '-';
            snprintf(buffer, size, "%s%s%s", argv[at], more ? " " : "", more ? argv[at + 1] : "");
            return buffer;
        }
    return argv[at];
}

enum ch_code ch_cli_fail(const struct ch_args *args, const struct ch_error *error)
{
    if (args->json) {
        printf("{\"schema_version\": 1, \"error\": {\"code\": %d, \"message\": ", (int)error->code);
        ch_json_put_string(stdout, error->text);
        printf("}}\n");
    }
    struct ch_page page;
    if (ch_comm_rank() > 0) /* rank 0 says it */
        return error->code;
    fprintf(ch_page_open(&page, stderr), "chaland: %serror%s: %s\n", ch_ink(stderr, CH_INK_BAD), ch_ink(stderr, CH_INK_PLAIN),
            error->text);
    ch_page_close(&page);
    return error->code;
}

enum ch_code ch_cli_fail_diag(const struct ch_args *args, const struct ch_diag *diag)
{
    enum ch_code code = ch_diag_code(diag);
    if (args->json) {
        printf("{\"schema_version\": 1, \"error\": {\"code\": %d, \"message\": \"%u %s in the scenario\", \"errors\": ",
               (int)code, ch_diag_count(diag), ch_diag_count(diag) == 1 ? "error" : "errors");
        ch_diag_print_json(diag, stdout);
        printf("}}\n");
    }
    if (ch_comm_rank() == 0)
        ch_diag_print(diag, stderr);
    return code;
}

static void join(int argc, char **argv, struct ch_text *out)
{
    for (int i = 0; i < argc; i++)
        ch_text_addf(out, "%s%s", i ? " " : "", i ? argv[i] : "chaland");
}

/* `--json` counts from wherever it stands, so that errors before it are told in JSON too. */
static bool wants_json(int argc, char **argv)
{
    bool wants = false;
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        wants |= strcmp(argv[i], "--json") == 0;
    return wants;
}

static enum ch_code run_command(int argc, char **argv, struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    char name[80];
    const struct ch_command *command = find_command(name_of(argc, argv, 1, name, sizeof name), &error);
    args->json = wants_json(argc, argv);
    if (!command || parse(command, argc, argv, args, &error) != CH_OK)
        return ch_cli_fail(args, &error);
    if (args->help) {
        ch_help_command(command, stdout);
        return CH_OK;
    }
    struct ch_text line = {0};
    join(argc, argv, &line);
    args->command_line = line.s ? line.s : "";
    /* All processes run together, and each has its shards of a sweep; of other commands rank 0 alone makes something. */
    bool all = strcmp(command->name, "run") == 0 || strcmp(command->name, "sweep run") == 0;
    enum ch_code code = all || ch_comm_rank() == 0 ? command->run(args) : CH_OK;
    ch_text_fini(&line);
    if (code == CH_STOPPED && ch_campaign_signal())
        code = (enum ch_code)(128 + ch_campaign_signal()); /* nothing to resume */
    return code;
}

/* `chaland help [COMMAND]`, `chaland --help`, `chaland` alone. */
static enum ch_code run_help(int argc, char **argv)
{
    struct ch_error error = {.code = CH_OK};
    const struct ch_args args = {.json = wants_json(argc, argv)};
    if (argc < 3) {
        ch_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? CH_INVALID : CH_OK;
    }
    char name[80];
    const struct ch_command *command = find_command(name_of(argc, argv, 2, name, sizeof name), &error);
    if (!command)
        return ch_cli_fail(&args, &error);
    ch_help_command(command, stdout);
    return CH_OK;
}

/* Has whoever read standard output gone away? The error that told so may have passed long ago. */
static bool reader_left(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return errno == EPIPE || (poll(&out, 1, 0) == 1 && out.revents & POLLERR);
}

/* What was printed must have arrived; a reader that closed the pipe has seen what it wanted. */
static enum ch_code finish_output(enum ch_code code)
{
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || reader_left())
        return code;
    fprintf(stderr, "chaland: error: standard output cannot be written%s%s\n", errno ? ": " : "", errno ? strerror(errno) : "");
    return code == CH_OK ? CH_IO : code;
}

int ch_cli(int argc, char **argv)
{
    struct ch_args args = {.program = argv[0],
                           .replications = -1,
                           .seed = -1,
                           .threads = -1,
                           .tile = -1,
                           .perturb = -1,
                           .rounds = -1,
                           .shopper = -1,
                           .replication = -1,
                           .point = -1,
                           .day = -1,
                           .processes = -1,
                           .events_per_process = -1,
                           .customers = -1,
                           .servers = -1,
                           .shoppers = -1,
                           .beacons = -1,
                           .remote = -1,
                           .lookahead = -1,
                           .duration = -1,
                           .load = -1,
                           .hours = -1,
                           .max_fails = -1,
                           .chunk_runs = -1,
                           .missing_shards = -1,
                           .sample = -1,
                           .run = -1,
                           .jobs = -1,
                           .max_array = -1,
                           .every = -1};
    enum ch_code code = CH_OK;
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        code = run_help(argc, argv);
    else if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0)
        ch_version_print(stdout, argc > 2 && strcmp(argv[2], "--json") == 0, argc > 2 && strcmp(argv[2], "-v") == 0);
    else
        code = run_command(argc, argv, &args);
    return (int)finish_output(code);
}
