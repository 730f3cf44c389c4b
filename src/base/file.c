/* SPDX-License-Identifier: MIT
 * Reading a whole file. It is opened without waiting, so that a pipe nobody writes to is refused and does not hang. */
#define _POSIX_C_SOURCE 200809L
#include "base/text.h"
#include <chaland/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ch_code open_failed(const char *path, struct ch_error *error)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return ch_fail(error, CH_INVALID, "%s: no such file; give the path of an existing file", path);
    case EACCES:
    case EPERM:
        return ch_fail(error, CH_IO, "%s: may not be read; check its permissions", path);
    case ENAMETOOLONG:
    case ELOOP:
        return ch_fail(error, CH_INVALID, "%s: not a usable path: %s", path, strerror(errno));
    default:
        return ch_fail(error, CH_IO, "%s: cannot be opened: %s", path, strerror(errno));
    }
}

static enum ch_code check_kind(const char *path, const struct stat *st, size_t limit, struct ch_error *error)
{
    if (S_ISDIR(st->st_mode))
        return ch_fail(error, CH_INVALID, "%s: is a directory; a file is wanted", path);
    if (!S_ISREG(st->st_mode))
        return ch_fail(error, CH_INVALID, "%s: is not a regular file; copy its content to one", path);
    if (st->st_size < 0 || (uintmax_t)st->st_size > limit)
        return ch_fail(error, CH_INVALID, "%s: has %jd bytes; at most %zu are allowed", path, (intmax_t)st->st_size, limit);
    return CH_OK;
}

/* Reads to the end of the file; a file that grows meanwhile may not pass the limit. */
static enum ch_code read_all(int fd, const char *path, size_t limit, char **data, size_t *n, struct ch_error *error)
{
    size_t got = 0, cap = *n;
    for (;;) {
        if (got == cap) {
            if (cap > limit)
                return ch_fail(error, CH_INVALID, "%s: grew beyond %zu bytes while it was read", path, limit);
            cap = cap < limit / 2 ? cap * 2 : limit + 1;
            char *more = realloc(*data, cap + 1);
            if (!more)
                return ch_fail(error, CH_TOO_BIG, "%s: no memory for %zu bytes", path, cap);
            *data = more;
        }
        ssize_t r = read(fd, *data + got, cap - got);
        if (r == 0)
            break;
        if (r > 0)
            got += (size_t)r;
        else if (errno != EINTR)
            return ch_fail(error, CH_IO, "%s: reading failed after %zu bytes: %s", path, got, strerror(errno));
    }
    (*data)[got] = '\0';
    *n = got;
    return CH_OK;
}

enum ch_code ch_read_file(const char *path, size_t limit, char **data, size_t *n, struct ch_error *error)
{
    CH_REQUIRE(path && data && n && limit < SIZE_MAX / 2);
    *data = NULL;
    *n = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return open_failed(path, error);
    struct stat st;
    enum ch_code code = CH_OK;
    if (fstat(fd, &st) != 0) {
        code = ch_fail(error, CH_IO, "%s: cannot be examined: %s", path, strerror(errno));
        goto done;
    }
    code = check_kind(path, &st, limit, error);
    if (code)
        goto done;
    *n = (size_t)st.st_size + 1; /* one more, so that the end is seen without growing */
    *data = malloc(*n + 1);
    code =
        *data ? read_all(fd, path, limit, data, n, error) : ch_fail(error, CH_TOO_BIG, "%s: no memory for %zu bytes", path, *n);
done:
    close(fd);
    if (code) {
        free(*data);
        *data = NULL;
        *n = 0;
    }
    return code;
}
