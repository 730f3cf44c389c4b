/* SPDX-License-Identifier: MIT
 * Laws of whole towns (G27, G30 and the conservation laws of models.md): nobody is in two places, what comes in goes out or is
 * still there, queues keep Little's law, plans keep their number of trips, messages are not lost, books balance for any number
 * of threads. Most statements are exact; the statistical ones have fixed seeds and |z| < 4.892 (false alarms: 1e-6 each). */
#include "../runner.h"
#include "experiment.h"
#include "replay.h"

static const double Z_MAX = 4.892;

/* Ends at five in the morning, when nearly everybody is home. */
static const char *const laws_yaml =
    "chaland: 1\nname: laws\nseed: 41\nstart: 2013-03-04\nduration: 77 h\nwarmup: 0 d\n"
    "city: {columns: 8, rows: 8, stores: 24, retailers: 6, beacons: 80, screens: 8, stops: 6, couriers: 3}\n"
    "population: {shoppers: 300}\n"
    "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 100 %}\n";

#define ALL_POLICIES "policies=[silent, broadcast, context, responsive]"

static struct ch_outcome replay_run(struct replay *replay, const struct town *town, const char *policy, unsigned replication)
{
    *replay = replay_create(town->stage);
    return town_run(town, (struct ch_run_options){.policy = town_policy(town, policy),
                                                  .replication = replication,
                                                  .scheduler = &ch_oracle,
                                                  .see = replay_see,
                                                  .arg = replay});
}

static int64_t cell_of(const struct ch_outcome *outcome, const char *name) { return cells_of(outcome, name)[0]; }

/* Sum of a map over all hours: of one place, or of all with CH_NONE. */
static int64_t map_sum(const struct ch_outcome *outcome, const char *name, uint32_t place)
{
    const struct ch_probe_list *list = ch_probe_list();
    uint32_t n = outcome->measures.shape.n_nodes;
    int64_t sum = 0;
    for (unsigned i = 0; i < list->n; i++)
        for (uint32_t cell = 0; list->row[i]->reducer == CH_REDUCE_MAP && strcmp(list->row[i]->name, name) == 0 && cell < 168 * n;
             cell++)
            if (place == CH_NONE || cell % n == place)
                sum += outcome->measures.table[i][cell];
    return sum;
}

/* ---- bodies ------------------------------------------------------------------------------------------------------ */

/* What each place gained is who stands there now, less who lived there. */
static void check_flows(const struct replay *r)
{
    for (uint32_t i = 0; i < r->city->n_people; i++) {
        r->flow[r->city->people[i].home]++;
        r->flow[r->body[i].place]--;
    }
    for (uint32_t place = 0; place < r->city->n_places; place++)
        ck_assert_msg(r->flow[place] == 0, "place %u: in less out is not the change of occupancy, by %lld", place,
                      (long long)r->flow[place]);
}

static uint32_t still_out(const struct replay *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->city->n_people; i++)
        n += r->body[i].place != r->city->people[i].home || r->body[i].did != DID_STAND;
    return n;
}

/* Whoever is home with nothing to come is not on the way; the others may be, and their last side or ride is not yet told. */
static void check_bodies(const struct replay *r, const struct ch_outcome *run)
{
    int64_t rides = cell_of(run, "car_rides") + cell_of(run, "bus_rides"), crossings = cell_of(run, "crossings"),
            out = still_out(r);
    ck_assert_msg(r->n_breaches == 0, "%llu breaches, first: %s", (unsigned long long)r->n_breaches, r->first);
    ck_assert_uint_eq(r->n_events, run->engine.events);
    ck_assert_uint_eq(r->n_away, 0);
    ck_assert_int_eq((int64_t)r->n_plans, cells_of(run, "trips_per_person_day")[1]);
    ck_assert(crossings >= (int64_t)r->side.n && crossings <= (int64_t)r->side.n + out);
    ck_assert(rides >= (int64_t)r->n_rides && rides <= (int64_t)r->n_rides + out);
    ck_assert_int_eq(map_sum(run, "walkers", CH_NONE), crossings);
    ck_assert(r->side.n > 1000 && r->n_rides > 100 && r->store.n > 100 && r->stop.n > 10);
    check_flows(r);
}

/* Under every policy, with screens that hold walkers in the street, and with offers that turn them round. */
START_TEST(everybody_is_in_one_place)
{
    static const char *const content[] = {"signage.content=static", "signage.content=optin"};
    const char *const set[] = {ALL_POLICIES, content[_i], "messages.redeem=[0.9, 0.9, 0.9, 0.9]", "dayplan.bus=60 %",
                               "population.shoppers=600"}; /* some 40 are turned round under `responsive` */
    struct town town = town_open(laws_yaml, set, 5);
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct replay replay;
        struct ch_outcome run = replay_run(&replay, &town, town.scenario->policy[p]->name, p);
        ck_assert(p == 0 || cell_of(&run, "diversions") > 10);
        check_bodies(&replay, &run);
        if (getenv("CHALAND_FIGURES"))
            printf("    %-12s %llu events, %llu moves, %zu sides, %zu waits, %zu visits, %u still out\n",
                   town.scenario->policy[p]->name, (unsigned long long)replay.n_events, (unsigned long long)replay.n_moves,
                   replay.side.n, replay.stop.n, replay.store.n, still_out(&replay));
        ch_outcome_fini(&run);
        replay_destroy(&replay);
    }
    town_close(&town);
}
END_TEST

/* A control: a walk that begins elsewhere, and an event in the street, are breaches. */
START_TEST(a_body_in_two_places_is_seen)
{
    struct town town = town_open(laws_yaml, NULL, 0);
    struct replay r = replay_create(town.stage);
    uint32_t home = r.city->people[5].home, next = CH_NONE;
    for (uint32_t side = home * 4; side < home * 4 + 4 && next == CH_NONE; side++)
        next = ch_side_end(r.city, side);
    struct ch_event set_off = {.when = (uint64_t)CH_HOUR << 16 | r.set_off, .place = home, .dest = 5};
    struct ch_event end = {.when = (uint64_t)(CH_HOUR + 20 * CH_SECOND) << 16 | r.end, .place = home, .dest = 5};
    struct ch_event arrive = {
        .when = (uint64_t)(CH_HOUR + CH_MINUTE) << 16 | r.arrive, .place = next, .dest = 5, .payload = home};
    replay_see(&r, &set_off, 0, 0);
    replay_see(&r, &arrive, 0, 0);
    ck_assert_uint_eq(r.n_breaches, 0);
    arrive.when += (uint64_t)CH_MINUTE << 16;
    replay_see(&r, &arrive, 0, 0); /* from home again */
    ck_assert_uint_gt(r.n_breaches, 0);
    replay_destroy(&r);
    r = replay_create(town.stage);
    arrive.when -= (uint64_t)CH_MINUTE << 16;
    replay_see(&r, &set_off, 0, 0);
    replay_see(&r, &end, 0, 0); /* a stay ends under a walker */
    replay_see(&r, &arrive, 0, 0);
    ck_assert_uint_eq(r.n_breaches, 1);
    replay_destroy(&r);
    town_close(&town);
}
END_TEST

/* ---- Little's law ------------------------------------------------------------------------------------------------ */

/* A small busy quarter, crowds and weather without effect on speed: a side takes block / speed, to the microsecond. */
static const char *const busy_yaml =
    "chaland: 1\nname: busy\nseed: 43\nstart: 2013-03-04\nduration: 605 h\nwarmup: 0 d\npolicies: [silent]\n"
    "city: {columns: 5, rows: 4, stores: 3, retailers: 3, beacons: 0, screens: 0, stops: 2, depots: 0}\n"
    "population: {shoppers: 3000}\n";
static const char *const busy_set[] = {"walking.stroll=1", "walking.width=50 m", "weather.speed=[1, 1, 1, 1]",
                                       "dayplan.bus=100 %"};

static double little_error(const struct occupancy *o, double rate, double stay_s)
{
    return fabs(o->mean - rate * stay_s) / o->mean;
}

static void check_little(const char *what, const struct occupancy *o, double rate, double stay_s)
{
    double error = little_error(o, rate, stay_s);
    if (getenv("CHALAND_FIGURES"))
        printf("    %-16s %7llu arrivals, L %8.4f, lambda W %8.4f, off by %.5f %%\n", what, (unsigned long long)o->arrivals,
               o->mean, rate * stay_s, 100 * error);
    ck_assert_msg(error < 0.01, "%s: L %g, lambda W %g", what, o->mean, rate * stay_s);
}

/* Time in a side, from the walker's own speed: walking.c rounds to whole mm/s and microseconds. */
static double mean_law_s(const struct replay *r, uint32_t node, unsigned *wrong)
{
    double sum = 0;
    uint64_t n = 0;
    for (size_t i = 0; i < r->side.n; i++) {
        if (r->side.v[i].where / 4 != node)
            continue;
        uint32_t v = r->city->people[r->side.v[i].who].speed_mm_s;
        ch_time law = (r->city->block_mm * CH_SECOND + v / 2) / v;
        *wrong += law != r->side.v[i].leave - r->side.v[i].enter;
        sum += ch_seconds(law);
        n++;
    }
    return n ? sum / (double)n : 0;
}

/* Streets: arrivals by the map of walkers, time by the walker's speed, the number inside from the events. */
static void check_streets(const struct replay *r, const struct ch_outcome *run, double end_s)
{
    unsigned nodes = 0, sides = 0, wrong = 0;
    for (uint32_t node = 0; node < r->city->n_nodes; node++) {
        struct intervals of_node = {0};
        for (size_t i = 0; i < r->side.n; i++)
            if (r->side.v[i].where / 4 == node)
                intervals_add(&of_node, r->side.v[i]);
        struct occupancy o = occupancy_of(&of_node, CH_NONE, ch_time_of_seconds(end_s));
        int64_t entered = map_sum(run, "walkers", node);
        if (entered > 10000) {
            check_little("sides of a node", &o, (double)entered / end_s, mean_law_s(r, node, &wrong));
            nodes++;
        }
        for (uint32_t side = node * 4; side < node * 4 + 4; side++) {
            o = occupancy_of(&of_node, side, ch_time_of_seconds(end_s));
            if (o.arrivals > 10000) {
                check_little("one side", &o, (double)o.arrivals / end_s, o.stay_s);
                sides++;
            }
        }
        free(of_node.v);
    }
    ck_assert(nodes >= 2 && sides >= 1);
    ck_assert_uint_eq(wrong, 0);
}

START_TEST(queues_keep_littles_law)
{
    struct town town = town_open(busy_yaml, busy_set, sizeof busy_set / sizeof busy_set[0]);
    struct replay r;
    struct ch_outcome run = replay_run(&r, &town, "silent", 0);
    double end_s = 605 * 3600.0;
    ck_assert_msg(r.n_breaches == 0, "%s", r.first);
    check_streets(&r, &run, end_s);
    /* stores: entries and minutes as the models counted them */
    struct occupancy all = occupancy_of(&r.store, CH_NONE, ch_time_of_seconds(end_s));
    ck_assert_uint_gt(all.arrivals, 10000);
    check_little("all stores", &all, (double)cell_of(&run, "footfall") / end_s, 60 * town_kpi(&run, "visit_minutes"));
    r.store.n = r.store.n * 98 / 100; /* a control: one visit in fifty is overlooked */
    all = occupancy_of(&r.store, CH_NONE, ch_time_of_seconds(end_s));
    ck_assert(little_error(&all, (double)cell_of(&run, "footfall") / end_s, 60 * town_kpi(&run, "visit_minutes")) > 0.01);
    /* stops: the same; and the wait is what remains of an exponential headway, whose sd is its mean (inspection paradox) */
    all = occupancy_of(&r.stop, CH_NONE, ch_time_of_seconds(end_s));
    ck_assert_uint_gt(all.arrivals, 10000);
    check_little("all stops", &all, (double)cell_of(&run, "bus_rides") / end_s, 60 * town_kpi(&run, "bus_wait"));
    double headway_s = r.city->stops[0].headway_s, z = (all.stay_s / headway_s - 1) * sqrt((double)all.arrivals);
    ck_assert_msg(fabs(z) < Z_MAX, "wait %.2f s, headway %.2f s, z %.2f", all.stay_s, headway_s, z);
    ch_outcome_fini(&run);
    replay_destroy(&r);
    town_close(&town);
}
END_TEST

/* ---- trips ------------------------------------------------------------------------------------------------------- */

/* Templates give 3.08 trips per weekday to workers and 2.70 to others, whatever people then choose. The sd of a person's trips of
 * a day is about 1.2: with 24,000 plans 3 % are more than ten standard errors. */
START_TEST(trips_follow_the_templates)
{
    static const char *const set[] = {"duration=122 h", "population.shoppers=600"};
    struct town town = town_open(laws_yaml, set, 2);
    const struct ch_city *city = ch_stage_city(town.stage);
    double workers = 0, trips = 0, plans = 0;
    for (uint32_t i = 0; i < city->n_people; i++)
        workers += city->people[i].work != CH_NONE;
    struct series *series = series_run(&town, "silent", 0, 8); /* fewer in debug builds */
    for (unsigned i = 0; i < series->n; i++) {
        trips += (double)cells_of(&series->run[i], "trips_per_person_day")[0];
        plans += (double)cells_of(&series->run[i], "trips_per_person_day")[1];
    }
    double expected = (3.08 * workers + 2.70 * (city->n_people - workers)) / city->n_people;
    if (getenv("CHALAND_FIGURES"))
        printf("    %.4f trips per weekday, templates give %.4f: %+.2f %%\n", trips / plans, expected,
               100 * (trips / plans / expected - 1));
    ck_assert(plans == 5.0 * series->n * city->n_people);
    ck_assert_msg(fabs(trips / plans / expected - 1) < 0.03, "%.3f trips per weekday, templates give %.3f", trips / plans,
                  expected);
    series_free(series);
    town_close(&town);
}
END_TEST

/* ---- messages ---------------------------------------------------------------------------------------------------- */

struct post {
    unsigned delivered; /* rank */
    uint64_t n, opened, unwanted;
};

static void post_see(void *arg, const struct ch_event *ev, uint32_t kind_id, unsigned slots)
{
    struct post *post = arg;
    (void)kind_id;
    (void)slots;
    if (ch_event_kind(ev) != post->delivered)
        return;
    post->n++;
    post->opened += ev->payload >> 49 & 1;
    post->unwanted += ev->payload >> 48 & 1;
}

static struct ch_outcome post_run(struct post *post, const struct town *town, const char *policy, unsigned replication)
{
    *post = (struct post){.delivered = trace_kind(town->stage, "messages.delivered")};
    return town_run(town, (struct ch_run_options){.policy = town_policy(town, policy),
                                                  .replication = replication,
                                                  .scheduler = &ch_oracle,
                                                  .see = post_see,
                                                  .arg = post});
}

START_TEST(silence_sends_nothing)
{
    static const char *const set[] = {ALL_POLICIES};
    static const char *const zero[] = {
        "messages_sent", "messages_delivered", "messages_opened", "messages_redeemed", "messages_blocked",
        "offers_taken",  "compliance_rate",    "relevance_mean",  "relevant_share",    "unwanted_per_person_week",
        "asks",          "diversions",         "drawn_visits"};
    struct town town = town_open(laws_yaml, set, 1);
    struct post post;
    for (unsigned replication = 0; replication < 3; replication++) {
        struct ch_outcome run = post_run(&post, &town, "silent", replication);
        for (unsigned i = 0; i < sizeof zero / sizeof zero[0]; i++)
            ck_assert_msg(cell_of(&run, zero[i]) == 0, "%s is %lld", zero[i], (long long)cell_of(&run, zero[i]));
        ck_assert(cells_of(&run, "compliance_rate")[1] == 0 && cells_of(&run, "relevance_mean")[1] == 0 && post.n == 0);
        ck_assert_int_eq(map_sum(&run, "messages_map", CH_NONE), 0);
        ck_assert_int_gt(cell_of(&run, "net_sales"), 0);
        ch_outcome_fini(&run);
    }
    struct ch_outcome run = post_run(&post, &town, "broadcast", 0); /* the control: the names do count something */
    for (unsigned i = 0; i < 4; i++)
        ck_assert_int_gt(cell_of(&run, zero[i]), 0);
    ch_outcome_fini(&run);
    town_close(&town);
}
END_TEST

#define FLOOD                                                                                                                    \
    "{policy: flood, asks: {benefit: 1}, rules: [{when: schedule, per_week: 70, channel: push, about: store, discount: 30 %}, "  \
    "{when: beacon, channel: beacon, about: wish, discount: 30 %}, {when: beacon, channel: beacon, about: store, discount: 30 "  \
    "%}, "                                                                                                                       \
    "{when: screen, channel: screen, about: affinity, discount: 30 %}, {when: entrance, channel: push, about: store, discount: " \
    "30 %}]}"

/* From the beginning to an hour when nobody is out: nothing was cleared and nothing is in flight. At noon something may be. */
START_TEST(no_message_is_lost)
{
    static const char *const duration[] = {"duration=77 h", "duration=60 h"};
    const char *const set[] = {"policies=[silent, broadcast, context, responsive, " FLOOD "]",
                               duration[_i],
                               "messages.open=[0.5, 0.5, 0.5, 0.5]",
                               "messages.redeem=[0.5, 0.5, 0.5, 0.5]",
                               "consent.initial=[0.9, 0.8, 0.7]",
                               "consent.exit_base=0.3 1/d"};
    struct town town = town_open(laws_yaml, set, sizeof set / sizeof set[0]);
    int64_t redeemed_in_all = 0;
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct post post;
        struct ch_outcome run = post_run(&post, &town, town.scenario->policy[p]->name, p);
        int64_t sent = cell_of(&run, "messages_sent"), delivered = cell_of(&run, "messages_delivered"),
                blocked = cell_of(&run, "messages_blocked");
        int64_t opened = cell_of(&run, "messages_opened"), redeemed = cell_of(&run, "messages_redeemed"),
                flying = sent - delivered - blocked;
        if (getenv("CHALAND_FIGURES"))
            printf("    %-12s sent %lld, delivered %lld, blocked %lld, in flight %lld, opened %lld, taken %lld, redeemed %lld\n",
                   town.scenario->policy[p]->name, (long long)sent, (long long)delivered, (long long)blocked, (long long)flying,
                   (long long)opened, (long long)cell_of(&run, "offers_taken"), (long long)redeemed);
        ck_assert(_i == 0 ? flying == 0 : flying >= 0 && flying <= 300);
        ck_assert(redeemed <= opened && opened <= delivered && cell_of(&run, "offers_taken") <= opened);
        ck_assert_uint_eq(post.n, (uint64_t)delivered);
        ck_assert_uint_eq(post.opened, (uint64_t)opened);
        ck_assert_uint_eq(post.unwanted, (uint64_t)cell_of(&run, "unwanted_per_person_week"));
        ck_assert_int_eq(map_sum(&run, "messages_map", CH_NONE), delivered);
        ck_assert(p == 0 || delivered > 50);
        redeemed_in_all += redeemed;
        ch_outcome_fini(&run);
    }
    ck_assert_int_gt(redeemed_in_all, 20);
    town_close(&town);
}
END_TEST

/* ---- G27 --------------------------------------------------------------------------------------------------------- */

/* Called from several threads. */
static void books_see(void *arg, const struct ch_event *ev, uint32_t kind_id, unsigned slots)
{
    (void)kind_id;
    (void)slots;
    if (ch_event_kind(ev) == CH_LETTER_posting)
#pragma omp critical(books)
        trace_posting(arg, ev);
}

static struct ch_outcome books_run(struct trace *books, const struct town *town, const struct ch_run_options *options)
{
    struct ch_run_options own = *options;
    *books = trace_create(town->stage);
    own.see = books_see;
    own.arg = books;
    return town_run(town, own);
}

START_TEST(g27_books_for_any_number_of_threads)
{
    static const char *const set[] = {ALL_POLICIES, "delivery.share=30 %"};
    static const struct ch_run_options variant[] = {
        {.workers = 1}, {.workers = 2, .tile_places = 10}, {.workers = 4, .tile_places = 4, .perturb = 9}};
    struct town town = town_open(laws_yaml, set, 2);
    uint32_t n = ch_account_of_agents(ch_stage_city(town.stage)) + 1;
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct trace truth;
        struct ch_outcome oracle = books_run(&truth, &town, &(struct ch_run_options){.policy = p, .scheduler = &ch_oracle});
        int64_t sum = 0, moved = 0;
        for (uint32_t a = 0; a < n; a++) {
            sum += truth.balance[a];
            moved += llabs(truth.balance[a]);
        }
        ck_assert_int_eq(sum, 0);
        ck_assert_int_gt(moved, 1000000);
        ck_assert(town_kpi(&oracle, "money_imbalance") == 0); /* recounted each day, else the run fails */
        ck_assert_int_eq(truth.balance[CH_ACC_PLATFORM], cell_of(&oracle, "pool_fees"));
        ck_assert_int_eq(truth.balance[CH_ACC_CLEARING], 0);
        for (unsigned v = 0; v < sizeof variant / sizeof variant[0]; v++) {
            struct trace books;
            struct ch_run_options options = variant[v];
            options.policy = p;
            struct ch_outcome run = books_run(&books, &town, &options);
            ck_assert_msg(town_same(&oracle, &run), "policy %u, %u threads", p, options.workers);
            ck_assert_mem_eq(books.balance, truth.balance, n * sizeof *books.balance);
            ck_assert_uint_eq(books.n_postings, truth.n_postings);
            ck_assert(town_kpi(&run, "money_imbalance") == 0);
            ch_outcome_fini(&run);
            trace_destroy(&books);
        }
        ch_outcome_fini(&oracle);
        trace_destroy(&truth);
    }
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, everybody_is_in_one_place, 0, 2);
    tcase_add_test(tc, a_body_in_two_places_is_seen);
    tcase_add_test(tc, queues_keep_littles_law);
    tcase_add_test(tc, trips_follow_the_templates);
    tcase_add_test(tc, silence_sends_nothing);
    tcase_add_loop_test(tc, no_message_is_lost, 0, 2);
    tcase_add_test(tc, g27_books_for_any_number_of_threads);
}

int main(void) { return run_tests_without_fork("laws of towns", add_tests); }
