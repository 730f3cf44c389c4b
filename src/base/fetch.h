/* SPDX-License-Identifier: MIT
 * Hints that a cache line will soon be read, or written. */
#ifndef CH_FETCH_H
#define CH_FETCH_H

#if defined(__GNUC__)
#define CH_PREFETCH(address) __builtin_prefetch(address)
#else
#define CH_PREFETCH(address) ((void)(address))
#endif

/* CH_PREFETCH_OWN fetches to write: a line that another core wrote changes its owner in one step, not in two. It is
 * written out since compilers emit it only for named processors; older ones take it for a no-op. */
#if defined(__GNUC__) && defined(__x86_64__)
#define CH_PREFETCH_OWN(address) __asm__ volatile("prefetchw %0" : : "m"(*(const char *)(address)))
#elif defined(__GNUC__)
#define CH_PREFETCH_OWN(address) __builtin_prefetch(address, 1)
#else
#define CH_PREFETCH_OWN(address) ((void)(address))
#endif

#endif
