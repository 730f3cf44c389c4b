/* SPDX-License-Identifier: MIT
 * Audits go through everybody and all that is pending while nothing happens. A model looks at what is its own, so models do it
 * side by side, each in a context of its own. */
#include "sim/audit.h"
#include "base/together.h"

struct hearing {
    const struct ch_inspection *inspection;
    struct ch_error complaint[CH_MODELS_MAX];
};

void ch_inspect_pending(const struct ch_inspection *inspection, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    const unsigned char *at = inspection->guests->bytes, *end = at + inspection->guests->n;
    inspection->scheduler->each_pending(inspection->self, see, arg);
    for (const struct ch_event *ev; at < end; at += (1 + inspection->stage->kind[ch_event_kind(ev)].slots) * sizeof *ev) {
        ev = (const struct ch_event *)(const void *)at;
        see(arg, ev);
    }
}

static void each_pending(const struct ch_audit *audit, void (*see)(void *arg, const struct ch_event *ev), void *arg)
{
    ch_inspect_pending(audit->scheduler, see, arg);
}

static unsigned letter_kind(const struct ch_audit *audit, enum ch_letter letter)
{
    (void)audit;
    return (unsigned)letter;
}

static void audit_some(void *arg, size_t first, size_t end)
{
    struct hearing *hearing = arg;
    const struct ch_inspection *in = hearing->inspection;
    for (size_t m = first; m < end; m++) {
        const struct ch_model *model = in->stage->self[m].model;
        struct ch_error *complaint = &hearing->complaint[m];
        struct ch_ctx ctx = *in->ctx;
        complaint->code = CH_OK;
        if (!model->audit)
            continue;
        ctx.audit = true;
        ctx.lane.now = in->now;
        ctx.self = &ctx.selves[m];
        struct ch_audit audit = {.ctx = &ctx,
                                 .final = in->final,
                                 .error = complaint,
                                 .each_pending = each_pending,
                                 .letter_kind = letter_kind,
                                 .scheduler = in};
        model->audit(&audit);
        if (complaint->code != CH_OK)
            ch_fail_in(complaint, "audit of model '%s' on day %u", model->name, ch_day_of(in->now - 1));
    }
}

enum ch_code ch_audit_models(const struct ch_inspection *inspection, struct ch_error *error)
{
    struct hearing hearing = {.inspection = inspection};
    unsigned n = inspection->stage->n_models;
    if (inspection->alone)
        audit_some(&hearing, 0, n);
    else
        ch_together(n, 1, audit_some, &hearing);
    for (unsigned m = 0; m < n; m++)
        if (hearing.complaint[m].code != CH_OK) {
            if (error)
                *error = hearing.complaint[m];
            return hearing.complaint[m].code;
        }
    return CH_OK;
}
