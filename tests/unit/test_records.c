/* SPDX-License-Identifier: MIT
 * Records of finished runs: numbers and bytes come back as they were, a tail torn at any byte is left out, and two results for
 * one key are never accepted. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "base/text.h"
#include "sweep/records.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], name[128];

static void set_up(void)
{
    strcpy(folder, "/tmp/chaland-XXXXXX");
    ck_assert(mkdtemp(folder) != NULL);
    snprintf(name, sizeof name, "%s/c", folder);
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(crc_is_castagnoli)
{
    const char digits[] = "123456789";
    unsigned char zeros[32] = {0};
    ck_assert_uint_eq(ch_crc32c(0, digits, 9), 0xe3069283u); /* RFC 3720, B.4, and its sum of 32 zeros */
    ck_assert_uint_eq(ch_crc32c(0, zeros, 32), 0x8a9136aau);
    ck_assert_uint_eq(ch_crc32c(ch_crc32c(0, digits, 4), digits + 4, 5), 0xe3069283u);
}
END_TEST

START_TEST(numbers_come_back)
{
    int64_t x[1000] = {0}, y[1000] = {0};
    struct ch_bytes bytes = {0};
    for (int i = 0; i < 1000; i += 1 + i % 7)
        x[i] = (i % 2 ? -1 : 1) * ((int64_t)1 << i % 63) + i;
    x[999] = INT64_MIN;
    x[500] = INT64_MAX;
    ch_bytes_sparse(&bytes, x, 1000);
    ch_bytes_sparse(&bytes, y, 1000);
    ch_bytes_f64(&bytes, -0.1);
    struct ch_reader in = {bytes.at, bytes.at + bytes.n, false};
    ch_read_sparse(&in, y, 1000);
    ck_assert_mem_eq(x, y, sizeof x);
    ch_read_sparse(&in, y, 1000); /* adds nothing */
    ck_assert_mem_eq(x, y, sizeof x);
    ck_assert(ch_read_f64(&in) == -0.1 && in.at == in.end && !in.failed);
    for (size_t n = 0; n < bytes.n; n++) { /* cut anywhere it fails, or gives fewer; it never reads on */
        struct ch_reader cut = {bytes.at, bytes.at + n, false};
        ch_read_sparse(&cut, y, 1000);
        ch_read_sparse(&cut, y, 1000);
        ch_read_f64(&cut);
        ck_assert(cut.failed);
    }
    ch_bytes_fini(&bytes);
}
END_TEST

static struct ch_record record_of(unsigned i, const char *result)
{
    char text[24];
    snprintf(text, sizeof text, "run %u", i);
    return (struct ch_record){.key = ch_key_of_text(text, strlen(text)),
                              .index = i,
                              .result = (const unsigned char *)result,
                              .n_result = strlen(result),
                              .occasion = (const unsigned char *)"when",
                              .n_occasion = 4};
}

static void add(struct ch_records *records, unsigned i, const char *result, unsigned status, enum ch_code wanted)
{
    struct ch_record record = record_of(i, result);
    struct ch_error error;
    record.status = status;
    ck_assert_int_eq(ch_records_add(records, &record, &error), wanted);
}

static struct ch_records *open_records(enum ch_code wanted)
{
    struct ch_records *records;
    struct ch_error error;
    ck_assert_int_eq(ch_records_open(name, CH_RECORDS_PART, &records, &error), wanted);
    return records;
}

static void holds(struct ch_records *records, unsigned i, const char *result)
{
    struct ch_record wanted = record_of(i, ""), got;
    struct ch_bytes buffer = {0};
    ck_assert_int_eq(ch_records_read(records, &wanted.key, &buffer, &got, NULL), CH_OK);
    ck_assert(got.n_result == strlen(result) && memcmp(got.result, result, got.n_result) == 0 && got.index == i);
    ck_assert(got.n_occasion == 4 && memcmp(got.occasion, "when", 4) == 0);
    ch_bytes_fini(&buffer);
}

START_TEST(records_of_several_attempts)
{
    struct ch_records *first = open_records(CH_OK), *second = open_records(CH_OK);
    add(first, 1, "one", CH_RUN_DONE, CH_OK);
    add(second, 2, "two", CH_RUN_DONE, CH_OK);
    add(second, 1, "one", CH_RUN_DONE, CH_OK); /* the same again, by somebody else */
    add(first, 3, "why", CH_RUN_FAILED, CH_OK);
    ch_records_close(first);
    ch_records_close(second);
    struct ch_records *third = open_records(CH_OK);
    ck_assert_uint_eq(ch_records_files(third), 2);
    ck_assert_uint_eq(ch_records_count(third), 3);
    holds(third, 1, "one");
    holds(third, 2, "two");
    add(third, 3, "three", CH_RUN_DONE, CH_OK); /* tried again */
    ch_records_close(third);
    third = open_records(CH_OK);
    holds(third, 3, "three");
    ch_records_remove(third);
    ch_records_close(third);
    third = open_records(CH_OK);
    ck_assert_uint_eq(ch_records_files(third), 0);
    ch_records_close(third);
}
END_TEST

START_TEST(two_results_are_an_error)
{
    struct ch_records *first = open_records(CH_OK), *second = open_records(CH_OK);
    add(first, 1, "one", CH_RUN_DONE, CH_OK);
    add(first, 1, "eno", CH_RUN_DONE, CH_INTERNAL);
    add(second, 1, "another", CH_RUN_DONE, CH_OK);
    ch_records_close(first);
    ch_records_close(second);
    ck_assert(open_records(CH_INTERNAL) == NULL);
}
END_TEST

static const char *only_file(void)
{
    static char path[256];
    char command[160];
    snprintf(command, sizeof command, "ls '%s'/c.*.part", folder);
    FILE *out = popen(command, "r");
    ck_assert(out && fgets(path, sizeof path, out));
    pclose(out);
    path[strcspn(path, "\n")] = 0;
    return path;
}

START_TEST(a_torn_tail_is_left_out)
{
    struct ch_records *records = open_records(CH_OK);
    struct stat st;
    add(records, 1, "one", CH_RUN_DONE, CH_OK);
    ch_records_close(records);
    ck_assert_int_eq(stat(only_file(), &st), 0);
    off_t whole = st.st_size;
    char path[256];
    strcpy(path, only_file());
    records = open_records(CH_OK);
    add(records, 2, "a second one", CH_RUN_DONE, CH_OK);
    ch_records_close(records);
    unlink(path); /* the first attempt's: what stays begins with the second run */
    ck_assert_int_eq(stat(only_file(), &st), 0);
    strcpy(path, only_file());
    for (off_t size = st.st_size - 1; size >= 0; size--) {
        ck_assert_int_eq(truncate(path, size), 0);
        records = open_records(CH_OK);
        ck_assert_uint_eq(ch_records_count(records), 0);
        ch_records_close(records);
    }
    ck_assert(whole > 16);
}
END_TEST

START_TEST(a_changed_byte_ends_the_file)
{
    struct ch_records *records = open_records(CH_OK);
    struct stat st;
    char path[256];
    add(records, 1, "one", CH_RUN_DONE, CH_OK);
    ch_records_close(records);
    strcpy(path, only_file());
    ck_assert_int_eq(stat(path, &st), 0);
    for (off_t at = 0; at < st.st_size; at++) {
        unsigned char byte, other;
        int fd = open(path, O_RDWR);
        ck_assert(fd >= 0 && pread(fd, &byte, 1, at) == 1);
        other = byte ^ 16;
        ck_assert(pwrite(fd, &other, 1, at) == 1);
        records = open_records(CH_OK);
        ck_assert_uint_eq(ch_records_count(records), 0);
        ch_records_close(records);
        ck_assert(pwrite(fd, &byte, 1, at) == 1);
        close(fd);
    }
    records = open_records(CH_OK);
    ck_assert_uint_eq(ch_records_count(records), 1);
    ch_records_close(records);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, set_up, tear_down);
    tcase_add_test(all, crc_is_castagnoli);
    tcase_add_test(all, numbers_come_back);
    tcase_add_test(all, records_of_several_attempts);
    tcase_add_test(all, two_results_are_an_error);
    tcase_add_test(all, a_torn_tail_is_left_out);
    tcase_add_test(all, a_changed_byte_ends_the_file);
}

int main(void) { return run_tests("records", add_tests); }
