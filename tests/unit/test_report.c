/* SPDX-License-Identifier: MIT
 * What `chaland report` computes: the policies worth choosing between and how sure that is (F6, T8), packed bytes, maps that
 * come back as they are in the file, and coarser ones that keep their sums. Seeds are fixed, so nothing is flaky; should a draw
 * ever change, a right program fails the bootstrap test with a probability below 1e-6 (|z| < 4.892). */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "app/report.h"
#include "output/pack.h"
#include "output_files.h"
#include "stats/stats.h"
#include <math.h>
#include <zlib.h>

/* ---- worth choosing between ---- */

/* By hand: gain up, price down. 0 (5, 1) and 1 (9, 4) and 4 (9, 4) and 5 (4, 0) stand; 2 (5, 2) is beaten by 0, 3 (1, 9) by all. */
static const double hand_gain[6][2] = {{4, 6}, {9, 9}, {5, 5}, {0, 2}, {8, 10}, {4, 4}};
static const double hand_price[6][2] = {{1, 1}, {4, 4}, {2, 2}, {9, 9}, {3, 5}, {0, 0}};

START_TEST(pareto_by_hand)
{
    static const unsigned orders[3][6] = {{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {2, 0, 5, 1, 3, 4}};
    static const bool best[6] = {true, true, false, false, true, true};
    double first[6], share[6];
    bool on_means[6];
    for (unsigned o = 0; o < 3; o++) {
        const double *gain[6], *price[6];
        for (unsigned i = 0; i < 6; i++) {
            gain[i] = hand_gain[orders[o][i]];
            price[i] = hand_price[orders[o][i]];
        }
        ck_assert(ch_pareto(gain, price, 6, 2, 999, 1, on_means, share));
        for (unsigned i = 0; i < 6; i++) { /* a permutation of the policies permutes the answer */
            ck_assert_int_eq(on_means[i], best[orders[o][i]]);
            if (o == 0)
                first[i] = share[i];
            ck_assert_double_eq(share[i], first[orders[o][i]]);
        }
    }
    ck_assert_double_eq_tol(first[5], 1, 1e-9); /* nobody has a lower price */
    ck_assert_double_eq(first[3], 0);
}
END_TEST

START_TEST(a_beaten_one_changes_nothing)
{
    const double *gain[6], *price[6];
    double with[6], without[6];
    bool a[6], b[6];
    for (unsigned i = 0; i < 6; i++) {
        gain[i] = hand_gain[i == 3 ? 5 : i == 5 ? 3 : i];
        price[i] = hand_price[i == 3 ? 5 : i == 5 ? 3 : i];
    }
    ck_assert(ch_pareto(gain, price, 6, 2, 999, 1, a, with));
    ck_assert(ch_pareto(gain, price, 5, 2, 999, 1, b, without));
    for (unsigned i = 0; i < 5; i++) {
        ck_assert_int_eq(a[i], b[i]);
        ck_assert_double_eq(with[i], without[i]);
    }
}
END_TEST

/* Prices equal; the difference of gains is 3, -1, -1. A resample of three is above 0 if it holds the 3: 1 - (2/3)^3 = 19/27. */
START_TEST(pareto_probability)
{
    const double a[] = {3, -1, -1}, b[] = {0, 0, 0}, price[] = {2, 1, 3};
    const double *gain[] = {a, b}, *same[] = {price, price};
    double share[2], p = 19.0 / 27;
    bool best[2];
    ck_assert(ch_pareto(gain, same, 2, 3, 9999, 7, best, share));
    ck_assert(best[0] && !best[1]);
    ck_assert_double_eq_tol(share[0], p, 4.892 * sqrt(p * (1 - p) / 9999));
    ck_assert_double_eq_tol(share[0] + share[1], 1, 1e-9);
}
END_TEST

START_TEST(pareto_drops_what_is_undefined)
{
    const double a[] = {1, NAN, 1}, b[] = {0, 99, 0}, price[] = {1, 1, 1}, none[] = {NAN, NAN, NAN};
    const double *gain[] = {a, b}, *same[] = {price, price}, *lost[] = {a, none};
    double share[2];
    bool best[2];
    ck_assert(ch_pareto(gain, same, 2, 3, 99, 1, best, share));
    ck_assert(best[0] && !best[1] && share[1] == 0);
    ck_assert(!ch_pareto(lost, same, 2, 3, 99, 1, best, share));
}
END_TEST

/* ---- bytes ---- */

START_TEST(base64_vectors) /* RFC 4648, section 10 */
{
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ch_text text = {0};
        ch_pack_base64((const unsigned char *)rows[i][0], strlen(rows[i][0]), &text);
        ck_assert_str_eq(text.s ? text.s : "", rows[i][1]);
        ch_text_fini(&text);
    }
}
END_TEST

/* The reverse of ch_pack_gzip64. */
static unsigned char *unpack(const struct ch_text *packed, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char *raw = calloc(packed->n + 4, 1), *out = calloc(n + 1, 1);
    size_t k = 0;
    for (size_t i = 0; i < packed->n; i += 4) {
        uint32_t x = 0;
        for (int j = 0; j < 4; j++) {
            const char *digit = packed->s[i + (size_t)j] == '=' ? digits : strchr(digits, packed->s[i + (size_t)j]);
            x = x << 6 | (uint32_t)(digit - digits);
        }
        raw[k++] = (unsigned char)(x >> 16);
        raw[k++] = (unsigned char)(x >> 8);
        raw[k++] = (unsigned char)x;
    }
    z_stream z = {.next_in = raw, .avail_in = (uInt)k, .next_out = out, .avail_out = (uInt)n};
    ck_assert_int_eq(inflateInit2(&z, 16 + 15), Z_OK);
    ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    ck_assert_uint_eq(z.total_out, n);
    inflateEnd(&z);
    free(raw);
    return out;
}

START_TEST(gzip_and_back)
{
    unsigned char data[70000];
    struct ch_text packed = {0};
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * i >> 5);
    ck_assert(ch_pack_gzip64(data, sizeof data, &packed));
    unsigned char *back = unpack(&packed, sizeof data);
    ck_assert_mem_eq(back, data, sizeof data);
    free(back);
    ch_text_fini(&packed);
}
END_TEST

/* ---- maps ---- */

static void write_fixture(struct fixture *f, const char *path)
{
    struct ch_error error = {.code = CH_OK};
    fixture_results(f);
    ck_assert_msg(ch_results_write(&f->results, path, true, &error) == CH_OK, "%s", error.text);
}

static long number_after(const char *s, const char *key)
{
    const char *at = strstr(s, key);
    ck_assert_msg(at != NULL, "%s in %s", key, s);
    return strtol(at + strlen(key), NULL, 10);
}

/* Quanta of a layer at a policy; the first policy is stored as it is, the others as differences to it. */
static long value_of(const unsigned char *bytes, size_t cells, unsigned policies, unsigned layer, unsigned policy, size_t i)
{
    const unsigned char *own = bytes + (layer * policies + policy) * 2 * cells, *first = bytes + layer * policies * 2 * cells;
    uint16_t v = (uint16_t)(own[i] + 256 * own[cells + i]);
    return policy ? (uint16_t)(v + first[i] + 256 * first[cells + i]) : v;
}

enum { WIDTH = 5, HEIGHT = 4, NODES = WIDTH * HEIGHT, REPLICATIONS = 3, POLICIES = 3 };

struct made {
    struct ch_file file;
    struct ch_book *book;
    struct ch_text about, packed;
};

static struct made make_maps(bool full, size_t maps_max)
{
    struct made m = {.book = NULL};
    struct fixture *f = fixture_create(POLICIES, REPLICATIONS, WIDTH, HEIGHT);
    f->scenario.maps_full = full;
    write_fixture(f, at("maps.h5"));
    fixture_destroy(f);
    ck_assert_int_eq(ch_file_read(at("maps.h5"), false, &m.file, NULL), CH_OK);
    ck_assert_int_eq(ch_book_open(at("maps.h5"), &m.book, NULL), CH_OK);
    struct ch_report r = {.file = &m.file, .book = m.book, .path = "maps.h5", .confidence = 0.95, .maps_max = maps_max};
    ck_assert_int_eq(ch_report_maps(&r, &m.about, &m.packed, NULL), CH_OK);
    return m;
}

static void drop_maps(struct made *m)
{
    ch_book_close(m->book);
    ch_file_fini(&m->file);
    ch_text_fini(&m->about);
    ch_text_fini(&m->packed);
}

/* Both kinds of files; footfall counts from 1, spend is also negative (see fixture_count). */
START_TEST(maps_are_those_of_the_file)
{
    struct made m = make_maps(_i, 0);
    size_t cells = 168 * NODES;
    unsigned char *bytes = unpack(&m.packed, 2 * cells * POLICIES * 2);
    ck_assert_int_eq(number_after(m.about.s, "\"frames\":"), 168);
    ck_assert_int_eq(number_after(m.about.s, "\"columns\":"), WIDTH);
    long low = number_after(strstr(m.about.s, "\"spend\""), "\"low\":");
    ck_assert_int_lt(low, 0);
    for (unsigned policy = 0; policy < POLICIES; policy++)
        for (long hour = 0; hour < 168; hour++)
            for (long node = 0; node < NODES; node++) {
                bool open = hour >= 8 && hour < 20;
                size_t i = (size_t)(hour * NODES + node);
                long walkers = open ? REPLICATIONS * (node + 1 + policy) : 0, spent = 0;
                for (long r = 0; open && r < REPLICATIONS; r++)
                    spent += (hour * 37 + node * 11 + r) % 50000 - 400;
                ck_assert_int_eq(value_of(bytes, cells, POLICIES, 0, policy, i), walkers);
                ck_assert_int_eq(value_of(bytes, cells, POLICIES, 1, policy, i) + low, spent);
            }
    free(bytes);
    drop_maps(&m);
}
END_TEST

START_TEST(coarse_maps_keep_their_sums)
{
    struct made m = make_maps(false, 1); /* nothing fits into one byte: the coarsest there is */
    ck_assert_int_eq(number_after(m.about.s, "\"frames\":"), 1);
    ck_assert_int_eq(number_after(m.about.s, "\"hours\":"), 168);
    long rows = number_after(m.about.s, "\"rows\":"), columns = number_after(m.about.s, "\"columns\":");
    ck_assert_int_eq(rows * columns, 2); /* blocks of four on five columns and four rows */
    unsigned char *bytes = unpack(&m.packed, 2 * (size_t)(rows * columns) * POLICIES * 2);
    for (unsigned policy = 0; policy < POLICIES; policy++) {
        long sum = 0;
        for (long i = 0; i < rows * columns; i++)
            sum += value_of(bytes, (size_t)(rows * columns), POLICIES, 0, policy, (size_t)i);
        ck_assert_int_eq(sum, 12 * REPLICATIONS * (NODES * (NODES + 1) / 2 + NODES * (long)policy));
    }
    free(bytes);
    drop_maps(&m);
}
END_TEST

/* ---- the book ---- */

START_TEST(book_reads_numbers_and_texts)
{
    struct made m = make_maps(false, 0);
    struct ch_book_array a;
    char **names;
    size_t n = ch_book_list(m.book, "/retailers", &names);
    ck_assert_uint_gt(n, 3);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
    ck_assert(ch_book_read(m.book, "/retailers/name", &a) && a.text && a.n == 2);
    ck_assert_str_eq(a.text[0], "\xc3\x89lise");
    ch_book_fini(&a);
    ck_assert(ch_book_read(m.book, "/retailers/retailer_sales", &a) && a.number && a.rank == 2);
    ck_assert_str_eq(a.unit, "EUR");
    ck_assert_double_eq_tol(a.number[1], 123.45, 1e-9);
    ch_book_fini(&a);
    ck_assert(!ch_book_read(m.book, "/retailers/none", &a) && !ch_book_read(m.book, "/none/at/all", &a));
    ck_assert(!ch_book_read(m.book, "/retailers", &a)); /* a group is no array */
    ck_assert_uint_eq(ch_book_list(m.book, "/none", &names), 0);
    free(names);
    char *seed = ch_book_note(m.book, "/provenance", "master_seed");
    ck_assert_str_eq(seed, "42");
    free(seed);
    ck_assert_ptr_null(ch_book_note(m.book, "/provenance", "nothing"));
    drop_maps(&m);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, pareto_by_hand);
    tcase_add_test(all, a_beaten_one_changes_nothing);
    tcase_add_test(all, pareto_probability);
    tcase_add_test(all, pareto_drops_what_is_undefined);
    tcase_add_test(all, base64_vectors);
    tcase_add_test(all, gzip_and_back);
    tcase_add_loop_test(all, maps_are_those_of_the_file, 0, 2);
    tcase_add_test(all, coarse_maps_keep_their_sums);
    tcase_add_test(all, book_reads_numbers_and_texts);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    int status = run_tests("report", add_tests);
    remove_folder();
    return status;
}
