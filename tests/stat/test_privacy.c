/* SPDX-License-Identifier: MIT
 * Privacy in whole towns (G29): who holds no consent leaves no personal record, and who withdraws with erasure is forgotten.
 *
 * Watchers are planted at the end of the chains of a stage, so they hear every moment that the models hear, after them. From the
 * moments they keep levels of consent and data points of their own; from the letters (trace.h) comes a second account; both
 * know what is held at the start. Both must agree with what the models say. All statements are exact. */
#include "../runner.h"
#include "experiment.h"
#include "sim/stage.h"
#include "trace.h"

/* Ends at five in the morning: nobody is out, no letter is under way. */
static const char *const private_yaml =
    "chaland: 1\nname: private\nseed: 53\nstart: 2013-03-04\nduration: 173 h\nwarmup: 0 d\n"
    "city: {columns: 8, rows: 8, stores: 24, retailers: 6, beacons: 120, screens: 6, stops: 4, couriers: 3}\n"
    "population: {shoppers: 300}\n"
    "devices: {smartphone: 100 %, bluetooth: 100 %, location: 100 %, app: 90 %}\n";

/* Wants to know everything, of everybody, everywhere. */
#define CURIOUS                                                                                                           \
    "{policy: curious, asks: {benefit: 0.5}, rules: [{when: beacon, channel: beacon, about: wish, if: {wish_match: \">= " \
    "0.1\"}}, "                                                                                                           \
    "{when: beacon, channel: beacon, about: affinity, if: {affinity: \">= 0.05\"}}, "                                     \
    "{when: screen, channel: screen, about: wish, if: {wish_age: \">= 0 d\"}}, "                                          \
    "{when: entrance, channel: push, about: store, if: {messages_today: \">= 0\"}}]}"
#define POLICIES "policies=[silent, broadcast, context, responsive, " CURIOUS "]"
/* Half of those with a level lose one each day, and half of these withdraw altogether. */
#define LEAVING "consent.exit_base=0.7 1/d", "consent.withdrawal=50 %", "consent.initial=[0.6, 0.4, 0.3]"

struct watch {
    struct trace letters; /* the account of the audit letters */
    const struct ch_city *city;
    ch_handler audit;                     /* the auditor's */
    uint8_t *level;                       /* by the moments: [person * n_retailers + controller] */
    uint8_t *ever;                        /* [person]: held a level, with anyone, at any time */
    uint8_t *erased;                      /* like level: withdrawn and not raised since, by the letters */
    uint64_t points, points_of_none;      /* data points, and those of people at level 0 with everyone */
    uint64_t personal, personal_breaches; /* offers that rest on consent */
    uint64_t changes, wrong_changes, erasures, not_forgotten, reads_after, reads_of_none, letters_of_none;
    uint64_t moments; /* that would be data points, were there consent */
    bool forge;       /* plant reads around each erasure */
    bool started;
};
static struct watch *watch; /* of the run in hand: one thread */

static uint8_t *held(const struct ch_person *who, uint32_t controller)
{
    return &watch->level[(size_t)who->id * watch->city->n_retailers + controller];
}

/* ---- moments ----------------------------------------------------------------------------------------------------- */

/* Same moment as the auditor sees it, judged by our own levels. */
static void point(const struct ch_person *who, uint32_t controller, int level)
{
    if (!who || controller >= watch->city->n_retailers)
        return;
    watch->moments++;
    if (*held(who, controller) < level)
        return;
    watch->points++;
    watch->points_of_none += !watch->ever[who->id];
}

static void on_detected(struct ch_ctx *ctx, struct ch_person *who, struct ch_detection *heard)
{
    (void)ctx;
    point(who, heard->controller, 1);
}

static void on_sale(struct ch_ctx *ctx, struct ch_person *who, struct ch_sale *sale)
{
    (void)ctx;
    point(who, sale->retailer, 1);
}

static void on_wish_added(struct ch_ctx *ctx, struct ch_person *who, struct ch_wish *wish)
{
    (void)ctx;
    point(who, wish->origin, 2);
}

static void on_offer_sent(struct ch_ctx *ctx, struct ch_person *who, struct ch_offer *offer)
{
    struct ch_consent_query query = {.controller = offer->sender};
    ch_ask_consent(ctx, who, &query);
    point(who, offer->sender, 1);
    bool personal = offer->level >= 1 || offer->wish != CH_NONE;
    watch->personal += personal;
    watch->personal_breaches += query.level != *held(who, offer->sender) || *held(who, offer->sender) < offer->level ||
                                (offer->wish != CH_NONE && offer->level < 2) || (personal && !who->consent);
}

/* Told last: everyone who has to forget has had the chance. */
static void on_consent_changed(struct ch_ctx *ctx, struct ch_person *who, struct ch_consent *consent)
{
    watch->changes++;
    watch->wrong_changes += *held(who, consent->controller) != consent->from;
    *held(who, consent->controller) = consent->to;
    watch->ever[who->id] |= consent->to > 0;
    if (!consent->withdrawn)
        return;
    struct ch_consent_query query = {.controller = consent->controller};
    struct ch_wish_query wish = {.reader = consent->controller, .good = CH_NONE, .store = CH_NONE, .best = {.slot = CH_NONE}};
    ch_ask_consent(ctx, who, &query);
    ch_ask_wish(ctx, who, &wish); /* no pool here: it sees its own list, and that alone */
    watch->erasures++;
    watch->not_forgotten += query.level != 0 || consent->to != 0 || wish.best.slot != CH_NONE;
}

/* ---- letters ----------------------------------------------------------------------------------------------------- */

static void audit_seen(const struct ch_event *ev)
{
    enum ch_audit_kind kind = (enum ch_audit_kind)(ev->payload >> 40);
    uint8_t level = (uint8_t)(ev->payload >> 32 & 255u);
    size_t pair = (size_t)ev->dest * watch->city->n_retailers + (uint32_t)ev->payload;
    if (kind == CH_AUDIT_READ) {
        watch->reads_after += watch->erased[pair];
        watch->reads_of_none += !watch->ever[ev->dest];
    } else {
        watch->erased[pair] = kind == CH_AUDIT_ERASED || (watch->erased[pair] && level == 0);
    }
    watch->letters_of_none += !watch->ever[ev->dest];
}

static void watch_see(void *arg, const struct ch_event *ev, uint32_t kind_id, unsigned slots)
{
    (void)arg;
    size_t n = watch->city->n_retailers, pairs = watch->city->n_people * n;
    for (size_t i = 0; i < pairs && !watch->started; i++) { /* what was held before the first event */
        watch->level[i] = watch->letters.level[i];
        watch->ever[i / n] |= watch->level[i] > 0;
    }
    watch->started = true;
    if (ch_event_kind(ev) == CH_LETTER_audit)
        audit_seen(ev);
    trace_see(&watch->letters, ev, kind_id, slots);
}

/* In the auditor's place: a read just before an erasure is lawful, the same read just after is a breach, if and only if the
 * auditor's own mirror has gone to 0. */
static void forging_audit(struct ch_ctx *ctx, const struct ch_event *ev)
{
    struct ch_event read = *ev;
    bool erased = (enum ch_audit_kind)(ev->payload >> 40) == CH_AUDIT_ERASED && watch->forge;
    read.payload = ch_audit_payload(CH_AUDIT_READ, (uint32_t)ev->payload, 1);
    if (erased)
        watch->audit(ctx, &read);
    watch->audit(ctx, ev);
    if (erased)
        watch->audit(ctx, &read);
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

#define PLANT(stage, moment) ((stage)->chains->moment.call[(stage)->chains->moment.n++] = on_##moment)

static struct town watched_town(const char *const *set, unsigned n_sets, ch_handler *audit)
{
    struct town town = town_open(private_yaml, set, n_sets);
    PLANT(town.stage, detected);
    PLANT(town.stage, sale);
    PLANT(town.stage, wish_added);
    PLANT(town.stage, offer_sent);
    PLANT(town.stage, consent_changed);
    *audit = town.stage->call[CH_LETTER_audit].handler;
    town.stage->call[CH_LETTER_audit].handler = forging_audit;
    return town;
}

static struct ch_outcome watched_run(struct watch *w, const struct town *town, ch_handler audit, const char *policy,
                                     unsigned replication, bool forge)
{
    const struct ch_city *city = ch_stage_city(town->stage);
    size_t pairs = (size_t)city->n_people * city->n_retailers;
    *w = (struct watch){.letters = trace_create(town->stage), .city = city, .audit = audit, .forge = forge};
    w->level = trace_alloc(pairs, 1);
    w->ever = trace_alloc(city->n_people, 1);
    w->erased = trace_alloc(pairs, 1);
    watch = w;
    trace_start(town->stage, w->letters.level);
    return town_run(town, (struct ch_run_options){.policy = town_policy(town, policy),
                                                  .replication = replication,
                                                  .scheduler = &ch_oracle,
                                                  .see = watch_see,
                                                  .arg = w});
}

static void watch_fini(struct watch *w)
{
    trace_destroy(&w->letters);
    free(w->level);
    free(w->ever);
    free(w->erased);
}

static int64_t cell_of(const struct ch_outcome *outcome, const char *name) { return cells_of(outcome, name)[0]; }

/* ---- level 0 ----------------------------------------------------------------------------------------------------- */

/* Nobody ever consents: shops, beacons and messages work as ever, and not one personal record is made. */
START_TEST(nobody_consents_nothing_is_recorded)
{
    static const char *const set[] = {POLICIES, "consent.initial=[0, 0, 0]", "consent.accept=[-10, -10, -10]",
                                      "consent.types=[-10, -10, -10]"};
    ch_handler audit;
    struct town town = watched_town(set, 4, &audit);
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct watch w;
        struct ch_outcome run = watched_run(&w, &town, audit, town.scenario->policy[p]->name, p, false);
        ck_assert_uint_gt(w.moments, 1000);
        ck_assert_uint_eq(w.letters.n_reads + w.letters.n_changes, 0);
        ck_assert_uint_eq(w.personal + w.points + w.changes, 0);
        ck_assert_int_eq(cell_of(&run, "data_points_per_person_day"), 0);
        ck_assert_int_eq(cell_of(&run, "reads") + cell_of(&run, "reads_without_consent") + cell_of(&run, "erasures"), 0);
        ch_outcome_fini(&run);
        watch_fini(&w);
    }
    town_close(&town);
}
END_TEST

/* Some consent, some withdraw: for every person and controller, record by record, what was stored is what was allowed. */
START_TEST(records_are_within_consent)
{
    static const char *const set[] = {POLICIES, LEAVING};
    ch_handler audit;
    struct town town = watched_town(set, sizeof set / sizeof set[0], &audit);
    const struct ch_city *city = ch_stage_city(town.stage);
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct watch w;
        struct ch_outcome run = watched_run(&w, &town, audit, town.scenario->policy[p]->name, p, false);
        unsigned never = 0;
        for (uint32_t i = 0; i < city->n_people; i++)
            never += !w.ever[i];
        if (getenv("CHALAND_FIGURES"))
            printf("    %-12s %llu of %llu moments are data points, %llu reads, %llu personal offers, %llu changes, %u people "
                   "never consent\n",
                   town.scenario->policy[p]->name, (unsigned long long)w.points, (unsigned long long)w.moments,
                   (unsigned long long)w.letters.n_reads, (unsigned long long)w.personal, (unsigned long long)w.changes, never);
        ck_assert_int_eq((int64_t)w.points, cell_of(&run, "data_points_per_person_day"));
        ck_assert_uint_gt(w.points, 100);
        ck_assert_uint_eq(w.points_of_none + w.reads_of_none + w.letters_of_none, 0);
        ck_assert_uint_eq(w.personal_breaches + w.wrong_changes + w.letters.n_reads_above, 0);
        ck_assert_uint_gt(never, 20);
        ck_assert(p < 3 || (w.personal > 10 && w.letters.n_reads > 100));
        ck_assert_mem_eq(w.level, w.letters.level, (size_t)city->n_people * city->n_retailers); /* two accounts, one truth */
        ch_outcome_fini(&run);
        watch_fini(&w);
    }
    town_close(&town);
}
END_TEST

/* ---- erasure ----------------------------------------------------------------------------------------------------- */

START_TEST(who_withdraws_is_forgotten)
{
    static const char *const set[] = {POLICIES, "retail.members=0 %", "wishlist.per_week=4", LEAVING};
    ch_handler audit;
    struct town town = watched_town(set, sizeof set / sizeof set[0], &audit);
    for (unsigned p = 0; p < town.scenario->n_policies; p++) {
        struct watch w;
        struct ch_outcome run = watched_run(&w, &town, audit, town.scenario->policy[p]->name, p, true);
        if (getenv("CHALAND_FIGURES"))
            printf("    %-12s %llu erasures, %lld planted reads found\n", town.scenario->policy[p]->name,
                   (unsigned long long)w.erasures, (long long)cell_of(&run, "reads_without_consent"));
        ck_assert_uint_gt(w.erasures, 100);
        ck_assert_uint_eq(w.not_forgotten + w.reads_after, 0);
        ck_assert_int_eq(cell_of(&run, "erasures"), (int64_t)w.erasures);
        ck_assert_int_eq(cell_of(&run, "reads_without_consent"),
                         (int64_t)w.erasures); /* the planted ones after, none of those before */
        ch_outcome_fini(&run);
        watch_fini(&w);
    }
    town_close(&town);
}
END_TEST

/* The control: a list that does not hear of withdrawals is noticed. */
START_TEST(a_list_that_remembers_is_noticed)
{
    static const char *const set[] = {"policies=[silent]", "retail.members=0 %", "wishlist.per_week=4", LEAVING};
    ch_handler audit;
    struct watch w;
    struct town town = watched_town(set, sizeof set / sizeof set[0], &audit);
    unsigned last = town.stage->chains->consent_changed.n - 1;
    town.stage->chains->consent_changed.call[0] = town.stage->chains->consent_changed.call[last]; /* nobody else is told */
    town.stage->chains->consent_changed.n = 1;
    struct ch_outcome run = watched_run(&w, &town, audit, "silent", 0, false);
    ck_assert_uint_gt(w.erasures, 100);
    ck_assert_uint_gt(w.not_forgotten, 20);
    ch_outcome_fini(&run);
    watch_fini(&w);
    town_close(&town);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, nobody_consents_nothing_is_recorded);
    tcase_add_test(tc, records_are_within_consent);
    tcase_add_test(tc, who_withdraws_is_forgotten);
    tcase_add_test(tc, a_list_that_remembers_is_noticed);
}

int main(void) { return run_tests_without_fork("privacy", add_tests); }
