/* SPDX-License-Identifier: MIT
 * The parallel scheduler as it is between two windows, and from there on. Threads and tiles are not part of it. */
#include "engine/ranks.h"

#include <string.h>

static void sort_by_stamp(struct ch_stamped version[CH_ROW_VERSIONS])
{
    for (int i = 1; i < CH_ROW_VERSIONS; i++)
        for (int j = i; j > 0 && version[j].stamp < version[j - 1].stamp; j--) {
            struct ch_stamped swap = version[j];
            version[j] = version[j - 1];
            version[j - 1] = swap;
        }
}

void ch_image_show(const void *self, struct ch_engine_image *image)
{
    const struct ch_engine *engine = self;
    const struct ch_ranks *ranks = engine->ranks;
    image->now = (ch_time)engine->until_window * engine->spec.lookahead;
    image->events = engine->stats.events;
    image->sent = engine->stats.sent;
    image->windows = ranks ? ranks->windows : engine->stats.windows;
    image->pending_peak = ranks ? ranks->peak : engine->stats.pending_peak;
    memcpy(image->spot, engine->spot, engine->spec.n_places * sizeof *image->spot);
    for (uint32_t i = 0; i < engine->spec.n_rows; i++) {
        struct ch_stamped *to = &image->row[(size_t)i * CH_ROW_VERSIONS];
        for (int v = 0; v < CH_ROW_VERSIONS; v++) {
            const struct ch_version *version = &engine->row[i].version[v];
            to[v] = (struct ch_stamped){atomic_load_explicit(&version->stamp, memory_order_relaxed),
                                        atomic_load_explicit(&version->value, memory_order_relaxed)};
        }
        sort_by_stamp(to);
    }
}

bool ch_image_resume(void *self, const struct ch_engine_image *image)
{
    struct ch_engine *engine = self;
    struct ch_engine_stats *stats = &engine->stats;
    ch_wheel_turn(engine, (uint64_t)(image->now / engine->spec.lookahead));
    engine->window_end = 0; /* what is put waits in the wheel */
    engine->until_window = engine->base;
    engine->worker[0]->handled = stats->events = image->events;
    engine->worker[0]->sent = image->sent;
    engine->review_events = image->events;
    engine->review_windows = stats->windows = image->windows;
    stats->pending_peak = image->pending_peak;
    if (engine->ranks) {
        engine->ranks->windows = image->windows;
        engine->ranks->peak = image->pending_peak;
    }
    memcpy(engine->spot, image->spot, engine->spec.n_places * sizeof *image->spot);
    for (uint32_t i = 0; i < engine->spec.n_rows; i++)
        for (unsigned v = 0; v < CH_ROW_VERSIONS; v++) {
            const struct ch_stamped *from = &image->row[(size_t)i * CH_ROW_VERSIONS + v];
            atomic_store_explicit(&engine->row[i].version[v].stamp, from->stamp, memory_order_relaxed);
            atomic_store_explicit(&engine->row[i].version[v].value, from->value, memory_order_relaxed);
        }
    return true;
}

bool ch_image_put(void *self, const struct ch_event *ev)
{
    struct ch_engine *engine = self;
    unsigned cells = engine->cells[ch_event_kind(ev)];
    struct ch_event *room = ch_wheel_room(engine->worker[0], ch_event_time(ev), ev->place, cells * CH_CELL);
    if (room)
        ch_cells_copy(room, ev, cells);
    return room != NULL;
}
