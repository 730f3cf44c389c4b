/* SPDX-License-Identifier: MIT
 * M13 Mode shopper: a switch on the phone, rules of one's own, and agents. Off unless the scenario wants it.
 *
 *   switch   The consent that counts is min(level, 0 while the switch is off). It is turned on at the start of a trip to shop or
 *            for leisure with p_on by privacy type, off when the stay there ends or after two unwanted messages on the way. A
 *            diversion for an offer leaves it as it is. What was given remains given: shares of consent are told apart from
 *            the switch. While it is off nobody is asked for consent.
 *   rules    Each person with the app has up to six clauses, each present with probability clauses/6: where (in the street, or
 *            in stores), between which hours, which categories (each with even odds), least discount, longest walk, most
 *            messages a day. A policy that heeds them tests the fact `permitted`. What is sent against them is unwanted.
 *   agent    A share `agents` of people let an agent of their own look through all their wishes while the switch is on. A rule
 *            that needs consent is then judged by it: with any retailer, by the same conditions and by the person's own
 *            rules. Retailers read nothing and learn only of a match. The agent takes `fee` of the sale that follows, from
 *            the seller; a later return leaves it its fee.
 *
 * Which clauses a person has is a function of who it is, drawn again when it matters; kept is only what a phone knows.
 * Chances and clauses are assumed (M13 of the model reference). */
#include <chaland/model.h>

#define MODE_SHOPPER_PARAMS(P)                                                                                                 \
    P(FLAG, active, 0, 0, 1, "", "phones have the switch, rules and agents", CH_CHOSEN("off unless asked for"))                \
    P(LIST, on, "0.02 0.4 0.7", 0, 1, "share",                                                                                 \
      "trips to shops or leisure for which fundamentalists, pragmatists, unconcerned turn it on",                              \
      CH_ASSUMED(0, 1, "sweep; no data"))                                                                                      \
    P(I64, unwanted, 2, 1, 200, "", "unwanted messages on a trip after which it is turned off", CH_ASSUMED(1, 5, "no data"))   \
    P(F64, clauses, 2, 0, 6, "", "mean number of clauses of a person's rules", CH_ASSUMED(0, 4, "no data"))                    \
    P(LIST, discount, "0.05 0.2", 0, 0.95, "share", "least and most of the least discount asked for",                          \
      CH_ASSUMED(0, 0.5, "no data"))                                                                                           \
    P(LIST, walk, "3 15", 0, 120, "min", "least and most of the longest walk", CH_ASSUMED(1, 30, "no data"))                   \
    P(LIST, hours, "4 10", 0, 24, "h", "shortest and longest span of the hours allowed, which begin between 8 and 12",         \
      CH_ASSUMED(1, 16, "no data"))                                                                                            \
    P(I64, messages, 4, 1, 200, "", "most that a clause of messages a day allows; at least 1", CH_ASSUMED(1, 10, "no data"))   \
    P(F64, agents, 0, 0, 1, "share", "people with the app who have an agent", CH_ASSUMED(0, 1, "a sweep; nobody has one yet")) \
    P(F64, fee, 0.01, 0, 0.5, "share", "of the price of a matched sale, paid by the seller to the agent",                      \
      CH_ASSUMED(0, 0.03, "no data"))
#define CH_ROW_STRUCT struct mode_shopper_params
CH_PARAMS(mode_shopper, MODE_SHOPPER_PARAMS)

#define MODE_SHOPPER_PROBES(B)                                                                                 \
    B(RATIO, mode_on_share, "share", 1, 0, 13, "time with the switch on, of all inhabitants' time")            \
    B(SUM, mode_switched_on, "", 1, 0, 0, "trips for which the switch was turned on")                          \
    B(SUM, mode_given_up, "", 1, 0, 0, "times it was turned off because of unwanted messages")                 \
    B(RATIO, rule_breach_rate, "share", 1, 0, 14, "messages that broke the person's own rules, of those sent") \
    B(SUM, agent_matches, "", 1, 0, 0, "messages that agents let through as matches")                          \
    B(SUM, agent_sales, "", 1, 0, 0, "purchases that followed a match")                                        \
    B(SUM, agent_fees, "EUR", 0.01, 0, 44, "fees of agents")
CH_PROBES(MODE_SHOPPER_PROBES)

#define MODE_SHOPPER_DRAWS(D)                           \
    D(on, "is the switch turned on? person and trip")   \
    D(clauses, "a person's own rules; once per person") \
    D(agent, "has the person an agent? once")
CH_DRAWS(MODE_SHOPPER_DRAWS)

/* What a phone knows. */
struct mode {
    uint32_t since;      /* turned on, s */
    uint32_t until;      /* s: a sale of the match in hand earns the agent its fee; 0: none */
    uint32_t store : 24; /* of that match */
    uint32_t good : 8;
    uint8_t on : 1;
    uint8_t agent : 1;   /* has one */
    uint8_t breaks : 1;  /* the message last judged breaks the rules */
    uint8_t matched : 1; /* the message in flight is a match */
    uint8_t unwanted;    /* on this trip */
};
_Static_assert(sizeof(struct mode) <= 16, "small per phone");

enum clause { WHERE, HOURS, GOODS, DISCOUNT, WALK, MESSAGES, N_CLAUSES };

/* A person's own rules. A clause that is absent allows everything. */
struct rules {
    unsigned has;       /* a bit per clause */
    bool street;        /* WHERE: in the street, else in stores */
    ch_time from, till; /* time of day */
    unsigned goods;     /* a bit per good */
    int64_t discount_bp;
    double walk_min;
    unsigned messages;
};

CH_WANTED_IF_ACTIVE

static const void *tabulate(struct ch_setup *setup)
{
    const struct mode_shopper_params *p = setup->params;
    const struct {
        const char *name;
        const struct ch_list *range;
    } ranges[] = {{"discount", &p->discount}, {"walk", &p->walk}, {"hours", &p->hours}};
    for (unsigned i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (ranges[i].range->v[1] < ranges[i].range->v[0])
            ch_setup_refuse(setup, (struct ch_blame){.param = ranges[i].name}, "the least and the most, in this order");
    return NULL;
}

static bool has_app(const struct ch_person *who) { return who->device & CH_APP; }

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct mode_shopper_params *p = ch_params_of(ctx);
    if (!has_app(who))
        return;
    struct mode *mode = ch_of_app(ctx, who);
    struct ch_draw draw = ch_draw(ctx, DRAW_agent, who->id, 0);
    mode->agent = ch_draw_chance(&draw, p->agents) ? 1 : 0;
}

/* ---- rules ------------------------------------------------------------------------------------------------------- */

static double between(struct ch_draw *draw, const struct ch_list *range)
{
    return range->v[0] + (range->v[1] - range->v[0]) * ch_draw_uniform(draw);
}

/* All clauses are drawn, present or not: a stricter world keeps those it has. */
static struct rules rules_of(struct ch_ctx *ctx, const struct ch_person *who)
{
    const struct mode_shopper_params *p = ch_params_of(ctx);
    struct ch_draw draw = ch_draw(ctx, DRAW_clauses, who->id, 0);
    struct rules rules = {.has = 0};
    for (unsigned k = 0; k < N_CLAUSES; k++)
        rules.has |= (unsigned)ch_draw_chance(&draw, p->clauses / N_CLAUSES) << k;
    rules.street = ch_draw_chance(&draw, 0.5);
    rules.from = ch_time_of_seconds(3600 * (8 + 4 * ch_draw_uniform(&draw)));
    rules.till = rules.from + ch_time_of_seconds(3600 * between(&draw, &p->hours));
    for (unsigned good = 0; good < CH_N_GOODS; good++)
        rules.goods |= (unsigned)ch_draw_chance(&draw, 0.5) << good;
    rules.goods |= 1u << ch_draw_below(&draw, CH_N_GOODS); /* one at least */
    rules.discount_bp = (int64_t)(10000 * between(&draw, &p->discount) + 0.5);
    rules.walk_min = between(&draw, &p->walk);
    rules.messages = 1 + ch_draw_below(&draw, (uint32_t)p->messages);
    return rules;
}

static bool breaks(const struct rules *rules, const struct ch_person *who, const struct ch_admit *asked)
{
    ch_time clock = ch_time_of_day(asked->at);
    const bool broken[N_CLAUSES] = {
        [WHERE] = rules->street ? who->zone != CH_IN_STREET && who->zone != CH_AT_STOP : who->zone != CH_IN_STORE,
        [HOURS] = clock < rules->from || clock >= rules->till,
        [GOODS] = asked->good >= CH_N_GOODS || !(rules->goods >> asked->good & 1),
        [DISCOUNT] = asked->discount_bp<rules->discount_bp, [WALK] = asked->walk_min> rules->walk_min,
        [MESSAGES] = asked->today >= rules->messages,
    };
    for (unsigned k = 0; k < N_CLAUSES; k++)
        if (broken[k] && rules->has >> k & 1)
            return true;
    return false;
}

/* While a message is in flight no other one is judged, so what was found of it when it was sent still holds when it lands. */
static void answer_admit(struct ch_ctx *ctx, struct ch_person *who, struct ch_admit *asked)
{
    struct mode *mode = ch_of_app(ctx, who);
    if (!asked->landed) {
        struct rules rules = rules_of(ctx, who);
        mode->breaks = breaks(&rules, who, asked) ? 1 : 0;
    }
    asked->refused = mode->breaks;
    asked->delegated = asked->landed && mode->matched;
}

/* ---- the switch -------------------------------------------------------------------------------------------------- */

static ch_time counted_since(const struct ch_ctx *ctx, const struct mode *mode)
{
    ch_time since = mode->since * CH_SECOND;
    return since > ctx->counting_from ? since : ctx->counting_from;
}

static void turn_off(struct ch_ctx *ctx, struct mode *mode)
{
    if (mode->on && ch_now(ctx) > ctx->counting_from)
        ch_ratio(ctx, PROBE_mode_on_share, (ch_now(ctx) - counted_since(ctx, mode)) / CH_SECOND, 0);
    mode->on = 0;
}

static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    const struct mode_shopper_params *p = ch_params_of(ctx);
    if (!has_app(who) || who->leg > 0 || leg->purpose == CH_FOR_OFFER)
        return;
    struct mode *mode = ch_of_app(ctx, who);
    turn_off(ctx, mode);
    mode->unwanted = 0;
    struct ch_draw draw = ch_draw(ctx, DRAW_on, who->id, ch_occasion_trip(who));
    if ((leg->purpose != CH_FOR_SHOPPING && leg->purpose != CH_FOR_LEISURE) || !ch_draw_chance(&draw, p->on.v[who->privacy]))
        return;
    mode->on = 1;
    mode->since = (uint32_t)(ch_now(ctx) / CH_SECOND);
    ch_add(ctx, PROBE_mode_switched_on, 1);
}

static void on_activity_ends(struct ch_ctx *ctx, struct ch_person *who, struct ch_activity *act)
{
    if (has_app(who) && act->purpose != CH_FOR_OFFER)
        turn_off(ctx, ch_of_app(ctx, who));
}

static void on_offer_unwanted(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    const struct mode_shopper_params *p = ch_params_of(ctx);
    struct mode *mode = ch_of_app(ctx, who);
    (void)offer;
    if (!mode->on || ++mode->unwanted < p->unwanted)
        return;
    turn_off(ctx, mode);
    ch_add(ctx, PROBE_mode_given_up, 1);
}

static void answer_shut(struct ch_ctx *ctx, struct ch_person *who, struct ch_shut_query *query)
{
    query->shut = has_app(who) && !((const struct mode *)ch_of_app(ctx, who))->on;
}

/* ---- agents ------------------------------------------------------------------------------------------------------ */

static void answer_agent(struct ch_ctx *ctx, struct ch_person *who, struct ch_agent_query *query)
{
    const struct mode *mode = ch_of_app(ctx, who);
    query->acts = mode->on && mode->agent;
}

static void on_offer_sent(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    struct mode *mode = ch_of_app(ctx, who);
    mode->matched = offer->matched ? 1 : 0;
    ch_ratio(ctx, PROBE_rule_breach_rate, mode->breaks, 1);
    ch_add(ctx, PROBE_agent_matches, offer->matched);
}

/* An opened match leaves its coupon. */
static void on_offer_opened(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    struct mode *mode = ch_of_app(ctx, who);
    if (!mode->matched)
        return;
    mode->until = (uint32_t)(offer->until / CH_SECOND);
    mode->store = offer->store & 0xffffffu;
    mode->good = offer->good & 0xffu;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct mode_shopper_params *p = ch_params_of(ctx);
    if (!who || !has_app(who))
        return;
    struct mode *mode = ch_of_app(ctx, who);
    if (mode->until * CH_SECOND < ch_now(ctx) || mode->store != sale->store || mode->good != sale->good)
        return;
    ch_cents fee = ch_share_bp(sale->paid, (int64_t)(p->fee * 10000 + 0.5));
    mode->until = 0;
    ch_add(ctx, PROBE_agent_sales, 1);
    ch_add(ctx, PROBE_agent_fees, fee);
    ch_pay(ctx, who, CH_ACC_RETAILER + sale->retailer, ch_account_of_agents(ctx->city), fee, CH_REASON_agent);
}

/* ---- end --------------------------------------------------------------------------------------------------------- */

static void finish(struct ch_ctx *ctx)
{
    int64_t seconds = (ctx->end - ctx->counting_from) / CH_SECOND;
    ch_ratio(ctx, PROBE_mode_on_share, 0, (int64_t)ctx->city->n_people * seconds);
    for (uint32_t id = 0; id < ctx->city->n_people; id++) {
        const struct ch_person *who = &ctx->people[id];
        const struct mode *mode = has_app(who) ? ch_of_app(ctx, who) : NULL;
        if (mode && mode->on)
            ch_ratio(ctx, PROBE_mode_on_share, (ctx->end - counted_since(ctx, mode)) / CH_SECOND, 0);
    }
}

extern const struct ch_model ch_model_mode_shopper;
const struct ch_model ch_model_mode_shopper = {
    .name = "mode_shopper",
    .title = "the switch, personal rules, and agents",
    .mechanism = "M13",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .wanted = wanted,
    .app_size = sizeof(struct mode),
    .tabulate = tabulate,
    .start_person = start_person,
    .finish = finish,
    .on_leg_begins = on_leg_begins,
    .on_activity_ends = on_activity_ends,
    .on_offer_sent = on_offer_sent,
    .on_offer_opened = on_offer_opened,
    .on_offer_unwanted = on_offer_unwanted,
    .on_sale = on_sale,
    .answer_shut = answer_shut,
    .answer_admit = answer_admit,
    .answer_agent = answer_agent,
};
