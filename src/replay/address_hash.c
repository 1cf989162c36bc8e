/* SPDX-License-Identifier: MIT */
#include "address_hash.h"

#include <string.h>
#include <sys/auxv.h>
#include <xxhash.h>

/* 16 random bytes that the kernel has given to the process (getauxval(3)). */
static uint64_t seed(void)
{
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);
	uint64_t number = 0;

	if (random)
		memcpy(&number, random, sizeof(number));
	return number;
}

uint64_t hvt_address_hash(uint64_t addr)
{
	return XXH3_64bits_withSeed(&addr, sizeof(addr), seed());
}
