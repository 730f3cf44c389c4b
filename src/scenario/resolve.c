/* SPDX-License-Identifier: MIT
 * The resolved text: every key with every value spelled out, policies inlined, own data inlined or named by file. Loading it
 * gives the same scenario and the same text. Its hash stands for the experiment: names of data files are replaced by the
 * hash of their content, so moving them changes nothing. */
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"
#include "scenario/utf8.h"

/* ---- strings ----------------------------------------------------------------------------------------------------- */

static bool plain_enough(const char *s)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+%-";
    size_t n = strlen(s);
    bool number = s[0] == '-' && s[1] >= '0' && s[1] <= '9';
    if (n == 0 || (strchr("%+-", s[0]) && !number) || strcmp(s, "null") == 0 || s[n - 1] == ' ')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!strchr(safe, s[i]) && !(s[i] == ' ' && i > 0))
            return false;
    return true;
}

void ch_yaml_string(struct ch_text *out, const char *s)
{
    if (plain_enough(s)) {
        ch_text_add(out, s);
        return;
    }
    ch_text_add(out, "\"");
    for (size_t n = strlen(s); n > 0;) {
        uint32_t c = '?';
        unsigned bytes = ch_utf8_decode(s, n, &c);
        bytes = bytes ? bytes : 1;
        if (c == '"' || c == '\\')
            ch_text_addf(out, "\\%c", (char)c);
        else if (c < 0x20 || (c >= 0x7F && c < 0xA0))
            ch_text_addf(out, "\\x%02X", c);
        else if (c == 0x2028 || c == 0x2029 || c == 0xFEFF)
            ch_text_addf(out, "\\u%04X", c);
        else
            ch_text_addn(out, s, bytes);
        s += bytes;
        n -= bytes;
    }
    ch_text_add(out, "\"");
}

static void indent(struct ch_text *out, unsigned level) { ch_text_addf(out, "%*s", (int)level * 2, ""); }

static void key_string(struct ch_text *out, const char *key, const char *value)
{
    ch_text_addf(out, "%s: ", key);
    ch_yaml_string(out, value);
    ch_text_add(out, "\n");
}

/* ---- own data ---------------------------------------------------------------------------------------------------- */

static const char *const table_names[CH_N_TABLES] = {
#define X(name) #name,
    CH_ITEM_TABLES(X)
#undef X
};

/* The first row names every column, so that their order survives. */
static void write_row(struct ch_text *out, const struct ch_item_table *table, unsigned row)
{
    const char *comma = "";
    ch_text_add(out, "    - {");
    for (unsigned i = 0; i < table->n_columns; i++) {
        const char *cell = table->cell[(size_t)row * table->n_columns + i];
        if (!cell && row > 0)
            continue;
        ch_text_add(out, comma);
        ch_yaml_string(out, table->column[i]);
        ch_text_add(out, ": ");
        if (cell)
            ch_yaml_string(out, cell);
        else
            ch_text_add(out, "~");
        comma = ", ";
    }
    ch_text_add(out, "}\n");
}

static void write_table(struct ch_text *out, const struct ch_loaded *loaded, unsigned kind, bool hashing)
{
    const struct ch_item_table *table = &loaded->items[kind];
    if (loaded->item_file[kind]) {
        ch_text_addf(out, "  %s: {file: ", table_names[kind]);
        ch_yaml_string(out, hashing ? loaded->item_sha256[kind] : loaded->item_file[kind]);
        ch_text_add(out, "}\n");
        return;
    }
    ch_text_addf(out, "  %s:%s\n", table_names[kind], table->n_rows ? "" : " []");
    for (unsigned row = 0; row < table->n_rows; row++)
        write_row(out, table, row);
}

static unsigned given_table(const struct ch_loaded *loaded, const char *name)
{
    for (unsigned i = 0; i < CH_N_TABLES; i++)
        if (loaded->items[i].given && strcmp(table_names[i], name) == 0)
            return i;
    return CH_N_TABLES;
}

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static void write_params(struct ch_text *out, const struct ch_loaded *loaded, unsigned i, unsigned level, bool hashing)
{
    const struct ch_section *section = ch_section(i);
    for (unsigned j = 0; j < section->n_params; j++) {
        unsigned kind = i == CH_SET_city ? given_table(loaded, section->param[j].name) : CH_N_TABLES;
        if (kind < CH_N_TABLES) {
            write_table(out, loaded, kind, hashing);
            continue;
        }
        indent(out, level);
        ch_text_addf(out, "%s: ", section->param[j].name);
        ch_param_print(&section->param[j], loaded->block[i], out);
        ch_text_add(out, "\n");
    }
    if (i == CH_SET_city)
        for (unsigned kind = CH_TABLE_homes; kind <= CH_TABLE_works; kind++)
            if (loaded->items[kind].given)
                write_table(out, loaded, kind, hashing);
}

/* Has an earlier section already written this part of a path? */
static bool written_before(unsigned i, size_t n)
{
    const char *path = ch_section(i)->path;
    for (unsigned j = 1; j < i; j++) {
        const char *other = ch_section(j)->path;
        if (strncmp(other, path, n) == 0 && (other[n] == '\0' || other[n] == '.'))
            return true;
    }
    return false;
}

static bool any_params(const char *prefix, size_t n)
{
    for (unsigned i = 1; i < ch_n_sections(); i++) {
        const char *path = ch_section(i)->path;
        if (strncmp(path, prefix, n) == 0 && (path[n] == '\0' || path[n] == '.') && ch_section(i)->n_params)
            return true;
    }
    return false;
}

/* Sections under the first `n` bytes of a path: its own parameters, then those nested in it. */
static void write_under(struct ch_text *out, const struct ch_loaded *loaded, const char *prefix, size_t n, unsigned level,
                        bool hashing)
{
    for (unsigned i = 1; i < ch_n_sections(); i++)
        if (strlen(ch_section(i)->path) == n && strncmp(ch_section(i)->path, prefix, n) == 0)
            write_params(out, loaded, i, level, hashing);
    for (unsigned i = 1; i < ch_n_sections(); i++) {
        const char *path = ch_section(i)->path;
        size_t from = n ? n + 1 : 0, length;
        if (strlen(path) <= n || strncmp(path, prefix, n) != 0 || (n && path[n] != '.'))
            continue;
        length = strcspn(path + from, ".");
        if (written_before(i, from + length) || !any_params(path, from + length))
            continue;
        indent(out, level);
        ch_text_addf(out, "%.*s:\n", (int)length, path + from);
        write_under(out, loaded, path, from + length, level + 1, hashing);
    }
}

/* ---- policies ---------------------------------------------------------------------------------------------------- */

static void write_row_value(struct ch_text *out, enum ch_policy_block block, const char *name, const void *values)
{
    const struct ch_section *section = ch_policy_section(block);
    for (unsigned i = 0; i < section->n_params; i++)
        if (strcmp(section->param[i].name, name) == 0)
            ch_param_print(&section->param[i], values, out);
}

static void write_conditions(struct ch_text *out, const struct ch_rule *rule)
{
    if (rule->n_conditions)
        ch_text_add(out, "        if:\n");
    for (unsigned i = 0; i < rule->n_conditions; i++) {
        const struct ch_condition *condition = &rule->condition[i];
        bool first = i == 0 || rule->condition[i - 1].fact != condition->fact;
        bool last = i + 1 == rule->n_conditions || rule->condition[i + 1].fact != condition->fact;
        if (first)
            ch_text_addf(out, "          %s: [", ch_fact_row(condition->fact)->name);
        ch_text_addf(out, "%s\"%s ", first ? "" : ", ", ch_compare_words[condition->compare]);
        ch_param_print_number(ch_fact_row(condition->fact), condition->value, out);
        ch_text_add(out, last ? "\"]\n" : "\"");
    }
}

static void write_rule(struct ch_text *out, const struct ch_rule *rule)
{
    const struct ch_section *section = ch_policy_section(CH_BLOCK_rule);
    const struct ch_rule_params row = {.when = (int)rule->trigger,
                                       .per_week = rule->per_week,
                                       .channel = (int)rule->channel,
                                       .about = (int)rule->subject,
                                       .discount = (double)rule->discount_bp / 10000,
                                       .valid = rule->valid};
    ch_text_add(out, "      - name: ");
    ch_yaml_string(out, rule->name);
    ch_text_add(out, "\n");
    for (unsigned i = 0; i < section->n_params; i++) {
        if (rule->trigger != CH_TRIGGER_schedule && strcmp(section->param[i].name, "per_week") == 0)
            continue;
        ch_text_addf(out, "        %s: ", section->param[i].name);
        ch_param_print(&section->param[i], &row, out);
        ch_text_add(out, "\n");
    }
    write_conditions(out, rule);
}

void ch_resolve_policy(struct ch_text *out, const struct ch_policy *policy)
{
    const struct ch_asks_params asks = {.benefit = policy->benefit};
    const struct ch_cost_params cost = {.intrusion_cost = policy->intrusion_cost, .forced = policy->forced};
    ch_text_add(out, "  - ");
    key_string(out, "policy", policy->name);
    ch_text_add(out, "    ");
    key_string(out, "doc", policy->doc);
    ch_text_add(out, policy->asks ? "    asks: {benefit: " : "    asks: false");
    if (policy->asks)
        write_row_value(out, CH_BLOCK_asks, "benefit", &asks);
    ch_text_add(out, policy->asks ? "}\n" : "\n");
    ch_text_addf(out, "    caps: {visit: %d, day: %d, retailer_day: %d}\n    intrusion_cost: ", policy->per_visit,
                 policy->per_day, policy->per_retailer_day);
    write_row_value(out, CH_BLOCK_cost, "intrusion_cost", &cost);
    ch_text_add(out, policy->forced ? "\n    forced: true" : "");
    ch_text_addf(out, "\n    rules:%s\n", policy->n_rules ? "" : " []");
    for (unsigned i = 0; i < policy->n_rules; i++)
        write_rule(out, &policy->rule[i]);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void write_head(struct ch_text *out, const struct ch_loaded *loaded)
{
    const struct ch_scenario *scenario = &loaded->scenario;
    ch_text_add(out, "chaland: 1\n");
    key_string(out, "name", scenario->name);
    key_string(out, "question", scenario->question);
    key_string(out, "start", scenario->start);
    write_params(out, loaded, CH_SET_run, 0, false);
    ch_text_add(out, "primary_kpis: [");
    for (unsigned i = 0; i < scenario->n_primary; i++) {
        ch_text_add(out, i ? ", " : "");
        ch_yaml_string(out, scenario->primary_kpi[i]);
    }
    ch_text_add(out, "]\n");
}

static void write_grid(struct ch_text *out, const struct ch_scenario *scenario)
{
    if (scenario->n_axes)
        ch_text_add(out, "sweep:\n");
    for (unsigned i = 0; i < scenario->n_axes; i++) {
        const struct ch_axis *axis = &scenario->axis[i];
        ch_text_addf(out, "  %s: [", axis->key);
        for (unsigned j = 0; j < axis->n; j++) {
            ch_text_add(out, j ? ", " : "");
            ch_yaml_string(out, axis->text[j]);
        }
        ch_text_add(out, "]\n");
    }
}

/* Points that are listed are listed; others are told by what makes them. */
static void write_design(struct ch_text *out, const struct ch_scenario *s)
{
    static const char *const kinds[] = {
#define X(name, doc) #name,
        CH_DESIGNS(X)
#undef X
    };
    ch_text_addf(out, "design:\n  kind: %s\n", kinds[s->design->kind]);
    if (s->design->kind != CH_DESIGN_list) {
        ch_text_addf(out, "  points: %u\n  seed: %lld\n  ranges:\n", s->n_points, (long long)s->design->seed);
        for (unsigned i = 0; i < s->n_axes; i++)
            ch_text_addf(out, "    %s: %s\n", s->axis[i].key, s->axis[i].range);
        return;
    }
    ch_text_add(out, "  list:\n");
    for (unsigned point = 0; point < s->n_points; point++)
        for (unsigned i = 0; i < s->n_axes; i++) {
            ch_text_addf(out, "%s%s: ", i ? ", " : "    - {", s->axis[i].key);
            ch_yaml_string(out, s->axis[i].text[point]);
            ch_text_add(out, i + 1 == s->n_axes ? "}\n" : "");
        }
}

static void write_outputs(struct ch_text *out, const struct ch_outputs_params *outputs)
{
    const struct ch_section *section = ch_policy_section(CH_BLOCK_outputs);
    ch_text_add(out, "outputs:\n");
    for (unsigned i = 0; i < section->n_params; i++) {
        ch_text_addf(out, "  %s: ", section->param[i].name);
        ch_param_print(&section->param[i], outputs, out);
        ch_text_add(out, "\n");
    }
}

static void write_all(struct ch_text *out, const struct ch_loaded *loaded, bool hashing)
{
    const struct ch_scenario *scenario = &loaded->scenario;
    write_head(out, loaded);
    write_under(out, loaded, "", 0, 0, hashing);
    ch_text_add(out, "policies:\n");
    for (unsigned i = 0; i < scenario->n_policies; i++)
        ch_resolve_policy(out, scenario->policy[i]);
    key_string(out, "baseline", scenario->policy[scenario->baseline]->name);
    if (scenario->design)
        write_design(out, scenario);
    else
        write_grid(out, scenario);
    write_outputs(out, &loaded->outputs);
}

bool ch_load_resolve(struct ch_loaded *loaded, const char *inputs, const char *input_paths)
{
    struct ch_text text = {0}, hashed = {0};
    write_all(&text, loaded, false);
    write_all(&hashed, loaded, true);
    bool ok = !text.failed && !hashed.failed;
    if (ok) {
        ch_sha256_hex(hashed.s, hashed.n, loaded->scenario.sha256);
        loaded->scenario.resolved = ch_arena_strdup(loaded->arena, text.s);
        loaded->scenario.input_sha256 = ch_arena_strdup(loaded->arena, inputs);
        loaded->scenario.input_paths = ch_arena_strdup(loaded->arena, input_paths);
    }
    ch_text_fini(&text);
    ch_text_fini(&hashed);
    return ok && loaded->scenario.resolved && loaded->scenario.input_sha256 && loaded->scenario.input_paths;
}

/* ---- one run ----------------------------------------------------------------------------------------------------- */

/* Rows of the experiment, which no single run sees; the seed of a point may be derived, and is told apart. */
static bool of_experiment(const char *name)
{
    static const char *const names[] = {"seed", "replications", "confidence", "independent", "allow_forced"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool ch_scenario_run_text(const struct ch_scenario *at_point, struct ch_text *out)
{
    const struct ch_loaded *loaded = (const struct ch_loaded *)(const void *)at_point;
    const struct ch_section *run = ch_section(CH_SET_run);
    key_string(out, "start", at_point->start);
    for (unsigned i = 0; i < run->n_params; i++) {
        if (of_experiment(run->param[i].name))
            continue;
        ch_text_addf(out, "%s: ", run->param[i].name);
        ch_param_print(&run->param[i], loaded->block[CH_SET_run], out);
        ch_text_add(out, "\n");
    }
    write_under(out, loaded, "", 0, 0, true);
    ch_text_addf(out, "keeps: maps %d events %d ", at_point->maps ? 1 + at_point->maps_full : 0, at_point->events);
    ch_text_addf(out, "%.17g\n", at_point->events ? at_point->events_share : 0);
    return !out->failed;
}

bool ch_scenario_policy_text(const struct ch_scenario *scenario, unsigned policy, struct ch_text *out)
{
    ch_resolve_policy(out, scenario->policy[policy]);
    return !out->failed;
}

/* ---- another place ----------------------------------------------------------------------------------------------- */

const char *ch_scenario_data_file(const struct ch_scenario *scenario, unsigned table)
{
    return ((const struct ch_loaded *)(const void *)scenario)->item_file[table];
}

bool ch_scenario_resolve_as(const struct ch_scenario *scenario, const char *const name[CH_N_TABLES], struct ch_text *out)
{
    struct ch_loaded elsewhere = *(const struct ch_loaded *)(const void *)scenario;
    for (unsigned i = 0; i < CH_N_TABLES; i++)
        if (elsewhere.item_file[i])
            elsewhere.item_file[i] = name[i];
    write_all(out, &elsewhere, false);
    return !out->failed;
}
