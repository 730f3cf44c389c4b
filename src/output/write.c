/* SPDX-License-Identifier: MIT
 * A results file: made in memory, written beside its target, read back through HDF5 and compared, then renamed. */
#include "output/results_inside.h"
#include <chaland/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void write_root(struct ch_h5 *h, const struct ch_results *r)
{
    char history[600];
    const struct ch_provenance *p = &r->provenance;
    bool bare = p->reproducible || !p->finished_at || !p->command_line;
    snprintf(history, sizeof history, "%s%s%s", bare ? "" : p->finished_at, bare ? "" : " ",
             bare ? "chaland run" : p->command_line);
    ch_h5_note_text(h, "Conventions", "CF-1.10");
    ch_h5_note_text(h, "format_name", "chaland");
    ch_h5_note_i64(h, "format_version", CH_FORMAT_VERSION);
    ch_h5_note_text(h, "title", r->scenario->name);
    ch_h5_note_text(h, "question", r->scenario->question);
    ch_h5_note_text(h, "history", history);
}

static void write_groups(struct ch_h5 *h, const struct ch_results *r)
{
    write_root(h, r);
    ch_write_kpi(h, r);
    ch_write_comparison(h, r);
    ch_write_fields(h, r);
    ch_write_tables(h, r);
    ch_write_assumptions(h, r);
    ch_write_events(h, r);
    ch_write_engine(h, r);
    ch_write_provenance(h, r);
}

enum ch_code ch_results_store(struct ch_h5 *h, const char *path, bool force, struct ch_error *error)
{
    unsigned char *image = NULL;
    char *part = NULL;
    size_t n = 0;
    enum ch_code code = ch_h5_close(h, &image, &n, error);
    if (!code && !ch_seal(&image, &n))
        code = ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    if (!code)
        code = ch_store_part(path, image, n, &part, error);
    if (!code && (code = ch_h5_verify(part, h->record, h->n_records, error)) != CH_OK)
        unlink(part);
    if (!code)
        code = ch_store_commit(part, path, force, error);
    free(part);
    free(image);
    free(h->record);
    return code;
}

enum ch_code ch_results_write(const struct ch_results *results, const char *path, bool force, struct ch_error *error)
{
    CH_REQUIRE(results && results->value && results->scenario && results->city && path);
    struct ch_h5 h;
    enum ch_code code = ch_results_target(path, force, error);
    if (code)
        return code;
    ch_h5_create(&h);
    write_groups(&h, results);
    return ch_results_store(&h, path, force, error);
}
