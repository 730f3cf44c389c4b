/* SPDX-License-Identifier: MIT
 * Auditor: looks over the shoulder of everyone who reads personal data, and trusts nobody's own records (M12, M31, K20).
 *
 * It sits at the clearing house, asks once, before the first event, which levels are held, and from then on knows only what the
 * letters say: each change of a consent level, each erasure, each read with the level it needs. From the changes it keeps its own
 * mirror, two bits per person with the app and controller (the platform counts as one more); who has no app holds nothing. A read
 * above the mirrored level is a read without consent. Whether a model asked before reading does not matter here: the two
 * accounts of the same facts must agree, else `reads_without_consent` is not 0.
 *
 * Order. All letters take CH_LOOKAHEAD exactly, so they arrive in the order in which they were written. Letters written at
 * one time about one person come from one place (a body is in one place, and moving takes at least CH_LOOKAHEAD), where the
 * sequence of sending decides: who raises a level and then reads, in one event or in two at the same time, is judged after
 * the raise; who reads and then loses the right had it. Letters of other persons do not matter to them.
 *
 * A data point is one stored record of (person, attribute, time): a recognised passage of a beacon, fence, tag, sound or code
 * (level 1 with its controller), a purchase by a recognised person, a wish put on the list of a controller who may see it
 * (level 2). */
#include <chaland/model.h>

#define AUDITOR_PROBES(B)                                                                                                 \
    B(SUM, reads_without_consent, "", 1, 0, 20, "reads of personal data above the consented level; must be 0")            \
    B(RATIO, reads_per_person_day, "1/d", 1440, 0, 20, "reads of personal data per person and day")                       \
    B(RATIO, data_points_per_person_day, "1/d", 1440, 0, 20, "personal records stored by controllers per person and day") \
    B(SUM, erasures, "", 1, 0, 0, "full withdrawals, after which a controller holds nothing")
CH_PROBES(AUDITOR_PROBES)

static uint32_t n_controllers(const struct ch_city *city) { return city->n_retailers + 1; }

static size_t row_bytes(const struct ch_city *city) { return (n_controllers(city) + 3) / 4; }

static size_t clearing_size(const struct ch_city *city) { return row_bytes(city) * city->n_apps; }

/* The byte that holds a person's level with a controller, and where in it; NULL for who has no app. */
static unsigned char *find(struct ch_ctx *ctx, uint32_t person, uint32_t controller, unsigned *shift)
{
    uint32_t c = controller < ctx->city->n_retailers ? controller : ctx->city->n_retailers;
    *shift = c % 4 * 2;
    if (!(ctx->city->people[person].device & CH_APP))
        return NULL;
    return (unsigned char *)ch_of_clearing(ctx) + row_bytes(ctx->city) * ch_app_number(ctx->city, person) + c / 4;
}

static void set_mirror(unsigned char *byte, unsigned shift, unsigned level)
{
    if (byte)
        *byte = (unsigned char)((*byte & ~(3u << shift)) | level << shift);
}

/* The levels held at time 0. */
static void begin(struct ch_ctx *ctx)
{
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        struct ch_person *who = &ctx->people[id];
        uint32_t c = 0;
        for (int level; (c = ch_next_granted(ctx, who, c, &level)) != CH_NONE; c++) {
            unsigned shift;
            unsigned char *byte = find(ctx, id, c, &shift);
            set_mirror(byte, shift, (unsigned)level & 3u);
        }
    }
}

static void take_audit(struct ch_ctx *ctx, const struct ch_event *ev)
{
    CH_REQUIRE(ev->dest < ctx->city->n_people);
    enum ch_audit_kind kind = (enum ch_audit_kind)(ev->payload >> 40);
    unsigned level = (unsigned)(ev->payload >> 32) & 3u, shift;
    unsigned char *byte = find(ctx, ev->dest, (uint32_t)ev->payload, &shift);
    if (kind == CH_AUDIT_READ) {
        ch_ratio(ctx, PROBE_reads_per_person_day, 1, 0);
        if ((byte ? (unsigned)*byte >> shift & 3u : 0) < level)
            ch_add(ctx, PROBE_reads_without_consent, 1);
        return;
    }
    if (kind == CH_AUDIT_ERASED) {
        ch_add(ctx, PROBE_erasures, 1);
        level = 0;
    }
    set_mirror(byte, shift, level);
}

/* Counts a record if its controller may keep it. */
static void store(struct ch_ctx *ctx, struct ch_person *who, uint32_t controller, int level)
{
    if (!who || !who->consent || controller == CH_NONE)
        return;
    if (ch_level_open_to(ctx, who, controller) >= level)
        ch_ratio(ctx, PROBE_data_points_per_person_day, 1, 0);
}

static void on_recorded(struct ch_ctx *ctx, struct ch_person *who, struct ch_records *records)
{
    (void)who;
    ch_ratio(ctx, PROBE_data_points_per_person_day, records->n, 0);
}

static void on_cued(struct ch_ctx *ctx, struct ch_person *who, struct ch_cue *cue) { store(ctx, who, cue->controller, 1); }

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale) { store(ctx, who, sale->retailer, 1); }

static void on_wish_added(struct ch_ctx *ctx, struct ch_person *who, struct ch_wish *wish) { store(ctx, who, wish->origin, 2); }

static void on_offer_sent(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    store(ctx, who, offer->sender, 1);
}

static void finish(struct ch_ctx *ctx)
{
    int64_t person_minutes = (int64_t)ctx->city->n_people * ((ctx->end - ctx->counting_from) / CH_MINUTE);
    ch_ratio(ctx, PROBE_reads_per_person_day, 0, person_minutes);
    ch_ratio(ctx, PROBE_data_points_per_person_day, 0, person_minutes);
}

extern const struct ch_model ch_model_auditor;
const struct ch_model ch_model_auditor = {
    .name = "auditor",
    .title = "audit of consent and personal data",
    .mechanism = "M31",
    CH_WITH_PROBES,
    .clearing_size = clearing_size,
    .begin = begin,
    .finish = finish,
    .take_audit = take_audit,
    .on_recorded = on_recorded,
    .on_cued = on_cued,
    .on_sale = on_sale,
    .on_wish_added = on_wish_added,
    .on_offer_sent = on_offer_sent,
};
