/* SPDX-License-Identifier: MIT
 * /stores, /retailers, /pairs, /couriers: who they are, and per policy the mean over replications of what was counted for each.
 * /daily: per run and day. A group without members, or whose members differ between design points, is left out. */
#include "base/text.h"
#include "output/results_inside.h"
#include <chaland/settings.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Members of a reducer's table, the same in all runs; 0 if there are none or they differ. */
static uint32_t common_size(const struct ch_results *r, enum ch_reducer reducer)
{
    const struct ch_probe any = {.reducer = reducer};
    size_t size = 0;
    if (r->cities_differ)
        return 0;
    bool first = true;
    for (size_t i = 0; i < (size_t)r->n_points * r->n_policies * r->n_replications; i++) {
        const struct ch_measures *m = &r->outcome[i].measures;
        if (!m->scalar)
            continue;
        size_t n = ch_probe_cells(&any, &m->shape);
        if (!first && n != size)
            return 0;
        size = n;
        first = false;
    }
    return (uint32_t)size;
}

/* Mean over the replications that ran, in units. */
static void mean_table(const struct ch_results *r, unsigned probe, uint32_t n, double scale, double *out)
{
    for (unsigned point = 0; point < r->n_points; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++)
            for (uint32_t j = 0; j < n; j++) {
                int64_t sum = 0;
                unsigned runs = 0;
                for (unsigned i = 0; i < r->n_replications; i++) {
                    const struct ch_measures *m = &ch_results_outcome(r, point, policy, i)->measures;
                    if (!m->table)
                        continue;
                    sum += m->table[probe][j];
                    runs++;
                }
                *out++ = runs ? (double)sum * scale / runs : (double)NAN;
            }
}

static void note_probe(struct ch_h5 *h, const struct ch_probe *row, const char *cell_methods)
{
    ch_h5_note_text(h, "cell_methods", cell_methods);
    ch_write_kpi_number(h, row->kpi);
}

static void write_means(struct ch_h5 *h, const struct ch_results *r, enum ch_reducer reducer, uint32_t n, const char *dims)
{
    const struct ch_probe_list *probes = ch_results_probes(r);
    double *mean = malloc((size_t)r->n_points * r->n_policies * n * sizeof *mean);
    bool good = ch_h5_ok(h, mean != NULL, "allocate", dims);
    for (unsigned i = 0; good && i < probes->n; i++)
        if (probes->row[i]->reducer == reducer) {
            mean_table(r, i, n, probes->row[i]->scale, mean);
            ch_h5_array(h, probes->row[i]->name, dims, CH_H5_F64, mean, probes->row[i]->unit, probes->row[i]->doc);
            note_probe(h, probes->row[i], "replication: mean");
        }
    free(mean);
}

/* One column of a table of structs. */
static void write_text(struct ch_h5 *h, const char *name, const char *dim, uint32_t n, const void *first, size_t stride,
                       const char *long_name)
{
    const char **column = malloc(n * sizeof *column);
    if (ch_h5_ok(h, column != NULL, "allocate", name)) {
        for (uint32_t i = 0; i < n; i++)
            memcpy(&column[i], (const char *)first + i * stride, sizeof column[i]);
        if (strcmp(name, dim) == 0)
            ch_h5_dim(h, name, CH_H5_TEXT, n, column, NULL, long_name);
        else
            ch_h5_array(h, name, dim, CH_H5_TEXT, column, NULL, long_name);
    }
    free(column);
}

static void write_number(struct ch_h5 *h, const char *name, const char *dim, uint32_t n, const double *first, size_t stride,
                         const char *unit, const char *long_name)
{
    double *column = malloc(n * sizeof *column);
    if (ch_h5_ok(h, column != NULL, "allocate", name)) {
        for (uint32_t i = 0; i < n; i++)
            memcpy(&column[i], (const char *)first + i * stride, sizeof column[i]);
        ch_h5_array(h, name, dim, CH_H5_F64, column, unit, long_name);
    }
    free(column);
}

/* ---- stores ---- */

static void write_retailer_of_stores(struct ch_h5 *h, const struct ch_city *city)
{
    const char **id = malloc(city->n_stores * sizeof *id), **good = malloc(city->n_stores * sizeof *good);
    if (ch_h5_ok(h, id && good, "allocate", "retailer")) {
        for (uint32_t i = 0; i < city->n_stores; i++) {
            id[i] = city->stores[i].retailer < city->n_retailers ? city->retailers[city->stores[i].retailer].id : NULL;
            good[i] = city->stores[i].good < CH_N_GOODS ? city->goods[city->stores[i].good].name : NULL;
        }
        ch_h5_array(h, "retailer", "store", CH_H5_TEXT, id, NULL, "id of its retailer");
        ch_h5_array(h, "category", "store", CH_H5_TEXT, good, NULL, "main category of goods");
    }
    free(id);
    free(good);
}

static void write_stores(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_city *city = r->city;
    const struct ch_store *s = city->stores;
    if (!r->scenario->stores || city->n_stores == 0 || common_size(r, CH_REDUCE_STORE) != city->n_stores)
        return;
    ch_h5_group(h, "stores", "the stores, and per policy what each did, mean over replications");
    ch_write_points(h, r);
    ch_write_policies(h, r);
    write_text(h, "store", "store", city->n_stores, &s->id, sizeof *s, "id of the store");
    ch_write_coordinates(h, r, "id name retailer category x y floor");
    write_text(h, "id", "store", city->n_stores, &s->id, sizeof *s, "id of the store");
    write_text(h, "name", "store", city->n_stores, &s->name, sizeof *s, "name");
    write_retailer_of_stores(h, city);
    write_number(h, "x", "store", city->n_stores, &s->x_m, sizeof *s, "m", "distance to the east of the south-west corner");
    write_number(h, "y", "store", city->n_stores, &s->y_m, sizeof *s, "m", "distance to the north of the south-west corner");
    write_number(h, "floor", "store", city->n_stores, &s->floor_m2, sizeof *s, "m2", "sales floor");
    write_means(h, r, CH_REDUCE_STORE, city->n_stores, "point policy store");
    ch_h5_group_end(h);
}

/* ---- retailers ---- */

static void write_membership(struct ch_h5 *h, const struct ch_city *city)
{
    uint8_t *flag = malloc(city->n_retailers);
    int32_t *stores = malloc(city->n_retailers * sizeof *stores);
    if (ch_h5_ok(h, flag && stores, "allocate", "sponsor")) {
        for (uint32_t i = 0; i < city->n_retailers; i++) {
            flag[i] = city->retailers[i].sponsor;
            stores[i] = (int32_t)city->retailers[i].n_stores;
        }
        ch_h5_array(h, "n_stores", "retailer", CH_H5_I32, stores, "1", "number of stores");
        ch_h5_array(h, "sponsor", "retailer", CH_H5_U8, flag, NULL, "does it run the policy under test?");
        ch_h5_note_flags(h, 2, "no yes");
        for (uint32_t i = 0; i < city->n_retailers; i++)
            flag[i] = city->retailers[i].pool;
        ch_h5_array(h, "pool", "retailer", CH_H5_U8, flag, NULL, "is it a member of the wishlist pool at the start?");
        ch_h5_note_flags(h, 2, "no yes");
    }
    free(flag);
    free(stores);
}

static void write_retailers(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_city *city = r->city;
    const struct ch_retailer *list = city->retailers;
    if (city->n_retailers == 0 || common_size(r, CH_REDUCE_RETAILER) != city->n_retailers)
        return;
    ch_h5_group(h, "retailers", "the retailers, and per policy what each did, mean over replications");
    ch_write_points(h, r);
    ch_write_policies(h, r);
    write_text(h, "retailer", "retailer", city->n_retailers, &list->id, sizeof *list, "id of the retailer");
    ch_write_coordinates(h, r, "id name size list n_stores sponsor pool");
    write_text(h, "id", "retailer", city->n_retailers, &list->id, sizeof *list, "id of the retailer");
    write_text(h, "name", "retailer", city->n_retailers, &list->name, sizeof *list, "name");
    write_number(h, "size", "retailer", city->n_retailers, &list->size, sizeof *list, "1", "relative size");
    write_number(h, "list", "retailer", city->n_retailers, &list->list, sizeof *list, "1", "relative weight of its wishlist");
    write_membership(h, city);
    write_means(h, r, CH_REDUCE_RETAILER, city->n_retailers, "point policy retailer");
    ch_h5_group_end(h);
}

/* ---- pairs of retailers ---- */

static void write_pairs(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_city *city = r->city;
    uint32_t n = city->n_retailers;
    if (n == 0 || common_size(r, CH_REDUCE_PAIR) != n * n)
        return;
    ch_h5_group(h, "pairs", "what flowed between retailers, and per policy how much, mean over replications");
    ch_write_points(h, r);
    ch_write_policies(h, r);
    write_text(h, "payer", "payer", n, &city->retailers->id, sizeof *city->retailers, "id of the retailer who pays");
    write_text(h, "payee", "payee", n, &city->retailers->id, sizeof *city->retailers, "id of the retailer who is paid");
    write_means(h, r, CH_REDUCE_PAIR, n * n, "point policy payer payee");
    ch_h5_group_end(h);
}

/* ---- couriers ---- */

/* Couriers are numbered depot by depot. */
static void write_depots(struct ch_h5 *h, const struct ch_city *city, uint32_t n)
{
    const char **depot = malloc(n * sizeof *depot);
    uint32_t k = 0;
    for (uint32_t i = 0; depot && i < city->n_depots; i++)
        for (uint32_t j = 0; j < city->depots[i].couriers && k < n; j++)
            depot[k++] = city->depots[i].id;
    if (ch_h5_ok(h, depot != NULL, "allocate", "depot") && k == n)
        ch_h5_array(h, "depot", "courier", CH_H5_TEXT, depot, NULL, "id of the depot");
    free(depot);
}

static void write_couriers(struct ch_h5 *h, const struct ch_results *r)
{
    uint32_t n = common_size(r, CH_REDUCE_COURIER);
    if (!r->scenario->couriers || n == 0)
        return;
    ch_h5_group(h, "couriers", "the couriers, and per policy what each did, mean over replications");
    ch_write_points(h, r);
    ch_write_policies(h, r);
    ch_h5_dim_count(h, "courier", n, "number of the courier, depot by depot");
    ch_write_coordinates(h, r, "depot");
    write_depots(h, r->city, n);
    write_means(h, r, CH_REDUCE_COURIER, n, "point policy courier");
    ch_h5_group_end(h);
}

/* ---- daily ---- */

static void write_days(struct ch_h5 *h, const struct ch_results *r, uint32_t n)
{
    struct ch_text units = {0};
    int64_t *begin = malloc(n * sizeof *begin);
    ch_text_addf(&units, "seconds since %s 00:00:00", r->scenario->start);
    if (ch_h5_ok(h, begin && !units.failed, "allocate", "time")) {
        for (uint32_t i = 0; i < n; i++)
            begin[i] = (int64_t)i * 86400;
        ch_h5_dim_count(h, "day", n, "day since the start of the scenario");
        ch_h5_array(h, "time", "day", CH_H5_I64, begin, units.s, "begin of the day");
        ch_h5_note_text(h, "calendar", "proleptic_gregorian");
        ch_h5_note_text(h, "standard_name", "time");
    }
    ch_text_fini(&units);
    free(begin);
}

static void write_days_of(struct ch_h5 *h, const struct ch_results *r, unsigned probe, uint32_t skip, uint32_t n, double *value)
{
    const struct ch_probe *row = ch_results_probes(r)->row[probe];
    size_t at = 0;
    for (size_t i = 0; i < (size_t)r->n_points * r->n_policies * r->n_replications; i++)
        for (uint32_t day = 0; day < n; day++) {
            const struct ch_measures *m = &r->outcome[i].measures;
            value[at++] = m->table ? (double)m->table[probe][skip + day] * row->scale : (double)NAN;
        }
    ch_h5_array(h, row->name, "point policy replication day", CH_H5_F64, value, row->unit, row->doc);
    note_probe(h, row, "day: sum");
}

/* Days of the warm-up have cells, too, and are not shown. */
static void write_daily(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_run_params *run = CH_BLOCK(r->scenario, run);
    const struct ch_probe_list *probes = ch_results_probes(r);
    uint32_t days = common_size(r, CH_REDUCE_DAILY), warmup = (uint32_t)(run->warmup / CH_DAY);
    uint32_t counted = (uint32_t)((run->duration + CH_DAY - 1) / CH_DAY), n_probes = 0;
    for (unsigned i = 0; i < probes->n; i++)
        n_probes += probes->row[i]->reducer == CH_REDUCE_DAILY;
    if (n_probes == 0 || days <= warmup)
        return;
    uint32_t n = days - warmup < counted ? days - warmup : counted;
    double *value = malloc((size_t)r->n_points * r->n_policies * r->n_replications * n * sizeof *value);
    if (ch_h5_ok(h, value != NULL, "allocate", "daily")) {
        ch_h5_group(h, "daily", "sums per day of each run, after the warm-up");
        ch_write_points(h, r);
        ch_write_policies(h, r);
        ch_write_replications(h, r);
        write_days(h, r, n);
        ch_write_coordinates(h, r, "time");
        for (unsigned i = 0; i < probes->n; i++)
            if (probes->row[i]->reducer == CH_REDUCE_DAILY)
                write_days_of(h, r, i, warmup, n, value);
        ch_h5_group_end(h);
    }
    free(value);
}

void ch_write_tables(struct ch_h5 *h, const struct ch_results *r)
{
    write_stores(h, r);
    write_retailers(h, r);
    write_pairs(h, r);
    write_couriers(h, r);
    write_daily(h, r);
}
