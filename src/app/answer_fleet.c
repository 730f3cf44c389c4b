/* SPDX-License-Identifier: MIT
 * The answer to "how many couriers?": points of a sweep of the fleet with one policy, compared with each other. Points that
 * differ in nothing but the fleet are one way of working. A fleet is enough when 95 % of its orders come within 45 min (K36), all
 * of that percentile's interval counted. Ways are compared at the same fleet, under the same orders (paired by replication). */
#include "app/answer.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char fleet_key[] = "city.couriers=";
static const double WITHIN_MIN = 45;

enum { WAY_MAX = 200, CELL = 60 };

/* The way of working of a point, and its fleet: "couriers.dispatch=batch, city.couriers=8" gives "couriers.dispatch=batch", 8. */
static double split_label(const char *label, char way[WAY_MAX])
{
    const char *key = strstr(label, fleet_key);
    size_t before = key ? (size_t)(key - label) : strlen(label), n;
    const char *after = key ? key + strcspn(key, ",") : "";
    while (*after == ',' || *after == ' ')
        after++;
    if (!*after)
        while (before > 0 && strchr(", ", label[before - 1]))
            before--;
    n = (size_t)snprintf(way, WAY_MAX, "%.*s%s", (int)before, label, after);
    if (n == 0)
        snprintf(way, WAY_MAX, "as it is");
    return key ? strtod(key + sizeof fleet_key - 1, NULL) : NAN;
}

bool ch_answer_is_fleet(const struct ch_file *file)
{
    unsigned measured = 0;
    for (unsigned p = 0; p < file->n_points; p++)
        measured += strstr(file->point_label[p], fleet_key) && !isnan(ch_answer_mean(file, "delivery_time_p95", p, 0));
    return file->n_policies == 1 && file->n_points > 1 && measured == file->n_points;
}

/* ---- the table ---------------------------------------------------------------------------------------------------- */

static void print_points(const struct ch_file *file, double confidence, FILE *out)
{
    char way[WAY_MAX], cell[CELL];
    fprintf(out, "\n  %8s %20s %6s %6s %7s %6s %6s %6s %7s %7s  %s\n", "couriers", "95 % come within min", "mean", "kept",
            "orders", "gone", "idle", "empty", "EUR/h", "EUR", "way of working");
    for (unsigned p = 0; p < file->n_points; p++) {
        double couriers = split_label(file->point_label[p], way);
        ch_verdict_interval(ch_answer_interval(file, "delivery_time_p95", p, 0, confidence), false, cell, sizeof cell);
        fprintf(out, "  %8.0f %20s %6.1f %5.0f%% %7.0f %6.1f %5.0f%% %5.0f%% %7.2f %7.2f  %s\n", couriers, cell,
                ch_answer_mean(file, "delivery_time_mean", p, 0), 100 * ch_answer_mean(file, "promise_kept_rate", p, 0),
                ch_answer_mean(file, "orders", p, 0), ch_answer_mean(file, "orders_cancelled", p, 0),
                100 * ch_answer_mean(file, "courier_idle_share", p, 0), 100 * ch_answer_mean(file, "empty_km_share", p, 0),
                ch_answer_mean(file, "courier_earnings_per_hour", p, 0), ch_answer_mean(file, "cost_per_drop", p, 0), way);
    }
    fputs("\n  mean: minutes from order to drop; kept: promises; gone: orders cancelled; empty: kilometres without a parcel; "
          "EUR/h: "
          "pay less\n  tools per hour on duty; EUR: pay, premium and tools per drop\n",
          out);
}

/* ---- the words ---------------------------------------------------------------------------------------------------- */

static bool is_enough(const struct ch_file *file, unsigned point, double confidence)
{
    struct ch_interval i = ch_answer_interval(file, "delivery_time_p95", point, 0, confidence);
    return (isnan(i.high) ? i.estimate : i.high) <= WITHIN_MIN;
}

/* The point of the least fleet that is enough in this way (of the greatest that is not: enough = false); n_points if none. */
static unsigned find_fleet(const struct ch_file *file, const char *way, bool enough, double confidence)
{
    char other[WAY_MAX];
    unsigned best = file->n_points;
    double best_fleet = 0;
    for (unsigned p = 0; p < file->n_points; p++) {
        double fleet = split_label(file->point_label[p], other);
        if (strcmp(way, other) != 0 || is_enough(file, p, confidence) != enough)
            continue;
        if (best == file->n_points || (enough ? fleet < best_fleet : fleet > best_fleet)) {
            best = p;
            best_fleet = fleet;
        }
    }
    return best;
}

static void say_way(const struct ch_file *file, const char *way, double confidence, FILE *out)
{
    char other[WAY_MAX], cell[CELL];
    unsigned least = find_fleet(file, way, true, confidence), most = find_fleet(file, way, false, confidence);
    if (least == file->n_points) {
        ch_verdict_words(ch_answer_interval(file, "delivery_time_p95", most, 0, confidence), false, "min", cell, sizeof cell);
        fprintf(out, "  %s: even %.0f couriers are not shown to be enough (95 %% of orders come within %s).\n", way,
                split_label(file->point_label[most], other), cell);
        return;
    }
    double fleet = split_label(file->point_label[least], other), law = ch_answer_mean(file, "fleet_by_law", least, 0);
    ch_verdict_words(ch_answer_interval(file, "delivery_time_p95", least, 0, confidence), false, "min", cell, sizeof cell);
    fprintf(out, "  %s: %.0f couriers are enough (95 %% of orders come within %s)", way, fleet, cell);
    if (most < file->n_points && split_label(file->point_label[most], other) < fleet)
        fprintf(out, "; %.0f are not shown to be", split_label(file->point_label[most], other));
    fprintf(out, ".\n    They earn %.2f EUR an hour and stand idle for %.0f %% of it.",
            ch_answer_mean(file, "courier_earnings_per_hour", least, 0),
            100 * ch_answer_mean(file, "courier_idle_share", least, 0));
    if (!isnan(law))
        fprintf(out, " The law of the nearest courier asks for %.1f at the busiest hour.", law);
    fputs("\n", out);
}

/* Against the first way of the file that was run with the same fleet and the same demand. */
static void say_difference(const struct ch_file *file, unsigned a, unsigned b, double confidence, FILE *out)
{
    static const char *const kpi[] = {"delivery_time_mean", "empty_km_share"};
    char way_a[WAY_MAX], way_b[WAY_MAX], cell[2][CELL];
    double fleet = split_label(file->point_label[a], way_a);
    bool clear[2], better[2];
    split_label(file->point_label[b], way_b);
    for (int k = 0; k < 2; k++) {
        struct ch_interval d = ch_paired_interval(ch_answer_values(file, kpi[k], a, 0), ch_answer_values(file, kpi[k], b, 0),
                                                  file->n_replications, confidence, 2);
        clear[k] = d.low > 0 || d.high < 0;
        better[k] = d.high < 0;
        ch_verdict_words(ch_interval_scaled(d, k ? 100 : 1), true, k ? "points" : "min", cell[k], sizeof cell[k]);
    }
    fprintf(out, "  With %.0f couriers, %s against %s: delivery %s (%s), empty kilometres %s (%s).\n", fleet, way_a, way_b,
            better[0]  ? "sooner"
            : clear[0] ? "later"
                       : "no clear change",
            cell[0],
            better[1]  ? "fewer"
            : clear[1] ? "more"
                       : "no clear change",
            cell[1]);
}

/* The part of a way that says how much is asked for: "delivery.orders_per_hour=60, ..." */
static bool same_demand(const char *a, const char *b)
{
    const char *x = strstr(a, "delivery."), *y = strstr(b, "delivery.");
    size_t n = x ? strcspn(x, ",") : 0, m = y ? strcspn(y, ",") : 0;
    return n == m && (n == 0 || strncmp(x, y, n) == 0);
}

/* Each way at the least fleet that its reference needs. */
static void say_differences(const struct ch_file *file, unsigned point, double confidence, FILE *out)
{
    char way[WAY_MAX], other[WAY_MAX];
    split_label(file->point_label[point], way);
    for (unsigned first = 0; first < point; first++) {
        split_label(file->point_label[first], other);
        if (strcmp(way, other) == 0)
            return;
        if (!same_demand(way, other))
            continue;
        unsigned at = find_fleet(file, other, true, confidence);
        at = at < file->n_points ? at : find_fleet(file, other, false, confidence);
        double fleet = split_label(file->point_label[at], other);
        for (unsigned p = 0; p < file->n_points; p++) {
            char again[WAY_MAX];
            double same = split_label(file->point_label[p], again);
            if (strcmp(again, way) == 0 && fabs(same - fleet) < 0.5)
                say_difference(file, p, at, confidence, out);
        }
        return;
    }
}

static bool is_first_of_its_way(const struct ch_file *file, unsigned point)
{
    char way[WAY_MAX], other[WAY_MAX];
    split_label(file->point_label[point], way);
    for (unsigned p = 0; p < point; p++) {
        split_label(file->point_label[p], other);
        if (strcmp(way, other) == 0)
            return false;
    }
    return true;
}

void ch_answer_fleet_print(const struct ch_file *file, double confidence, FILE *out)
{
    char way[WAY_MAX];
    print_points(file, confidence, out);
    if (file->question && file->question[0])
        fprintf(out, "\nQuestion: %s\n", file->question);
    fprintf(out, "Answer ([ ] = %g %% interval; enough: 95 %% of orders within %.0f min):\n", 100 * confidence, WITHIN_MIN);
    for (unsigned p = 0; p < file->n_points; p++) {
        if (!is_first_of_its_way(file, p))
            continue;
        split_label(file->point_label[p], way);
        say_way(file, way, confidence, out);
    }
    for (unsigned p = 1; p < file->n_points; p++)
        if (is_first_of_its_way(file, p))
            say_differences(file, p, confidence, out);
    if (file->n_replications < CH_FEW_REPLICATIONS)
        fprintf(out, "  From %u replications; for a verdict ask for at least %d (-n).\n", file->n_replications,
                CH_FEW_REPLICATIONS);
}
