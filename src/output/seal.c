/* SPDX-License-Identifier: MIT
 * The seal: 32 bytes behind the end of the HDF5 file, which HDF5 and netCDF do not look at. It holds a checksum of the bytes
 * before it, since HDF5 checks its own structures but not its heaps of texts, and crashes on some that are damaged. */
#define _XOPEN_SOURCE 700
#include "output/results_inside.h"
#include <chaland/rng.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEAL = 32, PIECE = 1 << 20 };
static const char magic[8] = {'c', 'h', 'a', 'l', 'a', 'n', 'd', 1};

static uint64_t load(const unsigned char *b)
{
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 |
           (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

static void store(unsigned char *b, uint64_t x)
{
    for (int i = 0; i < 8; i++)
        b[i] = (unsigned char)(x >> (8 * i));
}

/* Pieces but the last have a multiple of 8 bytes. */
static uint64_t add(uint64_t sum, const unsigned char *data, size_t n)
{
    unsigned char rest[8] = {0};
    size_t at = 0;
    for (; at + 8 <= n; at += 8)
        sum = ch_mix(sum ^ load(data + at));
    if (at == n)
        return sum;
    memcpy(rest, data + at, n - at);
    return ch_mix(sum ^ load(rest));
}

bool ch_seal(unsigned char **image, size_t *n)
{
    unsigned char *sealed = realloc(*image, *n + SEAL);
    if (!sealed)
        return false;
    memset(sealed + *n, 0, SEAL);
    memcpy(sealed + *n, magic, sizeof magic);
    store(sealed + *n + 8, *n);
    store(sealed + *n + 16, add(0, sealed, *n));
    *image = sealed;
    *n += SEAL;
    return true;
}

/* Sum over the first n bytes; false when they cannot be read. */
static bool sum_of_file(int fd, uint64_t n, uint64_t *sum)
{
    unsigned char *buffer = malloc(PIECE);
    uint64_t at = 0;
    size_t have = 0;
    *sum = 0;
    while (buffer && at < n) {
        size_t want = n - at < PIECE ? (size_t)(n - at) : PIECE;
        ssize_t got = pread(fd, buffer + have, want - have, (off_t)(at + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        have += (size_t)got;
        if (have < want)
            continue;
        *sum = add(*sum, buffer, have);
        at += have;
        have = 0;
    }
    free(buffer);
    return at == n;
}

bool ch_seal_holds(int fd, uint64_t end, uint64_t size)
{
    unsigned char seal[SEAL];
    uint64_t sum = 0;
    if (size != end + SEAL || pread(fd, seal, SEAL, (off_t)end) != SEAL || memcmp(seal, magic, sizeof magic) != 0)
        return size == end; /* unsealed: another program has written it anew, and left nothing behind */
    return load(seal + 8) == end && load(seal + 24) == 0 && sum_of_file(fd, end, &sum) && sum == load(seal + 16);
}
