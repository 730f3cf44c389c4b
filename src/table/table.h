/* SPDX-License-Identifier: MIT
 * Everything that walks declared rows, once: defaults, parsing, ranges, printing, description. Sections are the settings of
 * chaland/settings.h (in the order of enum ch_setting), then the models in the order of models.def. */
#ifndef CH_TABLE_H
#define CH_TABLE_H

#include "base/text.h"
#include <chaland/error.h>
#include <chaland/model.h>
#include <chaland/settings.h>

struct ch_section {
    const char *path; /* "" for the top level, "wishlist.pool" */
    const char *title;
    const struct ch_param *param;
    unsigned n_params;
    size_t size;                  /* of the struct of values */
    const struct ch_model *model; /* NULL for settings */
};

unsigned ch_n_sections(void);
const struct ch_section *ch_section(unsigned i);

const struct ch_section *ch_setting_section(enum ch_setting setting); /* rows of settings.h alone; const data */

unsigned ch_n_models(void);
const struct ch_model *ch_model(unsigned i); /* in the order of models.def */
unsigned ch_model_number(unsigned i);        /* its stable number in models.def, 1..1919 */
unsigned ch_section_of_model(unsigned i);
/* Do its parameters bear on a run? Not if it is that of a model which, with these values, is not wanted. */
bool ch_section_in_use(const struct ch_section *section, const void *block);

/* "store", "beacon": kinds of items that may have parameters of their own; those of a section are in its model's `items`. */
const char *ch_item_word(enum ch_item item);

/* Finds "population.sample" or "seed": false if there is no such parameter. */
bool ch_param_find(const char *key, unsigned *section, unsigned *param);
/* All keys, "section.name", for "did you mean" and completion. Owned by the table; *n is their number. */
const char *const *ch_param_keys(size_t *n);

/* Fills a block of section->size bytes with the defaults. */
void ch_section_defaults(const struct ch_section *section, void *block);

/* Why a value does not fit: `found` and `allowed` are texts for the message, `hint` may be empty. */
struct ch_misfit {
    char found[160], allowed[240], hint[240];
};

/* Sets a parameter from scalar text ("8 %", "35 d", "true", "optin", a bare number where the row has no unit or unit ""
 * ... a bare number for a row with a unit is a misfit with a hint). LIST: use ch_param_set_element per element. */
bool ch_param_set(const struct ch_param *param, void *block, const char *text, size_t n, struct ch_misfit *why);
bool ch_param_set_element(const struct ch_param *param, void *block, int index, const char *text, size_t n,
                          struct ch_misfit *why);
int ch_param_list_length(const struct ch_param *param); /* fixed by the default */

/* Prints the value in the row's unit, shares in percent, so that it parses back to the same bits ("8 %", "35 d",
 * "optin", "[1 EUR, 2 EUR]"). */
void ch_param_print(const struct ch_param *param, const void *block, struct ch_text *out);
/* The value as a number in the row's unit (LIST: first element; CHOICE: index; FLAG 0/1). */
double ch_param_number(const struct ch_param *param, const void *block);

/* The default as it would be written; where it comes from; the full key. */
void ch_param_print_default(const struct ch_section *section, const struct ch_param *param, struct ch_text *out);
void ch_param_origin(const struct ch_param *param, struct ch_text *out);
void ch_param_key(const struct ch_section *section, const struct ch_param *param, struct ch_text *out);

/* Description from rows. */
void ch_describe_param(const struct ch_section *section, const struct ch_param *param, const void *block,
                       struct ch_text *out);  /* explain */
void ch_describe_schema(struct ch_text *out); /* JSON Schema draft-07 of a scenario */
enum ch_code ch_describe_reference(const char *folder,
                                   struct ch_error *error); /* docs/reference/{parameters,messages,probes,draws,policy}.md */

/* Laws every table must keep; returns the number of breaches and appends a line for each (unit test, and a test of models). */
unsigned ch_table_check(struct ch_text *out);
/* The same laws over other tables: sections, and models with their numbers. */
unsigned ch_table_check_these(const struct ch_section *const *section, unsigned n_sections, const struct ch_model *const *model,
                              const unsigned *number, unsigned n_models, struct ch_text *out);

/* Appends s as a JSON string with its quotes. */
void ch_json_string(struct ch_text *out, const char *s);

/* "a length from 24 m to 1000 m": what a row accepts, for messages and documentation. */
void ch_param_allowed(const struct ch_param *param, struct ch_text *out);
/* "a length", "an amount of money": the dimension of a unit in words. */
void ch_dimension_phrase(const char *unit, struct ch_text *out);
/* The i-th word of a CHOICE row ("a|b|c") and its length; NULL past the last. */
const char *ch_param_word(const struct ch_param *param, unsigned i, size_t *n);
/* Prints a number in the row's unit with that unit: "8 %", "35 d", "3". */
void ch_param_print_number(const struct ch_param *param, double value, struct ch_text *out);

#endif
