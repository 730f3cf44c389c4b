/* SPDX-License-Identifier: MIT
 * Ledger and auditor: money is conserved to the cent at every audit, a planted leak of one cent is found, profit is what
 * transfers leave; reads above the consented level are found, in whatever order letters are written.
 *
 * A toy trader moves money between all kinds of accounts at all places, with and without a shopper at hand. */
#include "../runner.h"
#include "toy_town.h"

extern const struct ch_model ch_model_auditor;
#define ch_model_ledger ch_model_ledger_here
extern const struct ch_model ch_model_ledger_here;
#include "../../models/ledger.c"
#undef ch_model_ledger

enum { LEDGER = 0, AUDITOR = 1, TRADER = 2, PEOPLE = 60, DAYS = 6 };
enum { AGENTS = CH_ACC_RETAILER + TOWN_RETAILERS, ACCOUNTS }; /* the last account is the agents' */

/* ---- the trader -------------------------------------------------------------------------------------------------- */

static struct {
    int64_t net[ACCOUNTS], coupons, messages;
    uint64_t transfers;
    int level[PEOPLE][TOWN_RETAILERS + 1];
    unsigned illegal, legal;
    bool letters;
} toy;

static void on_tick(struct ch_ctx *ctx, const struct ch_event *ev);
static const struct ch_message toy_rows[] = {{"tick", CH_LOCAL, 1, 0, "trades"}};
static const ch_handler toy_handlers[] = {on_tick};

static void toy_start(struct ch_ctx *ctx) { ch_send(ctx, 0, ch_here(ctx), CH_NONE, 1 + ch_here(ctx), 0); }

static void pay(struct ch_ctx *ctx, struct ch_person *who, uint32_t from, uint32_t to, int64_t cents, enum ch_reason reason)
{
    toy.net[from] -= cents;
    toy.net[to] += cents;
    toy.transfers += cents != 0;
    toy.messages +=
        from >= CH_ACC_RETAILER && from < AGENTS && (reason == CH_REASON_message || reason == CH_REASON_media) ? cents : 0;
    ch_pay(ctx, who, from, to, cents, reason);
}

static void trade(struct ch_ctx *ctx, struct ch_draw *draw)
{
    uint32_t n = ACCOUNTS, id = ch_here(ctx) + ctx->city->n_nodes * ch_draw_below(draw, 2);
    struct ch_person *who = ch_here(ctx) < ctx->city->n_nodes && ch_draw_chance(draw, 0.7) ? ch_person(ctx, id) : NULL;
    for (uint32_t i = ch_draw_below(draw, 40); i > 0; i--)
        pay(ctx, who, ch_draw_below(draw, n), ch_draw_below(draw, n), (int64_t)ch_draw_below(draw, 20001) - 5000,
            (enum ch_reason)ch_draw_below(draw, CH_N_REASONS));
    struct ch_sale sale = {.retailer = 2, .coupon = 150, .issuer = 2};
    ch_tell_sale(ctx, who, &sale);
    toy.coupons += 150;
    if (ch_draw_chance(draw, 0.3)) {
        ch_tell_refund(ctx, NULL, &sale);
        toy.coupons -= 150;
    }
}

/* A change of level, a read, or both at one time, in either order; we keep our own account. */
static void correspond(struct ch_ctx *ctx, struct ch_draw *draw)
{
    uint32_t id = ch_here(ctx) + ctx->city->n_nodes * ch_draw_below(draw, 2), c = ch_draw_below(draw, TOWN_RETAILERS + 1);
    uint32_t controller = c == TOWN_RETAILERS ? CH_NONE : c, house = ctx->city->clearing;
    if (ch_here(ctx) >= ctx->city->n_nodes)
        return;
    for (uint32_t i = 1 + ch_draw_below(draw, 3); i > 0; i--) {
        int level = (int)ch_draw_below(draw, 4);
        if (ch_draw_chance(draw, 0.5)) {
            bool erased = ch_draw_chance(draw, 0.2);
            toy.level[id][c] = erased || !(ctx->people[id].device & CH_APP) ? 0 : level;
            ch_send_letter(ctx, CH_LETTER_audit, house, id, CH_LOOKAHEAD,
                           ch_audit_payload(erased ? CH_AUDIT_ERASED : CH_AUDIT_LEVEL, controller, erased ? 3 : level), NULL);
        } else {
            *(toy.level[id][c] < level ? &toy.illegal : &toy.legal) += 1;
            ch_send_letter(ctx, CH_LETTER_audit, house, id, CH_LOOKAHEAD, ch_audit_payload(CH_AUDIT_READ, controller, level),
                           NULL);
        }
    }
}

static void on_tick(struct ch_ctx *ctx, const struct ch_event *ev)
{
    (void)ev;
    struct ch_draw draw = ch_draw_open(ctx->key, ch_here(ctx), 7777, (uint64_t)ch_now(ctx));
    if (toy.letters)
        correspond(ctx, &draw);
    else
        trade(ctx, &draw);
    ch_send(ctx, 0, ch_here(ctx), CH_NONE, 1 + ch_time_of_seconds(600 * ch_draw_exponential(&draw)), 0);
}

static const struct ch_model toy_model = {
    .name = "trader", .message = toy_rows, .handler = toy_handlers, .n_messages = 1, .start_place = toy_start};

/* People stand at node id % 30; the toy never moves them. */
static struct town *new_town(void)
{
    static const struct ch_model *const models[] = {&ch_model_ledger_here, &ch_model_auditor, &toy_model};
    struct town *town = town_of(6, 5, PEOPLE);
    memset(&toy, 0, sizeof toy);
    for (uint32_t id = 0; id < PEOPLE; id++) {
        town->citizens[id].home = id % 30;
        town->citizens[id].device = id % 7 ? CH_SMARTPHONE | CH_APP : CH_SMARTPHONE; /* without it there is no consent */
    }
    for (uint32_t r = 0; r < TOWN_RETAILERS; r++)
        town->retailers[r].sponsor = r < 3;
    for (uint32_t s = 0; s < 5; s++)
        town->stores[s] = (struct ch_store){.retailer = s, .node = s * 3, .floor_m2 = 70, .opens = 9 * CH_HOUR};
    town->city.n_stores = 5;
    town_open(town, models, 3);
    return town;
}

static void add_rents(int64_t days)
{
    for (uint32_t s = 0; s < 5; s++) {
        toy.net[CH_ACC_RETAILER + s] -= 4000 * days; /* 70 m2 at EUR 4 a week */
        toy.net[CH_ACC_WORLD] += 4000 * days;
    }
}

/* ---- ledger ------------------------------------------------------------------------------------------------------ */

/* Audits at awkward times, with books half full and postings under way. */
START_TEST(audits_find_nothing)
{
    struct town *town = new_town();
    for (ch_time t = 7 * CH_HOUR + 33 * CH_SECOND; t < DAYS * CH_DAY; t += 7 * CH_HOUR + 33 * CH_SECOND) {
        town_run(town, t);
        ck_assert_int_eq(town_audit(town, LEDGER, false), CH_OK);
    }
    town_finish(town, LEDGER);
    double imbalance;
    memcpy(&imbalance, town_probe(town, LEDGER, "money_imbalance"), sizeof imbalance);
    ck_assert_double_eq(imbalance, 0);
    ck_assert_uint_gt(toy.transfers, 100000);
    town_close(town);
}
END_TEST

/* After two quiet minutes every balance at the clearing house is what the trader counted. */
START_TEST(balances_arrive)
{
    struct town *town = new_town();
    town_run(town, DAYS * CH_DAY);
    int64_t before[ACCOUNTS];
    add_rents(DAYS);
    memcpy(before, toy.net, sizeof before);
    town->ctx.self = &town->selves[LEDGER];
    town->ctx.audit = true;
    const struct clearing *house = ch_of_clearing(&town->ctx);
    int64_t sum = 0, differ = 0;
    for (uint32_t a = 0; a < ACCOUNTS; a++) {
        sum += house->balance[a];
        differ += distance(house->balance[a], before[a]);
    }
    ck_assert_int_eq(sum, 0);
    ck_assert_int_gt(differ, 0);                            /* something is under way, else the audit above was too easy */
    town->handlers[town->selves[TRADER].first_kind] = NULL; /* the trader stops */
    town_run(town, DAYS * CH_DAY + 3 * CH_MINUTE);
    for (uint32_t a = 0; a < ACCOUNTS; a++)
        ck_assert_int_eq(house->balance[a], before[a]);
    town_close(town);
}
END_TEST

START_TEST(profits)
{
    struct town *town = new_town();
    town_run(town, DAYS * CH_DAY);
    add_rents(DAYS);
    int64_t all = 0, sponsors = 0;
    for (uint32_t r = 0; r < TOWN_RETAILERS; r++) {
        all += toy.net[CH_ACC_RETAILER + r];
        sponsors += r < 3 ? toy.net[CH_ACC_RETAILER + r] : 0;
        ck_assert_int_eq(town_probe(town, LEDGER, "profit")[r], toy.net[CH_ACC_RETAILER + r]);
    }
    ck_assert_int_eq(town_probe(town, LEDGER, "retail_profit")[0], all);
    ck_assert_int_eq(town_probe(town, LEDGER, "sponsor_profit")[0], sponsors);
    ck_assert_int_eq(town_probe(town, LEDGER, "vat")[0], toy.net[CH_ACC_VAT]);
    ck_assert_int_eq(town_probe(town, LEDGER, "platform_profit")[0], toy.net[CH_ACC_PLATFORM]);
    ck_assert_int_eq(town_probe(town, LEDGER, "agent_profit")[0], toy.net[AGENTS]);
    ck_assert_int_ne(toy.net[AGENTS], 0);
    ck_assert_uint_eq(ch_account_of_agents(&town->city), AGENTS);
    ck_assert_int_eq(town_probe(town, LEDGER, "fixed_cost")[0], 5 * 4000 * DAYS);
    ck_assert_int_eq(town_probe(town, LEDGER, "policy_cost")[0], toy.messages + toy.coupons);
    town_close(town);
}
END_TEST

static double imbalance_with(bool test_flag, void (*spoil)(struct town *town), enum ch_code *code)
{
    struct town *town = new_town();
    ((struct ledger_params *)town->params[LEDGER])->leak_test = test_flag;
    town_run(town, 20 * CH_HOUR);
    if (spoil)
        spoil(town);
    *code = town_audit(town, LEDGER, true);
    town_finish(town, LEDGER);
    double imbalance;
    memcpy(&imbalance, town_probe(town, LEDGER, "money_imbalance"), sizeof imbalance);
    town_close(town);
    return imbalance;
}

START_TEST(a_planted_leak_is_found)
{
    enum ch_code code;
    ck_assert_double_eq_tol(imbalance_with(true, NULL, &code), 0.01, 1e-12);
    ck_assert_int_eq(code, CH_OK); /* reported, not fatal: it is a test */
}
END_TEST

static void steal_from_person(struct town *town) { town->people[17].cash -= 1; }
static struct clearing *house_of(struct town *town)
{
    town->ctx.self = &town->selves[LEDGER];
    return (struct clearing *)(void *)(town->clearing_state + town->ctx.self->clearing_at);
}
static void swap_retailers(struct town *town)
{
    house_of(town)->balance[CH_ACC_RETAILER + 1] -= 1;
    house_of(town)->balance[CH_ACC_RETAILER + 2] += 1;
}
static void mistake_the_agents(struct town *town)
{
    house_of(town)->balance[AGENTS] -= 1;
    house_of(town)->balance[CH_ACC_PLATFORM] += 1;
}
static void hide_vat(struct town *town)
{
    house_of(town)->balance[CH_ACC_VAT] -= 1;
    house_of(town)->balance[CH_ACC_WORLD] += 1;
}
static void lose_from_book(struct town *town)
{
    for (uint32_t place = 0; place < town->city.n_places; place++) {
        struct book *book =
            (struct book *)(void *)(town->place_state + place * town->selves[LEDGER].place_step + town->selves[LEDGER].place_at);
        if (book->n) {
            book->entries.cents[0] += 1;
            return;
        }
    }
    ck_abort_msg("all books are empty");
}

/* One cent wrong, anywhere: the audit complains. Sums alone would miss what is moved between two accounts. */
START_TEST(every_cent_counts)
{
    void (*const spoils[])(struct town * town) = {steal_from_person, swap_retailers, mistake_the_agents, hide_vat,
                                                  lose_from_book};
    for (unsigned i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        enum ch_code code;
        double imbalance = imbalance_with(false, spoils[i], &code);
        ck_assert_double_eq_tol(imbalance, 0.01, 1e-12);
        ck_assert_int_eq(code, CH_INTERNAL);
    }
}
END_TEST

/* More kinds of entries than a book holds in one event: it is posted at once, nothing is lost. */
START_TEST(full_books)
{
    struct town *town = new_town();
    town_run(town, CH_HOUR);
    ck_assert_int_gt(town_probe(town, LEDGER, "postings")[0], 6 * 30); /* more than one per tick and place */
    town_close(town);
}
END_TEST

/* ---- auditor ----------------------------------------------------------------------------------------------------- */

START_TEST(unlawful_reads_are_found)
{
    struct town *town = new_town();
    toy.letters = true;
    town_run(town, DAYS * CH_DAY);
    town->handlers[town->selves[TRADER].first_kind] = NULL;
    town_run(town, DAYS * CH_DAY + CH_MINUTE);
    ck_assert_uint_gt(toy.illegal, 500);
    ck_assert_uint_gt(toy.legal, 500);
    ck_assert_int_eq(town_probe(town, AUDITOR, "reads_without_consent")[0], toy.illegal);
    ck_assert_int_eq(town_probe(town, AUDITOR, "reads_per_person_day")[0], toy.illegal + toy.legal);
    town_close(town);
}
END_TEST

START_TEST(rates_are_per_person_and_day)
{
    struct town *town = new_town();
    toy.letters = true;
    town_run(town, town->end);
    town_finish(town, AUDITOR);
    const struct ch_probe *row = NULL;
    for (unsigned i = 0; i < ch_model_auditor.n_probes; i++)
        if (strcmp(ch_model_auditor.probe[i].name, "reads_per_person_day") == 0)
            row = &ch_model_auditor.probe[i];
    double counted = (double)town_probe(town, AUDITOR, "reads_per_person_day")[0];
    ck_assert_double_eq_tol(town_ratio(town, AUDITOR, "reads_per_person_day") * row->scale, counted / PEOPLE / 28, 1e-9);
    town_close(town);
}
END_TEST

static void add_tests(TCase *all)
{
    tcase_add_test(all, audits_find_nothing);
    tcase_add_test(all, balances_arrive);
    tcase_add_test(all, profits);
    tcase_add_test(all, a_planted_leak_is_found);
    tcase_add_test(all, every_cent_counts);
    tcase_add_test(all, full_books);
    tcase_add_test(all, unlawful_reads_are_found);
    tcase_add_test(all, rates_are_per_person_and_day);
}

int main(void) { return run_tests("ledger", add_tests); }
