/* SPDX-License-Identifier: MIT
 * JSON Schema (draft-07, what editors understand) of a scenario, from the rows. */
#include <stdio.h>
#include <string.h>

#include "table/table.h"
#include "table/vocabulary.h"

#define QUANTITY "^[-+]?[0-9]+(\\\\.[0-9]+)?([eE][-+]?[0-9]+)? *(1?/|[A-Za-z%]).*$"

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

/* Opens a property: its name, then "{" and its description. */
static void open_property(struct ch_text *out, bool *first, const char *name, const char *description)
{
    ch_text_add(out, *first ? "" : ",");
    *first = false;
    ch_text_add(out, "\n");
    ch_json_string(out, name);
    ch_text_add(out, ": {\"description\": ");
    ch_json_string(out, description);
}

static void add_words(struct ch_text *out, const struct ch_param *param)
{
    size_t n = 0;
    const char *word;
    ch_text_add(out, ", \"enum\": [");
    for (unsigned i = 0; (word = ch_param_word(param, i, &n)) != NULL; i++)
        ch_text_addf(out, "%s\"%.*s\"", i ? ", " : "", (int)n, word);
    ch_text_add(out, "]");
}

static void add_range(struct ch_text *out, const struct ch_param *param)
{
    char low[32], high[32];
    ch_text_addf(out, "\"minimum\": %s, \"maximum\": %s", ch_print_double(param->min, low, sizeof low),
                 ch_print_double(param->max, high, sizeof high));
}

/* What a number of the row may look like, without braces. */
static void add_number(struct ch_text *out, const struct ch_param *param)
{
    if (param->unit[0] == '\0') {
        ch_text_addf(out, "\"type\": \"%s\", ", param->kind == CH_PARAM_I64 ? "integer" : "number");
        add_range(out, param);
    } else if (strcmp(param->unit, "share") == 0) {
        ch_text_add(
            out,
            "\"anyOf\": [{\"type\": \"number\", \"minimum\": 0, \"maximum\": 1}, {\"type\": \"string\", \"pattern\": \"" QUANTITY
            "\"}]");
    } else {
        ch_text_add(out, "\"anyOf\": [{\"const\": 0}, {\"type\": \"string\", \"pattern\": \"" QUANTITY "\"}]");
    }
}

/* A printed value as JSON: numbers and flags bare, the rest as strings, lists element by element. */
static void add_value(struct ch_text *out, const struct ch_param *param, const char *printed)
{
    bool bare = param->kind == CH_PARAM_FLAG || (param->unit[0] == '\0' && param->kind != CH_PARAM_CHOICE);
    if (param->kind != CH_PARAM_LIST) {
        if (bare)
            ch_text_add(out, printed);
        else
            ch_json_string(out, printed);
        return;
    }
    for (const char *at = printed; *at; at++) { /* "[1 EUR, 2 EUR]" */
        if (*at == '[' || *at == ',' || *at == ' ')
            ch_text_addn(out, at, 1);
        if (*at == ']') {
            ch_text_add(out, "]");
        } else if (*at != '[' && *at != ',' && *at != ' ') {
            size_t n = strcspn(at, ",]");
            ch_text_addf(out, bare ? "%.*s" : "\"%.*s\"", (int)n, at);
            at += n - 1;
        }
    }
}

static void add_default(struct ch_text *out, const struct ch_section *section, const struct ch_param *param)
{
    struct ch_text printed = {0};
    ch_param_print_default(section, param, &printed);
    ch_text_add(out, ", \"default\": ");
    add_value(out, param, printed.s ? printed.s : "");
    ch_text_add(out, ", \"examples\": [");
    add_value(out, param, printed.s ? printed.s : "");
    ch_text_add(out, "]");
    ch_text_fini(&printed);
}

/* Counts of own-data items may also be lists or files. */
static bool is_items(const struct ch_section *section, const char *name)
{
    static const char *const names[] = {"stores", "retailers", "beacons", "screens", "stops", "depots"};
    for (size_t i = 0; strcmp(section->path, "city") == 0 && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void add_param(struct ch_text *out, bool *first, const struct ch_section *section, const struct ch_param *param)
{
    struct ch_text description = {0};
    ch_text_addf(&description, "%s. Allowed: ", param->doc);
    ch_param_allowed(param, &description);
    ch_text_add(&description, ". ");
    ch_param_origin(param, &description);
    open_property(out, first, param->name, description.s ? description.s : param->doc);
    ch_text_fini(&description);
    if (param->kind == CH_PARAM_CHOICE) {
        add_words(out, param);
    } else if (param->kind == CH_PARAM_FLAG) {
        ch_text_add(out, ", \"enum\": [true, false, \"yes\", \"no\", \"on\", \"off\"]");
    } else if (param->kind == CH_PARAM_LIST) {
        int n = ch_param_list_length(param);
        ch_text_addf(out, ", \"type\": \"array\", \"minItems\": %d, \"maxItems\": %d, \"items\": {", n, n);
        add_number(out, param);
        ch_text_add(out, "}");
    } else if (is_items(section, param->name)) {
        ch_text_add(out, ", \"anyOf\": [{");
        add_number(out, param);
        ch_text_add(out, "}, {\"$ref\": \"#/definitions/items\"}]");
    } else {
        ch_text_add(out, ", ");
        add_number(out, param);
    }
    add_default(out, section, param);
    ch_text_add(out, "}");
}

static void add_params(struct ch_text *out, bool *first, const struct ch_section *section)
{
    for (unsigned i = 0; i < section->n_params; i++)
        add_param(out, first, section, &section->param[i]);
}

/* ---- sections, nested along their paths --------------------------------------------------------------------------- */

static bool under(const char *path, const char *prefix, size_t n)
{
    return strncmp(path, prefix, n) == 0 && (path[n] == '\0' || path[n] == '.');
}

static void add_sections(struct ch_text *out, bool *first, const char *prefix, size_t n)
{
    for (unsigned i = 1; i < ch_n_sections(); i++) {
        const char *path = ch_section(i)->path;
        size_t from = n ? n + 1 : 0;
        if (strlen(path) <= n || (n && !under(path, prefix, n)))
            continue;
        size_t length = strcspn(path + from, "."), end = from + length;
        const struct ch_section *own = NULL;
        bool before = false;
        for (unsigned j = 1; j < ch_n_sections(); j++) {
            before |= j < i && under(ch_section(j)->path, path, end);
            if (strlen(ch_section(j)->path) == end && strncmp(ch_section(j)->path, path, end) == 0)
                own = ch_section(j);
        }
        if (before)
            continue;
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), path + from);
        bool inner = true;
        open_property(out, first, name, own ? own->title : name);
        ch_text_add(out, ", \"type\": [\"object\", \"null\"], \"additionalProperties\": false, \"properties\": {");
        if (own)
            add_params(out, &inner, own);
        if (own == ch_section(CH_SET_city))
            ch_text_add(
                out,
                ",\n\"homes\": {\"description\": \"homes of the people: a list or a file\", \"$ref\": \"#/definitions/items\"},"
                "\n\"works\": {\"description\": \"workplaces: a list or a file\", \"$ref\": \"#/definitions/items\"}");
        add_sections(out, &inner, path, end);
        ch_text_add(out, "}}");
    }
}

/* ---- policies and the top level ----------------------------------------------------------------------------------- */

static void add_facts(struct ch_text *out)
{
    bool first = true;
    ch_text_add(out, "\n\"if\": {\"description\": \"conditions on facts; all must hold\", \"type\": [\"object\", \"null\"], "
                     "\"additionalProperties\": false, \"properties\": {");
    for (unsigned i = 0; i < CH_N_FACTS; i++) {
        const struct ch_param *fact = ch_fact_row((enum ch_fact)i);
        struct ch_text description = {0};
        ch_text_addf(&description, "%s; consent level %d", fact->doc, ch_fact_level((enum ch_fact)i));
        open_property(out, &first, fact->name, description.s ? description.s : fact->doc);
        ch_text_fini(&description);
        ch_text_add(out, ", \"anyOf\": [{\"$ref\": \"#/definitions/test\"}, {\"type\": \"array\", \"items\": {\"$ref\": "
                         "\"#/definitions/test\"}}]}");
    }
    ch_text_add(out, "}}");
}

static void add_object(struct ch_text *out, bool *first, const char *name, const char *description, enum ch_policy_block block)
{
    bool inner = true;
    open_property(out, first, name, description);
    ch_text_add(out, ", \"type\": [\"object\", \"boolean\", \"null\"], \"additionalProperties\": false, \"properties\": {");
    add_params(out, &inner, ch_policy_section(block));
    ch_text_add(out, "}}");
}

static void add_definitions(struct ch_text *out)
{
    bool first = false;
    ch_text_add(out,
                "\"definitions\": {\n\"items\": {\"anyOf\": [{\"type\": \"array\", \"items\": {\"type\": \"object\"}},"
                " {\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"file\"], \"properties\": {\"file\": "
                "{\"type\": \"string\"}}}]},"
                "\n\"test\": {\"type\": \"string\", \"pattern\": \"^ *(>=|<=|=|>|<) *[-+]?[0-9]\", \"examples\": [\">= 0.3\", "
                "\"<= 8 min\"]},"
                "\n\"rule\": {\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"when\"], \"properties\": {"
                "\n\"name\": {\"description\": \"name of the rule, for traces\", \"type\": \"string\"}");
    add_params(out, &first, ch_policy_section(CH_BLOCK_rule));
    ch_text_add(out, ",");
    add_facts(out);
    ch_text_add(out,
                "}},\n\"policy\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
                "\n\"policy\": {\"description\": \"name of the policy\", \"type\": \"string\"},"
                "\n\"doc\": {\"description\": \"what it does, in a sentence\", \"type\": \"string\"},"
                "\n\"extends\": {\"description\": \"policy whose keys hold where this one is silent\", \"type\": \"string\"},"
                "\n\"rules\": {\"type\": [\"array\", \"null\"], \"items\": {\"$ref\": \"#/definitions/rule\"}}");
    add_params(out, &first, ch_policy_section(CH_BLOCK_cost));
    add_object(out, &first, "asks", "asks for consent; absent or false: never", CH_BLOCK_asks);
    add_object(out, &first, "caps", "upper limits of messages", CH_BLOCK_caps);
    ch_text_add(out, "}}}");
}

static void add_design(struct ch_text *out)
{
    bool first = true;
    ch_text_add(
        out, ", \"type\": [\"object\", \"null\"], \"additionalProperties\": false, \"required\": [\"kind\"], \"properties\": {");
#define X(name, form, doc)                  \
    open_property(out, &first, #name, doc); \
    ch_text_add(out, ", " form "}");
    CH_DESIGN_KEYS(X)
#undef X
    ch_text_add(out, "}");
}

/* Form of a key of the top level, by the second column of CH_TOP_KEYS. */
static void add_form(struct ch_text *out, const char *form)
{
    if (strcmp(form, "integer") == 0)
        ch_text_add(out, ", \"const\": 1");
    else if (strcmp(form, "date") == 0)
        ch_text_add(out, ", \"type\": \"string\", \"pattern\": \"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\", \"default\": \"" CH_DEFAULT_START
                         "\"");
    else if (strcmp(form, "names") == 0)
        ch_text_add(out, ", \"type\": \"array\", \"items\": {\"type\": \"string\"}");
    else if (strcmp(form, "policies") == 0)
        ch_text_add(out, ", \"type\": [\"array\", \"string\", \"object\"], \"items\": {\"anyOf\": [{\"type\": \"string\"}, "
                         "{\"$ref\": \"#/definitions/policy\"}]}");
    else if (strcmp(form, "sweep") == 0)
        ch_text_add(
            out,
            ", \"type\": [\"object\", \"null\"], \"additionalProperties\": {\"anyOf\": [{\"type\": \"array\", \"minItems\": 1},"
            " {\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"from\", \"to\", \"step\"],"
            " \"properties\": {\"from\": {}, \"to\": {}, \"step\": {}}}]}");
    else if (strcmp(form, "design") == 0)
        add_design(out);
    else
        ch_text_add(out, ", \"type\": \"string\"");
}

void ch_describe_schema(struct ch_text *out)
{
    static const struct {
        const char *name, *form, *doc;
    } top[] = {
#define X(name_, form_, doc_) {#name_, #form_, doc_},
        CH_TOP_KEYS(X)
#undef X
    };
    bool first = true;
    ch_text_add(
        out, "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"title\": \"Chaland scenario\", \"type\": \"object\",\n"
             "\"required\": [\"chaland\"], \"additionalProperties\": false, \"properties\": {");
    for (size_t i = 0; i < sizeof top / sizeof top[0]; i++) {
        if (strcmp(top[i].form, "outputs") == 0) {
            add_object(out, &first, top[i].name, top[i].doc, CH_BLOCK_outputs);
            continue;
        }
        open_property(out, &first, top[i].name, top[i].doc);
        add_form(out, top[i].form);
        ch_text_add(out, "}");
    }
    add_params(out, &first, ch_section(CH_SET_run));
    add_sections(out, &first, "", 0);
    ch_text_add(out, "},\n");
    add_definitions(out);
    ch_text_add(out, "}\n");
}
