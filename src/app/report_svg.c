/* SPDX-License-Identifier: MIT
 * The trade-off as a picture for papers: profit against intrusion, with intervals, and beside each policy how sure it is that
 * no other beats it in both. */
#include "app/answer.h"
#include "app/report.h"
#include <math.h>
#include <string.h>

enum { WIDTH = 720, HEIGHT = 460, LEFT = 84, RIGHT = 24, TOP = 30, BOTTOM = 62 };

struct axis {
    double low, high, step;
    double from, to; /* in the picture */
};

static double at(const struct axis *a, double value)
{
    return a->from + (value - a->low) / (a->high - a->low) * (a->to - a->from);
}

/* 1, 2 or 5 times a power of ten, for about five marks. */
static double step_for(double span)
{
    double step = pow(10, floor(log10(span / 5)));
    double ratio = span / 5 / step;
    return step * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

/* Covers the intervals, and 0. */
static void fit(struct axis *a, const struct ch_interval *i, unsigned n)
{
    a->low = a->high = 0;
    for (unsigned p = 0; p < n; p++) {
        double low = isnan(i[p].low) ? i[p].estimate : i[p].low, high = isnan(i[p].high) ? i[p].estimate : i[p].high;
        a->low = fmin(a->low, isnan(low) ? 0 : low);
        a->high = fmax(a->high, isnan(high) ? 0 : high);
    }
    double span = a->high - a->low > 0 ? a->high - a->low : 1;
    a->low -= 0.06 * span;
    a->high += 0.1 * span;
    a->step = step_for(span);
}

/* Told apart without colour, too. */
static const struct {
    const char *colour, *mark;
} looks[] = {
    {"#555555", "M-5-5H5V5H-5Z"},    {"#0072b2", "M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6Z"},
    {"#d55e00", "M0-7L6.5 5H-6.5Z"}, {"#009e73", "M0-7L7 0L0 7L-7 0Z"},
    {"#cc79a7", "M0 7L6.5-5H-6.5Z"}, {"#a07800", "M-6-2H-2V-6H2V-2H6V2H2V6H-2V2H-6Z"},
};
enum { LOOKS = sizeof looks / sizeof looks[0] };

static void put_axes(const struct axis *x, const struct axis *y, FILE *out)
{
    for (double v = ceil(x->low / x->step) * x->step; v <= x->high; v += x->step)
        fprintf(out,
                "<path d=\"M%.1f %d V%d\" stroke=\"#dddddd\"/>\n<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.*f</text>\n",
                at(x, v), TOP, HEIGHT - BOTTOM, at(x, v), HEIGHT - BOTTOM + 18, x->step < 1 ? 2 : 0, v + 0.0);
    for (double v = ceil(y->low / y->step) * y->step; v <= y->high; v += y->step)
        fprintf(out, "<path d=\"M%d %.1f H%d\" stroke=\"%s\"/>\n<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.*f</text>\n",
                LEFT, at(y, v), WIDTH - RIGHT, fabs(v) < y->step / 2 ? "#888888" : "#dddddd", LEFT - 8, at(y, v) + 4,
                y->step < 1 ? 2 : 0, fabs(v) < y->step / 2 ? 0.0 : v);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">unwanted messages per inhabitant and week</text>\n",
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14);
    fprintf(out,
            "<text transform=\"translate(20 %d) rotate(-90)\" text-anchor=\"middle\">profit less the baseline's, EUR per 1,000 "
            "inhabitants and week</text>\n",
            (TOP + HEIGHT - BOTTOM) / 2);
}

static void put_bar(const struct axis *along, const struct axis *across, struct ch_interval i, double other, bool upright,
                    FILE *out)
{
    if (isnan(i.low) || isnan(i.high) || isnan(other))
        return;
    if (upright)
        fprintf(out, "<path d=\"M%.1f %.1f V%.1f\"/>\n", at(across, other), at(along, i.low), at(along, i.high));
    else
        fprintf(out, "<path d=\"M%.1f %.1f H%.1f\"/>\n", at(along, i.low), at(across, other), at(along, i.high));
}

static void put_policy(const struct ch_report *r, const struct ch_tradeoff *t, unsigned p, const struct axis *x,
                       const struct axis *y, FILE *out)
{
    const char *colour = looks[p % LOOKS].colour;
    struct ch_interval gain = t->profit[p], price = t->intrusion[p];
    if (isnan(gain.estimate) || isnan(price.estimate))
        return;
    double px = at(x, price.estimate), py = at(y, gain.estimate);
    bool left = px > WIDTH - RIGHT - 190;
    fprintf(out, "<g stroke=\"%s\" stroke-width=\"1.5\">\n", colour);
    put_bar(y, x, gain, price.estimate, true, out);
    put_bar(x, y, price, gain.estimate, false, out);
    fprintf(out, "<path transform=\"translate(%.1f %.1f)\" d=\"%s\" fill=\"%s\"/></g>\n", px, py, looks[p % LOOKS].mark,
            t->on_means[p] ? colour : "white");
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"><tspan font-weight=\"bold\">", px + (left ? -12 : 12), py - 8,
            left ? "end" : "start");
    ch_report_escape(r->file->policy[p], SIZE_MAX, out);
    if (isnan(t->probability[p]))
        fputs("</tspan> stress test</text>\n", out);
    else if (r->file->n_replications < CH_FEW_REPLICATIONS)
        fputs("</tspan></text>\n", out);
    else
        fprintf(out, "</tspan> not beaten: %.0f %%</text>\n", 100 * t->probability[p]);
}

enum ch_code ch_report_svg(const struct ch_report *r, FILE *out, struct ch_error *error)
{
    struct ch_tradeoff t;
    struct axis x = {.from = LEFT, .to = WIDTH - RIGHT}, y = {.from = HEIGHT - BOTTOM, .to = TOP};
    if (!ch_report_tradeoff(r, 0, &t)) {
        ch_tradeoff_fini(&t);
        return ch_fail(error, CH_INVALID,
                       "%s: holds no trade-off: two policies with retail_profit and unwanted messages are needed", r->path);
    }
    fit(&x, t.intrusion, t.n);
    fit(&y, t.profit, t.n);
    fprintf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
        "font-size=\"13\" fill=\"#222222\" role=\"img\">\n<title>",
        WIDTH, HEIGHT, WIDTH, HEIGHT);
    ch_report_escape(r->file->name, SIZE_MAX, out);
    fprintf(out, ": profit against intrusion</title>\n<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", WIDTH, HEIGHT);
    put_axes(&x, &y, out);
    for (unsigned p = 0; p < t.n; p++)
        put_policy(r, &t, p, &x, &y, out);
    fputs("</svg>\n", out);
    ch_tradeoff_fini(&t);
    return CH_OK;
}
