/* SPDX-License-Identifier: MIT
 * Sweeps: axes of parameter values, and the scenario at one combination of them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"
#include <chaland/rng.h>

enum { AXES_MAX = 16, VALUES_MAX = 10000, POINTS_MAX = 1000000, TEXT_MAX = 64 };

void ch_sweep_error(struct ch_load *load, struct ch_mark mark, const char *help, const char *message)
{
    ch_load_error(load, mark, CH_E_SWEEP, help, "%s", message);
}

const struct ch_param *ch_axis_param(const struct ch_axis *axis) { return &ch_section(axis->section)->param[axis->param]; }

/* A block to try a value in. */
static void *scratch(struct ch_load *load, const struct ch_axis *axis)
{
    return ch_load_alloc(load, 1, ch_section(axis->section)->size + 1);
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static bool same_value_before(const double *number, unsigned i)
{
    for (unsigned j = 0; j < i; j++)
        if (number[j] == number[i])
            return true;
    return false;
}

bool ch_axis_values(struct ch_load *load, struct ch_axis *axis, const struct ch_yaml *list)
{
    const char **text = ch_load_alloc(load, list->n, sizeof *text);
    double *number = ch_load_alloc(load, list->n, sizeof *number);
    void *block = scratch(load, axis);
    bool ok = text && number && block;
    for (unsigned i = 0; ok && i < list->n; i++) {
        ok = ch_load_param(load, ch_axis_param(axis), block, list->item[i], axis->key);
        if (!ok)
            break;
        text[i] = list->item[i]->text;
        number[i] = ch_param_number(ch_axis_param(axis), block);
        if (same_value_before(number, i)) {
            ch_sweep_error(load, list->item[i]->mark, "keep one of them", "this value is listed twice");
            ok = false;
        }
    }
    axis->text = text;
    axis->number = number;
    axis->n = list->n;
    return ok;
}

/* One of from, to, step as a number in the row's unit. */
bool ch_axis_bound(struct ch_load *load, const struct ch_axis *axis, const struct ch_yaml *map, const char *name, double *value)
{
    const struct ch_yaml *node = ch_tree_find(map, name);
    struct ch_param row = *ch_axis_param(axis);
    void *block = scratch(load, axis);
    char what[TEXT_MAX * 2];
    snprintf(what, sizeof what, "%s of %.100s", name, axis->key);
    if (strcmp(name, "step") == 0)
        row.min = -(row.max = 1e15);
    if (!block || !ch_load_param(load, &row, block, node, what))
        return false;
    *value = ch_param_number(&row, block);
    return true;
}

/* Values from, from + step, ... rounded to 12 digits, so that 0.1 + 0.2 reads 0.3. */
static bool count_up(struct ch_load *load, struct ch_axis *axis, struct ch_mark mark, double from, double step, unsigned n)
{
    const char *unit = ch_axis_param(axis)->unit;
    struct ch_yaml list = {.kind = CH_YAML_LIST, .mark = mark, .n = n};
    const struct ch_yaml **item = ch_load_alloc(load, n, sizeof *item);
    bool ok = item != NULL;
    for (unsigned i = 0; ok && i < n; i++) {
        struct ch_text text = {0};
        ch_text_addf(&text, "%.12g%s%s", from + step * i, unit[0] ? " " : "", unit);
        item[i] = text.failed ? NULL : ch_tree_scalar(load->arena, text.s, text.n, mark);
        ch_text_fini(&text);
        ok = item[i] || ch_load_no_memory(load);
    }
    list.item = item;
    return ok && ch_axis_values(load, axis, &list);
}

static bool read_range(struct ch_load *load, struct ch_axis *axis, const struct ch_yaml *map)
{
    double from, to, step;
    enum ch_param_kind kind = ch_axis_param(axis)->kind;
    if (map->n != 3 || !ch_tree_find(map, "from") || !ch_tree_find(map, "to") || !ch_tree_find(map, "step") ||
        kind == CH_PARAM_FLAG || kind == CH_PARAM_CHOICE) {
        ch_sweep_error(load, map->mark, "write {from: 0, to: 1, step: 0.25} for numbers, or a list [a, b, c]",
                       "these values of a sweep cannot be understood");
        return false;
    }
    if (!ch_axis_bound(load, axis, map, "from", &from) || !ch_axis_bound(load, axis, map, "to", &to) ||
        !ch_axis_bound(load, axis, map, "step", &step))
        return false;
    double steps = step > 0 ? floor((to - from) / step + 1e-9) : -1;
    if (steps < 0 || steps >= VALUES_MAX) {
        ch_sweep_error(load, map->mark, "step is above 0, and to is not below from",
                       "this range has no values, or more than 10,000");
        return false;
    }
    return count_up(load, axis, map->mark, from, step, (unsigned)steps + 1);
}

/* ---- axes -------------------------------------------------------------------------------------------------------- */

static bool find_key(struct ch_load *load, struct ch_axis *axis, const struct ch_yaml *key)
{
    if (!ch_param_find(key->text, &axis->section, &axis->param)) {
        size_t n;
        const char *const *keys = ch_param_keys(&n), *near = ch_text_nearest(key->text, keys, n);
        char help[160] = "`chaland explain` lists all parameters; policies need no sweep, list them under policies:";
        if (near)
            snprintf(help, sizeof help, "did you mean '%.100s'?", near);
        ch_load_error(load, key->mark, CH_E_KEY, help, "there is no parameter '%.80s' to sweep", key->text);
        return false;
    }
    const struct ch_param *param = ch_axis_param(axis);
    if (axis->section == CH_SET_run && strcmp(param->name, "publish") != 0)
        ch_sweep_error(load, key->mark, NULL, "this parameter holds for the whole experiment and cannot be swept");
    else if (param->kind == CH_PARAM_LIST)
        ch_sweep_error(load, key->mark,
                       "make one scenario for each, with extends:", "a parameter that is a list cannot be swept");
    else
        return true;
    return false;
}

/* Counts of things the user lists cannot vary. */
static bool is_given(struct ch_load *load, const struct ch_axis *axis, struct ch_mark mark)
{
    static const char *const names[] = {
#define X(table) "city." #table,
        CH_ITEM_TABLES(X)
#undef X
    };
    for (unsigned i = 0; i < CH_N_TABLES; i++)
        if (load->loaded->items[i].given && strcmp(names[i], axis->key) == 0) {
            ch_sweep_error(load, mark, NULL, "this number cannot be swept: the items are given as own data");
            return true;
        }
    return false;
}

bool ch_axis_find(struct ch_load *load, struct ch_axis *axis, const struct ch_yaml *key)
{
    axis->key = key->text;
    return find_key(load, axis, key) && !is_given(load, axis, key->mark);
}

static bool read_axis(struct ch_load *load, struct ch_axis *axis, const struct ch_pair *pair)
{
    if (!ch_axis_find(load, axis, pair->key))
        return false;
    if (pair->value->kind == CH_YAML_MAP)
        return read_range(load, axis, pair->value);
    if (pair->value->kind == CH_YAML_LIST && pair->value->n > 0 && pair->value->n <= VALUES_MAX)
        return ch_axis_values(load, axis, pair->value);
    ch_sweep_error(load, pair->value->mark, "write [a, b, c] or {from: a, to: b, step: c}",
                   "the values of a sweep are a list of 1 to 10,000 values, or a range");
    return false;
}

void ch_load_sweep(struct ch_load *load)
{
    const struct ch_yaml *sweep = ch_tree_find(load->root, "sweep");
    load->scenario->n_points = 1;
    ch_load_design(load);
    if (!sweep || ch_yaml_is_null(sweep) || !ch_load_is_map(load, sweep, "sweep"))
        return;
    if (load->scenario->design) {
        ch_sweep_error(load, sweep->mark, "keep one of them; a grid can also be written as a list",
                       "a scenario has a sweep or a design, not both");
        return;
    }
    if (sweep->n > AXES_MAX) {
        ch_sweep_error(load, sweep->mark, NULL, "more than 16 swept parameters");
        return;
    }
    struct ch_axis *axis = ch_load_alloc(load, sweep->n + 1, sizeof *axis);
    bool ok = axis != NULL;
    double points = 1;
    for (unsigned i = 0; axis && i < sweep->n; i++) {
        ok &= read_axis(load, &axis[i], &sweep->pair[i]);
        points *= axis[i].n;
    }
    if (ok && points > POINTS_MAX)
        ch_sweep_error(load, sweep->mark, "sweep fewer values", "this sweep has more than 1,000,000 combinations");
    load->scenario->axis = axis;
    load->scenario->n_axes = ok ? sweep->n : 0;
    load->scenario->n_points = ok && points <= POINTS_MAX ? (unsigned)points : 1;
}

/* ---- one point --------------------------------------------------------------------------------------------------- */

/* A scenario that shares everything with `from` but has blocks of its own. */
static bool copy_loaded(struct ch_load *load, const struct ch_loaded *from)
{
    struct ch_loaded *to = load->loaded;
    to->scenario = from->scenario;
    to->outputs = from->outputs;
    to->root = from->root;
    to->items = from->items;
    memcpy(to->item_file, from->item_file, sizeof to->item_file);
    memcpy(to->item_sha256, from->item_sha256, sizeof to->item_sha256);
    to->scenario.n_axes = 0;
    to->scenario.design = NULL;
    to->scenario.n_points = 1;
    to->block = ch_load_alloc(load, ch_n_sections(), sizeof *to->block);
    for (unsigned i = 0; to->block && i < ch_n_sections(); i++) {
        to->block[i] = ch_load_alloc(load, 1, ch_section(i)->size + 1);
        if (!to->block[i])
            return false;
        if (ch_section(i)->size)
            memcpy(to->block[i], from->block[i], ch_section(i)->size);
    }
    to->scenario.block = (const void *const *)to->block;
    return to->block != NULL;
}

/* In a grid the last axis varies fastest; in a design each has a value of its own at each point. */
unsigned ch_scenario_axis_index(const struct ch_scenario *s, unsigned axis, unsigned point)
{
    for (unsigned a = s->n_axes; a-- > axis + 1 && !s->design;)
        point /= s->axis[a].n;
    return point % s->axis[axis].n;
}

static void apply_axes(struct ch_load *load, const struct ch_scenario *from, unsigned point)
{
    for (unsigned i = 0; i < from->n_axes; i++) {
        const struct ch_axis *axis = &from->axis[i];
        const char *text = axis->text[ch_scenario_axis_index(from, i, point)];
        struct ch_misfit why;
        CH_REQUIRE(ch_param_set(ch_axis_param(axis), load->loaded->block[axis->section], text, strlen(text),
                                &why)); /* checked at load */
    }
}

enum ch_code ch_scenario_at(const struct ch_scenario *scenario, unsigned point, struct ch_diag *diag,
                            struct ch_scenario **at_point)
{
    CH_REQUIRE(scenario && diag && at_point && point < scenario->n_points);
    static const struct ch_scenario_options none = {0};
    struct ch_loaded *parent = (struct ch_loaded *)(void *)(struct ch_scenario *)scenario;
    struct ch_load load = {.diag = diag, .options = &none, .loaded = ch_loaded_create(parent)};
    *at_point = NULL;
    if (!load.loaded) {
        ch_diag_fail(diag, CH_TOO_BIG);
        return CH_TOO_BIG;
    }
    load.scenario = &load.loaded->scenario;
    load.scenario->path = scenario->path;
    load.arena = load.loaded->arena;
    unsigned before = ch_diag_count(diag);
    bool ok = copy_loaded(&load, parent);
    if (ok) {
        apply_axes(&load, scenario, point);
        ch_load_check(&load);
        ok = ch_diag_count(diag) == before &&
             (ch_load_resolve(load.loaded, scenario->input_sha256, scenario->input_paths) || ch_load_no_memory(&load));
    }
    if (ok)
        *at_point = load.scenario;
    else
        ch_scenario_destroy(load.scenario);
    return ok ? CH_OK : ch_diag_code(diag);
}

uint32_t ch_scenario_seed(const struct ch_scenario *scenario, unsigned point)
{
    const struct ch_run_params *run = CH_BLOCK(scenario, run);
    const uint32_t counter[4] = {point, 0, 0, 0};
    uint32_t word[4];
    if (!run->independent)
        return (uint32_t)run->seed;
    ch_philox(counter, (struct ch_key){(uint32_t)run->seed, 0}, word);
    return word[0];
}
