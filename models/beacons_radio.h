/* SPDX-License-Identifier: MIT
 * Private to beacons.c, where the mechanism is explained: the radio, and the law of detection of a pass as a table.
 *
 * Given shadowing, scan phase and speed, the chance that a pass is not yet heard falls with each second of listening. Its
 * average over shadowing and phase depends only on the shape of the pass, the phone's scan mode and the speed: so it is summed
 * up once for each, over a grid of shadowings (a trapezoid, which is all but exact under a normal density) and of phases, and
 * kept as the chance to be heard at all and the quantiles of when. A pass then takes one random word. */
#ifndef BEACONS_RADIO_H
#define BEACONS_RADIO_H

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

struct scan {
    double window, period; /* s */
};
static const struct scan android_scan[] = {{0.100, 0.100}, {0.183, 0.730}, {0.140, 1.400}, {0.512, 10.240}, {0.183, 0.730}};
static const struct scan ios_scan[] = {{1, 1}, {10, 900}};

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

/* Where the margin at a distance stands in the tables, without shadowing; not yet rounded nor kept within. */
static double margin_at(const struct radio *radio, const struct beam *beam, double distance)
{
    unsigned at = (unsigned)(distance * DISTANCE_STEPS + 0.5);
    double loss = 10.0 * beam->exponent * radio->log10_m[at < N_DISTANCES ? at : N_DISTANCES];
    return ((beam->margin_1m - loss) / radio->fading + MARGIN_SPAN) * MARGIN_STEPS + 0.5;
}

static unsigned margin_index(double place) { return place <= 0 ? 0 : place >= N_MARGINS ? N_MARGINS : (unsigned)place; }

/* Hazard of the k packets of a stretch of listening. */
static double hazard_of(const struct radio *radio, unsigned margin, double k)
{
    return k >= 1 ? k * radio->hazard[margin] : -ch_log(1.0 - k * radio->chance[margin]);
}

/* ---- a pass ------------------------------------------------------------------------------------------------------ */

/* A straight pass: seconds in range, walked at v m/s from `from` m before the foot of the perpendicular (negative: before). */
struct pass {
    double seconds, speed, from, lateral;
};

static double distance_at(const struct pass *pass, double t)
{
    double along = pass->from + pass->speed * t;
    return ch_sqrt(along * along + pass->lateral * pass->lateral);
}

/* A stretch of listening within a pass: at most a second. */
struct piece {
    double begin, end; /* s */
    double margin;     /* margin_at its middle */
    double packets;    /* in one window that overlaps it */
    double windows;    /* that overlap it, when they are shorter than it; else 1 */
};

/* The pieces of a pass whose first window opens at `opens`, at or before 0; calls back for each, in time. Windows that come
 * faster than once a second are spread evenly. */
static void listen(const struct radio *radio, const struct beam *beam, const struct pass *pass, const struct scan *scan,
                   double opens, void (*hear)(void *arg, const struct piece *piece), void *arg)
{
    bool dense = scan->period < 1;
    double period = dense ? pass->seconds : scan->period, window = dense ? pass->seconds : scan->window;
    for (opens = dense ? 0 : opens; opens < pass->seconds; opens += period) {
        double begin = opens > 0 ? opens : 0, end = opens + window < pass->seconds ? opens + window : pass->seconds;
        for (; begin < end; begin += 1) {
            struct piece piece = {.begin = begin, .end = end - begin < 1 ? end : begin + 1};
            double seconds = piece.end - piece.begin;
            piece.margin = margin_at(radio, beam, distance_at(pass, begin + seconds / 2));
            piece.packets = (dense ? scan->window : seconds) / beam->packet;
            piece.windows = dense ? seconds / scan->period : 1;
            hear(arg, &piece);
        }
    }
}

/* ---- the law of a pass ------------------------------------------------------------------------------------------- */

enum { QUANTILES = 11, PARTS = 255, SPEEDS = 10, SPEED_FRACTION = 256, SPEED_STEP = 4 };
enum { SHADOWS = 17, PHASES = 16, BINS = 48 };
static const double SHADOW_SPAN = 4; /* sigma */

/* Of one shape and scan mode, between two speeds: 16 bytes, as caches are what this is about. */
struct law {
    uint16_t slow, fast;       /* chance to be heard at the slower and the faster one, in 1/65536; linear in between */
    uint8_t at[QUANTILES + 1]; /* when, in 1/255 of the pass: quantiles 0/11 .. 11/11; linear in between */
};

/* A scan mode that listens to a beam: what a whole piece leaves unheard, by margin. */
struct ear {
    const struct radio *radio;
    const struct beam *beam;
    const struct scan *scan;
    double whole_s; /* of a piece that no end of the pass cuts short */
    double left[N_MARGINS + 1];
};

static void fill_ear(struct ear *ear, const struct radio *radio, const struct beam *beam, const struct scan *scan)
{
    bool dense = scan->period < 1;
    *ear = (struct ear){.radio = radio, .beam = beam, .scan = scan, .whole_s = dense || scan->window > 1 ? 1 : scan->window};
    for (unsigned i = 0; i <= N_MARGINS; i++)
        ear->left[i] = ch_exp(-(dense ? ear->whole_s / scan->period : 1) *
                              hazard_of(radio, i, (dense ? scan->window : ear->whole_s) / beam->packet));
}

/* What the sum over shadowings and phases takes. */
struct sum {
    const struct ear *ear;
    double seconds;          /* of the pass */
    double shift[SHADOWS];   /* shadowing in steps of margin */
    double weight[SHADOWS];  /* times that of a phase */
    double unheard[SHADOWS]; /* so far, in this phase */
    double mass[BINS];       /* heard, by time */
};

static void add_piece(void *arg, const struct piece *piece)
{
    struct sum *sum = arg;
    double heard = 0, seconds = piece->end - piece->begin;
    bool whole = seconds > sum->ear->whole_s * (1 - 1e-9);
    for (int j = 0; j < SHADOWS; j++) {
        unsigned margin = margin_index(piece->margin - sum->shift[j]);
        double left = sum->unheard[j] * (whole ? sum->ear->left[margin]
                                               : ch_exp(-piece->windows * hazard_of(sum->ear->radio, margin, piece->packets)));
        heard += sum->weight[j] * (sum->unheard[j] - left);
        sum->unheard[j] = left;
    }
    int bin = (int)((piece->begin + piece->end) / 2 / sum->seconds * BINS);
    sum->mass[bin < BINS ? bin : BINS - 1] += heard;
}

static void begin_sum(struct sum *sum, const struct ear *ear, const struct beacons_params *p, const struct pass *pass)
{
    double step = 2 * SHADOW_SPAN / (SHADOWS - 1), total = 0;
    *sum = (struct sum){.ear = ear, .seconds = pass->seconds};
    for (int j = 0; j < SHADOWS; j++) {
        double z = j * step - SHADOW_SPAN;
        sum->shift[j] = z * p->shadowing / p->fading * MARGIN_STEPS;
        total += sum->weight[j] = ch_exp(-z * z / 2);
    }
    for (int j = 0; j < SHADOWS; j++)
        sum->weight[j] /= total;
}

/* All phases. Only those whose windows meet the pass are looked at: of a scan every 15 minutes few do. */
static void add_phases(struct sum *sum, const struct pass *pass)
{
    const struct scan *scan = sum->ear->scan;
    bool dense = scan->period < 1, rare = !dense && scan->period > pass->seconds + scan->window;
    int phases = dense || scan->window >= scan->period ? 1 : scan->period < 5 ? PHASES / 4 : PHASES;
    double span = rare ? pass->seconds + scan->window : scan->period, share = rare ? span / scan->period : 1;
    for (int j = 0; j < SHADOWS; j++)
        sum->weight[j] *= share / phases;
    for (int k = 0; k < phases; k++) {
        double opens = span * (k + 0.5) / phases - (rare ? scan->window : span);
        for (int j = 0; j < SHADOWS; j++)
            sum->unheard[j] = 1;
        listen(sum->ear->radio, sum->ear->beam, pass, scan, opens, add_piece, sum);
    }
}

static double total_of(const double mass[BINS])
{
    double total = 0;
    for (int i = 0; i < BINS; i++)
        total += mass[i];
    return total;
}

static uint8_t part_of(double at) { return (uint8_t)((at < 1 ? at : 1) * PARTS + 0.5); }

/* The last step may have a long thin tail: it ends where its mean is right. */
static void fill_quantiles(struct law *law, const double mass[BINS])
{
    double total = total_of(mass), step = total / QUANTILES, below = 0, tail = 0;
    int q = 1;
    law->at[0] = 0;
    for (int i = 0; i < BINS; i++) {
        double in_tail = below + mass[i] - (total - step);
        in_tail = in_tail <= 0 ? 0 : in_tail < mass[i] ? in_tail : mass[i];
        tail += in_tail * (i + 1 - (mass[i] > 0 ? in_tail / mass[i] / 2 : 0)) / BINS;
        for (; q < QUANTILES && mass[i] > 0 && below + mass[i] >= step * q; q++)
            law->at[q] = part_of((i + (step * q - below) / mass[i]) / BINS);
        below += mass[i];
    }
    double begins = (double)law->at[QUANTILES - 1] / PARTS, ends = step > 0 ? 2 * tail / step - begins : 1;
    law->at[QUANTILES] = part_of(ends > begins ? ends : begins);
}

static uint16_t share_of(double chance) { return (uint16_t)(chance * 65536 + 0.5 < 65535 ? chance * 65536 + 0.5 : 65535); }

/* ---- speeds ------------------------------------------------------------------------------------------------------ */

/* m/s: evenly in the logarithm, from the slowest walker at 0 to the fastest at SPEEDS - 1. */
static double speed_at(double place)
{
    double ratio = (double)CH_FASTEST_MM_S / CH_SLOWEST_MM_S;
    return CH_SLOWEST_MM_S / 1000.0 * ch_exp(ch_log(ratio) * place / (SPEEDS - 1));
}

/* A pass in half metres: from and to lie before (negative) or after the foot. What rounds to nothing counts as half a metre. */
static struct pass pass_of(int from, int to, int lateral, double speed)
{
    double length = (to > from ? to - from : 1) / 2.0;
    return (struct pass){.seconds = length / speed, .speed = speed, .from = from / 2.0, .lateral = lateral / 2.0};
}

/* The laws of a pass between all speeds; the times are those of both ends, taken together. */
static void tabulate_pass(const struct ear *ear, const struct beacons_params *p, int from, int to, int lateral,
                          struct law law[SPEEDS - 1])
{
    double slower[BINS] = {0};
    for (int i = 0; i < SPEEDS; i++) {
        struct pass pass = pass_of(from, to, lateral, speed_at(i));
        struct sum sum;
        begin_sum(&sum, ear, p, &pass);
        add_phases(&sum, &pass);
        uint16_t share = share_of(total_of(sum.mass));
        if (i < SPEEDS - 1)
            law[i].slow = share;
        if (i > 0) {
            law[i - 1].fast = share;
            for (int k = 0; k < BINS; k++)
                slower[k] += sum.mass[k];
            fill_quantiles(&law[i - 1], slower);
        }
        memcpy(slower, sum.mass, sizeof slower);
    }
}

/* Row and fraction, in 1/256 of a row, of a speed. */
static uint16_t speed_place(uint32_t mm_s)
{
    double v = mm_s < CH_SLOWEST_MM_S ? CH_SLOWEST_MM_S : mm_s > CH_FASTEST_MM_S ? CH_FASTEST_MM_S : mm_s;
    double place = ch_log(v / CH_SLOWEST_MM_S) / ch_log((double)CH_FASTEST_MM_S / CH_SLOWEST_MM_S) * (SPEEDS - 1);
    double most = SPEEDS - 1 - 1.0 / SPEED_FRACTION; /* the last row is reached from the one before */
    return (uint16_t)((place < most ? place : most) * SPEED_FRACTION);
}

enum { PASS_PARTS = PARTS << 16 };

/* Is a pass heard, and after how many PASS_PARTS of its time? `word` is random. */
static inline bool resolve(const struct law *row, uint16_t place, uint32_t word, uint32_t *part)
{
    const struct law *law = row + place / SPEED_FRACTION;
    int32_t beyond = place % SPEED_FRACTION;
    uint32_t chance = (uint32_t)(law->slow * SPEED_FRACTION + (law->fast - law->slow) * beyond) * 256u;
    uint32_t heard = word < chance;
    uint64_t below = word & (0u - heard); /* no branch on luck */
    uint32_t quantile = (uint32_t)((below * QUANTILES << 16) / (chance | 1)), step = quantile >> 16, from = law->at[step];
    *part = (from << 16) + (law->at[step + 1] - from) * (quantile & 0xffff);
    return heard;
}

#endif
