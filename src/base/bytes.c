/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"
#include <stdlib.h>
#include <string.h>

/* ---- writing ----------------------------------------------------------------------------------------------------- */

bool ch_bytes_reserve(struct ch_bytes *bytes, size_t more)
{
    if (bytes->failed || bytes->cap - bytes->n >= more)
        return !bytes->failed;
    size_t cap = bytes->cap ? 2 * bytes->cap : 4096;
    while (cap - bytes->n < more)
        cap *= 2;
    unsigned char *grown = realloc(bytes->at, cap);
    if (!grown) {
        bytes->failed = true;
        return false;
    }
    bytes->at = grown;
    bytes->cap = cap;
    return true;
}

void ch_bytes_add(struct ch_bytes *bytes, const void *data, size_t n)
{
    if (n == 0 || !ch_bytes_reserve(bytes, n))
        return;
    memcpy(bytes->at + bytes->n, data, n);
    bytes->n += n;
}

static void add_little_endian(struct ch_bytes *bytes, uint64_t x, unsigned n)
{
    unsigned char out[8];
    for (unsigned i = 0; i < n; i++)
        out[i] = (unsigned char)(x >> (8 * i));
    ch_bytes_add(bytes, out, n);
}

void ch_bytes_u32(struct ch_bytes *bytes, uint32_t x) { add_little_endian(bytes, x, 4); }
void ch_bytes_u64(struct ch_bytes *bytes, uint64_t x) { add_little_endian(bytes, x, 8); }

void ch_bytes_f64(struct ch_bytes *bytes, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    ch_bytes_u64(bytes, bits);
}

static void put_count(struct ch_bytes *bytes, uint64_t x)
{
    for (; x >= 128; x >>= 7)
        bytes->at[bytes->n++] = (unsigned char)(x | 128);
    bytes->at[bytes->n++] = (unsigned char)x;
}

enum { COUNT_MAX = 10 }; /* bytes of a count */

void ch_bytes_count(struct ch_bytes *bytes, uint64_t x)
{
    if (ch_bytes_reserve(bytes, COUNT_MAX))
        put_count(bytes, x);
}

/* A number that is not 0 has its sign in the lowest bit; 0 is followed by how many more there are. */
void ch_bytes_sparse(struct ch_bytes *bytes, const int64_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t zeros = i;
        if (!ch_bytes_reserve(bytes, 2 * COUNT_MAX))
            return;
        for (; i + 8 <= n && !(x[i] | x[i + 1] | x[i + 2] | x[i + 3] | x[i + 4] | x[i + 5] | x[i + 6] | x[i + 7]); i += 8)
            continue;
        while (i < n && x[i] == 0)
            i++;
        if (i > zeros) {
            bytes->at[bytes->n++] = 0;
            put_count(bytes, i - zeros - 1);
        }
        if (i < n)
            put_count(bytes, (uint64_t)x[i] << 1 ^ (x[i] < 0 ? UINT64_MAX : 0));
    }
}

void ch_bytes_fini(struct ch_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct ch_bytes){0};
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

const unsigned char *ch_read_bytes(struct ch_reader *reader, size_t n)
{
    if (reader->failed || (size_t)(reader->end - reader->at) < n) {
        reader->failed = true;
        return NULL;
    }
    reader->at += n;
    return reader->at - n;
}

static uint64_t read_little_endian(struct ch_reader *reader, unsigned n)
{
    const unsigned char *in = ch_read_bytes(reader, n);
    uint64_t x = 0;
    for (unsigned i = n; in && i-- > 0;)
        x = x << 8 | in[i];
    return x;
}

uint32_t ch_read_u32(struct ch_reader *reader) { return (uint32_t)read_little_endian(reader, 4); }
uint64_t ch_read_u64(struct ch_reader *reader) { return read_little_endian(reader, 8); }

double ch_read_f64(struct ch_reader *reader)
{
    uint64_t bits = ch_read_u64(reader);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

uint64_t ch_read_count(struct ch_reader *reader)
{
    uint64_t x = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const unsigned char *in = ch_read_bytes(reader, 1);
        if (!in)
            return 0;
        x |= (uint64_t)(*in & 127) << shift;
        if (*in < 128)
            return x;
    }
    reader->failed = true;
    return 0;
}

void ch_read_sparse(struct ch_reader *reader, int64_t *x, size_t n)
{
    for (size_t i = 0; i < n && !reader->failed;) {
        uint64_t u = ch_read_count(reader);
        if (u) {
            x[i] = (int64_t)((uint64_t)x[i] + (u >> 1 ^ (u & 1 ? UINT64_MAX : 0)));
            i++;
            continue;
        }
        u = ch_read_count(reader);
        reader->failed |= u >= n - i;
        i += reader->failed ? 0 : (size_t)u + 1;
    }
}

/* ---- CRC-32C ----------------------------------------------------------------------------------------------------- */

/* x^32 + ... of Castagnoli, reflected: what a byte becomes, and what it becomes further ahead. Filled by the compiler, so that
 * it is there before any thread. */
#define BIT(c)    ((c)&1 ? (c) >> 1 ^ 0x82f63b78u : (c) >> 1)
#define BITS2(c)  BIT(BIT(c))
#define NIBBLE(c) BITS2(BITS2(c))
static const uint32_t nibble[16] = {NIBBLE(0u),  NIBBLE(1u),  NIBBLE(2u),  NIBBLE(3u), NIBBLE(4u),  NIBBLE(5u),
                                    NIBBLE(6u),  NIBBLE(7u),  NIBBLE(8u),  NIBBLE(9u), NIBBLE(10u), NIBBLE(11u),
                                    NIBBLE(12u), NIBBLE(13u), NIBBLE(14u), NIBBLE(15u)};

#if defined(__GNUC__) && defined(__x86_64__)
/* Processors since 2008 have it as an instruction: thirty times as fast. */
__attribute__((target("sse4.2"))) static size_t by_processor(uint32_t *crc, const unsigned char *in, size_t n)
{
    uint64_t sum = *crc, word;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&word, in + i, 8);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    *crc = (uint32_t)sum;
    return i;
}
#endif

uint32_t ch_crc32c(uint32_t before, const void *data, size_t n)
{
    const unsigned char *in = data;
    uint32_t crc = ~before;
    size_t done = 0;
#if defined(__GNUC__) && defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        done = by_processor(&crc, in, n);
#endif
    for (size_t i = done; i < n; i++) {
        crc ^= in[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return ~crc;
}
