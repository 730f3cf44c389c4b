/* SPDX-License-Identifier: MIT */
#include "sweep/key.h"
#include "base/build_info.h"
#include "base/text.h"
#include <inttypes.h>
#include <string.h>

struct ch_run_key ch_key_of_text(const char *text, size_t n)
{
    char hex[65];
    struct ch_run_key key;
    ch_sha256_hex(text, n, hex);
    memcpy(key.text, hex, sizeof key.text - 1);
    key.text[sizeof key.text - 1] = 0;
    return key;
}

static bool finish(struct ch_text *text, bool good, struct ch_run_key *key)
{
    good = good && !text->failed;
    if (good)
        *key = ch_key_of_text(text->s, text->n);
    ch_text_fini(text);
    return good;
}

bool ch_key_of_point(const struct ch_scenario *at_point, uint32_t seed, struct ch_run_key *key)
{
    struct ch_text text = {0};
    ch_text_addf(&text, "models %s\nseed %" PRIu32 "\n", ch_build_info()->model_id, seed);
    bool good = ch_scenario_run_text(at_point, &text);
    return finish(&text, good, key);
}

bool ch_key_of_policy(const struct ch_scenario *scenario, unsigned policy, struct ch_run_key *key)
{
    struct ch_text text = {0};
    bool good = ch_scenario_policy_text(scenario, policy, &text);
    return finish(&text, good, key);
}

struct ch_run_key ch_key_of_run(const struct ch_run_key *point, const struct ch_run_key *policy, unsigned replication)
{
    char text[2 * sizeof point->text + 24];
    int n = snprintf(text, sizeof text, "%s %s %u", point->text, policy->text, replication);
    return ch_key_of_text(text, (size_t)n);
}
