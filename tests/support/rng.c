/* SPDX-License-Identifier: MIT */
/* SplitMix64: small, and every seed is as good as another. */
#include "rng.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void rng_init(struct rng *r)
{
	const char *text = getenv("HVT_SEED");

	r->state = 1;
	if (text)
		r->state = strtoull(text, NULL, 0);
	else if (getrandom(&r->state, 4, GRND_NONBLOCK) < 0)
		r->state = 2;
	printf("HVT_SEED=0x%" PRIx64 "\n", r->state);
	fflush(stdout);
}

struct rng rng_from(uint64_t seed)
{
	return (struct rng){ seed };
}

uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	return rng_next(r) % n;
}

bool rng_bool(struct rng *r)
{
	return rng_next(r) & 1;
}

uint64_t rng_any(struct rng *r)
{
	return rng_next(r) >> rng_below(r, 64);
}

void rng_bytes(struct rng *r, void *p, size_t size)
{
	uint8_t *bytes = p;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)rng_next(r);
}

unsigned test_scale(unsigned usual, unsigned full)
{
	const char *text = getenv("HVT_TEST_FULL");

	return text && *text && *text != '0' ? full : usual;
}
