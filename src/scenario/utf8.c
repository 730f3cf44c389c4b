/* SPDX-License-Identifier: MIT
 * UTF-8 as RFC 3629 has it. */
#include "scenario/utf8.h"

#include <string.h>

unsigned ch_utf8_decode(const char *s, size_t n, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)s[0];
    unsigned bytes = first < 0x80 ? 1 : (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : (first & 0xF8) == 0xF0 ? 4 : 0;
    if (bytes == 0 || bytes > n)
        return 0;
    uint32_t c = bytes == 1 ? first : first & (0x7Fu >> bytes);
    for (unsigned i = 1; i < bytes; i++) {
        if (((unsigned char)s[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | ((unsigned char)s[i] & 0x3Fu);
    }
    if (c < least[bytes] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *character = c;
    return bytes;
}

size_t ch_utf8_bom(const char *s, size_t n) { return n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; }

static bool is_control(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F || (c > 0x7F && c < 0xA0 && c != 0x85) || c == 0xFFFE ||
           c == 0xFFFF;
}

const char *ch_utf8_complaint(const char *s, size_t n, size_t *offset)
{
    *offset = 0;
    if (n >= 2 && (memcmp(s, "\xFF\xFE", 2) == 0 || memcmp(s, "\xFE\xFF", 2) == 0))
        return "is UTF-16 text";
    for (size_t at = ch_utf8_bom(s, n); at < n;) {
        uint32_t c;
        unsigned bytes = ch_utf8_decode(s + at, n - at, &c);
        *offset = at;
        if (bytes == 0)
            return "holds a byte that is not UTF-8";
        if (c == 0)
            return "holds a NUL byte: it is not text";
        if (is_control(c))
            return "holds a control character";
        at += bytes;
    }
    return NULL;
}

/* Ranges of wide characters (East Asian, emoji) and of combining marks; coarse, for placing carets only. */
unsigned ch_utf8_width(uint32_t c)
{
    static const struct {
        uint32_t low, high;
        unsigned width;
    } ranges[] = {
        {0x0300, 0x036F, 0},   {0x0483, 0x0489, 0},   {0x0591, 0x05BD, 0},   {0x064B, 0x065F, 0}, {0x1100, 0x115F, 2},
        {0x1AB0, 0x1AFF, 0},   {0x1DC0, 0x1DFF, 0},   {0x200B, 0x200F, 0},   {0x20D0, 0x20FF, 0}, {0x2E80, 0x303E, 2},
        {0x3041, 0xA4CF, 2},   {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},   {0xFE00, 0xFE0F, 0}, {0xFE20, 0xFE2F, 0},
        {0xFE30, 0xFE6F, 2},   {0xFEFF, 0xFEFF, 0},   {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1F64F, 2},
        {0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && c >= ranges[i].low; i++)
        if (c <= ranges[i].high)
            return ranges[i].width;
    return 1;
}

/* Takes one byte into account; s is NUL-terminated. */
static void advance(const char *s, size_t at, int *line, int *column)
{
    if (s[at] == '\n' || (s[at] == '\r' && s[at + 1] != '\n')) {
        ++*line;
        *column = 1;
    } else if (((unsigned char)s[at + 1] & 0xC0) != 0x80) { /* the last byte of a character */
        ++*column;
    }
}

void ch_utf8_position(const char *s, size_t offset, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (size_t at = ch_utf8_bom(s, offset); at < offset; at++)
        advance(s, at, line, column);
}

size_t ch_utf8_offset(const char *s, size_t n, int line, int column)
{
    int l = 1, c = 1;
    size_t at = ch_utf8_bom(s, n);
    while (at < n && (l < line || (l == line && c < column)))
        advance(s, at++, &l, &c);
    return at;
}
