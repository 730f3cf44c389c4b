/* SPDX-License-Identifier: MIT
 * Couriers, the rest of M21: speeds by the hour, shifts, surge, stars, shared trips, the forecast, the queue, batches, and an audit
 * that bites.
 *
 * Statistical: fixed seeds, |z| < 4.892 (false alarms 1e-6). */
#include "../runner.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>

#define ch_model_couriers ch_model_couriers_here
#include "../../models/couriers.c"
#undef ch_model_couriers

static const double Z_MAX = 4.892;
enum { SIDE = 41 };

/* 4 km x 4 km of 100 m blocks. */
static struct ch_depot depot = {.couriers = 4};
static struct ch_city city = {.width = SIDE,
                              .height = SIDE,
                              .block_mm = 100000,
                              .n_nodes = SIDE * SIDE,
                              .first_dispatch = SIDE * SIDE + 1,
                              .n_places = SIDE * SIDE + 2,
                              .area_km2 = 16,
                              .n_depots = 1,
                              .depots = &depot};
static uint32_t at(uint32_t x, uint32_t y) { return y * SIDE + x; }

static struct couriers_params params;
static void defaults(void)
{
    params = (struct couriers_params){.bike_speed = 12,
                                      .foot_speed = 5,
                                      .car_speed = 16,
                                      .car_peak_speed = 12,
                                      .bike_evening = 0.97,
                                      .bike_night = 1.1,
                                      .hand_off = CH_MINUTE,
                                      .on_duty = 8 * CH_HOUR,
                                      .off_duty = 22 * CH_HOUR,
                                      .rest = 5 * CH_MINUTE,
                                      .batch = 30 * CH_SECOND,
                                      .waiting = 1,
                                      .detour = 5 * CH_MINUTE,
                                      .zone = 500,
                                      .memory = 0.3,
                                      .shifts_per_day = 0.84,
                                      .shift_least = 3 * CH_HOUR,
                                      .shift_most = (ch_time)(4.5 * CH_HOUR),
                                      .surge_from = 0.85,
                                      .surge_rise = 0.5,
                                      .surge_span = 0.15,
                                      .surge_most = 2,
                                      .star = 3,
                                      .star_late = 0.15,
                                      .star_other = {4, {0.5, 0.2, 0.1, 0.2}},
                                      .trusted = 0.8,
                                      .kept = 0.9,
                                      .learning = 0.02};
}

START_TEST(speeds)
{
    ck_assert(speed_km_h(&params, 17 * CH_HOUR) == 12);
    params.by_hour = true;
    ck_assert(speed_km_h(&params, 8 * CH_HOUR) == 12 && speed_km_h(&params, 12 * CH_HOUR) == 12);
    ck_assert_double_eq_tol(speed_km_h(&params, CH_DAY + 17 * CH_HOUR), 12 * .97, 1e-12);
    ck_assert_double_eq_tol(speed_km_h(&params, 23 * CH_HOUR), 12 * 1.1, 1e-12);
    params.mode = CAR;
    ck_assert(speed_km_h(&params, 8 * CH_HOUR) == 12 && speed_km_h(&params, 12 * CH_HOUR) == 16);
    ck_assert(speed_km_h(&params, 18 * CH_HOUR) == 12);
    params.mode = FOOT;
    ck_assert(speed_km_h(&params, 8 * CH_HOUR) == 5);
}
END_TEST

/* As many as asked for on average, 3 to 4.5 h each, within the hours on duty, one after the other. */
START_TEST(shifts)
{
    enum { N = 20000 };
    static const double per_day[] = {0.84, 2.3, 3};
    double n_shifts = 0, hours = 0;
    params.shifts_per_day = per_day[_i];
    for (uint32_t k = 0; k < N; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 1}, k, 2, 0);
        struct stint stint[SHIFTS_MAX];
        unsigned n = draw_shifts(&params, &draw, stint);
        ck_assert_uint_le(n, SHIFTS_MAX);
        for (unsigned i = 0; i < n; i++) {
            ch_time length = stint[i].ends - stint[i].begins;
            ck_assert(length >= params.shift_least && length <= params.shift_most);
            ck_assert(stint[i].begins >= (i ? stint[i - 1].ends : params.on_duty) && stint[i].ends <= params.off_duty);
            hours += ch_seconds(length) / 3600;
        }
        n_shifts += n;
    }
    double share = per_day[_i] - floor(per_day[_i]);
    ck_assert_double_le(fabs(n_shifts / N - per_day[_i]), Z_MAX * sqrt(share * (1 - share) / N) + 1e-12);
    ck_assert_double_lt(fabs(hours / n_shifts - 3.75), Z_MAX * 1.5 / sqrt(12 * n_shifts));
}
END_TEST

START_TEST(surge)
{
    ck_assert(surge_of(&params, 0) == 1 && surge_of(&params, .85) == 1);
    ck_assert_double_eq_tol(surge_of(&params, 1), 1.5, 1e-12);
    ck_assert_double_eq_tol(surge_of(&params, 1.15), 2, 1e-12);
    ck_assert(surge_of(&params, 9) == 2);
    struct centre centre = {.present = 10, .idle = 3, .roaming = 1, .waiting = 2};
    ck_assert_double_eq_tol(load_of(&centre), 0.8, 1e-12);
    centre = (struct centre){.waiting = 2};
    ck_assert(load_of(&centre) == 1);
}
END_TEST

/* P(5) = L(3 - .15 late), the others .5 .2 .1 .2. */
START_TEST(stars)
{
    enum { N = 40000 };
    static const double late[] = {0, 20, 60};
    static const double other[] = {.2, .1, .2, .5}; /* 1, 2, 3, 4 stars: 1 has .2, 2 has .1, 3 has .2 */
    double five = 1 / (1 + exp(-(3 - .15 * late[_i])));
    unsigned n[6] = {0};
    for (uint32_t k = 0; k < N; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 2}, k, 2, (uint64_t)_i);
        n[draw_star(&params, &draw, late[_i])]++;
    }
    ck_assert_uint_eq(n[0], 0);
    for (int s = 1; s <= 5; s++) {
        double p = s == 5 ? five : (1 - five) * other[s - 1];
        ck_assert_double_lt(fabs(n[s] - N * p) / sqrt(N * p * (1 - p)), Z_MAX);
    }
}
END_TEST

/* Trips are told as if every courier were free to do them alone: nobody of a shared one waits more than 5 min longer. */
START_TEST(shared_trips_keep_their_detour)
{
    unsigned found = 0;
    for (uint32_t k = 0; k < 5000; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 3}, k, 2, 0);
        uint32_t from = ch_draw_below(&draw, city.n_nodes);
        struct ch_parcel a = {.node = ch_draw_below(&draw, city.n_nodes), .home = ch_draw_below(&draw, city.n_nodes)};
        struct ch_parcel b = {.node = ch_draw_below(&draw, city.n_nodes), .home = ch_draw_below(&draw, city.n_nodes)};
        struct joint joint;
        if (!plan_joint(&city, &params, from, &a, &b, 0, &joint))
            continue;
        found++;
        const struct ch_parcel *one = joint.swapped ? &b : &a, *two = joint.swapped ? &a : &b;
        const struct ch_parcel *x = joint.crossed ? two : one, *y = joint.crossed ? one : two;
        double m = ch_distance_m(&city, from, one->node) + ch_distance_m(&city, one->node, two->node) +
                   ch_distance_m(&city, two->node, x->home),
               last = ch_distance_m(&city, x->home, y->home);
        double alone_x = ch_distance_m(&city, from, x->node) + ch_distance_m(&city, x->node, x->home);
        double alone_y = ch_distance_m(&city, from, y->node) + ch_distance_m(&city, y->node, y->home);
        ck_assert_double_le(m / 200 + 2 - (alone_x / 200 + 1), 5 + 1e-6); /* 12 km/h = 200 m/min */
        ck_assert_double_le((m + last) / 200 + 2 - (alone_y / 200 + 1), 5 + 1e-6);
        ck_assert_double_eq_tol(ch_seconds(joint.takes) / 60, (m + last) / 200 + 2, 1e-4);
    }
    ck_assert_uint_gt(found, 20);
    struct joint joint;
    struct ch_parcel a = {.node = at(5, 5), .home = at(20, 5)}, b = {.node = at(7, 5), .home = at(12, 5)};
    ck_assert(plan_joint(&city, &params, at(0, 5), &a, &b, 0, &joint) && !joint.swapped && joint.crossed);
    ck_assert(plan_joint(&city, &params, at(0, 5), &b, &a, 0, &joint) && joint.swapped && joint.crossed);
    params.detour = 0;
    ck_assert(!plan_joint(&city, &params, at(0, 5), &a, &b, 0, &joint));
}
END_TEST

/* ---- a centre ----------------------------------------------------------------------------------------------------- */

static struct centre *centre;
static unsigned char *dispatch_memory;
static int64_t cells[N_PROBES][600], *acc[N_PROBES];
static struct ch_self self;
static struct ch_chains chains;
static struct ch_ctx ctx;
static size_t at_0[1];
static struct tables table;
static uint32_t first_courier[2], depot_of[SIDE * SIDE];

struct sent {
    unsigned kind;
    uint32_t place, dest;
    ch_time delay;
    uint64_t payload;
    struct ch_parcel parcel[2];
};
static struct sent sent[64];
static unsigned n_sent;

static void note(struct ch_lane *lane, unsigned kind, uint32_t place, uint32_t dest, ch_time delay, uint64_t payload,
                 const struct ch_slot *slots)
{
    (void)lane;
    ck_assert_uint_lt(n_sent, 64);
    struct sent *s = &sent[n_sent++];
    *s = (struct sent){.kind = kind - CH_N_LETTERS, .place = place, .dest = dest, .delay = delay, .payload = payload};
    if (slots)
        memcpy(s->parcel, slots, s->kind == MSG_assign_two ? sizeof s->parcel : sizeof *s->parcel);
}

static void publish_nothing(struct ch_lane *lane, uint32_t row, int64_t value) { (void)lane, (void)row, (void)value; }

static const struct ch_lane_ops ops = {.send = note, .publish = publish_nothing};

static void open_centre(void)
{
    defaults();
    n_sent = 0;
    free(dispatch_memory);
    dispatch_memory = calloc(1, dispatch_size(&city, 0) + 1);
    dispatch_memory[dispatch_size(&city, 0)] = 0x5a;
    for (int i = 0; i < N_PROBES; i++)
        acc[i] = cells[i];
    table = (struct tables){.first_courier = first_courier, .depot_of = depot_of};
    self = (struct ch_self){.model = &ch_model_couriers_here,
                            .params = &params,
                            .table = &table,
                            .dispatch_at = at_0,
                            .first_kind = CH_N_LETTERS,
                            .acc = acc};
    ctx = (struct ch_ctx){.lane = {.ops = &ops, .now = CH_DAY + 12 * CH_HOUR, .place = city.first_dispatch},
                          .self = &self,
                          .selves = &self,
                          .chains = &chains,
                          .city = &city,
                          .end = 9 * CH_DAY,
                          .dispatch_state = dispatch_memory};
    centre = ch_of_dispatch(&ctx, 0);
    start_place(&ctx);
    n_sent = 0;
}

static void order(uint64_t id, uint32_t node, uint32_t home)
{
    _Alignas(8) unsigned char bytes[sizeof(struct ch_event) + sizeof(struct ch_parcel)];
    struct ch_event ev = {.place = city.first_dispatch, .payload = id};
    struct ch_parcel parcel = {.node = node, .home = home, .order = id, .courier = CH_NONE, .ordered = ctx.lane.now};
    memcpy(bytes, &ev, sizeof ev);
    memcpy(bytes + sizeof ev, &parcel, sizeof parcel);
    take_order(&ctx, (const struct ch_event *)(const void *)bytes);
}

/* Couriers at 0, 10, 20 and 30 of one street. */
static void line_up(void)
{
    for (uint32_t i = 0; i < 4; i++)
        couriers_of(centre)[i].node = at(10 * i, 0);
}

START_TEST(nearest_goes_at_once)
{
    open_centre();
    line_up();
    order(1, at(12, 0), at(40, 40));
    ck_assert(n_sent == 1 && sent[0].kind == MSG_assign && sent[0].dest == 1 && sent[0].place == at(10, 0));
    ck_assert(centre->idle == 3 && centre->waiting == 0 && centre->out == 1);
}
END_TEST

/* Orders at 11 and 9: one by one the first takes the courier of 10 and the second must come from 0; together they cost 10 blocks. */
START_TEST(a_batch_waits_for_its_tick)
{
    open_centre();
    params.dispatch = BATCH;
    line_up();
    couriers_of(centre)[3].node = at(15, 0);
    ctx.lane.now += 7 * CH_SECOND;
    order(1, at(12, 0), at(40, 40));
    order(2, at(9, 0), at(40, 40));
    ck_assert(n_sent == 1 && sent[0].kind == MSG_tick && sent[0].delay == 23 * CH_SECOND && centre->waiting == 2);
    ctx.lane.now += sent[0].delay;
    n_sent = 0;
    on_tick(&ctx, &(struct ch_event){.dest = 0});
    ck_assert(n_sent == 2 && sent[0].kind == MSG_assign && sent[1].kind == MSG_assign);
    ck_assert(sent[0].payload == 1 && sent[0].dest == 3 && sent[1].payload == 2 && sent[1].dest == 1);
    ck_assert(centre->waiting == 0 && centre->idle == 2 && !centre->ticking);
    ck_assert_uint_eq(dispatch_memory[dispatch_size(&city, 0)], 0x5a); /* nothing written behind it */
}
END_TEST

/* More orders than couriers: the oldest are served unless their ride is much longer; the others wait. */
START_TEST(a_batch_heeds_who_has_waited)
{
    open_centre();
    params.dispatch = BATCH;
    line_up();
    order(1, at(40, 40), at(1, 1));
    ctx.lane.now += 29 * CH_SECOND;
    for (uint64_t i = 2; i <= 200; i++)
        order(i, at((uint32_t)i % 41, 0), at(1, 1));
    n_sent = 0;
    params.waiting = 0;
    on_tick(&ctx, &(struct ch_event){.dest = 0});
    ck_assert(n_sent == 4 && centre->waiting == 196 && order_at(centre, 0)->order == 1); /* the far one is left */
    for (uint32_t i = 0; i < 4; i++)
        couriers_of(centre)[i].busy = false;
    centre->idle = 4;
    n_sent = 0;
    params.waiting = 100;
    on_tick(&ctx, &(struct ch_event){.dest = 0});
    ck_assert(n_sent == 4 && order_at(centre, 0)->order != 1); /* a second counts as a hundred: it is served */
    ck_assert_uint_eq(dispatch_memory[dispatch_size(&city, 0)], 0x5a);
}
END_TEST

START_TEST(two_share_a_trip_when_couriers_are_short)
{
    open_centre();
    params.bundling = true;
    line_up();
    for (uint32_t i = 1; i < 4; i++)
        couriers_of(centre)[i].busy = true;
    centre->idle = 0;
    couriers_of(centre)[0].busy = true;
    couriers_of(centre)[0].load = 1;
    centre->out = 1;
    order(1, at(5, 5), at(20, 5));
    order(2, at(40, 40), at(0, 40));
    order(3, at(7, 5), at(12, 5));
    ck_assert(n_sent == 0 && centre->waiting == 3);
    on_report(&ctx, &(struct ch_event){.dest = 0, .payload = at(0, 5)});
    ck_assert(n_sent == 1 && sent[0].kind == MSG_assign_two && sent[0].payload == 1);
    ck_assert(sent[0].parcel[0].order == 1 && sent[0].parcel[1].order == 3 && sent[0].parcel[1].courier == 0);
    ck_assert(centre->waiting == 1 && order_at(centre, 0)->order == 2 && couriers_of(centre)[0].load == 2);
}
END_TEST

START_TEST(patience_ends)
{
    open_centre();
    params.patience = 60 * CH_MINUTE;
    centre->idle = 0;
    for (uint32_t i = 0; i < 4; i++)
        couriers_of(centre)[i].busy = true;
    order(1, at(5, 5), at(20, 5));
    order(2, at(6, 5), at(20, 5));
    ck_assert(n_sent == 2 && sent[0].kind == MSG_tire && sent[0].delay == 60 * CH_MINUTE && sent[1].payload == 2);
    on_tire(&ctx, &(struct ch_event){.dest = 0, .payload = 1});
    ck_assert(centre->waiting == 1 && order_at(centre, 0)->order == 2 && centre->cancelled == 1);
    on_tire(&ctx, &(struct ch_event){.dest = 0, .payload = 77}); /* gone by now: nothing happens */
    ck_assert(centre->waiting == 1 && centre->cancelled == 1);
}
END_TEST

static double k36(void)
{
    double value;
    finish_levels(&ctx);
    memcpy(&value, cells[PROBE_service_capacity], sizeof value);
    return value;
}

/* K36: a full queue sends orders away, and those count as orders of their hour that did not come in time; not in the warm-up. */
START_TEST(orders_sent_away_count)
{
    open_centre();
    params.ratings = true;
    centre->idle = 0;
    for (uint32_t i = 0; i < 4; i++)
        couriers_of(centre)[i].busy = true;
    unsigned hour = hour_of(ctx.lane.now);
    for (uint32_t i = 0; i < centre->capacity + 3; i++)
        order(i + 1, at(5, 5), at(20, 5));
    ck_assert(centre->refused == 3 && centre->hour[hour].orders == 3 && centre->hour[hour].in_time == 0);
    centre->hour[hour].orders = centre->hour[hour].in_time = 19;
    ctx.end = ctx.counting_from + CH_DAY;
    ck_assert(k36() == 19);
    order(1000000, at(5, 5), at(20, 5));
    ck_assert(k36() == 20); /* 19 of 20 are 95 % */
    order(1000001, at(5, 5), at(20, 5));
    ck_assert(k36() == 0); /* 19 of 21 are less */
    ctx.counting_from = ctx.lane.now + 1;
    order(1000002, at(5, 5), at(20, 5));
    ck_assert(centre->refused == 6 && centre->hour[hour].orders == 21);
}
END_TEST

/* A learnt promise rests where 90 % are in time: drops whose time over the quote is known. */
START_TEST(promises_are_learnt)
{
    enum { N = 60000 };
    open_centre();
    params.promise = LEARNT;
    params.learning = 0.01;
    double kept = 0, mean = 0;
    for (uint32_t k = 0; k < N; k++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){.seed = 4}, k, 2, 0);
        struct ending ending = {.late = ch_draw_uniform(&draw) * 4 > centre->promise, .hour = 12};
        centre->out++;
        on_news(&ctx, &(struct ch_event){.dest = 0, .payload = pack_ending(&ending)});
        kept += k >= N / 2 && !ending.late;
        mean += k >= N / 2 ? centre->promise : 0;
    }
    ck_assert_double_eq_tol(kept / (N / 2), 0.9, 0.01); /* it pushes back: 6 standard errors of independent drops */
    ck_assert_double_eq_tol(mean / (N / 2), 3.6, 0.06);
}
END_TEST

/* The forecast moves by a third of its error, from the first day's count; the neediest zone is where it exceeds who stands there. */
START_TEST(forecast)
{
    open_centre();
    uint32_t zone = zone_of(&city, &params, at(30, 30)), own = zone_of(&city, &params, at(2, 2));
    ck_assert(zone != own && zone < ZONES && zone_of(&city, &params, at(40, 40)) == ZONES - 1);
    for (unsigned day = 0; day < 3; day++) {
        close_hours(centre, 0.3, day * CH_DAY + 12 * CH_HOUR);
        centre->count[zone] = 10 * (day + 1);
        centre->zone_node[zone] = at(30, 30);
        close_hours(centre, 0.3, day * CH_DAY + 13 * CH_HOUR);
    }
    ck_assert_double_eq_tol(centre->forecast[12][zone], (10 + .3 * 10) * .7 + .3 * 30, 1e-4);
    ch_time noon = 3 * CH_DAY + 12 * CH_HOUR;
    for (uint32_t i = 0; i < 4; i++)
        couriers_of(centre)[i].node = at(2, 2);
    ck_assert_uint_eq(wanted_node(&city, &params, centre, couriers_of(centre), noon), at(30, 30));
    ck_assert_uint_eq(wanted_node(&city, &params, centre, couriers_of(centre), noon - 6 * CH_HOUR),
                      at(2, 2)); /* no orders then */
    for (uint32_t i = 1; i < 4; i++)
        couriers_of(centre)[i].node = at(30, 30);
    ck_assert_uint_eq(wanted_node(&city, &params, centre, couriers_of(centre), noon), at(30, 30));
    couriers_of(centre)[0].node = at(30, 29);
    ck_assert_uint_eq(wanted_node(&city, &params, centre, couriers_of(centre), noon), at(30, 29)); /* same zone: stay */
    ck_assert_uint_eq(towards(&city, at(2, 2), at(30, 30), 4), at(6, 2));
    ck_assert_uint_eq(towards(&city, at(29, 2), at(30, 30), 4), at(30, 5));
    ck_assert_uint_eq(towards(&city, at(30, 30), at(28, 29), 4), at(28, 29));
}
END_TEST

START_TEST(endings_survive_their_word)
{
    for (unsigned k = 0; k < 2 * 2 * 2 * 24 * 6; k++) {
        struct ending e = {k % 6, k / 6 % 2, k / 12 % 2, k / 24 % 2, k / 48}, back = unpack_ending(pack_ending(&e));
        ck_assert(e.star == back.star && e.lost == back.lost && e.late == back.late && e.in_45_min == back.in_45_min &&
                  e.hour == back.hour);
    }
}
END_TEST

static unsigned letter_kind(const struct ch_audit *a, enum ch_letter letter)
{
    (void)a;
    return letter;
}

static void nothing_pending(const struct ch_audit *a, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    (void)a, (void)see, (void)arg;
}

static enum ch_code audited(void)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_audit a = {.ctx = &ctx, .error = &error, .each_pending = nothing_pending, .letter_kind = letter_kind};
    audit(&a);
    return error.code;
}

START_TEST(audit_bites)
{
    open_centre();
    ck_assert_int_eq(audited(), CH_OK);
    centre->ordered++;
    ck_assert_int_eq(audited(), CH_INTERNAL);
    centre->out++; /* said to be under way, but not in the mail */
    ck_assert_int_eq(audited(), CH_INTERNAL);
    centre->out--;
    centre->cancelled++;
    ck_assert_int_eq(audited(), CH_OK);
    couriers_of(centre)[1].off = true;
    ck_assert_int_eq(audited(), CH_INTERNAL);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, defaults, NULL);
    tcase_add_test(tc, speeds);
    tcase_add_loop_test(tc, shifts, 0, 3);
    tcase_add_test(tc, surge);
    tcase_add_loop_test(tc, stars, 0, 3);
    tcase_add_test(tc, shared_trips_keep_their_detour);
    tcase_add_test(tc, nearest_goes_at_once);
    tcase_add_test(tc, a_batch_waits_for_its_tick);
    tcase_add_test(tc, a_batch_heeds_who_has_waited);
    tcase_add_test(tc, two_share_a_trip_when_couriers_are_short);
    tcase_add_test(tc, patience_ends);
    tcase_add_test(tc, orders_sent_away_count);
    tcase_add_test(tc, promises_are_learnt);
    tcase_add_test(tc, forecast);
    tcase_add_test(tc, endings_survive_their_word);
    tcase_add_test(tc, audit_bites);
}

int main(void) { return run_tests("couriers_more", add_tests); }
