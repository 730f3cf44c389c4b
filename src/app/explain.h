/* SPDX-License-Identifier: MIT
 * Words that are no parameter and no KPI: facts, triggers, channels and subjects of rules, shipped policies and scenarios; and
 * policies told in words. */
#ifndef CH_EXPLAIN_H
#define CH_EXPLAIN_H

#include "app/cli.h"
#include "base/text.h"
#include <chaland/policy.h>

/* Appends what the word means, in each of its senses; false if it has none. */
bool ch_explain_word(const char *word, struct ch_text *out);
/* Appends the index of them. */
void ch_explain_list_words(struct ch_text *out);
/* Their names but those of scenarios, for "did you mean"; owned. Returns how many. */
size_t ch_explain_words(const char *const **names);

/* Appends what a policy does and what consent it needs, in words. */
void ch_explain_policy(const struct ch_policy *policy, struct ch_text *out);
/* `explain --policy A,B`: files, shipped names, or policies of --scenario. */
enum ch_code ch_explain_policies(const struct ch_args *args);

#endif
