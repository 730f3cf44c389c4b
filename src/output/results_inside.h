/* SPDX-License-Identifier: MIT
 * What the files that form, write and check results share. */
#ifndef CH_RESULTS_INSIDE_H
#define CH_RESULTS_INSIDE_H

#include "output/h5_inside.h"
#include "output/results.h"

enum { CH_FORMAT_VERSION = 1 };

const struct ch_probe_list *ch_results_probes(const struct ch_results *results);
struct ch_outcome *ch_results_outcome(const struct ch_results *r, unsigned point, unsigned policy, unsigned replication);

/* Dimensions that groups repeat, each with its own coordinate variables. */
void ch_write_points(struct ch_h5 *h, const struct ch_results *r); /* point and the swept keys; nothing without a sweep */
void ch_write_policies(struct ch_h5 *h, const struct ch_results *r);
void ch_write_replications(struct ch_h5 *h, const struct ch_results *r);
/* Names of the swept keys for the attribute `coordinates`, after `others`; the notes go to the group. */
void ch_write_coordinates(struct ch_h5 *h, const struct ch_results *r, const char *others);

void ch_write_kpi_number(struct ch_h5 *h, int k); /* attribute kpi = "K01" of the array in hand; none for 0 */

/* Groups. */
void ch_write_kpi(struct ch_h5 *h, const struct ch_results *r);
void ch_write_comparison(struct ch_h5 *h, const struct ch_results *r);
void ch_write_tables(struct ch_h5 *h, const struct ch_results *r); /* stores, retailers, couriers, daily */
void ch_write_fields(struct ch_h5 *h, const struct ch_results *r);
void ch_write_events(struct ch_h5 *h, const struct ch_results *r);      /* nothing without a log */
void ch_write_assumptions(struct ch_h5 *h, const struct ch_results *r); /* nothing if they were not tried */
void ch_write_engine(struct ch_h5 *h, const struct ch_results *r);
void ch_write_provenance(struct ch_h5 *h, const struct ch_results *r); /* last: its status completes the file */

void ch_write_build(struct ch_h5 *h); /* attributes: which program this is */

/* Files. */
enum ch_code ch_file_check_bytes(const char *path, struct ch_error *error); /* ours, whole, undamaged? Before HDF5 sees it */
/* Closes, seals, writes, reads back, renames; frees what h holds. */
enum ch_code ch_results_store(struct ch_h5 *h, const char *path, bool force, struct ch_error *error);
bool ch_seal(unsigned char **image, size_t *n);          /* appends the seal; false when out of memory */
bool ch_seal_holds(int fd, uint64_t end, uint64_t size); /* `end`: of the HDF5 part. True also for a file without seal */
char *ch_store_part_name(const char *path);              /* malloc'ed, NULL when out of memory */
enum ch_code ch_store_part(const char *path, const unsigned char *image, size_t n, char **part, struct ch_error *error);
enum ch_code ch_store_commit(const char *part, const char *path, bool force, struct ch_error *error);

/* K30, equilibrium.c */
void ch_results_equilibrium(struct ch_results *results);

#endif
