/* SPDX-License-Identifier: MIT */
#include "app/trace.h"
#include <chaland/date.h>
#include <chaland/event.h>
#include <chaland/trade.h>
#include <stdio.h>
#include <string.h>

static const char *const channel_name[] = {
#define X(name, doc) #name,
    CH_CHANNELS(X)
#undef X
};

/* Names end where the file's do: a number then says as much. */
static void name_or_number(struct ch_text *out, char *const *name, size_t n, uint32_t i, const char *what)
{
    if (i < n)
        ch_text_addf(out, "%s", name[i]);
    else
        ch_text_addf(out, "%s %u", what, i);
}

static void store(struct ch_text *out, const struct ch_story_file *f, uint32_t i)
{
    name_or_number(out, f->store, f->n_stores, i, "store");
}

static void retailer(struct ch_text *out, const struct ch_story_file *f, uint32_t i)
{
    name_or_number(out, f->retailer, f->n_retailers, i, "controller");
}

static const char *good(const struct ch_story_file *f, const struct ch_story *s)
{
    return s->good < f->n_goods ? f->good[s->good] : "anything";
}

static void distance(struct ch_text *out, double m)
{
    if (m >= 1000)
        ch_text_addf(out, "%.1f km", m / 1000);
    else
        ch_text_addf(out, "%.0f m", m);
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

static void leg(struct ch_text *out, const struct ch_story *s, const struct ch_story *arrival)
{
    static const char *const going[] = {"walks ", "drives ", "rides a bus for "};
    double walked = arrival && s->detail == CH_WALK && arrival->value > 0 ? arrival->value : s->value;
    ch_text_add(out, s->detail < CH_N_MODES ? going[s->detail] : "goes ");
    distance(out, walked);
    if (arrival)
        ch_text_addf(out, " in %.0f min", arrival->extra);
}

static void activity(struct ch_text *out, const struct ch_story *s)
{
    static const char *const doing[] = {"is at home", "is at work", "is shopping", "is out", "follows an offer"};
    ch_text_add(out, s->detail < sizeof doing / sizeof doing[0] ? doing[s->detail] : "does something");
}

static void visit(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    ch_text_add(out, "enters ");
    store(out, f, s->store);
    if (s->good < f->n_goods)
        ch_text_addf(out, ", %s in mind", good(f, s));
    if (s->detail)
        ch_text_add(out, ", drawn there by the offer");
}

static void sale(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    static const char *const motive[] = {"as planned", "on impulse", "a wish that met an offer"};
    unsigned why = s->detail & 255u, discount = s->detail >> 16;
    bool back = s->kind == CH_STORY_refund;
    ch_text_addf(out, back ? "brings %s back to " : "buys %s at ", good(f, s));
    store(out, f, s->store);
    ch_text_addf(out, back ? ", gets %.2f EUR back" : " for %.2f EUR", s->value);
    if (discount)
        ch_text_addf(out, " (%.0f %% off)", discount / 100.0);
    if (!back && why < CH_N_MOTIVES)
        ch_text_addf(out, ", %s", motive[why]);
    if (s->extra > 0 && s->other < f->n_retailers)
        ch_text_addf(out, back ? "; commission of %.2f EUR back from %s" : "; commission of %.2f EUR to %s", s->extra,
                     f->retailer[s->other]);
    if (!back && s->detail >> 8 & 1)
        ch_text_add(out, "; to be brought home");
}

static void detection(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    ch_text_addf(out, "the phone hears beacon %u", s->other);
    if (s->store < f->n_stores) {
        ch_text_add(out, " of ");
        store(out, f, s->store);
    }
    ch_text_addf(out, ", about %.0f m away", s->value);
}

static void notice(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    ch_text_addf(out, "notices screen %u", s->other);
    if (s->good < f->n_goods)
        ch_text_addf(out, " showing %s", good(f, s));
    if (s->detail & 1)
        ch_text_add(out, " while waiting");
    if (s->detail & 2)
        ch_text_add(out, " and taps it");
}

static void offer(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    unsigned rule = s->detail & 0xffffu, channel = s->detail >> 16 & 15u, level = s->detail >> 20 & 15u;
    retailer(out, f, s->retailer);
    if (s->value > 0)
        ch_text_addf(out, " offers %.0f %% off %s", s->value * 100, good(f, s));
    else
        ch_text_addf(out, " recommends %s", good(f, s));
    ch_text_add(out, " at ");
    store(out, f, s->store);
    ch_text_addf(out, " (%s", rule < f->n_rules ? f->rule[rule] : "rule");
    if (channel < CH_N_CHANNELS)
        ch_text_addf(out, "; by %s", channel_name[channel]);
    ch_text_addf(out, "; needs consent level %u; relevance %.2f)", level, s->extra);
    if (s->detail >> 24 & 1 && s->other < f->n_retailers)
        ch_text_addf(out, ", through the pool from the list of %s", f->retailer[s->other]);
}

static void consent(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    unsigned from = s->detail & 15u, to = s->detail >> 4 & 15u;
    ch_text_addf(out, "%s consent to ", s->detail >> 8 & 1 ? "withdraws all" : to > from ? "raises" : "lowers");
    retailer(out, f, s->retailer);
    ch_text_addf(out, ", level %u to %u", from, to);
}

static void wish(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    static const char *const how[] = {"is open",   "was met at its origin", "was met at a partner", "was met elsewhere",
                                      "has faded", "was withdrawn"};
    unsigned state = s->detail >> 8;
    if (s->kind == CH_STORY_wish_added)
        ch_text_addf(out, "wishes for %s", good(f, s));
    else
        ch_text_addf(out, "the wish for %s %s", good(f, s), state < sizeof how / sizeof how[0] ? how[state] : "is closed");
    if (s->other < f->n_retailers)
        ch_text_addf(out, ", on the list of %s", f->retailer[s->other]);
}

static void parcel(struct ch_text *out, const struct ch_story_file *f, const struct ch_story *s)
{
    if (s->kind == CH_STORY_order) {
        ch_text_addf(out, "order %016llx from ", (unsigned long long)s->id);
        store(out, f, s->store);
        ch_text_addf(out, " reaches the couriers: fee %.2f EUR, promised in %.0f min", s->value, s->extra);
    } else if (s->detail & 4)
        ch_text_addf(out, "is cancelled, %.0f min after the order: no courier took it", s->value);
    else if (s->detail & 2)
        ch_text_addf(out, "is lost, %.0f min after the order, by courier %u", s->value, s->other);
    else
        ch_text_addf(out, "courier %u brings it home, %.0f min after the order, %s", s->other, s->value,
                     s->detail ? "in time" : "late");
}

void ch_trace_words(const struct ch_story_file *file, const struct ch_story *s, const struct ch_story *arrival,
                    struct ch_text *out)
{
    switch ((enum ch_story_kind)s->kind) {
    case CH_STORY_leg_begins:
        leg(out, s, arrival);
        break;
    case CH_STORY_activity_begins:
        activity(out, s);
        break;
    case CH_STORY_visit_begins:
        visit(out, file, s);
        break;
    case CH_STORY_visit_ends:
        ch_text_addf(out, "leaves after %.0f min, %s", s->value, s->detail ? "with a purchase" : "without a purchase");
        break;
    case CH_STORY_sale:
    case CH_STORY_refund:
        sale(out, file, s);
        break;
    case CH_STORY_stockout:
        ch_text_addf(out, "does not find %s on the shelf", good(file, s));
        break;
    case CH_STORY_detected:
        detection(out, file, s);
        break;
    case CH_STORY_noticed:
        notice(out, file, s);
        break;
    case CH_STORY_offer_sent:
        offer(out, file, s);
        break;
    case CH_STORY_consent_changed:
        consent(out, file, s);
        break;
    case CH_STORY_wish_added:
    case CH_STORY_wish_closed:
        wish(out, file, s);
        break;
    case CH_STORY_order:
    case CH_STORY_parcel:
        parcel(out, file, s);
        break;
    case CH_STORY_offer_taken:
        if (s->detail) {
            ch_text_addf(out, "goes for the deal on %s at ", good(file, s));
            store(out, file, s->store);
        } else
            ch_text_add(out, "goes for it");
        break;
    case CH_STORY_leg_ends:
    case CH_STORY_offer_opened:
    case CH_STORY_offer_unwanted:
    case CH_N_STORIES: {
        static const char *const plain[] = {
#define X(name, doc, other, detail, value, extra) doc,
            CH_STORIES(X)
#undef X
        };
        ch_text_add(out, s->kind < CH_N_STORIES ? plain[s->kind] : "?");
    }
    }
}

char *ch_trace_date(const struct ch_story_file *file, long day, char *buffer, size_t size)
{
    static const char *const weekday[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    static const char *const month[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
    int year, in_year, in_month;
    if (!file->start || sscanf(file->start, "%d-%d-%d", &year, &in_year, &in_month) != 3) {
        snprintf(buffer, size, "day %ld", day);
        return buffer;
    }
    struct ch_date date = ch_date_of(ch_unix_day(year, in_year, in_month) + day);
    snprintf(buffer, size, "%s %d %s %d", weekday[date.weekday], date.day, month[date.month - 1], (int)date.year);
    return buffer;
}
