/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "app/keep.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ch_code ch_keep_open(const char *output, bool quiet, struct ch_keep *kept, struct ch_error *error)
{
    *kept = (struct ch_keep){.name = strdup(output), .quiet = quiet};
    if (!kept->name)
        return ch_fail(error, CH_TOO_BIG, "out of memory");
    return ch_records_open(kept->name, CH_RECORDS_RUNS, &kept->records, error);
}

void ch_keep_close(struct ch_keep *kept)
{
    ch_records_close(kept->records);
    free(kept->name);
    *kept = (struct ch_keep){.name = NULL};
}

void ch_keep_remove(struct ch_keep *kept)
{
    if (kept->records)
        ch_records_remove(kept->records);
}

bool ch_keep_find(struct ch_keep *kept, const struct ch_run_key *key, struct ch_outcome *outcome)
{
    struct ch_bytes buffer = {0};
    struct ch_record record;
    struct ch_whereabouts where;
    unsigned status = CH_RUN_FAILED;
    bool found = ch_records_find(kept->records, key, &status) && status == CH_RUN_DONE &&
                 ch_records_read(kept->records, key, &buffer, &record, NULL) == CH_OK &&
                 ch_outcome_unpack(record.result, record.n_result, record.occasion, record.n_occasion, NULL, outcome, &where);
    ch_bytes_fini(&buffer);
    atomic_fetch_add(&kept->found, found);
    return found;
}

void ch_keep_add(struct ch_keep *kept, const struct ch_run_key *key, const struct ch_city *city, const struct ch_outcome *outcome)
{
    struct ch_bytes bytes = {0};
    struct ch_error error = {.code = CH_OK};
    struct ch_record record = {.key = *key, .status = CH_RUN_DONE};
    if (atomic_load(&kept->broken))
        return;
    ch_outcome_pack_result(outcome, ch_whereabouts(city), &bytes);
    record.n_result = bytes.n;
    ch_outcome_pack_occasion(outcome, &bytes);
    record.n_occasion = bytes.n - record.n_result;
    record.result = bytes.at;
    record.occasion = bytes.at + record.n_result;
    if (bytes.failed || ch_records_add(kept->records, &record, &error) != CH_OK) {
        if (atomic_exchange(&kept->broken, 1) == 0 && !kept->quiet)
            fprintf(stderr, "chaland: warning: %s; the runs go on, and are lost if they are stopped\n",
                    bytes.failed ? "out of memory for keeping a run" : error.text);
    } else {
        atomic_fetch_add(&kept->added, 1);
    }
    ch_bytes_fini(&bytes);
}
