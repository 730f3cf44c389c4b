/* SPDX-License-Identifier: MIT
 * A file appears whole or not at all: bytes go to NAME.PID.part, are synced, read back and compared, and only then take the name.
 * A full disk or a file-size limit is an error with its cause; NAME as it was stays untouched. */
#define _XOPEN_SOURCE 700
#include "output/results_inside.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folder of a path; malloc'ed, NULL when out of memory. */
static char *folder_of(const char *path)
{
    char *copy = strdup(path);
    char *folder = copy ? strdup(dirname(copy)) : NULL;
    free(copy);
    return folder;
}

static enum ch_code check_folder(const char *path, struct ch_error *error)
{
    struct stat st;
    char *folder = folder_of(path);
    enum ch_code code = CH_OK;
    if (!folder)
        code = ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    else if (stat(folder, &st) != 0)
        code = ch_fail(error, CH_IO, "%s: folder '%s' cannot be used: %s", path, folder, strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        code = ch_fail(error, CH_IO, "%s: '%s' is not a folder", path, folder);
    else if (access(folder, W_OK | X_OK) != 0)
        code = ch_fail(error, CH_IO, "%s: folder '%s' cannot be written: %s", path, folder, strerror(errno));
    free(folder);
    return code;
}

/* Is the name free, or to be overwritten, in a folder that takes files? */
static enum ch_code may_take(const char *path, bool force, struct ch_error *error)
{
    struct stat st;
    if (!path[0])
        return ch_fail(error, CH_INVALID, "the output has an empty name");
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return ch_fail(error, CH_INVALID, "%s: is a folder; name a file in it", path);
        if (!S_ISREG(st.st_mode))
            return ch_fail(error, CH_INVALID, "%s: is not a regular file; results need one", path);
        if (!force)
            return ch_fail(error, CH_EXISTS, "%s exists already; add --force to overwrite it, or -o FILE for another one", path);
    } else if (errno != ENOENT) {
        return ch_fail(error, CH_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    return check_folder(path, error);
}

/* Where the bytes go first; malloc'ed, NULL when out of memory. It carries the process id: two runs of one name do not write into
 * each other. */
char *ch_store_part_name(const char *path)
{
    size_t size = strlen(path) + sizeof ".18446744073709551615.part";
    char *part = malloc(size);
    if (part)
        snprintf(part, size, "%s.%lu.part", path, (unsigned long)getpid());
    return part;
}

/* Signals that come meanwhile are no reason to fail. */
static int open_file(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static bool sync_file(int fd)
{
    int done;
    do
        done = fsync(fd);
    while (done != 0 && errno == EINTR);
    return done == 0;
}

/* Permissions do not tell all (a full or a strange file system): the part is made and removed. */
enum ch_code ch_results_target(const char *path, bool force, struct ch_error *error)
{
    enum ch_code code = may_take(path, force, error);
    if (code != CH_OK)
        return code;
    char *part = ch_store_part_name(path);
    int fd = part ? open_file(part, O_WRONLY | O_CREAT | O_EXCL) : -1;
    if (!part)
        code = ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    else if (fd < 0 && errno != EEXIST)
        code = ch_fail(error, CH_IO, "%s: cannot be written: %s", path, strerror(errno));
    if (fd >= 0) {
        close(fd);
        unlink(part);
    }
    free(part);
    return code;
}

bool ch_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

enum ch_code ch_results_target_from(const char *source, const char *path, bool force, struct ch_error *error)
{
    if (ch_same_file(source, path))
        return ch_fail(error, CH_INVALID, "%s: is the results file itself; name another one with -o", path);
    return ch_results_target(path, force, error);
}

static const char *write_all(int fd, const unsigned char *image, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, image, n < (1u << 30) ? n : (1u << 30));
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return strerror(done < 0 ? errno : EIO);
        image += done;
        n -= (size_t)done;
    }
    return NULL;
}

/* Reads the file again, from the disk as far as the system lets itself be told, and compares each byte. */
static const char *compare_all(int fd, const unsigned char *image, size_t n)
{
    static const char differs[] = "what was read back differs from what was written";
    unsigned char *buffer = malloc(1 << 20);
    const char *why = buffer ? NULL : "out of memory for reading back";
    size_t at = 0;
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    while (!why) {
        ssize_t got = pread(fd, buffer, 1 << 20, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            why = strerror(errno);
        else if ((size_t)got > n - at || memcmp(buffer, image + at, (size_t)got) != 0)
            why = differs;
        if (why || got == 0)
            break;
        at += (size_t)got;
    }
    free(buffer);
    return why ? why : at == n ? NULL : differs;
}

/* NULL when the bytes are on the disk, else why not. SIGXFSZ would end the process where an error is wanted. */
static const char *store_bytes(const char *part, const unsigned char *image, size_t n)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    const char *why = NULL;
    sigaction(SIGXFSZ, &ignore, &before);
    int fd = open_file(part, O_RDWR | O_CREAT | O_TRUNC);
    if (fd < 0)
        why = strerror(errno);
    else
        why = write_all(fd, image, n);
    if (!why && !sync_file(fd))
        why = strerror(errno);
    if (!why)
        why = compare_all(fd, image, n);
    if (fd >= 0 && close(fd) != 0 && errno != EINTR && !why)
        why = strerror(errno);
    if (fd >= 0 && why)
        unlink(part);
    sigaction(SIGXFSZ, &before, NULL);
    return why;
}

enum ch_code ch_store_part(const char *path, const unsigned char *image, size_t n, char **part, struct ch_error *error)
{
    *part = ch_store_part_name(path);
    if (!*part)
        return ch_fail(error, CH_TOO_BIG, "%s: out of memory", path);
    const char *why = store_bytes(*part, image, n);
    if (!why)
        return CH_OK;
    ch_fail(error, CH_IO, "%s: %.1f MB cannot be written: %s", path, (double)n / 1e6, why);
    free(*part);
    *part = NULL;
    return CH_IO;
}

static enum ch_code sync_folder(const char *path, struct ch_error *error)
{
    char *folder = folder_of(path);
    int fd = folder ? open_file(folder, O_RDONLY | O_DIRECTORY) : -1;
    enum ch_code code = CH_OK;
    if (fd < 0 || (!sync_file(fd) && errno != EINVAL)) /* EINVAL: this file system does not sync folders */
        code = ch_fail(error, CH_IO, "%s: is whole, but its folder cannot be synced, so that a power cut may lose it: %s", path,
                       strerror(errno));
    if (fd >= 0)
        close(fd);
    free(folder);
    return code;
}

/* A rename that does not replace: link fails where somebody took the name meanwhile. Without links, a plain one. */
static bool take_name(const char *part, const char *path)
{
    if (link(part, path) == 0) {
        unlink(part); /* if that fails, the file has two names */
        return true;
    }
    return errno != EEXIST && rename(part, path) == 0;
}

enum ch_code ch_store_commit(const char *part, const char *path, bool force, struct ch_error *error)
{
    enum ch_code code = may_take(path, force, error); /* someone may have come first meanwhile */
    if (code == CH_OK && !(force ? rename(part, path) == 0 : take_name(part, path)))
        code = errno == EEXIST
                   ? ch_fail(error, CH_EXISTS, "%s exists already; add --force to overwrite it, or -o FILE for another one", path)
                   : ch_fail(error, CH_IO, "%s: '%s' cannot be renamed: %s", path, part, strerror(errno));
    if (code == CH_OK)
        return sync_folder(path, error);
    unlink(part);
    return code;
}
