/* SPDX-License-Identifier: MIT
 * Job scripts for schedulers and launchers. They are printed, never submitted. */
#ifndef CH_SCRIPT_H
#define CH_SCRIPT_H

#include "base/text.h"

struct ch_script {
    const char *program, *folder, *name; /* as the shell finds them; name of the sweep */
    unsigned jobs, threads;              /* shards, and threads of each */
    const char *time, *mem;              /* "02:00:00", "2G" */
    unsigned max_time_s;                 /* of --max-time, where schedulers send no signal in time */
};

/* CH_INVALID: no such scheduler; the message names them. */
enum ch_code ch_script_print(const char *scheduler, const struct ch_script *script, struct ch_text *out, struct ch_error *error);

#endif
