/* SPDX-License-Identifier: MIT
 * A model refuses a scenario: what it says goes to the collected errors, with the place where the value was written. */
#include "base/text.h"
#include "scenario/diag.h"
#include "sim/stage.h"
#include "table/table.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MAX = 160 };

/* "section.name" of what is blamed, its section and its number there; what has a dot names its section itself. */
static bool find_key(const struct ch_workshop *shop, const char *name, char key[KEY_MAX], unsigned *section, unsigned *param)
{
    const char *own = ch_section(ch_section_of_model(shop->model))->path;
    snprintf(key, KEY_MAX, strchr(name, '.') ? "%s%s" : "%s.%s", strchr(name, '.') ? "" : own, name);
    return ch_param_find(key, section, param);
}

/* "12 h", or its value number `value`. */
static void print_value(struct ch_text *out, const struct ch_workshop *shop, const struct ch_blame *blame, unsigned section,
                        unsigned param)
{
    const struct ch_stage *stage = shop->stage;
    const struct ch_param *row = &ch_section(section)->param[param];
    const void *block = stage->scenario->block[section];
    const void *const *own =
        blame->of_item && stage->build->item_params[blame->kind] ? stage->build->item_params[blame->kind][section] : NULL;
    block = own && own[blame->item] ? own[blame->item] : block;
    ch_param_print(row, block, out);
}

static bool find_mark(const struct ch_workshop *shop, const struct ch_blame *blame, const char *key, struct ch_mark *mark)
{
    const struct ch_stage *stage = shop->stage;
    return (blame->of_item && ch_city_item_mark(stage->scenario, stage->city, blame->kind, blame->item, key, mark)) ||
           ch_scenario_mark(stage->scenario, key, blame->value - 1, mark);
}

/* Where the one was written; if nobody did, the other; if nobody did that either, the section. */
static struct ch_mark mark_of(const struct ch_workshop *shop, const struct ch_blame *blame, const char *key, const char *other)
{
    struct ch_mark mark;
    char section[KEY_MAX];
    if (find_mark(shop, blame, key, &mark) || (*other && find_mark(shop, blame, other, &mark)))
        return mark;
    snprintf(section, sizeof section, "%.*s", (int)(strrchr(key, '.') - key), key);
    (void)ch_scenario_mark(shop->stage->scenario, section, -1, &mark);
    return mark;
}

static void explain(struct ch_text *text, const struct ch_workshop *shop, const struct ch_blame *blame, const char *allowed,
                    struct ch_mark *mark)
{
    char key[KEY_MAX] = "", other[KEY_MAX] = "";
    unsigned section, param, section2, param2;
    bool known = find_key(shop, blame->param, key, &section, &param),
         both = blame->other && find_key(shop, blame->other, other, &section2, &param2);
    CH_REQUIRE(known && (both || !blame->other));
    ch_text_add(text, key);
    if (blame->of_item)
        ch_text_addf(text, " of %s '%s'", ch_item_word(blame->kind),
                     ch_city_item_id(shop->stage->city, blame->kind, blame->item));
    ch_text_add(text, " is ");
    print_value(text, shop, blame, section, param);
    ch_text_addf(text, "; allowed: %s", allowed);
    if (both) {
        ch_text_addf(text, "; %s is ", other);
        print_value(text, shop, blame, section2, param2);
    }
    *mark = mark_of(shop, blame, key, other);
}

void ch_setup_refuse(const struct ch_setup *setup, struct ch_blame blame, const char *format, ...)
{
    const struct ch_workshop *shop = setup->workshop;
    char allowed[CH_ERROR_TEXT / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(allowed, sizeof allowed, format, args);
    va_end(args);
    if (!shop || !shop->stage) { /* a model on a test bench */
        ch_fail(setup->error, CH_INVALID, "%s; allowed: %s", blame.param, allowed);
        return;
    }
    struct ch_text text = {0};
    struct ch_mark mark;
    explain(&text, shop, &blame, allowed, &mark);
    ch_fail(setup->error, CH_INVALID, "%s", text.s ? text.s : allowed);
    ch_diag_add(shop->diag, mark, ch_diag_error_code(CH_E_CONFLICT), blame.hint, "%s", text.s ? text.s : allowed);
    ch_text_fini(&text);
}
