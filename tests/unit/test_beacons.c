/* SPDX-License-Identifier: MIT
 * Beacons: enumeration of scan windows against packets one by one (G04), the saturated short pass (G05), coverage.
 *
 * Statistical: fixed seeds, |z| < 4.892 (false alarms 1e-6), or the tolerance of the golden table where it says so. */
#include "../runner.h"
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ch_model_beacons ch_model_beacons_here
#include "../../models/beacons.c"
#undef ch_model_beacons

static const double Z_MAX = 4.892;
enum { BALANCED = 1, LOW_POWER = 2, SCREEN_OFF = 3 };

static struct radio radio;
static struct beacons_params params;

#include "beacons_plain.h"

static const double V = 1.34;

static void setup(void)
{
    params = (struct beacons_params){.power = -59,
                                     .interval = 100,
                                     .exponent_street = 2.0,
                                     .exponent_indoor = 2.2,
                                     .shadowing = 5,
                                     .fading = 3,
                                     .body = 8,
                                     .sensitivity = -94,
                                     .reception = 0.97,
                                     .edge = 0.01};
    fill_radio(&radio, &params);
}

static struct pass pass_60m(double offset)
{
    return (struct pass){.seconds = 60 / V, .speed = V, .from = -30, .lateral = offset};
}

static struct ch_draw draw_of(unsigned i) { return ch_draw_open((struct ch_key){.seed = 20130109, .replication = 4}, i, 7, 0); }

/* Share of n passes that are heard; adds up the times of detection. */
static double enumerate(const struct pass *pass, const struct scan *scan, double shadow, unsigned n, double *seconds)
{
    struct beam beam = beam_of(&params, &params, true);
    unsigned heard = 0;
    double sum = 0;
    for (unsigned i = 0; i < n; i++) {
        struct ch_draw draw = draw_of(i);
        double threshold = ch_draw_exponential(&draw), phase = ch_draw_uniform(&draw);
        double t = hear_plainly(&radio, &beam, pass, scan, shadow, phase, threshold);
        heard += t >= 0;
        sum += t >= 0 ? t : 0;
    }
    if (seconds)
        *seconds = heard ? sum / heard : -1;
    return (double)heard / n;
}

/* The reference: every packet, with its own fading and random delay, falls into a window or not. */
static double packets(const struct pass *pass, const struct scan *scan, double shadow, unsigned n)
{
    unsigned heard = 0;
    for (unsigned i = 0; i < n; i++) {
        struct ch_draw draw = draw_of(i + 1000000);
        double phase = ch_draw_uniform(&draw) * scan->period, t = ch_draw_uniform(&draw) * 0.1;
        bool got = false;
        for (; t < pass->seconds && !got; t += 0.1 + 0.01 * ch_draw_uniform(&draw)) {
            double distance = distance_at(pass, t);
            double power = -59 - 8 - 22 * log10(distance < 0.5 ? 0.5 : distance) - shadow + 3 * ch_draw_normal(&draw);
            bool listening = fmod(t + phase, scan->period) < scan->window;
            got = ch_draw_chance(&draw, 0.97) && listening && power >= -94;
        }
        heard += got;
    }
    return (double)heard / n;
}

struct row {
    double offset, shadow;
    int scan;
    double packet, enumeration; /* models.md M09 */
};
static const struct row g04[] = {
    {10, 8, BALANCED, .963, .967}, {10, 8, LOW_POWER, .736, .741}, {10, 8, SCREEN_OFF, .484, .494},
    {25, 0, BALANCED, .993, .994}, {25, 0, LOW_POWER, .871, .871}, {25, 0, SCREEN_OFF, .637, .643},
};

START_TEST(g04_enumeration_meets_packets)
{
    const struct row *row = &g04[_i];
    struct pass pass = pass_60m(row->offset);
    const struct scan *scan = &android_scan[row->scan];
    double fast = enumerate(&pass, scan, row->shadow, 40000, NULL), slow = packets(&pass, scan, row->shadow, 8000);
    ck_assert_msg(fabs(fast - row->enumeration) <= .02, "enumeration %.4f, table %.4f", fast, row->enumeration);
    ck_assert_msg(fabs(slow - row->packet) <= .02, "packets %.4f, table %.4f", slow, row->packet);
    ck_assert_msg(fabs(fast - slow) <= .02 + Z_MAX * sqrt(.25 / 8000), "enumeration %.4f, packets %.4f", fast, slow);
}
END_TEST

/* Mean time of detection after entering, 10 m off, X = 0: 2.5, 5.2, 7.9, 11.1 s (M09). */
START_TEST(latency_by_mode)
{
    static const double expected[] = {2.5, 5.2, 7.9, 11.1};
    struct pass pass = pass_60m(10);
    for (int mode = 0; mode < 4; mode++) {
        double seconds;
        enumerate(&pass, &android_scan[mode], 0, 40000, &seconds);
        ck_assert_msg(fabs(seconds - expected[mode]) <= 0.6, "mode %d: %.2f s, table %.1f s", mode, seconds, expected[mode]);
    }
}
END_TEST

/* Next to the beacon every packet is heard, so a pass of T is detected iff a window meets it: (T + W - T_a)/S; the phase
 * alone decides. 0.2351 counts a window as met from its first packet on; by fractions of packets it is a little more. */
START_TEST(g05_saturated_short_pass)
{
    struct pass pass = {.seconds = 2, .speed = V, .from = -1.34, .lateral = 1};
    double share = enumerate(&pass, &android_scan[SCREEN_OFF], 0, 100000, NULL);
    ck_assert_msg(fabs(share - .2351) <= .01, "%.4f", share);
    struct scan always = {10.24, 10.24};
    ck_assert_double_gt(enumerate(&pass, &always, 0, 10000, NULL), .999);
}
END_TEST

/* Averaged over X ~ N(0, 5) at 25 m: .80 .71 .61 .54 (M09). */
START_TEST(shadowed_average)
{
    static const double expected[] = {.80, .71, .61, .54};
    static const int modes[] = {0, BALANCED, LOW_POWER, SCREEN_OFF};
    struct pass pass = pass_60m(25);
    struct beam beam = beam_of(&params, &params, true);
    for (int m = 0; m < 4; m++) {
        unsigned heard = 0, n = 20000;
        for (unsigned i = 0; i < n; i++) {
            struct ch_draw draw = draw_of(i);
            double shadow = 5 * ch_draw_normal(&draw), threshold = ch_draw_exponential(&draw), phase = ch_draw_uniform(&draw);
            heard += hear_plainly(&radio, &beam, &pass, &android_scan[modes[m]], shadow, phase, threshold) >= 0;
        }
        double share = (double)heard / n;
        /* Beyond 60 m nothing is counted here, and the table gives two digits. */
        ck_assert_msg(fabs(share - expected[m]) <= .12, "mode %d: %.3f, table %.2f", m, share, expected[m]);
    }
}
END_TEST

START_TEST(detection_is_monotone)
{
    struct beam beam = beam_of(&params, &params, true);
    struct pass near = pass_60m(5), far = pass_60m(40);
    for (unsigned i = 0; i < 2000; i++) {
        struct ch_draw draw = draw_of(i);
        double threshold = ch_draw_exponential(&draw), phase = ch_draw_uniform(&draw);
        double a = hear_plainly(&radio, &beam, &near, &android_scan[SCREEN_OFF], 0, phase, threshold);
        double b = hear_plainly(&radio, &beam, &far, &android_scan[SCREEN_OFF], 0, phase, threshold);
        double c = hear_plainly(&radio, &beam, &far, &android_scan[SCREEN_OFF], 10, phase, threshold);
        ck_assert(b < 0 || (a >= 0 && a <= b));
        ck_assert(c < 0 || (b >= 0 && b <= c));
        ck_assert(a < near.seconds);
    }
}
END_TEST

/* ---- the tables against the plain formulas ----------------------------------------------------------------------- */

/* Rows of a group as the model lays them out, for one kind of phone, from the laws of its members. */
enum { ROOM = SPEEDS * 8 * ROW_UNIT };
struct rows {
    _Alignas(64) unsigned char byte[ROOM];
};

static void lay_out(struct rows *rows, struct law (*law)[SPEEDS], unsigned n)
{
    for (unsigned v = 0; v < SPEEDS; v++) {
        unsigned char *row = rows->byte + v * row_units(n) * ROW_UNIT;
        double chance[TOGETHER];
        for (unsigned i = 0; i < n; i++) {
            chance[i] = law[i][v].chance;
            memcpy(row + ((size_t)2 << n) + i * sizeof(struct times), &law[i][v].times, sizeof(struct times));
        }
        fill_cells(chance, n, (uint16_t *)(void *)row);
    }
}

static struct heard hear_word(const struct rows *rows, unsigned n, double speed, uint32_t luck)
{
    return resolve(row_of(rows->byte, n, 0, speed_place((uint32_t)(speed * 1000 + 0.5)), luck), n, luck);
}

/* Chance to be heard, and mean time of those heard, s: of all words of luck, and of draws by the plain law. */
static void by_table(const struct rows *rows, const struct pass *pass, double *chance, double *seconds)
{
    enum { WORDS = 1 << LUCK_BITS };
    unsigned heard = 0;
    double sum = 0;
    for (uint32_t luck = 0; luck < WORDS; luck++) {
        struct heard h = hear_word(rows, 1, pass->speed, luck);
        heard += h.n;
        if (h.n)
            sum += (double)heard_after(h.times, h.at, SIDE_PARTS, 1000000) / 1e6 * pass->seconds;
    }
    *chance = (double)heard / WORDS;
    *seconds = heard ? sum / heard : 0;
}

/* Over all words of luck, each beacon is heard with its chance: within 0.001, and neither more nor less on average. */
START_TEST(alias_tables_are_not_biased)
{
    enum { TABLES = 2000 };
    unsigned n = (unsigned)_i + 1;
    double sum = 0;
    for (uint32_t t = 0; t < TABLES; t++) {
        struct ch_draw draw = draw_of(t);
        double chance[TOGETHER], heard[TOGETHER] = {0};
        _Alignas(ROW_UNIT) unsigned char row[TOGETHER * ROW_UNIT] = {0};
        for (unsigned i = 0; i < n; i++)
            chance[i] = 0.5 + 0.49 * ch_draw_uniform(&draw);
        fill_cells(chance, n, (uint16_t *)(void *)row);
        for (uint32_t word = 0; word < CELL_STEPS; word++) {
            unsigned mask = resolve(row, n, word << 10).mask;
            for (unsigned i = 0; i < n; i++)
                heard[i] += mask >> i & 1;
        }
        for (unsigned i = 0; i < n; i++) {
            ck_assert_double_eq_tol(heard[i] / CELL_STEPS, chance[i], 1e-3);
            sum += heard[i] / CELL_STEPS - chance[i];
        }
    }
    ck_assert_double_lt(fabs(sum / (TABLES * n)), 3e-5);
}
END_TEST

/* Within 0.01 of the chance and 3 % of the pass's time, beyond the noise of 60,000 draws (|z| < 4.892). */
START_TEST(tables_meet_the_plain_law)
{
    enum { DRAWS = 60000 };
    const struct shape_row *row = &shapes[_i];
    const struct scan *scan = row->ios ? &ios_scan[row->mode] : &android_scan[row->mode];
    struct beam beam = beam_of(&params, &params, false);
    struct pass pass = pass_of(row->from, row->to, row->lateral, row->speed);
    static struct ear ear;
    static struct rows rows;
    struct law law[1][SPEEDS];
    double chance, seconds, sum = 0, squares = 0;
    unsigned heard = 0;
    fill_ear(&ear, &radio, &beam, scan);
    tabulate_pass(&ear, &params, row->from, row->to, row->lateral, law[0]);
    lay_out(&rows, law, 1);
    by_table(&rows, &pass, &chance, &seconds);
    for (unsigned i = 0; i < DRAWS; i++) {
        struct ch_draw draw = draw_of(i);
        double shadow = params.shadowing * ch_draw_normal(&draw), threshold = ch_draw_exponential(&draw);
        double t = hear_plainly(&radio, &beam, &pass, scan, shadow, ch_draw_uniform(&draw), threshold);
        heard += t >= 0;
        sum += t >= 0 ? t : 0;
        squares += t >= 0 ? t * t : 0;
    }
    double plain = (double)heard / DRAWS, mean = heard ? sum / heard : 0;
    double noise = sqrt(plain * (1 - plain) / DRAWS), spread = heard ? sqrt((squares / heard - mean * mean) / heard) : 0;
    if (getenv("CHALAND_FIGURES"))
        printf("    heard: table %.4f, plain %.4f; after: table %.3f s, plain %.3f s of %.1f s\n", chance, plain, seconds, mean,
               pass.seconds);
    ck_assert_msg(fabs(chance - plain) <= .01 + Z_MAX * noise, "heard: table %.4f, plain %.4f", chance, plain);
    ck_assert_msg(fabs(seconds - mean) <= .03 * pass.seconds + Z_MAX * spread, "after: table %.2f s, plain %.2f s of %.1f s",
                  seconds, mean, pass.seconds);
}
END_TEST

/* Of all words that differ in the speed or in who is heard. */
static double chance_by_table(const struct rows *rows, double speed)
{
    unsigned heard = 0;
    for (uint32_t subset = 0; subset < 1 << 12; subset++)
        for (uint32_t which = 0; which < SPEED_FRACTION; which++)
            heard += hear_word(rows, 1, speed, subset << 10 | which).n;
    return (double)heard / SPEED_FRACTION / (1 << 12);
}

/* The chance of the table, lines between its speeds and words of luck included, against the law itself, at speeds an eighth of a
 * row apart: within 0.001 on average over walkers as they come by; within 0.003 anywhere, but 0.015 next to the one kink that
 * lies between two rows (a pass just as long as a scan period: shape 2). */
START_TEST(chances_are_the_plain_law)
{
    enum { STEPS = 8 };
    const struct shape_row *row = &shapes[_i];
    const struct scan *scan = row->ios ? &ios_scan[row->mode] : &android_scan[row->mode];
    struct beam beam = beam_of(&params, &params, false);
    static struct ear ear;
    static struct rows rows;
    struct law law[1][SPEEDS];
    double sum = 0, weights = 0, worst = 0;
    fill_ear(&ear, &radio, &beam, scan);
    tabulate_pass(&ear, &params, row->from, row->to, row->lateral, law[0]);
    lay_out(&rows, law, 1);
    for (int k = 2 * STEPS; k <= (SPEEDS - 1) * STEPS; k++) { /* none walks more slowly than at row 2.4 */
        double place = (double)k / STEPS, z = (speed_at(place) - 1.34) / 0.26;
        struct pass pass = pass_of(row->from, row->to, row->lateral, speed_at(place));
        double off = chance_by_table(&rows, pass.speed) - by_sum(&radio, &params, &beam, scan, &pass),
               weight = exp(-z * z / 2) * speed_at(place);
        worst = fabs(off) > fabs(worst) ? off : worst;
        sum += weight * off;
        weights += weight;
    }
    if (getenv("CHALAND_FIGURES"))
        printf("    table less law: mean %+.5f, worst %+.5f\n", sum / weights, worst);
    ck_assert_msg(fabs(sum / weights) <= .001, "table less law: mean %+.5f", sum / weights);
    ck_assert_msg(fabs(worst) <= (row == &shapes[2] ? .015 : .003), "table less law: worst %+.5f", worst);
}
END_TEST

/* A faster walker, or a pass further off, is heard no more often (but for what a coarse sum leaves, 0.002); a later quantile is no
 * earlier. */
START_TEST(tables_are_monotone)
{
    struct beam beam = beam_of(&params, &params, false);
    static struct ear ear;
    struct law near[SPEEDS], far[SPEEDS];
    fill_ear(&ear, &radio, &beam, &android_scan[SCREEN_OFF]);
    tabulate_pass(&ear, &params, -30, 30, 5, near);
    tabulate_pass(&ear, &params, -30, 30, 35, far);
    for (int i = 0; i < SPEEDS; i++) {
        ck_assert(i == 0 || near[i].chance <= near[i - 1].chance + .002);
        ck_assert_double_gt(near[i].chance, far[i].chance);
        ch_time last = 0;
        for (unsigned at = 0; at < 256; at++) {
            ch_time now = heard_after(&near[i].times, at, SIDE_PARTS, 1000000);
            ck_assert(now >= last && now <= 1000000);
            last = now;
        }
    }
}
END_TEST

/* Chances of members that lie far apart, and at the ends. */
static const double members[][TOGETHER] = {{.3},         {0, 1},      {.5, .5}, {.9, .05, .4}, {.79, .81, .6, .99},
                                           {0, 0, 0, 0}, {1, 1, 1, 1}};
static const unsigned n_members[] = {1, 2, 2, 3, 4, 4, 4};

/* All words of luck: each subset as often as the product of its chances says, to half a step of each of the two cells that may
 * hold it and what saturation takes, 2^n / 4096 in all. Who is heard has a rank among those heard, all as often. */
START_TEST(subsets_are_independent)
{
    enum { SUBSETS = 1 << 12, TURNS = 64 };
    unsigned n = n_members[_i], count[CELLS_MAX] = {0}, rank[TOGETHER + 1][TOGETHER] = {{0}};
    struct law law[TOGETHER][SPEEDS] = {{{0}}};
    static struct rows rows;
    for (unsigned i = 0; i < n; i++)
        for (unsigned v = 0; v < SPEEDS; v++)
            law[i][v].chance = members[_i][i];
    lay_out(&rows, law, n);
    for (uint32_t luck = 0; luck < SUBSETS; luck++) {
        for (uint32_t turn = 0; turn < TURNS; turn++) {
            struct heard heard = hear_word(&rows, n, 1.3, luck << 10 | turn << 4);
            count[heard.mask]++;
            rank[heard.n][heard.rank]++;
            ck_assert(heard.n == 0 || (heard.rank < heard.n && heard.mask >> member_of(heard.mask, heard.rank) & 1));
            ck_assert_uint_eq(heard.n, (unsigned)__builtin_popcount(heard.mask));
        }
    }
    for (unsigned s = 0; s < 1u << n; s++) {
        double share = 1;
        for (unsigned i = 0; i < n; i++)
            share *= s >> i & 1 ? members[_i][i] : 1 - members[_i][i];
        ck_assert_double_eq_tol((double)count[s] / SUBSETS / TURNS, share, (double)(1u << n) / 4096);
    }
    for (unsigned k = 1; k <= n; k++)
        for (unsigned r = 1; r < k; r++)
            ck_assert_msg(abs((int)rank[k][r] - (int)rank[k][0]) <= (int)rank[k][0] / 10, "%u: %u, 0: %u", r, rank[k][r],
                          rank[k][0]);
}
END_TEST

/* The filter names the members whose owners' bits a phone shows, whatever the bits. */
START_TEST(owners_are_found)
{
    const struct group group = {.what = 4u << 1, .owners = 0x80u | 0x01u << 8 | 0u << 16 | 0x10u << 24};
    for (unsigned recognised = 0; recognised < 256; recognised++)
        for (unsigned mask = 0; mask < 16; mask++) {
            unsigned expected = (recognised & 0x80 ? 1u : 0) | (recognised & 1 ? 2u : 0) | (recognised & 0x10 ? 8u : 0);
            ck_assert_uint_eq(recognised_of(&group, mask, recognised), expected & mask);
        }
}
END_TEST

START_TEST(few_are_sorted)
{
    uint64_t key[AT_ONCE], sorted[AT_ONCE];
    for (unsigned n = 0; n <= AT_ONCE; n++) {
        for (unsigned i = 0; i < n; i++)
            key[i] = ch_mix(n) % 7 << 32 | i;
        sort_few(key, n, sorted);
        for (unsigned i = 1; i < n; i++)
            ck_assert(sorted[i - 1] < sorted[i]);
    }
}
END_TEST

/* Nominal range: 50 m in the open where one packet in a hundred gets through; a louder beacon reaches further. */
START_TEST(range)
{
    struct beam street = beam_of(&params, &params, false), indoor = beam_of(&params, &params, true);
    double r = range_of(&params, &street);
    ck_assert_double_eq_tol(r, pow(10, (27 + 3 * 2.3149) / 20), 0.1);
    ck_assert_double_lt(range_of(&params, &indoor), r);
    struct beacons_params loud = params;
    loud.power = -55;
    struct beam louder = beam_of(&params, &loud, false);
    ck_assert_double_eq_tol(range_of(&params, &louder) / r, pow(10, 4 / 20.0), 1e-9);
}
END_TEST

/* A 3 x 3 town: a beacon at the middle node is heard from all eight sides that touch it, at offsets that mirror each other. */
START_TEST(coverage_mirrors)
{
    struct ch_city city = {.width = 3, .height = 3, .block_mm = 100000, .n_nodes = 9};
    for (uint32_t direction = 0; direction < 4; direction++) {
        uint32_t away = 4 * 4 + direction, back = ch_side_end(&city, away) * 4 + (direction + 2) % 4;
        struct cover a = {0}, b = {0};
        ck_assert(cover_side(&city, away, 103, 98, 50, &a));
        ck_assert(cover_side(&city, back, 103, 98, 50, &b));
        ck_assert_float_eq_tol(a.enter, 100 - b.leave, 1e-4f);
        ck_assert_float_eq_tol(a.leave, 100 - b.enter, 1e-4f);
        ck_assert_float_eq_tol(a.lateral, b.lateral, 1e-4f);
        ck_assert_float_eq_tol(a.foot, 100 - b.foot, 1e-4f);
    }
    struct cover none;
    ck_assert(!cover_side(&city, 0 * 4 + CH_NORTH, 103, 98, 50, &none)); /* 103 m away */
    ck_assert(!cover_side(&city, 2 * 4 + CH_EAST, 200, 0, 50, &none));   /* beyond the edge */
}
END_TEST

/* Counting and filing visit the same pairs, across borders too, each once. */
START_TEST(coverage_is_complete)
{
    struct ch_beacon list[] = {{.x_m = 150, .y_m = 0, .store = CH_NONE},
                               {.x_m = 149, .y_m = 30, .store = 2},
                               {.x_m = 399, .y_m = 399, .store = CH_NONE}};
    struct ch_city city = {.width = 5, .height = 5, .block_mm = 100000, .n_nodes = 25, .n_beacons = 3, .beacons = list};
    struct beam beam[3];
    uint32_t beam_number[3] = {0, 1, 2};
    struct tables tables = {.beam = beam, .beam_of = beam_number};
    for (int b = 0; b < 3; b++)
        beam[b] = beam_of(&params, &params, list[b].store != CH_NONE);
    uint32_t first[102] = {0}, by_hand = 0;
    struct cover cover[200];
    cover_all(&city, &params, &tables, first + 1, NULL);
    for (int s = 2; s <= 101; s++)
        first[s] += first[s - 1];
    for (uint32_t side = 0; side < 100; side++)
        for (uint32_t b = 0; b < 3; b++)
            by_hand += cover_side(&city, side, list[b].x_m, list[b].y_m, range_of(&params, &beam[b]), &cover[0]);
    ck_assert_uint_eq(first[101], by_hand);
    ck_assert_uint_ge(by_hand, 6);
    cover_all(&city, &params, &tables, first + 1, cover);
    ck_assert_uint_eq(first[100], by_hand);
    for (uint32_t side = 0; side < 100; side++)
        for (uint32_t c = first[side]; c < first[side + 1]; c++)
            ck_assert(cover[c].enter >= 0 && cover[c].leave <= 100 && cover[c].enter < cover[c].leave);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, g04_enumeration_meets_packets, 0, 6);
    tcase_add_test(tc, latency_by_mode);
    tcase_add_test(tc, g05_saturated_short_pass);
    tcase_add_test(tc, shadowed_average);
    tcase_add_test(tc, detection_is_monotone);
    tcase_add_loop_test(tc, alias_tables_are_not_biased, 0, TOGETHER);
    tcase_add_loop_test(tc, tables_meet_the_plain_law, 0, sizeof shapes / sizeof shapes[0]);
    tcase_add_loop_test(tc, chances_are_the_plain_law, 0, sizeof shapes / sizeof shapes[0]);
    tcase_add_test(tc, tables_are_monotone);
    tcase_add_loop_test(tc, subsets_are_independent, 0, sizeof n_members / sizeof n_members[0]);
    tcase_add_test(tc, owners_are_found);
    tcase_add_test(tc, few_are_sorted);
    tcase_add_test(tc, range);
    tcase_add_test(tc, coverage_mirrors);
    tcase_add_test(tc, coverage_is_complete);
}

int main(void) { return run_tests("beacons", add_tests); }
