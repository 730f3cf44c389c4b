/* SPDX-License-Identifier: MIT
 * Units are products and quotients of base units. A unit is held as one exponent per dimension and its size as a fraction of
 * whole numbers, so that a conversion factor is rounded only once and 1 week is exactly 7 d. */
#include "base/units.h"
#include "base/text.h"
#include <chaland/assert.h>
#include <string.h>

enum dimension { LENGTH, TIME, MONEY, SHARE, TEMPERATURE, LEVEL, POWER, PEOPLE, STARS, DIMENSIONS };

/* One unit in terms of m, s, EUR, share, C, dB, dBm, person, star. */
struct unit {
    double up, down; /* size = up / down */
    int exponent[DIMENSIONS];
};

struct base {
    const char *name;
    double up, down;
    enum dimension dimension;
    int exponent;
};

/* clang-format off */
static const struct base BASE[] = {
    {"m", 1, 1, LENGTH, 1}, {"km", 1000, 1, LENGTH, 1}, {"cm", 1, 100, LENGTH, 1}, {"mm", 1, 1000, LENGTH, 1},
    {"m2", 1, 1, LENGTH, 2}, {"km2", 1e6, 1, LENGTH, 2}, {"ha", 1e4, 1, LENGTH, 2},
    {"s", 1, 1, TIME, 1}, {"ms", 1, 1000, TIME, 1}, {"us", 1, 1e6, TIME, 1}, {"min", 60, 1, TIME, 1}, {"h", 3600, 1, TIME, 1},
    {"d", 86400, 1, TIME, 1}, {"week", 604800, 1, TIME, 1},
    {"month", 2629800, 1, TIME, 1}, /* 30.4375 d, a twelfth of a year */
    {"year", 31557600, 1, TIME, 1}, /* 365.25 d */
    /* as people write them; messages and printed values keep to the short names */
    {"second", 1, 1, TIME, 1}, {"seconds", 1, 1, TIME, 1}, {"minute", 60, 1, TIME, 1}, {"minutes", 60, 1, TIME, 1},
    {"hour", 3600, 1, TIME, 1}, {"hours", 3600, 1, TIME, 1}, {"day", 86400, 1, TIME, 1}, {"days", 86400, 1, TIME, 1},
    {"weeks", 604800, 1, TIME, 1}, {"months", 2629800, 1, TIME, 1}, {"years", 31557600, 1, TIME, 1},
    {"EUR", 1, 1, MONEY, 1}, {"cent", 1, 100, MONEY, 1},
    {"share", 1, 1, SHARE, 1}, {"%", 1, 100, SHARE, 1}, {"bp", 1, 10000, SHARE, 1},
    {"C", 1, 1, TEMPERATURE, 1}, {"dB", 1, 1, LEVEL, 1}, {"dBm", 1, 1, POWER, 1},
    {"person", 1, 1, PEOPLE, 1}, {"star", 1, 1, STARS, 1},
};
/* clang-format on */

/* Dimensions that have a name, with the units to offer for each. */
struct named {
    int exponent[DIMENSIONS];
    const char *name, *allowed;
};

static const struct named NAMED[] = {
    {{0}, "pure number", "none, a bare number"},
    {{[LENGTH] = 1}, "length", "m, km, cm, mm"},
    {{[LENGTH] = 2}, "area", "m2, km2, ha"},
    {{[TIME] = 1}, "time", "us, ms, s, min, h, d, week, month, year"},
    {{[MONEY] = 1}, "money", "EUR, cent"},
    {{[SHARE] = 1}, "share", "share, %, bp"},
    {{[TEMPERATURE] = 1}, "temperature", "C"},
    {{[LEVEL] = 1}, "level", "dB"},
    {{[POWER] = 1}, "power level", "dBm"},
    {{[PEOPLE] = 1}, "people", "person"},
    {{[STARS] = 1}, "rating", "star"},
    {{[LENGTH] = 1, [TIME] = -1}, "speed", "m/s, km/h, m/min"},
    {{[LENGTH] = -1, [TIME] = 1}, "time per length", "s/m, min/km"},
    {{[TIME] = -1}, "rate", "1/s, 1/min, 1/h, 1/d, 1/week, 1/month, 1/year"},
    {{[LENGTH] = -1}, "number per length", "1/m, 1/km"},
    {{[LENGTH] = -2}, "density", "1/m2, 1/ha, 1/km2"},
    {{[MONEY] = -1}, "number per money", "1/EUR"},
    {{[SHARE] = 1, [TIME] = -1}, "share per time", "share/d, %/d, %/week, %/month, %/year"},
    {{[SHARE] = 1, [LENGTH] = -1}, "share per length", "%/m, %/km"},
    {{[SHARE] = 1, [TEMPERATURE] = -1}, "share per temperature", "share/C, %/C"},
    {{[TEMPERATURE] = -1}, "number per temperature", "1/C"},
    {{[MONEY] = 1, [TIME] = -1}, "money per time", "EUR/h, EUR/d, EUR/week, EUR/month, EUR/year"},
    {{[MONEY] = 1, [LENGTH] = -1}, "money per length", "EUR/m, EUR/km"},
    {{[MONEY] = 1, [LENGTH] = -2}, "money per area", "EUR/m2"},
    {{[MONEY] = 1, [LENGTH] = -2, [TIME] = -1}, "money per area and time", "EUR/m2/d, EUR/m2/week, EUR/m2/month, EUR/m2/year"},
    {{[MONEY] = 1, [PEOPLE] = -1}, "money per person", "EUR/person, cent/person"},
    {{[MONEY] = 1, [PEOPLE] = -1, [TIME] = -1}, "money per person and time", "EUR/person/d, EUR/person/week, EUR/person/month"},
    {{[PEOPLE] = 1, [TIME] = -1}, "people per time", "person/min, person/h, person/d"},
    {{[PEOPLE] = 1, [LENGTH] = -2}, "people per area", "person/m2, person/ha, person/km2"},
    {{[PEOPLE] = 1, [LENGTH] = -1, [TIME] = -1}, "flow", "person/m/s, person/m/min"},
    {{[PEOPLE] = -1}, "number per person", "1/person"},
    {{[PEOPLE] = -1, [TIME] = -1}, "rate per person", "1/person/d, 1/person/week, 1/person/month"},
    {{[LEVEL] = 1, [LENGTH] = -1}, "damping", "dB/m, dB/km"},
};

/* Multiplies the unit by the base unit named s[0..n), to the power `sign`. */
static bool multiply(struct unit *unit, const char *s, size_t n, int sign)
{
    for (size_t i = 0; i < sizeof BASE / sizeof BASE[0]; i++) {
        if (strlen(BASE[i].name) != n || memcmp(BASE[i].name, s, n) != 0)
            continue;
        unit->up *= sign > 0 ? BASE[i].up : BASE[i].down;
        unit->down *= sign > 0 ? BASE[i].down : BASE[i].up;
        unit->exponent[BASE[i].dimension] += sign * BASE[i].exponent;
        return true;
    }
    return false;
}

/* unit := "" | ["1"] "/" name ... | "1" | name { ("*" | "/") name }. Eight factors are plenty. */
static bool parse(const char *s, struct unit *unit)
{
    *unit = (struct unit){.up = 1, .down = 1};
    if (*s == '\0' || strcmp(s, "1") == 0)
        return true;
    if (s[0] == '1' && s[1] == '/')
        s++;
    int sign = *s == '/' ? -1 : 1;
    if (sign < 0)
        s++;
    for (int factors = 0; factors < 8; factors++) {
        size_t n = strcspn(s, "*/");
        if (!multiply(unit, s, n, sign))
            return false;
        if (s[n] == '\0')
            return true;
        sign = s[n] == '/' ? -1 : 1;
        s += n + 1;
    }
    return false;
}

/* Index in NAMED, or -1. */
static int find_name(const struct unit *unit)
{
    for (size_t i = 0; i < sizeof NAMED / sizeof NAMED[0]; i++)
        if (memcmp(NAMED[i].exponent, unit->exponent, sizeof unit->exponent) == 0)
            return (int)i;
    return -1;
}

bool ch_unit_convert(const char *from, const char *to, double *factor)
{
    CH_REQUIRE(from && to && factor);
    struct unit a, b;
    if (!parse(from, &a) || !parse(to, &b) || memcmp(a.exponent, b.exponent, sizeof a.exponent) != 0)
        return false;
    *factor = (a.up * b.down) / (a.down * b.up);
    return true;
}

bool ch_unit_known(const char *unit)
{
    CH_REQUIRE(unit);
    struct unit parsed;
    return parse(unit, &parsed);
}

const char *ch_unit_dimension(const char *unit)
{
    CH_REQUIRE(unit);
    struct unit parsed;
    if (!parse(unit, &parsed))
        return "unknown";
    int i = find_name(&parsed);
    return i < 0 ? "compound quantity" : NAMED[i].name;
}

const char *ch_unit_allowed(const char *unit)
{
    CH_REQUIRE(unit);
    struct unit parsed;
    if (!parse(unit, &parsed))
        return "m, s, EUR, share, C, dB, dBm, person, star and their products and quotients";
    int i = find_name(&parsed);
    return i < 0 ? "the unit of the default, with other units of the same dimension" : NAMED[i].allowed;
}

/* What can stand behind a number: "m/s", "1/d", "/d", "%"; not ",5", "-01-01", ".3", "2". Letters that no unit knows pass, so
 * that the caller can say "unknown unit". */
static bool looks_like_unit(const char *s, size_t n)
{
    if (n == 0)
        return true;
    if (memchr("0123456789.,+-:", s[0], 15) && !(n > 1 && s[0] == '1' && s[1] == '/'))
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] <= ' ' || strchr("\"'[]{}()=<>", s[i]) || s[i] == 0x7f)
            return false;
    return true;
}

bool ch_quantity_split(const char *s, size_t n, double *value, size_t *unit_at)
{
    CH_REQUIRE((s || !n) && value && unit_at);
    size_t at = ch_number_length(s, n);
    if (at == 0 || !ch_parse_double(s, at, value))
        return false;
    size_t unit = at;
    while (unit < n && (s[unit] == ' ' || s[unit] == '\t'))
        unit++;
    if (unit == n && unit != at) /* a trailing blank */
        return false;
    if (!looks_like_unit(s + unit, n - unit))
        return false;
    *unit_at = unit;
    return true;
}
