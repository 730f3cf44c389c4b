/* SPDX-License-Identifier: MIT
 * What is done at each event: who handles it is called, and what the next ones will touch is fetched ahead. */
#include "base/fetch.h"
#include "sim/run.h"

void ch_run_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct worker *worker = (struct worker *)(void *)lane;
    const struct ch_call *call = &worker->call[ch_event_kind(ev)];
    worker->ctx.self = ch_self_at(&worker->ctx, call->self_at);
    call->handler(&worker->ctx, ev);
}

void ch_run_watch(struct ch_lane *lane, const struct ch_event *ev)
{
    struct worker *worker = (struct worker *)(void *)lane;
    const struct run *run = worker->run;
    const struct ch_kind *kind = &run->stage->kind[ch_event_kind(ev)];
    if (run->options->see)
        run->options->see(run->options->arg, ev, kind->id, kind->slots);
    if (run->stage->scenario->events)
        ch_chronicle_letter(&worker->chronicle, &worker->ctx, ev);
    ch_run_handle(lane, ev);
}

/* Who stays: the rest of their state, and where they live and work. */
static void fetch_state(const struct run *run, uint32_t person)
{
    size_t size = run->stage->layout.person;
    const unsigned char *state = run->person_state + person * size;
    CH_PREFETCH(&run->stage->city->people[person]);
    for (size_t at = 0; at < size; at += 64)
        CH_PREFETCH_OWN(state + at);
}

void ch_run_prefetch(void *user, const struct ch_event *ev)
{
    const struct run *run = user;
    const struct ch_call *call = &run->call[ch_event_kind(ev)];
    unsigned fetch = call->fetch;
    CH_PREFETCH_OWN(run->place_state + call->place_at + ev->place * call->place_step);
    if (fetch == CH_FETCH_NONE || ev->dest >= run->n_people)
        return;
    CH_PREFETCH_OWN(&run->people[ev->dest]);
    if (fetch == CH_FETCH_ALL)
        fetch_state(run, ev->dest);
}

/* Who passes by touches nothing else of their own, but at the end of the leg. */
void ch_run_soon(void *user, const struct ch_event *ev)
{
    const struct run *run = user;
    if (run->call[ch_event_kind(ev)].fetch == CH_FETCH_PASSING && ev->dest < run->n_people &&
        run->people[ev->dest].goal == ev->place)
        fetch_state(run, ev->dest);
}

void ch_set_clock(struct ch_ctx *ctx)
{
    ch_time now = ctx->lane.now;
    const struct ch_world_day *today = ch_today(ctx->world, now);
    ctx->clock =
        (struct ch_clock){.ends = (now / CH_HOUR + 1) * CH_HOUR,
                          .today = today,
                          .weather = ch_weather(ctx->world, now),
                          .map_row = (today->weekday * 24u + (size_t)(ch_time_of_day(now) / CH_HOUR)) * ctx->city->n_nodes};
}

bool ch_may_read(struct ch_ctx *ctx, struct ch_person *who, uint32_t controller, int level)
{
    if (level <= 0)
        return true;
    struct worker *worker = (struct worker *)(void *)ctx;
    struct ch_consent_query query = {.controller = controller};
    ch_ask_consent(ctx, who, &query);
    if (query.level < level) {
        ++*worker->refused;
        return false;
    }
    ++*worker->reads;
    ch_send_letter(ctx, CH_LETTER_audit, ctx->city->clearing, who->id, CH_LOOKAHEAD,
                   ch_audit_payload(CH_AUDIT_READ, controller, level), NULL);
    return true;
}
