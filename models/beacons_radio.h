/* SPDX-License-Identifier: MIT
 * Private to beacons.c, where the mechanism is explained: the radio, and the law of detection of a pass as a table.
 *
 * Given shadowing, scan phase and speed, the chance that a pass is not yet heard falls with each second of listening. Its
 * average over shadowing and phase depends only on the shape of the pass, the phone's scan mode and the speed: so it is summed
 * up once for each, over grids of shadowings and over phases between the kinks of the law, within 0.001 of the chance, and kept
 * as the chance to be heard at all and the quantiles of when (beacons_side.h puts the beacons of a side together). */
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

enum { QUANTILES = 7, PARTS = 255, SPEEDS = 8, SPEED_FRACTION = 16, SPEED_STEP = 4 };
enum { SHADOWS = 12, GRIDS = 4, STEADY_GRIDS = 2, PARTS_OF_PHASE = 3, MARGIN_PARTS = 16, POINTS = 40, BINS = 48 };
static const double SHADOW_SPAN = 3.85; /* sigma */
static const double STRIDE = 2;         /* m, of a phone that listens all the time */

/* When a pass is heard, if it is: quantiles 0/7 .. 7/7 in 1/255 of the pass; linear in between. */
struct times {
    uint8_t at[QUANTILES + 1];
};

/* Of one shape and scan mode, at one of the speeds that rise evenly in the logarithm. */
struct law {
    double chance;
    struct times times;
};

/* ---- speeds */

/* m/s: evenly in the logarithm, from the slowest walker at 0 to the fastest at SPEEDS - 1. */
static double speed_at(double place)
{
    double ratio = (double)CH_FASTEST_MM_S / CH_SLOWEST_MM_S;
    return CH_SLOWEST_MM_S / 1000.0 * ch_exp(ch_log(ratio) * place / (SPEEDS - 1));
}

/* Row and fraction, in 1/16 of a row, of a speed. */
static uint16_t speed_place(uint32_t mm_s)
{
    double v = mm_s < CH_SLOWEST_MM_S ? CH_SLOWEST_MM_S : mm_s > CH_FASTEST_MM_S ? CH_FASTEST_MM_S : mm_s;
    double place = ch_log(v / CH_SLOWEST_MM_S) / ch_log((double)CH_FASTEST_MM_S / CH_SLOWEST_MM_S) * (SPEEDS - 1);
    return (uint16_t)(place * SPEED_FRACTION + 0.5);
}

/* ---- phones */

/* A scan mode that listens to a beam. Who never pauses for a second is taken to listen all the time, stride by stride. */
struct ear {
    const struct radio *radio;
    const struct beam *beam;
    const struct scan *scan;
    bool steady;
    double piece_s;                     /* of a piece that no end of the pass cuts short, of one who pauses */
    double rate[N_MARGINS + 1];         /* steady: hazard per second */
    double left[SPEEDS][N_MARGINS + 1]; /* unheard after a whole piece ([0]), or a stride at each speed */
};

static void fill_ear(struct ear *ear, const struct radio *radio, const struct beam *beam, const struct scan *scan)
{
    bool dense = scan->period < 1;
    ear->radio = radio;
    ear->beam = beam;
    ear->scan = scan;
    ear->steady = dense || scan->window >= scan->period;
    ear->piece_s = scan->window > 1 ? 1 : scan->window;
    for (unsigned i = 0; i <= N_MARGINS; i++) {
        double hazard = hazard_of(radio, i, ear->piece_s / beam->packet);
        ear->rate[i] = hazard / (dense ? scan->period : ear->piece_s);
        for (unsigned v = 0; v < (ear->steady ? SPEEDS : 1); v++)
            ear->left[v][i] = ch_exp(-(ear->steady ? ear->rate[i] * STRIDE / speed_at(v) : hazard));
    }
}

/* ---- the sum over shadowings and phases */

/* Shadowings, a trapezoid. A loud pass is heard up to an edge, which a grid sees to a step only: so the phases take turns with
 * grids that lie a fraction of a step apart. Margins and shadowings are rounded together: margins of a short pass are all much
 * the same. */
struct grid {
    int shift[SHADOWS]; /* shadowing in parts of a step of margin */
    double weight[SHADOWS];
};

struct sum {
    const struct ear *ear;
    const double *left;      /* that holds at this speed */
    double seconds;          /* of the pass */
    const struct grid *grid; /* [GRIDS] */
    unsigned turn;           /* which of them holds */
    const int *shift;        /* its own */
    double unheard[SHADOWS]; /* so far, in this phase, weighted */
    double rest;             /* their sum */
    double mass[BINS];       /* heard, by time */
};

static void fill_grids(struct grid grid[GRIDS], const struct beacons_params *p)
{
    static const double ahead[GRIDS] = {-0.375, 0.125, -0.125, 0.375};
    double step = 2 * SHADOW_SPAN / (SHADOWS - 1);
    for (int g = 0; g < GRIDS; g++) {
        double total = 0;
        for (int j = 0; j < SHADOWS; j++) {
            double z = (j + ahead[g]) * step - SHADOW_SPAN, shift = z * p->shadowing / p->fading * (MARGIN_STEPS * MARGIN_PARTS);
            grid[g].shift[j] = (int)(shift < 0 ? shift - 0.5 : shift + 0.5);
            total += grid[g].weight[j] = ch_exp(-z * z / 2);
        }
        for (int j = 0; j < SHADOWS; j++)
            grid[g].weight[j] /= total;
    }
}

static void begin_phase(struct sum *sum, double share)
{
    const struct grid *grid = &sum->grid[sum->turn++ % GRIDS];
    sum->shift = grid->shift;
    sum->rest = share;
    for (int j = 0; j < SHADOWS; j++)
        sum->unheard[j] = grid->weight[j] * share;
}

static inline unsigned shifted(int margin, int shift)
{
    margin -= shift;
    unsigned at = (unsigned)(margin < 0 ? 0 : margin) / MARGIN_PARTS;
    return at < N_MARGINS ? at : N_MARGINS;
}

/* What a piece lets hear is heard at one hazard, so rather early in a piece that leaves little unheard. */
static void book(struct sum *sum, double rest, double begin_s, double end_s)
{
    double left = sum->rest > 0 ? rest / sum->rest : 1, share = 0.5;
    if (left < 0.8)
        share = left < 1e-6 ? 0.07 : -1 / ch_log(left) - left / (1 - left);
    int bin = (int)((begin_s + share * (end_s - begin_s)) / sum->seconds * BINS);
    sum->mass[bin < BINS ? bin : BINS - 1] += sum->rest - rest;
    sum->rest = rest;
}

/* The first stride, in quarters: much is heard at once by who comes out of a side street next to a beacon. */
static void add_quarters(struct sum *sum, int margin, double end_s)
{
    for (int k = 0; k < 4; k++) {
        double rest = 0;
        for (int j = 0; j < SHADOWS; j++)
            rest += sum->unheard[j] *= ch_sqrt(ch_sqrt(sum->left[shifted(margin, sum->shift[j])]));
        book(sum, rest, k * end_s / 4, (k + 1) * end_s / 4);
    }
}

/* A piece that is as long as those of `left`. */
static void add_whole(struct sum *sum, int margin, double begin_s, double end_s)
{
    double rest = 0;
    for (int j = 0; j < SHADOWS; j++)
        rest += sum->unheard[j] *= sum->left[shifted(margin, sum->shift[j])];
    book(sum, rest, begin_s, end_s);
}

static int fine_margin(double margin) { return (int)(margin < -1e6 ? -1e6 * MARGIN_PARTS : margin * MARGIN_PARTS); }

/* Chance to miss the k packets of one window. */
static double missed(const struct radio *radio, unsigned margin, double k)
{
    return k >= 1 ? ch_exp(-k * radio->hazard[margin]) : 1 - k * radio->chance[margin];
}

/* Of one who pauses: one window. */
static void add_piece(void *arg, const struct piece *piece)
{
    struct sum *sum = arg;
    double seconds = piece->end - piece->begin, rest = 0;
    int margin = fine_margin(piece->margin);
    if (sum->rest < 1e-6) /* nothing left to hear */
        return;
    if (seconds > sum->ear->piece_s * (1 - 1e-9)) {
        add_whole(sum, margin, piece->begin, piece->end);
        return;
    }
    for (int j = 0; j < SHADOWS; j++)
        rest += sum->unheard[j] *= missed(sum->ear->radio, shifted(margin, sum->shift[j]), piece->packets);
    book(sum, rest, piece->begin, piece->end);
}

/* Phases between two of those where the law has a kink: the middle of a short stretch, else Gauss's rule of two points. */
static void add_stretch(struct sum *sum, const struct pass *pass, double from, double to, int parts)
{
    double length = (to - from) / (parts > 0 ? parts : 1), share = length / sum->ear->scan->period;
    for (int k = 0; k < (parts > 0 ? 2 * parts : 1); k++) {
        double at = parts > 0 ? k / 2 + (k % 2 ? 0.7886751345948129 : 0.2113248654051871) : 0.5; /* 1/2 +- sqrt(1/12) */
        begin_phase(sum, parts > 0 ? share / 2 : share);
        listen(sum->ear->radio, sum->ear->beam, pass, sum->ear->scan, from + length * at, add_piece, sum);
    }
}

/* Who pauses: all phases, by when the first window opens that meets the pass. The law has kinks where a window begins with the
 * pass, or meets it for just a packet, and likewise as it ends; in between it is smooth. Of a scan every 15 minutes few phases
 * meet the pass. Where many windows fall into the pass, fewer phases show as many points of it. */
static void add_phases(struct sum *sum, const struct pass *pass)
{
    const struct scan *scan = sum->ear->scan;
    double window = scan->window, both = pass->seconds + window, span = both < scan->period ? both : scan->period;
    double packet = sum->ear->beam->packet < window ? sum->ear->beam->packet : window, wanted = POINTS * span / both / 2;
    double cut[] = {-window, packet - window, 0, pass->seconds - window, pass->seconds - packet, pass->seconds, span - window};
    enum { CUTS = sizeof cut / sizeof cut[0] };
    int most = wanted < PARTS_OF_PHASE ? (int)wanted + 1 : PARTS_OF_PHASE;
    for (int i = 1; i < CUTS; i++) {
        double at = cut[i];
        while (at > span - window)
            at -= scan->period;
        int k = i;
        for (; k > 0 && cut[k - 1] > at; k--)
            cut[k] = cut[k - 1];
        cut[k] = at;
    }
    for (int i = 0; i + 1 < CUTS; i++) {
        double share = (cut[i + 1] - cut[i]) / span;
        if (share > 1e-9)
            add_stretch(sum, pass, cut[i], cut[i + 1], share < 0.125 ? 0 : (int)(share * (most - 1) + 1.5));
    }
}

enum { STRIDES = 2 * N_DISTANCES / DISTANCE_STEPS };

/* Who does not: strides, the last of them a shorter one. Their margins are the same at all speeds. */
static void add_strides(struct sum *sum, const struct pass *pass, const int margin[STRIDES])
{
    double metres = pass->seconds * pass->speed, rest = 0;
    int whole = (int)(metres / STRIDE), i = 0;
    begin_phase(sum, 1.0 / STEADY_GRIDS);
    if (whole > 0)
        add_quarters(sum, margin[i++], STRIDE / pass->speed);
    for (; i < whole && i < STRIDES - 1 && sum->rest > 1e-6; i++)
        add_whole(sum, margin[i], i * STRIDE / pass->speed, (i + 1) * STRIDE / pass->speed);
    if (i < whole || metres - i * STRIDE < 1e-3)
        return;
    for (int j = 0; j < SHADOWS; j++)
        rest += sum->unheard[j] *=
            ch_exp(-sum->ear->rate[shifted(margin[i], sum->shift[j])] * (metres - i * STRIDE) / pass->speed);
    book(sum, rest, i * STRIDE / pass->speed, metres / pass->speed);
}

static void stride_margins(const struct ear *ear, const struct pass *pass, int margin[STRIDES])
{
    double metres = pass->seconds * pass->speed;
    for (int i = 0; i < STRIDES && i * STRIDE < metres; i++) {
        double end = (i + 1) * STRIDE < metres ? (i + 1) * STRIDE : metres;
        margin[i] = fine_margin(margin_at(ear->radio, ear->beam, distance_at(pass, (i * STRIDE + end) / 2 / pass->speed)));
    }
}

/* ---- what is kept */

static double total_of(const double mass[BINS])
{
    double total = 0;
    for (int i = 0; i < BINS; i++)
        total += mass[i];
    return total;
}

static uint8_t part_of(double at) { return (uint8_t)((at < 1 ? at : 1) * PARTS + 0.5); }

/* The last step may have a long thin tail: it ends where its mean is right. */
static void fill_quantiles(struct times *times, const double mass[BINS])
{
    double total = total_of(mass), step = total / QUANTILES, below = 0, tail = 0;
    int q = 1;
    times->at[0] = 0;
    for (int i = 0; i < BINS; i++) {
        double in_tail = below + mass[i] - (total - step);
        in_tail = in_tail <= 0 ? 0 : in_tail < mass[i] ? in_tail : mass[i];
        tail += in_tail * (i + 1 - (mass[i] > 0 ? in_tail / mass[i] / 2 : 0)) / BINS;
        for (; q < QUANTILES && mass[i] > 0 && below + mass[i] >= step * q; q++)
            times->at[q] = part_of((i + (step * q - below) / mass[i]) / BINS);
        below += mass[i];
    }
    double begins = (double)times->at[QUANTILES - 1] / PARTS, ends = step > 0 ? 2 * tail / step - begins : 1;
    times->at[QUANTILES] = part_of(ends > begins ? ends : begins);
}

/* From and to, m, lie before (negative) or after the foot. What is shorter than half a metre counts as that. */
static struct pass pass_of(double from, double to, double lateral, double speed)
{
    double length = to - from > 0.5 ? to - from : 0.5;
    return (struct pass){.seconds = length / speed, .speed = speed, .from = from, .lateral = lateral};
}

/* The law bends between the speeds of the table, and a chord lies to one side of it. Each chance moves by a twelfth of the bend
 * there: a curve then lies as far above the chords as below, by the mean. */
static void straddle(struct law law[SPEEDS])
{
    double before = law[0].chance;
    for (int i = 1; i + 1 < SPEEDS; i++) {
        double here = law[i].chance, moved = here - (before - 2 * here + law[i + 1].chance) / 12;
        law[i].chance = moved < 1 ? moved : 1;
        before = here;
    }
}

/* The law of a pass at all speeds. */
static void tabulate_pass(const struct ear *ear, const struct beacons_params *p, double from, double to, double lateral,
                          struct law law[SPEEDS])
{
    struct grid grid[GRIDS];
    int margin[STRIDES] = {0};
    fill_grids(grid, p);
    for (int i = 0; i < SPEEDS; i++) {
        struct pass pass = pass_of(from, to, lateral, speed_at(i));
        struct sum sum = {.ear = ear, .left = ear->left[ear->steady ? i : 0], .seconds = pass.seconds, .grid = grid};
        if (i == 0 && ear->steady)
            stride_margins(ear, &pass, margin);
        for (int turn = 0; turn < STEADY_GRIDS && ear->steady; turn++)
            add_strides(&sum, &pass, margin);
        if (!ear->steady)
            add_phases(&sum, &pass);
        law[i].chance = total_of(sum.mass);
        fill_quantiles(&law[i].times, sum.mass);
    }
    straddle(law);
}

#endif
