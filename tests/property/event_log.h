/* SPDX-License-Identifier: MIT
 * A complete log: every event as it was handled, place by place, each as it lay in memory with its slots. Two schedulers agree
 * when their logs are the same words. Only one thread at a time handles a place, so no lock is needed. */
#ifndef EVENT_LOG_H
#define EVENT_LOG_H

#include "engine/engine.h"

#include <chaland/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct log_page { /* of one place */
    uint64_t *word;
    size_t n, cap;
    uint64_t events;
};

struct log {
    uint32_t n_places;
    struct log_page *page;
};

/* A record: words that follow (32) | stable id of the kind (32), the event, its slots. */
enum { LOG_HEAD = 1, LOG_EVENT = 4, LOG_SLOT = 4, LOG_MOST = LOG_HEAD + LOG_EVENT + CH_SLOTS_MAX * LOG_SLOT };
_Static_assert(sizeof(struct ch_event) == LOG_EVENT * sizeof(uint64_t), "an event is four words");

static inline struct log log_create(uint32_t n_places)
{
    struct log log = {.n_places = n_places, .page = calloc(n_places, sizeof *log.page)};
    CH_REQUIRE(log.page);
    return log;
}

static inline void log_destroy(struct log *log)
{
    for (uint32_t place = 0; place < log->n_places; place++)
        free(log->page[place].word);
    free(log->page);
    *log = (struct log){0};
}

/* For struct ch_run_options.see. */
static inline void log_see(void *arg, const struct ch_event *ev, uint32_t kind_id, unsigned slots)
{
    struct log *log = arg;
    CH_REQUIRE(ev->place < log->n_places && slots <= CH_SLOTS_MAX);
    struct log_page *page = &log->page[ev->place];
    if (page->n + LOG_MOST > page->cap) {
        page->cap = 2 * page->cap + LOG_MOST;
        page->word = realloc(page->word, page->cap * sizeof *page->word);
        CH_REQUIRE(page->word);
    }
    uint64_t *record = page->word + page->n;
    size_t words = LOG_EVENT + slots * LOG_SLOT;
    record[0] = (uint64_t)words << 32 | kind_id;
    memcpy(record + LOG_HEAD, ev, words * sizeof *record); /* slots follow the event in memory */
    page->n += LOG_HEAD + words;
    page->events++;
}

static inline uint64_t log_events(const struct log *log)
{
    uint64_t n = 0;
    for (uint32_t place = 0; place < log->n_places; place++)
        n += log->page[place].events;
    return n;
}

static inline size_t log_words(const uint64_t *record) { return LOG_HEAD + (size_t)(record[0] >> 32); }

/* Where two pages part: the first word of the first record that differs, or n of both when none does. */
static inline size_t log_parting(const struct log_page *a, const struct log_page *b)
{
    size_t at = 0;
    while (at < a->n && at < b->n) {
        size_t words = log_words(a->word + at);
        if (at + words > b->n || memcmp(a->word + at, b->word + at, words * sizeof *a->word) != 0)
            break;
        at += words;
    }
    return at;
}

static inline const struct ch_event *log_event(const struct log_page *page, size_t at)
{
    return at < page->n ? (const struct ch_event *)(const void *)(page->word + at + LOG_HEAD) : NULL;
}

/* One record in words; `kind` (by rank) may be NULL. */
static inline int log_print(char *text, size_t size, const struct log_page *page, size_t at, const struct ch_kind *kind)
{
    const struct ch_event *ev = log_event(page, at);
    if (!ev)
        return snprintf(text, size, "nothing more");
    unsigned slots = (unsigned)((page->word[at] >> 32) - LOG_EVENT) / LOG_SLOT;
    uint64_t hash = ch_event_hash(ev, (uint32_t)page->word[at], slots);
    return snprintf(text, size, "%s (%u) at %.6f s, depth %u, from place %u (%u), for %u, payload %llx, %u slots, hash %llx",
                    kind ? kind[ch_event_kind(ev)].name : "kind", (unsigned)page->word[at], ch_seconds(ch_event_time(ev)),
                    ch_event_depth(ev), ch_event_source(ev), (unsigned)ev->source, ev->dest, (unsigned long long)ev->payload,
                    slots, (unsigned long long)hash);
}

/* Are the logs equal? If not, `text` says where they part first in time. */
static inline bool log_same(const struct log *truth, const struct log *ours, const struct ch_kind *kind, char *text, size_t size)
{
    CH_REQUIRE(truth->n_places == ours->n_places);
    uint64_t first = UINT64_MAX;
    for (uint32_t place = 0; place < truth->n_places; place++) {
        const struct log_page *a = &truth->page[place], *b = &ours->page[place];
        size_t at = log_parting(a, b);
        const struct ch_event *x = log_event(a, at), *y = log_event(b, at);
        uint64_t when = x && (!y || x->when < y->when) ? x->when : y ? y->when : UINT64_MAX;
        if (when >= first)
            continue;
        first = when;
        int n = snprintf(text, size, "place %u: the oracle handles ", place);
        n += log_print(text + n, size - (size_t)n, a, at, kind);
        n += snprintf(text + n, size - (size_t)n, "; here comes ");
        log_print(text + n, size - (size_t)n, b, at, kind);
    }
    return first == UINT64_MAX;
}

#endif
