/* SPDX-License-Identifier: MIT
 * Files that are foreign, newer, unfinished, cut off or damaged are refused, each with its own message, and never crash. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "output_files.h"
#include <hdf5.h>
#include <sys/wait.h>

static void refuse(const char *path, const char *word)
{
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    expect(ch_file_read(path, false, &file, &error), CH_INVALID, &error, word);
    ck_assert_ptr_null(file.value);
}

START_TEST(foreign_files_are_refused)
{
    refuse(at("nowhere.h5"), "No such file");
    refuse(folder, "regular");
    spill(at("empty.h5"), (const unsigned char *)"", 0);
    refuse(at("empty.h5"), "empty");
    spill(at("text.h5"), (const unsigned char *)"policy,sales\nsilent,3\n", 22);
    refuse(at("text.h5"), "not an HDF5 file");
    hid_t file = H5Fcreate(at("other.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert(file >= 0 && H5Fclose(file) >= 0);
    refuse(at("other.h5"), "not one of chaland");
}
END_TEST

/* Changes attributes in place, as another program could. */
static void set_text(const char *path, const char *object, const char *name, const char *value)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), type = H5Tcopy(H5T_C_S1);
    hid_t attribute = H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert(H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 &&
              H5Awrite(attribute, type, &value) >= 0);
    ck_assert(H5Aclose(attribute) >= 0 && H5Tclose(type) >= 0 && H5Fclose(file) >= 0);
}

START_TEST(unfinished_newer_and_changed_files_are_refused)
{
    struct fixture *f = usual();
    const char *path = at("marked.h5");
    struct ch_file read;
    f->results.provenance.status = "interrupted";
    write_to(f, path);
    refuse(path, "incomplete");
    ck_assert_int_eq(ch_file_read(path, true, &read, NULL), CH_OK);
    ck_assert_str_eq(read.status, "interrupted");
    ch_file_fini(&read);
    f->results.provenance.status = "complete";
    write_to(f, path);
    set_text(path, "/", "format_name", "barge");
    refuse(path, "not one of chaland");
    write_to(f, path);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
    const int64_t version = 2;
    ck_assert(H5Awrite(attribute, H5T_NATIVE_INT64, &version) >= 0 && H5Aclose(attribute) >= 0 && H5Fclose(file) >= 0);
    refuse(path, "newer");
    write_to(f, path);
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t set = H5Dopen2(file, "/kpi/net_sales", H5P_DEFAULT);
    double *sales = calloc(6, sizeof *sales);
    ck_assert(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, sales) >= 0 && H5Dclose(set) >= 0 &&
              H5Fclose(file) >= 0);
    free(sales);
    refuse(path, "checksum");
    fixture_destroy(f);
}
END_TEST

START_TEST(cut_files_are_refused)
{
    struct fixture *f = usual();
    size_t n = 0;
    write_to(f, at("whole.h5"));
    unsigned char *data = slurp(at("whole.h5"), &n);
    for (size_t m = 512; m < n - 32; m += 512) {
        spill(at("cut.h5"), data, m);
        refuse(at("cut.h5"), "cut off");
    }
    spill(at("cut.h5"), data, 20);
    refuse(at("cut.h5"), "cut off");
    spill(at("cut.h5"), data, n - 1); /* only the seal behind HDF5's end */
    refuse(at("cut.h5"), "damaged");
    spill(at("cut.h5"), data, n - 32);
    struct ch_file file;
    ck_assert_int_eq(ch_file_read(at("cut.h5"), false, &file, NULL), CH_OK); /* as other programs leave it */
    ch_file_fini(&file);
    free(data);
    fixture_destroy(f);
}
END_TEST

enum { REFUSED = 1, ACCEPTED = 2, FAILED = 4 };

/* Reads a copy with one byte changed. */
static int read_flipped(unsigned char *data, size_t n, size_t at_byte, const char *path)
{
    struct ch_file bad;
    data[at_byte] ^= 0x10;
    FILE *out = fopen(path, "wb");
    bool spilled = out && fwrite(data, 1, n, out) == n;
    data[at_byte] ^= 0x10;
    if (!out || fclose(out) != 0 || !spilled)
        return FAILED;
    if (ch_file_read(path, false, &bad, NULL) != CH_OK)
        return REFUSED;
    ch_file_fini(&bad);
    return ACCEPTED;
}

/* A flipped byte is refused, wherever it is. In a process of its own, without the leak checker at its end: on damaged files
 * the library loses memory of its own. */
START_TEST(flipped_bytes)
{
    struct fixture *f = usual();
    size_t n = 0;
    int status = 0, seen = 0;
    write_to(f, at("whole.h5"));
    unsigned char *data = slurp(at("whole.h5"), &n);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        for (size_t i = 0; i < n; i += i < 48 || i + 32 >= n ? 1 : n / 400)
            seen |= read_flipped(data, n, i, at("flipped.h5"));
        _exit(seen);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), REFUSED);
    free(data);
    fixture_destroy(f);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_test(tcase, foreign_files_are_refused);
    tcase_add_test(tcase, unfinished_newer_and_changed_files_are_refused);
    tcase_add_test(tcase, cut_files_are_refused);
    tcase_add_test(tcase, flipped_bytes);
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    int status = run_tests("output refusal", add_tests);
    remove_folder();
    return status;
}
