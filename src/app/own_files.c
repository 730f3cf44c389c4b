/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/own_files.h"
#include "base/text.h"
#include "scenario/tree.h"
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 256 << 20, FOLDERS_MAX = 64, SHA_LENGTH = 64 };

struct search {
    const struct ch_file *file;
    const char *name[CH_N_TABLES]; /* of the tables that lie in files */
    unsigned n;
    char *folder[FOLDERS_MAX]; /* "a/b/" or "" */
    unsigned n_folders;
    char *changed; /* path of a file of the right name with other content */
};

/* `city: {stores: {file: NAME}}` */
static void list_names(const struct ch_yaml *root, struct search *s)
{
    static const char *const table[] = {
#define X(name) #name,
        CH_ITEM_TABLES(X)
#undef X
    };
    const struct ch_yaml *city = ch_tree_find(root, "city");
    for (unsigned i = 0; i < CH_N_TABLES; i++) {
        const struct ch_yaml *name = ch_tree_find(ch_tree_find(city, table[i]), "file");
        if (name && name->kind == CH_YAML_SCALAR)
            s->name[s->n++] = name->text;
    }
}

/* ---- folders to look into ---- */

static void add_folder(struct search *s, const char *path, size_t n)
{
    char *folder = strndup(path, n);
    bool known = !folder || s->n_folders == FOLDERS_MAX;
    for (unsigned i = 0; i < s->n_folders && !known; i++)
        known = strcmp(s->folder[i], folder) == 0;
    if (known)
        free(folder);
    else
        s->folder[s->n_folders++] = folder;
}

static size_t folder_length(const char *path, size_t n)
{
    while (n > 0 && path[n - 1] != '/')
        n--;
    return n;
}

/* Beside the file, here, where the scenario lay; of an older file, every folder on the way to what was read for the run. */
static void list_folders(struct search *s, const char *operand)
{
    add_folder(s, operand, folder_length(operand, strlen(operand)));
    add_folder(s, "", 0);
    if (s->file->folder)
        add_folder(s, s->file->folder, strlen(s->file->folder));
    for (const char *line = s->file->inputs; line && strlen(line) > SHA_LENGTH + 2;) {
        const char *path = line + SHA_LENGTH + 2;
        size_t length = strcspn(path, "\n");
        for (size_t n = folder_length(path, length); n > 0; n = folder_length(path, n - 1))
            add_folder(s, path, n);
        line = path + length + (path[length] == '\n');
    }
}

/* ---- are they there, and the same? ---- */

static bool is_listed(const char *inputs, const char sha[65])
{
    for (const char *line = inputs; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, sha, SHA_LENGTH) == 0)
            return true;
    return false;
}

static bool is_same(struct search *s, const char *folder, const char *name)
{
    struct ch_text path = {0};
    char *data = NULL, sha[65];
    size_t n = 0;
    bool same = false;
    ch_text_addf(&path, "%s%s", name[0] == '/' ? "" : folder, name);
    if (path.s && ch_read_file(path.s, FILE_BYTES, &data, &n, NULL) == CH_OK) {
        ch_sha256_hex(data, n, sha);
        same = is_listed(s->file->inputs, sha);
        if (!same && !s->changed)
            s->changed = strdup(path.s);
    }
    free(data);
    ch_text_fini(&path);
    return same;
}

static bool are_same(struct search *s, const char *folder)
{
    for (unsigned i = 0; i < s->n; i++)
        if (!is_same(s, folder, s->name[i]))
            return false;
    return true;
}

static enum ch_code not_found(const struct search *s, const char *operand, const char *folder, struct ch_error *error)
{
    if (s->changed)
        return ch_fail(error, CH_INVALID,
                       "%s: '%s' has changed since: its content is not what the run read (sha256 differs); put the old file "
                       "back, or name the folder that holds it: --data FOLDER",
                       operand, s->changed);
    const char *const in = folder ? "in folder " : "beside it, here, or where the run had found it";
    return ch_fail(error, CH_INVALID,
                   "%s: the run also read '%s'%s, which is not %s%s; name the folder from which it is seen: --data FOLDER",
                   operand, s->name[0], s->n > 1 ? " and others" : "", in, folder ? folder : "");
}

static enum ch_code choose(struct search *s, const char *operand, const char *folder, char **path, struct ch_error *error)
{
    const char *found = NULL, *slash = strrchr(operand, '/');
    struct ch_text given = {0}, text = {0};
    if (folder)
        ch_text_addf(&given, "%s%s", folder, folder[0] && folder[strlen(folder) - 1] != '/' ? "/" : "");
    if (given.s)
        add_folder(s, given.s, given.n);
    else
        list_folders(s, operand);
    for (unsigned i = 0; i < s->n_folders && !found; i++)
        if (are_same(s, s->folder[i]))
            found = s->folder[i];
    if (found)
        ch_text_addf(&text, "%s%s", found, slash ? slash + 1 : operand);
    ch_text_fini(&given);
    *path = text.s;
    return found ? (text.s ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory")) : not_found(s, operand, folder, error);
}

enum ch_code ch_own_files_find(const struct ch_file *file, const char *operand, const char *folder, char **path,
                               struct ch_error *error)
{
    struct search s = {.file = file};
    struct ch_arena *arena = ch_arena_create();
    struct ch_diag *diag = ch_diag_create();
    enum ch_code code = CH_OK;
    *path = NULL;
    if (!arena || !diag)
        code = ch_fail(error, CH_TOO_BIG, "out of memory");
    else
        list_names(ch_tree_parse(arena, diag, file->config_yaml, strlen(file->config_yaml), operand), &s);
    if (code == CH_OK)
        code = choose(&s, operand, folder, path, error);
    for (unsigned i = 0; i < s.n_folders; i++)
        free(s.folder[i]);
    free(s.changed);
    ch_diag_destroy(diag);
    ch_arena_destroy(arena);
    return code;
}
