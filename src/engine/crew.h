/* SPDX-License-Identifier: MIT
 * Threads that work through lists together.
 *
 * Somebody publishes a phase: a list of n entries, cut into one range per worker. A worker takes from the front of its own
 * range and steals from the back of others', by one compare-and-swap. The phase ends when the last entry is done, not
 * when each thread has arrived: whoever finishes it publishes the next. A thread that sleeps through phases does no harm:
 * a range carries the number of its phase, and shared data may be read only while an entry is held. */
#ifndef CH_CREW_H
#define CH_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum ch_crew_state { CH_CREW_WORK, CH_CREW_REST, CH_CREW_QUIT };

struct ch_range {
    _Alignas(128) _Atomic uint64_t word; /* front (16) | back (16) | phase (32) */
};

struct ch_crew {
    unsigned n;       /* workers, the caller's thread included */
    unsigned helpers; /* threads that could be started */
    unsigned spins;   /* before a waiting thread sleeps */
    pthread_t *thread;
    struct ch_range *range;
    void (*work)(void *arg, unsigned worker, uint32_t phase);
    void *arg;
    struct ch_helper *helper;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    _Alignas(128) _Atomic uint64_t word; /* phase (32) | enum ch_crew_state (8) */
    _Atomic uint32_t sleepers;
    _Alignas(128) _Atomic uint32_t remaining;
};

/* Starts n - 1 threads, or as many as the system gives. With n = 1 nothing is started and nothing costs.
 * `work` is called by each thread for each phase that it sees. False when out of memory. */
bool ch_crew_init(struct ch_crew *crew, unsigned n, void (*work)(void *arg, unsigned worker, uint32_t phase), void *arg);
void ch_crew_fini(struct ch_crew *crew);

/* Publishes a phase of n entries; first[w] .. first[w + 1] - 1 is the range of worker w. Returns the word. */
uint64_t ch_crew_publish(struct ch_crew *crew, uint32_t n, const uint32_t *first);
/* Ends the phases: everybody waits for the next. */
uint64_t ch_crew_rest(struct ch_crew *crew);

/* Takes an entry of this phase, or -1 when there is none left. */
int64_t ch_crew_take(struct ch_crew *crew, unsigned worker, uint32_t phase);
/* Reports n entries done. True for whoever finished the phase. */
bool ch_crew_done(struct ch_crew *crew, uint32_t n);

/* Waits until the word differs from `seen`; spins briefly, then sleeps. */
uint64_t ch_crew_wait(struct ch_crew *crew, uint64_t seen);

static inline enum ch_crew_state ch_crew_state_of(uint64_t word) { return (enum ch_crew_state)(word & 0xff); }
static inline uint32_t ch_crew_phase_of(uint64_t word) { return (uint32_t)(word >> 32); }

#endif
