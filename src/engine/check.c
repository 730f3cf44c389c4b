/* SPDX-License-Identifier: MIT
 * Is this spec one that a scheduler can run? Asked once, at creation, so that the hot paths need not ask again. */
#include "engine/engine.h"

#include <chaland/assert.h>

enum { WORKERS_MAX = 1024 };

static enum ch_code check_kind(const struct ch_engine_spec *spec, unsigned rank, struct ch_error *error)
{
    const struct ch_kind *kind = &spec->kind[rank];
    if (!kind->name)
        return ch_fail(error, CH_INVALID, "engine: the kind of rank %u has no name", rank);
    if (kind->scope != CH_LOCAL && kind->scope != CH_INSTANT && kind->scope != CH_REMOTE)
        return ch_fail(error, CH_INVALID, "engine: kind %s has scope %d; allowed are local, instant and remote", kind->name,
                       (int)kind->scope);
    if (kind->least < 0 || kind->least > CH_TIME_MAX)
        return ch_fail(error, CH_INVALID, "engine: kind %s has a least delay of %lld us; allowed is 0 .. %lld", kind->name,
                       (long long)kind->least, (long long)CH_TIME_MAX);
    if (kind->slots > CH_SLOTS_MAX)
        return ch_fail(error, CH_INVALID, "engine: kind %s has %u slots; at most %d are allowed", kind->name, kind->slots,
                       CH_SLOTS_MAX);
    for (unsigned i = 0; i < rank; i++)
        if (spec->kind[i].id == kind->id)
            return ch_fail(error, CH_INVALID, "engine: kinds %s and %s share the id %u; ids must differ", spec->kind[i].name,
                           kind->name, kind->id);
    return CH_OK;
}

static enum ch_code check_times(const struct ch_engine_spec *spec, struct ch_error *error)
{
    if (spec->lookahead < 1 || spec->lookahead > CH_TIME_MAX)
        return ch_fail(error, CH_INVALID, "engine: lookahead is %lld us; it must be at least 1", (long long)spec->lookahead);
    if (spec->end < 1 || spec->end > CH_TIME_MAX)
        return ch_fail(error, CH_INVALID, "engine: the run ends at %lld us; allowed is 1 .. %lld (8.9 years): shorten the run",
                       (long long)spec->end, (long long)CH_TIME_MAX);
    if (spec->n_rows > 0 && (spec->row_period < spec->lookahead || spec->row_period % spec->lookahead != 0))
        return ch_fail(error, CH_INVALID,
                       "engine: rows are published every %lld us; it must be a multiple of the lookahead, %lld us",
                       (long long)spec->row_period, (long long)spec->lookahead);
    return CH_OK;
}

enum ch_code ch_engine_check(const struct ch_engine_spec *spec, struct ch_error *error)
{
    CH_REQUIRE(spec && spec->lane && spec->handle);
    if (spec->n_places < 1 || spec->n_places >= CH_NONE)
        return ch_fail(error, CH_INVALID, "engine: %u places; allowed is 1 .. %u", spec->n_places, CH_NONE - 1);
    if (spec->n_kinds < 1 || spec->n_kinds > CH_KINDS_MAX)
        return ch_fail(error, CH_INVALID, "engine: %u kinds of events; allowed is 1 .. %d", spec->n_kinds, CH_KINDS_MAX);
    if (spec->workers < 1 || spec->workers > WORKERS_MAX)
        return ch_fail(error, CH_INVALID, "engine: %u workers; allowed is 1 .. %d", spec->workers, WORKERS_MAX);
    CH_REQUIRE(spec->kind);
    for (unsigned rank = 0; rank < spec->n_kinds; rank++) {
        enum ch_code code = check_kind(spec, rank, error);
        if (code != CH_OK)
            return code;
    }
    return check_times(spec, error);
}
