/* SPDX-License-Identifier: MIT
 * Money is whole euro cents, rates are basis points; rounding is half up and happens once, where a price is formed. */
#ifndef CHALAND_MONEY_H
#define CHALAND_MONEY_H

#include <stdint.h>

typedef int64_t ch_cents;

/* Share `bp` (basis points, 0..10000) of a non-negative amount, rounded half up (M16: 4999 c at 800 bp is 400 c). */
static inline ch_cents ch_share_bp(ch_cents amount, int64_t bp) { return (amount * bp + 5000) / 10000; }

/* VAT of 20 % contained in a price paid, rounded half up (M34). */
static inline ch_cents ch_vat_in(ch_cents paid) { return (paid * 20 + 60) / 120; }

#endif
