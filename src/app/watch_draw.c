/* SPDX-License-Identifier: MIT
 * A status as a screenful: a bar, what it costs, and the table of figures so far. */
#include "app/answer.h"
#include "app/live.h"
#include "app/progress.h"
#include "base/terminal.h"
#include <math.h>
#include <string.h>

enum { NAME_WIDTH = 29, UNIT_WIDTH = 7, MEAN_WIDTH = 10, CELL = 120, CONTRASTS_MAX = 64, PLAIN_COLUMNS = 130 };

struct draw {
    const struct ch_live *w;
    int columns, rows, used; /* rows 0: any number */
    FILE *to;
    struct ch_text *out;
};

/* A line, cut to the columns; false when the rows are used up. */
static bool line(struct draw *d, enum ch_ink ink, const char *text)
{
    size_t n = strlen(text);
    if (d->rows && d->used >= d->rows)
        return false;
    while (n > 0 && ch_terminal_width(text, n) > d->columns)
        n--;
    ch_text_add(d->out, ink == CH_INK_PLAIN ? "" : ch_ink(d->to, ink));
    ch_text_addn(d->out, text, n);
    ch_text_add(d->out, ink == CH_INK_PLAIN ? "" : ch_ink(d->to, CH_INK_PLAIN));
    ch_text_add(d->out, "\n");
    d->used++;
    return true;
}

static void emit(struct draw *d, enum ch_ink ink, struct ch_text *text)
{
    line(d, ink, text->s ? text->s : "");
    ch_text_fini(text);
}

/* ---- the head ---------------------------------------------------------------------------------------------------- */

static void draw_title(struct draw *d)
{
    static const enum ch_ink ink[] = {CH_INK_BOLD, CH_INK_GOOD, CH_INK_BAD, CH_INK_WARN, CH_INK_BAD, CH_INK_WARN};
    const struct ch_live *w = d->w;
    struct ch_text text = {0};
    ch_text_addf(&text, "%s: ", w->scenario);
    switch (w->state) {
    case CH_LIVE_running:
        ch_text_add(&text, strcmp(w->phase, "writing") == 0       ? "writing the results"
                           : strcmp(w->phase, "assumptions") == 0 ? "trying its assumptions"
                                                                  : "running");
        break;
    case CH_LIVE_done:
        ch_text_addf(&text, "done; the results are in %s", w->output);
        break;
    case CH_LIVE_failed:
        ch_text_addf(&text, "failed with exit code %d", w->exit_code);
        break;
    case CH_LIVE_stopped:
        ch_text_add(&text, "stopped by a signal");
        break;
    case CH_LIVE_died:
        ch_text_add(&text, "gone without a word: it was killed or crashed");
        break;
    default:
        ch_text_addf(&text, "nothing heard for %.0f s", w->age_s);
    }
    if (w->exit_code < 0)
        ch_text_addf(&text, "  (process %ld on %s)", w->pid, w->host);
    emit(d, ink[w->state], &text);
    if (w->message[0]) {
        ch_text_addf(&text, "  %s", w->message);
        emit(d, CH_INK_PLAIN, &text);
    }
}

static void draw_bar(struct draw *d)
{
    enum { REST = 48, LEAST = 10, MOST = 60 };
    const struct ch_live *w = d->w;
    struct ch_text text = {0};
    char left[32];
    double share = ch_live_share(w);
    int width = d->columns - REST;
    width = width < LEAST ? LEAST : width > MOST ? MOST : width;
    ch_text_add(&text, "[");
    for (int i = 0; i < width; i++)
        ch_text_add(&text, i < (int)(share * width + 0.5) ? "#" : ".");
    ch_text_addf(&text, "] %3.0f %%  %.0f of %.0f %s", 100 * share, w->runs_done, w->runs,
                 strcmp(w->phase, "assumptions") == 0 ? "trials"
                 : w->runs > 1                        ? "runs"
                                                      : "run");
    if (w->state == CH_LIVE_running && isfinite(w->eta_s))
        ch_text_addf(&text, "  %s left", ch_progress_time(w->eta_s, left, sizeof left));
    emit(d, CH_INK_PLAIN, &text);
}

static void draw_cost(struct draw *d)
{
    const struct ch_live *w = d->w;
    struct ch_text text = {0};
    char spent[32];
    ch_text_addf(&text, "%s so far", ch_progress_time(w->elapsed_s, spent, sizeof spent));
    if (strcmp(w->phase, "assumptions") != 0)
        ch_text_addf(&text, "; %.0f of %.0f days", w->days_done, w->days);
    if (w->events > 0)
        ch_text_addf(&text, "; %.1f M events, %.1f M/s", w->events / 1e6, w->events_per_s / 1e6);
    ch_text_addf(&text, "; %.0f MB", w->rss / 1e6);
    emit(d, CH_INK_DIM, &text);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

struct table {
    const struct ch_yaml *means, *differences, *base; /* policy -> figure -> interval; the baseline's means */
    unsigned n_contrasts, n_rows;
    const struct ch_pair *contrast[CONTRASTS_MAX];
    int width[CONTRASTS_MAX];
};

static double number(const struct ch_yaml *map, const char *key)
{
    const struct ch_yaml *value = ch_tree_find(map, key);
    double v;
    return value && value->kind == CH_YAML_SCALAR && ch_parse_double(value->text, value->n, &v) ? v : (double)NAN;
}

static const char *text_of(const struct ch_yaml *map, const char *key)
{
    const struct ch_yaml *value = ch_tree_find(map, key);
    return value && value->kind == CH_YAML_SCALAR ? value->text : "";
}

static bool is_share(const struct ch_yaml *figure) { return strcmp(text_of(figure, "unit"), "share") == 0; }

static void format_cell(const struct ch_yaml *figure, const struct ch_yaml *of_policy, char *cell)
{
    const struct ch_yaml *i = ch_tree_find(of_policy, text_of(figure, "name"));
    double factor = is_share(figure) ? 100 : 1;
    struct ch_interval d = {
        .estimate = factor * number(i, "mean"), .low = factor * number(i, "ci_low"), .high = factor * number(i, "ci_high")};
    if (isnan(d.estimate))
        snprintf(cell, CELL, "-");
    else
        ch_verdict_interval(d, true, cell, CELL);
}

static void format_head(const struct draw *d, const struct ch_pair *contrast, char *cell)
{
    snprintf(cell, CELL, "%s - %s", contrast->key->text, d->w->baseline);
}

static const struct ch_yaml *figure_at(const struct draw *d, unsigned row) { return d->w->figures->item[row]; }

static void measure(const struct draw *d, struct table *t)
{
    char cell[CELL];
    for (unsigned c = 0; c < t->n_contrasts; c++) {
        format_head(d, t->contrast[c], cell);
        t->width[c] = (int)strlen(cell);
        for (unsigned r = 0; r < t->n_rows; r++) {
            format_cell(figure_at(d, r), t->contrast[c]->value, cell);
            t->width[c] = (int)strlen(cell) > t->width[c] ? (int)strlen(cell) : t->width[c];
        }
    }
}

static void draw_row(struct draw *d, const struct table *t, unsigned row, unsigned from, unsigned to)
{
    struct ch_text text = {0};
    char cell[CELL];
    const struct ch_yaml *figure = figure_at(d, row), *own = ch_tree_find(t->base, text_of(figure, "name"));
    bool primary = strcmp(text_of(figure, "primary"), "true") == 0;
    double mean = number(own, "mean") * (is_share(figure) ? 100 : 1);
    ch_text_addf(&text, "%c %-*s %-*s %*s", primary ? '*' : ' ', NAME_WIDTH, text_of(figure, "name"), UNIT_WIDTH,
                 is_share(figure) ? "%" : text_of(figure, "unit"), MEAN_WIDTH, ch_verdict_number(mean, cell, sizeof cell));
    for (unsigned c = from; c < to; c++) {
        format_cell(figure, t->contrast[c]->value, cell);
        ch_text_addf(&text, "  %*s", t->width[c], cell);
    }
    emit(d, CH_INK_PLAIN, &text);
}

/* Contrasts that fit side by side, from one on. */
static unsigned fitting(const struct draw *d, const struct table *t, unsigned from)
{
    int used = NAME_WIDTH + UNIT_WIDTH + MEAN_WIDTH + 4;
    unsigned to = from;
    while (to < t->n_contrasts && (to == from || used + t->width[to] + 2 <= d->columns))
        used += t->width[to++] + 2;
    return to;
}

static unsigned count_blocks(const struct draw *d, const struct table *t)
{
    unsigned n = 0, at = 0;
    do {
        at = fitting(d, t, at);
        n++;
    } while (at < t->n_contrasts);
    return n;
}

static void draw_block(struct draw *d, const struct table *t, unsigned rows, unsigned from, unsigned to)
{
    struct ch_text text = {0};
    char cell[CELL];
    ch_text_addf(&text, "  %-*s %-*s %*s", NAME_WIDTH, "", UNIT_WIDTH, "unit", MEAN_WIDTH, d->w->baseline);
    for (unsigned c = from; c < to; c++) {
        format_head(d, t->contrast[c], cell);
        ch_text_addf(&text, "  %*s", t->width[c], cell);
    }
    line(d, CH_INK_PLAIN, "");
    emit(d, CH_INK_BOLD, &text);
    for (unsigned r = 0; r < rows; r++)
        draw_row(d, t, r, from, to);
}

static struct table table_of(const struct draw *d, const struct ch_yaml *point)
{
    struct table t = {.means = ch_tree_find(point, "kpi"), .differences = ch_tree_find(point, "difference")};
    t.base = ch_tree_find(t.means, d->w->baseline);
    t.n_rows = d->w->figures && d->w->figures->kind == CH_YAML_LIST ? d->w->figures->n : 0;
    for (unsigned i = 0; t.differences && t.differences->kind == CH_YAML_MAP && i < t.differences->n; i++)
        if (t.n_contrasts < CONTRASTS_MAX)
            t.contrast[t.n_contrasts++] = &t.differences->pair[i];
    measure(d, &t);
    return t;
}

/* The figures of one design point, as many as the rows leave room for: primary ones stand first. */
static void draw_point(struct draw *d, const struct ch_yaml *point, int room)
{
    enum { HEAD = 2 };
    struct table t = table_of(d, point);
    struct ch_text text = {0};
    const char *label = text_of(point, "point");
    int blocks = (int)count_blocks(d, &t), rows = (int)t.n_rows;
    if (room && blocks * (rows + HEAD) > room)
        rows = room / blocks - HEAD < 1 ? 1 : room / blocks - HEAD;
    if (label[0]) {
        ch_text_addf(&text, "== %s", label);
        line(d, CH_INK_PLAIN, "");
        emit(d, CH_INK_PLAIN, &text);
    }
    unsigned at = 0;
    do {
        unsigned to = fitting(d, &t, at);
        draw_block(d, &t, (unsigned)(rows < (int)t.n_rows ? rows : (int)t.n_rows), at, to);
        at = to;
    } while (at < t.n_contrasts);
}

/* Lines that a point takes in full. */
static int lines_of(const struct draw *d, const struct ch_yaml *point)
{
    struct table t = table_of(d, point);
    return (text_of(point, "point")[0] ? 2 : 0) + (int)count_blocks(d, &t) * ((int)t.n_rows + 2);
}

static void draw_points(struct draw *d)
{
    const struct ch_yaml *points = d->w->points;
    unsigned n = points && points->kind == CH_YAML_LIST ? points->n : 0, first = n;
    int room = d->rows ? d->rows - d->used - 2 : 0, used = 0;
    if (n == 0)
        return;
    while (first > 0 && (!room || first == n || used + lines_of(d, points->item[first - 1]) <= room))
        used += lines_of(d, points->item[--first]);
    for (unsigned i = first; i < n; i++)
        draw_point(d, points->item[i], n - first == 1 ? room : 0);
    struct ch_text text = {0};
    if (d->w->state != CH_LIVE_done) {
        ch_text_addf(&text, "%s[%g %% interval] of the runs that are finished; the verdict comes at the end",
                     first ? "the latest design points; " : "", 100 * d->w->confidence);
        emit(d, CH_INK_DIM, &text);
    }
}

void ch_live_draw(const struct ch_live *w, int columns, int rows, FILE *to, struct ch_text *out)
{
    struct draw d = {.w = w, .columns = columns ? columns : PLAIN_COLUMNS, .rows = rows, .to = to, .out = out};
    draw_title(&d);
    draw_bar(&d);
    draw_cost(&d);
    draw_points(&d);
}
