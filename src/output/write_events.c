/* SPDX-License-Identifier: MIT
 * /events: the log of moments as columns over one dimension, run after run; what numbers stand for lies beside it. */
#include "base/text.h"
#include "output/log_inside.h"
#include "output/results_inside.h"
#include <stdlib.h>
#include <string.h>

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

static void write_column(struct ch_h5 *h, const struct ch_results *r, enum ch_log_name name)
{
    static const char *const names[] = {
#define X(name, type, doc) #name,
        CH_LOG_COLUMNS(X)
#undef X
    };
    static const char *const docs[] = {
#define X(name, type, doc) doc,
        CH_LOG_COLUMNS(X)
#undef X
    };
    char units[96];
    snprintf(units, sizeof units, "milliseconds since %s 00:00:00", r->scenario->start);
    ch_h5_packed(h, names[name], "event", &r->log->column[name], r->log->n, CH_LOG_CHUNK, name == CH_LOG_time ? units : NULL,
                 docs[name]);
    if (name == CH_LOG_time) {
        ch_h5_note_text(h, "calendar", "proleptic_gregorian");
        ch_h5_note_text(h, "standard_name", "time");
    }
    if (name == CH_LOG_kind)
        note_kinds(h);
    ch_h5_variable_end(h);
}

/* Column k of the table of runs: point, policy, replication, first line, number of lines. */
static int64_t of_run(const struct ch_log *log, unsigned run, unsigned k)
{
    const unsigned per_point = log->n_policies * log->n_replications;
    const int64_t value[] = {run / per_point, run / log->n_replications % log->n_policies, run % log->n_replications,
                             log->run[run].first, (int64_t)log->run[run].n};
    return value[k];
}

/* Where the lines of each run lie. */
static void write_runs(struct ch_h5 *h, const struct ch_log *log)
{
    static const struct {
        const char *name, *unit, *doc;
    } row[] = {{"run_point", NULL, "design point"},
               {"run_policy", NULL, "policy, as numbered in policy_name"},
               {"run_replication", NULL, "replication"},
               {"run_first", NULL, "number of its first line"},
               {"run_lines", "1", "its lines"}};
    int64_t *number = malloc(log->n_runs * sizeof *number);
    if (ch_h5_ok(h, number != NULL, "allocate", "run")) {
        ch_h5_dim_count(h, "run", log->n_runs, "number of the run");
        for (unsigned k = 0; k < sizeof row / sizeof row[0]; k++) {
            for (unsigned i = 0; i < log->n_runs; i++)
                number[i] = of_run(log, i, k);
            ch_h5_array(h, row[k].name, "run", CH_H5_I64, number, row[k].unit, row[k].doc);
        }
    }
    free(number);
}

void ch_write_events(struct ch_h5 *h, const struct ch_results *r)
{
    if (!r->log)
        return;
    ch_h5_group(h, "events", "what happened to whom, run after run, in order of time within a run");
    note_columns(h);
    ch_h5_note_f64(h, "share_of_people", r->scenario->events_share);
    write_names(h, "policy_name", r->n_policies, policy_name, r, "policy");
    write_first_rules(h, r);
    write_names(h, "rule_name", n_rules(r), rule_name, r, "rules of the policies, one policy after the other");
    write_names(h, "store_name", r->city->n_stores, store_name, r, "id of the store");
    write_names(h, "retailer_name", r->city->n_retailers, retailer_name, r, "id of the retailer");
    write_names(h, "good_name", CH_N_GOODS, good_name, r, "category of goods");
    write_runs(h, r->log);
    for (enum ch_log_name name = 0; name < CH_N_LOG_COLUMNS && r->log->n; name++)
        write_column(h, r, name);
    ch_h5_group_end(h);
}
