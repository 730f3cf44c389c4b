/* SPDX-License-Identifier: MIT */
#include "output/log_inside.h"
#include <chaland/assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { DEFLATE = 1, WORD = 8 };

struct ch_log *ch_log_create(unsigned n_points, unsigned n_policies, unsigned n_replications)
{
    static const enum ch_h5_type type[CH_N_LOG_COLUMNS] = {
#define X(name, type, doc) CH_H5_##type,
        CH_LOG_COLUMNS(X)
#undef X
    };
    struct ch_log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->n_policies = n_policies;
    log->n_replications = n_replications;
    log->n_runs = n_points * n_policies * n_replications;
    log->run = calloc(log->n_runs + 1u, sizeof *log->run);
    log->word = malloc((size_t)CH_N_LOG_COLUMNS * CH_LOG_CHUNK * sizeof *log->word);
    for (int c = 0; c < CH_N_LOG_COLUMNS; c++)
        log->column[c].type = type[c];
    if (log->run && log->word)
        return log;
    ch_log_destroy(log);
    return NULL;
}

void ch_log_destroy(struct ch_log *log)
{
    if (!log)
        return;
    for (unsigned i = 0; log->run && i < log->n_runs; i++)
        free(log->run[i].story);
    for (int c = 0; c < CH_N_LOG_COLUMNS; c++) {
        for (size_t i = 0; i < log->column[c].n_chunks; i++)
            free(log->column[c].chunk[i].data);
        free(log->column[c].chunk);
    }
    free(log->run);
    free(log->word);
    free(log);
}

/* ---- chunks ------------------------------------------------------------------------------------------------------ */

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static void put_line(struct ch_log *log, const struct ch_story *s, const int32_t index[3])
{
    const uint64_t word[CH_N_LOG_COLUMNS] = {
        [CH_LOG_event] = log->n,
        [CH_LOG_point_index] = (uint64_t)index[0],
        [CH_LOG_policy_index] = (uint64_t)index[1],
        [CH_LOG_replication_index] = (uint64_t)index[2],
        [CH_LOG_time] = (uint64_t)(s->at / CH_MILLISECOND),
        [CH_LOG_person] = (uint64_t)(int32_t)s->person, /* CH_NONE is -1 */
        [CH_LOG_kind] = s->kind,
        [CH_LOG_place] = (uint64_t)(int32_t)s->place,
        [CH_LOG_store] = (uint64_t)(int32_t)s->store,
        [CH_LOG_retailer] = (uint64_t)(int32_t)s->retailer,
        [CH_LOG_good] = s->good,
        [CH_LOG_other] = (uint64_t)(int32_t)s->other,
        [CH_LOG_detail] = s->detail,
        [CH_LOG_id] = s->id,
        [CH_LOG_value] = bits_of(s->value),
        [CH_LOG_extra] = bits_of(s->extra),
    };
    for (size_t c = 0; c < CH_N_LOG_COLUMNS; c++)
        log->word[c * CH_LOG_CHUNK + log->in_hand] = word[c];
    log->in_hand++;
    log->n++;
}

/* What HDF5's filters would make of it: all lowest bytes, then all next ones, deflated. The file is little-endian. */
static bool deflate_chunk(struct ch_h5_column *column, const uint64_t *word, unsigned char *shuffled)
{
    size_t size = ch_h5_size(column->type), n = size * CH_LOG_CHUNK;
    for (size_t byte = 0; byte < size; byte++)
        for (size_t i = 0; i < CH_LOG_CHUNK; i++)
            shuffled[byte * CH_LOG_CHUNK + i] = (unsigned char)(word[i] >> (8 * byte));
    uLongf length = compressBound((uLong)n);
    unsigned char *packed = malloc(length);
    struct ch_h5_chunk *chunk = realloc(column->chunk, (column->n_chunks + 1) * sizeof *chunk);
    column->chunk = chunk ? chunk : column->chunk;
    if (!packed || !chunk || compress2(packed, &length, shuffled, (uLong)n, DEFLATE) != Z_OK) {
        free(packed);
        return false;
    }
    unsigned char *fitting = realloc(packed, length);
    chunk[column->n_chunks++] = (struct ch_h5_chunk){fitting ? fitting : packed, length};
    return true;
}

/* The lines in hand become a chunk of each column. */
static bool pack_chunks(struct ch_log *log)
{
    unsigned char *shuffled = malloc((size_t)WORD * CH_LOG_CHUNK);
    bool good = shuffled != NULL;
    for (size_t c = 0; c < CH_N_LOG_COLUMNS && good; c++) {
        uint64_t *word = log->word + c * CH_LOG_CHUNK;
        log->column[c].checksum += ch_h5_checksum(CH_H5_U64, word, log->in_hand, log->n - log->in_hand);
        memset(word + log->in_hand, 0, (CH_LOG_CHUNK - log->in_hand) * sizeof *word);
        good = deflate_chunk(&log->column[c], word, shuffled);
    }
    log->in_hand = 0;
    free(shuffled);
    return good;
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

bool ch_log_leave(struct ch_log *log, unsigned run, struct ch_story *story, size_t n)
{
    CH_REQUIRE(run < log->n_runs && !log->run[run].left);
    log->run[run] = (struct ch_log_run){.story = story, .n = n, .left = true};
    if (log->busy || run != log->next)
        return false;
    return log->busy = true;
}

bool ch_log_more(struct ch_log *log) { return log->busy = log->next < log->n_runs && log->run[log->next].left; }

enum ch_code ch_log_pack(struct ch_log *log, struct ch_error *error)
{
    CH_REQUIRE(log->busy && log->run[log->next].left);
    struct ch_log_run *run = &log->run[log->next];
    const unsigned per_point = log->n_policies * log->n_replications;
    const int32_t index[3] = {(int32_t)(log->next / per_point), (int32_t)(log->next / log->n_replications % log->n_policies),
                              (int32_t)(log->next % log->n_replications)};
    run->first = (int64_t)log->n;
    if (run->n > INT32_MAX - log->n)
        return ch_fail(error, CH_TOO_BIG, "the log of moments has more than %d lines; follow fewer people: outputs.events_share",
                       INT32_MAX);
    for (size_t i = 0; i < run->n; i++) {
        put_line(log, &run->story[i], index);
        if (log->in_hand == CH_LOG_CHUNK && !pack_chunks(log))
            return ch_fail(error, CH_TOO_BIG, "out of memory for the log of moments; follow fewer people: outputs.events_share");
    }
    free(run->story);
    run->story = NULL;
    log->next++;
    return CH_OK;
}

enum ch_code ch_log_finish(struct ch_log *log, struct ch_error *error)
{
    if (log->in_hand && !pack_chunks(log))
        return ch_fail(error, CH_TOO_BIG, "out of memory for the log of moments; follow fewer people: outputs.events_share");
    free(log->word);
    log->word = NULL;
    return CH_OK;
}
