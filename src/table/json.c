/* SPDX-License-Identifier: MIT
 * Strings for JSON. */
#include "table/table.h"

void ch_json_string(struct ch_text *out, const char *s)
{
    ch_text_add(out, "\"");
    for (const char *at = s; *at; at++) {
        if (*at == '"' || *at == '\\')
            ch_text_addf(out, "\\%c", *at);
        else if (*at == '\n')
            ch_text_add(out, "\\n");
        else if ((unsigned char)*at < 0x20)
            ch_text_addf(out, "\\u%04x", (unsigned)*at);
        else
            ch_text_addn(out, at, 1);
    }
    ch_text_add(out, "\"");
}
