/* SPDX-License-Identifier: MIT
 * M09 BLE beacons: when does a phone that walks by hear a beacon, if at all?
 *
 *   received power   P(d) = P_1m - body - 10 n log10(max(d, 0.5 m)) - X        dBm; X ~ N(0, sigma_s), one draw per pass
 *   one packet       p(d) = p_c Phi((P(d) - S_min) / sigma_f)                  fast fading sigma_f averaged out
 *   one scan window  1 - (1 - p)^k, k = overlap / (T_a + 5 ms) packets;        k < 1: k p
 *
 * The phone listens for W every S, with a phase drawn per pass. If S >= 1 s the windows that cross the pass are enumerated, in
 * pieces of at most 1 s; if S < 1 s, bins of 1 s stand for the windows in them. Both add up hazard, -log(1 - P), until one
 * exponential draw is reached: the same law as a draw per window, with one draw. (A continuous hazard over the pass
 * would overestimate when p is near 1 and the pass shorter than S.) Detection is placed in the piece in proportion.
 *
 * Which beacons a street side hears, over which stretch and how far off, is static geometry: a coverage table built before
 * the run. A halo may cross any border, since all is resolved when the walker enters the side. The nominal range ends where
 * a packet is received with probability `edge` at X = 0.
 * Sources: mechanism M09 (Rappaport; AOSP ScanManager; Radius Networks 2018; Blue Charm chart). Zones: a store's beacon is
 * heard through its front (n indoor), a street beacon in the open (n street). */
#include <chaland/model.h>

#define CH_ROW_STRUCT struct beacons_params
#define BEACONS_PARAMS(P)                                                                                                     \
    P(F64, power, -59, -100, 0, "dBm", "received power at 1 m; may differ by beacon",                                         \
      CH_SOURCED("Blue Charm chart, 0 dBm transmit power, vendor"))                                                           \
    P(F64, interval, 100, 20, 10000, "ms", "advertising interval T_a; may differ by beacon",                                  \
      CH_SOURCED("iBeacon; battery deployments 300-1000 ms"))                                                                 \
    P(F64, exponent_street, 2.0, 1.5, 5, "", "path loss exponent n of street beacons", CH_ASSUMED(1.8, 2.4, "free space"))    \
    P(F64, exponent_indoor, 2.2, 1.5, 5, "", "path loss exponent n of store beacons", CH_SOURCED("Rappaport, retail store"))  \
    P(F64, shadowing, 5, 0, 20, "dB", "sigma_s, standard deviation of the shadowing of a pass", CH_ASSUMED(3, 9, "no data"))  \
    P(F64, fading, 3, 0.1, 20, "dB", "sigma_f, standard deviation from packet to packet", CH_ASSUMED(1.5, 4, "no data"))      \
    P(F64, body, 8, 0, 40, "dB", "loss by body and pocket", CH_ASSUMED(0, 15, "no data"))                                     \
    P(F64, sensitivity, -94, -120, -40, "dBm", "S_min, power received half the time", CH_ASSUMED(-100, -85, "no data"))       \
    P(F64, reception, 0.97, 0.01, 0.999, "share", "p_c, packets received at any power", CH_ASSUMED(0.8, 0.999, "collisions")) \
    P(F64, edge, 0.01, 0.0001, 0.9, "share", "packet reception that ends the nominal range",                                  \
      CH_CHOSEN("where a pass begins to matter"))                                                                             \
    P(CHOICE, android, "screen_off", 0, 0, "low_latency|balanced|low_power|screen_off|screen_off_balanced",                   \
      "scan mode of Android phones: W/S 100/100, 183/730, 140/1400, 512/10240, 183/730 ms", CH_SOURCED("AOSP ScanManager"))   \
    P(CHOICE, ios, "region", 0, 0, "region|background",                                                                       \
      "iOS app: one of the device's priority regions (hears within a second), or 10 s every 15 min",                          \
      CH_SOURCED("Radius Networks 2018"))
CH_PARAMS(beacons, BEACONS_PARAMS)

#define BEACONS_PROBES(B)                                                                                                     \
    B(RATIO, detection_probability, "share", 1, 0, 10, "passes detected, of the passes of listening phones in nominal range") \
    B(SUM, beacon_passes, "", 1, 0, 0, "passes of listening phones in nominal range")                                         \
    B(MEAN, detection_latency_mean, "s", 0.001, 0, 10, "from entering the nominal range to detection")                        \
    B(P95, detection_latency_p95, "s", 0.001, 200, 10, "the same, 95th percentile")
CH_PROBES(BEACONS_PROBES)

#define BEACONS_DRAWS(D) D(pass, "shadowing, hearing and scan phase of one pass; occasion: step and beacon")
CH_DRAWS(BEACONS_DRAWS)

struct scan {
    double window, period; /* s */
};
static const struct scan android_scan[] = {{0.100, 0.100}, {0.183, 0.730}, {0.140, 1.400}, {0.512, 10.240}, {0.183, 0.730}};
static const struct scan ios_scan[] = {{1, 1}, {10, 900}};

/* One beacon as heard from one directed side: offsets along the side, m. */
struct cover {
    uint32_t beacon;
    float enter, leave, foot, lateral;
};

enum { MARGIN_STEPS = 64, MARGIN_SPAN = 6, N_MARGINS = 2 * MARGIN_SPAN * MARGIN_STEPS, DISTANCE_STEPS = 4, N_DISTANCES = 1024 };

/* What does not change from pass to pass. */
struct radio {
    double hazard[N_MARGINS + 1];    /* -log(1 - p) of one packet, by margin over sensitivity in sigma_f */
    double chance[N_MARGINS + 1];    /* p of one packet */
    double log10_m[N_DISTANCES + 1]; /* log10 of the distance, by quarter metres */
    double fading;
};
struct beam { /* of one beacon: margin in dB at 1 m without shadowing, path loss exponent, seconds per packet */
    double margin_1m, exponent, packet;
};
struct tables {
    struct radio radio;
    struct beam *beam; /* [n_beacons] */
    uint32_t *first;   /* [4 n_nodes + 1]: covers of a side */
    struct cover *cover;
};

static void fill_radio(struct radio *radio, const struct beacons_params *p)
{
    radio->fading = p->fading;
    for (int i = 0; i <= N_MARGINS; i++) {
        double z = (double)(i - N_MARGINS / 2) / MARGIN_STEPS;
        radio->chance[i] = p->reception * ch_norm_cdf(z);
        radio->hazard[i] = -ch_log(1.0 - radio->chance[i]);
    }
    for (int i = 0; i <= N_DISTANCES; i++) {
        double d = (double)i / DISTANCE_STEPS;
        radio->log10_m[i] = ch_log10(d < 0.5 ? 0.5 : d);
    }
}

static struct beam beam_of(const struct beacons_params *p, const struct beacons_params *own, bool indoor)
{
    struct beam beam = {.margin_1m = own->power - p->body - p->sensitivity,
                        .exponent = indoor ? own->exponent_indoor : own->exponent_street,
                        .packet = (own->interval + 5.0) / 1000.0};
    return beam;
}

/* Nominal range, m. */
static double range_of(const struct beacons_params *p, const struct beam *beam)
{
    double spare = beam->margin_1m - p->fading * ch_norm_inv(p->edge / p->reception < 0.9999 ? p->edge / p->reception : 0.9999);
    double range = ch_pow(10.0, spare / (10.0 * beam->exponent));
    double most = (double)N_DISTANCES / DISTANCE_STEPS;
    return range < 1 ? 1 : range > most ? most : range;
}

/* Hazard of `seconds` of listening at a distance, with margin_1m less the pass's shadowing; `packet` seconds per packet. */
static double listen(const struct radio *radio, const struct beam *beam, double shadow, double distance, double seconds)
{
    unsigned at = (unsigned)(distance * DISTANCE_STEPS + 0.5);
    double loss = 10.0 * beam->exponent * radio->log10_m[at < N_DISTANCES ? at : N_DISTANCES];
    double z = (beam->margin_1m - shadow - loss) / radio->fading;
    double place = (z + MARGIN_SPAN) * MARGIN_STEPS + 0.5;
    unsigned i = place <= 0 ? 0 : place >= N_MARGINS ? N_MARGINS : (unsigned)place;
    double k = seconds / beam->packet;
    return k >= 1 ? k * radio->hazard[i] : -ch_log(1.0 - k * radio->chance[i]);
}

/* A straight pass: seconds in range, walked at v m/s from `from` m before the foot of the perpendicular (negative: before). */
struct pass {
    double seconds, speed, from, lateral;
};

static double distance_at(const struct pass *pass, double t)
{
    double along = pass->from + pass->speed * t;
    return ch_sqrt(along * along + pass->lateral * pass->lateral);
}

/* Seconds from the start of the pass to detection, or -1. `threshold` is an exponential draw, `phase` uniform in (0, 1). */
static double hear(const struct radio *radio, const struct beam *beam, const struct pass *pass, const struct scan *scan,
                   double shadow, double phase, double threshold)
{
    bool dense = scan->period < 1;
    double period = dense ? pass->seconds : scan->period, window = dense ? pass->seconds : scan->window;
    for (double opens = dense ? 0 : -phase * period; opens < pass->seconds; opens += period) {
        double begin = opens > 0 ? opens : 0, end = opens + window < pass->seconds ? opens + window : pass->seconds;
        while (begin < end) {
            double piece = end - begin < 1 ? end - begin : 1;
            double distance = distance_at(pass, begin + piece / 2);
            double hazard = dense ? piece / scan->period * listen(radio, beam, shadow, distance, scan->window)
                                  : listen(radio, beam, shadow, distance, piece);
            if (hazard >= threshold)
                return begin + piece * threshold / hazard;
            threshold -= hazard;
            begin += piece;
        }
    }
    return -1;
}

/* The stretch of a side that lies within range of a beacon, or false. */
static bool cover_side(const struct ch_city *city, uint32_t side, double x, double y, double range, struct cover *cover)
{
    double length = (double)city->block_mm / 1000.0, x0 = ch_column(city, side / 4) * length,
           y0 = ch_row(city, side / 4) * length;
    static const double step_x[] = {1, 0, -1, 0}, step_y[] = {0, 1, 0, -1};
    if (ch_side_end(city, side) == CH_NONE)
        return false;
    double ex = step_x[side % 4], ey = step_y[side % 4];
    double foot = (x - x0) * ex + (y - y0) * ey, lateral = (x - x0) * ey - (y - y0) * ex;
    double half2 = range * range - lateral * lateral;
    if (half2 <= 0)
        return false;
    double half = ch_sqrt(half2), enter = foot - half > 0 ? foot - half : 0, leave = foot + half < length ? foot + half : length;
    if (leave - enter < 0.1)
        return false;
    cover->enter = (float)enter;
    cover->leave = (float)leave;
    cover->foot = (float)foot;
    cover->lateral = (float)(lateral < 0 ? -lateral : lateral);
    return true;
}

/* Walks over all (side, beacon) pairs in range: counts them in first[side + 1], or files them. */
static void cover_all(const struct ch_city *city, const struct beacons_params *p, const struct tables *tables, uint32_t *cursor,
                      struct cover *list)
{
    double block = (double)city->block_mm / 1000.0;
    for (uint32_t b = 0; b < city->n_beacons; b++) {
        const struct ch_beacon *beacon = &city->beacons[b];
        double range = range_of(p, &tables->beam[b]);
        int64_t reach = (int64_t)(range / block) + 1, i0 = (int64_t)(beacon->x_m / block), j0 = (int64_t)(beacon->y_m / block);
        for (int64_t j = j0 - reach; j <= j0 + 1 + reach; j++) {
            for (int64_t i = i0 - reach; i <= i0 + 1 + reach; i++) {
                if (i < 0 || j < 0 || i >= (int64_t)city->width || j >= (int64_t)city->height)
                    continue;
                for (uint32_t direction = 0; direction < 4; direction++) {
                    uint32_t side = (uint32_t)(j * (int64_t)city->width + i) * 4 + direction;
                    struct cover cover = {.beacon = b};
                    if (!cover_side(city, side, beacon->x_m, beacon->y_m, range, &cover))
                        continue;
                    if (list)
                        list[cursor[side]++] = cover;
                    else
                        cursor[side + 1]++;
                }
            }
        }
    }
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    const struct beacons_params *p = setup->params;
    struct tables *tables = ch_setup_alloc(setup, 1, sizeof *tables);
    size_t n_sides = (size_t)city->n_nodes * 4;
    fill_radio(&tables->radio, p);
    tables->beam = ch_setup_alloc(setup, city->n_beacons + 1u, sizeof *tables->beam);
    const void *const *overrides = setup->item_params[CH_ITEM_BEACON];
    for (uint32_t b = 0; b < city->n_beacons; b++)
        tables->beam[b] = beam_of(p, overrides && overrides[b] ? overrides[b] : p, city->beacons[b].store != CH_NONE);
    tables->first = ch_setup_alloc(setup, n_sides + 2, sizeof *tables->first);
    cover_all(city, p, tables, tables->first + 1, NULL); /* counts of side s stand at first[s + 2] */
    for (size_t s = 2; s <= n_sides + 1; s++)
        tables->first[s] += tables->first[s - 1];
    tables->cover = ch_setup_alloc(setup, tables->first[n_sides + 1] + 1u, sizeof *tables->cover);
    cover_all(city, p, tables, tables->first + 1, tables->cover); /* leaves side s at first[s] .. first[s + 1] */
    return tables;
}

static const struct scan *scan_of(const struct beacons_params *p, const struct ch_person *who)
{
    return who->device & CH_IOS ? &ios_scan[p->ios] : &android_scan[p->android];
}

/* Resolves one pass; false when the phone does not hear the beacon. */
static bool detect(struct ch_ctx *ctx, const struct ch_person *who, const struct ch_passage *passage, const struct cover *cover,
                   struct ch_detection *found)
{
    const struct beacons_params *p = ch_params_of(ctx);
    const struct tables *tables = ch_table(ctx);
    double speed = passage->speed_mm_s / 1000.0, enter = (double)cover->enter;
    struct pass pass = {.seconds = ((double)cover->leave - enter) / speed,
                        .speed = speed,
                        .from = enter - (double)cover->foot,
                        .lateral = (double)cover->lateral};
    struct ch_draw draw = ch_draw(ctx, DRAW_pass, who->id, ch_occasion_step(who) | (uint64_t)(cover->beacon & 0xffff) << 48);
    double shadow = p->shadowing * ch_draw_normal(&draw), threshold = ch_draw_exponential(&draw), phase = ch_draw_uniform(&draw);
    double heard = hear(&tables->radio, &tables->beam[cover->beacon], &pass, scan_of(p, who), shadow, phase, threshold);
    ch_ratio(ctx, PROBE_detection_probability, heard >= 0, 1);
    ch_add(ctx, PROBE_beacon_passes, 1);
    if (heard < 0)
        return false;
    const struct ch_beacon *beacon = &ctx->city->beacons[cover->beacon];
    ch_time entered = passage->enters + ch_time_of_seconds(enter / speed), at = entered + ch_time_of_seconds(heard);
    *found = (struct ch_detection){.beacon = cover->beacon,
                                   .controller = beacon->retailer,
                                   .store = beacon->store,
                                   .entered = entered,
                                   .at = at < passage->leaves ? at : passage->leaves,
                                   .distance_m = distance_at(&pass, heard)};
    ch_observe(ctx, PROBE_detection_latency_mean, (found->at - entered) / CH_MILLISECOND);
    ch_observe(ctx, PROBE_detection_latency_p95, (found->at - entered) / CH_MILLISECOND);
    return true;
}

/* Told in the order of their times, so that caps fill as they would in the street. A side that hears more than 32 beacons
 * tells the first 32 of its list to be detected. */
enum { AT_ONCE = 32 };

static void on_street_entered(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    if (!who->listening)
        return;
    const struct tables *tables = ch_table(ctx);
    struct ch_detection found[AT_ONCE];
    unsigned n = 0;
    for (uint32_t c = tables->first[passage->side]; c < tables->first[passage->side + 1] && n < AT_ONCE; c++) {
        struct ch_detection next;
        if (!detect(ctx, who, passage, &tables->cover[c], &next))
            continue;
        unsigned i = n++;
        for (; i > 0 && found[i - 1].at > next.at; i--)
            found[i] = found[i - 1];
        found[i] = next;
    }
    for (unsigned i = 0; i < n; i++)
        ch_tell_detected(ctx, who, &found[i]);
}

extern const struct ch_model ch_model_beacons;
const struct ch_model ch_model_beacons = {
    .name = "beacons",
    .title = "BLE beacons and the phones that hear them",
    .mechanism = "M09",
    .items = CH_HEEDS(BEACON),
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .tabulate = tabulate,
    .on_street_entered = on_street_entered,
};
