/* SPDX-License-Identifier: MIT
 * An agent between a phone and the retailers, at the desk of messages_desk.h: it is neutral, retailers read nothing, and the
 * person's own rules hold. And cues: the other triggers set rules off. Exact. */
#include "../runner.h"
#include "messages_desk.h"

static bool agent_acts, refuses;
static unsigned admitted;

static void say_agent(struct ch_ctx *c, struct ch_person *who, struct ch_agent_query *q)
{
    (void)c, (void)who;
    q->acts = agent_acts;
}
static void say_admit(struct ch_ctx *c, struct ch_person *who, struct ch_admit *q)
{
    (void)c, (void)who;
    admitted++;
    q->refused = refuses;
    q->delegated = q->landed && agent_acts;
}

/* One wish for shoes; store s sells shoes unless its bit is missing in `shoes`; the offer is about the wish and needs level 2. */
static void with_agent(bool acts, unsigned shoes)
{
    setup();
    chains.agent.n = chains.admit.n = 1;
    chains.agent.call[0] = say_agent;
    chains.admit.call[0] = say_admit;
    agent_acts = acts;
    refuses = false;
    admitted = 0;
    desk.match = desk.desire = .8;
    for (int s = 0; s < STORES; s++)
        stores[s].goods = (shoes >> s & 1 ? 1u << CH_GOOD_shoes : 0) | 1u << CH_GOOD_home;
    rules[0].subject = CH_SUBJECT_wish;
    rules[0].level = 2;
    add_condition(CH_FACT_wish_match, CH_AT_LEAST, .3);
    add_condition(CH_FACT_walk_time, CH_AT_MOST, 8);
}

/* The stores from whose beacons a message comes, as bits. */
static unsigned matches(void)
{
    unsigned set = 0;
    for (uint32_t s = 0; s < STORES; s++) {
        memset(&phones[0], 0, sizeof phones[0]);
        desk.wish_good = stores[s].goods >> CH_GOOD_shoes & 1 ? CH_GOOD_shoes : CH_GOOD_toys;
        desk.match = stores[s].goods >> CH_GOOD_shoes & 1 ? .8 : 0; /* what the wish finds there does not hang on who asks */
        unsigned before = desk.sent;
        hear_beacon(s);
        set |= (unsigned)(desk.sent > before) << s;
    }
    return set;
}

/* M13: whoever owns the stores, whatever their size and whatever the person granted them, the agent's matches are the same. */
START_TEST(the_agent_is_neutral)
{
    static const uint32_t order[6][RETAILERS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (unsigned shoes = 0; shoes < 1u << STORES; shoes++)
        for (unsigned levels = 0; levels < 16; levels++)
            for (int i = 0; i < 6; i++) {
                with_agent(true, shoes);
                people[0].consent = 3;
                for (int r = 0; r < RETAILERS; r++) {
                    retailers[r].sponsor = true;
                    retailers[r].size = (r + 1) / 6.0;
                    desk.level[r] = (int)(levels >> r) & 3;
                }
                for (int s = 0; s < STORES; s++)
                    stores[s].retailer = order[i][stores[s].retailer];
                ck_assert_uint_eq(matches(), shoes);
                free(tabulated);
            }
}
END_TEST

/* The control: without the agent it depends on what was granted to whom. */
START_TEST(retailers_are_not)
{
    unsigned seen[2];
    for (int i = 0; i < 2; i++) {
        with_agent(false, 0xf);
        people[0].consent = 2;
        for (int r = 0; r < RETAILERS; r++)
            retailers[r].sponsor = true;
        desk.level[i] = 2;
        seen[i] = matches();
    }
    ck_assert_uint_eq(seen[0], 0x9); /* stores 0 and 3 are retailer 0's */
    ck_assert_uint_eq(seen[1], 0x2);
}
END_TEST

/* An agent works for people who trust no retailer at all; nothing is read by one, and the message is not blocked on landing. */
START_TEST(nothing_is_granted)
{
    with_agent(true, 0xf);
    desk.wish_good = CH_GOOD_shoes;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert(desk.last.matched && !desk.last.pooled);
    ctx.lane.now += CH_MINUTE;
    reach_node();
    ck_assert_int_eq(cells[PROBE_messages_delivered][0], 1);
    ck_assert_int_eq(cells[PROBE_messages_blocked][0], 0);
    ck_assert_int_eq(cells[PROBE_compliance_rate][0], 1);
    with_agent(false, 0xf); /* the control */
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 0);
}
END_TEST

/* What the person's own rules refuse an agent does not let through; a policy that heeds them neither; another one sends, and the
 * message is unwanted and no longer within K14. */
START_TEST(rules_of_ones_own)
{
    with_agent(true, 0xf);
    refuses = true;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 0);
    for (int heeds = 0; heeds < 2; heeds++) {
        with_agent(false, 0xf);
        refuses = true;
        people[0].consent = 2;
        desk.level[0] = 2;
        if (heeds)
            add_condition(CH_FACT_permitted, CH_EQUAL, 1);
        hear_beacon(0);
        ck_assert_uint_eq(desk.sent, !heeds);
        ctx.lane.now += CH_MINUTE;
        reach_node();
        ck_assert_uint_eq(desk.unwanted, !heeds);
        ck_assert_int_eq(cells[PROBE_compliance_rate][0], 0);
        ck_assert_int_eq(cells[PROBE_compliance_rate][1], !heeds);
    }
}
END_TEST

/* Every trigger of trade.h's `cued` sets off rules that wait for it, and only those; the answer to a tap or scan is never
 * unwanted, however irrelevant. */
START_TEST(cues_set_rules_off)
{
    static const struct {
        enum ch_trigger trigger;
        enum ch_channel channel;
        bool asked_for;
    } kind[] = {{CH_TRIGGER_geofence, CH_CHANNEL_geofence, false},
                {CH_TRIGGER_nfc, CH_CHANNEL_tap, true},
                {CH_TRIGGER_ultrasound, CH_CHANNEL_sound, false},
                {CH_TRIGGER_qr, CH_CHANNEL_code, true}};
    for (unsigned k = 0; k < 4; k++) {
        setup();
        params.open_near = (struct ch_list){3, {.9, .35, .9}};
        params.redeem_near = (struct ch_list){3, {.083, .083, .083}};
        rules[0].trigger = kind[k].trigger;
        rules[0].channel = kind[k].channel;
        seal();
        for (unsigned other = 0; other < 4; other++) {
            struct ch_cue cue = {.trigger = kind[other].trigger,
                                 .what = 1,
                                 .controller = stores[1].retailer,
                                 .store = 1,
                                 .good = CH_NONE,
                                 .at = ch_now(&ctx) + CH_SECOND};
            if (other != k)
                on_cued(&ctx, &people[0], &cue);
        }
        ck_assert_uint_eq(desk.sent, 0);
        struct ch_cue cue = {.trigger = kind[k].trigger, .store = 1, .good = CH_NONE, .at = ch_now(&ctx) + CH_SECOND};
        cue.controller = stores[1].retailer;
        on_cued(&ctx, &people[0], &cue);
        ck_assert_uint_eq(desk.sent, 1);
        ck_assert_int_eq(desk.last.sent, cue.at);
        ck_assert_uint_eq(desk.last.store, 1);
        ctx.lane.now += CH_MINUTE;
        reach_node();
        ck_assert_int_eq(cells[PROBE_messages_delivered][0], 1);
        ck_assert_uint_eq(desk.unwanted, !kind[k].asked_for);
    }
}
END_TEST

/* Who stands has a timer set for what a cue sent. */
START_TEST(cues_reach_who_stands)
{
    rules[0].trigger = CH_TRIGGER_nfc;
    seal();
    people[0].zone = CH_IN_STORE;
    struct ch_cue cue = {
        .trigger = CH_TRIGGER_nfc, .store = 1, .controller = stores[1].retailer, .good = CH_NONE, .at = ch_now(&ctx)};
    on_cued(&ctx, &people[0], &cue);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_uint_eq(desk.n_events, 1);
    ck_assert_int_ge(desk.delay[0], CH_LOOKAHEAD);
}
END_TEST

/* A fixed volume of v a week: pushes at that rate, and other triggers up to v/7 a day. */
START_TEST(fixed_volume)
{
    static const double volume[] = {0, 3, 7, 10, 20};
    for (int k = 0; k < 5; k++) {
        setup();
        params.volume = volume[k];
        double sent = 0, days = PEOPLE;
        for (uint32_t id = 0; id < PEOPLE; id++)
            for (int i = 0; i < 6; i++) {
                struct ch_detection d = {.beacon = 0, .controller = 0, .store = 0, .at = ch_now(&ctx)};
                unsigned before = desk.sent;
                phones[id].sent = 0;
                on_detected(&ctx, &people[id], &d);
                sent += desk.sent - before;
            }
        double part = volume[k] / 7 - floor(volume[k] / 7);
        ck_assert_double_le(fabs(sent - days * volume[k] / 7), Z_MAX * sqrt(days * part * (1 - part)) + 1e-9);
        rules[0].trigger = CH_TRIGGER_schedule;
        rules[0].per_week = 2;
        rules[1] = rules[0];
        rules[1].per_week = 6;
        ch_policy_seal(&policy, rules, 2);
        ck_assert_double_eq_tol(pushes_per_day(&ctx, 0) * 7, volume[k] / 4, 1e-12);
        ck_assert_double_eq_tol(pushes_per_day(&ctx, 1) * 7, volume[k] * 3 / 4, 1e-12);
        params.volume = -1;
        ck_assert_double_eq(pushes_per_day(&ctx, 1) * 7, 6);
    }
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, setup, NULL);
    tcase_add_test(all, the_agent_is_neutral);
    tcase_add_test(all, retailers_are_not);
    tcase_add_test(all, nothing_is_granted);
    tcase_add_test(all, rules_of_ones_own);
    tcase_add_test(all, cues_set_rules_off);
    tcase_add_test(all, cues_reach_who_stands);
    tcase_add_test(all, fixed_volume);
}

int main(void) { return run_tests("agent", add_tests); }
