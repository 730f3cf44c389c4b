/* SPDX-License-Identifier: MIT
 * What time it is and where: for progress, pace and provenance, never for results. */
#ifndef CH_CLOCK_H
#define CH_CLOCK_H

#include <stddef.h>

/* Seconds since some moment: monotone; of processor time of the process; of this thread. */
double ch_clock_s(void);
double ch_clock_cpu_s(void);
double ch_clock_thread_s(void);
/* UTC now, as 2026-01-31T23:59:59Z. */
void ch_clock_stamp(char out[32]);
/* The host's name, cut to n - 1 bytes; "" if it has none. */
void ch_clock_host(char *out, size_t n);

#endif
