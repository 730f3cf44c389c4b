/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/attempt.h"
#include "base/clock.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *ch_attempt_job(void)
{
    static const char *const names[] = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID", "HQ_JOB_ID", "FLUX_JOB_ID"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (getenv(names[i]) && getenv(names[i])[0])
            return getenv(names[i]);
    return "";
}

unsigned ch_attempt_restarts(void)
{
    static const char *const names[] = {"SLURM_RESTART_COUNT", "HQ_INSTANCE_ID", "RESTARTED"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (getenv(names[i]))
            return (unsigned)strtoul(getenv(names[i]), NULL, 10);
    return 0;
}

const char *ch_attempt_host(void)
{
    static _Thread_local char host[128];
    ch_clock_host(host, sizeof host);
    return host;
}

static void add_word(const char *word, size_t most, struct ch_text *out)
{
    for (size_t i = 0; i < most && word[i]; i++)
        ch_text_addf(out, "%c", isalnum((unsigned char)word[i]) ? word[i] : '_');
}

enum { WORD_MAX = 40 };

void ch_attempt_name(unsigned turn, struct ch_text *out)
{
    const char *host = ch_attempt_host();
    add_word(host, strcspn(host, ".") < WORD_MAX ? strcspn(host, ".") : WORD_MAX, out);
    if (ch_attempt_job()[0]) {
        ch_text_add(out, "-");
        add_word(ch_attempt_job(), WORD_MAX, out);
        ch_text_addf(out, "-%u", ch_attempt_restarts());
    }
    ch_text_addf(out, "-%ld", (long)getpid());
    if (turn)
        ch_text_addf(out, "-%u", turn);
}
