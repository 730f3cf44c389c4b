/* SPDX-License-Identifier: MIT
 * A run that does not fit is refused before it starts: the system would end it, or a neighbour, after hours, without a word. */
#define _GNU_SOURCE
#include "app/memory.h"
#include "base/text.h"
#include <chaland/settings.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- what there is ----------------------------------------------------------------------------------------------- */

static void lower(struct ch_room *room, uint64_t bytes, const char *limit)
{
    if (bytes < room->bytes)
        *room = (struct ch_room){bytes, limit};
}

/* First number of a small system file; false if it has none ("max"). */
static bool read_number(const char *folder, const char *name, uint64_t *number)
{
    char path[512];
    unsigned long long n;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "r");
    bool good = in && fscanf(in, "%llu", &n) == 1;
    if (in)
        fclose(in);
    if (good)
        *number = n;
    return good;
}

/* The number behind a word at the begin of a line; 0 if there is none. */
static uint64_t number_after(const char *path, const char *word)
{
    char line[256];
    uint64_t number = 0;
    FILE *in = fopen(path, "r");
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, word, strlen(word)) == 0)
            number = strtoull(line + strlen(word), NULL, 10);
    if (in)
        fclose(in);
    return number;
}

/* What a control group leaves: its limit less its use, file pages that can be dropped not counted. */
static void look_at_group(const char *folder, const char *limit_name, const char *use_name, struct ch_room *room)
{
    uint64_t limit, use;
    char stat[512];
    if (!read_number(folder, limit_name, &limit) || !read_number(folder, use_name, &use))
        return;
    snprintf(stat, sizeof stat, "%s/memory.stat", folder);
    uint64_t files = number_after(stat, "inactive_file ");
    use -= files < use ? files : use;
    lower(room, limit > use ? limit - use : 0, "the memory limit of the control group");
}

/* The groups of version 2 from our own up to the root; in a container the root is the container's. */
static void look_at_groups(struct ch_room *room)
{
    static const char root[] = "/sys/fs/cgroup";
    char line[256], path[512] = "";
    FILE *in = fopen("/proc/self/cgroup", "r");
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, "0::/", 4) == 0)
            snprintf(path, sizeof path, "%s%.*s", root, (int)strcspn(line + 3, "\n"), line + 3);
    if (in)
        fclose(in);
    look_at_group("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", room);
    look_at_group(root, "memory.max", "memory.current", room);
    while (strlen(path) > sizeof root) {
        look_at_group(path, "memory.max", "memory.current", room);
        *strrchr(path, '/') = 0;
    }
}

/* Pages of our own by /proc/self/statm: 0 addresses, 1 resident. Without a stream: a thread that never asks for memory gets none
 * set aside. */
static uint64_t own_bytes(unsigned field)
{
    unsigned long long n[2] = {0, 0};
    char line[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, line, sizeof line - 1) : 0;
    line[got > 0 ? got : 0] = 0;
    if (sscanf(line, "%llu %llu", &n[0], &n[1]) != 2)
        n[0] = n[1] = 0;
    if (fd >= 0)
        close(fd);
    return n[field] * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t ch_memory_resident(void) { return own_bytes(1); }

uint64_t ch_memory_peak(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

struct ch_room ch_memory_room(void)
{
    struct ch_room room = {UINT64_MAX, "nothing"};
    struct rlimit addresses;
    int64_t megabytes;
    uint64_t free_kb = number_after("/proc/meminfo", "MemAvailable:");
    if (free_kb)
        lower(&room, free_kb * 1024, "free memory");
    look_at_groups(&room);
    uint64_t own = own_bytes(0), resident = own_bytes(1);
    if (getrlimit(RLIMIT_AS, &addresses) == 0 && addresses.rlim_cur != RLIM_INFINITY)
        lower(&room, addresses.rlim_cur > own ? addresses.rlim_cur - own : 0, "the limit of ulimit -v");
    const char *slurm = getenv("SLURM_MEM_PER_NODE"); /* MB */
    if (slurm && ch_parse_int64(slurm, strlen(slurm), &megabytes) && megabytes > 0) {
        uint64_t job = (uint64_t)megabytes << 20;
        lower(&room, job > resident ? job - resident : 0, "SLURM_MEM_PER_NODE");
    }
    return room;
}

/* ---- what is needed ---------------------------------------------------------------------------------------------- */

/* The program's own pages that are touched later, and the library of the result file with the image of a small file. */
enum { CODE = 2 << 20, WRITER = 26 << 20 };

uint64_t ch_memory_foretell(const struct ch_campaign *c)
{
    const struct ch_run_params *run = CH_BLOCK(c->scenario, run);
    uint64_t per_point = (uint64_t)c->scenario->n_policies * (uint64_t)run->replications, runs = c->n_points * per_point;
    unsigned workers = ch_campaign_workers(c, runs);
    uint64_t at_once = workers > 1 || c->sets ? 1
                       : c->threads < runs    ? c->threads
                                              : runs,
             one = 0, copy = 0, counts = 0, maps = 0;
    for (unsigned i = 0; i < c->n_points; i++) {
        struct ch_need need = ch_stage_need(c->stage[i], workers, c->scheduler);
        uint64_t lives = need.state + need.maps, more = need.maps > need.state ? need.maps - need.state : 0;
        one = lives > one ? lives : one;
        copy = more > copy ? more : copy;
        counts += per_point * need.counts;
        if (c->scenario->maps)
            maps += need.maps * (c->scenario->maps_full ? per_point : c->scenario->n_policies);
    }
    /* A run that ends copies its maps when its state is gone; seldom do more than a third end at once. Of the last runs no maps
     * are kept yet. */
    uint64_t living = at_once * one + (at_once + 2) / 3 * copy, done = runs - at_once;
    uint64_t panels = c->scenario->maps_full ? runs : (uint64_t)c->n_points * c->scenario->n_policies;
    uint64_t kept = maps / panels * (done < panels ? done : panels);
    uint64_t running = kept + living, writing = maps + maps / 24 + WRITER;
    return CODE + counts + (running > writing ? running : writing);
}

enum ch_code ch_memory_check(uint64_t bytes, const char *what, struct ch_error *error)
{
    struct ch_room room = ch_memory_room();
    if (bytes <= room.bytes)
        return CH_OK;
    return ch_fail(
        error, CH_TOO_BIG,
        "%s need %.2f GB more memory, and %.2f GB are left by %s; lower population.sample, --threads or replications, or "
        "allow more",
        what, (double)bytes / 1e9, (double)room.bytes / 1e9, room.limit);
}
