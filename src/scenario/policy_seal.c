/* SPDX-License-Identifier: MIT
 * What follows from a policy's rules, worked out once: identities that do not hang on places, consent floors, the order in
 * which facts are looked up. */
#include <chaland/policy.h>
#include <chaland/rng.h>

/* A rule without a name of its own is called "rule 3" when it is the third. */
static bool is_numbered(const struct ch_rule *rule, unsigned index)
{
    const char *name = rule->name;
    unsigned number = 0;
    for (const char *word = "rule "; *word; word++)
        if (*name++ != *word)
            return false;
    while (*name >= '0' && *name <= '9' && number < 1000)
        number = number * 10 + (unsigned)(*name++ - '0');
    return !*name && number == index + 1;
}

/* Its name; of a nameless one what it looks at, without the numbers, which one may want to vary. */
static uint64_t rule_print(const struct ch_rule *rule, unsigned index)
{
    uint64_t print = 1;
    if (!is_numbered(rule, index)) {
        for (const char *c = rule->name; *c; c++)
            print = ch_mix(print ^ (unsigned char)*c);
        return print;
    }
    print = ch_mix((uint64_t)rule->trigger << 32 | (uint64_t)rule->channel << 16 | (uint64_t)rule->subject);
    for (unsigned i = 0; i < rule->n_conditions; i++)
        print = ch_mix(print ^ ((uint64_t)rule->condition[i].fact << 8 | (uint64_t)rule->condition[i].compare));
    return print;
}

/* What a rule's luck hangs on: not its place in the policy, so that another rule more or less leaves it alone. Rules of one print
 * are told apart by their order. */
static uint64_t rule_tag(const struct ch_rule *rule, unsigned index)
{
    uint64_t print = rule_print(&rule[index], index), twins = 0;
    for (unsigned i = 0; i < index; i++)
        twins += rule_print(&rule[i], i) == print;
    return ch_mix(print + twins);
}

int ch_rule_floor(const struct ch_rule *rule)
{
    int floor = rule->level;
    for (unsigned i = 0; i < rule->n_conditions; i++) {
        const struct ch_condition *c = &rule->condition[i];
        if (c->fact == CH_FACT_consent && c->compare != CH_AT_MOST && c->compare != CH_BELOW) {
            int least = (int)(c->compare == CH_ABOVE ? c->value + 1 : c->value + 0.999);
            floor = least > floor ? least : floor;
        }
    }
    return floor;
}

/* Facts of a low level before those of a higher one; a stable order otherwise. */
static void public_first(struct ch_rule *rule)
{
    for (unsigned i = 1; i < rule->n_conditions; i++) {
        struct ch_condition condition = rule->condition[i];
        unsigned k = i;
        for (; k > 0 && ch_fact_level(rule->condition[k - 1].fact) > 0 && ch_fact_level(condition.fact) == 0; k--)
            rule->condition[k] = rule->condition[k - 1];
        rule->condition[k] = condition;
    }
}

void ch_policy_seal(struct ch_policy *policy, struct ch_rule *rule, unsigned n_rules)
{
    policy->rule = rule;
    policy->n_rules = n_rules;
    policy->facts = 0;
    policy->triggers = 0;
    for (unsigned i = 0; i < n_rules; i++) {
        policy->triggers |= 1u << rule[i].trigger;
        for (unsigned k = 0; k < rule[i].n_conditions; k++)
            policy->facts |= (uint64_t)1 << rule[i].condition[k].fact;
        public_first(&rule[i]);
        rule[i].floor = policy->forced ? 0 : ch_rule_floor(&rule[i]);
    }
    for (unsigned i = 0; i < n_rules; i++)
        rule[i].tag = rule_tag(rule, i);
}
