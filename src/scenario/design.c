/* SPDX-License-Identifier: MIT
 * Designs: points that are no grid. A list says them; a Latin hypercube, Sobol' points with a digital shift and random points
 * are drawn from ranges, by the design's own seed: the same points on every machine. */
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"
#include <chaland/numeric.h>
#include <chaland/rng.h>

enum { POINTS_MAX = 1000000, AXES_MAX = 200, SOBOL_AXES = 40, SOBOL_BITS = 30, VALUE = 40, PURPOSE = 0xDE };

static const char *const kinds[] = {
#define X(name, doc) #name,
    CH_DESIGNS(X)
#undef X
};

struct range { /* of an axis: numbers, or words to choose from */
    double from, to;
    bool log;
    struct ch_axis words; /* n > 0: these */
};

struct design {
    struct ch_load *load;
    const struct ch_yaml *node;
    struct ch_design *design;
    int64_t points;
    unsigned n_axes;
    struct ch_axis *axis;
    struct range *range; /* [n_axes] */
};

/* ---- numbers in [0, 1) ------------------------------------------------------------------------------------------- */

static struct ch_draw open_draw(const struct design *d, unsigned axis, unsigned point)
{
    return ch_draw_open((struct ch_key){(uint32_t)d->design->seed, axis}, point, PURPOSE, (uint64_t)d->design->kind);
}

static void draw_random(const struct design *d, unsigned axis, double *u)
{
    for (unsigned i = 0; i < d->points; i++) {
        struct ch_draw draw = open_draw(d, axis, i);
        u[i] = ch_draw_uniform(&draw);
    }
}

/* The strata in a random order, and a random place in each. */
static void draw_lhs(const struct design *d, unsigned axis, double *u)
{
    unsigned n = (unsigned)d->points;
    for (unsigned i = 0; i < n; i++) {
        struct ch_draw draw = open_draw(d, axis, i);
        u[i] = (i + ch_draw_uniform(&draw)) / n;
        unsigned j = ch_draw_below(&draw, i + 1);
        double other = u[j];
        u[j] = u[i];
        u[i] = other;
    }
}

/* Bits of the sequence, its first point (0, ...) too, against random bits of the axis: still a (t, s)-sequence, and no point
 * has a coordinate 0. u is [axis][point]. */
static bool draw_sobol(const struct design *d, double *u)
{
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, d->n_axes);
    double x[SOBOL_AXES] = {0};
    for (unsigned i = 0; sequence && i < d->points; i++) {
        for (unsigned a = 0; a < d->n_axes; a++) {
            struct ch_draw draw = open_draw(d, a, 0);
            uint32_t bits = (uint32_t)(x[a] * (1 << SOBOL_BITS)) ^ ch_draw_u32(&draw) >> (32 - SOBOL_BITS);
            u[(size_t)a * (size_t)d->points + i] = (bits + 0.5) / (1 << SOBOL_BITS);
        }
        gsl_qrng_get(sequence, x);
    }
    gsl_qrng_free(sequence);
    return sequence != NULL;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* The value at u of a range as text with its unit, 12 digits, whole where the parameter is, to the cent where it is money. */
static void print_value(const struct ch_axis *axis, const struct range *r, double u, int digits, char out[VALUE])
{
    const struct ch_param *param = ch_axis_param(axis);
    double value = r->from + u * (r->to - r->from);
    if (param->kind == CH_PARAM_I64) {
        value = floor(r->from + u * (r->to - r->from + 1));
        value = value > r->to ? r->to : value;
    } else if (r->log) {
        value = ch_exp(ch_log(r->from) + u * (ch_log(r->to) - ch_log(r->from)));
        value = value < r->from ? r->from : value > r->to ? r->to : value;
    }
    if (param->kind == CH_PARAM_MONEY) /* whole cents */
        value = floor(value * 100 + 0.5) / 100;
    snprintf(out, VALUE, "%.*g%s%s", digits, value, param->unit[0] ? " " : "", param->unit);
}

/* Both ends are in the row's range; 12 digits may round out of it, 17 do not. */
static void set_value(const struct ch_axis *axis, const struct range *r, double u, char *room, const char *text, void *block)
{
    static const int digits[] = {12, 17};
    struct ch_misfit why;
    bool set = false;
    for (int i = 0; i < 2 && !set; i++) {
        if (room)
            print_value(axis, r, u, digits[i], room);
        set = ch_param_set(ch_axis_param(axis), block, text, strlen(text), &why);
    }
    CH_REQUIRE(set); /* a value between two good ones is good */
}

/* Values of one axis at all points. */
static bool fill_axis(struct design *d, unsigned a, const double *u)
{
    struct ch_axis *axis = &d->axis[a];
    const struct range *r = &d->range[a];
    size_t n = (size_t)d->points;
    const char **text = ch_load_alloc(d->load, n, sizeof *text);
    double *number = ch_load_alloc(d->load, n, sizeof *number);
    char(*room)[VALUE] = r->words.n ? NULL : ch_load_alloc(d->load, n, sizeof *room);
    void *block = ch_load_alloc(d->load, 1, ch_section(axis->section)->size + 1);
    if (!text || !number || !block || (!room && !r->words.n))
        return false;
    for (size_t i = 0; i < n; i++) {
        text[i] = r->words.n ? r->words.text[(unsigned)(u[i] * r->words.n)] : room[i];
        set_value(axis, r, u[i], r->words.n ? NULL : room[i], text[i], block);
        number[i] = ch_param_number(ch_axis_param(axis), block);
    }
    axis->text = text;
    axis->number = number;
    axis->n = (unsigned)n;
    return true;
}

static bool fill(struct design *d)
{
    size_t n = (size_t)d->points;
    bool sobol = d->design->kind == CH_DESIGN_sobol, ok = true;
    double *u = ch_load_alloc(d->load, sobol ? n * d->n_axes : n, sizeof *u);
    if (!u || (sobol && !draw_sobol(d, u)))
        return u ? ch_load_no_memory(d->load) != NULL : false;
    for (unsigned a = 0; ok && a < d->n_axes; a++) {
        if (d->design->kind == CH_DESIGN_random)
            draw_random(d, a, u);
        else if (d->design->kind == CH_DESIGN_lhs)
            draw_lhs(d, a, u);
        ok = fill_axis(d, a, sobol ? u + n * a : u);
    }
    return ok;
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

static bool read_numbers(struct design *d, const struct ch_axis *axis, const struct ch_yaml *map, struct range *r)
{
    const struct ch_yaml *scale = ch_tree_find(map, "scale");
    enum ch_param_kind kind = ch_axis_param(axis)->kind;
    bool words = kind == CH_PARAM_FLAG || kind == CH_PARAM_CHOICE;
    bool known =
        !scale || (scale->kind == CH_YAML_SCALAR && (strcmp(scale->text, "log") == 0 || strcmp(scale->text, "linear") == 0));
    if (words || !known || map->n != (scale ? 3 : 2) || !ch_tree_find(map, "from") || !ch_tree_find(map, "to")) {
        ch_sweep_error(d->load, map->mark, "write {from: 0, to: 1}, {from: 1 %, to: 50 %, scale: log}, or words [a, b]",
                       "this range cannot be understood");
        return false;
    }
    if (!ch_axis_bound(d->load, axis, map, "from", &r->from) || !ch_axis_bound(d->load, axis, map, "to", &r->to))
        return false;
    r->log = scale && strcmp(scale->text, "log") == 0;
    if (!(r->from < r->to) || (r->log && !(r->from > 0))) {
        ch_sweep_error(d->load, map->mark, NULL,
                       r->from < r->to ? "both ends of a log scale must be above 0" : "from must be below to");
        return false;
    }
    return true;
}

/* As the resolved text says it. */
static const char *range_text(struct design *d, const struct ch_axis *axis, const struct range *r)
{
    struct ch_text text = {0};
    ch_text_add(&text, r->words.n ? "[" : "{from: ");
    for (unsigned i = 0; i < r->words.n; i++) {
        ch_text_add(&text, i ? ", " : "");
        ch_yaml_string(&text, r->words.text[i]);
    }
    if (!r->words.n) {
        ch_param_print_number(ch_axis_param(axis), r->from, &text);
        ch_text_add(&text, ", to: ");
        ch_param_print_number(ch_axis_param(axis), r->to, &text);
        ch_text_add(&text, r->log ? ", scale: log" : "");
    }
    ch_text_add(&text, r->words.n ? "]" : "}");
    const char *copy = text.failed ? ch_load_no_memory(d->load) : ch_load_strdup(d->load, text.s);
    ch_text_fini(&text);
    return copy;
}

static bool read_range(struct design *d, unsigned a, const struct ch_pair *pair)
{
    struct ch_axis *axis = &d->axis[a];
    struct range *r = &d->range[a];
    if (!ch_axis_find(d->load, axis, pair->key))
        return false;
    if (pair->value->kind == CH_YAML_LIST && pair->value->n > 0) {
        r->words = *axis;
        if (!ch_axis_values(d->load, &r->words, pair->value))
            return false;
    } else if (pair->value->kind != CH_YAML_MAP) {
        ch_sweep_error(d->load, pair->value->mark, "write {from: a, to: b}, or words [a, b]", "a design needs a range here");
        return false;
    } else if (!read_numbers(d, axis, pair->value, r)) {
        return false;
    }
    axis->range = range_text(d, axis, r);
    return axis->range != NULL;
}

static bool read_ranges(struct design *d, const struct ch_yaml *ranges)
{
    bool ok = true;
    if (!ranges || ranges->kind != CH_YAML_MAP || ranges->n == 0 || ranges->n > AXES_MAX) {
        ch_sweep_error(d->load, ranges ? ranges->mark : d->node->mark, "ranges: {consent.transparency: {from: 0, to: 1}}",
                       "a design needs ranges of 1 to 200 parameters");
        return false;
    }
    if (d->design->kind == CH_DESIGN_sobol && ranges->n > SOBOL_AXES) {
        ch_sweep_error(d->load, ranges->pair[SOBOL_AXES].key->mark, "leave some out, or write kind: lhs",
                       "Sobol' points have at most 40 dimensions");
        return false;
    }
    d->n_axes = ranges->n;
    d->axis = ch_load_alloc(d->load, ranges->n, sizeof *d->axis);
    d->range = ch_load_alloc(d->load, ranges->n, sizeof *d->range);
    for (unsigned a = 0; d->axis && d->range && a < ranges->n; a++)
        ok &= read_range(d, a, &ranges->pair[a]);
    return ok && d->axis && d->range;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

static bool read_point(struct design *d, unsigned point, const struct ch_yaml *map, void *const *block)
{
    bool ok = true;
    for (unsigned a = 0; a < d->n_axes; a++) {
        struct ch_axis *axis = &d->axis[a];
        const struct ch_yaml *value = ch_tree_find(map, axis->key);
        if (!value || map->n != d->n_axes) {
            ch_sweep_error(d->load, map->mark, "every point names the same parameters as the first",
                           "this point is not like the first");
            return false;
        }
        if (!ch_load_param(d->load, ch_axis_param(axis), block[a], value, axis->key)) {
            ok = false;
            continue;
        }
        ((const char **)(void *)axis->text)[point] = value->text;
        ((double *)(void *)axis->number)[point] = ch_param_number(ch_axis_param(axis), block[a]);
    }
    return ok;
}

static bool begin_list(struct design *d, const struct ch_yaml *list, void **block)
{
    const struct ch_yaml *first = list->item[0];
    bool ok = true;
    for (unsigned a = 0; a < d->n_axes; a++) {
        struct ch_axis *axis = &d->axis[a];
        ok = ch_axis_find(d->load, axis, first->pair[a].key) && ok;
        axis->n = list->n;
        axis->text = ch_load_alloc(d->load, list->n, sizeof *axis->text);
        axis->number = ch_load_alloc(d->load, list->n, sizeof *axis->number);
        block[a] = ok ? ch_load_alloc(d->load, 1, ch_section(axis->section)->size + 1) : NULL;
        ok = ok && axis->text && axis->number && block[a];
    }
    return ok;
}

static bool read_list(struct design *d, const struct ch_yaml *list)
{
    bool good = list && list->kind == CH_YAML_LIST && list->n > 0;
    for (unsigned i = 0; good && i < list->n; i++)
        good = list->item[i]->kind == CH_YAML_MAP && list->item[i]->n > 0 && list->item[i]->n <= AXES_MAX;
    if (!good) {
        ch_sweep_error(d->load, list ? list->mark : d->node->mark,
                       "list: [{consent.transparency: 0.2}, {consent.transparency: 0.5}]",
                       "a design of kind list needs a list of points, each with its values");
        return false;
    }
    d->points = list->n;
    d->n_axes = list->item[0]->n;
    d->axis = ch_load_alloc(d->load, d->n_axes, sizeof *d->axis);
    void **block = ch_load_alloc(d->load, d->n_axes, sizeof *block);
    bool ok = d->axis && block && begin_list(d, list, block);
    for (unsigned i = 0; ok && i < list->n; i++)
        ok = read_point(d, i, list->item[i], block);
    return ok;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static bool read_kind(struct design *d)
{
    const struct ch_yaml *kind = ch_tree_find(d->node, "kind");
    for (unsigned i = 0; kind && kind->kind == CH_YAML_SCALAR && i < CH_N_DESIGNS; i++)
        if (strcmp(kinds[i], kind->text) == 0) {
            d->design->kind = (enum ch_design_kind)i;
            return true;
        }
    ch_sweep_error(d->load, kind ? kind->mark : d->node->mark, "kind: list, lhs, sobol or random",
                   "what kind of design is this?");
    return false;
}

static bool read_count(struct design *d, const char *name, int64_t low, int64_t high, int64_t *value)
{
    const struct ch_yaml *node = ch_tree_find(d->node, name);
    char message[80], help[80];
    if (!node && *value >= low)
        return true;
    if (node && node->kind == CH_YAML_SCALAR && ch_parse_int64(node->text, node->n, value) && *value >= low && *value <= high)
        return true;
    snprintf(message, sizeof message, "a design needs %s: a whole number", name);
    snprintf(help, sizeof help, "%lld to %lld are allowed", (long long)low, (long long)high);
    ch_sweep_error(d->load, node ? node->mark : d->node->mark, help, message);
    return false;
}

/* A list has no points, seed and ranges; what is drawn has no list. */
static bool check_keys(struct design *d)
{
    static const char *const keys[] = {
#define X(name, form, doc) #name,
        CH_DESIGN_KEYS(X)
#undef X
    };
    enum { N_KEYS = sizeof keys / sizeof keys[0] };
    const char *allowed[N_KEYS];
    bool list = d->design->kind == CH_DESIGN_list, ok = true;
    size_t n = 0;
    for (size_t k = 0; k < N_KEYS; k++)
        if (strcmp(keys[k], "kind") == 0 || (strcmp(keys[k], "list") == 0) == list)
            allowed[n++] = keys[k];
    for (unsigned i = 0; i < d->node->n; i++) {
        const struct ch_yaml *key = d->node->pair[i].key;
        bool known = false;
        for (size_t k = 0; k < n; k++)
            known |= strcmp(key->text, allowed[k]) == 0;
        if (!known)
            ch_load_unknown_key(d->load, key, list ? "in a design of kind list" : "in a design", allowed, n);
        ok &= known;
    }
    return ok;
}

void ch_load_design(struct ch_load *load)
{
    struct design d = {.load = load, .node = ch_tree_find(load->root, "design")};
    if (!d.node || ch_yaml_is_null(d.node) || !ch_load_is_map(load, d.node, "design"))
        return;
    d.design = ch_load_alloc(load, 1, sizeof *d.design);
    if (!d.design)
        return;
    d.design->seed = 1;
    load->scenario->design = d.design;
    if (!read_kind(&d) || !check_keys(&d))
        return;
    bool ok = d.design->kind == CH_DESIGN_list ? read_list(&d, ch_tree_find(d.node, "list"))
                                               : read_count(&d, "points", 1, POINTS_MAX, &d.points) &&
                                                     read_count(&d, "seed", 0, UINT32_MAX, &d.design->seed) &&
                                                     read_ranges(&d, ch_tree_find(d.node, "ranges")) && fill(&d);
    if (!ok)
        return;
    load->scenario->axis = d.axis;
    load->scenario->n_axes = d.n_axes;
    load->scenario->n_points = (unsigned)d.points;
}
