/* SPDX-License-Identifier: MIT
 * Day plans: the number of trips, one body in one place, weather, hours, offers that divert, people who stay out late.
 *
 * A toy answers what to buy and where, plays visits of 12 minutes, and watches. Statistical statements have fixed seeds; where
 * the law is known, |z| < 4.892 (false alarms: 1e-6); the trip rate is held to the 3 % that the model promises. */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

extern const struct ch_model ch_model_walking, ch_model_riding;
#define ch_model_dayplan ch_model_dayplan_here
extern const struct ch_model ch_model_dayplan_here;
#include "../../models/dayplan.c"
#undef ch_model_dayplan

enum { WIDE = 30, HIGH = 30, PEOPLE = 2000, WALKING = 0, RIDING = 1, PLAN = 2, TOY = 3 };
static const double Z_MAX = 4.892;

static struct {
    bool nothing_wanted, no_stores, offers;
    ch_time visit;
    unsigned begins[5], ends[5], by_hour[24], bad, offer_visits, taken, strolls;
    bool away[PEOPLE]; /* between activity_ends and activity_begins */
    uint32_t trips_by_day[32], plans_by_day[32];
} toy;

static void toy_want(struct ch_ctx *ctx, struct ch_person *who, struct ch_want *want)
{
    (void)ctx;
    (void)who;
    for (unsigned i = 0; i < 2 && !toy.nothing_wanted; i++) {
        want->item[want->n].good = i;
        want->item[want->n++].weight = i ? 3 : 1;
    }
}

static void toy_pick(struct ch_ctx *ctx, struct ch_person *who, struct ch_pick *pick)
{
    struct ch_draw draw = ch_draw_open(ctx->key, who->id, 9999, ch_occasion_trip(who));
    toy.strolls += pick->good == CH_NONE;
    pick->store = toy.no_stores ? CH_NONE : ch_draw_below(&draw, ctx->city->n_stores);
}

static void toy_day(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)who;
    toy.plans_by_day[day->day]++;
    toy.bad += ch_time_of_day(ch_now(ctx)) < 3 * CH_HOUR && ch_now(ctx) < day->day * CH_DAY;
}

static void toy_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    toy.begins[act->purpose]++;
    toy.bad += act->node != ch_here(ctx) || who->node != ch_here(ctx) || !toy.away[who->id];
    toy.bad += act->purpose == CH_FOR_HOME && act->node != ch_home(ctx, who);
    toy.bad += act->purpose == CH_FOR_WORK && act->node != ch_work(ctx, who);
    toy.away[who->id] = false;
    if (act->purpose == CH_FOR_SHOPPING || act->purpose == CH_FOR_OFFER) {
        toy.bad += ctx->city->stores[act->store].node != act->node || who->zone != CH_IN_STORE;
        act->until = ch_now(ctx) + toy.visit;
        if (act->purpose == CH_FOR_SHOPPING && who->trip == 0)
            toy.by_hour[ch_time_of_day(ch_now(ctx)) / CH_HOUR]++;
        toy.offer_visits += act->purpose == CH_FOR_OFFER;
        toy.bad += act->purpose == CH_FOR_OFFER && (who->trip < CH_DIVERSION || act->good != CH_GOOD_toys);
    }
}

static void toy_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    toy.ends[act->purpose]++;
    toy.bad += toy.away[who->id] || act->node != ch_here(ctx);
    toy.away[who->id] = true;
    toy.trips_by_day[who->day]++;
}

/* An offer of the last store now and then: in the street, at the stop, and inside stores. */
static void offer(struct ch_ctx *ctx, struct ch_person *who)
{
    uint32_t store = ctx->city->n_stores - 1;
    struct ch_offer taken = {.store = store, .good = CH_GOOD_toys, .until = ch_now(ctx) + CH_HOUR};
    if (!toy.offers || !(who->device & CH_APP) || (ch_now(ctx) / CH_SECOND + who->id) % 20 != 0)
        return;
    toy.taken++;
    ch_tell_offer_taken(ctx, who, &taken);
}

static void toy_street(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    (void)passage;
    offer(ctx, who);
}

static void toy_node(struct ch_ctx *ctx, struct ch_person *who, struct ch_node *node)
{
    (void)node;
    offer(ctx, who);
}

static void toy_leg(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    if (leg->mode == CH_BUS)
        offer(ctx, who);
}

static void toy_leaves(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    toy_ends(ctx, who, act);
    if (act->purpose == CH_FOR_LEISURE)
        offer(ctx, who);
}

static const struct ch_model toy_model = {.name = "toy",
                                          .answer_want = toy_want,
                                          .answer_pick = toy_pick,
                                          .on_day_begins = toy_day,
                                          .on_activity_begins = toy_begins,
                                          .on_activity_ends = toy_leaves,
                                          .on_street_entered = toy_street,
                                          .on_node_reached = toy_node,
                                          .on_leg_begins = toy_leg};

static void furnish(struct town *town)
{
    for (uint32_t id = 0; id < PEOPLE; id++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){5, 0}, id, 1, 0);
        bool worker = ch_draw_chance(&draw, 0.55);
        town->citizens[id].home = ch_draw_below(&draw, WIDE * HIGH);
        town->citizens[id].work = worker ? ch_draw_below(&draw, WIDE * HIGH) : CH_NONE;
        town->citizens[id].traits = worker ? CH_WORKER : 0;
        town->citizens[id].device = id % 2 ? CH_SMARTPHONE | CH_APP : 0;
    }
    for (uint32_t s = 0; s < 40; s++)
        town->stores[s] = (struct ch_store){.retailer = s % TOWN_RETAILERS, .node = s * 22};
    town->city.n_stores = 40;
    for (uint32_t k = 0; k < 4; k++) {
        town->stops[k] = (struct ch_stop){.node = (k % 2 * 15 + 7) * WIDE + k / 2 * 15 + 7, .headway_s = 600};
        town->node_stop[town->stops[k].node] = k;
    }
    town->city.n_stops = 4;
    for (uint32_t i = 0; i < WIDE * HIGH; i++)
        for (uint32_t k = 0; k < 4; k++)
            if (k == 0 || ch_distance_m(&town->city, i, town->stops[k].node) <
                              ch_distance_m(&town->city, i, town->stops[town->near_stop[i]].node))
                town->near_stop[i] = k;
}

static struct ch_arena *tables;

static struct town *new_town(void)
{
    static const struct ch_model *const models[] = {&ch_model_walking, &ch_model_riding, &ch_model_dayplan_here, &toy_model};
    struct town *town = town_of(WIDE, HIGH, PEOPLE);
    memset(&toy, 0, sizeof toy);
    toy.visit = 12 * CH_MINUTE;
    furnish(town);
    town_open(town, models, 4);
    tables = shops_tabulate(town);
    return town;
}

static void close_town(struct town *town)
{
    town_close(town);
    ch_arena_destroy(tables);
}

/* Every person is in exactly one place: one pending event of the models that move them, except buses for those who left. */
static void count_person(void *arg, const struct ch_event *ev)
{
    unsigned *pending = arg;
    if (ev->dest < PEOPLE)
        pending[ev->dest]++;
}

static void check_bodies(struct town *town, bool exactly)
{
    static unsigned pending[PEOPLE];
    memset(pending, 0, sizeof pending);
    ch_oracle.each_pending(town->scheduler, count_person, pending);
    for (uint32_t id = 0; id < PEOPLE; id++)
        ck_assert_msg(pending[id] == 1 || (!exactly && pending[id] >= 1 && pending[id] <= 3), "person %u has %u pending events",
                      id, pending[id]);
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

/* Templates give 3.08 trips per weekday to workers and 2.70 to others; the town has both. */
START_TEST(trip_rate)
{
    struct town *town = new_town();
    double workers = 0, trips = 0, plans = 0;
    for (uint32_t id = 0; id < PEOPLE; id++)
        workers += town->citizens[id].work != CH_NONE;
    for (uint32_t day = 0; day < 28; day++) {
        town_run(town, (day + 1) * CH_DAY);
        check_bodies(town, true);
    }
    for (uint32_t day = 0; day < 26; day++)
        if (day % 7 < 5) {
            trips += toy.trips_by_day[day];
            plans += toy.plans_by_day[day];
        }
    double expected = (3.08 * workers + 2.70 * (PEOPLE - workers)) / PEOPLE;
    ck_assert_msg(fabs(trips / plans / expected - 1) < 0.03, "%.3f trips per weekday, templates give %.3f", trips / plans,
                  expected);
    ck_assert_uint_eq(toy.bad, 0);
    ck_assert_double_eq_tol(plans, 20.0 * PEOPLE, 0.5);
    close_town(town);
}
END_TEST

/* Without stores, or with nothing to buy, there are as many trips; they become strolls, then leisure. */
START_TEST(empty_hands_move_as_much)
{
    double rate[3];
    for (int round = 0; round < 3; round++) {
        struct town *town = new_town();
        toy.nothing_wanted = round == 1;
        toy.no_stores = round == 2;
        town_run(town, 5 * CH_DAY);
        rate[round] = town_ratio(town, PLAN, "trips_per_person_day");
        ck_assert(round != 2 || toy.begins[CH_FOR_SHOPPING] == 0);
        ck_assert(round != 1 || (toy.begins[CH_FOR_SHOPPING] > 0 && toy.strolls >= toy.begins[CH_FOR_SHOPPING]));
        close_town(town);
    }
    ck_assert_double_eq_tol(rate[1], rate[0], 0.02);
    ck_assert_double_eq_tol(rate[2], rate[0], 0.02);
}
END_TEST

/* Rain on alternate days with factors of mean 1: people go out in proportion, and as often altogether. */
START_TEST(weather_moves_trips)
{
    double calm[5], moved[2] = {0}, still[2] = {0};
    for (int round = 0; round < 2; round++) {
        struct town *town = new_town();
        town->world.street_factor[CH_CLEAR] = round ? 1.05 : 1;
        town->world.street_factor[CH_RAIN] = round ? 0.95 : 1;
        for (uint32_t k = 0; k < town->world.n_steps; k++)
            town->world.step[k].sky = k / 8 % 2 ? CH_RAIN : CH_CLEAR;
        town_run(town, 5 * CH_DAY);
        for (int day = 0; day < 4; day++)
            (round ? moved : still)[day % 2] += toy.trips_by_day[day];
        calm[round] = moved[0] + moved[1];
        close_town(town);
    }
    /* most trips are discretionary: +-5 % on those are well above 1 % of all */
    ck_assert_double_gt(moved[0] / still[0], 1.01);
    ck_assert_double_lt(moved[1] / still[1], 0.99);
    ck_assert_double_eq_tol(calm[1], still[0] + still[1], 0.01 * (still[0] + still[1]));
}
END_TEST

/* First shops are reached by the hourly weights: with 13 hours on weekdays, none before 6:30 or after 21:00. */
START_TEST(shopping_hours)
{
    struct town *town = new_town();
    town_run(town, 5 * CH_DAY);
    unsigned total = 0, morning = 0;
    for (int h = 0; h < 24; h++)
        total += toy.by_hour[h];
    for (int h = 9; h < 13; h++)
        morning += toy.by_hour[h];
    ck_assert_uint_gt(total, 1000);
    for (int h = 0; h < 6; h++)
        ck_assert_uint_eq(toy.by_hour[h], 0);
    ck_assert_uint_eq(toy.by_hour[22] + toy.by_hour[23], 0);
    ck_assert_double_eq_tol((double)morning / total, 0.35, 0.06); /* .06 + .09 + .10 + .10, blurred by travel */
    close_town(town);
}
END_TEST

/* Visits of 20 hours drive plans past midnight and past 03:00: people come home late, plan late, and are never lost. */
START_TEST(late_nights)
{
    struct town *town = new_town();
    toy.visit = 20 * CH_HOUR;
    for (uint32_t day = 0; day < 14; day++) {
        town_run(town, (day + 1) * CH_DAY);
        check_bodies(town, true);
    }
    ck_assert_uint_eq(toy.bad, 0);
    ck_assert_uint_gt(toy.plans_by_day[13], PEOPLE / 4);
    ck_assert_uint_lt(toy.plans_by_day[13], PEOPLE);
    for (int day = 0; day < 14; day++)
        ck_assert_uint_le(toy.plans_by_day[day], PEOPLE);
    close_town(town);
}
END_TEST

/* Offers divert walkers, waiters and leavers; the interrupted trip is resumed; nobody is lost, every stay that begins ends. */
START_TEST(offers_divert)
{
    struct town *town = new_town();
    toy.offers = true;
    for (uint32_t day = 0; day < 14; day++) {
        town_run(town, (day + 1) * CH_DAY);
        check_bodies(town, false);
    }
    unsigned begun = 0, ended = 0;
    for (int i = 0; i < 5; i++) {
        begun += toy.begins[i];
        ended += toy.ends[i];
    }
    ck_assert_uint_eq(toy.bad, 0);
    ck_assert_uint_gt(toy.offer_visits, 1000);
    ck_assert_uint_le(toy.offer_visits, toy.taken);
    ck_assert_uint_le(begun > ended ? begun - ended : ended - begun, PEOPLE);
    unsigned works = toy.begins[CH_FOR_WORK];
    close_town(town);
    town = new_town();
    town_run(town, 14 * CH_DAY);
    double change = (double)works / toy.begins[CH_FOR_WORK] - 1;
    ck_assert_msg(fabs(change) < 0.02, "diversions cost %.1f %% of stays at work", -100 * change);
    close_town(town);
}
END_TEST

/* Same person, same day, same plan: a policy that diverts nobody today changes nothing, and draws have no memory. */
START_TEST(plans_repeat)
{
    struct town *a = new_town();
    town_run(a, 3 * CH_DAY);
    uint64_t events = a->events, print = ch_oracle.fingerprint(a->scheduler);
    close_town(a);
    struct town *b = new_town();
    for (ch_time t = CH_HOUR; t <= 3 * CH_DAY; t += CH_HOUR)
        town_run(b, t);
    ck_assert_uint_eq(b->events, events);
    ck_assert_uint_eq(ch_oracle.fingerprint(b->scheduler), print);
    close_town(b);
}
END_TEST

/* Share on foot at distance d is 1/(1 + exp(b d - a)); always 1 at no distance. */
START_TEST(mode_choice)
{
    struct town *town = new_town();
    town->ctx.self = &town->selves[PLAN];
    for (uint32_t blocks = 0; blocks <= 20; blocks += 5) {
        double walks = 0, n = 20000, p = blocks ? 1 / (1 + exp(0.6 * blocks / 10 + 0.7)) : 1;
        for (int i = 0; i < n; i++) {
            struct ch_person who = {.id = (uint32_t)i, .node = 0};
            struct ch_draw draw = ch_draw(&town->ctx, DRAW_trip, who.id, 0);
            walks += choose_mode(&town->ctx, &who, blocks, ch_draw_uniform(&draw)) == CH_WALK;
        }
        double z = p < 1 ? (walks - n * p) / sqrt(n * p * (1 - p)) : walks - n;
        ck_assert_msg(fabs(z) < Z_MAX, "%u blocks: share %.4f, not %.4f", blocks, walks / n, p);
    }
    close_town(town);
}
END_TEST

/* Leisure lies at an exponential distance, in all directions alike. */
START_TEST(leisure_places)
{
    struct town *town = new_town();
    town->ctx.self = &town->selves[PLAN];
    double sum = 0, east = 0, n = 20000;
    uint32_t middle = HIGH / 2 * WIDE + WIDE / 2;
    for (int i = 0; i < n; i++) {
        struct ch_person who = {.id = (uint32_t)i, .node = middle};
        uint32_t place = draw_place(&town->ctx, &who, 200);
        sum += ch_distance_m(&town->city, middle, place);
        east += (double)ch_column(&town->city, place) - WIDE / 2;
    }
    /* blocks are max(1, round(Exp(2))): mean 1 + sum_{k>=1} e^{-(k + 1/2)/2} = 1 + e^{-3/4}/(1 - e^{-1/2}) */
    double mean = 100 * (1 + exp(-0.75) / (1 - exp(-0.5)));
    ck_assert_double_eq_tol(sum / n, mean, Z_MAX * 200 / sqrt(n));
    ck_assert_double_eq_tol(east / n, 0, Z_MAX * 2.5 / sqrt(n));
    close_town(town);
}
END_TEST

/* Chi-square as a normal deviate, by the normal law of its cube root. */
static double chi2_z(const double *hits, const double *expected, unsigned cells)
{
    double x2 = 0, df = cells - 1;
    for (unsigned i = 0; i < cells; i++)
        x2 += (hits[i] - expected[i]) * (hits[i] - expected[i]) / expected[i];
    return (cbrt(x2 / df) - (1 - 2 / (9 * df))) / sqrt(2 / (9 * df));
}

/* Two places near one, as a trip by car draws them: rounded exponential distances, every node of a diamond alike, and the second
 * place knows nothing of the first, though both directions come of one word. */
START_TEST(places_of_a_trip)
{
    enum { SIZE = 201, MIDDLE = SIZE * (SIZE / 2) + SIZE / 2, N = 200000, FAR = 12 };
    const struct ch_city city = {.width = SIZE, .height = SIZE, .block_mm = 100000};
    double far[2][FAR + 1] = {{0}}, expected[FAR + 1], ring[2][12] = {{0}}, alike[16], both[16] = {0}, pairs = 0;
    for (uint32_t id = 0; id < N; id++) {
        struct ch_draw draw = ch_draw_open((struct ch_key){9, 1}, id, 160, 0);
        uint32_t word[4], node[2];
        ch_draw_words(&draw, word);
        for (int k = 0; k < 2; k++)
            node[k] = near_to(&city, MIDDLE, 200, 0, word[1 + k], &word[3]);
        int quarter[2] = {-1, -1};
        for (int k = 0; k < 2; k++) {
            int dx = (int)ch_column(&city, node[k]) - SIZE / 2, dy = (int)ch_row(&city, node[k]) - SIZE / 2;
            int blocks = abs(dx) + abs(dy);
            far[k][blocks < FAR ? blocks : FAR]++;
            if (blocks > 0)
                quarter[k] = dx > 0 && dy >= 0 ? 0 : dy > 0 ? 1 : dx < 0 ? 2 : 3;
            if (blocks == 3)
                ring[k][quarter[k] * 3 + (quarter[k] % 2 ? abs(dx) : abs(dy))]++;
        }
        if (quarter[0] >= 0 && quarter[1] >= 0) {
            both[quarter[0] * 4 + quarter[1]]++;
            pairs++;
        }
    }
    for (int i = 0; i <= FAR; i++)
        expected[i] = N * ((i ? exp(-(i - 0.5) / 2) : 1) - (i < FAR ? exp(-(i + 0.5) / 2) : 0));
    for (int i = 0; i < 16; i++)
        alike[i] = pairs / 16;
    for (int k = 0; k < 2; k++) {
        ck_assert_double_lt(chi2_z(far[k], expected, FAR + 1), 4.753);
        double on_ring[12];
        for (int i = 0; i < 12; i++)
            on_ring[i] = far[k][3] / 12;
        ck_assert_double_lt(chi2_z(ring[k], on_ring, 12), 4.753);
    }
    ck_assert_double_lt(chi2_z(both, alike, 16), 4.753);
}
END_TEST

/* One uniform number for three modes: on foot by the logistic share, then by bus with its share of the rest. */
START_TEST(three_modes)
{
    struct town *town = new_town();
    const struct dayplan_params *p = town->params[PLAN];
    uint32_t from = town->stops[0].node, to = town->stops[3].node;
    double foot = 1 / (1 + exp(0.7 + 0.6 * ch_distance_m(&town->city, from, to) / 1000)), hits[CH_N_MODES] = {0}, n = 100000;
    const double share[CH_N_MODES] = {
        [CH_WALK] = n * foot, [CH_CAR] = n * (1 - foot) * (1 - p->bus), [CH_BUS] = n * (1 - foot) * p->bus};
    town->ctx.self = &town->selves[PLAN];
    for (uint32_t id = 0; id < (uint32_t)n; id++) {
        struct ch_person who = {.id = id, .node = from};
        struct ch_draw draw = ch_draw(&town->ctx, DRAW_trip, id, 0);
        hits[choose_mode(&town->ctx, &who, to, ch_unit(ch_draw_u32(&draw)))]++;
    }
    ck_assert_double_lt(chi2_z(hits, share, CH_N_MODES), 4.753);
    close_town(town);
}
END_TEST

static void add_tests(TCase *plans)
{
    tcase_add_test(plans, trip_rate);
    tcase_add_test(plans, empty_hands_move_as_much);
    tcase_add_test(plans, weather_moves_trips);
    tcase_add_test(plans, shopping_hours);
    tcase_add_test(plans, late_nights);
    tcase_add_test(plans, offers_divert);
    tcase_add_test(plans, plans_repeat);
    tcase_add_test(plans, mode_choice);
    tcase_add_test(plans, leisure_places);
    tcase_add_test(plans, places_of_a_trip);
    tcase_add_test(plans, three_modes);
}

int main(void) { return run_tests("dayplan", add_tests); }
