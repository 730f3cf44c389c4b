/* SPDX-License-Identifier: MIT
 * Tables for a model under test that has no run around it: they live as long as the test. To be included before the model. */
#ifndef TABLES_KEPT_H
#define TABLES_KEPT_H

#define ch_setup_alloc ch_setup_alloc_here
#include <chaland/model.h>
#include <stdlib.h>

void *ch_setup_alloc_here(struct ch_setup *setup, size_t count, size_t size);
void *ch_setup_alloc_here(struct ch_setup *setup, size_t count, size_t size)
{
    static void *volatile kept[1 << 18]; /* where leak checkers look */
    static size_t n;
    (void)setup;
    CH_REQUIRE(n < sizeof kept / sizeof kept[0]);
    return kept[n++] = calloc(count ? count : 1, size);
}

#endif
