/* SPDX-License-Identifier: MIT
 * Private to stock.c: units on the shelf, what the records say of them, and units between shelf and sale. */
#ifndef CH_STOCK_RECORDS_H
#define CH_STOCK_RECORDS_H

#include "stock_rows.h"

static bool shown(const struct stock_params *params, const struct shelf *shelf, uint32_t good)
{
    return shelf->on_hand[good] + shelf->error[good] - shelf->promised[good] >= params->safety;
}

/* More or fewer units on the shelf, a record less wrong by `error`, more or fewer promised; and the page follows. */
static void change(struct ch_ctx *ctx, uint32_t store, uint32_t good, int units, int error, int promised)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, store);
    struct shelf *shelf = ch_of_store(ctx, store);
    bool before = shown(params, shelf, good);
    CH_ASSERT(shelf->on_hand[good] + units >= 0 && shelf->on_hand[good] + units <= UINT16_MAX &&
              shelf->promised[good] + promised >= 0);
    shelf->on_hand[good] = (uint16_t)(shelf->on_hand[good] + units);
    shelf->error[good] = (int16_t)(shelf->error[good] + error);
    shelf->promised[good] = (uint16_t)(shelf->promised[good] + promised);
    bool after = shown(params, shelf, good);
    if (before != after)
        ch_publish(ctx, (uint32_t)cell(store, good), after);
}

/* Poisson, or normal where it is large. */
static unsigned demand_of(struct ch_draw *draw, double mean)
{
    if (mean <= normal_above)
        return ch_draw_poisson(draw, mean);
    double x = mean + ch_sqrt(mean) * ch_draw_normal(draw) + 0.5;
    return x < 0 ? 0 : x > LEVEL_MAX ? LEVEL_MAX : (unsigned)x;
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

#define NIGHT (2 * CH_HOUR)

static bool has_nights(const struct stock_params *params) { return params->accuracy < 1 || params->shrink > 0; }

/* Share of right records, seen each night just before things go wrong: the mean of q^1 .. q^T. */
static inline double share_right(double q, double nights) { return q * (1 - ch_pow(q, nights)) / (nights * (1 - q)); }

static inline double right_after_a_night(double accuracy, double nights)
{
    double low = 1e-9, high = 1 - 1e-9;
    for (int i = 0; i < 60 && accuracy < 1; i++) {
        double middle = (low + high) / 2;
        if (share_right(middle, nights) < accuracy)
            low = middle;
        else
            high = middle;
    }
    return accuracy < 1 ? low : 1;
}

/* One to three units more or fewer; a wrong record never rights itself. */
static int worse_by(struct ch_draw *draw, int error)
{
    int units = 1 + (int)ch_draw_below(draw, 3), down = ch_draw_chance(draw, 0.5);
    if (error < -ERROR_MAX || error > ERROR_MAX)
        return 0;
    return error < 0 || (error == 0 && down) ? -units : units;
}

static bool is_stocked(const struct ch_ctx *ctx, const struct stock_params *params, uint32_t store, uint32_t good)
{
    return ctx->city->stores[store].goods >> good & 1 && params->cover.v[good] > 0;
}

/* Some nights after the last count. */
static void start_records(struct ch_ctx *ctx, uint32_t store)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, store);
    struct shelf *shelf = ch_of_store(ctx, store);
    struct ch_draw draw = ch_draw(ctx, DRAW_count, store, 0);
    shelf->right = (float)right_after_a_night(params->accuracy, (double)params->count_every);
    shelf->counted = (uint16_t)ch_draw_below(&draw, (uint32_t)params->count_every);
    double still_right = ch_pow((double)shelf->right, shelf->counted + 1.0);
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        int wrong = !ch_draw_chance(&draw, still_right), by = worse_by(&draw, 0);
        if (wrong && is_stocked(ctx, params, store, g))
            change(ctx, store, g, 0, by, 0);
    }
    ch_send(ctx, MSG_night, ch_here(ctx), store, NIGHT, 0);
}

static void lose_units(struct ch_ctx *ctx, struct ch_draw *draw, uint32_t store, uint32_t good)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, store);
    struct shelf *shelf = ch_of_store(ctx, store);
    unsigned lost = demand_of(draw, params->shrink * shelf->on_hand[good]);
    lost = lost < shelf->on_hand[good] ? lost : shelf->on_hand[good];
    int unnoticed = !ch_draw_chance(draw, params->accuracy);
    if (!lost)
        return;
    change(ctx, store, good, -(int)lost, unnoticed && lost < ERROR_MAX ? (int)lost : 0, 0);
    shelf->shrunk += lost;
    ch_add(ctx, PROBE_units_shrunk, lost);
}

static void on_night(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct stock_params *params = ch_item_params(ctx, CH_ITEM_STORE, ev->dest);
    struct shelf *shelf = ch_of_store(ctx, ev->dest);
    bool counts = ++shelf->counted >= params->count_every;
    shelf->counted = counts ? 0 : shelf->counted;
    for (uint32_t g = 0; g < CH_N_GOODS; g++) {
        if (!is_stocked(ctx, params, ev->dest, g))
            continue;
        struct ch_draw draw = ch_draw(ctx, DRAW_night, ev->dest, (uint64_t)ch_day_of(ch_now(ctx)) << 8 | g);
        ch_ratio(ctx, PROBE_record_accuracy, shelf->error[g] == 0, 1);
        if (counts)
            change(ctx, ev->dest, g, 0, -shelf->error[g], 0);
        if (!ch_draw_chance(&draw, (double)shelf->right))
            change(ctx, ev->dest, g, 0, worse_by(&draw, shelf->error[g]), 0);
        lose_units(ctx, &draw, ev->dest, g);
    }
    ch_send(ctx, MSG_night, ch_here(ctx), ev->dest, CH_DAY, 0);
}

/* ---- between shelf and sale -------------------------------------------------------------------------------------- */

/* One unit from the shelf, if there is one. A record that promised one where there is none is set right. */
static void take_unit(struct ch_ctx *ctx, struct shelf *shelf, struct ch_hold *hold)
{
    uint32_t good = hold->good;
    hold->took = shelf->on_hand[good] > 0;
    hold->recorded = shelf->on_hand[good] + shelf->error[good] > 0;
    if (hold->took) {
        shelf->held++;
        change(ctx, hold->store, good, -1, 0, 0);
    } else if (hold->recorded) {
        change(ctx, hold->store, good, 0, -shelf->error[good], 0);
    }
}

static void on_hold(struct ch_ctx *ctx, struct ch_person *who, struct ch_hold *hold)
{
    struct shelf *shelf = ch_of_store(ctx, hold->store);
    (void)who;
    switch (hold->what) {
    case CH_HOLD_PROMISE: /* whoever orders it asks for it */
        shelf->asked[hold->good] = (uint16_t)(shelf->asked[hold->good] + (shelf->asked[hold->good] < UINT16_MAX));
        change(ctx, hold->store, hold->good, 0, 0, 1);
        break;
    case CH_HOLD_UNPROMISE:
        change(ctx, hold->store, hold->good, 0, 0, -1);
        break;
    case CH_HOLD_TAKE:
        take_unit(ctx, shelf, hold);
        break;
    case CH_HOLD_PUT_BACK:
        CH_ASSERT(shelf->held > 0);
        shelf->held--;
        change(ctx, hold->store, hold->good, 1, 0, 0);
        break;
    }
}

static void on_bought_away(struct ch_ctx *ctx, struct ch_person *who, struct ch_away *away)
{
    struct shelf *shelf = ch_of_store(ctx, away->store);
    (void)who;
    CH_ASSERT(shelf->held > 0);
    shelf->held--;
    shelf->sold++;
}

#endif
