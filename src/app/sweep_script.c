/* SPDX-License-Identifier: MIT
 * `chaland sweep script`: a job script on standard output, with time and memory as foretold unless they are given. */
#include "app/sweep.h"
#include "app/sweep_room.h"
#include "sweep/script.h"
#include <stdio.h>

/* "HH:MM:SS" in seconds; false when it is no such time. */
static bool read_time(const char *text, unsigned *seconds)
{
    unsigned h, m, s;
    char more;
    if (sscanf(text, "%u:%u:%u%c", &h, &m, &s, &more) != 3 || m > 59 || s > 59 || h > 9999)
        return false;
    *seconds = h * 3600 + m * 60 + s;
    return true;
}

/* Twice what the runs will take, and ten minutes; whole ten minutes. */
static void propose_time(double seconds, char *out, size_t size)
{
    double tens = seconds / 300 + 2;
    unsigned minutes = tens < 60000 ? 10 * (unsigned)tens : 600000;
    snprintf(out, size, "%02u:%02u:00", minutes / 60, minutes % 60);
}

static enum ch_code print_script(const struct ch_args *args, const struct ch_plan *plan, struct ch_error *error)
{
    struct ch_work work;
    struct ch_sweep_need need;
    struct ch_text text = {0};
    char time_text[32], mem[32];
    enum ch_code code = ch_sweep_set_up(args, plan, &work, error);
    if (!code)
        code = ch_sweep_foretell(&work, &need, error);
    if (code)
        return code;
    int64_t jobs = args->jobs > 0 ? args->jobs : plan->n_chunks < 32 ? plan->n_chunks : 32;
    int64_t most = args->max_array > 0 ? args->max_array : 1000;
    struct ch_script script = {.program = args->program, .folder = plan->folder, .name = plan->scenario->name};
    script.jobs = (unsigned)(jobs < most ? jobs : most);
    script.threads = args->threads > 0 ? (unsigned)args->threads : 1;
    propose_time(need.run_s * (double)need.runs / script.jobs / script.threads, time_text, sizeof time_text);
    snprintf(mem, sizeof mem, "%.0fM",
             50 * (double)(1 + (uint64_t)((double)need.memory / work.threads * script.threads * 1.3 / 5e7)));
    script.time = args->time ? args->time : time_text;
    script.mem = args->mem ? args->mem : mem;
    unsigned seconds = 0;
    if (!read_time(script.time, &seconds) || seconds < 60)
        return ch_fail(error, CH_INVALID, "--time: '%s' is not understood; write HH:MM:SS, such as 02:00:00", script.time);
    script.max_time_s = seconds > 300 ? seconds - 120 : seconds / 2;
    code = ch_script_print(args->scheduler_for, &script, &text, error);
    if (!code)
        fputs(text.s, stdout);
    ch_text_fini(&text);
    return code;
}

enum ch_code ch_cmd_sweep_script(const struct ch_args *args)
{
    struct ch_error error = {.code = CH_OK};
    struct ch_plan plan = {0};
    enum ch_code code = CH_OK;
    if (!args->scheduler_for)
        code = ch_fail(&error, CH_INVALID, "for which scheduler? Write for example --for slurm");
    if (!code)
        code = ch_sweep_open(args, args->operand, &plan, &error);
    if (!code)
        code = print_script(args, &plan, &error);
    return ch_sweep_finish(args, &plan, code, &error);
}
