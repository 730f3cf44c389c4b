/* SPDX-License-Identifier: MIT
 * The lists at the top of a model's file, one row a fact, become a struct, tables and enums: parameters, messages, probes,
 * draws. */
#ifndef CHALAND_LISTS_H
#define CHALAND_LISTS_H

#include <chaland/row.h>

/* P(KIND, name, default, min, max, unit, doc, ORIGIN) -> struct kiosk_params, rows. Use:
 *     #define CH_ROW_STRUCT struct kiosk_params
 *     CH_PARAMS(kiosk, KIOSK_PARAMS) */
#define CH_PARAMS(model, LIST) \
    struct model##_params {    \
        LIST(CH_PARAM_FIELD)   \
    };                         \
    static const struct ch_param param_rows[] = {LIST(CH_PARAM_ROW)};

/* After CH_PARAMS. For a mechanism that a scenario asks for by a FLAG `active`: `wanted` of the descriptor. For a model that
 * heeds STORE: params_in(ctx, store), what holds there. */
#define CH_WANTED_IF_ACTIVE \
    static bool wanted(const void *params) { return ((const CH_ROW_STRUCT *)params)->active; }
#define CH_PARAMS_BY_STORE                                                                 \
    static inline const CH_ROW_STRUCT *params_in(const struct ch_ctx *ctx, uint32_t store) \
    {                                                                                      \
        return ch_item_params(ctx, CH_ITEM_STORE, store);                                  \
    }

/* M(SCOPE, name, least delay, slots, doc) -> MSG_<name>, handler on_<name>(ctx, ev) to be written in the file */
#define CH_MSG_ENUM(scope_, name_, least_, slots_, doc_)  MSG_##name_,
#define CH_MSG_PROTO(scope_, name_, least_, slots_, doc_) static void on_##name_(struct ch_ctx *ctx, const struct ch_event *ev);
#define CH_MSG_ROW(scope_, name_, least_, slots_, doc_) \
    {.name = #name_, .scope = CH_##scope_, .least = (least_), .slots = (slots_), .doc = (doc_)},
#define CH_MSG_HANDLER(scope_, name_, least_, slots_, doc_) on_##name_,
#define CH_MESSAGES(LIST)                                               \
    enum { LIST(CH_MSG_ENUM) N_MESSAGES };                              \
    LIST(CH_MSG_PROTO)                                                  \
    static const struct ch_message message_rows[] = {LIST(CH_MSG_ROW)}; \
    static const ch_handler message_handlers[] = {LIST(CH_MSG_HANDLER)};

/* B(REDUCER, name, unit, scale, bin, K-number, doc) -> PROBE_<name> */
#define CH_PROBE_ENUM(reducer_, name_, unit_, scale_, bin_, kpi_, doc_) PROBE_##name_,
#define CH_PROBE_ROW(reducer_, name_, unit_, scale_, bin_, kpi_, doc_) \
    {.name = #name_,                                                   \
     .reducer = CH_REDUCE_##reducer_,                                  \
     .unit = (unit_),                                                  \
     .scale = (scale_),                                                \
     .bin = (bin_),                                                    \
     .kpi = (kpi_),                                                    \
     .doc = (doc_)},
#define CH_PROBES(LIST)                    \
    enum { LIST(CH_PROBE_ENUM) N_PROBES }; \
    static const struct ch_probe probe_rows[] = {LIST(CH_PROBE_ROW)};

/* D(name, doc) -> DRAW_<name>; append only: the order numbers the streams */
#define CH_DRAW_ENUM(name_, doc_) DRAW_##name_,
#define CH_DRAW_ROW(name_, doc_)  {.name = #name_, .doc = (doc_)},
#define CH_DRAWS(LIST)                   \
    enum { LIST(CH_DRAW_ENUM) N_DRAWS }; \
    static const struct ch_draw_row draw_rows[] = {LIST(CH_DRAW_ROW)};

/* For the descriptor at the bottom of the file. */
#define CH_WITH_PARAMS \
    .param = param_rows, .n_params = sizeof param_rows / sizeof param_rows[0], .params_size = sizeof(CH_ROW_STRUCT)
#define CH_WITH_MESSAGES .message = message_rows, .handler = message_handlers, .n_messages = N_MESSAGES
#define CH_WITH_PROBES   .probe = probe_rows, .n_probes = N_PROBES
#define CH_WITH_DRAWS    .draw = draw_rows, .n_draws = N_DRAWS

#endif
