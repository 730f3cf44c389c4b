/* SPDX-License-Identifier: MIT
 * Large tables of a scenario's own data stay out of the results file, which knows their names and the hash of their content. */
#ifndef CH_OWN_FILES_H
#define CH_OWN_FILES_H

#include "output/results.h"

/* Finds the folder from which all of them are as the run read them, and makes a path for the scenario in it (malloc'ed): the
 * names in its text are seen from there. `folder` NULL: looked for beside the file, here, and where they were.
 * CH_INVALID if one is missing or has changed. */
enum ch_code ch_own_files_find(const struct ch_file *file, const char *operand, const char *folder, char **path,
                               struct ch_error *error);

#endif
