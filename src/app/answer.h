/* SPDX-License-Identifier: MIT
 * The answer in words: what a policy earns, with its interval, and what it costs in unwanted messages. The run decides
 * what is said. */
#ifndef CH_ANSWER_H
#define CH_ANSWER_H

#include "app/verdict.h"

enum { CH_FEW_REPLICATIONS = 10 }; /* below it no verdict is given */

void ch_answer_print(const struct ch_file *file, unsigned point, unsigned baseline, double confidence, FILE *out);

/* A sweep of the pool's commission with one policy: its points are compared with each other, in one table (answer_pool.c). */
bool ch_answer_is_pool(const struct ch_file *file);
void ch_answer_pool_print(const struct ch_file *file, double confidence, FILE *out);
/* A sweep of the fleet of couriers with one policy: likewise (answer_fleet.c). */
bool ch_answer_is_fleet(const struct ch_file *file);
void ch_answer_fleet_print(const struct ch_file *file, double confidence, FILE *out);
/* Either of them: one answer for all points together. Printed if `out` is given. */
bool ch_answer_of_all_points(const struct ch_file *file, double confidence, FILE *out);
/* After all points of a sweep: which value of each parameter is best, for profit and for consent. */
void ch_answer_sweep(const struct ch_file *file, unsigned baseline, double confidence, FILE *out);

/* A KPI by its name: one value per replication, its mean with interval, its mean alone. NULL and NaN: not in this file. */
const double *ch_answer_values(const struct ch_file *file, const char *kpi, unsigned point, unsigned policy);
struct ch_interval ch_answer_interval(const struct ch_file *file, const char *kpi, unsigned point, unsigned policy,
                                      double confidence);
double ch_answer_mean(const struct ch_file *file, const char *kpi, unsigned point, unsigned policy);

/* Shared with the table. */
bool ch_verdict_primary(const struct ch_file *file, unsigned kpi);
/* The interval holds for `together` KPIs of all policies at once; 0: for the primary ones if it is one, else for it alone. */
struct ch_interval ch_verdict_contrast(const struct ch_file *file, unsigned kpi, unsigned point, unsigned policy,
                                       unsigned baseline, double confidence, unsigned together);
char *ch_verdict_number(double value, char *buffer, size_t size);
/* "+3.84 [3.79, 3.88]": as many decimals as the width of the interval deserves. */
char *ch_verdict_interval(struct ch_interval interval, bool sign, char *buffer, size_t size);
/* "54 EUR [29, 79]": rounder, for sentences; a bound never seems to be 0 when it is not. unit may be "". */
char *ch_verdict_words(struct ch_interval interval, bool sign, const char *unit, char *buffer, size_t size);
/* "2,000" */
char *ch_verdict_thousands(double value, char *buffer, size_t size);

#endif
