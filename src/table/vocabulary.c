/* SPDX-License-Identifier: MIT
 * Rows of the policy file. */
#include "table/vocabulary.h"
#include "table/table.h"

#define COUNT(rows) (unsigned)(sizeof(rows) / sizeof(rows)[0])

#define CH_ROW_STRUCT struct ch_cost_params
static const struct ch_param cost_rows[] = {CH_COST_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_asks_params
static const struct ch_param asks_rows[] = {CH_ASKS_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_caps_params
static const struct ch_param caps_rows[] = {CH_CAPS_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_rule_params
static const struct ch_param rule_rows[] = {CH_RULE_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT
#define CH_ROW_STRUCT struct ch_outputs_params
static const struct ch_param outputs_rows[] = {CH_OUTPUTS_ROWS(CH_PARAM_ROW)};
#undef CH_ROW_STRUCT

static const struct ch_section sections[CH_N_POLICY_BLOCKS] = {
#define X(name_, path_, title_, ROWS) \
    [CH_BLOCK_##name_] = {path_, title_, name_##_rows, COUNT(name_##_rows), sizeof(struct ch_##name_##_params), NULL},
    CH_POLICY_BLOCKS(X)
#undef X
};

const struct ch_section *ch_policy_section(enum ch_policy_block block)
{
    CH_REQUIRE(block < CH_N_POLICY_BLOCKS);
    return &sections[block];
}

/* What a condition may compare each fact with, in the fact's unit. */
#define RANGE_hour           .min = 0, .max = 24
#define RANGE_weekday        .min = 0, .max = 6
#define RANGE_sale_week      .min = 0, .max = 60
#define RANGE_markdown       .min = 0, .max = 1
#define RANGE_temperature    .min = -60, .max = 60
#define RANGE_rain           .min = 0, .max = 1
#define RANGE_weather_fit    .min = 0, .max = 1
#define RANGE_crowd          .min = 0, .max = 1e6
#define RANGE_distance       .min = 0, .max = 1e6
#define RANGE_walk_time      .min = 0, .max = 1e4
#define RANGE_in_stock       .min = 0, .max = 1
#define RANGE_open           .min = 0, .max = 1
#define RANGE_consent        .min = 0, .max = 3
#define RANGE_context_score  .min = 0, .max = 1
#define RANGE_messages_today .min = 0, .max = 250 /* phones count so far */
#define RANGE_wish_match     .min = 0, .max = 1
#define RANGE_wish_age       .min = 0, .max = 3650
#define RANGE_affinity       .min = 0, .max = 1
#define RANGE_net_value      .min = -1e6, .max = 1e6
#define RANGE_month          .min = 1, .max = 12
#define RANGE_season         .min = 0, .max = 100
#define RANGE_east           .min = 0, .max = 1e6
#define RANGE_north          .min = 0, .max = 1e6
#define RANGE_waiting        .min = 0, .max = 1
#define RANGE_cluster        .min = 0, .max = 64
#define RANGE_commerciality  .min = 0, .max = 1e6
#define RANGE_same_cluster   .min = 0, .max = 1
#define RANGE_partner        .min = 0, .max = 1e4
#define RANGE_event          .min = 0, .max = 1
#define RANGE_tier           .min = 0, .max = 20
#define RANGE_points         .min = 0, .max = 1e9
#define RANGE_just_visited   .min = 0, .max = 1e4
#define RANGE_predicted      .min = 0, .max = 1
#define RANGE_arrival        .min = 0, .max = 1e4
#define RANGE_life_event     .min = 0, .max = 365
#define RANGE_permitted      .min = 0, .max = 1

const struct ch_param *ch_fact_row(enum ch_fact fact)
{
    static const struct ch_param rows[] = {
#define X(name_, unit_, level_, doc_) \
    {.name = #name_, .kind = CH_PARAM_F64, RANGE_##name_, .unit = unit_, .doc = doc_, .origin = CH_CHOSEN("the policy decides")},
        CH_FACTS(X)
#undef X
    };
    CH_REQUIRE(fact < CH_N_FACTS);
    return &rows[fact];
}

int ch_fact_level(enum ch_fact fact)
{
    static const int level[] = {
#define X(name_, unit_, level_, doc_) level_,
        CH_FACTS(X)
#undef X
    };
    CH_REQUIRE(fact < CH_N_FACTS);
    return level[fact];
}

int ch_subject_level(enum ch_subject subject) { return subject == CH_SUBJECT_wish ? 2 : subject == CH_SUBJECT_affinity ? 3 : 0; }

const char *const ch_compare_words[] = {
    [CH_AT_LEAST] = ">=", [CH_AT_MOST] = "<=", [CH_EQUAL] = "=", [CH_ABOVE] = ">", [CH_BELOW] = "<",
};
