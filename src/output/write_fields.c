/* SPDX-License-Identifier: MIT
 * /fields: one map per MAP probe over (hour of the week, y, x), per policy summed over replications, or per run with
 * `outputs.maps: full`. Counts stay integers, signed ones, so that maps may be subtracted; a scale other than 1 is the CF
 * attribute scale_factor. */
#include "output/results_inside.h"
#include <chaland/assert.h>
#include <stdlib.h>

enum { HOURS = 168 };

struct maps {
    const struct ch_results *r;
    unsigned probe;
    size_t offset; /* of the probe's map among all */
    bool full;
};

/* Panel i of a probe's map; NULL where nothing was counted or the run is missing. */
static const int64_t *panel_of(void *arg, size_t i)
{
    const struct maps *m = arg;
    if (m->full) {
        const struct ch_measures *measures = &m->r->outcome[i].measures;
        return measures->table ? measures->table[m->probe] : NULL;
    }
    return m->r->map_sum && m->r->map_sum[i] ? m->r->map_sum[i] + m->offset : NULL;
}

static bool fits_narrow(const struct maps *m, size_t n_panels, size_t cells)
{
    for (size_t i = 0; i < n_panels; i++) {
        const int64_t *data = panel_of((void *)m, i);
        for (size_t j = 0; data && j < cells; j++)
            if (data[j] < INT32_MIN || data[j] > INT32_MAX)
                return false;
    }
    return true;
}

static void write_metres(struct ch_h5 *h, const char *name, const char *axis, const char *long_name, uint32_t n, int64_t block_mm)
{
    double *at = malloc(n * sizeof *at);
    if (ch_h5_ok(h, at != NULL, "allocate", name)) {
        for (uint32_t i = 0; i < n; i++)
            at[i] = (double)((int64_t)i * block_mm) / 1000.0;
        ch_h5_dim(h, name, CH_H5_F64, n, at, "m", long_name);
        ch_h5_note_text(h, "axis", axis);
    }
    free(at);
}

/* The hour of the week is the dimension; weekday and hour of the day go along, to group by. */
static void write_hours(struct ch_h5 *h)
{
    int32_t hour[HOURS], of_day[HOURS];
    uint8_t weekday[HOURS];
    for (int i = 0; i < HOURS; i++) {
        hour[i] = i;
        of_day[i] = i % 24;
        weekday[i] = (uint8_t)(i / 24);
    }
    ch_h5_dim(h, "time", CH_H5_I32, HOURS, hour, "h", "hour of the week, from Monday 00:00");
    ch_h5_array(h, "hour", "time", CH_H5_I32, of_day, "h", "hour of the day");
    ch_h5_array(h, "weekday", "time", CH_H5_U8, weekday, NULL, "day of the week");
    ch_h5_note_flags(h, 7, "monday tuesday wednesday thursday friday saturday sunday");
}

static void write_map(struct ch_h5 *h, struct maps *m, const struct ch_probe *row)
{
    const struct ch_results *r = m->r;
    size_t n_panels = (size_t)r->n_points * r->n_policies * (m->full ? r->n_replications : 1);
    bool narrow = fits_narrow(m, n_panels, (size_t)HOURS * r->city->n_nodes);
    ch_h5_panels(h, row->name, m->full ? "point policy replication time y x" : "point policy time y x", narrow, panel_of, m,
                 row->unit, row->doc);
    ch_h5_note_text(h, "cell_methods", m->full ? "time: sum" : "time: sum replication: sum");
    if (row->scale < 1 || row->scale > 1)
        ch_h5_note_f64(h, "scale_factor", row->scale);
    ch_write_kpi_number(h, row->kpi);
}

static void write_all(struct ch_h5 *h, struct maps *m)
{
    const struct ch_results *r = m->r;
    const struct ch_probe_list *probes = ch_results_probes(r);
    ch_h5_group(h, "fields",
                m->full ? "maps of each run by hour of the week" : "maps by hour of the week, summed over replications");
    ch_write_points(h, r);
    ch_write_policies(h, r);
    if (m->full)
        ch_write_replications(h, r);
    write_hours(h);
    write_metres(h, "y", "Y", "distance to the north of the south-west corner", r->city->height, r->city->block_mm);
    write_metres(h, "x", "X", "distance to the east of the south-west corner", r->city->width, r->city->block_mm);
    ch_write_coordinates(h, r, "hour weekday");
    ch_h5_note_i64(h, "n_replications", r->n_replications);
    for (m->probe = 0; m->probe < probes->n; m->probe++)
        if (probes->row[m->probe]->reducer == CH_REDUCE_MAP) {
            write_map(h, m, probes->row[m->probe]);
            m->offset += (size_t)HOURS * r->city->n_nodes;
        }
    ch_h5_group_end(h);
}

/* Maps have one shape; a sweep over the size of the city has none in common. */
static bool one_shape(const struct ch_results *r)
{
    if (r->cities_differ)
        return false;
    for (size_t i = 0; i < (size_t)r->n_points * r->n_policies * r->n_replications; i++)
        if (r->outcome[i].measures.scalar && r->outcome[i].measures.shape.n_nodes != r->city->n_nodes)
            return false;
    return true;
}

void ch_write_fields(struct ch_h5 *h, const struct ch_results *r)
{
    const struct ch_probe_list *probes = ch_results_probes(r);
    struct maps m = {.r = r, .full = r->scenario->maps_full};
    unsigned n = 0;
    for (unsigned i = 0; i < probes->n; i++)
        n += probes->row[i]->reducer == CH_REDUCE_MAP;
    if (n && r->scenario->maps && one_shape(r))
        write_all(h, &m);
}
