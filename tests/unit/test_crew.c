/* SPDX-License-Identifier: MIT
 * Threads that work through lists: each entry is done once, in its phase, whoever's range it lies in, and whoever is late.
 * Check must not fork here: the crew has threads. */
#define _POSIX_C_SOURCE 200809L
#include "../runner.h"
#include "engine/crew.h"

#include <check.h>
#include <sched.h>
#include <string.h>

enum { ENTRIES = 300, WORKERS = 8, PHASES = 200, TURNS = 100 };

enum shape { SHAPE_EVEN, SHAPE_ALL_FIRST, SHAPE_ALL_LAST, SHAPE_ONE_ENTRY, N_SHAPES };

static struct {
    struct ch_crew crew;
    enum shape shape;
    uint32_t n; /* entries of the phase in hand */
    unsigned phases;
    _Atomic uint32_t times[ENTRIES]; /* that the entry was done in this phase */
    _Atomic uint32_t stolen;
    uint32_t wrong; /* entries that were not done just once */
    uint32_t first[WORKERS + 1];
} job;

static uint64_t next_phase(void)
{
    if (job.phases == 0)
        return ch_crew_rest(&job.crew);
    job.phases--;
    job.n = job.shape == SHAPE_ONE_ENTRY ? 1 : 1 + job.phases * 7 % ENTRIES;
    unsigned workers = job.crew.n;
    for (unsigned w = 0; w <= workers; w++)
        job.first[w] = job.shape == SHAPE_ALL_FIRST || job.shape == SHAPE_ONE_ENTRY ? (w == 0 ? 0 : job.n)
                       : job.shape == SHAPE_ALL_LAST                                ? (w == workers ? job.n : 0)
                                                                                    : job.n * w / workers;
    return ch_crew_publish(&job.crew, job.n, job.first);
}

static void look_back(void)
{
    for (uint32_t i = 0; i < job.n; i++)
        job.wrong += atomic_exchange(&job.times[i], 0) != 1;
}

/* What a thread does in a phase, as in src/engine/steer.c: whoever ends it looks back and publishes the next. */
static void serve(void *arg, unsigned worker, uint32_t phase)
{
    (void)arg;
    for (;;) {
        uint32_t done = 0;
        for (int64_t entry; (entry = ch_crew_take(&job.crew, worker, phase)) >= 0; done++) {
            atomic_fetch_add(&job.times[entry], 1);
            atomic_fetch_add(&job.stolen, entry < job.first[worker] || entry >= job.first[worker + 1]);
            if (entry % 3 == 0)
                sched_yield();
        }
        if (done == 0 || !ch_crew_done(&job.crew, done))
            return;
        look_back();
        uint64_t word = next_phase();
        if (ch_crew_state_of(word) != CH_CREW_WORK)
            return;
        phase = ch_crew_phase_of(word);
    }
}

static void work_through(unsigned workers, enum shape shape)
{
    memset(&job, 0, sizeof job);
    job.shape = shape;
    job.phases = PHASES;
    ck_assert(ch_crew_init(&job.crew, workers, serve, NULL));
    uint64_t word = next_phase();
    while (ch_crew_state_of(word) == CH_CREW_WORK) {
        serve(NULL, 0, ch_crew_phase_of(word));
        word = ch_crew_wait(&job.crew, word);
    }
    ch_crew_fini(&job.crew);
}

START_TEST(each_entry_once)
{
    enum shape shape = (enum shape)_i;
    for (unsigned workers = 2; workers <= WORKERS; workers += workers < 4 ? 1 : 4) {
        bool stolen = false, lopsided = shape == SHAPE_ALL_FIRST || shape == SHAPE_ALL_LAST;
        for (int turn = 0; turn < TURNS && (turn == 0 || (lopsided && !stolen));
             turn++) { /* on a busy machine helpers wake late */
            work_through(workers, shape);
            ck_assert_msg(job.wrong == 0, "%u entries done twice or never by %u workers", job.wrong, workers);
            stolen = atomic_load(&job.stolen) > 0;
        }
        ck_assert(stolen || !lopsided); /* or the test says little */
    }
}
END_TEST

/* A crew of one starts no thread, and ends without ever working. */
START_TEST(alone_or_idle)
{
    struct ch_crew crew = {0};
    ck_assert(ch_crew_init(&crew, 1, serve, NULL));
    ck_assert_uint_eq(crew.helpers, 0);
    ch_crew_fini(&crew);
    struct ch_crew idle = {0};
    ck_assert(ch_crew_init(&idle, 4, serve, NULL));
    ch_crew_fini(&idle);
}
END_TEST

/* An entry can be taken in its own phase only: who comes late finds nothing. */
START_TEST(late_for_the_phase)
{
    struct ch_crew crew = {0};
    static const uint32_t first[] = {0, 2, 4};
    ck_assert(ch_crew_init(&crew, 2, serve, NULL));
    /* The helper would take entries: a phase of its own is what it waits for, so this one is asked for by hand, unpublished. */
    uint32_t phase = 77;
    for (unsigned w = 0; w < 2; w++)
        atomic_store(&crew.range[w].word, (uint64_t)first[w] << 48 | (uint64_t)first[w + 1] << 32 | phase);
    ck_assert_int_eq(ch_crew_take(&crew, 0, phase - 1), -1);
    ck_assert_int_eq(ch_crew_take(&crew, 0, phase + 1), -1);
    static const int64_t order[] = {0, 1, 3, 2, -1}; /* the own range from the front, the other one from the back */
    for (unsigned i = 0; i < sizeof order / sizeof order[0]; i++)
        ck_assert_int_eq(ch_crew_take(&crew, 0, phase), order[i]);
    ch_crew_fini(&crew);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, each_entry_once, 0, N_SHAPES);
    tcase_add_test(tc, alone_or_idle);
    tcase_add_test(tc, late_for_the_phase);
}

int main(void) { return run_tests_without_fork("crew", add_tests); }
