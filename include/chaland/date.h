/* SPDX-License-Identifier: MIT
 * The Gregorian calendar, in integers: days are counted from 1970-01-01, and years, within, from March, so that the leap day is
 * the last. 400 years have 146,097 days, and repeat. */
#ifndef CHALAND_DATE_H
#define CHALAND_DATE_H

#include <stdint.h>

struct ch_date {
    int64_t year;
    int month, day; /* from 1 */
    int in_year;    /* days since 1 January: 0 to 365 */
    int weekday;    /* 0 Monday .. 6 Sunday */
};

/* month 1 to 12; days beyond the month run on into the next. */
static inline int64_t ch_unix_day(int64_t year, int month, int day)
{
    int64_t since = year - (month <= 2), era = (since >= 0 ? since : since - 399) / 400, y = since - era * 400;
    int64_t from_march = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + y * 365 + y / 4 - y / 100 + from_march - 719468;
}

static inline struct ch_date ch_date_of(int64_t unix_day)
{
    int64_t from = unix_day + 719468, era = (from >= 0 ? from : from - 146096) / 146097, d = from - era * 146097;
    int64_t y = (d - d / 1460 + d / 36524 - d / 146096) / 365, from_march = d - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * from_march + 2) / 153;
    struct ch_date date = {.month = (int)(m < 10 ? m + 3 : m - 9), .day = (int)(from_march - (153 * m + 2) / 5 + 1)};
    date.year = y + era * 400 + (date.month <= 2);
    date.in_year = (int)(unix_day - ch_unix_day(date.year, 1, 1));
    date.weekday = (int)(((unix_day + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    return date;
}

#endif
