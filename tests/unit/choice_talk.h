/* SPDX-License-Identifier: MIT
 * Part of test_choice.c: a model that talks of stores, and a way to ask for a choice. */
#ifndef CHOICE_TALK_H
#define CHOICE_TALK_H

/* Somebody who talks of stores: `adds` to some of them for some people, and says so or not. */
static struct {
    double adds, takes;
    bool silent;
    unsigned asked;
} toy;

static double toy_term(uint32_t person, uint32_t store)
{
    uint64_t x = ch_mix((uint64_t)person << 32 | store);
    return x % 8 == 0 ? toy.adds * (double)(x >> 32) * 0x1p-32 : x % 8 == 1 ? -toy.takes : 0;
}

static void toy_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    (void)ctx;
    toy.asked += appeal->n;
    for (unsigned i = 0; i < appeal->n; i++)
        appeal->u[i] += toy_term(who->id, appeal->store[i]);
    appeal->most += toy.adds > 0 ? toy.adds : 0;
    appeal->bounded += !toy.silent;
}

static const struct ch_model toy_model = {.name = "toy", .answer_appeal = toy_appeal};
static const struct ch_model *const models[] = {&ch_model_choice_here, &toy_model};

static struct ch_pick pick_for(struct town *town, struct ch_person *who, uint32_t from, uint32_t good, uint32_t exclude,
                               ch_time arrival)
{
    struct ch_pick pick = {.from = from, .good = good, .exclude = exclude, .arrival = arrival, .store = CH_NONE};
    town->ctx.self = &town->selves[0];
    ch_model_choice_here.answer_pick(&town->ctx, who, &pick);
    return pick;
}

#endif
