/* SPDX-License-Identifier: MIT */
#include "app/checkpoints.h"
#include "base/build_info.h"
#include "base/text.h"
#include "comm/comm.h"
#include "sim/sets.h"
#include <chaland/settings.h>

enum { EVERY = 900 }; /* s */

enum ch_code ch_checkpoints_check(const struct ch_args *args, struct ch_error *error)
{
    if (!args->checkpoint && args->every >= 0)
        return ch_fail(error, CH_INVALID, "--every says when to make checkpoints, but not where: add --checkpoint FOLDER");
    if (args->checkpoint && !args->checkpoint[0])
        return ch_fail(error, CH_INVALID,
                       "--checkpoint: the folder has an empty name; write for example --checkpoint output/kept");
    if (args->checkpoint && args->assumptions)
        return ch_fail(error, CH_INVALID,
                       "--assumptions runs many scenarios, and checkpoints are of one: leave out one of the two");
    if (args->assumptions && ch_comm_size() > 1)
        return ch_fail(error, CH_INVALID, "--assumptions is for one process: start chaland without mpirun");
    return CH_OK;
}

/* One line for each thing that must be the same, the likeliest to differ first. */
static void identify(const struct ch_campaign *c, struct ch_text *text)
{
    const struct ch_build_info *info = ch_build_info();
    const struct ch_run_params *run = CH_BLOCK(c->scenario, run);
    ch_text_addf(text, "scenario: %s, sha256 %s\n", c->scenario->name, c->scenario->sha256);
    ch_text_addf(text, "seed: %lld\n", (long long)run->seed);
    ch_text_addf(text, "runs: %u x %u x %lld (points, policies, replications)\n", c->n_points, c->scenario->n_policies,
                 (long long)run->replications);
    ch_text_addf(text, "program: chaland %s, models %s\n", info->version, info->model_id);
}

enum ch_code ch_checkpoints_open(const struct ch_args *args, struct ch_campaign *campaign, struct ch_error *error)
{
    struct ch_text text = {0};
    enum ch_code code = CH_OK;
    if (!args->checkpoint)
        return CH_OK;
    identify(campaign, &text);
    const struct ch_sets_options options = {.folder = args->checkpoint,
                                            .identity = text.s,
                                            .every_s = args->every >= 0 ? args->every : EVERY,
                                            .silent = ch_comm_rank() > 0};
    code = text.failed ? ch_fail(error, CH_TOO_BIG, "out of memory") : ch_sets_open(&options, &campaign->sets, error);
    ch_text_fini(&text);
    code = ch_comm_agree(code, error);
    if (code == CH_OK && !args->quiet && ch_comm_rank() == 0 && ch_sets_done(campaign->sets) + ch_sets_count(campaign->sets) > 0)
        fprintf(stderr, "going on: of the runs %u are done%s\n", ch_sets_done(campaign->sets),
                ch_sets_count(campaign->sets) ? ", and the next has a checkpoint" : "");
    return code;
}
