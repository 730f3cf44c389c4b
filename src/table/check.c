/* SPDX-License-Identifier: MIT
 * Laws that every table keeps. A breach is a mistake of a programmer, found by a test before anybody meets it. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "table/table.h"
#include "table/vocabulary.h"

enum { DRAWS_MAX = 32, NUMBER_MAX = 1919, KPI_MAX = 56, LINE_MAX_BYTES = 512 };

struct law {
    struct ch_text *out;
    unsigned breaches;
    const char *where; /* section or model in hand */
    const char *what;  /* row in hand */
};

__attribute__((format(printf, 3, 4))) static void demand(struct law *law, bool kept, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    if (kept)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    ch_text_addf(law->out, "%s%s%s: %s\n", law->where, law->what[0] ? "." : "", law->what, line);
    law->breaches++;
}

static bool is_word(const char *s)
{
    return s && s[0] >= 'a' && s[0] <= 'z' && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(s);
}

static bool has_text(const char *s) { return s && s[0]; }

/* ---- parameters -------------------------------------------------------------------------------------------------- */

static size_t field_size(enum ch_param_kind kind)
{
    static const size_t size[] = {
#define X(name, type) sizeof(type),
        CH_PARAM_KINDS(X)
#undef X
    };
    return size[kind];
}

static void check_unit(struct law *law, const struct ch_param *param)
{
    double factor;
    if (param->kind == CH_PARAM_CHOICE) {
        demand(law, has_text(param->unit), "a CHOICE names its words in the column of the unit");
        return;
    }
    demand(law, param->unit && (param->unit[0] == '\0' || ch_unit_known(param->unit)), "unit '%s' is not known", param->unit);
    if (param->kind == CH_PARAM_TIME)
        demand(law, ch_unit_convert(param->unit, "s", &factor), "the unit of a TIME is a unit of time, not '%s'", param->unit);
    if (param->kind == CH_PARAM_MONEY)
        demand(law, strncmp(param->unit, "EUR", 3) == 0, "the unit of a MONEY begins with EUR, not '%s'", param->unit);
    if (param->kind == CH_PARAM_FLAG)
        demand(law, param->unit[0] == '\0', "a FLAG has no unit");
}

/* Is this text acceptable as a value, and does it print and parse back? */
static void check_default_text(struct law *law, const struct ch_param *param, void *block)
{
    struct ch_misfit why;
    struct ch_text printed = {0}, again = {0};
    ch_param_print(param, block, &printed);
    bool ok = printed.s && ch_param_set(param, block, printed.s, printed.n, &why);
    demand(law, ok, "the default '%s' is %s; allowed: %s", printed.s ? printed.s : "", why.found, why.allowed);
    if (ok) {
        ch_param_print(param, block, &again);
        demand(law, strcmp(printed.s, again.s ? again.s : "") == 0, "the default prints as '%s' and, read again, as '%s'",
               printed.s, again.s ? again.s : "");
    }
    ch_text_fini(&printed);
    ch_text_fini(&again);
}

static bool list_text_ok(const char *text)
{
    int n = 0;
    for (const char *at = text; at && *(at += strspn(at, " ")); n++) {
        size_t length = strcspn(at, " ");
        double value;
        if (!ch_parse_double(at, length, &value))
            return false;
        at += length;
    }
    return n >= 1 && n <= CH_LIST_MAX;
}

static void check_list(struct law *law, const struct ch_param *param, const struct ch_list *list)
{
    for (int i = 0; i < list->n; i++)
        demand(law, list->v[i] >= param->min && list->v[i] <= param->max, "element %d of the default, %g, is out of range", i + 1,
               list->v[i]);
}

static bool choice_ok(const struct ch_param *param)
{
    const char *word;
    size_t n = 0;
    for (unsigned i = 0; (word = ch_param_word(param, i, &n)) != NULL; i++)
        if (has_text(param->text) && strlen(param->text) == n && memcmp(word, param->text, n) == 0)
            return true;
    return false;
}

static void check_default(struct law *law, const struct ch_section *section, const struct ch_param *param)
{
    if (param->kind == CH_PARAM_LIST && !list_text_ok(param->text)) {
        demand(law, false, "the default of a LIST is 1 to %d numbers with blanks between them", CH_LIST_MAX);
        return;
    }
    if (param->kind == CH_PARAM_CHOICE && !choice_ok(param)) {
        demand(law, false, "the default '%s' is none of '%s'", param->text ? param->text : "", param->unit);
        return;
    }
    void *block = calloc(1, section->size + 1);
    if (!block)
        return;
    struct ch_section one = *section;
    one.param = param;
    one.n_params = 1;
    ch_section_defaults(&one, block);
    if (param->kind == CH_PARAM_LIST)
        check_list(law, param, (const struct ch_list *)(const void *)((const char *)block + param->offset));
    else
        check_default_text(law, param, block);
    free(block);
}

static void check_origin(struct law *law, const struct ch_param *param)
{
    const struct ch_origin *origin = &param->origin;
    demand(law, has_text(origin->text), "where the default comes from is not told");
    if (origin->status != CH_IS_ASSUMED)
        return;
    bool number = param->kind != CH_PARAM_CHOICE && param->kind != CH_PARAM_FLAG;
    demand(law, origin->low < origin->high || !number, "an assumption names a range to sweep, low below high");
    if (number && param->kind != CH_PARAM_LIST)
        demand(law, origin->low <= param->def && param->def <= origin->high,
               "the default %g is outside its own range of assumption, %g to %g", param->def, origin->low, origin->high);
    if (number && param->kind != CH_PARAM_LIST)
        demand(law, origin->low >= param->min && origin->high <= param->max,
               "the range of assumption, %g to %g, leaves what is allowed, %g to %g", origin->low, origin->high, param->min,
               param->max);
}

static void check_param(struct law *law, const struct ch_section *section, const struct ch_param *param)
{
    law->what = has_text(param->name) ? param->name : "?";
    demand(law, is_word(param->name), "a name is lower-case letters, digits and _");
    demand(law, has_text(param->doc), "no doc");
    unsigned before = law->breaches;
    demand(law, param->offset + field_size(param->kind) <= section->size, "the field lies outside the struct");
    check_unit(law, param);
    demand(law, param->min <= param->max, "min %g is above max %g", param->min, param->max);
    if (law->breaches == before)
        check_default(law, section, param);
    check_origin(law, param);
}

/* Does a section nested in this one claim the name? */
static bool nested(const struct ch_section *const *section, unsigned n, const struct ch_section *outer, const char *name)
{
    size_t at = strlen(outer->path), length = strlen(name);
    for (unsigned i = 0; i < n; i++) {
        const char *path = section[i]->path;
        bool inside = at == 0 ? true : strncmp(path, outer->path, at) == 0 && path[at] == '.';
        const char *rest = path + (at ? at + 1 : 0);
        if (inside && section[i] != outer && strncmp(rest, name, length) == 0 && (rest[length] == '\0' || rest[length] == '.'))
            return true;
    }
    return false;
}

static void check_section(struct law *law, const struct ch_section *const *section, unsigned n, unsigned i)
{
    law->where = section[i]->path[0] ? section[i]->path : "(top level)";
    law->what = "";
    demand(law, has_text(section[i]->title), "no title");
    for (unsigned j = 0; j < i; j++)
        demand(law, strcmp(section[i]->path, section[j]->path) != 0, "two sections have this path");
    for (unsigned j = 0; j < section[i]->n_params; j++) {
        const struct ch_param *param = &section[i]->param[j];
        check_param(law, section[i], param);
        for (unsigned k = 0; k < j; k++)
            demand(law, strcmp(param->name, section[i]->param[k].name) != 0, "two parameters have this name");
        demand(law, !nested(section, n, section[i], param->name), "a section has the same key");
    }
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static void check_messages(struct law *law, const struct ch_model *model)
{
    for (unsigned i = 0; i < model->n_messages; i++) {
        const struct ch_message *row = &model->message[i];
        law->what = row->name;
        ch_time least = row->scope == CH_REMOTE ? CH_LOOKAHEAD : row->scope == CH_LOCAL ? 1 : 0;
        demand(law, is_word(row->name), "a name is lower-case letters, digits and _");
        demand(law, has_text(row->doc), "no doc");
        demand(law, row->least >= least, "its least delay is %lld us; its scope wants at least %lld us", (long long)row->least,
               (long long)least);
        demand(law, row->slots <= CH_SLOTS_MAX, "%u slots; at most %d", row->slots, CH_SLOTS_MAX);
        demand(law, model->handler && model->handler[i], "no handler");
        for (unsigned j = 0; j < i; j++)
            demand(law, strcmp(row->name, model->message[j].name) != 0, "two messages have this name");
    }
}

static void check_probes(struct law *law, const struct ch_model *const *model, unsigned m)
{
    for (unsigned i = 0; i < model[m]->n_probes; i++) {
        const struct ch_probe *row = &model[m]->probe[i];
        law->what = row->name;
        demand(law, is_word(row->name), "a name is lower-case letters, digits and _");
        demand(law, has_text(row->doc), "no doc");
        demand(law, row->unit != NULL, "no unit");
        demand(law, isfinite(row->scale) && (row->scale > 0 || row->reducer == CH_REDUCE_VALUE), "the scale must be above 0");
        demand(law, (row->reducer != CH_REDUCE_P95 && row->reducer != CH_REDUCE_P50) || row->bin > 0,
               "a percentile needs the width of its bins");
        demand(law, row->kpi >= 0 && row->kpi <= KPI_MAX, "there is no K%02d", row->kpi);
        for (unsigned j = 0; j <= m; j++)
            for (unsigned k = 0; k < (j == m ? i : model[j]->n_probes); k++)
                demand(law, strcmp(row->name, model[j]->probe[k].name) != 0, "model %s has a probe of this name already",
                       model[j]->name);
    }
}

static void check_draws(struct law *law, const struct ch_model *model)
{
    law->what = "";
    demand(law, model->n_draws <= DRAWS_MAX, "%u draws; at most %d fit under a model's number", model->n_draws, DRAWS_MAX);
    for (unsigned i = 0; i < model->n_draws; i++) {
        law->what = model->draw[i].name;
        demand(law, is_word(model->draw[i].name), "a name is lower-case letters, digits and _");
        demand(law, has_text(model->draw[i].doc), "no doc");
        for (unsigned j = 0; j < i; j++)
            demand(law, strcmp(model->draw[i].name, model->draw[j].name) != 0, "two draws have this name");
    }
}

static void check_model(struct law *law, const struct ch_model *const *model, const unsigned *number, unsigned m)
{
    law->where = has_text(model[m]->name) ? model[m]->name : "?";
    law->what = "";
    demand(law, is_word(model[m]->name), "a name is lower-case letters, digits and _");
    demand(law, number[m] >= 1 && number[m] <= NUMBER_MAX, "number %u is not within 1 .. %d", number[m], NUMBER_MAX);
    for (unsigned i = 0; i < m; i++)
        demand(law, number[i] != number[m] && strcmp(model[i]->name, model[m]->name) != 0,
               "model %s has this number or name already", model[i]->name);
    check_messages(law, model[m]);
    check_probes(law, model, m);
    check_draws(law, model[m]);
}

/* Letters have one recipient, and some questions one answer. (Of the pool two models speak: its terms, and who is in it.) */
static void check_players(struct law *law, const struct ch_model *const *model, unsigned n)
{
    law->where = "(all models)";
    law->what = "";
    unsigned players;
#define COUNT_PLAYERS(field, what)          \
    players = 0;                            \
    for (unsigned i = 0; i < n; i++)        \
        players += model[i]->field != NULL; \
    demand(law, players <= 1, "%u models play '" #field "'; " what " has one at most", players);
#define X(name, least, slots, doc) COUNT_PLAYERS(take_##name, "a letter")
    CH_LETTERS(X)
#undef X
    COUNT_PLAYERS(answer_pick, "this question")
    COUNT_PLAYERS(answer_shelf, "this question")
    COUNT_PLAYERS(answer_wish, "this question")
    COUNT_PLAYERS(answer_consent, "this question")
    COUNT_PLAYERS(answer_ask, "this question")
    COUNT_PLAYERS(answer_quote, "this question")
#undef COUNT_PLAYERS
    unsigned kinds = CH_N_LETTERS;
    for (unsigned i = 0; i < n; i++)
        kinds += model[i]->n_messages;
    demand(law, kinds <= CH_KINDS_MAX, "%u kinds of messages; an event's key holds %d", kinds, CH_KINDS_MAX);
}

/* ---- public ------------------------------------------------------------------------------------------------------ */

unsigned ch_table_check_these(const struct ch_section *const *section, unsigned n_sections, const struct ch_model *const *model,
                              const unsigned *number, unsigned n_models, struct ch_text *out)
{
    struct law law = {.out = out, .where = "", .what = ""};
    for (unsigned i = 0; i < n_sections; i++)
        check_section(&law, section, n_sections, i);
    for (unsigned i = 0; i < n_models; i++)
        check_model(&law, model, number, i);
    check_players(&law, model, n_models);
    return law.breaches;
}

unsigned ch_table_check(struct ch_text *out)
{
    enum { SECTIONS_MAX = CH_N_SETTINGS + CH_MODELS_MAX + CH_N_POLICY_BLOCKS };
    const struct ch_section *section[SECTIONS_MAX], *block[CH_N_POLICY_BLOCKS];
    const struct ch_model *model[CH_MODELS_MAX];
    unsigned number[CH_MODELS_MAX];
    for (unsigned i = 0; i < ch_n_sections(); i++)
        section[i] = ch_section(i);
    for (unsigned i = 0; i < ch_n_models(); i++) {
        model[i] = ch_model(i);
        number[i] = ch_model_number(i);
    }
    for (unsigned i = 0; i < CH_N_POLICY_BLOCKS; i++)
        block[i] = ch_policy_section((enum ch_policy_block)i);
    return ch_table_check_these(section, ch_n_sections(), model, number, ch_n_models(), out) +
           ch_table_check_these(block, CH_N_POLICY_BLOCKS, NULL, NULL, 0, out);
}
