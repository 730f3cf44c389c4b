/* SPDX-License-Identifier: MIT */
#include "sweep/shard.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

enum { SHARDS_MAX = 1000000 };

static bool number(const char *text, size_t n, unsigned *value)
{
    int64_t x;
    bool good = text && ch_parse_int64(text, n, &x) && x >= 0 && x <= SHARDS_MAX;
    if (good)
        *value = (unsigned)x;
    return good;
}

/* Array indices; those of SGE and LSF count from 1. HyperQueue's are what its user asked for: --array 0-9. */
static const struct {
    const char *name;
    unsigned first;
} array_index[] = {{"SLURM_ARRAY_TASK_ID", 0}, {"HQ_TASK_ID", 0},   {"PBS_ARRAY_INDEX", 0}, {"PBS_ARRAYID", 0},
                   {"SGE_TASK_ID", 1},         {"LSB_JOBINDEX", 1}, {"FLUX_JOB_CC", 0}};

static const char *const ranks[][2] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                       {"PMI_RANK", "PMI_SIZE"},
                                       {"PMIX_RANK", "PMIX_SIZE"},
                                       {"SLURM_PROCID", "SLURM_NTASKS"},
                                       {"FLUX_TASK_RANK", "FLUX_JOB_SIZE"}};

static enum ch_code from_array(struct ch_shard *shard, struct ch_error *error)
{
    for (size_t k = 0; k < sizeof array_index / sizeof array_index[0]; k++) {
        const char *text = getenv(array_index[k].name);
        if (!text || !number(text, strlen(text), &shard->i) || shard->i < array_index[k].first)
            continue; /* SGE says "undefined" outside of an array */
        shard->i -= array_index[k].first;
        shard->from = array_index[k].name;
        return CH_OK;
    }
    return ch_fail(error, CH_INVALID,
                   "--shard auto/%u: no array index is in the environment (SLURM_ARRAY_TASK_ID, HQ_TASK_ID, PBS_ARRAY_INDEX, "
                   "SGE_TASK_ID, LSB_JOBINDEX); outside of an array job write --shard 0/%u",
                   shard->n, shard->n);
}

static enum ch_code from_ranks(struct ch_shard *shard, struct ch_error *error)
{
    for (size_t k = 0; k < sizeof ranks / sizeof ranks[0]; k++) {
        const char *i = getenv(ranks[k][0]), *n = getenv(ranks[k][1]);
        if (!i || !n || !number(i, strlen(i), &shard->i) || !number(n, strlen(n), &shard->n))
            continue;
        shard->from = ranks[k][0];
        return CH_OK;
    }
    return ch_fail(error, CH_INVALID,
                   "--shard ranks: no launcher told rank and size (OMPI_COMM_WORLD_RANK, PMI_RANK, SLURM_PROCID); start it by "
                   "mpirun or srun, or write --shard 0/1");
}

enum ch_code ch_shard_read(const char *text, struct ch_shard *shard, struct ch_error *error)
{
    *shard = (struct ch_shard){0, 1, "nothing"};
    if (!text)
        return CH_OK;
    size_t slash = strcspn(text, "/");
    shard->from = "--shard";
    enum ch_code code = CH_OK;
    if (strcmp(text, "ranks") == 0)
        code = from_ranks(shard, error);
    else if (!text[slash] || !number(text + slash + 1, strlen(text + slash + 1), &shard->n) || shard->n == 0 ||
             (strncmp(text, "auto/", 5) != 0 && !number(text, slash, &shard->i)))
        return ch_fail(error, CH_INVALID,
                       "--shard: '%s' is none; write --shard 3/10 (the fourth of ten), auto/10 in an array job, or ranks", text);
    else if (strncmp(text, "auto/", 5) == 0)
        code = from_array(shard, error);
    if (!code && shard->i >= shard->n)
        code = ch_fail(error, CH_INVALID, "--shard: there is no shard %u of %u (from %s): they count from 0 to %u", shard->i,
                       shard->n, shard->from, shard->n - 1);
    return code;
}
