/* SPDX-License-Identifier: MIT
 * Collected errors. Each entry copies what it needs, so it can be printed after the scenario is gone. */
#define _POSIX_C_SOURCE 200809L
#include "scenario/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/terminal.h"
#include "base/text.h"
#include "scenario/utf8.h"
#include "table/table.h"

enum { KEPT = 20, TAB = 4 };

struct entry {
    struct ch_text file, message, help;
    struct ch_text line_text, carets; /* ready to print; empty when there is no line to show */
    char code[8];
    int line, column;
};

struct source {
    struct source *next;
    char *file, *text;
    size_t n;
};

struct ch_diag {
    unsigned count, kept;
    enum ch_code code;
    struct entry entry[KEPT];
    struct source *sources;
};

static const struct {
    const char *code, *meaning;
} errors[] = {
#define ERROR(name, code, meaning) [CH_E_##name] = {code, meaning},
#include "scenario/errors.def"
#undef ERROR
};

const char *ch_diag_error_code(enum ch_diag_error error)
{
    CH_REQUIRE(error < CH_N_DIAG_ERRORS);
    return errors[error].code;
}

const char *ch_diag_error_meaning(enum ch_diag_error error)
{
    CH_REQUIRE(error < CH_N_DIAG_ERRORS);
    return errors[error].meaning;
}

struct ch_diag *ch_diag_create(void) { return calloc(1, sizeof(struct ch_diag)); }

static void entry_fini(struct entry *entry)
{
    ch_text_fini(&entry->file);
    ch_text_fini(&entry->message);
    ch_text_fini(&entry->help);
    ch_text_fini(&entry->line_text);
    ch_text_fini(&entry->carets);
}

void ch_diag_destroy(struct ch_diag *diag)
{
    if (!diag)
        return;
    for (unsigned i = 0; i < diag->kept; i++)
        entry_fini(&diag->entry[i]);
    for (struct source *source = diag->sources, *next; source; source = next) {
        next = source->next;
        free(source->file);
        free(source->text);
        free(source);
    }
    free(diag);
}

bool ch_diag_own(struct ch_diag *diag, const char *file, char *text, size_t n)
{
    struct source *source = calloc(1, sizeof *source);
    char *name = calloc(1, strlen(file) + 1);
    if (!source || !name) {
        free(source);
        free(name);
        free(text);
        return false;
    }
    memcpy(name, file, strlen(file));
    *source = (struct source){diag->sources, name, text, n};
    diag->sources = source;
    return true;
}

/* Appends a text that may be anything: control characters and broken UTF-8 become '?', so that a message can neither move
 * the cursor nor spoil JSON. */
static void add_clean(struct ch_text *text, const char *s, size_t n)
{
    for (unsigned bytes; n > 0; s += bytes, n -= bytes) {
        uint32_t c = 0;
        bytes = ch_utf8_decode(s, n, &c);
        bool good = bytes && c >= 0x20 && (c < 0x7F || c >= 0xA0);
        bytes = bytes ? bytes : 1;
        ch_text_addn(text, good ? s : "?", good ? bytes : 1);
    }
}

/* ---- the line under the message ---------------------------------------------------------------------------------- */

/* The line of a text: its first byte and length. NULL past the end. */
static const char *find_line(const struct source *source, int line, size_t *n)
{
    const char *at = source->text + ch_utf8_bom(source->text, source->n), *end = source->text + source->n;
    for (int i = 1; at <= end; i++) {
        const char *stop = at;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        *n = (size_t)(stop - at);
        if (i == line)
            return at;
        at = stop + 1 + (stop + 1 < end && stop[0] == '\r' && stop[1] == '\n');
    }
    return NULL;
}

/* Screen columns taken by one character; a tab reaches to the next multiple of TAB. */
static unsigned columns_of(const char *s, size_t n, unsigned at, unsigned *bytes)
{
    uint32_t c = '?';
    unsigned length = ch_utf8_decode(s, n, &c);
    *bytes = length ? length : 1;
    return c == '\t' ? TAB - at % TAB : ch_utf8_width(c);
}

/* Columns of a line that are shown: on a terminal so many that the mark stays under its word. */
static unsigned shown(void)
{
    enum { MOST = 110, LEAST = 30, AROUND = 16 };
    int columns;
    ch_terminal_size(stderr, &columns, NULL);
    return columns == 0 || columns > MOST + AROUND ? MOST : columns < LEAST + AROUND ? LEAST : (unsigned)(columns - AROUND);
}

/* Byte from which a long line is shown, so that the mark is in view. */
static size_t first_shown(const char *line, size_t n, int column)
{
    size_t at = 0, start = 0, lead = shown() * 7 / 11;
    for (int i = 1; i < column && at < n; i++) {
        uint32_t c;
        unsigned bytes = ch_utf8_decode(line + at, n - at, &c);
        at += bytes ? bytes : 1;
    }
    if (at <= lead)
        return 0;
    for (start = at - lead; start < at && ((unsigned char)line[start] & 0xC0) == 0x80;)
        start++;
    return start;
}

/* Fills line_text and carets: characters before the mark become blanks, those under it carets. */
static void draw(struct entry *entry, const char *line, size_t n, struct ch_mark mark)
{
    size_t start = first_shown(line, n, mark.column);
    int character = 1;
    for (size_t at = 0; at < start; at++)
        character += ((unsigned char)line[at] & 0xC0) != 0x80;
    unsigned screen = 0, most = shown(), bytes;
    if (start) {
        ch_text_add(&entry->line_text, "...");
        ch_text_add(&entry->carets, "   ");
    }
    for (size_t at = start; at < n && screen < most; at += bytes, character++) {
        unsigned columns = columns_of(line + at, n - at, screen, &bytes);
        if (line[at] == '\t')
            ch_text_addf(&entry->line_text, "%*s", (int)columns, "");
        else
            add_clean(&entry->line_text, line + at, bytes);
        for (unsigned i = 0; i < columns && character < mark.column + mark.width; i++)
            ch_text_add(&entry->carets, character < mark.column ? " " : "^");
        screen += columns;
        if (screen >= most && at + bytes < n)
            ch_text_add(&entry->line_text, "...");
    }
    if (!entry->carets.s || !strchr(entry->carets.s, '^')) /* just past the end of the line */
        ch_text_add(&entry->carets, "^");
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

static bool same(const struct entry *a, const struct entry *b)
{
    return a->line == b->line && a->column == b->column && !strcmp(a->code, b->code) && a->file.s && b->file.s &&
           !strcmp(a->file.s, b->file.s) && a->message.s && b->message.s && !strcmp(a->message.s, b->message.s);
}

/* One thing reached twice, through an alias, is told once. */
static bool told_before(const struct ch_diag *diag, const struct entry *entry)
{
    for (unsigned i = 0; i < diag->kept; i++)
        if (same(&diag->entry[i], entry))
            return true;
    return false;
}

__attribute__((format(printf, 2, 0))) static void add_formatted(struct ch_text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    locale_t before = ch_locale_enter();
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *s = n < 0 ? NULL : malloc((size_t)n + 1);
    if (s) {
        vsnprintf(s, (size_t)n + 1, format, args);
        add_clean(text, s, (size_t)n);
    }
    ch_locale_leave(before);
    free(s);
}

void ch_diag_add(struct ch_diag *diag, struct ch_mark mark, const char *code, const char *help, const char *format, ...)
{
    CH_REQUIRE(diag && code && format);
    if (diag->code == CH_OK)
        diag->code = CH_INVALID;
    struct entry entry = {.line = mark.line, .column = mark.column};
    snprintf(entry.code, sizeof entry.code, "%s", code);
    ch_text_add(&entry.file, mark.file ? mark.file : "");
    va_list args;
    va_start(args, format);
    add_formatted(&entry.message, format, args);
    va_end(args);
    if (told_before(diag, &entry) || diag->kept == KEPT) {
        diag->count += !told_before(diag, &entry);
        entry_fini(&entry);
        return;
    }
    if (help)
        add_clean(&entry.help, help, strlen(help));
    for (const struct source *source = diag->sources; source && mark.line > 0; source = source->next) {
        size_t n;
        const char *line = strcmp(source->file, entry.file.s ? entry.file.s : "") == 0 ? find_line(source, mark.line, &n) : NULL;
        if (line) {
            draw(&entry, line, n, mark);
            break;
        }
    }
    diag->entry[diag->kept++] = entry;
    diag->count++;
}

unsigned ch_diag_count(const struct ch_diag *diag) { return diag->count; }

void ch_diag_fail(struct ch_diag *diag, enum ch_code code) { diag->code = code; }

enum ch_code ch_diag_code(const struct ch_diag *diag) { return diag->code; }

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static const char *or_empty(const struct ch_text *text) { return text->s ? text->s : ""; }

/* Inks are those of `to`, which is where `out` will end. */
static void print_entry(const struct entry *entry, FILE *out, FILE *to)
{
    if (entry->line > 0)
        fprintf(out, "%s:%d:%d: ", or_empty(&entry->file), entry->line, entry->column);
    else if (entry->file.n)
        fprintf(out, "%s: ", or_empty(&entry->file));
    fprintf(out, "%serror[%s]%s: %s\n", ch_ink(to, CH_INK_BAD), entry->code, ch_ink(to, CH_INK_PLAIN), or_empty(&entry->message));
    if (entry->carets.n) {
        int gutter = fprintf(out, "  %d | %s\n", entry->line, or_empty(&entry->line_text)) - (int)entry->line_text.n - 4;
        fprintf(out, "%*s | %s%s%s\n", gutter, "", ch_ink(to, CH_INK_BAD), or_empty(&entry->carets), ch_ink(to, CH_INK_PLAIN));
    }
    if (entry->help.n)
        fprintf(out, "  %shelp%s: %s\n", ch_ink(to, CH_INK_BOLD), ch_ink(to, CH_INK_PLAIN), or_empty(&entry->help));
}

void ch_diag_print(const struct ch_diag *diag, FILE *to)
{
    struct ch_page page;
    FILE *out = ch_page_open(&page, to);
    for (unsigned i = 0; i < diag->kept; i++)
        print_entry(&diag->entry[i], out, to);
    if (diag->count > diag->kept)
        fprintf(out, "%u errors, of which the first %u are shown\n", diag->count, diag->kept);
    else if (diag->count)
        fprintf(out, "%u error%s\n", diag->count, diag->count == 1 ? "" : "s");
    ch_page_close(&page);
}

void ch_diag_print_json(const struct ch_diag *diag, FILE *out)
{
    struct ch_text json = {0};
    for (unsigned i = 0; i < diag->kept; i++) {
        const struct entry *entry = &diag->entry[i];
        ch_text_add(&json, i ? ",{\"file\":" : "[{\"file\":");
        ch_json_string(&json, or_empty(&entry->file));
        ch_text_addf(&json, ",\"line\":%d,\"column\":%d,\"code\":\"%s\",\"message\":", entry->line, entry->column, entry->code);
        ch_json_string(&json, or_empty(&entry->message));
        ch_text_add(&json, ",\"help\":");
        ch_json_string(&json, or_empty(&entry->help));
        ch_text_add(&json, "}");
    }
    ch_text_add(&json, diag->kept ? "]" : "[]");
    fputs(or_empty(&json), out);
    ch_text_fini(&json);
}
