/* SPDX-License-Identifier: MIT
 * Which program this is, and where its shipped files are. */
#ifndef CH_VERSION_H
#define CH_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

void ch_version_print(FILE *out, bool json, bool verbose);

/* Folder that holds scenarios/: CHALAND_SHARE, else beside the program (installed or in its build tree), else the prefix
 * it was built for. Static storage; "." when none is found. */
const char *ch_share_folder(void);

#endif
