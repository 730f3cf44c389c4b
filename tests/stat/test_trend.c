/* SPDX-License-Identifier: MIT
 * A plain season stands still: without sales period and policy, daily sales, consents and open wishes have no trend over nine
 * weeks.
 *
 * Slope per day by least squares within weekdays, in each replication; days of one run hang together, so the test is on the
 * replications: z = mean slope / its standard error, |z| < 4.9 (with 16 of them a false alarm in 5,000; the seed is fixed, so it
 * could only come with a change of draws). Power: the standard error is about 0.01 % a day for each of the three, so a trend of
 * 0.2 % a day, 12 % over the nine weeks, has |z| of 15 and more; it is planted in the numbers. Drifts of the model itself are
 * seen, too. One day of warm-up, as by default: people, lists, shelves and returns start as they go on. Week 1 is within 2 %
 * of weeks 5 to 8. */
#include "../runner.h"
#include "experiment.h"

enum { REPLICATIONS = 16, PLANTED = 6, WEEKS = 9 };

static const char *const plain_yaml =
    "chaland: 1\nname: plain\nseed: 41\nstart: 2013-03-04\nduration: 63 d\nwarmup: 1 d\n"
    "city: {columns: 12, rows: 12, stores: 60, retailers: 10, beacons: 20, screens: 2, stops: 6, couriers: 8}\n"
    "population: {shoppers: 1500}\n"
    "devices: {app: 50 %}\n";

static const char *const daily[] = {"daily_sales", "daily_consenting", "daily_open_wishes"};
enum { N_DAILY = sizeof daily / sizeof daily[0] };

/* Slope per day within weekdays, as a share of the mean; `planted` is added to it. Whole weeks: the days of a week enter with
 * one weight. */
static double slope_of(const struct ch_outcome *run, const char *probe, unsigned warmup, double planted)
{
    const int64_t *day = cells_of(run, probe) + warmup;
    double mean = 0, product = 0, square = 0;
    for (unsigned d = 0; d < 7 * WEEKS; d++)
        mean += (double)day[d] / (7 * WEEKS);
    for (unsigned d = 0; d < 7 * WEEKS; d++) {
        double centre = (7 * WEEKS - 1) / 2.0, x = 7 * (d / 7 - (WEEKS - 1) / 2.0);
        product += x * (double)day[d] * (1 + planted * (d - centre));
        square += x * x;
    }
    return product / square / mean;
}

/* z of the mean slope of all replications. */
static double z_of(const struct series *series, const char *probe, double planted)
{
    double slope[REPLICATIONS_MAX];
    for (unsigned i = 0; i < series->n; i++)
        slope[i] = slope_of(&series->run[i], probe, series->run[i].measures.shape.n_days - 7 * WEEKS, planted);
    struct ch_interval mean = ch_mean_interval(slope, series->n, sure);
    double error = mean.sd / sqrt(mean.n);
    if (getenv("CHALAND_FIGURES"))
        printf("    %-18s planted %.2f %%: slope %+.4f %% a day, standard error %.4f, z %.2f\n", probe, 100 * planted,
               100 * mean.estimate, 100 * error, mean.estimate / error);
    return mean.estimate / error;
}

START_TEST(a_plain_season_has_no_trend)
{
    struct town town = town_open(plain_yaml, NULL, 0);
    struct series *series = series_run(&town, "silent", 0, REPLICATIONS);
    for (int i = 0; i < N_DAILY; i++) {
        double z = z_of(series, daily[i], 0), up = z_of(series, daily[i], 0.002), down = z_of(series, daily[i], -0.002);
        ck_assert_msg(!CLAIMS || fabs(z) < 4.9, "%s: z of the slope %.2f", daily[i], z);
        ck_assert_msg(!CLAIMS || (up > clear_cut && down < -clear_cut), "%s: a planted trend has z %.2f and %.2f", daily[i], up,
                      down);
    }
    series_free(series);
    town_close(&town);
}
END_TEST

/* A policy that asks fills the town with consents, one that annoys empties it: the same figures, seen in the same way. */
START_TEST(what_drifts_is_seen)
{
    static const char *const set[] = {"policies=[silent, responsive, broadcast]", "warmup=0 d"};
    struct town town = town_open(plain_yaml, set, 2);
    struct series *asking = series_run(&town, "responsive", 0, PLANTED), *loud = series_run(&town, "broadcast", 0, PLANTED);
    double up = z_of(asking, "daily_consenting", 0), down = z_of(loud, "daily_consenting", 0);
    ck_assert_msg(!CLAIMS || up > clear_cut, "responsive: z of the slope %.2f", up);
    ck_assert_msg(!CLAIMS || down < -clear_cut, "broadcast: z of the slope %.2f", down);
    series_free(asking);
    series_free(loud);
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, a_plain_season_has_no_trend);
    tcase_add_test(tc, what_drifts_is_seen);
}

int main(void) { return run_tests_without_fork("trend", add_tests); }
