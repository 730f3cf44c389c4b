/* SPDX-License-Identifier: MIT
 * A policy in words: when each rule speaks, to whom, about what, what it looks up and in which order, and what consent that
 * needs. The order is the one in which the messages model settles a rule: see models/messages_look.h. */
#define _POSIX_C_SOURCE 200809L
#include "app/campaign.h"
#include "app/explain.h"
#include "app/json.h"
#include "app/version.h"
#include "table/table.h"
#include "table/vocabulary.h"
#include <stdlib.h>
#include <string.h>

#define X(name, doc) {#name, doc},
static const struct word {
    const char *name, *doc;
} triggers[] = {CH_TRIGGERS(X)}, channels[] = {CH_CHANNELS(X)}, subjects[] = {CH_SUBJECTS(X)};
#undef X

static const char *const level_names[] = {"anonymous", "recognised", "wishlist shared", "history shared"};
static const char *const compare_names[] = {"at least", "at most", "exactly", "more than", "less than"};
_Static_assert(sizeof compare_names / sizeof compare_names[0] == CH_N_COMPARES, "one name per operator");

/* ---- what a rule looks up ---------------------------------------------------------------------------------------- */

struct step {
    const struct ch_condition *condition; /* NULL: what the offer is about */
    int level;                            /* of consent; 0: public */
    bool street;                          /* only at a beacon that belongs to no store */
};
enum { STEPS_MAX = CH_CONDITIONS_MAX + 2 };

/* Must the offer's good, or its store where the trigger leaves it open, be settled before this fact can be known? */
static bool hangs_on_subject(const struct ch_rule *rule, enum ch_fact fact, bool *street)
{
    enum ch_basis basis = ch_fact_basis(fact);
    *street = basis == CH_OF_STORE && rule->trigger == CH_TRIGGER_beacon;
    return basis == CH_OF_OFFER || (basis == CH_OF_STORE && rule->trigger != CH_TRIGGER_entrance);
}

static int step_level(const struct ch_rule *rule, enum ch_fact fact)
{
    bool by_history = fact == CH_FACT_net_value && rule->subject == CH_SUBJECT_affinity;
    return by_history ? ch_subject_level(rule->subject) : ch_fact_level(fact);
}

/* In the order of looking up, with the personal subject where it is first needed; returns how many. */
static unsigned steps_of(const struct ch_rule *rule, struct step step[STEPS_MAX])
{
    unsigned n = 0;
    int level = ch_subject_level(rule->subject);
    bool settled = level == 0, told = settled, street;
    for (unsigned i = 0; i < rule->n_conditions; i++) {
        const struct ch_condition *c = &rule->condition[i];
        if (!settled && hangs_on_subject(rule, c->fact, &street) && !(street && told)) {
            step[n++] = (struct step){.level = level, .street = street};
            settled = !street;
            told = true;
        }
        step[n++] = (struct step){.condition = c, .level = step_level(rule, c->fact)};
    }
    if (!settled)
        step[n++] = (struct step){.level = level};
    return n;
}

/* Is nothing public looked up after something personal? */
static bool public_first(const struct step *step, unsigned n)
{
    bool personal = false, first = true;
    for (unsigned i = 0; i < n; i++) {
        first &= !(personal && step[i].level == 0);
        personal |= step[i].level > 0;
    }
    return first;
}

static const char *step_name(const struct ch_rule *rule, const struct step *step)
{
    if (step->condition)
        return ch_fact_row(step->condition->fact)->name;
    return rule->subject == CH_SUBJECT_wish ? "the open wishes" : "the purchases of the past";
}

static int highest(const struct ch_policy *policy)
{
    int top = 0;
    for (unsigned i = 0; i < policy->n_rules; i++)
        top = policy->rule[i].floor > top ? policy->rule[i].floor : top;
    return top;
}

/* ---- in words ---------------------------------------------------------------------------------------------------- */

static void add_level(int level, struct ch_text *out)
{
    if (level)
        ch_text_addf(out, "level %d (%s)", level, level_names[level]);
    else
        ch_text_add(out, "none");
}

static void add_number(double value, struct ch_text *out)
{
    char number[32];
    ch_text_add(out, ch_print_double(value, number, sizeof number));
}

static void tell_step(const struct ch_rule *rule, const struct step *step, struct ch_text *out)
{
    ch_text_add(out, "      - ");
    if (step->condition) {
        const struct ch_param *fact = ch_fact_row(step->condition->fact);
        ch_text_addf(out, "%s %s ", fact->name, compare_names[step->condition->compare]);
        ch_param_print_number(fact, step->condition->value, out);
        ch_text_addf(out, " (%s)", fact->doc);
    } else {
        ch_text_addf(out, "%s are looked up, since the offer is about them", step_name(rule, step));
    }
    if (step->level)
        ch_text_addf(out, ": personal, level %d", step->level);
    ch_text_add(out, step->street ? ", here only at a beacon that belongs to no store\n" : "\n");
}

static void tell_steps(const struct ch_rule *rule, struct ch_text *out)
{
    struct step step[STEPS_MAX];
    unsigned n = steps_of(rule, step);
    if (!n) {
        ch_text_add(out, "    if:      no condition\n    reads:   nothing at all\n");
        return;
    }
    ch_text_add(out, "    if all of these hold, looked up in this order, no further than the first that does not:\n");
    for (unsigned i = 0; i < n; i++)
        tell_step(rule, &step[i], out);
    ch_text_add(out, "    reads:   ");
    unsigned personal = 0;
    for (unsigned i = 0; i < n; i++)
        if (step[i].level && !step[i].street) /* the same wish or history comes again */
            ch_text_addf(out, "%s%s (level %d)", personal++ ? ", " : "", step_name(rule, &step[i]), step[i].level);
    ch_text_add(out, !personal               ? "nothing personal\n"
                     : public_first(step, n) ? "; every public fact is looked up before\n"
                                             : "; public facts come first, but those that hang on what the offer is about\n");
}

static void tell_offer(const struct ch_rule *rule, struct ch_text *out)
{
    ch_text_addf(out, "    about:   %s: %s\n    with:    ", subjects[rule->subject].name, subjects[rule->subject].doc);
    if (rule->discount_bp) {
        ch_text_add(out, "a coupon of ");
        add_number((double)rule->discount_bp / 100, out);
        ch_text_add(out, " % off, good for ");
    } else {
        ch_text_add(out, "no discount; the offer holds for ");
    }
    add_number((double)rule->valid / (double)CH_HOUR, out);
    ch_text_add(out, " h from sending\n");
}

static void tell_audience(const struct ch_rule *rule, struct ch_text *out)
{
    if (!rule->floor)
        ch_text_add(out, "    to:      everyone with the app\n");
    else
        ch_text_addf(out, "    to:      people with the app whose consent with the sender is level %d (%s) or more\n",
                     rule->floor, level_names[rule->floor]);
}

static void tell_rule(const struct ch_rule *rule, unsigned index, struct ch_text *out)
{
    ch_text_addf(out, "  rule %u, %s\n    when:    %s: %s", index + 1,
                 rule->name && rule->name[0] ? rule->name : "without a name", triggers[rule->trigger].name,
                 triggers[rule->trigger].doc);
    if (rule->trigger == CH_TRIGGER_schedule) {
        ch_text_add(out, "; here ");
        add_number(rule->per_week, out);
    }
    ch_text_add(out, "\n");
    tell_audience(rule, out);
    ch_text_addf(out, "    through: %s: %s\n", channels[rule->channel].name, channels[rule->channel].doc);
    tell_offer(rule, out);
    tell_steps(rule, out);
    ch_text_add(out, "    consent needed: ");
    add_level(rule->floor, out);
    ch_text_add(out, rule->floor > rule->level ? ", which a condition asks for; what it reads needs less\n" : "\n");
}

static void tell_caps(const struct ch_policy *policy, struct ch_text *out)
{
    const struct {
        int most;
        const char *per;
    } cap[] = {
        {policy->per_visit, "visit or walk"}, {policy->per_day, "day"}, {policy->per_retailer_day, "day from one retailer"}};
    bool any = false;
    for (unsigned i = 0; i < sizeof cap / sizeof cap[0]; i++) {
        if (cap[i].most)
            ch_text_addf(out, "%s%d a %s", any ? ", " : "  caps:    a person gets at most ", cap[i].most, cap[i].per);
        any |= cap[i].most > 0;
    }
    ch_text_add(out, any ? "\n" : "  caps:    none\n");
}

static void tell_level_of(int level, unsigned rule, struct ch_text *out)
{
    if (level)
        ch_text_addf(out, "; level %d for rule %u", level, rule);
    else
        ch_text_addf(out, "; none for rule %u", rule);
}

/* What it needs in all: the levels, and the rules that need them. */
static void tell_needs(const struct ch_policy *policy, struct ch_text *out)
{
    int top = highest(policy);
    ch_text_add(out, "  consent needed: ");
    add_level(top, out);
    for (int level = 0; level <= 3 && policy->n_rules > 1 && top; level++) {
        unsigned n = 0;
        for (unsigned i = 0; i < policy->n_rules; i++)
            if (policy->rule[i].floor == level)
                n++ ? ch_text_addf(out, " and %u", i + 1) : tell_level_of(level, i + 1, out);
    }
    ch_text_add(out, "\n");
    if (top && !policy->asks)
        ch_text_add(out, "           it never asks, so that it reaches only those who have consented of themselves\n");
}

void ch_explain_policy(const struct ch_policy *policy, struct ch_text *out)
{
    ch_text_addf(out, "%s, a policy\n  %s\n", policy->name, policy->doc ? policy->doc : "");
    if (policy->asks) {
        ch_text_add(out, "  consent: asks for it, promising a benefit of ");
        add_number(100 * policy->benefit, out);
        ch_text_add(out, " %, when a person with the app enters a store, once a visit\n");
    } else {
        ch_text_add(out, "  consent: never asks for it\n");
    }
    if (policy->forced)
        ch_text_add(
            out, "  FORCED:  it ignores consent, as if everybody were recognised against their will: a stress test, which runs\n"
                 "           only where the scenario says allow_forced: true, and is marked in every result\n");
    tell_needs(policy, out);
    tell_caps(policy, out);
    if (ch_policy_tests(policy, CH_FACT_net_value)) {
        ch_text_add(out, "  cost:    an unwanted message counts ");
        add_number(policy->intrusion_cost, out);
        ch_text_add(out, " EUR in net_value\n");
    }
    if (!policy->n_rules)
        ch_text_add(out, "  rules: none, it sends nothing\n");
    else
        ch_text_add(out,
                    "  rules:   tried in this order when something sets them off; the first that fires speaks, and no other\n"
                    "           until its message has landed, where consent is checked again\n");
    for (unsigned i = 0; i < policy->n_rules; i++)
        tell_rule(&policy->rule[i], i, out);
}

/* ---- as JSON ----------------------------------------------------------------------------------------------------- */

static void put_field(const char *key, const char *value)
{
    printf(", \"%s\": ", key);
    ch_json_put_string(stdout, value);
}

static void put_real(const char *key, double value)
{
    printf(", \"%s\": ", key);
    ch_json_put_number(stdout, value);
}

static void put_step(const struct ch_rule *rule, const struct step *step)
{
    printf("{\"level\": %d, \"street_beacons_only\": %s", step->level, step->street ? "true" : "false");
    put_field("reads", step_name(rule, step));
    if (step->condition) {
        put_field("unit", ch_fact_row(step->condition->fact)->unit);
        put_field("compare", ch_compare_words[step->condition->compare]);
        put_real("value", step->condition->value);
    }
    printf("}");
}

static void put_rule(const struct ch_rule *rule)
{
    struct step step[STEPS_MAX];
    unsigned n = steps_of(rule, step);
    printf("{\"consent_needed\": %d", rule->floor);
    put_field("name", rule->name);
    put_field("when", triggers[rule->trigger].name);
    if (rule->trigger == CH_TRIGGER_schedule)
        put_real("per_week", rule->per_week);
    put_field("channel", channels[rule->channel].name);
    put_field("about", subjects[rule->subject].name);
    put_real("discount", (double)rule->discount_bp / 10000);
    put_real("valid_h", (double)rule->valid / (double)CH_HOUR);
    printf(", \"public_first\": %s, \"looks_up\": [", public_first(step, n) ? "true" : "false");
    for (unsigned i = 0; i < n; i++) {
        printf("%s", i ? ", " : "");
        put_step(rule, &step[i]);
    }
    printf("]}");
}

static void put_policy(const struct ch_policy *policy, const char *text)
{
    printf("{\"consent_needed\": %d", highest(policy));
    put_field("name", policy->name);
    put_field("doc", policy->doc);
    printf(", \"asks\": %s, \"forced\": %s", policy->asks ? "true" : "false", policy->forced ? "true" : "false");
    if (policy->asks)
        put_real("benefit", policy->benefit);
    printf(", \"caps\": {\"visit\": %d, \"day\": %d, \"retailer_day\": %d}", policy->per_visit, policy->per_day,
           policy->per_retailer_day);
    put_real("intrusion_cost", policy->intrusion_cost);
    printf(", \"rules\": [");
    for (unsigned i = 0; i < policy->n_rules; i++) {
        printf("%s", i ? ", " : "");
        put_rule(&policy->rule[i]);
    }
    printf("]");
    put_field("text", text);
    printf("}");
}

/* ---- --policy A,B ------------------------------------------------------------------------------------------------ */

/* A scenario with nothing in it but what is asked for, laid beside a baseline that nobody means. */
static const char nothing[] = "chaland: 1\nallow_forced: true\npolicies: [{policy: (nothing)}]\n";
enum { POLICIES_MAX = 64 };

static enum ch_code load(const struct ch_args *args, struct ch_diag *diag, struct ch_scenario **scenario)
{
    const char *policy[POLICIES_MAX + 1];
    struct ch_scenario_options options = {.share = ch_share_folder(), .policy = policy};
    struct ch_args with = *args;
    with.operand = args->scenario;
    if (args->scenario)
        return ch_campaign_load(&with, diag, scenario);
    char *list = strdup(args->policy);
    if (!list)
        return CH_TOO_BIG;
    options.n_policies = ch_campaign_split(list, policy, POLICIES_MAX + 1);
    enum ch_code code = CH_INVALID;
    if (options.n_policies == 0 || options.n_policies > POLICIES_MAX)
        ch_diag_add(diag, (struct ch_mark){"--policy", 1, 1, 1}, "E010", "write --policy mine.yaml",
                    "--policy names no policy, or more than %d", POLICIES_MAX);
    else
        code = ch_scenario_parse(nothing, "explain", &options, diag, scenario);
    free(list);
    return code;
}

/* The baseline is always loaded; was it asked for too? */
static bool is_asked(const struct ch_args *args, const struct ch_scenario *scenario, unsigned i)
{
    const char *name = scenario->policy[i]->name;
    size_t n = strlen(name);
    bool asked = i != scenario->baseline;
    for (const char *at = args->policy; !asked && (at = strstr(at, name)); at += n)
        asked = (at == args->policy || at[-1] == ',') && (!at[n] || at[n] == ',');
    return asked;
}

static bool tell_all(const struct ch_args *args, const struct ch_scenario *scenario)
{
    bool first = true, failed = false;
    if (args->json)
        printf("{\"schema_version\": 1, \"policies\": [");
    for (unsigned i = 0; i < scenario->n_policies; i++) {
        struct ch_text out = {0};
        if (!is_asked(args, scenario, i))
            continue;
        ch_explain_policy(scenario->policy[i], &out);
        printf("%s", first ? "" : args->json ? ", " : "\n");
        if (args->json)
            put_policy(scenario->policy[i], out.s ? out.s : "");
        else
            fputs(out.s ? out.s : "", stdout);
        failed |= out.failed;
        first = false;
        ch_text_fini(&out);
    }
    if (args->json)
        printf("]}\n");
    return !failed;
}

enum ch_code ch_explain_policies(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_diag *diag = ch_diag_create();
    struct ch_scenario *scenario = NULL;
    enum ch_code code = diag ? load(args, diag, &scenario) : CH_TOO_BIG;
    if (diag && ch_diag_count(diag))
        code = ch_cli_fail_diag(args, diag);
    else if (code != CH_OK || !tell_all(args, scenario))
        code = ch_fail(&error, CH_TOO_BIG, "out of memory");
    if (error.code != CH_OK)
        code = ch_cli_fail(args, &error);
    ch_scenario_destroy(scenario);
    ch_diag_destroy(diag);
    return code;
}
