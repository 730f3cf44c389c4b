/* SPDX-License-Identifier: MIT
 * `chaland completion`: scripts for shells, made of the rows of commands and options. Words that belong to the program's data
 * (keys, policies) are asked of it when the user types, so that a script is never stale. */
#define _POSIX_C_SOURCE 200809L
#include "app/cli.h"
#include "app/version.h"
#include "base/terminal.h"
#include "base/text.h"
#include "output/results.h"
#include "table/table.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* ---- what stands for an argument --------------------------------------------------------------------------------- */

struct source {
    const char *argument; /* as rows name it */
    enum { FILES, FOLDERS, WORDS, ASK } how;
    const char *what;  /* FILES: ending, or ""; WORDS: the words; ASK: lists of `chaland completion`, with blanks between */
    const char *after; /* "," for lists, "=" for what goes on; else "" */
};

static const struct source sources[] = {
    {"FILE", FILES, "", ""},
    {"RESULTS", FILES, ".h5", ""},
    {"FOLDER", FOLDERS, "", ""},
    {"STATUS", FILES, ".status.json", ""},
    {"SCENARIO", ASK, "scenarios", ""},
    {"POLICY", ASK, "policies", ""},
    {"POLICY,...", ASK, "policies", ","},
    {"KPI,...", ASK, "kpis", ","},
    {"KEY,...", ASK, "keys", ","},
    {"KEY=VALUE", ASK, "keys", "="},
    {"[KEY]", ASK, "keys kpis", ""},
    {"[NAME]", WORDS, "phold queue city", ""},
    {"SHELL", WORDS, "bash zsh fish", ""},
};

/* Of an argument or operand: false if anything may stand there. "a|b" is words. `words` holds them. */
static bool find_source(const char *argument, struct source *source, char *words, size_t size)
{
    for (size_t i = 0; argument && i < sizeof sources / sizeof sources[0]; i++)
        if (strcmp(sources[i].argument, argument) == 0) {
            *source = sources[i];
            return true;
        }
    if (!argument || !strchr(argument, '|'))
        return false;
    snprintf(words, size, "%s", argument);
    for (char *c = words; *c; c++)
        *c = *c == '|' ? ' ' : *c;
    *source = (struct source){argument, WORDS, words, ""};
    return true;
}

/* A file that a command reads is one of results. */
static const char *operand_of(const struct ch_command *command)
{
    return strcmp(command->operand, "FILE") == 0 ? "RESULTS" : command->operand;
}

/* Scenarios may be files too. */
static bool files_too(const char *argument) { return strcmp(argument, "SCENARIO") == 0 || strcmp(argument, "POLICY,...") == 0; }

/* A command's name has one word or two. Length of the first; the second, or NULL. */
static int first_word(const struct ch_command *command) { return (int)strcspn(command->name, " "); }

static const char *second_word(const struct ch_command *command)
{
    const char *blank = strchr(command->name, ' ');
    return blank ? blank + 1 : NULL;
}

static bool same_first_word(unsigned i, unsigned k)
{
    int n = first_word(&ch_commands[i]);
    return n == first_word(&ch_commands[k]) && strncmp(ch_commands[i].name, ch_commands[k].name, (size_t)n) == 0;
}

static bool is_new_first_word(unsigned i)
{
    for (unsigned k = 0; k < i; k++)
        if (same_first_word(i, k))
            return false;
    return true;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

static int in_order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Names of the YAML files of a folder of shipped things, without their ending. */
static void list_yaml(const char *folder)
{
    enum { MOST = 1000, ENDING = 5 };
    struct ch_text path = {0};
    char *name[MOST];
    size_t n = 0;
    ch_text_addf(&path, "%s/%s", ch_share_folder(), folder);
    DIR *dir = path.s ? opendir(path.s) : NULL;
    for (const struct dirent *entry; dir && n < MOST && (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name);
        if (length > ENDING && strcmp(entry->d_name + length - ENDING, ".yaml") == 0 && entry->d_name[0] != '.' &&
            (name[n] = strdup(entry->d_name)) != NULL)
            name[n++][length - ENDING] = 0;
    }
    if (dir)
        closedir(dir);
    qsort(name, n, sizeof *name, in_order);
    for (size_t i = 0; i < n; i++) {
        puts(name[i]);
        free(name[i]);
    }
    ch_text_fini(&path);
}

static void list_scenarios(void) { list_yaml("scenarios"); }
static void list_policies(void) { list_yaml("scenarios/policies"); }

static void list_keys(void)
{
    size_t n;
    const char *const *key = ch_param_keys(&n);
    for (size_t i = 0; i < n; i++)
        puts(key[i]);
}

static void list_kpis(void)
{
    const struct ch_probe_list *probes = ch_probe_list();
    for (unsigned i = 0; i < probes->n_scalars; i++)
        puts(probes->row[probes->scalar[i]]->name);
#define X(name, unit, k, doc) puts(#name);
    CH_DERIVED_KPIS(X)
#undef X
}

/* ---- bash -------------------------------------------------------------------------------------------------------- */

static const char bash_head[] =
    "# bash completion of chaland, printed by `chaland completion bash`\n"
    "_chaland_words() { local IFS=$'\\n'; COMPREPLY=($(compgen -W \"$1\" -- \"$cur\")); }\n"
    "_chaland_ask() { local kind; for kind in $1; do \"${COMP_WORDS[0]/#\\~/$HOME}\" completion $kind 2>/dev/null; done; }\n"
    "_chaland_files() # ENDING: of files; folders lead on\n{\n"
    "    local IFS=$'\\n'\n"
    "    COMPREPLY+=($(compgen -d -- \"$cur\") $(compgen -f -X \"!*$1\" -- \"$cur\"))\n"
    "    COMPREPLY=($(printf '%s\\n' \"${COMPREPLY[@]}\" | sort -u))\n"
    "    compopt -o filenames 2>/dev/null\n}\n"
    "_chaland_list() # WORDS: one after another, with commas between\n{\n"
    "    local IFS=$'\\n' head=\n"
    "    case $cur in *,*) head=${cur%,*}, ;; esac\n"
    "    COMPREPLY=($(compgen -P \"$head\" -W \"$1\" -- \"${cur##*,}\"))\n"
    "    compopt -o nospace 2>/dev/null\n}\n"
    "_chaland()\n{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} options=\n"
    "    COMPREPLY=()\n"
    "    # bash takes KEY=VALUE and --option=VALUE apart\n"
    "    if [ \"$cur\" = = ]; then cur=\n"
    "    elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    if [ \"$COMP_CWORD\" -gt 1 ] && [[ $prev != -* ]] && { [ \"${COMP_WORDS[COMP_CWORD]}\" = = ] || "
    "[ \"${COMP_WORDS[COMP_CWORD-1]}\" = = ]; }; then return; fi\n";

static void bash_values(const char *argument)
{
    char words[128];
    struct source s;
    if (!find_source(argument, &s, words, sizeof words)) {
        printf("return");
        return;
    }
    if (s.how == FILES)
        printf("_chaland_files '%s'", s.what);
    else if (s.how == FOLDERS)
        printf("COMPREPLY=($(compgen -d -- \"$cur\")); compopt -o filenames 2>/dev/null");
    else if (s.how == WORDS)
        printf("_chaland_words \"$(printf '%%s\\n' %s)\"", s.what);
    else if (s.after[0] == ',')
        printf("_chaland_list \"$(_chaland_ask '%s')\"", s.what);
    else if (s.after[0] == '=')
        printf("_chaland_words \"$(_chaland_ask '%s' | sed 's/$/=/')\"; compopt -o nospace 2>/dev/null", s.what);
    else
        printf("_chaland_words \"$(_chaland_ask '%s')\"", s.what);
    if (s.how == ASK && files_too(argument) && s.after[0] != ',')
        printf("; _chaland_files .yaml");
}

static void bash_command(const struct ch_command *command)
{
    printf("    '%s') options='", command->name);
    for (unsigned i = 0; i < ch_n_options; i++)
        if (ch_command_takes(command, ch_options[i].name))
            printf("%s--%s", i ? " " : "", ch_options[i].name);
    printf("'\n        case $cur in -*) ;; *) ");
    if (command->operand)
        bash_values(operand_of(command));
    else
        printf(":");
    printf(" ;; esac ;;\n");
}

/* Commands of two words: what follows the first, and which that is. */
static void bash_second_words(void)
{
    printf("    case $verb in\n");
    for (unsigned i = 0; i < ch_n_commands; i++)
        if (is_new_first_word(i) && second_word(&ch_commands[i])) {
            printf("    %.*s)\n        if [ \"$COMP_CWORD\" = 2 ]; then _chaland_words \"$(printf '%%s\\n'",
                   first_word(&ch_commands[i]), ch_commands[i].name);
            for (unsigned k = i; k < ch_n_commands; k++)
                if (same_first_word(i, k))
                    printf(" %s", second_word(&ch_commands[k]));
            printf(")\"; return; fi\n        verb=\"$verb ${COMP_WORDS[2]}\" ;;\n");
        }
    printf("    esac\n");
}

static void put_first_words(void)
{
    for (unsigned i = 0; i < ch_n_commands; i++)
        if (is_new_first_word(i))
            printf(" %.*s", first_word(&ch_commands[i]), ch_commands[i].name);
}

static void write_bash(void)
{
    fputs(bash_head, stdout);
    printf("    if [ \"$COMP_CWORD\" = 1 ]; then\n        _chaland_words \"$(printf '%%s\\n'");
    put_first_words();
    printf(" help --help --version)\"\n        return\n    fi\n");
    bash_second_words();
    printf("    case $prev in\n");
    for (unsigned i = 0; i < ch_n_options; i++) {
        const struct ch_option *o = &ch_options[i];
        if (o->kind == CH_OPTION_FLAG)
            continue;
        if (o->letter)
            printf("    -%c|", o->letter);
        printf("%s--%s) ", o->letter ? "" : "    ", o->name);
        bash_values(o->argument);
        printf("; return ;;\n");
    }
    printf("    esac\n    case $verb in\n");
    for (unsigned i = 0; i < ch_n_commands; i++)
        bash_command(&ch_commands[i]);
    printf("    help) _chaland_words \"$(printf '%%s\\n'");
    put_first_words();
    printf(")\" ;;\n    --version) options='--json -v' ;;\n    esac\n"
           "    case $cur in -*) _chaland_words \"$(printf '%%s\\n' $options)\" ;; esac\n}\n"
           "complete -F _chaland chaland\n");
}

/* ---- zsh --------------------------------------------------------------------------------------------------------- */

/* Within [...] of a specification, within single quotes. */
static void put_zsh(const char *text)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr("[]:\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
}

static void zsh_values(const char *argument)
{
    char words[128];
    struct source s;
    if (!find_source(argument, &s, words, sizeof words))
        return;
    if (s.how == FILES)
        printf("%s%s%s", s.what[0] ? "_files -g \"*" : "_files", s.what, s.what[0] ? "(-.)\"" : "");
    else if (s.how == FOLDERS)
        printf("_files -/");
    else if (s.how == WORDS)
        printf("(%s)", s.what);
    else
        printf(" _chaland_ask \"%s\" \"%s\" \"%s\"", s.what, s.after, files_too(argument) ? "*.yaml" : "");
}

static void zsh_option(const struct ch_option *o)
{
    const char *value = o->kind == CH_OPTION_FLAG ? "" : "=";
    printf(" \\\n            ");
    if (o->kind == CH_OPTION_REPEAT)
        printf("'*'");
    else if (o->letter)
        printf("'(-%c --%s)'", o->letter, o->name);
    if (o->letter)
        printf("{-%c%s,--%s%s}", o->letter, value[0] ? "+" : "", o->name, value);
    else
        printf("'--%s%s'", o->name, value);
    printf("'[");
    put_zsh(o->help);
    printf("]");
    if (o->kind != CH_OPTION_FLAG) {
        putchar(':');
        put_zsh(o->argument);
        putchar(':');
        zsh_values(o->argument);
    }
    putchar('\'');
}

static const char zsh_head[] =
    "#compdef chaland\n# zsh completion of chaland, printed by `chaland completion zsh`\n"
    "_chaland_ask() # LISTS AFTER GLOB\n{\n    local -a found; local kind\n"
    "    for kind in ${(s: :)1}; do found+=(${(f)\"$(_call_program words $program completion $kind 2>/dev/null)\"}); done\n"
    "    case $2 in\n    ,) _values -s , word $found ;;\n    =) compadd -S = -a found ;;\n    *) compadd -a found ;;\n    esac\n"
    "    [[ -n $3 ]] && _files -g \"$3\"\n}\n"
    "_chaland()\n{\n    local -a commands=(\n";

static void zsh_first_words(void)
{
    for (unsigned i = 0; i < ch_n_commands; i++)
        if (is_new_first_word(i)) {
            printf("        '%.*s:", first_word(&ch_commands[i]), ch_commands[i].name);
            put_zsh(second_word(&ch_commands[i]) ? "..." : ch_commands[i].title);
            printf("'\n");
        }
}

static void zsh_second_words(void)
{
    for (unsigned i = 0; i < ch_n_commands; i++)
        if (is_new_first_word(i) && second_word(&ch_commands[i])) {
            printf("    %.*s)\n        local -a parts=(\n", first_word(&ch_commands[i]), ch_commands[i].name);
            for (unsigned k = i; k < ch_n_commands; k++)
                if (same_first_word(i, k)) {
                    printf("            '%s:", second_word(&ch_commands[k]));
                    put_zsh(ch_commands[k].title);
                    printf("'\n");
                }
            printf("        )\n        if (( CURRENT == 2 )); then _describe command parts; return; fi\n"
                   "        verb=\"$verb $words[2]\"; shift words; (( CURRENT-- )) ;;\n");
        }
}

static void write_zsh(void)
{
    fputs(zsh_head, stdout);
    zsh_first_words();
    printf("    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
           "    local verb=$words[2] program=${words[1]/#\\~/$HOME}\n    shift words; (( CURRENT-- ))\n    case $verb in\n");
    zsh_second_words();
    printf("    esac\n    case $verb in\n");
    for (unsigned i = 0; i < ch_n_commands; i++) {
        printf("    '%s')\n        _arguments -s -S", ch_commands[i].name);
        for (unsigned k = 0; k < ch_n_options; k++)
            if (ch_command_takes(&ch_commands[i], ch_options[k].name))
                zsh_option(&ch_options[k]);
        if (ch_commands[i].operand) {
            printf(" \\\n            '1:");
            put_zsh(ch_commands[i].operand);
            putchar(':');
            zsh_values(operand_of(&ch_commands[i]));
            putchar('\'');
        }
        printf(" ;;\n");
    }
    printf("    help) _describe command commands ;;\n    esac\n}\n"
           "if [[ $funcstack[1] = _chaland ]]; then _chaland \"$@\"; else compdef _chaland chaland; fi\n");
}

/* ---- fish -------------------------------------------------------------------------------------------------------- */

static void put_fish(const char *text)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}

static void fish_values(const char *argument)
{
    char words[128];
    struct source s;
    if (!find_source(argument, &s, words, sizeof words))
        printf(" -x");
    else if (s.how == FILES)
        printf(" -r -F");
    else if (s.how == FOLDERS)
        printf(" -x -a '(__fish_complete_directories)'");
    else if (s.how == WORDS)
        printf(" -x -a '%s'", s.what);
    else
        printf(" %s -a '(%s__chaland_ask %s%s)'", files_too(argument) && s.after[0] != ',' ? "-r -F" : "-x",
               s.after[0] == ',' ? "__fish_append , (" : "", s.what, s.after[0] == ',' ? ")" : "");
}

static void fish_command(const struct ch_command *command)
{
    if (second_word(command))
        printf("complete -c chaland -n '__chaland_needs_part %.*s' -f -a %s -d ", first_word(command), command->name,
               second_word(command));
    else
        printf("complete -c chaland -n __chaland_needs_command -f -a %s -d ", command->name);
    put_fish(command->title);
    printf("\n");
    if (command->operand) {
        printf("complete -c chaland -n '__chaland_runs %s'", command->name);
        fish_values(operand_of(command));
        printf("\n");
    }
    for (unsigned i = 0; i < ch_n_options; i++) {
        const struct ch_option *o = &ch_options[i];
        if (!ch_command_takes(command, o->name))
            continue;
        printf("complete -c chaland -n '__chaland_runs %s' -l %s", command->name, o->name);
        if (o->letter)
            printf(" -s %c", o->letter);
        if (o->kind != CH_OPTION_FLAG)
            fish_values(o->argument);
        printf(" -d ");
        put_fish(o->help);
        printf("\n");
    }
}

static const char fish_head[] =
    "# fish completion of chaland, printed by `chaland completion fish`\n"
    "function __chaland_needs_command; test (count (commandline -opc)) -eq 1; end\n"
    "function __chaland_runs; set -l words (commandline -opc); set -l last (math (count $argv) + 1)\n"
    "    test (count $words) -ge $last; and test \"$words[2..$last]\" = \"$argv\"; end\n"
    "function __chaland_needs_part; test (count (commandline -opc)) -eq 2; and __chaland_runs $argv; end\n"
    "function __chaland_ask; set -l words (commandline -opc)\n"
    "    for kind in $argv; eval $words[1] completion $kind 2>/dev/null; end; end\n"
    "complete -c chaland -f\n";

static void write_fish(void)
{
    fputs(fish_head, stdout);
    for (unsigned i = 0; i < ch_n_commands; i++) {
        if (is_new_first_word(i) && second_word(&ch_commands[i]))
            printf("complete -c chaland -n __chaland_needs_command -f -a %.*s\n", first_word(&ch_commands[i]),
                   ch_commands[i].name);
        fish_command(&ch_commands[i]);
    }
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

enum ch_code ch_cmd_completion(const struct ch_args *args)
{
    static const struct {
        const char *name;
        void (*write)(void);
    } all[] = {{"bash", write_bash}, {"zsh", write_zsh},          {"fish", write_fish},         {"keys", list_keys},
               {"kpis", list_kpis},  {"policies", list_policies}, {"scenarios", list_scenarios}};
    struct ch_error error = {.code = CH_OK};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(args->operand, all[i].name) == 0) {
            all[i].write();
            return CH_OK;
        }
    ch_fail(&error, CH_INVALID, "completion: '%s' is no shell known here; write bash, zsh or fish", args->operand);
    return ch_cli_fail(args, &error);
}
