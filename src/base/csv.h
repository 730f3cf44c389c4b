/* SPDX-License-Identifier: MIT
 * A cell of CSV on a stream: quoted where a comma, a quote or a line's end asks for it. */
#ifndef CH_CSV_H
#define CH_CSV_H

#include <stdio.h>
#include <string.h>

static inline void ch_csv_put(FILE *out, const char *cell)
{
    if (!strpbrk(cell, ",\"\n\r")) {
        fputs(cell, out);
        return;
    }
    fputc('"', out);
    for (; *cell; cell++) {
        if (*cell == '"')
            fputc('"', out);
        fputc(*cell, out);
    }
    fputc('"', out);
}

#endif
