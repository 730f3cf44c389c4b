/* SPDX-License-Identifier: MIT
 * The rules of the contract one by one, on a model of bare timers that places events exactly: horizons, depth, rows,
 * fingerprint, and what is refused. Check must not fork here: the scheduler has threads. */
#define _POSIX_C_SOURCE 200809L
#include "../runner.h"
#include "engine/engine.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct timers {
    struct ch_lane lane[2];
    uint64_t handled;
    uint64_t last_source;
    uint32_t out_of_order;
    ch_time repeat; /* sends itself again so much later; 0: not */
    unsigned depth_limit;
};

static struct ch_lane *timer_lane(void *user, unsigned worker) { return &((struct timers *)user)->lane[worker]; }

static struct timers timers; /* the test's single world */

static void on_timer(struct ch_lane *lane, const struct ch_event *ev)
{
    timers.handled++;
    timers.out_of_order += ev->source < timers.last_source;
    timers.last_source = ev->source;
    if (timers.repeat)
        ch_lane_send(lane, 0, ev->place, 0, timers.repeat, 0, NULL);
    if (ev->payload && ch_event_depth(ev) < timers.depth_limit)
        ch_lane_send(lane, 1, ev->place, 0, 0, ev->payload, NULL);
}

static const struct ch_kind timer_kinds[] = {{.name = "test.timer", .id = 1, .scope = CH_LOCAL},
                                             {.name = "test.chain", .id = 2, .scope = CH_INSTANT},
                                             {.name = "test.visit", .id = 3, .scope = CH_REMOTE, .least = 20},
                                             {.name = "test.load", .id = 4, .scope = CH_LOCAL, .slots = 2}};

static struct ch_engine_spec timer_spec(ch_time end)
{
    timers = (struct timers){0};
    return (struct ch_engine_spec){.n_places = 4,
                                   .lookahead = 10,
                                   .end = end,
                                   .kind = timer_kinds,
                                   .n_kinds = 4,
                                   .n_rows = 1,
                                   .row_period = 10,
                                   .workers = 1,
                                   .lane = timer_lane,
                                   .handle = on_timer,
                                   .user = &timers};
}

static void *create(const struct ch_engine_spec *spec)
{
    void *self;
    struct ch_error error = {0};
    ck_assert_msg(ch_parallel.create(spec, &self, &error) == CH_OK, "%s", error.text);
    return self;
}

static void run_until(void *self, ch_time until)
{
    struct ch_error error = {0};
    ck_assert_msg(ch_parallel.run_until(self, until, &error) == CH_OK, "%s", error.text);
}

static void count(void *arg, const struct ch_event *ev)
{
    (void)ev;
    ++*(unsigned *)arg;
}

/* Events at the horizon and after it stay pending; windows end exactly where they should. */
START_TEST(test_horizon)
{
    struct ch_engine_spec spec = timer_spec(25);
    void *self = create(&spec);
    for (ch_time t = 1; t <= 60; t++)
        ch_lane_send(ch_parallel.setup_lane(self, 0), 0, 0, 0, t, 0, NULL);
    ch_lane_send(ch_parallel.setup_lane(self, 1), 0, 1, 0, (ch_time)1 << 47, 0, NULL);
    static const ch_time until[] = {0, 10, 20, 20, 25, 30, 1000};
    static const unsigned handled[] = {0, 9, 19, 19, 24, 24, 24};
    for (unsigned i = 0; i < sizeof until / sizeof *until; i++) {
        run_until(self, until[i]);
        unsigned pending = 0;
        ch_parallel.each_pending(self, count, &pending);
        ck_assert_uint_eq(timers.handled, handled[i]);
        ck_assert_uint_eq(pending, 61 - handled[i]);
    }
    ck_assert_uint_eq(ch_parallel.stats(self)->windows, 3);
    ch_parallel.destroy(self);
}
END_TEST

/* What is sent within the last, shorter window for after the end is not handled. */
START_TEST(test_last_window)
{
    struct ch_engine_spec spec = timer_spec(25);
    void *self = create(&spec);
    timers.repeat = 2;
    ch_lane_send(ch_parallel.setup_lane(self, 0), 0, 0, 0, 18, 0, NULL);
    run_until(self, 25);
    ck_assert_uint_eq(timers.handled, 4); /* 18, 20, 22, 24 */
    unsigned pending = 0;
    ch_parallel.each_pending(self, count, &pending);
    ck_assert_uint_eq(pending, 1);
    ch_parallel.destroy(self);
}
END_TEST

/* Events of one window that were sent from near, far and very far, so that they come through all levels of the wheel. */
static struct {
    ch_time last, target;
    unsigned handled, out_of_order;
} meeting;

static void on_meeting(struct ch_lane *lane, const struct ch_event *ev)
{
    if (ev->payload > 0)
        ch_lane_send(lane, 0, ev->place, 0, meeting.target + (ch_time)ev->payload - lane->now, 0, NULL);
    meeting.handled++;
    meeting.out_of_order += lane->now < meeting.last;
    meeting.last = lane->now;
}

START_TEST(test_levels_meet)
{
    static const ch_time windows[] = {1, 63, 64, 65, 127, 128, 4095, 4096, 4096 + 64, 8192, 262144, 262144 + 4096};
    for (unsigned i = 0; i < sizeof windows / sizeof *windows; i++) {
        ch_time target = windows[i] * 10;
        struct ch_engine_spec spec = timer_spec(target + 5);
        spec.handle = on_meeting;
        void *self = create(&spec);
        memset(&meeting, 0, sizeof meeting);
        meeting.target = target;
        unsigned sent = 0;
        for (ch_time ahead = target - 1; ahead > 0; ahead = ahead * 3 / 4, sent++)
            ch_lane_send(ch_parallel.setup_lane(self, 0), 0, 0, 0, target - ahead, 4 - sent % 4, NULL);
        for (ch_time t = 0; t < 10; t++)
            ch_lane_send(ch_parallel.setup_lane(self, 0), 0, 0, 0, target + t, 0, NULL);
        run_until(self, target + 5);
        ck_assert_uint_eq(meeting.out_of_order, 0);
        ck_assert_uint_eq(meeting.handled, 2 * sent + 5); /* messengers, what they sent, and 0 .. 4 of ten */
        ch_parallel.destroy(self);
    }
}
END_TEST

/* The definition of the fingerprint, by hand: two events in place 2, none elsewhere. */
START_TEST(test_fingerprint)
{
    struct ch_engine_spec spec = timer_spec(100);
    void *self = create(&spec);
    ck_assert_uint_eq(ch_parallel.fingerprint(self), 0);
    ch_lane_send(ch_parallel.setup_lane(self, 2), 0, 2, 8, 50, 0, NULL);
    ch_lane_send(ch_parallel.setup_lane(self, 3), 2, 2, 9, 40, 7, NULL);
    run_until(self, 100);
    struct ch_event first = {.when = (uint64_t)40 << 16 | 2, .source = (uint64_t)3 << 32, .place = 2, .dest = 9, .payload = 7};
    struct ch_event second = {.when = (uint64_t)50 << 16, .source = (uint64_t)2 << 32, .place = 2, .dest = 8};
    uint64_t chain = ch_stir(ch_stir(0, ch_event_hash(&first, 3, 0)), ch_event_hash(&second, 1, 0));
    ck_assert_uint_eq(ch_parallel.fingerprint(self), ch_mix(chain ^ ch_mix(2)));
    ch_parallel.destroy(self);
}
END_TEST

/* Many at one instant in one place: sorted by source, at once and as timers within the window. */
START_TEST(test_crowd)
{
    enum { N = 50000 };
    struct ch_engine_spec spec = timer_spec(1000);
    void *self = create(&spec);
    for (unsigned i = 0; i < N; i++)
        ch_lane_send(ch_parallel.setup_lane(self, 2), 0, 2, 0, 500 + (i % 3 == 0), 0, NULL);
    run_until(self, 500);
    ck_assert_uint_eq(timers.handled, 0);
    timers.repeat = 3;
    run_until(self, 510);
    ck_assert_uint_eq(timers.handled, 3 * N + (N - (N + 2) / 3)); /* at 500, 501, 503, 504, 506, 507, 509 */
    ck_assert_uint_eq(timers.out_of_order, 1);                    /* from 500 to 501: later in time, sent earlier */
    ch_parallel.destroy(self);
}
END_TEST

START_TEST(test_depth)
{
    struct ch_engine_spec spec = timer_spec(100);
    void *self = create(&spec);
    timers.depth_limit = CH_DEPTH_MAX;
    ch_lane_send(ch_parallel.setup_lane(self, 0), 0, 0, 0, 5, 1, NULL);
    run_until(self, 100);
    ck_assert_uint_eq(timers.handled, 1 + CH_DEPTH_MAX);
    ch_parallel.destroy(self);
}
END_TEST

/* A row changed at t in window 0 is seen from the stamp plus one lookahead on; before, its start. */
static int64_t read_at[200];

static void on_row(struct ch_lane *lane, const struct ch_event *ev)
{
    if (ev->place == 0)
        ch_lane_publish(lane, 0, lane->now);
    else
        read_at[lane->now] = ch_lane_published(lane, 0);
}

START_TEST(test_rows)
{
    static const int64_t start[] = {-5};
    struct ch_engine_spec spec = timer_spec(200);
    spec.handle = on_row;
    spec.row_start = start;
    spec.row_period = 30;
    void *self = create(&spec);
    static const ch_time changes[] = {7, 29, 30, 95, 130, 140};
    for (unsigned i = 0; i < 6; i++)
        ch_lane_send(ch_parallel.setup_lane(self, 0), 0, 0, 0, changes[i], 0, NULL);
    for (ch_time t = 1; t < 200; t++)
        ch_lane_send(ch_parallel.setup_lane(self, 1), 0, 1, 0, t, 0, NULL);
    run_until(self, 200);
    for (ch_time t = 1; t < 200; t++) {
        int64_t expected = t < 40 ? -5 : t < 70 ? 29 : t < 130 ? 30 : t < 160 ? 95 : 140;
        ck_assert_msg(read_at[t] == expected, "read %lld at %lld", (long long)read_at[t], (long long)t);
    }
    ch_parallel.destroy(self);
}
END_TEST

/* ---- what is refused --------------------------------------------------------------------------------------------- */

START_TEST(test_check)
{
    struct ch_error error = {0};
    struct ch_kind kinds[2] = {{.name = "a", .id = 1}, {.name = "b", .id = 2}};
    struct ch_engine_spec good = timer_spec(100), bad;
    good.kind = kinds;
    good.n_kinds = 2;
    ck_assert_int_eq(ch_engine_check(&good, &error), CH_OK);
#define REFUSED(change, words)                                              \
    do {                                                                    \
        bad = good;                                                         \
        change;                                                             \
        error.text[0] = '\0';                                               \
        ck_assert_int_eq(ch_engine_check(&bad, &error), CH_INVALID);        \
        ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text); \
    } while (0)
    REFUSED(bad.n_places = 0, "0 places");
    REFUSED(bad.lookahead = 0, "lookahead");
    REFUSED(bad.end = CH_TIME_MAX + 1, "8.9 years");
    REFUSED(bad.end = 0, "ends at 0");
    REFUSED(bad.row_period = 25, "multiple of the lookahead");
    REFUSED(bad.workers = 0, "0 workers");
    REFUSED(bad.n_kinds = 0, "0 kinds");
    REFUSED(bad.n_kinds = CH_KINDS_MAX + 1, "513 kinds");
    REFUSED(kinds[1].id = 1, "share the id");
    kinds[1].id = 2;
    REFUSED(kinds[1].slots = 8, "8 slots");
    kinds[1].slots = 0;
    REFUSED(kinds[1].least = -1, "least delay");
    kinds[1].least = 0;
    REFUSED(kinds[1].name = NULL, "no name");
#undef REFUSED
    void *self;
    bad = good;
    bad.end = 0;
    kinds[1].name = "b";
    ck_assert_int_eq(ch_parallel.create(&bad, &self, &error), CH_INVALID);
    ck_assert_ptr_null(self);
    ch_parallel.destroy(NULL);
}
END_TEST

/* kind, place, delay, are slots given, words of the message */
static const struct wrong {
    unsigned kind;
    uint32_t place;
    ch_time delay;
    bool slots;
    const char *words;
} wrongs[] = {
    {0, 0, 0, false, "least delay: kind test.timer"},
    {0, 0, -3, false, "kind test.timer"},
    {0, 1, 5, false, "stay in their place: kind test.timer"},
    {1, 1, 5, false, "stay in their place: kind test.chain"},
    {1, 0, -1, false, "kind test.chain"},
    {2, 0, 19, false, "least delay: kind test.visit"}, /* also within one place */
    {2, 4, 20, false, "place exists: kind test.visit"},
    {0, 0, CH_TIME_MAX, false, "CH_TIME_MAX: kind test.timer"},
    {0, 0, INT64_MAX, false, "CH_TIME_MAX: kind test.timer"},
    {3, 0, 5, false, "slots are given: kind test.load"},
    {4, 0, 5, false, "kind rank"},
};

/* Runs `what` in a child with its stderr in `text`; returns how it ended. */
static int in_child(void (*what)(int i), int i, char *text, size_t size)
{
    int ends[2], status;
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        what(i);
        _exit(0);
    }
    close(ends[1]);
    size_t n = 0;
    for (ssize_t got; n + 1 < size && (got = read(ends[0], text + n, size - n - 1)) > 0;)
        n += (size_t)got;
    text[n] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return status;
}

static void send_wrong(int i)
{
    struct ch_engine_spec spec = timer_spec(1000);
    struct ch_slot slots[2] = {{{0}}, {{0}}};
    void *self = create(&spec);
    const struct wrong *w = &wrongs[i];
    ch_lane_send(ch_parallel.setup_lane(self, 0), w->kind, w->place, 0, w->delay, 0, w->slots ? slots : NULL);
}

static void go_too_deep(int i)
{
    struct ch_engine_spec spec = timer_spec(1000);
    void *self = create(&spec);
    timers.depth_limit = CH_DEPTH_MAX + 1 + (unsigned)i;
    ch_lane_send(ch_parallel.setup_lane(self, 0), 0, 0, 0, 5, 1, NULL);
    run_until(self, 1000);
}

START_TEST(test_wrong_sends)
{
    char text[1024];
    int status = in_child(send_wrong, _i, text, sizeof text);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s", text);
    ck_assert_msg(strstr(text, wrongs[_i].words) != NULL, "%s", text);
}
END_TEST

START_TEST(test_too_deep)
{
    char text[1024];
    int status = in_child(go_too_deep, 0, text, sizeof text);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ck_assert_msg(strstr(text, "CH_DEPTH_MAX deep: kind test.chain") != NULL, "%s", text);
}
END_TEST

static void add_tests(TCase *rules)
{
    tcase_add_test(rules, test_horizon);
    tcase_add_test(rules, test_last_window);
    tcase_add_test(rules, test_levels_meet);
    tcase_add_test(rules, test_fingerprint);
    tcase_add_test(rules, test_crowd);
    tcase_add_test(rules, test_depth);
    tcase_add_test(rules, test_rows);
    tcase_add_test(rules, test_check);
    tcase_add_loop_test(rules, test_wrong_sends, 0, (int)(sizeof wrongs / sizeof *wrongs));
    tcase_add_test(rules, test_too_deep);
}

int main(void) { return run_tests_without_fork("engine rules", add_tests); }
