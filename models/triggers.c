/* SPDX-License-Identifier: MIT
 * M10 Other triggers: what a phone meets besides beacons. Each tells `cued`, on which rules of a policy may wait. Off unless the
 * scenario wants it; only phones with the app are told of.
 *
 *   geofence     A circle around a sponsor's store, or around a corner with many stores. The phone (location on) sees it enter
 *                where its own path crosses radius + e, e ~ N(0, error) drawn for the day; on foot at that very point, by bus
 *                or car on arrival. The alert comes an Erlang-2 time later (mean 2 min) and counts if the phone is then inside.
 *                An app keeps the 100 fences nearest to home; four alerts at most are on their way.
 *   nfc          A tag at a shelf or shop front is tapped. Since it is read over 4 cm, only who wants to taps: the answer, after
 *                0.3 s, is always wanted.
 *   ultrasound   In a store that sounds, a phone that may listen hears it with 0.8 if it comes within 20 m of the source in the
 *                middle: of a floor f that is the share min(1, pi 20^2/f).
 *   qr           A code is scanned by 0.2 % of those who notice a screen or look into a shop window; the answer is wanted.
 *
 * An alert that falls due in this street or stay is told when it begins, with its own time, as beacons are: no event is needed.
 * Check: on a straight walk through the middle of a fence of 100 m the alert comes inside with P(delay < 2R/v) = .710.
 * Sources: M10 of the model reference (Android documentation; background-geolocation). */
#include "triggers_fence.h"

CH_WANTED_IF_ACTIVE

static void tabulate_stores(struct ch_setup *setup, struct triggers_table *table)
{
    const struct triggers_params *p = setup->params;
    const struct ch_city *city = setup->city;
    table->shops = ch_setup_alloc(setup, city->n_nodes / 8 + 1, 1);
    table->loud = ch_setup_alloc(setup, city->n_stores / 8 + 1, 1);
    for (uint32_t s = 0; s < city->n_stores; s++) {
        uint32_t node = city->stores[s].node;
        table->shops[node / 8] |= (uint8_t)(1u << node % 8);
        if ((double)(ch_mix(s) >> 11) * 0x1p-53 < p->sound_stores) /* no luck of the run: the city stays the same */
            table->loud[s / 8] |= (uint8_t)(1u << s % 8);
    }
}

static const void *tabulate(struct ch_setup *setup)
{
    struct triggers_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    collect_fences(setup, table);
    index_fences(setup, table);
    limit_fences(setup, table);
    tabulate_stores(setup, table);
    return table;
}

static bool has_app(const struct ch_person *who) { return who->device & CH_APP; }

static void cue(struct ch_ctx *ctx, struct ch_person *who, struct ch_cue met)
{
    if (met.store != CH_NONE)
        met.controller = ctx->city->stores[met.store].retailer;
    ch_tell_cued(ctx, who, &met);
}

/* ---- fences ------------------------------------------------------------------------------------------------------ */

static bool is_located(const struct ch_person *who) { return (who->device & (CH_APP | CH_LOCATION)) == (CH_APP | CH_LOCATION); }

/* Does this person's app keep the fence? */
static bool keeps(struct ch_ctx *ctx, const struct ch_person *who, uint32_t fence)
{
    const struct triggers_table *table = ch_table(ctx);
    uint32_t home = ch_home(ctx, who);
    return ch_distance_m(ctx->city, home, table->fence[fence].node) <= (double)table->limit[home];
}

/* The radius as this phone sees it on this day. */
static double radius_seen(struct ch_ctx *ctx, const struct ch_person *who, uint32_t fence)
{
    const struct triggers_params *p = ch_params_of(ctx);
    if (p->error <= 0)
        return p->radius;
    struct ch_draw draw = ch_draw(ctx, DRAW_error, who->id, ch_occasion_day(who) | fence);
    double r = p->radius + p->error * ch_draw_normal(&draw);
    return r > 0 ? r : 0;
}

static ch_time day_start(const struct ch_person *who) { return who->day * CH_DAY; }

static ch_time due_at(const struct ch_person *who, const struct alert *alert)
{
    return day_start(who) + alert->due * CH_MILLISECOND;
}

/* A fence is entered at this time; the alert is on its way. */
static void enter(struct ch_ctx *ctx, const struct ch_person *who, struct pocket *pocket, uint32_t fence, ch_time at)
{
    const struct triggers_params *p = ch_params_of(ctx);
    unsigned free = 0;
    while (free < WAITING && pocket->alert[free].fence)
        free++;
    ch_add(ctx, PROBE_fence_enters, 1);
    ch_add(ctx, PROBE_fences_overlooked, free == WAITING);
    if (free == WAITING)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_delay, who->id, ch_occasion_step(who) | (uint64_t)(fence & 0xffff) << 48);
    double half = ch_draw_exponential(&draw) + ch_draw_exponential(&draw);
    ch_time after = (ch_time)(half / 2 * (double)p->delay + 0.5), of_day = (at + after - day_start(who)) / CH_MILLISECOND;
    pocket->alert[free] = (struct alert){.fence = fence + 1,
                                         .due = of_day < UINT32_MAX ? (uint32_t)of_day : UINT32_MAX,
                                         .after = (uint32_t)(after / CH_MILLISECOND)};
}

/* The alert that falls due first before `until`, or NULL. */
static struct alert *next_alert(const struct ch_person *who, struct pocket *pocket, ch_time until)
{
    struct alert *first = NULL;
    for (unsigned i = 0; i < WAITING; i++) {
        struct alert *alert = &pocket->alert[i];
        if (alert->fence && due_at(who, alert) < until && (!first || alert->due < first->due))
            first = alert;
    }
    return first;
}

/* A stretch of the body's way: from a at time `begins`, at `speed` m/s in direction (dx, dy). */
struct stretch {
    struct point a;
    double dx, dy, speed;
    ch_time begins, ends;
};

/* Alerts due on this stretch, in the order of their times. One that fell due before, unseen, was about somewhere else. */
static void settle(struct ch_ctx *ctx, struct ch_person *who, struct pocket *pocket, const struct stretch *way)
{
    const struct triggers_table *table = ch_table(ctx);
    for (struct alert *next; (next = next_alert(who, pocket, way->ends)) != NULL;) {
        struct alert alert = *next;
        uint32_t fence = alert.fence - 1;
        ch_time at = due_at(who, &alert);
        double gone = way->speed * ch_seconds(at - way->begins);
        struct point here = {way->a.x + way->dx * gone, way->a.y + way->dy * gone};
        next->fence = 0;
        bool inside =
            at >= way->begins && apart(here, point_of(ctx->city, table->fence[fence].node)) <= radius_seen(ctx, who, fence);
        ch_ratio(ctx, PROBE_fence_alert_rate, inside, 1);
        if (!inside)
            continue;
        ch_observe(ctx, PROBE_fence_alert_delay, alert.after);
        cue(ctx, who,
            (struct ch_cue){.trigger = CH_TRIGGER_geofence,
                            .what = fence,
                            .controller = CH_NONE,
                            .store = table->fence[fence].store,
                            .good = CH_NONE,
                            .at = at > ch_now(ctx) ? at : ch_now(ctx)});
    }
}

/* Edges of fences crossed on this side. */
static void cross(struct ch_ctx *ctx, struct ch_person *who, struct pocket *pocket, uint32_t side, const struct stretch *way)
{
    const struct triggers_table *table = ch_table(ctx);
    double length = (double)ctx->city->block_mm / 1000;
    for (uint32_t i = table->by_side.first[side]; i < table->by_side.first[side + 1]; i++) {
        uint32_t fence = table->by_side.fence[i];
        if (!keeps(ctx, who, fence))
            continue;
        struct point c = point_of(ctx->city, table->fence[fence].node);
        double r = radius_seen(ctx, who, fence), foot = (c.x - way->a.x) * way->dx + (c.y - way->a.y) * way->dy,
               lateral = (c.x - way->a.x) * way->dy - (c.y - way->a.y) * way->dx, half2 = r * r - lateral * lateral;
        if (half2 <= 0)
            continue;
        double half = ch_sqrt(half2), in = foot - half, out = foot + half;
        if (in > 0 && in <= length)
            enter(ctx, who, pocket, fence, way->begins + ch_time_of_seconds(in / way->speed));
        ch_add(ctx, PROBE_fence_exits, out > 0 && out <= length);
    }
}

static void on_street_entered(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    static const double step_x[] = {1, 0, -1, 0}, step_y[] = {0, 1, 0, -1};
    if (!is_located(who))
        return;
    struct pocket *pocket = ch_of_app(ctx, who);
    struct stretch way = {.a = point_of(ctx->city, passage->from),
                          .dx = step_x[passage->side % 4],
                          .dy = step_y[passage->side % 4],
                          .speed = passage->speed_mm_s / 1000.0,
                          .begins = passage->enters,
                          .ends = passage->leaves};
    cross(ctx, who, pocket, passage->side, &way);
    settle(ctx, who, pocket, &way);
}

/* Where the body stands until then. */
static void on_activity_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    if (!is_located(who))
        return;
    struct stretch stay = {.a = point_of(ctx->city, who->node), .begins = ch_now(ctx), .ends = act->until};
    settle(ctx, who, ch_of_app(ctx, who), &stay);
}

static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    if (is_located(who) && leg->mode != CH_WALK)
        ((struct pocket *)ch_of_app(ctx, who))->from = leg->from;
}

/* Who steps out of a bus or car may find to have entered fences; a phone that entered many looks at them in its own order. */
static void on_leg_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    const struct triggers_table *table = ch_table(ctx);
    if (!is_located(who) || leg->mode == CH_WALK)
        return;
    struct pocket *pocket = ch_of_app(ctx, who);
    uint32_t here = who->node, first = table->by_node.first[here], n = table->by_node.first[here + 1] - first;
    struct point a = point_of(ctx->city, here), from = point_of(ctx->city, pocket->from);
    uint32_t shift = n ? (uint32_t)(ch_mix(ch_occasion_leg(who) ^ ch_mix(who->id)) % n) : 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t fence = table->by_node.fence[first + (i + shift) % n];
        struct point c = point_of(ctx->city, table->fence[fence].node);
        double r = radius_seen(ctx, who, fence);
        if (apart(a, c) <= r && apart(from, c) > r && keeps(ctx, who, fence))
            enter(ctx, who, pocket, fence, ch_now(ctx));
    }
}

/* Times are kept by the day: what is still on its way in the night is dropped. */
static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)day;
    if (!is_located(who))
        return;
    struct pocket *pocket = ch_of_app(ctx, who);
    for (unsigned i = 0; i < WAITING; i++) {
        ch_ratio(ctx, PROBE_fence_alert_rate, 0, pocket->alert[i].fence != 0);
        pocket->alert[i].fence = 0;
    }
}

/* ---- tags, sounds, codes ----------------------------------------------------------------------------------------- */

/* What the phone can do, always the same for one person. */
static void equipment(struct ch_ctx *ctx, const struct ch_person *who, bool *tags, bool *listens)
{
    const struct triggers_params *p = ch_params_of(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_equipment, who->id, 0);
    *tags = ch_draw_chance(&draw, p->nfc);
    *listens = ch_draw_chance(&draw, p->microphone);
}

/* Chance to come within reach of the sound and to hear it. */
static double hears(const struct triggers_params *p, const struct ch_store *store)
{
    double reached = 3.14159265358979 * p->sound_range * p->sound_range;
    return p->sound_heard * (store->floor_m2 > reached ? reached / store->floor_m2 : 1);
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct triggers_params *p = ch_params_of(ctx);
    const struct triggers_table *table = ch_table(ctx);
    bool tags, listens;
    if (!has_app(who))
        return;
    equipment(ctx, who, &tags, &listens);
    struct ch_draw draw = ch_draw(ctx, DRAW_shelf, who->id, ch_occasion_trip(who) | (visit->store & 0xffffffu));
    struct ch_cue met = {.what = visit->store, .store = visit->store, .good = CH_NONE, .at = ch_now(ctx)};
    bool taps = ch_draw_chance(&draw, p->tap) && tags, heard = ch_draw_chance(&draw, hears(p, &ctx->city->stores[visit->store]));
    if (listens && table->loud[visit->store / 8] >> visit->store % 8 & 1) {
        ch_ratio(ctx, PROBE_sound_detection_rate, heard, 1);
        met.trigger = CH_TRIGGER_ultrasound;
        if (heard)
            cue(ctx, who, met);
    }
    if (!taps)
        return;
    ch_add(ctx, PROBE_nfc_taps, 1);
    met.trigger = CH_TRIGGER_nfc;
    met.good = visit->good;
    met.at += p->tap_delay;
    cue(ctx, who, met);
}

static void scan(struct ch_ctx *ctx, struct ch_person *who, struct ch_cue met)
{
    met.trigger = CH_TRIGGER_qr;
    ch_ratio(ctx, PROBE_qr_scan_rate, 1, 0);
    cue(ctx, who, met);
}

static void on_noticed(struct ch_ctx *ctx, struct ch_person *who, struct ch_notice *notice)
{
    const struct triggers_params *p = ch_params_of(ctx);
    if (!has_app(who))
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_scan, who->id, ch_occasion_step(who) | (uint64_t)(notice->screen & 0xffff) << 48);
    ch_ratio(ctx, PROBE_qr_scan_rate, 0, 1);
    if (ch_draw_chance(&draw, p->scan))
        scan(ctx, who,
             (struct ch_cue){.what = notice->screen,
                             .controller = notice->retailer,
                             .store = CH_NONE,
                             .good = notice->good,
                             .at = ch_now(ctx)});
}

/* Of the windows of a corner a passer-by looks into one at most. */
static void on_node_reached(struct ch_ctx *ctx, struct ch_person *who, struct ch_node *node)
{
    const struct triggers_params *p = ch_params_of(ctx);
    const struct triggers_table *table = ch_table(ctx);
    const struct ch_city *city = ctx->city;
    if (!has_app(who) || !(table->shops[node->node / 8] >> node->node % 8 & 1))
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_window, who->id, ch_occasion_step(who));
    if (!ch_draw_chance(&draw, p->viewers))
        return;
    uint32_t first = city->node_first_store[node->node], n = city->node_first_store[node->node + 1] - first,
             store = city->node_store[first + ch_draw_below(&draw, n)];
    struct ch_cue met = {.what = store, .store = store, .good = CH_NONE, .at = ch_now(ctx)};
    if (!ch_store_lives(&city->stores[store], ch_day_of(ch_now(ctx))))
        return;
    ch_ratio(ctx, PROBE_qr_scan_rate, 0, 1);
    bool taps = ch_draw_chance(&draw, p->tap_front), scans = ch_draw_chance(&draw, p->scan), tags, listens;
    if (scans)
        scan(ctx, who, met);
    if (!taps)
        return;
    equipment(ctx, who, &tags, &listens);
    if (!tags)
        return;
    ch_add(ctx, PROBE_nfc_taps, 1);
    met.trigger = CH_TRIGGER_nfc;
    met.at += p->tap_delay;
    cue(ctx, who, met);
}

extern const struct ch_model ch_model_triggers;
const struct ch_model ch_model_triggers = {
    .name = "triggers",
    .title = "fences, tags, sounds and codes",
    .mechanism = "M10",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .app_size = sizeof(struct pocket),
    .tabulate = tabulate,
    .on_day_begins = on_day_begins,
    .on_leg_begins = on_leg_begins,
    .on_leg_ends = on_leg_ends,
    .on_street_entered = on_street_entered,
    .on_node_reached = on_node_reached,
    .on_activity_begins = on_activity_begins,
    .on_visit_begins = on_visit_begins,
    .on_noticed = on_noticed,
};
