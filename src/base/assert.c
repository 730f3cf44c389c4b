/* SPDX-License-Identifier: MIT
 * The one place where a programmer error ends the program. */
#include <chaland/assert.h>
#include <stdio.h>
#include <stdlib.h>

noreturn void ch_assert_failed(const char *condition, const char *file, int line, const char *function)
{
    fflush(stdout); /* what was printed before belongs before */
    fprintf(stderr, "%s:%d: %s: broken assertion: %s\n", file, line, function, condition);
    abort();
}
