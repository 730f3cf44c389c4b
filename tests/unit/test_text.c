/* SPDX-License-Identifier: MIT
 * Text buffers, numbers in and out under any locale, edit distance, digests, files, and error texts. */
#define _POSIX_C_SOURCE 200809L
#include "../runner.h"
#include "base/text.h"
#include <chaland/rng.h>
#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHADOWED 1 /* a sanitizer needs the whole address space */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHADOWED 1
#endif
#endif
#ifndef SHADOWED
#define SHADOWED 0
#endif

/* ---- buffer -------------------------------------------------------------------------------------------------------- */

START_TEST(text_grows)
{
    struct ch_text text = {0};
    for (int i = 0; i < 1000; i++) {
        ch_text_add(&text, "abc");
        ch_text_addn(&text, "defgh", 2);
        ch_text_addf(&text, "%d-%s", i % 10, "x");
    }
    ck_assert(!text.failed);
    ck_assert_uint_eq(text.n, 8000);
    ck_assert_uint_eq(strlen(text.s), 8000);
    ck_assert_int_eq(strncmp(text.s + 8, "abcde1-x", 8), 0);
    ch_text_fini(&text);
    ck_assert_ptr_null(text.s);
    ch_text_fini(&text);
    ch_text_fini(NULL);
}
END_TEST

START_TEST(text_holds_nul_and_long_lines)
{
    struct ch_text text = {0};
    ch_text_addn(&text, "a\0b", 3);
    ch_text_addf(&text, "%5000d", 7);
    ck_assert_uint_eq(text.n, 5003);
    ck_assert_int_eq(text.s[5002], '7');
    ck_assert_int_eq(text.s[2], 'b');
    ch_text_fini(&text);
    ch_text_add(&text, "");
    ck_assert_str_eq(text.s, "");
    ch_text_fini(&text);
}
END_TEST

/* With the address space nearly used up, a text fails once and then takes nothing more. */
START_TEST(text_survives_lack_of_memory)
{
#if !SHADOWED
    struct rlimit limit = {256u << 20, 256u << 20};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    struct ch_text text = {0};
    static char block[1 << 20];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 600 && !text.failed; i++)
        ch_text_addn(&text, block, sizeof block);
    ck_assert(text.failed);
    size_t n = text.n;
    ch_text_add(&text, "more");
    ch_text_addf(&text, "%d", 1);
    ck_assert_uint_eq(text.n, n);
    ch_text_fini(&text);
#endif
}
END_TEST

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

START_TEST(good_numbers)
{
    static const struct {
        const char *text;
        double value;
    } ROW[] = {
        {"0", 0},
        {"-0", -0.0},
        {"7", 7},
        {"+7", 7},
        {"-1.5e3", -1500},
        {"1E2", 100},
        {"1e+2", 100},
        {"1e-2", 0.01},
        {"007", 7},
        {"0.1", 0.1},
        {"179769313486231570000e288", 1.7976931348623157e308},
        {"4.9e-324", 0x1p-1074},
        {"1e-400", 0},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.00000000000000000000000000001", 9007199254740994.0},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"1.00000000000000011102230246251565404", 1},
        {"1.00000000000000011102230246251565405", 0x1.0000000000001p0},
    };
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++) {
        double value = 99;
        ck_assert_msg(ch_parse_double(ROW[i].text, strlen(ROW[i].text), &value), "%s", ROW[i].text);
        ck_assert_msg(value == ROW[i].value && signbit(value) == signbit(ROW[i].value), "%s", ROW[i].text);
    }
}
END_TEST

START_TEST(bad_numbers)
{
    static const char *const TEXT[] = {"",      " ",   " 1",    "1 ",    "+",     "-",      "+-1", ".5",   "5.",       "1.e3",
                                       "1e",    "1e+", "e3",    "1e3.5", "nan",   "NaN",    "inf", "-inf", "infinity", "0x10",
                                       "0x1p3", "1,5", "1_000", "1.2.3", "1e400", "-1e400", "1f",  "½",    "1\n"};
    for (size_t i = 0; i < sizeof TEXT / sizeof TEXT[0]; i++) {
        double value = 99;
        ck_assert_msg(!ch_parse_double(TEXT[i], strlen(TEXT[i]), &value), "'%s'", TEXT[i]);
        ck_assert_double_eq(value, 99);
    }
    double value;
    ck_assert(!ch_parse_double("1\0002", 3, &value));
}
END_TEST

START_TEST(very_long_numbers)
{
    char text[2002];
    memset(text, '0', sizeof text);
    text[0] = '1';
    text[1500] = '.';
    double value;
    ck_assert(!ch_parse_double(text, 2001, &value)); /* 1e1499 */
    text[1] = '.';
    text[1500] = '9';
    ck_assert(ch_parse_double(text, 2001, &value));
    ck_assert_double_eq(value, 1);
    ck_assert(ch_parse_double(text, 3, &value)); /* only what was asked for is read */
    ck_assert_double_eq(value, 1);
}
END_TEST

START_TEST(shifted_numbers)
{
    static const struct {
        const char *text;
        int shift;
        double value; /* 0: refused */
    } ROW[] = {{"99.9", -2, .999},
               {"-0.7", -2, -.007},
               {"+2.80", -2, .028},
               {"9990", -4, .999},
               {"1.5", 3, 1500},
               {"9.99e1", -2, .999},
               {"999E-1", -2, .999},
               {"0.0999e+3", -2, .999},
               {"1e99999", -2, 0},
               {"1e999999999999999999999", -2, 0},
               {"1e-99999", -2, 1e-300},
               {"99.9 ", -2, 0},
               {"", -2, 0},
               {"e", -2, 0},
               {"nan", -2, 0}};
    double value;
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++) {
        bool good = ch_parse_shifted(ROW[i].text, strlen(ROW[i].text), ROW[i].shift, &value);
        ck_assert_msg(good == (ROW[i].value != 0), "'%s'", ROW[i].text);
        ck_assert_msg(!good || value == ROW[i].value || fabs(ROW[i].value) < 1e-200, "'%s': %.17g", ROW[i].text, value);
    }
    for (int k = -20000; k <= 20000; k++) { /* percent with two decimals are the decimals themselves */
        char percent[16], plain[16];
        double expected;
        snprintf(percent, sizeof percent, "%s%d.%02d", k < 0 ? "-" : "", abs(k) / 100, abs(k) % 100);
        snprintf(plain, sizeof plain, "%s%d.%04d", k < 0 ? "-" : "", abs(k) / 10000, abs(k) % 10000);
        ck_assert(ch_parse_double(plain, strlen(plain), &expected) && ch_parse_shifted(percent, strlen(percent), -2, &value));
        ck_assert_msg(value == expected, "%s %%", percent);
    }
}
END_TEST

START_TEST(whole_numbers)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } ROW[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+12", true, 12},
        {"-12", true, -12},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"0000000000000000000000001", true, 1},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {" 1", false, 0},
        {"0x1", false, 0},
        {"1 ", false, 0},
    };
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++) {
        int64_t value = 0;
        ck_assert_msg(ch_parse_int64(ROW[i].text, strlen(ROW[i].text), &value) == ROW[i].good, "'%s'", ROW[i].text);
        ck_assert_msg(value == ROW[i].value, "'%s'", ROW[i].text);
    }
}
END_TEST

START_TEST(printed_numbers)
{
    static const struct {
        double value;
        const char *text;
    } ROW[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e22, "1e+22"},
        {123456789, "123456789"},
        {1.0 / 3, "0.3333333333333333"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {-2.5e-7, "-2.5e-07"},
        {NAN, "nan"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
    };
    char buf[32];
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++) {
        ck_assert_ptr_eq(ch_print_double(ROW[i].value, buf, sizeof buf), buf);
        ck_assert_str_eq(buf, ROW[i].text);
    }
}
END_TEST

/* Random bit patterns: all exponents, both signs. */
START_TEST(printing_and_parsing_return_the_bits)
{
    unsigned wrong = 0;
    for (uint64_t i = 1; i <= 200000; i++) {
        uint64_t bits = ch_mix(i);
        double value, back = 0;
        char buf[32];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        ch_print_double(value, buf, sizeof buf);
        wrong += !ch_parse_double(buf, strlen(buf), &back) || memcmp(&back, &value, sizeof back) != 0;
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Makes a locale with a decimal comma current; false where the system has none and cannot build one. */
static bool use_comma_locale(char *folder)
{
    static const char *const NAME[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "es_ES.UTF-8", "it_IT.UTF-8", "de_DE", "fr_FR"};
    for (size_t i = 0; i < sizeof NAME / sizeof NAME[0]; i++)
        if (setlocale(LC_ALL, NAME[i]) && strcmp(localeconv()->decimal_point, ",") == 0)
            return true;
    char command[256];
    if (!mkdtemp(folder))
        return false;
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", folder);
    return system(command) == 0 && setenv("LOCPATH", folder, 1) == 0 && setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

START_TEST(locale_does_not_matter)
{
    char folder[] = "/tmp/chaland_locale_XXXXXX", buf[32];
    if (!use_comma_locale(folder))
        fprintf(stderr, "no comma locale here: checked under the C locale only\n");
    double value;
    ck_assert(ch_parse_double("0.25", 4, &value));
    ck_assert_double_eq(value, 0.25);
    ck_assert(!ch_parse_double("0,25", 4, &value));
    ck_assert_str_eq(ch_print_double(0.25, buf, sizeof buf), "0.25");
    struct ch_text text = {0};
    ch_text_addf(&text, "%.2f", 0.25);
    ck_assert_str_eq(text.s, "0.25");
    ch_text_fini(&text);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert(strchr(folder, 'X') || system(command) == 0);
}
END_TEST

/* ---- nearest word -------------------------------------------------------------------------------------------------- */

START_TEST(distances)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } ROW[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"seed", "seed", 0},
        {"seed", "sead", 1},
        {"seed", "sed", 1},
        {"seed", "seeds", 1},
        {"seed", "esed", 1},
        {"replications", "replicatoins", 1},
        {"kitten", "sitting", 3},
        {"ca", "abc", 3},
        {"abcdef", "badcfe", 3},
        {"duration", "population", 4},
    };
    for (size_t i = 0; i < sizeof ROW / sizeof ROW[0]; i++) {
        ck_assert_msg(ch_text_distance(ROW[i].a, ROW[i].b) == ROW[i].distance, "%s %s", ROW[i].a, ROW[i].b);
        ck_assert_msg(ch_text_distance(ROW[i].b, ROW[i].a) == ROW[i].distance, "%s %s", ROW[i].b, ROW[i].a);
    }
    char one[400], other[400];
    memset(one, 'a', sizeof one);
    memset(other, 'a', sizeof other);
    one[399] = other[398] = '\0';
    ck_assert_uint_gt(ch_text_distance(one, other), 3);
    ck_assert_uint_eq(ch_text_distance(one, one), 0);
}
END_TEST

START_TEST(nearest_words)
{
    static const char *const LIST[] = {"seed", "start", "duration", "warmup", "replications", "city", "population"};
    const size_t n = sizeof LIST / sizeof LIST[0];
    ck_assert_str_eq(ch_text_nearest("sede", LIST, n), "seed");
    ck_assert_str_eq(ch_text_nearest("replicatins", LIST, n), "replications");
    ck_assert_str_eq(ch_text_nearest("warmpu", LIST, n), "warmup");
    ck_assert_str_eq(ch_text_nearest("populaiton", LIST, n), "population");
    ck_assert_str_eq(ch_text_nearest("city", LIST, n), "city");
    ck_assert_ptr_null(ch_text_nearest("couriers", LIST, n));
    ck_assert_ptr_null(ch_text_nearest("sad", LIST, n)); /* two edits are too many for a short word */
    ck_assert_ptr_null(ch_text_nearest("", LIST, n));
    ck_assert_ptr_null(ch_text_nearest("seed", NULL, 0));
}
END_TEST

/* ---- digest, file, error ------------------------------------------------------------------------------------------- */

/* FIPS 180-4 examples. */
START_TEST(digests)
{
    char hex[65];
    ch_sha256_hex("", 0, hex);
    ck_assert_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ch_sha256_hex("abc", 3, hex);
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct ch_sha256 *sha = ch_sha256_begin();
    ck_assert_ptr_nonnull(sha);
    for (int i = 0; i < 1000; i++)
        ch_sha256_add(sha, "aaaaaaaaaa" /* ten */, 10);
    char many[10000], other[65];
    memset(many, 'a', sizeof many);
    ch_sha256_end(sha, hex);
    ch_sha256_hex(many, sizeof many, other);
    ck_assert_str_eq(hex, other);
    ck_assert_str_eq(hex, "27dd1f61b867b6a0f6e9d8a41c43231de52107e53ae424de8f847b821db4b711");
}
END_TEST

static char *data;
static size_t data_n;
static struct ch_error error;

static enum ch_code read_it(const char *path, size_t limit)
{
    error = (struct ch_error){.code = CH_OK};
    enum ch_code code = ch_read_file(path, limit, &data, &data_n, &error);
    if (code) {
        ck_assert_ptr_null(data);
        ck_assert_int_eq(code, error.code);
        ck_assert_ptr_nonnull(strstr(error.text, path)); /* the message names the file */
    }
    return code;
}

START_TEST(files_are_read_whole)
{
    char path[] = "/tmp/chaland_file_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(read_it(path, 100), CH_OK);
    ck_assert_uint_eq(data_n, 0);
    ck_assert_str_eq(data, "");
    free(data);
    ck_assert_int_eq((int)write(fd, "one\0two\n", 8), 8);
    ck_assert_int_eq(read_it(path, 8), CH_OK);
    ck_assert_uint_eq(data_n, 8);
    ck_assert_int_eq(memcmp(data, "one\0two\n", 9), 0);
    free(data);
    ck_assert_int_eq(read_it(path, 7), CH_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "at most 7"));
    if (geteuid() != 0) { /* root may read everything */
        ck_assert_int_eq(fchmod(fd, 0), 0);
        ck_assert_int_eq(read_it(path, 100), CH_IO);
        ck_assert_ptr_nonnull(strstr(error.text, "permissions"));
    }
    close(fd);
    unlink(path);
    ck_assert_int_eq(read_it(path, 100), CH_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "no such file"));
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    char path[] = "/tmp/chaland_fifo_XXXXXX";
    ck_assert_int_eq(read_it("/", 100), CH_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "directory"));
    ck_assert_int_eq(read_it("/dev/null", 100), CH_INVALID);
    ck_assert_int_eq(read_it("", 100), CH_INVALID);
    ck_assert_ptr_nonnull(mkdtemp(path));
    rmdir(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(read_it(path, 100), CH_INVALID); /* at once, without a writer */
    ck_assert_ptr_nonnull(strstr(error.text, "regular"));
    unlink(path);
}
END_TEST

START_TEST(error_texts)
{
    struct ch_error err = {.code = CH_OK};
    ck_assert_int_eq(ch_fail(&err, CH_INVALID, "%s is %d", "a", 3), CH_INVALID);
    ck_assert_str_eq(err.text, "a is 3");
    ck_assert_int_eq(ch_fail_in(&err, "shop.yml:%d", 41), CH_INVALID);
    ck_assert_str_eq(err.text, "shop.yml:41: a is 3");
    ck_assert_int_eq(ch_fail(NULL, CH_IO, "nobody listens"), CH_IO);
    ck_assert_int_eq(ch_fail(&err, CH_IO, "%2000d", 1), CH_IO);
    ck_assert_uint_eq(strlen(err.text), CH_ERROR_TEXT - 1);
    ck_assert_str_eq(err.text + CH_ERROR_TEXT - 4, "...");
    ck_assert_int_eq(ch_fail_in(&err, "%2000d", 1), CH_IO);
    ck_assert_uint_eq(strlen(err.text), CH_ERROR_TEXT - 1);
    ck_assert_str_eq(ch_code_text(CH_OK), "done");
    ck_assert_str_eq(ch_code_text(CH_STOPPED), "stopped; run the same command again");
    ck_assert_str_eq(ch_code_text((enum ch_code)9999), "unknown code");
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, text_grows);
    tcase_add_test(all, text_holds_nul_and_long_lines);
    tcase_add_test(all, text_survives_lack_of_memory);
    tcase_add_test(all, good_numbers);
    tcase_add_test(all, bad_numbers);
    tcase_add_test(all, very_long_numbers);
    tcase_add_test(all, shifted_numbers);
    tcase_add_test(all, whole_numbers);
    tcase_add_test(all, printed_numbers);
    tcase_add_test(all, printing_and_parsing_return_the_bits);
    tcase_add_test(all, locale_does_not_matter);
    tcase_add_test(all, distances);
    tcase_add_test(all, nearest_words);
    tcase_add_test(all, digests);
    tcase_add_test(all, files_are_read_whole);
    tcase_add_test(all, what_is_no_file_is_refused);
    tcase_add_test(all, error_texts);
}

int main(void) { return run_tests("text", add_tests); }
