/* SPDX-License-Identifier: MIT
 * The city of the user's own tables, and what is said when they are wrong. */
#include "../runner.h"
#include "city_fixture.h"

static char *file_text(const char *path)
{
    char *text;
    size_t n;
    struct ch_error error = {0};
    ck_assert_msg(ch_read_file(path, 1 << 20, &text, &n, &error) == CH_OK, "%s", error.text);
    return text;
}

static uint32_t store_named(const char *id)
{
    for (uint32_t s = 0; s < f.city->n_stores; s++)
        if (!strcmp(f.city->stores[s].id, id))
            return s;
    ck_abort_msg("no store %s", id);
    return CH_NONE;
}

static void small_grid(void)
{
    SET(city, columns) = 8;
    SET(city, rows) = 6;
}

START_TEST(own_city)
{
    char *stores = file_text("tests/data/city/stores.csv"), *beacons = file_text("tests/data/city/beacons.csv");
    char *screens = file_text("tests/data/city/screens.csv"), *stops = file_text("tests/data/city/stops.csv");
    small_grid();
    SET(retail, sponsors) = 0.25;
    give(CH_TABLE_stores, stores);
    give(CH_TABLE_beacons, beacons);
    give(CH_TABLE_screens, screens);
    give(CH_TABLE_stops, stops);
    create();
    check_city();
    ck_assert_uint_eq(f.city->n_stores, 12);
    ck_assert_uint_eq(f.city->n_retailers, 7);
    ck_assert_str_eq(f.city->retailers[0].id, "Loire"); /* three stores; the others have two or one, in order of appearance */
    ck_assert_str_eq(f.city->retailers[1].id, "Modeline");
    ck_assert_str_eq(f.city->retailers[6].id, "Brulerie");
    ck_assert(f.city->retailers[0].sponsor && f.city->retailers[1].sponsor &&
              !f.city->retailers[2].sponsor); /* a quarter of 7, rounded up */
    const struct ch_store *fashion = &f.city->stores[store_named("fashion-1")], *market = &f.city->stores[store_named("market")];
    ck_assert_uint_eq(fashion->node, 3 * 9 + 4);
    ck_assert_uint_eq(fashion->goods, 1u << CH_GOOD_clothing | 1u << CH_GOOD_shoes);
    ck_assert_uint_eq(fashion->good, CH_GOOD_clothing);
    ck_assert(fashion->opens == 9 * CH_HOUR + 30 * CH_MINUTE && fashion->closes == 19 * CH_HOUR + 30 * CH_MINUTE &&
              !fashion->sunday);
    ck_assert(market->opens == 7 * CH_HOUR + 30 * CH_MINUTE && market->closes == 20 * CH_HOUR && market->sunday);
    ck_assert(fashion->x_m > 409.999 && fashion->x_m < 410.001 && market->floor_m2 > 1799.9 && market->floor_m2 < 1800.1);
    ck_assert_str_eq(f.city->beacons[0].id, "door-market");
    ck_assert_uint_eq(f.city->beacons[0].store, store_named("market"));
    ck_assert_uint_eq(f.city->beacons[0].retailer, market->retailer);
    ck_assert_uint_eq(f.city->beacons[3].store, CH_NONE);
    ck_assert_uint_eq(f.city->beacons[3].retailer, CH_NONE);
    ck_assert_str_eq(f.city->retailers[f.city->beacons[4].retailer].id, "Volt");
    const struct ch_screen *square = &f.city->screens[0], *shelter = &f.city->screens[1];
    ck_assert_str_eq(square->id, "square");
    ck_assert_uint_eq(square->side, (3 * 9 + 3) * 4 + CH_EAST);
    ck_assert(square->offset_m > 69.99 && square->offset_m < 70.01 && square->size_m2 > 7.9 && !square->at_stop);
    ck_assert_str_eq(shelter->id, "shelter");
    ck_assert_uint_eq(shelter->side, (3 * 9 + 4) * 4 + CH_EAST);
    ck_assert(shelter->offset_m > 29.99 && shelter->offset_m < 30.01 && shelter->at_stop);
    ck_assert(f.city->stops[0].headway_s > 479.9 && f.city->stops[0].headway_s < 480.1 && f.city->stops[1].headway_s > 899.9);
    free(stores);
    free(beacons);
    free(screens);
    free(stops);
}
END_TEST

START_TEST(snapping)
{
    static char stores[] = "id,retailer,x,y\na,r,50,250\nb,r,50.001,349.999\nc,r,800,600\nd,r,0.12 km,0\n";
    small_grid();
    give(CH_TABLE_stores, stores);
    create();
    check_city();
    ck_assert_uint_eq(f.city->stores[store_named("a")].node, 2 * 9); /* ties to the lower node */
    ck_assert_uint_eq(f.city->stores[store_named("b")].node, 3 * 9 + 1);
    ck_assert_uint_eq(f.city->stores[store_named("c")].node, 6 * 9 + 8);
    ck_assert_uint_eq(f.city->stores[store_named("d")].node, 1);
}
END_TEST

START_TEST(own_retailers)
{
    static char retailers[] = "id,name,size,sponsor,pool\nbig,Big one,6,,no\nmid,,3,no,\nsmall,Small one,1,yes,\n";
    static char beacons[] = "id,x,y,store,retailer\nb1,0,0,,mid\n";
    give(CH_TABLE_retailers, retailers);
    give(CH_TABLE_beacons, beacons);
    SET(retail, sponsors) = 0.2; /* one: the largest */
    SET(retail, members) = 0.5;  /* two: the largest two */
    create();
    check_city();
    const struct ch_retailer *r = f.city->retailers;
    ck_assert(r[0].sponsor && !r[1].sponsor && r[2].sponsor);
    ck_assert(!r[0].pool && r[1].pool && !r[2].pool);
    ck_assert(r[0].size > 0.5999 && r[0].size < 0.6001);
    ck_assert_uint_eq(r[0].n_stores, 24);
    ck_assert_uint_eq(r[1].n_stores, 12);
    ck_assert_str_eq(r[1].name, "mid");
    ck_assert_uint_eq(f.city->beacons[0].retailer, 1);
    ck_assert_msg(!strncmp(f.city->stores[0].id, "big-S", 4) || f.city->stores[0].retailer != 0, "%s", f.city->stores[0].id);
}
END_TEST

START_TEST(own_screens_at_crossings)
{
    static char screens[] = "id,x,y,facing\n"
                            "a,400,300,east\n" /* on a crossing: seen by those who come to it */
                            "b,405,300,east\n" /* just past it: the same */
                            "c,420,300,east\n" /* well past it: the next street */
                            "d,400,300,west\n"
                            "e,400,300,north\n"
                            "f,400,300,south\n";
    static const uint32_t side[] = {(3 * 9 + 3) * 4 + CH_EAST, (3 * 9 + 3) * 4 + CH_EAST,  (3 * 9 + 4) * 4 + CH_EAST,
                                    (3 * 9 + 5) * 4 + CH_WEST, (2 * 9 + 4) * 4 + CH_NORTH, (4 * 9 + 4) * 4 + CH_SOUTH};
    small_grid();
    give(CH_TABLE_screens, screens);
    create();
    check_city();
    for (uint32_t s = 0; s < 6; s++) {
        const struct ch_screen *screen = &f.city->screens[s];
        ck_assert_uint_eq(screen->side, side[*screen->id - 'a']);
        double offset = *screen->id == 'c' ? 20 : 76.9; /* the last 23.1 m stay free */
        ck_assert(screen->offset_m > offset - 0.001 && screen->offset_m < offset + 0.001);
    }
}
END_TEST

START_TEST(own_depots)
{
    static char depots[] = "id,x,y,couriers\na,0,0,10\nb,100,0,10\nc,200,0,\nd,300,0,0\n",
                plain[] = "id,x,y\na,0,0\nb,0,0\nc,0,0\n";
    SET(population, sample) = 0.25;
    SET(city, couriers) = 8;
    give(CH_TABLE_depots, depots);
    create();
    check_city();
    static const uint32_t scaled[] = {3, 2, 1, 0}; /* running totals 2.5, 5, 5.5 rounded: 3, 5, 6 */
    for (int d = 0; d < 4; d++)
        ck_assert_uint_eq(f.city->depots[d].couriers, scaled[d]);
    SET(population, sample) = 1;
    give(CH_TABLE_depots, plain);
    create();
    ck_assert_uint_eq(f.city->depots[0].couriers + f.city->depots[1].couriers + f.city->depots[2].couriers, 8);
    SET(population, sample) = 0.001;
    create();
    ck_assert_uint_eq(f.city->depots[2].couriers, 1);
}
END_TEST

START_TEST(empty_tables)
{
    static char stores[] = "id,retailer,x,y\n", beacons[] = "id,x,y\n", screens[] = "id,x,y,facing\n", stops[] = "id,x,y\n",
                depots[] = "id,x,y\n";
    give(CH_TABLE_stores, stores);
    give(CH_TABLE_beacons, beacons);
    give(CH_TABLE_screens, screens);
    give(CH_TABLE_stops, stops);
    give(CH_TABLE_depots, depots);
    create();
    check_city();
    ck_assert_uint_eq(f.city->n_stores + f.city->n_beacons + f.city->n_screens + f.city->n_stops + f.city->n_depots, 0);
}
END_TEST

static bool heeds(unsigned section, unsigned items) { return (ch_section(section)->model->items & items) != 0; }

START_TEST(overrides) /* any parameter of any model that heeds stores, for one store */
{
    unsigned section = CH_N_SETTINGS, param = 0;
    for (; section < ch_n_sections(); section++) {
        if (!heeds(section, CH_HEEDS(STORE)))
            continue;
        for (param = 0; param < ch_section(section)->n_params && ch_section(section)->param[param].kind != CH_PARAM_F64; param++)
            ;
        if (param < ch_section(section)->n_params)
            break;
    }
    if (section == ch_n_sections())
        return; /* no models yet */
    static char text[512], value[40];
    const struct ch_param *row = &ch_section(section)->param[param];
    snprintf(text, sizeof text, "id,retailer,x,y,%s.%s\nz,r,800,600,%s %s\ny,r,400,0,\nx,r,0,0,%s %s\n",
             ch_section(section)->path, row->name, ch_print_double(row->max, value, sizeof value), row->unit, value, row->unit);
    small_grid();
    give(CH_TABLE_stores, text);
    create();
    ck_assert_ptr_null(f.build->item_params[CH_ITEM_BEACON]);
    const void *const *const *sections = f.build->item_params[CH_ITEM_STORE];
    ck_assert_ptr_nonnull(sections);
    for (unsigned i = 0; i < ch_n_sections(); i++)
        ck_assert((sections[i] != NULL) == (i == section));
    ck_assert_ptr_null(sections[section][store_named("y")]);
    ck_assert(ch_param_number(row, sections[section][store_named("z")]) >= row->max);
    ck_assert(ch_param_number(row, sections[section][store_named("x")]) >= row->max);
}
END_TEST

/* The whole way from YAML and CSV files, and from an inline list with its own shape of lists and nested keys. */
static void load(const char *yaml)
{
    struct ch_scenario_options options = {.share = "."};
    struct ch_scenario *scenario = NULL;
    enum ch_code code = ch_scenario_parse(yaml, "tests/data/city/town.yaml", &options, f.diag, &scenario);
    if (code == CH_OK)
        code = ch_city_create(scenario, f.diag, &f.build);
    if (code != CH_OK)
        ch_diag_print(f.diag, stderr);
    ck_assert_int_eq(code, CH_OK);
    f.city = &f.build->city;
    check_city();
    ch_scenario_destroy(scenario);
}

START_TEST(loaded_files)
{
    load("chaland: 1\nname: town\nstart: 2013-01-09\ncity:\n  columns: 8\n  rows: 6\n  stores: {file: stores.csv}\n"
         "  beacons: {file: beacons.csv}\n  screens: {file: screens.csv}\n  stops: {file: stops.csv}\n");
    ck_assert_uint_eq(f.city->n_stores, 12);
    ck_assert_uint_eq(f.city->n_beacons, 5);
    ck_assert_uint_eq(f.city->n_screens, 2);
    ck_assert_uint_eq(f.city->n_stops, 2);
    ck_assert_uint_eq(f.city->beacons[1].store, store_named("fashion-1"));
}
END_TEST

START_TEST(loaded_lists)
{
    load("chaland: 1\nname: town\nstart: 2013-01-09\ncity:\n  columns: 8\n  rows: 6\n  stores:\n"
         "    - {id: a, retailer: r, x: 100 m, y: 200, category: [shoes, toys], sunday: yes, opens: 9.5}\n"
         "    - {id: b, retailer: q, x: 0.3 km, y: 0, opens: '07:15', closes: 22}\n");
    const struct ch_store *a = &f.city->stores[store_named("a")], *b = &f.city->stores[store_named("b")];
    ck_assert_uint_eq(a->goods, 1u << CH_GOOD_shoes | 1u << CH_GOOD_toys);
    ck_assert(a->good == CH_GOOD_shoes && a->sunday && a->opens == 9 * CH_HOUR + 30 * CH_MINUTE && a->node == 2 * 9 + 1);
    ck_assert(b->opens == 7 * CH_HOUR + 15 * CH_MINUTE && b->closes == 22 * CH_HOUR && b->node == 3);
}
END_TEST

/* ---- wrong data --------------------------------------------------------------------------------------------------- */

/* Creating must fail with exactly `n` errors, whose printed text holds each of the wanted parts. */
static void expect(unsigned n, const char *const *part, unsigned parts)
{
    char *printed = NULL;
    size_t size = 0;
    struct ch_diag *diag = ch_diag_create();
    ck_assert_int_eq(ch_city_create(&f.scenario, diag, &f.build), CH_INVALID);
    ck_assert_ptr_null(f.build);
    FILE *out = tmpfile();
    ck_assert_ptr_nonnull(out);
    ch_diag_print(diag, out);
    long end = ftell(out);
    size = (size_t)end;
    rewind(out);
    printed = calloc(1, size + 1);
    ck_assert_uint_eq(fread(printed, 1, size, out), size);
    fclose(out);
    for (unsigned k = 0; k < parts; k++)
        ck_assert_msg(strstr(printed, part[k]) != NULL, "'%s' is not in:\n%s", part[k], printed);
    ck_assert_msg(ch_diag_count(diag) == n, "%u errors, not %u:\n%s", ch_diag_count(diag), n, printed);
    free(printed);
    ch_diag_destroy(diag);
}
#define EXPECT(n, ...)                                             \
    do {                                                           \
        static const char *const part[] = {__VA_ARGS__};           \
        expect(n, part, (unsigned)(sizeof part / sizeof part[0])); \
    } while (0)

START_TEST(wrong_columns)
{
    static char stores[] = "id,retailer,x,yy,flor_m2,x,city.block,beakons.power\na,r,1,2,3,4,5,6\n",
                homes[] = "x,y,wait,walking.x\n1,1,1,1\n";
    give(CH_TABLE_stores, stores);
    give(CH_TABLE_homes, homes);
    EXPECT(8, "own.csv:1:15: error[E014]: unknown column 'yy' in stores", "did you mean 'y'?",
           "unknown column 'flor_m2' in stores", "did you mean 'floor_m2'?", "error[E008]: column 'x' of stores is given twice",
           "'city.block' cannot be set for a single item", "'beakons.power' of stores is not a parameter",
           "error[E010]: stores: there is no column 'y'", "unknown column 'wait' in homes", "unknown column 'walking.x' in homes",
           "columns of homes: id, x, y, weight");
}
END_TEST

START_TEST(wrong_stores)
{
    static char stores[] = "id,retailer,x,y,floor_m2,category,price,rating,opens,closes,sunday\n"
                           "a,r,-1,600.5,0.5,cloth,0,5.5,25,9:61,maybe\n"
                           "a,r,x,10 s,ten,shoes;hats,1,1,12,11,yes\n"
                           ",,,,,,,,,,\n";
    small_grid();
    give(CH_TABLE_stores, stores);
    EXPECT(19, "own.csv:2:5: error[E012]: stores.x: '-1' is out of range", "0 to 800 m", "'600.5' is out of range", "0 to 600 m",
           "'0.5' is out of range", "1 to 200000 m2", "'cloth' is not one of the words", "one of: clothing, shoes",
           "'5.5' is out of range", "'25' is not a time of day", "'9:61' is not a time of day", "'maybe' is not one of the words",
           "own.csv:3:1: error[E008]: stores.id: 'a' is given twice", "'x' is not a number of unit m",
           "'10 s' is not a number of unit m", "'ten' is not a number of unit m2", "'hats' is not one of the words",
           "error[E028]: stores.closes: the store closes before it opens",
           "own.csv:4:1: error[E010]: stores.id: the cell is empty", "stores.retailer: the cell is empty",
           "stores.x: the cell is empty");
}
END_TEST

START_TEST(wrong_references)
{
    static char retailers[] = "id\nmodeline\nvolt\n", stores[] = "id,retailer,x,y\nshop,modelin,0,0\n",
                beacons[] = "id,x,y,store,retailer\nb,0,0,shopp,vault\nc,0,0,zzzzzzzz,\n";
    give(CH_TABLE_retailers, retailers);
    give(CH_TABLE_stores, stores);
    give(CH_TABLE_beacons, beacons);
    EXPECT(4, "own.csv:2:6: error[E026]: stores.retailer: there is no retailer 'modelin'", "did you mean 'modeline'?",
           "beacons.store: there is no store 'shopp'", "did you mean 'shop'?", "beacons.retailer: there is no retailer 'vault'",
           "beacons.store: there is no store 'zzzzzzzz'", "there is 1 store: 'shop'");
}
END_TEST

START_TEST(wrong_screens)
{
    static char screens[] =
        "id,x,y,facing,size_m2,at_stop\na,0,0,east,2.5,no\nb,800,0,est,0,no\nc,800,300,east,2,yes\nd,300,300,north,2,yes\n",
                stops[] = "id,x,y,headway\ns,800,300,0\n";
    small_grid();
    give(CH_TABLE_screens, screens);
    give(CH_TABLE_stops, stops);
    EXPECT(6, "own.csv:2:7: error[E026]: screens.facing: nobody walks east here", "'est' is not one of the words",
           "did you mean 'east'?", "'0' is out of range", "own.csv:4:11: error[E026]: screens.facing: nobody walks east here",
           "there is no stop at the crossing nearest to this screen");
}
END_TEST

START_TEST(wrong_weights)
{
    static char homes[] = "x,y,weight\n0,0,0\n", works[] = "x,y,weight\n0,0,-1\n1,1,0\n",
                depots[] = "id,x,y,couriers\nd,0,0,1.5\n", retailers[] = "id,size\n";
    give(CH_TABLE_homes, homes);
    give(CH_TABLE_works, works);
    give(CH_TABLE_depots, depots);
    give(CH_TABLE_retailers, retailers);
    EXPECT(4, "city.homes: no row has any weight", "own.csv:2:5: error[E012]: works.weight: '-1' is out of range",
           "'1.5' is not a whole number", "city.retailers: the list is empty");
}
END_TEST

START_TEST(wrong_overrides)
{
    for (unsigned section = CH_N_SETTINGS; section < ch_n_sections(); section++)
        for (unsigned p = 0; p < ch_section(section)->n_params; p++) {
            const struct ch_param *row = &ch_section(section)->param[p];
            static char text[256], want[128];
            if (row->kind != CH_PARAM_F64 || !heeds(section, CH_HEEDS(BEACON)))
                continue;
            snprintf(text, sizeof text, "id,x,y,%s.%s\nb,0,0,rubbish\n", ch_section(section)->path, row->name);
            snprintf(want, sizeof want, "error[E012]: %s.%s of this item: found", ch_section(section)->path, row->name);
            give(CH_TABLE_beacons, text);
            const char *const part[] = {want, "own.csv:2:7"};
            expect(1, part, 2);
            return;
        }
}
END_TEST

START_TEST(unheeded_overrides) /* a column that no model would look at is refused, not ignored; the help names those that are */
{
    const char *other = NULL;
    static char text[256], heeded[128];
    for (unsigned section = CH_N_SETTINGS; section < ch_n_sections(); section++) {
        if (heeds(section, CH_HEEDS(BEACON))) {
            snprintf(heeded, sizeof heeded, "from beacon to beacon: %s", ch_section(section)->path);
        } else if (!other && ch_section(section)->n_params > 0) {
            other = ch_section(section)->path;
            snprintf(text, sizeof text, "id,x,y,%s.%s\nb,0,0,1\n", other, ch_section(section)->param[0].name);
        }
    }
    ck_assert(other && *heeded);
    give(CH_TABLE_beacons, text);
    EXPECT(1, "own.csv:1:8: error[", "cannot differ from one of the beacons to the next", heeded);
}
END_TEST

START_TEST(wrong_settings)
{
    SET(city, block) = 23.099;
    EXPECT(1, "city.block: a street of 23.099 m is walked in less than the lookahead of 10 s", "at least 23.1 m");
    SET(city, block) = 23.1;
    create();
    check_city();
    SET(city, closes) = SET(city, opens);
    for (int k = 0; k < 3; k++)
        SET(population, privacy).v[k] = 0;
    drop_city();
    EXPECT(2, "city.closes: stores close before they open", "population.privacy: there is no share above 0");
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, own_city);
    tcase_add_test(all, snapping);
    tcase_add_test(all, own_retailers);
    tcase_add_test(all, own_screens_at_crossings);
    tcase_add_test(all, own_depots);
    tcase_add_test(all, empty_tables);
    tcase_add_test(all, overrides);
    tcase_add_test(all, loaded_files);
    tcase_add_test(all, loaded_lists);
    tcase_add_test(all, wrong_columns);
    tcase_add_test(all, wrong_stores);
    tcase_add_test(all, wrong_references);
    tcase_add_test(all, wrong_screens);
    tcase_add_test(all, wrong_weights);
    tcase_add_test(all, wrong_overrides);
    tcase_add_test(all, unheeded_overrides);
    tcase_add_test(all, wrong_settings);
}

int main(void) { return run_tests("city of own data", add_tests); }
