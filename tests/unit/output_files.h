/* SPDX-License-Identifier: MIT
 * Files of tests: a folder of their own, bytes in and out, and what an error must say. */
#ifndef OUTPUT_FILES_H
#define OUTPUT_FILES_H

#include "result_fixture.h"
#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

static char folder[] = "/tmp/chaland-output-XXXXXX";

static inline const char *at(const char *name)
{
    static char path[4][128];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static inline unsigned char *slurp(const char *path, size_t *n)
{
    char *data = NULL;
    ck_assert_int_eq(ch_read_file(path, (size_t)1 << 30, &data, n, NULL), CH_OK);
    return (unsigned char *)data;
}

static inline void spill(const char *path, const unsigned char *data, size_t n)
{
    FILE *out = fopen(path, "wb");
    ck_assert(out && fwrite(data, 1, n, out) == n && fclose(out) == 0);
}

static inline bool exists(const char *path) { return access(path, F_OK) == 0; }

/* Files half written. */
static inline size_t parts(void)
{
    glob_t found;
    int bad = glob(at("*.part"), 0, NULL, &found);
    ck_assert(bad == 0 || bad == GLOB_NOMATCH);
    size_t n = bad ? 0 : found.gl_pathc;
    globfree(&found);
    return n;
}

static inline struct fixture *usual(void)
{
    struct fixture *f = fixture_create(2, 3, 5, 4);
    fixture_results(f);
    return f;
}

static inline void write_to(const struct fixture *f, const char *path)
{
    struct ch_error error = {.code = CH_OK};
    ck_assert_msg(ch_results_write(&f->results, path, true, &error) == CH_OK, "%s", error.text);
}

static inline void expect(enum ch_code got, enum ch_code want, const struct ch_error *error, const char *word)
{
    ck_assert_msg(got == want && error->code == want, "code %d: %s", (int)got, error->text);
    ck_assert_msg(strstr(error->text, word), "no '%s' in: %s", word, error->text);
    ck_assert_ptr_null(strchr(error->text, '\n'));
}

static inline void remove_folder(void) /* after the tests: no asserts any more */
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0)
        fprintf(stderr, "%s stays\n", folder);
}

#endif
