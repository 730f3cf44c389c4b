/* SPDX-License-Identifier: MIT
 * Units: products and quotients of base units, "m", "km/h", "EUR/m2/week", "1/d", "%", "share", "bp", "dBm", "C", "".
 * A quantity is a number and a unit; it fits a parameter when the dimensions agree. */
#ifndef CH_UNITS_H
#define CH_UNITS_H

#include <stdbool.h>
#include <stddef.h>

/* Factor that turns a value in `from` into `to`. False when a unit is unknown or the dimensions differ. */
bool ch_unit_convert(const char *from, const char *to, double *factor);
bool ch_unit_known(const char *unit);
/* Dimension in words ("length", "time", "money", "share", "speed", "rate", "pure number", ...), for messages. Static. */
const char *ch_unit_dimension(const char *unit);
/* Units a reader may write for this dimension, "m, km, cm, mm"; static. */
const char *ch_unit_allowed(const char *unit);

/* Splits "1.34 m/s", "8 %", "8%", "35d", "-59 dBm", "4.90 EUR" into number and unit text (unit may be empty). False when
 * there is no finite number in front, or trailing rubbish; *unit_at gets the offset of the unit text. */
bool ch_quantity_split(const char *s, size_t n, double *value, size_t *unit_at);

#endif
