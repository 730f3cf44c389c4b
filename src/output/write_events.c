/* SPDX-License-Identifier: MIT
 * /events: the log of moments as columns over one dimension, run after run; what numbers stand for lies beside it. */
#include "base/text.h"
#include "output/results_inside.h"
#include <chaland/event.h>
#include <stdlib.h>
#include <string.h>

enum column { POINT, POLICY, REPLICATION, TIME, PERSON, KIND, PLACE, STORE, RETAILER, GOOD, OTHER, DETAIL, ID, VALUE, EXTRA };

static const struct {
    const char *name;
    enum ch_h5_type type;
    const char *unit, *doc;
} columns[] = {
    [POINT] = {"point_index", CH_H5_I32, NULL, "design point"},
    [POLICY] = {"policy_index", CH_H5_U8, NULL, "policy, as numbered in policy_name"},
    [REPLICATION] = {"replication_index", CH_H5_I32, NULL, "replication"},
    [TIME] = {"time", CH_H5_I64, NULL, "when it happened"},
    [PERSON] = {"person", CH_H5_I32, NULL, "who"},
    [KIND] = {"kind", CH_H5_U8, NULL, "what"},
    [PLACE] = {"place", CH_H5_I32, NULL, "node, row by row from the south-west corner; beyond the last node: an office"},
    [STORE] = {"store", CH_H5_I32, NULL, "as numbered in store_name; -1: none"},
    [RETAILER] = {"retailer", CH_H5_I32, NULL, "as numbered in retailer_name; -1: none"},
    [GOOD] = {"good", CH_H5_U8, NULL, "as numbered in good_name; one beyond: none"},
    [OTHER] = {"other", CH_H5_I32, NULL, "what the attribute columns_of_KIND says; -1: none"},
    [DETAIL] = {"detail", CH_H5_I64, NULL, "what the attribute columns_of_KIND says"},
    [ID] = {"id", CH_H5_U64, NULL, "of the offer or order; 0: none"},
    [VALUE] = {"value", CH_H5_F64, NULL, "what the attribute columns_of_KIND says"},
    [EXTRA] = {"extra", CH_H5_F64, NULL, "what the attribute columns_of_KIND says"},
};

static void put(void *data, size_t i, enum column column, const struct ch_story *s, const int run[3])
{
    int32_t *i32 = data;
    uint8_t *u8 = data;
    int64_t *i64 = data;
    double *f64 = data;
    switch (column) {
    case POINT:
        i32[i] = run[0];
        break;
    case POLICY:
        u8[i] = (uint8_t)run[1];
        break;
    case REPLICATION:
        i32[i] = run[2];
        break;
    case TIME:
        i64[i] = s->at / CH_MILLISECOND;
        break;
    case PERSON:
        i32[i] = (int32_t)s->person;
        break;
    case KIND:
        u8[i] = s->kind;
        break;
    case PLACE:
        i32[i] = (int32_t)s->place;
        break;
    case STORE:
        i32[i] = (int32_t)s->store; /* CH_NONE is -1 */
        break;
    case RETAILER:
        i32[i] = (int32_t)s->retailer;
        break;
    case GOOD:
        u8[i] = s->good;
        break;
    case OTHER:
        i32[i] = (int32_t)s->other;
        break;
    case DETAIL:
        i64[i] = s->detail;
        break;
    case ID:
        ((uint64_t *)data)[i] = s->id;
        break;
    case VALUE:
        f64[i] = s->value;
        break;
    case EXTRA:
        f64[i] = s->extra;
        break;
    }
}

static void fill(const struct ch_results *r, enum column column, void *data)
{
    size_t at = 0;
    for (unsigned point = 0; point < r->n_points; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++)
            for (unsigned i = 0; i < r->n_replications; i++) {
                const struct ch_outcome *o = ch_results_outcome(r, point, policy, i);
                const int run[3] = {(int)point, (int)policy, (int)i};
                for (size_t k = 0; k < o->n_stories; k++)
                    put(data, at++, column, &o->story[k], run);
            }
}

static void note_kinds(struct ch_h5 *h)
{
    static const char names[] =
#define X(name, doc, other, detail, value, extra) #name " "
        CH_STORIES(X)
#undef X
        ;
    struct ch_text meanings = {0};
    ch_text_addn(&meanings, names, sizeof names - 2);
    if (ch_h5_ok(h, !meanings.failed, "allocate", "kind"))
        ch_h5_note_flags(h, CH_N_STORIES, meanings.s);
    ch_text_fini(&meanings);
}

/* What a column holds depends on the kind: said in one attribute of each. */
static void note_columns(struct ch_h5 *h)
{
    static const struct {
        const char *name, *doc, *other, *detail, *value, *extra;
    } rows[] = {
#define X(name, doc, other, detail, value, extra) {"columns_of_" #name, doc, other, detail, value, extra},
        CH_STORIES(X)
#undef X
    };
    for (unsigned i = 0; i < CH_N_STORIES; i++) {
        struct ch_text text = {0};
        ch_text_addf(&text, "%s", rows[i].doc);
        const char *const part[][2] = {
            {"other", rows[i].other}, {"detail", rows[i].detail}, {"value", rows[i].value}, {"extra", rows[i].extra}};
        for (unsigned k = 0; k < 4; k++)
            if (part[k][1][0])
                ch_text_addf(&text, "; %s = %s", part[k][0], part[k][1]);
        if (ch_h5_ok(h, !text.failed, "allocate", rows[i].name))
            ch_h5_note_text(h, rows[i].name, text.s);
        ch_text_fini(&text);
    }
}

/* Column i of a list of structs of texts. */
static void write_names(struct ch_h5 *h, const char *dim, size_t n, const char *(*name)(const struct ch_results *r, size_t i),
                        const struct ch_results *r, const char *doc)
{
    const char **list = calloc(n + 1, sizeof *list);
    if (n && ch_h5_ok(h, list != NULL, "allocate", dim)) {
        for (size_t i = 0; i < n; i++)
            list[i] = name(r, i);
        ch_h5_dim(h, dim, CH_H5_TEXT, n, list, NULL, doc);
    }
    free(list);
}

static const char *store_name(const struct ch_results *r, size_t i) { return r->city->stores[i].id; }
static const char *retailer_name(const struct ch_results *r, size_t i) { return r->city->retailers[i].id; }
static const char *good_name(const struct ch_results *r, size_t i) { return r->city->goods[i].name; }
static const char *policy_name(const struct ch_results *r, size_t i) { return r->scenario->policy[i]->name; }

/* Rules of all policies, one after the other. */
static size_t n_rules(const struct ch_results *r)
{
    size_t n = 0;
    for (unsigned p = 0; p < r->n_policies; p++)
        n += r->scenario->policy[p]->n_rules;
    return n;
}

static const char *rule_name(const struct ch_results *r, size_t i)
{
    unsigned p = 0;
    for (; i >= r->scenario->policy[p]->n_rules; p++)
        i -= r->scenario->policy[p]->n_rules;
    return r->scenario->policy[p]->rule[i].name;
}

static void write_first_rules(struct ch_h5 *h, const struct ch_results *r)
{
    int32_t *first = calloc(r->n_policies + 1, sizeof *first);
    if (ch_h5_ok(h, first != NULL, "allocate", "first_rule")) {
        for (unsigned p = 1; p < r->n_policies; p++)
            first[p] = first[p - 1] + (int32_t)r->scenario->policy[p - 1]->n_rules;
        ch_h5_array(h, "first_rule", "policy_name", CH_H5_I32, first, NULL, "number of its first rule in rule_name");
    }
    free(first);
}

static void write_column(struct ch_h5 *h, const struct ch_results *r, enum column column, void *data)
{
    char units[96];
    snprintf(units, sizeof units, "milliseconds since %s 00:00:00", r->scenario->start);
    fill(r, column, data);
    ch_h5_array(h, columns[column].name, "event", columns[column].type, data, column == TIME ? units : columns[column].unit,
                columns[column].doc);
    if (column == TIME) {
        ch_h5_note_text(h, "calendar", "proleptic_gregorian");
        ch_h5_note_text(h, "standard_name", "time");
    }
    if (column == KIND)
        note_kinds(h);
    ch_h5_variable_end(h);
}

void ch_write_events(struct ch_h5 *h, const struct ch_results *r)
{
    size_t n = 0;
    for (size_t i = 0; i < (size_t)r->n_points * r->n_policies * r->n_replications; i++)
        n += r->outcome[i].n_stories;
    if (!r->scenario->events)
        return;
    void *data = malloc((n + 1) * sizeof(int64_t));
    if (ch_h5_ok(h, data != NULL, "allocate", "events")) {
        ch_h5_group(h, "events", "what happened to whom, run after run, in order of time within a run");
        note_columns(h);
        ch_h5_note_f64(h, "share_of_people", r->scenario->events_share);
        write_names(h, "policy_name", r->n_policies, policy_name, r, "policy");
        write_first_rules(h, r);
        write_names(h, "rule_name", n_rules(r), rule_name, r, "rules of the policies, one policy after the other");
        write_names(h, "store_name", r->city->n_stores, store_name, r, "id of the store");
        write_names(h, "retailer_name", r->city->n_retailers, retailer_name, r, "id of the retailer");
        write_names(h, "good_name", CH_N_GOODS, good_name, r, "category of goods");
        if (n) {
            ch_h5_dim_count(h, "event", n, "number of the line");
            for (enum column column = POINT; column <= EXTRA; column++)
                write_column(h, r, column, data);
        }
        ch_h5_group_end(h);
    }
    free(data);
}
