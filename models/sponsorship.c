/* SPDX-License-Identifier: MIT
 * M18 Sponsorship: customers who bring their friends, and a coupon for each of the two.
 *
 *   send     After a visit, who is recognised by the retailer (consent of level 1) invites a friend with probability `send`:
 *            one of the small world of friends.h, all alike. The invitation is a letter to the friend's household, as nobody
 *            may be touched from afar: it waits in the box of that place until the friend comes home or begins a day there. A
 *            box holds eight letters of all who live at the place; what does not fit is lost.
 *   accept   A friend with the app whom the retailer does not know yet accepts with probability `accept`: is asked for consent
 *            with the benefit of the coupon, holds a coupon of 5 EUR at that retailer, and counts from now on as brought by a
 *            friend (once, for the first retailer). At redemption a letter of thanks goes to the sponsor's household: 5 EUR
 *            too.
 *   coupon   money that the retailer pays back (with the VAT in it) at the first purchase there that costs as much; valid
 *            `valid`. A phone keeps two; a third one pushes out the older.
 *   value    Who was brought by a friend is worth more: the odds of choosing the retailer's stores are 1 + `value` times as
 *            large.
 *
 * K27 compares the margin (price less VAT and cost of goods, before coupons of this model) per customer and day of those
 * brought by a friend with that of the other people whom the retailer knows. Audit, daily: letters sent = accepted + declined +
 * lost + in boxes + under way; coupons given = redeemed + expired + held. Sources: value of referred customers: Schmitt, Skiera
 * & Van den Bulte 2011. Shares of sending and accepting are assumed. */
#include <chaland/friends.h>
#include <chaland/model.h>

#define SPONSORSHIP_PARAMS(P)                                                                                               \
    P(FLAG, active, 0, 0, 1, "", "customers may bring friends", CH_CHOSEN("off: a mechanism that a scenario asks for"))     \
    P(F64, send, 0.03, 0, 1, "share", "visits of recognised shoppers after which a friend is invited",                      \
      CH_ASSUMED(0.005, 0.1, "no data"))                                                                                    \
    P(F64, accept, 0.15, 0, 1, "share", "invitations accepted by friends whom the retailer does not know",                  \
      CH_ASSUMED(0.02, 0.4, "no data"))                                                                                     \
    P(F64, benefit, 0.5, 0, 1, "", "benefit promised when such a friend is asked for consent", CH_ASSUMED(0, 1, "no data")) \
    P(MONEY, coupon, 5, 0, 1000, "EUR", "coupon of the friend, and of the sponsor", CH_ASSUMED(2, 20, "no data"))           \
    P(TIME, valid, 30, 1, 365, "d", "coupons are valid for so long", CH_ASSUMED(7, 90, "no data"))                          \
    P(F64, value, 0.16, 0, 5, "", "odds added to the choice of the retailer by who was brought by a friend",                \
      CH_SOURCED("Schmitt, Skiera & Van den Bulte 2011: referred customers are worth at least 16 % more"))
#define CH_ROW_STRUCT struct sponsorship_params
CH_PARAMS(sponsorship, SPONSORSHIP_PARAMS)

#define SPONSORSHIP_MESSAGES(M) \
    M(REMOTE, letter, CH_LOOKAHEAD, 0, "to the household of dest; payload: kind (8), retailer (16), writer (32)")
CH_MESSAGES(SPONSORSHIP_MESSAGES)

#define SPONSORSHIP_PROBES(B)                                                                                          \
    B(SUM, invitations_sent, "", 1, 0, 27, "invitations written to friends")                                           \
    B(RATIO, invitations_accepted, "share", 1, 0, 27, "invitations accepted over those read")                          \
    B(SUM, letters_lost, "", 1, 0, 0, "letters that found the box full")                                               \
    B(SUM, sponsor_coupons, "EUR", 0.01, 0, 27, "coupons of sponsors and their friends, paid back at the till")        \
    B(RATIO, margin_referred, "EUR", 0.01, 0, 27, "margin per customer brought by a friend and day, at that retailer") \
    B(RATIO, margin_not_referred, "EUR", 0.01, 0, 27, "margin per other customer known to a retailer and day, at that retailer")
CH_PROBES(SPONSORSHIP_PROBES)

#define SPONSORSHIP_DRAWS(D)                                          \
    D(send, "is a friend invited, and which? person, trip and store") \
    D(accept, "is the invitation accepted? person, day, writer and retailer")
CH_DRAWS(SPONSORSHIP_DRAWS)

enum { COUPONS = 2, BOX = 8, NO_RETAILER = 0xffff };
enum letter_kind { INVITATION, THANKS };

struct coupon {
    uint32_t from; /* who is to be thanked; CH_NONE: nobody */
    uint16_t retailer;
    uint16_t until; /* first day on which it is void; 0: there is no coupon */
};

struct tie { /* of a person with the app */
    struct coupon coupon[COUPONS];
    uint16_t referred; /* retailer that a friend brought this person to, NO_RETAILER */
};

struct letter {
    uint32_t to, from;
    uint16_t retailer;
    uint16_t kind;
};

struct box { /* of a place */
    struct letter letter[BOX];
    uint32_t n;
    uint32_t sent, accepted, declined, lost; /* since the start; each letter of thanks read counts as accepted */
    uint32_t given, redeemed, expired;       /* coupons */
};

struct sponsorship_table {
    const uint32_t *ring; /* of friends.h */
};

CH_WANTED_IF_ACTIVE

static const void *tabulate(struct ch_setup *setup)
{
    struct sponsorship_table *table = ch_setup_alloc(setup, 1, sizeof *table);
    if (setup->city->n_retailers >= NO_RETAILER)
        ch_setup_refuse(setup, (struct ch_blame){.param = "city.retailers"}, "at most %d, which coupons can name", NO_RETAILER);
    table->ring = ch_residents(setup);
    return table;
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    if (who->device & CH_APP)
        ((struct tie *)ch_of_app(ctx, who))->referred = NO_RETAILER;
}

static struct tie *tie_of(struct ch_ctx *ctx, const struct ch_person *who) { return ch_of_app_if_any(ctx, who); }

/* ---- letters ----------------------------------------------------------------------------------------------------- */

static void write_to(struct ch_ctx *ctx, const struct ch_person *who, uint32_t to, uint32_t retailer, enum letter_kind kind)
{
    uint64_t payload = (uint64_t)kind << 48 | (uint64_t)retailer << 32 | who->id;
    ((struct box *)ch_of_place(ctx))->sent++;
    ch_send(ctx, MSG_letter, ctx->city->people[to].home, to, CH_LOOKAHEAD, payload);
}

static void on_visit_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    const struct sponsorship_params *p = ch_params_of(ctx);
    uint32_t retailer = ctx->city->stores[visit->store].retailer, friend[CH_FRIENDS_MAX];
    if (!ch_level_open_to(ctx, who, retailer))
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_send, who->id, ch_occasion_trip(who) | (visit->store & 0xffffffu));
    if (!ch_draw_chance(&draw, p->send))
        return;
    unsigned n = ch_friends_of(ctx, ((const struct sponsorship_table *)ch_table(ctx))->ring, who->id, friend);
    if (!n)
        return;
    ch_add(ctx, PROBE_invitations_sent, 1);
    write_to(ctx, who, friend[ch_draw_below(&draw, n)], retailer, INVITATION);
}

static void on_letter(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct box *box = ch_of_place(ctx);
    if (box->n == BOX) {
        box->lost++;
        ch_add(ctx, PROBE_letters_lost, 1);
        return;
    }
    box->letter[box->n++] = (struct letter){.to = ev->dest,
                                            .from = (uint32_t)ev->payload,
                                            .retailer = (uint16_t)(ev->payload >> 32),
                                            .kind = (uint16_t)(ev->payload >> 48)};
}

static void give_coupon(struct ch_ctx *ctx, struct tie *tie, uint32_t retailer, uint32_t from)
{
    const struct sponsorship_params *p = ch_params_of(ctx);
    struct box *box = ch_of_place(ctx);
    struct coupon *old = tie->coupon[0].until <= tie->coupon[1].until ? &tie->coupon[0] : &tie->coupon[1];
    box->expired += old->until != 0;
    box->given++;
    *old =
        (struct coupon){.from = from, .retailer = (uint16_t)retailer, .until = (uint16_t)(ch_day_of(ch_now(ctx) + p->valid) + 1)};
}

/* Does the friend become a customer? */
static bool accepts(struct ch_ctx *ctx, struct ch_person *who, const struct letter *letter)
{
    const struct sponsorship_params *p = ch_params_of(ctx);
    struct tie *tie = tie_of(ctx, who);
    if (!tie || ch_level_granted(ctx, who, letter->retailer))
        return false;
    uint64_t occasion = (uint64_t)who->day << 48 | (uint64_t)letter->from << 16 | letter->retailer;
    struct ch_draw draw = ch_draw(ctx, DRAW_accept, who->id, occasion);
    if (!ch_draw_chance(&draw, p->accept))
        return false;
    struct ch_ask ask = {.controller = letter->retailer, .benefit = p->benefit};
    give_coupon(ctx, tie, letter->retailer, letter->from);
    if (tie->referred == NO_RETAILER)
        tie->referred = letter->retailer;
    ch_ask_ask(ctx, who, &ask);
    return true;
}

static void read_letter(struct ch_ctx *ctx, struct ch_person *who, struct box *box, const struct letter *letter)
{
    bool accepted = true;
    if (letter->kind == THANKS) {
        give_coupon(ctx, tie_of(ctx, who), letter->retailer, CH_NONE);
    } else {
        accepted = accepts(ctx, who, letter);
        ch_ratio(ctx, PROBE_invitations_accepted, accepted, 1);
    }
    box->accepted += accepted;
    box->declined += !accepted;
}

/* Takes one's letters out of the box of the place, which is one's home. */
static void open_box(struct ch_ctx *ctx, struct ch_person *who)
{
    struct box *box = ch_of_place(ctx);
    if (ch_here(ctx) != ch_home(ctx, who))
        return;
    for (uint32_t i = 0; i < box->n;) {
        struct letter letter = box->letter[i];
        if (letter.to != who->id) {
            i++;
            continue;
        }
        memmove(&box->letter[i], &box->letter[i + 1], (--box->n - i) * sizeof letter);
        read_letter(ctx, who, box, &letter);
    }
}

static void on_activity_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    if (act->purpose == CH_FOR_HOME)
        open_box(ctx, who);
}

/* ---- days -------------------------------------------------------------------------------------------------------- */

static void count_customers(struct ch_ctx *ctx, struct ch_person *who, const struct tie *tie)
{
    ch_ratio(ctx, PROBE_margin_referred, 0, tie->referred != NO_RETAILER);
    for (uint32_t r = 0; r < ctx->city->n_retailers && who->consent; r++)
        ch_ratio(ctx, PROBE_margin_not_referred, 0, r != tie->referred && ch_level_granted(ctx, who, r) > 0);
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    struct tie *tie = tie_of(ctx, who);
    open_box(ctx, who);
    if (!tie)
        return;
    for (int i = 0; i < COUPONS; i++) {
        if (!tie->coupon[i].until || day->day < tie->coupon[i].until)
            continue;
        tie->coupon[i].until = 0;
        ((struct box *)ch_of_place(ctx))->expired++;
    }
    count_customers(ctx, who, tie);
}

/* ---- at the till ------------------------------------------------------------------------------------------------- */

static void redeem(struct ch_ctx *ctx, struct ch_person *who, struct coupon *coupon)
{
    const struct sponsorship_params *p = ch_params_of(ctx);
    uint32_t retailer = CH_ACC_RETAILER + coupon->retailer;
    ch_pay(ctx, who, retailer, CH_ACC_SHOPPERS, p->coupon, CH_REASON_reward);
    ch_pay(ctx, who, CH_ACC_VAT, retailer, ch_vat_in(p->coupon), CH_REASON_reward);
    ch_add(ctx, PROBE_sponsor_coupons, p->coupon);
    ((struct box *)ch_of_place(ctx))->redeemed++;
    if (coupon->from != CH_NONE)
        write_to(ctx, who, coupon->from, coupon->retailer, THANKS);
    coupon->until = 0;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct sponsorship_params *p = ch_params_of(ctx);
    struct tie *tie = tie_of(ctx, who);
    if (!tie)
        return;
    if (tie->referred == sale->retailer)
        ch_ratio(ctx, PROBE_margin_referred, ch_sale_margin(ctx->city, sale), 0);
    else if (ch_level_granted(ctx, who, sale->retailer))
        ch_ratio(ctx, PROBE_margin_not_referred, ch_sale_margin(ctx->city, sale), 0);
    for (int i = 0; i < COUPONS; i++) {
        struct coupon *coupon = &tie->coupon[i];
        if (coupon->until > ch_day_of(ch_now(ctx)) && coupon->retailer == sale->retailer &&
            sale->paid - sale->back >= p->coupon) {
            sale->back += p->coupon;
            redeem(ctx, who, coupon);
            return;
        }
    }
}

/* A withdrawal with erasure takes the retailer's coupons and the memory of who came by a friend. */
static void on_consent_changed(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent *consent)
{
    struct tie *tie = tie_of(ctx, who);
    if (!consent->withdrawn || !tie)
        return;
    for (int i = 0; i < COUPONS; i++) {
        if (!tie->coupon[i].until || tie->coupon[i].retailer != consent->controller)
            continue;
        tie->coupon[i] = (struct coupon){.until = 0};
        ((struct box *)ch_of_place(ctx))->expired++;
    }
    if (tie->referred == consent->controller)
        tie->referred = NO_RETAILER;
}

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct sponsorship_params *p = ch_params_of(ctx);
    const struct tie *tie = tie_of(ctx, who);
    appeal->bounded++;
    if (!tie || tie->referred == NO_RETAILER)
        return;
    double u = ch_log(1 + p->value);
    appeal->most += u;
    for (unsigned i = 0; i < appeal->n; i++)
        if (ctx->city->stores[appeal->store[i]].retailer == tie->referred)
            appeal->u[i] += u;
}

/* ---- audit ------------------------------------------------------------------------------------------------------- */

struct under_way {
    unsigned kind;
    int64_t n;
};

static void count_letter(void *arg, const struct ch_event *ev)
{
    struct under_way *mail = arg;
    mail->n += ch_event_kind(ev) == mail->kind;
}

static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    struct under_way mail = {.kind = ctx->self->first_kind + MSG_letter};
    int64_t sent = 0, read = 0, lost = 0, boxed = 0, given = 0, gone = 0, held = 0;
    uint32_t here = ctx->lane.place;
    audit->each_pending(audit, count_letter, &mail);
    for (ctx->lane.place = 0; ctx->lane.place < ctx->city->n_places; ctx->lane.place++) {
        const struct box *box = ch_of_place(ctx);
        sent += box->sent;
        read += box->accepted + box->declined;
        lost += box->lost;
        boxed += box->n;
        given += box->given;
        gone += box->redeemed + box->expired;
    }
    ctx->lane.place = here;
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        const struct tie *tie = tie_of(ctx, &ctx->people[id]);
        for (int i = 0; i < COUPONS && tie; i++)
            held += tie->coupon[i].until != 0;
    }
    if (sent != read + lost + boxed + mail.n)
        ch_fail(audit->error, CH_INTERNAL,
                "sponsorship: %lld letters sent, but %lld read, %lld lost, %lld in boxes, %lld under way", (long long)sent,
                (long long)read, (long long)lost, (long long)boxed, (long long)mail.n);
    else if (given != gone + held)
        ch_fail(audit->error, CH_INTERNAL, "sponsorship: %lld coupons given, but %lld redeemed or expired and %lld held",
                (long long)given, (long long)gone, (long long)held);
}

extern const struct ch_model ch_model_sponsorship;
const struct ch_model ch_model_sponsorship = {
    .name = "sponsorship",
    .title = "customers who bring their friends",
    .mechanism = "M18",
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .app_size = sizeof(struct tie),
    .place_size = sizeof(struct box),
    .tabulate = tabulate,
    .start_person = start_person,
    .audit = audit,
    .on_day_begins = on_day_begins,
    .on_activity_begins = on_activity_begins,
    .on_visit_ends = on_visit_ends,
    .on_sale = on_sale,
    .on_consent_changed = on_consent_changed,
    .answer_appeal = answer_appeal,
};
