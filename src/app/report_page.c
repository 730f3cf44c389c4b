/* SPDX-License-Identifier: MIT
 * The page: its template with style, code and data put in. The policy of the page names code and style by their hashes, so a
 * browser runs nothing else, and loads nothing at all. What is said in words needs no code to be read. */
#define _POSIX_C_SOURCE 200809L
#include "app/answer.h"
#include "app/report.h"
#include "output/pack.h"
#include "report/parts.h"
#include <stdlib.h>
#include <string.h>

void ch_report_escape(const char *s, size_t n, FILE *out)
{
    for (size_t i = 0; s && i < n && s[i]; i++)
        switch (s[i]) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            if ((unsigned char)s[i] >= 0x20 || s[i] == '\n' || s[i] == '\t')
                fputc(s[i], out);
        }
}

/* ---- the verdict --------------------------------------------------------------------------------------------------- */

/* Number of the policy that is named in quotes at s, or -1. */
static int policy_at(const struct ch_file *f, const char *s, size_t *length)
{
    for (unsigned p = 0; s[0] == '\'' && p < f->n_policies; p++) {
        *length = strlen(f->policy[p]);
        if (strncmp(s + 1, f->policy[p], *length) == 0 && s[1 + *length] == '\'')
            return (int)p;
    }
    return -1;
}

/* A line of the answer, its policies marked. */
static void put_line(const struct ch_file *f, const char *line, size_t n, FILE *out)
{
    for (size_t i = 0; i < n;) {
        size_t length = 0;
        int p = policy_at(f, line + i, &length);
        if (p >= 0) {
            fprintf(out, "<b class=\"policy\" data-policy=\"%d\">", p);
            ch_report_escape(f->policy[p], length, out);
            fputs("</b>", out);
            i += length + 2;
        } else
            ch_report_escape(line + i++, 1, out);
    }
}

/* Lines of the answer by their indentation; the question stands above already. */
static void put_answer(const struct ch_file *f, const char *text, FILE *out)
{
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n"), indent = strspn(line, " ");
        bool head = strncmp(line, "Answer", 6) == 0;
        bool known = strncmp(line, "Question:", 9) == 0 || (n == 7 && strncmp(line, "Answer:", 7) == 0);
        if (n > 0 && !known) {
            bool title = strncmp(line, "== ", 3) == 0; /* of what is said of all points */
            indent += title ? 3 : 0;
            fputs(title        ? "<p class=\"title\">"
                  : head       ? "<p class=\"scale\">"
                  : indent > 2 ? "<p class=\"detail\">"
                               : "<p>",
                  out);
            indent += head && line[6] == ' ' ? 7 : 0; /* "Answer (in these units):" stands below that word already */
            put_line(f, line + indent, n - indent, out);
            fputs("</p>\n", out);
        }
        line += n + (line[n] == '\n');
    }
}

/* One answer for all points of a sweep: its words, and its table as the terminal shows it. */
static void put_whole(const struct ch_file *f, const char *text, FILE *out)
{
    const char *words = strstr(text, "\nAnswer"), *question = strstr(text, "\nQuestion:"); /* that stands above */
    const char *end = question && (!words || question < words) ? question : words;
    fputs("<div class=\"verdict\" data-point=\"-1\">\n", out);
    if (words)
        put_answer(f, words + 1, out);
    fputs("<div class=\"scroll\"><pre>", out);
    ch_report_escape(text, end ? (size_t)(end - text) : SIZE_MAX, out);
    fputs("</pre></div>\n</div>\n", out);
}

static void put_point(const struct ch_file *f, unsigned point, const char *text, FILE *out)
{
    fprintf(out, "<div class=\"verdict\" data-point=\"%u\">\n", point);
    if (f->n_points > 1) {
        fputs("<h3>", out);
        ch_report_escape(f->point_label[point], SIZE_MAX, out);
        fputs("</h3>\n", out);
    }
    put_answer(f, text, out);
    fputs("</div>\n", out);
}

static void put_verdict(const struct ch_report *r, unsigned point, FILE *out)
{
    char *text = NULL;
    size_t n = 0;
    FILE *words = open_memstream(&text, &n);
    if (!words)
        return;
    bool whole = ch_answer_of_all_points(r->file, r->confidence, words);
    if (!whole)
        ch_answer_print(r->file, point, r->baseline, r->confidence, words);
    fclose(words);
    if (whole)
        put_whole(r->file, text, out);
    else
        put_point(r->file, point, text, out);
    free(text);
}

/* Which point of the sweep is best, in words. */
static void put_best(const struct ch_report *r, FILE *out)
{
    char *text = NULL;
    size_t n = 0;
    FILE *words = open_memstream(&text, &n);
    if (!words)
        return;
    ch_answer_sweep(r->file, r->baseline, r->confidence, words);
    fclose(words);
    if (n > 0) {
        fputs("<div class=\"verdict\" data-point=\"-1\">\n", out);
        put_answer(r->file, text, out);
        fputs("</div>\n", out);
    }
    free(text);
}

static void put_verdicts(const struct ch_report *r, FILE *out)
{
    const struct ch_file *f = r->file;
    bool whole = ch_answer_of_all_points(f, r->confidence, NULL);
    for (unsigned point = 0; point < (whole ? 1 : f->n_points); point++)
        put_verdict(r, point, out);
    if (!whole && f->n_points > 1)
        put_best(r, out);
}

/* ---- the parts ----------------------------------------------------------------------------------------------------- */

static int nibble(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

/* 'sha256-...' of what stands in a script or style element */
static void put_hash(const char *s, size_t n, FILE *out)
{
    char hex[65];
    unsigned char byte[32];
    struct ch_text text = {0};
    ch_sha256_hex(s, n, hex);
    for (int i = 0; i < 32; i++)
        byte[i] = (unsigned char)(nibble(hex[2 * i]) * 16 + nibble(hex[2 * i + 1]));
    ch_pack_base64(byte, sizeof byte, &text);
    fprintf(out, "'sha256-%s'", text.s ? text.s : "");
    ch_text_fini(&text);
}

struct page {
    const struct ch_report *report;
    struct ch_text style, code, data, maps;
};

/* What a hole of the template, such as {{title}}, is filled with. */
static void fill(const struct page *p, const char *hole, size_t n, FILE *out)
{
    const struct ch_file *f = p->report->file;
    const struct {
        const char *name;
        const struct ch_text *text;
    } blocks[] = {{"style", &p->style}, {"code", &p->code}, {"data", &p->data}, {"maps", &p->maps}};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        if (strlen(blocks[i].name) == n && strncmp(hole, blocks[i].name, n) == 0)
            fwrite(blocks[i].text->s, 1, blocks[i].text->n, out);
    if (n == 5 && strncmp(hole, "title", n) == 0)
        ch_report_escape(f->name, SIZE_MAX, out);
    else if (n == 8 && strncmp(hole, "question", n) == 0)
        ch_report_escape(f->question, SIZE_MAX, out);
    else if (n == 7 && strncmp(hole, "verdict", n) == 0)
        put_verdicts(p->report, out);
    else if (n == 9 && strncmp(hole, "code_hash", n) == 0)
        put_hash(p->code.s, p->code.n, out);
    else if (n == 10 && strncmp(hole, "style_hash", n) == 0)
        put_hash(p->style.s, p->style.n, out);
}

static void put_page(const struct page *p, FILE *out)
{
    const char *at = (const char *)ch_report_page_html;
    for (const char *hole; (hole = strstr(at, "{{")) != NULL;) {
        size_t n = strcspn(hole + 2, "}");
        fwrite(at, 1, (size_t)(hole - at), out);
        fill(p, hole + 2, n, out);
        at = hole + n + 4;
    }
    fputs(at, out);
}

static void add_parts(struct page *p)
{
    ch_text_add(&p->style, (const char *)ch_report_uplot_css);
    ch_text_add(&p->style, (const char *)ch_report_page_css);
    ch_text_addf(&p->code, "/*\n%s*/\n", (const char *)ch_report_uplot_LICENSE); /* it goes where the code goes */
    ch_text_add(&p->code, (const char *)ch_report_uplot_js);
    ch_text_add(&p->code, (const char *)ch_report_words_js);
    ch_text_add(&p->code, (const char *)ch_report_charts_js);
    ch_text_add(&p->code, (const char *)ch_report_maps_js);
    ch_text_add(&p->code, (const char *)ch_report_page_js);
}

static enum ch_code pack_data(const struct ch_report *r, struct page *p, struct ch_error *error)
{
    struct ch_text about = {0};
    char *json = NULL;
    size_t n = 0;
    enum ch_code code = ch_report_maps(r, &about, &p->maps, error);
    FILE *out = code == CH_OK ? open_memstream(&json, &n) : NULL;
    if (out)
        ch_report_json(r, &about, out);
    if (code == CH_OK && (!out || fclose(out) != 0 || !ch_pack_gzip64(json, n, &p->data)))
        code = ch_fail(error, CH_TOO_BIG, "out of memory for the page");
    free(json);
    ch_text_fini(&about);
    return code;
}

enum ch_code ch_report_html(const struct ch_report *r, struct ch_text *text, struct ch_error *error)
{
    struct page p = {.report = r};
    char *page = NULL;
    size_t n = 0;
    add_parts(&p);
    enum ch_code code = pack_data(r, &p, error);
    FILE *out = code == CH_OK ? open_memstream(&page, &n) : NULL;
    if (out)
        put_page(&p, out);
    if (code == CH_OK && (!out || fclose(out) != 0 || p.code.failed || p.style.failed))
        code = ch_fail(error, CH_TOO_BIG, "out of memory for the page");
    if (code == CH_OK)
        ch_text_addn(text, page, n);
    free(page);
    ch_text_fini(&p.style);
    ch_text_fini(&p.code);
    ch_text_fini(&p.data);
    ch_text_fini(&p.maps);
    return code == CH_OK && text->failed ? ch_fail(error, CH_TOO_BIG, "out of memory for the page") : code;
}
