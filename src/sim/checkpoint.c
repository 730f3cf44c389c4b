/* SPDX-License-Identifier: MIT
 * A run at the edge of a window, as a file, and back. It holds entities and what is pending, never threads, tiles or processes:
 * whoever takes it up may have others of these. Sections, in this order: what the file belongs to; people and their states,
 * places, stores, clearing house, dispatch centres; what the engine keeps of places and of published rows; counts and maps; lines
 * of the log; pending events in their total order. Of a finished run only what its results are made of is kept. */
#include "output/snapshot.h"
#include "sim/audit.h"
#include "sim/run.h"
#include "sim/sets.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a file belongs to: must be equal, then what is told of the moment ------------------------------------------------ */

enum { N_SHAPE = 18, N_MOMENT = 6 };

static void shape_of(const struct run *run, uint64_t shape[N_SHAPE])
{
    const struct ch_stage *stage = run->stage;
    const struct ch_city *city = stage->city;
    const struct ch_layout *layout = &stage->layout;
    size_t n_plain, n_map;
    ch_board_size(run->board, &n_plain, &n_map);
    const uint64_t is[N_SHAPE] = {run->options->number,
                                  run->options->seed,
                                  run->options->policy,
                                  run->options->replication,
                                  city->n_people,
                                  city->n_apps,
                                  city->n_places,
                                  city->n_stores,
                                  sizeof *run->people << 32 | layout->person,
                                  layout->app,
                                  layout->place,
                                  layout->store,
                                  layout->clearing,
                                  layout->dispatch,
                                  (uint64_t)stage->n_rows << 32 | stage->n_kinds,
                                  n_plain,
                                  n_map,
                                  (uint64_t)stage->end};
    memcpy(shape, is, sizeof is);
}

static void put_shape(const struct run *run, struct ch_snapshot *out)
{
    uint64_t shape[N_SHAPE];
    shape_of(run, shape);
    ch_snapshot_section(out, "run");
    ch_snapshot_put(out, shape, sizeof shape);
}

static bool get_shape(const struct run *run, struct ch_snapshot *in)
{
    uint64_t shape[N_SHAPE], wanted[N_SHAPE];
    shape_of(run, wanted);
    return ch_snapshot_enter(in, "run") && ch_snapshot_get(in, shape, sizeof shape) && memcmp(shape, wanted, sizeof shape) == 0;
}

/* ---- state -------------------------------------------------------------------------------------------------------- */

struct block {
    const char *name;
    void *at;
    size_t bytes;
};
enum { N_BLOCKS = 9 };

static void blocks_of(const struct run *run, struct block block[N_BLOCKS])
{
    const struct ch_stage *stage = run->stage;
    const struct ch_city *city = stage->city;
    const struct ch_layout *layout = &stage->layout;
    const struct block is[N_BLOCKS] = {
        {"people", run->people, city->n_people * sizeof *run->people},
        {"person states", run->person_state, city->n_people * layout->person},
        {"app states", run->app_state, city->n_apps * layout->app},
        {"places", run->place_state, layout->place},
        {"stores", run->store_state, city->n_stores * layout->store},
        {"clearing", run->clearing_state, layout->clearing},
        {"dispatch", run->dispatch_state, layout->dispatch},
        {"spots", run->image.spot, city->n_places * sizeof *run->image.spot},
        {"rows", run->image.row, (size_t)stage->n_rows * CH_ROW_VERSIONS * sizeof *run->image.row},
    };
    memcpy(block, is, sizeof is);
}

/* ---- counts --------------------------------------------------------------------------------------------------------- */

enum { MAP_BLOCK = 512 };

/* Blocks of a map that have counts, each behind its index. */
static void put_map(const int64_t *map, size_t n, struct ch_snapshot *out)
{
    ch_snapshot_section(out, "maps");
    for (uint64_t at = 0; at < n; at += MAP_BLOCK) {
        size_t m = n - at < MAP_BLOCK ? n - at : MAP_BLOCK;
        int64_t any = 0;
        for (size_t i = 0; i < m; i++)
            any |= map[at + i];
        if (!any)
            continue;
        ch_snapshot_put(out, &at, sizeof at);
        ch_snapshot_put(out, map + at, m * sizeof *map);
    }
}

static bool get_map(int64_t *map, size_t n, bool take, struct ch_snapshot *in)
{
    int64_t block[MAP_BLOCK];
    bool good = ch_snapshot_enter(in, "maps");
    for (uint64_t at; good && ch_snapshot_more(in);) {
        good = ch_snapshot_get(in, &at, sizeof at) && at < n && at % MAP_BLOCK == 0;
        size_t m = good && n - at < MAP_BLOCK ? n - at : MAP_BLOCK;
        good = good && ch_snapshot_get(in, block, m * sizeof *block);
        if (good && take)
            memcpy(map + at, block, m * sizeof *block);
    }
    return good;
}

static bool put_counts(const struct run *run, struct ch_snapshot *out)
{
    size_t n_plain, n_map;
    ch_board_size(run->board, &n_plain, &n_map);
    int64_t *plain = malloc((n_plain + 1) * sizeof *plain);
    if (!plain)
        return false;
    ch_board_sum(run->board, plain);
    ch_snapshot_section(out, "counts");
    ch_snapshot_put(out, plain, n_plain * sizeof *plain);
    free(plain);
    put_map(ch_board_map(run->board), n_map, out);
    return true;
}

/* One process takes the counts: they are sums. */
static bool get_counts(struct run *run, struct ch_snapshot *in)
{
    size_t n_plain, n_map;
    bool take = !run->ranks || ch_comm_rank() == 0;
    ch_board_size(run->board, &n_plain, &n_map);
    int64_t *plain = malloc((n_plain + 1) * sizeof *plain);
    bool good = plain && ch_snapshot_enter(in, "counts") && ch_snapshot_get(in, plain, n_plain * sizeof *plain);
    if (good && take)
        ch_board_add(run->board, plain);
    free(plain);
    return good && get_map(ch_board_map(run->board), n_map, take, in);
}

static void put_lines(const struct run *run, struct ch_snapshot *out)
{
    ch_snapshot_section(out, "lines");
    for (unsigned w = 0; w < run->options->workers; w++)
        ch_snapshot_put(out, run->worker[w].chronicle.line, run->worker[w].chronicle.n * sizeof *run->worker[w].chronicle.line);
}

static bool get_lines(struct ch_chronicle *chronicle, bool take, struct ch_snapshot *in)
{
    struct ch_story line;
    bool good = ch_snapshot_enter(in, "lines");
    while (good && ch_snapshot_more(in))
        good = ch_snapshot_get(in, &line, sizeof line) && (!take || ch_chronicle_append(chronicle, &line, 1));
    return good;
}

/* ---- pending events --------------------------------------------------------------------------------------------------- */

struct list {
    const struct ch_event **ev;
    size_t n, room;
    bool failed;
};

static void list_event(void *arg, const struct ch_event *ev)
{
    struct list *list = arg;
    if (list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 1024;
        const struct ch_event **more = realloc(list->ev, room * sizeof *more);
        if (!more) {
            list->failed = true;
            return;
        }
        list->ev = more;
        list->room = room;
    }
    list->ev[list->n++] = ev;
}

static int compare(const void *a, const void *b)
{
    const struct ch_event *const *x = a, *const *y = b;
    return ch_event_before(*x, *y) ? -1 : ch_event_before(*y, *x);
}

static bool put_events(struct run *run, struct ch_snapshot *out)
{
    const struct ch_inspection inspection = {
        .stage = run->stage, .scheduler = run->options->scheduler, .self = run->scheduler, .guests = &run->guests};
    struct list list = {0};
    ch_inspect_pending(&inspection, list_event, &list);
    if (list.n > 1)
        qsort(list.ev, list.n, sizeof *list.ev, compare);
    ch_snapshot_section(out, "events");
    for (size_t i = 0; i < list.n; i++)
        ch_snapshot_put(out, list.ev[i], (1 + run->stage->kind[ch_event_kind(list.ev[i])].slots) * sizeof *list.ev[i]);
    free(list.ev);
    return !list.failed;
}

/* Whoever is on the way with an event is so from now on. */
static bool get_events(struct run *run, struct ch_snapshot *in)
{
    struct {
        struct ch_event event;
        struct ch_slot slot[CH_SLOTS_MAX];
    } item;
    const struct ch_event *ev = &item.event;
    bool good = ch_snapshot_enter(in, "events");
    while (good && ch_snapshot_more(in)) {
        good = ch_snapshot_get(in, &item.event, sizeof item.event) && ch_event_kind(ev) < run->stage->n_kinds &&
               ch_snapshot_get(in, item.slot, run->stage->kind[ch_event_kind(ev)].slots * sizeof *item.slot) &&
               run->options->scheduler->put(run->scheduler, ev);
        if (good)
            ch_run_send_off(run, ev);
    }
    return good;
}

/* ---- sets --------------------------------------------------------------------------------------------------------------- */

static enum ch_code agree(const struct run *run, enum ch_code code, struct ch_error *error)
{
    return run->ranks ? ch_comm_agree(code, error) : code;
}

static enum ch_code write_set(struct run *run, uint64_t window, struct ch_error *error)
{
    uint64_t wall_ms = (uint64_t)(ch_run_wall(run) * 1000);
    struct ch_sets *sets = run->options->sets;
    struct ch_snapshot *out = ch_snapshot_create(ch_sets_new_path(sets, run->options->number, window));
    const uint64_t moment[N_MOMENT] = {(uint64_t)run->image.now, run->image.events,       run->image.sent,
                                       run->image.windows,       run->image.pending_peak, wall_ms};
    struct block block[N_BLOCKS];
    blocks_of(run, block);
    put_shape(run, out);
    ch_snapshot_put(out, moment, sizeof moment);
    for (unsigned i = 0; i < N_BLOCKS; i++) {
        ch_snapshot_section(out, block[i].name);
        ch_snapshot_put(out, block[i].at, block[i].bytes);
    }
    bool enough = put_counts(run, out);
    put_lines(run, out);
    if (!enough || !put_events(run, out)) {
        ch_snapshot_abandon(out);
        return ch_fail(error, CH_TOO_BIG, "out of memory for a checkpoint");
    }
    return ch_snapshot_commit(out, error);
}

enum ch_code ch_checkpoint_write(struct run *run, struct ch_error *error)
{
    enum ch_code code = run->ranks ? ch_run_muster(run, error) : ch_run_image(run, error);
    uint64_t window = (uint64_t)(run->image.now / CH_LOOKAHEAD);
    if (code == CH_OK && ch_comm_rank() == 0)
        code = write_set(run, window, error);
    code = agree(run, code, error);
    if (code == CH_OK)
        code = agree(run, ch_sets_commit_set(run->options->sets, run->options->number, window, error), error);
    return code;
}

static bool take_up(struct run *run, struct ch_snapshot *in, ch_time *now)
{
    uint64_t moment[N_MOMENT];
    struct block block[N_BLOCKS];
    if (!get_shape(run, in) || !ch_snapshot_get(in, moment, sizeof moment))
        return false;
    run->image.now = *now = (ch_time)moment[0];
    run->image.events = moment[1];
    run->image.sent = moment[2];
    run->image.windows = moment[3];
    run->image.pending_peak = moment[4];
    run->wall_before = (double)moment[5] / 1000;
    blocks_of(run, block);
    for (unsigned i = 0; i < N_BLOCKS; i++)
        if (!ch_snapshot_enter(in, block[i].name) || !ch_snapshot_get(in, block[i].at, block[i].bytes))
            return false;
    if (!run->options->scheduler->resume(run->scheduler, &run->image))
        return false;
    ch_run_settle_people(run);
    return get_counts(run, in) && get_lines(&run->worker[0].chronicle, ch_comm_rank() == 0 || !run->ranks, in) &&
           get_events(run, in);
}

/* Reads all of it, for nothing but its checksums. */
static enum ch_code check_file(const char *path, struct ch_error *error)
{
    struct ch_snapshot *in;
    enum ch_code code = ch_snapshot_open(path, &in, error);
    if (code != CH_OK)
        return code;
    ch_snapshot_skim(in);
    return ch_snapshot_close(in, error);
}

/* The newest set that is whole, for all processes the same; -1 if none is. */
static int choose_set(struct run *run, struct ch_error *error)
{
    struct ch_sets *sets = run->options->sets;
    struct ch_error why = {.code = CH_OK};
    for (unsigned i = 0; i < ch_sets_count(sets); i++) {
        enum ch_code code = check_file(ch_sets_path(sets, i), &why);
        if (agree(run, code, &why) == CH_OK)
            return (int)i;
        if (ch_comm_rank() == 0)
            fprintf(stderr, "chaland: %s; the checkpoint before it is tried\n", why.text);
    }
    *error = why;
    return -1;
}

enum ch_code ch_checkpoint_read(struct run *run, ch_time *now, struct ch_error *error)
{
    struct ch_sets *sets = run->options->sets;
    struct ch_snapshot *in;
    if (ch_sets_count(sets) == 0)
        return CH_OK;
    int set = choose_set(run, error);
    enum ch_code code = set < 0 ? error->code : ch_run_image(run, error);
    if (code == CH_OK)
        code = ch_snapshot_open(ch_sets_path(sets, (unsigned)set), &in, error);
    if (code == CH_OK) {
        bool good = take_up(run, in, now);
        code = ch_snapshot_close(in, error);
        if (code == CH_OK && !good)
            code = ch_fail(error, CH_INVALID, "%s: belongs to another run, or there is no memory for it",
                           ch_sets_path(sets, (unsigned)set));
    }
    return agree(run, code, error);
}

/* ---- finished runs -------------------------------------------------------------------------------------------------------- */

static enum ch_code write_finished(struct run *run, const struct ch_outcome *outcome, struct ch_error *error)
{
    struct ch_sets *sets = run->options->sets;
    const struct ch_engine_stats *stats = &outcome->engine;
    struct ch_snapshot *out = ch_snapshot_create(ch_sets_run_path(sets, run->options->number));
    put_shape(run, out);
    ch_snapshot_put(out, &outcome->fingerprint, sizeof outcome->fingerprint);
    ch_snapshot_put(out, &outcome->wall_s, sizeof outcome->wall_s);
    ch_snapshot_put(out, stats, sizeof *stats); /* its pointers mean nothing there */
    ch_snapshot_put(out, stats->busy_s, stats->workers * sizeof *stats->busy_s);
    ch_snapshot_put(out, stats->handled, stats->workers * sizeof *stats->handled);
    if (!put_counts(run, out)) {
        ch_snapshot_abandon(out);
        return ch_fail(error, CH_TOO_BIG, "out of memory for keeping a run");
    }
    ch_snapshot_section(out, "lines");
    ch_snapshot_put(out, outcome->story, outcome->n_stories * sizeof *outcome->story);
    return ch_snapshot_commit(out, error);
}

enum ch_code ch_checkpoint_finish(struct run *run, const struct ch_outcome *outcome, struct ch_error *error)
{
    enum ch_code code = ch_comm_rank() == 0 ? write_finished(run, outcome, error) : CH_OK;
    code = agree(run, code, error);
    if (code == CH_OK)
        code = agree(run, ch_sets_commit_run(run->options->sets, run->options->number, error), error);
    return code;
}

static bool get_finished(struct run *run, struct ch_outcome *outcome, struct ch_snapshot *in)
{
    struct ch_engine_stats *stats = &outcome->engine;
    struct ch_chronicle lines = {0};
    bool good = get_shape(run, in) && ch_snapshot_get(in, &outcome->fingerprint, sizeof outcome->fingerprint) &&
                ch_snapshot_get(in, &outcome->wall_s, sizeof outcome->wall_s) && ch_snapshot_get(in, stats, sizeof *stats);
    stats->busy_s = good ? calloc(stats->workers + 1, sizeof *stats->busy_s) : NULL;
    stats->handled = good ? calloc(stats->workers + 1, sizeof *stats->handled) : NULL;
    good = good && stats->busy_s && stats->handled &&
           ch_snapshot_get(in, stats->busy_s, stats->workers * sizeof *stats->busy_s) &&
           ch_snapshot_get(in, stats->handled, stats->workers * sizeof *stats->handled);
    good = good && get_counts(run, in) && get_lines(&lines, true, in);
    outcome->story = lines.line;
    outcome->n_stories = lines.n;
    return good;
}

enum ch_code ch_checkpoint_outcome(struct run *run, struct ch_outcome *outcome, struct ch_error *error)
{
    struct ch_snapshot *in;
    const char *path = ch_sets_run_path(run->options->sets, run->options->number);
    enum ch_code code = ch_board_create(&run->stage->shape, 1, &run->board, error);
    if (code == CH_OK)
        code = check_file(path, error);
    if (code == CH_OK)
        code = ch_snapshot_open(path, &in, error);
    if (code == CH_OK) {
        bool good = get_finished(run, outcome, in);
        code = ch_snapshot_close(in, error);
        if (code == CH_OK && !good)
            code = ch_fail(error, CH_INVALID, "%s: belongs to another run, or there is no memory for it", path);
    }
    if (code == CH_OK)
        code = ch_board_measure(run->board, &outcome->measures, error);
    ch_board_destroy(run->board);
    if (code != CH_OK)
        ch_outcome_fini(outcome);
    return code;
}
