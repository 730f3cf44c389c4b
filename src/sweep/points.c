/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "sweep/points.h"
#include <stdlib.h>
#include <string.h>

void ch_points_begin(struct ch_points *points, const struct ch_scenario *scenario)
{
    *points = (struct ch_points){.scenario = scenario};
    pthread_mutex_init(&points->lock, NULL);
}

static void destroy(struct ch_point *point)
{
    ch_stage_destroy(point->stage);
    ch_scenario_destroy(point->scenario);
    pthread_mutex_destroy(&point->lock);
    free(point);
}

/* Gives up the points that nobody holds. */
static void drop_idle(struct ch_points *points)
{
    for (struct ch_point **at = &points->first; *at;) {
        struct ch_point *point = *at;
        if (point->users) {
            at = &point->next;
            continue;
        }
        *at = point->next;
        destroy(point);
    }
}

void ch_points_end(struct ch_points *points)
{
    drop_idle(points);
    pthread_mutex_destroy(&points->lock);
}

void ch_point_explain(const struct ch_diag *diag, struct ch_error *error)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (out) {
        ch_diag_print(diag, out);
        fclose(out);
    }
    for (size_t i = 0; i < n; i++)
        text[i] = text[i] == '\n' ? (i + 1 < n ? ';' : 0) : text[i];
    ch_fail(error, ch_diag_code(diag), "%s", text ? text : "the scenario is wrong at this design point");
    free(text);
}

static void make(const struct ch_scenario *scenario, struct ch_point *point)
{
    struct ch_diag *diag = ch_diag_create();
    point->made = true;
    point->seed = ch_scenario_seed(scenario, point->number);
    if (!diag || ch_scenario_at(scenario, point->number, diag, &point->scenario) != CH_OK)
        point->scenario = NULL;
    if (diag && !point->scenario)
        ch_point_explain(diag, &point->error);
    if (!point->scenario) { /* no values, no key of their own: its place in the plan has to do */
        char number[24];
        int n = snprintf(number, sizeof number, "point %u", point->number);
        point->key = ch_key_of_text(number, (size_t)n);
    }
    bool good = point->scenario && ch_key_of_point(point->scenario, point->seed, &point->key);
    if (!diag || (point->scenario && !good))
        ch_fail(&point->error, CH_TOO_BIG, "out of memory for a design point");
    ch_diag_destroy(diag);
}

/* The point in the list; a new one takes the place of those that nobody holds. */
static struct ch_point *find_or_add(struct ch_points *points, unsigned number)
{
    for (struct ch_point *point = points->first; point; point = point->next)
        if (point->number == number)
            return point;
    drop_idle(points);
    struct ch_point *point = calloc(1, sizeof *point);
    if (!point)
        return NULL;
    point->number = number;
    point->next = points->first;
    pthread_mutex_init(&point->lock, NULL);
    points->first = point;
    return point;
}

struct ch_point *ch_points_take(struct ch_points *points, unsigned number)
{
    pthread_mutex_lock(&points->lock);
    struct ch_point *point = find_or_add(points, number);
    if (point)
        point->users++;
    pthread_mutex_unlock(&points->lock);
    if (!point)
        return NULL;
    pthread_mutex_lock(&point->lock);
    if (!point->made)
        make(points->scenario, point);
    pthread_mutex_unlock(&point->lock);
    return point;
}

void ch_points_give(struct ch_points *points, struct ch_point *point)
{
    pthread_mutex_lock(&points->lock);
    point->users--;
    pthread_mutex_unlock(&points->lock);
}

bool ch_point_stage(struct ch_point *point)
{
    pthread_mutex_lock(&point->lock);
    if (!point->staged && point->scenario) {
        struct ch_diag *diag = ch_diag_create();
        if (!diag)
            ch_fail(&point->error, CH_TOO_BIG, "out of memory");
        else if (ch_stage_create(point->scenario, diag, &point->stage, &point->error) != CH_OK)
            point->stage = NULL;
        if (diag && ch_diag_count(diag))
            ch_point_explain(diag, &point->error);
        if (point->stage)
            point->where = ch_whereabouts(ch_stage_city(point->stage));
        ch_diag_destroy(diag);
    }
    point->staged = true;
    bool good = point->stage != NULL;
    pthread_mutex_unlock(&point->lock);
    return good;
}
