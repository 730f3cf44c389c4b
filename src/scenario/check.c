/* SPDX-License-Identifier: MIT
 * Dates, names of key figures, and what no single row can tell: values that contradict each other. */
#include <chaland/date.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

enum { FIRST_YEAR = 1900, LAST_YEAR = 2199, NAMES_MAX = 1024, KPIS_MAX = 64 };

/* ---- start ------------------------------------------------------------------------------------------------------- */

static int digits(const char *s, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        value = value * 10 + (s[i] - '0');
    }
    return value;
}

static bool parse_date(const char *s, size_t n, int64_t *day)
{
    if (n != 10 || s[4] != '-' || s[7] != '-')
        return false;
    int y = digits(s, 4), m = digits(s + 5, 2), d = digits(s + 8, 2);
    if (y < FIRST_YEAR || y > LAST_YEAR || m < 1 || m > 12 || d < 1)
        return false;
    *day = ch_unix_day(y, m, d);
    return ch_date_of(*day).day == d; /* else the month is shorter */
}

void ch_load_start(struct ch_load *load)
{
    const struct ch_yaml *node = ch_tree_find(load->root, "start");
    struct ch_scenario *scenario = load->scenario;
    scenario->start = CH_DEFAULT_START;
    CH_REQUIRE(parse_date(scenario->start, strlen(scenario->start), &scenario->start_unix_day));
    if (!node || !ch_load_is_text(load, node, "start", "a date, YYYY-MM-DD"))
        return;
    scenario->start = node->text;
    if (!parse_date(node->text, node->n, &scenario->start_unix_day))
        ch_load_error(load, node->mark, CH_E_DATE, "write year, month and day: 2013-01-09",
                      "start is '%.40s'; allowed: a day of the calendar from %d-01-01 to %d-12-31", node->text, FIRST_YEAR,
                      LAST_YEAR);
}

/* ---- key figures ------------------------------------------------------------------------------------------------- */

/* Those that the results form of several runs. */
static const char *const formed[] = {"incremental_sales",      "cannibalisation",       "welfare_score",
                                     "equilibrium_commission", "stable_commission_low", "stable_commission_high",
                                     "boredom_attention",      "boredom_goodwill"};
enum { N_FORMED = sizeof formed / sizeof formed[0] };

/* Names of scalar probes of all models, and of the key figures formed of several runs. */
static size_t kpi_names(const char *name[NAMES_MAX])
{
    size_t n = 0;
    for (unsigned i = 0; i < ch_n_models(); i++)
        for (unsigned j = 0; j < ch_model(i)->n_probes && n < NAMES_MAX - N_FORMED; j++)
            if (ch_model(i)->probe[j].reducer <= CH_REDUCE_VALUE)
                name[n++] = ch_model(i)->probe[j].name;
    for (size_t i = 0; i < N_FORMED; i++)
        name[n++] = formed[i];
    return n;
}

static void check_kpi(struct ch_load *load, const struct ch_yaml *node)
{
    const char *name[NAMES_MAX];
    size_t n = kpi_names(name);
    for (size_t i = 0; i < n; i++)
        if (strcmp(name[i], node->text) == 0)
            return;
    if (ch_n_models() == 0)
        return;
    char help[160] = "`chaland explain` lists them";
    const char *near = ch_text_nearest(node->text, name, n);
    if (near)
        snprintf(help, sizeof help, "did you mean '%.100s'?", near);
    ch_load_error(load, node->mark, CH_E_KPI, help, "there is no key figure '%.80s'", node->text);
}

static void read_kpis(struct ch_load *load, const struct ch_yaml *list)
{
    if (list->kind != CH_YAML_LIST || list->n > KPIS_MAX) {
        ch_load_error(load, list->mark, CH_E_FORM, "write [retail_profit, unwanted_per_person_week]",
                      "primary_kpis is %s; allowed: a list of at most %d names",
                      list->kind == CH_YAML_LIST ? "too long a list" : ch_yaml_kind_text(list), KPIS_MAX);
        return;
    }
    const char **name = ch_load_alloc(load, list->n + 1, sizeof *name);
    for (unsigned i = 0; name && i < list->n; i++) {
        if (!ch_load_is_text(load, list->item[i], "a primary key figure", "its name"))
            continue;
        check_kpi(load, list->item[i]);
        name[load->scenario->n_primary] = list->item[i]->text;
        for (unsigned j = 0; j < load->scenario->n_primary; j++)
            if (strcmp(name[j], list->item[i]->text) == 0)
                ch_load_error(load, list->item[i]->mark, CH_E_DUPLICATE, "keep one of them", "key figure '%.80s' is listed twice",
                              name[j]);
        load->scenario->n_primary++;
    }
    load->scenario->primary_kpi = name;
}

void ch_load_kpis(struct ch_load *load)
{
    static const char *const standard[] = {
#define X(name) #name,
        CH_DEFAULT_KPIS(X)
#undef X
    };
    const struct ch_yaml *node = ch_tree_find(load->root, "primary_kpis");
    if (node && !ch_yaml_is_null(node)) {
        read_kpis(load, node);
        return;
    }
    load->scenario->primary_kpi = standard;
    load->scenario->n_primary = sizeof standard / sizeof standard[0];
}

/* ---- contradictions ---------------------------------------------------------------------------------------------- */

/* Where section.key was written; the file as a whole if it was not. */
static struct ch_mark mark_of(const struct ch_load *load, const char *section, const char *key)
{
    const struct ch_yaml *node = load->root && section ? ch_tree_find(load->root, section) : load->root;
    node = ch_tree_find(node, key);
    return node ? node->mark : (struct ch_mark){load->scenario->path, 0, 0, 1};
}

static void check_times(struct ch_load *load)
{
    const struct ch_run_params *run = CH_BLOCK(load->scenario, run);
    if (run->warmup % CH_DAY != 0)
        ch_load_error(load, mark_of(load, NULL, "warmup"), CH_E_CONFLICT, "write warmup: 1 d",
                      "warmup is not a whole number of days");
    /* Handlers plan up to half a year ahead (returns, supplies), and an event holds 48 bits of time. */
    if (run->duration + run->warmup >= CH_TIME_MAX - 200 * CH_DAY)
        ch_load_error(load, mark_of(load, NULL, "duration"), CH_E_CONFLICT, "shorten one of them",
                      "duration and warmup together exceed 3057 days");
    if (run->publish % CH_LOOKAHEAD != 0)
        ch_load_error(load, mark_of(load, NULL, "publish"), CH_E_CONFLICT, "write publish: 30 s",
                      "publish is not a multiple of 10 s");
}

static void check_city(struct ch_load *load)
{
    const struct ch_city_params *city = CH_BLOCK(load->scenario, city);
    if (city->closes <= city->opens)
        ch_load_error(load, mark_of(load, "city", "closes"), CH_E_CONFLICT,
                      "opens and closes are times of day, such as 9.5 h and 19.5 h", "city.closes is not after city.opens");
}

static void check_people(struct ch_load *load)
{
    const struct ch_population_params *population = CH_BLOCK(load->scenario, population);
    double sum = 0;
    for (int i = 0; i < population->privacy.n; i++)
        sum += population->privacy.v[i];
    if (fabs(sum - 1) > 1e-6)
        ch_load_error(load, mark_of(load, "population", "privacy"), CH_E_CONFLICT, "the shares of all people make 1",
                      "the shares of population.privacy sum to %.6g, not to 1", sum);
}

void ch_load_check(struct ch_load *load)
{
    check_times(load);
    check_city(load);
    check_people(load);
}
