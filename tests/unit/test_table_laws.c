/* SPDX-License-Identifier: MIT
 * What the rows of all models owe to each other and to their readers: the KPIs that scripts rely on exist under their names and
 * K-numbers, no two decisions share a random stream, and assumed defaults lie within their own ranges, lists included.
 * The laws of single rows are in src/table/check.c, and broken one by one in test_table.c. */
#include "../runner.h"
#include "output/results.h"
#include "probe/probe.h"
#include "table/table.h"
#include "table/vocabulary.h"
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(no_breach)
{
    struct ch_text text = {0};
    unsigned breaches = ch_table_check(&text);
    ck_assert_msg(breaches == 0, "%s", text.s);
    ch_text_fini(&text);
}
END_TEST

/* ---- names that users and scripts rely on ------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int k;
} kpis[] = {{"net_sales", 1},
            {"incremental_sales", 2},
            {"cannibalisation", 3},
            {"footfall", 4},
            {"capture_rate", 4},
            {"street_to_store_rate", 5},
            {"controlled_impulse_share", 6},
            {"conversion_rate", 7},
            {"detection_probability", 10},
            {"detection_latency_mean", 10},
            {"detection_latency_p95", 10},
            {"opportunities_to_see", 11},
            {"notice_rate", 11},
            {"attention_index", 11},
            {"interaction_rate", 12},
            {"sales_per_1000_ots", 12},
            {"consent_share_0", 13},
            {"consent_share_1", 13},
            {"consent_share_2", 13},
            {"consent_share_3", 13},
            {"compliance_rate", 14},
            {"relevance_mean", 16},
            {"unwanted_per_person_week", 17},
            {"opt_outs_per_1000_person_days", 17},
            {"messages_sent", 19},
            {"messages_delivered", 19},
            {"messages_opened", 19},
            {"messages_redeemed", 19},
            {"data_points_per_person_day", 20},
            {"reads_without_consent", 20},
            {"reads_refused", 20},
            {"wish_fulfilment_rate", 23},
            {"fulfilled_at_origin_share", 24},
            {"fulfilled_at_partner_share", 24},
            {"commission_paid", 28},
            {"commission_received", 28},
            {"delivery_time_mean", 31},
            {"delivery_time_p95", 31},
            {"delivery_time_p50", 31},
            {"equilibrium_commission", 30},
            {"stable_commission_low", 30},
            {"stable_commission_high", 30},
            {"agent_profit", 44},
            {"boredom_attention", 42},
            {"boredom_goodwill", 42},
            {"promise_kept_rate", 32},
            {"pickup_ratio_to_law", 33},
            {"courier_earnings_per_hour", 35},
            {"courier_idle_share", 35},
            {"hhi", 40},
            {"effective_brands", 41},
            {"retail_profit", 44},
            {"sponsor_profit", 44},
            {"policy_cost", 44},
            {"money_imbalance", 44}};

/* K-number of a scalar probe or a derived KPI; -1 if there is none of this name. */
static int number_of(const char *name)
{
    static const struct {
        const char *name;
        int k;
    } derived[] = {
#define X(name, unit, k, doc) {#name, k},
        CH_DERIVED_KPIS(X)
#undef X
    };
    const struct ch_probe_list *list = ch_probe_list();
    for (unsigned i = 0; i < list->n_scalars; i++)
        if (strcmp(list->row[list->scalar[i]]->name, name) == 0)
            return list->row[list->scalar[i]]->kpi;
    for (unsigned i = 0; i < sizeof derived / sizeof derived[0]; i++)
        if (strcmp(derived[i].name, name) == 0)
            return derived[i].k;
    return -1;
}

START_TEST(kpis_keep_their_names_and_numbers)
{
    int k = number_of(kpis[_i].name);
    ck_assert_msg(k >= 0, "no KPI '%s'", kpis[_i].name);
    ck_assert_msg(k == kpis[_i].k, "%s is K%02d, found K%02d", kpis[_i].name, kpis[_i].k, k);
}
END_TEST

START_TEST(an_unknown_kpi_is_not_found) { ck_assert_int_eq(number_of("net_salez"), -1); }
END_TEST

/* ---- random streams ---------------------------------------------------------------------------------------------- */

START_TEST(purposes_are_unique)
{
    static unsigned char used[1 << 16];
    unsigned n = 0;
    memset(used, 0, sizeof used);
    for (unsigned m = 0; m < ch_n_models(); m++)
        for (unsigned d = 0; d < ch_model(m)->n_draws; d++, n++) {
            unsigned purpose = (ch_model_number(m) << 5) + d; /* struct ch_self.first_purpose plus the draw's position */
            ck_assert_uint_lt(purpose, sizeof used);
            ck_assert_msg(!used[purpose], "%s.%s has the stream of another decision", ch_model(m)->name,
                          ch_model(m)->draw[d].name);
            used[purpose] = 1;
        }
    ck_assert_uint_gt(n, 40);
}
END_TEST

/* ---- assumptions ------------------------------------------------------------------------------------------------- */

/* Elements that switch something off, as their rows say, and are no assumption about a size. */
static bool is_switch(const struct ch_param *param, double value)
{
    return strcmp(param->name, "cover") == 0 && strstr(param->doc, "0: made on the spot") && value == 0;
}

/* Elements of a list outside the range of assumption. Where the range is a factor ("as factor") it must hold 1. */
static unsigned strays_of(const struct ch_section *section, const struct ch_param *param)
{
    const struct ch_origin *origin = &param->origin;
    if (strstr(origin->text, "as factor"))
        return !(origin->low <= 1 && 1 <= origin->high);
    unsigned strays = 0;
    char *block = calloc(1, section->size + 1);
    ck_assert_ptr_nonnull(block);
    ch_section_defaults(section, block);
    const struct ch_list *list = (const struct ch_list *)(const void *)(block + param->offset);
    for (int i = 0; i < list->n; i++) {
        if ((list->v[i] >= origin->low && list->v[i] <= origin->high) || is_switch(param, list->v[i]))
            continue;
        fprintf(stderr, "%s.%s: element %d, %g, is outside %g to %g\n", section->path, param->name, i + 1, list->v[i],
                origin->low, origin->high);
        strays++;
    }
    free(block);
    return strays;
}

static unsigned check_assumption(const struct ch_section *section, const struct ch_param *param)
{
    const struct ch_origin *origin = &param->origin;
    if (origin->status != CH_IS_ASSUMED || param->kind == CH_PARAM_CHOICE || param->kind == CH_PARAM_FLAG)
        return 0;
    if (isfinite(origin->low) && isfinite(origin->high) && origin->low < origin->high &&
        (param->kind == CH_PARAM_LIST || (origin->low <= param->def && param->def <= origin->high)))
        return param->kind == CH_PARAM_LIST ? strays_of(section, param) : 0;
    fprintf(stderr, "%s.%s: %g to %g, default %g\n", section->path, param->name, origin->low, origin->high, param->def);
    return 1;
}

START_TEST(assumed_defaults_lie_in_their_ranges)
{
    unsigned strays = 0, n = 0;
    for (unsigned s = 0; s < ch_n_sections(); s++)
        for (unsigned i = 0; i < ch_section(s)->n_params; i++, n++)
            strays += check_assumption(ch_section(s), &ch_section(s)->param[i]);
    for (unsigned b = 0; b < CH_N_POLICY_BLOCKS; b++)
        for (unsigned i = 0; i < ch_policy_section((enum ch_policy_block)b)->n_params; i++)
            strays += check_assumption(ch_policy_section((enum ch_policy_block)b),
                                       &ch_policy_section((enum ch_policy_block)b)->param[i]);
    ck_assert_uint_eq(strays, 0);
    ck_assert_uint_gt(n, 150);
}
END_TEST

/* The ends of a range may be written in percent. */
START_TEST(ends_of_shares_are_taken_in_percent)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ch_n_sections(); i++)
        for (unsigned j = 0; j < ch_section(i)->n_params; j++) {
            const struct ch_param *param = &ch_section(i)->param[j];
            void *block = calloc(1, ch_section(i)->size);
            for (int end = 0; end < 2 && strcmp(param->unit, "share") == 0; end++, n++) {
                char text[40];
                struct ch_misfit why;
                snprintf(text, sizeof text, "%.7g %%", 100 * (end ? param->max : param->min));
                bool taken = param->kind == CH_PARAM_LIST ? ch_param_set_element(param, block, 0, text, strlen(text), &why)
                                                          : ch_param_set(param, block, text, strlen(text), &why);
                ck_assert_msg(taken, "%s.%s: %s", ch_section(i)->path, param->name, why.found);
            }
            free(block);
        }
    ck_assert_uint_gt(n, 100);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, no_breach);
    tcase_add_test(all, ends_of_shares_are_taken_in_percent);
    tcase_add_loop_test(all, kpis_keep_their_names_and_numbers, 0, (int)(sizeof kpis / sizeof kpis[0]));
    tcase_add_test(all, an_unknown_kpi_is_not_found);
    tcase_add_test(all, purposes_are_unique);
    tcase_add_test(all, assumed_defaults_lie_in_their_ranges);
}

int main(void) { return run_tests("laws of all tables", add_tests); }
