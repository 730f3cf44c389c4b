/* SPDX-License-Identifier: MIT
 * Independent work cut in pieces, side by side. What it computes must not depend on the pieces. */
#ifndef CH_TOGETHER_H
#define CH_TOGETHER_H

#include <stddef.h>

/* Calls work(arg, first, end) until each of 0 .. n - 1 was in one range of about `piece`; returns when all is done. As many
 * threads take part as omp_set_num_threads said; one where the caller is itself one of several. */
void ch_together(size_t n, size_t piece, void (*work)(void *arg, size_t first, size_t end), void *arg);

#endif
