/* SPDX-License-Identifier: MIT
 * Preloaded: makes the N-th call that touches NAME.part or its folder fail, be cut short, be interrupted, or be the last one.
 *   CH_FAULT=KIND:N    kill (before the call), after (the call is made, then killed), enospc, eio, short, eintr; none: only counts
 *   CH_FAULT_MARK=FILE is made when the call came, so that the test knows the end of the series */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FDS = 1024, ALL = 1000000000 };
static bool ours[FDS]; /* descriptors of a part, or of a folder */
static long left = -1;
static const char *kind;

static bool is(const char *word) { return strncmp(kind, word, strlen(word)) == 0 && kind[strlen(word)] == ':'; }

static void set_up(void)
{
    const char *fault = getenv("CH_FAULT"), *colon = fault ? strchr(fault, ':') : NULL;
    kind = colon ? fault : "no:";
    left = !colon ? 0 : is("none") ? ALL : atol(colon + 1);
}

/* Is this the call? */
static bool now(void)
{
    if (left < 0)
        set_up();
    if (left == 0 || --left > 0)
        return false;
    const char *mark = getenv("CH_FAULT_MARK");
    if (mark)
        syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0666));
    if (is("kill"))
        kill(getpid(), SIGKILL);
    return true;
}

/* "none": tells, on standard error, how many calls there were. */
__attribute__((destructor)) static void count(void)
{
    char digits[32];
    if (left > 0 && is("none"))
        if (write(2, digits, (size_t)snprintf(digits, sizeof digits, "%ld", ALL - left)) < 0)
            abort();
}

/* What the call says instead; 0: goes on. */
static int failure(void) { return is("enospc") ? ENOSPC : is("eio") ? EIO : is("eintr") ? EINTR : 0; }

static void then_die(void)
{
    if (is("after"))
        kill(getpid(), SIGKILL);
}

static bool names_part(const char *path)
{
    size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".part") == 0;
}

#define REAL(name, ...)                                  \
    static __typeof__(name) *real;                       \
    if (!real)                                           \
        *(void **)&real = dlsym(RTLD_NEXT, #name);       \
    bool struck = (__VA_ARGS__) && now();                \
    if (struck && failure() && (errno = failure()) != 0) \
    return -1

#define OPEN(name)                                                    \
    int name(const char *path, int flags, ...)                        \
    {                                                                 \
        va_list more;                                                 \
        va_start(more, flags);                                        \
        unsigned mode = flags & O_CREAT ? va_arg(more, unsigned) : 0; \
        va_end(more);                                                 \
        bool mine = names_part(path) || (flags & O_DIRECTORY);        \
        REAL(name, mine);                                             \
        int fd = real(path, flags, mode);                             \
        if (struck)                                                   \
            then_die();                                               \
        if (fd >= 0 && fd < FDS)                                      \
            ours[fd] = mine;                                          \
        return fd;                                                    \
    }
OPEN(open)
OPEN(open64)

#define MINE(fd) ((fd) >= 0 && (fd) < FDS && ours[fd])

ssize_t write(int fd, const void *data, size_t n)
{
    REAL(write, MINE(fd));
    ssize_t done = real(fd, data, struck && is("short") && n > 1 ? n / 2 : n);
    if (struck)
        then_die();
    return done;
}

#define READ(name, offset_type)                                                    \
    ssize_t name(int fd, void *data, size_t n, offset_type offset)                 \
    {                                                                              \
        REAL(name, MINE(fd));                                                      \
        return real(fd, data, struck && is("short") && n > 1 ? n / 2 : n, offset); \
    }
READ(pread, off_t)
READ(pread64, off64_t)

int fsync(int fd)
{
    REAL(fsync, MINE(fd));
    int done = real(fd);
    if (struck)
        then_die();
    return done;
}

int close(int fd)
{
    bool mine = MINE(fd);
    REAL(close, mine);
    if (mine)
        ours[fd] = false;
    return real(fd);
}

#define NAMES(name, parameters, arguments, mine) \
    int name parameters                          \
    {                                            \
        REAL(name, mine);                        \
        int done = real arguments;               \
        if (struck)                              \
            then_die();                          \
        return done;                             \
    }
NAMES(link, (const char *from, const char *to), (from, to), names_part(from))
NAMES(rename, (const char *from, const char *to), (from, to), names_part(from))
NAMES(unlink, (const char *path), (path), names_part(path))
