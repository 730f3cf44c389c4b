/* SPDX-License-Identifier: MIT
 * Messages of the trigger `schedule`: when pushes fall, who sends them, and the timers of those who stand still.
 *
 * Statistical: fixed seeds, |z| < 4.892 (false alarms 1e-6). */
#include "../runner.h"
#include "messages_desk.h"

START_TEST(pushes_are_poisson)
{
    rules[0].trigger = CH_TRIGGER_schedule;
    rules[0].per_week = 10;
    seal();
    unsigned total = 0, days = 7000;
    for (unsigned d = 0; d < days; d++) {
        people[0].day = (uint16_t)d;
        unsigned last = 0;
        for (next_push(&ctx, &people[0], &phones[0], 0); phones[0].push; next_push(&ctx, &people[0], &phones[0], last)) {
            ck_assert_uint_gt(phones[0].push, last);
            ck_assert(push_at(&people[0], &phones[0]) >= d * CH_DAY + 9 * CH_HOUR &&
                      push_at(&people[0], &phones[0]) <= d * CH_DAY + 21 * CH_HOUR);
            last = phones[0].push;
            total++;
        }
    }
    double mean = days * 10 / 7.0;
    ck_assert_msg(fabs(total - mean) < Z_MAX * sqrt(mean) + 10, "%u pushes, %.0f expected", total,
                  mean); /* a few fall into the same 2 s */
}
END_TEST

/* Everybody at one place gets a timer, whoever else is there, and any one may leave. */
START_TEST(a_crowd_has_room)
{
    rules[0].trigger = CH_TRIGGER_schedule;
    seal();
    struct ch_activity stay = {.until = CH_DAY};
    struct ch_leg leg = {.mode = CH_CAR};
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < PEOPLE; i++) {
            people[i].zone = CH_AT_HOME;
            phones[i].push = (uint16_t)(13 * 1800);
            on_activity_begins(&ctx, &people[i], &stay);
        }
        ck_assert_uint_eq(desk.n_events, (round + 1) * PEOPLE);
        for (uint32_t i = 0; i < PEOPLE; i++) /* odd ones first, then even ones from the end */
            on_leg_begins(&ctx, &people[i < PEOPLE / 2 ? 2 * i + 1 : 2 * (PEOPLE - 1 - i)], &leg);
        for (uint32_t i = 0; i < LISTS; i++)
            ck_assert_uint_eq(corners[0].list[i], 0);
    }
}
END_TEST

/* Two rules whose pushes fall into the same two seconds: one that never fires does not swallow the other. */
START_TEST(pushes_of_one_moment)
{
    ch_policy_seal(&policy, rules, 2);
    rules[0].trigger = rules[1].trigger = CH_TRIGGER_schedule;
    rules[0].per_week = rules[1].per_week = 7 * 600;
    rules[0].name = "never";
    seal();
    add_condition(CH_FACT_hour, CH_AT_LEAST, 25);
    unsigned own = 0, both = 0;
    for (unsigned t = push_after(&ctx, &people[0], 1, 0); t; t = push_after(&ctx, &people[0], 1, t)) {
        own++;
        both += push_after(&ctx, &people[0], 0, t - 1) == t;
    }
    next_push(&ctx, &people[0], &phones[0], 0);
    ctx.lane.now = CH_DAY - 1;
    stores[0].closes = stores[1].closes = stores[3].closes = CH_DAY;
    for (unsigned last = 0; phones[0].push; last = desk.sent) {
        send_pushes(&ctx, &people[0], &phones[0]);
        ck_assert_uint_le(desk.sent, last + 1);
        phones[0].sent = 0; /* as if delivered */
    }
    ck_assert_uint_gt(both, 3);
    ck_assert_uint_eq(desk.sent, own);
}
END_TEST

/* One timer per standing person; a departure leaves it stale and nobody is touched; a push does not spin while one flies. */
START_TEST(timers)
{
    people[0].zone = CH_AT_HOME;
    rules[0].trigger = CH_TRIGGER_schedule;
    rules[0].per_week = 700;
    seal();
    phones[0].push = (uint16_t)push_after(&ctx, &people[0], 0, 13 * 1800); /* soon after 13:00 */
    ch_time wait = push_at(&people[0], &phones[0]) - ch_now(&ctx);
    struct ch_activity stay = {.until = CH_DAY};
    struct ch_leg leg = {.mode = CH_CAR};
    on_activity_begins(&ctx, &people[0], &stay);
    on_activity_begins(&ctx, &people[0], &stay);
    ck_assert_uint_eq(desk.n_events, 1);
    ck_assert(wait > CH_HOUR && desk.delay[0] == wait);
    on_leg_begins(&ctx, &people[0], &leg);
    ck_assert_uint_eq(corners[0].list[0], 0);
    struct ch_event timer = {.dest = 0, .payload = 1};
    owner[0] = 7; /* elsewhere by now */
    ctx.lane.now += wait;
    on_due(&ctx, &timer);
    ck_assert_uint_eq(desk.sent, 0);
    owner[0] = 0;
    on_activity_begins(&ctx, &people[0], &stay); /* the push is due */
    ck_assert_int_eq(desk.delay[1], 1);
    ctx.lane.now += 1;
    on_due(&ctx, &timer); /* the old one */
    ck_assert_uint_eq(desk.sent, 0);
    timer.payload = 2;
    on_due(&ctx, &timer);
    ck_assert_uint_eq(desk.sent, 1);
    phones[0].push = (uint16_t)(13 * 1800);
    ck_assert_uint_eq(desk.n_events, 3);
    ck_assert_int_ge(desk.delay[2], CH_LOOKAHEAD);
    stay.until = ch_now(&ctx) + CH_SECOND; /* ends before the message lands */
    disarm(&ctx, &people[0], &phones[0]);
    on_activity_begins(&ctx, &people[0], &stay);
    ck_assert_uint_eq(desk.n_events, 3);
}
END_TEST

START_TEST(platform_slots_go_by_size_among_the_entitled)
{
    retailers[0].size = .75;
    retailers[1].size = .25;
    struct ch_setup again = {.city = &city, .params = &params};
    struct tables *t = tabulated;
    free(t->sponsor);
    free(t->up_to);
    tabulate_sponsors(&again, t);
    unsigned n = 20000, big = 0;
    for (unsigned i = 0; i < n; i++)
        big += draw_sender(&ctx, &people[0], 0, i) == 0;
    double z = (big - n * .75) / sqrt(n * .75 * .25);
    ck_assert_msg(fabs(z) < Z_MAX, "%u of %u", big, n);
    ck_assert_uint_eq(draw_sender(&ctx, &people[0], 2, 7), CH_NONE);
    desk.level[1] = people[0].consent = 2;
    ck_assert_uint_eq(draw_sender(&ctx, &people[0], 2, 7), 1);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, pushes_are_poisson);
    tcase_add_test(tc, a_crowd_has_room);
    tcase_add_test(tc, pushes_of_one_moment);
    tcase_add_test(tc, timers);
    tcase_add_test(tc, platform_slots_go_by_size_among_the_entitled);
}

int main(void) { return run_tests("messages: pushes", add_tests); }
