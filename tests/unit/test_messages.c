/* SPDX-License-Identifier: MIT
 * Messages: a phone, a policy, and a desk at which the test answers all questions. Who is sent to, what is read on the way, caps,
 * flight and delivery, coupons; a silent policy does nothing at all. Pushes are in test_messages_push.c.
 *
 * Statistical: fixed seeds, |z| < 4.892 (false alarms 1e-6). */
#include "../runner.h"
#include "messages_desk.h"

/* ---- sending ----------------------------------------------------------------------------------------------------- */

START_TEST(silence_is_silent)
{
    ch_policy_seal(&policy, rules, 0);
    struct ch_day today = {.world = &day};
    struct ch_visit visit = {.store = 0};
    struct ch_activity stay = {.until = CH_DAY};
    on_day_begins(&ctx, &people[0], &today);
    hear_beacon(0);
    reach_node();
    on_visit_begins(&ctx, &people[0], &visit);
    on_activity_begins(&ctx, &people[0], &stay);
    ck_assert_uint_eq(desk.n_events + desk.sent + desk.asks, 0);
    static const struct phone fresh;
    static const struct corner empty;
    ck_assert_mem_eq(&phones[0], &fresh, sizeof fresh);
    ck_assert_mem_eq(&corners[0], &empty, sizeof empty);
}
END_TEST

START_TEST(only_sponsors_and_only_to_the_app)
{
    hear_beacon(2);
    ck_assert_uint_eq(desk.sent, 0);
    people[0].device = CH_SMARTPHONE;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 0);
    people[0].device |= CH_APP;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_int_eq(desk.paid, 1);
    ck_assert_uint_eq(desk.last.sender, 0);
    ck_assert_uint_eq(desk.last.good, CH_GOOD_home);
    ck_assert_int_eq(desk.last.sent, ch_now(&ctx) + 20 * CH_SECOND);
    hear_beacon(1); /* one in flight at a time */
    ck_assert_uint_eq(desk.sent, 1);
}
END_TEST

/* A rule that needs consent reads nothing and sends nothing without; the filter alone decides, before any question. */
START_TEST(no_consent_no_question)
{
    rules[0].level = 2;
    rules[0].subject = CH_SUBJECT_wish;
    seal();
    desk.match = .8;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent + desk.wishes_asked + desk.consent_asked + desk.n_events, 0);
    people[0].consent = 2;
    desk.level[0] = 2;
    hear_beacon(0);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_uint_eq(desk.last.good, CH_GOOD_shoes);
    ck_assert_uint_eq(desk.last.wish, 5);
    ck_assert(desk.last.pooled);
    ck_assert_int_eq(desk.last.level, 2);
}
END_TEST

/* Conditions are tried in the order written: one that fails on the hour asks for nothing personal. */
START_TEST(facts_are_lazy)
{
    rules[0].level = 2;
    seal();
    people[0].consent = 3;
    desk.level[0] = 3;
    add_condition(CH_FACT_wish_match, CH_AT_LEAST, .3); /* personal, so it is looked up last */
    add_condition(CH_FACT_hour, CH_AT_LEAST, 13);
    hear_beacon(0);
    ck_assert_uint_eq(desk.wishes_asked + desk.sent, 0);
    rules[0].condition[0].value = 11;
    hear_beacon(0);
    ck_assert_uint_eq(desk.wishes_asked, 1);
    ck_assert_uint_eq(desk.sent, 0); /* no wish */
}
END_TEST

START_TEST(facts_have_their_values)
{
    struct look look = look_at(&ctx, &people[0], 0, CH_NONE, CH_NONE, 0);
    look.rule = &rules[0];
    desk.level[0] = people[0].consent = 3;
    desk.match = .5;
    desk.wish_good = CH_GOOD_home;
    phones[0].today = 2;
    corners[0].before = 7;
    static const struct {
        enum ch_fact which;
        double value;
    } expected[] = {{CH_FACT_hour, 12},     {CH_FACT_weekday, 2},    {CH_FACT_temperature, 12},      {CH_FACT_rain, 0},
                    {CH_FACT_crowd, 7},     {CH_FACT_distance, 100}, {CH_FACT_walk_time, 80.0 / 60}, {CH_FACT_in_stock, 1},
                    {CH_FACT_open, 1},      {CH_FACT_consent, 3},    {CH_FACT_messages_today, 2},    {CH_FACT_wish_match, .5},
                    {CH_FACT_wish_age, .5}, {CH_FACT_affinity, .1},  {CH_FACT_weather_fit, .5}};
    for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_msg(fabs(fact(&look, expected[i].which) - expected[i].value) < 1e-12, "fact %d: %g", (int)expected[i].which,
                      fact(&look, expected[i].which));
    double score = fact(&look, CH_FACT_context_score);
    ck_assert_double_eq_tol(score, .4 * .5 + .2 * .5 + .2 * .7 + .2 * exp(-1 / 3.0), 1e-12);
    double value = fact(&look, CH_FACT_net_value), open = .35 * (.3 + .7), take = 1 / (1 + exp(-(-2.5 + 1 + .25 + 1))),
           price = 50 / 1.2;
    ck_assert_double_eq_tol(value, open * take * price * (.45 - .1) - .01, 1e-9);
    ck_assert(!look.failed);
}
END_TEST

START_TEST(comparisons)
{
    struct look look = look_at(&ctx, &people[0], 0, 0, CH_NONE, 0);
    look.rule = &rules[0];
    static const struct {
        enum ch_compare compare;
        bool below, equal, above;
    } table[] = {{CH_AT_LEAST, 1, 1, 0}, {CH_AT_MOST, 0, 1, 1}, {CH_EQUAL, 0, 1, 0}, {CH_ABOVE, 1, 0, 0}, {CH_BELOW, 0, 0, 1}};
    for (int i = 0; i < 5; i++) {
        struct ch_condition c = {CH_FACT_hour, table[i].compare, 11};
        ck_assert_int_eq(holds(&look, &c), table[i].below);
        c.value = 12;
        ck_assert_int_eq(holds(&look, &c), table[i].equal);
        c.value = 13;
        ck_assert_int_eq(holds(&look, &c), table[i].above);
    }
}
END_TEST

START_TEST(first_rule_that_fires_wins)
{
    ch_policy_seal(&policy, rules, 2);
    rules[1].discount_bp = 500;
    add_condition(CH_FACT_in_stock, CH_EQUAL, 1);
    desk.available = false;
    hear_beacon(0);
    ck_assert_uint_eq(desk.last.rule, 1);
    ck_assert_int_eq(desk.last.discount_bp, 500);
}
END_TEST

/* Visit 1, day 3, retailer and day 2: never exceeded, whatever comes. */
START_TEST(caps_hold)
{
    policy.per_visit = 1;
    policy.per_day = 3;
    policy.per_retailer_day = 2;
    unsigned by_retailer[RETAILERS] = {0};
    for (uint32_t walk = 0; walk < 6; walk++) {
        struct ch_leg leg = {.mode = CH_WALK};
        on_leg_begins(&ctx, &people[0], &leg);
        unsigned before = desk.sent;
        for (int i = 0; i < 5; i++) {
            hear_beacon(i == 4 ? 1 : 0);
            by_retailer[desk.last.sender] += phones[0].sent != 0;
            phones[0].sent = 0; /* as if delivered */
        }
        ck_assert_uint_le(desk.sent - before, 1);
    }
    ck_assert_uint_eq(desk.sent, 3);
    ck_assert_uint_eq(by_retailer[0], 2);
    ck_assert_uint_eq(by_retailer[1], 1);
    struct phone crowded = {.sender = {10, 11, 12, 13}, .by_sender = {1, 1, 1, 1}};
    ck_assert(!within_caps(&policy, &crowded, 14)); /* a fifth sender cannot be told apart */
    ck_assert(within_caps(&policy, &crowded, 12));
}
END_TEST

/* A phone counts further than any cap and any patience goes, and then stays there. */
START_TEST(counts_do_not_wrap)
{
    const struct ch_param *patience = NULL;
    for (size_t i = 0; i < sizeof param_rows / sizeof param_rows[0]; i++)
        patience = strcmp(param_rows[i].name, "patience") == 0 ? &param_rows[i] : patience;
    ck_assert_ptr_nonnull(patience);
    for (unsigned n = 1; n <= 600; n++) {
        count_sent(&phones[0], 1);
        ck_assert(phones[0].today == (n < 255 ? n : 255) && phones[0].stay == phones[0].today);
        ck_assert_uint_eq(sent_by(&phones[0], 1), phones[0].today);
    }
    ck_assert_double_gt(phones[0].today, patience->max);
}
END_TEST

START_TEST(floors)
{
    ck_assert_int_eq(ch_rule_floor(&rules[0]), 0);
    add_condition(CH_FACT_consent, CH_AT_LEAST, 2);
    ck_assert_int_eq(ch_rule_floor(&rules[0]), 2);
    rules[0].condition[0] = (struct ch_condition){CH_FACT_consent, CH_ABOVE, 1};
    ck_assert_int_eq(ch_rule_floor(&rules[0]), 2);
    rules[0].condition[0] = (struct ch_condition){CH_FACT_consent, CH_AT_MOST, 1};
    ck_assert_int_eq(ch_rule_floor(&rules[0]), 0);
    rules[0].level = 3;
    seal();
    ck_assert_int_eq(ch_rule_floor(&rules[0]), 3);
}
END_TEST

/* ---- delivery ---------------------------------------------------------------------------------------------------- */

/* Not before 10 s have passed; an instant event records it; who withdrew in between is not disturbed. */
START_TEST(flight)
{
    people[0].consent = 1;
    desk.level[0] = 1;
    add_condition(CH_FACT_consent, CH_AT_LEAST, 1);
    hear_beacon(0);
    ctx.lane.now += 29 * CH_SECOND;
    reach_node();
    ck_assert_uint_eq(desk.n_events, 0);
    ctx.lane.now += CH_SECOND;
    reach_node();
    ck_assert_uint_eq(desk.n_events, 1);
    ck_assert_uint_eq(desk.event[0], 10 + MSG_delivered);
    ck_assert_int_eq(corners[0].delivered, 1);
    hear_beacon(0);
    desk.level[0] = 0;
    ctx.lane.now += CH_MINUTE;
    reach_node();
    ck_assert_int_eq(corners[0].blocked, 1);
    ck_assert_uint_eq(desk.n_events, 1);
    ck_assert_int_eq(corners[0].sent, corners[0].delivered + corners[0].blocked);
}
END_TEST

/* Opening follows p_ch (.3 + 1.4 rel)(1 - F), and the wish law decides who goes. */
START_TEST(response_rates)
{
    unsigned n = 20000;
    desk.match = desk.desire = .5;
    desk.wish_good = CH_GOOD_home;
    params.fatigue = 0;
    params.patience = 250;
    for (unsigned i = 0; i < n; i++) {
        people[0].step = (uint16_t)i;
        people[0].day = (uint16_t)(i >> 15);
        phones[0].today = 0;
        hear_beacon(0);
        ctx.lane.now += CH_MINUTE;
        reach_node();
        ctx.lane.now -= CH_MINUTE;
        desk.n_events = 0;
    }
    double open = .35 * (.3 + 1.4 * .5), take = 1 / (1 + exp(-(-2.5 + 1 + .25 + 1)));
    ck_assert_uint_eq(desk.sent, n);
    ck_assert_uint_eq(desk.unwanted, 0);
    double z = (desk.opened - n * open) / sqrt(n * open * (1 - open));
    ck_assert_msg(fabs(z) < Z_MAX, "opened %u of %u", desk.opened, n);
    double m = desk.opened;
    z = (desk.taken - m * take) / sqrt(m * take * (1 - take));
    ck_assert_msg(fabs(z) < Z_MAX, "taken %u of %u", desk.taken, desk.opened);
    ck_assert_double_eq_tol(take_probability(&params, CH_CHANNEL_beacon, 0, -1, 0), .083, 1e-12);
}
END_TEST

START_TEST(irrelevant_or_too_many_is_unwanted)
{
    hear_beacon(0);
    ctx.lane.now += CH_MINUTE;
    reach_node();
    ck_assert_uint_eq(desk.unwanted, 1); /* no wish, a tenth of all purchases */
    desk.match = desk.desire = .9;
    desk.wish_good = CH_GOOD_home;
    for (int i = 2; i <= 5; i++) {
        people[0].step = (uint16_t)i;
        hear_beacon(0);
        ctx.lane.now += CH_MINUTE;
        reach_node();
    }
    ck_assert_uint_eq(desk.unwanted, 3); /* the fourth and the fifth of the day */
    ck_assert_int_eq(cells[PROBE_compliance_rate][0], 3);
    ck_assert_int_eq(cells[PROBE_compliance_rate][1], 5);
    ck_assert_uint_eq(phones[0].fatigue, 500);
}
END_TEST

/* An opened message is a coupon for its good in its store, until it ends or is used. */
START_TEST(coupons)
{
    struct ch_offer offer = {.store = 0, .good = CH_GOOD_home, .rule = 0, .until = ch_now(&ctx) + 2 * CH_HOUR, .pooled = true};
    keep_coupon(&phones[0], &offer);
    offer.store = 1;
    keep_coupon(&phones[0], &offer);
    struct ch_terms terms = {.store = 0, .good = CH_GOOD_home, .issuer = CH_NONE, .wish = CH_NONE},
                    other = {.store = 0, .good = CH_GOOD_shoes, .issuer = CH_NONE};
    desk.match = desk.desire = .4;
    desk.wish_good = CH_GOOD_home;
    answer_terms(&ctx, &people[0], &terms);
    answer_terms(&ctx, &people[0], &other);
    ck_assert_int_eq(terms.coupon_bp, 1000);
    ck_assert_uint_eq(terms.issuer, 0);
    ck_assert(terms.offered && terms.pooled && terms.wish == 5 && terms.origin == 2);
    ck_assert(!other.offered && other.coupon_bp == 0);
    struct ch_sale sale = {.store = 0, .good = CH_GOOD_home};
    on_sale(&ctx, &people[0], &sale);
    on_sale(&ctx, &people[0], &sale);
    ck_assert_int_eq(corners[0].redeemed, 1);
    ctx.lane.now += 2 * CH_HOUR + CH_SECOND;
    sale.store = 1;
    on_sale(&ctx, &people[0], &sale);
    ck_assert_int_eq(corners[0].redeemed, 1);
    ck_assert_uint_eq(bought(&habits[0], CH_GOOD_home), 3);
}
END_TEST

START_TEST(affinity_is_a_share)
{
    const struct tables *t = tabulated;
    double sum = 0;
    for (int i = 0; i < 40; i++)
        count_purchase(&habits[0], i % 4 ? CH_GOOD_cafe : CH_GOOD_toys);
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        sum += affinity(&habits[0], t->share, g);
    ck_assert_double_eq_tol(sum, 1, 1e-12);
    ck_assert_double_gt(affinity(&habits[0], t->share, CH_GOOD_cafe), .5);
    ck_assert_uint_le(bought(&habits[0], CH_GOOD_cafe), 15);
}
END_TEST

/* ---- luck of rules, visits ---------------------------------------------------------------------------------------- */

/* A rule's luck hangs on its name, or on what a nameless one looks at; not on its place, nor on its numbers. */
START_TEST(tags)
{
    struct ch_rule r[4] = {rules[0], rules[0], rules[0], rules[0]}, turned[4];
    struct ch_policy a = {0}, b = {0};
    r[0].name = "rule 1";
    r[1].name = "greeting";
    r[2].name = "rule 3";
    r[2].subject = CH_SUBJECT_weather;
    r[3].name = "greeting";
    ch_policy_seal(&a, r, 4);
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 0; k < i; k++)
            ck_assert(r[i].tag != r[k].tag);
    turned[0] = r[2], turned[1] = r[1], turned[2] = r[0], turned[3] = r[3];
    turned[0].name = "rule 1";
    turned[2].name = "rule 3";
    turned[2].discount_bp = 2000;
    ch_policy_seal(&b, turned, 4);
    ck_assert(turned[0].tag == r[2].tag && turned[1].tag == r[1].tag);
    ck_assert(turned[2].tag == r[0].tag && turned[3].tag == r[3].tag);
}
END_TEST

START_TEST(visits_ask_and_greet)
{
    policy.asks = true;
    rules[0].trigger = CH_TRIGGER_entrance;
    seal();
    people[0].zone = CH_IN_STORE;
    struct ch_visit visit = {.store = 1}, outsider = {.store = 2};
    on_visit_begins(&ctx, &people[0], &outsider);
    ck_assert_uint_eq(desk.asks, 0);
    on_visit_begins(&ctx, &people[0], &visit);
    ck_assert_uint_eq(desk.asks, 1);
    ck_assert_uint_eq(desk.sent, 1);
    ck_assert_uint_eq(desk.n_events, 1);
    ck_assert_int_ge(desk.delay[0], CH_LOOKAHEAD);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, silence_is_silent);
    tcase_add_test(tc, only_sponsors_and_only_to_the_app);
    tcase_add_test(tc, no_consent_no_question);
    tcase_add_test(tc, facts_are_lazy);
    tcase_add_test(tc, facts_have_their_values);
    tcase_add_test(tc, comparisons);
    tcase_add_test(tc, first_rule_that_fires_wins);
    tcase_add_test(tc, caps_hold);
    tcase_add_test(tc, counts_do_not_wrap);
    tcase_add_test(tc, floors);
    tcase_add_test(tc, flight);
    tcase_add_test(tc, response_rates);
    tcase_add_test(tc, irrelevant_or_too_many_is_unwanted);
    tcase_add_test(tc, coupons);
    tcase_add_test(tc, affinity_is_a_share);
    tcase_add_test(tc, tags);
    tcase_add_test(tc, visits_ask_and_greet);
}

int main(void) { return run_tests("messages", add_tests); }
