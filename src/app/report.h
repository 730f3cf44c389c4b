/* SPDX-License-Identifier: MIT
 * What the files of `chaland report` share. The page is a template with three holes: words made here, one block of data, one of
 * maps; what can be computed is computed here, and the page only draws. */
#ifndef CH_REPORT_H
#define CH_REPORT_H

#include "app/verdict.h"
#include "base/text.h"
#include "output/book.h"

struct ch_report {
    const struct ch_file *file;
    const struct ch_book *book;
    const char *path; /* of the file */
    unsigned baseline;
    double confidence;
    size_t maps_max; /* bytes of packed maps; 0: as many as a page of 5 MB bears */
    bool all;        /* every key figure in tables of words */
};

/* Profit against intrusion: what each policy is, how it differs from the baseline, and whether any other beats it (F6). */
struct ch_tradeoff {
    unsigned n;
    bool *on_means;                         /* [n] no other policy is at least as good in both and better in one */
    double *probability;                    /* [n] the same in bootstrap samples; NaN: forced, not for choosing */
    struct ch_interval *profit, *intrusion; /* [n] EUR per 1,000 inhabitants and week, less the baseline's; unwanted messages */
};
/* False: not measured. Release with ch_tradeoff_fini in either case. */
bool ch_report_tradeoff(const struct ch_report *report, unsigned point, struct ch_tradeoff *out);
void ch_tradeoff_fini(struct ch_tradeoff *tradeoff);

/* JSON objects of the data block: report_data.c, report_tables.c */
void ch_report_json(const struct ch_report *report, const struct ch_text *maps_about, FILE *out);
void ch_report_json_tables(const struct ch_report *report, FILE *out);
/* Maps as 16-bit numbers, packed; `about` is the JSON that says how. Both stay empty without maps. */
enum ch_code ch_report_maps(const struct ch_report *report, struct ch_text *about, struct ch_text *packed,
                            struct ch_error *error);

/* Whole documents. */
enum ch_code ch_report_html(const struct ch_report *report, struct ch_text *out, struct ch_error *error);
void ch_report_md(const struct ch_report *report, FILE *out);
void ch_report_csv(const struct ch_report *report, FILE *out);
enum ch_code ch_report_svg(const struct ch_report *report, FILE *out, struct ch_error *error);

/* Text for HTML and SVG. */
void ch_report_escape(const char *s, size_t n, FILE *out);

#endif
