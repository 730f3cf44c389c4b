/* SPDX-License-Identifier: MIT
 * M12 Consent: who may know what of whom, given and withdrawn.
 *
 * Each person with the app holds a level with each retailer: 0 anonymous, 1 recognised, 2 wishlist shared, 3 history shared;
 * levels are nested. `who->consent` is the highest of them, a filter and not an entitlement.
 *
 *   ask        P(accept level k) = L(a_k + w_T Tr + w_V V + w_R R - w_F F + d_type)      L the logistic function
 *              Tr transparency, V promised benefit, R remembered relevance (0..1), F = asks of the last 30 d / 5
 *   downgrade  hazard per day and retailer h = h0 + h1 max(0, u/theta - 1)
 *              u unwanted messages per week, theta the person's tolerance, lognormal; exit: one level down (0.8) or a full
 *              withdrawal with erasure (0.2). Who got a message that ignored consent (a forced policy, M14) is shaken: h is
 *              multiplied by `shock` for `shock_lasts`
 *   spontaneous consent: in the silent world nothing may drift. From the starting shares pi_k of a retailer and h0, the rate
 *              from level k to k+1 follows by balancing the flows over each cut between k and k+1:
 *              r_k pi_k = h0 (0.8 pi_{k+1} + 0.2 sum_{j>k} pi_j)
 *
 * Starting shares: `initial` gives the share of pragmatists who hold at least level 1, 2, 3 with at least one retailer; other
 * types shift its logit by d_type; retailers share it by size, 1 - (1-P)^size, so that it does not depend on their number.
 * R, u and the count of asks fade once a day, exponentially: R by its half-life, the counts with means of 7 and 30 days.
 * K13 is measured once per person and day, at 03:00. Sources: M12 of the model reference (Westin/Harris types, Localytics 2017
 * tolerance; weights assumed). */
#include "consent_levels.h"

#include <chaland/model.h>

#define CH_ROW_STRUCT struct consent_params
#define CONSENT_PARAMS(P)                                                                                                       \
    P(F64, transparency, 0.5, 0, 1, "", "transparency of the controllers", CH_ASSUMED(0, 1, "sweep; no data on its effect"))    \
    P(LIST, accept, "0 -0.9 -1.8", -10, 10, "", "log-odds of accepting level 1, 2, 3", CH_ASSUMED(-3, 1, "no data"))            \
    P(LIST, types, "-4 0 1.5", -20, 20, "", "added log-odds of fundamentalists, pragmatists, unconcerned",                      \
      CH_ASSUMED(-6, 3, "no data"))                                                                                             \
    P(F64, weight_transparency, 1.0, -10, 10, "", "log-odds per unit of transparency", CH_ASSUMED(0, 2, "no data"))             \
    P(F64, weight_benefit, 1.2, -10, 10, "", "log-odds per unit of promised benefit", CH_ASSUMED(0, 2.4, "no data"))            \
    P(F64, weight_relevance, 0.8, -10, 10, "", "log-odds per unit of remembered relevance", CH_ASSUMED(0, 1.6, "no data"))      \
    P(F64, weight_fatigue, 0.9, -10, 10, "", "log-odds lost per unit of ask fatigue", CH_ASSUMED(0, 1.8, "no data"))            \
    P(F64, fatigue_asks, 5, 0.1, 1000, "", "asks in the last 30 d that make one unit of fatigue", CH_ASSUMED(2, 10, "no data")) \
    P(F64, tolerance, 4.437, 0.01, 1000, "1/week", "median of tolerated unwanted messages",                                     \
      CH_SOURCED("fit to Localytics 2017: exp(1.49)"))                                                                          \
    P(F64, tolerance_sd, 1.10, 0, 5, "", "standard deviation of its logarithm", CH_SOURCED("fit to Localytics 2017"))           \
    P(F64, exit_base, 0.002, 0, 1, "1/d", "h0, hazard of a downgrade without any irritation",                                   \
      CH_ASSUMED(0.0005, 0.01, "no data"))                                                                                      \
    P(F64, exit_irritated, 0.10, 0, 10, "1/d", "h1, added per tolerance exceeded", CH_ASSUMED(0.02, 0.5, "no data"))            \
    P(F64, withdrawal, 0.2, 0, 1, "share", "of the exits, full withdrawals with erasure", CH_ASSUMED(0, 0.5, "no data"))        \
    P(F64, memory, 14, 0.1, 1000, "d", "half-life of remembered relevance", CH_ASSUMED(7, 30, "no data"))                       \
    P(F64, memory_gain, 0.2, 0, 1, "share", "weight of one opened message in remembered relevance",                             \
      CH_ASSUMED(0.05, 0.5, "no data"))                                                                                         \
    P(F64, shock, 10, 1, 1000, "", "factor on the exits of who was recognised by force", CH_ASSUMED(3, 30, "no data"))          \
    P(TIME, shock_lasts, 30, 0, 1000, "d", "for so long after each time", CH_ASSUMED(7, 90, "no data"))                         \
    P(LIST, initial, "0.30 0.15 0.06", 0, 0.999, "share",                                                                       \
      "pragmatists with the app who start with at least level 1, 2, 3 somewhere",                                               \
      CH_ASSUMED(0, 0.6, "retail push opt-in is about a third; deeper levels have no data"))
CH_PARAMS(consent, CONSENT_PARAMS)

#define CONSENT_PROBES(B)                                                                                           \
    B(RATIO, consent_share_0, "share", 1, 0, 13, "person-days at highest level 0")                                  \
    B(RATIO, consent_share_1, "share", 1, 0, 13, "person-days at highest level 1, recognised")                      \
    B(RATIO, consent_share_2, "share", 1, 0, 13, "person-days at highest level 2, wishlist shared")                 \
    B(RATIO, consent_share_3, "share", 1, 0, 13, "person-days at highest level 3, history shared")                  \
    B(RATIO, opt_outs_per_1000_person_days, "", 1000, 0, 17, "downgrades and withdrawals per 1000 person-days")     \
    B(DAILY, daily_consenting, "", 1, 0, 13, "people who hold some consent, at 03:00")                              \
    B(SUM, asks, "", 1, 0, 0, "asks for consent")                                                                   \
    B(SUM, opt_ins, "", 1, 0, 0, "raised levels, asked for or spontaneous")                                         \
    B(SUM, reads, "", 1, 0, 20, "reads of personal data that consent allowed")                                      \
    B(SUM, reads_refused, "", 1, 0, 20, "reads of personal data that were refused")                                 \
    B(RATIO, consent_pair_share, "share", 1, 0, 13,                                                                 \
      "pairs of an app owner and a retailer with some consent, at 03:00, of all such pairs")                        \
    B(RATIO, consent_inflow, "1/d", 1, 0, 13, "pairs that come to some consent, over days of pairs without")        \
    B(RATIO, consent_outflow, "1/d", 1, 0, 13, "pairs that lose all consent, over days of pairs with some")         \
    B(DAILY, daily_consent_pairs, "", 1, 0, 13, "pairs of an app owner and a retailer with some consent, at 03:00") \
    B(VALUE, app_people, "", 1, 0, 0, "people with the app")
CH_PROBES(CONSENT_PROBES)

#define CONSENT_DRAWS(D)                                          \
    D(initial, "starting levels; occasion: four retailers")       \
    D(tolerance, "theta; occasion: 0")                            \
    D(ask, "answer to an ask; occasion: step and retailer")       \
    D(exit, "downgrade and its kind; occasion: day and retailer") \
    D(spontaneous, "consent without an ask; occasion: day")
CH_DRAWS(CONSENT_DRAWS)

struct consent_state {
    float relevance; /* R, 0..1 */
    float unwanted;  /* u, per week */
    float theta;     /* tolerance, per week */
    float asks;      /* fading count of asks */
    uint8_t asked;   /* 1 when this visit's ask was made */
    uint16_t shaken; /* until this day: recognised by force */
};

/* Per type and retailer, three numbers: the share that starts at level >= k + 1, and the daily rate from k to k + 1. */
struct law {
    uint32_t n_retailers;
    double *reach, *inflow;
    double from_none[CH_N_PRIVACY]; /* sum of the rates from level 0 */
};

/* Probability of accepting at least level k in 1..3. */
static double accept_probability(const struct consent_params *p, int k, int type, double benefit, double relevance, double asks)
{
    return ch_logistic(p->accept.v[k - 1] + p->weight_transparency * p->transparency + p->weight_benefit * benefit +
                       p->weight_relevance * relevance - p->weight_fatigue * asks / p->fatigue_asks + p->types.v[type]);
}

/* Hazard of a downgrade, per day. */
static double exit_hazard(const struct consent_params *p, double unwanted, double theta)
{
    double excess = unwanted / theta - 1.0;
    return p->exit_base + (excess > 0 ? p->exit_irritated * excess : 0.0);
}

/* Probability that an event of this hazard (per day) falls in one day. */
static double within_a_day(double hazard) { return 1.0 - ch_exp(-hazard); }

/* Share of a type that starts at level >= k somewhere, shared out to a retailer of this relative size. */
static double starting_share(double somewhere, double shift, double size)
{
    if (somewhere <= 0)
        return 0;
    double p = ch_logistic(ch_logit(somewhere) + shift);
    return 1.0 - ch_exp(size * ch_log(1.0 - p));
}

/* Rates from k to k + 1 that keep the shares reach[] where they are, given exits at rate h0. */
static void balance(const double reach[3], double h0, double withdrawal, double inflow[3])
{
    for (int k = 0; k < 3; k++) {
        double here = (k ? reach[k - 1] : 1.0) - reach[k];
        double above = reach[k] - (k < 2 ? reach[k + 1] : 0.0);
        double leaving = h0 * ((1.0 - withdrawal) * above + withdrawal * reach[k]);
        inflow[k] = here > 1e-9 ? leaving / here : 0.0;
    }
}

static void set_filters(struct ch_person *who, const unsigned char *bytes, uint32_t n_retailers)
{
    who->consent = (uint8_t)highest_level(bytes, n_retailers);
    who->recognised = recognisers(bytes, n_retailers);
}

static const void *tabulate(struct ch_setup *setup)
{
    const struct consent_params *p = setup->params;
    uint32_t n = setup->city->n_retailers;
    struct law *law = ch_setup_alloc(setup, 1, sizeof *law);
    law->n_retailers = n;
    law->reach = ch_setup_alloc(setup, (size_t)CH_N_PRIVACY * n * 3 + 1, sizeof *law->reach);
    law->inflow = ch_setup_alloc(setup, (size_t)CH_N_PRIVACY * n * 3 + 1, sizeof *law->inflow);
    for (int k = 1; k < 3; k++) {
        if (p->initial.v[k] > p->initial.v[k - 1]) {
            ch_setup_refuse(
                setup, (struct ch_blame){.param = "initial", .value = k + 1, .hint = "who holds a level holds those below it"},
                "shares of levels 1, 2, 3 that do not rise; level %d has more than level %d", k + 1, k);
            return law;
        }
    }
    for (uint32_t i = 0; i < CH_N_PRIVACY * n; i++) {
        for (int k = 0; k < 3; k++)
            law->reach[i * 3 + (uint32_t)k] =
                starting_share(p->initial.v[k], p->types.v[i / n], setup->city->retailers[i % n].size);
        balance(&law->reach[i * 3], p->exit_base, p->withdrawal, &law->inflow[i * 3]);
        law->from_none[i / n] += law->inflow[i * 3];
    }
    return law;
}

static size_t app_bytes(const struct ch_city *city) { return level_bytes(city->n_retailers); }

static uint64_t on_day_with(uint32_t day, uint32_t retailer) { return (uint64_t)day << 32 | retailer; }

static void write_down(struct ch_ctx *ctx, const struct ch_person *who, enum ch_audit_kind kind, uint32_t controller, int level)
{
    ch_send_letter(ctx, CH_LETTER_audit, ctx->city->clearing, who->id, CH_LOOKAHEAD, ch_audit_payload(kind, controller, level),
                   NULL);
}

/* Moves a level: the record, the filter, the audit log, and everyone who listens. */
static void change(struct ch_ctx *ctx, struct ch_person *who, uint32_t controller, int to, bool erased)
{
    unsigned char *bytes = ch_bytes_of_app(ctx, who);
    struct ch_consent moved = {
        .controller = controller, .from = (uint8_t)level_of(bytes, controller), .to = (uint8_t)to, .withdrawn = erased};
    set_level(bytes, controller, to);
    set_filters(who, bytes, ctx->city->n_retailers);
    ch_ratio(ctx, PROBE_consent_inflow, !moved.from && moved.to, 0);
    ch_ratio(ctx, PROBE_consent_outflow, moved.from && !moved.to, 0);
    write_down(ctx, who, erased ? CH_AUDIT_ERASED : CH_AUDIT_LEVEL, controller, to);
    if (moved.to > moved.from)
        ch_add(ctx, PROBE_opt_ins, 1);
    ch_tell_consent_changed(ctx, who, &moved);
}

/* A word for each retailer, which decides about nobody else. */
static void draw_levels(struct ch_ctx *ctx, const struct ch_person *who, unsigned char *bytes)
{
    const struct law *law = ch_table(ctx);
    const double *reach = &law->reach[(size_t)who->privacy * law->n_retailers * 3];
    uint32_t word[4];
    for (uint32_t r = 0; r < law->n_retailers; r++, reach += 3) {
        if (r % 4 == 0) {
            struct ch_draw draw = ch_draw(ctx, DRAW_initial, who->id, r / 4);
            ch_draw_words(&draw, word);
        }
        double u = ch_unit(word[r % 4]);
        if (u < reach[0])
            set_level(bytes, r, 1 + (u < reach[1]) + (u < reach[2]));
    }
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct consent_params *p = ch_params_of(ctx);
    if (!(who->device & CH_APP))
        return;
    struct consent_state *s = ch_of_app(ctx, who);
    unsigned char *bytes = ch_bytes_of_app(ctx, who);
    struct ch_draw draw = ch_draw(ctx, DRAW_tolerance, who->id, 0);
    s->theta = (float)ch_draw_lognormal(&draw, p->tolerance, p->tolerance_sd);
    draw_levels(ctx, who, bytes);
    set_filters(who, bytes, ctx->city->n_retailers);
}

/* Exits of the day, retailer by retailer. */
static void leave_some(struct ch_ctx *ctx, struct ch_person *who, uint32_t day)
{
    const struct consent_params *p = ch_params_of(ctx);
    const struct consent_state *s = ch_of_app(ctx, who);
    const unsigned char *bytes = ch_bytes_of_app(ctx, who);
    double shock = day < s->shaken ? p->shock : 1;
    double chance = within_a_day(shock * exit_hazard(p, (double)s->unwanted, (double)s->theta));
    uint32_t n = ctx->city->n_retailers;
    for (uint32_t r = 0; (r = next_held(bytes, n, r)) < n; r++) {
        int level = level_of(bytes, r);
        struct ch_draw draw = ch_draw(ctx, DRAW_exit, who->id, on_day_with(day, r));
        if (!ch_draw_chance(&draw, chance))
            continue;
        bool erased = ch_draw_chance(&draw, p->withdrawal);
        ch_ratio(ctx, PROBE_opt_outs_per_1000_person_days, 1, 0);
        change(ctx, who, r, erased ? 0 : level - 1, erased);
    }
}

/* At most one spontaneous consent a day: one draw for all retailers together. */
static void join_one(struct ch_ctx *ctx, struct ch_person *who, uint32_t day)
{
    const struct law *law = ch_table(ctx);
    const unsigned char *bytes = ch_bytes_of_app(ctx, who);
    const double *inflow = &law->inflow[(size_t)who->privacy * law->n_retailers * 3];
    double total = law->from_none[who->privacy];
    for (uint32_t r = 0; (r = next_held(bytes, law->n_retailers, r)) < law->n_retailers; r++) {
        int level = level_of(bytes, r);
        total += (level < 3 ? inflow[r * 3 + (uint32_t)level] : 0.0) - inflow[r * 3];
    }
    struct ch_draw draw = ch_draw(ctx, DRAW_spontaneous, who->id, (uint64_t)day << 32);
    if (!ch_draw_chance(&draw, within_a_day(total)))
        return;
    double rest = ch_draw_uniform(&draw) * total;
    for (uint32_t r = 0; r < law->n_retailers; r++) {
        int level = level_of(bytes, r);
        rest -= level < 3 ? inflow[r * 3 + (uint32_t)level] : 0.0;
        if (rest < 0) {
            change(ctx, who, r, level + 1, false);
            return;
        }
    }
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    for (unsigned k = 0; k < 4; k++)
        ch_ratio(ctx, PROBE_consent_share_0 + k, who->consent == k, 1);
    ch_add_today(ctx, PROBE_daily_consenting, who->consent > 0);
    ch_ratio(ctx, PROBE_opt_outs_per_1000_person_days, 0, 1);
    if (!(who->device & CH_APP))
        return;
    unsigned pairs = who->consent ? pairs_of(ch_bytes_of_app(ctx, who), ctx->city->n_retailers) : 0;
    ch_ratio(ctx, PROBE_consent_pair_share, pairs, ctx->city->n_retailers);
    ch_ratio(ctx, PROBE_consent_inflow, 0, ctx->city->n_retailers - pairs);
    ch_ratio(ctx, PROBE_consent_outflow, 0, pairs);
    ch_add_today(ctx, PROBE_daily_consent_pairs, pairs);
    const struct consent_params *p = ch_params_of(ctx);
    struct consent_state *s = ch_of_app(ctx, who);
    if (who->consent)
        leave_some(ctx, who, day->day);
    join_one(ctx, who, day->day);
    if (s->relevance > 0 || s->unwanted > 0 || s->asks > 0) {
        s->relevance *= (float)ch_pow(0.5, 1.0 / p->memory);
        s->unwanted *= (float)ch_exp(-1.0 / 7);
        s->asks *= (float)ch_exp(-1.0 / 30);
    }
}

static void on_visit_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_visit *visit)
{
    (void)visit;
    if (who->device & CH_APP)
        ((struct consent_state *)ch_of_app(ctx, who))->asked = 0;
}

static void on_offer_opened(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    const struct consent_params *p = ch_params_of(ctx);
    struct consent_state *s = ch_of_app(ctx, who);
    s->relevance += (float)p->memory_gain * ((float)offer->relevance - s->relevance);
}

static void on_offer_unwanted(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    const struct consent_params *p = ch_params_of(ctx);
    struct consent_state *s = ch_of_app(ctx, who);
    s->unwanted += 1.0f;
    if (ctx->policy->forced && offer->level > level_of(ch_bytes_of_app(ctx, who), offer->sender))
        s->shaken = (uint16_t)(ch_day_of(ch_now(ctx)) + 1 + (uint32_t)(p->shock_lasts / CH_DAY));
}

/* What is granted does not count while the phone is shut, and nobody is asked for more. */
static bool is_shut(struct ch_ctx *ctx, struct ch_person *who)
{
    struct ch_shut_query query = {.shut = false};
    ch_ask_shut(ctx, who, &query);
    return query.shut;
}

static void answer_consent(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent_query *query)
{
    bool known = query->controller < ctx->city->n_retailers && who->consent;
    query->level = known && (query->held || !is_shut(ctx, who)) ? level_of(ch_bytes_of_app(ctx, who), query->controller) : 0;
}

static void answer_grant(struct ch_ctx *ctx, struct ch_person *who, struct ch_grant *grant)
{
    const unsigned char *bytes = ch_bytes_of_app(ctx, who);
    uint32_t n = ctx->city->n_retailers, r = next_held(bytes, n, grant->from);
    if (r >= n)
        return;
    grant->controller = r;
    grant->level = level_of(bytes, r);
}

/* The level after one ask, for one uniform: accepted levels are nested. */
static int answer_to_ask(const struct consent_params *p, const struct consent_state *s, int type, double benefit, int level,
                         double uniform)
{
    int to = level;
    for (int k = level + 1; k <= 3; k++)
        if (uniform < accept_probability(p, k, type, benefit, (double)s->relevance, (double)s->asks))
            to = k;
    return to;
}

static void answer_ask(struct ch_ctx *ctx, struct ch_person *who, struct ch_ask *ask)
{
    const struct consent_params *p = ch_params_of(ctx);
    if (!(who->device & CH_APP) || is_shut(ctx, who) || ask->controller >= ctx->city->n_retailers)
        return;
    struct consent_state *s = ch_of_app(ctx, who);
    ask->level = level_of(ch_bytes_of_app(ctx, who), ask->controller);
    if (s->asked || ask->level == 3)
        return;
    struct ch_draw draw = ch_draw(ctx, DRAW_ask, who->id, ch_occasion_step(who) | (uint64_t)(ask->controller & 0xffff) << 48);
    int to = answer_to_ask(p, s, who->privacy, ask->benefit, ask->level, ch_draw_uniform(&draw));
    s->asked = 1;
    s->asks += 1.0f;
    ask->asked = true;
    ch_add(ctx, PROBE_asks, 1);
    if (to > ask->level) {
        change(ctx, who, ask->controller, to, false);
        ask->level = to;
    }
}

/* The filter of every person agrees with the levels behind it; without the app there is none. */
static void audit(const struct ch_audit *audit)
{
    struct ch_ctx *ctx = audit->ctx;
    for (uint32_t i = 0; i < ctx->city->n_people; i++) {
        const struct ch_person *who = &ctx->people[i];
        const unsigned char *bytes = who->device & CH_APP ? ch_bytes_of_app(ctx, who) : NULL;
        int top = bytes ? highest_level(bytes, ctx->city->n_retailers) : 0,
            mask = bytes ? recognisers(bytes, ctx->city->n_retailers) : 0;
        if (top != who->consent || mask != who->recognised) {
            ch_fail(audit->error, CH_INTERNAL, "consent: person %u is filtered at level %u, retailers %x, but holds %d, %x",
                    (unsigned)i, (unsigned)who->consent, (unsigned)who->recognised, top, (unsigned)mask);
            return;
        }
    }
}

static void finish(struct ch_ctx *ctx) { ch_set_value(ctx, PROBE_app_people, ctx->city->n_apps); }

extern const struct ch_model ch_model_consent;
const struct ch_model ch_model_consent = {
    .name = "consent",
    .title = "Consent and withdrawal",
    .mechanism = "M12",
    CH_WITH_PARAMS,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .app_size = sizeof(struct consent_state),
    .app_bytes = app_bytes,
    .tabulate = tabulate,
    .start_person = start_person,
    .finish = finish,
    .audit = audit,
    .on_day_begins = on_day_begins,
    .on_visit_begins = on_visit_begins,
    .on_offer_opened = on_offer_opened,
    .on_offer_unwanted = on_offer_unwanted,
    .answer_consent = answer_consent,
    .answer_grant = answer_grant,
    .answer_ask = answer_ask,
};
