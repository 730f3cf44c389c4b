/* SPDX-License-Identifier: MIT
 * `chaland calibrate`: turns knobs until the silent city meets its targets, and writes the knobs' values as a scenario that
 * extends the one given. Deterministic: the scenario's own seed, which draws the very city, and fixed rounds. Each target has one
 * knob that moves it almost alone:
 *     purchases of a good per person and month   needs.rate_factor      proportional
 *     visits for a good that buy it              visit.conversion_shift additive in log-odds
 *     trips on foot                              dayplan.mode_intercept additive in log-odds
 * Rounds repeat because they do move each other a little (fewer visits that buy, more visits).
 *
 * The start is calibrated with them: what a run in a plain season (no sales period) shows of needs met and of purchases is
 * taken for the weeks before time 0 (needs.met, visit.sold_before) in the next round, so that the last ones start stationary. */
#define _XOPEN_SOURCE 700
#include "app/campaign.h"
#include "app/json.h"
#include "output/pack.h"
#include "table/table.h"
#include <chaland/numeric.h>
#include <chaland/settings.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 10, SETTLING = 2, PEOPLE = 6000, PERSON_DAYS = 400000, REPLICATIONS_MAX = 16 };

struct knobs {
    double rate[CH_N_GOODS], shift[CH_N_GOODS], intercept;
    double met[CH_N_GOODS], sold[CH_N_GOODS]; /* before time 0 */
    double elasticity; /* of non-food purchases with respect to need rates, as seen so far: needs compete for few trips */
    double last_rate, last_sold; /* of the round before, baskets; 0 at first */
};

struct measured {
    double purchases[CH_N_GOODS], conversion[CH_N_GOODS], met[CH_N_GOODS], walk_share, spend;
};

static const char *const good_name[CH_N_GOODS] = {
#define X(name, doc) #name,
    CH_GOODS(X)
#undef X
};

/* ---- knobs in and out -------------------------------------------------------------------------------------------- */

/* The struct field behind a key, for a LIST or F64; a missing key is a programmer error. */
static const void *field(const struct ch_scenario *scenario, const char *key)
{
    unsigned section, param;
    bool found = ch_param_find(key, &section, &param);
    CH_REQUIRE(found && "calibration turns parameters that exist");
    return (const char *)scenario->block[section] + ch_section(section)->param[param].offset;
}

static struct knobs read_knobs(const struct ch_scenario *scenario)
{
    struct knobs k = {.elasticity = 1};
    const struct ch_list *rate = field(scenario, "needs.rate_factor"), *shift = field(scenario, "visit.conversion_shift"),
                         *met = field(scenario, "needs.met"), *sold = field(scenario, "visit.sold_before");
    memcpy(k.rate, rate->v, sizeof k.rate);
    memcpy(k.shift, shift->v, sizeof k.shift);
    memcpy(k.met, met->v, sizeof k.met);
    memcpy(k.sold, sold->v, sizeof k.sold);
    k.intercept = *(const double *)field(scenario, "dayplan.mode_intercept");
    return k;
}

static void add_list(struct ch_text *out, const double *v)
{
    char number[40];
    for (int i = 0; i < CH_N_GOODS; i++)
        ch_text_addf(out, "%s%s", i ? ", " : "[", ch_print_double(v[i], number, sizeof number));
    ch_text_add(out, "]");
}

/* Four significant digits: more would pretend. */
static double rounded(double v)
{
    char text[40];
    double r = v;
    snprintf(text, sizeof text, "%.4g", v);
    for (char *c = text; *c; c++)
        *c = *c == ',' ? '.' : *c;
    return ch_parse_double(text, strlen(text), &r) ? r : v;
}

/* ---- one round --------------------------------------------------------------------------------------------------- */

/* What the runs are to be: `first` only loads the scenario; `plain` is a season without sales period. */
struct plan {
    bool first, plain;
    double sample;
    int64_t replications;
};

static enum ch_code run_with(const struct ch_args *args, const struct knobs *k, const struct plan *plan, struct ch_campaign *c,
                             struct ch_error *error)
{
    enum { KNOBS = 5, FIXED = 4 };
    static const char *const key[KNOBS - 1] = {"needs.rate_factor", "visit.conversion_shift", "needs.met", "visit.sold_before"};
    const double *const list[KNOBS - 1] = {k->rate, k->shift, k->met, k->sold};
    struct ch_args own = *args;
    struct ch_text set[KNOBS] = {{0}};
    char number[40], share[64];
    for (int i = 0; i < KNOBS - 1; i++) {
        ch_text_addf(&set[i], "%s=", key[i]);
        add_list(&set[i], list[i]);
    }
    ch_text_addf(&set[KNOBS - 1], "dayplan.mode_intercept=%s", ch_print_double(k->intercept, number, sizeof number));
    enum ch_code code = CH_OK;
    if (own.set.n + KNOBS + FIXED > CH_REPEAT_MAX) {
        code = ch_fail(error, CH_INVALID, "too many --set for a calibration");
        goto done;
    }
    own.set.text[own.set.n++] = "policies=[silent]";
    own.set.text[own.set.n++] = "baseline=silent";
    if (plan->sample > 0) {
        snprintf(share, sizeof share, "population.sample=%s", ch_print_double(plan->sample, number, sizeof number));
        own.set.text[own.set.n++] = share;
    }
    if (plan->plain)
        own.set.text[own.set.n++] = "calendar.sales=no";
    for (int i = 0; i < KNOBS && !plan->first; i++)
        own.set.text[own.set.n++] = set[i].s;
    own.replications = plan->replications;
    own.policy = NULL;
    code = ch_campaign_open(&own, c, error);
    if (code == CH_OK && c->n_points > 1)
        code = ch_fail(error, CH_INVALID, "a scenario with a sweep has no single calibration; remove 'sweep'");
    if (code == CH_OK && !plan->first)
        code = ch_campaign_run(c, error);
done:
    for (int i = 0; i < KNOBS; i++)
        ch_text_fini(&set[i]);
    return code;
}

static double kpi_mean(const struct ch_results *r, const char *name)
{
    for (unsigned k = 0; k < r->n_kpis; k++)
        if (strcmp(r->kpi[k].name, name) == 0)
            return ch_mean_interval(ch_results_value(r, k, 0, 0), r->n_replications, 0.95).estimate;
    return NAN;
}

static struct measured measure(const struct ch_campaign *c)
{
    struct measured m;
    char name[64];
    const struct ch_run_params *run = CH_BLOCK(c->at_point[0], run);
    double months = (double)ch_stage_city(c->stage[0])->n_people * ((double)run->duration / (double)CH_DAY) / 30.4375;
    for (int g = 0; g < CH_N_GOODS; g++) {
        snprintf(name, sizeof name, "purchases_%s", good_name[g]);
        m.purchases[g] = kpi_mean(&c->results, name) / months;
        snprintf(name, sizeof name, "conversion_%s", good_name[g]);
        m.conversion[g] = kpi_mean(&c->results, name);
        snprintf(name, sizeof name, "needs_met_%s", good_name[g]);
        m.met[g] = kpi_mean(&c->results, name);
    }
    m.walk_share = kpi_mean(&c->results, "walk_share");
    m.spend = kpi_mean(&c->results, "nonfood_spend_per_person_month");
    return m;
}

static double clamp(double v, double low, double high) { return v < low ? low : v > high ? high : v; }

/* Needs that arrive over purchases aimed at, at most: where few stores can be reached, more needs sell no more. */
#define RATE_MAX 5.0
/* Purses and shelves keep a high conversion a little lower; no log-odds make up for that. */
#define CLOSE_ENOUGH 0.01

/* What purchases and need rates amount to, weighed by baskets. */
static double in_baskets(const struct ch_retail_params *retail, const double *per_good)
{
    double sum = 0;
    for (int g = 0; g < CH_N_NONFOOD; g++)
        sum += per_good[g] * retail->basket.v[g];
    return sum;
}

static void learn_elasticity(const struct ch_retail_params *retail, double sold, struct knobs *k)
{
    double needs[CH_N_GOODS];
    for (int g = 0; g < CH_N_GOODS; g++)
        needs[g] = k->rate[g] * retail->purchases.v[g];
    double rate = in_baskets(retail, needs), step = k->last_rate > 0 ? ch_log(rate / k->last_rate) : 0;
    if ((step > 0.05 || step < -0.05) && k->last_sold > 0 && sold > 0)
        k->elasticity = clamp(ch_log(sold / k->last_sold) / step, 0.3, 1);
    k->last_rate = rate;
    k->last_sold = sold;
}

/* Targets and turning. Purchases are scaled together so that non-food spending meets the budget that the baskets imply,
 * whatever markdowns do to prices. Conversions come first: while they still move, the elasticity means nothing. */
static void turn(const struct ch_scenario *scenario, const struct measured *m, bool settled, struct knobs *k)
{
    const struct ch_retail_params *retail = CH_BLOCK(scenario, retail);
    double sold = in_baskets(retail, m->purchases),
           price = m->spend > 0 && sold > 0 ? m->spend / sold : 1; /* paid per euro of basket */
    if (settled)
        learn_elasticity(retail, sold, k);
    for (int g = 0; g < CH_N_GOODS; g++) {
        double target = retail->purchases.v[g] / (g < CH_N_NONFOOD ? price : 1);
        double ratio = m->purchases[g] > 0 ? clamp(target / m->purchases[g], 0.5, 2) : 2;
        if (settled)
            k->rate[g] = rounded(clamp(k->rate[g] * ch_pow(ratio, 1 / k->elasticity), 0.01, RATE_MAX));
        if (m->conversion[g] > 0.001 && m->conversion[g] < 0.999 &&
            fabs(m->conversion[g] / retail->conversion.v[g] - 1) > CLOSE_ENOUGH)
            k->shift[g] =
                rounded(clamp(k->shift[g] + 0.9 * (ch_logit(retail->conversion.v[g]) - ch_logit(m->conversion[g])), -5, 5));
    }
    if (m->walk_share > 0 && m->walk_share < 1)
        k->intercept = rounded(k->intercept + ch_logit(CH_BLOCK(scenario, population)->walk_share) - ch_logit(m->walk_share));
}

/* The plain season tells how things stood before time 0. What nobody wants or sells stays as it is. */
static void set_start(const struct ch_scenario *scenario, const struct measured *plain, struct knobs *k)
{
    const struct ch_retail_params *retail = CH_BLOCK(scenario, retail);
    for (int g = 0; g < CH_N_GOODS; g++) {
        if (plain->met[g] >= 0)
            k->met[g] = rounded(clamp(plain->met[g], 0, 1));
        if (plain->purchases[g] > 0 && retail->purchases.v[g] > 0)
            k->sold[g] = rounded(clamp(plain->purchases[g] / retail->purchases.v[g], 0, 10));
    }
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Path of `target` as seen from the folder of `from`; both must exist, but for the last part of `from`. */
static void relative_path(const char *from, const char *target, char *out, size_t size)
{
    char here[PATH_MAX], there[PATH_MAX], folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", from);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = 0;
    if (!realpath(slash ? folder : ".", here) || !realpath(target, there)) {
        snprintf(out, size, "%s", target);
        return;
    }
    size_t common = 0;
    for (size_t i = 0; here[i] == there[i] || (!here[i] && there[i] == '/'); i++) {
        if (there[i] == '/')
            common = i + 1;
        if (!here[i])
            break;
    }
    size_t n = 0;
    out[0] = 0;
    for (const char *rest = here + (common <= strlen(here) ? common : strlen(here)); *rest;) {
        n += (size_t)snprintf(out + n, size - n, "../");
        rest += strcspn(rest, "/");
        rest += *rest == '/';
    }
    snprintf(out + n, size - n, "%s", there + common);
}

static void tell(const struct ch_args *args, const struct measured *m, const char *scenario)
{
    printf("{\"schema_version\": 1, \"nonfood_spend_per_person_month\": ");
    ch_json_put_number(stdout, m->spend);
    printf(", \"walk_share\": ");
    ch_json_put_number(stdout, m->walk_share);
    printf(args->output ? ", \"output\": " : ", \"scenario\": ");
    ch_json_put_string(stdout, args->output ? args->output : scenario);
    printf("}\n");
}

static enum ch_code write_scenario(const struct ch_args *args, const struct knobs *k, const struct measured *m,
                                   struct ch_error *error)
{
    struct ch_text out = {0};
    char number[40], parent[PATH_MAX + 32];
    relative_path(args->output ? args->output : "x", args->operand, parent, sizeof parent);
    ch_text_addf(&out,
                 "# Written by `chaland calibrate`. The silent city then sells %.1f EUR of non-food per person and month,\n"
                 "# and %.1f %% of its trips are on foot.\nchaland: 1\nextends: %s\n",
                 m->spend, 100 * m->walk_share, parent);
    ch_text_add(&out, "needs:\n  rate_factor: ");
    add_list(&out, k->rate);
    ch_text_add(&out, "\n  met: ");
    add_list(&out, k->met);
    ch_text_add(&out, "\nvisit:\n  conversion_shift: ");
    add_list(&out, k->shift);
    ch_text_add(&out, "\n  sold_before: ");
    add_list(&out, k->sold);
    ch_text_addf(&out, "\ndayplan:\n  mode_intercept: %s\n", ch_print_double(k->intercept, number, sizeof number));
    enum ch_code code = CH_OK;
    if (out.failed)
        code = ch_fail(error, CH_TOO_BIG, "out of memory for the scenario");
    else if (args->output)
        code = ch_pack_write(args->output, args->force, out.s, out.n, error);
    else if (!args->json)
        fputs(out.s, stdout);
    if (code == CH_OK && args->json)
        tell(args, m, out.s);
    ch_text_fini(&out);
    return code;
}

/* Large cities are sampled; of small ones and short scenarios more replications are run. */
static struct plan plan_of(const struct ch_scenario *scenario)
{
    const struct ch_run_params *run = CH_BLOCK(scenario, run);
    double people = (double)CH_BLOCK(scenario, population)->shoppers, sample = people > PEOPLE ? PEOPLE / people : 1;
    double wanted = PERSON_DAYS / (people * sample * (double)run->duration / (double)CH_DAY);
    return (struct plan){.sample = sample, .replications = (int64_t)clamp(ceil(wanted), 2, REPLICATIONS_MAX)};
}

static enum ch_code run_round(const struct ch_args *args, const struct plan *plan, struct knobs *k, struct measured *own,
                              struct measured *plain, struct ch_error *error)
{
    struct ch_campaign campaign = {0};
    struct plan quiet = *plan;
    quiet.plain = true;
    enum ch_code code = run_with(args, k, plan, &campaign, error);
    if (code == CH_OK)
        *own = measure(&campaign);
    ch_campaign_close(&campaign);
    if (code != CH_OK)
        return code;
    code = run_with(args, k, &quiet, &campaign, error);
    if (code == CH_OK)
        *plain = measure(&campaign);
    ch_campaign_close(&campaign);
    return code;
}

enum ch_code ch_cmd_calibrate(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_campaign campaign = {0};
    struct knobs knobs = {.elasticity = 1};
    struct measured own = {.spend = 0}, plain;
    struct plan plan = {.first = true, .replications = 1};
    enum ch_code code = run_with(args, &knobs, &plan, &campaign, &error);
    if (code == CH_OK && args->output) /* better known now than after the runs */
        code = ch_campaign_target(&campaign, args->output, args->force, &error);
    if (code == CH_OK) {
        knobs = read_knobs(campaign.scenario);
        plan = plan_of(campaign.scenario);
    }
    int64_t rounds = args->rounds > 0 ? args->rounds : ROUNDS;
    for (int64_t round = 0; round < rounds && code == CH_OK; round++) {
        code = run_round(args, &plan, &knobs, &own, &plain, &error);
        if (code == CH_OK && !args->quiet)
            fprintf(stderr, "round %lld: %.2f EUR non-food per person and month, %.2f %% on foot\n", (long long)round + 1,
                    own.spend, 100 * own.walk_share);
        if (code != CH_OK || round + 1 == rounds)
            break;
        turn(campaign.scenario, &own, round >= SETTLING, &knobs);
        set_start(campaign.scenario, &plain, &knobs);
    }
    for (int g = 0; g < CH_N_GOODS && code == CH_OK && !args->quiet; g++)
        if (knobs.rate[g] >= RATE_MAX && own.purchases[g] < 0.95 * CH_BLOCK(campaign.scenario, retail)->purchases.v[g])
            fprintf(stderr, "note: %s sells %.2f times per person and month, not %.2f: too few people come near its stores\n",
                    good_name[g], own.purchases[g], CH_BLOCK(campaign.scenario, retail)->purchases.v[g]);
    ch_campaign_close(&campaign);
    if (code == CH_OK)
        code = write_scenario(args, &knobs, &own, &error);
    if (code != CH_OK && error.text[0])
        ch_cli_fail(args, &error);
    return code;
}
