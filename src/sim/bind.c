/* SPDX-License-Identifier: MIT
 * Who talks to whom: the table of kinds, and for each moment and question the chain of models that listen. */
#include "sim/chronicle.h"
#include "sim/stage.h"
#include "table/table.h"
#include <stdio.h>

enum { MESSAGES_PER_MODEL = 32 };

static const char *qualified(struct ch_arena *arena, const char *model, const char *message)
{
    char name[128];
    snprintf(name, sizeof name, "%s.%s", model, message);
    return ch_arena_strdup(arena, name);
}

static uint32_t self_at(unsigned m) { return m * (uint32_t)sizeof(struct ch_self); }

static struct ch_call call_of(const struct ch_stage *stage, unsigned m, ch_handler handler)
{
    const struct ch_self *self = &stage->self[m];
    return (struct ch_call){.handler = handler,
                            .self_at = self_at(m),
                            .model = (uint16_t)m,
                            .place_at = self->place_at,
                            .place_step = self->place_step};
}

/* A letter that nobody takes. */
static void drop(struct ch_ctx *ctx, const struct ch_event *ev)
{
    (void)ctx;
    (void)ev;
}

/* Letters have the lowest ranks, whoever takes them. */
static enum ch_code bind_letters(struct ch_stage *stage, struct ch_error *error)
{
    static const struct {
        const char *name;
        ch_time least;
        unsigned slots;
    } letter[] = {
#define X(name, least, slots, doc) {#name, least, slots},
        CH_LETTERS(X)
#undef X
    };
    for (unsigned i = 0; i < CH_N_LETTERS; i++)
        stage->kind[i] = (struct ch_kind){
            .name = letter[i].name, .id = i, .scope = CH_REMOTE, .least = letter[i].least, .slots = letter[i].slots};
    for (unsigned m = 0; m < stage->n_models; m++) {
        const struct ch_model *model = stage->self[m].model;
        const ch_handler takes[] = {
#define X(name, least, slots, doc) model->take_##name,
            CH_LETTERS(X)
#undef X
        };
        for (unsigned i = 0; i < CH_N_LETTERS; i++) {
            if (!takes[i])
                continue;
            if (stage->call[i].handler)
                return ch_fail(error, CH_INTERNAL, "letter '%s' has two recipients: %s and %s", letter[i].name,
                               stage->self[stage->call[i].model].model->name, model->name);
            stage->call[i] = call_of(stage, m, takes[i]);
        }
    }
    for (unsigned i = 0; i < CH_N_LETTERS; i++)
        if (!stage->call[i].handler)
            stage->call[i].handler = drop;
    return CH_OK;
}

static void bind_messages(struct ch_stage *stage)
{
    unsigned rank = CH_N_LETTERS;
    for (unsigned m = 0; m < stage->n_models; m++) {
        const struct ch_model *model = stage->self[m].model;
        stage->self[m].first_kind = rank;
        for (unsigned i = 0; i < model->n_messages; i++, rank++) {
            const struct ch_message *row = &model->message[i];
            stage->kind[rank] = (struct ch_kind){.name = qualified(stage->arena, model->name, row->name),
                                                 .id = ch_model_number(m) * MESSAGES_PER_MODEL + i,
                                                 .scope = row->scope,
                                                 .least = row->least,
                                                 .slots = row->slots};
            stage->call[rank] = call_of(stage, m, model->handler[i]);
            stage->call[rank].carries = model->carries >> i & 1u;
            stage->call[rank].fetch = model->person_size ? CH_FETCH_ALL : model->passing ? CH_FETCH_PASSING : CH_FETCH_NONE;
        }
    }
}

/* What one listener hears and answers, after those before it. */
static void bind_listener(struct ch_stage *stage, unsigned m, const struct ch_model *model)
{
    struct ch_chains *chains = stage->chains;
    uint32_t at = self_at(m);
#define LISTEN(name_, prefix)                                         \
    if (model->prefix##name_) {                                       \
        chains->name_.self_at[chains->name_.n] = at;                  \
        chains->name_.call[chains->name_.n++] = model->prefix##name_; \
    }
#define X(name, what, doc) LISTEN(name, on_)
    CH_MOMENTS(X)
#undef X
#define X(name, what, doc) LISTEN(name, answer_)
    CH_QUESTIONS(X)
#undef X
}

/* The log hears of a moment before the models do, so that what they tell in their turn comes after it, and of a sale once more
 * when they have said what it brings. */
static void bind_chains(struct ch_stage *stage)
{
    if (stage->n_listeners > stage->n_models)
        bind_listener(stage, stage->n_models, &ch_chronicle_listener);
    for (unsigned m = 0; m < stage->n_models; m++)
        bind_listener(stage, m, stage->self[m].model);
    if (stage->n_listeners > stage->n_models)
        bind_listener(stage, stage->n_models, &ch_chronicle_after);
}

enum ch_code ch_stage_bind(struct ch_stage *stage, struct ch_error *error)
{
    unsigned n = CH_N_LETTERS;
    for (unsigned m = 0; m < stage->n_models; m++)
        n += stage->self[m].model->n_messages;
    CH_REQUIRE(n <= CH_KINDS_MAX && stage->n_listeners <= CH_MODELS_MAX);
    stage->n_kinds = n;
    stage->kind = ch_arena_alloc(stage->arena, n, sizeof *stage->kind);
    stage->call = ch_arena_alloc(stage->arena, n, sizeof *stage->call);
    stage->chains = ch_arena_alloc(stage->arena, 1, sizeof *stage->chains);
    if (!stage->kind || !stage->call || !stage->chains)
        return ch_fail(error, CH_TOO_BIG, "out of memory for the table of kinds");
    enum ch_code code = bind_letters(stage, error);
    if (code != CH_OK)
        return code;
    bind_messages(stage);
    bind_chains(stage);
    return CH_OK;
}
