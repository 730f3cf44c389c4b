/* SPDX-License-Identifier: MIT
 * M09 BLE beacons: when does a phone that walks by hear a beacon, if at all?
 *
 *   received power   P(d) = P_1m - body - 10 n log10(max(d, 0.5 m)) - X        dBm; X ~ N(0, sigma_s), one draw per pass
 *   one packet       p(d) = p_c Phi((P(d) - S_min) / sigma_f)                  fast fading sigma_f averaged out
 *   one scan window  1 - (1 - p)^k, k = overlap / (T_a + 5 ms) packets;        k < 1: k p
 *
 * The phone listens for W every S, with a phase drawn per pass. If S >= 1 s the windows that cross the pass are enumerated, in
 * pieces of at most 1 s; if S < 1 s, bins of 1 s stand for the windows in them. Both add up hazard, -log(1 - P), until one
 * exponential draw is reached: the same law as a draw per window. (A continuous hazard over the pass would overestimate when p
 * is near 1 and the pass shorter than S.) Phase and shadowing are averaged out before the run (beacons_radio.h), and the beacons
 * of a side put together (beacons_side.h): one random word, which comes with the passage, says which of them are heard, and
 * when. Shapes of passes are rounded to a metre to share tables.
 *
 * Everybody's passes count in the KPIs. `detected` is told where somebody may react: under a policy whose rules go off at
 * beacons, or when more models listen than the one that evaluates rules. How many of the passages go on record with controllers
 * who recognise the phone is told in sums (`recorded`).
 *
 * Which beacons a street side hears, over which stretch and how far off, is static geometry: a coverage table built before
 * the run. A halo may cross any border, since all is resolved when the walker enters the side. The nominal range ends where
 * a packet is received with probability `edge` at X = 0.
 * Sources: mechanism M09 (Rappaport; AOSP ScanManager; Radius Networks 2018; Blue Charm chart). Zones: a store's beacon is
 * heard through its front (n indoor), a street beacon in the open (n street). */
#include "beacons_tables.h"

#define BEACONS_PROBES(B)                                                                                                     \
    B(RATIO, detection_probability, "share", 1, 0, 10, "passes detected, of the passes of listening phones in nominal range") \
    B(SUM, beacon_passes, "", 1, 0, 0, "passes of listening phones in nominal range")                                         \
    B(MEAN, detection_latency_mean, "s", 0.000001, 0, 10, "from entering the nominal range to detection")                     \
    B(P95, detection_latency_p95, "s", 0.000001, LATENCY_BIN, 10, "the same, 95th percentile")
enum { LATENCY_BIN = 200000 }; /* us */
CH_PROBES(BEACONS_PROBES)

/* ---- passes ------------------------------------------------------------------------------------------------------ */

/* What the KPIs need to know of a walker who enters a side. Those of a thread are worked out together: the look-ups for one
 * follow from each other, and alone they would be waited for. */
struct pass_by {
    uint64_t luck;
    uint32_t takes; /* us along the side */
    uint16_t speed; /* mm/s */
    uint8_t device, recognised;
    uint32_t side;
};
_Static_assert(sizeof(struct pass_by) == 24, "nothing that could be left out");

enum { TABLED = 48 };

/* Of a worker. */
struct waiting {
    uint32_t n;
    uint32_t room;  /* from so many on there is something to do: at each pass, unless they are plain */
    unsigned plain; /* nobody wants to know more of a passage than what is added up; not known before the first one */
    _Alignas(64) struct pass_by pass[TABLED];
};

static inline const unsigned char *row_for(const struct tables *tables, const struct pass_by *pass, const struct group *group,
                                           uint32_t luck)
{
    CH_ASSERT(pass->speed <= CH_FASTEST_MM_S);
    unsigned phone = pass->device & CH_IOS ? IOS : ANDROID, place = tables->speed_place[pass->speed / SPEED_STEP];
    return row_of(tables->rows + rows_of(group), n_of(group), phone, place, luck);
}

/* Of the k-th group of a side: what the passage brings, and then what that is spread to. */
static inline uint32_t luck_of_group(uint64_t luck, unsigned k) { return (uint32_t)(k ? ch_spread(luck, k) >> 32 : luck); }

/* A group that is passed. Rows of many are fetched before the first is looked at; then all are resolved, and then those who stand
 * for their group are asked when they were heard: each step waits for the one before, but not for its neighbours'. */
struct job {
    const unsigned char *row; /* from the second step on: the times of who stands for all */
    const struct group *group;
    const struct pass_by *pass;
    uint32_t luck;
    uint8_t n;                 /* of the group */
    uint8_t heard, member, at; /* how many, who stands for them, and at which quantile */
};

enum { JOBS = 128 };

/* Sums over some passes. */
struct sums {
    int64_t latency; /* us */
    unsigned heard, passes, recorded;
};

struct counts {
    struct sums sums;
    unsigned n;
    struct job job[JOBS];
};

/* Sums are variables of their own here, which stay in registers. */
static void count_heard(struct counts *counts)
{
    unsigned heard_all = 0, passes = 0, recorded = 0;
    for (struct job *job = counts->job, *end = job + counts->n; job < end; job++) {
        struct heard heard = resolve(job->row, job->n, job->luck);
        unsigned member = member_of(heard.mask, heard.rank);
        heard_all += heard.n;
        passes += job->n;
        recorded += count_recognised(job->group, heard.mask, job->pass->recognised);
        job->row = heard.times[member].at;
        job->heard = (uint8_t)heard.n;
        job->member = (uint8_t)member;
        job->at = (uint8_t)heard.at;
    }
    counts->sums.heard += heard_all;
    counts->sums.passes += passes;
    counts->sums.recorded += recorded;
}

/* `bins` is the histogram. */
static void count_latency(struct counts *counts, int64_t *bins)
{
    int64_t latency = 0;
    for (const struct job *job = counts->job, *end = job + counts->n; job < end; job++) {
        uint32_t after = heard_after((const struct times *)(const void *)job->row, job->at, job->group->length[job->member],
                                     job->pass->takes),
                 bin = after / LATENCY_BIN;
        bins[bin < CH_HISTOGRAM_BINS ? bin : CH_HISTOGRAM_BINS - 1] += job->heard;
        latency += (int64_t)after * job->heard;
    }
    counts->sums.latency += latency;
}

static void count_groups(struct ch_ctx *ctx, struct counts *counts)
{
    count_heard(counts);
    count_latency(counts, ctx->self->acc[PROBE_detection_latency_p95] + 2);
    counts->n = 0;
}

static inline void add_group(const struct tables *tables, struct counts *counts, const struct pass_by *pass,
                             const struct group *group, uint32_t luck)
{
    const unsigned char *row = row_for(tables, pass, group, luck);
    __builtin_prefetch(row);
    __builtin_prefetch(row + row_units(n_of(group)) * ROW_UNIT - 1); /* rows of three units may lie in two lines */
    struct job *job = &counts->job[counts->n++];
    job->row = row;
    job->group = group;
    job->pass = pass;
    job->luck = luck;
    job->n = (uint8_t)n_of(group);
}

/* The groups of a side after the first. */
static void add_later(struct ch_ctx *ctx, struct counts *counts, const struct pass_by *pass)
{
    const struct tables *tables = ch_table(ctx);
    uint32_t end = tables->first[pass->side + 1], k = 1;
    for (uint32_t cover = tables->first[pass->side] + TOGETHER; cover < end; cover += TOGETHER, k++) {
        if (counts->n == JOBS)
            count_groups(ctx, counts);
        add_group(tables, counts, pass, &tables->group[later_group(tables, cover)], luck_of_group(pass->luck, k));
    }
}

/* May somebody react to a beacon: rules, or models that hear of detections? */
static bool is_told(const struct ch_ctx *ctx)
{
    return ctx->policy->triggers >> CH_TRIGGER_beacon & 1 || ctx->chains->detected.n > 1;
}

static void add_up(struct ch_ctx *ctx, const struct sums *sums)
{
    int64_t *mean = ctx->self->acc[PROBE_detection_latency_mean], *p95 = ctx->self->acc[PROBE_detection_latency_p95];
    struct ch_records records = {.n = sums->recorded};
    mean[0] += sums->latency;
    mean[1] += sums->heard;
    p95[0] += sums->latency;
    p95[1] += sums->heard;
    ch_ratio(ctx, PROBE_detection_probability, sums->heard, sums->passes);
    ch_add(ctx, PROBE_beacon_passes, sums->passes);
    ch_tell_recorded(ctx, NULL, &records);
}

static void judge(const struct ch_ctx *ctx, struct waiting *waiting)
{
    waiting->plain = !is_told(ctx) && ctx->chains->shut.n == 0 && ctx->city->n_retailers <= 8;
    waiting->room = waiting->plain ? TABLED : waiting->n + 1;
}

/* Works out what waits, and makes room. */
static void settle(struct ch_ctx *ctx)
{
    const struct tables *tables = ch_table(ctx);
    struct waiting *waiting = ch_of_worker(ctx);
    struct counts counts;
    uint8_t later[TABLED];
    unsigned n_later = 0;
    counts.sums = (struct sums){0};
    counts.n = 0;
    for (uint32_t i = 0; i < waiting->n; i++) /* in a large city most sides are far from any cache */
        __builtin_prefetch(&tables->group[waiting->pass[i].side]);
    for (uint32_t i = 0; i < waiting->n; i++) {
        const struct pass_by *pass = &waiting->pass[i];
        const struct group *group = &tables->group[pass->side];
        add_group(tables, &counts, pass, group, luck_of_group(pass->luck, 0));
        later[n_later] = (uint8_t)i;
        n_later += more_of(group);
    }
    for (unsigned k = 0; k < n_later; k++)
        add_later(ctx, &counts, &waiting->pass[later[k]]);
    count_groups(ctx, &counts);
    add_up(ctx, &counts.sums);
    waiting->n = 0;
    judge(ctx, waiting);
}

/* ---- telling, one by one ----------------------------------------------------------------------------------------- */

/* Told in the order of their times, so that caps fill as they would in the street. A side that hears more than 32 beacons
 * tells the first 32 of its list to be detected. */
enum { AT_ONCE = 32 };

static inline void order(uint64_t *a, uint64_t *b)
{
    uint64_t low = *a < *b ? *a : *b, high = *a < *b ? *b : *a;
    *a = low;
    *b = high;
}

/* Up to four, the usual case, by a network; more by their rank. No branch hangs on the times, which nothing can foretell. `key`
 * has room for four. */
static void sort_few(const uint64_t *key, unsigned n, uint64_t *sorted)
{
    if (n <= 4) {
        for (unsigned i = 0; i < 4; i++)
            sorted[i] = key[i] | (0u - (uint64_t)(i >= n)); /* what is not there comes last */
        order(&sorted[0], &sorted[1]);
        order(&sorted[2], &sorted[3]);
        order(&sorted[0], &sorted[2]);
        order(&sorted[1], &sorted[3]);
        order(&sorted[1], &sorted[2]);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned rank = 0;
        for (unsigned k = 0; k < n; k++)
            rank += key[k] < key[i];
        sorted[rank] = key[i];
    }
}

static ch_time enters_at(const struct ch_city *city, const struct cover *cover, ch_time takes)
{
    return (ch_time)((double)takes * (double)cover->enter * 1000 / (double)city->block_mm);
}

static void tell(struct ch_ctx *ctx, struct ch_person *who, const struct ch_passage *passage, uint32_t number, ch_time after)
{
    const struct tables *tables = ch_table(ctx);
    const struct cover *cover = &tables->cover[number];
    const struct ch_beacon *beacon = &ctx->city->beacons[cover->beacon];
    ch_time takes = passage->leaves - passage->enters;
    double along = (double)after / (double)takes * (double)ctx->city->block_mm / 1000 - (double)cover->foot,
           lateral = (double)cover->lateral;
    struct ch_detection found = {.beacon = cover->beacon,
                                 .controller = beacon->retailer,
                                 .store = beacon->store,
                                 .entered = passage->enters + enters_at(ctx->city, cover, takes),
                                 .at = passage->enters + after,
                                 .distance_m = ch_sqrt(along * along + lateral * lateral)};
    ch_tell_detected(ctx, who, &found);
}

/* Calls back for each group of a side, with what it lets hear. */
static void each_group(struct ch_ctx *ctx, const struct pass_by *pass,
                       void (*see)(void *arg, const struct group *group, uint32_t cover, const struct heard *heard), void *arg)
{
    const struct tables *tables = ch_table(ctx);
    uint32_t first = tables->first[pass->side], end = tables->first[pass->side + 1], k = 0;
    for (uint32_t at = first; at < end; at += TOGETHER, k++) {
        const struct group *group = &tables->group[at == first ? pass->side : later_group(tables, at)];
        uint32_t luck = luck_of_group(pass->luck, k);
        struct heard heard = resolve(row_for(tables, pass, group, luck), n_of(group), luck);
        see(arg, group, at, &heard);
    }
}

struct telling {
    const struct ch_city *city;
    const struct cover *cover;
    uint32_t takes;
    unsigned n;
    uint64_t found[AT_ONCE + TOGETHER]; /* when << 24 | cover */
};

static void find(void *arg, const struct group *group, uint32_t cover, const struct heard *heard)
{
    struct telling *telling = arg;
    for (unsigned rank = 0; rank < heard->n && telling->n < AT_ONCE; rank++) {
        unsigned member = member_of(heard->mask, rank), quantile = (heard->at + GOLDEN * (rank - heard->rank)) & 255u;
        ch_time after = enters_at(telling->city, &telling->cover[cover + member], telling->takes) +
                        heard_after(&heard->times[member], quantile, group->length[member], telling->takes);
        telling->found[telling->n++] = (uint64_t)after << 24 | (cover + member);
    }
}

/* The beacons of a side that are heard, one by one. */
static void tell_all(struct ch_ctx *ctx, struct ch_person *who, const struct ch_passage *passage, const struct pass_by *pass)
{
    const struct tables *tables = ch_table(ctx);
    struct telling telling = {.city = ctx->city, .cover = tables->cover, .takes = pass->takes};
    uint64_t sorted[AT_ONCE + TOGETHER];
    each_group(ctx, pass, find, &telling);
    sort_few(telling.found, telling.n, sorted);
    for (unsigned i = 0; i < telling.n; i++)
        tell(ctx, who, passage, (uint32_t)(sorted[i] & COVERS_MAX), (ch_time)(sorted[i] >> 24));
}

/* A phone that is shut shows itself to nobody. */
static uint8_t recognisers_now(struct ch_ctx *ctx, struct ch_person *who)
{
    struct ch_shut_query query = {.shut = false};
    ch_ask_shut(ctx, who, &query);
    return query.shut ? 0 : who->recognised;
}

struct asking {
    struct ch_ctx *ctx;
    struct ch_person *who;
    struct ch_records records;
};

static void ask_owners(void *arg, const struct group *group, uint32_t cover, const struct heard *heard)
{
    struct asking *asking = arg;
    const struct tables *tables = ch_table(asking->ctx);
    unsigned mask = recognised_of(group, heard->mask, asking->who->recognised);
    for (unsigned i = 0; i < TOGETHER; i++) {
        if (!(mask >> i & 1))
            continue;
        struct ch_consent_query query = {.controller = asking->ctx->city->beacons[tables->cover[cover + i].beacon].retailer};
        ch_ask_consent(asking->ctx, asking->who, &query);
        asking->records.n += query.level >= 1;
    }
}

/* Where there are more retailers than bits in the filter of those who recognise a phone, they are asked. */
static void ask_all(struct ch_ctx *ctx, struct ch_person *who, struct pass_by *pass)
{
    struct asking asking = {.ctx = ctx, .who = who};
    each_group(ctx, pass, ask_owners, &asking);
    pass->recognised = 0;
    if (asking.records.n)
        ch_tell_recorded(ctx, who, &asking.records);
}

/* Beyond what is added up: shut phones, retailers beyond the filter, rules. */
static void see_person(struct ch_ctx *ctx, struct ch_person *who, const struct ch_passage *passage, struct pass_by *kept)
{
    struct pass_by pass = *kept;
    if (pass.recognised)
        pass.recognised = recognisers_now(ctx, who);
    if (ctx->city->n_retailers > 8 && who->recognised)
        ask_all(ctx, who, &pass);
    kept->recognised = pass.recognised;
    if (is_told(ctx))
        tell_all(ctx, who, passage, &pass);
}

/* Called for each pass that is not plain, and when there is no more room. */
__attribute__((noinline)) static void look(struct ch_ctx *ctx, struct ch_person *who, const struct ch_passage *passage)
{
    struct waiting *waiting = ch_of_worker(ctx);
    if (!waiting->plain && waiting->n > 0)
        see_person(ctx, who, passage, &waiting->pass[waiting->n - 1]);
    if (waiting->n == TABLED)
        settle(ctx);
    else
        judge(ctx, waiting);
}

/* Every walker comes by. Whether there is a beacon nobody can foretell, so a line is written in any case, and kept if so. */
static void on_street_entered(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    const struct tables *tables = ch_table(ctx);
    if (!who->listening || !tables->n_shapes)
        return;
    struct waiting *waiting = ch_of_worker(ctx);
    struct pass_by *pass = &waiting->pass[waiting->n];
    uint32_t side = passage->side, heard = tables->heard[side / 32] >> side % 32 & 1;
    pass->side = side;
    pass->luck = passage->luck;
    pass->takes = (uint32_t)(passage->leaves - passage->enters);
    pass->speed = (uint16_t)passage->speed_mm_s;
    pass->device = who->device;
    pass->recognised = who->recognised;
    waiting->n += heard;
    if (waiting->n >= waiting->room)
        look(ctx, who, passage);
}

extern const struct ch_model ch_model_beacons;
const struct ch_model ch_model_beacons = {
    .name = "beacons",
    .title = "BLE beacons and the phones that hear them",
    .mechanism = "M09",
    .items = CH_HEEDS(BEACON),
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    .worker_size = sizeof(struct waiting),
    .tabulate = tabulate,
    .settle = settle,
    .on_street_entered = on_street_entered,
};
