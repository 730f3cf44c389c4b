/* SPDX-License-Identifier: MIT
 * The manifest is text: what is kept, how many runs are finished, and the sets of the next, newest first. It is replaced as a
 * whole, after the files that it names are on the disk, and before those are removed that it no longer names. So whatever is
 * killed whenever, it names complete files. */
#define _POSIX_C_SOURCE 200809L
#include "sim/sets.h"
#include "base/clock.h"
#include "base/text.h"
#include "output/results.h"
#include "output/snapshot.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETS = 2, NAME = 64, MANIFEST_MOST = 1 << 16 };
static const char title[] = "chaland checkpoints 1\n";

struct set {
    unsigned run;
    uint64_t window;
};

struct ch_sets {
    char *folder, *identity;
    double every_s;
    bool silent;
    double last; /* by the clock: when opened, or when a set was written */
    unsigned done;
    unsigned n_sets;
    struct set set[SETS]; /* newest first */
    char path[PATH_MAX];
};

unsigned ch_sets_done(const struct ch_sets *sets) { return sets->done; }
unsigned ch_sets_count(const struct ch_sets *sets) { return sets->n_sets; }
bool ch_sets_due(const struct ch_sets *sets) { return ch_clock_s() - sets->last >= sets->every_s; }

/* ---- names ------------------------------------------------------------------------------------------------------- */

static const char *path_of(struct ch_sets *sets, const char *name)
{
    snprintf(sets->path, sizeof sets->path, "%s/%s", sets->folder, name);
    return sets->path;
}

static void name_set(const struct set *set, char name[NAME])
{
    snprintf(name, NAME, "run-%04u-window-%010" PRIu64 ".set", set->run, set->window);
}

const char *ch_sets_new_path(struct ch_sets *sets, unsigned run, uint64_t window)
{
    char name[NAME];
    name_set(&(struct set){run, window}, name);
    return path_of(sets, name);
}

const char *ch_sets_path(struct ch_sets *sets, unsigned i)
{
    return ch_sets_new_path(sets, sets->set[i].run, sets->set[i].window);
}

const char *ch_sets_run_path(struct ch_sets *sets, unsigned run)
{
    char name[NAME];
    snprintf(name, sizeof name, "run-%04u.done", run);
    return path_of(sets, name);
}

/* ---- the manifest ------------------------------------------------------------------------------------------------ */

static enum ch_code write_manifest(struct ch_sets *sets, struct ch_error *error)
{
    struct ch_text text = {0};
    char name[NAME];
    ch_text_add(&text, title);
    ch_text_add(&text, sets->identity);
    ch_text_addf(&text, "done: %u\n", sets->done);
    for (unsigned i = 0; i < sets->n_sets; i++) {
        name_set(&sets->set[i], name);
        ch_text_addf(&text, "set: %u %" PRIu64 " %s\n", sets->set[i].run, sets->set[i].window, name);
    }
    ch_text_add(&text, "end\n");
    const char *path = path_of(sets, "manifest");
    enum ch_code code = text.failed ? ch_fail(error, CH_TOO_BIG, "%s: out of memory", path) : CH_OK;
    if (code == CH_OK)
        code = ch_snapshot_replace(path, text.s, text.n, error);
    ch_text_fini(&text);
    return code;
}

/* The first line of `mine` that is not the one at the same place of `theirs`. */
static enum ch_code refuse(const struct ch_sets *sets, const char *theirs, struct ch_error *error)
{
    const char *mine = sets->identity;
    int n = 0, m = 0;
    while (*mine) {
        n = (int)strcspn(mine, "\n");
        m = (int)strcspn(theirs, "\n");
        if (n != m || strncmp(mine, theirs, (size_t)n) != 0)
            break;
        mine += n + 1;
        theirs += m + (theirs[m] == '\n');
    }
    return ch_fail(error, CH_INVALID,
                   "%s: holds checkpoints of something else: it says '%.*s', and this is '%.*s'; name another folder, or go on "
                   "with the same program and scenario",
                   sets->folder, m, theirs, n, mine);
}

static enum ch_code parse_manifest(struct ch_sets *sets, const char *text, struct ch_error *error)
{
    size_t n = strlen(sets->identity);
    if (strncmp(text, title, sizeof title - 1) != 0)
        return ch_fail(error, CH_INVALID, "%s/manifest: is no list of checkpoints that this program can read", sets->folder);
    text += sizeof title - 1;
    if (strncmp(text, sets->identity, n) != 0)
        return refuse(sets, text, error);
    text += n;
    bool good = sscanf(text, "done: %u", &sets->done) == 1;
    for (const char *line = strchr(text, '\n'); good && line && strncmp(line + 1, "set: ", 5) == 0 && sets->n_sets < SETS;
         line = strchr(line + 1, '\n')) {
        struct set *set = &sets->set[sets->n_sets++];
        good = sscanf(line + 1, "set: %u %" SCNu64, &set->run, &set->window) == 2;
    }
    n = strlen(text);
    if (!good || n < 4 || strcmp(text + n - 4, "end\n") != 0)
        return ch_fail(error, CH_INVALID, "%s/manifest: is damaged; remove the folder, and begin again", sets->folder);
    return CH_OK;
}

static enum ch_code read_manifest(struct ch_sets *sets, struct ch_error *error)
{
    struct stat st;
    char *text = NULL;
    size_t n;
    const char *path = path_of(sets, "manifest");
    if (stat(path, &st) != 0 && errno == ENOENT)
        return CH_OK;
    enum ch_code code = ch_read_file(path, MANIFEST_MOST, &text, &n, error);
    if (code == CH_OK)
        code = parse_manifest(sets, text, error);
    free(text);
    return code;
}

/* ---- what no longer counts --------------------------------------------------------------------------------------- */

static bool counts(const struct ch_sets *sets, const char *file)
{
    char name[NAME];
    for (unsigned i = 0; i < sets->n_sets; i++) {
        name_set(&sets->set[i], name);
        if (strcmp(name, file) == 0)
            return true;
    }
    return false;
}

static bool ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);
    return n > m && strcmp(name + n - m, ending) == 0;
}

/* Sets that the manifest does not name, and what was being written when somebody died. */
static void sweep(struct ch_sets *sets)
{
    DIR *folder = opendir(sets->folder);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        bool ours = strncmp(name, "run-", 4) == 0 || strncmp(name, "manifest.", 9) == 0;
        if (ours && ((ends_in(name, ".set") && !counts(sets, name)) || ends_in(name, ".part")))
            unlink(path_of(sets, name));
    }
    if (folder)
        closedir(folder);
}

/* ---- from outside ------------------------------------------------------------------------------------------------ */

static enum ch_code take_note(struct ch_sets *sets, struct ch_error *error)
{
    enum ch_code code = sets->silent ? CH_OK : write_manifest(sets, error);
    if (code == CH_OK && !sets->silent)
        sweep(sets);
    return code;
}

enum ch_code ch_sets_commit_set(struct ch_sets *sets, unsigned run, uint64_t window, struct ch_error *error)
{
    if (sets->n_sets == 0 || sets->set[0].window != window) {
        sets->set[1] = sets->set[0];
        sets->n_sets = sets->n_sets < SETS ? sets->n_sets + 1 : SETS;
    }
    sets->set[0] = (struct set){run, window};
    enum ch_code code = take_note(sets, error);
    sets->last = ch_clock_s();
    return code;
}

enum ch_code ch_sets_commit_run(struct ch_sets *sets, unsigned run, struct ch_error *error)
{
    sets->done = run + 1;
    sets->n_sets = 0;
    return take_note(sets, error);
}

enum ch_code ch_sets_open(const struct ch_sets_options *options, struct ch_sets **out, struct ch_error *error)
{
    struct ch_sets *sets = calloc(1, sizeof *sets);
    *out = NULL;
    if (sets) {
        sets->folder = strdup(options->folder);
        sets->identity = strdup(options->identity);
    }
    if (!sets || !sets->folder || !sets->identity || strlen(options->folder) + NAME + 32 > sizeof sets->path) {
        ch_sets_close(sets);
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory, or too long a name", options->folder);
    }
    sets->every_s = options->every_s;
    sets->silent = options->silent;
    sets->last = ch_clock_s();
    enum ch_code code = CH_OK;
    if (mkdir(options->folder, 0777) != 0 && errno != EEXIST)
        code = ch_fail(error, CH_IO, "%s: the folder cannot be made: %s", options->folder, strerror(errno));
    if (code == CH_OK)
        code = read_manifest(sets, error);
    if (code == CH_OK && !options->silent)
        code = ch_results_target(path_of(sets, "manifest"), true, error); /* can anything be written there? */
    if (code == CH_OK)
        *out = sets;
    else
        ch_sets_close(sets);
    return code;
}

void ch_sets_close(struct ch_sets *sets)
{
    if (!sets)
        return;
    free(sets->folder);
    free(sets->identity);
    free(sets);
}
