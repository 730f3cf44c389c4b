/* SPDX-License-Identifier: MIT
 * `chaland report`: one page that needs nothing but a browser; or words, a table, a picture for other documents. */
#define _XOPEN_SOURCE 700
#include "app/report.h"
#include "app/cli.h"
#include "app/json.h"
#include "output/pack.h"
#include <stdlib.h>
#include <string.h>

#define FORMATS(X) X(html) X(md) X(csv) X(svg)
enum format {
#define X(name) FORMAT_##name,
    FORMATS(X)
#undef X
        N_FORMATS
};
static const char *const formats[] = {
#define X(name) #name,
    FORMATS(X)
#undef X
};

/* --format, else the ending of the output, else a page. */
static enum ch_code choose_format(const struct ch_args *args, enum format *format, struct ch_error *error)
{
    const char *dot = args->output ? strrchr(args->output, '.') : NULL, *word = args->format ? args->format
                                                                                : dot        ? dot + 1
                                                                                             : "html";
    for (unsigned i = 0; i < N_FORMATS; i++)
        if (strcmp(word, formats[i]) == 0) {
            *format = (enum format)i;
            return CH_OK;
        }
    *format = FORMAT_html;
    return args->format ? ch_fail(error, CH_INVALID, "--format: '%s' is unknown; write html, md, csv or svg", word)
           : strcmp(word, "htm") == 0
               ? CH_OK
               : ch_fail(error, CH_INVALID,
                         "%s: its ending does not tell the format; end it in .html, .md, .csv or .svg, or add --format",
                         args->output);
}

/* "run.h5" gives "run.html". */
static void default_output(const char *path, struct ch_text *out)
{
    size_t n = strlen(path);
    ch_text_addn(out, path, n > 3 && strcmp(path + n - 3, ".h5") == 0 ? n - 3 : n);
    ch_text_add(out, ".html");
}

static enum ch_code make(const struct ch_report *r, enum format format, struct ch_text *text, struct ch_error *error)
{
    char *s = NULL;
    size_t n = 0;
    if (format == FORMAT_html)
        return ch_report_html(r, text, error);
    FILE *out = open_memstream(&s, &n);
    enum ch_code code = out ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory for the report");
    if (out && format == FORMAT_md)
        ch_report_md(r, out);
    else if (out && format == FORMAT_csv)
        ch_report_csv(r, out);
    else if (out)
        code = ch_report_svg(r, out, error);
    if (out && fclose(out) != 0 && code == CH_OK)
        code = ch_fail(error, CH_TOO_BIG, "out of memory for the report");
    if (code == CH_OK)
        ch_text_addn(text, s, n);
    free(s);
    return code;
}

static void tell(const struct ch_args *args, enum format format, const char *path, size_t n)
{
    if (args->json) {
        fputs("{\"schema_version\": 1, \"output\": ", stdout);
        ch_json_put_string(stdout, path);
        printf(", \"format\": \"%s\", \"bytes\": %zu}\n", formats[format], n);
    } else if (!args->quiet)
        printf("report  %s (%.2f MB)%s\n", path, (double)n / 1e6, format == FORMAT_html ? "; open it in any browser" : "");
}

static void tell_text(enum format format, const char *text)
{
    printf("{\"schema_version\": 1, \"format\": \"%s\", \"text\": ", formats[format]);
    ch_json_put_string(stdout, text);
    printf("}\n");
}

/* Words go to standard output unless a file is named; a page always to a file. */
static enum ch_code deliver(const struct ch_args *args, const struct ch_report *r, enum format format, struct ch_error *error)
{
    struct ch_text text = {0}, path = {0};
    if (args->output)
        ch_text_add(&path, args->output);
    else if (format == FORMAT_html)
        default_output(args->operand, &path);
    enum ch_code code = path.s ? ch_results_target_from(args->operand, path.s, args->force, error) : CH_OK;
    if (code == CH_OK)
        code = make(r, format, &text, error);
    if (code == CH_OK && path.s)
        code = ch_pack_write(path.s, args->force, text.s, text.n, error);
    else if (code == CH_OK && args->json)
        tell_text(format, text.s);
    else if (code == CH_OK)
        fwrite(text.s, 1, text.n, stdout);
    if (code == CH_OK && path.s)
        tell(args, format, path.s, text.n);
    ch_text_fini(&text);
    ch_text_fini(&path);
    return code;
}

static enum ch_code report(const struct ch_args *args, const struct ch_file *file, enum format format, struct ch_error *error)
{
    struct ch_report r = {.file = file,
                          .path = args->operand,
                          .baseline = file->baseline,
                          .confidence = args->confidence > 0 ? args->confidence : file->confidence,
                          .all = args->all};
    struct ch_book *book = NULL;
    if (args->baseline && ch_file_policy(file, args->baseline) < 0)
        return ch_file_unknown_policy(file, args->baseline, error);
    if (args->baseline)
        r.baseline = (unsigned)ch_file_policy(file, args->baseline);
    enum ch_code code = ch_book_open(args->operand, &book, error);
    r.book = book;
    if (code == CH_OK)
        code = deliver(args, &r, format, error);
    ch_book_close(book);
    return code;
}

enum ch_code ch_cmd_report(const struct ch_args *args)
{
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    enum format format;
    enum ch_code code = choose_format(args, &format, &error);
    if (code == CH_OK)
        code = ch_file_read(args->operand, false, &file, &error);
    if (code != CH_OK)
        return ch_cli_fail(args, &error);
    code = report(args, &file, format, &error);
    ch_file_fini(&file);
    return code == CH_OK ? CH_OK : ch_cli_fail(args, &error);
}
