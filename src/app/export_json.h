/* SPDX-License-Identifier: MIT
 * Tables of a results file as JSON. */
#ifndef CH_EXPORT_JSON_H
#define CH_EXPORT_JSON_H

#include "output/tidy.h"
#include <stdio.h>

/* "columns": [{"name": ..., "unit": ...}, ...] */
void ch_export_json_columns(const struct ch_tidy *tidy, FILE *out);
/* The whole table: {"schema_version": 1, "table": ..., "columns": [...], "rows": [[...], ...]}; undefined is null. */
enum ch_code ch_export_json(struct ch_tidy *tidy, const char *table, FILE *out, struct ch_error *error);

#endif
