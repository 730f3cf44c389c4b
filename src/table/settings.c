/* SPDX-License-Identifier: MIT
 * The rows of chaland/settings.h, compiled. */
#include "table/table.h"

#define COUNT(rows) (unsigned)(sizeof(rows) / sizeof(rows)[0])

#define CH_ROW_STRUCT struct ch_run_params
static const struct ch_param run_rows[] = {CH_RUN_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_city_params
static const struct ch_param city_rows[] = {CH_CITY_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_population_params
static const struct ch_param population_rows[] = {CH_POPULATION_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_devices_params
static const struct ch_param devices_rows[] = {CH_DEVICES_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_retail_params
static const struct ch_param retail_rows[] = {CH_RETAIL_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_welfare_params
static const struct ch_param welfare_rows[] = {CH_WELFARE_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT

static const struct ch_section sections[CH_N_SETTINGS] = {
#define X(name_, path_, ROWS, title_) \
    [CH_SET_##name_] = {path_, title_, name_##_rows, COUNT(name_##_rows), sizeof(struct ch_##name_##_params), NULL},
    CH_SETTINGS(X)
#undef X
};

const struct ch_section *ch_setting_section(enum ch_setting setting)
{
    CH_REQUIRE(setting < CH_N_SETTINGS);
    return &sections[setting];
}
