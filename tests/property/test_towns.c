/* SPDX-License-Identifier: MIT
 * Random small towns with all models: the parallel engine handles the very events of the oracle, in every place, in order,
 * word by word, and counts the same.
 *
 *   test_towns                        the cases 1 .. 50
 *   test_towns FIRST COUNT            others (make fuzz-engine)
 *   test_towns SEED key=value ...     one case with other settings: to make smaller what failed. `threads`, `tile`, `perturb`,
 *                                     `policy`, `replication` say how to run it; other keys are the scenario's.
 * A case that fails prints its seed, its scenario and the first event that differs. */
#include "../runner.h"
#include "event_log.h"
#include "random_town.h"

enum { CASES = 50, SETS_MAX = 64, TEXT = 2048 };

static uint64_t first_seed = 1;
static const char *set[SETS_MAX];
static unsigned n_sets;
static uint64_t all_events;
static uint64_t of_kind[CH_KINDS_MAX]; /* by rank */
static char name_of_kind[CH_KINDS_MAX][64];
static unsigned n_kinds;

/* Takes `key=value` if it tells how to run. */
static bool take_how(struct ch_run_options *how, const char *text)
{
    char *end;
    const char *value = strchr(text, '=');
    if (!value)
        return false;
    size_t n = (size_t)(value - text);
    uint64_t number = strtoull(value + 1, &end, 10);
#define IS(key) (n == sizeof key - 1 && strncmp(text, key, n) == 0 && *end == '\0')
    if (IS("threads"))
        how->workers = (unsigned)number;
    else if (IS("tile"))
        how->tile_places = (uint32_t)number;
    else if (IS("perturb"))
        how->perturb = number;
    else if (IS("policy"))
        how->policy = (unsigned)number;
    else if (IS("replication"))
        how->replication = (unsigned)number;
    else
        return false;
    return true;
#undef IS
}

static struct ch_outcome logged_run(const struct town *town, struct ch_run_options how, struct log *log)
{
    *log = log_create(ch_stage_city(town->stage)->n_places);
    how.see = log_see;
    how.arg = log;
    return town_run(town, how);
}

static void count_kinds(const struct town *town, const struct log *log)
{
    unsigned n;
    const struct ch_kind *kind = ch_stage_kinds(town->stage, &n);
    for (uint32_t place = 0; place < log->n_places; place++)
        for (size_t at = 0; at < log->page[place].n; at += log_words(log->page[place].word + at))
            of_kind[ch_event_kind(log_event(&log->page[place], at))]++;
    for (unsigned i = 0; i < n; i++)
        snprintf(name_of_kind[i], sizeof name_of_kind[i], "%s", kind[i].name);
    n_kinds = n;
    all_events += log_events(log);
}

static bool agree(const struct town *town, struct ch_run_options how, char *text, size_t size)
{
    struct log truth_log, our_log;
    struct ch_run_options one = how;
    one.scheduler = &ch_oracle;
    one.workers = 1;
    struct ch_outcome truth = logged_run(town, one, &truth_log), ours = logged_run(town, how, &our_log);
    unsigned n;
    bool same = log_same(&truth_log, &our_log, ch_stage_kinds(town->stage, &n), text, size);
    if (same && !town_same(&truth, &ours)) {
        same = false;
        snprintf(text, size, "the same events, but other counts or another fingerprint (%llx, oracle %llx)",
                 (unsigned long long)ours.fingerprint, (unsigned long long)truth.fingerprint);
    } else if (same && (ours.engine.events != log_events(&our_log) || ours.engine.sent != truth.engine.sent)) {
        same = false;
        snprintf(text, size, "%llu events handled of %llu, %llu sent of %llu", (unsigned long long)ours.engine.events,
                 (unsigned long long)log_events(&truth_log), (unsigned long long)ours.engine.sent,
                 (unsigned long long)truth.engine.sent);
    }
    count_kinds(town, &truth_log);
    log_destroy(&truth_log);
    log_destroy(&our_log);
    ch_outcome_fini(&truth);
    ch_outcome_fini(&ours);
    return same;
}

START_TEST(town_agrees)
{
    uint64_t seed = first_seed + (uint64_t)_i;
    struct random_town random;
    const char *scenario_set[SETS_MAX];
    unsigned n = 0;
    char text[TEXT];
    random_town(&random, seed);
    for (unsigned i = 0; i < n_sets; i++)
        if (!take_how(&random.how, set[i]))
            scenario_set[n++] = set[i];
    struct town town = town_open(random.yaml, scenario_set, n);
    bool same = agree(&town, random.how, text, sizeof text);
    town_close(&town);
    if (!same)
        printf("seed %llu: threads=%u tile=%u perturb=%llu policy=%u replication=%u\n%s", (unsigned long long)seed,
               random.how.workers, random.how.tile_places, (unsigned long long)random.how.perturb, random.how.policy,
               random.how.replication, random.yaml);
    ck_assert_msg(same, "seed %llu: %s", (unsigned long long)seed, text);
}
END_TEST

/* In these towns every kind of event happens, or equality would say little. */
START_TEST(towns_are_busy)
{
    ck_assert_uint_gt(all_events, 4000u * CASES);
    for (unsigned i = 0; i < n_kinds; i++)
        ck_assert_msg(of_kind[i] > 0, "no %s in %d towns", name_of_kind[i], CASES);
}
END_TEST

/* A control: a handler that depends on its worker is seen, and so is one more, one less, another order. */
START_TEST(log_sees_differences)
{
    struct ch_event ev[] = {{.when = 9 << 16, .place = 1, .payload = 1},
                            {.when = 9 << 16, .source = 1, .place = 1, .payload = 2}};
    struct log a = log_create(2), b = log_create(2), c = log_create(2);
    char text[TEXT];
    log_see(&a, &ev[0], 1, 0);
    log_see(&a, &ev[1], 1, 0);
    log_see(&b, &ev[0], 1, 0);
    ck_assert(!log_same(&a, &b, NULL, text, sizeof text) && strstr(text, "payload 2") && strstr(text, "nothing more"));
    ck_assert(!log_same(&b, &a, NULL, text, sizeof text));
    log_see(&b, &ev[1], 1, 0);
    ck_assert(log_same(&a, &b, NULL, text, sizeof text));
    log_see(&c, &ev[1], 1, 0);
    log_see(&c, &ev[0], 1, 0);
    ck_assert(!log_same(&a, &c, NULL, text, sizeof text));
    log_destroy(&a);
    log_destroy(&b);
    log_destroy(&c);
}
END_TEST

static int cases = CASES;
static bool usual = true; /* no seed was given */

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, town_agrees, 0, cases);
    if (usual) {
        tcase_add_test(tc, towns_are_busy);
        tcase_add_test(tc, log_sees_differences);
    }
}

int main(int argc, char **argv)
{
    usual = argc < 2;
    if (!usual) {
        first_seed = strtoull(argv[1], NULL, 10);
        cases = argc > 2 && !strchr(argv[2], '=') ? atoi(argv[2]) : 1;
        for (int i = 2; i < argc && n_sets < SETS_MAX; i++)
            if (strchr(argv[i], '='))
                set[n_sets++] = argv[i];
    }
    return run_tests_without_fork("towns", add_tests);
}
