/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/provenance.h"
#include "app/memory.h"
#include "base/clock.h"
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

/* A random UUID (version 4); zeros if the system gives no randomness. It identifies a file, nothing depends on it. */
static void make_uuid(char out[40])
{
    unsigned char b[16] = {0};
    FILE *in = fopen("/dev/urandom", "rb");
    if (in && fread(b, 1, sizeof b, in) != sizeof b)
        memset(b, 0, sizeof b);
    if (in)
        fclose(in);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(out, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5],
             b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void read_cpu_model(char *out, size_t size)
{
    char line[256];
    FILE *in = fopen("/proc/cpuinfo", "r");
    while (in && fgets(line, sizeof line, in)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        colon[strcspn(colon, "\n")] = 0;
        snprintf(out, size, "%s", colon + 2);
        break;
    }
    if (in)
        fclose(in);
}

void ch_provenance_start(struct ch_provenance_clock *clock)
{
    memset(clock, 0, sizeof *clock);
    clock->wall = ch_clock_s();
    clock->cpu = ch_clock_cpu_s();
    ch_clock_stamp(clock->created);
    make_uuid(clock->run_id);
    ch_clock_host(clock->hostname, sizeof clock->hostname);
    read_cpu_model(clock->cpu_model, sizeof clock->cpu_model);
}

void ch_provenance_fill(struct ch_provenance_clock *clock, const struct ch_args *args, unsigned threads,
                        struct ch_provenance *out)
{
    ch_clock_stamp(clock->finished);
    *out = (struct ch_provenance){.run_id = clock->run_id,
                                  .command_line = args->command_line,
                                  .hostname = clock->hostname,
                                  .cpu_model = clock->cpu_model,
                                  .created_at = clock->created,
                                  .finished_at = clock->finished,
                                  .scheduler_job_id = getenv("SLURM_JOB_ID"),
                                  .wall_s = ch_clock_s() - clock->wall,
                                  .cpu_s = ch_clock_cpu_s() - clock->cpu,
                                  .peak_rss_bytes = ch_memory_peak(),
                                  .threads = (int)threads,
                                  .status = "complete",
                                  .reproducible = args->reproducible};
}

void ch_provenance_end(struct ch_provenance_clock *clock) { memset(clock, 0, sizeof *clock); }
