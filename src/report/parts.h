/* SPDX-License-Identifier: MIT
 * The files of this folder as they are built into the program, so that it needs none of them where it runs. Each ends with a 0.
 * `embed` makes the arrays. */
#ifndef CH_REPORT_PARTS_H
#define CH_REPORT_PARTS_H

extern const unsigned char ch_report_page_html[], ch_report_page_css[], ch_report_uplot_css[];
extern const unsigned char ch_report_uplot_LICENSE[], ch_report_uplot_js[], ch_report_words_js[], ch_report_charts_js[],
    ch_report_maps_js[], ch_report_flows_js[], ch_report_page_js[];

#endif
