/* SPDX-License-Identifier: MIT
 * `chaland watch`: looks at NAME.status.json until the run ends. On a terminal a dashboard that is drawn in place, on the other
 * screen so that what stood there comes back; else a line whenever something changed. */
#define _XOPEN_SOURCE 700
#include "app/cli.h"
#include "app/json.h"
#include "app/live.h"
#include "app/progress.h"
#include "app/status.h"
#include "base/terminal.h"
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- which file -------------------------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

/* The status in a folder that was written last; NULL if there is none. To be freed. */
static char *latest_in(const char *folder)
{
    struct ch_text best = {0};
    struct stat st;
    time_t when = 0;
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        struct ch_text path = {0};
        ch_text_addf(&path, "%s/%s", folder, entry->d_name);
        if (ends_with(entry->d_name, ".status.json") && path.s && stat(path.s, &st) == 0 && (!best.s || st.st_mtime > when)) {
            ch_text_fini(&best);
            best = path;
            when = st.st_mtime;
            continue;
        }
        ch_text_fini(&path);
    }
    if (dir)
        closedir(dir);
    return best.s;
}

/* The operand is a status, the results that it stands beside, or a folder. */
static enum ch_code find_status(const char *operand, char **path, struct ch_error *error)
{
    struct stat st;
    bool folder = stat(operand, &st) == 0 && S_ISDIR(st.st_mode);
    *path = folder ? latest_in(operand) : ends_with(operand, ".json") ? strdup(operand) : ch_status_path(operand);
    if (!*path)
        return folder ? ch_fail(error, CH_INVALID,
                                "%s: no run tells its status in this folder; `chaland run` writes NAME.status.json", operand)
                      : ch_fail(error, CH_TOO_BIG, "out of memory");
    if (stat(*path, &st) == 0)
        return CH_OK;
    return ch_fail(error, CH_INVALID, "%s: no such file; `chaland run` writes it beside its results while it goes on", *path);
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

struct watch {
    const struct ch_args *args;
    const char *path;
    bool screen; /* drawn in place */
    double runs_done, percent;
    char phase[32], updated[64];
    enum ch_live_state state;
    time_t told;
};

static volatile sig_atomic_t ended_by;

static void on_signal(int number) { ended_by = number; }
static void on_resize(int number) { (void)number; /* wakes the wait, which draws again */ }

static void listen_to_signals(void)
{
    struct sigaction end = {.sa_handler = on_signal}, resize = {.sa_handler = on_resize};
    sigemptyset(&end.sa_mask);
    sigemptyset(&resize.sa_mask);
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGHUP, &end, NULL);
    sigaction(SIGWINCH, &resize, NULL);
}

static void wait_a_little(void)
{
    const struct timespec half = {0, 500000000};
    nanosleep(&half, NULL); /* a signal ends it */
}

static void put_json(const struct watch *watch, const struct ch_live *w)
{
    fputs("{\"schema_version\": 1, \"file\": ", stdout);
    ch_json_put_string(stdout, watch->path);
    printf(", \"state\": \"%s\", \"age_s\": %.0f, \"status\": %s}\n", ch_live_state_name(w->state), w->age_s, w->json);
    fflush(stdout);
}

/* The whole, as it stands; not cut to the height of anything. */
static void put_all(const struct ch_live *w)
{
    struct ch_text text = {0};
    int columns;
    ch_terminal_size(stdout, &columns, NULL);
    ch_live_draw(w, columns, 0, stdout, &text);
    fputs(text.s ? text.s : "", stdout);
    ch_text_fini(&text);
}

static void put_screen(const struct ch_live *w)
{
    struct ch_text text = {0};
    int columns, rows;
    ch_terminal_size(stdout, &columns, &rows);
    ch_live_draw(w, columns, rows - 2, stdout, &text);
    fputs("\033[H", stdout);
    for (const char *at = text.s ? text.s : ""; *at; at += *at == '\n') {
        size_t n = strcspn(at, "\n");
        fwrite(at, 1, n, stdout);
        fputs("\033[K\r\n", stdout);
        at += n;
    }
    printf("\033[K\r\n%sCtrl-C ends the watching, not the run%s\033[J", ch_ink(stdout, CH_INK_DIM), ch_ink(stdout, CH_INK_PLAIN));
    fflush(stdout);
    ch_text_fini(&text);
}

/* One line when a run is done, the phase changes, or five percent more are. */
static void put_line(struct watch *watch, const struct ch_live *w)
{
    char clock[16], left[32];
    time_t now = time(NULL);
    struct tm local;
    double percent = 100 * ch_live_share(w);
    bool changed = w->runs_done > watch->runs_done || strcmp(w->phase, watch->phase) != 0 || percent >= watch->percent + 5 ||
                   w->state != watch->state;
    if (watch->told && !changed)
        return;
    localtime_r(&now, &local);
    strftime(clock, sizeof clock, "%H:%M:%S", &local);
    printf("%s  %3.0f %%  %.0f of %.0f %s  %.1f M events/s", clock, percent, w->runs_done, w->runs,
           strcmp(w->phase, "assumptions") == 0 ? "trials" : "runs", w->events_per_s / 1e6);
    if (w->state == CH_LIVE_silent)
        printf("  nothing heard for %.0f s", w->age_s);
    else if (w->eta_s >= 0)
        printf("  %s left", ch_progress_time(w->eta_s, left, sizeof left));
    else
        printf("  %s", w->phase);
    putchar('\n');
    fflush(stdout);
    watch->told = now;
    watch->runs_done = w->runs_done;
    watch->percent = percent;
    watch->state = w->state;
    snprintf(watch->phase, sizeof watch->phase, "%s", w->phase);
}

static void tell(struct watch *watch, const struct ch_live *w)
{
    if (watch->args->quiet && !watch->args->json)
        return;
    if (watch->args->json) {
        char mark[sizeof watch->updated];
        snprintf(mark, sizeof mark, "%d %.3f %.0f", (int)w->state, w->elapsed_s, w->runs_done);
        if (strcmp(mark, watch->updated) != 0)
            put_json(watch, w);
        memcpy(watch->updated, mark, sizeof mark);
    } else if (watch->screen)
        put_screen(w);
    else
        put_line(watch, w);
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

/* What a run that ended means for who watched it: its own exit code; 75 when it may be run again. */
static enum ch_code mirror(const struct ch_live *w)
{
    switch (w->state) {
    case CH_LIVE_running:
    case CH_LIVE_done:
        return CH_OK;
    case CH_LIVE_failed:
        return w->exit_code > 0 && w->exit_code < 128 ? (enum ch_code)w->exit_code : CH_INTERNAL;
    default:
        return CH_STOPPED;
    }
}

static void complain(const struct watch *watch, const struct ch_live *w)
{
    struct ch_page page;
    FILE *out = ch_page_open(&page, stderr);
    fprintf(out, "chaland: %s: ", watch->path);
    if (w->state == CH_LIVE_failed)
        fprintf(out, "the run failed with exit code %d: %s\n", w->exit_code, w->message);
    else if (w->state == CH_LIVE_stopped)
        fprintf(out, "the run was stopped: %s\n", w->message);
    else if (w->state == CH_LIVE_died)
        fprintf(out, "process %ld is gone without a word, %.0f s after its last: it was killed or crashed; run it again\n",
                w->pid, w->age_s);
    else
        fprintf(out, "nothing was heard of process %ld on %s for %.0f s\n", w->pid, w->host, w->age_s);
    ch_page_close(&page);
}

static void conclude(const struct watch *watch, const struct ch_live *w)
{
    const char *slash = strrchr(watch->path, '/');
    int folder = slash ? (int)(slash - watch->path) + 1 : 0;
    if (!watch->args->json && !watch->args->quiet) {
        put_all(w);
        if (w->state == CH_LIVE_done)
            printf("\nresult  %.*s%s\nnext    chaland compare %.*s%s\n", folder, watch->path, w->output, folder, watch->path,
                   w->output);
    }
    if (mirror(w) != CH_OK)
        complain(watch, w);
}

/* ---- watching ---------------------------------------------------------------------------------------------------- */

/* On this machine a silent process that lives may go on; from another one nothing more is expected after ten minutes. */
static bool is_over(const struct ch_live *w)
{
    enum { GIVE_UP_S = 600 };
    return w->state != CH_LIVE_running && (w->state != CH_LIVE_silent || w->age_s > GIVE_UP_S);
}

/* A file that is replaced is never half there, but a network may show it so: a few looks before that is an error. */
static enum ch_code look(const struct watch *watch, struct ch_live *w, struct ch_error *error)
{
    enum { LOOKS = 6 };
    enum ch_code code = CH_OK;
    for (int i = 0; i < LOOKS && !ended_by; i++) {
        code = ch_live_read(watch->path, w, error);
        if (code == CH_OK)
            return CH_OK;
        ch_live_fini(w);
        if (i + 1 < LOOKS)
            wait_a_little();
    }
    return code;
}

static enum ch_code keep_looking(struct watch *watch, struct ch_live *w, struct ch_error *error)
{
    enum ch_code code;
    while ((code = look(watch, w, error)) == CH_OK && !ended_by && !ferror(stdout)) {
        tell(watch, w);
        if (is_over(w))
            break;
        wait_a_little();
        ch_live_fini(w);
    }
    return code;
}

static void enter_screen(bool enter)
{
    fputs(enter ? "\033[?1049h\033[?25l\033[2J" : "\033[?25h\033[?1049l", stdout);
    fflush(stdout);
}

static enum ch_code watch_it(struct watch *watch, struct ch_error *error)
{
    struct ch_live w = {.exit_code = -1};
    enum ch_code code = ch_live_read(watch->path, &w, error); /* what is wrong at once is said at once */
    if (code == CH_OK && !watch->args->once && !is_over(&w)) {
        ch_live_fini(&w);
        listen_to_signals();
        if (watch->screen)
            enter_screen(true);
        code = keep_looking(watch, &w, error);
        if (watch->screen)
            enter_screen(false);
    } else if (code == CH_OK && watch->args->json)
        put_json(watch, &w);
    if (code == CH_OK && !ended_by && w.json) {
        conclude(watch, &w);
        code = mirror(&w);
    }
    ch_live_fini(&w);
    return code;
}

enum ch_code ch_cmd_watch(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct watch watch = {.args = args, .screen = !args->json && !args->quiet && !args->once && ch_terminal_moves(stdout)};
    char *path = NULL;
    enum ch_code code = find_status(args->operand, &path, &error);
    watch.path = path;
    if (code == CH_OK)
        code = watch_it(&watch, &error);
    if (ended_by)
        code = (enum ch_code)(128 + ended_by); /* of the watching */
    else if (code != CH_OK && error.text[0])
        ch_cli_fail(args, &error);
    if (ended_by && !args->quiet && !args->json)
        fprintf(stderr, "the run goes on; chaland watch %s looks at it again\n", path);
    free(path);
    return code;
}
