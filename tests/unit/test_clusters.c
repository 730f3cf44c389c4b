/* SPDX-License-Identifier: MIT
 * M19: which stores make a cluster, what the street weighs, who is a partner, what is told of a visit. Exact, but for
 * the last bits of logarithms. What comes of it in a whole town is in tests/stat/test_street.c. */
#include "../runner.h"
#include "tables_kept.h"
#include <math.h>

#define ch_model_clusters ch_model_clusters_here
#include "../../models/clusters.c"
#undef ch_model_clusters
enum { WIDTH = 12, NODES = WIDTH * WIDTH, STORES = 8, RETAILERS = 4 };

static struct ch_store stores[STORES];
static struct ch_retailer retailers[RETAILERS];
static uint32_t first_store[NODES + 1], node_store[STORES];
static struct ch_city city;
static struct ch_world_day days[40];
static struct ch_world world;
static struct clusters_params params;
static struct ch_chains chains;
static struct ch_policy policy;
static struct ch_self selves[1];
static struct ch_ctx ctx;
static struct ch_person person;
static struct ch_error error;
static struct stroller strollers[1];
static struct doors doors[NODES];
static int64_t cells[8][2 + CH_HISTOGRAM_BINS];
static int64_t *acc[8];
static uint32_t owner[1];
static int level;
static bool shared;

static void say_consent(struct ch_ctx *c, struct ch_person *who, struct ch_consent_query *q)
{
    (void)c, (void)who;
    q->level = level;
}
static void say_pool(struct ch_ctx *c, struct ch_person *who, struct ch_pool_query *q)
{
    (void)c, (void)who;
    q->shared = shared;
}

static void place(uint32_t store, uint32_t column, uint32_t row, uint32_t retailer, double floor)
{
    stores[store] = (struct ch_store){
        .node = row * WIDTH + column, .retailer = retailer, .floor_m2 = floor, .opens = 9 * CH_HOUR, .closes = 19 * CH_HOUR};
}

static void index_stores(void)
{
    uint32_t n = 0;
    for (uint32_t node = 0; node < NODES; node++) {
        first_store[node] = n;
        for (uint32_t s = 0; s < STORES; s++)
            if (stores[s].node == node)
                node_store[n++] = s;
    }
    first_store[NODES] = n;
}

/* Row 1: four stores in a chain of one-block steps; row 5: three at two nodes, larger; (11, 11): one alone. */
static void setup(void)
{
    place(0, 1, 1, 0, 100);
    place(1, 2, 1, 1, 100);
    place(2, 3, 1, 2, 100);
    place(3, 4, 1, 0, 100);
    place(4, 6, 5, 1, 300);
    place(5, 6, 5, 2, 300);
    place(6, 7, 5, 2, 300);
    place(7, 11, 11, 3, 1000);
    index_stores();
    city = (struct ch_city){.width = WIDTH,
                            .height = WIDTH,
                            .block_mm = 100000,
                            .n_nodes = NODES,
                            .n_places = NODES,
                            .n_people = 1,
                            .n_retailers = RETAILERS,
                            .retailers = retailers,
                            .n_stores = STORES,
                            .stores = stores,
                            .node_first_store = first_store,
                            .node_store = node_store};
    params = (struct clusters_params){.active = 1,
                                      .reach = 150,
                                      .least = 3,
                                      .decay = 200,
                                      .stops = 1,
                                      .base = -.4,
                                      .pull = .25,
                                      .agreement = AGREED_ALL,
                                      .memory = 2 * CH_HOUR};
    world = (struct ch_world){.n_days = 40, .day = days, .warmup_days = 1};
    memset(strollers, 0, sizeof strollers);
    memset(doors, 0, sizeof doors);
    memset(cells, 0, sizeof cells);
    memset(&chains, 0, sizeof chains);
    for (int i = 0; i < 8; i++)
        acc[i] = cells[i];
    struct ch_setup s = {.city = &city, .params = &params, .error = &error};
    selves[0] = (struct ch_self){
        .model = &ch_model_clusters_here, .params = &params, .acc = acc, .table = tabulate(&s), .place_step = sizeof *doors};
    chains.consent.n = chains.pool.n = 1;
    chains.consent.call[0] = say_consent;
    chains.pool.call[0] = say_pool;
    person = (struct ch_person){.id = 0, .device = CH_APP, .consent = 3};
    policy = (struct ch_policy){.name = "test"};
    ctx = (struct ch_ctx){.lane = {.now = 12 * CH_HOUR},
                          .self = &selves[0],
                          .selves = selves,
                          .chains = &chains,
                          .city = &city,
                          .world = &world,
                          .policy = &policy,
                          .people = &person,
                          .person_state = (unsigned char *)strollers,
                          .person_stride = sizeof *strollers,
                          .place_state = (unsigned char *)doors,
                          .owner = owner,
                          .audit = true};
    start_person(&ctx, &person);
    level = 1;
    shared = false;
}

/* The larger one is number 1; a chain holds together though its ends are far apart; who is alone is in none. */
START_TEST(map)
{
    const struct clusters_table *t = selves[0].table;
    static const unsigned wanted_cluster[STORES] = {2, 2, 2, 2, 1, 1, 1, 0};
    ck_assert_uint_eq(t->n, 2);
    for (int s = 0; s < STORES; s++)
        ck_assert_uint_eq(t->of_store[s], wanted_cluster[s]);
    ck_assert_uint_eq(t->of_node[WIDTH + 1], 2);
    ck_assert_uint_eq(t->of_node[2 * WIDTH + 1], 2); /* a block beside */
    ck_assert_uint_eq(t->of_node[3 * WIDTH + 1], 0);
    ck_assert_uint_eq(t->of_node[11 * WIDTH + 11], 0);
    ck_assert_uint_eq(t->first[2] - t->first[1], 2); /* retailers 1 and 2 */
    ck_assert_uint_eq(t->first[3] - t->first[2], 3); /* 0, 1 and 2, each once */
}
END_TEST

START_TEST(commerciality_is_the_sum)
{
    double wanted_c = 1 + exp(-.5) + exp(-1) + exp(-1.5); /* seen from store 0; the others are 900 m away: 9 e^-4.5 and 3 e^-5 */
    double others = 6 * exp(-4.5) + 3 * exp(-5);
    ck_assert_double_eq_tol(commerciality(&ctx, stores[0].node), wanted_c + others, 1e-6);
    struct ch_more more = {.store = 0};
    answer_more(&ctx, &person, &more);
    ck_assert(more.asked);
    ck_assert_double_eq_tol(more.logit, -.4 + .25 * log(1 + wanted_c + others), 1e-6);
    stores[1].until_day = 0, stores[1].from_day = 5; /* a pop-up that is not there yet */
    ck_assert_double_eq_tol(commerciality(&ctx, stores[0].node), wanted_c + others - exp(-.5), 1e-6);
    ctx.lane.now = 20 * CH_HOUR; /* closed */
    ck_assert(commerciality(&ctx, stores[0].node) == 0);
    params.stops = 0;
    more = (struct ch_more){.store = 0};
    answer_more(&ctx, &person, &more);
    ck_assert(!more.asked);
}
END_TEST

static void visit(uint32_t store, ch_time from, ch_time until)
{
    struct ch_visit v = {.store = store, .entered = from};
    ctx.lane.now = from;
    ctx.lane.place = stores[store].node;
    on_visit_begins(&ctx, &person, &v);
    ctx.lane.now = until;
    on_visit_ends(&ctx, &person, &v);
}

START_TEST(footfall_dwell_and_days)
{
    visit(0, 10 * CH_HOUR, 10 * CH_HOUR + 10 * CH_MINUTE);
    visit(1, 10 * CH_HOUR + 20 * CH_MINUTE, 10 * CH_HOUR + 40 * CH_MINUTE); /* 40 minutes in cluster 2 */
    visit(4, 11 * CH_HOUR, 11 * CH_HOUR + 5 * CH_MINUTE);                   /* 5 in cluster 1 */
    visit(7, 11 * CH_HOUR + 30 * CH_MINUTE, 12 * CH_HOUR);                  /* in none */
    visit(0, 12 * CH_HOUR + 30 * CH_MINUTE, 13 * CH_HOUR);                  /* 30 again in cluster 2 */
    visit(0, 15 * CH_HOUR, 15 * CH_HOUR + 15 * CH_MINUTE);                  /* after a long break: 15 */
    struct ch_day tomorrow = {.day = 1};
    ctx.lane.now = CH_DAY + 3 * CH_HOUR;
    on_day_begins(&ctx, &person, &tomorrow);
    ck_assert_int_eq(cells[PROBE_cluster_footfall][0], 5);
    ck_assert_int_eq(cells[PROBE_cluster_visitors][0], 2);
    ck_assert_int_eq(cells[PROBE_cluster_reentries][0], 3);
    ck_assert_int_eq(cells[PROBE_cluster_dwell][1], 4);
    ck_assert_int_eq(cells[PROBE_cluster_dwell][0], 60 * (40 + 5 + 30 + 15));
    visit(0, CH_DAY + 10 * CH_HOUR, CH_DAY + 11 * CH_HOUR);
    ck_assert_int_eq(cells[PROBE_cluster_visitors][0], 3); /* another day */
    struct ch_audit look = {.ctx = &ctx, .error = &error};
    error.code = CH_OK;
    audit(&look);
    ck_assert_int_eq(error.code, CH_OK);
    doors[stores[0].node].entries++;
    audit(&look);
    ck_assert_int_eq(error.code, CH_INTERNAL); /* the audit sees a lost one */
}
END_TEST

static uint32_t told(uint32_t store)
{
    struct ch_path path = {.store = store, .from = CH_NONE};
    answer_path(&ctx, &person, &path);
    return path.from;
}

START_TEST(paths)
{
    visit(0, 10 * CH_HOUR, 11 * CH_HOUR);
    ck_assert_uint_eq(told(1), 0);       /* retailer 1 hears of retailer 0's visitor */
    ck_assert_uint_eq(told(3), CH_NONE); /* its own store is no partner */
    ck_assert_uint_eq(told(4), CH_NONE); /* another cluster */
    ck_assert_uint_eq(told(7), CH_NONE);
    level = 0;
    ck_assert_uint_eq(told(1), CH_NONE); /* it did not know who that was */
    policy.forced = true;
    ck_assert_uint_eq(told(1), 0);
    policy.forced = false;
    level = 1;
    params.agreement = !AGREED_ALL;
    ck_assert_uint_eq(told(1), CH_NONE); /* not in the pool */
    shared = true;
    ck_assert_uint_eq(told(1), 0);
    ctx.lane.now += 2 * CH_HOUR + CH_SECOND;
    ck_assert_uint_eq(told(1), CH_NONE); /* too long ago */
}
END_TEST

START_TEST(areas)
{
    struct ch_area area = {.store = 4, .count = true};
    ctx.lane.place = WIDTH + 2;
    answer_area(&ctx, NULL, &area);
    ck_assert(area.cluster == 2 && area.store_in == 1 && area.partners == 1 && area.commerciality == 0 && !area.event);
    area = (struct ch_area){.store = CH_NONE, .weigh = true};
    answer_area(&ctx, NULL, &area);
    ck_assert(area.store_in == 0 && area.partners == 0 && area.commerciality > 1);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, map);
    tcase_add_test(tc, commerciality_is_the_sum);
    tcase_add_test(tc, footfall_dwell_and_days);
    tcase_add_test(tc, paths);
    tcase_add_test(tc, areas);
}

int main(void) { return run_tests("clusters", add_tests); }
