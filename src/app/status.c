/* SPDX-License-Identifier: MIT
 * The thread that writes NAME.status.json. It asks for no memory of its own after the start (buffers are reserved before), waits
 * between two writings, and takes one lock with the runs: to copy the key figures of a run that ended. */
#define _XOPEN_SOURCE 700
#include "app/status.h"
#include "app/memory.h"
#include "app/status_kpi.h"
#include "base/build_info.h"
#include "base/clock.h"
#include "table/table.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD_S = 1, RESERVED = 64 << 10, STACK = 256 << 10 };

struct ch_run_status {
    char *path, *fresh; /* where it is, and where the next one is written */
    char host[128], started[32];
    double begun;
    struct ch_text head, figures, text; /* what never changes; KPIs as they were last; the whole */
    unsigned threads;
    /* Under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ended, has_thread, new_figures;
    enum ch_status_phase phase;
    const struct ch_progress *progress;
    struct ch_pace pace; /* the last look: it stays when the phase has nothing to count */
    struct ch_so_far *so_far;
    pthread_t thread;
};

char *ch_status_path(const char *results)
{
    static const char ending[] = ".status.json";
    size_t n = strlen(results);
    if (n > 3 && strcmp(results + n - 3, ".h5") == 0)
        n -= 3;
    char *path = malloc(n + sizeof ending);
    if (path) {
        memcpy(path, results, n);
        memcpy(path + n, ending, sizeof ending);
    }
    return path;
}

/* ---- the text ---------------------------------------------------------------------------------------------------- */

static const char *const phase_name[] = {
#define X(name, doc) #name,
    CH_STATUS_PHASES(X)
#undef X
};

static const char begin_of_all[] = "{\"schema_version\": 1, \"program\": \"chaland\", ";

static void add_key(struct ch_text *out, const char *key, const char *value)
{
    ch_text_addf(out, "\"%s\": ", key);
    ch_json_string(out, value);
    ch_text_add(out, ", ");
}

/* What is the same in every writing. The results' name stands without its folder: both files lie side by side. */
static void write_head(struct ch_run_status *s, const struct ch_campaign *c, const char *results)
{
    const struct ch_build_info *info = ch_build_info();
    const char *slash = strrchr(results, '/');
    ch_text_add(&s->head, begin_of_all);
    add_key(&s->head, "version", info->version);
    add_key(&s->head, "git_commit", info->git_commit);
    add_key(&s->head, "scenario", c->scenario->name);
    add_key(&s->head, "output", slash ? slash + 1 : results);
    add_key(&s->head, "host", s->host);
    ch_text_addf(&s->head, "\"pid\": %ld, \"threads\": %u, ", (long)getpid(), c->threads);
    add_key(&s->head, "baseline", c->scenario->policy[c->scenario->baseline]->name);
    ch_text_addf(&s->head, "\"confidence\": %.7g, ", CH_BLOCK(c->scenario, run)->confidence);
    add_key(&s->head, "started_at", s->started);
}

static void write_pace(struct ch_run_status *s)
{
    const struct ch_pace *p = &s->pace;
    ch_text_addf(&s->text,
                 "\"elapsed_s\": %.3f, \"runs\": %u, \"runs_done\": %u, \"simulated_days\": %llu, \"simulated_days_done\": %llu, "
                 "\"events\": %llu, \"events_per_s\": %.0f, \"eta_s\": ",
                 ch_clock_s() - s->begun, p->runs, p->runs_done, (unsigned long long)p->steps, (unsigned long long)p->steps_done,
                 (unsigned long long)p->events, p->events_per_s);
    if (isfinite(p->left_s) && s->progress)
        ch_text_addf(&s->text, "%.1f, ", p->left_s);
    else
        ch_text_add(&s->text, "null, ");
    ch_text_addf(&s->text, "\"rss_bytes\": %llu, \"peak_rss_bytes\": %llu, ", (unsigned long long)ch_memory_resident(),
                 (unsigned long long)ch_memory_peak());
}

/* Under the lock. exit_code < 0: it goes on. */
static void compose(struct ch_run_status *s, int exit_code, const char *message)
{
    char updated[32];
    ch_clock_stamp(updated);
    if (s->progress)
        s->pace = ch_progress_look(s->progress);
    if (s->new_figures) {
        s->figures.n = 0;
        ch_so_far_print(s->so_far, &s->figures);
        s->new_figures = false;
    }
    bool stopped = exit_code == CH_STOPPED || exit_code >= 128;
    s->text.n = 0;
    ch_text_addn(&s->text, s->head.s, s->head.n);
    add_key(&s->text, "updated_at", updated);
    add_key(&s->text, "state", exit_code < 0 ? "running" : exit_code == 0 ? "done" : stopped ? "stopped" : "failed");
    add_key(&s->text, "phase", phase_name[s->phase]);
    if (exit_code < 0)
        ch_text_add(&s->text, "\"exit_code\": null, ");
    else
        ch_text_addf(&s->text, "\"exit_code\": %d, ", exit_code);
    if (message && message[0])
        add_key(&s->text, "message", message);
    else
        ch_text_add(&s->text, "\"message\": null, ");
    write_pace(s);
    ch_text_addn(&s->text, s->figures.s, s->figures.n);
    ch_text_add(&s->text, "}\n");
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static bool write_all(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        text += done;
        n -= (size_t)done;
    }
    return true;
}

/* Whole or not at all. What cannot be written now may be next time. */
static bool store(const struct ch_run_status *s)
{
    if (s->head.failed || s->figures.failed || s->text.failed)
        return false;
    int fd = open(s->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    bool good = write_all(fd, s->text.s, s->text.n);
    good &= close(fd) == 0;
    good = good && rename(s->fresh, s->path) == 0;
    if (!good)
        unlink(s->fresh);
    return good;
}

/* Nothing there yet, or a status: what else has this name is not ours to replace. */
static bool may_replace(const char *path)
{
    char begin[sizeof begin_of_all] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT;
    ssize_t got = read(fd, begin, sizeof begin - 1);
    close(fd);
    return got == (ssize_t)sizeof begin - 1 && memcmp(begin, begin_of_all, (size_t)got) == 0;
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

static void *keep_writing(void *arg)
{
    struct ch_run_status *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->ended) {
        struct timespec next;
        clock_gettime(CLOCK_MONOTONIC, &next);
        next.tv_sec += PERIOD_S;
        while (!s->ended && pthread_cond_timedwait(&s->wake, &s->lock, &next) == 0)
            ;
        if (s->ended)
            break;
        compose(s, -1, NULL);
        pthread_mutex_unlock(&s->lock); /* only this thread changes the text until it is joined */
        store(s);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* Signals are for the others. A small stack: address space may be limited. */
static void start_thread(struct ch_run_status *s)
{
    sigset_t all, before;
    pthread_attr_t small;
    sigfillset(&all);
    if (pthread_attr_init(&small) != 0)
        return;
    pthread_attr_setstacksize(&small, STACK);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->has_thread = pthread_create(&s->thread, &small, keep_writing, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&small);
}

static void reserve(struct ch_text *text, size_t n)
{
    char *room = malloc(n);
    if (room)
        *text = (struct ch_text){.s = room, .cap = n};
    else
        text->failed = true;
    if (room)
        room[0] = 0;
}

static void make_locks(struct ch_run_status *s)
{
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &steady);
    pthread_condattr_destroy(&steady);
    pthread_mutex_init(&s->lock, NULL);
}

static void destroy(struct ch_run_status *s)
{
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    ch_so_far_destroy(s->so_far);
    ch_text_fini(&s->head);
    ch_text_fini(&s->figures);
    ch_text_fini(&s->text);
    free(s->path);
    free(s->fresh);
    free(s);
}

struct ch_run_status *ch_status_begin(const struct ch_campaign *c, const char *results)
{
    struct ch_run_status *s = calloc(1, sizeof *s);
    struct ch_text fresh = {0};
    if (!s)
        return NULL;
    make_locks(s);
    s->path = ch_status_path(results);
    if (s->path)
        ch_text_addf(&fresh, "%s.%ld.new", s->path, (long)getpid());
    s->fresh = fresh.s;
    s->so_far = ch_so_far_create(c);
    if (!s->path || !s->fresh || !s->so_far || !may_replace(s->path)) {
        destroy(s);
        return NULL;
    }
    ch_clock_host(s->host, sizeof s->host);
    ch_clock_stamp(s->started);
    s->begun = ch_clock_s();
    s->pace.left_s = (double)NAN;
    reserve(&s->text, RESERVED);
    reserve(&s->figures, RESERVED);
    write_head(s, c, results);
    s->new_figures = true;
    compose(s, -1, NULL);
    if (store(s)) /* else it would fail every second */
        start_thread(s);
    return s;
}

void ch_status_enter(struct ch_run_status *s, enum ch_status_phase phase, const struct ch_progress *progress)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    if (s->progress && !progress)
        s->pace = ch_progress_look(s->progress);
    s->phase = phase;
    s->progress = progress;
    pthread_mutex_unlock(&s->lock);
}

void ch_status_run_done(struct ch_run_status *s, unsigned point, unsigned policy, unsigned replication,
                        const struct ch_outcome *outcome)
{
    if (!s || !outcome->measures.scalar)
        return;
    pthread_mutex_lock(&s->lock);
    ch_so_far_add(s->so_far, point, policy, replication, outcome->measures.scalar);
    s->new_figures = true;
    pthread_mutex_unlock(&s->lock);
}

void ch_status_say_end(struct ch_run_status *s, int exit_code, const char *message)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    if (s->has_thread)
        pthread_join(s->thread, NULL);
    s->has_thread = false;
    pthread_mutex_lock(&s->lock);
    compose(s, exit_code, message);
    if (may_replace(s->path) && !store(s)) { /* better none than one that says "running"; a full disk may then take it */
        unlink(s->path);
        store(s);
    }
    pthread_mutex_unlock(&s->lock);
}

void ch_status_end(struct ch_run_status *s, int exit_code, const char *message)
{
    if (!s)
        return;
    ch_status_say_end(s, exit_code, message);
    destroy(s);
}
