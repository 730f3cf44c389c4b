/* SPDX-License-Identifier: MIT
 * `chaland export FILE --csv TABLE`: a group of a results file for spreadsheets: one row per observation, labels instead of
 * numbers, a point in any locale, undefined values empty, quotes as RFC 4180 has them, lines ending in LF. */
#include "app/cli.h"
#include "app/export_json.h"
#include "app/json.h"
#include "base/csv.h"
#include "base/text.h"
#include "output/pack.h"
#include "output/results.h"
#include "output/tidy.h"
#include <inttypes.h>
#include <string.h>

/* name, what a row is, what to do when a file has none */
static const struct table {
    const char *name, *row, *without;
} tables[] = {
    {"kpi", "a run: its key figures", ""},
    {"comparison", "a policy and a key figure: the difference to the baseline", "it holds one policy only"},
    {"stores", "a policy and a store, mean over replications", "outputs.stores was off, or the stores differ between points"},
    {"retailers", "a policy and a retailer, mean over replications", "outputs.stores was off, or they differ between points"},
    {"pairs", "a policy and two retailers, who pays and who is paid, mean over replications",
     "the retailers differ between points, or are more than 512"},
    {"couriers", "a policy and a courier, mean over replications", "outputs.couriers was off, or there are none"},
    {"daily", "a run and a day", "outputs were off"},
    {"fields", "a policy, an hour of the week and a crossing of streets; many", "outputs.maps was off"},
    {"events", "a line of the log of moments", "run the scenario with --set outputs.events=on"},
    {"assumptions", "a parameter without a source at one end of its range, a policy and a primary key figure",
     "run the scenario with --assumptions"},
    {"engine", "a run and a thread: how the engine did", ""},
};
enum { N_TABLES = sizeof tables / sizeof tables[0] };

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static enum ch_code put_table(struct ch_tidy *tidy, FILE *out, struct ch_error *error)
{
    char buffer[64];
    unsigned columns = ch_tidy_columns(tidy);
    size_t rows = 0;
    for (unsigned c = 0; c < columns; c++) {
        ch_csv_put(out, ch_tidy_name(tidy, c));
        fputc(c + 1 < columns ? ',' : '\n', out);
    }
    do {
        enum ch_code code = ch_tidy_next(tidy, &rows, error);
        if (code != CH_OK)
            return code;
        for (size_t i = 0; i < rows && !ferror(out); i++)
            for (unsigned c = 0; c < columns; c++) {
                ch_csv_put(out, ch_tidy_cell(tidy, i, c, buffer));
                fputc(c + 1 < columns ? ',' : '\n', out);
            }
    } while (rows && !ferror(out));
    return CH_OK;
}

static enum ch_code put_file(const struct ch_args *args, struct ch_tidy *tidy, struct ch_error *error)
{
    struct ch_pack pack;
    enum ch_code code = ch_results_target_from(args->operand, args->output, args->force, error);
    if (code == CH_OK)
        code = ch_pack_begin(args->output, args->force, &pack, error);
    return code == CH_OK ? ch_pack_end(&pack, put_table(tidy, pack.out, error), error) : code;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static void list_one_json(const struct table *table, const struct ch_tidy *tidy)
{
    printf("{\"table\": \"%s\", \"row\": ", table->name);
    ch_json_put_string(stdout, table->row);
    printf(", \"rows\": %" PRIu64 ", ", ch_tidy_rows(tidy));
    ch_export_json_columns(tidy, stdout);
    printf("}");
}

static enum ch_code list_tables(const struct ch_args *args, struct ch_error *error)
{
    const char *comma = "";
    enum ch_code code = CH_OK;
    if (args->json) {
        printf("{\"schema_version\": 1, \"file\": ");
        ch_json_put_string(stdout, args->operand);
        printf(", \"tables\": [");
    }
    for (unsigned i = 0; i < N_TABLES && code == CH_OK; i++) {
        struct ch_tidy *tidy = NULL;
        if (!ch_tidy_has(args->operand, tables[i].name)) {
            if (!args->json)
                printf("%-12s none: %s\n", tables[i].name, tables[i].without);
            continue;
        }
        code = ch_tidy_open(args->operand, tables[i].name, &tidy, error);
        if (code == CH_OK && args->json) {
            fputs(comma, stdout);
            list_one_json(&tables[i], tidy);
            comma = ", ";
        } else if (code == CH_OK) {
            printf("%-12s %9" PRIu64 " %-4s of %3u columns; a row is %s\n", tables[i].name, ch_tidy_rows(tidy),
                   ch_tidy_rows(tidy) == 1 ? "row" : "rows", ch_tidy_columns(tidy), tables[i].row);
        }
        ch_tidy_close(tidy);
    }
    if (args->json)
        printf("]}\n");
    return code;
}

static enum ch_code find_table(const struct ch_args *args, const struct table **found, struct ch_error *error)
{
    const char *names[N_TABLES], *wanted = args->csv;
    struct ch_text list = {0};
    for (unsigned i = 0; i < N_TABLES; i++) {
        names[i] = tables[i].name;
        ch_text_addf(&list, "%s%s", i ? ", " : "", names[i]);
        if (wanted && strcmp(wanted, names[i]) == 0)
            *found = &tables[i];
    }
    const char *near = wanted && !*found ? ch_text_nearest(wanted, names, N_TABLES) : NULL;
    enum ch_code code = CH_OK;
    if (!wanted)
        code = ch_fail(error, CH_INVALID, "which table? Write --csv TABLE with one of %s; --list tells what they hold",
                       list.s ? list.s : "");
    else if (!*found && near)
        code =
            ch_fail(error, CH_INVALID, "unknown table '%s'; did you mean '%s'? There are %s", wanted, near, list.s ? list.s : "");
    else if (!*found)
        code = ch_fail(error, CH_INVALID, "unknown table '%s'; there are %s", wanted, list.s ? list.s : "");
    else if (!ch_tidy_has(args->operand, wanted))
        code = ch_fail(error, CH_INVALID, "%s: has no table '%s': %s", args->operand, wanted, (*found)->without);
    ch_text_fini(&list);
    return code;
}

static void tell_file(const struct ch_args *args, const struct ch_tidy *tidy)
{
    uint64_t rows = ch_tidy_rows(tidy);
    if (args->json) {
        printf("{\"schema_version\": 1, \"output\": ");
        ch_json_put_string(stdout, args->output);
        printf(", \"table\": \"%s\", \"rows\": %" PRIu64 ", \"columns\": %u}\n", args->csv, rows, ch_tidy_columns(tidy));
    } else if (!args->quiet)
        fprintf(stderr, "%s: %" PRIu64 " %s of %u columns\n", args->output, rows, rows == 1 ? "row" : "rows",
                ch_tidy_columns(tidy));
}

static enum ch_code export_table(const struct ch_args *args, struct ch_error *error)
{
    const struct table *table = NULL;
    struct ch_tidy *tidy = NULL;
    enum ch_code code = find_table(args, &table, error);
    if (code == CH_OK)
        code = ch_tidy_open(args->operand, table->name, &tidy, error);
    if (code == CH_OK)
        code = args->output ? put_file(args, tidy, error)
               : args->json ? ch_export_json(tidy, table->name, stdout, error)
                            : put_table(tidy, stdout, error);
    if (code == CH_OK && args->output)
        tell_file(args, tidy);
    ch_tidy_close(tidy);
    return code;
}

enum ch_code ch_cmd_export(const struct ch_args *args)
{
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    enum ch_code code = ch_file_read(args->operand, false, &file, &error); /* refuses what is not whole */
    if (code != CH_OK)
        return ch_cli_fail(args, &error);
    code = args->list ? list_tables(args, &error) : export_table(args, &error);
    ch_file_fini(&file);
    return code == CH_OK ? CH_OK : ch_cli_fail(args, &error);
}
