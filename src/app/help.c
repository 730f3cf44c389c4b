/* SPDX-License-Identifier: MIT
 * Help: the rows of commands and options, as text. */
#include "app/cli.h"
#include "base/terminal.h"
#include <string.h>

bool ch_command_takes(const struct ch_command *command, const char *option)
{
    size_t n = strlen(option);
    if (strcmp(option, "help") == 0 || strcmp(option, "color") == 0)
        return true;
    for (const char *at = command ? command->options : ""; (at = strstr(at, option)); at += n)
        if ((at == command->options || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

void ch_help(FILE *to)
{
    struct ch_page page;
    FILE *out = ch_page_open(&page, to);
    fprintf(out,
            "chaland simulates a city of shoppers and answers: which marketing policy earns more without driving people away?\n\n"
            "Try:\n  chaland run quickstart                         simulate, compare, answer (a few seconds)\n"
            "  chaland compare output/quickstart-1.h5 --all   every figure of that run\n"
            "  chaland init mytown                            a scenario of your own to start from\n\nCommands:\n");
    for (unsigned i = 0; i < ch_n_commands; i++)
        fprintf(out, "  %-12s %-9s %s\n", ch_commands[i].name, ch_commands[i].operand ? ch_commands[i].operand : "",
                ch_commands[i].title);
    fprintf(out, "\nSCENARIO is a file, or the name of a shipped one. `chaland COMMAND --help`\n"
                 "tells more; `chaland --version` which program this is.\n"
                 "Exit codes: 0 done, 1 internal error, 2 invalid input, 3 the answer is no,\n"
                 "69 does not fit, 73 would overwrite, 74 input/output error,\n"
                 "75 stopped (run again), 130/143 stopped, nothing to go on from.\n");
    ch_page_close(&page);
}

void ch_help_command(const struct ch_command *command, FILE *to)
{
    struct ch_page page;
    FILE *out = ch_page_open(&page, to);
    fprintf(out, "chaland %s%s%s [options]\n  %s\n\n  %s\n\n", command->name, command->operand ? " " : "",
            command->operand ? command->operand : "", command->title, command->examples);
    for (unsigned i = 0; i < ch_n_options; i++) {
        const struct ch_option *o = &ch_options[i];
        if (!ch_command_takes(command, o->name))
            continue;
        char left[48];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "", o->argument ? o->argument : "");
        fprintf(out, "  %c%c %-30s %s\n", o->letter ? '-' : ' ', o->letter ? o->letter : ' ', left, o->help);
    }
    ch_page_close(&page);
}
