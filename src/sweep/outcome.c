/* SPDX-License-Identifier: MIT */
#include "sweep/outcome.h"
#include "sim/sim.h"
#include <chaland/rng.h>
#include <stdlib.h>
#include <string.h>

struct ch_whereabouts ch_whereabouts(const struct ch_city *city)
{
    uint64_t h = ch_mix((uint64_t)city->width << 32 | city->height);
    h = ch_mix(h ^ ((uint64_t)city->block_mm << 32 | city->n_retailers));
    for (uint32_t i = 0; i < city->n_stores; i++) {
        h = ch_mix(h ^ ((uint64_t)city->stores[i].node << 32 | city->stores[i].retailer));
        for (const char *c = city->stores[i].id; *c; c++)
            h = ch_mix(h ^ (unsigned char)*c);
    }
    return (struct ch_whereabouts){city->n_people, h};
}

/* ---- the log of moments ------------------------------------------------------------------------------------------ */

static void pack_stories(const struct ch_outcome *outcome, struct ch_bytes *out)
{
    ch_bytes_u64(out, outcome->n_stories);
    for (size_t i = 0; i < outcome->n_stories; i++) {
        const struct ch_story *s = &outcome->story[i];
        const uint32_t word[] = {s->person, s->place, s->store, s->retailer, s->other, s->detail};
        ch_bytes_u64(out, (uint64_t)s->at);
        ch_bytes_u64(out, (uint64_t)s->told);
        ch_bytes_u64(out, s->id);
        ch_bytes_f64(out, s->value);
        ch_bytes_f64(out, s->extra);
        for (size_t k = 0; k < sizeof word / sizeof word[0]; k++)
            ch_bytes_u32(out, word[k]);
        ch_bytes_u32(out, (uint32_t)s->kind | (uint32_t)s->good << 8);
    }
}

enum { STORY_BYTES = 5 * 8 + 7 * 4 };

static void unpack_stories(struct ch_reader *in, struct ch_outcome *outcome)
{
    uint64_t n = ch_read_u64(in);
    in->failed |= n > (uint64_t)(in->end - in->at) / STORY_BYTES;
    outcome->story = n && !in->failed ? calloc(n, sizeof *outcome->story) : NULL;
    in->failed |= n > 0 && !outcome->story;
    for (uint64_t i = 0; i < n && !in->failed; i++) {
        struct ch_story *s = &outcome->story[i];
        s->at = (ch_time)ch_read_u64(in);
        s->told = (ch_time)ch_read_u64(in);
        s->id = ch_read_u64(in);
        s->value = ch_read_f64(in);
        s->extra = ch_read_f64(in);
        s->person = ch_read_u32(in);
        s->place = ch_read_u32(in);
        s->store = ch_read_u32(in);
        s->retailer = ch_read_u32(in);
        s->other = ch_read_u32(in);
        s->detail = ch_read_u32(in);
        uint32_t last = ch_read_u32(in);
        s->kind = (uint8_t)last;
        s->good = (uint8_t)(last >> 8);
    }
    outcome->n_stories = in->failed ? 0 : n;
}

/* ---- measures ---------------------------------------------------------------------------------------------------- */

static void pack_measures(const struct ch_measures *m, struct ch_bytes *out)
{
    unsigned n_scalars = ch_probe_list()->n_scalars;
    const uint32_t shape[] = {m->shape.n_stores, m->shape.n_retailers, m->shape.n_couriers, m->shape.n_days, m->shape.n_nodes};
    for (size_t i = 0; i < sizeof shape / sizeof shape[0]; i++)
        ch_bytes_u32(out, shape[i]);
    ch_bytes_u32(out, m->n_probes);
    ch_bytes_u32(out, n_scalars);
    ch_bytes_u64(out, m->n_raw);
    ch_bytes_u64(out, m->n_plain);
    ch_bytes_add(out, m->sha256, sizeof m->sha256);
    for (unsigned i = 0; i < n_scalars; i++)
        ch_bytes_f64(out, m->scalar[i]);
    ch_bytes_sparse(out, m->raw, m->n_plain);
    ch_bytes_sparse(out, m->raw + m->n_plain, m->n_raw - m->n_plain);
}

/* Where the tables lie in raw: in the order of the probes, maps behind the others. */
static bool find_tables(struct ch_measures *m)
{
    const struct ch_probe_list *list = ch_probe_list();
    size_t plain = 0, map = m->n_plain;
    for (unsigned i = 0; i < list->n; i++) {
        const struct ch_probe *row = list->row[i];
        if (row->reducer == CH_REDUCE_VALUE)
            continue;
        size_t *at = row->reducer == CH_REDUCE_MAP ? &map : &plain;
        bool there = row->reducer > CH_REDUCE_VALUE && *at < m->n_raw;
        m->table[i] = there ? m->raw + *at : NULL;
        *at += ch_probe_cells(row, &m->shape);
    }
    return plain == m->n_plain && (m->n_raw == m->n_plain || map == m->n_raw);
}

enum { CELLS_MAX = 1 << 30 }; /* no run has so many: what says so is no result */

static void unpack_cells(struct ch_reader *in, struct ch_measures *m, int64_t *maps)
{
    size_t n_maps = m->n_raw - m->n_plain;
    m->n_raw = maps ? m->n_plain : m->n_raw;
    m->raw = calloc(m->n_raw + 1, sizeof *m->raw);
    in->failed |= !m->raw;
    if (!in->failed)
        ch_read_sparse(in, m->raw, m->n_plain);
    if (!in->failed)
        ch_read_sparse(in, maps ? maps : m->raw + m->n_plain, n_maps);
}

static void unpack_measures(struct ch_reader *in, struct ch_measures *m, int64_t *maps)
{
    const struct ch_probe_list *list = ch_probe_list();
    m->shape.n_stores = ch_read_u32(in);
    m->shape.n_retailers = ch_read_u32(in);
    m->shape.n_couriers = ch_read_u32(in);
    m->shape.n_days = ch_read_u32(in);
    m->shape.n_nodes = ch_read_u32(in);
    m->n_probes = ch_read_u32(in);
    uint32_t n_scalars = ch_read_u32(in);
    m->n_raw = ch_read_u64(in);
    m->n_plain = ch_read_u64(in);
    const unsigned char *sha = ch_read_bytes(in, sizeof m->sha256);
    in->failed |= m->n_probes != list->n || n_scalars != list->n_scalars || m->n_raw > CELLS_MAX || m->n_plain > m->n_raw;
    if (in->failed)
        return;
    memcpy(m->sha256, sha, sizeof m->sha256);
    m->scalar = calloc(n_scalars + 1u, sizeof *m->scalar);
    m->table = calloc(list->n + 1u, sizeof *m->table);
    in->failed |= !m->scalar || !m->table;
    for (uint32_t i = 0; i < n_scalars && !in->failed; i++)
        m->scalar[i] = ch_read_f64(in);
    unpack_cells(in, m, maps);
    in->failed |= !in->failed && !find_tables(m);
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

void ch_outcome_pack_result(const struct ch_outcome *outcome, struct ch_whereabouts where, struct ch_bytes *out)
{
    ch_bytes_u64(out, outcome->fingerprint);
    ch_bytes_u64(out, outcome->engine.events);
    ch_bytes_u64(out, outcome->engine.sent);
    ch_bytes_u64(out, where.labels);
    ch_bytes_u32(out, where.people);
    pack_measures(&outcome->measures, out);
    pack_stories(outcome, out);
}

void ch_outcome_pack_occasion(const struct ch_outcome *outcome, struct ch_bytes *out)
{
    const struct ch_engine_stats *e = &outcome->engine;
    ch_bytes_f64(out, outcome->wall_s);
    ch_bytes_u32(out, e->workers);
    ch_bytes_u32(out, e->tiles);
    ch_bytes_u64(out, e->windows);
    ch_bytes_u64(out, e->windows_skipped);
    ch_bytes_u64(out, e->pending_peak);
    ch_bytes_u64(out, e->chunk_mallocs);
    ch_bytes_u64(out, e->event_bytes);
    for (unsigned i = 0; i < e->workers; i++) {
        ch_bytes_f64(out, e->busy_s[i]);
        ch_bytes_u64(out, e->handled[i]);
    }
}

/* In front of the scalars: fingerprint and four numbers of pack_result, then shape, counts and hash of pack_measures. */
enum { BEFORE_SCALARS = 3 * 8 + 4 + 7 * 4 + 2 * 8 + 65 };

bool ch_outcome_peek(const unsigned char *result, size_t n, uint64_t *fingerprint, double *scalar)
{
    struct ch_reader in = {result, result + n, false};
    *fingerprint = ch_read_u64(&in);
    ch_read_bytes(&in, BEFORE_SCALARS);
    for (unsigned i = 0; i < ch_probe_list()->n_scalars; i++)
        scalar[i] = ch_read_f64(&in);
    return !in.failed;
}

size_t ch_outcome_maps(const unsigned char *result, size_t n)
{
    struct ch_reader in = {result, result + n, false};
    ch_read_bytes(&in, BEFORE_SCALARS + 8 - 2 * 8 - 65);
    uint64_t n_raw = ch_read_u64(&in), n_plain = ch_read_u64(&in);
    return !in.failed && n_raw <= CELLS_MAX && n_plain <= n_raw ? (size_t)(n_raw - n_plain) : 0;
}

double ch_occasion_wall(const unsigned char *occasion, size_t n, unsigned *workers)
{
    struct ch_reader in = {occasion, occasion + n, false};
    double wall = ch_read_f64(&in);
    *workers = ch_read_u32(&in);
    return in.failed ? 0 : wall;
}

static void unpack_occasion(struct ch_reader *in, struct ch_outcome *outcome)
{
    struct ch_engine_stats *e = &outcome->engine;
    outcome->wall_s = ch_read_f64(in);
    uint32_t workers = ch_read_u32(in);
    e->tiles = ch_read_u32(in);
    e->windows = ch_read_u64(in);
    e->windows_skipped = ch_read_u64(in);
    e->pending_peak = ch_read_u64(in);
    e->chunk_mallocs = ch_read_u64(in);
    e->event_bytes = ch_read_u64(in);
    in->failed |= workers > (size_t)(in->end - in->at) / 16;
    if (in->failed)
        return;
    e->workers = workers;
    e->busy_s = calloc(workers + 1u, sizeof *e->busy_s);
    e->handled = calloc(workers + 1u, sizeof *e->handled);
    in->failed |= !e->busy_s || !e->handled;
    for (unsigned i = 0; i < workers && !in->failed; i++) {
        e->busy_s[i] = ch_read_f64(in);
        e->handled[i] = ch_read_u64(in);
    }
}

bool ch_outcome_unpack(const unsigned char *result, size_t n_result, const unsigned char *occasion, size_t n_occasion,
                       int64_t *maps, struct ch_outcome *outcome, struct ch_whereabouts *where)
{
    struct ch_reader in = {result, result + n_result, false}, then = {occasion, occasion + n_occasion, false};
    memset(outcome, 0, sizeof *outcome);
    outcome->fingerprint = ch_read_u64(&in);
    outcome->engine.events = ch_read_u64(&in);
    outcome->engine.sent = ch_read_u64(&in);
    where->labels = ch_read_u64(&in);
    where->people = ch_read_u32(&in);
    unpack_measures(&in, &outcome->measures, maps);
    if (!in.failed)
        unpack_stories(&in, outcome);
    if (n_occasion)
        unpack_occasion(&then, outcome);
    bool good = !in.failed && !then.failed && in.at == in.end;
    if (!good)
        ch_outcome_fini(outcome);
    return good;
}
