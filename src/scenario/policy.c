/* SPDX-License-Identifier: MIT
 * A policy's mapping compiled to chaland/policy.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scenario/load.h"

enum { WHAT_MAX = 200, WORDS_MAX = 64 };

static const char *const policy_keys[] = {
#define X(name, doc) #name,
    CH_POLICY_KEYS(X)
#undef X
};

static const char *const fact_names[] = {
#define X(name, unit, level, doc) #name,
    CH_FACTS(X)
#undef X
};

static const struct ch_param *find_row(enum ch_policy_block block, const char *name)
{
    const struct ch_section *section = ch_policy_section(block);
    for (unsigned i = 0; i < section->n_params; i++)
        if (strcmp(section->param[i].name, name) == 0)
            return &section->param[i];
    return NULL;
}

/* Sets rows of a block from a mapping; keys in `beside` are someone else's. */
static void read_rows(struct ch_load *load, enum ch_policy_block block, void *out, const struct ch_yaml *map, const char *what,
                      const char *const *beside, size_t n_beside)
{
    const struct ch_section *section = ch_policy_section(block);
    const char *word[WORDS_MAX];
    size_t n = 0;
    for (; n < section->n_params; n++)
        word[n] = section->param[n].name;
    for (size_t i = 0; i < n_beside; i++)
        word[n++] = beside[i];
    for (unsigned i = 0; i < map->n; i++) {
        const char *key = map->pair[i].key->text;
        const struct ch_param *row = find_row(block, key);
        char name[WHAT_MAX], where[WHAT_MAX];
        bool known = false;
        for (size_t j = 0; j < n_beside; j++)
            known |= strcmp(beside[j], key) == 0;
        snprintf(name, sizeof name, "%.120s of %.70s", key, what);
        snprintf(where, sizeof where, "in %.120s", what);
        if (row)
            ch_load_param(load, row, out, map->pair[i].value, name);
        else if (!known)
            ch_load_unknown_key(load, map->pair[i].key, where, word, n);
    }
}

/* ---- conditions -------------------------------------------------------------------------------------------------- */

static void rule_error(struct ch_load *load, struct ch_mark mark, const char *help, const char *message)
{
    ch_load_error(load, mark, CH_E_RULE, help, "%s", message);
}

/* The longest operator in front of a text; CH_N_COMPARES if there is none. */
static unsigned find_operator(const char *text, size_t *n)
{
    unsigned best = CH_N_COMPARES;
    *n = 0;
    for (unsigned i = 0; i < CH_N_COMPARES; i++) {
        size_t length = strlen(ch_compare_words[i]);
        if (strncmp(text, ch_compare_words[i], length) == 0 && length > *n) {
            best = i;
            *n = length;
        }
    }
    if (best < CH_N_COMPARES && strchr("=<>!", text[*n]) && text[*n])
        best = CH_N_COMPARES;
    return best;
}

static bool has_unit(const char *text)
{
    return strpbrk(text, "abcdfghijklmnopqrstuvwxyzACDFGHIJKLMNOPQRSTUVWXYZ%") != NULL; /* e and E belong to numbers */
}

static bool read_condition(struct ch_load *load, struct ch_condition *condition, enum ch_fact fact, const struct ch_yaml *node)
{
    char what[WHAT_MAX];
    const struct ch_param *fact_row = ch_fact_row(fact);
    snprintf(what, sizeof what, "the test of %s", fact_row->name);
    if (!ch_load_is_text(load, node, what, "an operator and a value, such as \">= 0.3\""))
        return false;
    size_t n, blanks = strspn(node->text, " ");
    unsigned compare = find_operator(node->text + blanks, &n);
    if (compare == CH_N_COMPARES) {
        ch_load_error(load, node->mark, CH_E_RULE, "write it in quotes, such as \">= 1\"",
                      "%s is '%.60s'; allowed: one of >= <= = > < and a value", what, node->text);
        return false;
    }
    const char *value = node->text + blanks + n;
    value += strspn(value, " ");
    struct ch_param row = *fact_row;
    struct ch_misfit why;
    if (strcmp(row.unit, "h") == 0 && !has_unit(value)) /* "hour: >= 9": the name is the unit */
        row.unit = "";
    *condition = (struct ch_condition){.fact = fact, .compare = (enum ch_compare)compare};
    if (ch_param_set(&row, &condition->value, value, strlen(value), &why))
        return true;
    char hint[WHAT_MAX];
    snprintf(hint, sizeof hint, "%s is the %s", row.name, row.doc);
    ch_load_error(load, node->mark, CH_E_VALUE, why.hint[0] ? why.hint : hint, "the value of %s is %s; allowed: %s", row.name,
                  why.found, why.allowed);
    return false;
}

static void add_condition(struct ch_load *load, struct ch_rule *rule, enum ch_fact fact, const struct ch_yaml *node)
{
    struct ch_condition condition;
    if (!read_condition(load, &condition, fact, node))
        return;
    if (rule->n_conditions == CH_CONDITIONS_MAX)
        rule_error(load, node->mark, "split it into several rules", "a rule has at most 12 conditions");
    else
        rule->condition[rule->n_conditions++] = condition;
    if (ch_fact_level(fact) > rule->level)
        rule->level = ch_fact_level(fact);
}

static const char facts_by_theme[] =
    "facts of time: hour, weekday, month, season, sale_week, markdown; of the weather: temperature, rain, weather_fit; "
    "of the way: distance, walk_time, just_visited, predicted, arrival; of the place: east, north, waiting, crowd, cluster, "
    "same_cluster, commerciality, partner, event; of the store: open, in_stock; of the person: consent, permitted, "
    "messages_today, life_event, tier, points, wish_match, wish_age, affinity; scores: context_score, net_value";

static void read_fact(struct ch_load *load, struct ch_rule *rule, const struct ch_pair *pair)
{
    for (unsigned i = 0; i < CH_N_FACTS; i++) {
        if (strcmp(fact_names[i], pair->key->text) != 0)
            continue;
        if (pair->value->kind != CH_YAML_LIST)
            add_condition(load, rule, (enum ch_fact)i, pair->value);
        for (unsigned j = 0; pair->value->kind == CH_YAML_LIST && j < pair->value->n; j++)
            add_condition(load, rule, (enum ch_fact)i, pair->value->item[j]);
        return;
    }
    struct ch_text help = {0};
    const char *near = ch_text_nearest(pair->key->text, fact_names, CH_N_FACTS);
    if (near)
        ch_text_addf(&help, "did you mean '%s'? ", near);
    ch_text_add(&help, facts_by_theme);
    ch_load_error(load, pair->key->mark, CH_E_KEY, help.s, "unknown key '%.80s' among the facts a condition may test",
                  pair->key->text);
    ch_text_fini(&help);
}

/* ---- rules ------------------------------------------------------------------------------------------------------- */

static void read_name(struct ch_load *load, struct ch_rule *rule, const struct ch_yaml *map, unsigned index)
{
    const struct ch_yaml *name = ch_tree_find(map, "name");
    char text[32];
    if (name && ch_load_is_text(load, name, "name of the rule", "a name")) {
        rule->name = name->text;
        return;
    }
    snprintf(text, sizeof text, "rule %u", index + 1);
    rule->name = ch_load_strdup(load, text);
}

static void check_schedule(struct ch_load *load, const struct ch_rule *rule, const struct ch_yaml *map)
{
    const struct ch_pair *per_week = ch_tree_find_pair(map, "per_week");
    if (rule->trigger == CH_TRIGGER_schedule && !(rule->per_week > 0))
        rule_error(load, per_week ? per_week->value->mark : map->mark, "write per_week: 2",
                   "a rule with 'when: schedule' must say how many messages it sends per_week, more than 0");
    if (rule->trigger != CH_TRIGGER_schedule && per_week && rule->per_week > 0)
        rule_error(load, per_week->key->mark, "limit messages with caps:", "'per_week' is for rules with 'when: schedule'");
}

static int64_t basis_points(struct ch_load *load, const struct ch_yaml *map, double share)
{
    double bp = share * 10000;
    const struct ch_yaml *node = ch_tree_find(map, "discount");
    if (node && fabs(bp - round(bp)) > 1e-6)
        ch_load_error(load, node->mark, CH_E_VALUE, "two decimals of a per cent are the finest step",
                      "the discount '%.40s' is not a whole number of basis points (0.01 %%)", node->text);
    return (int64_t)round(bp);
}

static void read_rule(struct ch_load *load, struct ch_rule *rule, const struct ch_yaml *map, unsigned index)
{
    static const char *const beside[] = {"name", "if"};
    struct ch_rule_params row;
    char what[WHAT_MAX];
    snprintf(what, sizeof what, "rule %u", index + 1);
    if (!ch_load_is_map(load, map, what))
        return;
    ch_section_defaults(ch_policy_section(CH_BLOCK_rule), &row);
    read_name(load, rule, map, index);
    read_rows(load, CH_BLOCK_rule, &row, map, what, beside, 2);
    if (!ch_tree_find(map, "when"))
        ch_load_error(load, map->mark, CH_E_MISSING, "write when: beacon, schedule, screen or entrance",
                      "%s does not say when it is set off", what);
    rule->trigger = (enum ch_trigger)row.when;
    rule->per_week = row.per_week;
    rule->channel = (enum ch_channel)row.channel;
    rule->subject = (enum ch_subject)row.about;
    rule->discount_bp = basis_points(load, map, row.discount);
    rule->valid = row.valid;
    rule->level = ch_subject_level(rule->subject);
    check_schedule(load, rule, map);
    const struct ch_yaml *conditions = ch_tree_find(map, "if");
    for (unsigned i = 0;
         conditions && !ch_yaml_is_null(conditions) && ch_load_is_map(load, conditions, "'if'") && i < conditions->n; i++)
        read_fact(load, rule, &conditions->pair[i]);
}

static void read_rules(struct ch_load *load, struct ch_policy *policy, const struct ch_yaml *list)
{
    if (!list || ch_yaml_is_null(list))
        return;
    if (list->kind != CH_YAML_LIST || list->n > CH_RULES_MAX) {
        ch_load_error(load, list->mark, CH_E_FORM, "begin each rule with '- when: ...'",
                      "rules is %s%s; allowed: a list of up to %d rules", ch_yaml_kind_text(list),
                      list->kind == CH_YAML_LIST ? " that is too long" : "", CH_RULES_MAX);
        return;
    }
    struct ch_rule *rule = ch_load_alloc(load, list->n + 1, sizeof *rule);
    for (unsigned i = 0; rule && i < list->n; i++)
        read_rule(load, &rule[i], list->item[i], i);
    if (rule)
        ch_policy_seal(policy, rule, list->n);
}

/* ---- the policy -------------------------------------------------------------------------------------------------- */

/* asks: {benefit: 0.5}, true or {} for the default benefit; false or nothing: never. */
static void read_asks(struct ch_load *load, struct ch_policy *policy, const struct ch_yaml *node)
{
    struct ch_asks_params asks;
    ch_section_defaults(ch_policy_section(CH_BLOCK_asks), &asks);
    bool flag = node && node->kind == CH_YAML_SCALAR && node->plain;
    if (!node || ch_yaml_is_null(node) || (flag && strcmp(node->text, "false") == 0))
        return;
    policy->asks = true;
    if (!(flag && strcmp(node->text, "true") == 0) && ch_load_is_map(load, node, "asks"))
        read_rows(load, CH_BLOCK_asks, &asks, node, "asks", NULL, 0);
    policy->benefit = asks.benefit;
}

static void read_caps(struct ch_load *load, struct ch_policy *policy, const struct ch_yaml *node)
{
    struct ch_caps_params caps;
    ch_section_defaults(ch_policy_section(CH_BLOCK_caps), &caps);
    if (node && !ch_yaml_is_null(node) && ch_load_is_map(load, node, "caps"))
        read_rows(load, CH_BLOCK_caps, &caps, node, "caps", NULL, 0);
    policy->per_visit = (int)caps.visit;
    policy->per_day = (int)caps.day;
    policy->per_retailer_day = (int)caps.retailer_day;
}

const struct ch_policy *ch_load_policy(struct ch_load *load, const struct ch_yaml *map)
{
    struct ch_policy *policy = ch_load_alloc(load, 1, sizeof *policy);
    struct ch_cost_params cost;
    if (!policy)
        return NULL;
    ch_section_defaults(ch_policy_section(CH_BLOCK_cost), &cost);
    const struct ch_yaml *name = ch_tree_find(map, "policy"), *doc = ch_tree_find(map, "doc");
    policy->name = name && ch_load_name(load, name, "policy") ? name->text : "";
    policy->doc = doc && !ch_yaml_is_null(doc) && ch_load_is_text(load, doc, "doc", "a sentence") ? doc->text : "";
    read_rows(load, CH_BLOCK_cost, &cost, map, "this policy", policy_keys, sizeof policy_keys / sizeof policy_keys[0]);
    policy->intrusion_cost = cost.intrusion_cost;
    policy->forced = cost.forced;
    read_asks(load, policy, ch_tree_find(map, "asks"));
    read_caps(load, policy, ch_tree_find(map, "caps"));
    read_rules(load, policy, ch_tree_find(map, "rules"));
    return policy;
}
