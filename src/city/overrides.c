/* SPDX-License-Identifier: MIT
 * Columns `section.parameter` of own tables: a copy of the section's block for each item that has a value there. */
#include "city/sheet.h"
#include "table/table.h"
#include <stdio.h>
#include <string.h>

/* Where the copies hang while they are writable. */
struct overrides {
    struct ch_town *town;
    const struct ch_item_table *table;
    enum ch_item_table_kind kind;
    uint32_t n_items;
    void ***block; /* [section][item] */
};

static struct ch_mark mark_of(const struct overrides *o, uint32_t row, unsigned column)
{
    return o->table->cell_mark[(size_t)row * o->table->n_columns + column];
}

static void complain(const struct overrides *o, uint32_t row, unsigned column, const struct ch_misfit *why)
{
    char help[520];
    snprintf(help, sizeof help, "allowed: %s%s%s", why->allowed, *why->hint ? "; " : "", why->hint);
    ch_diag_add(o->town->diag, mark_of(o, row, column), ch_diag_error_code(CH_E_VALUE), help, "%s of this item: found %s",
                o->table->column[column], why->found);
}

/* End of a list's element: a semicolon, or a blank before the next number (an inline list arrives as "1 EUR 2 EUR"). */
static const char *element_end(const char *at)
{
    while (*at && *at != ';' && !(*at == ' ' && at[1] && strchr("0123456789+-.", at[1])))
        at++;
    return at;
}

static bool set_list(const struct ch_param *param, void *block, const char *text, struct ch_misfit *why)
{
    int n = ch_param_list_length(param), k = 0;
    for (const char *at = text + strspn(text, "; "); *at; at += strspn(at, "; "), k++) {
        const char *end = element_end(at), *stop = end;
        while (stop > at && stop[-1] == ' ')
            stop--;
        if (k < n && !ch_param_set_element(param, block, k, at, (size_t)(stop - at), why))
            return false;
        at = end;
    }
    if (k == n)
        return true;
    *why = (struct ch_misfit){.hint = "separate them by semicolons"};
    snprintf(why->found, sizeof why->found, "%d values", k);
    snprintf(why->allowed, sizeof why->allowed, "%d values", n);
    return false;
}

/* The item's own block of this section, made on first use; NULL when memory ran out. */
static void *own_block(struct overrides *o, unsigned section, uint32_t item)
{
    struct ch_arena *arena = o->town->arena;
    size_t size = ch_section(section)->size;
    if (!o->block && !(o->block = ch_town_alloc(arena, ch_n_sections(), sizeof *o->block)))
        return NULL;
    if (!o->block[section] && !(o->block[section] = ch_town_alloc(arena, o->n_items, sizeof **o->block)))
        return NULL;
    if (!o->block[section][item]) {
        void *block = ch_town_alloc(arena, 1, size);
        if (!block)
            return NULL;
        memcpy(block, o->town->scenario->block[section], size);
        o->block[section][item] = block;
    }
    return o->block[section][item];
}

static bool override_column(struct overrides *o, unsigned column, unsigned section, unsigned number)
{
    const struct ch_param *param = &ch_section(section)->param[number];
    const uint32_t *row_of = o->town->row[ch_sheet_item(o->kind)];
    for (uint32_t item = 0; item < o->n_items; item++) {
        uint32_t row = row_of ? row_of[item] : item;
        const char *text = o->table->cell[(size_t)row * o->table->n_columns + column];
        if (!text || !*text)
            continue;
        struct ch_misfit why = {.hint = ""};
        void *block = own_block(o, section, item);
        if (!block)
            return false;
        bool fits = param->kind == CH_PARAM_LIST ? set_list(param, block, text, &why)
                                                 : ch_param_set(param, block, text, strlen(text), &why);
        if (!fits)
            complain(o, row, column, &why);
    }
    return true;
}

/* A column that no model looks at: says which sections the models do heed for such items. */
static void refuse_column(const struct overrides *o, unsigned column, enum ch_item item)
{
    struct ch_text help = {0};
    const char *word = ch_item_word(item), *separator = ": ";
    ch_text_addf(&help, "sections whose parameters may differ from %s to %s", word, word);
    for (unsigned i = CH_N_SETTINGS; i < ch_n_sections(); i++)
        if (ch_section(i)->model->items >> item & 1u) {
            ch_text_addf(&help, "%s%s", separator, ch_section(i)->path);
            separator = ", ";
        }
    ch_text_add(&help, *separator == ':' ? ": none" : "");
    ch_diag_add(o->town->diag, o->table->column_mark[column], ch_diag_error_code(CH_E_KEY), help.s,
                "'%s' cannot differ from one of the %s to the next", o->table->column[column], ch_sheet_name(o->kind));
    ch_text_fini(&help);
}

bool ch_town_overrides(struct ch_town *town, struct ch_city_build *build)
{
    const struct ch_city *city = town->city;
    const uint32_t n_items[CH_N_ITEMS] = {
        [CH_ITEM_STORE] = city->n_stores,   [CH_ITEM_RETAILER] = city->n_retailers, [CH_ITEM_BEACON] = city->n_beacons,
        [CH_ITEM_SCREEN] = city->n_screens, [CH_ITEM_STOP] = city->n_stops,         [CH_ITEM_DEPOT] = city->n_depots};
    for (unsigned kind = 0; kind < CH_N_TABLES; kind++) {
        enum ch_item item = ch_sheet_item((enum ch_item_table_kind)kind);
        const struct ch_item_table *table = ch_town_table(town, (enum ch_item_table_kind)kind);
        if (!table || item == CH_N_ITEMS ||
            table->n_rows != n_items[item]) /* the latter: an empty list that was complained about */
            continue;
        struct overrides o = {.town = town, .table = table, .kind = (enum ch_item_table_kind)kind, .n_items = n_items[item]};
        for (unsigned c = 0; c < table->n_columns; c++) {
            unsigned section, param;
            if (!strchr(table->column[c], '.') || !ch_param_find(table->column[c], &section, &param) || section < CH_N_SETTINGS)
                continue;
            if (!(ch_section(section)->model->items >> item & 1u))
                refuse_column(&o, c, item);
            else if (!override_column(&o, c, section, param))
                return false;
        }
        build->item_params[item] = (const void *const *const *)o.block;
    }
    return true;
}
