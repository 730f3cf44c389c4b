/* SPDX-License-Identifier: MIT
 * Programmer errors. CH_REQUIRE guards arguments and stays in every build; CH_ASSERT guards invariants and is
 * compiled in when CH_DEBUG is defined (debug, asan, ubsan, tsan builds). Both end in ch_assert_failed: break there. */
#ifndef CHALAND_ASSERT_H
#define CHALAND_ASSERT_H

#include <stdnoreturn.h>

noreturn void ch_assert_failed(const char *condition, const char *file, int line, const char *function);

#define CH_REQUIRE(condition) ((condition) ? (void)0 : ch_assert_failed(#condition, __FILE__, __LINE__, __func__))

#ifdef CH_DEBUG
#define CH_ASSERT(condition) CH_REQUIRE(condition)
#else
#define CH_ASSERT(condition) ((void)sizeof(condition))
#endif

#endif
