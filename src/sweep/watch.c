/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/watch.h"
#include "base/clock.h"
#include <chaland/assert.h>
#include <chaland/error.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 50, LOOK_TICKS = 10, GRACE_TICKS = 10 };
enum why { NOTHING, SIGNAL, TIME, FILE_THERE };

static struct {
    struct ch_watch watch;
    char stop_file[1024];
    pthread_t thread;
    bool threaded;
} now;
static atomic_int stop, why, over, said, kept;
static volatile sig_atomic_t caught, hard;

static void on_signal(int number)
{
    bool last = number == SIGINT || number == SIGTERM;
    caught = number;
    if (last && ++hard > 1) {
        if (atomic_load(&kept))
            _exit(CH_STOPPED);
        signal(number, SIG_DFL);
        raise(number);
    }
    atomic_store(&why, SIGNAL);
    atomic_store(&stop, 1);
}

double ch_watch_deadline(double seconds) { return seconds > 0 ? ch_clock_s() + seconds : 0; }

static void ask(enum why reason)
{
    atomic_store(&why, (int)reason);
    atomic_store(&stop, 1);
}

static void abandon(void)
{
    if (!ch_watch_last_word())
        return;
    if (now.watch.leave)
        now.watch.leave(now.watch.arg);
    fflush(stdout);
    _exit(CH_STOPPED);
}

static void *watch_over(void *unused)
{
    const struct timespec tick = {0, TICK_MS * 1000000};
    struct stat st;
    for (unsigned i = 0, grace = 0; !atomic_load(&over); i++) {
        if (now.watch.deadline_s > 0 && !atomic_load(&stop) && ch_clock_s() >= now.watch.deadline_s)
            ask(TIME);
        if (now.stop_file[0] && i % LOOK_TICKS == 0 && !atomic_load(&stop) && stat(now.stop_file, &st) == 0)
            ask(FILE_THERE);
        if (atomic_load(&stop) && now.watch.kept && !now.watch.patient && ++grace > GRACE_TICKS)
            abandon();
        nanosleep(&tick, NULL);
    }
    return unused;
}

static void listen_to(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, NULL);
}

/* Where runs are kept, whatever may end them is a wish to stop. */
static void listen_to_all(const struct ch_watch *watch)
{
    listen_to(SIGINT, on_signal);
    listen_to(SIGTERM, on_signal);
    if (!watch->kept)
        return;
    listen_to(SIGUSR1, on_signal);
    listen_to(SIGUSR2, on_signal);
    listen_to(SIGXCPU, on_signal);
    listen_to(SIGHUP, watch->batch ? SIG_IGN : on_signal);
}

void ch_watch_begin(const struct ch_watch *watch)
{
    CH_REQUIRE(!now.threaded);
    now.watch = *watch;
    snprintf(now.stop_file, sizeof now.stop_file, "%s", watch->stop_file ? watch->stop_file : "");
    atomic_store(&stop, 0);
    atomic_store(&why, NOTHING);
    atomic_store(&over, 0);
    atomic_store(&said, 0);
    atomic_store(&kept, watch->kept);
    caught = hard = 0;
    listen_to_all(watch);
    if (watch->kept || watch->deadline_s > 0 || now.stop_file[0])
        now.threaded = pthread_create(&now.thread, NULL, watch_over, NULL) == 0;
}

void ch_watch_end(void)
{
    atomic_store(&over, 1);
    if (now.threaded)
        pthread_join(now.thread, NULL);
    now.threaded = false;
    listen_to(SIGINT, SIG_DFL);
    listen_to(SIGTERM, SIG_DFL);
    if (now.watch.kept && !now.watch.batch)
        listen_to(SIGHUP, SIG_DFL);
}

atomic_int *ch_watch_flag(void) { return &stop; }
int ch_watch_lost(void) { return atomic_load(&kept) ? 0 : caught; }
bool ch_watch_asked(void) { return atomic_load(&why) != NOTHING; }
bool ch_watch_last_word(void) { return atomic_exchange(&said, 1) == 0; }

const char *ch_watch_reason(void)
{
    static _Thread_local char text[1200];
    switch ((enum why)atomic_load(&why)) {
    case SIGNAL:
        snprintf(text, sizeof text, "signal %d (%s)", (int)caught, strsignal(caught));
        break;
    case TIME:
        snprintf(text, sizeof text, "the time limit");
        break;
    case FILE_THERE:
        snprintf(text, sizeof text, "the file %s", now.stop_file);
        break;
    default:
        snprintf(text, sizeof text, "an error elsewhere");
    }
    return text;
}
