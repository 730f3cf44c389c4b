/* SPDX-License-Identifier: MIT
 * How much memory runs will take, before they do. State and tables are counted; what depends on the life of the city is
 * estimated: one pending event per person and what the models say they keep waiting; half the cells of maps, as nobody is in
 * the street at night and few places have shops. */
#include "sim/stage.h"
#include "table/table.h"

enum {
    EVENT = 32,         /* bytes of an event or slot, */
    ORACLE_EVENT = 320, /* or of an event, its slots and its place in the oracle's heap */
    PLACE = 24,
    ROW = 64,         /* of the engine */
    WORKER = 1 << 20, /* stack, lists to sort, chunks begun */
    HOURS = 168,      /* of a map */
    STORIES = 18      /* lines of the log per person and day */
};
static const double packing = 1.15; /* of events in chunks: headers, gaps, chunks begun */

static size_t state_bytes(const struct ch_stage *stage)
{
    const struct ch_city *city = stage->city;
    const struct ch_layout *layout = &stage->layout;
    return (size_t)city->n_people * (sizeof(struct ch_person) + layout->person) + (size_t)city->n_apps * layout->app +
           layout->place + (size_t)city->n_places * PLACE + (size_t)city->n_stores * layout->store + layout->clearing +
           layout->dispatch + (size_t)stage->n_rows * ROW;
}

static size_t event_bytes(const struct ch_stage *stage, const struct ch_scheduler *scheduler)
{
    double people = stage->city->n_people, cells = 0;
    for (unsigned m = 0; m < stage->n_models; m++)
        if (stage->self[m].model->pending)
            cells += stage->self[m].model->pending(stage->self[m].table);
    return (size_t)(scheduler == &ch_oracle ? (people + cells / 2) * ORACLE_EVENT : (people + cells) * EVENT * packing);
}

/* Bytes that the log of moments keeps of a run. */
static size_t log_bytes(const struct ch_stage *stage)
{
    const struct ch_scenario *scenario = stage->scenario;
    double lines =
        (double)stage->city->n_people * scenario->events_share * STORIES * (double)(stage->end - stage->warmup) / CH_DAY;
    return scenario->events ? (size_t)(lines * sizeof(struct ch_story)) : 0;
}

struct ch_need ch_stage_need(const struct ch_stage *stage, unsigned workers, const struct ch_scheduler *scheduler)
{
    const struct ch_probe_list *list = ch_probe_list();
    size_t plain = 0, maps = 0;
    for (unsigned i = 0; i < list->n; i++)
        *(list->row[i]->reducer == CH_REDUCE_MAP ? &maps : &plain) +=
            ch_probe_cells(list->row[i], &stage->shape) * sizeof(int64_t);
    ch_time hours = stage->end / CH_HOUR + 1;
    maps = (size_t)((double)maps / 2 * (hours < HOURS ? (double)hours / HOURS : 1));
    /* Growing and sorting the log takes as much again twice over, while the run's state is there. */
    return (struct ch_need){.state = state_bytes(stage) + event_bytes(stage, scheduler) + workers * (plain + WORKER) +
                                     2 * log_bytes(stage),
                            .counts = plain + log_bytes(stage),
                            .maps = maps};
}

size_t ch_least_per_person(void)
{
    size_t bytes = sizeof(struct ch_person) + sizeof(struct ch_citizen) + EVENT;
    for (unsigned m = 0; m < ch_n_models(); m++)
        bytes += ch_model(m)->wanted ? 0 : ch_model(m)->person_size; /* some may take no part */
    return bytes;
}
