/* SPDX-License-Identifier: MIT
 * `chaland notebook FILE`: a notebook that opens the file, with a cell for each of its parts, in plain xarray and pandas. */
#define _XOPEN_SOURCE 700
#include "app/cli.h"
#include "app/json.h"
#include "base/text.h"
#include "output/pack.h"
#include "output/results.h"
#include "output/tidy.h"
#include <stdlib.h>
#include <string.h>

/* group that the file must hold (NULL: any file; "sweep": design points; "policies": more than one), words, code */
static const struct cell {
    const char *needs, *words, *code;
} cells[] = {
    {NULL, "## What was asked\n\nThe primary key figures: the mean over replications, and how far apart they lie.",
     "primary = kpi.attrs[\"primary_kpis\"].split()\n"
     "baseline = kpi.attrs[\"baseline\"]\n"
     "frame = kpi[primary].to_dataframe()\n"
     "frame.groupby([d for d in kpi[primary[0]].dims if d != \"replication\"])[primary].agg([\"mean\", \"min\", "
     "\"max\"]).round(3)"},
    {"policies",
     "## What the policies change\n\nDifferences to the baseline, paired by replication, with the intervals that the run "
     "computed. "
     "`comparison` holds all key figures, not only the primary ones.",
     "comparison = open_group(\"comparison\")\n"
     "shown = comparison.isel(point=0) if \"point\" in comparison.dims else comparison\n"
     "figure, axes = plt.subplots(1, len(primary), figsize=(4.2 * len(primary), 1 + 0.5 * shown.sizes[\"contrast\"]), "
     "squeeze=False, sharey=True, layout=\"constrained\")\n"
     "for axis, name in zip(axes[0], primary):\n"
     "    one = shown.sel(metric=name)\n"
     "    axis.errorbar(one.estimate, range(one.sizes[\"contrast\"]), xerr=[one.estimate - one.ci_low, one.ci_high - "
     "one.estimate], fmt=\"o\", capsize=4)\n"
     "    axis.axvline(0, color=\"#999999\", linewidth=1)\n"
     "    axis.set(xlabel=f\"{name} - {baseline} [{one.unit.item()}]\", yticks=range(one.sizes[\"contrast\"]), ylim=(-0.6, "
     "one.sizes[\"contrast\"] - 0.4))\n"
     "    axis.set_yticklabels(one.contrast.values)\n"
     "plt.show()\n"
     "shown.sel(metric=primary)[[\"estimate\", \"ci_low\", \"ci_high\", \"p_value\"]].to_dataframe().round(3)"},
    {"sweep",
     "## What the swept values change\n\nEach design point of the sweep; its keys are coordinates of `point` "
     "(`kpi.set_index(point=[...]).unstack(\"point\")` makes them dimensions).",
     "figure, axis = plt.subplots(figsize=(9, 0.8 + 0.3 * kpi.sizes[\"point\"]), layout=\"constrained\")\n"
     "for policy in kpi.policy.values:\n"
     "    one = kpi[primary[0]].sel(policy=policy)\n"
     "    axis.plot(one.mean(\"replication\"), one.point, \"o\", label=policy)\n"
     "axis.set(xlabel=f\"{primary[0]} [{kpi[primary[0]].units}]\", yticks=kpi.point.values)\n"
     "axis.set_yticklabels(kpi.point_label.values)\n"
     "axis.invert_yaxis()\n"
     "axis.legend(frameon=False)\n"
     "plt.show()"},
    {"daily", "## Day by day",
     "daily = open_group(\"daily\")\n"
     "name = \"daily_sales\" if \"daily_sales\" in daily else list(daily.data_vars)[0]\n"
     "one = daily[name].isel(point=0) if \"point\" in daily.dims else daily[name]\n"
     "figure, axis = plt.subplots(figsize=(9, 3.2), layout=\"constrained\")\n"
     "for policy in one.policy.values:\n"
     "    axis.plot(one.time, one.sel(policy=policy).mean(\"replication\"), \"o-\", markersize=3, label=policy)\n"
     "axis.set(ylabel=f\"{name} [{one.units}]\", ylim=(0, None))\n"
     "axis.tick_params(axis=\"x\", rotation=30)\n"
     "axis.legend(frameon=False)\n"
     "plt.show()"},
    {"fields",
     "## Where\n\nMaps by hour of the week (`time` 0 is Monday 00:00), one per policy on one scale. Counts are unsigned: "
     "`astype(\"int64\")` before you subtract.",
     "fields = open_group(\"fields\")\n"
     "name = \"walkers\" if \"walkers\" in fields else list(fields.data_vars)[0]\n"
     "total = fields[name].astype(\"int64\").sum([d for d in (\"time\", \"replication\") if d in fields[name].dims], "
     "keep_attrs=True)\n"
     "total = total.isel(point=0) if \"point\" in total.dims else total\n"
     "total.plot(x=\"x\", y=\"y\", vmin=0, robust=True, **({\"col\": \"policy\", \"col_wrap\": 4} if total.sizes[\"policy\"] > 1 "
     "else {}))\n"
     "plt.show()\n"
     "difference = (total - total.sel(policy=baseline, drop=True)).drop_sel(policy=baseline)\n"
     "difference.attrs[\"long_name\"] = f\"{name}, difference to {baseline}\"\n"
     "for policy in difference.policy.values:\n"
     "    plt.figure(figsize=(5, 4), layout=\"constrained\")\n"
     "    difference.sel(policy=policy).plot(x=\"x\", y=\"y\", robust=True, center=0, cmap=\"RdBu_r\")\n"
     "    plt.title(f\"{policy} - {baseline}\")\n"
     "plt.show()"},
    {"stores", "## The stores that sell most",
     "stores = open_group(\"stores\")\n"
     "stores = stores.isel(point=0) if \"point\" in stores.dims else stores\n"
     "stores.store_sales.to_dataframe()[[\"name\", \"retailer\", \"category\", \"store_sales\"]].loc[baseline].sort_values("
     "\"store_sales\", ascending=False).head(10)"},
    {"events",
     "## What happened, moment by moment\n\nThe log with words instead of numbers; `chaland trace` tells the story of one "
     "person, "
     "store, retailer or order.",
     "events = open_group(\"events\")\n"
     "log = events.drop_dims([d for d in events.dims if d != \"event\"]).to_dataframe()\n"
     "log[\"kind\"] = pd.Categorical.from_codes(log.kind, events.kind.flag_meanings.split())\n"
     "log[\"policy\"] = pd.Categorical.from_codes(log.policy_index, events.policy_name.values)\n"
     "log.groupby([\"kind\", \"policy\"], observed=True).size().unstack().fillna(0).astype(int)"},
    {"assumptions",
     "## Which assumptions carry the answer\n\nParameters without a source that change a primary difference at one end of their "
     "range.",
     "trials = open_group(\"assumptions\")\n"
     "table = trials[[\"tried\", \"contrast\", \"change\", \"verdict\"]].to_dataframe().dropna(subset=[\"contrast\"])\n"
     "table[\"verdict\"] = pd.Categorical.from_codes(table.verdict, trials.verdict.flag_meanings.split())\n"
     "table[table.verdict != \"same\"]"},
};
enum { N_CELLS = sizeof cells / sizeof cells[0] };

/* ---- cells ------------------------------------------------------------------------------------------------------- */

static void put_cell(FILE *out, bool code, const char *text, unsigned *number)
{
    fprintf(out, "%s  {\n   \"cell_type\": \"%s\",\n   \"id\": \"cell-%02u\",\n   \"metadata\": {},\n", *number ? ",\n" : "",
            code ? "code" : "markdown", *number);
    ++*number;
    if (code)
        fprintf(out, "   \"execution_count\": null,\n   \"outputs\": [],\n");
    fprintf(out, "   \"source\": [");
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        char *piece = strndup(line, n + (line[n] == '\n'));
        fprintf(out, "%s\n    ", line == text ? "" : ",");
        ch_json_put_string(out, piece ? piece : "");
        free(piece);
        line += n + (line[n] == '\n');
    }
    fprintf(out, "\n   ]\n  }");
}

/* A path as a literal of Python. */
static void add_literal(struct ch_text *out, const char *s)
{
    ch_text_add(out, "\"");
    for (; *s; s++)
        if ((unsigned char)*s < 0x20)
            ch_text_addf(out, "\\x%02x", *s);
        else
            ch_text_addf(out, "%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
    ch_text_add(out, "\"");
}

static bool is_wanted(const struct cell *cell, const struct ch_file *file, const char *path)
{
    if (!cell->needs)
        return true;
    if (strcmp(cell->needs, "policies") == 0)
        return ch_tidy_has(path, "comparison");
    if (strcmp(cell->needs, "sweep") == 0)
        return file->n_points > 1;
    return ch_tidy_has(path, cell->needs);
}

static void put_notebook(FILE *out, const struct ch_file *file, const char *path, const char *seen)
{
    struct ch_text head = {0}, setup = {0};
    unsigned number = 0;
    ch_text_addf(
        &head,
        "# %s\n\n`%s`, run by `chaland` %s: %u %s, %u %s. Each group of the file is a labelled dataset; `docs/OUTPUT.md` of "
        "Chaland tells what stands in it.",
        file->question[0] ? file->question : file->name, file->name, file->program, file->n_policies,
        file->n_policies == 1 ? "policy" : "policies", file->n_replications,
        file->n_replications == 1 ? "replication" : "replications");
    ch_text_add(&setup, "import matplotlib.pyplot as plt\nimport pandas as pd\nimport xarray as xr\n\npath = ");
    add_literal(&setup, seen);
    ch_text_add(&setup, "\n\n\ndef open_group(group):\n    return xr.open_dataset(path, group=group, engine=\"h5netcdf\")\n\n\n"
                        "kpi = open_group(\"kpi\")\nkpi");
    fprintf(out, "{\n \"cells\": [\n");
    put_cell(out, false, head.s ? head.s : "", &number);
    put_cell(out, true, setup.s ? setup.s : "", &number);
    for (unsigned i = 0; i < N_CELLS; i++)
        if (is_wanted(&cells[i], file, path)) {
            put_cell(out, false, cells[i].words, &number);
            put_cell(out, true, cells[i].code, &number);
        }
    put_cell(out, false, "## Where the numbers come from", &number);
    put_cell(out, true,
             "made = open_group(\"provenance\").attrs\n"
             "print(f\"chaland {made['version']} {made['git_commit']}, seed {made['master_seed']}, fingerprint "
             "{made['fingerprint']}; again: chaland rerun {path}\")",
             &number);
    fprintf(out,
            "\n ],\n \"metadata\": {\n  \"kernelspec\": {\n   \"display_name\": \"Python 3\",\n   \"language\": \"python\",\n"
            "   \"name\": \"python3\"\n  },\n  \"language_info\": {\n   \"name\": \"python\"\n  }\n },\n \"nbformat\": 4,\n"
            " \"nbformat_minor\": 5\n}\n");
    ch_text_fini(&head);
    ch_text_fini(&setup);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* FILE.ipynb beside FILE.h5 unless -o says otherwise; malloc'ed. */
static char *target_of(const struct ch_args *args)
{
    struct ch_text path = {0};
    const char *file = args->operand, *slash = strrchr(file, '/'), *dot = strrchr(file, '.');
    if (args->output)
        return strdup(args->output);
    bool ending = dot && (!slash || dot > slash + 1) && dot > file;
    ch_text_addn(&path, file, ending ? (size_t)(dot - file) : strlen(file));
    ch_text_add(&path, ".ipynb");
    return path.s;
}

/* The file as a notebook at `target` sees it: its name alone when they share a folder; malloc'ed. */
static char *seen_from(const char *target, const char *file)
{
    const char *a = strrchr(target, '/'), *b = strrchr(file, '/');
    size_t n = a ? (size_t)(a - target) + 1 : 0, m = b ? (size_t)(b - file) + 1 : 0;
    if (n == m && strncmp(target, file, n) == 0)
        return strdup(file + m);
    char *real = realpath(file, NULL);
    return real ? real : strdup(file);
}

static enum ch_code write_notebook(const struct ch_args *args, const struct ch_file *file, const char *target,
                                   struct ch_error *error)
{
    char *text = NULL;
    size_t n = 0;
    enum ch_code code = ch_results_target_from(args->operand, target, args->force, error);
    if (code != CH_OK)
        return code;
    char *seen = seen_from(target, args->operand);
    FILE *out = seen ? open_memstream(&text, &n) : NULL;
    if (out)
        put_notebook(out, file, args->operand, seen);
    if (out && fclose(out) == 0)
        code = ch_pack_write(target, args->force, text, n, error);
    else
        code = ch_fail(error, CH_TOO_BIG, "out of memory for the notebook");
    free(text);
    free(seen);
    return code;
}

enum ch_code ch_cmd_notebook(const struct ch_args *args)
{
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    enum ch_code code = ch_file_read(args->operand, false, &file, &error);
    if (code != CH_OK)
        return ch_cli_fail(args, &error);
    char *target = target_of(args);
    if (!target)
        code = ch_fail(&error, CH_TOO_BIG, "out of memory");
    else
        code = write_notebook(args, &file, target, &error);
    if (code == CH_OK && args->json) {
        printf("{\"schema_version\": 1, \"output\": ");
        ch_json_put_string(stdout, target);
        printf("}\n");
    } else if (code == CH_OK && !args->quiet) {
        printf("%s\nnext    jupyter lab %s\n", target, target);
    }
    free(target);
    ch_file_fini(&file);
    return code == CH_OK ? CH_OK : ch_cli_fail(args, &error);
}
