/* SPDX-License-Identifier: MIT
 * Inside of the error collector: texts in which marks stand, and the table of error codes. */
#ifndef CH_DIAG_H
#define CH_DIAG_H

#include "scenario/scenario.h"
#include <stddef.h>

enum ch_diag_error {
#define ERROR(name, code, meaning) CH_E_##name,
#include "scenario/errors.def"
#undef ERROR
    CH_N_DIAG_ERRORS
};
const char *ch_diag_error_code(enum ch_diag_error error);
const char *ch_diag_error_meaning(enum ch_diag_error error);

/* Hands the malloc'ed text of a file to diag, which shows lines of it and frees it. False (and freed) without memory. */
bool ch_diag_own(struct ch_diag *diag, const char *file, char *text, size_t n);

#endif
