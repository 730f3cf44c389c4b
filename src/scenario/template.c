/* SPDX-License-Identifier: MIT
 * A scenario to start from. Values and their meaning come from the rows, so the template never lags behind. */
#include <string.h>

#include "scenario/load.h"

/* Keys shown with their defaults; the others are one `chaland explain` away. */
static const char *const shown[] = {
    "seed",           "duration",     "warmup",       "replications",        "city.columns",      "city.rows",   "city.stores",
    "city.retailers", "city.beacons", "city.screens", "population.shoppers", "population.sample", "devices.app",
};

/* "  key: value   # meaning" */
static void add_line(struct ch_text *out, const char *key, const char **open)
{
    unsigned section, param;
    if (!ch_param_find(key, &section, &param))
        return;
    const struct ch_section *where = ch_section(section);
    const struct ch_param *row = &where->param[param];
    struct ch_text value = {0};
    if (strcmp(*open, where->path) != 0)
        ch_text_addf(out, "\n%s: # %s\n", where->path, where->title);
    *open = where->path;
    ch_text_addf(&value, "%s%s: ", where->path[0] ? "  " : "", row->name);
    ch_param_print_default(where, row, &value);
    ch_text_addf(out, "%-28s # %s\n", value.s ? value.s : "", row->doc);
    ch_text_fini(&value);
}

static void add_name(struct ch_text *out, const char *name)
{
    ch_text_add(out, "name: ");
    ch_yaml_string(out, name);
    ch_text_add(
        out, "\nquestion: What does a responsive policy gain over silence? # one sentence; it is repeated in every report\n\n");
}

static const char tail[] =
    "\n"
    "# What is compared: shipped policies by name, files of your own by path, or mappings.\n"
    "policies:\n"
    "  - silent\n"
    "  - responsive\n"
    "  # - ./my_policy.yaml\n"
    "  # - {policy: at most one, extends: responsive, caps: {day: 1}}\n"
    "baseline: silent # what the others are compared with\n"
    "primary_kpis: [retail_profit, unwanted_per_person_week] # the verdict; all other intervals are unadjusted\n"
    "\n"
    "# Your own city: lists, or CSV files with a header row, in metres on the grid.\n"
    "# city:\n"
    "#   stores: {file: stores.csv}\n"
    "#   beacons: [{id: b1, x: 250, y: 300}]\n"
    "\n"
    "# Every parameter can be varied; all combinations are run.\n"
    "# sweep:\n"
    "#   population.sample: [0.5, 1]\n"
    "#   city.block: {from: 60 m, to: 120 m, step: 20 m}\n"
    "\n"
    "# All parameters with defaults, ranges and sources: chaland explain, or docs/reference/parameters.md\n";

void ch_scenario_template(const char *name, FILE *out)
{
    CH_REQUIRE(name && out);
    struct ch_text text = {0};
    const char *open = "";
    ch_text_add(&text, "# yaml-language-server: $schema=./scenario.schema.json\nchaland: 1\n");
    add_name(&text, name);
    ch_text_add(&text, "start: " CH_DEFAULT_START "            # first counted day\n");
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        add_line(&text, shown[i], &open);
    ch_text_add(&text, tail);
    if (!text.failed)
        fwrite(text.s, 1, text.n, out);
    ch_text_fini(&text);
}
