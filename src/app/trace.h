/* SPDX-License-Identifier: MIT
 * What the files of `chaland trace` share: lines of the log, what each follows from, and the words for them. */
#ifndef CH_TRACE_H
#define CH_TRACE_H

#include "base/text.h"
#include "output/story.h"

enum { CH_TRACE_NONE = -1 };

/* The life of one person in a run: their lines in order of time, and for each the line it follows from, or CH_TRACE_NONE. */
struct ch_life {
    const struct ch_story **line;
    long *cause;
    size_t n;
};
enum ch_code ch_life_of(const struct ch_story_file *file, uint32_t person, struct ch_life *life, struct ch_error *error);
void ch_life_fini(struct ch_life *life);

/* Who and when makes the best story: an offer that was opened, followed, bought from, with a commission. */
void ch_trace_pick(const struct ch_story_file *file, uint32_t *person, long *day);
/* The day of a person, store or retailer on which most happened; `wanted` says which lines count. */
long ch_trace_day(const struct ch_story_file *file, bool (*wanted)(const struct ch_story *s, const void *arg), const void *arg);
static inline long ch_trace_day_of(const struct ch_story *s) { return (long)(s->at / CH_DAY); }

/* A line in words, without its time and its person: "buys shoes for 58.00 EUR at store-17". `arrival` is the end of a leg. */
void ch_trace_words(const struct ch_story_file *file, const struct ch_story *s, const struct ch_story *arrival,
                    struct ch_text *out);
/* "Wednesday 9 January 2013" */
char *ch_trace_date(const struct ch_story_file *file, long day, char *buffer, size_t size);

#endif
