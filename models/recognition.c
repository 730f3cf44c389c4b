/* SPDX-License-Identifier: MIT
 * K18 Recognition: how long before the till does a store know its customer?
 *
 * Whoever holds consent level 1 or more with the retailer is known: at the entrance if the phone is listening there (app,
 * Bluetooth and location on), else at the till, where the app is shown. The lead is the time between the two. It measures what
 * the promise "recognised at the entrance rather than at the till" is worth; nobody acts on it, so nothing is read or logged.
 * Source: M12 and K18 of the model reference. */
#include <chaland/model.h>

#define RECOGNITION_PROBES(B)                                                                                        \
    B(MEAN, recognition_lead, "min", 1.0 / 60, 0, 18, "till less first recognition, over identified purchases")      \
    B(RATIO, recognised_at_entrance_share, "share", 1, 0, 18, "recognised at the entrance, of identified purchases") \
    B(RATIO, identified_share, "share", 1, 0, 18, "purchases whose customer the retailer knows, of all")
CH_PROBES(RECOGNITION_PROBES)

struct entrance {
    ch_time at;     /* of the visit in hand */
    uint32_t store; /* + 1; 0: none */
};

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    if (!(who->device & CH_APP))
        return;
    struct entrance *entrance = ch_of_app(ctx, who);
    *entrance = (struct entrance){.at = visit->entered, .store = visit->store + 1};
}

static bool knows(struct ch_ctx *ctx, struct ch_person *who, uint32_t retailer)
{
    return ch_level_open_to(ctx, who, retailer) >= 1;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    bool known = who->device & CH_APP && knows(ctx, who, sale->retailer);
    ch_ratio(ctx, PROBE_identified_share, known, 1);
    if (!known)
        return;
    const struct entrance *entrance = ch_of_app(ctx, who);
    bool early = who->listening && entrance->store == sale->store + 1;
    ch_ratio(ctx, PROBE_recognised_at_entrance_share, early, 1);
    ch_observe(ctx, PROBE_recognition_lead, early ? (ch_now(ctx) - entrance->at) / CH_SECOND : 0);
}

extern const struct ch_model ch_model_recognition;
const struct ch_model ch_model_recognition = {
    .name = "recognition",
    .title = "How early customers are recognised",
    .mechanism = "M12",
    CH_WITH_PROBES,
    .app_size = sizeof(struct entrance),
    .on_visit_begins = on_visit_begins,
    .on_sale = on_sale,
};
