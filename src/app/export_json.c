/* SPDX-License-Identifier: MIT
 * A table of a results file as one JSON object: columns with their units, then rows. */
#include "app/export_json.h"
#include "app/json.h"

void ch_export_json_columns(const struct ch_tidy *tidy, FILE *out)
{
    fputs("\"columns\": [", out);
    for (unsigned c = 0; c < ch_tidy_columns(tidy); c++) {
        fputs(c ? ", {\"name\": " : "{\"name\": ", out);
        ch_json_put_string(out, ch_tidy_name(tidy, c));
        if (ch_tidy_unit(tidy, c)) {
            fputs(", \"unit\": ", out);
            ch_json_put_string(out, ch_tidy_unit(tidy, c));
        }
        fputs("}", out);
    }
    fputs("]", out);
}

static void put_row(const struct ch_tidy *tidy, size_t row, FILE *out)
{
    char buffer[64];
    for (unsigned c = 0; c < ch_tidy_columns(tidy); c++) {
        const char *cell = ch_tidy_cell(tidy, row, c, buffer);
        fputs(c ? ", " : "[", out);
        if (!ch_tidy_is_number(tidy, c))
            ch_json_put_string(out, cell);
        else
            fputs(cell[0] ? cell : "null", out);
    }
    fputs("]", out);
}

enum ch_code ch_export_json(struct ch_tidy *tidy, const char *table, FILE *out, struct ch_error *error)
{
    size_t rows = 0;
    bool first = true;
    enum ch_code code;
    fprintf(out, "{\"schema_version\": 1, \"table\": \"%s\", ", table);
    ch_export_json_columns(tidy, out);
    fputs(", \"rows\": [", out);
    while ((code = ch_tidy_next(tidy, &rows, error)) == CH_OK && rows && !ferror(out))
        for (size_t i = 0; i < rows; i++) {
            fputs(first ? "" : ", ", out);
            put_row(tidy, i, out);
            first = false;
        }
    fputs("]}\n", out);
    return code;
}
