/* SPDX-License-Identifier: MIT
 * The generated city. Statistical tests have fixed seeds and a false-alarm rate of 1e-6: |z| < 4.892. */
#include "../runner.h"
#include "city_fixture.h"
#include <chaland/numeric.h>
#include <time.h>

static const double z_max = 4.892;

START_TEST(default_city)
{
    create();
    check_city();
    ck_assert_uint_eq(f.city->width, 21);
    ck_assert_uint_eq(f.city->n_people, 2000);
    ck_assert_uint_eq(f.city->n_stores, 40);
    ck_assert_uint_eq(f.city->n_retailers, 8);
    ck_assert_uint_eq(f.city->n_beacons, 60);
    ck_assert_uint_eq(f.city->n_screens, 4);
    ck_assert_uint_eq(f.city->n_stops, 6);
    ck_assert(f.city->area_km2 > 3.999999 && f.city->area_km2 < 4.000001);
    uint32_t sellers[CH_N_GOODS] = {0}, doors = 0, couriers = 0, large = 0;
    for (uint32_t s = 0; s < 40; s++)
        for (int g = 0; g < CH_N_GOODS; g++)
            sellers[g] += f.city->stores[s].goods >> g & 1;
    for (int g = 0; g < CH_N_GOODS; g++)
        ck_assert_msg(sellers[g] >= 2, "%s has %u stores", f.city->goods[g].name, sellers[g]);
    for (uint32_t b = 0; b < 60; b++)
        doors += f.city->beacons[b].store != CH_NONE;
    for (uint32_t d = 0; d < f.city->n_depots; d++)
        couriers += f.city->depots[d].couriers;
    for (uint32_t s = 0; s < f.city->n_screens; s++)
        large += f.city->screens[s].size_m2 > 5;
    for (uint32_t r = 0; r < 8; r++)
        ck_assert(f.city->retailers[r].n_stores >= 1 && (r == 0 || f.city->retailers[r].size <= f.city->retailers[r - 1].size));
    ck_assert_uint_eq(doors, 40);
    ck_assert_uint_eq(couriers, 8);
    ck_assert_uint_eq(large, 1);
    ck_assert_str_eq(f.city->retailers[2].name, "Retailer 3");
    ck_assert_str_eq(f.city->retailers[2].id, "R03");
    ck_assert_int_eq(f.city->goods[CH_GOOD_electronics].basket, 12500);
    ck_assert_int_eq(f.city->goods[CH_GOOD_electronics].margin_bp, 2000);
}
END_TEST

/* Everything that identifies a city, in one number. */
static uint64_t city_hash(void)
{
    const struct ch_city *city = f.city;
    uint64_t h = city->n_places;
    for (uint32_t i = 0; i < city->n_people; i++) {
        const struct ch_citizen *who = &city->people[i];
        h = ch_mix(h ^ ((uint64_t)who->home << 32 | who->work));
        h = ch_mix(h ^
                   ((uint64_t)who->speed_mm_s << 32 | (uint64_t)who->device << 16 | (uint64_t)who->traits << 8 | who->privacy));
    }
    for (uint32_t s = 0; s < city->n_stores; s++)
        h = ch_mix(h ^ ((uint64_t)city->stores[s].node << 32 | city->stores[s].goods << 16 | city->stores[s].retailer)) +
            (uint64_t)(city->stores[s].floor_m2 * 1e6);
    for (uint32_t b = 0; b < city->n_beacons; b++)
        h = ch_mix(h ^ (uint64_t)(city->beacons[b].x_m * 1e6)) + (uint64_t)(city->beacons[b].y_m * 1e6);
    for (uint32_t s = 0; s < city->n_screens; s++)
        h = ch_mix(h ^ ((uint64_t)city->screens[s].side << 32 | (uint64_t)(city->screens[s].offset_m * 1e6)));
    return h;
}

START_TEST(seed_decides)
{
    create();
    uint64_t first = city_hash();
    create();
    ck_assert_uint_eq(city_hash(), first);
    SET(run, seed) = 2;
    create();
    ck_assert_uint_ne(city_hash(), first);
    check_city();
}
END_TEST

START_TEST(people_do_not_depend_on_shares) /* a decision that changes moves no other */
{
    create();
    struct ch_citizen *before = malloc(f.city->n_people * sizeof *before);
    memcpy(before, f.city->people, f.city->n_people * sizeof *before);
    SET(devices, bluetooth) = 0.9;
    SET(population, shoppers) = 3000;
    create();
    unsigned gained = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        const struct ch_citizen *a = &before[i], *b = &f.city->people[i];
        ck_assert(a->home == b->home && a->work == b->work && a->speed_mm_s == b->speed_mm_s && a->privacy == b->privacy);
        ck_assert_uint_eq(a->device & ~(unsigned)CH_BLUETOOTH, b->device & ~(unsigned)CH_BLUETOOTH);
        ck_assert(!(a->device & CH_BLUETOOTH) || (b->device & CH_BLUETOOTH));
        gained += a->device != b->device;
    }
    ck_assert_uint_gt(gained, 500);
    free(before);
}
END_TEST

static double z_of(double count, double n, double p) { return (count - n * p) / ch_sqrt(n * p * (1 - p)); }

START_TEST(shares)
{
    SET(population, shoppers) = 200000;
    create();
    double n = f.city->n_people, phones = 0, android = 0, bluetooth = 0, location = 0, app = 0, all_on = 0, workers = 0,
           type[3] = {0}, pace = 0, pace2 = 0;
    for (uint32_t i = 0; i < f.city->n_people; i++) {
        unsigned d = f.city->people[i].device;
        phones += !!(d & CH_SMARTPHONE);
        android += !!(d & CH_ANDROID);
        bluetooth += !!(d & CH_BLUETOOTH);
        location += !!(d & CH_LOCATION);
        app += !!(d & CH_APP);
        all_on += (d & CH_BLUETOOTH) && (d & CH_LOCATION) && (d & CH_APP);
        workers += f.city->people[i].traits & CH_WORKER;
        type[f.city->people[i].privacy]++;
        double p = 1000.0 / f.city->people[i].speed_mm_s;
        pace += p;
        pace2 += p * p;
    }
    const double z[] = {z_of(phones, n, 0.77),
                        z_of(android, phones, 0.75),
                        z_of(bluetooth, phones, 0.45),
                        z_of(location, phones, 0.90),
                        z_of(app, phones, 0.10),
                        z_of(all_on, phones, 0.45 * 0.90 * 0.10),
                        z_of(workers, n, 0.55),
                        z_of(type[0], n, 0.26),
                        z_of(type[1], n, 0.64),
                        z_of(type[2], n, 0.10),
                        (pace / n - 0.77592) / ch_sqrt((pace2 / n - pace / n * (pace / n)) / n)}; /* models.md M01: E[1/v] */
    for (size_t k = 0; k < sizeof z / sizeof *z; k++)
        ck_assert_msg(z[k] > -z_max && z[k] < z_max, "share %zu: z = %.2f", k, z[k]);
    ck_assert(z_of(bluetooth, phones, 0.46) < -z_max); /* negative control */
}
END_TEST

/* Mean steps between the homes of persons 2k and 2k + 1, against `expected`. */
static double z_of_steps(double expected)
{
    double sum = 0, sum2 = 0, n = f.city->n_people / 2;
    for (uint32_t i = 0; i + 1 < f.city->n_people; i += 2) {
        double d = ch_distance_m(f.city, f.city->people[i].home, f.city->people[i + 1].home);
        sum += d;
        sum2 += d * d;
    }
    return (sum / n - expected) / ch_sqrt((sum2 / n - sum / n * (sum / n)) / n);
}

START_TEST(mean_distance)
{
    static char rows[80 * 51 * 12];
    int at = snprintf(rows, sizeof rows, "x,y\n");
    for (int j = 0; j <= 40; j++)
        for (int i = 0; i <= 60; i++)
            at += snprintf(rows + at, sizeof rows - (size_t)at, "%d,%d\n", i * 100, j * 100);
    SET(city, columns) = 60;
    SET(city, rows) = 40;
    SET(population, shoppers) = 100000;
    give(CH_TABLE_homes, rows);
    create();
    double a = 61, b = 41,
           nodes = 100 * ((a * a - 1) / (3 * a) + (b * b - 1) / (3 * b)); /* uniform on nodes; tends to (a + b) / 3 */
    double limit = 100 * (60.0 + 40.0) / 3;
    ck_assert(nodes / limit > 1 && nodes / limit < 1.03);
    double z = z_of_steps(nodes);
    ck_assert_msg(z > -z_max && z < z_max, "z = %.2f", z);
    drop_table(&f.items[CH_TABLE_homes]); /* negative control: density that falls from the centre */
    create();
    ck_assert(z_of_steps(nodes) < -z_max);
}
END_TEST

/* Wilson and Hilferty's normal score of a chi-square statistic. */
static double z_of_chi2(double chi2, double df)
{
    return (ch_pow(chi2 / df, 1.0 / 3) - (1 - 2 / (9 * df))) / ch_sqrt(2 / (9 * df));
}

static double gravity_chi2(double reach)
{
    const struct ch_city *city = f.city;
    double law[48], sum = 0, chi2 = 0, n = 0, count[48] = {0};
    ck_assert_uint_eq(city->n_nodes, 48);
    for (uint32_t node = 0; node < 48; node++)
        sum += law[node] = (node % 5 == 3 ? 0 : 1 + node % 7) * ch_exp(-ch_distance_m(city, city->people[0].home, node) / reach);
    for (uint32_t i = 0; i < city->n_people; i++)
        if (city->people[i].traits & CH_WORKER) {
            count[city->people[i].work]++;
            n++;
        }
    for (uint32_t node = 0; node < 48; node++) {
        double expected = law[node] / sum * n;
        chi2 += expected > 0 ? (count[node] - expected) * (count[node] - expected) / expected : 0;
        ck_assert(expected > 0 || count[node] <= 0);
    }
    return z_of_chi2(chi2, 38 - 1); /* 10 of 48 nodes have no jobs */
}

START_TEST(gravity)
{
    static char works[48 * 20], home[] = "x,y,weight\n200,300,2\n";
    int at = snprintf(works, sizeof works, "x,y,weight\n");
    for (int node = 0; node < 48; node++)
        at += snprintf(works + at, sizeof works - (size_t)at, "%d,%d,%d\n", node % 8 * 100, node / 8 * 100,
                       node % 5 == 3 ? 0 : 1 + node % 7);
    SET(city, columns) = 7;
    SET(city, rows) = 5;
    SET(population, shoppers) = 100000;
    SET(population, work_reach) = 250;
    give(CH_TABLE_works, works);
    give(CH_TABLE_homes, home);
    create();
    check_city();
    double z = gravity_chi2(250);
    ck_assert_msg(z > -z_max && z < z_max, "z = %.2f", z);
    ck_assert(gravity_chi2(300) > z_max); /* negative control */
}
END_TEST

START_TEST(work_beyond_weighing) /* exp(-8000 m / 5 m) is no double: the nearest job it is */
{
    static char works[] = "x,y\n80000,0\n80000,2000\n", homes[] = "x,y\n0,0\n0,2000\n";
    SET(city, columns) = 80;
    SET(city, rows) = 2;
    SET(city, block) = 1000;
    SET(population, work_reach) = 50;
    give(CH_TABLE_works, works);
    give(CH_TABLE_homes, homes);
    create();
    check_city();
    for (uint32_t i = 0; i < f.city->n_people; i++)
        if (f.city->people[i].traits & CH_WORKER)
            ck_assert_uint_eq(f.city->people[i].work, f.city->people[i].home + 80);
}
END_TEST

START_TEST(floors_and_sundays)
{
    SET(city, stores) = 20000;
    SET(city, retailers) = 300;
    SET(city, clusters) = 30;
    SET(city, columns) = 80;
    create();
    check_city();
    double below = 0, sunday = 0, several = 0, n = f.city->n_stores;
    for (uint32_t s = 0; s < f.city->n_stores; s++) {
        below += f.city->stores[s].floor_m2 < 120;
        sunday += f.city->stores[s].sunday;
        several += (f.city->stores[s].goods & (f.city->stores[s].goods - 1)) != 0;
    }
    double z_median = z_of(below, n, 0.5), z_sunday = z_of(sunday, n, 0.1);
    ck_assert_msg(z_median > -z_max && z_median < z_max, "median: z = %.2f", z_median);
    ck_assert_msg(z_sunday > -z_max && z_sunday < z_max, "Sunday: z = %.2f", z_sunday);
    ck_assert(several / n > 0.05 && several / n < 0.12);
}
END_TEST

START_TEST(exact_counts)
{
    SET(city, screens) = 17;
    SET(city, depots) = 3;
    SET(city, couriers) = 20;
    SET(population, sample) = 0.3;
    SET(retail, sponsors) = 0.3;
    SET(retail, members) = 0;
    SET(city, retailers) = 10;
    create();
    check_city();
    uint32_t large = 0, at_stop = 0, couriers = 0, sponsors = 0, members = 0;
    for (uint32_t s = 0; s < 17; s++) {
        large += f.city->screens[s].size_m2 > 5;
        at_stop += f.city->screens[s].at_stop;
    }
    for (uint32_t d = 0; d < 3; d++)
        couriers += f.city->depots[d].couriers;
    for (uint32_t r = 0; r < 10; r++) {
        sponsors += f.city->retailers[r].sponsor;
        members += f.city->retailers[r].pool;
        ck_assert(f.city->retailers[r].sponsor == (r < 3));
    }
    ck_assert_uint_eq(large, 3); /* 0.18 x 17 = 3.06 */
    ck_assert_uint_eq(at_stop, 8);
    ck_assert_uint_eq(couriers, 6);
    ck_assert_uint_eq(sponsors, 3);
    ck_assert_uint_eq(members, 0);
    ck_assert_uint_eq(f.city->n_people, 600);
    ck_assert(f.city->inhabitants > 1999.5 && f.city->inhabitants < 2000.5);
}
END_TEST

START_TEST(edges) /* nothing there, one person, one block */
{
    SET(city, columns) = 1;
    SET(city, rows) = 1;
    SET(city, block) = 24;
    create();
    check_city();
    SET(city, stores) = 0;
    create();
    check_city();
    SET(city, beacons) = 0;
    SET(city, screens) = 0;
    SET(city, stops) = 0;
    SET(city, depots) = 0;
    SET(population, shoppers) = 1;
    create();
    check_city();
    ck_assert_uint_eq(f.city->n_people, 1);
    ck_assert_uint_eq(f.city->near_stop[0], CH_NONE);
    ck_assert_uint_eq(f.city->n_places, 5);
    SET(city, stores) = 3; /* fewer than retailers and goods */
    SET(city, screens) = 50;
    SET(city, clusters) = 9;
    SET(population, sample) = 0.0001;
    SET(population, workers) = 1;
    create();
    check_city();
    SET(city, columns) = 200; /* a ribbon */
    SET(city, stops) = 7;
    SET(city, depots) = 900;
    create();
    check_city();
}
END_TEST

START_TEST(clusters_hold_stores)
{
    SET(city, columns) = 65;
    SET(city, rows) = 65;
    SET(city, stores) = 900;
    SET(city, retailers) = 60;
    SET(city, clusters) = 12;
    create();
    check_city();
    uint32_t centre = 32 * 66 + 32, near = 0;
    for (uint32_t s = 0; s < 900; s++)
        near += ch_distance_m(f.city, centre, f.city->stores[s].node) <= 1500;
    ck_assert_msg(near >= 270 && near <= 450, "%u of 900 stores in the centre", near); /* 0.33 x 900 and some scattered ones */
}
END_TEST

START_TEST(one_million_people)
{
#ifdef CH_DEBUG
    const double limit_s = 20;
#else
    const double limit_s = 2;
#endif
    SET(city, columns) = 65;
    SET(city, rows) = 65;
    SET(population, shoppers) = 1000000;
    clock_t begin = clock();
    create();
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    ck_assert_msg(seconds < limit_s, "%.2f s", seconds);
    fprintf(stderr, "one million people: %.2f s, %.1f bytes each\n", seconds, (double)f.build->bytes / 1e6);
}
END_TEST

static void add_tests(TCase *generated)
{
    tcase_add_checked_fixture(generated, setup, teardown);
    tcase_add_test(generated, default_city);
    tcase_add_test(generated, seed_decides);
    tcase_add_test(generated, people_do_not_depend_on_shares);
    tcase_add_test(generated, shares);
    tcase_add_test(generated, mean_distance);
    tcase_add_test(generated, gravity);
    tcase_add_test(generated, work_beyond_weighing);
    tcase_add_test(generated, floors_and_sundays);
    tcase_add_test(generated, exact_counts);
    tcase_add_test(generated, edges);
    tcase_add_test(generated, clusters_hold_stores);
    tcase_add_test(generated, one_million_people);
}

int main(void) { return run_tests("city", add_tests); }
