/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/explain.h"
#include "app/version.h"
#include "scenario/scenario.h"
#include "table/table.h"
#include "table/vocabulary.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Shipped policies; the files are what counts, this is the index. */
static const char *const policies[] = {"silent", "broadcast", "context", "responsive"};
enum { N_POLICIES = sizeof policies / sizeof policies[0] };

static const struct word {
    const char *name, *doc;
} triggers[] =
    {
#define X(name, doc) {#name, doc},
        CH_TRIGGERS(X)},
  channels[] = {CH_CHANNELS(X)}, subjects[] = {CH_SUBJECTS(X)};
#undef X

static const struct kind {
    const char *key, *what;
    const struct word *word;
    unsigned n;
} kinds[] = {
    {"when", "sets a rule off", triggers, CH_N_TRIGGERS},
    {"channel", "how a message reaches the person", channels, CH_N_CHANNELS},
    {"about", "what an offer is about", subjects, CH_N_SUBJECTS},
};
enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* ---- policies ---------------------------------------------------------------------------------------------------- */

static void tell_level(int level, struct ch_text *out)
{
    if (level)
        ch_text_addf(out, "consent needed: level %d\n", level);
    else
        ch_text_add(out, "consent needed: none\n");
}

/* A shipped policy is told by what its file says. */
static bool explain_policy(const char *word, struct ch_text *out)
{
    char path[PATH_MAX + 128], text[256];
    struct stat st;
    bool told = false;
    if (!word[0] || strlen(word) > 60 || strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(word))
        return false;
    snprintf(path, sizeof path, "%s/scenarios/policies/%s.yaml", ch_share_folder(), word);
    bool is_file = stat(path, &st) == 0;
    if (!is_file && strcmp(word, "silent") != 0)
        return false;
    snprintf(text, sizeof text, "chaland: 1\npolicies: [\"%s\"]\n", word);
    struct ch_diag *diag = ch_diag_create();
    struct ch_scenario *scenario = NULL;
    const struct ch_scenario_options options = {.share = ch_share_folder()};
    if (diag && ch_scenario_parse(text, "explain", &options, diag, &scenario) == CH_OK)
        for (unsigned i = 0; i < scenario->n_policies; i++)
            if (strcmp(scenario->policy[i]->name, word) == 0) {
                ch_explain_policy(scenario->policy[i], out);
                if (is_file)
                    ch_text_addf(out, "  file:  %s\n", path);
                ch_text_add(out, "  keys:  chaland explain rule, asks, caps, intrusion_cost\n");
                told = true;
            }
    ch_scenario_destroy(scenario);
    ch_diag_destroy(diag);
    return told;
}

static bool explain_scenario(const char *word, struct ch_text *out)
{
    char path[PATH_MAX + 128];
    struct stat st;
    if (strpbrk(word, "./") || strlen(word) > 60)
        return false;
    snprintf(path, sizeof path, "%s/scenarios/%s.yaml", ch_share_folder(), word);
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    ch_text_addf(out,
                 "%s, a shipped scenario\n  file:     %s\n  run it:   chaland run %s\n  resolved: chaland run %s --dry-run\n",
                 word, path, word, word);
    return true;
}

/* ---- words of rules ---------------------------------------------------------------------------------------------- */

static bool explain_fact(const char *word, struct ch_text *out)
{
    for (unsigned i = 0; i < CH_N_FACTS; i++) {
        const struct ch_param *fact = ch_fact_row((enum ch_fact)i);
        if (strcmp(fact->name, word) != 0)
            continue;
        ch_text_addf(out, "%s, a fact for the conditions (if) of a policy's rules\n  %s\n  compared with: ", word, fact->doc);
        ch_param_allowed(fact, out);
        ch_text_add(out, "\n  ");
        tell_level(ch_fact_level((enum ch_fact)i), out);
        return true;
    }
    return false;
}

bool ch_explain_word(const char *word, struct ch_text *out)
{
    bool any = explain_policy(word, out);
    any |= explain_scenario(word, out);
    any |= explain_fact(word, out);
    for (unsigned k = 0; k < N_KINDS; k++)
        for (unsigned i = 0; i < kinds[k].n; i++)
            if (strcmp(kinds[k].word[i].name, word) == 0) {
                ch_text_addf(out, "%s, for the key '%s' of a policy's rule: %s\n  %s\n", word, kinds[k].key, kinds[k].what,
                             kinds[k].word[i].doc);
                any = true;
            }
    return any;
}

void ch_explain_list_words(struct ch_text *out)
{
    ch_text_add(out, "\nPolicies:");
    for (unsigned i = 0; i < N_POLICIES; i++)
        ch_text_addf(out, " %s", policies[i]);
    ch_text_addf(out, "\n  files of %s/scenarios/policies; chaland explain rule, asks, caps: their keys\n", ch_share_folder());
    for (unsigned k = 0; k < N_KINDS; k++) {
        ch_text_addf(out, "  %-8s", kinds[k].key);
        for (unsigned i = 0; i < kinds[k].n; i++)
            ch_text_addf(out, " %s", kinds[k].word[i].name);
        ch_text_add(out, "\n");
    }
    ch_text_add(out, "  if      ");
    for (unsigned i = 0; i < CH_N_FACTS; i++)
        ch_text_addf(out, "%s%s", i % 12 ? " " : i ? "\n           " : " ", ch_fact_row((enum ch_fact)i)->name);
    ch_text_add(out, "\n");
}

size_t ch_explain_words(const char *const **names)
{
    static const char *all[N_POLICIES + CH_N_FACTS + CH_N_TRIGGERS + CH_N_CHANNELS + CH_N_SUBJECTS];
    size_t n = 0;
    for (unsigned i = 0; i < N_POLICIES; i++)
        all[n++] = policies[i];
    for (unsigned i = 0; i < CH_N_FACTS; i++)
        all[n++] = ch_fact_row((enum ch_fact)i)->name;
    for (unsigned k = 0; k < N_KINDS; k++)
        for (unsigned i = 0; i < kinds[k].n; i++)
            all[n++] = kinds[k].word[i].name;
    *names = all;
    return n;
}
