/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "base/terminal.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static enum ch_colour_mode colour_mode = CH_COLOUR_AUTO;

void ch_terminal_set_colour(enum ch_colour_mode mode) { colour_mode = mode; }

static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return !term || !term[0] || strcmp(term, "dumb") == 0;
}

const char *ch_ink(FILE *out, enum ch_ink ink)
{
    static const char *const begin[] = {"\033[0m", "\033[1m", "\033[2m", "\033[1;31m", "\033[32m", "\033[33m"};
    const char *no_colour = getenv("NO_COLOR");
    bool wanted = colour_mode == CH_COLOUR_ALWAYS ||
                  (colour_mode == CH_COLOUR_AUTO && !(no_colour && no_colour[0]) && !is_dumb() && isatty(fileno(out)));
    return wanted ? begin[ink] : "";
}

bool ch_terminal_size(FILE *out, int *columns, int *rows)
{
    enum { COLUMNS_MIN = 20, ROWS_MIN = 5, COLUMNS = 80, ROWS = 24 };
    struct winsize size = {0};
    int fd = fileno(out);
    bool is = fd >= 0 && isatty(fd);
    bool known = is && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    int c = known ? size.ws_col : COLUMNS, r = known ? size.ws_row : ROWS;
    if (columns)
        *columns = !is ? 0 : c < COLUMNS_MIN ? COLUMNS_MIN : c;
    if (rows)
        *rows = !is ? 0 : r < ROWS_MIN ? ROWS_MIN : r;
    return is;
}

bool ch_terminal_moves(FILE *out) { return ch_terminal_size(out, NULL, NULL) && !is_dumb(); }

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* Bytes of an escape for ink at s, or 0. */
static size_t escape(const char *s, size_t n)
{
    size_t i = 2;
    if (n < 3 || s[0] != '\033' || s[1] != '[')
        return 0;
    while (i < n && s[i] != 'm')
        i++;
    return i < n ? i + 1 : 0;
}

/* One column per character; text of the product has no wide ones. */
int ch_terminal_width(const char *text, size_t n)
{
    int width = 0;
    for (size_t i = 0; i < n;) {
        size_t skip = escape(text + i, n - i);
        width += !skip && ((unsigned char)text[i] & 0xC0) != 0x80;
        i += skip ? skip : 1;
    }
    return width;
}

/* Where the line goes on below: under the text behind its last gap (two blanks or more between words), else two columns in from
 * an indented text. */
static int hang(const char *line, size_t n, int *gaps)
{
    size_t begin = 0, last = 0;
    *gaps = 0;
    while (begin < n && line[begin] == ' ')
        begin++;
    for (size_t i = begin + 1; i + 1 < n; i++)
        if (line[i] == ' ' && line[i - 1] == ' ' && line[i + 1] != ' ') {
            last = i + 1;
            ++*gaps;
        }
    return last ? ch_terminal_width(line, last) : begin ? (int)begin + 2 : 0;
}

/* Bytes of the line that fit, up to a blank; all of the first word if even that does not. */
static size_t fitting(const char *s, size_t n, int columns)
{
    size_t best = 0, i = 0;
    while (i < n && s[i] == ' ')
        i++;
    for (; i <= n; i++) {
        if (i < n && s[i] != ' ')
            continue;
        if (best && ch_terminal_width(s, i) > columns)
            break;
        best = i;
    }
    return best;
}

static void print_line(const char *line, size_t n, int columns, FILE *out)
{
    int gaps, below = hang(line, n, &gaps);
    if (!columns || gaps > 2 || ch_terminal_width(line, n) <= columns) {
        fwrite(line, 1, n, out);
        return;
    }
    below = below > columns * 2 / 3 ? 4 : below;
    for (int indent = 0;; indent = below) {
        size_t take = fitting(line, n, columns - indent);
        fprintf(out, "%*s", indent, "");
        fwrite(line, 1, take, out);
        while (take < n && line[take] == ' ')
            take++;
        line += take;
        n -= take;
        if (n == 0)
            return;
        fputc('\n', out);
    }
}

void ch_terminal_print(const char *text, int columns, FILE *out)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        print_line(text, n, columns, out);
        text += n;
        if (*text) {
            fputc('\n', out);
            text++;
        }
    }
}

FILE *ch_page_open(struct ch_page *page, FILE *to)
{
    *page = (struct ch_page){.to = to, .stream = to};
    if (ch_terminal_size(to, NULL, NULL)) {
        FILE *gathered = open_memstream(&page->text, &page->n);
        page->stream = gathered ? gathered : to;
    }
    return page->stream;
}

void ch_page_close(struct ch_page *page)
{
    int columns;
    if (page->stream == page->to || fclose(page->stream) != 0)
        return;
    ch_terminal_size(page->to, &columns, NULL);
    ch_terminal_print(page->text, columns, page->to);
    free(page->text);
    *page = (struct ch_page){0};
}
