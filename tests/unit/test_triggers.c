/* SPDX-License-Identifier: MIT
 * Triggers beside beacons: alerts of fences on straight walks (G08), which fences an app keeps, tags, sounds and codes.
 *
 * Statistical: fixed seed, |z| < 4.892 (false alarms 1e-6 per statement). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

extern const struct ch_model ch_model_walking, ch_model_riding;
#define ch_model_triggers ch_model_triggers_here
#include "../../models/triggers.c"
#undef ch_model_triggers
extern const struct ch_model ch_model_triggers_here;

enum { WALKERS = 20000, EAST_END = 13 };
static const double Z_MAX = 4.892;

/* ---- a toy: everyone goes from node 0 to the east end; what is told of phones is noted ------------------------------ */

static struct {
    enum ch_mode mode;
    unsigned arrived, cues[CH_N_TRIGGERS];
    uint64_t late; /* cues whose time is before they are told, or outside the walk */
} toy;

static void on_go(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct ch_leg leg = {.from = who->node, .to = EAST_END, .mode = toy.mode, .begun = ch_now(ctx), .purpose = CH_FOR_LEISURE};
    who->goal = leg.to;
    who->mode = (uint8_t)toy.mode;
    who->generation++;
    ch_tell_leg_begins(ctx, who, &leg);
}
static const struct ch_message toy_rows[] = {{"go", CH_LOCAL, 1, 0, "sets off"}};
static const ch_handler toy_handlers[] = {on_go};

static void toy_start(struct ch_ctx *ctx, struct ch_person *who)
{
    ch_send(ctx, 0, ch_here(ctx), who->id, 1 + 10 * CH_SECOND * who->id, 0);
}
static void toy_arrive(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    (void)ctx, (void)leg;
    who->zone = CH_AT_LEISURE;
    toy.arrived++;
}
static void toy_cued(struct ch_ctx *ctx, struct ch_person *who, struct ch_cue *cue)
{
    (void)who;
    toy.cues[cue->trigger]++;
    toy.late += cue->at < ch_now(ctx);
}
static const struct ch_model toy_model = {.name = "toy",
                                          .message = toy_rows,
                                          .handler = toy_handlers,
                                          .n_messages = 1,
                                          .start_person = toy_start,
                                          .on_leg_ends = toy_arrive,
                                          .on_cued = toy_cued};

/* A street of 13 blocks of 70 m with one store at 490 m; nobody looks into its window. */
static struct town *street(uint32_t n, double radius, double error, struct ch_arena **arena)
{
    static const struct ch_model *const models[] = {&ch_model_walking, &ch_model_riding, &ch_model_triggers_here, &toy_model};
    struct town *town = town_of(EAST_END + 1, 1, n);
    memset(&toy, 0, sizeof toy);
    town->city.block_mm = 70000;
    town->city.n_stores = 1;
    town->stores[0] = (struct ch_store){.node = 7, .floor_m2 = 100};
    town->retailers[0].sponsor = true;
    for (uint32_t id = 0; id < n; id++)
        town->citizens[id].device = CH_SMARTPHONE | CH_APP | CH_LOCATION;
    shops_open(town);
    town_open(town, models, 4);
    struct triggers_params *p = town->params[2];
    p->active = 1;
    p->radius = radius;
    p->error = error;
    p->viewers = 0;
    *arena = shops_tabulate(town);
    return town;
}

/* Erlang-2 of this mean before `seconds`. */
static double erlang(double seconds, double mean)
{
    double x = 2 * seconds / mean;
    return 1 - exp(-x) * (1 + x);
}

/* G08: straight through a fence of 100 m at 1.34 m/s an alert of mean 120 s comes inside with .710. Other radii tell the law
 * from an exponential delay, which would give .463 .712 .917 (.712 is nearly the same). */
START_TEST(g08_alert_inside_the_fence)
{
    static const double radius[] = {50, 100, 200};
    ck_assert_double_eq_tol(erlang(200 / 1.34, 120), .710, 1e-3);
    for (int i = 0; i < 3; i++) {
        struct ch_arena *arena;
        struct town *town = street(WALKERS, radius[i], 0, &arena);
        town_run(town, town->end);
        double expected = erlang(2 * radius[i] / 1.34, 120), n = WALKERS,
               found = (double)town_probe(town, 2, "fence_alert_rate")[0] / n,
               z = (found - expected) / sqrt(expected * (1 - expected) / n);
        ck_assert_uint_eq(toy.arrived, WALKERS);
        ck_assert_int_eq(town_probe(town, 2, "fence_enters")[0], WALKERS);
        ck_assert_int_eq(town_probe(town, 2, "fence_exits")[0], WALKERS);
        ck_assert_int_eq(town_probe(town, 2, "fences_overlooked")[0], 0);
        ck_assert_msg(fabs(z) < Z_MAX, "radius %g: %.4f inside, expected %.4f", radius[i], found, expected);
        ck_assert_uint_eq(toy.cues[CH_TRIGGER_geofence], (unsigned)town_probe(town, 2, "fence_alert_rate")[0]);
        ck_assert_uint_eq(toy.late, 0);
        shops_close(town, arena);
    }
}
END_TEST

/* A position error moves the edge, not what crosses it: still one ENTER and one EXIT each, and the rate hardly changes. */
START_TEST(error_moves_the_edge)
{
    struct ch_arena *arena;
    struct town *town = street(WALKERS / 4, 100, 8, &arena);
    town_run(town, town->end);
    ck_assert_int_eq(town_probe(town, 2, "fence_enters")[0], WALKERS / 4);
    ck_assert_int_eq(town_probe(town, 2, "fence_exits")[0], WALKERS / 4);
    double rate = (double)town_probe(town, 2, "fence_alert_rate")[0] / (WALKERS / 4);
    ck_assert_double_eq_tol(rate, .710, Z_MAX * sqrt(.71 * .29 / (WALKERS / 4)) + 0.003); /* and the curvature over 8 m */
    shops_close(town, arena);
}
END_TEST

/* By device: without location or app there is no fence. */
START_TEST(only_located_phones)
{
    static const uint8_t device[] = {CH_SMARTPHONE | CH_APP, CH_SMARTPHONE | CH_LOCATION, CH_SMARTPHONE | CH_BLUETOOTH};
    for (int i = 0; i < 3; i++) {
        struct ch_arena *arena;
        struct town *town = street(50, 100, 8, &arena);
        for (uint32_t id = 0; id < 50; id++)
            town->people[id].device = device[i];
        town_run(town, town->end);
        ck_assert_uint_eq(toy.arrived, 50);
        ck_assert_int_eq(town_probe(town, 2, "fence_enters")[0], 0);
        shops_close(town, arena);
    }
}
END_TEST

/* Who arrives by car within a fence has entered it there; who merely drives past has not. */
START_TEST(arrival_by_car)
{
    for (int inside = 0; inside < 2; inside++) {
        struct ch_arena *arena;
        struct town *town = street(500, inside ? 480 : 300, 8, &arena); /* the end is 420 m from the store, the start 490 m */
        toy.mode = CH_CAR;
        town_run(town, town->end);
        ck_assert_uint_eq(toy.arrived, 500);
        double entered = (double)town_probe(town, 2, "fence_enters")[0];
        if (inside) /* at home outside with P(e < 10 m) = Phi(1.25), kept for the day */
            ck_assert_double_lt(fabs(entered - 500 * .8944) / sqrt(500 * .8944 * .1056), Z_MAX);
        else
            ck_assert_double_eq(entered, 0);
        shops_close(town, arena);
    }
}
END_TEST

/* At most `most` fences, those nearest to home, all equally near or none of them. Corners with stores enough make clusters. */
START_TEST(fences_an_app_keeps)
{
    enum { SIZE = 8, MOST = 10 };
    static const struct ch_model *const models[] = {&ch_model_triggers_here};
    struct town *town = town_of(SIZE, SIZE, SIZE * SIZE);
    struct ch_arena *arena;
    town->city.n_stores = TOWN_STORES;
    for (uint32_t s = 0; s < TOWN_STORES; s++)
        town->stores[s] = (struct ch_store){.node = s < 4 ? 0 : s};
    town->retailers[0].sponsor = true;
    for (uint32_t id = 0; id < SIZE * SIZE; id++)
        town->citizens[id].home = id;
    shops_open(town);
    town_open(town, models, 1);
    struct triggers_params *p = town->params[0];
    p->most = MOST;
    arena = shops_tabulate(town);
    const struct triggers_table *table = town->selves[0].table;
    ck_assert_uint_eq(table->n_fences, TOWN_STORES);
    town->ctx.audit = true;
    for (uint32_t id = 0; id < SIZE * SIZE; id++) {
        unsigned n = 0;
        double farthest = 0, nearest_left = 1e9;
        for (uint32_t f = 0; f < table->n_fences; f++) {
            double m = ch_distance_m(&town->city, id, table->fence[f].node);
            bool kept = (town->ctx.self = &town->selves[0], keeps(&town->ctx, &town->people[id], f));
            n += kept;
            farthest = kept && m > farthest ? m : farthest;
            nearest_left = !kept && m < nearest_left ? m : nearest_left;
        }
        ck_assert_uint_le(n, MOST);
        ck_assert_uint_gt(n, 0);
        ck_assert_double_lt(farthest, nearest_left);
    }
    p->fences = FENCES_AT_CLUSTERS;
    p->cluster = 3;
    ch_arena_destroy(arena);
    arena = shops_tabulate(town);
    table = town->selves[0].table;
    ck_assert_uint_eq(table->n_fences, 1);
    ck_assert_uint_eq(table->fence[0].node, 0);
    ck_assert_uint_eq(table->fence[0].store, CH_NONE);
    shops_close(town, arena);
}
END_TEST

/* A pocket has room for four alerts; the fifth fence is overlooked, and counted. */
START_TEST(four_alerts_at_once)
{
    struct ch_arena *arena;
    struct town *town = street(1, 100, 0, &arena);
    struct pocket pocket = {.from = 0};
    town->ctx.self = &town->selves[2];
    for (uint32_t f = 0; f < 6; f++)
        enter(&town->ctx, &town->people[0], &pocket, f, 9 * CH_HOUR);
    ck_assert_int_eq(town_probe(town, 2, "fence_enters")[0], 6);
    ck_assert_int_eq(town_probe(town, 2, "fences_overlooked")[0], 2);
    ch_time last = 0;
    unsigned n = 0;
    for (struct alert *next; (next = next_alert(&town->people[0], &pocket, CH_TIME_MAX)) != NULL; n++) {
        ck_assert_int_ge(due_at(&town->people[0], next), last); /* in the order of their times */
        last = due_at(&town->people[0], next);
        next->fence = 0;
    }
    ck_assert_uint_eq(n, WAITING);
    shops_close(town, arena);
}
END_TEST

/* Within 20 m of the middle of a floor of 100 m2 everybody is; of one four times the circle, a quarter. */
START_TEST(sounds_by_floor)
{
    struct triggers_params p = {.sound_range = 20, .sound_heard = .8};
    ck_assert_double_eq_tol(hears(&p, &(struct ch_store){.floor_m2 = 100}), .8, 1e-12);
    ck_assert_double_eq_tol(hears(&p, &(struct ch_store){.floor_m2 = 4 * 400 * 3.14159265358979}), .2, 1e-9);
}
END_TEST

/* Rates of visits, windows and screens, each as its parameter says; a tap has a delay of .3 s. */
START_TEST(taps_sounds_and_scans)
{
    struct ch_arena *arena;
    struct town *town = street(WALKERS, 100, 0, &arena);
    struct triggers_params *p = town->params[2];
    p->tap = .2, p->nfc = .7, p->microphone = .5, p->viewers = .3, p->scan = .1, p->tap_front = .05;
    town->ctx.audit = true;
    for (uint32_t id = 0; id < WALKERS; id++) {
        struct ch_visit visit = {.store = 0, .good = 1};
        struct ch_notice notice = {.screen = 1, .good = 2, .retailer = 0};
        struct ch_node node = {.node = 7};
        town->ctx.self = &town->selves[2];
        on_visit_begins(&town->ctx, &town->people[id], &visit);
        on_noticed(&town->ctx, &town->people[id], &notice);
        on_node_reached(&town->ctx, &town->people[id], &node);
    }
    const int64_t *sound = town_probe(town, 2, "sound_detection_rate"), *scans = town_probe(town, 2, "qr_scan_rate");
    double n = WALKERS, taps = .7 * .2 + .3 * .7 * .05, found = (double)town_probe(town, 2, "nfc_taps")[0];
    ck_assert_double_lt(fabs(found - n * taps) / sqrt(n * taps), Z_MAX);
    ck_assert_double_lt(fabs((double)sound[1] - n * .5) / sqrt(n * .25), Z_MAX);
    ck_assert_double_lt(fabs((double)sound[0] - (double)sound[1] * .8) / sqrt((double)sound[1] * .16), Z_MAX);
    ck_assert_double_lt(fabs((double)scans[1] - n * 1.3) / sqrt(n * .21), Z_MAX);
    ck_assert_double_lt(fabs((double)scans[0] - (double)scans[1] * .1) / sqrt((double)scans[1] * .09), Z_MAX);
    ck_assert_uint_eq(toy.cues[CH_TRIGGER_nfc], (unsigned)found);
    ck_assert_uint_eq(toy.cues[CH_TRIGGER_ultrasound], (unsigned)sound[0]);
    ck_assert_uint_eq(toy.cues[CH_TRIGGER_qr], (unsigned)scans[0]);
    shops_close(town, arena);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, g08_alert_inside_the_fence);
    tcase_add_test(all, error_moves_the_edge);
    tcase_add_test(all, only_located_phones);
    tcase_add_test(all, arrival_by_car);
    tcase_add_test(all, fences_an_app_keeps);
    tcase_add_test(all, four_alerts_at_once);
    tcase_add_test(all, sounds_by_floor);
    tcase_add_test(all, taps_sounds_and_scans);
}

int main(void) { return run_tests("triggers", add_tests); }
