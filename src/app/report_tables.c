/* SPDX-License-Identifier: MIT
 * Groups of the file as the page wants them: days as means with intervals; retailers, couriers and assumptions as they are. */
#include "app/json.h"
#include "app/report.h"
#include <stdlib.h>
#include <string.h>

/* "KEY":{"size":[..],"unit":..,"doc":..,"values":[..]} */
static void put_array(const struct ch_book_array *a, FILE *out)
{
    ch_json_put_string(out, a->name);
    fputs(":{\"size\":[", out);
    for (unsigned d = 0; d < a->rank; d++)
        fprintf(out, "%s%zu", d ? "," : "", a->size[d]);
    fputs("],\"unit\":", out);
    ch_json_put_string(out, a->unit);
    fputs(",\"doc\":", out);
    ch_json_put_string(out, a->doc);
    fputs(",\"values\":[", out);
    for (size_t i = 0; i < a->n; i++) {
        fputs(i ? "," : "", out);
        if (a->text)
            ch_json_put_string(out, a->text[i]);
        else
            ch_json_put_number(out, a->number[i]);
    }
    fputs("]}", out);
}

/* Arrays of a group; null without it. */
static void put_group(const struct ch_report *r, const char *group, FILE *out)
{
    char **name, path[CH_BOOK_NAME_MAX + 16];
    size_t n = ch_book_list(r->book, group, &name);
    bool any = false;
    fprintf(out, ",\"%s\":%s", group + 1, n ? "{" : "null");
    for (size_t i = 0; i < n; i++) {
        struct ch_book_array a;
        snprintf(path, sizeof path, "%s/%s", group, name[i]);
        if (ch_book_read(r->book, path, &a)) {
            fputs(any ? "," : "", out);
            put_array(&a, out);
            any = true;
        }
        ch_book_fini(&a);
        free(name[i]);
    }
    fputs(n ? "}" : "", out);
    free(name);
}

/* ---- days ---- */

/* Mean and interval of each day over replications, [point][policy][day]. */
static void put_days(const struct ch_report *r, const struct ch_book_array *a, FILE *out)
{
    unsigned n = r->file->n_replications;
    size_t days = a->size[a->rank - 1], panels = a->n / days / n;
    double *y = malloc(n * sizeof *y);
    fputs("{\"name\":", out);
    ch_json_put_string(out, a->name);
    fputs(",\"unit\":", out);
    ch_json_put_string(out, a->unit);
    fputs(",\"doc\":", out);
    ch_json_put_string(out, a->doc);
    fputs(",\"values\":[", out);
    for (size_t panel = 0; y && panel < panels; panel++)
        for (size_t day = 0; day < days; day++) {
            for (unsigned i = 0; i < n; i++)
                y[i] = a->number[(panel * n + i) * days + day];
            struct ch_interval mean = ch_mean_interval(y, n, r->confidence);
            fputs(panel || day ? ",[" : "[", out);
            ch_json_put_number(out, mean.estimate);
            fputc(',', out);
            ch_json_put_number(out, mean.low);
            fputc(',', out);
            ch_json_put_number(out, mean.high);
            fputc(']', out);
        }
    fputs("]}", out);
    free(y);
}

/* Is it over policy, replication and day, after a point in a sweep? */
static bool is_daily(const struct ch_report *r, const struct ch_book_array *a)
{
    unsigned lead = ch_book_has(r->book, "/daily/point");
    return a->rank == 3 + lead && a->number && a->n > 0 && a->size[lead] == r->file->n_policies &&
           a->size[lead + 1] == r->file->n_replications && (!lead || a->size[0] == r->file->n_points);
}

static void put_daily(const struct ch_report *r, FILE *out)
{
    char **name, path[CH_BOOK_NAME_MAX + 16];
    size_t n = ch_book_list(r->book, "/daily", &name);
    struct ch_book_array a;
    bool any = false;
    fputs(",\"daily\":{\"since\":", out);
    ch_json_put_string(out, ch_book_look(r->book, "/daily/time", &a) ? a.unit : NULL);
    ch_book_fini(&a);
    fputs(",\"series\":[", out);
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "/daily/%s", name[i]);
        if (ch_book_read(r->book, path, &a) && is_daily(r, &a)) {
            fputs(any ? "," : "", out);
            put_days(r, &a, out);
            any = true;
        }
        ch_book_fini(&a);
        free(name[i]);
    }
    fputs("]}", out);
    free(name);
}

void ch_report_json_tables(const struct ch_report *r, FILE *out)
{
    put_daily(r, out);
    put_group(r, "/retailers", out);
    put_group(r, "/pairs", out);
    put_group(r, "/couriers", out);
    put_group(r, "/assumptions", out);
}
