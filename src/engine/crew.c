/* SPDX-License-Identifier: MIT
 * Waiting is where parallel simulators lose on shared machines: spinning alone wastes the core that somebody else needs,
 * sleeping alone costs a system call per window. So threads spin for some ten microseconds, as long as a
 * window's imbalance lasts, and sleep then. */
#define _POSIX_C_SOURCE 200809L
#include "engine/crew.h"

#include <stdlib.h>
#include <unistd.h>

enum { SPINS = 4000, SPINS_CROWDED = 50 }; /* pauses; few when there are more threads than processors */

struct ch_helper {
    struct ch_crew *crew;
    unsigned worker;
};

static inline void pause_briefly(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__ volatile("yield");
#endif
}

static inline uint64_t pack(uint32_t front, uint32_t back, uint32_t phase)
{
    return (uint64_t)front << 48 | (uint64_t)back << 32 | phase;
}

static void *help(void *arg)
{
    struct ch_helper *me = arg;
    struct ch_crew *crew = me->crew;
    uint64_t word = CH_CREW_REST; /* phase 0, as the crew begins */
    for (;;) {
        word = ch_crew_wait(crew, word);
        if (ch_crew_state_of(word) == CH_CREW_QUIT)
            return NULL;
        if (ch_crew_state_of(word) == CH_CREW_WORK)
            crew->work(crew->arg, me->worker, ch_crew_phase_of(word));
    }
}

static void start_helpers(struct ch_crew *crew)
{
    for (unsigned i = 1; i < crew->n; i++) {
        crew->helper[i] = (struct ch_helper){.crew = crew, .worker = i};
        if (pthread_create(&crew->thread[crew->helpers], NULL, help, &crew->helper[i]) != 0)
            return; /* fewer threads give the same result */
        crew->helpers++;
    }
}

bool ch_crew_init(struct ch_crew *crew, unsigned n, void (*work)(void *arg, unsigned worker, uint32_t phase), void *arg)
{
    crew->n = n;
    crew->work = work;
    crew->arg = arg;
    atomic_init(&crew->word, CH_CREW_REST);
    atomic_init(&crew->sleepers, 0);
    atomic_init(&crew->remaining, 0);
    if (n == 1)
        return true;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    crew->spins = processors >= (long)n ? SPINS : SPINS_CROWDED;
    crew->thread = calloc(n, sizeof *crew->thread);
    crew->helper = calloc(n, sizeof *crew->helper);
    crew->range = aligned_alloc(_Alignof(struct ch_range), n * sizeof *crew->range);
    if (!crew->thread || !crew->helper || !crew->range)
        return false;
    for (unsigned i = 0; i < n; i++)
        atomic_init(&crew->range[i].word, 0);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->wake, NULL);
    start_helpers(crew);
    return true;
}

static uint64_t say(struct ch_crew *crew, uint64_t word)
{
    atomic_store(&crew->word, word); /* before the look at `sleepers`, as a sleeper does it the other way round */
    if (atomic_load(&crew->sleepers) > 0) {
        pthread_mutex_lock(&crew->lock);
        pthread_cond_broadcast(&crew->wake);
        pthread_mutex_unlock(&crew->lock);
    }
    return word;
}

static uint64_t next_word(struct ch_crew *crew, enum ch_crew_state state)
{
    uint32_t phase = ch_crew_phase_of(atomic_load_explicit(&crew->word, memory_order_relaxed)) + 1;
    return (uint64_t)phase << 32 | (uint64_t)state;
}

void ch_crew_fini(struct ch_crew *crew)
{
    if (crew->helpers > 0) {
        say(crew, next_word(crew, CH_CREW_QUIT));
        for (unsigned i = 0; i < crew->helpers; i++)
            pthread_join(crew->thread[i], NULL);
    }
    if (crew->thread && crew->helper && crew->range) {
        pthread_mutex_destroy(&crew->lock);
        pthread_cond_destroy(&crew->wake);
    }
    free(crew->thread);
    free(crew->helper);
    free(crew->range);
}

uint64_t ch_crew_publish(struct ch_crew *crew, uint32_t n, const uint32_t *first)
{
    uint64_t word = next_word(crew, CH_CREW_WORK);
    atomic_store_explicit(&crew->remaining, n, memory_order_relaxed);
    for (unsigned i = 0; i < crew->n; i++)
        atomic_store_explicit(&crew->range[i].word, pack(first[i], first[i + 1], ch_crew_phase_of(word)), memory_order_release);
    return say(crew, word);
}

uint64_t ch_crew_rest(struct ch_crew *crew) { return say(crew, next_word(crew, CH_CREW_REST)); }

/* From the front (own range) or the back (somebody else's). */
static int64_t take_from(struct ch_range *range, uint32_t phase, bool own)
{
    uint64_t word = atomic_load_explicit(&range->word, memory_order_relaxed);
    for (;;) {
        uint32_t front = (uint32_t)(word >> 48), back = (uint32_t)(word >> 32) & 0xffff;
        if ((uint32_t)word != phase || front >= back)
            return -1;
        uint64_t rest = own ? pack(front + 1, back, phase) : pack(front, back - 1, phase);
        if (atomic_compare_exchange_weak_explicit(&range->word, &word, rest, memory_order_acquire, memory_order_relaxed))
            return own ? front : back - 1;
    }
}

int64_t ch_crew_take(struct ch_crew *crew, unsigned worker, uint32_t phase)
{
    int64_t entry = take_from(&crew->range[worker], phase, true);
    for (unsigned i = 1; entry < 0 && i < crew->n; i++)
        entry = take_from(&crew->range[(worker + i) % crew->n], phase, false);
    return entry;
}

bool ch_crew_done(struct ch_crew *crew, uint32_t n)
{
    return atomic_fetch_sub_explicit(&crew->remaining, n, memory_order_acq_rel) == n;
}

uint64_t ch_crew_wait(struct ch_crew *crew, uint64_t seen)
{
    for (unsigned i = 0; i < crew->spins; i++) {
        uint64_t word = atomic_load_explicit(&crew->word, memory_order_acquire);
        if (word != seen)
            return word;
        pause_briefly();
    }
    pthread_mutex_lock(&crew->lock);
    atomic_fetch_add(&crew->sleepers, 1);
    uint64_t word = atomic_load(&crew->word);
    while (word == seen) {
        pthread_cond_wait(&crew->wake, &crew->lock);
        word = atomic_load(&crew->word);
    }
    atomic_fetch_sub(&crew->sleepers, 1);
    pthread_mutex_unlock(&crew->lock);
    return word;
}
