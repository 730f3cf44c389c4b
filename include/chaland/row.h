/* SPDX-License-Identifier: MIT
 * Declared rows: one fact, one row. A model states its parameters, messages, probes and draws once, in lists in its own file;
 * parsing, ranges, units, help, schema, result datasets and documentation are derived from them. */
#ifndef CHALAND_ROW_H
#define CHALAND_ROW_H

#include <chaland/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- parameters -------------------------------------------------------------------------------------------------- */

/* Kinds of a parameter: name, C type of the field. Numbers are stored in the row's own unit, except TIME and MONEY. */
#define CH_PARAM_KINDS(X) \
    X(F64, double)        \
    X(I64, int64_t)       \
    X(FLAG, bool)         \
    X(CHOICE, int)        \
    X(TIME, int64_t)      \
    X(MONEY, int64_t)     \
    X(LIST, struct ch_list)

enum { CH_LIST_MAX = 24 };

/* A short list of numbers in the row's unit; `n` is fixed by the default. */
struct ch_list {
    int n;
    double v[CH_LIST_MAX];
};

enum ch_param_kind {
#define X(kind, type) CH_PARAM_##kind,
    CH_PARAM_KINDS(X)
#undef X
};

enum ch_status { CH_IS_SOURCED, CH_IS_ASSUMED, CH_IS_CHOSEN };

/* Where a default comes from. */
struct ch_origin {
    enum ch_status status;
    double low, high; /* CH_IS_ASSUMED: the range to sweep, in the row's unit */
    const char *text; /* source, or why */
};
#define CH_SOURCED(text)          \
    {                             \
        CH_IS_SOURCED, 0, 0, text \
    } /* read in the named source */
#define CH_ASSUMED(low, high, why)    \
    {                                 \
        CH_IS_ASSUMED, low, high, why \
    } /* modelling choice: a hypothesis to sweep */
#define CH_CHOSEN(why)          \
    {                           \
        CH_IS_CHOSEN, 0, 0, why \
    } /* a setting of the experiment, not a claim about the world */

struct ch_param {
    const char *name; /* key under the section, and name of the field */
    enum ch_param_kind kind;
    size_t offset;        /* of the field in the section's struct */
    double def, min, max; /* in `unit`; for LIST, min and max hold for each element */
    const char *text;     /* default of CHOICE and LIST, e.g. "optin" or "0.26 0.64 0.10" */
    const char
        *unit; /* "" for a pure number; "m", "s", "d", "EUR", "share", "1/d", "m/s", "dBm" ...; CHOICE: the names, "a|b|c" */
    const char *doc;
    struct ch_origin origin;
};

/* P(KIND, name, default, min, max, unit, doc, ORIGIN) */
#define CH_FIELD_F64         double
#define CH_FIELD_I64         int64_t
#define CH_FIELD_FLAG        bool
#define CH_FIELD_CHOICE      int
#define CH_FIELD_TIME        int64_t /* µs */
#define CH_FIELD_MONEY       int64_t /* cents */
#define CH_FIELD_LIST        struct ch_list
#define CH_DEFAULT_F64(x)    .def = (x)
#define CH_DEFAULT_I64(x)    .def = (x)
#define CH_DEFAULT_FLAG(x)   .def = (x)
#define CH_DEFAULT_CHOICE(x) .text = (x)
#define CH_DEFAULT_TIME(x)   .def = (x)
#define CH_DEFAULT_MONEY(x)  .def = (x)
#define CH_DEFAULT_LIST(x)   .text = (x)

#define CH_PARAM_FIELD(kind_, name_, def_, min_, max_, unit_, doc_, ...) CH_FIELD_##kind_ name_;
#define CH_PARAM_ROW(kind_, name_, def_, min_, max_, unit_, doc_, ...) \
    {.name = #name_,                                                   \
     .kind = CH_PARAM_##kind_,                                         \
     .offset = offsetof(CH_ROW_STRUCT, name_),                         \
     CH_DEFAULT_##kind_(def_),                                         \
     .min = (min_),                                                    \
     .max = (max_),                                                    \
     .unit = (unit_),                                                  \
     .doc = (doc_),                                                    \
     .origin = __VA_ARGS__},

/* ---- messages ---------------------------------------------------------------------------------------------------- */

struct ch_message {
    const char *name;
    enum ch_scope scope;
    ch_time least;  /* least delay, µs; 0 for INSTANT, 1 for LOCAL */
    unsigned slots; /* continuation slots of 32 bytes */
    const char *doc;
};

/* ---- probes ------------------------------------------------------------------------------------------------------ */

/* How a probe reduces; all accumulators are int64, so merging threads is exact. name, doc */
#define CH_REDUCERS(X)                                                                                  \
    X(SUM, "sum of what was added")                                                                     \
    X(RATIO, "sum of numerators over sum of denominators; undefined (NaN) when the latter is 0")        \
    X(MEAN, "mean of observations")                                                                     \
    X(P95, "95th percentile of observations, from a histogram")                                         \
    X(P50, "median of observations, from a histogram")                                                  \
    X(VALUE, "a number formed once, at the end of the run")                                             \
    X(STORE, "sum per store")                                                                           \
    X(RETAILER, "sum per retailer")                                                                     \
    X(PAIR, "sum per pair of retailers: who pays, who is paid; left out where there are more than 512") \
    X(COURIER, "sum per courier")                                                                       \
    X(DAILY, "sum per day")                                                                             \
    X(MAP, "sum per node and hour of the week")

enum ch_reducer {
#define X(name, doc) CH_REDUCE_##name,
    CH_REDUCERS(X)
#undef X
};

/* One output. `scale` turns the integer accumulator into `unit` (cents to EUR: 0.01). MEAN, P95 and P50 observe integers in
 * `scale` of the unit; the bins of the latter two are `bin` wide (in integers), 512 of them, the last open. */
struct ch_probe {
    const char *name;
    enum ch_reducer reducer;
    const char *unit;
    double scale;
    int64_t bin;
    int kpi; /* number of the KPI (K01..K56), see docs/reference/probes.md; 0 if none */
    const char *doc;
};

enum { CH_HISTOGRAM_BINS = 512, CH_PAIRS_MAX = 512 /* retailers */ };

/* ---- draws ------------------------------------------------------------------------------------------------------- */

struct ch_draw_row {
    const char *name;
    const char *doc; /* what is decided, and what the occasion is */
};

#endif
