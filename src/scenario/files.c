/* SPDX-License-Identifier: MIT
 * Paths and files. A path in a scenario is seen from the file in which it stands; a name is looked for beside that file,
 * then among what is shipped. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scenario/load.h"

#define PATH_HELP "a path is seen from the folder of the file in which it stands"

enum { NAMES_MAX = 256 };

bool ch_load_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* Bytes of the folder in front of a path, with its slash; 0 if there is none. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Joins up to four texts in the arena. */
static const char *join(struct ch_load *load, const char *a, size_t n, const char *b, const char *c, const char *d)
{
    struct ch_text text = {0};
    ch_text_addn(&text, a, n);
    ch_text_add(&text, b);
    ch_text_add(&text, c);
    ch_text_add(&text, d);
    const char *joined = text.failed ? ch_load_no_memory(load) : ch_load_strdup(load, text.s);
    ch_text_fini(&text);
    return joined;
}

const char *ch_load_path(struct ch_load *load, struct ch_mark mark, const char *name)
{
    size_t n = name[0] == '/' || strcmp(mark.file, "--set") == 0 ? 0 : folder_length(mark.file);
    return join(load, mark.file, n, name, "", "");
}

bool ch_load_read(struct ch_load *load, const char *path, struct ch_mark mark, size_t limit, const char **text, size_t *n,
                  char sha256[65])
{
    struct ch_error error = {CH_OK, ""};
    char *data = NULL;
    if (ch_read_file(path, limit, &data, n, &error) != CH_OK) {
        size_t at = strlen(path);
        const char *why =
            strncmp(error.text, path, at) == 0 && strncmp(error.text + at, ": ", 2) == 0 ? error.text + at + 2 : error.text;
        if (mark.line > 0)
            ch_load_error(load, mark, CH_E_FILE, PATH_HELP, "file '%s': %s", path, why);
        else
            ch_load_error(load, mark, CH_E_FILE, NULL, "%s", why);
        if (error.code != CH_INVALID)
            ch_diag_fail(load->diag, error.code);
        return false;
    }
    ch_sha256_hex(data, *n, sha256);
    *text = data;
    return ch_diag_own(load->diag, path, data, *n) || ch_load_no_memory(load);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

/* DIRECTORY/NAME.yaml if it exists, else NULL. */
static const char *try_name(struct ch_load *load, const char *directory, size_t n, const char *folder, const char *name)
{
    const char *path = join(load, directory, n, folder, name, ".yaml");
    return path && ch_load_exists(path) ? path : NULL;
}

static const char *share_folder(struct ch_load *load, const char *folder)
{
    const char *share = load->options->share;
    return share ? join(load, share, strlen(share), "/", folder, "") : NULL;
}

static bool is_path(const char *name) { return strchr(name, '/') || ends_with(name, ".yaml") || ends_with(name, ".yml"); }

const char *ch_load_locate(struct ch_load *load, const struct ch_yaml *name, const char *folder)
{
    const char *share = share_folder(load, folder), *path;
    if (is_path(name->text)) {
        path = ch_load_path(load, name->mark, name->text);
        if (path && !ch_load_exists(path) && share && name->text[0] != '/') {
            const char *shipped = join(load, share, strlen(share), name->text, "", "");
            path = shipped && ch_load_exists(shipped) ? shipped : path;
        }
        return path;
    }
    size_t n = folder_length(name->mark.file);
    if (strcmp(folder, "scenarios/policies/") == 0 && (path = try_name(load, name->mark.file, n, "policies/", name->text)))
        return path;
    if (share && (path = try_name(load, share, strlen(share), "", name->text)))
        return path;
    return try_name(load, name->mark.file, n, "", name->text);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Names of the files NAME.yaml in a folder, sorted. */
static size_t list_names(const char *folder, char *names[NAMES_MAX])
{
    DIR *dir = opendir(folder);
    size_t n = 0;
    for (struct dirent *entry; dir && n < NAMES_MAX && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.' || !ends_with(entry->d_name, ".yaml"))
            continue;
        names[n] = strdup(entry->d_name);
        if (names[n]) {
            names[n][strlen(names[n]) - strlen(".yaml")] = '\0';
            n++;
        }
    }
    if (dir)
        closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    return n;
}

void ch_load_shipped(const char *share, const char *word, struct ch_text *near, struct ch_text *list)
{
    char *names[NAMES_MAX] = {NULL};
    struct ch_text folder = {0};
    ch_text_addf(&folder, "%s/scenarios", share ? share : ".");
    size_t n = folder.s ? list_names(folder.s, names) : 0;
    const char *best = ch_text_nearest(word, (const char *const *)names, n);
    if (best)
        ch_text_add(near, best);
    for (size_t i = 0; i < n; i++) {
        ch_text_addf(list, "%s%s", i == 0 ? "shipped ones are " : ", ", names[i]);
        free(names[i]);
    }
    ch_text_fini(&folder);
}

void ch_load_suggest_file(struct ch_load *load, const char *word, const char *folder, struct ch_text *help)
{
    char *names[NAMES_MAX] = {NULL};
    if (is_path(word)) {
        ch_text_add(help, PATH_HELP);
        return;
    }
    const char *share = share_folder(load, folder);
    size_t n = share ? list_names(share, names) : 0;
    const char *near = ch_text_nearest(word, (const char *const *)names, n);
    if (near)
        ch_text_addf(help, "did you mean '%s'?", near);
    for (size_t i = 0; i < n && !near; i++)
        ch_text_addf(help, "%s%s", i == 0 ? "shipped ones are " : ", ", names[i]);
    ch_text_addf(help, "%sa file of your own is given by its path, such as ./%s.yaml", near ? " " : n ? "; " : "", word);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
}

/* ---- as seen from the scenario ----------------------------------------------------------------------------------- */

static bool climbs(const char *path) { return strncmp(path, "../", 3) == 0 || strstr(path, "/../") != NULL; }

static const char *absolute(struct ch_load *load, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy = ch_load_strdup(load, real ? real : path);
    free(real);
    return copy;
}

const char *ch_load_relative(struct ch_load *load, const char *path)
{
    const char *home = load->scenario->path;
    size_t n = folder_length(home);
    if (strncmp(path, home, n) == 0)
        return path + n;
    if (n == 0 || path[0] == '/')
        return path;
    if (home[0] == '/' || climbs(home))
        return absolute(load, path);
    struct ch_text text = {0};
    for (const char *at = strncmp(home, "./", 2) == 0 ? home + 2 : home; (at = strchr(at, '/')) != NULL; at++)
        ch_text_add(&text, "../");
    const char *relative = join(load, text.s ? text.s : "", text.n, path, "", "");
    ch_text_fini(&text);
    return relative;
}

/* What is shipped is told as scenarios/..., whichever way led there: neither that place nor the scenario's own shows. */
static const char *shown(struct ch_load *load, const char *path)
{
    const char *folder = share_folder(load, "scenarios"), *as_seen = NULL;
    char *real = realpath(path, NULL), *shipped = folder ? realpath(folder, NULL) : NULL;
    size_t n = shipped ? strlen(shipped) : 0;
    if (real && n && strncmp(real, shipped, n) == 0 && real[n] == '/')
        as_seen = join(load, "scenarios", strlen("scenarios"), real + n, "", "");
    free(real);
    free(shipped);
    return as_seen ? as_seen : ch_load_relative(load, path);
}

void ch_load_note_input(struct ch_load *load, const char *sha256, const char *path)
{
    struct ch_text line = {0};
    const char *as_seen = shown(load, path);
    ch_text_addf(&line, "%s  %s\n", sha256, as_seen ? as_seen : path);
    if (!load->inputs.s || !strstr(load->inputs.s, line.s ? line.s : "\n"))
        ch_text_add(&load->inputs, line.s ? line.s : "");
    ch_text_fini(&line);
    ch_text_addf(&load->input_paths, "%s\n", path);
}
