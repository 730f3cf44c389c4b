/* SPDX-License-Identifier: MIT
 * Several processes, one simulation. Each runs a range of places, with threads and tiles of its own; all are in the same window.
 *
 * What is sent within a window concerns other places in a later one, and what is published is read in a later one too. So between
 * two windows everybody tells everybody, in one exchange: events for their places, rows that changed, and when the next own event
 * comes. The earliest of all is the next window; windows that are empty everywhere cost nothing. Events wait for the exchange in
 * buckets of their own, one for each process, so that sending need not know of processes at all: their places are tiles too,
 * beyond the last.
 *
 * At the start every process begins the whole town, which is cheap and needs no exchange, and then forgets what is not its own.
 * Rank 0 has the last range: what comes last among places has much to do with everybody. */
#define _POSIX_C_SOURCE 200809L
#include "engine/ranks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WORD_NEXT, WORD_PENDING, WORD_HANDLED, WORD_FAILED };

/* ---- who has what ---- */

static uint32_t n_blocks(const struct ch_engine *engine)
{
    return (uint32_t)(((uint64_t)engine->spec.n_places + (1u << engine->block_shift) - 1) >> engine->block_shift);
}

static double block_load(const struct ch_engine *engine, uint32_t block)
{
    uint64_t first = (uint64_t)block << engine->block_shift, end = first + ((uint64_t)1 << engine->block_shift);
    double load = 0;
    for (uint64_t place = first; place < end && place < engine->spec.n_places; place++)
        load += engine->spec.load ? (double)engine->spec.load[place] : 1;
    return load;
}

/* Ranges of about equal load in the order of places, the last one for rank 0. */
static void share_out(struct ch_engine *engine)
{
    struct ch_ranks *ranks = engine->ranks;
    uint32_t blocks = n_blocks(engine), piece = 0;
    double total = 0, sum = 0;
    for (uint32_t block = 0; block < blocks; block++)
        total += block_load(engine, block);
    ranks->first = ranks->end = 0;
    for (uint32_t block = 0; block < blocks; block++) {
        uint32_t rank = ranks->size - 1 - piece;
        ranks->owner[block] = (uint16_t)rank;
        if (rank == ranks->rank) {
            ranks->first = ranks->end > 0 ? ranks->first : block;
            ranks->end = block + 1;
        }
        sum += block_load(engine, block);
        if (piece + 1 < ranks->size && (sum * ranks->size >= total * (piece + 1) || blocks - block - 1 < ranks->size - piece))
            piece++;
    }
}

bool ch_ranks_init(struct ch_engine *engine)
{
    struct ch_ranks *ranks = calloc(1, sizeof *ranks);
    unsigned size = ch_comm_size();
    engine->ranks = ranks;
    if (!ranks)
        return false;
    *ranks = (struct ch_ranks){.rank = ch_comm_rank(), .size = size};
    while (((uint64_t)engine->spec.n_places >> engine->block_shift) >= CH_BLOCKS_MAX)
        engine->block_shift++;
    ranks->owner = calloc(n_blocks(engine), sizeof *ranks->owner);
    ranks->noted = calloc((size_t)engine->spec.n_rows + 1, sizeof *ranks->noted);
    ranks->change = aligned_alloc(CH_LINE, engine->spec.workers * sizeof *ranks->change);
    ranks->out = calloc(size, sizeof *ranks->out);
    ranks->in = calloc(size, sizeof *ranks->in);
    ranks->words = calloc(size, sizeof *ranks->words);
    if (!ranks->owner || !ranks->noted || !ranks->change || !ranks->out || !ranks->in || !ranks->words)
        return false;
    memset(ranks->change, 0, engine->spec.workers * sizeof *ranks->change);
    share_out(engine);
    return true;
}

void ch_ranks_fini(struct ch_engine *engine)
{
    struct ch_ranks *ranks = engine->ranks;
    if (!ranks)
        return;
    for (unsigned i = 0; ranks->change && i < engine->spec.workers; i++)
        free(ranks->change[i].row);
    for (unsigned r = 0; ranks->out && ranks->in && r < ranks->size; r++) {
        ch_mail_fini(&ranks->out[r]);
        ch_mail_fini(&ranks->in[r]);
    }
    ch_mail_fini(&ranks->rows);
    free(ranks->owner);
    free(ranks->noted);
    free(ranks->change);
    free(ranks->out);
    free(ranks->in);
    free(ranks->words);
    free(ranks);
}

/* ---- what goes out ---- */

void ch_ranks_note(const struct ch_worker *me, uint32_t row)
{
    struct ch_ranks *ranks = me->engine->ranks;
    struct ch_changed *change = &ranks->change[me->index];
    if (!me->engine->started || ranks->noted[row] == me->engine->base + 1)
        return;
    ranks->noted[row] = me->engine->base + 1;
    if (change->n == change->room) {
        uint32_t room = change->room ? 2 * change->room : 256;
        uint32_t *grown = realloc(change->row, room * sizeof *grown);
        if (!grown)
            ch_comm_abort(CH_TOO_BIG, "out of memory for the list of published rows");
        change->row = grown;
        change->room = room;
    }
    change->row[change->n++] = row;
}

/* An event as it travels: its cells, then what goes along with it. */
static void pack_event(struct ch_engine *engine, const struct ch_event *ev, struct ch_mail *mail)
{
    const struct ch_engine_spec *spec = &engine->spec;
    size_t before = mail->n;
    uint64_t window = (uint64_t)(ch_event_time(ev) / spec->lookahead);
    if (window < engine->ranks->next)
        engine->ranks->next = window;
    ch_mail_add(mail, ev, engine->cells[ch_event_kind(ev)] * (size_t)CH_CELL);
    if (spec->pack) {
        unsigned char *room = ch_mail_room(mail, spec->pack_most);
        mail->n -= spec->pack_most - spec->pack(spec->user, ev, room);
    }
    engine->stats.crossed++;
    engine->stats.crossed_bytes += mail->n - before;
}

/* The events of a bucket, which is empty then. Returns how many. */
static uint64_t pack_bucket(struct ch_worker *me, char **bucket, struct ch_mail *mail)
{
    struct ch_engine *engine = me->engine;
    uint64_t n = 0;
    size_t fill = *bucket ? ch_bucket_fill(*bucket) : 0;
    for (const struct ch_chunk *chunk = *bucket ? ch_bucket_chunk(*bucket) : NULL; chunk;
         chunk = chunk->next, fill = chunk ? chunk->fill : 0) {
        const char *end = (const char *)chunk + fill;
        for (const struct ch_event *ev = chunk->cell; (const char *)ev < end; ev += engine->cells[ch_event_kind(ev)], n++)
            if (mail)
                pack_event(engine, ev, mail);
    }
    ch_bucket_drop(&me->pool, bucket);
    return n;
}

/* All versions that a window brings forth carry the same stamp, which time alone tells: a row and its value are enough. */
struct news {
    int64_t value;
    uint64_t row;
};

static int64_t newest_value(const struct ch_row *row)
{
    const struct ch_version *newest = &row->version[0];
    for (int v = 1; v < CH_ROW_VERSIONS; v++)
        if (atomic_load_explicit(&row->version[v].stamp, memory_order_relaxed) >
            atomic_load_explicit(&newest->stamp, memory_order_relaxed))
            newest = &row->version[v];
    return atomic_load_explicit(&newest->value, memory_order_relaxed);
}

static void pack_rows(struct ch_engine *engine)
{
    struct ch_ranks *ranks = engine->ranks;
    ranks->rows.n = 0;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_changed *change = &ranks->change[i];
        for (uint32_t k = 0; k < change->n; k++) {
            struct news news = {.value = newest_value(&engine->row[change->row[k]]), .row = change->row[k]};
            ch_mail_add(&ranks->rows, &news, sizeof news);
        }
        engine->stats.rows_told += change->n;
        change->n = 0;
    }
}

/* To each process: how many events, the events, the rows. Nothing at all when there is neither. */
static void pack_all(struct ch_engine *engine)
{
    struct ch_ranks *ranks = engine->ranks;
    pack_rows(engine);
    for (unsigned r = 0; r < ranks->size; r++) {
        struct ch_mail *mail = &ranks->out[r];
        uint64_t n = 0;
        if (r == ranks->rank)
            continue;
        ch_mail_add(mail, &n, sizeof n);
        for (unsigned i = 0; i < engine->n_workers; i++)
            n += pack_bucket(engine->worker[i], &engine->worker[i]->away[r], mail);
        memcpy(mail->bytes, &n, sizeof n);
        ch_mail_add(mail, ranks->rows.bytes, ranks->rows.n);
        if (mail->n == sizeof n)
            mail->n = 0;
    }
}

/* ---- what comes in ---- */

static void unpack(struct ch_engine *engine, const struct ch_mail *mail, ch_time now)
{
    const struct ch_engine_spec *spec = &engine->spec;
    const unsigned char *at = mail->bytes, *end = at + mail->n;
    uint64_t n = 0;
    struct {
        struct ch_event event;
        struct ch_slot slot[CH_SLOTS_MAX];
    } item;
    if (mail->n == 0)
        return;
    memcpy(&n, at, sizeof n);
    for (at += sizeof n; n > 0; n--) {
        memcpy(&item.event, at, sizeof item.event);
        size_t bytes = engine->cells[ch_event_kind(&item.event)] * (size_t)CH_CELL;
        memcpy(&item, at, bytes);
        at += bytes;
        at += spec->unpack ? spec->unpack(spec->user, &item.event, at) : 0;
        struct ch_event *room = ch_wheel_room(engine->worker[0], ch_event_time(&item.event), item.event.place, bytes);
        if (!room)
            engine->failed = true;
        else
            memcpy(room, &item, bytes);
    }
    for (struct news news; at < end; at += sizeof news) {
        memcpy(&news, at, sizeof news);
        ch_row_publish(&engine->row[news.row], now, spec->row_period, news.value);
    }
}

/* ---- the meeting ---- */

static double clock_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void meet(struct ch_engine *engine)
{
    struct ch_ranks *ranks = engine->ranks;
    ch_time now = (ch_time)ranks->next * engine->spec.lookahead;
    ranks->next = ch_wheel_peek(engine); /* and what is packed */
    pack_all(engine);
    double begin = clock_s();
    const uint64_t word[CH_COMM_WORDS] = {[WORD_NEXT] = ranks->next,
                                          [WORD_PENDING] = engine->stats.sent - engine->stats.events,
                                          [WORD_HANDLED] = engine->stats.events > ranks->events,
                                          [WORD_FAILED] = engine->failed};
    ch_comm_exchange(ranks->out, ranks->in, word, ranks->words);
    engine->stats.meeting_s += clock_s() - begin;
    engine->stats.meetings++;
    uint64_t pending = 0, handled = 0;
    for (unsigned r = 0; r < ranks->size; r++) {
        unpack(engine, &ranks->in[r], now);
        pending += ranks->words[r][WORD_PENDING];
        handled |= ranks->words[r][WORD_HANDLED];
        ranks->failed |= ranks->words[r][WORD_FAILED] != 0;
        ranks->next = ranks->words[r][WORD_NEXT] < ranks->next ? ranks->words[r][WORD_NEXT] : ranks->next;
    }
    ranks->events = engine->stats.events;
    ranks->windows += handled;
    ranks->peak = pending > ranks->peak ? pending : ranks->peak;
}

/* Of the events that are never handled, those for own places stay. */
static void sift_beyond(struct ch_worker *me)
{
    const struct ch_engine *engine = me->engine;
    char *all = me->beyond, *own = NULL;
    size_t fill = all ? ch_bucket_fill(all) : 0;
    for (const struct ch_chunk *chunk = all ? ch_bucket_chunk(all) : NULL; chunk;
         chunk = chunk->next, fill = chunk ? chunk->fill : 0) {
        const char *end = (const char *)chunk + fill;
        unsigned cells;
        for (const struct ch_event *ev = chunk->cell; (const char *)ev < end; ev += cells) {
            cells = engine->cells[ch_event_kind(ev)];
            struct ch_event *room = ch_ranks_owner(engine, ev->place) == engine->ranks->rank
                                        ? ch_bucket_room(&me->pool, &own, cells * CH_CELL)
                                        : NULL;
            if (room)
                ch_cells_copy(room, ev, cells);
        }
    }
    ch_bucket_drop(&me->pool, &all);
    me->beyond = own;
}

void ch_ranks_begin(struct ch_engine *engine)
{
    struct ch_ranks *ranks = engine->ranks;
    for (unsigned i = 0; i < engine->n_workers; i++) {
        struct ch_worker *worker = engine->worker[i];
        for (unsigned r = 0; r < ranks->size; r++)
            pack_bucket(worker, &worker->away[r], NULL);
        sift_beyond(worker);
        if (ranks->rank > 0) /* rank 0 counts what all have begun */
            worker->sent = worker->handled = 0;
    }
    if (ranks->rank > 0)
        engine->stats.events = engine->review_events = 0;
}

void ch_ranks_run(struct ch_engine *engine, void (*run_windows)(struct ch_engine *engine))
{
    struct ch_ranks *ranks = engine->ranks;
    uint64_t until = engine->until_window;
    if (!ranks->met) {
        ranks->met = true;
        ranks->events = engine->stats.events;
        meet(engine);
    }
    while (ranks->next < until && !ranks->failed) {
        engine->until_window = ranks->next + 1;
        run_windows(engine);
        meet(engine);
    }
    engine->until_window = until;
    engine->failed |= ranks->failed;
}
