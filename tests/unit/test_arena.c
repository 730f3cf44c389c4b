/* SPDX-License-Identifier: MIT
 * Arenas: zeroed, aligned, disjoint memory of any size; refusal instead of overflow. */
#include "../runner.h"
#include "base/arena.h"
#include "base/pages.h"
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1 /* its allocator ends the program where the C library returns NULL */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static struct ch_arena *arena;

static void setup(void)
{
    arena = ch_arena_create();
    ck_assert_ptr_nonnull(arena);
}

static void teardown(void) { ch_arena_destroy(arena); }

static int all_bytes(const unsigned char *p, size_t n, unsigned char value)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != value)
            return 0;
    return 1;
}

/* Sizes from 1 byte to 16 MiB, mixed; each is filled with its own mark and must keep it to the end. */
START_TEST(pieces_are_zeroed_aligned_and_disjoint)
{
    enum { PIECES = 3000 };
    static unsigned char *piece[PIECES];
    static size_t size[PIECES];
    uint32_t x = 1;
    size_t sum = 0;
    for (int i = 0; i < PIECES; i++) {
        x = x * 1664525u + 1013904223u;
        size[i] = (size_t)1 << (x >> 28);
        size[i] += (x >> 10) % size[i];
        if (i % 1000 == 999)
            size[i] = 16u << 20;
        piece[i] = ch_arena_alloc(arena, size[i], 1);
        ck_assert_ptr_nonnull(piece[i]);
        ck_assert_uint_eq((uintptr_t)piece[i] % 64, 0);
        ck_assert(all_bytes(piece[i], size[i], 0));
        memset(piece[i], i % 255 + 1, size[i]);
        sum += size[i];
    }
    for (int i = 0; i < PIECES; i++)
        ck_assert(all_bytes(piece[i], size[i], (unsigned char)(i % 255 + 1)));
    ck_assert_uint_ge(ch_arena_bytes(arena), sum);
    ck_assert_uint_le(ch_arena_bytes(arena), sum + sum / 2 + PIECES * 64 + (8u << 20));
}
END_TEST

START_TEST(empty_arrays_have_an_address)
{
    void *a = ch_arena_alloc(arena, 0, 8), *b = ch_arena_alloc(arena, 8, 0);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_ne(a, b);
}
END_TEST

START_TEST(impossible_sizes_are_refused)
{
    ck_assert_ptr_null(ch_arena_alloc(arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(ch_arena_alloc(arena, SIZE_MAX, 1));
    ck_assert_ptr_null(ch_arena_alloc(arena, SIZE_MAX - 70, 1));
    if (!SANITIZED)
        ck_assert_ptr_null(ch_arena_alloc(arena, SIZE_MAX / 4, 1));
    ck_assert_ptr_nonnull(ch_arena_alloc(arena, 10, 10)); /* and it still works */
}
END_TEST

START_TEST(strings_are_copied)
{
    char word[] = "chaland";
    char *a = ch_arena_strdup(arena, word), *b = ch_arena_strndup(arena, word, 3), *c = ch_arena_strdup(arena, "");
    word[0] = 'X';
    ck_assert_str_eq(a, "chaland");
    ck_assert_str_eq(b, "cha");
    ck_assert_str_eq(c, "");
    ck_assert_str_eq(ch_arena_strndup(arena, NULL, 0), "");
    for (int i = 0; i < 10000; i++) /* across block borders */
        ck_assert_str_eq(ch_arena_strdup(arena, "between blocks"), "between blocks");
    ck_assert_str_eq(a, "chaland");
    ck_assert_uint_le(ch_arena_bytes(arena), 10000 * 15 * 3);
}
END_TEST

START_TEST(fresh_and_missing_arenas)
{
    ck_assert_uint_eq(ch_arena_bytes(arena), 0);
    ch_arena_destroy(NULL);
}
END_TEST

/* Pieces around the sizes where the way to get them changes. */
START_TEST(pages_are_zeroed_aligned_and_given_back)
{
    static const size_t sizes[] = {0, 1, 4096, 4097, 128 << 10, CH_HUGE_PAGE - 1, CH_HUGE_PAGE, 3 * CH_HUGE_PAGE + 4097};
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            unsigned char *memory = ch_pages_alloc(sizes[i], 1);
            ck_assert_ptr_nonnull(memory);
            ck_assert_uint_eq((uintptr_t)memory % 4096, 0);
            ck_assert(all_bytes(memory, sizes[i], 0));
            memset(memory, 0xa5, sizes[i]);
            ch_pages_free(memory, sizes[i], 1);
        }
    ck_assert_ptr_null(ch_pages_alloc(SIZE_MAX / 2, 3));
    ch_pages_free(NULL, 1, 1);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, pieces_are_zeroed_aligned_and_disjoint);
    tcase_add_test(all, empty_arrays_have_an_address);
    tcase_add_test(all, impossible_sizes_are_refused);
    tcase_add_test(all, strings_are_copied);
    tcase_add_test(all, fresh_and_missing_arenas);
    tcase_add_test(all, pages_are_zeroed_aligned_and_given_back);
}

int main(void) { return run_tests("arena", add_tests); }
