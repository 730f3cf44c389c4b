/* SPDX-License-Identifier: MIT
 * One finished run as bytes. The result is a function of the run's key: the same bytes on every machine and for any number of
 * threads. The occasion (time taken, health of the engine) is not. */
#ifndef CH_OUTCOME_H
#define CH_OUTCOME_H

#include "base/bytes.h"
#include "output/results.h"

/* What a run's city tells later readers: who lived there, and whether maps of two points have the same labels. */
struct ch_whereabouts {
    uint32_t people;
    uint64_t labels; /* of streets, stores, retailers: equal digests, equal labels */
};
struct ch_whereabouts ch_whereabouts(const struct ch_city *city);

void ch_outcome_pack_result(const struct ch_outcome *outcome, struct ch_whereabouts where, struct ch_bytes *out);
void ch_outcome_pack_occasion(const struct ch_outcome *outcome, struct ch_bytes *out);

/* False when the bytes are no such result, or there is no memory. The outcome is to be released with ch_outcome_fini. With
 * `maps`, the cells of its maps are added there and it has none; NULL: it keeps them. */
bool ch_outcome_unpack(const unsigned char *result, size_t n_result, const unsigned char *occasion, size_t n_occasion,
                       int64_t *maps, struct ch_outcome *outcome, struct ch_whereabouts *where);
size_t ch_outcome_maps(const unsigned char *result, size_t n); /* cells of all maps of a result; 0: none, or no result */
/* Fingerprint and scalars [ch_probe_list()->n_scalars] of a result, without the rest. False when it is none. */
bool ch_outcome_peek(const unsigned char *result, size_t n, uint64_t *fingerprint, double *scalar);
/* Seconds by the clock and threads of a run, from its occasion alone. */
double ch_occasion_wall(const unsigned char *occasion, size_t n, unsigned *workers);

#endif
