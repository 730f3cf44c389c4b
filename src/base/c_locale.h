/* SPDX-License-Identifier: MIT
 * The C locale for the calling thread, between enter and leave: strtod and printf then use a point whatever the user's
 * locale is. */
#ifndef CH_C_LOCALE_H
#define CH_C_LOCALE_H

#include <locale.h>

locale_t ch_locale_enter(void); /* returns what leave must restore */
void ch_locale_leave(locale_t before);

#endif
