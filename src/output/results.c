/* SPDX-License-Identifier: MIT
 * From the outcomes of all runs to KPIs, fingerprint and hash. Runs that are missing (an interrupted program) are NaN. */
#include "output/results.h"
#include "base/text.h"
#include "output/log_inside.h"
#include "output/results_inside.h"
#include "table/table.h"
#include <chaland/assert.h>
#include <chaland/rng.h>
#include <chaland/settings.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct ch_probe_list *ch_results_probes(const struct ch_results *results)
{
    return results->probes ? results->probes : ch_probe_list();
}

struct ch_outcome *ch_results_outcome(const struct ch_results *r, unsigned point, unsigned policy, unsigned replication)
{
    return &r->outcome[((size_t)point * r->n_policies + policy) * r->n_replications + replication];
}

/* ---- KPIs ---- */

static const struct ch_kpi derived[] = {
#define X(name, unit, k, doc) {#name, unit, doc, k},
    CH_DERIVED_KPIS(X)
#undef X
};

enum { N_DERIVED = sizeof derived / sizeof derived[0] };

static enum ch_code list_kpis(struct ch_results *results, struct ch_error *error)
{
    const struct ch_probe_list *probes = ch_results_probes(results);
    struct ch_kpi *kpi = calloc(probes->n_scalars + (size_t)N_DERIVED, sizeof *kpi);
    if (!kpi)
        return ch_fail(error, CH_TOO_BIG, "out of memory for the list of KPIs");
    for (unsigned i = 0; i < probes->n_scalars; i++) {
        const struct ch_probe *row = probes->row[probes->scalar[i]];
        kpi[i] = (struct ch_kpi){row->name, row->unit, row->doc, row->kpi};
    }
    memcpy(kpi + probes->n_scalars, derived, sizeof derived);
    results->kpi = kpi;
    results->n_kpis = probes->n_scalars + N_DERIVED;
    return CH_OK;
}

unsigned ch_results_find_kpi(const struct ch_results *results, const char *name)
{
    unsigned i = 0;
    while (i < results->n_kpis && strcmp(results->kpi[i].name, name) != 0)
        i++;
    return i;
}

static void fill_scalars(struct ch_results *r)
{
    unsigned n_scalars = r->n_kpis - N_DERIVED;
    for (unsigned k = 0; k < r->n_kpis; k++)
        for (unsigned point = 0; point < r->n_points; point++)
            for (unsigned policy = 0; policy < r->n_policies; policy++)
                for (unsigned i = 0; i < r->n_replications; i++) {
                    const double *scalar = ch_results_outcome(r, point, policy, i)->measures.scalar;
                    ch_results_value(r, k, point, policy)[i] = scalar && k < n_scalars ? scalar[k] : (double)NAN;
                }
}

/* Gain of one KPI over the baseline in one replication; NaN if there is no such KPI. */
static double gain(const struct ch_results *r, unsigned kpi, unsigned point, unsigned policy, unsigned replication)
{
    if (kpi == r->n_kpis)
        return (double)NAN;
    double d = ch_results_value(r, kpi, point, policy)[replication] -
               ch_results_value(r, kpi, point, r->scenario->baseline)[replication];
    return isnan(d) ? (double)NAN : d;
}

/* K03 for one policy: 1 - gain of the city / gain of the sponsors, both summed over replications, since a ratio of single
 * differences is mostly noise. Kept as jackknife pseudo-values, whose mean and t-interval are those of the ratio; undefined where
 * the sponsors gain nothing, with all or with one replication left out. */
static void derive_cannibalisation(struct ch_results *r, unsigned net, unsigned sponsor, unsigned point, unsigned policy,
                                   double *out)
{
    unsigned n = r->n_replications;
    double city = 0, own = 0;
    bool defined = n > 1;
    for (unsigned i = 0; i < n; i++) {
        city += gain(r, net, point, policy, i);
        own += gain(r, sponsor, point, policy, i);
    }
    for (unsigned i = 0; i < n; i++)
        defined = defined && own > 0 && own - gain(r, sponsor, point, policy, i) > 0;
    for (unsigned i = 0; i < n; i++) {
        double without = (city - gain(r, net, point, policy, i)) / (own - gain(r, sponsor, point, policy, i));
        out[i] = defined ? n * (1 - city / own) - (n - 1.0) * (1 - without) : (double)NAN;
    }
}

/* KPIs of which the welfare score is made. */
enum { SURPLUS, INTENTIONS, PROFIT, COURIERS, UNWANTED, N_PARTS };

/* K55 of one run. The surplus is a mean per intention to buy: it counts for as many of them as the baseline has, since a need
 * that an offer has met is no loss. */
static double welfare(const struct ch_results *r, const unsigned part[N_PARTS], unsigned point, unsigned policy, unsigned i)
{
    const struct ch_welfare_params *weight = CH_BLOCK(r->scenario, welfare);
    const struct ch_run_params *run = CH_BLOCK(r->scenario, run);
    double people = r->people ? r->people[point] : r->city->n_people, weeks = (double)run->duration / (double)(7 * CH_DAY);
    double value[N_PARTS];
    for (unsigned k = 0; k < N_PARTS; k++)
        value[k] = ch_results_value(r, part[k], point, k == INTENTIONS ? r->scenario->baseline : policy)[i];
    return weight->surplus * value[SURPLUS] * value[INTENTIONS] + weight->profit * value[PROFIT] +
           weight->couriers * value[COURIERS] - weight->intrusion * value[UNWANTED] * people * weeks;
}

/* Undefined when a part is not measured, or when the weights themselves vary between points. */
static void derive_welfare(struct ch_results *r)
{
    static const char *const name[N_PARTS] = {"consumer_surplus", "shopping_intentions", "retail_profit", "courier_profit",
                                              "unwanted_per_person_week"};
    unsigned part[N_PARTS], score = ch_results_find_kpi(r, "welfare_score");
    bool defined = true;
    for (unsigned k = 0; k < N_PARTS; k++) {
        part[k] = ch_results_find_kpi(r, name[k]);
        defined = defined && part[k] < r->n_kpis;
    }
    for (unsigned a = 0; a < r->scenario->n_axes; a++)
        defined = defined && r->scenario->axis[a].section != CH_SET_welfare;
    for (unsigned point = 0; point < r->n_points; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++)
            for (unsigned i = 0; i < r->n_replications; i++)
                ch_results_value(r, score, point, policy)[i] = defined ? welfare(r, part, point, policy, i) : (double)NAN;
}

/* Of two daily tables the one over the other, in seven days from `day` on. */
static double week_of(const struct ch_measures *m, const unsigned table[2], size_t day)
{
    double sum[2] = {0};
    for (size_t d = day; d < day + 7; d++)
        for (int k = 0; k < 2; k++)
            sum[k] += (double)m->table[table[k]][d];
    return sum[1] > 0 ? sum[0] / sum[1] : (double)NAN;
}

/* K42: first against last counted week of each run. Days of the warm-up have cells, too. */
static void derive_fall(struct ch_results *r, const char *name, const char *over, const char *kpi)
{
    const struct ch_run_params *run = CH_BLOCK(r->scenario, run);
    const struct ch_probe_list *probes = ch_results_probes(r);
    size_t first = (size_t)(run->warmup / CH_DAY), days = (size_t)(run->duration / CH_DAY);
    unsigned table[2] = {probes->n, probes->n}, out = ch_results_find_kpi(r, kpi);
    for (unsigned i = 0; i < probes->n; i++) {
        table[0] = strcmp(probes->row[i]->name, name) ? table[0] : i;
        table[1] = strcmp(probes->row[i]->name, over) ? table[1] : i;
    }
    for (size_t i = 0; i < (size_t)r->n_points * r->n_policies * r->n_replications; i++) {
        const struct ch_measures *m = &r->outcome[i].measures;
        double fall = NAN;
        if (m->table && table[0] < probes->n && table[1] < probes->n && days >= 14)
            fall = 1 - week_of(m, table, first + days - 7) / week_of(m, table, first);
        ch_results_value(r, out, 0, 0)[i] = isnan(fall) ? (double)NAN : fall;
    }
}

static void derive_boredom(struct ch_results *r)
{
    derive_fall(r, "daily_attention", "daily_viewers", "boredom_attention");
    derive_fall(r, "daily_goodwill", "daily_notices", "boredom_goodwill");
}

static void derive(struct ch_results *r)
{
    unsigned net = ch_results_find_kpi(r, "net_sales"), sponsor = ch_results_find_kpi(r, "sponsor_sales");
    unsigned incremental = ch_results_find_kpi(r, "incremental_sales"), cannibal = ch_results_find_kpi(r, "cannibalisation");
    for (unsigned point = 0; point < r->n_points; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++) {
            for (unsigned i = 0; i < r->n_replications; i++)
                ch_results_value(r, incremental, point, policy)[i] = gain(r, net, point, policy, i);
            derive_cannibalisation(r, net, sponsor, point, policy, ch_results_value(r, cannibal, point, policy));
        }
    derive_welfare(r);
    ch_results_equilibrium(r);
    derive_boredom(r);
}

/* ---- identity ---- */

static void add_number(struct ch_sha256 *sha, uint64_t x)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(x >> (8 * i));
    ch_sha256_add(sha, bytes, sizeof bytes);
}

enum ch_code ch_results_hash(const struct ch_results *r, const char *config_sha256, char out[65], struct ch_error *error)
{
    size_t n = (size_t)r->n_points * r->n_policies * r->n_replications;
    struct ch_sha256 *sha = ch_sha256_begin();
    if (!sha)
        return ch_fail(error, CH_TOO_BIG, "out of memory for hashing the results");
    ch_sha256_add(sha, config_sha256, strlen(config_sha256));
    add_number(sha, r->n_points);
    add_number(sha, r->n_policies);
    add_number(sha, r->n_replications);
    for (size_t i = 0; i < n; i++)
        ch_sha256_add(sha, r->outcome[i].measures.sha256, strlen(r->outcome[i].measures.sha256));
    ch_sha256_end(sha, out);
    return CH_OK;
}

static enum ch_code identify(struct ch_results *r, struct ch_error *error)
{
    r->fingerprint = 0;
    for (size_t i = 0; i < (size_t)r->n_points * r->n_policies * r->n_replications; i++)
        r->fingerprint = ch_mix(r->fingerprint ^ r->outcome[i].fingerprint);
    return ch_results_hash(r, r->scenario->sha256, r->results_sha256, error);
}

/* ---- maps ---- */

enum ch_code ch_results_fold_maps(struct ch_results *results, unsigned point, unsigned policy, unsigned replication,
                                  struct ch_error *error)
{
    CH_REQUIRE(point < results->n_points && policy < results->n_policies && replication < results->n_replications);
    struct ch_measures *m = &ch_results_outcome(results, point, policy, replication)->measures;
    size_t n = m->n_raw - m->n_plain;
    if (n == 0 || (results->scenario->maps_full && results->scenario->maps))
        return CH_OK;
    if (results->scenario->maps) {
        if (!results->map_sum)
            results->map_sum = calloc((size_t)results->n_points * results->n_policies, sizeof *results->map_sum);
        int64_t **sum = results->map_sum ? &results->map_sum[point * results->n_policies + policy] : NULL;
        if (sum && !*sum)
            *sum = calloc(n, sizeof **sum);
        if (!sum || !*sum)
            return ch_fail(error, CH_TOO_BIG, "out of memory: the maps of a policy need %zu MiB", n / 131072 + 1);
        for (size_t i = 0; i < n; i++)
            if (m->raw[m->n_plain + i]) /* cells without counts claim no memory */
                (*sum)[i] += m->raw[m->n_plain + i];
    }
    ch_measures_drop_maps(m);
    return CH_OK;
}

static enum ch_code fold_rest(struct ch_results *r, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    for (unsigned point = 0; point < r->n_points; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++)
            for (unsigned i = 0; i < r->n_replications && !code; i++)
                code = ch_results_fold_maps(r, point, policy, i, error);
    return code;
}

/* ---- the log of moments ---- */

bool ch_results_leave_log(struct ch_results *r, unsigned run)
{
    if (!r->scenario->events || (!r->log && !(r->log = ch_log_create(r->n_points, r->n_policies, r->n_replications))))
        return false; /* out of memory is said when the results are formed */
    struct ch_outcome *o = &r->outcome[run];
    struct ch_story *story = o->story;
    o->story = NULL;
    return ch_log_leave(r->log, run, story, o->n_stories);
}

static enum ch_code finish_log(struct ch_results *r, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    if (!r->scenario->events)
        return CH_OK;
    for (unsigned i = 0; i < r->n_points * r->n_policies * r->n_replications; i++) {
        bool mine = (!r->log || !r->log->run[i].left) && ch_results_leave_log(r, i);
        for (; mine && code == CH_OK; mine = ch_log_more(r->log))
            code = ch_log_pack(r->log, error);
    }
    if (!r->log)
        return ch_fail(error, CH_TOO_BIG, "out of memory for the log of moments");
    return code ? code : ch_log_finish(r->log, error);
}

/* ---- all ---- */

void ch_results_count_parameters(struct ch_results *results)
{
    results->n_parameters = results->n_assumed = 0;
    for (unsigned s = 0; s < ch_n_sections(); s++) {
        const struct ch_section *section = ch_section(s);
        if (!ch_section_in_use(section, results->scenario->block[s]))
            continue;
        results->n_parameters += section->n_params;
        for (unsigned i = 0; i < section->n_params; i++)
            results->n_assumed += section->param[i].origin.status == CH_IS_ASSUMED;
    }
}

enum ch_code ch_results_form(struct ch_results *results, struct ch_error *error)
{
    CH_REQUIRE(results && results->scenario && results->outcome && results->scenario->baseline < results->n_policies);
    enum ch_code code = list_kpis(results, error);
    if (code)
        return code;
    size_t n = (size_t)results->n_kpis * results->n_points * results->n_policies * results->n_replications;
    results->value = calloc(n + 1, sizeof *results->value);
    if (!results->value)
        return ch_fail(error, CH_TOO_BIG, "out of memory: the KPIs need %zu MiB", n / 131072 + 1);
    fill_scalars(results);
    derive(results);
    code = identify(results, error);
    if (code == CH_OK)
        code = fold_rest(results, error);
    return code ? code : finish_log(results, error);
}

void ch_results_fini(struct ch_results *results)
{
    size_t n = (size_t)results->n_points * results->n_policies;
    for (size_t i = 0; results->outcome && i < n * results->n_replications; i++) {
        ch_measures_fini(&results->outcome[i].measures);
        free(results->outcome[i].engine.busy_s);
        free(results->outcome[i].engine.handled);
        free(results->outcome[i].story);
    }
    for (size_t i = 0; results->map_sum && i < n; i++)
        free(results->map_sum[i]);
    free(results->map_sum);
    ch_log_destroy(results->log);
    free(results->outcome);
    free((void *)results->kpi);
    free(results->value);
    *results = (struct ch_results){0};
}
