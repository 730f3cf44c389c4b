/* SPDX-License-Identifier: MIT
 * K30, the equilibrium commission: formed over the design points of a sweep of the pool's commission, all other keys being as
 * at the point in hand. Undefined without such a sweep, or where the game of joining is not played.
 *   equilibrium_commission        the rate with the largest profit on wishes, in each replication; the lowest of equals
 *   stable_commission_low, _high  the lowest and the highest rate at which nine runs in ten end with nine tenths of the value
 *                                 of all wishes held by members */
#include "output/results_inside.h"
#include <math.h>
#include <string.h>

/* The points that differ from one in the commission only: first, first + step, ... */
struct siblings {
    const struct ch_axis *axis;
    unsigned first, step;
};

static struct siblings siblings_of(const struct ch_scenario *s, unsigned point)
{
    struct siblings of = {.step = 1};
    for (unsigned a = s->n_axes; a-- > 0;) {
        if (strcmp(s->axis[a].key, "wishlist.pool.commission") == 0 && s->axis[a].n > 1) {
            of.axis = &s->axis[a];
            of.first = point - point / of.step % of.axis->n * of.step;
            break;
        }
        of.step *= s->axis[a].n;
    }
    return of;
}

static double best_rate(const struct ch_results *r, const struct siblings *of, unsigned profit, unsigned coverage,
                        unsigned policy, unsigned i)
{
    double best = NAN, most = -INFINITY;
    for (unsigned k = 0; k < of->axis->n; k++) {
        unsigned point = of->first + k * of->step;
        double value = ch_results_value(r, profit, point, policy)[i];
        if (isnan(value) || isnan(ch_results_value(r, coverage, point, policy)[i]))
            return (double)NAN;
        if (value > most || (value >= most && of->axis->number[k] < best)) {
            most = value;
            best = of->axis->number[k];
        }
    }
    return best;
}

static bool is_stable(const double *coverage, unsigned n)
{
    unsigned runs = 0, full = 0;
    for (unsigned i = 0; i < n; i++) {
        runs += isnan(coverage[i]) ? 0 : 1;
        full += coverage[i] >= 0.9 ? 1 : 0;
    }
    return runs > 0 && 10 * full >= 9 * runs;
}

static void form(struct ch_results *r, const unsigned in[2], const unsigned out[3], unsigned point, unsigned policy)
{
    struct siblings of = siblings_of(r->scenario, point);
    double low = NAN, high = NAN;
    for (unsigned k = 0; of.axis && k < of.axis->n; k++) {
        double rate = of.axis->number[k];
        if (!is_stable(ch_results_value(r, in[1], of.first + k * of.step, policy), r->n_replications))
            continue;
        low = rate < low || isnan(low) ? rate : low;
        high = rate > high || isnan(high) ? rate : high;
    }
    for (unsigned i = 0; i < r->n_replications; i++) {
        ch_results_value(r, out[0], point, policy)[i] = of.axis ? best_rate(r, &of, in[0], in[1], policy, i) : (double)NAN;
        ch_results_value(r, out[1], point, policy)[i] = low;
        ch_results_value(r, out[2], point, policy)[i] = high;
    }
}

void ch_results_equilibrium(struct ch_results *r)
{
    const unsigned in[2] = {ch_results_find_kpi(r, "pool_profit"), ch_results_find_kpi(r, "pool_coverage")},
                   out[3] = {ch_results_find_kpi(r, "equilibrium_commission"), ch_results_find_kpi(r, "stable_commission_low"),
                             ch_results_find_kpi(r, "stable_commission_high")};
    for (unsigned point = 0; point < r->n_points && in[0] < r->n_kpis && in[1] < r->n_kpis; point++)
        for (unsigned policy = 0; policy < r->n_policies; policy++)
            form(r, in, out, point, policy);
}
