/* SPDX-License-Identifier: MIT
 * Reference pages in Markdown, from the rows: parameters, messages, probes, draws, the vocabulary of policies. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "table/table.h"
#include "table/vocabulary.h"

#define GENERATED "<!-- Generated from the declared rows (`ch_describe_reference`). Change the rows, not this page. -->\n\n"

/* A text for a cell of a table. */
static void cell(struct ch_text *out, const char *s)
{
    for (; *s; s++)
        ch_text_addf(out, *s == '|' ? "\\|" : "%c", *s);
}

static void cell_of(struct ch_text *out, struct ch_text *text)
{
    cell(out, text->s ? text->s : "");
    ch_text_fini(text);
}

/* ---- parameters -------------------------------------------------------------------------------------------------- */

static void add_param_row(struct ch_text *out, const struct ch_section *section, const struct ch_param *param)
{
    struct ch_text value = {0}, allowed = {0}, origin = {0};
    ch_param_print_default(section, param, &value);
    ch_param_allowed(param, &allowed);
    ch_param_origin(param, &origin);
    ch_text_add(out, "| `");
    ch_param_key(section, param, out);
    ch_text_add(out, "` | ");
    cell_of(out, &value);
    ch_text_add(out, " | ");
    cell_of(out, &allowed);
    ch_text_add(out, " | ");
    cell(out, param->doc);
    ch_text_add(out, " | ");
    cell_of(out, &origin);
    ch_text_add(out, " |\n");
}

static void add_param_table(struct ch_text *out, const struct ch_section *section)
{
    ch_text_add(out, "| key | default | allowed | meaning | where the default comes from |\n| --- | --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < section->n_params; i++)
        add_param_row(out, section, &section->param[i]);
}

/* "A title, mechanism M07; may differ from store to store." */
static void add_model_line(struct ch_text *out, const struct ch_section *section)
{
    const struct ch_model *model = section->model;
    ch_text_add(out, section->title);
    if (model && model->mechanism)
        ch_text_addf(out, ", mechanism %s", model->mechanism);
    for (unsigned item = 0; model && item < CH_N_ITEMS; item++)
        if (model->items >> item & 1u)
            ch_text_addf(out, "; may differ from %s to %s", ch_item_word(item), ch_item_word(item));
    ch_text_add(out, ".\n\n");
}

static void parameters(struct ch_text *out)
{
    ch_text_add(
        out, "# Parameters\n\n" GENERATED
             "Quantities carry a unit (`35 d`, `8 %`, `1.34 m/s`); pure numbers, shares between 0 and 1, and 0 may stand alone.\n"
             "Every parameter can be set on the command line (`--set population.sample=0.1`) and swept (`sweep:`).\n\n"
             "## Top level\n\n| key | meaning |\n| --- | --- |\n");
#define X(name_, form_, doc_) ch_text_add(out, "| `" #name_ "` | " doc_ " |\n");
    CH_TOP_KEYS(X)
#undef X
    for (unsigned i = 0; i < ch_n_sections(); i++) {
        const struct ch_section *section = ch_section(i);
        if (section->n_params == 0)
            continue;
        ch_text_addf(out, section->path[0] ? "\n## `%s`\n\n" : "\n%s", section->path);
        if (section->path[0])
            add_model_line(out, section);
        add_param_table(out, section);
    }
    ch_text_add(out, "\n## `outputs`\n\n");
    add_param_table(out, ch_policy_section(CH_BLOCK_outputs));
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

static void add_message(struct ch_text *out, const char *owner, const char *name, enum ch_scope scope, ch_time least,
                        unsigned slots, const char *doc)
{
    static const char *const scopes[] = {
        [CH_LOCAL] = "same place", [CH_INSTANT] = "same place, at once", [CH_REMOTE] = "any place"};
    char seconds[32];
    ch_text_addf(out, "| `%s%s%s` | %s | %s s | %u | ", owner, owner[0] ? "." : "", name, scopes[scope],
                 ch_print_double((double)least / 1e6, seconds, sizeof seconds), 8 + 32 * slots);
    cell(out, doc);
    ch_text_add(out, " |\n");
}

static void messages(struct ch_text *out)
{
    ch_text_add(out, "# Messages\n\n" GENERATED
                     "What is sent between places, and to a later moment of the same place. Letters are shared by all models.\n\n"
                     "| message | goes to | least delay | bytes | meaning |\n| --- | --- | --- | --- | --- |\n");
#define X(name_, least_, slots_, doc_) add_message(out, "", #name_, CH_REMOTE, least_, slots_, doc_);
    CH_LETTERS(X)
#undef X
    for (unsigned i = 0; i < ch_n_models(); i++)
        for (unsigned j = 0; j < ch_model(i)->n_messages; j++) {
            const struct ch_message *row = &ch_model(i)->message[j];
            add_message(out, ch_model(i)->name, row->name, row->scope, row->least, row->slots, row->doc);
        }
    ch_text_add(out, "\n## Moments\n\n| moment | what has just happened |\n| --- | --- |\n");
#define X(name_, what_, doc_) ch_text_add(out, "| `" #name_ "` | " doc_ " |\n");
    CH_MOMENTS(X)
    ch_text_add(out, "\n## Questions\n\n| question | what is asked |\n| --- | --- |\n");
    CH_QUESTIONS(X)
#undef X
}

/* ---- probes and draws -------------------------------------------------------------------------------------------- */

static void probes(struct ch_text *out)
{
    static const struct {
        const char *name, *doc;
    } reducers[] = {
#define X(name_, doc_) {#name_, doc_},
        CH_REDUCERS(X)
#undef X
    };
    ch_text_add(out,
                "# Probes\n\n" GENERATED
                "What is counted. K-numbers are stable names of the key figures across versions.\n\n| probe | K | unit | kind | "
                "model | meaning |\n| --- | --- | --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < ch_n_models(); i++)
        for (unsigned j = 0; j < ch_model(i)->n_probes; j++) {
            const struct ch_probe *row = &ch_model(i)->probe[j];
            ch_text_addf(out, "| `%s` | ", row->name);
            if (row->kpi)
                ch_text_addf(out, "K%02d", row->kpi);
            ch_text_addf(out, " | %s | %s | %s | ", row->unit, reducers[row->reducer].name, ch_model(i)->name);
            cell(out, row->doc);
            ch_text_add(out, " |\n");
        }
    ch_text_add(out, "\n## Kinds\n\n| kind | meaning |\n| --- | --- |\n");
    for (size_t i = 0; i < sizeof reducers / sizeof reducers[0]; i++)
        ch_text_addf(out, "| %s | %s |\n", reducers[i].name, reducers[i].doc);
}

static void draws(struct ch_text *out)
{
    ch_text_add(out, "# Draws\n\n" GENERATED "Each row is a stream of random numbers of its own. Its number enters the counter "
                     "of the generator, so it never changes.\n\n"
                     "| stream | number | what is decided |\n| --- | --- | --- |\n");
    for (unsigned i = 0; i < ch_n_models(); i++)
        for (unsigned j = 0; j < ch_model(i)->n_draws; j++) {
            ch_text_addf(out, "| `%s.%s` | %u | ", ch_model(i)->name, ch_model(i)->draw[j].name, ch_model_number(i) << 5 | j);
            cell(out, ch_model(i)->draw[j].doc);
            ch_text_add(out, " |\n");
        }
}

/* ---- policies ---------------------------------------------------------------------------------------------------- */

static void policy(struct ch_text *out)
{
    ch_text_add(out, "# Policies\n\n" GENERATED
                     "A policy is a file `scenarios/policies/NAME.yaml`, a file of your own, or a mapping under `policies:`.\n\n"
                     "## Keys of a policy\n\n| key | meaning |\n| --- | --- |\n");
#define X(name_, doc_) ch_text_add(out, "| `" #name_ "` | " doc_ " |\n");
    CH_POLICY_KEYS(X)
    for (unsigned i = 0; i < ch_policy_section(CH_BLOCK_cost)->n_params; i++)
        ch_text_addf(out, "| `%s` | %s |\n", ch_policy_section(CH_BLOCK_cost)->param[i].name,
                     ch_policy_section(CH_BLOCK_cost)->param[i].doc);
    ch_text_add(out, "\n## Keys of a rule\n\n| key | meaning |\n| --- | --- |\n");
    CH_RULE_KEYS(X)
    ch_text_add(out, "\n");
    add_param_table(out, ch_policy_section(CH_BLOCK_rule));
    ch_text_add(out, "\n## Costs, asks and caps\n\n");
    add_param_table(out, ch_policy_section(CH_BLOCK_cost));
    ch_text_add(out, "\n");
    add_param_table(out, ch_policy_section(CH_BLOCK_asks));
    ch_text_add(out, "\n");
    add_param_table(out, ch_policy_section(CH_BLOCK_caps));
    ch_text_add(out, "\n## Triggers (`when`)\n\n| word | meaning |\n| --- | --- |\n");
    CH_TRIGGERS(X)
    ch_text_add(out, "\n## Channels (`channel`)\n\n| word | meaning |\n| --- | --- |\n");
    CH_CHANNELS(X)
    ch_text_add(out, "\n## Subjects (`about`)\n\n| word | meaning |\n| --- | --- |\n");
    CH_SUBJECTS(X)
#undef X
    ch_text_add(out, "\n## Facts (`if`)\n\nOperators: `>=` `<=` `=` `>` `<`, in quotes: `walk_time: \"<= 8 min\"`. The highest "
                     "consent level among a rule's facts and its\n"
                     "subject is the level a person must have granted before the rule may look at them.\n\n| fact | consent | "
                     "compared with | meaning |\n| --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < CH_N_FACTS; i++) {
        const struct ch_param *fact = ch_fact_row((enum ch_fact)i);
        ch_text_addf(out, "| `%s` | %d | ", fact->name, ch_fact_level((enum ch_fact)i));
        ch_param_allowed(fact, out);
        ch_text_addf(out, " | %s |\n", fact->doc);
    }
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static enum ch_code write_page(const char *folder, const char *name, void (*write)(struct ch_text *out), struct ch_error *error)
{
    struct ch_text path = {0}, page = {0};
    ch_text_addf(&path, "%s/%s", folder, name);
    write(&page);
    FILE *file = path.failed || page.failed ? NULL : fopen(path.s, "w");
    bool ok = file && fwrite(page.s, 1, page.n, file) == page.n;
    ok = file && fclose(file) == 0 && ok;
    enum ch_code code =
        ok ? CH_OK : ch_fail(error, CH_IO, "%s/%s: cannot be written: %s", folder, name, errno ? strerror(errno) : "no memory");
    ch_text_fini(&path);
    ch_text_fini(&page);
    return code;
}

enum ch_code ch_describe_reference(const char *folder, struct ch_error *error)
{
    static const struct {
        const char *name;
        void (*write)(struct ch_text *out);
    } pages[] = {
        {"parameters.md", parameters}, {"messages.md", messages}, {"probes.md", probes},
        {"draws.md", draws},           {"policy.md", policy},
    };
    CH_REQUIRE(folder);
    enum ch_code code = CH_OK;
    for (size_t i = 0; code == CH_OK && i < sizeof pages / sizeof pages[0]; i++)
        code = write_page(folder, pages[i].name, pages[i].write, error);
    return code;
}
