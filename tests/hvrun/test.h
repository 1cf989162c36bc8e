/* SPDX-License-Identifier: MIT */
/*
 * The little that a unit test needs: CHECK() counts and reports, RUN() names
 * the claim being tested. Programs end with `return test_result();`.
 */
#ifndef HVRUN_TEST_H
#define HVRUN_TEST_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

static int test_failures;

#define CHECK(condition)                                                       \
	do {                                                                   \
		if (!(condition)) {                                            \
			printf("%s:%d: not so: %s\n", __FILE__, __LINE__,      \
				#condition);                                   \
			test_failures++;                                       \
		}                                                              \
	} while (0)

#define CHECK_EQ(got, want)                                                    \
	do {                                                                   \
		uint64_t got_ = (uint64_t)(got), want_ = (uint64_t)(want);     \
		if (got_ != want_) {                                           \
			printf("%s:%d: %s is 0x%" PRIx64 ", not 0x%" PRIx64    \
			       "\n",                                           \
				__FILE__, __LINE__, #got, got_, want_);        \
			test_failures++;                                       \
		}                                                              \
	} while (0)

#define RUN(claim)                                                             \
	do {                                                                   \
		int before_ = test_failures;                                   \
		claim();                                                       \
		printf("%s %s\n", test_failures == before_ ? "ok  " : "FAIL",  \
			#claim);                                               \
	} while (0)

static inline int test_result(void)
{
	return test_failures ? 1 : 0;
}

#endif
