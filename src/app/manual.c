/* SPDX-License-Identifier: MIT
 * `chaland man`: the manual page, made of the rows of commands and options. */
#include "app/cli.h"
#include "base/build_info.h"
#include <chaland/error.h>
#include <ctype.h>
#include <string.h>

/* When its own words were last changed. */
static const char edited[] = "2026-11-23";

/* Text for roff: no character of it is a command. */
static void put(const char *text)
{
    for (; *text; text++)
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else if (*text == '\'')
            fputs("\\(aq", stdout);
        else
            putchar(*text);
}

/* The same on lines of its own: none begins with a dot. */
static void put_line(const char *text)
{
    fputs(*text == '.' ? "\\&" : "", stdout);
    put(text);
    putchar('\n');
}

static void put_options(const struct ch_command *command)
{
    for (unsigned i = 0; i < ch_n_options; i++) {
        const struct ch_option *o = &ch_options[i];
        if (!ch_command_takes(command, o->name) || ch_command_takes(NULL, o->name))
            continue;
        printf(".TP\n");
        if (o->letter)
            printf("\\fB\\-%c\\fR, ", o->letter);
        printf("\\fB\\-\\-");
        put(o->name);
        printf("\\fR");
        if (o->argument) {
            printf(" \\fI");
            put(o->argument);
            printf("\\fR");
        }
        printf("\n");
        put_line(o->help);
    }
}

static void put_examples(const char *examples)
{
    printf(".PP\n.EX\n");
    for (const char *at = examples; *at; at += *at == '\n') {
        char line[256];
        size_t n = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)n, at + strspn(at, " "));
        line[strcspn(line, "\n")] = 0;
        put_line(line);
        at += n;
    }
    printf(".EE\n");
}

static void put_command(const struct ch_command *command)
{
    printf(".SS chaland %s", command->name);
    if (command->operand) {
        putchar(' ');
        put(command->operand);
    }
    printf("\n");
    char title[512];
    snprintf(title, sizeof title, "%s.", command->title);
    title[0] = (char)toupper((unsigned char)title[0]);
    put_line(title);
    put_options(command);
    put_examples(command->examples);
}

static void put_exit_codes(void)
{
    printf(".SH EXIT STATUS\n");
#define X(name, exit_code, text)            \
    printf(".TP\n\\fB%d\\fR\n", exit_code); \
    put_line(text);
    CH_CODES(X)
#undef X
    printf(".TP\n\\fB130\\fR, \\fB143\\fR\nstopped by SIGINT, SIGTERM, with nothing to resume\n");
}

static const char description[] = ".SH DESCRIPTION\n"
                                  "Chaland simulates a city of shoppers, beacons, street screens, couriers and merchants, event "
                                  "by event, under several marketing\n"
                                  "policies on the same people with the same luck, and answers with an interval: which policy "
                                  "earns more, without driving people\n"
                                  "away?\n"
                                  ".PP\n"
                                  "A \\fISCENARIO\\fR is a YAML file, or the name of a shipped one. A \\fIFILE\\fR is what "
                                  "\\fBchaland run\\fR wrote: HDF5 that is\n"
                                  "also netCDF\\-4. Data go to standard output, everything else to standard error. With "
                                  "\\fB\\-\\-json\\fR standard output holds one\n"
                                  "JSON object that begins with \\fBschema_version\\fR, errors included.\n";

static const char rest[] =
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBNO_COLOR\\fR\nno colours, unless \\fB\\-\\-color always\\fR asks for them\n"
    ".TP\n\\fBCHALAND_SHARE\\fR\nfolder that holds the shipped \\fIscenarios\\fR\n"
    ".TP\n\\fBOMP_NUM_THREADS\\fR, \\fBSLURM_CPUS_PER_TASK\\fR\nthreads, if \\fB\\-\\-threads\\fR does not say; results never "
    "depend on "
    "them\n"
    ".TP\n\\fBSLURM_MEM_PER_NODE\\fR\nmemory of the job, MB: what will not fit is refused before it starts\n"
    ".SH FILES\n"
    ".TP\n\\fIoutput/NAME\\-SEED.h5\\fR\nresults of a run, unless \\fB\\-o\\fR says otherwise\n"
    ".TP\n\\fINAME.status.json\\fR\nbeside the results: what the run is doing, and how it ended; for \\fBchaland watch\\fR\n"
    ".SH SEE ALSO\n"
    "\\fBchaland explain\\fR lists every parameter, key figure and policy word. The documents stand in\n"
    "\\fIshare/doc/chaland\\fR: SCENARIOS.md, POLICIES.md, OUTPUT.md, REPORT.md.\n";

enum ch_code ch_cmd_man(const struct ch_args *args)
{
    (void)args;
    printf(".\\\" printed by `chaland man`\n.TH CHALAND 1 \"%s\" \"chaland %s\" \"User Commands\"\n", edited,
           ch_build_info()->version);
    printf(".SH NAME\nchaland \\- simulate connected urban commerce, and compare marketing policies\n.SH SYNOPSIS\n"
           "\\fBchaland\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n.br\n\\fBchaland\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR\n.br\n"
           "\\fBchaland\\fR \\fB\\-\\-version\\fR [\\fB\\-\\-json\\fR | \\fB\\-v\\fR]\n");
    fputs(description, stdout);
    printf(".SH COMMANDS\nAll commands also take \\fB\\-\\-help\\fR and \\fB\\-\\-color\\fR "
           "\\fIauto\\fR|\\fIalways\\fR|\\fInever\\fR.\n");
    for (unsigned i = 0; i < ch_n_commands; i++)
        put_command(&ch_commands[i]);
    put_exit_codes();
    fputs(rest, stdout);
    return CH_OK;
}
