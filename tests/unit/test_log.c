/* SPDX-License-Identifier: MIT
 * The log of moments, packed run by run: the order in which runs end leaves no trace, chunks hold what was told, and the file
 * gives back the lines of each run. */
#define _XOPEN_SOURCE 700
#include "../runner.h"
#include "output/log_inside.h"
#include "output_files.h"
#include <chaland/rng.h>
#include <zlib.h>

enum { RUNS = 3 };
static const size_t lines_of[RUNS] = {70000, 0, CH_LOG_CHUNK + 5000}; /* chunks begin and end within runs */

static struct ch_story *lines(unsigned run)
{
    struct ch_story *story = calloc(lines_of[run] + 1, sizeof *story);
    ck_assert_ptr_nonnull(story);
    for (size_t i = 0; i < lines_of[run]; i++)
        story[i] = (struct ch_story){.at = (ch_time)i * CH_SECOND,
                                     .id = ch_mix(i + run),
                                     .value = 0.25 * (double)i,
                                     .extra = -1.0,
                                     .person = (uint32_t)i,
                                     .store = i % 3 ? CH_NONE : run,
                                     .detail = 0xfffffff0u,
                                     .kind = (uint8_t)(i % CH_N_STORIES)};
    return story;
}

static struct ch_log *packed_in_order(const unsigned order[RUNS])
{
    struct ch_log *log = ch_log_create(1, 1, RUNS);
    ck_assert_ptr_nonnull(log);
    for (unsigned k = 0; k < RUNS; k++)
        for (bool mine = ch_log_leave(log, order[k], lines(order[k]), lines_of[order[k]]); mine; mine = ch_log_more(log))
            ck_assert_int_eq(ch_log_pack(log, NULL), CH_OK);
    ck_assert_int_eq(ch_log_finish(log, NULL), CH_OK);
    return log;
}

START_TEST(order_leaves_no_trace)
{
    const unsigned straight[RUNS] = {0, 1, 2}, mixed[RUNS] = {2, 0, 1}, backwards[RUNS] = {2, 1, 0};
    struct ch_log *log[3] = {packed_in_order(straight), packed_in_order(mixed), packed_in_order(backwards)};
    ck_assert_uint_eq(log[0]->n, lines_of[0] + lines_of[2]);
    ck_assert_int_eq(log[0]->run[2].first, (int64_t)lines_of[0]);
    for (int other = 1; other < 3; other++)
        for (int c = 0; c < CH_N_LOG_COLUMNS; c++) {
            const struct ch_h5_column *a = &log[0]->column[c], *b = &log[other]->column[c];
            ck_assert_uint_eq(a->checksum, b->checksum);
            ck_assert_uint_eq(a->n_chunks, 3);
            ck_assert_uint_eq(b->n_chunks, 3);
            for (size_t i = 0; i < a->n_chunks; i++) {
                ck_assert_uint_eq(a->chunk[i].n, b->chunk[i].n);
                ck_assert_mem_eq(a->chunk[i].data, b->chunk[i].data, a->chunk[i].n);
            }
        }
    for (int i = 0; i < 3; i++)
        ch_log_destroy(log[i]);
}
END_TEST

/* Only one packs; who comes meanwhile is told to go. */
START_TEST(one_at_a_time)
{
    struct ch_log *log = ch_log_create(1, 1, RUNS);
    ck_assert(!ch_log_leave(log, 1, NULL, 0)); /* not its turn */
    ck_assert(ch_log_leave(log, 0, lines(0), lines_of[0]));
    ck_assert(!ch_log_leave(log, 2, lines(2), lines_of[2])); /* somebody is at it */
    unsigned packed = 0;
    for (bool more = true; more; more = ch_log_more(log), packed++)
        ck_assert_int_eq(ch_log_pack(log, NULL), CH_OK);
    ck_assert_uint_eq(packed, RUNS);
    ch_log_destroy(log);
}
END_TEST

/* A chunk, inflated and put together again, is what was told. */
START_TEST(chunks_hold_the_lines)
{
    static unsigned char bytes[8 * CH_LOG_CHUNK];
    const unsigned order[RUNS] = {0, 1, 2};
    struct ch_log *log = packed_in_order(order);
    const struct ch_h5_column *id = &log->column[CH_LOG_id];
    for (size_t chunk = 0; chunk < id->n_chunks; chunk++) {
        uLongf length = sizeof bytes;
        ck_assert_int_eq(uncompress(bytes, &length, id->chunk[chunk].data, (uLong)id->chunk[chunk].n), Z_OK);
        ck_assert_uint_eq(length, sizeof bytes);
        for (size_t i = 0; i < CH_LOG_CHUNK; i++) {
            size_t line = chunk * CH_LOG_CHUNK + i;
            uint64_t found = 0, wanted = line < lines_of[0] ? ch_mix(line) : line < log->n ? ch_mix(line - lines_of[0] + 2) : 0;
            for (size_t byte = 0; byte < 8; byte++)
                found |= (uint64_t)bytes[byte * CH_LOG_CHUNK + i] << (8 * byte);
            ck_assert_uint_eq(found, wanted);
        }
    }
    ch_log_destroy(log);
}
END_TEST

/* Writing reads every array back through HDF5 and compares checksums; here what `chaland trace` reads is looked at. */
START_TEST(file_gives_back_each_run)
{
    struct fixture *f = fixture_create(2, RUNS, 5, 4);
    struct ch_error error = {.code = CH_OK};
    struct ch_story_file file;
    f->scenario.events = true;
    f->scenario.events_share = 1;
    fixture_results(f); /* runs without lines */
    ch_log_destroy(f->results.log);
    f->results.log = ch_log_create(1, 2, RUNS);
    for (unsigned run = 0; run < 2 * RUNS; run++) {
        ck_assert(ch_log_leave(f->results.log, run, lines(run % RUNS), lines_of[run % RUNS]));
        ck_assert_int_eq(ch_log_pack(f->results.log, &error), CH_OK);
        ch_log_more(f->results.log);
    }
    ck_assert_int_eq(ch_log_finish(f->results.log, &error), CH_OK);
    ck_assert_msg(ch_results_write(&f->results, at("log.h5"), false, &error) == CH_OK, "%s", error.text);
    for (unsigned run = 0; run < 2 * RUNS; run++) {
        ck_assert_msg(ch_stories_read(at("log.h5"), 0, run / RUNS, run % RUNS, &file, &error) == CH_OK, "%s", error.text);
        ck_assert_uint_eq(file.n, lines_of[run % RUNS]);
        struct ch_story *wanted = lines(run % RUNS);
        for (size_t i = 0; i < file.n; i++)
            ck_assert(file.story[i].at == wanted[i].at && file.story[i].id == wanted[i].id && file.story[i].person == i &&
                      file.story[i].store == wanted[i].store && file.story[i].detail == 0xfffffff0u &&
                      file.story[i].kind == wanted[i].kind);
        free(wanted);
        ch_stories_fini(&file);
    }
    fixture_destroy(f);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, order_leaves_no_trace);
    tcase_add_test(tc, one_at_a_time);
    tcase_add_test(tc, chunks_hold_the_lines);
    tcase_add_test(tc, file_gives_back_each_run);
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    int status = run_tests("log", add_tests);
    remove_folder();
    return status;
}
