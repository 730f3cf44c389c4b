/* SPDX-License-Identifier: MIT
 * Queues at servers that are all alike, kept in the memory of a place or store. Whoever uses one sends the events.
 *
 * counter  First come, first served, each customer with a patience. Nothing need be kept but the times at which the servers
 *          become free (Kiefer and Wolfowitz): a customer's start is the earliest of them, and is known on arrival, as is whether
 *          patience will last. Those who give up never reach a server, so they change nothing for those behind them.
 *              wait = ch_counter_join(free_at, n, now, patience, service);     CH_GIVES_UP, or service begins at now + wait
 * line     Customers in line by rank (0 first) and arrival, not interrupted once served (non-preemptive). A server that becomes
 *          free takes, in the lowest rank waiting, first those who asked for this very server, then the first in line; no server
 *          idles while somebody waits. Patience is a date, and whoever is past it is passed over: that needs no event either.
 *              struct desk { struct ch_line line; struct ch_waiter waiter[32]; };     waiters follow their line in memory
 *              ch_line_open(&desk.line, servers, 32);
 *              ch_line_join(&desk.line, now, &customer, &server);                     CH_SERVED: send the end of service
 *              if (ch_line_next(&desk.line, now, server, &customer)) ...              at its end: send that of the next one
 * A line keeps its own account: the area under the number waiting is the sum of all waits, to the microsecond (Little's law on
 * one path), which ch_line_balances checks. */
#ifndef CHALAND_QUEUE_H
#define CHALAND_QUEUE_H

#include <chaland/assert.h>
#include <chaland/time.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CH_GIVES_UP ((ch_time)-1)
#define CH_PATIENT  INT64_MAX /* waits for ever */

/* ---- counter ----------------------------------------------------------------------------------------------------- */

static inline unsigned ch_counter_first(const ch_time *free_at, unsigned n)
{
    unsigned first = 0;
    for (unsigned i = 1; i < n; i++)
        first = free_at[i] < free_at[first] ? i : first;
    return first;
}

/* What a customer who comes now would wait. */
static inline ch_time ch_counter_wait(const ch_time *free_at, unsigned n, ch_time now)
{
    ch_time start = free_at[ch_counter_first(free_at, n)];
    return start > now ? start - now : 0;
}

static inline ch_time ch_counter_join(ch_time *free_at, unsigned n, ch_time now, ch_time patience, ch_time service)
{
    CH_REQUIRE(n > 0 && patience >= 0 && service >= 0);
    unsigned first = ch_counter_first(free_at, n);
    ch_time wait = free_at[first] > now ? free_at[first] - now : 0;
    if (wait > 0 && wait >= patience)
        return CH_GIVES_UP;
    free_at[first] = now + wait + service;
    return wait;
}

/* ---- line -------------------------------------------------------------------------------------------------------- */

enum { CH_LINE_SERVERS_MAX = 32, CH_ANY_SERVER = 255 };
enum ch_line_answer { CH_SERVED, CH_WAITS, CH_FULL };

struct ch_waiter {
    ch_time since, until; /* came; gives up: CH_PATIENT if never */
    ch_time service;      /* how long it will take */
    uint32_t who;
    uint8_t rank;
    uint8_t server; /* asked for, CH_ANY_SERVER */
    uint16_t note;  /* the user's */
};

struct ch_line {
    uint32_t busy; /* bit per server */
    uint16_t servers, capacity, n;
    int64_t came, served, left, refused; /* came = served + left + refused + still in line */
    int64_t area, waited;                /* customer-microseconds: under the number waiting; of those no longer waiting */
    ch_time seen;                        /* the area is known up to here */
};

static inline struct ch_waiter *ch_line_waiters(const struct ch_line *line)
{
    return (struct ch_waiter *)(void *)((struct ch_line *)(uintptr_t)line + 1);
}

static inline void ch_line_open(struct ch_line *line, unsigned servers, unsigned capacity)
{
    CH_REQUIRE(servers > 0 && servers <= CH_LINE_SERVERS_MAX && capacity <= UINT16_MAX);
    *line = (struct ch_line){.servers = (uint16_t)servers, .capacity = (uint16_t)capacity};
}

static inline ch_time ch_line_waited_by(const struct ch_waiter *waiter, ch_time now)
{
    return (waiter->until < now ? waiter->until : now) - waiter->since;
}

static inline void ch_line_account(struct ch_line *line, ch_time now)
{
    const struct ch_waiter *waiter = ch_line_waiters(line);
    for (unsigned i = 0; i < line->n; i++) {
        ch_time to = waiter[i].until < now ? waiter[i].until : now;
        ch_time from = waiter[i].since > line->seen ? waiter[i].since : line->seen;
        line->area += to > from ? to - from : 0;
    }
    line->seen = now;
}

/* Out of the line, at `now` at the latest. */
static inline void ch_line_remove(struct ch_line *line, unsigned i, ch_time now)
{
    struct ch_waiter *waiter = ch_line_waiters(line);
    line->waited += ch_line_waited_by(&waiter[i], now);
    memmove(&waiter[i], &waiter[i + 1], (size_t)(--line->n - i) * sizeof *waiter);
}

static inline void ch_line_pass_over(struct ch_line *line, ch_time now)
{
    ch_line_account(line, now);
    for (unsigned i = line->n; i-- > 0;)
        if (ch_line_waiters(line)[i].until <= now) {
            ch_line_remove(line, i, now);
            line->left++;
        }
}

/* Who stands in line now. */
static inline unsigned ch_line_waiting(const struct ch_line *line, ch_time now)
{
    unsigned n = 0;
    for (unsigned i = 0; i < line->n; i++)
        n += ch_line_waiters(line)[i].until > now;
    return n;
}

static inline unsigned ch_line_busy(const struct ch_line *line)
{
    unsigned n = 0;
    for (uint32_t busy = line->busy; busy; busy &= busy - 1)
        n++;
    return n;
}

static inline unsigned ch_line_free_server(const struct ch_line *line, unsigned wanted)
{
    if (wanted < line->servers && !(line->busy >> wanted & 1))
        return wanted;
    unsigned server = 0;
    while (server < line->servers && line->busy >> server & 1)
        server++;
    return server;
}

/* `since` is set here. CH_SERVED: by *server, at once. */
static inline enum ch_line_answer ch_line_join(struct ch_line *line, ch_time now, struct ch_waiter *waiter, unsigned *server)
{
    waiter->since = now;
    line->came++;
    ch_line_pass_over(line, now);
    *server = ch_line_free_server(line, waiter->server);
    if (*server < line->servers) {
        line->busy |= (uint32_t)1 << *server;
        line->served++;
        return CH_SERVED;
    }
    if (line->n == line->capacity) {
        line->refused++;
        return CH_FULL;
    }
    struct ch_waiter *in_line = ch_line_waiters(line);
    unsigned at = line->n++;
    for (; at > 0 && in_line[at - 1].rank > waiter->rank; at--)
        in_line[at] = in_line[at - 1];
    in_line[at] = *waiter;
    return CH_WAITS;
}

/* A server has ended a service. True: *next is served by it from now on; false: it idles. */
static inline bool ch_line_next(struct ch_line *line, ch_time now, unsigned server, struct ch_waiter *next)
{
    CH_ASSERT(server < line->servers && line->busy >> server & 1);
    ch_line_pass_over(line, now);
    const struct ch_waiter *waiter = ch_line_waiters(line);
    unsigned at = 0;
    for (unsigned i = 0; i < line->n && waiter[i].rank == waiter[0].rank; i++)
        if (waiter[i].server == server) {
            at = i;
            break;
        }
    if (line->n == 0) {
        line->busy &= ~((uint32_t)1 << server);
        return false;
    }
    *next = waiter[at];
    ch_line_remove(line, at, now);
    line->served++;
    return true;
}

/* Somebody leaves the line; false if not in it. */
static inline bool ch_line_leave(struct ch_line *line, ch_time now, uint32_t who)
{
    ch_line_pass_over(line, now);
    for (unsigned i = 0; i < line->n; i++)
        if (ch_line_waiters(line)[i].who == who) {
            ch_line_remove(line, i, now);
            line->left++;
            return true;
        }
    return false;
}

/* Nobody is lost, waits add up to the area, and no server idles while somebody waits. */
static inline bool ch_line_balances(struct ch_line *line, ch_time now)
{
    int64_t waits = line->waited;
    ch_line_account(line, now);
    for (unsigned i = 0; i < line->n; i++)
        waits += ch_line_waited_by(&ch_line_waiters(line)[i], now);
    bool idle = ch_line_busy(line) < line->servers;
    return line->came == line->served + line->left + line->refused + line->n && waits == line->area &&
           !(idle && ch_line_waiting(line, now));
}

#endif
