/* SPDX-License-Identifier: MIT
 * Walking and riding: the time of a walk, the law of routes, crowds, hand-over, waits for the bus.
 *
 * Toy models in this file send people off and note where they come by. Statistical tests use fixed seeds and |z| < 4.892
 * (false alarms: 1e-6 per statement), chi-square with p > 1e-6. */
#include "../runner.h"
#include "toy_town.h"
#include <gsl/gsl_cdf.h>
#include <math.h>

extern const struct ch_model ch_model_riding;
#define ch_model_walking ch_model_walking_here
extern const struct ch_model ch_model_walking_here;
#include "../../models/walking.c"
#undef ch_model_walking
#undef CH_ROW_STRUCT

static const double Z_MAX = 4.892, ALPHA = 1e-6;

/* ---- a toy: everyone sets off once, for a goal, by a mode; their times and routes are noted ------------------------- */

enum { PEOPLE_MAX = 20000 };
static struct {
    uint32_t goal;
    enum ch_mode mode;
    ch_time apart;                 /* between departures */
    bool live;                     /* asks to be live on the way */
    uint32_t divert_at, divert_to; /* change the goal at this node */
    uint32_t leave_stop;           /* every so many people walk away from the stop; 0: none */
    double took_s[PEOPLE_MAX];
    uint64_t route[PEOPLE_MAX]; /* two bits a step */
    unsigned steps[PEOPLE_MAX], touched, arrived;
} toy;

static void on_go(struct ch_ctx *ctx, const struct ch_event *ev);
static void on_touch(struct ch_ctx *ctx, const struct ch_event *ev);
static void on_leave(struct ch_ctx *ctx, const struct ch_event *ev);
enum { GO, TOUCH, LEAVE };
static const struct ch_message toy_rows[] = {{"go", CH_LOCAL, 1, 0, "sets off"},
                                             {"touch", CH_LOCAL, 1, 0, "touches a walker"},
                                             {"leave", CH_LOCAL, 1, 0, "leaves the stop"}};
static const ch_handler toy_handlers[] = {on_go, on_touch, on_leave};

static void toy_start(struct ch_ctx *ctx, struct ch_person *who)
{
    ch_send(ctx, GO, ch_here(ctx), who->id, 1 + toy.apart * who->id, 0);
}

static void set_off(struct ch_ctx *ctx, struct ch_person *who, uint32_t goal, enum ch_mode mode)
{
    struct ch_leg leg = {.from = who->node, .to = goal, .mode = mode, .begun = ch_now(ctx)};
    who->goal = goal;
    who->to_store = who->store != CH_NONE;
    who->mode = (uint8_t)mode;
    who->generation++;
    ch_tell_leg_begins(ctx, who, &leg);
}

static void on_go(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    set_off(ctx, who, toy.goal, toy.mode);
    if (toy.leave_stop && who->id % toy.leave_stop == 0)
        ch_send(ctx, LEAVE, ch_here(ctx), who->id, 1, 0);
}

static void on_leave(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    if (who->zone == CH_AT_STOP)
        set_off(ctx, who, toy.goal, CH_WALK);
}

static void on_touch(struct ch_ctx *ctx, const struct ch_event *ev)
{
    toy.touched += ch_person(ctx, ev->dest)->node == ch_here(ctx);
}

static void toy_street(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    if (toy.steps[who->id] < 32)
        toy.route[who->id] |= (uint64_t)(passage->side % 4) << 2 * toy.steps[who->id]++;
    ck_assert_int_eq(passage->from, ch_here(ctx));
    ck_assert_int_ge(passage->leaves - passage->enters, CH_LOOKAHEAD);
    if (toy.live) {
        passage->live = true;
        ch_send(ctx, TOUCH, ch_here(ctx), who->id, passage->leaves - CH_LOOKAHEAD - ch_now(ctx) - 1, 0);
    }
}

static void toy_node(struct ch_ctx *ctx, struct ch_person *who, struct ch_node *node)
{
    (void)ctx;
    if (toy.divert_to && node->node == toy.divert_at)
        who->goal = toy.divert_to;
}

static void toy_arrive(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    ck_assert_int_eq(leg->to, ch_here(ctx));
    toy.took_s[who->id] = ch_seconds(ch_now(ctx) - leg->begun);
    toy.arrived++;
    who->zone = CH_AT_LEISURE;
}

static const struct ch_model toy_model = {.name = "toy",
                                          .message = toy_rows,
                                          .handler = toy_handlers,
                                          .n_messages = 3,
                                          .start_person = toy_start,
                                          .on_street_entered = toy_street,
                                          .on_node_reached = toy_node,
                                          .on_leg_ends = toy_arrive};

static struct town *town_with(uint32_t width, uint32_t height, uint32_t n, uint32_t goal)
{
    static const struct ch_model *const models[] = {&ch_model_walking_here, &ch_model_riding, &toy_model};
    struct town *town = town_of(width, height, n);
    memset(&toy, 0, sizeof toy);
    toy.goal = goal;
    toy.apart = 10 * CH_SECOND;
    town_open(town, models, 3);
    return town;
}

/* Free speeds as the city draws them: N(1.34, 0.26) cut to 0.6 .. 2.2 m/s. */
static void draw_speeds(struct town *town)
{
    for (uint32_t id = 0; id < town->city.n_people; id++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){11, 0}, id, 1, 0);
        double v;
        do
            v = 1.34 + 0.26 * ch_draw_normal(&draw);
        while (v < 0.6 || v > 2.2);
        town->people[id].speed_mm_s = (uint16_t)(v * 1000 + 0.5);
    }
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

/* G02: 500 m take 387.96 s on average, not 500/1.34 = 372.75 s. */
START_TEST(mean_time_of_500_m)
{
    struct town *town = town_with(6, 1, PEOPLE_MAX, 5);
    draw_speeds(town);
    town_run(town, town->end);
    double sum = 0, squares = 0, n = PEOPLE_MAX;
    for (int i = 0; i < PEOPLE_MAX; i++) {
        sum += toy.took_s[i];
        squares += toy.took_s[i] * toy.took_s[i];
    }
    double mean = sum / n, error = sqrt((squares / n - mean * mean) / n), z = (mean - 387.96) / error;
    ck_assert_msg(fabs(z) < Z_MAX, "mean %.3f s, z = %.2f", mean, z);
    ck_assert_msg(fabs(mean - 372.75) / error > Z_MAX, "negative control: the naive mean passes too");
    ck_assert_uint_eq(toy.arrived, PEOPLE_MAX);
    town_close(town);
}
END_TEST

/* Uniform over the ten staircases of 3 x 2 blocks. */
START_TEST(routes_are_uniform)
{
    struct town *town = town_with(4, 3, PEOPLE_MAX, 11);
    unsigned count[1024] = {0}, paths = 0;
    double chi = 0, expected = PEOPLE_MAX / 10.0;
    town_run(town, town->end);
    for (int i = 0; i < PEOPLE_MAX; i++) {
        ck_assert_uint_eq(toy.steps[i], 5);
        count[toy.route[i]]++;
    }
    for (int r = 0; r < 1024; r++)
        if (count[r]) {
            paths++;
            chi += (count[r] - expected) * (count[r] - expected) / expected;
        }
    ck_assert_uint_eq(paths, 10);
    ck_assert_msg(gsl_cdf_chisq_Q(chi, 9) > ALPHA, "chi-square %.1f", chi);
    town_close(town);
}
END_TEST

START_TEST(all_four_directions)
{
    static const uint32_t goal[] = {0, 4, 20, 24, 12};
    for (int g = 0; g < 5; g++) {
        struct town *town = town_with(5, 5, 50, goal[g]);
        for (uint32_t id = 0; id < 50; id++)
            town->people[id].node = town->citizens[id].home = town->owner[id] = id % 25;
        town_run(town, CH_DAY);
        ck_assert_uint_eq(toy.arrived, 50); /* also those who are there already */
        for (uint32_t id = 0; id < 50; id++) {
            ck_assert_uint_eq(town->people[id].node, goal[g]);
            ck_assert_uint_eq(toy.steps[id] * 100, (unsigned)ch_distance_m(&town->city, id % 25, goal[g]));
        }
        town_close(town);
    }
}
END_TEST

START_TEST(goal_changes_at_a_node)
{
    struct town *town = town_with(6, 2, 10, 5);
    toy.divert_at = 2;
    toy.divert_to = 7;
    for (uint32_t id = 0; id < 10; id++)
        ck_assert_uint_eq(town->people[id].node, 0);
    town_run(town, CH_DAY);
    ck_assert_uint_eq(toy.arrived, 10);
    for (uint32_t id = 0; id < 10; id++) {
        ck_assert_uint_eq(town->people[id].node, 7);
        ck_assert_uint_eq(toy.steps[id], 4);
    }
    town_close(town);
}
END_TEST

/* A live walker may be touched until CH_LOOKAHEAD before arriving, and arrives no later for it. */
START_TEST(live_walkers)
{
    struct town *town = town_with(6, 1, 100, 5);
    toy.live = true;
    town_run(town, CH_DAY);
    ck_assert_uint_eq(toy.touched, 500);
    for (int i = 0; i < 100; i++)
        ck_assert_double_eq_tol(toy.took_s[i], 500 / 1.34, 1e-4);
    town_close(town);
}
END_TEST

/* The fastest on the shortest block that a scenario may ask for: the side still takes longer than the lookahead. */
START_TEST(fastest_walker_on_the_shortest_block)
{
    struct town *town = town_with(6, 1, 10, 5);
    town->city.block_mm = 24000;
    for (int i = 0; i < CH_N_SKIES; i++)
        town->world.speed_factor[i] = 2;
    for (uint32_t id = 0; id < 10; id++)
        town->people[id].speed_mm_s = 2200;
    toy.live = true;
    town_run(town, CH_DAY);
    ck_assert_uint_eq(toy.arrived, 10);
    ck_assert_double_eq_tol(toy.took_s[0], 5 * 24 / 2.31, 1e-4);
    town_close(town);
}
END_TEST

/* Weidmann: at one person per m2 people walk at 0.790 of their free speed (1.06 of 1.34 m/s); below 0.2 freely; at 5.4 not. */
START_TEST(crowds)
{
    const struct ch_city city = {.sample = 1};
    const struct walking_params p = {.stroll = 1, .width = 4};
    double per_density = 60 * 1.34 * 4 * SIDES; /* walkers a minute for one person per m2 */
    ck_assert_double_eq_tol(crowd_factor(&city, &p, (unsigned)(per_density + 0.5), 1340), 0.790, 2e-3);
    ck_assert_double_eq(crowd_factor(&city, &p, (unsigned)(0.19 * per_density), 1340), 1);
    ck_assert_double_eq_tol(crowd_factor(&city, &p, (unsigned)(0.21 * per_density), 1340), 1, 1e-3);
    ck_assert_double_eq(crowd_factor(&city, &p, (unsigned)(5.5 * per_density), 1340), 0);
    const struct ch_city tenth = {.sample = 0.1};
    ck_assert_double_eq_tol(crowd_factor(&tenth, &p, (unsigned)(per_density / 10 + 0.5), 1340), 0.790, 4e-3);
}
END_TEST

static unsigned count_at(struct ch_ctx *ctx, struct corner *corner, ch_time now)
{
    ctx->lane.now = now;
    return count_walker(ctx, corner);
}

/* The minute before, for the crowd; and each hour's walkers in its cell of the map, at the latest when all is settled. */
START_TEST(minutes_and_hours_are_counted)
{
    struct town *town = town_with(6, 1, 10, 5);
    struct ch_ctx *ctx = &town->ctx;
    ctx->self = &town->selves[0];
    ctx->lane.place = 3;
    struct corner *corner = ch_of_place(ctx);
    for (int i = 0; i < 7; i++)
        ck_assert_uint_eq(count_at(ctx, corner, i * CH_SECOND), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_uint_eq(count_at(ctx, corner, CH_MINUTE + i), 7);
    ck_assert_uint_eq(count_at(ctx, corner, 2 * CH_MINUTE), 3);
    ck_assert_uint_eq(count_at(ctx, corner, 5 * CH_MINUTE), 0); /* a minute without anybody lay between */
    count_at(ctx, corner, 26 * CH_HOUR);
    settle(ctx);
    settle(ctx); /* nothing is counted twice */
    count_at(ctx, corner, 26 * CH_HOUR + 1);
    settle(ctx);
    const int64_t *map = town_probe(town, 0, "walkers");
    unsigned first = town->world.day[0].weekday * 24u, next = ch_today(&town->world, 26 * CH_HOUR)->weekday * 24u;
    ck_assert_int_eq(map[(size_t)first * town->city.n_nodes + 3], 12);
    ck_assert_int_eq(map[(size_t)(next + 2) * town->city.n_nodes + 3], 2);
    town_close(town);
}
END_TEST

START_TEST(strollers_slow_down)
{
    struct town *town = town_with(6, 1, 10, 5);
    town->stores[0].node = 5;
    town->city.n_stores = 1;
    for (uint32_t id = 0; id < 10; id++)
        town->people[id].store = 0;
    town_run(town, CH_DAY);
    ck_assert_double_eq_tol(toy.took_s[0], 500 / 1.005, 1e-3);
    town_close(town);
}
END_TEST

static void add_stops(struct town *town, double headway_s)
{
    town->stops[0] = (struct ch_stop){.node = 0, .headway_s = headway_s};
    town->stops[1] = (struct ch_stop){.node = 49, .headway_s = headway_s};
    town->city.n_stops = 2;
    town->node_stop[0] = 0;
    town->node_stop[49] = 1;
    toy.mode = CH_BUS;
    toy.apart = CH_MINUTE;
}

/* The inspection paradox: with exponential headways one waits a whole mean headway, with regular ones half of it. The ride
 * itself takes 4.9 km / 14 km/h = 1260 s. */
START_TEST(waits_for_the_bus)
{
    for (int regular = 0; regular < 2; regular++) {
        struct town *town = town_with(50, 1, PEOPLE_MAX, 49);
        add_stops(town, 600);
        for (unsigned i = 0; i < ch_model_riding.n_params; i++)
            if (strcmp(ch_model_riding.param[i].name, "headway_law") == 0)
                *(int *)((char *)town->params[1] + ch_model_riding.param[i].offset) = regular;
        town_run(town, town->end);
        double sum = 0, mean = regular ? 300 : 600, sd = regular ? 600 / sqrt(12) : 600;
        for (int i = 0; i < PEOPLE_MAX; i++)
            sum += toy.took_s[i] - 1260;
        double z = (sum / PEOPLE_MAX - mean) / (sd / sqrt(PEOPLE_MAX));
        ck_assert_msg(fabs(z) < Z_MAX, "mean wait %.1f s, z = %.2f", sum / PEOPLE_MAX, z);
        ck_assert_uint_eq(toy.arrived, PEOPLE_MAX);
        town_close(town);
    }
}
END_TEST

/* Some walk away from the stop: their bus comes and must not take them, nor touch them. More wait than the queue has seats. */
START_TEST(leaving_the_stop)
{
    struct town *town = town_with(50, 1, 1000, 49);
    add_stops(town, 6000);
    toy.apart = CH_SECOND;
    toy.leave_stop = 3;
    town_run(town, 2 * CH_DAY);
    ck_assert_uint_eq(toy.arrived, 1000);
    unsigned walked = 0;
    for (int i = 0; i < 1000; i++)
        walked += toy.steps[i] > 0;
    ck_assert_uint_ge(walked, 20);
    ck_assert_uint_eq(walked + (unsigned)town_probe(town, 1, "bus_rides")[0], 1000);
    town_close(town);
}
END_TEST

START_TEST(cars)
{
    struct town *town = town_with(50, 1, 10, 49);
    toy.mode = CH_CAR;
    town_run(town, CH_DAY);
    ck_assert_double_eq_tol(toy.took_s[3], 180 + 4900 * 3.6 / 16, 1e-3);
    town_close(town);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, mean_time_of_500_m);
    tcase_add_test(all, routes_are_uniform);
    tcase_add_test(all, all_four_directions);
    tcase_add_test(all, goal_changes_at_a_node);
    tcase_add_test(all, live_walkers);
    tcase_add_test(all, fastest_walker_on_the_shortest_block);
    tcase_add_test(all, crowds);
    tcase_add_test(all, minutes_and_hours_are_counted);
    tcase_add_test(all, strollers_slow_down);
    tcase_add_test(all, waits_for_the_bus);
    tcase_add_test(all, leaving_the_stop);
    tcase_add_test(all, cars);
}

int main(void) { return run_tests("walking", add_tests); }
