/* SPDX-License-Identifier: MIT
 * Numbers as bytes, the same on every machine: little-endian, or seven bits a byte for those that are mostly small. */
#ifndef CH_BYTES_H
#define CH_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing buffer; begin with {0}. After `failed` (out of memory) additions do nothing. */
struct ch_bytes {
    unsigned char *at;
    size_t n, cap;
    bool failed;
};
bool ch_bytes_reserve(struct ch_bytes *bytes, size_t more); /* room for so many; false: failed */
void ch_bytes_add(struct ch_bytes *bytes, const void *data, size_t n);
void ch_bytes_u32(struct ch_bytes *bytes, uint32_t x);
void ch_bytes_u64(struct ch_bytes *bytes, uint64_t x);
void ch_bytes_f64(struct ch_bytes *bytes, double x);
void ch_bytes_count(struct ch_bytes *bytes, uint64_t x); /* seven bits a byte, lowest first */
/* Signed numbers of which most are 0: runs of zeros take two bytes or so. */
void ch_bytes_sparse(struct ch_bytes *bytes, const int64_t *x, size_t n);
void ch_bytes_fini(struct ch_bytes *bytes); /* frees */

/* Reads what was written, in the same order; beyond the end or out of form it fails, and gives zeros from then on. */
struct ch_reader {
    const unsigned char *at, *end;
    bool failed;
};
const unsigned char *ch_read_bytes(struct ch_reader *reader, size_t n); /* NULL when failed */
uint32_t ch_read_u32(struct ch_reader *reader);
uint64_t ch_read_u64(struct ch_reader *reader);
double ch_read_f64(struct ch_reader *reader);
uint64_t ch_read_count(struct ch_reader *reader);
/* Adds n numbers to x: 0 where x is fresh. */
void ch_read_sparse(struct ch_reader *reader, int64_t *x, size_t n);

/* CRC-32C (Castagnoli, RFC 3720) of bytes that follow those of which `before` is the sum; begin with 0. */
uint32_t ch_crc32c(uint32_t before, const void *data, size_t n);

#endif
