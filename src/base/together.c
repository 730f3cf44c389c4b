/* SPDX-License-Identifier: MIT
 * Whoever is ready takes the next piece. */
#include "base/together.h"
#include <chaland/assert.h>

void ch_together(size_t n, size_t piece, void (*work)(void *arg, size_t first, size_t end), void *arg)
{
    CH_REQUIRE(piece > 0);
    size_t pieces = (n + piece - 1) / piece;
    if (pieces <= 1) {
        if (n > 0)
            work(arg, 0, n);
        return;
    }
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < pieces; i++)
        work(arg, i * piece, i + 1 < pieces ? (i + 1) * piece : n);
}
