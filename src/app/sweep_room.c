/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "app/sweep_room.h"
#include "app/memory.h"
#include "output/chunk_file.h"
#include "sweep/merge.h"
#include "sweep/points.h"
#include "table/table.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { WRITER = 26 << 20, RECORD = 3000 }; /* bytes: of the library of chunks, of what each record has */

/* Runs of the shard in chunks that are not closed; from closed ones seconds and bytes of a run, as far as there are any. */
static void look_at_chunks(const struct ch_work *work, struct ch_sweep_need *need, double *bytes)
{
    const struct ch_plan *plan = work->plan;
    struct ch_text path = {0};
    struct stat st;
    double runs = 0, seconds = 0, size = 0;
    for (uint64_t c = work->shard; c < plan->n_chunks; c += work->n_shards) {
        struct ch_chunk_summary summary;
        bool closed = ch_plan_chunk_path(plan, (unsigned)c, ".h5", &path) && stat(path.s, &st) == 0;
        if (!closed)
            need->runs += ch_plan_chunk_size(plan, (unsigned)c);
        else if (runs < 1000 && ch_chunk_look(path.s, NULL, &summary, NULL) == CH_OK) {
            runs += (double)summary.runs;
            seconds += summary.run_time_s;
            size += (double)st.st_size;
        }
    }
    need->measured = runs > 0;
    if (need->measured) {
        need->run_s = seconds / runs;
        *bytes = size / runs;
    }
    ch_text_fini(&path);
}

/* How many times more people the largest point has than the first. */
static double growth(const struct ch_scenario *s)
{
    static const char *const keys[] = {"population.shoppers", "population.sample"};
    double factor = 1;
    for (unsigned a = 0; a < s->n_axes; a++)
        for (size_t k = 0; k < 2; k++)
            if (strcmp(s->axis[a].key, keys[k]) == 0) {
                double first = s->axis[a].number[0], most = first;
                for (unsigned i = 0; i < s->axis[a].n; i++)
                    most = s->axis[a].number[i] > most ? s->axis[a].number[i] : most;
                factor *= first > 0 ? most / first : 1;
            }
    return factor;
}

/* Each thread holds a run and, at its end, its maps twice; there are as many stages as threads. */
static void look_at_first(const struct ch_work *work, struct ch_sweep_need *need, double *bytes)
{
    struct ch_points points;
    uint64_t before = ch_memory_resident();
    ch_points_begin(&points, work->plan->scenario);
    struct ch_point *point = ch_points_take(&points, 0);
    if (point && ch_point_stage(point)) {
        uint64_t stage = ch_memory_resident();
        stage = stage > before ? stage - before : 0;
        unsigned runs_at_once = need->runs >= work->threads ? work->threads : 1;
        struct ch_need one = ch_stage_need(point->stage, runs_at_once > 1 ? 1 : work->threads, work->scheduler);
        double each = (double)(one.state + 2 * one.maps + 2 * one.counts + stage) * growth(work->plan->scenario);
        need->memory = (uint64_t)each * runs_at_once + WRITER;
        need->plain = one.counts / sizeof(int64_t);
        need->map_cells = work->plan->scenario->maps ? 2 * one.maps / sizeof(int64_t) : 0;
        if (*bytes <= 0) /* a quarter of the cells has a count, of a byte or two */
            *bytes = RECORD + (double)need->plain + (double)need->map_cells / 4 * growth(work->plan->scenario);
    }
    if (point)
        ch_points_give(&points, point);
    ch_points_end(&points);
}

enum ch_code ch_sweep_foretell(const struct ch_work *work, struct ch_sweep_need *need, struct ch_error *error)
{
    struct statvfs fs;
    double bytes = 0;
    *need = (struct ch_sweep_need){.run_s = ch_plan_seconds(work->plan->scenario)};
    if (statvfs(work->plan->folder, &fs) != 0)
        return ch_fail(error, CH_IO, "%s: cannot be examined", work->plan->folder);
    look_at_chunks(work, need, &bytes);
    struct ch_room room = ch_memory_room();
    look_at_first(work, need, &bytes);
    need->room = room.bytes;
    need->limit = room.limit;
    need->disk = (uint64_t)(bytes * (double)need->runs);
    need->disk_free = (uint64_t)fs.f_bavail * fs.f_frsize;
    return CH_OK;
}

enum ch_code ch_sweep_check(const struct ch_sweep_need *need, struct ch_error *error)
{
    if (need->memory > need->room)
        return ch_fail(error, CH_TOO_BIG,
                       "the runs need about %.2f GB of memory, and %.2f GB are left by %s; use fewer --threads, a lower "
                       "population.sample, or allow more; --force tries it nevertheless",
                       (double)need->memory / 1e9, (double)need->room / 1e9, need->limit);
    if (need->disk > need->disk_free)
        return ch_fail(
            error, CH_TOO_BIG,
            "the %llu runs need about %.2f GB of disk, and %.2f GB are free; plan with --set outputs.maps=off, or make "
            "room; --force begins nevertheless",
            (unsigned long long)need->runs, (double)need->disk / 1e9, (double)need->disk_free / 1e9);
    return CH_OK;
}

uint64_t ch_sweep_merge_memory(const struct ch_plan *plan, const struct ch_sweep_need *need)
{
    uint64_t cells[2] = {need->plain, need->map_cells};
    return ch_merge_need(plan, cells) + WRITER;
}
