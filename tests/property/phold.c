/* SPDX-License-Identifier: MIT */
#include "phold.h"

enum { P_HOP, P_TIMER, P_INSTANT, P_KINDS };

struct phold_place {
    uint64_t memory, ordinal;
};

static void phold_send(struct ch_lane *lane, unsigned kind, uint32_t place, ch_time delay, uint64_t memory)
{
    struct ch_slot slot = {{memory, ~memory, 0, 0}};
    if (delay < CH_TIME_MAX - lane->now) /* at the end of time events die out */
        ch_lane_send(lane, kind, place, (uint32_t)memory, delay, memory, kind == P_HOP ? NULL : &slot);
}

static void phold_handle(struct ch_lane *lane, const struct ch_event *ev)
{
    struct mini *mini = mini_of(lane);
    const struct phold *its = mini->parameter;
    struct phold_place *p = place_of(lane);
    uint64_t neighbour = (uint64_t)ch_lane_published(lane, (lane->place + 1) % mini->n_rows);
    p->memory = ch_mix(p->memory ^ ev->payload ^ ch_mix(neighbour));
    ch_lane_publish(lane, lane->place, (int64_t)(p->memory >> 20));
    struct ch_draw d = ch_draw_open(mini->key, lane->place, 6, p->ordinal++);
    if (ch_draw_below(&d, 100) < its->timers) {
        if (ch_event_depth(ev) < 30 && ch_draw_below(&d, 2))
            phold_send(lane, P_INSTANT, lane->place, 0, p->memory);
        else
            phold_send(lane, P_TIMER, lane->place, 1 + ch_draw_below(&d, 3) * its->grain, p->memory);
        return;
    }
    uint32_t to = lane->place;
    if (ch_draw_below(&d, 100) < its->remote)
        to = ch_draw_below(&d, 100) < its->hot ? 0 : ch_draw_below(&d, mini->n_places);
    phold_send(lane, P_HOP, to, its->lookahead + its->grain * ch_draw_below(&d, its->spread), p->memory);
}

static void phold_start(struct mini *mini, struct ch_lane *lane, uint32_t place)
{
    const struct phold *its = mini->parameter;
    for (unsigned i = 0; i < its->each; i++)
        phold_send(lane, P_HOP, place, its->first, ch_mix((uint64_t)place << 32 | i));
}

struct mini_result phold_run(const struct phold *its, struct mini_setting setting, uint64_t seed, struct log *log)
{
    const struct ch_kind kind[P_KINDS] = {{"phold.hop", 1, CH_REMOTE, its->lookahead, 0},
                                          {"phold.timer", 2, CH_LOCAL, 1, 1},
                                          {"phold.instant", 3, CH_INSTANT, 0, 1}};
    struct mini mini = {.name = its->name,
                        .n_places = its->n_places,
                        .n_rows = its->n_places,
                        .kind = kind,
                        .n_kinds = P_KINDS,
                        .place_size = sizeof(struct phold_place),
                        .start = phold_start,
                        .handle = phold_handle,
                        .lookahead = its->lookahead,
                        .log = log,
                        .parameter = its};
    setting.pause = its->pause;
    struct mini_result r = mini_run(&mini, setting, seed, its->end);
    mini_fini(&mini);
    return r;
}
