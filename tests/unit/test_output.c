/* SPDX-License-Identifier: MIT
 * Results: KPIs formed, written, read back; files appear whole or not at all.
 * `test_output --write FILE [plain|sweep|full|single|large]` writes a made-up file for tests/read_file.py. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "output_files.h"
#include <chaland/rng.h>

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

static unsigned kpi_index(const struct ch_results *r, const char *name)
{
    unsigned i = 0;
    while (i < r->n_kpis && strcmp(r->kpi[i].name, name) != 0)
        i++;
    ck_assert_msg(i < r->n_kpis, "no KPI %s", name);
    return i;
}

/* ---- forming ---- */

START_TEST(kpis_are_formed)
{
    struct fixture *f = fixture_create(3, 3, 5, 4);
    fixture_results(f);
    const struct ch_results *r = &f->results;
    ck_assert_uint_eq(r->n_kpis, 6 + 8);
    ck_assert_int_eq(r->kpi[0].k, 1);
    ck_assert_double_eq_tol(ch_results_value(r, 0, 0, 1)[2], 1030.14, 1e-9);
    ck_assert(isnan(ch_results_value(r, kpi_index(r, "conversion"), 0, 0)[0]));
    ck_assert_double_eq(ch_results_value(r, kpi_index(r, "conversion"), 0, 1)[0], 0.75);
    unsigned incremental = kpi_index(r, "incremental_sales"), cannibal = kpi_index(r, "cannibalisation");
    ck_assert_double_eq(ch_results_value(r, incremental, 0, 0)[2], 0);
    ck_assert_double_eq_tol(ch_results_value(r, incremental, 0, 2)[1], 20.14, 1e-9);
    ck_assert(isnan(ch_results_value(r, cannibal, 0, 0)[0])); /* the baseline gains nothing over itself */
    ck_assert_double_eq_tol(ch_results_value(r, cannibal, 0, 1)[0], 1 - 10.0 / 20.0, 1e-9);
    ck_assert(isnan(ch_results_value(r, kpi_index(r, "welfare_score"), 0, 1)[0])); /* its parts are not measured here */
    fixture_destroy(f);
}
END_TEST

START_TEST(identity_of_results)
{
    struct fixture *a = usual(), *b = usual(), *c = fixture_create(2, 3, 5, 4);
    fixture_results(c);
    ck_assert_uint_eq(a->results.fingerprint, b->results.fingerprint);
    ck_assert_str_eq(a->results.results_sha256, b->results.results_sha256);
    ck_assert_uint_eq(strlen(a->results.results_sha256), 64);
    ch_results_fini(&c->results);
    c->scenario.sha256[0] ^= 1;
    fixture_results(c);
    ck_assert_str_ne(a->results.results_sha256, c->results.results_sha256);
    uint64_t straight = ch_mix(ch_mix(0 ^ a->results.outcome[0].fingerprint) ^ a->results.outcome[1].fingerprint);
    uint64_t swapped = ch_mix(ch_mix(0 ^ a->results.outcome[1].fingerprint) ^ a->results.outcome[0].fingerprint);
    ck_assert_uint_ne(straight, swapped);
    fixture_destroy(a);
    fixture_destroy(b);
    fixture_destroy(c);
}
END_TEST

START_TEST(maps_are_summed)
{
    struct fixture *f = usual();
    const int64_t *sum = f->results.map_sum[1]; /* policy 1 */
    ck_assert_int_eq(sum[8 * 20 + 3], 3 * (3 + 1 + 1));
    ck_assert_int_eq(sum[168 * 20 + 8 * 20], 3 * (8 * 37 - 400) + 0 + 1 + 2);
    ck_assert_ptr_null(f->results.outcome[4].measures.table[PROBE_footfall]);
    fixture_destroy(f);
}
END_TEST

START_TEST(missing_runs_are_undefined)
{
    struct fixture *f = usual();
    struct ch_results *r = &f->results;
    struct ch_error error = {.code = CH_OK};
    ch_measures_fini(&r->outcome[4].measures); /* policy 1, replication 1 */
    free((void *)r->kpi);
    free(r->value);
    ck_assert_int_eq(ch_results_form(r, &error), CH_OK);
    ck_assert(isnan(ch_results_value(r, 0, 0, 1)[1]));
    ck_assert(!isnan(ch_results_value(r, 0, 0, 1)[0]));
    ck_assert(isnan(ch_results_value(r, kpi_index(r, "incremental_sales"), 0, 1)[1]));
    write_to(f, at("missing.h5"));
    fixture_destroy(f);
}
END_TEST

/* ---- round trip ---- */

static void check_file(const struct fixture *f, const char *path)
{
    const struct ch_results *r = &f->results;
    struct ch_file file;
    struct ch_error error = {.code = CH_OK};
    char fingerprint[24];
    ck_assert_msg(ch_file_read(path, false, &file, &error) == CH_OK, "%s", error.text);
    ck_assert_str_eq(file.name, "fixture");
    ck_assert_str_eq(file.question, "Does it last?");
    ck_assert_str_eq(file.status, "complete");
    ck_assert_str_eq(file.config_yaml, f->scenario.resolved);
    ck_assert_uint_eq(file.n_points, r->n_points);
    ck_assert_uint_eq(file.n_policies, r->n_policies);
    ck_assert_uint_eq(file.n_replications, r->n_replications);
    ck_assert_uint_eq(file.n_kpis, r->n_kpis);
    ck_assert_uint_eq(file.baseline, r->scenario->baseline);
    ck_assert_uint_eq(file.n_primary, 2);
    ck_assert_str_eq(file.primary[1], "wait");
    ck_assert_double_eq(file.confidence, 0.95);
    ck_assert_double_eq(file.inhabitants, 154508);
    ck_assert_double_eq_tol(file.weeks, 2.0 / 7, 1e-15);
    for (unsigned k = 0; k < r->n_kpis; k++) {
        ck_assert_str_eq(file.kpi_name[k], r->kpi[k].name);
        ck_assert_str_eq(file.kpi_doc[k], r->kpi[k].doc);
        ck_assert_int_eq(file.kpi_k[k], r->kpi[k].k);
        if (strcmp(r->kpi[k].unit, "1") != 0)
            ck_assert_str_eq(file.kpi_unit[k], r->kpi[k].unit);
    }
    ck_assert_mem_eq(file.value, r->value, (size_t)r->n_kpis * r->n_points * r->n_policies * r->n_replications * sizeof(double));
    snprintf(fingerprint, sizeof fingerprint, "%016llx", (unsigned long long)r->fingerprint);
    ck_assert_str_eq(file.fingerprint, fingerprint);
    ck_assert_str_eq(file.results_sha256, r->results_sha256);
    ck_assert_str_eq(file.point_label[0], r->n_points > 1 ? "population.sample=0.5, city.stores=30" : "");
    ch_file_fini(&file);
}

START_TEST(round_trip)
{
    struct fixture *f = usual();
    const char *path = at("plain.h5");
    write_to(f, path);
    check_file(f, path);
    ck_assert_uint_eq(parts(), 0);
    fixture_destroy(f);
}
END_TEST

START_TEST(round_trip_of_a_sweep)
{
    struct fixture *f = fixture_create(3, 2, 5, 4);
    f->scenario.baseline = 1;
    fixture_sweep(f);
    fixture_results(f);
    write_to(f, at("sweep.h5"));
    check_file(f, at("sweep.h5"));
    fixture_destroy(f);
}
END_TEST

START_TEST(round_trip_of_full_maps)
{
    struct fixture *f = fixture_create(2, 2, 30, 17); /* 168 x 17 x 30: chunked */
    f->scenario.maps_full = true;
    fixture_results(f);
    ck_assert_ptr_null(f->results.map_sum);
    write_to(f, at("full.h5"));
    check_file(f, at("full.h5"));
    fixture_destroy(f);
}
END_TEST

START_TEST(round_trip_of_one_policy_and_nothing_else)
{
    struct fixture *f = fixture_create(1, 1, 5, 4);
    f->scenario.maps = f->scenario.stores = f->scenario.couriers = false;
    fixture_results(f);
    write_to(f, at("single.h5"));
    check_file(f, at("single.h5"));
    fixture_destroy(f);
}
END_TEST

/* Chunks at the ragged edge of a map larger than one chunk. */
START_TEST(large_maps)
{
    struct fixture *f = fixture_create(1, 1, 211, 173);
    fixture_results(f);
    write_to(f, at("large.h5"));
    check_file(f, at("large.h5"));
    fixture_destroy(f);
}
END_TEST

START_TEST(equal_results_are_equal_bytes)
{
    struct fixture *a = usual(), *b = usual();
    size_t n = 0, m = 0;
    a->results.provenance.reproducible = b->results.provenance.reproducible = true;
    b->results.provenance.threads = 17;
    b->results.provenance.hostname = "another";
    b->results.outcome[0].wall_s = 99;
    write_to(a, at("a.h5"));
    write_to(b, at("b.h5"));
    unsigned char *x = slurp(at("a.h5"), &n), *y = slurp(at("b.h5"), &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(x, y, n);
    free(x);
    free(y);
    fixture_destroy(a);
    fixture_destroy(b);
}
END_TEST

/* ---- targets ---- */

START_TEST(existing_files_are_kept)
{
    struct fixture *f = usual();
    struct ch_error error;
    const char *path = at("kept.h5");
    spill(path, (const unsigned char *)"precious", 8);
    expect(ch_results_write(&f->results, path, false, &error), CH_EXISTS, &error, "--force");
    size_t n = 0;
    unsigned char *data = slurp(path, &n);
    ck_assert_mem_eq(data, "precious", 8);
    free(data);
    expect(ch_results_write(&f->results, folder, true, &error), CH_INVALID, &error, "folder");
    expect(ch_results_write(&f->results, "/dev/null", true, &error), CH_INVALID, &error, "regular");
    expect(ch_results_write(&f->results, "", true, &error), CH_INVALID, &error, "empty");
    expect(ch_results_write(&f->results, at("no/such/folder.h5"), true, &error), CH_IO, &error, "No such file");
    write_to(f, path);
    check_file(f, path);
    fixture_destroy(f);
}
END_TEST

START_TEST(unwritable_folder)
{
    struct fixture *f = usual();
    struct ch_error error;
    ck_assert_int_eq(mkdir(at("closed"), 0500), 0);
    if (geteuid() != 0)
        expect(ch_results_write(&f->results, at("closed/x.h5"), false, &error), CH_IO, &error, "closed");
    spill(at("file"), (const unsigned char *)"", 0);
    ck_assert_int_eq(ch_results_write(&f->results, at("file/x.h5"), false, &error), CH_IO);
    ck_assert_int_eq(ch_results_target(at("fresh.h5"), false, &error), CH_OK);
    ck_assert(!exists(at("fresh.h5")) && parts() == 0);
    expect(ch_results_target("/proc/x.h5", false, &error), CH_IO, &error, "/proc/x.h5: cannot be written");
    fixture_destroy(f);
}
END_TEST

/* The file-size limit stands for a full disk: no crash, the cause in words, nothing left behind, the old file untouched. */
START_TEST(full_disk)
{
    struct fixture *f = usual();
    struct ch_error error, error_2;
    char path[128];
    snprintf(path, sizeof path, "%s", at("limited.h5"));
    write_to(f, path);
    size_t n = 0;
    unsigned char *before = slurp(path, &n);
    struct sigaction action;
    for (rlim_t limit = 0; limit < n; limit += n / 7 + 1) {
        struct rlimit limits = {limit, RLIM_INFINITY};
        int set = setrlimit(RLIMIT_FSIZE, &limits); /* no asserts until it is lifted: Check writes to a file, too */
        enum ch_code first = ch_results_write(&f->results, path, true, &error),
                     second = ch_results_write(&f->results, at("other.h5"), true, &error_2);
        limits.rlim_cur = RLIM_INFINITY;
        set += setrlimit(RLIMIT_FSIZE, &limits);
        ck_assert_int_eq(set, 0);
        expect(first, CH_IO, &error, "File too large");
        expect(second, CH_IO, &error_2, "File too large");
        ck_assert(parts() == 0 && !exists(at("other.h5")));
    }
    ck_assert(sigaction(SIGXFSZ, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    size_t m = 0;
    unsigned char *after = slurp(path, &m);
    ck_assert_uint_eq(n, m);
    ck_assert_mem_eq(before, after, n);
    free(before);
    free(after);
    fixture_destroy(f);
}
END_TEST

/* ---- */

static const char *wanted_path, *wanted_kind;

START_TEST(for_the_reader)
{
    bool large = strcmp(wanted_kind, "large") == 0, single = strcmp(wanted_kind, "single") == 0;
    struct fixture *f = fixture_create(single ? 1 : large ? 3 : 2, single ? 1 : 3, large ? 65 : 5, large ? 65 : 4);
    struct timespec begin, end;
    struct stat st;
    if (strcmp(wanted_kind, "sweep") == 0)
        fixture_sweep(f);
    f->scenario.maps_full = strcmp(wanted_kind, "full") == 0;
    fixture_results(f);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    write_to(f, wanted_path);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ck_assert_int_eq(stat(wanted_path, &st), 0);
    printf("%s: %s, %lld bytes, %.3f s\n", wanted_path, wanted_kind, (long long)st.st_size,
           (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec));
    fixture_destroy(f);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, kpis_are_formed);
    tcase_add_test(all, identity_of_results);
    tcase_add_test(all, maps_are_summed);
    tcase_add_test(all, missing_runs_are_undefined);
    tcase_add_test(all, round_trip);
    tcase_add_test(all, round_trip_of_a_sweep);
    tcase_add_test(all, round_trip_of_full_maps);
    tcase_add_test(all, round_trip_of_one_policy_and_nothing_else);
    tcase_add_test(all, large_maps);
    tcase_add_test(all, equal_results_are_equal_bytes);
    tcase_add_test(all, existing_files_are_kept);
    tcase_add_test(all, unwritable_folder);
    tcase_add_test(all, full_disk);
}

static void add_writer(TCase *all) { tcase_add_test(all, for_the_reader); }

int main(int argc, char **argv)
{
    bool write = argc >= 3 && strcmp(argv[1], "--write") == 0;
    if (!mkdtemp(folder))
        return 1;
    if (write) {
        wanted_path = argv[2];
        wanted_kind = argc > 3 ? argv[3] : "plain";
    }
    int status = write ? run_tests("write", add_writer) : run_tests("output", add_tests);
    remove_folder();
    return status;
}
