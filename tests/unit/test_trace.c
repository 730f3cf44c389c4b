/* SPDX-License-Identifier: MIT
 * Which lines of the log belong to a retailer or a store, and on which day most happened there. */
#include "../runner.h"
#include <check.h>

#define ch_cmd_trace ch_cmd_trace_here
#include "../../src/app/trace.c"
#undef ch_cmd_trace

static struct ch_story line(enum ch_story_kind kind, long day, uint32_t store, uint32_t retailer, uint32_t other)
{
    return (struct ch_story){
        .kind = (uint8_t)kind, .at = day * CH_DAY + CH_HOUR, .store = store, .retailer = retailer, .other = other, .good = 0};
}

/* Numbers of crossings, beacons, couriers and depots are not those of retailers. */
START_TEST(lines_of_a_retailer)
{
    const struct place third = {CH_NONE, 3};
    for (int kind = 0; kind < CH_N_STORIES; kind++) {
        struct ch_story own = line((enum ch_story_kind)kind, 0, 7, 3, CH_NONE),
                        others = line((enum ch_story_kind)kind, 0, 7, 4, 3),
                        nobodys = line((enum ch_story_kind)kind, 0, CH_NONE, CH_NONE, CH_NONE);
        bool in_passing = kind == CH_STORY_detected || kind == CH_STORY_noticed || kind == CH_STORY_visit_ends;
        bool names_origin = kind == CH_STORY_sale || kind == CH_STORY_refund || kind == CH_STORY_offer_sent;
        ck_assert_int_eq(at_place(&own, &third), !in_passing);
        ck_assert_int_eq(at_place(&others, &third), names_origin);
        ck_assert(!at_place(&nobodys, &third));
    }
}
END_TEST

START_TEST(lines_of_a_store)
{
    const struct place seventh = {7, CH_NONE};
    struct ch_story here = line(CH_STORY_sale, 0, 7, 3, 1), there = line(CH_STORY_sale, 0, 6, 3, 7),
                    leg = line(CH_STORY_leg_begins, 0, CH_NONE, CH_NONE, 7);
    ck_assert(at_place(&here, &seventh));
    ck_assert(!at_place(&there, &seventh));
    ck_assert(!at_place(&leg, &seventh));
}
END_TEST

/* A day of visits is the retailer's day, and not one on which many set out for the crossing of the same number. */
START_TEST(day_of_a_retailer)
{
    enum { LEGS = 50 };
    const struct place third = {CH_NONE, 3};
    struct ch_story story[LEGS + 2];
    for (int i = 0; i < LEGS; i++)
        story[i] = line(CH_STORY_leg_begins, 0, CH_NONE, CH_NONE, 3);
    story[LEGS] = line(CH_STORY_visit_begins, 1, 7, 3, CH_NONE);
    story[LEGS + 1] = line(CH_STORY_wish_closed, 2, CH_NONE, CH_NONE, 3);
    const struct ch_story_file log = {.story = story, .n = LEGS + 2};
    ck_assert_int_eq(ch_trace_day(&log, at_place, &third), 1);
}
END_TEST

/* The order says where the goods are; where couriers start has no name in the log. */
START_TEST(words_of_an_order)
{
    char here[] = "here", there[] = "there", *names[] = {here, there};
    const struct ch_story_file log = {.store = names, .n_stores = 2};
    struct ch_story order = line(CH_STORY_order, 0, 1, 0, 0);
    struct ch_text out = {0};
    order.id = 0xabcdef;
    order.value = 2.5;
    order.extra = 40;
    ch_trace_words(&log, &order, NULL, &out);
    ck_assert_str_eq(out.s, "order 0000000000abcdef from there reaches the couriers: fee 2.50 EUR, promised in 40 min");
    ch_text_fini(&out);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, lines_of_a_retailer);
    tcase_add_test(all, lines_of_a_store);
    tcase_add_test(all, day_of_a_retailer);
    tcase_add_test(all, words_of_an_order);
}

int main(void) { return run_tests("trace", add_tests); }
