/* SPDX-License-Identifier: MIT
 * SHA-256 (FIPS 180-4) by libmd. */
#include "base/text.h"
#include <chaland/assert.h>
#include <sha2.h>
#include <stdlib.h>
#include <sys/types.h>

struct ch_sha256 {
    SHA2_CTX context;
};

static void finish(SHA2_CTX *context, char out[65])
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Final(digest, context);
    for (size_t i = 0; i < sizeof digest; i++) {
        out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    out[64] = '\0';
}

struct ch_sha256 *ch_sha256_begin(void)
{
    struct ch_sha256 *sha = malloc(sizeof *sha);
    if (sha)
        SHA256Init(&sha->context);
    return sha;
}

void ch_sha256_add(struct ch_sha256 *sha, const void *data, size_t n)
{
    CH_REQUIRE(sha && (data || !n));
    if (n)
        SHA256Update(&sha->context, data, n);
}

void ch_sha256_end(struct ch_sha256 *sha, char out[65])
{
    CH_REQUIRE(sha && out);
    finish(&sha->context, out);
    free(sha);
}

void ch_sha256_hex(const void *data, size_t n, char out[65])
{
    CH_REQUIRE((data || !n) && out);
    SHA2_CTX context;
    SHA256Init(&context);
    if (n)
        SHA256Update(&context, data, n);
    finish(&context, out);
}
