/* SPDX-License-Identifier: MIT
 * Sellers: one line, conversations that hold shoppers up, the lift of assistance, whom people choose.
 *
 * Statistical: fixed seed; 60 stores are 60 independent queues, |t| < 5.6 with 59 degrees of freedom (false alarms 1e-6). */
#include "../runner.h"
#include "toy_shops.h"
#include <math.h>

#define ch_model_sellers ch_model_sellers_here
#include "../../models/sellers.c"
#undef ch_model_sellers

enum { STORES = 60, PER_STORE = 40, PEOPLE = STORES * PER_STORE };
static const double T_MAX = 5.6;
static double waited[STORES], helped[STORES], waiting[PEOPLE];

/* Visitors per hour and store; all want help and wait for it. */
static const double visits = 6;
enum { COMES, LOOKS };

static struct ch_visit visit_of(uint32_t person) { return (struct ch_visit){.store = person / PER_STORE, .good = CH_NONE}; }

static void on_comes(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_draw draw = ch_draw(ctx, 0, ev->dest, ev->payload);
    uint32_t id = ev->dest * PER_STORE + (uint32_t)(ev->payload % PER_STORE);
    struct ch_person *who = ch_person(ctx, id);
    struct ch_visit visit = visit_of(id);
    who->day = (uint16_t)(ev->payload / PER_STORE);
    ck_assert_double_eq(waiting[id], 0);
    waiting[id] = ch_seconds(ch_now(ctx));
    ch_tell_visit_begins(ctx, who, &visit);
    ch_send(ctx, LOOKS, ch_here(ctx), id, 1, 0);
    ch_send(ctx, COMES, ch_here(ctx), ev->dest, 1 + ch_time_of_seconds(3600 / visits * ch_draw_exponential(&draw)),
            ev->payload + 1);
}

/* Every second: is there a seller yet? Then decide when it is over. */
static void on_looks(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct ch_visit visit = visit_of(ev->dest);
    const struct ch_self *own = ctx->self;
    ctx->self = &ctx->selves[0];
    unsigned help = ((struct visitor *)ch_of_person(ctx, who))->help;
    ctx->self = own;
    if (help == WAITING) {
        ch_send(ctx, LOOKS, ch_here(ctx), ev->dest, CH_SECOND, 0);
        return;
    }
    struct ch_engaged engaged = {.store = visit.store, .until = ch_now(ctx)};
    struct ch_urge urge = {.store = visit.store};
    ch_ask_engaged(ctx, who, &engaged);
    if (engaged.until > ch_now(ctx)) {
        waited[visit.store] += ch_seconds(ch_now(ctx)) - waiting[ev->dest];
        helped[visit.store]++;
        waiting[ev->dest] = -1;
        ch_send(ctx, LOOKS, ch_here(ctx), ev->dest, engaged.until - ch_now(ctx), 1);
        return;
    }
    ck_assert_double_eq(waiting[ev->dest], -1); /* everybody is helped, and is free when it is over */
    ch_ask_urge(ctx, who, &urge);
    ck_assert_double_eq_tol(urge.logit, 0.51, 1e-12);
    waiting[ev->dest] = 0;
    ch_tell_visit_ends(ctx, who, &visit);
}

static void start(struct ch_ctx *ctx, uint32_t store) { ch_send(ctx, COMES, ch_here(ctx), store, 1, 0); }

static const struct ch_message row[] = {{.name = "comes", .scope = CH_LOCAL, .least = 1},
                                        {.name = "looks", .scope = CH_LOCAL, .least = 1}};
static const ch_handler handler[] = {on_comes, on_looks};
static const struct ch_model shoppers = {
    .name = "shoppers", .message = row, .handler = handler, .n_messages = 2, .start_store = start};
extern const struct ch_model ch_model_sellers_here;
static const struct ch_model *const models[] = {&ch_model_sellers_here, &shoppers};

static struct town *open_town(struct ch_arena **arena)
{
    struct town *town = town_of(STORES, 1, PEOPLE);
    town->city.n_stores = STORES;
    for (uint32_t i = 0; i < STORES; i++) {
        town->stores[i] = (struct ch_store){.node = i, .floor_m2 = 50, .goods = 1};
        waited[i] = helped[i] = 0;
    }
    for (uint32_t i = 0; i < PEOPLE; i++) {
        town->citizens[i].home = i / PER_STORE;
        town->citizens[i].device = CH_SMARTPHONE | CH_APP;
        waiting[i] = 0;
    }
    shops_open(town);
    town_open(town, models, 2);
    *arena = shops_tabulate(town);
    struct sellers_params *p = town->params[0];
    p->wants = p->wants_own = 1;
    p->patience = 1000000 * CH_DAY;
    p->adoption = 0;
    return town;
}

/* Pollaczek and Khinchine for visitors alone, who are looked at once a second: + 0.5 s for those who wait. */
START_TEST(visitors_wait_as_computed)
{
    static int64_t row_start[1];
    struct ch_arena *arena;
    struct town *town = open_town(&arena);
    shops_start(town, row_start, 1);
    town_run(town, 28 * CH_DAY);
    double load = visits * 240 / 3600, expected = visits / 3600 * 240 * 240 * 1.64 / 2 / (1 - load) + 0.5 * load;
    double sum = 0, squares = 0;
    for (int i = 0; i < STORES; i++) {
        double x = waited[i] / helped[i] - expected;
        sum += x;
        squares += x * x;
    }
    double mean = sum / STORES, se = sqrt((squares / STORES - mean * mean) / (STORES - 1));
    ck_assert_msg(fabs(mean) < T_MAX * se, "%g +- %g, expected %g", mean + expected, se, expected);
    ck_assert_double_lt(se, 0.03 * expected);
    ck_assert_int_eq(town_audit(town, 0, true), CH_OK);
    ((struct desk *)(void *)town->store_state)->line.served++;
    ck_assert_int_eq(town_audit(town, 0, true), CH_INTERNAL);
    shops_close(town, arena);
}
END_TEST

/* +43 %: .25 becomes .357. */
START_TEST(lift) { ck_assert_double_eq_tol(ch_logistic(ch_logit(0.25) + 0.51), 0.357, 5e-4); }
END_TEST

/* Far from uniform: whom people choose is near in interests and in space. */
START_TEST(choice_of_a_seller)
{
    static int64_t row_start[1];
    struct ch_arena *arena;
    struct town *town = open_town(&arena);
    struct sellers_params *p = town->params[0];
    shops_start(town, row_start, 1);
    struct ch_ctx *ctx = &town->ctx;
    ctx->self = &town->selves[0];
    double like = 0, chosen_m = 0, any = 0, any_m = 0, n = 0;
    for (uint32_t id = 0; id < PEOPLE; id += 3) {
        struct ch_person *who = &town->people[id];
        ctx->lane.place = who->node;
        struct client *client = client_of(ctx, who);
        struct ch_draw draw = ch_draw(ctx, DRAW_adopt, id, 7);
        choose_own(ctx, who, client, &draw);
        ck_assert_uint_ne(client->own, CH_NONE);
        uint32_t store = client->own >> 3, first = client->own;
        double m = ch_distance_m(ctx->city, who->node, town->stores[store].node);
        ck_assert_double_le(m, p->reach);
        chosen_m += m;
        like += affinity(ctx, id, store, client->own & 7);
        for (uint32_t s = 0; s < STORES; s++)
            if (ch_distance_m(ctx->city, who->node, town->stores[s].node) <= p->reach) {
                any += affinity(ctx, id, s, 0);
                any_m += ch_distance_m(ctx->city, who->node, town->stores[s].node);
                n++;
            }
        choose_own(ctx, who, client, &draw);
        ck_assert_uint_ne(client->own, first); /* after bad service it is another one */
    }
    double people = PEOPLE / 3;
    ck_assert_double_gt(like / people, any / n + 0.02);
    ck_assert_double_lt(chosen_m / people, any_m / n - 30);
    double a[INTERESTS] = {1, 0, 0, 0}, b[INTERESTS] = {1, 1, 0, 0};
    ck_assert_double_eq_tol(cosine(a, a), 1, 1e-12);
    ck_assert_double_eq_tol(cosine(a, b), sqrt(0.5), 1e-12);
    shops_close(town, arena);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, visitors_wait_as_computed);
    tcase_add_test(all, lift);
    tcase_add_test(all, choice_of_a_seller);
}

int main(void) { return run_tests("sellers", add_tests); }
