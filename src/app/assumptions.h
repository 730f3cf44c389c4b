/* SPDX-License-Identifier: MIT
 * Which assumptions carry the answer? Each parameter that nobody has a source for is set to the low and the high end of the
 * range in its row, all else and the luck staying the same, and the primary contrasts are formed again. */
#ifndef CH_ASSUMPTIONS_H
#define CH_ASSUMPTIONS_H

#include "app/campaign.h"

/* After the runs of `campaign`; release with ch_assumptions_fini. Parameters that the scenario sweeps, lists and words are not
 * tried. An end at which the scenario cannot be run stays untried. CH_STOPPED after a signal. */
enum ch_code ch_assumptions_try(const struct ch_args *args, const struct ch_campaign *campaign,
                                struct ch_assumptions *assumptions, struct ch_error *error);
/* Those that matter, and how many do not. */
void ch_assumptions_print(const struct ch_results *results, const struct ch_assumptions *assumptions, FILE *out);

#endif
