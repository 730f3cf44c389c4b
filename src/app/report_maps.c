/* SPDX-License-Identifier: MIT
 * Maps for the page: 16-bit numbers, one quantum for all maps of a kind. Policies are stored as their difference to the first:
 * common random numbers make most of these 0. What does not fit is coarsened, in time first, then in space. */
#define _POSIX_C_SOURCE 200809L
#include "app/json.h"
#include "app/report.h"
#include "output/pack.h"
#include <stdlib.h>
#include <string.h>

enum { HOURS = 168, LAYERS_MAX = 8, PACKED_MAX = 3 << 20, VALUES_MAX = 48 << 20, TOP = 65535 };

struct layer {
    char path[CH_BOOK_NAME_MAX + 16];
    struct ch_book_array about; /* without values */
    double quantum;
    double low; /* least value in quanta: 0, or less where sums can be negative */
};

struct maps {
    const struct ch_report *report;
    struct layer layer[LAYERS_MAX];
    unsigned n_layers, replications;             /* maps in a panel to be summed: 1 unless the file holds each run's */
    size_t height, width, rows, columns, frames; /* of the file; of the page */
    unsigned hours, block;                       /* summed into one */
    double *panel, *frame;                       /* one map as in the file, and as on the page */
    unsigned char *bytes;                        /* [layer][point][policy]: low bytes, then high bytes */
};

static const unsigned hours_of_step[] = {1, 2, 3, 4, 6, 8, 12, 24, 168};
enum { STEPS = sizeof hours_of_step / sizeof hours_of_step[0] };

static size_t cells(const struct maps *m) { return m->frames * m->rows * m->columns; }
static size_t panels(const struct maps *m) { return (size_t)m->report->file->n_points * m->report->file->n_policies; }
static size_t values(const struct maps *m) { return cells(m) * panels(m) * m->n_layers; }

static bool is_map(const struct maps *m, const struct ch_book_array *a)
{
    const struct ch_file *f = m->report->file;
    unsigned lead = ch_book_has(m->report->book, "/fields/point");
    bool full = a->rank == 5 + lead;
    return (full || a->rank == 4 + lead) && a->size[a->rank - 3] == HOURS && a->size[lead] == f->n_policies &&
           (!full || a->size[lead + 1] == f->n_replications) && (!lead || a->size[0] == f->n_points);
}

static void find_layers(struct maps *m)
{
    char **name;
    size_t n = ch_book_list(m->report->book, "/fields", &name);
    for (size_t i = 0; i < n; i++) {
        struct layer *l = &m->layer[m->n_layers];
        snprintf(l->path, sizeof l->path, "/fields/%s", name[i]);
        if (m->n_layers < LAYERS_MAX && ch_book_look(m->report->book, l->path, &l->about) && is_map(m, &l->about)) {
            m->height = l->about.size[l->about.rank - 2];
            m->width = l->about.size[l->about.rank - 1];
            m->replications = (unsigned)(l->about.n / panels(m) / HOURS / m->height / m->width);
            m->n_layers++;
        } else if (m->n_layers < LAYERS_MAX)
            ch_book_fini(&l->about);
        free(name[i]);
    }
    free(name);
}

/* One policy's map at the page's resolution, summed over replications. */
static bool read_frame(struct maps *m, const struct layer *l, size_t panel)
{
    memset(m->frame, 0, cells(m) * sizeof *m->frame);
    for (unsigned r = 0; r < m->replications; r++) {
        const double *v = m->panel;
        if (!ch_book_panel(m->report->book, l->path, 3, panel * m->replications + r, m->panel))
            return false;
        for (size_t t = 0; t < HOURS; t++)
            for (size_t y = 0; y < m->height; y++)
                for (size_t x = 0; x < m->width; x++)
                    m->frame[(t / m->hours * m->rows + y / m->block) * m->columns + x / m->block] += *v++;
    }
    return true;
}

static double scale_of(const struct maps *m, const struct layer *l)
{
    double scale = 1;
    char *note = ch_book_note(m->report->book, l->path, "scale_factor");
    if (note)
        ch_parse_double(note, strlen(note), &scale);
    free(note);
    return scale;
}

/* As fine as the file counts, unless the largest value would not fit. */
static bool find_quantum(struct maps *m, struct layer *l)
{
    double most = 0, least = 0;
    for (size_t p = 0; p < panels(m); p++) {
        if (!read_frame(m, l, p))
            return false;
        for (size_t i = 0; i < cells(m); i++) {
            most = fmax(most, m->frame[i]);
            least = fmin(least, m->frame[i]);
        }
    }
    l->quantum = fmax(scale_of(m, l), (most - least) / (TOP - 1));
    l->low = floor(least / l->quantum);
    return true;
}

static bool quantise(struct maps *m, unsigned which, uint16_t *first, uint16_t *own)
{
    struct layer *l = &m->layer[which];
    size_t n = cells(m), policies = m->report->file->n_policies;
    if (!find_quantum(m, l))
        return false;
    for (size_t p = 0; p < panels(m); p++) {
        uint16_t *to = p % policies ? own : first;
        unsigned char *low = m->bytes + (which * panels(m) + p) * 2 * n, *high = low + n;
        if (!read_frame(m, l, p))
            return false;
        for (size_t i = 0; i < n; i++) {
            double v = floor(m->frame[i] / l->quantum + 0.5) - l->low;
            to[i] = (uint16_t)(v < 0 ? 0 : v > TOP ? TOP : v);
            uint16_t told = (uint16_t)(p % policies ? own[i] - first[i] : first[i]);
            low[i] = (unsigned char)(told & 255);
            high[i] = (unsigned char)(told >> 8);
        }
    }
    return true;
}

static void set_resolution(struct maps *m, unsigned hours, unsigned block)
{
    m->hours = hours;
    m->block = block;
    m->frames = HOURS / hours;
    m->rows = (m->height + block - 1) / block;
    m->columns = (m->width + block - 1) / block;
}

/* Once at a resolution; an allocation that fails is told, an array that cannot be read, too. */
static enum ch_code pack(struct maps *m, struct ch_text *packed, struct ch_error *error)
{
    size_t n = cells(m);
    uint16_t *room = malloc(2 * n * sizeof *room);
    bool good = true;
    m->panel = malloc(HOURS * m->height * m->width * sizeof *m->panel);
    m->frame = malloc(n * sizeof *m->frame);
    m->bytes = malloc(2 * values(m));
    enum ch_code code = CH_OK;
    if (!room || !m->panel || !m->frame || !m->bytes)
        code = ch_fail(error, CH_TOO_BIG, "out of memory for the maps");
    for (unsigned i = 0; i < m->n_layers && good && code == CH_OK; i++)
        good = quantise(m, i, room, room + n);
    if (!good)
        code = ch_fail(error, CH_INVALID, "%s: damaged: its maps cannot be read", m->report->path);
    if (code == CH_OK && !ch_pack_gzip64(m->bytes, 2 * values(m), packed))
        code = ch_fail(error, CH_TOO_BIG, "out of memory for the maps");
    free(room);
    free(m->panel);
    free(m->frame);
    free(m->bytes);
    return code;
}

static double spacing(const struct maps *m)
{
    struct ch_book_array x;
    double metres = ch_book_read(m->report->book, "/fields/x", &x) && x.n > 1 && x.number ? x.number[1] - x.number[0] : 1;
    ch_book_fini(&x);
    return metres;
}

static void describe(const struct maps *m, FILE *out)
{
    fprintf(out, "{\"frames\":%zu,\"rows\":%zu,\"columns\":%zu,\"hours\":%u,\"block\":%u,\"metres\":", m->frames, m->rows,
            m->columns, m->hours, m->block);
    ch_json_put_number(out, spacing(m) * m->block);
    fputs(",\"layers\":[", out);
    for (unsigned i = 0; i < m->n_layers; i++) {
        const struct layer *l = &m->layer[i];
        fputs(i ? ",{\"name\":" : "{\"name\":", out);
        ch_json_put_string(out, l->about.name);
        fputs(",\"unit\":", out);
        ch_json_put_string(out, l->about.unit);
        fputs(",\"doc\":", out);
        ch_json_put_string(out, l->about.doc);
        fputs(",\"quantum\":", out);
        ch_json_put_number(out, l->quantum / m->report->file->n_replications); /* mean of a run */
        fprintf(out, ",\"low\":%.0f}", l->low);
    }
    fputs("]}", out);
}

/* Steps of coarsening: hours first, then nodes. False after the last, which sums all of both. */
static bool set_step(struct maps *m, unsigned step)
{
    unsigned block = step < STEPS ? 1 : 1u << (step - STEPS + 1);
    set_resolution(m, hours_of_step[step < STEPS ? step : STEPS - 1], block);
    return step + 1 < STEPS || (m->rows > 1 && m->columns > 1);
}

/* The finest that fits; the coarsest is taken whatever its size. A step that the one before shows to be hopeless is left out. */
static enum ch_code find_resolution(struct maps *m, struct ch_text *packed, struct ch_error *error)
{
    enum ch_code code = CH_OK;
    size_t limit = m->report->maps_max ? m->report->maps_max : PACKED_MAX;
    double per_value = 0; /* packed bytes, a little less than at the last try: sums of more are less alike */
    bool more = true;
    for (unsigned step = 0; code == CH_OK && more; step++) {
        more = set_step(m, step);
        if (more && (values(m) > VALUES_MAX || per_value * (double)values(m) > (double)limit))
            continue;
        ch_text_fini(packed);
        *packed = (struct ch_text){0};
        code = pack(m, packed, error);
        per_value = 0.8 * (double)packed->n / (double)values(m);
        more = more && packed->n > limit;
    }
    return code;
}

enum ch_code ch_report_maps(const struct ch_report *r, struct ch_text *about, struct ch_text *packed, struct ch_error *error)
{
    struct maps m = {.report = r};
    enum ch_code code = CH_OK;
    find_layers(&m);
    if (m.n_layers)
        code = find_resolution(&m, packed, error);
    if (m.n_layers && code == CH_OK) {
        char *text = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&text, &n);
        if (out)
            describe(&m, out);
        if (!out || fclose(out) != 0)
            code = ch_fail(error, CH_TOO_BIG, "out of memory for the maps");
        else
            ch_text_addn(about, text, n);
        free(text);
    }
    for (unsigned i = 0; i < m.n_layers; i++)
        ch_book_fini(&m.layer[i].about);
    return code;
}
