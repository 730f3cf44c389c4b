/* SPDX-License-Identifier: MIT
 * `chaland trace`: one person's day, or a store's, retailer's or order's, told from the log of moments as a chain of causes. */
#include "app/trace.h"
#include "app/answer.h"
#include "app/cli.h"
#include "app/json.h"
#include <chaland/event.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 40, DEPTH_MAX = 12 };

struct trace {
    const struct ch_args *args;
    struct ch_file results;
    struct ch_story_file log;
    unsigned policy, replication, point;
    bool first; /* of the JSON list */
};

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

/* A number in 0 .. n-1 given by an option, or `otherwise`. */
static enum ch_code pick_number(int64_t given, size_t n, size_t otherwise, const char *option, unsigned *out,
                                struct ch_error *error)
{
    *out = given < 0 ? (unsigned)otherwise : (unsigned)given;
    return given < (int64_t)n ? CH_OK
                              : ch_fail(error, CH_INVALID, "--%s: the file has %zu, numbered from 0; %lld is none of them",
                                        option, n, (long long)given);
}

/* The policy asked for; else the last, which is seldom the baseline. */
static enum ch_code pick_policy(struct trace *t, struct ch_error *error)
{
    const char *name = t->args->policy;
    t->policy = t->results.n_policies - 1;
    if (!name)
        return CH_OK;
    int found = ch_file_policy(&t->results, name);
    t->policy = found < 0 ? 0 : (unsigned)found;
    return found < 0 ? ch_file_unknown_policy(&t->results, name, error) : CH_OK;
}

/* A name among n, or its number. */
static enum ch_code pick_name(const char *given, char *const *name, size_t n, const char *option, uint32_t *out,
                              struct ch_error *error)
{
    int64_t number;
    for (size_t i = 0; i < n; i++)
        if (strcmp(name[i], given) == 0) {
            *out = (uint32_t)i;
            return CH_OK;
        }
    if (ch_parse_int64(given, strlen(given), &number) && number >= 0 && (size_t)number < n) {
        *out = (uint32_t)number;
        return CH_OK;
    }
    const char *near = ch_text_nearest(given, (const char *const *)name, n);
    return ch_fail(error, CH_INVALID, "--%s: there is no '%s'%s%s%s", option, given, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "; names are those of the result file, numbers count from 0");
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static void clock_of(const struct ch_story *s, char out[16])
{
    int64_t seconds = s->at % CH_DAY / CH_SECOND;
    snprintf(out, 16, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static void put_json(struct trace *t, const struct ch_story *s, const char *words, long cause)
{
    static const char *const kind[] = {
#define X(name, doc, other, detail, value, extra) #name,
        CH_STORIES(X)
#undef X
    };
    printf("%s\n    {\"time_s\": %.3f, \"person\": %u, \"kind\": ", t->first ? "" : ",", (double)(s->at / CH_MILLISECOND) / 1000,
           s->person);
    ch_json_put_string(stdout, s->kind < CH_N_STORIES ? kind[s->kind] : "");
    printf(", \"text\": ");
    ch_json_put_string(stdout, words);
    if (cause >= 0)
        printf(", \"cause\": %ld", cause);
    printf("}");
    t->first = false;
}

/* One line; the date is told where it is another than the day in hand. */
static void put_line(struct trace *t, const struct ch_story *s, const struct ch_story *arrival, unsigned depth, long day,
                     bool who, long cause)
{
    struct ch_text words = {0};
    char clock[16], date[64];
    clock_of(s, clock);
    ch_trace_words(&t->log, s, arrival, &words);
    const char *text = words.s ? words.s : "";
    if (t->args->json)
        put_json(t, s, text, cause);
    else {
        printf("%s  %*s%s", clock, (int)(2 * depth), "", depth ? "> " : "");
        if (who && s->person == CH_NONE)
            printf("a customer ");
        else if (who)
            printf("shopper %u: ", s->person);
        printf("%s", text);
        if (ch_trace_day_of(s) != day)
            printf(" [%s]", ch_trace_date(&t->log, ch_trace_day_of(s), date, sizeof date));
        printf("\n");
    }
    ch_text_fini(&words);
}

static void put_title(struct trace *t, const char *who, long day)
{
    char date[64];
    ch_trace_date(&t->log, day, date, sizeof date);
    const char *label = t->results.point_label[t->point];
    if (t->args->json) {
        printf("{\"schema_version\": 1, \"who\": ");
        ch_json_put_string(stdout, who);
        printf(", \"day\": %ld, \"policy\": ", day);
        ch_json_put_string(stdout, t->results.policy[t->policy]);
        printf(", \"replication\": %u, \"point\": %u, \"lines\": [", t->replication, t->point);
        t->first = true;
        return;
    }
    printf("%s, %s, policy %s, replication %u%s%s\n\n", who, date, t->results.policy[t->policy], t->replication,
           label[0] ? ", " : "", label);
}

/* ---- a person ---------------------------------------------------------------------------------------------------- */

/* The end of the leg that line i begins. */
static const struct ch_story *arrival_of(const struct ch_life *life, size_t i)
{
    for (size_t k = i + 1; life->line[i]->kind == CH_STORY_leg_begins && k < life->n; k++)
        if (life->line[k]->kind == CH_STORY_leg_ends && life->cause[k] == (long)i)
            return life->line[k];
    return NULL;
}

/* What is told of elsewhere, or goes without saying unless all is asked for. */
static bool is_plain(const struct trace *t, const struct ch_life *life, size_t i)
{
    const struct ch_story *s = life->line[i];
    if (s->kind == CH_STORY_leg_ends)
        return true;
    if (t->args->all)
        return false;
    bool follows = false;
    for (size_t k = i + 1; !follows && k < life->n; k++)
        follows = life->cause[k] == (long)i;
    return ((s->kind == CH_STORY_detected || s->kind == CH_STORY_noticed) && !follows) ||
           (s->kind == CH_STORY_activity_begins && s->detail >= 2);
}

static void tell_from(struct trace *t, const struct ch_life *life, size_t i, unsigned depth, long day)
{
    put_line(t, life->line[i], arrival_of(life, i), depth, day, false, life->cause[i]);
    for (size_t k = i + 1; k < life->n; k++)
        if (life->cause[k] == (long)i && !is_plain(t, life, k))
            tell_from(t, life, k, depth < DEPTH_MAX ? depth + 1 : depth, day);
}

/* Does the day show line i: does it, or something that follows from it, fall on it? */
static bool belongs(const struct ch_life *life, size_t i, long day)
{
    if (ch_trace_day_of(life->line[i]) == day)
        return true;
    for (size_t k = i + 1; k < life->n; k++)
        if (life->cause[k] == (long)i && belongs(life, k, day))
            return true;
    return false;
}

static enum ch_code tell_person(struct trace *t, uint32_t person, long day, struct ch_error *error)
{
    struct ch_life life;
    char who[48];
    enum ch_code code = ch_life_of(&t->log, person, &life, error);
    if (code != CH_OK)
        return code;
    if (life.n == 0)
        code = ch_fail(error, CH_INVALID,
                       "--shopper: the log has no line of shopper %u; people are numbered from 0, and a log follows the share "
                       "outputs.events_share of them. Without --shopper one is chosen",
                       person);
    size_t told = 0;
    snprintf(who, sizeof who, "Shopper %u", person);
    if (code == CH_OK)
        put_title(t, who, day);
    for (size_t i = 0; i < life.n && code == CH_OK; i++)
        if (life.cause[i] < 0 && !is_plain(t, &life, i) && belongs(&life, i, day)) {
            tell_from(t, &life, i, 0, day);
            told++;
        }
    if (code == CH_OK && !told && !t->args->json)
        printf("nothing on this day%s\n", t->args->all ? "" : "; --all shows every beacon, screen and stay");
    ch_life_fini(&life);
    return code;
}

/* ---- a store, a retailer ----------------------------------------------------------------------------------------- */

struct place {
    uint32_t store, retailer; /* one of them is CH_NONE */
};

/* Is the line of the store, or of the retailer: its own, or of a wish on its list? `other` is a retailer in some kinds only. */
static bool at_place(const struct ch_story *s, const void *arg)
{
    const struct place *place = arg;
    if (s->kind == CH_STORY_detected || s->kind == CH_STORY_noticed || s->kind == CH_STORY_visit_ends)
        return false;
    if (place->store != CH_NONE)
        return s->store == place->store;
    bool names_origin = s->kind == CH_STORY_sale || s->kind == CH_STORY_refund || s->kind == CH_STORY_offer_sent;
    return s->retailer == place->retailer || (names_origin && s->other == place->retailer);
}

static void sum_up(const struct trace *t, const struct place *place, long day)
{
    unsigned visits = 0, drawn = 0, sales = 0, sent = 0, opened = 0;
    double taken = 0, paid = 0, received = 0;
    for (size_t i = 0; i < t->log.n; i++) {
        const struct ch_story *s = &t->log.story[i];
        if (ch_trace_day_of(s) != day || !at_place(s, place))
            continue;
        bool own = place->store != CH_NONE || s->retailer == place->retailer;
        visits += own && s->kind == CH_STORY_visit_begins;
        drawn += own && s->kind == CH_STORY_visit_begins && s->detail;
        sales += own && s->kind == CH_STORY_sale;
        taken += own && s->kind == CH_STORY_sale ? s->value : 0;
        paid += own && s->kind == CH_STORY_sale ? s->extra : 0;
        received += s->kind == CH_STORY_sale && place->store == CH_NONE && s->other == place->retailer ? s->extra : 0;
        sent += own && s->kind == CH_STORY_offer_sent;
        opened += own && s->kind == CH_STORY_offer_opened;
    }
    printf("%u visits (%u drawn by offers), %u sales for %.2f EUR; %u offers sent, %u opened; commission paid %.2f EUR", visits,
           drawn, sales, taken, sent, opened, paid);
    if (place->store == CH_NONE)
        printf(", received %.2f EUR", received);
    printf("\n\n");
}

static void tell_place(struct trace *t, const struct place *place, const char *who, long day)
{
    size_t shown = 0, n = 0;
    put_title(t, who, day);
    if (!t->args->json)
        sum_up(t, place, day);
    for (size_t i = 0; i < t->log.n; i++) {
        const struct ch_story *s = &t->log.story[i];
        if (ch_trace_day_of(s) != day || !at_place(s, place))
            continue;
        n++;
        if (t->args->all || t->args->json || shown < LINES_MAX) {
            put_line(t, s, NULL, 0, day, true, CH_TRACE_NONE);
            shown++;
        }
    }
    if (shown < n)
        printf("... and %zu more; --all shows them\n", n - shown);
}

/* ---- an order ---------------------------------------------------------------------------------------------------- */

/* The chain that led to it, from its first cause, and what came of it. */
static enum ch_code tell_order(struct trace *t, const char *given, struct ch_error *error)
{
    char *end, who[64];
    uint64_t id = strtoull(given, &end, 16);
    const struct ch_story *order = NULL;
    for (size_t i = 0; i < t->log.n && !order; i++)
        if (t->log.story[i].kind == CH_STORY_order && t->log.story[i].id == id)
            order = &t->log.story[i];
    if (!*given || *end || !order)
        return ch_fail(error, CH_INVALID,
                       "--order: there is no order '%s'; its number has 16 digits, as `chaland trace FILE --store NAME` and the "
                       "log show it",
                       given);
    struct ch_life life;
    enum ch_code code = ch_life_of(&t->log, order->person, &life, error);
    if (code != CH_OK)
        return code;
    long chain[DEPTH_MAX], n = 0;
    for (long i = 0; i < (long)life.n; i++)
        if (life.line[i] == order)
            for (long k = i; k >= 0 && n < DEPTH_MAX; k = life.cause[k])
                chain[n++] = k;
    snprintf(who, sizeof who, "Order %016llx of shopper %u", (unsigned long long)id, order->person);
    put_title(t, who, ch_trace_day_of(order));
    for (long k = n; k-- > 1;)
        put_line(t, life.line[chain[k]], NULL, (unsigned)(n - 1 - k), ch_trace_day_of(order), false, life.cause[chain[k]]);
    if (n)
        tell_from(t, &life, (size_t)chain[0], (unsigned)(n - 1), ch_trace_day_of(order));
    ch_life_fini(&life);
    return CH_OK;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static bool of_person(const struct ch_story *s, const void *arg) { return s->person == *(const uint32_t *)arg; }

static enum ch_code tell_any_person(struct trace *t, struct ch_error *error)
{
    uint32_t person = (uint32_t)t->args->shopper;
    long day = 0;
    if (t->log.n == 0)
        return ch_fail(error, CH_INVALID, "the log of this run is empty");
    if (t->args->shopper < 0)
        ch_trace_pick(&t->log, &person, &day);
    else
        day = ch_trace_day(&t->log, of_person, &person);
    return tell_person(t, person, t->args->day >= 0 ? (long)t->args->day : day, error);
}

static enum ch_code tell(struct trace *t, struct ch_error *error)
{
    const struct ch_args *args = t->args;
    struct place place = {CH_NONE, CH_NONE};
    char who[160];
    enum ch_code code = CH_OK;
    if (args->order)
        return tell_order(t, args->order, error);
    if (!args->store && !args->retailer)
        return tell_any_person(t, error);
    if (args->store)
        code = pick_name(args->store, t->log.store, t->log.n_stores, "store", &place.store, error);
    else
        code = pick_name(args->retailer, t->log.retailer, t->log.n_retailers, "retailer", &place.retailer, error);
    if (code != CH_OK)
        return code;
    if (args->store)
        snprintf(who, sizeof who, "Store %.128s", t->log.store[place.store]);
    else
        snprintf(who, sizeof who, "Retailer %.128s", t->log.retailer[place.retailer]);
    tell_place(t, &place, who, args->day >= 0 ? (long)args->day : ch_trace_day(&t->log, at_place, &place));
    return CH_OK;
}

static enum ch_code open_log(struct trace *t, struct ch_error *error)
{
    const struct ch_args *args = t->args;
    int asked = (args->shopper >= 0) + (args->store != NULL) + (args->order != NULL) + (args->retailer != NULL);
    if (asked > 1)
        return ch_fail(error, CH_INVALID, "one of --shopper, --store, --retailer and --order at a time");
    enum ch_code code = ch_file_read(args->operand, true, &t->results, error);
    if (code == CH_OK)
        code = pick_policy(t, error);
    if (code == CH_OK)
        code = pick_number(args->replication, t->results.n_replications, 0, "replication", &t->replication, error);
    if (code == CH_OK)
        code = pick_number(args->point, t->results.n_points, 0, "point", &t->point, error);
    if (code == CH_OK)
        code = ch_stories_read(args->operand, t->point, t->policy, t->replication, &t->log, error);
    return code;
}

enum ch_code ch_cmd_trace(const struct ch_args *args)
{
    struct trace t = {.args = args};
    struct ch_error error = {.code = CH_OK};
    enum ch_code code = open_log(&t, &error);
    if (code == CH_OK)
        code = tell(&t, &error);
    if (code == CH_OK && args->json)
        printf("\n]}\n");
    else if (code == CH_OK && !args->quiet && !args->all)
        printf(
            "\nnext    chaland trace %s --policy %s --shopper ID, --store NAME, --retailer NAME or --order ID; --day N; --all\n",
            args->operand, t.results.policy[t.policy]);
    ch_stories_fini(&t.log);
    if (code != CH_OK)
        code = ch_cli_fail(args, &error);
    ch_file_fini(&t.results);
    return code;
}
