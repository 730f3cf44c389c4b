/* SPDX-License-Identifier: MIT
 * The log of moments. A listener at the head of every chain writes down what is told, when `outputs.events` asks for it; a run
 * without it has no such listener. Only a share of the people is followed, the same in every policy and replication. */
#ifndef CH_CHRONICLE_H
#define CH_CHRONICLE_H

#include "output/story.h"
#include <chaland/model.h>

/* What listens before the models, and after them: a sale is known whole when all have heard of it. */
extern const struct ch_model ch_chronicle_listener, ch_chronicle_after;

/* One worker's lines. Its listener finds them through ctx->self->table, which points to a pointer to this. */
struct ch_chronicle {
    struct ch_story *line;
    size_t n, room;
    double share;
    bool failed; /* out of memory */
};

/* An order, just before its letter is taken. */
void ch_chronicle_letter(struct ch_chronicle *chronicle, const struct ch_ctx *ctx, const struct ch_event *ev);

/* Lines that were written elsewhere, or before. False when out of memory. */
bool ch_chronicle_append(struct ch_chronicle *chronicle, const void *lines, size_t n);

/* The lines of all workers in order of time, person and place; within these, as they happened. Malloc'ed. */
enum ch_code ch_chronicle_gather(const struct ch_chronicle *chronicle, unsigned workers, struct ch_story **story, size_t *n,
                                 struct ch_error *error);
void ch_chronicle_fini(struct ch_chronicle *chronicle);

#endif
