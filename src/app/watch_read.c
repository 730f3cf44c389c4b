/* SPDX-License-Identifier: MIT
 * A status file as values: JSON is YAML, so the reader of scenarios reads it. */
#define _XOPEN_SOURCE 700
#include "app/live.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SILENT_S = 60 };

static const char *const state_name[] = {
#define X(name, doc) #name,
    CH_LIVE_STATES(X)
#undef X
};

const char *ch_live_state_name(enum ch_live_state state) { return state_name[state]; }

static const char *text_at(const struct ch_yaml *map, const char *key)
{
    const struct ch_yaml *value = ch_tree_find(map, key);
    return value && value->kind == CH_YAML_SCALAR && !ch_yaml_is_null(value) ? value->text : "";
}

static double number_at(const struct ch_yaml *map, const char *key)
{
    const char *text = text_at(map, key);
    double value;
    return ch_parse_double(text, strlen(text), &value) ? value : (double)NAN;
}

static int whole_at(const struct ch_yaml *map, const char *key, int otherwise)
{
    double value = number_at(map, key);
    return value >= 0 && value < 1e9 ? (int)value : otherwise;
}

static void take(const struct ch_yaml *map, struct ch_live *w)
{
    w->scenario = text_at(map, "scenario");
    w->output = text_at(map, "output");
    w->host = text_at(map, "host");
    w->phase = text_at(map, "phase");
    w->message = text_at(map, "message");
    w->baseline = text_at(map, "baseline");
    w->started = text_at(map, "started_at");
    w->pid = whole_at(map, "pid", 0);
    w->exit_code = whole_at(map, "exit_code", -1);
    w->elapsed_s = number_at(map, "elapsed_s");
    w->eta_s = number_at(map, "eta_s");
    w->events = number_at(map, "events");
    w->events_per_s = number_at(map, "events_per_s");
    w->rss = number_at(map, "rss_bytes");
    w->peak = number_at(map, "peak_rss_bytes");
    w->runs = number_at(map, "runs");
    w->runs_done = number_at(map, "runs_done");
    w->days = number_at(map, "simulated_days");
    w->days_done = number_at(map, "simulated_days_done");
    w->confidence = number_at(map, "confidence");
    w->figures = ch_tree_find(map, "figures");
    w->points = ch_tree_find(map, "points");
    for (int i = 0; i < CH_N_LIVE_STATES; i++)
        if (strcmp(state_name[i], text_at(map, "state")) == 0)
            w->state = (enum ch_live_state)i;
}

/* Is it gone, as far as this machine can tell? A process that nobody waits for is gone, too. */
static bool is_gone(long pid)
{
    char path[48], line[512];
    if (pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno == ESRCH))
        return true;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, line, sizeof line - 1) : 0;
    if (fd >= 0)
        close(fd);
    line[got > 0 ? got : 0] = 0;
    const char *name_end = strrchr(line, ')');
    return name_end && name_end[1] == ' ' && (name_end[2] == 'Z' || name_end[2] == 'X');
}

static bool is_here(const char *host)
{
    char own[128] = "";
    return gethostname(own, sizeof own - 1) == 0 && strcmp(own, host) == 0;
}

static enum ch_code read_once(const char *path, struct ch_live *w, struct ch_error *error)
{
    enum { MOST = 1 << 20 };
    struct stat st;
    size_t n = 0;
    struct ch_diag *diag = ch_diag_create();
    *w = (struct ch_live){.arena = ch_arena_create(), .exit_code = -1};
    enum ch_code code = diag && w->arena ? CH_OK : ch_fail(error, CH_TOO_BIG, "out of memory");
    if (code == CH_OK)
        code = ch_read_file(path, MOST, &w->json, &n, error);
    const struct ch_yaml *map = code == CH_OK ? ch_tree_parse(w->arena, diag, w->json, n, path) : NULL;
    if (code == CH_OK && (strcmp(text_at(map, "program"), "chaland") != 0 || !ch_tree_find(map, "state")))
        code = ch_fail(error, CH_INVALID, "%s: is no status of a run; `chaland run` writes one beside its results", path);
    if (code == CH_OK && whole_at(map, "schema_version", 0) != 1)
        code = ch_fail(error, CH_INVALID, "%s: is of another version of this program, which can tell more", path);
    if (code == CH_OK)
        take(map, w);
    for (char *c = w->json; c && *c; c++)
        *c = *c == '\n' ? ' ' : *c;
    w->age_s = stat(path, &st) == 0 ? difftime(time(NULL), st.st_mtime) : 0;
    ch_diag_destroy(diag);
    return code;
}

enum ch_code ch_live_read(const char *path, struct ch_live *w, struct ch_error *error)
{
    enum ch_code code = read_once(path, w, error);
    if (code != CH_OK || w->state != CH_LIVE_running)
        return code;
    bool gone = is_here(w->host) && is_gone(w->pid);
    if (gone) { /* it may have ended well since it was read */
        ch_live_fini(w);
        code = read_once(path, w, error);
    }
    if (code == CH_OK && w->state == CH_LIVE_running)
        w->state = gone ? CH_LIVE_died : w->age_s > SILENT_S ? CH_LIVE_silent : CH_LIVE_running;
    return code;
}

void ch_live_fini(struct ch_live *w)
{
    free(w->json);
    ch_arena_destroy(w->arena);
    *w = (struct ch_live){.exit_code = -1};
}

double ch_live_share(const struct ch_live *w)
{
    double share = w->days > 0 ? w->days_done / w->days : 0;
    return share >= 0 && share <= 1 ? share : 0;
}
