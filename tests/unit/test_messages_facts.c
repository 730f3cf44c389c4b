/* SPDX-License-Identifier: MIT
 * Facts that other models answer, and a forced policy: what is looked up, at which level, and what is then counted. Exact. */
#include "../runner.h"
#include "messages_desk.h"

static struct ch_area area;
static struct ch_path path;
static struct ch_forecast ahead;
static struct ch_loyalty standing_said;
static unsigned asked_path, asked_forecast, asked_loyalty;

static void say_area(struct ch_ctx *c, struct ch_person *who, struct ch_area *q)
{
    (void)c, (void)who;
    struct ch_area said = area;
    said.store = q->store;
    said.commerciality = q->weigh ? area.commerciality : 0;
    said.partners = q->count ? area.partners : 0;
    *q = said;
}
static void say_path(struct ch_ctx *c, struct ch_person *who, struct ch_path *q)
{
    (void)c, (void)who;
    asked_path++;
    q->from = path.from;
    q->left = path.left;
}
static void say_forecast(struct ch_ctx *c, struct ch_person *who, struct ch_forecast *q)
{
    (void)c, (void)who;
    asked_forecast++;
    q->known = ahead.known;
    q->chance = ahead.chance;
    q->takes = ahead.takes;
}
static void say_loyalty(struct ch_ctx *c, struct ch_person *who, struct ch_loyalty *q)
{
    (void)c, (void)who;
    asked_loyalty++;
    q->tier = standing_said.tier;
    q->points = standing_said.points;
}

static void setup_street(void)
{
    setup();
    ANSWER(area, say_area);
    ANSWER(path, say_path);
    ANSWER(forecast, say_forecast);
    ANSWER(loyalty, say_loyalty);
    area = (struct ch_area){.cluster = 2, .store_in = 2, .partners = 3, .commerciality = 7.5, .event = true};
    path = (struct ch_path){.from = 1, .left = ch_now(&ctx) - 30 * CH_MINUTE};
    ahead = (struct ch_forecast){.known = true, .chance = .4, .takes = 6 * CH_MINUTE};
    standing_said = (struct ch_loyalty){.tier = 2, .points = 150};
    asked_path = asked_forecast = asked_loyalty = 0;
}

static struct look at_store(uint32_t store)
{
    struct look look = look_at(&ctx, &people[0], stores[store].retailer, store, CH_NONE, 1);
    look.rule = &rules[0];
    return look;
}

static double shows(enum ch_fact which, bool *known)
{
    struct look look = at_store(0);
    double value = fact(&look, which);
    *known = !look.failed;
    return value;
}

static void ck_shows(enum ch_fact which, double value)
{
    bool known;
    double shown = shows(which, &known);
    ck_assert_msg(known && fabs(shown - value) < 1e-9, "fact %d shows %g, known %d; %g wanted", (int)which, shown, known, value);
}

START_TEST(facts_of_others)
{
    bool known;
    desk.level[0] = 3;
    ctx.lane.place = 5; /* column 2, row 1 */
    owner[0] = 5;
    day.month = 6;
    day.demand[CH_GOOD_home] = 1.5f;
    people[0].zone = CH_AT_STOP;
    ck_shows(CH_FACT_month, 7);
    ck_shows(CH_FACT_season, 1.5);
    ck_shows(CH_FACT_east, 200);
    ck_shows(CH_FACT_north, 100);
    ck_shows(CH_FACT_waiting, 1);
    ck_shows(CH_FACT_cluster, 2);
    ck_shows(CH_FACT_commerciality, 7.5);
    ck_shows(CH_FACT_same_cluster, 1);
    ck_shows(CH_FACT_partner, 3);
    ck_shows(CH_FACT_event, 1);
    ck_shows(CH_FACT_tier, 2);
    ck_shows(CH_FACT_points, 150);
    ck_shows(CH_FACT_just_visited, 30);
    ck_shows(CH_FACT_predicted, .4);
    ck_shows(CH_FACT_arrival, 6);
    struct ch_life_event event = {.good = CH_GOOD_home};
    shows(CH_FACT_life_event, &known);
    ck_assert(!known);
    on_life_event(&ctx, &people[0], &event);
    ctx.lane.now += 3 * CH_DAY;
    people[0].day += 2; /* after midnight: the third day has not begun */
    ck_shows(CH_FACT_life_event, 2);
    people[0].day++;
    ck_shows(CH_FACT_life_event, 3);
    ctx.lane.now -= 3 * CH_DAY;
    people[0].day -= 3;
    event.good = CH_GOOD_toys;
    on_life_event(&ctx, &people[0], &event);
    shows(CH_FACT_life_event, &known);
    ck_assert(!known); /* of another category */
    area.cluster = 1;
    ck_shows(CH_FACT_same_cluster, 0);
    area.cluster = area.store_in = 0;
    ck_shows(CH_FACT_same_cluster, 0); /* outside of all is no cluster */
    path.from = CH_NONE;
    shows(CH_FACT_just_visited, &known);
    ck_assert(!known); /* no visit has no age */
    ahead.known = false;
    shows(CH_FACT_arrival, &known);
    ck_assert(!known);
}
END_TEST

/* Nobody answers: nothing is known of the street, and nobody has any standing. */
START_TEST(without_their_models)
{
    bool known;
    desk.level[0] = 3;
    answer_all();
    ck_shows(CH_FACT_cluster, 0);
    ck_shows(CH_FACT_commerciality, 0);
    ck_shows(CH_FACT_same_cluster, 0);
    ck_shows(CH_FACT_partner, 0);
    ck_shows(CH_FACT_event, 0);
    ck_shows(CH_FACT_tier, 0);
    ck_shows(CH_FACT_points, 0);
    ck_shows(CH_FACT_predicted, 0);
    shows(CH_FACT_just_visited, &known);
    ck_assert(!known);
    shows(CH_FACT_arrival, &known);
    ck_assert(!known);
}
END_TEST

/* One level too few: the fact is not known, and whoever knows it is not even asked. */
START_TEST(levels_are_kept)
{
    bool known;
    struct ch_life_event event = {.good = CH_GOOD_home};
    on_life_event(&ctx, &people[0], &event);
    for (enum ch_fact f = 0; f < CH_N_FACTS; f++) {
        desk.level[0] = ch_fact_level(f) - 1;
        desk.match = .5;
        desk.wish_good = CH_GOOD_home;
        unsigned before = asked_path + asked_forecast + asked_loyalty + desk.wishes_asked;
        shows(f, &known);
        ck_assert_msg(known == (ch_fact_level(f) == 0), "fact %d at level %d", (int)f, desk.level[0]);
        if (ch_fact_level(f))
            ck_assert_uint_eq(asked_path + asked_forecast + asked_loyalty + desk.wishes_asked, before);
    }
}
END_TEST

/* ---- force ------------------------------------------------------------------------------------------------------- */

static unsigned letters(void)
{
    unsigned n = 0;
    for (unsigned i = 0; i < desk.n_events; i++)
        n += desk.event[i] == CH_LETTER_audit;
    return n;
}

/* Without any consent a wish is read, the letter of the read is written, the message arrives and is unwanted. */
START_TEST(force_ignores_consent_and_is_counted)
{
    rules[0].subject = CH_SUBJECT_wish;
    rules[0].level = 2;
    desk.match = desk.desire = .9;
    seal();
    ck_assert_int_eq(rules[0].floor, 2);
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 0);
    policy.forced = true;
    seal();
    ck_assert_int_eq(rules[0].floor, 0);
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_int_eq(desk.last.level, 2);
    ck_assert_uint_eq(letters(), 1);
    ck_assert_int_eq(cells[PROBE_messages_below_consent][0], 1);
    ck_assert_int_eq(cells[PROBE_compliance_rate][0], 0);
    ctx.lane.now += CH_MINUTE;
    reach_node();
    ck_assert_int_eq(cells[PROBE_messages_delivered][0], 1);
    ck_assert_int_eq(cells[PROBE_messages_blocked][0], 0);
    ck_assert_uint_eq(desk.unwanted, 1); /* though it is relevant */
}
END_TEST

/* Who consented anyway is read like by any other policy: nothing is forced, nothing counted. */
START_TEST(force_needs_no_force_where_there_is_consent)
{
    policy.forced = true;
    rules[0].subject = CH_SUBJECT_wish;
    rules[0].level = 2;
    seal();
    desk.match = desk.desire = .9;
    desk.level[0] = people[0].consent = 2;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_uint_eq(letters(), 0); /* those of ch_may_read are not written at this desk */
    ck_assert_int_eq(cells[PROBE_messages_below_consent][0], 0);
    ctx.lane.now += CH_MINUTE;
    reach_node();
    ck_assert_uint_eq(desk.unwanted, 0);
}
END_TEST

/* ---- paths ------------------------------------------------------------------------------------------------------- */

/* K09 counts a sale with a coupon of a rule that tests just_visited, and no other; a coupon for elsewhere makes one go on. */
START_TEST(path_coupons)
{
    struct ch_sale sale = {.store = 0, .retailer = 0, .good = CH_GOOD_home, .paid = 4500};
    struct ch_offer offer = {.store = 0, .good = CH_GOOD_home, .until = ch_now(&ctx) + CH_HOUR};
    struct ch_more more = {.store = 1};
    params.onward = .5;
    answer_more(&ctx, &people[0], &more);
    ck_assert(more.logit == 0 && !more.asked);
    keep_coupon(&phones[0], &offer);
    answer_more(&ctx, &people[0], &more);
    ck_assert_double_eq_tol(more.logit, .5, 1e-12);
    more = (struct ch_more){.store = 0};
    answer_more(&ctx, &people[0], &more);
    ck_assert(more.logit == 0); /* that store was just left */
    on_sale(&ctx, &people[0], &sale);
    ck_assert_int_eq(cells[PROBE_cross_store_sales][0], 0);
    add_condition(CH_FACT_just_visited, CH_AT_MOST, 60);
    keep_coupon(&phones[0], &offer);
    on_sale(&ctx, &people[0], &sale);
    ck_assert_int_eq(cells[PROBE_cross_store_sales][0], 4500);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup_street, NULL);
    tcase_add_test(tc, facts_of_others);
    tcase_add_test(tc, without_their_models);
    tcase_add_test(tc, levels_are_kept);
    tcase_add_test(tc, force_ignores_consent_and_is_counted);
    tcase_add_test(tc, force_needs_no_force_where_there_is_consent);
    tcase_add_test(tc, path_coupons);
}

int main(void) { return run_tests("messages: facts", add_tests); }
