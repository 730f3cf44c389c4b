/* SPDX-License-Identifier: MIT
 * M34 Ledger: every cent that moves is a double entry, from one account to another; nothing is created or lost.
 *
 *   book      A transfer is entered in the book of the place where it happens, merged with others between the same accounts.
 *             The first entry after a posting sets a timer of 60 s, at which the book is posted to the clearing house;
 *             a full book is posted at once. A posting takes 60 s, so balances lag by at most two minutes.
 *   clearing  applies a posting in one event: what leaves one account enters another, so the balances there sum to 0 at
 *             every instant, in whatever order postings come.
 *   mirrors   Shoppers keep their own cash (`who->cash`; money that concerns shoppers but is paid by post, as refunds, is kept by
 *             the place as `owed`). Each place keeps the net of all retailers, and a seal: the sum of cents times a fixed random
 *             64-bit weight of the account, modulo 2^64. A seal is one number for any number of accounts, and two
 *             different sets of balances have the same seal with probability 2^-64.
 *   fixed     Each store pays EUR 4 per m2 and week, day by day, at its own opening hour; a pop-up while it is there.
 *
 * Audit, daily and at the end, single-threaded:
 *   1  the balances at the clearing house sum to 0
 *   2  cash of all shoppers + owed       = balance of SHOPPERS      + what is in books and in the mail
 *   3  net of all retailers at all places = balances of all retailers + what is in books and in the mail
 *   4  seal of all places                = seal of the balances, books and mail together, so each account agrees by itself
 * The absolute difference is `money_imbalance`, and ends the run as an internal error. `leak_test` drops one cent, once, to
 * show that the audit finds it; the run then goes on and reports it.
 *
 * Profit is what all transfers leave with retailers: sales less VAT, goods, commissions, fees, messages, screen time, fixed
 * cost, refunds, at the time and place of the transfer. Cost of the policy is messages, screen time and coupons. */
#include <chaland/model.h>

#define LEDGER_PARAMS(P)                                                                                                    \
    P(F64, fixed, 4, 0, 1000, "EUR/m2/week", "fixed cost of a store, scaled with the sample", CH_ASSUMED(2, 10, "no data")) \
    P(FLAG, leak_test, 0, 0, 1, "", "drops one cent once, to test the audit", CH_CHOSEN("a test of the audit, never for results"))

#define CH_ROW_STRUCT struct ledger_params
CH_PARAMS(ledger, LEDGER_PARAMS)

#define LEDGER_MESSAGES(M)                                                      \
    M(LOCAL, flush, 1, 0, "the book of a place is posted; no dest, no payload") \
    M(LOCAL, rent, 1, 0, "fixed cost of a day falls due; dest = store")
CH_MESSAGES(LEDGER_MESSAGES)

#define LEDGER_PROBES(B)                                                                                                      \
    B(SUM, retail_profit, "EUR", 0.01, 0, 44,                                                                                 \
      "sales less VAT, cost of goods, coupons, commissions, fees, messages, media and fixed cost, all retailers of the city") \
    B(SUM, sponsor_profit, "EUR", 0.01, 0, 44, "the same with the retailers who run the policy")                              \
    B(SUM, policy_cost, "EUR", 0.01, 0, 44, "messages, screen time and coupons, less coupons of refunded purchases")          \
    B(SUM, vat, "EUR", 0.01, 0, 44, "VAT passed on")                                                                          \
    B(SUM, platform_profit, "EUR", 0.01, 0, 44, "what transfers leave with the platform of the pool")                         \
    B(SUM, courier_profit, "EUR", 0.01, 0, 44, "what transfers leave with the couriers")                                      \
    B(SUM, fixed_cost, "EUR", 0.01, 0, 0, "fixed cost of stores")                                                             \
    B(SUM, postings, "", 1, 0, 0, "batches posted to the clearing house")                                                     \
    B(VALUE, money_imbalance, "EUR", 1, 0, 44, "sum of all differences that audits found; must be 0")                         \
    B(RETAILER, profit, "EUR", 0.01, 0, 44, "what transfers leave with each retailer")                                        \
    B(SUM, agent_profit, "EUR", 0.01, 0, 44, "what transfers leave with people's agents")
CH_PROBES(LEDGER_PROBES)

/* A posting is the book itself: 18 sums, 18 pairs of accounts of 16 bits, 27 of its 28 words. Payload: how many hold. */
enum { ENTRIES = 18, POSTING_SLOTS = 7, ACCOUNTS_MAX = 65536 };
#define POST_EVERY CH_MINUTE
#define POST_TAKES (60 * CH_SECOND)

struct entries {
    int64_t cents[ENTRIES];
    uint32_t pair[ENTRIES]; /* from << 16 | to */
    uint64_t unused;
};
_Static_assert(sizeof(struct entries) == POSTING_SLOTS * sizeof(struct ch_slot), "entries fill a posting");

struct book { /* of a place */
    struct entries entries;
    uint32_t n;
    bool timer;        /* a flush is under way */
    int64_t owed;      /* cents that shoppers got here without being there */
    int64_t retailers; /* net of all retailers, cents */
    uint64_t seal;
};

struct clearing {
    int64_t imbalance; /* cents, over all audits */
    int64_t leaked;
    int64_t balance[]; /* [account], cents */
};

static uint64_t weight_of(uint32_t account) { return ch_mix(account) | 1; }
static uint32_t n_accounts(const struct ch_city *city) { return ch_account_of_agents(city) + 1; }
static bool is_retailer(const struct ch_city *city, uint32_t account)
{
    return account >= CH_ACC_RETAILER && account < CH_ACC_RETAILER + city->n_retailers;
}

static size_t clearing_size(const struct ch_city *city) { return sizeof(struct clearing) + n_accounts(city) * sizeof(int64_t); }

static const void *check_accounts(struct ch_setup *setup)
{
    if (n_accounts(setup->city) > ACCOUNTS_MAX)
        ch_setup_refuse(setup, (struct ch_blame){.param = "city.retailers"}, "at most %d, for which the ledger has accounts",
                        ACCOUNTS_MAX - CH_ACC_RETAILER - 1);
    return NULL;
}

/* ---- books ------------------------------------------------------------------------------------------------------- */

static void post(struct ch_ctx *ctx, struct book *book)
{
    struct ch_slot slots[POSTING_SLOTS];
    memcpy(slots, &book->entries, sizeof slots);
    ch_send_letter(ctx, CH_LETTER_posting, ctx->city->clearing, CH_NONE, POST_TAKES, book->n, slots);
    ch_add(ctx, PROBE_postings, 1);
    memset(&book->entries, 0, sizeof book->entries);
    book->n = 0;
}

static void enter(struct ch_ctx *ctx, struct book *book, const struct ch_transfer *t)
{
    uint32_t pair = t->from << 16 | t->to, i = 0;
    while (i < book->n && book->entries.pair[i] != pair)
        i++;
    if (i == ENTRIES) {
        post(ctx, book);
        i = 0;
    }
    if (i == book->n) {
        book->n++;
        book->entries.pair[i] = pair;
    }
    book->entries.cents[i] += t->cents;
    if (!book->timer)
        ch_send(ctx, MSG_flush, ch_here(ctx), CH_NONE, POST_EVERY, 0);
    book->timer = true;
}

static void on_flush(struct ch_ctx *ctx, const struct ch_event *ev)
{
    (void)ev;
    struct book *book = ch_of_place(ctx);
    book->timer = false;
    if (book->n)
        post(ctx, book);
}

/* One side of a transfer in the mirrors and in the probes. */
static void mirror(struct ch_ctx *ctx, struct ch_person *who, struct book *book, uint32_t account, int64_t cents)
{
    book->seal += (uint64_t)cents * weight_of(account);
    if (account == CH_ACC_SHOPPERS) {
        if (who)
            who->cash += cents;
        else
            book->owed += cents;
    } else if (account == CH_ACC_VAT) {
        ch_add(ctx, PROBE_vat, cents);
    } else if (account == CH_ACC_PLATFORM) {
        ch_add(ctx, PROBE_platform_profit, cents);
    } else if (account == CH_ACC_COURIERS) {
        ch_add(ctx, PROBE_courier_profit, cents);
    } else if (account == ch_account_of_agents(ctx->city)) {
        ch_add(ctx, PROBE_agent_profit, cents);
    } else if (is_retailer(ctx->city, account)) {
        uint32_t retailer = account - CH_ACC_RETAILER;
        book->retailers += cents;
        ch_add(ctx, PROBE_retail_profit, cents);
        ch_add_at(ctx, PROBE_profit, retailer, cents);
        if (ctx->city->retailers[retailer].sponsor)
            ch_add(ctx, PROBE_sponsor_profit, cents);
    }
}

static void on_transfer(struct ch_ctx *ctx, struct ch_person *who, struct ch_transfer *t)
{
    CH_REQUIRE(t->from < n_accounts(ctx->city) && t->to < n_accounts(ctx->city));
    struct book *book = ch_of_place(ctx);
    mirror(ctx, who, book, t->from, -t->cents);
    mirror(ctx, who, book, t->to, t->cents);
    if (is_retailer(ctx->city, t->from) && (t->reason == CH_REASON_message || t->reason == CH_REASON_media))
        ch_add(ctx, PROBE_policy_cost, t->cents);
    enter(ctx, book, t);
}

/* Coupons cost whoever issued them, be it as a lower price of one's own or as a transfer to the seller: counted once, here. */
static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    (void)who;
    ch_add(ctx, PROBE_policy_cost, sale->coupon);
}

static void on_refund(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    (void)who;
    ch_add(ctx, PROBE_policy_cost, -sale->coupon);
}

/* ---- clearing house ---------------------------------------------------------------------------------------------- */

static void take_posting(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct ledger_params *p = ch_params_of(ctx);
    struct clearing *house = ch_of_clearing(ctx);
    struct entries entries;
    memcpy(&entries, ch_event_slots(ev), sizeof entries);
    for (uint64_t i = 0; i < ev->payload; i++) {
        house->balance[entries.pair[i] >> 16] -= entries.cents[i];
        house->balance[entries.pair[i] & 0xffff] += entries.cents[i];
    }
    if (p->leak_test && !house->leaked) {
        house->balance[entries.pair[0] & 0xffff] -= 1;
        house->leaked = 1;
    }
}

/* ---- fixed cost -------------------------------------------------------------------------------------------------- */

static void start_store(struct ch_ctx *ctx, uint32_t store)
{
    ch_time opens = ctx->city->stores[store].opens;
    ch_send(ctx, MSG_rent, ch_here(ctx), store, opens > 0 ? opens : CH_DAY, 0);
}

static void on_rent(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct ledger_params *p = ch_item_params(ctx, CH_ITEM_STORE, ev->dest);
    const struct ch_store *store = &ctx->city->stores[ev->dest];
    bool lives = ch_store_lives(store, ch_day_of(ch_now(ctx)));
    ch_cents rent = lives ? (ch_cents)(p->fixed * store->floor_m2 * ctx->city->sample * 100 / 7 + 0.5) : 0;
    ch_add(ctx, PROBE_fixed_cost, rent);
    ch_pay(ctx, NULL, CH_ACC_RETAILER + store->retailer, CH_ACC_WORLD, rent, CH_REASON_fixed);
    ch_send(ctx, MSG_rent, ch_here(ctx), ev->dest, CH_DAY, 0);
}

/* ---- audit ------------------------------------------------------------------------------------------------------- */

struct sums {
    const struct ch_audit *audit;
    int64_t shoppers, retailers;
    uint64_t seal;
};

static void sum_account(struct sums *sums, uint32_t account, int64_t cents)
{
    sums->seal += (uint64_t)cents * weight_of(account);
    if (account == CH_ACC_SHOPPERS)
        sums->shoppers += cents;
    else if (is_retailer(sums->audit->ctx->city, account))
        sums->retailers += cents;
}

static void sum_entries(struct sums *sums, const struct entries *entries, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        sum_account(sums, entries->pair[i] >> 16, -entries->cents[i]);
        sum_account(sums, entries->pair[i] & 0xffff, entries->cents[i]);
    }
}

static void sum_posting(void *arg, const struct ch_event *ev)
{
    struct sums *sums = arg;
    struct entries entries;
    if (ch_event_kind(ev) != sums->audit->letter_kind(sums->audit, CH_LETTER_posting))
        return;
    memcpy(&entries, ch_event_slots(ev), sizeof entries);
    sum_entries(sums, &entries, ev->payload);
}

static int64_t distance(int64_t a, int64_t b) { return a < b ? b - a : a - b; }

/* What the mirrors say less what clearing house, books and mail say, over checks 2 to 4, in cents. */
static int64_t compare_mirrors(const struct ch_audit *audit, const struct clearing *house)
{
    struct ch_ctx *ctx = audit->ctx;
    struct sums truth = {.audit = audit}, mirrors = {.audit = audit};
    uint32_t place = ctx->lane.place;
    for (uint32_t a = 0; a < n_accounts(ctx->city); a++)
        sum_account(&truth, a, house->balance[a]);
    audit->each_pending(audit, sum_posting, &truth);
    for (ctx->lane.place = 0; ctx->lane.place < ctx->city->n_places; ctx->lane.place++) {
        const struct book *book = ch_of_place(ctx);
        sum_entries(&truth, &book->entries, book->n);
        mirrors.shoppers += book->owed;
        mirrors.retailers += book->retailers;
        mirrors.seal += book->seal;
    }
    ctx->lane.place = place;
    for (uint32_t id = 0; id < ctx->city->n_people; id++)
        mirrors.shoppers += ch_person(ctx, id)->cash;
    int64_t differ = distance(truth.shoppers, mirrors.shoppers) + distance(truth.retailers, mirrors.retailers);
    return differ == 0 && truth.seal != mirrors.seal ? 1 : differ;
}

static void audit_books(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    const struct ledger_params *p = ch_params_of(ctx);
    struct clearing *house = ch_of_clearing(ctx);
    int64_t sum = 0;
    for (uint32_t a = 0; a < n_accounts(ctx->city); a++)
        sum += house->balance[a];
    int64_t differ = compare_mirrors(audit, house);
    int64_t found = distance(sum, 0) > differ ? distance(sum, 0) : differ;
    house->imbalance += found;
    if (found && !p->leak_test)
        ch_fail(audit->error, CH_INTERNAL, "books do not balance: balances sum to %lld cents, mirrors differ by %lld",
                (long long)sum, (long long)differ);
}

static void finish(struct ch_ctx *ctx)
{
    const struct clearing *house = ch_of_clearing(ctx);
    ch_set_value(ctx, PROBE_money_imbalance, (double)house->imbalance / 100);
}

extern const struct ch_model ch_model_ledger;
const struct ch_model ch_model_ledger = {
    .name = "ledger",
    .title = "money: books, clearing house, profit",
    .mechanism = "M34",
    .items = CH_HEEDS(STORE),
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    .place_size = sizeof(struct book),
    .clearing_size = clearing_size,
    .tabulate = check_accounts,
    .start_store = start_store,
    .finish = finish,
    .audit = audit_books,
    .on_transfer = on_transfer,
    .on_sale = on_sale,
    .on_refund = on_refund,
    .take_posting = take_posting,
};
