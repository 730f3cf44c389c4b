/* SPDX-License-Identifier: MIT
 * JSON on a stream: strings escaped, numbers shortest, undefined numbers as null. */
#ifndef CH_JSON_H
#define CH_JSON_H

#include "base/text.h"
#include <math.h>
#include <stdio.h>

static inline void ch_json_put_string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; s && *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static inline void ch_json_put_number(FILE *out, double value)
{
    char text[40];
    fputs(isfinite(value) ? ch_print_double(value, text, sizeof text) : "null", out);
}

#endif
