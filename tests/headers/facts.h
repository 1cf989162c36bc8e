/* SPDX-License-Identifier: MIT */
/*
 * facts.h - how the three api_*.c files state what the headers must say.
 *
 * All checks happen at compile time, in C and in C++. The values are written
 * down a second time here, by formula where there is one, and do not come from
 * the headers.
 */
/* clang-format off */
#ifndef HVT_TESTS_HEADERS_FACTS_H
#define HVT_TESTS_HEADERS_FACTS_H

#include <Hypervisor/Hypervisor.h>

/*
 * C99 has no assertion at compile time: an array of negative size does it, in
 * a declaration that may stand any number of times.
 */
#if defined(__cplusplus)
#define MUST(condition) static_assert(condition, #condition)
#elif __STDC_VERSION__ >= 201112L
#define MUST(condition) _Static_assert(condition, #condition)
#else
#define MUST(condition) extern int hvt_must[(condition) ? 1 : -1]
#endif

/* A constant and its value, compared as 64 bits. */
#define IS(name, value) \
	MUST((unsigned long long)(name) == (unsigned long long)(value))

/* A result code, compared as the 32 bits that it is printed as. */
#define RESULT(name, value) MUST((unsigned int)(name) == (value))

/* A system register and the five fields of its MRS encoding. */
#define ENCODED(name, op0, op1, crn, crm, op2)                               \
	IS(name, (op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

#define SIZE(type, bytes) MUST(sizeof(type) == (bytes))
#define IS_UNSIGNED(type) MUST((type)-1 > 0)
#define IS_SIGNED(type) MUST((type)-1 < 0)
#define OFFSET(type, field, bytes) MUST(offsetof(type, field) == (bytes))

/*
 * M(n) for a range of numbers. Numbers are pasted from their digits, because
 * they become part of names.
 */
#define DIGITS(M, tens)                                                      \
	M(tens##0); M(tens##1); M(tens##2); M(tens##3); M(tens##4);          \
	M(tens##5); M(tens##6); M(tens##7); M(tens##8); M(tens##9)

#define TENS(M, hundreds)                                                    \
	DIGITS(M, hundreds##0); DIGITS(M, hundreds##1);                      \
	DIGITS(M, hundreds##2); DIGITS(M, hundreds##3);                      \
	DIGITS(M, hundreds##4); DIGITS(M, hundreds##5);                      \
	DIGITS(M, hundreds##6); DIGITS(M, hundreds##7);                      \
	DIGITS(M, hundreds##8); DIGITS(M, hundreds##9)

#define ONE_DIGIT(M)                                                         \
	M(0); M(1); M(2); M(3); M(4); M(5); M(6); M(7); M(8); M(9)

#define FROM_0_TO_7(M) M(0); M(1); M(2); M(3); M(4); M(5); M(6); M(7)

#define FROM_0_TO_15(M)                                                      \
	ONE_DIGIT(M); M(10); M(11); M(12); M(13); M(14); M(15)

#define FROM_0_TO_31(M)                                                      \
	ONE_DIGIT(M); DIGITS(M, 1); DIGITS(M, 2); M(30); M(31)

#endif
