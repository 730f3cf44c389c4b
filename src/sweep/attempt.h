/* SPDX-License-Identifier: MIT
 * Who does this piece of work: host, job of a batch system, process. For names of private files, and for provenance. */
#ifndef CH_ATTEMPT_H
#define CH_ATTEMPT_H

#include "base/text.h"

/* Job and task as the batch system names them, "1234_7"; "" outside of any. And how often it was started again. */
const char *ch_attempt_job(void);
unsigned ch_attempt_restarts(void);
const char *ch_attempt_host(void);

/* Appends "HOST-JOB-RESTART-PID", and "-TURN" from the second turn on; letters, digits, - and _ only. */
void ch_attempt_name(unsigned turn, struct ch_text *out);

#endif
