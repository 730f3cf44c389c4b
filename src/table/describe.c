/* SPDX-License-Identifier: MIT
 * `chaland explain`: what a parameter is, what it may be, and where its default comes from. */
#include <stdlib.h>
#include <string.h>

#include "table/table.h"

void ch_param_print_default(const struct ch_section *section, const struct ch_param *param, struct ch_text *out)
{
    void *block = calloc(1, section->size + 1);
    if (!block) {
        out->failed = true;
        return;
    }
    ch_section_defaults(section, block);
    ch_param_print(param, block, out);
    free(block);
}

void ch_param_origin(const struct ch_param *param, struct ch_text *out)
{
    const struct ch_origin *origin = &param->origin;
    switch (origin->status) {
    case CH_IS_SOURCED:
        ch_text_addf(out, "sourced: %s", origin->text);
        return;
    case CH_IS_CHOSEN:
        ch_text_addf(out, "chosen: %s", origin->text);
        return;
    case CH_IS_ASSUMED:
        ch_text_add(out, "assumed, a hypothesis to sweep from ");
        ch_param_print_number(param, origin->low, out);
        ch_text_add(out, " to ");
        ch_param_print_number(param, origin->high, out);
        ch_text_addf(out, ": %s", origin->text);
        return;
    }
}

void ch_param_key(const struct ch_section *section, const struct ch_param *param, struct ch_text *out)
{
    ch_text_addf(out, "%s%s%s", section->path, section->path[0] ? "." : "", param->name);
}

void ch_describe_param(const struct ch_section *section, const struct ch_param *param, const void *block, struct ch_text *out)
{
    CH_REQUIRE(section && param && out);
    ch_param_key(section, param, out);
    ch_text_addf(out, "\n  %s\n  default: ", param->doc);
    ch_param_print_default(section, param, out);
    if (block) {
        ch_text_add(out, "\n  here:    ");
        ch_param_print(param, block, out);
    }
    ch_text_add(out, "\n  allowed: ");
    ch_param_allowed(param, out);
    ch_text_add(out, "\n  origin:  ");
    ch_param_origin(param, out);
    if (section->model)
        ch_text_addf(out, "\n  model:   %s (%s)", section->model->name, section->title);
    else
        ch_text_addf(out, "\n  section: %s", section->title);
    ch_text_add(out, "\n");
}
