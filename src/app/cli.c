/* SPDX-License-Identifier: MIT
 * Rows of options and commands, and the one loop that parses them. */
#include "app/cli.h"
#include "app/json.h"
#include "app/version.h"
#include "base/text.h"
#include <stddef.h>
#include <string.h>

enum kind { FLAG, TEXT, COUNT, NUMBER, REPEAT };

/* name, letter, kind, field, argument, help */
static const struct option {
    const char *name;
    char letter;
    enum kind kind;
    size_t at;
    const char *argument;
    const char *help;
} options[] = {
#define AT(field) offsetof(struct ch_args, field)
    {"output", 'o', TEXT, AT(output), "FILE", "where the result goes"},
    {"policy", 'p', TEXT, AT(policy), "A,B", "only these policies, and the baseline"},
    {"replications", 'n', COUNT, AT(replications), "N", "replications, instead of the scenario's"},
    {"set", 's', REPEAT, AT(set), "KEY=VALUE", "override one value; may be repeated"},
    {"seed", 0, COUNT, AT(seed), "S", "seed, instead of the scenario's"},
    {"threads", 't', COUNT, AT(threads), "N", "threads; never changes a result"},
    {"force", 'f', FLAG, AT(force), NULL, "overwrite an existing file"},
    {"dry-run", 0, FLAG, AT(dry_run), NULL, "print the resolved scenario and what it will take; run nothing"},
    {"json", 0, FLAG, AT(json), NULL, "one JSON object on standard output"},
    {"quiet", 'q', FLAG, AT(quiet), NULL, "no progress, no table"},
    {"progress", 0, TEXT, AT(progress), "auto|always|never", "progress line on standard error"},
    {"reproducible", 0, FLAG, AT(reproducible), NULL, "leave host and times out of the file, so that files compare byte for byte"},
    {"scheduler", 0, TEXT, AT(scheduler), "parallel|oracle", "engine; both give the same fingerprint"},
    {"tile", 0, COUNT, AT(tile), "N", "places per tile, for skeptics; never changes a result"},
    {"perturb", 0, COUNT, AT(perturb), "SEED", "disturb threads at random, for skeptics; never changes a result"},
    {"baseline", 'b', TEXT, AT(baseline), "P", "policy to compare with"},
    {"kpi", 'k', TEXT, AT(kpi), "A,B", "these KPIs only"},
    {"all", 'a', FLAG, AT(all), NULL, "every KPI"},
    {"confidence", 'c', NUMBER, AT(confidence), "0.95", "confidence of the intervals"},
    {"fail-if", 0, TEXT, AT(fail_if), "EXPR", "exit 3 if it holds, e.g. 'responsive.retail_profit < 0' (difference to the baseline)"},
    {"scenario", 0, TEXT, AT(scenario), "FILE", "values of this scenario"},
    {"reference", 0, TEXT, AT(reference), "FOLDER", "write the reference pages there"},
    {"rounds", 0, COUNT, AT(rounds), "N", "rounds of calibration"},
    {"help", 'h', FLAG, AT(help), NULL, "this text"},
#undef AT
};
enum { N_OPTIONS = sizeof options / sizeof options[0] };

const struct ch_command ch_commands[] = {
    {"run", "SCENARIO", "run a scenario: every policy, point and replication; compare; write one file",
     "output policy replications set seed threads force dry-run json quiet progress reproducible scheduler tile perturb",
     "chaland run scenarios/quickstart.yaml\n  chaland run scenarios/angers_soldes.yaml --set population.sample=0.1 -n 3", ch_cmd_run},
    {"compare", "FILE", "compare the policies in a result file", "baseline kpi all confidence fail-if json quiet",
     "chaland compare output/quickstart-1.h5\n  chaland compare output/quickstart-1.h5 --kpi net_sales,messages_sent --baseline broadcast", ch_cmd_compare},
    {"validate", "SCENARIO", "check a scenario and report every mistake", "set json", "chaland validate scenarios/quickstart.yaml", ch_cmd_validate},
    {"explain", "[KEY]", "what a parameter, a section or a KPI means, its value and where it comes from", "scenario set reference json",
     "chaland explain consent\n  chaland explain wishlist.pool.commission --scenario scenarios/quickstart.yaml", ch_cmd_explain},
    {"schema", NULL, "JSON Schema of scenarios, for editors", "output", "chaland schema > scenario.schema.json", ch_cmd_schema},
    {"init", "NAME", "write a commented scenario NAME.yaml and its schema", "force", "chaland init mytown", ch_cmd_init},
    {"calibrate", "SCENARIO", "find need rates and outside options that meet the targets; write them into a scenario",
     "output set seed threads force quiet rounds", "chaland calibrate scenarios/angers_soldes.yaml -o mine.yaml", ch_cmd_calibrate},
};
const unsigned ch_n_commands = sizeof ch_commands / sizeof ch_commands[0];

/* ---- help -------------------------------------------------------------------------------------------------------- */

static bool takes(const struct ch_command *command, const char *option)
{
    size_t n = strlen(option);
    if (strcmp(option, "help") == 0)
        return true;
    for (const char *at = command->options; (at = strstr(at, option)); at += n)
        if ((at == command->options || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

static void help(FILE *out)
{
    fprintf(out, "chaland: which marketing policy earns more without driving people away?\n\n"
                 "  chaland run scenarios/quickstart.yaml\n  chaland compare output/quickstart-1.h5\n\n");
    for (unsigned i = 0; i < ch_n_commands; i++)
        fprintf(out, "  %-10s %-9s %s\n", ch_commands[i].name, ch_commands[i].operand ? ch_commands[i].operand : "", ch_commands[i].title);
    fprintf(out, "\n`chaland COMMAND --help` tells more; `chaland --version` which program this is.\n"
                 "Exit codes: 0 done, 1 internal error, 2 invalid input, 3 the answer is no, 69 does not fit, 73 would overwrite,\n"
                 "74 input/output error, 75 stopped (run again), 130/143 stopped by a signal.\n");
}

static void help_command(const struct ch_command *command, FILE *out)
{
    fprintf(out, "chaland %s %s[options]\n  %s\n\n  %s\n\n", command->name, command->operand ? command->operand : "",
            command->title, command->examples);
    for (unsigned i = 0; i < N_OPTIONS; i++) {
        const struct option *o = &options[i];
        if (!takes(command, o->name))
            continue;
        char left[48];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "", o->argument ? o->argument : "");
        fprintf(out, "  %c%c %-30s %s\n", o->letter ? '-' : ' ', o->letter ? o->letter : ' ', left, o->help);
    }
}

/* ---- parsing ----------------------------------------------------------------------------------------------------- */

static enum ch_code no_option(const struct ch_command *command, const char *word, struct ch_error *error)
{
    const char *names[N_OPTIONS];
    size_t n = 0;
    for (unsigned i = 0; i < N_OPTIONS; i++)
        if (takes(command, options[i].name))
            names[n++] = options[i].name;
    const char *near = ch_text_nearest(word + strspn(word, "-"), names, n);
    return ch_fail(error, CH_INVALID, "unknown option '%s' of '%s'%s%s%s; see chaland %s --help", word, command->name,
                   near ? "; did you mean --" : "", near ? near : "", near ? "?" : "", command->name);
}

static const struct option *find_option(const struct ch_command *command, const char *word, size_t n)
{
    for (unsigned i = 0; i < N_OPTIONS; i++) {
        const struct option *o = &options[i];
        bool is = word[1] == '-' ? strlen(o->name) == n - 2 && strncmp(o->name, word + 2, n - 2) == 0 : n == 2 && o->letter == word[1];
        if (is && takes(command, o->name))
            return o;
    }
    return NULL;
}

static enum ch_code set_option(const struct option *o, const char *value, struct ch_args *args, struct ch_error *error)
{
    void *at = (char *)args + o->at;
    int64_t count;
    double number;
    switch (o->kind) {
    case FLAG:
        *(bool *)at = true;
        break;
    case TEXT:
        *(const char **)at = value;
        break;
    case COUNT:
        if (!ch_parse_int64(value, strlen(value), &count) || count < 0)
            return ch_fail(error, CH_INVALID, "--%s: '%s' is not a whole number; write for example --%s 4", o->name, value, o->name);
        *(int64_t *)at = count;
        break;
    case NUMBER:
        if (!ch_parse_double(value, strlen(value), &number) || number <= 0 || number >= 1)
            return ch_fail(error, CH_INVALID, "--%s: '%s' is not a number between 0 and 1; write for example --%s 0.95", o->name, value, o->name);
        *(double *)at = number;
        break;
    case REPEAT: {
        struct ch_texts *list = at;
        if (list->n == CH_REPEAT_MAX)
            return ch_fail(error, CH_INVALID, "--%s: given more than %d times", o->name, CH_REPEAT_MAX);
        list->text[list->n++] = value;
    }
    }
    return CH_OK;
}

static enum ch_code parse(const struct ch_command *command, int argc, char **argv, struct ch_args *args, struct ch_error *error)
{
    bool only_operands = false;
    for (int i = 2; i < argc; i++) {
        const char *word = argv[i];
        if (!only_operands && strcmp(word, "--") == 0) {
            only_operands = true;
            continue;
        }
        if (only_operands || word[0] != '-' || !word[1]) {
            if (args->operand || !command->operand)
                return ch_fail(error, CH_INVALID, "'%s' is one argument too many for '%s'; see chaland %s --help", word, command->name, command->name);
            args->operand = word;
            continue;
        }
        const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
        const struct option *o = find_option(command, word, equals ? (size_t)(equals - word) : strlen(word));
        if (!o)
            return no_option(command, word, error);
        const char *value = equals ? equals + 1 : NULL;
        if (o->kind != FLAG && !value) {
            if (i + 1 >= argc)
                return ch_fail(error, CH_INVALID, "--%s needs a value: --%s %s", o->name, o->name, o->argument);
            value = argv[++i];
        }
        enum ch_code code = set_option(o, value, args, error);
        if (code != CH_OK)
            return code;
    }
    if (!args->operand && command->operand && command->operand[0] != '[' && !args->help)
        return ch_fail(error, CH_INVALID, "'%s' needs a %s: chaland %s", command->name, command->operand, command->examples);
    return CH_OK;
}

static const struct ch_command *find_command(const char *name, struct ch_error *error)
{
    const char *names[16];
    for (unsigned i = 0; i < ch_n_commands; i++) {
        names[i] = ch_commands[i].name;
        if (strcmp(names[i], name) == 0)
            return &ch_commands[i];
    }
    const char *near = ch_text_nearest(name, names, ch_n_commands);
    ch_fail(error, CH_INVALID, "unknown command '%s'%s%s%s; see chaland --help", name, near ? "; did you mean '" : "", near ? near : "",
            near ? "'?" : "");
    return NULL;
}

enum ch_code ch_cli_fail(const struct ch_args *args, const struct ch_error *error)
{
    if (args->json) {
        printf("{\"schema_version\": 1, \"error\": {\"code\": %d, \"message\": ", (int)error->code);
        ch_json_put_string(stdout, error->text);
        printf("}}\n");
    }
    fprintf(stderr, "chaland: error: %s\n", error->text);
    return error->code;
}

static void join(int argc, char **argv, struct ch_text *out)
{
    for (int i = 0; i < argc; i++)
        ch_text_addf(out, "%s%s", i ? " " : "", i ? argv[i] : "chaland");
}

int ch_cli(int argc, char **argv)
{
    struct ch_args args = {.program = argv[0], .replications = -1, .seed = -1, .threads = -1, .tile = -1, .perturb = -1, .rounds = -1};
    struct ch_error error = {.code = CH_OK};
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        help(argc < 2 ? stderr : stdout);
        return argc < 2 ? CH_INVALID : CH_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        ch_version_print(stdout, argc > 2 && strcmp(argv[2], "--json") == 0, argc > 2 && strcmp(argv[2], "-v") == 0);
        return CH_OK;
    }
    const struct ch_command *command = find_command(argv[1], &error);
    if (!command || parse(command, argc, argv, &args, &error) != CH_OK)
        return (int)ch_cli_fail(&args, &error);
    if (args.help) {
        help_command(command, stdout);
        return CH_OK;
    }
    struct ch_text line = {0};
    join(argc, argv, &line);
    args.command_line = line.s ? line.s : "";
    enum ch_code code = command->run(&args);
    ch_text_fini(&line);
    if (fflush(stdout) != 0 && code == CH_OK)
        code = CH_IO;
    return (int)code;
}
