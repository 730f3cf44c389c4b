/* SPDX-License-Identifier: MIT
 * The generic queues against the formulas of queueing theory: G14 to G17, Cobham's priorities, Little's law.
 *
 * A mini model with the public API only: each node of a town is a queue of its own, so that 64 nodes are 64 independent
 * replications, each long after a warm-up. Their mean is compared with the formula by Student's t with 63 degrees of freedom,
 * |t| < 5.5: false alarms below 1e-6 per statement. */
#include "../runner.h"
#include "../unit/toy_town.h"
#include <chaland/queue.h>
#include <math.h>

enum { SIDE = 8, QUEUES = SIDE * SIDE, LINE = 1000, CLASSES = 2 };
static const double T_MAX = 5.5;

struct desk {
    struct ch_line line;
    struct ch_waiter waiter[LINE];
    ch_time free_at[8];     /* the same customers at a counter */
    int64_t n[CLASSES];     /* served after the warm-up */
    double waited[CLASSES]; /* by them, s */
    int64_t came, delayed, gave_up, differ;
    double area_s; /* under the number waiting, from the sum of waits of all who came after the warm-up */
    uint64_t number;
};

/* What is tried; one at a time. Per hour, seconds. */
static struct experiment {
    double rate[CLASSES], service[CLASSES], cv, patience, triage;
    unsigned servers;
    double hours;
    bool compare; /* with the counter */
} now_trying;

enum { COMES, ENDS };

static double drawn_service(struct ch_draw *draw, double mean)
{
    if (now_trying.cv >= 1)
        return mean * ch_draw_exponential(draw);
    double variance = ch_log(1 + now_trying.cv * now_trying.cv);
    return ch_draw_lognormal(draw, mean * ch_exp(-variance / 2), ch_sqrt(variance));
}

static bool counts(const struct ch_waiter *waiter) { return waiter->since > (ch_time)(now_trying.hours * 0.05) * CH_HOUR; }

static void begin_service(struct ch_ctx *ctx, struct desk *desk, const struct ch_waiter *waiter, unsigned server)
{
    ch_time wait = ch_now(ctx) - waiter->since;
    ch_send(ctx, ENDS, ch_here(ctx), server, waiter->service > 0 ? waiter->service : 1, 0);
    if (now_trying.compare)
        desk->differ += wait != (ch_time)waiter->who * 1000 + waiter->note; /* what the counter foretold */
    if (!counts(waiter))
        return;
    desk->n[waiter->rank]++;
    desk->waited[waiter->rank] += ch_seconds(wait);
    desk->delayed += wait > 0;
    desk->area_s += ch_seconds(wait);
}

static void ask_the_counter(struct desk *desk, ch_time now, struct ch_waiter *waiter)
{
    ch_time patience = waiter->until == CH_PATIENT ? CH_PATIENT : waiter->until - now;
    ch_time wait = ch_counter_join(desk->free_at, now_trying.servers, now, patience, waiter->service > 0 ? waiter->service : 1);
    waiter->who = (uint32_t)(wait / 1000); /* CH_GIVES_UP: must not be served */
    waiter->note = wait == CH_GIVES_UP ? 5000 : (uint16_t)(wait % 1000);
}

static void on_comes(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct desk *desk = ch_of_place(ctx);
    unsigned rank = ev->dest, server = 0;
    struct ch_draw draw = ch_draw(ctx, rank, ch_here(ctx), ++desk->number);
    ch_time gap = ch_time_of_seconds(3600 / now_trying.rate[rank] * ch_draw_exponential(&draw));
    ch_send(ctx, COMES, ch_here(ctx), rank, gap > 0 ? gap : 1, 0);
    struct ch_waiter waiter = {.rank = (uint8_t)rank, .server = CH_ANY_SERVER, .until = CH_PATIENT};
    waiter.service = ch_time_of_seconds(drawn_service(&draw, now_trying.service[rank]));
    if (now_trying.patience > 0)
        waiter.until = ch_now(ctx) + ch_time_of_seconds(now_trying.patience * ch_draw_exponential(&draw));
    if (now_trying.triage > 0 && ch_draw_chance(&draw, now_trying.triage))
        return;
    if (now_trying.compare)
        ask_the_counter(desk, ch_now(ctx), &waiter);
    waiter.since = ch_now(ctx);
    desk->came += counts(&waiter);
    int64_t left = desk->line.left;
    if (ch_line_join(&desk->line, ch_now(ctx), &waiter, &server) == CH_SERVED)
        begin_service(ctx, desk, &waiter, server);
    desk->gave_up += counts(&waiter) ? desk->line.left - left : 0;
}

static void on_ends(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct desk *desk = ch_of_place(ctx);
    struct ch_waiter next;
    int64_t left = desk->line.left;
    if (ch_line_next(&desk->line, ch_now(ctx), ev->dest, &next))
        begin_service(ctx, desk, &next, ev->dest);
    desk->gave_up += ch_now(ctx) > (ch_time)(now_trying.hours * 0.05) * CH_HOUR ? desk->line.left - left : 0;
}

static void start_place(struct ch_ctx *ctx)
{
    if (ch_here(ctx) >= ctx->city->n_nodes)
        return;
    struct desk *desk = ch_of_place(ctx);
    ch_line_open(&desk->line, now_trying.servers, LINE);
    for (unsigned rank = 0; rank < CLASSES && now_trying.rate[rank] > 0; rank++)
        ch_send(ctx, COMES, ch_here(ctx), rank, 1 + rank, 0);
}

static const struct ch_message rows[] = {{.name = "comes", .scope = CH_LOCAL, .least = 1},
                                         {.name = "ends", .scope = CH_LOCAL, .least = 1}};
static const ch_handler handlers[] = {on_comes, on_ends};
static const struct ch_model desks = {.name = "desks",
                                      .message = rows,
                                      .handler = handlers,
                                      .n_messages = 2,
                                      .place_size = sizeof(struct desk),
                                      .start_place = start_place};

static struct desk *desk_at(struct town *town, unsigned i)
{
    return (struct desk *)(void *)(town->place_state + i * town->selves[0].place_step);
}

static struct town *try_out(struct experiment experiment)
{
    static const struct ch_model *const models[] = {&desks};
    now_trying = experiment;
    struct town *town = town_of(SIDE, SIDE, 0);
    town->end = (ch_time)experiment.hours * CH_HOUR;
    town_open(town, models, 1);
    town_run(town, town->end);
    for (unsigned i = 0; i < QUEUES; i++) {
        struct desk *desk = desk_at(town, i);
        ck_assert(ch_line_balances(&desk->line, town->end));
        ck_assert_int_eq(desk->line.refused, 0);
        ck_assert_int_eq(desk->differ, 0);
    }
    return town;
}

/* Student's t of one number per queue. */
static void agrees(struct town *town, double (*number)(const struct desk *desk), double expected, const char *what)
{
    double sum = 0, squares = 0;
    for (unsigned i = 0; i < QUEUES; i++) {
        double x = number(desk_at(town, i)) - expected;
        sum += x;
        squares += x * x;
    }
    double mean = sum / QUEUES, se = sqrt((squares / QUEUES - mean * mean) / (QUEUES - 1));
    ck_assert_msg(fabs(mean) < T_MAX * se, "%s: %.6g +- %.2g, expected %.6g", what, mean + expected, se, expected);
    ck_assert_msg(se < 0.02 * fabs(expected), "%s: the error %.2g says nothing of %.6g", what, se, expected);
}

static double mean_wait(const struct desk *d) { return d->waited[0] / (double)d->n[0]; }
static double second_wait(const struct desk *d) { return d->waited[1] / (double)d->n[1]; }
static double delayed_share(const struct desk *d) { return (double)d->delayed / (double)d->n[0]; }
static double gave_up_share(const struct desk *d) { return (double)d->gave_up / (double)d->came; }
static double mean_length(const struct desk *d) { return (double)d->line.area / 1e6 / (now_trying.hours * 3600); }

/* Share who wait in M/M/c with load a = rate x service. */
static double erlang_c(unsigned c, double a)
{
    double b = 1;
    for (unsigned k = 1; k <= c; k++)
        b = a * b / (k + a * b);
    return b / (1 - a / c * (1 - b));
}

static double erlang_wait(unsigned c, double rate, double service)
{
    double a = rate / 3600 * service;
    return erlang_c(c, a) * service / (c - a);
}

START_TEST(g14_erlang_c)
{
    ck_assert_double_eq_tol(erlang_c(3, 2), .444444, 5e-7);
    ck_assert_double_eq_tol(erlang_c(2, 40. / 24), .757576, 5e-7);
    struct town *town = try_out((struct experiment){.rate = {60}, .service = {120}, .cv = 1, .servers = 3, .hours = 250});
    agrees(town, mean_wait, 53.3333, "wait, 60/h, 3 servers");
    agrees(town, delayed_share, .444444, "share who wait, 60/h, 3 servers");
    town_close(town);
    town = try_out((struct experiment){.rate = {40}, .service = {150}, .cv = 1, .servers = 2, .hours = 600});
    agrees(town, mean_wait, 340.91, "wait, 40/h, 2 servers");
    agrees(town, delayed_share, .757576, "share who wait, 40/h, 2 servers");
    town_close(town);
}
END_TEST

START_TEST(g15_erlang_a)
{
    struct town *town =
        try_out((struct experiment){.rate = {60}, .service = {120}, .cv = 1, .patience = 300, .servers = 2, .hours = 300});
    agrees(town, gave_up_share, .21328, "share who give up, 60/h, 2 servers");
    agrees(town, mean_length, 1.0664, "in line, 60/h, 2 servers");
    town_close(town);
    town = try_out((struct experiment){.rate = {90}, .service = {120}, .cv = 1, .patience = 300, .servers = 3, .hours = 250});
    agrees(town, gave_up_share, .17554, "share who give up, 90/h, 3 servers");
    agrees(town, mean_length, 1.31653, "in line, 90/h, 3 servers");
    town_close(town);
}
END_TEST

/* Pollaczek and Khinchine: rate E[S^2] / 2 (1 - rho) = 2.46 h. */
START_TEST(g16_print_drive)
{
    struct town *town =
        try_out((struct experiment){.rate = {4. / 24}, .service = {3 * 3600}, .cv = 0.8, .servers = 1, .hours = 40000});
    agrees(town, mean_wait, 2.46 * 3600, "wait at the print drive");
    town_close(town);
}
END_TEST

/* Minutes: 40/h pooled 9.570, split 32.00; 36/h 4.315; a greeter who settles a quarter of it 1.182. */
START_TEST(g17_post_office)
{
    ck_assert_double_eq_tol(erlang_wait(3, 40, 240) / 60, 9.570, 5e-4);
    ck_assert_double_eq_tol(erlang_wait(1, 40. / 3, 240) / 60, 32, 5e-4);
    struct experiment office = {.rate = {40}, .service = {240}, .cv = 1, .servers = 3, .hours = 1500};
    struct town *pooled = try_out(office);
    agrees(pooled, mean_wait, 9.570 * 60, "wait, pooled");
    town_close(pooled);
    office = (struct experiment){.rate = {40. / 3}, .service = {240}, .cv = 1, .servers = 1, .hours = 4000};
    struct town *split = try_out(office);
    agrees(split, mean_wait, 32 * 60, "wait, split");
    town_close(split);
    office = (struct experiment){.rate = {36}, .service = {240}, .cv = 1, .servers = 3, .hours = 800};
    struct town *quieter = try_out(office);
    agrees(quieter, mean_wait, 4.315 * 60, "wait, 36/h");
    town_close(quieter);
    office.triage = .25;
    struct town *greeted = try_out(office);
    agrees(greeted, mean_wait, 1.182 * 60, "wait, with a greeter");
    town_close(greeted);
}
END_TEST

/* Cobham: W_k = W_0 / ((1 - s_{k-1}) (1 - s_k)), s_k the load of ranks up to k. M/G/1: W_0 = sum of rate E[S^2] / 2; M/M/c with
 * one mean service s: W_0 = C s / c. */
START_TEST(cobham)
{
    struct experiment one = {.rate = {6, 5}, .service = {240, 360}, .cv = .8, .servers = 1, .hours = 3000};
    double s1 = 6. * 240 / 3600, s2 = s1 + 5. * 360 / 3600;
    double w0 = (6. / 3600 * 240 * 240 + 5. / 3600 * 360 * 360) * 1.64 / 2;
    struct town *town = try_out(one);
    agrees(town, mean_wait, w0 / (1 - s1), "first rank, one server");
    agrees(town, second_wait, w0 / ((1 - s1) * (1 - s2)), "second rank, one server");
    town_close(town);
    struct experiment three = {.rate = {20, 16}, .service = {240, 240}, .cv = 1, .servers = 3, .hours = 1200};
    double a = 36. * 240 / 3600, first = 20. * 240 / 3600 / 3;
    w0 = erlang_c(3, a) * 240 / 3;
    town = try_out(three);
    agrees(town, mean_wait, w0 / (1 - first), "first rank, three servers");
    agrees(town, second_wait, w0 / ((1 - first) * (1 - a / 3)), "second rank, three servers");
    town_close(town);
}
END_TEST

/* A counter foretells the very waits of a line of one rank, with and without patience. */
START_TEST(counter_is_the_line)
{
    struct experiment impatient = {
        .rate = {60}, .service = {120}, .cv = 1, .patience = 300, .servers = 2, .hours = 50, .compare = true};
    town_close(try_out(impatient));
    struct experiment patient = {.rate = {40}, .service = {240}, .cv = .8, .servers = 3, .hours = 50, .compare = true};
    town_close(try_out(patient));
}
END_TEST

/* L = rate x W within 1 % for every queue of more than 10^4 arrivals; here the identity of areas makes it far less. */
START_TEST(g30_little)
{
    struct town *town = try_out((struct experiment){.rate = {60}, .service = {120}, .cv = 1, .servers = 3, .hours = 250});
    for (unsigned i = 0; i < QUEUES; i++) {
        const struct desk *desk = desk_at(town, i);
        ck_assert_int_gt(desk->line.came, 10000);
        double rate = (double)desk->line.came / (250 * 3600.), wait = (double)desk->line.waited / 1e6 / (double)desk->line.served;
        ck_assert_double_lt(fabs(mean_length(desk) / (rate * wait) - 1), 0.01);
    }
    town_close(town);
}
END_TEST

/* Own clients first, whoever came first; nobody idles for a favourite; who is past patience is passed over; full is full. */
START_TEST(rules_of_the_line)
{
    struct {
        struct ch_line line;
        struct ch_waiter waiter[3];
    } desk;
    unsigned server;
    struct ch_waiter next;
    ch_line_open(&desk.line, 2, 3);
    struct ch_waiter a = {.who = 1, .server = 1, .until = CH_PATIENT}, b = a, c = a;
    ck_assert(ch_line_join(&desk.line, 0, &a, &server) == CH_SERVED && server == 1);
    b.who = 2; /* wants the one who is busy: is served by the other */
    ck_assert(ch_line_join(&desk.line, 1, &b, &server) == CH_SERVED && server == 0);
    c = (struct ch_waiter){.who = 3, .rank = 1, .server = CH_ANY_SERVER, .until = CH_PATIENT};
    ck_assert_int_eq(ch_line_join(&desk.line, 2, &c, &server), CH_WAITS);
    struct ch_waiter d = {.who = 4, .rank = 1, .server = 1, .until = CH_PATIENT}, e = {.who = 5, .until = 5};
    ck_assert_int_eq(ch_line_join(&desk.line, 3, &d, &server), CH_WAITS);
    e.server = CH_ANY_SERVER;
    ck_assert_int_eq(ch_line_join(&desk.line, 4, &e, &server), CH_WAITS);
    ck_assert_int_eq(ch_line_join(&desk.line, 4, &e, &server), CH_FULL);
    ck_assert_uint_eq(ch_line_waiting(&desk.line, 4), 3);
    ck_assert_uint_eq(ch_line_waiting(&desk.line, 6), 2);
    ck_assert(ch_line_next(&desk.line, 6, 1, &next) && next.who == 4); /* 5 has left, 3 does not ask for server 1 */
    ck_assert(ch_line_balances(&desk.line, 7));
    ck_assert(ch_line_leave(&desk.line, 8, 3) && !ch_line_leave(&desk.line, 8, 3));
    ck_assert(!ch_line_next(&desk.line, 9, 0, &next) && ch_line_busy(&desk.line) == 1);
    ck_assert(ch_line_balances(&desk.line, 9) && desk.line.left == 2 && desk.line.refused == 1);
    desk.line.waited++;
    ck_assert(!ch_line_balances(&desk.line, 9));
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, rules_of_the_line);
    tcase_add_test(all, counter_is_the_line);
    tcase_add_test(all, g14_erlang_c);
    tcase_add_test(all, g15_erlang_a);
    tcase_add_test(all, g16_print_drive);
    tcase_add_test(all, g17_post_office);
    tcase_add_test(all, cobham);
    tcase_add_test(all, g30_little);
}

int main(void) { return run_tests("queues", add_tests); }
