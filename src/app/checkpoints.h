/* SPDX-License-Identifier: MIT
 * `run --checkpoint FOLDER`: what is kept there belongs to one program, one scenario, one list of runs. */
#ifndef CH_CHECKPOINTS_H
#define CH_CHECKPOINTS_H

#include "app/campaign.h"

/* Are the options that go with it sensible? Asked before anything is built. */
enum ch_code ch_checkpoints_check(const struct ch_args *args, struct ch_error *error);
/* Opens the folder for the campaign, if one is asked for; closed by ch_campaign_close. All processes call it. */
enum ch_code ch_checkpoints_open(const struct ch_args *args, struct ch_campaign *campaign, struct ch_error *error);

#endif
