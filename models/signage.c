/* SPDX-License-Identifier: MIT
 * M11 Digital signage: street screens and screens at bus stops, who sees them and who notices what.
 *
 * A face is seen from the directed side it faces, over the last 30 m (60 m if large) before it, and by those who wait at its
 * stop. It plays a loop of K spots of s seconds by the clock; each spot belongs to a retailer, drawn by size once and for all.
 * Content: `static` shows the main category of the retailer's nearest store; `weather` the category of that store that fits the
 * weather best; `weather+crowd` breaks the loop when k_min people or more are in view and shows the spot whose good fits
 * best; `optin` then shows the spot with the greatest relevance summed over the people in view whose consent (level 2)
 * lets that retailer look, and falls back on the weather loop when there is none: never a personal item below k_min.
 *
 *   notice     P = a (1 - e^(-t/t_a)) (1 + mu rel) e^(-n/n_w), at most 0.95; t seconds of the spot seen, a attention, n how
 *              often this brand was noticed lately; spots are tried in turn until one is noticed
 *   attention  a <- clip(a + eta (rel - 0.5), 0.02, 0.9): irrelevant screens teach people not to look
 *   goodwill   G <- G + rel, half-life T_G, for the two brands noticed last; adds b_g ln(1 + G) to the appeal of their stores
 *   tap        L(-4.5 + 2.0 rel 1[consent >= 2] + 0.8 1[waiting] + 0.74 min(1, rho/5)); rho persons/m2 where the audience is
 *              counted, else 0
 *
 * One glance per pass: at most one notice. An opportunity to see (OTS) is a spot in view for a second or more, up to the one
 * noticed. Static and weather content is resolved when the walker enters the side, without
 * an event; reactive content keeps the walker in this place (`live`) and decides in a local event where the view begins, among
 * the people in view, who are the place's own. Check: P(a given spot is seen >= 1 s in w seconds) = min(1, (s + w - 2)/(K s)).
 * Sources: M11 of the model reference (Mueller et al. 2009 display blindness; Andrews et al. 2016 crowding). */
#include <chaland/model.h>

#define CH_ROW_STRUCT struct signage_params
#define SIGNAGE_PARAMS(P)                                                                                                        \
    P(CHOICE, content, "static", 0, 0, "static|weather|weather+crowd|optin",                                                     \
      "how spots choose what to show; may differ by screen", CH_CHOSEN("factor of S1"))                                          \
    P(I64, spots, 6, 1, 12, "", "K, spots in the loop", CH_ASSUMED(4, 10, "no data"))                                            \
    P(TIME, spot, 10, 2, 60, "s", "s, duration of a spot", CH_ASSUMED(6, 15, "no data"))                                         \
    P(F64, range, 30, 2, 200, "m", "a face of 2.5 m2 is seen from so far", CH_ASSUMED(15, 50, "no data"))                        \
    P(F64, range_large, 60, 2, 400, "m", "a face of 8 m2", CH_ASSUMED(30, 100, "no data"))                                       \
    P(F64, attention, 0.35, 0.02, 0.9, "", "a0, attention at first", CH_ASSUMED(0.1, 0.7, "Dalton et al. 2015: short glances"))  \
    P(TIME, glance, 2, 0.1, 60, "s", "t_a, exposure that makes notice likely", CH_ASSUMED(1, 4, "Motorola/Aachen: 1-2 s"))       \
    P(F64, learning, 0.02, 0, 1, "", "eta, change of attention per notice and unit of relevance", CH_ASSUMED(0, 0.1, "no data")) \
    P(F64, match, 0.3, 0, 5, "", "mu, gain of notice by relevance", CH_ASSUMED(0, 1, "no data"))                                 \
    P(F64, wear, 8, 0.5, 1000, "", "n_w, notices of a brand that wear it out", CH_ASSUMED(4, 20, "no data"))                     \
    P(TIME, goodwill_half_life, 17.5, 0.1, 365, "d", "T_G; also of wear",                                                        \
      CH_SOURCED("adstock of consumer goods, 2.5 weeks on average; practice 2-5"))                                               \
    P(F64, goodwill, 0.3, 0, 5, "", "b_g, appeal per ln(1 + goodwill)", CH_ASSUMED(0, 0.6, "no data"))                           \
    P(F64, tap, -4.5, -20, 5, "", "log-odds of interacting with what is noticed", CH_ASSUMED(-6, -3, "no data"))                 \
    P(F64, tap_relevance, 2.0, 0, 20, "", "log-odds per unit of relevance at level 2", CH_ASSUMED(0, 4, "no data"))              \
    P(F64, tap_waiting, 0.8, 0, 20, "", "log-odds while waiting", CH_ASSUMED(0, 2, "no data"))                                   \
    P(F64, tap_crowd, 0.74, 0, 20, "", "log-odds at 5 persons/m2", CH_SOURCED("Andrews et al. 2016: 2.1 to 4.3 % of purchases")) \
    P(I64, k_min, 3, 1, 100, "", "people in view below which no reaction is shown", CH_CHOSEN("anonymity floor"))                \
    P(MONEY, spot_price, 5, 0, 10000, "EUR", "paid per spot of a screen and day, at sample 1", CH_ASSUMED(1, 100, "no data"))    \
    P(TIME, recall, 2, 0.1, 48, "h", "a purchase so soon after a notice is attributed to it",                                    \
      CH_CHOSEN("the definition of the key figure"))
CH_PARAMS(signage, SIGNAGE_PARAMS)

#define SIGNAGE_MESSAGES(M)                                                                                                 \
    M(LOCAL, view, 1, 0, "a walker comes in view of a reactive screen; dest = person, payload = screen | ms in view << 32") \
    M(LOCAL, bill, 1, 0, "a day of screen time is paid; dest = node")
CH_MESSAGES(SIGNAGE_MESSAGES)

#define SIGNAGE_PROBES(B)                                                                                   \
    B(SUM, opportunities_to_see, "", 1, 0, 11, "spots in view for a second or more, up to the one noticed") \
    B(RATIO, notice_rate, "share", 1, 0, 11, "notices per opportunity to see")                              \
    B(MEAN, attention_index, "", 0.0001, 0, 11, "attention a of all people, once a day")                    \
    B(RATIO, interaction_rate, "share", 1, 0, 12, "interactions per notice")                                \
    B(RATIO, sales_per_1000_ots, "", 1000, 0, 12,                                                           \
      "purchases at the shown retailer within `recall` of a notice, per 1000 opportunities to see")         \
    B(DAILY, daily_attention, "", 0.0001, 0, 42, "attention a, summed over the people whose day begins")    \
    B(DAILY, daily_viewers, "", 1, 0, 42, "people whose day begins")                                        \
    B(DAILY, daily_goodwill, "", 0.001, 0, 42, "goodwill gained by notices")                                \
    B(DAILY, daily_notices, "", 1, 0, 42, "notices")
CH_PROBES(SIGNAGE_PROBES)

#define SIGNAGE_DRAWS(D)                                           \
    D(notice, "noticed?, spot by spot; occasion: step and screen") \
    D(tap, "touched?; occasion: step and screen")
CH_DRAWS(SIGNAGE_DRAWS)

enum { BRANDS = 2, IN_VIEW = 8, SPOTS_MAX = 12 };

/* 24 bytes: attention, and the two brands noticed last. */
struct viewer {
    float attention;
    uint16_t brand[BRANDS];    /* retailer + 1, 0: none */
    uint16_t goodwill[BRANDS]; /* thousandths, at the time of the last notice */
    uint8_t seen[BRANDS];      /* eighths of a notice, likewise */
    uint32_t at[BRANDS];       /* s, last notice */
};
_Static_assert(sizeof(struct viewer) <= 24, "a viewer is small");

/* Who is in view of this place's reactive screens. */
struct audience {
    ch_time until[IN_VIEW]; /* never later than the moment the walker leaves this place */
    uint32_t person[IN_VIEW], screen[IN_VIEW];
};

struct tables {
    uint32_t *retailer; /* [n_screens * SPOTS_MAX], CH_NONE without retailers */
    uint32_t *store;    /* same: the retailer's store nearest to the screen */
    uint8_t *faced;     /* a bit per street side: a face is seen from it */
};

struct sight { /* one exposure */
    uint32_t screen;
    ch_time from, until;
    bool waiting;
    double density;
};

static const struct signage_params *params_of_screen(const struct ch_ctx *ctx, uint32_t screen)
{
    return ch_item_params(ctx, CH_ITEM_SCREEN, screen);
}

/* ---- what is shown ----------------------------------------------------------------------------------------------- */

static uint32_t good_shown(const struct ch_ctx *ctx, const struct signage_params *p, uint32_t store, ch_time at)
{
    const struct ch_store *shop = &ctx->city->stores[store];
    uint32_t best = shop->good;
    if (p->content == CH_CONTENT_STATIC)
        return best;
    for (uint32_t g = 0; g < CH_N_GOODS; g++)
        if (shop->goods >> g & 1 &&
            ch_weather_fit(ctx->world, &ctx->city->goods[g], at) > ch_weather_fit(ctx->world, &ctx->city->goods[best], at))
            best = g;
    return best;
}

/* Number of spots begun since time 0 on this screen, and when the present one ends. Screens do not start together. */
static int64_t spot_at(const struct signage_params *p, uint32_t screen, ch_time at, ch_time *ends)
{
    ch_time shift = (ch_time)(ch_mix(screen) % (uint64_t)(p->spots * p->spot));
    int64_t n = (at + shift) / p->spot;
    *ends = (n + 1) * p->spot - shift;
    return n;
}

static double relevance(struct ch_ctx *ctx, struct ch_person *who, uint32_t retailer, uint32_t store, uint32_t good, int level)
{
    struct ch_relevance asked = {.good = good, .retailer = retailer, .store = store, .level = level};
    ch_ask_relevance(ctx, who, &asked);
    return asked.value;
}

/* What a spot is worth to the people in view: fit to the weather, or the relevance to those who let its retailer look. */
static double worth(struct ch_ctx *ctx, const struct signage_params *p, const struct sight *sight, uint32_t spot)
{
    const struct tables *t = ch_table(ctx);
    const struct audience *audience = ch_of_place(ctx);
    uint32_t retailer = t->retailer[spot], store = t->store[spot], good = good_shown(ctx, p, store, sight->from);
    if (p->content == CH_CONTENT_CROWD)
        return ch_weather_fit(ctx->world, &ctx->city->goods[good], sight->from);
    double sum = 0;
    for (unsigned i = 0; i < IN_VIEW; i++) {
        if (audience->until[i] <= ch_now(ctx) || audience->screen[i] != sight->screen)
            continue;
        struct ch_person *who = ch_person(ctx, audience->person[i]);
        if (who->consent >= 2 && ch_may_read(ctx, who, retailer, 2))
            sum += relevance(ctx, who, retailer, store, good, 2);
    }
    return sum;
}

/* ---- who notices ------------------------------------------------------------------------------------------------- */

static double notice_probability(const struct signage_params *p, double attention, double seconds, double match, double seen)
{
    double exposure = 1.0 - ch_exp(-seconds / ch_seconds(p->glance));
    return ch_clip(attention * exposure * (1.0 + p->match * match) * ch_exp(-seen / p->wear), 0, 0.95);
}

static double tap_probability(const struct signage_params *p, double match, bool consents, bool waiting, double density)
{
    return ch_logistic(p->tap + (consents ? p->tap_relevance * match : 0) + (waiting ? p->tap_waiting : 0) +
                       p->tap_crowd * ch_clip(density / 5, 0, 1));
}

static double learned(const struct signage_params *p, double attention, double match)
{
    return ch_clip(attention + p->learning * (match - 0.5), 0.02, 0.9);
}

/* Slot of a brand in memory, or -1. */
static int brand_slot(const struct viewer *viewer, uint32_t retailer)
{
    for (int i = 0; i < BRANDS; i++)
        if (viewer->brand[i] == retailer + 1)
            return i;
    return -1;
}

static double faded(const struct signage_params *p, const struct viewer *viewer, int slot, ch_time now)
{
    return ch_pow(0.5, (double)(now - viewer->at[slot] * CH_SECOND) / (double)p->goodwill_half_life);
}

static void remember(const struct signage_params *p, struct viewer *viewer, uint32_t retailer, double match, ch_time now)
{
    int slot = brand_slot(viewer, retailer);
    double left = slot < 0 ? 0 : faded(p, viewer, slot, now);
    if (slot < 0)
        slot = viewer->brand[0] && (!viewer->brand[1] || viewer->at[1] < viewer->at[0]);
    viewer->brand[slot] = (uint16_t)(retailer + 1);
    viewer->goodwill[slot] = (uint16_t)ch_clip(left * viewer->goodwill[slot] + 1000 * match, 0, UINT16_MAX);
    viewer->seen[slot] = (uint8_t)ch_clip(left * viewer->seen[slot] + 8, 0, UINT8_MAX);
    viewer->at[slot] = (uint32_t)(now / CH_SECOND);
    viewer->attention = (float)learned(p, (double)viewer->attention, match);
}

/* One spot in front of one person; true if noticed. */
static bool show(struct ch_ctx *ctx, struct ch_person *who, const struct sight *sight, uint32_t spot, double seconds,
                 struct ch_draw *draw)
{
    const struct signage_params *p = params_of_screen(ctx, sight->screen);
    const struct tables *t = ch_table(ctx);
    struct viewer *viewer = ch_of_person(ctx, who);
    struct ch_notice notice = {.screen = sight->screen, .retailer = t->retailer[spot], .waiting = sight->waiting};
    notice.good = good_shown(ctx, p, t->store[spot], sight->from);
    notice.relevance = relevance(ctx, who, notice.retailer, t->store[spot], notice.good, 3);
    bool counts = seconds >= 1;
    ch_add(ctx, PROBE_opportunities_to_see, counts);
    ch_ratio(ctx, PROBE_notice_rate, 0, counts);
    ch_ratio(ctx, PROBE_sales_per_1000_ots, 0, counts);
    int slot = brand_slot(viewer, notice.retailer);
    double seen = slot < 0 ? 0 : viewer->seen[slot] / 8.0 * faded(p, viewer, slot, ch_now(ctx));
    if (!ch_draw_chance(draw, notice_probability(p, (double)viewer->attention, seconds, notice.relevance, seen)))
        return false;
    int level = who->consent >= 2 ? ch_level_open_to(ctx, who, notice.retailer) : 0;
    struct ch_draw tap = ch_draw(ctx, DRAW_tap, who->id, draw->occasion);
    notice.tapped = ch_draw_chance(&tap, tap_probability(p, notice.relevance, level >= 2, sight->waiting, sight->density));
    remember(p, viewer, notice.retailer, notice.relevance, ch_now(ctx));
    ch_add_today(ctx, PROBE_daily_goodwill, (int64_t)(1000 * notice.relevance + 0.5));
    ch_add_today(ctx, PROBE_daily_notices, 1);
    ch_ratio(ctx, PROBE_notice_rate, 1, 0);
    ch_ratio(ctx, PROBE_interaction_rate, notice.tapped, 1);
    ch_tell_noticed(ctx, who, &notice);
    return true;
}

static struct ch_draw open_sight(struct ch_ctx *ctx, const struct ch_person *who, const struct sight *sight)
{
    return ch_draw(ctx, DRAW_notice, who->id,
                   ch_occasion_step(who) | (uint64_t)(sight->screen & 0x7fff) << 48 | (uint64_t)sight->waiting << 63);
}

/* Lets the loop run past a person who looks from sight->from to sight->until. */
static void watch_loop(struct ch_ctx *ctx, struct ch_person *who, const struct sight *sight)
{
    const struct signage_params *p = params_of_screen(ctx, sight->screen);
    struct ch_draw draw = open_sight(ctx, who, sight);
    ch_time ends;
    for (ch_time t = sight->from; t < sight->until; t = ends) {
        int64_t n = spot_at(p, sight->screen, t, &ends);
        ch_time till = ends < sight->until ? ends : sight->until;
        uint32_t spot = sight->screen * SPOTS_MAX + (uint32_t)(n % p->spots);
        if (show(ctx, who, sight, spot, ch_seconds(till - t), &draw))
            return;
    }
}

/* ---- passing by -------------------------------------------------------------------------------------------------- */

/* The stretch of a passage from which a face is seen; false if none. */
static bool in_sight(const struct signage_params *p, const struct ch_screen *screen, double block_m,
                     const struct ch_passage *passage, struct sight *sight)
{
    double range = screen->size_m2 >= 5 ? p->range_large : p->range, speed = passage->speed_mm_s / 1000.0;
    double begin = screen->offset_m - range > 0 ? screen->offset_m - range : 0,
           end = screen->offset_m < block_m ? screen->offset_m : block_m;
    sight->from = passage->enters + ch_time_of_seconds(begin / speed);
    sight->until = passage->enters + ch_time_of_seconds(end / speed);
    return sight->until > sight->from;
}

/* Reactive content: an event where the view begins. It must end before the walker is handed over. */
static void wait_for_view(struct ch_ctx *ctx, const struct ch_person *who, struct ch_passage *passage, const struct sight *sight)
{
    ch_time latest = passage->leaves - CH_LOOKAHEAD, until = sight->until < latest ? sight->until : latest;
    ch_time from = sight->from > ch_now(ctx) ? sight->from : ch_now(ctx) + 1;
    if (until <= from)
        return;
    passage->live = true;
    ch_send(ctx, MSG_view, ch_here(ctx), who->id, from - ch_now(ctx),
            sight->screen | (uint64_t)((until - from) / CH_MILLISECOND) << 32);
}

__attribute__((noinline)) static void pass_faces(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    const struct ch_city *city = ctx->city;
    for (uint32_t i = city->node_first_screen[passage->from]; i < city->node_first_screen[passage->from + 1]; i++) {
        struct sight sight = {.screen = city->node_screen[i]};
        const struct signage_params *p = params_of_screen(ctx, sight.screen);
        const struct ch_screen *screen = &city->screens[sight.screen];
        if (screen->side != passage->side || !city->n_stores ||
            !in_sight(p, screen, (double)city->block_mm / 1000.0, passage, &sight))
            continue;
        if (p->content >= CH_CONTENT_CROWD)
            wait_for_view(ctx, who, passage, &sight);
        else
            watch_loop(ctx, who, &sight);
    }
}

static void on_street_entered(struct ch_ctx *ctx, struct ch_person *who, struct ch_passage *passage)
{
    const struct tables *t = ch_table(ctx);
    if (t->faced[passage->side / 8] >> passage->side % 8 & 1)
        pass_faces(ctx, who, passage);
}

/* Joins the audience and returns how many are in view of the screen; when it is full, the newcomer is not counted in it. */
static unsigned join(struct audience *audience, uint32_t person, uint32_t screen, ch_time now, ch_time until)
{
    unsigned n = 0, free = IN_VIEW;
    for (unsigned i = 0; i < IN_VIEW; i++) {
        n += audience->until[i] > now && audience->screen[i] == screen;
        free = audience->until[i] <= now && free == IN_VIEW ? i : free;
    }
    if (free < IN_VIEW) {
        audience->until[free] = until;
        audience->person[free] = person;
        audience->screen[free] = screen;
    }
    return n + 1;
}

static void on_view(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_person *who = ch_person(ctx, ev->dest);
    struct sight sight = {.screen = (uint32_t)ev->payload, .from = ch_now(ctx)};
    sight.until = sight.from + (ch_time)(ev->payload >> 32) * CH_MILLISECOND;
    const struct signage_params *p = params_of_screen(ctx, sight.screen);
    unsigned n = join(ch_of_place(ctx), who->id, sight.screen, sight.from, sight.until);
    sight.density = n / ctx->city->sample / (4 * p->range);
    uint32_t best = CH_NONE;
    double top = 0;
    for (uint32_t k = 0; n >= (unsigned)p->k_min && k < (uint32_t)p->spots; k++) {
        double value = worth(ctx, p, &sight, sight.screen * SPOTS_MAX + k);
        if (value > top) {
            top = value;
            best = sight.screen * SPOTS_MAX + k;
        }
    }
    if (best == CH_NONE) {
        watch_loop(ctx, who, &sight);
        return;
    }
    struct ch_draw draw = open_sight(ctx, who, &sight);
    ch_time seen = sight.until - sight.from < p->spot ? sight.until - sight.from : p->spot;
    show(ctx, who, &sight, best, ch_seconds(seen), &draw);
}

/* Whoever waits for the bus has a whole loop before their eyes. */
static void on_leg_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_leg *leg)
{
    const struct ch_city *city = ctx->city;
    if (leg->mode != CH_BUS || who->zone != CH_AT_STOP || !city->n_stores)
        return;
    for (uint32_t i = city->node_first_screen[leg->from]; i < city->node_first_screen[leg->from + 1]; i++) {
        uint32_t screen = city->node_screen[i];
        const struct signage_params *p = params_of_screen(ctx, screen);
        struct sight sight = {.screen = screen, .from = ch_now(ctx), .until = ch_now(ctx) + p->spots * p->spot, .waiting = true};
        if (city->screens[screen].at_stop)
            watch_loop(ctx, who, &sight);
    }
}

/* ---- effects ----------------------------------------------------------------------------------------------------- */

static void answer_appeal(struct ch_ctx *ctx, struct ch_person *who, struct ch_appeal *appeal)
{
    const struct signage_params *p = ch_params_of(ctx);
    const struct viewer *viewer = ch_of_person(ctx, who);
    double most = 0;
    for (int slot = 0; slot < BRANDS; slot++) {
        double goodwill = viewer->brand[slot] ? viewer->goodwill[slot] / 1000.0 : 0;
        most = p->goodwill * goodwill > most ? p->goodwill * goodwill : most; /* ln(1 + G) <= G */
        for (unsigned i = 0; i < appeal->n && goodwill > 0; i++)
            if (appeal->store[i] != CH_NONE && ctx->city->stores[appeal->store[i]].retailer + 1 == viewer->brand[slot])
                appeal->u[i] += p->goodwill * ch_log(1.0 + goodwill * faded(p, viewer, slot, ch_now(ctx)));
    }
    appeal->most += most; /* a store has one retailer */
    appeal->bounded++;
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    const struct signage_params *p = ch_params_of(ctx);
    const struct viewer *viewer = ch_of_person(ctx, who);
    int slot = brand_slot(viewer, sale->retailer);
    if (slot >= 0 && ch_now(ctx) - viewer->at[slot] * CH_SECOND <= p->recall)
        ch_ratio(ctx, PROBE_sales_per_1000_ots, 1, 0);
}

static void on_day_begins(struct ch_ctx *ctx, struct ch_person *who, struct ch_day *day)
{
    (void)day;
    const struct viewer *viewer = ch_of_person(ctx, who);
    int64_t attention = (int64_t)((double)viewer->attention * 10000 + 0.5);
    ch_observe(ctx, PROBE_attention_index, attention);
    ch_add_today(ctx, PROBE_daily_attention, attention);
    ch_add_today(ctx, PROBE_daily_viewers, 1);
}

static void on_bill(struct ch_ctx *ctx, const struct ch_event *ev)
{
    const struct ch_city *city = ctx->city;
    const struct tables *t = ch_table(ctx);
    for (uint32_t i = city->node_first_screen[ev->dest]; i < city->node_first_screen[ev->dest + 1]; i++) {
        uint32_t screen = city->node_screen[i];
        const struct signage_params *p = params_of_screen(ctx, screen);
        ch_cents price = (ch_cents)((double)p->spot_price * city->sample + 0.5);
        for (uint32_t k = 0; k < (uint32_t)p->spots; k++)
            ch_pay(ctx, NULL, CH_ACC_RETAILER + t->retailer[screen * SPOTS_MAX + k], CH_ACC_SIGNAGE, price, CH_REASON_media);
    }
    ch_send(ctx, MSG_bill, ch_here(ctx), ev->dest, CH_DAY, 0);
}

/* ---- before a run ------------------------------------------------------------------------------------------------ */

static uint32_t nearest_store(const struct ch_city *city, uint32_t retailer, uint32_t node)
{
    uint32_t best = CH_NONE;
    for (uint32_t s = 0; s < city->n_stores; s++)
        if (city->stores[s].retailer == retailer && (best == CH_NONE || ch_distance_m(city, node, city->stores[s].node) <
                                                                            ch_distance_m(city, node, city->stores[best].node)))
            best = s;
    return best;
}

/* Spot k of a screen goes to the retailer at quantile (k + a fraction of the screen's own) / K of the sizes of those with
 * stores. */
static const void *tabulate(struct ch_setup *setup)
{
    const struct ch_city *city = setup->city;
    struct tables *t = ch_setup_alloc(setup, 1, sizeof *t);
    t->retailer = ch_setup_alloc(setup, (size_t)city->n_screens * SPOTS_MAX + 1, sizeof *t->retailer);
    t->store = ch_setup_alloc(setup, (size_t)city->n_screens * SPOTS_MAX + 1, sizeof *t->store);
    t->faced = ch_setup_alloc(setup, (size_t)city->n_nodes / 2 + 1, 1);
    for (uint32_t i = 0; i < city->n_screens; i++)
        t->faced[city->screens[i].side / 8] |= (uint8_t)(1u << city->screens[i].side % 8);
    double total = 0;
    for (uint32_t r = 0; r < city->n_retailers; r++)
        total += city->retailers[r].n_stores ? city->retailers[r].size : 0;
    for (uint32_t i = 0; i < city->n_screens * SPOTS_MAX; i++) {
        const void *const *own = setup->item_params[CH_ITEM_SCREEN];
        const struct signage_params *p = own && own[i / SPOTS_MAX] ? own[i / SPOTS_MAX] : setup->params;
        double fraction = (double)(ch_mix(i / SPOTS_MAX + 1u) >> 11) / 9007199254740992.0;
        double left = ((double)(i % SPOTS_MAX % (uint32_t)p->spots) + fraction) / (double)p->spots * total;
        t->retailer[i] = CH_NONE;
        for (uint32_t r = 0; r < city->n_retailers && left >= 0; r++) {
            if (!city->retailers[r].n_stores)
                continue;
            left -= city->retailers[r].size;
            t->retailer[i] = r;
        }
        t->store[i] =
            t->retailer[i] == CH_NONE ? CH_NONE : nearest_store(city, t->retailer[i], city->screens[i / SPOTS_MAX].node);
    }
    return t;
}

static void start_place(struct ch_ctx *ctx)
{
    const struct ch_city *city = ctx->city;
    uint32_t node = ch_here(ctx);
    if (node < city->n_nodes && city->n_stores && city->node_first_screen[node] < city->node_first_screen[node + 1])
        ch_send(ctx, MSG_bill, node, node, CH_DAY, 0);
}

static void start_person(struct ch_ctx *ctx, struct ch_person *who)
{
    const struct signage_params *p = ch_params_of(ctx);
    ((struct viewer *)ch_of_person(ctx, who))->attention = (float)p->attention;
}

extern const struct ch_model ch_model_signage;
const struct ch_model ch_model_signage = {
    .name = "signage",
    .title = "Street screens and who notices them",
    .mechanism = "M11",
    .items = CH_HEEDS(SCREEN),
    CH_WITH_PARAMS,
    CH_WITH_MESSAGES,
    CH_WITH_PROBES,
    CH_WITH_DRAWS,
    .person_size = sizeof(struct viewer),
    .place_size = sizeof(struct audience),
    .tabulate = tabulate,
    .start_place = start_place,
    .start_person = start_person,
    .on_day_begins = on_day_begins,
    .on_street_entered = on_street_entered,
    .on_leg_begins = on_leg_begins,
    .on_sale = on_sale,
    .answer_appeal = answer_appeal,
};
